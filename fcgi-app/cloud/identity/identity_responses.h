/* Replies that several command files of this feature share. */
#ifndef GURUM_CLOUD_IDENTITY_RESPONSES_H
#define GURUM_CLOUD_IDENTITY_RESPONSES_H

#include "cloud/cache/columns.h"
#include "cloud/identity/identity_store.h"
#include "cloud/quota/quota.h"
#include "cloud/signin/signin.h"

struct user_response {
    const char *id, *username, *firstname, *lastname, *email, *state, *account, *accountid, *usersource, *roleid,
        *roletype, *rolename;
    const char *domainid, *domain, *timezone, *apikey, *apikeyaccess;
    struct opt_time created;
    int32_t accounttype;
    bool iscallerchilddomain, isdefault, is2faenabled, is2famandated;
    struct nested icon;
};
extern const struct field_table USER_RESPONSE;
/* `rule` goes from one user of a page to the next. */
MUST_CHECK bool identity_fill_user(struct api_call *call, const struct user_row *row, struct factor_rule *rule,
                                   struct user_response *to, struct error *err);
/* Scope, page, keyword and account type (absent: any) of a list call. */
MUST_CHECK bool identity_prepare_query(struct api_call *call, const struct opt_int *account_type,
                                       struct owner_query *query, struct error *err);
const char *identity_key_access_text(struct arena *arena, const char *access);

/* Three members for each counter: "vmlimit" and "vmavailable" are texts ("Unlimited", or a number), "vmtotal" is a
 * number. X(prefix on the wire, counter, what is counted) */
#define OWNED_RESOURCES(X)                                                                                             \
    X(vm, QUOTA_VM, "instances")                                                                                       \
    X(ip, QUOTA_ADDRESS, "public addresses")                                                                           \
    X(volume, QUOTA_VOLUME, "volumes")                                                                                 \
    X(snapshot, QUOTA_SNAPSHOT, "snapshots")                                                                           \
    X(template, QUOTA_IMAGE, "images")                                                                                 \
    X(network, QUOTA_NETWORK, "networks")                                                                              \
    X(vpc, QUOTA_VPC, "VPCs")                                                                                          \
    X(cpu, QUOTA_CPU, "processor cores")                                                                               \
    X(memory, QUOTA_MEMORY_MIB, "MiB of memory")                                                                       \
    X(primarystorage, QUOTA_PRIMARY_STORAGE_BYTES, "GiB of primary storage")                                           \
    X(secondarystorage, QUOTA_SECONDARY_STORAGE_BYTES, "GiB of secondary storage")
/* What an account may have besides what a project may have, too. */
#define LIMITED_RESOURCES(X) OWNED_RESOURCES(X) X(project, QUOTA_PROJECT, "projects")

#define RESOURCE_MEMBERS(prefix, kind, what)                                                                           \
    const char *prefix##limit, *prefix##available;                                                                     \
    struct opt_int prefix##total;
struct resource_members {
    LIMITED_RESOURCES(RESOURCE_MEMBERS)
};
#define RESOURCE_FIELD(owner, member, text)                                                                            \
    ,                                                                                                                  \
    {                                                                                                                  \
        .name = #member, .type = FIELD_TYPE_OF(((owner *)0)->resources.member),                                        \
        .offset = (uint32_t)offsetof(owner, resources.member),                                                         \
        .size = (uint32_t)sizeof(((owner *)0)->resources.member), .help = text                                         \
    }
#define RESOURCE_FIELDS(owner, prefix, what)                                                                           \
    RESOURCE_FIELD(owner, prefix##limit, "Most " what)                                                                 \
    RESOURCE_FIELD(owner, prefix##total, "Number of " what " in use")                                                  \
    RESOURCE_FIELD(owner, prefix##available, "Number of " what " still available")
void identity_fill_resources(struct arena *arena, const struct quota_state *states, size_t count,
                             struct resource_members *to);

/* What a holder uses of resources with a tag that has limits. */
struct tagged_response {
    const char *resourcetypename, *tag;
    int32_t resourcetype;
    int64_t limit, total, available;
};
extern const struct field_table TAGGED_RESPONSE;
/* `tag` NULL: all. Storage in GiB; -1: no limit. */
struct object_list identity_tagged_resources(struct arena *arena, const struct quota_tag_states *states,
                                             const char *tag);

/* What a list was asked to tell of each account or domain by details: all (also when absent), resource, min. */
struct telling {
    bool details, resources;
    const char *tag; /* of the resources; NULL: all */
};
struct telling identity_telling_of(const struct string_list *details, const char *tag);

struct account_response {
    const char *id, *name, *roleid, *roletype, *rolename, *domainid, *domain, *domainpath, *state, *networkdomain,
        *apikeyaccess;
    int32_t accounttype;
    struct resource_members resources;
    struct opt_int vmstopped, vmrunning;
    bool iscleanuprequired, isdefault;
    struct opt_time created;
    struct object_list user;
    struct pair_list accountdetails;
    struct object_list taggedresources;
    struct nested icon;
};
MUST_CHECK bool identity_fill_accounts(struct api_call *call, const struct account_row *rows, size_t count,
                                       struct telling telling, struct account_response *to, struct error *err);

/* ---- small checks that commands share ---- */

/* NULL is fine; anything else must be a UUID. */
MUST_CHECK bool identity_check_uuid(const char *param, const char *value, struct error *err);

/* ---- identity_jobs.c: asynchronous on the wire, done at once ---- */
void identity_register_jobs(void);
MUST_CHECK bool identity_disable_user(struct api_call *call, int64_t user_id, const char *user_uuid,
                                      struct job_ref *ret_job, struct error *err);
MUST_CHECK bool identity_disable_account(struct api_call *call, int64_t account_id, const char *account_uuid,
                                         const char *state, struct job_ref *ret_job, struct error *err);

#endif
