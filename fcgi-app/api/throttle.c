/* The table of requests counted, by account: slots of two atomic words, so that counting takes no lock and no query. A
 * window begins with an account's first request and lasts api.throttling.interval. While limits are off nothing of this
 * is touched. */
#include "api/throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api_settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum { PATH_MAX_BYTES = 512, PROBES = 16, COUNT_BITS = 22 };
static const uint64_t COUNT_MASK = (UINT64_C(1) << COUNT_BITS) - 1;

struct slot {
    _Atomic int64_t account_id; /* 0: free */
    _Atomic uint64_t window;    /* its begin in ms, shifted by COUNT_BITS, and the requests since */
};

static char path[PATH_MAX_BYTES];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct slot *slots; /* NULL: the file could not be mapped; nobody is limited then, and the log says so */
static size_t slot_count;

void throttle_set_folder(const char *run_folder)
{
    snprintf(path, sizeof(path), "%s/rates", run_folder);
}

/* New slots are zero: free. Never smaller: another process may still use all of it. */
static bool grow(int file, off_t bytes)
{
    struct stat now;
    return fstat(file, &now) == 0 && (now.st_size >= bytes || ftruncate(file, bytes) == 0);
}

static void map_table(void)
{
    slot_count = (size_t)setting_int(&API_THROTTLING_CACHESIZE);
    size_t bytes = slot_count * sizeof(struct slot);
    void *memory = MAP_FAILED;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && grow(file, (off_t)bytes))
        memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED)
        log_with(LOG_ERROR, "api.no_rate_limits", L_TEXT("path", path), L_INT("errno", errno));
    else
        slots = memory;
    if (file >= 0)
        close(file);
}

static struct slot *table(void)
{
    pthread_once(&once, map_table);
    return slots;
}

static uint64_t window_of(uint64_t begin_ms, uint64_t count)
{
    return begin_ms << COUNT_BITS | count;
}

static bool is_over(uint64_t window, uint64_t now_ms)
{
    uint64_t begin_ms = window >> COUNT_BITS;
    uint64_t length_ms = (uint64_t)setting_int(&API_THROTTLING_INTERVAL) * 1000;
    bool is_ahead = begin_ms > now_ms + length_ms; /* the clock was set back; a thread may well be a moment late */
    return is_ahead || now_ms >= begin_ms + length_ms;
}

static size_t first_place(int64_t account_id)
{
    return (size_t)((uint64_t)account_id * UINT64_C(0x9E3779B97F4A7C15) >> 32) % slot_count;
}

/* The account's slot, NULL: it has none yet. */
static struct slot *find(int64_t account_id)
{
    size_t at = first_place(account_id);
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *slot = &slots[(at + i) % slot_count];
        if (atomic_load(&slot->account_id) == account_id)
            return slot;
    }
    return NULL;
}

/* A slot for a new account: a free one, or one whose window is over, or, when a full table has neither near by, the
 * oldest of those: its account begins a new window early. */
static struct slot *claim(int64_t account_id, uint64_t now_ms)
{
    size_t at = first_place(account_id);
    struct slot *oldest = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *slot = &slots[(at + i) % slot_count];
        int64_t owner = atomic_load(&slot->account_id);
        uint64_t window = atomic_load(&slot->window);
        bool is_usable = owner == 0 || is_over(window, now_ms);
        if (is_usable && atomic_compare_exchange_strong(&slot->account_id, &owner, account_id))
            return slot; /* its window is over: whoever counts next begins a new one */
        if (owner == account_id)
            return slot; /* another thread was first */
        if (!oldest || window < atomic_load(&oldest->window))
            oldest = slot;
    }
    uint64_t window = atomic_load(&oldest->window);
    atomic_store(&oldest->account_id, account_id);
    atomic_compare_exchange_strong(&oldest->window, &window, 0);
    return oldest;
}

/* Counts one request; the answer is the window with it. */
static uint64_t count_request(struct slot *slot, uint64_t now_ms)
{
    uint64_t window = atomic_load(&slot->window), next;
    do {
        bool is_full = (window & COUNT_MASK) == COUNT_MASK;
        next = is_over(window, now_ms) ? window_of(now_ms, 1) : is_full ? window : window + 1;
    } while (!atomic_compare_exchange_weak(&slot->window, &window, next));
    return next;
}

static int64_t end_of(uint64_t window)
{
    return (int64_t)(window >> COUNT_BITS) + setting_int(&API_THROTTLING_INTERVAL) * 1000;
}

bool throttle_is_on(void)
{
    return setting_bool(&API_THROTTLING_ENABLED);
}

bool throttle_admit(const struct caller *caller, struct error *err)
{
    if (!throttle_is_on() || caller->account_id <= 0 || caller_is_root_admin(caller) || !table())
        return true;
    uint64_t now_ms = (uint64_t)clock_now_ms();
    struct slot *slot = find(caller->account_id);
    if (!slot)
        slot = claim(caller->account_id, now_ms);
    uint64_t window = count_request(slot, now_ms);
    if ((int64_t)(window & COUNT_MASK) <= setting_int(&API_THROTTLING_MAX))
        return true;
    return error_with(err, ERROR_RATE_LIMITED, "api.rate_limited", E_INT("ms", end_of(window) - (int64_t)now_ms));
}

struct throttle_state throttle_look(int64_t account_id)
{
    struct throttle_state state = {.allowed = setting_int(&API_THROTTLING_MAX)};
    struct slot *slot = throttle_is_on() && table() ? find(account_id) : NULL;
    uint64_t window = slot ? atomic_load(&slot->window) : 0;
    int64_t now_ms = clock_now_ms();
    if (slot && !is_over(window, (uint64_t)now_ms)) {
        state.issued = (int64_t)(window & COUNT_MASK);
        state.expires_ms = end_of(window) - now_ms;
    }
    return state;
}

void throttle_reset(int64_t account_id)
{
    if (!throttle_is_on() || !table())
        return;
    if (account_id != 0) {
        struct slot *slot = find(account_id);
        if (slot)
            atomic_store(&slot->window, 0);
        return;
    }
    for (size_t i = 0; i < slot_count; i++)
        atomic_store(&slots[i].window, 0);
}

int64_t throttle_wait_s(const struct error *err)
{
    int64_t ms = 0;
    for (size_t i = 0; i < err->arg_count; i++)
        if (string_equal(err->args[i].name, "ms") && !string_to_int(err->args[i].value, &ms))
            ms = 0;
    return ms > 1000 ? (ms + 999) / 1000 : 1;
}
