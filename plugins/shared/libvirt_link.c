/* Connections (see libvirt.h): one for each host URL, opened in a thread of its own, kept alive, dropped when lost and
 * opened again when next asked for. A process that was forked begins with none and without an event loop. */
#include "libvirt.h"

#include "libvirt_uri.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libxml/parser.h>

#define HOST_UUID_BYTES 40
#define KEEPALIVE_SECONDS 3 /* of silence, then as many again for each probe */
#define KEEPALIVE_PROBES 2
#define LISTEN_MS 3000
#define WAIT_MS 4000          /* of a slot for a connection */
#define OPENING_MS_MOST 10000 /* then another thread tries beside the one that hangs */
#define OPENERS_MOST 4
#define FAILURE_HOLDS_MS 500
#define IDLE_MS (15 * 60 * 1000)

struct link {
    struct link *next;
    char uri[LIBVIRT_URI_BYTES];
    char host_uuid[HOST_UUID_BYTES];
    virConnectPtr connection; /* or NULL */
    int event_id;             /* of its registration for domain events, or -1 */
    bool is_lost;             /* its other end is gone */
    int openers;              /* threads that work on it */
    int holders;              /* slots that wait for it */
    int64_t opening_since_ms; /* 0: none, or given up */
    uint64_t attempts;        /* that ended */
    int32_t status;           /* of the last that failed */
    char words[400];
    int64_t failed_ms; /* 0: never */
    int64_t used_ms;
};

/* What an opening thread takes along. */
struct opener {
    struct link *link;
    int64_t since_ms;
    char uri[LIBVIRT_URI_BYTES];
    char host_uuid[HOST_UUID_BYTES];
    char username[128];
    char password[512];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended;
static pthread_mutex_t listener_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct libvirt_listener *listener; /* guarded by listener_lock; all below by lock */
static struct link *links;
static int users;
static bool loop_runs, is_forked;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Life ---- */

static void locks_make(void)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&lock, NULL);
    pthread_mutex_init(&listener_lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* The parent's connections are its own: forgotten here, not closed. */
static void forked(void)
{
    locks_make();
    links = NULL;
    is_forked = true;
}

static void errors_go_to_callers(void *data, virErrorPtr error)
{
    (void)data;
    (void)error;
}

static void initialise(void)
{
    locks_make();
    pthread_atfork(NULL, NULL, forked);
    xmlInitParser();
    (void)virInitialize();
    virSetErrorFunc(NULL, errors_go_to_callers);
    (void)virEventRegisterDefaultImpl();
}

static void *loop_run(void *unused)
{
    for (;;) {
        if (virEventRunDefaultImpl() < 0)
            usleep(100000);
    }
    return unused;
}

static bool thread_start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    bool started = pthread_create(&thread, NULL, run, argument) == 0;
    if (started)
        pthread_detach(thread);
    return started;
}

int32_t libvirt_start(const struct gurum_services *services)
{
    pthread_once(&once, initialise);
    pthread_mutex_lock(&lock);
    if (!loop_runs && !is_forked)
        loop_runs = thread_start(loop_run, NULL);
    bool ready = loop_runs || is_forked;
    users += ready;
    pthread_mutex_unlock(&lock);
    return ready ? GURUM_OK
                 : services->fail(NULL, GURUM_NO_CAPACITY, "threads", "no thread for the event loop of libvirt");
}

void libvirt_listen(const struct libvirt_listener *given)
{
    pthread_mutex_lock(&listener_lock);
    listener = given;
    pthread_mutex_unlock(&listener_lock);
}

/* ---- Events ---- */

static void tell_host_changed(const char *host_uuid, bool connected)
{
    pthread_mutex_lock(&listener_lock);
    if (listener != NULL && listener->host_changed != NULL)
        listener->host_changed(host_uuid, connected);
    pthread_mutex_unlock(&listener_lock);
}

