/* What the commands of this feature need of its rules. */
#ifndef GURUM_CLOUD_QUOTA_SERVICE_H
#define GURUM_CLOUD_QUOTA_SERVICE_H

#include "base/setting.h"
#include "cloud/quota/quota_store.h"

bool quota_is_limited(int64_t kind);
/* account_id 0: the domain's limit. wire_limit -1: none. */
MUST_CHECK bool quota_set_limit(struct db *db, int64_t account_id, int64_t domain_id, int64_t kind, int64_t wire_limit,
                                struct error *err);

/* ---- quota_tag.c ---- */
bool quota_tag_is_limited(int64_t kind, const char *tag);
void quota_tags_of(struct arena *arena, int64_t kind, struct string_list *ret_tags); /* those that may have limits */
MUST_CHECK bool quota_set_tag_limit(struct db *db, int64_t account_id, int64_t domain_id, int64_t kind, const char *tag,
                                    int64_t wire_limit, struct error *err);

/* ---- quota_recount.c ---- */
/* account_id 0: all accounts of the domain's sub-tree, then its domains; those above get the difference. kind -1: all
 * that can be counted. tag NULL: the plain counters and all tags that may have limits. */
MUST_CHECK bool quota_recount(struct db *db, struct arena *arena, int64_t account_id, int64_t domain_id, int64_t kind,
                              const char *tag, struct error *err);

#endif
