/* Rules of images: registering, changing and deleting them. */
#include "cloud/image/image_service.h"

#include <string.h>

#include "base/ip4.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/guestos/guestos.h"
#include "cloud/history/history.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image_kinds.h"
#include "cloud/quota/quota.h"
#include "cloud/settings/settings.h"
#include "cloud/storage/storage.h"
#include "cloud/vm/vm.h"
#include "cloud/zone/zone.h"
#include "db/version.h"

SETTING(PUBLIC_IMAGES, .name = "allow.public.user.templates", .category = "Advanced", .default_value = "true",
        .help = "Whether users may register images that everybody sees.", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN | SCOPE_ACCOUNT);
SETTING(IMAGE_URL_ALLOWED_CIDRS, .name = "image.url.allowed_cidrs", .category = "Advanced", .default_value = "",
        .help = "Addresses besides public ones that templates and ISOs may be fetched from: networks like 10.0.0.0/8, "
                "separated by commas.",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL);
enum { CIDRS_BYTES = 4096 };

const char *image_url_cidrs(struct arena *arena)
{
    char *list = arena_alloc(arena, CIDRS_BYTES);
    setting_text(&IMAGE_URL_ALLOWED_CIDRS, list, CIDRS_BYTES);
    return list;
}

static const char *const FORMATS[] = {"QCOW2", "RAW", "VHD", "VHDX", "VMDK", "OVA", "ISO", "TAR", NULL};

static bool check_format(const struct image *image, struct error *err)
{
    for (size_t i = 0; FORMATS[i] != NULL; i++)
        if (string_equal_ignoring_case(FORMATS[i], image->format))
            return true;
    return error_with(err, ERROR_INVALID_VALUE, "image.format_unknown", E_TEXT("format", image->format));
}

