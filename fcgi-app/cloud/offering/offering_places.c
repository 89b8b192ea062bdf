/* Where offerings are offered: sets of tenant domains and zones, kept as "3,7" in the cached rows. */
#include <inttypes.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/offering/offering.h"
#include "cloud/zone/zone.h"

enum { PLACES_BYTES_MAX = 64 * 1024 };

int64_t *places_ids(struct arena *arena, const char *ids, size_t *ret_count)
{
    size_t count = 0;
    const char **items = string_split(arena, ids ? ids : "", ',', &count);
    int64_t *numbers = arena_array(arena, count + 1, sizeof(*numbers));
    *ret_count = 0;
    for (size_t i = 0; i < count; i++)
        if (string_to_int(items[i], &numbers[*ret_count]))
            ++*ret_count;
    return numbers;
}

static bool is_in(struct arena *arena, const char *ids, int64_t id)
{
    size_t count;
    const int64_t *numbers = places_ids(arena, ids, &count);
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == id)
            return true;
    return false;
}

static bool path_of(struct db *db, struct arena *arena, int64_t domain_id, const char **ret_path, struct error *err)
{
    struct identity_domain *domain = NULL;
    if (!identity_find_domain_any(db, arena, domain_id, &domain, err))
        return false;
    *ret_path = domain ? domain->path : NULL;
    return true;
}

bool places_allow(struct db *db, struct arena *arena, struct offering_places places, const char *domain_path,
                  int64_t zone_id, bool *ret_allowed, struct error *err)
{
    size_t count;
    const int64_t *domains = places_ids(arena, places.domain_ids, &count);
    bool allowed = count == 0;
    for (size_t i = 0; i < count && !allowed; i++) {
        const char *path;
        if (!path_of(db, arena, domains[i], &path, err))
            return false;
        allowed = path && string_starts_with(domain_path, path);
    }
    *ret_allowed = allowed && (zone_id == 0 || !places.zone_ids || is_in(arena, places.zone_ids, zone_id));
    return true;
}

/* Cuts `path` back to what it shares with `other`, at a slash. */
static const char *shared_path(struct arena *arena, const char *path, const char *other)
{
    size_t shared = 0;
    for (size_t i = 0; path[i] && path[i] == other[i]; i++)
        if (path[i] == '/')
            shared = i + 1;
    return arena_strndup(arena, path, shared);
}

bool places_common_path(struct db *db, struct arena *arena, struct offering_places places, const char **ret_path,
                        struct error *err)
{
    size_t count;
    const int64_t *domains = places_ids(arena, places.domain_ids, &count);
    const char *common = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *path;
        if (!path_of(db, arena, domains[i], &path, err))
            return false;
        if (path)
            common = common ? shared_path(arena, common, path) : path;
    }
    *ret_path = common ? common : "";
    return true;
}

bool places_check_manager(struct db *db, struct arena *arena, struct offering_places places,
                          const struct caller *caller, struct error *err)
{
    if (caller_is_root_admin(caller))
        return true;
    size_t count;
    const int64_t *domains = places_ids(arena, places.domain_ids, &count);
    bool manages = count > 0;
    for (size_t i = 0; i < count && manages; i++) {
        const char *path;
        if (!path_of(db, arena, domains[i], &path, err))
            return false;
        manages = path && string_starts_with(path, caller->domain_path);
    }
    return manages || error_set(err, ERROR_DENIED, "offering.not_yours");
}

static void add_item(struct text *out, const char *item)
{
    if (out->length > 0)
        text_add_char(out, ',');
    text_add(out, item);
}

static const char *text_or_null(const struct text *text)
{
    return text->length > 0 ? text_string(text) : NULL;
}

static bool describe_domains(struct db *db, struct arena *arena, const char *ids, struct text *uuids,
                             struct text *names, struct error *err)
{
    size_t count;
    const int64_t *numbers = places_ids(arena, ids, &count);
    for (size_t i = 0; i < count; i++) {
        struct identity_domain *domain = NULL;
        if (!identity_find_domain_any(db, arena, numbers[i], &domain, err))
            return false;
        if (domain) {
            add_item(uuids, domain->uuid);
            add_item(names, domain->name);
        }
    }
    return true;
}

static bool describe_zones(struct db *db, struct arena *arena, const char *ids, struct text *uuids, struct text *names,
                           struct error *err)
{
    size_t count;
    const int64_t *numbers = places_ids(arena, ids, &count);
    for (size_t i = 0; i < count; i++) {
        const struct zone *zone;
        if (!zone_find(db, arena, numbers[i], &zone, err))
            return false;
        if (zone) {
            add_item(uuids, zone->uuid);
            add_item(names, zone->name);
        }
    }
    return true;
}

bool places_describe(struct db *db, struct arena *arena, struct offering_places places, struct places_text *ret_text,
                     struct error *err)
{
    struct text texts[4];
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        text_init(&texts[i], arena, PLACES_BYTES_MAX);
    if (!describe_domains(db, arena, places.domain_ids, &texts[0], &texts[1], err) ||
        !describe_zones(db, arena, places.zone_ids, &texts[2], &texts[3], err))
        return false;
    *ret_text = (struct places_text){text_or_null(&texts[0]), text_or_null(&texts[1]), text_or_null(&texts[2]),
                                     text_or_null(&texts[3])};
    return true;
}

const char *places_of_refs(struct arena *arena, const struct ref_list *refs)
{
    struct text ids;
    text_init(&ids, arena, PLACES_BYTES_MAX);
    for (size_t i = 0; i < refs->count; i++)
        add_item(&ids, arena_printf(arena, "%" PRId64, refs->items[i].id));
    return text_or_null(&ids);
}

bool places_of_text(struct api_call *call, const char *kind, const char *param, const char *everywhere,
                    const char *text, const char **ret_ids, struct error *err)
{
    size_t count;
    const char **items = string_split(call->arena, text, ',', &count);
    struct ref_list refs = {.items = arena_array(call->arena, count + 1, sizeof(struct object_ref))};
    if (string_equal_ignoring_case(text, everywhere))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        struct object_found found;
        if (!api_resolve(call, kind, param, items[i], &found, err))
            return false;
        refs.items[refs.count++] = (struct object_ref){.id = found.id, .uuid = items[i]};
    }
    *ret_ids = places_of_refs(call->arena, &refs);
    return true;
}
