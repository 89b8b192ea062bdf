/* Rows of VMs to replies: a page takes one statement for each part that hangs on it, small tables come from the caches.
 */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image.h"
#include "cloud/offering/offering.h"
#include "cloud/stats/stats.h"
#include "cloud/vm/vm_response.h"
#include "cloud/vmgroup/vmgroup.h"
#include "cloud/zone/zone.h"

/* ---- what comes from caches ---- */

/* The VMs of a page mostly share owner, image and so on: what was found for one VM is kept for the next. */
struct page {
    struct api_call *call;
    const struct vm *rows;
    struct vm_response *vms;
    int64_t ids[VM_PAGE_MAX];
    size_t count;
    int64_t account_id, user_id, zone_id, host_id, os_type_id, image_id, offering_id, disk_offering_id;
    struct caller *user;
    struct shown_owner owner;
    const struct zone *zone;
    const struct host_name *host;
    const struct os_type *os_type;
    const struct image_name *image;
    const struct service_offering *offering;
    const struct disk_offering *disk_offering;
};

/* Whether the kept one is another than `id`, which it is from now on: NULL until it is found. */
#define IS_NEW(page, what, id) ((page)->what##_id != (id) && ((page)->what = NULL, (page)->what##_id = (id)) != 0)

static bool find_user(struct page *page, int64_t id, struct error *err)
{
    const struct identity_hooks *hooks = api_identity_hooks();
    return !IS_NEW(page, user, id) || hooks == NULL || hooks->find_by_user_id == NULL ||
           hooks->find_by_user_id(page->call->db, page->call->arena, id, &page->user, err);
}

static bool add_owner(struct page *page, const struct vm *row, struct vm_response *vm, struct error *err)
{
    const struct caller *caller = page->call->caller;
    if (page->account_id != row->account_id &&
        !identity_show_owner(page->call->db, page->call->arena, row->account_id, &page->owner, err))
        return false;
    page->account_id = row->account_id;
    vm->owner = page->owner;
    if (row->user_id != caller->user_id) {
        if (!find_user(page, row->user_id, err))
            return false;
        caller = page->user;
    }
    vm->userid = caller != NULL ? caller->user_uuid : NULL;
    vm->username = caller != NULL ? caller->username : NULL;
    return true;
}

static bool add_place(struct page *page, const struct vm *row, struct vm_response *vm, struct error *err)
{
    struct db *db = page->call->db;
    struct arena *arena = page->call->arena;
    if (IS_NEW(page, zone, row->zone_id) && !zone_find(db, arena, row->zone_id, &page->zone, err))
        return false;
    if (IS_NEW(page, os_type, row->os_type_id) && !os_type_find(db, arena, row->os_type_id, &page->os_type, err))
        return false;
    if (IS_NEW(page, host, row->host_id) && !host_name_find(db, arena, row->host_id, &page->host, err))
        return false;
    vm->zoneid = page->zone != NULL ? page->zone->uuid : NULL;
    vm->zonename = page->zone != NULL ? page->zone->name : NULL;
    vm->hostid = page->host != NULL ? page->host->uuid : NULL;
    vm->hostname = page->host != NULL ? page->host->name : NULL;
    vm->guestosid = vm->ostypeid = page->os_type != NULL ? page->os_type->uuid : NULL;
    vm->osdisplayname = page->os_type != NULL ? page->os_type->description : NULL;
    return true;
}

static void add_image(const struct image_name *image, struct vm_response *vm)
{
    vm->templateid = image->uuid;
    vm->templatename = image->name;
    vm->templatedisplaytext = image->display_text;
    vm->templatetype = image->image_type;
    vm->templateformat = image->format;
    vm->passwordenabled = image->password_enabled;
    vm->arch = image->arch;
}

static bool add_catalogue(struct page *page, const struct vm *row, struct vm_response *vm, struct error *err)
{
    struct db *db = page->call->db;
    struct arena *arena = page->call->arena;
    int64_t disk_id = row->disk_offering_id;
    if (IS_NEW(page, image, row->image_id) && !image_name_find(db, arena, row->image_id, &page->image, err))
        return false;
    if (IS_NEW(page, offering, row->offering_id) &&
        !service_offering_find_any(db, arena, row->offering_id, &page->offering, err))
        return false;
    if (IS_NEW(page, disk_offering, disk_id) && !disk_offering_find_any(db, arena, disk_id, &page->disk_offering, err))
        return false;
    if (page->image != NULL)
        add_image(page->image, vm);
    vm->serviceofferingid = page->offering != NULL ? page->offering->uuid : NULL;
    vm->serviceofferingname = page->offering != NULL ? page->offering->name : NULL;
    vm->diskofferingid = page->disk_offering != NULL ? page->disk_offering->uuid : NULL;
    vm->diskofferingname = page->disk_offering != NULL ? page->disk_offering->name : NULL;
    return true;
}

