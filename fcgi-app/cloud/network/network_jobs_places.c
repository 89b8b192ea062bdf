/* Networks on hosts: segments, and the services beside them. The wanted state is read from the rows with its revision;
 * what changes it raises the revision in its own transaction. The VM that starts brings its host up to date first; what
 * nobody waits for (a NIC that is gone, hosts that were away) is brought up to date by a job of its own. */
#include "cloud/network/network_jobs_parts.h"

#include "base/text.h"

/* ---- segments ---- */

static enum step_outcome segment_at(struct job_run *run, struct network_call *call, int64_t network_id, int64_t host_id,
                                    struct error *err)
{
    struct plugin_reports reports = {.items = NULL};
    enum step_outcome outcome = STEP_DONE;
    bool has_services = call->capabilities & GURUM_NETWORK_SERVICES_ON_HOSTS &&
                        network_services_wanted(call->offering) & call->capabilities & GURUM_SERVICE_ALL;
    /* The row comes first: what may be on a host is never forgotten. */
    if (!network_call_at(run, host_id, call, err) || !place_store_add(run->db, network_id, host_id, has_services, err))
        return STEP_FAILED;
    if (call->capabilities & GURUM_NETWORK_ON_HOSTS)
        outcome = network_network_ensure(run, &call->target, &call->spec, NULL, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_host_network_spec spec = {
        .size = sizeof(spec), .provider = &call->provider, .network = &call->network, .host = &call->host};
    outcome = network_host_network_ensure(run, &call->target, &spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_segment_report *report = plugin_report_first(&reports, GURUM_ITEM_SEGMENT);
    return place_store_set_handle(run->db, network_id, host_id, report ? report->handle : NULL, err) ? STEP_DONE
                                                                                                     : STEP_FAILED;
}

enum step_outcome network_segment_act(struct job_run *run, int64_t network_id, int64_t host_id, struct error *err)
{
    struct network *network = NULL;
    struct network_call call;
    if (!network_find_live(run, network_id, &network, err) || !network_call_fill(run, network, &call, err))
        return STEP_FAILED;
    return call.capabilities & GURUM_NETWORK_SEGMENTS ? segment_at(run, &call, network_id, host_id, err) : STEP_DONE;
}

/* ---- services ---- */

/* Names are known everywhere. A host's DHCP answers its own guests: those that are there, are about to come, or were
 * there last; the provider itself (host 0) all of them. */
static void fill_wanted(struct job_run *run, const struct db_rows *rows, int64_t host_id,
                        struct gurum_service_spec *spec)
{
    const struct network_lease *wanted = rows->items;
    struct gurum_lease *leases = arena_array(run->arena, rows->count + 1, sizeof(*leases));
    struct gurum_dns_record *records = arena_array(run->arena, rows->count + 1, sizeof(*records));
    uint32_t lease_count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        records[i] = (struct gurum_dns_record){.name = wanted[i].hostname, .address = wanted[i].ipv4};
        if (host_id != 0 && wanted[i].host_id != host_id)
            continue;
        leases[lease_count++] = (struct gurum_lease){.nic_uuid = wanted[i].nic_uuid,
                                         .guest_uuid = wanted[i].guest_uuid,
                                         .mac = wanted[i].mac,
                                         .ipv4 = wanted[i].ipv4,
                                         .hostname = wanted[i].hostname,
                                         .is_default = wanted[i].is_default};
    }
    if (spec->services & GURUM_SERVICE_DHCP)
        spec->leases = (struct gurum_array){.items = leases, .count = lease_count, .stride = sizeof(*leases)};
    if (spec->services & GURUM_SERVICE_DNS)
        spec->dns_records =
            (struct gurum_array){.items = records, .count = (uint32_t)rows->count, .stride = sizeof(*records)};
}

/* A service that is not in force fails the step: a guest would come up without its address. */
static bool check_in_force(const struct plugin_reports *reports, struct arena *arena, int64_t revision,
                           struct error *err)
{
    size_t count = 0;
    const void **items = plugin_report_all(reports, GURUM_ITEM_SERVICE, arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct gurum_service_report *report = items[i];
        if (report->state == GURUM_NETWORK_BROKEN || (int64_t)report->revision < revision)
            return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "network.service_broken",
                              E_TEXT("reason", report->detail ? report->detail : ""));
    }
    return true;
}