static int on_guest_changed(virConnectPtr connection, virDomainPtr domain, int event, int detail, void *host_uuid)
{
    char uuid[VIR_UUID_STRING_BUFLEN];
    (void)connection;
    if (virDomainGetUUIDString(domain, uuid) != 0)
        return 0;
    pthread_mutex_lock(&listener_lock);
    if (listener != NULL && listener->guest_changed != NULL)
        listener->guest_changed(host_uuid, uuid, event, detail);
    pthread_mutex_unlock(&listener_lock);
    return 0;
}

static void on_closed(virConnectPtr connection, int reason, void *unused)
{
    char host_uuid[HOST_UUID_BYTES] = "";
    (void)unused;
    pthread_mutex_lock(&lock);
    for (struct link *link = links; link != NULL; link = link->next) {
        if (link->connection != connection)
            continue;
        link->is_lost = true;
        memcpy(host_uuid, link->host_uuid, sizeof(host_uuid));
    }
    pthread_mutex_unlock(&lock);
    if (host_uuid[0] != '\0' && reason != VIR_CONNECT_CLOSE_REASON_CLIENT)
        tell_host_changed(host_uuid, false);
}

/* Drivers that lack one of these (the test driver) do without. */
static int connection_watch(virConnectPtr connection, const char *host_uuid)
{
    char *mine = strdup(host_uuid);
    if (mine == NULL)
        abort();
    (void)virConnectSetKeepAlive(connection, KEEPALIVE_SECONDS, KEEPALIVE_PROBES);
    (void)virConnectRegisterCloseCallback(connection, on_closed, NULL, NULL);
    int id = virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                              VIR_DOMAIN_EVENT_CALLBACK(on_guest_changed), mine, free);
    if (id < 0)
        free(mine);
    return id;
}

/* Its registrations hold the connection, so they go first. */
static void connection_close(virConnectPtr connection, int event_id)
{
    if (event_id >= 0)
        (void)virConnectDomainEventDeregisterAny(connection, event_id);
    (void)virConnectUnregisterCloseCallback(connection, on_closed);
    virConnectClose(connection);
}

/* ---- Opening ---- */

static int credentials_give(virConnectCredentialPtr asked, unsigned int count, void *context)
{
    const struct opener *opener = context;
    for (unsigned int i = 0; i < count; i++) {
        bool name = asked[i].type == VIR_CRED_USERNAME || asked[i].type == VIR_CRED_AUTHNAME;
        const char *given = name ? opener->username : opener->password;
        if (given[0] == '\0')
            return -1;
        asked[i].result = strdup(given);
        if (asked[i].result == NULL)
            abort();
        asked[i].resultlen = (unsigned int)strlen(given);
    }
    return 0;
}

static virConnectPtr open_now(struct opener *opener, int32_t *ret_status, char *ret_words, size_t size)
{
    static int asked[] = {VIR_CRED_USERNAME, VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE, VIR_CRED_NOECHOPROMPT};
    virConnectAuth authentication = {asked, sizeof(asked) / sizeof(asked[0]), credentials_give, opener};
    *ret_status = GURUM_UNREACHABLE;
    if (!libvirt_listens(opener->uri, LISTEN_MS, ret_words, size))
        return NULL;
    virConnectPtr connection = virConnectOpenAuth(opener->uri, &authentication, 0);
    if (connection != NULL)
        return connection;
    const char *words = virGetLastErrorMessage();
    *ret_status = libvirt_status() == GURUM_DENIED ? GURUM_DENIED : GURUM_UNREACHABLE;
    snprintf(ret_words, size, "%s", words == NULL ? "no reason given" : words);
    return NULL;
}

/* True: the link took the connection over. */
static bool opener_end(const struct opener *opener, virConnectPtr connection, int event_id, int32_t status,
                       const char *words)
{
    struct link *link = opener->link;
    pthread_mutex_lock(&lock);
    bool taken = connection != NULL && users > 0 && link->connection == NULL;
    if (taken) {
        link->connection = connection;
        link->event_id = event_id;
        link->is_lost = false;
    } else if (connection == NULL) {
        link->status = status;
        link->failed_ms = now_ms();
        snprintf(link->words, sizeof(link->words), "%s", words);
    }
    if (link->opening_since_ms == opener->since_ms)
        link->opening_since_ms = 0;
    link->attempts++;
    link->openers--;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&lock);
    return taken;
}

