/* Stored user data: scripts that accounts keep for their machines. What other features may ask of it. */
#ifndef GURUM_CLOUD_USERDATA_H
#define GURUM_CLOUD_USERDATA_H

#include "cloud/bucket/named.h"

struct user_data {
    struct named named;
    const char *content, *params; /* base64; "a,b" or NULL: the variables it expects */
};
/* NULL: none. */
MUST_CHECK bool user_data_find_any(struct db *db, struct arena *arena, int64_t id, const struct user_data **ret_data,
                                   struct error *err);

/* Base64 in any spelling (URL-safe, with line breaks, without padding) in its standard one; NULL stays NULL. Errors:
 * INVALID_VALUE (not base64; longer than vm.userdata.max.length, or than 4 KiB in a GET request). */
MUST_CHECK bool user_data_read(const struct api_call *call, const char *sent, const char **ret_content,
                               struct error *err);
/* The bytes of standard base64, with a NUL behind them; NULL stays NULL. */
const char *user_data_bytes(struct arena *arena, const char *content, size_t *ret_length);

/* What a machine of an image gets, when somebody asks for `content` or for stored user data (or neither). */
struct user_data_wish {
    int64_t image_id, user_data_id; /* 0: none */
    const char *content;            /* NULL: none; as user_data_read gives it */
    struct pair_list details;       /* values of its variables */
};
struct user_data_choice {
    int64_t user_data_id; /* 0: none is stored */
    const char *content;  /* NULL: none */
    const char *policy;   /* the image's; NULL: none */
    struct pair_list details;
};
/* Errors: INVALID_VALUE (both given, denied by the image, values that nothing stored declares, too long together). */
MUST_CHECK bool user_data_choose(struct db *db, struct arena *arena, const struct user_data_wish *wish,
                                 struct user_data_choice *ret_choice, struct error *err);

/* What comes with up to USER_DATA_LINKS_MAX images: rows of those that have something. */
enum { USER_DATA_LINKS_MAX = 64 };
struct user_data_link {
    int64_t image_id;
    const char *uuid, *name, *params, *policy;
};
MUST_CHECK bool user_data_links_of_any(struct db *db, struct arena *arena, const int64_t *image_ids, size_t count,
                                       struct db_rows *ret_rows, struct error *err);
/* user_data_id 0: takes the link away. Policy in any case; NULL: ALLOWOVERRIDE. Errors: INVALID_VALUE. */
MUST_CHECK bool user_data_link(struct db *db, int64_t image_id, int64_t user_data_id, const char *policy,
                               struct error *err);

void userdata_register(void); /* commands, kind user_data, settings */
void userdata_register_pages(void);

#endif
