/* The supervise role: `supervise` for all roles of this machine, `supervise jobs` for some. */
#include "roles.h"

#include "supervise/supervise.h"

bool role_supervise(struct app *app, const struct invocation *invocation, struct error *err)
{
    bool all = invocation->argument_count == 0;
    struct supervise_options options = {.config_path = app->config_path, .web = all, .jobs = all, .stream = all};
    for (size_t i = 0; i < invocation->argument_count; i++) {
        const char *name = invocation->arguments[i];
        if (string_equal(name, "web"))
            options.web = true;
        else if (string_equal(name, "jobs"))
            options.jobs = true;
        else if (string_equal(name, "stream"))
            options.stream = true;
        else
            return error_with(err, ERROR_INTERNAL, "role.usage", E_TEXT("usage", "supervise [web] [jobs] [stream]"));
    }
    return supervise_run(&options, &app->config, err);
}
