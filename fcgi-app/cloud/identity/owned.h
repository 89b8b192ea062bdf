/* What an account or a tenant domain owns, and how it goes when they go. Every feature with owned objects registers
 * here once at start; deleteAccount, deleteDomain, disableAccount and whoever else ends an account (projects) follow
 * the registry. */
#ifndef GURUM_CLOUD_IDENTITY_OWNED_H
#define GURUM_CLOUD_IDENTITY_OWNED_H

#include "api/api.h"

/* An account; with account_id 0 what belongs to the tenant domain itself and to no account (shared networks). */
struct owned_holder {
    int64_t account_id, domain_id;
};
struct owned_object {
    int64_t id;
    const char *uuid, *name;
};
extern const struct field_table OWNED_OBJECT; /* columns id, uuid, name: the row of a `list` statement */

/* A kind of work on the objects of a holder, done by jobs of the feature. */
struct owned_work {
    /* The objects that still need it, by id, at most `most`: rows of struct owned_object. */
    bool (*list)(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                 struct db_rows *ret_objects, struct error *err);
    /* In the open transaction: the job that does it for one object, under the stamp. *ret_begun false: the object is
     * busy with another job or went meanwhile; asked again later. It cannot say no: limits, protection against deletion
     * and roles of people do not count here. */
    bool (*begin)(struct db *db, struct arena *arena, const struct owned_object *object, const struct job_stamp *stamp,
                  struct job_ref *ret_job, bool *ret_begun, struct error *err);
};

/* Kinds with a lower order are wholly gone before those with a higher one are begun. */
enum owned_order {
    OWNED_MACHINES = 10,
    OWNED_SNAPSHOTS = 20,
    OWNED_VOLUMES = 30,
    OWNED_RULES = 40, /* addresses, forwarding, balancers */
    OWNED_NETWORKS = 50,
    OWNED_IMAGES = 60,
    OWNED_RECORDS = 90 /* rows only */
};

struct owned_kind {
    const char *name;      /* "vm": once in the registry */
    const char *title_key; /* "owned.vm": for people, with {n}; NULL: rows that nobody counts */
    enum owned_order order;
    struct owned_work remove; /* list NULL: nothing but rows */
    struct owned_work halt;   /* what stops when the account is disabled; list NULL: goes on */
    /* Rows without effects outside the database, in the transaction that ends the account or the domain (its accounts
     * are gone by then). NULL: none. */
    bool (*forget_account)(struct db *db, int64_t account_id, struct error *err);
    bool (*forget_domain)(struct db *db, int64_t domain_id, struct error *err);
    /* The domain and those below it have other paths now; in the transaction that gave them. NULL: keeps no paths. */
    bool (*follow_domain)(struct db *db, int64_t domain_id, struct error *err);
};
void owned_register(const struct owned_kind *kind);
/* By order; NULL: no more. */
const struct owned_kind *owned_kind_at(size_t index);

/* In the open transaction: the account is disabled at once (no sign-in, no keys, nothing new) and a job takes away all
 * that it owns, then its users and itself. The job may be a child (stamp->parent_job_uuid). If it fails, the account
 * stays disabled and marked for cleanup; the command or the schedule tries again. */
MUST_CHECK bool owned_begin_account_removal(struct db *db, struct arena *arena, int64_t account_id,
                                            const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err);

/* For dialogs: how much hangs on a holder, kind by kind; kinds of which there is nothing are left out. Names are those
 * of the first OWNED_NAMES_MAX objects. */
enum { OWNED_KINDS_MAX = 48, OWNED_NAMES_MAX = 8, OWNED_COUNT_MAX = 1000 };
struct owned_summary {
    const struct owned_kind *kind;
    size_t count; /* OWNED_COUNT_MAX: so many or more */
    const char *names[OWNED_NAMES_MAX];
    size_t name_count;
};
MUST_CHECK bool owned_summarize(struct db *db, struct arena *arena, const struct owned_holder *holder,
                                struct owned_summary **ret_kinds, size_t *ret_count, struct error *err);

#endif
