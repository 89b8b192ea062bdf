/* listProjectAccounts, addAccountToProject, addUserToProject, deleteAccountFromProject, deleteUserFromProject. */
#include <strings.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/project/project_invitation.h"
#include "cloud/project/project_response.h"
#include "cloud/role/role.h"

/* ---- who is meant ---- */

bool project_find_account(struct api_call *call, const struct project *project, const char *name,
                          struct identity_account **ret_account, struct error *err)
{
    struct identity_domain *domain = NULL;
    if (!identity_account_named_any(call->db, call->arena, project->domain_id, name, ret_account, err) ||
        !identity_find_domain_any(call->db, call->arena, project->domain_id, &domain, err))
        return false;
    return *ret_account || error_with(err, ERROR_INVALID_VALUE, "identity.no_account", E_TEXT("account", name),
                                      E_TEXT("domain", domain ? domain->uuid : ""));
}

/* A project role of this project; 0: none. */
bool project_check_role(struct api_call *call, const struct project *project, int64_t project_role_id,
                        struct error *err)
{
    const struct project_role *role = NULL;
    if (project_role_id == 0)
        return true;
    if (!project_role_by_id(call->db, call->arena, project_role_id, &role, err))
        return false;
    return (role && role->project_id == project->id) || error_set(err, ERROR_INVALID_VALUE, "project.foreign_role");
}

/* A user as a member: people of other accounts are named in a project, too. Each command looks at the project's members
 * only, so that nobody learns or changes anything of a user who is none. */
static bool find_user(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    struct identity_user *user = NULL;
    if (!identity_user_by_uuid_any(db, arena, uuid, &user, err))
        return false;
    *ret_exists = user != NULL;
    if (user)
        *ret_found = (struct object_found){
            .id = user->id, .owner_domain_path = "", .visibility = OBJECT_SHARED, .name = user->username};
    return true;
}
static const struct object_kind USER_KIND = {
    .name = "project_user", .wire_type = "ProjectUser", .object_key = "user", .find = find_user};

/* ---- adding ---- */

struct add_args {
    struct object_ref projectid, projectroleid;
    const char *account, *username, *email, *roletype;
};
static const char *const ROLE_TYPES[] = {"Admin", "Regular", NULL};
#define A(member, ...) FIELD(struct add_args, member, __VA_ARGS__)
#define A_SHARED                                                                                                       \
    A(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),                              \
        A(projectroleid, .refers_to = "project_role", .since = "4.15.0", .help = "the member's role in the project"),  \
        A(roletype, .choices = ROLE_TYPES, .since = "4.15.0",                                                          \
          .help = "Admin, who may change the project, or Regular, also when absent")
FIELD_TABLE(ADD_ACCOUNT_ARGS, struct add_args, A_SHARED,
            A(account, .help = "the account to add; of the project's domain"),
            A(email, .help = "the mail address to invite, when no account is named"));
FIELD_TABLE(ADD_USER_ARGS, struct add_args, A_SHARED,
            A(username, .flags = FIELD_REQUIRED, .help = "the user to add; of the project's domain"),
            A(email, .help = "a mail address to invite", .no_effect = "the user is named, and needs no letter"));

struct adding {
    struct api_call *call;
    const struct project *project;
    struct project_candidate candidate;
    const char *email, *domain_path; /* of the candidate's domain */
};

/* A project counts where its admins are: nobody becomes one of a stranger's without his word. */
static bool must_agree(const struct adding *to)
{
    return setting_bool(&PROJECT_INVITE_REQUIRED) ||
           (to->candidate.is_admin && !caller_may_reach(to->call->caller, to->candidate.account_id, to->domain_path));
}

/* Adds at once, or invites where he must agree. Who is a member already stays what he is. */
static bool add(struct db *db, void *context, struct error *err)
{
    const struct adding *to = context;
    const struct project_member *member = NULL;
    if (to->candidate.account_id == 0)
        return project_invite(to->call, to->project, &to->candidate, to->email, err);
    if (!project_member_of(db, to->call->arena, to->project->id, to->candidate.account_id, to->candidate.user_id,
                           &member, err))
        return false;
    if (member)
        return true;
    if (must_agree(to))
        return project_invite(to->call, to->project, &to->candidate, to->email, err);
    return project_admit(db, to->call->arena, to->project, &to->candidate, err);
}

