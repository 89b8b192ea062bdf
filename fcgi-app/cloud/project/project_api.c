/* createProject, updateProject, activateProject, suspendProject, deleteProject, listProjects. */
#include <strings.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/project/project_jobs.h"
#include "cloud/project/project_owned.h"
#include "cloud/project/project_response.h"
#include "cloud/tag/tag.h"

SETTING(USERS_CREATE_PROJECTS, .name = "allow.user.create.projects", .category = "Project Defaults",
        .default_value = "true", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "Users may create projects, not only administrators");

const struct object_kind PROJECT_KIND = {.name = "project",
                                         .wire_type = "Project",
                                         .object_key = "project",
                                         .response = &PROJECT_RESPONSE,
                                         .find = project_kind_find,
                                         .describe = project_describe};

/* ---- createProject ---- */

struct create_args {
    const char *name, *displaytext, *account;
    struct object_ref accountid, domainid, userid;
};
#define C(member, ...) FIELD(struct create_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_PROJECT_ARGS, struct create_args,
            C(name, .flags = FIELD_REQUIRED, .help = "the project's name, once in its domain"),
            C(displaytext, .help = "what the project is for; its name when absent"),
            C(account, .help = "the account that administers the project; goes with domainid"),
            C(domainid, .refers_to = "domain", .help = "the domain of that account and of the project"),
            C(accountid, .refers_to = "account", .help = "the account that administers the project, by its id"),
            C(userid, .refers_to = "user", .since = "4.15.0",
              .help = "the user who administers the project, alone of his account"));

/* The caller's account, a named one, or the account of a user. */
static bool find_admin(struct api_call *call, const struct create_args *args, struct owner *ret_owner,
                       struct error *err)
{
    struct identity_user *user = NULL;
    int64_t account_id = args->accountid.id ? args->accountid.id : call->caller->account_id;
    if (args->account)
        return identity_owner_by_name(call, args->account, args->domainid.uuid, ret_owner, err);
    if (args->userid.id && !identity_find_user_any(call->db, call->arena, args->userid.id, &user, err))
        return false;
    if (user)
        account_id = user->account_id;
    return identity_owner_any(call->db, call->arena, account_id, ret_owner, err);
}

static bool create_project(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_args *args = arguments;
    struct project_creation creation = {.name = args->name,
                                        .display_text = args->displaytext ? args->displaytext : args->name,
                                        .owner_user_id = args->userid.id};
    struct job_ref job;
    if (call->caller->role_type == ROLE_USER && !setting_bool(&USERS_CREATE_PROJECTS))
        return error_set(err, ERROR_DENIED, "project.users_create_none");
    if (!find_admin(call, args, &creation.owner, err))
        return false;
    creation.domain_id = creation.owner.domain_id;
    creation.domain_uuid = creation.owner.domain_uuid;
    if (!project_create(call, &creation, &job, err))
        return false;
    api_reply_job(call, &job, creation.project.uuid);
    return true;
}

/* ---- updateProject ---- */

struct update_args {
    struct object_ref id, userid;
    const char *name, *displaytext, *account, *roletype;
    struct opt_bool swapowner;
};
static const char *const ROLE_TYPES[] = {"Admin", "Regular", NULL};
#define U(member, ...) FIELD(struct update_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_PROJECT_ARGS, struct update_args,
            U(id, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            U(name, .since = "4.19.0", .help = "the new name"), U(displaytext, .help = "what the project is for"),
            U(account, .help = "the account of the project whose place changes"),
            U(userid, .refers_to = "project_user", .help = "the user of the project whose place changes"),
            U(swapowner, .help = "the account becomes the only admin; also when absent. False: it gets roletype"),
            U(roletype, .choices = ROLE_TYPES, .help = "Admin or Regular, with swapowner=false"));

struct updating {
    struct api_call *call;
    const struct project *project;
    const struct update_args *args;
    struct project_candidate candidate;
    bool appoints, swaps;
};

