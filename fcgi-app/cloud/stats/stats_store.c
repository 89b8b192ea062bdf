/* SQL of statistics. Guests come by the dozen, so a host's looks travel as one JSON text that the server takes
 * apart. */
#include "cloud/stats/stats_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "cloud/bucket/run.h"

enum { GUESTS_MAX = 20000, HOSTS_AT_ONCE = 1000, FORGET_AT_ONCE = 20000, LOOKS_BYTES_MAX = 8 << 20 };
enum { HOUR_MS = 3600000, DAY_MS = 86400000, KEYS_MAX = 60000 };

#define POINT_MEASURES                                                                                                 \
    "interval_ms, capacity_ms, cpu_ms, memory_mib, memory_used_mib, disk_read_bytes, disk_write_bytes, "               \
    "disk_read_requests, disk_write_requests, network_in_bytes, network_out_bytes"
#define TOTALS                                                                                                         \
    "total_cpu_ms, total_disk_read_bytes, total_disk_write_bytes, total_disk_read_requests, "                          \
    "total_disk_write_requests, total_network_in_bytes, total_network_out_bytes"
/* One array a guest: what stats_point and stats_counters have, in this order. */
#define LOOKS_TABLE                                                                                                    \
    "JSON_TABLE(?, '$[*]' COLUMNS (vm_id BIGINT PATH '$[0]', taken_ms BIGINT PATH '$[1]', "                            \
    "interval_ms BIGINT PATH '$[2]', capacity_ms BIGINT PATH '$[3]', cpu_ms BIGINT PATH '$[4]', "                      \
    "memory_mib BIGINT PATH '$[5]', memory_used_mib BIGINT PATH '$[6]', disk_read_bytes BIGINT PATH '$[7]', "          \
    "disk_write_bytes BIGINT PATH '$[8]', disk_read_requests BIGINT PATH '$[9]', "                                     \
    "disk_write_requests BIGINT PATH '$[10]', network_in_bytes BIGINT PATH '$[11]', "                                  \
    "network_out_bytes BIGINT PATH '$[12]', total_cpu_ms BIGINT PATH '$[13]', "                                        \
    "total_disk_read_bytes BIGINT PATH '$[14]', total_disk_write_bytes BIGINT PATH '$[15]', "                          \
    "total_disk_read_requests BIGINT PATH '$[16]', total_disk_write_requests BIGINT PATH '$[17]', "                    \
    "total_network_in_bytes BIGINT PATH '$[18]', total_network_out_bytes BIGINT PATH '$[19]')) AS look"
#define AGAIN(column) column " = VALUES(" column ")"
#define MORE(table, column) column " = " table "." column " + VALUES(" column ")"

/* ---- hosts ---- */

DB_STATEMENT(ASK_DUE, .name = "host_stats.ask_due",
             .sql = "INSERT INTO host_stats (host_id, asked) SELECT h.id, ? FROM host h LEFT JOIN host_stats s ON "
                    "s.host_id = h.id WHERE h.state = 'Up' AND h.removed IS NULL AND (s.host_id IS NULL OR "
                    "(s.asked <= ? AND (s.answered >= s.asked OR s.asked <= ?))) LIMIT ? "
                    "ON DUPLICATE KEY UPDATE asked = VALUES(asked)");
DB_STATEMENT(ASKED_NOW, .name = "host_stats.asked", .row = &DB_NUMBER,
             .sql = "SELECT host_id AS value FROM host_stats WHERE asked = ?",
             .scan_reason = "one row a host, once a round");
DB_STATEMENT(MARK_ANSWERED, .name = "host_stats.answered",
             .sql = "UPDATE host_stats SET answered = ? WHERE host_id = ?");
/* Members before are those of the last look: MariaDB and MySQL set columns in the order written. */
DB_STATEMENT(HOST_LOOK, .name = "host_stats.look",
             .sql = "UPDATE host_stats SET "
                    "interval_ms = IF(taken IS NULL OR total_network_in_bytes > ? OR total_network_out_bytes > ?, 0, "
                    "TIMESTAMPDIFF(MICROSECOND, taken, ?) DIV 1000), "
                    "network_in_bytes = IF(interval_ms = 0, 0, ? - total_network_in_bytes), "
                    "network_out_bytes = IF(interval_ms = 0, 0, ? - total_network_out_bytes), "
                    "taken = ?, cpu_used_permille = ?, memory_used_bytes = ?, total_network_in_bytes = ?, "
                    "total_network_out_bytes = ? WHERE host_id = ?");
