/* The jobs role: plugins and the workers that call them. */
#include "roles.h"

#include "base/log.h"
#include "cloud/server/server.h"
#include "cloud/settings/settings.h"
#include "jobs/jobs_role.h"
#include "plugin_host/plugin_host.h"
#include "render/theme.h"

static bool announce(struct app *app, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    return db_acquire(app->pool, &db, err) && server_announce(db, err);
}

bool role_jobs(struct app *app, const struct invocation *invocation, struct error *err)
{
    const struct config *config = &app->config;
    struct plugin_host_config plugins = {.pool = app->pool,
                                         .plugins_folder = config->plugins_folder,
                                         .run_folder = config->run_folder,
                                         .quarantine = invocation->quarantine};
    struct jobs_config jobs = {.pool = app->pool,
                               .run_folder = config->run_folder,
                               .threads = invocation->quarantine ? 1 : (size_t)config->jobs_threads,
                               .quarantine = invocation->quarantine};
    jobs_set_refresh(settings_refresh);
    if (!announce(app, err))
        return false;
    if (!theme_load(config->templates_folder, err) /* letters are written here */ || !plugin_host_start(&plugins, err))
        return false;
    log_with(LOG_INFO, "jobs.started", L_INT("threads", (int64_t)jobs.threads), L_INT("quarantine", jobs.quarantine));
    bool ok = jobs_run(&jobs, err);
    plugin_host_stop();
    log_event(LOG_INFO, "jobs.stopped");
    return ok;
}

void role_jobs_stop(void)
{
    jobs_stop();
}
