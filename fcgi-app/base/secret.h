/* A secret in memory: a type that the log, the reply writer and the job journal cannot print. */
#ifndef GURUM_BASE_SECRET_H
#define GURUM_BASE_SECRET_H

#include "base/arena.h"
#include "base/error.h"

struct secret {
    const char *bytes; /* NULL: absent. Read it only where it is used (a plugin call, a signature, a form field). */
    size_t length;
};

struct secret secret_from(struct arena *arena, const char *string);

/* The key file: 32 random bytes in hexadecimal a line, `id:hex`, newest first; created with mode 0600 when it does not
 * exist. Loaded once at start (base/keyring.c), read again when rotation changed it; thread-safe to use afterwards.
 * Errors: unreadable, wrong mode, malformed. */
MUST_CHECK bool secret_load_keys(const char *path, struct error *err);
/* XChaCha20-Poly1305 (libsodium) under the newest key; text "v1:<key id>:<base64>". The associated data binds it to one
 * column of one object, e.g. "user.secret_key:<uuid>": a value copied elsewhere does not open. */
char *secret_seal(struct arena *arena, struct secret secret, const char *associated);
/* Errors: unknown key id, tampered, wrong place. */
MUST_CHECK bool secret_open(struct arena *arena, const char *sealed, const char *associated, struct secret *ret_secret,
                            struct error *err);
/* True when `sealed` is not under the newest key (rotation wants it re-sealed). */
bool secret_is_stale(const char *sealed);

/* A key for another purpose ("csrf"), derived from the newest one; the same in every process with this key file. Do not
 * keep it: it changes when keys rotate. */
void secret_derive(const char *purpose, char base64[static 45]);

/* Passwords: Argon2id, 19 MiB and 2 passes (OWASP's minimum); at most two at once in a process, others wait up to 5 s,
 * then UNAVAILABLE. `hash` gets libsodium's encoded string (at most 128 bytes). */
enum { PASSWORD_HASH_BYTES = 129 };
MUST_CHECK bool password_hash(struct secret password, char hash[static PASSWORD_HASH_BYTES], struct error *err);
MUST_CHECK bool password_verify(struct secret password, const char *hash, bool *ret_matches, struct error *err);

/* SHA-256 of a token as 64 lower-case hexadecimal digits: how session tokens and API keys are stored. */
void token_hash(const char *token, char hex[static 65]);
/* HMAC-SHA1 and HMAC-SHA256 (OpenSSL) as base64; buffers hold 29 and 45 bytes. */
void hmac_sha1_base64(struct secret key, const char *data, size_t length, char base64[static 29]);
void hmac_sha256_base64(struct secret key, const char *data, size_t length, char base64[static 45]);

#endif
