/* Commands about accounts. */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"
#include "cloud/identity/owned.h"

/* ---- listAccounts ---- */

struct list_accounts_args {
    struct object_ref id;
    const char *name, *state, *apikeyaccess, *tag;
    struct string_list details;
    struct opt_int accounttype;
    struct opt_bool iscleanuprequired;
    bool showicon;
};
#define LIST(member, ...) FIELD(struct list_accounts_args, member, __VA_ARGS__)
FIELD_TABLE(
    LIST_ACCOUNTS_ARGS, struct list_accounts_args, LIST(id, .refers_to = "account", .help = "Lists only this account"),
    LIST(name, .help = "Lists only accounts of this name"),
    LIST(state, .help = "Lists only accounts in this state: enabled, disabled or locked"),
    LIST(accounttype,
         .help = "Lists only accounts of this type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
    LIST(apikeyaccess, .flags = FIELD_ADMIN, .since = "4.20.1.0",
         .help = "Lists only accounts with this access: enabled, disabled or inherit"),
    LIST(details,
         .help =
             "What to tell of each account: all (also when absent), resource, or min for neither limits nor details"),
    LIST(iscleanuprequired, .help = "Lists only accounts that are deleted but still own something"),
    LIST(tag, .since = "4.20.0", .help = "Tells the limits of resources with this tag only"),
    LIST(showicon, .help = "Shows the accounts' icons"));

static bool has_word(const struct string_list *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (string_equal_ignoring_case(words->items[i], word))
            return true;
    return false;
}

struct telling identity_telling_of(const struct string_list *details, const char *tag)
{
    bool all = details->count == 0 || has_word(details, "all");
    return (struct telling){.details = all, .resources = all || has_word(details, "resource"), .tag = tag};
}

static bool list_accounts(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_accounts_args *args = arguments;
    struct owner_query query = {.name = args->name,
                                .state = args->state,
                                .api_key_access = args->apikeyaccess,
                                .cleanup_needed = args->iscleanuprequired,
                                .id = args->id.id};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!identity_prepare_query(call, &args->accounttype, &query, err) ||
        !account_page(call->db, call->arena, &query, &rows, &total, err))
        return false;
    struct account_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    if (!identity_fill_accounts(call, rows.items, rows.count, identity_telling_of(&args->details, args->tag), responses,
                                err))
        return false;
    api_reply_list(call, responses, rows.count, total);
    return true;
}

/* ---- createAccount ---- */

struct create_account_args {
    const char *account, *accountid, *email, *firstname, *lastname, *networkdomain, *timezone, *userid, *username;
    struct opt_int accounttype;
    struct object_ref domainid, roleid;
    struct map_list accountdetails;
    struct secret password;
};
#define NEW(member, ...) FIELD(struct create_account_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_ACCOUNT_ARGS, struct create_account_args,
            NEW(account, .help = "The account's name; the user's name when absent"),
            NEW(accountid, .max = 36, .help = "The id the new account gets, a UUID; random when absent"),
            NEW(accountdetails, .help = "Free details of the account"),
            NEW(accounttype, .min = 0, .max = 3,
                .help = "0 user, 1 root admin, 2 domain admin, 3 resource admin; or say roleid"),
            NEW(domainid, .refers_to = "domain", .help = "The account's domain; the caller's when absent"),
            NEW(email, .flags = FIELD_REQUIRED, .help = "The mail address of the first user"),
            NEW(firstname, .flags = FIELD_REQUIRED, .help = "The first name of the first user"),
            NEW(lastname, .flags = FIELD_REQUIRED, .help = "The last name of the first user"),
            NEW(networkdomain, .help = "The DNS domain of the account's networks"),
            NEW(password, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .help = "The password of the first user"),
            NEW(roleid, .refers_to = "role", .help = "The account's role"),
            NEW(timezone, .max = 64, .help = "The time zone of the first user"),
            NEW(userid, .max = 36, .help = "The id the first user gets, a UUID; random when absent"),
            NEW(username, .flags = FIELD_REQUIRED, .help = "The name the first user signs in with"));

/* The built-in role of an account type has the id of its place. */
int64_t identity_role_of_type(int64_t wire_type)
{
    static const int64_t ROLE_IDS[] = {4, 1, 3, 2};
    return ROLE_IDS[wire_type];
}

