/* See gurum_plugin_verify.h. */
#include "gurum_plugin_verify.h"

#include "gurum_host_allocator.h"
#include "gurum_hypervisor.h"
#include "gurum_image_store.h"
#include "gurum_network.h"
#include "gurum_storage.h"
#include "gurum_storage_allocator.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS_MOST 64
#define NAME_BYTES_MOST 64
#define TEXT_BYTES_MOST 400
#define VALUE_BYTES_MOST 4096

/* ---- Kinds and their slots ---- */

#define SLOT_OF(table, slot, need)                                                                                     \
    {                                                                                                                  \
#slot, offsetof(struct table, slot), need                                                                      \
    }
#define HYPERVISOR_SLOT(slot, spec, need) SLOT_OF(gurum_hypervisor_operations, slot, need),
#define STORAGE_SLOT(slot, spec, need) SLOT_OF(gurum_storage_operations, slot, need),
#define IMAGE_STORE_SLOT(slot, spec, need) SLOT_OF(gurum_image_store_operations, slot, need),
#define NETWORK_SLOT(slot, spec, need) SLOT_OF(gurum_network_operations, slot, need),
#define HOST_ALLOCATOR_SLOT(slot, spec, need) SLOT_OF(gurum_host_allocator_operations, slot, need),
#define STORAGE_ALLOCATOR_SLOT(slot, spec, need) SLOT_OF(gurum_storage_allocator_operations, slot, need),

static const struct gurum_slot_info hypervisor_slots[] = {GURUM_HYPERVISOR_SLOTS(HYPERVISOR_SLOT)};
static const struct gurum_slot_info storage_slots[] = {GURUM_STORAGE_SLOTS(STORAGE_SLOT)};
static const struct gurum_slot_info image_store_slots[] = {GURUM_IMAGE_STORE_SLOTS(IMAGE_STORE_SLOT)};
static const struct gurum_slot_info network_slots[] = {GURUM_NETWORK_SLOTS(NETWORK_SLOT)};
static const struct gurum_slot_info host_allocator_slots[] = {GURUM_HOST_ALLOCATOR_SLOTS(HOST_ALLOCATOR_SLOT)};
static const struct gurum_slot_info storage_allocator_slots[] = {GURUM_STORAGE_ALLOCATOR_SLOTS(STORAGE_ALLOCATOR_SLOT)};

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

static const struct gurum_kind_info kinds[] = {
    {GURUM_KIND_HYPERVISOR, "hypervisor", sizeof(struct gurum_hypervisor_operations), UINT64_C(0x1f0fff),
     hypervisor_slots, COUNT_OF(hypervisor_slots)},
    {GURUM_KIND_STORAGE, "storage", sizeof(struct gurum_storage_operations), UINT64_C(0x7007f), storage_slots,
     COUNT_OF(storage_slots)},
    {GURUM_KIND_IMAGE_STORE, "image-store", sizeof(struct gurum_image_store_operations), UINT64_C(0x30001),
     image_store_slots, COUNT_OF(image_store_slots)},
    {GURUM_KIND_NETWORK, "network", sizeof(struct gurum_network_operations), UINT64_C(0x73f01ff), network_slots,
     COUNT_OF(network_slots)},
    {GURUM_KIND_HOST_ALLOCATOR, "host-allocator", sizeof(struct gurum_host_allocator_operations), 0,
     host_allocator_slots, COUNT_OF(host_allocator_slots)},
    {GURUM_KIND_STORAGE_ALLOCATOR, "storage-allocator", sizeof(struct gurum_storage_allocator_operations), 0,
     storage_allocator_slots, COUNT_OF(storage_allocator_slots)},
};

const struct gurum_kind_info *gurum_kind_find(uint32_t kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i].kind == kind)
            return &kinds[i];
    }
    return NULL;
}

const char *gurum_status_text(int32_t status)
{
    static const char *const names[] = {
#define STATUS_NAME(name, number, recovery, api_code, meaning) [number] = #name,
        GURUM_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    };
    return status >= 0 && (size_t)status < COUNT_OF(names) ? names[status] : NULL;
}

