/* Rules of counters and limits: which limit holds where, and what a refusal says. */
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/quota/quota_service.h"
#include "cloud/quota/quota_tag_store.h"

#define LIMIT_SETTING(ident, wire_name, most, what)                                                                    \
    SETTING(ident, .name = wire_name, .category = "Account Defaults", .default_value = most, .type = SETTING_INT,      \
            .min = -1, .max = INT64_MAX, .scopes = SCOPE_GLOBAL, .help = what ", -1: no limit")
LIMIT_SETTING(ACCOUNT_VM_MAX, "max.account.user.vms", "20", "Most instances of an account");
LIMIT_SETTING(ACCOUNT_ADDRESS_MAX, "max.account.public.ips", "20", "Most public addresses of an account");
LIMIT_SETTING(ACCOUNT_VOLUME_MAX, "max.account.volumes", "20", "Most volumes of an account");
LIMIT_SETTING(ACCOUNT_SNAPSHOT_MAX, "max.account.snapshots", "20", "Most snapshots of an account");
LIMIT_SETTING(ACCOUNT_IMAGE_MAX, "max.account.templates", "20", "Most images of an account");
LIMIT_SETTING(ACCOUNT_PROJECT_MAX, "max.account.projects", "10", "Most projects of an account");
LIMIT_SETTING(ACCOUNT_NETWORK_MAX, "max.account.networks", "20", "Most networks of an account");
LIMIT_SETTING(ACCOUNT_VPC_MAX, "max.account.vpcs", "20", "Most VPCs of an account");
LIMIT_SETTING(ACCOUNT_CPU_MAX, "max.account.cpus", "40", "Most processor cores of an account");
LIMIT_SETTING(ACCOUNT_MEMORY_MAX, "max.account.memory", "40960", "Most memory of an account in MiB");
LIMIT_SETTING(ACCOUNT_PRIMARY_MAX, "max.account.primary.storage", "200", "Most primary storage of an account in GiB");
LIMIT_SETTING(ACCOUNT_SECONDARY_MAX, "max.account.secondary.storage", "400",
              "Most secondary storage of an account in GiB");
LIMIT_SETTING(PROJECT_VM_MAX, "max.project.user.vms", "20", "Most instances of a project");
LIMIT_SETTING(PROJECT_ADDRESS_MAX, "max.project.public.ips", "20", "Most public addresses of a project");
LIMIT_SETTING(PROJECT_VOLUME_MAX, "max.project.volumes", "20", "Most volumes of a project");
LIMIT_SETTING(PROJECT_SNAPSHOT_MAX, "max.project.snapshots", "20", "Most snapshots of a project");
LIMIT_SETTING(PROJECT_IMAGE_MAX, "max.project.templates", "20", "Most images of a project");
LIMIT_SETTING(PROJECT_NETWORK_MAX, "max.project.networks", "20", "Most networks of a project");
LIMIT_SETTING(PROJECT_VPC_MAX, "max.project.vpcs", "20", "Most VPCs of a project");
LIMIT_SETTING(PROJECT_CPU_MAX, "max.project.cpus", "40", "Most processor cores of a project");
LIMIT_SETTING(PROJECT_MEMORY_MAX, "max.project.memory", "40960", "Most memory of a project in MiB");
LIMIT_SETTING(PROJECT_PRIMARY_MAX, "max.project.primary.storage", "200", "Most primary storage of a project in GiB");
LIMIT_SETTING(PROJECT_SECONDARY_MAX, "max.project.secondary.storage", "400",
              "Most secondary storage of a project in GiB");