FIELD_TABLE(STATS_HOST_ROW, struct stats_host, COLUMN(struct stats_host, host_id), COLUMN(struct stats_host, taken),
            COLUMN(struct stats_host, interval_ms), COLUMN(struct stats_host, cpu_used_permille),
            COLUMN(struct stats_host, memory_used_bytes), COLUMN(struct stats_host, network_in_bytes),
            COLUMN(struct stats_host, network_out_bytes));
DB_STATEMENT(HOST_NOW, .name = "host_stats.now", .row = &STATS_HOST_ROW,
             .sql = "SELECT host_id, taken, interval_ms, cpu_used_permille, memory_used_bytes, network_in_bytes, "
                    "network_out_bytes FROM host_stats WHERE host_id = ? AND taken >= ?");

bool stats_take_due(struct db *db, struct arena *arena, int64_t now_ms, int64_t interval_ms, struct db_rows *ret_ids,
                    struct error *err)
{
    return db_execute(db, &ASK_DUE, err, db_time(now_ms), db_time(now_ms - interval_ms),
                      db_time(now_ms - 10 * interval_ms), db_int(HOSTS_AT_ONCE)) &&
           db_query(db, &ASKED_NOW, arena, HOSTS_AT_ONCE, ret_ids, err, db_time(now_ms));
}

bool stats_mark_answered(struct db *db, int64_t host_id, struct error *err)
{
    return db_execute(db, &MARK_ANSWERED, err, db_time(clock_now_ms()), db_int(host_id));
}

bool stats_write_host(struct db *db, const struct stats_host_look *look, struct error *err)
{
    struct db_value in = db_int(look->network_in_bytes), out = db_int(look->network_out_bytes);
    return db_execute(db, &HOST_LOOK, err, in, out, db_time(look->now_ms), in, out, db_time(look->now_ms),
                      db_int(look->cpu_used_permille), db_int(look->memory_used_bytes), in, out,
                      db_int(look->host_id));
}

bool stats_host_any(struct db *db, int64_t host_id, struct stats_host *ret_stats, struct error *err)
{
    struct stats_host row = {.host_id = host_id};
    bool found = false;
    int64_t lately_ms = clock_now_ms() - 3 * stats_interval_ms();
    if (!db_query_one(db, &HOST_NOW, NULL, &row, &found, err, db_int(host_id), db_time(lately_ms)))
        return false;
    *ret_stats = found ? row : (struct stats_host){.host_id = host_id};
    return true;
}

/* ---- looks at guests ---- */

FIELD_TABLE(STATS_GUEST_ROW, struct stats_guest, COLUMN(struct stats_guest, vm_id),
            COLUMN(struct stats_guest, cpu_count), COLUMN(struct stats_guest, uuid), COLUMN(struct stats_guest, taken),
            COLUMN(struct stats_guest, total_cpu_ms), COLUMN(struct stats_guest, total_disk_read_bytes),
            COLUMN(struct stats_guest, total_disk_write_bytes), COLUMN(struct stats_guest, total_disk_read_requests),
            COLUMN(struct stats_guest, total_disk_write_requests), COLUMN(struct stats_guest, total_network_in_bytes),
            COLUMN(struct stats_guest, total_network_out_bytes));
DB_STATEMENT(GUESTS_OF_HOST, .name = "vm_stats.guests", .row = &STATS_GUEST_ROW,
             .sql = "SELECT v.id AS vm_id, v.cpu_count, v.uuid, s.taken, COALESCE(s.total_cpu_ms, 0) AS total_cpu_ms, "
                    "COALESCE(s.total_disk_read_bytes, 0) AS total_disk_read_bytes, "
                    "COALESCE(s.total_disk_write_bytes, 0) AS total_disk_write_bytes, "
                    "COALESCE(s.total_disk_read_requests, 0) AS total_disk_read_requests, "
                    "COALESCE(s.total_disk_write_requests, 0) AS total_disk_write_requests, "
                    "COALESCE(s.total_network_in_bytes, 0) AS total_network_in_bytes, "
                    "COALESCE(s.total_network_out_bytes, 0) AS total_network_out_bytes "
                    "FROM vm v LEFT JOIN vm_stats_now s ON s.vm_id = v.id WHERE v.host_id = ?");
