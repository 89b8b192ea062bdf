/* What service and disk offerings have in common: words, sizes, places, and what other features ask. */
#include "cloud/offering/offering_service.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/offering/offering_rules.h"
#include "cloud/settings/settings.h"

static const char *const STORAGE_TYPES[] = {"shared", "local", NULL};
static const char *const PROVISIONING_TYPES[] = {"thin", "sparse", "fat", NULL};
static const char *const CACHE_MODES[] = {"none", "writeback", "writethrough", "hypervisor_default", NULL};

static bool check_word(const char *what, const char *word, const char *const *words, struct error *err)
{
    for (size_t i = 0; words[i]; i++)
        if (string_equal_ignoring_case(words[i], word))
            return true;
    return error_with(err, ERROR_INVALID_VALUE, "offering.unknown_word", E_TEXT("parameter", what),
                      E_TEXT("value", word));
}

bool offering_check_disk_words(const char *storage_type, const char *provisioning_type, const char *cache_mode,
                               struct error *err)
{
    return check_word("storagetype", storage_type, STORAGE_TYPES, err) &&
           check_word("provisioningtype", provisioning_type, PROVISIONING_TYPES, err) &&
           check_word("cachemode", cache_mode, CACHE_MODES, err);
}

bool offering_check_iops(bool customized, int64_t least, int64_t most, struct error *err)
{
    if (customized && (least > 0 || most > 0))
        return error_set(err, ERROR_INVALID_VALUE, "offering.iops_customized");
    if ((least > 0) != (most > 0) || least > most || least < 0)
        return error_set(err, ERROR_INVALID_VALUE, "offering.iops_range");
    return true;
}

bool offering_check_rates(const struct offering_disk_rates *rates, struct error *err)
{
    const int64_t all[][3] = {{rates->bytes_read, rates->bytes_read_max, rates->bytes_read_max_s},
                              {rates->bytes_write, rates->bytes_write_max, rates->bytes_write_max_s},
                              {rates->iops_read, rates->iops_read_max, rates->iops_read_max_s},
                              {rates->iops_write, rates->iops_write_max, rates->iops_write_max_s}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i][0] < 0 || all[i][1] < 0 || all[i][2] < 0 || (all[i][1] > 0 && all[i][1] < all[i][0]))
            return error_set(err, ERROR_INVALID_VALUE, "offering.rate_range");
    return true;
}

bool offering_places_of_creator(struct db *db, struct arena *arena, const struct caller *caller,
                                struct offering_places wanted, struct offering_places *ret_places, struct error *err)
{
    if (!caller_is_root_admin(caller) && !wanted.domain_ids)
        wanted.domain_ids = arena_printf(arena, "%lld", (long long)caller->domain_id);
    *ret_places = wanted;
    return places_check_manager(db, arena, wanted, caller, err);
}

SETTING(DOMAIN_ADMINS_TAG, .name = "allow.domain.admins.to.create.tagged.offerings", .category = "Advanced",
        .default_value = "false", .help = "Whether domain admins may give their offerings host and storage tags.",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL | SCOPE_ACCOUNT);

bool offering_may_have_tags(struct db *db, struct arena *arena, int64_t account_id, bool *ret_may, struct error *err)
{
    struct identity_account *account = NULL;
    if (!identity_find_account_any(db, arena, account_id, &account, err))
        return false;
    const struct setting_place place = {.account_id = account_id, .domain_id = account ? account->domain_id : 0};
    *ret_may = account && account->role_type == ROLE_ADMIN;
    return *ret_may || settings_bool_at(db, arena, &DOMAIN_ADMINS_TAG, &place, ret_may, err);
}

bool offering_check_tags(struct db *db, struct arena *arena, const struct caller *caller, const char *host_tags,
                         const char *storage_tags, struct error *err)
{
    bool may = caller_is_root_admin(caller) || (string_is_empty(host_tags) && string_is_empty(storage_tags));
    if (!may && !offering_may_have_tags(db, arena, caller->account_id, &may, err))
        return false;
    return may || error_with(err, ERROR_DENIED, "offering.tags_denied", E_TEXT("account", caller->account_name));
}

bool service_offering_find_any(struct db *db, struct arena *arena, int64_t id,
                               const struct service_offering **ret_offering, struct error *err)
{
    return service_offering_store_find(db, arena, id, NULL, ret_offering, err);
}

bool service_offering_find(struct db *db, struct arena *arena, int64_t id, const struct service_offering **ret_offering,
                           struct error *err)
{
    const struct service_offering *offering = NULL;
    if (!service_offering_store_find(db, arena, id, NULL, &offering, err))
        return false;
    *ret_offering = offering && !offering->removed.set ? offering : NULL;
    return true;
}

bool disk_offering_find_any(struct db *db, struct arena *arena, int64_t id, const struct disk_offering **ret_offering,
                            struct error *err)
{
    return disk_offering_store_find(db, arena, id, NULL, ret_offering, err);
}

bool disk_offering_find(struct db *db, struct arena *arena, int64_t id, const struct disk_offering **ret_offering,
                        struct error *err)
{
    const struct disk_offering *offering = NULL;
    if (!disk_offering_store_find(db, arena, id, NULL, &offering, err))
        return false;
    *ret_offering = offering && !offering->removed.set ? offering : NULL;
    return true;
}

bool service_offering_is_offered(struct db *db, struct arena *arena, const struct service_offering *offering,
                                 const char *domain_path, int64_t zone_id, bool *ret_offered, struct error *err)
{
    struct offering_places places = {offering->domain_ids, offering->zone_ids};
    bool allowed = false;
    if (!places_allow(db, arena, places, domain_path, zone_id, &allowed, err))
        return false;
    *ret_offered = allowed && !offering->removed.set && string_equal(offering->state, "Active");
    return true;
}

bool disk_offering_is_offered(struct db *db, struct arena *arena, const struct disk_offering *offering,
                              const char *domain_path, int64_t zone_id, bool *ret_offered, struct error *err)
{
    struct offering_places places = {offering->domain_ids, offering->zone_ids};
    bool allowed = false;
    if (!places_allow(db, arena, places, domain_path, zone_id, &allowed, err))
        return false;
    *ret_offered = allowed && !offering->removed.set && string_equal(offering->state, "Active");
    return true;
}
