/* listVirtualMachines. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/stats/stats.h"
#include "cloud/vm/vm_api.h"

struct list_args {
    struct object_ref id, zoneid, podid, clusterid, hostid, templateid, serviceofferingid, networkid, storageid,
        groupid, userid, userdataid;
    struct ref_list ids;
    const char *name, *state, *hypervisor, *arch, *keypair, *affinitygroupid, *autoscalevmgroupid, *backupofferingid,
        *extensionid, *isoid, *securitygroupid, *vpcid;
    struct string_list details;
    struct map_list tags;
    struct opt_bool displayvm, haenable, userdata, accumulate, forvirtualnetwork, gpuenabled, isvnf, leased, showicon,
        retrieveonlyresourcecount;
};
#define A(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(
    LIST_VMS_ARGS, struct list_args, A(id, .refers_to = "vm", .help = "only this one"),
    A(ids, .refers_to = "vm", .since = "4.4", .help = "only these"),
    A(zoneid, .refers_to = "zone", .help = "only of this zone"),
    A(podid, .flags = FIELD_ADMIN, .refers_to = "pod", .help = "only in this pod"),
    A(clusterid, .flags = FIELD_ADMIN, .refers_to = "cluster", .since = "4.16.0", .help = "only in this cluster"),
    A(hostid, .flags = FIELD_ADMIN, .refers_to = "host", .help = "only on this host"),
    A(templateid, .refers_to = "image", .help = "only from this image"),
    A(serviceofferingid, .refers_to = "service_offering", .since = "4.4", .help = "only of this offering"),
    A(networkid, .refers_to = "network", .help = "only with an interface in this network"),
    A(storageid, .flags = FIELD_ADMIN, .refers_to = "storage_pool", .help = "only with a disk on this pool"),
    A(name, .help = "only of exactly this name"),
    A(state, .help = "only in this state; present: all but destroyed ones"),
    A(hypervisor, .help = "only on this hypervisor"),
    A(arch, .since = "4.20.1", .help = "only of this CPU architecture"),
    A(groupid, .refers_to = "vm_group", .help = "only of this instance group"),
    A(userid, .refers_to = "user", .help = "only made by this user"), A(keypair, .help = "only with this key pair"),
    A(affinitygroupid, .help = "only of this affinity group"),
    A(autoscalevmgroupid, .since = "4.18.0", .help = "only of this autoscaling group"),
    A(backupofferingid, .since = "4.17", .help = "only with this backup offering"),
    A(extensionid, .since = "4.21.0", .help = "only of this extension"),
    A(isoid, .help = "only with this ISO attached"),
    A(securitygroupid, .since = "4.15", .help = "only in this security group"),
    A(userdataid, .refers_to = "user_data", .since = "4.20.1", .help = "only with this stored user data"),
    A(vpcid, .help = "only in this VPC"),
    A(details,
      .help =
          "what is shown: all, group, nics, stats, secgrp, tmpl, servoff, diskoff, backoff, iso, volume, min, affgrp"),
    A(tags, .help = "only with these tags"),
    A(displayvm, .flags = FIELD_ADMIN, .since = "4.4", .help = "only those that their owners see, or do not see"),
    A(haenable, .since = "4.15", .help = "only with high availability, or without"),
    A(userdata, .since = "4.18.0.0", .help = "whether user data is shown (only together with id)"),
    A(accumulate, .since = "4.17.0", .help = "whether statistics are those since the guest's start"),
    A(forvirtualnetwork, .no_effect = "guest networks only", .help = "by kind of network"),
    A(gpuenabled, .since = "4.21.0", .help = "only with a GPU, or without"),
    A(isvnf, .since = "4.19.0", .help = "only network appliances, or none"),
    A(leased, .since = "4.21.0", .help = "only with a lease, or without"),
    A(showicon, .since = "4.16.0.0", .help = "whether icons are shown"),
    A(retrieveonlyresourcecount, .no_effect = "handled for all lists alike", .help = "only the number"));

enum { IDS_MAX = 1000 };

static bool wants(const struct string_list *details, const char *what)
{
    for (size_t i = 0; i < details->count; i++)
        if (string_equal_ignoring_case(details->items[i], what) || string_equal_ignoring_case(details->items[i], "all"))
            return true;
    return details->count == 0;
}

static unsigned parts_of(const struct list_args *args)
{
    bool min = args->details.count == 1 && string_equal_ignoring_case(args->details.items[0], "min");
    unsigned parts = min ? 0 : VM_PART_TAGS | VM_PART_DETAILS;
    if (wants(&args->details, "nics"))
        parts |= VM_PART_NICS;
    if (wants(&args->details, "group"))
        parts |= VM_PART_GROUPS;
    if (wants(&args->details, "stats"))
        parts |= VM_PART_STATS | (stats_accumulates(args->accumulate) ? VM_PART_STATS_TOTAL : 0);
    if (args->userdata.set && args->userdata.value && args->id.id > 0)
        parts |= VM_PART_USER_DATA;
    return parts;
}

static void add_id(struct text *ids, struct vm_query *query, int64_t id)
{
    text_addf(ids, "%lld,", (long long)id);
    query->first_id = query->last_id == 0 || id < query->first_id ? id : query->first_id;
    query->last_id = id > query->last_id ? id : query->last_id;
}

static bool read_ids(struct api_call *call, int64_t id, const struct ref_list *more, struct vm_query *query,
                     struct error *err)
{
    struct text ids;
    text_init(&ids, call->arena, 32 * 1024);
    if (id > 0 && more->count > 0)
        return error_set(err, ERROR_PARAMETER, "vm.id_and_ids");
    if (more->count > IDS_MAX)
        return error_with(err, ERROR_PARAMETER, "vm.too_many_ids", E_INT("max", IDS_MAX));
    if (id == 0 && more->count == 0)
        return true;
    text_add_char(&ids, ',');
    if (id > 0)
        add_id(&ids, query, id);
    for (size_t i = 0; i < more->count; i++)
        add_id(&ids, query, more->items[i].id);
    query->ids = text_string(&ids);
    return true;
}

/* Filters by things that no VM here can have: nothing matches. */
static bool matches_nothing(const struct list_args *a)
{
    const char *absent[] = {a->affinitygroupid,
                            a->autoscalevmgroupid,
                            a->backupofferingid,
                            a->extensionid,
                            a->isoid,
                            a->securitygroupid,
                            a->vpcid};
    for (size_t i = 0; i < COUNT_OF(absent); i++)
        if (absent[i] != NULL)
            return true;
    return (a->gpuenabled.set && a->gpuenabled.value) || (a->isvnf.set && a->isvnf.value) ||
           (a->leased.set && a->leased.value);
}

