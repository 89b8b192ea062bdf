/* Commands about users. */
#include <strings.h>

#include "api/sign.h"
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

/* ---- listUsers, getUser ---- */

struct list_users_args {
    struct object_ref id;
    const char *username, *state, *apikeyaccess, *usersource;
    struct opt_int accounttype;
    bool showicon;
};
#define LIST(member, ...) FIELD(struct list_users_args, member, __VA_ARGS__)
FIELD_TABLE(
    LIST_USERS_ARGS, struct list_users_args, LIST(id, .refers_to = "user", .help = "Lists only this user"),
    LIST(username, .help = "Lists only the user of this name"),
    LIST(state, .help = "Lists only users in this state: enabled, disabled or locked"),
    LIST(accounttype,
         .help = "Lists only users of accounts of this type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
    LIST(apikeyaccess, .flags = FIELD_ADMIN, .since = "4.20.1.0",
         .help = "Lists only users with this access: enabled, disabled or inherit"),
    LIST(usersource, .since = "4.21.0.0",
         .help = "Lists only users whose password is kept there: native, ldap or oauth2"),
    LIST(showicon, .help = "Shows the users' icons"));

/* What lists of accounts and users have in common: whose they show, and the types of account. */
bool identity_prepare_query(struct api_call *call, const struct opt_int *account_type, struct owner_query *query,
                            struct error *err)
{
    struct cache_view view;
    struct text roles;
    query->scope = &call->scope;
    query->keyword_like = call->page.keyword_like;
    query->offset = call->page.offset;
    query->limit = call->page.counted_only ? 0 : call->page.limit;
    if (!account_type->set)
        return true;
    if (!role_all(call->db, call->arena, &view, err))
        return false;
    text_init(&roles, call->arena, 64 * 1024);
    text_add(&roles, "0");
    for (size_t i = 0; i < view.count; i++) {
        const struct role_row *role = &((const struct role_row *)view.items)[i];
        if (role_wire_type(role->type) == account_type->value)
            text_addf(&roles, ",%lld", (long long)role->id);
    }
    query->role_ids = text_string(&roles);
    return true;
}

static bool list_users(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_users_args *args = arguments;
    struct owner_query query = {.name = args->username,
                                .state = args->state,
                                .api_key_access = args->apikeyaccess,
                                .source = args->usersource,
                                .id = args->id.id};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!identity_prepare_query(call, &args->accounttype, &query, err) ||
        !user_page(call->db, call->arena, &query, &rows, &total, err))
        return false;
    const struct user_row *users = rows.items;
    struct user_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    struct factor_rule rule = {.domain_id = 0};
    int64_t *account_ids = arena_array(call->arena, rows.count, sizeof(*account_ids));
    for (size_t i = 0; i < rows.count; i++)
        account_ids[i] = users[i].account_id;
    if (!account_prefetch(call->db, call->arena, account_ids, rows.count, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!identity_fill_user(call, &users[i], &rule, &responses[i], err))
            return false;
    api_reply_list(call, responses, rows.count, total);
    return true;
}

struct get_user_args {
    const char *userapikey;
};
FIELD_TABLE(GET_USER_ARGS, struct get_user_args,
            FIELD(struct get_user_args, userapikey, .flags = FIELD_REQUIRED | FIELD_SENSITIVE,
                  .help = "The API key of the user"));

static bool get_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct get_user_args *args = arguments;
    char hash[65];
    int64_t user_id = 0;
    token_hash(args->userapikey, hash);
    if (!user_id_by_key_hash(call->db, hash, &user_id, err))
        return false;
    if (!user_id)
        return error_set(err, ERROR_INVALID_VALUE, "identity.no_user_with_key");
    return reply_described(call, &USER_KIND, user_id, false, err);
}

/* ---- keys ---- */

struct user_id_args {
    struct object_ref id;
};
FIELD_TABLE(USER_ID_ARGS, struct user_id_args,
            FIELD(struct user_id_args, id, .flags = FIELD_REQUIRED, .refers_to = "user", .help = "The user"));

struct keys_response {
    const char *apikey, *secretkey;
    struct opt_bool apikeyaccess;
};
FIELD_TABLE(KEYS_RESPONSE, struct keys_response,
            FIELD(struct keys_response, apikey, .flags = FIELD_SENSITIVE, .help = "The API key"),
            FIELD(struct keys_response, secretkey, .flags = FIELD_SENSITIVE, .help = "The secret key, for signatures"),
            FIELD(struct keys_response, apikeyaccess, .help = "Whether the keys may be used"));

