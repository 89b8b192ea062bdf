/* Counters and limits against a real database: exact whatever runs at the same time, for accounts and every domain
 * above. */
#include "unit.h"

#include <pthread.h>
#include <unistd.h>

#include "base/message.h"
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/identity_service.h"
#include "cloud/quota/quota.h"
#include "cloud/quota/quota_service.h"
#include "store.h"

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct owner owner;
static struct error err;

static void good(bool ok)
{
    if (!ok)
        ck_abort_msg("%s %s", err.key ? err.key : "?", err.detail);
}

static void load_keys(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/tmp/gurum-test-keys.%d", (int)getpid());
    good(secret_load_keys(path, &err));
    unlink(path);
}

/* An account "a" in the domain ROOT/d. */
static void begin(void)
{
    struct identity_credentials credentials;
    bool is_new;
    int64_t domain_id = 0, account_id = 0;
    const struct caller root = {.user_id = 0, .role_type = ROLE_ADMIN, .domain_path = "/"};
    pool = store_schema_pool(10);
    db = store_acquire(pool);
    load_keys();
    good(identity_bootstrap(db, &arena, &is_new, &credentials, &err));
    ck_assert(is_new);
    good(identity_create_domain(db, "d", 1, NULL, NULL, &domain_id, &err));
    const struct new_account account = {.name = "a", .domain_id = domain_id, .role_id = 4};
    const struct new_user user = {
        .username = "u", .first_name = "f", .last_name = "l", .email = "e", .password = {"p", 1}};
    good(identity_create_account(db, &root, &account, &user, &account_id, &err));
    good(identity_owner_any(db, &arena, account_id, &owner, &err));
}

struct raise {
    enum quota_kind kind;
    int64_t delta;
};

static bool raise_in_transaction(struct db *connection, void *context, struct error *error)
{
    const struct raise *to = context;
    return quota_change(connection, &owner, &(struct quota_change){to->kind, to->delta}, 1, error);
}

static bool change(struct db *connection, enum quota_kind kind, int64_t delta, struct error *error)
{
    struct raise to = {kind, delta};
    return db_transaction(connection, raise_in_transaction, &to, error);
}

static int64_t count(enum scope_form form, int64_t domain_id, enum quota_kind kind)
{
    struct list_scope scope = {.form = form, .account_id = owner.account_id, .domain_id = domain_id};
    int64_t value = -1;
    good(quota_count(db, &scope, kind, &value, &err));
    return value;
}

START_TEST(test_a_change_counts_for_the_account_and_every_domain_above)
{
    begin();
    good(change(db, QUOTA_LISTED_VM, 3, &err));
    ck_assert_int_eq(count(SCOPE_ACCOUNT_ONLY, 0, QUOTA_LISTED_VM), 3);
    ck_assert_int_eq(count(SCOPE_DOMAIN_ONLY, owner.domain_id, QUOTA_LISTED_VM), 3);
    ck_assert_int_eq(count(SCOPE_DOMAIN_TREE, owner.domain_id, QUOTA_LISTED_VM), 3);
    ck_assert_int_eq(count(SCOPE_EVERYTHING, 0, QUOTA_LISTED_VM), 3);
    good(change(db, QUOTA_LISTED_VM, -3, &err));
    ck_assert_int_eq(count(SCOPE_EVERYTHING, 0, QUOTA_LISTED_VM), 0);
}
END_TEST

