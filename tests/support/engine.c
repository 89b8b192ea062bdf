/* Artificial jobs and the processes that carry them. See engine.h. */
#include "engine.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum { AWAIT_MS = 30000 };

static char folder[64];
static struct db_pool *pool;
static struct db *connection; /* the test's own */

FIELD_TABLE(ENGINE_INPUT, struct engine_input, COLUMN(struct engine_input, fail_at),
            COLUMN(struct engine_input, fail_times), COLUMN(struct engine_input, fail_retryable),
            COLUMN(struct engine_input, refuse_at), COLUMN(struct engine_input, pending_at),
            COLUMN(struct engine_input, pending_times), COLUMN(struct engine_input, pending_ms),
            COLUMN(struct engine_input, undo_fails_at), COLUMN(struct engine_input, undo_fail_times),
            COLUMN(struct engine_input, skip));

struct engine_state {
    int64_t sum; /* 1 + 10 + 100: that each step saw what the last one left */
    const char *trail;
};
FIELD_TABLE(ENGINE_STATE, struct engine_state, COLUMN(struct engine_state, sum), COLUMN(struct engine_state, trail));

/* Not DB_STATEMENT: the tables are of these tests alone. */
static const struct db_statement EFFECT_ADD = {
    .name = "test.effect_add", .sql = "INSERT INTO test_effect (job_id, step, attempt) VALUES (?, ?, ?)"};
static const struct db_statement EFFECT_DROP = {.name = "test.effect_drop",
                                                .sql = "DELETE FROM test_effect WHERE job_id = ? AND step = ?"};
static const struct db_statement SETTLED = {.name = "test.settled",
                                            .sql = "INSERT INTO test_settled (job_id, succeeded) VALUES (?, ?)"};

/* ---- the provider: a file for each effect, named by job and step, and a log of what was done ---- */

static void log_line(const char *verb, const struct job_run *run)
{
    char path[96], line[160];
    snprintf(path, sizeof path, "%s/log", folder);
    int length = snprintf(line, sizeof line, "%s:%s:%s\n", verb, run->step->name, run->operation_id);
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(file, line, (size_t)length), length);
    close(file);
}

static void effect_path(const struct job_run *run, char *path, size_t size)
{
    snprintf(path, size, "%s/effects/%s.%s", folder, run->job_uuid, run->step->name);
}

static void effect_make(const struct job_run *run)
{
    char path[192];
    effect_path(run, path, sizeof path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        ck_assert_int_eq(errno, EEXIST); /* a repetition */
        return;
    }
    close(file);
    log_line("made", run);
}

static void effect_remove(const struct job_run *run)
{
    char path[192];
    effect_path(run, path, sizeof path);
    if (unlink(path) == 0)
        log_line("removed", run);
}

/* How often this was asked for this job and step, over all processes. */
static int64_t times(const struct job_run *run, const char *what)
{
    char path[192];
    snprintf(path, sizeof path, "%s/counts/%s.%s.%s", folder, run->job_uuid, run->step->name, what);
    int file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(file, "x", 1), 1);
    off_t size = lseek(file, 0, SEEK_END);
    close(file);
    return size;
}

/* ---- the steps ---- */

static enum step_outcome act(struct job_run *run, struct error *err)
{
    const struct engine_input *input = run->input;
    if (string_equal(input->pending_at, run->step->name) && times(run, "pending") <= input->pending_times) {
        if (job_cancelled(run)) {
            error_set(err, ERROR_CANCELLED, "job.cancelled");
            return STEP_FAILED;
        }
        run->check_after_ms = input->pending_ms;
        return STEP_PENDING;
    }
    effect_make(run);
    if (string_equal(input->fail_at, run->step->name) &&
        (input->fail_times == 0 || times(run, "failed") <= input->fail_times)) {
        error_with(err, input->fail_retryable ? ERROR_PLUGIN : ERROR_INVALID_VALUE, "test.failed",
                   E_TEXT("step", run->step->name), E_INT("n", 3));
        return STEP_FAILED;
    }
    return STEP_DONE;
}

static bool commit(struct job_run *run, struct error *err)
{
    const struct engine_input *input = run->input;
    struct engine_state *state = run->state;
    if (string_equal(input->refuse_at, run->step->name))
        return error_set(err, ERROR_INVALID_VALUE, "test.refused");
    state->sum += string_equal(run->step->name, "first") ? 1 : string_equal(run->step->name, "second") ? 10 : 100;
    state->trail = arena_printf(run->arena, "%s/%s", state->trail == NULL ? "" : state->trail, run->step->name);
    return db_execute(run->db, &EFFECT_ADD, err, db_int(run->job_id), db_text(run->step->name), db_int(run->attempt)) &&
           explain_add(run, EXPLAIN_TENANT, "step", "test.step_done",
                       (struct error_value[]){E_TEXT("step", run->step->name), {.name = NULL}}, err);
}

