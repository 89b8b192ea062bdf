/* The hypervisor kind: hosts, guests, what is attached to them. */
#include "check.h"

#include "gurum_hypervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gurum_host host, other_host;

static void host_fill(struct gurum_host *target, const char *part, const char *url, int at)
{
    *target = (struct gurum_host){.size = sizeof(*target),
                                  .uuid = object_text(part, "uuid", run.uuids[at]),
                                  .name = part,
                                  .url = object_text(part, "url", url),
                                  .address = object_text(part, "address", NULL),
                                  .username = object_text(part, "username", NULL),
                                  .cluster_uuid = run.uuids[2],
                                  .cluster_name = "check",
                                  .pod_uuid = run.uuids[3],
                                  .zone_uuid = run.uuids[4]};
}

static const struct gurum_host_spec *host_spec(void)
{
    static const struct gurum_host_spec spec = {.size = sizeof(spec), .host = &host};
    return &spec;
}

/* A guest without disks and NICs, unless the settings name a disk image that it may boot from. */
static const struct gurum_guest *guest_of(const char *uuid)
{
    static _Thread_local struct gurum_guest guest;
    static _Thread_local struct gurum_disk disk;
    static _Thread_local char name[64];
    snprintf(name, sizeof(name), "check-%.13s", uuid);
    guest = (struct gurum_guest){.size = sizeof(guest),
                                 .uuid = uuid,
                                 .name = name,
                                 .title = "검사 <&>\"' ü",
                                 .hostname = "check",
                                 .cpu_count = 1,
                                 .cpu_mhz = 500,
                                 .memory_mib = (uint64_t)object_number("guest", "memory_mib", 128),
                                 .user_data = "#cloud-config\n",
                                 .user_data_length = 14};
    if (object_text("guest", "disk_path", NULL) != NULL) {
        disk = (struct gurum_disk){.volume_uuid = uuid,
                                   .path = object_text("guest", "disk_path", NULL),
                                   .kind = GURUM_DISK_ROOT,
                                   .format = GURUM_FORMAT_QCOW2,
                                   .bootable = 1,
                                   .read_only = 1,
                                   .size_bytes = 1 << 20};
        guest.disks = (struct gurum_array){&disk, 1, sizeof(disk)};
    }
    return &guest;
}

static const void *shape_spec(const char *uuid)
{
    static _Thread_local struct gurum_guest_shape_spec spec;
    spec = (struct gurum_guest_shape_spec){.size = sizeof(spec), .host = &host, .guest = guest_of(uuid)};
    return &spec;
}

static const void *guest_spec(const char *uuid)
{
    static _Thread_local struct gurum_guest_spec spec;
    static _Thread_local char name[64];
    snprintf(name, sizeof(name), "check-%.13s", uuid);
    spec = (struct gurum_guest_spec){.size = sizeof(spec), .host = &host, .guest_uuid = uuid, .guest_name = name};
    return &spec;
}

static uint32_t guest_state(const char *uuid)
{
    OUTCOME(outcome);
    slot_call(&outcome, "guest_observe", guest_spec(uuid), NULL);
    const struct gurum_guest_report *report = outcome_item(&outcome, GURUM_ITEM_GUEST);
    return outcome.status == GURUM_OK && report != NULL ? report->state : 0;
}

static int guest_observe(const char *uuid)
{
    if (host.size == 0)
        host_fill(&host, "host", "http://sim/check/h0", 0);
    uint32_t state = guest_state(uuid);
    return state == 0 ? -1 : state != GURUM_GUEST_ABSENT;
}

static int guest_count(const char *uuid)
{
    OUTCOME(outcome);
    int count = 0;
    slot_call(&outcome, "guest_list", host_spec(), NULL);
    for (uint32_t i = 0; i < outcome.item_count; i++) {
        const struct gurum_guest_report *report = (const void *)outcome.items[i];
        count += report->item.type == GURUM_ITEM_GUEST && (uuid == NULL || same_text(report->uuid, uuid));
    }
    return outcome.status == GURUM_OK ? count : -1;
}

