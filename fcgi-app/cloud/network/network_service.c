/* Rules of networks: who makes which, where, and who may use it. */
#include "cloud/network/network_service.h"

#include "base/clock.h"
#include "base/ip4.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_place.h"
#include "cloud/quota/quota.h"

static const char DEFAULT_GUEST_CIDR[] = "10.1.1.0/24";

bool network_is_shared(const struct network *network)
{
    return network->account_id == 0 && !network->is_system;
}

bool network_is_shared_with(const struct network *network, int64_t domain_id, const char *domain_path)
{
    return network_is_shared(network) &&
           (network->domain_id == domain_id ||
            (network->subdomain_access && string_starts_with(domain_path, network->domain_path)));
}

bool network_is_usable(struct db *db, struct arena *arena, const struct network *network, const struct caller *caller,
                       const struct owner *owner, bool *ret_usable, struct error *err)
{
    (void)db;
    (void)arena;
    (void)err;
    *ret_usable = string_equal(network->traffic_type, "Guest") &&
                  (caller_is_root_admin(caller) || network->account_id == owner->account_id ||
                   network_is_shared_with(network, owner->domain_id, owner->domain_path));
    return true;
}

bool network_traffic_label(struct db *db, struct arena *arena, const struct network *network, const char *hypervisor,
                           const char **ret_label, struct error *err)
{
    const struct traffic_type *types = NULL;
    size_t count = 0;
    if (!traffic_type_all(db, arena, &types, &count, err))
        return false;
    *ret_label = NULL;
    for (size_t i = 0; i < count; i++) {
        if (types[i].physical_network_id != network->physical_network_id ||
            !string_equal(types[i].traffic_type, network->traffic_type))
            continue;
        const struct {
            const char *hypervisor, *label;
        } labels[] = {{"KVM", types[i].kvm_label},
                      {"XenServer", types[i].xen_label},
                      {"VMware", types[i].vmware_label},
                      {"Hyperv", types[i].hyperv_label},
                      {"Ovm3", types[i].ovm3_label}};
        for (size_t j = 0; j < COUNT_OF(labels); j++)
            if (string_equal_ignoring_case(labels[j].hypervisor, hypervisor))
                *ret_label = labels[j].label;
    }
    return true;
}

/* ---- making one ---- */

static bool bad(struct error *err, const char *parameter, const char *value)
{
    return error_with(err, ERROR_INVALID_VALUE, "network.bad_address", E_TEXT("parameter", parameter),
                      E_TEXT("value", value ? value : ""));
}

static const char *ip_text(struct arena *arena, uint32_t ip)
{
    char text[IP4_TEXT_BYTES];
    ip4_format(ip, text);
    return arena_strdup(arena, text);
}

bool network_fill_cidr(struct arena *arena, const struct network_wish *wish, const char *default_cidr,
                       struct network *network, struct error *err)
{
    enum { WIDEST = 8, NARROWEST = 30 };
    char text[IP4_CIDR_BYTES];
    struct ip4_network net;
    uint32_t gateway;
    if ((wish->gateway == NULL) != (wish->netmask == NULL))
        return error_set(err, ERROR_INVALID_VALUE, "network.gateway_and_netmask");
    if (!wish->gateway && !default_cidr)
        return true;
    if (wish->gateway) {
        if (!ip4_parse(wish->gateway, &gateway))
            return bad(err, "gateway", wish->gateway);
        if (!ip4_parse_netmask(wish->netmask, &net.bits))
            return bad(err, "netmask", wish->netmask);
        net.address = gateway & ip4_mask(net.bits);
    } else {
        if (!ip4_parse_cidr(default_cidr, &net))
            return bad(err, "cidr", default_cidr);
        gateway = net.address + 1;
    }
    if (net.bits < WIDEST || net.bits > NARROWEST || gateway == net.address || gateway == ip4_last(net))
        return bad(err, wish->gateway ? "gateway" : "cidr", wish->gateway ? wish->gateway : default_cidr);
    ip4_format_cidr(net, text);
    network->cidr = arena_strdup(arena, text);
    network->gateway = ip_text(arena, gateway);
    network->netmask = ip_text(arena, ip4_mask(net.bits));
    return true;
}

