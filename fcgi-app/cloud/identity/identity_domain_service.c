/* Rules of tenant domains: making, renaming, moving and beginning to delete them. */
#include "cloud/identity/identity_domain_store.h"
#include "cloud/identity/identity_jobs.h"
#include "cloud/identity/identity_service.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/quota/quota.h"
#include "db/version.h"

enum { PATH_MAX_LENGTH = 699, ROOT_ID = 1 };

static bool check_place(struct db *db, const struct domain_place *parent, const char *name, int64_t but_not,
                        struct error *err)
{
    int64_t taken = 0;
    if (!domain_id_by_name(db, parent->id, name, &taken, err))
        return false;
    return taken == 0 || taken == but_not ||
           error_with(err, ERROR_INVALID_VALUE, "identity.domain_exists", E_TEXT("name", name));
}

static bool refuse_root(int64_t id, struct error *err)
{
    return id != ROOT_ID || error_set(err, ERROR_DENIED, "identity.root_domain");
}

/* ---- create ---- */

struct domain_creation {
    struct arena *arena;
    const char *name, *network_domain, *uuid;
    int64_t parent_id, *ret_id;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    const struct domain_creation *to = context;
    struct domain_place parent;
    char uuid[UUID_BYTES];
    identity_choose_uuid(uuid, to->uuid);
    if (!domain_enter(db, to->parent_id, err) || !domain_place_of(db, to->arena, to->parent_id, &parent, err) ||
        !check_place(db, &parent, to->name, 0, err))
        return false;
    struct domain_row row = {.uuid = uuid,
                             .parent_id = parent.id,
                             .level = parent.level + 1,
                             .name = to->name,
                             .path = arena_printf(to->arena, "%s%s/", parent.path, to->name),
                             .state = "Active",
                             .network_domain = to->network_domain,
                             .created = OPT_TIME(clock_now_ms())};
    if (strlen(row.path) > PATH_MAX_LENGTH)
        return error_with(err, ERROR_INVALID_VALUE, "identity.bad_name", E_TEXT("name", to->name));
    return domain_add(db, &row, to->ret_id, err) && quota_add_domain(db, *to->ret_id, false, err) &&
           version_raise(db, VERSION_IDENTITY, err);
}

bool identity_create_domain(struct db *db, const char *name, int64_t parent_id, const char *network_domain,
                            const char *uuid, int64_t *ret_id, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct domain_creation creation = {&arena, name, network_domain, uuid, parent_id, ret_id};
    bool ok = identity_check_name(name, err) && db_transaction(db, create_body, &creation, err);
    arena_free(&arena);
    return ok;
}

/* ---- rename and move: both change the paths of a sub-tree ---- */

static bool move_paths(struct db *db, const struct domain_place *place, const char *new_path, int64_t deeper,
                       struct error *err)
{
    int64_t longest = 0;
    if (!domain_longest_path(db, place->id, &longest, err))
        return false;
    if (longest + (int64_t)strlen(new_path) - (int64_t)strlen(place->path) > PATH_MAX_LENGTH)
        return error_with(err, ERROR_INVALID_VALUE, "identity.bad_name", E_TEXT("name", place->name));
    if (!domain_move_paths(db, place->id, place->path, new_path, deeper, err))
        return false;
    for (size_t i = 0; owned_kind_at(i); i++)
        if (owned_kind_at(i)->follow_domain && !owned_kind_at(i)->follow_domain(db, place->id, err))
            return false;
    return true;
}

struct domain_change {
    struct arena *arena;
    int64_t id, parent_id; /* of a move */
    const char *name, *network_domain;
};

static bool update_body(struct db *db, void *context, struct error *err)
{
    const struct domain_change *to = context;
    struct domain_place place, parent;
    if (!domain_enter(db, to->id, err) || !domain_place_of(db, to->arena, to->id, &place, err))
        return false;
    if (to->network_domain)
        place.network_domain = *to->network_domain ? to->network_domain : NULL;
    bool renames = to->name && !string_equal(to->name, place.name);
    if (renames) {
        place.name = to->name;
        if (!refuse_root(to->id, err) || !domain_enter(db, place.parent_id, err) ||
            !domain_place_of(db, to->arena, place.parent_id, &parent, err) ||
            !check_place(db, &parent, to->name, to->id, err) ||
            !move_paths(db, &place, arena_printf(to->arena, "%s%s/", parent.path, to->name), 0, err))
            return false;
    }
    return domain_edit(db, &place, err) && version_raise(db, VERSION_IDENTITY, err);
}

