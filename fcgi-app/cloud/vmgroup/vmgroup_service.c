/* Rules of instance groups: a name is an account's once; a group that goes leaves its VMs behind. */
#include "cloud/vmgroup/vmgroup_service.h"

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/vm/vm.h"

struct change {
    struct arena *arena;
    struct named group;
    const char *name;
    int64_t id;
};

static bool refuse_name(const char *name, const char *account, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "vmgroup.name_taken", E_TEXT("name", name), E_TEXT("account", account));
}

static bool add_body(struct db *db, void *context, struct error *err)
{
    struct change *change = context;
    return vm_group_store_add(db, &change->group, &change->id, err);
}

bool vm_group_add(struct db *db, const struct owner *owner, const char *name, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct change change = {
        .group = {.account_id = owner->account_id, .domain_id = owner->domain_id, .uuid = uuid, .name = name}};
    if (!db_transaction(db, add_body, &change, err))
        return string_equal(err->key, "db.duplicate") ? refuse_name(name, owner->account_name, err) : false;
    *ret_id = change.id;
    return true;
}

static bool rename_body(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    return vm_group_store_rename(db, change->id, change->name, err);
}

bool vm_group_rename(struct db *db, struct arena *arena, int64_t id, const char *name, struct error *err)
{
    struct change change = {.id = id, .name = name};
    const struct named *group = NULL;
    struct owner owner;
    if (db_transaction(db, rename_body, &change, err))
        return true;
    if (!string_equal(err->key, "db.duplicate"))
        return false;
    return named_by_id(db, arena, &VM_GROUPS, id, &group, err) && group != NULL &&
           identity_owner_any(db, arena, group->account_id, &owner, err) && refuse_name(name, owner.account_name, err);
}

static bool remove_body(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    const struct named *group = NULL;
    return named_by_id(db, change->arena, &VM_GROUPS, change->id, &group, err) &&
           (group == NULL ||
            (vm_leave_group_any(db, group->account_id, group->id, err) && vm_group_store_remove(db, group->id, err)));
}

bool vm_group_remove(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    struct change change = {.arena = arena, .id = id};
    return db_transaction(db, remove_body, &change, err);
}