static void *opener_run(void *argument)
{
    struct opener *opener = argument;
    int32_t status;
    char words[400] = "";
    virConnectPtr connection = open_now(opener, &status, words, sizeof(words));
    int event_id = connection == NULL ? -1 : connection_watch(connection, opener->host_uuid);
    char host_uuid[sizeof(opener->host_uuid)];
    memcpy(host_uuid, opener->host_uuid, sizeof(host_uuid));
    bool taken = opener_end(opener, connection, event_id, status, words);
    explicit_bzero(opener, sizeof(*opener));
    free(opener);
    if (taken)
        tell_host_changed(host_uuid, true);
    else if (connection != NULL)
        connection_close(connection, event_id);
    return NULL;
}

/* ---- Links: all below with the lock held ---- */

/* The connection has to be closed by the caller once the lock is released. */
struct closing {
    virConnectPtr connection;
    int event_id;
};

static struct closing link_cut(struct link *link)
{
    struct closing closing = {link->connection, link->event_id};
    link->connection = NULL;
    link->event_id = -1;
    link->is_lost = false;
    return closing;
}

static struct link *link_find(const char *uri, const char *host_uuid)
{
    struct link *link = links;
    while (link != NULL && (strcmp(link->uri, uri) != 0 || strcmp(link->host_uuid, host_uuid) != 0))
        link = link->next;
    return link;
}

static struct link *link_of(const char *uri, const char *host_uuid)
{
    struct link *link = link_find(uri, host_uuid);
    if (link != NULL)
        return link;
    link = calloc(1, sizeof(*link));
    if (link == NULL)
        abort();
    snprintf(link->uri, sizeof(link->uri), "%s", uri);
    snprintf(link->host_uuid, sizeof(link->host_uuid), "%s", host_uuid);
    link->event_id = -1;
    link->used_ms = now_ms();
    link->next = links;
    links = link;
    return link;
}

/* One link that nobody has used for long is taken out; the next call takes the next one. */
static struct closing link_sweep(int64_t now)
{
    for (struct link **at = &links; *at != NULL; at = &(*at)->next) {
        struct link *link = *at;
        if (link->openers + link->holders == 0 && now - link->used_ms > IDLE_MS) {
            struct closing closing = link_cut(link);
            *at = link->next;
            free(link);
            return closing;
        }
    }
    return (struct closing){NULL, -1};
}

static bool opener_start(struct link *link, struct gurum_call *call, const struct gurum_services *services,
                         const struct gurum_host *host)
{
    struct opener *opener = calloc(1, sizeof(*opener));
    const char *password = strncmp(link->uri, "qemu+", 5) == 0 ? services->secret(call, "password") : NULL;
    if (opener == NULL)
        abort();
    opener->link = link;
    opener->since_ms = now_ms();
    snprintf(opener->uri, sizeof(opener->uri), "%s", link->uri);
    snprintf(opener->host_uuid, sizeof(opener->host_uuid), "%s", link->host_uuid);
    snprintf(opener->username, sizeof(opener->username), "%s", host->username == NULL ? "" : host->username);
    snprintf(opener->password, sizeof(opener->password), "%s", password == NULL ? "" : password);
    if (!thread_start(opener_run, opener)) {
        explicit_bzero(opener, sizeof(*opener));
        free(opener);
        return false;
    }
    link->openers++;
    link->opening_since_ms = opener->since_ms;
    return true;
}

static bool wait_until(int64_t until_ms)
{
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    return pthread_cond_timedwait(&ended, &lock, &until) == 0;
}

