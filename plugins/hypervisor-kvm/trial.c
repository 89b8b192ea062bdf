/* How guests run on a host: with KVM or without. /dev/kvm may be there and still not run a guest, so what KVM offers
 * is looked at first, and then a guest of one sector has to end by itself in time. */
#include "kvm.h"
#include "sector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIAL_MS_MOST 3000
#define RESERVE_MS 2500 /* of the call's time, for what comes after the trial */
#define SECTOR_NAME "trial.img"

/* ---- What is wanted or known ---- */

static bool is_way(const char *text)
{
    return text != NULL && (strcmp(text, "kvm") == 0 || strcmp(text, "tcg") == 0);
}

/* What the operator wants, of the host before that of all hosts; NULL: it is to be found out. */
static const char *way_wanted(const struct gurum_host *host)
{
    const char *wanted = libvirt_detail(&host->details, DETAIL_WAY_WANTED);
    if (wanted == NULL)
        wanted = services->setting("acceleration");
    return is_way(wanted) ? wanted : NULL;
}

static bool is_qemu(virConnectPtr connection)
{
    const char *type = virConnectGetType(connection);
    return type != NULL && strcmp(type, "QEMU") == 0;
}

int32_t way_of_host(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host,
                    const char **ret_type)
{
    const char *way = way_wanted(host), *why;
    *ret_type = "test"; /* libvirt's own pretence, which is no QEMU */
    if (!is_qemu(connection))
        return GURUM_OK;
    if (way == NULL)
        way = libvirt_detail(&host->details, DETAIL_WAY);
    if (!is_way(way))
        way = kvm_is_offered(call, connection, &why) ? "kvm" : "tcg";
    *ret_type = strcmp(way, "kvm") == 0 ? "kvm" : "qemu";
    return GURUM_OK;
}

xmlDoc *domain_capabilities(virConnectPtr connection, const char *type)
{
    XML_TEXT text = virConnectGetDomainCapabilities(connection, NULL, NULL, NULL, type, 0);
    return xml_parse(text);
}

static bool model_is_usable(const xmlNode *capabilities, const char *model, bool *ret_known)
{
    for (xmlNode *mode = xml_first(capabilities, "cpu/mode"); mode != NULL; mode = xml_next(mode)) {
        for (xmlNode *each = xml_first(mode, "model"); each != NULL; each = xml_next(each)) {
            if (!xml_is(mode, "@name", "custom") || each->children == NULL ||
                strcmp((const char *)each->children->content, model) != 0)
                continue;
            *ret_known = true;
            return xml_is(each, "@usable", "yes");
        }
    }
    return false;
}

bool kvm_is_offered(struct gurum_call *call, virConnectPtr connection, const char **ret_why)
{
    XML_DOCUMENT document = domain_capabilities(connection, "kvm");
    const xmlNode *capabilities = xml_root(document);
    const char *words = capabilities == NULL ? virGetLastErrorMessage() : NULL;
    bool known = false;
    *ret_why = "the processor that KVM offers lacks what the simplest 64-bit processor has (kvm64 is not usable)";
    if (capabilities == NULL || !xml_is(capabilities, "domain", "kvm")) {
        char *why = services->alloc(call, 300);
        snprintf(why, 300, "libvirt has no KVM here: %s", words == NULL ? "not offered" : words);
        *ret_why = why;
        return false;
    }
    return model_is_usable(capabilities, "kvm64", &known) || !known;
}

/* ---- The trial ---- */

struct trial {
    struct gurum_call *call;
    virConnectPtr connection;
    char name[64];
    const char *disk; /* path of the sector at the host */
    int64_t clock_difference_ms;
    bool clock_is_known;
    char words[300]; /* what came of it */
};

