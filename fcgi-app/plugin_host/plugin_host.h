/* Plugins as the rest of the program sees them: started in jobs processes, called from the acts of job steps
 * (hypervisor.h, storage.h, image_store.h, network.h, allocator.h), and judged when they crash or hang. What a plugin
 * must do is in plugins/sdk. */
#ifndef GURUM_PLUGIN_HOST_PLUGIN_HOST_H
#define GURUM_PLUGIN_HOST_PLUGIN_HOST_H

#include "gurum_plugin.h"
#include "jobs/jobs.h"

/* ---- calling: what cloud/<f>/<f>_jobs.c uses ---- */

/* A secret that the plugin may ask for during this call by services->secret(call, name): "password",
 * "destination.password". */
struct plugin_secret {
    const char *name;
    const char *sealed;     /* as stored; opened only when the plugin asks */
    const char *associated; /* what secret_seal bound it to: "host.password:<uuid>" */
};

/* Which plugin, and what it may know. */
struct plugin_target {
    /* What the operator chose: a hypervisor type ("Simulator", "KVM"), a storage or network provider, an allocator. A
     * plugin serves it when its name is the text itself, when its name is "<kind>-<text>" ignoring case, or when its
     * setting "types" lists it. */
    const char *type;
    /* The host, pool, store or network the call is about: calls on one target follow each other when the plugin asks
     * for that. */
    const char *object_uuid;
    const struct plugin_secret *secrets;
    size_t secret_count;
    int64_t deadline_ms; /* of this call; 0: setting plugin.call.deadline.ms. A call that oversteps it by half is taken
                          * for stuck, and the process is replaced. */
};

/* What a slot reported: copies in run->arena, in the order in which they came. */
struct plugin_reports {
    const struct gurum_item **items;
    size_t count;
};
enum { PLUGIN_REPORTS_MAX = 20000 };
/* The first report of a type, cast by the caller to its struct; NULL: none. */
const void *plugin_report_first(const struct plugin_reports *reports, enum gurum_item_type type);
/* All reports of a type, as an array of pointers in `arena`. */
const void **plugin_report_all(const struct plugin_reports *reports, enum gurum_item_type type, struct arena *arena,
                               size_t *ret_count);

/* A slot's wrapper, declared by the kinds' headers for each slot of the SDK:
 *
 *     enum step_outcome hypervisor_guest_start(struct job_run *run, const struct plugin_target *target,
 *                                              const struct gurum_guest_shape_spec *spec, struct plugin_reports
 * *ret_reports, struct error *err);
 *
 * Call it from `act`, `undo_act` or `plan`, outside any transaction, and hand its outcome on. STEP_DONE: OK, and the
 * reports are there. STEP_PENDING: run->check_after_ms is set; return STEP_PENDING. STEP_FAILED: *err is set: PLUGIN or
 * what the status stands for, key "plugin.<status>" with {plugin}, {slot}, {reason}, and the plugin's words in the
 * detail; "plugin.absent" when no plugin serves the type. run->retry says whether a repetition can help, by the status.
 * `ret_reports` may be NULL. A step may call several slots; each must be repeatable. */
#define PLUGIN_SLOT_DECLARE(prefix, slot, spec_name)                                                                   \
    enum step_outcome prefix##_##slot(struct job_run *run, const struct plugin_target *target,                         \
                                      const struct spec_name *spec, struct plugin_reports *ret_reports,                \
                                      struct error *err);

/* The capability bits of the plugin that serves a type, GURUM_<KIND>_…; works in every process (reads table plugin,
 * cached for a second). Errors: RESOURCE_UNAVAILABLE "plugin.absent". */
MUST_CHECK bool plugin_capabilities(struct db *db, enum gurum_kind kind, const char *type, uint64_t *ret_bits,
                                    struct error *err);

/* ---- running: what main and the supervisor use ---- */

struct plugin_host_config {
    struct db_pool *pool;
    const char *plugins_folder; /* every *.so in it is looked at, by name */
    const char *run_folder;
    bool quarantine; /* this is the quarantine process */
};
/* Loads, checks and starts all plugins, writes table plugin, sets the jobs room's hooks and starts the watchdog. A
 * plugin that is not fit is listed with the reason and does not stop the others. Call it once in a jobs process, before
 * jobs_run. Errors: DATABASE; cannot create the slot file. */
