/* image.register (one a zone): the store's plugin fetches the file. image.delete: takes it out of the stores. */
#include "cloud/mark/mark.h"
#include "cloud/image/image_jobs.h"

#include "base/setting.h"
#include "base/text.h"
#include "cloud/history/history.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image_service.h"
#include "cloud/userdata/userdata.h"
#include "cloud/quota/quota.h"
#include "cloud/storage/storage_jobs.h"
#include "cloud/zone/zone.h"
#include "db/version.h"

SETTING(MAX_IMAGE_GIB, .name = "max.template.iso.size", .category = "Advanced", .default_value = "50",
        .help = "The largest template or ISO that may be registered, in GiB.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 1, .max = 100000);

FIELD_TABLE(IMAGE_REGISTER_INPUT, struct image_register_input, COLUMN(struct image_register_input, image_id),
            COLUMN(struct image_register_input, place_id));
FIELD_TABLE(IMAGE_DELETE_INPUT, struct image_delete_input, COLUMN(struct image_delete_input, image_id),
            COLUMN(struct image_delete_input, zone_id));
struct image_register_state {
    const char *location;
    int64_t size_bytes, physical_size_bytes;
};
FIELD_TABLE(IMAGE_REGISTER_STATE, struct image_register_state, COLUMN(struct image_register_state, location),
            COLUMN(struct image_register_state, size_bytes), COLUMN(struct image_register_state, physical_size_bytes));

static uint32_t format_of(const char *name)
{
    static const struct {
        const char *name;
        uint32_t format;
    } formats[] = {{"RAW", GURUM_FORMAT_RAW},  {"QCOW2", GURUM_FORMAT_QCOW2}, {"VHD", GURUM_FORMAT_VHD},
                   {"VHDX", GURUM_FORMAT_VHD}, {"VMDK", GURUM_FORMAT_VMDK},   {"OVA", GURUM_FORMAT_OVA},
                   {"ISO", GURUM_FORMAT_ISO},  {"TAR", GURUM_FORMAT_TAR}};
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (string_equal_ignoring_case(formats[i].name, name))
            return formats[i].format;
    return GURUM_FORMAT_UNKNOWN;
}

static bool fill_image(struct job_run *run, const struct image *image, const struct image_place *place,
                       struct gurum_image *ret_image, struct error *err)
{
    struct pair_list details = {.items = NULL};
    if (!image_details_any(run->db, run->arena, image->id, &details, err))
        return false;
    struct gurum_detail *items = arena_array(run->arena, details.count + 1, sizeof(*items));
    for (size_t i = 0; i < details.count; i++)
        items[i] = (struct gurum_detail){.name = details.items[i].name, .value = details.items[i].value};
    *ret_image =
        (struct gurum_image){.size = sizeof(*ret_image),
                             .format = format_of(image->format),
                             .uuid = image->uuid,
                             .name = image->name,
                             .url = image->url,
                             .checksum = image->checksum,
                             .handle = place->location,
                             .size_bytes = place->physical_size_bytes > 0 ? (uint64_t)place->physical_size_bytes : 0,
                             .virtual_size_bytes = place->size_bytes > 0 ? (uint64_t)place->size_bytes : 0,
                             .size_bytes_most = (uint64_t)setting_int(&MAX_IMAGE_GIB) << 30,
                             .details = {.items = items, .count = (uint32_t)details.count, .stride = sizeof(*items)}};
    return true;
}

static bool fill_store(struct job_run *run, int64_t store_id, struct gurum_image_store *ret_store,
                       struct plugin_target *ret_target, struct error *err)
{
    const struct image_store *store = NULL;
    const struct zone *zone = NULL;
    struct pair_list details = {.items = NULL};
    if (!image_store_find(run->db, run->arena, store_id, &store, err))
        return false;
    if (store == NULL)
        return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "image.store_gone", E_INT("store", store_id));
    if (!image_store_details(run->db, run->arena, store_id, &details, err) ||
        (store->zone_id != 0 && !zone_find(run->db, run->arena, store->zone_id, &zone, err)))
        return false;
    struct gurum_detail *items = arena_array(run->arena, details.count + 1, sizeof(*items));
    for (size_t i = 0; i < details.count; i++)
        items[i] = (struct gurum_detail){.name = details.items[i].name, .value = details.items[i].value};
    *ret_store = (struct gurum_image_store){
        .size = sizeof(*ret_store),
        .uuid = store->uuid,
        .name = store->name,
        .url = store->url,
        .zone_uuid = zone != NULL ? zone->uuid : NULL,
        .details = {.items = items, .count = (uint32_t)details.count, .stride = sizeof(*items)}};
    *ret_target = (struct plugin_target){.type = store->provider, .object_uuid = store->uuid};
    return true;
}

