/* deployVirtualMachine: its parameters, and what they ask of the service. */
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/reply.h"
#include "cloud/vm/vm_api.h"

struct deploy_args {
    struct object_ref zoneid, serviceofferingid, templateid, diskofferingid, overridediskofferingid, hostid, podid,
        clusterid, userdataid;
    const char *name, *displayname, *group, *hypervisor, *keyboard, *boottype, *bootmode, *userdata, *customid,
        *ipaddress, *ip6address, *macaddress, *keypair, *password, *deploymentplanner, *extraconfig, *iodriverpolicy,
        *leaseexpiryaction, *snapshotid, *volumeid;
    struct ref_list networkids;
    struct map_list details, iptonetworklist, datadiskofferinglist, datadisksdetails, dhcpoptionsnetworklist,
        externaldetails, nicnetworklist, properties, userdatadetails;
    struct string_list affinitygroupids, affinitygroupnames, securitygroupids, securitygroupnames, keypairs;
    struct opt_int rootdisksize, size, leaseduration, nicmultiqueuenumber;
    struct opt_bool startvm, displayvm, dynamicscalingenabled, bootintosetup, copyimagetags, iothreadsenabled,
        nicpackedvirtqueuesenabled;
};
#define A(member, ...) FIELD(struct deploy_args, member, __VA_ARGS__)
static const char *const BOOT_TYPES[] = {"BIOS", "UEFI", NULL};
static const char *const BOOT_MODES[] = {"LEGACY", "SECURE", NULL};
static const struct map_ref NETWORK_PARTS[] = {{"networkid", "network"}, {NULL, NULL}};
FIELD_TABLE(
    DEPLOY_VM_ARGS, struct deploy_args, A(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"),
    A(serviceofferingid, .flags = FIELD_REQUIRED, .refers_to = "service_offering", .help = "CPU and memory"),
    A(templateid, .refers_to = "image", .help = "the image that the root disk comes from"),
    A(diskofferingid, .refers_to = "disk_offering", .help = "the offering of a data disk"),
    A(overridediskofferingid, .refers_to = "disk_offering", .since = "4.17",
      .help = "the offering of the root disk instead of the service offering's own"),
    A(hostid, .flags = FIELD_ADMIN, .refers_to = "host", .help = "the host it must run on"),
    A(podid, .flags = FIELD_ADMIN, .refers_to = "pod", .since = "4.13", .help = "the pod it must run in"),
    A(clusterid, .flags = FIELD_ADMIN, .refers_to = "cluster", .since = "4.13", .help = "the cluster it must run in"),
    A(name, .help = "the host name; made up when absent"), A(displayname, .help = "the name shown to people"),
    A(group, .help = "the instance group; made when there is none of that name"),
    A(hypervisor, .help = "the hypervisor, for images that run on several"),
    A(keyboard, .no_effect = "consoles take the layout of who looks at them",
      .help = "the keyboard layout of the console"),
    A(boottype, .choices = BOOT_TYPES, .since = "4.14.0.0", .help = "BIOS or UEFI"),
    A(bootmode, .choices = BOOT_MODES, .since = "4.14.0.0", .help = "LEGACY or SECURE"),
    A(userdata, .flags = FIELD_PLAIN_TEXT | FIELD_SENSITIVE, .max = 1048576, .help = "data for the guest, base64"),
    A(customid, .flags = FIELD_ADMIN, .help = "the id that the VM gets"),
    A(ipaddress, .help = "the address in the first network"),
    A(ip6address, .refused = "no IPv6 for guests yet", .help = "the IPv6 address in the first network"),
    A(macaddress, .help = "the MAC address in the first network"), A(keypair, .help = "an SSH key pair"),
    A(keypairs, .since = "4.17", .help = "SSH key pairs"),
    A(password, .flags = FIELD_SENSITIVE, .since = "4.19.0.0", .no_effect = "no guest passwords yet",
      .help = "the guest's password"),
    A(deploymentplanner, .flags = FIELD_ADMIN, .since = "4.4", .no_effect = "the setting vm.allocator chooses",
      .help = "how a place is chosen"),
    A(extraconfig, .max = 5120, .since = "4.12", .refused = "settings of a hypervisor come from details",
      .help = "hypervisor settings"),
    A(iodriverpolicy, .no_effect = "the hypervisor plugin chooses", .help = "the I/O driver of its disks"),
    A(leaseexpiryaction, .since = "4.21.0", .no_effect = "no leases", .help = "what happens when the lease ends"),
    A(snapshotid, .since = "4.21", .refused = "no snapshots yet", .help = "a snapshot to begin with"),
    A(volumeid, .since = "4.21", .refused = "a VM begins with an image", .help = "a volume to begin with"),
    A(userdataid, .refers_to = "user_data", .since = "4.18", .help = "stored user data"),
    A(networkids, .refers_to = "network", .help = "its networks, the default one first"),
    A(details, .since = "4.3",
      .help = "size of a customized offering (cpuNumber, cpuSpeed, memory), rootdisksize, hypervisor settings"),
    A(iptonetworklist, .map_refs = NETWORK_PARTS, .help = "networks with wanted addresses: networkid, ip, mac"),
    A(datadiskofferinglist, .since = "4.11", .refused = "images have one disk",
      .help = "offerings for the data disks of an image"),
    A(datadisksdetails, .since = "4.21.0", .refused = "one data disk a deployment", .help = "several data disks"),
    A(dhcpoptionsnetworklist, .refused = "no DHCP options of single interfaces",
      .help = "DHCP options for each network"),
    A(externaldetails, .since = "4.21.0", .no_effect = "no extensions", .help = "settings of an extension"),
    A(nicnetworklist, .since = "4.15", .refused = "images describe no interfaces",
      .help = "networks for the interfaces of an image"),
    A(properties, .since = "4.15", .no_effect = "no vApp properties", .help = "properties of a vApp"),
    A(userdatadetails, .since = "4.18", .help = "values for stored user data"),
    A(affinitygroupids, .refused = "no affinity groups yet", .help = "affinity groups"),
    A(affinitygroupnames, .refused = "no affinity groups yet", .help = "affinity groups by name"),
    A(securitygroupids, .refused = "no security groups yet", .help = "security groups"),
    A(securitygroupnames, .refused = "no security groups yet", .help = "security groups by name"),
    A(rootdisksize, .since = "4.4", .flags = FIELD_POSITIVE, .help = "GiB of the root disk"),
    A(size, .flags = FIELD_POSITIVE, .help = "GiB of the data disk, for a customized offering"),
    A(leaseduration, .since = "4.21.0", .min = -1, .max = 0, .no_effect = "no leases: only none (0 or -1) is accepted",
      .help = "days until it is stopped or destroyed"),
    A(nicmultiqueuenumber, .since = "4.18", .no_effect = "the hypervisor plugin chooses",
      .help = "queues of its interfaces"),
    A(startvm, .help = "whether it is started; true when absent"),
    A(displayvm, .flags = FIELD_ADMIN, .since = "4.2", .help = "whether its owner sees it"),
    A(dynamicscalingenabled, .since = "4.16", .help = "whether it may be scaled while running"),
    A(bootintosetup, .since = "4.15.0.0", .no_effect = "no hypervisor here has it", .help = "boot into the setup menu"),
    A(copyimagetags, .since = "4.13", .no_effect = "tags of images stay with images", .help = "copy the image's tags"),
    A(iothreadsenabled, .no_effect = "the hypervisor plugin chooses", .help = "a thread for disk I/O"),
    A(nicpackedvirtqueuesenabled, .since = "4.18", .no_effect = "the hypervisor plugin chooses",
      .help = "packed queues for its interfaces"));

/* Older clients name one key, newer ones several. */
static struct string_list key_pairs(struct arena *arena, const struct deploy_args *args)
{
    struct string_list names = {.items = arena_array(arena, args->keypairs.count + 1, sizeof(char *))};
    if (args->keypair != NULL)
        names.items[names.count++] = args->keypair;
    for (size_t i = 0; i < args->keypairs.count; i++)
        names.items[names.count++] = args->keypairs.items[i];
    return names;
}

/* ---- networks ---- */

static const char *map_value(const struct map_list *map, uint32_t index, const char *field)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].index == index && string_equal(map->entries[i].field, field))
            return map->entries[i].value;
    return NULL;
}

