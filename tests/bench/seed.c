/* Fills a cloud for measurements.
 * seed --config FILE COUNT ACCOUNT-UUID…: stopped VMs with a NIC and two tags each, spread evenly over the accounts,
 * written through the stores that the commands use.
 * seed --config FILE tenants ACCOUNTS DOMAINS EVENTS: ten trees of tenant domains, eight deep from 1,000 domains each,
 * accounts with a user spread over them, every fiftieth a domain admin's, and their events, written by a few
 * statements. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/secret.h"
#include "base/shared_versions.h"
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image.h"
#include "cloud/network/network.h"
#include "cloud/offering/offering.h"
#include "cloud/quota/quota.h"
#include "cloud/tag/tag.h"
#include "cloud/vm/vm.h"
#include "cloud/zone/zone.h"
#include "db/version.h"

DB_STATEMENT(
    SEED_OFFERING, .name = "seed.offering",
    .sql =
        "SELECT MIN(id) AS value FROM service_offering WHERE removed IS NULL AND is_customized = 0 AND is_system = 0",
    .row = &DB_NUMBER, .scan_reason = "once");
DB_STATEMENT(SEED_IMAGE, .name = "seed.image", .sql = "SELECT MIN(id) AS value FROM image WHERE removed IS NULL",
             .row = &DB_NUMBER, .scan_reason = "once");

/* ---- tenants ---- */

/* The engine of the seq_ tables counts on the fly. A hundred thousand is more than one statement wants. */
DB_STATEMENT(SEED_FIRST_DOMAIN, .name = "seed.first_domain", .row = &DB_NUMBER, .scan_reason = "once",
             .sql = "SELECT MAX(id) + 1 AS value FROM tenant_domain");
DB_STATEMENT(SEED_DOMAIN, .name = "seed.domain",
             .sql = "INSERT INTO tenant_domain (id, uuid, parent_id, name, path, level, state, created) VALUES (?, "
                    "UUID(), ?, ?, ?, ?, 'Active', NOW(3))");
DB_STATEMENT(SEED_ANCESTORS, .name = "seed.ancestors",
             .sql = "INSERT INTO domain_ancestor (domain_id, ancestor_id) SELECT ?, ancestor_id FROM domain_ancestor "
                    "WHERE domain_id = ? UNION ALL SELECT ?, ?");
DB_STATEMENT(
    SEED_ACCOUNTS, .name = "seed.accounts", .scan_reason = "once",
    .sql = "INSERT INTO account (uuid, name, domain_id, role_id, state, is_default, created) SELECT UUID(), "
           "CONCAT('tenant-', s.seq), ? + s.seq * 7919 % ?, IF(s.seq % 50 = 0, 3, 4), 'enabled', FALSE, NOW(3) FROM "
           "seq_1_to_1000000 s WHERE s.seq BETWEEN ? AND ?");
DB_STATEMENT(
    SEED_USERS, .name = "seed.users", .scan_reason = "once",
    .sql = "INSERT INTO login_user (uuid, account_id, domain_id, username, first_name, last_name, email, state, "
           "password_hash, is_default, created) SELECT UUID(), id, domain_id, CONCAT('user-', id), 'First', 'Last', "
           "'user@example.org', 'enabled', '', FALSE, NOW(3) FROM account WHERE name LIKE 'tenant-%'");
DB_STATEMENT(
    SEED_EVENTS, .name = "seed.events", .scan_reason = "once",
    .sql = "INSERT INTO event (uuid, type, level, state, message_key, message_args, account_id, domain_id, user_id, "
           "created) SELECT UUID(), 'VM.CREATE', 'INFO', 'Completed', 'event.completed', '{\"type\":\"VM.CREATE\"}', "
           "a.id, a.domain_id, u.id, NOW(3) - INTERVAL 1 HOUR FROM seq_1_to_1000000 s JOIN account a ON a.name = "
           "CONCAT('tenant-', 1 + s.seq % ?) JOIN login_user u ON u.account_id = a.id WHERE s.seq BETWEEN ? AND ?");

