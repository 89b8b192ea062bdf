/* Random identifiers, all from the kernel's generator. Nothing here keeps state, so a fork needs no care. */
#include "base/uuid.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *buffer, size_t bytes)
{
    char *to = buffer;
    while (bytes) {
        ssize_t got = getrandom(to, bytes, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            abort();
        }
        to += got;
        bytes -= (size_t)got;
    }
}

void uuid_random(char buffer[static UUID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[16];
    random_bytes(random, sizeof(random));
    random[6] = (unsigned char)((random[6] & 0x0F) | 0x40); /* version 4 */
    random[8] = (unsigned char)((random[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
    char *to = buffer;
    for (size_t i = 0; i < sizeof(random); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = digits[random[i] >> 4];
        *to++ = digits[random[i] & 15];
    }
    *to = '\0';
}

bool uuid_is_valid(const char *string)
{
    if (!string)
        return false;
    for (size_t i = 0; i < UUID_BYTES - 1; i++) {
        char c = string[i];
        bool wants_dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (wants_dash ? c != '-' : !is_hex)
            return false;
    }
    return string[UUID_BYTES - 1] == '\0';
}

void random_token(char *buffer, size_t size, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (size < 4 * bytes / 3 + 2)
        abort();
    for (; bytes; bytes -= bytes < 3 ? bytes : 3) {
        unsigned char random[3] = {0};
        random_bytes(random, bytes < 3 ? bytes : 3);
        uint32_t bits = (uint32_t)random[0] << 16 | (uint32_t)random[1] << 8 | random[2];
        for (size_t i = 0; i <= (bytes < 3 ? bytes : 3); i++)
            *buffer++ = digits[bits >> (18 - 6 * i) & 63];
    }
    *buffer = '\0';
}
