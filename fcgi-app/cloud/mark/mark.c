/* Types of objects that something can hang on, and who is told when one goes. */
#include "cloud/mark/mark.h"

#include <stdlib.h>

#include "base/text.h"

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
    {"NetworkOffering", "network_offering"},
    {"Storage", "storage_pool"},
    {"SecondaryStorage", "image_store"},
    {"Host", "host"},
    {"Pod", "pod"},
    {"Cluster", "cluster"},
    {"User", "user"},
    {"Domain", "domain"},
    {"SSHKeyPair", "ssh_key"},
    {"UserData", "user_data"},
    {"InstanceGroup", "vm_group"},
    {"GuestOsCategory", "os_category"},
    {"GuestOs", "os_type"},
};

const char *mark_kind_of_type(const char *wire_type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal_ignoring_case(TYPES[i].type, wire_type))
            return api_find_kind(TYPES[i].kind) != NULL ? TYPES[i].kind : NULL;
    return NULL;
}

const char *mark_type_of_kind(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal(TYPES[i].kind, kind))
            return TYPES[i].type;
    return kind;
}

bool mark_may_change(const struct caller *caller, const struct object_found *object)
{
    if (caller_is_root_admin(caller))
        return true;
    bool is_owned = object->visibility == OBJECT_OWNED || object->visibility == OBJECT_DOMAIN;
    return is_owned && caller_may_reach(caller, object->owner_account_id, object->owner_domain_path);
}

enum { FORGETTERS_MAX = 8 };
static mark_forget_rows *forgetters[FORGETTERS_MAX];
static size_t forgetter_count;

void mark_on_forget(mark_forget_rows *forget)
{
    if (forgetter_count == FORGETTERS_MAX)
        abort();
    forgetters[forgetter_count++] = forget;
}

bool mark_forget(struct db *db, const char *kind, int64_t object_id, struct error *err)
{
    for (size_t i = 0; i < forgetter_count; i++)
        if (!forgetters[i](db, kind, object_id, err))
            return false;
    return true;
}
