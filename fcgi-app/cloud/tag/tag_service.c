/* Rules of tags: who sees what is decided before (api), how many an object may carry is decided here. */
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/mark/mark.h"
#include "cloud/tag/tag_store.h"

bool tag_set(struct db *db, const struct tag_entry *entry, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    return tag_store_set(db, entry, uuid, err);
}

bool tag_forget(struct db *db, const char *kind, int64_t object_id, struct error *err)
{
    return tag_store_remove(db, kind, object_id, NULL, NULL, err);
}

bool tag_fill(struct db *db, struct arena *arena, const struct tag_row *rows, size_t count,
              struct tag_response **ret_tags, struct error *err)
{
    struct tag_response *tags = arena_array(arena, count + 1, sizeof(*tags));
    struct shown_owner owner = {0};
    for (size_t i = 0; i < count; i++) {
        const struct tag_row *row = &rows[i];
        bool is_new = i == 0 || row->account_id != row[-1].account_id;
        if (is_new && !identity_show_owner(db, arena, row->account_id, &owner, err))
            return false;
        tags[i] = (struct tag_response){
            .key = row->name,
            .value = row->value,
            .resourcetype = mark_type_of_kind(row->object_kind),
            .resourceid = row->object_uuid,
            .customer = row->customer,
            .owner = owner,
        };
    }
    *ret_tags = tags;
    return true;
}

/* Rows come clustered by object; each object's tags stand together in one array. */
static bool find_some(struct db *db, struct arena *arena, const char *kind, const int64_t *ids, size_t count,
                      struct object_list *ret_lists, struct error *err)
{
    struct db_rows rows;
    for (size_t i = 0; i < count; i++)
        ret_lists[i] = (struct object_list){.items = NULL, .count = 0, .set = true};
    if (!tag_store_find_for(db, arena, kind, ids, count, &rows, err))
        return false;
    struct tag_row *tags = rows.items;
    struct tag_response *filled = NULL;
    for (size_t i = 0; i < rows.count; i++)
        tags[i].object_kind = kind;
    if (!tag_fill(db, arena, tags, rows.count, &filled, err))
        return false;
    for (size_t first = 0, end; first < rows.count; first = end) {
        for (end = first + 1; end < rows.count && tags[end].object_id == tags[first].object_id; end++)
            ;
        for (size_t i = 0; i < count; i++)
            if (ids[i] == tags[first].object_id)
                ret_lists[i] = (struct object_list){.items = filled + first, .count = end - first, .set = true};
    }
    return true;
}

bool tag_find_for(struct db *db, struct arena *arena, const char *kind, const int64_t *ids, size_t count,
                  struct object_list *ret_lists, struct error *err)
{
    for (size_t first = 0; first < count; first += TAG_OBJECTS_MAX) {
        size_t some = count - first < TAG_OBJECTS_MAX ? count - first : TAG_OBJECTS_MAX;
        if (!find_some(db, arena, kind, ids + first, some, ret_lists + first, err))
            return false;
    }
    return true;
}

static bool add_filter_entry(const struct map_list *tags, uint32_t index, struct tag_filter *filter, struct error *err)
{
    const char *key = NULL, *value = NULL;
    for (size_t i = 0; i < tags->count; i++) {
        if (tags->entries[i].index != index)
            continue;
        if (string_equal(tags->entries[i].field, "key"))
            key = tags->entries[i].value;
        else if (string_equal(tags->entries[i].field, "value"))
            value = tags->entries[i].value;
    }
    if (key == NULL || value == NULL)
        return error_set(err, ERROR_PARAMETER, "tag.filter_incomplete");
    if (filter->count == TAG_FILTER_MAX)
        return error_with(err, ERROR_PARAMETER, "tag.filter_too_many", E_INT("max", TAG_FILTER_MAX));
    filter->key[filter->count] = key;
    filter->value[filter->count++] = value;
    return true;
}

bool tag_read_filter(const struct map_list *tags, struct tag_filter *ret_filter, struct error *err)
{
    struct tag_filter filter = {.count = 0};
    for (size_t i = 0; i < tags->count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || tags->entries[j].index == tags->entries[i].index;
        if (!seen && !add_filter_entry(tags, tags->entries[i].index, &filter, err))
            return false;
    }
    *ret_filter = filter;
    return true;
}

bool tag_filter_matches(const struct tag_filter *filter, const struct object_list *tags)
{
    const struct tag_response *items = tags->items;
    for (size_t i = 0; i < tags->count; i++)
        for (size_t j = 0; j < filter->count; j++)
            if (string_equal(items[i].key, filter->key[j]) && string_equal(items[i].value, filter->value[j]))
                return true;
    return filter->count == 0;
}
