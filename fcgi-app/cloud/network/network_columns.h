/* The columns of table network, for its store and its lists. */
#ifndef GURUM_CLOUD_NETWORK_COLUMNS_H
#define GURUM_CLOUD_NETWORK_COLUMNS_H

#define NETWORK_COLUMNS(X)                                                                                             \
    X(uuid)                                                                                                            \
    X(account_id) X(domain_id) X(domain_path) X(zone_id) X(physical_network_id) X(offering_id) X(name) X(display_text) \
        X(guest_type) X(traffic_type) X(acl_type) X(state) X(gateway) X(netmask) X(cidr) X(dns1) X(dns2) X(ip6_dns1)   \
            X(ip6_dns2) X(ip6_gateway) X(ip6_cidr) X(network_domain) X(reserved_ip_range) X(external_id)               \
                X(broadcast_type) X(broadcast_uri) X(segment_id) X(nic_count) X(provider_handle) X(private_mtu)        \
                    X(public_mtu) X(is_system) X(is_default) X(display) X(restart_required) X(subdomain_access)        \
                        X(is_persistent) X(created)
#define NETWORK_COLUMN(c) ", n." #c
#define NETWORK_SELECT "SELECT n.id" NETWORK_COLUMNS(NETWORK_COLUMN) " FROM network n"

#endif