gurum_slot_function *gurum_plugin_slot(const struct gurum_plugin *plugin, const struct gurum_slot_info *slot)
{
    uint32_t table_size;
    gurum_slot_function *function;
    memcpy(&table_size, plugin->operations, sizeof(table_size));
    if (slot->offset + sizeof(function) > table_size)
        return NULL;
    memcpy(&function, (const char *)plugin->operations + slot->offset, sizeof(function));
    return function;
}

/* ---- Refusals ---- */

__attribute__((format(printf, 3, 0))) static void refuse(struct gurum_refusal *ret_refusal, const char *code,
                                                         const char *found, const char *expected, const char *advice,
                                                         va_list arguments)
{
    ret_refusal->code = code;
    snprintf(ret_refusal->expected, sizeof(ret_refusal->expected), "%s", expected);
    snprintf(ret_refusal->advice, sizeof(ret_refusal->advice), "%s", advice);
    vsnprintf(ret_refusal->found, sizeof(ret_refusal->found), found, arguments);
}

/* Always false. `found` is a format for the arguments at the end. */
__attribute__((format(printf, 5, 6))) static bool refused(struct gurum_refusal *ret_refusal, const char *code,
                                                          const char *expected, const char *advice, const char *found,
                                                          ...)
{
    va_list arguments;
    va_start(arguments, found);
    refuse(ret_refusal, code, found, expected, advice, arguments);
    va_end(arguments);
    return false;
}

/* True for a text of 1 to `most` bytes without control characters. */
static bool is_text(const char *text, size_t most)
{
    size_t length = text == NULL ? 0 : strnlen(text, most + 1);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20)
            return false;
    }
    return length > 0 && length <= most;
}

static bool is_name(const char *text, char separator)
{
    if (!is_text(text, NAME_BYTES_MOST) || text[0] < 'a' || text[0] > 'z')
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == separator))
            return false;
    }
    return true;
}

static bool head_is_good(const struct gurum_plugin *plugin, size_t symbol_bytes, struct gurum_refusal *ret_refusal)
{
    char expected[160];
    if (symbol_bytes != 0 && symbol_bytes < offsetof(struct gurum_plugin, abi_major))
        return refused(ret_refusal, "size", "a structure gurum_plugin of the SDK",
                       "export \"const struct gurum_plugin gurum_plugin\" as plugins/template does",
                       "a symbol of %zu bytes", symbol_bytes);
    if (plugin->magic != GURUM_PLUGIN_MAGIC) {
        snprintf(expected, sizeof(expected), "0x%016" PRIx64, GURUM_PLUGIN_MAGIC);
        return refused(
            ret_refusal, "magic", expected,
            "this is no Gurum plugin, or one for another byte order; begin gurum_plugin with GURUM_PLUGIN_HEAD",
            "0x%016" PRIx64, plugin->magic);
    }
    snprintf(expected, sizeof(expected), "%zu bytes or more, and no more than the symbol has",
             sizeof(struct gurum_plugin));
    if (plugin->size < sizeof(struct gurum_plugin) || plugin->size > 4096 ||
        (symbol_bytes != 0 && plugin->size > symbol_bytes))
        return refused(ret_refusal, "size", expected,
                       "build the plugin against the installed SDK and leave .size to GURUM_PLUGIN_HEAD",
                       "%" PRIu32 " bytes", plugin->size);
    return true;
}

static bool versions_are_good(const struct gurum_plugin *plugin, struct gurum_refusal *ret_refusal)
{
    char expected[160];
    snprintf(expected, sizeof(expected), "major %d", GURUM_ABI_MAJOR);
    if (plugin->abi_major != GURUM_ABI_MAJOR)
        return refused(ret_refusal, "abi_major", expected,
                       "rebuild the plugin against the SDK of this host (HISTORY.md lists what changed)", "major %u",
                       plugin->abi_major);
    /* Major 0 promises nothing from one minor to the next. */
    snprintf(expected, sizeof(expected), "version %d.%d", GURUM_ABI_MAJOR, GURUM_ABI_MINOR);
    if (plugin->abi_minor != GURUM_ABI_MINOR)
        return refused(ret_refusal, "abi_minor", expected,
                       "rebuild the plugin against the SDK of this host: before 1.0 minors do not mix", "version %u.%u",
                       plugin->abi_major, plugin->abi_minor);
    snprintf(expected, sizeof(expected), "at most minor %d, the one of this host", GURUM_ABI_MINOR);
    if (plugin->host_minor_least > GURUM_ABI_MINOR)
        return refused(ret_refusal, "host_minor", expected, "update this host, or use an older release of the plugin",
                       "needs minor %u", plugin->host_minor_least);
    return true;
}

