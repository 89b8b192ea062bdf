/* The hypervisor's slots over the simulated state. A host record is keyed by its url and exists from host_ensure on;
 * any url of the form scheme://sim… names a machine. A guest lives at one host; its "shape" is what was asked for, its
 * "active" shape what runs. */
#include "gurum_hypervisor.h"
#include "gurum_network.h"
#include "server/request.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUEST_MEMORY_MIB(shape) number_of(shape, "memory_mib")

static const char *const state_names[] = {"", "absent", "stopped", "running", "paused", "crashed", "migrating"};

static uint32_t state_number(struct json_object *guest)
{
    const char *name = text_of(guest, "state");
    for (uint32_t state = GURUM_GUEST_ABSENT; name != NULL && state <= GURUM_GUEST_MIGRATING; state++) {
        if (strcmp(state_names[state], name) == 0)
            return state;
    }
    return GURUM_GUEST_ABSENT;
}

static bool is_running(struct json_object *guest)
{
    return state_number(guest) == GURUM_GUEST_RUNNING || state_number(guest) == GURUM_GUEST_PAUSED;
}

/* ---- Hosts ---- */

int32_t host_reach(struct request *request, const char *url)
{
    if (url == NULL || strstr(url, "://sim") == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "host_unknown", "%s is no simulated host; use http://sim/NAME",
                            url == NULL ? "(no url)" : url);
    if (number_of(state_get(STATE_hosts, url), "down"))
        return request_fail(request, GURUM_UNREACHABLE, "host_down", "no route to %s", url);
    return GURUM_OK;
}

/* As host_reach(), and the host was made ready. */
static int32_t host_ready(struct request *request, const char *url)
{
    int32_t status = host_reach(request, url);
    if (status == GURUM_OK && !number_of(state_get(STATE_hosts, url), "ready"))
        return request_fail(request, GURUM_NOT_FOUND, "host_not_ready", "%s was never made ready", url);
    return status;
}

static int64_t host_size(struct request *request, const char *name)
{
    struct json_object *host = state_get(STATE_hosts, spec_text(request, "host", "url"));
    int64_t size = number_of(host, name);
    return size > 0 ? size : spec_number(request, "defaults", name);
}

static int64_t host_memory_used_mib(const char *url, const char *except_uuid)
{
    int64_t used_mib = 0;
    struct json_object *set = state_guests_at(url);
    if (set == NULL)
        return 0;
    json_object_object_foreach(set, uuid, ignored)
    {
        (void)ignored;
        struct json_object *guest = state_get(STATE_guests, uuid);
        if (is_running(guest) && (except_uuid == NULL || strcmp(uuid, except_uuid) != 0))
            used_mib += GUEST_MEMORY_MIB(member_of(guest, "active"));
    }
    return used_mib;
}

static void provider_uuid(const char *url, char uuid[37])
{
    uint64_t first = hash_of(url), second = first * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(uuid, 37, "%08" PRIx32 "-%04" PRIx32 "-4%03" PRIx32 "-8%03" PRIx32 "-%012" PRIx64, (uint32_t)(first >> 32),
             (uint32_t)(first & 0xffff), (uint32_t)(second & 0xfff), (uint32_t)((second >> 16) & 0xfff),
             second >> 16 & UINT64_C(0xffffffffffff));
}

static int32_t host_probe(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    char uuid[37];
    provider_uuid(url, uuid);
    struct json_object *facts = request_item(request, GURUM_ITEM_HOST_FACTS);
    set_text(facts, "provider_uuid", uuid);
    set_text(facts, "hypervisor", "Simulator");
    set_text(facts, "hypervisor_version", "1.0");
    set_text(facts, "architecture", "x86_64");
    set_text(facts, "os", "Simulated 12");
    set_text(facts, "cpu_model", "Simulated CPU");
    set_text(facts, "capabilities", "hvm,snapshot");
    set_number(facts, "cpu_count", host_size(request, "cpu_count"));
    set_number(facts, "cpu_sockets", 1);
    set_number(facts, "cpu_mhz", host_size(request, "cpu_mhz"));
    set_number(facts, "memory_bytes", host_size(request, "memory_mib") << 20);
    request_check(request, "reachable", true, "the simulator answers", NULL);
    request_check(request, "memory", host_size(request, "memory_mib") >= 256, "memory of the host",
                  "give the host at least 256 MiB");
    return GURUM_OK;
}

static int32_t host_ensure(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    struct json_object *host = state_get(STATE_hosts, url);
    const char *owner = text_of(host, "uuid"), *uuid = spec_text(request, "host", "uuid");
    if (number_of(host, "ready") && owner != NULL && uuid != NULL && strcmp(owner, uuid) != 0)
        return request_fail(request, GURUM_CONFLICT, "host_taken", "%s is in use as host %s", url, owner);
    struct json_object *next = host == NULL ? json_object_new_object() : json_object_get(host);
    set_number(next, "cpu_count", host_size(request, "cpu_count"));
    set_number(next, "cpu_mhz", host_size(request, "cpu_mhz"));
    set_number(next, "memory_mib", host_size(request, "memory_mib"));
    set_text(next, "uuid", uuid);
    set_text(next, "name", spec_text(request, "host", "name"));
    set_text(next, "cluster_uuid", spec_text(request, "host", "cluster_uuid"));
    set_number(next, "ready", 1);
    state_put(STATE_hosts, url, next);
    struct json_object *fact = request_item(request, GURUM_ITEM_DETAIL);
    set_text(fact, "name", "simulator.url");
    set_text(fact, "value", url);
    return GURUM_OK;
}