static bool check_keys_of(struct api_call *call, int64_t user_id, const struct user_row **ret_row, struct error *err)
{
    struct identity_account *account = NULL;
    const struct role_row *role = NULL;
    if (!user_by_id(call->db, call->arena, user_id, ret_row, err))
        return false;
    if (!*ret_row)
        return error_set(err, ERROR_INTERNAL, "identity.user_gone");
    if (!identity_find_account_any(call->db, call->arena, (*ret_row)->account_id, &account, err))
        return false;
    if (account && !role_by_id(call->db, call->arena, account->role_id, &role, err))
        return false;
    if (call->caller->role_type == ROLE_USER && call->caller->user_id != user_id)
        return api_refuse_object(call, "User", (*ret_row)->uuid, err);
    return !role || role_check_covers(call->db, call->arena, call->caller, role, err);
}

static void reply_keys(struct api_call *call, const struct user_row *row, const char *key, const char *secret)
{
    struct keys_response *response = ARENA_NEW(call->arena, struct keys_response);
    bool is_refused = row->api_key_access && strcasecmp(row->api_key_access, "disabled") == 0;
    *response = (struct keys_response){.apikey = key, .secretkey = secret, .apikeyaccess = OPT_BOOL(!is_refused)};
    api_reply_object(call, response);
}

static bool register_keys(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    const struct user_row *row = NULL;
    const char *key = NULL, *secret = NULL;
    if (!check_keys_of(call, args->id.id, &row, err))
        return false;
    if (!identity_new_keys(call->db, call->arena, row->id, row->uuid, &key, &secret, err))
        return false;
    reply_keys(call, row, key, secret);
    return true;
}

static bool get_keys(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    const struct user_row *row = NULL;
    const char *key = NULL, *secret = NULL;
    if (!check_keys_of(call, args->id.id, &row, err))
        return false;
    if (!identity_keys(call->db, call->arena, row->id, &key, &secret, err))
        return false;
    reply_keys(call, row, key, secret);
    return true;
}

/* ---- createUser, updateUser, states ---- */

struct create_user_args {
    const char *account, *email, *firstname, *lastname, *timezone, *userid, *username;
    struct object_ref domainid;
    struct secret password;
};
#define NEW(member, ...) FIELD(struct create_user_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_USER_ARGS, struct create_user_args,
            NEW(account, .flags = FIELD_REQUIRED, .help = "The name of the account the user belongs to"),
            NEW(domainid, .refers_to = "domain", .help = "The account's domain; the caller's when absent"),
            NEW(email, .flags = FIELD_REQUIRED, .help = "The mail address"),
            NEW(firstname, .flags = FIELD_REQUIRED, .help = "The first name"),
            NEW(lastname, .flags = FIELD_REQUIRED, .help = "The last name"),
            NEW(password, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .help = "The password"),
            NEW(timezone, .max = 64, .help = "The user's time zone, such as Asia/Seoul"),
            NEW(userid, .max = 36, .help = "The id the new user gets, a UUID; random when absent"),
            NEW(username, .flags = FIELD_REQUIRED, .help = "The name to sign in with, once a domain"));

static bool create_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_user_args *args = arguments;
    struct owner owner = {0};
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    int64_t user_id = 0;
    if (!identity_check_uuid("userid", args->userid, err))
        return false;
    if (!identity_owner_by_name(call, args->account, args->domainid.uuid, &owner, err))
        return false;
    if (!account_by_id(call->db, call->arena, owner.account_id, &account, err))
        return false;
    if (!account || !role_by_id(call->db, call->arena, account->role_id, &role, err))
        return false;
    if (role && !role_check_covers(call->db, call->arena, call->caller, role, err))
        return false;
    struct new_user user = {.username = args->username,
                            .first_name = args->firstname,
                            .last_name = args->lastname,
                            .email = args->email,
                            .timezone = args->timezone,
                            .uuid = args->userid,
                            .password = args->password,
                            .account_id = owner.account_id,
                            .domain_id = owner.domain_id};
    return identity_create_user(call->db, &user, &user_id, err) &&
           reply_described(call, &USER_KIND, user_id, false, err);
}

