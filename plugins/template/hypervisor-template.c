/* A hypervisor plugin to copy: the smallest one that keeps every contract. Its "provider" is a folder with one file for
 * each guest; put yours in the place of guest_load(), guest_save() and guest_delete(), and the slots stay much as they
 * are. */
#include <gurum_hypervisor.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UUID_LENGTH 36

static const struct gurum_services *services;

struct guest {
    char name[256];
    uint32_t state; /* enum gurum_guest_state */
    uint32_t cpu_count;
    uint64_t memory_mib;
    int64_t since_ms;
    char reboot_operation[64];
};

/* ---- The provider: files ---------------------------------------------------------------------------------------- */

static int32_t path_of(struct gurum_call *call, const char *name, const char *ending, char path[PATH_MAX])
{
    if (name == NULL || strlen(name) != strspn(name, "0123456789abcdef-") || strlen(name) != UUID_LENGTH)
        return services->fail(call, GURUM_INVALID, "uuid", "not a uuid");
    if (snprintf(path, PATH_MAX, "%s/%s%s", services->setting("folder"), name, ending) >= PATH_MAX)
        return services->fail(call, GURUM_INVALID, "folder", "the folder's path is too long");
    return GURUM_OK;
}

static int32_t io_failed(struct gurum_call *call, const char *path)
{
    return services->fail(call, errno == ENOSPC ? GURUM_NO_CAPACITY : GURUM_FAILED, "file", "%s: %s", path,
                          strerror(errno));
}

/* Whole or not at all, also after a crash: the new file takes the old one's place in one step. */
static int32_t guest_save(struct gurum_call *call, const char *uuid, const struct guest *guest)
{
    char path[PATH_MAX], next[PATH_MAX];
    int32_t status = path_of(call, uuid, "", path);
    if (status != GURUM_OK || (status = path_of(call, uuid, ".new", next)) != GURUM_OK)
        return status;
    FILE *file = fopen(next, "we");
    if (file == NULL)
        return io_failed(call, next);
    fprintf(file, "%s\n%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRId64 "\n%s\n", guest->name, guest->state,
            guest->cpu_count, guest->memory_mib, guest->since_ms, guest->reboot_operation);
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    fclose(file);
    return written && rename(next, path) == 0 ? GURUM_OK : io_failed(call, path);
}

/* A guest that is not there is loaded as ABSENT. */
static int32_t guest_load(struct gurum_call *call, const char *uuid, struct guest *ret_guest)
{
    char path[PATH_MAX];
    memset(ret_guest, 0, sizeof(*ret_guest));
    ret_guest->state = GURUM_GUEST_ABSENT;
    int32_t status = path_of(call, uuid, "", path);
    if (status != GURUM_OK)
        return status;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? GURUM_OK : io_failed(call, path);
    int fields = fscanf(file, "%255[^\n] %" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNd64 " %63s", ret_guest->name,
                        &ret_guest->state, &ret_guest->cpu_count, &ret_guest->memory_mib, &ret_guest->since_ms,
                        ret_guest->reboot_operation);
    fclose(file);
    return fields >= 5 ? GURUM_OK : services->fail(call, GURUM_FAILED, "file", "%s is damaged", path);
}

static int32_t guest_delete(struct gurum_call *call, const char *uuid)
{
    static const char *const endings[] = {".new", ""};
    for (int i = 0; i < 2; i++) {
        char path[PATH_MAX];
        int32_t status = path_of(call, uuid, endings[i], path);
        if (status != GURUM_OK)
            return status;
        if (unlink(path) != 0 && errno != ENOENT)
            return io_failed(call, path);
    }
    return GURUM_OK;
}

