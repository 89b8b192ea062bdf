/* Networks at their provider: brought up with the first NIC, taken down when they stand idle, restarted, deleted. The
 * only place of this feature that calls plugins. */
#include "cloud/mark/mark.h"
#include "cloud/network/network_jobs.h"

#include "base/clock.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/network/network_jobs_parts.h"

SETTING(NETWORK_GC_INTERVAL_S, .name = "network.gc.interval", .category = "Advanced", .default_value = "600",
        .help = "Seconds between two looks for networks without instances.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 1, .max = 86400);
SETTING(NETWORK_GC_WAIT_S, .name = "network.gc.wait", .category = "Advanced", .default_value = "600",
        .help = "Seconds for which a network stands without instances before it is taken down.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 0, .max = 86400 * 30);

FIELD_TABLE(NETWORK_JOB_INPUT, struct network_job_input, COLUMN(struct network_job_input, network_id));

/* ---- bringing it up ---- */

struct opening {
    struct arena *arena;
    int64_t id;
    struct network *network;
};

/* The row is held, so one of several openers takes the segment and the others find it. */
static bool open_body(struct db *db, void *context, struct error *err)
{
    struct opening *opening = context;
    int64_t segment = 0;
    bool moved;
    if (!network_store_hold(db, opening->id, err) ||
        !network_find(db, opening->arena, opening->id, &opening->network, err))
        return false;
    struct network *network = opening->network;
    if (!network)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "network.gone");
    if (!string_equal(network->state, "Allocated"))
        return true;
    if (!network_store_move(db, network->id, "Allocated", "Implementing", &moved, err))
        return false;
    bool needs =
        network->segment_id == 0 && !network->broadcast_uri && !string_equal(network->broadcast_type, "Native");
    if (!needs)
        return true;
    bool vxlan = string_equal(network->broadcast_type, "Vxlan");
    if (!segment_take(db, opening->arena, network->physical_network_id, network->id, &segment, err))
        return false;
    network->segment_id = segment;
    network->broadcast_uri = arena_printf(opening->arena, "%s://%lld", vxlan ? "vxlan" : "vlan", (long long)segment);
    return network_store_set_segment(db, network->id, segment, network->broadcast_uri, err);
}

static enum step_outcome ensure(struct job_run *run, const struct network *network, struct error *err)
{
    struct network_call call;
    struct plugin_reports reports = {.items = NULL};
    if (!network_call_fill(run, network, &call, err))
        return STEP_FAILED;
    if (call.capabilities & GURUM_NETWORK_ON_HOSTS) /* it comes into being on each host that needs it */
        return network_store_set_provider(run->db, network->id, network->uuid, err) ? STEP_DONE : STEP_FAILED;
    enum step_outcome outcome = network_network_ensure(run, &call.target, &call.spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_network_report *report = plugin_report_first(&reports, GURUM_ITEM_NETWORK);
    const char *handle = report && report->handle ? report->handle : network->uuid;
    return network_store_set_provider(run->db, network->id, handle, err) ? STEP_DONE : STEP_FAILED;
}

enum step_outcome network_implement_act(struct job_run *run, int64_t network_id, struct error *err)
{
    struct opening opening = {.arena = run->arena, .id = network_id};
    if (!db_transaction(run->db, open_body, &opening, err))
        return STEP_FAILED;
    if (string_equal(opening.network->state, "Shutdown")) {
        run->check_after_ms = 500; /* it is being taken down: up again after that */
        return STEP_PENDING;
    }
    if (string_equal(opening.network->state, "Implemented"))
        return STEP_DONE;
    return network_plugin_fits(run, opening.network, err) ? ensure(run, opening.network, err) : STEP_FAILED;
}

bool network_implement_commit(struct job_run *run, int64_t network_id, struct error *err)
{
    bool moved;
    return network_store_move(run->db, network_id, "Implementing", "Implemented", &moved, err);
}

/* ---- taking it down ---- */

static enum step_outcome remove_at_provider(struct job_run *run, int64_t network_id, struct error *err)
{
    struct network *network = NULL;
    struct network_call call;
    if (!network_find_live(run, network_id, &network, err))
        return STEP_FAILED;
    enum step_outcome outcome = network_places_remove_act(run, network, err);
    if (outcome != STEP_DONE)
        return outcome;
    /* Nothing was ever begun there: nothing to remove, and perhaps nobody to ask. */
    if (!network->provider_handle && string_equal(network->guest_type, "Isolated") && network->segment_id == 0)
        return STEP_DONE;
    if (!network->provider_handle) {
        const char *type;
        struct error none = {0};
        if (!network_choose_plugin(run->db, run->arena, network->zone_id, &type, &none))
            return STEP_DONE;
    }
    if (!network_call_fill(run, network, &call, err))
        return STEP_FAILED;
    return call.capabilities & GURUM_NETWORK_ON_HOSTS
               ? STEP_DONE
               : network_network_remove(run, &call.target, &call.spec, NULL, err);
}

static enum step_outcome down_act(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    return remove_at_provider(run, input->network_id, err);
}

static bool give_back_segment(struct job_run *run, const struct network *network, struct error *err)
{
    const struct network_offering *offering = NULL;
    if (!network_offering_find_any(run->db, run->arena, network->offering_id, &offering, err))
        return false;
    if (network->segment_id == 0 || (offering && offering->specify_vlan))
        return true;
    return segment_release(run->db, network->physical_network_id, network->id, err) &&
           network_store_set_segment(run->db, network->id, 0, NULL, err);
}

static bool gc_commit(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    struct network *network = NULL;
    bool moved;
    return network_find_live(run, input->network_id, &network, err) && give_back_segment(run, network, err) &&
           network_store_set_provider(run->db, network->id, NULL, err) &&
           place_store_remove_network(run->db, network->id, err) &&
           network_store_move(run->db, network->id, "Shutdown", "Allocated", &moved, err);
}

/* What could not be taken down is brought up again when somebody needs it, with the segment it still has. */
static bool gc_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct network_job_input *input = run->input;
    bool moved;
    (void)failure;
    return succeeded || network_store_move(run->db, input->network_id, "Shutdown", "Allocated", &moved, err);
}

static const struct job_step GC_STEPS[] = {
    {.name = "remove_network", .title_key = "step.network_remove", .act = down_act, .commit = gc_commit}};
const struct job_kind NETWORK_GC = {.name = "network.gc",
                                    .command = "network.gc",
                                    .version = 1,
                                    .input = &NETWORK_JOB_INPUT,
                                    .steps = GC_STEPS,
                                    .step_count = COUNT_OF(GC_STEPS),
                                    .settle = gc_settle};

struct closing {
    const struct network *network;
};

static bool close_body(struct db *db, void *context, struct error *err)
{
    const struct network *network = ((const struct closing *)context)->network;
    const struct network_job_input input = {.network_id = network->id};
    const struct job_target target = {.object_kind = "network", .object_id = network->id, .object_uuid = network->uuid};
    const struct job_stamp stamp = {.account_id = network->account_id, .domain_id = network->domain_id};
    struct job_ref job;
    bool closed = false;
    if (!network_store_close(db, network->id, "Shutdown", &closed, err))
        return false;
    return !closed || job_create(db, &NETWORK_GC, &input, &target, &stamp, &job, err);
}

/* Looked at often, so that a changed interval holds at once. The last look is this process's: another that takes the
 * schedule over looks at once, which does no harm. */
enum { GC_LOOK_MS = 10000 };
static int64_t last_gc_ms;

static bool gc_run(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows;
    int64_t now = clock_now_ms();
    if (now - last_gc_ms < setting_int(&NETWORK_GC_INTERVAL_S) * 1000)
        return true;
    if (!network_store_idle(db, arena, now - setting_int(&NETWORK_GC_WAIT_S) * 1000, &rows, err))
        return false;
    const struct network *networks = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct closing closing = {&networks[i]};
        if (!networks[i].is_system && !networks[i].is_persistent && string_equal(networks[i].guest_type, "Isolated") &&
            !db_transaction(db, close_body, &closing, err))
            return false;
    }
    last_gc_ms = now;
    return true;
}

