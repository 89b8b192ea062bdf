/* See simulator_client.h. Idle connections are kept in a small pool, so that a thread's call costs one write and one
 * read; a process that was forked drops its parent's. */
#include "simulator_client.h"

#include "simulator_protocol.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MOST 64
#define ANSWER_MS_MOST 30000

static const struct gurum_services *services;
static struct sockaddr_un address;
static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static int idle[IDLE_MOST];
static int idle_count;
static pid_t idle_owner;

const struct gurum_services *simulator_services(void)
{
    return services;
}

int32_t simulator_start(const struct gurum_services *given)
{
    services = given;
    const char *path = services->setting("socket");
    if (path == NULL || path[0] == '\0')
        path = getenv(SIMULATOR_SOCKET_VARIABLE);
    if (path == NULL || path[0] == '\0')
        return services->fail(NULL, GURUM_INVALID, "simulator_no_socket",
                              "neither the setting socket nor " SIMULATOR_SOCKET_VARIABLE
                              " names the simulator's socket");
    if (strlen(path) >= sizeof(address.sun_path))
        return services->fail(NULL, GURUM_INVALID, "simulator_long_path", "the socket's path is longer than %zu bytes",
                              sizeof(address.sun_path) - 1);
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path, strlen(path) + 1);
    return GURUM_OK;
}

void simulator_stop(void)
{
    pthread_mutex_lock(&idle_lock);
    while (idle_count > 0)
        close(idle[--idle_count]);
    pthread_mutex_unlock(&idle_lock);
}

/* ---- Connections ---- */

static int connection_idle(void)
{
    pthread_mutex_lock(&idle_lock);
    if (idle_owner != getpid()) {
        while (idle_count > 0)
            close(idle[--idle_count]);
        idle_owner = getpid();
    }
    int peer = idle_count > 0 ? idle[--idle_count] : -1;
    pthread_mutex_unlock(&idle_lock);
    return peer;
}

static int connection_new(void)
{
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer >= 0 && connect(peer, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        int reason = errno;
        close(peer);
        errno = reason;
        return -1;
    }
    return peer;
}

