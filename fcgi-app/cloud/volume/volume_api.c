/* listVolumes, and volumes as replies show them. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image.h"
#include "cloud/offering/offering.h"
#include "cloud/storage/storage.h"
#include "cloud/vm/vm.h"
#include "cloud/volume/volume_kinds.h"
#include "cloud/volume/volume_owned.h"
#include "cloud/volume/volume_store.h"
#include "cloud/zone/zone.h"

struct volume_response {
    const char *id, *name, *zoneid, *zonename, *type, *virtualmachineid, *isoid, *isoname, *isodisplaytext, *templateid,
        *templatename, *templatedisplaytext, *vmname, *vmdisplayname, *vmstate, *vmtype, *provisioningtype, *state,
        *storagetype, *hypervisor, *diskofferingid, *diskofferingname, *diskofferingdisplaytext, *storage, *snapshotid,
        *serviceofferingid, *serviceofferingname, *serviceofferingdisplaytext, *status, *path, *storageid, *chaininfo,
        *utilization, *clusterid, *clustername, *podid, *podname, *externaluuid, *encryptformat, *jobid;
    struct shown_owner owner;
    struct opt_time created, attached;
    bool destroyed, isextractable, displayvolume, quiescevm, supportsstoragesnapshot, deleteprotection, hasannotations;
    struct opt_int deviceid, size, miniops, maxiops, diskBytesReadRate, diskBytesWriteRate, diskIopsReadRate,
        diskIopsWriteRate, diskkbsread, diskkbswrite, diskioread, diskiowrite, physicalsize, virtualsize, jobstatus;
    struct object_list tags;
    struct pair_list volumecheckresult, volumerepairresult;
};
FIELD_TABLE(
    VOLUME_RESPONSE, struct volume_response, FIELD(struct volume_response, id, .help = "the id"),
    FIELD(struct volume_response, name, .help = "the name"), FIELD(struct volume_response, zoneid, .help = "its zone"),
    FIELD(struct volume_response, zonename, .help = "the name of its zone"),
    FIELD(struct volume_response, type, .help = "ROOT or DATADISK"),
    FIELD(struct volume_response, deviceid, .help = "its number at the VM"),
    FIELD(struct volume_response, virtualmachineid, .help = "the VM it is attached to"),
    FIELD(struct volume_response, isoid, .no_effect = "no ISOs yet", .help = "isoid"),
    FIELD(struct volume_response, isoname, .no_effect = "no ISOs yet", .help = "isoname"),
    FIELD(struct volume_response, isodisplaytext, .no_effect = "no ISOs yet", .help = "isodisplaytext"),
    FIELD(struct volume_response, templateid, .help = "the image it came from"),
    FIELD(struct volume_response, templatename, .help = "the name of the image"),
    FIELD(struct volume_response, templatedisplaytext, .help = "the description of the image"),
    FIELD(struct volume_response, vmname, .help = "the name of the VM"),
    FIELD(struct volume_response, vmdisplayname, .help = "the shown name of the VM"),
    FIELD(struct volume_response, vmstate, .help = "the state of the VM"),
    FIELD(struct volume_response, vmtype, .help = "what the VM is"),
    FIELD(struct volume_response, provisioningtype, .help = "thin, sparse or fat"),
    FIELD(struct volume_response, size, .help = "bytes"),
    FIELD(struct volume_response, miniops, .help = "requests a second that are promised"),
    FIELD(struct volume_response, maxiops, .help = "requests a second at most"),
    FIELD(struct volume_response, created, .help = "when it was made"),
    FIELD(struct volume_response, state, .help = "the state"), OWNER_FIELDS(struct volume_response, owner, "owns it"),
    OWNER_PATH_FIELD(struct volume_response, owner),
    FIELD(struct volume_response, storagetype, .help = "shared or local"),
    FIELD(struct volume_response, diskBytesReadRate, .help = "bytes read a second at most"),
    FIELD(struct volume_response, diskBytesWriteRate, .help = "bytes written a second at most"),
    FIELD(struct volume_response, diskIopsReadRate, .help = "reads a second at most"),
    FIELD(struct volume_response, diskIopsWriteRate, .help = "writes a second at most"),
    FIELD(struct volume_response, diskkbsread, .no_effect = "no statistics yet", .help = "diskkbsread"),
    FIELD(struct volume_response, diskkbswrite, .no_effect = "no statistics yet", .help = "diskkbswrite"),
    FIELD(struct volume_response, diskioread, .no_effect = "no statistics yet", .help = "diskioread"),
    FIELD(struct volume_response, diskiowrite, .no_effect = "no statistics yet", .help = "diskiowrite"),
    FIELD(struct volume_response, hypervisor, .help = "the hypervisor"),
    FIELD(struct volume_response, diskofferingid, .help = "its disk offering"),
    FIELD(struct volume_response, diskofferingname, .help = "the name of its disk offering"),
    FIELD(struct volume_response, diskofferingdisplaytext, .help = "the description of its disk offering"),
    FIELD(struct volume_response, storage, .flags = FIELD_ADMIN, .help = "the name of its pool"),
    FIELD(struct volume_response, snapshotid, .no_effect = "no snapshots yet", .help = "snapshotid"),
    FIELD(struct volume_response, attached, .help = "when it was attached"),
    FIELD(struct volume_response, destroyed, .help = "whether it is being taken away"),
    FIELD(struct volume_response, serviceofferingid, .help = "its VM's service offering"),
    FIELD(struct volume_response, serviceofferingname, .help = "the name of that offering"),
    FIELD(struct volume_response, serviceofferingdisplaytext, .help = "the description of that offering"),
    FIELD(struct volume_response, isextractable, .help = "whether it may be downloaded"),
    FIELD(struct volume_response, status, .no_effect = "no uploads yet", .help = "the status of an upload"),
    FIELD(struct volume_response, displayvolume, .flags = FIELD_ADMIN, .help = "whether its owner sees it"),
    FIELD(struct volume_response, path, .flags = FIELD_ADMIN, .help = "its name at the provider"),
    FIELD(struct volume_response, storageid, .since = "4.3", .flags = FIELD_ADMIN, .help = "its pool"),
    FIELD(struct volume_response, chaininfo, .since = "4.4", .no_effect = "kept by the provider", .help = "chaininfo"),
    FIELD(struct volume_response, quiescevm, .since = "4.3", .help = "whether snapshots need the VM to pause"),
    FIELD(struct volume_response, supportsstoragesnapshot, .since = "4.16", .help = "whether its pool makes snapshots"),
    FIELD(struct volume_response, deleteprotection, .since = "4.20.0",
          .help = "whether it is protected from being deleted"),
    FIELD(struct volume_response, physicalsize, .no_effect = "no statistics yet", .help = "bytes used at the provider"),
    FIELD(struct volume_response, virtualsize, .help = "bytes as the guest sees it"),
    FIELD(struct volume_response, utilization, .no_effect = "no statistics yet", .help = "utilization"),
    FIELD(struct volume_response, clusterid, .flags = FIELD_ADMIN, .help = "the cluster of its pool"),
    FIELD(struct volume_response, clustername, .flags = FIELD_ADMIN, .help = "the name of that cluster"),
    FIELD(struct volume_response, podid, .flags = FIELD_ADMIN, .help = "the pod of its pool"),
    FIELD(struct volume_response, podname, .flags = FIELD_ADMIN, .help = "the name of that pod"),
    FIELD(struct volume_response, externaluuid, .no_effect = "path names it", .help = "its id at the provider"),
    FIELD(struct volume_response, volumecheckresult, .since = "4.19.1", .no_effect = "no checks yet",
          .help = "volumecheckresult"),
    FIELD(struct volume_response, volumerepairresult, .since = "4.19.1", .no_effect = "no checks yet",
          .help = "volumerepairresult"),
    FIELD(struct volume_response, encryptformat, .since = "4.19.1", .no_effect = "no encryption yet",
          .help = "encryptformat"),
    FIELD(struct volume_response, tags, .table = &TAG_RESPONSE, .help = "its tags"),
    FIELD(struct volume_response, hasannotations, .help = "whether it has comments"),
    FIELD(struct volume_response, jobid, .no_effect = "volumes change with their VM", .help = "its pending job"),
    FIELD(struct volume_response, jobstatus, .no_effect = "volumes change with their VM",
          .help = "the status of that job"));

/* ---- rows to replies ---- */

