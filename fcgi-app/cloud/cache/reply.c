/* Replies that commands of many features give alike. */
#include "cloud/cache/reply.h"

#include "base/text.h"
#include "cloud/cache/columns.h"

bool reply_described(struct api_call *call, const struct object_kind *kind, int64_t id, bool as_list, struct error *err)
{
    void *object = arena_alloc(call->arena, kind->response->struct_size);
    size_t count = 0;
    if (!kind->describe(call, &id, 1, object, &count, err))
        return false;
    if (count == 0 && !call->plan) {
        error_set(err, ERROR_INTERNAL, "api.internal");
        return error_add_detail(err, "%s %lld is not there", kind->name, (long long)id);
    }
    if (count == 0)
        api_reply_success(call, NULL);
    else if (as_list)
        api_reply_list(call, object, 1, 1);
    else
        api_reply_object(call, object);
    return true;
}

struct starting {
    const struct job_kind *kind;
    const void *input;
    const struct job_target *target;
    struct job_stamp stamp;
    struct job_ref job;
};

static bool start(struct db *db, void *context, struct error *err)
{
    struct starting *starting = context;
    return job_create(db, starting->kind, starting->input, starting->target, &starting->stamp, &starting->job, err);
}

bool reply_job(struct api_call *call, const struct job_kind *kind, const void *input, const struct job_target *target,
               struct error *err)
{
    struct starting starting = {.kind = kind, .input = input, .target = target, .stamp = api_stamp(call)};
    if (!db_transaction(call->db, start, &starting, err))
        return false;
    api_reply_job(call, &starting.job, target->object_uuid);
    return true;
}

static const char *value_of_key(const struct map_list *map, uint32_t index)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].index == index && string_equal(map->entries[i].field, "value"))
            return map->entries[i].value;
    return "";
}

static bool has_key(const struct map_list *map, uint32_t index)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].index == index && string_equal(map->entries[i].field, "key"))
            return true;
    return false;
}

struct pair_list reply_pairs(struct arena *arena, const struct map_list *map)
{
    struct pair_list pairs = {.items = NULL};
    if (map->count == 0)
        return pairs;
    pairs.items = arena_array(arena, map->count, sizeof(struct pair));
    for (size_t i = 0; i < map->count; i++) {
        const struct map_entry *entry = &map->entries[i];
        if (string_equal(entry->field, "key"))
            pairs.items[pairs.count++] = (struct pair){entry->value, value_of_key(map, entry->index)};
        else if (!has_key(map, entry->index))
            pairs.items[pairs.count++] = (struct pair){entry->field, entry->value};
    }
    return pairs;
}

enum { PAIR_SEPARATOR = 0x1e, VALUE_SEPARATOR = 0x1f, PAIRS_BYTES_MAX = 60 * 1024 };

const char *reply_pairs_text(struct arena *arena, const struct pair_list *pairs)
{
    struct text text;
    text_init(&text, arena, PAIRS_BYTES_MAX);
    for (size_t i = 0; i < pairs->count; i++)
        text_addf(&text, "%s%s%c%s", i > 0 ? "\x1e" : "", pairs->items[i].name, VALUE_SEPARATOR, pairs->items[i].value);
    return pairs->count > 0 ? text_string(&text) : NULL;
}

struct pair_list reply_pairs_of(struct arena *arena, const char *text)
{
    struct pair_list pairs = {.items = NULL};
    size_t count = 0;
    const char **items = string_split(arena, text ? text : "", PAIR_SEPARATOR, &count);
    if (count == 0)
        return pairs;
    pairs.items = arena_array(arena, count, sizeof(struct pair));
    for (size_t i = 0; i < count; i++) {
        const char *cut = strchr(items[i], VALUE_SEPARATOR);
        if (cut)
            pairs.items[pairs.count++] =
                (struct pair){arena_strndup(arena, items[i], (size_t)(cut - items[i])), arena_strdup(arena, cut + 1)};
    }
    return pairs;
}

const char *reply_joined(struct arena *arena, const struct string_list *list)
{
    struct text joined;
    text_init(&joined, arena, 64 * 1024);
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_add_char(&joined, ',');
        text_add(&joined, list->items[i]);
    }
    return list->count > 0 ? text_string(&joined) : NULL;
}

FIELD_TABLE(TAGGED_ROW, struct tagged, COLUMN(struct tagged, id), COLUMN(struct tagged, tags));

void reply_tag_lines(struct api_call *call, const struct db_rows *tagged)
{
    const struct tagged *rows = tagged->items;
    size_t room = 0;
    for (size_t i = 0; i < tagged->count; i++)
        room += strlen(rows[i].tags);
    struct tag_line *lines = arena_array(call->arena, page_room(&call->page, room) + 1, sizeof(*lines));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; i < tagged->count; i++) {
        size_t count = 0;
        const char **tags = string_split(call->arena, rows[i].tags, ',', &count);
        for (size_t j = 0; j < count; j++)
            if (page_keyword_matches(&call->page, tags[j]) && page_pick(&pick))
                lines[pick.taken - 1] =
                    (struct tag_line){.id = arena_printf(call->arena, "%lld.%zu", (long long)rows[i].id, j + 1),
                                      .hostid = OPT_INT(rows[i].id),
                                      .poolid = OPT_INT(rows[i].id),
                                      .name = tags[j]};
    }
    api_reply_list(call, lines, pick.taken, pick.total);
}
