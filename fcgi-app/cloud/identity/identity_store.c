/* SQL of identities. Rules are in identity_service.c; roles are a feature of their own. */
#include "cloud/identity/identity_store.h"

#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/cache/columns.h"
#include "db/sealed.h"

enum { DETAILS_MAX = 1000, USER_AGENT_BYTES = 250 };

#define DOMAIN_COLUMNS(X)                                                                                              \
    X(uuid) X(parent_id) X(level) X(removed_id) X(name) X(path) X(state) X(network_domain) X(created)

#define AS_DOMAIN(c) , COLUMN(struct domain_row, c)
FIELD_TABLE(IDENTITY_DOMAIN_ROW, struct domain_row, COLUMN(struct domain_row, id) DOMAIN_COLUMNS(AS_DOMAIN));
FIELD_TABLE(IDENTITY_SECRETS_ROW, struct user_secrets, COLUMN(struct user_secrets, id),
            COLUMN(struct user_secrets, uuid), COLUMN(struct user_secrets, password_hash),
            COLUMN(struct user_secrets, api_key_hash), COLUMN(struct user_secrets, api_key_sealed),
            COLUMN(struct user_secrets, secret_key_sealed), COLUMN(struct user_secrets, failures),
            COLUMN(struct user_secrets, locked_until));
FIELD_TABLE(IDENTITY_SESSION_ROW, struct session_row, COLUMN(struct session_row, id),
            COLUMN(struct session_row, user_id), COLUMN(struct session_row, awaits_factor),
            COLUMN(struct session_row, created), COLUMN(struct session_row, last_used));
FIELD_TABLE(IDENTITY_SESSION_VIEW, struct session_view, COLUMN(struct session_view, id),
            COLUMN(struct session_view, user_id), COLUMN(struct session_view, uuid),
            COLUMN(struct session_view, remote_address), COLUMN(struct session_view, user_agent),
            COLUMN(struct session_view, awaits_factor), COLUMN(struct session_view, created),
            COLUMN(struct session_view, last_used));
FIELD_TABLE(IDENTITY_DETAIL_ROW, struct account_detail_row, COLUMN(struct account_detail_row, account_id),
            COLUMN(struct account_detail_row, name), COLUMN(struct account_detail_row, value));

#define CACHED .scan_reason = "loaded into the cache when identities change"
DB_STATEMENT(DOMAIN_ALL, .name = "identity.domains", .row = &IDENTITY_DOMAIN_ROW, CACHED,
             .sql = SQL_SELECT("tenant_domain", DOMAIN_COLUMNS) " ORDER BY id");
CACHE_TABLE(domains, DOMAIN_ALL, VERSION_IDENTITY, DOMAINS_MAX);
DB_STATEMENT(ACCOUNT_SOME, .name = "identity.accounts_some", .row = &IDENTITY_ACCOUNT_ROW,
             .sql = SQL_SELECT("account", ACCOUNT_COLUMNS) " WHERE id IN (" ENTRY_MARKS ")");