bool image_plugin_objects(struct job_run *run, int64_t image_id, int64_t zone_id, struct gurum_image *ret_image,
                          struct gurum_image_store *ret_store, struct error *err)
{
    struct image *image = NULL;
    struct image_place *place = NULL;
    struct plugin_target unused;
    if (!image_find_any(run->db, run->arena, image_id, &image, err) ||
        !image_place_find_any(run->db, run->arena, image_id, zone_id, &place, err))
        return false;
    if (image == NULL || !image_place_is_ready(place))
        return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "image.not_in_zone",
                          E_TEXT("image", image != NULL ? image->name : ""));
    return fill_image(run, image, place, ret_image, err) && fill_store(run, place->store_id, ret_store, &unused, err);
}

/* ---- image.register ---- */

struct work {
    struct image *image;
    struct image_place *place;
    struct gurum_image spec_image;
    struct gurum_image_store store;
    struct plugin_target target;
};

static bool load(struct job_run *run, int64_t image_id, int64_t place_id, struct work *work, struct error *err)
{
    if (!image_find_any(run->db, run->arena, image_id, &work->image, err) ||
        !image_place_find_by_id_any(run->db, run->arena, place_id, &work->place, err))
        return false;
    if (work->image == NULL || work->place == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "image.gone");
    return fill_image(run, work->image, work->place, &work->spec_image, err) &&
           fill_store(run, work->place->store_id, &work->store, &work->target, err);
}

/* The store's reason in words for whoever gave the URL; a reason that is not known here stays what it is. */
static void say_reason(struct error *err)
{
    static const char *const KNOWN[][2] = {
        {"address_not_allowed", "image.fetch_address"}, {"checksum", "image.fetch_checksum"},
        {"checksum_mismatch", "image.fetch_checksum"},  {"checksum_unknown", "image.fetch_checksum_form"},
        {"format_mismatch", "image.fetch_format"},      {"image_refused", "image.fetch_refused"},
        {"image_too_large", "image.fetch_too_large"},   {"source_absent", "image.fetch_absent"},
        {"source_broke_off", "image.fetch_broke_off"},  {"source_not_trusted", "image.fetch_not_trusted"},
        {"source_stalled", "image.fetch_stalled"},      {"source_unreachable", "image.fetch_unreachable"},
        {"store_full", "image.fetch_store_full"},       {"url_unusable", "image.fetch_url"}};
    for (size_t i = 0; i < err->arg_count; i++)
        for (size_t j = 0; j < COUNT_OF(KNOWN); j++)
            if (string_equal(err->args[i].name, "reason") && string_equal(err->args[i].value, KNOWN[j][0]))
                err->key = KNOWN[j][1];
}

