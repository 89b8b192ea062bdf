/* How records come into being: from commands through the api room's hooks, from ends of jobs; and how they go. */
#include "cloud/audit/audit_service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/identity/identity.h"

SETTING(AUDIT_RETENTION, .name = "audit.retention.days", .category = "Advanced", .default_value = "365",
        .help = "Days for which the audit trail is kept; 0: for ever", .type = SETTING_INT, .scopes = SCOPE_GLOBAL,
        .min = 0, .max = 36500);

enum { FORGET_EVERY_MS = 3600000, REMOVED_AT_ONCE = 1000, ROUNDS = 100, ERROR_TEXT_BYTES = 1000 };

static bool add(struct db *db, struct audit_record *record, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct identity_account *owner = NULL;
    int64_t domain_id = record->caller->domain_id;
    if (record->owner_account_id != record->caller->account_id) {
        if (!identity_find_account_any(db, &arena, record->owner_account_id, &owner, err))
            return false;
        domain_id = owner ? owner->domain_id : domain_id;
    }
    return audit_add(db, record, domain_id, err);
}

static bool end(struct db *db, struct audit_record *record, struct error *err)
{
    return record->id ? audit_complete(db, record, NULL, err) : add(db, record, err);
}

/* ---- the end of a command's job ---- */

static bool describe_after(struct db *db, struct arena *arena, const struct job_event *job, struct audit_record *record,
                           struct error *err)
{
    const struct job_target *target = job->target;
    const struct object_kind *kind = target->object_kind ? api_find_kind(target->object_kind) : NULL;
    struct caller *caller = NULL;
    if (!kind || !target->object_id)
        return true;
    if (!api_identity_hooks()->find_by_user_id(db, arena, job->stamp->user_id, &caller, err))
        return false;
    struct api_call call = {.arena = arena, .db = db, .caller = caller, .language = "en"};
    if (!string_equal(record->object_uuid, target->object_uuid)) { /* the job made it */
        record->before_json = record->object_name = NULL;
        record->object_type = kind->wire_type;
        record->object_uuid = target->object_uuid;
    }
    if (!audit_describe(&call, kind, target->object_id, &record->after_json, err))
        return false;
    audit_differ(arena, &record->before_json, &record->after_json);
    return true;
}

static void set_failure(struct arena *arena, struct audit_record *record, const struct error *failure)
{
    struct text text;
    text_init(&text, arena, ERROR_TEXT_BYTES);
    message_render_error(&text, "en", failure);
    record->result = "failed";
    record->failure_code = OPT_INT(error_http_status(failure->kind));
    record->failure_text = text_string(&text);
}

/* In the transaction that ends the job. */
static bool job_ended(struct db *db, const struct job_event *job, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct audit_row row = {0};
    bool found = false;
    if (!job->stamp->request_id || job->stamp->parent_job_uuid)
        return true;
    if (!audit_find_begun(db, &arena, job->stamp->request_id, job->command, &row, &found, err))
        return false;
    if (!found)
        return true;
    struct audit_record record = {.id = row.id,
                                  .result = "done",
                                  .object_type = row.object_type,
                                  .object_uuid = row.object_uuid,
                                  .object_name = row.object_name,
                                  .before_json = row.before_data};
    if (job->failure)
        set_failure(&arena, &record, job->failure);
    if (!describe_after(db, &arena, job, &record, err))
        return false;
    return audit_complete(db, &record, job->job_uuid, err);
}

/* ---- retention ---- */

static bool forget(struct db *db, struct arena *arena, struct error *err)
{
    int64_t days = setting_int(&AUDIT_RETENTION);
    uint64_t removed = REMOVED_AT_ONCE;
    (void)arena;
    for (int i = 0; days > 0 && i < ROUNDS && removed == REMOVED_AT_ONCE; i++)
        if (!audit_remove_before(db, clock_now_ms() - days * 86400000, REMOVED_AT_ONCE, &removed, err))
            return false;
    return true;
}

void audit_service_register(void)
{
    static const struct audit_hooks HOOKS = {.begin = add, .end = end};
    static const struct job_schedule FORGET = {.name = "audit.forget", .interval_ms = FORGET_EVERY_MS, .run = forget};
    api_set_audit_hooks(&HOOKS);
    job_set_end_hook(job_ended);
    job_register_schedule(&FORGET);
}
