/* Rows and parameters: every type both ways, NULLs, long texts, tables that do not fit, the statement cache,
 * duplicates. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/db_private.h"
#include "store.h"
#include "unit.h"

struct every_row {
    int64_t id;
    int32_t small;
    bool flag;
    const char *name, *uuid, *amount;
    struct raw_json document;
    struct opt_int opt_int;
    struct opt_bool opt_bool;
    struct opt_double opt_double;
    struct opt_time opt_time;
};
FIELD_TABLE(EVERY_ROW, struct every_row, COLUMN(struct every_row, id), COLUMN(struct every_row, small),
            COLUMN(struct every_row, flag), COLUMN(struct every_row, name), COLUMN(struct every_row, uuid),
            COLUMN(struct every_row, amount), COLUMN(struct every_row, document), COLUMN(struct every_row, opt_int),
            COLUMN(struct every_row, opt_bool), COLUMN(struct every_row, opt_double),
            COLUMN(struct every_row, opt_time));
#define COLUMNS "id, small, flag, name, uuid, amount, document, opt_int, opt_bool, opt_double, opt_time"

static const char *const SCHEMA =
    "CREATE TABLE every (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, small INT NOT NULL, flag BOOL NOT NULL, name "
    "TEXT, "
    "uuid CHAR(36) CHARACTER SET ascii, amount DECIMAL(20,6), document LONGTEXT, opt_int BIGINT, opt_bool BOOL, "
    "opt_double DOUBLE, "
    "opt_time DATETIME(3), big BIGINT UNSIGNED, UNIQUE (uuid)); "
    "CREATE TABLE child (id INT PRIMARY KEY, every_id BIGINT NOT NULL, FOREIGN KEY (every_id) REFERENCES every (id))";

DB_STATEMENT(
    ADD, .name = "test.add",
    .sql = "INSERT INTO every (small, flag, name, uuid, amount, document, opt_int, opt_bool, opt_double, opt_time) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(LIST_ALL, .name = "test.list", .sql = "SELECT " COLUMNS " FROM every ORDER BY id", .row = &EVERY_ROW);
DB_STATEMENT(FIND, .name = "test.find", .sql = "SELECT " COLUMNS " FROM every WHERE id = ?", .row = &EVERY_ROW);
DB_STATEMENT(COUNT, .name = "test.count", .sql = "SELECT COUNT(*) AS value FROM every", .row = &DB_NUMBER);
DB_STATEMENT(SUM, .name = "test.sum", .sql = "SELECT SUM(small) AS value FROM every", .row = &DB_NUMBER);
DB_STATEMENT(BIG, .name = "test.big", .sql = "SELECT big AS value FROM every LIMIT 1", .row = &DB_NUMBER);
DB_STATEMENT(NULL_NUMBER, .name = "test.null", .sql = "SELECT opt_int AS value FROM every LIMIT 1", .row = &DB_NUMBER);
DB_STATEMENT(TEXT_NUMBER, .name = "test.text", .sql = "SELECT name AS value FROM every", .row = &DB_NUMBER);
DB_STATEMENT(WRONG_NAME, .name = "test.wrong_name", .sql = "SELECT id FROM every", .row = &DB_NUMBER);
DB_STATEMENT(WRONG_COUNT, .name = "test.wrong_count", .sql = "SELECT id AS value, small FROM every", .row = &DB_NUMBER);
DB_STATEMENT(NO_ROW, .name = "test.no_row", .sql = "SELECT id FROM every");
DB_STATEMENT(TOUCH, .name = "test.touch", .sql = "UPDATE every SET small = small WHERE id >= ?");
DB_STATEMENT(ADD_CHILD, .name = "test.add_child", .sql = "INSERT INTO child (id, every_id) VALUES (?, ?)");
DB_STATEMENT(REMOVE, .name = "test.remove", .sql = "DELETE FROM every WHERE id = ?");
DB_STATEMENT(BROKEN, .name = "test.broken", .sql = "SELEKT 1", .row = &DB_NUMBER);

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;

static void setup(void)
{
    pool = store_fresh_pool(2);
    db = store_acquire(pool);
    store_sql(db, SCHEMA);
    arena_init(&arena);
}

static void teardown(void)
{
    arena_free(&arena);
    db_release(db);
    db_pool_free(pool);
}

static void assert_kind(enum error_kind kind, const char *detail)
{
    ck_assert_str_eq(error_kind_name(err.kind), error_kind_name(kind));
    ck_assert_msg(strstr(err.detail, detail) != NULL, "detail \"%s\" lacks \"%s\"", err.detail, detail);
}

static bool add(const char *name, const char *uuid, int64_t small)
{
    return db_execute(db, &ADD, &err, db_int(small), db_bool(true), db_text(name), db_text(uuid), db_null(), db_null(),
                      db_null(), db_null(), db_null(), db_null());
}

static struct every_row only_row(void)
{
    struct every_row row;
    bool found = false;
    ck_assert_msg(db_query_one(db, &LIST_ALL, &arena, &row, &found, &err, DB_NO_VALUES), "%s", err.detail);
    ck_assert(found);
    return row;
}

START_TEST(test_every_type_comes_back_as_it_went)
{
    const int64_t when = INT64_C(1761825600123);
    ck_assert_msg(db_execute(db, &ADD, &err, db_int(-7), db_bool(true), db_text("구름 'x' \\ \""), db_text("0b0c-uuid"),
                             db_text("12345678901234.567800"), db_text("{\"a\":1}"), db_opt_int(OPT_INT(INT64_MIN)),
                             db_opt_bool(OPT_BOOL(false)), db_opt_double(OPT_DOUBLE(0.1)), db_opt_time(OPT_TIME(when))),
                  "%s", err.detail);
    ck_assert_int_eq(db_inserted_id(db), 1);
    ck_assert_uint_eq(db_affected_rows(db), 1);
    struct every_row row = only_row();
    ck_assert_int_eq(row.id, 1);
    ck_assert_int_eq(row.small, -7);
    ck_assert(row.flag);
    ck_assert_str_eq(row.name, "구름 'x' \\ \"");
    ck_assert_str_eq(row.uuid, "0b0c-uuid");
    ck_assert_str_eq(row.amount, "12345678901234.567800");
    ck_assert_str_eq(row.document.json, "{\"a\":1}");
    ck_assert(row.opt_int.set && row.opt_int.value == INT64_MIN);
    ck_assert(row.opt_bool.set && !row.opt_bool.value);
    ck_assert(row.opt_double.set && row.opt_double.value == 0.1);
    ck_assert(row.opt_time.set);
    ck_assert_int_eq(row.opt_time.ms, when);
    ck_assert_int_eq(store_number(db, "SELECT opt_time = '2025-10-30 12:00:00.123' FROM every"), 1);
}
END_TEST

START_TEST(test_null_is_absent)
{
    ck_assert(add(NULL, NULL, 1));
    struct every_row row = only_row();
    ck_assert_ptr_null(row.name);
    ck_assert_ptr_null(row.uuid);
    ck_assert_ptr_null(row.amount);
    ck_assert_ptr_null(row.document.json);
    ck_assert(!row.opt_int.set && !row.opt_bool.set && !row.opt_double.set && !row.opt_time.set);
}
END_TEST

START_TEST(test_null_in_a_member_that_is_always_there_is_refused)
{
    struct db_number number = {.value = 5};
    bool found = false;
    ck_assert(add(NULL, NULL, 1));
    ck_assert(!db_query_one(db, &NULL_NUMBER, &arena, &number, &found, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "\"value\" is NULL");
    ck_assert_int_eq(number.value, 5);
    ck_assert(
        db_query_one(db, &COUNT, &arena, &number, &found, &err, DB_NO_VALUES)); /* the connection is still usable */
    ck_assert_int_eq(number.value, 1);
}
END_TEST

