/* Threads and wake-ups. A wake-up is an empty datagram; the sockets lie in <run folder>/wake and are opened through the
 * folder's descriptor, because a socket's path may have at most 107 bytes and a run folder may be longer. */
#include "base/thread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifdef IS_SANITIZED
enum { STACK_BYTES = 4 * 512 * 1024 }; /* checked code takes larger frames */
#else
enum { STACK_BYTES = 512 * 1024 };
#endif

/* A thread's own faults must reach its handler: while blocked, the kernel ends the process without calling it. */
static const int OWN_FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};

bool thread_start(pthread_t *ret_thread, const char *name, void *(*body)(void *), void *argument, struct error *err)
{
    pthread_attr_t attributes;
    sigset_t most, before;
    pthread_t thread;
    sigfillset(&most);
    for (size_t i = 0; i < COUNT_OF(OWN_FAULTS); i++)
        sigdelset(&most, OWN_FAULTS[i]);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &most, &before); /* a new thread inherits the mask */
    int result = pthread_create(&thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (result != 0) {
        error_with(err, ERROR_INTERNAL, "thread.start", E_TEXT("name", name));
        return error_add_detail(err, "%s", strerror(result));
    }
    char short_name[16];
    string_copy(short_name, sizeof(short_name), name);
    pthread_setname_np(thread, short_name);
    *ret_thread = thread;
    return true;
}

void mutex_init(struct mutex *mutex)
{
    pthread_mutex_init(&mutex->native, NULL);
}

void mutex_destroy(struct mutex *mutex)
{
    pthread_mutex_destroy(&mutex->native);
}

void mutex_lock(struct mutex *mutex) LOCKS_UNSEEN /* the native mutex is no capability */
{
    if (pthread_mutex_lock(&mutex->native) != 0)
        abort();
}

void mutex_unlock(struct mutex *mutex) LOCKS_UNSEEN
{
    if (pthread_mutex_unlock(&mutex->native) != 0)
        abort();
}

void condition_init(struct condition *condition)
{
    pthread_cond_init(&condition->native, NULL);
}

void condition_destroy(struct condition *condition)
{
    pthread_cond_destroy(&condition->native);
}

void condition_wait(struct condition *condition, struct mutex *mutex)
{
    pthread_cond_wait(&condition->native, &mutex->native);
}

bool condition_wait_until(struct condition *condition, struct mutex *mutex, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    return pthread_cond_clockwait(&condition->native, &mutex->native, CLOCK_MONOTONIC, &until) != ETIMEDOUT;
}

void condition_signal(struct condition *condition)
{
    pthread_cond_signal(&condition->native);
}

void condition_broadcast(struct condition *condition)
{
    pthread_cond_broadcast(&condition->native);
}

static const char *const topic_names[WAKE_TOPIC_COUNT] = {
    [WAKE_JOBS] = "jobs", [WAKE_WAITERS] = "waiters", [WAKE_QUARANTINE] = "quarantine"};

struct wake_listener {
    int folder, socket;
    char name[48];
};

static int open_wake_folder(const char *run_folder, bool make)
{
    struct arena arena;
    arena_init(&arena);
    const char *path = arena_printf(&arena, "%s/wake", run_folder);
    if (make)
        (void)mkdir(path, 0770); /* open tells when that failed */
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    arena_free(&arena);
    return folder;
}

static struct sockaddr_un address_of(int folder, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%.47s", folder, name);
    return address;
}

bool wake_listen(const char *run_folder, enum wake_topic topic, struct wake_listener **ret_listener, struct error *err)
{
    static atomic_uint number;
    struct wake_listener made = {.socket = -1};
    snprintf(made.name, sizeof(made.name), "%s.%d.%u", topic_names[topic], (int)getpid(), atomic_fetch_add(&number, 1));
    made.folder = open_wake_folder(run_folder, true);
    if (made.folder >= 0) {
        made.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un address = address_of(made.folder, made.name);
        (void)unlinkat(made.folder, made.name, 0); /* of an ended process that had our pid */
        if (made.socket >= 0 && bind(made.socket, (const struct sockaddr *)&address, sizeof(address)) == 0) {
            *ret_listener = malloc(sizeof(**ret_listener));
            if (!*ret_listener)
                abort();
            **ret_listener = made;
            return true;
        }
    }
    int reason = errno;
    if (made.socket >= 0)
        close(made.socket);
    if (made.folder >= 0)
        close(made.folder);
    error_with(err, ERROR_INTERNAL, "wake.listen", E_TEXT("folder", run_folder));
    return error_add_detail(err, "%s", strerror(reason));
}

bool wake_wait(struct wake_listener *listener, int timeout_ms)
{
    struct pollfd event = {.fd = listener->socket, .events = POLLIN};
    if (poll(&event, 1, timeout_ms) <= 0)
        return false;
    char byte;
    bool is_woken = false;
    while (recv(listener->socket, &byte, 1, 0) >= 0)
        is_woken = true;
    return is_woken;
}

int wake_descriptor(const struct wake_listener *listener)
{
    return listener->socket;
}

void wake_close(struct wake_listener *listener)
{
    if (!listener)
        return;
    (void)unlinkat(listener->folder, listener->name, 0);
    close(listener->socket);
    close(listener->folder);
    free(listener);
}

void wake_send(const char *run_folder, enum wake_topic topic)
{
    int folder = open_wake_folder(run_folder, false);
    if (folder < 0)
        return;                       /* nobody ever listened */
    DIR *entries = fdopendir(folder); /* owns the descriptor from here on */
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    size_t prefix = strlen(topic_names[topic]);
    for (struct dirent *entry; entries && sender >= 0 && (entry = readdir(entries));) {
        if (strncmp(entry->d_name, topic_names[topic], prefix) != 0 || entry->d_name[prefix] != '.')
            continue;
        struct sockaddr_un address = address_of(folder, entry->d_name);
        if (sendto(sender, "", 1, 0, (const struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED)
            (void)unlinkat(folder, entry->d_name, 0); /* its listener is gone */
    }
    if (sender >= 0)
        close(sender);
    if (entries)
        closedir(entries);
    else
        close(folder);
}
