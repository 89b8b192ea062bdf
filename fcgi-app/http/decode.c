/* URL encoding, and forms ("a=b&c=d"). What is not here: which parameter wins (request.c). */
#include "http/http.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_decode(struct arena *arena, const char *encoded, size_t length, bool plus_is_space, const char **ret_decoded)
{
    char *decoded = arena_alloc(arena, length + 1);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = encoded[i];
        if (c == '%') {
            int high = i + 2 < length ? hex_digit(encoded[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(encoded[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        decoded[used++] = c;
    }
    *ret_decoded = decoded;
    return true;
}

static size_t count_pieces(const char *form, size_t length)
{
    size_t count = length > 0 ? 1 : 0;
    for (size_t i = 0; i < length; i++)
        count += form[i] == '&';
    return count;
}

static bool parse_pair(struct arena *arena, const char *pair, size_t length, struct http_param *param)
{
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - pair) : length;
    const char *value = equals != NULL ? equals + 1 : "";
    size_t value_length = equals != NULL ? length - name_length - 1 : 0;
    return http_decode(arena, pair, name_length, true, &param->name) &&
           http_decode(arena, value, value_length, true, &param->value);
}

bool http_parse_form(struct arena *arena, const char *form, size_t length, bool from_query, struct http_param **params,
                     size_t *count, struct error *err)
{
    size_t pieces = count_pieces(form, length);
    if (pieces > HTTP_PARAMS_MAX || *count + pieces > HTTP_PARAMS_MAX)
        return error_with(err, ERROR_BAD_REQUEST, "http.too_many_parameters", E_INT("max", HTTP_PARAMS_MAX));
    struct http_param *all = arena_array(arena, *count + pieces + 1, sizeof *all);
    size_t used = *count;
    for (size_t i = 0; i < used; i++)
        all[i] = (*params)[i];
    for (size_t start = 0; start < length;) {
        const char *end = memchr(form + start, '&', length - start);
        size_t piece = end != NULL ? (size_t)(end - form) - start : length - start;
        if (piece > 0) {
            all[used].from_query = from_query;
            if (!parse_pair(arena, form + start, piece, &all[used]))
                return error_set(err, ERROR_BAD_REQUEST, "http.malformed_parameters");
            used++;
        }
        start += piece + 1;
    }
    *params = all;
    *count = used;
    return true;
}

void http_add_url_encoded(struct text *out, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const char *c = value; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        bool is_plain = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                        byte == '-' || byte == '.' || byte == '_' || byte == '~';
        if (is_plain) {
            text_add_char(out, *c);
        } else {
            const char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            text_add_bytes(out, escape, sizeof escape);
        }
    }
}
