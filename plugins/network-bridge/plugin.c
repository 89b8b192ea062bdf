/* Plugin "network-bridge": shared networks on KVM hosts. On each host a network is a network of libvirt's: a bridge
 * with its own subnet, NAT and dnsmasq, or the host's own bridge that the traffic label names. Here: the symbol, its
 * settings, start and stop. */
#include "bridge.h"

const struct gurum_services *host_services;

static int32_t start(const struct gurum_services *services)
{
    host_services = services;
    return libvirt_start(services);
}

static void stop(void)
{
    libvirt_stop();
}

static const struct gurum_setting settings[] = {
    {.type = GURUM_SETTING_TEXT,
     .name = "types",
     .title = "Types of hosts",
     .help = "Hypervisor types whose zones this plugin serves.",
     .default_value = "KVM"},
    {.type = GURUM_SETTING_INTEGER,
     .name = "lease_minutes",
     .title = "Time of a lease",
     .help = "Minutes for which a guest keeps its address without asking again.",
     .default_value = "60",
     .minimum = 2,
     .maximum = 10080},
    LIBVIRT_TRANSPORT_SETTING,
};

static const struct gurum_network_operations operations = {
    .size = sizeof(operations),
    .provider_probe = bridge_provider_probe,
    .network_ensure = bridge_network_ensure,
    .network_observe = bridge_network_observe,
    .network_list = bridge_network_list,
    .network_remove = bridge_network_remove,
    .host_network_ensure = bridge_host_network_ensure,
    .host_network_remove = bridge_host_network_remove,
    .service_apply = bridge_service_apply,
    .service_observe = bridge_service_observe,
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_NETWORK,
    .threading = GURUM_THREADING_PER_TARGET,
    .capabilities = GURUM_SERVICE_DHCP | GURUM_SERVICE_DNS | GURUM_NETWORK_SEGMENTS | GURUM_NETWORK_SERVICES_ON_HOSTS |
                    GURUM_NETWORK_ON_HOSTS,
    .name = "network-bridge",
    .title = "Shared networks on libvirt",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = start,
    .stop = stop,
    .operations = &operations,
};
