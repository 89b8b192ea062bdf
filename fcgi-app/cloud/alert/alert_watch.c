/* Looks at what the cloud knows anyway and raises alerts: states every few seconds, capacities as seldom as the setting
 * says. A condition that is no longer seen is over, and is told again when it comes back. */
#include "cloud/alert/alert_watch.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/setting.h"
#include "cloud/alert/alert_store.h"
#include "cloud/capacity/capacity.h"
#include "cloud/settings/settings.h"
#include "cloud/zone/zone.h"

SETTING(CHECK_PERIOD, .name = "capacity.check.period", .category = "Alert", .default_value = "300000",
        .help = "Milliseconds between two looks at how full things are", .type = SETTING_INT, .scopes = SCOPE_GLOBAL,
        .min = 1000, .max = 86400000);
#define THRESHOLD(ident, setting_name, places, what)                                                                   \
    SETTING(ident, .name = setting_name, .category = "Alert", .default_value = "0.75", .type = SETTING_DOUBLE,         \
            .scopes = SCOPE_GLOBAL | (places), .min = 0, .max = 1,                                                     \
            .help = "The share of " what " in use above which an alert is sent")
THRESHOLD(MEMORY, "cluster.memory.allocated.capacity.notificationthreshold", SCOPE_CLUSTER, "a cluster's memory");
THRESHOLD(CPU, "cluster.cpu.allocated.capacity.notificationthreshold", SCOPE_CLUSTER, "a cluster's processors");
THRESHOLD(STORAGE, "cluster.storage.capacity.notificationthreshold", SCOPE_CLUSTER, "a cluster's storage");
THRESHOLD(ALLOCATED, "cluster.storage.allocated.capacity.notificationthreshold", SCOPE_CLUSTER,
          "a cluster's promised storage");
THRESHOLD(LOCAL, "cluster.localStorage.capacity.notificationthreshold", SCOPE_CLUSTER, "a cluster's local storage");
THRESHOLD(PUBLIC_IP, "zone.virtualnetwork.publicip.capacity.notificationthreshold", SCOPE_ZONE,
          "a zone's public addresses");
THRESHOLD(DIRECT_IP, "zone.directnetwork.publicip.capacity.notificationthreshold", SCOPE_ZONE,
          "a zone's shared networks' addresses");
THRESHOLD(VLAN, "zone.vlan.capacity.notificationthreshold", SCOPE_ZONE, "a zone's VLANs");
THRESHOLD(SECONDARY, "zone.secstorage.capacity.notificationthreshold", SCOPE_ZONE | SCOPE_IMAGE_STORE,
          "an image store's space");

enum { LOOK_EVERY_MS = 2000 };

static const struct {
    enum capacity_type capacity;
    enum alert_type alert;
    const struct setting *threshold;
    bool of_zone;
} CAPACITIES[] = {
    {CAPACITY_MEMORY, ALERT_MEMORY, &MEMORY, false},
    {CAPACITY_CPU, ALERT_CPU, &CPU, false},
    {CAPACITY_STORAGE, ALERT_STORAGE, &STORAGE, false},
    {CAPACITY_STORAGE_ALLOCATED, ALERT_STORAGE_ALLOCATED, &ALLOCATED, false},
    {CAPACITY_LOCAL_STORAGE, ALERT_LOCAL_STORAGE, &LOCAL, false},
    {CAPACITY_PUBLIC_IP, ALERT_PUBLIC_IP, &PUBLIC_IP, true},
    {CAPACITY_DIRECT_IP, ALERT_DIRECT_IP, &DIRECT_IP, true},
    {CAPACITY_VLAN, ALERT_VLAN, &VLAN, true},
};

/* ---- states ---- */

