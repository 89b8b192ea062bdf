/* Commands about the rules of roles. */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/role/role_responses.h"
#include "cloud/role/role_rules.h"
#include "cloud/role/role_service.h"

/* ---- the kind ---- */

struct rule_response {
    const char *id, *roleid, *rolename, *rule, *permission, *description;
};
#define RULE(member, ...) FIELD(struct rule_response, member, __VA_ARGS__)
FIELD_TABLE(ROLE_RULE_RESPONSE, struct rule_response, RULE(id, .help = "The rule"),
            RULE(roleid, .help = "The role that it belongs to"), RULE(rolename, .help = "That role's name"),
            RULE(rule, .help = "The name of a command, or a wildcard such as list*"),
            RULE(permission, .help = "allow or deny"), RULE(description, .help = "What the rule is for"));

static bool find_rule(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct rule_row *row = NULL;
    if (!rule_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row)
        *ret_found = (struct object_found){row->id, 0, NULL, OBJECT_INFRA, row->rule};
    return true;
}

static void fill_rule(const struct rule_row *row, const struct role_row *role, struct rule_response *to)
{
    *to = (struct rule_response){.id = row->uuid,
                                 .roleid = role->uuid,
                                 .rolename = role->name,
                                 .rule = row->rule,
                                 .permission = row->is_allowed ? "allow" : "deny",
                                 .description = row->description};
}

static bool describe_rules(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                           size_t *ret_count, struct error *err)
{
    struct rule_response *to = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rule_row *row = NULL;
        const struct role_row *role = NULL;
        if (!rule_by_id(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !role_by_id(call->db, call->arena, row->role_id, &role, err))
            return false;
        if (role)
            fill_rule(row, role, &to[(*ret_count)++]);
    }
    return true;
}

const struct object_kind ROLE_RULE_KIND = {.name = "role_rule",
                                           .wire_type = "RolePermission",
                                           .object_key = "rolepermission",
                                           .response = &ROLE_RULE_RESPONSE,
                                           .find = find_rule,
                                           .describe = describe_rules};

/* ---- listRolePermissions ---- */

struct list_args {
    struct object_ref roleid;
};
FIELD_TABLE(LIST_ROLE_RULES_ARGS, struct list_args,
            FIELD(struct list_args, roleid, .refers_to = "role", .help = "Lists only the rules of this role"));

/* By role, in their order: what clients show is what decides. */
static bool list_rules(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct cache_view roles, all;
    size_t count = 0;
    if (!role_all(call->db, call->arena, &roles, err) || !rule_all(call->db, call->arena, &all, err))
        return false;
    const struct role_row *rows = roles.items;
    struct rule_response *responses = arena_array(call->arena, all.count + 1, sizeof(*responses));
    for (size_t i = 0; i < roles.count; i++) {
        if (args->roleid.id && args->roleid.id != rows[i].id)
            continue;
        struct role_rules rules = role_rules_of(call->arena, &all, rows[i].id);
        for (size_t j = 0; j < rules.count && count < all.count; j++)
            fill_rule(&rules.items[j], &rows[i], &responses[count++]);
    }
    api_reply_list(call, responses, count, (int64_t)count);
    return true;
}

/* ---- changes ---- */

struct create_args {
    struct object_ref roleid;
    const char *rule, *permission, *description;
};
FIELD_TABLE(CREATE_ROLE_RULE_ARGS, struct create_args,
            FIELD(struct create_args, roleid, .flags = FIELD_REQUIRED, .refers_to = "role", .help = "The role"),
            FIELD(struct create_args, rule, .flags = FIELD_REQUIRED, .max = RULE_LENGTH_MAX,
                  .help = "The name of a command, or a wildcard such as list*"),
            FIELD(struct create_args, permission, .flags = FIELD_REQUIRED, .choices = ROLE_PERMISSIONS,
                  .help = "allow or deny"),
            FIELD(struct create_args, description, .help = "What the rule is for"));

static bool create_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_args *args = arguments;
    struct rule_row rule = {.role_id = args->roleid.id,
                            .rule = args->rule,
                            .description = args->description,
                            .is_allowed = string_equal_ignoring_case(args->permission, "allow")};
    int64_t id = 0;
    return rule_create(call->db, call->caller, &rule, &id, err) &&
           reply_described(call, &ROLE_RULE_KIND, id, false, err);
}

struct update_args {
    struct object_ref roleid, ruleid;
    struct ref_list ruleorder;
    const char *permission;
};
FIELD_TABLE(UPDATE_ROLE_RULE_ARGS, struct update_args,
            FIELD(struct update_args, roleid, .flags = FIELD_REQUIRED, .refers_to = "role", .help = "The role"),
            FIELD(struct update_args, ruleid, .refers_to = "role_rule", .since = "4.11",
                  .help = "The rule that gets another permission"),
            FIELD(struct update_args, permission, .choices = ROLE_PERMISSIONS, .since = "4.11",
                  .help = "allow or deny; with ruleid"),
            FIELD(struct update_args, ruleorder, .refers_to = "role_rule",
                  .help = "All rules of the role in their new order; without ruleid and permission"));

static bool update_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    bool orders = args->ruleorder.count > 0, has_permission = !string_is_empty(args->permission);
    if (orders && (args->ruleid.id || has_permission))
        return error_set(err, ERROR_PARAMETER, "role.order_or_rule");
    if (!orders && (!args->ruleid.id || !has_permission))
        return error_set(err, ERROR_PARAMETER, "role.rule_and_permission");
    bool is_allowed = string_equal_ignoring_case(args->permission, "allow");
    if (orders ? !rule_order(call->db, call->caller, args->roleid.id, &args->ruleorder, err)
               : !rule_allow(call->db, call->caller, args->roleid.id, args->ruleid.id, is_allowed, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

struct id_args {
    struct object_ref id;
};
FIELD_TABLE(ROLE_RULE_ID_ARGS, struct id_args,
            FIELD(struct id_args, id, .flags = FIELD_REQUIRED, .refers_to = "role_rule", .help = "The rule"));

static bool delete_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct id_args *args = arguments;
    if (!rule_delete(call->db, call->caller, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listRolePermissions",
     .summary = "Lists the rules of roles in their order",
     .since = "4.9.0",
     .object_key = "rolepermission",
     .mode = API_LIST,
     .flags = API_WHOLE_LIST,
     .roles = ROLE_ADMIN,
     .params = &LIST_ROLE_RULES_ARGS,
     .response = &ROLE_RULE_RESPONSE,
     .handle = list_rules,
     .group = "Role"},
    {.name = "createRolePermission",
     .summary = "Adds a rule at the end of a role's rules",
     .since = "4.9.0",
     .object_key = "rolepermission",
     .event = "ROLE.PERMISSION.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CREATE_ROLE_RULE_ARGS,
     .response = &ROLE_RULE_RESPONSE,
     .handle = create_rule,
     .group = "Role"},
    {.name = "updateRolePermission",
     .summary = "Changes the permission of a rule, or the order of a role's rules",
     .since = "4.9.0",
     .event = "ROLE.PERMISSION.UPDATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_ROLE_RULE_ARGS,
     .handle = update_rule,
     .group = "Role"},
    {.name = "deleteRolePermission",
     .summary = "Deletes a rule of a role",
     .since = "4.9.0",
     .event = "ROLE.PERMISSION.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &ROLE_RULE_ID_ARGS,
     .handle = delete_rule,
     .group = "Role"},
    {.name = NULL},
};

void role_register_rules(void)
{
    api_register_commands(COMMANDS);
}
