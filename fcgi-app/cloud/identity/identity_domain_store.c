/* SQL that changes tenant domains and their tree. The guards: `touched` of a domain's row, raised by whoever puts
 * something into it or takes it away; and domain_ancestor, which counters and sub-trees are found by. */
#include "base/clock.h"
#include "cloud/identity/identity_domain_store.h"

enum { ROLE_IDS_MAX = 10000 };
#define SUBTREE "tenant_domain d JOIN domain_ancestor a ON a.domain_id = d.id"

DB_STATEMENT(DOMAIN_ENTER, .name = "identity.domain_enter",
             .sql = "UPDATE tenant_domain SET touched = touched + 1 WHERE id = ? AND state = 'Active' AND removed_id = "
                    "0");
DB_STATEMENT(DOMAIN_PLACE, .name = "identity.domain_place", .row = &DOMAIN_PLACE_ROW,
             .sql = "SELECT id, parent_id, level, name, path, network_domain FROM tenant_domain WHERE id = ?");
DB_STATEMENT(DOMAIN_EDIT, .name = "identity.domain_edit",
             .sql = "UPDATE tenant_domain SET name = ?, network_domain = ?, parent_id = ? WHERE id = ?");
DB_STATEMENT(DOMAIN_PATHS, .name = "identity.domain_paths",
             .sql = "UPDATE " SUBTREE " SET d.path = CONCAT(?, SUBSTRING(d.path, CHAR_LENGTH(?) + 1)), d.level = "
                    "d.level + ?, d.touched = d.touched + 1 WHERE a.ancestor_id = ?");
DB_STATEMENT(DOMAIN_LONGEST, .name = "identity.domain_longest", .row = &DB_NUMBER,
             .sql = "SELECT CAST(COALESCE(MAX(CHAR_LENGTH(d.path)), 0) AS SIGNED) AS value FROM " SUBTREE
                    " WHERE a.ancestor_id = ?");
DB_STATEMENT(DOMAIN_STATES, .name = "identity.domain_states",
             .sql = "UPDATE " SUBTREE " SET d.state = ?, d.touched = d.touched + 1 WHERE a.ancestor_id = ? AND "
                    "d.removed_id = 0");
DB_STATEMENT(DOMAIN_CHILDREN, .name = "identity.domain_children", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM domain_ancestor a JOIN tenant_domain d ON d.id = a.domain_id WHERE "
                    "a.ancestor_id = ? AND a.domain_id <> a.ancestor_id AND d.removed_id = 0");
DB_STATEMENT(DOMAIN_ACCOUNTS, .name = "identity.domain_accounts", .row = &OWNED_OBJECT,
             .sql = "SELECT o.id, o.uuid, o.name FROM domain_ancestor a JOIN account o ON o.domain_id = a.domain_id "
                    "WHERE a.ancestor_id = ? AND o.removed_id = 0 LIMIT ?");
DB_STATEMENT(DOMAIN_ROLES, .name = "identity.domain_roles", .row = &DB_NUMBER,
             .sql = "SELECT DISTINCT o.role_id AS value FROM domain_ancestor a JOIN account o ON o.domain_id = "
                    "a.domain_id WHERE a.ancestor_id = ? AND o.removed_id = 0 AND o.id > 0",
             .scan_reason = "a sub-tree, when it goes");
DB_STATEMENT(DOMAIN_SUBTREE, .name = "identity.domain_subtree", .row = &DB_NUMBER,
             .sql = "SELECT d.id AS value FROM " SUBTREE " WHERE a.ancestor_id = ? AND d.removed_id = 0 ORDER BY "
                    "d.level DESC, d.id",
             .scan_reason = "a sub-tree, when it goes");
DB_STATEMENT(DOMAIN_REMOVE, .name = "identity.domain_remove",
             .sql = "UPDATE tenant_domain SET removed = ?, removed_id = id, touched = touched + 1 WHERE id = ? AND "
                    "removed_id = 0");
