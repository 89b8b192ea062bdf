/* login and logout. */
#include "cloud/identity/identity_service.h"

#include "base/text.h"

struct login_args {
    const char *username;
    struct secret password;
    const char *domain, *domainId;
};
FIELD_TABLE(LOGIN_ARGS, struct login_args,
            FIELD(struct login_args, username, .flags = FIELD_REQUIRED, .help = "The name of the user"),
            FIELD(struct login_args, password, .flags = FIELD_REQUIRED | FIELD_SENSITIVE,
                  .help = "The password, in plain text over TLS"),
            FIELD(struct login_args, domain, .help = "The path of the user's domain, such as /a/b; ROOT when absent"),
            FIELD(struct login_args, domainId, .help = "The user's domain by its id, instead of domain"));

struct login_response {
    const char *username, *userid, *domainid, *account, *firstname, *lastname, *type, *timezone, *timezoneoffset,
        *registered, *sessionkey;
    const char *is2faenabled, *is2faverified, *providerfor2fa, *issuerfor2fa, *managementserverid;
    int64_t timeout;
};
FIELD_TABLE(
    LOGIN_RESPONSE, struct login_response, FIELD(struct login_response, username, .help = "The name of the user"),
    FIELD(struct login_response, userid, .help = "The user"),
    FIELD(struct login_response, domainid, .help = "The user's domain"),
    FIELD(struct login_response, timeout, .help = "Seconds after which an unused session ends"),
    FIELD(struct login_response, account, .help = "The name of the user's account"),
    FIELD(struct login_response, firstname, .help = "The user's first name"),
    FIELD(struct login_response, lastname, .help = "The user's last name"),
    FIELD(struct login_response, type,
          .help = "The account's type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
    FIELD(struct login_response, timezone, .help = "The user's time zone"),
    FIELD(struct login_response, timezoneoffset, .help = "The offset of that time zone in hours"),
    FIELD(struct login_response, registered, .help = "false: the user needs no registration"),
    FIELD(struct login_response, sessionkey, .help = "Must come along with every request of the session"),
    FIELD(struct login_response, is2faenabled, .since = "4.18.0.0", .help = "true when a second factor is asked for"),
    FIELD(struct login_response, is2faverified, .since = "4.18.0.0", .help = "true when the second factor was given"),
    FIELD(struct login_response, providerfor2fa, .since = "4.18.0.0",
          .help = "The kind of second factor; absent while none is set up"),
    FIELD(struct login_response, issuerfor2fa, .since = "4.18.0.0", .help = "Who issues second factors"),
    FIELD(struct login_response, managementserverid, .since = "4.21.0.0", .help = "The server that answered",
          .no_effect = "any web process answers any request"));

bool identity_path_of_domain(struct api_call *call, const char *domain_path, const char *domain_uuid,
                             const char **ret_path, struct error *err)
{
    const struct domain_row *domain = NULL;
    *ret_path = domain_path;
    if (!domain_uuid)
        return true;
    if (!domain_by_uuid(call->db, call->arena, domain_uuid, &domain, err))
        return false;
    *ret_path = domain ? domain->path : "/no/such/domain";
    return true;
}

bool identity_reply_login(struct api_call *call, const struct identity_login *login, struct error *err)
{
    if (call->caller->session_id && !identity_log_out(call->db, call->caller->session_id, err))
        return false;
    struct login_response *response = ARENA_NEW(call->arena, struct login_response);
    *response = (struct login_response){
        .username = login->caller->username,
        .userid = login->caller->user_uuid,
        .domainid = login->caller->domain_uuid,
        .account = login->caller->account_name,
        .firstname = login->first_name,
        .lastname = login->last_name,
        .type = arena_printf(call->arena, "%d", (int)role_wire_type((int64_t)login->caller->role_type)),
        .timezone = login->timezone ? login->timezone : "UTC",
        .timezoneoffset = "0.0",
        .registered = "false",
        .sessionkey = login->session_key,
        .is2faenabled = login->wants_factor ? "true" : "false",
        .is2faverified = login->wants_factor ? "false" : "true",
        .providerfor2fa = login->wants_factor && login->has_factor ? "totp" : NULL,
        .issuerfor2fa = login->issuer,
        .timeout = login->timeout_s};
    api_set_session(call, login->session_token, login->session_key);
    api_reply_object(call, response);
    return true;
}

static bool log_in(struct api_call *call, const void *arguments, struct error *err)
{
    const struct login_args *args = arguments;
    struct identity_login login;
    struct sign_in_place place = {call->caller->remote_address, call->caller->user_agent};
    const char *path = NULL;
    if (!identity_path_of_domain(call, args->domain, args->domainId, &path, err))
        return false;
    return identity_log_in(call->db, call->arena, args->username, args->password, path, &place, &login, err) &&
           identity_reply_login(call, &login, err);
}

struct logout_response {
    const char *description;
};
FIELD_TABLE(LOGOUT_RESPONSE, struct logout_response, FIELD(struct logout_response, description, .help = "success"));

static bool log_out(struct api_call *call, const void *args, struct error *err)
{
    struct logout_response *response = ARENA_NEW(call->arena, struct logout_response);
    (void)args;
    if (call->caller->session_id && !identity_log_out(call->db, call->caller->session_id, err))
        return false;
    response->description = "success";
    api_set_session(call, NULL, NULL);
    api_reply_object(call, response);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "login",
     .summary = "Begins a session",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN | API_POST_ONLY,
     .params = &LOGIN_ARGS,
     .response = &LOGIN_RESPONSE,
     .handle = log_in,
     .group = "Authentication"},
    {.name = "logout",
     .summary = "Ends the session",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN,
     .response = &LOGOUT_RESPONSE,
     .handle = log_out,
     .group = "Authentication"},
    {.name = NULL},
};

void identity_register_login(void)
{
    api_register_commands(COMMANDS);
}