static bool create_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_account_args *args = arguments;
    int64_t account_id = 0;
    if (!args->roleid.id && !args->accounttype.set)
        return error_set(err, ERROR_INVALID_VALUE, "identity.role_wanted");
    if (!identity_check_uuid("accountid", args->accountid, err) || !identity_check_uuid("userid", args->userid, err))
        return false;
    struct new_account account = {.name = args->account ? args->account : args->username,
                                  .network_domain = args->networkdomain,
                                  .uuid = args->accountid,
                                  .domain_id = args->domainid.id ? args->domainid.id : call->caller->domain_id,
                                  .role_id = args->roleid.id ? args->roleid.id
                                                             : identity_role_of_type(args->accounttype.value),
                                  .details = reply_pairs(call->arena, &args->accountdetails)};
    struct new_user user = {.username = args->username,
                            .first_name = args->firstname,
                            .last_name = args->lastname,
                            .email = args->email,
                            .timezone = args->timezone,
                            .uuid = args->userid,
                            .password = args->password};
    if (!identity_create_account(call->db, call->caller, &account, &user, &account_id, err))
        return false;
    return reply_described(call, &ACCOUNT_KIND, account_id, false, err);
}

/* ---- updateAccount, enableAccount, disableAccount ---- */

struct update_account_args {
    struct object_ref id, domainid, roleid;
    const char *account, *newname, *networkdomain, *apikeyaccess;
    struct map_list accountdetails;
};
static const char *const ACCESS_CHOICES[] = {"enabled", "disabled", "inherit", NULL};
#define CHANGE(member, ...) FIELD(struct update_account_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_ACCOUNT_ARGS, struct update_account_args,
            CHANGE(id, .refers_to = "account", .help = "The account; or say account and domainid"),
            CHANGE(account, .help = "The account's name so far; goes with domainid"),
            CHANGE(domainid, .refers_to = "domain", .help = "The domain of the account"),
            CHANGE(newname, .help = "The new name"),
            CHANGE(networkdomain, .help = "The new DNS domain of the account's networks"),
            CHANGE(roleid, .refers_to = "role", .help = "The new role"),
            CHANGE(accountdetails, .help = "Details to set; others stay"),
            CHANGE(apikeyaccess, .flags = FIELD_ADMIN, .choices = ACCESS_CHOICES, .since = "4.20.1.0",
                   .help = "Whether its users' keys may be used"));

/* By id, or by name and domain. */
static bool find_named(struct api_call *call, const struct object_ref *id, const char *name, const char *domain_uuid,
                       int64_t *ret_id, const char **ret_uuid, struct error *err)
{
    struct owner owner = {0};
    if (id->id) {
        *ret_id = id->id;
        *ret_uuid = id->uuid;
        return true;
    }
    if (!name)
        return api_refuse_missing(call, "id", err);
    if (!identity_owner_by_name(call, name, domain_uuid, &owner, err))
        return false;
    *ret_id = owner.account_id;
    *ret_uuid = owner.account_uuid;
    return true;
}

/* Accounts of a mightier role are out of reach, wherever they are in the tree. */
static bool find_changeable(struct api_call *call, const struct object_ref *id, const char *name,
                            const char *domain_uuid, int64_t *ret_id, const char **ret_uuid, struct error *err)
{
    const struct account_row *row = NULL;
    const struct role_row *role = NULL;
    if (!find_named(call, id, name, domain_uuid, ret_id, ret_uuid, err) ||
        !account_by_id(call->db, call->arena, *ret_id, &row, err) ||
        (row && !role_by_id(call->db, call->arena, row->role_id, &role, err)))
        return false;
    return !role || role_check_covers(call->db, call->arena, call->caller, role, err);
}

static bool update_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_account_args *args = arguments;
    const char *uuid = NULL;
    struct account_change change = {.role_id = args->roleid.id,
                                    .name = args->newname,
                                    .network_domain = args->networkdomain,
                                    .api_key_access =
                                        args->apikeyaccess ? string_lower(call->arena, args->apikeyaccess) : NULL,
                                    .details = reply_pairs(call->arena, &args->accountdetails)};
    if (!find_changeable(call, &args->id, args->account, args->domainid.uuid, &change.id, &uuid, err))
        return false;
    return identity_update_account(call->db, call->caller, &change, err) &&
           reply_described(call, &ACCOUNT_KIND, change.id, false, err);
}

struct account_state_args {
    struct object_ref id, domainid;
    const char *account;
    bool lock;
};
#define STATE(member, ...) FIELD(struct account_state_args, member, __VA_ARGS__)
FIELD_TABLE(ENABLE_ACCOUNT_ARGS, struct account_state_args,
            STATE(id, .refers_to = "account", .help = "The account; or say account and domainid"),
            STATE(account, .help = "The account's name; goes with domainid"),
            STATE(domainid, .refers_to = "domain", .help = "The domain of the account"));
