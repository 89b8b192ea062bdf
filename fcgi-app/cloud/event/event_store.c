/* The SQL of events. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event_api.h"
#include "db/version.h"

FIELD_TABLE(EVENT_ROW, struct event_row, COLUMN(struct event_row, id), COLUMN(struct event_row, account_id),
            COLUMN(struct event_row, domain_id), COLUMN(struct event_row, user_id), COLUMN(struct event_row, uuid),
            COLUMN(struct event_row, type), COLUMN(struct event_row, level), COLUMN(struct event_row, state),
            COLUMN(struct event_row, message_key), COLUMN(struct event_row, message_args),
            COLUMN(struct event_row, resource_type), COLUMN(struct event_row, resource_uuid),
            COLUMN(struct event_row, resource_name), COLUMN(struct event_row, start_uuid),
            COLUMN(struct event_row, archived), COLUMN(struct event_row, created));

#define COLUMNS                                                                                                        \
    "id, account_id, domain_id, user_id, uuid, type, level, state, message_key, message_args, resource_type, "         \
    "resource_uuid, resource_name, start_uuid, archived, created"
#define IN_SCOPE                                                                                                       \
    "(? IS NULL OR account_id = ?) AND (? IS NULL OR domain_id = ?) AND (? IS NULL OR EXISTS (SELECT 1 FROM "          \
    "domain_ancestor WHERE domain_ancestor.domain_id = event.domain_id AND ancestor_id = ?)) AND (? IS NULL OR "       \
    "FIND_IN_SET(account_id, ?)) AND (? IS NULL OR (account_id < 0) = ?) "
#define CONDITIONS                                                                                                     \
    "archived = ? AND " IN_SCOPE                                                                                       \
    "AND (? IS NULL OR id = ?) AND (? IS NULL OR type = ?) AND (? IS NULL OR level = ?) AND "                          \
    "(? IS NULL OR state = ?) AND (? IS NULL OR resource_uuid = ?) AND (? IS NULL OR resource_type = ?) AND "          \
    "(? IS NULL OR type LIKE ? OR resource_name LIKE ?) AND (? IS NULL OR created >= ?) AND "                          \
    "(? IS NULL OR created <= ?) AND (? IS NULL OR start_uuid = ?) AND (? IS NULL OR (state = 'Scheduled' AND "        \
    "created "                                                                                                         \
    "BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM event AS ending WHERE ending.start_uuid = event.uuid AND "          \
    "ending.state = 'Completed')))"
enum { REMOVE_AT_ONCE = 1000 };

DB_STATEMENT(
    EVENT_ADD, .name = "event.add",
    .sql = "INSERT INTO event (uuid, type, level, state, message_key, message_args, account_id, domain_id, user_id, "
           "resource_type, resource_uuid, resource_name, start_uuid, request_id, created) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(EVENT_FIND, .name = "event.find", .row = &EVENT_ROW,
             .sql = "SELECT " COLUMNS " FROM event WHERE uuid = ?");
DB_STATEMENT(EVENT_PAGE, .name = "event.page", .row = &EVENT_ROW,
             .scan_reason = "any condition may be absent; read by people",
             .sql = "SELECT " COLUMNS " FROM event WHERE " CONDITIONS " ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(EVENT_COUNT, .name = "event.count", .row = &DB_NUMBER,
             .scan_reason = "any condition may be absent; read by people",
             .sql = "SELECT COUNT(*) AS value FROM event WHERE " CONDITIONS);
enum { ROWS_AT_ONCE = 64 };
DB_STATEMENT(EVENT_ROWS, .name = "event.rows", .row = &EVENT_ROW, .scan_reason = "sorts the rows of one page",
             .sql = "SELECT " COLUMNS " FROM event WHERE id IN (" DB_MARKS_64 ") ORDER BY id DESC");
#define CHOSEN                                                                                                         \
    IN_SCOPE "AND (? IS NULL OR id = ?) AND (? IS NULL OR type = ?) AND (? IS NULL OR created >= ?) AND "              \
             "(? IS NULL OR created <= ?) LIMIT ?"
DB_STATEMENT(EVENT_ARCHIVE, .name = "event.archive",
             .sql = "UPDATE event SET archived = 1 WHERE archived = 0 AND " CHOSEN);
DB_STATEMENT(EVENT_DELETE, .name = "event.delete", .sql = "DELETE FROM event WHERE " CHOSEN);

/* {"name": "text", "n": 3}, as jobs store theirs. */
static void add_arguments(struct text *out, const struct event_entry *entry)
{
    struct error_value usual[] = {E_TEXT("type", entry->type),
                                  E_TEXT("resource", entry->resource_name   ? entry->resource_name
                                                     : entry->resource_uuid ? entry->resource_uuid
                                                                            : ""),
                                  {.name = NULL}};
    const struct error_value *values = entry->values ? entry->values : usual;
    text_add_char(out, '{');
    for (size_t i = 0; values[i].name; i++) {
        if (i > 0)
            text_add_char(out, ',');
        json_add_string(out, values[i].name);
        text_add_char(out, ':');
        if (values[i].is_number)
            text_add_int(out, values[i].number);
        else
            json_add_string(out, values[i].text ? values[i].text : "");
    }
    text_add_char(out, '}');
}