static int32_t host_observe(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    struct json_object *guests = state_guests_at(url), *item = request_item(request, GURUM_ITEM_HOST_STATE);
    int64_t memory_mib = host_size(request, "memory_mib"), used_mib = host_memory_used_mib(url, NULL);
    bool ready = number_of(state_get(STATE_hosts, url), "ready") != 0;
    set_number(item, "state", ready ? GURUM_HOST_UP : GURUM_HOST_PREPARING);
    set_number(item, "guest_count", guests == NULL ? 0 : json_object_object_length(guests));
    set_number(item, "memory_bytes", memory_mib << 20);
    set_number(item, "memory_free_bytes", (memory_mib > used_mib ? memory_mib - used_mib : 0) << 20);
    set_number(item, "cpu_used_permille", memory_mib > 0 ? used_mib * 1000 / memory_mib / 2 : 0);
    set_number(item, "network_in_bytes", request->now_ms * (int64_t)(hash_of(url) % 1000));
    set_number(item, "network_out_bytes", request->now_ms * (int64_t)(hash_of(url) % 700));
    return GURUM_OK;
}

static int32_t host_remove(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    struct json_object *host = state_get(STATE_hosts, url), *guests = state_guests_at(url);
    const char *owner = text_of(host, "uuid"), *uuid = spec_text(request, "host", "uuid");
    if (host == NULL || (owner != NULL && uuid != NULL && strcmp(owner, uuid) != 0))
        return GURUM_OK;
    if (guests != NULL && json_object_object_length(guests) > 0)
        return request_fail(request, GURUM_CONFLICT, "host_has_guests", "%d guests are at %s",
                            json_object_object_length(guests), url);
    state_remove(STATE_hosts, url);
    return GURUM_OK;
}

void host_set_size(const char *url, int64_t cpus, int64_t mhz, int64_t memory_mib)
{
    struct json_object *host = state_get(STATE_hosts, url);
    host = host == NULL ? json_object_new_object() : json_object_get(host);
    set_number(host, "cpu_count", cpus);
    set_number(host, "cpu_mhz", mhz);
    set_number(host, "memory_mib", memory_mib);
    state_put(STATE_hosts, url, host);
}

/* ---- Guests ---- */

/* The guest of the spec if it is at the spec's host; else NULL. */
static struct json_object *guest_here(struct request *request, const char **ret_uuid)
{
    const char *uuid = text_of(request->spec, "guest_uuid"), *url = spec_text(request, "host", "url");
    if (uuid == NULL)
        uuid = spec_text(request, "guest", "uuid");
    struct json_object *guest = state_get(STATE_guests, uuid);
    const char *at = text_of(guest, "host");
    *ret_uuid = uuid;
    return at != NULL && url != NULL && strcmp(at, url) == 0 ? guest : NULL;
}

static void guest_report(struct request *request, const char *uuid, struct json_object *guest)
{
    struct json_object *item = request_item(request, GURUM_ITEM_GUEST);
    set_text(item, "uuid", uuid);
    if (guest == NULL) {
        set_text(item, "name", text_of(request->spec, "guest_name"));
        set_number(item, "state", GURUM_GUEST_ABSENT);
        return;
    }
    struct json_object *shape = member_of(guest, is_running(guest) ? "active" : "shape");
    set_text(item, "name", text_of(shape, "name"));
    set_text(item, "handle", text_of(guest, "handle"));
    set_text(item, "host_uuid", text_of(state_get(STATE_hosts, text_of(guest, "host")), "uuid"));
    set_number(item, "state", state_number(guest));
    set_number(item, "cpu_count", number_of(shape, "cpu_count"));
    set_number(item, "memory_mib", GUEST_MEMORY_MIB(shape));
    set_number(item, "since_ms", number_of(guest, "since_ms"));
    struct json_object *disks = member_of(shape, "disks"), *nics = member_of(shape, "nics");
    set_number(item, "disk_count", disks == NULL ? 0 : (int64_t)json_object_array_length(disks));
    set_number(item, "nic_count", nics == NULL ? 0 : (int64_t)json_object_array_length(nics));
}

static void guest_set_state(const char *uuid, struct json_object *guest, uint32_t state, int64_t now_ms)
{
    set_text(guest, "state", state_names[state]);
    set_number(guest, "since_ms", now_ms);
    if (state == GURUM_GUEST_RUNNING)
        set_number(guest, "booted_ms", now_ms);
    if (state == GURUM_GUEST_RUNNING)
        json_object_object_add(guest, "active", copy_of(member_of(guest, "shape")));
    else if (state != GURUM_GUEST_PAUSED)
        json_object_object_del(guest, "active");
    state_save(STATE_guests, uuid);
}

static bool name_is_taken(const char *url, const char *name, const char *uuid)
{
    struct json_object *set = state_guests_at(url);
    if (set == NULL || name == NULL)
        return false;
    json_object_object_foreach(set, other, ignored)
    {
        (void)ignored;
        const char *other_name = text_of(member_of(state_get(STATE_guests, other), "shape"), "name");
        if (strcmp(other, uuid) != 0 && other_name != NULL && strcmp(other_name, name) == 0)
            return true;
    }
    return false;
}

