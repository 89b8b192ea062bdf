/* The whole of a guest as libvirt's XML. Its disks and NICs are in device.c. */
#include "kvm.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SPARE_PORTS 16 /* of a q35 machine: for its devices, and for those plugged in while it runs */

/* Options of a guest follow its machine: BIOS guests get the older chipset, into which everything plugs while it runs;
 * UEFI needs the newer. */
static bool wants_uefi(const struct gurum_guest *guest)
{
    return guest->boot_type == GURUM_BOOT_UEFI || guest->boot_type == GURUM_BOOT_UEFI_SECURE;
}

static bool wants_q35(const struct gurum_guest *guest)
{
    const char *machine = detail_or(&guest->details, "kvm.machine", wants_uefi(guest) ? "q35" : "pc");
    return strstr(machine, "q35") != NULL;
}

static bool is_windows(const struct gurum_guest *guest)
{
    return guest->os_type != NULL && strncasecmp(guest->os_type, "Windows", 7) == 0;
}

static void os_build(xmlNode *domain, const struct gurum_guest *guest, const char *type, bool is_q35)
{
    xmlNode *os = xml_add(domain, "os");
    bool secure = guest->boot_type == GURUM_BOOT_UEFI_SECURE;
    bool is_real = strcmp(type, "kvm") == 0 || strcmp(type, "qemu") == 0;
    if (wants_uefi(guest))
        xml_set(os, "firmware", "efi");
    xmlNode *kind = xml_add_text(os, "type", "hvm");
    if (guest->architecture != NULL)
        xml_set(kind, "arch", "%s", guest->architecture);
    if (is_real)
        xml_set(kind, "machine", "%s", detail_or(&guest->details, "kvm.machine", is_q35 ? "q35" : "pc"));
    if (secure) {
        xmlNode *feature = xml_add(xml_add(os, "firmware"), "feature");
        xml_set(feature, "enabled", "yes");
        xml_set(feature, "name", "secure-boot");
    }
    if (is_real)
        xml_set(xml_add(os, "smbios"), "mode", "sysinfo");
}

/* What the guest reads of its machine. cloud-init looks for its data source by the product's name. */
static void sysinfo_build(xmlNode *domain, const struct gurum_guest *guest)
{
    const struct {
        const char *name, *value;
    } entries[] = {{"manufacturer", "Gurum"},
                   {"product", "CloudStack KVM Hypervisor (Gurum)"},
                   {"serial", guest->uuid},
                   {"uuid", guest->uuid}};
    xmlNode *info = xml_add(domain, "sysinfo");
    xml_set(info, "type", "smbios");
    xmlNode *system = xml_add(info, "system");
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        xml_set(xml_add_text(system, "entry", "%s", entries[i].value), "name", "%s", entries[i].name);
    if (guest->hostname != NULL)
        xml_add_text(xml_add(info, "oemStrings"), "entry", "hostname=%s", guest->hostname);
}

static void features_build(xmlNode *domain, const struct gurum_guest *guest, bool accelerated)
{
    static const char *const enlightenments[] = {"relaxed", "vapic"};
    xmlNode *features = xml_add(domain, "features");
    xml_add(features, "acpi");
    xml_add(features, "apic");
    if (guest->boot_type == GURUM_BOOT_UEFI_SECURE)
        xml_set(xml_add(features, "smm"), "state", "on");
    xmlNode *hyperv = accelerated && is_windows(guest) ? xml_add(features, "hyperv") : NULL;
    for (size_t i = 0; hyperv != NULL && i < 2; i++)
        xml_set(xml_add(hyperv, enlightenments[i]), "state", "on");
}

static void cpu_build(xmlNode *domain, const struct gurum_guest *guest, bool accelerated)
{
    const char *mode = detail_or(&guest->details, "guest.cpu.mode", accelerated ? "host-model" : "custom");
    const char *model = detail_or(&guest->details, "guest.cpu.model", accelerated ? NULL : "qemu64");
    xmlNode *cpu = xml_add(domain, "cpu");
    if (!accelerated && (strcmp(mode, "host-model") == 0 || strcmp(mode, "host-passthrough") == 0))
        mode = "maximum"; /* there is no host processor to show */
    xml_set(cpu, "mode", "%s", mode);
    if (strcmp(mode, "custom") == 0 && model != NULL) {
        xml_set(cpu, "match", "exact");
        xml_set(cpu, "check", "none");
        xml_set(xml_add_text(cpu, "model", "%s", model), "fallback", "allow");
    }
}

