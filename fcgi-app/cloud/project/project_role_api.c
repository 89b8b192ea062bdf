/* Roles inside a project and their rules: createProjectRole, updateProjectRole, deleteProjectRole, listProjectRoles,
 * and the same of their permissions. A rule forbids or allows its members a command in the project; what no rule names,
 * the role of the account decides, and it decides in any case what is allowed. */
#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/project/project_service.h"
#include "db/version.h"

/* ---- kinds: both are the project's ---- */

static bool owned_by_project(struct db *db, struct arena *arena, int64_t id, int64_t project_id, const char *name,
                             struct object_found *ret_found, struct error *err)
{
    struct identity_account *account = NULL;
    if (!identity_find_account_any(db, arena, -project_id, &account, err))
        return false;
    *ret_found = (struct object_found){id, -project_id, account ? account->domain_path : NULL, OBJECT_OWNED, name};
    return true;
}

static bool find_role(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct project_role *role = NULL;
    if (!project_role_by_uuid(db, arena, uuid, &role, err))
        return false;
    *ret_exists = role != NULL;
    return !role || owned_by_project(db, arena, role->id, role->project_id, role->name, ret_found, err);
}

static bool find_rule(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct project_role_rule *rule = NULL;
    const struct project_role *role = NULL;
    if (!project_rule_by_uuid(db, arena, uuid, &rule, err) ||
        (rule && !project_role_by_id(db, arena, rule->project_role_id, &role, err)))
        return false;
    *ret_exists = role != NULL;
    return !role || owned_by_project(db, arena, rule->id, role->project_id, rule->rule, ret_found, err);
}

/* ---- replies ---- */

struct role_response {
    const char *projectid, *id, *name, *description;
    bool ispublic;
};
#define R(member, ...) FIELD(struct role_response, member, __VA_ARGS__)
FIELD_TABLE(PROJECT_ROLE_RESPONSE, struct role_response, R(projectid, .help = "the project"),
            R(id, .help = "the role in the project"), R(name, .help = "its name"),
            R(description, .help = "what it is for"), R(ispublic, .help = "true: all members see it"));

struct rule_response {
    const char *id, *projectroleid, *projectid, *projectrolename, *rule, *permission, *description;
};
#define P(member, ...) FIELD(struct rule_response, member, __VA_ARGS__)
FIELD_TABLE(PROJECT_RULE_RESPONSE, struct rule_response, P(id, .help = "the rule"),
            P(projectroleid, .help = "the role in the project"), P(projectid, .help = "the project"),
            P(projectrolename, .help = "the name of that role"), P(rule, .help = "the commands it is about"),
            P(permission, .help = "allow or deny"), P(description, .help = "why"));

static const struct object_kind ROLE_KIND = {.name = "project_role",
                                             .wire_type = "ProjectRole",
                                             .object_key = "projectrole",
                                             .response = &PROJECT_ROLE_RESPONSE,
                                             .find = find_role};
static const struct object_kind RULE_KIND = {.name = "project_role_rule",
                                             .wire_type = "ProjectRolePermission",
                                             .object_key = "projectrolepermission",
                                             .response = &PROJECT_RULE_RESPONSE,
                                             .find = find_rule};

static void reply_role(struct api_call *call, const struct project *project, const struct project_role *role)
{
    struct role_response *response = ARENA_NEW(call->arena, struct role_response);
    *response = (struct role_response){project->uuid, role->uuid, role->name, role->description, true};
    api_reply_object(call, response);
}

static void fill_rule(const struct project *project, const struct project_role *role,
                      const struct project_role_rule *rule, struct rule_response *to)
{
    *to = (struct rule_response){.id = rule->uuid,
                                 .projectroleid = role->uuid,
                                 .projectid = project->uuid,
                                 .projectrolename = role->name,
                                 .rule = rule->rule,
                                 .permission = rule->is_allowed ? "allow" : "deny",
                                 .description = rule->description};
}

/* ---- roles ---- */

