/* Users as replies show them. */

#include "base/text.h"
#include "cloud/icon/icon.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

#define USER(member, ...) FIELD(struct user_response, member, __VA_ARGS__)
FIELD_TABLE(USER_RESPONSE, struct user_response, USER(id, .help = "The user"), ICON_FIELD(struct user_response),
            USER(username, .help = "The name the user signs in with"), USER(firstname, .help = "The first name"),
            USER(lastname, .help = "The last name"), USER(email, .help = "The mail address"),
            USER(created, .help = "When the user was made"), USER(state, .help = "enabled, disabled or locked"),
            USER(account, .help = "The name of the user's account"), USER(accountid, .help = "The user's account"),
            USER(accounttype, .help = "The account's type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
            USER(usersource, .help = "Where the password is kept: native, ldap or oauth2"),
            USER(roleid, .help = "The account's role"), USER(roletype, .help = "The type of that role"),
            USER(rolename, .help = "The name of that role"), USER(domainid, .help = "The user's domain"),
            USER(domain, .help = "The name of that domain"), USER(timezone, .help = "The time zone the user chose"),
            USER(apikey, .flags = FIELD_SENSITIVE, .help = "The user's API key"),
            USER(iscallerchilddomain, .help = "True when the user's domain is below the caller's"),
            USER(isdefault, .since = "4.2.0", .help = "True for users that cannot be deleted"),
            USER(is2faenabled, .since = "4.18.0.0", .help = "True when the user signs in with a second factor"),
            USER(is2famandated, .since = "4.18.0.0", .help = "True when the user must use a second factor"),
            USER(apikeyaccess, .since = "4.20.1.0",
                 .help = "Whether the user's keys may be used: ENABLED, DISABLED or INHERIT"));

/* ---- rows to replies ---- */

const char *identity_key_access_text(struct arena *arena, const char *access)
{
    if (!access)
        return "INHERIT";
    char *text = arena_strdup(arena, access);
    for (char *c = text; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return text;
}

static bool fill_keys(struct api_call *call, const struct user_row *row, struct user_response *to, struct error *err)
{
    struct secret key = {0};
    bool may = caller_is_root_admin(call->caller) || call->caller->account_id == row->account_id;
    if (!may || !row->api_key_sealed)
        return true;
    if (!identity_open_api_key(call->arena, row->uuid, row->api_key_sealed, &key, err))
        return false;
    to->apikey = arena_strndup(call->arena, key.bytes, key.length);
    return true;
}

bool identity_fill_user(struct api_call *call, const struct user_row *row, struct factor_rule *rule,
                        struct user_response *to, struct error *err)
{
    struct identity_account *account = NULL;
    struct identity_user *user = NULL;
    const struct role_row *role = NULL;
    bool mandates_factor = false;
    if (!identity_find_account_any(call->db, call->arena, row->account_id, &account, err) ||
        !access_user_of(call->db, call->arena, row, &user, err))
        return false;
    if (account && !role_by_id(call->db, call->arena, account->role_id, &role, err))
        return false;
    if (!signin_mandates_by_rule(call->db, call->arena, user, rule, &mandates_factor, err))
        return false;
    *to = (struct user_response){.id = row->uuid,
                                 .username = row->username,
                                 .firstname = row->first_name,
                                 .lastname = row->last_name,
                                 .email = row->email,
                                 .created = row->created,
                                 .state = row->state,
                                 .usersource = row->source,
                                 .is2faenabled = row->has_factor,
                                 .is2famandated = mandates_factor,
                                 .timezone = row->timezone,
                                 .isdefault = row->is_default,
                                 .apikeyaccess = identity_key_access_text(call->arena, row->api_key_access)};
    if (account) {
        to->account = account->name;
        to->accountid = account->uuid;
        to->accounttype = (int32_t)role_wire_type((int64_t)account->role_type);
        to->domainid = account->domain_uuid;
        to->domain = account->domain_name;
        to->iscallerchilddomain = account->domain_id != call->caller->domain_id && call->caller->domain_path &&
                                  string_starts_with(account->domain_path, call->caller->domain_path);
    }
    if (role) {
        to->roleid = role->uuid;
        to->roletype = role_type_name(role->type);
        to->rolename = role->name;
    }
    return fill_keys(call, row, to, err);
}

/* ---- the kind ---- */

static bool find_user(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct user_row *row = NULL;
    struct identity_account *account = NULL;
    if (!user_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && row->removed_id == 0;
    if (!*ret_exists)
        return true;
    if (!identity_find_account_any(db, arena, row->account_id, &account, err))
        return false;
    *ret_found = (struct object_found){row->id, row->account_id, account ? account->domain_path : NULL, OBJECT_OWNED,
                                       row->username};
    return true;
}

static bool describe_users(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                           size_t *ret_count, struct error *err)
{
    struct user_response *to = ret_objects;
    struct factor_rule rule = {.domain_id = 0};
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct user_row *row = NULL;
        if (!user_by_id(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !identity_fill_user(call, row, &rule, &to[(*ret_count)++], err))
            return false;
    }
    return true;
}

const struct object_kind USER_KIND = {.name = "user",
                                      .wire_type = "User",
                                      .object_key = "user",
                                      .response = &USER_RESPONSE,
                                      .find = find_user,
                                      .describe = describe_users};
