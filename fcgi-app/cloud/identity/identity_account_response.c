/* Accounts as replies show them, with what hangs on them. */
#include "base/text.h"
#include "cloud/icon/icon.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

#define ACCOUNT(member, ...) FIELD(struct account_response, member, __VA_ARGS__)
#define ACCOUNT_RESOURCE(prefix, kind, what) RESOURCE_FIELDS(struct account_response, prefix, what)
FIELD_TABLE(ACCOUNT_RESPONSE, struct account_response, ACCOUNT(id, .help = "The account"),
            ICON_FIELD(struct account_response), ACCOUNT(name, .help = "The account's name"),
            ACCOUNT(accounttype, .help = "The account's type: 0 user, 1 root admin, 2 domain admin, 3 resource admin"),
            ACCOUNT(roleid, .help = "The account's role"), ACCOUNT(roletype, .help = "The type of that role"),
            ACCOUNT(rolename, .help = "The name of that role"), ACCOUNT(domainid, .help = "The account's domain"),
            ACCOUNT(domain, .help = "The name of that domain"),
            ACCOUNT(domainpath, .since = "4.13", .help = "The path of that domain") LIMITED_RESOURCES(ACCOUNT_RESOURCE),
            ACCOUNT(vmstopped, .help = "Number of instances that do not run"),
            ACCOUNT(vmrunning, .help = "Number of instances that run"),
            ACCOUNT(state, .help = "enabled, disabled or locked"),
            ACCOUNT(iscleanuprequired, .help = "True while a deleted account still owns something"),
            ACCOUNT(created, .help = "When the account was made"),
            ACCOUNT(user, .help = "The account's users", .table = &USER_RESPONSE),
            ACCOUNT(networkdomain, .help = "The DNS domain of the account's networks"),
            ACCOUNT(accountdetails, .help = "Free details of the account"),
            ACCOUNT(taggedresources, .since = "4.20.0", .table = &TAGGED_RESPONSE,
                    .help = "Limits and use of resources with a tag"),
            ACCOUNT(isdefault, .since = "4.2.0", .help = "True for accounts that cannot be deleted"),
            ACCOUNT(apikeyaccess, .since = "4.20.1.0",
                    .help = "Whether its users' keys may be used: ENABLED, DISABLED or INHERIT"));

/* ---- rows to replies ---- */

static const char *limit_text(struct arena *arena, int64_t limit, int64_t unit)
{
    return limit < 0 ? "Unlimited" : arena_printf(arena, "%lld", (long long)(limit / unit));
}

static const char *available_text(struct arena *arena, const struct quota_state *state, int64_t unit)
{
    int64_t left = state->limit - state->used;
    return state->limit < 0 ? "Unlimited" : arena_printf(arena, "%lld", (long long)((left > 0 ? left : 0) / unit));
}

static const struct quota_state *state_of(const struct quota_state *states, size_t count, enum quota_kind kind)
{
    for (size_t i = 0; i < count; i++)
        if (states[i].kind == kind)
            return &states[i];
    return NULL;
}

static void fill_resource(struct arena *arena, const struct quota_state *state, const char **limit,
                          struct opt_int *total, const char **available)
{
    if (!state)
        return;
    bool in_bytes = state->kind == QUOTA_PRIMARY_STORAGE_BYTES || state->kind == QUOTA_SECONDARY_STORAGE_BYTES;
    int64_t unit = in_bytes ? (int64_t)1 << 30 : 1;
    *limit = limit_text(arena, state->limit, unit);
    *total = OPT_INT(state->used / unit);
    *available = available_text(arena, state, unit);
}