static const char *usual_key(const char *state)
{
    if (string_equal(state, "Scheduled"))
        return "event.scheduled";
    if (string_equal(state, "Started"))
        return "event.started";
    return "event.completed";
}

bool event_add(struct db *db, const struct event_entry *entry, char *ret_uuid, struct error *err)
{
    char uuid[UUID_BYTES];
    const char *state = entry->state ? entry->state : "Completed";
    AUTO(text_free) struct text arguments;
    text_init(&arguments, NULL, 2048);
    add_arguments(&arguments, entry);
    if (arguments.overflowed) { /* half a JSON object says nothing */
        text_reset(&arguments);
        text_add(&arguments, "{}");
    }
    if (entry->uuid)
        string_copy(uuid, sizeof(uuid), entry->uuid);
    else
        uuid_random(uuid);
    if (!db_execute(db, &EVENT_ADD, err, db_text(uuid), db_text(entry->type),
                    db_text(entry->level ? entry->level : "INFO"), db_text(state),
                    db_text(entry->key ? entry->key : usual_key(state)), db_text(text_string(&arguments)),
                    db_int(entry->account_id), db_int(entry->domain_id), db_int(entry->user_id),
                    db_text(entry->resource_type), db_text(entry->resource_uuid), db_text(entry->resource_name),
                    db_text(entry->start_uuid), db_text(entry->request_id), db_time(clock_now_ms())))
        return false;
    if (ret_uuid)
        string_copy(ret_uuid, UUID_BYTES, uuid);
    return true;
}

static void put_scope(struct db_binder *b, const struct event_scope *scope)
{
    db_put(b, db_ref(scope->account_id), 2);
    db_put(b, db_ref(scope->domain_id), 2);
    db_put(b, db_ref(scope->below_id), 2);
    db_put(b, db_text(scope->account_ids), 2);
    db_put(b, scope->projects_only ? db_bool(true) : db_null(), 2);
}

static void put_conditions(struct db_binder *b, const struct event_filter *f)
{
    db_put(b, db_bool(f->archived), 1);
    put_scope(b, &f->scope);
    db_put(b, db_ref(f->id), 2);
    db_put(b, db_text(f->type), 2);
    db_put(b, db_text(f->level), 2);
    db_put(b, db_text(f->state), 2);
    db_put(b, db_text(f->resource_uuid), 2);
    db_put(b, db_text(f->resource_type), 2);
    db_put(b, db_text(f->keyword_like), 3);
    db_put(b, db_opt_time(f->from), 2);
    db_put(b, db_opt_time(f->until), 2);
    db_put(b, db_text(f->start_uuid), 2);
    db_put(b, db_opt_time(f->pending_from), 2);
    db_put(b, db_opt_time(f->pending_until), 1);
}

