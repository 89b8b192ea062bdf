/* Rules of SSH keys; each function is one transaction. */
#ifndef GURUM_CLOUD_SSHKEY_SERVICE_H
#define GURUM_CLOUD_SSHKEY_SERVICE_H

#include "cloud/sshkey/sshkey_material.h"
#include "cloud/sshkey/sshkey_store.h"

/* Keeps a public key under a name. Errors: INVALID_VALUE (the account has the name, or the key). */
MUST_CHECK bool ssh_key_add(struct db *db, struct arena *arena, const struct owner *owner, const char *name,
                            const struct ssh_public_key *public_key, int64_t *ret_id, struct error *err);
/* Errors: INVALID_VALUE (no such name). */
MUST_CHECK bool ssh_key_remove(struct db *db, const struct owner *owner, const char *name, struct error *err);

#endif
