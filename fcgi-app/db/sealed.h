/* Sealed columns: each is declared once, beside its store, so that rotation of keys finds every sealed value. What is
 * not here: sealing itself (base/secret.h) and the key file (base/keyring.h). */
#ifndef GURUM_DB_SEALED_H
#define GURUM_DB_SEALED_H

#include "db/db.h"

struct sealed_column {
    const char *table, *column;
    const struct db_statement *page;   /* rows after a key, in its order */
    const struct db_statement *update; /* one row, if it still has the value that was read */
};

/* One row as the page reads it: the primary key's parts as text, unused ones "". */
struct sealed_row {
    const char *key1, *key2, *key3;
    const char *bound_to; /* the associated data the value is sealed with */
    const char *value;
};
extern const struct field_table SEALED_ROW;
enum { SEALED_PAGE_ROWS = 100 }; /* a page is one transaction */

/* SEALED_COLUMN(HOST_PASSWORD, "host", "sealed_password", "TRUE", "CONCAT('host.password:', uuid)", "id", "''", "''");
 * All arguments but the name are literals of SQL: which rows are sealed, what their values are bound to (exactly as the
 * service seals them), and the primary key in up to three parts, unused ones "''". */
#define SEALED_COLUMN(ident, table_name, column_name, is_sealed, bound_to_sql, k1, k2, k3)                             \
    DB_STATEMENT(ident##_PAGE, .name = "sealed.page." table_name "." column_name, .row = &SEALED_ROW,                  \
                 .scan_reason = "rotation of keys reads the table once, in pages by its primary key",                  \
                 .sql = "SELECT CAST(" k1 " AS CHAR) AS key1, CAST(" k2 " AS CHAR) AS key2, CAST(" k3                  \
                        " AS CHAR) AS key3, " bound_to_sql " AS bound_to, " column_name " AS value FROM " table_name   \
                        " WHERE " column_name " IS NOT NULL AND " is_sealed " AND " k1 " >= ? AND (" k1 ", " k2        \
                        ", " k3 ") > (?, ?, ?) ORDER BY " k1 ", " k2 ", " k3 " LIMIT 100");                            \
    DB_STATEMENT(ident##_UPDATE, .name = "sealed.update." table_name "." column_name,                                  \
                 .sql = "UPDATE " table_name " SET " column_name " = ? WHERE " k1 " = ? AND " k2 " = ? AND " k3        \
                        " = ? AND " column_name " = ?");                                                               \
    static const struct sealed_column ident = {table_name, column_name, &ident##_PAGE, &ident##_UPDATE};               \
    static const struct sealed_column *const ident##_sealed_entry                                                      \
        __attribute__((used, section("gurum_sealed_columns"))) = &ident
const struct sealed_column *const *sealed_column_all(size_t *ret_count);

enum { SEALED_KEPT_KEYS_MAX = 16 };
/* What a pass over all columns did. Values that did not open stay as they are and are told in the log. */
struct sealed_report {
    int64_t resealed, current, failed;
    char kept_keys[SEALED_KEPT_KEYS_MAX][40]; /* ids of keys under which values remain */
    size_t kept_count;
    bool keep_all; /* a value's key cannot be told, or too many */
};
/* Re-seals every value that is not under the newest key, a page a transaction; may be interrupted and repeated, and
 * runs beside everything else: a value that somebody changes meanwhile stays his. */
MUST_CHECK bool sealed_rotate(struct db *db, struct sealed_report *ret_report, struct error *err);
bool sealed_key_remains(const struct sealed_report *report, const char *key_id);

#endif
