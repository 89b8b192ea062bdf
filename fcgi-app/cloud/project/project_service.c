/* Rules of projects and their members. */
#include "cloud/project/project_service.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/mark/mark.h"
#include "cloud/quota/quota.h"
#include "db/version.h"

SETTING(PROJECT_INVITE_REQUIRED, .name = "project.invite.required", .category = "Project Defaults",
        .default_value = "false", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "Whoever is added to a project is only invited, and a member when he accepts");
SETTING(PROJECT_INVITE_MAILS, .name = "project.invite.mails.per.hour", .category = "Project Defaults",
        .default_value = "20", .type = SETTING_INT, .min = 0, .max = 100000, .scopes = SCOPE_GLOBAL,
        .help = "Invitations by mail that a project may send within an hour");
SETTING(PROJECT_INVITE_TIMEOUT, .name = "project.invite.timeout", .category = "Project Defaults",
        .default_value = "86400", .type = SETTING_INT, .min = 60, .max = 31536000, .scopes = SCOPE_GLOBAL,
        .help = "Seconds after which an invitation can no longer be accepted");

bool project_to_change(struct api_call *call, int64_t id, const struct project **ret_project, struct error *err)
{
    const struct caller *caller = call->caller;
    const struct project_membership *member = caller_membership(caller, -id);
    const struct project *project = NULL;
    struct identity_domain *domain = NULL;
    if (!project_by_id(call->db, call->arena, id, &project, err) ||
        (project && !identity_find_domain_any(call->db, call->arena, project->domain_id, &domain, err)))
        return false;
    if (!project || project->removed_id != 0)
        return error_set(err, ERROR_INVALID_VALUE, "project.gone");
    bool may = (member && member->is_admin) || caller_may_reach(caller, 0, domain ? domain->path : NULL);
    *ret_project = project;
    return may || error_with(err, ERROR_DENIED, "project.not_admin", E_TEXT("account", caller->account_name),
                             E_TEXT("project", project->name));
}

/* ---- projects ---- */

enum { NAME_MAX_LENGTH = 200 }; /* the account's name has more around it */

static bool check_name(struct db *db, const char *name, int64_t domain_id, const char *domain_uuid, int64_t own_id,
                       struct error *err)
{
    int64_t taken = 0;
    if (string_is_empty(name) || string_utf8_length(name, strlen(name)) == 0 || strlen(name) > NAME_MAX_LENGTH)
        return error_with(err, ERROR_INVALID_VALUE, "project.bad_name", E_INT("max", NAME_MAX_LENGTH));
    if (!project_id_by_name(db, domain_id, name, &taken, err))
        return false;
    return taken == 0 || taken == own_id ||
           error_with(err, ERROR_INVALID_VALUE, "project.name_taken", E_TEXT("name", name),
                      E_TEXT("domain", domain_uuid));
}

struct creating {
    struct api_call *call;
    struct project_creation *creation;
};

static bool create(struct db *db, void *context, struct error *err)
{
    struct creating *to = context;
    struct project_creation *creation = to->creation;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    creation->project = (struct project){.uuid = arena_strdup(to->call->arena, uuid),
                                         .name = creation->name,
                                         .display_text = creation->display_text,
                                         .state = "Active",
                                         .domain_id = creation->domain_id,
                                         .created = OPT_TIME(clock_now_ms())};
    if (!check_name(db, creation->name, creation->domain_id, creation->domain_uuid, 0, err) ||
        !project_add(db, &creation->project, err))
        return false;
    const char *account =
        arena_printf(to->call->arena, "PrjAcct-%s-%lld", creation->name, (long long)creation->project.id);
    struct project_candidate owner = {.account_id = creation->owner.account_id,
                                      .user_id = creation->owner_user_id,
                                      .name = creation->owner.account_name,
                                      .is_admin = true};
    return identity_add_project_account(db, -creation->project.id, account, creation->domain_id, err) &&
           project_admit(db, to->call->arena, &creation->project, &owner, err);
}

