/* Every registered statement: it prepares against the migrated schema, its columns fit its table, and a SELECT that
 * gives no scan_reason neither scans nor sorts a table that grows with the cloud. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/db_private.h"
#include "store.h"
#include "unit.h"

/* Tables with tens of rows on any cloud: scanning and sorting them costs nothing. */
static const char *const SMALL[] = {
    "brand",
    "brand_host",
    "cache_version",
    "cluster",
    "disk_offering",
    "disk_offering_detail",
    "disk_offering_place",
    "image_store",
    "image_store_detail",
    "job_process",
    "job_schedule",
    "network_offering",
    "network_offering_detail",
    "network_offering_place",
    "network_offering_service",
    "network_provider",
    "os_category",
    "os_type",
    "physical_network",
    "plugin",
    "plugin_fault",
    "plugin_setting",
    "pod",
    "role",
    "schema_lock",
    "schema_migration",
    "segment_range",
    "service_offering",
    "service_offering_detail",
    "service_offering_place",
    "setting",
    "traffic_type",
    "virtual_router_element",
    "zone",
    "zone_detail",
};
enum { TABLE_ROWS = 2000, REPEATED = 40, PROBLEM_BYTES_MAX = 64 * 1024 };

static struct db_pool *pool;
static struct db *db;
static struct error err;
static struct text problems;

/* The columns of all tables, and whether each ends a unique index. */
static const char *const COLUMNS = "SELECT table_name, column_name, data_type, EXISTS (SELECT 1 FROM "
                                   "information_schema.statistics s WHERE s.table_schema = DATABASE() "
                                   "AND s.table_name = c.table_name AND s.column_name = c.column_name AND s.non_unique "
                                   "= 0 AND s.seq_in_index = (SELECT "
                                   "MAX(l.seq_in_index) FROM information_schema.statistics l WHERE l.table_schema = "
                                   "DATABASE() AND l.table_name = s.table_name AND "
                                   "l.index_name = s.index_name)) FROM information_schema.columns c WHERE table_schema "
                                   "= DATABASE() AND generation_expression IS NULL "
                                   "AND table_name NOT LIKE 'schema\\_%' ORDER BY table_name, ordinal_position";

static void add_value(struct text *out, const char *type, bool counts_up)
{
    char value[32];
    snprintf(value, sizeof(value), counts_up ? "seq" : "seq %% %d", REPEATED);
    if (string_equal(type, "datetime") || string_equal(type, "timestamp") || string_equal(type, "date"))
        text_addf(out, "TIMESTAMP('2025-01-01') + INTERVAL (%s) DAY", value);
    else if (string_equal(type, "enum") || string_equal(type, "set"))
        text_add(out, "1");
    else
        text_addf(out, string_equal(type, "tinyint") ? "(%s) %% 2" : "%s", value);
}

static void insert_rows(const char *table, struct text *columns, struct text *values)
{
    struct text sql;
    text_init(&sql, NULL, 65536);
    text_addf(&sql, "INSERT IGNORE INTO `%s` (%s) SELECT %s FROM seq_1_to_%d", table, text_string(columns),
              text_string(values), TABLE_ROWS);
    ck_assert_msg(mysql_query(db->mysql, text_string(&sql)) == 0, "%s: %s", text_string(&sql), mysql_error(db->mysql));
    text_reset(&sql);
    text_addf(&sql, "ANALYZE TABLE `%s`", table);
    store_sql(db, text_string(&sql));
    text_free(&sql);
    text_reset(columns);
    text_reset(values);
}

/* An empty schema makes the optimizer scan everything, or stop at a row that is not there. So every table gets rows:
 * columns that end a unique index count up, the others repeat REPEATED values; "1" is found everywhere. */
static void fill_tables(void)
{
    struct text columns, values;
    text_init(&columns, NULL, 16384);
    text_init(&values, NULL, 16384);
    store_sql(db, "SET SESSION foreign_key_checks = 0, check_constraint_checks = 0, sql_mode = ''");
    ck_assert_msg(mysql_query(db->mysql, COLUMNS) == 0, "%s", mysql_error(db->mysql));
    MYSQL_RES *result = mysql_store_result(db->mysql);
    char table[128] = "";
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL;) {
        if (columns.length > 0 && !string_equal(table, row[0]))
            insert_rows(table, &columns, &values);
        string_copy(table, sizeof(table), row[0]);
        text_addf(&columns, "%s`%s`", columns.length > 0 ? ", " : "", row[1]);
        text_add(&values, values.length > 0 ? ", " : "");
        add_value(&values, row[2], row[3][0] == '1');
    }
    if (columns.length > 0)
        insert_rows(table, &columns, &values);
    mysql_free_result(result);
    text_free(&columns);
    text_free(&values);
}

static void setup(void)
{
    pool = store_schema_pool(2);
    db = store_acquire(pool);
    text_init(&problems, NULL, PROBLEM_BYTES_MAX);
}

static void teardown(void)
{
    text_free(&problems);
    db_release(db);
    db_pool_free(pool);
}

START_TEST(test_every_statement_prepares_and_fits_its_table)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct db_prepared *prepared;
        if (!statement_get(db, all[i], &prepared, &err))
            text_addf(&problems, "\n  %s", err.detail);
    }
    ck_assert_msg(problems.length == 0, "%s", text_string(&problems));
}
END_TEST

/* "… HAVING value IS NOT NULL" */
static bool excludes_null(const char *sql, const char *column)
{
    char condition[128];
    snprintf(condition, sizeof(condition), "%s IS NOT NULL", column);
    return strstr(sql, condition) != NULL;
}

