/* listNetworks: shared networks that the caller may see, then those of accounts. SQL is in network_list.c. */
#include <inttypes.h>

#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/network/network_api.h"

struct list_networks_args {
    const char *acltype, *associatednetworkid, *name, *networkfilter, *traffictype, *type, *vlan, *vpcid;
    struct opt_bool canusefordeploy, displaynetwork, forvpc, issystem, restartrequired, showicon, specifyipranges;
    struct object_ref id, networkofferingid, physicalnetworkid, zoneid;
    struct string_list supportedservices;
    struct map_list tags;
};
#define P(member, ...) FIELD(struct list_networks_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_NETWORKS_PARAMS, struct list_networks_args,
    P(acltype, .help = "Account or Domain: whom it belongs to"),
    P(associatednetworkid, .since = "4.17.0", .help = "the network that it is associated with",
      .no_effect = "networks are not associated"),
    P(canusefordeploy, .help = "instances may be put into it", .no_effect = "every guest network takes instances"),
    P(displaynetwork, .flags = FIELD_ADMIN, .since = "4.4", .help = "whether tenants see it"),
    P(forvpc, .help = "for tiers of a VPC", .no_effect = "there are no VPCs"),
    P(id, .refers_to = "network", .help = "the id of the object"),
    P(issystem, .help = "the cloud's own"),
    P(name, .since = "4.22.0", .help = "the name"),
    P(networkfilter, .since = "4.17.0", .help = "which: account, domain, accountdomain, shared or all"),
    P(networkofferingid, .refers_to = "network_offering", .help = "the network offering"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(restartrequired, .help = "a restart is due"),
    P(showicon, .help = "adds the icon"),
    P(specifyipranges, .help = "addresses are named with each network"),
    P(supportedservices, .help = "the services"),
    P(tags, .help = "the tags"),
    P(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    P(type, .help = "Isolated, Shared or L2"),
    P(vlan, .since = "4.17.0", .help = "the VLAN tags or VNIs, or one of them"),
    P(vpcid, .help = "the VPC", .no_effect = "there are no VPCs"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

enum { ID_LIST_BYTES_MAX = 256 * 1024 };

/* Shared networks that the scope sees, as rows and as ",3,7,". */
static bool visible_shared(struct api_call *call, const struct network ***ret_rows, size_t *ret_count,
                           const char **ret_ids, struct error *err)
{
    const struct list_scope *scope = &call->scope;
    const char *path = scope->form == SCOPE_ACCOUNT_ONLY && scope->account_id == call->caller->account_id
                           ? call->caller->domain_path
                           : scope->domain_path;
    int64_t domain_id =
        scope->form == SCOPE_ACCOUNT_ONLY && scope->domain_id == 0 ? call->caller->domain_id : scope->domain_id;
    struct db_rows rows;
    struct text ids;
    if (!network_store_shared(call->db, call->arena, &rows, err))
        return false;
    const struct network *all = rows.items;
    const struct network **found = arena_array(call->arena, rows.count + 1, sizeof(void *));
    text_init(&ids, call->arena, ID_LIST_BYTES_MAX);
    text_add_char(&ids, ',');
    *ret_count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool below = scope->form == SCOPE_DOMAIN_TREE && path && string_starts_with(all[i].domain_path, path);
        if (scope->form != SCOPE_EVERYTHING && !below && !network_is_shared_with(&all[i], domain_id, path ? path : "/"))
            continue;
        found[(*ret_count)++] = &all[i];
        text_addf(&ids, "%" PRId64 ",", all[i].id);
    }
    *ret_rows = found;
    *ret_ids = text_string(&ids);
    return true;
}

/* Filters that an offering answers, as the ids of the offerings that fit; NULL: none is asked. */
static bool offering_filter(struct api_call *call, const struct list_networks_args *args, const char **ret_ids,
                            struct error *err)
{
    const struct network_offering *rows = NULL;
    size_t count = 0;
    struct text ids;
    *ret_ids = NULL;
    if (args->supportedservices.count == 0 && !args->specifyipranges.set)
        return true;
    if (!network_offering_store_all(call->db, call->arena, &rows, &count, err))
        return false;
    text_init(&ids, call->arena, ID_LIST_BYTES_MAX);
    text_add(&ids, "-1");
    for (size_t i = 0; i < count; i++) {
        bool fits = !args->specifyipranges.set || args->specifyipranges.value == rows[i].specify_ip_ranges;
        for (size_t j = 0; j < args->supportedservices.count; j++)
            fits = fits && network_offering_has(&rows[i], args->supportedservices.items[j]);
        if (fits)
            text_addf(&ids, ",%" PRId64, rows[i].id);
    }
    *ret_ids = text_string(&ids);
    return true;
}

static bool read_filter(struct api_call *call, const struct list_networks_args *args, struct network_query *q,
                        bool *ret_plain, struct error *err)
{
    const char *filter = args->networkfilter ? args->networkfilter : "all";
    int64_t tag = 0;
    if (!network_list_has("all,account,domain,shared,accountdomain", filter))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "networkfilter"),
                          E_TEXT("value", filter));
    if ((args->vlan && !network_parse_vlan(args->vlan, &tag, err)) || !tag_read_filter(&args->tags, &q->tags, err) ||
        !offering_filter(call, args, &q->offering_ids, err))
        return false;
    q->scope = &call->scope;
    q->owned = !network_list_has("domain,shared", filter);
    q->everything = args->id.id != 0;
    q->id = args->id.id;
    q->name = args->name;
    q->keyword_like = call->page.keyword_like;
    q->traffic_type = args->traffictype;
    q->guest_type = args->type;
    q->acl_type = args->acltype;
    q->segment = !args->vlan ? NULL : tag ? arena_printf(call->arena, "%" PRId64, tag) : "untagged";
    q->zone_id = args->zoneid.id;
    q->physical_network_id = args->physicalnetworkid.id;
    q->offering_id = args->networkofferingid.id;
    q->restart_required = args->restartrequired;
    q->display = args->displaynetwork;
    q->is_system = args->issystem;
    q->offset = call->page.offset;
    q->limit = call->page.counted_only ? 0 : call->page.limit;
    *ret_plain = q->id == 0 && !q->name && !q->keyword_like && !q->traffic_type && !q->guest_type && !q->acl_type &&
                 !q->segment && !q->offering_ids && q->zone_id == 0 && q->physical_network_id == 0 &&
                 q->offering_id == 0 && !q->restart_required.set && !q->display.set &&
                 !(q->is_system.set && q->is_system.value) && q->tags.count == 0 && !args->networkfilter;
    return true;
}