/* Calls `visit` for each guest of the folder until it answers other than OK. */
static int32_t guests_visit(struct gurum_call *call, void *context,
                            int32_t (*visit)(struct gurum_call *call, void *context, const char *uuid,
                                             const struct guest *guest))
{
    DIR *folder = opendir(services->setting("folder"));
    int32_t status = folder == NULL ? io_failed(call, services->setting("folder")) : GURUM_OK;
    for (struct dirent *entry; status == GURUM_OK && (entry = readdir(folder)) != NULL;) {
        struct guest guest;
        if (strlen(entry->d_name) != UUID_LENGTH)
            continue;
        status = guest_load(call, entry->d_name, &guest);
        if (status == GURUM_OK)
            status = visit(call, context, entry->d_name, &guest);
    }
    if (folder != NULL)
        closedir(folder);
    return status;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Host ------------------------------------------------------------------------------------------------------- */

struct totals {
    const char *but_uuid; /* not counted */
    const char *name;     /* looked for */
    uint32_t guests;
    uint64_t memory_mib; /* of running guests */
    bool name_taken;
};

static int32_t add_up(struct gurum_call *call, void *context, const char *uuid, const struct guest *guest)
{
    struct totals *totals = context;
    (void)call;
    if (totals->but_uuid != NULL && strcmp(uuid, totals->but_uuid) == 0)
        return GURUM_OK;
    totals->guests++;
    totals->memory_mib += guest->state == GURUM_GUEST_RUNNING ? guest->memory_mib : 0;
    totals->name_taken = totals->name_taken || (totals->name != NULL && strcmp(totals->name, guest->name) == 0);
    return GURUM_OK;
}

static int32_t host_probe(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    const char *folder = services->setting("folder");
    bool usable = access(folder, R_OK | W_OK | X_OK) == 0;
    const struct gurum_host_facts facts = {
        .item = {sizeof(facts), GURUM_ITEM_HOST_FACTS},
        .hypervisor = "Template",
        .hypervisor_version = "1",
        .architecture = "x86_64",
        .capabilities = "",
        .cpu_count = 4,
        .cpu_sockets = 1,
        .cpu_mhz = 2000,
        .memory_bytes = (uint64_t)services->setting_integer("memory_mib") << 20,
    };
    const struct gurum_check check = {
        .item = {sizeof(check), GURUM_ITEM_CHECK},
        .code = "folder",
        .ok = usable,
        .required = 1,
        .detail = folder,
        .hint = usable ? NULL : "make the folder and let the jobs role read and write it",
    };
    (void)spec;
    int32_t status = services->report(call, &facts.item);
    return status == GURUM_OK ? services->report(call, &check.item) : status;
}

static int32_t host_ensure(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    const char *folder = services->setting("folder");
    (void)spec;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "before the host was prepared");
    return mkdir(folder, 0700) == 0 || errno == EEXIST ? GURUM_OK : io_failed(call, folder);
}

static int32_t host_observe(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    struct totals totals = {0};
    (void)spec;
    int32_t status = guests_visit(call, &totals, add_up);
    if (status != GURUM_OK)
        return status;
    uint64_t memory_mib = (uint64_t)services->setting_integer("memory_mib");
    const struct gurum_host_report report = {
        .item = {sizeof(report), GURUM_ITEM_HOST_STATE},
        .state = GURUM_HOST_UP,
        .guest_count = totals.guests,
        .memory_bytes = memory_mib << 20,
        .memory_free_bytes = (totals.memory_mib < memory_mib ? memory_mib - totals.memory_mib : 0) << 20,
    };
    return services->report(call, &report.item);
}

static int32_t host_remove(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    struct totals totals = {0};
    (void)spec;
    if (access(services->setting("folder"), F_OK) != 0)
        return GURUM_OK;
    int32_t status = guests_visit(call, &totals, add_up);
    if (status == GURUM_OK && totals.guests > 0)
        return services->fail(call, GURUM_CONFLICT, "host_has_guests", "%" PRIu32 " guests are there", totals.guests);
    return status;
}

/* ---- Guests ----------------------------------------------------------------------------------------------------- */

static int32_t guest_report(struct gurum_call *call, const char *uuid, const char *host_uuid, const struct guest *guest)
{
    const struct gurum_guest_report report = {
        .item = {sizeof(report), GURUM_ITEM_GUEST},
        .uuid = uuid,
        .name = guest->name,
        .handle = uuid,
        .host_uuid = host_uuid,
        .state = guest->state,
        .cpu_count = guest->cpu_count,
        .memory_mib = guest->memory_mib,
        .since_ms = guest->since_ms,
    };
    return services->report(call, &report.item);
}

static int32_t guest_ensure(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    const struct gurum_guest *wanted = spec->guest;
    struct totals totals = {.but_uuid = wanted->uuid, .name = wanted->name};
    struct guest guest;
    int32_t status = guest_load(call, wanted->uuid, &guest);
    if (status != GURUM_OK || (status = guests_visit(call, &totals, add_up)) != GURUM_OK)
        return status;
    if (totals.name_taken)
        return services->fail(call, GURUM_CONFLICT, "name_taken", "another guest is called %s", wanted->name);
    if (wanted->memory_mib > (uint64_t)services->setting_integer("memory_mib"))
        return services->fail(call, GURUM_NO_CAPACITY, "memory", "the host has %" PRId64 " MiB",
                              services->setting_integer("memory_mib"));
    if (guest.state != GURUM_GUEST_RUNNING) {
        if (services->cancelled(call))
            return services->fail(call, GURUM_CANCELLED, "cancelled", "before the guest was defined");
        if (guest.state == GURUM_GUEST_ABSENT)
            guest.since_ms = now_ms();
        guest.state = GURUM_GUEST_STOPPED;
        guest.cpu_count = wanted->cpu_count;
        guest.memory_mib = wanted->memory_mib;
        snprintf(guest.name, sizeof(guest.name), "%s", wanted->name);
        if ((status = guest_save(call, wanted->uuid, &guest)) != GURUM_OK)
            return status;
    }
    return guest_report(call, wanted->uuid, spec->host->uuid, &guest);
}

