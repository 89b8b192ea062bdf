/* Leases and names of a network: read from libvirt's document, taken from a spec, and carried from one to the other on
 * a running network. Everything else of the document is document.c's. */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Holds the gateway's address for nobody: with at least one entry, libvirt's dnsmasq serves DHCP from the start, so
 * that the first lease restarts nothing. Our MAC addresses begin with 02. */
static const char KEEPER_MAC[] = "06:00:00:00:00:00";

/* ---- reading ---- */

static size_t count_of(const xmlNode *node)
{
    size_t count = 0;
    for (; node != NULL; node = xml_next(node))
        count++;
    return count;
}

void content_read(struct gurum_call *call, const xmlNode *root, struct content *ret_content)
{
    const xmlNode *ours = xml_ours(root, "network"), *host = xml_first(root, "ip/dhcp/host"),
                  *name = xml_first(root, "dns/host");
    struct content content = {.revision = xml_read_number(ours, "@revision", 0),
                              .services = xml_read_number(ours, "@services", 0)};
    content.leases = host_services->alloc(call, (count_of(host) + 1) * sizeof(*content.leases));
    content.names = host_services->alloc(call, (count_of(name) + 1) * sizeof(*content.names));
    for (; host != NULL; host = xml_next(host))
        content.leases[content.lease_count++] = (struct lease){.mac = xml_read(host, "@mac"),
                                                               .ip = xml_read(host, "@ip"),
                                                               .name = xml_read(host, "@name"),
                                                               .minutes = xml_read_number(host, "lease@expiry", 0)};
    for (; name != NULL; name = xml_next(name))
        content.names[content.name_count++] =
            (struct name){.ip = xml_read(name, "@ip"), .name = xml_read(name, "hostname")};
    *ret_content = content;
}

/* ---- asking ---- */

