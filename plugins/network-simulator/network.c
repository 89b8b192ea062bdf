/* Plugin "network-simulator": the network provider kind over the simulator. Each slot tells its spec to the server and
 * lets the answer be carried out; no rule and no state is here. */
#include "gurum_network.h"
#include "simulator_client.h"

static struct json_object *spec_of(uint32_t flags, const struct gurum_provider *provider,
                                   const struct gurum_network *network)
{
    struct json_object *spec = simulator_spec(flags), *object = json_object_new_object();
    simulator_text(object, "uuid", provider->uuid);
    simulator_text(object, "url", provider->url);
    simulator_text(object, "physical_network_uuid", provider->physical_network_uuid);
    json_object_object_add(spec, "provider", object);
    if (network == NULL)
        return spec;
    object = json_object_new_object();
    simulator_text(object, "uuid", network->uuid);
    simulator_text(object, "name", network->name);
    simulator_text(object, "ipv4_cidr", network->ipv4_cidr);
    simulator_text(object, "ipv4_gateway", network->ipv4_gateway);
    simulator_text(object, "ipv6_cidr", network->ipv6_cidr);
    simulator_text(object, "dns1", network->dns1);
    simulator_text(object, "dns2", network->dns2);
    simulator_text(object, "search_domain", network->search_domain);
    simulator_number(object, "type", network->type);
    simulator_number(object, "isolation", network->isolation);
    simulator_number(object, "isolation_id", network->isolation_id);
    simulator_number(object, "mtu", network->mtu);
    json_object_object_add(spec, "network", object);
    return spec;
}

static int32_t send(struct gurum_call *call, const char *slot, struct json_object *spec)
{
    return simulator_call(call, "network", slot, spec);
}

#define PROVIDER_SLOT(slot)                                                                                            \
    static int32_t slot(struct gurum_call *call, const struct gurum_provider_spec *spec)                               \
    {                                                                                                                  \
        return send(call, #slot, spec_of(spec->flags, spec->provider, NULL));                                          \
    }
PROVIDER_SLOT(provider_probe)
PROVIDER_SLOT(network_list)

#define NETWORK_SLOT(slot)                                                                                             \
    static int32_t slot(struct gurum_call *call, const struct gurum_network_spec *spec)                                \
    {                                                                                                                  \
        return send(call, #slot, spec_of(spec->flags, spec->provider, spec->network));                                 \
    }
NETWORK_SLOT(network_ensure)
NETWORK_SLOT(network_observe)
NETWORK_SLOT(network_remove)
NETWORK_SLOT(traffic_observe)

#define SEGMENT_SLOT(slot)                                                                                             \
    static int32_t slot(struct gurum_call *call, const struct gurum_host_network_spec *spec)                           \
    {                                                                                                                  \
        struct json_object *told = spec_of(spec->flags, spec->provider, spec->network);                                \
        json_object_object_add(told, "host", simulator_host(spec->host));                                              \
        return send(call, #slot, told);                                                                                \
    }
SEGMENT_SLOT(host_network_ensure)
SEGMENT_SLOT(host_network_remove)

/* ---- Services ---- */

static struct json_object *tell_address(const void *item)
{
    const struct gurum_public_address *address = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", address->uuid);
    simulator_text(object, "ipv4", address->ipv4);
    simulator_number(object, "vlan", address->vlan);
    simulator_number(object, "is_source_nat", address->is_source_nat);
    simulator_text(object, "static_nat_ipv4", address->static_nat_ipv4);
    return object;
}

static struct json_object *tell_lease(const void *item)
{
    const struct gurum_lease *lease = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "nic_uuid", lease->nic_uuid);
    simulator_text(object, "guest_uuid", lease->guest_uuid);
    simulator_text(object, "mac", lease->mac);
    simulator_text(object, "ipv4", lease->ipv4);
    simulator_text(object, "hostname", lease->hostname);
    return object;
}

static struct json_object *tell_dns_record(const void *item)
{
    const struct gurum_dns_record *record = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "name", record->name);
    simulator_text(object, "address", record->address);
    return object;
}

static struct json_object *tell_firewall_rule(const void *item)
{
    const struct gurum_firewall_rule *rule = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", rule->uuid);
    simulator_text(object, "public_ipv4", rule->public_ipv4);
    simulator_text(object, "source_cidrs", rule->source_cidrs);
    simulator_text(object, "target_cidrs", rule->target_cidrs);
    simulator_number(object, "direction", rule->direction);
    simulator_number(object, "protocol", rule->protocol);
    json_object_object_add(object, "port_first", json_object_new_int(rule->port_first));
    json_object_object_add(object, "port_last", json_object_new_int(rule->port_last));
    simulator_number(object, "order", rule->order);
    simulator_number(object, "allow", rule->allow);
    return object;
}

static struct json_object *tell_forwarding(const void *item)
{
    const struct gurum_forwarding *forwarding = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", forwarding->uuid);
    simulator_text(object, "public_ipv4", forwarding->public_ipv4);
    simulator_text(object, "guest_ipv4", forwarding->guest_ipv4);
    simulator_number(object, "protocol", forwarding->protocol);
    simulator_number(object, "public_port_first", forwarding->public_port_first);
    simulator_number(object, "public_port_last", forwarding->public_port_last);
    simulator_number(object, "guest_port_first", forwarding->guest_port_first);
    simulator_number(object, "guest_port_last", forwarding->guest_port_last);
    return object;
}

static struct json_object *tell_balancer(const void *item)
{
    const struct gurum_balancer *balancer = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", balancer->uuid);
    simulator_text(object, "public_ipv4", balancer->public_ipv4);
    simulator_text(object, "algorithm", balancer->algorithm);
    simulator_text(object, "stickiness", balancer->stickiness);
    simulator_number(object, "public_port", balancer->public_port);
    simulator_number(object, "guest_port", balancer->guest_port);
    return object;
}

static struct json_object *tell_member(const void *item)
{
    const struct gurum_balancer_member *member = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "balancer_uuid", member->balancer_uuid);
    simulator_text(object, "guest_uuid", member->guest_uuid);
    simulator_text(object, "guest_ipv4", member->guest_ipv4);
    simulator_number(object, "port", member->port);
    return object;
}

