/* Rules of network offerings, and what other features ask of them. */
#include "cloud/network/network_offering_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/reply.h"
#include "cloud/network/network_physical.h"

bool network_offering_find_any(struct db *db, struct arena *arena, int64_t id,
                               const struct network_offering **ret_offering, struct error *err)
{
    return network_offering_store_find(db, arena, id, NULL, ret_offering, err);
}

bool network_offering_find(struct db *db, struct arena *arena, int64_t id, const struct network_offering **ret_offering,
                           struct error *err)
{
    const struct network_offering *offering = NULL;
    if (!network_offering_store_find(db, arena, id, NULL, &offering, err))
        return false;
    *ret_offering = offering && !offering->removed.set ? offering : NULL;
    return true;
}

bool network_offering_has(const struct network_offering *offering, const char *service)
{
    size_t length = strlen(service);
    for (const char *at = offering->services; at && *at; at += *at == ',') {
        if (strncasecmp(at, service, length) == 0 && at[length] == '=')
            return true;
        at = strchrnul(at, ',');
    }
    return false;
}

const struct offered_service *network_offering_services(struct arena *arena, const struct network_offering *offering,
                                                        size_t *ret_count)
{
    struct offered_service *services = arena_array(arena, NETWORK_SERVICES_MAX, sizeof(*services));
    size_t pairs, count = 0;
    const char **items = string_split(arena, offering->services ? offering->services : "", ',', &pairs);
    for (size_t i = 0; i < NETWORK_SERVICES_MAX; i++) {
        struct text providers;
        size_t length = strlen(NETWORK_SERVICES[i].name);
        text_init(&providers, arena, 1024);
        for (size_t j = 0; j < pairs; j++)
            if (strncasecmp(items[j], NETWORK_SERVICES[i].name, length) == 0 && items[j][length] == '=')
                text_addf(&providers, "%s%s", providers.length > 0 ? "," : "", items[j] + length + 1);
        if (providers.length > 0)
            services[count++] = (struct offered_service){NETWORK_SERVICES[i].name, text_string(&providers)};
    }
    *ret_count = count;
    return services;
}

bool network_offering_is_offered(struct db *db, struct arena *arena, const struct network_offering *offering,
                                 const char *domain_path, int64_t zone_id, bool *ret_offered, struct error *err)
{
    struct offering_places places = {offering->domain_ids, offering->zone_ids};
    bool allowed = false;
    if (!places_allow(db, arena, places, domain_path, zone_id, &allowed, err))
        return false;
    *ret_offered = allowed && !offering->removed.set && string_equal(offering->state, "Enabled");
    return true;
}

/* ---- changes ---- */

static bool unknown(struct error *err, const char *parameter, const char *value)
{
    return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", parameter),
                      E_TEXT("value", value ? value : ""));
}

static bool check_services(struct arena *arena, const struct network_offering *wish, struct error *err)
{
    size_t count;
    const char **items = string_split(arena, wish->services ? wish->services : "", ',', &count);
    for (size_t i = 0; i < count; i++) {
        const char *cut = strchr(items[i], '=');
        const char *name = cut ? arena_strndup(arena, items[i], (size_t)(cut - items[i])) : items[i];
        const struct network_service_info *service = network_service_find(name);
        if (!service)
            return unknown(err, "supportedservices", name);
        if (!cut || !network_list_has(service->providers, cut + 1))
            return error_with(err, ERROR_INVALID_VALUE, "network.provider_lacks_service",
                              E_TEXT("provider", cut ? cut + 1 : ""), E_TEXT("service", name));
    }
    return true;
}

/* Each is "Service.Capability" of an offered service, and may be chosen. */
static bool check_capabilities(struct arena *arena, const struct network_offering *wish, struct error *err)
{
    const struct pair_list chosen = reply_pairs_of(arena, wish->capabilities);
    for (size_t i = 0; i < chosen.count; i++) {
        const char *name = chosen.items[i].name, *dot = strchrnul(name, '.');
        const struct network_service_info *service =
            network_service_find(arena_strndup(arena, name, (size_t)(dot - name)));
        bool known = false;
        for (size_t j = 0; service && *dot && j < COUNT_OF(service->capabilities); j++)
            known = known || (service->capabilities[j].can_choose &&
                              string_equal_ignoring_case(service->capabilities[j].name, dot + 1));
        if (!known || !network_offering_has(wish, service->name))
            return unknown(err, "servicecapabilitylist", name);
    }
    return true;
}