DB_STATEMENT(STATS_ADD, .name = "vm_stats.add",
             .sql = "INSERT INTO vm_stats (hour, vm_id, taken, " POINT_MEASURES ") SELECT taken_ms DIV 3600000, vm_id, "
                    "FROM_UNIXTIME(taken_ms / 1000), " POINT_MEASURES " FROM " LOOKS_TABLE
                    " ON DUPLICATE KEY UPDATE " AGAIN("interval_ms"));
DB_STATEMENT(STATS_SUM_UP, .name = "vm_stats_half_hour.add",
             .sql = "INSERT INTO vm_stats_half_hour (day, vm_id, taken, samples, " POINT_MEASURES
                    ") SELECT taken_ms DIV 86400000, vm_id, FROM_UNIXTIME(taken_ms DIV 1800000 * 1800), 1, "
                    POINT_MEASURES " FROM " LOOKS_TABLE " ON DUPLICATE KEY UPDATE "
                    "samples = vm_stats_half_hour.samples + 1, " MORE("vm_stats_half_hour", "interval_ms") ", "
                    MORE("vm_stats_half_hour", "capacity_ms") ", " MORE("vm_stats_half_hour", "cpu_ms") ", "
                    MORE("vm_stats_half_hour", "memory_mib") ", " MORE("vm_stats_half_hour", "memory_used_mib") ", "
                    MORE("vm_stats_half_hour", "disk_read_bytes") ", "
                    MORE("vm_stats_half_hour", "disk_write_bytes") ", "
                    MORE("vm_stats_half_hour", "disk_read_requests") ", "
                    MORE("vm_stats_half_hour", "disk_write_requests") ", "
                    MORE("vm_stats_half_hour", "network_in_bytes") ", "
                    MORE("vm_stats_half_hour", "network_out_bytes"));
DB_STATEMENT(STATS_SET_NOW, .name = "vm_stats_now.set",
             .sql = "INSERT INTO vm_stats_now (vm_id, taken, " POINT_MEASURES ", " TOTALS ") SELECT vm_id, "
                    "FROM_UNIXTIME(taken_ms / 1000), " POINT_MEASURES ", " TOTALS " FROM " LOOKS_TABLE
                    " ON DUPLICATE KEY UPDATE " AGAIN("taken") ", " AGAIN("interval_ms") ", " AGAIN("capacity_ms") ", "
                    AGAIN("cpu_ms") ", " AGAIN("memory_mib") ", " AGAIN("memory_used_mib") ", "
                    AGAIN("disk_read_bytes") ", " AGAIN("disk_write_bytes") ", " AGAIN("disk_read_requests") ", "
                    AGAIN("disk_write_requests") ", " AGAIN("network_in_bytes") ", " AGAIN("network_out_bytes") ", "
                    AGAIN("total_cpu_ms") ", " AGAIN("total_disk_read_bytes") ", " AGAIN("total_disk_write_bytes") ", "
                    AGAIN("total_disk_read_requests") ", " AGAIN("total_disk_write_requests") ", "
                    AGAIN("total_network_in_bytes") ", " AGAIN("total_network_out_bytes"));

bool stats_guests_of_host_any(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                              struct error *err)
{
    return db_query(db, &GUESTS_OF_HOST, arena, GUESTS_MAX, ret_rows, err, db_int(host_id));
}

static void add_look(struct text *json, const struct stats_look *look)
{
    const struct stats_point *p = &look->point;
    const struct stats_counters *c = &look->counters;
    const int64_t numbers[] = {p->vm_id, p->taken.ms, p->interval_ms, p->capacity_ms, p->cpu_ms, p->memory_mib,
                               p->memory_used_mib, p->disk_read_bytes, p->disk_write_bytes, p->disk_read_requests,
                               p->disk_write_requests, p->network_in_bytes, p->network_out_bytes, c->cpu_ms,
                               c->disk_read_bytes, c->disk_write_bytes, c->disk_read_requests, c->disk_write_requests,
                               c->network_in_bytes, c->network_out_bytes};
    text_add(json, json->length > 1 ? ",[" : "[");
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        text_add(json, i > 0 ? "," : "");
        text_add_int(json, numbers[i]);
    }
    text_add_char(json, ']');
}