FIELD_TABLE(DISABLE_ACCOUNT_ARGS, struct account_state_args,
            STATE(id, .refers_to = "account", .help = "The account; or say account and domainid"),
            STATE(account, .help = "The account's name; goes with domainid"),
            STATE(domainid, .refers_to = "domain", .help = "The domain of the account"),
            STATE(lock, .flags = FIELD_REQUIRED, .help = "true: locked, what runs goes on; false: disabled"));

static bool enable_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct account_state_args *args = arguments;
    int64_t id = 0;
    const char *uuid = NULL;
    if (!find_changeable(call, &args->id, args->account, args->domainid.uuid, &id, &uuid, err))
        return false;
    return identity_set_account_state(call->db, id, "enabled", err) &&
           reply_described(call, &ACCOUNT_KIND, id, false, err);
}

FIELD_TABLE(LOCK_ACCOUNT_ARGS, struct account_state_args,
            STATE(account, .flags = FIELD_REQUIRED, .help = "The account's name"),
            STATE(domainid, .flags = FIELD_REQUIRED, .refers_to = "domain", .help = "The domain of the account"));

static bool lock_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct account_state_args *args = arguments;
    int64_t id = 0;
    const char *uuid = NULL;
    if (!find_changeable(call, &args->id, args->account, args->domainid.uuid, &id, &uuid, err))
        return false;
    return identity_set_account_state(call->db, id, "locked", err) &&
           reply_described(call, &ACCOUNT_KIND, id, false, err);
}

static bool disable_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct account_state_args *args = arguments;
    int64_t id = 0;
    const char *uuid = NULL;
    struct job_ref job;
    if (!find_changeable(call, &args->id, args->account, args->domainid.uuid, &id, &uuid, err))
        return false;
    if (!identity_disable_account(call, id, uuid, args->lock ? "locked" : "disabled", &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

/* ---- deleteAccount ---- */

struct account_id_args {
    struct object_ref id;
};
FIELD_TABLE(ACCOUNT_ID_ARGS, struct account_id_args,
            FIELD(struct account_id_args, id, .flags = FIELD_REQUIRED, .refers_to = "account", .help = "The account"));

struct account_deletion {
    struct api_call *call;
    int64_t account_id;
    struct job_ref *job;
};

static bool begin_deletion(struct db *db, void *context, struct error *err)
{
    const struct account_deletion *to = context;
    const struct job_stamp stamp = api_stamp(to->call);
    return owned_begin_account_removal(db, to->call->arena, to->account_id, &stamp, to->job, err);
}

static bool delete_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct account_id_args *args = arguments;
    int64_t id = 0;
    const char *uuid = NULL;
    struct job_ref job;
    struct account_deletion deletion = {call, args->id.id, &job};
    if (!find_changeable(call, &args->id, NULL, NULL, &id, &uuid, err))
        return false;
    if (id == call->caller->account_id)
        return error_set(err, ERROR_DENIED, "identity.own_account");
    if (!db_transaction(call->db, begin_deletion, &deletion, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listAccounts",
     .summary = "Lists accounts with what they use and may use",
     .object_key = "account",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_ACCOUNTS_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = list_accounts,
     .group = "Account"},
    {.name = "createAccount",
     .summary = "Makes an account with its first user",
     .object_key = "account",
     .event = "ACCOUNT.CREATE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &CREATE_ACCOUNT_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = create_account,
     .group = "Account"},
    {.name = "updateAccount",
     .summary = "Changes an account",
     .object_key = "account",
     .event = "ACCOUNT.UPDATE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &UPDATE_ACCOUNT_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = update_account,
     .group = "Account"},
    {.name = "enableAccount",
     .summary = "Lets a disabled or locked account work again",
     .object_key = "account",
     .event = "ACCOUNT.ENABLE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &ENABLE_ACCOUNT_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = enable_account,
     .group = "Account"},
    {.name = "disableAccount",
     .summary = "Ends what an account's users do and stops its machines, or locks it",
     .object_key = "account",
     .event = "ACCOUNT.DISABLE",
     .mode = API_ASYNC,
     .roles = ROLES_ADMINS,
     .params = &DISABLE_ACCOUNT_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = disable_account,
     .group = "Account"},
    {.name = "lockAccount",
     .summary = "Ends what an account's users do and lets nothing new come; what runs goes on",
     .object_key = "account",
     .event = "ACCOUNT.LOCK",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &LOCK_ACCOUNT_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = lock_account,
     .group = "Account"},
    {.name = "deleteAccount",
     .summary = "Deletes an account with its users and all that it owns",
     .event = "ACCOUNT.DELETE",
     .mode = API_ASYNC,
     .roles = ROLES_ADMINS,
     .params = &ACCOUNT_ID_ARGS,
     .handle = delete_account,
     .group = "Account"},
    {.name = NULL},
};

void identity_register_accounts(void)
{
    api_register_commands(COMMANDS);
}
