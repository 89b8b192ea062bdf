/* The SQL of alerts; and reads of the tables that tell of trouble. */
#include "cloud/alert/alert_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"

FIELD_TABLE(ALERT_ROW, struct alert_row, COLUMN(struct alert_row, id), COLUMN(struct alert_row, type),
            COLUMN(struct alert_row, uuid), COLUMN(struct alert_row, name), COLUMN(struct alert_row, message_key),
            COLUMN(struct alert_row, subject), COLUMN(struct alert_row, detail), COLUMN(struct alert_row, sent));
#define SELECT "SELECT id, type, uuid, name, message_key, subject, detail, sent FROM alert "
#define SHOWN                                                                                                          \
    "archived = 0 AND (? IS NULL OR id = ?) AND (? IS NULL OR type = ?) AND (? IS NULL OR name = ?) AND "              \
    "(? IS NULL OR name LIKE ? OR subject LIKE ?)"
#define CHOSEN                                                                                                         \
    "(? IS NULL OR id = ?) AND (? IS NULL OR type = ?) AND (? IS NULL OR sent >= ?) AND (? IS NULL OR sent <= ?)"

/* While the condition stands, only that it was seen is noted. */
DB_STATEMENT(ALERT_ADD, .name = "alert.add",
             .sql =
                 "INSERT INTO alert (uuid, type, name, message_key, subject, detail, zone_id, pod_id, open_key, sent, "
                 "last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE last_seen = "
                 "VALUES(last_seen)");
DB_STATEMENT(ALERT_FIND, .name = "alert.find", .row = &ALERT_ROW, .sql = SELECT "WHERE uuid = ?");
DB_STATEMENT(ALERT_PAGE, .name = "alert.page", .row = &ALERT_ROW, .scan_reason = "few, and any condition may be absent",
             .sql = SELECT "WHERE " SHOWN " ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(ALERT_COUNT, .name = "alert.count", .row = &DB_NUMBER,
             .scan_reason = "few, and any condition may be absent",
             .sql = "SELECT COUNT(*) AS value FROM alert WHERE " SHOWN);
DB_STATEMENT(ALERT_ARCHIVE, .name = "alert.archive",
             .sql = "UPDATE alert SET archived = 1 WHERE archived = 0 AND " CHOSEN);
DB_STATEMENT(ALERT_DELETE, .name = "alert.delete", .sql = "DELETE FROM alert WHERE " CHOSEN);
DB_STATEMENT(ALERT_END, .name = "alert.end",
             .sql = "UPDATE alert SET open_key = NULL WHERE open_key LIKE ? AND last_seen < ?");

bool alert_raise(struct db *db, const struct alert_entry *entry, struct error *err)
{
    char uuid[UUID_BYTES];
    int64_t now = clock_now_ms();
    uuid_random(uuid);
    const char *name = entry->name ? entry->name : alert_type_name(entry->type);
    return db_execute(db, &ALERT_ADD, err, db_text(uuid), db_int(entry->type), db_text(name), db_text(entry->key),
                      db_text(entry->subject), db_text(entry->detail), db_int(entry->zone_id), db_int(entry->pod_id),
                      db_text(entry->condition), db_time(now), db_time(now));
}

bool alert_find(struct db *db, struct arena *arena, const char *uuid, struct alert_row *ret_row, bool *ret_found,
                struct error *err)
{
    return db_query_one(db, &ALERT_FIND, arena, ret_row, ret_found, err, db_text(uuid));
}

bool alert_page(struct db *db, struct arena *arena, const struct alert_filter *f, int64_t offset, int64_t limit,
                struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    db_put(&b, db_ref(f->id), 2);
    db_put(&b, db_opt_int(f->type), 2);
    db_put(&b, db_text(f->name), 2);
    db_put(&b, db_text(f->keyword_like), 3);
    return db_query_page(db, &ALERT_COUNT, &ALERT_PAGE, arena, &b, limit, offset, ret_rows, ret_total, err);
}

static bool change(struct db *db, const struct db_statement *statement, const struct alert_choice *c, struct error *err)
{
    return db_execute(db, statement, err, db_ref(c->id), db_ref(c->id), db_opt_int(c->type), db_opt_int(c->type),
                      db_opt_time(c->from), db_opt_time(c->from), db_opt_time(c->until), db_opt_time(c->until));
}