static void clock_build(xmlNode *domain, const struct gurum_guest *guest)
{
    xmlNode *clock = xml_add(domain, "clock"), *timer;
    xml_set(clock, "offset", "%s", is_windows(guest) ? "localtime" : "utc");
    timer = xml_add(clock, "timer");
    xml_set(timer, "name", "rtc");
    xml_set(timer, "tickpolicy", "catchup");
    timer = xml_add(clock, "timer");
    xml_set(timer, "name", "pit");
    xml_set(timer, "tickpolicy", "delay");
}

/* A share of the processors by the offering's speed; a ceiling when it is capped. */
static void limits_build(xmlNode *domain, const struct gurum_guest *guest, const struct gurum_host *host,
                         uint32_t host_mhz)
{
    const char *able = libvirt_detail(&host->details, DETAIL_LIMITS);
    if (guest->cpu_mhz == 0 || able == NULL || strcmp(able, "yes") != 0)
        return;
    uint64_t shares = (uint64_t)guest->cpu_mhz * guest->cpu_count;
    xmlNode *tune = xml_add(domain, "cputune");
    xml_add_text(tune, "shares", "%llu", (unsigned long long)(shares < 2 ? 2 : shares > 262144 ? 262144 : shares));
    if (guest->cpu_capped && host_mhz > 0 && guest->cpu_mhz < host_mhz) {
        xml_add_text(tune, "period", "100000");
        xml_add_text(tune, "quota", "%llu", (unsigned long long)guest->cpu_mhz * 100000 / host_mhz);
    }
}

/* ---- Devices ---- */

static void serial_build(struct gurum_call *call, xmlNode *devices, const struct gurum_guest *guest)
{
    const char *path = NULL;
    xmlNode *serial = xml_add(devices, "serial"), *log;
    console_log_path(call, guest->uuid, &path);
    xml_set(serial, "type", "pty");
    log = xml_add(serial, "log");
    xml_set(log, "file", "%s", path);
    xml_set(log, "append", "on");
    xml_set(xml_add(serial, "target"), "port", "0");
}

/* Nobody logs in until console_open() has set a password that holds for minutes. */
static void screen_build(xmlNode *devices, const struct gurum_guest *guest, const struct gurum_host *host)
{
    char address[256];
    xmlNode *graphics = xml_add(devices, "graphics"), *model;
    console_address(host, address, sizeof(address));
    xml_set(graphics, "type", "vnc");
    xml_set(graphics, "port", "-1");
    xml_set(graphics, "autoport", "yes");
    xml_set(graphics, "listen", "%s", address);
    if (services->setting_boolean("vnc_password")) {
        xml_set(graphics, "passwd", "%.8s", guest->uuid);
        xml_set(graphics, "passwdValidTo", "1970-01-01T00:00:01");
    }
    model = xml_add(xml_add(devices, "video"), "model");
    xml_set(model, "type", "%s", detail_or(&guest->details, "video.hardware", "vga"));
}

static void helpers_build(xmlNode *devices, bool is_q35)
{
    xmlNode *channel = xml_add(devices, "channel"), *target = xml_add(channel, "target"), *node;
    xml_set(channel, "type", "unix");
    xml_set(target, "type", "virtio");
    xml_set(target, "name", "org.qemu.guest_agent.0");
    node = xml_add(devices, "controller");
    xml_set(node, "type", "usb");
    xml_set(node, "model", "qemu-xhci");
    node = xml_add(devices, "input");
    xml_set(node, "type", "tablet");
    xml_set(node, "bus", "usb");
    node = xml_add(devices, "rng");
    xml_set(node, "model", "virtio");
    xml_set(xml_add_text(node, "backend", "/dev/urandom"), "model", "random");
    node = xml_add(devices, "memballoon");
    xml_set(node, "model", "virtio");
    xml_set(xml_add(node, "stats"), "period", "10");
    for (int i = 0; is_q35 && i <= SPARE_PORTS; i++) {
        node = xml_add(devices, "controller");
        xml_set(node, "type", "pci");
        xml_set(node, "index", "%d", i);
        xml_set(node, "model", "%s", i == 0 ? "pcie-root" : "pcie-root-port");
    }
}