static int32_t guest_start(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    struct totals totals = {.but_uuid = spec->guest->uuid};
    struct guest guest;
    int32_t status = guest_load(call, spec->guest->uuid, &guest);
    if (status != GURUM_OK || (status = guests_visit(call, &totals, add_up)) != GURUM_OK)
        return status;
    if (guest.state == GURUM_GUEST_ABSENT)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest was never defined here");
    if (guest.state != GURUM_GUEST_RUNNING) {
        if (totals.memory_mib + guest.memory_mib > (uint64_t)services->setting_integer("memory_mib"))
            return services->fail(call, GURUM_NO_CAPACITY, "memory", "%" PRIu64 " MiB are in use", totals.memory_mib);
        guest.state = GURUM_GUEST_RUNNING;
        guest.since_ms = now_ms();
        if ((status = guest_save(call, spec->guest->uuid, &guest)) != GURUM_OK)
            return status;
    }
    return guest_report(call, spec->guest->uuid, spec->host->uuid, &guest);
}

static int32_t guest_stop(struct gurum_call *call, const struct gurum_guest_stop_spec *spec)
{
    struct guest guest;
    int32_t status = guest_load(call, spec->guest_uuid, &guest);
    if (status != GURUM_OK || guest.state != GURUM_GUEST_RUNNING)
        return status;
    guest.state = GURUM_GUEST_STOPPED;
    guest.since_ms = now_ms();
    return guest_save(call, spec->guest_uuid, &guest);
}

/* The operation id is kept with the guest, so that a repeated call does not reboot it again. */
static int32_t guest_reboot(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    struct guest guest;
    const char *operation = services->operation_id(call);
    int32_t status = guest_load(call, spec->guest_uuid, &guest);
    if (status != GURUM_OK)
        return status;
    if (guest.state == GURUM_GUEST_ABSENT)
        return services->fail(call, GURUM_NOT_FOUND, "guest_absent", "the guest is not here");
    if (guest.state != GURUM_GUEST_RUNNING)
        return services->fail(call, GURUM_CONFLICT, "guest_stopped", "the guest does not run");
    if (strcmp(guest.reboot_operation, operation) != 0) {
        snprintf(guest.reboot_operation, sizeof(guest.reboot_operation), "%s", operation);
        guest.since_ms = now_ms();
        if ((status = guest_save(call, spec->guest_uuid, &guest)) != GURUM_OK)
            return status;
    }
    return guest_report(call, spec->guest_uuid, spec->host->uuid, &guest);
}

static int32_t guest_remove(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    return guest_delete(call, spec->guest_uuid);
}

static int32_t guest_observe(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    struct guest guest;
    int32_t status = guest_load(call, spec->guest_uuid, &guest);
    return status == GURUM_OK ? guest_report(call, spec->guest_uuid, spec->host->uuid, &guest) : status;
}

static int32_t report_listed(struct gurum_call *call, void *context, const char *uuid, const struct guest *guest)
{
    const struct gurum_host_spec *spec = context;
    return guest_report(call, uuid, spec->host->uuid, guest);
}

static int32_t guest_list(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    struct gurum_host_spec copy = *spec;
    return guests_visit(call, &copy, report_listed);
}

/* ---- The plugin ------------------------------------------------------------------------------------------------- */

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return GURUM_OK;
}

static void stop(void) {}

static const struct gurum_hypervisor_operations operations = {
    .size = sizeof(operations),
    .host_probe = host_probe,
    .host_ensure = host_ensure,
    .host_observe = host_observe,
    .host_remove = host_remove,
    .guest_ensure = guest_ensure,
    .guest_start = guest_start,
    .guest_stop = guest_stop,
    .guest_reboot = guest_reboot,
    .guest_remove = guest_remove,
    .guest_observe = guest_observe,
    .guest_list = guest_list,
};

static const struct gurum_setting settings[] = {
    {.type = GURUM_SETTING_PATH,
     .flags = GURUM_SETTING_REQUIRED,
     .name = "folder",
     .title = "Folder",
     .help = "Folder that keeps one file for each guest."},
    {.type = GURUM_SETTING_INTEGER,
     .name = "memory_mib",
     .title = "Memory",
     .help = "Memory of the host, in MiB.",
     .default_value = "4096",
     .minimum = 64,
     .maximum = 1048576},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_HYPERVISOR,
    .threading = GURUM_THREADING_PER_TARGET,
    .name = "hypervisor-template",
    .title = "Template of a hypervisor",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = start,
    .stop = stop,
    .operations = &operations,
};