DB_STATEMENT(ACCOUNT_BY_UUID, .name = "identity.account_by_uuid", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM account WHERE uuid = ?");
DB_STATEMENT(USER_SOME, .name = "identity.users_some", .row = &IDENTITY_USER_ROW,
             .sql = SQL_SELECT("login_user", USER_COLUMNS) " WHERE id IN (" ENTRY_MARKS ")");
DB_STATEMENT(USER_BY_UUID, .name = "identity.user_by_uuid", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM login_user WHERE uuid = ?");
ENTRY_TABLE(accounts, ACCOUNT_SOME, ACCOUNT_BY_UUID, VERSION_IDENTITY);
ENTRY_TABLE(users, USER_SOME, USER_BY_UUID, VERSION_IDENTITY);

DB_STATEMENT(DOMAIN_ADD, .name = "identity.domain_add", .sql = SQL_INSERT("tenant_domain", DOMAIN_COLUMNS));
DB_STATEMENT(DOMAIN_ADD_SELF, .name = "identity.domain_add_self",
             .sql = "INSERT INTO domain_ancestor (domain_id, ancestor_id) VALUES (?, ?)");
DB_STATEMENT(DOMAIN_ADD_ABOVE, .name = "identity.domain_add_above",
             .sql = "INSERT INTO domain_ancestor (domain_id, ancestor_id) SELECT ?, ancestor_id FROM domain_ancestor "
                    "WHERE domain_id = ?");
DB_STATEMENT(DOMAIN_BY_NAME, .name = "identity.domain_by_name", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM tenant_domain WHERE parent_id = ? AND name = ? AND removed_id = 0");
DB_STATEMENT(ACCOUNT_ADD, .name = "identity.account_add", .sql = SQL_INSERT("account", ACCOUNT_COLUMNS));
DB_STATEMENT(ACCOUNT_UPDATE, .name = "identity.account_update",
             .sql = "UPDATE account SET name = ?, network_domain = ?, api_key_access = ? WHERE id = ?");
DB_STATEMENT(ACCOUNT_ROLE, .name = "identity.account_role",
             .sql = "UPDATE account SET role_id = ? WHERE id = ? AND role_id = ?");
DB_STATEMENT(ACCOUNT_STATE, .name = "identity.account_state",
             .sql = "UPDATE account SET state = ? WHERE id = ? AND removed_id = 0 AND cleanup_needed = FALSE");
DB_STATEMENT(ACCOUNT_DOOM, .name = "identity.account_doom",
             .sql = "UPDATE account SET state = 'disabled', cleanup_needed = TRUE WHERE id = ? AND removed_id = 0");
DB_STATEMENT(ACCOUNT_REMOVE, .name = "identity.account_remove",
             .sql = "UPDATE account SET removed = ?, removed_id = id, cleanup_needed = FALSE WHERE id = ? AND "
                    "removed_id = 0");
DB_STATEMENT(DETAILS_REMOVE, .name = "identity.details_remove",
             .sql = "DELETE FROM account_detail WHERE account_id = ?");
DB_STATEMENT(SESSIONS_REMOVE, .name = "session.remove_of_account",
             .sql = "DELETE s FROM session s JOIN login_user u ON u.id = s.user_id WHERE u.account_id = ?");
DB_STATEMENT(ACCOUNT_BY_NAME, .name = "identity.account_by_name", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM account WHERE domain_id = ? AND name = ? AND removed_id = 0");
DB_STATEMENT(DETAIL_SET, .name = "identity.detail_set",
             .sql = "INSERT INTO account_detail (account_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE "
                    "value = VALUES(value)");
DB_STATEMENT(DETAILS_OF, .name = "identity.details_of", .row = &IDENTITY_DETAIL_ROW,
             .sql = "SELECT account_id, name, value FROM account_detail WHERE account_id IN (" ENTRY_MARKS
                    ") ORDER BY account_id, name");
DB_STATEMENT(
    USER_ADD, .name = "identity.user_add",
    .sql =
        "INSERT INTO login_user (uuid, account_id, domain_id, username, first_name, last_name, email, timezone, state, "
        "source, password_hash, is_default, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(USER_UPDATE, .name = "identity.user_update",
             .sql = "UPDATE login_user SET username = ?, first_name = ?, last_name = ?, email = ?, timezone = ?, "
                    "api_key_access = ?, mandates_factor = ? WHERE id = ?");
DB_STATEMENT(USER_PASSWORD, .name = "identity.user_password",
             .sql = "UPDATE login_user SET password_hash = ?, failures = 0, locked_until = NULL WHERE id = ?");
DB_STATEMENT(USER_KEYS, .name = "identity.user_keys",
             .sql = "UPDATE login_user SET api_key_hash = ?, api_key_sealed = ?, secret_key_sealed = ? WHERE id = ?");
DB_STATEMENT(USER_ACCOUNT, .name = "identity.user_account",
             .sql = "UPDATE login_user SET account_id = ? WHERE id = ? AND removed_id = 0");
SEALED_COLUMN(USER_API_KEY, "login_user", "api_key_sealed", "TRUE", "CONCAT('login_user.api_key:', uuid)", "id", "''",
              "''");
SEALED_COLUMN(USER_SECRET_KEY, "login_user", "secret_key_sealed", "TRUE", "CONCAT('login_user.secret_key:', uuid)",
              "id", "''", "''");
DB_STATEMENT(USER_STATE, .name = "identity.user_state", .sql = "UPDATE login_user SET state = ? WHERE id = ?");
DB_STATEMENT(USER_REMOVE, .name = "identity.user_remove",
             .sql = "UPDATE login_user SET removed = ?, removed_id = id, state = 'disabled', api_key_hash = NULL, "
                    "api_key_sealed = NULL, "
                    "secret_key_sealed = NULL, password_hash = '' WHERE id = ? AND removed_id = 0");
DB_STATEMENT(USER_BY_NAME, .name = "identity.user_by_name", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM login_user WHERE domain_id = ? AND username = ? AND removed_id = 0");
FIELD_TABLE(IDENTITY_USER_NAMED, struct identity_user, COLUMN(struct identity_user, id),
            COLUMN(struct identity_user, account_id), COLUMN(struct identity_user, uuid),
            COLUMN(struct identity_user, username));
DB_STATEMENT(USERS_BY_NAME, .name = "identity.users_by_name", .row = &IDENTITY_USER_NAMED,
             .sql = "SELECT id, account_id, uuid, username FROM login_user WHERE username = ? AND removed_id = 0");
DB_STATEMENT(USER_BY_KEY, .name = "identity.user_by_key", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM login_user WHERE api_key_hash = ?");
DB_STATEMENT(
    USER_SECRETS, .name = "identity.user_secrets", .row = &IDENTITY_SECRETS_ROW,
    .sql =
        "SELECT id, uuid, password_hash, api_key_hash, api_key_sealed, secret_key_sealed, failures, locked_until FROM "
        "login_user WHERE id = ?");
DB_STATEMENT(USER_FAILURE, .name = "identity.user_failure",
             .sql = "UPDATE login_user SET locked_until = IF(failures + 1 >= ?, ?, locked_until), "
                    "failures = IF(failures + 1 >= ?, 0, failures + 1) WHERE id = ?");
DB_STATEMENT(USER_UNLOCK, .name = "identity.user_unlock",
             .sql = "UPDATE login_user SET failures = 0, locked_until = NULL WHERE id = ?");
DB_STATEMENT(USER_FACTOR, .name = "identity.user_factor", .sql = "UPDATE login_user SET has_factor = ? WHERE id = ?");
DB_STATEMENT(SESSION_ADD, .name = "session.add",
             .sql = "INSERT INTO session (token_hash, uuid, user_id, remote_address, user_agent, awaits_factor, "
                    "created, last_used) "
                    "VALUES (?, ?, ?, ?, ?, TRUE, ?, ?)");
DB_STATEMENT(SESSION_FIND, .name = "session.find", .row = &IDENTITY_SESSION_ROW,
             .sql = "SELECT id, user_id, awaits_factor, created, last_used FROM session WHERE token_hash = ?");
DB_STATEMENT(SESSION_BY_UUID, .name = "session.by_uuid", .row = &IDENTITY_SESSION_VIEW,
             .sql =
                 "SELECT id, user_id, uuid, remote_address, user_agent, awaits_factor, created, last_used FROM session "
                 "WHERE uuid = ?");
#define SESSIONS_WANTED                                                                                                \
    " FROM session JOIN login_user ON login_user.id = session.user_id WHERE session.uuid IS NOT NULL AND "             \
    "session.last_used >= ? AND session.created >= ? AND (? = 0 OR session.user_id = ?) AND "                          \
    "(? = 0 OR login_user.account_id = ?) AND (? IS NULL OR login_user.domain_id = ?) AND (? IS NULL OR " SCOPE_BELOW( \
        "login_user.domain_id") ") AND (? IS NULL OR login_user.username LIKE ?)"
#define SESSIONS_SCANNED .scan_reason = "all sessions that somebody may see; there are as many as people who work"
DB_STATEMENT(SESSION_LIST, .name = "session.list", .row = &IDENTITY_SESSION_VIEW, SESSIONS_SCANNED,
             .sql = "SELECT session.id, session.user_id, session.uuid, session.remote_address, session.user_agent, "
                    "session.awaits_factor, session.created, session.last_used" SESSIONS_WANTED
                    " ORDER BY session.id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(SESSION_COUNT, .name = "session.count", .row = &DB_NUMBER, SESSIONS_SCANNED,
             .sql = "SELECT COUNT(*) AS value" SESSIONS_WANTED);
DB_STATEMENT(SESSION_PASS, .name = "session.pass_factor",
             .sql = "UPDATE session SET awaits_factor = FALSE WHERE id = ?");
DB_STATEMENT(SESSIONS_AWAIT, .name = "session.await_factor",
             .sql = "UPDATE session SET awaits_factor = TRUE WHERE user_id = ?");
DB_STATEMENT(SESSION_TOUCH, .name = "session.touch", .sql = "UPDATE session SET last_used = ? WHERE id = ?");
DB_STATEMENT(SESSION_REMOVE, .name = "session.remove", .sql = "DELETE FROM session WHERE id = ?");
DB_STATEMENT(SESSION_REMOVE_OF, .name = "session.remove_of_user",
             .sql = "DELETE FROM session WHERE user_id = ? AND id <> ?");
DB_STATEMENT(SESSION_REMOVE_OLD, .name = "session.remove_old",
             .sql = "DELETE FROM session WHERE last_used < ? LIMIT 1000");

/* ---- what is held in the process: domains, roles and rules whole, accounts and users by the row ---- */

CACHE_LOOKUPS(domains, domain, struct domain_row)
ROW_LOOKUPS(accounts, account, struct account_row, entry_find, entry_find_uuid)
ROW_LOOKUPS(users, user, struct user_row, entry_find, entry_find_uuid)

bool account_prefetch(struct db *db, struct arena *arena, const int64_t *ids, size_t count, struct error *err)
{
    return entry_prefetch(&accounts, db, arena, ids, count, err);
}

bool user_prefetch(struct db *db, struct arena *arena, const int64_t *ids, size_t count, struct error *err)
{
    return entry_prefetch(&users, db, arena, ids, count, err);
}

bool domain_by_path(struct db *db, struct arena *arena, const char *path, const struct domain_row **ret_row,
                    struct error *err)
{
    struct cache_view view;
    *ret_row = NULL;
    if (!domain_all(db, arena, &view, err))
        return false;
    const struct domain_row *rows = view.items;
    for (size_t i = 0; i < view.count; i++)
        if (rows[i].removed_id == 0 && strcasecmp(rows[i].path, path) == 0)
            *ret_row = &rows[i];
    return true;
}

static bool number(struct db *db, const struct db_statement *statement, const struct db_value *values, size_t count,
                   int64_t *ret_number, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one_values(db, statement, NULL, &row, &found, values, count, err))
        return false;
    *ret_number = found ? row.value : 0;
    return true;
}

bool account_by_name(struct db *db, struct arena *arena, int64_t domain_id, const char *name,
                     const struct account_row **ret_row, struct error *err)
{
    int64_t id = 0;
    *ret_row = NULL;
    if (!account_id_by_name(db, domain_id, name, &id, err))
        return false;
    return id == 0 || account_by_id(db, arena, id, ret_row, err);
}

bool domain_id_by_name(struct db *db, int64_t parent_id, const char *name, int64_t *ret_id, struct error *err)
{
    return number(db, &DOMAIN_BY_NAME, (struct db_value[]){db_int(parent_id), db_text(name)}, 2, ret_id, err);
}

bool account_id_by_name(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id, struct error *err)
{
    return number(db, &ACCOUNT_BY_NAME, (struct db_value[]){db_int(domain_id), db_text(name)}, 2, ret_id, err);
}

bool user_id_by_name(struct db *db, int64_t domain_id, const char *username, int64_t *ret_id, struct error *err)
{
    return number(db, &USER_BY_NAME, (struct db_value[]){db_int(domain_id), db_text(username)}, 2, ret_id, err);
}

bool users_by_name(struct db *db, struct arena *arena, const char *username, struct db_rows *ret_rows,
                   struct error *err)
{
    return db_query(db, &USERS_BY_NAME, arena, IDENTITY_NAMED_MAX, ret_rows, err, db_text(username));
}

bool user_id_by_key_hash(struct db *db, const char *hash, int64_t *ret_id, struct error *err)
{
    return number(db, &USER_BY_KEY, (struct db_value[]){db_text(hash)}, 1, ret_id, err);
}

bool user_secrets_of(struct db *db, struct arena *arena, int64_t user_id, struct user_secrets *ret_row, bool *ret_found,
                     struct error *err)
{
    return db_query_one(db, &USER_SECRETS, arena, ret_row, ret_found, err, db_int(user_id));
}

/* ---- writes ---- */

bool domain_add(struct db *db, const struct domain_row *row, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &DOMAIN_ADD, &IDENTITY_DOMAIN_ROW, row, 0, err))
        return false;
    int64_t id = row->id ? row->id : db_inserted_id(db);
    *ret_id = id;
    return db_execute(db, &DOMAIN_ADD_SELF, err, db_int(id), db_int(id)) &&
           db_execute(db, &DOMAIN_ADD_ABOVE, err, db_int(id), db_int(row->parent_id));
}

bool account_add(struct db *db, const struct account_row *row, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &ACCOUNT_ADD, &IDENTITY_ACCOUNT_ROW, row, 0, err))
        return false;
    *ret_id = row->id ? row->id : db_inserted_id(db);
    return account_list_change(db, *ret_id, row->domain_id, false, true, err);
}

bool account_update(struct db *db, const struct account_row *row, struct error *err)
{
    return db_execute(db, &ACCOUNT_UPDATE, err, db_text(row->name), db_text(row->network_domain),
                      db_text(row->api_key_access), db_int(row->id));
}

bool account_change_role(struct db *db, int64_t account_id, int64_t from, int64_t to, bool *ret_changed,
                         struct error *err)
{
    if (!db_execute(db, &ACCOUNT_ROLE, err, db_int(to), db_int(account_id), db_int(from)))
        return false;
    *ret_changed = db_affected_rows(db) == 1;
    return true;
}

bool account_set_state(struct db *db, int64_t account_id, const char *state, struct error *err)
{
    if (!db_execute(db, &ACCOUNT_STATE, err, db_text(state), db_int(account_id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_IN_USE, "identity.account_going");
}

bool account_doom(struct db *db, int64_t account_id, bool *ret_doomed, struct error *err)
{
    if (!db_execute(db, &ACCOUNT_DOOM, err, db_int(account_id)))
        return false;
    *ret_doomed = db_affected_rows(db) == 1;
    return true;
}

static bool remove_users(struct db *db, struct arena *arena, int64_t account_id, struct error *err)
{
    struct db_rows rows = {0};
    if (!users_of_accounts(db, arena, &account_id, 1, &rows, err))
        return false;
    const struct user_row *users_left = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!user_remove(db, users_left[i].id, users_left[i].domain_id, err))
            return false;
    return true;
}

bool account_remove(struct db *db, int64_t account_id, int64_t domain_id, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    if (!session_remove_of_account(db, account_id, err) || !remove_users(db, &arena, account_id, err) ||
        !db_execute(db, &DETAILS_REMOVE, err, db_int(account_id)) ||
        !db_execute(db, &ACCOUNT_REMOVE, err, db_time(clock_now_ms()), db_int(account_id)))
        return false;
    bool is_gone_now = db_affected_rows(db) == 1;
    return !is_gone_now || account_list_change(db, account_id, domain_id, true, false, err);
}

bool account_detail_set(struct db *db, int64_t account_id, const char *name, const char *value, struct error *err)
{
    return db_execute(db, &DETAIL_SET, err, db_int(account_id), db_text(name), db_text(value));
}

bool account_details(struct db *db, struct arena *arena, const int64_t *account_ids, size_t count,
                     struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &DETAILS_OF, arena, DETAILS_MAX * ENTRY_BATCH, ENTRY_BATCH, account_ids, count, ret_rows,
                        err);
}

bool user_add(struct db *db, const struct user_row *row, const char *password_hash, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &USER_ADD, err, db_text(row->uuid), db_int(row->account_id), db_int(row->domain_id),
                    db_text(row->username), db_text(row->first_name), db_text(row->last_name), db_text(row->email),
                    db_text(row->timezone), db_text(row->state), db_text(row->source ? row->source : "native"),
                    db_text(password_hash), db_bool(row->is_default), db_time(clock_now_ms())))
        return false;
    *ret_id = db_inserted_id(db);
    return user_list_change(db, *ret_id, row->domain_id, false, true, err);
}

