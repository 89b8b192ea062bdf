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
FIELD_TABLE(OAUTH_GRANT_ROW, struct oauth_person, COLUMN(struct oauth_person, subject),
            COLUMN(struct oauth_person, email));
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
                    "wants_verified = ?, is_enabled = ? WHERE id = ?");
DB_STATEMENT(PROVIDER_REMOVE, .name = "oauth.provider_remove",
             .sql = "DELETE p, l FROM oauth_provider p LEFT JOIN oauth_link l ON l.provider_id = p.id WHERE p.id = ?");
DB_STATEMENT(GRANT_OLD, .name = "oauth.grant_remove_old",
             .sql = "DELETE FROM oauth_grant WHERE expires < ? LIMIT 1000");
DB_STATEMENT(GRANT_ADD, .name = "oauth.grant_add",
             .sql = "INSERT INTO oauth_grant (code_hash, provider_id, subject, email, expires) VALUES (?, ?, ?, ?, ?)");
DB_STATEMENT(GRANT_FIND, .name = "oauth.grant_find", .row = &OAUTH_GRANT_ROW,
             .sql = "SELECT subject, email FROM oauth_grant WHERE code_hash = ? AND provider_id = ? AND expires >= ?");
DB_STATEMENT(GRANT_TAKE, .name = "oauth.grant_take", .sql = "DELETE FROM oauth_grant WHERE code_hash = ?");
/* By the column's collation, which takes addresses for one that only look alike. */
DB_STATEMENT(USERS_LIKE_EMAIL, .name = "oauth.users_like_email", .row = &OAUTH_EMAIL_ROW,
             .scan_reason = "the users of one domain, when somebody signs in by a provider",
             .sql = "SELECT id, email FROM login_user WHERE domain_id = ? AND email = ? AND removed_id = 0 LIMIT 1000");
DB_STATEMENT(LINK_FIND, .name = "oauth.link_find", .row = &DB_NUMBER,
             .sql = "SELECT l.user_id AS value FROM oauth_link l JOIN login_user u ON u.id = l.user_id WHERE "
                    "l.provider_id = ? AND l.domain_id = ? AND l.subject = ? AND u.removed_id = 0 AND u.email = "
                    "l.email");
DB_STATEMENT(LINKS_STALE, .name = "oauth.links_remove_stale",
             .sql = "DELETE l FROM oauth_link l JOIN login_user u ON u.id = l.user_id WHERE l.provider_id = ? AND "
                    "(u.removed_id <> 0 OR u.email <> l.email)");
DB_STATEMENT(LINK_ADD, .name = "oauth.link_add",
             .sql = "INSERT IGNORE INTO oauth_link (provider_id, domain_id, subject, user_id, email, created) "
                    "SELECT ?, domain_id, ?, id, email, ? FROM login_user WHERE id = ? AND removed_id = 0");
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
                      db_text(row->secret_sealed), db_text(row->redirect_uri), db_bool(row->wants_verified),
                      db_bool(row->is_enabled), db_int(row->id));
}

bool oauth_provider_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &PROVIDER_REMOVE, err, db_int(id));
}

bool oauth_grant_add(struct db *db, const char *code_hash, int64_t provider_id, const struct oauth_person *person,
                     struct error *err)
{
    int64_t now = clock_now_ms();
    return db_execute(db, &GRANT_OLD, err, db_time(now)) &&
           db_execute(db, &GRANT_ADD, err, db_text(code_hash), db_int(provider_id), db_text(person->subject),
                      db_text(person->email), db_time(now + GRANT_MS));
}

bool oauth_grant_take(struct db *db, struct arena *arena, const char *code_hash, int64_t provider_id,
                      struct oauth_person *ret_person, bool *ret_found, struct error *err)
{
    if (!db_query_one(db, &GRANT_FIND, arena, ret_person, ret_found, err, db_text(code_hash), db_int(provider_id),
                      db_time(clock_now_ms())))
        return false;
    if (!*ret_found)
        return true;
    if (!db_execute(db, &GRANT_TAKE, err, db_text(code_hash)))
        return false;
    *ret_found = db_affected_rows(db) == 1;
    return true;
}

static bool find_by_email(struct db *db, struct arena *arena, int64_t domain_id, const char *email,
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

static bool find_linked(struct db *db, int64_t provider_id, int64_t domain_id, const char *subject,
                        int64_t *ret_user_id, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one(db, &LINK_FIND, NULL, &row, &found, err, db_int(provider_id), db_int(domain_id),
                      db_text(subject)))
        return false;
    *ret_user_id = found ? row.value : 0;
    return true;
}

/* Which of two that come at once is linked is told by the table's keys: what counts is what it says afterwards. */
bool oauth_user_of(struct db *db, struct arena *arena, int64_t provider_id, int64_t domain_id,
                   const struct oauth_person *person, int64_t *ret_user_id, struct error *err)
{
    int64_t named = 0;
    if (!find_linked(db, provider_id, domain_id, person->subject, ret_user_id, err))
        return false;
    if (*ret_user_id)
        return true;
    if (!find_by_email(db, arena, domain_id, person->email, &named, err))
        return false;
    return named == 0 || (db_execute(db, &LINKS_STALE, err, db_int(provider_id)) &&
                          db_execute(db, &LINK_ADD, err, db_int(provider_id), db_text(person->subject),
                                     db_time(clock_now_ms()), db_int(named)) &&
                          find_linked(db, provider_id, domain_id, person->subject, ret_user_id, err));
}
