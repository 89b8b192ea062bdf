/* Writing JSON straight into a text, and reading it with json-c into field-table structs. */
#ifndef GURUM_BASE_JSON_H
#define GURUM_BASE_JSON_H

#include "base/error.h"
#include "base/field.h"
#include "base/text.h"

void json_add_string(struct text *out, const char *string); /* quoted and escaped; NULL: null; broken UTF-8 becomes U+FFFD */
void json_add_string_bytes(struct text *out, const char *bytes, size_t length);
/* An object from a field table: absent values are left out. Secrets and FIELD_SENSITIVE members are left out too. */
void json_add_object(struct text *out, const struct field_table *table, const void *object);
/* `,"name":value` members only, without braces; for callers that add members of their own. *first tells about the comma. */
void json_add_members(struct text *out, const struct field_table *table, const void *object, bool *first);

/* Parses at most `max_bytes` and depth 16 into a struct by its table (unknown members are ignored, so that a job begun by another
 * release ends under this one). Strings are copied into the arena. Dates are wire dates or milliseconds. */
MUST_CHECK bool json_read_object(struct arena *arena, const char *json, const struct field_table *table, void *object, struct error *err);

#endif
