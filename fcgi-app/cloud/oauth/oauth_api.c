/* Commands about identity providers, and signing in by them. */
#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/oauth/oauth_service.h"

struct provider_response {
    const char *id, *provider, *name, *description, *clientid, *redirecturi, *secretkey, *authorizeurl;
    bool enabled;
};
#define PROVIDER(member, ...) FIELD(struct provider_response, member, __VA_ARGS__)
FIELD_TABLE(OAUTH_PROVIDER_RESPONSE, struct provider_response, PROVIDER(id, .help = "The provider"),
            PROVIDER(provider, .help = "Its name, such as google, github or one's own"),
            PROVIDER(name, .help = "The same"), PROVIDER(description, .help = "What people read on the button"),
            PROVIDER(clientid, .help = "Who this cloud is to the provider"),
            PROVIDER(redirecturi, .help = "Where the provider sends browsers back to"),
            PROVIDER(authorizeurl, .help = "Where browsers are sent to"),
            PROVIDER(secretkey, .help = "The secret of this cloud at the provider",
                     .no_effect = "secrets are not told"),
            PROVIDER(enabled, .help = "Whether people may sign in by it"));

static struct provider_response response_of(const struct oauth_provider *row)
{
    return (struct provider_response){.id = row->uuid,
                                      .provider = row->provider,
                                      .name = row->provider,
                                      .description = row->description,
                                      .clientid = row->client_id,
                                      .redirecturi = row->redirect_uri,
                                      .authorizeurl = row->authorize_url,
                                      .enabled = row->is_enabled};
}

static bool find_row(struct db *db, struct arena *arena, const char *uuid, const struct oauth_provider **ret_row,
                     struct error *err)
{
    struct db_rows rows = {0};
    *ret_row = NULL;
    if (!oauth_providers(db, arena, &rows, err))
        return false;
    const struct oauth_provider *providers = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (strcasecmp(providers[i].uuid, uuid) == 0)
            *ret_row = &providers[i];
    return true;
}

