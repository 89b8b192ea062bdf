/* The operator's command line: runs one API command as the first administrator, waits for its job, and prints the
 * reply. It needs no credentials but the right to read gurum.conf and the key file; clients on other machines use the
 * API. */
#include "roles.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/message.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/settings/settings.h"

enum { CALL_PARAMS_MAX = 64, WAIT_MS = 600 * 1000, POLL_MS = 100 };

/* The member `name` of the reply itself or of the first object in it; NULL: none. */
static const char *find_value(struct json_object *reply, const char *name)
{
    struct json_object *member;
    if (json_object_is_type(reply, json_type_array))
        return json_object_array_length(reply) ? find_value(json_object_array_get_idx(reply, 0), name) : NULL;
    if (!json_object_is_type(reply, json_type_object))
        return NULL;
    if (json_object_object_get_ex(reply, name, &member))
        return json_object_get_string(member);
    json_object_object_foreach(reply, key, value)
    {
        (void)key;
        const char *found = find_value(value, name);
        if (found)
            return found;
    }
    return NULL;
}

/* Follows the job of an async command to its end; the result takes the reply's place. */
static bool wait_for_job(struct db *db, struct arena *arena, const struct caller *caller, struct json_object **reply,
                         struct error *err)
{
    struct json_object *job, *status, *result = NULL;
    if (!json_object_object_get_ex(*reply, "jobid", &job) || json_object_object_get_ex(*reply, "jobstatus", &status))
        return true;
    struct api_param param = {.name = "jobid", .value = arena_strdup(arena, json_object_get_string(job))};
    for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += POLL_MS) {
        if (!api_invoke(db, arena, caller, "queryAsyncJobResult", &param, 1, 0, reply, err))
            return false;
        if (json_object_object_get_ex(*reply, "jobstatus", &status) && json_object_get_int(status) != 0)
            break;
        usleep(POLL_MS * 1000);
    }
    json_object_object_get_ex(*reply, "jobresult", &result);
    if (json_object_get_int(status) == 1)
        *reply = result ? result : *reply;
    else
        return error_with(err, ERROR_INTERNAL, "call.failed",
                          E_TEXT("reason", result ? find_value(result, "errortext") : "time-out"));
    return true;
}

static bool run(struct app *app, struct db *db, const char *command, const char *const *words, size_t count,
                const char *wanted, struct error *err)
{
    struct api_param params[CALL_PARAMS_MAX];
    struct caller *caller = NULL;
    struct json_object *reply = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        if (!equals || i == CALL_PARAMS_MAX)
            return error_with(err, ERROR_INTERNAL, "role.usage",
                              E_TEXT("usage", "call [--value NAME] COMMAND NAME=VALUE…"));
        params[i] = (struct api_param){.name = arena_strndup(&app->arena, words[i], (size_t)(equals - words[i])),
                                       .value = equals + 1};
    }
    if (!settings_refresh(db, err) || !identity_find_first_admin(db, &app->arena, &caller, err))
        return false;
    char request_id[UUID_BYTES]; /* ties the audit record to its job */
    uuid_random(request_id);
    caller->request_id = request_id;
    if (!api_invoke(db, &app->arena, caller, command, params, count, WAIT_MS, &reply, err) ||
        !wait_for_job(db, &app->arena, caller, &reply, err))
        return false;
    if (wanted) {
        const char *value = find_value(reply, wanted);
        printf("%s\n", value ? value : "");
    } else {
        printf("%s\n", json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    return true;
}

bool role_call(struct app *app, const struct invocation *invocation, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    const char *const *words = invocation->arguments;
    size_t count = invocation->argument_count;
    const char *wanted = NULL;
    if (count >= 2 && string_equal(words[0], "--value")) {
        wanted = words[1];
        words += 2;
        count -= 2;
    }
    if (count == 0)
        return error_with(err, ERROR_INTERNAL, "role.usage",
                          E_TEXT("usage", "call [--value NAME] COMMAND NAME=VALUE…"));
    return db_acquire(app->pool, &db, err) && run(app, db, words[0], words + 1, count - 1, wanted, err);
}
