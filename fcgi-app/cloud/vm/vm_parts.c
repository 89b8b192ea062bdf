/* SQL of what hangs on a VM: NICs and details. What its guest reads: vm_guest_data.c. */
#include "cloud/detail/detail.h"
#include "cloud/bucket/run.h"
#include "cloud/vm/vm_columns.h"

enum { NICS_PER_PAGE_MAX = (VM_PAGE_MAX + RUN_STRANGERS_MAX) * VM_NICS_MAX, DETAILS_PER_PAGE_MAX = VM_PAGE_MAX * 100 };

FIELD_TABLE(VM_NIC_ROW, struct vm_nic, COLUMN(struct vm_nic, vm_id), COLUMN(struct vm_nic, device_number),
            COLUMN(struct vm_nic, network_id), COLUMN(struct vm_nic, address_id), COLUMN(struct vm_nic, uuid),
            COLUMN(struct vm_nic, mac_address), COLUMN(struct vm_nic, ip_address), COLUMN(struct vm_nic, gateway),
            COLUMN(struct vm_nic, netmask), COLUMN(struct vm_nic, cidr), COLUMN(struct vm_nic, vlan),
            COLUMN(struct vm_nic, is_default));
#define NIC_SELECT                                                                                                     \
    "SELECT vm_id, device_number, network_id, address_id, uuid, mac_address, ip_address, gateway, netmask, cidr, "     \
    "vlan, is_default FROM vm_nic"
DB_STATEMENT(NIC_INSERT, .name = "vm_nic.insert",
             .sql = "INSERT INTO vm_nic (vm_id, device_number, network_id, address_id, uuid, mac_address, ip_address, "
                    "gateway, netmask, cidr, vlan, "
                    "is_default, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(3))");
DB_STATEMENT(NIC_OF_VM, .name = "vm_nic.of_vm", .sql = NIC_SELECT " WHERE vm_id = ? ORDER BY vm_id, device_number",
             .row = &VM_NIC_ROW);
FIELD_TABLE(VM_NIC_SHOWN_ROW, struct vm_nic_shown, COLUMN(struct vm_nic_shown, vm_id),
            COLUMN(struct vm_nic_shown, device_number), COLUMN(struct vm_nic_shown, uuid),
            COLUMN(struct vm_nic_shown, mac_address), COLUMN(struct vm_nic_shown, ip_address),
            COLUMN(struct vm_nic_shown, gateway), COLUMN(struct vm_nic_shown, netmask),
            COLUMN(struct vm_nic_shown, vlan), COLUMN(struct vm_nic_shown, network_uuid),
            COLUMN(struct vm_nic_shown, network_name), COLUMN(struct vm_nic_shown, traffic_type),
            COLUMN(struct vm_nic_shown, guest_type), COLUMN(struct vm_nic_shown, ip6_gateway),
            COLUMN(struct vm_nic_shown, ip6_cidr), COLUMN(struct vm_nic_shown, broadcast_uri),
            COLUMN(struct vm_nic_shown, segment_id), COLUMN(struct vm_nic_shown, private_mtu),
            COLUMN(struct vm_nic_shown, is_default));
#define NIC_SHOW_SELECT                                                                                                \
    "SELECT c.vm_id, c.device_number, c.uuid, c.mac_address, c.ip_address, c.gateway, c.netmask, c.vlan, "             \
    "n.uuid AS network_uuid, n.name AS network_name, n.traffic_type, n.guest_type, n.ip6_gateway, n.ip6_cidr, "        \
    "n.broadcast_uri, n.segment_id, n.private_mtu, c.is_default "                                                      \
    "FROM vm_nic c FORCE INDEX (PRIMARY) LEFT JOIN network n ON n.id = c.network_id "
DB_STATEMENT(NIC_SHOW, .name = "vm_nic.show", .sql = NIC_SHOW_SELECT "WHERE " RUN_RANGES("c.vm_id"),
             .row = &VM_NIC_SHOWN_ROW);
DB_STATEMENT(NIC_SHOW_SCATTERED, .name = "vm_nic.show_scattered",
             .sql = NIC_SHOW_SELECT "WHERE c.vm_id IN (" DB_MARKS_64 ")", .row = &VM_NIC_SHOWN_ROW);
DB_STATEMENT(NIC_DELETE_ALL, .name = "vm_nic.delete_all", .sql = "DELETE FROM vm_nic WHERE vm_id = ?");

FIELD_TABLE(VM_DETAIL_ROW, struct vm_detail, COLUMN(struct vm_detail, vm_id), COLUMN(struct vm_detail, name),
            COLUMN(struct vm_detail, value), COLUMN(struct vm_detail, is_shown));
