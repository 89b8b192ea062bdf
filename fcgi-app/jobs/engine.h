/* What the files of this room share. Nobody outside fcgi-app/jobs includes this. */
#ifndef GURUM_JOBS_ENGINE_H
#define GURUM_JOBS_ENGINE_H

#include <stdatomic.h>

#include "base/text.h"
#include "jobs/jobs_role.h"

enum {
    LEASE_MS = 30000,
    CLAIM_MAX = 32,  /* jobs in one claim; the statements have as many places */
    LIVE_MAX = 4096, /* jobs a process carries at once, most of them waiting */
    JOB_JSON_BYTES = 4 << 20,
    STEP_ATTEMPTS = 3,
    UNDO_ATTEMPTS = 5,
    DEATHS_MAX = 3
};

/* The columns that carrying a job needs. */
struct job_row {
    int64_t id, object_id, user_id, account_id, project_account_id, domain_id;
    const char *uuid, *kind, *input, *state_data;
    const char *object_kind, *object_uuid, *request_id, *remote_address, *language, *parent_uuid;
    const char *step, *bad_slot, *error_kind, *error_key, *error_args, *error_detail;
    int64_t input_version, attempt, failures, deaths;
    int64_t process_id; /* 0: none */
    struct opt_time step_begun, started;
    bool is_plan, undoing, quarantined, cancel_requested;
};
extern const struct field_table JOB_ROW;
#define JOB_ROW_COLUMNS                                                                                                \
    "id, object_id, user_id, account_id, project_account_id, domain_id, uuid, kind, input, state_data, object_kind, "  \
    "object_uuid, request_id, remote_address, language, parent_uuid, step, bad_slot, error_kind, error_key, "          \
    "error_args, error_detail, input_version, attempt, failures, deaths, COALESCE(process_id, 0) AS process_id, "      \
    "step_begun, started, is_plan, undoing, quarantined, cancel_requested"

/* A step that undo must still take back. */
struct journal_step {
    int64_t position;
    const char *name;
};
extern const struct field_table JOURNAL_STEP;

/* A job that this process carries. One thread at a time has it; only `cancel` is touched by others. */
struct job_live {
    struct arena arena; /* the row's texts and all that lives as long as this struct */
    struct job_row row;
    const struct job_kind *kind; /* NULL: this release does not know it */
    void *input;                 /* parsed once */
    const char *state_json;      /* as last journaled */
    atomic_bool cancel;
    bool is_stale;  /* an answer of the database is missing: read the row again before going on */
    bool has_begun; /* some act may have run, or a step has ended */
    bool has_notes;
    bool is_pending;           /* the step's function answered STEP_PENDING and is to be asked again */
    const char *hand_to;       /* plugin whose quarantine process must take this step; NULL */
    struct journal_step *undo; /* what is left to undo, last first; loaded when undo begins */
    size_t undo_count;
    bool undo_loaded;
    struct plan *plan; /* while planning */
    int settle_refusals;
    int64_t due_ms; /* monotonic; when waiting */
    int64_t progress_ms;
    struct job_live *next; /* in the ready queue, or in the list of all */
    struct job_live *all_next, *all_previous;
};

/* lists.c: the jobs of a process. Not locked. */
struct job_lists {
    struct job_live *ready_first, *ready_last;
    struct job_live *waiting[LIVE_MAX]; /* heap: the earliest first */
    size_t waiting_count, live_count;
    struct job_live *all; /* for cancel requests */
};
void lists_push_ready(struct job_lists *lists, struct job_live *job);
struct job_live *lists_pop_ready(struct job_lists *lists); /* NULL: none */
void lists_push_waiting(struct job_lists *lists, struct job_live *job);
struct job_live *lists_pop_waiting(struct job_lists *lists); /* there is one */
bool lists_hurry(struct job_lists *lists, struct job_live *job); /* due now, if it waits */
void lists_add(struct job_lists *lists, struct job_live *job);
void lists_remove(struct job_lists *lists, struct job_live *job);

/* This process, as the engine knows it. */
int64_t engine_process_id(void); /* 0: lease lost or not yet registered */
bool engine_lease_is_fresh(void);
bool engine_is_quarantine(void);
void engine_wake_jobs(void *unused); /* commit hooks */
void engine_wake_quarantine(void *unused);
void engine_wake_waiters(void *unused);

/* kinds.c */
const struct job_step *kind_step(const struct job_kind *kind, const char *name,
                                 size_t *ret_position); /* NULL: unknown */
/* The same for every repetition: a UUID made of job, step and direction (version 8 of RFC 9562). */
void operation_id(const char *job_uuid, const char *step, bool undoing, char buffer[static 37]);
bool event_record_scheduled(struct db *db, const struct job_kind *kind, const struct job_stamp *stamp,
                            const struct job_target *target, const char *job_uuid, struct error *err);
bool event_record(struct db *db, const struct job_live *job, int phase, const struct error *failure, struct error *err);
bool engine_refresh(struct db *db, struct error *err);

/* arguments.c: message arguments as JSON, {"name": "text", "n": 3} */
void arguments_add(struct text *out, const struct error_value *values); /* NULL: {} */
void arguments_add_error(struct text *out, const struct error *error);
struct error_arg *arguments_read(struct arena *arena, const char *json, size_t *ret_count);
/* An error from its columns; it lives as long as the arena. */
void error_restore(const char *kind, const char *key, const char *args, const char *detail, struct arena *arena,
                   struct error *ret_error);

