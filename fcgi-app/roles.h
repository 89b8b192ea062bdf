/* The roles of the one binary: what `gurumd --config FILE <role>` runs. Each runs until it is told to stop or has done
 * its task. */
#ifndef GURUM_ROLES_H
#define GURUM_ROLES_H

#include "app.h"

/* The command line after the options. */
struct invocation {
    const char *role;
    bool quarantine;              /* --quarantine: the jobs role takes only jobs of quarantined plugins */
    const char *const *arguments; /* after the role's name */
    size_t argument_count;
};

enum role_needs {
    NEEDS_DATABASE = 1u << 0, /* messages, keys, pool */
    NEEDS_VERSIONS = 1u << 1, /* registered features, shared versions and their watch: roles that cache */
};

struct role {
    const char *name, *summary;
    unsigned needs;
    bool (*run)(struct app *app, const struct invocation *invocation, struct error *err);
    void (*stop)(void); /* async-signal-safe, on SIGTERM and SIGINT; NULL: the default action */
};

bool role_web(struct app *app, const struct invocation *invocation, struct error *err);
void role_web_stop(void);
bool role_jobs(struct app *app, const struct invocation *invocation, struct error *err);
void role_jobs_stop(void);
bool role_stream(struct app *app, const struct invocation *invocation, struct error *err);
void role_stream_stop(void);
bool role_supervise(struct app *app, const struct invocation *invocation, struct error *err);

bool role_migrate(struct app *app, const struct invocation *invocation, struct error *err);
bool role_bootstrap(struct app *app, const struct invocation *invocation, struct error *err);
bool role_rotate_keys(struct app *app, const struct invocation *invocation, struct error *err);
bool role_call(struct app *app, const struct invocation *invocation, struct error *err);
bool role_openapi(struct app *app, const struct invocation *invocation, struct error *err);
bool role_job_kinds(struct app *app, const struct invocation *invocation, struct error *err);
bool role_jobs_died(struct app *app, const struct invocation *invocation, struct error *err);

#endif