static bool check_guest_type(const struct network_offering *wish, struct error *err)
{
    bool isolated = string_equal(wish->guest_type, "Isolated");
    if (string_equal(wish->guest_type, "L2") && wish->services &&
        (network_offering_has(wish, "Dhcp") || network_offering_has(wish, "Dns") ||
         network_offering_has(wish, "SourceNat")))
        return error_set(err, ERROR_INVALID_VALUE, "network.l2_without_services");
    if (!isolated && network_offering_has(wish, "SourceNat"))
        return error_set(err, ERROR_INVALID_VALUE, "network.source_nat_isolated");
    if (isolated && wish->specify_ip_ranges && network_offering_has(wish, "SourceNat"))
        return error_set(err, ERROR_INVALID_VALUE, "network.ranges_with_source_nat");
    if (string_equal(wish->guest_type, "Shared") && !wish->specify_ip_ranges)
        return error_set(err, ERROR_INVALID_VALUE, "network.shared_needs_ranges");
    if (!isolated && (wish->for_vpc || (wish->is_persistent && !string_equal(wish->guest_type, "L2"))))
        return error_set(err, ERROR_INVALID_VALUE, "network.isolated_only");
    return true;
}

static bool check_row(struct arena *arena, const struct network_offering *row, struct error *err)
{
    if (string_is_empty(row->name))
        return error_set(err, ERROR_INVALID_VALUE, "network.name_empty");
    if (!network_list_has("Optional,Required", row->availability))
        return unknown(err, "availability", row->availability);
    if (!network_state_word(row->state))
        return unknown(err, "state", row->state);
    return check_services(arena, row, err) && check_guest_type(row, err);
}

struct offering_change {
    struct arena *arena;
    const struct network_offering *row;
    int64_t id;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct offering_change *change = context;
    return network_offering_store_add(db, change->arena, change->row, &change->id, err);
}

static bool update_body(struct db *db, void *context, struct error *err)
{
    struct offering_change *change = context;
    return network_offering_store_update(db, change->arena, change->row, err);
}

static bool name_taken(struct error *err, const char *name)
{
    if (err && err->kind == ERROR_IN_USE)
        return error_with(err, ERROR_INVALID_VALUE, "network.offering_name_taken", E_TEXT("name", name));
    return false;
}

bool network_offering_create(struct db *db, struct arena *arena, const struct network_offering *wish, int64_t *ret_id,
                             struct error *err)
{
    char uuid[UUID_BYTES];
    struct network_offering row = *wish;
    struct offering_change change = {.arena = arena, .row = &row};
    uuid_random(uuid);
    row.id = 0;
    row.uuid = uuid;
    row.created = OPT_TIME(clock_now_ms());
    row.guest_type = network_guest_type_word(wish->guest_type);
    if (!row.guest_type)
        return unknown(err, "guestiptype", wish->guest_type);
    if (!string_equal_ignoring_case(wish->traffic_type, "Guest"))
        return unknown(err, "traffictype", wish->traffic_type);
    row.traffic_type = "Guest";
    if (!check_row(arena, &row, err) || !check_capabilities(arena, &row, err))
        return false;
    if (!db_transaction(db, create_body, &change, err))
        return name_taken(err, row.name);
    *ret_id = change.id;
    return true;
}

bool network_offering_update(struct db *db, struct arena *arena, const struct network_offering *changed,
                             struct error *err)
{
    struct offering_change change = {.arena = arena, .row = changed};
    return check_row(arena, changed, err) &&
           (db_transaction(db, update_body, &change, err) || name_taken(err, changed->name));
}

bool network_offering_remove(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    const struct network_offering *before = NULL;
    if (!network_offering_find(db, arena, id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "network.offering_gone");
    if (before->is_default)
        return error_set(err, ERROR_INVALID_VALUE, "network.offering_default");
    struct network_offering removed = *before;
    removed.state = "Disabled";
    removed.removed = OPT_TIME(clock_now_ms());
    struct offering_change change = {.arena = arena, .row = &removed};
    return db_transaction(db, update_body, &change, err);
}
