/* Resource counters and limits: per account, and per tenant domain for its whole sub-tree up to ROOT. A counter is
 * checked and raised in one UPDATE, so limits stay exact whatever runs at the same time. Exact counts of lists come
 * from the same rows. */
#ifndef GURUM_CLOUD_QUOTA_H
#define GURUM_CLOUD_QUOTA_H

#include "api/api.h"

/* X(ident, number on the wire = resourcetype, name, limited) Numbers from 100 on are counters for lists only: they have
 * no limit. */
#define QUOTA_KINDS(X)                                                                                                 \
    X(VM, 0, "user_vm", true)                                                                                          \
    X(ADDRESS, 1, "public_ip", true)                                                                                   \
    X(VOLUME, 2, "volume", true)                                                                                       \
    X(SNAPSHOT, 3, "snapshot", true)                                                                                   \
    X(IMAGE, 4, "template", true)                                                                                      \
    X(PROJECT, 5, "project", true)                                                                                     \
    X(NETWORK, 6, "network", true)                                                                                     \
    X(VPC, 7, "vpc", true)                                                                                             \
    X(CPU, 8, "cpu", true) /* cores */                                                                                 \
    X(MEMORY_MIB, 9, "memory", true)                                                                                   \
    X(PRIMARY_STORAGE_BYTES, 10, "primary_storage", true) /* limits are in GiB on the wire */                          \
    X(SECONDARY_STORAGE_BYTES, 11, "secondary_storage", true)                                                          \
    X(LISTED_VM, 100, "listed_vm", false)                     /* VMs that a list shows by default */                   \
    X(LISTED_VM_DESTROYED, 101, "listed_vm_destroyed", false) /* destroyed, not yet expunged */                        \
    X(LISTED_VOLUME, 102, "listed_volume", false)                                                                      \
    X(LISTED_NETWORK, 103, "listed_network", false)                                                                    \
    X(LISTED_ADDRESS, 104, "listed_address", false)                                                                    \
    X(RUNNING_VM, 105, "running_vm", false)

enum quota_kind {
#define X(ident, number, name, limited) QUOTA_##ident = (number),
    QUOTA_KINDS(X)
#undef X
};

/* Raises the counters of the account and of every domain above it, in the caller's open transaction. Locks the rows of
 * ROOT until COMMIT: call it as late in the transaction as the work allows. delta ≥ 0. Errors: RESOURCE_ALLOCATION
 * (over a limit; the transaction must end), INTERNAL. */
MUST_CHECK bool quota_raise(struct db *db, const struct owner *owner, enum quota_kind kind, int64_t delta,
                            struct error *err);
/* The same downwards; never refused. A counter that would fall below 0 is an INTERNAL error: something was counted
 * wrongly. */
MUST_CHECK bool quota_lower(struct db *db, const struct owner *owner, enum quota_kind kind, int64_t delta,
                            struct error *err);

/* Several kinds at once in two statements: what a hot path uses (a deployment raises five). Positive deltas are checked
 * against limits, negative ones lower. At most QUOTA_CHANGES_MAX; each kind once; zero deltas are skipped. */
enum { QUOTA_CHANGES_MAX = 10 };
struct quota_change {
    enum quota_kind kind;
    int64_t delta;
};
MUST_CHECK bool quota_change(struct db *db, const struct owner *owner, const struct quota_change *changes, size_t count,
                             struct error *err);

/* The same for resources whose offering has tags ("a,b"; NULL: none): beside quota_change, for the kinds that tags
 * count: VM, CPU and MEMORY_MIB by host tags, VOLUME and PRIMARY_STORAGE_BYTES by storage tags. Keep the tags with the
 * object: what was raised under a tag is lowered under it. */
MUST_CHECK bool quota_change_tagged(struct db *db, const struct owner *owner, const char *tags,
                                    const struct quota_change *changes, size_t count, struct error *err);
/* Tags as they are counted and kept, in at most 255 bytes; NULL: none. */
const char *quota_counted_tags(struct arena *arena, const char *tags);

/* How a kind is counted from the rows it stands for; registered by the feature that has them. The statements are made
 * by the macros: `truth` is a scalar subquery about c.account_id (and c.tag). */