static enum step_outcome undo_act(struct job_run *run, struct error *err)
{
    const struct engine_input *input = run->input;
    if (string_equal(input->undo_fails_at, run->step->name) &&
        (input->undo_fail_times == 0 || times(run, "undo_failed") <= input->undo_fail_times)) {
        error_set(err, ERROR_PLUGIN, "test.undo_failed");
        return STEP_FAILED;
    }
    effect_remove(run);
    return STEP_DONE;
}

static bool undo_commit(struct job_run *run, struct error *err)
{
    return db_execute(run->db, &EFFECT_DROP, err, db_int(run->job_id), db_text(run->step->name));
}

static bool plan(struct job_run *run, struct plan *plan, struct error *err)
{
    const struct engine_input *input = run->input;
    struct engine_state *state = run->state;
    state->sum++;
    plan_step(plan, "test.step",
              (struct error_value[]){E_TEXT("step", run->step->name), E_INT("n", state->sum), {.name = NULL}});
    if (string_equal(input->fail_at, run->step->name)) {
        struct error reason;
        error_with(&reason, ERROR_INSUFFICIENT_CAPACITY, "test.no_room", E_INT("free", 7));
        plan_impossible(plan, &reason);
    }
    return explain_add(run, EXPLAIN_OPERATOR, "place", "test.considered",
                       (struct error_value[]){E_INT("hosts", 4), {.name = NULL}}, err);
}

static bool skip_second(const struct job_run *run)
{
    return string_equal(((const struct engine_input *)run->input)->skip, "second");
}

static bool skip_third(const struct job_run *run)
{
    return string_equal(((const struct engine_input *)run->input)->skip, "third");
}

static bool settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    ck_assert(succeeded == (failure == NULL));
    return db_execute(run->db, &SETTLED, err, db_int(run->job_id), db_bool(succeeded));
}

#define STEP(step_name, ...)                                                                                           \
    {                                                                                                                  \
        .name = step_name, .title_key = "step." step_name, .act = act, .commit = commit, .undo_act = undo_act,         \
        .undo_commit = undo_commit, .plan = plan, __VA_ARGS__                                                          \
    }
static const struct job_step STEPS[] = {STEP("first", .max_attempts = 0), STEP("second", .skip = skip_second),
                                        STEP("third", .skip = skip_third)};
const struct job_kind ENGINE_KIND = {.name = "test.three",
                                     .command = "testThree",
                                     .version = 1,
                                     .input = &ENGINE_INPUT,
                                     .state = &ENGINE_STATE,
                                     .steps = STEPS,
                                     .step_count = COUNT_OF(STEPS),
                                     .event = "TEST.THREE",
                                     .settle = settle};
const struct job_kind ENGINE_OTHER_KIND = {.name = "test.unknown",
                                           .command = "testUnknown",
                                           .version = 1,
                                           .input = &ENGINE_INPUT,
                                           .steps = STEPS,
                                           .step_count = COUNT_OF(STEPS)};

/* ---- fixture ---- */

void engine_start(void)
{
    struct db_pool *schema = store_schema_pool(1);
    struct db *db = store_acquire(schema);
    store_sql(db, "CREATE TABLE test_effect (job_id BIGINT, step VARCHAR(16), attempt INT, PRIMARY KEY (job_id, step));"
                  "CREATE TABLE test_settled (job_id BIGINT PRIMARY KEY, succeeded BOOLEAN);"
                  "CREATE TABLE test_run (id BIGINT AUTO_INCREMENT PRIMARY KEY, pid BIGINT, at DATETIME(3))");
    db_release(db);
    db_pool_free(schema);
    static const struct job_kind *const kinds[] = {&ENGINE_KIND, NULL};
    job_register_kinds(kinds);
}

const char *engine_folder(void)
{
    return folder;
}

static void engine_clean(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    db_release(connection);
    db_pool_free(pool);
}