static bool check_dns(const char *dns1, const char *dns2, const char *ip6_dns1, const char *ip6_dns2, struct error *err)
{
    const struct {
        const char *parameter, *value;
        bool v6;
    } servers[] = {
        {"dns1", dns1, false}, {"dns2", dns2, false}, {"ip6dns1", ip6_dns1, true}, {"ip6dns2", ip6_dns2, true}};
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        const char *value = servers[i].value;
        if (!string_is_empty(value) && !(servers[i].v6 ? ip6_is_address(value) : ip_is_address(value)))
            return bad(err, servers[i].parameter, value);
    }
    return true;
}

struct creation {
    struct arena *arena;
    const struct caller *caller;
    const struct owner *owner;
    const struct network_wish *wish;
    const struct zone *zone;
    const struct network_offering *offering;
    const struct physical_network *physical;
    struct network row;
    int64_t tag;
};

static bool check_offering(struct db *db, struct creation *c, struct error *err)
{
    bool offered = false;
    if (!network_offering_find(db, c->arena, c->wish->offering_id, &c->offering, err))
        return false;
    if (!c->offering)
        return error_set(err, ERROR_INVALID_VALUE, "network.offering_gone");
    if (!network_offering_is_offered(db, c->arena, c->offering, c->owner->domain_path, c->zone->id, &offered, err))
        return false;
    if (!string_equal(c->offering->state, "Enabled") || (!offered && !caller_is_root_admin(c->caller)))
        return error_with(err, ERROR_INVALID_VALUE, "network.offering_not_offered", E_TEXT("name", c->offering->name));
    if (c->offering->for_vpc)
        return error_with(err, ERROR_INVALID_VALUE, "network.offering_for_vpc", E_TEXT("name", c->offering->name));
    if (zone_is_basic(c->zone) && !string_equal(c->offering->guest_type, "Shared"))
        return error_set(err, ERROR_INVALID_VALUE, "network.basic_shared_only");
    if (string_equal(c->offering->guest_type, "Shared") && !caller_is_root_admin(c->caller))
        return error_set(err, ERROR_DENIED, "network.shared_by_admins");
    return true;
}

/* The one that was named, or the only one of the zone with guest traffic; the offering's tags choose among several. */
static bool choose_physical(struct db *db, struct creation *c, struct error *err)
{
    int64_t id = c->wish->physical_network_id;
    bool several = false;
    if (id == 0 && !traffic_type_find_carrier(db, c->arena, c->zone->id, "Guest", &id, &several, err))
        return false;
    if (several) {
        const struct physical_network *rows = NULL;
        size_t count = 0;
        if (!physical_network_all(db, c->arena, &rows, &count, err))
            return false;
        for (size_t i = 0; i < count && c->offering->tags; i++)
            if (rows[i].zone_id == c->zone->id && rows[i].tags && network_list_has(rows[i].tags, c->offering->tags)) {
                id = rows[i].id;
                several = false;
            }
    }
    if (id == 0 || several)
        return error_set(err, ERROR_INVALID_VALUE, id == 0 ? "network.no_physical" : "network.several_physical");
    if (!physical_network_find(db, c->arena, id, NULL, &c->physical, err))
        return false;
    if (!c->physical || c->physical->zone_id != c->zone->id)
        return error_set(err, ERROR_INVALID_VALUE, "network.physical_gone");
    return string_equal(c->physical->state, "Enabled") ||
           error_with(err, ERROR_INVALID_VALUE, "network.physical_disabled", E_TEXT("name", c->physical->name));
}

static bool check_providers(struct db *db, struct creation *c, struct error *err)
{
    size_t count;
    const struct offered_service *services = network_offering_services(c->arena, c->offering, &count);
    for (size_t i = 0; i < count; i++) {
        size_t names;
        const char **providers = string_split(c->arena, services[i].providers, ',', &names);
        for (size_t j = 0; j < names; j++) {
            const struct network_provider *provider = NULL;
            if (!network_provider_named(db, c->arena, c->physical->id, providers[j], &provider, err))
                return false;
            if (!provider || !string_equal(provider->state, "Enabled"))
                return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "network.provider_disabled",
                                  E_TEXT("provider", providers[j]), E_TEXT("name", c->physical->name));
        }
    }
    return true;
}

static bool check_vlan(struct creation *c, struct error *err)
{
    if (!c->wish->vlan)
        return !c->offering->specify_vlan || zone_is_basic(c->zone) ||
               error_set(err, ERROR_INVALID_VALUE, "network.vlan_missing");
    if (!c->offering->specify_vlan || !caller_is_root_admin(c->caller))
        return error_set(err, ERROR_INVALID_VALUE, "network.vlan_not_wanted");
    if (!network_parse_vlan(c->wish->vlan, &c->tag, err))
        return false;
    return c->tag <= VLAN_TAG_MAX || physical_network_is_vxlan(c->physical) || bad(err, "vlan", c->wish->vlan);
}