LIMIT_SETTING(DOMAIN_VM_MAX, "max.domain.user.vms", "40", "Most instances of a domain");
LIMIT_SETTING(DOMAIN_ADDRESS_MAX, "max.domain.public.ips", "40", "Most public addresses of a domain");
LIMIT_SETTING(DOMAIN_VOLUME_MAX, "max.domain.volumes", "40", "Most volumes of a domain");
LIMIT_SETTING(DOMAIN_SNAPSHOT_MAX, "max.domain.snapshots", "40", "Most snapshots of a domain");
LIMIT_SETTING(DOMAIN_IMAGE_MAX, "max.domain.templates", "40", "Most images of a domain");
LIMIT_SETTING(DOMAIN_PROJECT_MAX, "max.domain.projects", "50", "Most projects of a domain");
LIMIT_SETTING(DOMAIN_NETWORK_MAX, "max.domain.networks", "40", "Most networks of a domain");
LIMIT_SETTING(DOMAIN_VPC_MAX, "max.domain.vpcs", "40", "Most VPCs of a domain");
LIMIT_SETTING(DOMAIN_CPU_MAX, "max.domain.cpus", "80", "Most processor cores of a domain");
LIMIT_SETTING(DOMAIN_MEMORY_MAX, "max.domain.memory", "81920", "Most memory of a domain in MiB");
LIMIT_SETTING(DOMAIN_PRIMARY_MAX, "max.domain.primary.storage", "400", "Most primary storage of a domain in GiB");
LIMIT_SETTING(DOMAIN_SECONDARY_MAX, "max.domain.secondary.storage", "800", "Most secondary storage of a domain in GiB");

struct kind_rules {
    enum quota_kind kind;
    const char *name;
    bool limited;
};
static const struct kind_rules KINDS[] = {
#define X(ident, number, wire_name, is_limited) {.kind = (number), .name = (wire_name), .limited = (is_limited)},
    QUOTA_KINDS(X)
#undef X
};
/* Whose limits: projects' accounts have their own defaults. */
enum holder_sort { OF_ACCOUNT, OF_PROJECT, OF_DOMAIN, HOLDER_SORTS };
static const struct {
    enum quota_kind kind;
    const struct setting *most[HOLDER_SORTS];
} DEFAULTS[] = {
    {QUOTA_VM, {&ACCOUNT_VM_MAX, &PROJECT_VM_MAX, &DOMAIN_VM_MAX}},
    {QUOTA_ADDRESS, {&ACCOUNT_ADDRESS_MAX, &PROJECT_ADDRESS_MAX, &DOMAIN_ADDRESS_MAX}},
    {QUOTA_VOLUME, {&ACCOUNT_VOLUME_MAX, &PROJECT_VOLUME_MAX, &DOMAIN_VOLUME_MAX}},
    {QUOTA_SNAPSHOT, {&ACCOUNT_SNAPSHOT_MAX, &PROJECT_SNAPSHOT_MAX, &DOMAIN_SNAPSHOT_MAX}},
    {QUOTA_IMAGE, {&ACCOUNT_IMAGE_MAX, &PROJECT_IMAGE_MAX, &DOMAIN_IMAGE_MAX}},
    {QUOTA_PROJECT, {&ACCOUNT_PROJECT_MAX, &ACCOUNT_PROJECT_MAX, &DOMAIN_PROJECT_MAX}},
    {QUOTA_NETWORK, {&ACCOUNT_NETWORK_MAX, &PROJECT_NETWORK_MAX, &DOMAIN_NETWORK_MAX}},
    {QUOTA_VPC, {&ACCOUNT_VPC_MAX, &PROJECT_VPC_MAX, &DOMAIN_VPC_MAX}},
    {QUOTA_CPU, {&ACCOUNT_CPU_MAX, &PROJECT_CPU_MAX, &DOMAIN_CPU_MAX}},
    {QUOTA_MEMORY_MIB, {&ACCOUNT_MEMORY_MAX, &PROJECT_MEMORY_MAX, &DOMAIN_MEMORY_MAX}},
    {QUOTA_PRIMARY_STORAGE_BYTES, {&ACCOUNT_PRIMARY_MAX, &PROJECT_PRIMARY_MAX, &DOMAIN_PRIMARY_MAX}},
    {QUOTA_SECONDARY_STORAGE_BYTES, {&ACCOUNT_SECONDARY_MAX, &PROJECT_SECONDARY_MAX, &DOMAIN_SECONDARY_MAX}},
};

static const struct kind_rules *rules_of(int64_t kind)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if ((int64_t)KINDS[i].kind == kind)
            return &KINDS[i];
    return NULL;
}

const char *quota_kind_name(enum quota_kind kind)
{
    const struct kind_rules *rules = rules_of(kind);
    return rules ? rules->name : NULL;
}

bool quota_is_limited(int64_t kind)
{
    const struct kind_rules *rules = rules_of(kind);
    return rules && rules->limited;
}

int64_t quota_unit(int64_t kind)
{
    return kind == QUOTA_PRIMARY_STORAGE_BYTES || kind == QUOTA_SECONDARY_STORAGE_BYTES ? (int64_t)1 << 30 : 1;
}