static void add_row(const struct vm *row, struct vm_response *vm)
{
    const struct object_list none = {.items = NULL, .count = 0, .set = true};
    *vm = (struct vm_response){.id = row->uuid,
                               .name = row->name,
                               .displayname = row->display_name,
                               .state = row->state,
                               .hypervisor = row->hypervisor,
                               .instancename = row->instance_name,
                               .bootmode = row->boot_mode,
                               .boottype = row->boot_type,
                               .created = row->created,
                               .lastupdated = row->updated,
                               .haenable = row->ha_enabled,
                               .displayvm = row->is_shown,
                               .isdynamicallyscalable = row->is_dynamically_scalable,
                               .deleteprotection = row->delete_protected,
                               .cpunumber = row->cpu_count,
                               .cpuspeed = row->cpu_mhz,
                               .memory = row->memory_mib,
                               .rootdevicetype = "ROOT",
                               .vmtype = "User",
                               .securitygroup = none,
                               .affinitygroup = none,
                               .nic = none,
                               .tags = none,
                               .details = {.items = NULL, .count = 0},
                               .jobid = row->job_uuid};
    if (row->job_uuid != NULL)
        vm->jobstatus = OPT_INT(0);
}

/* ---- what hangs on a page of VMs ---- */

static size_t index_of(const struct page *page, int64_t vm_id)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->ids[i] == vm_id)
            return i;
    return page->count;
}

static void fill_nic(const struct page *page, const struct vm_nic_shown *row, struct vm_nic_response *nic)
{
    static const char *const NUMBERS[VM_NICS_MAX] = {"0", "1", "2",  "3",  "4",  "5",  "6",  "7",
                                                     "8", "9", "10", "11", "12", "13", "14", "15"};
    size_t at = index_of(page, row->vm_id);
    *nic = (struct vm_nic_response){
        .id = row->uuid,
        .netmask = row->netmask,
        .gateway = row->gateway,
        .ipaddress = row->ip_address,
        .macaddress = row->mac_address,
        .isdefault = row->is_default,
        .virtualmachineid = at < page->count ? page->rows[at].uuid : NULL,
        .isolationuri = row->broadcast_uri != NULL ? row->broadcast_uri : row->vlan,
        .deviceid = row->device_number >= 0 && row->device_number < VM_NICS_MAX ? NUMBERS[row->device_number] : NULL,
        .secondaryip = {.items = NULL, .count = 0, .set = true},
        .extradhcpoption = {.items = NULL, .count = 0, .set = true},
        .networkid = row->network_uuid,
        .networkname = row->network_name,
        .traffictype = row->traffic_type,
        .type = row->guest_type,
        .ip6gateway = row->ip6_gateway,
        .ip6cidr = row->ip6_cidr};
    if (row->network_uuid != NULL)
        nic->broadcasturi = nic->isolationuri;
    if (row->segment_id.value > 0)
        nic->vlanid = row->segment_id;
    if (row->private_mtu.value > 0)
        nic->mtu = row->private_mtu;
}

/* Rows come clustered by VM, so each VM's NICs stand together. */
static bool add_nics(struct page *page, struct error *err)
{
    struct db_rows rows;
    if (!vm_nic_show_for_any(page->call->db, page->call->arena, page->ids, page->count, &rows, err))
        return false;
    const struct vm_nic_shown *nics = rows.items;
    struct vm_nic_response *filled = arena_array(page->call->arena, rows.count + 1, sizeof(*filled));
    for (size_t i = 0; i < rows.count; i++) {
        fill_nic(page, &nics[i], &filled[i]);
        size_t at = index_of(page, nics[i].vm_id);
        if (at == page->count)
            continue;
        struct vm_response *vm = &page->vms[at];
        if (vm->nic.count == 0)
            vm->nic.items = &filled[i];
        vm->nic.count++;
        if (!nics[i].is_default)
            continue;
        vm->ipaddress = nics[i].ip_address;
        vm->forvirtualnetwork = string_equal(nics[i].guest_type, "Isolated");
    }
    return true;
}

