/* Small things that accounts own by name: found, listed and told in one way. */
#include "cloud/bucket/named.h"

static bool of_one_account(const struct list_scope *scope)
{
    return scope->form == SCOPE_ACCOUNT_ONLY && !scope->account_ids;
}

static void bind(struct db_binder *b, const struct api_call *call, const struct named_table *table,
                 const struct named_filter *filter)
{
    if (of_one_account(&call->scope)) {
        db_put(b, db_int(call->scope.account_id), 1);
    } else {
        scope_bind(b, &call->scope);
    }
    db_put(b, db_int(filter->id), 2);
    db_put(b, db_text(filter->name), 2);
    db_put(b, db_text(call->page.keyword_like), 2);
    if (table->has_more)
        db_put(b, db_text(filter->more), 2);
}

static bool read_page(struct api_call *call, const struct named_table *table, const struct named_filter *filter,
                      struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    bool of_account = of_one_account(&call->scope);
    struct db_binder b = {.count = 0};
    bind(&b, call, table, filter);
    return db_query_page(call->db, of_account ? table->count_of : table->count,
                         of_account ? table->page_of : table->page, call->arena, &b, call->page.limit,
                         call->page.offset, ret_rows, ret_total, err);
}

static bool find_row(struct db *db, struct arena *arena, const struct db_statement *statement, struct db_value key,
                     const struct named **ret_row, struct error *err)
{
    void *row = arena_alloc(arena, statement->row->struct_size);
    bool found = false;
    if (!db_query_one(db, statement, arena, row, &found, err, key))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool named_by_id(struct db *db, struct arena *arena, const struct named_table *table, int64_t id,
                 const struct named **ret_row, struct error *err)
{
    return find_row(db, arena, table->by_id, db_int(id), ret_row, err);
}

bool named_find(struct db *db, struct arena *arena, const struct named_table *table, const char *uuid,
                struct object_found *ret_found, bool *ret_exists, struct error *err)
{
    const struct named *row = NULL;
    struct owner owner;
    if (!find_row(db, arena, table->by_uuid, db_text(uuid), &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row == NULL)
        return true;
    if (!identity_owner_any(db, arena, row->account_id, &owner, err))
        return false;
    *ret_found = (struct object_found){.id = row->id,
                                       .owner_account_id = row->account_id,
                                       .owner_domain_path = owner.domain_path,
                                       .visibility = OBJECT_OWNED,
                                       .name = row->name};
    return true;
}

/* ---- in replies ---- */

bool named_tell(struct api_call *call, const struct named *row, struct named_response *ret_told, struct error *err)
{
    *ret_told = (struct named_response){.id = row->uuid, .name = row->name};
    return identity_show_owner(call->db, call->arena, row->account_id, &ret_told->owner, err);
}

bool named_describe(struct api_call *call, const struct named_kind *kind, const int64_t *ids, size_t count,
                    void *ret_objects, size_t *ret_count, struct error *err)
{
    char *object = ret_objects;
    const struct named *row = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!named_by_id(call->db, call->arena, kind->table, ids[i], &row, err))
            return false;
        if (row == NULL)
            continue;
        if (!kind->fill(call, row, object, err))
            return false;
        object += kind->response->struct_size;
        ++*ret_count;
    }
    return true;
}

bool named_reply_list(struct api_call *call, const struct named_kind *kind, const struct named_filter *filter,
                      struct error *err)
{
    size_t row_size = kind->table->page->row->struct_size, object_size = kind->response->struct_size;
    struct db_rows rows;
    int64_t total = 0;
    if (!read_page(call, kind->table, filter, &rows, &total, err))
        return false;
    const char *row = rows.items;
    char *objects = arena_array(call->arena, rows.count + 1, object_size);
    int64_t *accounts = arena_array(call->arena, rows.count + 1, sizeof(*accounts));
    for (size_t i = 0; i < rows.count; i++)
        accounts[i] = ((const struct named *)(const void *)(row + i * row_size))->account_id;
    if (!identity_prefetch_any(call->db, call->arena, accounts, NULL, rows.count, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!kind->fill(call, row + i * row_size, objects + i * object_size, err))
            return false;
    api_reply_list(call, objects, rows.count, total);
    return true;
}
