/* listProjectInvitations, updateProjectInvitation, deleteProjectInvitation, and how invitations come to be. */
#include <strings.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"
#include "cloud/mail/mail.h"
#include "cloud/project/project_invitation.h"

#define PENDING "Pending"

static int64_t oldest_valid_ms(void)
{
    return clock_now_ms() - setting_int(&PROJECT_INVITE_TIMEOUT) * 1000;
}

/* ---- inviting ---- */

enum { PENDING_MAX = 100, TOKEN_BYTES = 24 };

/* The newest that can still be answered; of the account itself (user_id 0), of that user, or of whichever fits first.
 */
static bool find_pending(struct api_call *call, struct project_invitation_filter *filter, int64_t user_id,
                         bool or_of_account, const struct project_invitation **ret_invitation, struct error *err)
{
    static const struct list_scope EVERYBODY = {.form = SCOPE_EVERYTHING};
    struct db_rows rows = {0};
    int64_t total = 0;
    filter->scope = &EVERYBODY;
    filter->state = PENDING;
    filter->created_after = OPT_TIME(oldest_valid_ms());
    if (!project_invitation_page(call->db, call->arena, filter, 0, PENDING_MAX, &rows, &total, err))
        return false;
    const struct project_invitation *found = rows.items;
    *ret_invitation = NULL;
    for (size_t i = 0; i < rows.count && !*ret_invitation; i++)
        if (found[i].user_id == user_id || (or_of_account && found[i].user_id == 0))
            *ret_invitation = &found[i];
    return true;
}

/* To somebody who is known by the address only: the letter's token proves that he read it. */
static bool write_letter(struct api_call *call, const struct project *project, const char *email, const char *token,
                         struct error *err)
{
    struct identity_domain *domain = NULL;
    const struct brand_row *brand = NULL;
    const char *portal = NULL;
    struct job_stamp stamp = api_stamp(call);
    if (!identity_find_domain_any(call->db, call->arena, project->domain_id, &domain, err) ||
        !mail_brand_of(call->db, call->arena, domain ? domain->path : "/", &brand, err) ||
        !mail_portal_url(call->db, call->arena, brand, &portal, err))
        return false;
    const struct pair values[] = {
        {"project", project->name},
        {"inviter", call->caller->username},
        {"link", arena_printf(call->arena, "%s/projects?projectid=%s&token=%s", portal, project->uuid, token)}};
    const struct mail mail = {.to = email,
                              .language = call->language,
                              .template_name = "mail/project_invitation",
                              .subject_key = "project.mail_subject",
                              .text_key = "project.mail_text",
                              .values = values,
                              .value_count = COUNT_OF(values),
                              .brand = brand};
    return mail_queue(call->db, call->arena, &mail, &stamp, err);
}

/* Letters go to whoever is named, so they are few: one to an address at a time, and so many an hour. */
static bool check_letter(struct api_call *call, const struct project *project, const char *email, struct error *err)
{
    const struct project_invitation *known = NULL;
    struct project_invitation_filter filter = {.project_id = project->id, .email = email};
    int64_t sent = 0, most = setting_int(&PROJECT_INVITE_MAILS);
    bool exists = false;
    if (!mail_is_possible())
        return error_set(err, ERROR_UNSUPPORTED, "project.no_mail");
    if (!project_lock(call->db, project->id, &exists, err) || !find_pending(call, &filter, 0, false, &known, err) ||
        !project_invitation_count_mails(call->db, project->id, &sent, err))
        return false;
    if (known)
        return error_with(err, ERROR_IN_USE, "project.invited_already", E_TEXT("account", email));
    return sent < most || error_with(err, ERROR_RESOURCE_ALLOCATION, "project.too_many_mails", E_INT("max", most));
}