enum { TREES = 10, SOME = 10000 };

struct tenants {
    struct arena arena;
    const char *sql_folder;
    int64_t accounts, domains, events, first_domain;
};

/* Domain number i of a tree hangs below number (i - 1) * 2 / 5: 3, 7, 18, 45 … domains a level. */
static bool add_domain(struct db *db, struct tenants *t, const char **paths, int64_t tree, int64_t i, struct error *err)
{
    int64_t root = t->first_domain + tree * (t->domains / TREES), id = root + i;
    int64_t above = (i - 1) * 2 / 5, parent = i == 0 ? 1 : root + above;
    const char *name = arena_printf(&t->arena, "%s-%lld", i == 0 ? "tree" : "d", (long long)(i == 0 ? tree : i));
    paths[i] = arena_printf(&t->arena, "%s%s/", i == 0 ? "/" : paths[above], name);
    int64_t level = -1;
    for (const char *c = paths[i]; *c; c++)
        level += *c == '/';
    return db_execute(db, &SEED_DOMAIN, err, db_int(id), db_int(parent), db_text(name), db_text(paths[i]),
                      db_int(level)) &&
           db_execute(db, &SEED_ANCESTORS, err, db_int(id), db_int(parent), db_int(id), db_int(id));
}

static bool add_domains(struct db *db, void *context, struct error *err)
{
    struct tenants *t = context;
    const char **paths = arena_array(&t->arena, (size_t)(t->domains / TREES), sizeof(*paths));
    for (int64_t tree = 0; tree < TREES; tree++)
        for (int64_t i = 0; i < t->domains / TREES; i++)
            if (!add_domain(db, t, paths, tree, i, err))
                return false;
    return version_raise(db, VERSION_IDENTITY, err);
}

static bool add_accounts(struct db *db, void *context, struct error *err)
{
    const struct tenants *t = context;
    for (int64_t n = 1; n <= t->accounts; n += SOME)
        if (!db_execute(db, &SEED_ACCOUNTS, err, db_int(t->first_domain), db_int(t->domains), db_int(n),
                        db_int(n + SOME - 1 < t->accounts ? n + SOME - 1 : t->accounts)))
            return false;
    return db_execute(db, &SEED_USERS, err, DB_NO_VALUES) && quota_bootstrap(db, err);
}

static bool add_events(struct db *db, void *context, struct error *err)
{
    const struct tenants *t = context;
    for (int64_t n = 1; n <= t->events; n += SOME)
        if (!db_execute(db, &SEED_EVENTS, err, db_int(t->accounts), db_int(n),
                        db_int(n + SOME - 1 < t->events ? n + SOME - 1 : t->events)))
            return false;
    return true;
}

/* The counters of pages are counted again by the migrations that began them. */
static bool count_pages(struct db *db, const struct tenants *t, struct error *err)
{
    static const char *const FILES[] = {"0293_page_bucket_of_accounts.sql", "0294_page_bucket_of_users.sql"};
    struct arena arena;
    bool ok = true;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(FILES) && ok; i++)
        ok = db_run_file(db, arena_printf(&arena, "%s/migrations/%s", t->sql_folder, FILES[i]), NULL, NULL, err);
    arena_free(&arena);
    return ok;
}

static bool seed_tenants(struct db *db, const char *sql_folder, char **numbers, struct error *err)
{
    struct tenants t = {.sql_folder = sql_folder};
    struct db_number first = {0};
    bool found = false;
    if (!string_to_int(numbers[0], &t.accounts) || !string_to_int(numbers[1], &t.domains) ||
        !string_to_int(numbers[2], &t.events))
        return error_add_detail(err, "three numbers are wanted");
    bool ok = db_query_one(db, &SEED_FIRST_DOMAIN, NULL, &first, &found, err, DB_NO_VALUES);
    t.first_domain = first.value;
    ok = ok && db_transaction(db, add_domains, &t, err) && db_transaction(db, add_accounts, &t, err) &&
         db_transaction(db, add_events, &t, err) && count_pages(db, &t, err);
    arena_free(&t.arena);
    return ok;
}

