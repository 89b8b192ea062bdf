/* VMs and hosts as hypervisor plugins see them. */
#include "base/text.h"
#include "cloud/guestos/guestos.h"
#include "cloud/image/image_jobs.h"
#include "cloud/network/network.h"
#include "cloud/host/host_jobs.h"
#include "cloud/userdata/userdata.h"
#include "cloud/vm/vm_jobs_parts.h"

bool vm_world_load(struct job_run *run, int64_t vm_id, struct vm_world *ret_world, struct error *err)
{
    struct vm_world world = {.vm = NULL};
    if (!vm_find_any(run->db, run->arena, vm_id, &world.vm, err))
        return false;
    if (world.vm == NULL || world.vm->removed.set)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.gone");
    if (!vm_nics_any(run->db, run->arena, vm_id, &world.nics, &world.nic_count, err) ||
        !volume_of_vm_any(run->db, run->arena, vm_id, &world.volumes, &world.volume_count, err))
        return false;
    if (world.vm->host_id != 0 && !host_find(run->db, run->arena, world.vm->host_id, &world.host, err))
        return false;
    *ret_world = world;
    return true;
}

bool vm_host_target(struct job_run *run, const struct host *host, struct gurum_host *ret_host,
                    struct plugin_target *ret_target, struct error *err)
{
    return host_target(run->db, run->arena, host->id, ret_host, ret_target, err);
}

static bool fill_disks(struct job_run *run, const struct vm_world *world, const struct gurum_host *host,
                       struct gurum_guest *guest, struct error *err)
{
    struct gurum_disk *disks = arena_array(run->arena, world->volume_count + 1, sizeof(*disks));
    for (size_t i = 0; i < world->volume_count; i++) {
        const struct volume *volume = &world->volumes[i];
        struct storage_pool *row = NULL;
        struct gurum_pool *pool = ARENA_NEW(run->arena, struct gurum_pool);
        struct plugin_target unused;
        if (!storage_pool_find(run->db, run->arena, volume->pool_id, &row, err))
            return false;
        if (row == NULL)
            return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "volume.pool_gone", E_TEXT("volume", volume->name));
        if (!volume_pool_target(run, row, host, pool, &unused, err))
            return false;
        bool is_root = volume->device_number == 0;
        disks[i] = (struct gurum_disk){.volume_uuid = volume->uuid,
                                       .pool = pool,
                                       .handle = volume->location,
                                       .kind = is_root ? GURUM_DISK_ROOT : GURUM_DISK_DATA,
                                       .device_number = (uint32_t)volume->device_number,
                                       .size_bytes = (uint64_t)volume->size_bytes,
                                       .bootable = is_root};
    }
    guest->disks =
        (struct gurum_array){.items = disks, .count = (uint32_t)world->volume_count, .stride = sizeof(*disks)};
    return true;
}

static void set_isolation(const struct network *network, struct gurum_nic *nic)
{
    if (network->segment_id == 0)
        return;
    nic->isolation =
        string_equal_ignoring_case(network->broadcast_type, "Vxlan") ? GURUM_ISOLATION_VXLAN : GURUM_ISOLATION_VLAN;
    nic->isolation_id = (uint32_t)network->segment_id;
}

static bool fill_nics(struct job_run *run, const struct vm_world *world, struct gurum_guest *guest, struct error *err)
{
    struct gurum_nic *nics = arena_array(run->arena, world->nic_count + 1, sizeof(*nics));
    for (size_t i = 0; i < world->nic_count; i++) {
        const struct vm_nic *nic = &world->nics[i];
        struct network *network = NULL;
        const char *label = NULL;
        if (!network_find(run->db, run->arena, nic->network_id, &network, err))
            return false;
        if (network == NULL)
            return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.network_gone");
        const char *segment = NULL;
        if (!network_traffic_label(run->db, run->arena, network, world->vm->hypervisor, &label, err) ||
            (world->host != NULL &&
             !network_segment_handle(run->db, run->arena, network->id, world->host->id, &segment, err)))
            return false;
        nics[i] = (struct gurum_nic){.uuid = nic->uuid,
                                     .mac = nic->mac_address,
                                     .network_uuid = network->uuid,
                                     .segment_handle = segment != NULL ? segment : network->external_id,
                                     .traffic_label = label,
                                     .ipv4 = nic->ip_address,
                                     .ipv4_cidr = nic->cidr,
                                     .ipv4_gateway = nic->gateway,
                                     .device_number = (uint32_t)nic->device_number,
                                     .mtu = (uint32_t)network->private_mtu,
                                     .is_default = nic->is_default,
                                     .anti_spoofing = 1};
        set_isolation(network, &nics[i]);
    }
    guest->nics = (struct gurum_array){.items = nics, .count = (uint32_t)world->nic_count, .stride = sizeof(*nics)};
    return true;
}

