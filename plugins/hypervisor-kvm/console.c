/* The guest's two ways to speak: its serial log, a file at the host that is read through a directory pool of libvirt,
 * and its screen over VNC. */
#include "kvm.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define POOL_NAME "gurum-console"
#define HEAD_WORDS "gurum: the serial log of a start,"
#define PARTS_MOST 4
#define HEAD_BYTES 64
#define PASSWORD_SECONDS 300
#define PASSWORD_SECONDS_LEAST 90

/* ---- The pool of logs ---- */

static char *pool_xml(void)
{
    XML_DOCUMENT document = xml_new("pool");
    xmlNode *pool = xml_root(document);
    xml_set(pool, "type", "dir");
    xml_add_text(pool, "name", POOL_NAME);
    xmlNode *target = xml_add(pool, "target"), *permissions = NULL;
    xml_add_text(target, "path", "%s", services->setting("console_folder"));
    permissions = xml_add(target, "permissions");
    xml_add_text(permissions, "mode", "0711"); /* logs are the tenants' own; QEMU has to pass for the trial's disk */
    return xml_print(document);
}

virStoragePoolPtr console_pool_find(virConnectPtr connection)
{
    virStoragePoolPtr pool = virStoragePoolLookupByName(connection, POOL_NAME);
    if (pool != NULL && virStoragePoolIsActive(pool) != 1)
        (void)virStoragePoolCreate(pool, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
    return pool;
}

int32_t console_pool_ensure(struct gurum_call *call, virConnectPtr connection, virStoragePoolPtr *ret_pool)
{
    XML_TEXT xml = pool_xml();
    virStoragePoolPtr pool = virStoragePoolLookupByName(connection, POOL_NAME);
    if (pool == NULL)
        pool = virStoragePoolDefineXML(connection, xml, 0);
    if (pool == NULL)
        return libvirt_fail(call, services, "making the pool of serial logs");
    *ret_pool = pool;
    if (virStoragePoolIsActive(pool) != 1 && virStoragePoolCreate(pool, VIR_STORAGE_POOL_CREATE_WITH_BUILD) != 0 &&
        virStoragePoolCreate(pool, 0) != 0 && virStoragePoolIsActive(pool) != 1)
        return libvirt_fail(call, services, "starting the pool of serial logs");
    (void)virStoragePoolSetAutostart(pool, 1);
    return GURUM_OK;
}

/* Logs of guests that are gone go with it; the folder only when it is empty then. */
int32_t console_pool_remove(struct gurum_call *call, virConnectPtr connection)
{
    LIBVIRT_POOL pool = console_pool_find(connection);
    virStorageVolPtr *volumes = NULL;
    if (pool == NULL)
        return GURUM_OK;
    (void)virStoragePoolRefresh(pool, 0);
    int count = virStoragePoolListAllVolumes(pool, &volumes, 0);
    for (int i = 0; i < count; i++) {
        (void)virStorageVolDelete(volumes[i], 0);
        virStorageVolFree(volumes[i]);
    }
    free(volumes);
    (void)virStoragePoolDestroy(pool);
    (void)virStoragePoolDelete(pool, VIR_STORAGE_POOL_DELETE_NORMAL);
    if (virStoragePoolUndefine(pool) != 0 && !libvirt_is_absent())
        return libvirt_fail(call, services, "removing the pool of serial logs");
    return GURUM_OK;
}

/* ---- Logs ---- */

void console_log_path(struct gurum_call *call, const char *guest_uuid, const char **ret_path)
{
    size_t size = strlen(services->setting("console_folder")) + 48;
    char *path = services->alloc(call, size);
    snprintf(path, size, "%s/%.36s.log", services->setting("console_folder"), guest_uuid);
    *ret_path = path;
}

/* Part -1 is the one that is written now. */
static virStorageVolPtr log_find(virStoragePoolPtr pool, const char *guest_uuid, int part)
{
    char name[64];
    if (part < 0)
        snprintf(name, sizeof(name), "%.36s.log", guest_uuid);
    else
        snprintf(name, sizeof(name), "%.36s.log.%d", guest_uuid, part);
    return virStorageVolLookupByName(pool, name);
}

/* Every log begins with a line of ours that no other has, so that one that began anew is told from its forerunner: what
 * guests say first is the same at each start. Readers do not see it. */
static void head_write(virConnectPtr connection, virStorageVolPtr log)
{
    char head[HEAD_BYTES + 1];
    uint64_t number = 0;
    LIBVIRT_STREAM stream = virStreamNew(connection, 0);
    if (stream == NULL || getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number) ||
        virStorageVolUpload(log, stream, 0, HEAD_BYTES, 0) != 0)
        return;
    snprintf(head, sizeof(head), "%-46s%016llx\r\n", HEAD_WORDS, (unsigned long long)number);
    if (virStreamSend(stream, head, HEAD_BYTES) != HEAD_BYTES)
        virStreamAbort(stream);
    else
        (void)virStreamFinish(stream);
}