static bool fill_owner(struct db *db, struct creation *c, struct error *err)
{
    struct network *row = &c->row;
    bool shared = string_equal(c->offering->guest_type, "Shared") && !c->wish->account_given;
    if (c->wish->acl_type && !network_list_has("Account,Domain", c->wish->acl_type))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "acltype"),
                          E_TEXT("value", c->wish->acl_type));
    if (c->wish->acl_type && string_equal_ignoring_case(c->wish->acl_type, "Domain") != shared)
        return error_set(err, ERROR_INVALID_VALUE, "network.acl_type_wrong");
    row->acl_type = shared ? "Domain" : "Account";
    row->account_id = shared ? 0 : c->owner->account_id;
    row->domain_id = c->owner->domain_id;
    row->domain_path = c->owner->domain_path;
    int64_t id = c->wish->domain_id ? c->wish->domain_id : c->caller->domain_id;
    while (shared) {
        struct identity_domain *domain = NULL;
        if (!identity_find_domain_any(db, c->arena, id, &domain, err))
            return false;
        if (!domain)
            return error_set(err, ERROR_INTERNAL, "network.internal");
        row->domain_id = domain->id;
        row->domain_path = domain->path;
        shared = c->wish->domain_id == 0 && domain->parent_id != 0;
        id = domain->parent_id;
    }
    return true;
}

static bool fill_row(struct creation *c, struct error *err)
{
    const struct network_wish *wish = c->wish;
    char uuid[UUID_BYTES];
    bool isolated = string_equal(c->offering->guest_type, "Isolated"), l2 = string_equal(c->offering->guest_type, "L2");
    uuid_random(uuid);
    struct network *row = &c->row;
    row->uuid = arena_strdup(c->arena, uuid);
    row->name = wish->name;
    row->display_text = wish->display_text ? wish->display_text : wish->name;
    row->guest_type = c->offering->guest_type;
    row->traffic_type = "Guest";
    row->state = "Allocated";
    row->zone_id = c->zone->id;
    row->physical_network_id = c->physical->id;
    row->offering_id = c->offering->id;
    row->broadcast_type = zone_is_basic(c->zone) ? "Native" : physical_network_is_vxlan(c->physical) ? "Vxlan" : "Vlan";
    row->network_domain = wish->network_domain ? wish->network_domain : l2 ? NULL : c->zone->network_domain;
    row->dns1 = wish->dns1 ? wish->dns1 : l2 ? NULL : c->zone->dns1;
    row->dns2 = wish->dns2 ? wish->dns2 : l2 ? NULL : c->zone->dns2;
    row->ip6_dns1 = wish->ip6_dns1;
    row->ip6_dns2 = wish->ip6_dns2;
    row->ip6_gateway = wish->ip6_gateway;
    row->ip6_cidr = wish->ip6_cidr;
    row->external_id = wish->external_id;
    row->private_mtu = wish->private_mtu;
    row->public_mtu = wish->public_mtu;
    row->display = wish->display;
    row->subdomain_access = wish->subdomain_access;
    row->is_persistent = c->offering->is_persistent;
    row->created = OPT_TIME(clock_now_ms());
    if (!check_dns(wish->dns1, wish->dns2, wish->ip6_dns1, wish->ip6_dns2, err))
        return false;
    if (l2)
        return (!wish->gateway && !wish->start_ip) ||
               error_set(err, ERROR_INVALID_VALUE, "network.l2_without_addresses");
    const char *default_cidr = c->zone->guest_cidr ? c->zone->guest_cidr : DEFAULT_GUEST_CIDR;
    return network_fill_cidr(c->arena, wish, isolated && !c->offering->specify_ip_ranges ? default_cidr : NULL, row,
                             err);
}

