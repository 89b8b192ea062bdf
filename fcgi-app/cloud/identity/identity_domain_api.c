/* Commands about tenant domains. */
#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/icon/icon.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

struct domain_response {
    const char *id, *name, *parentdomainid, *parentdomainname, *networkdomain, *path, *state;
    int32_t level;
    bool haschild;
    struct opt_time created;
    struct resource_members resources;
    struct object_list taggedresources;
    bool hasannotations;
    struct nested icon;
};
#define DOMAIN(member, ...) FIELD(struct domain_response, member, __VA_ARGS__)
#define DOMAIN_RESOURCE(prefix, kind, what) RESOURCE_FIELDS(struct domain_response, prefix, what)
FIELD_TABLE(DOMAIN_RESPONSE, struct domain_response, DOMAIN(id, .help = "The domain"),
            DOMAIN(hasannotations, .help = "Whether it has comments"), ICON_FIELD(struct domain_response),
            DOMAIN(name, .help = "The domain's name"), DOMAIN(level, .help = "How many domains are above it"),
            DOMAIN(parentdomainid, .help = "The domain above it"),
            DOMAIN(parentdomainname, .help = "The name of the domain above it"),
            DOMAIN(haschild, .help = "True when there are domains below it"),
            DOMAIN(networkdomain, .help = "The DNS domain of its networks"), DOMAIN(path, .help = "Its path from ROOT"),
            DOMAIN(state, .help = "Active or Inactive"),
            DOMAIN(taggedresources, .since = "4.20.0", .table = &TAGGED_RESPONSE,
                   .help = "Limits and use of resources with a tag"),
            DOMAIN(created, .help = "When the domain was made") LIMITED_RESOURCES(DOMAIN_RESOURCE));

/* One look at all domains: which of the page's are somebody's parent. `rows` ascend by id. */
static void mark_parents(const struct cache_view *view, const struct domain_row *const *rows, size_t count,
                         struct domain_response *to)
{
    const struct domain_row *all = view->items;
    for (size_t i = 0; i < view->count; i++) {
        size_t low = 0, high = all[i].removed_id == 0 ? count : 0;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (rows[middle]->id < all[i].parent_id)
                low = middle + 1;
            else
                high = middle;
        }
        if (all[i].removed_id == 0 && low < count && rows[low]->id == all[i].parent_id)
            to[low].haschild = true;
    }
}

static void fill_domain(struct api_call *call, const struct cache_view *view, const struct domain_row *row,
                        struct domain_response *to)
{
    const struct domain_row *parent = cache_row(view, row->parent_id);
    *to = (struct domain_response){.id = row->uuid,
                                   .name = row->name,
                                   .parentdomainid = parent ? parent->uuid : NULL,
                                   .parentdomainname = parent ? parent->name : NULL,
                                   .networkdomain = row->network_domain,
                                   .path = access_display_path(call->arena, row->path),
                                   .state = row->state,
                                   .level = (int32_t)row->level,
                                   .created = row->created};
}

static bool fill_limits(struct api_call *call, const struct domain_row *const *rows, size_t count, const char *tag,
                        struct domain_response *to, struct error *err)
{
    struct quota_holder holders[QUOTA_HOLDERS_MAX];
    struct quota_tag_states tagged[QUOTA_HOLDERS_MAX];
    int64_t ids[QUOTA_HOLDERS_MAX];
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i]->id;
        holders[i] = (struct quota_holder){.id = rows[i]->id};
    }
    if (!quota_of_domains(call->db, call->arena, holders, count, err) ||
        !quota_tags_of_holders(call->db, call->arena, true, ids, count, tagged, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        identity_fill_resources(call->arena, holders[i].states, holders[i].count, &to[i].resources);
        to[i].taggedresources = identity_tagged_resources(call->arena, &tagged[i], tag);
    }
    return true;
}

