/* deployVirtualMachine: everything that is decided before the job, in one transaction. */
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host.h"
#include "cloud/image/image.h"
#include "cloud/network/network.h"
#include "cloud/offering/offering.h"
#include "cloud/quota/quota.h"
#include "cloud/sshkey/sshkey.h"
#include "cloud/vm/vm_service.h"
#include "cloud/vmgroup/vmgroup.h"
#include "cloud/volume/volume.h"
#include "cloud/zone/zone.h"

enum { GIB_MAX = 1024 * 1024 };

/* What the request comes to, found out step by step. */
struct deployment {
    struct api_call *call;
    const struct vm_deploy_request *request;
    struct db *db;
    struct arena *arena;
    const struct zone *zone;
    const struct service_offering *offering;
    const struct disk_offering *disk_offering, *root_offering; /* NULL: none */
    struct image *image;
    struct image_place *place;
    struct compute_size size;
    struct vm vm;
    struct volume root, data;
    struct user_data_choice user_data;
    struct ssh_key *keys;
    size_t key_count;
    const struct vm_wanted_nic *nics;
    size_t nic_count;
    struct string_list network_names;
    struct vm_started *started;
};

/* id 0: none was asked for. */
static bool find_disk_offering(struct deployment *d, int64_t id, const struct disk_offering **ret_offering,
                               struct error *err)
{
    const struct disk_offering *offering = NULL;
    bool offered = false;
    if (id == 0)
        return true;
    if (!disk_offering_find_any(d->db, d->arena, id, &offering, err) ||
        (offering != NULL && !disk_offering_is_offered(d->db, d->arena, offering, d->call->owner.domain_path,
                                                       d->request->zone_id, &offered, err)))
        return false;
    *ret_offering = offering;
    return offered || error_with(err, ERROR_INVALID_VALUE, "vm.offering_not_offered",
                                 E_TEXT("offering", offering != NULL ? offering->name : ""));
}

static bool find_offerings(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    const struct compute_size wanted = {
        .cpu_number = r->cpu_number, .cpu_speed_mhz = r->cpu_speed_mhz, .memory_mib = r->memory_mib};
    bool offered = false;
    if (!service_offering_find(d->db, d->arena, r->offering_id, &d->offering, err))
        return false;
    if (d->offering == NULL || d->offering->is_system)
        return error_set(err, ERROR_INVALID_VALUE, "vm.offering_unknown");
    if (!service_offering_is_offered(d->db, d->arena, d->offering, d->call->owner.domain_path, r->zone_id, &offered,
                                     err))
        return false;
    if (!offered)
        return error_with(err, ERROR_INVALID_VALUE, "vm.offering_not_offered", E_TEXT("offering", d->offering->name));
    if (!find_disk_offering(d, r->disk_offering_id, &d->disk_offering, err) ||
        !find_disk_offering(d, r->root_disk_offering_id, &d->root_offering, err))
        return false;
    int64_t own = d->offering->disk_offering_id; /* comes with the service offering, to whomever that is offered */
    if (d->root_offering == NULL && own != 0 && !disk_offering_find_any(d->db, d->arena, own, &d->root_offering, err))
        return false;
    return service_offering_size(d->offering, &wanted, &d->size, err);
}

static bool find_image(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    if (!image_find_any(d->db, d->arena, r->image_id, &d->image, err) ||
        !image_place_find_any(d->db, d->arena, r->image_id, r->zone_id, &d->place, err))
        return false;
    if (d->image == NULL || d->image->removed.set)
        return error_set(err, ERROR_INVALID_VALUE, "vm.image_unknown");
    if (!image_place_is_ready(d->place))
        return error_with(err, ERROR_INVALID_VALUE, "vm.image_not_ready", E_TEXT("image", d->image->name),
                          E_TEXT("zone", d->zone->name));
    if (r->hypervisor != NULL && !string_equal_ignoring_case(r->hypervisor, d->image->hypervisor) &&
        !string_equal_ignoring_case(d->image->hypervisor, "Any"))
        return error_with(err, ERROR_INVALID_VALUE, "vm.hypervisor_mismatch", E_TEXT("hypervisor", r->hypervisor),
                          E_TEXT("image", d->image->hypervisor));
    return true;
}

