/* Secrets: sealing at rest, password hashes, token hashes and request signatures. The keys are in
 * keyring.c; what is sealed, and where, is the stores' business. */
#include "base/secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

#include "base/gate.h"
#include "base/keyring.h"
#include "base/text.h"
#include "base/uuid.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_MAX_BYTES = 1024 * 1024
};
_Static_assert(KEYRING_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the cipher's keys");

struct secret secret_from(struct arena *arena, const char *string)
{
    return (struct secret){.bytes = arena_strdup(arena, string), .length = string ? strlen(string) : 0};
}

char *secret_seal(struct arena *arena, struct secret secret, const char *associated)
{
    if (!secret.bytes)
        return NULL;
    if (secret.length > SEALED_MAX_BYTES / 2)
        abort(); /* inputs have ceilings */
    struct keyring_key key;
    keyring_newest(&key);
    size_t sealed_bytes = NONCE_BYTES + secret.length + TAG_BYTES;
    unsigned char *sealed = arena_alloc_unset(arena, sealed_bytes);
    random_bytes(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, (const unsigned char *)secret.bytes,
                                               secret.length, (const unsigned char *)associated, strlen(associated),
                                               NULL, sealed, key.bytes);
    size_t base64_bytes = sodium_base64_encoded_len(sealed_bytes, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = arena_alloc_unset(arena, base64_bytes);
    sodium_bin2base64(base64, base64_bytes, sealed, sealed_bytes, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key.bytes, sizeof(key.bytes));
    return arena_printf(arena, "v1:%s:%s", key.id, base64);
}

/* Splits "v1:<id>:<base64>". NULL: another form. */
static const char *find_base64(const char *sealed, size_t *ret_id_length)
{
    if (!sealed || !string_starts_with(sealed, "v1:"))
        return NULL;
    *ret_id_length = strcspn(sealed + 3, ":");
    bool is_whole = keyring_is_id(sealed + 3, *ret_id_length) && sealed[3 + *ret_id_length] == ':';
    return is_whole ? sealed + 3 + *ret_id_length + 1 : NULL;
}

/* Opens the base64 of nonce, ciphertext and tag. */
static bool open_box(struct arena *arena, const char *base64, const char *associated, const struct keyring_key *key,
                     struct secret *ret_secret, struct error *err)
{
    size_t base64_length = strlen(base64), bytes;
    unsigned char *box = arena_alloc_unset(arena, base64_length + 1);
    if (sodium_base642bin(box, base64_length, base64, base64_length, NULL, &bytes, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        bytes < NONCE_BYTES + TAG_BYTES)
        return error_set(err, ERROR_INTERNAL, "secret.malformed");
    size_t length = bytes - NONCE_BYTES - TAG_BYTES;
    char *plain = arena_alloc(arena, length + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)plain, NULL, NULL, box + NONCE_BYTES,
                                                   bytes - NONCE_BYTES, (const unsigned char *)associated,
                                                   strlen(associated), box, key->bytes) != 0)
        return error_set(err, ERROR_INTERNAL, "secret.tampered");
    *ret_secret = (struct secret){.bytes = plain, .length = length};
    return true;
}

bool secret_open(struct arena *arena, const char *sealed, const char *associated, struct secret *ret_secret,
                 struct error *err)
{
    if (!sealed) {
        *ret_secret = (struct secret){.bytes = NULL};
        return true;
    }
    size_t id_length;
    const char *base64 = find_base64(sealed, &id_length);
    if (!base64 || strlen(base64) > SEALED_MAX_BYTES)
        return error_set(err, ERROR_INTERNAL, "secret.malformed");
    struct keyring_key key;
    if (!keyring_find(sealed + 3, id_length, &key))
        return error_with(err, ERROR_INTERNAL, "secret.unknown_key",
                          E_TEXT("key", arena_strndup(arena, sealed + 3, id_length)));
    bool ok = open_box(arena, base64, associated, &key, ret_secret, err);
    sodium_memzero(&key, sizeof(key));
    return ok;
}

bool secret_is_stale(const char *sealed)
{
    size_t id_length;
    if (!find_base64(sealed, &id_length))
        return true;
    struct keyring_key newest;
    keyring_newest(&newest);
    bool is_newest = strlen(newest.id) == id_length && memcmp(sealed + 3, newest.id, id_length) == 0;
    sodium_memzero(&newest, sizeof(newest));
    return !is_newest;
}

void secret_derive(const char *purpose, char base64[static 45])
{
    struct keyring_key newest;
    keyring_newest(&newest);
    struct secret key = {.bytes = (const char *)newest.bytes, .length = sizeof(newest.bytes)};
    hmac_sha256_base64(key, purpose, strlen(purpose), base64);
    sodium_memzero(&newest, sizeof(newest));
}

/* Argon2id takes 19 MiB a call: at most two at once keep the process small. */
enum {
    HASHES_AT_ONCE = 2,
    HASHES_WAITING_MAX = 6,
    HASH_WAIT_MS = 5000,
    HASH_PASSES = 2,
    HASH_MEMORY_BYTES = 19 * 1024 * 1024
};
static struct gate hashes = GATE_INITIALIZER(HASHES_AT_ONCE, HASHES_WAITING_MAX);

static bool begin_hash(struct error *err)
{
    return gate_enter(&hashes, HASH_WAIT_MS) || error_set(err, ERROR_UNAVAILABLE, "secret.too_many_logins");
}

bool password_hash(struct secret password, char hash[static PASSWORD_HASH_BYTES], struct error *err)
{
    _Static_assert(PASSWORD_HASH_BYTES >= crypto_pwhash_STRBYTES, "libsodium's encoded hash must fit");
    if (sodium_init() < 0)
        abort();
    if (!begin_hash(err))
        return false;
    char encoded[crypto_pwhash_STRBYTES];
    bool is_done = crypto_pwhash_str(encoded, password.bytes ? password.bytes : "", password.length, HASH_PASSES,
                                     HASH_MEMORY_BYTES) == 0;
    gate_leave(&hashes);
    if (!is_done)
        return error_set(err, ERROR_UNAVAILABLE, "secret.too_many_logins");
    string_copy(hash, PASSWORD_HASH_BYTES, encoded);
    return true;
}

bool password_verify(struct secret password, const char *hash, bool *ret_matches, struct error *err)
{
    if (sodium_init() < 0)
        abort();
    if (!begin_hash(err))
        return false;
    *ret_matches = crypto_pwhash_str_verify(hash, password.bytes ? password.bytes : "", password.length) == 0;
    gate_leave(&hashes);
    return true;
}

void token_hash(const char *token, char hex[static 65])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)token, strlen(token));
    sodium_bin2hex(hex, 65, digest, sizeof(digest));
}

static void hmac_base64(const EVP_MD *algorithm, struct secret key, const char *data, size_t length, char *base64,
                        size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    if (key.length > INT32_MAX || !HMAC(algorithm, key.bytes ? key.bytes : "", (int)key.length,
                                        (const unsigned char *)data, length, digest, &digest_bytes))
        abort();
    sodium_bin2base64(base64, size, digest, digest_bytes, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(digest, sizeof(digest));
}

void hmac_sha1_base64(struct secret key, const char *data, size_t length, char base64[static 29])
{
    hmac_base64(EVP_sha1(), key, data, length, base64, 29);
}

void hmac_sha256_base64(struct secret key, const char *data, size_t length, char base64[static 45])
{
    hmac_base64(EVP_sha256(), key, data, length, base64, 45);
}
