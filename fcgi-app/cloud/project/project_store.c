/* SQL of projects, their members, roles and rules. Invitations are in project_invitation_store.c. */
#include "cloud/project/project_store.h"

#include "base/clock.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/owned.h"

enum { PROJECTS_MAX = 100000, MEMBERS_MAX = 1000000, ROLES_MAX = 100000, RULES_MAX = 1000000 };

#define PROJECT_COLUMNS(X) X(uuid) X(name) X(display_text) X(state) X(domain_id) X(removed_id) X(created)
#define ROLE_COLUMNS(X) X(uuid) X(project_id) X(name) X(description)
#define AS_PROJECT(c) , COLUMN(struct project, c)
#define AS_ROLE(c) , COLUMN(struct project_role, c)
FIELD_TABLE(PROJECT_ROW, struct project, COLUMN(struct project, id) PROJECT_COLUMNS(AS_PROJECT));
FIELD_TABLE(PROJECT_ROLE_ROW, struct project_role, COLUMN(struct project_role, id) ROLE_COLUMNS(AS_ROLE));
FIELD_TABLE(PROJECT_MEMBER_ROW, struct project_member, COLUMN(struct project_member, key),
            COLUMN(struct project_member, uuid), COLUMN(struct project_member, id),
            COLUMN(struct project_member, project_id), COLUMN(struct project_member, account_id),
            COLUMN(struct project_member, user_id), COLUMN(struct project_member, project_role_id),
            COLUMN(struct project_member, is_admin));
FIELD_TABLE(PROJECT_RULE_ROW, struct project_role_rule, COLUMN(struct project_role_rule, project_role_id),
            COLUMN(struct project_role_rule, uuid), COLUMN(struct project_role_rule, id),
            COLUMN(struct project_role_rule, position), COLUMN(struct project_role_rule, rule),
            COLUMN(struct project_role_rule, description), COLUMN(struct project_role_rule, is_allowed));

#define CACHED .scan_reason = "loaded into the cache when projects change"
#define MEMBER_COLUMNS "uuid, id, project_id, account_id, user_id, project_role_id, is_admin FROM project_member"
DB_STATEMENT(PROJECT_ALL, .name = "project.all", .row = &PROJECT_ROW, CACHED,
             .sql = SQL_SELECT("project", PROJECT_COLUMNS) " ORDER BY id");
DB_STATEMENT(MEMBERS_BY_ACCOUNT, .name = "project.members_by_account", .row = &PROJECT_MEMBER_ROW, CACHED,
             .sql = "SELECT account_id AS `key`, " MEMBER_COLUMNS " ORDER BY account_id, project_id, user_id");
DB_STATEMENT(MEMBERS_BY_PROJECT, .name = "project.members_by_project", .row = &PROJECT_MEMBER_ROW, CACHED,
             .sql = "SELECT project_id AS `key`, " MEMBER_COLUMNS " ORDER BY project_id, account_id, user_id");
DB_STATEMENT(MEMBERS_READ, .name = "project.members_read", .row = &PROJECT_MEMBER_ROW,
             .sql = "SELECT project_id AS `key`, " MEMBER_COLUMNS " WHERE project_id = ? ORDER BY account_id, user_id");
DB_STATEMENT(MEMBERS_READ_ACCOUNT, .name = "project.members_read_account", .row = &PROJECT_MEMBER_ROW,
             .sql = "SELECT account_id AS `key`, " MEMBER_COLUMNS " WHERE account_id = ? ORDER BY project_id, user_id");
DB_STATEMENT(ROLE_ALL, .name = "project.roles", .row = &PROJECT_ROLE_ROW, CACHED,
             .sql = SQL_SELECT("project_role", ROLE_COLUMNS) " ORDER BY id");
DB_STATEMENT(RULE_ALL, .name = "project.rules", .row = &PROJECT_RULE_ROW, CACHED,
             .sql = "SELECT project_role_id, uuid, id, position, rule, description, is_allowed FROM project_role_rule "
                    "ORDER BY project_role_id, position, id");
CACHE_TABLE(projects, PROJECT_ALL, VERSION_PROJECTS, PROJECTS_MAX);
CACHE_TABLE(members_by_account, MEMBERS_BY_ACCOUNT, VERSION_PROJECTS, MEMBERS_MAX);
CACHE_TABLE(members_by_project, MEMBERS_BY_PROJECT, VERSION_PROJECTS, MEMBERS_MAX);
CACHE_TABLE(roles, ROLE_ALL, VERSION_PROJECTS, ROLES_MAX);
CACHE_TABLE(rules, RULE_ALL, VERSION_PROJECTS, RULES_MAX);

