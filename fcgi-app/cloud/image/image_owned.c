/* Images of an account that goes; machines of others that came from them go on. */
#include "cloud/identity/owned.h"
#include "cloud/image/image_kinds.h"
#include "cloud/image/image_owned.h"
#include "cloud/quota/quota.h"

DB_STATEMENT(OWNED_IMAGES_OF, .name = "image.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM image WHERE account_id = ? AND removed IS NULL ORDER BY id LIMIT ?");

DB_STATEMENT(RECOUNT, .name = "image.recount", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT("SELECT COUNT(*) FROM image i WHERE i.account_id = c.account_id AND i.removed IS "
                                  "NULL"));
DB_STATEMENT(RECOUNT_BYTES, .name = "image.recount_bytes", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = QUOTA_RECOUNT("SELECT COALESCE(SUM(z.physical_size_bytes), 0) FROM image i JOIN image_zone z ON "
                                  "z.image_id = i.id WHERE i.account_id = c.account_id AND z.state = 'Ready'"));

static bool list(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                 struct db_rows *ret_objects, struct error *err)
{
    return holder->account_id == 0 || db_query(db, &OWNED_IMAGES_OF, arena, most, ret_objects, err,
                                               db_int(holder->account_id), db_int((int64_t)most));
}

static bool begin(struct db *db, struct arena *arena, const struct owned_object *object, const struct job_stamp *stamp,
                  struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    const struct image_delete_input input = {.image_id = object->id};
    const struct job_target target = {.object_kind = "image", .object_id = object->id, .object_uuid = object->uuid};
    (void)arena;
    *ret_begun = true;
    return job_create(db, &IMAGE_DELETE, &input, &target, stamp, ret_job, err);
}

void image_register_owned(void)
{
    static const struct owned_kind images = {
        .name = "image", .title_key = "owned.image", .order = OWNED_IMAGES, .remove = {.list = list, .begin = begin}};
    static const struct quota_source sources[] = {{QUOTA_IMAGE, &RECOUNT, NULL},
                                                  {QUOTA_SECONDARY_STORAGE_BYTES, &RECOUNT_BYTES, NULL}};
    owned_register(&images);
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        quota_register_source(&sources[i]);
}
