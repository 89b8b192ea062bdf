/* Volumes of an account that goes: those that its machines did not take with them. */
#include "cloud/identity/owned.h"
#include "cloud/volume/volume.h"
#include "cloud/volume/volume_kinds.h"
#include "cloud/volume/volume_owned.h"

DB_STATEMENT(OWNED_VOLUMES_OF, .name = "volume.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM volume WHERE account_id = ? AND removed IS NULL ORDER BY id LIMIT ?");

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
    owned_register(&volumes);
}