/* ---- VMs ---- */

enum { VMS_IN_A_TRANSACTION = 200, ACCOUNTS_MAX = 1000 };

struct seed_account {
    struct owner owner;
    int64_t network_id;
};
struct seeding {
    struct arena arena;
    struct seed_account accounts[ACCOUNTS_MAX];
    size_t account_count;
    const struct zone *zone;
    const struct service_offering *offering;
    struct image *image;
    int64_t first, last; /* of the transaction under way */
};

static void fail(const char *what, const struct error *err)
{
    fprintf(stderr, "seed: %s: %s %s\n", what, err->key != NULL ? err->key : "", err->detail);
    exit(1);
}

static int64_t number(struct db *db, struct seeding *seeding, const struct db_statement *statement)
{
    struct db_number row = {.value = 0};
    bool found = false;
    struct error err;
    if (!db_query_one(db, statement, &seeding->arena, &row, &found, &err, DB_NO_VALUES) || row.value == 0)
        fail(statement->name, &err);
    return row.value;
}

static bool add_one(struct db *db, struct arena *arena, const struct seeding *s, int64_t n, struct error *err)
{
    const struct seed_account *account = &s->accounts[(size_t)n % s->account_count];
    struct vm vm = {.account_id = account->owner.account_id,
                    .domain_id = account->owner.domain_id,
                    .zone_id = s->zone->id,
                    .image_id = s->image->id,
                    .offering_id = s->offering->id,
                    .os_type_id = s->image->os_type_id,
                    .name = arena_printf(arena, "bench-%lld", (long long)n),
                    .display_name = arena_printf(arena, "bench machine %lld", (long long)n),
                    .instance_name = "",
                    .state = "Stopped",
                    .hypervisor = s->image->hypervisor,
                    .cpu_count = s->offering->cpu_number,
                    .cpu_mhz = s->offering->cpu_speed,
                    .memory_mib = s->offering->memory_mib,
                    .is_shown = true,
                    .boot_type = "BIOS",
                    .boot_mode = "LEGACY"};
    struct vm_nic nic = {
        .network_id = account->network_id,
        .is_default = true,
        .gateway = "10.1.0.1",
        .netmask = "255.255.0.0",
        .cidr = "10.1.0.0/16",
        .mac_address = arena_printf(arena, "06:%02x:%02x:%02x:%02x:%02x", (unsigned)(n >> 24 & 255),
                                    (unsigned)(n >> 16 & 255), (unsigned)(n >> 8 & 255), (unsigned)(n & 255), 1u),
        .ip_address = arena_printf(arena, "10.1.%u.%u", (unsigned)(n >> 8 & 255), (unsigned)(n & 255))};
    if (!vm_add_finished(db, arena, &vm, &nic, 1, &account->owner, err))
        return false;
    const struct tag_entry tags[] = {{.key = "environment", .value = n % 3 == 0 ? "production" : "test"},
                                     {.key = "team", .value = arena_printf(arena, "team-%lld", (long long)(n % 17))}};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        struct tag_entry tag = tags[i];
        tag.kind = "vm";
        tag.object_uuid = vm.uuid;
        tag.object_id = vm.id;
        tag.account_id = vm.account_id;
        tag.domain_id = vm.domain_id;
        if (!tag_set(db, &tag, err))
            return false;
    }
    return true;
}

static bool add_some(struct db *db, void *context, struct error *err)
{
    const struct seeding *s = context;
    struct arena arena;
    arena_init(&arena);
    bool ok = true;
    for (int64_t n = s->first; n < s->last && ok; n++)
        ok = add_one(db, &arena, s, n, err);
    arena_free(&arena);
    return ok;
}

static void find_account(struct db *db, struct seeding *s, const char *uuid)
{
    struct object_found found;
    struct seed_account *account = &s->accounts[s->account_count++];
    bool exists = false;
    struct error err;
    if (!api_find_kind("account")->find(db, &s->arena, uuid, &found, &exists, &err) || !exists ||
        !identity_owner_any(db, &s->arena, found.id, &account->owner, &err))
        fail(uuid, &err);
}

