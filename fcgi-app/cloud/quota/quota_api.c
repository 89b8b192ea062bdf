/* listResourceLimits, updateResourceLimit and updateResourceCount. */
#include <strings.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/quota/quota_service.h"

/* A limit, or what is used of it. */
struct limit_response {
    const char *resourcetype, *resourcetypename, *tag;
    struct shown_owner owner;
    int64_t max, resourcecount;
};
#define LIMIT(member, ...) FIELD(struct limit_response, member, __VA_ARGS__)
FIELD_TABLE(LIMIT_RESPONSE, struct limit_response,
            OWNER_FIELDS(struct limit_response, owner, "the limit is of; absent for a domain's"),
            OWNER_PATH_FIELD(struct limit_response, owner),
            LIMIT(resourcetype, .help = "The number of the resource type"),
            LIMIT(resourcetypename, .help = "The name of the resource type"),
            LIMIT(tag, .since = "4.20.0", .help = "The host or storage tag whose resources alone it limits"),
            LIMIT(max, .help = "The limit; -1: none; storage in GiB, memory in MiB"));

struct list_limits_args {
    struct opt_int id, resourcetype;
    const char *resourcetypename, *tag;
    struct opt_bool isrecursive, listall;
};
#define LIST(member, ...) FIELD(struct list_limits_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_LIMITS_ARGS, struct list_limits_args,
            LIST(id, .help = "Lists the limit of this number",
                 .no_effect = "limits are named by holder and resource type"),
            LIST(isrecursive, .help = "Tenant domains below too", .no_effect = "the limits of one holder are listed"),
            LIST(listall, .help = "All that the caller may see", .no_effect = "the limits of one holder are listed"),
            LIST(resourcetype, .help = "Lists only this resource type: 0 user_vm, 1 public_ip, 2 volume, 3 snapshot, 4 "
                                       "template, 5 project, 6 network, "
                                       "7 vpc, 8 cpu, 9 memory, 10 primary_storage, 11 secondary_storage"),
            LIST(resourcetypename, .help = "Lists only the resource type of this name"),
            LIST(tag, .since = "4.20.0", .help = "Lists only limits for resources with this tag"));

/* Whose limits: an account's, else a domain's (account_id 0). */
struct holder {
    int64_t account_id, domain_id;
    const struct identity_account *account; /* NULL: a domain's */
};

static bool holder_of_account(struct api_call *call, int64_t account_id, struct holder *ret_holder, struct error *err)
{
    struct identity_account *account = NULL;
    if (!identity_find_account_any(call->db, call->arena, account_id, &account, err))
        return false;
    *ret_holder =
        (struct holder){.account_id = account_id, .domain_id = account ? account->domain_id : 0, .account = account};
    return true;
}

/* domainid alone means the domain itself; everything else means an account, or that of a project. */
static bool holder_of_scope(struct api_call *call, struct holder *ret_holder, struct error *err)
{
    *ret_holder = (struct holder){.domain_id = call->scope.domain_id};
    return call->scope.form == SCOPE_DOMAIN_ONLY || call->scope.form == SCOPE_DOMAIN_TREE ||
           holder_of_account(call, call->scope.account_id, ret_holder, err);
}

static bool fill_limit(struct api_call *call, const struct holder *holder, const struct quota_tag_state *limit,
                       struct limit_response *to, struct error *err)
{
    const struct quota_state *state = &limit->state;
    *to = (struct limit_response){.resourcetype = arena_printf(call->arena, "%d", (int)state->kind),
                                  .resourcetypename = quota_kind_name(state->kind),
                                  .tag = limit->tag,
                                  .max = state->limit < 0 ? -1 : state->limit / quota_unit(state->kind),
                                  .resourcecount = state->used};
    return holder->account_id ? identity_show_owner(call->db, call->arena, holder->account_id, &to->owner, err)
                              : identity_show_domain(call->db, call->arena, holder->domain_id, &to->owner, err);
}

/* All limits of a holder: the plain ones, then those by tag. */
static bool limits_of(struct api_call *call, const struct holder *holder, const struct quota_tag_state **ret_limits,
                      size_t *ret_count, struct error *err)
{
    const struct quota_state *states = NULL;
    struct quota_tag_states tagged = {NULL, 0};
    size_t plain = 0;
    int64_t id = holder->account_id ? holder->account_id : holder->domain_id;
    if (holder->account_id ? !quota_of_account(call->db, call->arena, id, &states, &plain, err)
                           : !quota_of_domain(call->db, call->arena, id, &states, &plain, err))
        return false;
    if (!quota_tags_of_holders(call->db, call->arena, holder->account_id == 0, &id, 1, &tagged, err))
        return false;
    struct quota_tag_state *limits = arena_array(call->arena, plain + tagged.count, sizeof(*limits));
    for (size_t i = 0; i < plain; i++)
        limits[i] = (struct quota_tag_state){states[i], NULL};
    for (size_t i = 0; i < tagged.count; i++)
        limits[plain + i] = tagged.items[i];
    *ret_limits = limits;
    *ret_count = plain + tagged.count;
    return true;
}