static bool texts_are_good(const struct gurum_plugin *plugin, struct gurum_refusal *ret_refusal)
{
    const struct {
        const char *what, *text;
    } texts[] = {{"title", plugin->title}, {"version", plugin->version}, {"license", plugin->license}};
    if (!is_name(plugin->name, '-'))
        return refused(ret_refusal, "name", "a name of a-z, 0-9 and -, at most 64 bytes",
                       "set .name to the file's name without .so", "%.80s",
                       is_text(plugin->name, NAME_BYTES_MOST) ? plugin->name : "no printable name");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (!is_text(texts[i].text, TEXT_BYTES_MOST))
            return refused(ret_refusal, "texts", "a title, a version and a license",
                           "fill .title, .version and .license", "no %s", texts[i].what);
    }
    return true;
}

/* ---- Settings ---- */

static const char *setting_row_problem(const struct gurum_setting *setting)
{
    if (!is_name(setting->name, '_'))
        return "name must be of a-z, 0-9 and _";
    if (setting->type < GURUM_SETTING_TEXT || setting->type > GURUM_SETTING_URL)
        return "type is not one of enum gurum_setting_type";
    if (!is_text(setting->title, TEXT_BYTES_MOST) || !is_text(setting->help, TEXT_BYTES_MOST))
        return "title and help must say something";
    if (setting->type == GURUM_SETTING_CHOICE && !is_text(setting->choices, TEXT_BYTES_MOST))
        return "a choice needs choices";
    if (setting->minimum > setting->maximum)
        return "minimum is above maximum";
    if (setting->type == GURUM_SETTING_SECRET && setting->default_value != NULL)
        return "a secret must not have a default";
    return NULL;
}

static bool settings_are_good(const struct gurum_plugin *plugin, struct gurum_refusal *ret_refusal)
{
    char problem[160];
    if (plugin->setting_count == 0)
        return true;
    if (plugin->setting_count > SETTINGS_MOST || plugin->settings == NULL ||
        plugin->setting_stride < sizeof(struct gurum_setting) || plugin->setting_stride % 8 != 0)
        return refused(ret_refusal, "settings", "a table of at most 64 rows with the SDK's row size",
                       "set .settings, .setting_count and leave .setting_stride to GURUM_PLUGIN_HEAD",
                       "%" PRIu32 " rows of %u bytes%s", plugin->setting_count, plugin->setting_stride,
                       plugin->settings == NULL ? " at no address" : "");
    struct gurum_array rows = {plugin->settings, plugin->setting_count, plugin->setting_stride};
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct gurum_setting *setting = gurum_at(&rows, i);
        const char *row_problem = setting_row_problem(setting);
        for (uint32_t j = 0; row_problem == NULL && j < i; j++) {
            const struct gurum_setting *earlier = gurum_at(&rows, j);
            row_problem = strcmp(earlier->name, setting->name) == 0 ? "the name occurs twice" : NULL;
        }
        if (row_problem == NULL && setting->default_value != NULL)
            row_problem = gurum_setting_problem(setting, setting->default_value, problem, sizeof(problem));
        if (row_problem != NULL)
            return refused(ret_refusal, "settings", "rows as struct gurum_setting describes them",
                           "correct this row of the settings table", "row %" PRIu32 " (%.64s): %s", i,
                           is_text(setting->name, NAME_BYTES_MOST) ? setting->name : "unnamed", row_problem);
    }
    return true;
}

static bool is_among(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = choices; at != NULL && length > 0; at = strchr(at, '|'), at = at == NULL ? NULL : at + 1) {
        if (strncmp(at, value, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    }
    return false;
}

static const char *number_problem(const struct gurum_setting *setting, const char *value, char *buffer, size_t size)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0')
        return "must be a whole number";
    if ((setting->minimum != 0 || setting->maximum != 0) && (number < setting->minimum || number > setting->maximum)) {
        snprintf(buffer, size, "must be %" PRId64 " to %" PRId64, setting->minimum, setting->maximum);
        return buffer;
    }
    return NULL;
}

