/* UUIDs as 36-character lower-case text. */
#ifndef GURUM_BASE_UUID_H
#define GURUM_BASE_UUID_H

#include "base/attributes.h"

enum { UUID_BYTES = 37 }; /* with the NUL */

/* A random version 4 UUID (RFC 9562) from the kernel's generator. */
void uuid_random(char buffer[static UUID_BYTES]);
/* 8-4-4-4-12 hexadecimal digits of either case. NULL: false. */
bool uuid_is_valid(const char *string);

/* `bytes` random bytes as unpadded base64url; `size` must hold 4 * bytes / 3 + 2. */
void random_token(char *buffer, size_t size, size_t bytes);
void random_bytes(void *buffer, size_t bytes);

#endif