/* In the counter's own unit. */
static int64_t default_limit(int64_t kind, enum holder_sort sort)
{
    for (size_t i = 0; i < COUNT_OF(DEFAULTS); i++) {
        if ((int64_t)DEFAULTS[i].kind != kind)
            continue;
        int64_t most = setting_int(DEFAULTS[i].most[sort]);
        return most < 0 || most > INT64_MAX / quota_unit(kind) ? -1 : most * quota_unit(kind);
    }
    return -1;
}

/* ---- changes ---- */

static enum holder_sort sort_of_account(int64_t account_id)
{
    return account_is_project(account_id) ? OF_PROJECT : OF_ACCOUNT;
}

static bool prepare(const struct quota_change *changes, size_t count, enum holder_sort sort,
                    struct counter_change prepared[static QUOTA_CHANGES_MAX], size_t *ret_used)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].delta == 0)
            continue;
        if (used == QUOTA_CHANGES_MAX)
            return false;
        prepared[used++] =
            (struct counter_change){changes[i].kind, changes[i].delta, default_limit(changes[i].kind, sort)};
    }
    *ret_used = used;
    while (used < QUOTA_CHANGES_MAX)
        prepared[used++] = (struct counter_change){-1, 0, -1};
    return true;
}

/* Which change did not fit? Read in the same transaction, for the message only. False: none, as they are read now. */
static bool explain_refusal(const struct owner *owner, const struct counter_change *changes, size_t count,
                            struct db_rows rows, bool of_domain, struct error *err)
{
    const struct counter_row *counters = rows.items;
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < rows.count; r++) {
            if (counters[r].kind != changes[i].kind)
                continue;
            int64_t after = counters[r].used + changes[i].delta, unit = quota_unit(changes[i].kind);
            int64_t limit = counters[r].limit_value.set ? counters[r].limit_value.value : changes[i].default_limit;
            if (after < 0)
                return !error_with(err, ERROR_INTERNAL, "quota.miscounted", E_TEXT("account", owner->account_name));
            if (changes[i].delta > 0 && counters[r].is_closed)
                return !error_with(err, ERROR_DENIED, "quota.account_closed", E_TEXT("account", owner->account_name));
            if (changes[i].delta <= 0 || limit < 0 || after <= limit)
                continue;
            return !error_with(err, ERROR_RESOURCE_ALLOCATION,
                               of_domain ? "quota.domain_exceeded" : "quota.account_exceeded",
                               E_TEXT("type", quota_kind_name((enum quota_kind)changes[i].kind)),
                               E_TEXT("account", owner->account_name), E_TEXT("domain", owner->domain_uuid),
                               E_INT("limit", limit / unit), E_INT("used", counters[r].used / unit),
                               E_INT("requested", changes[i].delta / unit));
        }
    return false;
}

/* The counters fit after all: somebody gave something back, or rolled back, after the UPDATE saw them. */
static bool refuse_account(struct db *db, const struct owner *owner, const struct counter_change *changes, size_t count,
                           struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct db_rows rows = {0};
    if (!counter_list_accounts(db, &arena, &owner->account_id, 1, &rows, err))
        return false;
    return !explain_refusal(owner, changes, count, rows, false, err) && db_conflict(db, err);
}

/* The first domain from the owner's upwards that has no room. */
static bool refuse_domain(struct db *db, const struct owner *owner, const struct counter_change *changes, size_t count,
                          struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct identity_domain *domain = NULL;
    struct owner holder = *owner;
    for (int64_t id = owner->domain_id; id != 0; id = domain ? domain->parent_id : 0) {
        struct db_rows rows = {0};
        if (!identity_find_domain_any(db, &arena, id, &domain, err) ||
            !counter_list_domains(db, &arena, &id, 1, &rows, err))
            return false;
        if (domain)
            holder.domain_uuid = domain->uuid;
        if (explain_refusal(&holder, changes, count, rows, true, err))
            return false;
    }
    return db_conflict(db, err);
}