/* The owner's own isolated network, as a deployment without networkids makes it. */
static bool give_networks(struct db *db, void *context, struct error *err)
{
    struct seeding *s = context;
    for (size_t i = 0; i < s->account_count; i++) {
        const struct owner *owner = &s->accounts[i].owner;
        const struct caller caller = {.account_id = owner->account_id,
                                      .domain_id = owner->domain_id,
                                      .domain_path = owner->domain_path,
                                      .role_type = ROLE_USER,
                                      .account_uuid = owner->account_uuid,
                                      .account_name = owner->account_name,
                                      .domain_uuid = owner->domain_uuid,
                                      .language = "en"};
        const int64_t *ids = NULL;
        size_t count = 0;
        if (!network_default_for(db, &s->arena, &caller, owner, s->zone->id, &ids, &count, err))
            return false;
        s->accounts[i].network_id = ids[0];
    }
    return true;
}

static void prepare(struct db *db, struct seeding *s, char **uuids, int count)
{
    const struct zone *zones = NULL;
    size_t zone_count = 0;
    struct error err;
    for (int i = 0; i < count && i < ACCOUNTS_MAX; i++)
        find_account(db, s, uuids[i]);
    if (!zone_all(db, &s->arena, &zones, &zone_count, &err) || zone_count == 0)
        fail("zone", &err);
    s->zone = &zones[0];
    if (!service_offering_find(db, &s->arena, number(db, s, &SEED_OFFERING), &s->offering, &err) ||
        !image_find_any(db, &s->arena, number(db, s, &SEED_IMAGE), &s->image, &err) ||
        !db_transaction(db, give_networks, s, &err))
        fail("offering, image, network", &err);
}

static struct secret read_password(struct arena *arena, const char *path)
{
    char line[256] = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(line, sizeof(line), file) == NULL) {
        perror(path);
        exit(1);
    }
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    return secret_from(arena, line);
}

static bool seed_vms(struct db *db, struct seeding *s, int64_t count, char **uuids, int uuid_count, struct error *err)
{
    prepare(db, s, uuids, uuid_count);
    for (int64_t n = 0; n < count; n = s->last) {
        s->first = n;
        s->last = n + VMS_IN_A_TRANSACTION < count ? n + VMS_IN_A_TRANSACTION : count;
        if (!db_transaction(db, add_some, s, err))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct seeding seeding;
    struct config config;
    struct db *db = NULL;
    struct error err;
    int64_t count = 0;
    bool of_tenants = argc == 7 && strcmp(argv[3], "tenants") == 0;
    if (argc < 5 || strcmp(argv[1], "--config") != 0 || (!of_tenants && !string_to_int(argv[3], &count))) {
        fprintf(stderr, "usage: seed --config FILE COUNT ACCOUNT-UUID… | tenants ACCOUNTS DOMAINS EVENTS\n");
        return 2;
    }
    arena_init(&seeding.arena);
    if (!config_load(&seeding.arena, argv[2], &config, &err) || !shared_versions_open(config.run_folder, &err))
        fail("configuration", &err);
    const struct db_config database = {.host = config.database_host,
                                       .unix_socket = config.database_socket,
                                       .user = config.database_user,
                                       .database = config.database_name,
                                       .password = read_password(&seeding.arena, config.database_password_file),
                                       .port = (unsigned)config.database_port};
    struct db_pool *pool = db_pool_new(&database, 2);
    modules_register();
    if (!db_acquire(pool, &db, &err))
        fail("database", &err);
    if (of_tenants ? !seed_tenants(db, config.sql_folder, argv + 4, &err)
                   : !seed_vms(db, &seeding, count, argv + 4, argc - 4, &err))
        fail(of_tenants ? "tenants" : "VMs", &err);
    db_release(db);
    db_pool_free(pool);
    return 0;
}
