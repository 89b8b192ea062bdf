/* What an SSH key is made of: OpenSSH's public key line, its fingerprint, a new pair. No rows, no accounts. */
#ifndef GURUM_CLOUD_SSHKEY_MATERIAL_H
#define GURUM_CLOUD_SSHKEY_MATERIAL_H

#include "base/arena.h"
#include "base/error.h"

struct ssh_public_key {
    const char *line;        /* "ssh-ed25519 AAAA… comment" */
    const char *fingerprint; /* MD5 of the key's bytes, "3b:f7:…": what clients of the wire compare */
};
/* Reads a public key as people paste it: OpenSSH's line, or that in base64 once more. The comment is kept, options
 * before the type are refused. Errors: INVALID_VALUE "sshkey.invalid" (unknown type, bytes that are not a key of that
 * type, RSA of fewer than 1024 bits). */
MUST_CHECK bool ssh_public_key_read(struct arena *arena, const char *text, struct ssh_public_key *ret_key,
                                    struct error *err);

struct ssh_key_pair {
    struct ssh_public_key public_key;
    const char *private_pem; /* PKCS#1 text. Wiped with the arena. */
};
/* A new RSA pair of 3072 bits, as every SSH client reads it. Takes some tenths of a second. */
MUST_CHECK bool ssh_key_pair_make(struct arena *arena, struct ssh_key_pair *ret_pair, struct error *err);

#endif
