/* The jobs process: workers, leases, schedules. Used by main and the supervisor. */
#ifndef GURUM_JOBS_JOBS_ROLE_H
#define GURUM_JOBS_JOBS_ROLE_H

#include "jobs/jobs.h"

struct jobs_config {
    struct db_pool *pool;
    const char *run_folder;
    size_t threads;
    bool quarantine; /* take only jobs that wait for a quarantined plugin; one thread */
};
/* Works until jobs_stop; gives unfinished jobs back at once (the next process carries on). Errors: cannot start. */
MUST_CHECK bool jobs_run(const struct jobs_config *config, struct error *err);
void jobs_stop(void); /* async-signal-safe */

/* Hooks of the plugin_host room, so that this room need not know plugins. */
struct jobs_plugin_hooks {
    /* Before a step's act: true when the step must be handed to the quarantine process (decided inside the call; see
     * below). */
    void (*before_act)(const struct job_run *run);
    void (*after_act)(const struct job_run *run);
};
void jobs_set_plugin_hooks(const struct jobs_plugin_hooks *hooks);
/* Called by plugin_host from within an act when the plugin it wants is quarantined and this process is not the
 * quarantine: the engine hands the job over as soon as act returns (its outcome and error are ignored). */
void job_hand_to_quarantine(struct job_run *run, const char *plugin_name);
/* Called before each job is begun (settings and caches are brought up to date); NULL: nothing. */
void jobs_set_refresh(bool (*refresh)(struct db *db, struct error *err));
/* This machine's name in leases: the host name. */
const char *jobs_machine(void);
/* No process of this machine has that pid any more, or only a dead one that nobody has waited for. */
bool jobs_pid_is_gone(int64_t pid);
/* plugin_host: notes may be written for this job from elsewhere; they are dropped when it ends. */
void job_notes_expected(struct job_run *run);
/* plugin_host: the step under way of the job died in "plugin:slot"; after three deaths the engine fails it and calls
 * that slot no more. */
MUST_CHECK bool jobs_count_death(struct db *db, int64_t job_id, const char *slot, struct error *err);
/* The supervisor saw jobs process `pid` of this machine die: its leases end now. Step faults are counted by
 * plugin_host. */
MUST_CHECK bool jobs_release_leases_of(struct db *db, const char *machine, int64_t pid, struct error *err);

#endif
