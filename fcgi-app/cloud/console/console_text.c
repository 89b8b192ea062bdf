/* See console_text.h. Sequences are those of ECMA-48. */
#include "cloud/console/console_text.h"

#include <string.h>

enum { ESCAPE = 0x1b, BELL = 0x07, DELETE = 0x7f, SEQUENCE_MAX = 256, LINE_MAX_BYTES = 4096 };

/* Bytes of the string that ends with BEL or ESC \; 0: its end is not there. */
static size_t string_end(const char *bytes, size_t length)
{
    for (size_t i = 2; i < length; i++) {
        if (bytes[i] == BELL)
            return i + 1;
        if (bytes[i] == ESCAPE && i + 1 < length)
            return bytes[i + 1] == '\\' ? i + 2 : i;
    }
    return 0;
}

/* Bytes of the control sequence at the beginning; 0: its end is not there. */
static size_t sequence_length(const char *bytes, size_t length)
{
    if (length < 2)
        return 0;
    if (strchr("]PX^_", bytes[1]) != NULL)
        return string_end(bytes, length);
    if (bytes[1] == '[') {
        for (size_t i = 2; i < length; i++)
            if (bytes[i] < 0x20 || bytes[i] > 0x3f) /* its last letter, or what does not belong to it */
                return bytes[i] >= 0x40 && bytes[i] < DELETE ? i + 1 : i;
        return 0;
    }
    if (bytes[1] >= 0x20 && bytes[1] <= 0x2f)
        return length < 3 ? 0 : 3;
    return bytes[1] >= 0x30 && bytes[1] < DELETE ? 2 : 1;
}

/* C1 controls, marks and overrides of the writing direction. */
static bool is_hidden(const char *bytes, size_t length)
{
    const unsigned char *c = (const unsigned char *)bytes;
    if (length == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    if (length != 3 || c[0] != 0xe2)
        return false;
    return (c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
           (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

/* Could these few bytes still become a character? */
static bool is_cut(const char *bytes, size_t length)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t whole = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 ? 2 : 1;
    if (first > 0xf4 || length >= whole)
        return false;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            return false;
    return true;
}

/* Adds one character and returns its bytes; 0: it is cut. */
static size_t add_character(struct text *out, const char *bytes, size_t length)
{
    size_t size = string_utf8_length(bytes, length);
    if (size == 0 && is_cut(bytes, length))
        return 0;
    if (size == 0) {
        text_add(out, "\xEF\xBF\xBD");
        return 1;
    }
    if (!is_hidden(bytes, size))
        text_add_bytes(out, bytes, size);
    return size;
}

/* Carriage returns before a line feed belong to it; alone they end a line too. 0: what follows is not there. */
static size_t add_line_end(struct text *out, const char *bytes, size_t length)
{
    size_t returns = 0;
    while (returns < length && bytes[returns] == '\r')
        returns++;
    if (returns == length && returns < SEQUENCE_MAX)
        return 0;
    text_add_char(out, '\n');
    return returns < length && bytes[returns] == '\n' ? returns + 1 : returns;
}

size_t console_text_add(struct text *out, const char *bytes, size_t length)
{
    size_t at = 0, size;
    for (; at < length; at += size) {
        unsigned char first = (unsigned char)bytes[at];
        size_t rest = length - at;
        if (first == ESCAPE)
            size = sequence_length(bytes + at, rest);
        else if (first == '\r')
            size = add_line_end(out, bytes + at, rest);
        else if (first >= 0x80 || first == '\n' || first == '\t' || (first >= 0x20 && first != DELETE))
            size = add_character(out, bytes + at, rest);
        else
            size = 1;
        if (size == 0 && rest < SEQUENCE_MAX)
            return at;
        size = size == 0 ? 1 : size; /* longer than any sequence that means something */
    }
    return at;
}

size_t console_text_first_line(const char *bytes, size_t length)
{
    const char *end = memchr(bytes, '\n', length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES);
    return end == NULL ? 0 : (size_t)(end - bytes) + 1;
}
