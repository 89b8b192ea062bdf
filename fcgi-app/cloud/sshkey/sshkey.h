/* SSH keys of accounts: public keys by name. What other features may ask of them. */
#ifndef GURUM_CLOUD_SSHKEY_H
#define GURUM_CLOUD_SSHKEY_H

#include "cloud/bucket/named.h"

struct ssh_key {
    struct named named;
    const char *public_key, *fingerprint;
};

enum { SSH_KEYS_OF_VM_MAX = 20 };
/* The account's keys of those names, in their order, each once. Errors: INVALID_VALUE (no such key, too many). */
MUST_CHECK bool ssh_keys_named(struct db *db, struct arena *arena, const struct owner *owner,
                               const struct string_list *names, struct ssh_key **ret_keys, size_t *ret_count,
                               struct error *err);

void sshkey_register(void); /* commands, kind ssh_key */
void sshkey_register_pages(void);

#endif
