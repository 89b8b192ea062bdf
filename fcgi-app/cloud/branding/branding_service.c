/* Rules of brands: colours that can be read, host names that belong to one brand. No HTTP, no SQL text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/branding/branding_store.h"
#include "db/version.h"

/* WCAG 2.2, 1.4.3: text needs 4.5 to 1. */
static const double LEAST_CONTRAST = 4.5;

static bool parse_color(const char *color, double channels[static 3])
{
    if (!color || strlen(color) != 7 || color[0] != '#' || strspn(color + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    for (int i = 0; i < 3; i++) {
        char hex[3] = {color[1 + 2 * i], color[2 + 2 * i], '\0'};
        channels[i] = (double)strtoul(hex, NULL, 16) / 255.0;
    }
    return true;
}

/* Relative luminance as WCAG 2.2 defines it. */
static double luminance(const double channels[static 3])
{
    static const double WEIGHTS[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += WEIGHTS[i] * (channels[i] <= 0.04045 ? channels[i] / 12.92 : pow((channels[i] + 0.055) / 1.055, 2.4));
    return sum;
}

double branding_contrast(const char *color, const char *other)
{
    double a[3], b[3];
    if (!parse_color(color, a) || !parse_color(other, b))
        return 0;
    double light = fmax(luminance(a), luminance(b)), dark = fmin(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
}

const char *branding_ink_on(const char *color)
{
    return branding_contrast(color, "#ffffff") >= branding_contrast(color, "#000000") ? "#ffffff" : "#000000";
}

/* The accent also colours links on the page's white, so it must be dark enough for that. */
static bool check_colors(const struct brand_change *change, struct error *err)
{
    double channels[3];
    if (change->accent_color && !parse_color(change->accent_color, channels))
        return error_with(err, ERROR_INVALID_VALUE, "brand.color", E_TEXT("color", change->accent_color));
    if (change->bar_color && !parse_color(change->bar_color, channels))
        return error_with(err, ERROR_INVALID_VALUE, "brand.color", E_TEXT("color", change->bar_color));
    if (change->accent_color && branding_contrast(change->accent_color, "#ffffff") < LEAST_CONTRAST)
        return error_with(err, ERROR_INVALID_VALUE, "brand.contrast", E_TEXT("color", change->accent_color));
    return true;
}

static bool is_host_name(const char *host)
{
    size_t length = strlen(host);
    return length > 0 && length <= 253 && strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == length &&
           host[0] != '-' && host[0] != '.';
}

static bool check_change(const struct brand_change *change, struct error *err)
{
    if (!check_colors(change, err))
        return false;
    if (change->default_language && !message_language(change->default_language))
        return error_with(err, ERROR_INVALID_VALUE, "brand.language", E_TEXT("language", change->default_language));
    bool is_path = change->logo_url && change->logo_url[0] == '/' && change->logo_url[1] != '/';
    if (change->logo_url && !is_path && !string_starts_with(change->logo_url, "https://"))
        return error_with(err, ERROR_INVALID_VALUE, "brand.logo", E_TEXT("url", change->logo_url));
    for (size_t i = 0; i < change->hosts.count; i++) {
        if (!is_host_name(change->hosts.items[i]))
            return error_with(err, ERROR_INVALID_VALUE, "brand.host", E_TEXT("host", change->hosts.items[i]));
    }
    return true;
}

struct brand_write {
    const struct brand_change *change;
    const char *uuid;
    int64_t id;
};

static bool write_hosts(struct db *db, const struct brand_write *write, struct error *err)
{
    if (!write->change->set_hosts)
        return true;
    if (!brand_remove_hosts(db, write->id, err))
        return false;
    for (size_t i = 0; i < write->change->hosts.count; i++) {
        const char *host = write->change->hosts.items[i];
        if (!brand_add_host(db, write->id, host, err))
            return err->kind == ERROR_IN_USE ? error_with(err, ERROR_IN_USE, "brand.host_taken", E_TEXT("host", host))
                                             : false;
    }
    return true;
}

static bool create_in(struct db *db, void *context, struct error *err)
{
    struct brand_write *write = context;
    return brand_insert(db, write->uuid, write->change, &write->id, err) && write_hosts(db, write, err) &&
           version_raise(db, VERSION_BRANDS, err);
}

bool branding_create(struct db *db, const struct brand_change *change, char uuid[static 37], int64_t *ret_id,
                     struct error *err)
{
    struct brand_write write = {.change = change, .uuid = uuid};
    if (!check_change(change, err))
        return false;
    uuid_random(uuid);
    if (!db_transaction(db, create_in, &write, err))
        return false;
    *ret_id = write.id;
    return true;
}

static bool update_in(struct db *db, void *context, struct error *err)
{
    const struct brand_write *write = context;
    return brand_change_row(db, write->id, write->change, err) && write_hosts(db, write, err) &&
           version_raise(db, VERSION_BRANDS, err);
}

bool branding_update(struct db *db, int64_t id, const struct brand_change *change, struct error *err)
{
    struct brand_write write = {.change = change, .id = id};
    return check_change(change, err) && db_transaction(db, update_in, &write, err);
}

static bool delete_in(struct db *db, void *context, struct error *err)
{
    const int64_t *id = context;
    return brand_remove_hosts(db, *id, err) && brand_remove(db, *id, err) && version_raise(db, VERSION_BRANDS, err);
}

bool branding_delete(struct db *db, int64_t id, struct error *err)
{
    return db_transaction(db, delete_in, &id, err);
}

bool branding_leave_domain(struct db *db, int64_t domain_id, struct error *err)
{
    return brand_leave_domain(db, domain_id, err) && version_raise(db, VERSION_BRANDS, err);
}
