/* Rows of servers and links, for the files of this feature only. */
#ifndef GURUM_CLOUD_LDAP_STORE_H
#define GURUM_CLOUD_LDAP_STORE_H

#include "db/db.h"

enum { LDAP_SERVERS_MAX = 100, LDAP_LINKS_MAX = 1000 };
struct ldap_server {
    int64_t id;
    const char *uuid, *hostname;
    int64_t domain_id, port;
};
struct ldap_link {
    int64_t id, domain_id, account_id, role_id;
    const char *kind, *dn; /* "GROUP" or "OU" */
};

/* All servers, by id. */
MUST_CHECK bool ldap_servers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool ldap_server_add(struct db *db, const struct ldap_server *server, struct error *err);
MUST_CHECK bool ldap_server_remove(struct db *db, int64_t id, struct error *err);
/* Of a domain, those of accounts first. */
MUST_CHECK bool ldap_links(struct db *db, struct arena *arena, int64_t domain_id, struct db_rows *ret_rows,
                           struct error *err);
/* One a domain and one an account: it takes the place of an earlier one. */
MUST_CHECK bool ldap_link_set(struct db *db, const struct ldap_link *link, struct error *err);
MUST_CHECK bool ldap_forget_account(struct db *db, int64_t account_id, struct error *err);
MUST_CHECK bool ldap_forget_domain(struct db *db, int64_t domain_id, struct error *err);
/* The source of the user of a name in a domain, or in any (0); NULL: there is none. */
MUST_CHECK bool ldap_source_of_name(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                                    const char **ret_source, struct error *err);

#endif
