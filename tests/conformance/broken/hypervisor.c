/* Broken hypervisors, 1 to 39: each section names its number and what is wrong. See broken.h. */
#include "broken.h"

#include "gurum_hypervisor.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct gurum_hypervisor_operations operations;

static const struct gurum_hypervisor_operations *healthy(void)
{
    return healthy_plugin.operations;
}

/* Asks the healthy plugin without reporting to the host. */
static uint32_t seen_state;
static int32_t report_to_nobody(struct gurum_call *call, const struct gurum_item *item)
{
    (void)call;
    if (item->type == GURUM_ITEM_GUEST)
        seen_state = ((const struct gurum_guest_report *)(const void *)item)->state;
    return GURUM_OK;
}

static uint32_t state_of(struct gurum_call *call, const struct gurum_host *host, const char *uuid)
{
    const struct gurum_guest_spec spec = {.size = sizeof(spec), .host = host, .guest_uuid = uuid, .guest_name = uuid};
    given_services.report = report_to_nobody;
    seen_state = 0;
    healthy()->guest_observe(call, &spec);
    given_services.report = host_services->report;
    return seen_state;
}

/* 6: what exists is an error. */
static int32_t ensure_not_idempotent(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    if (state_of(call, spec->host, spec->guest->uuid) != GURUM_GUEST_ABSENT)
        return host_services->fail(call, GURUM_CONFLICT, "exists", "it exists");
    return healthy()->guest_ensure(call, spec);
}

/* 7: a retry makes one more beside the right one. 8: a retry makes it under a new id. */
static int32_t ensure_again(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    bool retry = was_cut_off(call);
    struct gurum_guest guest = *spec->guest;
    struct gurum_guest_shape_spec other = {.size = sizeof(other), .host = spec->host, .guest = &guest};
    guest.uuid = another_uuid(spec->guest->uuid);
    guest.name = guest.uuid;
    has_begun(call);
    if (retry && BROKEN == 7) {
        given_services.report = report_to_nobody;
        healthy()->guest_ensure(call, &other);
        given_services.report = host_services->report;
    }
    int32_t status = healthy()->guest_ensure(call, retry && BROKEN == 8 ? &other : spec);
    has_ended(call);
    return status;
}

/* 9 */
static bool never_cancelled(struct gurum_call *call)
{
    (void)call;
    return false;
}

/* 10: removes all that it has made. 11: knows only what this process has made. */
static int32_t ensure_and_note(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    made_add(spec->guest->uuid);
    return healthy()->guest_ensure(call, spec);
}

static int32_t remove_too_much(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    struct gurum_guest_spec other = *spec;
    while ((other.guest_uuid = made_take()) != NULL)
        healthy()->guest_remove(call, &other);
    return healthy()->guest_remove(call, spec);
}

static int32_t observe_forgetful(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    if (made_has(spec->guest_uuid))
        return healthy()->guest_observe(call, spec);
    const struct gurum_guest_report report = {
        .item = {sizeof(report), GURUM_ITEM_GUEST}, .uuid = spec->guest_uuid, .state = GURUM_GUEST_ABSENT};
    return host_services->report(call, &report.item);
}

/* 12, 13, 14: lies about sizes of items, numbers, names. */
static int32_t report_lies(struct gurum_call *call, const struct gurum_item *item)
{
    if (item->type != GURUM_ITEM_GUEST)
        return host_services->report(call, item);
    struct gurum_guest_report report = *(const struct gurum_guest_report *)(const void *)item;
    if (BROKEN == 12)
        report.item.size += 1000;
    if (BROKEN == 13)
        report.memory_mib *= 2;
    if (BROKEN == 14)
        report.uuid = "00000000-0000-4000-8000-000000000000";
    return host_services->report(call, &report.item);
}

/* 15 */
static int32_t start_never_ends(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    (void)spec;
    return host_services->check_after(call, 50);
}

