/* The FastCGI server against a small FastCGI client: kept connections, parked requests, ceilings, stop. */
#include "http/http.h"

#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, CONTENT_MAX = 60000 };

/* ---- the server under test ---- */

static char folder[] = "/tmp/gurum-server-XXXXXX";
static struct sockaddr_un address;
static struct http_server_config config;
static pthread_t server_thread;
static _Atomic(struct http_exchange *) parked;

static enum http_outcome handle(struct http_exchange *exchange, void *context)
{
    (void)context;
    const char *say = http_param(&exchange->request, "say");
    exchange->response.content_type = "text/plain";
    text_addf(&exchange->response.body, "%s %s", exchange->request.path, say ? say : "-");
    if (strcmp(exchange->request.path, "/park") != 0)
        return HTTP_DONE;
    atomic_store(&parked, exchange);
    return HTTP_PARKED;
}

static void *run_server(void *argument)
{
    struct error err = {0};
    (void)argument;
    ck_assert(http_server_run(&config, &err));
    return NULL;
}

static void start_server(size_t threads)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", folder);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(listener, 16), 0);
    config = (struct http_server_config){.listen_socket = listener, .threads = threads, .handler = handle};
    ck_assert_int_eq(pthread_create(&server_thread, NULL, run_server, NULL), 0);
}

static void stop_server(void)
{
    http_server_stop();
    pthread_join(server_thread, NULL);
    close(config.listen_socket);
    unlink(address.sun_path);
    rmdir(folder);
}

/* ---- the client ---- */

struct reply {
    char text[4096]; /* headers and the body's begin */
    size_t length;
    bool complete; /* END_REQUEST came */
};