static void add_row(const struct volume *row, struct volume_response *out)
{
    *out = (struct volume_response){.id = row->uuid,
                                    .name = row->name,
                                    .type = row->volume_type,
                                    .provisioningtype = row->provisioning_type,
                                    .size = OPT_INT(row->size_bytes),
                                    .virtualsize = OPT_INT(row->size_bytes),
                                    .miniops = row->min_iops,
                                    .maxiops = row->max_iops,
                                    .created = row->created,
                                    .state = row->state,
                                    .hypervisor = row->hypervisor,
                                    .attached = row->attached,
                                    .displayvolume = row->is_shown,
                                    .path = row->location,
                                    .vmtype = "User",
                                    .storagetype = "shared",
                                    .destroyed =
                                        string_equal(row->state, "Expunging") || string_equal(row->state, "Expunged")};
    if (row->device_number >= 0)
        out->deviceid = OPT_INT(row->device_number);
}

static bool add_owner(struct api_call *call, const struct volume *row, struct volume_response *out, struct error *err)
{
    const struct zone *zone = NULL;
    if (!identity_show_owner(call->db, call->arena, row->account_id, &out->owner, err) ||
        !zone_find(call->db, call->arena, row->zone_id, &zone, err))
        return false;
    out->zoneid = zone != NULL ? zone->uuid : NULL;
    out->zonename = zone != NULL ? zone->name : NULL;
    return true;
}

