/* Commands about roles, the small helpers that all command files share, and the registration of the feature. */
#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

/* ---- helpers ---- */

int64_t identity_wire_type(int64_t role_type)
{
    switch (role_type) {
    case ROLE_ADMIN:
        return 1;
    case ROLE_DOMAIN_ADMIN:
        return 2;
    case ROLE_RESOURCE_ADMIN:
        return 3;
    default:
        return 0;
    }
}

const char *identity_role_type_name(int64_t role_type)
{
    switch (role_type) {
    case ROLE_ADMIN:
        return "Admin";
    case ROLE_RESOURCE_ADMIN:
        return "ResourceAdmin";
    case ROLE_DOMAIN_ADMIN:
        return "DomainAdmin";
    default:
        return "User";
    }
}

bool identity_in_scope(const struct list_scope *scope, int64_t account_id, int64_t domain_id, const char *domain_path)
{
    switch (scope->form) {
    case SCOPE_ACCOUNT_ONLY:
        return account_id == scope->account_id;
    case SCOPE_DOMAIN_ONLY:
        return domain_id == scope->domain_id;
    case SCOPE_DOMAIN_TREE:
        return string_starts_with(domain_path, scope->domain_path);
    case SCOPE_EVERYTHING:
        return true;
    }
    return false;
}

bool identity_check_uuid(const char *param, const char *value, struct error *err)
{
    if (!value || uuid_is_valid(value))
        return true;
    return error_with(err, ERROR_INVALID_VALUE, "api.entity_missing", E_TEXT("parameter", param),
                      E_TEXT("value", value));
}

/* ---- roles ---- */

struct role_response {
    const char *id, *name, *type, *description, *state;
    bool isdefault, ispublic;
};
#define ROLE(member, ...) FIELD(struct role_response, member, __VA_ARGS__)
FIELD_TABLE(ROLE_RESPONSE, struct role_response, ROLE(id, .help = "The role"), ROLE(name, .help = "The role's name"),
            ROLE(type, .help = "The role's type: Admin, ResourceAdmin, DomainAdmin or User"),
            ROLE(description, .help = "What the role is for"), ROLE(isdefault, .help = "True for built-in roles"),
            ROLE(ispublic, .help = "True when domain admins see the role"), ROLE(state, .help = "enabled or disabled"));

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
    *to = (struct role_response){row->uuid,        row->name,  identity_role_type_name(row->type),
                                 row->description, row->state, row->is_default,
                                 row->is_public};
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

struct list_roles_args {
    struct object_ref id;
    const char *name, *type, *state;
};
FIELD_TABLE(LIST_ROLES_ARGS, struct list_roles_args,
            FIELD(struct list_roles_args, id, .refers_to = "role", .help = "Lists only this role"),
            FIELD(struct list_roles_args, name, .help = "Lists only the role of this name"),
            FIELD(struct list_roles_args, type,
                  .help = "Lists only roles of this type: Admin, ResourceAdmin, DomainAdmin or User"),
            FIELD(struct list_roles_args, state, .help = "Lists only roles in this state: enabled or disabled"));

/* Nobody sees roles mightier than his own. */
static bool role_matches(const struct api_call *call, const struct list_roles_args *args, const struct role_row *row)
{
    bool is_admin = caller_is_root_admin(call->caller);
    if (!is_admin && (!row->is_public || row->type < (int64_t)call->caller->role_type))
        return false;
    if (args->id.id && args->id.id != row->id)
        return false;
    if (args->name && strcasecmp(args->name, row->name) != 0)
        return false;
    if (args->type && strcasecmp(args->type, identity_role_type_name(row->type)) != 0)
        return false;
    if (args->state && strcasecmp(args->state, row->state) != 0)
        return false;
    return page_keyword_matches(&call->page, row->name);
}

static bool list_roles(struct api_call *call, const void *arguments, struct error *err)
{
    struct cache_view view;
    struct page_pick pick = {.page = &call->page};
    if (!role_all(call->db, call->arena, &view, err))
        return false;
    const struct role_row *rows = view.items;
    struct role_response *responses = arena_array(call->arena, page_room(&call->page, view.count), sizeof(*responses));
    for (size_t i = 0; i < view.count; i++) {
        if (!role_matches(call, arguments, &rows[i]))
            continue;
        size_t at = pick.taken;
        if (page_pick(&pick))
            fill_role(&rows[i], &responses[at]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
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
    {.name = NULL},
};

void identity_register_roles(void)
{
    api_register_commands(COMMANDS);
}

void identity_register(void)
{
    static const struct object_kind *const KINDS[] = {&USER_KIND, &ACCOUNT_KIND, &DOMAIN_KIND, &ROLE_KIND, NULL};
    api_register_kinds(KINDS);
    identity_access_register();
    identity_register_jobs();
    identity_register_login();
    identity_register_users();
    identity_register_accounts();
    identity_register_domains();
    identity_register_roles();
}