/* Index of the row whose `name` is `value`; -1 when there is none. */
static int row_find(struct json_object *rows, const char *name, const char *value)
{
    for (size_t i = 0; rows != NULL && value != NULL && i < json_object_array_length(rows); i++) {
        const char *found = text_of(json_object_array_get_idx(rows, i), name);
        if (found != NULL && strcmp(found, value) == 0)
            return (int)i;
    }
    return -1;
}

static bool guest_has(const char *guest_uuid, const char *rows_name, const char *key, const char *value)
{
    struct json_object *guest = state_get(STATE_guests, guest_uuid);
    return row_find(member_of(member_of(guest, "shape"), rows_name), key, value) >= 0 ||
           row_find(member_of(member_of(guest, "active"), rows_name), key, value) >= 0;
}

/* A volume serves one guest; its record says which one had it last. */
bool volume_is_used(const char *volume_uuid, const char **ret_guest)
{
    *ret_guest = text_of(state_get(STATE_volumes, volume_uuid), "last_guest");
    return *ret_guest != NULL && guest_has(*ret_guest, "disks", "volume_uuid", volume_uuid);
}

bool network_is_used(const char *network_uuid, const char *host_url, const char **ret_guest)
{
    struct json_object *guests = host_url == NULL ? state_all(STATE_guests) : state_guests_at(host_url);
    if (guests == NULL)
        return false;
    json_object_object_foreach(guests, uuid, ignored)
    {
        (void)ignored;
        *ret_guest = uuid;
        if (guest_has(uuid, "nics", "network_uuid", network_uuid))
            return true;
    }
    return false;
}

/* A volume of a simulated pool must be there and free; those of other plugins are taken on trust. */
static int32_t disk_usable(struct request *request, struct json_object *disk, const char *guest_uuid)
{
    const char *volume = text_of(disk, "volume_uuid"), *pool = text_of(disk, "pool_uuid"), *owner;
    if (volume == NULL || number_of(disk, "kind") == GURUM_DISK_CDROM)
        return GURUM_OK;
    if (state_get(STATE_pools, pool) != NULL && state_get(STATE_volumes, volume) == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "volume_absent", "volume %s is not in pool %s", volume, pool);
    if (volume_is_used(volume, &owner) && strcmp(owner, guest_uuid) != 0)
        return request_fail(request, GURUM_CONFLICT, "volume_in_use", "volume %s belongs to guest %s", volume, owner);
    return GURUM_OK;
}

static void disk_claim(struct json_object *disk, const char *guest_uuid)
{
    const char *uuid = text_of(disk, "volume_uuid");
    struct json_object *volume = state_get(STATE_volumes, uuid);
    const char *owner = text_of(volume, "last_guest");
    if (volume == NULL || (owner != NULL && strcmp(owner, guest_uuid) == 0))
        return;
    set_text(volume, "last_guest", guest_uuid);
    state_save(STATE_volumes, uuid);
}

static void disks_claim(struct json_object *shape, const char *guest_uuid)
{
    struct json_object *disks = member_of(shape, "disks");
    for (size_t i = 0; disks != NULL && i < json_object_array_length(disks); i++)
        disk_claim(json_object_array_get_idx(disks, i), guest_uuid);
}

/* Is the NIC's fixed lease in force where DHCP runs beside the segment? Where it does not run: nothing is missing. */
static bool nic_has_lease(struct json_object *nic, const char *segment)
{
    struct json_object *services = state_get(STATE_services, segment), *leases = member_of(services, "leases");
    const char *mac = text_of(nic, "mac");
    if (!(number_of(services, "services") & (int64_t)GURUM_SERVICE_DHCP) || mac == NULL || text_of(nic, "ipv4") == NULL)
        return true;
    for (size_t i = 0; leases != NULL && i < json_object_array_length(leases); i++) {
        const char *leased = text_of(json_object_array_get_idx(leases, i), "mac");
        if (leased != NULL && strcmp(leased, mac) == 0)
            return true;
    }
    return false;
}

/* So must a segment of a simulated network, and the lease of the NIC. */
static int32_t nic_usable(struct request *request, struct json_object *nic, const char *url)
{
    const char *network = text_of(nic, "network_uuid");
    char segment[512];
    snprintf(segment, sizeof(segment), "%s@%s", network == NULL ? "" : network, url);
    if (state_get(STATE_networks, network) == NULL)
        return GURUM_OK;
    if (state_get(STATE_segments, segment) == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "segment_absent", "network %s has no segment at %s", network,
                            url);
    return nic_has_lease(nic, segment) ? GURUM_OK
                                       : request_fail(request, GURUM_NOT_FOUND, "lease_absent",
                                                      "network %s has no lease for %s at %s", network,
                                                      text_of(nic, "mac"), url);
}

static int32_t parts_usable(struct request *request, struct json_object *shape, const char *guest_uuid, const char *url)
{
    struct json_object *disks = member_of(shape, "disks"), *nics = member_of(shape, "nics");
    int32_t status = GURUM_OK;
    for (size_t i = 0; status == GURUM_OK && disks != NULL && i < json_object_array_length(disks); i++)
        status = disk_usable(request, json_object_array_get_idx(disks, i), guest_uuid);
    for (size_t i = 0; status == GURUM_OK && nics != NULL && i < json_object_array_length(nics); i++)
        status = nic_usable(request, json_object_array_get_idx(nics, i), url);
    return status;
}

