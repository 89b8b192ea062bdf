/* Version counters shared by the processes of one machine through a mapped file (<run folder>/versions), so that a
 * change made in one process is seen by the others on their next request without asking the database. Other machines
 * learn of it from the database's version rows (db/version.h), read at most every 200 ms, which raise these counters
 * too. */
#ifndef GURUM_BASE_SHARED_VERSIONS_H
#define GURUM_BASE_SHARED_VERSIONS_H

#include "base/error.h"

enum shared_version {
    VERSION_IDENTITY,
    VERSION_SETTINGS,
    VERSION_TOPOLOGY,
    VERSION_CATALOGUE,
    VERSION_BRANDS,
    VERSION_PLUGINS,
    VERSION_ROLES,
    VERSION_EVENTS,
    VERSION_PROJECTS,
    VERSION_OWNERS, /* the first of VERSION_OWNER_SHARDS */
    VERSION_OWNER_SHARDS = 64,
    VERSION_COUNT = VERSION_OWNERS + VERSION_OWNER_SHARDS
};
/* IDENTITY: domains, and whatever concerns all accounts and users. ROLES: roles and their rules. EVENTS: events that
 * were taken away. OWNERS: one account or
 * user and its keys; there are too many of them to forget all when one changes. TOPOLOGY: zones, pods, clusters, hosts'
 * names, pools, networks' providers. CATALOGUE: offerings, images' names, guest OS types. PROJECTS:
 * projects, their members and roles. */
MUST_CHECK bool shared_versions_open(const char *run_folder, struct error *err);
uint64_t shared_version_read(enum shared_version version);
void shared_version_raise(enum shared_version version);
/* What the calling thread's open transaction changed: until it ends, the version reads, for this thread alone, as a
 * number that no cached copy has, so that the transaction sees its own change and nobody else takes its rows for
 * committed. */
void shared_version_change(enum shared_version version);
void shared_versions_settle(void); /* the transaction ended, either way */
/* The counter among OWNERS that stands for the account or user with this id. */
enum shared_version shared_version_of_owner(int64_t id);
const char *shared_version_name(enum shared_version version); /* the key of its database row */

#endif
