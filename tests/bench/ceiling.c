/* The ceiling that every figure of `make bench` is compared with: the FastCGI server with an empty handler.
 * ceiling SOCKET THREADS: serves on a unix socket until SIGTERM. */
#include "http/http.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static enum http_outcome answer_nothing(struct http_exchange *exchange, void *context)
{
    (void)context;
    exchange->response.content_type = "application/json; charset=UTF-8";
    text_add(&exchange->response.body, "{}");
    return HTTP_DONE;
}

static void on_stop(int signal_number)
{
    (void)signal_number;
    http_server_stop();
}

int main(int argc, char **argv)
{
    int64_t threads;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path) || !string_to_int(argv[2], &threads) || threads < 1) {
        fprintf(stderr, "usage: ceiling SOCKET THREADS\n");
        return 2;
    }
    log_start("ceiling", LOG_INFO);
    string_copy(address.sun_path, sizeof(address.sun_path), argv[1]);
    (void)unlink(argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 1024) != 0) {
        perror(argv[1]);
        return 1;
    }
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    struct http_server_config config = {
        .listen_socket = listener, .threads = (size_t)threads, .handler = answer_nothing};
    struct error err = {0};
    bool ok = http_server_run(&config, &err);
    if (!ok)
        log_error(LOG_ERROR, "ceiling.failed", &err);
    (void)unlink(argv[1]);
    return ok ? 0 : 1;
}