static const struct {
    enum alert_type type;
    const char *key;
    bool (*find)(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
} STATES[] = {
    {ALERT_HOST, "alert.host_lost", alert_hosts_lost},
    {ALERT_MANAGEMENT, "alert.plugin_faulty", alert_plugins_faulty},
    {ALERT_MANAGEMENT, "alert.server_lost", alert_servers_lost},
    {ALERT_STORAGE_DELETE, "alert.leftover", alert_leftovers},
};

static bool look_at_states(struct db *db, struct arena *arena, struct error *err)
{
    int64_t began = clock_now_ms();
    for (size_t s = 0; s < COUNT_OF(STATES); s++) {
        struct db_rows rows;
        if (!STATES[s].find(db, arena, &rows, err))
            return false;
        const struct trouble_row *items = rows.items;
        for (size_t i = 0; i < rows.count; i++) {
            const struct alert_entry entry = {.type = STATES[s].type,
                                              .key = STATES[s].key,
                                              .subject = items[i].subject,
                                              .detail = items[i].detail,
                                              .zone_id = items[i].zone_id,
                                              .pod_id = items[i].pod_id,
                                              .condition = items[i].condition};
            if (!alert_raise(db, &entry, err))
                return false;
        }
    }
    return alert_end_unseen(db, "state:", began, err);
}

/* ---- capacities ---- */

struct place {
    const char *uuid, *name;
    struct capacity_place capacity;
    struct setting_place setting;
    bool is_zone;
};

static bool tell(struct db *db, struct arena *arena, const struct place *place, enum alert_type type, const char *key,
                 double share, struct error *err)
{
    const struct alert_entry entry = {.type = type,
                                      .key = key,
                                      .subject = place->name,
                                      .detail = arena_printf(arena, "%.0f %%", share * 100),
                                      .zone_id = place->setting.zone_id,
                                      .condition = arena_printf(arena, "capacity:%d:%s", (int)type, place->uuid)};
    return alert_raise(db, &entry, err);
}

static bool look_at_place(struct db *db, struct arena *arena, const struct place *place, struct error *err)
{
    struct capacity_share shares[CAPACITY_SHARES_MAX];
    size_t count = 0;
    if (!capacity_shares(db, arena, place->capacity, shares, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < COUNT_OF(CAPACITIES); c++) {
            double threshold, share = shares[i].total > 0 ? (double)shares[i].used / (double)shares[i].total : 0;
            if (CAPACITIES[c].capacity != shares[i].type || CAPACITIES[c].of_zone != place->is_zone)
                continue;
            if (!settings_double_at(db, arena, CAPACITIES[c].threshold, &place->setting, &threshold, err))
                return false;
            const char *key = place->is_zone ? "alert.zone_full" : "alert.cluster_full";
            if (share > threshold && !tell(db, arena, place, CAPACITIES[c].alert, key, share, err))
                return false;
        }
    }
    return true;
}

static bool look_at_stores(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows;
    if (!alert_image_stores(db, arena, &rows, err))
        return false;
    const struct store_row *stores = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        const struct place place = {.uuid = stores[i].uuid,
                                    .name = stores[i].name,
                                    .setting = {.image_store_id = stores[i].id, .zone_id = stores[i].zone_id}};
        double threshold, share = (double)stores[i].used_bytes / (double)stores[i].total_bytes;
        if (!settings_double_at(db, arena, &SECONDARY, &place.setting, &threshold, err))
            return false;
        if (share > threshold && !tell(db, arena, &place, ALERT_SECONDARY_STORAGE, "alert.store_full", share, err))
            return false;
    }
    return true;
}

static bool look_at_capacities(struct db *db, struct arena *arena, struct error *err)
{
    const struct zone *zones = NULL;
    const struct cluster *clusters = NULL;
    size_t zone_count = 0, cluster_count = 0;
    int64_t began = clock_now_ms();
    if (!zone_all(db, arena, &zones, &zone_count, err) || !cluster_all(db, arena, &clusters, &cluster_count, err))
        return false;
    for (size_t i = 0; i < zone_count; i++) {
        const struct place place = {
            zones[i].uuid, zones[i].name, {.zone_id = zones[i].id}, {.zone_id = zones[i].id}, true};
        if (!look_at_place(db, arena, &place, err))
            return false;
    }
    for (size_t i = 0; i < cluster_count; i++) {
        const struct cluster *c = &clusters[i];
        const struct place place = {
            c->uuid, c->name, {.cluster_id = c->id}, {.cluster_id = c->id, .zone_id = c->zone_id}, false};
        if (!look_at_place(db, arena, &place, err))
            return false;
    }
    return look_at_stores(db, arena, err) && alert_end_unseen(db, "capacity:", began, err);
}

static bool look(struct db *db, struct arena *arena, struct error *err)
{
    static _Atomic int64_t last_ms; /* of this process; another one may look once more */
    int64_t now = clock_now_ms();
    if (!look_at_states(db, arena, err))
        return false;
    if (now - atomic_load(&last_ms) < setting_int(&CHECK_PERIOD))
        return true;
    atomic_store(&last_ms, now);
    return look_at_capacities(db, arena, err);
}

void alert_watch_register(void)
{
    static const struct job_schedule WATCH = {.name = "alert.watch", .interval_ms = LOOK_EVERY_MS, .run = look};
    job_register_schedule(&WATCH);
}