static enum step_outcome download_act(struct job_run *run, struct error *err)
{
    const struct image_register_input *input = run->input;
    struct image_register_state *state = run->state;
    struct work work = {.image = NULL};
    struct plugin_reports reports = {.items = NULL};
    if (!load(run, input->image_id, input->place_id, &work, err) ||
        (!string_equal(work.place->state, "Downloading") &&
         !image_place_set_state(run->db, input->place_id, "Downloading", NULL, NULL, err)))
        return STEP_FAILED;
    const struct gurum_store_image_spec spec = {.size = sizeof(spec),
                                                .store = &work.store,
                                                .image = &work.spec_image,
                                                .url_cidrs_allowed = image_url_cidrs(run->arena)};
    enum step_outcome outcome = image_store_image_ensure(run, &work.target, &spec, &reports, err);
    if (outcome == STEP_FAILED)
        say_reason(err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_image_report *report = plugin_report_first(&reports, GURUM_ITEM_IMAGE);
    if (report == NULL || report->state != GURUM_IMAGE_READY) {
        error_with(err, ERROR_PLUGIN, "image.no_report", E_TEXT("image", work.image->name));
        return STEP_FAILED;
    }
    state->location = report->handle;
    state->physical_size_bytes = (int64_t)report->size_bytes;
    state->size_bytes =
        report->virtual_size_bytes > 0 ? (int64_t)report->virtual_size_bytes : (int64_t)report->size_bytes;
    return STEP_DONE;
}

static bool add_history(struct job_run *run, const struct image *image, int64_t zone_id, const char *change,
                        const char *before, const char *after, int64_t size_bytes, struct error *err)
{
    struct history_entry entry = {.object_kind = "image",
                                  .object_id = image->id,
                                  .object_uuid = image->uuid,
                                  .object_name = image->name,
                                  .change = change,
                                  .before = before,
                                  .after = after,
                                  .account_id = image->account_id,
                                  .domain_id = image->domain_id,
                                  .zone_id = zone_id,
                                  .image_id = image->id,
                                  .size_bytes = size_bytes};
    history_set_stamp(&entry, &run->stamp, run->job_uuid);
    return history_add(run->db, &entry, err);
}

/* An image that came larger than the owner's limit allows is refused here, and the undo takes it out of the store. */
static bool download_commit(struct job_run *run, struct error *err)
{
    const struct image_register_input *input = run->input;
    const struct image_register_state *state = run->state;
    struct work work = {.image = NULL};
    struct owner owner;
    if (!load(run, input->image_id, input->place_id, &work, err) ||
        !identity_owner_any(run->db, run->arena, work.image->account_id, &owner, err))
        return false;
    return image_place_set_ready(run->db, input->place_id, state->location, state->size_bytes,
                                 state->physical_size_bytes, err) &&
           add_history(run, work.image, work.place->zone_id, "ready", work.place->state, "Ready",
                       state->physical_size_bytes, err) &&
           quota_raise(run->db, &owner, QUOTA_SECONDARY_STORAGE_BYTES, state->physical_size_bytes, err);
}

static enum step_outcome download_undo(struct job_run *run, struct error *err)
{
    const struct image_register_input *input = run->input;
    struct work work = {.image = NULL};
    if (!load(run, input->image_id, input->place_id, &work, err))
        return STEP_FAILED;
    const struct gurum_store_image_spec spec = {.size = sizeof(spec), .store = &work.store, .image = &work.spec_image};
    return image_store_image_remove(run, &work.target, &spec, NULL, err);
}

static bool register_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct image_register_input *input = run->input;
    struct image *image = NULL;
    struct image_place *place = NULL;
    if (succeeded)
        return true;
    if (!image_find_any(run->db, run->arena, input->image_id, &image, err) ||
        !image_place_find_by_id_any(run->db, run->arena, input->place_id, &place, err))
        return false;
    if (image == NULL || place == NULL)
        return true;
    return image_place_set_state(run->db, input->place_id, "Failed", failure->key, failure->detail, err) &&
           add_history(run, image, place->zone_id, "download-failed", place->state, "Failed", 0, err);
}

static const struct job_step REGISTER_STEPS[] = {
    {.name = "download",
     .title_key = "step.image_download",
     .act = download_act,
     .commit = download_commit,
     .undo_act = download_undo},
};
const struct job_kind IMAGE_REGISTER = {
    .name = "image.register",
    .command = "registerTemplate",
    .version = 1,
    .input = &IMAGE_REGISTER_INPUT,
    .state = &IMAGE_REGISTER_STATE,
    .steps = REGISTER_STEPS,
    .step_count = COUNT_OF(REGISTER_STEPS),
    .event = "TEMPLATE.CREATE",
    .settle = register_settle,
};

/* ---- image.delete ---- */

enum { CALL_BACK_MS = 300 };

static bool wanted(const struct image_delete_input *input, const struct image_place *place)
{
    return input->zone_id == 0 || input->zone_id == place->zone_id;
}