static bool find_named(struct adding *to, const struct add_args *args, struct error *err)
{
    struct identity_account *account = NULL;
    struct identity_user *user = NULL;
    if (args->account) {
        if (!project_find_account(to->call, to->project, args->account, &account, err))
            return false;
        to->candidate.account_id = account->id;
        to->candidate.name = account->name;
    } else if (args->username) {
        if (!identity_user_named_any(to->call->db, to->call->arena, to->project->domain_id, args->username, &user, err))
            return false;
        if (!user)
            return error_with(err, ERROR_INVALID_VALUE, "project.no_user", E_TEXT("user", args->username));
        to->candidate.account_id = user->account_id;
        to->candidate.user_id = user->id;
        to->candidate.name = user->username;
    } else if (!args->email) {
        return error_set(err, ERROR_INVALID_VALUE, "project.account_or_email");
    }
    if (user && !identity_find_account_any(to->call->db, to->call->arena, user->account_id, &account, err))
        return false;
    to->domain_path = account ? account->domain_path : NULL;
    return true;
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_args *args = arguments;
    struct adding to = {.call = call, .email = args->email};
    struct job_ref job;
    if (!project_to_change(call, args->projectid.id, &to.project, err) || !find_named(&to, args, err) ||
        !project_check_role(call, to.project, args->projectroleid.id, err))
        return false;
    if (!string_equal(to.project->state, "Active"))
        return error_with(err, ERROR_DENIED, "project.not_active", E_TEXT("state", to.project->state));
    to.candidate.is_admin = args->roletype && strcasecmp(args->roletype, "Admin") == 0;
    to.candidate.project_role_id = to.candidate.is_admin ? 0 : args->projectroleid.id;
    if (!project_commit(call, to.project, add, &to, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

/* ---- taking away ---- */

struct remove_args {
    struct object_ref projectid, userid;
    const char *account;
};
FIELD_TABLE(REMOVE_ACCOUNT_ARGS, struct remove_args,
            FIELD(struct remove_args, projectid, .refers_to = "project", .flags = FIELD_REQUIRED,
                  .help = "the project"),
            FIELD(struct remove_args, account, .flags = FIELD_REQUIRED,
                  .help = "the account to take out, with all its users"));
FIELD_TABLE(REMOVE_USER_ARGS, struct remove_args,
            FIELD(struct remove_args, projectid, .refers_to = "project", .flags = FIELD_REQUIRED,
                  .help = "the project"),
            FIELD(struct remove_args, userid, .refers_to = "project_user", .flags = FIELD_REQUIRED,
                  .help = "the user to take out"));

struct removing {
    struct api_call *call;
    const struct project *project;
    int64_t account_id, user_id;
    const char *name;
};

static bool dismiss(struct db *db, void *context, struct error *err)
{
    const struct removing *to = context;
    struct project_members members;
    bool found = false;
    if (!project_members_of_project(db, to->call->arena, to->project->id, &members, err))
        return false;
    for (size_t i = 0; i < members.count; i++)
        found = found || (members.items[i].account_id == to->account_id &&
                          (to->user_id == 0 || members.items[i].user_id == to->user_id));
    if (!found)
        return error_with(err, ERROR_INVALID_VALUE, "project.not_member", E_TEXT("account", to->name));
    return project_dismiss(db, to->call->arena, to->project, to->account_id, to->user_id, err);
}

static bool handle_remove(struct api_call *call, const void *arguments, struct error *err)
{
    const struct remove_args *args = arguments;
    struct removing to = {.call = call, .user_id = args->userid.id};
    struct identity_account *account = NULL;
    struct identity_user *user = NULL;
    struct job_ref job;
    if (!project_to_change(call, args->projectid.id, &to.project, err))
        return false;
    if (args->account && !project_find_account(call, to.project, args->account, &account, err))
        return false;
    if (to.user_id != 0 && !identity_find_user_any(call->db, call->arena, to.user_id, &user, err))
        return false;
    to.account_id = account ? account->id : user ? user->account_id : 0;
    to.name = account ? account->name : user ? user->username : "";
    if (!project_commit(call, to.project, dismiss, &to, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

/* ---- listProjectAccounts ---- */

struct member_response {
    const char *projectid, *project, *accountid, *account, *userid, *username, *role, *projectroleid, *projectrolename,
        *domainid, *domain;
    int64_t accounttype;
};
#define R(member, ...) FIELD(struct member_response, member, __VA_ARGS__)
FIELD_TABLE(PROJECT_MEMBER_RESPONSE, struct member_response, R(projectid, .help = "the project"),
            R(project, .help = "the project's name"), R(accountid, .help = "the member's account"),
            R(account, .help = "the name of that account"),
            R(accounttype, .help = "its type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
            R(userid, .help = "the member, when only one user of the account is one"),
            R(username, .help = "the name of that user"), R(role, .help = "Admin or Regular"),
            R(projectroleid, .help = "the member's role in the project"),
            R(projectrolename, .help = "the name of that role"), R(domainid, .help = "the account's domain"),
            R(domain, .help = "the name of that domain"));

struct list_args {
    struct object_ref projectid, projectroleid, userid;
    const char *account, *role;
};
#define L(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_MEMBERS_ARGS, struct list_args,
            L(projectid, .refers_to = "project", .flags = FIELD_REQUIRED, .help = "the project"),
            L(account, .help = "lists only this account"),
            L(userid, .refers_to = "project_user", .help = "lists only this user"),
            L(projectroleid, .refers_to = "project_role", .help = "lists only members with this role in the project"),
            L(role, .choices = ROLE_TYPES, .help = "lists only members of this kind: Admin or Regular"));

static bool fill_member(struct api_call *call, const struct project *project, const struct project_member *row,
                        struct member_response *to, struct error *err)
{
    struct identity_account *account = NULL;
    struct identity_user *user = NULL;
    const struct project_role *role = NULL;
    if (!identity_find_account_any(call->db, call->arena, row->account_id, &account, err) ||
        (row->user_id != 0 && !identity_find_user_any(call->db, call->arena, row->user_id, &user, err)) ||
        (row->project_role_id != 0 && !project_role_by_id(call->db, call->arena, row->project_role_id, &role, err)))
        return false;
    *to = (struct member_response){.projectid = project->uuid,
                                   .project = project->name,
                                   .accountid = account ? account->uuid : NULL,
                                   .account = account ? account->name : NULL,
                                   .accounttype = role_wire_type(account ? (int64_t)account->role_type : ROLE_USER),
                                   .userid = user ? user->uuid : NULL,
                                   .username = user ? user->username : NULL,
                                   .role = row->is_admin ? "Admin" : "Regular",
                                   .projectroleid = role ? role->uuid : NULL,
                                   .projectrolename = role ? role->name : NULL,
                                   .domainid = account ? account->domain_uuid : NULL,
                                   .domain = account ? account->domain_name : NULL};
    return true;
}

static bool member_matches(const struct api_call *call, const struct list_args *args, const struct project_member *row,
                           const struct member_response *member)
{
    if (args->account && !string_equal_ignoring_case(args->account, member->account))
        return false;
    if (args->userid.id && args->userid.id != row->user_id)
        return false;
    if (args->projectroleid.id && args->projectroleid.id != row->project_role_id)
        return false;
    if (args->role && strcasecmp(args->role, member->role) != 0)
        return false;
    return page_keyword_matches(&call->page, member->account ? member->account : "");
}

static bool list_members(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    const struct project *project = NULL;
    struct project_members members;
    struct page_pick pick = {.page = &call->page};
    if (!project_by_id(call->db, call->arena, args->projectid.id, &project, err) ||
        !project_members_of_project(call->db, call->arena, args->projectid.id, &members, err))
        return false;
    struct member_response *responses =
        arena_array(call->arena, page_room(&call->page, members.count), sizeof(*responses));
    for (size_t i = 0; project && i < members.count; i++) {
        struct member_response member;
        if (!fill_member(call, project, &members.items[i], &member, err))
            return false;
        size_t at = pick.taken;
        if (member_matches(call, args, &members.items[i], &member) && page_pick(&pick))
            responses[at] = member;
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

#define MEMBER_COMMAND .mode = API_ASYNC, .roles = ROLES_ALL, .group = "Project"
static const struct api_command COMMANDS[] = {
    {.name = "addAccountToProject",
     .summary = "Makes an account a member of a project, or invites it",
     .since = "3.0.0",
     .event = "PROJECT.ACCOUNT.ADD",
     .params = &ADD_ACCOUNT_ARGS,
     .handle = handle_add,
     MEMBER_COMMAND},
    {.name = "addUserToProject",
     .summary = "Makes one user a member of a project, or invites him",
     .since = "4.14",
     .event = "PROJECT.USER.ADD",
     .params = &ADD_USER_ARGS,
     .handle = handle_add,
     MEMBER_COMMAND},
    {.name = "deleteAccountFromProject",
     .summary = "Takes an account out of a project",
     .since = "3.0.0",
     .event = "PROJECT.ACCOUNT.REMOVE",
     .params = &REMOVE_ACCOUNT_ARGS,
     .handle = handle_remove,
     MEMBER_COMMAND},
    {.name = "deleteUserFromProject",
     .summary = "Takes one user out of a project",
     .since = "4.15.0",
     .event = "PROJECT.USER.REMOVE",
     .params = &REMOVE_USER_ARGS,
     .handle = handle_remove,
     MEMBER_COMMAND},
    {.name = "listProjectAccounts",
     .summary = "Lists the members of a project",
     .since = "3.0.0",
     .object_key = "projectaccount",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &LIST_MEMBERS_ARGS,
     .response = &PROJECT_MEMBER_RESPONSE,
     .handle = list_members,
     .group = "Account"},
    {.name = NULL},
};

void project_register_members(void)
{
    static const struct object_kind *const KINDS[] = {&USER_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