/* True: link->connection is there. Otherwise link->status and words say why, or nothing ended in time. */
static bool link_open(struct link *link, struct gurum_call *call, const struct gurum_services *services,
                      const struct gurum_host *host, bool *ret_told)
{
    int64_t now = now_ms(), remaining = services->remaining_ms(call), until = now + WAIT_MS;
    uint64_t before = link->attempts;
    *ret_told = link->failed_ms != 0 && now - link->failed_ms < FAILURE_HOLDS_MS;
    if (link->connection != NULL || *ret_told)
        return link->connection != NULL;
    bool hangs = link->opening_since_ms != 0 && now - link->opening_since_ms > OPENING_MS_MOST;
    if ((link->opening_since_ms == 0 || hangs) && link->openers < OPENERS_MOST &&
        !opener_start(link, call, services, host))
        return false;
    if (remaining < WAIT_MS)
        until = now + remaining;
    while (link->connection == NULL && link->attempts == before && wait_until(until))
        ;
    *ret_told = link->attempts != before;
    return link->connection != NULL;
}

/* ---- Lending ---- */

int32_t libvirt_connect(struct gurum_call *call, const struct gurum_services *services, const struct gurum_host *host,
                        virConnectPtr *ret_connection)
{
    char uri[LIBVIRT_URI_BYTES], words[400];
    *ret_connection = NULL;
    if (host == NULL || host->uuid == NULL)
        return services->fail(call, GURUM_INVALID, "no_host", "no host is given to reach libvirt by");
    int32_t status = libvirt_uri(call, services, host, uri, sizeof(uri));
    if (status != GURUM_OK)
        return status;
    struct closing dead = {NULL, -1};
    bool told = false;
    pthread_mutex_lock(&lock);
    struct closing idle = link_sweep(now_ms());
    struct link *link = link_of(uri, host->uuid);
    link->used_ms = now_ms();
    link->holders++; /* the lock is let go while waiting */
    if (link->connection != NULL && (link->is_lost || virConnectIsAlive(link->connection) == 0))
        dead = link_cut(link);
    bool open = link_open(link, call, services, host, &told);
    link->holders--;
    status = open ? GURUM_OK : told ? link->status : GURUM_UNREACHABLE;
    snprintf(words, sizeof(words), "%s", told ? link->words : "no answer yet; a connection is being tried");
    if (open && virConnectRef(link->connection) == 0)
        *ret_connection = link->connection;
    pthread_mutex_unlock(&lock);
    if (dead.connection != NULL)
        connection_close(dead.connection, dead.event_id);
    if (idle.connection != NULL)
        connection_close(idle.connection, idle.event_id);
    if (status != GURUM_OK)
        return services->fail(call, status, status == GURUM_DENIED ? "host_denied" : "host_unreachable", "%s: %s", uri,
                              words);
    return GURUM_OK;
}

static struct closing link_take_out(const char *host_uuid, bool all)
{
    struct closing closing = {NULL, -1};
    pthread_mutex_lock(&lock);
    for (struct link **at = &links; closing.connection == NULL && *at != NULL;) {
        struct link *link = *at;
        bool meant = all || strcmp(link->host_uuid, host_uuid) == 0;
        if (meant)
            closing = link_cut(link);
        if (meant && link->openers + link->holders == 0) {
            *at = link->next;
            free(link);
        } else {
            at = &link->next;
        }
    }
    pthread_mutex_unlock(&lock);
    return closing;
}

void libvirt_forget(const struct gurum_host *host)
{
    for (struct closing closing; (closing = link_take_out(host->uuid, false)).connection != NULL;)
        connection_close(closing.connection, closing.event_id);
}

static bool somebody_opens(void)
{
    bool opens = false;
    for (const struct link *link = links; link != NULL; link = link->next)
        opens = opens || link->openers > 0;
    return opens;
}

void libvirt_stop(void)
{
    pthread_mutex_lock(&lock);
    bool last = --users == 0;
    for (int64_t until = now_ms() + LISTEN_MS; last && somebody_opens() && wait_until(until);)
        ;
    pthread_mutex_unlock(&lock);
    for (struct closing closing; last && (closing = link_take_out(NULL, true)).connection != NULL;)
        connection_close(closing.connection, closing.event_id);
}
