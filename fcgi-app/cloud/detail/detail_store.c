/* SQL of table resource_detail, and the tables of features that keep their own. */
#include "cloud/detail/detail_store.h"

#include <stdlib.h>

#include "base/text.h"

FIELD_TABLE(OBJECT_DETAIL_ROW, struct detail, COLUMN(struct detail, name), COLUMN(struct detail, value),
            COLUMN(struct detail, is_shown));
DB_STATEMENT(DETAIL_SET, .name = "resource_detail.set",
             .sql =
                 "INSERT INTO resource_detail (object_kind, object_id, name, value, is_shown) VALUES (?, ?, ?, ?, ?) "
                 "ON DUPLICATE KEY UPDATE value = VALUES(value), is_shown = VALUES(is_shown)");
DB_STATEMENT(DETAIL_REMOVE, .name = "resource_detail.remove",
             .sql = "DELETE FROM resource_detail WHERE object_kind = ? AND object_id = ? AND (? IS NULL OR name = ?)");
DB_STATEMENT(DETAIL_LIST, .name = "resource_detail.list",
             .sql = "SELECT name, value, is_shown FROM resource_detail WHERE object_kind = ? AND object_id = ? "
                    "ORDER BY object_kind, object_id, name",
             .row = &OBJECT_DETAIL_ROW);

enum { KEEPERS_MAX = 16 };
static const struct detail_keeper *keepers[KEEPERS_MAX];
static size_t keeper_count;

void detail_register_keeper(const struct detail_keeper *keeper)
{
    if (keeper_count == KEEPERS_MAX)
        abort();
    keepers[keeper_count++] = keeper;
}

static const struct detail_keeper *keeper_of(const char *kind)
{
    for (size_t i = 0; i < keeper_count; i++)
        if (string_equal(keepers[i]->kind, kind))
            return keepers[i];
    return NULL;
}

static bool tell(struct db *db, const struct detail_keeper *keeper, int64_t object_id, struct error *err)
{
    return keeper->changed == NULL || keeper->changed(db, object_id, err);
}

bool object_detail_set(struct db *db, const char *kind, int64_t object_id, const struct detail *detail,
                       struct error *err)
{
    const struct detail_keeper *keeper = keeper_of(kind);
    if (keeper == NULL)
        return db_execute(db, &DETAIL_SET, err, db_text(kind), db_int(object_id), db_text(detail->name),
                          db_text(detail->value), db_bool(detail->is_shown));
    if (!detail->is_shown && !keeper->hides)
        return error_with(err, ERROR_INVALID_VALUE, "detail.not_hidden", E_TEXT("kind", kind));
    return db_execute(db, keeper->set, err, db_int(object_id), db_text(detail->name), db_text(detail->value),
                      db_bool(detail->is_shown)) &&
           tell(db, keeper, object_id, err);
}

bool object_detail_remove(struct db *db, const char *kind, int64_t object_id, const char *name, struct error *err)
{
    const struct detail_keeper *keeper = keeper_of(kind);
    if (keeper == NULL)
        return db_execute(db, &DETAIL_REMOVE, err, db_text(kind), db_int(object_id), db_text(name), db_text(name));
    return db_execute(db, keeper->remove, err, db_int(object_id), db_text(name), db_text(name)) &&
           tell(db, keeper, object_id, err);
}

bool object_details_list(struct db *db, struct arena *arena, const char *kind, int64_t object_id,
                         struct db_rows *ret_rows, struct error *err)
{
    const struct detail_keeper *keeper = keeper_of(kind);
    if (keeper == NULL)
        return db_query(db, &DETAIL_LIST, arena, DETAILS_PER_OBJECT_MAX * 2, ret_rows, err, db_text(kind),
                        db_int(object_id));
    return db_query(db, keeper->list, arena, DETAILS_PER_OBJECT_MAX * 2, ret_rows, err, db_int(object_id));
}

bool object_details_forget(struct db *db, const char *kind, int64_t object_id, struct error *err)
{
    return db_execute(db, &DETAIL_REMOVE, err, db_text(kind), db_int(object_id), db_null(), db_null());
}