/* Claimed: nobody else writes there between our reading the rows and our noting the revision. */
static enum step_outcome apply_claimed(struct job_run *run, struct network_call *call, const struct network *network,
                                       int64_t host_id, uint64_t services, int64_t *ret_revision, struct error *err)
{
    struct db_rows leases;
    struct plugin_reports reports = {.items = NULL};
    int64_t revision = 0;
    if (!network_store_wanted(run->db, run->arena, network->id, &revision, &leases, err))
        return STEP_FAILED;
    struct gurum_service_spec spec = {.size = sizeof(spec),
                                      .provider = &call->provider,
                                      .network = &call->network,
                                      .host = host_id ? &call->host : NULL,
                                      .services = services,
                                      .revision = (uint64_t)revision};
    fill_wanted(run, &leases, host_id, &spec);
    enum step_outcome outcome = network_service_apply(run, &call->target, &spec, &reports, err);
    if (outcome == STEP_DONE && !check_in_force(&reports, run->arena, revision, err))
        return STEP_FAILED;
    *ret_revision = revision;
    return outcome;
}

static enum step_outcome services_at(struct job_run *run, const struct network *network, int64_t host_id,
                                     struct error *err)
{
    enum { LOOK_AGAIN_MS = 50 };
    struct network_call call;
    struct error ignored = {0};
    bool mine = false;
    int64_t revision = 0;
    if (!network_call_fill(run, network, &call, err))
        return STEP_FAILED;
    uint64_t services = network_services_wanted(call.offering) & call.capabilities & GURUM_SERVICE_ALL;
    int64_t place = call.capabilities & GURUM_NETWORK_SERVICES_ON_HOSTS ? host_id : 0;
    if (services == 0)
        return STEP_DONE;
    if ((place != 0 && !network_call_at(run, place, &call, err)) ||
        !place_store_add(run->db, network->id, place, true, err) ||
        !place_store_claim(run->db, network->id, place, run->operation_id, &mine, err))
        return STEP_FAILED;
    if (!mine) {
        run->check_after_ms = LOOK_AGAIN_MS;
        return STEP_PENDING;
    }
    enum step_outcome outcome = apply_claimed(run, &call, network, place, services, &revision, err);
    if (outcome == STEP_PENDING)
        return outcome;
    bool done = outcome == STEP_DONE;
    bool noted =
        place_store_applied(run->db, network->id, place, run->operation_id, done ? revision : 0, done ? err : &ignored);
    return done && noted ? STEP_DONE : STEP_FAILED;
}

enum step_outcome network_services_act(struct job_run *run, int64_t network_id, int64_t host_id, struct error *err)
{
    struct network *network = NULL;
    return network_find_live(run, network_id, &network, err) ? services_at(run, network, host_id, err) : STEP_FAILED;
}

/* ---- all places of a network ---- */