static bool add_vm(struct api_call *call, const struct volume *row, struct volume_response *out, struct error *err)
{
    struct vm *vm = NULL;
    if (row->vm_id == 0)
        return true;
    if (!vm_find_any(call->db, call->arena, row->vm_id, &vm, err))
        return false;
    if (vm == NULL)
        return true;
    out->virtualmachineid = vm->uuid;
    out->vmname = vm->name;
    out->vmdisplayname = vm->display_name;
    out->vmstate = vm->state;
    return true;
}

static bool add_offerings(struct api_call *call, const struct volume *row, struct volume_response *out,
                          struct error *err)
{
    const struct disk_offering *disk = NULL;
    const struct service_offering *service = NULL;
    const struct image_name *image = NULL;
    if ((row->disk_offering_id != 0 &&
         !disk_offering_find_any(call->db, call->arena, row->disk_offering_id, &disk, err)) ||
        (row->service_offering_id != 0 &&
         !service_offering_find_any(call->db, call->arena, row->service_offering_id, &service, err)) ||
        (row->image_id != 0 && !image_name_find(call->db, call->arena, row->image_id, &image, err)))
        return false;
    if (disk != NULL) {
        out->diskofferingid = disk->uuid;
        out->diskofferingname = disk->name;
        out->diskofferingdisplaytext = disk->display_text;
        out->storagetype = disk->storage_type;
        out->diskBytesReadRate = OPT_INT(disk->rates.bytes_read);
        out->diskBytesWriteRate = OPT_INT(disk->rates.bytes_write);
        out->diskIopsReadRate = OPT_INT(disk->rates.iops_read);
        out->diskIopsWriteRate = OPT_INT(disk->rates.iops_write);
    }
    if (service != NULL) {
        out->serviceofferingid = service->uuid;
        out->serviceofferingname = service->name;
        out->serviceofferingdisplaytext = service->display_text;
        out->storagetype = service->storage_type;
    }
    out->templateid = image != NULL ? image->uuid : NULL;
    out->templatename = image != NULL ? image->name : NULL;
    out->templatedisplaytext = image != NULL ? image->display_text : NULL;
    return true;
}

