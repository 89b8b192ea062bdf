/* Rows of table ssh_key. */
#ifndef GURUM_CLOUD_SSHKEY_STORE_H
#define GURUM_CLOUD_SSHKEY_STORE_H

#include "cloud/sshkey/sshkey.h"

extern const struct named_table SSH_KEYS; /* rows of struct ssh_key */
/* Errors: IN_USE "db.duplicate" (name or key of the account). */
MUST_CHECK bool ssh_key_store_add(struct db *db, const struct ssh_key *key, int64_t *ret_id, struct error *err);
MUST_CHECK bool ssh_key_store_remove(struct db *db, int64_t account_id, const char *name, bool *ret_removed,
                                     struct error *err);
MUST_CHECK bool ssh_key_store_remove_all(struct db *db, int64_t account_id, struct error *err);
/* An account's, by its name or fingerprint; NULL: none. */
MUST_CHECK bool ssh_key_store_by_name(struct db *db, struct arena *arena, int64_t account_id, const char *name,
                                      struct ssh_key **ret_key, struct error *err);
MUST_CHECK bool ssh_key_store_by_fingerprint(struct db *db, struct arena *arena, int64_t account_id,
                                             const char *fingerprint, struct ssh_key **ret_key, struct error *err);

#endif
