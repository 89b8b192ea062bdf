/* Commands about roles. Those about rules are in role_rule_api.c. */
#include <string.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/role/role_responses.h"
#include "cloud/role/role_rules.h"
#include "cloud/role/role_service.h"

const char *const ROLE_TYPES[] = {"Admin", "ResourceAdmin", "DomainAdmin", "User", NULL};
const char *const ROLE_PERMISSIONS[] = {"allow", "deny", NULL};

/* ---- the kind ---- */

struct role_response {
    const char *id, *name, *type, *description, *state;
    bool isdefault, ispublic;
};
#define ROLE(member, ...) FIELD(struct role_response, member, __VA_ARGS__)
FIELD_TABLE(ROLE_RESPONSE, struct role_response, ROLE(id, .help = "The role"), ROLE(name, .help = "The role's name"),
            ROLE(type, .help = "The role's type: Admin, ResourceAdmin, DomainAdmin or User"),
            ROLE(description, .help = "What the role is for"), ROLE(isdefault, .help = "True for built-in roles"),
            ROLE(ispublic, .help = "True when others than root admins see the role"),
            ROLE(state, .help = "enabled or disabled"));

static bool find_role(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct role_row *row = NULL;
    if (!role_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row)
        *ret_found = (struct object_found){row->id, 0, row->is_public ? "" : NULL,
                                           row->is_public ? OBJECT_SHARED : OBJECT_INFRA, row->name};
    return true;
}

static void fill_role(const struct role_row *row, struct role_response *to)
{
    *to = (struct role_response){
        row->uuid, row->name, role_type_name(row->type), row->description, row->state, row->is_default, row->is_public};
}

static bool describe_roles(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                           size_t *ret_count, struct error *err)
{
    struct role_response *to = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct role_row *row = NULL;
        if (!role_by_id(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row)
            fill_role(row, &to[(*ret_count)++]);
    }
    return true;
}

const struct object_kind ROLE_KIND = {.name = "role",
                                      .wire_type = "Role",
                                      .object_key = "role",
                                      .response = &ROLE_RESPONSE,
                                      .find = find_role,
                                      .describe = describe_roles};

/* ---- listRoles ---- */

struct list_roles_args {
    struct object_ref id;
    const char *name, *type, *state;
};
FIELD_TABLE(LIST_ROLES_ARGS, struct list_roles_args,
            FIELD(struct list_roles_args, id, .refers_to = "role", .help = "Lists only this role"),
            FIELD(struct list_roles_args, name, .help = "Lists only roles with this text in their name"),
            FIELD(struct list_roles_args, type, .choices = ROLE_TYPES,
                  .help = "Lists only roles of this type: Admin, ResourceAdmin, DomainAdmin or User"),
            FIELD(struct list_roles_args, state, .help = "Lists only roles in this state: enabled or disabled"));

/* Nobody sees roles that he may not give. */
static bool may_see(const struct api_call *call, const struct cache_view *all_rules, const struct role_row *row)
{
    const struct caller *caller = call->caller;
    if (caller_is_root_admin(caller))
        return true;
    if (!row->is_public || row->type < (int64_t)caller->role_type)
        return false;
    struct role_rules rules = role_rules_of(call->arena, all_rules, row->id);
    return row->id == caller->role_id || !role_beyond(caller, row, &rules);
}

static bool role_matches(const struct api_call *call, const struct list_roles_args *args, const struct role_row *row)
{
    if (args->id.id && args->id.id != row->id)
        return false;
    if (args->name && !strcasestr(row->name, args->name))
        return false;
    if (args->type && !string_equal_ignoring_case(args->type, role_type_name(row->type)))
        return false;
    if (args->state && !string_equal_ignoring_case(args->state, row->state))
        return false;
    return page_keyword_matches(&call->page, row->name);
}

