/* Plugin "hypervisor-simulator": the hypervisor kind over the simulator. Each slot tells its spec to the server and
 * lets the answer be carried out; no rule and no state is here. */
#include "gurum_hypervisor.h"
#include "simulator_client.h"

#include <string.h>

static struct json_object *tell_disk(const void *item)
{
    const struct gurum_disk *disk = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "volume_uuid", disk->volume_uuid);
    simulator_text(object, "pool_uuid", disk->pool == NULL ? NULL : disk->pool->uuid);
    simulator_text(object, "handle", disk->handle);
    simulator_text(object, "path", disk->path);
    simulator_number(object, "kind", disk->kind);
    simulator_number(object, "device_number", disk->device_number);
    simulator_number(object, "size_bytes", disk->size_bytes);
    return object;
}

static struct json_object *tell_nic(const void *item)
{
    const struct gurum_nic *nic = item;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", nic->uuid);
    simulator_text(object, "mac", nic->mac);
    simulator_text(object, "network_uuid", nic->network_uuid);
    simulator_text(object, "segment_handle", nic->segment_handle);
    simulator_text(object, "ipv4", nic->ipv4);
    simulator_number(object, "isolation_id", nic->isolation_id);
    simulator_number(object, "device_number", nic->device_number);
    simulator_number(object, "is_default", nic->is_default);
    return object;
}

static struct json_object *tell_guest(const struct gurum_guest *guest)
{
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", guest->uuid);
    simulator_text(object, "name", guest->name);
    simulator_text(object, "title", guest->title);
    simulator_text(object, "hostname", guest->hostname);
    simulator_number(object, "cpu_count", guest->cpu_count);
    simulator_number(object, "cpu_mhz", guest->cpu_mhz);
    simulator_number(object, "memory_mib", guest->memory_mib);
    simulator_number(object, "boot_type", guest->boot_type);
    simulator_text(object, "image_uuid", guest->image == NULL ? NULL : guest->image->uuid);
    simulator_bytes(object, "user_data", guest->user_data, guest->user_data_length);
    json_object_object_add(object, "disks", simulator_rows(&guest->disks, tell_disk));
    json_object_object_add(object, "nics", simulator_rows(&guest->nics, tell_nic));
    json_object_object_add(object, "details", simulator_details(&guest->details));
    json_object_object_add(object, "metadata", simulator_details(&guest->metadata));
    return object;
}

static struct json_object *spec_at(uint32_t flags, const struct gurum_host *host)
{
    struct json_object *spec = simulator_spec(flags), *defaults = json_object_new_object();
    const struct gurum_services *services = simulator_services();
    json_object_object_add(spec, "host", simulator_host(host));
    simulator_number(defaults, "cpu_count", (uint64_t)services->setting_integer("host_cpus"));
    simulator_number(defaults, "cpu_mhz", (uint64_t)services->setting_integer("host_cpu_mhz"));
    simulator_number(defaults, "memory_mib", (uint64_t)services->setting_integer("host_memory_mib"));
    json_object_object_add(spec, "defaults", defaults);
    return spec;
}

static struct json_object *spec_of_guest(uint32_t flags, const struct gurum_host *host, const char *uuid,
                                         const char *name)
{
    struct json_object *spec = spec_at(flags, host);
    simulator_text(spec, "guest_uuid", uuid);
    simulator_text(spec, "guest_name", name);
    return spec;
}

static int32_t send(struct gurum_call *call, const char *slot, struct json_object *spec)
{
    return simulator_call(call, "hypervisor", slot, spec);
}

