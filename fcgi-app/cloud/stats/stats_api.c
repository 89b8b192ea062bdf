/* Commands that tell what VMs used, and this feature's registration. */
#include "base/clock.h"
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/stats/stats_jobs.h"
#include "cloud/stats/stats_rates.h"
#include "cloud/vm/vm.h"

enum { KIB = 1024, HOUR_MS = 3600000 };

/* ---- listVirtualMachinesUsageHistory ---- */

struct sample_response {
    struct opt_time timestamp;
    const char *cpuused, *networkread, *networkwrite;
    struct opt_int diskioread, diskiowrite, diskiopstotal, diskkbsread, diskkbswrite, memorykbs, memoryintfreekbs,
        memorytargetkbs, networkkbsread, networkkbswrite;
};
#define R(member, ...) FIELD(struct sample_response, member, __VA_ARGS__)
FIELD_TABLE(STATS_SAMPLE_RESPONSE, struct sample_response, R(timestamp, .help = "when it was measured"),
            R(cpuused, .help = "the share of its CPUs that was used"),
            R(diskioread, .help = "requests read from disks since the measurement before"),
            R(diskiowrite, .help = "requests written to disks since the measurement before"),
            R(diskiopstotal, .help = "both together"),
            R(diskkbsread, .help = "KiB read from disks since the measurement before"),
            R(diskkbswrite, .help = "KiB written to disks since the measurement before"),
            R(memoryintfreekbs, .help = "KiB of memory free inside; 0 when the guest does not tell"),
            R(memorykbs, .help = "KiB of memory"), R(memorytargetkbs, .help = "KiB of memory that it may have"),
            R(networkkbsread, .help = "KiB received since the measurement before"),
            R(networkkbswrite, .help = "KiB sent since the measurement before"),
            R(networkread, .help = "the same in MB, as text"), R(networkwrite, .help = "the same in MB, as text"));
#undef R
struct history_response {
    const char *id, *name, *displayname;
    struct object_list stats;
};
#define R(member, ...) FIELD(struct history_response, member, __VA_ARGS__)
FIELD_TABLE(STATS_HISTORY_RESPONSE, struct history_response, R(id, .help = "the VM"), R(name, .help = "its host name"),
            R(displayname, .help = "its name for people"),
            R(stats, .help = "what it used, by time", .table = &STATS_SAMPLE_RESPONSE));
#undef R

struct history_args {
    struct object_ref id;
    struct ref_list ids;
    const char *name;
    struct opt_time startdate, enddate;
};
#define P(member, ...) FIELD(struct history_args, member, __VA_ARGS__)
FIELD_TABLE(STATS_HISTORY_PARAMS, struct history_args, P(id, .refers_to = "vm", .help = "only this VM"),
            P(ids, .refers_to = "vm", .help = "only these VMs"),
            P(name, .help = "only VMs whose name contains this"),
            P(startdate, .help = "since then; absent: all that is kept"),
            P(enddate, .flags = FIELD_END_OF_DAY, .help = "until then; absent: until now"));
#undef P

static const char *megabytes(struct arena *arena, int64_t bytes)
{
    return arena_printf(arena, "%.2f MB", (double)bytes / KIB / KIB);
}

static void fill_sample(struct arena *arena, const struct stats_point *p, struct sample_response *out)
{
    double share = p->capacity_ms > 0 ? 100.0 * (double)p->cpu_ms / (double)p->capacity_ms : 0;
    int64_t free_mib = p->memory_used_mib > 0 ? p->memory_mib - p->memory_used_mib : 0;
    *out = (struct sample_response){.timestamp = p->taken,
                                    .cpuused = stats_percent(arena, share),
                                    .diskioread = OPT_INT(p->disk_read_requests),
                                    .diskiowrite = OPT_INT(p->disk_write_requests),
                                    .diskiopstotal = OPT_INT(p->disk_read_requests + p->disk_write_requests),
                                    .diskkbsread = OPT_INT(p->disk_read_bytes / KIB),
                                    .diskkbswrite = OPT_INT(p->disk_write_bytes / KIB),
                                    .memorykbs = OPT_INT(p->memory_mib * KIB),
                                    .memorytargetkbs = OPT_INT(p->memory_mib * KIB),
                                    .memoryintfreekbs = OPT_INT(free_mib > 0 ? free_mib * KIB : 0),
                                    .networkkbsread = OPT_INT(p->network_in_bytes / KIB),
                                    .networkkbswrite = OPT_INT(p->network_out_bytes / KIB),
                                    .networkread = megabytes(arena, p->network_in_bytes),
                                    .networkwrite = megabytes(arena, p->network_out_bytes)};
}

