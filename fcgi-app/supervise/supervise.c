/* The supervisor's loop: which processes should run, starting them with back-off, stopping them, and having the death
 * of jobs processes settled. What is not here: fork and exec (child.c), sockets (listen.c). */
#include "supervise/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "supervise/child.h"
#include "supervise/listen.h"

enum { CHILDREN_MAX = 131, REPORTS_MAX = 32 };
enum {
    HEALTHY_AFTER_MS = 10000,
    CLEAN_AFTER_MS = 500,
    BACK_OFF_MS = 100,
    BACK_OFF_MAX_MS = 10000,
    REPORT_RETRY_MS = 1000,
    REPORT_PATIENCE_MS = 10000, /* a database that is away must not keep jobs processes from starting for good */
    STOP_DEADLINE_MS = 15000
};
enum kind { KIND_WEB, KIND_JOBS, KIND_STREAM, KIND_QUARANTINE };

struct child {
    enum kind kind;
    int64_t number; /* 0… of its kind */
    pid_t pid;      /* 0: not running */
    int64_t started_ms, start_at_ms;
    unsigned failures; /* ends in a row without a healthy life between */
    bool told_to_stop;
};

/* A jobs process that died and is not yet settled. pid 0: what earlier runs left. */
struct report {
    pid_t pid;
    int wait_status;
};

struct supervisor {
    const struct supervise_options *options;
    struct config config;
    struct arena config_arena;
    struct child children[CHILDREN_MAX];
    size_t child_count;
    struct report reports[REPORTS_MAX]; /* oldest first */
    size_t report_count;
    pid_t reporter; /* the process that settles reports[0]; 0: none */
    int64_t report_at_ms, reports_since_ms; /* since when there are any */
    bool wants_quarantine, stopping;
    int64_t stop_by_ms;
    int listen_socket, signals;
    struct wake_listener *wake;
};

static const char *kind_name(enum kind kind)
{
    static const char *const names[] = {"web", "jobs", "stream", "quarantine"};
    return names[kind];
}

static bool is_wanted(const struct supervisor *supervisor, const struct child *child)
{
    const struct supervise_options *options = supervisor->options;
    const struct config *config = &supervisor->config;
    if (supervisor->stopping)
        return false;
    switch (child->kind) {
    case KIND_WEB:
        return options->web && child->number < config->web_processes;
    case KIND_JOBS:
        return options->jobs && child->number < config->jobs_processes;
    case KIND_STREAM:
        return options->stream && child->number < config->stream_processes;
    case KIND_QUARANTINE:
        return options->jobs && supervisor->wants_quarantine;
    }
    return false;
}

/* ---- status file
 * ------------------------------------------------------------------------------------------------------------------ */

static void write_status(const struct supervisor *supervisor)
{
    struct arena arena;
    arena_init(&arena);
    struct text status;
    text_init(&status, &arena, 16384);
    text_addf(&status, "supervisor pid=%d %s\n", (int)getpid(), supervisor->stopping ? "stopping" : "running");
    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct child *child = &supervisor->children[i];
        if (child->pid > 0)
            text_addf(&status, "%s %d pid=%d running\n", kind_name(child->kind), (int)child->number, (int)child->pid);
        else if (is_wanted(supervisor, child))
            text_addf(&status, "%s %d waits to be started again, died %u times\n", kind_name(child->kind),
                      (int)child->number, child->failures);
    }
    const char *path = arena_printf(&arena, "%s/status", supervisor->config.run_folder);
    const char *draft = arena_printf(&arena, "%s.new", path);
    int file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = file >= 0 && write(file, status.data, status.length) == (ssize_t)status.length;
    if (file >= 0)
        close(file);
    if (!ok || rename(draft, path) != 0)
        log_with(LOG_WARNING, "supervise.status_not_written", L_TEXT("path", path));
    arena_free(&arena);
}

/* ---- children
 * ----------------------------------------------------------------------------------------------------
 */