bool user_update(struct db *db, const struct user_row *row, struct error *err)
{
    return db_execute(db, &USER_UPDATE, err, db_text(row->username), db_text(row->first_name), db_text(row->last_name),
                      db_text(row->email), db_text(row->timezone), db_text(row->api_key_access),
                      db_bool(row->mandates_factor), db_int(row->id));
}

bool user_set_password(struct db *db, int64_t user_id, const char *password_hash, struct error *err)
{
    return db_execute(db, &USER_PASSWORD, err, db_text(password_hash), db_int(user_id));
}

bool user_set_keys(struct db *db, int64_t user_id, const char *hash, const char *key_sealed, const char *secret_sealed,
                   struct error *err)
{
    return db_execute(db, &USER_KEYS, err, db_text(hash), db_text(key_sealed), db_text(secret_sealed), db_int(user_id));
}

bool user_set_account(struct db *db, int64_t user_id, int64_t account_id, struct error *err)
{
    return db_execute(db, &USER_ACCOUNT, err, db_int(account_id), db_int(user_id));
}

bool user_set_state(struct db *db, int64_t user_id, const char *state, struct error *err)
{
    return db_execute(db, &USER_STATE, err, db_text(state), db_int(user_id));
}

bool user_remove(struct db *db, int64_t user_id, int64_t domain_id, struct error *err)
{
    if (!db_execute(db, &USER_REMOVE, err, db_time(clock_now_ms()), db_int(user_id)))
        return false;
    bool is_gone_now = db_affected_rows(db) == 1; /* two may remove it at once */
    return !is_gone_now || user_list_change(db, user_id, domain_id, true, false, err);
}

