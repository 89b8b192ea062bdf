/* gurum-simulator: a pretend cloud in one small process behind a unix socket, and the client of its commands.
 * This file has the arguments, the sockets and the loop; what the cloud does is in the other files of the folder. */
#include "server/request.h"
#include "simulator_protocol.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MOST 1024

struct connection {
    int socket;
    char *input;
    size_t input_length, input_capacity;
    char *output;
    size_t output_length, output_sent;
};

static volatile sig_atomic_t stop_wanted;

static void on_signal(int number)
{
    (void)number;
    stop_wanted = 1;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void give_up(const char *what)
{
    fprintf(stderr, "gurum-simulator: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) >= sizeof(address.sun_path)) {
        errno = path == NULL ? EINVAL : ENAMETOOLONG;
        give_up("--socket PATH or " SIMULATOR_SOCKET_VARIABLE);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

/* ---- Server ---- */

static void connection_close(struct connection *connection)
{
    close(connection->socket);
    free(connection->input);
    free(connection->output);
    free(connection);
}

/* The reply to one line, as text that the caller frees. */
static char *line_answer(const char *line)
{
    struct json_object *message = json_tokener_parse(line), *reply = NULL;
    char *raw = NULL;
    if (!json_object_is_type(message, json_type_object)) {
        reply = json_object_new_object();
        set_number(reply, "status", GURUM_INVALID);
        set_text(reply, "text", "not a JSON object");
    } else if (member_of(message, "command") != NULL) {
        reply = command_answer(message, now_ms(), &raw);
    } else {
        reply = request_answer(message, now_ms());
    }
    state_flush();
    if (raw == NULL && asprintf(&raw, "%s\n", json_object_to_json_string_ext(reply, JSON_FORM)) < 0)
        abort();
    json_object_put(reply);
    json_object_put(message);
    return raw;
}

static void output_append(struct connection *connection, const char *text)
{
    size_t length = strlen(text);
    connection->output = realloc(connection->output, connection->output_length + length + 1);
    if (connection->output == NULL)
        abort();
    memcpy(connection->output + connection->output_length, text, length + 1);
    connection->output_length += length;
}

static bool output_send(struct connection *connection)
{
    while (connection->output_sent < connection->output_length) {
        ssize_t sent = send(connection->socket, connection->output + connection->output_sent,
                            connection->output_length - connection->output_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        connection->output_sent += (size_t)sent;
    }
    free(connection->output);
    connection->output = NULL;
    connection->output_length = connection->output_sent = 0;
    return true;
}

static void lines_answer(struct connection *connection)
{
    char *start = connection->input, *end;
    size_t left = connection->input_length;
    while ((end = memchr(start, '\n', left)) != NULL) {
        *end = '\0';
        char *reply = line_answer(start);
        output_append(connection, reply);
        free(reply);
        left -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(connection->input, start, left);
    connection->input_length = left;
}

/* False: the connection is over, or its line is above the ceiling. */
static bool connection_serve(struct connection *connection, uint32_t events)
{
    if (events & EPOLLIN) {
        if (connection->input_length + 65536 > connection->input_capacity) {
            if (connection->input_length > SIMULATOR_LINE_BYTES_MOST)
                return false;
            connection->input_capacity = connection->input_capacity * 2 + 131072;
            connection->input = realloc(connection->input, connection->input_capacity);
            if (connection->input == NULL)
                abort();
        }
        ssize_t got = recv(connection->socket, connection->input + connection->input_length,
                           connection->input_capacity - connection->input_length, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        connection->input_length += got > 0 ? (size_t)got : 0;
        lines_answer(connection);
    } else if (events & (EPOLLHUP | EPOLLERR)) {
        return false;
    }
    return output_send(connection);
}

static void poll_want(int poll, struct connection *connection, int change)
{
    struct epoll_event event = {.events = EPOLLIN | (connection->output_length > 0 ? EPOLLOUT : 0u),
                                .data = {.ptr = connection}};
    if (epoll_ctl(poll, change, connection->socket, &event) != 0)
        give_up("epoll_ctl");
}

/* The number of connections that came: 1, or 0 when there was none or no room for it. */
static int connection_accept(int poll, int listener, int connections)
{
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0 && connections >= CONNECTIONS_MOST)
        close(accepted);
    if (accepted < 0 || connections >= CONNECTIONS_MOST)
        return 0;
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        abort();
    connection->socket = accepted;
    poll_want(poll, connection, EPOLL_CTL_ADD);
    return 1;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
        probe = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || probe < 0)
        give_up("socket");
    if (connect(probe, (struct sockaddr *)&address, sizeof(address)) == 0) {
        errno = EADDRINUSE;
        give_up(path);
    }
    close(probe);
    unlink(path);
    mode_t mask = umask(0177);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 512) != 0)
        give_up(path);
    umask(mask);
    return listener;
}

static int serve(const char *socket_path, const char *state_path)
{
    state_open(state_path);
    int listener = listen_at(socket_path), poll = epoll_create1(EPOLL_CLOEXEC), connections = 0;
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}}, events[64];
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) != 0)
        give_up("epoll");
    while (!stop_wanted) {
        int count = epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection == NULL) {
                connections += connection_accept(poll, listener, connections);
            } else if (connection_serve(connection, events[i].events)) {
                poll_want(poll, connection, EPOLL_CTL_MOD);
            } else {
                connection_close(connection);
                connections--;
            }
        }
    }
    unlink(socket_path);
    state_flush();
    return 0;
}

