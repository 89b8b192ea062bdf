/* SQL of tables image, image_zone and image_detail. */
#include "cloud/detail/detail.h"
#include "cloud/image/image_store.h"

#include "base/text.h"
#include "cloud/cache/cache.h"

#define IMAGE_COLUMNS(X)                                                                                               \
    X(id)                                                                                                              \
    X(uuid)                                                                                                            \
    X(account_id) X(domain_id) X(name) X(display_text) X(url) X(checksum) X(format) X(hypervisor) X(arch)              \
        X(image_type) X(os_type_id) X(bits) X(is_public) X(is_featured) X(is_extractable) X(is_bootable) X(is_routing) \
            X(password_enabled) X(ssh_key_enabled) X(is_dynamically_scalable) X(requires_hvm) X(direct_download)       \
                X(deploy_as_is) X(for_cks) X(cross_zones) X(image_tag) X(sort_key) X(created)
#define X(column) COLUMN(struct image, column),
FIELD_TABLE(IMAGE_ROW, struct image, IMAGE_COLUMNS(X) COLUMN(struct image, removed));
#undef X
#define X(column) #column ", "
#define IMAGE_COLUMN_NAMES IMAGE_COLUMNS(X) "removed"

FIELD_TABLE(IMAGE_PLACE_ROW, struct image_place, COLUMN(struct image_place, id), COLUMN(struct image_place, image_id),
            COLUMN(struct image_place, zone_id), COLUMN(struct image_place, store_id),
            COLUMN(struct image_place, state), COLUMN(struct image_place, percent),
            COLUMN(struct image_place, size_bytes), COLUMN(struct image_place, physical_size_bytes),
            COLUMN(struct image_place, location), COLUMN(struct image_place, failure_key),
            COLUMN(struct image_place, failure_text), COLUMN(struct image_place, created));
#define PLACE_COLUMNS                                                                                                  \
    "id, image_id, zone_id, store_id, state, percent, size_bytes, physical_size_bytes, location, failure_key, "        \
    "failure_text, created"

DB_STATEMENT(IMAGE_INSERT, .name = "image.insert",
             .sql =
                 "INSERT INTO image (uuid, account_id, domain_id, name, display_text, url, checksum, format, "
                 "hypervisor, arch, image_type, os_type_id, "
                 "bits, is_public, is_featured, is_extractable, is_bootable, is_routing, password_enabled, "
                 "ssh_key_enabled, is_dynamically_scalable, "
                 "requires_hvm, direct_download, deploy_as_is, for_cks, cross_zones, image_tag, sort_key, created) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(3))");
DB_STATEMENT(IMAGE_UPDATE, .name = "image.update",
             .sql = "UPDATE image SET name = ?, display_text = ?, format = ?, os_type_id = ?, arch = ?, image_type = "
                    "?, image_tag = ?, is_bootable = ?, "
                    "is_routing = ?, password_enabled = ?, ssh_key_enabled = ?, is_dynamically_scalable = ?, "
                    "requires_hvm = ?, for_cks = ?, sort_key = ? "
                    "WHERE id = ?");
DB_STATEMENT(IMAGE_MARK_REMOVED, .name = "image.mark_removed",
             .sql = "UPDATE image SET removed = NOW(3) WHERE id = ? AND removed IS NULL");
DB_STATEMENT(IMAGE_FIND, .name = "image.find", .sql = "SELECT " IMAGE_COLUMN_NAMES " FROM image WHERE id = ?",
             .row = &IMAGE_ROW);
DB_STATEMENT(IMAGE_FIND_UUID, .name = "image.find_uuid",
             .sql = "SELECT " IMAGE_COLUMN_NAMES " FROM image WHERE uuid = ? AND removed IS NULL", .row = &IMAGE_ROW);
#undef X

DB_STATEMENT(PLACE_INSERT, .name = "image_zone.insert",
             .sql = "INSERT INTO image_zone (image_id, zone_id, store_id, state, percent, size_bytes, "
                    "physical_size_bytes, created, updated) "
                    "VALUES (?, ?, ?, 'Queued', 0, 0, 0, NOW(3), NOW(3))");
DB_STATEMENT(PLACE_FIND, .name = "image_zone.find", .sql = "SELECT " PLACE_COLUMNS " FROM image_zone WHERE id = ?",
             .row = &IMAGE_PLACE_ROW);