/* ---- networks ---- */

static bool check_network(struct deployment *d, int64_t network_id, const char **ret_name, struct error *err)
{
    struct network *network = NULL;
    bool usable = false;
    if (!network_find(d->db, d->arena, network_id, &network, err))
        return false;
    if (network == NULL || network->zone_id != d->zone->id)
        return error_set(err, ERROR_INVALID_VALUE, "vm.network_not_in_zone");
    if (!network_is_usable(d->db, d->arena, network, d->call->caller, &d->call->owner, &usable, err))
        return false;
    if (!usable)
        return error_with(err, ERROR_DENIED, "vm.network_not_usable", E_TEXT("network", network->name));
    *ret_name = network->name;
    return true;
}

static bool choose_networks(struct deployment *d, struct error *err)
{
    d->nics = d->request->nics;
    d->nic_count = d->request->nic_count;
    if (d->nic_count == 0) {
        const int64_t *ids = NULL;
        if (!network_default_for(d->db, d->arena, d->call->caller, &d->call->owner, d->zone->id, &ids, &d->nic_count,
                                 err))
            return false;
        struct vm_wanted_nic *nics = arena_array(d->arena, d->nic_count + 1, sizeof(*nics));
        for (size_t i = 0; i < d->nic_count; i++)
            nics[i].network_id = ids[i];
        d->nics = nics;
    }
    if (d->nic_count > VM_NICS_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "vm.too_many_networks", E_INT("max", VM_NICS_MAX));
    d->network_names.items = arena_array(d->arena, d->nic_count + 1, sizeof(char *));
    for (size_t i = 0; i < d->nic_count; i++)
        if (!check_network(d, d->nics[i].network_id, &d->network_names.items[d->network_names.count++], err))
            return false;
    return true;
}

/* User data and keys, and whether anybody can hand them to the guest. */
static bool choose_guest_data(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    const struct user_data_wish wish = {.image_id = d->image->id,
                                        .user_data_id = r->user_data_id,
                                        .content = r->user_data,
                                        .details = r->user_data_details};
    if (!user_data_choose(d->db, d->arena, &wish, &d->user_data, err) ||
        !ssh_keys_named(d->db, d->arena, &d->call->owner, &r->key_pairs, &d->keys, &d->key_count, err))
        return false;
    if (string_is_empty(d->user_data.content) && d->key_count == 0)
        return true;
    if (network_user_data_arrives(d->db, d->arena, d->zone->id))
        return true;
    return error_set(err, ERROR_INVALID_VALUE, d->key_count > 0 ? "vm.keys_not_carried" : "vm.user_data_not_carried");
}

static bool add_keys(struct deployment *d, struct error *err)
{
    for (size_t i = 0; i < d->key_count; i++) {
        const struct vm_key key = {
            .vm_id = d->vm.id, .name = d->keys[i].named.name, .public_key = d->keys[i].public_key};
        if (!vm_key_add(d->db, &key, err))
            return false;
    }
    return true;
}

static bool add_nics(struct deployment *d, struct error *err)
{
    const struct address_owner owner = {
        .account_id = d->vm.account_id, .domain_id = d->vm.domain_id, .object_kind = "vm", .object_id = d->vm.id};
    for (size_t i = 0; i < d->nic_count; i++) {
        struct address address = {.id = 0};
        char uuid[UUID_BYTES];
        if (!address_take(d->db, d->arena, d->nics[i].network_id, d->nics[i].ip_address, d->nics[i].mac_address, &owner,
                          &address, err))
            return false;
        uuid_random(uuid);
        const struct vm_nic nic = {.vm_id = d->vm.id,
                                   .device_number = (int64_t)i,
                                   .network_id = d->nics[i].network_id,
                                   .address_id = address.id,
                                   .uuid = uuid,
                                   .mac_address = address.mac,
                                   .ip_address = address.ip,
                                   .gateway = address.gateway,
                                   .netmask = address.netmask,
                                   .cidr = address.cidr,
                                   .vlan = address.vlan,
                                   .is_default = i == 0};
        if (!vm_nic_insert(d->db, &nic, err))
            return false;
    }
    return true;
}

