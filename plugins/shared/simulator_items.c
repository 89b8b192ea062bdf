/* Items of the simulator's answers, from JSON to the structures of the SDK: one table a structure, member by member. */
#include "gurum_hypervisor.h"
#include "gurum_image_store.h"
#include "gurum_network.h"
#include "gurum_storage.h"
#include "simulator_client.h"

/* BYTES: a pointer, and right behind it the length as uint64_t. */
enum member_type { MEMBER_TEXT, MEMBER_BYTES, MEMBER_U8, MEMBER_U32, MEMBER_U64 };

struct member {
    const char *name;
    size_t offset;
    enum member_type type;
};

struct layout {
    uint32_t item_type;
    uint32_t size;
    const struct member *members;
};

#define MEMBER(structure, name, type)                                                                                  \
    {                                                                                                                  \
#name, offsetof(struct structure, name), type                                                                  \
    }
#define TEXT(structure, name) MEMBER(structure, name, MEMBER_TEXT)
#define U8(structure, name) MEMBER(structure, name, MEMBER_U8)
#define U32(structure, name) MEMBER(structure, name, MEMBER_U32)
#define U64(structure, name) MEMBER(structure, name, MEMBER_U64)
/* int64_t members are never negative here, so they travel as U64. */
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, MEMBER_TEXT                                                                                           \
    }

