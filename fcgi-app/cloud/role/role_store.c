/* SQL of roles and their rules. What may change is decided in role_service.c. */
#include "cloud/role/role_store.h"

#include "base/clock.h"
#include "cloud/cache/columns.h"

#define ROLE_COLUMNS(X) X(uuid) X(name) X(description) X(type) X(is_default) X(is_public) X(state)
#define RULE_COLUMNS(X) X(uuid) X(role_id) X(position) X(rule) X(description) X(is_allowed)
#define AS_ROLE(c) , COLUMN(struct role_row, c)
#define AS_RULE(c) , COLUMN(struct rule_row, c)
FIELD_TABLE(ROLE_ROW, struct role_row, COLUMN(struct role_row, id) ROLE_COLUMNS(AS_ROLE));
FIELD_TABLE(RULE_ROW, struct rule_row, COLUMN(struct rule_row, id) RULE_COLUMNS(AS_RULE));

#define CACHED .scan_reason = "loaded into the cache when roles change"
DB_STATEMENT(ROLE_ALL, .name = "role.all", .row = &ROLE_ROW, CACHED,
             .sql = SQL_SELECT("role", ROLE_COLUMNS) " ORDER BY id");
DB_STATEMENT(RULE_ALL, .name = "role.rules", .row = &RULE_ROW, CACHED,
             .sql = SQL_SELECT("role_rule", RULE_COLUMNS) " ORDER BY id");
CACHE_TABLE(roles, ROLE_ALL, VERSION_ROLES, ROLES_MAX);
CACHE_TABLE(rules, RULE_ALL, VERSION_ROLES, RULES_MAX);

DB_STATEMENT(ROLE_READ, .name = "role.read", .row = &ROLE_ROW, .sql = SQL_SELECT("role", ROLE_COLUMNS) " WHERE id = ?");
DB_STATEMENT(RULE_READ_OF, .name = "role.rules_of", .row = &RULE_ROW,
             .sql = SQL_SELECT("role_rule", RULE_COLUMNS) " WHERE role_id = ? ORDER BY position, id");
DB_STATEMENT(ROLE_BY_NAME, .name = "role.by_name", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM role WHERE name = ?");
DB_STATEMENT(ROLE_USED, .name = "role.used", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM account WHERE role_id = ? AND removed_id = 0 LIMIT 1");
DB_STATEMENT(ROLE_TOUCH, .name = "role.touch", .sql = "UPDATE role SET revision = revision + 1 WHERE id = ?");
DB_STATEMENT(ROLE_ADD, .name = "role.add",
             .sql = "INSERT INTO role (id, uuid, name, description, type, is_default, is_public, state, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(ROLE_UPDATE, .name = "role.update", .sql = SQL_UPDATE("role", ROLE_COLUMNS));
/* Accounts that are gone keep no claim on a role: the plain user's takes its place in their rows. */
DB_STATEMENT(ROLE_LEAVE, .name = "role.leave",
             .sql = "UPDATE account SET role_id = ? WHERE role_id = ? AND removed_id <> 0");
DB_STATEMENT(ROLE_REMOVE, .name = "role.remove", .sql = "DELETE FROM role WHERE id = ?");
DB_STATEMENT(RULE_ADD, .name = "role.rule_add", .sql = SQL_INSERT("role_rule", RULE_COLUMNS));
DB_STATEMENT(RULE_ALLOWED, .name = "role.rule_allowed", .sql = "UPDATE role_rule SET is_allowed = ? WHERE id = ?");
DB_STATEMENT(RULE_POSITION, .name = "role.rule_position", .sql = "UPDATE role_rule SET position = ? WHERE id = ?");
DB_STATEMENT(RULE_REMOVE, .name = "role.rule_remove", .sql = "DELETE FROM role_rule WHERE id = ?");
DB_STATEMENT(RULE_REMOVE_OF, .name = "role.rule_remove_of", .sql = "DELETE FROM role_rule WHERE role_id = ?");

CACHE_LOOKUPS(roles, role, struct role_row)
CACHE_LOOKUPS(rules, rule, struct rule_row)

bool role_read(struct db *db, struct arena *arena, int64_t id, struct role_row *ret_row, bool *ret_found,
               struct error *err)
{
    return db_query_one(db, &ROLE_READ, arena, ret_row, ret_found, err, db_int(id));
}

bool rule_read_of(struct db *db, struct arena *arena, int64_t role_id, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &RULE_READ_OF, arena, RULES_OF_ROLE_MAX, ret_rows, err, db_int(role_id));
}

bool role_id_by_name(struct db *db, const char *name, int64_t *ret_id, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one(db, &ROLE_BY_NAME, NULL, &row, &found, err, db_text(name)))
        return false;
    *ret_id = found ? row.value : 0;
    return true;
}

bool role_is_used(struct db *db, int64_t id, bool *ret_used, struct error *err)
{
    struct db_number row = {0};
    return db_query_one(db, &ROLE_USED, NULL, &row, ret_used, err, db_int(id));
}

bool role_touch(struct db *db, int64_t id, bool *ret_found, struct error *err)
{
    if (!db_execute(db, &ROLE_TOUCH, err, db_int(id)))
        return false;
    *ret_found = db_affected_rows(db) > 0;
    return true;
}

bool role_write(struct db *db, const struct role_row *row, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &ROLE_ADD, err, db_int(row->id), db_text(row->uuid), db_text(row->name),
                    db_text(row->description), db_int(row->type), db_bool(row->is_default), db_bool(row->is_public),
                    db_text(row->state), db_time(clock_now_ms())))
        return false;
    *ret_id = row->id ? row->id : db_inserted_id(db);
    return true;
}

bool role_update(struct db *db, const struct role_row *row, struct error *err)
{
    return row_write(db, &ROLE_UPDATE, &ROLE_ROW, row, row->id, err);
}

bool role_remove(struct db *db, int64_t id, struct error *err)
{
    return rule_remove_of(db, id, err) && db_execute(db, &ROLE_LEAVE, err, db_int(ROLE_ID_USER), db_int(id)) &&
           db_execute(db, &ROLE_REMOVE, err, db_int(id));
}

bool rule_write(struct db *db, const struct rule_row *row, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &RULE_ADD, &RULE_ROW, row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool rule_set_allowed(struct db *db, int64_t id, bool is_allowed, struct error *err)
{
    return db_execute(db, &RULE_ALLOWED, err, db_bool(is_allowed), db_int(id));
}

bool rule_set_position(struct db *db, int64_t id, int64_t position, struct error *err)
{
    return db_execute(db, &RULE_POSITION, err, db_int(position), db_int(id));
}

bool rule_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &RULE_REMOVE, err, db_int(id));
}

bool rule_remove_of(struct db *db, int64_t role_id, struct error *err)
{
    return db_execute(db, &RULE_REMOVE_OF, err, db_int(role_id));
}