static bool find_candidate(struct api_call *call, const struct project *project, const struct update_args *args,
                           struct updating *to, struct error *err)
{
    struct identity_user *user = NULL;
    to->appoints = args->account || args->userid.id;
    to->swaps = !args->swapowner.set || args->swapowner.value;
    to->candidate.is_admin = args->roletype && strcasecmp(args->roletype, "Admin") == 0;
    if (to->appoints && !to->swaps && !args->roletype)
        return api_refuse_missing(call, "roletype", err);
    if (args->userid.id) {
        if (!identity_find_user_any(call->db, call->arena, args->userid.id, &user, err))
            return false;
        to->candidate.user_id = args->userid.id;
        to->candidate.account_id = user ? user->account_id : 0;
        to->candidate.name = user ? user->username : "";
    } else if (args->account) {
        struct identity_account *account = NULL;
        if (!project_find_account(call, project, args->account, &account, err))
            return false;
        to->candidate.account_id = account->id;
        to->candidate.name = account->name;
    }
    return true;
}

static bool update(struct db *db, void *context, struct error *err)
{
    const struct updating *to = context;
    if ((to->args->name || to->args->displaytext) &&
        !project_rename(to->call, to->project, to->args->name, to->args->displaytext, err))
        return false;
    return !to->appoints || project_appoint(db, to->call->arena, to->project, &to->candidate, to->swaps, err);
}

