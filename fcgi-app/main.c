/* Starts one role: reads the configuration, builds the application, runs. What is not here: what a role does
 * (roles_*.c) and which features there are (modules.c). */
#include "roles.h"

#include "base/log.h"
#include "base/message.h"
#include "base/shared_versions.h"
#include "base/thread.h"
#include "cloud/mail/mail.h"
#include "db/version.h"
#include "jobs/jobs.h"
#include "render/theme.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

enum { PASSWORD_FILE_MAX_BYTES = 256 };

static const struct role roles[] = {
    {"web", "answers API and portal requests from nginx", NEEDS_DATABASE | NEEDS_VERSIONS, role_web, role_web_stop},
    {"jobs", "runs jobs and plugins", NEEDS_DATABASE | NEEDS_VERSIONS, role_jobs, role_jobs_stop},
    {"stream", "serves consoles and event streams", 0, role_stream, role_stream_stop},
    {"supervise", "keeps the processes of this machine running", 0, role_supervise, NULL},
    {"migrate", "brings the database schema to this release", NEEDS_DATABASE, role_migrate, NULL},
    {"bootstrap", "makes the first administrator: bootstrap CREDENTIALS-FILE", NEEDS_DATABASE | NEEDS_VERSIONS,
     role_bootstrap, NULL},
    {"rotate-keys", "re-seals all secrets under a new key: rotate-keys [--resume | --drop-old]", NEEDS_DATABASE,
     role_rotate_keys, NULL},
    {"call", "runs an API command as the first administrator: call [--value NAME] COMMAND NAME=VALUE…",
     NEEDS_DATABASE | NEEDS_VERSIONS, role_call, NULL},
    {"jobs-died", "settles a dead jobs process: jobs-died PID WAIT-STATUS", NEEDS_DATABASE | NEEDS_VERSIONS,
     role_jobs_died, NULL},
    {"openapi", "prints the OpenAPI document of the API", 0, role_openapi, NULL},
    {"job-kinds", "prints each step of every kind of job: KIND STEP acts|commits undoes|stays",
     NEEDS_DATABASE | NEEDS_VERSIONS, role_job_kinds, NULL},
};

static const struct role *running; /* set before the signal handlers and the reload thread */

static void on_stop_signal(int signal_number)
{
    (void)signal_number;
    running->stop();
}