/* Users who see destroyed VMs do not see hidden ones, which are listed alike. */
static bool choose_listed(struct api_call *call, struct vm_query *query, struct error *err)
{
    bool sees = false;
    if (!vm_caller_sees_destroyed(call, &sees, err))
        return false;
    query->least_listed = sees ? 1 : 2;
    if (sees && call->caller->role_type == ROLE_USER)
        query->shown = OPT_BOOL(true);
    return true;
}

bool vm_handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct vm_query query = {.scope = &call->scope,
                             .name = args->name,
                             .keyword_like = call->page.keyword_like,
                             .state = args->state,
                             .hypervisor = args->hypervisor,
                             .arch = args->arch,
                             .key_pair = args->keypair,
                             .zone_id = args->zoneid.id,
                             .pod_id = args->podid.id,
                             .cluster_id = args->clusterid.id,
                             .host_id = args->hostid.id,
                             .image_id = args->templateid.id,
                             .offering_id = args->serviceofferingid.id,
                             .network_id = args->networkid.id,
                             .pool_id = args->storageid.id,
                             .user_data_id = args->userdataid.id,
                             .group_id = args->groupid.id,
                             .user_id = args->userid.id,
                             .shown = args->displayvm,
                             .ha_enabled = args->haenable,
                             .offset = call->page.offset,
                             .limit = call->page.counted_only ? 0 : call->page.limit};
    struct db_rows rows;
    int64_t total = 0;
    if (!choose_listed(call, &query, err) || !read_ids(call, args->id.id, &args->ids, &query, err) ||
        !tag_read_filter(&args->tags, &query.tags, err))
        return false;
    if (matches_nothing(args)) {
        api_reply_list(call, NULL, 0, 0);
        return true;
    }
    if (!vm_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    struct vm_response *vms = arena_array(call->arena, rows.count + 1, sizeof(*vms));
    if (!vm_describe_rows(call, rows.items, rows.count, parts_of(args), vms, err))
        return false;
    api_reply_list(call, vms, rows.count, total);
    return true;
}

/* Text as a pattern of LIKE: part of the value. */
static const char *like_part(struct arena *arena, const char *part)
{
    struct text like;
    text_init(&like, arena, 1024);
    text_add_char(&like, '%');
    for (; *part != '\0'; part++) {
        if (*part == '%' || *part == '_' || *part == '\\')
            text_add_char(&like, '\\');
        text_add_char(&like, *part);
    }
    text_add_char(&like, '%');
    return text_string(&like);
}

bool vm_list_seen(struct api_call *call, const struct vm_chosen *chosen, const struct vm **ret_vms, size_t *ret_count,
                  int64_t *ret_total, struct error *err)
{
    struct vm_query query = {.scope = &call->scope,
                             .keyword_like =
                                 chosen->name != NULL ? like_part(call->arena, chosen->name) : call->page.keyword_like,
                             .offset = call->page.offset,
                             .limit = call->page.counted_only ? 0 : call->page.limit};
    struct db_rows rows;
    if (!choose_listed(call, &query, err) || !read_ids(call, chosen->id, &chosen->ids, &query, err) ||
        !vm_store_list(call->db, call->arena, &query, &rows, ret_total, err))
        return false;
    *ret_vms = rows.items;
    *ret_count = rows.count;
    return true;
}
