/* Which offerings a caller sees, and in which order: alike for service and disk offerings. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/offering/offering_api.h"

/* Tenants see what is offered to them; a domain admin also what is offered below him; root sees all. */
static bool may_see(struct api_call *call, const struct offering_listed *offering, bool *ret_may, struct error *err)
{
    const struct caller *caller = call->caller;
    const char *common;
    *ret_may = true;
    if (caller_is_root_admin(caller))
        return true;
    if (!places_allow(call->db, call->arena, offering->places, caller->domain_path, 0, ret_may, err) ||
        !places_common_path(call->db, call->arena, offering->places, &common, err))
        return false;
    bool manages = caller->role_type != ROLE_USER && *common && string_starts_with(common, caller->domain_path);
    *ret_may = (*ret_may && offering->is_shown && string_equal(offering->state, "Active")) || manages;
    return true;
}

/* An id finds an offering in any state. */
static bool matches(const struct api_call *call, const struct offering_filter *filter,
                    const struct offering_listed *offering)
{
    const char *state = filter->state ? filter->state : "Active";
    bool any_state = filter->id != 0 || string_equal_ignoring_case(state, "all");
    return (filter->id == 0 || filter->id == offering->id) &&
           (!filter->name || string_equal_ignoring_case(filter->name, offering->name)) &&
           page_keyword_matches(&call->page, offering->name) &&
           (any_state || string_equal_ignoring_case(state, offering->state)) &&
           (!filter->storage_type || string_equal_ignoring_case(filter->storage_type, offering->storage_type));
}

static bool is_wanted(struct api_call *call, const struct offering_filter *filter,
                      const struct offering_listed *offering, bool *ret_wanted, struct error *err)
{
    struct offering_places places = offering->places;
    const char *path = call->caller->domain_path;
    *ret_wanted = matches(call, filter, offering);
    if (!*ret_wanted)
        return true;
    if (!may_see(call, offering, ret_wanted, err))
        return false;
    if (!*ret_wanted || (filter->zone_id == 0 && filter->domain_id == 0))
        return true;
    if (filter->domain_id == 0)
        places.domain_ids = NULL;
    else if (!offering_domain_path(call, filter->domain_id, &path, err))
        return false;
    return places_allow(call->db, call->arena, places, path, filter->zone_id, ret_wanted, err);
}

static int by_sort_key(const void *a, const void *b)
{
    const struct offering_listed *left = a, *right = b;
    if (left->sort_key != right->sort_key)
        return left->sort_key < right->sort_key ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

bool offering_list(struct api_call *call, const struct offering_filter *filter, struct offering_listed *offerings,
                   size_t *count, struct error *err)
{
    size_t wanted_count = 0;
    for (size_t i = 0; i < *count; i++) {
        bool wanted;
        if (!is_wanted(call, filter, &offerings[i], &wanted, err))
            return false;
        if (wanted)
            offerings[wanted_count++] = offerings[i];
    }
    qsort(offerings, wanted_count, sizeof(*offerings), by_sort_key);
    *count = wanted_count;
    return true;
}
