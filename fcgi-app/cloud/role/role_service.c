/* Changes of roles and their rules. Each locks the role's row first, and looks at the rows of the open transaction
 * last: nobody makes or changes a role that may do more than his own. */
#include "cloud/role/role_service.h"

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/role/role_rules.h"
#include "db/version.h"

/* ---- checks ---- */

bool rule_check_text(const char *rule, struct error *err)
{
    size_t length = strlen(rule);
    bool fine = length > 0 && length <= RULE_LENGTH_MAX;
    for (size_t i = 0; fine && i < length; i++)
        fine = rule[i] == '*' || (rule[i] >= '0' && rule[i] <= '9') || (rule[i] >= 'a' && rule[i] <= 'z') ||
               (rule[i] >= 'A' && rule[i] <= 'Z');
    return fine || error_with(err, ERROR_INVALID_VALUE, "role.bad_rule", E_TEXT("rule", rule));
}

static bool check_covered(const struct caller *caller, const struct role_row *role, const struct db_rows *rules,
                          struct error *err)
{
    struct role_rules list = {rules->items, rules->count};
    if (caller->user_id == 0 || caller->role_id == ROLE_ID_ROOT_ADMIN)
        return true;
    bool is_lesser = role->type >= (int64_t)caller->role_type;
    return (is_lesser && !role_beyond(caller, role, &list)) ||
           error_with(err, ERROR_DENIED, "role.too_high", E_TEXT("role", role->name));
}

/* A change under way: its role as the transaction sees it. */
struct changing {
    struct arena arena;
    struct db *db;
    const struct caller *caller;
    struct role_row role;
    struct db_rows rules; /* struct rule_row in their order */
};

