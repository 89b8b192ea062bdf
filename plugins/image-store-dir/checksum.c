/* Reads checksums. See checksum.h. */
#include "checksum.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *written, *compact, *algorithm;
    size_t hex_length;
} ALGORITHMS[] = {{"MD5", "md5", "MD5", 32},           {"SHA-1", "sha1", "SHA1", 40},
                  {"SHA-224", "sha224", "SHA224", 56}, {"SHA-256", "sha256", "SHA256", 64},
                  {"SHA-384", "sha384", "SHA384", 96}, {"SHA-512", "sha512", "SHA512", 128}};
enum { ALGORITHM_COUNT = sizeof(ALGORITHMS) / sizeof(ALGORITHMS[0]) };

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool take_hex(const char *hex, size_t wanted_length, struct checksum *ret_checksum)
{
    size_t length = strlen(hex);
    if (length != wanted_length || length >= CHECKSUM_HEX_BYTES)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && !isxdigit((unsigned char)hex[i]))
            return false;
        ret_checksum->hex[i] = (char)tolower((unsigned char)hex[i]);
    }
    return true;
}

bool checksum_parse(const char *text, struct checksum *ret_checksum)
{
    ret_checksum->algorithm = NULL;
    if (text == NULL || *text == '\0')
        return true;
    const char *name = *text == '{' ? text + 1 : text, *hex = strpbrk(text, "}:");
    size_t name_length = hex == NULL ? 0 : (size_t)(hex - name);
    hex = hex == NULL ? text : hex + 1;
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        bool is_it = name_length == 0 ? strlen(hex) == ALGORITHMS[i].hex_length
                                      : is_word(name, name_length, ALGORITHMS[i].written) ||
                                            is_word(name, name_length, ALGORITHMS[i].compact);
        if (!is_it)
            continue;
        ret_checksum->algorithm = ALGORITHMS[i].algorithm;
        return take_hex(hex, ALGORITHMS[i].hex_length, ret_checksum);
    }
    return false;
}