static bool find_provider(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                          bool *ret_exists, struct error *err)
{
    const struct oauth_provider *row = NULL;
    if (!find_row(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row)
        *ret_found = (struct object_found){row->id, 0, "", OBJECT_SHARED, row->provider};
    return true;
}

static const struct object_kind OAUTH_PROVIDER_KIND = {.name = "oauth_provider",
                                                       .wire_type = "OauthProvider",
                                                       .object_key = "oauthprovider",
                                                       .response = &OAUTH_PROVIDER_RESPONSE,
                                                       .find = find_provider};

/* ---- registerOauthProvider, updateOauthProvider, deleteOauthProvider ---- */

struct provider_args {
    struct object_ref id;
    const char *provider, *description, *clientid, *redirecturi;
    struct secret secretkey;
    struct opt_bool enabled;
    struct map_list details;
};
#define ARG(member, ...) FIELD(struct provider_args, member, __VA_ARGS__)
FIELD_TABLE(OAUTH_REGISTER_ARGS, struct provider_args,
            ARG(provider, .flags = FIELD_REQUIRED, .max = 40,
                .help = "Its name: google and github are known; others need addresses in the details"),
            ARG(description, .flags = FIELD_REQUIRED, .help = "What people read on the button"),
            ARG(clientid, .flags = FIELD_REQUIRED, .help = "Who this cloud is to the provider"),
            ARG(secretkey, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .help = "The secret that goes with it"),
            ARG(redirecturi, .flags = FIELD_REQUIRED, .max = 500,
                .help = "Where the provider sends browsers back to; this portal's is /login/oauth/PROVIDER/callback"),
            ARG(details, .help = "issuer of OpenID Connect, or authorizeurl, tokenurl and userinfourl; "
                                 "allowunverifiedemail=true for an issuer that never says email_verified"));
FIELD_TABLE(OAUTH_UPDATE_ARGS, struct provider_args,
            ARG(id, .flags = FIELD_REQUIRED, .refers_to = "oauth_provider", .help = "The provider"),
            ARG(description, .help = "What people read on the button"),
            ARG(clientid, .help = "Who this cloud is to the provider"),
            ARG(secretkey, .flags = FIELD_SENSITIVE, .help = "The secret that goes with it"),
            ARG(redirecturi, .max = 500, .help = "Where the provider sends browsers back to"),
            ARG(enabled, .help = "Whether people may sign in by it"),
            ARG(details, .help = "allowunverifiedemail, true or false, as when it is registered; addresses stay"));
FIELD_TABLE(OAUTH_DELETE_ARGS, struct provider_args,
            ARG(id, .flags = FIELD_REQUIRED, .refers_to = "oauth_provider", .help = "The provider"));

static const char *detail(struct arena *arena, const struct map_list *details, const char *name)
{
    struct pair_list pairs = reply_pairs(arena, details);
    for (size_t i = 0; i < pairs.count; i++)
        if (strcasecmp(pairs.items[i].name, name) == 0 && !string_is_empty(pairs.items[i].value))
            return pairs.items[i].value;
    return NULL;
}

static bool wants_verified(const struct oauth_provider *row, const char *allows_unverified)
{
    return row->issuer[0] != '\0' && !string_equal_ignoring_case(allows_unverified, "true");
}

static bool register_provider(struct api_call *call, const void *arguments, struct error *err)
{
    const struct provider_args *args = arguments;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct oauth_provider row = {.uuid = uuid,
                                 .provider = string_lower(call->arena, args->provider),
                                 .description = args->description,
                                 .client_id = args->clientid,
                                 .redirect_uri = args->redirecturi,
                                 .authorize_url = detail(call->arena, &args->details, "authorizeurl"),
                                 .token_url = detail(call->arena, &args->details, "tokenurl"),
                                 .user_url = detail(call->arena, &args->details, "userinfourl"),
                                 .issuer = detail(call->arena, &args->details, "issuer"),
                                 .secret_sealed =
                                     secret_seal(call->arena, args->secretkey, oauth_bound_to(call->arena, uuid)),
                                 .is_enabled = true};
    if (strspn(row.provider, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(row.provider))
        return error_set(err, ERROR_INVALID_VALUE, "oauth.bad_name");
    if (!oauth_complete(call->arena, &row, err))
        return false;
    row.wants_verified = wants_verified(&row, detail(call->arena, &args->details, "allowunverifiedemail"));
    if (!oauth_provider_add(call->db, &row, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool update_provider(struct api_call *call, const void *arguments, struct error *err)
{
    const struct provider_args *args = arguments;
    const struct oauth_provider *found = NULL;
    const char *allows = detail(call->arena, &args->details, "allowunverifiedemail");
    struct provider_response *response = ARENA_NEW(call->arena, struct provider_response);
    if (!find_row(call->db, call->arena, args->id.uuid, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_INVALID_VALUE, "oauth.no_provider");
    struct oauth_provider row = *found;
    row.description = args->description ? args->description : row.description;
    row.client_id = args->clientid ? args->clientid : row.client_id;
    row.redirect_uri = args->redirecturi ? args->redirecturi : row.redirect_uri;
    row.is_enabled = args->enabled.set ? args->enabled.value : row.is_enabled;
    row.wants_verified = allows ? wants_verified(&row, allows) : row.wants_verified;
    if (args->secretkey.bytes)
        row.secret_sealed = secret_seal(call->arena, args->secretkey, oauth_bound_to(call->arena, row.uuid));
    if (!oauth_complete(call->arena, &row, err) || !oauth_provider_update(call->db, &row, err))
        return false;
    *response = response_of(&row);
    api_reply_object(call, response);
    return true;
}

static bool delete_provider(struct api_call *call, const void *arguments, struct error *err)
{
    const struct provider_args *args = arguments;
    if (!oauth_provider_remove(call->db, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

/* ---- listOauthProvider ---- */

struct list_args {
    struct object_ref id;
    const char *provider;
};
FIELD_TABLE(OAUTH_LIST_ARGS, struct list_args,
            FIELD(struct list_args, id, .refers_to = "oauth_provider", .help = "Only this provider"),
            FIELD(struct list_args, provider, .help = "Only the provider of this name"));

/* Without login too, for login pages; those that are switched off only to administrators. */
static bool list_providers(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct db_rows rows = {0};
    struct page_pick pick = {.page = &call->page};
    if (!oauth_providers(call->db, call->arena, &rows, err))
        return false;
    const struct oauth_provider *providers = rows.items;
    struct provider_response *responses =
        arena_array(call->arena, page_room(&call->page, rows.count) + 1, sizeof(*responses));
    for (size_t i = 0; i < rows.count; i++) {
        bool fits = (args->id.id == 0 || args->id.id == providers[i].id) &&
                    (!args->provider || strcasecmp(args->provider, providers[i].provider) == 0) &&
                    (providers[i].is_enabled || caller_is_root_admin(call->caller)) &&
                    page_keyword_matches(&call->page, providers[i].provider);
        if (fits && page_pick(&pick))
            responses[pick.taken - 1] = response_of(&providers[i]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- verifyOAuthCodeAndGetUser, oauthlogin ---- */

struct login_args {
    const char *provider, *email, *domain, *domainId;
    struct secret secretcode;
};
#define LOGIN(member, ...) FIELD(struct login_args, member, __VA_ARGS__)
FIELD_TABLE(OAUTH_VERIFY_ARGS, struct login_args,
            LOGIN(provider, .flags = FIELD_REQUIRED, .help = "The provider's name"),
            LOGIN(secretcode, .flags = FIELD_SENSITIVE, .max = 2000, .help = "The code that the provider sent back"));
FIELD_TABLE(OAUTH_LOGIN_ARGS, struct login_args,
            LOGIN(provider, .flags = FIELD_REQUIRED, .help = "The provider's name"),
            LOGIN(email, .flags = FIELD_REQUIRED, .help = "The mail address that the provider told"),
            LOGIN(secretcode, .flags = FIELD_SENSITIVE, .max = 2000, .help = "The code that the provider sent back"),
            LOGIN(domain, .help = "The path of the user's domain, such as /a/b; ROOT when absent"),
            LOGIN(domainId, .help = "The user's domain by its id, instead of domain"));
struct email_response {
    const char *email;
};
FIELD_TABLE(OAUTH_EMAIL_RESPONSE, struct email_response,
            FIELD(struct email_response, email, .help = "The mail address that the provider vouches for"));

static bool exchange(struct api_call *call, const struct login_args *args, const struct oauth_provider **ret_provider,
                     struct oauth_person *ret_person, char hash[static 65], struct error *err)
{
    static const struct oauth_flow SOMEBODY_ELSES = {0};
    const char *code = args->secretcode.bytes;
    bool is_known = false;
    if (!oauth_find_enabled(call->db, call->arena, args->provider, ret_provider, err))
        return false;
    if (!*ret_provider || string_is_empty(code))
        return error_set(err, ERROR_LOGIN_FAILED, "oauth.refused");
    token_hash(code, hash);
    if (!oauth_grant_take(call->db, call->arena, hash, (*ret_provider)->id, ret_person, &is_known, err))
        return false;
    return is_known || oauth_exchange(call->db, call->arena, *ret_provider, code, &SOMEBODY_ELSES,
                                      call->caller->remote_address, ret_person, err);
}

static bool verify(struct api_call *call, const void *arguments, struct error *err)
{
    const struct oauth_provider *provider = NULL;
    struct email_response *response = ARENA_NEW(call->arena, struct email_response);
    struct oauth_person person = {0};
    char hash[65];
    if (!exchange(call, arguments, &provider, &person, hash, err) ||
        !oauth_grant_add(call->db, hash, provider->id, &person, err))
        return false;
    response->email = person.email;
    api_reply_object(call, response);
    return true;
}

static bool log_in(struct api_call *call, const void *arguments, struct error *err)
{
    const struct login_args *args = arguments;
    const struct oauth_provider *provider = NULL;
    const struct sign_in_place place = {call->caller->remote_address, call->caller->user_agent};
    const char *path = NULL;
    struct oauth_person person = {0};
    struct identity_login login;
    char hash[65];
    if (!identity_path_of_domain(call, args->domain, args->domainId, &path, err) ||
        !exchange(call, args, &provider, &person, hash, err))
        return false;
    if (strcasecmp(person.email, args->email) != 0)
        return error_set(err, ERROR_LOGIN_FAILED, "oauth.refused");
    return oauth_log_in(call->db, call->arena, provider->id, path, &person, &place, &login, err) &&
           identity_reply_login(call, &login, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "registerOauthProvider",
     .summary = "Registers an identity provider of OAuth 2 or OpenID Connect",
     .since = "4.19.0",
     .event = "REGISTER.OAUTH.PROVIDER",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &OAUTH_REGISTER_ARGS,
     .handle = register_provider,
     .group = "Registration"},
    {.name = "updateOauthProvider",
     .summary = "Changes an identity provider",
     .since = "4.19.0",
     .object_key = "oauthprovider",
     .event = "UPDATE.OAUTH.PROVIDER",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &OAUTH_UPDATE_ARGS,
     .response = &OAUTH_PROVIDER_RESPONSE,
     .handle = update_provider,
     .group = "Oauth"},
    {.name = "deleteOauthProvider",
     .summary = "Removes an identity provider",
     .since = "4.19.0",
     .event = "DELETE.OAUTH.PROVIDER",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &OAUTH_DELETE_ARGS,
     .handle = delete_provider,
     .group = "Oauth"},
    {.name = "listOauthProvider",
     .summary = "Lists identity providers",
     .since = "4.19.0",
     .object_key = "oauthprovider",
     .mode = API_LIST,
     .flags = API_NO_LOGIN,
     .roles = ROLES_ALL,
     .params = &OAUTH_LIST_ARGS,
     .response = &OAUTH_PROVIDER_RESPONSE,
     .handle = list_providers,
     .group = "Oauth"},
    {.name = "verifyOAuthCodeAndGetUser",
     .summary = "Asks an identity provider whose a code is",
     .since = "4.19.0",
     .object_key = "oauthemail",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN,
     .roles = ROLES_ALL,
     .params = &OAUTH_VERIFY_ARGS,
     .response = &OAUTH_EMAIL_RESPONSE,
     .handle = verify,
     .group = "User"},
    {.name = "oauthlogin",
     .summary = "Begins a session for somebody whom an identity provider vouches for",
     .since = "4.19.0",
     .mode = API_SYNC,
     .flags = API_NO_LOGIN | API_POST_ONLY,
     .params = &OAUTH_LOGIN_ARGS,
     .response = &LOGIN_RESPONSE,
     .handle = log_in,
     .group = "Authentication"},
    {.name = NULL},
};

void oauth_register(void)
{
    static const struct object_kind *const KINDS[] = {&OAUTH_PROVIDER_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
