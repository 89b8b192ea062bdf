/* Roles that do one task and end: migrate, bootstrap, rotate-keys, jobs-died, job-kinds, openapi. */
#include "roles.h"

#include "base/keyring.h"
#include "base/log.h"
#include "api/api.h"
#include "cloud/identity/identity.h"
#include "db/sealed.h"
#include "jobs/jobs.h"
#include "plugin_host/plugin_host.h"
#include "supervise/supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int is_sql(const struct dirent *entry)
{
    return string_ends_with(entry->d_name, ".sql");
}

/* What every installation begins with; the files add what is missing and leave what operators changed. */
static bool run_seeds(struct app *app, struct db *db, struct error *err)
{
    struct dirent **entries;
    const char *folder = arena_printf(&app->arena, "%s/seed", app->config.sql_folder);
    int count = scandir(folder, &entries, is_sql, alphasort);
    if (count < 0)
        return error_with(err, ERROR_INTERNAL, "migrate.no_folder", E_TEXT("path", folder));
    bool ok = true;
    for (int i = 0; i < count; i++) {
        const char *path = arena_printf(&app->arena, "%s/%s", folder, entries[i]->d_name);
        ok = ok && db_run_file(db, path, NULL, NULL, err);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool role_migrate(struct app *app, const struct invocation *invocation, struct error *err)
{
    (void)invocation;
    AUTO(db_release_auto) struct db *db = NULL;
    if (!db_acquire(app->pool, &db, err))
        return false;
    const char *folder = arena_printf(&app->arena, "%s/migrations", app->config.sql_folder);
    return db_migrate(db, folder, err) && run_seeds(app, db, err);
}

/* The file appears whole or not at all, readable by its owner only. */
static bool write_credentials(struct app *app, const char *path, const struct identity_credentials *credentials,
                              struct error *err)
{
    struct text content;
    text_init(&content, &app->arena, 4096);
    text_addf(&content, "GURUM_URL=%s\nGURUM_ADMIN_USER=%s\n", app->config.site_url, credentials->username);
    text_addf(&content, "GURUM_ADMIN_PASSWORD=%.*s\n", (int)credentials->password.length, credentials->password.bytes);
    text_addf(&content, "GURUM_API_KEY=%.*s\n", (int)credentials->api_key.length, credentials->api_key.bytes);
    text_addf(&content, "GURUM_SECRET_KEY=%.*s\n", (int)credentials->secret_key.length, credentials->secret_key.bytes);
    const char *draft = arena_printf(&app->arena, "%s.new", path);
    (void)unlink(draft);
    int file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = file >= 0 && write(file, content.data, content.length) == (ssize_t)content.length;
    if (file >= 0)
        ok = close(file) == 0 && ok;
    if (ok && rename(draft, path) == 0)
        return true;
    error_with(err, ERROR_INTERNAL, "bootstrap.cannot_write", E_TEXT("path", path));
    return error_add_detail(err, "%s", strerror(errno));
}

bool role_bootstrap(struct app *app, const struct invocation *invocation, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    if (invocation->argument_count != 1)
        return error_with(err, ERROR_INTERNAL, "role.usage", E_TEXT("usage", "bootstrap CREDENTIALS-FILE"));
    struct identity_credentials credentials = {0};
    bool is_new = false;
    if (!db_acquire(app->pool, &db, err) || !identity_bootstrap(db, &app->arena, &is_new, &credentials, err))
        return false;
    return !is_new || write_credentials(app, invocation->arguments[0], &credentials, err);
}

static bool is_key_used(void *context, const char *id)
{
    return sealed_key_remains(context, id);
}

/* `--resume` ends what an interrupted rotation began; `--drop-old` does, too, and removes keys without values. */
static bool rotate(struct db *db, bool adds, bool drops, struct error *err)
{
    struct sealed_report report;
    int64_t dropped = 0;
    if ((drops && !keyring_is_settled(err)) || (adds && !keyring_add(err)) || !sealed_rotate(db, &report, err) ||
        (drops && !keyring_drop(is_key_used, &report, &dropped, err)))
        return false;
    log_with(LOG_INFO, "keys.rotated", L_INT("added", adds), L_INT("resealed", report.resealed),
             L_INT("current", report.current), L_INT("left", report.failed), L_INT("keys_dropped", dropped));
    return report.failed == 0 ||
           error_with(err, ERROR_INTERNAL, "secret.values_left", E_INT("n", report.failed));
}

bool role_rotate_keys(struct app *app, const struct invocation *invocation, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    const char *option = invocation->argument_count == 1 ? invocation->arguments[0] : "";
    bool resumes = string_equal(option, "--resume"), drops = string_equal(option, "--drop-old");
    if (invocation->argument_count > 1 || (invocation->argument_count == 1 && !resumes && !drops))
        return error_with(err, ERROR_INTERNAL, "role.usage", E_TEXT("usage", "rotate-keys [--resume | --drop-old]"));
    int lock;
    if (!db_acquire(app->pool, &db, err) || !keyring_lock(&lock, err))
        return false;
    bool ok = rotate(db, !resumes && !drops, drops, err);
    close(lock);
    return ok;
}

bool role_jobs_died(struct app *app, const struct invocation *invocation, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    int64_t pid, wait_status;
    if (invocation->argument_count != 2 || !string_to_int(invocation->arguments[0], &pid) ||
        !string_to_int(invocation->arguments[1], &wait_status))
        return error_with(err, ERROR_INTERNAL, "role.usage", E_TEXT("usage", "jobs-died PID WAIT-STATUS"));
    if (!db_acquire(app->pool, &db, err))
        return false;
    const char *run_folder = app->config.run_folder;
    bool ok = pid == 0 ? plugin_host_sweep(db, run_folder, err) /* at start: what earlier runs left */
                       : plugin_host_on_jobs_death(db, run_folder, pid, (int)wait_status, err);
    bool wants_quarantine = false;
    if (!ok || !plugin_host_wants_quarantine(db, &wants_quarantine, err))
        return false;
    if (wants_quarantine)
        exit(EXIT_WANTS_QUARANTINE);
    return true;
}

bool role_job_kinds(struct app *app, const struct invocation *invocation, struct error *err)
{
    (void)app;
    (void)invocation;
    (void)err;
    const struct job_kind *kind;
    for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++)
        for (size_t j = 0; j < kind->step_count; j++) {
            const struct job_step *step = &kind->steps[j];
            printf("%s %s %s %s\n", kind->name, step->name, step->act != NULL ? "acts" : "commits",
                   step->undo_act != NULL || step->undo_commit != NULL ? "undoes" : "stays");
        }
    return true;
}

bool role_openapi(struct app *app, const struct invocation *invocation, struct error *err)
{
    (void)invocation;
    (void)err;
    struct text document;
    modules_register();
    text_init(&document, &app->arena, HTTP_REPLY_MAX_BYTES);
    api_write_openapi(&document);
    return fwrite(document.data, 1, document.length, stdout) == document.length && fflush(stdout) == 0;
}
