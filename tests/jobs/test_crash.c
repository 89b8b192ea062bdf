/* Jobs processes killed at every point of every step, and at random instants: whatever died, each job ends, its effects
 * are there once or not at all, and database and provider agree. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine.h"
#include "unit.h"

static void leases_release(struct db *db, pid_t pid)
{
    struct error err;
    ck_assert(jobs_release_leases_of(db, jobs_machine(), pid, &err));
}

static void everything_agrees(struct db *db, bool succeeded)
{
    engine_check(db);
    ck_assert_int_eq(engine_effects(NULL), succeeded ? 3 : 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_effect"), succeeded ? 3 : 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_settled"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_process"), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM provider_leftover"), 0);
}

/* A process that dies there, and one that carries on. */
static void crash_at(const char *step, const char *point, const struct engine_input *input, bool succeeds)
{
    struct db *db = engine_reset();
    char where[96];
    snprintf(where, sizeof where, "test.three:%s:%s", step, point);
    struct job_ref job = engine_create(db, input, 1);
    pid_t pid = engine_spawn(2, where);
    int status = engine_wait(pid);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s was not reached", where);
    leases_release(db, pid);
    engine_check(db);
    pid = engine_spawn(2, where); /* the marker keeps it alive */
    engine_await(db, &job, succeeds ? "succeeded" : "failed");
    engine_stop(pid);
    everything_agrees(db, succeeds);
    ck_assert_int_eq(engine_log_count("made:"), 3);
    ck_assert_int_eq(engine_log_count("removed:"), succeeds ? 0 : 3);
}

static const char *const STEPS[] = {"first", "second", "third"};
static const char *const POINTS[] = {"before_act", "after_act", "after_journal"};

START_TEST(test_process_killed_at_any_point_of_a_good_job_changes_nothing)
{
    crash_at(STEPS[_i / 3], POINTS[_i % 3], &(struct engine_input){.skip = NULL}, true);
}
END_TEST

START_TEST(test_process_killed_while_undoing_leaves_nothing_behind)
{
    static const char *const UNDO_POINTS[] = {"during_undo", "after_journal"};
    crash_at(STEPS[_i / 2], UNDO_POINTS[_i % 2], &(struct engine_input){.fail_at = "third"}, false);
}
END_TEST

