/* Secrets: sealing at rest, password hashes, token hashes and request signatures. What is sealed, and where, is the
 * stores' business. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"

enum {
    KEYS_MAX = 16,
    KEY_ID_BYTES = 33,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_FILE_MAX_BYTES = 4096,
    SEALED_MAX_BYTES = 1024 * 1024
};

struct key {
    char id[KEY_ID_BYTES];
    unsigned char bytes[KEY_BYTES];
};
static struct key keys[KEYS_MAX]; /* newest first; written once at start, before threads */
static size_t key_count;

struct secret secret_from(struct arena *arena, const char *string)
{
    return (struct secret){.bytes = arena_strdup(arena, string), .length = string ? strlen(string) : 0};
}

/* A file appears under `path` with its whole content or not at all; of several processes that start at once one wins.
 */
static bool create_key_file(const char *path, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    unsigned char bytes[KEY_BYTES];
    char id[9], hex[2 * KEY_BYTES + 1], name_end[17];
    random_bytes(bytes, sizeof(bytes));
    sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
    random_bytes(bytes, sizeof(bytes)); /* the id and the file's name must not tell bytes of the key */
    sodium_bin2hex(id, sizeof(id), bytes, 4);
    sodium_bin2hex(name_end, sizeof(name_end), bytes + 4, 8);
    const char *draft = arena_printf(&arena, "%s.%s", path, name_end);
    char *line = arena_printf(&arena, "%s:%s\n", id, hex);
    size_t length = strlen(line);
    int file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written = file >= 0 && write(file, line, length) == (ssize_t)length && fsync(file) == 0;
    if (file >= 0)
        close(file);
    bool is_there = is_written && (link(draft, path) == 0 || errno == EEXIST);
    if (!is_there) {
        error_with(err, ERROR_INTERNAL, "secret.key_file", E_TEXT("path", path));
        error_add_detail(err, "cannot create: %s", strerror(errno));
    }
    (void)unlink(draft);
    sodium_memzero(line, length);
    sodium_memzero(hex, sizeof(hex));
    arena_free(&arena);
    return is_there;
}

static bool is_key_id(const char *id, size_t length)
{
    return length > 0 && length < KEY_ID_BYTES &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") >= length;
}

/* Reads the lines `id:hex` into *ret_keys. Returns false at the first malformed line. */
static bool parse_keys(char *content, struct key *ret_keys, size_t *ret_count)
{
    size_t count = 0;
    for (char *line = content, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = '\0';
        if (!*line)
            continue;
        size_t id_length = strcspn(line, ":"), bytes = 0;
        if (count == KEYS_MAX || !is_key_id(line, id_length) || line[id_length] != ':' ||
            sodium_hex2bin(ret_keys[count].bytes, KEY_BYTES, line + id_length + 1, strlen(line + id_length + 1), NULL,
                           &bytes, NULL) != 0 ||
            bytes != KEY_BYTES)
            return false;
        memcpy(ret_keys[count].id, line, id_length);
        ret_keys[count++].id[id_length] = '\0';
    }
    *ret_count = count;
    return count > 0;
}

static bool key_file_error(const char *path, const char *what, struct error *err)
{
    error_with(err, ERROR_INTERNAL, "secret.key_file", E_TEXT("path", path));
    return error_add_detail(err, "%s", what);
}

bool secret_load_keys(const char *path, struct error *err)
{
    if (sodium_init() < 0)
        abort();
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) {
        if (!create_key_file(path, err))
            return false;
        file = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file < 0)
        return key_file_error(path, strerror(errno), err);
    struct stat status;
    char content[KEY_FILE_MAX_BYTES + 1] = {0};
    ssize_t length = fstat(file, &status) == 0 ? read(file, content, sizeof(content)) : -1;
    close(file);
    struct key loaded[KEYS_MAX] = {0};
    size_t count;
    bool is_good = false;
    if (length < 0 || length > KEY_FILE_MAX_BYTES)
        key_file_error(path, "unreadable or too long", err);
    else if (status.st_mode & 077)
        key_file_error(path, "others than its owner may open it; its mode must be 0600", err);
    else if (!parse_keys(content, loaded, &count))
        key_file_error(path, "malformed; lines must be id:64 hexadecimal digits, at most 16", err);
    else
        is_good = true;
    if (is_good) {
        memcpy(keys, loaded, sizeof(keys));
        key_count = count;
    }
    sodium_memzero(content, sizeof(content));
    sodium_memzero(loaded, sizeof(loaded));
    return is_good;
}

