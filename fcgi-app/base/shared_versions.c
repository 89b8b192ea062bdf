/* The counters in the mapped file. Until it is opened (tools, tests) the process counts for itself. */
#include "base/shared_versions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"

#define OWNER(row, column) [VERSION_OWNERS + 8 * (row) + (column)] = "owner." #row #column
#define OWNER_ROW(row)                                                                                                 \
    OWNER(row, 0), OWNER(row, 1), OWNER(row, 2), OWNER(row, 3), OWNER(row, 4), OWNER(row, 5), OWNER(row, 6),           \
        OWNER(row, 7)
static const char *const names[VERSION_COUNT] = {
    [VERSION_IDENTITY] = "identity",
    [VERSION_SETTINGS] = "settings",
    [VERSION_TOPOLOGY] = "topology",
    [VERSION_CATALOGUE] = "catalogue",
    [VERSION_BRANDS] = "brands",
    [VERSION_PLUGINS] = "plugins",
    [VERSION_ROLES] = "roles",
    [VERSION_EVENTS] = "events",
    [VERSION_PROJECTS] = "projects",
    OWNER_ROW(0),
    OWNER_ROW(1),
    OWNER_ROW(2),
    OWNER_ROW(3),
    OWNER_ROW(4),
    OWNER_ROW(5),
    OWNER_ROW(6),
    OWNER_ROW(7),
};

enum { FILE_BYTES = 4096 };
static _Atomic uint64_t own_counters[VERSION_COUNT];
static _Atomic uint64_t *counters = own_counters; /* set once at start, before threads */

bool shared_versions_open(const char *run_folder, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    const char *path = arena_printf(&arena, "%s/versions", run_folder);
    void *memory = MAP_FAILED;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (file >= 0 && ftruncate(file, FILE_BYTES) == 0) /* the same size for every process: nothing is lost */
        memory = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int reason = errno;
    if (file >= 0)
        close(file);
    if (memory == MAP_FAILED) {
        error_with(err, ERROR_INTERNAL, "versions.file", E_TEXT("path", path));
        error_add_detail(err, "%s", strerror(reason));
    } else {
        counters = memory;
    }
    arena_free(&arena);
    return memory != MAP_FAILED;
}

/* Numbers of no counter: the top bit is theirs. Unique in the process, where the cached copies are. */
static _Thread_local uint64_t own_change[VERSION_COUNT];
static _Thread_local bool has_changes;
static _Atomic uint64_t changes = UINT64_C(1) << 63;

void shared_version_change(enum shared_version version)
{
    own_change[version] = atomic_fetch_add(&changes, 1);
    has_changes = true;
}

void shared_versions_settle(void)
{
    if (has_changes)
        memset(own_change, 0, sizeof(own_change));
    has_changes = false;
}

uint64_t shared_version_read(enum shared_version version)
{
    if (has_changes && own_change[version] != 0)
        return own_change[version];
    return atomic_load_explicit(&counters[version], memory_order_acquire);
}

void shared_version_raise(enum shared_version version)
{
    atomic_fetch_add_explicit(&counters[version], 1, memory_order_acq_rel);
}

const char *shared_version_name(enum shared_version version)
{
    return names[version];
}

enum shared_version shared_version_of_owner(int64_t id)
{
    return (enum shared_version)(VERSION_OWNERS + (int)((uint64_t)id % VERSION_OWNER_SHARDS));
}
