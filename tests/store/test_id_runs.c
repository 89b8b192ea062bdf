/* Ids in runs: each owner's lie together, none is given twice, and what is read by ranges of them shows nobody else's.
 */
#include "cloud/bucket/run.h"
#include "cloud/tag/tag.h"
#include "store.h"
#include "unit.h"

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;

static void setup(void)
{
    arena_init(&arena);
    pool = store_schema_pool(2);
    db = store_acquire(pool);
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
    arena_free(&arena);
}

static int64_t take_from(struct db *connection, int64_t account_id)
{
    int64_t id = 0;
    ck_assert_msg(run_take_id(connection, "vm", account_id, &id, &err), "%s %s", err.key, err.detail);
    return id;
}

static int64_t take(int64_t account_id)
{
    return take_from(db, account_id);
}

START_TEST(test_ids_of_two_owners_who_take_turns_lie_apart)
{
    int64_t first = take(7), other = take(8);
    ck_assert_int_eq(other, first + RUN_IDS);
    for (int i = 1; i < RUN_IDS; i++) {
        ck_assert_int_eq(take(7), first + i);
        ck_assert_int_eq(take(8), other + i);
    }
    ck_assert_int_eq(take(7), other + RUN_IDS);
    ck_assert_int_eq(take(8), other + 2 * (int64_t)RUN_IDS);
}
END_TEST

static bool take_and_fail(struct db *connection, void *context, struct error *failure)
{
    *(int64_t *)context = take_from(connection, 21);
    return error_set(failure, ERROR_DENIED, "db.internal");
}

START_TEST(test_an_id_taken_in_a_transaction_that_fails_is_free_again)
{
    int64_t failed = 0;
    ck_assert(!db_transaction(db, take_and_fail, &failed, &err));
    ck_assert_int_eq(take(22), failed);
    ck_assert_int_eq(take(21), failed + RUN_IDS);
}
END_TEST

START_TEST(test_vms_that_an_earlier_release_adds_never_meet_a_run)
{
    ck_assert_int_ge(store_number(db, "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE table_schema = "
                                      "DATABASE() AND table_name = 'vm'"),
                     store_number(db, "SELECT end_id FROM id_run WHERE kind = 'vm' AND account_id = 0"));
}
END_TEST

START_TEST(test_a_kind_without_ids_is_an_error)
{
    int64_t id = 0;
    ck_assert(!run_take_id(db, "nothing", 7, &id, &err));
    ck_assert_str_eq(err.key, "bucket.no_ids");
}
END_TEST

static void check_range(const struct db_value *bounds, size_t index, int64_t from, int64_t to)
{
    ck_assert_int_eq(bounds[2 * index].integer, from);
    ck_assert_int_eq(bounds[2 * index + 1].integer, to);
}

START_TEST(test_ids_that_lie_together_are_one_range)
{
    const int64_t ids[] = {5, 6, 8, 100, 101, 300};
    struct db_value bounds[2 * RUN_RANGES_MAX];
    ck_assert(run_ranges(ids, 6, bounds));
    check_range(bounds, 0, 5, 8);
    check_range(bounds, 1, 100, 101);
    check_range(bounds, 2, 300, 300);
    for (size_t i = 3; i < RUN_RANGES_MAX; i++)
        check_range(bounds, i, 1, 0);
}
END_TEST

START_TEST(test_scattered_or_unordered_ids_are_no_ranges)
{
    const int64_t scattered[] = {100, 200, 300, 400, 500, 600, 700}, unordered[] = {9, 7};
    struct db_value bounds[2 * RUN_RANGES_MAX];
    ck_assert(!run_ranges(scattered, RUN_RANGES_MAX + 1, bounds));
    ck_assert(run_ranges(scattered, RUN_RANGES_MAX, bounds));
    ck_assert(!run_ranges(unordered, 2, bounds));
    ck_assert(!run_ranges(unordered, 0, bounds));
}
END_TEST

START_TEST(test_ranges_hold_few_strangers_however_many_gaps_there_are)
{
    int64_t ids[64];
    struct db_value bounds[2 * RUN_RANGES_MAX];
    for (int i = 0; i < 64; i++)
        ids[i] = 10 + 3 * i;
    for (size_t count = 1; count <= 64; count++) {
        if (!run_ranges(ids, count, bounds))
            continue;
        int64_t strangers = -(int64_t)count;
        for (size_t i = 0; i < RUN_RANGES_MAX; i++)
            strangers += bounds[2 * i + 1].integer - bounds[2 * i].integer + 1;
        ck_assert_int_le(strangers, RUN_STRANGERS_MAX);
    }
}
END_TEST

static void tag(int64_t object_id, const char *value)
{
    const struct tag_entry entry = {.kind = "vm",
                                    .object_uuid = "10000000-0000-4000-8000-000000000000",
                                    .key = "colour",
                                    .value = value,
                                    .object_id = object_id,
                                    .account_id = 1,
                                    .domain_id = 1};
    ck_assert_msg(tag_set(db, &entry, &err), "%s %s", err.key, err.detail);
}

START_TEST(test_tags_of_an_object_between_those_of_a_page_are_not_shown)
{
    const int64_t ids[] = {100, 102, 103}, scattered[] = {100, 1000, 2000, 3000, 4000, 5000, 6000};
    struct object_list lists[COUNT_OF(scattered)];
    tag(100, "red");
    tag(101, "green");
    tag(103, "blue");
    tag(6000, "grey");
    ck_assert_msg(tag_find_for(db, &arena, "vm", ids, COUNT_OF(ids), lists, &err), "%s %s", err.key, err.detail);
    ck_assert_uint_eq(lists[0].count, 1);
    ck_assert_str_eq(((const struct tag_response *)lists[0].items)->value, "red");
    ck_assert_uint_eq(lists[1].count, 0);
    ck_assert_uint_eq(lists[2].count, 1);
    ck_assert_str_eq(((const struct tag_response *)lists[2].items)->value, "blue");
    ck_assert(tag_find_for(db, &arena, "vm", scattered, COUNT_OF(scattered), lists, &err));
    ck_assert_uint_eq(lists[0].count, 1);
    ck_assert_uint_eq(lists[1].count, 0);
    ck_assert_uint_eq(lists[6].count, 1);
}
END_TEST

static Suite *id_runs_suite(void)
{
    Suite *suite = suite_create("id_runs");
    TCase *group = tcase_create("id_runs");
    store_fixture_start();
    store_schema_start();
    tcase_set_timeout(group, 120);
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, test_ids_of_two_owners_who_take_turns_lie_apart);
    tcase_add_test(group, test_an_id_taken_in_a_transaction_that_fails_is_free_again);
    tcase_add_test(group, test_vms_that_an_earlier_release_adds_never_meet_a_run);
    tcase_add_test(group, test_a_kind_without_ids_is_an_error);
    tcase_add_test(group, test_ids_that_lie_together_are_one_range);
    tcase_add_test(group, test_scattered_or_unordered_ids_are_no_ranges);
    tcase_add_test(group, test_ranges_hold_few_strangers_however_many_gaps_there_are);
    tcase_add_test(group, test_tags_of_an_object_between_those_of_a_page_are_not_shown);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(id_runs_suite)
