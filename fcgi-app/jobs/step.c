/* What a step can ask of the engine while it runs: progress, cancelling, durable notes, the quarantine. */
#include "jobs/engine.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { PROGRESS_EVERY_MS = 500, NOTE_BYTES_MAX = 4096 };

struct note {
    const char *value;
};
FIELD_TABLE(NOTE, struct note, COLUMN(struct note, value));

DB_STATEMENT(NOTE_KEEP, .name = "job_note.keep",
             .sql = "INSERT INTO job_note (job_id, operation_id, name, value) VALUES (?, ?, ?, ?) ON DUPLICATE KEY "
                    "UPDATE value = VALUES(value)");
DB_STATEMENT(NOTE_FIND, .name = "job_note.find", .row = &NOTE,
             .sql = "SELECT value FROM job_note WHERE job_id = ? AND operation_id = ? AND name = ?");

void job_progress(struct job_run *run, int percent, const char *note_key)
{
    struct job_live *job = run->live;
    int64_t now = clock_monotonic_ms();
    if (run->planning || now - job->progress_ms < PROGRESS_EVERY_MS)
        return;
    job->progress_ms = now;
    percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    struct error err;
    int overall = percent;
    if (!run->undoing && run->kind->step_count > 0)
        overall = (int)(((size_t)(run->step - run->kind->steps) * 100 + (size_t)percent) / run->kind->step_count);
    if (!journal_progress(run->db, job, overall, note_key, &err))
        log_error(LOG_WARNING, "job.progress", &err);
}

bool job_cancelled(struct job_run *run)
{
    return !run->undoing && (run->live->row.cancel_requested || atomic_load(&run->live->cancel));
}

bool job_remember(struct job_run *run, const char *name, const char *value, struct error *err)
{
    if (strlen(name) > 64 || strlen(value) > NOTE_BYTES_MAX)
        return error_set(err, ERROR_INTERNAL, "job.note_too_long");
    if (run->live != NULL)
        run->live->has_notes = true;
    return db_execute(run->db, &NOTE_KEEP, err, db_int(run->job_id), db_text(run->operation_id), db_text(name),
                      db_text(value));
}

void job_notes_expected(struct job_run *run)
{
    run->live->has_notes = true;
}

bool job_recall(struct job_run *run, const char *name, const char **ret_value, struct error *err)
{
    struct note note = {NULL};
    bool found = false;
    if (!db_query_one(run->db, &NOTE_FIND, run->arena, &note, &found, err, db_int(run->job_id),
                      db_text(run->operation_id), db_text(name)))
        return false;
    *ret_value = found ? note.value : NULL;
    return true;
}

void job_hand_to_quarantine(struct job_run *run, const char *plugin_name)
{
    log_with(LOG_INFO, "job.to_quarantine", L_TEXT("plugin", plugin_name));
    run->live->hand_to = plugin_name;
}
