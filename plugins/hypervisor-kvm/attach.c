/* Disks and NICs of a guest that exists, running or stopped. What runs and what the next start brings are two documents
 * at libvirt; both are changed, each as it needs. */
#include "kvm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN_MS 250
#define ASK_AGAIN_MS 5000

/* The guest's documents: [0] as defined, [1] as it runs, NULL when it does not. */
struct documents {
    xmlDoc *each[2];
};

static void documents_free(struct documents *documents)
{
    xml_free(&documents->each[0]);
    xml_free(&documents->each[1]);
}
#define DOCUMENTS __attribute__((cleanup(documents_free))) struct documents

static const unsigned affects[2] = {VIR_DOMAIN_AFFECT_CONFIG, VIR_DOMAIN_AFFECT_LIVE};

static int32_t documents_read(struct gurum_call *call, virDomainPtr domain, struct documents *documents)
{
    int32_t status = guest_document(call, domain, VIR_DOMAIN_XML_INACTIVE, &documents->each[0]);
    if (status == GURUM_OK && guest_is_active(domain))
        status = guest_document(call, domain, 0, &documents->each[1]);
    return status;
}

static bool is_q35(const xmlNode *domain)
{
    const char *machine = xml_read(domain, "os/type@machine");
    return machine != NULL && strstr(machine, "q35") != NULL;
}

static bool is_optical(const struct gurum_disk *disk)
{
    return disk->kind == GURUM_DISK_CDROM;
}

static xmlNode *disk_find(const xmlNode *domain, const struct gurum_disk *disk)
{
    char alias[64];
    if (is_optical(disk))
        return device_find(domain, "disk", ALIAS_CDROM);
    if (disk->volume_uuid != NULL) {
        snprintf(alias, sizeof(alias), "ua-%.40s", disk->volume_uuid);
        return device_find(domain, "disk", alias);
    }
    for (xmlNode *each = xml_first(domain, "devices/disk"); each != NULL; each = xml_next(each)) {
        if (target_number(xml_read(each, "target@dev")) == disk->device_number)
            return each;
    }
    return NULL;
}

static const char *source_of(const xmlNode *disk)
{
    const char *file = xml_read(disk, "source@file");
    return file != NULL ? file : xml_read(disk, "source@dev");
}

/* ---- Disks ---- */

/* The element of one disk or NIC, in a document of its own. */
static int32_t disk_xml(struct gurum_call *call, const struct gurum_disk *disk, const xmlNode *domain, char **ret_xml)
{
    const struct bus_facts facts = {is_q35(domain), NULL};
    XML_DOCUMENT document = xml_new("devices");
    int32_t status = disk_build(call, xml_root(document), disk, &facts);
    if (status == GURUM_OK)
        *ret_xml = xml_print_node(xml_first(xml_root(document), "disk"));
    return status;
}

static int32_t number_check(struct gurum_call *call, const xmlNode *domain, const struct gurum_disk *disk)
{
    for (xmlNode *each = xml_first(domain, "devices/disk"); each != NULL; each = xml_next(each)) {
        if (xml_is(each, "@device", "disk") && target_number(xml_read(each, "target@dev")) == disk->device_number)
            return services->fail(call, GURUM_CONFLICT, "device_taken", "device number %u is taken by %s",
                                  disk->device_number, xml_read(each, "alias@name"));
    }
    return GURUM_OK;
}

static int32_t disk_attach_to(struct gurum_call *call, virDomainPtr domain, const xmlDoc *document, unsigned affect,
                              const struct gurum_disk *disk)
{
    const xmlNode *root = xml_root(document);
    const xmlNode *there = disk_find(root, disk);
    const char *path = disk->path != NULL ? disk->path : disk->handle, *now = there == NULL ? NULL : source_of(there);
    XML_TEXT xml = NULL;
    int32_t status = GURUM_OK;
    if (there != NULL && (!is_optical(disk) || (now != NULL && path != NULL && strcmp(now, path) == 0)))
        return GURUM_OK;
    if (!is_optical(disk))
        status = number_check(call, root, disk);
    if (status != GURUM_OK || (status = disk_xml(call, disk, root, &xml)) != GURUM_OK)
        return status;
    int done = there != NULL ? virDomainUpdateDeviceFlags(domain, xml, affect | VIR_DOMAIN_DEVICE_MODIFY_FORCE)
                             : virDomainAttachDeviceFlags(domain, xml, affect);
    return done == 0 ? GURUM_OK : libvirt_fail(call, services, "attaching the disk");
}

int32_t disk_attach(struct gurum_call *call, const struct gurum_disk_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    DOCUMENTS documents = {{NULL, NULL}};
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest is not here");
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "before the disk was attached");
    status = documents_read(call, domain, &documents);
    for (int i = 0; status == GURUM_OK && i < 2; i++) {
        if (documents.each[i] != NULL)
            status = disk_attach_to(call, domain, documents.each[i], affects[i], spec->disk);
    }
    if (status != GURUM_OK)
        return status;
    const struct gurum_disk *disk = spec->disk;
    const struct gurum_disk_report report = {.item = {sizeof(report), GURUM_ITEM_DISK},
                                             .volume_uuid = disk->volume_uuid,
                                             .handle = disk->handle != NULL ? disk->handle : disk->path,
                                             .path = disk->path,
                                             .device_number = disk->device_number,
                                             .format = disk->format,
                                             .size_bytes = disk->size_bytes};
    return services->report(call, &report.item);
}

/* ---- Taking away ---- */

/* Asks the guest to let a device go; it may be busy booting, so it is asked again from time to time. Only errors that
 * last are told: libvirt refuses while an earlier request is under way. */