DB_STATEMENT(PLACE_FIND_PAIR, .name = "image_zone.find_pair",
             .sql = "SELECT " PLACE_COLUMNS " FROM image_zone WHERE image_id = ? AND zone_id = ?",
             .row = &IMAGE_PLACE_ROW);
DB_STATEMENT(PLACE_OF_IMAGE, .name = "image_zone.of_image",
             .sql = "SELECT " PLACE_COLUMNS " FROM image_zone WHERE image_id = ? ORDER BY zone_id",
             .row = &IMAGE_PLACE_ROW);
DB_STATEMENT(
    PLACE_SET_STATE, .name = "image_zone.set_state",
    .sql = "UPDATE image_zone SET state = ?, failure_key = ?, failure_text = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(PLACE_SET_READY, .name = "image_zone.set_ready",
             .sql = "UPDATE image_zone SET state = 'Ready', percent = 100, location = ?, size_bytes = ?, "
                    "physical_size_bytes = ?, failure_key = NULL, "
                    "failure_text = NULL, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(PLACE_DELETE, .name = "image_zone.delete", .sql = "DELETE FROM image_zone WHERE id = ?");

FIELD_TABLE(IMAGE_PAIR_ROW, struct pair, COLUMN(struct pair, name), COLUMN(struct pair, value));
DB_STATEMENT(DETAIL_LIST, .name = "image_detail.list",
             .sql = "SELECT name, value FROM image_detail WHERE image_id = ? ORDER BY name", .row = &IMAGE_PAIR_ROW);
DB_STATEMENT(DETAIL_SET, .name = "image_detail.set",
             .sql = "INSERT INTO image_detail (image_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE value = "
                    "VALUES(value)");
DB_STATEMENT(DETAIL_CLEAR, .name = "image_detail.clear", .sql = "DELETE FROM image_detail WHERE image_id = ?");

FIELD_TABLE(IMAGE_NAME_ROW, struct image_name, COLUMN(struct image_name, id), COLUMN(struct image_name, uuid),
            COLUMN(struct image_name, name), COLUMN(struct image_name, display_text), COLUMN(struct image_name, format),
            COLUMN(struct image_name, image_type), COLUMN(struct image_name, arch),
            COLUMN(struct image_name, password_enabled));
DB_STATEMENT(IMAGE_NAMES, .name = "image.names",
             .sql = "SELECT id, uuid, name, display_text, format, "
                    IMAGE_TYPE_TOLD("image") " AS image_type, arch, password_enabled FROM image ORDER BY id",
             .row = &IMAGE_NAME_ROW, .scan_reason = "the whole table, once for each change of the catalogue");
CACHE_TABLE(IMAGE_NAME_CACHE, IMAGE_NAMES, VERSION_CATALOGUE, 100000);

enum { PLACES_MAX = 1000, DETAILS_MAX = 200 };

bool image_store_insert(struct db *db, const struct image *i, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &IMAGE_INSERT, err, db_text(i->uuid), db_int(i->account_id), db_int(i->domain_id),
                    db_text(i->name), db_text(i->display_text), db_text(i->url), db_text(i->checksum),
                    db_text(i->format), db_text(i->hypervisor), db_text(i->arch), db_text(i->image_type),
                    db_int(i->os_type_id), db_int(i->bits), db_bool(i->is_public), db_bool(i->is_featured),
                    db_bool(i->is_extractable), db_bool(i->is_bootable), db_bool(i->is_routing),
                    db_bool(i->password_enabled), db_bool(i->ssh_key_enabled), db_bool(i->is_dynamically_scalable),
                    db_bool(i->requires_hvm), db_bool(i->direct_download), db_bool(i->deploy_as_is),
                    db_bool(i->for_cks), db_bool(i->cross_zones), db_text(i->image_tag), db_int(i->sort_key)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool image_store_update(struct db *db, const struct image *i, struct error *err)
{
    return db_execute(db, &IMAGE_UPDATE, err, db_text(i->name), db_text(i->display_text), db_text(i->format),
                      db_int(i->os_type_id), db_text(i->arch), db_text(i->image_type), db_text(i->image_tag),
                      db_bool(i->is_bootable), db_bool(i->is_routing), db_bool(i->password_enabled),
                      db_bool(i->ssh_key_enabled), db_bool(i->is_dynamically_scalable), db_bool(i->requires_hvm),
                      db_bool(i->for_cks), db_int(i->sort_key), db_int(i->id));
}

bool image_store_mark_removed(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &IMAGE_MARK_REMOVED, err, db_int(id));
}

bool image_find_any(struct db *db, struct arena *arena, int64_t id, struct image **ret_image, struct error *err)
{
    struct image *image = ARENA_NEW(arena, struct image);
    bool found = false;
    if (!db_query_one(db, &IMAGE_FIND, arena, image, &found, err, db_int(id)))
        return false;
    *ret_image = found ? image : NULL;
    return true;
}

bool image_store_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid, struct image **ret_image,
                                  struct error *err)
{
    struct image *image = ARENA_NEW(arena, struct image);
    bool found = false;
    if (!db_query_one(db, &IMAGE_FIND_UUID, arena, image, &found, err, db_text(uuid)))
        return false;
    *ret_image = found ? image : NULL;
    return true;
}