bool identity_update_domain(struct db *db, int64_t id, const char *name, const char *network_domain, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct domain_change change = {.arena = &arena, .id = id, .name = name, .network_domain = network_domain};
    bool ok = (!name || identity_check_name(name, err)) && db_transaction(db, update_body, &change, err);
    arena_free(&arena);
    return ok;
}

static bool move_body(struct db *db, void *context, struct error *err)
{
    const struct domain_change *to = context;
    struct domain_place place, parent;
    if (!domain_enter(db, to->id, err) || !domain_enter(db, to->parent_id, err) ||
        !domain_place_of(db, to->arena, to->id, &place, err) ||
        !domain_place_of(db, to->arena, to->parent_id, &parent, err))
        return false;
    if (string_starts_with(parent.path, place.path))
        return error_set(err, ERROR_INVALID_VALUE, "identity.move_below_itself");
    if (!check_place(db, &parent, place.name, to->id, err))
        return false;
    if (place.parent_id == parent.id)
        return true;
    const char *path = arena_printf(to->arena, "%s%s/", parent.path, place.name);
    int64_t old_parent = place.parent_id;
    place.parent_id = parent.id;
    return quota_leave_domain(db, to->id, old_parent, err) && bucket_carry(db, to->id, old_parent, -1, err) &&
           move_paths(db, &place, path, parent.level + 1 - place.level, err) &&
           domain_change_ancestors(db, to->id, old_parent, parent.id, err) && domain_edit(db, &place, err) &&
           quota_join_domain(db, to->id, parent.id, err) && bucket_carry(db, to->id, parent.id, 1, err) &&
           version_raise(db, VERSION_IDENTITY, err);
}

bool identity_move_domain(struct db *db, int64_t id, int64_t parent_id, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct domain_change change = {.arena = &arena, .id = id, .parent_id = parent_id};
    bool ok = refuse_root(id, err) && db_transaction(db, move_body, &change, err);
    arena_free(&arena);
    return ok;
}

/* ---- delete ---- */

static bool check_empty(struct db *db, struct arena *arena, int64_t id, const char *name, struct error *err)
{
    struct db_rows accounts = {0};
    struct owned_summary *kinds = NULL;
    const struct owned_holder holder = {.domain_id = id};
    int64_t below = 0;
    size_t kind_count = 0;
    if (!domain_count_below(db, id, &below, err) || !domain_accounts(db, arena, id, OWNED_COUNT_MAX, &accounts, err) ||
        !owned_summarize(db, arena, &holder, &kinds, &kind_count, err))
        return false;
    if (below == 0 && accounts.count == 0 && kind_count == 0)
        return true;
    return error_with(err, ERROR_IN_USE, "identity.domain_not_empty", E_TEXT("name", name),
                      E_INT("accounts", (int64_t)accounts.count), E_INT("domains", below));
}

/* Who may not delete an account may not delete it with its domain either. */
static bool check_roles(struct db *db, struct arena *arena, const struct domain_deletion *deletion, struct error *err)
{
    struct db_rows ids = {0};
    if (!domain_role_ids(db, arena, deletion->id, &ids, err))
        return false;
    const struct db_number *rows = ids.items;
    for (size_t i = 0; i < ids.count; i++) {
        const struct role_row *role = NULL;
        if (!role_by_id(db, arena, rows[i].value, &role, err) ||
            (role && !role_check_covers(db, arena, deletion->caller, role, err)))
            return false;
    }
    return true;
}

bool identity_begin_domain_removal(struct db *db, struct arena *arena, const struct domain_deletion *deletion,
                                   const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err)
{
    const struct domain_row *row = NULL;
    const struct domain_delete_input input = {.domain_id = deletion->id};
    if (!refuse_root(deletion->id, err) || !domain_by_id(db, arena, deletion->id, &row, err) ||
        !domain_enter(db, deletion->id, err))
        return false;
    if (!row)
        return error_set(err, ERROR_INVALID_VALUE, "identity.domain_going");
    if (!deletion->cleanup && !check_empty(db, arena, deletion->id, row->name, err))
        return false;
    if (!check_roles(db, arena, deletion, err))
        return false;
    const struct job_target target = {"domain", row->id, row->uuid};
    return domain_set_states(db, row->id, "Inactive", err) && version_raise(db, VERSION_IDENTITY, err) &&
           job_create(db, &DOMAIN_DELETE, &input, &target, stamp, ret_job, err);
}