void console_log_make(virConnectPtr connection, const char *guest_uuid)
{
    LIBVIRT_POOL pool = console_pool_find(connection);
    LIBVIRT_VOLUME log = pool == NULL ? NULL : log_find(pool, guest_uuid, -1);
    if (pool == NULL || log != NULL)
        return;
    XML_DOCUMENT document = xml_new("volume");
    xmlNode *volume = xml_root(document);
    xml_add_text(volume, "name", "%.36s.log", guest_uuid);
    xml_add_text(volume, "capacity", "%d", HEAD_BYTES);
    xmlNode *target = xml_add(volume, "target");
    xml_set(xml_add(target, "format"), "type", "raw");
    xml_add_text(xml_add(target, "permissions"), "mode", "0600");
    XML_TEXT xml = xml_print(document);
    log = virStorageVolCreateXML(pool, xml, 0);
    if (log != NULL)
        head_write(connection, log);
}

/* virtlogd keeps older parts beside it: "….log.0" and so on; the pool hears of them when it looks again. */
int32_t console_log_remove(struct gurum_call *call, virConnectPtr connection, const char *guest_uuid)
{
    LIBVIRT_POOL pool = console_pool_find(connection);
    if (pool == NULL)
        return GURUM_OK;
    (void)virStoragePoolRefresh(pool, 0);
    for (int part = -1; part < PARTS_MOST; part++) {
        LIBVIRT_VOLUME log = log_find(pool, guest_uuid, part);
        if (log != NULL && virStorageVolDelete(log, 0) != 0 && !libvirt_is_absent())
            return libvirt_fail(call, services, "removing the serial log");
    }
    return GURUM_OK;
}

/* As many bytes as there are, up to `length`. */
static bool log_download(virConnectPtr connection, virStorageVolPtr log, uint64_t offset, uint64_t length, char *bytes,
                         uint64_t *ret_length)
{
    LIBVIRT_STREAM stream = virStreamNew(connection, 0);
    *ret_length = 0;
    if (length == 0)
        return true;
    if (stream == NULL || virStorageVolDownload(log, stream, offset, length, 0) != 0)
        return false;
    while (*ret_length < length) {
        int part = virStreamRecv(stream, bytes + *ret_length, length - *ret_length);
        if (part < 0) {
            virStreamAbort(stream);
            return false;
        }
        if (part == 0)
            break;
        *ret_length += (uint64_t)part;
    }
    return virStreamFinish(stream) == 0;
}

/* By its first bytes; a log that has hardly begun, without our line, cannot be told from another. Bytes of our line are
 * in *ret_skipped. */
static uint64_t log_generation(virConnectPtr connection, virStorageVolPtr log, uint64_t end, uint64_t *ret_skipped)
{
    char head[HEAD_BYTES];
    uint64_t length = 0, hash = UINT64_C(0xcbf29ce484222325);
    *ret_skipped = 0;
    if (end < HEAD_BYTES || !log_download(connection, log, 0, HEAD_BYTES, head, &length) || length < HEAD_BYTES)
        return 0;
    for (size_t i = 0; i < HEAD_BYTES; i++)
        hash = (hash ^ (unsigned char)head[i]) * UINT64_C(0x100000001b3);
    if (memcmp(head, HEAD_WORDS, strlen(HEAD_WORDS)) == 0)
        *ret_skipped = HEAD_BYTES;
    return hash;
}

int32_t console_log_read(struct gurum_call *call, const struct gurum_console_log_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    virStorageVolInfo info;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest is not here");
    struct gurum_console_log report = {.item = {sizeof(report), GURUM_ITEM_CONSOLE_LOG}, .uuid = spec->guest_uuid};
    LIBVIRT_POOL pool = console_pool_find(connection);
    LIBVIRT_VOLUME log = pool == NULL ? NULL : log_find(pool, spec->guest_uuid, -1);
    if (log == NULL || virStorageVolGetInfo(log, &info) != 0) /* it has said nothing yet, or nobody kept it */
        return services->report(call, &report.item);
    uint64_t most = spec->bytes_most < GURUM_CONSOLE_LOG_BYTES_MOST ? spec->bytes_most : GURUM_CONSOLE_LOG_BYTES_MOST;
    bool tail = (spec->flags & GURUM_CONSOLE_LOG_TAIL) != 0;
    uint64_t skipped = 0;
    report.generation = log_generation(connection, log, info.capacity, &skipped);
    uint64_t end = report.end_offset = info.capacity - skipped;
    report.offset = tail ? end - (most < end ? most : end) : spec->offset;
    report.offset = report.offset < end ? report.offset : end;
    most = most < end - report.offset ? most : end - report.offset;
    char *bytes = services->alloc(call, most + 1);
    if (!log_download(connection, log, skipped + report.offset, most, bytes, &report.data_length))
        return libvirt_fail(call, services, "reading the serial log");
    report.data = bytes;
    return services->report(call, &report.item);
}

