/* forgotPassword, resetPassword: for people who are not signed in. And listIdps. */
#include "cloud/signin/signin_reset.h"

struct forgot_args {
    const char *username, *domain;
};
FIELD_TABLE(FORGOT_ARGS, struct forgot_args,
            FIELD(struct forgot_args, username, .flags = FIELD_REQUIRED, .help = "The name of the user"),
            FIELD(struct forgot_args, domain, .help = "The path of the user's domain, such as /a/b; ROOT when absent"));

static bool forgot(struct api_call *call, const void *arguments, struct error *err)
{
    const struct forgot_args *args = arguments;
    /* Nobody's: no list of tasks shows whose name was asked for. */
    const struct job_stamp stamp = {.request_id = call->caller->request_id,
                                    .remote_address = call->caller->remote_address,
                                    .language = call->language};
    if (!reset_request(call->db, &stamp, args->username, args->domain, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

struct reset_args {
    const char *username, *domain, *token;
    struct secret password;
};
FIELD_TABLE(RESET_ARGS, struct reset_args,
            FIELD(struct reset_args, username, .flags = FIELD_REQUIRED, .help = "The name of the user"),
            FIELD(struct reset_args, domain, .help = "The path of the user's domain, such as /a/b; ROOT when absent"),
            FIELD(struct reset_args, token, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .help = "What the letter said"),
            FIELD(struct reset_args, password, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .help = "The new password"));

static bool reset(struct api_call *call, const void *arguments, struct error *err)
{
    const struct reset_args *args = arguments;
    if (!reset_password(call->db, call->arena, args->username, args->domain, args->token, args->password, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

struct idp {
    const char *id, *orgName, *orgUrl;
};
#define NO_SAML .no_effect = "sign-in by SAML is not offered"
FIELD_TABLE(IDP_RESPONSE, struct idp, FIELD(struct idp, id, .help = "The identity provider", NO_SAML),
            FIELD(struct idp, orgName, .help = "The name of its organisation", NO_SAML),
            FIELD(struct idp, orgUrl, .help = "The address of its organisation", NO_SAML));

/* What user interfaces ask before they draw the login page; a provider in it would be taken for one of SAML. */
static bool list_idps(struct api_call *call, const void *arguments, struct error *err)
{
    (void)arguments, (void)err;
    api_reply_list(call, NULL, 0, 0);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "forgotPassword",
     .summary = "Sends a letter with a link that sets a new password, if there is such a user",
     .since = "4.20.0.0",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN | API_POST_ONLY,
     .params = &FORGOT_ARGS,
     .handle = forgot,
     .group = "Authentication"},
    {.name = "resetPassword",
     .summary = "Sets a new password by the token of a letter",
     .since = "4.20.0.0",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN | API_POST_ONLY,
     .params = &RESET_ARGS,
     .handle = reset,
     .group = "Authentication"},
    {.name = "listIdps",
     .summary = "Lists identity providers of SAML: none, while sign-in by SAML is not offered",
     .object_key = "idp",
     .mode = API_LIST,
     .flags = API_NO_LOGIN | API_WHOLE_LIST,
     .response = &IDP_RESPONSE,
     .handle = list_idps,
     .group = "Authentication"},
    {.name = NULL},
};

void signin_register_reset(void)
{
    api_register_commands(COMMANDS);
    signin_register_reset_job();
}
