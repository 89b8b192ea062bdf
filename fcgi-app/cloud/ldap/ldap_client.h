/* Talking to LDAP servers: bounded in time and in threads, so that a directory that hangs holds nobody else up. Knows
 * no database. */
#ifndef GURUM_CLOUD_LDAP_CLIENT_H
#define GURUM_CLOUD_LDAP_CLIENT_H

#include "base/error.h"
#include "base/secret.h"

enum ldap_security { LDAP_PLAIN, LDAP_STARTTLS, LDAP_TLS };

/* How a directory is asked. */
struct ldap_manner {
    const char *base_dn, *bind_dn /* "": anonymous */, *user_object, *username, *email, *first_name, *last_name;
    const char *group_object, *group_member, *group_of_users /* "": all users */, *ca_file /* "": the system's */;
    struct secret bind_password;
    enum ldap_security security;
    bool is_active_directory, nests_groups;
    int64_t timeout_ms, page_size;
};
struct ldap_place {
    const char *hostname;
    int64_t port;
};
/* Somebody as the directory tells. */
struct ldap_person {
    const char *dn, *username, *email, *first_name, *last_name;
};

struct ldap_talk;
/* Connects to the first of the servers that answers and binds as the manner says. At most two talks at once in a
 * process; others wait 2 s. Errors: UNAVAILABLE (too many talks), RESOURCE_UNAVAILABLE (no server answers). */
MUST_CHECK bool ldap_talk_open(struct arena *arena, const struct ldap_manner *manner, const struct ldap_place *places,
                               size_t count, struct ldap_talk **ret_talk, struct error *err);
void ldap_talk_close(struct ldap_talk *talk); /* NULL allowed */
/* Somebody by his name; NULL: nobody, or more than one. */
MUST_CHECK bool ldap_talk_find(struct ldap_talk *talk, const char *username, struct ldap_person **ret_person,
                               struct error *err);
enum { LDAP_PERSONS_MAX = 1000 };
/* People whose name, mail or common name has the keyword (NULL: all); of a group or a part of the tree (dn NULL: of
 * everything). At most LDAP_PERSONS_MAX. */
MUST_CHECK bool ldap_talk_search(struct ldap_talk *talk, const char *keyword, const char *kind, const char *dn,
                                 struct ldap_person **ret_persons, size_t *ret_count, struct error *err);
/* Is somebody a member of the group, or below that part of the tree ("GROUP", "OU")? */
MUST_CHECK bool ldap_talk_belongs(struct ldap_talk *talk, const char *dn, const char *kind, const char *place_dn,
                                  bool *ret_belongs, struct error *err);
/* Does the password open the entry? The talk is that person's afterwards: close it. */
MUST_CHECK bool ldap_talk_verify(struct ldap_talk *talk, const char *dn, struct secret password, bool *ret_matches,
                                 struct error *err);

/* Pure: a value within a filter (RFC 4515), and whether a name is below another (whole components, ignoring case). */
const char *ldap_filter_value(struct arena *arena, const char *value);
bool ldap_is_below(const char *dn, const char *above);

#endif
