/* The data of a page: building the tree, finding members, and reading field-table structs in place. Printing is in
 * render.c. */
#include "render/view.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "render/view_value.h"

uint32_t view_hash(const char *name, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash;
}

static struct view *make(struct arena *arena, enum view_kind kind)
{
    struct view *view = ARENA_NEW(arena, struct view);
    view->kind = kind;
    view->arena = arena;
    return view;
}

struct view *view_object(struct arena *arena)
{
    return make(arena, VIEW_OBJECT);
}

struct view *view_list(struct arena *arena)
{
    return make(arena, VIEW_LIST);
}

struct view *view_from_table(struct arena *arena, const struct field_table *table, const void *object)
{
    struct view *view = make(arena, VIEW_OBJECT);
    view->table = table;
    view->object = object;
    return view;
}

/* Room for one more element of `bytes` each. */
static void *grown(struct view *view, void *elements, size_t bytes)
{
    if (view->count < view->capacity)
        return elements;
    view->capacity = view->capacity ? view->capacity * 2 : 8;
    void *larger = arena_array(view->arena, view->capacity, bytes);
    if (view->count)
        memcpy(larger, elements, view->count * bytes);
    return larger;
}

void view_set(struct view *object, const char *name, struct view *value)
{
    uint32_t hash = view_hash(name, strlen(name));
    for (size_t i = 0; i < object->count; i++)
        if (object->members[i].hash == hash && strcmp(object->members[i].name, name) == 0) {
            object->members[i].value = value;
            return;
        }
    object->members = grown(object, object->members, sizeof(*object->members));
    object->members[object->count++] = (struct view_member){.name = name, .hash = hash, .value = value};
}

void view_set_text(struct view *object, const char *name, const char *text)
{
    struct view *value = make(object->arena, text ? VIEW_TEXT : VIEW_ABSENT);
    value->text = text;
    view_set(object, name, value);
}

void view_set_int(struct view *object, const char *name, int64_t number)
{
    struct view *value = make(object->arena, VIEW_INT);
    value->number = number;
    view_set(object, name, value);
}

void view_set_bool(struct view *object, const char *name, bool truth)
{
    struct view *value = make(object->arena, VIEW_BOOL);
    value->number = truth;
    view_set(object, name, value);
}

void view_add(struct view *list, struct view *item)
{
    list->items = grown(list, list->items, sizeof(struct view *));
    list->items[list->count++] = item;
}

struct view *view_add_object(struct view *list)
{
    struct view *object = view_object(list->arena);
    view_add(list, object);
    return object;
}

void view_add_text(struct view *list, const char *text)
{
    struct view *item = make(list->arena, text ? VIEW_TEXT : VIEW_ABSENT);
    item->text = text;
    view_add(list, item);
}

size_t view_count(const struct view *list)
{
    return view_is_list(list) ? list->count : 0;
}

static struct view text_value(const char *text)
{
    return (struct view){.kind = text ? VIEW_TEXT : VIEW_ABSENT, .text = text};
}

static struct view number_value(enum view_kind kind, bool is_set, int64_t number)
{
    return (struct view){.kind = is_set ? kind : VIEW_ABSENT, .number = number};
}

static struct view ref_value(const struct object_ref *ref)
{
    return text_value(ref->uuid ? ref->uuid : ref->id == -1 ? "-1" : NULL);
}

/* A member of a struct, read where it lies. Secrets, sensitive members and request maps are not for pages. */
static struct view member_value(const struct field *field, const void *member)
{
    if (field->flags & FIELD_SENSITIVE)
        return (struct view){.kind = VIEW_ABSENT};
    switch (field->type) {
    case FIELD_STRING:
        return text_value(*(const char *const *)member);
    case FIELD_INT:
        return number_value(VIEW_INT, true, *(const int64_t *)member);
    case FIELD_INT32:
        return number_value(VIEW_INT, true, *(const int32_t *)member);
    case FIELD_BOOL:
        return number_value(VIEW_BOOL, true, *(const bool *)member);
    case FIELD_OPT_INT:
        return number_value(VIEW_INT, ((const struct opt_int *)member)->set, ((const struct opt_int *)member)->value);
    case FIELD_OPT_BOOL:
        return number_value(VIEW_BOOL, ((const struct opt_bool *)member)->set,
                            ((const struct opt_bool *)member)->value);
    case FIELD_OPT_TIME:
        return number_value(VIEW_TIME, ((const struct opt_time *)member)->set, ((const struct opt_time *)member)->ms);
    case FIELD_OPT_DOUBLE: {
        const struct opt_double *value = member;
        return (struct view){.kind = value->set ? VIEW_REAL : VIEW_ABSENT, .real = value->value};
    }
    case FIELD_REF:
        return ref_value(member);
    case FIELD_STRING_LIST: {
        const struct string_list *list = member;
        return (struct view){.kind = VIEW_STRINGS, .strings = list->items, .count = list->count};
    }
    case FIELD_REF_LIST: {
        const struct ref_list *list = member;
        return (struct view){.kind = VIEW_REFS, .refs = list->items, .count = list->count};
    }
    case FIELD_PAIRS: {
        const struct pair_list *list = member;
        return (struct view){
            .kind = list->items ? VIEW_PAIRS : VIEW_ABSENT, .pairs = list->items, .count = list->count};
    }
    case FIELD_OBJECTS: {
        const struct object_list *list = member;
        return (struct view){
            .kind = VIEW_ROWS, .rows = list->items, .count = list->set ? list->count : 0, .table = field->table};
    }
    case FIELD_NESTED: {
        const struct nested *nested = member;
        return (struct view){
            .kind = nested->object ? VIEW_OBJECT : VIEW_ABSENT, .table = field->table, .object = nested->object};
    }
    case FIELD_RAW_JSON: {
        const struct raw_json *raw = member;
        return (struct view){.kind = raw->json ? VIEW_RAW_JSON : VIEW_ABSENT, .text = raw->json};
    }
    case FIELD_MAP:
    case FIELD_SECRET:
        break;
    }
    return (struct view){.kind = VIEW_ABSENT};
}

