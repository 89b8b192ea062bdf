/* Gates: see gate.h. */
#include "base/gate.h"

#include "base/clock.h"

bool gate_enter(struct gate *gate, int64_t wait_ms)
{
    int64_t deadline_ms = clock_monotonic_ms() + wait_ms;
    mutex_lock(&gate->lock);
    bool waits = gate->waiting < gate->waiting_max;
    gate->waiting += waits;
    for (bool in_time = waits; gate->inside >= gate->at_once && in_time;)
        in_time = condition_wait_until(&gate->left, &gate->lock, deadline_ms);
    gate->waiting -= waits;
    bool enters = gate->inside < gate->at_once;
    gate->inside += enters;
    mutex_unlock(&gate->lock);
    return enters;
}

void gate_leave(struct gate *gate)
{
    mutex_lock(&gate->lock);
    gate->inside--;
    condition_signal(&gate->left);
    mutex_unlock(&gate->lock);
}