/* ---- the VM ---- */

static bool fill_names(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    char uuid[UUID_BYTES];
    bool taken = false;
    uuid_random(uuid);
    d->vm.uuid = r->uuid != NULL ? r->uuid : arena_strdup(d->arena, uuid);
    d->vm.name = r->name != NULL ? r->name : arena_printf(d->arena, "VM-%s", d->vm.uuid);
    d->vm.display_name = r->display_name != NULL ? r->display_name : d->vm.name;
    if (!vm_name_is_valid(d->vm.name))
        return error_with(err, ERROR_INVALID_VALUE, "vm.name_invalid", E_TEXT("name", d->vm.name));
    if (r->name != NULL && !vm_store_name_is_taken(d->db, d->arena, d->call->owner.account_id, r->name, 0, &taken, err))
        return false;
    return !taken || error_with(err, ERROR_INVALID_VALUE, "vm.name_taken", E_TEXT("name", r->name));
}

static bool fill_vm(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    struct vm *vm = &d->vm;
    if (!fill_names(d, err))
        return false;
    vm->counted_tags = quota_counted_tags(d->arena, image_host_tags(d->arena, d->image, d->offering->host_tags));
    vm->account_id = d->call->owner.account_id;
    vm->domain_id = d->call->owner.domain_id;
    vm->user_id = d->call->caller->user_id;
    vm->zone_id = d->zone->id;
    vm->image_id = d->image->id;
    vm->offering_id = d->offering->id;
    vm->disk_offering_id = d->disk_offering != NULL ? d->disk_offering->id : 0;
    vm->os_type_id = d->image->os_type_id;
    vm->state = vm_state_name(r->start ? VM_STARTING : VM_STOPPED);
    vm->hypervisor = string_equal_ignoring_case(d->image->hypervisor, "Any") && r->hypervisor != NULL
                         ? r->hypervisor
                         : d->image->hypervisor;
    vm->cpu_count = d->size.cpu_number;
    vm->cpu_mhz = d->size.cpu_speed_mhz;
    vm->memory_mib = d->size.memory_mib;
    vm->ha_enabled = d->offering->offer_ha;
    vm->is_shown = r->shown;
    vm->listed = vm_state_listed(r->start ? VM_STARTING : VM_STOPPED, r->shown);
    vm->is_dynamically_scalable =
        r->dynamically_scalable && d->image->is_dynamically_scalable && d->offering->dynamic_scaling;
    vm->boot_type = r->boot_type != NULL ? r->boot_type : "BIOS";
    vm->boot_mode = r->boot_mode != NULL ? r->boot_mode : "LEGACY";
    vm->has_details = r->detail_count > 0;
    vm->has_keys = d->key_count > 0;
    vm->has_stored_data = d->user_data.user_data_id != 0;
    return r->group == NULL || vm_group_ensure(d->db, vm->account_id, vm->domain_id, r->group, &vm->group_id, err);
}

static bool add_vm(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    struct vm *vm = &d->vm;
    if (!fill_vm(d, err) || !vm_store_number(d->db, d->arena, vm, err) || !vm_store_insert(d->db, vm, err) ||
        !vm_take_user_data(d->db, d->arena, vm, &d->user_data, err) || !add_keys(d, err))
        return false;
    for (size_t i = 0; i < r->detail_count; i++)
        if (!vm_detail_set(d->db, vm->id, r->details[i].name, r->details[i].value, err))
            return false;
    struct history_entry entry =
        vm_history(vm, "create", NULL, vm->state, (struct vm_actor){.caller = d->call->caller});
    return history_add(d->db, &entry, err);
}

/* ---- disks ---- */