struct update_user_args {
    struct object_ref id;
    const char *username, *firstname, *lastname, *email, *timezone, *userapikey, *apikeyaccess;
    struct secret password, currentpassword, usersecretkey;
    struct opt_bool mandate2fa;
};
static const char *const ACCESS_CHOICES[] = {"enabled", "disabled", "inherit", NULL};
#define CHANGE(member, ...) FIELD(struct update_user_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_USER_ARGS, struct update_user_args,
            CHANGE(id, .flags = FIELD_REQUIRED, .refers_to = "user", .help = "The user"),
            CHANGE(username, .help = "The new name to sign in with"), CHANGE(firstname, .help = "The new first name"),
            CHANGE(lastname, .help = "The new last name"), CHANGE(email, .help = "The new mail address"),
            CHANGE(timezone, .max = 64, .help = "The new time zone"),
            CHANGE(password, .flags = FIELD_SENSITIVE, .help = "The new password"),
            CHANGE(currentpassword, .flags = FIELD_SENSITIVE,
                   .help = "The password so far; wanted from people who change their own"),
            CHANGE(userapikey, .flags = FIELD_SENSITIVE, .help = "A new API key; goes with usersecretkey"),
            CHANGE(usersecretkey, .flags = FIELD_SENSITIVE, .max = 190,
                   .help = "A new secret key; goes with userapikey"),
            CHANGE(apikeyaccess, .flags = FIELD_ADMIN, .choices = ACCESS_CHOICES, .since = "4.20.1.0",
                   .help = "Whether the user's keys may be used"),
            CHANGE(mandate2fa, .since = "4.18.0.0",
                   .help = "The user must sign in with a second factor; for administrators"));

static bool update_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_user_args *args = arguments;
    const struct user_row *row = NULL;
    if (call->caller->role_type == ROLE_USER && !check_keys_of(call, args->id.id, &row, err))
        return false;
    if (call->caller->role_type == ROLE_USER && args->mandate2fa.set)
        return error_set(err, ERROR_DENIED, "identity.mandate_by_admin");
    struct user_change change = {.id = args->id.id,
                                 .username = args->username,
                                 .first_name = args->firstname,
                                 .last_name = args->lastname,
                                 .email = args->email,
                                 .timezone = args->timezone,
                                 .api_key = args->userapikey,
                                 .api_key_access =
                                     args->apikeyaccess ? string_lower(call->arena, args->apikeyaccess) : NULL,
                                 .password = args->password,
                                 .current_password = args->currentpassword,
                                 .secret_key = args->usersecretkey,
                                 .mandates_factor = args->mandate2fa};
    return identity_update_user(call->db, call->caller, &change, err) &&
           reply_described(call, &USER_KIND, args->id.id, false, err);
}

static bool enable_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    return identity_set_user_state(call->db, call->caller, args->id.id, "enabled", err) &&
           reply_described(call, &USER_KIND, args->id.id, false, err);
}

static bool lock_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    return identity_set_user_state(call->db, call->caller, args->id.id, "locked", err) &&
           reply_described(call, &USER_KIND, args->id.id, false, err);
}

struct move_user_args {
    struct object_ref id, accountid;
    const char *account;
};
FIELD_TABLE(MOVE_USER_ARGS, struct move_user_args,
            FIELD(struct move_user_args, id, .flags = FIELD_REQUIRED, .refers_to = "user", .help = "The user"),
            FIELD(struct move_user_args, accountid, .refers_to = "account", .help = "The account the user comes into"),
            FIELD(struct move_user_args, account,
                  .help = "The same by its name in the user's domain; one of the two must be given"));