static bool add_tags(struct page *page, struct error *err)
{
    struct object_list lists[VM_PAGE_MAX];
    if (!tag_find_for(page->call->db, page->call->arena, "vm", page->ids, page->count, lists, err))
        return false;
    for (size_t i = 0; i < page->count; i++)
        page->vms[i].tags = lists[i];
    return true;
}

static bool add_details(struct page *page, struct error *err)
{
    struct pair *empty = ARENA_NEW(page->call->arena, struct pair);
    struct db_rows rows = {.items = NULL, .count = 0};
    bool any = false;
    for (size_t i = 0; i < page->count; i++) {
        page->vms[i].details.items = empty;
        any = any || page->rows[i].has_details;
    }
    if (any && !vm_detail_find_for_any(page->call->db, page->call->arena, page->ids, page->count, &rows, err))
        return false;
    const struct vm_detail *details = rows.items;
    size_t shown = 0;
    struct pair *pairs = arena_array(page->call->arena, rows.count + 1, sizeof(*pairs));
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = index_of(page, details[i].vm_id);
        if (at == page->count || (!details[i].is_shown && !caller_is_root_admin(page->call->caller)))
            continue;
        if (page->vms[at].details.count == 0)
            page->vms[at].details.items = &pairs[shown];
        pairs[shown++] = (struct pair){.name = details[i].name, .value = details[i].value};
        page->vms[at].details.count++;
    }
    return true;
}

/* The ids of the page's VMs that have what `has` looks at. */
static size_t ids_with(const struct page *page, bool (*has)(const struct vm *row), int64_t ids[static VM_PAGE_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++)
        if (has(&page->rows[i]))
            ids[count++] = page->rows[i].id;
    return count;
}

static bool has_keys(const struct vm *row)
{
    return row->has_keys;
}

static bool add_keys(struct page *page, struct error *err)
{
    int64_t ids[VM_PAGE_MAX];
    struct db_rows rows;
    if (!vm_key_find_for_any(page->call->db, page->call->arena, ids, ids_with(page, has_keys, ids), &rows, err))
        return false;
    const struct vm_key *keys = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = index_of(page, keys[i].vm_id);
        struct vm_response *vm = &page->vms[at];
        if (vm->keypair == NULL)
            vm->keypair = keys[i].name;
        vm->keypairs = vm->keypairs == NULL ? keys[i].name
                                            : arena_printf(page->call->arena, "%s,%s", vm->keypairs, keys[i].name);
    }
    return true;
}

/* "{a=1, b=2}" of kept pairs; NULL for none. */
static const char *braced(struct arena *arena, const char *details)
{
    enum { BRACED_BYTES_MAX = 64 * 1024 };
    const struct pair_list pairs = reply_pairs_of(arena, details);
    struct text text;
    text_init(&text, arena, BRACED_BYTES_MAX);
    for (size_t i = 0; i < pairs.count; i++)
        text_addf(&text, "%s%s=%s", i > 0 ? ", " : "{", pairs.items[i].name, pairs.items[i].value);
    text_add_char(&text, '}');
    return pairs.count > 0 ? text_string(&text) : NULL;
}

static bool has_stored_data(const struct vm *row)
{
    return row->has_stored_data;
}

static bool add_data_sources(struct page *page, struct error *err)
{
    int64_t ids[VM_PAGE_MAX];
    struct db_rows rows;
    size_t count = ids_with(page, has_stored_data, ids);
    if (!vm_data_source_find_for_any(page->call->db, page->call->arena, ids, count, &rows, err))
        return false;
    const struct vm_data_source *sources = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct vm_response *vm = &page->vms[index_of(page, sources[i].vm_id)];
        vm->userdataid = sources[i].uuid;
        vm->userdataname = sources[i].name;
        vm->userdatapolicy = sources[i].policy;
        vm->userdatadetails = braced(page->call->arena, sources[i].details);
    }
    return true;
}

static bool add_groups(struct page *page, struct error *err)
{
    int64_t ids[VM_PAGE_MAX];
    size_t count = 0;
    struct db_rows rows;
    for (size_t i = 0; i < page->count; i++)
        if (page->rows[i].group_id != 0)
            ids[count++] = page->rows[i].group_id;
    if (!vm_group_find_for_any(page->call->db, page->call->arena, ids, count, &rows, err))
        return false;
    const struct vm_group *groups = rows.items;
    for (size_t i = 0; i < page->count; i++)
        for (size_t j = 0; j < rows.count; j++)
            if (groups[j].named.id == page->rows[i].group_id) {
                page->vms[i].groupid = groups[j].named.uuid;
                page->vms[i].group = groups[j].named.name;
            }
    return true;
}

