/* The engine over artificial kinds: order, retry, undo, waiting, cancelling, plans, schedules. Crashes are in
 * test_crash.c. */
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "engine.h"
#include "unit.h"

START_TEST(test_job_of_three_steps_succeeds_with_each_effect_once)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(db, &(struct engine_input){.skip = NULL}, 7);
    pid_t pid = engine_spawn(2, NULL);
    engine_await(db, &job, "succeeded");
    ck_assert_int_eq(engine_effects(job.uuid), 3);
    ck_assert_int_eq(engine_log_count("made:"), 3);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_effect"), 3);
    ck_assert_int_eq(store_number(db, "SELECT succeeded FROM test_settled"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_step WHERE outcome = 'done'"), 3);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    ck_assert_int_eq(
        store_number(db, "SELECT COUNT(*) FROM job WHERE state_data LIKE '%\"sum\":111%first/second/third%'"), 1);
    engine_stop(pid);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_process"), 0);
}
END_TEST

START_TEST(test_skipped_steps_have_no_effect_and_are_journaled)
{
    struct db *db = engine_reset();
    struct job_ref middle = engine_create(db, &(struct engine_input){.skip = "second"}, 0);
    struct job_ref last = engine_create(db, &(struct engine_input){.skip = "third"}, 0);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &middle, "succeeded");
    engine_await(db, &last, "succeeded");
    ck_assert_int_eq(engine_effects(NULL), 4);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_step WHERE outcome = 'skipped'"), 2);
    engine_stop(pid);
}
END_TEST

START_TEST(test_retryable_failure_is_repeated_under_the_same_operation)
{
    struct db *db = engine_reset();
    struct job_ref job =
        engine_create(db, &(struct engine_input){.fail_at = "second", .fail_times = 2, .fail_retryable = true}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "succeeded");
    ck_assert_int_eq(engine_log_count("made:"), 3);
    ck_assert_int_eq(store_number(db, "SELECT attempts FROM job_step WHERE name = 'second'"), 3);
    ck_assert_int_eq(
        store_number(db, "SELECT COUNT(*) FROM explanation WHERE topic = 'retry' AND audience = 'operator'"), 2);
    engine_stop(pid);
}
END_TEST

