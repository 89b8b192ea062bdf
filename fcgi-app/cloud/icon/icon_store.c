/* SQL of table resource_icon. */
#include "cloud/icon/icon_store.h"

#include "cloud/bucket/run.h"

FIELD_TABLE(ICON_ROW, struct icon, COLUMN(struct icon, object_uuid), COLUMN(struct icon, object_kind),
            COLUMN(struct icon, resource_type), COLUMN(struct icon, picture), COLUMN(struct icon, object_id));

DB_STATEMENT(ICON_SET, .name = "icon.set",
             .sql = "INSERT INTO resource_icon (object_uuid, object_kind, object_id, resource_type, picture, updated) "
                    "VALUES (?, ?, ?, ?, ?, NOW(3)) ON DUPLICATE KEY UPDATE resource_type = VALUES(resource_type), "
                    "picture = VALUES(picture), updated = NOW(3)");
DB_STATEMENT(ICON_FORGET, .name = "icon.forget",
             .sql = "DELETE FROM resource_icon WHERE object_kind = ? AND object_id = ?");
DB_STATEMENT(ICON_FIND, .name = "icon.find",
             .sql = "SELECT object_uuid, object_kind, resource_type, picture, object_id FROM resource_icon "
                    "WHERE object_uuid IN (" DB_MARKS_64 ")",
             .row = &ICON_ROW);

bool icon_store_set(struct db *db, const struct icon *icon, struct error *err)
{
    return db_execute(db, &ICON_SET, err, db_text(icon->object_uuid), db_text(icon->object_kind),
                      db_int(icon->object_id), db_text(icon->resource_type), db_text(icon->picture));
}

bool icon_store_forget(struct db *db, const char *kind, int64_t object_id, struct error *err)
{
    return db_execute(db, &ICON_FORGET, err, db_text(kind), db_int(object_id));
}

bool icon_store_find(struct db *db, struct arena *arena, const char *const *uuids, size_t count,
                     struct db_rows *ret_rows, struct error *err)
{
    struct db_value values[MARK_OBJECTS_MAX];
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (count == 0)
        return true;
    for (size_t i = 0; i < MARK_OBJECTS_MAX; i++) /* the last one again and again: the text stays the same */
        values[i] = db_text(uuids[i < count ? i : count - 1]);
    return db_query_values(db, &ICON_FIND, arena, MARK_OBJECTS_MAX, ret_rows, values, COUNT_OF(values), err);
}
