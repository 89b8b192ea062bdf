/* Pictures by their first bytes. */
#include "cloud/icon/icon_picture.h"

#include <sodium.h>
#include <string.h>

static bool begins(const unsigned char *bytes, size_t length, const char *magic, size_t magic_bytes)
{
    return length > magic_bytes && memcmp(bytes, magic, magic_bytes) == 0;
}

static bool is_picture(const unsigned char *bytes, size_t length)
{
    return begins(bytes, length, "\x89PNG\r\n\x1a\n", 8) || begins(bytes, length, "\xff\xd8\xff", 3) ||
           begins(bytes, length, "GIF87a", 6) || begins(bytes, length, "GIF89a", 6);
}

bool icon_check_picture(struct arena *arena, const char *base64, struct error *err)
{
    size_t length = strlen(base64), bytes = 0;
    if (length > ICON_BASE64_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "icon.too_large", E_INT("max", ICON_BASE64_MAX));
    unsigned char *picture = arena_alloc_unset(arena, length + 1);
    if (sodium_base642bin(picture, length + 1, base64, length, NULL, &bytes, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return error_set(err, ERROR_INVALID_VALUE, "icon.not_base64");
    return is_picture(picture, bytes) || error_set(err, ERROR_INVALID_VALUE, "icon.not_a_picture");
}