static bool add_stats(struct api_call *call, const struct history_args *args, const struct vm *vms, size_t count,
                      struct history_response *out, struct error *err)
{
    int64_t *ids = arena_array(call->arena, count + 1, sizeof(*ids)), now = clock_now_ms();
    int64_t until = args->enddate.set && args->enddate.ms < now ? args->enddate.ms : now;
    struct db_rows rows;
    for (size_t i = 0; i < count; i++)
        ids[i] = vms[i].id;
    int64_t from = args->startdate.set ? args->startdate.ms : stats_kept_since_ms();
    if (!stats_points_any(call->db, call->arena, ids, count, from, until, false, &rows, err))
        return false;
    const struct stats_point *points = rows.items;
    struct sample_response *samples = arena_array(call->arena, rows.count + 1, sizeof(*samples));
    for (size_t i = 0; i < rows.count; i++) {
        fill_sample(call->arena, &points[i], &samples[i]);
        for (size_t j = 0; j < count; j++)
            if (ids[j] == points[i].vm_id && out[j].stats.count++ == 0)
                out[j].stats.items = &samples[i];
    }
    return true;
}

static bool handle_history(struct api_call *call, const void *arguments, struct error *err)
{
    const struct history_args *args = arguments;
    const struct vm *vms = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct vm_chosen chosen = {.id = args->id.id, .ids = args->ids, .name = args->name};
    if (!vm_list_seen(call, &chosen, &vms, &count, &total, err))
        return false;
    struct history_response *out = arena_array(call->arena, count + 1, sizeof(*out));
    for (size_t i = 0; i < count; i++)
        out[i] = (struct history_response){.id = vms[i].uuid,
                                           .name = vms[i].name,
                                           .displayname = vms[i].display_name,
                                           .stats = {.items = NULL, .count = 0, .set = true}};
    if (!add_stats(call, args, vms, count, out, err))
        return false;
    api_reply_list(call, out, count, total);
    return true;
}

/* ---- listVirtualMachineStatistics: few points, ready to be drawn ---- */

struct point_response {
    struct opt_time timestamp;
    bool gap;
    int64_t seconds;
    struct opt_double cpupercent, memoryusedpercent;
    int64_t memorybytes;
    struct opt_int memoryusedbytes, diskreadbytessecond, diskwritebytessecond, networkinbytessecond,
        networkoutbytessecond;
};
#define R(member, ...) FIELD(struct point_response, member, __VA_ARGS__)
FIELD_TABLE(STATS_POINT_RESPONSE, struct point_response, R(timestamp, .help = "the end of what was measured"),
            R(gap, .help = "nothing is known of the time before it"),
            R(seconds, .help = "the time that the rates are of; 0: no rates are known"),
            R(cpupercent, .help = "the share of its CPUs that was used"),
            R(memorybytes, .help = "the memory in bytes"),
            R(memoryusedbytes, .help = "the memory in use; absent when the guest does not tell"),
            R(memoryusedpercent, .help = "the share of memory in use; absent when the guest does not tell"),
            R(diskreadbytessecond, .help = "bytes a second read from disks"),
            R(diskwritebytessecond, .help = "bytes a second written to disks"),
            R(networkinbytessecond, .help = "bytes a second received"),
            R(networkoutbytessecond, .help = "bytes a second sent"));
#undef R

static const struct {
    const char *name;
    int64_t length_ms;
    bool half_hours;
} RANGES[] = {{"1h", HOUR_MS, false},
              {"10m", HOUR_MS / 6, false},
              {"24h", 24 * HOUR_MS, true},
              {"7d", 168 * HOUR_MS, true},
              {"30d", (int64_t)720 * HOUR_MS, true}};
static const char *const RANGE_NAMES[] = {"10m", "1h", "24h", "7d", "30d", NULL};

