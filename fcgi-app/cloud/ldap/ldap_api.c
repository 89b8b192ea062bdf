/* Commands about LDAP servers, and about links of domains and accounts to parts of a directory. */
#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/columns.h"
#include "cloud/ldap/ldap_service.h"
#include "cloud/role/role.h"

/* ---- servers ----
 * Passwords are sent to a server, and it says who may sign in: only root administrators add and remove servers. */

struct server_response {
    const char *id, *hostname, *domainid;
    int64_t port;
};
FIELD_TABLE(LDAP_SERVER_RESPONSE, struct server_response, FIELD(struct server_response, id, .help = "The server"),
            FIELD(struct server_response, hostname, .help = "Its host name or address"),
            FIELD(struct server_response, port, .help = "Its port"),
            FIELD(struct server_response, domainid, .help = "The domain whose people it knows; absent: all domains"));

static bool fill(struct api_call *call, const struct ldap_server *server, struct server_response *to, struct error *err)
{
    struct identity_domain *domain = NULL;
    if (server->domain_id && !identity_find_domain_any(call->db, call->arena, server->domain_id, &domain, err))
        return false;
    *to = (struct server_response){.id = server->uuid,
                                   .hostname = server->hostname,
                                   .port = server->port,
                                   .domainid = domain ? domain->uuid : NULL};
    return true;
}

struct server_args {
    const char *hostname, *id;
    struct opt_int port;
    struct object_ref domainid;
    bool listall;
};
#define SERVER(member, ...) FIELD(struct server_args, member, __VA_ARGS__)
FIELD_TABLE(LDAP_ADD_ARGS, struct server_args,
            SERVER(hostname, .flags = FIELD_REQUIRED, .help = "The server's host name or address"),
            SERVER(port, .flags = FIELD_REQUIRED, .min = 1, .max = 65535, .help = "The server's port"),
            SERVER(domainid, .refers_to = "domain",
                   .help = "The domain whose people it knows; all domains when absent"));
#define WHICH                                                                                                          \
    SERVER(hostname, .help = "Only the server of this host"), SERVER(port, .help = "Only the server at this port"),    \
        SERVER(id, .max = 36, .help = "Only this server"),                                                             \
        SERVER(domainid, .refers_to = "domain", .help = "Only servers of this domain")
FIELD_TABLE(LDAP_DELETE_ARGS, struct server_args, WHICH);
FIELD_TABLE(LDAP_LIST_ARGS, struct server_args, WHICH,
            SERVER(listall, .since = "4.13.2", .help = "Lists the servers of domains, too, when no domain is named"));

static bool add_server(struct api_call *call, const void *arguments, struct error *err)
{
    const struct server_args *args = arguments;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct server_response *response = ARENA_NEW(call->arena, struct server_response);
    struct ldap_server server = {.uuid = arena_strdup(call->arena, uuid),
                                 .hostname = args->hostname,
                                 .domain_id = args->domainid.id,
                                 .port = args->port.value};
    if (strpbrk(args->hostname, " /@,?"))
        return error_set(err, ERROR_INVALID_VALUE, "ldap.bad_host");
    if (!ldap_try_server(call->db, call->arena, &server, err) || !ldap_server_add(call->db, &server, err) ||
        !fill(call, &server, response, err))
        return false;
    api_reply_object(call, response);
    return true;
}

static bool is_asked_for(const struct server_args *args, const struct ldap_server *server)
{
    return (!args->id || strcasecmp(args->id, server->uuid) == 0) &&
           (!args->hostname || strcasecmp(args->hostname, server->hostname) == 0) &&
           (!args->port.set || args->port.value == server->port) &&
           (args->domainid.id == 0 || args->domainid.id == server->domain_id);
}

