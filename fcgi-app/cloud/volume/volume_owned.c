/* Volumes of an account: how those go that its machines did not take with them, and how they are counted anew. */
#include "cloud/identity/owned.h"
#include "cloud/quota/quota.h"
#include "cloud/volume/volume.h"
#include "cloud/volume/volume_kinds.h"
#include "cloud/volume/volume_owned.h"

DB_STATEMENT(OWNED_VOLUMES_OF, .name = "volume.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM volume WHERE account_id = ? AND removed IS NULL ORDER BY id LIMIT ?");

#define COUNTED "v.account_id = c.account_id AND v.removed IS NULL"
/* Tags stand in the row as the offering has them: "a, b". */
#define COUNTED_TAG COUNTED " AND FIND_IN_SET(c.tag, REPLACE(v.storage_tags, ' ', ''))"
DB_STATEMENT(RECOUNT, .name = "volume.recount", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT("SELECT COUNT(*) FROM volume v WHERE " COUNTED));
DB_STATEMENT(RECOUNT_TAGGED, .name = "volume.recount_tagged", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT_TAGGED("SELECT COUNT(*) FROM volume v WHERE " COUNTED_TAG));
DB_STATEMENT(RECOUNT_BYTES, .name = "volume.recount_bytes", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT("SELECT COALESCE(SUM(v.size_bytes), 0) FROM volume v WHERE " COUNTED));
DB_STATEMENT(RECOUNT_BYTES_TAGGED, .name = "volume.recount_bytes_tagged", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT_TAGGED("SELECT COALESCE(SUM(v.size_bytes), 0) FROM volume v WHERE " COUNTED_TAG));

static bool list(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                 struct db_rows *ret_objects, struct error *err)
{
    return holder->account_id == 0 || db_query(db, &OWNED_VOLUMES_OF, arena, most, ret_objects, err,
                                               db_int(holder->account_id), db_int((int64_t)most));
}

static bool begin(struct db *db, struct arena *arena, const struct owned_object *object, const struct job_stamp *stamp,
                  struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    struct volume *volume = NULL;
    const struct volume_delete_input input = {.volume_id = object->id};
    const struct job_target target = {.object_kind = "volume", .object_id = object->id, .object_uuid = object->uuid};
    if (!volume_find_any(db, arena, object->id, &volume, err))
        return false;
    *ret_begun = volume && !volume->removed.set && volume->vm_id == 0;
    return !*ret_begun || job_create(db, &VOLUME_DELETE, &input, &target, stamp, ret_job, err);
}

void volume_register_owned(void)
{
    static const struct owned_kind volumes = {.name = "volume",
                                              .title_key = "owned.volume",
                                              .order = OWNED_VOLUMES,
                                              .remove = {.list = list, .begin = begin}};
    static const struct quota_source sources[] = {{QUOTA_VOLUME, &RECOUNT, &RECOUNT_TAGGED},
                                                  {QUOTA_PRIMARY_STORAGE_BYTES, &RECOUNT_BYTES, &RECOUNT_BYTES_TAGGED}};
    owned_register(&volumes);
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        quota_register_source(&sources[i]);
}