static bool add_pool(struct api_call *call, const struct volume *row, struct volume_response *out, struct error *err)
{
    const struct storage_pool_name *pool = NULL;
    const struct cluster *cluster = NULL;
    const struct pod *pod = NULL;
    if (row->pool_id == 0)
        return true;
    if (!storage_pool_name_find(call->db, call->arena, row->pool_id, &pool, err))
        return false;
    if (pool == NULL)
        return true;
    out->storage = pool->name;
    out->storageid = pool->uuid;
    if (pool->cluster_id == 0)
        return true;
    if (!cluster_find(call->db, call->arena, pool->cluster_id, &cluster, err) ||
        (cluster != NULL && !pod_find(call->db, call->arena, cluster->pod_id, &pod, err)))
        return false;
    out->clusterid = cluster != NULL ? cluster->uuid : NULL;
    out->clustername = cluster != NULL ? cluster->name : NULL;
    out->podid = pod != NULL ? pod->uuid : NULL;
    out->podname = pod != NULL ? pod->name : NULL;
    return true;
}

static bool add_tags(struct api_call *call, const struct volume *rows, size_t count, struct volume_response *out,
                     struct error *err)
{
    int64_t *ids = arena_array(call->arena, count + 1, sizeof(*ids));
    struct object_list *lists = arena_array(call->arena, count + 1, sizeof(*lists));
    for (size_t i = 0; i < count; i++)
        ids[i] = rows[i].id;
    if (!tag_find_for(call->db, call->arena, "volume", ids, count, lists, err))
        return false;
    for (size_t i = 0; i < count; i++)
        out[i].tags = lists[i];
    return true;
}

static bool describe_rows(struct api_call *call, const struct volume *rows, size_t count, struct volume_response *out,
                          struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        add_row(&rows[i], &out[i]);
        if (!add_owner(call, &rows[i], &out[i], err) || !add_vm(call, &rows[i], &out[i], err) ||
            !add_offerings(call, &rows[i], &out[i], err) || !add_pool(call, &rows[i], &out[i], err))
            return false;
    }
    return add_tags(call, rows, count, out, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct volume_response *volumes = ret_objects;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        struct volume *row = NULL;
        if (!volume_find_any(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row != NULL && !describe_rows(call, row, 1, &volumes[filled++], err))
            return false;
    }
    *ret_count = filled;
    return true;
}

/* ---- listVolumes ---- */

struct list_args {
    struct object_ref id, virtualmachineid, zoneid, podid, clusterid, hostid, diskofferingid, serviceofferingid,
        storageid;
    struct ref_list ids;
    const char *name, *state, *type;
    struct map_list tags;
    struct opt_bool displayvolume, isencrypted, listsystemvms, retrieveonlyresourcecount;
};
#define L(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(
    LIST_VOLUMES_ARGS, struct list_args, L(id, .refers_to = "volume", .help = "only this one"),
    L(ids, .refers_to = "volume", .since = "4.9", .help = "only these"),
    L(virtualmachineid, .refers_to = "vm", .help = "only of this VM"),
    L(zoneid, .refers_to = "zone", .help = "only of this zone"),
    L(podid, .refers_to = "pod", .help = "only of VMs in this pod"),
    L(clusterid, .flags = FIELD_ADMIN, .refers_to = "cluster", .help = "only of VMs in this cluster"),
    L(hostid, .refers_to = "host", .help = "only of VMs on this host"),
    L(diskofferingid, .refers_to = "disk_offering", .since = "4.4", .help = "only of this disk offering"),
    L(serviceofferingid, .refers_to = "service_offering", .since = "4.19.1", .help = "only of this service offering"),
    L(storageid, .flags = FIELD_ADMIN, .refers_to = "storage_pool", .since = "4.3", .help = "only on this pool"),
    L(name, .help = "only of this name"), L(state, .help = "only in this state"), L(type, .help = "ROOT or DATADISK"),
    L(tags, .help = "only with these tags"),
    L(displayvolume, .flags = FIELD_ADMIN, .since = "4.4", .help = "only those that their owners see, or do not see"),
    L(isencrypted, .flags = FIELD_ADMIN, .since = "4.19.1", .help = "only encrypted ones, or others"),
    L(listsystemvms, .flags = FIELD_ADMIN, .since = "4.18", .no_effect = "no system VMs",
      .help = "those of system VMs too"),
    L(retrieveonlyresourcecount, .no_effect = "handled for all lists alike", .help = "only the number"));