static bool list_roles(struct api_call *call, const void *arguments, struct error *err)
{
    struct cache_view view, rules;
    struct page_pick pick = {.page = &call->page};
    if (!role_all(call->db, call->arena, &view, err) || !rule_all(call->db, call->arena, &rules, err))
        return false;
    const struct role_row *rows = view.items;
    struct role_response *responses = arena_array(call->arena, page_room(&call->page, view.count), sizeof(*responses));
    for (size_t i = 0; i < view.count; i++) {
        if (!role_matches(call, arguments, &rows[i]) || !may_see(call, &rules, &rows[i]))
            continue;
        size_t at = pick.taken;
        if (page_pick(&pick))
            fill_role(&rows[i], &responses[at]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- createRole, importRole ---- */

struct create_args {
    const char *name, *description, *type;
    struct object_ref roleid;
    struct opt_bool ispublic;
};
FIELD_TABLE(CREATE_ROLE_ARGS, struct create_args,
            FIELD(struct create_args, name, .flags = FIELD_REQUIRED, .help = "The role's name"),
            FIELD(struct create_args, description, .help = "What the role is for"),
            FIELD(struct create_args, type, .choices = ROLE_TYPES,
                  .help = "The role's type: Admin, ResourceAdmin, DomainAdmin or User; instead of roleid"),
            FIELD(struct create_args, roleid, .refers_to = "role",
                  .help = "The role whose type and rules are copied; instead of type"),
            FIELD(struct create_args, ispublic, .help = "Whether others than root admins see the role; by default"));

static bool create_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_args *args = arguments;
    struct new_role role = {.name = args->name,
                            .description = args->description,
                            .copied_id = args->roleid.id,
                            .is_public = !args->ispublic.set || args->ispublic.value};
    int64_t id = 0;
    bool has_type = !string_is_empty(args->type);
    if (has_type == (role.copied_id != 0))
        return error_set(err, ERROR_PARAMETER, has_type ? "role.type_and_copy" : "role.type_or_copy");
    if (has_type && !role_type_of_name(args->type, &role.type))
        return error_set(err, ERROR_PARAMETER, "role.type_or_copy");
    return role_create(call->db, call->caller, &role, &id, err) && reply_described(call, &ROLE_KIND, id, false, err);
}

struct import_args {
    const char *name, *description, *type;
    struct map_list rules;
    struct opt_bool ispublic;
    bool forced;
};
FIELD_TABLE(IMPORT_ROLE_ARGS, struct import_args,
            FIELD(struct import_args, name, .flags = FIELD_REQUIRED, .help = "The role's name"),
            FIELD(struct import_args, description, .help = "What the role is for"),
            FIELD(struct import_args, type, .choices = ROLE_TYPES,
                  .help = "The role's type: Admin, ResourceAdmin, DomainAdmin or User (also when absent)"),
            FIELD(struct import_args, rules, .flags = FIELD_REQUIRED,
                  .help = "The rules in their order: rules[0].rule, rules[0].permission, rules[0].description"),
            FIELD(struct import_args, ispublic, .help = "Whether others than root admins see the role; by default"),
            FIELD(struct import_args, forced, .help = "Replaces a role of the same name"));

static bool read_rule_part(const struct map_entry *entry, struct rule_row *rule, struct error *err)
{
    if (string_equal(entry->field, "rule")) {
        rule->rule = entry->value;
        return rule_check_text(entry->value, err);
    }
    if (string_equal(entry->field, "description"))
        rule->description = entry->value;
    if (!string_equal(entry->field, "permission"))
        return true;
    rule->is_allowed = string_equal_ignoring_case(entry->value, "allow");
    rule->position = 1; /* the permission was said */
    return rule->is_allowed || string_equal_ignoring_case(entry->value, "deny") ||
           error_with(err, ERROR_PARAMETER, "role.bad_permission", E_TEXT("permission", entry->value));
}

/* Entries come in the order of their index; those of one index are one rule. */
static bool read_rules(struct api_call *call, const struct map_list *map, struct new_role *role, struct error *err)
{
    struct rule_row *rules = arena_array(call->arena, map->count, sizeof(*rules));
    for (size_t i = 0; i < map->count; i++) {
        bool is_new = i == 0 || map->entries[i].index != map->entries[i - 1].index;
        role->rule_count += is_new;
        if (!read_rule_part(&map->entries[i], &rules[role->rule_count - 1], err))
            return false;
    }
    if (role->rule_count > RULES_OF_ROLE_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "role.too_many_rules", E_INT("max", RULES_OF_ROLE_MAX));
    for (size_t i = 0; i < role->rule_count; i++)
        if (!rules[i].rule || rules[i].position == 0)
            return error_set(err, ERROR_PARAMETER, "role.incomplete_rule");
    role->rules = rules;
    return true;
}

static bool import_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct import_args *args = arguments;
    struct new_role role = {.name = args->name,
                            .description = args->description,
                            .type = ROLE_USER,
                            .is_public = !args->ispublic.set || args->ispublic.value,
                            .replaces = args->forced};
    int64_t id = 0;
    if (!string_is_empty(args->type) && !role_type_of_name(args->type, &role.type))
        return error_set(err, ERROR_PARAMETER, "role.type_or_copy");
    return read_rules(call, &args->rules, &role, err) && role_create(call->db, call->caller, &role, &id, err) &&
           reply_described(call, &ROLE_KIND, id, false, err);
}

/* ---- updateRole, enableRole, disableRole, deleteRole ---- */

struct update_args {
    struct object_ref id;
    const char *name, *description, *type;
    struct opt_bool ispublic;
};
FIELD_TABLE(UPDATE_ROLE_ARGS, struct update_args,
            FIELD(struct update_args, id, .flags = FIELD_REQUIRED, .refers_to = "role", .help = "The role"),
            FIELD(struct update_args, name, .help = "Its new name"),
            FIELD(struct update_args, description, .help = "Its new description"),
            FIELD(struct update_args, type, .choices = ROLE_TYPES,
                  .help = "Its new type; only while no account has it"),
            FIELD(struct update_args, ispublic, .help = "Whether others than root admins see the role"));

static bool update_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    struct role_change change = {.id = args->id.id,
                                 .name = string_is_empty(args->name) ? NULL : args->name,
                                 .description = args->description,
                                 .is_public = args->ispublic};
    if (!string_is_empty(args->type) && !role_type_of_name(args->type, &change.type))
        return error_set(err, ERROR_PARAMETER, "role.type_or_copy");
    return role_change(call->db, call->caller, &change, err) &&
           reply_described(call, &ROLE_KIND, change.id, false, err);
}

