/* Long work: a job is a row, its steps are journaled, and any jobs process can carry it on after a crash. This header
 * is what a feature sees of the jobs room; it knows nothing of commands, HTTP or plugins. */
#ifndef GURUM_JOBS_JOBS_H
#define GURUM_JOBS_JOBS_H

#include "base/field.h"
#include "db/db.h"

struct job_run;
struct plan;

enum step_outcome {
    STEP_DONE,
    STEP_PENDING, /* call again after run->check_after_ms with the same operation id; no thread is held meanwhile */
    STEP_FAILED /* *err says why; retryable kinds are repeated with back-off up to max_attempts, then the job is undone
                 */
};

/* One step. `act` runs outside any transaction and may call plugins; `commit` runs inside the transaction that also
 * journals the step's end, so its rows and the journal agree whatever dies. Either may be NULL. A crash between them
 * repeats `act` under the same operation id. Undo runs in reverse for every step that was begun, the failed one
 * included; it must cope with a step that had no effect. A job whose first step has no act and is refused, or that is
 * cancelled before it begins, has begun nothing: what the command itself wrote is taken back by the kind's settle. */
struct job_step {
    const char *name;      /* stable: a job begun by another release finds its step by it */
    const char *title_key; /* message key for people: "step.guest_start" */
    enum step_outcome (*act)(struct job_run *run, struct error *err);
    bool (*commit)(struct job_run *run, struct error *err);
    enum step_outcome (*undo_act)(struct job_run *run, struct error *err);
    bool (*undo_commit)(struct job_run *run, struct error *err);
    bool (*plan)(struct job_run *run, struct plan *plan,
                 struct error *err);         /* reads only; may call plugins' read-only slots */
    int max_attempts;                        /* 0: 3 */
    bool (*skip)(const struct job_run *run); /* NULL: never; the journal says "skipped" */
};

struct job_kind {
    const char *name;    /* "vm.deploy" */
    const char *command; /* "deployVirtualMachine": what clients see as cmd */
    int version;         /* of the input; steps must still understand older ones */
    const struct field_table
        *input; /* struct serialised into the job row; no secrets in it (FIELD_SECRET is refused) */
    const struct field_table *state; /* struct that steps fill for later steps; journaled with each step's end */
    const struct job_step *steps;
    size_t step_count;
    const char *event;       /* "VM.CREATE"; started and completed events are recorded */
    const char *result_kind; /* object kind whose description is the result; NULL: {"success": true} */
    /* In the transaction that ends the job, after all undos (succeeded false) or the last step (true): settle object
     * states, history. May be NULL. */
    bool (*settle)(struct job_run *run, bool succeeded, const struct error *failure, struct error *err);
    bool urgent; /* somebody waits for the answer: goes before jobs that are not */
    bool fleeting; /* nobody looks back at it: its row goes some minutes after its end. Give it a stamp without account,
                      so that no list of tasks shows it */
};

/* What a job is about: one running job per object; others on the same object wait in order. */
struct job_target {
    const char *object_kind; /* "vm" */
    int64_t object_id;
    const char *object_uuid;
};

struct job_stamp { /* who asked; copied into the row */
    int64_t user_id, account_id, domain_id;
    int64_t project_account_id; /* the project it works for, as its account; 0: none */
    const char *request_id, *remote_address, *language;
    const char *parent_job_uuid; /* NULL: none */
};

struct job_ref {
    int64_t id;
    char uuid[37];
};

/* Adds a job in the caller's open transaction (or its own); workers wake after COMMIT. `target` may be NULL: about no
 * object, waits for none. On a dry connection the kind and input are also kept for job_dry_capture. Errors: UNAVAILABLE
 * "job.queue_full" (setting jobs.queue.max). */
MUST_CHECK bool job_create(struct db *db, const struct job_kind *kind, const void *input,
                           const struct job_target *target, const struct job_stamp *stamp, struct job_ref *ret_job,
                           struct error *err);
/* plan=true in two moves: the service runs on a dry connection; then, not dry, a plan job for what it would have
 * started. The first job_create of this thread on a dry connection since the last call; false: there was none. The
 * texts live until the next job_create on a dry connection. */
bool job_dry_capture(const char **ret_kind, const char **ret_input_json);
/* Adds a job that only calls the steps' plan functions and stores the result as plan_json. Takes no object. `target`
 * may be NULL. */
MUST_CHECK bool job_create_plan(struct db *db, const char *kind_name, const char *input_json,
                                const struct job_target *target, const struct job_stamp *stamp, struct job_ref *ret_job,
                                struct error *err);

