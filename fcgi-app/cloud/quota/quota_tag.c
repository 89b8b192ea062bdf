/* Limits of resources whose offering has a tag. Every tag is counted; which of them have limits say two settings. */
#include "base/setting.h"
#include "base/text.h"
#include "cloud/quota/quota_service.h"
#include "cloud/quota/quota_tag_store.h"

SETTING(HOST_TAGS, .name = "resource.limit.host.tags", .category = "Advanced", .default_value = "",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL,
        .help = "Host tags whose instances, processor cores and memory can have limits of their own: a,b");
SETTING(STORAGE_TAGS, .name = "resource.limit.storage.tags", .category = "Advanced", .default_value = "",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL,
        .help = "Storage tags whose volumes and primary storage can have limits of their own: a,b");

enum { TAGS_TEXT_BYTES = 4096, TAG_BYTES_MAX = 64 };

static const struct setting *setting_of(int64_t kind)
{
    switch (kind) {
    case QUOTA_VM:
    case QUOTA_CPU:
    case QUOTA_MEMORY_MIB:
        return &HOST_TAGS;
    case QUOTA_VOLUME:
    case QUOTA_PRIMARY_STORAGE_BYTES:
        return &STORAGE_TAGS;
    default:
        return NULL;
    }
}

/* The next tag of "a, b" from *at on, without blanks; false: no more. Longer ones than the column are left out. */
static bool next_tag(const char **at, char tag[static TAG_BYTES_MAX + 1])
{
    while (*at && **at) {
        const char *end = *at + strcspn(*at, ",");
        const char *from = *at + strspn(*at, " "), *to = end;
        *at = *end ? end + 1 : end;
        while (to > from && to[-1] == ' ')
            to--;
        size_t length = to > from ? (size_t)(to - from) : 0;
        if (length == 0 || length > TAG_BYTES_MAX)
            continue;
        memcpy(tag, from, length);
        tag[length] = '\0';
        return true;
    }
    return false;
}

bool quota_tag_is_limited(int64_t kind, const char *tag)
{
    char text[TAGS_TEXT_BYTES], each[TAG_BYTES_MAX + 1];
    const struct setting *setting = setting_of(kind);
    if (!setting)
        return false;
    setting_text(setting, text, sizeof(text));
    for (const char *at = text; next_tag(&at, each);)
        if (string_equal_ignoring_case(each, tag))
            return true;
    return false;
}

void quota_tags_of(struct arena *arena, int64_t kind, struct string_list *ret_tags)
{
    char text[TAGS_TEXT_BYTES], each[TAG_BYTES_MAX + 1];
    const struct setting *setting = setting_of(kind);
    *ret_tags = (struct string_list){.items = NULL};
    if (!setting)
        return;
    setting_text(setting, text, sizeof(text));
    ret_tags->items = arena_array(arena, strlen(text) + 1, sizeof(const char *));
    for (const char *at = text; next_tag(&at, each);)
        ret_tags->items[ret_tags->count++] = arena_strdup(arena, each);
}

static bool change_tag(struct db *db, const struct owner *owner, const struct quota_change *change, const char *tag,
                       struct error *err)
{
    bool fits = false;
    const struct tag_change to = {change->kind, change->delta, tag, quota_tag_is_limited(change->kind, tag)};
    if (change->delta == 0)
        return true;
    if (!tag_counter_change(db, owner, &to, &fits, err))
        return false;
    if (fits)
        return true;
    if (change->delta < 0)
        return error_with(err, ERROR_INTERNAL, "quota.miscounted", E_TEXT("account", owner->account_name));
    return error_with(err, ERROR_RESOURCE_ALLOCATION, "quota.tag_exceeded",
                      E_TEXT("type", quota_kind_name(change->kind)), E_TEXT("tag", tag),
                      E_TEXT("account", owner->account_name), E_TEXT("domain", owner->domain_uuid),
                      E_INT("requested", change->delta / quota_unit(change->kind)));
}

bool quota_change_tagged(struct db *db, const struct owner *owner, const char *tags, const struct quota_change *changes,
                         size_t count, struct error *err)
{
    char tag[TAG_BYTES_MAX + 1];
    for (const char *at = tags; next_tag(&at, tag);)
        for (size_t i = 0; i < count; i++)
            if (!change_tag(db, owner, &changes[i], tag, err))
                return false;
    return true;
}

const char *quota_counted_tags(struct arena *arena, const char *tags)
{
    struct text counted;
    char tag[TAG_BYTES_MAX + 1];
    text_init(&counted, arena, 255);
    for (const char *at = tags; next_tag(&at, tag);) {
        if (counted.length + strlen(tag) + 1 > 255)
            break;
        if (counted.length > 0)
            text_add_char(&counted, ',');
        text_add(&counted, tag);
    }
    return counted.length > 0 ? text_string(&counted) : NULL;
}

/* ---- reading ---- */

static void add_state(const struct tag_counter_row *rows, size_t count, int64_t holder_id,
                      struct quota_tag_state *state)
{
    for (size_t i = 0; i < count; i++) {
        bool is_it = rows[i].holder_id == holder_id && rows[i].kind == (int64_t)state->state.kind &&
                     string_equal_ignoring_case(rows[i].tag, state->tag);
        if (!is_it)
            continue;
        state->state.used = rows[i].used;
        state->state.limit = rows[i].limit_value.set ? rows[i].limit_value.value : -1;
    }
}

bool quota_tags_of_holders(struct db *db, struct arena *arena, bool of_domains, const int64_t *ids, size_t count,
                           struct quota_tag_states *ret_states, struct error *err)
{
    static const enum quota_kind KINDS[] = {QUOTA_VM, QUOTA_VOLUME, QUOTA_CPU, QUOTA_MEMORY_MIB,
                                            QUOTA_PRIMARY_STORAGE_BYTES};
    struct string_list tags[COUNT_OF(KINDS)];
    struct db_rows rows = {0};
    size_t wanted = 0;
    memset(ret_states, 0, count * sizeof(*ret_states));
    for (size_t k = 0; k < COUNT_OF(KINDS); k++) {
        quota_tags_of(arena, KINDS[k], &tags[k]);
        wanted += tags[k].count;
    }
    if (wanted == 0 || count == 0)
        return true;
    if (!tag_counter_list(db, arena, of_domains, ids, count, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct quota_tag_state *states = arena_array(arena, wanted, sizeof(*states));
        ret_states[i].items = states;
        for (size_t k = 0; k < COUNT_OF(KINDS); k++)
            for (size_t t = 0; t < tags[k].count; t++) {
                struct quota_tag_state *state = &states[ret_states[i].count++];
                *state = (struct quota_tag_state){{KINDS[k], 0, -1}, tags[k].items[t]};
                add_state(rows.items, rows.count, ids[i], state);
            }
    }
    return true;
}

bool quota_set_tag_limit(struct db *db, int64_t account_id, int64_t domain_id, int64_t kind, const char *tag,
                         int64_t wire_limit, struct error *err)
{
    int64_t unit = quota_unit(kind);
    if (!quota_tag_is_limited(kind, tag))
        return error_with(err, ERROR_INVALID_VALUE, "quota.no_such_tag", E_TEXT("tag", tag),
                          E_TEXT("type", quota_kind_name((enum quota_kind)kind)));
    if (wire_limit > INT64_MAX / unit)
        return error_set(err, ERROR_INVALID_VALUE, "quota.limit_too_big");
    return tag_counter_limit(db, account_id == 0, account_id ? account_id : domain_id, kind, tag,
                             wire_limit < 0 ? -1 : wire_limit * unit, err);
}