struct quota_source {
    enum quota_kind kind;
    const struct db_statement *recount, *recount_tagged; /* NULL: tags do not count it */
};
#define QUOTA_RECOUNT(truth)                                                                                           \
    "UPDATE account_counter c JOIN account o ON o.id = c.account_id JOIN domain_ancestor t ON t.domain_id = "          \
    "o.domain_id SET c.used = (" truth ") WHERE c.kind = ? AND t.ancestor_id = ? AND (? = 0 OR o.id = ?)"
#define QUOTA_RECOUNT_TAGGED(truth)                                                                                    \
    "UPDATE account_tag_counter c JOIN account o ON o.id = c.account_id JOIN domain_ancestor t ON t.domain_id = "      \
    "o.domain_id SET c.used = (" truth ") WHERE c.kind = ? AND c.tag = ? AND t.ancestor_id = ? AND (? = 0 OR o.id = "  \
    "?)"
#define QUOTA_RECOUNT_REASON "when an operator counts anew"
void quota_register_source(const struct quota_source *source);

/* The sum of a counter over a list's scope: one row for an account, a domain tree or everything. */
MUST_CHECK bool quota_count(struct db *db, const struct list_scope *scope, enum quota_kind kind, int64_t *ret_count,
                            struct error *err);

/* All kinds of one holder, for account and domain replies: used and limit (-1: unlimited). */
struct quota_state {
    enum quota_kind kind;
    int64_t used, limit;
};
MUST_CHECK bool quota_of_account(struct db *db, struct arena *arena, int64_t account_id,
                                 const struct quota_state **ret_states, size_t *ret_count, struct error *err);
MUST_CHECK bool quota_of_domain(struct db *db, struct arena *arena, int64_t domain_id,
                                const struct quota_state **ret_states, size_t *ret_count, struct error *err);
/* The same for a page of holders, which come with their ids: one query for at most QUOTA_HOLDERS_MAX of them. */
enum { QUOTA_HOLDERS_MAX = 32 };
struct quota_holder {
    int64_t id;
    const struct quota_state *states;
    size_t count;
};
MUST_CHECK bool quota_of_accounts(struct db *db, struct arena *arena, struct quota_holder *holders, size_t count,
                                  struct error *err);
MUST_CHECK bool quota_of_domains(struct db *db, struct arena *arena, struct quota_holder *holders, size_t count,
                                 struct error *err);

/* The tags that have limits now, with what the holders use of them: parallel to ids, at most QUOTA_HOLDERS_MAX. */
struct quota_tag_state {
    struct quota_state state;
    const char *tag;
};
struct quota_tag_states {
    const struct quota_tag_state *items;
    size_t count;
};
MUST_CHECK bool quota_tags_of_holders(struct db *db, struct arena *arena, bool of_domains, const int64_t *ids,
                                      size_t count, struct quota_tag_states *ret_states, struct error *err);
int64_t quota_unit(int64_t kind); /* how many of the counter's units are one on the wire: 2^30 for bytes, else 1 */

/* Called by the identity feature in its transactions: counter rows of a new account or domain; limits that follow the
 * role. */
MUST_CHECK bool quota_add_account(struct db *db, int64_t account_id, bool unlimited, struct error *err);
MUST_CHECK bool quota_add_domain(struct db *db, int64_t domain_id, bool unlimited, struct error *err);
MUST_CHECK bool quota_set_unlimited(struct db *db, int64_t account_id, bool unlimited, struct error *err);
/* While closed, nothing that is limited can be added for the account: raising is refused (DENIED). Whoever was raising
 * in an open transaction is waited for. */
MUST_CHECK bool quota_close_account(struct db *db, int64_t account_id, bool is_closed, struct error *err);
/* A tenant domain with all below it leaves the domains at and above its old parent, and joins those at and above the
 * new one: two halves of one transaction, with the change of domain_ancestor between them. The first half waits for all
 * who are changing counters of the sub-tree, and keeps others waiting. Errors: RESOURCE_ALLOCATION (joining). */
MUST_CHECK bool quota_leave_domain(struct db *db, int64_t domain_id, int64_t old_parent_id, struct error *err);
MUST_CHECK bool quota_join_domain(struct db *db, int64_t domain_id, int64_t new_parent_id, struct error *err);
/* Adds counter rows that a newer release wants and existing holders lack (gurumd bootstrap). */
MUST_CHECK bool quota_bootstrap(struct db *db, struct error *err);

const char *quota_kind_name(enum quota_kind kind); /* "user_vm"; NULL: no such kind */
void quota_register(void);

#endif
