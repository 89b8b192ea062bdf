/* Rows of VMs: pages from anchors are what a plain scan would give, counters stay exact over every change of state. */
#include <unistd.h>

#include "base/secret.h"
#include "base/shared_versions.h"
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"
#include "cloud/vm/vm_change.h"
#include "store.h"
#include "unit.h"

enum { VMS = 1300, PAGE = 50 };

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;
static struct owner owner;

static void setup(void)
{
    struct identity_credentials credentials;
    bool is_new = false;
    arena_init(&arena);
    pool = store_schema_pool(2);
    db = store_acquire(pool);
    ck_assert_msg(identity_bootstrap(db, &arena, &is_new, &credentials, &err), "%s %s", err.key, err.detail);
    int64_t account = store_number(db, "SELECT MIN(id) FROM account WHERE name = 'admin'");
    ck_assert_msg(identity_owner_any(db, &arena, account, &owner, &err), "%s", err.detail);
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
    arena_free(&arena);
}

static bool add_vms(struct db *connection, void *context, struct error *failure)
{
    int count = *(const int *)context;
    for (int i = 0; i < count; i++) {
        struct vm vm = {.account_id = owner.account_id,
                        .domain_id = owner.domain_id,
                        .zone_id = 1,
                        .image_id = 1,
                        .offering_id = 1,
                        .name = arena_printf(&arena, "vm-%d", i),
                        .display_name = "x",
                        .instance_name = "",
                        .state = "Stopped",
                        .hypervisor = "Simulator",
                        .cpu_count = 1,
                        .cpu_mhz = 100,
                        .memory_mib = 64,
                        .boot_type = "BIOS",
                        .boot_mode = "LEGACY",
                        .is_shown = true};
        if (!vm_add_finished(connection, &arena, &vm, NULL, 0, &owner, failure))
            return false;
    }
    return true;
}

static void add(int count)
{
    ck_assert_msg(db_transaction(db, add_vms, &count, &err), "%s %s", err.key, err.detail);
}

static bool change_body(struct db *connection, void *context, struct error *failure)
{
    struct vm *vm = NULL;
    const int64_t *numbers = context;
    return vm_find_any(connection, &arena, numbers[0], &vm, failure) &&
           vm_change_state(connection, &arena, vm, (enum vm_event)numbers[1], (struct vm_actor){.caller = NULL},
                           failure);
}

static bool change(int64_t id, enum vm_event event)
{
    int64_t numbers[] = {id, event};
    return db_transaction(db, change_body, numbers, &err);
}

static struct db_rows list(enum scope_form form, int least_listed, int64_t offset, int64_t limit, int64_t *ret_total)
{
    const struct list_scope scope = {
        .form = form, .account_id = owner.account_id, .domain_id = owner.domain_id, .domain_path = owner.domain_path};
    const struct vm_query query = {.scope = &scope, .least_listed = least_listed, .offset = offset, .limit = limit};
    struct db_rows rows;
    ck_assert_msg(vm_store_list(db, &arena, &query, &rows, ret_total, &err), "%s %s", err.key, err.detail);
    return rows;
}

/* Every page of a scope against the ids in order. */
static void check_pages(enum scope_form form, int least_listed)
{
    int64_t expected =
                store_number(db, arena_printf(&arena, "SELECT COUNT(*) FROM vm WHERE listed >= %d", least_listed)),
            seen = 0, last = 0;
    for (int64_t offset = 0;; offset += PAGE) {
        int64_t total = -1;
        struct db_rows rows = list(form, least_listed, offset, PAGE, &total);
        ck_assert_int_eq(total, expected);
        const struct vm *vms = rows.items;
        for (size_t i = 0; i < rows.count; i++) {
            ck_assert_int_gt(vms[i].id, last);
            ck_assert_int_ge(vms[i].listed, least_listed);
            last = vms[i].id;
        }
        seen += (int64_t)rows.count;
        if (rows.count == 0)
            break;
        ck_assert(rows.count == PAGE || seen == expected);
    }
    ck_assert_int_eq(seen, expected);
}

START_TEST(test_pages_show_every_vm_once_in_order)
{
    add(VMS);
    check_pages(SCOPE_ACCOUNT_ONLY, 2);
    check_pages(SCOPE_EVERYTHING, 1);
    check_pages(SCOPE_DOMAIN_TREE, 2);
}
END_TEST