/* 16 */
static int32_t ensure_slowly(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    if (host_services->remaining_ms(call) < 100)
        usleep(1500000);
    return healthy()->guest_ensure(call, spec);
}

/* 17 */
static int32_t stop_hangs(struct gurum_call *call, const struct gurum_guest_stop_spec *spec)
{
    (void)call, (void)spec;
    while (sleep(3600) < 3601)
        continue;
    return GURUM_OK;
}

/* 18 */
static int32_t fail_silently(struct gurum_call *call, int32_t status, const char *reason, const char *format, ...)
{
    (void)call, (void)reason, (void)format;
    return status;
}

/* 19 */
static int32_t console_odd(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    (void)call, (void)spec;
    return 77;
}

/* 20: the spec lies in one place for all threads. */
static int32_t observe_shared(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    static struct gurum_guest_spec shared;
    __atomic_store_n(&shared.guest_uuid, spec->guest_uuid, __ATOMIC_SEQ_CST);
    shared.size = sizeof(shared);
    shared.host = spec->host;
    usleep(2000);
    struct gurum_guest_spec found = shared;
    return healthy()->guest_observe(call, &found);
}

/* 21 */
static int32_t remove_once(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    if (state_of(call, spec->host, spec->guest_uuid) == GURUM_GUEST_ABSENT)
        return host_services->fail(call, GURUM_NOT_FOUND, "absent", "it is not there");
    return healthy()->guest_remove(call, spec);
}

/* 22: every call looks like another operation. */
static const char *operation_new(struct gurum_call *call)
{
    static char operation[2] = "a";
    (void)call;
    operation[0] = operation[0] == 'a' ? 'b' : 'a';
    return operation;
}

/* 23 */
static int32_t start_pretends(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    int32_t status = healthy()->guest_start(call, spec);
    return status == GURUM_NOT_FOUND ? GURUM_OK : status;
}

/* 24 */
static int32_t start_crashes(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    (void)call, (void)spec;
    raise(SIGSEGV);
    return GURUM_OK;
}

/* 31: under this number only beside healthy plugins; 15 to 17 are what the suite finds. */
static int32_t start_hangs(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    (void)call, (void)spec;
    while (sleep(3600) < 3601)
        continue;
    return GURUM_OK;
}

/* 25: redefining a running guest stops it. */
static int32_t ensure_stops(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    const struct gurum_guest_stop_spec stop = {
        .size = sizeof(stop), .flags = GURUM_STOP_FORCE, .host = spec->host, .guest_uuid = spec->guest->uuid};
    healthy()->guest_stop(call, &stop);
    return healthy()->guest_ensure(call, spec);
}

/* 26: removing a host removes its guests. */
static int32_t host_remove_all(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    struct gurum_guest_spec guest = {.size = sizeof(guest), .host = spec->host};
    while ((guest.guest_uuid = made_take()) != NULL)
        healthy()->guest_remove(call, &guest);
    return healthy()->host_remove(call, spec);
}

/* 27: defining starts. */
static int32_t ensure_starts(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    given_services.report = report_to_nobody;
    int32_t status = healthy()->guest_ensure(call, spec);
    given_services.report = host_services->report;
    return status == GURUM_OK ? healthy()->guest_start(call, spec) : status;
}

/* 29: removal gives up when cancelled. */
static int32_t remove_gives_up(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    if (host_services->cancelled(call))
        return host_services->fail(call, GURUM_CANCELLED, "cancelled", "given up");
    return healthy()->guest_remove(call, spec);
}

/* 30: what was cancelled was made all the same. */
static int32_t ensure_before_cancel(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    bool cancelled = host_services->cancelled(call);
    int32_t status = healthy()->guest_ensure(call, spec);
    return cancelled ? host_services->fail(call, GURUM_CANCELLED, "cancelled", "given up") : status;
}

/* 32: tells the counters of the first guest only. */
static bool stats_told;
static int32_t report_first_stats(struct gurum_call *call, const struct gurum_item *item)
{
    if (item->type == GURUM_ITEM_GUEST_STATS && stats_told)
        return GURUM_OK;
    stats_told = stats_told || item->type == GURUM_ITEM_GUEST_STATS;
    return host_services->report(call, item);
}

