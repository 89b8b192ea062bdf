/* Crashes on demand, for tests: the process kills itself at a named point or at a random instant. README.md describes
 * both variables. */
#include "jobs/engine.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"

/* Some live longer, so that work goes on also where a process needs longer than the others live to take a step. */
enum { CRASH_LONG_EVERY = 16, CRASH_LONG_TIMES = 8 };

/* Written once before the workers start; `hits` counts afterwards. */
static struct {
    char folder[256];
    char at[256]; /* "kind:step:point" */
    long long nth;
    long random_ms;
    atomic_llong hits;
} crash;

/* True for the first process only, until the test removes the marker. */
static bool crash_is_first(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s/crashed", crash.folder);
    int marker = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (marker < 0)
        return false;
    close(marker);
    return true;
}

void crash_point(const struct job_run *run, const char *point)
{
    if (crash.at[0] == '\0' || run->kind == NULL || run->step == NULL)
        return;
    char here[256];
    snprintf(here, sizeof here, "%s:%s:%s", run->kind->name, run->step->name, point);
    if (string_equal(here, crash.at) && atomic_fetch_add(&crash.hits, 1) + 1 == crash.nth && crash_is_first())
        kill(getpid(), SIGKILL);
}

static void *crash_at_random(void *unused)
{
    (void)unused;
    usleep((useconds_t)crash.random_ms * 1000);
    kill(getpid(), SIGKILL);
    return NULL;
}

/* How many jobs processes of this run folder have drawn an instant: each draws another one from the same seed. */
static unsigned crash_generation(void)
{
    char path[320];
    snprintf(path, sizeof path, "%s/crash_generation", crash.folder);
    int file = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, "x", 1) != 1)
        abort();
    off_t size = lseek(file, 0, SEEK_CUR);
    close(file);
    return (unsigned)size;
}

static void crash_prepare_random(const char *value)
{
    long long seed = 0, most = 0;
    pthread_t thread;
    struct error err;
    if (sscanf(value, "%lld:%lld", &seed, &most) != 2 || most < 1 || most > 600000)
        return;
    unsigned generation = crash_generation(), state = (unsigned)seed * 2654435761u + generation;
    crash.random_ms = rand_r(&state) % (long)most + 1;
    if (generation % CRASH_LONG_EVERY == 0)
        crash.random_ms *= CRASH_LONG_TIMES;
    log_with(LOG_WARNING, "job.crash_planned", L_INT("ms", crash.random_ms));
    if (thread_start(&thread, "crash", crash_at_random, NULL, &err))
        pthread_detach(thread);
}

void crash_prepare(const char *run_folder)
{
    const char *at = getenv("GURUM_CRASH_AT"), *random = getenv("GURUM_CRASH_RANDOM");
    string_copy(crash.folder, sizeof crash.folder, run_folder);
    if (random != NULL)
        crash_prepare_random(random);
    if (at == NULL)
        return;
    string_copy(crash.at, sizeof crash.at, at);
    crash.nth = 1;
    char *third = strchr(crash.at, ':');
    for (int colons = 1; third != NULL && colons < 3; colons++)
        third = strchr(third + 1, ':');
    if (third != NULL) {
        int64_t nth = 1;
        *third = '\0';
        crash.nth = string_to_int(third + 1, &nth) ? nth : 1;
    }
}
