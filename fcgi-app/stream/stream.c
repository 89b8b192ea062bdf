/* The event loop of the stream process, on libwebsockets; the only file that knows it. */
#include "stream/stream.h"

#include <grp.h>
#include <libwebsockets.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

enum { CONNECTIONS_MAX = 4096 };

static atomic_bool stopping;
static _Atomic(struct lws_context *) running; /* NULL: not serving */

static int answer(struct lws *connection, unsigned status, const char *body)
{
    unsigned char buffer[LWS_PRE + 512], *start = &buffer[LWS_PRE], *at = start, *end = &buffer[sizeof(buffer) - 1];
    size_t length = strlen(body);
    if (lws_add_http_common_headers(connection, status, "text/plain; charset=utf-8", length, &at, end) ||
        lws_finalize_write_http_header(connection, start, &at, end))
        return 1;
    unsigned char content[LWS_PRE + 64];
    memcpy(&content[LWS_PRE], body, length);
    if (lws_write(connection, &content[LWS_PRE], length, LWS_WRITE_HTTP_FINAL) < 0)
        return 1;
    return lws_http_transaction_completed(connection) ? -1 : 0;
}

static int on_http(struct lws *connection, enum lws_callback_reasons reason, void *session, void *data, size_t length)
{
    if (reason != LWS_CALLBACK_HTTP)
        return lws_callback_http_dummy(connection, reason, session, data, length);
    if (string_equal(data, "/stream/health"))
        return answer(connection, HTTP_STATUS_OK, "ok\n");
    return answer(connection, HTTP_STATUS_NOT_FOUND, "not found\n");
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http},
    {.name = NULL},
};

static void log_line(int level, const char *line)
{
    log_with(level == LLL_ERR ? LOG_ERROR : LOG_WARNING, "stream.library", L_TEXT("text", line));
}

static bool give_to_group(const char *path, const char *group)
{
    if (group[0] == '\0')
        return true;
    struct group *entry = getgrnam(group);
    return entry && chown(path, (uid_t)-1, entry->gr_gid) == 0;
}

bool stream_run(const struct config *config, struct error *err)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
    (void)unlink(config->stream_listen);
    struct lws_context_creation_info info = {.iface = config->stream_listen,
                                             .protocols = protocols,
                                             .gid = -1,
                                             .uid = -1,
                                             .options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_DISABLE_IPV6,
                                             .fd_limit_per_thread = CONNECTIONS_MAX,
                                             .server_string = "gurum"};
    mode_t before = umask(0117);
    struct lws_context *context = lws_create_context(&info);
    umask(before);
    if (!context || !give_to_group(config->stream_listen, config->web_group)) {
        if (context)
            lws_context_destroy(context);
        return error_with(err, ERROR_INTERNAL, "listen.failed", E_TEXT("path", config->stream_listen));
    }
    atomic_store(&running, context);
    log_with(LOG_INFO, "stream.started", L_TEXT("listen", config->stream_listen));
    while (!atomic_load(&stopping) && lws_service(context, 0) >= 0)
        continue;
    atomic_store(&running, NULL);
    lws_context_destroy(context);
    (void)unlink(config->stream_listen);
    log_event(LOG_INFO, "stream.stopped");
    return true;
}

void stream_stop(void)
{
    atomic_store(&stopping, true);
    struct lws_context *context = atomic_load(&running);
    if (context)
        lws_cancel_service(context); /* writes to the loop's event descriptor */
}