static const char *id_list(struct arena *arena, const struct list_args *args)
{
    struct text ids;
    text_init(&ids, arena, 64 * 1024);
    if (args->id.id == 0 && args->ids.count == 0)
        return NULL;
    text_add_char(&ids, ',');
    if (args->id.id > 0)
        text_addf(&ids, "%lld,", (long long)args->id.id);
    for (size_t i = 0; i < args->ids.count; i++)
        text_addf(&ids, "%lld,", (long long)args->ids.items[i].id);
    return text_string(&ids);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct volume_query query = {.scope = &call->scope,
                                 .least_listed = call->caller->role_type == ROLE_USER ? 2 : 1,
                                 .ids = id_list(call->arena, args),
                                 .name = args->name,
                                 .keyword_like = call->page.keyword_like,
                                 .state = args->state,
                                 .type = args->type,
                                 .vm_id = args->virtualmachineid.id,
                                 .zone_id = args->zoneid.id,
                                 .pod_id = args->podid.id,
                                 .cluster_id = args->clusterid.id,
                                 .host_id = args->hostid.id,
                                 .disk_offering_id = args->diskofferingid.id,
                                 .service_offering_id = args->serviceofferingid.id,
                                 .pool_id = args->storageid.id,
                                 .shown = args->displayvolume,
                                 .offset = call->page.offset,
                                 .limit = call->page.limit};
    struct db_rows rows;
    int64_t total = 0;
    if (args->isencrypted.set && args->isencrypted.value) { /* no encryption yet */
        api_reply_list(call, NULL, 0, 0);
        return true;
    }
    if (!tag_read_filter(&args->tags, &query.tags, err) ||
        !volume_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    struct volume_response *volumes = arena_array(call->arena, rows.count + 1, sizeof(*volumes));
    if (!describe_rows(call, rows.items, rows.count, volumes, err))
        return false;
    api_reply_list(call, volumes, rows.count, total);
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct volume *volume = NULL;
    struct identity_account *account = NULL;
    if (!volume_store_find_by_uuid_any(db, arena, uuid, &volume, err))
        return false;
    *ret_exists = volume != NULL;
    if (volume == NULL)
        return true;
    if (!identity_find_account_any(db, arena, volume->account_id, &account, err))
        return false;
    *ret_found = (struct object_found){.id = volume->id,
                                       .owner_account_id = volume->account_id,
                                       .owner_domain_path = account != NULL ? account->domain_path : "/",
                                       .visibility = OBJECT_OWNED,
                                       .name = volume->name};
    return true;
}

static const struct object_kind VOLUME_KIND = {.name = "volume",
                                               .wire_type = "Volume",
                                               .object_key = "volume",
                                               .response = &VOLUME_RESPONSE,
                                               .find = find,
                                               .describe = describe};
static const struct api_command COMMANDS[] = {
    {.name = "listVolumes",
     .summary = "Lists volumes",
     .object_key = "volume",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_VOLUMES_ARGS,
     .response = &VOLUME_RESPONSE,
     .handle = handle_list,
     .group = "Volume"},
    {.name = NULL},
};

void volume_register(void)
{
    static const struct object_kind *const kinds[] = {&VOLUME_KIND, NULL};
    static const struct job_kind *const jobs[] = {&VOLUME_DELETE, NULL};
    api_register_kinds(kinds);
    job_register_kinds(jobs);
    api_register_commands(COMMANDS);
    volume_register_owned();
}