const struct subject *hypervisor_subject(void)
{
    static const struct subject subject = {.noun = "guest",
                                           .ensure_slot = "guest_ensure",
                                           .remove_slot = "guest_remove",
                                           .ensure_spec = shape_spec,
                                           .remove_spec = guest_spec,
                                           .observe = guest_observe,
                                           .count = guest_count,
                                           .item = GURUM_ITEM_GUEST,
                                           .item_uuid_offset = offsetof(struct gurum_guest_report, uuid)};
    return &subject;
}

/* Calls a slot and checks its answer. */
static bool expect(const char *slot, const void *spec, int32_t status, const char *code)
{
    OUTCOME(outcome);
    slot_call(&outcome, slot, spec, NULL);
    return check(outcome.status == status, code, "%s answers %s, %s is right", slot, outcome_words(&outcome),
                 gurum_status_text(status));
}

static void check_host(void)
{
    OUTCOME(outcome);
    slot_call(&outcome, "host_probe", host_spec(), NULL);
    const struct gurum_host_facts *facts = outcome_item(&outcome, GURUM_ITEM_HOST_FACTS);
    check(outcome.status == GURUM_OK && facts != NULL && facts->cpu_count > 0 && facts->memory_bytes > 0 &&
              facts->hypervisor != NULL,
          "happy.host_probe", "host_probe tells what the host is: %s", outcome_words(&outcome));
    check(outcome_count(&outcome, GURUM_ITEM_CHECK) > 0, "happy.host_checks", "host_probe reports its check list");
    expect("host_ensure", host_spec(), GURUM_OK, "happy.host_ensure");
    expect("host_ensure", host_spec(), GURUM_OK, "twice.host_ensure");
    slot_call(&outcome, "host_observe", host_spec(), NULL);
    const struct gurum_host_report *state = outcome_item(&outcome, GURUM_ITEM_HOST_STATE);
    check(outcome.status == GURUM_OK && state != NULL && state->state == GURUM_HOST_UP &&
              state->memory_free_bytes <= state->memory_bytes && state->memory_bytes > 0,
          "happy.host_observe", "host_observe tells that it is up, with numbers that make sense");
}

static const struct gurum_guest_stop_spec *stop_spec(const char *uuid, uint32_t flags)
{
    static struct gurum_guest_stop_spec spec;
    const struct gurum_guest_spec *guest = guest_spec(uuid);
    spec = (struct gurum_guest_stop_spec){.size = sizeof(spec),
                                          .flags = flags,
                                          .host = &host,
                                          .guest_uuid = uuid,
                                          .guest_name = guest->guest_name,
                                          .grace_ms = 500};
    return &spec;
}

static void check_absent_guest(void)
{
    const char *uuid = new_uuid();
    expect("guest_start", shape_spec(uuid), GURUM_NOT_FOUND, "absent.start");
    expect("guest_stop", stop_spec(uuid, 0), GURUM_OK, "absent.stop");
    expect("guest_reboot", guest_spec(uuid), GURUM_NOT_FOUND, "absent.reboot");
    check(guest_observe(uuid) == 0, "absent.nothing_made", "none of this made it");
}

static int64_t reboot(const char *uuid, const char *operation)
{
    OUTCOME(outcome);
    slot_call(&outcome, "guest_reboot", guest_spec(uuid), operation);
    const struct gurum_guest_report *report = outcome_item(&outcome, GURUM_ITEM_GUEST);
    return outcome.status == GURUM_OK && report != NULL ? report->since_ms : -1;
}