DB_STATEMENT(DETAIL_SET, .name = "vm_detail.set",
             .sql = "INSERT INTO vm_detail (vm_id, name, value, is_shown) VALUES (?, ?, ?, TRUE) ON DUPLICATE KEY "
                    "UPDATE value = VALUES(value)");
DB_STATEMENT(DETAIL_CLEAR, .name = "vm_detail.clear", .sql = "DELETE FROM vm_detail WHERE vm_id = ?");
DB_STATEMENT(DETAIL_FIND_FOR, .name = "vm_detail.find_for",
             .sql = "SELECT vm_id, name, value, is_shown FROM vm_detail WHERE vm_id IN (" DB_MARKS_64 ")",
             .row = &VM_DETAIL_ROW);

DB_STATEMENT(DETAIL_PUT, .name = "vm_detail.put",
             .sql = "INSERT INTO vm_detail (vm_id, name, value, is_shown) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE "
                    "value = VALUES(value), is_shown = VALUES(is_shown)");
DB_STATEMENT(DETAIL_REMOVE, .name = "vm_detail.remove",
             .sql = "DELETE FROM vm_detail WHERE vm_id = ? AND (? IS NULL OR name = ?)");
DB_STATEMENT(DETAIL_LIST, .name = "vm_detail.list",
             .sql = "SELECT name, value, is_shown FROM vm_detail WHERE vm_id = ? ORDER BY vm_id, name",
             .row = &OBJECT_DETAIL_ROW);
DB_STATEMENT(DETAIL_NOTE, .name = "vm.note_details",
             .sql = "UPDATE vm SET has_details = EXISTS (SELECT 1 FROM vm_detail d WHERE d.vm_id = ?) WHERE id = ?");

bool vm_query_page(struct db *db, const struct db_statement *statement, struct arena *arena, size_t most,
                   const int64_t *ids, size_t count, struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, statement, arena, most, VM_PAGE_MAX, ids, count, ret_rows, err);
}

bool vm_nic_insert(struct db *db, const struct vm_nic *n, struct error *err)
{
    return db_execute(db, &NIC_INSERT, err, db_int(n->vm_id), db_int(n->device_number), db_int(n->network_id),
                      db_int(n->address_id), db_text(n->uuid), db_text(n->mac_address), db_text(n->ip_address),
                      db_text(n->gateway), db_text(n->netmask), db_text(n->cidr), db_text(n->vlan),
                      db_bool(n->is_default));
}

bool vm_nics_any(struct db *db, struct arena *arena, int64_t vm_id, struct vm_nic **ret_nics, size_t *ret_count,
                 struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &NIC_OF_VM, arena, VM_NICS_MAX, &rows, err, db_int(vm_id)))
        return false;
    *ret_nics = rows.items;
    *ret_count = rows.count;
    return true;
}

bool vm_nic_delete_all(struct db *db, int64_t vm_id, struct error *err)
{
    return db_execute(db, &NIC_DELETE_ALL, err, db_int(vm_id));
}

bool vm_nic_show_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                         struct db_rows *ret_rows, struct error *err)
{
    struct db_value bounds[2 * RUN_RANGES_MAX];
    if (!run_ranges(vm_ids, count, bounds))
        return vm_query_page(db, &NIC_SHOW_SCATTERED, arena, NICS_PER_PAGE_MAX, vm_ids, count, ret_rows, err);
    return db_query_values(db, &NIC_SHOW, arena, NICS_PER_PAGE_MAX, ret_rows, bounds, COUNT_OF(bounds), err);
}

bool vm_detail_set(struct db *db, int64_t vm_id, const char *name, const char *value, struct error *err)
{
    return db_execute(db, &DETAIL_SET, err, db_int(vm_id), db_text(name), db_text(value));
}

bool vm_detail_clear(struct db *db, int64_t vm_id, struct error *err)
{
    return db_execute(db, &DETAIL_CLEAR, err, db_int(vm_id));
}

bool vm_detail_find_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                            struct db_rows *ret_rows, struct error *err)
{
    return vm_query_page(db, &DETAIL_FIND_FOR, arena, DETAILS_PER_PAGE_MAX, vm_ids, count, ret_rows, err);
}

static bool note_details(struct db *db, int64_t vm_id, struct error *err)
{
    return db_execute(db, &DETAIL_NOTE, err, db_int(vm_id), db_int(vm_id));
}

void vm_register_details(void)
{
    static const struct detail_keeper keeper = {.kind = "vm",
                                                .set = &DETAIL_PUT,
                                                .remove = &DETAIL_REMOVE,
                                                .list = &DETAIL_LIST,
                                                .hides = true,
                                                .changed = note_details};
    detail_register_keeper(&keeper);
}
