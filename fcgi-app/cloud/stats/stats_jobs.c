/* Asking hosts for figures: a schedule takes the hosts that are due, a few of them to a job, and one call a host tells
 * the counters of all its guests. What a host does not tell is a gap, never a failure of the round. */
#include "cloud/stats/stats_jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/host/host_jobs.h"
#include "cloud/stats/stats_store.h"
#include "plugin_host/hypervisor.h"

SETTING(VM_STATS_INTERVAL, .name = "vm.stats.interval", .category = "Advanced", .default_value = "60000",
        .help = "Milliseconds between two looks at what guests and their hosts use.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 1000, .max = 86400000);
SETTING(VM_STATS_RETENTION, .name = "vm.stats.max.retention.time", .category = "Advanced", .default_value = "720",
        .help = "Minutes for which single looks are kept; sums of half hours are kept for 31 days. 0: for ever.",
        .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 0, .max = 44640);
SETTING(VM_STATS_INCREMENT, .name = "vm.stats.increment.metrics", .category = "Advanced", .default_value = "false",
        .help = "Whether lists of VMs show what was used since a guest's start instead of since the last look.",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL);

enum {
    LOOK_EVERY_MS = 1000,
    HOSTS_A_JOB = 16,
    HOST_DEADLINE_MS = 5000,
    FORGET_EVERY_MS = 60000,
    FORGET_ROUNDS = 20,
    SUMS_KEPT_DAYS = 31
};

int64_t stats_interval_ms(void)
{
    return setting_int(&VM_STATS_INTERVAL);
}

int64_t stats_kept_since_ms(void)
{
    int64_t minutes = setting_int(&VM_STATS_RETENTION);
    return clock_now_ms() - (minutes > 0 ? minutes * 60000 : SUMS_KEPT_DAYS * (int64_t)86400000);
}

bool stats_accumulates(struct opt_bool asked)
{
    return asked.set ? asked.value : setting_bool(&VM_STATS_INCREMENT);
}

/* ---- one host ---- */

struct collect_input {
    struct string_list hosts; /* ids */
};
FIELD_TABLE(STATS_COLLECT_INPUT, struct collect_input, COLUMN(struct collect_input, hosts));

static const struct gurum_guest_stats *reported(const void **items, size_t count, const char *uuid)
{
    for (size_t i = 0; i < count; i++)
        if (string_equal(((const struct gurum_guest_stats *)items[i])->uuid, uuid))
            return items[i];
    return NULL;
}

static struct stats_counters counters_of(const struct gurum_guest_stats *told, int64_t cpu_count)
{
    return (struct stats_counters){.taken_ms = told->taken_ms > 0 ? told->taken_ms : clock_now_ms(),
                                   .cpu_count = cpu_count,
                                   .memory_mib = (int64_t)told->memory_mib,
                                   .memory_used_mib = (int64_t)told->memory_used_mib,
                                   .cpu_ms = (int64_t)told->cpu_time_ms,
                                   .disk_read_bytes = (int64_t)told->disk_read_bytes,
                                   .disk_write_bytes = (int64_t)told->disk_write_bytes,
                                   .disk_read_requests = (int64_t)told->disk_read_requests,
                                   .disk_write_requests = (int64_t)told->disk_write_requests,
                                   .network_in_bytes = (int64_t)told->network_in_bytes,
                                   .network_out_bytes = (int64_t)told->network_out_bytes};
}

static struct stats_counters counters_before(const struct stats_guest *guest)
{
    return (struct stats_counters){.taken_ms = guest->taken.ms,
                                   .cpu_ms = guest->total_cpu_ms,
                                   .disk_read_bytes = guest->total_disk_read_bytes,
                                   .disk_write_bytes = guest->total_disk_write_bytes,
                                   .disk_read_requests = guest->total_disk_read_requests,
                                   .disk_write_requests = guest->total_disk_write_requests,
                                   .network_in_bytes = guest->total_network_in_bytes,
                                   .network_out_bytes = guest->total_network_out_bytes};
}

static bool keep_guests(struct job_run *run, int64_t host_id, const struct plugin_reports *reports, struct error *err)
{
    size_t told_count = 0, count = 0;
    struct db_rows rows;
    const void **told = plugin_report_all(reports, GURUM_ITEM_GUEST_STATS, run->arena, &told_count);
    if (told_count == 0)
        return true;
    if (!stats_guests_of_host_any(run->db, run->arena, host_id, &rows, err))
        return false;
    const struct stats_guest *guests = rows.items;
    struct stats_look *looks = arena_array(run->arena, rows.count + 1, sizeof(*looks));
    for (size_t i = 0; i < rows.count; i++) {
        const struct gurum_guest_stats *stats = reported(told, told_count, guests[i].uuid);
        if (stats == NULL)
            continue;
        struct stats_counters before = counters_before(&guests[i]);
        struct stats_look *look = &looks[count++];
        look->counters = counters_of(stats, guests[i].cpu_count);
        look->point = stats_between(guests[i].vm_id, guests[i].taken.set ? &before : NULL, &look->counters);
    }
    return stats_write(run->db, run->arena, looks, count, err);
}

static bool keep_host(struct job_run *run, int64_t host_id, const struct plugin_reports *reports, struct error *err)
{
    const struct gurum_host_report *report = plugin_report_first(reports, GURUM_ITEM_HOST_STATE);
    if (report == NULL || report->memory_free_bytes > report->memory_bytes)
        return true;
    const struct stats_host_look look = {.host_id = host_id,
                                         .now_ms = clock_now_ms(),
                                         .cpu_used_permille = report->cpu_used_permille,
                                         .memory_used_bytes =
                                             (int64_t)(report->memory_bytes - report->memory_free_bytes),
                                         .network_in_bytes = (int64_t)report->network_in_bytes,
                                         .network_out_bytes = (int64_t)report->network_out_bytes};
    return stats_write_host(run->db, &look, err);
}

/* False: this host told nothing, and why. */
static bool ask_host(struct job_run *run, int64_t host_id, struct error *err)
{
    struct gurum_host host;
    struct plugin_target target;
    struct plugin_reports reports = {.items = NULL};
    uint64_t can = 0;
    if (!host_target(run->db, run->arena, host_id, &host, &target, err))
        return false;
    target.deadline_ms = HOST_DEADLINE_MS;
    const struct gurum_host_spec spec = {.size = sizeof(spec), .host = &host};
    enum step_outcome outcome = hypervisor_host_observe(run, &target, &spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome == STEP_PENDING; /* not ready: the next round asks again */
    if (!keep_host(run, host_id, &reports, err) ||
        !plugin_capabilities(run->db, GURUM_KIND_HYPERVISOR, target.type, &can, err))
        return false;
    if ((can & GURUM_HYPERVISOR_STATS) == 0)
        return true;
    outcome = hypervisor_guest_stats(run, &target, &spec, &reports, err);
    return outcome == STEP_DONE ? keep_guests(run, host_id, &reports, err) : outcome == STEP_PENDING;
}

static enum step_outcome collect_act(struct job_run *run, struct error *err)
{
    const struct collect_input *input = run->input;
    for (size_t i = 0; i < input->hosts.count; i++) {
        struct error why = {0};
        int64_t host_id;
        if (!string_to_int(input->hosts.items[i], &host_id))
            continue;
        if (!ask_host(run, host_id, &why))
            log_with(LOG_INFO, "stats.host_silent", L_TEXT("host", input->hosts.items[i]), L_TEXT("why", why.key),
                     L_TEXT("detail", why.detail));
        if (!stats_mark_answered(run->db, host_id, err))
            return STEP_FAILED;
    }
    return STEP_DONE;
}

static const struct job_step STEPS[] = {
    {.name = "collect", .title_key = "step.stats_collect", .act = collect_act, .max_attempts = 1}};
const struct job_kind STATS_COLLECT_JOB = {.name = "stats.collect",
                                           .command = "collectStatistics",
                                           .version = 1,
                                           .input = &STATS_COLLECT_INPUT,
                                           .steps = STEPS,
                                           .step_count = COUNT_OF(STEPS),
                                           .fleeting = true};

/* ---- schedules ---- */

static bool begin_job(struct db *db, struct arena *arena, const struct db_number *ids, size_t count, struct error *err)
{
    struct collect_input input = {.hosts = {.items = arena_array(arena, count, sizeof(const char *)), .count = count}};
    const struct job_stamp stamp = {.account_id = 0};
    struct job_ref job;
    for (size_t i = 0; i < count; i++)
        input.hosts.items[i] = arena_printf(arena, "%lld", (long long)ids[i].value);
    return job_create(db, &STATS_COLLECT_JOB, &input, NULL, &stamp, &job, err);
}

static bool begin_round(struct db *db, void *context, struct error *err)
{
    struct arena *arena = context;
    struct db_rows rows;
    /* The schedule looks once a second: what is due within half of that is due. */
    if (!stats_take_due(db, arena, clock_now_ms(), stats_interval_ms() - LOOK_EVERY_MS / 2, &rows, err))
        return false;
    const struct db_number *ids = rows.items;
    for (size_t i = 0; i < rows.count; i += HOSTS_A_JOB) {
        size_t count = rows.count - i < HOSTS_A_JOB ? rows.count - i : HOSTS_A_JOB;
        if (!begin_job(db, arena, ids + i, count, err))
            return false;
    }
    return true;
}

static bool collect_run(struct db *db, struct arena *arena, struct error *err)
{
    return db_transaction(db, begin_round, arena, err);
}

static bool forget_run(struct db *db, struct arena *arena, struct error *err)
{
    int64_t now = clock_now_ms(), minutes = setting_int(&VM_STATS_RETENTION);
    bool more = true;
    (void)arena;
    for (int i = 0; i < FORGET_ROUNDS && more; i++)
        if (!stats_forget(db, minutes > 0 ? now - minutes * 60000 : 0, now - SUMS_KEPT_DAYS * (int64_t)86400000, &more,
                          err))
            return false;
    return true;
}

const struct job_schedule STATS_COLLECT_SCHEDULE = {
    .name = "stats.collect", .interval_ms = LOOK_EVERY_MS, .run = collect_run};
const struct job_schedule STATS_FORGET_SCHEDULE = {
    .name = "stats.forget", .interval_ms = FORGET_EVERY_MS, .run = forget_run};