bool project_invite(struct api_call *call, const struct project *project, const struct project_candidate *candidate,
                    const char *email, struct error *err)
{
    char uuid[UUID_BYTES], token[TOKEN_BYTES * 2], hash[65];
    const struct project_invitation *known = NULL;
    struct project_invitation_filter filter = {.project_id = project->id, .account_id = candidate->account_id};
    bool by_mail = candidate->account_id == 0;
    if (by_mail && !check_letter(call, project, email, err))
        return false;
    if (!by_mail && !find_pending(call, &filter, candidate->user_id, false, &known, err))
        return false;
    if (known)
        return error_with(err, ERROR_IN_USE, "project.invited_already", E_TEXT("account", candidate->name));
    uuid_random(uuid);
    random_token(token, sizeof(token), TOKEN_BYTES);
    token_hash(token, hash);
    struct project_invitation row = {.uuid = uuid,
                                     .project_id = project->id,
                                     .account_id = candidate->account_id,
                                     .user_id = candidate->user_id,
                                     .project_role_id = candidate->project_role_id,
                                     .email = by_mail ? email : NULL,
                                     .token_hash = by_mail ? hash : NULL,
                                     .state = PENDING,
                                     .is_admin = candidate->is_admin,
                                     .created = OPT_TIME(clock_now_ms())};
    return project_invitation_add(call->db, &row, err) && (!by_mail || write_letter(call, project, email, token, err));
}

/* ---- the kind ---- */

/* An invitation is the project's: its admins take it back. */
static bool find_invitation(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                            bool *ret_exists, struct error *err)
{
    struct project_invitation row = {0};
    struct identity_account *account = NULL;
    if (!project_invitation_find(db, arena, uuid, &row, ret_exists, err))
        return false;
    if (!*ret_exists)
        return true;
    if (!identity_find_account_any(db, arena, -row.project_id, &account, err))
        return false;
    *ret_found = (struct object_found){row.id, -row.project_id, account ? account->domain_path : NULL, OBJECT_OWNED,
                                       account ? account->project_name : NULL};
    return true;
}

/* ---- listProjectInvitations ---- */

struct invitation_response {
    const char *id, *projectid, *project, *domainid, *domain, *domainpath, *userid, *account, *email, *state;
};
#define R(member, ...) FIELD(struct invitation_response, member, __VA_ARGS__)
FIELD_TABLE(PROJECT_INVITATION_RESPONSE, struct invitation_response, R(id, .help = "the invitation"),
            R(projectid, .help = "the project"), R(project, .help = "the project's name"),
            R(domainid, .help = "the project's domain"), R(domain, .help = "the name of that domain"),
            R(domainpath, .since = "4.19.2.0", .help = "the path of that domain"),
            R(userid, .help = "the invited user, when it is not the whole account"),
            R(account, .help = "the invited account"), R(email, .help = "the invited mail address"),
            R(state, .help = "Pending, Completed, Declined or Expired"));

static const struct object_kind INVITATION_KIND = {.name = "project_invitation",
                                                   .wire_type = "ProjectInvitation",
                                                   .object_key = "projectinvitation",
                                                   .response = &PROJECT_INVITATION_RESPONSE,
                                                   .find = find_invitation};

struct list_args {
    const char *id, *state;
    struct object_ref projectid, userid;
    bool activeonly;
};
static const char *const STATES[] = {"Pending", "Completed", "Declined", "Expired", NULL};
#define L(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_INVITATIONS_ARGS, struct list_args, L(id, .max = 36, .help = "lists only this invitation"),
            L(projectid, .refers_to = "project", .help = "lists the invitations into this project; for its admins"),
            L(userid, .refers_to = "project_user", .help = "lists only invitations of this user"),
            L(state, .choices = STATES, .help = "lists only invitations in this state"),
            L(activeonly, .help = "lists only invitations that can still be accepted"));

static bool fill_invitation(struct api_call *call, const struct project_invitation *row, struct invitation_response *to,
                            struct error *err)
{
    struct identity_account *project = NULL, *account = NULL;
    struct identity_user *user = NULL;
    if (!identity_find_account_any(call->db, call->arena, -row->project_id, &project, err) ||
        (row->account_id != 0 && !identity_find_account_any(call->db, call->arena, row->account_id, &account, err)) ||
        (row->user_id != 0 && !identity_find_user_any(call->db, call->arena, row->user_id, &user, err)))
        return false;
    bool is_over = string_equal(row->state, PENDING) && row->created.ms < oldest_valid_ms();
    *to = (struct invitation_response){.id = row->uuid,
                                       .projectid = project ? project->project_uuid : NULL,
                                       .project = project ? project->project_name : NULL,
                                       .domainid = project ? project->domain_uuid : NULL,
                                       .domain = project ? project->domain_name : NULL,
                                       .domainpath = project ? project->display_path : NULL,
                                       .userid = user ? user->uuid : NULL,
                                       .account = account ? account->name : NULL,
                                       .email = row->email,
                                       .state = is_over ? "Expired" : row->state};
    return true;
}