void identity_fill_resources(struct arena *arena, const struct quota_state *states, size_t count,
                             struct resource_members *to)
{
#define X(prefix, kind, what)                                                                                          \
    fill_resource(arena, state_of(states, count, kind), &to->prefix##limit, &to->prefix##total, &to->prefix##available);
    LIMITED_RESOURCES(X)
#undef X
}

#define TAGGED(member, ...) FIELD(struct tagged_response, member, __VA_ARGS__)
FIELD_TABLE(TAGGED_RESPONSE, struct tagged_response, TAGGED(resourcetype, .help = "The number of the resource type"),
            TAGGED(resourcetypename, .help = "The name of the resource type"),
            TAGGED(tag, .help = "The host or storage tag"), TAGGED(limit, .help = "The limit; -1: none"),
            TAGGED(total, .help = "How much is in use"),
            TAGGED(available, .help = "How much is still available; -1: no limit"));

struct object_list identity_tagged_resources(struct arena *arena, const struct quota_tag_states *states,
                                             const char *tag)
{
    struct tagged_response *responses = arena_array(arena, states->count, sizeof(*responses));
    size_t count = 0;
    for (size_t i = 0; i < states->count; i++) {
        const struct quota_state *state = &states->items[i].state;
        int64_t unit = quota_unit(state->kind), left = state->limit - state->used;
        if (tag && !string_equal_ignoring_case(tag, states->items[i].tag))
            continue;
        responses[count++] =
            (struct tagged_response){.resourcetypename = quota_kind_name(state->kind),
                                     .tag = states->items[i].tag,
                                     .resourcetype = (int32_t)state->kind,
                                     .limit = state->limit < 0 ? -1 : state->limit / unit,
                                     .total = state->used / unit,
                                     .available = state->limit < 0 ? -1 : (left > 0 ? left : 0) / unit};
    }
    return (struct object_list){responses, count, count > 0};
}

/* ---- what hangs on a page of accounts: read for many at once ---- */

static void fill_counters(struct arena *arena, const struct quota_holder *holder, struct account_response *to)
{
    identity_fill_resources(arena, holder->states, holder->count, &to->resources);
    const struct quota_state *all = state_of(holder->states, holder->count, QUOTA_VM),
                             *running = state_of(holder->states, holder->count, QUOTA_RUNNING_VM);
    if (!all || !running)
        return;
    to->vmrunning = OPT_INT(running->used);
    to->vmstopped = OPT_INT(all->used > running->used ? all->used - running->used : 0);
}

static bool fill_users(struct api_call *call, int64_t account_id, const struct db_rows *users, struct factor_rule *rule,
                       struct object_list *to, struct error *err)
{
    const struct user_row *rows = users->items;
    struct user_response *responses = arena_array(call->arena, users->count, sizeof(*responses));
    size_t count = 0;
    for (size_t i = 0; i < users->count; i++)
        if (rows[i].account_id == account_id && !identity_fill_user(call, &rows[i], rule, &responses[count++], err))
            return false;
    *to = (struct object_list){responses, count, true};
    return true;
}

static struct pair_list details_of(struct arena *arena, int64_t account_id, const struct db_rows *details)
{
    const struct account_detail_row *rows = details->items;
    struct pair_list pairs = {.items = NULL};
    for (size_t i = 0; i < details->count; i++) {
        if (rows[i].account_id != account_id)
            continue;
        if (!pairs.items)
            pairs.items = arena_array(arena, details->count, sizeof(*pairs.items));
        pairs.items[pairs.count++] = (struct pair){rows[i].name, rows[i].value};
    }
    return pairs;
}

static bool fill_account(struct api_call *call, const struct account_row *row, struct account_response *to,
                         struct error *err)
{
    const struct domain_row *domain = NULL;
    const struct role_row *role = NULL;
    if (!domain_by_id(call->db, call->arena, row->domain_id, &domain, err) ||
        !role_by_id(call->db, call->arena, row->role_id, &role, err))
        return false;
    *to = (struct account_response){.id = row->uuid,
                                    .name = row->name,
                                    .state = row->state,
                                    .networkdomain = row->network_domain,
                                    .apikeyaccess = identity_key_access_text(call->arena, row->api_key_access),
                                    .iscleanuprequired = row->cleanup_needed,
                                    .isdefault = row->is_default,
                                    .created = row->created,
                                    .accounttype = (int32_t)role_wire_type(role ? role->type : ROLE_USER)};
    if (domain) {
        to->domainid = domain->uuid;
        to->domain = domain->name;
        to->domainpath = access_display_path(call->arena, domain->path);
    }
    if (role) {
        to->roleid = role->uuid;
        to->roletype = role_type_name(role->type);
        to->rolename = role->name;
    }
    return true;
}

static bool fill_some(struct api_call *call, const struct account_row *rows, size_t count, struct telling telling,
                      struct account_response *to, struct error *err)
{
    int64_t ids[QUOTA_HOLDERS_MAX];
    struct quota_holder holders[QUOTA_HOLDERS_MAX];
    struct quota_tag_states tagged[QUOTA_HOLDERS_MAX];
    struct db_rows users = {0}, details = {0};
    struct factor_rule rule = {.domain_id = 0};
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].id;
        holders[i] = (struct quota_holder){.id = rows[i].id};
    }
    if (!account_prefetch(call->db, call->arena, ids, count, err) ||
        !users_of_accounts(call->db, call->arena, ids, count, &users, err))
        return false;
    if (telling.resources && (!quota_of_accounts(call->db, call->arena, holders, count, err) ||
                              !quota_tags_of_holders(call->db, call->arena, false, ids, count, tagged, err)))
        return false;
    if (telling.details && !account_details(call->db, call->arena, ids, count, &details, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!fill_account(call, &rows[i], &to[i], err) ||
            !fill_users(call, rows[i].id, &users, &rule, &to[i].user, err))
            return false;
        if (telling.resources)
            fill_counters(call->arena, &holders[i], &to[i]);
        if (telling.resources)
            to[i].taggedresources = identity_tagged_resources(call->arena, &tagged[i], telling.tag);
        to[i].accountdetails = details_of(call->arena, rows[i].id, &details);
    }
    return true;
}