bool user_note_failure(struct db *db, int64_t user_id, int64_t most, int64_t locked_until_ms, struct error *err)
{
    int64_t limit = most > 0 ? most : INT32_MAX;
    return db_execute(db, &USER_FAILURE, err, db_int(limit), db_time(locked_until_ms), db_int(limit), db_int(user_id));
}

bool user_unlock(struct db *db, int64_t user_id, struct error *err)
{
    return db_execute(db, &USER_UNLOCK, err, db_int(user_id));
}

bool user_set_factor(struct db *db, int64_t user_id, bool has_factor, struct error *err)
{
    return db_execute(db, &USER_FACTOR, err, db_bool(has_factor), db_int(user_id));
}

/* ---- sessions ---- */

bool session_add(struct db *db, const char *token_hash, int64_t user_id, const struct sign_in_place *place,
                 struct error *err)
{
    int64_t now = clock_now_ms();
    char uuid[UUID_BYTES], user_agent[USER_AGENT_BYTES];
    uuid_random(uuid);
    string_copy(user_agent, sizeof(user_agent), place->user_agent ? place->user_agent : "");
    return db_execute(db, &SESSION_ADD, err, db_text(token_hash), db_text(uuid), db_int(user_id),
                      db_text(place->remote_address), db_text(user_agent), db_time(now), db_time(now));
}

