/* Guests: defined, started, stopped, told about. What they look like is in shape.c. */
#include "kvm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN_MS 250
#define ASK_AGAIN_MS 5000 /* a guest that boots does not hear the first request */

int32_t guest_find(struct gurum_call *call, const struct gurum_host *host, const char *uuid,
                   virConnectPtr *ret_connection, virDomainPtr *ret_domain)
{
    int32_t status = libvirt_connect(call, services, host, ret_connection);
    if (status != GURUM_OK)
        return status;
    if (uuid == NULL)
        return services->fail(call, GURUM_INVALID, "uuid", "no uuid is given");
    *ret_domain = virDomainLookupByUUIDString(*ret_connection, uuid);
    return *ret_domain != NULL || libvirt_is_absent() ? GURUM_OK : libvirt_fail(call, services, "looking the guest up");
}

bool guest_is_active(virDomainPtr domain)
{
    return virDomainIsActive(domain) == 1;
}

bool guest_is_ours(virDomainPtr domain)
{
    XML_TEXT mark = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, XML_OURS, VIR_DOMAIN_AFFECT_CURRENT);
    return mark != NULL;
}

int32_t guest_document(struct gurum_call *call, virDomainPtr domain, unsigned flags, xmlDoc **ret_document)
{
    XML_TEXT text = virDomainGetXMLDesc(domain, flags);
    if (text == NULL)
        return libvirt_fail(call, services, "reading the guest");
    *ret_document = xml_parse(text);
    return *ret_document != NULL ? GURUM_OK
                                 : services->fail(call, GURUM_FAILED, "libvirt_refused", "libvirt told broken XML");
}

/* ---- Telling ---- */

static uint32_t state_of(int state, int reason)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN: /* on its way: its process is still there */
        return GURUM_GUEST_RUNNING;
    case VIR_DOMAIN_PAUSED:
        return reason == VIR_DOMAIN_PAUSED_MIGRATION ? GURUM_GUEST_MIGRATING : GURUM_GUEST_PAUSED;
    case VIR_DOMAIN_PMSUSPENDED:
        return GURUM_GUEST_PAUSED;
    case VIR_DOMAIN_CRASHED:
        return GURUM_GUEST_CRASHED;
    default:
        return reason == VIR_DOMAIN_SHUTOFF_CRASHED ? GURUM_GUEST_CRASHED : GURUM_GUEST_STOPPED;
    }
}

static void devices_count(virDomainPtr domain, struct gurum_guest_report *report)
{
    XML_TEXT text = virDomainGetXMLDesc(domain, 0);
    XML_DOCUMENT document = xml_parse(text);
    for (xmlNode *disk = xml_first(xml_root(document), "devices/disk"); disk != NULL; disk = xml_next(disk))
        report->disk_count += xml_is(disk, "@device", "disk");
    for (xmlNode *nic = xml_first(xml_root(document), "devices/interface"); nic != NULL; nic = xml_next(nic))
        report->nic_count++;
}

static int32_t report_send(struct gurum_call *call, const struct gurum_host *host, virDomainPtr domain, bool in_list)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    virDomainInfo info;
    int state = VIR_DOMAIN_NOSTATE, reason = 0;
    if (virDomainGetInfo(domain, &info) != 0 || virDomainGetState(domain, &state, &reason, 0) != 0 ||
        virDomainGetUUIDString(domain, uuid) != 0)
        return libvirt_fail(call, services, "reading the guest's state");
    struct gurum_guest_report report = {.item = {sizeof(report), GURUM_ITEM_GUEST},
                                        .uuid = !in_list || guest_is_ours(domain) ? uuid : NULL,
                                        .name = virDomainGetName(domain),
                                        .handle = uuid,
                                        .host_uuid = host->uuid,
                                        .state = state_of(state, reason),
                                        .cpu_count = info.nrVirtCpu,
                                        .memory_mib = info.maxMem / 1024};
    if (!in_list)
        devices_count(domain, &report);
    return services->report(call, &report.item);
}

int32_t guest_report(struct gurum_call *call, const struct gurum_host *host, virDomainPtr domain)
{
    return report_send(call, host, domain, false);
}