bool project_create(struct api_call *call, struct project_creation *creation, struct job_ref *ret_job,
                    struct error *err)
{
    struct creating to = {call, creation};
    return project_commit(call, &creation->project, create, &to, ret_job, err);
}

bool project_rename(struct api_call *call, const struct project *project, const char *name, const char *display_text,
                    struct error *err)
{
    struct identity_domain *domain = NULL;
    if (!identity_find_domain_any(call->db, call->arena, project->domain_id, &domain, err))
        return false;
    if (name && !check_name(call->db, name, project->domain_id, domain ? domain->uuid : NULL, project->id, err))
        return false;
    return project_set_texts(call->db, project->id, name, display_text, err) &&
           version_raise(call->db, VERSION_PROJECTS, err);
}

bool project_set_state(struct db *db, const struct project *project, const char *state, struct error *err)
{
    bool changed = false;
    if (!project_change_state(db, project->id, project->state, state, &changed, err))
        return false;
    return changed ? version_raise(db, VERSION_PROJECTS, err) : error_set(err, ERROR_IN_USE, "project.busy");
}

/* ---- members ---- */

static bool lock(struct db *db, const struct project *project, struct error *err)
{
    bool exists = false;
    if (!project_lock(db, project->id, &exists, err))
        return false;
    return exists || error_set(err, ERROR_INVALID_VALUE, "project.gone");
}

/* Projects count where their admins are. */
static bool count_admin(struct db *db, struct arena *arena, int64_t account_id, int64_t delta, struct error *err)
{
    struct owner owner;
    struct quota_change change = {QUOTA_PROJECT, delta};
    return identity_owner_any(db, arena, account_id, &owner, err) && quota_change(db, &owner, &change, 1, err);
}

static bool keeps_an_admin(struct db *db, const struct project *project, const char *name, struct error *err)
{
    int64_t admins = 0;
    if (!project_count_admins(db, project->id, &admins, err))
        return false;
    return admins > 0 || error_with(err, ERROR_INVALID_VALUE, "project.last_admin", E_TEXT("account", name));
}

bool project_member_of(struct db *db, struct arena *arena, int64_t project_id, int64_t account_id, int64_t user_id,
                       const struct project_member **ret_member, struct error *err)
{
    struct project_members members;
    *ret_member = NULL;
    if (!project_members_of_project(db, arena, project_id, &members, err))
        return false;
    for (size_t i = 0; i < members.count; i++)
        if (members.items[i].account_id == account_id && members.items[i].user_id == user_id)
            *ret_member = &members.items[i];
    return true;
}

bool project_admit(struct db *db, struct arena *arena, const struct project *project,
                   const struct project_candidate *candidate, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct project_member row = {.uuid = uuid,
                                 .project_id = project->id,
                                 .account_id = candidate->account_id,
                                 .user_id = candidate->user_id,
                                 .is_admin = candidate->is_admin,
                                 .project_role_id = candidate->project_role_id};
    if (!lock(db, project, err) || !project_member_add(db, &row, err))
        return false;
    if (row.is_admin && !count_admin(db, arena, row.account_id, 1, err))
        return false;
    return version_raise(db, VERSION_PROJECTS, err);
}

static bool remove_member(struct db *db, struct arena *arena, const struct project_member *member, struct error *err)
{
    return project_member_remove(db, member->id, err) &&
           (!member->is_admin || count_admin(db, arena, member->account_id, -1, err));
}

/* The members as they are now: the lock keeps others from changing them. */
static bool locked_members(struct db *db, struct arena *arena, const struct project *project,
                           struct project_members *ret_members, struct error *err)
{
    return lock(db, project, err) && version_raise(db, VERSION_PROJECTS, err) &&
           project_members_read(db, arena, project->id, ret_members, err);
}