START_TEST(test_failed_job_is_undone_in_reverse_with_other_operations)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(db, &(struct engine_input){.fail_at = "third"}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    ck_assert_int_eq(engine_effects(NULL), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_effect"), 0);
    ck_assert_int_eq(store_number(db, "SELECT succeeded FROM test_settled"), 0);
    const char *log = engine_log();
    const char *third = strstr(log, "removed:third"), *second = strstr(log, "removed:second"),
               *first = strstr(log, "removed:first");
    ck_assert(third != NULL && second != NULL && first != NULL && third < second && second < first);
    ck_assert_int_ne(strncmp(strstr(log, "made:first:") + strlen("made:first:"), first + strlen("removed:first:"), 36),
                     0);
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct job_view *view = NULL;
    struct error err, failure;
    ck_assert(job_find(db, &arena, job.uuid, &view, &err));
    job_error(view, &arena, &failure);
    ck_assert_int_eq(failure.kind, ERROR_INVALID_VALUE);
    ck_assert_str_eq(failure.key, "test.failed");
    ck_assert_str_eq(failure.args[0].value, "third");
    ck_assert(failure.args[1].is_number);
    struct job_step_view *steps = NULL;
    size_t count = 0;
    ck_assert(job_steps(db, &arena, view, &steps, &count, &err));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(steps[2].outcome, "undone");
    engine_stop(pid);
}
END_TEST

START_TEST(test_commit_that_refuses_undoes_its_own_act)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(db, &(struct engine_input){.refuse_at = "second"}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    ck_assert_int_eq(engine_effects(NULL), 0);
    ck_assert_int_eq(engine_log_count("removed:second"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_effect"), 0);
    engine_stop(pid);
}
END_TEST

START_TEST(test_undo_that_fails_is_repeated)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(
        db, &(struct engine_input){.fail_at = "second", .undo_fails_at = "first", .undo_fail_times = 2}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    ck_assert_int_eq(engine_effects(NULL), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM provider_leftover"), 0);
    engine_stop(pid);
}
END_TEST

START_TEST(test_undo_that_never_works_is_left_over_and_resolved_later)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(
        db, &(struct engine_input){.fail_at = "third", .undo_fails_at = "second", .undo_fail_times = 5}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    ck_assert_int_eq(engine_effects(NULL), 1); /* the others are gone */
    engine_check(db);
    ck_assert_int_eq(
        store_number(db, "SELECT COUNT(*) FROM provider_leftover WHERE resolved IS NULL AND step = 'second'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_step WHERE undo_outcome = 'leftover'"), 1);
    engine_stop(pid);
    store_sql(
        db,
        "UPDATE provider_leftover SET next_attempt = '2000-01-01'; UPDATE job_schedule SET next_run = '2000-01-01'");
    pid = engine_spawn(1, NULL);
    engine_await_number(db, "SELECT COUNT(*) FROM provider_leftover WHERE resolved IS NULL", 0);
    ck_assert_int_eq(engine_effects(NULL), 0);
    engine_stop(pid);
}
END_TEST

START_TEST(test_fifty_waiting_jobs_share_one_thread)
{
    struct db *db = engine_reset();
    struct engine_input input = {.pending_at = "second", .pending_times = 3, .pending_ms = 300};
    for (int64_t i = 1; i <= 50; i++)
        engine_create(db, &input, i);
    pid_t pid = engine_spawn(1, NULL);
    engine_await_number(db, "SELECT COUNT(*) FROM job WHERE step = 'second' AND state = 'running'",
                        50); /* all wait at once */
    engine_await_number(db, "SELECT COUNT(*) FROM job WHERE state = 'succeeded'", 50);
    ck_assert_int_eq(engine_log_count("made:"), 150);
    ck_assert_int_eq(store_number(db, "SELECT MAX(attempts) FROM job_step"), 1);
    engine_stop(pid);
}
END_TEST

START_TEST(test_jobs_on_one_object_run_in_order)
{
    struct db *db = engine_reset();
    struct job_ref jobs[20];
    for (int i = 0; i < 20; i++)
        jobs[i] = engine_create(db, &(struct engine_input){.fail_at = i % 3 == 1 ? "second" : NULL}, 5);
    ck_assert_int_eq(store_number(db, "SELECT waiting FROM job_lock"), 19);
    engine_check(db);
    pid_t pids[2] = {engine_spawn(4, NULL), engine_spawn(4, NULL)};
    for (int i = 0; i < 20; i++)
        engine_await(db, &jobs[i], i % 3 == 1 ? "failed" : "succeeded");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job a JOIN job b ON a.id < b.id AND b.started < a.ended"),
                     0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    engine_stop(pids[0]);
    engine_stop(pids[1]);
    engine_check(db);
}
END_TEST

START_TEST(test_cancel_stops_a_waiting_step_and_undoes)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(
        db, &(struct engine_input){.pending_at = "second", .pending_times = 100000, .pending_ms = 60000}, 1);
    struct error err;
    pid_t pid = engine_spawn(1, NULL);
    engine_await_pending(&job, "second");
    ck_assert(job_request_cancel(db, job.id, &err));
    engine_await(db, &job, "cancelled");
    ck_assert_int_eq(engine_effects(NULL), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_kind = 'CANCELLED'"), 1);
    engine_stop(pid);
}
END_TEST

START_TEST(test_cancel_before_the_start_has_no_effect_at_all)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(db, &(struct engine_input){.skip = NULL}, 1);
    struct error err;
    ck_assert(job_request_cancel(db, job.id, &err));
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "cancelled");
    ck_assert_str_eq(engine_log(), "");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    engine_stop(pid);
}
END_TEST

START_TEST(test_job_of_a_kind_that_nobody_knows_fails_clearly)
{
    struct db *db = engine_reset();
    struct job_ref job;
    struct error err;
    struct job_target target = {.object_kind = "test", .object_id = 3};
    ck_assert(job_create(db, &ENGINE_OTHER_KIND, &(struct engine_input){.skip = NULL}, &target,
                         &(struct job_stamp){.user_id = 1}, &job, &err));
    struct job_ref stepless = engine_create(db, &(struct engine_input){.skip = NULL}, 1);
    store_sql(db, "UPDATE job SET step = 'of_tomorrow', attempt = 1 WHERE object_id = 1");
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    engine_await(db, &stepless, "failed");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_key = 'job.kind_unknown'"), 1);
    ck_assert_int_eq(
        store_number(
            db, "SELECT COUNT(*) FROM job WHERE error_key = 'job.step_unknown' AND error_args LIKE '%of_tomorrow%'"),
        1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    engine_stop(pid);
}
END_TEST

START_TEST(test_plan_writes_nothing_but_its_own_row)
{
    struct db *db = engine_reset();
    struct job_stamp stamp = {.user_id = 2, .account_id = 2, .domain_id = 1};
    struct job_target target = {.object_kind = "test", .object_id = 9};
    struct job_ref good, bad;
    struct error err;
    ck_assert(job_create_plan(db, "test.three", "{}", &target, &stamp, &good, &err));
    ck_assert(job_create_plan(db, "test.three", "{\"fail_at\":\"second\"}", &target, &stamp, &bad, &err));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &good, "succeeded");
    engine_await(db, &bad, "succeeded");
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct job_view *view = NULL;
    ck_assert(job_find(db, &arena, good.uuid, &view, &err));
    ck_assert_str_eq(
        view->plan_json,
        "{\"possible\":true,\"steps\":[{\"key\":\"test.step\",\"args\":{\"step\":\"first\",\"n\":1}},"
        "{\"key\":\"test.step\",\"args\":{\"step\":\"second\",\"n\":2}},{\"key\":\"test.step\",\"args\":{\"step\":"
        "\"third\",\"n\":3}}],"
        "\"facts\":[{\"audience\":\"operator\",\"topic\":\"place\",\"key\":\"test.considered\",\"args\":{\"hosts\":4}},"
        "{\"audience\":\"operator\",\"topic\":\"place\",\"key\":\"test.considered\",\"args\":{\"hosts\":4}},"
        "{\"audience\":\"operator\",\"topic\":\"place\",\"key\":\"test.considered\",\"args\":{\"hosts\":4}}]}");
    ck_assert(job_find(db, &arena, bad.uuid, &view, &err));
    ck_assert(string_starts_with(
        view->plan_json, "{\"possible\":false,\"reason\":{\"kind\":\"INSUFFICIENT_CAPACITY\",\"key\":\"test.no_room\","
                         "\"args\":{\"free\":7}},\"steps\":["));
    ck_assert_int_eq(engine_effects(NULL), 0);
    ck_assert_int_eq(store_number(db, "SELECT (SELECT COUNT(*) FROM job_step) + (SELECT COUNT(*) FROM explanation) + "
                                      "(SELECT COUNT(*) FROM test_effect) + (SELECT COUNT(*) FROM test_settled)"),
                     0);
    engine_stop(pid);
}
END_TEST

struct service {
    struct job_ref job;
};

static bool service_body(struct db *db, void *context, struct error *err)
{
    struct service *service = context;
    struct job_target target = {.object_kind = "test", .object_id = 1};
    return job_create(db, &ENGINE_KIND, &(struct engine_input){.fail_at = "third"}, &target,
                      &(struct job_stamp){.user_id = 1}, &service->job, err);
}

START_TEST(test_dry_run_leaves_no_job_but_tells_which)
{
    struct db *db = engine_reset();
    struct service service;
    struct error err;
    const char *kind = NULL, *input = NULL;
    ck_assert(!job_dry_capture(&kind, &input));
    db_set_dry(db, true);
    ck_assert(db_transaction(db, service_body, &service, &err));
    db_set_dry(db, false);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job"), 0);
    ck_assert(job_dry_capture(&kind, &input));
    ck_assert_str_eq(kind, "test.three");
    ck_assert_ptr_nonnull(strstr(input, "\"fail_at\":\"third\""));
    ck_assert(!job_dry_capture(&kind, &input));
}
END_TEST

START_TEST(test_explanations_hide_from_tenants_what_is_for_operators)
{
    struct db *db = engine_reset();
    struct job_ref job =
        engine_create(db, &(struct engine_input){.fail_at = "first", .fail_times = 1, .fail_retryable = true}, 4);
    pid_t pid = engine_spawn(1, NULL);
    engine_await(db, &job, "succeeded");
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct explain_line *lines = NULL;
    size_t count = 0;
    struct error err;
    ck_assert(explain_list(db, &arena, job.id, NULL, 0, EXPLAIN_OPERATOR, &lines, &count, &err));
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(lines[0].key, "test.failed");
    ck_assert_str_eq(lines[0].topic, "retry");
    ck_assert(explain_list(db, &arena, 0, "test", 4, EXPLAIN_TENANT, &lines, &count, &err));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(lines[0].args[0].name, "step");
    ck_assert_str_eq(lines[0].args[0].value, "first");
    ck_assert_str_eq(lines[2].job_uuid, job.uuid);
    engine_stop(pid);
}
END_TEST

START_TEST(test_objects_show_their_pending_job)
{
    struct db *db = engine_reset();
    struct job_ref job = engine_create(db, &(struct engine_input){.skip = NULL}, 12);
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    const char *uuids[3];
    struct error err;
    ck_assert(job_pending_for(db, &arena, "test", (const int64_t[]){11, 12, 13}, 3, uuids, &err));
    ck_assert_ptr_null(uuids[0]);
    ck_assert_str_eq(uuids[1], job.uuid);
    ck_assert_ptr_null(uuids[2]);
}
END_TEST

static bool scheduled(struct db *db, struct arena *arena, struct error *err)
{
    (void)arena;
    (void)err;
    char sql[128];
    snprintf(sql, sizeof sql, "INSERT INTO test_run (pid, at) VALUES (%d, NOW(3))", (int)getpid());
    store_sql(db, sql);
    return true;
}

START_TEST(test_two_processes_run_a_schedule_once_an_interval)
{
    static const struct job_schedule schedule = {.name = "test.often", .interval_ms = 300, .run = scheduled};
    struct db *db = engine_reset();
    job_register_schedule(&schedule);
    pid_t pids[2] = {engine_spawn(1, NULL), engine_spawn(1, NULL)};
    engine_await_number(db, "SELECT COUNT(*) >= 6 FROM test_run", 1);
    engine_stop(pids[0]);
    engine_stop(pids[1]);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_run a JOIN test_run b ON b.id = a.id + 1 "
                                      "WHERE TIMESTAMPDIFF(MICROSECOND, a.at, b.at) < 250000"),
                     0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_schedule WHERE process_id IS NOT NULL"), 0);
}
END_TEST

START_TEST(test_stopping_gives_unfinished_jobs_back_at_once)
{
    struct db *db = engine_reset();
    struct job_ref job =
        engine_create(db, &(struct engine_input){.pending_at = "second", .pending_times = 1, .pending_ms = 60000}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await_pending(&job, "second");
    engine_stop(pid);
    pid = engine_spawn(1, NULL);
    engine_await(db, &job, "succeeded");
    ck_assert_int_eq(engine_log_count("made:"), 3);
    engine_stop(pid);
}
END_TEST

static Suite *engine_suite(void)
{
    store_fixture_start();
    store_schema_start();
    engine_start();
    Suite *suite = suite_create("engine");
    TCase *cases = tcase_create("jobs");
    tcase_set_timeout(cases, 120);
    suite_add_tcase(suite, cases);
    tcase_add_test(cases, test_job_of_three_steps_succeeds_with_each_effect_once);
    tcase_add_test(cases, test_skipped_steps_have_no_effect_and_are_journaled);
    tcase_add_test(cases, test_retryable_failure_is_repeated_under_the_same_operation);
    tcase_add_test(cases, test_failed_job_is_undone_in_reverse_with_other_operations);
    tcase_add_test(cases, test_commit_that_refuses_undoes_its_own_act);
    tcase_add_test(cases, test_undo_that_fails_is_repeated);
    tcase_add_test(cases, test_undo_that_never_works_is_left_over_and_resolved_later);
    tcase_add_test(cases, test_fifty_waiting_jobs_share_one_thread);
    tcase_add_test(cases, test_jobs_on_one_object_run_in_order);
    tcase_add_test(cases, test_cancel_stops_a_waiting_step_and_undoes);
    tcase_add_test(cases, test_cancel_before_the_start_has_no_effect_at_all);
    tcase_add_test(cases, test_job_of_a_kind_that_nobody_knows_fails_clearly);
    tcase_add_test(cases, test_plan_writes_nothing_but_its_own_row);
    tcase_add_test(cases, test_dry_run_leaves_no_job_but_tells_which);
    tcase_add_test(cases, test_explanations_hide_from_tenants_what_is_for_operators);
    tcase_add_test(cases, test_objects_show_their_pending_job);
    tcase_add_test(cases, test_two_processes_run_a_schedule_once_an_interval);
    tcase_add_test(cases, test_stopping_gives_unfinished_jobs_back_at_once);
    return suite;
}

UNIT_MAIN(engine_suite)
