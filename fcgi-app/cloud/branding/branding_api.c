/* Commands of brands. They are Gurum's own: the wire's clients know none. */
#include "base/text.h"
#include "cloud/branding/branding_store.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"

struct brand_args {
    struct object_ref id, domainid;
    const char *name, *logourl, *accentcolor, *barcolor, *defaultlanguage;
    struct string_list hosts;
};

#define BRAND_VALUES                                                                                                   \
    FIELD(struct brand_args, accentcolor, .max = 7,                                                                    \
          .help = "Colour of buttons and links, #rrggbb; must be readable on white."),                                 \
        FIELD(struct brand_args, barcolor, .max = 7, .help = "Colour of the bar at the top, #rrggbb."),                \
        FIELD(struct brand_args, defaultlanguage, .max = 16,                                                           \
              .help = "Language for visitors whose browser asks for none that we have."),                              \
        FIELD(struct brand_args, domainid, .refers_to = "domain",                                                      \
              .help = "Domain that people sign in to unless they name another."),                                      \
        FIELD(struct brand_args, hosts, .help = "Host names that lead to the brand, separated by commas."),            \
        FIELD(struct brand_args, logourl, .help = "Address of the logo: a path of this site, or https.")

FIELD_TABLE(CREATE_BRAND, struct brand_args,
            FIELD(struct brand_args, name, .flags = FIELD_REQUIRED, .max = 80,
                  .help = "Name of the brand, shown on every page."),
            BRAND_VALUES);
FIELD_TABLE(UPDATE_BRAND, struct brand_args,
            FIELD(struct brand_args, id, .flags = FIELD_REQUIRED, .refers_to = "brand", .help = "The brand."),
            FIELD(struct brand_args, name, .max = 80, .help = "Name of the brand, shown on every page."), BRAND_VALUES);
FIELD_TABLE(BRAND_ID, struct brand_args,
            FIELD(struct brand_args, id, .flags = FIELD_REQUIRED, .refers_to = "brand", .help = "The brand."));
FIELD_TABLE(LIST_BRANDS, struct brand_args,
            FIELD(struct brand_args, id, .refers_to = "brand", .help = "Only this brand."));

struct brand_response {
    const char *id, *name, *logourl, *accentcolor, *barcolor, *defaultlanguage, *domainid;
    struct string_list hosts;
    int64_t version;
};
FIELD_TABLE(BRAND_RESPONSE, struct brand_response, FIELD(struct brand_response, id, .help = "ID of the brand."),
            FIELD(struct brand_response, name, .help = "Name of the brand."),
            FIELD(struct brand_response, logourl, .help = "Address of the logo."),
            FIELD(struct brand_response, accentcolor, .help = "Colour of buttons and links."),
            FIELD(struct brand_response, barcolor, .help = "Colour of the bar at the top."),
            FIELD(struct brand_response, defaultlanguage,
                  .help = "Language for visitors who ask for none that we have."),
            FIELD(struct brand_response, domainid, .help = "Domain that people sign in to unless they name another."),
            FIELD(struct brand_response, hosts, .help = "Host names that lead to the brand."),
            FIELD(struct brand_response, version, .help = "Raised with each change."));

static bool fill(struct api_call *call, const struct brand_row *row, struct brand_response *ret_brand,
                 struct error *err)
{
    struct identity_domain *home = NULL;
    if (row->home_domain_id && !identity_find_domain_any(call->db, call->arena, row->home_domain_id, &home, err))
        return false;
    *ret_brand = (struct brand_response){.id = row->uuid,
                                         .name = row->name,
                                         .logourl = row->logo_url,
                                         .accentcolor = row->accent_color,
                                         .barcolor = row->bar_color,
                                         .defaultlanguage = row->default_language,
                                         .domainid = home ? home->uuid : NULL,
                                         .version = row->version};
    return branding_hosts_of(call->db, call->arena, row->id, &ret_brand->hosts, err);
}