MUST_CHECK bool plugin_host_start(const struct plugin_host_config *config, struct error *err);
/* Stops the plugins; after jobs_run returned. */
void plugin_host_stop(void);

/* Told once for each host (or, when the plugin named none, each object) of which plugins emitted something, in a thread
 * of the jobs process; "" where there is none. `returned`: a lost connection to the host works again. Set before
 * plugin_host_start. */
void plugin_host_set_event_hook(bool (*tell)(struct db *db, const char *host_uuid, const char *object_uuid,
                                             bool returned, struct error *err));

/* The supervisor's duty when jobs process `pid` of this machine ended by `wait_status` (of waitpid) unasked: reads its
 * slot file, records plugin_fault rows, puts the plugin into quarantine, counts the death for the job, and lets its
 * leases end. Wakes the quarantine process (topic WAKE_QUARANTINE) and the workers. Call it also at start for slot
 * files left by an earlier run (plugin_host_sweep). */
MUST_CHECK bool plugin_host_on_jobs_death(struct db *db, const char *run_folder, int64_t pid, int wait_status,
                                          struct error *err);
MUST_CHECK bool plugin_host_sweep(struct db *db, const char *run_folder, struct error *err);
/* True when some plugin is quarantined or some job waits for the quarantine process: it should run. */
MUST_CHECK bool plugin_host_wants_quarantine(struct db *db, bool *ret_wanted, struct error *err);

/* ---- reading and changing: what cloud/plugin's commands and pages use ---- */

struct plugin_view {
    int64_t id;
    const char *name, *kind, *title, *version, *license, *file, *abi, *threading;
    const char *state; /* "ok", "refused", "quarantined", "disabled" */
    const char
        *refusal; /* why it was refused: what was found, what was expected, what to do (English, for operators) */
    struct opt_time loaded, last_fault;
    const char *fault; /* what happened last: "crashed", "stuck" */
    int64_t fault_count;
    int64_t capabilities;
};
extern const struct field_table PLUGIN_VIEW;
struct plugin_fault_view {
    int64_t id;
    const char *uuid, *plugin, *slot, *what; /* what: "crashed", "stuck" */
    const char *detail;                      /* "signal 11 (Segmentation fault)" */
    const char *job_uuid, *step;
    struct opt_time created;
};
extern const struct field_table PLUGIN_FAULT_VIEW;
enum { PLUGINS_MAX = 256 };
/* All plugins by name, and the newest `limit` faults of one plugin (NULL: of all). */
MUST_CHECK bool plugin_list(struct db *db, struct arena *arena, struct db_rows *ret_plugins, struct error *err);
MUST_CHECK bool plugin_fault_list(struct db *db, struct arena *arena, const char *plugin, size_t limit,
                                  struct db_rows *ret_faults, struct error *err);
/* The operator takes a plugin out of quarantine, out of use, or into use again. Errors: INVALID_VALUE "plugin.unknown".
 */
MUST_CHECK bool plugin_release(struct db *db, const char *name, struct error *err);
MUST_CHECK bool plugin_disable(struct db *db, const char *name, struct error *err);
MUST_CHECK bool plugin_enable(struct db *db, const char *name, struct error *err);

/* Settings as the plugin declares them, with the stored values; a secret's value is never there. */
struct plugin_setting_view {
    const char *plugin, *name, *type, *title, *help, *default_value, *choices;
    const char *value; /* NULL: the default holds */
    bool required, has_value;
    int64_t minimum, maximum;
};
extern const struct field_table PLUGIN_SETTING_VIEW;
MUST_CHECK bool plugin_setting_list(struct db *db, struct arena *arena, const char *plugin,
                                    struct db_rows *ret_settings, struct error *err);
/* Checks the value by the declaration, seals a secret, and stores it; NULL goes back to the default. Jobs processes
 * take it up when they start next. Errors: INVALID_VALUE "plugin.setting_…". */
MUST_CHECK bool plugin_setting_set(struct db *db, const char *plugin, const char *name, const char *value,
                                   struct error *err);

#endif