/* The host's part of "http://user@host:port/path"; NULL: none. */
static const char *host_of(struct arena *arena, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t length = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', length);
    if (at != NULL) {
        length -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (host[0] != '[' && memchr(host, ':', length) != NULL)
        length = (size_t)((const char *)memchr(host, ':', length) - host);
    return length > 0 ? arena_strndup(arena, host, length) : NULL;
}

static bool is_opened(uint32_t address)
{
    char list[CIDRS_BYTES], *word = list;
    setting_text(&IMAGE_URL_ALLOWED_CIDRS, list, sizeof(list));
    for (bool is_last = false; !is_last;) {
        struct ip4_network network;
        uint32_t single;
        word += strspn(word, " ,");
        char *end = word + strcspn(word, " ,");
        is_last = *end == '\0';
        *end = '\0';
        if (ip4_parse_cidr(word, &network) ? ip4_contains(network, address)
                                           : ip4_parse(word, &single) && single == address)
            return true;
        word = is_last ? end : end + 1;
    }
    return false;
}

/* An early word about the plainest cases; whoever fetches judges every address that a connection is made to. */
static bool check_host(const char *host, struct error *err)
{
    static const char *const INNER[] = {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"};
    uint32_t address = 0x7f000001;
    if (!string_equal_ignoring_case(host, "localhost") && !ip4_parse(host, &address))
        return true;
    for (size_t i = 0; i < COUNT_OF(INNER); i++) {
        struct ip4_network network;
        if (ip4_parse_cidr(INNER[i], &network) && ip4_contains(network, address) && !is_opened(address))
            return error_set(err, ERROR_INVALID_VALUE, "image.url_host");
    }
    return true;
}

/* "{SHA-256}hex", "sha256:hex" or hex alone; the length of each algorithm is judged by whoever computes it. */
static bool is_checksum(const char *text)
{
    const char *hex = strpbrk(text, "}:");
    hex = hex != NULL ? hex + 1 : text;
    return (hex != text || *text != '{') && strlen(hex) >= 32 && strspn(hex, "0123456789abcdefABCDEF") == strlen(hex);
}

static bool check_source(struct api_call *call, const struct image *image, struct error *err)
{
    if (!check_format(image, err))
        return false;
    if (strncasecmp(image->url, "http://", 7) != 0 && strncasecmp(image->url, "https://", 8) != 0)
        return error_with(err, ERROR_INVALID_VALUE, "image.url_scheme", E_TEXT("url", image->url));
    if (image->bits != 32 && image->bits != 64)
        return error_with(err, ERROR_INVALID_VALUE, "image.bits_unknown", E_INT("bits", image->bits));
    const char *host = host_of(call->arena, image->url);
    if (host == NULL || string_has_control(image->url) || strchr(image->url, ' ') != NULL)
        return error_with(err, ERROR_INVALID_VALUE, "image.url_invalid", E_TEXT("url", image->url));
    if (!string_is_empty(image->checksum) && !is_checksum(image->checksum))
        return error_with(err, ERROR_INVALID_VALUE, "image.checksum_unknown", E_TEXT("checksum", image->checksum));
    return check_host(host, err);
}

/* What only the operator may say of an image, unless it says so already (`before`, NULL for a new one). */
static bool check_operators_part(struct api_call *call, const struct image *before, const struct image *image,
                                 struct error *err)
{
    static const struct image fresh = {.image_type = "USER"};
    const struct image *old = before != NULL ? before : &fresh;
    if (caller_is_root_admin(call->caller))
        return true;
    bool same_type = old->is_routing == image->is_routing && string_equal(old->image_type, image->image_type);
    bool usual_type = string_equal(image->image_type, "USER") || string_equal(image->image_type, "VNF");
    if (!same_type && (image->is_routing || !usual_type))
        return error_set(err, ERROR_DENIED, "image.type_denied");
    if (!string_is_empty(image->image_tag) && !string_equal(old->image_tag, image->image_tag))
        return error_set(err, ERROR_DENIED, "image.tag_denied");
    return old->is_featured || !image->is_featured || error_set(err, ERROR_DENIED, "image.featured_denied");
}

static bool check_rights(struct api_call *call, const struct image *image, struct error *err)
{
    bool is_root = caller_is_root_admin(call->caller);
    if (!check_operators_part(call, NULL, image, err))
        return false;
    const struct setting_place place = {.account_id = call->owner.account_id, .domain_id = call->owner.domain_id};
    bool allowed = true;
    if (!is_root && image->is_public && !settings_bool_at(call->db, call->arena, &PUBLIC_IMAGES, &place, &allowed, err))
        return false;
    if (!allowed)
        return error_set(err, ERROR_DENIED, "image.public_denied");
    return true;
}

/* The zones asked for, or all of them. */
static bool choose_zones(struct api_call *call, const struct image_register_request *request, const int64_t **ret_ids,
                         size_t *ret_count, struct error *err)
{
    const struct zone *zones = NULL;
    size_t count = 0, chosen = 0;
    *ret_ids = request->zone_ids;
    *ret_count = request->zone_count;
    if (request->zone_count > 0)
        return true;
    if (!zone_all(call->db, call->arena, &zones, &count, err))
        return false;
    int64_t *ids = arena_array(call->arena, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++) {
        const struct image_store *store = NULL;
        if (!image_store_for_zone(call->db, call->arena, zones[i].id, &store, err))
            return false;
        if (store != NULL)
            ids[chosen++] = zones[i].id;
    }
    *ret_ids = ids;
    *ret_count = chosen;
    return chosen > 0 || error_set(err, ERROR_RESOURCE_UNAVAILABLE, "image.no_store");
}

static bool add_to_zone(struct api_call *call, const struct image *image, int64_t zone_id, struct error *err)
{
    const struct image_store *store = NULL;
    struct image_register_input input = {.image_id = image->id};
    struct job_ref job;
    if (!image_store_for_zone(call->db, call->arena, zone_id, &store, err))
        return false;
    if (store == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "image.no_store");
    if (!image_place_insert(call->db, image->id, zone_id, store->id, &input.place_id, err))
        return false;
    const struct job_target target = {
        .object_kind = "image_zone", .object_id = input.place_id, .object_uuid = image->uuid};
    const struct job_stamp stamp = api_stamp(call);
    return job_create(call->db, &IMAGE_REGISTER, &input, &target, &stamp, &job, err);
}

static bool fill_defaults(struct api_call *call, struct image *image, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    image->uuid = arena_strdup(call->arena, uuid);
    image->account_id = call->owner.account_id;
    image->domain_id = call->owner.domain_id;
    if (image->display_text == NULL)
        image->display_text = image->name;
    if (image->os_type_id != 0)
        return true;
    const struct os_type *other = NULL;
    if (!os_type_default(call->db, call->arena, &other, err))
        return false;
    image->os_type_id = other->id;
    return true;
}

/* One transaction: the image, its details, its places with their download jobs, history, limit. */
struct register_context {
    struct api_call *call;
    const struct image_register_request *request;
    struct image image;
    const int64_t *zones;
    size_t zone_count;
};

static bool add_history(const struct register_context *c, struct db *db, struct error *err)
{
    struct history_entry entry = {.object_kind = "image",
                                  .object_id = c->image.id,
                                  .object_uuid = c->image.uuid,
                                  .object_name = c->image.name,
                                  .change = "create",
                                  .after = "Queued",
                                  .account_id = c->image.account_id,
                                  .domain_id = c->image.domain_id,
                                  .image_id = c->image.id};
    history_set_caller(&entry, c->call->caller);
    return history_add(db, &entry, err);
}

static bool register_body(struct db *db, void *context, struct error *err)
{
    struct register_context *c = context;
    if (!image_store_insert(db, &c->image, &c->image.id, err))
        return false;
    for (size_t i = 0; i < c->request->detail_count; i++)
        if (!image_detail_set(db, c->image.id, c->request->details[i].name, c->request->details[i].value, err))
            return false;
    for (size_t i = 0; i < c->zone_count; i++)
        if (!add_to_zone(c->call, &c->image, c->zones[i], err))
            return false;
    return add_history(c, db, err) && version_raise(db, VERSION_CATALOGUE, err) &&
           quota_raise(db, &c->call->owner, QUOTA_IMAGE, 1, err);
}

bool image_register_new(struct api_call *call, const struct image_register_request *request, int64_t *ret_id,
                        struct error *err)
{
    struct register_context c = {.call = call, .request = request, .image = request->image};
    if (!check_source(call, &c.image, err) || !check_rights(call, &c.image, err) ||
        !fill_defaults(call, &c.image, err) || !choose_zones(call, request, &c.zones, &c.zone_count, err))
        return false;
    c.image.cross_zones = request->zone_count == 0 && c.zone_count > 1;
    if (!db_transaction(call->db, register_body, &c, err))
        return false;
    *ret_id = c.image.id;
    return true;
}

bool image_find_own(struct api_call *call, int64_t image_id, struct image **ret_image, struct error *err)
{
    struct identity_account *owner = NULL;
    if (!image_find_any(call->db, call->arena, image_id, ret_image, err))
        return false;
    if (*ret_image == NULL || (*ret_image)->removed.set)
        return error_set(err, ERROR_INVALID_VALUE, "image.gone");
    if (!identity_find_account_any(call->db, call->arena, (*ret_image)->account_id, &owner, err))
        return false;
    return caller_may_reach(call->caller, (*ret_image)->account_id, owner != NULL ? owner->domain_path : "/") ||
           error_with(err, ERROR_DENIED, "image.not_owner", E_TEXT("image", (*ret_image)->name));
}

struct delete_context {
    struct api_call *call;
    struct image_delete_input input;
    bool forced;
    struct job_ref *job;
};

static bool delete_body(struct db *db, void *context, struct error *err)
{
    const struct delete_context *c = context;
    struct image *image = NULL;
    int64_t in_use = 0;
    if (!image_find_own(c->call, c->input.image_id, &image, err) || !vm_count_by_image_any(db, image->id, &in_use, err))
        return false;
    if (in_use > 0 && !c->forced)
        return error_with(err, ERROR_IN_USE, "image.in_use", E_TEXT("image", image->name), E_INT("n", in_use));
    const struct job_target target = {.object_kind = "image", .object_id = image->id, .object_uuid = image->uuid};
    const struct job_stamp stamp = api_stamp(c->call);
    return job_create(db, &IMAGE_DELETE, &c->input, &target, &stamp, c->job, err);
}

bool image_begin_delete(struct api_call *call, int64_t image_id, int64_t zone_id, bool forced, struct job_ref *ret_job,
                        struct error *err)
{
    struct delete_context context = {
        .call = call, .input = {.image_id = image_id, .zone_id = zone_id}, .forced = forced, .job = ret_job};
    return db_transaction(call->db, delete_body, &context, err);
}

struct change_context {
    const struct image *image;
    const struct pair *details;
    size_t detail_count;
    bool clean_details;
};

static bool change_body(struct db *db, void *context, struct error *err)
{
    const struct change_context *c = context;
    if (!image_store_update(db, c->image, err))
        return false;
    if ((c->clean_details || c->detail_count > 0) && !image_detail_clear(db, c->image->id, err))
        return false;
    for (size_t i = 0; !c->clean_details && i < c->detail_count; i++)
        if (!image_detail_set(db, c->image->id, c->details[i].name, c->details[i].value, err))
            return false;
    return version_raise(db, VERSION_CATALOGUE, err);
}

bool image_change(struct api_call *call, const struct image *image, bool clean_details, const struct pair *details,
                  size_t detail_count, struct error *err)
{
    struct change_context context = {image, details, detail_count, clean_details};
    struct image *before = NULL;
    return image_find_any(call->db, call->arena, image->id, &before, err) &&
           check_operators_part(call, before, image, err) && check_format(image, err) &&
           db_transaction(call->db, change_body, &context, err);
}

const char *image_host_tags(struct arena *arena, const struct image *image, const char *offering_tags)
{
    if (string_is_empty(image->image_tag))
        return offering_tags;
    return string_is_empty(offering_tags) ? image->image_tag
                                          : arena_printf(arena, "%s,%s", offering_tags, image->image_tag);
}
