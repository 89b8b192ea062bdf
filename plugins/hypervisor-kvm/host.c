/* Hosts: looked at, made fit, observed, let go. Whether KVM works is found out in trial.c. */
#include "kvm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBVIRT_LEAST 7001000 /* processor mode "maximum" */
#define QEMU_LEAST 5002000
#define SKEW_MS_MOST 2000
#define MEMORY_FREE_LEAST_MIB 256

/* ---- The check list ---- */

struct probe {
    struct gurum_call *call;
    virConnectPtr connection;
    const struct gurum_host *host;
    int32_t status; /* of the first report that was not taken */
};

/* `hint` is told only when it is not ok. */
__attribute__((format(printf, 6, 7))) static void tell(struct probe *probe, const char *code, bool required, bool ok,
                                                       const char *hint, const char *format, ...)
{
    char *detail = services->alloc(probe->call, 512);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, 512, format, arguments);
    va_end(arguments);
    const struct gurum_check check = {.item = {sizeof(check), GURUM_ITEM_CHECK},
                                      .code = code,
                                      .ok = ok,
                                      .required = required,
                                      .detail = detail,
                                      .hint = ok ? NULL : hint};
    if (probe->status == GURUM_OK)
        probe->status = services->report(probe->call, &check.item);
}

static const char *version_text(struct gurum_call *call, unsigned long version)
{
    char *text = services->alloc(call, 40);
    snprintf(text, 40, "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
    return text;
}

static void versions_tell(struct probe *probe, unsigned long hypervisor)
{
    unsigned long library = 0;
    (void)virConnectGetLibVersion(probe->connection, &library);
    tell(probe, "libvirt_version", true, library >= LIBVIRT_LEAST, "install libvirt 7.1 or newer on the host",
         "libvirt %s", version_text(probe->call, library));
    tell(probe, "qemu_version", true, hypervisor >= QEMU_LEAST, "install QEMU 5.2 or newer on the host", "%s %s",
         virConnectGetType(probe->connection), version_text(probe->call, hypervisor));
}

static void guests_tell(struct probe *probe, const xmlNode *capabilities)
{
    bool hvm = false;
    const char *architecture = xml_read(capabilities, "host/cpu/arch");
    for (xmlNode *guest = xml_first(capabilities, "guest"); guest != NULL; guest = xml_next(guest))
        hvm = hvm ||
              (xml_is(guest, "os_type", "hvm") && (architecture == NULL || xml_is(guest, "arch@name", architecture)));
    tell(probe, "emulator", true, hvm, "install qemu-system for the host's architecture and restart libvirtd", "%s: %s",
         architecture == NULL ? "unknown" : architecture, hvm ? "hvm" : "no hvm");
}

static void acceleration_tell(struct probe *probe, const xmlNode *capabilities)
{
    const char *why = NULL;
    unsigned features = 0;
    for (xmlNode *each = xml_first(capabilities, "host/cpu/feature"); each != NULL; each = xml_next(each))
        features++;
    bool offered = kvm_is_offered(probe->call, probe->connection, &why);
    const char *model = xml_read(capabilities, "host/cpu/model");
    tell(probe, "virtualization", false, offered,
         "switch virtualisation on in the firmware or, when the host is itself a guest, nested virtualisation at its "
         "hypervisor; until then guests run without acceleration",
         "%s", offered ? "KVM" : why);
    tell(probe, "cpu_flags", false, features > 0, "libvirt does not know this processor; guests get a generic one",
         "%s, %u features", model == NULL ? "unknown" : model, features);
}

static void drivers_tell(struct probe *probe)
{
    int pools = virConnectNumOfStoragePools(probe->connection);
    int networks = virConnectNumOfNetworks(probe->connection);
    int filters = virConnectNumOfNWFilters(probe->connection);
    tell(probe, "storage_driver", true, pools >= 0, "install libvirt's storage driver (libvirt-daemon-driver-storage)",
         pools >= 0 ? "%d pools" : "libvirt has no storage driver (%d)", pools);
    tell(probe, "network_driver", false, networks >= 0, "install libvirt's network driver",
         networks >= 0 ? "%d networks" : "libvirt has no network driver (%d)", networks);
    tell(probe, "packet_filter", false, filters >= 0,
         "install libvirt's nwfilter driver, or guests can pretend to have other addresses",
         filters >= 0 ? "%d filters" : "libvirt has no nwfilter driver (%d)", filters);
}

static void memory_tell(struct probe *probe, unsigned long total_kib)
{
    unsigned long long free_bytes = virNodeGetFreeMemory(probe->connection);
    tell(probe, "memory", false, free_bytes >> 20 >= MEMORY_FREE_LEAST_MIB || free_bytes == 0,
         "free memory on the host, or guests will not start", "%lu MiB, %llu MiB free", total_kib / 1024,
         free_bytes >> 20);
}

/* libvirt tells no time of the host; host_ensure() found it by a file that it wrote. */
static void clock_tell(struct probe *probe)
{
    const char *known = libvirt_detail(&probe->host->details, "kvm.clock.difference.ms");
    long difference = known == NULL ? 0 : strtol(known, NULL, 10);
    char words[64] = "not known before the host is in use";
    if (known != NULL)
        snprintf(words, sizeof(words), "%ld ms away from the management's", difference);
    tell(probe, "clock", false, labs(difference) <= SKEW_MS_MOST, "let the host's clock follow a time server", "%s",
         words);
}

/* The network hook is a file of libvirt's folder for hooks; it is seen when a pool is on that folder. */
static void hook_tell(struct probe *probe)
{
    LIBVIRT_POOL pool = virStoragePoolLookupByTargetPath(probe->connection, "/etc/libvirt/hooks");
    LIBVIRT_VOLUME hook = pool == NULL ? NULL : virStorageVolLookupByName(pool, "network");
    tell(probe, "hook", false, true, NULL, "%s",
         hook != NULL ? "the network hook is installed" : "no network hook; only networks over VXLAN need it");
}

bool uefi_is_there(virConnectPtr connection)
{
    XML_DOCUMENT document = domain_capabilities(connection, "qemu");
    for (xmlNode *list = xml_first(xml_root(document), "os/enum"); list != NULL; list = xml_next(list)) {
        for (xmlNode *value = xml_first(list, "value"); xml_is(list, "@name", "firmware") && value != NULL;
             value = xml_next(value)) {
            if (value->children != NULL && strcmp((const char *)value->children->content, "efi") == 0)
                return true;
        }
    }
    return false;
}

static void firmware_tell(struct probe *probe)
{
    bool efi = uefi_is_there(probe->connection);
    tell(probe, "uefi", false, efi, "install the package ovmf on the host if guests shall boot by UEFI", "%s",
         efi ? "firmware for UEFI is there" : "guests boot by BIOS only");
}

static int32_t facts_report(struct gurum_call *call, const virNodeInfo *node, unsigned long version,
                            const xmlNode *capabilities)
{
    const struct gurum_host_facts facts = {
        .item = {sizeof(facts), GURUM_ITEM_HOST_FACTS},
        .provider_uuid = xml_read(capabilities, "host/uuid"),
        .hypervisor = "KVM",
        .hypervisor_version = version_text(call, version),
        .architecture = node->model[0] == '\0' ? "x86_64" : node->model,
        .cpu_model = xml_read(capabilities, "host/cpu/model"),
        .capabilities = "hvm",
        .cpu_count = node->cpus,
        .cpu_sockets = node->nodes * node->sockets,
        .cpu_mhz = node->mhz > 0 ? node->mhz : 1000,
        .memory_bytes = (uint64_t)node->memory * 1024,
    };
    return services->report(call, &facts.item);
}

int32_t host_probe(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    virNodeInfo node;
    unsigned long version = 0;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    XML_TEXT text = virConnectGetCapabilities(connection);
    XML_DOCUMENT document = xml_parse(text);
    const xmlNode *capabilities = xml_root(document);
    if (capabilities == NULL || virNodeGetInfo(connection, &node) != 0)
        return libvirt_fail(call, services, "asking what the host is");
    (void)virConnectGetVersion(connection, &version);
    struct probe probe = {call, connection, spec->host, GURUM_OK};
    if ((status = facts_report(call, &node, version, capabilities)) != GURUM_OK)
        return status;
    versions_tell(&probe, version);
    guests_tell(&probe, capabilities);
    acceleration_tell(&probe, capabilities);
    drivers_tell(&probe);
    memory_tell(&probe, node.memory);
    clock_tell(&probe);
    hook_tell(&probe);
    firmware_tell(&probe);
    return probe.status;
}

int32_t detail_report(struct gurum_call *call, const char *name, const char *value)
{
    const struct gurum_fact fact = {.item = {sizeof(fact), GURUM_ITEM_DETAIL}, .name = name, .value = value};
    return services->report(call, &fact.item);
}

int32_t host_ensure(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_POOL pool = NULL;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "before the host was prepared");
    if ((status = console_pool_ensure(call, connection, &pool)) != GURUM_OK ||
        (status = filters_ensure(call, connection)) != GURUM_OK)
        return status;
    return trial_report(call, connection, spec->host);
}

