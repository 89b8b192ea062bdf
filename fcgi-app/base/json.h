/* Writing JSON straight into a text, and reading it with json-c into field-table structs. */
#ifndef GURUM_BASE_JSON_H
#define GURUM_BASE_JSON_H

#include "base/error.h"
#include "base/field.h"
#include "base/text.h"

void json_add_string(struct text *out,
                     const char *string); /* quoted and escaped; NULL: null; broken UTF-8 becomes U+FFFD */
void json_add_string_bytes(struct text *out, const char *bytes, size_t length);
/* An object from a field table: absent values are left out. Secrets and FIELD_SENSITIVE members are left out too. */
void json_add_object(struct text *out, const struct field_table *table, const void *object);
/* `,"name":value` members only, without braces; for callers that add members of their own. *first tells about the
 * comma. */
void json_add_members(struct text *out, const struct field_table *table, const void *object, bool *first);

/* The same without the members that carry any of `hidden_flags` (FIELD_ADMIN for tenants), in nested objects too. */
void json_add_members_except(struct text *out, const struct field_table *table, const void *object,
                             uint32_t hidden_flags, bool *first);
/* An object for our own storage (job inputs, notes), to be read back by json_read_object: references keep their
 * internal id and dates their milliseconds, which json_add_object does not tell. Secrets and FIELD_SENSITIVE members
 * are left out. */
void json_add_record(struct text *out, const struct field_table *table, const void *object);
/* `"name":` with a comma before it unless *first; clears *first. The name is a constant that needs no escapes. */
void json_add_name(struct text *out, const char *name, bool *first);
/* The shortest decimal text that reads back as the same number; "null" for infinities and NaN. */
void json_add_double(struct text *out, double value);

enum { JSON_READ_MAX_BYTES = 4 * 1024 * 1024, JSON_READ_MAX_DEPTH = 16 };
/* Parses at most JSON_READ_MAX_BYTES and depth 16 into a struct by its table (unknown members are ignored, so that a
 * job begun by another release ends under this one; absent ones stay zero). Strings are copied into the arena. Dates
 * are wire dates or milliseconds, references a uuid or what json_add_record wrote. Errors: INVALID_VALUE. */
MUST_CHECK bool json_read_object(struct arena *arena, const char *json, const struct field_table *table, void *object,
                                 struct error *err);

#endif
