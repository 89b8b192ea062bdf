/* The guard: which plugin each thread is in, in a file that outlives the process; what a signal leaves there; and the
 * watchdog over deadlines. What the supervisor makes of the file is in fault.c.
 *
 * The file is <run folder>/slots/<pid>. Records are written without locks by their own thread; the signal handler only
 * stores numbers. */
#include "plugin_host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { WATCH_MS = 100, LET_END_MS = 10000, STUCK_EXIT = 75, ALTERNATE_STACK_BYTES = 64 * 1024 };

static struct guard_file *file; /* mapped at start */
static char path[512];
static pthread_t watchdog;
static atomic_bool watching;
static _Thread_local struct guard_record *mine;
static _Thread_local void *own_stack; /* the alternate one; NULL: the thread had one already (sanitizers give it one) */
static struct mutex places = MUTEX_INITIALIZER;
static bool is_taken[GUARD_RECORDS] GUARDED_BY(places);

/* ---- records ---- */

/* A plugin may overflow its stack; the handler must still run. The stack lives as long as the process. */
static void use_alternate_stack(void)
{
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE) == 0)
        return;
    own_stack = malloc(ALTERNATE_STACK_BYTES);
    stack = (stack_t){.ss_sp = own_stack, .ss_size = ALTERNATE_STACK_BYTES};
    if (own_stack == NULL || sigaltstack(&stack, NULL) != 0)
        abort();
}

struct guard_record *guard_thread(void)
{
    if (mine != NULL || file == NULL)
        return mine;
    mutex_lock(&places);
    int32_t place = 0, used = atomic_load(&file->used);
    while (place < used && is_taken[place])
        place++;
    if (place == GUARD_RECORDS) {
        log_event(LOG_ERROR, "plugin.guard_full");
        abort();
    }
    is_taken[place] = true;
    if (place == used)
        atomic_store(&file->used, used + 1);
    mutex_unlock(&places);
    mine = &file->records[place];
    use_alternate_stack();
    return mine;
}

void guard_thread_end(void)
{
    if (mine == NULL)
        return;
    stack_t none = {.ss_flags = SS_DISABLE};
    if (own_stack != NULL && sigaltstack(&none, NULL) == 0)
        free(own_stack);
    own_stack = NULL;
    mutex_lock(&places);
    is_taken[mine - file->records] = false;
    mutex_unlock(&places);
    mine = NULL;
}

void guard_job_begin(const struct job_run *run)
{
    struct guard_record *record = guard_thread();
    if (record == NULL)
        return;
    record->job_id = run->job_id;
    record->since_ms = clock_now_ms();
    string_copy(record->step, sizeof record->step, run->step == NULL ? "" : run->step->name);
    atomic_store(&record->state, GUARD_BUSY);
}

void guard_job_end(const struct job_run *run)
{
    (void)run;
    if (mine != NULL) {
        mine->job_id = 0;
        atomic_store(&mine->state, GUARD_IDLE);
    }
}

void guard_call_begin(struct guard_record *record, const char *plugin, const char *slot, int64_t deadline_ms)
{
    if (record == NULL)
        return;
    string_copy(record->plugin, sizeof record->plugin, plugin);
    string_copy(record->slot, sizeof record->slot, slot);
    atomic_store(&record->state, GUARD_BUSY);
    atomic_store(&record->deadline_ms, deadline_ms);
}

void guard_call_end(struct guard_record *record)
{
    if (record == NULL)
        return;
    atomic_store(&record->deadline_ms, 0);
    record->plugin[0] = record->slot[0] = '\0';
    atomic_store(&record->state, record->job_id != 0 ? GUARD_BUSY : GUARD_IDLE);
}

/* ---- signals ---- */

