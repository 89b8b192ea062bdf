/* The sealing keys of this process and the key file they come from: 32 random bytes in hexadecimal a line, `id:hex`,
 * newest first. What is not here: sealing (secret.c) and which values are sealed (db/sealed.h). Loading is
 * secret_load_keys in secret.h; everything else needs it first. Thread-safe. */
#ifndef GURUM_BASE_KEYRING_H
#define GURUM_BASE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

enum {
    KEYRING_FILE_KEYS_MAX = 16,
    KEYRING_ID_BYTES = 33,
    KEYRING_KEY_BYTES = 32,
    /* How long a value may be on its way into the database: one sealed before a new key was there has been committed
     * or given up after it. */
    KEYRING_SETTLED_S = 300
};

struct keyring_key {
    char id[KEYRING_ID_BYTES];
    unsigned char bytes[KEYRING_KEY_BYTES];
};

bool keyring_is_id(const char *id, size_t length);
/* The newest key of the file as it is now: a changed file is read again first. When it cannot be read, the newest key
 * known before. The caller wipes the copy. */
void keyring_newest(struct keyring_key *ret_key);
/* A key by its id; an unknown id has the file read again once. False: unknown. The caller wipes the copy. */
bool keyring_find(const char *id, size_t length, struct keyring_key *ret_key);

/* What rotation does to the file. One process at a time changes it: *ret_lock is held until it is closed. */
MUST_CHECK bool keyring_lock(int *ret_lock, struct error *err);
/* A new newest key, on the disk when this returns. Errors: 16 keys already, the file cannot be written. */
MUST_CHECK bool keyring_add(struct error *err);
/* True when the file has not changed for KEYRING_SETTLED_S. Ask before looking for used keys, then drop. */
MUST_CHECK bool keyring_is_settled(struct error *err);
/* Drops every key but the newest and those that `is_used` names. *ret_dropped: how many. A running process keeps a
 * dropped key until it ends: it may hold sealed texts that it read before. */
MUST_CHECK bool keyring_drop(bool (*is_used)(void *context, const char *id), void *context, int64_t *ret_dropped,
                             struct error *err);

#endif
