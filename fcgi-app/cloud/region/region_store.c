/* The SQL of regions. */
#include "cloud/region/region_store.h"

FIELD_TABLE(REGION_ROW, struct region, COLUMN(struct region, id), COLUMN(struct region, name),
            COLUMN(struct region, endpoint));
DB_STATEMENT(REGION_ALL, .name = "region.all", .row = &REGION_ROW,
             .sql = "SELECT id, name, endpoint FROM region ORDER BY id LIMIT 1000");
DB_STATEMENT(REGION_ADD, .name = "region.add", .sql = "INSERT INTO region (id, name, endpoint) VALUES (?, ?, ?)");
DB_STATEMENT(REGION_CHANGE, .name = "region.change", .sql = "UPDATE region SET name = ?, endpoint = ? WHERE id = ?");
DB_STATEMENT(REGION_REMOVE, .name = "region.remove", .sql = "DELETE FROM region WHERE id = ?");

bool region_all(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &REGION_ALL, arena, REGIONS_MAX, ret_rows, err, DB_NO_VALUES);
}

bool region_add(struct db *db, const struct region *region, struct error *err)
{
    return db_execute(db, &REGION_ADD, err, db_int(region->id), db_text(region->name), db_text(region->endpoint));
}

bool region_change(struct db *db, const struct region *region, struct error *err)
{
    return db_execute(db, &REGION_CHANGE, err, db_text(region->name), db_text(region->endpoint), db_int(region->id));
}

bool region_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &REGION_REMOVE, err, db_int(id));
}
