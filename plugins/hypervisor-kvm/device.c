/* Disks and NICs as libvirt's XML, and finding them again. Our uuid is the device's alias, so nothing has to be
 * guessed from what the guest calls it. */
#include "kvm.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEVICE_NUMBER_MOST 23u
#define CDROM_LETTER 'c' /* of hd and sd; the next is that of a configuration disk */

const char *detail_or(const struct gurum_array *details, const char *name, const char *otherwise)
{
    const char *value = details == NULL ? NULL : libvirt_detail(details, name);
    return value == NULL || value[0] == '\0' ? otherwise : value;
}

/* ---- Names ---- */

static const char *bus_of(const struct gurum_disk *disk, const struct bus_facts *facts)
{
    static const char *const names[] = {
        [GURUM_BUS_VIRTIO] = "virtio", [GURUM_BUS_SCSI] = "scsi", [GURUM_BUS_SATA] = "sata", [GURUM_BUS_IDE] = "ide"};
    bool optical = disk->kind == GURUM_DISK_CDROM || disk->kind == GURUM_DISK_CONFIG;
    const char *name = NULL;
    if (!optical && disk->bus != GURUM_BUS_DEFAULT)
        return disk->bus < sizeof(names) / sizeof(names[0]) ? names[disk->bus] : NULL;
    if (!optical)
        name = detail_or(facts->details, disk->kind == GURUM_DISK_ROOT ? "rootDiskController" : "dataDiskController",
                         "virtio");
    for (size_t i = GURUM_BUS_VIRTIO; name != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(name, names[i]) == 0)
            return facts->is_q35 && i == GURUM_BUS_IDE ? "sata" : names[i];
    }
    return optical ? facts->is_q35 ? "sata" : "ide" : "virtio"; /* "osdefault" and the like too */
}

/* hd and sd leave two letters to optical drives. */
static bool target_name(const char *bus, uint32_t number, char ret_name[8])
{
    bool virtio = strcmp(bus, "virtio") == 0, ide = strcmp(bus, "ide") == 0;
    if (number > DEVICE_NUMBER_MOST || (ide && number > 1))
        return false;
    snprintf(ret_name, 8, "%s%c",
             virtio ? "vd"
             : ide  ? "hd"
                    : "sd",
             (char)('a' + number + (!virtio && number > 1 ? 2 : 0)));
    return true;
}

uint32_t target_number(const char *name)
{
    if (name == NULL || strlen(name) != 3 || name[2] < 'a' || name[2] > 'z')
        return UINT32_MAX;
    uint32_t letter = (uint32_t)(name[2] - 'a');
    if (name[0] == 'v' || letter < 2)
        return letter;
    return letter < 4 ? UINT32_MAX : letter - 2;
}

/* ---- Disks ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcasecmp(text + length - tail, end) == 0;
}

/* Never left to QEMU's guessing: a guest could write another format's head into a raw disk. */
static const char *format_of(const struct gurum_disk *disk, const char *path)
{
    if (disk->format == GURUM_FORMAT_QCOW2)
        return "qcow2";
    if (disk->format == GURUM_FORMAT_RAW || disk->format == GURUM_FORMAT_ISO || disk->kind == GURUM_DISK_CDROM ||
        disk->kind == GURUM_DISK_CONFIG)
        return "raw";
    if (disk->format == GURUM_FORMAT_VMDK)
        return "vmdk";
    bool raw =
        strncmp(path, "/dev/", 5) == 0 || ends_with(path, ".raw") || ends_with(path, ".img") || ends_with(path, ".iso");
    return raw ? "raw" : "qcow2";
}

static void limits_build(xmlNode *device, const struct gurum_disk *disk)
{
    const struct {
        const char *name;
        uint64_t value;
    } limits[] = {{"read_bytes_sec", disk->read_bytes_second},
                  {"write_bytes_sec", disk->write_bytes_second},
                  {"read_iops_sec", disk->read_iops},
                  {"write_iops_sec", disk->write_iops}};
    xmlNode *tune = NULL;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (limits[i].value == 0)
            continue;
        tune = tune == NULL ? xml_add(device, "iotune") : tune;
        xml_add_text(tune, limits[i].name, "%llu", (unsigned long long)limits[i].value);
    }
}

/* Serial numbers of virtio disks hold 20 characters. */
static void serial_build(xmlNode *device, const struct gurum_disk *disk)
{
    char serial[21];
    size_t length = 0;
    const char *from = disk->serial != NULL ? disk->serial : disk->volume_uuid;
    for (; *from != '\0' && length < sizeof(serial) - 1; from++) {
        if (disk->serial != NULL || *from != '-')
            serial[length++] = *from;
    }
    serial[length] = '\0';
    xml_add_text(device, "serial", "%s", serial);
}

static void optical_build(xmlNode *devices, const char *bus, char letter, const char *alias, const char *path,
                          bool bootable)
{
    xmlNode *device = xml_add(devices, "disk"), *driver = NULL;
    bool is_block = path != NULL && strncmp(path, "/dev/", 5) == 0;
    xml_set(device, "type", "%s", is_block ? "block" : "file");
    xml_set(device, "device", "cdrom");
    driver = xml_add(device, "driver");
    xml_set(driver, "name", "qemu");
    xml_set(driver, "type", "raw");
    if (path != NULL)
        xml_set(xml_add(device, "source"), is_block ? "dev" : "file", "%s", path);
    xmlNode *target = xml_add(device, "target");
    xml_set(target, "dev", "%s%c", strcmp(bus, "ide") == 0 ? "hd" : "sd", letter);
    xml_set(target, "bus", "%s", bus);
    xml_add(device, "readonly");
    if (bootable)
        xml_set(xml_add(device, "boot"), "order", "1");
    xml_set(xml_add(device, "alias"), "name", "%s", alias);
}