bool session_find(struct db *db, const char *token_hash, struct session_row *ret_row, bool *ret_found,
                  struct error *err)
{
    return db_query_one(db, &SESSION_FIND, NULL, ret_row, ret_found, err, db_text(token_hash));
}

bool session_touch(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &SESSION_TOUCH, err, db_time(clock_now_ms()), db_int(id));
}

bool session_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &SESSION_REMOVE, err, db_int(id));
}

bool session_remove_of_user(struct db *db, int64_t user_id, int64_t but_not, struct error *err)
{
    return db_execute(db, &SESSION_REMOVE_OF, err, db_int(user_id), db_int(but_not));
}

bool session_pass_factor(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &SESSION_PASS, err, db_int(id));
}

bool session_await_factor(struct db *db, int64_t user_id, struct error *err)
{
    return db_execute(db, &SESSIONS_AWAIT, err, db_int(user_id));
}

bool session_by_uuid(struct db *db, struct arena *arena, const char *uuid, struct session_view *ret_row,
                     bool *ret_found, struct error *err)
{
    return db_query_one(db, &SESSION_BY_UUID, arena, ret_row, ret_found, err, db_text(uuid));
}

bool session_list(struct db *db, struct arena *arena, const struct session_query *query, struct db_rows *ret_rows,
                  int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    db_put(&b, db_time(query->used_since_ms), 1);
    db_put(&b, db_time(query->begun_since_ms), 1);
    db_put(&b, db_int(query->user_id), 2);
    db_put(&b, db_int(query->account_id), 2);
    db_put(&b, db_ref(query->domain_id), 2);
    db_put(&b, db_ref(query->below_id), 2);
    db_put(&b, db_text(query->keyword_like), 2);
    return db_query_page(db, &SESSION_COUNT, &SESSION_LIST, arena, &b, query->limit, query->offset, ret_rows, ret_total,
                         err);
}

bool session_remove_of_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &SESSIONS_REMOVE, err, db_int(account_id));
}

bool session_remove_old(struct db *db, int64_t before_ms, struct error *err)
{
    return db_execute(db, &SESSION_REMOVE_OLD, err, db_time(before_ms));
}