START_TEST(test_times_before_1970_and_far_away)
{
    const int64_t times[] = {
        0, -1, -62135596800000, 253402300799999, 951782399999, 951868800000, 4107542400000, 1709164800000};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        MYSQL_TIME time;
        value_time_to_mysql(times[i], &time);
        ck_assert_int_eq(value_time_from_mysql(&time), times[i]);
        store_sql(db, "DELETE FROM every");
        ck_assert(db_execute(db, &ADD, &err, db_int(1), db_bool(true), db_null(), db_null(), db_null(), db_null(),
                             db_null(), db_null(), db_null(), db_time(times[i])));
        struct every_row row = only_row();
        ck_assert_int_eq(row.opt_time.ms, times[i]);
        ck_assert_int_eq(
            store_number(db, "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opt_time) DIV 1000 FROM every"),
            times[i]);
    }
    ck_assert(!db_execute(db, &ADD, &err, db_int(1), db_bool(true), db_null(), db_null(), db_null(), db_null(),
                          db_null(), db_null(), db_null(), db_time(INT64_MAX)));
    assert_kind(ERROR_INTERNAL, "parameter 10 is out of range");
}
END_TEST

START_TEST(test_texts_of_every_length_round_the_cell)
{
    static char text[200001];
    const size_t lengths[] = {0, 1, 255, 256, 257, 4096, 70000, 200000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (size_t at = 0; at < lengths[i]; at++)
            text[at] = (char)('a' + at % 26);
        text[lengths[i]] = '\0';
        store_sql(db, "DELETE FROM every");
        ck_assert_msg(db_execute(db, &ADD, &err, db_int(1), db_bool(true), db_text("before"), db_text("u"), db_null(),
                                 db_text(text), db_int(9), db_null(), db_null(), db_null()),
                      "%s", err.detail);
        struct every_row row = only_row();
        ck_assert_str_eq(row.name, "before");
        ck_assert_str_eq(row.document.json, text);
        ck_assert(row.opt_int.set && row.opt_int.value == 9);
    }
}
END_TEST