static bool fill_details(struct job_run *run, const struct vm_world *world, struct gurum_guest *guest,
                         struct error *err)
{
    struct pair_list inherited = {.items = NULL};
    struct db_rows rows;
    if (!image_details_any(run->db, run->arena, world->vm->image_id, &inherited, err) ||
        !vm_detail_find_for_any(run->db, run->arena, &world->vm->id, 1, &rows, err))
        return false;
    struct gurum_detail *items = arena_array(run->arena, inherited.count + rows.count + 1, sizeof(*items));
    uint32_t count = 0;
    for (size_t i = 0; i < inherited.count; i++)
        items[count++] = (struct gurum_detail){.name = inherited.items[i].name, .value = inherited.items[i].value};
    const struct vm_detail *own = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        items[count++] = (struct gurum_detail){.name = own[i].name, .value = own[i].value};
    guest->details = (struct gurum_array){.items = items, .count = count, .stride = sizeof(*items)};
    return true;
}

enum { PUBLIC_KEYS_BYTES_MAX = 128 * 1024 };

/* What the guest may read of itself: its keys, a line each. */
static bool fill_metadata(struct job_run *run, const struct vm *vm, struct gurum_guest *guest, struct error *err)
{
    struct db_rows rows;
    struct text lines;
    if (!vm->has_keys)
        return true;
    if (!vm_key_find_for_any(run->db, run->arena, &vm->id, 1, &rows, err))
        return false;
    text_init(&lines, run->arena, PUBLIC_KEYS_BYTES_MAX);
    const struct vm_key *keys = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        text_addf(&lines, "%s%s", i > 0 ? "\n" : "", keys[i].public_key);
    struct gurum_detail *item = ARENA_NEW(run->arena, struct gurum_detail);
    *item = (struct gurum_detail){.name = "public-keys", .value = text_string(&lines)};
    guest->metadata = (struct gurum_array){.items = item, .count = 1, .stride = sizeof(*item)};
    return true;
}

static uint32_t boot_type_of(const struct vm *vm)
{
    if (!string_equal_ignoring_case(vm->boot_type, "UEFI"))
        return GURUM_BOOT_BIOS;
    return string_equal_ignoring_case(vm->boot_mode, "SECURE") ? GURUM_BOOT_UEFI_SECURE : GURUM_BOOT_UEFI;
}

bool vm_guest_shape(struct job_run *run, const struct vm_world *world, const struct gurum_host *host,
                    struct gurum_guest *ret_guest, struct error *err)
{
    const struct vm *vm = world->vm;
    const struct os_type *os = NULL;
    const char *user_data = NULL;
    size_t user_data_length = 0;
    if (!os_type_find(run->db, run->arena, vm->os_type_id, &os, err) ||
        !vm_user_data_any(run->db, run->arena, vm->id, &user_data, err))
        return false;
    *ret_guest = (struct gurum_guest){.size = sizeof(*ret_guest),
                                      .boot_type = boot_type_of(vm),
                                      .uuid = vm->uuid,
                                      .name = vm->instance_name,
                                      .title = vm->display_name,
                                      .cpu_count = (uint32_t)vm->cpu_count,
                                      .cpu_mhz = (uint32_t)vm->cpu_mhz,
                                      .memory_mib = (uint64_t)vm->memory_mib,
                                      .os_type = os != NULL ? os->description : NULL,
                                      .hostname = vm->name,
                                      .user_data = user_data_bytes(run->arena, user_data, &user_data_length),
                                      .user_data_length = user_data_length};
    return fill_disks(run, world, host, ret_guest, err) && fill_nics(run, world, ret_guest, err) &&
           fill_details(run, world, ret_guest, err) && fill_metadata(run, vm, ret_guest, err);
}

bool vm_guest_is_up(uint32_t reported_state)
{
    return reported_state == GURUM_GUEST_RUNNING || reported_state == GURUM_GUEST_PAUSED ||
           reported_state == GURUM_GUEST_MIGRATING;
}
