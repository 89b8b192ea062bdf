/* Rules of SSH keys: a name and a key are an account's once. */
#include "cloud/sshkey/sshkey_service.h"

#include "base/text.h"
#include "base/uuid.h"

struct adding {
    struct arena *arena;
    struct ssh_key key;
    int64_t id;
};

static bool add_body(struct db *db, void *context, struct error *err)
{
    struct adding *adding = context;
    const struct ssh_key *key = &adding->key;
    struct ssh_key *same = NULL;
    if (!ssh_key_store_by_name(db, adding->arena, key->named.account_id, key->named.name, &same, err))
        return false;
    if (same != NULL)
        return error_with(err, ERROR_INVALID_VALUE, "sshkey.name_taken", E_TEXT("name", key->named.name));
    if (!ssh_key_store_by_fingerprint(db, adding->arena, key->named.account_id, key->fingerprint, &same, err))
        return false;
    if (same != NULL)
        return error_with(err, ERROR_INVALID_VALUE, "sshkey.key_taken", E_TEXT("key", key->public_key));
    return ssh_key_store_add(db, key, &adding->id, err);
}

bool ssh_key_add(struct db *db, struct arena *arena, const struct owner *owner, const char *name,
                 const struct ssh_public_key *public_key, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct adding adding = {
        .arena = arena,
        .key = {.named = {.account_id = owner->account_id, .domain_id = owner->domain_id, .uuid = uuid, .name = name},
                .public_key = public_key->line,
                .fingerprint = public_key->fingerprint}};
    if (!db_transaction(db, add_body, &adding, err)) {
        if (string_equal(err->key, "db.duplicate")) /* somebody was faster between look and insert */
            return error_with(err, ERROR_INVALID_VALUE, "sshkey.name_taken", E_TEXT("name", name));
        return false;
    }
    *ret_id = adding.id;
    return true;
}

static bool refuse_unknown(const struct owner *owner, const char *name, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "sshkey.unknown", E_TEXT("name", name),
                      E_TEXT("account", owner->account_name));
}

struct removing {
    const struct owner *owner;
    const char *name;
};

static bool remove_body(struct db *db, void *context, struct error *err)
{
    const struct removing *removing = context;
    bool removed = false;
    if (!ssh_key_store_remove(db, removing->owner->account_id, removing->name, &removed, err))
        return false;
    return removed || refuse_unknown(removing->owner, removing->name, err);
}

bool ssh_key_remove(struct db *db, const struct owner *owner, const char *name, struct error *err)
{
    struct removing removing = {owner, name};
    return db_transaction(db, remove_body, &removing, err);
}

static bool is_among(const struct ssh_key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (string_equal(keys[i].named.name, name))
            return true;
    return false;
}

bool ssh_keys_named(struct db *db, struct arena *arena, const struct owner *owner, const struct string_list *names,
                    struct ssh_key **ret_keys, size_t *ret_count, struct error *err)
{
    if (names->count > SSH_KEYS_OF_VM_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "sshkey.too_many", E_INT("max", SSH_KEYS_OF_VM_MAX));
    struct ssh_key *keys = arena_array(arena, names->count + 1, sizeof(*keys)), *key = NULL;
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (!ssh_key_store_by_name(db, arena, owner->account_id, names->items[i], &key, err))
            return false;
        if (key == NULL)
            return refuse_unknown(owner, names->items[i], err);
        if (!is_among(keys, count, key->named.name))
            keys[count++] = *key;
    }
    *ret_keys = keys;
    *ret_count = count;
    return true;
}
