/* Jobs of pools and image stores: look at it, make it usable, take it up; and the way back. */
#include "cloud/storage/storage_jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/host/host_jobs.h"
#include "cloud/storage/storage_service.h"
#include "cloud/zone/zone.h"
#include "plugin_host/image_store.h"
#include "plugin_host/storage.h"

FIELD_TABLE(STORAGE_JOB_INPUT, struct storage_job_input, COLUMN(struct storage_job_input, id),
            COLUMN(struct storage_job_input, forced), COLUMN(struct storage_job_input, was));
FIELD_TABLE(STORAGE_FACTS, struct storage_facts, COLUMN(struct storage_facts, type), COLUMN(struct storage_facts, path),
            COLUMN(struct storage_facts, details), COLUMN(struct storage_facts, total_bytes),
            COLUMN(struct storage_facts, used_bytes), COLUMN(struct storage_facts, read_only));

enum { ANSWER_DEADLINE_MS = 9000 }; /* common clients give up after 10 s */

static int64_t id_of(const struct job_run *run)
{
    return ((const struct storage_job_input *)run->input)->id;
}

bool storage_choose_plugin(struct db *db, enum storage_plugin kind, const char *const *types, size_t count,
                           const char **ret_type, struct error *err)
{
    enum gurum_kind plugin_kind = kind == STORAGE_PLUGIN ? GURUM_KIND_STORAGE : GURUM_KIND_IMAGE_STORE;
    struct error absent = {.kind = ERROR_NONE};
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        if (string_is_empty(types[i]))
            continue;
        if (plugin_capabilities(db, plugin_kind, types[i], &bits, err)) {
            *ret_type = types[i];
            return true;
        }
        if (err->kind != ERROR_RESOURCE_UNAVAILABLE)
            return false;
        if (absent.kind == ERROR_NONE)
            error_copy(&absent, err);
    }
    if (absent.kind == ERROR_NONE)
        return error_set(err, ERROR_INVALID_VALUE, "storage.no_provider");
    error_copy(err, &absent);
    return false;
}

/* ---- pools ---- */

struct pool_call {
    const struct storage_pool *row;
    struct gurum_host via;
    struct gurum_pool pool;
    struct plugin_target target;
    struct gurum_pool_spec spec;
};

static bool prepare_pool_of(struct job_run *run, int64_t id, struct pool_call *call, struct error *err)
{
    struct storage_pool *row = NULL;
    struct pair_list details;
    const struct zone *zone = NULL;
    const struct cluster *cluster = NULL;
    if (!storage_pool_find(run->db, run->arena, id, &row, err))
        return false;
    if (!row)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "storage.gone");
    if (!storage_pool_details(run->db, run->arena, row->id, &details, err) ||
        !zone_find(run->db, run->arena, row->zone_id, &zone, err) ||
        (row->cluster_id && !cluster_find(run->db, run->arena, row->cluster_id, &cluster, err)) ||
        !host_target_in(run->db, run->arena, row->zone_id, row->cluster_id, &call->via, err))
        return false;
    call->row = row;
    call->pool = (struct gurum_pool){
        .size = sizeof(call->pool), .uuid = row->uuid, .name = row->name, .url = row->url, .path = row->path,
        .zone_uuid = zone ? zone->uuid : NULL, .cluster_uuid = cluster ? cluster->uuid : NULL,
        .via_host = call->via.uuid ? &call->via : NULL, .details = host_details_array(run->arena, details)};
    call->target =
        (struct plugin_target){.type = row->provider, .object_uuid = row->uuid, .deadline_ms = ANSWER_DEADLINE_MS};
    call->spec = (struct gurum_pool_spec){.size = sizeof(call->spec), .pool = &call->pool};
    return true;
}

static bool prepare_pool(struct job_run *run, struct pool_call *call, struct error *err)
{
    return prepare_pool_of(run, id_of(run), call, err);
}

typedef enum step_outcome pool_slot(struct job_run *run, const struct plugin_target *target,
                                    const struct gurum_pool_spec *spec, struct plugin_reports *ret_reports,
                                    struct error *err);

