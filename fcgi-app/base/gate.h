/* A gate lets few threads at a time do what is dear (memory, somebody else's server); others wait, but only some of
 * them and only so long, so that a flood of one kind of request does not take all threads from the rest. */
#ifndef GURUM_BASE_GATE_H
#define GURUM_BASE_GATE_H

#include "base/thread.h"

struct gate {
    int at_once, waiting_max;
    struct mutex lock;
    struct condition left;
    int inside, waiting; /* under the lock */
};
#define GATE_INITIALIZER(most_at_once, most_waiting)                                                                   \
    {                                                                                                                  \
        .at_once = (most_at_once), .waiting_max = (most_waiting), .lock = MUTEX_INITIALIZER,                           \
        .left = CONDITION_INITIALIZER                                                                                  \
    }

/* False: too many wait already, or the time is over. Whoever was let in calls gate_leave. */
MUST_CHECK bool gate_enter(struct gate *gate, int64_t wait_ms);
void gate_leave(struct gate *gate);

#endif
