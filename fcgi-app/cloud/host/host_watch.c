/* What looking at hosts comes to: silence, its end, and the time of the next look. SQL is in host_watch_store.c. */
#include "base/clock.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event.h"
#include "cloud/host/host_service.h"
#include "cloud/host/host_watch_store.h"

SETTING(PING_INTERVAL, .name = "ping.interval", .category = "Advanced", .default_value = "60",
        .help = "Seconds between two looks at a host and its guests; what its plugin tells of is looked at at once.",
        .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 1, .max = 86400);
SETTING(PING_TIMEOUT, .name = "ping.timeout", .category = "Advanced", .default_value = "2.5",
        .help = "So many times ping.interval may a host be silent; then it is in Alert, and its guests' state is "
                "unknown.",
        .type = SETTING_DOUBLE, .scopes = SCOPE_GLOBAL, .min = 1, .max = 1000);

enum {
    WATCH_REST_MS = 2000,     /* between two looks, however much is told */
    LOOK_AT_MOST_MS = 600000, /* a look whose job is lost is begun again then */
    SILENT_AGAIN_MS = 5000,   /* a silent host is asked again this soon … */
    SILENT_LONG_MS = 600000,  /* … for so long; then as often as the others */
    SILENT_LOOKS = 2          /* one miss says nothing: the first connection of a process takes a moment */
};

bool host_watch_add(struct db *db, int64_t host_id, struct error *err)
{
    return host_watch_store_add(db, host_id, clock_now_ms(), err);
}

bool host_watch_soon(struct db *db, int64_t host_id, bool returned, struct error *err)
{
    return host_watch_store_soon(db, host_id, returned, clock_now_ms(), WATCH_REST_MS, err);
}

bool host_watch_take(struct db *db, int64_t host_id, bool *ret_taken, struct error *err)
{
    int64_t now = clock_now_ms();
    return host_watch_store_take(db, host_id, now, now + LOOK_AT_MOST_MS, ret_taken, err);
}

bool host_tell(struct db *db, const struct host *host, const char *type, const char *level, const char *key,
               const char *detail, struct error *err)
{
    const struct error_value values[] = {
        E_TEXT("host", host->name), E_TEXT("detail", detail == NULL ? "" : detail), {.name = NULL}};
    const struct event_entry entry = {.type = type,
                                      .level = level,
                                      .key = key,
                                      .values = values,
                                      .account_id = 1, /* the system's own: operators see it */
                                      .domain_id = 1,
                                      .resource_type = "Host",
                                      .resource_uuid = host->uuid,
                                      .resource_name = host->name};
    return event_add(db, &entry, NULL, err);
}

static int64_t interval_ms(void)
{
    return setting_int(&PING_INTERVAL) * 1000;
}

/* A quarter up or down, so that hosts that came together do not stay together. */
static int64_t scattered(int64_t ms)
{
    uint8_t dice = 0;
    random_bytes(&dice, sizeof dice);
    return ms * 3 / 4 + ms * dice / 512;
}

static bool begin_reconnect(struct job_run *run, const struct host *host, struct error *err)
{
    const struct host_job_input input = {.host_id = host->id};
    const struct job_target target = {.object_kind = "host", .object_id = host->id, .object_uuid = host->uuid};
    const struct job_stamp stamp = {.account_id = 1, .domain_id = 1, .parent_job_uuid = run->job_uuid};
    struct job_ref job;
    return job_create(run->db, &HOST_RECONNECT_JOB, &input, &target, &stamp, &job, err);
}

/* "Connecting" keeps a host out of placement until its job has made it fit; one that was never thought lost stays in
 * use meanwhile. */
static bool answered(struct job_run *run, const struct host *host, struct host_watch_row *watch, struct error *err)
{
    bool was_lost = string_equal(host->state, "Disconnected") || string_equal(host->state, "Alert") ||
                    string_equal(host->state, "Down");
    bool returns = was_lost || (watch->returned && string_equal(host->state, "Up"));
    watch->silent = 0;
    watch->silent_since = (struct opt_time){.set = false};
    return host_watch_store_pinged(run->db, host->id, clock_now_ms(), err) &&
           (!was_lost || host_store_set_state(run->db, host->id, "Connecting", err)) &&
           (!returns || begin_reconnect(run, host, err));
}

static bool silent(struct job_run *run, const struct host *host, struct host_watch_row *watch, const char *reason,
                   bool *ret_lost, struct error *err)
{
    int64_t now = clock_now_ms(), limit = (int64_t)((double)interval_ms() * setting_double(&PING_TIMEOUT));
    watch->silent++;
    if (!watch->silent_since.set)
        watch->silent_since = OPT_TIME(now);
    bool is_up = string_equal(host->state, "Up");
    if (watch->silent >= SILENT_LOOKS && is_up)
        return host_store_set_state(run->db, host->id, "Disconnected", err) &&
               host_tell(run->db, host, "HOST.DISCONNECT", "WARN", "event.host_silent", reason, err);
    *ret_lost = now - watch->silent_since.ms >= limit && !is_up;
    if (!*ret_lost || !string_equal(host->state, "Disconnected"))
        return true;
    return host_store_set_state(run->db, host->id, "Alert", err) &&
           host_tell(run->db, host, "ALERT.COMPUTE.HOST", "ERROR", "event.host_lost", reason, err);
}

bool host_watch_seen(struct job_run *run, int64_t host_id, const char *silence, bool *ret_lost, struct error *err)
{
    struct host *host = NULL;
    struct host_watch_row watch = {.silent = 0};
    *ret_lost = false;
    if (!host_find(run->db, run->arena, host_id, &host, err) ||
        !host_watch_store_find(run->db, run->arena, host_id, &watch, err))
        return false;
    if (host == NULL)
        return true;
    if (silence == NULL ? !answered(run, host, &watch, err) : !silent(run, host, &watch, silence, ret_lost, err))
        return false;
    int64_t now = clock_now_ms(), pause = scattered(interval_ms());
    if (watch.silent > 0 && now - watch.silent_since.ms < SILENT_LONG_MS && pause > SILENT_AGAIN_MS)
        pause = SILENT_AGAIN_MS;
    return host_watch_store_end(run->db, host_id, &watch, now + pause, now + WATCH_REST_MS, err);
}

bool host_watch_missed(struct db *db, int64_t host_id, struct error *err)
{
    struct arena arena;
    struct host_watch_row watch = {.silent = 0};
    arena_init(&arena);
    bool found = host_watch_store_find(db, &arena, host_id, &watch, err);
    arena_free(&arena);
    watch.returned = false; /* still to be dealt with */
    int64_t next = clock_now_ms() + scattered(interval_ms());
    return found && host_watch_store_end(db, host_id, &watch, next, next, err);
}
