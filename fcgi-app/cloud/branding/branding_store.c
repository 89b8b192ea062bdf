/* SQL of brands and their host names. Rules are in branding_service.c. */
#include "cloud/branding/branding_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "cloud/cache/cache.h"

FIELD_TABLE(BRAND_ROW, struct brand_row, COLUMN(struct brand_row, id), COLUMN(struct brand_row, uuid),
            COLUMN(struct brand_row, name), COLUMN(struct brand_row, logo_url), COLUMN(struct brand_row, accent_color),
            COLUMN(struct brand_row, bar_color), COLUMN(struct brand_row, default_language),
            COLUMN(struct brand_row, version), COLUMN(struct brand_row, home_domain_id));
FIELD_TABLE(BRAND_HOST_ROW, struct brand_host_row, COLUMN(struct brand_host_row, id),
            COLUMN(struct brand_host_row, uuid));

DB_STATEMENT(BRAND_ALL, .name = "brand.all",
             .sql = "SELECT id, uuid, name, logo_url, accent_color, bar_color, default_language, version, "
                    "COALESCE(home_domain_id, 0) AS home_domain_id FROM brand ORDER BY id",
             .row = &BRAND_ROW);
DB_STATEMENT(BRAND_HOSTS, .name = "brand.hosts",
             .sql = "SELECT brand_id AS id, host AS uuid FROM brand_host ORDER BY brand_id", .row = &BRAND_HOST_ROW);
DB_STATEMENT(
    BRAND_INSERT, .name = "brand.insert",
    .sql =
        "INSERT INTO brand (uuid, name, logo_url, accent_color, bar_color, default_language, home_domain_id, created) "
        "VALUES (?, ?, ?, COALESCE(?, '#1c5fd4'), COALESCE(?, '#101828'), COALESCE(?, 'en'), ?, ?)");
DB_STATEMENT(BRAND_UPDATE, .name = "brand.update",
             .sql = "UPDATE brand SET name = COALESCE(?, name), logo_url = COALESCE(?, logo_url), accent_color = "
                    "COALESCE(?, accent_color), "
                    "bar_color = COALESCE(?, bar_color), default_language = COALESCE(?, default_language), "
                    "home_domain_id = COALESCE(?, home_domain_id), version = version + 1 WHERE id = ?");
DB_STATEMENT(BRAND_LEAVE_DOMAIN, .name = "brand.leave_domain",
             .sql = "UPDATE brand SET home_domain_id = NULL, version = version + 1 WHERE home_domain_id = ?",
             .scan_reason = "brands are few");
DB_STATEMENT(BRAND_DELETE, .name = "brand.delete", .sql = "DELETE FROM brand WHERE id = ?");
DB_STATEMENT(BRAND_HOST_INSERT, .name = "brand.host_insert",
             .sql = "INSERT INTO brand_host (host, brand_id) VALUES (?, ?)");
DB_STATEMENT(BRAND_HOST_DELETE, .name = "brand.host_delete", .sql = "DELETE FROM brand_host WHERE brand_id = ?");

enum { BRANDS_MAX = 5000, BRAND_HOSTS_MAX = 20000 };
CACHE_TABLE(BRANDS, BRAND_ALL, VERSION_BRANDS, BRANDS_MAX);
CACHE_TABLE(HOSTS, BRAND_HOSTS, VERSION_BRANDS, BRAND_HOSTS_MAX);

bool brand_insert(struct db *db, const char *uuid, const struct brand_change *change, int64_t *ret_id,
                  struct error *err)
{
    if (!db_execute(db, &BRAND_INSERT, err, db_text(uuid), db_text(change->name), db_text(change->logo_url),
                    db_text(change->accent_color), db_text(change->bar_color), db_text(change->default_language),
                    db_ref(change->home_domain_id), db_time(clock_now_ms())))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool brand_change_row(struct db *db, int64_t id, const struct brand_change *change, struct error *err)
{
    return db_execute(db, &BRAND_UPDATE, err, db_text(change->name), db_text(change->logo_url),
                      db_text(change->accent_color), db_text(change->bar_color), db_text(change->default_language),
                      db_ref(change->home_domain_id), db_int(id));
}

bool brand_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &BRAND_DELETE, err, db_int(id));
}

bool brand_leave_domain(struct db *db, int64_t domain_id, struct error *err)
{
    return db_execute(db, &BRAND_LEAVE_DOMAIN, err, db_int(domain_id));
}

bool brand_add_host(struct db *db, int64_t id, const char *host, struct error *err)
{
    return db_execute(db, &BRAND_HOST_INSERT, err, db_text(host), db_int(id));
}

bool brand_remove_hosts(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &BRAND_HOST_DELETE, err, db_int(id));
}

bool branding_find_by_host(struct db *db, struct arena *arena, const char *host, const struct brand_row **ret_brand,
                           struct error *err)
{
    const struct brand_row *brand = NULL;
    struct cache_view hosts, brands;
    if (!cache_read(&HOSTS, db, arena, &hosts, err) || !cache_read(&BRANDS, db, arena, &brands, err))
        return false;
    const struct brand_host_row *rows = hosts.items;
    for (size_t i = 0; i < hosts.count && !brand; i++) {
        if (string_equal_ignoring_case(rows[i].uuid, host))
            brand = cache_row(&brands, rows[i].id);
    }
    *ret_brand = brand;
    return true;
}

bool branding_find_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct brand_row **ret_brand,
                           struct error *err)
{
    const void *row = NULL;
    if (!cache_find_uuid(&BRANDS, db, arena, uuid, &row, err))
        return false;
    *ret_brand = row;
    return true;
}

bool branding_list(struct db *db, struct arena *arena, struct db_rows *ret_brands, struct error *err)
{
    return db_query(db, &BRAND_ALL, arena, BRANDS_MAX, ret_brands, err, DB_NO_VALUES);
}

bool branding_hosts_of(struct db *db, struct arena *arena, int64_t brand_id, struct string_list *ret_hosts,
                       struct error *err)
{
    struct cache_view hosts;
    if (!cache_read(&HOSTS, db, arena, &hosts, err))
        return false;
    const struct brand_host_row *rows = hosts.items;
    struct string_list list = {.items = arena_array(arena, hosts.count + 1, sizeof(const char *))};
    for (size_t i = 0; i < hosts.count; i++) {
        if (rows[i].id == brand_id)
            list.items[list.count++] = rows[i].uuid;
    }
    *ret_hosts = list;
    return true;
}