static bool move_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct move_user_args *args = arguments;
    const struct user_row *user = NULL;
    const struct account_row *account = NULL;
    if ((args->accountid.id != 0) == (args->account != NULL))
        return error_set(err, ERROR_INVALID_VALUE, "identity.one_account");
    if (!user_by_id(call->db, call->arena, args->id.id, &user, err))
        return false;
    if (args->account && user && !account_by_name(call->db, call->arena, user->domain_id, args->account, &account, err))
        return false;
    if (args->account && !account)
        return error_with(err, ERROR_INVALID_VALUE, "identity.no_account", E_TEXT("account", args->account),
                          E_TEXT("domain", ""));
    if (!identity_move_user(call->db, call->caller, args->id.id, account ? account->id : args->accountid.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

struct identifier_args {
    struct object_ref userid;
};
FIELD_TABLE(IDENTIFIER_ARGS, struct identifier_args,
            FIELD(struct identifier_args, userid, .flags = FIELD_REQUIRED, .refers_to = "user",
                  .help = "The user whose secret key signs it"));
struct identifier_response {
    const char *userid, *cloudidentifier, *signature;
};
FIELD_TABLE(IDENTIFIER_RESPONSE, struct identifier_response,
            FIELD(struct identifier_response, userid, .help = "The user"),
            FIELD(struct identifier_response, cloudidentifier, .help = "What this cloud is known by: the id of ROOT"),
            FIELD(struct identifier_response, signature, .help = "The identifier signed with the user's secret key"));

static bool get_identifier(struct api_call *call, const void *arguments, struct error *err)
{
    const struct identifier_args *args = arguments;
    const struct user_row *row = NULL;
    const struct domain_row *root = NULL;
    const char *key = NULL, *secret = NULL;
    char signature[29];
    if (!check_keys_of(call, args->userid.id, &row, err) || !domain_by_path(call->db, call->arena, "/", &root, err) ||
        !identity_keys(call->db, call->arena, row->id, &key, &secret, err))
        return false;
    if (!secret || !root)
        return error_set(err, ERROR_INVALID_VALUE, "identity.no_keys");
    sign_plain(root->uuid, secret_from(call->arena, secret), signature);
    struct identifier_response *response = ARENA_NEW(call->arena, struct identifier_response);
    *response = (struct identifier_response){
        .userid = row->uuid, .cloudidentifier = root->uuid, .signature = arena_strdup(call->arena, signature)};
    api_reply_object(call, response);
    return true;
}

/* Asynchronous on the wire. The change is made at once; the job only carries the answer. */
static bool disable_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    struct job_ref job;
    if (!identity_disable_user(call, args->id.id, args->id.uuid, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static bool delete_user(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_id_args *args = arguments;
    if (!identity_delete_user(call->db, call->caller, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listUsers",
     .summary = "Lists users",
     .object_key = "user",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_USERS_ARGS,
     .response = &USER_RESPONSE,
     .handle = list_users,
     .group = "User"},
    {.name = "getUser",
     .summary = "Finds a user by an API key",
     .object_key = "user",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &GET_USER_ARGS,
     .response = &USER_RESPONSE,
     .handle = get_user,
     .group = "User"},
    {.name = "registerUserKeys",
     .summary = "Makes new API keys for a user; the old ones stop working",
     .object_key = "userkeys",
     .event = "REGISTER.USER.KEY",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &USER_ID_ARGS,
     .response = &KEYS_RESPONSE,
     .handle = register_keys,
     .group = "User"},
    {.name = "getUserKeys",
     .summary = "Tells the API keys of a user",
     .since = "4.10.0",
     .object_key = "userkeys",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &USER_ID_ARGS,
     .response = &KEYS_RESPONSE,
     .handle = get_keys,
     .group = "User"},
    {.name = "createUser",
     .summary = "Makes a user of an account",
     .object_key = "user",
     .event = "USER.CREATE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &CREATE_USER_ARGS,
     .response = &USER_RESPONSE,
     .handle = create_user,
     .group = "User"},
    {.name = "updateUser",
     .summary = "Changes a user",
     .object_key = "user",
     .event = "USER.UPDATE",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &UPDATE_USER_ARGS,
     .response = &USER_RESPONSE,
     .handle = update_user,
     .group = "User"},
    {.name = "enableUser",
     .summary = "Lets a disabled user work again",
     .object_key = "user",
     .event = "USER.ENABLE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &USER_ID_ARGS,
     .response = &USER_RESPONSE,
     .handle = enable_user,
     .group = "User"},
    {.name = "disableUser",
     .summary = "Ends a user's sessions and refuses the user's keys",
     .object_key = "user",
     .event = "USER.DISABLE",
     .mode = API_ASYNC,
     .roles = ROLES_ADMINS,
     .params = &USER_ID_ARGS,
     .response = &USER_RESPONSE,
     .handle = disable_user,
     .group = "User"},
    {.name = "deleteUser",
     .summary = "Deletes a user",
     .event = "USER.DELETE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &USER_ID_ARGS,
     .handle = delete_user,
     .group = "User"},
    {.name = "lockUser",
     .summary = "Keeps a user from signing in and from using keys until it is enabled again",
     .object_key = "user",
     .event = "USER.LOCK",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &USER_ID_ARGS,
     .response = &USER_RESPONSE,
     .handle = lock_user,
     .group = "User"},
    {.name = "moveUser",
     .summary = "Moves a user to another account of its domain",
     .since = "4.11",
     .event = "USER.MOVE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &MOVE_USER_ARGS,
     .handle = move_user,
     .group = "User"},
    {.name = "getCloudIdentifier",
     .summary = "Tells what this cloud is known by, signed for a user",
     .object_key = "cloudidentifier",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &IDENTIFIER_ARGS,
     .response = &IDENTIFIER_RESPONSE,
     .handle = get_identifier,
     .group = "CloudIdentifier"},
    {.name = NULL},
};

void identity_register_users(void)
{
    api_register_commands(COMMANDS);
}
