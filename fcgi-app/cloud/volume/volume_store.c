/* SQL of table volume. */
#include "cloud/volume/volume_columns.h"

#include "base/text.h"

#define X(column) COLUMN(struct volume, column),
FIELD_TABLE(VOLUME_ROW, struct volume, VOLUME_COLUMNS(X) COLUMN(struct volume, removed));
#undef X

DB_STATEMENT(VOLUME_INSERT, .name = "volume.insert",
             .sql = "INSERT INTO volume (uuid, account_id, domain_id, zone_id, vm_id, device_number, image_id, "
                    "disk_offering_id, service_offering_id, "
                    "name, volume_type, state, listed, hypervisor, provisioning_type, storage_tags, size_bytes, "
                    "min_iops, max_iops, is_shown, is_custom, "
                    "pool_id, location, created, updated, attached) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(3), NOW(3), IF(? "
                    "> 0, NOW(3), NULL))");
DB_STATEMENT(VOLUME_FIND, .name = "volume.find", .sql = VOLUME_SELECT " WHERE v.id = ?", .row = &VOLUME_ROW);
DB_STATEMENT(VOLUME_FIND_UUID, .name = "volume.find_uuid",
             .sql = VOLUME_SELECT " WHERE v.uuid = ? AND v.removed IS NULL", .row = &VOLUME_ROW);
DB_STATEMENT(VOLUME_OF_VM, .name = "volume.of_vm",
             .sql = VOLUME_SELECT " WHERE v.vm_id = ? AND v.removed IS NULL ORDER BY v.vm_id, v.device_number",
             .row = &VOLUME_ROW);
DB_STATEMENT(VOLUME_SET_POOL, .name = "volume.set_pool",
             .sql = "UPDATE volume SET pool_id = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VOLUME_SET_CREATING, .name = "volume.set_creating",
             .sql = "UPDATE volume SET state = 'Creating', updated = NOW(3) WHERE id = ? AND state = 'Allocated'");
DB_STATEMENT(VOLUME_SET_READY, .name = "volume.set_ready",
             .sql = "UPDATE volume SET state = 'Ready', location = ?, size_bytes = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VOLUME_SET_ALLOCATED, .name = "volume.set_allocated",
             .sql = "UPDATE volume SET state = 'Allocated', location = NULL, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VOLUME_SET_SHOWN, .name = "volume.set_shown",
             .sql = "UPDATE volume SET is_shown = ?, listed = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VOLUME_SET_EXPUNGED, .name = "volume.set_expunged",
             .sql = "UPDATE volume SET state = 'Expunged', listed = 0, pool_id = 0, location = NULL, removed = NOW(3), "
                    "updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VOLUME_DETACH, .name = "volume.detach",
             .sql = "UPDATE volume SET vm_id = 0, device_number = -1, attached = NULL, updated = NOW(3) WHERE id = ?");

bool volume_store_insert(struct db *db, struct volume *v, struct error *err)
{
    if (!db_execute(db, &VOLUME_INSERT, err, db_text(v->uuid), db_int(v->account_id), db_int(v->domain_id),
                    db_int(v->zone_id), db_int(v->vm_id), db_int(v->device_number), db_int(v->image_id),
                    db_int(v->disk_offering_id), db_int(v->service_offering_id), db_text(v->name),
                    db_text(v->volume_type), db_text(v->state), db_int(volume_listed(v->is_shown)),
                    db_text(v->hypervisor), db_text(v->provisioning_type),
                    db_text(v->storage_tags), db_int(v->size_bytes), db_opt_int(v->min_iops), db_opt_int(v->max_iops),
                    db_bool(v->is_shown), db_bool(v->is_custom), db_int(v->pool_id), db_text(v->location),
                    db_int(v->vm_id)))
        return false;
    v->id = db_inserted_id(db);
    return true;
}

static bool find_one(struct db *db, struct arena *arena, const struct db_statement *statement, struct db_value key,
                     struct volume **ret_volume, struct error *err)
{
    struct volume *volume = ARENA_NEW(arena, struct volume);
    bool found = false;
    if (!db_query_one(db, statement, arena, volume, &found, err, key))
        return false;
    *ret_volume = found ? volume : NULL;
    return true;
}

bool volume_find_any(struct db *db, struct arena *arena, int64_t id, struct volume **ret_volume, struct error *err)
{
    return find_one(db, arena, &VOLUME_FIND, db_int(id), ret_volume, err);
}

bool volume_store_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid, struct volume **ret_volume,
                                   struct error *err)
{
    return find_one(db, arena, &VOLUME_FIND_UUID, db_text(uuid), ret_volume, err);
}

bool volume_of_vm_any(struct db *db, struct arena *arena, int64_t vm_id, struct volume **ret_volumes, size_t *ret_count,
                      struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &VOLUME_OF_VM, arena, VOLUMES_PER_VM_MAX, &rows, err, db_int(vm_id)))
        return false;
    *ret_volumes = rows.items;
    *ret_count = rows.count;
    return true;
}

bool volume_set_pool(struct db *db, int64_t id, int64_t pool_id, struct error *err)
{
    return db_execute(db, &VOLUME_SET_POOL, err, db_int(pool_id), db_int(id));
}

bool volume_set_creating(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &VOLUME_SET_CREATING, err, db_int(id));
}

bool volume_store_set_ready(struct db *db, int64_t id, const char *location, int64_t size_bytes, struct error *err)
{
    return db_execute(db, &VOLUME_SET_READY, err, db_text(location), db_int(size_bytes), db_int(id));
}

bool volume_set_allocated(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &VOLUME_SET_ALLOCATED, err, db_int(id));
}

bool volume_store_set_shown(struct db *db, int64_t id, bool shown, struct error *err)
{
    return db_execute(db, &VOLUME_SET_SHOWN, err, db_bool(shown), db_int(volume_listed(shown)), db_int(id));
}

bool volume_store_set_expunged(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &VOLUME_SET_EXPUNGED, err, db_int(id));
}

bool volume_detach_row(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &VOLUME_DETACH, err, db_int(id));
}
