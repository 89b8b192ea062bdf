/* Commands of zones, and this feature's registration. Rules are in zone_service.c. */
#include "base/text.h"
#include "cloud/tag/tag.h"
#include "cloud/icon/icon.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/capacity/capacity.h"
#include "cloud/identity/identity.h"
#include "cloud/zone/zone_api.h"
#include "cloud/zone/zone_service.h"

struct zone_response {
    const char *id, *name, *dns1, *dns2, *ip6dns1, *ip6dns2, *internaldns1, *internaldns2, *guestcidraddress, *domain,
        *domainid, *domainname, *networktype, *allocationstate, *zonetoken, *dhcpprovider, *type,
        *storageaccessgroups;
    struct opt_bool securitygroupsenabled, localstorageenabled, allowuserspecifyvrmtu, ismultiarch;
    bool hasannotations;
    struct object_list capacity, tags;
    struct pair_list resourcedetails;
    struct opt_int routerprivateinterfacemaxmtu, routerpublicinterfacemaxmtu;
    struct nested icon;
};
#define R(member, ...) FIELD(struct zone_response, member, __VA_ARGS__)
FIELD_TABLE(ZONE_RESPONSE, struct zone_response,
    R(id, .help = "the id of the zone"),
    R(name, .help = "the name"),
    R(dns1, .help = "the first DNS server of guests"),
    R(dns2, .help = "the second DNS server of guests"),
    R(ip6dns1, .help = "the first DNS server of guests over IPv6"),
    R(ip6dns2, .help = "the second DNS server of guests over IPv6"),
    R(internaldns1, .flags = FIELD_ADMIN, .help = "the first DNS server of the cloud's own machines"),
    R(internaldns2, .flags = FIELD_ADMIN, .help = "the second DNS server of the cloud's own machines"),
    R(guestcidraddress, .help = "the CIDR that isolated networks get when they ask for none"),
    R(domain, .help = "the DNS suffix of guests in the zone"),
    R(domainid, .help = "the tenant domain"),
    R(domainname, .help = "the name of the tenant domain"),
    R(networktype, .help = "Basic or Advanced"),
    R(securitygroupsenabled, .help = "guests share networks and are kept apart by security groups"),
    R(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    R(zonetoken, .flags = FIELD_ADMIN, .help = "the token of the zone"),
    R(dhcpprovider, .help = "the provider of DHCP in the zone"),
    R(capacity, .flags = FIELD_ADMIN, .help = "how full it is", .table = &CAPACITY_RESPONSE),
    R(localstorageenabled, .help = "volumes may lie on disks of hosts"),
    R(resourcedetails, .since = "4.3.0", .help = "further details"),
    R(allowuserspecifyvrmtu, .since = "4.18.0", .help = "tenants may choose the packet size"),
    R(routerprivateinterfacemaxmtu, .since = "4.18.0", .help = "the largest packet that may be chosen inside"),
    R(routerpublicinterfacemaxmtu, .since = "4.18.0", .help = "the largest packet that may be chosen outside"),
    R(type, .since = "4.18.0", .help = "the type"),
    R(ismultiarch, .since = "4.20", .help = "hosts of several architectures are in it"),
    R(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    R(hasannotations, .help = "operators left remarks"),
    R(tags, .since = "4.3", .help = "its tags", .table = &TAG_RESPONSE),
    ICON_FIELD(struct zone_response));
#undef R

struct create_zone_args {
    const char *allocationstate, *dns1, *dns2, *domain, *guestcidraddress, *internaldns1, *internaldns2, *ip6dns1,
        *ip6dns2, *name, *networktype;
    struct object_ref domainid;
    struct opt_bool isedge, localstorageenabled, securitygroupenabled;
    struct string_list storageaccessgroups;
};
#define P(member, ...) FIELD(struct create_zone_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_ZONE_PARAMS, struct create_zone_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(dns1, .flags = FIELD_REQUIRED, .help = "the first DNS server of guests"),
    P(dns2, .help = "the second DNS server of guests"),
    P(domain, .help = "the DNS suffix of guests in the zone"),
    P(domainid, .refers_to = "domain", .help = "offers the zone to this tenant domain and those below it only"),
    P(guestcidraddress, .help = "the CIDR that isolated networks get when they ask for none"),
    P(internaldns1, .flags = FIELD_REQUIRED, .help = "the first DNS server of the cloud's own machines"),
    P(internaldns2, .help = "the second DNS server of the cloud's own machines"),
    P(ip6dns1, .help = "the first DNS server of guests over IPv6"),
    P(ip6dns2, .help = "the second DNS server of guests over IPv6"),
    P(isedge, .since = "4.18.0", .help = "a small zone at the edge of the network"),
    P(localstorageenabled, .help = "volumes may lie on disks of hosts"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(networktype, .flags = FIELD_REQUIRED, .help = "Basic or Advanced"),
    P(securitygroupenabled, .help = "guests share networks and are kept apart by security groups"),
    P(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"));
#undef P

struct list_zones_args {
    struct opt_bool available, showcapacities, showicon;
    struct object_ref domainid, id;
    struct ref_list ids;
    const char *name, *networktype, *storageaccessgroup;
    struct map_list tags;
};
#define P(member, ...) FIELD(struct list_zones_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_ZONES_PARAMS, struct list_zones_args,
    P(available, .help = "false: only zones where the caller has instances",
      .no_effect = "every zone that the caller may use is listed"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(id, .refers_to = "zone", .help = "the id of the object"),
    P(ids, .refers_to = "zone", .since = "4.19.0", .help = "several ids; not together with id"),
    P(name, .help = "the name"),
    P(networktype, .help = "Basic or Advanced"),
    P(showcapacities, .help = "adds how full the place is"),
    P(showicon, .help = "adds the icon"),
    P(storageaccessgroup, .since = "4.21.0", .help = "only places of this storage access group"),
    P(tags, .since = "4.3", .help = "only zones with these tags"));
#undef P

struct update_zone_args {
    const char *allocationstate, *dhcpprovider, *dns1, *dns2, *domain, *guestcidraddress, *internaldns1,
        *internaldns2, *ip6dns1, *ip6dns2, *name;
    struct map_list details;
    struct string_list dnssearchorder;
    struct object_ref id;
    struct opt_bool ispublic, localstorageenabled;
    struct opt_int sortkey;
};
#define P(member, ...) FIELD(struct update_zone_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_ZONE_PARAMS, struct update_zone_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(details, .help = "further details"),
    P(dhcpprovider, .help = "the provider of DHCP in the zone"),
    P(dns1, .help = "the first DNS server of guests"),
    P(dns2, .help = "the second DNS server of guests"),
    P(dnssearchorder, .help = "the DNS suffixes that guests search",
      .no_effect = "guests search the domain of their network"),
    P(domain, .help = "the DNS suffix of guests in the zone"),
    P(guestcidraddress, .help = "the CIDR that isolated networks get when they ask for none"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the id of the object"),
    P(internaldns1, .help = "the first DNS server of the cloud's own machines"),
    P(internaldns2, .help = "the second DNS server of the cloud's own machines"),
    P(ip6dns1, .help = "the first DNS server of guests over IPv6"),
    P(ip6dns2, .help = "the second DNS server of guests over IPv6"),
    P(ispublic, .help = "true: offers the zone to all tenant domains"),
    P(localstorageenabled, .help = "volumes may lie on disks of hosts"),
    P(name, .help = "the name"),
    P(sortkey, .help = "the position in lists, the lowest first"));
#undef P

struct delete_zone_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_zone_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_ZONE_PARAMS, struct delete_zone_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static bool fill_domain(struct api_call *call, int64_t domain_id, struct zone_response *out, struct error *err)
{
    struct identity_domain *domain = NULL;
    if (domain_id == 0)
        return true;
    if (!identity_find_domain_any(call->db, call->arena, domain_id, &domain, err))
        return false;
    if (domain) {
        out->domainid = domain->uuid;
        out->domainname = domain->name;
    }
    return true;
}

static bool fill_architectures(struct api_call *call, int64_t zone_id, struct zone_response *out, struct error *err)
{
    const struct cluster *clusters = NULL;
    const char *first = NULL;
    size_t count = 0;
    bool several = false;
    if (!cluster_all(call->db, call->arena, &clusters, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (clusters[i].zone_id != zone_id)
            continue;
        several = several || (first && !string_equal(first, clusters[i].arch));
        first = clusters[i].arch;
    }
    out->ismultiarch = OPT_BOOL(several);
    return true;
}

static bool fill(struct api_call *call, const struct zone *zone, bool capacities, struct zone_response *out,
                 struct error *err)
{
    enum { LARGEST_PACKET = 1500 };
    *out = (struct zone_response){
        .id = zone->uuid,
        .name = zone->name,
        .dns1 = zone->dns1,
        .dns2 = zone->dns2,
        .ip6dns1 = zone->ip6_dns1,
        .ip6dns2 = zone->ip6_dns2,
        .internaldns1 = zone->internal_dns1,
        .internaldns2 = zone->internal_dns2,
        .guestcidraddress = zone->guest_cidr,
        .domain = zone->network_domain,
        .networktype = zone->network_type,
        .allocationstate = zone->allocation_state,
        .zonetoken = zone->token,
        .dhcpprovider = zone->dhcp_provider,
        .type = zone->is_edge ? "Edge" : "Core",
        .storageaccessgroups = zone->storage_access_groups,
        .securitygroupsenabled = OPT_BOOL(zone->security_groups),
        .localstorageenabled = OPT_BOOL(zone->local_storage),
        .allowuserspecifyvrmtu = OPT_BOOL(false),
        .resourcedetails = reply_pairs_of(call->arena, zone->details),
        .routerprivateinterfacemaxmtu = OPT_INT(LARGEST_PACKET),
        .routerpublicinterfacemaxmtu = OPT_INT(LARGEST_PACKET),
    };
    struct capacity_place place = {.zone_id = zone->id};
    return fill_domain(call, zone->domain_id, out, err) && fill_architectures(call, zone->id, out, err) &&
           (!capacities || capacity_of(call->db, call->arena, place, &out->capacity, err));
}

static bool find_tags(struct api_call *call, const struct zone *const *zones, size_t count, struct object_list *tags,
                      struct error *err)
{
    int64_t *ids = arena_array(call->arena, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++)
        ids[i] = zones[i]->id;
    return tag_find_for(call->db, call->arena, "zone", ids, count, tags, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct zone_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct zone *zone = NULL;
        if (!zone_find(call->db, call->arena, ids[i], &zone, err))
            return false;
        if (!zone)
            continue;
        struct zone_response *to = &objects[(*ret_count)++];
        if (!fill(call, zone, false, to, err) ||
            !tag_find_for(call->db, call->arena, "zone", &zone->id, 1, &to->tags, err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct zone *zone = NULL;
    struct identity_domain *domain = NULL;
    if (!zone_store_find_uuid(db, arena, uuid, &zone, err) ||
        (zone && zone->domain_id != 0 && !identity_find_domain_any(db, arena, zone->domain_id, &domain, err)))
        return false;
    *ret_exists = zone != NULL;
    if (zone)
        *ret_found = (struct object_found){.id = zone->id, .visibility = OBJECT_SHARED, .name = zone->name,
                                           .owner_domain_path = domain ? domain->path : ""};
    return true;
}

static const struct object_kind ZONE_KIND = {
    .name = "zone",
    .wire_type = "Zone",
    .object_key = "zone",
    .response = &ZONE_RESPONSE,
    .find = find,
    .describe = describe,
};

/* ---- createZone ---- */

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_zone_args *args = arguments;
    int64_t id = 0;
    struct zone wish = {
        .name = args->name, .network_type = args->networktype, .allocation_state = "Disabled", .dns1 = args->dns1,
        .dns2 = args->dns2, .ip6_dns1 = args->ip6dns1, .ip6_dns2 = args->ip6dns2, .internal_dns1 = args->internaldns1,
        .internal_dns2 = args->internaldns2, .guest_cidr = args->guestcidraddress, .network_domain = args->domain,
        .domain_id = args->domainid.id, .security_groups = args->securitygroupenabled.value,
        .local_storage = args->localstorageenabled.value, .is_edge = args->isedge.value,
        .storage_access_groups = reply_joined(call->arena, &args->storageaccessgroups),
    };
    return zone_read_allocation_state(args->allocationstate, &wish.allocation_state, err) &&
           zone_create(call->db, &wish, &id, err) && reply_described(call, &ZONE_KIND, id, false, err);
}

/* ---- listZones: no query, all from the cache ---- */

static bool is_wanted(const struct list_zones_args *args, int64_t zone_id)
{
    bool any = args->id.id == 0 && args->ids.count == 0, listed = args->id.id == zone_id;
    for (size_t i = 0; i < args->ids.count; i++)
        listed = listed || args->ids.items[i].id == zone_id;
    return any || listed;
}

static bool matches(struct api_call *call, const struct list_zones_args *args, const struct zone *zone,
                    bool *ret_matches, struct error *err)
{
    *ret_matches = is_wanted(args, zone->id) && (!args->name || string_equal_ignoring_case(args->name, zone->name)) &&
                   (!args->networktype || string_equal_ignoring_case(args->networktype, zone->network_type)) &&
                   (args->domainid.id == 0 || args->domainid.id == zone->domain_id) &&
                   zone_group_matches(call->arena, zone->storage_access_groups, args->storageaccessgroup) &&
                   page_keyword_matches(&call->page, zone->name);
    if (!*ret_matches || caller_is_root_admin(call->caller))
        return true;
    return zone_is_offered_to(call->db, call->arena, zone, call->caller->domain_path, ret_matches, err);
}

static int by_sort_key(const void *a, const void *b)
{
    const struct zone *const *left = a, *const *right = b;
    if ((*left)->sort_key != (*right)->sort_key)
        return (*left)->sort_key < (*right)->sort_key ? -1 : 1;
    return (*left)->id < (*right)->id ? -1 : (*left)->id > (*right)->id;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_zones_args *args = arguments;
    const struct zone *zones = NULL;
    size_t count = 0, matching = 0;
    if (args->id.id != 0 && args->ids.count > 0)
        return error_set(err, ERROR_INVALID_VALUE, "zone.id_and_ids");
    if (!zone_all(call->db, call->arena, &zones, &count, err))
        return false;
    const struct zone **found = arena_array(call->arena, count + 1, sizeof(const void *));
    for (size_t i = 0; i < count; i++) {
        bool wanted;
        if (!matches(call, args, &zones[i], &wanted, err))
            return false;
        if (wanted)
            found[matching++] = &zones[i];
    }
    qsort(found, matching, sizeof(*found), by_sort_key);
    struct object_list *tags = arena_array(call->arena, matching + 1, sizeof(*tags));
    struct tag_filter filter;
    if (!tag_read_filter(&args->tags, &filter, err) || !find_tags(call, found, matching, tags, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct zone_response *objects = arena_array(call->arena, page_room(&call->page, matching) + 1, sizeof(*objects));
    bool capacities = args->showcapacities.value && caller_is_root_admin(call->caller);
    for (size_t i = 0; i < matching; i++) {
        if (!tag_filter_matches(&filter, &tags[i]) || !page_pick(&pick))
            continue;
        if (!fill(call, found[i], capacities, &objects[pick.taken - 1], err))
            return false;
        objects[pick.taken - 1].tags = tags[i];
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* ---- updateZone, deleteZone ---- */

static void replace(const char **member, const char *value)
{
    if (value)
        *member = *value ? value : NULL;
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_zone_args *args = arguments;
    const struct zone *before = NULL;
    if (!zone_find(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    struct zone zone = *before;
    zone.name = args->name ? args->name : zone.name;
    zone.dns1 = args->dns1 ? args->dns1 : zone.dns1;
    zone.internal_dns1 = args->internaldns1 ? args->internaldns1 : zone.internal_dns1;
    zone.dhcp_provider = args->dhcpprovider ? args->dhcpprovider : zone.dhcp_provider;
    replace(&zone.dns2, args->dns2);
    replace(&zone.ip6_dns1, args->ip6dns1);
    replace(&zone.ip6_dns2, args->ip6dns2);
    replace(&zone.internal_dns2, args->internaldns2);
    replace(&zone.guest_cidr, args->guestcidraddress);
    replace(&zone.network_domain, args->domain);
    zone.domain_id = args->ispublic.set && args->ispublic.value ? 0 : zone.domain_id;
    zone.local_storage = args->localstorageenabled.set ? args->localstorageenabled.value : zone.local_storage;
    zone.sort_key = args->sortkey.set ? args->sortkey.value : zone.sort_key;
    struct pair_list details = reply_pairs(call->arena, &args->details);
    return zone_read_allocation_state(args->allocationstate, &zone.allocation_state, err) &&
           zone_update(call->db, &zone, &details, err) && reply_described(call, &ZONE_KIND, zone.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_zone_args *args = arguments;
    if (!place_remove(call->db, call->arena, LEVEL_ZONE, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command ZONE_COMMANDS[] = {
    {.name = "createZone", .summary = "Adds a zone.", .object_key = "zone", .event = "ZONE.CREATE", .mode = API_SYNC,
     .roles = ROLE_ADMIN, .params = &CREATE_ZONE_PARAMS, .response = &ZONE_RESPONSE, .handle = handle_create,
     .group = "Zone"},
    {.name = "listZones", .summary = "Lists the zones that the caller may use.", .object_key = "zone",
     .mode = API_LIST, .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_ZONES_PARAMS,
     .response = &ZONE_RESPONSE, .handle = handle_list, .group = "Zone"},
    {.name = "updateZone", .summary = "Changes a zone.", .object_key = "zone", .event = "ZONE.EDIT", .mode = API_SYNC,
     .roles = ROLE_ADMIN, .params = &UPDATE_ZONE_PARAMS, .response = &ZONE_RESPONSE, .handle = handle_update,
     .group = "Zone"},
    {.name = "deleteZone", .summary = "Removes a zone that is empty.", .event = "ZONE.DELETE", .mode = API_SYNC,
     .roles = ROLE_ADMIN, .params = &DELETE_ZONE_PARAMS, .handle = handle_delete, .group = "Zone"},
    {.name = NULL},
};

void zone_register(void)
{
    static const struct object_kind *const KINDS[] = {&ZONE_KIND, &POD_KIND, &CLUSTER_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(ZONE_COMMANDS);
    api_register_commands(POD_COMMANDS);
    api_register_commands(CLUSTER_COMMANDS);
    zone_register_details();
}
