/* What the commands of this feature need of its rules. */
#ifndef GURUM_CLOUD_QUOTA_SERVICE_H
#define GURUM_CLOUD_QUOTA_SERVICE_H

#include "base/setting.h"
#include "cloud/quota/quota_store.h"

bool quota_is_limited(int64_t kind);
int64_t quota_unit(int64_t kind); /* how many of the counter's units are one on the wire: 2^30 for bytes, else 1 */
/* account_id 0: the domain's limit. wire_limit -1: none. */
MUST_CHECK bool quota_set_limit(struct db *db, int64_t account_id, int64_t domain_id, int64_t kind, int64_t wire_limit,
                                struct error *err);

#endif
