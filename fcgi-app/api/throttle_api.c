/* getApiLimit, resetApiLimit: what is left of the caller's rate limit, and a fresh start. */
#include "api/room.h"

#include "api/call.h"
#include "api/throttle.h"

struct api_limit_response {
    const char *accountid, *account;
    int32_t apiIssued, apiAllowed;
    int64_t expireAfter;
};
FIELD_TABLE(API_LIMIT_RESPONSE, struct api_limit_response,
            FIELD(struct api_limit_response, accountid, .help = "The account whose requests are counted"),
            FIELD(struct api_limit_response, account, .help = "The name of that account"),
            FIELD(struct api_limit_response, apiIssued, .help = "Requests that the account sent in this interval"),
            FIELD(struct api_limit_response, apiAllowed, .help = "Requests that the account may send in an interval"),
            FIELD(struct api_limit_response, expireAfter, .help = "Milliseconds until the next interval begins"));

static bool get_api_limit(struct api_call *call, const void *args, struct error *err)
{
    struct api_limit_response *response = ARENA_NEW(call->arena, struct api_limit_response);
    struct throttle_state state = throttle_look(call->caller->account_id);
    (void)args;
    (void)err;
    *response = (struct api_limit_response){.accountid = call->caller->account_uuid,
                                            .account = call->caller->account_name,
                                            .apiIssued = (int32_t)state.issued,
                                            .apiAllowed = (int32_t)state.allowed,
                                            .expireAfter = state.expires_ms};
    api_reply_object(call, response);
    return true;
}

struct reset_args {
    struct object_ref account;
};
FIELD_TABLE(RESET_API_LIMIT_ARGS, struct reset_args,
            FIELD(struct reset_args, account, .refers_to = "account",
                  .help = "The account that begins anew; without it all accounts do"));

static bool reset_api_limit(struct api_call *call, const void *arguments, struct error *err)
{
    const struct reset_args *args = arguments;
    (void)err;
    throttle_reset(args->account.id);
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "getApiLimit",
     .summary = "Tells how many requests the caller's account has left in this interval",
     .object_key = "apilimit",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .response = &API_LIMIT_RESPONSE,
     .handle = get_api_limit,
     .group = "Limit"},
    {.name = "resetApiLimit",
     .summary = "Lets an account, or all, begin a new interval of the request limit",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &RESET_API_LIMIT_ARGS,
     .handle = reset_api_limit,
     .group = "Limit"},
    {.name = NULL},
};

void room_register_throttle(void)
{
    api_register_commands(COMMANDS);
}