bool alert_archive(struct db *db, const struct alert_choice *choice, struct error *err)
{
    return change(db, &ALERT_ARCHIVE, choice, err);
}

bool alert_delete(struct db *db, const struct alert_choice *choice, struct error *err)
{
    return change(db, &ALERT_DELETE, choice, err);
}

bool alert_end_unseen(struct db *db, const char *prefix, int64_t since_ms, struct error *err)
{
    char pattern[64];
    snprintf(pattern, sizeof(pattern), "%s%%", prefix);
    return db_execute(db, &ALERT_END, err, db_text(pattern), db_time(since_ms));
}

/* ---- what stands badly ---- */

FIELD_TABLE(TROUBLE_ROW, struct trouble_row, COLUMN(struct trouble_row, condition), COLUMN(struct trouble_row, subject),
            COLUMN(struct trouble_row, detail), COLUMN(struct trouble_row, zone_id),
            COLUMN(struct trouble_row, pod_id));
DB_STATEMENT(ALERT_HOSTS, .name = "alert.hosts", .row = &TROUBLE_ROW, .scan_reason = "a row a host, every few seconds",
             .sql =
                 "SELECT CONCAT('state:host:', uuid) AS `condition`, name AS subject, state AS detail, zone_id, pod_id "
                 "FROM host WHERE removed IS NULL AND state IN ('Disconnected', 'Alert', 'Down') LIMIT 1000");
DB_STATEMENT(ALERT_PLUGINS, .name = "alert.plugins", .row = &TROUBLE_ROW, .scan_reason = "a handful of plugins",
             .sql =
                 "SELECT CONCAT('state:plugin:', name) AS `condition`, name AS subject, COALESCE(fault, '') AS detail, "
                 "0 AS zone_id, 0 AS pod_id FROM plugin WHERE quarantined = 1 AND disabled = 0 LIMIT 1000");
DB_STATEMENT(ALERT_LEFTOVERS, .name = "alert.leftovers", .row = &TROUBLE_ROW, .scan_reason = "few ever",
             .sql = "SELECT CONCAT('state:leftover:', uuid) AS `condition`, COALESCE(object_uuid, uuid) AS subject, "
                    "COALESCE(object_kind, step) AS detail, 0 AS zone_id, 0 AS pod_id FROM provider_leftover "
                    "WHERE resolved IS NULL LIMIT 1000");
DB_STATEMENT(ALERT_SERVERS, .name = "alert.servers", .row = &TROUBLE_ROW, .scan_reason = "a row a machine",
             .sql = "SELECT CONCAT('state:server:', s.uuid) AS `condition`, s.name AS subject, s.address AS detail, "
                    "0 AS zone_id, 0 AS pod_id FROM management_server s WHERE NOT EXISTS (SELECT 1 FROM job_process p "
                    "WHERE p.machine = s.name) LIMIT 1000");
FIELD_TABLE(ALERT_STORE_ROW, struct store_row, COLUMN(struct store_row, id), COLUMN(struct store_row, zone_id),
            COLUMN(struct store_row, total_bytes), COLUMN(struct store_row, used_bytes), COLUMN(struct store_row, uuid),
            COLUMN(struct store_row, name));
DB_STATEMENT(ALERT_STORES, .name = "alert.stores", .row = &ALERT_STORE_ROW, .scan_reason = "a handful of stores",
             .sql =
                 "SELECT id, zone_id, total_bytes, used_bytes, uuid, name FROM image_store WHERE removed IS NULL AND "
                 "total_bytes > 0 LIMIT 1000");

bool alert_hosts_lost(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &ALERT_HOSTS, arena, TROUBLES_MAX, ret_rows, err, DB_NO_VALUES);
}

bool alert_plugins_faulty(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &ALERT_PLUGINS, arena, TROUBLES_MAX, ret_rows, err, DB_NO_VALUES);
}

bool alert_servers_lost(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &ALERT_SERVERS, arena, TROUBLES_MAX, ret_rows, err, DB_NO_VALUES);
}

bool alert_leftovers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &ALERT_LEFTOVERS, arena, TROUBLES_MAX, ret_rows, err, DB_NO_VALUES);
}

bool alert_image_stores(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &ALERT_STORES, arena, TROUBLES_MAX, ret_rows, err, DB_NO_VALUES);
}
