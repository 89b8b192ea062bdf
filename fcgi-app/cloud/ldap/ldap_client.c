/* LDAP by libldap. Every call has a deadline; values of people go into filters escaped only. */
#include "cloud/ldap/ldap_client.h"

#include <ldap.h>
#include <string.h>
#include <sys/time.h>

#include "base/gate.h"
#include "base/text.h"

enum { TALKS_AT_ONCE = 2, TALKS_WAITING_MAX = 4, TALK_WAIT_MS = 2000 };
static struct gate talks = GATE_INITIALIZER(TALKS_AT_ONCE, TALKS_WAITING_MAX);

struct ldap_talk {
    struct arena *arena;
    const struct ldap_manner *manner;
    LDAP *handle;
};

static bool fail(int code, struct error *err)
{
    error_set(err, ERROR_RESOURCE_UNAVAILABLE, "ldap.no_answer");
    return error_add_detail(err, "ldap: %s", ldap_err2string(code));
}

static struct timeval time_of(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* ---- pure ---- */

const char *ldap_filter_value(struct arena *arena, const char *value)
{
    struct text out;
    text_init(&out, arena, 4096);
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c < ' ' || strchr("*()\\", *c))
            text_addf(&out, "\\%02x", *c);
        else
            text_add_char(&out, (char)*c);
    }
    return text_string(&out);
}

bool ldap_is_below(const char *dn, const char *above)
{
    size_t length = strlen(dn), above_length = strlen(above);
    if (above_length == 0 || length <= above_length || !string_equal_ignoring_case(dn + length - above_length, above))
        return false;
    size_t comma = length - above_length - 1;
    return dn[comma] == ',' && (comma == 0 || dn[comma - 1] != '\\');
}

/* ---- connecting ---- */

static int set_security(LDAP *handle, const struct ldap_manner *manner)
{
    int demand = LDAP_OPT_X_TLS_DEMAND, no = 0;
    if (manner->security == LDAP_PLAIN)
        return LDAP_SUCCESS;
    int code = ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (code == LDAP_SUCCESS && manner->ca_file[0])
        code = ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, manner->ca_file);
    if (code == LDAP_SUCCESS)
        code = ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &no);
    return code == LDAP_SUCCESS && manner->security == LDAP_STARTTLS ? ldap_start_tls_s(handle, NULL, NULL) : code;
}

static int bind_as(LDAP *handle, const char *dn, struct secret password)
{
    char *bytes = NULL; /* libldap reads it only, but takes no const */
    memcpy(&bytes, &password.bytes, sizeof(bytes));
    struct berval credentials = {.bv_val = bytes, .bv_len = password.length};
    return ldap_sasl_bind_s(handle, dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);
}

