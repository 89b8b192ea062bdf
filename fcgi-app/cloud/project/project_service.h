/* Rules of projects, for the files of this feature only. Each change is one transaction with the job that answers for
 * it. */
#ifndef GURUM_CLOUD_PROJECT_SERVICE_H
#define GURUM_CLOUD_PROJECT_SERVICE_H

#include "base/setting.h"
#include "cloud/project/project_store.h"

extern const struct setting PROJECT_INVITE_REQUIRED, PROJECT_INVITE_MAILS, PROJECT_INVITE_TIMEOUT;
extern const struct object_kind PROJECT_KIND;

/* A project that exists, and the caller's right to change it: administrators of its domain, and its own admins. Errors:
 * INVALID_VALUE, DENIED. */
MUST_CHECK bool project_to_change(struct api_call *call, int64_t id, const struct project **ret_project,
                                  struct error *err);
bool project_kind_find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                       bool *ret_exists, struct error *err);

/* Who becomes a member: an account, or (user_id not 0) one user of it. */
struct project_candidate {
    int64_t account_id, user_id, project_role_id;
    const char *name; /* for messages */
    bool is_admin;
};

struct project_creation {
    const char *name, *display_text;
    struct owner owner;
    int64_t owner_user_id; /* 0: the whole account */
    int64_t domain_id;
    const char *domain_uuid;
    struct project project; /* what was made */
};
MUST_CHECK bool project_create(struct api_call *call, struct project_creation *creation, struct job_ref *ret_job,
                               struct error *err);
/* NULL: stays. */
MUST_CHECK bool project_rename(struct api_call *call, const struct project *project, const char *name,
                               const char *display_text, struct error *err);
/* Errors: IN_USE when the project is in another state by now than `project` says. */
MUST_CHECK bool project_set_state(struct db *db, const struct project *project, const char *state, struct error *err);

/* In an open transaction: locks the project, keeps one admin at least, counts projects of admins' accounts. */
MUST_CHECK bool project_admit(struct db *db, struct arena *arena, const struct project *project,
                              const struct project_candidate *candidate, struct error *err);
MUST_CHECK bool project_dismiss(struct db *db, struct arena *arena, const struct project *project, int64_t account_id,
                                int64_t user_id, struct error *err);
MUST_CHECK bool project_appoint(struct db *db, struct arena *arena, const struct project *project,
                                const struct project_candidate *candidate, bool swaps, struct error *err);
/* All members leave, whatever they are, and nothing remains of the project. */
MUST_CHECK bool project_end(struct db *db, struct arena *arena, int64_t project_id, struct error *err);
/* An account that goes leaves all projects. */
MUST_CHECK bool project_part(struct db *db, struct arena *arena, int64_t account_id, struct error *err);
/* The rows of a member: of the account itself, or of one user. NULL: none. */
MUST_CHECK bool project_member_of(struct db *db, struct arena *arena, int64_t project_id, int64_t account_id,
                                  int64_t user_id, const struct project_member **ret_member, struct error *err);

/* An account of the project's domain. Errors: INVALID_VALUE. */
struct identity_account;
MUST_CHECK bool project_find_account(struct api_call *call, const struct project *project, const char *name,
                                     struct identity_account **ret_account, struct error *err);
/* A project role of this project; 0: none is asked. */
MUST_CHECK bool project_check_role(struct api_call *call, const struct project *project, int64_t project_role_id,
                                   struct error *err);

/* ---- jobs: most commands are asynchronous on the wire only ---- */
void project_register_jobs(void);
typedef bool project_change(struct db *db, void *context, struct error *err);
/* Runs `change` (NULL: nothing) and creates the job of the command about the project in one transaction. */
MUST_CHECK bool project_commit(struct api_call *call, const struct project *project, project_change *change,
                               void *context, struct job_ref *ret_job, struct error *err);

/* ---- the command files ---- */
void project_register_members(void);
void project_register_invitations(void);
void project_register_roles(void);

#endif