/* user_id 0: the account with all its users. */
bool project_dismiss(struct db *db, struct arena *arena, const struct project *project, int64_t account_id,
                     int64_t user_id, struct error *err)
{
    struct project_members members;
    const char *name = "";
    struct identity_account *account = NULL;
    if (!locked_members(db, arena, project, &members, err) ||
        !identity_find_account_any(db, arena, account_id, &account, err))
        return false;
    for (size_t i = 0; i < members.count; i++) {
        const struct project_member *member = &members.items[i];
        bool fits = member->account_id == account_id && (user_id == 0 || member->user_id == user_id);
        if (fits && !remove_member(db, arena, member, err))
            return false;
    }
    if (account)
        name = account->name;
    return keeps_an_admin(db, project, name, err);
}

static bool remove_members(struct db *db, struct arena *arena, const struct project_members *members, struct error *err)
{
    for (size_t i = 0; i < members->count; i++)
        if (!remove_member(db, arena, &members->items[i], err))
            return false;
    return version_raise(db, VERSION_PROJECTS, err);
}

bool project_end(struct db *db, struct arena *arena, int64_t project_id, struct error *err)
{
    struct project_members members;
    bool exists = false;
    return project_lock(db, project_id, &exists, err) && project_members_read(db, arena, project_id, &members, err) &&
           remove_members(db, arena, &members, err) && mark_forget(db, "project", project_id, err) &&
           project_remove(db, project_id, err);
}

bool project_part(struct db *db, struct arena *arena, int64_t account_id, struct error *err)
{
    struct project_members members;
    return project_members_read_account(db, arena, account_id, &members, err) &&
           remove_members(db, arena, &members, err) && project_forget_account(db, account_id, err);
}

static bool leave(struct db *db, struct arena *arena, const struct project_member *member, struct error *err)
{
    const struct project *project = NULL;
    struct identity_user *user = NULL;
    if (!project_by_id(db, arena, member->project_id, &project, err) ||
        !identity_find_user_any(db, arena, member->user_id, &user, err))
        return false;
    return !project || (lock(db, project, err) && remove_member(db, arena, member, err) &&
                        keeps_an_admin(db, project, user ? user->username : "", err));
}

bool project_part_user(struct db *db, int64_t account_id, int64_t user_id, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct project_members members;
    if (!project_members_read_account(db, &arena, account_id, &members, err) ||
        !project_forget_user(db, account_id, user_id, err))
        return false;
    for (size_t i = 0; i < members.count; i++)
        if (members.items[i].user_id == user_id && !leave(db, &arena, &members.items[i], err))
            return false;
    return members.count == 0 || version_raise(db, VERSION_PROJECTS, err);
}

static bool set_admin(struct db *db, struct arena *arena, const struct project_member *member, bool is_admin,
                      struct error *err)
{
    if (member->is_admin == is_admin)
        return true;
    return project_member_set(db, member->id, is_admin, is_admin ? 0 : member->project_role_id, err) &&
           count_admin(db, arena, member->account_id, is_admin ? 1 : -1, err);
}

/* A member gets or loses the admin's place; `swaps`: the admin there was becomes a regular member. */
bool project_appoint(struct db *db, struct arena *arena, const struct project *project,
                     const struct project_candidate *candidate, bool swaps, struct error *err)
{
    struct project_members members;
    const struct project_member *chosen = NULL;
    if (!locked_members(db, arena, project, &members, err))
        return false;
    for (size_t i = 0; i < members.count; i++)
        if (members.items[i].account_id == candidate->account_id && members.items[i].user_id == candidate->user_id)
            chosen = &members.items[i];
    if (!chosen)
        return error_with(err, ERROR_INVALID_VALUE, "project.not_member_yet", E_TEXT("account", candidate->name));
    for (size_t i = 0; swaps && i < members.count; i++)
        if (&members.items[i] != chosen && !set_admin(db, arena, &members.items[i], false, err))
            return false;
    return set_admin(db, arena, chosen, swaps || candidate->is_admin, err) &&
           keeps_an_admin(db, project, candidate->name, err);
}
