/* Rows of tables vm, vm_nic, vm_detail, vm_user_data and vm_ssh_key. */
#ifndef GURUM_CLOUD_VM_STORE_H
#define GURUM_CLOUD_VM_STORE_H

#include "cloud/tag/tag.h"
#include "cloud/vm/vm.h"

/* A page of VMs as lists need them. */
struct vm_query {
    const struct list_scope *scope;
    int least_listed;
    const char *ids;           /* ",3,7,": only these; NULL: any */
    int64_t first_id, last_id; /* none of them lies outside; last_id 0: no bound */
    const char *name, *keyword_like, *state, *hypervisor, *arch, *key_pair;
    int64_t zone_id, pod_id, cluster_id, host_id, image_id, offering_id, network_id, group_id, user_id,
        pool_id, user_data_id; /* 0: any */
    struct opt_bool shown, ha_enabled;
    struct tag_filter tags;
    int64_t offset, limit;
};
/* Rows of struct vm by id, without VM_OTHER_COLUMNS; *ret_total counts all pages. limit 0: only the count. */
MUST_CHECK bool vm_store_list(struct db *db, struct arena *arena, const struct vm_query *query,
                              struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* The id and the name at the hypervisor that goes with it, for vm_store_insert. */
MUST_CHECK bool vm_store_number(struct db *db, struct arena *arena, struct vm *vm, struct error *err);
MUST_CHECK bool vm_store_insert(struct db *db, const struct vm *vm, struct error *err);
MUST_CHECK bool vm_store_name_is_taken(struct db *db, struct arena *arena, int64_t account_id, const char *name,
                                       int64_t except_id, bool *ret_taken, struct error *err);
/* Moves the state if it still is `from`; *ret_moved tells. */
MUST_CHECK bool vm_store_move_state(struct db *db, const struct vm *vm, enum vm_state to, bool *ret_moved,
                                    struct error *err);
MUST_CHECK bool vm_store_set_host(struct db *db, int64_t id, int64_t host_id, int64_t last_host_id, struct error *err);
MUST_CHECK bool vm_store_set_job(struct db *db, int64_t id, const char *job_uuid, struct error *err);
MUST_CHECK bool vm_store_clear_job(struct db *db, int64_t id, const char *job_uuid, struct error *err);
MUST_CHECK bool vm_store_set_failure(struct db *db, int64_t id, const char *kind, const char *key, const char *args,
                                     struct error *err);
MUST_CHECK bool vm_store_update(struct db *db, const struct vm *vm,
                                struct error *err); /* names, group, flags, OS type */
/* Destroyed VMs whose grace is over, and VMs that an expunging left behind: ids, oldest first. */
MUST_CHECK bool vm_store_due_for_expunge_any(struct db *db, struct arena *arena, int64_t destroyed_before_ms,
                                             size_t most, struct db_rows *ret_ids, struct error *err);
/* Running and stopped VMs of a host without a pending job, for the reconciler. */
MUST_CHECK bool vm_store_on_host_any(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                                     struct error *err);

MUST_CHECK bool vm_nic_insert(struct db *db, const struct vm_nic *nic, struct error *err);
MUST_CHECK bool vm_nic_delete_all(struct db *db, int64_t vm_id, struct error *err);
/* A NIC with what replies tell of its network: all NULL when that is gone. */
struct vm_nic_shown {
    int64_t vm_id, device_number;
    const char *uuid, *mac_address, *ip_address, *gateway, *netmask, *vlan;
    const char *network_uuid, *network_name, *traffic_type, *guest_type, *ip6_gateway, *ip6_cidr, *broadcast_uri;
    struct opt_int segment_id, private_mtu;
    bool is_default;
};
/* NICs of up to VM_PAGE_MAX VMs in one statement, clustered by VM; NICs of other VMs may stand between them. */
MUST_CHECK bool vm_nic_show_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                    struct db_rows *ret_rows, struct error *err);

void vm_register_details(void); /* as what addResourceDetail changes */
struct vm_detail {
    int64_t vm_id;
    const char *name, *value;
    bool is_shown;
};
MUST_CHECK bool vm_detail_set(struct db *db, int64_t vm_id, const char *name, const char *value, struct error *err);
MUST_CHECK bool vm_detail_clear(struct db *db, int64_t vm_id, struct error *err);
MUST_CHECK bool vm_detail_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                       struct db_rows *ret_rows, struct error *err);

struct vm_user_data {
    const char *content; /* standard base64 */
    int64_t user_data_id; /* the stored piece it comes from; 0: none */
    const char *policy, *details; /* the image's policy; values of variables as reply_pairs_text keeps them */
};
/* NULL, or no content: takes it away. */
MUST_CHECK bool vm_user_data_set(struct db *db, int64_t vm_id, const struct vm_user_data *data, struct error *err);
MUST_CHECK bool vm_user_data_any(struct db *db, struct arena *arena, int64_t vm_id, const char **ret_content,
                                 struct error *err);
/* Where user data of up to VM_PAGE_MAX VMs came from; rows only of those that have a stored piece. */
struct vm_data_source {
    int64_t vm_id;
    const char *uuid, *name, *policy, *details;
};
MUST_CHECK bool vm_data_source_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                            struct db_rows *ret_rows, struct error *err);

/* An SSH key that a VM was made with. */
struct vm_key {
    int64_t vm_id;
    const char *name, *public_key;
};
MUST_CHECK bool vm_key_add(struct db *db, const struct vm_key *key, struct error *err);
MUST_CHECK bool vm_key_clear(struct db *db, int64_t vm_id, struct error *err);
MUST_CHECK bool vm_key_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                    struct db_rows *ret_rows, struct error *err);

#endif
