/* See gurum_item_verify.h. */
#include "gurum_item_verify.h"

#include "gurum_hypervisor.h"
#include "gurum_image_store.h"
#include "gurum_network.h"
#include "gurum_storage.h"

#include <string.h>

#define TEXT_BYTES_MOST 65536

#define ITEM(type, structure, ...)                                                                                     \
    {                                                                                                                  \
        GURUM_ITEM_##type, (uint32_t)sizeof(struct structure), #type,                                                  \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define AT(structure, member) (uint16_t) offsetof(struct structure, member)

static const struct gurum_item_info items[] = {
    ITEM(CHECK, gurum_check, AT(gurum_check, code), AT(gurum_check, detail), AT(gurum_check, hint)),
    ITEM(DETAIL, gurum_fact, AT(gurum_fact, name), AT(gurum_fact, value)),
    ITEM(HOST_FACTS, gurum_host_facts, AT(gurum_host_facts, provider_uuid), AT(gurum_host_facts, hypervisor),
         AT(gurum_host_facts, hypervisor_version), AT(gurum_host_facts, architecture), AT(gurum_host_facts, os),
         AT(gurum_host_facts, cpu_model), AT(gurum_host_facts, capabilities)),
    ITEM(HOST_STATE, gurum_host_report, AT(gurum_host_report, detail)),
    ITEM(GUEST, gurum_guest_report, AT(gurum_guest_report, uuid), AT(gurum_guest_report, name),
         AT(gurum_guest_report, handle), AT(gurum_guest_report, host_uuid)),
    ITEM(GUEST_STATS, gurum_guest_stats, AT(gurum_guest_stats, uuid)),
    ITEM(DISK, gurum_disk_report, AT(gurum_disk_report, volume_uuid), AT(gurum_disk_report, handle),
         AT(gurum_disk_report, path)),
    ITEM(CONSOLE, gurum_console_report, AT(gurum_console_report, protocol), AT(gurum_console_report, address),
         AT(gurum_console_report, password), AT(gurum_console_report, path)),
    ITEM(GUEST_SNAPSHOT, gurum_guest_snapshot_report, AT(gurum_guest_snapshot_report, uuid),
         AT(gurum_guest_snapshot_report, handle)),
    ITEM(CONSOLE_LOG, gurum_console_log, AT(gurum_console_log, uuid)),
    ITEM(POOL, gurum_pool_report, AT(gurum_pool_report, provider_uuid), AT(gurum_pool_report, type),
         AT(gurum_pool_report, path), AT(gurum_pool_report, detail)),
    ITEM(VOLUME, gurum_volume_report, AT(gurum_volume_report, uuid), AT(gurum_volume_report, handle),
         AT(gurum_volume_report, path), AT(gurum_volume_report, parent_uuid)),
    ITEM(SNAPSHOT, gurum_snapshot_report, AT(gurum_snapshot_report, uuid), AT(gurum_snapshot_report, volume_uuid),
         AT(gurum_snapshot_report, handle)),
    ITEM(STORE, gurum_store_report, AT(gurum_store_report, provider_uuid), AT(gurum_store_report, detail)),
    ITEM(IMAGE, gurum_image_report, AT(gurum_image_report, uuid), AT(gurum_image_report, handle),
         AT(gurum_image_report, path), AT(gurum_image_report, checksum), AT(gurum_image_report, detail)),
    ITEM(EXPORT, gurum_export_report, AT(gurum_export_report, url), AT(gurum_export_report, checksum)),
    ITEM(PROVIDER, gurum_provider_report, AT(gurum_provider_report, version), AT(gurum_provider_report, detail)),
    ITEM(NETWORK, gurum_network_report, AT(gurum_network_report, uuid), AT(gurum_network_report, handle),
         AT(gurum_network_report, detail)),
    ITEM(SEGMENT, gurum_segment_report, AT(gurum_segment_report, network_uuid), AT(gurum_segment_report, host_uuid),
         AT(gurum_segment_report, handle)),
    ITEM(SERVICE, gurum_service_report, AT(gurum_service_report, network_uuid), AT(gurum_service_report, detail)),
    ITEM(TRAFFIC, gurum_traffic, AT(gurum_traffic, network_uuid), AT(gurum_traffic, public_ipv4)),
    ITEM(RANK, gurum_rank, AT(gurum_rank, reason)),
};

const struct gurum_item_info *gurum_item_find(uint32_t type)
{
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        if (items[i].type == type)
            return &items[i];
    }
    return NULL;
}

/* Types come in ranges of sixteen: common, hypervisor, storage with image store, network, allocators. */
static bool may_report(uint32_t kind, uint32_t type)
{
    static const uint32_t ranges[] = {
        [GURUM_KIND_HYPERVISOR] = 1, [GURUM_KIND_STORAGE] = 2,        [GURUM_KIND_IMAGE_STORE] = 2,
        [GURUM_KIND_NETWORK] = 3,    [GURUM_KIND_HOST_ALLOCATOR] = 4, [GURUM_KIND_STORAGE_ALLOCATOR] = 4};
    return type >> 4 == 0 || (kind < sizeof(ranges) / sizeof(ranges[0]) && ranges[kind] == type >> 4);
}

/* Well-formed UTF-8 without control characters but tab and line feed. */
static bool is_clean(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned char first = (unsigned char)text[i];
        size_t more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : 3;
        if ((first < 0x20 && first != '\t' && first != '\n') || (first >= 0x80 && first < 0xc2) || first > 0xf4)
            return false;
        if (i + more >= length + (more == 0))
            return false;
        for (size_t j = 1; j <= more; j++) {
            if (((unsigned char)text[i + j] & 0xc0) != 0x80)
                return false;
        }
        i += more + 1;
    }
    return true;
}

static const char *console_log_problem(const struct gurum_console_log *log)
{
    if (log->data_length > GURUM_CONSOLE_LOG_BYTES_MOST || (log->data == NULL && log->data_length > 0))
        return "a console log with more bytes than may be asked for, or with none where some are said to be";
    return log->offset > log->end_offset || log->data_length > log->end_offset - log->offset
               ? "a console log that goes on behind its end"
               : NULL;
}

const char *gurum_item_problem(uint32_t kind, const struct gurum_item *item)
{
    const struct gurum_item_info *info = item == NULL ? NULL : gurum_item_find(item->type);
    if (item == NULL)
        return "no item";
    if (info == NULL || !may_report(kind, item->type))
        return "an item of a type that this kind of plugin does not report";
    if (item->size != info->size)
        return "an item whose size is not that of its structure";
    for (size_t i = 0; i < GURUM_ITEM_TEXTS_MOST && info->texts[i] != 0; i++) {
        const char *text;
        memcpy(&text, (const char *)item + info->texts[i], sizeof(text));
        size_t length = text == NULL ? 0 : strnlen(text, TEXT_BYTES_MOST);
        if (length == TEXT_BYTES_MOST)
            return "an item with a text above 64 KiB";
        if (!is_clean(text, length))
            return "an item with a text that is not clean UTF-8";
    }
    return item->type == GURUM_ITEM_CONSOLE_LOG ? console_log_problem((const void *)item) : NULL;
}