START_TEST(test_many_rows_come_in_order_and_hold_their_own_texts)
{
    char name[400];
    for (int i = 0; i < 120; i++) {
        snprintf(name, sizeof(name), "%0*d", i % 3 == 0 ? 300 : 8, i);
        ck_assert(add(name, NULL, i));
    }
    struct db_rows rows;
    ck_assert(db_query(db, &LIST_ALL, &arena, 1000, &rows, &err, DB_NO_VALUES));
    ck_assert_uint_eq(rows.count, 120);
    for (int i = 0; i < 120; i++) {
        const struct every_row *row = (const struct every_row *)rows.items + i;
        snprintf(name, sizeof(name), "%0*d", i % 3 == 0 ? 300 : 8, i);
        ck_assert_str_eq(row->name, name);
        ck_assert_int_eq(row->small, i);
    }
}
END_TEST

START_TEST(test_more_rows_than_allowed_are_an_error)
{
    struct db_rows rows = {.count = 77};
    struct every_row row;
    bool found = false;
    for (int i = 0; i < 3; i++)
        ck_assert(add("x", NULL, i));
    ck_assert(!db_query(db, &LIST_ALL, &arena, 2, &rows, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "test.list: more rows");
    ck_assert_uint_eq(rows.count, 77);
    ck_assert(!db_query_one(db, &LIST_ALL, &arena, &row, &found, &err, DB_NO_VALUES));
    ck_assert(db_query(db, &LIST_ALL, &arena, 3, &rows, &err, DB_NO_VALUES));
    ck_assert_uint_eq(rows.count, 3);
}
END_TEST

START_TEST(test_no_row_is_not_found)
{
    struct every_row row = {.id = 42};
    struct db_rows rows;
    bool found = true;
    ck_assert(db_query_one(db, &FIND, &arena, &row, &found, &err, db_int(1)));
    ck_assert(!found);
    ck_assert_int_eq(row.id, 42);
    ck_assert(db_query(db, &LIST_ALL, &arena, 10, &rows, &err, DB_NO_VALUES));
    ck_assert_uint_eq(rows.count, 0);
}
END_TEST

START_TEST(test_sums_of_integers_are_integers)
{
    struct db_number number;
    bool found;
    ck_assert(add(NULL, NULL, 40));
    ck_assert(add(NULL, NULL, 2));
    ck_assert_msg(db_query_one(db, &SUM, &arena, &number, &found, &err, DB_NO_VALUES), "%s", err.detail);
    ck_assert_int_eq(number.value, 42);
}
END_TEST

START_TEST(test_number_beyond_64_bits_is_refused)
{
    struct db_number number;
    bool found;
    store_sql(db, "INSERT INTO every (small, flag, big) VALUES (1, 1, 18446744073709551615)");
    ck_assert(!db_query_one(db, &BIG, &arena, &number, &found, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "out of range");
}
END_TEST

static void assert_refused(const struct db_statement *statement, const char *first, const char *second)
{
    struct db_number number;
    bool found;
    ck_assert(!db_query_one(db, statement, &arena, &number, &found, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, first);
    assert_kind(ERROR_INTERNAL, second);
}

START_TEST(test_table_that_does_not_fit_is_refused_with_both_sides)
{
    assert_refused(&TEXT_NUMBER, "\"value\" (text)", "struct db_number has \"value\" (integer)");
    assert_refused(&WRONG_NAME, "\"id\" (integer)", "struct db_number has \"value\"");
    assert_refused(&WRONG_COUNT, "2 columns", "struct db_number has 1");
    assert_refused(&BROKEN, "test.broken", "1064");
    ck_assert(!db_execute(db, &NO_ROW, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "1 columns, a statement without row has 0");
    ck_assert(!db_execute(db, &LIST_ALL, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "use db_query");
    ck_assert(!db_execute(db, &REMOVE, &err, db_int(1), db_int(2)));
    assert_kind(ERROR_INTERNAL, "2 values for 1 parameters");
}
END_TEST

START_TEST(test_update_counts_matched_rows)
{
    ck_assert(add("a", NULL, 1));
    ck_assert(add("b", NULL, 2));
    ck_assert(db_execute(db, &TOUCH, &err, db_int(0)));
    ck_assert_uint_eq(db_affected_rows(db), 2);
    ck_assert(db_execute(db, &TOUCH, &err, db_int(100)));
    ck_assert_uint_eq(db_affected_rows(db), 0);
}
END_TEST

START_TEST(test_duplicates_and_references_are_in_use)
{
    ck_assert(add("a", "same", 1));
    ck_assert(!add("b", "same", 1));
    assert_kind(ERROR_IN_USE, "1062");
    ck_assert_str_eq(err.key, "db.duplicate");
    ck_assert(db_execute(db, &ADD_CHILD, &err, db_int(1), db_int(1)));
    ck_assert(!db_execute(db, &REMOVE, &err, db_int(1)));
    assert_kind(ERROR_IN_USE, "1451");
    ck_assert_str_eq(err.key, "db.referenced");
    ck_assert(!db_execute(db, &ADD_CHILD, &err, db_int(2), db_int(99)));
    ck_assert_str_eq(err.key, "db.missing_reference");
}
END_TEST

START_TEST(test_strict_mode_utc_and_read_committed_are_set)
{
    ck_assert(!db_execute(db, &ADD, &err, db_int(INT64_MAX), db_bool(true), db_null(), db_null(), db_null(), db_null(),
                          db_null(), db_null(), db_null(), db_null()));
    assert_kind(ERROR_INTERNAL, "1264");
    ck_assert_int_eq(store_number(db, "SELECT @@SESSION.time_zone = '+00:00'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT @@SESSION.tx_isolation = 'READ-COMMITTED'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT @@SESSION.character_set_client = 'utf8mb4'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT ABS(TIMESTAMPDIFF(SECOND, NOW(), UTC_TIMESTAMP()))"), 0);
}
END_TEST

START_TEST(test_least_recently_used_statement_is_closed)
{
    enum { MANY = DB_STATEMENTS_MAX + 40 };
    static struct db_statement statements[MANY];
    static char sql[MANY][64];
    struct db_number number;
    bool found;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            snprintf(sql[i], sizeof(sql[i]), "SELECT %d AS value", i);
            statements[i] = (struct db_statement){.name = "test.many", .sql = sql[i], .row = &DB_NUMBER};
            ck_assert(db_query_one(db, &statements[i], &arena, &number, &found, &err, DB_NO_VALUES));
            ck_assert_int_eq(number.value, i);
            ck_assert(
                db_query_one(db, &COUNT, &arena, &number, &found, &err, DB_NO_VALUES)); /* always used last: stays */
            ck_assert_uint_le(db->statement_count, DB_STATEMENTS_MAX);
        }
    bool kept = false;
    for (size_t i = 0; i < db->statement_count; i++)
        kept = kept || db->statements[i].statement == &COUNT;
    ck_assert(kept);
    ck_assert_int_le(store_number(db, "SELECT variable_value FROM information_schema.global_status "
                                      "WHERE variable_name = 'Prepared_stmt_count'"),
                     DB_STATEMENTS_MAX);
    ck_assert_int_eq(store_number(db, "SELECT variable_value FROM information_schema.session_status "
                                      "WHERE variable_name = 'Com_stmt_prepare'"),
                     2 * MANY + 1);
}
END_TEST

START_TEST(test_statement_follows_a_changed_schema)
{
    ck_assert(add("a", NULL, 3));
    (void)only_row();
    store_sql(db, "ALTER TABLE every MODIFY small BIGINT NOT NULL, MODIFY name VARCHAR(400), ADD extra INT FIRST");
    ck_assert_int_eq(only_row().small, 3);
    ck_assert_str_eq(only_row().name, "a");
    store_sql(db, "ALTER TABLE every DROP opt_double");
    struct every_row row;
    bool found;
    ck_assert(!db_query_one(db, &LIST_ALL, &arena, &row, &found, &err, DB_NO_VALUES));
    assert_kind(ERROR_INTERNAL, "1054");
}
END_TEST

START_TEST(test_every_statement_of_this_program_is_listed)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found = found || all[i] == &BROKEN;
    ck_assert(found);
}
END_TEST

static Suite *db_rows_suite(void)
{
    store_fixture_start();
    Suite *suite = suite_create("db rows");
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_every_type_comes_back_as_it_went);
    tcase_add_test(tests, test_null_is_absent);
    tcase_add_test(tests, test_null_in_a_member_that_is_always_there_is_refused);
    tcase_add_test(tests, test_times_before_1970_and_far_away);
    tcase_add_test(tests, test_texts_of_every_length_round_the_cell);
    tcase_add_test(tests, test_many_rows_come_in_order_and_hold_their_own_texts);
    tcase_add_test(tests, test_more_rows_than_allowed_are_an_error);
    tcase_add_test(tests, test_no_row_is_not_found);
    tcase_add_test(tests, test_sums_of_integers_are_integers);
    tcase_add_test(tests, test_number_beyond_64_bits_is_refused);
    tcase_add_test(tests, test_table_that_does_not_fit_is_refused_with_both_sides);
    tcase_add_test(tests, test_update_counts_matched_rows);
    tcase_add_test(tests, test_duplicates_and_references_are_in_use);
    tcase_add_test(tests, test_strict_mode_utc_and_read_committed_are_set);
    tcase_add_test(tests, test_least_recently_used_statement_is_closed);
    tcase_add_test(tests, test_statement_follows_a_changed_schema);
    tcase_add_test(tests, test_every_statement_of_this_program_is_listed);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(db_rows_suite)