bool identity_fill_accounts(struct api_call *call, const struct account_row *rows, size_t count, struct telling telling,
                            struct account_response *to, struct error *err)
{
    _Static_assert((int)QUOTA_HOLDERS_MAX == (int)ENTRY_BATCH, "one batch for all that is read");
    for (size_t i = 0; i < count; i += QUOTA_HOLDERS_MAX) {
        size_t some = count - i < QUOTA_HOLDERS_MAX ? count - i : QUOTA_HOLDERS_MAX;
        if (!fill_some(call, rows + i, some, telling, to + i, err))
            return false;
    }
    return true;
}

static const struct telling EVERYTHING = {true, true, NULL};

/* ---- the kind ---- */

static bool find_account(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                         bool *ret_exists, struct error *err)
{
    const struct account_row *row = NULL;
    const struct domain_row *domain = NULL;
    if (!account_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && row->removed_id == 0 && !account_is_project(row->id);
    if (!*ret_exists)
        return true;
    if (!domain_by_id(db, arena, row->domain_id, &domain, err))
        return false;
    *ret_found = (struct object_found){row->id, row->id, domain ? domain->path : NULL, OBJECT_OWNED, row->name};
    return true;
}

static bool describe_accounts(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                              size_t *ret_count, struct error *err)
{
    struct account_row *rows = arena_array(call->arena, count, sizeof(*rows));
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct account_row *row = NULL;
        if (!account_by_id(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row)
            rows[(*ret_count)++] = *row;
    }
    return identity_fill_accounts(call, rows, *ret_count, EVERYTHING, ret_objects, err);
}

const struct object_kind ACCOUNT_KIND = {.name = "account",
                                         .wire_type = "Account",
                                         .object_key = "account",
                                         .response = &ACCOUNT_RESPONSE,
                                         .find = find_account,
                                         .describe = describe_accounts};
