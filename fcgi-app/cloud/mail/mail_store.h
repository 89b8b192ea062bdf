/* Rows of letters that wait, for the files of this feature only. */
#ifndef GURUM_CLOUD_MAIL_STORE_H
#define GURUM_CLOUD_MAIL_STORE_H

#include "db/db.h"

struct mail_row {
    int64_t id;
    const char *uuid, *recipient, *body_sealed;
};
MUST_CHECK bool mail_add(struct db *db, const struct mail_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool mail_find(struct db *db, struct arena *arena, int64_t id, struct mail_row *ret_row, bool *ret_found,
                          struct error *err);
MUST_CHECK bool mail_remove(struct db *db, int64_t id, struct error *err);
/* What a letter's sealed body is bound to. */
const char *mail_bound_to(struct arena *arena, const char *uuid);

#endif