static void start_child(struct supervisor *supervisor, struct child *child, int64_t now_ms)
{
    bool quarantine = child->kind == KIND_QUARANTINE;
    struct child_command command = {.config_path = supervisor->options->config_path,
                                    .role = quarantine ? "jobs" : kind_name(child->kind),
                                    .quarantine = quarantine,
                                    .listen_socket = child->kind == KIND_WEB ? supervisor->listen_socket : -1};
    pid_t pid = child_start(&command);
    child->started_ms = now_ms;
    child->told_to_stop = false;
    if (pid < 0) {
        child->start_at_ms = now_ms + BACK_OFF_MAX_MS;
        log_with(LOG_ERROR, "supervise.fork_failed", L_INT("errno", errno));
        return;
    }
    child->pid = pid;
    log_with(LOG_INFO, "supervise.started", L_TEXT("role", kind_name(child->kind)), L_INT("number", child->number),
             L_INT("pid", pid));
}

static int64_t back_off_ms(unsigned failures)
{
    int64_t pause = (int64_t)BACK_OFF_MS << (failures < 8 ? failures : 8);
    return pause < BACK_OFF_MAX_MS ? pause : BACK_OFF_MAX_MS;
}

static void add_report(struct supervisor *supervisor, pid_t pid, int wait_status)
{
    if (supervisor->report_count == REPORTS_MAX) {
        log_with(LOG_ERROR, "supervise.report_lost", L_INT("pid", pid)); /* its leases run out by themselves */
        return;
    }
    if (supervisor->report_count == 0)
        supervisor->reports_since_ms = clock_monotonic_ms();
    supervisor->reports[supervisor->report_count++] = (struct report){.pid = pid, .wait_status = wait_status};
}

static void child_ended(struct supervisor *supervisor, struct child *child, int wait_status, int64_t now_ms)
{
    bool clean = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
    log_with(clean ? LOG_INFO : LOG_ERROR, "supervise.ended", L_TEXT("role", kind_name(child->kind)),
             L_INT("pid", child->pid), L_INT("exit", WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1),
             L_INT("signal", WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0));
    if (!clean && (child->kind == KIND_JOBS || child->kind == KIND_QUARANTINE))
        add_report(supervisor, child->pid, wait_status);
    if (child->kind == KIND_QUARANTINE && clean)
        supervisor->wants_quarantine = false; /* nothing left for it; the next wake-up starts it again */
    int64_t lived_ms = now_ms - child->started_ms;
    bool was_healthy =
        lived_ms >= (clean ? CLEAN_AFTER_MS : HEALTHY_AFTER_MS); /* a clean end is a replacement somebody asked for */
    child->failures = was_healthy ? 0 : child->failures + 1;
    child->start_at_ms = was_healthy ? now_ms : now_ms + back_off_ms(child->failures - 1);
    child->pid = 0;
}

/* When a child that should run may start. A jobs process frees the jobs of dead ones as it begins: their deaths are
 * counted before, or a step that kills its process would be tried once too often. */
static int64_t may_start_at(const struct supervisor *supervisor, const struct child *child)
{
    bool frees_jobs = child->kind == KIND_JOBS || child->kind == KIND_QUARANTINE;
    int64_t settled_ms = supervisor->reports_since_ms + REPORT_PATIENCE_MS;
    bool waits = frees_jobs && supervisor->report_count > 0 && settled_ms > child->start_at_ms;
    return waits ? settled_ms : child->start_at_ms;
}

/* Starts what should run and does not, stops what should not and does. Returns when to look again. */
static int64_t reconcile(struct supervisor *supervisor, int64_t now_ms)
{
    int64_t next_ms = now_ms + 60000;
    for (size_t i = 0; i < supervisor->child_count; i++) {
        struct child *child = &supervisor->children[i];
        bool wanted = is_wanted(supervisor, child);
        int64_t start_at_ms = may_start_at(supervisor, child);
        if (wanted && child->pid == 0 && start_at_ms <= now_ms)
            start_child(supervisor, child, now_ms);
        if (wanted && child->pid == 0 && start_at_ms < next_ms)
            next_ms = start_at_ms;
        if (!wanted && child->pid > 0 && !child->told_to_stop) {
            kill(child->pid, SIGTERM);
            child->told_to_stop = true;
        }
    }
    return next_ms;
}

