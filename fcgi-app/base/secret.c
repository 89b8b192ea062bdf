/* Secrets: sealing at rest, password hashes, token hashes and request signatures. What is sealed, and where, is the stores' business. */
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

enum { KEYS_MAX = 16, KEY_ID_BYTES = 33, KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
       NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
       KEY_FILE_MAX_BYTES = 4096, SEALED_MAX_BYTES = 1024 * 1024 };

struct key {
    char id[KEY_ID_BYTES];
    unsigned char bytes[KEY_BYTES];
};
static struct key keys[KEYS_MAX]; /* newest first; written once at start, before threads */
static size_t key_count;

static void start_sodium(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, (void (*)(void))(void *)0 == NULL ? NULL : NULL);
}

struct secret secret_from(struct arena *arena, const char *string)
{
    return (struct secret){.bytes = arena_strdup(arena, string), .length = string ? strlen(string) : 0};
}