static bool delete_server(struct api_call *call, const void *arguments, struct error *err)
{
    const struct server_args *args = arguments;
    const struct ldap_server *found = NULL;
    struct db_rows rows = {0};
    struct server_response *response = ARENA_NEW(call->arena, struct server_response);
    if (!args->id && !args->hostname)
        return error_set(err, ERROR_INVALID_VALUE, "ldap.which_server");
    if (!ldap_servers(call->db, call->arena, &rows, err))
        return false;
    const struct ldap_server *servers = rows.items;
    for (size_t i = 0; i < rows.count && !found; i++)
        if (is_asked_for(args, &servers[i]) && (args->id || servers[i].domain_id == args->domainid.id))
            found = &servers[i];
    if (!found)
        return error_set(err, ERROR_INVALID_VALUE, "ldap.no_such_server");
    if (!ldap_server_remove(call->db, found->id, err) || !fill(call, found, response, err))
        return false;
    api_reply_object(call, response);
    return true;
}

static bool list_servers(struct api_call *call, const void *arguments, struct error *err)
{
    const struct server_args *args = arguments;
    struct db_rows rows = {0};
    struct page_pick pick = {.page = &call->page};
    if (!ldap_servers(call->db, call->arena, &rows, err))
        return false;
    const struct ldap_server *servers = rows.items;
    struct server_response *responses =
        arena_array(call->arena, page_room(&call->page, rows.count) + 1, sizeof(*responses));
    bool is_root = caller_is_root_admin(call->caller);
    for (size_t i = 0; i < rows.count; i++) {
        bool is_near = servers[i].domain_id == 0 || servers[i].domain_id == call->caller->domain_id ||
                       args->domainid.id || (is_root && (args->listall || args->id || args->hostname));
        if (is_near && is_asked_for(args, &servers[i]) && page_keyword_matches(&call->page, servers[i].hostname) &&
            page_pick(&pick) && !fill(call, &servers[i], &responses[pick.taken - 1], err))
            return false;
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- links ---- */

struct link_response {
    const char *domainid, *name, *ldapdomain, *type, *accountid;
    int64_t accounttype;
};
FIELD_TABLE(LDAP_LINK_RESPONSE, struct link_response, FIELD(struct link_response, domainid, .help = "The domain"),
            FIELD(struct link_response, name, .help = "The name of the group or part of the directory"),
            FIELD(struct link_response, ldapdomain, .help = "The same"),
            FIELD(struct link_response, type, .help = "GROUP or OU"),
            FIELD(struct link_response, accounttype, .help = "The type of the accounts that people get"),
            FIELD(struct link_response, accountid, .help = "The account that they join, or the administrator's"));

struct link_args {
    struct object_ref domainid, roleid;
    const char *account, *admin, *ldapdomain, *name, *type;
    struct opt_int accounttype;
};
static const char *const LINK_KINDS[] = {"GROUP", "OU", NULL};
#define LINK(member, ...) FIELD(struct link_args, member, __VA_ARGS__)
FIELD_TABLE(LDAP_LINK_DOMAIN_ARGS, struct link_args,
            LINK(domainid, .flags = FIELD_REQUIRED, .refers_to = "domain", .help = "The domain that people come to"),
            LINK(type, .flags = FIELD_REQUIRED, .help = "GROUP or OU"),
            LINK(ldapdomain, .max = 500, .help = "The whole name of the group or part of the directory"),
            LINK(name, .max = 500, .help = "The same, as older clients call it"),
            LINK(accounttype, .flags = FIELD_REQUIRED, .min = 0, .max = 2,
                 .help = "The type of the accounts that people get: 0 user, 2 domain admin"),
            LINK(admin, .help = "Somebody of the directory who becomes the domain's administrator at once"));
FIELD_TABLE(LDAP_LINK_ACCOUNT_ARGS, struct link_args,
            LINK(domainid, .flags = FIELD_REQUIRED, .refers_to = "domain", .help = "The domain of the account"),
            LINK(account, .flags = FIELD_REQUIRED, .help = "The account that people join; made if there is none"),
            LINK(ldapdomain, .flags = FIELD_REQUIRED, .max = 500,
                 .help = "The whole name of the group or part of the directory"),
            LINK(type, .choices = LINK_KINDS, .help = "GROUP, which is meant when absent, or OU"),
            LINK(accounttype, .min = 0, .max = 3, .help = "The type of the account, if it has to be made"),
            LINK(roleid, .refers_to = "role", .since = "4.19.1",
                 .help = "The role of the account, if it has to be made"),
            LINK(admin, .help = "Somebody of the directory who joins the account at once"));

/* Somebody of the directory by name. Errors: INVALID_VALUE: there is no such person. */
static bool find_person(struct api_call *call, int64_t domain_id, const char *username, struct ldap_person **ret_person,
                        struct error *err)
{
    struct ldap_talk *talk = NULL;
    bool ok =
        ldap_open(call->db, call->arena, domain_id, &talk, err) && ldap_talk_find(talk, username, ret_person, err);
    ldap_talk_close(talk);
    if (ok && !*ret_person)
        ok = error_with(err, ERROR_INVALID_VALUE, "ldap.no_such_person", E_TEXT("username", username));
    return ok;
}

static bool reply_link(struct api_call *call, const struct link_args *args, const struct ldap_link *link,
                       int64_t account_type, int64_t account_id, struct error *err)
{
    struct identity_account *account = NULL;
    struct link_response *response = ARENA_NEW(call->arena, struct link_response);
    if (account_id && !identity_find_account_any(call->db, call->arena, account_id, &account, err))
        return false;
    *response = (struct link_response){.domainid = args->domainid.uuid,
                                       .name = link->dn,
                                       .ldapdomain = link->dn,
                                       .type = link->kind,
                                       .accounttype = account_type,
                                       .accountid = account ? account->uuid : NULL};
    api_reply_object(call, response);
    return true;
}

/* Nobody lets people into what may do more than he himself. */
static bool check_role(struct api_call *call, int64_t role_id, struct error *err)
{
    const struct role_row *role = NULL;
    if (!role_by_id(call->db, call->arena, role_id, &role, err))
        return false;
    return !role || role_check_given(call->db, call->arena, call->caller, role, err);
}

static const char *kind_of(const char *type)
{
    return string_equal_ignoring_case(type, "OU") ? "OU" : "GROUP";
}

static bool link_domain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct link_args *args = arguments;
    const char *dn = args->ldapdomain ? args->ldapdomain : args->name;
    struct ldap_person *admin = NULL;
    int64_t account_id = 0, user_id = 0;
    if (string_is_empty(dn))
        return error_set(err, ERROR_INVALID_VALUE, "ldap.link_wanted");
    if (!string_equal_ignoring_case(args->type, "GROUP") && !string_equal_ignoring_case(args->type, "OU"))
        return error_set(err, ERROR_INVALID_VALUE, "ldap.bad_kind");
    if (args->accounttype.value == 1)
        return error_set(err, ERROR_INVALID_VALUE, "ldap.no_root");
    const struct ldap_link link = {.domain_id = args->domainid.id,
                                   .kind = kind_of(args->type),
                                   .dn = dn,
                                   .role_id = args->accounttype.value == 2 ? ROLE_ID_DOMAIN_ADMIN : ROLE_ID_USER};
    if (!check_role(call, args->admin ? ROLE_ID_DOMAIN_ADMIN : link.role_id, err))
        return false;
    if (args->admin && !find_person(call, args->domainid.id, args->admin, &admin, err))
        return false;
    const struct ldap_arrival arrival = {
        .person = admin, .domain_id = args->domainid.id, .role_id = ROLE_ID_DOMAIN_ADMIN};
    if (admin && !ldap_admit(call->db, call->caller, &arrival, &account_id, &user_id, err))
        return false;
    return ldap_link_set(call->db, &link, err) &&
           reply_link(call, args, &link, args->accounttype.value, account_id, err);
}

/* The account, made with its first user when there is none. */
static bool link_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct link_args *args = arguments;
    struct ldap_person *admin = NULL;
    struct identity_account *account = NULL;
    int64_t account_id = 0, user_id = 0;
    if (!identity_account_id_of(call->db, args->domainid.id, args->account, &account_id, err))
        return false;
    if (account_id == 0 && !args->admin)
        return error_set(err, ERROR_INVALID_VALUE, "ldap.admin_wanted");
    if (args->admin && !find_person(call, args->domainid.id, args->admin, &admin, err))
        return false;
    const struct ldap_arrival arrival = {.person = admin,
                                         .domain_id = args->domainid.id,
                                         .account = args->account,
                                         .account_id = account_id,
                                         .role_id = args->roleid.id ? args->roleid.id
                                                                    : identity_role_of_type(args->accounttype.value)};
    if (admin && !ldap_admit(call->db, call->caller, &arrival, &account_id, &user_id, err))
        return false;
    if (!identity_find_account_any(call->db, call->arena, account_id, &account, err))
        return false;
    if (!account)
        return error_set(err, ERROR_INTERNAL, "identity.user_gone");
    if (!check_role(call, account->role_id, err))
        return false;
    const struct ldap_link link = {.domain_id = args->domainid.id,
                                   .account_id = account_id,
                                   .kind = kind_of(args->type),
                                   .dn = args->ldapdomain,
                                   .role_id = account->role_id};
    return ldap_link_set(call->db, &link, err) &&
           reply_link(call, args, &link, role_wire_type((int64_t)account->role_type), account_id, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "addLdapConfiguration",
     .summary = "Adds an LDAP server, if it answers",
     .since = "4.2.0",
     .response_key = "ldapconfigurationresponse",
     .object_key = "LdapAddConfiguration",
     .event = "LDAP.SERVER.ADD",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &LDAP_ADD_ARGS,
     .response = &LDAP_SERVER_RESPONSE,
     .handle = add_server,
     .group = "LDAP"},
    {.name = "deleteLdapConfiguration",
     .summary = "Removes an LDAP server",
     .since = "4.2.0",
     .response_key = "ldapconfigurationresponse",
     .object_key = "LdapDeleteConfiguration",
     .event = "LDAP.SERVER.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &LDAP_DELETE_ARGS,
     .response = &LDAP_SERVER_RESPONSE,
     .handle = delete_server,
     .group = "LDAP"},
    {.name = "listLdapConfigurations",
     .summary = "Lists LDAP servers",
     .since = "4.2.0",
     .response_key = "ldapconfigurationresponse",
     .object_key = "LdapConfiguration",
     .mode = API_LIST,
     .roles = ROLES_ALL,
     .params = &LDAP_LIST_ARGS,
     .response = &LDAP_SERVER_RESPONSE,
     .handle = list_servers,
     .group = "LDAP"},
    {.name = "linkDomainToLdap",
     .summary = "Lets a group or part of a directory become users of a domain when they sign in",
     .since = "4.6.0",
     .object_key = "LinkDomainToLdap",
     .event = "LDAP.DOMAIN.LINK",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LDAP_LINK_DOMAIN_ARGS,
     .response = &LDAP_LINK_RESPONSE,
     .handle = link_domain,
     .group = "LDAP"},
    {.name = "linkAccountToLdap",
     .summary = "Lets a group or part of a directory become users of an account when they sign in",
     .since = "4.11.0",
     .object_key = "LinkDomainToLdap",
     .event = "LDAP.ACCOUNT.LINK",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &LDAP_LINK_ACCOUNT_ARGS,
     .response = &LDAP_LINK_RESPONSE,
     .handle = link_account,
     .group = "Account"},
    {.name = NULL},
};

void ldap_register_servers(void)
{
    api_register_commands(COMMANDS);
}