static bool sector_send(virConnectPtr connection, virStorageVolPtr volume)
{
    LIBVIRT_STREAM stream = virStreamNew(connection, 0);
    size_t sent = 0;
    if (stream == NULL || virStorageVolUpload(volume, stream, 0, TRIAL_SECTOR_BYTES, 0) != 0)
        return false;
    while (sent < TRIAL_SECTOR_BYTES) {
        int part = virStreamSend(stream, (const char *)trial_sector + sent, TRIAL_SECTOR_BYTES - sent);
        if (part <= 0) {
            virStreamAbort(stream);
            return false;
        }
        sent += (size_t)part;
    }
    return virStreamFinish(stream) == 0;
}

/* The file was written just now, so its time tells the host's clock. */
static void clock_compare(struct trial *trial, virStorageVolPtr volume)
{
    XML_TEXT text = virStorageVolGetXMLDesc(volume, 0);
    XML_DOCUMENT document = xml_parse(text);
    const char *written = xml_read(xml_root(document), "target/timestamps/mtime");
    if (written == NULL)
        return;
    trial->clock_difference_ms = (int64_t)(strtod(written, NULL) * 1000) - now_ms();
    trial->clock_is_known = true;
}

static bool sector_place(struct trial *trial)
{
    LIBVIRT_POOL pool = console_pool_find(trial->connection);
    LIBVIRT_VOLUME volume = pool == NULL ? NULL : virStorageVolLookupByName(pool, SECTOR_NAME);
    XML_DOCUMENT document = xml_new("volume");
    xmlNode *root = xml_root(document);
    xml_add_text(root, "name", SECTOR_NAME);
    xml_add_text(root, "capacity", "1048576"); /* the firmware boots from no smaller disk */
    xml_add_text(root, "allocation", "0");
    xml_set(xml_add(xml_add(root, "target"), "format"), "type", "raw");
    XML_TEXT xml = xml_print(document);
    if (pool != NULL && volume == NULL)
        volume = virStorageVolCreateXML(pool, xml, 0);
    if (volume == NULL || !sector_send(trial->connection, volume))
        return false;
    clock_compare(trial, volume);
    XML_TEXT path = virStorageVolGetPath(volume);
    char *kept = services->alloc(trial->call, path == NULL ? 1 : strlen(path) + 1);
    if (path != NULL)
        memcpy(kept, path, strlen(path));
    trial->disk = kept;
    return path != NULL;
}

static char *trial_xml(const struct trial *trial, const char *type, bool limited)
{
    XML_DOCUMENT document = xml_new("domain");
    xmlNode *domain = xml_root(document), *node;
    xml_set(domain, "type", "%s", type);
    xml_add_text(domain, "name", "%s", trial->name);
    xml_set(xml_add_text(domain, "memory", "16"), "unit", "MiB");
    xml_add_text(domain, "vcpu", "1");
    if (limited)
        xml_add_text(xml_add(domain, "cputune"), "shares", "512");
    xmlNode *os = xml_add(domain, "os");
    node = xml_add_text(os, "type", "hvm");
    xml_set(node, "arch", "x86_64");
    xml_set(node, "machine", "pc");
    xml_add(xml_add(domain, "features"), "acpi");
    xml_add_text(domain, "on_poweroff", "destroy");
    xml_add_text(domain, "on_reboot", "restart");
    xml_add_text(domain, "on_crash", "destroy");
    xmlNode *devices = xml_add(domain, "devices"), *disk = xml_add(devices, "disk");
    xml_set(disk, "type", "file");
    xml_set(disk, "device", "disk");
    node = xml_add(disk, "driver");
    xml_set(node, "name", "qemu");
    xml_set(node, "type", "raw");
    xml_set(xml_add(disk, "source"), "file", "%s", trial->disk);
    node = xml_add(disk, "target");
    xml_set(node, "dev", "vda");
    xml_set(node, "bus", "virtio");
    xml_add(disk, "readonly");
    xml_set(xml_add(devices, "controller"), "type", "usb");
    xml_set(xml_first(devices, "controller"), "model", "none");
    xml_set(xml_add(devices, "memballoon"), "model", "none");
    return xml_print(document);
}

static void trial_clear(const struct trial *trial)
{
    LIBVIRT_DOMAIN left = virDomainLookupByName(trial->connection, trial->name);
    if (left == NULL)
        return;
    (void)virDomainDestroy(left);
    (void)virDomainUndefine(left);
}

