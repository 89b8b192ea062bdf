/* Who may call what, on which objects. Identities come from the identity feature through hooks. */
#include "api/call.h"

#include "api/parse.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/uuid.h"

const struct identity_hooks *identity;

void api_set_identity_hooks(const struct identity_hooks *hooks)
{
    identity = hooks;
}
const struct identity_hooks *api_identity_hooks(void)
{
    return identity;
}

bool authorize_command(const struct caller *caller, const struct api_command *command, struct error *err)
{
    if (command->flags & API_NO_LOGIN)
        return true;
    if (caller->factor_owed != FACTOR_NONE && !(command->flags & API_BEFORE_FACTOR))
        return error_set(err, ERROR_TWO_FACTOR,
                         caller->factor_owed == FACTOR_CODE ? "api.factor_code_wanted" : "api.factor_setup_wanted");
    if (identity->role_allows(caller, command))
        return true;
    return error_with(err, ERROR_UNSUPPORTED, "api.unknown_command", E_TEXT("command", command->name),
                      E_TEXT("account", caller->account_name ? caller->account_name : ""));
}

const struct project_membership *caller_membership(const struct caller *caller, int64_t account_id)
{
    for (size_t i = 0; i < caller->project_count; i++)
        if (caller->projects[i].account_id == account_id)
            return &caller->projects[i];
    return NULL;
}

/* Whether a project role forbids the command in the project that owns the object. What it does not forbid, the
 * account's role decides. */
static bool project_forbids(const struct caller *caller, int64_t owner_account_id, const struct api_command *command)
{
    const struct project_membership *member = caller_membership(caller, owner_account_id);
    if (!member || !command || caller_is_root_admin(caller))
        return false;
    for (size_t i = 0; i < member->rule_count; i++)
        if (wildcard_matches(member->rules[i].wildcard, command->name))
            return !member->rules[i].is_allowed;
    return false;
}

bool caller_may_reach(const struct caller *caller, int64_t owner_account_id, const char *owner_domain_path)
{
    if (caller_is_root_admin(caller) || caller->account_id == owner_account_id ||
        caller_membership(caller, owner_account_id))
        return true;
    bool is_domain_admin = caller->role_type == ROLE_DOMAIN_ADMIN || caller->role_type == ROLE_RESOURCE_ADMIN;
    return is_domain_admin && owner_domain_path && caller->domain_path &&
           string_starts_with(owner_domain_path, caller->domain_path);
}

static bool may_use(const struct api_call *call, const struct object_found *found)
{
    const struct caller *caller = call->caller;
    switch (found->visibility) {
    case OBJECT_OWNED:
        return caller_may_reach(caller, found->owner_account_id, found->owner_domain_path) &&
               !project_forbids(caller, found->owner_account_id, call->command);
    case OBJECT_SHARED:
        if (caller_is_root_admin(caller) || string_is_empty(found->owner_domain_path))
            return true;
        return (caller->domain_path && string_starts_with(caller->domain_path, found->owner_domain_path)) ||
               caller_may_reach(caller, 0, found->owner_domain_path);
    case OBJECT_DOMAIN:
        return caller_may_reach(caller, 0, found->owner_domain_path) ||
               string_equal(caller->domain_path, found->owner_domain_path);
    case OBJECT_INFRA:
        return caller_is_root_admin(caller);
    }
    return false;
}

bool api_refuse_missing(const struct api_call *call, const char *param, struct error *err)
{
    return error_with(err, ERROR_PARAMETER, "api.missing_parameter",
                      E_TEXT("command", string_lower(call->arena, call->command->name)), E_TEXT("parameter", param));
}

bool api_refuse_entity(const char *param, const char *value, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "api.entity_missing", E_TEXT("parameter", param),
                      E_TEXT("value", value));
}

bool api_refuse_object(const struct api_call *call, const char *wire_type, const char *value, struct error *err)
{
    return error_with(err, ERROR_DENIED, "api.denied_object", E_TEXT("account", call->caller->account_name),
                      E_TEXT("kind", wire_type), E_TEXT("value", value));
}

bool api_resolve(struct api_call *call, const char *kind_name, const char *param, const char *uuid,
                 struct object_found *ret_found, struct error *err)
{
    const struct object_kind *kind = api_find_kind(kind_name);
    struct object_found found = {0};
    bool exists = false;
    if (!kind || !uuid_is_valid(uuid))
        return api_refuse_entity(param, uuid, err);
    if (!kind->find(call->db, call->arena, uuid, &found, &exists, err))
        return false;
    if (!exists)
        return api_refuse_entity(param, uuid, err);
    if (!may_use(call, &found))
        return api_refuse_object(call, kind->wire_type, uuid, err);
    if (found.visibility == OBJECT_OWNED && call->reply && !call->reply->touched_account_id)
        call->reply->touched_account_id = found.owner_account_id;
    *ret_found = found;
    return true;
}