bool image_name_find(struct db *db, struct arena *arena, int64_t id, const struct image_name **ret_name,
                     struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&IMAGE_NAME_CACHE, db, arena, id, &row, err))
        return false;
    *ret_name = row;
    return true;
}

bool image_place_insert(struct db *db, int64_t image_id, int64_t zone_id, int64_t store_id, int64_t *ret_id,
                        struct error *err)
{
    if (!db_execute(db, &PLACE_INSERT, err, db_int(image_id), db_int(zone_id), db_int(store_id)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool image_place_find_by_id_any(struct db *db, struct arena *arena, int64_t id, struct image_place **ret_place,
                                struct error *err)
{
    struct image_place *place = ARENA_NEW(arena, struct image_place);
    bool found = false;
    if (!db_query_one(db, &PLACE_FIND, arena, place, &found, err, db_int(id)))
        return false;
    *ret_place = found ? place : NULL;
    return true;
}

bool image_place_find_any(struct db *db, struct arena *arena, int64_t image_id, int64_t zone_id,
                          struct image_place **ret_place, struct error *err)
{
    struct image_place *place = ARENA_NEW(arena, struct image_place);
    bool found = false;
    if (!db_query_one(db, &PLACE_FIND_PAIR, arena, place, &found, err, db_int(image_id), db_int(zone_id)))
        return false;
    *ret_place = found ? place : NULL;
    return true;
}

bool image_places_of_any(struct db *db, struct arena *arena, int64_t image_id, const struct image_place **ret_places,
                         size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &PLACE_OF_IMAGE, arena, PLACES_MAX, &rows, err, db_int(image_id)))
        return false;
    *ret_places = rows.items;
    *ret_count = rows.count;
    return true;
}

bool image_place_set_state(struct db *db, int64_t id, const char *state, const char *failure_key,
                           const char *failure_text, struct error *err)
{
    return db_execute(db, &PLACE_SET_STATE, err, db_text(state), db_text(failure_key), db_text(failure_text),
                      db_int(id));
}

bool image_place_set_ready(struct db *db, int64_t id, const char *location, int64_t size_bytes,
                           int64_t physical_size_bytes, struct error *err)
{
    return db_execute(db, &PLACE_SET_READY, err, db_text(location), db_int(size_bytes), db_int(physical_size_bytes),
                      db_int(id));
}

bool image_place_delete(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &PLACE_DELETE, err, db_int(id));
}

bool image_place_is_ready(const struct image_place *place)
{
    return place != NULL && string_equal(place->state, "Ready");
}

bool image_details_any(struct db *db, struct arena *arena, int64_t image_id, struct pair_list *ret_details,
                       struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &DETAIL_LIST, arena, DETAILS_MAX, &rows, err, db_int(image_id)))
        return false;
    *ret_details = (struct pair_list){.items = rows.items, .count = rows.count};
    return true;
}

bool image_detail_set(struct db *db, int64_t image_id, const char *name, const char *value, struct error *err)
{
    return db_execute(db, &DETAIL_SET, err, db_int(image_id), db_text(name), db_text(value));
}

bool image_detail_clear(struct db *db, int64_t image_id, struct error *err)
{
    return db_execute(db, &DETAIL_CLEAR, err, db_int(image_id));
}

DETAIL_KEEPER(IMAGE_DETAILS, "image", "image_detail", "image_id", NULL);

void image_register_details(void)
{
    detail_register_keeper(&IMAGE_DETAILS);
}