/* A project's invitations are its admins' matter; everybody else sees his own. */
static void choose_scope(struct api_call *call, const struct list_args *args, struct list_scope *scope,
                         struct project_invitation_filter *filter)
{
    const struct project *project = NULL;
    struct error refusal = {0};
    filter->scope = &call->scope;
    if (!args->projectid.id)
        return;
    bool manages = project_to_change(call, args->projectid.id, &project, &refusal);
    *scope = (struct list_scope){.form = manages ? SCOPE_EVERYTHING : SCOPE_ACCOUNT_ONLY,
                                 .account_id = call->caller->account_id};
    filter->scope = scope;
    filter->project_id = args->projectid.id;
}

/* "Expired" is kept nowhere: it is what a pending invitation becomes with time. */
static void choose_state(const struct list_args *args, struct project_invitation_filter *filter)
{
    bool active = args->activeonly || (args->state && strcasecmp(args->state, PENDING) == 0);
    bool expired = args->state && strcasecmp(args->state, "Expired") == 0;
    filter->state = active || expired ? PENDING : args->state;
    if (active)
        filter->created_after = OPT_TIME(oldest_valid_ms());
    if (expired)
        filter->created_until = OPT_TIME(oldest_valid_ms());
}

static bool list_invitations(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct project_invitation_filter filter = {
        .uuid = args->id, .user_id = args->userid.id, .keyword_like = call->page.keyword_like};
    struct list_scope scope = {.form = SCOPE_ACCOUNT_ONLY};
    struct db_rows rows = {0};
    int64_t total = 0;
    choose_state(args, &filter);
    choose_scope(call, args, &scope, &filter);
    if (!project_invitation_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total,
                                 err))
        return false;
    struct invitation_response *responses = arena_array(call->arena, rows.count + 1, sizeof(*responses));
    const struct project_invitation *invitations = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!fill_invitation(call, &invitations[i], &responses[i], err))
            return false;
    api_reply_list(call, responses, rows.count, total);
    return true;
}

/* ---- updateProjectInvitation ---- */

struct answer_args {
    const char *projectid, *account, *token;
    struct object_ref userid;
    struct opt_bool accept;
};
#define U(member, ...) FIELD(struct answer_args, member, __VA_ARGS__)
/* The project is no reference: who is invited cannot reach it yet, and proves himself by the invitation. */
FIELD_TABLE(ANSWER_INVITATION_ARGS, struct answer_args,
            U(projectid, .flags = FIELD_REQUIRED, .max = 36, .help = "the project"),
            U(account, .help = "the invited account; the caller's when absent"),
            U(userid, .refers_to = "user", .help = "the invited user"),
            U(token, .help = "the secret of the mail that invited"),
            U(accept, .help = "false declines; accepted when absent"));

static bool named_account(struct api_call *call, const struct project *project, const struct answer_args *args,
                          struct project_invitation_filter *filter, struct error *err)
{
    struct identity_domain *domain = NULL;
    struct owner owner;
    filter->account_id = call->caller->account_id;
    filter->user_id = args->userid.id;
    if (args->userid.id) {
        struct identity_user *user = NULL;
        if (!identity_find_user_any(call->db, call->arena, args->userid.id, &user, err))
            return false;
        filter->account_id = user ? user->account_id : 0;
        return true;
    }
    if (!args->account)
        return true;
    if (!identity_find_domain_any(call->db, call->arena, project->domain_id, &domain, err) ||
        !identity_owner_by_name(call, args->account, domain ? domain->uuid : NULL, &owner, err))
        return false;
    filter->account_id = owner.account_id;
    return true;
}

