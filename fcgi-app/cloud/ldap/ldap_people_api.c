/* Commands about people of a directory: who is there, who is here already, and making users of them. */
#include <strings.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/ldap/ldap_service.h"

struct person_response {
    const char *email, *principal, *firstname, *lastname, *username, *domain, *conflictingusersource;
};
#define PERSON(member, text) FIELD(struct person_response, member, .help = text)
FIELD_TABLE(LDAP_PERSON_RESPONSE, struct person_response, PERSON(email, "The mail address"),
            PERSON(principal, "The whole name in the directory"), PERSON(firstname, "The first name"),
            PERSON(lastname, "The last name"), PERSON(username, "The name to sign in with"),
            PERSON(domain, "The domain that was asked for"),
            PERSON(conflictingusersource, "Where the user of that name here has the password: native, ldap or oauth2"));

static struct person_response response_of(const struct ldap_person *person, const char *domain, const char *source)
{
    return (struct person_response){.email = person->email,
                                    .principal = person->dn,
                                    .firstname = person->first_name,
                                    .lastname = person->last_name,
                                    .username = person->username,
                                    .domain = domain,
                                    .conflictingusersource = source};
}

static bool search(struct api_call *call, int64_t domain_id, const char *keyword, const char *group,
                   struct ldap_person **ret_persons, size_t *ret_count, struct error *err)
{
    struct ldap_talk *talk = NULL;
    bool ok = ldap_open(call->db, call->arena, domain_id, &talk, err) &&
              ldap_talk_search(talk, keyword, "GROUP", group, ret_persons, ret_count, err);
    ldap_talk_close(talk);
    return ok;
}

/* ---- listLdapUsers ---- */

struct list_args {
    struct object_ref domainid;
    const char *listtype, *userfilter;
};
static const char *const LIST_TYPES[] = {"all", "new", NULL};
static const char *const USER_FILTERS[] = {"NoFilter", "AnyDomain", "LocalDomain", "PotentialImport", NULL};
FIELD_TABLE(LDAP_LIST_USERS_ARGS, struct list_args,
            FIELD(struct list_args, domainid, .refers_to = "domain",
                  .help = "The domain whose directory is asked; the caller's when absent"),
            FIELD(struct list_args, listtype, .choices = LIST_TYPES,
                  .help = "all, which is meant when absent, or new: only people who are users of no domain"),
            FIELD(struct list_args, userfilter, .choices = USER_FILTERS, .since = "4.13",
                  .help = "Leaves out people who are users of any domain (AnyDomain), of this domain (LocalDomain), or "
                          "of this domain by this directory (PotentialImport)"));

/* *ret_source: of the user here who has the name. */
static bool is_wanted(struct api_call *call, const struct list_args *args, int64_t domain_id,
                      const struct ldap_person *person, bool *ret_wanted, const char **ret_source, struct error *err)
{
    bool is_new = string_equal_ignoring_case(args->listtype, "new");
    const char *filter = args->userfilter ? args->userfilter : is_new ? "AnyDomain" : "NoFilter", *anywhere = NULL;
    if (!ldap_source_of_name(call->db, call->arena, domain_id, person->username, ret_source, err))
        return false;
    if (strcasecmp(filter, "AnyDomain") == 0 &&
        !ldap_source_of_name(call->db, call->arena, 0, person->username, &anywhere, err))
        return false;
    *ret_wanted = strcasecmp(filter, "AnyDomain") == 0         ? !anywhere
                  : strcasecmp(filter, "LocalDomain") == 0     ? !*ret_source
                  : strcasecmp(filter, "PotentialImport") == 0 ? !string_equal(*ret_source, "ldap")
                                                               : true;
    return true;
}