/* ---- Client of the commands ---- */

static const char *const usage =
    "gurum-simulator --socket PATH [--state FILE]        serve (the socket may also come "
    "from " SIMULATOR_SOCKET_VARIABLE ")\n"
    "gurum-simulator --socket PATH dump [KIND] | reset | ping | stats | no-faults\n"
    "gurum-simulator --socket PATH fault action=crash [kind=hypervisor] [slot=guest_start] [object=UUID|NAME|URL]\n"
    "                             [nth=1] [times=0] [status=FAILED] [text=…] [ms=1000]\n"
    "    actions: status slow hang crash crash-after-effect pending lie lie-size\n"
    "gurum-simulator --socket PATH delay SLOT MS\n"
    "gurum-simulator --socket PATH kill_guest|stop_guest|start_guest UUID|NAME\n"
    "gurum-simulator --socket PATH run_guest UUID host=URL [name=NAME] | forget_guest UUID|NAME\n"
    "gurum-simulator --socket PATH host_down|host_up URL | host_size URL cpus=8 mhz=2000 memory_mib=32768\n";

static struct json_object *command_from(int count, char **words)
{
    struct json_object *message = json_object_new_object();
    set_text(message, "command", words[0]);
    for (int i = 1; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (strcmp(words[0], "delay") == 0) {
            i == 1 ? set_text(message, "slot", words[i]) : set_number(message, "ms", strtol(words[i], NULL, 10));
        } else if (equals == NULL) {
            set_text(message, "object", words[i]);
        } else {
            *equals = '\0';
            char *end = NULL;
            long number = strtol(equals + 1, &end, 10);
            if (end != equals + 1 && *end == '\0')
                set_number(message, words[i], number);
            else
                set_text(message, words[i], equals + 1);
        }
    }
    return message;
}

static int command_send(const char *socket_path, struct json_object *message)
{
    struct sockaddr_un address = address_of(socket_path);
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || connect(peer, (struct sockaddr *)&address, sizeof(address)) != 0)
        give_up(socket_path);
    FILE *stream = fdopen(peer, "r+");
    if (stream == NULL)
        give_up("fdopen");
    fprintf(stream, "%s\n", json_object_to_json_string_ext(message, JSON_FORM));
    fflush(stream);
    char *line = NULL;
    size_t capacity = 0;
    if (getline(&line, &capacity, stream) <= 0)
        give_up("no answer");
    fputs(line, stdout);
    bool failed = strstr(line, "\"status\":0") == NULL && strcmp(text_of(message, "command"), "dump") != 0;
    free(line);
    fclose(stream);
    json_object_put(message);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *socket_path = getenv(SIMULATOR_SOCKET_VARIABLE), *state_path = NULL;
    int at = 1;
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (strcmp(argv[at], "--socket") == 0)
            socket_path = argv[at + 1];
        else if (strcmp(argv[at], "--state") == 0)
            state_path = argv[at + 1];
        else
            break;
    }
    if (at < argc && argv[at][0] == '-') {
        fputs(usage, strcmp(argv[at], "--help") == 0 ? stdout : stderr);
        return strcmp(argv[at], "--help") == 0 ? 0 : 2;
    }
    if (at < argc)
        return command_send(socket_path, command_from(argc - at, argv + at));
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return serve(socket_path, state_path);
}