/* ---- Observing ---- */

/* Processor time is told since the host's start, so its use is the difference to the time before. What is lost with
 * the process is only the first figure after. */
#define STATS_MOST 16
#define SAMPLES_MOST 1024
static pthread_mutex_t samples_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sample {
    char host_uuid[40];
    uint64_t busy, all;
} samples[SAMPLES_MOST]; /* guarded by samples_lock; a place by the uuid's hash, the last one wins */

static uint32_t use_since_last(const char *host_uuid, uint64_t busy, uint64_t all)
{
    uint32_t hash = 5381, permille = 0;
    for (const char *at = host_uuid; *at != '\0'; at++)
        hash = hash * 33 + (unsigned char)*at;
    pthread_mutex_lock(&samples_lock);
    struct sample *sample = &samples[hash % SAMPLES_MOST];
    if (strcmp(sample->host_uuid, host_uuid) == 0 && all > sample->all && busy >= sample->busy)
        permille = (uint32_t)((busy - sample->busy) * 1000 / (all - sample->all));
    snprintf(sample->host_uuid, sizeof(sample->host_uuid), "%s", host_uuid);
    sample->busy = busy;
    sample->all = all;
    pthread_mutex_unlock(&samples_lock);
    return permille > 1000 ? 1000 : permille;
}