/* Isolated networks give out their own CIDR unless a range was asked for; shared ones what the operator gave. */
static bool add_range(struct db *db, struct creation *c, struct error *err)
{
    const struct network_wish *wish = c->wish;
    struct ip_range range = {.id = 0};
    char uuid[UUID_BYTES];
    int64_t id;
    bool shared = string_equal(c->row.guest_type, "Shared");
    if (!wish->start_ip && !wish->ip6_cidr && (shared || !c->row.cidr))
        return true;
    bool whole = !wish->start_ip && !shared;
    if (whole && !ip_range_of_cidr(c->arena, &c->row, &range, err))
        return false;
    if (!whole)
        range = (struct ip_range){.zone_id = c->zone->id,
                                  .physical_network_id = c->physical->id,
                                  .network_id = c->row.id,
                                  .gateway = c->row.gateway,
                                  .netmask = c->row.netmask,
                                  .start_ip = wish->start_ip,
                                  .end_ip = wish->end_ip,
                                  .is_listed = shared};
    range.start_ip6 = wish->start_ip6;
    range.end_ip6 = wish->end_ip6;
    range.ip6_gateway = wish->ip6_gateway;
    range.ip6_cidr = wish->ip6_cidr;
    if (!(whole ? ip_range_check_ip6(&range, err) : ip_range_fill(c->arena, &range, err)))
        return false;
    uuid_random(uuid);
    range.uuid = uuid;
    range.vlan = c->row.broadcast_uri ? c->row.broadcast_uri : "vlan://untagged";
    range.created = OPT_TIME(clock_now_ms());
    return ip_range_store_add(db, &range, &id, err);
}

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct creation *c = context;
    struct network *row = &c->row;
    row->segment_id = c->tag;
    row->broadcast_uri = c->wish->vlan && c->tag == 0 ? "vlan://untagged" : NULL;
    if (c->tag)
        row->broadcast_uri = arena_printf(
            c->arena, "%s://%lld", string_equal(row->broadcast_type, "Vxlan") ? "vxlan" : "vlan", (long long)c->tag);
    if (!zone_hold(db, c->zone->id, err) || !physical_network_hold(db, c->physical->id, err) ||
        !network_store_add(db, row, &row->id, err) ||
        (c->tag && !c->wish->bypass_vlan_check &&
         !segment_take_exactly(db, c->arena, c->physical->id, row->id, c->tag, err)) ||
        !add_range(db, c, err))
        return false;
    return row->account_id == 0 ||
           (quota_raise(db, c->owner, QUOTA_NETWORK, 1, err) &&
            bucket_change(db, c->arena, "network", row->account_id, row->domain_id, row->id, 0, 2, err));
}

/* Kept apart from other networks by nothing: the operator said so. */
static bool is_untagged(const struct creation *c)
{
    return zone_is_basic(c->zone) || (c->wish->vlan && c->tag == 0);
}

bool network_create(struct db *db, struct arena *arena, const struct caller *caller, const struct owner *owner,
                    const struct network_wish *wish, int64_t *ret_id, struct error *err)
{
    struct creation c = {.arena = arena, .caller = caller, .owner = owner, .wish = wish};
    if (string_is_empty(wish->name))
        return error_set(err, ERROR_INVALID_VALUE, "network.name_empty");
    if (!zone_check_usable(db, arena, wish->zone_id, caller, owner, &c.zone, err) || !check_offering(db, &c, err) ||
        !choose_physical(db, &c, err) || !check_providers(db, &c, err) || !check_vlan(&c, err) ||
        !network_check_plugin(db, arena, c.zone->id, c.offering, c.physical, is_untagged(&c), err) ||
        !fill_owner(db, &c, err) || !fill_row(&c, err) || !db_transaction(db, create_body, &c, err))
        return false;
    *ret_id = c.row.id;
    return true;
}

bool network_drop(struct db *db, struct arena *arena, const struct network *network, struct error *err)
{
    struct owner owner;
    if (!network_store_remove_empty(db, network, err))
        return false;
    if (network->account_id == 0)
        return true;
    return identity_owner_any(db, arena, network->account_id, &owner, err) &&
           quota_lower(db, &owner, QUOTA_NETWORK, 1, err) &&
           bucket_change(db, arena, "network", network->account_id, network->domain_id, network->id, 2, 0, err);
}