void cdrom_build(xmlNode *devices, const struct bus_facts *facts)
{
    optical_build(devices, facts->is_q35 ? "sata" : "ide", CDROM_LETTER, ALIAS_CDROM, NULL, false);
}

static void disk_source_build(xmlNode *device, const struct gurum_disk *disk, const char *path)
{
    bool is_block = strncmp(path, "/dev/", 5) == 0;
    xmlNode *driver = xml_add(device, "driver");
    const char *cache = services->setting("disk_cache");
    xml_set(device, "type", "%s", is_block ? "block" : "file");
    xml_set(device, "device", "disk");
    xml_set(driver, "name", "qemu");
    xml_set(driver, "type", "%s", format_of(disk, path));
    xml_set(driver, "cache", "%s", detail_or(&disk->details, "cache", cache == NULL ? "writeback" : cache));
    xml_set(driver, "discard", "unmap");
    xml_set(driver, "detect_zeroes", "unmap");
    xml_set(xml_add(device, "source"), is_block ? "dev" : "file", "%s", path);
}

int32_t disk_build(struct gurum_call *call, xmlNode *devices, const struct gurum_disk *disk,
                   const struct bus_facts *facts)
{
    char target[8], alias[64];
    const char *path = disk->path != NULL ? disk->path : disk->handle, *bus = bus_of(disk, facts);
    bool cdrom = disk->kind == GURUM_DISK_CDROM, optical = cdrom || disk->kind == GURUM_DISK_CONFIG;
    if (bus == NULL)
        return services->fail(call, GURUM_UNSUPPORTED, "disk_bus", "disk bus %u is not known here", disk->bus);
    if (path != NULL && path[0] != '/')
        return services->fail(call, GURUM_UNSUPPORTED, "disk_path", "%.200s is no file or device of the host", path);
    snprintf(alias, sizeof(alias), "ua-%.40s", disk->volume_uuid == NULL ? "" : disk->volume_uuid);
    if (optical) {
        optical_build(devices, bus, (char)(CDROM_LETTER + !cdrom), cdrom ? ALIAS_CDROM : alias, path,
                      disk->bootable && path != NULL);
        return GURUM_OK;
    }
    if (path == NULL || disk->volume_uuid == NULL)
        return services->fail(call, GURUM_INVALID, "disk_path", "disk %u has no path", disk->device_number);
    if (!target_name(bus, disk->device_number, target))
        return services->fail(call, GURUM_INVALID, "disk_number", "no room for disk %u on %s", disk->device_number,
                              bus);
    xmlNode *device = xml_add(devices, "disk");
    disk_source_build(device, disk, path);
    xmlNode *target_node = xml_add(device, "target");
    xml_set(target_node, "dev", "%s", target);
    xml_set(target_node, "bus", "%s", bus);
    limits_build(device, disk);
    if (disk->read_only)
        xml_add(device, "readonly");
    serial_build(device, disk);
    if (disk->bootable)
        xml_set(xml_add(device, "boot"), "order", "2");
    xml_set(xml_add(device, "alias"), "name", "%s", alias);
    return GURUM_OK;
}

/* ---- NICs ---- */

static void rate_build(xmlNode *device, uint32_t mbits_second)
{
    static const char *const directions[] = {"inbound", "outbound"};
    xmlNode *bandwidth = xml_add(device, "bandwidth");
    for (int i = 0; i < 2; i++)
        xml_set(xml_add(bandwidth, directions[i]), "average", "%llu", (unsigned long long)mbits_second * 125);
}

int32_t nic_build(struct gurum_call *call, xmlNode *devices, const struct gurum_host *host, const struct gurum_nic *nic,
                  const struct gurum_array *details)
{
    const char *bridge = nic->segment_handle != NULL ? nic->segment_handle : nic->traffic_label;
    if (bridge == NULL || bridge[0] == '\0')
        return services->fail(call, GURUM_INVALID, "nic_segment", "no bridge is known for NIC %u on this host",
                              nic->device_number);
    xmlNode *device = xml_add(devices, "interface");
    xml_set(device, "type", "bridge");
    xml_set(xml_add(device, "mac"), "address", "%s", nic->mac);
    xml_set(xml_add(device, "source"), "bridge", "%s", bridge);
    xml_set(xml_add(device, "model"), "type", "%s",
            nic->model != NULL ? nic->model : detail_or(details, "nicAdapter", "virtio"));
    if (filter_is_wanted(host, nic))
        filter_build(device, nic);
    if (nic->rate_mbits_second > 0)
        rate_build(device, nic->rate_mbits_second);
    xml_set(xml_add(device, "link"), "state", "%s", nic->link_down ? "down" : "up");
    if (nic->mtu > 0)
        xml_set(xml_add(device, "mtu"), "size", "%u", nic->mtu);
    xml_set(xml_add(device, "alias"), "name", "ua-%.40s", nic->uuid);
    return GURUM_OK;
}

/* ---- Finding ---- */

xmlNode *device_find(const xmlNode *domain, const char *element, const char *alias)
{
    char path[40];
    snprintf(path, sizeof(path), "devices/%s", element);
    xmlNode *device = xml_first(domain, path);
    while (device != NULL && !xml_is(device, "alias@name", alias))
        device = xml_next(device);
    return device;
}

xmlNode *nic_find(const xmlNode *domain, const struct gurum_nic *nic)
{
    xmlNode *device = xml_first(domain, "devices/interface");
    for (; device != NULL; device = xml_next(device)) {
        const char *mac = xml_read(device, "mac@address");
        if (mac != NULL && nic->mac != NULL && strcasecmp(mac, nic->mac) == 0)
            return device;
    }
    return NULL;
}