DB_STATEMENT(PROJECT_ADD, .name = "project.add", .sql = SQL_INSERT("project", PROJECT_COLUMNS));
DB_STATEMENT(PROJECT_TEXTS, .name = "project.texts",
             .sql = "UPDATE project SET name = COALESCE(?, name), display_text = COALESCE(?, display_text) WHERE id = "
                    "? AND removed_id = 0");
DB_STATEMENT(PROJECT_STATE, .name = "project.state",
             .sql = "UPDATE project SET state = ? WHERE id = ? AND state = ? AND removed_id = 0");
DB_STATEMENT(
    PROJECT_REMOVE, .name = "project.remove",
    .sql = "UPDATE project SET state = 'Disabled', removed = ?, removed_id = id WHERE id = ? AND removed_id = 0");
DB_STATEMENT(PROJECT_BY_NAME, .name = "project.by_name", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM project WHERE domain_id = ? AND name = ? AND removed_id = 0");
DB_STATEMENT(PROJECT_LOCK, .name = "project.lock",
             .sql = "UPDATE project SET touched = touched + 1 WHERE id = ? AND removed_id = 0");
DB_STATEMENT(MEMBER_ADD, .name = "project.member_add",
             .sql = "INSERT INTO project_member (uuid, project_id, account_id, user_id, is_admin, project_role_id, "
                    "created) VALUES (?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(MEMBER_SET, .name = "project.member_set",
             .sql = "UPDATE project_member SET is_admin = ?, project_role_id = ? WHERE id = ?");
DB_STATEMENT(MEMBER_REMOVE, .name = "project.member_remove", .sql = "DELETE FROM project_member WHERE id = ?");
DB_STATEMENT(MEMBERS_REMOVE, .name = "project.members_remove",
             .sql = "DELETE FROM project_member WHERE project_id = ?");
DB_STATEMENT(ADMINS_COUNT, .name = "project.count_admins", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM project_member WHERE project_id = ? AND is_admin = 1");
DB_STATEMENT(ROLE_ADD, .name = "project.role_add", .sql = SQL_INSERT("project_role", ROLE_COLUMNS));
DB_STATEMENT(ROLE_UPDATE, .name = "project.role_update",
             .sql = "UPDATE project_role SET name = ?, description = ? WHERE id = ?");
DB_STATEMENT(ROLE_REMOVE, .name = "project.role_remove",
             .sql = "DELETE FROM project_role WHERE id = ? AND NOT EXISTS (SELECT 1 FROM project_member m WHERE "
                    "m.project_role_id = project_role.id) AND NOT EXISTS (SELECT 1 FROM project_invitation i WHERE "
                    "i.project_role_id = project_role.id AND i.state = 'Pending')");
DB_STATEMENT(ROLES_REMOVE, .name = "project.roles_remove", .sql = "DELETE FROM project_role WHERE project_id = ?");
DB_STATEMENT(RULE_ADD, .name = "project.rule_add",
             .sql = "INSERT INTO project_role_rule (uuid, project_role_id, position, rule, is_allowed, description) "
                    "SELECT ?, ?, COALESCE(MAX(position), 0) + 1, ?, ?, ? FROM project_role_rule r WHERE "
                    "r.project_role_id = ?");
DB_STATEMENT(RULE_ALLOWED, .name = "project.rule_allowed",
             .sql = "UPDATE project_role_rule SET is_allowed = ? WHERE id = ?");
DB_STATEMENT(RULE_POSITION, .name = "project.rule_position",
             .sql = "UPDATE project_role_rule SET position = ? WHERE id = ?");
DB_STATEMENT(RULE_REMOVE, .name = "project.rule_remove", .sql = "DELETE FROM project_role_rule WHERE id = ?");
DB_STATEMENT(ROLE_RULES_REMOVE, .name = "project.role_rules_remove",
             .sql = "DELETE FROM project_role_rule WHERE project_role_id = ?");
DB_STATEMENT(RULES_REMOVE, .name = "project.rules_remove",
             .sql = "DELETE r FROM project_role_rule r JOIN project_role p ON p.id = r.project_role_id WHERE "
                    "p.project_id = ?");
DB_STATEMENT(INVITATIONS_REMOVE, .name = "project.invitations_remove",
             .sql = "DELETE FROM project_invitation WHERE project_id = ?");

DB_STATEMENT(ORPHANS, .name = "project.orphans", .row = &OWNED_OBJECT,
             .sql = "SELECT p.id, p.uuid, p.name FROM project_member m JOIN project p ON p.id = m.project_id WHERE "
                    "m.account_id = ? AND m.is_admin = 1 AND p.removed_id = 0 AND NOT EXISTS (SELECT 1 FROM "
                    "project_member o WHERE o.project_id = m.project_id AND o.is_admin = 1 AND o.account_id <> "
                    "m.account_id) GROUP BY m.account_id, m.project_id ORDER BY m.account_id, m.project_id LIMIT ?",
             .scan_reason = "once, when an account goes");
DB_STATEMENT(ACCOUNT_LEAVES, .name = "project.account_leaves",
             .sql = "DELETE FROM project_member WHERE account_id = ?");
DB_STATEMENT(USER_UNINVITED, .name = "project.user_uninvited",
             .sql = "DELETE FROM project_invitation WHERE account_id = ? AND user_id = ?");
DB_STATEMENT(ACCOUNT_UNINVITED, .name = "project.account_uninvited",
             .sql = "DELETE FROM project_invitation WHERE account_id = ?");

/* ---- cached tables ---- */

CACHE_LOOKUPS(projects, project, struct project)
CACHE_LOOKUPS(roles, project_role, struct project_role)

/* The rows whose leading number is `key`, in a table that is ordered by it. */
static const void *find_neighbours(const struct cache_view *view, int64_t key, size_t *ret_count)
{
    const char *rows = view->items;
    size_t low = 0, high = view->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (*(const int64_t *)(const void *)(rows + middle * view->row_size) < key)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < view->count && *(const int64_t *)(const void *)(rows + end * view->row_size) == key)
        end++;
    *ret_count = end - low;
    return rows ? rows + low * view->row_size : NULL;
}

static bool members_of(struct cache_table *table, struct db *db, struct arena *arena, int64_t key,
                       struct project_members *ret_members, struct error *err)
{
    struct cache_view view;
    if (!cache_read(table, db, arena, &view, err))
        return false;
    ret_members->items = find_neighbours(&view, key, &ret_members->count);
    return true;
}

bool project_members_of_account(struct db *db, struct arena *arena, int64_t account_id,
                                struct project_members *ret_members, struct error *err)
{
    return members_of(&members_by_account, db, arena, account_id, ret_members, err);
}

bool project_members_of_project(struct db *db, struct arena *arena, int64_t project_id,
                                struct project_members *ret_members, struct error *err)
{
    return members_of(&members_by_project, db, arena, project_id, ret_members, err);
}

static bool read_members(struct db *db, const struct db_statement *statement, struct arena *arena, int64_t key,
                         struct project_members *ret_members, struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, statement, arena, MEMBERS_MAX, &rows, err, db_int(key)))
        return false;
    *ret_members = (struct project_members){rows.items, rows.count};
    return true;
}