static int32_t devices_build(struct gurum_call *call, xmlNode *domain, const struct gurum_host *host,
                             const struct gurum_guest *guest, bool is_q35)
{
    const struct bus_facts facts = {is_q35, &guest->details};
    xmlNode *devices = xml_add(domain, "devices");
    bool has_cdrom = false;
    int32_t status = GURUM_OK;
    for (uint32_t i = 0; status == GURUM_OK && i < guest->disks.count; i++) {
        const struct gurum_disk *disk = gurum_at(&guest->disks, i);
        has_cdrom = has_cdrom || disk->kind == GURUM_DISK_CDROM;
        status = disk_build(call, devices, disk, &facts);
    }
    if (!has_cdrom) /* drives cannot be plugged into a running guest, disks put into them can */
        cdrom_build(devices, &facts);
    for (uint32_t i = 0; status == GURUM_OK && i < guest->nics.count; i++)
        status = nic_build(call, devices, host, gurum_at(&guest->nics, i), &guest->details);
    serial_build(call, devices, guest);
    screen_build(devices, guest, host);
    helpers_build(devices, is_q35);
    return status;
}

/* libvirt takes no line breaks there. */
static void title_build(struct gurum_call *call, xmlNode *domain, const char *title)
{
    if (title == NULL || title[0] == '\0')
        return;
    char *line = services->alloc(call, strlen(title) + 1);
    memcpy(line, title, strlen(title) + 1);
    for (char *at = line; (at = strpbrk(at, "\r\n")) != NULL;)
        *at = ' ';
    xml_add_text(domain, "title", "%s", line);
}

static void identity_build(struct gurum_call *call, xmlNode *domain, const struct gurum_guest *guest,
                           const struct gurum_host *host)
{
    xml_add_text(domain, "name", "%s", guest->name);
    xml_add_text(domain, "uuid", "%s", guest->uuid);
    title_build(call, domain, guest->title);
    xmlNode *ours = xml_add_ours(domain, "guest");
    xml_set(ours, "uuid", "%s", guest->uuid);
    xml_set(ours, "zone", "%s", host->zone_uuid == NULL ? "" : host->zone_uuid);
}

int32_t shape_build(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host,
                    const struct gurum_guest *guest, char **ret_xml)
{
    const char *type = NULL;
    virNodeInfo node = {.mhz = 0};
    int32_t status = way_of_host(call, connection, host, &type);
    if (status != GURUM_OK)
        return status;
    if (wants_uefi(guest) && !uefi_is_there(connection))
        return services->fail(call, GURUM_UNSUPPORTED, "no_uefi",
                              "the host has no firmware for UEFI: install the package ovmf there");
    bool accelerated = strcmp(type, "kvm") == 0, is_q35 = wants_q35(guest);
    XML_DOCUMENT document = xml_new("domain");
    xmlNode *domain = xml_root(document);
    (void)virNodeGetInfo(connection, &node);
    xml_set(domain, "type", "%s", type);
    identity_build(call, domain, guest, host);
    xml_set(xml_add_text(domain, "memory", "%llu", (unsigned long long)guest->memory_mib), "unit", "MiB");
    xml_add_text(domain, "vcpu", "%u", guest->cpu_count);
    os_build(domain, guest, type, is_q35);
    sysinfo_build(domain, guest);
    features_build(domain, guest, accelerated);
    if (accelerated || strcmp(type, "qemu") == 0)
        cpu_build(domain, guest, accelerated);
    clock_build(domain, guest);
    limits_build(domain, guest, host, node.mhz);
    xml_add_text(domain, "on_poweroff", "destroy");
    xml_add_text(domain, "on_reboot", "restart");
    xml_add_text(domain, "on_crash", "destroy");
    status = devices_build(call, domain, host, guest, is_q35);
    if (status == GURUM_OK)
        *ret_xml = xml_print(document);
    return status;
}
