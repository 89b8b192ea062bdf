/* Commands about second factors. Callers with API keys are not asked for one: a key is no password that people type. */
#include "base/text.h"
#include "cloud/signin/signin_factor.h"

/* ---- setupUserTwoFactorAuthentication ---- */

struct setup_args {
    struct opt_bool enable;
    const char *provider;
    struct object_ref userid;
};
static const char *const PROVIDER_CHOICES[] = {FACTOR_PROVIDER, NULL};
FIELD_TABLE(FACTOR_SETUP_ARGS, struct setup_args,
            FIELD(struct setup_args, enable, .help = "false takes the second factor away; true when absent"),
            FIELD(struct setup_args, provider, .choices = PROVIDER_CHOICES,
                  .help = "The kind of second factor: totp, which is also meant when absent"),
            FIELD(struct setup_args, userid, .refers_to = "user",
                  .help = "An administrator takes this user's second factor away; goes with enable=false"));

struct setup_response {
    const char *id, *username, *accountid, *secretcode;
};
FIELD_TABLE(FACTOR_SETUP_RESPONSE, struct setup_response, FIELD(struct setup_response, id, .help = "The user"),
            FIELD(struct setup_response, username, .help = "The user's name"),
            FIELD(struct setup_response, accountid, .help = "The user's account"),
            FIELD(struct setup_response, secretcode,
                  .help = "The secret for the authenticator program, in base32; told only once"));

static bool find_user(struct api_call *call, const struct object_ref *ref, struct identity_user **ret_user,
                      struct error *err)
{
    int64_t id = ref->id ? ref->id : call->caller->user_id;
    if (!identity_find_user_any(call->db, call->arena, id, ret_user, err))
        return false;
    if (!*ret_user)
        return error_set(err, ERROR_INTERNAL, "identity.user_gone");
    return identity_check_above(call, *ret_user, err);
}

static bool set_up(struct api_call *call, const void *arguments, struct error *err)
{
    const struct setup_args *args = arguments;
    bool enables = !args->enable.set || args->enable.value;
    struct identity_user *user = NULL;
    struct setup_response *response = ARENA_NEW(call->arena, struct setup_response);
    if (!find_user(call, &args->userid, &user, err))
        return false;
    if (enables && user->id != call->caller->user_id)
        return error_set(err, ERROR_INVALID_VALUE, "signin.factor_own_only");
    if (args->provider && !string_equal_ignoring_case(args->provider, FACTOR_PROVIDER))
        return error_set(err, ERROR_INVALID_VALUE, "signin.factor_not_offered");
    *response = (struct setup_response){.id = user->uuid, .username = user->username, .accountid = user->account_uuid};
    if (enables ? !factor_set_up(call->db, call->arena, call->caller, &response->secretcode, err)
                : !factor_take_away(call->db, call->arena, call->caller, user, err))
        return false;
    api_reply_object(call, response);
    return true;
}

/* ---- validateUserTwoFactorAuthenticationCode ---- */

struct validate_args {
    const char *codefor2fa;
};
FIELD_TABLE(FACTOR_VALIDATE_ARGS, struct validate_args,
            FIELD(struct validate_args, codefor2fa, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .max = 16,
                  .help = "The code that the authenticator program shows"));

static bool validate(struct api_call *call, const void *arguments, struct error *err)
{
    const struct validate_args *args = arguments;
    if (!factor_validate(call->db, call->arena, call->caller, args->codefor2fa, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

/* ---- listUserTwoFactorAuthenticatorProviders ---- */

struct provider {
    const char *name, *description;
};
FIELD_TABLE(FACTOR_PROVIDER_RESPONSE, struct provider,
            FIELD(struct provider, name, .help = "The provider's name, for setupUserTwoFactorAuthentication"),
            FIELD(struct provider, description, .help = "What it is"));

struct providers_args {
    const char *name;
};
FIELD_TABLE(FACTOR_PROVIDERS_ARGS, struct providers_args,
            FIELD(struct providers_args, name, .help = "Lists only the provider of this name"));

static bool list_providers(struct api_call *call, const void *arguments, struct error *err)
{
    static const struct provider TOTP = {.name = FACTOR_PROVIDER,
                                         .description = "TOTP user two factor authentication provider plugin"};
    const struct providers_args *args = arguments;
    size_t count = !args->name || string_equal_ignoring_case(args->name, TOTP.name) ? 1 : 0;
    (void)err;
    api_reply_list(call, &TOTP, count, (int64_t)count);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "setupUserTwoFactorAuthentication",
     .summary = "Makes a secret for a second factor, or takes the second factor away",
     .since = "4.18.0",
     .object_key = "setup2fa",
     .event = "USER.2FA.SETUP",
     .mode = API_SYNC,
     .flags = API_BEFORE_FACTOR,
     .roles = ROLES_ALL,
     .params = &FACTOR_SETUP_ARGS,
     .response = &FACTOR_SETUP_RESPONSE,
     .handle = set_up,
     .group = "User"},
    {.name = "validateUserTwoFactorAuthenticationCode",
     .summary = "Gives the code of the second factor, so that the session may go on",
     .since = "4.18.0",
     .mode = API_SYNC,
     .flags = API_BEFORE_FACTOR | API_SESSION_ONLY,
     .roles = ROLES_ALL,
     .params = &FACTOR_VALIDATE_ARGS,
     .handle = validate,
     .group = "User"},
    {.name = "listUserTwoFactorAuthenticatorProviders",
     .summary = "Lists the kinds of second factors",
     .since = "4.18.0",
     .object_key = "providers",
     .mode = API_LIST,
     .flags = API_BEFORE_FACTOR | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &FACTOR_PROVIDERS_ARGS,
     .response = &FACTOR_PROVIDER_RESPONSE,
     .handle = list_providers,
     .group = "User"},
    {.name = NULL},
};

void signin_register_factor(void)
{
    api_register_commands(COMMANDS);
}
