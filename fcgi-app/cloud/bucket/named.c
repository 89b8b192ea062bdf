/* Lists of small things that accounts own by name. */
#include "cloud/bucket/named.h"

#include "cloud/identity/identity.h"

static bool of_one_account(const struct list_scope *scope)
{
    return scope->form == SCOPE_ACCOUNT_ONLY && !scope->account_ids;
}

static void bind(struct db_binder *b, const struct api_call *call, const struct named_lists *lists,
                 const struct named_filter *filter, const char *domain_ids)
{
    if (of_one_account(&call->scope)) {
        db_put(b, db_int(call->scope.account_id), 1);
    } else {
        scope_bind(b, &call->scope, domain_ids);
    }
    db_put(b, db_int(filter->id), 2);
    db_put(b, db_text(filter->name), 2);
    db_put(b, db_text(call->page.keyword_like), 2);
    if (lists->has_more)
        db_put(b, db_text(filter->more), 2);
}

bool named_list(struct api_call *call, const struct named_lists *lists, const struct named_filter *filter,
                struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    bool of_account = of_one_account(&call->scope);
    struct db_binder b = {.count = 0};
    const char *domain_ids = NULL;
    if (!bucket_scope_domains(call, &domain_ids, err))
        return false;
    bind(&b, call, lists, filter, domain_ids);
    return db_query_page(call->db, of_account ? lists->count_of : lists->count,
                         of_account ? lists->page_of : lists->page, call->arena, &b, call->page.limit,
                         call->page.offset, ret_rows, ret_total, err);
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
