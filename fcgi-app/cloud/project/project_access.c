/* What the api room and other features ask: whose member a caller is, and which account owns what a project owns. */
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/project/project_service.h"

static bool fill_rules(struct db *db, struct arena *arena, int64_t project_role_id, struct project_membership *to,
                       struct error *err)
{
    struct project_rules rules;
    if (!project_rules_of(db, arena, project_role_id, &rules, err))
        return false;
    struct project_rule *copies = arena_array(arena, rules.count + 1, sizeof(*copies));
    for (size_t i = 0; i < rules.count; i++)
        copies[i] = (struct project_rule){rules.items[i].rule, rules.items[i].is_allowed};
    to->rules = copies;
    to->rule_count = rules.count;
    return true;
}

/* A user's own membership goes before that of the whole account: it stands behind it in the table. */
bool project_memberships_of(struct db *db, struct arena *arena, struct caller *caller, struct error *err)
{
    struct project_members members;
    if (!project_members_of_account(db, arena, caller->account_id, &members, err))
        return false;
    struct project_membership *own = arena_array(arena, members.count + 1, sizeof(*own));
    size_t count = 0;
    for (size_t i = 0; i < members.count; i++) {
        const struct project_member *row = &members.items[i];
        if (row->user_id != 0 && row->user_id != caller->user_id)
            continue;
        if (count == 0 || own[count - 1].account_id != -row->project_id)
            count++;
        own[count - 1] = (struct project_membership){.account_id = -row->project_id, .is_admin = row->is_admin};
        bool has_rules = row->project_role_id != 0 && !row->is_admin;
        if (has_rules && !fill_rules(db, arena, row->project_role_id, &own[count - 1], err))
            return false;
    }
    caller->projects = own;
    caller->project_count = count;
    return true;
}

bool project_name_any(struct db *db, struct arena *arena, int64_t project_id, const char **ret_uuid,
                      const char **ret_name, struct error *err)
{
    const struct project *project = NULL;
    if (!project_by_id(db, arena, project_id, &project, err))
        return false;
    *ret_uuid = project ? project->uuid : NULL;
    *ret_name = project ? project->name : NULL;
    return true;
}

bool project_find_owner(struct api_call *call, const char *project_uuid, struct owner *ret_owner, struct error *err)
{
    struct object_found found;
    const struct project *project = NULL;
    bool lists = call->command->mode == API_LIST;
    if (!api_resolve(call, "project", "projectid", project_uuid, &found, err) ||
        !project_by_id(call->db, call->arena, found.id, &project, err))
        return false;
    if (!lists && project && !string_equal(project->state, "Active"))
        return error_with(err, ERROR_DENIED, "project.not_active", E_TEXT("state", project->state));
    return identity_owner_any(call->db, call->arena, -found.id, ret_owner, err);
}

bool project_kind_find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                       bool *ret_exists, struct error *err)
{
    const struct project *row = NULL;
    struct identity_domain *domain = NULL;
    if (!project_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && row->removed_id == 0;
    if (!*ret_exists)
        return true;
    if (!identity_find_domain_any(db, arena, row->domain_id, &domain, err))
        return false;
    *ret_found = (struct object_found){row->id, -row->id, domain ? domain->path : NULL, OBJECT_OWNED, row->name};
    return true;
}