enum step_outcome network_places_refresh_act(struct job_run *run, const struct network *network, struct error *err)
{
    struct db_rows rows;
    if (!place_store_of_network(run->db, run->arena, network->id, &rows, err))
        return STEP_FAILED;
    const struct network_place *places = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        enum step_outcome outcome = STEP_DONE;
        if (!places[i].is_up)
            continue; /* brought up to date when it answers again */
        if (places[i].host_id != 0)
            outcome = network_segment_act(run, network->id, places[i].host_id, err);
        if (outcome == STEP_DONE && places[i].has_services)
            outcome = services_at(run, network, places[i].host_id, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

static enum step_outcome remove_from_host(struct job_run *run, const struct network *network, int64_t host_id,
                                          struct error *err)
{
    struct network_call call;
    if (!network_call_fill(run, network, &call, err) || !network_call_at(run, host_id, &call, err))
        return STEP_FAILED;
    const struct gurum_host_network_spec spec = {
        .size = sizeof(spec), .provider = &call.provider, .network = &call.network, .host = &call.host};
    enum step_outcome outcome = network_host_network_remove(run, &call.target, &spec, NULL, err);
    if (outcome == STEP_DONE && call.capabilities & GURUM_NETWORK_ON_HOSTS)
        outcome = network_network_remove(run, &call.target, &call.spec, NULL, err);
    return outcome;
}

enum step_outcome network_places_remove_act(struct job_run *run, const struct network *network, struct error *err)
{
    struct db_rows rows;
    enum step_outcome outcome = STEP_DONE;
    if (!place_store_of_network(run->db, run->arena, network->id, &rows, err))
        return STEP_FAILED;
    const struct network_place *places = rows.items;
    for (size_t i = 0; outcome == STEP_DONE && i < rows.count; i++)
        if (places[i].host_id != 0)
            outcome = remove_from_host(run, network, places[i].host_id, err);
    return outcome;
}

enum step_outcome network_leave_host_act(struct job_run *run, int64_t host_id, struct error *err)
{
    struct db_rows rows;
    enum step_outcome outcome = STEP_DONE;
    if (!place_store_of_host(run->db, run->arena, host_id, &rows, err))
        return STEP_FAILED;
    const struct network_place *places = rows.items;
    for (size_t i = 0; outcome == STEP_DONE && i < rows.count; i++) {
        struct network *network = NULL;
        if (!network_find(run->db, run->arena, places[i].network_id, &network, err))
            return STEP_FAILED;
        if (network)
            outcome = remove_from_host(run, network, host_id, err);
    }
    return outcome;
}

bool network_forget_host(struct db *db, int64_t host_id, struct error *err)
{
    return place_store_remove_host(db, host_id, err);
}

/* ---- network.services: what nobody waits for ---- */

/* Before anything is read, so that what changes from here on queues the next one. */
static bool begin_commit(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    return network_store_followed(run->db, input->network_id, err);
}

/* Only places that lag behind. A network that is gone, or being taken down, has nothing to follow. */
static enum step_outcome follow_act(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    struct network *network = NULL;
    struct db_rows rows, leases;
    int64_t revision = 0;
    if (!network_find(run->db, run->arena, input->network_id, &network, err) ||
        !place_store_of_network(run->db, run->arena, input->network_id, &rows, err) ||
        !network_store_wanted(run->db, run->arena, input->network_id, &revision, &leases, err))
        return STEP_FAILED;
    const struct network_place *places = rows.items;
    enum step_outcome outcome = STEP_DONE;
    if (!network || !string_equal(network->state, "Implemented"))
        return STEP_DONE;
    for (size_t i = 0; outcome == STEP_DONE && i < rows.count; i++) {
        if (!places[i].is_up || !places[i].has_services || places[i].service_revision >= revision)
            continue;
        outcome = places[i].host_id ? network_segment_act(run, network->id, places[i].host_id, err) : STEP_DONE;
        if (outcome == STEP_DONE)
            outcome = services_at(run, network, places[i].host_id, err);
    }
    return outcome;
}

static const struct job_step SERVICES_STEPS[] = {
    {.name = "begin", .title_key = "step.network_services", .commit = begin_commit},
    {.name = "apply_services", .title_key = "step.network_services", .act = follow_act},
};
const struct job_kind NETWORK_SERVICES_JOB = {.name = "network.services",
                                              .command = "network.services",
                                              .version = 1,
                                              .input = &NETWORK_JOB_INPUT,
                                              .steps = SERVICES_STEPS,
                                              .step_count = COUNT_OF(SERVICES_STEPS)};

bool network_follow(struct db *db, struct arena *arena, int64_t network_id, struct error *err)
{
    struct network *network = NULL;
    struct job_ref job;
    bool first = false;
    if (!network_store_follow(db, network_id, &first, err))
        return false;
    if (!first)
        return true;
    if (!network_find(db, arena, network_id, &network, err))
        return false;
    if (!network)
        return true;
    const struct network_job_input input = {.network_id = network_id};
    const struct job_target target = {.object_kind = "network", .object_id = network_id, .object_uuid = network->uuid};
    const struct job_stamp stamp = {.account_id = network->account_id, .domain_id = network->domain_id};
    return job_create(db, &NETWORK_SERVICES_JOB, &input, &target, &stamp, &job, err);
}

bool network_services_changed(struct db *db, struct arena *arena, int64_t network_id, struct error *err)
{
    return network_store_touch(db, network_id, err) && network_follow(db, arena, network_id, err);
}

struct catching_up {
    struct arena *arena;
    int64_t network_id;
};

static bool catch_up_body(struct db *db, void *context, struct error *err)
{
    const struct catching_up *c = context;
    return network_follow(db, c->arena, c->network_id, err);
}

static bool catch_up_run(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows;
    if (!network_store_lagging(db, arena, &rows, err))
        return false;
    const struct db_number *ids = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct catching_up c = {.arena = arena, .network_id = ids[i].value};
        if (!db_transaction(db, catch_up_body, &c, err))
            return false;
    }
    return true;
}

enum { CATCH_UP_MS = 15000 };
const struct job_schedule NETWORK_CATCH_UP = {
    .name = "network.services", .interval_ms = CATCH_UP_MS, .run = catch_up_run};