/* ---- network.delete ---- */

static bool delete_close(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    struct network *network = NULL;
    bool closed = false;
    if (!network_find_live(run, input->network_id, &network, err) ||
        !network_store_close(run->db, network->id, "Destroy", &closed, err))
        return false;
    return closed || error_with(err, ERROR_IN_USE, "network.has_nics", E_TEXT("name", network->name));
}

static bool delete_reopen(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    bool moved;
    return network_store_move(run->db, input->network_id, "Destroy", "Allocated", &moved, err);
}

static bool delete_commit(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    struct network *network = NULL;
    return network_find_live(run, input->network_id, &network, err) &&
           place_store_remove_network(run->db, network->id, err) && network_drop(run->db, run->arena, network, err) &&
           mark_forget(run->db, "network", network->id, err);
}

static const struct job_step DELETE_STEPS[] = {
    {.name = "close_network",
     .title_key = "step.network_close",
     .commit = delete_close,
     .undo_commit = delete_reopen,
     .max_attempts = 1},
    {.name = "remove_network", .title_key = "step.network_remove", .act = down_act, .commit = delete_commit},
};
const struct job_kind NETWORK_DELETE = {.name = "network.delete",
                                        .command = "deleteNetwork",
                                        .version = 1,
                                        .input = &NETWORK_JOB_INPUT,
                                        .steps = DELETE_STEPS,
                                        .step_count = COUNT_OF(DELETE_STEPS),
                                        .event = "NETWORK.DELETE"};

/* ---- network.restart ---- */

/* The network as its row says, at the provider and on every host that answers. */
static enum step_outcome bring_up_again(struct job_run *run, int64_t network_id, struct error *err)
{
    struct network *network = NULL;
    if (!network_find_live(run, network_id, &network, err))
        return STEP_FAILED;
    if (!string_equal(network->state, "Implemented"))
        return STEP_DONE;
    enum step_outcome outcome = ensure(run, network, err);
    return outcome == STEP_DONE ? network_places_refresh_act(run, network, err) : outcome;
}