static int by_name_then_place(const void *a, const void *b)
{
    const struct lease *const *left = a, *const *right = b;
    int order = strcasecmp((*left)->name, (*right)->name);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

/* libvirt refuses a name twice: the guest that came first has it. */
static void names_make_unique(struct gurum_call *call, struct lease *leases, size_t count)
{
    struct lease **named = host_services->alloc(call, (count + 1) * sizeof(struct lease *)), *first = NULL;
    size_t named_count = 0;
    for (size_t i = 0; i < count; i++)
        if (leases[i].name != NULL)
            named[named_count++] = &leases[i];
    qsort(named, named_count, sizeof(struct lease *), by_name_then_place);
    for (size_t i = 0; i < named_count; i++) {
        if (first != NULL && strcasecmp(first->name, named[i]->name) == 0)
            named[i]->name = NULL;
        else
            first = named[i];
    }
}

static const void *at(const struct gurum_array *array, size_t i)
{
    return (const char *)array->items + i * array->stride;
}

struct claim {
    struct name name;
    size_t place;
    bool is_record;
};

static int by_name_then_order(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    int order = strcasecmp(left->name.name, right->name.name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

/* libvirt refuses a name at two addresses: a guest of this host has it before others, then who came first. */
static void names_take(struct gurum_call *call, const struct gurum_service_spec *spec, const struct lease *leases,
                       size_t lease_count, struct content *content)
{
    size_t count = 0, most = lease_count + spec->dns_records.count;
    struct claim *claims = host_services->alloc(call, (most + 1) * sizeof(*claims)), *holder = NULL;
    for (size_t i = 0; i < lease_count; i++)
        if (leases[i].name != NULL)
            claims[count++] = (struct claim){.name = {.ip = leases[i].ip, .name = leases[i].name}, .place = i};
    for (size_t i = 0; i < spec->dns_records.count; i++) {
        const struct gurum_dns_record *record = at(&spec->dns_records, i);
        claims[count++] = (struct claim){
            .name = {.ip = record->address, .name = record->name}, .place = lease_count + i, .is_record = true};
    }
    qsort(claims, count, sizeof(*claims), by_name_then_order);
    for (size_t i = 0; i < count; i++) {
        const struct name *name = &claims[i].name;
        bool is_first = holder == NULL || strcasecmp(holder->name.name, name->name) != 0;
        if (is_first)
            holder = &claims[i];
        if (claims[i].is_record && (is_first || (!holder->is_record && strcmp(holder->name.ip, name->ip) == 0)))
            content->names[content->name_count++] = *name;
    }
}

int32_t content_wanted(struct gurum_call *call, const struct gurum_service_spec *spec, struct content *ret_content)
{
    struct content content = {.revision = spec->revision, .services = spec->services};
    uint64_t minutes = (uint64_t)host_services->setting_integer("lease_minutes");
    if (spec->leases.count > CONTENT_MOST || spec->dns_records.count > CONTENT_MOST)
        return host_services->fail(call, GURUM_INVALID, "too_many_leases", "at most %d leases of a network",
                                   CONTENT_MOST);
    size_t count = spec->leases.count;
    content.leases = host_services->alloc(call, (count + 1) * sizeof(*content.leases));
    content.names = host_services->alloc(call, ((size_t)spec->dns_records.count + 1) * sizeof(*content.names));
    for (size_t i = 0; i < count; i++) {
        const struct gurum_lease *lease = at(&spec->leases, i);
        content.leases[i] =
            (struct lease){.mac = lease->mac, .ip = lease->ipv4, .name = lease->hostname, .minutes = minutes};
    }
    names_make_unique(call, content.leases, count);
    if (spec->services & GURUM_SERVICE_DNS)
        names_take(call, spec, content.leases, count, &content);
    content.lease_count = count;
    if (spec->services & GURUM_SERVICE_DHCP && spec->network->ipv4_gateway != NULL)
        content.leases[content.lease_count++] =
            (struct lease){.mac = KEEPER_MAC, .ip = spec->network->ipv4_gateway, .minutes = minutes};
    if (!(spec->services & GURUM_SERVICE_DHCP))
        content.lease_count = 0;
    *ret_content = content;
    return GURUM_OK;
}

/* ---- from one to the other ---- */

static int text_order(const char *a, const char *b)
{
    return strcasecmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int lease_order(const void *a, const void *b)
{
    const struct lease *left = a, *right = b;
    int order = text_order(left->ip, right->ip);
    if (order == 0)
        order = text_order(left->mac, right->mac);
    if (order == 0)
        order = text_order(left->name, right->name);
    return order != 0 ? order : (left->minutes > right->minutes) - (left->minutes < right->minutes);
}

static int name_order(const void *a, const void *b)
{
    const struct name *left = a, *right = b;
    int order = text_order(left->ip, right->ip);
    return order != 0 ? order : text_order(left->name, right->name);
}

/* One of the two lists of a content, for what is done to both alike. */
struct list {
    const char *items;
    size_t count, stride;
    int (*order)(const void *a, const void *b);
    uint32_t section;
};

static struct list leases_of(const struct content *content)
{
    return (struct list){.items = (const char *)content->leases,
                         .count = content->lease_count,
                         .stride = sizeof(struct lease),
                         .order = lease_order,
                         .section = VIR_NETWORK_SECTION_IP_DHCP_HOST};
}

static struct list names_of(const struct content *content)
{
    return (struct list){.items = (const char *)content->names,
                         .count = content->name_count,
                         .stride = sizeof(struct name),
                         .order = name_order,
                         .section = VIR_NETWORK_SECTION_DNS_HOST};
}

static void sort(struct content *content)
{
    qsort(content->leases, content->lease_count, sizeof(struct lease), lease_order);
    qsort(content->names, content->name_count, sizeof(struct name), name_order);
}

static bool has(const struct list *list, const void *item)
{
    return list->count > 0 && bsearch(item, list->items, list->count, list->stride, list->order) != NULL;
}

static size_t lacks(const struct list *list, const struct list *of)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        count += !has(list, of->items + i * of->stride);
    return count;
}

size_t content_distance(struct content *before, struct content *after)
{
    sort(before);
    sort(after);
    struct list old_leases = leases_of(before), new_leases = leases_of(after), old_names = names_of(before),
                new_names = names_of(after);
    return lacks(&old_leases, &new_leases) + lacks(&new_leases, &old_leases) + lacks(&old_names, &new_names) +
           lacks(&new_names, &old_names);
}

static int32_t update_one(struct gurum_call *call, virNetworkPtr network, uint32_t command, uint32_t section,
                          const void *item)
{
    XML_DOCUMENT document = xml_new("update");
    if (section == VIR_NETWORK_SECTION_IP_DHCP_HOST)
        content_add_lease(xml_root(document), item);
    else
        content_add_name(xml_root(document), item);
    XML_TEXT text = xml_print_node(xml_first(xml_root(document), "host"));
    if (virNetworkUpdate(network, command, section, -1, text, VIR_NETWORK_UPDATE_AFFECT_LIVE) == 0)
        return GURUM_OK;
    return libvirt_fail(call, host_services,
                        command == VIR_NETWORK_UPDATE_COMMAND_DELETE ? "cannot take a lease or name away"
                                                                     : "cannot write a lease or name");
}

/* Every item of `of` that `list` lacks. Begun again later when the time is up: what is done shows in the document. */
static int32_t update_all(struct gurum_call *call, virNetworkPtr network, uint32_t command, const struct list *list,
                          const struct list *of)
{
    enum { TIME_LEAST_MS = 3000, AGAIN_MS = 10 };
    int32_t status = GURUM_OK;
    for (size_t i = 0; status == GURUM_OK && i < of->count; i++) {
        const void *item = of->items + i * of->stride;
        if (has(list, item))
            continue;
        if (host_services->remaining_ms(call) < TIME_LEAST_MS)
            return host_services->check_after(call, AGAIN_MS);
        status = update_one(call, network, command, of->section, item);
    }
    return status;
}

/* The keeper becomes what it is: libvirt's way to look after a dnsmasq that died, or has not read its files. */
static int32_t touch(struct gurum_call *call, virNetworkPtr network, const struct content *content)
{
    for (size_t i = 0; i < content->lease_count; i++)
        if (content->leases[i].mac != NULL && strcmp(content->leases[i].mac, KEEPER_MAC) == 0)
            return update_one(call, network, VIR_NETWORK_UPDATE_COMMAND_MODIFY, VIR_NETWORK_SECTION_IP_DHCP_HOST,
                              &content->leases[i]);
    return GURUM_OK;
}

/* What goes away goes first: an address or a name may move from one guest to another. The keeper never moves, so DHCP
 * is never without an entry. */
int32_t content_update(struct gurum_call *call, virNetworkPtr network, struct content *before, struct content *after)
{
    sort(before);
    sort(after);
    struct list olds[] = {names_of(before), leases_of(before)}, news[] = {names_of(after), leases_of(after)};
    int32_t status = GURUM_OK;
    for (size_t i = 0; status == GURUM_OK && i < 2; i++)
        status = update_all(call, network, VIR_NETWORK_UPDATE_COMMAND_DELETE, &news[i], &olds[i]);
    for (size_t i = 0; status == GURUM_OK && i < 2; i++)
        status = update_all(call, network, VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, &olds[i], &news[i]);
    return status == GURUM_OK && content_distance(before, after) == 0 ? touch(call, network, after) : status;
}

/* ---- writing ---- */

void content_add_lease(xmlNode *parent, const struct lease *lease)
{
    xmlNode *host = xml_add(parent, "host");
    xml_set(host, "mac", "%s", lease->mac == NULL ? "" : lease->mac);
    xml_set(host, "ip", "%s", lease->ip == NULL ? "" : lease->ip);
    if (lease->name != NULL)
        xml_set(host, "name", "%s", lease->name);
    if (lease->minutes == 0)
        return;
    xmlNode *time = xml_add(host, "lease");
    xml_set(time, "expiry", "%llu", (unsigned long long)lease->minutes);
    xml_set(time, "unit", "minutes");
}

void content_add_name(xmlNode *parent, const struct name *name)
{
    xmlNode *host = xml_add(parent, "host");
    xml_set(host, "ip", "%s", name->ip == NULL ? "" : name->ip);
    if (name->name != NULL)
        xml_add_text(host, "hostname", "%s", name->name);
}
