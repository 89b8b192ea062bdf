/* Threads, and waking other processes of this machine. */
#ifndef GURUM_BASE_THREAD_H
#define GURUM_BASE_THREAD_H

#include <pthread.h>

#include "base/error.h"

/* A joinable thread with all signals but its own faults blocked and a 512 KiB stack, named for top and gdb (15 bytes).
 */
MUST_CHECK bool thread_start(pthread_t *ret_thread, const char *name, void *(*body)(void *), void *argument,
                             struct error *err);

/* A mutex that clang's analysis knows. */
struct LOCKABLE mutex {
    pthread_mutex_t native;
};
#define MUTEX_INITIALIZER {.native = PTHREAD_MUTEX_INITIALIZER}
void mutex_init(struct mutex *mutex);
void mutex_destroy(struct mutex *mutex);
void mutex_lock(struct mutex *mutex) ACQUIRES(mutex);
void mutex_unlock(struct mutex *mutex) RELEASES(mutex);

/* What threads wait for; time-outs count on the monotonic clock. Wake-ups may be spurious. */
struct condition {
    pthread_cond_t native;
};
#define CONDITION_INITIALIZER {.native = PTHREAD_COND_INITIALIZER}
void condition_init(struct condition *condition);
void condition_destroy(struct condition *condition);
void condition_wait(struct condition *condition, struct mutex *mutex) REQUIRES(mutex);
/* False: the time (as clock_monotonic_ms tells it) has come. */
bool condition_wait_until(struct condition *condition, struct mutex *mutex, int64_t until_ms) REQUIRES(mutex);
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

/* Wake-ups between processes of one machine: datagram sockets in <run folder>/wake/<topic>.<pid>.<number>. A wake-up is
 * a hint: it may be lost, so every listener also polls now and then. */
enum wake_topic { WAKE_JOBS, WAKE_WAITERS, WAKE_QUARANTINE, WAKE_TOPIC_COUNT };
struct wake_listener;
/* Errors: cannot create the socket. */
MUST_CHECK bool wake_listen(const char *run_folder, enum wake_topic topic, struct wake_listener **ret_listener,
                            struct error *err);
/* Waits for a wake-up or the time-out; several pending wake-ups count as one. True: woken. */
bool wake_wait(struct wake_listener *listener, int timeout_ms);
/* Readable when there is a wake-up: for callers with a poll loop of their own, who then call wake_wait with no
 * time-out. */
int wake_descriptor(const struct wake_listener *listener);
void wake_close(struct wake_listener *listener);
/* Wakes every listener of the topic on this machine. Never blocks; stale sockets are removed. */
void wake_send(const char *run_folder, enum wake_topic topic);

#endif
