/* What the files of this room share. Nobody outside fcgi-app/plugin_host includes this. */
#ifndef GURUM_PLUGIN_HOST_HOST_H
#define GURUM_PLUGIN_HOST_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include "../../plugins/sdk/check/gurum_plugin_verify.h"
#include "base/text.h"
#include "base/thread.h"
#include "jobs/jobs_role.h"
#include "plugin_host/plugin_host.h"

enum {
    LOADED_MAX = 64,   /* plugins in a process */
    TARGET_LOCKS = 64, /* a plugin's locks for threading PER_TARGET, shared by targets of one hash */
    SETTINGS_MAX = 64,
    NOTES_MAX = 32,
    QUARANTINE_CALLS = 10, /* good ones, then a plugin leaves quarantine */
    ALLOC_MAX_BYTES = 64 << 20
};

/* ---- a plugin in this process ---- */

enum plugin_phase {
    PHASE_FOUND,
    PHASE_REFUSED,
    PHASE_STARTED
}; /* FOUND: not yet opened, because it is quarantined or disabled */

struct host_plugin {
    char name[65], path[512], kind_name[33], types[256], refusal[700];
    uint32_t kind;        /* enum gurum_kind; 0 while not yet opened and never seen before */
    size_t index;         /* its services' place */
    struct mutex lock; /* guards opening and starting; then SINGLE threading */
    atomic_int phase;
    const struct gurum_plugin *symbol;
    const struct gurum_kind_info *info;
    struct gurum_services services;
    char *values[SETTINGS_MAX]; /* by the plugin's table; sealed when secret; NULL: none. Fixed once started. */
    struct mutex targets[TARGET_LOCKS];
    atomic_bool quarantined, disabled; /* as of the last look at table plugin */
};

struct host {
    struct plugin_host_config config;
    struct host_plugin *plugins[LOADED_MAX];
    size_t count;
    bool started;
};
extern struct host
    plugin_host; /* filled by plugin_host_start before any thread calls in; constant afterwards but for the atomics */

/* registry.c */
struct host_plugin *registry_find(enum gurum_kind kind, const char *type); /* NULL: none serves it */
void registry_refresh(
    struct db *db); /* takes over quarantine and disabling from table plugin when the last look is half a second old */

/* load.c */
MUST_CHECK bool load_folder(struct db *db, struct error *err);
/* Opens, checks and starts the plugin if that has not been done. False: refused; the reason stands in plugin->refusal.
 */
MUST_CHECK bool load_ready(struct host_plugin *plugin, struct db *db);

/* settings.c */
/* Brings the declared rows into table plugin_setting and reads the values. False: a value is missing or bad; refusal is
 * set. */
MUST_CHECK bool settings_load(struct host_plugin *plugin, struct db *db);
const char *settings_value(const struct host_plugin *plugin, const char *name); /* default applied; not for secrets */
const char *settings_sealed(const struct host_plugin *plugin, const char *name);
const char *settings_associated(struct arena *arena, const char *plugin, const char *name);

/* ---- calls ---- */

/* One call of a slot, or (background) the work that a slot left running in a thread of its own. */
struct gurum_call {
    struct host_plugin *plugin;
    const char *slot;
    struct job_run *run; /* in the background: a copy that reaches nothing of the job but its name */
    struct arena *arena;
    const struct plugin_target *target;
    struct plugin_reports reports;
    size_t report_capacity;
    struct mutex lock; /* services may be called from several threads */
    int64_t deadline_ms;  /* monotonic */
    uint32_t check_after_ms;
    size_t alloc_bytes;
    bool is_broken; /* a bad report: INTERNAL whatever the slot returns */
    bool is_background;
    atomic_bool is_cancelled;
    atomic_int percent; /* as progress() told last */
    struct secret secrets[16]; /* opened for this call, wiped at its end */
    size_t secret_count;
    char reason[65], words[ERROR_DETAIL_BYTES];
};

/* call.c */
struct slot_call {
    struct gurum_call call;
    struct mutex *held; /* the threading's lock; NULL: free */
    struct guard_record *record;
};
/* False: the slot is not to be called, and *ret_outcome is the wrapper's answer. */
MUST_CHECK bool slot_begin(struct slot_call *slot, enum gurum_kind kind, const char *name, struct job_run *run,
                           const struct plugin_target *target, enum step_outcome *ret_outcome, struct error *err);
