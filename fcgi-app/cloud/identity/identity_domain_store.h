/* Changes of tenant domains and their tree; all in the open transaction. Reading goes through the cache
 * (identity_store.h); here is what must be true at this instant. */
#ifndef GURUM_CLOUD_IDENTITY_DOMAIN_STORE_H
#define GURUM_CLOUD_IDENTITY_DOMAIN_STORE_H

#include "cloud/identity/identity_store.h"
#include "cloud/identity/owned.h"

struct domain_place {
    int64_t id, parent_id, level;
    const char *name, *path, *network_domain;
};
extern const struct field_table DOMAIN_PLACE_ROW;

/* Something comes into the domain: holds its row until COMMIT. Errors: INVALID_VALUE "identity.domain_going" (it is
 * being deleted). */
MUST_CHECK bool domain_enter(struct db *db, int64_t id, struct error *err);
/* Not cached. Errors: INVALID_VALUE (there is none). */
MUST_CHECK bool domain_place_of(struct db *db, struct arena *arena, int64_t id, struct domain_place *ret_place,
                                struct error *err);
MUST_CHECK bool domain_edit(struct db *db, const struct domain_place *place, struct error *err);
/* The domain's path and all that begin with it; levels change by `deeper`. */
MUST_CHECK bool domain_move_paths(struct db *db, int64_t id, const char *from, const char *to, int64_t deeper,
                                  struct error *err);
/* In characters, of the sub-tree. */
MUST_CHECK bool domain_longest_path(struct db *db, int64_t id, int64_t *ret_length, struct error *err);
/* Of the whole sub-tree. */
MUST_CHECK bool domain_set_states(struct db *db, int64_t id, const char *state, struct error *err);
MUST_CHECK bool domain_count_below(struct db *db, int64_t id, int64_t *ret_count, struct error *err);
/* Accounts of the sub-tree: rows of struct owned_object. */
MUST_CHECK bool domain_accounts(struct db *db, struct arena *arena, int64_t id, size_t most,
                                struct db_rows *ret_objects, struct error *err);
/* The roles that accounts of the sub-tree have, each once; projects' accounts have none of their own: rows of struct
 * db_number. */
MUST_CHECK bool domain_role_ids(struct db *db, struct arena *arena, int64_t id, struct db_rows *ret_ids,
                                struct error *err);
/* Ids of the sub-tree, the deepest first: rows of struct db_number. */
MUST_CHECK bool domain_subtree(struct db *db, struct arena *arena, int64_t id, struct db_rows *ret_ids,
                               struct error *err);
MUST_CHECK bool domain_remove(struct db *db, int64_t id, struct error *err);
/* The sub-tree leaves everything at and above the old parent for everything at and above the new one. */
MUST_CHECK bool domain_change_ancestors(struct db *db, int64_t id, int64_t old_parent_id, int64_t new_parent_id,
                                        struct error *err);

#endif
