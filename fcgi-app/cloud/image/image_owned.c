/* Images of an account that goes; machines of others that came from them go on. */
#include "cloud/identity/owned.h"
#include "cloud/image/image_kinds.h"
#include "cloud/image/image_owned.h"

DB_STATEMENT(OWNED_IMAGES_OF, .name = "image.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM image WHERE account_id = ? AND removed IS NULL ORDER BY id LIMIT ?");

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
    owned_register(&images);
}
