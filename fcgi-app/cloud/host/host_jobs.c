/* Jobs of hosts: look at it, make it fit, take it up; and the way back. */
#include "cloud/host/host_jobs.h"

#include "base/text.h"
#include "cloud/host/host_check.h"
#include "cloud/host/host_service.h"
#include "cloud/network/network.h"
#include "cloud/settings/settings.h"
#include "cloud/zone/zone.h"
#include "plugin_host/hypervisor.h"

FIELD_TABLE(HOST_JOB_INPUT, struct host_job_input, COLUMN(struct host_job_input, host_id),
            COLUMN(struct host_job_input, forced));
FIELD_TABLE(HOST_FACTS, struct host_facts, COLUMN(struct host_facts, arch),
            COLUMN(struct host_facts, hypervisor_version), COLUMN(struct host_facts, capabilities),
            COLUMN(struct host_facts, details), COLUMN(struct host_facts, cpu_sockets),
            COLUMN(struct host_facts, cpu_cores), COLUMN(struct host_facts, cpu_speed_mhz),
            COLUMN(struct host_facts, memory_mib));

enum { PROBE_DEADLINE_MS = 9000 }; /* common clients give up after 10 s */

static int64_t host_of(const struct job_run *run)
{
    return ((const struct host_job_input *)run->input)->host_id;
}

struct calling {
    struct gurum_host host;
    struct plugin_target target;
    struct gurum_host_spec spec;
};

static bool prepare(struct job_run *run, struct calling *calling, struct error *err)
{
    if (!host_target(run->db, run->arena, host_of(run), &calling->host, &calling->target, err))
        return false;
    calling->target.deadline_ms = PROBE_DEADLINE_MS;
    calling->spec = (struct gurum_host_spec){.size = sizeof(calling->spec), .host = &calling->host};
    return true;
}

/* ---- probe ---- */

static bool read_facts(struct job_run *run, const struct plugin_reports *reports, struct error *err)
{
    const struct gurum_host_facts *found = plugin_report_first(reports, GURUM_ITEM_HOST_FACTS);
    struct host_facts *facts = run->state;
    if (!found || found->cpu_count == 0 || found->memory_bytes == 0)
        return error_with(err, ERROR_PLUGIN, "host.no_facts", E_TEXT("host", run->target.object_uuid));
    *facts = (struct host_facts){.arch = found->architecture,
                                 .hypervisor_version = found->hypervisor_version,
                                 .capabilities = found->capabilities,
                                 .details = facts->details,
                                 .cpu_sockets = found->cpu_sockets,
                                 .cpu_cores = found->cpu_count,
                                 .cpu_speed_mhz = found->cpu_mhz ? found->cpu_mhz : 1000,
                                 .memory_mib = (int64_t)(found->memory_bytes >> 20)};
    return true;
}

/* The report is kept whatever the probe comes to: it says why a host is not fit. */
static bool keep_report(struct job_run *run, const struct plugin_reports *reports, struct error *err)
{
    size_t count = 0;
    const void **found = plugin_report_all(reports, GURUM_ITEM_CHECK, run->arena, &count);
    struct host_check *checks = arena_array(run->arena, count + 1, sizeof(*checks));
    for (size_t i = 0; i < count; i++) {
        const struct gurum_check *check = found[i];
        checks[i] = (struct host_check){.code = check->code, .ok = check->ok, .required = check->required,
                                        .detail = check->detail, .hint = check->hint};
    }
    return host_check_replace(run->db, run->arena, host_of(run), checks, count, err);
}

static enum step_outcome probe_act(struct job_run *run, struct error *err)
{
    struct calling calling;
    struct plugin_reports reports = {0};
    if (!prepare(run, &calling, err))
        return STEP_FAILED;
    enum step_outcome outcome = hypervisor_host_probe(run, &calling.target, &calling.spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    bool fit = keep_report(run, &reports, err) &&
               host_checks_passed(run->arena, &reports, "host.not_fit", err) && read_facts(run, &reports, err);
    return fit ? STEP_DONE : STEP_FAILED;
}

/* ---- ensure, take up ---- */

static enum step_outcome ensure_act(struct job_run *run, struct error *err)
{
    struct calling calling;
    struct plugin_reports reports = {0};
    if (!prepare(run, &calling, err))
        return STEP_FAILED;
    enum step_outcome outcome = hypervisor_host_ensure(run, &calling.target, &calling.spec, &reports, err);
    if (outcome == STEP_DONE)
        ((struct host_facts *)run->state)->details = host_reported_details(run->arena, &reports);
    return outcome;
}

static enum step_outcome remove_act(struct job_run *run, struct error *err)
{
    struct calling calling;
    const struct host_job_input *input = run->input;
    if (!prepare(run, &calling, err))
        return STEP_FAILED;
    enum step_outcome outcome = network_leave_host_act(run, host_of(run), err);
    if (outcome == STEP_DONE)
        outcome = hypervisor_host_remove(run, &calling.target, &calling.spec, NULL, err);
    return outcome == STEP_FAILED && input->forced ? STEP_DONE : outcome;
}

static bool take_up_commit(struct job_run *run, struct error *err)
{
    return host_take_up(run->db, run->arena, host_of(run), run->state, err);
}

/* A host that could not be added leaves no trace. */
static bool add_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded || host_store_remove(run->db, host_of(run), err);
}

