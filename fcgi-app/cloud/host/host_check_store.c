/* SQL of the reports of probes. Who probes is in host_jobs.c, who shows them in host_check_api.c. */
#include "base/clock.h"
#include "base/text.h"
#include "cloud/host/host_check.h"

FIELD_TABLE(HOST_CHECK_ROW, struct host_check, COLUMN(struct host_check, position), COLUMN(struct host_check, code),
            COLUMN(struct host_check, ok), COLUMN(struct host_check, required), COLUMN(struct host_check, detail),
            COLUMN(struct host_check, hint), COLUMN(struct host_check, checked));
DB_STATEMENT(HOST_CHECKS, .name = "host_check.list",
             .sql = "SELECT position, code, ok, required, detail, hint, checked FROM host_check WHERE host_id = ?"
                    " ORDER BY position",
             .row = &HOST_CHECK_ROW);
DB_STATEMENT(HOST_CHECK_INSERT, .name = "host_check.insert",
             .sql = "INSERT INTO host_check (host_id, position, code, ok, required, detail, hint, checked)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(HOST_CHECK_DELETE, .name = "host_check.delete", .sql = "DELETE FROM host_check WHERE host_id = ?");

struct replacing {
    struct arena *arena;
    int64_t host_id;
    const struct host_check *checks;
    size_t count;
};

static struct db_value shortened(struct arena *arena, const char *text)
{
    if (string_is_empty(text))
        return db_null();
    char *cut = arena_alloc(arena, HOST_CHECK_TEXT_MAX + 1);
    string_copy(cut, HOST_CHECK_TEXT_MAX + 1, text);
    return db_text(cut);
}

static bool replace_body(struct db *db, void *context, struct error *err)
{
    const struct replacing *replacing = context;
    if (!host_check_forget(db, replacing->host_id, err))
        return false;
    for (size_t i = 0; i < replacing->count; i++) {
        const struct host_check *check = &replacing->checks[i];
        if (!db_execute(db, &HOST_CHECK_INSERT, err, db_int(replacing->host_id), db_int((int64_t)i),
                        db_text(check->code), db_bool(check->ok), db_bool(check->required),
                        shortened(replacing->arena, check->detail), shortened(replacing->arena, check->hint),
                        db_time(clock_now_ms())))
            return false;
    }
    return true;
}

bool host_check_replace(struct db *db, struct arena *arena, int64_t host_id, const struct host_check *checks,
                        size_t count, struct error *err)
{
    struct replacing replacing = {.arena = arena, .host_id = host_id, .checks = checks,
                                  .count = count < HOST_CHECKS_MAX ? count : HOST_CHECKS_MAX};
    return db_transaction(db, replace_body, &replacing, err);
}

bool host_check_forget(struct db *db, int64_t host_id, struct error *err)
{
    return db_execute(db, &HOST_CHECK_DELETE, err, db_int(host_id));
}

bool host_check_list(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &HOST_CHECKS, arena, HOST_CHECKS_MAX, ret_rows, err, db_int(host_id));
}
