/* Fills a cloud with VMs for measurements: seed --config FILE COUNT ACCOUNT-UUID…
 * Stopped VMs with a NIC and two tags each, spread evenly over the accounts, written through the stores that the
 * commands use. */
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
#include "cloud/tag/tag.h"
#include "cloud/vm/vm.h"
#include "cloud/zone/zone.h"

DB_STATEMENT(
    SEED_OFFERING, .name = "seed.offering",
    .sql =
        "SELECT MIN(id) AS value FROM service_offering WHERE removed IS NULL AND is_customized = 0 AND is_system = 0",
    .row = &DB_NUMBER, .scan_reason = "once");
DB_STATEMENT(SEED_IMAGE, .name = "seed.image", .sql = "SELECT MIN(id) AS value FROM image WHERE removed IS NULL",
             .row = &DB_NUMBER, .scan_reason = "once");

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

int main(int argc, char **argv)
{
    static struct seeding seeding;
    struct config config;
    struct db *db = NULL;
    struct error err;
    int64_t count = 0;
    if (argc < 5 || strcmp(argv[1], "--config") != 0 || !string_to_int(argv[3], &count)) {
        fprintf(stderr, "usage: seed --config FILE COUNT ACCOUNT-UUID…\n");
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
    prepare(db, &seeding, argv + 4, argc - 4);
    for (int64_t n = 0; n < count; n = seeding.last) {
        seeding.first = n;
        seeding.last = n + VMS_IN_A_TRANSACTION < count ? n + VMS_IN_A_TRANSACTION : count;
        if (!db_transaction(db, add_some, &seeding, &err))
            fail("VMs", &err);
    }
    db_release(db);
    db_pool_free(pool);
    return 0;
}
