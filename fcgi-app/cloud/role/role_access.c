/* What roles may call: the first rule that fits decides, else the command's default roles. One bit a command, computed
 * once for each role and snapshot. */
#include "base/pattern.h"
#include "base/text.h"
#include "base/thread.h"
#include "cloud/role/role_rules.h"

/* ---- words ---- */

static const struct {
    enum role_type type;
    const char *name;
    int64_t wire;
} TYPES[] = {{ROLE_ADMIN, "Admin", 1},
             {ROLE_RESOURCE_ADMIN, "ResourceAdmin", 3},
             {ROLE_DOMAIN_ADMIN, "DomainAdmin", 2},
             {ROLE_USER, "User", 0}};

int64_t role_wire_type(int64_t role_type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if ((int64_t)TYPES[i].type == role_type)
            return TYPES[i].wire;
    return 0;
}

const char *role_type_name(int64_t role_type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if ((int64_t)TYPES[i].type == role_type)
            return TYPES[i].name;
    return "User";
}

bool role_type_of_name(const char *name, int64_t *ret_type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal_ignoring_case(TYPES[i].name, name)) {
            *ret_type = (int64_t)TYPES[i].type;
            return true;
        }
    return false;
}

/* ---- one role, one command ---- */

static int by_position(const void *left, const void *right)
{
    const struct rule_row *a = left, *b = right;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

struct role_rules role_rules_of(struct arena *arena, const struct cache_view *all, int64_t role_id)
{
    const struct rule_row *rows = all->items;
    size_t count = 0, taken = 0;
    for (size_t i = 0; i < all->count; i++)
        count += rows[i].role_id == role_id;
    struct rule_row *items = arena_array(arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < all->count; i++)
        if (rows[i].role_id == role_id)
            items[taken++] = rows[i];
    qsort(items, count, sizeof(*items), by_position);
    return (struct role_rules){items, count};
}

bool role_decides(const struct role_row *role, const struct role_rules *rules, const struct api_command *command,
                  const struct rule_row **ret_rule)
{
    if (ret_rule)
        *ret_rule = NULL;
    if (role->id == ROLE_ID_ROOT_ADMIN)
        return true;
    for (size_t i = 0; i < rules->count; i++) {
        if (!wildcard_matches(rules->items[i].rule, command->name))
            continue;
        if (ret_rule)
            *ret_rule = &rules->items[i];
        return rules->items[i].is_allowed;
    }
    return role->type == ROLE_ADMIN || (command->roles & (unsigned)role->type) != 0;
}

const struct api_command *role_beyond(const struct caller *caller, const struct role_row *role,
                                      const struct role_rules *rules)
{
    size_t count;
    const struct api_command *const *commands = api_all_commands(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_open = (commands[i]->flags & API_NO_LOGIN) != 0;
        if (!is_open && role_decides(role, rules, commands[i], NULL) && !role_allows(caller, commands[i]))
            return commands[i];
    }
    return NULL;
}

/* ---- a bit a command ---- */

/* The newest answer for each role, good for one pair of snapshots. */
static struct mutex known_lock = MUTEX_INITIALIZER;
static struct {
    const struct cache_snapshot *roles, *rules;
    uint64_t version;
    struct arena arena;
    struct {
        int64_t role_id;
        const uint8_t *bits;
    } items[ROLES_MAX];
    size_t count;
} known GUARDED_BY(known_lock);

static const uint8_t *compute_bits(struct arena *arena, const struct cache_view *all_rules, const struct role_row *role,
                                   size_t bytes)
{
    size_t count;
    const struct api_command *const *commands = api_all_commands(&count);
    uint8_t *bits = arena_alloc(arena, bytes);
    bool is_enabled = string_equal(role->state, "enabled");
    struct role_rules rules = role_rules_of(arena, all_rules, role->id);
    for (size_t i = 0; is_enabled && i < count; i++)
        if (role_decides(role, &rules, commands[i], NULL))
            bits[i / 8] |= (uint8_t)(1u << (i % 8));
    return bits;
}

/* Beyond the ceiling nothing is kept: the arena lives as long as the snapshots stay. */
static const uint8_t *find_bits(struct arena *arena, const struct cache_view *rules, const struct role_row *role,
                                size_t bytes) REQUIRES(known_lock)
{
    for (size_t i = 0; i < known.count; i++)
        if (known.items[i].role_id == role->id)
            return known.items[i].bits;
    if (known.count == COUNT_OF(known.items))
        return compute_bits(arena, rules, role, bytes);
    const uint8_t *bits = compute_bits(&known.arena, rules, role, bytes);
    known.items[known.count].role_id = role->id;
    known.items[known.count++].bits = bits;
    return bits;
}

bool role_fill_caller(struct db *db, struct arena *arena, const struct role_row *role, struct caller *caller,
                      struct error *err)
{
    struct cache_view roles, rules;
    size_t count;
    uint64_t version = shared_version_read(VERSION_ROLES);
    if (!role_all(db, arena, &roles, err) || !rule_all(db, arena, &rules, err))
        return false;
    (void)api_all_commands(&count);
    caller->role_id = role->id;
    caller->role_type = (enum role_type)role->type;
    caller->allowed_bytes = count / 8 + 1;
    uint8_t *copy = arena_alloc(arena, caller->allowed_bytes);
    mutex_lock(&known_lock);
    if (known.roles != roles.snapshot || known.rules != rules.snapshot || known.version != version) {
        arena_reset(&known.arena);
        known.roles = roles.snapshot;
        known.rules = rules.snapshot;
        known.version = version;
        known.count = 0;
    }
    memcpy(copy, find_bits(arena, &rules, role, caller->allowed_bytes), caller->allowed_bytes);
    mutex_unlock(&known_lock);
    caller->allowed = copy;
    return true;
}

bool role_allows(const struct caller *caller, const struct api_command *command)
{
    if (caller->user_id == 0)
        return true;
    size_t index = api_command_index(command);
    return caller->allowed && index / 8 < caller->allowed_bytes && (caller->allowed[index / 8] >> (index % 8) & 1);
}

/* ---- who may give what ---- */

bool role_check_covers(struct db *db, struct arena *arena, const struct caller *caller, const struct role_row *role,
                       struct error *err)
{
    struct cache_view all;
    if (caller->user_id == 0 || caller->role_id == ROLE_ID_ROOT_ADMIN || caller->role_id == role->id)
        return true;
    if (!rule_all(db, arena, &all, err))
        return false;
    struct role_rules rules = role_rules_of(arena, &all, role->id);
    bool is_lesser = role->type >= (int64_t)caller->role_type;
    return (is_lesser && !role_beyond(caller, role, &rules)) ||
           error_with(err, ERROR_DENIED, "role.too_high", E_TEXT("role", role->name));
}

bool role_check_given(struct db *db, struct arena *arena, const struct caller *caller, const struct role_row *role,
                      struct error *err)
{
    if (!string_equal(role->state, "enabled"))
        return error_with(err, ERROR_INVALID_VALUE, "role.is_disabled", E_TEXT("role", role->name));
    return role_check_covers(db, arena, caller, role, err);
}