static bool fill_domains(struct api_call *call, const struct domain_row *const *rows, size_t count,
                         struct telling telling, struct domain_response *to, struct error *err)
{
    struct cache_view view;
    if (!domain_all(call->db, call->arena, &view, err))
        return false;
    for (size_t i = 0; i < count; i++)
        fill_domain(call, &view, rows[i], &to[i]);
    mark_parents(&view, rows, count, to);
    for (size_t i = 0; telling.resources && i < count; i += QUOTA_HOLDERS_MAX) {
        size_t some = count - i < QUOTA_HOLDERS_MAX ? count - i : QUOTA_HOLDERS_MAX;
        if (!fill_limits(call, rows + i, some, telling.tag, to + i, err))
            return false;
    }
    return true;
}

static const struct telling EVERYTHING = {true, true, NULL};

/* A domain is its own tenants' and the admins' above. */
static bool find_domain(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                        bool *ret_exists, struct error *err)
{
    const struct domain_row *row = NULL;
    if (!domain_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && row->removed_id == 0;
    if (*ret_exists)
        *ret_found = (struct object_found){row->id, 0, row->path, OBJECT_DOMAIN, row->name};
    return true;
}

static bool describe_domains(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                             size_t *ret_count, struct error *err)
{
    const struct domain_row **rows = arena_array(call->arena, count, sizeof(*rows));
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!domain_by_id(call->db, call->arena, ids[i], &rows[*ret_count], err))
            return false;
        *ret_count += rows[*ret_count] != NULL;
    }
    return fill_domains(call, rows, *ret_count, EVERYTHING, ret_objects, err);
}

const struct object_kind DOMAIN_KIND = {.name = "domain",
                                        .wire_type = "Domain",
                                        .object_key = "domain",
                                        .response = &DOMAIN_RESPONSE,
                                        .find = find_domain,
                                        .describe = describe_domains};

/* ---- listDomains ---- */

struct list_domains_args {
    struct object_ref id;
    struct opt_int level;
    const char *name, *tag;
    struct string_list details;
    bool listall, showicon;
};
#define LIST(member, ...) FIELD(struct list_domains_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_DOMAINS_ARGS, struct list_domains_args,
            LIST(id, .refers_to = "domain", .help = "Lists only this domain"),
            LIST(name, .help = "Lists only domains of this name"),
            LIST(level, .help = "Lists only domains with so many domains above them"),
            LIST(listall, .help = "Lists every domain that the caller may see instead of only the caller's own"),
            LIST(details,
                 .help = "What to tell of each domain: all (also when absent), resource, or min for no limits"),
            LIST(tag, .since = "4.20.0", .help = "Tells the limits of resources with this tag only"),
            LIST(showicon, .help = "Shows the domains' icons"));

static bool domain_matches(const struct api_call *call, const struct list_domains_args *args,
                           const struct domain_row *row)
{
    const struct caller *caller = call->caller;
    bool narrow = !args->listall && !args->id.id && !args->name && !args->level.set && !call->page.keyword &&
                  !caller_is_root_admin(caller);
    if (row->removed_id != 0 || (narrow && row->id != caller->domain_id))
        return false;
    if (row->id != caller->domain_id && !caller_may_reach(caller, 0, row->path))
        return false;
    if (args->id.id && args->id.id != row->id)
        return false;
    if (args->name && strcasecmp(args->name, row->name) != 0)
        return false;
    if (args->level.set && args->level.value != row->level)
        return false;
    return page_keyword_matches(&call->page, row->name);
}

static bool reply_domains(struct api_call *call, const struct domain_row *const *rows, const struct page_pick *pick,
                          struct telling telling, struct error *err)
{
    struct domain_response *responses = arena_array(call->arena, pick->taken, sizeof(*responses));
    if (!fill_domains(call, rows, pick->taken, telling, responses, err))
        return false;
    api_reply_list(call, responses, pick->taken, pick->total);
    return true;
}

static bool list_domains(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_domains_args *args = arguments;
    struct cache_view view;
    struct page_pick pick = {.page = &call->page};
    if (!domain_all(call->db, call->arena, &view, err))
        return false;
    const struct domain_row *rows = view.items;
    const struct domain_row **page = arena_array(call->arena, page_room(&call->page, view.count) + 1, sizeof(*page));
    for (size_t i = 0; i < view.count; i++) {
        size_t at = pick.taken;
        if (domain_matches(call, args, &rows[i]) && page_pick(&pick))
            page[at] = &rows[i];
    }
    return reply_domains(call, page, &pick, identity_telling_of(&args->details, args->tag), err);
}