/* Whether the guest began to run at all; what it came to is in `ret_ended`: by itself and properly. */
static bool trial_run(struct trial *trial, const char *type, bool limited, bool *ret_ended)
{
    XML_TEXT xml = trial_xml(trial, type, limited);
    trial_clear(trial);
    LIBVIRT_DOMAIN domain = virDomainDefineXML(trial->connection, xml);
    int64_t began = now_ms(), until = began + TRIAL_MS_MOST;
    int state = VIR_DOMAIN_NOSTATE, reason = 0;
    *ret_ended = false;
    if (domain == NULL || virDomainCreate(domain) != 0) {
        snprintf(trial->words, sizeof(trial->words), "%s does not start a guest: %s", type, virGetLastErrorMessage());
        trial_clear(trial);
        return false;
    }
    if (services->remaining_ms(trial->call) < TRIAL_MS_MOST + RESERVE_MS)
        until = began + services->remaining_ms(trial->call) - RESERVE_MS;
    while (virDomainGetState(domain, &state, &reason, 0) == 0 && state != VIR_DOMAIN_SHUTOFF && now_ms() < until)
        usleep(50000);
    *ret_ended = state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_SHUTDOWN;
    snprintf(trial->words, sizeof(trial->words), "%s: the trial guest %s after %lld ms", type,
             *ret_ended                    ? "booted, kept time and ended"
             : state == VIR_DOMAIN_SHUTOFF ? "crashed"
                                           : "had not ended",
             (long long)(now_ms() - began));
    trial_clear(trial);
    return true;
}

/* Runs one guest by `type`, with a limit on its CPU where the host can set one. */
static bool trial_of(struct trial *trial, const char *type, bool *ret_limits, bool *ret_ended)
{
    *ret_limits = trial_run(trial, type, true, ret_ended);
    return *ret_limits || trial_run(trial, type, false, ret_ended);
}

/* True: with KVM. `ret_why` lives as long as the call. */
static bool trial_decide(struct trial *trial, const struct gurum_host *host, bool *ret_limits, const char **ret_why)
{
    const char *wanted = way_wanted(host);
    bool ended = false, offered = kvm_is_offered(trial->call, trial->connection, ret_why);
    bool try_kvm = wanted == NULL ? offered : strcmp(wanted, "kvm") == 0;
    *ret_limits = false;
    snprintf(trial->words, sizeof(trial->words), "no trial was possible");
    bool tried = trial_sector_is_there() && sector_place(trial);
    if (tried)
        (void)trial_of(trial, try_kvm ? "kvm" : "qemu", ret_limits, &ended);
    if (wanted != NULL)
        *ret_why = "the operator wants it so";
    else if (offered)
        *ret_why = tried ? trial->words : "KVM is offered, and no trial was possible";
    return try_kvm && (ended || !tried || wanted != NULL);
}

int32_t trial_report(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host)
{
    struct trial trial = {.call = call, .connection = connection};
    const char *why = NULL;
    char number[24];
    bool limits = false;
    if (!is_qemu(connection))
        return GURUM_OK;
    snprintf(trial.name, sizeof(trial.name), "gurum-trial-%.8s", host->uuid);
    bool accelerated = trial_decide(&trial, host, &limits, &why);
    const struct gurum_detail details[] = {{DETAIL_WAY, accelerated ? "kvm" : "tcg"},
                                           {"kvm.acceleration.reason", why},
                                           {"kvm.trial", trial.words},
                                           {DETAIL_LIMITS, limits ? "yes" : "no"},
                                           {"kvm.clock.difference.ms", number}};
    int32_t status = GURUM_OK;
    snprintf(number, sizeof(number), "%lld", (long long)trial.clock_difference_ms);
    for (size_t i = 0; status == GURUM_OK && i < sizeof(details) / sizeof(details[0]) - !trial.clock_is_known; i++)
        status = detail_report(call, details[i].name, details[i].value);
    return status;
}
