/* SQL of table annotation. */
#include "cloud/annotation/annotation_store.h"

#include "cloud/bucket/run.h"

FIELD_TABLE(ANNOTATION_ROW, struct annotation, COLUMN(struct annotation, id), COLUMN(struct annotation, object_id),
            COLUMN(struct annotation, user_id), COLUMN(struct annotation, account_id), COLUMN(struct annotation, uuid),
            COLUMN(struct annotation, object_kind), COLUMN(struct annotation, object_uuid),
            COLUMN(struct annotation, entity_type), COLUMN(struct annotation, content),
            COLUMN(struct annotation, admins_only), COLUMN(struct annotation, created));
FIELD_TABLE(ANNOTATED_ROW, struct annotated, COLUMN(struct annotated, object_uuid));
#define ANNOTATION_SELECT                                                                                              \
    "SELECT id, object_id, user_id, account_id, uuid, object_kind, object_uuid, entity_type, content, admins_only, "   \
    "created FROM annotation WHERE "
#define ANNOTATION_MATCH                                                                                               \
    "(? = 0 OR id = ?) AND (? = 0 OR user_id = ?) AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR entity_type = " \
    "?) AND (? IS NULL OR content LIKE ?) AND (? = 1 OR admins_only = FALSE)"
#define ANNOTATION_SCAN "any filter may be absent; read by people"

DB_STATEMENT(ANNOTATION_ADD, .name = "annotation.add",
             .sql = "INSERT INTO annotation (uuid, object_kind, object_id, object_uuid, entity_type, user_id, "
                    "account_id, content, admins_only, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(3))");
DB_STATEMENT(ANNOTATION_REMOVE, .name = "annotation.remove", .sql = "DELETE FROM annotation WHERE id = ?");
DB_STATEMENT(ANNOTATION_SHOW, .name = "annotation.show", .sql = "UPDATE annotation SET admins_only = ? WHERE id = ?");
DB_STATEMENT(ANNOTATION_BY_ID, .name = "annotation.by_id", .sql = ANNOTATION_SELECT "id = ?", .row = &ANNOTATION_ROW);
DB_STATEMENT(ANNOTATION_BY_UUID, .name = "annotation.by_uuid", .sql = ANNOTATION_SELECT "uuid = ?",
             .row = &ANNOTATION_ROW);
DB_STATEMENT(ANNOTATION_COUNT, .name = "annotation.count",
             .sql = "SELECT COUNT(*) AS value FROM annotation WHERE " ANNOTATION_MATCH, .row = &DB_NUMBER,
             .scan_reason = ANNOTATION_SCAN);
DB_STATEMENT(ANNOTATION_LIST, .name = "annotation.list",
             .sql = ANNOTATION_SELECT ANNOTATION_MATCH " ORDER BY id DESC LIMIT ? OFFSET ?", .row = &ANNOTATION_ROW,
             .scan_reason = ANNOTATION_SCAN);
DB_STATEMENT(ANNOTATION_ANNOTATED, .name = "annotation.annotated",
             .sql = "SELECT DISTINCT object_uuid FROM annotation FORCE INDEX (annotation_object) WHERE object_uuid IN "
                    "(" DB_MARKS_64 ") AND admins_only <= ?",
             .row = &ANNOTATED_ROW);
DB_STATEMENT(ANNOTATION_FORGET, .name = "annotation.forget",
             .sql = "DELETE FROM annotation WHERE object_kind = ? AND object_id = ?");
DB_STATEMENT(ANNOTATION_FORGET_ACCOUNT, .name = "annotation.forget_account",
             .sql = "DELETE FROM annotation WHERE account_id = ?");

bool annotation_store_add(struct db *db, const struct annotation *a, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &ANNOTATION_ADD, err, db_text(a->uuid), db_text(a->object_kind), db_int(a->object_id),
                    db_text(a->object_uuid), db_text(a->entity_type), db_int(a->user_id), db_int(a->account_id),
                    db_text(a->content), db_bool(a->admins_only)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool annotation_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &ANNOTATION_REMOVE, err, db_int(id));
}

bool annotation_store_set_visibility(struct db *db, int64_t id, bool admins_only, struct error *err)
{
    return db_execute(db, &ANNOTATION_SHOW, err, db_bool(admins_only), db_int(id));
}

static bool find(struct db *db, struct arena *arena, const struct db_statement *statement, struct db_value key,
                 struct annotation **ret_row, struct error *err)
{
    struct annotation *row = ARENA_NEW(arena, struct annotation);
    bool found = false;
    if (!db_query_one(db, statement, arena, row, &found, err, key))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool annotation_store_by_id(struct db *db, struct arena *arena, int64_t id, struct annotation **ret_row,
                            struct error *err)
{
    return find(db, arena, &ANNOTATION_BY_ID, db_int(id), ret_row, err);
}

bool annotation_store_by_uuid(struct db *db, struct arena *arena, const char *uuid, struct annotation **ret_row,
                              struct error *err)
{
    return find(db, arena, &ANNOTATION_BY_UUID, db_text(uuid), ret_row, err);
}

bool annotation_store_list(struct db *db, struct arena *arena, const struct annotation_query *q,
                           struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    db_put(&b, db_int(q->id), 2);
    db_put(&b, db_int(q->user_id), 2);
    db_put(&b, db_text(q->object_uuid), 2);
    db_put(&b, db_text(q->entity_type), 2);
    db_put(&b, db_text(q->keyword_like), 2);
    db_put(&b, db_bool(q->sees_all), 1);
    return db_query_page(db, &ANNOTATION_COUNT, &ANNOTATION_LIST, arena, &b, q->limit, q->offset, ret_rows, ret_total,
                         err);
}

bool annotation_store_annotated(struct db *db, struct arena *arena, const char *const *uuids, size_t count,
                                bool sees_all, struct db_rows *ret_rows, struct error *err)
{
    struct db_value values[MARK_OBJECTS_MAX + 1];
    for (size_t i = 0; i < MARK_OBJECTS_MAX; i++) /* the last one again and again: the text stays the same */
        values[i] = db_text(uuids[i < count ? i : count - 1]);
    values[MARK_OBJECTS_MAX] = db_bool(sees_all);
    return db_query_values(db, &ANNOTATION_ANNOTATED, arena, MARK_OBJECTS_MAX, ret_rows, values, COUNT_OF(values), err);
}

bool annotation_store_forget(struct db *db, const char *kind, int64_t object_id, struct error *err)
{
    return db_execute(db, &ANNOTATION_FORGET, err, db_text(kind), db_int(object_id));
}

bool annotation_store_forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &ANNOTATION_FORGET_ACCOUNT, err, db_int(account_id));
}