/* carry.c */
enum carry_result { CARRY_WAIT, CARRY_GONE }; /* WAIT: carry again at job->due_ms. GONE: the caller frees it. */
enum carry_result job_carry(struct job_live *job, struct db *db, struct arena *arena);
struct job_live *live_new(const struct job_row *row); /* copies */
void live_free(struct job_live *job);
/* A run for calling functions of `step`. */
void run_begin(struct job_run *run, struct job_live *job, const struct job_step *step, struct db *db,
               struct arena *arena, char operation[static 37]);
MUST_CHECK bool run_read_state(struct job_run *run, struct error *err);
/* Round every call of a step's function that may reach a plugin. */
void run_guard_begin(struct job_run *run);
void run_guard_end(struct job_run *run);

/* journal.c: every change of a job's row while it is carried. All match by process_id. What does not match, or gets no
 * clear answer of the database, makes the job stale: read again before anything else is done. */
struct claim {
    bool quarantine;
    size_t limit;
    struct arena *arena;
    struct db_rows rows; /* struct job_row */
};
MUST_CHECK bool journal_claim(struct db *db, struct claim *claim, struct error *err);
MUST_CHECK bool journal_reload(struct db *db, struct job_live *job, bool *ret_is_ours, struct error *err);
enum advance {
    ADVANCE_NEXT, /* the row stands at the next step */
    ADVANCE_ENDED,
    ADVANCE_REFUSED, /* the step's own commit, or the kind's settle, said no: *err */
    ADVANCE_STALE    /* lost, cancelled, or no answer: *err */
};
/* A step ended well: its commit, its record, and the beginning of the next or the end of the job, in one transaction.
 * Following steps without act are committed in the same one. */
enum advance journal_advance(struct job_run *run, bool skipped, struct error *err);
/* The step that was begun (NULL: none) failed, or the job is to be cancelled. */
MUST_CHECK bool journal_begin_undo(struct db *db, struct job_live *job, const struct job_step *failed, size_t position,
                                   const struct error *failure, struct error *err);
MUST_CHECK bool journal_load_undo(struct db *db, struct job_live *job, struct error *err);
/* The first of job->undo is undone, or given up for the reason `leftover`. */
enum advance journal_undone(struct job_run *run, const struct error *leftover, struct error *err);
MUST_CHECK bool journal_retry(struct job_run *run, const struct error *failure, struct error *err);
/* The job ends without success; all that had to be undone is. `settles`: call the kind's settle. */
enum advance journal_end(struct job_run *run, const struct error *failure, bool settles, struct error *err);
MUST_CHECK bool journal_end_plan(struct db *db, struct job_live *job, const char *plan_json,
                                 const struct error *failure, struct error *err);
MUST_CHECK bool journal_hand_over(struct db *db, struct job_live *job, bool to_quarantine, struct error *err);
MUST_CHECK bool journal_progress(struct db *db, const struct job_live *job, int percent, const char *note_key,
                                 struct error *err);
void stored_error(const struct job_row *row, struct arena *arena, struct error *ret_error);
struct db_value db_utf8(const char *text); /* NULL when broken: details come from anywhere */

/* lock.c */
MUST_CHECK bool lock_take(struct db *db, const char *object_kind, int64_t object_id, int64_t job_id, bool *ret_is_mine,
                          struct error *err);
MUST_CHECK bool lock_pass_on(struct db *db, const struct job_row *row, struct error *err);

/* plan.c */
struct plan *plan_new(struct arena *arena);
MUST_CHECK bool plan_run(struct job_live *job, struct db *db, struct arena *arena, const char **ret_json,
                         struct error *err);

/* process.c: the lease */
MUST_CHECK bool process_register(struct db *db, bool quarantine, int64_t *ret_id, struct error *err);
MUST_CHECK bool process_heartbeat(struct db *db, int64_t id, bool *ret_is_alive, struct error *err);
MUST_CHECK bool process_reap_expired(struct db *db, struct error *err);
/* Process rows of this machine whose pid is no more. */
MUST_CHECK bool process_reap_dead(struct db *db, struct error *err);
MUST_CHECK bool process_release(struct db *db, int64_t id, struct error *err);

/* schedule.c */
MUST_CHECK bool schedule_prepare(struct db *db, struct error *err);
/* Runs what is due and not run by another process. Returns how long it may be left alone. */
int64_t schedule_run_due(struct db *db, struct arena *arena, int64_t process_id);

/* leftover.c */
MUST_CHECK bool leftover_add(struct job_run *run, const struct error *why, struct error *err);
extern const struct job_kind LEFTOVER_KIND;
extern const struct job_schedule LEFTOVER_SCHEDULE;
/* sweep.c: fleeting jobs go after their end */
MUST_CHECK bool sweep_mark(struct db *db, int64_t job_id, struct error *err);
extern const struct job_schedule SWEEP_SCHEDULE;

/* crash.c: see README.md */
void crash_prepare(const char *run_folder);
void crash_point(const struct job_run *run, const char *point);

#endif
