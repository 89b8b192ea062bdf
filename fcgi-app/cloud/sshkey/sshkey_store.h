/* Rows of table ssh_key. */
#ifndef GURUM_CLOUD_SSHKEY_STORE_H
#define GURUM_CLOUD_SSHKEY_STORE_H

#include "cloud/sshkey/sshkey.h"

/* Errors: IN_USE "db.duplicate" (name or key of the account). */
MUST_CHECK bool ssh_key_store_add(struct db *db, const struct ssh_key *key, int64_t *ret_id, struct error *err);
MUST_CHECK bool ssh_key_store_remove(struct db *db, int64_t account_id, const char *name, bool *ret_removed,
                                     struct error *err);
MUST_CHECK bool ssh_key_store_remove_all(struct db *db, int64_t account_id, struct error *err);
/* One by its id, its uuid, or an account's name or fingerprint; NULL: none. */
MUST_CHECK bool ssh_key_store_by_id(struct db *db, struct arena *arena, int64_t id, struct ssh_key **ret_key,
                                    struct error *err);
MUST_CHECK bool ssh_key_store_by_uuid(struct db *db, struct arena *arena, const char *uuid, struct ssh_key **ret_key,
                                      struct error *err);
MUST_CHECK bool ssh_key_store_by_name(struct db *db, struct arena *arena, int64_t account_id, const char *name,
                                      struct ssh_key **ret_key, struct error *err);
MUST_CHECK bool ssh_key_store_by_fingerprint(struct db *db, struct arena *arena, int64_t account_id,
                                             const char *fingerprint, struct ssh_key **ret_key, struct error *err);
/* Rows of struct ssh_key. */
MUST_CHECK bool ssh_key_store_list(struct api_call *call, const struct named_filter *filter, struct db_rows *ret_rows,
                                   int64_t *ret_total, struct error *err);

#endif