static bool root_bytes(const struct deployment *d, int64_t *ret_bytes, struct error *err)
{
    int64_t gib = d->offering->root_disk_size_gib;
    if (d->root_offering != NULL && d->root_offering->disk_size_gib > 0)
        gib = d->root_offering->disk_size_gib;
    if (d->request->root_gib > 0)
        gib = d->request->root_gib;
    if (gib > GIB_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "vm.disk_too_large", E_INT("max", GIB_MAX));
    if (gib > 0 && gib << 30 < d->place->size_bytes)
        return error_with(err, ERROR_INVALID_VALUE, "vm.root_too_small", E_INT("gib", gib),
                          E_INT("image", (d->place->size_bytes + (1 << 30) - 1) >> 30));
    *ret_bytes = gib > 0 ? gib << 30 : d->place->size_bytes;
    return true;
}

static bool data_bytes(const struct deployment *d, int64_t *ret_bytes, struct error *err)
{
    if (d->disk_offering == NULL)
        return true;
    bool custom = d->disk_offering->is_customized;
    int64_t gib = custom ? d->request->data_gib : d->disk_offering->disk_size_gib;
    if (gib <= 0)
        return error_with(err, ERROR_INVALID_VALUE, "vm.data_size_missing", E_TEXT("offering", d->disk_offering->name));
    if (gib > GIB_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "vm.disk_too_large", E_INT("max", GIB_MAX));
    *ret_bytes = gib << 30;
    return true;
}

/* What the offering promises; 0: nothing. */
static void set_iops(struct volume *disk, int64_t least, int64_t most)
{
    disk->min_iops = (struct opt_int){.value = least, .set = least > 0};
    disk->max_iops = (struct opt_int){.value = most, .set = most > 0};
}

static bool fill_disks(struct deployment *d, struct error *err)
{
    const struct disk_offering *root = d->root_offering;
    const struct volume common = {.account_id = d->vm.account_id,
                                  .domain_id = d->vm.domain_id,
                                  .zone_id = d->zone->id,
                                  .vm_id = d->vm.id,
                                  .state = "Allocated",
                                  .hypervisor = d->vm.hypervisor,
                                  .is_shown = d->vm.is_shown};
    d->root = d->data = common;
    d->root.name = arena_printf(d->arena, "ROOT-%lld", (long long)d->vm.id);
    d->root.volume_type = "ROOT";
    d->root.image_id = d->image->id;
    d->root.service_offering_id = d->offering->id;
    d->root.disk_offering_id = root != NULL ? root->id : 0;
    d->root.provisioning_type = root != NULL ? root->provisioning_type : d->offering->provisioning_type;
    d->root.storage_tags = root != NULL ? root->storage_tags : d->offering->storage_tags;
    set_iops(&d->root, root != NULL ? root->min_iops : d->offering->min_iops,
             root != NULL ? root->max_iops : d->offering->max_iops);
    if (!root_bytes(d, &d->root.size_bytes, err) || !data_bytes(d, &d->data.size_bytes, err))
        return false;
    if (d->disk_offering == NULL)
        return true;
    d->data.name = arena_printf(d->arena, "DATA-%lld", (long long)d->vm.id);
    d->data.volume_type = "DATADISK";
    d->data.device_number = 1;
    d->data.disk_offering_id = d->disk_offering->id;
    d->data.provisioning_type = d->disk_offering->provisioning_type;
    d->data.storage_tags = d->disk_offering->storage_tags;
    d->data.is_custom = d->disk_offering->is_customized;
    set_iops(&d->data, d->disk_offering->min_iops, d->disk_offering->max_iops);
    return true;
}

static bool add_disks(struct deployment *d, struct error *err)
{
    return volume_add(d->db, d->arena, &d->root, d->call->caller, err) &&
           (d->disk_offering == NULL || volume_add(d->db, d->arena, &d->data, d->call->caller, err));
}

/* ---- job and counters ---- */

static bool is_local(const char *storage_type)
{
    return string_equal_ignoring_case(storage_type, "local");
}

