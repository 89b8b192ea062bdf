/* What plugins tell unasked (services->emit): of which host, handed on to whoever looks after hosts. A plugin may call
 * from any thread and as often as it likes: events wait here as a set of hosts with a ceiling, and a thread of ours
 * empties it. Nothing is lost by dropping one: hosts are looked at on a schedule too. */
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "plugin_host/host.h"

enum { WAITING_MAX = 512, EMPTY_EVERY_MS = 100 };

struct waiting {
    char host_uuid[37], object_uuid[37];
    bool returned;
};
static struct mutex queue_lock = MUTEX_INITIALIZER;
static struct {
    struct waiting items[WAITING_MAX];
    size_t count, dropped;
} queue GUARDED_BY(queue_lock);
static atomic_bool working;
static pthread_t worker;
/* Set before the process works. */
static bool (*hook)(struct db *db, const char *host_uuid, const char *object_uuid, bool returned, struct error *err);

void plugin_host_set_event_hook(bool (*tell)(struct db *db, const char *host_uuid, const char *object_uuid,
                                             bool returned, struct error *err))
{
    hook = tell;
}

/* A connection that came back may lead to a host that was started anew meanwhile. */
static bool says_returned(const char *code)
{
    return string_equal(code, "host_connected") || string_equal(code, "host_reconnected") ||
           string_equal(code, "host_returned");
}

void event_put(const struct gurum_event *event)
{
    const char *host = event->host_uuid == NULL ? "" : event->host_uuid;
    const char *object = host[0] != '\0' || event->object_uuid == NULL ? "" : event->object_uuid;
    if (strlen(host) > 36 || strlen(object) > 36 || (host[0] == '\0' && object[0] == '\0'))
        return;
    mutex_lock(&queue_lock);
    size_t i = 0;
    while (i < queue.count && (strcmp(queue.items[i].host_uuid, host) != 0 ||
                               strcmp(queue.items[i].object_uuid, object) != 0))
        i++;
    if (i == WAITING_MAX) {
        queue.dropped++;
    } else {
        if (i == queue.count) {
            queue.items[queue.count++] = (struct waiting){.returned = false};
            string_copy(queue.items[i].host_uuid, sizeof queue.items[i].host_uuid, host);
            string_copy(queue.items[i].object_uuid, sizeof queue.items[i].object_uuid, object);
            log_with(LOG_INFO, "plugin.event", L_TEXT("code", event->code), L_TEXT("object", event->object_uuid),
                     L_TEXT("host", event->host_uuid), L_TEXT("detail", event->detail));
        }
        queue.items[i].returned = queue.items[i].returned || says_returned(event->code);
    }
    mutex_unlock(&queue_lock);
}

/* Takes everything; the caller's array has room for WAITING_MAX. */
static size_t take_all(struct waiting *items)
{
    mutex_lock(&queue_lock);
    size_t count = queue.count, dropped = queue.dropped;
    memcpy(items, queue.items, count * sizeof *items);
    queue.count = queue.dropped = 0;
    mutex_unlock(&queue_lock);
    if (dropped > 0)
        log_with(LOG_WARNING, "plugin.events_dropped", L_INT("n", (int64_t)dropped));
    return count;
}

static void tell_all(const struct waiting *items, size_t count)
{
    struct db *db = NULL;
    struct error err;
    bool told = db_acquire(plugin_host.config.pool, &db, &err);
    for (size_t i = 0; told && i < count; i++)
        told = hook(db, items[i].host_uuid, items[i].object_uuid, items[i].returned, &err);
    if (!told)
        log_error(LOG_WARNING, "plugin.event_untold", &err);
    db_release(db);
}

static void *empty(void *unused)
{
    (void)unused;
    static struct waiting items[WAITING_MAX]; /* this thread's */
    while (atomic_load(&working)) {
        nanosleep(&(struct timespec){.tv_nsec = EMPTY_EVERY_MS * 1000000L}, NULL);
        size_t count = take_all(items);
        if (count > 0 && hook != NULL)
            tell_all(items, count);
    }
    return NULL;
}

bool event_start(struct error *err)
{
    atomic_store(&working, true);
    return thread_start(&worker, "plugin-events", empty, NULL, err);
}

void event_stop(void)
{
    if (atomic_exchange(&working, false))
        pthread_join(worker, NULL);
}
