/* The jobs that a process carries, in the order in which they want a thread. */
#include "jobs/engine.h"

void lists_push_ready(struct job_lists *lists, struct job_live *job)
{
    job->next = NULL;
    if (lists->ready_last == NULL)
        lists->ready_first = job;
    else
        lists->ready_last->next = job;
    lists->ready_last = job;
}

struct job_live *lists_pop_ready(struct job_lists *lists)
{
    struct job_live *job = lists->ready_first;
    if (job == NULL)
        return NULL;
    lists->ready_first = job->next;
    if (lists->ready_first == NULL)
        lists->ready_last = NULL;
    return job;
}

static void heap_swap(struct job_lists *lists, size_t a, size_t b)
{
    struct job_live *job = lists->waiting[a];
    lists->waiting[a] = lists->waiting[b];
    lists->waiting[b] = job;
}

static void heap_rise(struct job_lists *lists, size_t at)
{
    for (; at > 0 && lists->waiting[at]->due_ms < lists->waiting[(at - 1) / 2]->due_ms; at = (at - 1) / 2)
        heap_swap(lists, at, (at - 1) / 2);
}

void lists_push_waiting(struct job_lists *lists, struct job_live *job)
{
    lists->waiting[lists->waiting_count++] = job; /* live_count ≤ LIVE_MAX */
    heap_rise(lists, lists->waiting_count - 1);
}

struct job_live *lists_pop_waiting(struct job_lists *lists)
{
    struct job_live *job = lists->waiting[0];
    lists->waiting[0] = lists->waiting[--lists->waiting_count];
    for (size_t at = 0;;) {
        size_t least = at, left = 2 * at + 1;
        for (size_t child = left; child < left + 2 && child < lists->waiting_count; child++)
            least = lists->waiting[child]->due_ms < lists->waiting[least]->due_ms ? child : least;
        if (least == at)
            return job;
        heap_swap(lists, at, least);
        at = least;
    }
}

bool lists_hurry(struct job_lists *lists, struct job_live *job)
{
    size_t at = 0;
    while (at < lists->waiting_count && lists->waiting[at] != job)
        at++;
    if (at == lists->waiting_count)
        return false;
    job->due_ms = 0;
    heap_rise(lists, at);
    return true;
}

void lists_add(struct job_lists *lists, struct job_live *job)
{
    job->all_previous = NULL;
    job->all_next = lists->all;
    if (lists->all != NULL)
        lists->all->all_previous = job;
    lists->all = job;
    lists->live_count++;
}

void lists_remove(struct job_lists *lists, struct job_live *job)
{
    if (job->all_next != NULL)
        job->all_next->all_previous = job->all_previous;
    if (job->all_previous != NULL)
        job->all_previous->all_next = job->all_next;
    else
        lists->all = job->all_next;
    lists->live_count--;
}