static void check_life(void)
{
    const char *uuid = new_uuid(), *operation = new_uuid();
    OUTCOME(outcome);
    if (!expect("guest_ensure", shape_spec(uuid), GURUM_OK, "happy.guest_ensure"))
        return;
    check(guest_state(uuid) == GURUM_GUEST_STOPPED, "happy.defined", "a guest that was only defined is stopped");
    slot_call(&outcome, "guest_start", shape_spec(uuid), NULL);
    const struct gurum_guest_report *report = outcome_item(&outcome, GURUM_ITEM_GUEST);
    check(outcome.status == GURUM_OK && report != NULL && report->state == GURUM_GUEST_RUNNING, "happy.start",
          "guest_start answers %s and reports it running", outcome_words(&outcome));
    check(report != NULL && report->memory_mib == guest_of(uuid)->memory_mib && report->cpu_count == 1,
          "report.numbers", "the size reported is the size asked for");
    check(guest_state(uuid) == GURUM_GUEST_RUNNING, "happy.running", "it runs");
    expect("guest_start", shape_spec(uuid), GURUM_OK, "twice.start");
    int64_t first = reboot(uuid, operation);
    sleep_ms(5);
    check(first >= 0 && reboot(uuid, operation) == first, "twice.reboot",
          "one operation reboots once, however often called");
    expect("guest_ensure", shape_spec(uuid), GURUM_OK, "twice.ensure_running");
    check(guest_state(uuid) == GURUM_GUEST_RUNNING, "twice.still_running",
          "defining a running guest leaves it running");
    expect("guest_stop", stop_spec(uuid, 0), GURUM_OK, "happy.stop");
    check(guest_state(uuid) == GURUM_GUEST_STOPPED, "happy.stopped", "it is stopped");
    expect("guest_stop", stop_spec(uuid, GURUM_STOP_FORCE), GURUM_OK, "twice.stop");
    expect("guest_reboot", guest_spec(uuid), GURUM_CONFLICT, "conflict.reboot_stopped");
    expect("guest_start", shape_spec(uuid), GURUM_OK, "happy.start_again");
    expect("guest_remove", guest_spec(uuid), GURUM_OK, "happy.remove_running");
    check(guest_observe(uuid) == 0, "happy.removed", "a running guest can be removed");
}

static void check_conflicts(void)
{
    const char *uuid = new_uuid(), *other = new_uuid();
    OUTCOME(outcome);
    slot_call(&outcome, "guest_ensure", shape_spec(uuid), NULL);
    struct gurum_guest guest = *guest_of(uuid);
    struct gurum_guest_shape_spec spec = {.size = sizeof(spec), .host = &host, .guest = &guest};
    guest.uuid = other;
    expect("guest_ensure", &spec, GURUM_CONFLICT, "conflict.name");
    check(guest_observe(other) == 0 && guest_observe(uuid) == 1, "conflict.no_effect",
          "the refused guest was not made");
    guest.name = "check-giant";
    guest.memory_mib = UINT64_C(1) << 30;
    expect("guest_ensure", &spec, GURUM_NO_CAPACITY, "conflict.capacity");
    expect("host_remove", host_spec(), GURUM_CONFLICT, "conflict.host_with_guests");
    check(guest_observe(uuid) == 1, "remove.host_spares_guests", "host_remove left the guest alone");
    expect("guest_remove", guest_spec(uuid), GURUM_OK, "conflict.clean");
}

/* Long and awkward texts may be refused, but must not be cut silently or crash anything. */
static void check_ceilings(void)
{
    static char title[10001], data[1 << 20];
    const char *uuid = new_uuid();
    memset(title, 'x', sizeof(title) - 1);
    memset(data, 'd', sizeof(data) - 1);
    struct gurum_guest guest = *guest_of(uuid);
    struct gurum_guest_shape_spec spec = {.size = sizeof(spec), .host = &host, .guest = &guest};
    guest.title = title;
    guest.user_data = data;
    guest.user_data_length = sizeof(data) - 1;
    OUTCOME(outcome);
    slot_call(&outcome, "guest_ensure", &spec, NULL);
    bool there = guest_observe(uuid) == 1;
    check((outcome.status == GURUM_OK && there) || (outcome.status == GURUM_INVALID && !there), "ceilings.texts",
          "a title of 10,000 letters and 1 MiB of user data: %s", outcome_words(&outcome));
    expect("guest_remove", guest_spec(uuid), GURUM_OK, "ceilings.clean");
}

/* The one of the guest, NULL when there is none or more than one. */
static const struct gurum_guest_stats *stats_of(const struct outcome *outcome, const char *uuid)
{
    const struct gurum_guest_stats *found = NULL;
    for (uint32_t i = 0; i < outcome->item_count; i++) {
        const struct gurum_guest_stats *stats = (const void *)outcome->items[i];
        if (stats->item.type != GURUM_ITEM_GUEST_STATS || !same_text(stats->uuid, uuid))
            continue;
        if (found != NULL)
            return NULL;
        found = stats;
    }
    return found;
}

