/* Base64 and MIME of user data. */
#include "cloud/userdata/userdata_content.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "cloud/userdata/userdata.h"

enum { MIME_BYTES_MAX = 4 << 20 };

static const char *encode(struct arena *arena, const char *bytes, size_t length)
{
    size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    return sodium_bin2base64(arena_alloc_unset(arena, room), room, (const unsigned char *)bytes, length,
                             sodium_base64_VARIANT_ORIGINAL);
}

const char *user_data_bytes(struct arena *arena, const char *content, size_t *ret_length)
{
    *ret_length = 0;
    if (content == NULL)
        return NULL;
    size_t room = strlen(content);
    unsigned char *bytes = arena_alloc_unset(arena, room + 1);
    if (sodium_base642bin(bytes, room, content, room, NULL, ret_length, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return NULL;
    bytes[*ret_length] = '\0';
    return (const char *)bytes;
}

/* Without line breaks and padding, and with + and / for - and _. */
static char *strip(struct arena *arena, const char *base64)
{
    char *stripped = arena_strdup(arena, base64), *end = stripped;
    for (const char *c = base64; *c != '\0'; c++)
        if (*c != '\r' && *c != '\n')
            *end++ = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
    for (int padding = 0; padding < 2 && end > stripped && end[-1] == '='; padding++)
        end--;
    *end = '\0';
    return stripped;
}

const char *user_data_normalize(struct arena *arena, const char *base64)
{
    const char *stripped = strip(arena, base64);
    size_t length = strlen(stripped), bytes = 0;
    unsigned char *decoded = arena_alloc_unset(arena, length + 1);
    if (sodium_base642bin(decoded, length + 1, stripped, length, NULL, &bytes, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0)
        return NULL;
    return encode(arena, (const char *)decoded, bytes);
}

/* cloud-init's own rule: the beginning of a piece says what it is. */
static const char *type_of(const char *bytes)
{
    static const struct {
        const char *beginning, *type;
    } TYPES[] = {{"#!", "text/x-shellscript"},
                 {"#cloud-config", "text/cloud-config"},
                 {"#include", "text/x-include-url"},
                 {"#part-handler", "text/part-handler"},
                 {"#cloud-boothook", "text/cloud-boothook"},
                 {"## template: jinja", "text/jinja2"}};
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_starts_with(bytes, TYPES[i].beginning))
            return TYPES[i].type;
    return "text/plain";
}

/* A piece travels in base64, so that no line of it can look like the boundary. */
#define BOUNDARY "==user-data-part=="
static void add_part(struct text *mime, struct arena *arena, const char *content)
{
    size_t length = 0;
    const char *bytes = user_data_bytes(arena, content, &length);
    text_addf(mime,
              "--" BOUNDARY "\r\nContent-Type: %s; charset=\"utf-8\"\r\nMIME-Version: 1.0\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
              type_of(bytes != NULL ? bytes : ""), content);
}

const char *user_data_append(struct arena *arena, const char *first, const char *second)
{
    struct text mime;
    text_init(&mime, arena, MIME_BYTES_MAX);
    text_add(&mime, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\nMIME-Version: 1.0\r\n\r\n");
    add_part(&mime, arena, first);
    add_part(&mime, arena, second);
    text_add(&mime, "--" BOUNDARY "--\r\n");
    return encode(arena, text_string(&mime), mime.length);
}
