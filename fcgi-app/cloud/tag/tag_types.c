/* Wire types of tags and the object kinds they stand for. */
#include "base/text.h"
#include "cloud/tag/tag_store.h"

static const struct {
    const char *type, *kind;
} TYPES[] = {
    {"UserVm", "vm"},
    {"VirtualMachine", "vm"},
    {"Template", "image"},
    {"ISO", "image"},
    {"Volume", "volume"},
    {"Snapshot", "snapshot"},
    {"Network", "network"},
    {"Nic", "nic"},
    {"LoadBalancer", "balancer"},
    {"PortForwardingRule", "forwarding"},
    {"FirewallRule", "firewall"},
    {"SecurityGroup", "securitygroup"},
    {"PublicIpAddress", "address"},
    {"Project", "project"},
    {"Account", "account"},
    {"Vpc", "vpc"},
    {"NetworkACL", "acl"},
    {"StaticRoute", "route"},
    {"VMSnapshot", "vmsnapshot"},
    {"Zone", "zone"},
    {"ServiceOffering", "service_offering"},
    {"DiskOffering", "disk_offering"},
    {"Storage", "storage_pool"},
    {"Host", "host"},
    {"User", "user"},
};

const char *tag_kind_of_type(const char *wire_type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal_ignoring_case(TYPES[i].type, wire_type))
            return api_find_kind(TYPES[i].kind) != NULL ? TYPES[i].kind : NULL;
    return NULL;
}

const char *tag_type_of_kind(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal(TYPES[i].kind, kind))
            return TYPES[i].type;
    return kind;
}