static uint32_t cpu_used_permille(virConnectPtr connection, const char *host_uuid)
{
    virNodeCPUStats stats[STATS_MOST];
    int count = 0;
    uint64_t busy = 0, all = 0;
    if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, NULL, &count, 0) != 0 || count > STATS_MOST ||
        virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, stats, &count, 0) != 0)
        return 0;
    for (int i = 0; i < count; i++) {
        bool idle = strcmp(stats[i].field, VIR_NODE_CPU_STATS_IDLE) == 0 ||
                    strcmp(stats[i].field, VIR_NODE_CPU_STATS_IOWAIT) == 0;
        all += stats[i].value;
        busy += idle ? 0 : stats[i].value;
    }
    return use_since_last(host_uuid, busy, all);
}

uint64_t memory_available_bytes(virConnectPtr connection)
{
    virNodeMemoryStats stats[STATS_MOST];
    int count = 0;
    uint64_t available_kib = 0;
    if (virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &count, 0) != 0 ||
        count > STATS_MOST || virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &count, 0) != 0)
        return 0;
    for (int i = 0; i < count; i++)
        available_kib += strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL) == 0 ? 0 : stats[i].value;
    return available_kib * 1024;
}

int32_t host_observe(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    virNodeInfo node;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    int guests = virConnectNumOfDomains(connection);
    if (guests < 0 || virNodeGetInfo(connection, &node) != 0)
        return libvirt_fail(call, services, "observing the host");
    uint64_t memory = (uint64_t)node.memory * 1024, available = memory_available_bytes(connection);
    if (available == 0)
        available = virNodeGetFreeMemory(connection);
    const struct gurum_host_report report = {.item = {sizeof(report), GURUM_ITEM_HOST_STATE},
                                             .state = GURUM_HOST_UP,
                                             .guest_count = (uint32_t)guests,
                                             .memory_bytes = memory,
                                             .memory_free_bytes = available < memory ? available : memory,
                                             .cpu_used_permille = cpu_used_permille(connection, spec->host->uuid)};
    return services->report(call, &report.item);
}

/* ---- Letting go ---- */

int32_t host_remove(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    int ours = 0;
    virDomainPtr *domains = NULL;
    {
        LIBVIRT_LENT connection = NULL;
        int32_t status = libvirt_connect(call, services, spec->host, &connection);
        if (status != GURUM_OK)
            return status;
        int count = virConnectListAllDomains(connection, &domains, 0);
        for (int i = 0; i < count; i++) {
            ours += guest_is_ours(domains[i]);
            virDomainFree(domains[i]);
        }
        free(domains);
        if (count < 0)
            return libvirt_fail(call, services, "listing the guests");
        if (ours > 0)
            return services->fail(call, GURUM_CONFLICT, "host_has_guests", "%d guests of ours are there", ours);
        if ((status = console_pool_remove(call, connection)) != GURUM_OK)
            return status;
        filters_remove(connection);
    }
    libvirt_forget(spec->host);
    return GURUM_OK;
}