/* iptonetworklist[i].networkid with .ip and .mac: replaces networkids. */
static bool read_ip_list(const struct map_list *list, struct vm_wanted_nic *nics, size_t *count, struct error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct map_entry *entry = &list->entries[i];
        if (!string_equal(entry->field, "networkid"))
            continue;
        if (map_value(list, entry->index, "ipv6") != NULL)
            return error_with(err, ERROR_INVALID_VALUE, "api.unsupported_parameter",
                              E_TEXT("parameter", "iptonetworklist.ipv6"));
        nics[(*count)++] = (struct vm_wanted_nic){.network_id = entry->ref,
                                                  .ip_address = map_value(list, entry->index, "ip"),
                                                  .mac_address = map_value(list, entry->index, "mac")};
    }
    return true;
}

static bool read_networks(struct api_call *call, const struct deploy_args *args, struct vm_deploy_request *request,
                          struct error *err)
{
    struct vm_wanted_nic *nics =
        arena_array(call->arena, args->networkids.count + args->iptonetworklist.count + 1, sizeof(*nics));
    size_t count = 0;
    if (args->networkids.count > 0 && args->iptonetworklist.count > 0)
        return error_set(err, ERROR_INVALID_VALUE, "vm.networks_twice");
    if (!read_ip_list(&args->iptonetworklist, nics, &count, err))
        return false;
    for (size_t i = 0; i < args->networkids.count; i++)
        nics[count++].network_id = args->networkids.items[i].id;
    if (count > 0 && args->ipaddress != NULL)
        nics[0].ip_address = args->ipaddress;
    if (count > 0 && args->macaddress != NULL)
        nics[0].mac_address = args->macaddress;
    if (count == 0 && (args->ipaddress != NULL || args->macaddress != NULL))
        return error_set(err, ERROR_INVALID_VALUE, "vm.address_without_network");
    request->nics = nics;
    request->nic_count = count;
    return true;
}