struct id_args {
    struct object_ref id;
};
FIELD_TABLE(ROLE_ID_ARGS, struct id_args,
            FIELD(struct id_args, id, .flags = FIELD_REQUIRED, .refers_to = "role", .help = "The role"));

static bool set_state(struct api_call *call, const struct id_args *args, const char *state, struct error *err)
{
    const struct role_change change = {.id = args->id.id, .state = state};
    if (!role_change(call->db, call->caller, &change, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool enable_role(struct api_call *call, const void *args, struct error *err)
{
    return set_state(call, args, "enabled", err);
}

static bool disable_role(struct api_call *call, const void *args, struct error *err)
{
    return set_state(call, args, "disabled", err);
}

static bool delete_role(struct api_call *call, const void *arguments, struct error *err)
{
    const struct id_args *args = arguments;
    if (!role_delete(call->db, call->caller, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listRoles",
     .summary = "Lists roles",
     .since = "4.9.0",
     .object_key = "role",
     .mode = API_LIST,
     .roles = ROLES_ADMINS,
     .params = &LIST_ROLES_ARGS,
     .response = &ROLE_RESPONSE,
     .handle = list_roles,
     .group = "Role"},
    {.name = "createRole",
     .summary = "Creates a role",
     .since = "4.9.0",
     .object_key = "role",
     .event = "ROLE.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CREATE_ROLE_ARGS,
     .response = &ROLE_RESPONSE,
     .handle = create_role,
     .group = "Role"},
    {.name = "importRole",
     .summary = "Creates a role with all its rules, or replaces one",
     .since = "4.15.0",
     .object_key = "role",
     .event = "ROLE.IMPORT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &IMPORT_ROLE_ARGS,
     .response = &ROLE_RESPONSE,
     .handle = import_role,
     .group = "Role"},
    {.name = "updateRole",
     .summary = "Changes a role",
     .since = "4.9.0",
     .object_key = "role",
     .event = "ROLE.UPDATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_ROLE_ARGS,
     .response = &ROLE_RESPONSE,
     .handle = update_role,
     .group = "Role"},
    {.name = "enableRole",
     .summary = "Lets the accounts of a role call its commands again",
     .since = "4.20.0",
     .event = "ROLE.ENABLE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &ROLE_ID_ARGS,
     .handle = enable_role,
     .group = "Role"},
    {.name = "disableRole",
     .summary = "Takes every command from the accounts of a role",
     .since = "4.20.0",
     .event = "ROLE.DISABLE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &ROLE_ID_ARGS,
     .handle = disable_role,
     .group = "Role"},
    {.name = "deleteRole",
     .summary = "Deletes a role that no account has",
     .since = "4.9.0",
     .event = "ROLE.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &ROLE_ID_ARGS,
     .handle = delete_role,
     .group = "Role"},
    {.name = NULL},
};

void role_register(void)
{
    static const struct object_kind *const KINDS[] = {&ROLE_KIND, &ROLE_RULE_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    role_register_rules();
    role_register_rights();
}
