/* Field tables: one declaration of a struct's members, from which parsing, writing, SQL row mapping, plugin settings,
 * discovery and documents follow. The member's C type chooses the field type, so a wrong table does not compile. */
#ifndef GURUM_BASE_FIELD_H
#define GURUM_BASE_FIELD_H

#include "base/attributes.h"
#include "base/secret.h"

/* Values that may be absent. */
struct opt_int { int64_t value; bool set; };
struct opt_bool { bool value, set; };
struct opt_double { double value; bool set; };
struct opt_time { int64_t ms; bool set; };
#define OPT_INT(v) ((struct opt_int){.value = (v), .set = true})
#define OPT_BOOL(v) ((struct opt_bool){.value = (v), .set = true})
#define OPT_DOUBLE(v) ((struct opt_double){.value = (v), .set = true})
#define OPT_TIME(v) ((struct opt_time){.ms = (v), .set = true})

/* A reference to an object, resolved and access-checked by api/ before a handler sees it. id 0: absent; -1: the wire's
 * "-1". */
struct object_ref {
    int64_t id;
    const char *uuid;
};
struct string_list { const char **items; size_t count; };
struct ref_list { struct object_ref *items; size_t count; };
/* details[0].key=…: entries in the order of their index. `ref`: what the value refers to, when the field's map_refs say
 * so; resolved and access-checked like a reference. */
struct map_entry { uint32_t index; const char *field, *value; int64_t ref; };
struct map_list { struct map_entry *entries; size_t count; };
/* Simple name → value pairs (response maps, job notes). */
struct pair { const char *name, *value; };
struct pair_list { struct pair *items; size_t count; };
/* Nested objects of a response: `items` is an array of the struct that the field's `table` describes. */
struct object_list { const void *items; size_t count; bool set; };
/* One nested object; NULL: absent. */
struct nested { const void *object; };
/* Already serialised JSON (and only JSON) from our own writer; NULL: absent. */
struct raw_json { const char *json; };

enum field_type {
    FIELD_STRING,      /* const char *; NULL: absent or SQL NULL */
    FIELD_INT,         /* int64_t, always there */
    FIELD_INT32,       /* int32_t, always there */
    FIELD_BOOL,        /* bool, always there */
    FIELD_OPT_INT,
    FIELD_OPT_BOOL,
    FIELD_OPT_DOUBLE,
    FIELD_OPT_TIME,    /* date on the wire, DATETIME(3) in SQL */
    FIELD_REF,
    FIELD_STRING_LIST, /* comma-separated on the wire, an array in a reply */
    FIELD_REF_LIST,
    FIELD_MAP,         /* struct map_list */
    FIELD_PAIRS,       /* struct pair_list; an object in a reply */
    FIELD_OBJECTS,     /* struct object_list */
    FIELD_NESTED,      /* struct nested */
    FIELD_RAW_JSON,
    FIELD_SECRET       /* struct secret; never written to a reply, a log or a job row in the clear */
};

#define FIELD_TYPE_OF(member)                                                                                      \
    _Generic((member), const char *: FIELD_STRING, int64_t: FIELD_INT, int32_t: FIELD_INT32, bool: FIELD_BOOL,        \
             struct opt_int: FIELD_OPT_INT, struct opt_bool: FIELD_OPT_BOOL, struct opt_double: FIELD_OPT_DOUBLE,     \
             struct opt_time: FIELD_OPT_TIME, struct object_ref: FIELD_REF, struct string_list: FIELD_STRING_LIST,    \
             struct ref_list: FIELD_REF_LIST, struct map_list: FIELD_MAP, struct pair_list: FIELD_PAIRS,              \
             struct object_list: FIELD_OBJECTS, struct nested: FIELD_NESTED, struct raw_json: FIELD_RAW_JSON,         \
             struct secret: FIELD_SECRET)