/* ---- deaths of jobs processes
 * --------------------------------------------------------------------------------------------------- */

static int64_t start_reporter(struct supervisor *supervisor, int64_t now_ms)
{
    if (supervisor->report_count == 0 || supervisor->reporter > 0)
        return now_ms + 60000;
    if (supervisor->report_at_ms > now_ms)
        return supervisor->report_at_ms;
    char pid[24], wait_status[24];
    snprintf(pid, sizeof(pid), "%d", (int)supervisor->reports[0].pid);
    snprintf(wait_status, sizeof(wait_status), "%d", supervisor->reports[0].wait_status);
    struct child_command command = {.config_path = supervisor->options->config_path,
                                    .role = "jobs-died",
                                    .arguments = {pid, wait_status},
                                    .listen_socket = -1};
    supervisor->reporter = child_start(&command);
    return now_ms + 60000;
}

static void reporter_ended(struct supervisor *supervisor, int wait_status, int64_t now_ms)
{
    supervisor->reporter = 0;
    int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : EXIT_FAILURE;
    if (status != EXIT_SUCCESS && status != EXIT_WANTS_QUARANTINE) {
        supervisor->report_at_ms = now_ms + REPORT_RETRY_MS; /* no database just now */
        return;
    }
    if (status == EXIT_WANTS_QUARANTINE)
        supervisor->wants_quarantine = true;
    supervisor->report_count--;
    memmove(&supervisor->reports[0], &supervisor->reports[1],
            supervisor->report_count * sizeof(supervisor->reports[0]));
}

static void reap(struct supervisor *supervisor, int64_t now_ms)
{
    int wait_status;
    for (pid_t pid; (pid = waitpid(-1, &wait_status, WNOHANG)) > 0;) {
        if (pid == supervisor->reporter)
            reporter_ended(supervisor, wait_status, now_ms);
        for (size_t i = 0; i < supervisor->child_count; i++)
            if (supervisor->children[i].pid == pid)
                child_ended(supervisor, &supervisor->children[i], wait_status, now_ms);
    }
}

/* ---- signals
 * ----------------------------------------------------------------------------------------------------
 */

static void begin_stop(struct supervisor *supervisor, int64_t now_ms)
{
    if (supervisor->stopping)
        return;
    supervisor->stopping = true;
    supervisor->stop_by_ms = now_ms + STOP_DEADLINE_MS;
    notify_manager("STOPPING=1");
    log_event(LOG_INFO, "supervise.stopping");
}

static void reload(struct supervisor *supervisor)
{
    struct arena arena;
    struct config config;
    struct error err = {0};
    arena_init(&arena);
    if (!config_load(&arena, supervisor->options->config_path, &config, &err)) {
        log_error(LOG_ERROR, "supervise.reload_failed", &err);
        arena_free(&arena);
        return;
    }
    arena_free(&supervisor->config_arena);
    supervisor->config_arena = arena;
    supervisor->config = config;
    enum log_level level;
    if (log_level_from_name(config.log_level, &level))
        log_set_level(level);
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (supervisor->children[i].pid > 0)
            kill(supervisor->children[i].pid, SIGHUP);
    log_event(LOG_INFO, "supervise.reloaded");
}