static const int DEADLY[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/* Async-signal-safe: stores two numbers. The default action follows when the fault repeats, or by raise. */
static void on_deadly_signal(int number)
{
    if (mine != NULL) {
        mine->signal = number;
        atomic_store(&mine->state, GUARD_CRASHED);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_deadly_signals(void)
{
    struct sigaction action = {.sa_handler = on_deadly_signal, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(DEADLY); i++)
        sigaction(DEADLY[i], &action, NULL);
}

/* ---- watchdog ---- */

static bool others_are_busy(void)
{
    int32_t used = atomic_load(&file->used);
    for (int32_t i = 0; i < used && i < GUARD_RECORDS; i++)
        if (atomic_load(&file->records[i].state) == GUARD_BUSY)
            return true;
    return false;
}

static void fault_tell(struct guard_record *record, const char *detail)
{
    struct db *db = NULL;
    struct error err;
    if (db_acquire(plugin_host.config.pool, &db, &err) && fault_write(db, record, "stuck", detail, &err))
        atomic_store(&record->fault_written, 1);
    else
        log_error(LOG_WARNING, "plugin.fault_untold", &err);
    db_release(db);
}

/* Nothing can take a thread out of a plugin: the process stops claiming, lets the others end, and goes. */
static void stuck(struct guard_record *record, int64_t overdue_ms)
{
    int32_t busy = GUARD_BUSY;
    if (!atomic_compare_exchange_strong(&record->state, &busy, GUARD_STUCK))
        return;
    char detail[64];
    snprintf(detail, sizeof detail, "%lld ms past its deadline", (long long)overdue_ms);
    log_with(LOG_ERROR, "plugin.stuck", L_TEXT("plugin", record->plugin), L_TEXT("slot", record->slot),
             L_INT("overdue_ms", overdue_ms));
    jobs_stop();
    fault_tell(record, detail);
    int64_t until = clock_monotonic_ms() + LET_END_MS;
    while (others_are_busy() && clock_monotonic_ms() < until)
        nanosleep(&(struct timespec){.tv_nsec = WATCH_MS * 1000000L}, NULL);
    _exit(STUCK_EXIT);
}

static void *watch(void *unused)
{
    (void)unused;
    while (atomic_load(&watching)) {
        int64_t now = clock_monotonic_ms();
        int32_t used = atomic_load(&file->used);
        for (int32_t i = 0; i < used && i < GUARD_RECORDS; i++) {
            int64_t deadline = atomic_load(&file->records[i].deadline_ms);
            if (deadline != 0 && now > deadline)
                stuck(&file->records[i], now - deadline);
        }
        nanosleep(&(struct timespec){.tv_nsec = WATCH_MS * 1000000L}, NULL);
    }
    return NULL;
}

/* ---- start and stop ---- */

static bool file_map(struct error *err)
{
    char folder[480];
    snprintf(folder, sizeof folder, "%s/slots", plugin_host.config.run_folder);
    if (mkdir(folder, 0750) != 0 && errno != EEXIST)
        return error_set(err, ERROR_INTERNAL, "plugin.slot_file") ||
               error_add_detail(err, "%s: %s", folder, strerror(errno));
    snprintf(path, sizeof path, "%s/%d", folder, (int)getpid());
    int opened = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool sized = opened >= 0 && ftruncate(opened, sizeof *file) == 0;
    void *map = sized ? mmap(NULL, sizeof *file, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0) : MAP_FAILED;
    int reason = errno;
    if (opened >= 0)
        close(opened);
    if (map == MAP_FAILED)
        return error_set(err, ERROR_INTERNAL, "plugin.slot_file") ||
               error_add_detail(err, "%s: %s", path, strerror(reason));
    file = map;
    memcpy(file->magic, "GURSLOT1", sizeof file->magic);
    file->pid = getpid();
    return true;
}

bool guard_start(struct error *err)
{
    if (!file_map(err))
        return false;
    catch_deadly_signals();
    atomic_store(&watching, true);
    return thread_start(&watchdog, "plugin-watch", watch, NULL, err);
}

void guard_stop(void)
{
    if (!atomic_exchange(&watching, false))
        return;
    pthread_join(watchdog, NULL);
    unlink(path); /* ended in order: nothing to tell */
}
