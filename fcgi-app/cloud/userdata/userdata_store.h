/* Rows of tables user_data and image_user_data. */
#ifndef GURUM_CLOUD_USERDATA_STORE_H
#define GURUM_CLOUD_USERDATA_STORE_H

#include "cloud/userdata/userdata.h"

extern const struct named_table USER_DATA; /* rows of struct user_data */
/* Errors: IN_USE "db.duplicate" (the account has one of that name). */
MUST_CHECK bool user_data_store_add(struct db *db, const struct user_data *data, int64_t *ret_id, struct error *err);
MUST_CHECK bool user_data_store_remove(struct db *db, int64_t id, struct error *err);
/* With the links of images of others to it; their machines keep what they have. */
MUST_CHECK bool user_data_store_remove_all(struct db *db, int64_t account_id, struct error *err);
/* Holds the row until COMMIT, for who links to it or removes it; *ret_held is false when it is gone. */
MUST_CHECK bool user_data_store_hold(struct db *db, int64_t id, bool *ret_held, struct error *err);
MUST_CHECK bool user_data_store_count_images(struct db *db, int64_t id, int64_t *ret_count, struct error *err);
MUST_CHECK bool user_data_store_link(struct db *db, int64_t image_id, int64_t id, const char *policy,
                                     struct error *err);
MUST_CHECK bool user_data_store_unlink(struct db *db, int64_t image_id, struct error *err);
/* The linked row with its policy; NULL: none. */
struct user_data_linked {
    int64_t id;
    const char *content, *params, *policy;
};
MUST_CHECK bool user_data_store_linked(struct db *db, struct arena *arena, int64_t image_id,
                                       struct user_data_linked **ret_linked, struct error *err);

#endif