bool project_members_read(struct db *db, struct arena *arena, int64_t project_id, struct project_members *ret_members,
                          struct error *err)
{
    return read_members(db, &MEMBERS_READ, arena, project_id, ret_members, err);
}

bool project_members_read_account(struct db *db, struct arena *arena, int64_t account_id,
                                  struct project_members *ret_members, struct error *err)
{
    return read_members(db, &MEMBERS_READ_ACCOUNT, arena, account_id, ret_members, err);
}

bool project_rules_of(struct db *db, struct arena *arena, int64_t project_role_id, struct project_rules *ret_rules,
                      struct error *err)
{
    struct cache_view view;
    if (!cache_read(&rules, db, arena, &view, err))
        return false;
    ret_rules->items = find_neighbours(&view, project_role_id, &ret_rules->count);
    return true;
}

bool project_rule_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                          const struct project_role_rule **ret_row, struct error *err)
{
    const void *row = NULL;
    if (!cache_find_uuid(&rules, db, arena, uuid, &row, err))
        return false;
    *ret_row = row;
    return true;
}

bool project_rule_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err)
{
    return cache_read(&rules, db, arena, ret_view, err);
}

/* ---- writes ---- */

bool project_add(struct db *db, struct project *row, struct error *err)
{
    if (!row_write(db, &PROJECT_ADD, &PROJECT_ROW, row, 0, err))
        return false;
    row->id = db_inserted_id(db);
    return true;
}

bool project_set_texts(struct db *db, int64_t id, const char *name, const char *display_text, struct error *err)
{
    return db_execute(db, &PROJECT_TEXTS, err, db_text(name), db_text(display_text), db_int(id));
}

