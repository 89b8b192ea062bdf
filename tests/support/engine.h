/* A jobs engine for tests: processes that carry jobs of artificial kinds against a pretend provider made of files, so
 * that effects can be counted whatever was killed. */
#ifndef GURUM_TESTS_SUPPORT_ENGINE_H
#define GURUM_TESTS_SUPPORT_ENGINE_H

#include <sys/types.h>

#include "jobs/jobs_role.h"
#include "store.h"

/* What an artificial job of three steps (first, second, third) is told to do. Effects of a step: a file at the provider
 * (act) and a row of test_effect (commit). */
struct engine_input {
    const char *fail_at; /* step whose act fails; NULL: none */
    int64_t fail_times;  /* so often, per process; 0: always */
    bool fail_retryable;
    const char *refuse_at;  /* step whose commit refuses */
    const char *pending_at; /* step that first answers STEP_PENDING … */
    int64_t pending_times, pending_ms;
    const char *undo_fails_at;
    int64_t undo_fail_times;
    const char *skip; /* step to be skipped */
};
extern const struct job_kind ENGINE_KIND;       /* "test.three": stops at the first failure */
extern const struct job_kind ENGINE_OTHER_KIND; /* "test.unknown": never registered */

/* In the function that makes the suite, after store_schema_start. */
void engine_start(void);
/* In each test: empties tables and the provider. The connection lives as long as the test. */
struct db *engine_reset(void);
const char *engine_folder(void);

struct job_ref engine_create(struct db *db, const struct engine_input *input, int64_t object_id);
/* A jobs process; `crash_at` as GURUM_CRASH_AT, NULL: none. */
pid_t engine_spawn(size_t threads, const char *crash_at);
/* What each spawned process does before it takes jobs (plugins); NULL: nothing. */
void engine_set_prepare(bool (*prepare)(const struct jobs_config *config, struct error *err));
pid_t engine_spawn_quarantine(void);
void engine_stop(pid_t pid); /* in order; checks that it ended well */
int engine_wait(pid_t pid);  /* its wait status */
void engine_await(struct db *db, const struct job_ref *job, const char *state);
void engine_await_number(struct db *db, const char *sql, int64_t number);
/* Until a step of the job has said that it waits. */
void engine_await_pending(const struct job_ref *job, const char *step);
/* sql/checks/jobs.sql finds nothing. */
void engine_check(struct db *db);
/* Effects at the provider that are there now, of one job (NULL: of all); and how often any was made. */
int engine_effects(const char *job_uuid);
int engine_log_count(const char *line_prefix);
/* The lines so far, a blank between them. */
const char *engine_log(void);

#endif
