/* Pages of listAccounts and listUsers. With nothing but a scope a page starts at an anchor (cloud/bucket); a tree with
 * few rows is sorted; with filters it is a search. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity_store.h"

enum { TREE_SORTED_MOST = 1000, USERS_OF_BATCH_MAX = 10000, ADMINS_MAX = 50 };

#define AS_ACCOUNT(c) , COLUMN(struct account_row, c)
#define AS_USER(c) , COLUMN(struct user_row, c)
FIELD_TABLE(IDENTITY_ACCOUNT_ROW, struct account_row, COLUMN(struct account_row, id) ACCOUNT_COLUMNS(AS_ACCOUNT));
FIELD_TABLE(IDENTITY_USER_ROW, struct user_row, COLUMN(struct user_row, id) USER_COLUMNS(AS_USER));

#define OWN_NAME(c) ", o." #c
#define ACCOUNT_SELECT "SELECT o.id" ACCOUNT_COLUMNS(OWN_NAME) " FROM "
#define USER_SELECT "SELECT o.id" USER_COLUMNS(OWN_NAME) " FROM "
/* Accounts of projects, whose ids are negative, are left out. Both tables alike: the rows of everything or of a tree,
 * from an anchor on, and of a tree with few rows. */
#define BELOW SCOPE_BELOW("o.domain_id")
#define WALK                                                                                                           \
    "o FORCE INDEX (PRIMARY) WHERE o.id BETWEEN ? AND ? AND o.removed_id = 0 AND (? = 0 OR " BELOW ") ORDER BY o.id "  \
    "LIMIT ? OFFSET ?"
#define SORT "domain_ancestor t JOIN "
#define SORTED                                                                                                         \
    " o ON o.domain_id = t.domain_id AND o.id > 0 AND o.removed_id = 0 WHERE t.ancestor_id = ? ORDER BY o.id LIMIT ? " \
    "OFFSET ?"
#define MATCH                                                                                                          \
    "WHERE o.id > 0 AND o.removed_id = 0 AND (? = 0 OR o.id = ?) AND (? = 0 OR a.id = ?) AND (? = 0 OR o.domain_id = " \
    "?)"                                                                                                               \
    " AND (? = 0 OR " BELOW ") AND (? IS NULL OR o.state = ?)"                                                         \
    " AND (? IS NULL OR FIND_IN_SET(a.role_id, ?)) AND (? IS NULL OR COALESCE(o.api_key_access, 'inherit') = ?)"
#define MATCH_ACCOUNT                                                                                                  \
    MATCH " AND (? IS NULL OR o.name = ?) AND (? IS NULL OR o.name LIKE ?) AND (? IS NULL OR o.cleanup_needed = ?)"
#define MATCH_USER                                                                                                     \
    MATCH " AND (? IS NULL OR o.username = ?) AND (? IS NULL OR o.username LIKE ? OR o.first_name LIKE ? OR "          \
          "o.last_name LIKE ? OR o.email LIKE ?) AND (? IS NULL OR o.source = ?)"
#define ACCOUNTS "account o JOIN account a ON a.id = o.id "
#define USERS "login_user o JOIN account a ON a.id = o.account_id "
#define WALKS .scan_reason = "walks from the anchor on and leaves out other trees"
#define SORTS .scan_reason = "a tree with at most a thousand rows"
#define SEARCHES .scan_reason = "filters that no counter covers"

DB_STATEMENT(ACCOUNT_WALK, .name = "identity.account_walk", .row = &IDENTITY_ACCOUNT_ROW, WALKS,
             .sql = ACCOUNT_SELECT "account " WALK);
DB_STATEMENT(ACCOUNT_SORT, .name = "identity.account_sort", .row = &IDENTITY_ACCOUNT_ROW, SORTS,
             .sql = ACCOUNT_SELECT SORT "account" SORTED);
