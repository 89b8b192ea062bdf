/* Every registered statement: it prepares against the migrated schema, its columns fit its table, and a SELECT that gives no
 * scan_reason neither scans nor sorts a table that grows with the cloud. */
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
    "brand", "brand_host", "cache_version", "cluster", "disk_offering", "disk_offering_detail",
    "disk_offering_place", "image_store", "image_store_detail", "job_process", "job_schedule", "network_offering",
    "network_offering_detail", "network_offering_place", "network_offering_service", "network_provider",
    "os_category", "os_type", "physical_network", "plugin", "plugin_fault", "plugin_setting", "pod", "role",
    "schema_lock", "schema_migration", "segment_range", "service_offering", "service_offering_detail",
    "service_offering_place", "setting", "traffic_type", "virtual_router_element", "zone", "zone_detail",
};
enum { TABLE_ROWS = 100000, PROBLEM_BYTES_MAX = 64 * 1024 };

static struct db_pool *pool;
static struct db *db;
static struct error err;
static struct text problems;

/* An empty schema makes the optimizer scan everything. Statistics of a large cloud make it plan as it would there. */
static void pretend_many_rows(void)
{
    char sql[1024];
    snprintf(sql, sizeof(sql),
             "UPDATE mysql.innodb_table_stats SET n_rows = %d, clustered_index_size = 2000, sum_of_other_index_sizes = 2000 "
             "WHERE database_name = '%s'; "
             "UPDATE mysql.innodb_index_stats s JOIN (SELECT table_name t, index_name i, MAX(stat_name) last FROM "
             "mysql.innodb_index_stats WHERE database_name = '%s' AND stat_name LIKE 'n_diff%%' GROUP BY table_name, index_name) m "
             "ON s.table_name = m.t AND s.index_name = m.i SET s.stat_value = IF(s.stat_name = m.last, %d, 2000) "
             "WHERE s.database_name = '%s' AND s.stat_name LIKE 'n_diff%%'; FLUSH TABLES",
             TABLE_ROWS, store_database(), store_database(), TABLE_ROWS, store_database());
    store_sql(db, sql);
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

/* Parameters as text constants, which compare with columns of every type by index; LIMIT and OFFSET want numbers. */
static void explain_text(struct text *out, const char *sql)
{
    text_add(out, "EXPLAIN ");
    bool in_string = false;
    for (const char *at = sql; *at != '\0'; at++) {
        in_string = *at == '\'' ? !in_string : in_string;
        if (*at != '?' || in_string)
            text_add_char(out, *at);
        else if (is_word_before(sql, at, "LIMIT") || is_word_before(sql, at, "OFFSET") || is_word_before(sql, at, ","))
            text_add(out, strstr(sql, "LIMIT") != NULL && strstr(sql, "LIMIT") < at ? "50" : "'0'");
        else
            text_add(out, "'0'");
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

static void explain(const struct db_statement *statement)
{
    struct text sql;
    text_init(&sql, NULL, 65536);
    explain_text(&sql, statement->sql);
    MYSQL_RES *plan = mysql_query(db->mysql, text_string(&sql)) == 0 ? mysql_store_result(db->mysql) : NULL;
    if (plan == NULL)
        text_addf(&problems, "\n  %s: EXPLAIN: %s", statement->name, mysql_error(db->mysql));
    for (MYSQL_ROW row; plan != NULL && (row = mysql_fetch_row(plan)) != NULL;) {
        const char *problem = plan_problem(row[PLAN_TYPE], row[PLAN_EXTRA], statement->sql);
        if (problem != NULL && !is_small(row[PLAN_TABLE], statement->sql))
            text_addf(&problems, "\n  %s: %s on %s", statement->name, problem, row[PLAN_TABLE]);
    }
    mysql_free_result(plan);
    text_free(&sql);
}

START_TEST(test_hot_statements_neither_scan_nor_sort)
{
    size_t count;
    const struct db_statement *const *all = db_statement_all(&count);
    pretend_many_rows();
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(all[i]->sql, "SELECT", 6) == 0 && all[i]->scan_reason == NULL)
            explain(all[i]);
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
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_every_statement_prepares_and_fits_its_table);
    tcase_add_test(tests, test_statement_names_are_unique);
    tcase_add_test(tests, test_hot_statements_neither_scan_nor_sort);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(statements_suite)