static void read_signals(struct supervisor *supervisor, int64_t now_ms)
{
    struct signalfd_siginfo info;
    while (read(supervisor->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            begin_stop(supervisor, now_ms);
        else if (info.ssi_signo == SIGHUP)
            reload(supervisor);
    }
    reap(supervisor, now_ms);
}

/* ---- loop
 * ----------------------------------------------------------------------------------------------------
 */

static bool is_anything_running(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (supervisor->children[i].pid > 0)
            return true;
    return supervisor->reporter > 0;
}

static void kill_late_ones(struct supervisor *supervisor, int64_t now_ms)
{
    if (!supervisor->stopping || now_ms < supervisor->stop_by_ms)
        return;
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (supervisor->children[i].pid > 0) {
            log_with(LOG_ERROR, "supervise.killed", L_INT("pid", supervisor->children[i].pid));
            kill(supervisor->children[i].pid, SIGKILL);
        }
    supervisor->stop_by_ms = now_ms + 1000;
}

static void run_loop(struct supervisor *supervisor)
{
    struct pollfd events[2] = {{.fd = supervisor->signals, .events = POLLIN},
                               {.fd = wake_descriptor(supervisor->wake), .events = POLLIN}};
    for (;;) {
        int64_t now_ms = clock_monotonic_ms();
        int64_t next_ms = reconcile(supervisor, now_ms);
        int64_t report_ms = supervisor->stopping ? next_ms : start_reporter(supervisor, now_ms);
        write_status(supervisor);
        if (supervisor->stopping && !is_anything_running(supervisor))
            return;
        next_ms = report_ms < next_ms ? report_ms : next_ms;
        if (supervisor->stopping && supervisor->stop_by_ms < next_ms)
            next_ms = supervisor->stop_by_ms;
        (void)poll(events, COUNT_OF(events), next_ms > now_ms ? (int)(next_ms - now_ms) : 0);
        now_ms = clock_monotonic_ms();
        if (wake_wait(supervisor->wake, 0))
            supervisor->wants_quarantine = true;
        read_signals(supervisor, now_ms);
        kill_late_ones(supervisor, now_ms);
    }
}

static void add_children(struct supervisor *supervisor, enum kind kind, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        supervisor->children[supervisor->child_count++] = (struct child){.kind = kind, .number = i};
}

static bool open_supervisor(struct supervisor *supervisor, struct error *err)
{
    sigset_t signals;
    sigemptyset(&signals);
    const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    for (size_t i = 0; i < COUNT_OF(handled); i++)
        sigaddset(&signals, handled[i]);
    signal(SIGHUP, SIG_DFL); /* ignored signals do not reach a signalfd, and would stay ignored in children */
    sigprocmask(SIG_BLOCK, &signals, NULL);
    supervisor->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (supervisor->signals < 0)
        return error_set(err, ERROR_INTERNAL, "supervise.cannot_start");
    if (supervisor->options->web && !listen_inherited_or_new(&supervisor->config, &supervisor->listen_socket, err))
        return false;
    return wake_listen(supervisor->config.run_folder, WAKE_QUARANTINE, &supervisor->wake, err);
}

static void close_supervisor(struct supervisor *supervisor)
{
    char path[4096];
    wake_close(supervisor->wake);
    close(supervisor->signals);
    if (supervisor->listen_socket >= 0) {
        close(supervisor->listen_socket);
        if (!getenv("LISTEN_FDS")) /* systemd's socket outlives us */
            (void)unlink(supervisor->config.web_listen);
    }
    if (snprintf(path, sizeof(path), "%s/status", supervisor->config.run_folder) < (int)sizeof(path))
        (void)unlink(path);
    arena_free(&supervisor->config_arena);
}

bool supervise_run(const struct supervise_options *options, const struct config *config, struct error *err)
{
    static struct supervisor supervisor; /* too large for comfort on a stack */
    supervisor = (struct supervisor){.options = options, .config = *config, .listen_socket = -1};
    arena_init(&supervisor.config_arena);
    if (!open_supervisor(&supervisor, err))
        return false;
    /* every child there may ever be: is_wanted decides, also after a reload */
    add_children(&supervisor, KIND_WEB, 64);
    add_children(&supervisor, KIND_JOBS, 64);
    add_children(&supervisor, KIND_STREAM, 1);
    add_children(&supervisor, KIND_QUARANTINE, 1);
    if (options->jobs)
        add_report(&supervisor, 0, 0);
    notify_manager("READY=1");
    run_loop(&supervisor);
    close_supervisor(&supervisor);
    log_event(LOG_INFO, "supervise.stopped");
    return true;
}
