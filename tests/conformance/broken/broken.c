/* What the broken plugins of all kinds share. See broken.h. */
#include "broken.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define MADE_MOST 4096

GURUM_EXPORT struct gurum_plugin broken_plugin;
const struct gurum_services *host_services;
struct gurum_services given_services;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char made[MADE_MOST][40];
static int made_count;

int32_t broken_start(const struct gurum_services *services)
{
    host_services = services;
    uint32_t size = given_services.size;
    struct gurum_services altered = given_services;
    given_services = *services;
    if (size == 0)
        return healthy_plugin.start(&given_services);
    /* What the variant has set stays; the rest is the host's. */
    if (altered.cancelled != NULL)
        given_services.cancelled = altered.cancelled;
    if (altered.report != NULL)
        given_services.report = altered.report;
    if (altered.fail != NULL)
        given_services.fail = altered.fail;
    if (altered.operation_id != NULL)
        given_services.operation_id = altered.operation_id;
    made_count = 0;
    return healthy_plugin.start(&given_services);
}

bool was_cut_off(struct gurum_call *call)
{
    const char *note = host_services->recall(call, "begun");
    return note != NULL && strcmp(note, "yes") == 0;
}

void has_begun(struct gurum_call *call)
{
    host_services->remember(call, "begun", "yes");
}

void has_ended(struct gurum_call *call)
{
    host_services->remember(call, "begun", "no");
}

void made_add(const char *uuid)
{
    pthread_mutex_lock(&lock);
    if (made_count < MADE_MOST)
        snprintf(made[made_count++], sizeof(made[0]), "%s", uuid);
    pthread_mutex_unlock(&lock);
}

bool made_has(const char *uuid)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < made_count && !found; i++)
        found = strcmp(made[i], uuid) == 0;
    pthread_mutex_unlock(&lock);
    return found;
}

const char *made_take(void)
{
    static _Thread_local char uuid[40];
    pthread_mutex_lock(&lock);
    bool any = made_count > 0;
    if (any)
        memcpy(uuid, made[--made_count], sizeof(uuid));
    pthread_mutex_unlock(&lock);
    return any ? uuid : NULL;
}

const char *another_uuid(const char *uuid)
{
    static _Thread_local char other[40];
    snprintf(other, sizeof(other), "%s", uuid);
    other[0] = other[0] == 'f' ? '0' : 'f';
    return other;
}
