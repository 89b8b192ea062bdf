/* Reports of plugins: judged and copied. One table says of each type how large it is, who may report it, where its
 * texts are, and what its numbers may be. */
#include "plugin_host/host.h"

#include <string.h>

#include "gurum_host_allocator.h"
#include "gurum_hypervisor.h"
#include "gurum_image_store.h"
#include "gurum_network.h"
#include "gurum_storage.h"

enum { TEXTS_MAX = 8, TEXT_BYTES_MAX = 65536, NUMBERS_MAX = 64 };

struct item_form {
    uint32_t type, size;
    uint32_t kinds;          /* bits: 1 << enum gurum_kind */
    size_t texts[TEXTS_MAX]; /* offsets, ended by 0 */
    size_t required;         /* offset of a text that must be there; 0: none */
    size_t number;           /* offset of an enumeration; 0: none */
    uint32_t least, most;    /* of that number */
};

#define KIND(name) (1u << GURUM_KIND_##name)
#define ANY_KIND (KIND(HYPERVISOR) | KIND(STORAGE) | KIND(IMAGE_STORE) | KIND(NETWORK))
#define AT(member) offsetof(ITEM, member)
#define HEAD(type_name, who) .type = GURUM_ITEM_##type_name, .size = sizeof(ITEM), .kinds = (who)

static const struct item_form FORMS[] = {
#define ITEM struct gurum_check
    {HEAD(CHECK, ANY_KIND), .texts = {AT(code), AT(detail), AT(hint)}, .required = AT(code)},
#undef ITEM
#define ITEM struct gurum_fact
    {HEAD(DETAIL, ANY_KIND), .texts = {AT(name), AT(value)}, .required = AT(name)},
#undef ITEM
#define ITEM struct gurum_host_facts
    {HEAD(HOST_FACTS, KIND(HYPERVISOR)),
     .texts = {AT(provider_uuid), AT(hypervisor), AT(hypervisor_version), AT(architecture), AT(os), AT(cpu_model),
               AT(capabilities)},
     .required = AT(hypervisor)},
#undef ITEM
#define ITEM struct gurum_host_report
    {HEAD(HOST_STATE, KIND(HYPERVISOR)), .texts = {AT(detail)}, .number = AT(state), .least = 1,
     .most = GURUM_HOST_BROKEN},
#undef ITEM
#define ITEM struct gurum_guest_report
    {HEAD(GUEST, KIND(HYPERVISOR)), .texts = {AT(uuid), AT(name), AT(handle), AT(host_uuid)}, .number = AT(state),
     .least = 1, .most = GURUM_GUEST_MIGRATING},
#undef ITEM
#define ITEM struct gurum_guest_stats
    {HEAD(GUEST_STATS, KIND(HYPERVISOR)), .texts = {AT(uuid)}, .required = AT(uuid)},
#undef ITEM
#define ITEM struct gurum_disk_report
    {HEAD(DISK, KIND(HYPERVISOR)), .texts = {AT(volume_uuid), AT(handle), AT(path)}, .number = AT(format),
     .most = GURUM_FORMAT_TAR},
#undef ITEM
#define ITEM struct gurum_console_report
    {HEAD(CONSOLE, KIND(HYPERVISOR)), .texts = {AT(protocol), AT(address), AT(password), AT(path)},
     .required = AT(protocol), .number = AT(port), .most = 65535},
#undef ITEM
#define ITEM struct gurum_console_log
    {HEAD(CONSOLE_LOG, KIND(HYPERVISOR)), .texts = {AT(uuid)}, .required = AT(uuid)},
#undef ITEM
#define ITEM struct gurum_guest_snapshot_report
    {HEAD(GUEST_SNAPSHOT, KIND(HYPERVISOR)), .texts = {AT(uuid), AT(handle)}, .required = AT(uuid)},
#undef ITEM
#define ITEM struct gurum_pool_report
    {HEAD(POOL, KIND(STORAGE)), .texts = {AT(provider_uuid), AT(type), AT(path), AT(detail)}, .number = AT(state),
     .least = 1, .most = GURUM_POOL_BROKEN},
#undef ITEM
#define ITEM struct gurum_volume_report
    {HEAD(VOLUME, KIND(STORAGE)), .texts = {AT(uuid), AT(handle), AT(path), AT(parent_uuid)}, .number = AT(present),
     .most = 1},
#undef ITEM
#define ITEM struct gurum_snapshot_report
    {HEAD(SNAPSHOT, KIND(STORAGE)), .texts = {AT(uuid), AT(volume_uuid), AT(handle)}},
#undef ITEM
#define ITEM struct gurum_store_report
    {HEAD(STORE, KIND(IMAGE_STORE)), .texts = {AT(provider_uuid), AT(detail)}, .number = AT(state), .least = 1,
     .most = GURUM_STORE_BROKEN},
#undef ITEM
#define ITEM struct gurum_image_report
    {HEAD(IMAGE, KIND(STORAGE) | KIND(IMAGE_STORE)),
     .texts = {AT(uuid), AT(handle), AT(path), AT(checksum), AT(detail)}, .number = AT(state), .least = 1,
     .most = GURUM_IMAGE_BROKEN},
#undef ITEM
#define ITEM struct gurum_export_report
    {HEAD(EXPORT, KIND(IMAGE_STORE)), .texts = {AT(url), AT(checksum)}, .required = AT(url)},
#undef ITEM
#define ITEM struct gurum_provider_report
    {HEAD(PROVIDER, KIND(NETWORK)), .texts = {AT(version), AT(detail)}},
#undef ITEM
#define ITEM struct gurum_network_report
    {HEAD(NETWORK, KIND(NETWORK)), .texts = {AT(uuid), AT(handle), AT(detail)}, .number = AT(state), .least = 1,
     .most = GURUM_NETWORK_BROKEN},
#undef ITEM
#define ITEM struct gurum_segment_report
    {HEAD(SEGMENT, KIND(NETWORK)), .texts = {AT(network_uuid), AT(host_uuid), AT(handle)}, .number = AT(mtu),
     .most = 65535},
#undef ITEM
#define ITEM struct gurum_service_report
    {HEAD(SERVICE, KIND(NETWORK)), .texts = {AT(network_uuid), AT(detail)}, .number = AT(state), .least = 1,
     .most = GURUM_NETWORK_BROKEN},
#undef ITEM
#define ITEM struct gurum_traffic
    {HEAD(TRAFFIC, KIND(NETWORK)), .texts = {AT(network_uuid), AT(public_ipv4)}},
#undef ITEM
#define ITEM struct gurum_rank
    {HEAD(RANK, KIND(HOST_ALLOCATOR) | KIND(STORAGE_ALLOCATOR)), .texts = {AT(reason)}},
#undef ITEM
};