static bool is_scope_only(const struct event_filter *f)
{
    return !f->scope.account_ids && !f->scope.projects_only && !f->id && !f->type && !f->level && !f->state &&
           !f->resource_uuid && !f->resource_type && !f->keyword_like && !f->start_uuid && !f->from.set &&
           !f->until.set && !f->pending_from.set && !f->archived;
}

static bool read_rows(struct db *db, struct arena *arena, const struct event_ids *ids, struct db_rows *ret_rows,
                      struct error *err)
{
    struct event_row *rows = arena_array(arena, ids->count + 1, sizeof(*rows));
    ret_rows->items = rows;
    ret_rows->count = 0;
    for (size_t done = 0; done < ids->count; done += ROWS_AT_ONCE) {
        struct db_rows part;
        size_t left = ids->count - done;
        if (!db_query_ids(db, &EVENT_ROWS, arena, ROWS_AT_ONCE, ROWS_AT_ONCE, ids->ids + done,
                          left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, &part, err))
            return false;
        if (part.count > 0)
            memcpy(rows + ret_rows->count, part.items, part.count * sizeof(*rows));
        ret_rows->count += part.count;
    }
    return true;
}

bool event_page(struct db *db, struct arena *arena, const struct event_filter *filter, int64_t offset, int64_t limit,
                struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    struct event_ids ids;
    bool indexed = is_scope_only(filter);
    if (indexed && !event_index_page(db, arena, &filter->scope, offset, limit, &ids, &indexed, err))
        return false;
    if (indexed) {
        *ret_total = ids.total;
        return read_rows(db, arena, &ids, ret_rows, err);
    }
    put_conditions(&b, filter);
    return db_query_page(db, &EVENT_COUNT, &EVENT_PAGE, arena, &b, limit, offset, ret_rows, ret_total, err);
}

bool event_find(struct db *db, struct arena *arena, const char *uuid, struct event_row *ret_row, bool *ret_found,
                struct error *err)
{
    return db_query_one(db, &EVENT_FIND, arena, ret_row, ret_found, err, db_text(uuid));
}

/* ---- archiving and deleting ---- */

/* In pieces, so that no transaction grows large. */
static bool change_chosen(struct db *db, const struct db_statement *statement, const struct event_choice *choice,
                          int64_t id, struct error *err)
{
    struct db_binder b = {.count = 0};
    put_scope(&b, &choice->scope);
    db_put(&b, db_ref(id), 2);
    db_put(&b, db_text(choice->type), 2);
    db_put(&b, db_opt_time(choice->from), 2);
    db_put(&b, db_opt_time(choice->until), 2);
    db_put(&b, db_int(REMOVE_AT_ONCE), 1);
    do {
        if (!db_execute_values(db, statement, b.values, b.count, err))
            return false;
    } while (db_affected_rows(db) == REMOVE_AT_ONCE);
    return true;
}

static bool raise_version(struct db *db, void *unused, struct error *err)
{
    (void)unused;
    return version_raise(db, VERSION_EVENTS, err);
}

static bool change(struct db *db, const struct db_statement *statement, const struct event_choice *choice,
                   struct error *err)
{
    size_t ids = choice->ids ? choice->ids->count : 0;
    for (size_t i = 0; i < ids; i++)
        if (!change_chosen(db, statement, choice, choice->ids->items[i].id, err))
            return false;
    return (ids > 0 || change_chosen(db, statement, choice, 0, err)) && db_transaction(db, raise_version, NULL, err);
}

bool event_archive(struct db *db, const struct event_choice *choice, struct error *err)
{
    return change(db, &EVENT_ARCHIVE, choice, err);
}

bool event_delete(struct db *db, const struct event_choice *choice, struct error *err)
{
    return change(db, &EVENT_DELETE, choice, err);
}

bool event_purge(struct db *db, int64_t before_ms, struct error *err)
{
    return change(db, &EVENT_DELETE, &(struct event_choice){.until = OPT_TIME(before_ms)}, err);
}