static bool start_job(struct deployment *d, struct error *err)
{
    const struct vm_deploy_request *r = d->request;
    const char *root_storage = d->root_offering != NULL ? d->root_offering->storage_type : d->offering->storage_type;
    const struct vm_start_input input = {.vm_id = d->vm.id,
                                         .zone_id = d->zone->id,
                                         .pod_id = r->pod_id,
                                         .cluster_id = r->cluster_id,
                                         .host_id = r->host_id,
                                         .cpu_count = d->vm.cpu_count,
                                         .cpu_mhz = d->vm.cpu_mhz,
                                         .memory_mib = d->vm.memory_mib,
                                         .vm_uuid = d->vm.uuid,
                                         .vm_name = d->vm.display_name,
                                         .account_uuid = d->call->owner.account_uuid,
                                         .hypervisor = d->vm.hypervisor,
                                         .arch = d->image->arch,
                                         .host_tags = image_host_tags(d->arena, d->image, d->offering->host_tags),
                                         .is_new = true,
                                         .start = r->start,
                                         .root_bytes = d->root.size_bytes,
                                         .data_bytes = d->data.size_bytes,
                                         .root_tags = d->root.storage_tags,
                                         .data_tags = d->data.storage_tags,
                                         .root_local = is_local(root_storage),
                                         .data_local =
                                             d->disk_offering != NULL && is_local(d->disk_offering->storage_type),
                                         .networks = d->network_names};
    const struct job_target target = {.object_kind = "vm", .object_id = d->vm.id, .object_uuid = d->vm.uuid};
    const struct job_stamp stamp = api_stamp(d->call);
    if (!job_create(d->db, &VM_DEPLOY, &input, &target, &stamp, &d->started->job, err))
        return false;
    d->started->vm_uuid = d->vm.uuid;
    return vm_store_set_job(d->db, d->vm.id, d->started->job.uuid, err);
}

static bool count_disk_tags(struct deployment *d, const struct volume *disk, struct error *err)
{
    const struct quota_change changes[] = {{QUOTA_VOLUME, 1}, {QUOTA_PRIMARY_STORAGE_BYTES, disk->size_bytes}};
    return quota_change_tagged(d->db, &d->call->owner, disk->storage_tags, changes, COUNT_OF(changes), err);
}

static bool count_tags(struct deployment *d, struct error *err)
{
    const struct quota_change changes[] = {
        {QUOTA_VM, 1}, {QUOTA_CPU, d->vm.cpu_count}, {QUOTA_MEMORY_MIB, d->vm.memory_mib}};
    return quota_change_tagged(d->db, &d->call->owner, d->vm.counted_tags, changes, COUNT_OF(changes), err) &&
           count_disk_tags(d, &d->root, err) && (d->disk_offering == NULL || count_disk_tags(d, &d->data, err));
}

/* Last, because everybody's deployments meet in the counters of ROOT. */
static bool count(struct deployment *d, struct error *err)
{
    const struct quota_change changes[] = {{QUOTA_VM, 1},
                                           {QUOTA_CPU, d->vm.cpu_count},
                                           {QUOTA_MEMORY_MIB, d->vm.memory_mib},
                                           {QUOTA_VOLUME, d->disk_offering != NULL ? 2 : 1},
                                           {QUOTA_PRIMARY_STORAGE_BYTES, d->root.size_bytes + d->data.size_bytes}};
    return quota_change(d->db, &d->call->owner, changes, COUNT_OF(changes), err) && count_tags(d, err) &&
           bucket_change(d->db, d->arena, "vm", d->vm.account_id, d->vm.domain_id, d->vm.id, 0, (int)d->vm.listed,
                         err);
}

static bool deploy_body(struct db *db, void *context, struct error *err)
{
    const struct deployment *given = context;
    struct deployment d = {
        .call = given->call, .request = given->request, .db = db, .arena = given->arena, .started = given->started};
    return zone_check_usable(db, d.arena, d.request->zone_id, d.call->caller, &d.call->owner, &d.zone, err) &&
           find_offerings(&d, err) && find_image(&d, err) && choose_networks(&d, err) && choose_guest_data(&d, err) &&
           add_vm(&d, err) && add_nics(&d, err) && fill_disks(&d, err) && start_job(&d, err) && add_disks(&d, err) &&
           count(&d, err);
}

bool vm_deploy(struct api_call *call, const struct vm_deploy_request *request, struct vm_started *ret_started,
               struct error *err)
{
    struct deployment deployment = {.call = call, .request = request, .arena = call->arena, .started = ret_started};
    return db_transaction(call->db, deploy_body, &deployment, err);
}