/* All brands, or the one with `id`; read from the table itself, so that a transaction sees its own change. */
static bool list(struct api_call *call, int64_t id, struct brand_response **ret_brands, size_t *ret_count,
                 struct error *err)
{
    struct db_rows rows;
    if (!branding_list(call->db, call->arena, &rows, err))
        return false;
    const struct brand_row *brands = rows.items;
    struct brand_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool wanted = (id == 0 || brands[i].id == id) && page_keyword_matches(&call->page, brands[i].name);
        if (wanted && !fill(call, &brands[i], &found[count++], err))
            return false;
    }
    *ret_brands = found;
    *ret_count = count;
    return true;
}

static bool reply_one(struct api_call *call, int64_t id, struct error *err)
{
    struct brand_response *brands;
    size_t count;
    if (!list(call, id, &brands, &count, err))
        return false;
    if (count == 1)
        api_reply_object(call, &brands[0]);
    else
        api_reply_success(call, NULL); /* planned: nothing is kept */
    return true;
}

static struct brand_change change_of(const struct brand_args *args)
{
    return (struct brand_change){.name = args->name,
                                 .logo_url = args->logourl,
                                 .accent_color = args->accentcolor,
                                 .bar_color = args->barcolor,
                                 .default_language = args->defaultlanguage,
                                 .home_domain_id = args->domainid.id,
                                 .set_hosts = args->hosts.items != NULL,
                                 .hosts = args->hosts};
}

static bool create_brand(struct api_call *call, const void *given, struct error *err)
{
    struct brand_change change = change_of(given);
    char *uuid = arena_alloc(call->arena, 37);
    int64_t id;
    return branding_create(call->db, &change, uuid, &id, err) && reply_one(call, id, err);
}

static bool update_brand(struct api_call *call, const void *given, struct error *err)
{
    const struct brand_args *args = given;
    struct brand_change change = change_of(args);
    return branding_update(call->db, args->id.id, &change, err) && reply_one(call, args->id.id, err);
}

static bool delete_brand(struct api_call *call, const void *given, struct error *err)
{
    const struct brand_args *args = given;
    if (!branding_delete(call->db, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool list_brands(struct api_call *call, const void *given, struct error *err)
{
    const struct brand_args *args = given;
    struct brand_response *brands;
    size_t count;
    if (!list(call, args->id.id, &brands, &count, err))
        return false;
    size_t from = (size_t)call->page.offset < count ? (size_t)call->page.offset : count;
    size_t shown = count - from < (size_t)call->page.limit ? count - from : (size_t)call->page.limit;
    api_reply_list(call, brands + from, shown, (int64_t)count);
    return true;
}

static bool find_brand(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                       bool *ret_exists, struct error *err)
{
    const struct brand_row *brand;
    if (!branding_find_by_uuid(db, arena, uuid, &brand, err))
        return false;
    *ret_exists = brand != NULL;
    if (brand)
        *ret_found = (struct object_found){.id = brand->id, .visibility = OBJECT_INFRA, .name = brand->name};
    return true;
}

static const struct object_kind BRAND_KIND = {
    .name = "brand", .wire_type = "Brand", .object_key = "brand", .response = &BRAND_RESPONSE, .find = find_brand};

static const struct api_command COMMANDS[] = {
    {.name = "createBrand",
     .summary = "Creates a brand.",
     .object_key = "brand",
     .event = "BRAND.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CREATE_BRAND,
     .response = &BRAND_RESPONSE,
     .handle = create_brand,
     .group = "Branding"},
    {.name = "updateBrand",
     .summary = "Changes a brand.",
     .object_key = "brand",
     .event = "BRAND.UPDATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_BRAND,
     .response = &BRAND_RESPONSE,
     .handle = update_brand,
     .group = "Branding"},
    {.name = "deleteBrand",
     .summary = "Deletes a brand.",
     .event = "BRAND.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &BRAND_ID,
     .handle = delete_brand,
     .group = "Branding"},
    {.name = "listBrands",
     .summary = "Lists brands.",
     .object_key = "brand",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_BRANDS,
     .response = &BRAND_RESPONSE,
     .handle = list_brands,
     .group = "Branding"},
    {.name = NULL},
};

void branding_register_api(void)
{
    static const struct object_kind *const KINDS[] = {&BRAND_KIND, NULL};
    static const struct owned_kind HOMES = {
        .name = "brand", .order = OWNED_RECORDS, .forget_domain = branding_leave_domain};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    owned_register(&HOMES);
}