bool network_update(struct db *db, struct arena *arena, const struct network *network, const struct network_edit *edit,
                    struct error *err)
{
    const struct network_offering *offering = NULL;
    if (string_is_empty(edit->name))
        return error_set(err, ERROR_INVALID_VALUE, "network.name_empty");
    if (network->provider_handle && !string_equal(edit->uuid, network->uuid))
        return error_with(err, ERROR_IN_USE, "network.id_in_service", E_TEXT("name", network->name));
    if (!check_dns(edit->dns1, edit->dns2, edit->ip6_dns1, edit->ip6_dns2, err))
        return false;
    if (edit->offering_id != network->offering_id) {
        if (!network_offering_find(db, arena, edit->offering_id, &offering, err))
            return false;
        if (!offering || !string_equal(offering->guest_type, network->guest_type) ||
            !string_equal(offering->state, "Enabled") || offering->for_vpc)
            return error_set(err, ERROR_INVALID_VALUE, "network.offering_unfit");
        struct creation c = {.arena = arena, .offering = offering};
        if (!physical_network_find(db, arena, network->physical_network_id, NULL, &c.physical, err) ||
            (c.physical && !check_providers(db, &c, err)) ||
            !network_check_plugin(db, arena, network->zone_id, offering, NULL, true, err))
            return false;
    }
    return network_store_hold(db, network->id, err) && network_store_edit(db, edit, err);
}

/* ---- where a VM goes that names no network ---- */

static const int64_t *one_id(struct arena *arena, int64_t id)
{
    int64_t *ids = arena_array(arena, 1, sizeof(*ids));
    ids[0] = id;
    return ids;
}

static bool default_shared(struct db *db, struct arena *arena, const struct owner *owner, int64_t zone_id,
                           int64_t *ret_id, struct error *err)
{
    struct db_rows rows;
    if (!network_store_shared(db, arena, &rows, err))
        return false;
    const struct network *networks = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (networks[i].zone_id == zone_id &&
            network_is_shared_with(&networks[i], owner->domain_id, owner->domain_path)) {
            *ret_id = networks[i].id;
            return true;
        }
    return error_set(err, ERROR_INVALID_VALUE, "network.none_for_default");
}

/* 0: isolated networks are not offered there. */
static bool required_offering(struct db *db, struct arena *arena, const struct owner *owner, int64_t zone_id,
                              int64_t *ret_id, struct error *err)
{
    *ret_id = 0;
    const struct network_offering *rows = NULL;
    size_t count = 0;
    if (!network_offering_store_all(db, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool offered = false;
        if (!string_equal(rows[i].availability, "Required") || !string_equal(rows[i].guest_type, "Isolated") ||
            rows[i].for_vpc || !string_equal(rows[i].state, "Enabled"))
            continue;
        if (!network_offering_is_offered(db, arena, &rows[i], owner->domain_path, zone_id, &offered, err))
            return false;
        if (offered) {
            *ret_id = rows[i].id;
            break;
        }
    }
    return true;
}

static bool default_isolated(struct db *db, struct arena *arena, const struct caller *caller, const struct owner *owner,
                             int64_t zone_id, int64_t *ret_id, struct error *err)
{
    struct db_rows rows;
    if (!network_store_isolated_of(db, arena, owner->account_id, zone_id, &rows, err))
        return false;
    /* Of several first deployments at once, one makes the network and the others find it. */
    if (rows.count == 0 && (!zone_hold(db, zone_id, err) ||
                            !network_store_isolated_of(db, arena, owner->account_id, zone_id, &rows, err)))
        return false;
    if (rows.count > 1)
        return error_with(err, ERROR_INVALID_VALUE, "network.several_for_default", E_INT("n", (int64_t)rows.count));
    if (rows.count == 1) {
        *ret_id = ((const struct network *)rows.items)->id;
        return true;
    }
    const char *name = arena_printf(arena, "%s-network", owner->account_name);
    struct network_wish wish = {
        .name = name, .zone_id = zone_id, .account_given = true, .display = true, .subdomain_access = true};
    if (!required_offering(db, arena, owner, zone_id, &wish.offering_id, err))
        return false;
    return wish.offering_id != 0 ? network_create(db, arena, caller, owner, &wish, ret_id, err)
                                 : default_shared(db, arena, owner, zone_id, ret_id, err);
}

bool network_default_for(struct db *db, struct arena *arena, const struct caller *caller, const struct owner *owner,
                         int64_t zone_id, const int64_t **ret_ids, size_t *ret_count, struct error *err)
{
    const struct zone *zone = NULL;
    int64_t id = 0;
    if (!zone_find(db, arena, zone_id, &zone, err))
        return false;
    if (!zone)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    bool shared = zone_is_basic(zone) || zone->security_groups;
    if (!(shared ? default_shared(db, arena, owner, zone_id, &id, err)
                 : default_isolated(db, arena, caller, owner, zone_id, &id, err)))
        return false;
    *ret_ids = one_id(arena, id);
    *ret_count = 1;
    return true;
}