static int32_t stats_of_one(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    stats_told = false;
    given_services.report = report_first_stats;
    int32_t status = healthy()->guest_stats(call, spec);
    given_services.report = host_services->report;
    return status;
}

/* 33: the log always from its beginning. */
static int32_t log_from_start(struct gurum_call *call, const struct gurum_console_log_spec *spec)
{
    struct gurum_console_log_spec start = *spec;
    start.offset = start.offset > 1000 ? start.offset : 0;
    return healthy()->console_log_read(call, &start);
}

/* 34: a log that lost its end is a failure. */
static int32_t log_end_fails(struct gurum_call *call, const struct gurum_console_log_spec *spec)
{
    if (spec->offset > 1000000)
        return host_services->fail(call, GURUM_INVALID, "offset", "behind the end");
    return healthy()->console_log_read(call, spec);
}

__attribute__((constructor)) static void build(void)
{
    static struct gurum_setting settings[2];
    operations = *healthy();
    broken_plugin = healthy_plugin;
    broken_plugin.operations = &operations;
    broken_plugin.start = broken_start;
    given_services.size = sizeof(given_services);
#ifdef BROKEN_NAME
    broken_plugin.name = BROKEN_NAME;
#endif
    switch (BROKEN) {
    case 1:
        broken_plugin.magic ^= 1;
        break;
    case 2:
        broken_plugin.size -= 8;
        break;
    case 3:
        broken_plugin.abi_major = 9;
        break;
    case 4:
        operations.guest_observe = NULL;
        break;
    case 5:
        settings[0] = settings[1] = healthy_plugin.settings[0];
        broken_plugin.settings = settings;
        broken_plugin.setting_count = 2;
        break;
    case 6:
        operations.guest_ensure = ensure_not_idempotent;
        break;
    case 7:
    case 8:
        operations.guest_ensure = ensure_again;
        break;
    case 9:
        given_services.cancelled = never_cancelled;
        break;
    case 10:
        operations.guest_ensure = ensure_and_note;
        operations.guest_remove = remove_too_much;
        break;
    case 11:
        operations.guest_ensure = ensure_and_note;
        operations.guest_observe = observe_forgetful;
        break;
    case 12:
    case 13:
    case 14:
        given_services.report = report_lies;
        break;
    case 15:
        operations.guest_start = start_never_ends;
        break;
    case 16:
        operations.guest_ensure = ensure_slowly;
        break;
    case 17:
        operations.guest_stop = stop_hangs;
        break;
    case 18:
        given_services.fail = fail_silently;
        break;
    case 19:
        operations.console_open = console_odd;
        break;
    case 20:
        operations.guest_observe = observe_shared;
        break;
    case 21:
        operations.guest_remove = remove_once;
        break;
    case 22:
        given_services.operation_id = operation_new;
        break;
    case 23:
        operations.guest_start = start_pretends;
        break;
    case 24:
        operations.guest_start = start_crashes;
        break;
    case 31:
        operations.guest_start = start_hangs;
        break;
    case 25:
        operations.guest_ensure = ensure_stops;
        break;
    case 26:
        operations.guest_ensure = ensure_and_note;
        operations.host_remove = host_remove_all;
        break;
    case 27:
        operations.guest_ensure = ensure_starts;
        break;
    case 28:
        broken_plugin.capabilities |= UINT64_C(1) << 63;
        break;
    case 29:
        operations.guest_remove = remove_gives_up;
        break;
    case 30:
        given_services.cancelled = never_cancelled;
        operations.guest_ensure = ensure_before_cancel;
        break;
    case 32:
        operations.guest_stats = stats_of_one;
        break;
    case 33:
        operations.console_log_read = log_from_start;
        break;
    case 34:
        operations.console_log_read = log_end_fails;
        break;
    default:
        break;
    }
}