/* ---- listDomainChildren ---- */

struct list_children_args {
    struct object_ref id;
    const char *name;
    bool isrecursive, listall, showicon;
};
#define CHILD(member, ...) FIELD(struct list_children_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_CHILDREN_ARGS, struct list_children_args,
            CHILD(id, .refers_to = "domain", .help = "The domain whose children are listed; the caller's when absent"),
            CHILD(name, .help = "Lists only domains of this name"),
            CHILD(isrecursive, .help = "Lists the whole sub-tree"),
            CHILD(listall, .help = "Lists everything below the domain, as isrecursive"),
            CHILD(showicon, .help = "Shows the domains' icons"));

static bool list_children(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_children_args *args = arguments;
    const struct domain_row *above = NULL;
    struct cache_view view;
    struct page_pick pick = {.page = &call->page};
    int64_t id = args->id.id ? args->id.id : call->caller->domain_id;
    if (!domain_all(call->db, call->arena, &view, err))
        return false;
    above = cache_row(&view, id);
    const struct domain_row *rows = view.items;
    const struct domain_row **page = arena_array(call->arena, page_room(&call->page, view.count) + 1, sizeof(*page));
    for (size_t i = 0; above && i < view.count; i++) {
        bool is_below = args->isrecursive || args->listall
                            ? rows[i].id != id && string_starts_with(rows[i].path, above->path)
                            : rows[i].parent_id == id;
        bool fits = is_below && rows[i].removed_id == 0 && page_keyword_matches(&call->page, rows[i].name) &&
                    (!args->name || strcasecmp(args->name, rows[i].name) == 0);
        size_t at = pick.taken;
        if (fits && page_pick(&pick))
            page[at] = &rows[i];
    }
    return reply_domains(call, page, &pick, EVERYTHING, err);
}

/* ---- createDomain ---- */

struct create_domain_args {
    const char *name, *domainid, *networkdomain;
    struct object_ref parentdomainid;
};
#define NEW(member, ...) FIELD(struct create_domain_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_DOMAIN_ARGS, struct create_domain_args,
            NEW(name, .flags = FIELD_REQUIRED, .help = "The domain's name, once below its parent"),
            NEW(domainid, .max = 36, .help = "The id the new domain gets, a UUID; random when absent"),
            NEW(networkdomain, .help = "The DNS domain of its networks"),
            NEW(parentdomainid, .refers_to = "domain", .help = "The domain above it; the caller's when absent"));

static bool reply_domain(struct api_call *call, int64_t id, struct error *err)
{
    const struct domain_row *row = NULL;
    struct domain_response *response = ARENA_NEW(call->arena, struct domain_response);
    if (!domain_by_id(call->db, call->arena, id, &row, err))
        return false;
    if (!row) { /* a dry run keeps nothing that could be read back */
        api_reply_success(call, NULL);
        return true;
    }
    if (!fill_domains(call, &row, 1, EVERYTHING, response, err))
        return false;
    api_reply_object(call, response);
    return true;
}

static bool create_domain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_domain_args *args = arguments;
    int64_t id = 0, parent = args->parentdomainid.id ? args->parentdomainid.id : call->caller->domain_id;
    if (!identity_check_uuid("domainid", args->domainid, err))
        return false;
    return identity_create_domain(call->db, args->name, parent, args->networkdomain, args->domainid, &id, err) &&
           reply_domain(call, id, err);
}

/* ---- updateDomain, moveDomain, deleteDomain ---- */

struct update_domain_args {
    struct object_ref id;
    const char *name, *networkdomain;
};
#define CHANGE(member, ...) FIELD(struct update_domain_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_DOMAIN_ARGS, struct update_domain_args,
            CHANGE(id, .flags = FIELD_REQUIRED, .refers_to = "domain", .help = "The domain"),
            CHANGE(name, .help = "The new name"),
            CHANGE(networkdomain, .help = "The new DNS domain of its networks; empty: none"));