static bool write_body(struct db *db, void *context, struct error *err)
{
    struct db_value looks = db_text(context);
    return db_execute(db, &STATS_ADD, err, looks) && db_execute(db, &STATS_SUM_UP, err, looks) &&
           db_execute(db, &STATS_SET_NOW, err, looks);
}

bool stats_write(struct db *db, struct arena *arena, const struct stats_look *looks, size_t count, struct error *err)
{
    struct text json;
    if (count == 0)
        return true;
    text_init(&json, arena, LOOKS_BYTES_MAX);
    text_add_char(&json, '[');
    for (size_t i = 0; i < count; i++)
        add_look(&json, &looks[i]);
    text_add_char(&json, ']');
    if (json.overflowed)
        return error_set(err, ERROR_INTERNAL, "stats.too_many");
    return db_transaction(db, write_body, json.data, err);
}

/* ---- reading ---- */

#define P(member) COLUMN(struct stats_point, member)
#define POINT_COLUMNS                                                                                                  \
    P(vm_id), P(taken), P(samples), P(interval_ms), P(capacity_ms), P(cpu_ms), P(memory_mib), P(memory_used_mib),      \
        P(disk_read_bytes), P(disk_write_bytes), P(disk_read_requests), P(disk_write_requests), P(network_in_bytes),   \
        P(network_out_bytes)
_Static_assert(offsetof(struct stats_now, last) == 0, "rows of stats_now begin with a point");
FIELD_TABLE(STATS_POINT_ROW, struct stats_point, POINT_COLUMNS);
FIELD_TABLE(STATS_NOW_ROW, struct stats_now, POINT_COLUMNS,
            COLUMN(struct stats_now, total_cpu_ms), COLUMN(struct stats_now, total_disk_read_bytes),
            COLUMN(struct stats_now, total_disk_write_bytes), COLUMN(struct stats_now, total_disk_read_requests),
            COLUMN(struct stats_now, total_disk_write_requests), COLUMN(struct stats_now, total_network_in_bytes),
            COLUMN(struct stats_now, total_network_out_bytes));
#undef P
#define NOW_SELECT                                                                                                     \
    "SELECT vm_id, taken, 1 AS samples, " POINT_MEASURES ", " TOTALS " FROM vm_stats_now FORCE INDEX (PRIMARY) WHERE "
DB_STATEMENT(STATS_NOW, .name = "vm_stats_now.for", .row = &STATS_NOW_ROW,
             .sql = NOW_SELECT RUN_RANGES("vm_id") " AND taken >= ?");
DB_STATEMENT(STATS_NOW_SCATTERED, .name = "vm_stats_now.for_scattered", .row = &STATS_NOW_ROW,
             .sql = NOW_SELECT "vm_id IN (" DB_MARKS_64 ") AND taken >= ?");
/* Keys: [[hour or day, vm_id], …]. */
#define KEYS_TABLE "JSON_TABLE(?, '$[*]' COLUMNS (part INT PATH '$[0]', vm_id BIGINT PATH '$[1]')) AS k"
DB_STATEMENT(STATS_SAMPLES, .name = "vm_stats.samples", .row = &STATS_POINT_ROW,
             .sql = "SELECT s.vm_id, s.taken, 1 AS samples, " POINT_MEASURES " FROM " KEYS_TABLE
                    " STRAIGHT_JOIN vm_stats s ON s.hour = k.part AND s.vm_id = k.vm_id WHERE s.taken >= ? AND "
                    "s.taken <= ? ORDER BY s.vm_id, s.taken LIMIT ?",
             .scan_reason = "sorts only what the keys found, STATS_POINTS_MAX at most");
DB_STATEMENT(STATS_SUMS, .name = "vm_stats_half_hour.sums", .row = &STATS_POINT_ROW,
             .sql = "SELECT s.vm_id, s.taken, s.samples, " POINT_MEASURES " FROM " KEYS_TABLE
                    " STRAIGHT_JOIN vm_stats_half_hour s ON s.day = k.part AND s.vm_id = k.vm_id WHERE s.taken >= ? "
                    "AND s.taken <= ? ORDER BY s.vm_id, s.taken LIMIT ?",
             .scan_reason = "sorts only what the keys found, STATS_POINTS_MAX at most");