static bool find_answerable(struct api_call *call, const struct answer_args *args, const struct project **ret_project,
                            const struct project_invitation **ret_invitation, struct error *err)
{
    struct project_invitation_filter filter = {0};
    char hash[65];
    if (!uuid_is_valid(args->projectid) || !project_by_uuid(call->db, call->arena, args->projectid, ret_project, err) ||
        !*ret_project || (*ret_project)->removed_id != 0)
        return error_is_set(err) ? false : api_refuse_entity("projectid", args->projectid, err);
    filter.project_id = (*ret_project)->id;
    if (args->token) {
        token_hash(args->token, hash);
        filter.token_hash = hash;
    } else if (!named_account(call, *ret_project, args, &filter, err)) {
        return false;
    }
    int64_t user_id = args->userid.id ? args->userid.id : call->caller->user_id;
    if (!find_pending(call, &filter, user_id, !args->userid.id, ret_invitation, err))
        return false;
    return *ret_invitation || error_set(err, ERROR_INVALID_VALUE, "project.no_invitation");
}

struct answering {
    struct api_call *call;
    const struct project *project;
    const struct project_invitation *invitation;
    bool accept;
};

/* The invitation is answered once; an account or user who became a member meanwhile stays what he is. */
static bool answer(struct db *db, void *context, struct error *err)
{
    const struct answering *to = context;
    const struct project_invitation *invitation = to->invitation;
    const struct project_member *member = NULL;
    bool changed = false;
    struct project_candidate candidate = {.account_id = invitation->account_id,
                                          .user_id = invitation->user_id,
                                          .project_role_id = invitation->project_role_id,
                                          .name = to->call->caller->account_name,
                                          .is_admin = invitation->is_admin};
    if (candidate.account_id == 0)
        candidate.account_id = to->call->caller->account_id;
    if (!project_invitation_set_state(db, invitation->id, PENDING, to->accept ? "Completed" : "Declined", &changed,
                                      err))
        return false;
    if (!changed)
        return error_set(err, ERROR_INVALID_VALUE, "project.no_invitation");
    if (!to->accept)
        return true;
    if (!project_member_of(db, to->call->arena, to->project->id, candidate.account_id, candidate.user_id, &member, err))
        return false;
    return member || project_admit(db, to->call->arena, to->project, &candidate, err);
}

static bool answer_invitation(struct api_call *call, const void *arguments, struct error *err)
{
    const struct answer_args *args = arguments;
    struct answering to = {.call = call, .accept = !args->accept.set || args->accept.value};
    struct job_ref job;
    if (!find_answerable(call, args, &to.project, &to.invitation, err) ||
        !project_commit(call, to.project, answer, &to, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

/* ---- deleteProjectInvitation ---- */

struct invitation_id_args {
    struct object_ref id;
};
FIELD_TABLE(DELETE_INVITATION_ARGS, struct invitation_id_args,
            FIELD(struct invitation_id_args, id, .refers_to = "project_invitation", .flags = FIELD_REQUIRED,
                  .help = "the invitation"));

static bool withdraw(struct db *db, void *context, struct error *err)
{
    return project_invitation_remove(db, *(const int64_t *)context, err);
}

static bool delete_invitation(struct api_call *call, const void *arguments, struct error *err)
{
    const struct invitation_id_args *args = arguments;
    struct project_invitation row = {0};
    const struct project *project = NULL;
    struct job_ref job;
    bool found = false;
    if (!project_invitation_find(call->db, call->arena, args->id.uuid, &row, &found, err) ||
        !project_to_change(call, row.project_id, &project, err) ||
        !project_commit(call, project, withdraw, &row.id, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listProjectInvitations",
     .summary = "Lists invitations into projects",
     .since = "3.0.0",
     .object_key = "projectinvitation",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_INVITATIONS_ARGS,
     .response = &PROJECT_INVITATION_RESPONSE,
     .handle = list_invitations,
     .group = "Project"},
    {.name = "updateProjectInvitation",
     .summary = "Accepts or declines an invitation into a project",
     .since = "3.0.0",
     .mode = API_ASYNC,
     .event = "PROJECT.INVITATION.UPDATE",
     .roles = ROLES_ALL,
     .params = &ANSWER_INVITATION_ARGS,
     .handle = answer_invitation,
     .group = "Project"},
    {.name = "deleteProjectInvitation",
     .summary = "Takes an invitation into a project back",
     .since = "3.0.0",
     .mode = API_ASYNC,
     .event = "PROJECT.INVITATION.REMOVE",
     .roles = ROLES_ALL,
     .params = &DELETE_INVITATION_ARGS,
     .handle = delete_invitation,
     .group = "Project"},
    {.name = NULL},
};

void project_register_invitations(void)
{
    static const struct object_kind *const KINDS[] = {&INVITATION_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
