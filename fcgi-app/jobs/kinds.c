/* The kinds of jobs this program knows, the hooks other rooms set, and what follows from a kind and a step by name.
 * Nothing here reads or writes the database. */
#include "jobs/engine.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"

enum { KINDS_MAX = 512 };

/* Written while the process starts, before any worker runs. */
static const struct job_kind *registered[KINDS_MAX];
static size_t registered_count;
static bool (*event_hook)(struct db *db, const struct job_event *event, struct error *err);
static bool (*end_hook)(struct db *db, const struct job_event *event, struct error *err);
static bool (*refresh_hook)(struct db *db, struct error *err);
static char run_folder[256];

static void declaration_fails(const struct job_kind *kind, const char *what)
{
    log_with(LOG_ERROR, "job.declaration", L_TEXT("kind", kind->name), L_TEXT("fault", what));
    abort();
}

static void table_check(const struct job_kind *kind, const struct field_table *table)
{
    for (size_t i = 0; table != NULL && i < table->count; i++)
        if (table->fields[i].type == FIELD_SECRET || (table->fields[i].flags & FIELD_SENSITIVE) != 0)
            declaration_fails(kind, "a secret in the job's row");
}

static void kind_check(const struct job_kind *kind)
{
    if (kind->step_count == 0 || kind->step_count > JOB_STEPS_MAX)
        declaration_fails(kind, "no steps, or too many");
    if (kind->input == NULL || kind->command == NULL || strlen(kind->name) > 64)
        declaration_fails(kind, "no input, no command, or a long name");
    table_check(kind, kind->input);
    table_check(kind, kind->state);
    for (size_t i = 0; i < kind->step_count; i++) {
        size_t position = 0;
        if (kind->steps[i].name == NULL || kind->steps[i].title_key == NULL || strlen(kind->steps[i].name) > 64)
            declaration_fails(kind, "a step without name or title");
        (void)kind_step(kind, kind->steps[i].name, &position);
        if (position != i)
            declaration_fails(kind, "two steps of one name");
    }
}

void job_register_kinds(const struct job_kind *const *kinds)
{
    for (; *kinds != NULL; kinds++) {
        kind_check(*kinds);
        if (registered_count == KINDS_MAX || job_find_kind((*kinds)->name) != NULL)
            declaration_fails(*kinds, "registered twice, or too many kinds");
        registered[registered_count++] = *kinds;
    }
}

const struct job_kind *job_find_kind(const char *name)
{
    for (size_t i = 0; i < registered_count; i++)
        if (string_equal(registered[i]->name, name))
            return registered[i];
    return string_equal(name, LEFTOVER_KIND.name) ? &LEFTOVER_KIND : NULL;
}

const struct job_kind *job_kind_at(size_t index)
{
    if (index < registered_count)
        return registered[index];
    return index == registered_count ? &LEFTOVER_KIND : NULL;
}

const struct job_step *kind_step(const struct job_kind *kind, const char *name, size_t *ret_position)
{
    for (size_t i = 0; i < kind->step_count; i++)
        if (name == NULL || string_equal(kind->steps[i].name, name)) {
            *ret_position = i;
            return &kind->steps[i];
        }
    return NULL;
}

void operation_id(const char *job_uuid, const char *step, bool undoing, char buffer[static 37])
{
    char source[160], hex[65];
    int length = snprintf(source, sizeof source, "%s/%s%s", job_uuid, step, undoing ? "/undo" : "");
    if (length < 0 || (size_t)length >= sizeof source)
        abort(); /* names are checked when the kind is registered */
    token_hash(source, hex);
    hex[12] = '8';
    hex[16] = '8';
    snprintf(buffer, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void job_set_event_hook(bool (*record)(struct db *db, const struct job_event *event, struct error *err))
{
    event_hook = record;
}

void jobs_set_refresh(bool (*refresh)(struct db *db, struct error *err))
{
    refresh_hook = refresh;
}

bool engine_refresh(struct db *db, struct error *err)
{
    return refresh_hook == NULL || refresh_hook(db, err);
}

void job_set_end_hook(bool (*ended)(struct db *db, const struct job_event *event, struct error *err))
{
    end_hook = ended;
}

bool event_record_scheduled(struct db *db, const struct job_kind *kind, const struct job_stamp *stamp,
                            const struct job_target *target, const char *job_uuid, struct error *err)
{
    const struct job_event event = {.type = kind->event,
                                    .command = kind->command,
                                    .phase = JOB_EVENT_SCHEDULED,
                                    .stamp = stamp,
                                    .target = target,
                                    .job_uuid = job_uuid};
    return event_hook == NULL || kind->event == NULL || event_hook(db, &event, err);
}

bool event_record(struct db *db, const struct job_live *job, int phase, const struct error *failure, struct error *err)
{
    if (job->kind == NULL || job->row.is_plan)
        return true;
    struct job_run run;
    char operation[37];
    struct job_live copy = {.row = job->row, .kind = job->kind};
    run_begin(&run, &copy, &job->kind->steps[0], db, NULL, operation);
    struct job_event event = {.type = job->kind->event,
                              .command = job->kind->command,
                              .stamp = &run.stamp,
                              .target = &run.target,
                              .job_uuid = job->row.uuid,
                              .failure = failure};
    event.phase = phase == JOB_EVENT_STARTED ? JOB_EVENT_STARTED
                  : failure == NULL          ? JOB_EVENT_COMPLETED
                                             : JOB_EVENT_FAILED;
    if (event_hook != NULL && event.type != NULL && !event_hook(db, &event, err))
        return false;
    bool ends = event.phase != JOB_EVENT_STARTED && !job->kind->fleeting;
    return !ends || end_hook == NULL || end_hook(db, &event, err);
}

void jobs_set_run_folder(const char *folder)
{
    string_copy(run_folder, sizeof run_folder, folder);
}

void engine_wake_jobs(void *unused)
{
    (void)unused;
    if (run_folder[0] != '\0')
        wake_send(run_folder, WAKE_JOBS);
}

void engine_wake_quarantine(void *unused)
{
    (void)unused;
    if (run_folder[0] != '\0')
        wake_send(run_folder, WAKE_QUARANTINE);
}

void engine_wake_waiters(void *unused)
{
    (void)unused;
    if (run_folder[0] != '\0')
        wake_send(run_folder, WAKE_WAITERS);
}