static int32_t guest_ensure(struct request *request)
{
    const char *url = spec_text(request, "host", "url"), *uuid = spec_text(request, "guest", "uuid");
    struct json_object *shape = member_of(request->spec, "guest"), *guest = state_get(STATE_guests, uuid);
    const char *at = text_of(guest, "host");
    int32_t status = host_ready(request, url);
    if (status != GURUM_OK)
        return status;
    if (uuid == NULL || text_of(shape, "name") == NULL)
        return request_fail(request, GURUM_INVALID, "guest_unnamed", "a guest needs uuid and name");
    if (name_is_taken(url, text_of(shape, "name"), uuid))
        return request_fail(request, GURUM_CONFLICT, "name_taken", "%s has another %s", url, text_of(shape, "name"));
    if (at != NULL && strcmp(at, url) != 0 && is_running(guest))
        return request_fail(request, GURUM_CONFLICT, "runs_elsewhere", "%s runs at %s", uuid, at);
    int64_t memory_mib = number_of(state_get(STATE_hosts, url), "memory_mib");
    if (GUEST_MEMORY_MIB(shape) > memory_mib)
        return request_fail(request, GURUM_NO_CAPACITY, "memory", "%" PRId64 " MiB wanted, the host has %" PRId64,
                            GUEST_MEMORY_MIB(shape), memory_mib);
    if ((status = parts_usable(request, shape, uuid, url)) != GURUM_OK)
        return status;
    if (guest == NULL) {
        guest = json_object_new_object();
        char handle[64];
        snprintf(handle, sizeof(handle), "sim-%08" PRIx64, hash_of(uuid) & 0xffffffff);
        set_text(guest, "handle", handle);
        set_text(guest, "state", state_names[GURUM_GUEST_STOPPED]);
        set_number(guest, "since_ms", request->now_ms);
    } else {
        json_object_get(guest);
    }
    state_place_guest(uuid, at, url);
    set_text(guest, "host", url);
    json_object_object_add(guest, "shape", copy_of(shape));
    disks_claim(shape, uuid);
    state_put(STATE_guests, uuid, guest);
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

static int32_t guest_start(struct request *request)
{
    const char *uuid, *url = spec_text(request, "host", "url");
    int32_t status = host_ready(request, url);
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid);
    if (guest == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not defined at %s", uuid, url);
    if (!is_running(guest)) {
        struct json_object *shape = member_of(guest, "shape");
        int64_t free_mib = number_of(state_get(STATE_hosts, url), "memory_mib") - host_memory_used_mib(url, uuid);
        if (GUEST_MEMORY_MIB(shape) > free_mib)
            return request_fail(request, GURUM_NO_CAPACITY, "memory", "%" PRId64 " MiB wanted, %" PRId64 " free",
                                GUEST_MEMORY_MIB(shape), free_mib);
        if ((status = parts_usable(request, shape, uuid, url)) != GURUM_OK)
            return status;
    }
    if (state_number(guest) != GURUM_GUEST_RUNNING)
        guest_set_state(uuid, guest, GURUM_GUEST_RUNNING, request->now_ms);
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

/* A guest with the detail simulator_ignores_shutdown=true must be waited for until its grace is over. */
static bool grace_remains(struct request *request, const char *uuid, struct json_object *guest)
{
    const char *stubborn = text_of(member_of(member_of(guest, "shape"), "details"), "simulator_ignores_shutdown");
    if (stubborn == NULL || strcmp(stubborn, "true") != 0 || (number_of(request->spec, "flags") & GURUM_STOP_FORCE))
        return false;
    if (number_of(guest, "asked_ms") == 0) {
        set_number(guest, "asked_ms", request->now_ms);
        state_save(STATE_guests, uuid);
    }
    int64_t left_ms = number_of(guest, "asked_ms") + number_of(request->spec, "grace_ms") - request->now_ms;
    request->check_after_ms = left_ms > 500 ? 500 : left_ms;
    return left_ms > 0;
}

static int32_t guest_stop(struct request *request)
{
    const char *uuid, *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    struct json_object *guest = guest_here(request, &uuid);
    if (status != GURUM_OK || guest == NULL || state_number(guest) == GURUM_GUEST_STOPPED)
        return status;
    if (is_running(guest) && grace_remains(request, uuid, guest))
        return GURUM_PENDING;
    json_object_object_del(guest, "asked_ms");
    guest_set_state(uuid, guest, GURUM_GUEST_STOPPED, request->now_ms);
    return GURUM_OK;
}

static int32_t guest_reboot(struct request *request)
{
    const char *uuid;
    int32_t status = host_ready(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid);
    if (guest == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not here", uuid);
    if (!is_running(guest))
        return request_fail(request, GURUM_CONFLICT, "guest_stopped", "guest %s does not run", uuid);
    const char *last = text_of(guest, "reboot_operation");
    if (last == NULL || request->operation == NULL || strcmp(last, request->operation) != 0) {
        set_text(guest, "reboot_operation", request->operation);
        set_number(guest, "reboots", number_of(guest, "reboots") + 1);
        guest_set_state(uuid, guest, GURUM_GUEST_RUNNING, request->now_ms);
    }
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

static void guest_forget_snapshots(const char *uuid)
{
    struct json_object *doomed = json_object_new_object();
    json_object_object_foreach(state_all(STATE_guest_snapshots), id, snapshot)
    {
        const char *owner = text_of(snapshot, "guest_uuid");
        if (owner != NULL && strcmp(owner, uuid) == 0)
            json_object_object_add(doomed, id, NULL);
    }
    json_object_object_foreach(doomed, snapshot_id, ignored)
    {
        (void)ignored;
        state_remove(STATE_guest_snapshots, snapshot_id);
    }
    json_object_put(doomed);
}

static int32_t guest_remove(struct request *request)
{
    const char *uuid;
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    struct json_object *guest = guest_here(request, &uuid);
    if (status != GURUM_OK || guest == NULL)
        return status;
    guest_forget_snapshots(uuid);
    state_place_guest(uuid, text_of(guest, "host"), NULL);
    state_remove(STATE_guests, uuid);
    return GURUM_OK;
}

static int32_t guest_observe(struct request *request)
{
    const char *uuid;
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    if (status == GURUM_OK) {
        struct json_object *guest = guest_here(request, &uuid);
        guest_report(request, uuid, guest);
    }
    return status;
}

static int32_t guest_list(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    struct json_object *set = state_guests_at(url);
    if (status != GURUM_OK || set == NULL)
        return status;
    json_object_object_foreach(set, uuid, ignored)
    {
        (void)ignored;
        guest_report(request, uuid, state_get(STATE_guests, uuid));
    }
    return GURUM_OK;
}

/* What a load that swings around `level` percent with a period of `period_ms` has used after `up_ms`: never falls. */
static int64_t load_used(int64_t level, int64_t up_ms, int64_t period_ms)
{
    double turns = (double)up_ms / (double)period_ms * 2 * M_PI;
    return (int64_t)((double)level * ((double)up_ms + 0.6 * (double)period_ms / (2 * M_PI) * (1 - cos(turns)))) / 100;
}

static void stats_report(struct request *request, const char *uuid, struct json_object *guest)
{
    /* Each guest has a load of its own, between 5 and 60 percent, from its uuid. */
    int64_t seed = (int64_t)(hash_of(uuid) % 56) + 5, up_ms = request->now_ms - number_of(guest, "since_ms");
    int64_t memory_mib = GUEST_MEMORY_MIB(member_of(guest, "active"));
    int64_t quick = load_used(seed, up_ms, 300000), slow = load_used(seed, up_ms, 1700000);
    struct json_object *item = request_item(request, GURUM_ITEM_GUEST_STATS);
    set_text(item, "uuid", uuid);
    set_number(item, "cpu_time_ms", quick * number_of(member_of(guest, "active"), "cpu_count"));
    set_number(item, "memory_mib", memory_mib);
    set_number(item, "memory_used_mib", memory_mib * (seed + 30) / 100);
    set_number(item, "disk_read_bytes", slow * 4100);
    set_number(item, "disk_write_bytes", quick * 2300);
    set_number(item, "disk_read_requests", slow / 4);
    set_number(item, "disk_write_requests", quick / 7);
    set_number(item, "network_in_bytes", quick * 1200);
    set_number(item, "network_out_bytes", slow * 1700);
    set_number(item, "taken_ms", request->now_ms);
}

static int32_t guest_stats(struct request *request)
{
    const char *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    struct json_object *set = state_guests_at(url);
    if (status != GURUM_OK || set == NULL)
        return status;
    json_object_object_foreach(set, uuid, ignored)
    {
        (void)ignored;
        struct json_object *guest = state_get(STATE_guests, uuid);
        if (is_running(guest))
            stats_report(request, uuid, guest);
    }
    return GURUM_OK;
}

/* ---- The serial log: made up from when the guest was started, so that nothing of it is kept ---- */

enum { LOG_LINE_BYTES = 48, LOG_LINE_EVERY_MS = 10000 };

static size_t log_boot(struct json_object *guest, char *text, size_t size)
{
    struct json_object *shape = member_of(guest, "shape"), *nics = member_of(shape, "nics");
    struct json_object *nic = nics == NULL ? NULL : json_object_array_get_idx(nics, 0);
    const char *name = text_of(shape, "hostname"), *address = text_of(nic, "ipv4");
    int length = snprintf(text, size,
                          "[    0.000000] Simulated kernel 1.0\r\n"
                          "[    0.104000] Memory: %" PRId64 " MiB, %" PRId64 " CPUs\r\n"
                          "[    0.930000] \033[32mOK\033[0m root disk mounted\r\n"
                          "[    1.250000] dhcp: lease of %s\r\n"
                          "%s login: \r\n",
                          GUEST_MEMORY_MIB(shape), number_of(shape, "cpu_count"),
                          address == NULL ? "no address" : address, name == NULL ? "guest" : name);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

/* Bytes of the log from `offset` on: the boot, then a line of fixed length every ten seconds. */
static void log_fill(char *data, size_t length, uint64_t offset, const char *boot, size_t boot_length)
{
    char line[64];
    uint64_t formatted = 0;
    for (size_t i = 0; i < length; i++, offset++) {
        uint64_t number = offset < boot_length ? 0 : (offset - boot_length) / LOG_LINE_BYTES + 1;
        if (number != formatted)
            snprintf(line, sizeof(line), "[%12" PRIu64 ".000000] heartbeat, all is well  \r\n",
                     number * LOG_LINE_EVERY_MS / 1000 % UINT64_C(1000000000000));
        formatted = number;
        data[i] = number == 0 ? boot[offset] : line[(offset - boot_length) % LOG_LINE_BYTES];
    }
}

static int32_t console_log_read(struct request *request)
{
    const char *uuid;
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid);
    if (guest == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not here", uuid);
    int64_t booted_ms = number_of(guest, "booted_ms"), most = number_of(request->spec, "bytes_most");
    int64_t until_ms = is_running(guest) ? request->now_ms : number_of(guest, "since_ms");
    char boot[2048];
    size_t boot_length = booted_ms == 0 ? 0 : log_boot(guest, boot, sizeof(boot));
    uint64_t lines = booted_ms == 0 || until_ms < booted_ms ? 0 : (uint64_t)(until_ms - booted_ms) / LOG_LINE_EVERY_MS;
    uint64_t end = boot_length + lines * LOG_LINE_BYTES, offset = (uint64_t)number_of(request->spec, "offset");
    if (number_of(request->spec, "flags") & GURUM_CONSOLE_LOG_TAIL)
        offset = end > (uint64_t)most ? end - (uint64_t)most : 0;
    if (most < 1 || most > GURUM_CONSOLE_LOG_BYTES_MOST)
        return request_fail(request, GURUM_INVALID, "bytes_most", "%" PRId64 " bytes are asked for", most);
    offset = offset < end ? offset : end;
    size_t length = end - offset < (uint64_t)most ? (size_t)(end - offset) : (size_t)most;
    char *data = malloc(length + 1);
    if (data == NULL)
        return request_fail(request, GURUM_FAILED, "memory", "out of memory");
    log_fill(data, length, offset, boot, boot_length);
    struct json_object *item = request_item(request, GURUM_ITEM_CONSOLE_LOG);
    set_text(item, "uuid", uuid);
    json_object_object_add(item, "data", json_object_new_string_len(data, (int)length));
    set_number(item, "offset", (int64_t)offset);
    set_number(item, "end_offset", (int64_t)end);
    set_number(item, "generation", booted_ms);
    free(data);
    return GURUM_OK;
}

/* ---- Disks and NICs of a guest ---- */

static int row_find_number(struct json_object *rows, const char *name, int64_t value)
{
    for (size_t i = 0; rows != NULL && i < json_object_array_length(rows); i++) {
        if (number_of(json_object_array_get_idx(rows, i), name) == value)
            return (int)i;
    }
    return -1;
}

static struct json_object *rows_of(struct json_object *shape, const char *name)
{
    if (member_of(shape, name) == NULL)
        json_object_object_add(shape, name, json_object_new_array());
    return member_of(shape, name);
}

/* Attaching changes what is wanted and, when it runs, what is active. `key` names the row among `rows_name`. */
static int32_t part_attach(struct request *request, const char *rows_name, const char *part, const char *key)
{
    const char *uuid;
    int32_t status = host_ready(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid), *row = member_of(request->spec, part);
    if (guest == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not here", uuid);
    struct json_object *rows = rows_of(member_of(guest, "shape"), rows_name);
    int same = row_find(rows, key, text_of(row, key)),
        at = row_find_number(rows, "device_number", number_of(row, "device_number"));
    if (same < 0 && at >= 0)
        return request_fail(request, GURUM_CONFLICT, "device_taken", "device %" PRId64 " of %s is taken",
                            number_of(row, "device_number"), uuid);
    const char *const shapes[] = {"shape", "active"};
    for (int i = 0; i < 2; i++) {
        if (member_of(guest, shapes[i]) == NULL)
            continue;
        rows = rows_of(member_of(guest, shapes[i]), rows_name);
        same = row_find(rows, key, text_of(row, key));
        json_object_array_put_idx(rows, same < 0 ? json_object_array_length(rows) : (size_t)same, copy_of(row));
    }
    state_save(STATE_guests, uuid);
    return GURUM_OK;
}

static int32_t part_detach(struct request *request, const char *rows_name, const char *part, const char *key)
{
    const char *uuid;
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    struct json_object *guest = guest_here(request, &uuid), *row = member_of(request->spec, part);
    if (status != GURUM_OK || guest == NULL)
        return status;
    const char *const shapes[] = {"shape", "active"};
    for (int i = 0; i < 2; i++) {
        struct json_object *rows = member_of(member_of(guest, shapes[i]), rows_name);
        int at = text_of(row, key) == NULL ? row_find_number(rows, "device_number", number_of(row, "device_number"))
                                           : row_find(rows, key, text_of(row, key));
        if (at >= 0)
            json_object_array_del_idx(rows, (size_t)at, 1);
    }
    state_save(STATE_guests, uuid);
    return GURUM_OK;
}

static int32_t disk_attach(struct request *request)
{
    int32_t status = part_attach(request, "disks", "disk", "volume_uuid");
    if (status == GURUM_OK) {
        struct json_object *item = request_item(request, GURUM_ITEM_DISK);
        set_text(item, "volume_uuid", spec_text(request, "disk", "volume_uuid"));
        set_text(item, "handle", spec_text(request, "disk", "handle"));
        set_number(item, "device_number", spec_number(request, "disk", "device_number"));
        set_number(item, "size_bytes", spec_number(request, "disk", "size_bytes"));
    }
    return status;
}

static int32_t disk_detach(struct request *request)
{
    return part_detach(request, "disks", "disk", "volume_uuid");
}

static int32_t nic_attach(struct request *request)
{
    return part_attach(request, "nics", "nic", "uuid");
}

static int32_t nic_detach(struct request *request)
{
    return part_detach(request, "nics", "nic", "uuid");
}

/* ---- Resize, migration, snapshots, console ---- */

static int32_t guest_resize(struct request *request)
{
    const char *uuid, *url = spec_text(request, "host", "url");
    int32_t status = host_ready(request, url);
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid);
    if (guest == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not here", uuid);
    int64_t free_mib = number_of(state_get(STATE_hosts, url), "memory_mib") - host_memory_used_mib(url, uuid);
    if (spec_number(request, "guest", "memory_mib") > free_mib)
        return request_fail(request, GURUM_NO_CAPACITY, "memory", "%" PRId64 " MiB free", free_mib);
    const char *const shapes[] = {"shape", "active"}, *const names[] = {"cpu_count", "cpu_mhz", "memory_mib"};
    for (int i = 0; i < 6; i++) {
        struct json_object *shape = member_of(guest, shapes[i / 3]);
        if (shape != NULL)
            set_number(shape, names[i % 3], spec_number(request, "guest", names[i % 3]));
    }
    state_save(STATE_guests, uuid);
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

static int32_t guest_migrate(struct request *request)
{
    const char *from = spec_text(request, "host", "url"), *to = spec_text(request, "destination", "url");
    const char *uuid = spec_text(request, "guest", "uuid");
    struct json_object *guest = state_get(STATE_guests, uuid), *shape = member_of(request->spec, "guest");
    const char *at = text_of(guest, "host");
    int32_t status = host_ready(request, to);
    if (status != GURUM_OK)
        return status;
    if (at == NULL || from == NULL || (strcmp(at, from) != 0 && strcmp(at, to) != 0))
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is at neither host", uuid);
    if (strcmp(at, to) != 0) {
        if (!is_running(guest))
            return request_fail(request, GURUM_CONFLICT, "guest_stopped", "guest %s does not run", uuid);
        if ((status = host_ready(request, from)) != GURUM_OK ||
            (status = parts_usable(request, shape, uuid, to)) != GURUM_OK)
            return status;
        int64_t free_mib = number_of(state_get(STATE_hosts, to), "memory_mib") - host_memory_used_mib(to, uuid);
        if (GUEST_MEMORY_MIB(member_of(guest, "active")) > free_mib)
            return request_fail(request, GURUM_NO_CAPACITY, "memory", "%" PRId64 " MiB free at %s", free_mib, to);
        state_place_guest(uuid, at, to);
        set_text(guest, "host", to);
        json_object_object_add(guest, "shape", copy_of(shape));
        json_object_object_add(guest, "active", copy_of(shape));
        state_save(STATE_guests, uuid);
    }
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

static void snapshot_report(struct request *request, const char *id, struct json_object *snapshot)
{
    struct json_object *item = request_item(request, GURUM_ITEM_GUEST_SNAPSHOT);
    set_text(item, "uuid", id);
    set_text(item, "handle", id);
    set_number(item, "taken_ms", number_of(snapshot, "taken_ms"));
    set_number(item, "size_bytes", number_of(snapshot, "size_bytes"));
}

static int32_t guest_snapshot_ensure(struct request *request)
{
    const char *uuid, *id = text_of(request->spec, "snapshot_uuid");
    int32_t status = host_ready(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid), *snapshot = state_get(STATE_guest_snapshots, id);
    if (guest == NULL || id == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "guest_absent", "guest %s is not here", uuid);
    if (snapshot == NULL) {
        bool memory = (number_of(request->spec, "flags") & GURUM_SNAPSHOT_MEMORY) && is_running(guest);
        snapshot = json_object_new_object();
        set_text(snapshot, "guest_uuid", uuid);
        set_text(snapshot, "name", text_of(request->spec, "snapshot_name"));
        set_number(snapshot, "taken_ms", request->now_ms);
        set_number(snapshot, "memory", memory);
        set_number(snapshot, "size_bytes", memory ? GUEST_MEMORY_MIB(member_of(guest, "active")) << 20 : 0);
        state_put(STATE_guest_snapshots, id, snapshot);
    }
    snapshot_report(request, id, snapshot);
    return GURUM_OK;
}

static int32_t guest_snapshot_revert(struct request *request)
{
    const char *uuid, *id = text_of(request->spec, "snapshot_uuid");
    int32_t status = host_ready(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid), *snapshot = state_get(STATE_guest_snapshots, id);
    if (guest == NULL || snapshot == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "snapshot_absent", "snapshot %s is not here", id);
    const char *last = text_of(guest, "revert_operation");
    if (last == NULL || request->operation == NULL || strcmp(last, request->operation) != 0) {
        set_text(guest, "revert_operation", request->operation);
        set_number(guest, "reverts", number_of(guest, "reverts") + 1);
        uint32_t state = number_of(snapshot, "memory") ? GURUM_GUEST_RUNNING : GURUM_GUEST_STOPPED;
        guest_set_state(uuid, guest, state, request->now_ms);
    }
    guest_report(request, uuid, guest);
    return GURUM_OK;
}

static int32_t guest_snapshot_remove(struct request *request)
{
    const char *uuid, *id = text_of(request->spec, "snapshot_uuid");
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    if (status == GURUM_OK && id != NULL && guest_here(request, &uuid) != NULL)
        state_remove(STATE_guest_snapshots, id);
    return status;
}

static int32_t console_open(struct request *request)
{
    const char *uuid;
    int32_t status = host_reach(request, spec_text(request, "host", "url"));
    if (status != GURUM_OK)
        return status;
    struct json_object *guest = guest_here(request, &uuid);
    if (guest == NULL || !is_running(guest))
        return request_fail(request, guest == NULL ? GURUM_NOT_FOUND : GURUM_CONFLICT, "guest_stopped",
                            "guest %s does not run here", uuid);
    char password[24];
    snprintf(password, sizeof(password), "%08" PRIx64, hash_of(uuid) & 0xffffffff);
    struct json_object *item = request_item(request, GURUM_ITEM_CONSOLE);
    set_text(item, "protocol", "vnc");
    set_text(item, "address", "127.0.0.1");
    set_text(item, "password", password);
    set_number(item, "port", 5900 + (int64_t)(hash_of(uuid) % 10000));
    set_number(item, "expires_ms", request->now_ms + 120000);
    return GURUM_OK;
}

/* ---- Behind the manager's back ---- */

static struct json_object *guest_find(const char *uuid_or_name, const char **ret_uuid)
{
    *ret_uuid = uuid_or_name;
    if (state_get(STATE_guests, uuid_or_name) != NULL)
        return state_get(STATE_guests, uuid_or_name);
    json_object_object_foreach(state_all(STATE_guests), uuid, guest)
    {
        const char *name = text_of(member_of(guest, "shape"), "name");
        *ret_uuid = uuid;
        if (name != NULL && strcmp(name, uuid_or_name) == 0)
            return guest;
    }
    return NULL;
}

bool guest_power_off(const char *uuid_or_name, const char *state, int64_t now_ms)
{
    const char *uuid;
    struct json_object *guest = guest_find(uuid_or_name, &uuid);
    if (guest == NULL || !is_running(guest))
        return false;
    guest_set_state(uuid, guest, state[0] == 'c' ? GURUM_GUEST_CRASHED : GURUM_GUEST_STOPPED, now_ms);
    return true;
}

bool guest_power_on(const char *uuid_or_name, int64_t now_ms)
{
    const char *uuid;
    struct json_object *guest = guest_find(uuid_or_name, &uuid);
    if (guest == NULL || is_running(guest))
        return false;
    guest_set_state(uuid, guest, GURUM_GUEST_RUNNING, now_ms);
    return true;
}

/* As somebody with access to the host would: a guest, known or new, defined and started there. */
bool guest_run_at(const char *uuid, const char *name, const char *url, int64_t now_ms)
{
    struct json_object *guest = state_get(STATE_guests, uuid);
    if (uuid == NULL || url == NULL || is_running(guest))
        return false;
    const char *at = text_of(guest, "host");
    guest = guest == NULL ? json_object_new_object() : json_object_get(guest);
    if (member_of(guest, "shape") == NULL) {
        struct json_object *shape = json_object_new_object();
        set_text(shape, "uuid", uuid);
        set_text(shape, "name", name == NULL ? uuid : name);
        set_number(shape, "cpu_count", 1);
        set_number(shape, "memory_mib", 128);
        json_object_object_add(guest, "shape", shape);
        set_text(guest, "handle", "by-hand");
    }
    state_place_guest(uuid, at, url);
    set_text(guest, "host", url);
    state_put(STATE_guests, uuid, guest);
    guest_set_state(uuid, state_get(STATE_guests, uuid), GURUM_GUEST_RUNNING, now_ms);
    return true;
}

bool guest_forget(const char *uuid_or_name)
{
    const char *uuid;
    struct json_object *guest = guest_find(uuid_or_name, &uuid);
    if (guest == NULL || is_running(guest))
        return false;
    state_place_guest(uuid, text_of(guest, "host"), NULL);
    state_remove(STATE_guests, uuid);
    return true;
}

/* A power cut: what ran there is stopped when the host comes back. */
void host_set_down(const char *url, bool down, int64_t now_ms)
{
    struct json_object *host = state_get(STATE_hosts, url), *set = state_guests_at(url);
    host = host == NULL ? json_object_new_object() : json_object_get(host);
    set_number(host, "down", down);
    state_put(STATE_hosts, url, host);
    if (!down || set == NULL)
        return;
    json_object_object_foreach(set, uuid, ignored)
    {
        (void)ignored;
        if (is_running(state_get(STATE_guests, uuid)))
            guest_set_state(uuid, state_get(STATE_guests, uuid), GURUM_GUEST_STOPPED, now_ms);
    }
}

const struct slot hypervisor_slots[] = {
    {"host_probe", host_probe, 0},
    {"host_ensure", host_ensure, 0},
    {"host_observe", host_observe, 0},
    {"host_remove", host_remove, SLOT_IGNORES_CANCEL},
    {"guest_ensure", guest_ensure, 0},
    {"guest_start", guest_start, 0},
    {"guest_stop", guest_stop, 0},
    {"guest_reboot", guest_reboot, 0},
    {"guest_remove", guest_remove, SLOT_IGNORES_CANCEL},
    {"guest_observe", guest_observe, 0},
    {"guest_list", guest_list, 0},
    {"guest_stats", guest_stats, 0},
    {"disk_attach", disk_attach, 0},
    {"disk_detach", disk_detach, SLOT_IGNORES_CANCEL},
    {"nic_attach", nic_attach, 0},
    {"nic_detach", nic_detach, SLOT_IGNORES_CANCEL},
    {"guest_resize", guest_resize, 0},
    {"guest_migrate", guest_migrate, 0},
    {"guest_snapshot_ensure", guest_snapshot_ensure, 0},
    {"guest_snapshot_revert", guest_snapshot_revert, 0},
    {"guest_snapshot_remove", guest_snapshot_remove, SLOT_IGNORES_CANCEL},
    {"console_open", console_open, 0},
    {"console_log_read", console_log_read, 0},
    {NULL, NULL, 0},
};
