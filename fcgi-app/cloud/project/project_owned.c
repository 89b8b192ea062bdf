/* What goes with accounts and users: their projects and memberships, and the project itself with its account. */
#include "base/text.h"
#include "cloud/identity/owned.h"
#include "cloud/project/project_jobs.h"
#include "cloud/project/project_owned.h"
#include "cloud/project/project_service.h"

/* The projects that nobody else administers. */
static bool list_projects(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                          struct db_rows *ret_objects, struct error *err)
{
    return project_list_orphans(db, arena, holder->account_id, most, ret_objects, err);
}

static bool begin_removal(struct db *db, struct arena *arena, const struct owned_object *object,
                          const struct job_stamp *stamp, struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    const struct project *project = NULL;
    if (!project_by_id(db, arena, object->id, &project, err))
        return false;
    *ret_begun = project && project->removed_id == 0;
    return !*ret_begun || project_begin_removal(db, project, stamp, ret_job, err);
}

static bool forget_account(struct db *db, int64_t account_id, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    return account_is_project(account_id) ? project_end(db, &arena, -account_id, err)
                                          : project_part(db, &arena, account_id, err);
}

void project_register_owned(void)
{
    static const struct owned_kind PROJECTS = {.name = "project",
                                               .title_key = "owned.project",
                                               .order = OWNED_MACHINES,
                                               .remove = {.list = list_projects, .begin = begin_removal},
                                               .forget_account = forget_account};
    owned_register(&PROJECTS);
}
