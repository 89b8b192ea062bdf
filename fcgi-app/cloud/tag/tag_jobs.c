/* The jobs behind createTags and deleteTags: one step without a plugin, all its rows in one transaction. */
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/tag/tag_jobs.h"
#include "cloud/tag/tag_store.h"

FIELD_TABLE(TAG_JOB_INPUT, struct tag_job_input, COLUMN(struct tag_job_input, kind),
            COLUMN(struct tag_job_input, uuids), COLUMN(struct tag_job_input, keys),
            COLUMN(struct tag_job_input, values), COLUMN(struct tag_job_input, customer));

static bool find(struct job_run *run, const char *kind, const char *uuid, struct object_found *ret_found,
                 struct error *err)
{
    const struct object_kind *object_kind = api_find_kind(kind);
    bool exists = false;
    if (object_kind == NULL || !object_kind->find(run->db, run->arena, uuid, ret_found, &exists, err))
        return object_kind != NULL ? false
                                   : error_with(err, ERROR_INVALID_VALUE, "tag.type_unknown", E_TEXT("type", kind));
    if (!exists)
        return error_with(err, ERROR_INVALID_VALUE, "tag.object_gone", E_TEXT("id", uuid));
    return true;
}

static bool tag_one_object(struct job_run *run, const struct tag_job_input *input, const char *uuid, struct error *err)
{
    struct object_found found;
    struct owner owner;
    int64_t have = 0;
    if (!find(run, input->kind, uuid, &found, err))
        return false;
    /* What no account owns (zones, offerings, domains) has the tags of who puts them there. */
    int64_t account_id = found.owner_account_id != 0 ? found.owner_account_id : run->stamp.account_id;
    if (!identity_owner_any(run->db, run->arena, account_id, &owner, err))
        return false;
    for (size_t i = 0; i < input->keys.count; i++) {
        struct tag_entry entry = {.kind = input->kind,
                                  .object_uuid = uuid,
                                  .key = input->keys.items[i],
                                  .value = input->values.items[i],
                                  .customer = input->customer,
                                  .object_id = found.id,
                                  .account_id = owner.account_id,
                                  .domain_id = owner.domain_id};
        if (!tag_set(run->db, &entry, err))
            return false;
    }
    if (!tag_store_count_of(run->db, input->kind, found.id, &have, err))
        return false;
    if (have > TAGS_PER_OBJECT_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "tag.too_many", E_INT("max", TAGS_PER_OBJECT_MAX));
    return true;
}

static bool write_commit(struct job_run *run, struct error *err)
{
    const struct tag_job_input *input = run->input;
    for (size_t i = 0; i < input->uuids.count; i++)
        if (!tag_one_object(run, input, input->uuids.items[i], err))
            return false;
    return true;
}

static bool remove_commit(struct job_run *run, struct error *err)
{
    const struct tag_job_input *input = run->input;
    for (size_t i = 0; i < input->uuids.count; i++) {
        struct object_found found;
        if (!find(run, input->kind, input->uuids.items[i], &found, err))
            return false;
        if (input->keys.count == 0 && !tag_forget(run->db, input->kind, found.id, err))
            return false;
        for (size_t j = 0; j < input->keys.count; j++) {
            const char *value = string_is_empty(input->values.items[j]) ? NULL : input->values.items[j];
            if (!tag_store_remove(run->db, input->kind, found.id, input->keys.items[j], value, err))
                return false;
        }
    }
    return true;
}

static const struct job_step WRITE_STEPS[] = {
    {.name = "write", .title_key = "step.tag_write", .commit = write_commit, .max_attempts = 1}};
static const struct job_step REMOVE_STEPS[] = {
    {.name = "remove", .title_key = "step.tag_remove", .commit = remove_commit, .max_attempts = 1}};

const struct job_kind TAG_CREATE = {
    .name = "tag.create",
    .command = "createTags",
    .version = 1,
    .input = &TAG_JOB_INPUT,
    .steps = WRITE_STEPS,
    .step_count = COUNT_OF(WRITE_STEPS),
    .event = "CREATE_TAGS",
};
const struct job_kind TAG_DELETE = {
    .name = "tag.delete",
    .command = "deleteTags",
    .version = 1,
    .input = &TAG_JOB_INPUT,
    .steps = REMOVE_STEPS,
    .step_count = COUNT_OF(REMOVE_STEPS),
    .event = "DELETE_TAGS",
};