START_TEST(test_destroyed_vms_leave_the_pages_of_those_who_may_not_see_them)
{
    add(VMS);
    int64_t first = store_number(db, "SELECT MIN(id) FROM vm");
    for (int64_t id = first; id < first + VMS; id += 3)
        ck_assert_msg(change(id, VM_DESTROY_DONE), "%s %s", err.key, err.detail);
    for (int64_t id = first; id < first + VMS; id += 6) {
        ck_assert(change(id, VM_EXPUNGE_REQUESTED));
        ck_assert(change(id, VM_EXPUNGE_DONE));
    }
    check_pages(SCOPE_ACCOUNT_ONLY, 2);
    check_pages(SCOPE_ACCOUNT_ONLY, 1);
    check_pages(SCOPE_EVERYTHING, 1);
    check_pages(SCOPE_DOMAIN_TREE, 2);
}
END_TEST

START_TEST(test_a_page_beyond_the_end_has_the_count_and_no_rows)
{
    int64_t total = 0;
    add(3);
    ck_assert_uint_eq(list(SCOPE_ACCOUNT_ONLY, 2, 500, 50, &total).count, 0);
    ck_assert_int_eq(total, 3);
}
END_TEST

START_TEST(test_an_event_that_makes_no_sense_changes_nothing)
{
    add(1);
    int64_t id = store_number(db, "SELECT MIN(id) FROM vm");
    ck_assert(!change(id, VM_STARTED));
    ck_assert_str_eq(err.key, "vm.wrong_state");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM vm WHERE state = 'Stopped'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM history WHERE object_kind = 'vm'"), 1);
}
END_TEST

START_TEST(test_every_change_of_state_writes_a_history_row)
{
    add(1);
    int64_t id = store_number(db, "SELECT MIN(id) FROM vm");
    ck_assert(change(id, VM_START_REQUESTED));
    ck_assert(change(id, VM_STARTED));
    ck_assert(change(id, VM_STOP_REQUESTED));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM history WHERE object_kind = 'vm' AND before_state = "
                                      "'Running' AND after_state = 'Stopping'"),
                     1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM history WHERE object_kind = 'vm'"), 4);
}
END_TEST

START_TEST(test_filters_find_by_name_state_and_keyword)
{
    add(20);
    const struct list_scope scope = {.form = SCOPE_EVERYTHING};
    struct vm_query query = {.scope = &scope, .least_listed = 1, .name = "vm-7", .limit = 10};
    struct db_rows rows;
    int64_t total = 0;
    ck_assert(vm_store_list(db, &arena, &query, &rows, &total, &err));
    ck_assert_int_eq(total, 1);
    query = (struct vm_query){.scope = &scope, .least_listed = 1, .keyword_like = "%vm-1%", .limit = 5};
    ck_assert(vm_store_list(db, &arena, &query, &rows, &total, &err));
    ck_assert_int_eq(total, 11);
    ck_assert_uint_eq(rows.count, 5);
    query = (struct vm_query){.scope = &scope, .least_listed = 1, .state = "Running", .limit = 5};
    ck_assert(vm_store_list(db, &arena, &query, &rows, &total, &err));
    ck_assert_int_eq(total, 0);
}
END_TEST

static Suite *vm_store_suite(void)
{
    Suite *suite = suite_create("vm_store");
    TCase *group = tcase_create("vm_store");
    char folder[] = "/tmp/gurum-vm-store-XXXXXX", keys[sizeof(folder) + sizeof("/keys")],
         versions[sizeof(folder) + sizeof("/versions")];
    store_fixture_start();
    store_schema_start();
    if (mkdtemp(folder) == NULL || !shared_versions_open(folder, &err))
        abort();
    snprintf(keys, sizeof(keys), "%s/keys", folder);
    snprintf(versions, sizeof(versions), "%s/versions", folder);
    if (!secret_load_keys(keys, &err) || unlink(keys) != 0 || unlink(versions) != 0 || rmdir(folder) != 0)
        abort();
    tcase_set_timeout(group, 120);
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, test_pages_show_every_vm_once_in_order);
    tcase_add_test(group, test_destroyed_vms_leave_the_pages_of_those_who_may_not_see_them);
    tcase_add_test(group, test_a_page_beyond_the_end_has_the_count_and_no_rows);
    tcase_add_test(group, test_an_event_that_makes_no_sense_changes_nothing);
    tcase_add_test(group, test_every_change_of_state_writes_a_history_row);
    tcase_add_test(group, test_filters_find_by_name_state_and_keyword);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(vm_store_suite)