static void fill_stats(struct arena *arena, const struct stats_now *now, bool totals, struct vm_response *vm)
{
    enum { KIB = 1024 };
    const struct stats_point *last = &now->last;
    double share = last->capacity_ms > 0 ? 100.0 * (double)last->cpu_ms / (double)last->capacity_ms : 0;
    int64_t free_mib = last->memory_used_mib > 0 ? last->memory_mib - last->memory_used_mib : 0;
    vm->cpuused = stats_percent(arena, share);
    vm->memorykbs = vm->memorytargetkbs = OPT_INT(last->memory_mib * KIB);
    vm->memoryintfreekbs = OPT_INT(free_mib > 0 ? free_mib * KIB : 0);
    vm->networkkbsread = OPT_INT((totals ? now->total_network_in_bytes : last->network_in_bytes) / KIB);
    vm->networkkbswrite = OPT_INT((totals ? now->total_network_out_bytes : last->network_out_bytes) / KIB);
    vm->diskkbsread = OPT_INT((totals ? now->total_disk_read_bytes : last->disk_read_bytes) / KIB);
    vm->diskkbswrite = OPT_INT((totals ? now->total_disk_write_bytes : last->disk_write_bytes) / KIB);
    vm->diskioread = OPT_INT(totals ? now->total_disk_read_requests : last->disk_read_requests);
    vm->diskiowrite = OPT_INT(totals ? now->total_disk_write_requests : last->disk_write_requests);
}

/* Only of VMs that run: what a stopped one used last is history. */
static bool add_stats(struct page *page, bool totals, struct error *err)
{
    int64_t ids[VM_PAGE_MAX];
    size_t count = 0;
    struct db_rows rows;
    for (size_t i = 0; i < page->count; i++)
        if (string_equal(page->rows[i].state, "Running"))
            ids[count++] = page->rows[i].id;
    if (!stats_now_for_any(page->call->db, page->call->arena, ids, count, &rows, err))
        return false;
    const struct stats_now *stats = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = index_of(page, stats[i].last.vm_id);
        if (at < page->count && string_equal(page->rows[at].state, "Running"))
            fill_stats(page->call->arena, &stats[i], totals, &page->vms[at]);
    }
    return true;
}

static bool add_user_data(struct page *page, struct error *err)
{
    for (size_t i = 0; i < page->count; i++)
        if (!vm_user_data_any(page->call->db, page->call->arena, page->ids[i], &page->vms[i].userdata, err))
            return false;
    return true;
}

static bool describe_page(struct page *page, unsigned parts, struct error *err)
{
    for (size_t i = 0; i < page->count; i++) {
        page->ids[i] = page->rows[i].id;
        add_row(&page->rows[i], &page->vms[i]);
        if (!add_owner(page, &page->rows[i], &page->vms[i], err) ||
            !add_place(page, &page->rows[i], &page->vms[i], err) ||
            !add_catalogue(page, &page->rows[i], &page->vms[i], err))
            return false;
    }
    return add_keys(page, err) && add_data_sources(page, err) && (!(parts & VM_PART_NICS) || add_nics(page, err)) &&
           (!(parts & VM_PART_TAGS) || add_tags(page, err)) && (!(parts & VM_PART_DETAILS) || add_details(page, err)) &&
           (!(parts & VM_PART_GROUPS) || add_groups(page, err)) &&
           (!(parts & VM_PART_STATS) || add_stats(page, (parts & VM_PART_STATS_TOTAL) != 0, err)) &&
           (!(parts & VM_PART_USER_DATA) || add_user_data(page, err));
}

bool vm_describe_rows(struct api_call *call, const struct vm *rows, size_t count, unsigned parts,
                      struct vm_response *ret_vms, struct error *err)
{
    for (size_t i = 0; i < count; i += VM_PAGE_MAX) {
        struct page page = {.call = call,
                            .rows = rows + i,
                            .vms = ret_vms + i,
                            .count = count - i < VM_PAGE_MAX ? count - i : VM_PAGE_MAX};
        if (!describe_page(&page, parts, err))
            return false;
    }
    return true;
}

bool vm_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                 struct error *err)
{
    struct vm_response *vms = ret_objects;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        struct vm *row = NULL;
        if (!vm_find_any(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row != NULL && !vm_describe_rows(call, row, 1, VM_PART_ALL, &vms[filled++], err))
            return false;
    }
    *ret_count = filled;
    return true;
}