bool quota_change(struct db *db, const struct owner *owner, const struct quota_change *changes, size_t count,
                  struct error *err)
{
    struct counter_change prepared[QUOTA_CHANGES_MAX];
    size_t used = 0;
    uint64_t rows = 0;
    int64_t above = 0;
    if (!prepare(changes, count, sort_of_account(owner->account_id), prepared, &used))
        return error_with(err, ERROR_INTERNAL, "quota.miscounted", E_TEXT("account", owner->account_name));
    if (used == 0)
        return true;
    if (!counter_change_account(db, owner->account_id, prepared, &rows, err))
        return false;
    if (rows != used)
        return refuse_account(db, owner, prepared, used, err);
    if (!prepare(changes, count, OF_DOMAIN, prepared, &used))
        return false;
    if (!counter_count_domains_above(db, owner->domain_id, &above, err))
        return false;
    if (!counter_change_domains(db, owner->domain_id, prepared, &rows, err))
        return false;
    return rows == used * (uint64_t)above || refuse_domain(db, owner, prepared, used, err);
}

bool quota_raise(struct db *db, const struct owner *owner, enum quota_kind kind, int64_t delta, struct error *err)
{
    return quota_change(db, owner, &(struct quota_change){kind, delta}, 1, err);
}

bool quota_lower(struct db *db, const struct owner *owner, enum quota_kind kind, int64_t delta, struct error *err)
{
    return quota_change(db, owner, &(struct quota_change){kind, -delta}, 1, err);
}

/* ---- reading ---- */

static bool tree_count(struct db *db, const struct list_scope *scope, enum quota_kind kind, int64_t *ret_count,
                       struct error *err)
{
    return counter_of_domain(db, scope->domain_id, kind, ret_count, err);
}

bool quota_count(struct db *db, const struct list_scope *scope, enum quota_kind kind, int64_t *ret_count,
                 struct error *err)
{
    switch (scope->form) {
    case SCOPE_ACCOUNT_ONLY:
        return counter_of_account(db, scope->account_id, kind, ret_count, err);
    case SCOPE_DOMAIN_ONLY:
        return counter_of_domain_accounts(db, scope->domain_id, kind, ret_count, err);
    case SCOPE_DOMAIN_TREE:
        return tree_count(db, scope, kind, ret_count, err);
    case SCOPE_EVERYTHING:
        return counter_of_root(db, kind, ret_count, err);
    }
    return false;
}

static void fill_states(struct arena *arena, struct db_rows rows, bool of_domain, struct quota_holder *holder)
{
    enum holder_sort sort = of_domain ? OF_DOMAIN : sort_of_account(holder->id);
    const struct counter_row *counters = rows.items;
    struct quota_state *states = arena_array(arena, COUNT_OF(KINDS), sizeof(*states));
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        if (counters[i].holder_id != holder->id || !rules_of(counters[i].kind)) /* or a kind of a newer release */
            continue;
        bool has_own = counters[i].limit_value.set;
        states[count++] =
            (struct quota_state){(enum quota_kind)counters[i].kind, counters[i].used,
                                 has_own ? counters[i].limit_value.value : default_limit(counters[i].kind, sort)};
    }
    holder->states = states;
    holder->count = count;
}

