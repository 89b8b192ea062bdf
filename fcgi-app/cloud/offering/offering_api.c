/* What the command files of this feature share, and their registration. */
#include "cloud/offering/offering_api.h"
#include "cloud/offering/offering_store.h"

#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/offering/offering_rules.h"

bool offering_domain_path(struct api_call *call, int64_t domain_id, const char **ret_path, struct error *err)
{
    struct identity_domain *domain = NULL;
    if (!identity_find_domain_any(call->db, call->arena, domain_id, &domain, err))
        return false;
    *ret_path = domain ? domain->path : "";
    return true;
}

bool offering_read_state(const char *text, const char **ret_state, struct error *err)
{
    static const char *const STATES[] = {"Active", "Inactive"};
    for (size_t i = 0; text && i < COUNT_OF(STATES); i++)
        if (string_equal_ignoring_case(text, STATES[i])) {
            *ret_state = STATES[i];
            return true;
        }
    return !text || error_with(err, ERROR_INVALID_VALUE, "offering.unknown_word", E_TEXT("parameter", "state"),
                               E_TEXT("value", text));
}

/* ---- isAccountAllowedToCreateOfferingsWithTags ---- */

struct tags_allowed_args {
    struct object_ref id;
};
FIELD_TABLE(TAGS_ALLOWED_ARGS, struct tags_allowed_args,
            FIELD(struct tags_allowed_args, id, .flags = FIELD_REQUIRED, .refers_to = "account",
                  .help = "The account"));
struct tags_allowed_response {
    bool isallowed;
};
FIELD_TABLE(TAGS_ALLOWED_RESPONSE, struct tags_allowed_response,
            FIELD(struct tags_allowed_response, isallowed, .help = "True when its offerings may have tags"));

static bool tell_tags_allowed(struct api_call *call, const void *arguments, struct error *err)
{
    const struct tags_allowed_args *args = arguments;
    struct tags_allowed_response *response = ARENA_NEW(call->arena, struct tags_allowed_response);
    if (!offering_may_have_tags(call->db, call->arena, args->id.id, &response->isallowed, err))
        return false;
    api_reply_object(call, response);
    return true;
}

static const struct api_command TAGS_COMMANDS[] = {
    {.name = "isAccountAllowedToCreateOfferingsWithTags",
     .summary = "Tells whether an account may give its offerings host and storage tags",
     .object_key = "isallowed",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &TAGS_ALLOWED_ARGS,
     .response = &TAGS_ALLOWED_RESPONSE,
     .handle = tell_tags_allowed,
     .group = "Account"},
    {.name = NULL},
};

void offering_register(void)
{
    static const struct object_kind *const KINDS[] = {&SERVICE_OFFERING_KIND, &DISK_OFFERING_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(SERVICE_OFFERING_COMMANDS);
    api_register_commands(DISK_OFFERING_COMMANDS);
    api_register_commands(TAGS_COMMANDS);
    offering_register_details();
}
