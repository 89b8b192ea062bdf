/* Marks on the objects of replies. An object is known by its member "id". */
#include "api/marks.h"

#include "api/call.h"
#include "api/parse.h"

enum { MARKS_MAX = 8 };
static const struct api_mark *marks[MARKS_MAX];
static size_t mark_count;

void api_register_mark(const struct api_mark *mark)
{
    if (mark_count == MARKS_MAX)
        abort();
    marks[mark_count++] = mark;
}

static bool is_wanted(const struct api_call *call, const struct api_mark *mark)
{
    if (!mark->param)
        return true;
    return call->wire && call->command && call->command->params && field_find(call->command->params, mark->param) &&
           parse_is_true(parse_find(call->wire, mark->param));
}

static bool apply_one(struct api_call *call, const struct api_mark *mark, const struct field_table *table,
                      void *objects, size_t count, struct error *err)
{
    const struct field *id = field_find(table, "id"), *field = field_find(table, mark->member);
    const char *uuids[MARK_OBJECTS_MAX];
    void *members[MARK_OBJECTS_MAX];
    if (!id || id->type != FIELD_STRING || !field || field->no_effect)
        return true;
    for (size_t first = 0; first < count; first += MARK_OBJECTS_MAX) {
        size_t part = count - first < MARK_OBJECTS_MAX ? count - first : MARK_OBJECTS_MAX;
        for (size_t i = 0; i < part; i++) {
            void *object = (char *)objects + (first + i) * table->struct_size;
            uuids[i] = *(const char **)field_at(id, object);
            members[i] = field_at(field, object);
        }
        if (!mark->fill(call, field, uuids, members, part, err))
            return false;
    }
    return true;
}

bool marks_apply_to(struct api_call *call, const struct field_table *table, void *objects, size_t count,
                    struct error *err)
{
    for (size_t i = 0; count > 0 && i < mark_count; i++)
        if (is_wanted(call, marks[i]) && !apply_one(call, marks[i], table, objects, count, err))
            return false;
    return true;
}

static bool has_marks(const struct field_table *table)
{
    for (size_t i = 0; table && i < mark_count; i++)
        if (field_find(table, marks[i]->member))
            return true;
    return false;
}

/* Handlers may answer with objects they keep; what is marked is a copy. */
bool marks_apply(struct api_call *call, struct error *err)
{
    struct api_reply *reply = call->reply;
    size_t count = reply->form == REPLY_OBJECT ? 1 : reply->form == REPLY_LIST ? reply->count : 0;
    if (count == 0 || !has_marks(reply->table))
        return true;
    void *copy = arena_array(call->arena, count, reply->table->struct_size);
    memcpy(copy, reply->objects, count * reply->table->struct_size);
    reply->objects = copy;
    return marks_apply_to(call, reply->table, copy, count, err);
}