/* `like`: what the directory looks for; a keyword beside it is looked for in what comes back. */
static bool reply_people(struct api_call *call, const struct list_args *args, const char *like, struct error *err)
{
    int64_t domain_id = args->domainid.id ? args->domainid.id : call->caller->domain_id;
    struct page_pick pick = {.page = &call->page};
    struct ldap_person *persons = NULL;
    struct identity_domain *domain = NULL;
    size_t count = 0;
    if (!search(call, domain_id, like, NULL, &persons, &count, err) ||
        !identity_find_domain_any(call->db, call->arena, domain_id, &domain, err))
        return false;
    struct person_response *responses = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*responses));
    for (size_t i = 0; i < count; i++) {
        const char *source = NULL;
        bool wanted = false;
        if (!is_wanted(call, args, domain_id, &persons[i], &wanted, &source, err))
            return false;
        bool is_like = like == call->page.keyword || page_keyword_matches(&call->page, persons[i].username);
        if (wanted && is_like && page_pick(&pick))
            responses[pick.taken - 1] = response_of(&persons[i], domain ? domain->name : NULL, source);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

static bool list_people(struct api_call *call, const void *arguments, struct error *err)
{
    return reply_people(call, arguments, call->page.keyword, err);
}

/* ---- searchLdap ---- */

struct search_args {
    const char *query;
};
FIELD_TABLE(LDAP_SEARCH_ARGS, struct search_args,
            FIELD(struct search_args, query, .flags = FIELD_REQUIRED,
                  .help = "A part of a name or mail address of people in the directory of the caller's domain"));

static bool search_people(struct api_call *call, const void *arguments, struct error *err)
{
    const struct search_args *args = arguments;
    static const struct list_args ALL = {.listtype = "all"};
    return reply_people(call, &ALL, args->query, err);
}

/* ---- importLdapUsers, ldapCreateAccount ---- */

struct import_args {
    struct object_ref domainid, roleid;
    const char *account, *group, *timezone, *username, *networkdomain, *accountid, *userid;
    struct opt_int accounttype;
    struct map_list accountdetails;
};
#define NEW(member, ...) FIELD(struct import_args, member, __VA_ARGS__)
#define COMMON                                                                                                         \
    NEW(account, .help = "The account that they join, made if there is none; each gets his own when absent"),          \
        NEW(accounttype, .min = 0, .max = 3,                                                                           \
            .help = "The type of new accounts: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),               \
        NEW(roleid, .refers_to = "role", .help = "The role of new accounts, instead of a type"),                       \
        NEW(domainid, .refers_to = "domain", .help = "The domain that they come to; the caller's when absent"),        \
        NEW(timezone, .max = 64, .help = "Their time zone, such as Asia/Seoul"),                                       \
        NEW(accountdetails, .help = "Details of new accounts")
FIELD_TABLE(LDAP_IMPORT_ARGS, struct import_args, COMMON,
            NEW(group, .max = 500, .help = "Only members of this group, by its whole name"));
FIELD_TABLE(LDAP_CREATE_ARGS, struct import_args, COMMON,
            NEW(username, .flags = FIELD_REQUIRED, .help = "The name of somebody in the directory"),
            NEW(networkdomain, .help = "The DNS domain of the account's networks"),
            NEW(accountid, .max = 36, .help = "The id that a new account gets, a UUID; random when absent"),
            NEW(userid, .max = 36, .help = "The id that the new user gets, a UUID; random when absent"));

static bool begin_arrival(struct api_call *call, const struct import_args *args, struct ldap_arrival *arrival,
                          struct error *err)
{
    if (!args->roleid.id && !args->accounttype.set)
        return error_set(err, ERROR_INVALID_VALUE, "identity.role_wanted");
    *arrival = (struct ldap_arrival){.domain_id = args->domainid.id ? args->domainid.id : call->caller->domain_id,
                                     .role_id = args->roleid.id ? args->roleid.id
                                                                : identity_role_of_type(args->accounttype.value),
                                     .account = args->account,
                                     .timezone = args->timezone,
                                     .network_domain = args->networkdomain,
                                     .user_uuid = args->userid,
                                     .account_uuid = args->accountid,
                                     .details = reply_pairs(call->arena, &args->accountdetails)};
    return !args->account ||
           identity_account_id_of(call->db, arrival->domain_id, args->account, &arrival->account_id, err);
}

/* All or those up to the first that is refused: whoever was made stays, and a repetition goes on from there. */
static bool import_people(struct api_call *call, const void *arguments, struct error *err)
{
    const struct import_args *args = arguments;
    struct ldap_arrival arrival;
    struct ldap_person *persons = NULL;
    struct page_pick pick = {.page = &call->page};
    struct identity_domain *domain = NULL;
    size_t count = 0;
    if (!begin_arrival(call, args, &arrival, err) ||
        !search(call, arrival.domain_id, call->page.keyword, args->group, &persons, &count, err) ||
        !identity_find_domain_any(call->db, call->arena, arrival.domain_id, &domain, err))
        return false;
    struct person_response *responses = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*responses));
    for (size_t i = 0; i < count; i++) {
        const char *source = NULL;
        int64_t account_id = 0, user_id = 0;
        if (!ldap_source_of_name(call->db, call->arena, arrival.domain_id, persons[i].username, &source, err))
            return false;
        if (source)
            continue;
        arrival.person = &persons[i];
        if (!ldap_admit(call->db, call->caller, &arrival, &account_id, &user_id, err))
            return false;
        if (args->account)
            arrival.account_id = account_id;
        if (page_pick(&pick))
            responses[pick.taken - 1] = response_of(&persons[i], domain ? domain->name : NULL, NULL);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

static bool create_account(struct api_call *call, const void *arguments, struct error *err)
{
    const struct import_args *args = arguments;
    struct ldap_arrival arrival;
    struct ldap_person *person = NULL;
    struct ldap_talk *talk = NULL;
    int64_t account_id = 0, user_id = 0;
    if (!begin_arrival(call, args, &arrival, err))
        return false;
    bool ok = ldap_open(call->db, call->arena, arrival.domain_id, &talk, err) &&
              ldap_talk_find(talk, args->username, &person, err);
    ldap_talk_close(talk);
    if (ok && !person)
        ok = error_with(err, ERROR_INVALID_VALUE, "ldap.no_such_person", E_TEXT("username", args->username));
    arrival.person = person;
    return ok && ldap_admit(call->db, call->caller, &arrival, &account_id, &user_id, err) &&
           reply_described(call, api_find_kind("account"), account_id, false, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "listLdapUsers",
     .summary = "Lists people of a directory",
     .since = "4.2.0",
     .response_key = "ldapuserresponse",
     .object_key = "LdapUser",
     .mode = API_LIST,
     .roles = ROLES_ADMINS,
     .params = &LDAP_LIST_USERS_ARGS,
     .response = &LDAP_PERSON_RESPONSE,
     .handle = list_people,
     .group = "LDAP"},
    {.name = "searchLdap",
     .summary = "Finds people of a directory",
     .since = "4.2.0",
     .response_key = "ldapuserresponse",
     .object_key = "LdapUser",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &LDAP_SEARCH_ARGS,
     .response = &LDAP_PERSON_RESPONSE,
     .handle = search_people,
     .group = "LDAP"},
    {.name = "importLdapUsers",
     .summary = "Makes users of the people of a directory, or of a group of it, who are none yet",
     .since = "4.3.0",
     .response_key = "ldapuserresponse",
     .object_key = "LdapUser",
     .mode = API_LIST,
     .flags = API_LIST_WRITES,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LDAP_IMPORT_ARGS,
     .response = &LDAP_PERSON_RESPONSE,
     .handle = import_people,
     .group = "LDAP"},
    {.name = "ldapCreateAccount",
     .summary = "Makes a user, and an account if there is none of the name, of somebody in a directory",
     .since = "4.2.0",
     .response_key = "createaccountresponse",
     .object_key = "account",
     .event = "ACCOUNT.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LDAP_CREATE_ARGS,
     .response = &ACCOUNT_RESPONSE,
     .handle = create_account,
     .group = "LDAP"},
    {.name = NULL},
};

void ldap_register_people(void)
{
    api_register_commands(COMMANDS);
}
