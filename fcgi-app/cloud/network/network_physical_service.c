/* Rules of physical networks, traffic types, providers and virtual router elements. */
#include "cloud/network/network_physical.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/network/network_store.h"
#include "cloud/zone/zone.h"

static const char *new_uuid(struct arena *arena)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    return arena_strdup(arena, uuid);
}

static bool gone(struct error *err)
{
    return error_set(err, ERROR_INVALID_VALUE, "network.physical_gone");
}

static bool find_physical(struct db *db, struct arena *arena, int64_t id, const struct physical_network **ret_physical,
                          struct error *err)
{
    return physical_network_find(db, arena, id, NULL, ret_physical, err) && (*ret_physical || gone(err));
}

bool physical_network_is_vxlan(const struct physical_network *physical)
{
    return network_list_has(physical->isolation_methods, "VXLAN") &&
           !network_list_has(physical->isolation_methods, "VLAN");
}

/* ---- physical networks ---- */

static bool check_isolation(struct arena *arena, const char *methods, struct error *err)
{
    static const char KNOWN[] = "VLAN,VXLAN,GRE,STT,BCF_SEGMENT,ODL,L3VPN,VCS,L3,SSP,NSX,NETRIS";
    size_t count;
    const char **items = string_split(arena, methods ? methods : "", ',', &count);
    for (size_t i = 0; i < count; i++)
        if (!network_list_has(KNOWN, items[i]))
            return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "isolationmethods"),
                              E_TEXT("value", items[i]));
    return count <= 1 || error_set(err, ERROR_INVALID_VALUE, "network.one_isolation_method");
}

static bool check_physical(struct db *db, struct arena *arena, const struct physical_network *wish, struct error *err)
{
    const struct zone *zone = NULL;
    if (!zone_find(db, arena, wish->zone_id, &zone, err))
        return false;
    if (!zone)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    if (zone_is_basic(zone) && !string_is_empty(wish->vlan))
        return error_set(err, ERROR_INVALID_VALUE, "network.basic_without_vlans");
    if (!string_equal(wish->broadcast_domain_range, "ZONE") && !string_equal(wish->broadcast_domain_range, "POD"))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "broadcastdomainrange"),
                          E_TEXT("value", wish->broadcast_domain_range));
    if (string_is_empty(wish->name))
        return error_set(err, ERROR_INVALID_VALUE, "network.name_empty");
    return check_isolation(arena, wish->isolation_methods, err);
}

struct physical_creation {
    struct arena *arena;
    const struct physical_network *row;
    const struct segment_range *ranges;
    size_t range_count;
    int64_t id;
};

static bool create_physical(struct db *db, void *context, struct error *err)
{
    struct physical_creation *creation = context;
    return zone_hold(db, creation->row->zone_id, err) &&
           physical_network_store_add(db, creation->row, &creation->id, err) &&
           segment_ranges_replace(db, creation->arena, creation->id, creation->ranges, creation->range_count, err);
}

bool physical_network_create(struct db *db, struct arena *arena, const struct physical_network *wish, int64_t *ret_id,
                             char *ret_uuid, struct error *err)
{
    struct physical_network row = *wish;
    struct physical_creation creation = {.arena = arena, .row = &row};
    struct segment_range *ranges = NULL;
    row.id = 0;
    row.uuid = new_uuid(arena);
    row.state = "Disabled";
    row.created = OPT_TIME(clock_now_ms());
    if (!check_physical(db, arena, wish, err) ||
        !segment_ranges_parse(arena, wish->vlan, physical_network_is_vxlan(wish), &ranges, &creation.range_count, err))
        return false;
    creation.ranges = ranges;
    if (!db_transaction(db, create_physical, &creation, err)) {
        if (err && err->kind == ERROR_IN_USE)
            return error_with(err, ERROR_INVALID_VALUE, "network.physical_name_taken", E_TEXT("name", wish->name));
        return false;
    }
    *ret_id = creation.id;
    if (ret_uuid)
        string_copy(ret_uuid, UUID_BYTES, row.uuid);
    return true;
}

bool physical_network_complete(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    if (!physical_network_hold(db, id, err))
        return false;
    for (size_t i = 0; NETWORK_PROVIDERS[i]; i++) {
        const struct network_provider provider = {.name = NETWORK_PROVIDERS[i], .physical_network_id = id};
        int64_t provider_id;
        if (!network_provider_create(db, arena, &provider, &provider_id, NULL, err))
            return false;
    }
    return true;
}