/* What steps see. `state` is as the last ended step left it each time a function is called: what an act writes into it
 * and then answers STEP_PENDING or STEP_FAILED is forgotten, as a crash would forget it (job_remember keeps). */
struct job_run {
    struct arena *arena; /* of this call of the step */
    struct db *db;       /* in commit functions: inside the transaction */
    const struct job_kind *kind;
    const struct job_step *step;
    int64_t job_id;
    const char *job_uuid;
    const char *operation_id; /* the same for every repetition of this step's act; another one for its undo */
    int attempt;              /* 1… of this step */
    int input_version;
    const void *input;
    void *state;
    struct job_stamp stamp;
    struct job_target target;
    int64_t check_after_ms; /* set before returning STEP_PENDING; 0: 500 ms */
    bool undoing, planning;
    int64_t begun_ms; /* when this step began first */
    enum {
        RETRY_BY_KIND,
        RETRY_ALWAYS,
        RETRY_NEVER
    } retry;               /* set with STEP_FAILED by whoever knows better than the error's kind */
    const char *bad_slot;  /* "plugin:slot" that killed its process three times in this job and is not called again;
                              NULL: none */
    struct job_live *live; /* the engine's */
};

/* 0–100 within the current step; written at most twice a second. */
void job_progress(struct job_run *run, int percent, const char *note_key);
/* Somebody asked to cancel; a step that can stop early returns STEP_FAILED with ERROR_CANCELLED. The engine checks
 * between steps. */
bool job_cancelled(struct job_run *run);
/* Durable notes of the current operation (host service remember/recall): kept until the job ends. Value ≤ 4 KiB. */
MUST_CHECK bool job_remember(struct job_run *run, const char *name, const char *value, struct error *err);
MUST_CHECK bool job_recall(struct job_run *run, const char *name, const char **ret_value,
                           struct error *err); /* NULL: no such note */

/* Explanations: codes with arguments, rendered in the reader's language when read. `audience`: a tenant may see it, or
 * operators only. Stored in the current transaction, or at once when none is open. */
enum explain_audience { EXPLAIN_TENANT, EXPLAIN_OPERATOR };
MUST_CHECK bool explain_add(struct job_run *run, enum explain_audience audience, const char *topic, const char *key,
                            const struct error_value *values, struct error *err);

/* One stored explanation; render it by message_render(out, language, key, args, arg_count). */
struct explain_line {
    int64_t id;
    const char *job_uuid, *step, *audience /* "tenant", "operator" */, *topic, *key;
    struct opt_time created;
    const struct error_arg *args;
    size_t arg_count;
};
enum { EXPLAIN_LINES_MAX = 1000 };
/* In the order of writing: those of one job (job_id not 0), else the newest EXPLAIN_LINES_MAX of an object. `audience`
 * EXPLAIN_TENANT leaves out what operators only may see. No access check. */
MUST_CHECK bool explain_list(struct db *db, struct arena *arena, int64_t job_id, const char *object_kind,
                             int64_t object_id, enum explain_audience audience, struct explain_line **ret_lines,
                             size_t *ret_count, struct error *err);

/* Plans: what would happen. Lines are message keys with arguments like explanations. */
void plan_step(struct plan *plan, const char *key, const struct error_value *values);
void plan_fact(struct plan *plan, enum explain_audience audience, const char *topic, const char *key,
               const struct error_value *values);
/* The job could not succeed, and why; the first reason stands. */
void plan_impossible(struct plan *plan, const struct error *reason);

void job_register_kinds(const struct job_kind *const *kinds); /* ends with NULL; checks the declarations */
const struct job_kind *job_find_kind(const char *name);
/* All kinds, the engine's own last; NULL: no more. */
const struct job_kind *job_kind_at(size_t index);

/* Periodic work of the jobs role, run by one elected process (lease row): reconcilers, expunge delay, outbox. */
struct job_schedule {
    const char *name;
    int64_t interval_ms;
    bool (*run)(struct db *db, struct arena *arena, struct error *err);
};
void job_register_schedule(const struct job_schedule *schedule);

/* Reading, for the API. */
enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_WAITING, JOB_UNDOING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED };
struct job_view {
    int64_t id, account_id, project_account_id, domain_id, user_id, object_id;
    const char *uuid, *kind, *command, *object_kind, *object_uuid, *result_kind;
    const char *state; /* lower-case name */
    const char *step, *note_key;
    int64_t percent;
    struct opt_time created, ended;
    const char *error_kind, *error_key, *error_args; /* of a failed job; see job_error */
    const char *plan_json;                           /* of a plan */
    bool is_plan, cancel_requested;
    const char *error_detail; /* for operators */
    int64_t attempt;          /* of the step under way */
    struct opt_time step_begun;
    bool undoing;
};
extern const struct field_table JOB_VIEW;
/* By uuid; NULL when there is none. No access check. */
MUST_CHECK bool job_find(struct db *db, struct arena *arena, const char *uuid, struct job_view **ret_job,
                         struct error *err);