static const struct item_form *form_find(enum gurum_kind kind, const struct gurum_item *item)
{
    for (size_t i = 0; i < COUNT_OF(FORMS); i++)
        if (FORMS[i].type == item->type && (FORMS[i].kinds & (1u << kind)) != 0)
            return &FORMS[i];
    return NULL;
}

static bool text_copy(struct arena *arena, char *copy, size_t offset)
{
    const char **text = (const char **)(void *)(copy + offset);
    if (*text == NULL)
        return true;
    size_t length = strnlen(*text, TEXT_BYTES_MAX);
    if (length == TEXT_BYTES_MAX || !string_is_utf8(*text, length))
        return false;
    *text = arena_strndup(arena, *text, length);
    return true;
}

static bool numbers_copy(struct arena *arena, struct gurum_rank *rank)
{
    const struct gurum_array from = rank->numbers;
    if (from.count > NUMBERS_MAX ||
        (from.count > 0 && (from.items == NULL || from.stride < sizeof(struct gurum_number))))
        return false;
    struct gurum_number *numbers = arena_array(arena, from.count, sizeof *numbers);
    for (uint32_t i = 0; i < from.count; i++) {
        memcpy(&numbers[i], gurum_at(&from, i), sizeof *numbers);
        if (numbers[i].name == NULL || !text_copy(arena, (char *)&numbers[i], offsetof(struct gurum_number, name)))
            return false;
    }
    rank->numbers = (struct gurum_array){.items = numbers, .count = from.count, .stride = sizeof *numbers};
    return true;
}

static bool console_log_copy(struct arena *arena, struct gurum_console_log *log)
{
    if (log->data_length > GURUM_CONSOLE_LOG_BYTES_MOST || (log->data == NULL && log->data_length > 0) ||
        log->offset > log->end_offset || log->data_length > log->end_offset - log->offset)
        return false;
    char *data = arena_alloc(arena, log->data_length + 1);
    if (log->data_length > 0)
        memcpy(data, log->data, log->data_length);
    data[log->data_length] = '\0';
    log->data = data;
    return true;
}

static const char *copy_problem(struct arena *arena, const struct item_form *form, char *copy)
{
    uint32_t number;
    memcpy(&number, copy + form->number, sizeof number);
    if (form->number != 0 && (number < form->least || number > form->most))
        return "a number out of range";
    if (form->required != 0 && *(const char **)(void *)(copy + form->required) == NULL)
        return "a text is missing";
    for (size_t i = 0; i < TEXTS_MAX && form->texts[i] != 0; i++)
        if (!text_copy(arena, copy, form->texts[i]))
            return "broken text";
    if (form->type == GURUM_ITEM_RANK && !numbers_copy(arena, (struct gurum_rank *)(void *)copy))
        return "broken numbers";
    if (form->type == GURUM_ITEM_CONSOLE_LOG && !console_log_copy(arena, (struct gurum_console_log *)(void *)copy))
        return "broken console log";
    return NULL;
}

const struct gurum_item *item_copy(struct arena *arena, enum gurum_kind kind, const struct gurum_item *item,
                                   const char **ret_problem)
{
    const struct item_form *form = form_find(kind, item);
    if (form == NULL || item->size < form->size || item->size > form->size + 4096) {
        *ret_problem = form == NULL ? "an unexpected type" : "a wrong size";
        return NULL;
    }
    char *copy = arena_alloc(arena, form->size);
    memcpy(copy, item, form->size);
    struct gurum_item *head = (struct gurum_item *)(void *)copy;
    head->size = form->size;
    *ret_problem = copy_problem(arena, form, copy);
    return *ret_problem == NULL ? head : NULL;
}

const void *plugin_report_first(const struct plugin_reports *reports, enum gurum_item_type type)
{
    for (size_t i = 0; i < reports->count; i++)
        if (reports->items[i]->type == (uint32_t)type)
            return reports->items[i];
    return NULL;
}

const void **plugin_report_all(const struct plugin_reports *reports, enum gurum_item_type type, struct arena *arena,
                               size_t *ret_count)
{
    const void **found = arena_array(arena, reports->count, sizeof *found);
    *ret_count = 0;
    for (size_t i = 0; i < reports->count; i++)
        if (reports->items[i]->type == (uint32_t)type)
            found[(*ret_count)++] = reports->items[i];
    return found;
}
