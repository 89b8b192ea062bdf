/* Networks as plugins see them, and whether a plugin can do what an offering promises. */
#include "cloud/network/network_jobs_parts.h"

#include "base/text.h"
#include "plugin_host/hypervisor.h"

bool network_choose_plugin(struct db *db, struct arena *arena, int64_t zone_id, const char **ret_type,
                           struct error *err)
{
    const struct cluster *clusters = NULL;
    size_t count = 0;
    if (!cluster_all(db, arena, &clusters, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (clusters[i].zone_id == zone_id) {
            *ret_type = clusters[i].hypervisor;
            return true;
        }
    return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "network.no_cluster");
}

static uint32_t type_of(const struct network *network)
{
    if (string_equal(network->guest_type, "L2"))
        return GURUM_NETWORK_L2;
    return string_equal(network->guest_type, "Shared") ? GURUM_NETWORK_SHARED : GURUM_NETWORK_ISOLATED;
}

static uint32_t isolation_of(const struct network *network)
{
    if (network->segment_id == 0)
        return GURUM_ISOLATION_NONE;
    return string_equal(network->broadcast_type, "Vxlan") ? GURUM_ISOLATION_VXLAN : GURUM_ISOLATION_VLAN;
}

bool network_call_fill(struct job_run *run, const struct network *network, struct network_call *call, struct error *err)
{
    const struct zone *zone = NULL;
    const struct physical_network *physical = NULL;
    const char *type = NULL, *label = NULL;
    if (!network_choose_plugin(run->db, run->arena, network->zone_id, &type, err) ||
        !zone_find(run->db, run->arena, network->zone_id, &zone, err) ||
        !physical_network_find(run->db, run->arena, network->physical_network_id, NULL, &physical, err) ||
        !network_offering_find_any(run->db, run->arena, network->offering_id, &call->offering, err) ||
        !network_traffic_label(run->db, run->arena, network, type, &label, err) ||
        !plugin_capabilities(run->db, GURUM_KIND_NETWORK, type, &call->capabilities, err))
        return false;
    call->target = (struct plugin_target){.type = type, .object_uuid = network->uuid};
    call->provider = (struct gurum_provider){.size = sizeof(call->provider),
                                             .uuid = physical ? physical->uuid : network->uuid,
                                             .name = type,
                                             .zone_uuid = zone ? zone->uuid : NULL,
                                             .physical_network_uuid = physical ? physical->uuid : NULL};
    call->network =
        (struct gurum_network){.size = sizeof(call->network),
                               .type = type_of(network),
                               .uuid = network->uuid,
                               .name = network->name,
                               .handle = network->provider_handle,
                               .traffic_label = label,
                               .isolation = isolation_of(network),
                               .isolation_id = (uint32_t)network->segment_id,
                               .ipv4_cidr = network->cidr,
                               .ipv4_gateway = network->gateway,
                               .ipv6_cidr = network->ip6_cidr,
                               .ipv6_gateway = network->ip6_gateway,
                               .dns1 = network->dns1,
                               .dns2 = network->dns2,
                               .search_domain = network->network_domain,
                               .mtu = (uint32_t)network->private_mtu,
                               .rate_mbits_second = call->offering ? (uint32_t)call->offering->network_rate_mbits : 0};
    call->spec =
        (struct gurum_network_spec){.size = sizeof(call->spec), .provider = &call->provider, .network = &call->network};
    return true;
}

bool network_call_at(struct job_run *run, int64_t host_id, struct network_call *call, struct error *err)
{
    struct plugin_target host_side;
    if (!host_target(run->db, run->arena, host_id, &call->host, &host_side, err))
        return false;
    call->target.secrets = host_side.secrets;
    call->target.secret_count = host_side.secret_count;
    if (call->capabilities & GURUM_NETWORK_ON_HOSTS)
        call->provider.via_host = &call->host;
    return true;
}

bool network_find_live(struct job_run *run, int64_t id, struct network **ret_network, struct error *err)
{
    return network_find(run->db, run->arena, id, ret_network, err) &&
           (*ret_network || error_set(err, ERROR_RESOURCE_UNAVAILABLE, "network.gone"));
}

/* ---- what an offering promises ---- */

/* Security groups are rules of a firewall at each NIC. */
static const struct {
    const char *service;
    uint64_t bit;
} SERVICE_BITS[] = {
    {"Dhcp", GURUM_SERVICE_DHCP},
    {"Dns", GURUM_SERVICE_DNS},
    {"UserData", GURUM_SERVICE_METADATA},
    {"SourceNat", GURUM_SERVICE_SOURCE_NAT},
    {"StaticNat", GURUM_SERVICE_STATIC_NAT},
    {"PortForwarding", GURUM_SERVICE_PORT_FORWARDING},
    {"Firewall", GURUM_SERVICE_FIREWALL},
    {"NetworkACL", GURUM_SERVICE_FIREWALL},
    {"SecurityGroup", GURUM_SERVICE_FIREWALL},
    {"Lb", GURUM_SERVICE_BALANCER},
    {"Gateway", GURUM_SERVICE_ROUTING},
};

uint64_t network_services_wanted(const struct network_offering *offering)
{
    uint64_t bits = 0;
    for (size_t i = 0; offering && i < COUNT_OF(SERVICE_BITS); i++)
        if (network_offering_has(offering, SERVICE_BITS[i].service))
            bits |= SERVICE_BITS[i].bit;
    return bits;
}

/* User data reaches guests through their networks or by the hypervisor itself. Who is not there yet is not judged. */
bool network_user_data_arrives(struct db *db, struct arena *arena, int64_t zone_id)
{
    const char *type = NULL;
    uint64_t by_network = 0, by_hypervisor = 0;
    struct error absent = {0};
    bool known = network_choose_plugin(db, arena, zone_id, &type, &absent) &&
                 plugin_capabilities(db, GURUM_KIND_NETWORK, type, &by_network, &absent) &&
                 plugin_capabilities(db, GURUM_KIND_HYPERVISOR, type, &by_hypervisor, &absent);
    return !known || by_network & GURUM_SERVICE_METADATA || by_hypervisor & GURUM_HYPERVISOR_USER_DATA;
}

static bool lacks_isolation(const struct physical_network *physical, uint64_t capabilities)
{
    return !(capabilities & (physical_network_is_vxlan(physical) ? GURUM_NETWORK_VXLAN : GURUM_NETWORK_VLAN));
}

bool network_check_plugin(struct db *db, struct arena *arena, int64_t zone_id, const struct network_offering *offering,
                          const struct physical_network *physical, bool untagged, struct error *err)
{
    const char *type = NULL;
    uint64_t offered = 0;
    struct text lacking;
    struct error absent = {0};
    if (!network_choose_plugin(db, arena, zone_id, &type, &absent) ||
        !plugin_capabilities(db, GURUM_KIND_NETWORK, type, &offered, &absent))
        return true;
    offered |= GURUM_SERVICE_METADATA; /* a deployment with user data is refused where nobody hands it to guests */
    text_init(&lacking, arena, 1000);
    for (size_t i = 0; i < COUNT_OF(SERVICE_BITS); i++)
        if (network_offering_has(offering, SERVICE_BITS[i].service) && !(offered & SERVICE_BITS[i].bit))
            text_addf(&lacking, "%s%s", lacking.length > 0 ? ", " : "", SERVICE_BITS[i].service);
    if (lacking.length > 0)
        return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "network.services_lacking", E_TEXT("name", offering->name),
                          E_TEXT("provider", type), E_TEXT("services", text_string(&lacking)));
    if (physical && !untagged && lacks_isolation(physical, offered))
        return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "network.isolation_lacking", E_TEXT("provider", type),
                          E_TEXT("method", physical_network_is_vxlan(physical) ? "VXLAN" : "VLAN"));
    return true;
}

bool network_plugin_fits(struct job_run *run, const struct network *network, struct error *err)
{
    const struct network_offering *offering = NULL;
    const struct physical_network *physical = NULL;
    return network_offering_find_any(run->db, run->arena, network->offering_id, &offering, err) &&
           physical_network_find(run->db, run->arena, network->physical_network_id, NULL, &physical, err) &&
           (!offering || network_check_plugin(run->db, run->arena, network->zone_id, offering, physical,
                                              network->segment_id == 0, err));
}