static void check_stats(const char *uuid)
{
    if (!slot_present("guest_stats")) {
        check_skip("happy.stats", "no guest_stats");
        return;
    }
    const char *other = new_uuid(), *stopped = new_uuid();
    OUTCOME(first);
    OUTCOME(second);
    expect("guest_ensure", shape_spec(other), GURUM_OK, "happy.ensure_for_stats");
    expect("guest_start", shape_spec(other), GURUM_OK, "happy.start_for_stats");
    expect("guest_ensure", shape_spec(stopped), GURUM_OK, "happy.ensure_stopped");
    slot_call(&first, "guest_stats", host_spec(), NULL);
    const struct gurum_guest_stats *stats = stats_of(&first, uuid);
    check(first.status == GURUM_OK && stats != NULL && stats->taken_ms > 0 && stats->memory_mib > 0, "happy.stats",
          "guest_stats tells the counters of a running guest: %s", outcome_words(&first));
    check(stats_of(&first, other) != NULL, "happy.stats_all",
          "one call tells those of every running guest of the host");
    check(stats_of(&first, stopped) == NULL, "happy.stats_running", "a stopped guest has none");
    sleep_ms(20);
    slot_call(&second, "guest_stats", host_spec(), NULL);
    const struct gurum_guest_stats *later = stats_of(&second, uuid);
    check(stats != NULL && later != NULL && later->cpu_time_ms >= stats->cpu_time_ms &&
              later->taken_ms >= stats->taken_ms && later->disk_read_bytes >= stats->disk_read_bytes &&
              later->network_in_bytes >= stats->network_in_bytes,
          "happy.stats_grow", "counters never fall while the guest runs");
    expect("guest_remove", guest_spec(other), GURUM_OK, "happy.remove_for_stats");
    expect("guest_remove", guest_spec(stopped), GURUM_OK, "happy.remove_stopped");
}

static void check_console(const char *uuid)
{
    OUTCOME(outcome);
    if (!slot_present("console_open"))
        return;
    slot_call(&outcome, "console_open", guest_spec(uuid), NULL);
    const struct gurum_console_report *console = outcome_item(&outcome, GURUM_ITEM_CONSOLE);
    check(outcome.status == GURUM_OK && console != NULL && console->protocol != NULL && console->address != NULL,
          "happy.console", "console_open tells a way to the screen");
}

static const struct gurum_console_log *log_read(struct outcome *outcome, const char *uuid, uint32_t flags,
                                                uint64_t offset, uint64_t bytes_most)
{
    const struct gurum_guest_spec *guest = guest_spec(uuid);
    const struct gurum_console_log_spec spec = {.size = sizeof(spec),
                                                .flags = flags,
                                                .host = &host,
                                                .guest_uuid = uuid,
                                                .guest_name = guest->guest_name,
                                                .offset = offset,
                                                .bytes_most = bytes_most};
    slot_call(outcome, "console_log_read", &spec, NULL);
    return outcome->status == GURUM_OK ? outcome_item(outcome, GURUM_ITEM_CONSOLE_LOG) : NULL;
}

/* Waits for the guest to say something: at once in a pretend cloud, some seconds on a real one. */
static bool log_begins(const char *uuid)
{
    for (int64_t until_ms = check_now_ms() + (run.live ? 20000 : 2000); check_now_ms() < until_ms; sleep_ms(200)) {
        OUTCOME(outcome);
        const struct gurum_console_log *log = log_read(&outcome, uuid, 0, 0, 16);
        if (log == NULL || log->end_offset >= 16)
            return log != NULL;
    }
    return false;
}

