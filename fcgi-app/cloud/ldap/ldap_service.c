/* Rules of directories: whose servers are asked and how (settings of CloudStack's names, by domain); who may sign in by
 * them; who is made a user at his first sign-in. No network call is made within a transaction. */
#include "cloud/ldap/ldap_service.h"

#include "base/log.h"
#include "base/text.h"
#include "cloud/identity/owned.h"
#include "cloud/ldap/ldap.h"
#include "cloud/settings/settings.h"
#include "cloud/signin/signin.h"

extern const struct setting LOGIN_FAILURES_MAX;

#define LDAP_SETTING(ident, setting_name, kind, value, ...)                                                            \
    SETTING(ident, .name = setting_name, .category = "Advanced", .default_value = value, .type = kind,                 \
            .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN, __VA_ARGS__)
LDAP_SETTING(LDAP_BASE, "ldap.basedn", SETTING_TEXT, "",
             .help = "Where people are looked for, such as dc=example,dc=org");
LDAP_SETTING(LDAP_PRINCIPAL, "ldap.bind.principal", SETTING_TEXT, "",
             .help = "Name of the entry that searches; empty: anonymous");
LDAP_SETTING(LDAP_PASSWORD, "ldap.bind.password", SETTING_TEXT, "", .is_secret = true,
             .help = "The password of that entry");
LDAP_SETTING(LDAP_PROVIDER, "ldap.provider", SETTING_TEXT, "openldap", .choices = "openldap,microsoftad",
             .help = "The kind of directory");
LDAP_SETTING(LDAP_USER_OBJECT, "ldap.user.object", SETTING_TEXT, "inetOrgPerson", .help = "Object class of people");
LDAP_SETTING(LDAP_USERNAME, "ldap.username.attribute", SETTING_TEXT, "uid",
             .help = "Attribute with the name to sign in with");
LDAP_SETTING(LDAP_EMAIL, "ldap.email.attribute", SETTING_TEXT, "mail", .help = "Attribute with the mail address");
LDAP_SETTING(LDAP_FIRST_NAME, "ldap.firstname.attribute", SETTING_TEXT, "givenname",
             .help = "Attribute with the first name");
LDAP_SETTING(LDAP_LAST_NAME, "ldap.lastname.attribute", SETTING_TEXT, "sn", .help = "Attribute with the last name");
LDAP_SETTING(LDAP_GROUP_OBJECT, "ldap.group.object", SETTING_TEXT, "groupOfUniqueNames",
             .help = "Object class of groups");
LDAP_SETTING(LDAP_GROUP_MEMBER, "ldap.group.user.uniquemember", SETTING_TEXT, "uniquemember",
             .help = "Attribute of groups with their members");
LDAP_SETTING(LDAP_GROUP_OF_USERS, "ldap.search.group.principle", SETTING_TEXT, "",
             .help = "Name of a group that people must be members of (memberOf); empty: everybody");
LDAP_SETTING(LDAP_NESTED, "ldap.nested.groups.enable", SETTING_BOOL, "true",
             .help = "Members of groups within groups count, with microsoftad");
LDAP_SETTING(LDAP_TIMEOUT, "ldap.read.timeout", SETTING_INT, "1000", .min = 100, .max = 10000,
             .help = "Milliseconds that a server has for each answer");
LDAP_SETTING(LDAP_SECURITY, "ldap.transport.security", SETTING_TEXT, "none", .choices = "none,starttls,ldaps",
             .help = "How the way to the servers is protected");
LDAP_SETTING(LDAP_CA_FILE, "ldap.truststore", SETTING_TEXT, "",
             .help = "File with the certificates that servers' ones are checked against (PEM); empty: the system's");

static bool read_manner(struct db *db, struct arena *arena, int64_t domain_id, struct ldap_manner *manner,
                        struct error *err)
{
    const struct setting_place place = {.domain_id = domain_id};
    const char *password = NULL, *security = NULL, *provider = NULL;
    const struct {
        const struct setting *setting;
        const char **to;
    } texts[] = {{&LDAP_BASE, &manner->base_dn},
                 {&LDAP_PRINCIPAL, &manner->bind_dn},
                 {&LDAP_PASSWORD, &password},
                 {&LDAP_PROVIDER, &provider},
                 {&LDAP_USER_OBJECT, &manner->user_object},
                 {&LDAP_USERNAME, &manner->username},
                 {&LDAP_EMAIL, &manner->email},
                 {&LDAP_FIRST_NAME, &manner->first_name},
                 {&LDAP_LAST_NAME, &manner->last_name},
                 {&LDAP_GROUP_OBJECT, &manner->group_object},
                 {&LDAP_GROUP_MEMBER, &manner->group_member},
                 {&LDAP_GROUP_OF_USERS, &manner->group_of_users},
                 {&LDAP_SECURITY, &security},
                 {&LDAP_CA_FILE, &manner->ca_file}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!settings_text_at(db, arena, texts[i].setting, &place, texts[i].to, err))
            return false;
    manner->bind_password = secret_from(arena, password);
    manner->is_active_directory = string_equal_ignoring_case(provider, "microsoftad");
    manner->security = string_equal_ignoring_case(security, "ldaps")      ? LDAP_TLS
                       : string_equal_ignoring_case(security, "starttls") ? LDAP_STARTTLS
                                                                          : LDAP_PLAIN;
    return settings_int_at(db, arena, &LDAP_TIMEOUT, &place, &manner->timeout_ms, err) &&
           settings_bool_at(db, arena, &LDAP_NESTED, &place, &manner->nests_groups, err);
}

