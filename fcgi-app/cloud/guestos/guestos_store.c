/* SQL of guest OS types, all in the cache. */
#include "cloud/guestos/guestos_store.h"

#include "base/text.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"

enum { OS_TYPES_MAX = 5000, OS_CATEGORIES_MAX = 200 };

FIELD_TABLE(OS_TYPE_ROW, struct os_type, COLUMN(struct os_type, id), COLUMN(struct os_type, uuid),
            COLUMN(struct os_type, description), COLUMN(struct os_type, category_id),
            COLUMN(struct os_type, user_defined), COLUMN(struct os_type, display));
FIELD_TABLE(OS_CATEGORY_ROW, struct os_category, COLUMN(struct os_category, id), COLUMN(struct os_category, uuid),
            COLUMN(struct os_category, name), COLUMN(struct os_category, sort_key),
            COLUMN(struct os_category, featured), COLUMN(struct os_category, created));

DB_STATEMENT(OS_TYPE_ALL, .name = "os_type.all",
             .sql = "SELECT id, uuid, description, category_id, user_defined, display FROM os_type ORDER BY id",
             .row = &OS_TYPE_ROW, .scan_reason = "loaded into the cache");
DB_STATEMENT(OS_CATEGORY_ALL, .name = "os_category.all",
             .sql = "SELECT id, uuid, name, sort_key, featured, created FROM os_category ORDER BY id",
             .row = &OS_CATEGORY_ROW, .scan_reason = "loaded into the cache");

CACHE_TABLE(os_types, OS_TYPE_ALL, VERSION_CATALOGUE, OS_TYPES_MAX);
CACHE_TABLE(os_categories, OS_CATEGORY_ALL, VERSION_CATALOGUE, OS_CATEGORIES_MAX);

bool os_type_store_all(struct db *db, struct arena *arena, const struct os_type **ret_types, size_t *ret_count,
                       struct error *err)
{
    struct cache_view view;
    if (!cache_read(&os_types, db, arena, &view, err))
        return false;
    *ret_types = view.items;
    *ret_count = view.count;
    return true;
}

bool os_category_store_all(struct db *db, struct arena *arena, const struct os_category **ret_categories,
                           size_t *ret_count, struct error *err)
{
    struct cache_view view;
    if (!cache_read(&os_categories, db, arena, &view, err))
        return false;
    *ret_categories = view.items;
    *ret_count = view.count;
    return true;
}

bool os_type_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, const struct os_type **ret_type,
                             struct error *err)
{
    const void *row = NULL;
    if (!cache_find_uuid(&os_types, db, arena, uuid, &row, err))
        return false;
    *ret_type = row;
    return true;
}

bool os_category_store_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                 const struct os_category **ret_category, struct error *err)
{
    const void *row = NULL;
    if (!cache_find_uuid(&os_categories, db, arena, uuid, &row, err))
        return false;
    *ret_category = row;
    return true;
}

bool os_type_find(struct db *db, struct arena *arena, int64_t id, const struct os_type **ret_type, struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&os_types, db, arena, id, &row, err))
        return false;
    *ret_type = row;
    return true;
}

bool os_category_find(struct db *db, struct arena *arena, int64_t id, const struct os_category **ret_category,
                      struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&os_categories, db, arena, id, &row, err))
        return false;
    *ret_category = row;
    return true;
}

bool os_type_default(struct db *db, struct arena *arena, const struct os_type **ret_type, struct error *err)
{
    const struct os_type *types = NULL;
    size_t count = 0;
    if (!os_type_store_all(db, arena, &types, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (string_equal(types[i].description, "Other (64-bit)")) {
            *ret_type = &types[i];
            return true;
        }
    error_set(err, ERROR_INTERNAL, "api.internal");
    return error_add_detail(err, "sql/seed has not been run: no guest OS types");
}