DB_STATEMENT(ANCESTORS_LEAVE, .name = "identity.ancestors_leave",
             .sql = "DELETE x FROM domain_ancestor x JOIN domain_ancestor below ON below.domain_id = x.domain_id JOIN "
                    "domain_ancestor above ON above.ancestor_id = x.ancestor_id WHERE below.ancestor_id = ? AND "
                    "above.domain_id = ?");
DB_STATEMENT(ANCESTORS_JOIN, .name = "identity.ancestors_join",
             .sql = "INSERT INTO domain_ancestor (domain_id, ancestor_id) SELECT below.domain_id, above.ancestor_id "
                    "FROM domain_ancestor below JOIN domain_ancestor above WHERE below.ancestor_id = ? AND "
                    "above.domain_id = ?");

FIELD_TABLE(DOMAIN_PLACE_ROW, struct domain_place, COLUMN(struct domain_place, id),
            COLUMN(struct domain_place, parent_id), COLUMN(struct domain_place, level),
            COLUMN(struct domain_place, name), COLUMN(struct domain_place, path),
            COLUMN(struct domain_place, network_domain));

bool domain_enter(struct db *db, int64_t id, struct error *err)
{
    if (!db_execute(db, &DOMAIN_ENTER, err, db_int(id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_INVALID_VALUE, "identity.domain_going");
}

bool domain_place_of(struct db *db, struct arena *arena, int64_t id, struct domain_place *ret_place, struct error *err)
{
    bool found = false;
    if (!db_query_one(db, &DOMAIN_PLACE, arena, ret_place, &found, err, db_int(id)))
        return false;
    return found || error_set(err, ERROR_INVALID_VALUE, "identity.domain_going");
}

bool domain_edit(struct db *db, const struct domain_place *place, struct error *err)
{
    return db_execute(db, &DOMAIN_EDIT, err, db_text(place->name), db_text(place->network_domain),
                      db_int(place->parent_id), db_int(place->id));
}

bool domain_move_paths(struct db *db, int64_t id, const char *from, const char *to, int64_t deeper, struct error *err)
{
    return db_execute(db, &DOMAIN_PATHS, err, db_text(to), db_text(from), db_int(deeper), db_int(id));
}

static bool number(struct db *db, const struct db_statement *statement, int64_t id, int64_t *ret_number,
                   struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one(db, statement, NULL, &row, &found, err, db_int(id)))
        return false;
    *ret_number = row.value;
    return true;
}

bool domain_longest_path(struct db *db, int64_t id, int64_t *ret_length, struct error *err)
{
    return number(db, &DOMAIN_LONGEST, id, ret_length, err);
}

bool domain_set_states(struct db *db, int64_t id, const char *state, struct error *err)
{
    return db_execute(db, &DOMAIN_STATES, err, db_text(state), db_int(id));
}

bool domain_count_below(struct db *db, int64_t id, int64_t *ret_count, struct error *err)
{
    return number(db, &DOMAIN_CHILDREN, id, ret_count, err);
}

bool domain_accounts(struct db *db, struct arena *arena, int64_t id, size_t most, struct db_rows *ret_objects,
                     struct error *err)
{
    return db_query(db, &DOMAIN_ACCOUNTS, arena, most, ret_objects, err, db_int(id), db_int((int64_t)most));
}

bool domain_role_ids(struct db *db, struct arena *arena, int64_t id, struct db_rows *ret_ids, struct error *err)
{
    return db_query(db, &DOMAIN_ROLES, arena, ROLE_IDS_MAX, ret_ids, err, db_int(id));
}

bool domain_subtree(struct db *db, struct arena *arena, int64_t id, struct db_rows *ret_ids, struct error *err)
{
    return db_query(db, &DOMAIN_SUBTREE, arena, DOMAINS_MAX, ret_ids, err, db_int(id));
}

bool domain_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &DOMAIN_REMOVE, err, db_time(clock_now_ms()), db_int(id));
}

bool domain_change_ancestors(struct db *db, int64_t id, int64_t old_parent_id, int64_t new_parent_id, struct error *err)
{
    return db_execute(db, &ANCESTORS_LEAVE, err, db_int(id), db_int(old_parent_id)) &&
           db_execute(db, &ANCESTORS_JOIN, err, db_int(id), db_int(new_parent_id));
}