struct view view_find(const struct view *object, const char *name, uint32_t hash)
{
    if (object->kind == VIEW_PAIRS) {
        for (size_t i = 0; i < object->count; i++)
            if (strcmp(object->pairs[i].name, name) == 0)
                return text_value(object->pairs[i].value);
    } else if (object->kind == VIEW_OBJECT) {
        for (size_t i = 0; i < object->count; i++)
            if (object->members[i].hash == hash && strcmp(object->members[i].name, name) == 0)
                return *object->members[i].value;
        const struct field *field = object->table ? field_find(object->table, name) : NULL;
        if (field)
            return member_value(field, field_at_const(field, object->object));
    }
    return (struct view){.kind = VIEW_ABSENT};
}

struct view view_item(const struct view *list, size_t index)
{
    switch ((int)list->kind) {
    case VIEW_LIST:
        return *list->items[index];
    case VIEW_STRINGS:
        return text_value(list->strings[index]);
    case VIEW_REFS:
        return ref_value(&list->refs[index]);
    case VIEW_ROWS:
        return (struct view){
            .kind = VIEW_OBJECT, .table = list->table, .object = list->rows + index * list->table->struct_size};
    default:
        return (struct view){.kind = VIEW_ABSENT};
    }
}

bool view_is_list(const struct view *view)
{
    return view->kind == VIEW_LIST || view->kind == VIEW_STRINGS || view->kind == VIEW_REFS || view->kind == VIEW_ROWS;
}

bool view_is_true(const struct view *view)
{
    switch (view->kind) {
    case VIEW_ABSENT:
        return false;
    case VIEW_TEXT:
        return *view->text != '\0';
    case VIEW_INT:
    case VIEW_BOOL:
        return view->number != 0;
    case VIEW_REAL:
        return view->real < 0 || view->real > 0;
    case VIEW_LIST:
    case VIEW_STRINGS:
    case VIEW_REFS:
    case VIEW_ROWS:
        return view->count > 0;
    case VIEW_TIME:
    case VIEW_RAW_JSON:
    case VIEW_OBJECT:
    case VIEW_PAIRS:
        return true;
    }
    return false;
}

const char *view_as_text(const struct view *view, char buffer[static VIEW_NUMBER_BYTES])
{
    switch ((int)view->kind) {
    case VIEW_TEXT:
        return view->text;
    case VIEW_BOOL:
        return view->number ? "true" : "false";
    case VIEW_INT:
        snprintf(buffer, VIEW_NUMBER_BYTES, "%lld", (long long)view->number);
        return buffer;
    case VIEW_REAL:
        snprintf(buffer, VIEW_NUMBER_BYTES, "%.15g", view->real);
        return buffer;
    case VIEW_TIME:
        clock_format_wire(view->number, buffer, VIEW_NUMBER_BYTES);
        return buffer;
    default:
        return NULL;
    }
}

struct view *view_get(const struct view *object, const char *name)
{
    uint32_t hash = view_hash(name, strlen(name));
    for (size_t i = 0; object->kind == VIEW_OBJECT && i < object->count;
         i++) /* the member itself: it may be added to */
        if (object->members[i].hash == hash && strcmp(object->members[i].name, name) == 0)
            return object->members[i].value->kind == VIEW_ABSENT ? NULL : object->members[i].value;
    struct view found = view_find(object, name, hash);
    if (found.kind == VIEW_ABSENT)
        return NULL;
    struct view *copy = ARENA_NEW(object->arena, struct view);
    *copy = found;
    copy->arena = object->arena;
    return copy;
}

const char *view_text(const struct view *object, const char *name)
{
    char buffer[VIEW_NUMBER_BYTES];
    struct view found = view_find(object, name, view_hash(name, strlen(name)));
    const char *text = view_as_text(&found, buffer);
    return text == buffer ? arena_strdup(object->arena, text) : text;
}
