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

static bool fill_counters(struct api_call *call, int64_t project_id, struct project_response *to, struct error *err)
{
    const struct quota_state *states = NULL;
    size_t count = 0;
    int64_t all = 0, running = 0;
    struct quota_tag_states tagged;
    const int64_t account_id = -project_id;
    if (!quota_of_account(call->db, call->arena, account_id, &states, &count, err) ||
        !quota_tags_of_holders(call->db, call->arena, false, &account_id, 1, &tagged, err))
        return false;
    identity_fill_resources(call->arena, states, count, &to->resources);
    to->taggedresources = identity_tagged_resources(call->arena, &tagged, NULL);
    for (size_t i = 0; i < count; i++) {
        all = states[i].kind == QUOTA_VM ? states[i].used : all;
        running = states[i].kind == QUOTA_RUNNING_VM ? states[i].used : running;
    }
    to->vmrunning = OPT_INT(running);
    to->vmstopped = OPT_INT(all > running ? all - running : 0);
    return true;
}

bool project_fill(struct api_call *call, const struct project *row, bool counters, struct project_response *to,
                  struct error *err)
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
    return fill_owners(call, row->id, &to->owner, err) && (!counters || fill_counters(call, row->id, to, err));
}

bool project_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                      struct error *err)
{
    struct project_response *to = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct project *row = NULL;
        if (!project_by_id(call->db, call->arena, ids[i], &row, err))
            return false;
        if (!row)
            continue;
        if (!project_fill(call, row, true, &to[*ret_count], err) ||
            !tag_find_for(call->db, call->arena, "project", &row->id, 1, &to[*ret_count].tags, err))
            return false;
        (*ret_count)++;
    }
    return true;
}