START_TEST(test_waiting_step_is_taken_up_by_another_process)
{
    struct db *db = engine_reset();
    struct job_ref job =
        engine_create(db, &(struct engine_input){.pending_at = "second", .pending_times = 1, .pending_ms = 100000}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await_pending(&job, "second");
    kill(pid, SIGKILL);
    engine_wait(pid);
    pid_t other = engine_spawn(1, NULL); /* finds by itself that the owner is no more */
    engine_await(db, &job, "succeeded");
    engine_stop(other);
    everything_agrees(db, true);
}
END_TEST

START_TEST(test_expired_lease_is_taken_over_and_its_owner_can_write_no_more)
{
    struct db *db = engine_reset();
    struct job_ref job =
        engine_create(db, &(struct engine_input){.pending_at = "second", .pending_times = 1, .pending_ms = 1500}, 1);
    pid_t sleeper = engine_spawn(1, NULL);
    engine_await_pending(&job, "second");
    kill(sleeper, SIGSTOP);
    store_sql(db, "UPDATE job_process SET alive_until = '2000-01-01'");
    pid_t other = engine_spawn(1, NULL);
    engine_await(db, &job, "succeeded");
    kill(sleeper, SIGCONT);
    engine_await_number(db, "SELECT COUNT(*) FROM job_process", 2); /* it noticed, and began anew */
    engine_stop(sleeper);
    engine_stop(other);
    everything_agrees(db, true);
}
END_TEST

START_TEST(test_third_death_in_a_step_fails_it)
{
    struct db *db = engine_reset();
    struct error err;
    struct job_ref job =
        engine_create(db, &(struct engine_input){.pending_at = "second", .pending_times = 1, .pending_ms = 100000}, 1);
    pid_t pid = engine_spawn(1, NULL);
    engine_await_pending(&job, "second");
    engine_stop(pid);
    for (int death = 0; death < 3; death++)
        ck_assert(jobs_count_death(db, job.id, "hypervisor-test:guest_start", &err));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE bad_slot = 'hypervisor-test:guest_start'"), 1);
    pid = engine_spawn(1, NULL);
    engine_await(db, &job, "failed");
    engine_stop(pid);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_key = 'job.step_deadly'"), 1);
    ck_assert_int_eq(engine_effects(NULL), 0);
}
END_TEST

/* Processes die all the time at instants drawn from a printed seed; twenty jobs, some of which fail, go through. */
START_TEST(test_jobs_survive_processes_that_die_at_random)
{
    enum { JOBS = 20 };
    struct db *db = engine_reset();
    struct job_ref jobs[JOBS];
    const char *given = getenv("GURUM_CRASH_SEED");
    int64_t seed = clock_now_ms() % 1000000, deaths = 0;
    if (given != NULL && !string_to_int(given, &seed))
        ck_abort_msg("GURUM_CRASH_SEED is no number");
    fprintf(stderr, "crash seed %lld\n", (long long)seed);
    for (int i = 0; i < JOBS; i++) {
        struct engine_input input = {
            .fail_at = i % 4 == 3 ? "third" : NULL, .pending_at = "second", .pending_times = 2, .pending_ms = 5};
        jobs[i] = engine_create(db, &input, i / 2 + 1);
    }
    char random[64];
    snprintf(random, sizeof random, "%lld:%d", (long long)seed, 60);
    setenv("GURUM_CRASH_RANDOM", random, 1);
    while (store_number(db, "SELECT COUNT(*) FROM job WHERE claimable IS NOT NULL") > 0 && deaths < 2000) {
        pid_t pid = engine_spawn(4, NULL);
        int status = engine_wait(pid);
        ck_assert(WIFSIGNALED(status));
        leases_release(db, pid);
        deaths++;
    }
    unsetenv("GURUM_CRASH_RANDOM");
    fprintf(stderr, "%lld processes died\n", (long long)deaths);
    pid_t pid = engine_spawn(2, NULL); /* whoever waited for the last death */
    for (int i = 0; i < JOBS; i++) {
        engine_await(db, &jobs[i], i % 4 == 3 ? "failed" : "succeeded");
        ck_assert_int_eq(engine_effects(jobs[i].uuid), i % 4 == 3 ? 0 : 3);
    }
    engine_stop(pid);
    engine_check(db);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_effect"), 3 * JOBS * 3 / 4);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM test_settled"), JOBS);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_lock"), 0);
    ck_assert_int_le(engine_log_count("made:"), 3 * JOBS); /* a process may die between the effect and its line */
}
END_TEST

static Suite *crash_suite(void)
{
    store_fixture_start();
    store_schema_start();
    engine_start();
    Suite *suite = suite_create("crash");
    TCase *cases = tcase_create("jobs");
    tcase_set_timeout(cases, 180);
    suite_add_tcase(suite, cases);
    tcase_add_loop_test(cases, test_process_killed_at_any_point_of_a_good_job_changes_nothing, 0, 9);
    tcase_add_loop_test(cases, test_process_killed_while_undoing_leaves_nothing_behind, 0, 6);
    tcase_add_test(cases, test_waiting_step_is_taken_up_by_another_process);
    tcase_add_test(cases, test_expired_lease_is_taken_over_and_its_owner_can_write_no_more);
    tcase_add_test(cases, test_third_death_in_a_step_fails_it);
    tcase_add_test(cases, test_jobs_survive_processes_that_die_at_random);
    return suite;
}

UNIT_MAIN(crash_suite)