bool project_change_state(struct db *db, int64_t id, const char *from, const char *to, bool *ret_changed,
                          struct error *err)
{
    if (!db_execute(db, &PROJECT_STATE, err, db_text(to), db_int(id), db_text(from)))
        return false;
    *ret_changed = db_affected_rows(db) == 1;
    return true;
}

bool project_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &RULES_REMOVE, err, db_int(id)) && db_execute(db, &ROLES_REMOVE, err, db_int(id)) &&
           db_execute(db, &INVITATIONS_REMOVE, err, db_int(id)) && db_execute(db, &MEMBERS_REMOVE, err, db_int(id)) &&
           db_execute(db, &PROJECT_REMOVE, err, db_time(clock_now_ms()), db_int(id));
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

bool project_id_by_name(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id, struct error *err)
{
    return number(db, &PROJECT_BY_NAME, (struct db_value[]){db_int(domain_id), db_text(name)}, 2, ret_id, err);
}

bool project_list_orphans(struct db *db, struct arena *arena, int64_t account_id, size_t most,
                          struct db_rows *ret_objects, struct error *err)
{
    return db_query(db, &ORPHANS, arena, most, ret_objects, err, db_int(account_id), db_int((int64_t)most));
}

bool project_forget_user(struct db *db, int64_t account_id, int64_t user_id, struct error *err)
{
    return db_execute(db, &USER_UNINVITED, err, db_int(account_id), db_int(user_id));
}

bool project_forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &ACCOUNT_LEAVES, err, db_int(account_id)) &&
           db_execute(db, &ACCOUNT_UNINVITED, err, db_int(account_id));
}

bool project_lock(struct db *db, int64_t id, bool *ret_exists, struct error *err)
{
    if (!db_execute(db, &PROJECT_LOCK, err, db_int(id)))
        return false;
    *ret_exists = db_affected_rows(db) == 1;
    return true;
}

bool project_member_add(struct db *db, const struct project_member *row, struct error *err)
{
    return db_execute(db, &MEMBER_ADD, err, db_text(row->uuid), db_int(row->project_id), db_int(row->account_id),
                      db_int(row->user_id), db_bool(row->is_admin), db_int(row->project_role_id),
                      db_time(clock_now_ms()));
}

bool project_member_set(struct db *db, int64_t id, bool is_admin, int64_t project_role_id, struct error *err)
{
    return db_execute(db, &MEMBER_SET, err, db_bool(is_admin), db_int(project_role_id), db_int(id));
}

bool project_member_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &MEMBER_REMOVE, err, db_int(id));
}

bool project_count_admins(struct db *db, int64_t project_id, int64_t *ret_count, struct error *err)
{
    return number(db, &ADMINS_COUNT, (struct db_value[]){db_int(project_id)}, 1, ret_count, err);
}

bool project_role_add(struct db *db, struct project_role *row, struct error *err)
{
    if (!row_write(db, &ROLE_ADD, &PROJECT_ROLE_ROW, row, 0, err))
        return false;
    row->id = db_inserted_id(db);
    return true;
}

bool project_role_update(struct db *db, const struct project_role *row, struct error *err)
{
    return db_execute(db, &ROLE_UPDATE, err, db_text(row->name), db_text(row->description), db_int(row->id));
}

bool project_role_remove(struct db *db, int64_t id, bool *ret_used, struct error *err)
{
    if (!db_execute(db, &ROLE_REMOVE, err, db_int(id)))
        return false;
    *ret_used = db_affected_rows(db) == 0;
    return *ret_used || db_execute(db, &ROLE_RULES_REMOVE, err, db_int(id));
}

bool project_rule_add(struct db *db, const struct project_role_rule *row, struct error *err)
{
    return db_execute(db, &RULE_ADD, err, db_text(row->uuid), db_int(row->project_role_id), db_text(row->rule),
                      db_bool(row->is_allowed), db_text(row->description), db_int(row->project_role_id));
}

bool project_rule_set_allowed(struct db *db, int64_t id, bool is_allowed, struct error *err)
{
    return db_execute(db, &RULE_ALLOWED, err, db_bool(is_allowed), db_int(id));
}

bool project_rule_set_position(struct db *db, int64_t id, int64_t position, struct error *err)
{
    return db_execute(db, &RULE_POSITION, err, db_int(position), db_int(id));
}

bool project_rule_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &RULE_REMOVE, err, db_int(id));
}
