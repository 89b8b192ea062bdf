/* Re-sealing every sealed value under the newest key. See sealed.h. */
#include "db/sealed.h"

#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

FIELD_TABLE(SEALED_ROW, struct sealed_row, COLUMN(struct sealed_row, key1), COLUMN(struct sealed_row, key2),
            COLUMN(struct sealed_row, key3), COLUMN(struct sealed_row, bound_to), COLUMN(struct sealed_row, value));

/* The linker's bounds of the section; weak, because a program without sealed columns has none. */
extern const struct sealed_column *const __start_gurum_sealed_columns[] __attribute__((weak, visibility("hidden")));
extern const struct sealed_column *const __stop_gurum_sealed_columns[] __attribute__((weak, visibility("hidden")));

const struct sealed_column *const *sealed_column_all(size_t *ret_count)
{
    uintptr_t start = (uintptr_t)__start_gurum_sealed_columns, stop = (uintptr_t)__stop_gurum_sealed_columns;
    *ret_count = (stop - start) / sizeof(const struct sealed_column *);
    return __start_gurum_sealed_columns;
}

bool sealed_key_remains(const struct sealed_report *report, const char *key_id)
{
    for (size_t i = 0; i < report->kept_count; i++)
        if (string_equal(report->kept_keys[i], key_id))
            return true;
    return report->keep_all;
}

/* The key of a value that does not open stays in the file: a person may repair the value. */
static void keep_key_of(struct sealed_report *report, const char *value)
{
    char id[sizeof(report->kept_keys[0])];
    size_t length = string_starts_with(value, "v1:") ? strcspn(value + 3, ":") : 0;
    if (length == 0 || length >= sizeof(id) || report->kept_count == SEALED_KEPT_KEYS_MAX) {
        report->keep_all = true;
        return;
    }
    memcpy(id, value + 3, length);
    id[length] = '\0';
    if (!sealed_key_remains(report, id))
        string_copy(report->kept_keys[report->kept_count++], sizeof(id), id);
}

static void report_failure(const struct sealed_column *column, const struct sealed_row *row, struct error *failure)
{
    error_add_detail(failure, "%s.%s of row %s %s %s", column->table, column->column, row->key1, row->key2, row->key3);
    log_error(LOG_ERROR, "keys.value_left", failure);
}

static bool reseal_row(struct db *db, struct arena *arena, const struct sealed_column *column,
                       const struct sealed_row *row, struct sealed_report *report, struct error *err)
{
    struct secret secret = {0};
    struct error failure = {0};
    if (!secret_open(arena, row->value, row->bound_to, &secret, &failure)) {
        report_failure(column, row, &failure);
        report->failed++;
        keep_key_of(report, row->value);
        return true;
    }
    if (!secret_is_stale(row->value)) {
        report->current++;
        return true;
    }
    const char *sealed = secret_seal(arena, secret, row->bound_to);
    if (!db_execute(db, column->update, err, db_text(sealed), db_text(row->key1), db_text(row->key2),
                    db_text(row->key3), db_text(row->value)))
        return false;
    report->resealed += (int64_t)db_affected_rows(db);
    return true;
}

struct page {
    struct arena *arena;
    const struct sealed_column *column;
    const char *after[3];        /* the last page's last key */
    struct sealed_report report; /* of this page */
    struct sealed_row last;
    size_t count;
};

static bool reseal_page(struct db *db, void *context, struct error *err)
{
    struct page *page = context;
    struct db_rows rows;
    page->report = (struct sealed_report){0};
    if (!db_query(db, page->column->page, page->arena, SEALED_PAGE_ROWS, &rows, err, db_text(page->after[0]),
                  db_text(page->after[0]), db_text(page->after[1]), db_text(page->after[2])))
        return false;
    const struct sealed_row *items = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!reseal_row(db, page->arena, page->column, &items[i], &page->report, err))
            return false;
    page->count = rows.count;
    if (rows.count > 0)
        page->last = items[rows.count - 1];
    return true;
}

static void add_report(struct sealed_report *sum, const struct sealed_report *page)
{
    sum->resealed += page->resealed;
    sum->current += page->current;
    sum->failed += page->failed;
    sum->keep_all = sum->keep_all || page->keep_all;
    for (size_t i = 0; i < page->kept_count && !sum->keep_all; i++) {
        if (sealed_key_remains(sum, page->kept_keys[i]))
            continue;
        if (sum->kept_count == SEALED_KEPT_KEYS_MAX)
            sum->keep_all = true;
        else
            string_copy(sum->kept_keys[sum->kept_count++], sizeof(sum->kept_keys[0]), page->kept_keys[i]);
    }
}

static bool reseal_column(struct db *db, const struct sealed_column *column, struct sealed_report *report,
                          struct error *err)
{
    struct arena arenas[2]; /* the page's key outlives the page */
    struct page page = {.column = column, .after = {"", "", ""}, .count = SEALED_PAGE_ROWS};
    bool ok = true;
    arena_init(&arenas[0]);
    arena_init(&arenas[1]);
    for (size_t turn = 0; ok && page.count == SEALED_PAGE_ROWS; turn ^= 1) {
        arena_free(&arenas[turn]);
        arena_init(&arenas[turn]);
        page.arena = &arenas[turn];
        ok = db_transaction(db, reseal_page, &page, err);
        if (ok) {
            add_report(report, &page.report);
            page.after[0] = page.last.key1;
            page.after[1] = page.last.key2;
            page.after[2] = page.last.key3;
        }
    }
    arena_free(&arenas[0]);
    arena_free(&arenas[1]);
    return ok;
}

bool sealed_rotate(struct db *db, struct sealed_report *ret_report, struct error *err)
{
    size_t count;
    const struct sealed_column *const *columns = sealed_column_all(&count);
    struct sealed_report report = {0};
    for (size_t i = 0; i < count; i++)
        if (!reseal_column(db, columns[i], &report, err))
            return false;
    *ret_report = report;
    return true;
}