int32_t guest_observe(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    const struct gurum_guest_report absent = {.item = {sizeof(absent), GURUM_ITEM_GUEST},
                                              .uuid = spec->guest_uuid,
                                              .name = spec->guest_name,
                                              .host_uuid = spec->host->uuid,
                                              .state = GURUM_GUEST_ABSENT};
    status = domain == NULL ? services->report(call, &absent.item) : guest_report(call, spec->host, domain);
    return status;
}

/* One that goes away while the list is told is left out. */
int32_t guest_list(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    virDomainPtr *domains = NULL;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    int count = virConnectListAllDomains(connection, &domains, 0);
    if (count < 0)
        return libvirt_fail(call, services, "listing the guests");
    for (int i = 0; i < count; i++) {
        if (status == GURUM_OK && virDomainIsPersistent(domains[i]) >= 0)
            status = report_send(call, spec->host, domains[i], true);
        virDomainFree(domains[i]);
    }
    free(domains);
    return status;
}

/* ---- Defining ---- */

static int32_t room_check(struct gurum_call *call, virConnectPtr connection, const struct gurum_guest *guest)
{
    virNodeInfo node;
    if (virNodeGetInfo(connection, &node) != 0)
        return libvirt_fail(call, services, "asking for the host's size");
    if (guest->memory_mib > node.memory / 1024)
        return services->fail(call, GURUM_NO_CAPACITY, "memory", "the host has %lu MiB, %llu are wanted",
                              node.memory / 1024, (unsigned long long)guest->memory_mib);
    return GURUM_OK;
}

static int32_t name_check(struct gurum_call *call, virConnectPtr connection, const struct gurum_guest *guest)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    LIBVIRT_DOMAIN named = virDomainLookupByName(connection, guest->name);
    if (named != NULL && virDomainGetUUIDString(named, uuid) == 0 && strcmp(uuid, guest->uuid) != 0)
        return services->fail(call, GURUM_CONFLICT, "name_taken", "%s is the name of guest %s here", guest->name, uuid);
    return GURUM_OK;
}

static int32_t define(struct gurum_call *call, virConnectPtr connection, const struct gurum_guest_shape_spec *spec,
                      virDomainPtr *ret_domain)
{
    XML_TEXT xml = NULL;
    int32_t status = shape_build(call, connection, spec->host, spec->guest, &xml);
    if (status != GURUM_OK)
        return status;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "before the guest was defined");
    console_log_make(connection, spec->guest->uuid);
    *ret_domain = virDomainDefineXMLFlags(connection, xml, 0);
    return *ret_domain != NULL ? GURUM_OK : libvirt_fail(call, services, "defining the guest");
}

int32_t guest_ensure(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL, defined = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest->uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain != NULL && guest_is_active(domain))
        return guest_report(call, spec->host, domain);
    if ((status = room_check(call, connection, spec->guest)) != GURUM_OK ||
        (status = name_check(call, connection, spec->guest)) != GURUM_OK ||
        (status = define(call, connection, spec, &defined)) != GURUM_OK)
        return status;
    return guest_report(call, spec->host, defined);
}

/* ---- Running ---- */

/* After an error: another call may have brought the guest to the state meanwhile. */
static int32_t failed_unless(struct gurum_call *call, virDomainPtr domain, bool active, const char *what)
{
    virErrorPtr error = virSaveLastError();
    int32_t status = guest_is_active(domain) == active ? GURUM_OK : libvirt_fail_by(call, services, error, what);
    virFreeError(error);
    return status;
}

static int32_t create(struct gurum_call *call, virConnectPtr connection, virDomainPtr domain)
{
    virDomainInfo info;
    uint64_t available = memory_available_bytes(connection) >> 20;
    if (virDomainGetInfo(domain, &info) == 0 && available > 0 && info.maxMem / 1024 > available)
        return services->fail(call, GURUM_NO_CAPACITY, "memory", "%llu MiB are free, %lu are wanted",
                              (unsigned long long)available, info.maxMem / 1024);
    return virDomainCreate(domain) == 0 ? GURUM_OK : failed_unless(call, domain, true, "starting the guest");
}

