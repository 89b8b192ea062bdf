/* Job kinds of identities, and what their steps share. */
#ifndef GURUM_CLOUD_IDENTITY_JOBS_H
#define GURUM_CLOUD_IDENTITY_JOBS_H

#include "cloud/identity/owned.h"

enum owned_action { OWNED_REMOVE, OWNED_HALT };
/* A step's act: everything the holder owns goes (or halts), kind after kind, by jobs of the features; STEP_PENDING
 * until nothing is left. */
enum step_outcome owned_follow(struct job_run *run, const struct owned_holder *holder, enum owned_action action,
                               struct error *err);
/* The same for objects that the caller listed; never STEP_DONE. */
enum step_outcome owned_work_through(struct job_run *run, const struct owned_kind *kind, const struct owned_work *work,
                                     const struct owned_object *objects, size_t count, struct error *err);
MUST_CHECK bool owned_forget_account(struct db *db, int64_t account_id, struct error *err);
MUST_CHECK bool owned_forget_domain(struct db *db, int64_t domain_id, struct error *err);
MUST_CHECK bool owned_plan(struct job_run *run, const struct owned_holder *holder, struct plan *plan,
                           struct error *err);

struct domain_delete_input {
    int64_t domain_id;
};
extern const struct job_kind ACCOUNT_DELETE, DOMAIN_DELETE;

#endif