bool physical_network_change(struct db *db, struct arena *arena, const struct physical_network_update *update,
                             struct error *err)
{
    const struct physical_network *before = NULL;
    struct segment_range *ranges = NULL;
    size_t count = 0;
    if (!physical_network_hold(db, update->id, err) || !find_physical(db, arena, update->id, &before, err))
        return false;
    struct physical_network row = *before;
    row.network_speed = update->network_speed ? update->network_speed : row.network_speed;
    row.tags = update->tags ? update->tags : row.tags;
    row.vlan = update->vlan ? update->vlan : row.vlan;
    if (update->state && (row.state = network_state_word(update->state)) == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "state"),
                          E_TEXT("value", update->state));
    if (update->vlan &&
        (!check_physical(db, arena, &row, err) ||
         !segment_ranges_parse(arena, row.vlan, physical_network_is_vxlan(&row), &ranges, &count, err) ||
         !segment_ranges_replace(db, arena, row.id, ranges, count, err)))
        return false;
    return physical_network_store_update(db, &row, err);
}

static bool drop_parts(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    const struct network_provider *providers = NULL;
    const struct traffic_type *types = NULL;
    size_t count = 0;
    if (!network_provider_all(db, arena, &providers, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (providers[i].physical_network_id == id && !network_provider_store_remove(db, providers[i].id, err))
            return false;
    if (!traffic_type_all(db, arena, &types, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (types[i].physical_network_id == id && !traffic_type_drop(db, arena, types[i].id, err))
            return false;
    return true;
}

bool physical_network_drop(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    int64_t guests = 0;
    if (!physical_network_hold(db, id, err) || !physical_network_count_networks(db, arena, id, "Guest", &guests, err))
        return false;
    if (guests > 0)
        return error_with(err, ERROR_IN_USE, "network.physical_has_networks", E_INT("n", guests));
    return drop_parts(db, arena, id, err) && segment_ranges_replace(db, arena, id, NULL, 0, err) &&
           physical_network_store_remove(db, id, err);
}

/* ---- traffic types ---- */

struct traffic_creation {
    const struct traffic_type *row;
    int64_t id;
};

static bool create_traffic(struct db *db, void *context, struct error *err)
{
    struct traffic_creation *creation = context;
    return physical_network_hold(db, creation->row->physical_network_id, err) &&
           traffic_type_store_add(db, creation->row, &creation->id, err);
}

bool traffic_type_create(struct db *db, struct arena *arena, const struct traffic_type *wish, int64_t *ret_id,
                         char *ret_uuid, struct error *err)
{
    const struct physical_network *physical = NULL;
    const struct zone *zone = NULL;
    struct traffic_type row = *wish;
    struct traffic_creation creation = {.row = &row};
    row.traffic_type = network_traffic_word(wish->traffic_type);
    row.id = 0;
    row.uuid = new_uuid(arena);
    row.created = OPT_TIME(clock_now_ms());
    if (!row.traffic_type || string_equal(row.traffic_type, "Control"))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "traffictype"),
                          E_TEXT("value", wish->traffic_type));
    if (!find_physical(db, arena, wish->physical_network_id, &physical, err) ||
        !zone_find(db, arena, physical->zone_id, &zone, err))
        return false;
    if (!db_transaction(db, create_traffic, &creation, err)) {
        if (err && err->kind == ERROR_IN_USE)
            return error_with(err, ERROR_INVALID_VALUE, "network.traffic_type_there", E_TEXT("type", row.traffic_type));
        return false;
    }
    *ret_id = creation.id;
    if (ret_uuid)
        string_copy(ret_uuid, UUID_BYTES, row.uuid);
    return true;
}

bool traffic_type_complete(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    const struct traffic_type *type = NULL;
    const struct physical_network *physical = NULL;
    int64_t network_id = 0, there = 0;
    if (!traffic_type_find(db, arena, id, NULL, &type, err))
        return false;
    if (!type)
        return error_set(err, ERROR_INVALID_VALUE, "network.traffic_type_gone");
    if (!physical_network_hold(db, type->physical_network_id, err) ||
        !find_physical(db, arena, type->physical_network_id, &physical, err) ||
        !physical_network_count_networks(db, arena, physical->id, type->traffic_type, &there, err))
        return false;
    if (string_equal(type->traffic_type, "Guest") || there > 0)
        return true;
    bool tagged = string_equal(type->traffic_type, "Public");
    const struct network system = {.uuid = new_uuid(arena),
                                   .name = arena_printf(arena, "%s network of %s", type->traffic_type, physical->name),
                                   .display_text =
                                       arena_printf(arena, "%s network of %s", type->traffic_type, physical->name),
                                   .traffic_type = type->traffic_type,
                                   .acl_type = "Domain",
                                   .state = "Implemented",
                                   .broadcast_type = tagged ? "Vlan" : "Native",
                                   .zone_id = physical->zone_id,
                                   .physical_network_id = physical->id,
                                   .domain_path = "/",
                                   .is_system = true,
                                   .display = true,
                                   .subdomain_access = true,
                                   .created = OPT_TIME(clock_now_ms())};
    return network_store_add(db, &system, &network_id, err);
}

bool traffic_type_change(struct db *db, struct arena *arena, const struct traffic_type *labels, struct error *err)
{
    const struct traffic_type *before = NULL;
    if (!traffic_type_find(db, arena, labels->id, NULL, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "network.traffic_type_gone");
    struct traffic_type row = *before;
    row.xen_label = labels->xen_label ? labels->xen_label : row.xen_label;
    row.kvm_label = labels->kvm_label ? labels->kvm_label : row.kvm_label;
    row.vmware_label = labels->vmware_label ? labels->vmware_label : row.vmware_label;
    row.hyperv_label = labels->hyperv_label ? labels->hyperv_label : row.hyperv_label;
    row.ovm3_label = labels->ovm3_label ? labels->ovm3_label : row.ovm3_label;
    return traffic_type_store_update(db, &row, err);
}

bool traffic_type_drop(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    const struct traffic_type *type = NULL;
    struct db_rows rows;
    int64_t guests = 0;
    if (!traffic_type_find(db, arena, id, NULL, &type, err))
        return false;
    if (!type)
        return error_set(err, ERROR_INVALID_VALUE, "network.traffic_type_gone");
    bool is_guest = string_equal(type->traffic_type, "Guest");
    if (!physical_network_hold(db, type->physical_network_id, err) ||
        (is_guest && !physical_network_count_networks(db, arena, type->physical_network_id, "Guest", &guests, err)))
        return false;
    if (guests > 0)
        return error_with(err, ERROR_IN_USE, "network.traffic_type_used", E_TEXT("type", type->traffic_type),
                          E_INT("n", guests));
    if (!network_store_system(db, arena, type->physical_network_id, type->traffic_type, &rows, err))
        return false;
    const struct network *systems = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!network_store_remove_empty(db, &systems[i], err))
            return false;
    return traffic_type_store_remove(db, id, err);
}

bool traffic_type_find_carrier(struct db *db, struct arena *arena, int64_t zone_id, const char *traffic_type,
                               int64_t *ret_id, bool *ret_several, struct error *err)
{
    const struct traffic_type *types = NULL;
    size_t count = 0;
    if (!traffic_type_all(db, arena, &types, &count, err))
        return false;
    *ret_id = 0;
    *ret_several = false;
    for (size_t i = 0; i < count; i++) {
        const struct physical_network *physical = NULL;
        if (!string_equal(types[i].traffic_type, traffic_type))
            continue;
        if (!physical_network_find(db, arena, types[i].physical_network_id, NULL, &physical, err))
            return false;
        if (!physical || physical->zone_id != zone_id)
            continue;
        *ret_several = *ret_id != 0;
        *ret_id = *ret_id ? *ret_id : physical->id;
    }
    return true;
}

/* ---- providers ---- */

bool network_provider_named(struct db *db, struct arena *arena, int64_t physical_network_id, const char *name,
                            const struct network_provider **ret_provider, struct error *err)
{
    const struct network_provider *rows = NULL;
    size_t count = 0;
    if (!network_provider_all(db, arena, &rows, &count, err))
        return false;
    *ret_provider = NULL;
    for (size_t i = 0; i < count; i++)
        if (rows[i].physical_network_id == physical_network_id && string_equal_ignoring_case(rows[i].name, name))
            *ret_provider = &rows[i];
    return true;
}

static bool check_services(struct arena *arena, const char *provider, const char *services, struct error *err)
{
    size_t count;
    const char *offered = network_provider_services(arena, provider),
               **items = string_split(arena, services, ',', &count);
    for (size_t i = 0; i < count; i++)
        if (!network_list_has(offered, items[i]))
            return error_with(err, ERROR_INVALID_VALUE, "network.provider_lacks_service", E_TEXT("provider", provider),
                              E_TEXT("service", items[i]));
    return true;
}

struct provider_creation {
    struct arena *arena;
    const struct network_provider *row;
    int64_t id;
};

static bool create_provider(struct db *db, void *context, struct error *err)
{
    struct provider_creation *creation = context;
    struct virtual_router_element element = {.uuid = new_uuid(creation->arena)};
    int64_t element_id;
    if (!physical_network_hold(db, creation->row->physical_network_id, err) ||
        !network_provider_store_add(db, creation->row, &creation->id, err))
        return false;
    element.provider_id = creation->id;
    return !network_provider_has_element(creation->row->name) ||
           virtual_router_element_store_add(db, &element, &element_id, err);
}

bool network_provider_create(struct db *db, struct arena *arena, const struct network_provider *wish, int64_t *ret_id,
                             char *ret_uuid, struct error *err)
{
    struct network_provider row = *wish;
    struct provider_creation creation = {.arena = arena, .row = &row};
    row.id = 0;
    row.uuid = new_uuid(arena);
    row.name = network_provider_word(wish->name);
    row.state = "Disabled";
    row.created = OPT_TIME(clock_now_ms());
    if (!row.name)
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_provider", E_TEXT("name", wish->name));
    row.services = wish->services ? wish->services : network_provider_services(arena, row.name);
    if (!check_services(arena, row.name, row.services, err))
        return false;
    if (!db_transaction(db, create_provider, &creation, err)) {
        if (err && err->kind == ERROR_IN_USE)
            return error_with(err, ERROR_INVALID_VALUE, "network.provider_there", E_TEXT("name", row.name));
        return false;
    }
    *ret_id = creation.id;
    if (ret_uuid)
        string_copy(ret_uuid, UUID_BYTES, row.uuid);
    return true;
}

/* A router provider works only when its element is configured. */
static bool check_element(struct db *db, struct arena *arena, const struct network_provider *provider,
                          struct error *err)
{
    const struct virtual_router_element *rows = NULL;
    size_t count = 0;
    bool enabled = !network_provider_has_element(provider->name);
    if (!virtual_router_element_all(db, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        enabled = enabled || (rows[i].provider_id == provider->id && rows[i].enabled);
    return enabled ||
           error_with(err, ERROR_RESOURCE_UNAVAILABLE, "network.element_disabled", E_TEXT("name", provider->name));
}

static bool find_provider(struct db *db, struct arena *arena, int64_t id, const struct network_provider **ret_provider,
                          struct error *err)
{
    return network_provider_find(db, arena, id, NULL, ret_provider, err) &&
           (*ret_provider || error_set(err, ERROR_INVALID_VALUE, "network.provider_gone"));
}

bool network_provider_change(struct db *db, struct arena *arena, int64_t id, const char *state, const char *services,
                             struct error *err)
{
    const struct network_provider *before = NULL;
    if (!find_provider(db, arena, id, &before, err))
        return false;
    struct network_provider row = *before;
    row.services = services ? services : row.services;
    if (state && string_equal_ignoring_case(state, "Shutdown"))
        row.state = "Shutdown";
    else if (state && (row.state = network_state_word(state)) == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "state"),
                          E_TEXT("value", state));
    if (!check_services(arena, row.name, row.services, err) ||
        (string_equal(row.state, "Enabled") && !check_element(db, arena, &row, err)))
        return false;
    return physical_network_hold(db, row.physical_network_id, err) && network_provider_store_update(db, &row, err);
}

bool network_provider_drop(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    const struct network_provider *provider = NULL;
    int64_t users = 0;
    if (!find_provider(db, arena, id, &provider, err) ||
        !physical_network_hold(db, provider->physical_network_id, err) ||
        !network_store_count_provider(db, arena, provider->physical_network_id, provider->name, &users, err))
        return false;
    if (users > 0)
        return error_with(err, ERROR_IN_USE, "network.provider_used", E_TEXT("name", provider->name),
                          E_INT("n", users));
    return network_provider_store_remove(db, id, err);
}

bool virtual_router_element_set(struct db *db, struct arena *arena, int64_t id, bool enabled, struct error *err)
{
    const struct virtual_router_element *before = NULL;
    if (!virtual_router_element_find(db, arena, id, NULL, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "network.element_gone");
    struct virtual_router_element row = *before;
    row.enabled = enabled;
    return virtual_router_element_store_update(db, &row, err);
}