static bool read_state(struct changing *c, int64_t id, struct error *err)
{
    bool found = false;
    if (!role_read(c->db, &c->arena, id, &c->role, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_INVALID_VALUE, "role.gone");
    return rule_read_of(c->db, &c->arena, id, &c->rules, err) && check_covered(c->caller, &c->role, &c->rules, err);
}

/* `fixed_key`: what is said of a built-in role. */
static bool begin(struct changing *c, int64_t id, const char *fixed_key, struct error *err)
{
    bool found = false;
    if (!role_touch(c->db, id, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_INVALID_VALUE, "role.gone");
    if (!read_state(c, id, err))
        return false;
    return !c->role.is_default || error_set(err, ERROR_DENIED, fixed_key);
}

static bool finish(struct changing *c, int64_t id, struct error *err)
{
    return read_state(c, id, err) && version_raise(c->db, VERSION_ROLES, err);
}

static bool check_unused(struct changing *c, const char *key, struct error *err)
{
    bool is_used = false;
    return role_is_used(c->db, c->role.id, &is_used, err) && (!is_used || error_set(err, ERROR_DENIED, key));
}

static bool check_name(struct changing *c, const char *name, int64_t but_not, int64_t *ret_id, struct error *err)
{
    if (!role_id_by_name(c->db, name, ret_id, err))
        return false;
    return *ret_id == 0 || *ret_id == but_not ||
           error_with(err, ERROR_INVALID_VALUE, "role.exists", E_TEXT("name", name));
}

/* ---- roles ---- */

struct creating {
    struct changing changing;
    const struct new_role *role;
    int64_t *ret_id;
};

static bool add_rules(struct changing *c, int64_t role_id, const struct rule_row *rules, size_t count,
                      struct error *err)
{
    char uuid[UUID_BYTES];
    int64_t id;
    for (size_t i = 0; i < count; i++) {
        struct rule_row row = rules[i];
        uuid_random(uuid);
        row.id = 0;
        row.uuid = uuid;
        row.role_id = role_id;
        row.position = (int64_t)i;
        if (!rule_write(c->db, &row, &id, err))
            return false;
    }
    return true;
}

static bool overwrite(struct changing *c, const struct new_role *role, int64_t id, struct error *err)
{
    if (!begin(c, id, "role.default_update", err))
        return false;
    if (role->type != c->role.type && !check_unused(c, "role.in_use_update", err))
        return false;
    c->role.type = role->type;
    c->role.is_public = role->is_public;
    c->role.description = role->description ? role->description : c->role.description;
    return role_update(c->db, &c->role, err) && rule_remove_of(c->db, id, err) &&
           add_rules(c, id, role->rules, role->rule_count, err);
}

static bool add(struct changing *c, const struct new_role *role, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    struct role_row row = {.uuid = uuid,
                           .name = role->name,
                           .description = role->description,
                           .type = role->type,
                           .is_public = role->is_public,
                           .state = "enabled"};
    const struct rule_row *rules = role->rules;
    size_t count = role->rule_count;
    if (role->copied_id) {
        if (!read_state(c, role->copied_id, err))
            return false;
        row.type = c->role.type;
        rules = c->rules.items;
        count = c->rules.count;
    }
    uuid_random(uuid);
    return role_write(c->db, &row, ret_id, err) && add_rules(c, *ret_id, rules, count, err);
}

static bool create(struct db *db, void *context, struct error *err)
{
    struct creating *to = context;
    struct changing *c = &to->changing;
    int64_t existing = 0;
    if (!role_id_by_name(db, to->role->name, &existing, err))
        return false;
    if (existing && !to->role->replaces)
        return error_with(err, ERROR_INVALID_VALUE, "role.exists", E_TEXT("name", to->role->name));
    *to->ret_id = existing;
    if (existing ? !overwrite(c, to->role, existing, err) : !add(c, to->role, to->ret_id, err))
        return false;
    return finish(c, *to->ret_id, err);
}

bool role_create(struct db *db, const struct caller *caller, const struct new_role *role, int64_t *ret_id,
                 struct error *err)
{
    struct creating to = {.changing = {.db = db, .caller = caller}, .role = role, .ret_id = ret_id};
    arena_init(&to.changing.arena);
    bool ok = db_transaction(db, create, &to, err);
    arena_free(&to.changing.arena);
    return ok;
}

struct role_changing {
    struct changing changing;
    const struct role_change *change;
};

static bool change(struct db *db, void *context, struct error *err)
{
    struct role_changing *to = context;
    struct changing *c = &to->changing;
    const struct role_change *change = to->change;
    int64_t existing;
    (void)db;
    if (!begin(c, change->id, "role.default_update", err))
        return false;
    if (change->name && !check_name(c, change->name, change->id, &existing, err))
        return false;
    if (change->type && change->type != c->role.type && !check_unused(c, "role.in_use_update", err))
        return false;
    c->role.name = change->name ? change->name : c->role.name;
    c->role.description = change->description ? change->description : c->role.description;
    c->role.state = change->state ? change->state : c->role.state;
    c->role.type = change->type ? change->type : c->role.type;
    c->role.is_public = change->is_public.set ? change->is_public.value : c->role.is_public;
    return role_update(c->db, &c->role, err) && finish(c, change->id, err);
}

bool role_change(struct db *db, const struct caller *caller, const struct role_change *wanted, struct error *err)
{
    struct role_changing to = {.changing = {.db = db, .caller = caller}, .change = wanted};
    arena_init(&to.changing.arena);
    bool ok = db_transaction(db, change, &to, err);
    arena_free(&to.changing.arena);
    return ok;
}

struct one {
    struct changing changing;
    int64_t id;
};

/* An account that takes the role at this moment is stopped by the foreign key: one of both fails. */
static bool delete_role(struct db *db, void *context, struct error *err)
{
    struct one *to = context;
    struct changing *c = &to->changing;
    return begin(c, to->id, "role.default_delete", err) && check_unused(c, "role.in_use_delete", err) &&
           role_remove(db, to->id, err) && version_raise(db, VERSION_ROLES, err);
}

static bool run_one(struct db *db, const struct caller *caller, int64_t id, db_transaction_body *body,
                    struct error *err)
{
    struct one to = {.changing = {.db = db, .caller = caller}, .id = id};
    arena_init(&to.changing.arena);
    bool ok = db_transaction(db, body, &to, err);
    arena_free(&to.changing.arena);
    return ok;
}

bool role_delete(struct db *db, const struct caller *caller, int64_t id, struct error *err)
{
    return run_one(db, caller, id, delete_role, err);
}

/* ---- rules ---- */

struct rule_changing {
    struct changing changing;
    const struct rule_row *rule;
    int64_t role_id, rule_id, *ret_id;
    const struct ref_list *order;
    bool is_allowed;
};

static bool run_rule(struct rule_changing *to, db_transaction_body *body, struct error *err)
{
    arena_init(&to->changing.arena);
    bool ok = db_transaction(to->changing.db, body, to, err);
    arena_free(&to->changing.arena);
    return ok;
}

static bool create_rule(struct db *db, void *context, struct error *err)
{
    struct rule_changing *to = context;
    struct changing *c = &to->changing;
    char uuid[UUID_BYTES];
    if (!begin(c, to->rule->role_id, "role.default_rule_add", err))
        return false;
    if (c->rules.count >= RULES_OF_ROLE_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "role.too_many_rules", E_INT("max", RULES_OF_ROLE_MAX));
    const struct rule_row *rows = c->rules.items;
    struct rule_row row = *to->rule;
    uuid_random(uuid);
    row.uuid = uuid;
    row.position = c->rules.count ? rows[c->rules.count - 1].position + 1 : 0;
    return rule_write(db, &row, to->ret_id, err) && finish(c, row.role_id, err);
}

bool rule_create(struct db *db, const struct caller *caller, const struct rule_row *rule, int64_t *ret_id,
                 struct error *err)
{
    struct rule_changing to = {.changing = {.db = db, .caller = caller}, .rule = rule, .ret_id = ret_id};
    return rule_check_text(rule->rule, err) && run_rule(&to, create_rule, err);
}

static bool has_rule(const struct changing *c, int64_t rule_id)
{
    const struct rule_row *rows = c->rules.items;
    for (size_t i = 0; i < c->rules.count; i++)
        if (rows[i].id == rule_id)
            return true;
    return false;
}

static bool allow_rule(struct db *db, void *context, struct error *err)
{
    struct rule_changing *to = context;
    struct changing *c = &to->changing;
    if (!begin(c, to->role_id, "role.default_rule_update", err))
        return false;
    if (!has_rule(c, to->rule_id))
        return error_set(err, ERROR_INVALID_VALUE, "role.rule_of_another");
    return rule_set_allowed(db, to->rule_id, to->is_allowed, err) && finish(c, to->role_id, err);
}

bool rule_allow(struct db *db, const struct caller *caller, int64_t role_id, int64_t rule_id, bool is_allowed,
                struct error *err)
{
    struct rule_changing to = {
        .changing = {.db = db, .caller = caller}, .role_id = role_id, .rule_id = rule_id, .is_allowed = is_allowed};
    return run_rule(&to, allow_rule, err);
}

/* The same rules, each once. */
static bool is_whole_order(const struct changing *c, const struct ref_list *order)
{
    bool whole = order->count == c->rules.count;
    for (size_t i = 0; whole && i < order->count; i++) {
        whole = has_rule(c, order->items[i].id);
        for (size_t j = 0; whole && j < i; j++)
            whole = order->items[j].id != order->items[i].id;
    }
    return whole;
}

static bool order_rules(struct db *db, void *context, struct error *err)
{
    struct rule_changing *to = context;
    struct changing *c = &to->changing;
    if (!begin(c, to->role_id, "role.default_rule_update", err))
        return false;
    if (!is_whole_order(c, to->order))
        return error_set(err, ERROR_INVALID_VALUE, "role.order_stale");
    for (size_t i = 0; i < to->order->count; i++)
        if (!rule_set_position(db, to->order->items[i].id, (int64_t)i, err))
            return false;
    return finish(c, to->role_id, err);
}

bool rule_order(struct db *db, const struct caller *caller, int64_t role_id, const struct ref_list *ids,
                struct error *err)
{
    struct rule_changing to = {.changing = {.db = db, .caller = caller}, .role_id = role_id, .order = ids};
    return run_rule(&to, order_rules, err);
}

static bool delete_rule(struct db *db, void *context, struct error *err)
{
    struct rule_changing *to = context;
    struct changing *c = &to->changing;
    return begin(c, to->role_id, "role.default_rule_delete", err) && rule_remove(db, to->rule_id, err) &&
           finish(c, to->role_id, err);
}

bool rule_delete(struct db *db, const struct caller *caller, int64_t rule_id, struct error *err)
{
    struct rule_changing to = {.changing = {.db = db, .caller = caller}, .rule_id = rule_id};
    const struct rule_row *rule = NULL;
    struct arena arena;
    arena_init(&arena);
    bool ok = rule_by_id(db, &arena, rule_id, &rule, err);
    if (ok && !rule)
        ok = error_set(err, ERROR_INVALID_VALUE, "role.rule_of_another");
    to.role_id = rule ? rule->role_id : 0;
    ok = ok && run_rule(&to, delete_rule, err);
    arena_free(&arena);
    return ok;
}