static void check_console_log(const char *uuid)
{
    if (!slot_present("console_log_read")) {
        check_skip("happy.console_log", "no console_log_read");
        return;
    }
    OUTCOME(whole);
    OUTCOME(part);
    OUTCOME(tail);
    OUTCOME(beyond);
    OUTCOME(absent);
    const char *nobody = new_uuid();
    log_read(&absent, nobody, 0, 0, 16);
    check(absent.status == GURUM_NOT_FOUND, "absent.console_log", "console_log_read of an absent guest answers %s",
          outcome_words(&absent));
    bool begun = log_begins(uuid);
    const struct gurum_console_log *log = log_read(&whole, uuid, 0, 0, GURUM_CONSOLE_LOG_BYTES_MOST);
    check(log != NULL && log->offset == 0 && same_text(log->uuid, uuid), "happy.console_log",
          "console_log_read answers %s and begins where it was asked to", outcome_words(&whole));
    if (log == NULL)
        return;
    if (!begun) {
        check_skip("happy.console_log_part", "the guest says nothing on its serial port");
    } else {
        const struct gurum_console_log *piece = log_read(&part, uuid, 0, 5, 7);
        check(piece != NULL && piece->offset == 5 && piece->data_length == 7 &&
                  memcmp(piece->data, log->data + 5, 7) == 0,
              "happy.console_log_part", "bytes 5 to 11 are those of the whole log");
        const struct gurum_console_log *last = log_read(&tail, uuid, GURUM_CONSOLE_LOG_TAIL, 0, 9);
        check(last != NULL && last->data_length == 9 && last->offset + 9 == last->end_offset, "happy.console_log_tail",
              "TAIL tells the last bytes");
    }
    const struct gurum_console_log *nothing = log_read(&beyond, uuid, 0, UINT64_C(1) << 40, 100);
    check(nothing != NULL && nothing->data_length == 0 && nothing->offset == nothing->end_offset,
          "ceilings.console_log_end", "behind the end there is nothing, and that is no failure: %s",
          outcome_words(&beyond));
}

static void check_hotplug(const char *uuid)
{
    const char *path = object_text("disk", "path", NULL), *volume = new_uuid(), *nic_uuid = new_uuid();
    if (path == NULL || !slot_present("disk_attach")) {
        check_skip("happy.disk_attach", "no disk_attach, or the settings name no disk");
        return;
    }
    struct gurum_disk disk = {.volume_uuid = volume,
                              .path = path,
                              .kind = GURUM_DISK_DATA,
                              .device_number = 1,
                              .format = GURUM_FORMAT_QCOW2,
                              .size_bytes = 1 << 20};
    struct gurum_disk_spec spec = {.size = sizeof(spec),
                                   .host = &host,
                                   .guest_uuid = uuid,
                                   .disk = &disk,
                                   .guest_name = ((const struct gurum_guest_spec *)guest_spec(uuid))->guest_name};
    expect("disk_attach", &spec, GURUM_OK, "happy.disk_attach");
    expect("disk_attach", &spec, GURUM_OK, "twice.disk_attach");
    disk.volume_uuid = new_uuid();
    expect("disk_attach", &spec, GURUM_CONFLICT, "conflict.device");
    disk.volume_uuid = volume;
    expect("disk_detach", &spec, GURUM_OK, "happy.disk_detach");
    expect("disk_detach", &spec, GURUM_OK, "twice.disk_detach");
    spec.guest_uuid = new_uuid();
    expect("disk_attach", &spec, GURUM_NOT_FOUND, "absent.disk_attach");
    expect("disk_detach", &spec, GURUM_OK, "absent.disk_detach");
    if (!slot_present("nic_attach"))
        return;
    struct gurum_nic nic = {.uuid = nic_uuid,
                            .mac = "02:00:4c:4f:4f:50",
                            .network_uuid = object_text("network", "uuid", nic_uuid),
                            .segment_handle = object_text("network", "segment", NULL),
                            .device_number = 0};
    struct gurum_nic_spec nic_spec = {.size = sizeof(nic_spec),
                                      .host = &host,
                                      .guest_uuid = uuid,
                                      .nic = &nic,
                                      .guest_name = ((const struct gurum_guest_spec *)guest_spec(uuid))->guest_name};
    expect("nic_attach", &nic_spec, GURUM_OK, "happy.nic_attach");
    expect("nic_attach", &nic_spec, GURUM_OK, "twice.nic_attach");
    expect("nic_detach", &nic_spec, GURUM_OK, "happy.nic_detach");
    expect("nic_detach", &nic_spec, GURUM_OK, "twice.nic_detach");
}

