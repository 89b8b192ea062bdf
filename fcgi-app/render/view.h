/* The data of a page: a tree of texts, numbers, lists and objects in the request's arena. Page templates read it,
 * nothing else does. */
#ifndef GURUM_RENDER_VIEW_H
#define GURUM_RENDER_VIEW_H

#include "base/arena.h"
#include "base/field.h"

/* An object, a list or a value. A section {{#name}} is entered for an object, each item of a list, a non-empty text,
 * true, and a number other than 0. */
struct view;

struct view *view_object(struct arena *arena); /* an empty object; also the root */
struct view *view_list(struct arena *arena);   /* an empty list */

/* Members. `name` is a literal or lives as long as the arena; texts are not copied. A member set again replaces the
 * earlier one. */
void view_set(struct view *object, const char *name, struct view *value);
void view_set_text(struct view *object, const char *name, const char *text); /* NULL: the member stays absent */
void view_set_int(struct view *object, const char *name, int64_t number);
void view_set_bool(struct view *object, const char *name, bool value);

/* Adds an item and returns it. */
struct view *view_add_object(struct view *list);
void view_add(struct view *list, struct view *item);
void view_add_text(struct view *list, const char *text);
size_t view_count(const struct view *list);

/* Reading: NULL when absent. view_text gives numbers and booleans as text too. */
struct view *view_get(const struct view *object, const char *name);
const char *view_text(const struct view *object, const char *name);

/* An object whose members come from a field table's struct, without copying; members set with view_set_… hide the
 * table's. */
struct view *view_from_table(struct arena *arena, const struct field_table *table, const void *object);

#endif