static int connect_to(struct ldap_talk *talk, const struct ldap_place *place)
{
    const struct ldap_manner *manner = talk->manner;
    const struct timeval timeout = time_of(manner->timeout_ms);
    int version = LDAP_VERSION3, most = LDAP_PERSONS_MAX;
    bool is_ip6 = strchr(place->hostname, ':') != NULL;
    const char *url =
        arena_printf(talk->arena, is_ip6 ? "%s://[%s]:%lld" : "%s://%s:%lld",
                     manner->security == LDAP_TLS ? "ldaps" : "ldap", place->hostname, (long long)place->port);
    int code = ldap_initialize(&talk->handle, url);
    if (code != LDAP_SUCCESS)
        return code;
    ldap_set_option(talk->handle, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(talk->handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF); /* a directory sends us nowhere else */
    ldap_set_option(talk->handle, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
    ldap_set_option(talk->handle, LDAP_OPT_TIMEOUT, &timeout);
    ldap_set_option(talk->handle, LDAP_OPT_SIZELIMIT, &most);
    code = set_security(talk->handle, manner);
    if (code == LDAP_SUCCESS)
        code = bind_as(talk->handle, manner->bind_dn, manner->bind_password);
    if (code != LDAP_SUCCESS) {
        ldap_unbind_ext_s(talk->handle, NULL, NULL);
        talk->handle = NULL;
    }
    return code;
}

bool ldap_talk_open(struct arena *arena, const struct ldap_manner *manner, const struct ldap_place *places,
                    size_t count, struct ldap_talk **ret_talk, struct error *err)
{
    int code = LDAP_CONNECT_ERROR;
    struct ldap_talk *talk = ARENA_NEW(arena, struct ldap_talk);
    *talk = (struct ldap_talk){.arena = arena, .manner = manner};
    if (!gate_enter(&talks, TALK_WAIT_MS))
        return error_set(err, ERROR_UNAVAILABLE, "ldap.too_many");
    for (size_t i = 0; i < count && !talk->handle; i++)
        code = connect_to(talk, &places[i]);
    if (talk->handle) {
        *ret_talk = talk;
        return true;
    }
    gate_leave(&talks);
    return fail(code, err);
}

void ldap_talk_close(struct ldap_talk *talk)
{
    if (!talk)
        return;
    ldap_unbind_ext_s(talk->handle, NULL, NULL);
    gate_leave(&talks);
}

/* ---- searching ---- */

static const char *attribute(struct ldap_talk *talk, LDAPMessage *entry, const char *name)
{
    struct berval **values = ldap_get_values_len(talk->handle, entry, name);
    const char *value = values && values[0] && string_is_utf8(values[0]->bv_val, values[0]->bv_len)
                            ? arena_strndup(talk->arena, values[0]->bv_val, values[0]->bv_len)
                            : NULL;
    ldap_value_free_len(values);
    return value;
}

static struct ldap_person person_of(struct ldap_talk *talk, LDAPMessage *entry)
{
    const struct ldap_manner *manner = talk->manner;
    char *dn = ldap_get_dn(talk->handle, entry);
    struct ldap_person person = {.dn = arena_strdup(talk->arena, dn ? dn : ""),
                                 .username = attribute(talk, entry, manner->username),
                                 .email = attribute(talk, entry, manner->email),
                                 .first_name = attribute(talk, entry, manner->first_name),
                                 .last_name = attribute(talk, entry, manner->last_name)};
    ldap_memfree(dn);
    return person;
}

static bool search(struct ldap_talk *talk, const char *base, int scope, const char *filter,
                   struct ldap_person **ret_persons, size_t *ret_count, struct error *err)
{
    const struct ldap_manner *manner = talk->manner;
    struct timeval timeout = time_of(manner->timeout_ms);
    const char *names[] = {manner->username, manner->email, manner->first_name, manner->last_name, NULL};
    char *attributes[COUNT_OF(names)]; /* libldap reads them only, but takes no const */
    LDAPMessage *result = NULL;
    memcpy(attributes, names, sizeof(attributes));
    int code = ldap_search_ext_s(talk->handle, base, scope, filter, attributes, 0, NULL, NULL, &timeout,
                                 LDAP_PERSONS_MAX, &result);
    bool is_cut = code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_NO_SUCH_OBJECT;
    *ret_count = 0;
    *ret_persons = arena_array(talk->arena, LDAP_PERSONS_MAX, sizeof(**ret_persons));
    for (LDAPMessage *entry = result ? ldap_first_entry(talk->handle, result) : NULL;
         entry && *ret_count < LDAP_PERSONS_MAX; entry = ldap_next_entry(talk->handle, entry)) {
        struct ldap_person person = person_of(talk, entry);
        if (!string_is_empty(person.username) || scope == LDAP_SCOPE_BASE)
            (*ret_persons)[(*ret_count)++] = person;
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS || is_cut || fail(code, err);
}

/* Members of the group that all users must be in, where the server keeps "memberOf". */
static void add_membership(struct text *filter, struct ldap_talk *talk, const char *group)
{
    const struct ldap_manner *manner = talk->manner;
    bool nests = manner->is_active_directory && manner->nests_groups;
    text_addf(filter, "(memberOf%s=%s)", nests ? ":1.2.840.113556.1.4.1941:" : "",
              ldap_filter_value(talk->arena, group));
}

static void begin_filter(struct text *filter, struct ldap_talk *talk)
{
    text_init(filter, talk->arena, 16384);
    text_addf(filter, "(&(objectClass=%s)", ldap_filter_value(talk->arena, talk->manner->user_object));
    if (talk->manner->group_of_users[0])
        add_membership(filter, talk, talk->manner->group_of_users);
}

bool ldap_talk_find(struct ldap_talk *talk, const char *username, struct ldap_person **ret_person, struct error *err)
{
    struct text filter;
    size_t count = 0;
    struct ldap_person *persons = NULL;
    begin_filter(&filter, talk);
    text_addf(&filter, "(%s=%s))", talk->manner->username, ldap_filter_value(talk->arena, username));
    if (!search(talk, talk->manner->base_dn, LDAP_SCOPE_SUBTREE, text_string(&filter), &persons, &count, err))
        return false;
    *ret_person = count == 1 && string_equal_ignoring_case(persons[0].username, username) ? &persons[0] : NULL;
    return true;
}

bool ldap_talk_belongs(struct ldap_talk *talk, const char *dn, const char *kind, const char *place_dn,
                       bool *ret_belongs, struct error *err)
{
    const struct ldap_manner *manner = talk->manner;
    struct text filter;
    size_t count = 0;
    struct ldap_person *found = NULL;
    *ret_belongs = string_equal(kind, "OU") && ldap_is_below(dn, place_dn);
    if (string_equal(kind, "OU"))
        return true;
    text_init(&filter, talk->arena, 16384);
    if (manner->is_active_directory)
        add_membership(&filter, talk, place_dn);
    else
        text_addf(&filter, "(&(objectClass=%s)(%s=%s))", ldap_filter_value(talk->arena, manner->group_object),
                  manner->group_member, ldap_filter_value(talk->arena, dn));
    if (!search(talk, manner->is_active_directory ? dn : place_dn, LDAP_SCOPE_BASE, text_string(&filter), &found,
                &count, err))
        return false;
    *ret_belongs = count == 1;
    return true;
}

/* Keeps those who are members of the group. */
static bool keep_members(struct ldap_talk *talk, const char *kind, const char *dn, struct ldap_person *persons,
                         size_t *count, struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool belongs = false;
        if (!ldap_talk_belongs(talk, persons[i].dn, kind, dn, &belongs, err))
            return false;
        if (belongs)
            persons[kept++] = persons[i];
    }
    *count = kept;
    return true;
}

bool ldap_talk_search(struct ldap_talk *talk, const char *keyword, const char *kind, const char *dn,
                      struct ldap_person **ret_persons, size_t *ret_count, struct error *err)
{
    struct text filter;
    bool is_ou = dn && string_equal(kind, "OU");
    begin_filter(&filter, talk);
    text_addf(&filter, "(%s=*)", talk->manner->username);
    if (keyword) {
        const char *value = ldap_filter_value(talk->arena, keyword);
        text_addf(&filter, "(|(%s=*%s*)(%s=*%s*)(cn=*%s*))", talk->manner->username, value, talk->manner->email, value,
                  value);
    }
    text_add(&filter, ")");
    if (!search(talk, is_ou ? dn : talk->manner->base_dn, LDAP_SCOPE_SUBTREE, text_string(&filter), ret_persons,
                ret_count, err))
        return false;
    return !dn || is_ou || keep_members(talk, kind, dn, *ret_persons, ret_count, err);
}

bool ldap_talk_verify(struct ldap_talk *talk, const char *dn, struct secret password, bool *ret_matches,
                      struct error *err)
{
    *ret_matches = false;
    if (password.length == 0 || dn[0] == '\0') /* servers take a bind without a password for an anonymous one */
        return true;
    int code = bind_as(talk->handle, dn, password);
    *ret_matches = code == LDAP_SUCCESS;
    bool is_refused = code == LDAP_INVALID_CREDENTIALS || code == LDAP_INSUFFICIENT_ACCESS ||
                      code == LDAP_UNWILLING_TO_PERFORM || code == LDAP_CONSTRAINT_VIOLATION;
    return *ret_matches || is_refused || fail(code, err);
}