struct role_args {
    struct object_ref projectid, id;
    const char *name, *description;
};
#define A(member, ...) FIELD(struct role_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_PROJECT_ROLE_ARGS, struct role_args,
            A(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            A(name, .flags = FIELD_REQUIRED, .help = "the role's name, once in the project"),
            A(description, .help = "what the role is for"));
FIELD_TABLE(UPDATE_PROJECT_ROLE_ARGS, struct role_args,
            A(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            A(id, .refers_to = "project_role", .flags = FIELD_REQUIRED, .help = "the role"),
            A(name, .help = "the new name"), A(description, .help = "what the role is for"));
FIELD_TABLE(DELETE_PROJECT_ROLE_ARGS, struct role_args,
            A(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            A(id, .refers_to = "project_role", .flags = FIELD_REQUIRED, .help = "the role"));

/* A change of a role or of its rules, in one transaction. */
struct changing {
    const struct project *project;
    struct project_role role;
    struct project_role_rule rule;
    const struct ref_list *order;
    bool used;
};

static bool find_own_role(struct api_call *call, int64_t project_id, int64_t role_id, struct changing *to,
                          struct error *err)
{
    const struct project_role *role = NULL;
    if (!project_to_change(call, project_id, &to->project, err) ||
        !project_check_role(call, to->project, role_id, err) ||
        (role_id != 0 && !project_role_by_id(call->db, call->arena, role_id, &role, err)))
        return false;
    if (role)
        to->role = *role;
    return true;
}

static bool name_taken(struct error *err, const char *name)
{
    if (err && err->kind == ERROR_IN_USE && string_equal(err->key, "db.duplicate"))
        return error_with(err, ERROR_INVALID_VALUE, "project.role_exists", E_TEXT("name", name));
    return false;
}

static bool add_role(struct db *db, void *context, struct error *err)
{
    struct changing *to = context;
    return project_role_add(db, &to->role, err) && version_raise(db, VERSION_PROJECTS, err);
}

static bool create_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct role_args *args = arguments;
    struct changing to = {.project = NULL};
    char uuid[UUID_BYTES];
    if (!project_to_change(call, args->projectid.id, &to.project, err))
        return false;
    uuid_random(uuid);
    to.role = (struct project_role){.uuid = arena_strdup(call->arena, uuid),
                                    .project_id = to.project->id,
                                    .name = args->name,
                                    .description = args->description};
    if (!db_transaction(call->db, add_role, &to, err))
        return name_taken(err, args->name);
    reply_role(call, to.project, &to.role);
    return true;
}

static bool change_role(struct db *db, void *context, struct error *err)
{
    const struct changing *to = context;
    return project_role_update(db, &to->role, err) && version_raise(db, VERSION_PROJECTS, err);
}

static bool update_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct role_args *args = arguments;
    struct changing to = {.project = NULL};
    if (!find_own_role(call, args->projectid.id, args->id.id, &to, err))
        return false;
    to.role.name = string_is_empty(args->name) ? to.role.name : args->name;
    to.role.description = args->description ? args->description : to.role.description;
    if (!db_transaction(call->db, change_role, &to, err))
        return name_taken(err, to.role.name);
    reply_role(call, to.project, &to.role);
    return true;
}

static bool remove_role(struct db *db, void *context, struct error *err)
{
    struct changing *to = context;
    return project_role_remove(db, to->role.id, &to->used, err) && version_raise(db, VERSION_PROJECTS, err);
}

static bool delete_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct role_args *args = arguments;
    struct changing to = {.project = NULL};
    if (!find_own_role(call, args->projectid.id, args->id.id, &to, err) ||
        !db_transaction(call->db, remove_role, &to, err))
        return false;
    if (to.used)
        return error_with(err, ERROR_IN_USE, "project.role_used", E_TEXT("name", to.role.name));
    api_reply_success(call, NULL);
    return true;
}

