/* Writes with an Idempotency-Key. The key's row, the write and its answer are one transaction: after a crash either all
 * of it is there or nothing. Rows are kept by cloud/repeat. */
#include "api/repeat.h"

#include <strings.h>

#include "api/call.h"
#include "base/text.h"

static const struct repeat_hooks *hooks;

void repeat_set_hooks(const struct repeat_hooks *given)
{
    hooks = given;
}

bool repeat_take_key(struct api_call *call, const char *text, struct error *err)
{
    size_t length = strlen(text);
    bool is_fine = length > 0 && length <= REPEAT_KEY_MAX_BYTES;
    for (size_t i = 0; i < length && is_fine; i++)
        is_fine = text[i] > ' ' && text[i] <= '~';
    if (!is_fine)
        return error_with(err, ERROR_PARAMETER, "api.repeat_key_invalid", E_INT("max", REPEAT_KEY_MAX_BYTES));
    call->repeat_key = text;
    return true;
}

/* Names that say who asks and when, not what. */
static bool is_credential(const char *name)
{
    static const char *const names[] = {"apikey", "signature", "signatureversion", "expires", "sessionkey", "_"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* Lengths go in front, so that no value can pass for a name. */
static const char *hash_request(const struct api_call *call)
{
    char *hex = arena_alloc(call->arena, 65);
    struct text all;
    text_init(&all, call->arena, 2 * HTTP_BODY_MAX_BYTES);
    text_addf(&all, "%s\n", call->command->name);
    for (size_t i = 0; i < call->wire->count; i++) {
        const struct api_param *param = &call->wire->items[i];
        if (!is_credential(param->name))
            text_addf(&all, "%zu:%s=%zu:%s\n", strlen(param->name), param->name, strlen(param->value), param->value);
    }
    token_hash(text_string(&all), hex);
    return hex;
}

struct attempt {
    struct api_call *call;
    bool (*run)(struct api_call *call, const void *args, struct error *err);
    const void *args;
    struct repeat_key key;
    const char *request_hash;
    bool was_answered;
};

static struct attempt attempt_of(struct api_call *call)
{
    struct attempt attempt = {.call = call, .request_hash = hash_request(call)};
    attempt.key.user_id = call->caller->user_id;
    token_hash(call->repeat_key, attempt.key.hash);
    return attempt;
}

static bool look(struct attempt *attempt, struct error *err)
{
    struct api_call *call = attempt->call;
    struct repeat_answer answer = {0};
    bool found = false;
    if (!hooks->find(call->db, call->arena, &attempt->key, &answer, &found, err))
        return false;
    if (!found)
        return true;
    if (!string_equal(answer.request_hash, attempt->request_hash))
        return error_set(err, ERROR_PARAMETER, "api.repeat_differs");
    attempt->was_answered = true;
    *call->reply = answer.job.id ? (struct api_reply){.form = REPLY_JOB, .job = answer.job}
                                 : (struct api_reply){.form = REPLY_KEPT, .kept = answer.reply};
    return true;
}

static bool keep_answer(const struct attempt *attempt, struct db *db, struct error *err)
{
    struct api_call *call = attempt->call;
    struct repeat_answer answer = {.request_hash = attempt->request_hash, .reply = ""};
    struct text reply;
    if (call->reply->form == REPLY_JOB && call->command->mode == API_WAIT) {
        answer.job = call->reply->job;
    } else {
        text_init(&reply, call->arena, REPEAT_REPLY_MAX_BYTES);
        respond_write(call, commands_of(call->command), &reply);
        answer.reply = text_string(&reply);
        if (reply.overflowed)
            return error_with(err, ERROR_INTERNAL, "api.no_reply", E_TEXT("command", call->command->name));
    }
    return hooks->keep(db, call->arena, &attempt->key, &answer, err);
}

/* False with was_answered: there is nothing to commit, so that nothing that rides along is recorded either. */
static bool attempt_call(struct db *db, void *context, struct error *err)
{
    struct attempt *attempt = context;
    bool is_new = false;
    if (!hooks->claim(db, &attempt->key, &is_new, err))
        return false;
    if (is_new)
        return attempt->run(attempt->call, attempt->args, err) && keep_answer(attempt, db, err);
    return look(attempt, err) && !attempt->was_answered && error_set(err, ERROR_DATABASE, "api.repeat_again");
}

bool repeat_look(struct api_call *call, bool *ret_was_answered, struct error *err)
{
    struct attempt attempt = attempt_of(call);
    bool ok = look(&attempt, err);
    *ret_was_answered = attempt.was_answered;
    return ok;
}

bool repeat_run(struct api_call *call, bool (*run)(struct api_call *call, const void *args, struct error *err),
                const void *args, bool *ret_was_answered, struct error *err)
{
    struct attempt attempt = attempt_of(call);
    attempt.run = run;
    attempt.args = args;
    bool ok = db_transaction(call->db, attempt_call, &attempt, err);
    *ret_was_answered = attempt.was_answered;
    return ok || attempt.was_answered;
}