static int connect_client(void)
{
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 10};
    ck_assert_int_eq(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    ck_assert_int_eq(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void send_record(int client, int type, const char *content, size_t length)
{
    unsigned char header[8] = {
        1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)(length & 255), 0, 0};
    ck_assert_int_eq(send(client, header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
    if (length > 0)
        ck_assert_int_eq(send(client, content, length, MSG_NOSIGNAL), (ssize_t)length);
}

static void send_params(int client, const char *const *params)
{
    char content[2048];
    size_t length = 0;
    for (; params[0]; params += 2) {
        size_t name = strlen(params[0]), value = strlen(params[1]);
        ck_assert(name < 128 && value < 128 && length + name + value + 2 < sizeof(content));
        content[length++] = (char)name;
        content[length++] = (char)value;
        memcpy(content + length, params[0], name);
        memcpy(content + length + name, params[1], value);
        length += name + value;
    }
    send_record(client, PARAMS, content, length);
    send_record(client, PARAMS, NULL, 0);
}

static void ask(int client, bool keep, const char *path, const char *query)
{
    const char begin[8] = {0, 1, keep ? 1 : 0};
    const char *const params[] = {"REQUEST_METHOD", "GET", "SCRIPT_NAME", path, "QUERY_STRING", query, NULL};
    send_record(client, BEGIN_REQUEST, begin, sizeof(begin));
    send_params(client, params);
    send_record(client, STDIN, NULL, 0);
}

static bool receive(int client, void *buffer, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t more = recv(client, (char *)buffer + got, length - got, 0);
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

static struct reply read_reply(int client)
{
    struct reply reply = {.length = 0};
    unsigned char header[8];
    while (!reply.complete && receive(client, header, sizeof(header))) {
        size_t length = (size_t)header[4] << 8 | header[5];
        char content[65536];
        if (!receive(client, content, length + header[6]))
            break;
        size_t room = sizeof(reply.text) - 1 - reply.length;
        if (header[1] == STDOUT) {
            memcpy(reply.text + reply.length, content, length < room ? length : room);
            reply.length += length < room ? length : room;
        }
        reply.complete = header[1] == END_REQUEST;
    }
    return reply;
}

static bool is_closed(int client)
{
    char byte;
    return recv(client, &byte, 1, 0) == 0;
}

static struct http_exchange *wait_for_parked(void)
{
    struct http_exchange *exchange;
    for (int i = 0; i < 5000 && !(exchange = atomic_load(&parked)); i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    ck_assert_ptr_nonnull(exchange);
    return exchange;
}

#define ck_assert_reply(client, words)                                                                                 \
    do {                                                                                                               \
        struct reply reply_ = read_reply(client);                                                                      \
        ck_assert(reply_.complete);                                                                                    \
        ck_assert_ptr_nonnull(strstr(reply_.text, words));                                                             \
    } while (0)

/* ---- tests ---- */

START_TEST(test_kept_connection_serves_one_request_after_another)
{
    start_server(2);
    int client = connect_client();
    for (int i = 0; i < 3; i++) {
        ask(client, true, "/a", "say=hello%20there");
        ck_assert_reply(client,
                        "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n/a hello there");
    }
    close(client);
    stop_server();
}
END_TEST

START_TEST(test_connection_is_closed_when_the_gateway_does_not_keep_it)
{
    start_server(2);
    int client = connect_client();
    ask(client, false, "/a", "");
    ck_assert_reply(client, "/a -");
    ck_assert(is_closed(client));
    close(client);
    stop_server();
}
END_TEST

START_TEST(test_idle_connections_pin_no_thread)
{
    start_server(1);
    int clients[8];
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        clients[i] = connect_client();
        ask(clients[i], true, "/a", "");
        ck_assert_reply(clients[i], "/a -");
    }
    ask(clients[0], true, "/b", "");
    ck_assert_reply(clients[0], "/b -");
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        close(clients[i]);
    stop_server();
}
END_TEST

START_TEST(test_parked_request_leaves_its_thread_to_others)
{
    start_server(1);
    int waiting = connect_client(), other = connect_client();
    ask(waiting, true, "/park", "say=later");
    struct http_exchange *exchange = wait_for_parked();
    ask(other, true, "/a", "");
    ck_assert_reply(other, "/a -");
    exchange->response.status = 202;
    http_finish(exchange);
    ck_assert_reply(waiting, "/park later");
    ask(waiting, true, "/a", "");
    ck_assert_reply(waiting, "/a -");
    close(waiting);
    close(other);
    stop_server();
}
END_TEST

START_TEST(test_body_over_the_ceiling_is_refused)
{
    start_server(1);
    int client = connect_client();
    const char begin[8] = {0, 1, 1};
    const char *const params[] = {"REQUEST_METHOD", "POST", "CONTENT_LENGTH", "2097153", NULL};
    send_record(client, BEGIN_REQUEST, begin, sizeof(begin));
    send_params(client, params);
    send_record(client, STDIN, NULL, 0);
    ck_assert_reply(client, "Status: 413");
    close(client);
    stop_server();
}
END_TEST

START_TEST(test_form_body_is_read_whole)
{
    start_server(1);
    int client = connect_client();
    static char body[CONTENT_MAX];
    memset(body, 'x', sizeof(body));
    memcpy(body, "say=", 4);
    const char begin[8] = {0, 1, 1};
    const char *const params[] = {"REQUEST_METHOD",
                                  "POST",
                                  "SCRIPT_NAME",
                                  "/a",
                                  "CONTENT_LENGTH",
                                  "180004",
                                  "CONTENT_TYPE",
                                  "application/x-www-form-urlencoded",
                                  NULL};
    send_record(client, BEGIN_REQUEST, begin, sizeof(begin));
    send_params(client, params);
    for (int i = 0; i < 3; i++)
        send_record(client, STDIN, body, sizeof(body)); /* "say=" twice more inside the value */
    send_record(client, STDIN, "xxxx", 4);
    send_record(client, STDIN, NULL, 0);
    ck_assert_reply(client, "Content-Length: 180003\r\n\r\n/a xxxx");
    close(client);
    stop_server();
}
END_TEST

START_TEST(test_malformed_query_is_a_bad_request)
{
    start_server(1);
    int client = connect_client();
    ask(client, true, "/a", "say=%zz");
    ck_assert_reply(client, "Status: 400 Bad Request");
    close(client);
    stop_server();
}
END_TEST

START_TEST(test_bytes_that_are_no_fastcgi_end_only_their_connection)
{
    start_server(1);
    int stranger = connect_client(), client = connect_client();
    ck_assert_int_eq(send(stranger, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    shutdown(stranger, SHUT_WR);
    ck_assert(!read_reply(stranger).complete);
    ask(client, true, "/a", "");
    ck_assert_reply(client, "/a -");
    close(stranger);
    close(client);
    stop_server();
}
END_TEST

static void *finish_a_little_later(void *argument)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    http_finish(argument);
    return NULL;
}

START_TEST(test_stop_waits_for_parked_requests_and_closes_idle_connections)
{
    start_server(2);
    int waiting = connect_client(), idle = connect_client();
    ask(idle, true, "/a", "");
    ck_assert_reply(idle, "/a -");
    ask(waiting, true, "/park", "say=end");
    pthread_t finisher;
    ck_assert_int_eq(pthread_create(&finisher, NULL, finish_a_little_later, wait_for_parked()), 0);
    stop_server();
    ck_assert_reply(waiting, "/park end");
    ck_assert(is_closed(waiting));
    ck_assert(is_closed(idle));
    pthread_join(finisher, NULL);
    close(waiting);
    close(idle);
}
END_TEST

static Suite *server_suite(void)
{
    Suite *suite = suite_create("server");
    TCase *tests = tcase_create("server");
    tcase_add_test(tests, test_kept_connection_serves_one_request_after_another);
    tcase_add_test(tests, test_connection_is_closed_when_the_gateway_does_not_keep_it);
    tcase_add_test(tests, test_idle_connections_pin_no_thread);
    tcase_add_test(tests, test_parked_request_leaves_its_thread_to_others);
    tcase_add_test(tests, test_body_over_the_ceiling_is_refused);
    tcase_add_test(tests, test_form_body_is_read_whole);
    tcase_add_test(tests, test_malformed_query_is_a_bad_request);
    tcase_add_test(tests, test_bytes_that_are_no_fastcgi_end_only_their_connection);
    tcase_add_test(tests, test_stop_waits_for_parked_requests_and_closes_idle_connections);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(server_suite)