static bool update_domain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_domain_args *args = arguments;
    return identity_update_domain(call->db, args->id.id, args->name, args->networkdomain, err) &&
           reply_domain(call, args->id.id, err);
}

struct move_domain_args {
    struct object_ref domainid, parentdomainid;
};
FIELD_TABLE(MOVE_DOMAIN_ARGS, struct move_domain_args,
            FIELD(struct move_domain_args, domainid, .flags = FIELD_REQUIRED, .refers_to = "domain",
                  .help = "The domain that moves, with all below it"),
            FIELD(struct move_domain_args, parentdomainid, .flags = FIELD_REQUIRED, .refers_to = "domain",
                  .help = "The domain it will be below"));

static bool move_domain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct move_domain_args *args = arguments;
    return identity_move_domain(call->db, args->domainid.id, args->parentdomainid.id, err) &&
           reply_domain(call, args->domainid.id, err);
}

struct delete_domain_args {
    struct object_ref id;
    bool cleanup;
};
FIELD_TABLE(DELETE_DOMAIN_ARGS, struct delete_domain_args,
            FIELD(struct delete_domain_args, id, .flags = FIELD_REQUIRED, .refers_to = "domain", .help = "The domain"),
            FIELD(struct delete_domain_args, cleanup,
                  .help = "Deletes its sub-domains and accounts with all they own, too; else it must be empty"));

struct removal {
    struct api_call *call;
    struct domain_deletion deletion;
    struct job_ref *job;
};

static bool begin_removal(struct db *db, void *context, struct error *err)
{
    const struct removal *to = context;
    const struct job_stamp stamp = api_stamp(to->call);
    return identity_begin_domain_removal(db, to->call->arena, &to->deletion, &stamp, to->job, err);
}

static bool delete_domain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_domain_args *args = arguments;
    struct job_ref job;
    struct removal removal = {call, {call->caller, args->id.id, args->cleanup}, &job};
    if (args->id.id == call->caller->domain_id)
        return error_set(err, ERROR_DENIED, "identity.own_domain");
    if (!db_transaction(call->db, begin_removal, &removal, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listDomains",
     .summary = "Lists tenant domains with what they use and may use",
     .object_key = "domain",
     .mode = API_LIST,
     .roles = ROLES_ADMINS,
     .params = &LIST_DOMAINS_ARGS,
     .response = &DOMAIN_RESPONSE,
     .handle = list_domains,
     .group = "Domain"},
    {.name = "createDomain",
     .summary = "Makes a tenant domain",
     .object_key = "domain",
     .event = "DOMAIN.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &CREATE_DOMAIN_ARGS,
     .response = &DOMAIN_RESPONSE,
     .handle = create_domain,
     .group = "Domain"},
    {.name = "listDomainChildren",
     .summary = "Lists the tenant domains below one",
     .object_key = "domain",
     .mode = API_LIST,
     .roles = ROLES_ADMINS,
     .params = &LIST_CHILDREN_ARGS,
     .response = &DOMAIN_RESPONSE,
     .handle = list_children,
     .group = "Domain"},
    {.name = "updateDomain",
     .summary = "Changes a tenant domain; a new name changes the paths below it",
     .object_key = "domain",
     .event = "DOMAIN.UPDATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_DOMAIN_ARGS,
     .response = &DOMAIN_RESPONSE,
     .handle = update_domain,
     .group = "Domain"},
    {.name = "moveDomain",
     .summary = "Moves a tenant domain with all below it to another parent",
     .since = "4.19.0.0",
     .object_key = "domain",
     .event = "DOMAIN.MOVE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &MOVE_DOMAIN_ARGS,
     .response = &DOMAIN_RESPONSE,
     .handle = move_domain,
     .group = "Domain"},
    {.name = "deleteDomain",
     .summary = "Deletes a tenant domain",
     .event = "DOMAIN.DELETE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &DELETE_DOMAIN_ARGS,
     .handle = delete_domain,
     .group = "Domain"},
    {.name = NULL},
};

void identity_register_domains(void)
{
    api_register_commands(COMMANDS);
}
