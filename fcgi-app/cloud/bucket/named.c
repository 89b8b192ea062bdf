/* Lists of small things that accounts own by name. */
#include "cloud/bucket/named.h"

#include "cloud/identity/identity.h"

enum { VALUES_MAX = SCOPE_VALUES + 10 };
struct binder {
    struct db_value values[VALUES_MAX];
    size_t count;
};

static void put(struct binder *b, struct db_value value, int times)
{
    for (int i = 0; i < times; i++)
        b->values[b->count++] = value;
}

static bool of_one_account(const struct list_scope *scope)
{
    return scope->form == SCOPE_ACCOUNT_ONLY && !scope->account_ids;
}

static void bind(struct binder *b, const struct api_call *call, const struct named_lists *lists,
                 const struct named_filter *filter, const char *domain_ids)
{
    if (of_one_account(&call->scope)) {
        put(b, db_int(call->scope.account_id), 1);
    } else {
        scope_bind(&call->scope, domain_ids, b->values);
        b->count = SCOPE_VALUES;
    }
    put(b, db_int(filter->id), 2);
    put(b, db_text(filter->name), 2);
    put(b, db_text(call->page.keyword_like), 2);
    if (lists->has_more)
        put(b, db_text(filter->more), 2);
}

bool named_list(struct api_call *call, const struct named_lists *lists, const struct named_filter *filter,
                struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    bool of_account = of_one_account(&call->scope);
    struct binder b = {.count = 0};
    struct db_number total = {0};
    const char *domain_ids = NULL;
    bool found = false;
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (!bucket_scope_domains(call, &domain_ids, err))
        return false;
    bind(&b, call, lists, filter, domain_ids);
    if (!db_query_one_values(call->db, of_account ? lists->count_of : lists->count, call->arena, &total, &found,
                             b.values, b.count, err))
        return false;
    *ret_total = total.value;
    if (call->page.counted_only || total.value == 0)
        return true;
    put(&b, db_int(call->page.limit), 1);
    put(&b, db_int(call->page.offset), 1);
    return db_query_values(call->db, of_account ? lists->page_of : lists->page, call->arena, (size_t)call->page.limit,
                           ret_rows, b.values, b.count, err);
}

bool named_found(struct db *db, struct arena *arena, const struct named *row, struct object_found *ret_found,
                 struct error *err)
{
    struct owner owner;
    if (!identity_owner_any(db, arena, row->account_id, &owner, err))
        return false;
    *ret_found = (struct object_found){.id = row->id,
                                       .owner_account_id = row->account_id,
                                       .owner_domain_path = owner.domain_path,
                                       .visibility = OBJECT_OWNED,
                                       .name = row->name};
    return true;
}