/* Calls the slot through each host that is up where the pool lies; the reports are the last one's. */
static enum step_outcome through_hosts(struct job_run *run, struct pool_call *call, pool_slot *slot,
                                       const struct host *hosts, size_t count, struct plugin_reports *ret_reports,
                                       struct error *err)
{
    struct plugin_target unused;
    enum step_outcome outcome = STEP_DONE;
    for (size_t i = 0; i < count && outcome == STEP_DONE; i++) {
        if (!host_target(run->db, run->arena, hosts[i].id, &call->via, &unused, err))
            return STEP_FAILED;
        call->pool.via_host = &call->via;
        outcome = slot(run, &call->target, &call->spec, ret_reports, err);
    }
    return outcome;
}

/* A plugin that works through hosts makes a pool known to each of them; any other is called once. With no host up there
 * is nobody to take a pool back from. */
static enum step_outcome everywhere(struct job_run *run, struct pool_call *call, pool_slot *slot,
                                    struct plugin_reports *ret_reports, struct error *err)
{
    const struct host *hosts = NULL;
    size_t count = 0;
    uint64_t bits = 0;
    const char *hypervisor = call->row->hypervisor;
    if (hypervisor && string_equal_ignoring_case(hypervisor, "Any"))
        hypervisor = NULL;
    const struct host_filter filter = {
        .zone_id = call->row->zone_id, .cluster_id = call->row->cluster_id, .hypervisor = hypervisor};
    if (!plugin_capabilities(run->db, GURUM_KIND_STORAGE, call->target.type, &bits, err))
        return STEP_FAILED;
    if ((bits & GURUM_STORAGE_NEEDS_HOST) == 0)
        return slot(run, &call->target, &call->spec, ret_reports, err);
    if (!host_candidates(run->db, run->arena, &filter, &hosts, &count, err))
        return STEP_FAILED;
    if (count == 0 && slot != storage_pool_remove) {
        error_set(err, ERROR_RESOURCE_UNAVAILABLE, "storage.no_host");
        return STEP_FAILED;
    }
    return through_hosts(run, call, slot, hosts, count, ret_reports, err);
}

