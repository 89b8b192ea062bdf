/* SQL of table ssh_key. */
#include "cloud/sshkey/sshkey_store.h"

FIELD_TABLE(SSH_KEY_ROW, struct ssh_key, NAMED_COLUMNS(struct ssh_key), COLUMN(struct ssh_key, public_key),
            COLUMN(struct ssh_key, fingerprint));
#define KEY_COLUMNS NAMED_NAMES ", public_key, fingerprint"
#define KEY_OF_ACCOUNT "SELECT " KEY_COLUMNS " FROM ssh_key WHERE account_id = ? AND "

DB_STATEMENT(KEY_ADD, .name = "ssh_key.add",
             .sql = "INSERT INTO ssh_key (uuid, account_id, domain_id, name, public_key, fingerprint, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, NOW(3))");
DB_STATEMENT(KEY_REMOVE, .name = "ssh_key.remove", .sql = "DELETE FROM ssh_key WHERE account_id = ? AND name = ?");
DB_STATEMENT(KEY_REMOVE_ALL, .name = "ssh_key.remove_all", .sql = "DELETE FROM ssh_key WHERE account_id = ?");
DB_STATEMENT(KEY_BY_NAME, .name = "ssh_key.by_name", .sql = KEY_OF_ACCOUNT "name = ?", .row = &SSH_KEY_ROW);
DB_STATEMENT(KEY_BY_FINGERPRINT, .name = "ssh_key.by_fingerprint", .sql = KEY_OF_ACCOUNT "fingerprint = ?",
             .row = &SSH_KEY_ROW);
NAMED_TABLE(SSH_KEYS, "ssh_key", KEY_COLUMNS, SSH_KEY_ROW, NAMED_MORE("fingerprint"), true);

bool ssh_key_store_add(struct db *db, const struct ssh_key *key, int64_t *ret_id, struct error *err)
{
    const struct named *named = &key->named;
    if (!db_execute(db, &KEY_ADD, err, db_text(named->uuid), db_int(named->account_id), db_int(named->domain_id),
                    db_text(named->name), db_text(key->public_key), db_text(key->fingerprint)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool ssh_key_store_remove(struct db *db, int64_t account_id, const char *name, bool *ret_removed, struct error *err)
{
    if (!db_execute(db, &KEY_REMOVE, err, db_int(account_id), db_text(name)))
        return false;
    *ret_removed = db_affected_rows(db) > 0;
    return true;
}

bool ssh_key_store_remove_all(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &KEY_REMOVE_ALL, err, db_int(account_id));
}

static bool find(struct db *db, struct arena *arena, const struct db_statement *statement, int64_t account_id,
                 const char *text, struct ssh_key **ret_key, struct error *err)
{
    struct ssh_key *key = ARENA_NEW(arena, struct ssh_key);
    bool found = false;
    if (!db_query_one(db, statement, arena, key, &found, err, db_int(account_id), db_text(text)))
        return false;
    *ret_key = found ? key : NULL;
    return true;
}

bool ssh_key_store_by_name(struct db *db, struct arena *arena, int64_t account_id, const char *name,
                           struct ssh_key **ret_key, struct error *err)
{
    return find(db, arena, &KEY_BY_NAME, account_id, name, ret_key, err);
}

bool ssh_key_store_by_fingerprint(struct db *db, struct arena *arena, int64_t account_id, const char *fingerprint,
                                  struct ssh_key **ret_key, struct error *err)
{
    return find(db, arena, &KEY_BY_FINGERPRINT, account_id, fingerprint, ret_key, err);
}
