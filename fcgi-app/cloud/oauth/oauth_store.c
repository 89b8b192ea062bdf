/* SQL of identity providers. */
#include "cloud/oauth/oauth_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "db/sealed.h"

enum { GRANT_MS = 120000, LIKE_EMAIL_MAX = 1000 };

#define PROVIDER_COLUMNS(X)                                                                                            \
    X(uuid)                                                                                                            \
    X(provider)                                                                                                        \
    X(description)                                                                                                     \
    X(client_id) X(secret_sealed) X(redirect_uri) X(authorize_url) X(token_url) X(user_url) X(issuer)                  \
        X(wants_verified) X(is_enabled)
#define AS_PROVIDER(c) , COLUMN(struct oauth_provider, c)
FIELD_TABLE(OAUTH_PROVIDER_ROW, struct oauth_provider, COLUMN(struct oauth_provider, id) PROVIDER_COLUMNS(AS_PROVIDER));
struct grant_row {
    const char *email;
};
FIELD_TABLE(OAUTH_GRANT_ROW, struct grant_row, COLUMN(struct grant_row, email));
struct email_row {
    int64_t id;
    const char *email;
};
FIELD_TABLE(OAUTH_EMAIL_ROW, struct email_row, COLUMN(struct email_row, id), COLUMN(struct email_row, email));

DB_STATEMENT(PROVIDERS, .name = "oauth.providers", .row = &OAUTH_PROVIDER_ROW,
             .sql = SQL_SELECT("oauth_provider", PROVIDER_COLUMNS) " ORDER BY id LIMIT 100");
DB_STATEMENT(PROVIDER_ADD, .name = "oauth.provider_add",
             .sql = "INSERT INTO oauth_provider (uuid, provider, description, client_id, secret_sealed, redirect_uri, "
                    "authorize_url, token_url, user_url, issuer, wants_verified, is_enabled, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(PROVIDER_UPDATE, .name = "oauth.provider_update",
             .sql = "UPDATE oauth_provider SET description = ?, client_id = ?, secret_sealed = ?, redirect_uri = ?, "
                    "is_enabled = ? WHERE id = ?");
DB_STATEMENT(PROVIDER_REMOVE, .name = "oauth.provider_remove", .sql = "DELETE FROM oauth_provider WHERE id = ?");
DB_STATEMENT(GRANT_OLD, .name = "oauth.grant_remove_old",
             .sql = "DELETE FROM oauth_grant WHERE expires < ? LIMIT 1000");
DB_STATEMENT(GRANT_ADD, .name = "oauth.grant_add",
             .sql = "INSERT INTO oauth_grant (code_hash, provider_id, email, expires) VALUES (?, ?, ?, ?)");
DB_STATEMENT(GRANT_FIND, .name = "oauth.grant_find", .row = &OAUTH_GRANT_ROW,
             .sql = "SELECT email FROM oauth_grant WHERE code_hash = ? AND provider_id = ? AND expires >= ?");
DB_STATEMENT(GRANT_TAKE, .name = "oauth.grant_take", .sql = "DELETE FROM oauth_grant WHERE code_hash = ?");
/* By the column's collation, which takes addresses for one that only look alike. */
DB_STATEMENT(USERS_LIKE_EMAIL, .name = "oauth.users_like_email", .row = &OAUTH_EMAIL_ROW,
             .scan_reason = "the users of one domain, when somebody signs in by a provider",
             .sql = "SELECT id, email FROM login_user WHERE domain_id = ? AND email = ? AND removed_id = 0 LIMIT 1000");
SEALED_COLUMN(OAUTH_SECRET, "oauth_provider", "secret_sealed", "TRUE", "CONCAT('oauth_provider.secret:', uuid)", "id",
              "''", "''");

const char *oauth_bound_to(struct arena *arena, const char *uuid)
{
    return arena_printf(arena, "oauth_provider.secret:%s", uuid);
}

bool oauth_providers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &PROVIDERS, arena, OAUTH_PROVIDERS_MAX, ret_rows, err, DB_NO_VALUES);
}

bool oauth_provider_add(struct db *db, const struct oauth_provider *row, struct error *err)
{
    return db_execute(db, &PROVIDER_ADD, err, db_text(row->uuid), db_text(row->provider), db_text(row->description),
                      db_text(row->client_id), db_text(row->secret_sealed), db_text(row->redirect_uri),
                      db_text(row->authorize_url), db_text(row->token_url), db_text(row->user_url),
                      db_text(row->issuer), db_bool(row->wants_verified), db_bool(row->is_enabled),
                      db_time(clock_now_ms()));
}

bool oauth_provider_update(struct db *db, const struct oauth_provider *row, struct error *err)
{
    return db_execute(db, &PROVIDER_UPDATE, err, db_text(row->description), db_text(row->client_id),
                      db_text(row->secret_sealed), db_text(row->redirect_uri), db_bool(row->is_enabled),
                      db_int(row->id));
}

bool oauth_provider_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &PROVIDER_REMOVE, err, db_int(id));
}

bool oauth_grant_add(struct db *db, const char *code_hash, int64_t provider_id, const char *email, struct error *err)
{
    int64_t now = clock_now_ms();
    return db_execute(db, &GRANT_OLD, err, db_time(now)) &&
           db_execute(db, &GRANT_ADD, err, db_text(code_hash), db_int(provider_id), db_text(email),
                      db_time(now + GRANT_MS));
}

bool oauth_grant_take(struct db *db, struct arena *arena, const char *code_hash, int64_t provider_id,
                      const char **ret_email, struct error *err)
{
    struct grant_row row = {0};
    bool found = false;
    *ret_email = NULL;
    if (!db_query_one(db, &GRANT_FIND, arena, &row, &found, err, db_text(code_hash), db_int(provider_id),
                      db_time(clock_now_ms())))
        return false;
    if (!found)
        return true;
    if (!db_execute(db, &GRANT_TAKE, err, db_text(code_hash)))
        return false;
    if (db_affected_rows(db) == 1)
        *ret_email = row.email;
    return true;
}

bool oauth_user_of_email(struct db *db, struct arena *arena, int64_t domain_id, const char *email,
                         int64_t *ret_user_id, struct error *err)
{
    struct db_rows rows = {0};
    size_t matches = 0;
    *ret_user_id = 0;
    if (!db_query(db, &USERS_LIKE_EMAIL, arena, LIKE_EMAIL_MAX, &rows, err, db_int(domain_id), db_text(email)))
        return false;
    const struct email_row *users = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (string_equal_ignoring_case(users[i].email, email) && ++matches == 1)
            *ret_user_id = users[i].id;
    if (matches > 1)
        *ret_user_id = 0;
    return true;
}
