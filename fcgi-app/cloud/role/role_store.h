/* Rows and SQL of roles and their rules, for the files of this feature only. */
#ifndef GURUM_CLOUD_ROLE_STORE_H
#define GURUM_CLOUD_ROLE_STORE_H

#include "cloud/role/role.h"

enum { ROLES_MAX = 1000, RULES_MAX = 100000, RULES_OF_ROLE_MAX = 1000, RULE_LENGTH_MAX = 128 };

struct rule_row {
    int64_t id;
    const char *uuid;
    int64_t role_id, position;
    const char *rule, *description;
    bool is_allowed;
};

/* The whole table, cached, by ascending id. */
MUST_CHECK bool rule_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool rule_by_id(struct db *db, struct arena *arena, int64_t id, const struct rule_row **ret_row,
                           struct error *err);
MUST_CHECK bool rule_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct rule_row **ret_row,
                             struct error *err);

/* As the open transaction sees them. */
MUST_CHECK bool role_read(struct db *db, struct arena *arena, int64_t id, struct role_row *ret_row, bool *ret_found,
                          struct error *err);
MUST_CHECK bool rule_read_of(struct db *db, struct arena *arena, int64_t role_id, struct db_rows *ret_rows,
                             struct error *err); /* struct rule_row in their order */
MUST_CHECK bool role_id_by_name(struct db *db, const char *name, int64_t *ret_id, struct error *err); /* 0: none */
MUST_CHECK bool role_is_used(struct db *db, int64_t id, bool *ret_used, struct error *err);

/* Locks the role's row until the end of the transaction; false in *ret_found: it is gone. */
MUST_CHECK bool role_touch(struct db *db, int64_t id, bool *ret_found, struct error *err);
MUST_CHECK bool role_write(struct db *db, const struct role_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool role_update(struct db *db, const struct role_row *row, struct error *err);
MUST_CHECK bool role_remove(struct db *db, int64_t id, struct error *err); /* with its rules */
MUST_CHECK bool rule_write(struct db *db, const struct rule_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool rule_set_allowed(struct db *db, int64_t id, bool is_allowed, struct error *err);
MUST_CHECK bool rule_set_position(struct db *db, int64_t id, int64_t position, struct error *err);
MUST_CHECK bool rule_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool rule_remove_of(struct db *db, int64_t role_id, struct error *err);

#endif
