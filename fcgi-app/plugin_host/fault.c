/* What follows a crash or a hang: the record for people, the plugin's quarantine, the death counted for the job, and
 * the dead process's leases. The supervisor calls in; no plugin code runs here. */
#include "plugin_host/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "db/version.h"

DB_STATEMENT(FAULT_ADD, .name = "plugin_fault.add",
             .sql = "INSERT INTO plugin_fault (uuid, plugin, slot, what, detail, job_id, step, created) VALUES (?, ?, "
                    "?, ?, ?, ?, ?, ?)");
DB_STATEMENT(PLUGIN_QUARANTINE, .name = "plugin.quarantine",
             .sql = "UPDATE plugin SET quarantined = 1, good_calls = 0, fault_count = fault_count + 1, fault = ?, "
                    "last_fault = ? WHERE name = ?");
/* Assignments count from left to right: the second sees the raised number. */
DB_STATEMENT(PLUGIN_GOOD_CALL, .name = "plugin.good_call",
             .sql = "UPDATE plugin SET good_calls = good_calls + 1, quarantined = IF(good_calls >= ?, 0, quarantined) "
                    "WHERE name = ? AND quarantined = 1");
DB_STATEMENT(QUARANTINE_WANTED, .name = "plugin.quarantine_wanted", .row = &DB_NUMBER,
             .scan_reason = "asked by the supervisor alone",
             .sql = "SELECT EXISTS (SELECT 1 FROM plugin WHERE quarantined = 1 AND disabled = 0) OR "
                    "EXISTS (SELECT 1 FROM job WHERE quarantined = 1 AND claimable IS NOT NULL) AS value");

struct fault {
    const struct guard_record *record;
    const char *what, *detail;
};

static bool fault_body(struct db *db, void *context, struct error *err)
{
    const struct fault *fault = context;
    const struct guard_record *record = fault->record;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    int64_t now = clock_now_ms();
    return db_execute(db, &FAULT_ADD, err, db_text(uuid), db_text(record->plugin), db_text(record->slot),
                      db_text(fault->what), db_text(fault->detail), db_int(record->job_id), db_text(record->step),
                      db_time(now)) &&
           db_execute(db, &PLUGIN_QUARANTINE, err, db_text(fault->what), db_time(now), db_text(record->plugin)) &&
           version_raise(db, VERSION_PLUGINS, err);
}

bool fault_write(struct db *db, const struct guard_record *record, const char *what, const char *detail,
                 struct error *err)
{
    struct fault fault = {.record = record, .what = what, .detail = detail};
    return db_transaction(db, fault_body, &fault, err);
}

bool fault_good_call(struct db *db, const char *plugin, struct error *err)
{
    return db_execute(db, &PLUGIN_GOOD_CALL, err, db_int(QUARANTINE_CALLS), db_text(plugin));
}

bool plugin_host_wants_quarantine(struct db *db, bool *ret_wanted, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_number wanted = {0};
    bool found = false;
    if (!db_query_one(db, &QUARANTINE_WANTED, &arena, &wanted, &found, err, DB_NO_VALUES))
        return false;
    *ret_wanted = found && wanted.value != 0;
    return true;
}

/* ---- a dead process ---- */

struct death {
    struct db *db;
    int wait_status;
    bool anyone_crashed; /* a record says so itself */
};

static bool is_deadly(int wait_status)
{
    int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    return number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGFPE || number == SIGILL;
}

/* The thread that crashed says so. When none does (a library's own thread, a stack of its own), all that were inside a
 * plugin are blamed: the innocent leave quarantine after a few good calls. */
static bool is_guilty(const struct death *death, const struct guard_record *record, int state)
{
    if (state == GUARD_CRASHED || state == GUARD_STUCK)
        return true;
    return state == GUARD_BUSY && record->plugin[0] != '\0' && !death->anyone_crashed && is_deadly(death->wait_status);
}