struct list_roles_args {
    struct object_ref projectid, projectroleid;
    const char *name;
};
FIELD_TABLE(LIST_PROJECT_ROLES_ARGS, struct list_roles_args,
            FIELD(struct list_roles_args, projectid, .refers_to = "project", .flags = FIELD_REQUIRED,
                  .help = "the project"),
            FIELD(struct list_roles_args, projectroleid, .refers_to = "project_role", .help = "lists only this role"),
            FIELD(struct list_roles_args, name, .help = "lists only the role of this name"));

static bool list_roles(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_roles_args *args = arguments;
    struct cache_view view;
    struct page_pick pick = {.page = &call->page};
    if (!project_role_all(call->db, call->arena, &view, err))
        return false;
    const struct project_role *rows = view.items;
    struct role_response *responses = arena_array(call->arena, page_room(&call->page, view.count), sizeof(*responses));
    for (size_t i = 0; i < view.count; i++) {
        size_t at = pick.taken;
        bool fits = rows[i].project_id == args->projectid.id &&
                    (!args->projectroleid.id || args->projectroleid.id == rows[i].id) &&
                    (!args->name || strcasecmp(args->name, rows[i].name) == 0) &&
                    page_keyword_matches(&call->page, rows[i].name);
        if (fits && page_pick(&pick))
            responses[at] =
                (struct role_response){args->projectid.uuid, rows[i].uuid, rows[i].name, rows[i].description, true};
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- rules ---- */

static const char *const PERMISSIONS[] = {"allow", "deny", NULL};
enum { RULE_MAX_LENGTH = 128 };

struct rule_args {
    struct object_ref projectid, projectroleid, projectrolepermissionid, id;
    const char *rule, *permission, *description;
    struct ref_list ruleorder;
};
#define Q(member, ...) FIELD(struct rule_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_PROJECT_RULE_ARGS, struct rule_args,
            Q(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            Q(projectroleid, .refers_to = "project_role", .flags = FIELD_REQUIRED, .help = "the role"),
            Q(rule, .flags = FIELD_REQUIRED, .max = RULE_MAX_LENGTH,
              .help = "the name of a command, or a pattern with * such as list*"),
            Q(permission, .flags = FIELD_REQUIRED, .choices = PERMISSIONS, .help = "allow or deny"),
            Q(description, .help = "why"));
FIELD_TABLE(UPDATE_PROJECT_RULE_ARGS, struct rule_args,
            Q(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            Q(projectroleid, .refers_to = "project_role", .flags = FIELD_REQUIRED, .help = "the role"),
            Q(projectrolepermissionid, .refers_to = "project_role_rule", .help = "the rule that changes"),
            Q(permission, .choices = PERMISSIONS, .help = "its new permission: allow or deny"),
            Q(ruleorder, .refers_to = "project_role_rule",
              .help = "instead: all rules of the role in their new order"));
FIELD_TABLE(DELETE_PROJECT_RULE_ARGS, struct rule_args,
            Q(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            Q(id, .refers_to = "project_role_rule", .flags = FIELD_REQUIRED, .help = "the rule"));

static bool rule_is_valid(const char *rule)
{
    for (; *rule; rule++)
        if (!((*rule >= 'a' && *rule <= 'z') || (*rule >= 'A' && *rule <= 'Z') || (*rule >= '0' && *rule <= '9') ||
              *rule == '*'))
            return false;
    return true;
}

static bool add_rule(struct db *db, void *context, struct error *err)
{
    const struct changing *to = context;
    return project_rule_add(db, &to->rule, err) && version_raise(db, VERSION_PROJECTS, err);
}

static bool create_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct rule_args *args = arguments;
    struct changing to = {.project = NULL};
    char uuid[UUID_BYTES];
    if (!find_own_role(call, args->projectid.id, args->projectroleid.id, &to, err))
        return false;
    if (!rule_is_valid(args->rule))
        return error_with(err, ERROR_INVALID_VALUE, "project.bad_rule", E_TEXT("rule", args->rule));
    uuid_random(uuid);
    to.rule = (struct project_role_rule){.uuid = arena_strdup(call->arena, uuid),
                                         .project_role_id = to.role.id,
                                         .rule = args->rule,
                                         .description = args->description,
                                         .is_allowed = strcasecmp(args->permission, "allow") == 0};
    if (!db_transaction(call->db, add_rule, &to, err)) {
        if (err && err->kind == ERROR_IN_USE && string_equal(err->key, "db.duplicate"))
            return error_with(err, ERROR_INVALID_VALUE, "project.rule_exists", E_TEXT("rule", args->rule));
        return false;
    }
    struct rule_response *response = ARENA_NEW(call->arena, struct rule_response);
    fill_rule(to.project, &to.role, &to.rule, response);
    api_reply_object(call, response);
    return true;
}

static bool change_rule(struct db *db, void *context, struct error *err)
{
    const struct changing *to = context;
    if (to->rule.id != 0 && !project_rule_set_allowed(db, to->rule.id, to->rule.is_allowed, err))
        return false;
    for (size_t i = 0; i < to->order->count; i++)
        if (!project_rule_set_position(db, to->order->items[i].id, (int64_t)i + 1, err))
            return false;
    return version_raise(db, VERSION_PROJECTS, err);
}

static bool has_rule(const struct project_rules *rules, int64_t id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].id == id)
            return true;
    return false;
}

/* The order names each rule of the role once. */
static bool check_rules(struct api_call *call, const struct rule_args *args, struct error *err)
{
    const struct ref_list *order = &args->ruleorder;
    struct project_rules rules;
    if (!project_rules_of(call->db, call->arena, args->projectroleid.id, &rules, err))
        return false;
    bool fits = order->count > 0 ? order->count == rules.count : has_rule(&rules, args->projectrolepermissionid.id);
    for (size_t i = 0; i < order->count; i++) {
        fits = fits && has_rule(&rules, order->items[i].id);
        for (size_t j = 0; j < i; j++)
            fits = fits && order->items[j].id != order->items[i].id;
    }
    return fits || error_set(err, ERROR_INVALID_VALUE, "project.foreign_rule");
}

static bool update_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct rule_args *args = arguments;
    struct changing to = {.order = &args->ruleorder};
    bool one = args->projectrolepermissionid.id != 0;
    if (one == (args->ruleorder.count > 0) || one != (args->permission != NULL))
        return error_set(err, ERROR_PARAMETER, "project.rule_or_order");
    if (!find_own_role(call, args->projectid.id, args->projectroleid.id, &to, err) || !check_rules(call, args, err))
        return false;
    to.rule.id = args->projectrolepermissionid.id;
    to.rule.is_allowed = one && strcasecmp(args->permission, "allow") == 0;
    if (!db_transaction(call->db, change_rule, &to, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool remove_rule(struct db *db, void *context, struct error *err)
{
    const struct changing *to = context;
    return project_rule_remove(db, to->rule.id, err) && version_raise(db, VERSION_PROJECTS, err);
}

static bool delete_rule(struct api_call *call, const void *arguments, struct error *err)
{
    const struct rule_args *args = arguments;
    struct changing to = {.rule = {.id = args->id.id}};
    const struct project_role_rule *rule = NULL;
    if (!project_rule_by_uuid(call->db, call->arena, args->id.uuid, &rule, err) ||
        !find_own_role(call, args->projectid.id, rule ? rule->project_role_id : 0, &to, err) ||
        !db_transaction(call->db, remove_rule, &to, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

struct list_rules_args {
    struct object_ref projectid, projectroleid;
};
FIELD_TABLE(LIST_PROJECT_RULES_ARGS, struct list_rules_args,
            FIELD(struct list_rules_args, projectid, .refers_to = "project", .flags = FIELD_REQUIRED,
                  .help = "the project"),
            FIELD(struct list_rules_args, projectroleid, .refers_to = "project_role",
                  .help = "lists only the rules of this role"));

/* The rules of all roles of a project, role by role in their order. */
static bool list_rules(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_rules_args *args = arguments;
    const struct project *project = NULL;
    struct cache_view roles, rules;
    size_t count = 0;
    if (!project_by_id(call->db, call->arena, args->projectid.id, &project, err) || !project ||
        !project_role_all(call->db, call->arena, &roles, err) || !project_rule_all(call->db, call->arena, &rules, err))
        return false;
    const struct project_role_rule *rows = rules.items;
    struct rule_response *responses = arena_array(call->arena, rules.count + 1, sizeof(*responses));
    for (size_t i = 0; i < rules.count; i++) {
        const struct project_role *role = cache_row(&roles, rows[i].project_role_id);
        bool fits =
            role && role->project_id == project->id && (!args->projectroleid.id || args->projectroleid.id == role->id);
        if (fits)
            fill_rule(project, role, &rows[i], &responses[count++]);
    }
    api_reply_list(call, responses, count, (int64_t)count);
    return true;
}

#define ROLE_COMMAND .since = "4.15.0", .mode = API_SYNC, .roles = ROLES_ALL, .group = "Project"
static const struct api_command COMMANDS[] = {
    {.name = "createProjectRole",
     .summary = "Makes a role for members of a project",
     .object_key = "projectrole",
     .event = "PROJECT.ROLE.CREATE",
     .params = &CREATE_PROJECT_ROLE_ARGS,
     .response = &PROJECT_ROLE_RESPONSE,
     .handle = create_role,
     ROLE_COMMAND},
    {.name = "updateProjectRole",
     .summary = "Renames a role of a project",
     .object_key = "projectrole",
     .event = "PROJECT.ROLE.UPDATE",
     .params = &UPDATE_PROJECT_ROLE_ARGS,
     .response = &PROJECT_ROLE_RESPONSE,
     .handle = update_role,
     ROLE_COMMAND},
    {.name = "deleteProjectRole",
     .summary = "Deletes a role of a project that no member has",
     .event = "PROJECT.ROLE.DELETE",
     .params = &DELETE_PROJECT_ROLE_ARGS,
     .handle = delete_role,
     ROLE_COMMAND},
    {.name = "createProjectRolePermission",
     .summary = "Adds a rule behind those of a role of a project",
     .object_key = "projectrolepermission",
     .event = "PROJECT.ROLE.PERMISSION.CREATE",
     .params = &CREATE_PROJECT_RULE_ARGS,
     .response = &PROJECT_RULE_RESPONSE,
     .handle = create_rule,
     ROLE_COMMAND},
    {.name = "updateProjectRolePermission",
     .summary = "Changes a rule of a role of a project, or the order of all its rules",
     .event = "PROJECT.ROLE.PERMISSION.UPDATE",
     .params = &UPDATE_PROJECT_RULE_ARGS,
     .handle = update_rule,
     ROLE_COMMAND},
    {.name = "deleteProjectRolePermission",
     .summary = "Takes a rule from a role of a project",
     .event = "PROJECT.ROLE.PERMISSION.DELETE",
     .params = &DELETE_PROJECT_RULE_ARGS,
     .handle = delete_rule,
     ROLE_COMMAND},
    {.name = "listProjectRoles",
     .summary = "Lists the roles of a project",
     .since = "4.15.0",
     .object_key = "projectrole",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &LIST_PROJECT_ROLES_ARGS,
     .response = &PROJECT_ROLE_RESPONSE,
     .handle = list_roles,
     .group = "Role"},
    {.name = "listProjectRolePermissions",
     .summary = "Lists the rules of a project's roles",
     .since = "4.15.0",
     .object_key = "projectrolepermission",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &LIST_PROJECT_RULES_ARGS,
     .response = &PROJECT_RULE_RESPONSE,
     .handle = list_rules,
     .group = "Project"},
    {.name = NULL},
};

void project_register_roles(void)
{
    static const struct object_kind *const KINDS[] = {&ROLE_KIND, &RULE_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
