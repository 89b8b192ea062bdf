/* The web role: FastCGI threads that give each request to the room its path belongs to. */
#include "roles.h"

#include "api/api.h"
#include "base/log.h"
#include "render/theme.h"
#include "supervise/listen.h"

#include <string.h>

static bool fits(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(path, prefix, length) == 0 &&
           (path[length] == '\0' || path[length] == '/' || prefix[length - 1] == '/');
}

static enum http_outcome route(struct http_exchange *exchange, void *context)
{
    for (size_t i = 0; i < APP_ROUTE_COUNT; i++)
        if (fits(exchange->request.path, APP_ROUTES[i].prefix))
            return APP_ROUTES[i].handler(exchange, context);
    exchange->response.status = 404;
    return HTTP_DONE;
}

static void refuse(struct http_exchange *exchange, const struct error *reason, void *context)
{
    (void)context;
    if (exchange->request.path && fits(exchange->request.path, "/client/api")) {
        api_http_refuse(exchange, reason);
        return;
    }
    exchange->response.content_type = "text/plain; charset=utf-8";
    text_addf(&exchange->response.body, "%s\n", http_status_phrase(exchange->response.status));
}

bool role_web(struct app *app, const struct invocation *invocation, struct error *err)
{
    (void)invocation;
    int listen_socket;
    if (!theme_load(app->config.templates_folder, err) || !listen_inherited_or_new(&app->config, &listen_socket, err) ||
        !api_waiters_start(app->pool, app->config.run_folder, err))
        return false;
    struct http_server_config server = {.listen_socket = listen_socket,
                                        .threads = (size_t)app->config.web_threads,
                                        .handler = route,
                                        .context = app,
                                        .refuse = refuse};
    log_with(LOG_INFO, "web.started", L_INT("threads", app->config.web_threads));
    bool ok = http_server_run(&server, err);
    api_waiters_stop();
    log_event(LOG_INFO, "web.stopped");
    return ok;
}

void role_web_stop(void)
{
    http_server_stop();
}
