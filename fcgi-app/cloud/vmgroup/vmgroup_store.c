/* SQL of table vm_group. */
#include "cloud/bucket/run.h"
#include "cloud/vmgroup/vmgroup_store.h"

#include "base/uuid.h"

FIELD_TABLE(VM_GROUP_ROW, struct vm_group, NAMED_COLUMNS(struct vm_group), COLUMN(struct vm_group, created));
#define GROUP_COLUMNS NAMED_NAMES ", created"
#define GROUP_INSERT "INSERT INTO vm_group (uuid, account_id, domain_id, name, created) VALUES (?, ?, ?, ?, NOW(3))"

DB_STATEMENT(GROUP_ADD, .name = "vm_group.add", .sql = GROUP_INSERT);
DB_STATEMENT(GROUP_ENSURE, .name = "vm_group.ensure",
             .sql = GROUP_INSERT " ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)");
DB_STATEMENT(GROUP_RENAME, .name = "vm_group.rename", .sql = "UPDATE vm_group SET name = ? WHERE id = ?");
DB_STATEMENT(GROUP_REMOVE, .name = "vm_group.remove", .sql = "DELETE FROM vm_group WHERE id = ?");
DB_STATEMENT(GROUP_REMOVE_ALL, .name = "vm_group.remove_all", .sql = "DELETE FROM vm_group WHERE account_id = ?");
DB_STATEMENT(GROUP_FIND_FOR, .name = "vm_group.find_for",
             .sql = "SELECT " GROUP_COLUMNS " FROM vm_group WHERE id IN (" DB_MARKS_64 ")", .row = &VM_GROUP_ROW);
NAMED_TABLE(VM_GROUPS, "vm_group", GROUP_COLUMNS, VM_GROUP_ROW, "", false);

bool vm_group_store_add(struct db *db, const struct named *group, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &GROUP_ADD, err, db_text(group->uuid), db_int(group->account_id), db_int(group->domain_id),
                    db_text(group->name)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool vm_group_ensure(struct db *db, int64_t account_id, int64_t domain_id, const char *name, int64_t *ret_id,
                     struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    if (!db_execute(db, &GROUP_ENSURE, err, db_text(uuid), db_int(account_id), db_int(domain_id), db_text(name)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool vm_group_store_rename(struct db *db, int64_t id, const char *name, struct error *err)
{
    return db_execute(db, &GROUP_RENAME, err, db_text(name), db_int(id));
}

bool vm_group_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &GROUP_REMOVE, err, db_int(id));
}

bool vm_group_store_remove_all(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &GROUP_REMOVE_ALL, err, db_int(account_id));
}

bool vm_group_find_for_any(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                           struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &GROUP_FIND_FOR, arena, VM_GROUP_PAGE_MAX, VM_GROUP_PAGE_MAX, ids, count, ret_rows, err);
}
