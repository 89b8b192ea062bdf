/* listHostChecks: the report of a host's last probe. Its rows are in host_check_store.c. */
#include "api/api.h"
#include "base/message.h"
#include "base/text.h"
#include "cloud/host/host_check.h"

struct host_check_response {
    const char *name, *description, *detail, *hint;
    bool success, required;
    struct opt_time checked;
};
#define R(member, ...) FIELD(struct host_check_response, member, __VA_ARGS__)
FIELD_TABLE(HOST_CHECK_RESPONSE, struct host_check_response, R(name, .help = "code of what was looked at"),
            R(description, .help = "what was looked at, in the caller's language"),
            R(success, .help = "it is as it must be"),
            R(required, .help = "the host is not used while this fails; false: advice only"),
            R(detail, .help = "what was found"), R(hint, .help = "what to do about it"),
            R(checked, .help = "when it was looked at"));
#undef R

struct list_host_checks_args {
    struct object_ref hostid;
};
#define P(member, ...) FIELD(struct list_host_checks_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_HOST_CHECKS_PARAMS, struct list_host_checks_args,
            P(hostid, .flags = FIELD_REQUIRED, .refers_to = "host", .help = "the host"));
#undef P

/* The catalogue's words about a check in the caller's language; `otherwise` where it has none. */
static const char *told(struct api_call *call, const char *code, const char *suffix, const char *otherwise)
{
    struct text text;
    const char *key = arena_printf(call->arena, "host.check.%s%s", code, suffix);
    if (!message_has("en", key))
        return otherwise;
    text_init(&text, call->arena, HOST_CHECK_TEXT_MAX);
    message_render(&text, call->language, key, NULL, 0);
    return text_string(&text);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_host_checks_args *args = arguments;
    struct db_rows rows;
    if (!host_check_list(call->db, call->arena, args->hostid.id, &rows, err))
        return false;
    const struct host_check *checks = rows.items;
    struct host_check_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++) {
        const char *hint = checks[i].hint ? told(call, checks[i].code, ".hint", checks[i].hint) : NULL;
        objects[i] = (struct host_check_response){.name = checks[i].code,
                                                  .description = told(call, checks[i].code, "", checks[i].code),
                                                  .success = checks[i].ok,
                                                  .required = checks[i].required,
                                                  .detail = checks[i].detail,
                                                  .hint = hint,
                                                  .checked = checks[i].checked};
    }
    api_reply_list(call, objects, rows.count, (int64_t)rows.count);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listHostChecks",
     .summary = "Lists what the last probe of a host looked at, and what it found.",
     .object_key = "hostcheck",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LIST_HOST_CHECKS_PARAMS,
     .response = &HOST_CHECK_RESPONSE,
     .handle = handle_list,
     .group = "Host"},
    {.name = NULL},
};

void host_register_checks(void)
{
    api_register_commands(COMMANDS);
}