const char *gurum_setting_problem(const struct gurum_setting *setting, const char *value, char *buffer,
                                  size_t buffer_size)
{
    if (value == NULL || value[0] == '\0')
        return setting->flags & GURUM_SETTING_REQUIRED ? "must have a value" : NULL;
    size_t length = strnlen(value, VALUE_BYTES_MOST + 1);
    if (setting->type == GURUM_SETTING_INTEGER)
        return number_problem(setting, value, buffer, buffer_size);
    if (setting->type == GURUM_SETTING_BOOLEAN)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ? NULL : "must be true or false";
    if (setting->type == GURUM_SETTING_CHOICE && !is_among(setting->choices, value)) {
        snprintf(buffer, buffer_size, "must be one of %.120s", setting->choices);
        return buffer;
    }
    if (setting->type == GURUM_SETTING_PATH && value[0] != '/')
        return "must be an absolute path";
    if (setting->type == GURUM_SETTING_URL && strstr(value, "://") == NULL)
        return "must be an address such as https://name/";
    if (length > VALUE_BYTES_MOST || (setting->maximum > 0 && length > (size_t)setting->maximum))
        return "is too long";
    return setting->minimum > 0 && length < (size_t)setting->minimum ? "is too short" : NULL;
}

/* ---- Operations ---- */

static bool operations_are_good(const struct gurum_plugin *plugin, const struct gurum_kind_info *kind,
                                struct gurum_refusal *ret_refusal)
{
    char expected[160];
    uint32_t size = 0;
    snprintf(expected, sizeof(expected), "a table of %" PRIu32 " bytes", kind->operations_size);
    if (plugin->operations != NULL)
        memcpy(&size, plugin->operations, sizeof(size));
    if (size != kind->operations_size)
        return refused(ret_refusal, "operations", expected,
                       "set .operations to a struct gurum_…_operations of the plugin's kind, beginning with its size",
                       plugin->operations == NULL ? "no table" : "a table of %" PRIu32 " bytes", size);
    for (uint32_t i = 0; i < kind->slot_count; i++) {
        const struct gurum_slot_info *slot = &kind->slots[i];
        bool obliged = slot->need == 0 || (slot->need & plugin->capabilities) != 0;
        if (obliged && gurum_plugin_slot(plugin, slot) == NULL)
            return refused(
                ret_refusal, "slot",
                slot->need == 0 ? "all slots that the kind obliges to" : "all slots of the declared capabilities",
                slot->need == 0 ? "implement the slot" : "implement the slot, or take the capability bit away", "no %s",
                slot->name);
    }
    return true;
}

bool gurum_plugin_verify(const struct gurum_plugin *plugin, size_t symbol_bytes, struct gurum_refusal *ret_refusal)
{
    if (!head_is_good(plugin, symbol_bytes, ret_refusal) || !versions_are_good(plugin, ret_refusal))
        return false;
    const struct gurum_kind_info *kind = gurum_kind_find(plugin->kind);
    if (kind == NULL)
        return refused(ret_refusal, "kind", "one of enum gurum_kind (1 to 6)",
                       "set .kind, or update this host if the kind is newer", "%" PRIu32, plugin->kind);
    if (plugin->threading < GURUM_THREADING_SINGLE || plugin->threading > GURUM_THREADING_FREE)
        return refused(ret_refusal, "threading", "one of enum gurum_threading (1 to 3)", "set .threading", "%" PRIu32,
                       plugin->threading);
    if ((plugin->capabilities & ~kind->capabilities) != 0)
        return refused(ret_refusal, "capabilities", "only capability bits of the plugin's kind",
                       "declare only GURUM_<KIND>_… bits of the SDK it is built with", "unknown bits 0x%" PRIx64,
                       plugin->capabilities & ~kind->capabilities);
    if (plugin->start == NULL || plugin->stop == NULL)
        return refused(ret_refusal, "life_cycle", "start and stop", "set .start and .stop", "no %s",
                       plugin->start == NULL ? "start" : "stop");
    return texts_are_good(plugin, ret_refusal) && settings_are_good(plugin, ret_refusal) &&
           operations_are_good(plugin, kind, ret_refusal);
}
