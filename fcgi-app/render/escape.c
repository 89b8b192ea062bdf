/* Escaping by output context. Which context a place in a page has is found by html_state.c. */
#include "render/escape.h"

#include <string.h>

#include "base/json.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* What to write instead of the character; NULL: the character itself. `size` is its length, 0 for a broken byte. */
static const char *html_escape_of(unsigned char c, size_t size)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return NULL;
    default:
        return !size || c < 0x20 || c == 0x7F ? replacement : NULL;
    }
}

/* Copies runs of characters that need no change. */
void escape_html(struct text *out, const char *string)
{
    const char *run = string;
    for (size_t left = strlen(string), size; left; left -= size, string += size) {
        unsigned char c = (unsigned char)*string;
        size = c < 0x80 ? 1 : string_utf8_length(string, left);
        const char *escape = html_escape_of(c, size);
        size += !size;
        if (escape) {
            text_add_bytes(out, run, (size_t)(string - run));
            text_add(out, escape);
            run = string + size;
        }
    }
    text_add(out, run);
}

static void add_percent(struct text *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char bytes[] = {'%', digits[c >> 4], digits[c & 15]};
    text_add_bytes(out, bytes, sizeof(bytes));
}

void escape_url_part(struct text *out, const char *string)
{
    for (; *string; string++) {
        size_t plain = strspn(string, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");
        text_add_bytes(out, string, plain);
        string += plain;
        if (!*string)
            return;
        add_percent(out, (unsigned char)*string);
    }
}

/* Browsers skip blanks and control characters in front of and inside a scheme, so a URL with any before its first ':'
 * is refused. */
static bool is_safe_url(const char *url)
{
    size_t scheme = strcspn(url, ":/?#");
    if (url[scheme] != ':')
        return true; /* relative */
    static const char *const allowed[] = {"http", "https", "mailto"};
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (strlen(allowed[i]) == scheme && strncasecmp(url, allowed[i], scheme) == 0)
            return true;
    return false;
}

void escape_url(struct text *out, const char *url)
{
    if (!is_safe_url(url)) {
        text_add_char(out, '#');
        return;
    }
    for (; *url; url++) {
        size_t plain =
            strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$()*+,;=%");
        text_add_bytes(out, url, plain);
        url += plain;
        if (!*url)
            return;
        if (*url == '&')
            text_add(out, "&amp;");
        else
            add_percent(out, (unsigned char)*url);
    }
}

void escape_json_string(struct text *out, const char *string)
{
    struct text json;
    text_init(&json, NULL, out->max);
    json_add_string(&json, string);
    const char *run = text_string(&json);
    for (const char *at = run; *at; at++) {
        bool is_separator = at[0] == '\xE2' && at[1] == '\x80' && (at[2] == '\xA8' || at[2] == '\xA9');
        if (!is_separator && *at != '<' && *at != '>' && *at != '&')
            continue;
        text_add_bytes(out, run, (size_t)(at - run));
        if (is_separator)
            text_addf(out, "\\u20%02x", at[2] == '\xA8' ? 0x28 : 0x29);
        else
            text_addf(out, "\\u%04x", (unsigned)*at);
        at += is_separator ? 2 : 0;
        run = at + 1;
    }
    text_add(out, run);
    out->overflowed |= json.overflowed;
    text_free(&json);
}
