/* The FastCGI server: the only user of libfcgi. Threads wait together on one epoll set for the listening socket, for
 * the next request on any kept connection, and for the stop event; so an idle connection pins no thread, and a reply
 * may be sent by any thread (parked requests). Each connection has one exchange that is used again for its next
 * request. */
#include "http/http.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_KEPT_BYTES = 256 * 1024, /* a page of a list and some */
    BODY_COPIED_BYTES = 7 * 1024,
    RECORD_MAX_BYTES = 65528,
    HEADERS_MAX_BYTES = 32 * 1024,
    STOP_LINGER_MS = 100
};

struct connection {
    struct http_exchange exchange; /* first, so that http_finish finds the connection */
    FCGX_Request fcgi;
    atomic_bool handed_over;            /* what one thread did to it, the thread that takes it next sees */
    struct connection *next, *previous; /* guarded by server.lock */
};

/* One server a process; listed in fcgi-app/README.md as shared state. */
static struct {
    struct http_server_config config;
    int epoll;
    atomic_int stop_event; /* -1: not yet serving */
    atomic_bool stopping;
    atomic_size_t in_flight; /* connections taken from the epoll set and not yet given back or closed */
} server = {.epoll = -1, .stop_event = -1};
static struct mutex connections_lock = MUTEX_INITIALIZER;
static struct connection *connections GUARDED_BY(connections_lock);

/* Addresses that mark the two sockets in the epoll set which are no connections. */
static char listener_mark, stop_mark;

static bool arm(int operation, int fd, void *mark)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = mark};
    return epoll_ctl(server.epoll, operation, fd, &event) == 0;
}

/* From here on any thread may take the connection. The kernel keeps the order, but C only knows that of its atomics. */
static bool hand_over(int operation, struct connection *connection)
{
    int fd = connection->fcgi.ipcFd; /* nothing of it is touched once it is handed over */
    atomic_store_explicit(&connection->handed_over, true, memory_order_release);
    return arm(operation, fd, connection);
}

static void connection_link(struct connection *connection)
{
    mutex_lock(&connections_lock);
    connection->next = connections;
    if (connections != NULL)
        connections->previous = connection;
    connections = connection;
    mutex_unlock(&connections_lock);
}

static struct connection *first_connection(void)
{
    mutex_lock(&connections_lock);
    struct connection *first = connections;
    mutex_unlock(&connections_lock);
    return first;
}

static void connection_unlink(struct connection *connection)
{
    mutex_lock(&connections_lock);
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        connections = connection->next;
    mutex_unlock(&connections_lock);
}

static void connection_close(struct connection *connection)
{
    connection_unlink(connection);
    if (connection->fcgi.ipcFd >= 0)
        close(connection->fcgi.ipcFd); /* idle: nothing to linger for */
    text_free(&connection->exchange.response.headers);
    text_free(&connection->exchange.response.body);
    arena_free(&connection->exchange.arena);
    free(connection);
}

/* Takes over an accepted socket. libfcgi would accept by itself inside FCGX_Accept_r; giving it a socket that it
 * believes to be a kept connection lets us wait for many at once. */