static bool limit_matches(const struct list_limits_args *args, const struct quota_tag_state *limit)
{
    if (!quota_is_limited(limit->state.kind))
        return false;
    if (args->tag && !string_equal_ignoring_case(args->tag, limit->tag))
        return false;
    if (args->resourcetype.set && args->resourcetype.value != (int64_t)limit->state.kind)
        return false;
    return !args->resourcetypename || strcasecmp(args->resourcetypename, quota_kind_name(limit->state.kind)) == 0;
}

static bool list_limits(struct api_call *call, const void *arguments, struct error *err)
{
    struct holder holder = {0};
    const struct quota_tag_state *limits = NULL;
    size_t count = 0, taken = 0;
    int64_t total = 0;
    if (!holder_of_scope(call, &holder, err) || !limits_of(call, &holder, &limits, &count, err))
        return false;
    struct limit_response *responses = arena_array(call->arena, count, sizeof(*responses));
    for (size_t i = 0; i < count; i++) {
        if (!limit_matches(arguments, &limits[i]) ||
            !page_keyword_matches(&call->page, quota_kind_name(limits[i].state.kind)))
            continue;
        bool on_page = total >= call->page.offset && total < call->page.offset + call->page.limit;
        total++;
        if (on_page && !fill_limit(call, &holder, &limits[i], &responses[taken++], err))
            return false;
    }
    api_reply_list(call, responses, taken, total);
    return true;
}

struct update_limit_args {
    struct opt_int max;
    int64_t resourcetype;
    const char *account, *tag;
    struct object_ref domainid, projectid;
};
FIELD_TABLE(UPDATE_LIMIT_ARGS, struct update_limit_args,
            FIELD(struct update_limit_args, resourcetype, .flags = FIELD_REQUIRED,
                  .help = "The number of the resource type"),
            FIELD(struct update_limit_args, max, .min = -1, .max = INT64_MAX,
                  .help = "The new limit; -1: none; absent: none"),
            FIELD(struct update_limit_args, account, .help = "The account; goes with domainid"),
            FIELD(struct update_limit_args, domainid, .refers_to = "domain",
                  .help = "The account's domain, or alone: the domain whose limit it is"),
            FIELD(struct update_limit_args, projectid, .refers_to = "project", .help = "The project"),
            FIELD(struct update_limit_args, tag, .max = 64, .since = "4.20.0",
                  .help = "Only resources with this tag, one of resource.limit.host.tags or "
                          "resource.limit.storage.tags"));

/* Nobody sets his own limits, nor those of ROOT. */
static bool check_holder(const struct api_call *call, const struct holder *holder, struct error *err)
{
    bool own = holder->account_id ? holder->account_id == call->caller->account_id
                                  : holder->domain_id == call->caller->domain_id && !caller_is_root_admin(call->caller);
    if (!holder->account_id && holder->domain_id == 1)
        return error_set(err, ERROR_DENIED, "quota.root_domain");
    if (own)
        return error_set(err, ERROR_DENIED, "quota.own_limit");
    return true;
}

/* To be a member of a project elsewhere is not to administer its domain. */
static bool check_project(const struct api_call *call, const struct identity_account *account, const char *uuid,
                          struct error *err)
{
    return caller_may_reach(call->caller, 0, account ? account->domain_path : NULL) ||
           api_refuse_object(call, "Project", uuid, err);
}

static bool find_holder(struct api_call *call, const struct update_limit_args *args, struct holder *ret_holder,
                        struct error *err)
{
    struct owner owner = {.account_id = call->caller->account_id};
    if (args->account && args->projectid.id)
        return error_set(err, ERROR_INVALID_VALUE, "api.account_and_project");
    if (args->account && !identity_owner_by_name(call, args->account, args->domainid.uuid, &owner, err))
        return false;
    if (args->projectid.id)
        owner.account_id = -args->projectid.id;
    *ret_holder = (struct holder){.domain_id = args->domainid.id};
    bool of_domain = args->domainid.id && !args->account && !args->projectid.id;
    if (!of_domain && !holder_of_account(call, owner.account_id, ret_holder, err))
        return false;
    return !args->projectid.id || check_project(call, ret_holder->account, args->projectid.uuid, err);
}

static bool is_limit(const struct quota_tag_state *limit, int64_t kind, const char *tag)
{
    return (int64_t)limit->state.kind == kind &&
           (tag ? string_equal_ignoring_case(limit->tag, tag) : limit->tag == NULL);
}