static void connection_keep(int peer)
{
    pthread_mutex_lock(&idle_lock);
    bool kept = idle_count < IDLE_MOST && idle_owner == getpid();
    if (kept)
        idle[idle_count++] = peer;
    pthread_mutex_unlock(&idle_lock);
    if (!kept)
        close(peer);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(int peer, short events, int64_t until_ms)
{
    struct pollfd poll_of = {.fd = peer, .events = events};
    int64_t left_ms = until_ms - now_ms();
    int ready;
    do
        ready = poll(&poll_of, 1, left_ms > 0 ? (int)left_ms : 0);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

static bool line_send(int peer, const char *line, size_t length, int64_t until_ms)
{
    while (length > 0) {
        ssize_t sent = send(peer, line, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent < 0 && !wait_for(peer, POLLOUT, until_ms))
            return false;
        line += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

/* One line, which the caller frees; NULL with errno. */
static char *line_receive(int peer, int64_t until_ms)
{
    size_t length = 0, capacity = 4096;
    char *line = malloc(capacity);
    while (line != NULL) {
        ssize_t got =
            wait_for(peer, POLLIN, until_ms) ? recv(peer, line + length, capacity - length - 1, MSG_DONTWAIT) : -1;
        if (got <= 0) {
            if (got < 0 && (errno == EAGAIN || errno == EINTR))
                continue;
            errno = got == 0 ? ECONNRESET : errno;
            break;
        }
        length += (size_t)got;
        line[length] = '\0';
        if (line[length - 1] == '\n')
            return line;
        if (length + 1 == capacity) {
            char *wider = capacity < SIMULATOR_LINE_BYTES_MOST * 4 ? realloc(line, capacity * 2) : NULL;
            if (wider == NULL) {
                errno = EMSGSIZE;
                break;
            }
            line = wider;
            capacity *= 2;
        }
    }
    free(line);
    return NULL;
}

/* A connection kept from before may have died with an earlier server; then once more on a new one: slots may be
 * repeated. */
static char *line_exchange(const char *line, size_t length, int64_t until_ms)
{
    int kept = connection_idle(), peer = kept >= 0 ? kept : connection_new();
    for (int attempt = 0; peer >= 0; attempt++) {
        char *answer = line_send(peer, line, length, until_ms) ? line_receive(peer, until_ms) : NULL;
        if (answer != NULL) {
            connection_keep(peer);
            return answer;
        }
        int reason = errno;
        close(peer);
        errno = reason;
        if (attempt > 0 || kept < 0 || reason == ETIMEDOUT)
            break;
        peer = connection_new();
    }
    return NULL;
}

/* ---- Calls ---- */

static int64_t number_of(struct json_object *object, const char *name)
{
    return json_object_get_int64(json_object_object_get(object, name));
}

static const char *text_of(struct json_object *object, const char *name)
{
    struct json_object *member = json_object_object_get(object, name);
    return member == NULL ? NULL : json_object_get_string(member);
}

/* Scripted misbehaviour, after whatever effect the server let happen. */
static void fault_carry_out(struct json_object *fault)
{
    const char *action = text_of(fault, "action");
    if (action == NULL)
        return;
    if (strcmp(action, "crash") == 0 || strcmp(action, "crash-after-effect") == 0)
        raise(SIGSEGV);
    int64_t ms = strcmp(action, "slow") == 0 ? number_of(fault, "ms") : strcmp(action, "hang") == 0 ? INT64_MAX : 0;
    struct timespec pause = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (ms == INT64_MAX ? sleep(3600) < 3601 : nanosleep(&pause, &pause) != 0)
        continue;
}

static int32_t answer_carry_out(struct gurum_call *call, struct json_object *answer)
{
    struct json_object *fault = json_object_object_get(answer, "fault"),
                       *items = json_object_object_get(answer, "items");
    int32_t status = (int32_t)number_of(answer, "status");
    fault_carry_out(fault);
    bool lie_size = text_of(fault, "action") != NULL && strcmp(text_of(fault, "action"), "lie-size") == 0;
    for (size_t i = 0; items != NULL && i < json_object_array_length(items); i++) {
        int32_t taken = simulator_report(call, json_object_array_get_idx(items, i), lie_size);
        if (taken != GURUM_OK)
            return taken;
    }
    if (status == GURUM_PENDING) {
        services->progress(call, (uint64_t)number_of(answer, "progress_done"),
                           (uint64_t)number_of(answer, "progress_total"), "waiting");
        return services->check_after(call, (uint32_t)number_of(answer, "check_after_ms"));
    }
    if (status != GURUM_OK)
        return services->fail(call, status, text_of(answer, "reason"), "%s",
                              text_of(answer, "text") == NULL ? "" : text_of(answer, "text"));
    return GURUM_OK;
}

int32_t simulator_call(struct gurum_call *call, const char *kind, const char *slot, struct json_object *spec)
{
    struct json_object *message = json_object_new_object();
    simulator_text(message, "kind", kind);
    simulator_text(message, "slot", slot);
    simulator_text(message, "operation", services->operation_id(call));
    json_object_object_add(message, "cancelled", json_object_new_boolean(services->cancelled(call)));
    json_object_object_add(message, "spec", spec);
    const char *text = json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);
    size_t length = strlen(text);
    char *line = length < SIMULATOR_LINE_BYTES_MOST - 2 ? malloc(length + 2) : NULL;
    int64_t left_ms = services->remaining_ms(call);
    char *reply = NULL;
    errno = EMSGSIZE;
    if (line != NULL) {
        snprintf(line, length + 2, "%s\n", text);
        reply = line_exchange(line, length + 1, now_ms() + (left_ms < ANSWER_MS_MOST ? left_ms : ANSWER_MS_MOST));
    }
    int reason = errno;
    free(line);
    json_object_put(message);
    if (reply == NULL && reason == ETIMEDOUT)
        return services->fail(call, GURUM_TIMED_OUT, "simulator_silent", "the simulator did not answer %s", slot);
    if (reply == NULL)
        return services->fail(call, reason == EMSGSIZE ? GURUM_INVALID : GURUM_UNREACHABLE, "simulator_unreachable",
                              "%s: %s", address.sun_path, strerror(reason));
    struct json_object *answer = json_tokener_parse(reply);
    free(reply);
    int32_t status = answer == NULL ? services->fail(call, GURUM_INTERNAL, "simulator_garbled", "not a JSON answer")
                                    : answer_carry_out(call, answer);
    json_object_put(answer);
    return status;
}

/* ---- Specs to JSON ---- */

struct json_object *simulator_spec(uint32_t flags)
{
    struct json_object *spec = json_object_new_object();
    if (flags != 0)
        simulator_number(spec, "flags", flags);
    return spec;
}

void simulator_text(struct json_object *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_object_add(object, name, json_object_new_string(value));
}

void simulator_number(struct json_object *object, const char *name, uint64_t value)
{
    json_object_object_add(object, name, json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value));
}

void simulator_bytes(struct json_object *object, const char *name, const char *bytes, uint64_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    char told[64];
    for (uint64_t i = 0; bytes != NULL && i < length; i++)
        hash = (hash ^ (uint64_t)(unsigned char)bytes[i]) * UINT64_C(1099511628211);
    if (bytes == NULL)
        return;
    snprintf(told, sizeof(told), "%llu:%016llx", (unsigned long long)length, (unsigned long long)hash);
    simulator_text(object, name, told);
}

struct json_object *simulator_details(const struct gurum_array *details)
{
    struct json_object *object = json_object_new_object();
    for (uint32_t i = 0; i < details->count; i++) {
        const struct gurum_detail *detail = gurum_at(details, i);
        simulator_text(object, detail->name, detail->value);
    }
    return object;
}

struct json_object *simulator_host(const struct gurum_host *host)
{
    if (host == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", host->uuid);
    simulator_text(object, "name", host->name);
    simulator_text(object, "url", host->url);
    simulator_text(object, "cluster_uuid", host->cluster_uuid);
    json_object_object_add(object, "details", simulator_details(&host->details));
    return object;
}

struct json_object *simulator_pool(const struct gurum_pool *pool)
{
    if (pool == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", pool->uuid);
    simulator_text(object, "name", pool->name);
    simulator_text(object, "url", pool->url);
    simulator_text(object, "path", pool->path);
    if (pool->via_host != NULL)
        simulator_text(object, "via_host_url", pool->via_host->url);
    json_object_object_add(object, "details", simulator_details(&pool->details));
    return object;
}

struct json_object *simulator_store(const struct gurum_image_store *store)
{
    if (store == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", store->uuid);
    simulator_text(object, "name", store->name);
    simulator_text(object, "url", store->url);
    json_object_object_add(object, "details", simulator_details(&store->details));
    return object;
}

struct json_object *simulator_image(const struct gurum_image *image)
{
    if (image == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", image->uuid);
    simulator_text(object, "name", image->name);
    simulator_text(object, "url", image->url);
    simulator_text(object, "checksum", image->checksum);
    simulator_text(object, "handle", image->handle);
    simulator_number(object, "format", image->format);
    simulator_number(object, "size_bytes", image->size_bytes);
    simulator_number(object, "virtual_size_bytes", image->virtual_size_bytes);
    simulator_number(object, "size_bytes_most", image->size_bytes_most);
    return object;
}

struct json_object *simulator_rows(const struct gurum_array *array, struct json_object *(*tell)(const void *item))
{
    struct json_object *rows = json_object_new_array();
    for (uint32_t i = 0; i < array->count; i++)
        json_object_array_add(rows, tell(gurum_at(array, i)));
    return rows;
}