enum field_flags {
    FIELD_REQUIRED = 1u << 0,
    FIELD_ADMIN = 1u << 1,      /* only root admins may send or see it; for others it is ignored */
    FIELD_SENSITIVE = 1u << 2,  /* masked in logs, history and job rows */
    FIELD_ALLOW_MINUS_ONE = 1u << 3, /* a reference that accepts "-1" */
    FIELD_END_OF_DAY = 1u << 4, /* a bare date means its last second */
    FIELD_PLAIN_TEXT = 1u << 5, /* may hold line breaks and any length up to max (user data, descriptions) */
    FIELD_POSITIVE = 1u << 6    /* a number below 1 is refused */
};

struct field_table;

/* A part of a map that names an object: networkid of iptonetworklist[0].networkid. */
struct map_ref { const char *field, *refers_to; };

struct field {
    const char *name;       /* wire name; SQL column alias for rows */
    enum field_type type;
    uint32_t offset, size;
    uint32_t flags;         /* enum field_flags */
    int64_t min, max; /* numbers: range when max > min; strings: max is the longest length in characters, 0 means 255 */
    const char *refers_to;  /* object kind of a reference: "zone", "vm" … */
    const struct map_ref *map_refs; /* of a map: ends with a NULL field; NULL: it names no objects */
    const char *const *choices; /* NULL-terminated, compared ignoring case */
    const char *since;      /* release of the wire in which it came */
    const char *help;       /* one sentence, for discovery, reference and forms */
    const char *no_effect;  /* why a declared parameter changes nothing here; printed in the reference and counted */
    const char *refused;    /* why nobody may send a value for it yet; to pass over it would mislead */
    const struct field_table *table; /* of nested objects */
};

struct field_table {
    const char *name;       /* the struct, for error messages */
    const struct field *fields;
    size_t count;
    size_t struct_size;
};

/* FIELD(struct zone_args, name, .flags = FIELD_REQUIRED, .help = "…"): the wire name is the member's name; .name
 * overrides it. COLUMN(struct zone_row, name): the same without options, for SQL rows and job inputs. */
#define COLUMN(type_name, member)                                                                                      \
    {                                                                                                                  \
        .name = #member, .type = FIELD_TYPE_OF(((type_name *)0)->member),                                              \
        .offset = (uint32_t)offsetof(type_name, member), .size = (uint32_t)sizeof(((type_name *)0)->member)            \
    }
#define FIELD(type_name, member, ...)                                                                                  \
    {                                                                                                                  \
        .name = #member, .type = FIELD_TYPE_OF(((type_name *)0)->member),                                              \
        .offset = (uint32_t)offsetof(type_name, member), .size = (uint32_t)sizeof(((type_name *)0)->member),           \
        __VA_ARGS__                                                                                                    \
    }

/* A member of an embedded struct; its last part is the name: FIELD_IN(struct made, key, id, .help = "…"). */
#define FIELD_IN(type_name, part, member, ...)                                                                         \
    {                                                                                                                  \
        .name = #member, .type = FIELD_TYPE_OF(((type_name *)0)->part.member),                                         \
        .offset = (uint32_t)offsetof(type_name, part.member),                                                          \
        .size = (uint32_t)sizeof(((type_name *)0)->part.member), __VA_ARGS__                                           \
    }

/* FIELD_TABLE(ZONE_ROW, struct zone_row, FIELD(…), FIELD(…)) defines `const struct field_table ZONE_ROW`. */
#define FIELD_TABLE(ident, type_name, ...)                                                                             \
    static const struct field ident##_fields[] = {__VA_ARGS__};                                                        \
    const struct field_table ident = {.name = #type_name,                                                              \
                                      .fields = ident##_fields,                                                        \
                                      .count = COUNT_OF(ident##_fields),                                               \
                                      .struct_size = sizeof(type_name)}

const struct field *field_find(const struct field_table *table, const char *name); /* exact name; NULL: none */
static inline void *field_at(const struct field *field, void *object) { return (char *)object + field->offset; }
static inline const void *field_at_const(const struct field *field, const void *object)
{
    return (const char *)object + field->offset;
}

#endif
