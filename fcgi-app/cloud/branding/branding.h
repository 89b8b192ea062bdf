/* Brands: what a provider or reseller shows of itself, chosen by the Host header. */
#ifndef GURUM_CLOUD_BRANDING_H
#define GURUM_CLOUD_BRANDING_H

#include "api/api.h"
#include "portal/portal.h"

struct brand_row {
    int64_t id;
    const char *uuid, *name, *logo_url, *accent_color, *bar_color, *default_language;
    int64_t version, home_domain_id;
};
extern const struct field_table BRAND_ROW;
struct brand_host_row {
    int64_t id; /* the brand's */
    const char *uuid; /* the host name: what cached tables are looked up by */
};

/* What may be changed; NULL: stays. Hosts replace all earlier ones when `set_hosts`. */
struct brand_change {
    const char *name, *logo_url, *accent_color, *bar_color, *default_language;
    int64_t home_domain_id;
    bool set_hosts;
    struct string_list hosts;
};

/* Errors: INVALID_VALUE (colour, contrast, host name, language), IN_USE (a host of another brand). */
MUST_CHECK bool branding_create(struct db *db, const struct brand_change *change, char uuid[static 37], int64_t *ret_id,
                                struct error *err);
MUST_CHECK bool branding_update(struct db *db, int64_t id, const struct brand_change *change, struct error *err);
MUST_CHECK bool branding_delete(struct db *db, int64_t id, struct error *err);
/* "#rrggbb" against another, as WCAG 2.2 counts it: 1.0 to 21.0. 0 when either is not a colour. */
double branding_contrast(const char *color, const char *other);
/* Black or white, whichever reads better on the colour. */
const char *branding_ink_on(const char *color);

/* Cached; rows live as long as the arena. */
MUST_CHECK bool branding_find_by_host(struct db *db, struct arena *arena, const char *host,
                                      const struct brand_row **ret_brand, struct error *err);
MUST_CHECK bool branding_find_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                      const struct brand_row **ret_brand, struct error *err);
MUST_CHECK bool branding_list(struct db *db, struct arena *arena, struct db_rows *ret_brands, struct error *err);
MUST_CHECK bool branding_hosts_of(struct db *db, struct arena *arena, int64_t brand_id, struct string_list *ret_hosts,
                                  struct error *err);

void branding_register(void);

#endif