static int32_t unplug(struct gurum_call *call, virDomainPtr domain, xmlNode *device)
{
    const char *asked = services->recall(call, "unplugged_ms");
    int64_t last = asked == NULL ? 0 : strtoll(asked, NULL, 10), now = now_ms();
    char text[24];
    if (now - last < ASK_AGAIN_MS)
        return services->check_after(call, LOOK_AGAIN_MS);
    XML_TEXT xml = xml_print_node(device);
    snprintf(text, sizeof(text), "%lld", (long long)now);
    if (services->remember(call, "unplugged_ms", text) != GURUM_OK)
        return services->fail(call, GURUM_FAILED, "notes", "the request could not be noted");
    if (virDomainDetachDeviceFlags(domain, xml, VIR_DOMAIN_AFFECT_LIVE) != 0) {
        int32_t status = libvirt_status();
        if (status == GURUM_UNREACHABLE || status == GURUM_UNSUPPORTED || status == GURUM_DENIED)
            return libvirt_fail(call, services, "unplugging");
    }
    return services->check_after(call, LOOK_AGAIN_MS);
}

static int32_t take_away(struct gurum_call *call, virDomainPtr domain, xmlNode *defined, xmlNode *running)
{
    if (defined != NULL) {
        XML_TEXT xml = xml_print_node(defined);
        if (virDomainDetachDeviceFlags(domain, xml, VIR_DOMAIN_AFFECT_CONFIG) != 0 && !libvirt_is_absent())
            return libvirt_fail(call, services, "taking the device out of the definition");
    }
    return running == NULL ? GURUM_OK : unplug(call, domain, running);
}

/* The drive stays, empty. */
static int32_t eject(struct gurum_call *call, virDomainPtr domain, const struct documents *documents)
{
    for (int i = 0; i < 2; i++) {
        const xmlNode *root = xml_root(documents->each[i]);
        const xmlNode *drive = root == NULL ? NULL : device_find(root, "disk", ALIAS_CDROM);
        if (drive == NULL || source_of(drive) == NULL)
            continue;
        const struct bus_facts facts = {is_q35(root), NULL};
        XML_DOCUMENT document = xml_new("devices");
        cdrom_build(xml_root(document), &facts);
        XML_TEXT xml = xml_print_node(xml_first(xml_root(document), "disk"));
        if (virDomainUpdateDeviceFlags(domain, xml, affects[i] | VIR_DOMAIN_DEVICE_MODIFY_FORCE) != 0)
            return libvirt_fail(call, services, "ejecting the disk");
    }
    return GURUM_OK;
}

int32_t disk_detach(struct gurum_call *call, const struct gurum_disk_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    DOCUMENTS documents = {{NULL, NULL}};
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK || domain == NULL || (status = documents_read(call, domain, &documents)) != GURUM_OK)
        return status;
    if (is_optical(spec->disk))
        return eject(call, domain, &documents);
    const xmlNode *live = xml_root(documents.each[1]);
    return take_away(call, domain, disk_find(xml_root(documents.each[0]), spec->disk),
                     live == NULL ? NULL : disk_find(live, spec->disk));
}

/* ---- NICs ---- */

static bool same_text(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

static bool nic_is_as(const xmlNode *there, const xmlNode *wanted)
{
    static const char *const looked_at[] = {"source@bridge", "bandwidth/inbound@average", "filterref@filter",
                                            "alias@name"};
    bool down = xml_is(there, "link@state", "down"), down_wanted = xml_is(wanted, "link@state", "down");
    bool same = down == down_wanted;
    for (size_t i = 0; i < sizeof(looked_at) / sizeof(looked_at[0]); i++)
        same = same && same_text(xml_read(there, looked_at[i]), xml_read(wanted, looked_at[i]));
    return same;
}

static int32_t nic_attach_to(struct gurum_call *call, virDomainPtr domain, const xmlDoc *guest, unsigned affect,
                             const struct gurum_host *host, const struct gurum_nic *nic)
{
    XML_DOCUMENT document = xml_new("devices");
    int32_t status = nic_build(call, xml_root(document), host, nic, &nic->details);
    if (status != GURUM_OK)
        return status;
    xmlNode *wanted = xml_first(xml_root(document), "interface"), *there = nic_find(xml_root(guest), nic);
    if (there != NULL && nic_is_as(there, wanted))
        return GURUM_OK;
    XML_TEXT xml = xml_print_node(wanted);
    int done = there != NULL ? virDomainUpdateDeviceFlags(domain, xml, affect)
                             : virDomainAttachDeviceFlags(domain, xml, affect);
    return done == 0 ? GURUM_OK : libvirt_fail(call, services, "attaching the NIC");
}

int32_t nic_attach(struct gurum_call *call, const struct gurum_nic_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    DOCUMENTS documents = {{NULL, NULL}};
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest is not here");
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "before the NIC was attached");
    status = documents_read(call, domain, &documents);
    for (int i = 0; status == GURUM_OK && i < 2; i++) {
        if (documents.each[i] != NULL)
            status = nic_attach_to(call, domain, documents.each[i], affects[i], spec->host, spec->nic);
    }
    return status;
}

int32_t nic_detach(struct gurum_call *call, const struct gurum_nic_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    DOCUMENTS documents = {{NULL, NULL}};
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK || domain == NULL || (status = documents_read(call, domain, &documents)) != GURUM_OK)
        return status;
    const xmlNode *live = xml_root(documents.each[1]);
    return take_away(call, domain, nic_find(xml_root(documents.each[0]), spec->nic),
                     live == NULL ? NULL : nic_find(live, spec->nic));
}