char *secret_seal(struct arena *arena, struct secret secret, const char *associated)
{
    if (!secret.bytes)
        return NULL;
    if (!key_count || secret.length > SEALED_MAX_BYTES / 2)
        abort(); /* a process that writes secrets loads its keys first; inputs have ceilings */
    size_t sealed_bytes = NONCE_BYTES + secret.length + TAG_BYTES;
    unsigned char *sealed = arena_alloc_unset(arena, sealed_bytes);
    random_bytes(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, (const unsigned char *)secret.bytes,
                                               secret.length, (const unsigned char *)associated, strlen(associated),
                                               NULL, sealed, keys[0].bytes);
    size_t base64_bytes = sodium_base64_encoded_len(sealed_bytes, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = arena_alloc_unset(arena, base64_bytes);
    sodium_bin2base64(base64, base64_bytes, sealed, sealed_bytes, sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(arena, "v1:%s:%s", keys[0].id, base64);
}

/* Splits "v1:<id>:<base64>". NULL: another form. */
static const char *find_base64(const char *sealed, size_t *ret_id_length)
{
    if (!sealed || !string_starts_with(sealed, "v1:"))
        return NULL;
    *ret_id_length = strcspn(sealed + 3, ":");
    return is_key_id(sealed + 3, *ret_id_length) && sealed[3 + *ret_id_length] == ':' ? sealed + 3 + *ret_id_length + 1
                                                                                      : NULL;
}

static bool is_key(const struct key *key, const char *id, size_t length)
{
    return strlen(key->id) == length && memcmp(key->id, id, length) == 0;
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
    const struct key *key = NULL;
    for (size_t i = 0; i < key_count && !key; i++)
        if (is_key(&keys[i], sealed + 3, id_length))
            key = &keys[i];
    if (!key)
        return error_with(err, ERROR_INTERNAL, "secret.unknown_key",
                          E_TEXT("key", arena_strndup(arena, sealed + 3, id_length)));
    size_t length = strlen(base64), bytes;
    unsigned char *box = arena_alloc_unset(arena, length + 1);
    if (sodium_base642bin(box, length, base64, length, NULL, &bytes, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        bytes < NONCE_BYTES + TAG_BYTES)
        return error_set(err, ERROR_INTERNAL, "secret.malformed");
    char *plain = arena_alloc(arena, bytes - NONCE_BYTES - TAG_BYTES + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)plain, NULL, NULL, box + NONCE_BYTES,
                                                   bytes - NONCE_BYTES, (const unsigned char *)associated,
                                                   strlen(associated), box, key->bytes) != 0)
        return error_set(err, ERROR_INTERNAL, "secret.tampered");
    *ret_secret = (struct secret){.bytes = plain, .length = bytes - NONCE_BYTES - TAG_BYTES};
    return true;
}

bool secret_is_stale(const char *sealed)
{
    size_t id_length;
    return !find_base64(sealed, &id_length) || !key_count || !is_key(&keys[0], sealed + 3, id_length);
}

void secret_derive(const char *purpose, char base64[static 45])
{
    if (!key_count)
        abort(); /* secret_load_keys comes first */
    struct secret key = {.bytes = (const char *)keys[0].bytes, .length = KEY_BYTES};
    hmac_sha256_base64(key, purpose, strlen(purpose), base64);
}

/* Argon2id takes 19 MiB a call: at most two at once keep the process small, and keep a flood of logins from starving
 * the rest. */
enum { HASHES_AT_ONCE = 2, HASH_WAIT_S = 5, HASH_PASSES = 2, HASH_MEMORY_BYTES = 19 * 1024 * 1024 };
static pthread_mutex_t hash_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hash_ended = PTHREAD_COND_INITIALIZER;
static int hashes_running GUARDED_BY(hash_lock);

static bool begin_hash(struct error *err)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += HASH_WAIT_S;
    int result = 0;
    pthread_mutex_lock(&hash_lock);
    while (hashes_running >= HASHES_AT_ONCE && result == 0)
        result = pthread_cond_clockwait(&hash_ended, &hash_lock, CLOCK_MONOTONIC, &deadline);
    bool may_run = hashes_running < HASHES_AT_ONCE;
    hashes_running += may_run;
    pthread_mutex_unlock(&hash_lock);
    return may_run || error_set(err, ERROR_UNAVAILABLE, "secret.too_many_logins");
}

static void end_hash(void)
{
    pthread_mutex_lock(&hash_lock);
    hashes_running--;
    pthread_cond_signal(&hash_ended);
    pthread_mutex_unlock(&hash_lock);
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
    end_hash();
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
    end_hash();
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
