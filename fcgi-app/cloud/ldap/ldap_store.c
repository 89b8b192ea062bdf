/* SQL of LDAP servers and links. */
#include "cloud/ldap/ldap_store.h"

#include "base/clock.h"

FIELD_TABLE(LDAP_SERVER_ROW, struct ldap_server, COLUMN(struct ldap_server, id), COLUMN(struct ldap_server, uuid),
            COLUMN(struct ldap_server, hostname), COLUMN(struct ldap_server, domain_id),
            COLUMN(struct ldap_server, port));
FIELD_TABLE(LDAP_LINK_ROW, struct ldap_link, COLUMN(struct ldap_link, id), COLUMN(struct ldap_link, domain_id),
            COLUMN(struct ldap_link, account_id), COLUMN(struct ldap_link, role_id), COLUMN(struct ldap_link, kind),
            COLUMN(struct ldap_link, dn));
struct source_row {
    const char *source;
};
FIELD_TABLE(LDAP_SOURCE_ROW, struct source_row, COLUMN(struct source_row, source));

DB_STATEMENT(SERVERS, .name = "ldap.servers", .row = &LDAP_SERVER_ROW,
             .sql = "SELECT id, uuid, hostname, domain_id, port FROM ldap_server ORDER BY id LIMIT 100");
DB_STATEMENT(SERVER_ADD, .name = "ldap.server_add",
             .sql = "INSERT INTO ldap_server (uuid, hostname, domain_id, port, created) VALUES (?, ?, ?, ?, ?)");
DB_STATEMENT(SERVER_REMOVE, .name = "ldap.server_remove", .sql = "DELETE FROM ldap_server WHERE id = ?");
DB_STATEMENT(LINKS, .name = "ldap.links", .row = &LDAP_LINK_ROW,
             .sql = "SELECT id, domain_id, account_id, role_id, kind, dn FROM ldap_link WHERE domain_id = ? "
                    "ORDER BY account_id DESC LIMIT 1000");
DB_STATEMENT(LINK_SET, .name = "ldap.link_set",
             .sql =
                 "INSERT INTO ldap_link (domain_id, account_id, kind, dn, role_id, created) VALUES (?, ?, ?, ?, ?, ?) "
                 "ON DUPLICATE KEY UPDATE kind = VALUES(kind), dn = VALUES(dn), role_id = VALUES(role_id)");
DB_STATEMENT(FORGET_ACCOUNT, .name = "ldap.forget_account", .sql = "DELETE FROM ldap_link WHERE account_id = ?",
             .scan_reason = "a small table, when an account ends");
DB_STATEMENT(FORGET_LINKS, .name = "ldap.forget_links", .sql = "DELETE FROM ldap_link WHERE domain_id = ?");
DB_STATEMENT(FORGET_SERVERS, .name = "ldap.forget_servers", .sql = "DELETE FROM ldap_server WHERE domain_id = ?");
DB_STATEMENT(SOURCE_IN_DOMAIN, .name = "ldap.source_in_domain", .row = &LDAP_SOURCE_ROW,
             .sql = "SELECT source FROM login_user WHERE domain_id = ? AND username = ? AND removed_id = 0");
DB_STATEMENT(SOURCE_ANYWHERE, .name = "ldap.source_anywhere", .row = &LDAP_SOURCE_ROW,
             .sql = "SELECT source FROM login_user WHERE username = ? AND removed_id = 0 LIMIT 1");

bool ldap_servers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &SERVERS, arena, LDAP_SERVERS_MAX, ret_rows, err, DB_NO_VALUES);
}

bool ldap_server_add(struct db *db, const struct ldap_server *server, struct error *err)
{
    return db_execute(db, &SERVER_ADD, err, db_text(server->uuid), db_text(server->hostname), db_int(server->domain_id),
                      db_int(server->port), db_time(clock_now_ms()));
}

bool ldap_server_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &SERVER_REMOVE, err, db_int(id));
}

bool ldap_links(struct db *db, struct arena *arena, int64_t domain_id, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &LINKS, arena, LDAP_LINKS_MAX, ret_rows, err, db_int(domain_id));
}

bool ldap_link_set(struct db *db, const struct ldap_link *link, struct error *err)
{
    return db_execute(db, &LINK_SET, err, db_int(link->domain_id), db_int(link->account_id), db_text(link->kind),
                      db_text(link->dn), db_int(link->role_id), db_time(clock_now_ms()));
}

bool ldap_forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &FORGET_ACCOUNT, err, db_int(account_id));
}

bool ldap_forget_domain(struct db *db, int64_t domain_id, struct error *err)
{
    return db_execute(db, &FORGET_LINKS, err, db_int(domain_id)) &&
           db_execute(db, &FORGET_SERVERS, err, db_int(domain_id));
}

bool ldap_source_of_name(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                         const char **ret_source, struct error *err)
{
    struct source_row row = {0};
    bool found = false;
    if (domain_id ? !db_query_one(db, &SOURCE_IN_DOMAIN, arena, &row, &found, err, db_int(domain_id), db_text(username))
                  : !db_query_one(db, &SOURCE_ANYWHERE, arena, &row, &found, err, db_text(username)))
        return false;
    *ret_source = found ? row.source : NULL;
    return true;
}