/* ---- details ---- */

void vm_read_details(struct arena *arena, const struct map_list *details, struct pair **ret_pairs, size_t *ret_count)
{
    struct pair *pairs = arena_array(arena, details->count + 1, sizeof(*pairs));
    for (size_t i = 0; i < details->count; i++)
        pairs[i] = (struct pair){.name = details->entries[i].field, .value = details->entries[i].value};
    *ret_pairs = pairs;
    *ret_count = details->count;
}

static bool read_number(const struct pair *pair, int64_t *ret_value, struct error *err)
{
    if (!string_to_int(pair->value, ret_value) || *ret_value < 1)
        return error_with(err, ERROR_INVALID_VALUE, "vm.detail_not_a_number", E_TEXT("name", pair->name),
                          E_TEXT("value", pair->value));
    return true;
}

/* The sizes of a customized offering are taken out of the details; the rest is stored. */
static bool read_details(struct api_call *call, const struct deploy_args *args, struct vm_deploy_request *request,
                         struct error *err)
{
    struct pair *pairs = NULL;
    size_t count = 0, kept = 0;
    vm_read_details(call->arena, &args->details, &pairs, &count);
    for (size_t i = 0; i < count; i++) {
        int64_t *number = string_equal_ignoring_case(pairs[i].name, "cpuNumber")      ? &request->cpu_number
                          : string_equal_ignoring_case(pairs[i].name, "cpuSpeed")     ? &request->cpu_speed_mhz
                          : string_equal_ignoring_case(pairs[i].name, "memory")       ? &request->memory_mib
                          : string_equal_ignoring_case(pairs[i].name, "rootdisksize") ? &request->root_gib
                                                                                      : NULL;
        if (number != NULL && !read_number(&pairs[i], number, err))
            return false;
        if (number == NULL)
            pairs[kept++] = pairs[i];
    }
    request->details = pairs;
    request->detail_count = kept;
    if (args->rootdisksize.set)
        request->root_gib = args->rootdisksize.value;
    return true;
}

bool vm_handle_deploy(struct api_call *call, const void *arguments, struct error *err)
{
    const struct deploy_args *args = arguments;
    struct vm_deploy_request request = {.zone_id = args->zoneid.id,
                                        .offering_id = args->serviceofferingid.id,
                                        .image_id = args->templateid.id,
                                        .disk_offering_id = args->diskofferingid.id,
                                        .root_disk_offering_id = args->overridediskofferingid.id,
                                        .host_id = args->hostid.id,
                                        .pod_id = args->podid.id,
                                        .cluster_id = args->clusterid.id,
                                        .data_gib = args->size.set ? args->size.value : 0,
                                        .uuid = args->customid,
                                        .name = args->name,
                                        .display_name = args->displayname,
                                        .group = args->group,
                                        .user_data_id = args->userdataid.id,
                                        .user_data_details = reply_pairs(call->arena, &args->userdatadetails),
                                        .key_pairs = key_pairs(call->arena, args),
                                        .hypervisor = args->hypervisor,
                                        .boot_type = args->boottype,
                                        .boot_mode = args->bootmode,
                                        .start = !args->startvm.set || args->startvm.value,
                                        .shown = !args->displayvm.set || args->displayvm.value,
                                        .dynamically_scalable =
                                            !args->dynamicscalingenabled.set || args->dynamicscalingenabled.value};
    struct vm_started started;
    if (args->templateid.id == 0)
        return api_refuse_missing(call, "templateid", err);
    if (args->customid != NULL && !uuid_is_valid(args->customid))
        return error_with(err, ERROR_INVALID_VALUE, "vm.custom_id_invalid", E_TEXT("id", args->customid));
    if (!user_data_read(call, args->userdata, &request.user_data, err) || !read_networks(call, args, &request, err) ||
        !read_details(call, args, &request, err) || !vm_deploy(call, &request, &started, err))
        return false;
    api_reply_job(call, &started.job, started.vm_uuid);
    return true;
}
