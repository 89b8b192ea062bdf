/* Work that blocks, in threads of plugins: begun by a slot, looked after by the repetitions of the same slot under the
 * same operation id. Works are kept in a list until somebody has taken their result, or nobody came for it for an hour.
 */
#include "plugin_host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { WORKS_MAX = 1024, KEPT_MS = 3600 * 1000, WORK_MS = 24 * 3600 * 1000, LOOK_AGAIN_MS = 200 };

struct work {
    struct work *next;
    char operation_id[37];
    struct arena arena;
    struct gurum_call call;
    struct job_run run; /* reaches nothing of the job but its name */
    struct plugin_target target;
    int32_t (*work)(struct gurum_call *call, void *argument);
    void *argument;
    void (*release)(void *argument);
    int32_t status;
    bool is_done; /* guarded by `lock` */
    int64_t done_ms;
};

static struct mutex lock = MUTEX_INITIALIZER;
static struct work *works GUARDED_BY(lock);
static size_t work_count GUARDED_BY(lock);

static void work_free(struct work *work)
{
    call_close(&work->call);
    arena_free(&work->arena);
    free(work);
}

static void *work_run(void *argument)
{
    struct work *work = argument;
    struct guard_record *record = guard_thread();
    if (record != NULL)
        record->job_id = work->run.job_id;
    guard_call_begin(record, work->call.plugin->name, work->call.slot, 0);
    int32_t status = work->work(&work->call, work->argument);
    if (work->release != NULL)
        work->release(work->argument);
    if (record != NULL)
        record->job_id = 0;
    guard_call_end(record);
    guard_thread_end();
    mutex_lock(&lock);
    work->status = status;
    work->done_ms = clock_monotonic_ms();
    work->is_done = true;
    mutex_unlock(&lock);
    return NULL;
}

/* The caller's structs end with its slot: what the work needs of them is copied. */
static void target_copy(struct work *work, const struct plugin_target *from)
{
    if (from == NULL)
        return;
    struct plugin_secret *secrets = arena_array(&work->arena, from->secret_count, sizeof *secrets);
    for (size_t i = 0; i < from->secret_count; i++)
        secrets[i] = (struct plugin_secret){.name = arena_strdup(&work->arena, from->secrets[i].name),
                                            .sealed = arena_strdup(&work->arena, from->secrets[i].sealed),
                                            .associated = arena_strdup(&work->arena, from->secrets[i].associated)};
    work->target = (struct plugin_target){.type = arena_strdup(&work->arena, from->type),
                                          .object_uuid = arena_strdup(&work->arena, from->object_uuid),
                                          .secrets = secrets,
                                          .secret_count = from->secret_count,
                                          .deadline_ms = WORK_MS};
}

static struct work *work_new(struct gurum_call *call)
{
    struct work *work = calloc(1, sizeof *work);
    if (work == NULL)
        abort();
    arena_init(&work->arena);
    string_copy(work->operation_id, sizeof work->operation_id, call->run->operation_id);
    work->run = (struct job_run){.arena = &work->arena,
                                 .kind = call->run->kind,
                                 .step = call->run->step,
                                 .job_id = call->run->job_id,
                                 .operation_id = work->operation_id,
                                 .attempt = call->run->attempt,
                                 .undoing = call->run->undoing};
    target_copy(work, call->target);
    call_open(&work->call, call->plugin, call->slot, &work->run, &work->arena, &work->target);
    work->call.is_background = true;
    work->call.deadline_ms = clock_monotonic_ms() + WORK_MS;
    return work;
}

static REQUIRES(lock) int32_t work_begin(struct gurum_call *call, struct work *work)
{
    pthread_t thread;
    struct error err;
    if (work_count >= WORKS_MAX || !thread_start(&thread, "plugin-work", work_run, work, &err)) {
        string_copy(call->words, sizeof call->words, "no thread for work in the background");
        if (work->release != NULL)
            work->release(work->argument);
        work_free(work);
        return GURUM_BUSY;
    }
    pthread_detach(thread);
    work->next = works;
    works = work;
    work_count++;
    return GURUM_PENDING;
}

/* Takes out the finished work that belongs to the call, and those that nobody asks for any more. */
static REQUIRES(lock) struct work *work_find(const struct gurum_call *call, int64_t now)
{
    struct work *found = NULL;
    for (struct work **place = &works; *place != NULL;) {
        struct work *work = *place;
        bool is_it = work->call.plugin == call->plugin && string_equal(work->call.slot, call->slot) &&
                     string_equal(work->operation_id, call->run->operation_id);
        bool is_old = work->is_done && now - work->done_ms > KEPT_MS;
        if (is_it)
            found = work;
        if ((is_it && work->is_done) || is_old) {
            *place = work->next;
            work_count--;
            if (!is_it)
                work_free(work);
            continue;
        }
        place = &work->next;
    }
    return found;
}

static int32_t result_take(struct gurum_call *call, struct work *work)
{
    int32_t status = work->status;
    for (size_t i = 0; i < work->call.reports.count && status == GURUM_OK; i++)
        status = call->plugin->services.report(call, work->call.reports.items[i]);
    call->is_broken = call->is_broken || work->call.is_broken;
    string_copy(call->reason, sizeof call->reason, work->call.reason);
    string_copy(call->words, sizeof call->words, work->call.words);
    return status;
}

int32_t background_call(struct gurum_call *call, int32_t (*work)(struct gurum_call *call, void *argument),
                        void *argument, void (*release)(void *argument))
{
    if (call == NULL || call->is_background || call->run == NULL || call->run->operation_id == NULL)
        return GURUM_INTERNAL;
    mutex_lock(&lock);
    struct work *found = work_find(call, clock_monotonic_ms());
    if (found == NULL) {
        if (call->run->live != NULL)
            job_notes_expected(call->run);
        struct work *fresh = work_new(call);
        fresh->work = work;
        fresh->argument = argument;
        fresh->release = release;
        int32_t status = work_begin(call, fresh);
        mutex_unlock(&lock);
        call->check_after_ms = call->check_after_ms == 0 ? LOOK_AGAIN_MS : call->check_after_ms;
        return status;
    }
    bool is_done = found->is_done;
    if (!is_done && job_cancelled(call->run))
        atomic_store(&found->call.is_cancelled, true);
    int percent = atomic_load(&found->call.percent);
    mutex_unlock(&lock);
    if (!is_done && call->run->live != NULL && percent > 0)
        job_progress(call->run, percent, NULL);
    if (release != NULL)
        release(argument); /* this call's own; the work has its */
    call->check_after_ms = call->check_after_ms == 0 ? LOOK_AGAIN_MS : call->check_after_ms;
    if (!is_done)
        return GURUM_PENDING;
    int32_t status = result_take(call, found);
    work_free(found);
    return status;
}