/* Shared networks come first, then the accounts' from an anchor on. */
static bool list_plain(struct api_call *call, const struct network_query *q, const struct network **shared,
                       size_t shared_count, bool *ret_covered, const struct network ***ret_rows, size_t *ret_count,
                       int64_t *ret_total, struct error *err)
{
    struct bucket_page page = {.total = 0};
    struct db_rows owned = {.items = NULL};
    int64_t before = (int64_t)shared_count, skip = q->offset > before ? q->offset - before : 0;
    if (!bucket_page(call->db, call->arena, "network", q->scope, 2, skip, &page, ret_covered, err))
        return false;
    if (!*ret_covered)
        return true;
    const struct network **rows = arena_array(call->arena, (size_t)q->limit + 1, sizeof(void *));
    size_t count = 0;
    for (int64_t i = q->offset; i < before && (int64_t)count < q->limit; i++)
        rows[count++] = shared[i];
    int64_t room = q->limit - (int64_t)count;
    if (room > 0 && page.first_id != INT64_MAX &&
        !network_store_page(call->db, call->arena, q, page.first_id, page.skip, room, &owned, err))
        return false;
    for (size_t i = 0; i < owned.count; i++)
        rows[count++] = (const struct network *)owned.items + i;
    *ret_rows = rows;
    *ret_count = count;
    *ret_total = before + page.total;
    return true;
}

static bool list_searched(struct api_call *call, const struct network_query *q, const struct network ***ret_rows,
                          size_t *ret_count, int64_t *ret_total, struct error *err)
{
    struct db_rows found;
    if (!network_store_search(call->db, call->arena, q, &found, ret_total, err))
        return false;
    *ret_rows = arena_array(call->arena, found.count + 1, sizeof(void *));
    *ret_count = found.count;
    for (size_t i = 0; i < found.count; i++)
        (*ret_rows)[i] = (const struct network *)found.items + i;
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_networks_args *args = arguments;
    struct network_query query = {.id = 0};
    const struct network **shared = NULL, **rows = NULL;
    size_t shared_count = 0, count = 0;
    int64_t total = 0;
    bool plain = false, covered = false;
    if (!read_filter(call, args, &query, &plain, err) ||
        !visible_shared(call, &shared, &shared_count, &query.shared_ids, err))
        return false;
    if (args->networkfilter && network_list_has("account", args->networkfilter))
        query.shared_ids = NULL;
    if (!caller_is_root_admin(call->caller))
        query.is_system = OPT_BOOL(false);
    else if (query.id == 0 && !query.is_system.set)
        query.is_system = OPT_BOOL(false);
    if (plain && !list_plain(call, &query, shared, shared_count, &covered, &rows, &count, &total, err))
        return false;
    if (!covered && !list_searched(call, &query, &rows, &count, &total, err))
        return false;
    return network_reply_list(call, rows, count, total, err);
}

const struct api_command NETWORK_LIST_COMMANDS[] = {
    {.name = "listNetworks",
     .summary = "Lists networks: those of accounts, and the shared ones that they may use.",
     .object_key = "network",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_NETWORKS_PARAMS,
     .response = &NETWORK_RESPONSE,
     .handle = handle_list,
     .group = "Network"},
    {.name = NULL},
};