static struct connection *connection_new(int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        abort();
    FCGX_InitRequest(&connection->fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    connection->fcgi.ipcFd = fd;
    connection->fcgi.keepConnection = 1;
    arena_init(&connection->exchange.arena);
    text_init(&connection->exchange.response.headers, NULL, HEADERS_MAX_BYTES);
    text_init(&connection->exchange.response.body, NULL, HTTP_REPLY_MAX_BYTES);
    connection_link(connection);
    return connection;
}

static void accept_one(void)
{
    int fd = accept4(server.config.listen_socket, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        log_with(LOG_ERROR, "http.accept_failed", L_INT("errno", errno));
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* out of descriptors: let some requests end */
    }
    if (!arm(EPOLL_CTL_MOD, server.config.listen_socket, &listener_mark) && !atomic_load(&server.stopping))
        log_with(LOG_ERROR, "http.listen_failed", L_INT("errno", errno));
    if (fd < 0)
        return;
    struct connection *connection = connection_new(fd);
    if (!hand_over(EPOLL_CTL_ADD, connection))
        connection_close(connection);
}

/* ---- Sending ---------------------------------------------------------------------------------------------------- */

static bool send_all(int fd, struct iovec *parts, int count)
{
    while (count > 0) {
        ssize_t sent = writev(fd, parts, count);
        if (sent < 0 && errno != EINTR)
            return false;
        size_t left = sent < 0 ? 0 : (size_t)sent;
        for (; count > 0 && left >= parts->iov_len; count--)
            left -= (parts++)->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

/* libfcgi copies a body through a buffer of 8 kB with a system call each. What does not fit there goes out from where
 * it lies, in records as long as the protocol allows. A peer that is gone shows when libfcgi ends the request. */
static void send_body(FCGX_Request *fcgi, struct text *body)
{
    if (body->length <= BODY_COPIED_BYTES) {
        FCGX_PutStr(body->data, (int)body->length, fcgi->out);
        return;
    }
    bool sent = FCGX_FFlush(fcgi->out) == 0;
    for (size_t at = 0, some; at < body->length && sent; at += some) {
        some = body->length - at < RECORD_MAX_BYTES ? body->length - at : RECORD_MAX_BYTES;
        FCGI_Header header = {.version = FCGI_VERSION_1,
                              .type = FCGI_STDOUT,
                              .requestIdB1 = (unsigned char)(fcgi->requestId >> 8),
                              .requestIdB0 = (unsigned char)(fcgi->requestId & 255),
                              .contentLengthB1 = (unsigned char)(some >> 8),
                              .contentLengthB0 = (unsigned char)(some & 255)};
        struct iovec parts[] = {{.iov_base = &header, .iov_len = sizeof header},
                                {.iov_base = body->data + at, .iov_len = some}};
        sent = send_all(fcgi->ipcFd, parts, COUNT_OF(parts));
    }
}

static void send_response(FCGX_Request *fcgi, const struct http_request *request, struct http_response *response)
{
    if (response->body.overflowed || response->headers.overflowed) {
        log_event(LOG_ERROR, "http.reply_too_large");
        text_reset(&response->headers);
        text_reset(&response->body);
        response->status = 500;
    }
    char line[128];
    int used = snprintf(line, sizeof line, "Status: %d %s\r\n", response->status, http_status_phrase(response->status));
    FCGX_PutStr(line, used, fcgi->out);
    if (response->content_type != NULL && response->body.length > 0) {
        FCGX_PutS("Content-Type: ", fcgi->out);
        FCGX_PutS(response->content_type, fcgi->out);
        FCGX_PutS("\r\n", fcgi->out);
    }
    used = snprintf(line, sizeof line, "Content-Length: %zu\r\n", response->body.length);
    FCGX_PutStr(line, used, fcgi->out);
    if (response->headers.length > 0)
        FCGX_PutStr(response->headers.data, (int)response->headers.length, fcgi->out);
    FCGX_PutS("\r\n", fcgi->out);
    if (request->method != HTTP_HEAD && response->body.length > 0)
        send_body(fcgi, &response->body);
}

static void exchange_reset(struct http_exchange *exchange)
{
    text_reset(&exchange->response.headers);
    if (exchange->response.body.capacity > BODY_KEPT_BYTES) {
        text_free(&exchange->response.body);
        text_init(&exchange->response.body, NULL, HTTP_REPLY_MAX_BYTES);
    } else {
        text_reset(&exchange->response.body);
    }
    arena_reset(&exchange->arena);
}

/* Gives the connection back to the epoll set or closes it. It must not be touched afterwards. */
static void connection_release(struct connection *connection)
{
    bool keep = connection->fcgi.ipcFd >= 0;
    if (!keep || !hand_over(EPOLL_CTL_MOD, connection))
        connection_close(connection);
    atomic_fetch_sub(&server.in_flight, 1);
}

void http_finish(struct http_exchange *exchange)
{
    struct connection *connection = exchange->transport;
    send_response(&connection->fcgi, &exchange->request, &exchange->response);
    if (atomic_load(&server.stopping))
        connection->fcgi.keepConnection = 0;
    FCGX_Finish_r(&connection->fcgi);
    exchange_reset(exchange);
    connection_release(connection);
}

/* ---- Receiving -------------------------------------------------------------------------------------------------- */

static bool read_body(struct connection *connection, struct error *err)
{
    struct http_request *request = &connection->exchange.request;
    const char *declared = FCGX_GetParam("CONTENT_LENGTH", connection->fcgi.envp);
    int64_t length = 0;
    if (declared != NULL && declared[0] != '\0' && (!string_to_int(declared, &length) || length < 0))
        return error_set(err, ERROR_BAD_REQUEST, "http.malformed_request");
    if (length > HTTP_BODY_MAX_BYTES)
        return error_with(err, ERROR_TOO_LARGE, "http.body_too_large", E_INT("max", HTTP_BODY_MAX_BYTES));
    char *body = arena_alloc(request->arena, (size_t)length + 1);
    int got = length > 0 ? FCGX_GetStr(body, (int)length, connection->fcgi.in) : 0;
    /* the end of the input must be read too: left in the socket, it would look like the begin of the next request */
    if (got != length || FCGX_GetChar(connection->fcgi.in) != EOF)
        return error_set(err, ERROR_BAD_REQUEST, "http.malformed_request");
    return http_read_body(request, body, (size_t)length, err);
}

static void refuse(struct http_exchange *exchange, const struct error *reason)
{
    exchange->response.status = error_http_status(reason->kind);
    if (server.config.refuse != NULL) {
        server.config.refuse(exchange, reason, server.config.context);
    } else {
        exchange->response.content_type = "text/plain; charset=utf-8";
        text_addf(&exchange->response.body, "%s\n", http_status_phrase(exchange->response.status));
    }
}

/* Reads over the rest of a refused request, so that its connection can be kept: the peer may already be sending the
 * next request on a connection that is closed after an answer. False: more than anybody sends. */
static bool skip_input(FCGX_Request *fcgi)
{
    char unread[16 * 1024];
    int64_t left = 2 * (int64_t)HTTP_BODY_MAX_BYTES;
    while (left > 0) {
        int got = FCGX_GetStr(unread, (int)sizeof unread, fcgi->in);
        if (got < (int)sizeof unread)
            return true;
        left -= got;
    }
    return false;
}

static bool read_request(struct connection *connection, struct error *err)
{
    struct http_exchange *exchange = &connection->exchange;
    const char *const *environment = (const char *const *)connection->fcgi.envp;
    bool ok = http_read_environment(&exchange->request, &exchange->arena, environment, err);
    log_set_request(exchange->request.request_id);
    if (ok)
        ok = read_body(connection, err);
    if (!ok && !skip_input(&connection->fcgi))
        connection->fcgi.keepConnection = 0; /* what was not read must not become the next request */
    return ok;
}

static void serve(struct connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    (void)atomic_load_explicit(&connection->handed_over, memory_order_acquire);
    atomic_fetch_add(&server.in_flight, 1);
    if (FCGX_Accept_r(&connection->fcgi) != 0) { /* the peer closed it, or sent no FastCGI; libfcgi has closed it too */
        connection_release(connection);
        return;
    }
    exchange->transport = connection;
    exchange->response.status = 200;
    exchange->response.content_type = NULL;
    struct error err = {0};
    enum http_outcome outcome = HTTP_DONE;
    if (read_request(connection, &err)) {
        outcome = server.config.handler(exchange, server.config.context);
    } else {
        log_error(LOG_INFO, "http.refused", &err);
        refuse(exchange, &err);
    }
    log_set_request(NULL);
    if (outcome == HTTP_DONE)
        http_finish(exchange);
}

/* ---- Threads ---------------------------------------------------------------------------------------------------- */

/* After the stop event: no new connections. Kept ones get STOP_LINGER_MS: nginx does not know yet and may just be
 * sending on them; what it sends is answered, and the connection closed with the answer. */
static void drain(void)
{
    int64_t end_ms = clock_monotonic_ms() + STOP_LINGER_MS;
    epoll_ctl(server.epoll, EPOLL_CTL_DEL, server.config.listen_socket, NULL);
    do {
        struct epoll_event events[2];
        int count = epoll_wait(server.epoll, events, COUNT_OF(events), 0);
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr != &listener_mark && events[i].data.ptr != &stop_mark)
                serve(events[i].data.ptr);
        if (count < 2)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    } while (clock_monotonic_ms() < end_ms);
}

static void *serve_until_stop(void *argument)
{
    (void)argument;
    if (server.config.thread_started != NULL)
        server.config.thread_started(server.config.context);
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(server.epoll, &event, 1, -1);
        if (count == 1 && event.data.ptr == &stop_mark)
            break;
        if (count == 1 && event.data.ptr == &listener_mark)
            accept_one();
        else if (count == 1)
            serve(event.data.ptr);
        else if (count < 0 && errno != EINTR) {
            log_with(LOG_ERROR, "http.wait_failed", L_INT("errno", errno));
            break;
        }
    }
    drain();
    if (server.config.thread_stopping != NULL)
        server.config.thread_stopping(server.config.context);
    return NULL;
}

static bool open_server(const struct http_server_config *config, struct error *err)
{
    server.config = *config;
    if (FCGX_Init() != 0)
        return error_set(err, ERROR_INTERNAL, "http.cannot_serve");
    signal(SIGPIPE, SIG_IGN); /* libfcgi has set handlers of its own for these two */
    signal(SIGUSR1, SIG_IGN);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    atomic_store(&server.stop_event, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (atomic_load(&server.stopping)) /* the stop came before we were there */
        http_server_stop();
    struct epoll_event stop = {.events = EPOLLIN, .data.ptr = &stop_mark};
    if (server.epoll < 0 || fcntl(config->listen_socket, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(server.epoll, EPOLL_CTL_ADD, atomic_load(&server.stop_event), &stop) != 0 ||
        !arm(EPOLL_CTL_ADD, config->listen_socket, &listener_mark)) {
        int reason = errno;
        error_set(err, ERROR_INTERNAL, "http.cannot_serve");
        return error_add_detail(err, "cannot serve socket %d: %s", config->listen_socket, strerror(reason));
    }
    return true;
}

static void close_server(void)
{
    while (atomic_load(&server.in_flight) > 0) /* parked requests; whoever holds them answers them now */
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    for (struct connection *connection; (connection = first_connection()) != NULL;)
        connection_close(connection);
    close(server.epoll);
    server.epoll = -1; /* the stop event stays open: a late http_server_stop may just be writing to it */
}

bool http_server_run(const struct http_server_config *config, struct error *err)
{
    if (!open_server(config, err))
        return false;
    pthread_t *threads = calloc(config->threads, sizeof *threads);
    if (threads == NULL)
        abort();
    size_t started = 0;
    bool ok = true;
    while (ok && started < config->threads) {
        char name[16];
        snprintf(name, sizeof name, "web-%u", (unsigned)started % 10000u);
        ok = thread_start(&threads[started], name, serve_until_stop, NULL, err);
        started += ok;
    }
    if (!ok)
        http_server_stop();
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    close_server();
    return ok;
}

bool http_server_is_stopping(void)
{
    return atomic_load(&server.stopping);
}

void http_server_stop(void)
{
    atomic_store(&server.stopping, true);
    uint64_t one = 1;
    int stop_event = atomic_load(&server.stop_event);
    if (stop_event >= 0 && write(stop_event, &one, sizeof(one)) < 0)
        return; /* already signalled as often as it can count */
}
