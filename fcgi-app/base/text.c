/* Texts under construction, and helpers over plain strings. No output formats here: see json.h, render/escape.h. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

enum { FIRST_CAPACITY = 256 };

void text_init(struct text *text, struct arena *arena, size_t max)
{
    *text = (struct text){.arena = arena, .max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4};
}

void text_free(struct text *text)
{
    if (text->arena)
        return;
    free(text->data);
    text_init(text, NULL, text->max);
}

void text_reset(struct text *text)
{
    text->length = 0;
    text->overflowed = false;
    if (text->data)
        text->data[0] = '\0';
}

/* The capacity for `length` bytes and the NUL, at least doubled but not beyond the ceiling. */
static void grow(struct text *text, size_t length)
{
    size_t capacity = text->capacity ? text->capacity * 2 : FIRST_CAPACITY;
    if (capacity > text->max + 1)
        capacity = text->max + 1;
    if (capacity < length + 1)
        capacity = length + 1;
    if (!text->arena) {
        text->data = realloc(text->data, capacity);
        if (!text->data)
            abort();
    } else if (!text->data || !arena_extend(text->arena, text->data, text->capacity, capacity)) {
        char *data = arena_alloc_unset(text->arena, capacity);
        if (text->length)
            memcpy(data, text->data, text->length);
        text->data = data;
    }
    text->data[text->length] = '\0';
    text->capacity = capacity;
}

char *text_reserve(struct text *text, size_t bytes)
{
    if (text->overflowed || bytes > text->max - text->length) {
        text->overflowed = true;
        return NULL;
    }
    if (text->capacity <= text->length + bytes)
        grow(text, text->length + bytes);
    return text->data + text->length;
}

/* How many of the bytes fit, without cutting a UTF-8 character in two. */
static size_t fitting_bytes(const char *bytes, size_t length, size_t room)
{
    if (length <= room)
        return length;
    while (room && ((unsigned char)bytes[room] & 0xC0) == 0x80)
        room--;
    return room;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t fitting = fitting_bytes(bytes, length, text->max - text->length);
    char *place = text_reserve(text, fitting);
    if (!place)
        return;
    if (fitting)
        memcpy(place, bytes, fitting);
    place[fitting] = '\0';
    text->length += fitting;
    text->overflowed = fitting < length;
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_add_int(struct text *text, int64_t value)
{
    char digits[20];
    size_t first = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--first] = '-';
    text_add_bytes(text, digits + first, sizeof(digits) - first);
}

void text_vaddf(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    char small[256];
    int length = vsnprintf(small, sizeof(small), format, arguments);
    if (length < 0)
        abort();
    if ((size_t)length < sizeof(small)) {
        text_add_bytes(text, small, (size_t)length);
    } else {
        char *large = malloc((size_t)length + 1);
        if (!large)
            abort();
        vsnprintf(large, (size_t)length + 1, format, again);
        text_add_bytes(text, large, (size_t)length);
        free(large);
    }
    va_end(again);
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vaddf(text, format, arguments);
    va_end(arguments);
}

const char *text_string(const struct text *text)
{
    return text->data ? text->data : "";
}

bool string_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool string_equal_ignoring_case(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool string_starts_with(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool string_ends_with(const char *string, const char *suffix)
{
    size_t length = strlen(string), suffix_length = strlen(suffix);
    return length >= suffix_length && memcmp(string + length - suffix_length, suffix, suffix_length) == 0;
}

bool string_is_empty(const char *string)
{
    return !string || !*string;
}

size_t string_utf8_length(const char *string, size_t length)
{
    const unsigned char *s = (const unsigned char *)string;
    if (!length)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t size = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                  : s[0] >= 0xE0 && s[0] <= 0xEF ? 3
                  : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                 : 0;
    if (!size || size > length)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    bool is_longer_than_needed = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool is_surrogate = s[0] == 0xED && s[1] > 0x9F;
    bool is_beyond_unicode = s[0] == 0xF4 && s[1] > 0x8F;
    return is_longer_than_needed || is_surrogate || is_beyond_unicode ? 0 : size;
}

bool string_is_utf8(const char *string, size_t length)
{
    for (size_t i = 0, size; i < length; i += size) {
        size = string_utf8_length(string + i, length - i);
        if (!size)
            return false;
    }
    return true;
}

bool string_has_control(const char *string)
{
    for (const unsigned char *s = (const unsigned char *)string; *s; s++)
        if ((*s < 0x20 && *s != '\t' && *s != '\r' && *s != '\n') || *s == 0x7F)
            return true;
    return false;
}

bool string_equal_secret(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length != b_length)
        return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < a_length; i++)
        difference |= (unsigned char)(((const volatile char *)a)[i] ^ ((const volatile char *)b)[i]);
    return difference == 0;
}

bool string_to_int(const char *string, int64_t *ret_value)
{
    const char *digit = *string == '-' || *string == '+' ? string + 1 : string;
    if (!*digit)
        return false;
    int64_t value = 0;
    for (; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || __builtin_mul_overflow(value, 10, &value))
            return false;
        int64_t number = *string == '-' ? -(*digit - '0') : *digit - '0';
        if (__builtin_add_overflow(value, number, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

bool string_to_double(const char *string, double *ret_value)
{
    if (string[strspn(string, "+-.0123456789eE")] ||
        !*string) /* strtod also takes hexadecimal, "inf", "nan" and blanks */
        return false;
    char *end;
    errno = 0;
    double value = strtod(string, &end);
    if (end == string || *end || (errno == ERANGE && (value > 1 || value < -1)))
        return false;
    *ret_value = value;
    return true;
}

const char **string_split(struct arena *arena, const char *string, char separator, size_t *ret_count)
{
    size_t most = 1;
    for (const char *s = string; *s; s++)
        most += *s == separator;
    const char **items = arena_array(arena, most, sizeof(*items));
    size_t count = 0;
    for (const char *item = string;; item++) {
        const char *end = item;
        while (*end && *end != separator)
            end++;
        const char *stop = end;
        while (item < stop && isspace((unsigned char)*item))
            item++;
        while (stop > item && isspace((unsigned char)stop[-1]))
            stop--;
        if (stop > item)
            items[count++] = arena_strndup(arena, item, (size_t)(stop - item));
        if (!*end)
            break;
        item = end;
    }
    *ret_count = count;
    return items;
}

void string_copy(char *buffer, size_t size, const char *string)
{
    if (!size)
        return;
    size_t length = fitting_bytes(string, strlen(string), size - 1);
    memcpy(buffer, string, length);
    buffer[length] = '\0';
}

char *string_lower(struct arena *arena, const char *string)
{
    char *copy = arena_strdup(arena, string);
    for (char *c = copy; c && *c; c++)
        *c = lower(*c);
    return copy;
}
