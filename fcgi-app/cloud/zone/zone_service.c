/* Rules of zones, and what other features ask of them. */
#include "cloud/zone/zone_service.h"

#include "base/clock.h"
#include "base/ip4.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"

bool zone_is_basic(const struct zone *zone)
{
    return string_equal(zone->network_type, "Basic");
}

bool zone_is_enabled(const struct zone *zone)
{
    return string_equal(zone->allocation_state, "Enabled");
}

bool zone_is_offered_to(struct db *db, struct arena *arena, const struct zone *zone, const char *domain_path,
                        bool *ret_offered, struct error *err)
{
    struct identity_domain *domain = NULL;
    *ret_offered = true;
    if (zone->domain_id == 0)
        return true;
    if (!identity_find_domain_any(db, arena, zone->domain_id, &domain, err))
        return false;
    *ret_offered = domain && string_starts_with(domain_path, domain->path);
    return true;
}

bool zone_check_usable(struct db *db, struct arena *arena, int64_t zone_id, const struct caller *caller,
                       const struct owner *owner, const struct zone **ret_zone, struct error *err)
{
    const struct zone *zone = NULL;
    bool offered = false;
    if (!zone_find(db, arena, zone_id, &zone, err))
        return false;
    if (!zone)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    if (!zone_is_enabled(zone) && !caller_is_root_admin(caller))
        return error_with(err, ERROR_DENIED, "zone.disabled", E_TEXT("name", zone->name));
    if (!zone_is_offered_to(db, arena, zone, owner->domain_path, &offered, err))
        return false;
    if (!offered && !caller_is_root_admin(caller))
        return error_with(err, ERROR_DENIED, "zone.not_offered", E_TEXT("name", zone->name));
    *ret_zone = zone;
    return true;
}

bool zone_read_allocation_state(const char *text, const char **ret_state, struct error *err)
{
    static const char *const STATES[] = {"Enabled", "Disabled"};
    for (size_t i = 0; text && i < COUNT_OF(STATES); i++)
        if (string_equal_ignoring_case(text, STATES[i])) {
            *ret_state = STATES[i];
            return true;
        }
    return !text || error_with(err, ERROR_INVALID_VALUE, "zone.unknown_state", E_TEXT("value", text));
}

static bool check_address(const char *what, const char *address, bool v6, struct error *err)
{
    if (string_is_empty(address) || (v6 ? ip6_is_address(address) : ip_is_address(address)))
        return true;
    return error_with(err, ERROR_INVALID_VALUE, "zone.bad_address", E_TEXT("parameter", what),
                      E_TEXT("value", address));
}

static bool check_zone(const struct zone *zone, struct error *err)
{
    struct ip4_network network;
    if (string_is_empty(zone->name))
        return error_set(err, ERROR_INVALID_VALUE, "zone.name_empty");
    if (!check_address("dns1", zone->dns1, false, err) || !check_address("dns2", zone->dns2, false, err) ||
        !check_address("ip6dns1", zone->ip6_dns1, true, err) || !check_address("ip6dns2", zone->ip6_dns2, true, err) ||
        !check_address("internaldns1", zone->internal_dns1, false, err) ||
        !check_address("internaldns2", zone->internal_dns2, false, err))
        return false;
    if (!string_is_empty(zone->guest_cidr) && !ip4_parse_cidr(zone->guest_cidr, &network))
        return error_with(err, ERROR_INVALID_VALUE, "zone.bad_cidr", E_TEXT("value", zone->guest_cidr));
    return true;
}

/* The unique key on names speaks for itself. */
static bool name_taken(struct error *err, const char *name)
{
    if (err && err->kind == ERROR_IN_USE)
        return error_with(err, ERROR_INVALID_VALUE, "zone.name_taken", E_TEXT("name", name));
    return false;
}

struct zone_change {
    const struct zone *row;
    const struct pair_list *details;
    int64_t id;
};

static bool create_zone(struct db *db, void *context, struct error *err)
{
    struct zone_change *change = context;
    return zone_store_add(db, change->row, &change->id, err);
}

bool zone_create(struct db *db, const struct zone *wish, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES], token[UUID_BYTES];
    struct zone row = *wish;
    struct zone_change change = {.row = &row};
    bool basic = string_equal_ignoring_case(wish->network_type, "Basic");
    if (!basic && !string_equal_ignoring_case(wish->network_type, "Advanced"))
        return error_with(err, ERROR_INVALID_VALUE, "zone.unknown_type", E_TEXT("value", wish->network_type));
    if (!check_zone(wish, err))
        return false;
    uuid_random(uuid);
    uuid_random(token);
    row.network_type = basic ? "Basic" : "Advanced";
    row.id = 0;
    row.uuid = uuid;
    row.token = token;
    row.dhcp_provider = "VirtualRouter";
    row.security_groups = wish->security_groups || basic;
    row.created = OPT_TIME(clock_now_ms());
    if (!basic && !row.guest_cidr)
        row.guest_cidr = "10.1.1.0/24";
    if (!db_transaction(db, create_zone, &change, err))
        return name_taken(err, wish->name);
    *ret_id = change.id;
    return true;
}

static bool update_zone(struct db *db, void *context, struct error *err)
{
    const struct zone_change *change = context;
    for (size_t i = 0; i < change->details->count; i++)
        if (!zone_store_set_detail(db, change->row->id, change->details->items[i].name, change->details->items[i].value,
                                   err))
            return false;
    return zone_hold(db, change->row->id, err) && zone_store_update(db, change->row, err);
}

bool zone_update(struct db *db, const struct zone *changed, const struct pair_list *details, struct error *err)
{
    struct zone_change change = {.row = changed, .details = details};
    if (!check_zone(changed, err))
        return false;
    return db_transaction(db, update_zone, &change, err) || name_taken(err, changed->name);
}

/* ---- removing places ---- */

struct removal {
    struct arena *arena;
    enum zone_level level;
    int64_t id;
};

/* Marked removed first: whoever puts something into the place holds its row, so what was put there by then is counted
 * below. */
static bool remove_body(struct db *db, void *context, struct error *err)
{
    const struct removal *removal = context;
    struct place_content content = {0};
    bool removed;
    if (!place_store_remove(db, removal->level, removal->id, &removed, err) ||
        !place_store_content(db, removal->arena, removal->level, removal->id, &content, err))
        return false;
    const struct {
        int64_t count;
        const char *key;
    } reasons[] = {{content.pods, "zone.has_pods"},
                   {content.clusters, "zone.has_clusters"},
                   {content.hosts, "zone.has_hosts"},
                   {content.pools, "zone.has_pools"},
                   {content.image_stores, "zone.has_image_stores"},
                   {content.physical_networks, "zone.has_physical_networks"}};
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].count > 0)
            return error_with(err, ERROR_IN_USE, reasons[i].key, E_INT("n", reasons[i].count));
    return removed || error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
}

bool place_remove(struct db *db, struct arena *arena, enum zone_level level, int64_t id, struct error *err)
{
    struct removal removal = {.arena = arena, .level = level, .id = id};
    return db_transaction(db, remove_body, &removal, err);
}
