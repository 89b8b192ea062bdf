/* Rules of directories, for the files of this feature only. */
#ifndef GURUM_CLOUD_LDAP_SERVICE_H
#define GURUM_CLOUD_LDAP_SERVICE_H

#include "cloud/identity/identity.h"
#include "cloud/ldap/ldap_client.h"
#include "cloud/ldap/ldap_store.h"

/* Opens a talk with the servers of a domain, in its manner. Close it. Errors: INVALID_VALUE (no servers). */
MUST_CHECK bool ldap_open(struct db *db, struct arena *arena, int64_t domain_id, struct ldap_talk **ret_talk,
                          struct error *err);
/* Whether this one server answers and takes the service's name and password. */
MUST_CHECK bool ldap_try_server(struct db *db, struct arena *arena, const struct ldap_server *server,
                                struct error *err);

/* A new user whose password the directory knows. */
struct ldap_arrival {
    const struct ldap_person *person;
    int64_t domain_id, role_id, account_id; /* account_id 0: an account of his own */
    const char *account /* its name; NULL: the user's */, *timezone, *network_domain, *user_uuid, *account_uuid;
    struct pair_list details;
};
MUST_CHECK bool ldap_admit(struct db *db, const struct caller *caller, const struct ldap_arrival *arrival,
                           int64_t *ret_account_id, int64_t *ret_user_id, struct error *err);

void ldap_register_directory(void); /* who signs in */
void ldap_register_servers(void);   /* commands about servers and links */
void ldap_register_people(void);    /* commands about people */

#endif