/* Slots that share a spec differ only in their name. */
#define HOST_SLOT(slot)                                                                                                \
    static int32_t slot(struct gurum_call *call, const struct gurum_host_spec *spec)                                   \
    {                                                                                                                  \
        return send(call, #slot, spec_at(spec->flags, spec->host));                                                    \
    }
HOST_SLOT(host_probe)
HOST_SLOT(host_ensure)
HOST_SLOT(host_observe)
HOST_SLOT(host_remove)
HOST_SLOT(guest_list)
HOST_SLOT(guest_stats)

#define SHAPE_SLOT(slot)                                                                                               \
    static int32_t slot(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)                            \
    {                                                                                                                  \
        struct json_object *told = spec_at(spec->flags, spec->host);                                                   \
        json_object_object_add(told, "guest", tell_guest(spec->guest));                                                \
        return send(call, #slot, told);                                                                                \
    }
SHAPE_SLOT(guest_ensure)
SHAPE_SLOT(guest_start)
SHAPE_SLOT(guest_resize)

#define GUEST_SLOT(slot)                                                                                               \
    static int32_t slot(struct gurum_call *call, const struct gurum_guest_spec *spec)                                  \
    {                                                                                                                  \
        return send(call, #slot, spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name));          \
    }
GUEST_SLOT(guest_reboot)
GUEST_SLOT(guest_remove)
GUEST_SLOT(guest_observe)
GUEST_SLOT(console_open)

static int32_t guest_stop(struct gurum_call *call, const struct gurum_guest_stop_spec *spec)
{
    struct json_object *told = spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name);
    simulator_number(told, "grace_ms", spec->grace_ms);
    return send(call, "guest_stop", told);
}

#define DISK_SLOT(slot)                                                                                                \
    static int32_t slot(struct gurum_call *call, const struct gurum_disk_spec *spec)                                   \
    {                                                                                                                  \
        struct json_object *told = spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name);         \
        json_object_object_add(told, "disk", tell_disk(spec->disk));                                                   \
        return send(call, #slot, told);                                                                                \
    }
DISK_SLOT(disk_attach)
DISK_SLOT(disk_detach)

#define NIC_SLOT(slot)                                                                                                 \
    static int32_t slot(struct gurum_call *call, const struct gurum_nic_spec *spec)                                    \
    {                                                                                                                  \
        struct json_object *told = spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name);         \
        json_object_object_add(told, "nic", tell_nic(spec->nic));                                                      \
        return send(call, #slot, told);                                                                                \
    }
NIC_SLOT(nic_attach)
NIC_SLOT(nic_detach)

static int32_t guest_migrate(struct gurum_call *call, const struct gurum_guest_migrate_spec *spec)
{
    struct json_object *told = spec_at(spec->flags, spec->host);
    json_object_object_add(told, "destination", simulator_host(spec->destination));
    json_object_object_add(told, "guest", tell_guest(spec->guest));
    return send(call, "guest_migrate", told);
}

#define SNAPSHOT_SLOT(slot)                                                                                            \
    static int32_t slot(struct gurum_call *call, const struct gurum_guest_snapshot_spec *spec)                         \
    {                                                                                                                  \
        struct json_object *told = spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name);         \
        simulator_text(told, "snapshot_uuid", spec->snapshot_uuid);                                                    \
        simulator_text(told, "snapshot_name", spec->snapshot_name);                                                    \
        return send(call, #slot, told);                                                                                \
    }
SNAPSHOT_SLOT(guest_snapshot_ensure)
SNAPSHOT_SLOT(guest_snapshot_revert)
SNAPSHOT_SLOT(guest_snapshot_remove)

static int32_t console_log_read(struct gurum_call *call, const struct gurum_console_log_spec *spec)
{
    struct json_object *told = spec_of_guest(spec->flags, spec->host, spec->guest_uuid, spec->guest_name);
    simulator_number(told, "offset", spec->offset);
    simulator_number(told, "bytes_most", spec->bytes_most);
    return send(call, "console_log_read", told);
}

static const struct gurum_hypervisor_operations operations = {.size = sizeof(operations),
#define SLOT(slot, spec, need) .slot = slot,
                                                              GURUM_HYPERVISOR_SLOTS(SLOT)
#undef SLOT
};

static const struct gurum_setting settings[] = {
    SIMULATOR_SOCKET_SETTING,
    {.type = GURUM_SETTING_INTEGER,
     .name = "host_cpus",
     .title = "CPUs of a host",
     .help = "How many CPUs a simulated host has.",
     .default_value = "8",
     .minimum = 1,
     .maximum = 4096},
    {.type = GURUM_SETTING_INTEGER,
     .name = "host_cpu_mhz",
     .title = "Speed of a CPU",
     .help = "Speed of each CPU of a simulated host, in MHz.",
     .default_value = "2000",
     .minimum = 100,
     .maximum = 10000},
    {.type = GURUM_SETTING_INTEGER,
     .name = "host_memory_mib",
     .title = "Memory of a host",
     .help = "Memory of a simulated host, in MiB.",
     .default_value = "32768",
     .minimum = 64,
     .maximum = 67108864},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_HYPERVISOR,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_HYPERVISOR_DISK_HOTPLUG | GURUM_HYPERVISOR_NIC_HOTPLUG | GURUM_HYPERVISOR_RESIZE |
                    GURUM_HYPERVISOR_MIGRATE | GURUM_HYPERVISOR_MIGRATE_STORAGE | GURUM_HYPERVISOR_SNAPSHOT |
                    GURUM_HYPERVISOR_SNAPSHOT_MEMORY | GURUM_HYPERVISOR_CONSOLE | GURUM_HYPERVISOR_STATS |
                    GURUM_HYPERVISOR_USER_DATA | GURUM_HYPERVISOR_UEFI | GURUM_HYPERVISOR_CONSOLE_LOG,
    .name = "hypervisor-simulator",
    .title = "Simulated hypervisor",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = simulator_start,
    .stop = simulator_stop,
    .operations = &operations,
};