static void check_snapshots(const char *uuid)
{
    if (!slot_present("guest_snapshot_ensure")) {
        check_skip("happy.snapshot", "no guest_snapshot_ensure");
        return;
    }
    struct gurum_guest_snapshot_spec spec = {.size = sizeof(spec),
                                             .host = &host,
                                             .guest_uuid = uuid,
                                             .guest_name =
                                                 ((const struct gurum_guest_spec *)guest_spec(uuid))->guest_name,
                                             .snapshot_uuid = new_uuid(),
                                             .snapshot_name = "check"};
    expect("guest_snapshot_revert", &spec, GURUM_NOT_FOUND, "absent.snapshot_revert");
    expect("guest_snapshot_remove", &spec, GURUM_OK, "absent.snapshot_remove");
    expect("guest_snapshot_ensure", &spec, GURUM_OK, "happy.snapshot");
    expect("guest_snapshot_ensure", &spec, GURUM_OK, "twice.snapshot");
    expect("guest_snapshot_revert", &spec, GURUM_OK, "happy.snapshot_revert");
    expect("guest_snapshot_remove", &spec, GURUM_OK, "happy.snapshot_remove");
    expect("guest_snapshot_remove", &spec, GURUM_OK, "twice.snapshot_remove");
}

static void check_migration(const char *uuid)
{
    if (!slot_present("guest_migrate") || object_text("second_host", "url", NULL) == NULL) {
        check_skip("happy.migrate", "no guest_migrate, or the settings name no second_host");
        return;
    }
    host_fill(&other_host, "second_host", "", 1);
    const struct gurum_host_spec there = {.size = sizeof(there), .host = &other_host};
    expect("host_ensure", &there, GURUM_OK, "happy.second_host");
    expect("guest_start", shape_spec(uuid), GURUM_OK, "happy.start_to_migrate");
    struct gurum_guest_migrate_spec spec = {
        .size = sizeof(spec), .host = &host, .destination = &other_host, .guest = guest_of(uuid)};
    expect("guest_migrate", &spec, GURUM_OK, "happy.migrate");
    expect("guest_migrate", &spec, GURUM_OK, "twice.migrate");
    check(guest_observe(uuid) == 0, "happy.migrated_away", "the host it left knows it no more");
    spec.host = &other_host;
    spec.destination = &host;
    expect("guest_migrate", &spec, GURUM_OK, "happy.migrate_back");
    check(guest_state(uuid) == GURUM_GUEST_RUNNING, "happy.migrated_back", "it came back and runs");
    expect("host_remove", &there, GURUM_OK, "happy.second_host_remove");
}

static void check_resize(const char *uuid)
{
    if (!slot_present("guest_resize"))
        return;
    OUTCOME(outcome);
    struct gurum_guest guest = *guest_of(uuid);
    struct gurum_guest_shape_spec spec = {.size = sizeof(spec), .host = &host, .guest = &guest};
    guest.cpu_count = 2;
    slot_call(&outcome, "guest_resize", &spec, NULL);
    const struct gurum_guest_report *report = outcome_item(&outcome, GURUM_ITEM_GUEST);
    check((outcome.status == GURUM_OK && report != NULL && report->cpu_count == 2) ||
              outcome.status == GURUM_UNSUPPORTED,
          "happy.resize", "guest_resize answers %s", outcome_words(&outcome));
}

void check_hypervisor(void)
{
    host_fill(&host, "host", "http://sim/check/h0", 0);
    check_host();
    check_subject(hypervisor_subject());
    check_absent_guest();
    check_life();
    check_conflicts();
    check_ceilings();
    const char *uuid = new_uuid();
    expect("guest_ensure", shape_spec(uuid), GURUM_OK, "happy.ensure_more");
    expect("guest_start", shape_spec(uuid), GURUM_OK, "happy.start_more");
    check_stats(uuid);
    check_console(uuid);
    check_console_log(uuid);
    check_hotplug(uuid);
    check_resize(uuid);
    check_snapshots(uuid);
    check_migration(uuid);
    expect("guest_remove", guest_spec(uuid), GURUM_OK, "happy.remove_more");
    expect("host_remove", host_spec(), GURUM_OK, "happy.host_remove");
    expect("host_remove", host_spec(), GURUM_OK, "twice.host_remove");
}