static enum step_outcome restart_act(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    return bring_up_again(run, input->network_id, err);
}

static bool restart_commit(struct job_run *run, struct error *err)
{
    const struct network_job_input *input = run->input;
    return network_store_set_restart_required(run->db, input->network_id, false, err);
}

static const struct job_step RESTART_STEPS[] = {
    {.name = "ensure_network", .title_key = "step.network_ensure", .act = restart_act, .commit = restart_commit}};
const struct job_kind NETWORK_RESTART = {.name = "network.restart",
                                         .command = "restartNetwork",
                                         .version = 1,
                                         .input = &NETWORK_JOB_INPUT,
                                         .steps = RESTART_STEPS,
                                         .step_count = COUNT_OF(RESTART_STEPS),
                                         .event = "NETWORK.RESTART"};

/* ---- network.update: the rows, then the provider ---- */

FIELD_TABLE(NETWORK_UPDATE_INPUT, struct network_update_input, COLUMN(struct network_update_input, network_id),
            COLUMN(struct network_update_input, name), COLUMN(struct network_update_input, display_text),
            COLUMN(struct network_update_input, network_domain), COLUMN(struct network_update_input, dns1),
            COLUMN(struct network_update_input, dns2), COLUMN(struct network_update_input, ip6_dns1),
            COLUMN(struct network_update_input, ip6_dns2), COLUMN(struct network_update_input, custom_id),
            COLUMN(struct network_update_input, offering_id), COLUMN(struct network_update_input, private_mtu),
            COLUMN(struct network_update_input, public_mtu), COLUMN(struct network_update_input, display));

static const char *changed(const char *before, const char *wanted)
{
    return wanted ? (*wanted ? wanted : NULL) : before;
}

static bool update_commit(struct job_run *run, struct error *err)
{
    const struct network_update_input *in = run->input;
    struct network *n = NULL;
    if (!network_find_live(run, in->network_id, &n, err))
        return false;
    const struct network_edit edit = {.id = n->id,
                                      .name = in->name ? in->name : n->name,
                                      .display_text = in->display_text ? in->display_text : n->display_text,
                                      .network_domain = changed(n->network_domain, in->network_domain),
                                      .dns1 = changed(n->dns1, in->dns1),
                                      .dns2 = changed(n->dns2, in->dns2),
                                      .ip6_dns1 = changed(n->ip6_dns1, in->ip6_dns1),
                                      .ip6_dns2 = changed(n->ip6_dns2, in->ip6_dns2),
                                      .uuid = in->custom_id ? in->custom_id : n->uuid,
                                      .reserved_ip_range = n->reserved_ip_range,
                                      .offering_id = in->offering_id ? in->offering_id : n->offering_id,
                                      .private_mtu = in->private_mtu.set ? in->private_mtu.value : n->private_mtu,
                                      .public_mtu = in->public_mtu.set ? in->public_mtu.value : n->public_mtu,
                                      .display = in->display.set ? in->display.value : n->display,
                                      .restart_required = n->restart_required};
    return network_update(run->db, run->arena, n, &edit, err);
}

static enum step_outcome apply_act(struct job_run *run, struct error *err)
{
    const struct network_update_input *input = run->input;
    return bring_up_again(run, input->network_id, err);
}

static const struct job_step UPDATE_STEPS[] = {
    {.name = "write_network", .title_key = "step.network_write", .commit = update_commit, .max_attempts = 1},
    {.name = "ensure_network", .title_key = "step.network_ensure", .act = apply_act},
};
const struct job_kind NETWORK_UPDATE = {.name = "network.update",
                                        .command = "updateNetwork",
                                        .version = 1,
                                        .input = &NETWORK_UPDATE_INPUT,
                                        .steps = UPDATE_STEPS,
                                        .step_count = COUNT_OF(UPDATE_STEPS),
                                        .event = "NETWORK.UPDATE",
                                        .result_kind = "network"};

void network_jobs_register(void)
{
    static const struct job_kind *const KINDS[] = {&NETWORK_DELETE,
                                                   &NETWORK_RESTART,
                                                   &NETWORK_GC,
                                                   &NETWORK_UPDATE,
                                                   &NETWORK_SERVICES_JOB,
                                                   &PHYSICAL_NETWORK_CREATE,
                                                   &PHYSICAL_NETWORK_UPDATE,
                                                   &PHYSICAL_NETWORK_DELETE,
                                                   &TRAFFIC_TYPE_ADD,
                                                   &TRAFFIC_TYPE_UPDATE,
                                                   &TRAFFIC_TYPE_DELETE,
                                                   &NETWORK_PROVIDER_ADD,
                                                   &NETWORK_PROVIDER_UPDATE,
                                                   &NETWORK_PROVIDER_DELETE,
                                                   &ROUTER_ELEMENT_CONFIGURE,
                                                   NULL};
    static const struct job_schedule gc = {.name = "network.gc", .interval_ms = GC_LOOK_MS, .run = gc_run};
    job_register_kinds(KINDS);
    job_register_schedule(&gc);
    job_register_schedule(&NETWORK_CATCH_UP);
}
