/* Rows of projects to replies. */
#include "cloud/icon/icon.h"
#include "cloud/project/project_response.h"

#include "cloud/identity/identity.h"
#include "cloud/quota/quota.h"
#include "cloud/tag/tag.h"

FIELD_TABLE(PROJECT_OWNER, struct project_owner, FIELD(struct project_owner, account, .help = "the account"),
            FIELD(struct project_owner, userid, .help = "the user, when only one of the account is an admin"),
            FIELD(struct project_owner, user, .help = "the name of that user"));

#define R(member, ...) FIELD(struct project_response, member, __VA_ARGS__)
#define PROJECT_RESOURCE(prefix, kind, what) RESOURCE_FIELDS(struct project_response, prefix, what)
FIELD_TABLE(PROJECT_RESPONSE, struct project_response, R(id, .help = "the project"),
            R(name, .help = "the project's name"), R(displaytext, .help = "what the project is for"),
            R(domainid, .help = "the project's domain"), R(domain, .help = "the name of that domain"),
            R(owner, .help = "the project's admins", .table = &PROJECT_OWNER),
            R(projectaccountname, .help = "the account that owns what the project owns"),
            R(state, .help = "Active, Suspended, or Disabled while it is deleted"),
            ICON_FIELD(struct project_response),
            R(tags, .help = "the project's tags", .table = &TAG_RESPONSE) OWNED_RESOURCES(PROJECT_RESOURCE),
            R(taggedresources, .since = "4.20.0", .table = &TAGGED_RESPONSE,
              .help = "limits and use of resources with a tag"),
            R(vmstopped, .since = "4.2.0", .help = "number of instances that do not run"),
            R(vmrunning, .since = "4.2.0", .help = "number of instances that run"),
            R(created, .since = "4.16.0", .help = "when the project was made"));

static bool fill_owners(struct api_call *call, int64_t project_id, struct object_list *to, struct error *err)
{
    struct project_members members;
    size_t count = 0;
    if (!project_members_of_project(call->db, call->arena, project_id, &members, err))
        return false;
    struct project_owner *owners = arena_array(call->arena, members.count + 1, sizeof(*owners));
    for (size_t i = 0; i < members.count; i++) {
        const struct project_member *member = &members.items[i];
        struct identity_account *account = NULL;
        struct identity_user *user = NULL;
        if (!member->is_admin)
            continue;
        if (!identity_find_account_any(call->db, call->arena, member->account_id, &account, err) ||
            (member->user_id != 0 && !identity_find_user_any(call->db, call->arena, member->user_id, &user, err)))
            return false;
        owners[count++] = (struct project_owner){.account = account ? account->name : NULL,
                                                 .userid = user ? user->uuid : NULL,
                                                 .user = user ? user->username : NULL};
    }
    *to = (struct object_list){owners, count, true};
    return true;
}

static void fill_counters(struct api_call *call, const struct quota_holder *holder,
                          const struct quota_tag_states *tagged, struct project_response *to)
{
    int64_t all = 0, running = 0;
    identity_fill_resources(call->arena, holder->states, holder->count, &to->resources);
    to->taggedresources = identity_tagged_resources(call->arena, tagged, NULL);
    for (size_t i = 0; i < holder->count; i++) {
        all = holder->states[i].kind == QUOTA_VM ? holder->states[i].used : all;
        running = holder->states[i].kind == QUOTA_RUNNING_VM ? holder->states[i].used : running;
    }
    to->vmrunning = OPT_INT(running);
    to->vmstopped = OPT_INT(all > running ? all - running : 0);
}

static bool fill(struct api_call *call, const struct project *row, struct project_response *to, struct error *err)
{
    struct identity_domain *domain = NULL;
    struct identity_account *account = NULL;
    if (!identity_find_domain_any(call->db, call->arena, row->domain_id, &domain, err) ||
        !identity_find_account_any(call->db, call->arena, -row->id, &account, err))
        return false;
    *to = (struct project_response){.id = row->uuid,
                                    .name = row->name,
                                    .displaytext = row->display_text,
                                    .domainid = domain ? domain->uuid : NULL,
                                    .domain = domain ? domain->name : NULL,
                                    .projectaccountname = account ? account->name : NULL,
                                    .state = row->state,
                                    .created = row->created};
    return fill_owners(call, row->id, &to->owner, err);
}

/* At most QUOTA_HOLDERS_MAX: what hangs on them is read for all at once. */
static bool fill_some(struct api_call *call, const struct project *const *rows, size_t count, bool counters,
                      struct project_response *to, struct error *err)
{
    int64_t ids[QUOTA_HOLDERS_MAX], accounts[QUOTA_HOLDERS_MAX];
    struct quota_holder holders[QUOTA_HOLDERS_MAX];
    struct quota_tag_states tagged[QUOTA_HOLDERS_MAX];
    struct object_list tags[QUOTA_HOLDERS_MAX];
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i]->id;
        accounts[i] = -ids[i];
        holders[i] = (struct quota_holder){.id = accounts[i]};
    }
    if (!identity_prefetch_any(call->db, call->arena, accounts, NULL, count, err) ||
        !tag_find_for(call->db, call->arena, "project", ids, count, tags, err))
        return false;
    if (counters && (!quota_of_accounts(call->db, call->arena, holders, count, err) ||
                     !quota_tags_of_holders(call->db, call->arena, false, accounts, count, tagged, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!fill(call, rows[i], &to[i], err))
            return false;
        to[i].tags = tags[i];
        if (counters)
            fill_counters(call, &holders[i], &tagged[i], &to[i]);
    }
    return true;
}

bool project_fill(struct api_call *call, const struct project *const *rows, size_t count, bool counters,
                  struct project_response *to, struct error *err)
{
    for (size_t i = 0; i < count; i += QUOTA_HOLDERS_MAX) {
        size_t some = count - i < QUOTA_HOLDERS_MAX ? count - i : QUOTA_HOLDERS_MAX;
        if (!fill_some(call, rows + i, some, counters, to + i, err))
            return false;
    }
    return true;
}

bool project_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                      struct error *err)
{
    const struct project **rows = arena_array(call->arena, count + 1, sizeof(*rows));
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!project_by_id(call->db, call->arena, ids[i], &rows[*ret_count], err))
            return false;
        *ret_count += rows[*ret_count] != NULL;
    }
    return project_fill(call, rows, *ret_count, true, ret_objects, err);
}
