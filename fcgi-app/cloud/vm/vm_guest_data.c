/* SQL of what a guest reads about itself: user data with its source, and SSH keys. */
#include "base/text.h"
#include "cloud/bucket/run.h"
#include "cloud/vm/vm_columns.h"

enum { KEYS_PER_PAGE_MAX = VM_PAGE_MAX * 20 };

struct content_row {
    const char *content;
};
FIELD_TABLE(VM_CONTENT_ROW, struct content_row, COLUMN(struct content_row, content));
FIELD_TABLE(VM_DATA_SOURCE_ROW, struct vm_data_source, COLUMN(struct vm_data_source, vm_id),
            COLUMN(struct vm_data_source, uuid), COLUMN(struct vm_data_source, name),
            COLUMN(struct vm_data_source, policy), COLUMN(struct vm_data_source, details));
FIELD_TABLE(VM_KEY_ROW, struct vm_key, COLUMN(struct vm_key, vm_id), COLUMN(struct vm_key, name),
            COLUMN(struct vm_key, public_key));

DB_STATEMENT(USER_DATA_SET, .name = "vm_user_data.set",
             .sql = "INSERT INTO vm_user_data (vm_id, content, user_data_id, policy, details) VALUES (?, ?, ?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE content = VALUES(content), user_data_id = VALUES(user_data_id), "
                    "policy = VALUES(policy), details = VALUES(details)");
DB_STATEMENT(USER_DATA_DELETE, .name = "vm_user_data.delete", .sql = "DELETE FROM vm_user_data WHERE vm_id = ?");
DB_STATEMENT(USER_DATA_FIND, .name = "vm_user_data.find", .sql = "SELECT content FROM vm_user_data WHERE vm_id = ?",
             .row = &VM_CONTENT_ROW);
DB_STATEMENT(USER_DATA_SOURCES, .name = "vm_user_data.sources",
             .sql =
                 "SELECT d.vm_id, u.uuid, u.name, d.policy, d.details FROM vm_user_data d JOIN user_data u ON u.id = "
                 "d.user_data_id WHERE d.vm_id IN (" DB_MARKS_64 ")",
             .row = &VM_DATA_SOURCE_ROW);
DB_STATEMENT(USER_DATA_COUNT, .name = "vm_user_data.count",
             .sql = "SELECT COUNT(*) AS value FROM vm_user_data WHERE user_data_id = ?", .row = &DB_NUMBER);
DB_STATEMENT(KEY_ADD, .name = "vm_ssh_key.add",
             .sql = "INSERT INTO vm_ssh_key (vm_id, name, public_key) VALUES (?, ?, ?)");
DB_STATEMENT(KEY_CLEAR, .name = "vm_ssh_key.clear", .sql = "DELETE FROM vm_ssh_key WHERE vm_id = ?");
DB_STATEMENT(KEY_FIND_FOR, .name = "vm_ssh_key.find_for",
             .sql = "SELECT vm_id, name, public_key FROM vm_ssh_key WHERE vm_id IN (" DB_MARKS_64 ")",
             .row = &VM_KEY_ROW);

bool vm_user_data_set(struct db *db, int64_t vm_id, const struct vm_user_data *data, struct error *err)
{
    if (data == NULL || string_is_empty(data->content))
        return db_execute(db, &USER_DATA_DELETE, err, db_int(vm_id));
    return db_execute(db, &USER_DATA_SET, err, db_int(vm_id), db_text(data->content), db_int(data->user_data_id),
                      db_text(data->policy), db_text(data->details));
}

bool vm_user_data_any(struct db *db, struct arena *arena, int64_t vm_id, const char **ret_content, struct error *err)
{
    struct content_row row = {.content = NULL};
    bool found = false;
    if (!db_query_one(db, &USER_DATA_FIND, arena, &row, &found, err, db_int(vm_id)))
        return false;
    *ret_content = found ? row.content : NULL;
    return true;
}

bool vm_data_source_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                 struct db_rows *ret_rows, struct error *err)
{
    return vm_query_page(db, &USER_DATA_SOURCES, arena, VM_PAGE_MAX, vm_ids, count, ret_rows, err);
}

bool vm_count_by_user_data_any(struct db *db, int64_t user_data_id, int64_t *ret_count, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    if (!db_query_one(db, &USER_DATA_COUNT, NULL, &number, &found, err, db_int(user_data_id)))
        return false;
    *ret_count = number.value;
    return true;
}

bool vm_key_add(struct db *db, const struct vm_key *key, struct error *err)
{
    return db_execute(db, &KEY_ADD, err, db_int(key->vm_id), db_text(key->name), db_text(key->public_key));
}

bool vm_key_clear(struct db *db, int64_t vm_id, struct error *err)
{
    return db_execute(db, &KEY_CLEAR, err, db_int(vm_id));
}

bool vm_key_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                         struct db_rows *ret_rows, struct error *err)
{
    return vm_query_page(db, &KEY_FIND_FOR, arena, KEYS_PER_PAGE_MAX, vm_ids, count, ret_rows, err);
}