static void check_nulls(const struct db_statement *statement, MYSQL_STMT *handle)
{
    MYSQL_RES *columns = mysql_stmt_result_metadata(handle);
    for (unsigned i = 0; columns != NULL && i < mysql_num_fields(columns); i++) {
        const struct field *field = &statement->row->fields[i];
        bool always = field->type == FIELD_INT || field->type == FIELD_INT32 || field->type == FIELD_BOOL;
        bool nullable = (mysql_fetch_field_direct(columns, i)->flags & NOT_NULL_FLAG) == 0;
        if (always && nullable && !excludes_null(statement->sql, field->name))
            text_addf(&problems, "\n  %s: \"%s\" may be NULL: use an opt_ member or COALESCE", statement->name,
                      field->name);
    }
    mysql_free_result(columns);
}

START_TEST(test_members_that_are_always_there_come_from_columns_that_are_never_null)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct db_prepared *prepared;
        if (statement_get(db, all[i], &prepared, &err))
            check_nulls(all[i], prepared->handle);
    }
    ck_assert_msg(problems.length == 0, "%s", text_string(&problems));
}
END_TEST

START_TEST(test_statement_names_are_unique)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(all[i]->name, all[j]->name) == 0)
                text_addf(&problems, "\n  %s twice", all[i]->name);
    ck_assert_msg(problems.length == 0, "%s", text_string(&problems));
}
END_TEST

static bool is_word_before(const char *start, const char *at, const char *word)
{
    while (at > start && isspace((unsigned char)at[-1]))
        at--;
    size_t length = strlen(word);
    return (size_t)(at - start) >= length && strncasecmp(at - length, word, length) == 0;
}

/* Parameters as text constants, which compare with numbers and texts by index; LIMIT and OFFSET want numbers. */
static void explain_text(struct text *out, const char *sql, const char *parameter)
{
    text_add(out, "EXPLAIN ");
    bool in_string = false;
    for (const char *at = sql; *at != '\0'; at++) {
        in_string = *at == '\'' ? !in_string : in_string;
        if (*at != '?' || in_string)
            text_add_char(out, *at);
        else
            text_add(out, is_word_before(sql, at, "LIMIT") || is_word_before(sql, at, "OFFSET") ? "50" : parameter);
    }
}

static bool is_small(const char *table, const char *sql)
{
    if (table == NULL || table[0] == '<') /* a derived table or union: its parts have rows of their own */
        return true;
    char quoted[160];
    for (size_t i = 0; i < COUNT_OF(SMALL); i++) {
        if (strcmp(SMALL[i], table) == 0)
            return true;
        snprintf(quoted, sizeof(quoted), " %s %s ", SMALL[i], table); /* an alias */
        if (strstr(sql, quoted) != NULL)
            return true;
        snprintf(quoted, sizeof(quoted), " %s AS %s ", SMALL[i], table);
        if (strstr(sql, quoted) != NULL)
            return true;
    }
    return false;
}

static const char *plan_problem(const char *type, const char *extra, const char *sql)
{
    static const char *const costly[] = {"Using filesort", "Using temporary", "Using join buffer"};
    for (size_t i = 0; extra != NULL && i < COUNT_OF(costly); i++)
        if (strstr(extra, costly[i]) != NULL)
            return costly[i];
    if (type != NULL && strcmp(type, "ALL") == 0)
        return "full scan";
    if (type != NULL && strcmp(type, "index") == 0 && strstr(sql, "LIMIT") == NULL)
        return "full index scan";
    return NULL;
}

enum { PLAN_TABLE = 2, PLAN_TYPE = 3, PLAN_EXTRA = 9 };

static void explain(const struct db_statement *statement, const char *parameter, struct text *out)
{
    struct text sql;
    text_init(&sql, NULL, 65536);
    explain_text(&sql, statement->sql, parameter);
    MYSQL_RES *plan = mysql_query(db->mysql, text_string(&sql)) == 0 ? mysql_store_result(db->mysql) : NULL;
    if (plan == NULL)
        text_addf(out, "\n  %s: EXPLAIN: %s", statement->name, mysql_error(db->mysql));
    for (MYSQL_ROW row; plan != NULL && (row = mysql_fetch_row(plan)) != NULL;) {
        const char *problem = plan_problem(row[PLAN_TYPE], row[PLAN_EXTRA], statement->sql);
        if (problem != NULL && !is_small(row[PLAN_TABLE], statement->sql))
            text_addf(out, "\n  %s: %s on %s", statement->name, problem, row[PLAN_TABLE]);
    }
    mysql_free_result(plan);
    text_free(&sql);
}

/* What a parameter is compared with is not known: a constant of the wrong kind spoils the plan, so one good plan is
 * enough. */
static void explain_both_ways(const struct db_statement *statement)
{
    struct text first, second;
    text_init(&first, NULL, 8192);
    text_init(&second, NULL, 8192);
    explain(statement, "'1'", &first);
    if (first.length > 0)
        explain(statement, "'2025-01-02'", &second);
    if (second.length > 0)
        text_add(&problems, text_string(&first));
    text_free(&first);
    text_free(&second);
}

START_TEST(test_hot_statements_neither_scan_nor_sort)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    fill_tables();
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(all[i]->sql, "SELECT", 6) == 0 && all[i]->scan_reason == NULL)
            explain_both_ways(all[i]);
    ck_assert_msg(problems.length == 0, "%s", text_string(&problems));
}
END_TEST

static Suite *statements_suite(void)
{
    store_fixture_start();
    store_schema_start();
    Suite *suite = suite_create("statements");
    TCase *tests = tcase_create("statements");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_every_statement_prepares_and_fits_its_table);
    tcase_add_test(tests, test_members_that_are_always_there_come_from_columns_that_are_never_null);
    tcase_add_test(tests, test_statement_names_are_unique);
    tcase_add_test(tests, test_hot_statements_neither_scan_nor_sort);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(statements_suite)