static struct json_object *tell_route(const void *item)
{
    const struct gurum_route *route = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "cidr", route->cidr);
    simulator_text(object, "next_hop", route->next_hop);
    return object;
}

static struct json_object *tell_metadata(const void *item)
{
    const struct gurum_metadata *metadata = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "guest_uuid", metadata->guest_uuid);
    simulator_text(object, "guest_ipv4", metadata->guest_ipv4);
    simulator_text(object, "name", metadata->name);
    simulator_bytes(object, "value", metadata->value, metadata->value_length);
    return object;
}

static int32_t service_apply(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    struct json_object *told = spec_of(spec->flags, spec->provider, spec->network);
    simulator_number(told, "services", spec->services);
    simulator_number(told, "revision", spec->revision);
    json_object_object_add(told, "addresses", simulator_rows(&spec->addresses, tell_address));
    json_object_object_add(told, "leases", simulator_rows(&spec->leases, tell_lease));
    json_object_object_add(told, "dns_records", simulator_rows(&spec->dns_records, tell_dns_record));
    json_object_object_add(told, "firewall_rules", simulator_rows(&spec->firewall_rules, tell_firewall_rule));
    json_object_object_add(told, "forwardings", simulator_rows(&spec->forwardings, tell_forwarding));
    json_object_object_add(told, "balancers", simulator_rows(&spec->balancers, tell_balancer));
    json_object_object_add(told, "balancer_members", simulator_rows(&spec->balancer_members, tell_member));
    json_object_object_add(told, "routes", simulator_rows(&spec->routes, tell_route));
    json_object_object_add(told, "metadata", simulator_rows(&spec->metadata, tell_metadata));
    if (spec->host != NULL)
        json_object_object_add(told, "host", simulator_host(spec->host));
    return send(call, "service_apply", told);
}

static int32_t service_observe(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    struct json_object *told = spec_of(spec->flags, spec->provider, spec->network);
    if (spec->host != NULL)
        json_object_object_add(told, "host", simulator_host(spec->host));
    return send(call, "service_observe", told);
}

static const struct gurum_network_operations operations = {.size = sizeof(operations),
#define SLOT(slot, spec, need) .slot = slot,
                                                           GURUM_NETWORK_SLOTS(SLOT)
#undef SLOT
};

static const struct gurum_setting settings[] = {SIMULATOR_SOCKET_SETTING};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_NETWORK,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_SERVICE_ALL | GURUM_NETWORK_SEGMENTS | GURUM_NETWORK_SERVICES_ON_HOSTS |
                    GURUM_NETWORK_TRAFFIC | GURUM_NETWORK_GIVES_ISOLATION_ID | GURUM_NETWORK_VLAN |
                    GURUM_NETWORK_VXLAN | GURUM_NETWORK_GRE,
    .name = "network-simulator",
    .title = "Simulated network provider",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = simulator_start,
    .stop = simulator_stop,
    .operations = &operations,
};
