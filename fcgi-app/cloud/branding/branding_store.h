/* What the files of this feature share: the rows of brands, and the commands. */
#ifndef GURUM_CLOUD_BRANDING_STORE_H
#define GURUM_CLOUD_BRANDING_STORE_H

#include "cloud/branding/branding.h"

MUST_CHECK bool brand_insert(struct db *db, const char *uuid, const struct brand_change *change, int64_t *ret_id,
                             struct error *err);
MUST_CHECK bool brand_change_row(struct db *db, int64_t id, const struct brand_change *change, struct error *err);
MUST_CHECK bool brand_remove(struct db *db, int64_t id, struct error *err);
/* Brands whose home the domain is have none from now on. */
MUST_CHECK bool brand_leave_domain(struct db *db, int64_t domain_id, struct error *err);
MUST_CHECK bool brand_add_host(struct db *db, int64_t id, const char *host, struct error *err);
MUST_CHECK bool brand_remove_hosts(struct db *db, int64_t id, struct error *err);
/* branding_service.c, in the open transaction: the domain goes. */
MUST_CHECK bool branding_leave_domain(struct db *db, int64_t domain_id, struct error *err);
void branding_register_api(void);

#endif
