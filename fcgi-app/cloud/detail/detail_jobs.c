/* One step without a plugin, all its rows in one transaction. */
#include "cloud/detail/detail_jobs.h"

FIELD_TABLE(DETAIL_JOB_INPUT, struct detail_job_input, COLUMN(struct detail_job_input, kind),
            COLUMN(struct detail_job_input, object_id), COLUMN(struct detail_job_input, names),
            COLUMN(struct detail_job_input, values), COLUMN(struct detail_job_input, is_shown));

static bool write_commit(struct job_run *run, struct error *err)
{
    const struct detail_job_input *input = run->input;
    struct db_rows rows;
    for (size_t i = 0; i < input->names.count; i++) {
        const struct detail detail = {input->names.items[i], input->values.items[i], input->is_shown};
        if (!object_detail_set(run->db, input->kind, input->object_id, &detail, err))
            return false;
    }
    if (!object_details_list(run->db, run->arena, input->kind, input->object_id, &rows, err))
        return false;
    return rows.count <= DETAILS_PER_OBJECT_MAX ||
           error_with(err, ERROR_INVALID_VALUE, "detail.too_many", E_INT("max", DETAILS_PER_OBJECT_MAX));
}

static bool remove_commit(struct job_run *run, struct error *err)
{
    const struct detail_job_input *input = run->input;
    if (input->names.count == 0)
        return object_detail_remove(run->db, input->kind, input->object_id, NULL, err);
    for (size_t i = 0; i < input->names.count; i++)
        if (!object_detail_remove(run->db, input->kind, input->object_id, input->names.items[i], err))
            return false;
    return true;
}

static const struct job_step WRITE_STEPS[] = {
    {.name = "write", .title_key = "step.detail_write", .commit = write_commit, .max_attempts = 1}};
static const struct job_step REMOVE_STEPS[] = {
    {.name = "remove", .title_key = "step.detail_remove", .commit = remove_commit, .max_attempts = 1}};

const struct job_kind DETAIL_ADD = {
    .name = "detail.add",
    .command = "addResourceDetail",
    .version = 1,
    .input = &DETAIL_JOB_INPUT,
    .steps = WRITE_STEPS,
    .step_count = COUNT_OF(WRITE_STEPS),
    .event = "CREATE_RESOURCE_DETAILS",
};
const struct job_kind DETAIL_REMOVE = {
    .name = "detail.remove",
    .command = "removeResourceDetail",
    .version = 1,
    .input = &DETAIL_JOB_INPUT,
    .steps = REMOVE_STEPS,
    .step_count = COUNT_OF(REMOVE_STEPS),
    .event = "DELETE_RESOURCE_DETAILS",
};