/* The newest job about an object; NULL when there was none. No access check. */
MUST_CHECK bool job_find_newest(struct db *db, struct arena *arena, const char *object_kind, int64_t object_id,
                                struct job_view **ret_job, struct error *err);
/* Jobs by id, at most 64 in one query, for requests that wait for them; those that do not exist are left out. */
MUST_CHECK bool job_find_many(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                              struct db_rows *ret_jobs, struct error *err);
/* A page of jobs that are no plans, newest first, with the exact number of all that fit. Absent conditions (0, NULL) do
 * not narrow. */
struct job_filter {
    int64_t account_id;              /* of who asked */
    int64_t project_account_id;      /* of the project they work for */
    const char *project_account_ids; /* comma list */
    bool projects_only;              /* that work for some project */
    int64_t domain_id, below_id;     /* of one tenant domain; of one and those below it */
    const char *object_kind, *object_uuid, *keyword_like /* of the command's name */;
    struct opt_time created_from;
};
MUST_CHECK bool job_page(struct db *db, struct arena *arena, const struct job_filter *filter, int64_t offset,
                         int64_t limit, struct db_rows *ret_jobs, int64_t *ret_total, struct error *err);
/* The journal of a job: its ended steps in order, and the one under way. */
struct job_step_view {
    const char *name, *title_key;
    const char *outcome; /* "done", "skipped", "failed", "running", "undoing", "undone", "leftover" */
    int64_t attempts;
    struct opt_time begun, ended;
};
enum { JOB_STEPS_MAX = 64 };
MUST_CHECK bool job_steps(struct db *db, struct arena *arena, const struct job_view *job,
                          struct job_step_view **ret_steps, size_t *ret_count, struct error *err);
bool job_is_done(const struct job_view *job);
/* What the steps left in the state of a job of this kind; `ret_state` is a struct of kind->state. Errors: INTERNAL when
 * the job is gone. */
MUST_CHECK bool job_read_state(struct db *db, struct arena *arena, const struct job_view *job,
                               const struct job_kind *kind, void *ret_state, struct error *err);
/* The stored failure as an error. */
void job_error(const struct job_view *job, struct arena *arena, struct error *ret_error);
/* Pending jobs of up to 64 objects at once (for lists): arrays run parallel to ids; NULL where none. */
MUST_CHECK bool job_pending_for(struct db *db, struct arena *arena, const char *object_kind, const int64_t *ids,
                                size_t count, const char **ret_job_uuids, struct error *err);
/* A job that has ended already is left alone. */
MUST_CHECK bool job_request_cancel(struct db *db, int64_t job_id, struct error *err);

/* What a job could not take back at a provider. */
struct job_leftover {
    int64_t id, job_id, object_id, attempts;
    const char *uuid, *step, *object_kind, *object_uuid, *error_kind, *error_key, *error_args, *error_detail;
    struct opt_time created, next_attempt, resolved;
};
extern const struct field_table JOB_LEFTOVER;
MUST_CHECK bool job_leftover_list(struct db *db, struct arena *arena, size_t limit, struct db_rows *ret_leftovers,
                                  struct error *err); /* open ones */
/* Why it could not be taken back; lives as long as the arena. */
void job_leftover_error(const struct job_leftover *leftover, struct arena *arena, struct error *ret_error);

/* Told inside the transaction that creates, starts or ends a job of a kind with an event (not of plans). */
struct job_event {
    const char *type;    /* job_kind.event */
    const char *command; /* job_kind.command */
    enum { JOB_EVENT_SCHEDULED, JOB_EVENT_STARTED, JOB_EVENT_COMPLETED, JOB_EVENT_FAILED } phase;
    const struct job_stamp *stamp;
    const struct job_target *target;
    const char *job_uuid;
    const struct error *failure; /* JOB_EVENT_FAILED */
};
void job_set_event_hook(bool (*record)(struct db *db, const struct job_event *event, struct error *err));
/* Told inside the transaction that ends a job that is neither a plan nor fleeting; its kind may have no event. */
void job_set_end_hook(bool (*ended)(struct db *db, const struct job_event *event, struct error *err));

/* Where wake-ups go; called once at start by every role. Without it workers find new jobs by polling. */
void jobs_set_run_folder(const char *run_folder);

#endif
