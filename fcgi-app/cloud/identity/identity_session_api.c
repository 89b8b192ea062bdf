/* Sessions of people: who is signed in, from where; ending them. */
#include "base/clock.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/identity/identity_service.h"
#include "cloud/signin/signin.h"

struct session_response {
    const char *id, *userid, *username, *accountid, *account, *domainid, *domain, *ipaddress, *useragent;
    bool iscurrent, is2faverified;
    struct opt_time created, lastused, expires;
};
#define SESSION(member, text) FIELD(struct session_response, member, .help = text)
FIELD_TABLE(SESSION_RESPONSE, struct session_response, SESSION(id, "The session"), SESSION(userid, "Whose it is"),
            SESSION(username, "The name of that user"), SESSION(accountid, "The user's account"),
            SESSION(account, "The name of that account"), SESSION(domainid, "The account's domain"),
            SESSION(domain, "The name of that domain"), SESSION(ipaddress, "Where it was begun from"),
            SESSION(useragent, "What the browser or program called itself"),
            SESSION(iscurrent, "True for the session that asks"),
            SESSION(is2faverified, "False while a second factor is owed"), SESSION(created, "When it was begun"),
            SESSION(lastused, "When it was used last, to the minute"),
            SESSION(expires, "When it ends if it is not used before"));

static bool fill(struct api_call *call, const struct session_view *row, struct session_response *to, struct error *err)
{
    struct identity_user *user = NULL;
    struct identity_account *account = NULL;
    bool wants_factor = false;
    if (!identity_find_user_any(call->db, call->arena, row->user_id, &user, err))
        return false;
    if (user && (!identity_find_account_any(call->db, call->arena, user->account_id, &account, err) ||
                 !signin_wants_factor(call->db, call->arena, user, &wants_factor, err)))
        return false;
    *to = (struct session_response){.id = row->uuid,
                                    .ipaddress = row->remote_address,
                                    .useragent = row->user_agent,
                                    .iscurrent = row->id == call->caller->session_id,
                                    .is2faverified = !row->awaits_factor || !wants_factor,
                                    .created = row->created,
                                    .lastused = row->last_used,
                                    .expires = OPT_TIME(identity_session_end(row->created.ms, row->last_used.ms))};
    if (user) {
        to->userid = user->uuid;
        to->username = user->username;
    }
    if (account) {
        to->accountid = account->uuid;
        to->account = account->name;
        to->domainid = account->domain_uuid;
        to->domain = account->domain_name;
    }
    return true;
}

/* ---- the kind ---- */

static bool find_session(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                         bool *ret_exists, struct error *err)
{
    struct session_view row = {0};
    struct identity_user *user = NULL;
    struct identity_account *account = NULL;
    if (!session_by_uuid(db, arena, uuid, &row, ret_exists, err))
        return false;
    if (!*ret_exists)
        return true;
    if (!identity_find_user_any(db, arena, row.user_id, &user, err))
        return false;
    if (user && !identity_find_account_any(db, arena, user->account_id, &account, err))
        return false;
    *ret_found = (struct object_found){.id = row.id,
                                       .owner_account_id = account ? account->id : SCOPE_NOBODY,
                                       .owner_domain_path = account ? account->domain_path : NULL,
                                       .visibility = OBJECT_OWNED,
                                       .name = user ? user->username : ""};
    return true;
}

const struct object_kind SESSION_KIND = {.name = "session",
                                         .wire_type = "Session",
                                         .object_key = "session",
                                         .response = &SESSION_RESPONSE,
                                         .find = find_session};

