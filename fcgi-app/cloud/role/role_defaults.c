/* The roles that every cloud begins with. The first four have no rules: the commands' default roles decide. The others
 * may read, or read and support, and nothing else; their rules follow the commands of the release. */
#include "base/pattern.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/role/role_store.h"
#include "db/version.h"

struct built_in {
    int64_t id;
    const char *name, *description;
    int64_t type;
    const char *const *allowed; /* wildcards, NULL-terminated; NULL: no rules at all */
};

#define READING "list*", "get*", "queryAsyncJobResult", "explain", "cloudianIsEnabled", "quotaIsEnabled", NULL
#define SUPPORTING                                                                                                     \
    "startVirtualMachine", "stopVirtualMachine", "rebootVirtualMachine", "createVolume", "attachVolume",               \
        "detachVolume", "uploadVolume", "attachIso", "detachIso", "registerTemplate", "registerIso",                   \
        "getUploadParamsFor*"
static const char *const READ_ONLY[] = {READING};
static const char *const SUPPORT_ADMIN[] = {"prepareHostForMaintenance",
                                            "cancelHostMaintenance",
                                            "enableStorageMaintenance",
                                            "cancelStorageMaintenance",
                                            "createServiceOffering",
                                            "createDiskOffering",
                                            "createNetworkOffering",
                                            "createVPCOffering",
                                            SUPPORTING,
                                            READING};
static const char *const SUPPORT_USER[] = {SUPPORTING, READING};
/* What looks like reading and gives a right to write. */
static const char NOT_READING[] = "getUploadParamsFor*";

static const struct built_in BUILT_IN[] = {
    {ROLE_ID_ROOT_ADMIN, "Root Admin", "Default root admin role", ROLE_ADMIN, NULL},
    {ROLE_ID_RESOURCE_ADMIN, "Resource Admin", "Default resource admin role", ROLE_RESOURCE_ADMIN, NULL},
    {ROLE_ID_DOMAIN_ADMIN, "Domain Admin", "Default domain admin role", ROLE_DOMAIN_ADMIN, NULL},
    {ROLE_ID_USER, "User", "Default user role", ROLE_USER, NULL},
    {5, "Read-Only Admin - Default", "Default read-only admin role", ROLE_ADMIN, READ_ONLY},
    {6, "Read-Only User - Default", "Default read-only user role", ROLE_USER, READ_ONLY},
    {7, "Support Admin - Default", "Default support admin role", ROLE_ADMIN, SUPPORT_ADMIN},
    {8, "Support User - Default", "Default support user role", ROLE_USER, SUPPORT_USER},
};

/* ---- the rules that a built-in role should have ---- */

struct rule_list {
    struct arena *arena;
    struct rule_row *items;
    size_t count;
    int64_t role_id;
};

static void add_rule(struct rule_list *list, const char *rule, bool is_allowed)
{
    if (list->count == RULES_OF_ROLE_MAX)
        return;
    list->items[list->count] = (struct rule_row){
        .role_id = list->role_id, .position = (int64_t)list->count, .rule = rule, .is_allowed = is_allowed};
    list->count++;
}

static bool fits_any(const char *const *wildcards, const char *name)
{
    for (; *wildcards; wildcards++)
        if (wildcard_matches(*wildcards, name))
            return true;
    return false;
}

/* A wildcard would give a plain user what only administrators read: users' roles name each command that users have by
 * default. */
static void add_for_users(struct rule_list *list, const char *const *allowed)
{
    size_t count;
    const struct api_command *const *commands = api_all_commands(&count);
    for (size_t i = 0; i < count; i++)
        if ((commands[i]->roles & ROLE_USER) && fits_any(allowed, commands[i]->name))
            add_rule(list, commands[i]->name, true);
}

static void wanted_rules(const struct built_in *role, struct rule_list *list)
{
    list->items = arena_array(list->arena, RULES_OF_ROLE_MAX, sizeof(*list->items));
    list->role_id = role->id;
    if (!role->allowed)
        return;
    if (role->allowed == READ_ONLY)
        add_rule(list, NOT_READING, false);
    if (role->type == ROLE_ADMIN)
        for (size_t i = 0; role->allowed[i]; i++)
            add_rule(list, role->allowed[i], true);
    else
        add_for_users(list, role->allowed);
    add_rule(list, "*", false);
}

/* ---- storing them ---- */

static bool is_stored(const struct rule_list *wanted, const struct db_rows *stored)
{
    const struct rule_row *rows = stored->items;
    bool same = stored->count == wanted->count;
    for (size_t i = 0; same && i < wanted->count; i++)
        same = string_equal(rows[i].rule, wanted->items[i].rule) && rows[i].is_allowed == wanted->items[i].is_allowed;
    return same;
}

static bool store_rules(struct db *db, struct rule_list *wanted, struct error *err)
{
    char uuid[UUID_BYTES];
    int64_t id;
    if (!rule_remove_of(db, wanted->role_id, err))
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        uuid_random(uuid);
        wanted->items[i].uuid = uuid;
        if (!rule_write(db, &wanted->items[i], &id, err))
            return false;
    }
    return true;
}

static bool store(struct db *db, struct arena *arena, const struct built_in *role, struct error *err)
{
    struct rule_list wanted = {.arena = arena};
    struct role_row row = {0};
    struct db_rows rules = {0};
    char uuid[UUID_BYTES];
    bool exists = false;
    int64_t id;
    if (!role_read(db, arena, role->id, &row, &exists, err))
        return false;
    uuid_random(uuid);
    row = (struct role_row){role->id, uuid, role->name, role->description, role->type, true, true, "enabled"};
    if (!exists && !role_write(db, &row, &id, err))
        return false;
    wanted_rules(role, &wanted);
    if (!rule_read_of(db, arena, role->id, &rules, err))
        return false;
    return is_stored(&wanted, &rules) || store_rules(db, &wanted, err);
}

bool role_make_built_in(struct db *db, struct error *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena);
    for (size_t i = 0; ok && i < COUNT_OF(BUILT_IN); i++)
        ok = store(db, &arena, &BUILT_IN[i], err);
    arena_free(&arena);
    return ok && version_raise(db, VERSION_ROLES, err);
}
