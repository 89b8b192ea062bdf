/* Watching hosts: when each is looked at, what its silence means, and how it comes back. Who looks at the guests of a
 * host is cloud/vm. */
#ifndef GURUM_CLOUD_HOST_WATCH_H
#define GURUM_CLOUD_HOST_WATCH_H

#include "cloud/host/host.h"
#include "jobs/jobs.h"

/* Watches a host from now on; one that is watched already is looked at soon. */
MUST_CHECK bool host_watch_add(struct db *db, int64_t host_id, struct error *err);
MUST_CHECK bool host_watch_forget(struct db *db, int64_t host_id, struct error *err);
/* Something was told of it: look soon. During a look: once more after it. At most one look in WATCH_REST_MS. */
MUST_CHECK bool host_watch_soon(struct db *db, int64_t host_id, bool returned, struct error *err);
/* Every host soon, one after the other: nobody listened for a while, and what was told meanwhile is lost. */
MUST_CHECK bool host_watch_all_soon(struct db *db, struct error *err);
/* Hosts whose look is due, the longest first. */
MUST_CHECK bool host_watch_due_any(struct db *db, struct arena *arena, size_t most, struct db_rows *ret_ids,
                                   struct error *err);
/* In the transaction that begins the look; *ret_taken false: somebody else did. */
MUST_CHECK bool host_watch_take(struct db *db, int64_t host_id, bool *ret_taken, struct error *err);
/* A look has ended, in its job's transaction. `silence`: why it did not answer; NULL: it did. Sets the host's state,
 * writes events, begins host.reconnect for a host that answers again, and says when the next look is. *ret_lost: it
 * has been silent for so long that nothing can be said of its guests any more. */
MUST_CHECK bool host_watch_seen(struct job_run *run, int64_t host_id, const char *silence, bool *ret_lost,
                                struct error *err);
/* A look that came to nothing (no plugin, a fault of ours): the next one is at its usual time. */
MUST_CHECK bool host_watch_missed(struct db *db, int64_t host_id, struct error *err);

/* A guest of ours that a host has and the records do not. vm_id 0: no record knows it. */
struct host_guest {
    int64_t host_id, vm_id;
    const char *guest_uuid, *name;
    bool running;
    struct opt_time found;
};
/* Those of a host, of a VM (host_id 0), or of all (both 0); at most HOST_GUESTS_MAX. */
enum { HOST_GUESTS_MAX = 5000 };
MUST_CHECK bool host_guest_list_any(struct db *db, struct arena *arena, int64_t host_id, int64_t vm_id,
                                    struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool host_guest_set(struct db *db, const struct host_guest *guest, struct error *err);
MUST_CHECK bool host_guest_forget(struct db *db, int64_t host_id, const char *guest_uuid, struct error *err);

void host_register_guests(void); /* listUnmanagedInstances */

/* An event about a host for the operator; the values begin with {host}. */
MUST_CHECK bool host_tell(struct db *db, const struct host *host, const char *type, const char *level, const char *key,
                          const char *detail, struct error *err);

#endif