static bool reconnect_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded || host_store_set_state(run->db, host_of(run), "Disconnected", err);
}

#define PROBE {.name = "probe", .title_key = "step.host_probe", .act = probe_act}
#define TAKE_UP {.name = "take_up", .title_key = "step.host_take_up", .commit = take_up_commit}
static const struct job_step ADD_STEPS[] = {
    PROBE,
    {.name = "ensure", .title_key = "step.host_ensure", .act = ensure_act, .undo_act = remove_act},
    TAKE_UP,
};
static const struct job_step RECONNECT_STEPS[] = {
    PROBE,
    {.name = "ensure", .title_key = "step.host_ensure", .act = ensure_act},
    TAKE_UP,
};
const struct job_kind HOST_ADD_JOB = {
    .name = "host.add",
    .command = "addHost",
    .version = 1,
    .input = &HOST_JOB_INPUT,
    .state = &HOST_FACTS,
    .steps = ADD_STEPS,
    .step_count = COUNT_OF(ADD_STEPS),
    .event = "HOST.ADD",
    .result_kind = "host",
    .settle = add_settle,
};
const struct job_kind HOST_RECONNECT_JOB = {
    .name = "host.reconnect", .command = "reconnectHost", .version = 1, .input = &HOST_JOB_INPUT, .state = &HOST_FACTS,
    .steps = RECONNECT_STEPS, .step_count = COUNT_OF(RECONNECT_STEPS), .event = "HOST.RECONNECT", .result_kind = "host",
    .settle = reconnect_settle,
};

/* ---- remove ---- */

static bool close_commit(struct job_run *run, struct error *err)
{
    bool closed = false;
    int64_t pools = 0;
    if (!host_store_count_pools(run->db, run->arena, host_of(run), &pools, err) ||
        (pools == 0 && !host_store_close(run->db, host_of(run), &closed, err)))
        return false;
    if (pools > 0)
        return error_with(err, ERROR_IN_USE, "host.has_pools", E_INT("n", pools));
    return closed || error_set(err, ERROR_IN_USE, "host.has_vms");
}

static bool close_undo(struct job_run *run, struct error *err)
{
    struct host *host = NULL;
    if (!host_find(run->db, run->arena, host_of(run), &host, err))
        return false;
    return !host || !string_equal(host->state, "Removing") || host_store_set_state(run->db, host->id, "Up", err);
}

static bool remove_commit(struct job_run *run, struct error *err)
{
    return network_forget_host(run->db, host_of(run), err) && host_store_remove(run->db, host_of(run), err);
}

static const struct job_step REMOVE_STEPS[] = {
    {.name = "close",
     .title_key = "step.host_close",
     .commit = close_commit,
     .undo_commit = close_undo,
     .max_attempts = 1},
    {.name = "remove", .title_key = "step.host_remove", .act = remove_act, .commit = remove_commit},
};
const struct job_kind HOST_REMOVE_JOB = {
    .name = "host.remove", .command = "deleteHost", .version = 1, .input = &HOST_JOB_INPUT, .steps = REMOVE_STEPS,
    .step_count = COUNT_OF(REMOVE_STEPS), .event = "HOST.DELETE",
};

/* ---- overcommitment follows the settings of each cluster ---- */

extern const struct setting CPU_OVERPROVISIONING_FACTOR, MEM_OVERPROVISIONING_FACTOR;

static bool read_ratio(struct db *db, struct arena *arena, const struct setting *setting, int64_t cluster_id,
                       double *ret_ratio, struct error *err)
{
    double ratio;
    if (!settings_double_at(db, arena, setting, &(struct setting_place){.cluster_id = cluster_id}, &ratio, err))
        return false;
    if (ratio >= 1)
        *ret_ratio = ratio;
    return true;
}

struct new_ratio {
    int64_t cluster_id;
    double cpu, memory;
};

static bool set_ratio(struct db *db, void *context, struct error *err)
{
    const struct new_ratio *ratio = context;
    return cluster_set_overcommit(db, ratio->cluster_id, ratio->cpu, ratio->memory, err) &&
           host_store_set_limits(db, ratio->cluster_id, ratio->cpu, ratio->memory, err);
}

static bool follow_settings(struct db *db, struct arena *arena, struct error *err)
{
    const struct cluster *clusters = NULL;
    size_t count = 0;
    if (!cluster_all(db, arena, &clusters, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        double cpu = clusters[i].cpu_overcommit.value, memory = clusters[i].memory_overcommit.value;
        struct new_ratio ratio = {.cluster_id = clusters[i].id, .cpu = cpu, .memory = memory};
        if (!read_ratio(db, arena, &CPU_OVERPROVISIONING_FACTOR, clusters[i].id, &ratio.cpu, err) ||
            !read_ratio(db, arena, &MEM_OVERPROVISIONING_FACTOR, clusters[i].id, &ratio.memory, err))
            return false;
        bool differs = ratio.cpu < cpu || ratio.cpu > cpu || ratio.memory < memory || ratio.memory > memory;
        if (differs && !db_transaction(db, set_ratio, &ratio, err))
            return false;
    }
    return true;
}

const struct job_schedule HOST_LIMITS_SCHEDULE = {.name = "host.limits", .interval_ms = 30000, .run = follow_settings};
