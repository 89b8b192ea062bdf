/* What holds for the objects of every kind, whatever they are: repeatable, removable alone, safe to cut off,
 * remembered. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#define CRASH_POINTS_MOST 40
#define ROUNDS_OF_A_THREAD 10

static const struct subject *subject;

static int32_t ensure(const char *uuid, const char *operation, struct outcome *outcome)
{
    slot_call(outcome, subject->ensure_slot, subject->ensure_spec(uuid), operation);
    return outcome->status;
}

static int32_t make(const char *uuid)
{
    OUTCOME(outcome);
    return ensure(uuid, NULL, &outcome);
}

static int32_t discard(const char *uuid)
{
    OUTCOME(outcome);
    slot_call(&outcome, subject->remove_slot, subject->remove_spec(uuid), NULL);
    return outcome.status;
}

static bool reports_uuid(const struct outcome *outcome, const char *uuid)
{
    const char *item = outcome_item(outcome, subject->item), *found = NULL;
    if (item != NULL)
        memcpy(&found, item + subject->item_uuid_offset, sizeof(found));
    return same_text(found, uuid);
}

static void absent_objects(void)
{
    const char *uuid = new_uuid();
    check(subject->observe(uuid) == 0, "absent.observe", "a %s that was never made is told as absent", subject->noun);
    check(discard(uuid) == GURUM_OK, "absent.remove", "removing it is OK");
}

static void happy_and_twice(int base)
{
    OUTCOME(outcome);
    const char *uuid = new_uuid(), *operation = new_uuid();
    ensure(uuid, operation, &outcome);
    check(outcome.status == GURUM_OK, "happy.ensure", "%s answers %s", subject->ensure_slot, outcome_words(&outcome));
    check(reports_uuid(&outcome, uuid), "report.uuid", "%s reports the %s once, by our uuid", subject->ensure_slot,
          subject->noun);
    check(subject->observe(uuid) == 1, "happy.observe", "the %s is there", subject->noun);
    ensure(uuid, operation, &outcome);
    check(outcome.status == GURUM_OK && reports_uuid(&outcome, uuid), "twice.same_operation",
          "%s under the same operation id answers %s and reports the same", subject->ensure_slot,
          outcome_words(&outcome));
    ensure(uuid, NULL, &outcome);
    check(outcome.status == GURUM_OK && reports_uuid(&outcome, uuid), "twice.other_operation",
          "%s under another operation id answers %s and reports the same", subject->ensure_slot,
          outcome_words(&outcome));
    check(subject->count(NULL) == base + 1 && subject->count(uuid) == 1, "twice.one", "there is one %s, not more",
          subject->noun);
    check(discard(uuid) == GURUM_OK && subject->observe(uuid) == 0, "remove.gone", "%s makes it absent",
          subject->remove_slot);
    check(discard(uuid) == GURUM_OK, "twice.remove", "removing it again is OK");
    check(subject->count(NULL) == base, "remove.all", "nothing is left of it");
}

static void removes_only(void)
{
    const char *first = new_uuid(), *second = new_uuid();
    bool made = make(first) == GURUM_OK && make(second) == GURUM_OK;
    check(made && discard(first) == GURUM_OK && subject->observe(second) == 1, "remove.only",
          "removing one %s leaves the other", subject->noun);
    discard(second);
}

/* The call is cut off at each use of a host service in turn, in a child; then the parent does what the job engine
 * would. */