/* ---- The screen ---- */

static bool is_numeric(const char *address)
{
    struct in6_addr unused;
    return address != NULL && (inet_pton(AF_INET, address, &unused) == 1 || inet_pton(AF_INET6, address, &unused) == 1);
}

void console_address(const struct gurum_host *host, char *ret_address, size_t size)
{
    char name[256] = "";
    const char *chosen = libvirt_detail(&host->details, "kvm.vnc.listen");
    if (chosen == NULL)
        chosen = services->setting("vnc_listen");
    if (chosen == NULL || chosen[0] == '\0') {
        bool remote = libvirt_authority(host->url, name, sizeof(name));
        chosen = !remote                     ? "127.0.0.1"
                 : is_numeric(host->address) ? host->address
                 : is_numeric(name)          ? name
                                             : "0.0.0.0";
    }
    snprintf(ret_address, size, "%s", chosen);
}

/* Where others reach what listens there. */
static const char *reached_at(struct gurum_call *call, const struct gurum_host *host, const char *listens)
{
    char *name = services->alloc(call, 256);
    bool anywhere = strcmp(listens, "0.0.0.0") == 0 || strcmp(listens, "::") == 0;
    if (!anywhere)
        snprintf(name, 256, "%s", listens);
    else if (host->address != NULL)
        snprintf(name, 256, "%s", host->address);
    else if (!libvirt_authority(host->url, name, 256))
        snprintf(name, 256, "127.0.0.1");
    return name;
}

/* 32 signs, so that every value of five bits is as likely as the others. */
static void password_make(char ret_password[9])
{
    static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[8] = {0};
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        abort();
    for (size_t i = 0; i < sizeof(bytes); i++)
        ret_password[i] = signs[bytes[i] % 32];
    ret_password[8] = '\0';
}

static bool time_read(const char *text, time_t *ret_time)
{
    struct tm parts = {0};
    if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) == NULL)
        return false;
    *ret_time = timegm(&parts);
    return true;
}

/* A password that still holds for a while is told again, so that two who open the screen do not lock each other out. */
static int32_t password_ensure(struct gurum_call *call, virDomainPtr domain, xmlNode *graphics,
                               struct gurum_console_report *report)
{
    time_t holds_until = 0, now = (time_t)(now_ms() / 1000);
    const char *known = xml_read(graphics, "@passwd");
    char *password = services->alloc(call, 16), until[32];
    struct tm parts;
    if (known == NULL)
        return GURUM_OK;
    if (time_read(xml_read(graphics, "@passwdValidTo"), &holds_until) && holds_until >= now + PASSWORD_SECONDS_LEAST) {
        snprintf(password, 16, "%s", known);
    } else {
        password_make(password);
        holds_until = now + PASSWORD_SECONDS;
        strftime(until, sizeof(until), "%Y-%m-%dT%H:%M:%S", gmtime_r(&holds_until, &parts));
        xml_set(graphics, "passwd", "%s", password);
        xml_set(graphics, "passwdValidTo", "%s", until);
        XML_TEXT xml = xml_print_node(graphics);
        int changed = virDomainUpdateDeviceFlags(domain, xml, VIR_DOMAIN_AFFECT_LIVE);
        explicit_bzero(xml, strlen(xml));
        if (changed != 0)
            return libvirt_fail(call, services, "setting the screen's password");
    }
    report->password = password;
    report->expires_ms = (int64_t)holds_until * 1000;
    return GURUM_OK;
}

int32_t console_open(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_DOMAIN domain = NULL;
    XML_DOCUMENT document = NULL;
    int32_t status = guest_find(call, spec->host, spec->guest_uuid, &connection, &domain);
    if (status != GURUM_OK)
        return status;
    if (domain == NULL || !guest_is_active(domain))
        return services->fail(call, GURUM_CONFLICT, "guest_stopped", "the guest does not run");
    if ((status = guest_document(call, domain, VIR_DOMAIN_XML_SECURE, &document)) != GURUM_OK)
        return status;
    xmlNode *graphics = xml_first(xml_root(document), "devices/graphics");
    uint64_t port = graphics == NULL ? 0 : xml_read_number(graphics, "@port", 0);
    const char *listens = graphics == NULL ? NULL : xml_read(graphics, "@listen");
    if (port == 0 || !xml_is(graphics, "@type", "vnc"))
        return services->fail(call, GURUM_NOT_FOUND, "no_screen", "the guest has no screen over VNC");
    struct gurum_console_report report = {.item = {sizeof(report), GURUM_ITEM_CONSOLE},
                                          .protocol = "vnc",
                                          .address =
                                              reached_at(call, spec->host, listens == NULL ? "127.0.0.1" : listens),
                                          .port = (uint32_t)port};
    if ((status = password_ensure(call, domain, graphics, &report)) != GURUM_OK)
        return status;
    return services->report(call, &report.item);
}