static bool update_project(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    struct updating to = {.call = call, .args = args};
    struct job_ref job;
    if (!project_to_change(call, args->id.id, &to.project, err) || !find_candidate(call, to.project, args, &to, err) ||
        !project_commit(call, to.project, update, &to, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

/* ---- activateProject, suspendProject, deleteProject ---- */

struct project_id_args {
    struct object_ref id;
};
FIELD_TABLE(PROJECT_ID_ARGS, struct project_id_args,
            FIELD(struct project_id_args, id, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"));
struct delete_args {
    struct object_ref id;
    bool cleanup;
};
FIELD_TABLE(DELETE_PROJECT_ARGS, struct delete_args,
            FIELD(struct delete_args, id, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            FIELD(struct delete_args, cleanup, .since = "4.16.0",
                  .help = "deletes all that the project owns, too; without it a project that owns something stays"));

struct turning {
    const struct project *project;
    bool active;
};

static bool turn(struct db *db, void *context, struct error *err)
{
    const struct turning *to = context;
    if (string_equal(to->project->state, "Disabled"))
        return error_with(err, ERROR_DENIED, "project.not_active", E_TEXT("state", to->project->state));
    return project_set_state(db, to->project, to->active ? "Active" : "Suspended", err) &&
           identity_set_project_account(db, -to->project->id, to->active, err);
}

static bool turn_project(struct api_call *call, int64_t id, bool active, struct error *err)
{
    struct turning to = {.active = active};
    struct job_ref job;
    if (!project_to_change(call, id, &to.project, err) || !project_commit(call, to.project, turn, &to, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static bool activate_project(struct api_call *call, const void *arguments, struct error *err)
{
    return turn_project(call, ((const struct project_id_args *)arguments)->id.id, true, err);
}

static bool suspend_project(struct api_call *call, const void *arguments, struct error *err)
{
    return turn_project(call, ((const struct project_id_args *)arguments)->id.id, false, err);
}

static bool check_empty(struct api_call *call, int64_t project_id, struct error *err)
{
    const struct owned_holder holder = {.account_id = -project_id};
    struct owned_summary *kinds = NULL;
    struct text names;
    size_t count = 0;
    if (!owned_summarize(call->db, call->arena, &holder, &kinds, &count, err))
        return false;
    text_init(&names, call->arena, 4096);
    for (size_t i = 0; i < count; i++)
        text_addf(&names, "%s%zu %s", i > 0 ? ", " : "", kinds[i].count, kinds[i].kind->name);
    return count == 0 || error_with(err, ERROR_IN_USE, "project.owns", E_TEXT("what", text_string(&names)));
}

struct deleting {
    struct api_call *call;
    const struct project *project;
    struct job_ref job;
};

static bool begin_deletion(struct db *db, void *context, struct error *err)
{
    struct deleting *to = context;
    struct job_stamp stamp = api_stamp(to->call);
    return project_begin_removal(db, to->project, &stamp, &to->job, err);
}

static bool delete_project(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_args *args = arguments;
    struct deleting to = {.call = call};
    if (!project_to_change(call, args->id.id, &to.project, err) ||
        (!args->cleanup && !check_empty(call, to.project->id, err)) ||
        !db_transaction(call->db, begin_deletion, &to, err))
        return false;
    api_reply_job(call, &to.job, NULL);
    return true;
}

/* ---- listProjects ---- */

struct list_args {
    struct object_ref id;
    const char *name, *displaytext, *state, *username;
    struct string_list details;
    struct map_list tags;
    bool showicon;
};
#define L(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_PROJECTS_ARGS, struct list_args, L(id, .refers_to = "project", .help = "lists only this project"),
            L(name, .help = "lists only the project of this name"),
            L(displaytext, .help = "lists only projects with this text"),
            L(state, .help = "lists only projects in this state: Active, Suspended or Disabled"),
            L(username, .help = "lists only projects that this user is a member of"),
            L(tags, .help = "lists only projects with these tags"),
            L(details, .help = "what to tell of each: all (also when absent), resource, or min for no limits"),
            L(showicon, .help = "shows the projects' icons"));

/* What a list asks of every project, read once. */
struct project_search {
    struct api_call *call;
    const struct list_args *args;
    struct project_members members; /* of the account whose projects are listed */
    const struct identity_user *users;
    size_t user_count;
    struct tag_filter tags;
    bool counters;
};

static bool is_member(const struct project_members *members, int64_t project_id)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->items[i].project_id == project_id)
            return true;
    return false;
}

static bool in_scope(const struct project_search *search, const struct project *row,
                     const struct identity_domain *domain)
{
    const struct list_scope *scope = &search->call->scope;
    switch (scope->form) {
    case SCOPE_ACCOUNT_ONLY:
        if (scope->account_ids)
            return search->args->id.id != 0 || caller_membership(search->call->caller, -row->id) != NULL;
        if (account_is_project(scope->account_id))
            return scope->account_id == -row->id;
        return scope->account_id == search->call->caller->account_id
                   ? caller_membership(search->call->caller, -row->id) != NULL
                   : is_member(&search->members, row->id);
    case SCOPE_DOMAIN_ONLY:
        return row->domain_id == scope->domain_id;
    case SCOPE_DOMAIN_TREE:
        return domain && string_starts_with(domain->path, scope->domain_path);
    case SCOPE_EVERYTHING:
        return true;
    }
    return false;
}

static bool has_user(const struct project_search *search, const struct project *row, bool *ret_has, struct error *err)
{
    struct project_members members;
    *ret_has = !search->args->username;
    if (*ret_has)
        return true;
    if (!project_members_of_project(search->call->db, search->call->arena, row->id, &members, err))
        return false;
    for (size_t u = 0; u < search->user_count; u++)
        for (size_t i = 0; i < members.count; i++)
            *ret_has = *ret_has || (members.items[i].account_id == search->users[u].account_id &&
                                    (members.items[i].user_id == 0 || members.items[i].user_id == search->users[u].id));
    return true;
}

static bool matches(const struct project_search *search, const struct project *row, bool *ret_matches,
                    struct error *err)
{
    const struct list_args *args = search->args;
    struct identity_domain *domain = NULL;
    *ret_matches = row->removed_id == 0 && (!args->id.id || args->id.id == row->id) &&
                   (!args->name || strcasecmp(args->name, row->name) == 0) &&
                   (!args->displaytext || strcasecmp(args->displaytext, row->display_text) == 0) &&
                   (!args->state || strcasecmp(args->state, row->state) == 0) &&
                   (page_keyword_matches(&search->call->page, row->name) ||
                    page_keyword_matches(&search->call->page, row->display_text));
    if (!*ret_matches)
        return true;
    if (!identity_find_domain_any(search->call->db, search->call->arena, row->domain_id, &domain, err))
        return false;
    *ret_matches = in_scope(search, row, domain);
    return !*ret_matches || has_user(search, row, ret_matches, err);
}

static bool begin_search(struct api_call *call, const struct list_args *args, struct project_search *search,
                         struct error *err)
{
    *search = (struct project_search){.call = call, .args = args, .counters = true};
    for (size_t i = 0; i < args->details.count; i++)
        search->counters = search->counters && strcasecmp(args->details.items[i], "min") != 0;
    if (!tag_read_filter(&args->tags, &search->tags, err))
        return false;
    if (call->scope.form == SCOPE_ACCOUNT_ONLY && call->scope.account_id != call->caller->account_id &&
        !project_members_of_account(call->db, call->arena, call->scope.account_id, &search->members, err))
        return false;
    return !args->username ||
           identity_users_named_any(call->db, call->arena, args->username, &search->users, &search->user_count, err);
}

/* Those without one of the wanted tags go. */
static bool keep_tagged(const struct project_search *search, const struct project **rows, size_t *count,
                        struct error *err)
{
    struct api_call *call = search->call;
    int64_t *ids = arena_array(call->arena, *count + 1, sizeof(*ids));
    struct object_list *tags = arena_array(call->arena, *count + 1, sizeof(*tags));
    size_t kept = 0;
    if (search->tags.count == 0)
        return true;
    for (size_t i = 0; i < *count; i++)
        ids[i] = rows[i]->id;
    if (!tag_find_for(call->db, call->arena, "project", ids, *count, tags, err))
        return false;
    for (size_t i = 0; i < *count; i++)
        if (tag_filter_matches(&search->tags, &tags[i]))
            rows[kept++] = rows[i];
    *count = kept;
    return true;
}

static bool list_projects(struct api_call *call, const void *arguments, struct error *err)
{
    struct project_search search;
    struct cache_view view;
    struct page_pick pick = {.page = &call->page};
    size_t count = 0;
    if (!begin_search(call, arguments, &search, err) || !project_all(call->db, call->arena, &view, err))
        return false;
    const struct project *rows = view.items, **found = arena_array(call->arena, view.count + 1, sizeof(*found));
    for (size_t i = 0; i < view.count; i++) {
        bool fits = false;
        if (!matches(&search, &rows[i], &fits, err))
            return false;
        if (fits)
            found[count++] = &rows[i];
    }
    if (!keep_tagged(&search, found, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (page_pick(&pick))
            found[pick.taken - 1] = found[i];
    struct project_response *responses = arena_array(call->arena, pick.taken + 1, sizeof(*responses));
    if (!project_fill(call, found, pick.taken, search.counters, responses, err))
        return false;
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

#define PROJECT_COMMAND .roles = ROLES_ALL, .group = "Project", .mode = API_ASYNC
static const struct api_command COMMANDS[] = {
    {.name = "createProject",
     .summary = "Makes a project, whose members own things together",
     .since = "3.0.0",
     .object_key = "project",
     .event = "PROJECT.CREATE",
     .flags = API_CREATES,
     .params = &CREATE_PROJECT_ARGS,
     .response = &PROJECT_RESPONSE,
     .handle = create_project,
     PROJECT_COMMAND},
    {.name = "updateProject",
     .summary = "Changes a project or who administers it",
     .since = "3.0.0",
     .object_key = "project",
     .event = "PROJECT.UPDATE",
     .params = &UPDATE_PROJECT_ARGS,
     .response = &PROJECT_RESPONSE,
     .handle = update_project,
     PROJECT_COMMAND},
    {.name = "activateProject",
     .summary = "Lets a suspended project be used again",
     .since = "3.0.0",
     .response_key = "activaterojectresponse",
     .object_key = "project",
     .event = "PROJECT.ACTIVATE",
     .params = &PROJECT_ID_ARGS,
     .response = &PROJECT_RESPONSE,
     .handle = activate_project,
     PROJECT_COMMAND},
    {.name = "suspendProject",
     .summary = "Stops a project's instances, and lets nothing new come",
     .since = "3.0.0",
     .object_key = "project",
     .event = "PROJECT.SUSPEND",
     .params = &PROJECT_ID_ARGS,
     .response = &PROJECT_RESPONSE,
     .handle = suspend_project,
     PROJECT_COMMAND},
    {.name = "deleteProject",
     .summary = "Deletes a project",
     .since = "3.0.0",
     .event = "PROJECT.DELETE",
     .params = &DELETE_PROJECT_ARGS,
     .handle = delete_project,
     PROJECT_COMMAND},
    {.name = "listProjects",
     .summary = "Lists projects with their admins, what they use and may use",
     .since = "3.0.0",
     .object_key = "project",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_PROJECTS_ARGS,
     .response = &PROJECT_RESPONSE,
     .handle = list_projects,
     .group = "Project"},
    {.name = NULL},
};

void project_register(void)
{
    static const struct object_kind *const KINDS[] = {&PROJECT_KIND, NULL};
    api_register_kinds(KINDS);
    project_register_jobs();
    project_register_owned();
    api_register_commands(COMMANDS);
    project_register_roles();
    project_register_members();
    project_register_invitations();
}