/* The owners of the objects that `id` and `ids` name. */
struct named_owners {
    struct text ids; /* comma list */
    bool has_project;
};
enum { SCOPE_IDS_MAX_BYTES = 64 * 1024 };

static void add_id(struct text *ids, int64_t id)
{
    if (ids->length > 0)
        text_add_char(ids, ',');
    text_add_int(ids, id);
}

static bool names_the_object(const struct field *field)
{
    return string_equal(field->name, "id") || string_equal(field->name, "ids");
}

/* A list that names objects of projects shows them: its scope becomes their owners, each of which was just checked. */
static void note_named(const struct object_found *found, struct named_owners *named)
{
    if (found->visibility != OBJECT_OWNED)
        return;
    named->has_project = named->has_project || account_is_project(found->owner_account_id);
    add_id(&named->ids, found->owner_account_id);
}

static bool resolve_ref(struct api_call *call, const struct field *field, struct object_ref *ref,
                        struct named_owners *named, struct error *err)
{
    if (!ref->uuid)
        return true;
    if ((field->flags & FIELD_ALLOW_MINUS_ONE) && string_equal(ref->uuid, "-1")) {
        ref->id = -1;
        return true;
    }
    struct object_found found;
    if (!api_resolve(call, field->refers_to, field->name, ref->uuid, &found, err))
        return false;
    ref->id = found.id;
    if (names_the_object(field))
        note_named(&found, named);
    return true;
}

/* The parts of a map that name objects are references, too. */
static bool resolve_map(struct api_call *call, const struct field *field, struct map_list *map, struct error *err)
{
    for (size_t i = 0; i < map->count; i++)
        for (const struct map_ref *ref = field->map_refs; ref && ref->field; ref++) {
            struct object_found found;
            if (!string_equal(ref->field, map->entries[i].field))
                continue;
            if (!api_resolve(call, ref->refers_to, ref->field, map->entries[i].value, &found, err))
                return false;
            map->entries[i].ref = found.id;
        }
    return true;
}

static bool resolve_field(struct api_call *call, const struct field *field, void *args, struct named_owners *named,
                          struct error *err)
{
    if (field->type == FIELD_MAP)
        return resolve_map(call, field, field_at(field, args), err);
    if (field->type == FIELD_REF)
        return resolve_ref(call, field, field_at(field, args), named, err);
    if (field->type != FIELD_REF_LIST)
        return true;
    struct ref_list *list = field_at(field, args);
    for (size_t i = 0; i < list->count; i++)
        if (!resolve_ref(call, field, &list->items[i], named, err))
            return false;
    return true;
}

/* ---- owner and scope ---- */

static struct owner own_account(const struct caller *caller)
{
    return (struct owner){.account_id = caller->account_id,
                          .domain_id = caller->domain_id,
                          .account_uuid = caller->account_uuid,
                          .account_name = caller->account_name,
                          .domain_uuid = caller->domain_uuid,
                          .domain_path = caller->domain_path};
}

static bool resolve_owner(struct api_call *call, const struct wire_params *params, struct error *err)
{
    const char *account = parse_find(params, "account"), *domain = parse_find(params, "domainid"),
               *project = parse_find(params, "projectid");
    if (account && project)
        return error_set(err, ERROR_INVALID_VALUE, "api.account_and_project");
    if (domain && !account && !project)
        return error_set(err, ERROR_INVALID_VALUE, "api.account_with_domain");
    if (!account && !project)
        return true;
    return identity->find_owner(call, account, domain, project, &call->owner, err);
}

static bool names_an_object(const struct field_table *table, const void *args)
{
    const struct field *id = table ? field_find(table, "id") : NULL, *ids = table ? field_find(table, "ids") : NULL;
    if (id && id->type == FIELD_REF && ((const struct object_ref *)field_at_const(id, args))->id != 0)
        return true;
    return ids && ids->type == FIELD_REF_LIST && ((const struct ref_list *)field_at_const(ids, args))->count > 0;
}

static void scope_of_everything(struct api_call *call)
{
    const struct caller *caller = call->caller;
    if (caller_is_root_admin(caller)) {
        call->scope.form = SCOPE_EVERYTHING;
    } else if (caller->role_type == ROLE_USER) {
        call->scope.form = SCOPE_ACCOUNT_ONLY;
    } else {
        call->scope.form = SCOPE_DOMAIN_TREE;
        call->scope.domain_path = caller->domain_path;
    }
}