int32_t guest_start(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest->uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest was never defined here");
    if (!guest_is_active(domain)) {
        if (services->cancelled(call))
            return services->fail(call, GURUM_CANCELLED, "cancelled", "before the guest was started");
        status = create(call, connection, domain);
    } else if (virDomainGetState(domain, &(int){0}, &(int){0}, 0) == 0) {
        (void)virDomainResume(domain); /* a paused one; fails on one that runs */
    }
    return status == GURUM_OK ? guest_report(call, spec->host, domain) : status;
}

static int32_t power_off(struct gurum_call *call, virDomainPtr domain)
{
    return virDomainDestroy(domain) == 0 ? GURUM_OK : failed_unless(call, domain, false, "cutting the guest's power");
}

static int64_t note_of(struct gurum_call *call, const char *name)
{
    const char *value = services->recall(call, name);
    return value == NULL ? -1 : strtoll(value, NULL, 10);
}

static int32_t note(struct gurum_call *call, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)value);
    return services->remember(call, name, text);
}

/* Asks the guest to shut down, again from time to time, and cuts its power when the time of grace is over. OK: it is
 * off. */
static int32_t shut_down(struct gurum_call *call, virDomainPtr domain, int64_t grace_ms)
{
    int64_t now = now_ms(), first = note_of(call, "asked_first"), last = note_of(call, "asked_last");
    int state = VIR_DOMAIN_NOSTATE;
    if (!guest_is_active(domain))
        return GURUM_OK;
    (void)virDomainGetState(domain, &state, NULL, 0);
    if (first < 0 && note(call, "asked_first", first = now) != GURUM_OK)
        return GURUM_FAILED;
    if (now - first >= grace_ms || state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_CRASHED)
        return power_off(call, domain);
    if (last < 0 || now - last >= ASK_AGAIN_MS) {
        (void)virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
        if (note(call, "asked_last", now) != GURUM_OK)
            return GURUM_FAILED;
        if (!guest_is_active(domain))
            return GURUM_OK;
    }
    return services->check_after(call, LOOK_AGAIN_MS);
}

int32_t guest_stop(struct gurum_call *call, const struct gurum_guest_stop_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK || domain == NULL || !guest_is_active(domain))
        return status;
    if ((spec->flags & GURUM_STOP_FORCE) != 0)
        return power_off(call, domain);
    return shut_down(call, domain, spec->grace_ms);
}

/* Off and on again, which also brings a shape changed meanwhile to life. libvirt gives each start a number of its own,
 * so the number noted before tells whether this operation has done its work. */
int32_t guest_reboot(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest is not here");
    bool active = guest_is_active(domain);
    int64_t before = note_of(call, "start_number"), start = active ? (int64_t)virDomainGetID(domain) : -1;
    if (before < 0 && !active)
        return services->fail(call, GURUM_CONFLICT, "guest_stopped", "the guest does not run");
    if (before < 0 && note(call, "start_number", before = start) != GURUM_OK)
        return services->fail(call, GURUM_FAILED, "notes", "the start's number could not be noted");
    if (active && start == before &&
        (status = shut_down(call, domain, services->setting_integer("reboot_grace_ms"))) != GURUM_OK)
        return status;
    if ((!active || start == before) && (status = create(call, connection, domain)) != GURUM_OK)
        return status;
    return guest_report(call, spec->host, domain);
}

/* ---- Removing ---- */

/* With all that libvirt keeps for it; drivers that know fewer flags get fewer. */
static bool undefine(virDomainPtr domain)
{
    static const unsigned flags[] = {
        VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
            VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM,
        VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
        0,
    };
    bool gone = false;
    for (size_t i = 0; !gone && i < sizeof(flags) / sizeof(flags[0]); i++) {
        gone = virDomainUndefineFlags(domain, flags[i]) == 0 || libvirt_is_absent();
        if (!gone && libvirt_status() != GURUM_INVALID && libvirt_status() != GURUM_UNSUPPORTED)
            return false;
    }
    return gone;
}

int32_t guest_remove(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain != NULL && guest_is_active(domain) && (status = power_off(call, domain)) != GURUM_OK)
        return status;
    if (domain != NULL && virDomainIsPersistent(domain) == 1 && !undefine(domain))
        return libvirt_fail(call, services, "undefining the guest");
    return console_log_remove(call, connection, spec->guest_uuid);
}
