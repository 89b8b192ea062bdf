/* Addresses: taken and given back in the caller's transaction. The network's row is the guard: whoever takes an address
 * raises its nic_count first and so holds it until COMMIT; what is read afterwards is the last word. An address that
 * was given back is taken before a new one of the range; neither looks at the whole range.
 *
 * An IPv4 address keeps its MAC address when it is given back, and its next holder takes both: a DHCP server that still
 * remembers a lease of that address hands it to its new holder at once, where it would wait for the lease to end. Who
 * wants a MAC address of his own gets an IPv4 address that nobody had before, as long as there is one. */
#include <stdio.h>
#include <string.h>

#include "base/ip4.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/network/network_place.h"
#include "cloud/network/network_range.h"

enum { MAC_BYTES = 18 };

/* Locally administered, unicast. */
static void random_mac(char mac[static MAC_BYTES])
{
    unsigned char bytes[5];
    random_bytes(bytes, sizeof(bytes));
    snprintf(mac, MAC_BYTES, "02:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Six pairs of digits with colons; a multicast address is none of a NIC's. */
static bool is_mac(const char *text)
{
    bool good = strlen(text) == MAC_BYTES - 1;
    for (size_t i = 0; good && text[i]; i++)
        good = i % 3 == 2 ? text[i] == ':' : hex_digit(text[i]) >= 0;
    return good && hex_digit(text[1]) % 2 == 0;
}

struct taking {
    struct db *db;
    struct arena *arena;
    int64_t network_id;
    const struct address_owner *owner;
    const char *mac;
    bool mac_is_wanted; /* else a remembered one comes before it */
    struct address *result;
};

static bool choose_mac(struct taking *t, const char *wanted, struct error *err)
{
    char mac[MAC_BYTES];
    struct address_row *holder = NULL;
    if (!wanted) {
        random_mac(mac);
        t->mac = arena_strdup(t->arena, mac);
        return true;
    }
    if (!is_mac(wanted))
        return error_with(err, ERROR_INVALID_VALUE, "address.bad_mac", E_TEXT("mac", wanted));
    t->mac = string_lower(t->arena, wanted);
    t->mac_is_wanted = true;
    if (!address_store_find_mac(t->db, t->arena, t->mac, &holder, err))
        return false;
    if (holder && holder->in_use)
        return error_with(err, ERROR_INVALID_VALUE, "address.mac_taken", E_TEXT("mac", t->mac));
    return !holder || address_store_drop_mac(t->db, holder->id, err);
}

static void fill_result(struct taking *t, int64_t id, int64_t ip, const struct ip_range *range)
{
    char text[IP4_TEXT_BYTES];
    *t->result = (struct address){.id = id, .mac = t->mac};
    if (!range)
        return;
    ip4_format((uint32_t)ip, text);
    t->result->ip = arena_strdup(t->arena, text);
    t->result->gateway = range->gateway;
    t->result->netmask = range->netmask;
    t->result->cidr = range->cidr;
    t->result->vlan = range->vlan;
}

static bool take_row(struct taking *t, const struct address_row *row, const struct ip_range *range, bool *ret_taken,
                     struct error *err)
{
    if (row->mac && !t->mac_is_wanted)
        t->mac = row->mac;
    if (!address_store_take(t->db, row->id, t->mac, t->owner, ret_taken, err))
        return false;
    if (*ret_taken)
        fill_result(t, row->id, row->ip, range);
    return true;
}

/* A row of its own for an address that was never given out. *ret_taken false: it was, by its number. */
static bool add_row(struct taking *t, int64_t ip, const struct ip_range *range, bool *ret_taken, struct error *err)
{
    struct error failure = {0};
    const struct address_row row = {.ip = ip, .network_id = t->network_id, .range_id = range ? range->id : 0};
    int64_t id = 0;
    *ret_taken = address_store_add(t->db, &row, t->mac, t->owner, &id, &failure);
    if (*ret_taken)
        fill_result(t, id, ip, range);
    else if (failure.kind != ERROR_IN_USE) {
        if (err)
            error_copy(err, &failure);
        return false;
    }
    return true;
}

static bool is_gateway(const struct ip_range *range, int64_t ip)
{
    uint32_t gateway;
    return ip4_parse(range->gateway, &gateway) && (int64_t)gateway == ip;
}

static bool take_used(struct taking *t, const struct ip_range *range, bool *ret_taken, struct error *err)
{
    struct address_row *row = NULL;
    return address_store_find_free(t->db, t->arena, range->id, &row, err) &&
           (!row || take_row(t, row, range, ret_taken, err));
}

static bool take_from_range(struct taking *t, const struct ip_range *range, bool *ret_taken, struct error *err)
{
    *ret_taken = false;
    if (!t->mac_is_wanted && !take_used(t, range, ret_taken, err))
        return false;
    for (int64_t ip = range->next_ip; !*ret_taken && ip <= range->last_ip; ip++) {
        bool mine = false;
        if (!address_store_advance(t->db, range->id, ip, &mine, err) ||
            (mine && !is_gateway(range, ip) && !add_row(t, ip, range, ret_taken, err)))
            return false;
    }
    return *ret_taken || !t->mac_is_wanted || take_used(t, range, ret_taken, err);
}

static bool may_use(const struct ip_range *range, const struct address_owner *owner)
{
    return (range->account_id == 0 || range->account_id == owner->account_id) &&
           (range->domain_id == 0 || range->domain_id == owner->domain_id) && !range->for_system_vms;
}

static bool take_wanted(struct taking *t, const struct ip_range *ranges, size_t count, const char *wanted,
                        struct error *err)
{
    uint32_t ip;
    bool taken = false;
    const struct ip_range *range = NULL;
    struct address_row *row = NULL;
    if (!ip4_parse(wanted, &ip))
        return error_with(err, ERROR_INVALID_VALUE, "address.outside", E_TEXT("ip", wanted));
    for (size_t i = 0; i < count; i++)
        if ((int64_t)ip >= ranges[i].first_ip && (int64_t)ip <= ranges[i].last_ip && may_use(&ranges[i], t->owner))
            range = &ranges[i];
    if (!range || is_gateway(range, ip))
        return error_with(err, ERROR_INVALID_VALUE, "address.outside", E_TEXT("ip", wanted));
    if (!address_store_find_ip(t->db, t->arena, t->network_id, ip, &row, err))
        return false;
    if (row ? !take_row(t, row, range, &taken, err) : !add_row(t, ip, range, &taken, err))
        return false;
    return taken || error_with(err, ERROR_INVALID_VALUE, "address.taken", E_TEXT("ip", wanted));
}

static bool take_any(struct taking *t, const struct ip_range *ranges, size_t count, struct error *err)
{
    bool taken = false;
    for (size_t i = 0; i < count && !taken; i++)
        if (may_use(&ranges[i], t->owner) && !take_from_range(t, &ranges[i], &taken, err))
            return false;
    return taken || error_set(err, ERROR_INSUFFICIENT_CAPACITY, "address.none_free");
}

/* A network without addresses gives only a MAC address. */
static bool take_mac(struct taking *t, const char *wanted_ip, struct error *err)
{
    struct network *network = NULL;
    bool taken = false;
    if (!network_find(t->db, t->arena, t->network_id, &network, err))
        return false;
    if (wanted_ip)
        return error_with(err, ERROR_INVALID_VALUE, "address.outside", E_TEXT("ip", wanted_ip));
    if (!network || !string_equal(network->guest_type, "L2"))
        return error_set(err, ERROR_INSUFFICIENT_CAPACITY, "address.none_free");
    if (!add_row(t, 0, NULL, &taken, err))
        return false;
    return taken || error_with(err, ERROR_INVALID_VALUE, "address.mac_taken", E_TEXT("mac", t->mac));
}

bool address_take(struct db *db, struct arena *arena, int64_t network_id, const char *wanted_ip, const char *wanted_mac,
                  const struct address_owner *owner, struct address *ret_address, struct error *err)
{
    struct address result = {.id = 0};
    struct taking t = {.db = db, .arena = arena, .network_id = network_id, .owner = owner, .result = &result};
    struct db_rows rows;
    if (!address_store_raise_nics(db, network_id, err) || !choose_mac(&t, wanted_mac, err) ||
        !address_store_ranges(db, arena, network_id, &rows, err))
        return false;
    if (rows.count == 0 ? !take_mac(&t, wanted_ip, err)
                        : (wanted_ip ? !take_wanted(&t, rows.items, rows.count, wanted_ip, err)
                                     : !take_any(&t, rows.items, rows.count, err)))
        return false;
    *ret_address = result;
    return true;
}

bool address_release(struct db *db, int64_t address_id, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    struct address_row *row = NULL;
    arena_init(&arena);
    return address_store_find(db, &arena, address_id, &row, err) &&
           (!row || (address_store_give_back(db, row, err) && network_follow(db, &arena, row->network_id, err)));
}