static enum step_outcome pool_probe_act(struct job_run *run, struct error *err)
{
    struct pool_call call;
    struct plugin_reports reports = {0};
    if (!prepare_pool(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = storage_pool_probe(run, &call.target, &call.spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    return host_checks_passed(run->arena, &reports, "storage.not_fit", err) ? STEP_DONE : STEP_FAILED;
}

static enum step_outcome pool_ensure_act(struct job_run *run, struct error *err)
{
    struct pool_call call;
    struct plugin_reports reports = {0};
    struct storage_facts *facts = run->state;
    if (!prepare_pool(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = everywhere(run, &call, storage_pool_ensure, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_pool_report *found = plugin_report_first(&reports, GURUM_ITEM_POOL);
    if (!found || found->state == GURUM_POOL_BROKEN) {
        error_with(err, ERROR_PLUGIN, "storage.broken", E_TEXT("detail", found && found->detail ? found->detail : ""));
        return STEP_FAILED;
    }
    *facts = (struct storage_facts){.type = found->type,
                                    .path = found->path,
                                    .total_bytes = (int64_t)found->capacity_bytes,
                                    .used_bytes = (int64_t)found->used_bytes,
                                    .details = host_reported_details(run->arena, &reports)};
    return STEP_DONE;
}

static enum step_outcome pool_remove_act(struct job_run *run, struct error *err)
{
    struct pool_call call;
    const struct storage_job_input *input = run->input;
    if (!prepare_pool(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = everywhere(run, &call, storage_pool_remove, NULL, err);
    return outcome == STEP_FAILED && input->forced ? STEP_DONE : outcome;
}

static bool pool_take_up_commit(struct job_run *run, struct error *err)
{
    return pool_take_up(run->db, run->arena, id_of(run), run->state, err);
}

static bool pool_add_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded || pool_store_remove(run->db, id_of(run), err);
}

static const char *former_state(const struct job_run *run)
{
    const char *was = ((const struct storage_job_input *)run->input)->was;
    return was ? was : "Up";
}

static bool pool_close_commit(struct job_run *run, struct error *err)
{
    bool closed = false;
    if (!pool_store_close(run->db, id_of(run), former_state(run), &closed, err))
        return false;
    return closed || error_set(err, ERROR_IN_USE, "storage.has_volumes");
}

static bool pool_close_undo(struct job_run *run, struct error *err)
{
    bool reopened;
    return pool_store_move(run->db, id_of(run), "Removing", former_state(run), &reopened, err);
}

static bool pool_remove_commit(struct job_run *run, struct error *err)
{
    return pool_store_remove(run->db, id_of(run), err);
}

static const struct job_step POOL_ADD_STEPS[] = {
    {.name = "probe", .title_key = "step.storage_probe", .act = pool_probe_act},
    {.name = "ensure", .title_key = "step.storage_ensure", .act = pool_ensure_act, .undo_act = pool_remove_act},
    {.name = "take_up", .title_key = "step.storage_take_up", .commit = pool_take_up_commit},
};
const struct job_kind POOL_ADD_JOB = {
    .name = "storage_pool.add",
    .command = "createStoragePool",
    .version = 1,
    .input = &STORAGE_JOB_INPUT,
    .state = &STORAGE_FACTS,
    .steps = POOL_ADD_STEPS,
    .step_count = COUNT_OF(POOL_ADD_STEPS),
    .event = "STORAGE.POOL.CREATE",
    .result_kind = "storage_pool",
    .settle = pool_add_settle,
};
static const struct job_step POOL_REMOVE_STEPS[] = {
    {.name = "close",
     .title_key = "step.storage_close",
     .commit = pool_close_commit,
     .undo_commit = pool_close_undo,
     .max_attempts = 1},
    {.name = "remove", .title_key = "step.storage_remove", .act = pool_remove_act, .commit = pool_remove_commit},
};
const struct job_kind POOL_REMOVE_JOB = {
    .name = "storage_pool.remove", .command = "deleteStoragePool", .version = 1, .input = &STORAGE_JOB_INPUT,
    .steps = POOL_REMOVE_STEPS, .step_count = COUNT_OF(POOL_REMOVE_STEPS), .event = "STORAGE.POOL.DELETE",
};

/* ---- maintenance ---- */

/* First nothing new may come or start there, then it is counted what runs: whatever started before is seen. */
static bool pool_hold_commit(struct job_run *run, struct error *err)
{
    bool held = false;
    if (!pool_store_move(run->db, id_of(run), former_state(run), "PrepareForMaintenance", &held, err))
        return false;
    return held || error_set(err, ERROR_INVALID_VALUE, "storage.wrong_state");
}

static bool pool_hold_undo(struct job_run *run, struct error *err)
{
    bool released;
    return pool_store_move(run->db, id_of(run), "PrepareForMaintenance", former_state(run), &released, err);
}

static bool pool_rest_commit(struct job_run *run, struct error *err)
{
    bool moved;
    struct pool_volumes volumes = {0};
    if (!pool_store_count_volumes(run->db, run->arena, id_of(run), &volumes, err))
        return false;
    if (volumes.active > 0)
        return error_with(err, ERROR_IN_USE, "storage.has_running_vms", E_INT("n", volumes.active));
    return pool_store_move(run->db, id_of(run), "PrepareForMaintenance", "Maintenance", &moved, err);
}

static bool pool_resume_commit(struct job_run *run, struct error *err)
{
    bool moved = false;
    const struct storage_facts *facts = run->state;
    double factor;
    if (!pool_factor(run->db, run->arena, id_of(run), &factor, err) ||
        !pool_store_set_sizes(run->db, id_of(run), facts->total_bytes, facts->used_bytes, factor, err) ||
        !pool_store_move(run->db, id_of(run), "Maintenance", "Up", &moved, err))
        return false;
    return moved || error_set(err, ERROR_INVALID_VALUE, "storage.not_in_maintenance");
}

static const struct job_step POOL_MAINTAIN_STEPS[] = {
    {.name = "hold",
     .title_key = "step.storage_hold",
     .commit = pool_hold_commit,
     .undo_commit = pool_hold_undo,
     .max_attempts = 1},
    {.name = "rest", .title_key = "step.storage_rest", .commit = pool_rest_commit, .max_attempts = 1},
};
const struct job_kind POOL_MAINTAIN_JOB = {
    .name = "storage_pool.maintain", .command = "enableStorageMaintenance", .version = 1, .input = &STORAGE_JOB_INPUT,
    .steps = POOL_MAINTAIN_STEPS, .step_count = COUNT_OF(POOL_MAINTAIN_STEPS), .event = "MAINT.PREPARE.PS",
    .result_kind = "storage_pool",
};
static const struct job_step POOL_RESUME_STEPS[] = {
    {.name = "ensure", .title_key = "step.storage_ensure", .act = pool_ensure_act},
    {.name = "take_up", .title_key = "step.storage_take_up", .commit = pool_resume_commit, .max_attempts = 1},
};
const struct job_kind POOL_RESUME_JOB = {
    .name = "storage_pool.resume",
    .command = "cancelStorageMaintenance",
    .version = 1,
    .input = &STORAGE_JOB_INPUT,
    .state = &STORAGE_FACTS,
    .steps = POOL_RESUME_STEPS,
    .step_count = COUNT_OF(POOL_RESUME_STEPS),
    .event = "MAINT.CANCEL.PS",
    .result_kind = "storage_pool",
};

static enum step_outcome pool_observe_act(struct job_run *run, struct error *err)
{
    struct pool_call call;
    struct plugin_reports reports = {0};
    struct storage_facts *facts = run->state;
    if (!prepare_pool(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = storage_pool_observe(run, &call.target, &call.spec, &reports, err);
    const struct gurum_pool_report *found =
        outcome == STEP_DONE ? plugin_report_first(&reports, GURUM_ITEM_POOL) : NULL;
    if (found)
        *facts = (struct storage_facts){.total_bytes = (int64_t)found->capacity_bytes,
                                        .used_bytes = (int64_t)found->used_bytes};
    return outcome;
}

static bool pool_observe_commit(struct job_run *run, struct error *err)
{
    const struct storage_facts *facts = run->state;
    double factor;
    return facts->total_bytes == 0 ||
           (pool_factor(run->db, run->arena, id_of(run), &factor, err) &&
            pool_store_set_sizes(run->db, id_of(run), facts->total_bytes, facts->used_bytes, factor, err));
}

static const struct job_step POOL_OBSERVE_STEPS[] = {
    {.name = "observe",
     .title_key = "step.storage_observe",
     .act = pool_observe_act,
     .commit = pool_observe_commit,
     .max_attempts = 1},
};
const struct job_kind POOL_OBSERVE_JOB = {
    .name = "storage_pool.observe", .command = "observeStoragePool", .version = 1, .input = &STORAGE_JOB_INPUT,
    .state = &STORAGE_FACTS, .steps = POOL_OBSERVE_STEPS, .step_count = COUNT_OF(POOL_OBSERVE_STEPS),
};

/* ---- copies of images ---- */

static enum step_outcome uncache(struct job_run *run, int64_t pool_id, const struct gurum_image *image,
                                 struct error *err)
{
    struct pool_call call;
    uint64_t bits = 0;
    if (!prepare_pool_of(run, pool_id, &call, err) ||
        !plugin_capabilities(run->db, GURUM_KIND_STORAGE, call.target.type, &bits, err))
        return STEP_FAILED;
    if ((bits & GURUM_STORAGE_IMAGES) == 0)
        return STEP_DONE;
    const struct gurum_pool_image_spec spec = {.size = sizeof(spec), .pool = &call.pool, .image = image};
    return storage_image_remove(run, &call.target, &spec, NULL, err);
}

enum step_outcome storage_uncache_image(struct job_run *run, const struct gurum_image *image, int64_t zone_id,
                                        struct error *err)
{
    struct db_rows rows;
    if (!pool_store_of_zone(run->db, run->arena, zone_id, 0, &rows, err))
        return STEP_FAILED;
    const struct storage_pool *pools = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        enum step_outcome outcome = uncache(run, pools[i].id, image, err);
        if (outcome == STEP_PENDING)
            return outcome;
        if (outcome == STEP_FAILED)
            log_error(LOG_INFO, "storage.image_stays", err);
        run->retry = RETRY_BY_KIND;
        error_clear(err);
    }
    return STEP_DONE;
}

/* ---- image stores ---- */

struct store_call {
    struct gurum_host via;
    struct gurum_image_store store;
    struct plugin_target target;
    struct gurum_store_spec spec;
};

static bool prepare_store(struct job_run *run, struct store_call *call, struct error *err)
{
    const struct image_store *row = NULL;
    const struct zone *zone = NULL;
    struct pair_list details;
    if (!image_store_find(run->db, run->arena, id_of(run), &row, err))
        return false;
    if (!row)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "storage.gone");
    if (!image_store_details(run->db, run->arena, row->id, &details, err) ||
        (row->zone_id && !zone_find(run->db, run->arena, row->zone_id, &zone, err)) ||
        !host_target_in(run->db, run->arena, row->zone_id, 0, &call->via, err))
        return false;
    call->store = (struct gurum_image_store){.size = sizeof(call->store),
                                             .uuid = row->uuid,
                                             .name = row->name,
                                             .url = row->url,
                                             .zone_uuid = zone ? zone->uuid : NULL,
                                             .via_host = call->via.uuid ? &call->via : NULL,
                                             .details = host_details_array(run->arena, details)};
    call->target =
        (struct plugin_target){.type = row->provider, .object_uuid = row->uuid, .deadline_ms = ANSWER_DEADLINE_MS};
    call->spec = (struct gurum_store_spec){.size = sizeof(call->spec), .store = &call->store};
    return true;
}

static enum step_outcome store_probe_act(struct job_run *run, struct error *err)
{
    struct store_call call;
    struct plugin_reports reports = {0};
    if (!prepare_store(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = image_store_store_probe(run, &call.target, &call.spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    return host_checks_passed(run->arena, &reports, "storage.not_fit", err) ? STEP_DONE : STEP_FAILED;
}

static enum step_outcome store_ensure_act(struct job_run *run, struct error *err)
{
    struct store_call call;
    struct plugin_reports reports = {0};
    struct storage_facts *facts = run->state;
    if (!prepare_store(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = image_store_store_ensure(run, &call.target, &call.spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_store_report *found = plugin_report_first(&reports, GURUM_ITEM_STORE);
    if (!found || found->state == GURUM_STORE_BROKEN) {
        error_with(err, ERROR_PLUGIN, "storage.broken", E_TEXT("detail", found && found->detail ? found->detail : ""));
        return STEP_FAILED;
    }
    *facts = (struct storage_facts){.total_bytes = (int64_t)found->capacity_bytes,
                                    .used_bytes = (int64_t)found->used_bytes,
                                    .read_only = found->state == GURUM_STORE_READ_ONLY};
    return STEP_DONE;
}

static enum step_outcome store_remove_act(struct job_run *run, struct error *err)
{
    struct store_call call;
    if (!prepare_store(run, &call, err))
        return STEP_FAILED;
    return image_store_store_remove(run, &call.target, &call.spec, NULL, err);
}

static bool store_take_up_commit(struct job_run *run, struct error *err)
{
    return image_store_take_up(run->db, run->arena, id_of(run), run->state, err);
}

static bool store_add_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded || image_store_row_remove(run->db, id_of(run), err);
}

static bool set_store_state(struct job_run *run, const char *state, struct error *err)
{
    const struct image_store *before = NULL;
    if (!image_store_find(run->db, run->arena, id_of(run), &before, err) || !before)
        return false;
    struct image_store store = *before;
    store.state = state;
    return image_store_row_update(run->db, &store, err);
}

/* Closed before it is counted: an image that comes later finds no store that is Up. */
static bool store_close_commit(struct job_run *run, struct error *err)
{
    int64_t images = 0;
    if (!set_store_state(run, "Removing", err) ||
        !image_store_row_count_images(run->db, run->arena, id_of(run), &images, err))
        return false;
    return images == 0 || error_with(err, ERROR_IN_USE, "storage.has_images", E_INT("n", images));
}

static bool store_close_undo(struct job_run *run, struct error *err)
{
    return set_store_state(run, "Up", err);
}

static bool store_remove_commit(struct job_run *run, struct error *err)
{
    return image_store_row_remove(run->db, id_of(run), err);
}

static const struct job_step STORE_ADD_STEPS[] = {
    {.name = "probe", .title_key = "step.storage_probe", .act = store_probe_act},
    {.name = "ensure", .title_key = "step.storage_ensure", .act = store_ensure_act, .undo_act = store_remove_act},
    {.name = "take_up", .title_key = "step.storage_take_up", .commit = store_take_up_commit},
};
const struct job_kind IMAGE_STORE_ADD_JOB = {
    .name = "image_store.add",
    .command = "addImageStore",
    .version = 1,
    .input = &STORAGE_JOB_INPUT,
    .state = &STORAGE_FACTS,
    .steps = STORE_ADD_STEPS,
    .step_count = COUNT_OF(STORE_ADD_STEPS),
    .event = "IMAGE.STORE.CREATE",
    .result_kind = "image_store",
    .settle = store_add_settle,
};
static const struct job_step STORE_REMOVE_STEPS[] = {
    {.name = "close",
     .title_key = "step.storage_close",
     .commit = store_close_commit,
     .undo_commit = store_close_undo,
     .max_attempts = 1},
    {.name = "remove", .title_key = "step.storage_remove", .act = store_remove_act, .commit = store_remove_commit},
};
const struct job_kind IMAGE_STORE_REMOVE_JOB = {
    .name = "image_store.remove", .command = "deleteImageStore", .version = 1, .input = &STORAGE_JOB_INPUT,
    .steps = STORE_REMOVE_STEPS, .step_count = COUNT_OF(STORE_REMOVE_STEPS), .event = "IMAGE.STORE.DELETE",
};

static enum step_outcome store_observe_act(struct job_run *run, struct error *err)
{
    struct store_call call;
    struct plugin_reports reports = {0};
    struct storage_facts *facts = run->state;
    if (!prepare_store(run, &call, err))
        return STEP_FAILED;
    enum step_outcome outcome = image_store_store_observe(run, &call.target, &call.spec, &reports, err);
    const struct gurum_store_report *found =
        outcome == STEP_DONE ? plugin_report_first(&reports, GURUM_ITEM_STORE) : NULL;
    if (found)
        *facts = (struct storage_facts){.total_bytes = (int64_t)found->capacity_bytes,
                                        .used_bytes = (int64_t)found->used_bytes,
                                        .read_only = found->state == GURUM_STORE_READ_ONLY};
    return outcome;
}

static bool store_observe_commit(struct job_run *run, struct error *err)
{
    const struct storage_facts *facts = run->state;
    return image_store_row_set_filling(run->db, id_of(run), facts->total_bytes, facts->used_bytes, facts->read_only,
                                       err);
}

static const struct job_step STORE_OBSERVE_STEPS[] = {
    {.name = "observe",
     .title_key = "step.storage_observe",
     .act = store_observe_act,
     .commit = store_observe_commit,
     .max_attempts = 1},
};
const struct job_kind IMAGE_STORE_OBSERVE_JOB = {
    .name = "image_store.observe", .command = "observeImageStore", .version = 1, .input = &STORAGE_JOB_INPUT,
    .state = &STORAGE_FACTS, .steps = STORE_OBSERVE_STEPS, .step_count = COUNT_OF(STORE_OBSERVE_STEPS),
};

/* ---- how full pools and stores are, now and then ---- */

SETTING(STORAGE_STATS_INTERVAL, .name = "storage.stats.interval", .category = "Storage", .default_value = "300000",
        .help = "how often pools and image stores are asked how full they are, in milliseconds", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 10000, .max = 86400000);

/* A kind of place: who is due, that it was looked at, and the job that looks. */
struct observed_kind {
    const char *object_kind;
    const struct job_kind *job;
    bool (*due)(struct db *db, struct arena *arena, int64_t before_ms, size_t limit, struct db_rows *ret_rows,
                struct error *err);
    bool (*mark)(struct db *db, int64_t id, struct error *err);
};
static const struct observed_kind OBSERVED_KINDS[] = {
    {"storage_pool", &POOL_OBSERVE_JOB, pool_store_due, pool_store_mark_observed},
    {"image_store", &IMAGE_STORE_OBSERVE_JOB, image_store_row_due, image_store_row_mark_observed}};

struct observing {
    const struct observed_kind *kind;
    const struct due_row *due;
};

static bool start_observing(struct db *db, void *context, struct error *err)
{
    const struct observing *o = context;
    const struct storage_job_input input = {.id = o->due->id};
    const struct job_target target = {
        .object_kind = o->kind->object_kind, .object_id = o->due->id, .object_uuid = o->due->uuid};
    const struct job_stamp stamp = {.account_id = 0};
    struct job_ref job;
    return o->kind->mark(db, o->due->id, err) && job_create(db, o->kind->job, &input, &target, &stamp, &job, err);
}

static bool observe_kind(struct db *db, struct arena *arena, const struct observed_kind *kind, struct error *err)
{
    enum { AT_ONCE = 100 };
    struct db_rows rows;
    if (!kind->due(db, arena, clock_now_ms() - setting_int(&STORAGE_STATS_INTERVAL), AT_ONCE, &rows, err))
        return false;
    const struct due_row *due = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct observing observing = {kind, &due[i]};
        if (!db_transaction(db, start_observing, &observing, err))
            return false;
    }
    return true;
}

static bool observe_some(struct db *db, struct arena *arena, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(OBSERVED_KINDS); i++)
        if (!observe_kind(db, arena, &OBSERVED_KINDS[i], err))
            return false;
    return true;
}

const struct job_schedule STORAGE_OBSERVE_SCHEDULE = {
    .name = "storage.observe", .interval_ms = 10000, .run = observe_some};