DB_STATEMENT(ACCOUNT_COUNT, .name = "identity.account_count", .row = &DB_NUMBER, SEARCHES,
             .sql = "SELECT COUNT(*) AS value FROM " ACCOUNTS MATCH_ACCOUNT);
DB_STATEMENT(ACCOUNT_SEARCH, .name = "identity.account_search", .row = &IDENTITY_ACCOUNT_ROW, SEARCHES,
             .sql = ACCOUNT_SELECT ACCOUNTS MATCH_ACCOUNT " ORDER BY o.id LIMIT ? OFFSET ?");
DB_STATEMENT(USER_WALK, .name = "identity.user_walk", .row = &IDENTITY_USER_ROW, WALKS,
             .sql = USER_SELECT "login_user " WALK);
DB_STATEMENT(USER_SORT, .name = "identity.user_sort", .row = &IDENTITY_USER_ROW, SORTS,
             .sql = USER_SELECT SORT "login_user" SORTED);
DB_STATEMENT(USER_COUNT, .name = "identity.user_count", .row = &DB_NUMBER, SEARCHES,
             .sql = "SELECT COUNT(*) AS value FROM " USERS MATCH_USER);
DB_STATEMENT(USER_SEARCH, .name = "identity.user_search", .row = &IDENTITY_USER_ROW, SEARCHES,
             .sql = USER_SELECT USERS MATCH_USER " ORDER BY o.id LIMIT ? OFFSET ?");
DB_STATEMENT(USERS_OF, .name = "identity.users_of_accounts", .row = &IDENTITY_USER_ROW,
             .sql = SQL_SELECT("login_user", USER_COLUMNS) " WHERE account_id IN (" ENTRY_MARKS
                                                           ") AND removed_id = 0 ORDER BY account_id, id");
DB_STATEMENT(USERS_OF_TYPE, .name = "identity.users_of_role_type", .row = &IDENTITY_USER_ROW,
             .scan_reason = "the first few users, for a tool on the command line",
             .sql = USER_SELECT USERS "JOIN role r ON r.id = a.role_id WHERE r.type = ? AND o.removed_id = 0 ORDER BY "
                                      "o.id LIMIT ?");

/* What a table's pages are read with. */
struct listed {
    const char *kind; /* of its page_bucket rows */
    const struct db_statement *walk, *sort, *count, *search;
    int keyword_columns;
};
static const struct listed LISTED_ACCOUNTS = {"account",      &ACCOUNT_WALK,   &ACCOUNT_SORT,
                                              &ACCOUNT_COUNT, &ACCOUNT_SEARCH, 1};
static const struct listed LISTED_USERS = {"user", &USER_WALK, &USER_SORT, &USER_COUNT, &USER_SEARCH, 4};

static void bind(struct db_binder *b, const struct listed *listed, const struct owner_query *q)
{
    const struct list_scope *scope = q->scope;
    db_put(b, db_int(q->id), 2);
    db_put(b, db_int(scope->form == SCOPE_ACCOUNT_ONLY ? scope->account_id : 0), 2);
    db_put(b, db_int(scope->form == SCOPE_DOMAIN_ONLY ? scope->domain_id : 0), 2);
    db_put(b, db_int(scope->form == SCOPE_DOMAIN_TREE ? scope->domain_id : 0), 2);
    db_put(b, db_text(q->state), 2);
    db_put(b, db_text(q->role_ids), 2);
    db_put(b, db_text(q->api_key_access), 2);
    db_put(b, db_text(q->name), 2);
    db_put(b, db_text(q->keyword_like), 1 + listed->keyword_columns);
    if (listed == &LISTED_ACCOUNTS)
        db_put(b, db_opt_bool(q->cleanup_needed), 2);
    else
        db_put(b, db_text(q->source), 2);
}

static bool search(struct db *db, struct arena *arena, const struct listed *listed, const struct owner_query *query,
                   struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    bind(&b, listed, query);
    return db_query_page(db, listed->count, listed->search, arena, &b, query->limit, query->offset, ret_rows, ret_total,
                         err);
}

