/* listRoleRights: what a role may call and why; the rights matrix and the editor's test are views of it. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/role/role_responses.h"
#include "cloud/role/role_rules.h"

struct right_response {
    const char *name, *group, *description, *ruleid, *rule;
    bool allowed;
};
#define RIGHT(member, ...) FIELD(struct right_response, member, __VA_ARGS__)
FIELD_TABLE(ROLE_RIGHT_RESPONSE, struct right_response, RIGHT(name, .help = "The command"),
            RIGHT(group, .help = "The group of commands that it belongs to"),
            RIGHT(description, .help = "What the command does"), RIGHT(allowed, .help = "Whether the role may call it"),
            RIGHT(ruleid, .help = "The rule that decides; absent: the command's default roles, or the role's state"),
            RIGHT(rule, .help = "That rule's text"));

struct rights_args {
    struct object_ref roleid;
    const char *name, *group;
    struct opt_bool allowed;
};
FIELD_TABLE(ROLE_RIGHTS_ARGS, struct rights_args,
            FIELD(struct rights_args, roleid, .flags = FIELD_REQUIRED, .refers_to = "role", .help = "The role"),
            FIELD(struct rights_args, name, .help = "Lists only this command"),
            FIELD(struct rights_args, group, .help = "Lists only commands of this group"),
            FIELD(struct rights_args, allowed, .help = "Lists only what is allowed, or only what is not"));

static bool is_wanted(const struct api_call *call, const struct rights_args *args, const struct api_command *command,
                      bool is_allowed)
{
    if (command->flags & API_NO_LOGIN)
        return false;
    if (!string_is_empty(args->name) && !string_equal_ignoring_case(args->name, command->name))
        return false;
    if (!string_is_empty(args->group) && !string_equal_ignoring_case(args->group, command->group))
        return false;
    if (args->allowed.set && args->allowed.value != is_allowed)
        return false;
    return page_keyword_matches(&call->page, command->name);
}

static bool list_rights(struct api_call *call, const void *arguments, struct error *err)
{
    const struct rights_args *args = arguments;
    const struct role_row *role = NULL;
    struct cache_view all;
    size_t count;
    struct page_pick pick = {.page = &call->page};
    const struct api_command *const *commands = api_all_commands(&count);
    if (!role_by_id(call->db, call->arena, args->roleid.id, &role, err) || !rule_all(call->db, call->arena, &all, err))
        return false;
    struct role_rules rules = role_rules_of(call->arena, &all, args->roleid.id);
    struct right_response *rights = arena_array(call->arena, page_room(&call->page, count), sizeof(*rights));
    for (size_t i = 0; role && i < count; i++) {
        const struct rule_row *rule = NULL;
        bool allowed = role_decides(role, &rules, commands[i], &rule) && string_equal(role->state, "enabled");
        size_t at = pick.taken;
        if (is_wanted(call, args, commands[i], allowed) && page_pick(&pick))
            rights[at] = (struct right_response){.name = commands[i]->name,
                                                 .group = commands[i]->group,
                                                 .description = commands[i]->summary,
                                                 .allowed = allowed,
                                                 .ruleid = rule ? rule->uuid : NULL,
                                                 .rule = rule ? rule->rule : NULL};
    }
    api_reply_list(call, rights, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listRoleRights",
     .summary = "Lists what a role may call, and which rule decides",
     .object_key = "roleright",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &ROLE_RIGHTS_ARGS,
     .response = &ROLE_RIGHT_RESPONSE,
     .handle = list_rights,
     .group = "Role"},
    {.name = NULL},
};

void role_register_rights(void)
{
    api_register_commands(COMMANDS);
}