/* What is on its way is called back first: else the store would get the file after it was emptied of it. */
static enum step_outcome call_back_act(struct job_run *run, struct error *err)
{
    const struct image_delete_input *input = run->input;
    const struct image_place *places = NULL;
    size_t count = 0, coming = 0;
    if (!image_places_of_any(run->db, run->arena, input->image_id, &places, &count, err))
        return STEP_FAILED;
    for (size_t i = 0; i < count; i++) {
        struct job_view *job = NULL;
        if (!wanted(input, &places[i]) || image_place_is_ready(&places[i]))
            continue;
        if (!job_find_newest(run->db, run->arena, "image_zone", places[i].id, &job, err))
            return STEP_FAILED;
        if (job == NULL || job_is_done(job))
            continue;
        if (!job->cancel_requested && !job_request_cancel(run->db, job->id, err))
            return STEP_FAILED;
        coming++;
    }
    run->check_after_ms = CALL_BACK_MS;
    return coming > 0 ? STEP_PENDING : STEP_DONE;
}

/* Copies for deployments that will not come any more. */
static enum step_outcome uncache_act(struct job_run *run, struct error *err)
{
    const struct image_delete_input *input = run->input;
    const struct image_place *places = NULL;
    size_t count = 0;
    if (!image_places_of_any(run->db, run->arena, input->image_id, &places, &count, err))
        return STEP_FAILED;
    for (size_t i = 0; i < count; i++) {
        struct work work = {.image = NULL};
        if (!wanted(input, &places[i]) || !image_place_is_ready(&places[i]))
            continue;
        if (!load(run, input->image_id, places[i].id, &work, err))
            return STEP_FAILED;
        enum step_outcome outcome = storage_uncache_image(run, &work.spec_image, places[i].zone_id, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

static enum step_outcome remove_act(struct job_run *run, struct error *err)
{
    const struct image_delete_input *input = run->input;
    const struct image_place *places = NULL;
    size_t count = 0;
    if (!image_places_of_any(run->db, run->arena, input->image_id, &places, &count, err))
        return STEP_FAILED;
    for (size_t i = 0; i < count; i++) {
        struct work work = {.image = NULL};
        if (!wanted(input, &places[i]))
            continue;
        if (!load(run, input->image_id, places[i].id, &work, err))
            return STEP_FAILED;
        const struct gurum_store_image_spec spec = {
            .size = sizeof(spec), .store = &work.store, .image = &work.spec_image};
        enum step_outcome outcome = image_store_image_remove(run, &work.target, &spec, NULL, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

static bool forget_image(struct job_run *run, const struct image *image, const struct owner *owner, struct error *err)
{
    return image_store_mark_removed(run->db, image->id, err) && mark_forget(run->db, "image", image->id, err) &&
           user_data_link(run->db, image->id, 0, NULL, err) &&
           add_history(run, image, 0, "delete", "Ready", "Removed", 0, err) &&
           quota_lower(run->db, owner, QUOTA_IMAGE, 1, err) && version_raise(run->db, VERSION_CATALOGUE, err);
}

static bool remove_commit(struct job_run *run, struct error *err)
{
    const struct image_delete_input *input = run->input;
    const struct image_place *places = NULL;
    struct image *image = NULL;
    struct owner owner;
    size_t count = 0, left = 0;
    int64_t bytes = 0;
    if (!image_places_of_any(run->db, run->arena, input->image_id, &places, &count, err) ||
        !image_find_any(run->db, run->arena, input->image_id, &image, err))
        return false;
    if (image == NULL || image->removed.set)
        return true;
    if (!identity_owner_any(run->db, run->arena, image->account_id, &owner, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!wanted(input, &places[i])) {
            left++;
            continue;
        }
        bytes += image_place_is_ready(&places[i]) ? places[i].physical_size_bytes : 0;
        if (!image_place_delete(run->db, places[i].id, err))
            return false;
    }
    if (bytes > 0 && !quota_lower(run->db, &owner, QUOTA_SECONDARY_STORAGE_BYTES, bytes, err))
        return false;
    return left > 0 || forget_image(run, image, &owner, err);
}

static const struct job_step DELETE_STEPS[] = {
    {.name = "call_back", .title_key = "step.image_call_back", .act = call_back_act},
    {.name = "uncache", .title_key = "step.image_uncache", .act = uncache_act},
    {.name = "remove", .title_key = "step.image_remove", .act = remove_act, .commit = remove_commit},
};
const struct job_kind IMAGE_DELETE = {
    .name = "image.delete",
    .command = "deleteTemplate",
    .version = 1,
    .input = &IMAGE_DELETE_INPUT,
    .steps = DELETE_STEPS,
    .step_count = COUNT_OF(DELETE_STEPS),
    .event = "TEMPLATE.DELETE",
};
