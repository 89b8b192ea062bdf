/* base/gate.c: few inside, few waiting, nobody for ever. */
#include "base/gate.h"

#include "tests/support/unit.h"

START_TEST(test_gate_lets_in_as_many_as_it_says_and_again_when_one_left)
{
    static struct gate gate = GATE_INITIALIZER(2, 1);
    ck_assert(gate_enter(&gate, 0));
    ck_assert(gate_enter(&gate, 0));
    ck_assert(!gate_enter(&gate, 0));
    gate_leave(&gate);
    ck_assert(gate_enter(&gate, 0));
}
END_TEST

static struct gate busy = GATE_INITIALIZER(1, 1);

static void *wait_for_busy(void *ret_entered)
{
    *(bool *)ret_entered = gate_enter(&busy, 60000);
    return NULL;
}

START_TEST(test_gate_turns_away_whoever_comes_while_enough_wait)
{
    struct error err;
    pthread_t thread;
    bool entered = false;
    ck_assert(gate_enter(&busy, 0));
    ck_assert(thread_start(&thread, "waiter", wait_for_busy, &entered, &err));
    for (int waiting = 0; waiting == 0;) {
        mutex_lock(&busy.lock);
        waiting = busy.waiting;
        mutex_unlock(&busy.lock);
    }
    ck_assert(!gate_enter(&busy, 60000)); /* at once: one waits already */
    gate_leave(&busy);
    pthread_join(thread, NULL);
    ck_assert(entered);
}
END_TEST

UNIT_SUITE(gate_suite, "gate", test_gate_lets_in_as_many_as_it_says_and_again_when_one_left,
           test_gate_turns_away_whoever_comes_while_enough_wait)
UNIT_MAIN(gate_suite)