static void handle_signals(const struct role *role)
{
    signal(SIGPIPE, SIG_IGN);
    running = role;
    if (role->stop == NULL)
        return;
    sigset_t hangup; /* for reload_on_hangup; blocked in every thread from the beginning */
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigprocmask(SIG_BLOCK, &hangup, NULL);
    struct sigaction action = {.sa_handler = on_stop_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static int print_usage(void)
{
    fprintf(stderr, "usage: gurumd --config FILE [--quarantine] ROLE\n");
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        fprintf(stderr, "  %-12s %s\n", roles[i].name, roles[i].summary);
    return 2;
}

static const struct role *find_role(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (string_equal(roles[i].name, name))
            return &roles[i];
    return NULL;
}

static const struct role *read_arguments(int argc, char **argv, const char **ret_config_path,
                                         struct invocation *ret_invocation)
{
    int i = 1;
    for (; i < argc && string_starts_with(argv[i], "--"); i++) {
        if (string_equal(argv[i], "--config") && i + 1 < argc)
            *ret_config_path = argv[++i];
        else if (string_equal(argv[i], "--quarantine"))
            ret_invocation->quarantine = true;
        else
            return NULL;
    }
    if (i >= argc || *ret_config_path == NULL)
        return NULL;
    ret_invocation->role = argv[i];
    ret_invocation->arguments = (const char *const *)&argv[i + 1];
    ret_invocation->argument_count = (size_t)(argc - i - 1);
    return find_role(argv[i]);
}

static bool read_password(struct arena *arena, const char *path, struct secret *ret_password, struct error *err)
{
    *ret_password = (struct secret){0};
    if (path[0] == '\0')
        return true;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char content[PASSWORD_FILE_MAX_BYTES] = {0};
    ssize_t length = file >= 0 ? read(file, content, sizeof(content) - 1) : -1;
    int reason = errno;
    if (file >= 0)
        close(file);
    if (length < 0)
        return error_with(err, ERROR_INTERNAL, "config.invalid", E_TEXT("path", path), E_INT("line", 0),
                          E_TEXT("reason", strerror(reason)));
    content[strcspn(content, "\r\n")] = '\0';
    *ret_password = secret_from(arena, content);
    explicit_bzero(content, sizeof(content));
    return true;
}

static bool open_database(struct app *app, const struct role *role, struct error *err)
{
    const struct config *config = &app->config;
    struct db_config database = {.host = config->database_host,
                                 .unix_socket = config->database_socket,
                                 .user = config->database_user,
                                 .database = config->database_name,
                                 .port = (unsigned)config->database_port,
                                 .cluster_reads_wait = config->database_cluster_reads_wait};
    if (string_is_empty(database.unix_socket))
        database.unix_socket = NULL;
    if (!read_password(&app->arena, config->database_password_file, &database.password, err) ||
        !secret_load_keys(config->keys_file, err))
        return false;
    /* one for each thread, and for the watch, the waiters, the scheduler and the heartbeat */
    size_t threads = (size_t)(string_equal(role->name, "jobs") ? config->jobs_threads : config->web_threads);
    app->pool = db_pool_new(&database, threads + 6);
    if ((role->needs & NEEDS_VERSIONS) == 0)
        return true;
    modules_register();
    mail_set_site(config->site_url);
    jobs_set_run_folder(config->run_folder); /* jobs that this process makes are taken up at once */
    return shared_versions_open(config->run_folder, err) && version_watch_start(app->pool, err);
}

static bool open_app(struct app *app, const struct role *role, struct error *err)
{
    if (!config_load(&app->arena, app->config_path, &app->config, err))
        return false;
    enum log_level level;
    if (!log_level_from_name(app->config.log_level, &level))
        return error_with(err, ERROR_INTERNAL, "config.invalid", E_TEXT("path", app->config_path), E_INT("line", 0),
                          E_TEXT("reason", "log.level must be debug, info, warning or error"));
    log_start(role->name, level);
    const char *messages = arena_printf(&app->arena, "%s/i18n", app->config.templates_folder);
    return message_load(messages, err) && ((role->needs & NEEDS_DATABASE) == 0 || open_database(app, role, err));
}

/* SIGHUP: log level, texts and page templates are read again; what cannot be read keeps its old state. */
static void *reload_on_hangup(void *argument)
{
    const struct app *app = argument;
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    for (int signal_number; sigwait(&hangup, &signal_number) == 0;) {
        struct arena arena;
        struct config config;
        struct error err = {0};
        enum log_level level;
        arena_init(&arena);
        bool ok = config_load(&arena, app->config_path, &config, &err);
        if (ok && log_level_from_name(config.log_level, &level))
            log_set_level(level);
        ok = ok && message_load(arena_printf(&arena, "%s/i18n", app->config.templates_folder), &err) &&
             ((running->run != role_web && running->run != role_jobs) ||
              theme_load(app->config.templates_folder, &err));
        if (ok)
            log_event(LOG_INFO, "role.reloaded");
        else
            log_error(LOG_ERROR, "role.reload_failed", &err);
        arena_free(&arena);
    }
    return NULL;
}

static void close_app(struct app *app, const struct role *role)
{
    if ((role->needs & NEEDS_VERSIONS) != 0)
        version_watch_stop();
    if (app->pool != NULL)
        db_pool_free(app->pool);
    arena_free(&app->arena);
}

static int fail(const char *event, const struct error *err)
{
    log_error(LOG_ERROR, event, err);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX, 2); /* an arena for every thread would cost more than the data */
    struct app app = {0};
    struct invocation invocation = {0};
    const struct role *role = read_arguments(argc, argv, &app.config_path, &invocation);
    if (role == NULL)
        return print_usage();
    log_start(role->name, LOG_INFO);
    handle_signals(role);
    arena_init(&app.arena);
    struct error err = {0};
    if (!open_app(&app, role, &err))
        return fail("start.failed", &err);
    pthread_t reloader; /* ends with the process */
    if (role->stop != NULL && !thread_start(&reloader, "reload", reload_on_hangup, &app, &err))
        return fail("start.failed", &err);
    if (!role->run(&app, &invocation, &err))
        return fail("role.failed", &err);
    close_app(&app, role);
    return EXIT_SUCCESS;
}