static void crash_and_retry(int base)
{
    OUTCOME(outcome);
    int point = 1;
    for (; point <= CRASH_POINTS_MOST; point++) {
        const char *uuid = new_uuid(), *operation = new_uuid();
        bool died = slot_call_dying(subject->ensure_slot, subject->ensure_spec(uuid), operation, point);
        ensure(uuid, operation, &outcome);
        if (outcome.status != GURUM_OK || !reports_uuid(&outcome, uuid)) {
            check(false, "crash.retry", "cut off at host service %d, the retry of %s answers %s", point,
                  subject->ensure_slot, outcome_words(&outcome));
            return;
        }
        if (subject->count(NULL) != base + 1) {
            check(false, "crash.leak", "cut off at host service %d and repeated, %s made %d objects", point,
                  subject->ensure_slot, subject->count(NULL) - base);
            return;
        }
        operation = new_uuid();
        slot_call_dying(subject->remove_slot, subject->remove_spec(uuid), operation, point);
        slot_call(&outcome, subject->remove_slot, subject->remove_spec(uuid), operation);
        if (outcome.status != GURUM_OK || subject->observe(uuid) != 0 || subject->count(NULL) != base) {
            check(false, "crash.remove", "cut off at host service %d and repeated, %s answers %s and leaves %d", point,
                  subject->remove_slot, outcome_words(&outcome), subject->count(NULL) - base);
            return;
        }
        if (!died)
            break;
    }
    check(true, "crash.retry", "cut off at each of %d points and repeated, all is as after one call", point - 1);
}

static void cancel_and_deadline(void)
{
    OUTCOME(outcome);
    struct call_options cancelled = {.cancelled = true, .deadline_ms = 1000}, hurried = {.deadline_ms = 20};
    const char *uuid = new_uuid();
    slot_call_with(&outcome, subject->ensure_slot, subject->ensure_spec(uuid), NULL, &cancelled);
    check(outcome.status == GURUM_CANCELLED, "cancel.status", "%s that is cancelled from the start answers %s",
          subject->ensure_slot, outcome_words(&outcome));
    check(subject->observe(uuid) == 0, "cancel.effect", "what was cancelled is not there");
    bool made = make(uuid) == GURUM_OK;
    slot_call_with(&outcome, subject->remove_slot, subject->remove_spec(uuid), NULL, &cancelled);
    check(made && outcome.status == GURUM_OK && subject->observe(uuid) == 0, "cancel.remove",
          "%s does its work although cancelled", subject->remove_slot);
    slot_call_with(&outcome, subject->ensure_slot, subject->ensure_spec(uuid), NULL, &hurried);
    check(outcome.status >= 0 || outcome.status == OUTCOME_STUCK, "deadline.short",
          "with 20 ms to go %s comes back with %s", subject->ensure_slot, outcome_words(&outcome));
    discard(uuid);
}

static int thread_failures;

static void thread_rounds(int index)
{
    (void)index;
    for (int round = 0; round < ROUNDS_OF_A_THREAD; round++) {
        OUTCOME(outcome);
        const char *uuid = new_uuid();
        bool good = ensure(uuid, NULL, &outcome) == GURUM_OK && reports_uuid(&outcome, uuid) &&
                    subject->observe(uuid) == 1 && discard(uuid) == GURUM_OK && subject->observe(uuid) == 0;
        if (!good)
            __atomic_add_fetch(&thread_failures, 1, __ATOMIC_RELAXED);
    }
}

static void threads(int base)
{
    thread_failures = 0;
    in_threads(thread_rounds);
    check(thread_failures == 0, "threads.rounds", "%d of the threads' rounds went wrong", thread_failures);
    check(subject->count(NULL) == base, "threads.leak", "the threads left nothing");
}

static void restart(void)
{
    const char *uuid = new_uuid();
    bool made = make(uuid) == GURUM_OK;
    check(made && fresh_observe(uuid) == 1, "restart.other_process", "another process sees the %s", subject->noun);
    plugin_stop();
    if (!plugin_start())
        return;
    check(subject->observe(uuid) == 1, "restart.remembers", "after stop() and start() the %s is still there",
          subject->noun);
    check(discard(uuid) == GURUM_OK && fresh_observe(uuid) == 0, "restart.removed",
          "once removed, other processes see it no more");
}

void check_subject(const struct subject *given)
{
    subject = given;
    int base = subject->count(NULL);
    check(base >= 0, "happy.list", "what is there can be listed");
    absent_objects();
    happy_and_twice(base);
    removes_only();
    crash_and_retry(base);
    cancel_and_deadline();
    threads(base);
    restart();
    check(subject->count(NULL) == base, "remove.nothing_left", "after all this there is what was there before");
}
