/* SQL of tables user_data and image_user_data. */
#include "cloud/bucket/run.h"
#include "cloud/userdata/userdata_store.h"

FIELD_TABLE(USER_DATA_ROW, struct user_data, NAMED_COLUMNS(struct user_data), COLUMN(struct user_data, content),
            COLUMN(struct user_data, params));
FIELD_TABLE(USER_DATA_LINK_ROW, struct user_data_link, COLUMN(struct user_data_link, image_id),
            COLUMN(struct user_data_link, uuid), COLUMN(struct user_data_link, name),
            COLUMN(struct user_data_link, params), COLUMN(struct user_data_link, policy));
FIELD_TABLE(USER_DATA_LINKED_ROW, struct user_data_linked, COLUMN(struct user_data_linked, id),
            COLUMN(struct user_data_linked, content), COLUMN(struct user_data_linked, params),
            COLUMN(struct user_data_linked, policy));
#define DATA_COLUMNS NAMED_NAMES ", content, params"

DB_STATEMENT(DATA_ADD, .name = "user_data.add",
             .sql = "INSERT INTO user_data (uuid, account_id, domain_id, name, content, params, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, NOW(3))");
DB_STATEMENT(DATA_REMOVE, .name = "user_data.remove", .sql = "DELETE FROM user_data WHERE id = ?");
DB_STATEMENT(DATA_UNLINK_ALL, .name = "image_user_data.unlink_all",
             .sql = "DELETE l FROM image_user_data l JOIN user_data u ON u.id = l.user_data_id WHERE u.account_id = ?");
DB_STATEMENT(DATA_REMOVE_ALL, .name = "user_data.remove_all", .sql = "DELETE FROM user_data WHERE account_id = ?");
DB_STATEMENT(DATA_HOLD, .name = "user_data.hold", .sql = "UPDATE user_data SET name = name WHERE id = ?");
NAMED_TABLE(USER_DATA, "user_data", DATA_COLUMNS, USER_DATA_ROW, "", false);

DB_STATEMENT(DATA_LINK, .name = "image_user_data.link",
             .sql = "INSERT INTO image_user_data (image_id, user_data_id, policy) VALUES (?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE user_data_id = VALUES(user_data_id), policy = VALUES(policy)");
DB_STATEMENT(DATA_UNLINK, .name = "image_user_data.unlink", .sql = "DELETE FROM image_user_data WHERE image_id = ?");
DB_STATEMENT(DATA_COUNT_IMAGES, .name = "image_user_data.count",
             .sql = "SELECT COUNT(*) AS value FROM image_user_data WHERE user_data_id = ?", .row = &DB_NUMBER);
DB_STATEMENT(DATA_LINKS_OF, .name = "image_user_data.links_of",
             .sql = "SELECT l.image_id, u.uuid, u.name, u.params, l.policy FROM image_user_data l JOIN user_data u ON "
                    "u.id = l.user_data_id WHERE l.image_id IN (" DB_MARKS_64 ")",
             .row = &USER_DATA_LINK_ROW);
DB_STATEMENT(DATA_LINKED, .name = "image_user_data.linked",
             .sql = "SELECT u.id, u.content, u.params, l.policy FROM image_user_data l JOIN user_data u ON u.id = "
                    "l.user_data_id WHERE l.image_id = ?",
             .row = &USER_DATA_LINKED_ROW);

bool user_data_store_add(struct db *db, const struct user_data *data, int64_t *ret_id, struct error *err)
{
    const struct named *named = &data->named;
    if (!db_execute(db, &DATA_ADD, err, db_text(named->uuid), db_int(named->account_id), db_int(named->domain_id),
                    db_text(named->name), db_text(data->content), db_text(data->params)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool user_data_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &DATA_REMOVE, err, db_int(id));
}

bool user_data_store_remove_all(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &DATA_UNLINK_ALL, err, db_int(account_id)) &&
           db_execute(db, &DATA_REMOVE_ALL, err, db_int(account_id));
}

bool user_data_find_any(struct db *db, struct arena *arena, int64_t id, const struct user_data **ret_data,
                        struct error *err)
{
    const struct named *row = NULL;
    if (!named_by_id(db, arena, &USER_DATA, id, &row, err))
        return false;
    *ret_data = (const void *)row;
    return true;
}

bool user_data_store_hold(struct db *db, int64_t id, bool *ret_held, struct error *err)
{
    if (!db_execute(db, &DATA_HOLD, err, db_int(id)))
        return false;
    *ret_held = db_affected_rows(db) > 0;
    return true;
}

bool user_data_store_count_images(struct db *db, int64_t id, int64_t *ret_count, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    if (!db_query_one(db, &DATA_COUNT_IMAGES, NULL, &number, &found, err, db_int(id)))
        return false;
    *ret_count = number.value;
    return true;
}

bool user_data_store_link(struct db *db, int64_t image_id, int64_t id, const char *policy, struct error *err)
{
    return db_execute(db, &DATA_LINK, err, db_int(image_id), db_int(id), db_text(policy));
}

bool user_data_store_unlink(struct db *db, int64_t image_id, struct error *err)
{
    return db_execute(db, &DATA_UNLINK, err, db_int(image_id));
}

bool user_data_links_of_any(struct db *db, struct arena *arena, const int64_t *image_ids, size_t count,
                            struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &DATA_LINKS_OF, arena, USER_DATA_LINKS_MAX, USER_DATA_LINKS_MAX, image_ids, count, ret_rows,
                        err);
}

bool user_data_store_linked(struct db *db, struct arena *arena, int64_t image_id, struct user_data_linked **ret_linked,
                            struct error *err)
{
    struct user_data_linked *linked = ARENA_NEW(arena, struct user_data_linked);
    bool found = false;
    if (!db_query_one(db, &DATA_LINKED, arena, linked, &found, err, db_int(image_id)))
        return false;
    *ret_linked = found ? linked : NULL;
    return true;
}