static bool record_settle(const struct death *death, struct guard_record *record, struct error *err)
{
    int state = atomic_load(&record->state);
    if (!is_guilty(death, record, state))
        return true;
    char slot[140], detail[128];
    bool is_stuck = state == GUARD_STUCK;
    int number = record->signal != 0 ? record->signal : WTERMSIG(death->wait_status);
    snprintf(slot, sizeof slot, "%.64s:%.64s", record->plugin[0] == '\0' ? "engine" : record->plugin,
             record->plugin[0] == '\0' ? record->step : record->slot);
    snprintf(detail, sizeof detail, is_stuck ? "no answer" : "signal %d (%s)", number, strsignal(number));
    log_with(LOG_ERROR, "plugin.fault", L_TEXT("slot", slot), L_TEXT("detail", detail), L_INT("job", record->job_id));
    bool is_told = record->plugin[0] == '\0' || atomic_load(&record->fault_written) != 0;
    return (is_told || fault_write(death->db, record, is_stuck ? "stuck" : "crashed", detail, err)) &&
           (record->job_id == 0 || jobs_count_death(death->db, record->job_id, slot, err));
}

static bool file_settle(struct death *death, struct guard_file *map, struct error *err)
{
    int32_t used = atomic_load(&map->used);
    used = used > GUARD_RECORDS ? GUARD_RECORDS : used;
    for (int32_t i = 0; i < used; i++) {
        struct guard_record *record = &map->records[i];
        record->plugin[sizeof record->plugin - 1] = record->slot[sizeof record->slot - 1] =
            record->step[sizeof record->step - 1] = '\0';
        death->anyone_crashed = death->anyone_crashed || atomic_load(&record->state) == GUARD_CRASHED;
    }
    for (int32_t i = 0; i < used; i++)
        if (!record_settle(death, &map->records[i], err))
            return false;
    return true;
}

/* A private copy: what is corrected in it stays here. NULL: there is no such file, or it is not one of ours. */
static struct guard_file *file_open(const char *path)
{
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (opened < 0)
        return NULL;
    bool whole = lseek(opened, 0, SEEK_END) == (off_t)sizeof(struct guard_file);
    void *map =
        whole ? mmap(NULL, sizeof(struct guard_file), PROT_READ | PROT_WRITE, MAP_PRIVATE, opened, 0) : MAP_FAILED;
    close(opened);
    if (map == MAP_FAILED)
        return NULL;
    struct guard_file *file = map;
    if (memcmp(file->magic, "GURSLOT1", sizeof file->magic) == 0)
        return file;
    munmap(map, sizeof *file);
    return NULL;
}

bool plugin_host_on_jobs_death(struct db *db, const char *run_folder, int64_t pid, int wait_status, struct error *err)
{
    char path[512];
    snprintf(path, sizeof path, "%s/slots/%lld", run_folder, (long long)pid);
    struct guard_file *map = file_open(path);
    struct death death = {.db = db, .wait_status = wait_status};
    bool settled = map == NULL || file_settle(&death, map, err);
    if (map != NULL)
        munmap(map, sizeof *map);
    if (!settled || !jobs_release_leases_of(db, jobs_machine(), pid, err))
        return false;
    unlink(path);
    wake_send(run_folder, WAKE_QUARANTINE);
    wake_send(run_folder, WAKE_JOBS);
    return true;
}

bool plugin_host_sweep(struct db *db, const char *run_folder, struct error *err)
{
    char folder[480];
    snprintf(folder, sizeof folder, "%s/slots", run_folder);
    DIR *directory = opendir(folder);
    bool swept = true;
    for (struct dirent *entry; directory != NULL && swept && (entry = readdir(directory)) != NULL;) {
        int64_t pid = 0;
        if (string_to_int(entry->d_name, &pid) && pid > 0 && jobs_pid_is_gone(pid))
            swept = plugin_host_on_jobs_death(db, run_folder, pid, SIGKILL, err);
    }
    if (directory != NULL)
        closedir(directory);
    return swept;
}