bool stats_now_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                       struct db_rows *ret_rows, struct error *err)
{
    enum { BOUNDS = 2 * RUN_RANGES_MAX };
    struct db_value values[STATS_PAGE_MAX + 1], lately = db_time(clock_now_ms() - 3 * stats_interval_ms());
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (count == 0)
        return true;
    if (run_ranges(vm_ids, count, values)) {
        values[BOUNDS] = lately;
        return db_query_values(db, &STATS_NOW, arena, STATS_PAGE_MAX + RUN_STRANGERS_MAX, ret_rows, values, BOUNDS + 1,
                               err);
    }
    for (size_t i = 0; i < STATS_PAGE_MAX; i++)
        values[i] = db_int(vm_ids[i < count ? i : count - 1]);
    values[STATS_PAGE_MAX] = lately;
    return db_query_values(db, &STATS_NOW_SCATTERED, arena, STATS_PAGE_MAX, ret_rows, values, COUNT_OF(values), err);
}

bool stats_points_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count, int64_t from_ms,
                      int64_t until_ms, bool half_hours, struct db_rows *ret_points, struct error *err)
{
    struct text keys;
    int64_t part_ms = half_hours ? DAY_MS : HOUR_MS, first = from_ms / part_ms, last = until_ms / part_ms;
    *ret_points = (struct db_rows){.items = NULL, .count = 0};
    if (count == 0 || last < first)
        return true;
    if ((last - first + 1) * (int64_t)count > KEYS_MAX)
        return error_with(err, ERROR_PARAMETER, "stats.too_many", E_INT("max", STATS_POINTS_MAX));
    text_init(&keys, arena, 4 << 20);
    for (size_t i = 0; i < count; i++)
        for (int64_t part = first; part <= last; part++)
            text_addf(&keys, "%s[%lld,%lld]", keys.length > 0 ? "," : "[", (long long)part, (long long)vm_ids[i]);
    text_add_char(&keys, ']');
    if (!db_query(db, half_hours ? &STATS_SUMS : &STATS_SAMPLES, arena, STATS_POINTS_MAX + 1, ret_points, err,
                  db_text(text_string(&keys)), db_time(from_ms), db_time(until_ms), db_int(STATS_POINTS_MAX + 1)))
        return false;
    return ret_points->count <= STATS_POINTS_MAX ||
           error_with(err, ERROR_PARAMETER, "stats.too_many", E_INT("max", STATS_POINTS_MAX));
}

/* ---- forgetting ---- */

DB_STATEMENT(FORGET_SAMPLES, .name = "vm_stats.forget",
             .sql = "DELETE FROM vm_stats WHERE hour < ? ORDER BY hour, vm_id, taken LIMIT ?");
DB_STATEMENT(FORGET_SUMS, .name = "vm_stats_half_hour.forget",
             .sql = "DELETE FROM vm_stats_half_hour WHERE day < ? ORDER BY day, vm_id, taken LIMIT ?");
DB_STATEMENT(FORGET_NOW, .name = "vm_stats_now.forget", .sql = "DELETE FROM vm_stats_now WHERE taken < ?");
DB_STATEMENT(FORGET_HOSTS, .name = "host_stats.forget", .sql = "DELETE FROM host_stats WHERE asked < ?");

bool stats_forget(struct db *db, int64_t samples_before_ms, int64_t sums_before_ms, bool *ret_more, struct error *err)
{
    bool more = false;
    if (samples_before_ms > 0) {
        if (!db_execute(db, &FORGET_SAMPLES, err, db_int(samples_before_ms / HOUR_MS), db_int(FORGET_AT_ONCE)))
            return false;
        more = db_affected_rows(db) == FORGET_AT_ONCE;
    }
    if (!db_execute(db, &FORGET_SUMS, err, db_int(sums_before_ms / DAY_MS), db_int(FORGET_AT_ONCE)))
        return false;
    *ret_more = more || db_affected_rows(db) == FORGET_AT_ONCE;
    return db_execute(db, &FORGET_NOW, err, db_time(sums_before_ms)) &&
           db_execute(db, &FORGET_HOSTS, err, db_time(sums_before_ms));
}