enum step_outcome slot_end(struct slot_call *slot, int32_t status, struct plugin_reports *ret_reports,
                           struct error *err);
void call_open(struct gurum_call *call, struct host_plugin *plugin, const char *slot, struct job_run *run,
               struct arena *arena, const struct plugin_target *target);
void call_close(struct gurum_call *call);

/* A wrapper; see PLUGIN_SLOT_DECLARE. */
#define PLUGIN_SLOT_DEFINE(prefix, KIND, slot_name, spec_name)                                                         \
    enum step_outcome prefix##_##slot_name(struct job_run *run, const struct plugin_target *target,                    \
                                           const struct spec_name *spec, struct plugin_reports *ret_reports,           \
                                           struct error *err)                                                          \
    {                                                                                                                  \
        struct slot_call slot;                                                                                         \
        enum step_outcome outcome;                                                                                     \
        if (!slot_begin(&slot, GURUM_KIND_##KIND, #slot_name, run, target, &outcome, err))                             \
            return outcome;                                                                                            \
        const struct gurum_##prefix##_operations *operations = slot.call.plugin->symbol->operations;                   \
        return slot_end(&slot, operations->slot_name(&slot.call, spec), ret_reports, err);                             \
    }

/* items.c */
/* A deep copy in the arena, as large as this build knows the type. NULL: wrong size, type, text or number; *ret_problem
 * says which. */
const struct gurum_item *item_copy(struct arena *arena, enum gurum_kind kind, const struct gurum_item *item,
                                   const char **ret_problem);

/* load.c: the call that stands for start() in this thread; NULL: none */
struct gurum_call *load_starting(void);

/* services.c */
void services_fill(struct host_plugin *plugin);
/* event.c */
void event_put(const struct gurum_event *event);
MUST_CHECK bool event_start(struct error *err);
void event_stop(void);
/* background.c */
int32_t background_call(struct gurum_call *call, int32_t (*work)(struct gurum_call *call, void *argument),
                        void *argument, void (*release)(void *argument));
/* child.c */
int32_t child_run(struct gurum_call *call, struct gurum_run *run);

/* ---- guard: the slot file ---- */

enum guard_state { GUARD_IDLE, GUARD_BUSY, GUARD_CRASHED, GUARD_STUCK };
enum { GUARD_RECORDS = 2048 };
/* What one thread does, for whoever looks after its death. Written by that thread alone, but for `state` becoming
 * STUCK. */
struct guard_record {
    _Atomic int32_t state; /* enum guard_state */
    int32_t signal;
    int64_t job_id, since_ms;
    _Atomic int64_t deadline_ms; /* monotonic; 0: none */
    _Atomic int32_t fault_written;
    char plugin[65], slot[65], step[65], padding[5];
};
struct guard_file {
    char magic[8];
    int64_t pid;
    _Atomic int32_t used;
    int32_t reserved;
    struct guard_record records[GUARD_RECORDS];
};
MUST_CHECK bool guard_start(struct error *err); /* the file, the signal handlers, the watchdog */
void guard_stop(void);
struct guard_record *guard_thread(void); /* this thread's; made at first use */
void guard_thread_end(void);             /* for threads that end before the process */
void guard_job_begin(const struct job_run *run);
void guard_job_end(const struct job_run *run);
void guard_call_begin(struct guard_record *record, const char *plugin, const char *slot, int64_t deadline_ms);
void guard_call_end(struct guard_record *record);

/* fault.c: plugin_fault, quarantine */
MUST_CHECK bool fault_write(struct db *db, const struct guard_record *record, const char *what, const char *detail,
                            struct error *err);
MUST_CHECK bool fault_good_call(struct db *db, const char *plugin, struct error *err);

/* tables.c */
struct plugin_row {
    int64_t id, capabilities;
    const char *name, *kind, *types, *refusal, *file;
    bool disabled, quarantined;
};
extern const struct field_table PLUGIN_ROW;
MUST_CHECK bool plugin_rows(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool plugin_row_write(struct db *db, const struct host_plugin *plugin, struct error *err);

#endif