static bool update_limit(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_limit_args *args = arguments;
    struct holder holder = {0};
    const struct quota_tag_state *limits = NULL;
    struct limit_response *response = ARENA_NEW(call->arena, struct limit_response);
    size_t count = 0;
    int64_t most = args->max.set ? args->max.value : -1;
    if (!quota_is_limited(args->resourcetype))
        return error_with(err, ERROR_INVALID_VALUE, "quota.no_such_type", E_INT("type", args->resourcetype));
    if (!find_holder(call, args, &holder, err) || !check_holder(call, &holder, err))
        return false;
    if (args->tag ? !quota_set_tag_limit(call->db, holder.account_id, holder.domain_id, args->resourcetype, args->tag,
                                         most, err)
                  : !quota_set_limit(call->db, holder.account_id, holder.domain_id, args->resourcetype, most, err))
        return false;
    if (!limits_of(call, &holder, &limits, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_limit(&limits[i], args->resourcetype, args->tag) &&
            !fill_limit(call, &holder, &limits[i], response, err))
            return false;
    api_reply_object(call, response);
    return true;
}

/* ---- updateResourceCount ---- */

FIELD_TABLE(COUNT_RESPONSE, struct limit_response,
            OWNER_FIELDS(struct limit_response, owner, "was counted; absent for a domain"),
            OWNER_PATH_FIELD(struct limit_response, owner),
            LIMIT(resourcetype, .help = "The number of the resource type"),
            LIMIT(resourcetypename, .help = "The name of the resource type"),
            LIMIT(resourcecount, .help = "How much of it there is; storage in bytes, memory in MiB"),
            LIMIT(tag, .since = "4.20.0", .help = "The host or storage tag whose resources alone were counted"));

struct update_count_args {
    struct object_ref domainid, projectid;
    const char *account, *tag;
    struct opt_int resourcetype;
};
FIELD_TABLE(UPDATE_COUNT_ARGS, struct update_count_args,
            FIELD(struct update_count_args, domainid, .flags = FIELD_REQUIRED, .refers_to = "domain",
                  .help = "The domain whose sub-tree is counted, or the account's domain"),
            FIELD(struct update_count_args, account, .help = "The account that is counted"),
            FIELD(struct update_count_args, projectid, .refers_to = "project", .help = "The project that is counted"),
            FIELD(struct update_count_args, resourcetype,
                  .help = "Counts only this resource type; all that can be counted when absent"),
            FIELD(struct update_count_args, tag, .max = 64, .since = "4.20.0",
                  .help = "Counts only resources with this tag"));

/* Told are those that were asked for. */
static bool reply_counts(struct api_call *call, const struct holder *holder, const struct update_count_args *args,
                         struct error *err)
{
    const struct quota_tag_state *limits = NULL;
    const struct list_limits_args asked = {.resourcetype = args->resourcetype, .tag = args->tag};
    size_t count = 0, taken = 0;
    if (!limits_of(call, holder, &limits, &count, err))
        return false;
    struct limit_response *responses = arena_array(call->arena, count, sizeof(*responses));
    for (size_t i = 0; i < count; i++)
        if (limit_matches(&asked, &limits[i]) && !fill_limit(call, holder, &limits[i], &responses[taken++], err))
            return false;
    api_reply_list(call, responses, taken, (int64_t)taken);
    return true;
}

static bool update_count(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_count_args *args = arguments;
    const struct update_limit_args named = {
        .account = args->account, .domainid = args->domainid, .projectid = args->projectid};
    struct holder holder = {0};
    int64_t kind = args->resourcetype.set ? args->resourcetype.value : -1;
    if (args->resourcetype.set && !quota_is_limited(kind))
        return error_with(err, ERROR_INVALID_VALUE, "quota.no_such_type", E_INT("type", kind));
    if (args->resourcetype.set && args->tag && !quota_tag_is_limited(kind, args->tag))
        return error_with(err, ERROR_INVALID_VALUE, "quota.no_such_tag", E_TEXT("tag", args->tag),
                          E_TEXT("type", quota_kind_name((enum quota_kind)kind)));
    if (!find_holder(call, &named, &holder, err))
        return false;
    return quota_recount(call->db, call->arena, holder.account_id, holder.domain_id, kind, args->tag, err) &&
           reply_counts(call, &holder, args, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "listResourceLimits",
     .summary = "Lists the limits of an account or a domain",
     .object_key = "resourcelimit",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_LIMITS_ARGS,
     .response = &LIMIT_RESPONSE,
     .handle = list_limits,
     .group = "Limit"},
    {.name = "updateResourceLimit",
     .summary = "Sets a limit of an account or a domain",
     .object_key = "resourcelimit",
     .event = "RESOURCE.LIMIT.UPDATE",
     .mode = API_SYNC,
     .roles = ROLES_ADMINS,
     .params = &UPDATE_LIMIT_ARGS,
     .response = &LIMIT_RESPONSE,
     .handle = update_limit,
     .group = "Limit"},
    {.name = "updateResourceCount",
     .summary = "Counts what an account or a domain's sub-tree has, and sets the counters right",
     .object_key = "resourcecount",
     .event = "RESOURCE.COUNT.UPDATE",
     .mode = API_LIST,
     .flags = API_WHOLE_LIST,
     .roles = ROLES_ADMINS,
     .params = &UPDATE_COUNT_ARGS,
     .response = &COUNT_RESPONSE,
     .handle = update_count,
     .group = "Limit"},
    {.name = NULL},
};

void quota_register(void)
{
    api_register_commands(COMMANDS);
}