static const struct member check_members[] = {
    TEXT(gurum_check, code),   U8(gurum_check, ok),     U8(gurum_check, required),
    TEXT(gurum_check, detail), TEXT(gurum_check, hint), END,
};
static const struct member fact_members[] = {TEXT(gurum_fact, name), TEXT(gurum_fact, value), END};
static const struct member host_facts_members[] = {
    TEXT(gurum_host_facts, provider_uuid),
    TEXT(gurum_host_facts, hypervisor),
    TEXT(gurum_host_facts, hypervisor_version),
    TEXT(gurum_host_facts, architecture),
    TEXT(gurum_host_facts, os),
    TEXT(gurum_host_facts, cpu_model),
    TEXT(gurum_host_facts, capabilities),
    U32(gurum_host_facts, cpu_count),
    U32(gurum_host_facts, cpu_sockets),
    U32(gurum_host_facts, cpu_mhz),
    U64(gurum_host_facts, memory_bytes),
    END,
};
static const struct member host_members[] = {
    U32(gurum_host_report, state),
    U32(gurum_host_report, guest_count),
    U64(gurum_host_report, memory_bytes),
    U64(gurum_host_report, memory_free_bytes),
    U32(gurum_host_report, cpu_used_permille),
    U64(gurum_host_report, network_in_bytes),
    U64(gurum_host_report, network_out_bytes),
    TEXT(gurum_host_report, detail),
    END,
};
static const struct member guest_members[] = {
    TEXT(gurum_guest_report, uuid),
    TEXT(gurum_guest_report, name),
    TEXT(gurum_guest_report, handle),
    TEXT(gurum_guest_report, host_uuid),
    U32(gurum_guest_report, state),
    U32(gurum_guest_report, cpu_count),
    U64(gurum_guest_report, memory_mib),
    U64(gurum_guest_report, since_ms),
    U32(gurum_guest_report, disk_count),
    U32(gurum_guest_report, nic_count),
    END,
};
static const struct member stats_members[] = {
    TEXT(gurum_guest_stats, uuid),
    U64(gurum_guest_stats, cpu_time_ms),
    U64(gurum_guest_stats, memory_mib),
    U64(gurum_guest_stats, memory_used_mib),
    U64(gurum_guest_stats, disk_read_bytes),
    U64(gurum_guest_stats, disk_write_bytes),
    U64(gurum_guest_stats, disk_read_requests),
    U64(gurum_guest_stats, disk_write_requests),
    U64(gurum_guest_stats, network_in_bytes),
    U64(gurum_guest_stats, network_out_bytes),
    U64(gurum_guest_stats, taken_ms),
    END,
};
static const struct member console_log_members[] = {
    TEXT(gurum_console_log, uuid),      MEMBER(gurum_console_log, data, MEMBER_BYTES),
    U64(gurum_console_log, offset),     U64(gurum_console_log, end_offset),
    U64(gurum_console_log, generation), END,
};
static const struct member disk_members[] = {
    TEXT(gurum_disk_report, volume_uuid), TEXT(gurum_disk_report, handle),
    TEXT(gurum_disk_report, path),        U32(gurum_disk_report, device_number),
    U32(gurum_disk_report, format),       U64(gurum_disk_report, size_bytes),
    U64(gurum_disk_report, used_bytes),   END,
};
static const struct member console_members[] = {
    TEXT(gurum_console_report, protocol),  TEXT(gurum_console_report, address),
    TEXT(gurum_console_report, password),  TEXT(gurum_console_report, path),
    U32(gurum_console_report, port),       U32(gurum_console_report, tls),
    U64(gurum_console_report, expires_ms), END,
};
static const struct member guest_snapshot_members[] = {
    TEXT(gurum_guest_snapshot_report, uuid),
    TEXT(gurum_guest_snapshot_report, handle),
    U64(gurum_guest_snapshot_report, taken_ms),
    U64(gurum_guest_snapshot_report, size_bytes),
    END,
};
static const struct member pool_members[] = {
    U32(gurum_pool_report, state),          U32(gurum_pool_report, shared),
    TEXT(gurum_pool_report, provider_uuid), TEXT(gurum_pool_report, type),
    TEXT(gurum_pool_report, path),          U64(gurum_pool_report, capacity_bytes),
    U64(gurum_pool_report, used_bytes),     U64(gurum_pool_report, iops_most),
    TEXT(gurum_pool_report, detail),        END,
};
static const struct member volume_members[] = {
    TEXT(gurum_volume_report, uuid),        TEXT(gurum_volume_report, handle),    TEXT(gurum_volume_report, path),
    TEXT(gurum_volume_report, parent_uuid), U64(gurum_volume_report, size_bytes), U64(gurum_volume_report, used_bytes),
    U32(gurum_volume_report, format),       U32(gurum_volume_report, present),    END,
};
static const struct member snapshot_members[] = {
    TEXT(gurum_snapshot_report, uuid),
    TEXT(gurum_snapshot_report, volume_uuid),
    TEXT(gurum_snapshot_report, handle),
    U64(gurum_snapshot_report, size_bytes),
    U64(gurum_snapshot_report, used_bytes),
    U64(gurum_snapshot_report, taken_ms),
    END,
};
static const struct member store_members[] = {
    U32(gurum_store_report, state),          TEXT(gurum_store_report, provider_uuid),
    U64(gurum_store_report, capacity_bytes), U64(gurum_store_report, used_bytes),
    TEXT(gurum_store_report, detail),        END,
};
static const struct member image_members[] = {
    TEXT(gurum_image_report, uuid),      TEXT(gurum_image_report, handle),
    TEXT(gurum_image_report, path),      TEXT(gurum_image_report, checksum),
    U32(gurum_image_report, state),      U32(gurum_image_report, format),
    U64(gurum_image_report, size_bytes), U64(gurum_image_report, virtual_size_bytes),
    TEXT(gurum_image_report, detail),    END,
};
static const struct member export_members[] = {
    TEXT(gurum_export_report, url),
    U64(gurum_export_report, expires_ms),
    U64(gurum_export_report, size_bytes),
    TEXT(gurum_export_report, checksum),
    END,
};
static const struct member provider_members[] = {
    TEXT(gurum_provider_report, version),
    TEXT(gurum_provider_report, detail),
    U64(gurum_provider_report, networks_most),
    END,
};
static const struct member network_members[] = {
    TEXT(gurum_network_report, uuid),        TEXT(gurum_network_report, handle), U32(gurum_network_report, state),
    U32(gurum_network_report, isolation_id), TEXT(gurum_network_report, detail), END,
};
static const struct member segment_members[] = {
    TEXT(gurum_segment_report, network_uuid),
    TEXT(gurum_segment_report, host_uuid),
    TEXT(gurum_segment_report, handle),
    U32(gurum_segment_report, mtu),
    END,
};
static const struct member service_members[] = {
    TEXT(gurum_service_report, network_uuid), U64(gurum_service_report, service), U64(gurum_service_report, revision),
    U32(gurum_service_report, state),         TEXT(gurum_service_report, detail), END,
};
static const struct member traffic_members[] = {
    TEXT(gurum_traffic, network_uuid), TEXT(gurum_traffic, public_ipv4), U64(gurum_traffic, in_bytes),
    U64(gurum_traffic, out_bytes),     U64(gurum_traffic, since_ms),     END,
};

