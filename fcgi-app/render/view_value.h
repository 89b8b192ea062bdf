/* How a view is made up, for view.c and the renderer only. */
#ifndef GURUM_RENDER_VIEW_VALUE_H
#define GURUM_RENDER_VIEW_VALUE_H

#include "base/text.h"
#include "render/view.h"

enum view_kind {
    VIEW_ABSENT,
    VIEW_TEXT,
    VIEW_INT,
    VIEW_BOOL,
    VIEW_REAL,
    VIEW_TIME,
    VIEW_RAW_JSON, /* printed by {{json}} only */
    VIEW_OBJECT,   /* members, then the table's */
    VIEW_PAIRS,    /* an object of texts */
    VIEW_LIST,
    VIEW_STRINGS, /* a list of texts */
    VIEW_REFS,    /* a list of references */
    VIEW_ROWS     /* a list of the table's structs */
};

struct view_member {
    const char *name;
    uint32_t hash;
    struct view *value;
};

struct view {
    enum view_kind kind;
    union {
        const char *text;
        int64_t number; /* VIEW_BOOL: 0 or 1; VIEW_TIME: milliseconds */
        double real;
        struct view_member *members;
        struct view **items;
        const struct pair *pairs;
        const char *const *strings;
        const struct object_ref *refs;
        const char *rows;
    };
    size_t count, capacity; /* of members, items, pairs, strings, refs, rows */
    const struct field_table *table;
    const void *object;  /* VIEW_OBJECT with a table */
    struct arena *arena; /* where it grows */
};

uint32_t view_hash(const char *name, size_t length);
/* The member by value; VIEW_ABSENT when there is none. */
struct view view_find(const struct view *object, const char *name, uint32_t hash);
struct view view_item(const struct view *list, size_t index);
bool view_is_list(const struct view *view);
/* Whether a section of it is entered (for lists: whether there are items). */
bool view_is_true(const struct view *view);
/* A value as text; numbers are written into the buffer. NULL for objects, lists and what is absent. */
enum { VIEW_NUMBER_BYTES = 40 };
const char *view_as_text(const struct view *view, char buffer[static VIEW_NUMBER_BYTES]);

#endif