START_TEST(test_a_limit_refuses_with_its_numbers_and_changes_nothing)
{
    begin();
    good(quota_set_limit(db, owner.account_id, owner.domain_id, QUOTA_PRIMARY_STORAGE_BYTES, 10, &err));
    good(change(db, QUOTA_PRIMARY_STORAGE_BYTES, (int64_t)8 << 30, &err));
    ck_assert(!change(db, QUOTA_PRIMARY_STORAGE_BYTES, (int64_t)3 << 30, &err));
    ck_assert_int_eq(err.kind, ERROR_RESOURCE_ALLOCATION);
    struct text text;
    text_init(&text, &arena, 1000);
    good(message_load(store_source_path("templates/i18n"), &err));
    ck_assert(!change(db, QUOTA_PRIMARY_STORAGE_BYTES, (int64_t)3 << 30, &err));
    message_render_error(&text, "en", &err);
    ck_assert_ptr_nonnull(strstr(text_string(&text), "Type = 'primary_storage' for Account Name = a"));
    ck_assert_ptr_nonnull(
        strstr(text_string(&text), "Limit = 10, Current Account Resource Amount = 8, Requested Resource Amount = 3"));
    ck_assert_int_eq(count(SCOPE_EVERYTHING, 0, QUOTA_PRIMARY_STORAGE_BYTES), (int64_t)8 << 30);
}
END_TEST

START_TEST(test_a_domain_limit_refuses_too)
{
    begin();
    good(quota_set_limit(db, 0, owner.domain_id, QUOTA_VM, 2, &err));
    good(change(db, QUOTA_VM, 2, &err));
    ck_assert(!change(db, QUOTA_VM, 1, &err));
    ck_assert_str_eq(err.key, "quota.domain_exceeded");
    ck_assert_int_eq(count(SCOPE_ACCOUNT_ONLY, 0, QUOTA_VM), 2);
}
END_TEST

START_TEST(test_a_counter_never_falls_below_nothing)
{
    begin();
    good(change(db, QUOTA_VM, 1, &err));
    ck_assert(!change(db, QUOTA_VM, -2, &err));
    ck_assert_int_eq(err.kind, ERROR_INTERNAL);
    ck_assert_int_eq(count(SCOPE_ACCOUNT_ONLY, 0, QUOTA_VM), 1);
}
END_TEST

static void *raise_often(void *unused)
{
    intptr_t done = 0;
    (void)unused;
    struct db *own = store_acquire(pool);
    for (int i = 0; i < 20; i++) {
        struct error refusal;
        done += change(own, QUOTA_VM, 1, &refusal);
    }
    db_release(own);
    return (void *)done;
}

START_TEST(test_a_limit_is_exact_when_many_raise_at_once)
{
    pthread_t threads[8];
    intptr_t total = 0;
    begin();
    good(quota_set_limit(db, owner.account_id, owner.domain_id, QUOTA_VM, 37, &err));
    good(quota_set_limit(db, 0, owner.domain_id, QUOTA_VM, -1, &err));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, raise_often, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *done = NULL;
        pthread_join(threads[i], &done);
        total += (intptr_t)done;
    }
    ck_assert_int_eq(total, 37);
    ck_assert_int_eq(count(SCOPE_ACCOUNT_ONLY, 0, QUOTA_VM), 37);
    ck_assert_int_eq(count(SCOPE_EVERYTHING, 0, QUOTA_VM), 37);
}
END_TEST

START_TEST(test_root_admins_have_no_limits)
{
    const struct quota_state *states;
    size_t states_count = 0;
    begin();
    struct caller *admin = NULL;
    good(identity_find_first_admin(db, &arena, &admin, &err));
    good(quota_of_account(db, &arena, admin->account_id, &states, &states_count, &err));
    ck_assert_uint_gt(states_count, 10);
    for (size_t i = 0; i < states_count; i++)
        ck_assert_int_eq(states[i].limit, -1);
}
END_TEST

static Suite *quota_suite(void)
{
    store_fixture_start();
    store_schema_start();
    Suite *suite = suite_create("quota");
    TCase *tests = tcase_create("quota");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_a_change_counts_for_the_account_and_every_domain_above);
    tcase_add_test(tests, test_a_limit_refuses_with_its_numbers_and_changes_nothing);
    tcase_add_test(tests, test_a_domain_limit_refuses_too);
    tcase_add_test(tests, test_a_counter_never_falls_below_nothing);
    tcase_add_test(tests, test_a_limit_is_exact_when_many_raise_at_once);
    tcase_add_test(tests, test_root_admins_have_no_limits);
    suite_add_tcase(suite, tests);
    return suite;
}
UNIT_MAIN(quota_suite)