static bool read_holders(struct db *db, struct arena *arena, struct quota_holder *holders, size_t count,
                         bool of_domains, struct error *err)
{
    int64_t ids[QUOTA_HOLDERS_MAX];
    struct db_rows rows = {0};
    for (size_t i = 0; i < count; i++)
        ids[i] = holders[i].id;
    if (of_domains ? !counter_list_domains(db, arena, ids, count, &rows, err)
                   : !counter_list_accounts(db, arena, ids, count, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        fill_states(arena, rows, of_domains, &holders[i]);
    return true;
}

bool quota_of_accounts(struct db *db, struct arena *arena, struct quota_holder *holders, size_t count,
                       struct error *err)
{
    return read_holders(db, arena, holders, count, false, err);
}

bool quota_of_domains(struct db *db, struct arena *arena, struct quota_holder *holders, size_t count, struct error *err)
{
    return read_holders(db, arena, holders, count, true, err);
}

static bool read_holder(struct db *db, struct arena *arena, int64_t id, bool is_domain,
                        const struct quota_state **ret_states, size_t *ret_count, struct error *err)
{
    struct quota_holder holder = {.id = id};
    if (!read_holders(db, arena, &holder, 1, is_domain, err))
        return false;
    *ret_states = holder.states;
    *ret_count = holder.count;
    return true;
}

bool quota_of_account(struct db *db, struct arena *arena, int64_t account_id, const struct quota_state **ret_states,
                      size_t *ret_count, struct error *err)
{
    return read_holder(db, arena, account_id, false, ret_states, ret_count, err);
}

bool quota_of_domain(struct db *db, struct arena *arena, int64_t domain_id, const struct quota_state **ret_states,
                     size_t *ret_count, struct error *err)
{
    return read_holder(db, arena, domain_id, true, ret_states, ret_count, err);
}

/* ---- holders ---- */

bool quota_add_account(struct db *db, int64_t account_id, bool unlimited, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (!counter_add_account(db, account_id, KINDS[i].kind, unlimited ? OPT_INT(-1) : (struct opt_int){0}, err))
            return false;
    return true;
}

bool quota_add_domain(struct db *db, int64_t domain_id, bool unlimited, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (!counter_add_domain(db, domain_id, KINDS[i].kind, unlimited ? OPT_INT(-1) : (struct opt_int){0}, err))
            return false;
    return true;
}

bool quota_set_unlimited(struct db *db, int64_t account_id, bool unlimited, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (!counter_limit_account(db, account_id, KINDS[i].kind, unlimited ? OPT_INT(-1) : (struct opt_int){0}, err))
            return false;
    return true;
}

bool quota_close_account(struct db *db, int64_t account_id, bool is_closed, struct error *err)
{
    return counter_close_account(db, account_id, is_closed, err);
}

bool quota_leave_domain(struct db *db, int64_t domain_id, int64_t old_parent_id, struct error *err)
{
    return counter_hold_subtree(db, domain_id, err) && counter_carry(db, domain_id, old_parent_id, -1, err) &&
           tag_counter_carry(db, domain_id, old_parent_id, -1, err);
}

/* A domain that has more than its limit already may keep it, but nothing that uses the kind may join. */
static bool check_joined(struct db *db, struct arena *arena, int64_t domain_id, const struct quota_state *joining,
                         size_t joining_count, struct error *err)
{
    const struct quota_state *states = NULL;
    struct identity_domain *domain = NULL;
    size_t count = 0;
    if (!quota_of_domain(db, arena, domain_id, &states, &count, err) ||
        !identity_find_domain_any(db, arena, domain_id, &domain, err))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < joining_count; j++) {
            bool fits = states[i].kind != joining[j].kind || joining[j].used == 0 || states[i].limit < 0 ||
                        states[i].used <= states[i].limit;
            if (!fits)
                return error_with(err, ERROR_RESOURCE_ALLOCATION, "quota.move_exceeds",
                                  E_TEXT("type", quota_kind_name(states[i].kind)),
                                  E_TEXT("domain", domain ? domain->display_path : ""));
        }
    return true;
}

bool quota_join_domain(struct db *db, int64_t domain_id, int64_t new_parent_id, struct error *err)
{
    struct arena arena;
    struct db_rows above = {0};
    const struct quota_state *joining = NULL;
    size_t count = 0;
    arena_init(&arena);
    bool ok = counter_carry(db, domain_id, new_parent_id, 1, err) &&
              tag_counter_carry(db, domain_id, new_parent_id, 1, err) &&
              quota_of_domain(db, &arena, domain_id, &joining, &count, err) &&
              counter_domains_above(db, &arena, new_parent_id, &above, err);
    for (size_t i = 0; ok && i < above.count; i++)
        ok = check_joined(db, &arena, ((const struct db_number *)above.items)[i].value, joining, count, err);
    arena_free(&arena);
    return ok;
}

bool quota_bootstrap(struct db *db, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (!counter_add_everywhere(db, KINDS[i].kind, err))
            return false;
    return true;
}

bool quota_set_limit(struct db *db, int64_t account_id, int64_t domain_id, int64_t kind, int64_t wire_limit,
                     struct error *err)
{
    int64_t unit = quota_unit(kind);
    if (wire_limit > INT64_MAX / unit)
        return error_set(err, ERROR_INVALID_VALUE, "quota.limit_too_big");
    int64_t limit = wire_limit < 0 ? -1 : wire_limit * unit;
    if (account_id)
        return counter_limit_account(db, account_id, kind, OPT_INT(limit), err);
    return counter_limit_domain(db, domain_id, kind, OPT_INT(limit), err);
}