static bool scope_of_account(struct api_call *call, const char *account, const char *domain, struct error *err)
{
    struct owner owner;
    if (!identity->find_owner(call, account, domain, NULL, &owner, err))
        return false;
    call->scope.form = SCOPE_ACCOUNT_ONLY;
    call->scope.account_id = owner.account_id;
    call->scope.domain_id = owner.domain_id;
    call->scope.domain_path = owner.domain_path;
    return true;
}

static bool scope_of_domain(struct api_call *call, const char *domain, bool is_recursive, struct error *err)
{
    if (!identity->find_domain(call, domain, &call->scope.domain_id, &call->scope.domain_path, err))
        return false;
    if (call->caller->role_type == ROLE_USER)
        call->scope.form = SCOPE_ACCOUNT_ONLY;
    else
        call->scope.form = is_recursive ? SCOPE_DOMAIN_TREE : SCOPE_DOMAIN_ONLY;
    return true;
}

static void scope_of_accounts(struct api_call *call, const char *ids)
{
    call->scope.form = SCOPE_ACCOUNT_ONLY;
    call->scope.account_id = SCOPE_NOBODY;
    call->scope.account_ids = ids;
}

/* "-1": what all projects within reach own. Members see their own projects, administrators those below them. */
static void scope_of_projects(struct api_call *call)
{
    const struct caller *caller = call->caller;
    struct text ids;
    if (caller->role_type != ROLE_USER) {
        scope_of_everything(call);
        call->scope.projects_only = true;
        return;
    }
    text_init(&ids, call->arena, SCOPE_IDS_MAX_BYTES);
    for (size_t i = 0; i < caller->project_count; i++)
        if (!project_forbids(caller, caller->projects[i].account_id, call->command))
            add_id(&ids, caller->projects[i].account_id);
    scope_of_accounts(call, text_string(&ids));
}

/* What projects own stays hidden unless a project, or the object itself, is named. */
static bool scope_of_project(struct api_call *call, const char *project, struct error *err)
{
    struct owner owner;
    if (string_equal(project, "-1")) {
        scope_of_projects(call);
        return true;
    }
    if (!identity->find_owner(call, NULL, NULL, project, &owner, err))
        return false;
    call->scope.form = SCOPE_ACCOUNT_ONLY;
    call->scope.account_id = owner.account_id;
    call->scope.domain_id = owner.domain_id;
    call->scope.domain_path = owner.domain_path;
    return true;
}

static bool resolve_scope(struct api_call *call, const struct wire_params *params, const void *args,
                          struct named_owners *named, struct error *err)
{
    const char *account = parse_find(params, "account"), *domain = parse_find(params, "domainid"),
               *project = parse_find(params, "projectid");
    bool list_all = parse_is_true(parse_find(params, "listall"));
    if (account && project)
        return error_set(err, ERROR_INVALID_VALUE, "api.account_and_project");
    if (project)
        return scope_of_project(call, project, err);
    if (account)
        return scope_of_account(call, account, domain, err);
    if (domain)
        return scope_of_domain(call, domain, parse_is_true(parse_find(params, "isrecursive")), err);
    if (named->has_project)
        scope_of_accounts(call, text_string(&named->ids));
    else if (list_all || names_an_object(call->command->params, args))
        scope_of_everything(call);
    return true;
}

bool authorize_arguments(struct api_call *call, const struct wire_params *params, void *args, struct error *err)
{
    const struct api_command *command = call->command;
    bool scoped = (command->flags & API_SCOPE_PARAMS) != 0;
    struct named_owners named = {.has_project = false};
    text_init(&named.ids, call->arena, SCOPE_IDS_MAX_BYTES);
    call->owner = own_account(call->caller);
    call->scope = (struct list_scope){.form = scoped ? SCOPE_ACCOUNT_ONLY : SCOPE_EVERYTHING,
                                      .account_id = call->caller->account_id,
                                      .domain_id = call->caller->domain_id,
                                      .domain_path = call->caller->domain_path,
                                      .caller_account_id = call->caller->account_id};
    for (size_t i = 0; command->params && i < command->params->count; i++)
        if (!resolve_field(call, &command->params->fields[i], args, &named, err))
            return false;
    if (scoped)
        return resolve_scope(call, params, args, &named, err);
    if (command->flags & API_OWNER_PARAMS)
        return resolve_owner(call, params, err);
    return true;
}