/* ---- servers ---- */

/* Those of the domain, else those of all. */
static bool places_of(struct db *db, struct arena *arena, int64_t domain_id, struct ldap_place **ret_places,
                      size_t *ret_count, struct error *err)
{
    struct db_rows rows = {0};
    *ret_count = 0;
    if (!ldap_servers(db, arena, &rows, err))
        return false;
    const struct ldap_server *servers = rows.items;
    *ret_places = arena_array(arena, rows.count + 1, sizeof(**ret_places));
    for (int64_t of = domain_id;; of = 0) {
        for (size_t i = 0; i < rows.count; i++)
            if (servers[i].domain_id == of)
                (*ret_places)[(*ret_count)++] = (struct ldap_place){servers[i].hostname, servers[i].port};
        if (*ret_count > 0 || of == 0)
            return true;
    }
}

bool ldap_open(struct db *db, struct arena *arena, int64_t domain_id, struct ldap_talk **ret_talk, struct error *err)
{
    struct ldap_manner *manner = ARENA_NEW(arena, struct ldap_manner);
    struct ldap_place *places = NULL;
    size_t count = 0;
    if (!places_of(db, arena, domain_id, &places, &count, err) || !read_manner(db, arena, domain_id, manner, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INVALID_VALUE, "ldap.no_servers");
    return ldap_talk_open(arena, manner, places, count, ret_talk, err);
}

bool ldap_try_server(struct db *db, struct arena *arena, const struct ldap_server *server, struct error *err)
{
    struct ldap_manner manner = {0};
    struct ldap_place place = {server->hostname, server->port};
    struct ldap_talk *talk = NULL;
    if (!read_manner(db, arena, server->domain_id, &manner, err) ||
        !ldap_talk_open(arena, &manner, &place, 1, &talk, err))
        return false;
    ldap_talk_close(talk);
    return true;
}

/* ---- people ---- */

bool ldap_admit(struct db *db, const struct caller *caller, const struct ldap_arrival *arrival, int64_t *ret_account_id,
                int64_t *ret_user_id, struct error *err)
{
    const struct ldap_person *person = arrival->person;
    const struct identity_newcomer newcomer = {.username = person->username,
                                               .first_name = person->first_name ? person->first_name : person->username,
                                               .last_name = person->last_name ? person->last_name : "",
                                               .email = person->email ? person->email : "",
                                               .timezone = arrival->timezone,
                                               .source = "ldap",
                                               .user_uuid = arrival->user_uuid,
                                               .account_uuid = arrival->account_uuid,
                                               .account = arrival->account ? arrival->account : person->username,
                                               .network_domain = arrival->network_domain,
                                               .domain_id = arrival->domain_id,
                                               .role_id = arrival->role_id,
                                               .account_id = arrival->account_id,
                                               .details = arrival->details};
    return identity_add_newcomer(db, caller, &newcomer, ret_account_id, ret_user_id, err);
}

/* Whether one of the links lets the person in. `account_id`: only links that lead there, or the domain's (0). */
static bool find_link(struct ldap_talk *talk, const struct db_rows *links, const char *dn, int64_t account_id,
                      const struct ldap_link **ret_link, struct error *err)
{
    const struct ldap_link *rows = links->items;
    *ret_link = NULL;
    for (size_t i = 0; i < links->count && !*ret_link; i++) {
        bool belongs = false;
        bool leads_there = account_id < 0 || rows[i].account_id == account_id || rows[i].account_id == 0;
        if (leads_there && !ldap_talk_belongs(talk, dn, rows[i].kind, rows[i].dn, &belongs, err))
            return false;
        if (belongs)
            *ret_link = &rows[i];
    }
    return true;
}

/* Links bind the users of their domain or account: who left the group is let in no more. */
static bool is_bound(const struct db_rows *links, int64_t account_id)
{
    const struct ldap_link *rows = links->items;
    for (size_t i = 0; i < links->count; i++)
        if (rows[i].account_id == 0 || rows[i].account_id == account_id)
            return true;
    return false;
}

struct signing_in {
    struct db *db;
    struct arena *arena;
    const char *username;
    struct secret password;
    int64_t domain_id;
    struct ldap_person *person; /* NULL: not let in */
    const struct ldap_link *link;
};

static bool judge(struct signing_in *to, struct ldap_talk *talk, const struct identity_user *user, struct error *err)
{
    struct db_rows links = {0};
    struct ldap_person *person = NULL;
    bool matches = false;
    if (!ldap_links(to->db, to->arena, to->domain_id, &links, err) || !ldap_talk_find(talk, to->username, &person, err))
        return false;
    bool needs_link = !user || is_bound(&links, user->account_id);
    if (!person || (needs_link && !find_link(talk, &links, person->dn, user ? user->account_id : -1, &to->link, err)))
        return !person;
    if (needs_link && !to->link)
        return true;
    if (!ldap_talk_verify(talk, person->dn, to->password, &matches, err))
        return false;
    if (matches)
        to->person = person;
    return true;
}

/* A directory that does not answer lets nobody in and is told in the log only: what is answered to somebody who signs
 * in must not differ. */
static bool sign_in(struct signing_in *to, const struct identity_user *user, enum identity_verdict *ret_verdict)
{
    struct ldap_talk *talk = NULL;
    struct error err = {0};
    bool ok = ldap_open(to->db, to->arena, to->domain_id, &talk, &err) && judge(to, talk, user, &err);
    ldap_talk_close(talk);
    if (!ok)
        log_error(LOG_WARNING, "ldap.sign_in_failed", &err);
    *ret_verdict = !ok ? IDENTITY_SILENT : to->person ? IDENTITY_YES : IDENTITY_NO;
    return true;
}

static bool verify(struct db *db, struct arena *arena, const struct identity_user *user, struct secret password,
                   enum identity_verdict *ret_verdict, struct error *err)
{
    struct signing_in to = {
        .db = db, .arena = arena, .username = user->username, .password = password, .domain_id = user->domain_id};
    (void)err;
    return sign_in(&to, user, ret_verdict);
}

/* *ret_verdict NO, too, when too many guesses at the name or from the address were wrong. */
static bool sign_in_guessing(struct signing_in *to, const struct sign_in_place *place,
                             enum identity_verdict *ret_verdict, struct error *err)
{
    struct signin_guess from = signin_guess_from(to->arena, place->remote_address);
    struct signin_guess at = {.guesser = arena_printf(to->arena, "name:%lld:%s", (long long)to->domain_id,
                                                      string_lower(to->arena, to->username)),
                              .most = setting_int(&LOGIN_FAILURES_MAX)};
    bool may = false;
    *ret_verdict = IDENTITY_NO;
    if (!signin_note_guess(to->db, &from, &may, err) || (may && !signin_note_guess(to->db, &at, &may, err)))
        return false;
    if (!may)
        return true;
    if (!sign_in(to, NULL, ret_verdict))
        *ret_verdict = IDENTITY_SILENT;
    return *ret_verdict == IDENTITY_NO ||
           (signin_forget_guess(to->db, &from, err) && signin_forget_guess(to->db, &at, err));
}

static bool adopt(struct db *db, struct arena *arena, int64_t domain_id, const char *username, struct secret password,
                  const struct sign_in_place *place, int64_t *ret_user_id, struct error *err)
{
    static const struct caller SYSTEM = {.role_type = ROLE_ADMIN, .domain_path = "/", .username = "system"};
    struct signing_in to = {
        .db = db, .arena = arena, .username = username, .password = password, .domain_id = domain_id};
    struct db_rows links = {0};
    enum identity_verdict verdict = IDENTITY_NO;
    int64_t account_id = 0;
    *ret_user_id = 0;
    if (!ldap_links(db, arena, domain_id, &links, err))
        return false;
    if (links.count == 0)
        return true;
    if (!sign_in_guessing(&to, place, &verdict, err))
        return false;
    if (verdict != IDENTITY_YES)
        return true;
    const struct ldap_arrival arrival = {
        .person = to.person, .domain_id = domain_id, .role_id = to.link->role_id, .account_id = to.link->account_id};
    struct error refused = {0};
    if (!ldap_admit(db, &SYSTEM, &arrival, &account_id, ret_user_id, &refused))
        log_error(LOG_WARNING, "ldap.not_admitted", &refused); /* an account of that name is there already */
    return true;
}

static const struct identity_directory DIRECTORY = {.verify = verify, .adopt = adopt};
static const struct owned_kind OWNED = {.name = "ldap_link",
                                        .order = OWNED_RECORDS,
                                        .forget_account = ldap_forget_account,
                                        .forget_domain = ldap_forget_domain};

void ldap_register_directory(void)
{
    identity_set_directory(&DIRECTORY);
    owned_register(&OWNED);
}

void ldap_register(void)
{
    ldap_register_directory();
    ldap_register_servers();
    ldap_register_people();
}