#define LAYOUT(type, structure, members)                                                                               \
    {                                                                                                                  \
        GURUM_ITEM_##type, (uint32_t)sizeof(struct structure), members                                                 \
    }
static const struct layout layouts[] = {
    LAYOUT(CHECK, gurum_check, check_members),
    LAYOUT(DETAIL, gurum_fact, fact_members),
    LAYOUT(HOST_FACTS, gurum_host_facts, host_facts_members),
    LAYOUT(HOST_STATE, gurum_host_report, host_members),
    LAYOUT(GUEST, gurum_guest_report, guest_members),
    LAYOUT(GUEST_STATS, gurum_guest_stats, stats_members),
    LAYOUT(DISK, gurum_disk_report, disk_members),
    LAYOUT(CONSOLE, gurum_console_report, console_members),
    LAYOUT(GUEST_SNAPSHOT, gurum_guest_snapshot_report, guest_snapshot_members),
    LAYOUT(CONSOLE_LOG, gurum_console_log, console_log_members),
    LAYOUT(POOL, gurum_pool_report, pool_members),
    LAYOUT(VOLUME, gurum_volume_report, volume_members),
    LAYOUT(SNAPSHOT, gurum_snapshot_report, snapshot_members),
    LAYOUT(STORE, gurum_store_report, store_members),
    LAYOUT(IMAGE, gurum_image_report, image_members),
    LAYOUT(EXPORT, gurum_export_report, export_members),
    LAYOUT(PROVIDER, gurum_provider_report, provider_members),
    LAYOUT(NETWORK, gurum_network_report, network_members),
    LAYOUT(SEGMENT, gurum_segment_report, segment_members),
    LAYOUT(SERVICE, gurum_service_report, service_members),
    LAYOUT(TRAFFIC, gurum_traffic, traffic_members),
};

static void member_fill(char *structure, const struct member *member, struct json_object *value)
{
    int64_t number = json_object_get_int64(value);
    void *at = structure + member->offset;
    switch (member->type) {
    case MEMBER_TEXT:
        *(const char **)at = value == NULL ? NULL : json_object_get_string(value);
        break;
    case MEMBER_BYTES:
        *(const char **)at = value == NULL ? NULL : json_object_get_string(value);
        ((uint64_t *)at)[1] = value == NULL ? 0 : (uint64_t)json_object_get_string_len(value);
        break;
    case MEMBER_U8:
        *(uint8_t *)at = (uint8_t)number;
        break;
    case MEMBER_U32:
        *(uint32_t *)at = (uint32_t)number;
        break;
    case MEMBER_U64:
        *(uint64_t *)at = (uint64_t)number;
        break;
    }
}

int32_t simulator_report(struct gurum_call *call, struct json_object *item, bool lie_size)
{
    const struct gurum_services *services = simulator_services();
    int64_t type = json_object_get_int64(json_object_object_get(item, "item"));
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layouts[i].item_type != type)
            continue;
        struct gurum_item *structure = services->alloc(call, layouts[i].size);
        structure->size = lie_size ? layouts[i].size * 1000 : layouts[i].size;
        structure->type = layouts[i].item_type;
        for (const struct member *member = layouts[i].members; member->name != NULL; member++)
            member_fill((char *)structure, member, json_object_object_get(item, member->name));
        return services->report(call, structure);
    }
    return services->fail(call, GURUM_INTERNAL, "simulator_item", "unknown item type %lld", (long long)type);
}
