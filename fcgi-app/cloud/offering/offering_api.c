/* What the command files of this feature share, and their registration. */
#include "cloud/offering/offering_api.h"

#include "base/text.h"
#include "cloud/identity/identity.h"

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

void offering_register(void)
{
    static const struct object_kind *const KINDS[] = {&SERVICE_OFFERING_KIND, &DISK_OFFERING_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(SERVICE_OFFERING_COMMANDS);
    api_register_commands(DISK_OFFERING_COMMANDS);
}
