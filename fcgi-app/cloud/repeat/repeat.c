/* What the api room asks of repeated calls, and forgetting them. */
#include "cloud/repeat/repeat.h"

#include "api/repeat.h"
#include "base/clock.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/repeat/repeat_store.h"
#include "jobs/jobs.h"

enum { HOUR_MS = 3600000, FORGET_EVERY_MS = 600000, FORGET_ROUNDS = 100 };

SETTING(REPEAT_RETENTION, .name = "api.idempotency.retention", .category = "Advanced", .default_value = "24",
        .type = SETTING_INT, .min = 1, .max = 720, .scopes = SCOPE_GLOBAL,
        .help = "Hours for which a repeated write with the same Idempotency-Key gets the first answer");

static int64_t oldest_ms(void)
{
    return clock_now_ms() - setting_int(&REPEAT_RETENTION) * HOUR_MS;
}

static const char *place_of(struct arena *arena, const struct repeat_key *key)
{
    return arena_printf(arena, "repeated_call.answer:%lld:%s", (long long)key->user_id, key->hash);
}

static bool find(struct db *db, struct arena *arena, const struct repeat_key *key, struct repeat_answer *ret_answer,
                 bool *ret_found, struct error *err)
{
    struct repeat_row row = {0};
    struct secret opened = {0};
    if (!repeat_find(db, arena, key->user_id, key->hash, oldest_ms(), &row, ret_found, err))
        return false;
    if (!*ret_found)
        return true;
    if (!secret_open(arena, row.sealed_answer, place_of(arena, key), &opened, err))
        return false;
    const char *text = arena_strndup(arena, opened.bytes, opened.length);
    size_t length = strcspn(text, "\n");
    *ret_answer = (struct repeat_answer){.request_hash = arena_strndup(arena, text, length),
                                         .reply = text[length] ? text + length + 1 : "",
                                         .job = {.id = row.job_id}};
    string_copy(ret_answer->job.uuid, sizeof(ret_answer->job.uuid), row.job_uuid ? row.job_uuid : "");
    return true;
}

static bool claim(struct db *db, const struct repeat_key *key, bool *ret_is_new, struct error *err)
{
    return repeat_forget_one(db, key->user_id, key->hash, oldest_ms(), err) &&
           repeat_insert(db, key->user_id, key->hash, ret_is_new, err);
}

static bool keep(struct db *db, struct arena *arena, const struct repeat_key *key, const struct repeat_answer *answer,
                 struct error *err)
{
    const char *text = arena_printf(arena, "%s\n%s", answer->request_hash, answer->reply);
    struct repeat_row row = {.job_id = answer->job.id,
                             .job_uuid = answer->job.id ? answer->job.uuid : NULL,
                             .sealed_answer = secret_seal(arena, secret_from(arena, text), place_of(arena, key))};
    return repeat_fill(db, key->user_id, key->hash, &row, err);
}

static bool forget(struct db *db, struct arena *arena, struct error *err)
{
    uint64_t count = REPEAT_FORGET_ROWS;
    (void)arena;
    for (int round = 0; round < FORGET_ROUNDS && count == REPEAT_FORGET_ROWS; round++)
        if (!repeat_forget(db, oldest_ms(), &count, err))
            return false;
    return true;
}

void repeat_register(void)
{
    static const struct repeat_hooks hooks = {.find = find, .claim = claim, .keep = keep};
    static const struct job_schedule schedule = {
        .name = "repeat.forget", .interval_ms = FORGET_EVERY_MS, .run = forget};
    repeat_set_hooks(&hooks);
    job_register_schedule(&schedule);
}