struct db *engine_reset(void)
{
    snprintf(folder, sizeof folder, "/tmp/gurum-engine-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    atexit(engine_clean);
    char path[96];
    for (const char *const *name = (const char *const[]){"effects", "counts", "wake", NULL}; *name != NULL; name++) {
        snprintf(path, sizeof path, "%s/%s", folder, *name);
        ck_assert_int_eq(mkdir(path, 0700), 0);
    }
    pool = store_schema_pool(4);
    struct db *db = connection = store_acquire(pool);
    store_sql(db, "DELETE FROM test_effect; DELETE FROM test_settled; DELETE FROM test_run");
    jobs_set_run_folder(folder);
    return db;
}

struct job_ref engine_create(struct db *db, const struct engine_input *input, int64_t object_id)
{
    struct job_ref ref;
    struct error err;
    struct job_stamp stamp = {.user_id = 2,
                              .account_id = 2,
                              .domain_id = 1,
                              .request_id = "r1",
                              .remote_address = "127.0.0.1",
                              .language = "en"};
    struct job_target target = {
        .object_kind = "test", .object_id = object_id, .object_uuid = "11111111-1111-4111-8111-111111111111"};
    bool created = job_create(db, &ENGINE_KIND, input, object_id == 0 ? NULL : &target, &stamp, &ref, &err);
    ck_assert_msg(created, "%s", created ? "" : err.detail);
    return ref;
}

static void on_signal(int number)
{
    (void)number;
    jobs_stop();
}

static bool (*engine_prepare)(const struct jobs_config *config, struct error *err);

void engine_set_prepare(bool (*prepare)(const struct jobs_config *config, struct error *err))
{
    engine_prepare = prepare;
}

static _Noreturn void engine_child(size_t threads, const char *crash_at, bool quarantine)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    if (crash_at != NULL)
        setenv("GURUM_CRASH_AT", crash_at, 1);
    else
        unsetenv("GURUM_CRASH_AT");
    const struct db_config database = {
        .unix_socket = store_fixture_socket(), .user = "root", .database = store_database()};
    struct jobs_config config = {.pool = db_pool_new(&database, threads + 4),
                                 .run_folder = folder,
                                 .threads = threads,
                                 .quarantine = quarantine};
    struct error err;
    log_start("jobs", getenv("ENGINE_LOG") != NULL ? LOG_DEBUG : LOG_ERROR);
    bool ran = (engine_prepare == NULL || engine_prepare(&config, &err)) && jobs_run(&config, &err);
    if (!ran)
        log_error(LOG_ERROR, "engine", &err);
    db_pool_free(config.pool);
    _exit(ran ? 0 : 1);
}

static pid_t spawn(size_t threads, const char *crash_at, bool quarantine)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        engine_child(threads, crash_at, quarantine);
    return pid;
}

pid_t engine_spawn(size_t threads, const char *crash_at)
{
    return spawn(threads, crash_at, false);
}

pid_t engine_spawn_quarantine(void)
{
    return spawn(1, NULL, true);
}

int engine_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    return status;
}

void engine_stop(pid_t pid)
{
    kill(pid, SIGTERM);
    int status = engine_wait(pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "jobs process ended by %d", status);
}

void engine_await(struct db *db, const struct job_ref *job, const char *state)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct job_view *view = NULL;
    struct error err;
    int64_t until = clock_monotonic_ms() + AWAIT_MS;
    do {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        ck_assert(job_find(db, &arena, job->uuid, &view, &err) && view != NULL);
        if (string_equal(view->state, state))
            return;
    } while (!job_is_done(view) && clock_monotonic_ms() < until);
    ck_abort_msg("job is %s at step %s (%s: %s), not %s; log: %s", view->state, view->step, view->error_key,
                 view->error_detail, state, engine_log());
}

void engine_await_number(struct db *db, const char *sql, int64_t number)
{
    int64_t found = -1;
    for (int64_t until = clock_monotonic_ms() + AWAIT_MS; clock_monotonic_ms() < until;) {
        found = store_number(db, sql);
        if (found == number)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    ck_abort_msg("%s: %lld, not %lld", sql, (long long)found, (long long)number);
}

static void finding(void *context, const char *row)
{
    (void)context;
    ck_abort_msg("sql/checks/jobs.sql: %s", row);
}

void engine_check(struct db *db)
{
    struct error err;
    bool ran = db_run_file(db, store_source_path("sql/checks/jobs.sql"), finding, NULL, &err);
    ck_assert_msg(ran, "%s", ran ? "" : err.detail);
}

int engine_effects(const char *job_uuid)
{
    char path[96];
    int count = 0;
    snprintf(path, sizeof path, "%s/effects", folder);
    DIR *directory = opendir(path);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.' && (job_uuid == NULL || string_starts_with(entry->d_name, job_uuid)))
            count++;
    closedir(directory);
    return count;
}

const char *engine_log(void)
{
    static char content[65536];
    char path[96];
    snprintf(path, sizeof path, "%s/log", folder);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, content, sizeof content - 1);
    if (file >= 0)
        close(file);
    content[length < 0 ? 0 : length] = '\0';
    for (char *c = content; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return content;
}

void engine_await_pending(const struct job_ref *job, const char *step)
{
    char path[192];
    struct stat file;
    snprintf(path, sizeof path, "%s/counts/%s.%s.pending", folder, job->uuid, step);
    for (int64_t until = clock_monotonic_ms() + AWAIT_MS; stat(path, &file) != 0 || file.st_size == 0;) {
        ck_assert_msg(clock_monotonic_ms() < until, "step %s does not wait", step);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

int engine_log_count(const char *line_prefix)
{
    int count = 0;
    for (const char *at = engine_log(); (at = strstr(at, line_prefix)) != NULL; at++)
        count++;
    return count;
}
