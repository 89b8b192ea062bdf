/* The string to sign and its variants. Where keys come from is the identity feature's matter. */
#include "api/sign.h"

#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

enum { SIGNED_TEXT_MAX_BYTES = 8 * 1024 * 1024 };

/* java.net.URLEncoder with blanks as %20, lower-cased at once; `bare` lists characters that stay besides the usual
 * ones. */
static void add_encoded_lower(struct text *out, const char *value, const char *bare)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(value);
    char *at = text_reserve(out, length * 3 + 1);
    if (!at)
        return;
    char *end = at;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' || c == '_';
        if (is_plain)
            *end++ = (char)c;
        else if (c >= 'A' && c <= 'Z')
            *end++ = (char)(c + ('a' - 'A'));
        else if (strchr(bare, c))
            *end++ = (char)c;
        else {
            *end++ = '%';
            *end++ = digits[c >> 4];
            *end++ = digits[c & 15];
        }
    }
    *end = '\0';
    out->length += (size_t)(end - at);
}

static void add_lower(struct text *out, const char *name)
{
    size_t length = strlen(name);
    char *at = text_reserve(out, length + 1);
    if (!at)
        return;
    for (size_t i = 0; i < length; i++)
        at[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    at[length] = '\0';
    out->length += length;
}

static void sign_text(struct arena *arena, const struct api_param *items, size_t count, const char *bare,
                      struct secret key, char base64[static 29])
{
    struct text signed_text;
    text_init(&signed_text, arena, SIGNED_TEXT_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(items[i].name, "signature") == 0)
            continue;
        if (signed_text.length > 0)
            text_add_char(&signed_text, '&');
        add_lower(&signed_text, items[i].name);
        text_add_char(&signed_text, '=');
        add_encoded_lower(&signed_text, items[i].value, bare);
    }
    hmac_sha1_base64(key, text_string(&signed_text), signed_text.length, base64);
}

static int compare_ignoring_case(const void *left, const void *right)
{
    const struct api_param *a = left, *b = right;
    int order = strcasecmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->name, b->name);
}

/* Sorted by lower-case names; NULL when that is the order they are in. */
static const struct api_param *in_other_order(struct arena *arena, const struct wire_params *params)
{
    bool same = true;
    for (size_t i = 1; i < params->count && same; i++)
        same = strcasecmp(params->items[i - 1].name, params->items[i].name) <= 0;
    if (same)
        return NULL;
    struct api_param *sorted = arena_array(arena, params->count, sizeof(*sorted));
    memcpy(sorted, params->items, params->count * sizeof(*sorted));
    qsort(sorted, params->count, sizeof(*sorted), compare_ignoring_case);
    return sorted;
}

static bool values_have(const struct wire_params *params, const char *characters)
{
    for (size_t i = 0; i < params->count; i++)
        if (strpbrk(params->items[i].value, characters))
            return true;
    return false;
}

bool sign_verify(struct arena *arena, const struct wire_params *params, struct secret key)
{
    if (!params->signature)
        return false;
    const struct api_param *orders[] = {params->items, in_other_order(arena, params)};
    const char *bare[3] = {""};
    size_t bare_count = 1;
    if (values_have(params, "~"))
        bare[bare_count++] = "~";
    if (values_have(params, "[]"))
        bare[bare_count++] = "~[]";
    bool fits = false;
    for (size_t b = 0; b < bare_count && !fits; b++)
        for (size_t o = 0; o < COUNT_OF(orders) && !fits; o++) {
            if (!orders[o])
                continue;
            char expected[29];
            sign_text(arena, orders[o], params->count, bare[b], key, expected);
            fits = string_equal_secret(expected, strlen(expected), params->signature, strlen(params->signature));
        }
    return fits;
}

bool sign_is_fresh(const struct wire_params *params, int64_t now_ms)
{
    if (!params->signature_version || !string_equal(params->signature_version, "3"))
        return true;
    int64_t expires_ms;
    return params->expires && clock_parse(params->expires, false, &expires_ms) && expires_ms >= now_ms;
}

void sign_make(struct arena *arena, const struct wire_params *params, struct secret key, char base64[static 29])
{
    sign_text(arena, params->items, params->count, "", key, base64);
}

void sign_plain(const char *text, struct secret key, char base64[static 29])
{
    hmac_sha1_base64(key, text, strlen(text), base64);
}
