/* Rows of networks, for this feature's own files. */
#ifndef GURUM_CLOUD_NETWORK_STORE_H
#define GURUM_CLOUD_NETWORK_STORE_H

#include "cloud/network/network_physical.h"
#include "cloud/tag/tag.h"

MUST_CHECK bool network_store_add(struct db *db, const struct network *network, int64_t *ret_id, struct error *err);
/* Holds the row until COMMIT: no address is taken meanwhile. Errors: INVALID_VALUE "network.gone". */
MUST_CHECK bool network_store_hold(struct db *db, int64_t id, struct error *err);
/* What owners and operators change; states and counters have statements of their own. */
struct network_edit {
    int64_t id;
    const char *name, *display_text, *network_domain, *dns1, *dns2, *ip6_dns1, *ip6_dns2, *uuid, *reserved_ip_range;
    int64_t offering_id, private_mtu, public_mtu;
    bool display, restart_required;
};
MUST_CHECK bool network_store_edit(struct db *db, const struct network_edit *edit, struct error *err);
MUST_CHECK bool network_store_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                        struct network **ret_network, struct error *err);
/* Moves the state when it is `from` (NULL: whatever it is); false in *ret_moved: it was not. */
MUST_CHECK bool network_store_move(struct db *db, int64_t id, const char *from, const char *to, bool *ret_moved,
                                   struct error *err);
/* Begins taking it down: only while it has no NIC. */
MUST_CHECK bool network_store_close(struct db *db, int64_t id, const char *to, bool *ret_closed, struct error *err);
MUST_CHECK bool network_store_set_segment(struct db *db, int64_t id, int64_t segment, const char *broadcast_uri,
                                          struct error *err);
/* What the provider calls it and told of it; NULL: it is not up there. */
MUST_CHECK bool network_store_set_provider(struct db *db, int64_t id, const char *handle, struct error *err);
MUST_CHECK bool network_store_set_restart_required(struct db *db, int64_t id, bool required, struct error *err);
/* Marks it removed with its ranges and free addresses. Errors: IN_USE "network.has_nics". */
MUST_CHECK bool network_store_remove_empty(struct db *db, const struct network *network, struct error *err);
/* The system networks of a traffic type on a physical network; rows of struct network. */
MUST_CHECK bool network_store_system(struct db *db, struct arena *arena, int64_t physical_network_id,
                                     const char *traffic_type, struct db_rows *ret_rows, struct error *err);
/* The zone's system network of a traffic type; NULL: none. */
MUST_CHECK bool network_store_zone_system(struct db *db, struct arena *arena, int64_t zone_id, const char *traffic_type,
                                          struct network **ret_network, struct error *err);
MUST_CHECK bool network_store_count_provider(struct db *db, struct arena *arena, int64_t physical_network_id,
                                             const char *provider, int64_t *ret_count, struct error *err);
/* Guest networks of one account in a zone that are Isolated, by id. */
MUST_CHECK bool network_store_isolated_of(struct db *db, struct arena *arena, int64_t account_id, int64_t zone_id,
                                          struct db_rows *ret_rows, struct error *err);
/* Shared networks of nobody in particular, in all zones: few. */
enum { SHARED_NETWORKS_MAX = 5000, NETWORKS_PER_ACCOUNT_MAX = 10000 };
MUST_CHECK bool network_store_shared(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
/* Networks that stand idle since before the time, at most 64; rows of struct network. */
MUST_CHECK bool network_store_idle(struct db *db, struct arena *arena, int64_t before_ms, struct db_rows *ret_rows,
                                   struct error *err);

/* ---- network_list.c ---- */

struct network_query {
    const struct list_scope *scope;
    bool owned,
        everything; /* owned: those of accounts in the scope; everything: whoever's (an id was access-checked) */
    const char *shared_ids;   /* ",3,7,": visible shared ones; NULL: none */
    int64_t id;
    const char *name, *keyword_like, *traffic_type, *guest_type, *acl_type, *offering_ids /* NULL: any */,
        *segment; /* "101", "untagged" */
    int64_t zone_id, physical_network_id, offering_id;
    struct opt_bool restart_required, display, is_system;
    struct tag_filter tags;
    int64_t offset, limit;
};
MUST_CHECK bool network_store_search(struct db *db, struct arena *arena, const struct network_query *query,
                                     struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* A page of the accounts' networks from an anchor on, without filters. */
MUST_CHECK bool network_store_page(struct db *db, struct arena *arena, const struct network_query *query,
                                   int64_t first_id, int64_t skip, int64_t limit, struct db_rows *ret_rows,
                                   struct error *err);

#endif