/* Users and accounts of a page, each in one query. */
static bool prefetch(struct api_call *call, const struct session_view *views, size_t count, struct error *err)
{
    int64_t *user_ids = arena_array(call->arena, count + 1, sizeof(*user_ids));
    int64_t *account_ids = arena_array(call->arena, count + 1, sizeof(*account_ids));
    for (size_t i = 0; i < count; i++)
        user_ids[i] = views[i].user_id;
    if (!user_prefetch(call->db, call->arena, user_ids, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct user_row *user = NULL;
        if (!user_by_id(call->db, call->arena, user_ids[i], &user, err))
            return false;
        account_ids[i] = user ? user->account_id : 0;
    }
    return account_prefetch(call->db, call->arena, account_ids, count, err);
}

/* ---- listSessions ---- */

struct list_args {
    struct object_ref userid;
};
FIELD_TABLE(SESSIONS_LIST_ARGS, struct list_args,
            FIELD(struct list_args, userid, .refers_to = "user", .help = "Lists only sessions of this user"));

static bool list_sessions(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    const struct caller *caller = call->caller;
    struct session_query query = {.user_id = args->userid.id,
                                  .keyword_like = call->page.keyword_like,
                                  .offset = call->page.offset,
                                  .limit = call->page.limit};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (caller->role_type == ROLE_USER) {
        if (args->userid.id && args->userid.id != caller->user_id)
            return identity_refuse_user(call, args->userid.uuid, err);
        query.user_id = caller->user_id;
    } else if (call->scope.projects_only) {
        query.account_id = SCOPE_NOBODY;
    } else if (args->userid.id == 0 && call->scope.form == SCOPE_ACCOUNT_ONLY) {
        query.account_id = call->scope.account_id;
    } else if (args->userid.id == 0 && call->scope.form == SCOPE_DOMAIN_ONLY) {
        query.domain_id = call->scope.domain_id;
    } else if (args->userid.id == 0 && call->scope.form == SCOPE_DOMAIN_TREE) {
        query.below_id = call->scope.domain_id;
    }
    identity_session_limits(&query.used_since_ms, &query.begun_since_ms);
    if (!session_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    const struct session_view *views = rows.items;
    if (!prefetch(call, views, rows.count, err))
        return false;
    struct session_response *sessions = arena_array(call->arena, rows.count + 1, sizeof(*sessions));
    for (size_t i = 0; i < rows.count; i++)
        if (!fill(call, &views[i], &sessions[i], err))
            return false;
    api_reply_list(call, sessions, rows.count, total);
    return true;
}

/* ---- deleteSession, deleteSessions ---- */

struct delete_args {
    struct object_ref id;
};
FIELD_TABLE(SESSION_DELETE_ARGS, struct delete_args,
            FIELD(struct delete_args, id, .flags = FIELD_REQUIRED, .refers_to = "session", .help = "The session"));

static bool check_user(struct api_call *call, int64_t user_id, struct error *err)
{
    struct identity_user *user = NULL;
    if (!identity_find_user_any(call->db, call->arena, user_id, &user, err))
        return false;
    return !user || identity_check_above(call, user, err);
}

static bool delete_session(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_args *args = arguments;
    struct session_view row = {0};
    bool found = false;
    if (!session_by_uuid(call->db, call->arena, args->id.uuid, &row, &found, err))
        return false;
    if (found && (!check_user(call, row.user_id, err) || !session_remove(call->db, row.id, err)))
        return false;
    api_reply_success(call, NULL);
    return true;
}

FIELD_TABLE(SESSIONS_DELETE_ARGS, struct list_args,
            FIELD(struct list_args, userid, .refers_to = "user",
                  .help = "Whose sessions end; the caller's own when absent. The one that asks stays"));

static bool delete_sessions(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    int64_t user_id = args->userid.id ? args->userid.id : call->caller->user_id;
    if (!check_user(call, user_id, err) || !session_remove_of_user(call->db, user_id, call->caller->session_id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listSessions",
     .summary = "Lists sessions: one's own, and for administrators those of the accounts below",
     .object_key = "session",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &SESSIONS_LIST_ARGS,
     .response = &SESSION_RESPONSE,
     .handle = list_sessions,
     .group = "User"},
    {.name = "deleteSession",
     .summary = "Ends a session at once",
     .event = "USER.SESSION.DELETE",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &SESSION_DELETE_ARGS,
     .handle = delete_session,
     .group = "User"},
    {.name = "deleteSessions",
     .summary = "Ends all sessions of a user but the one that asks",
     .event = "USER.SESSION.DELETE",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &SESSIONS_DELETE_ARGS,
     .handle = delete_sessions,
     .group = "User"},
    {.name = NULL},
};

void identity_register_sessions(void)
{
    api_register_commands(COMMANDS);
}
