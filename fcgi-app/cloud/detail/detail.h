/* Details: names and values that administrators put on objects. Features that keep details in a table of their own say
 * so, and stay the only place for them; for all other kinds there is one table. */
#ifndef GURUM_CLOUD_DETAIL_H
#define GURUM_CLOUD_DETAIL_H

#include "api/api.h"

struct detail {
    const char *name, *value;
    bool is_shown; /* to its owner; else to root administrators only */
};
extern const struct field_table OBJECT_DETAIL_ROW; /* columns name, value, is_shown */

enum { DETAILS_PER_OBJECT_MAX = 200 };
/* A feature's own details of one object kind. */
struct detail_keeper {
    const char *kind;
    const struct db_statement *set;    /* object id, name, value, is_shown */
    const struct db_statement *remove; /* object id, name twice (NULL: all) */
    const struct db_statement *list;   /* object id: rows of struct detail */
    bool hides;                        /* knows is_shown; else every detail is shown */
    /* In the same transaction: what else the change means (a cache to renew). NULL: nothing. */
    bool (*changed)(struct db *db, int64_t object_id, struct error *err);
};
void detail_register_keeper(const struct detail_keeper *keeper);

/* DETAIL_KEEPER(ZONE_DETAILS, "zone", "zone_detail", "zone_id", changed): for tables of (id, name, value). The fourth
 * parameter of `set` is bound and ignored. */
#define DETAIL_KEEPER(ident, kind_name, table, key, the_changed)                                                       \
    DB_STATEMENT(ident##_SET, .name = table ".keeper_set",                                                             \
                 .sql = "INSERT INTO " table " (" key ", name, value) SELECT ?, ?, ? FROM DUAL WHERE ? IS NOT NULL "   \
                        "ON DUPLICATE KEY UPDATE value = VALUES(value)");                                              \
    DB_STATEMENT(ident##_REMOVE, .name = table ".keeper_remove",                                                       \
                 .sql = "DELETE FROM " table " WHERE " key " = ? AND (? IS NULL OR name = ?)");                        \
    DB_STATEMENT(ident##_LIST, .name = table ".keeper_list",                                                           \
                 .sql = "SELECT name, value, TRUE AS is_shown FROM " table " WHERE " key " = ? ORDER BY name",         \
                 .row = &OBJECT_DETAIL_ROW);                                                                           \
    static const struct detail_keeper ident = {.kind = kind_name,                                                      \
                                               .set = &ident##_SET,                                                    \
                                               .remove = &ident##_REMOVE,                                              \
                                               .list = &ident##_LIST,                                                  \
                                               .changed = (the_changed)}

void detail_register(void); /* commands, job kinds */

#endif