struct points_args {
    struct object_ref virtualmachineid;
    const char *range;
    struct opt_int points;
};
#define P(member, ...) FIELD(struct points_args, member, __VA_ARGS__)
FIELD_TABLE(STATS_POINTS_PARAMS, struct points_args,
            P(virtualmachineid, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            P(range, .choices = RANGE_NAMES, .help = "how far back: 10m, 1h (present), 24h, 7d or 30d"),
            P(points, .min = 10, .max = 1500, .help = "how many points at most; present: 120"));
#undef P

static void fill_point(const struct stats_point *p, struct point_response *out)
{
    *out = (struct point_response){.timestamp = p->taken,
                                   .seconds = p->interval_ms / 1000,
                                   .memorybytes = p->samples > 0 ? p->memory_mib * KIB * KIB / p->samples : 0};
    if (p->memory_used_mib > 0 && p->memory_mib > 0) {
        out->memoryusedbytes = OPT_INT(p->memory_used_mib * KIB * KIB / p->samples);
        out->memoryusedpercent = OPT_DOUBLE(100.0 * (double)p->memory_used_mib / (double)p->memory_mib);
    }
    if (p->interval_ms == 0)
        return;
    out->cpupercent = OPT_DOUBLE(p->capacity_ms > 0 ? 100.0 * (double)p->cpu_ms / (double)p->capacity_ms : 0);
    out->diskreadbytessecond = OPT_INT(p->disk_read_bytes * 1000 / p->interval_ms);
    out->diskwritebytessecond = OPT_INT(p->disk_write_bytes * 1000 / p->interval_ms);
    out->networkinbytessecond = OPT_INT(p->network_in_bytes * 1000 / p->interval_ms);
    out->networkoutbytessecond = OPT_INT(p->network_out_bytes * 1000 / p->interval_ms);
}

static bool handle_points(struct api_call *call, const void *arguments, struct error *err)
{
    const struct points_args *args = arguments;
    size_t range = 0;
    for (size_t i = 0; i < COUNT_OF(RANGES); i++)
        range = args->range != NULL && string_equal_ignoring_case(args->range, RANGES[i].name) ? i : range;
    int64_t until = clock_now_ms(), from = until - RANGES[range].length_ms;
    int64_t slot_ms = RANGES[range].length_ms / (args->points.set ? args->points.value : 120);
    int64_t usual_ms = RANGES[range].half_hours ? HOUR_MS / 2 : stats_interval_ms();
    struct db_rows rows;
    if (!stats_points_any(call->db, call->arena, &args->virtualmachineid.id, 1, from, until, RANGES[range].half_hours,
                          &rows, err))
        return false;
    struct stats_point *points = rows.items;
    size_t count = stats_thin(points, rows.count, from, slot_ms);
    struct point_response *out = arena_array(call->arena, count + 1, sizeof(*out));
    for (size_t i = 0; i < count; i++) {
        fill_point(&points[i], &out[i]);
        out[i].gap = i > 0 && stats_gap(&points[i - 1], &points[i], slot_ms > usual_ms ? slot_ms : usual_ms);
    }
    api_reply_list(call, out, count, (int64_t)count);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listVirtualMachinesUsageHistory",
     .summary = "Lists what VMs used, measurement by measurement",
     .since = "4.17",
     .object_key = "virtualmachine",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &STATS_HISTORY_PARAMS,
     .response = &STATS_HISTORY_RESPONSE,
     .handle = handle_history,
     .group = "VirtualMachine"},
    {.name = "listVirtualMachineStatistics",
     .summary = "Lists what a VM used over ten minutes, an hour, a day, a week or a month, in a few points for a graph",
     .object_key = "statistics",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &STATS_POINTS_PARAMS,
     .response = &STATS_POINT_RESPONSE,
     .handle = handle_points,
     .group = "VirtualMachine"},
    {.name = NULL},
};

void stats_register(void)
{
    static const struct job_kind *const jobs[] = {&STATS_COLLECT_JOB, NULL};
    job_register_kinds(jobs);
    job_register_schedule(&STATS_COLLECT_SCHEDULE);
    job_register_schedule(&STATS_FORGET_SCHEDULE);
    api_register_commands(COMMANDS);
}