static bool read_page(struct db *db, struct arena *arena, const struct listed *listed, const struct owner_query *query,
                      const struct bucket_page *page, struct db_rows *ret_rows, struct error *err)
{
    const struct list_scope *scope = query->scope;
    struct db_value limit = db_int(query->limit);
    bool is_tree = scope->form == SCOPE_DOMAIN_TREE;
    if (is_tree && page->total <= TREE_SORTED_MOST)
        return db_query(db, listed->sort, arena, (size_t)query->limit, ret_rows, err, db_int(scope->domain_id), limit,
                        db_int(query->offset));
    struct db_value below = db_int(is_tree ? scope->domain_id : 0);
    return db_query(db, listed->walk, arena, (size_t)query->limit, ret_rows, err, db_int(page->first_id),
                    db_int(page->last_id), below, below, limit, db_int(page->skip));
}

static bool is_plain(const struct owner_query *q)
{
    bool is_many = q->scope->form == SCOPE_DOMAIN_TREE || q->scope->form == SCOPE_EVERYTHING;
    return is_many && !q->id && !q->name && !q->state && !q->api_key_access && !q->keyword_like && !q->role_ids &&
           !q->source && !q->cleanup_needed.set;
}

static bool read(struct db *db, struct arena *arena, const struct listed *listed, const struct owner_query *query,
                 struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct bucket_page page = {.total = 0};
    bool covered = false;
    *ret_rows = (struct db_rows){0};
    *ret_total = 0;
    if (query->scope->projects_only) /* people and their accounts belong to no project */
        return true;
    if (is_plain(query) && !bucket_page(db, arena, listed->kind, query->scope, 2, query->offset, &page, &covered, err))
        return false;
    if (!covered)
        return search(db, arena, listed, query, ret_rows, ret_total, err);
    *ret_total = page.total;
    return page.first_id == INT64_MAX || query->limit == 0 || read_page(db, arena, listed, query, &page, ret_rows, err);
}

bool account_page(struct db *db, struct arena *arena, const struct owner_query *query, struct db_rows *ret_rows,
                  int64_t *ret_total, struct error *err)
{
    return read(db, arena, &LISTED_ACCOUNTS, query, ret_rows, ret_total, err);
}

bool user_page(struct db *db, struct arena *arena, const struct owner_query *query, struct db_rows *ret_rows,
               int64_t *ret_total, struct error *err)
{
    return read(db, arena, &LISTED_USERS, query, ret_rows, ret_total, err);
}

bool users_of_accounts(struct db *db, struct arena *arena, const int64_t *account_ids, size_t count,
                       struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &USERS_OF, arena, USERS_OF_BATCH_MAX, ENTRY_BATCH, account_ids, count, ret_rows, err);
}

bool users_of_role_type(struct db *db, struct arena *arena, int64_t role_type, struct db_rows *ret_rows,
                        struct error *err)
{
    return db_query(db, &USERS_OF_TYPE, arena, ADMINS_MAX, ret_rows, err, db_int(role_type), db_int(ADMINS_MAX));
}

static bool list_change(struct db *db, const struct listed *listed, int64_t id, int64_t domain_id, bool was_listed,
                        bool is_listed, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    return bucket_change(db, &arena, listed->kind, 0, domain_id, id, was_listed ? 2 : 0, is_listed ? 2 : 0, err);
}

bool account_list_change(struct db *db, int64_t account_id, int64_t domain_id, bool was_listed, bool is_listed,
                         struct error *err)
{
    return account_is_project(account_id) ||
           list_change(db, &LISTED_ACCOUNTS, account_id, domain_id, was_listed, is_listed, err);
}

bool user_list_change(struct db *db, int64_t user_id, int64_t domain_id, bool was_listed, bool is_listed,
                      struct error *err)
{
    return list_change(db, &LISTED_USERS, user_id, domain_id, was_listed, is_listed, err);
}
