/* A string under construction with a ceiling. It never writes past the ceiling: it stops, and remembers that it did. */
#ifndef GURUM_BASE_TEXT_H
#define GURUM_BASE_TEXT_H

#include <stdarg.h>

#include "base/arena.h"

struct text {
    struct arena *arena; /* where it grows; NULL: on the heap, freed by text_free */
    char *data;          /* always NUL-terminated once something was added, else NULL */
    size_t length;       /* bytes without the NUL */
    size_t capacity;
    size_t max;          /* ceiling of length in bytes */
    bool overflowed;     /* something did not fit; the text holds what did */
};

void text_init(struct text *text, struct arena *arena, size_t max);
void text_free(struct text *text); /* heap texts only; arena texts: no effect */
void text_reset(struct text *text); /* empty again, keeps its memory and ceiling, forgets overflowed */
/* Makes room for `bytes` more (within the ceiling) and returns where to write; NULL when over the ceiling.
 * The caller then adds to `length` what it wrote and sets the NUL. For hot writers only. */
char *text_reserve(struct text *text, size_t bytes);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_add_int(struct text *text, int64_t value); /* decimal */
void text_addf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vaddf(struct text *text, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
/* The string so far, never NULL. */
const char *text_string(const struct text *text);

/* String helpers over plain const char *. All accept only non-NULL strings unless they say otherwise. */
bool string_equal(const char *a, const char *b);            /* NULL equals only NULL */
bool string_equal_ignoring_case(const char *a, const char *b); /* ASCII; NULL equals only NULL */
bool string_starts_with(const char *string, const char *prefix);
bool string_ends_with(const char *string, const char *suffix);
bool string_is_empty(const char *string);                    /* NULL or "" */
bool string_is_utf8(const char *string, size_t length);      /* well-formed, no surrogates, shortest form (RFC 3629) */
/* Bytes of the well-formed character at the start (1 to 4); 0: none, broken or cut short. */
size_t string_utf8_length(const char *string, size_t length);
bool string_has_control(const char *string);                 /* any of U+0000-001F or U+007F but tab, CR and LF */
/* Constant-time comparison for secrets; false when the lengths differ. */
bool string_equal_secret(const char *a, size_t a_length, const char *b, size_t b_length);
/* Whole-string decimal numbers. False: not a number or out of range; *ret_value is untouched then. */
MUST_CHECK bool string_to_int(const char *string, int64_t *ret_value);
MUST_CHECK bool string_to_double(const char *string, double *ret_value);
/* Splits at `separator`, trims blanks round each item, drops empty ones. Items and array live in the arena. */
const char **string_split(struct arena *arena, const char *string, char separator, size_t *ret_count);
/* Copies into a fixed buffer, cut at size - 1 at a UTF-8 boundary. */
void string_copy(char *buffer, size_t size, const char *string);
char *string_lower(struct arena *arena, const char *string); /* ASCII */

#endif
