/* Pages of the audit trail: the operator's, and "activity" of tenants; and the same as files. */
#include <json-c/json.h>

#include "base/text.h"
#include "cloud/audit/audit.h"
#include "portal/portal.h"

static const char *const FILTERS[] = {"name",      "result",    "resourcetype", "resourceid", "key",
                                      "ipaddress", "requestid", "startdate",    "enddate",    NULL};

static void add_change(struct page_call *call, struct view *list, const char *name, struct json_object *before,
                       struct json_object *after)
{
    struct view *change = view_add_object(list);
    (void)call;
    view_set_text(change, "member", name);
    view_set_text(change, "was", before ? json_object_get_string(before) : NULL);
    view_set_text(change, "is", after ? json_object_get_string(after) : "–");
}

/* Members that were, with what became of them; then those that are new. */
static void add_changes(struct page_call *call, struct view *item, struct json_object *object)
{
    struct json_object *before = NULL, *after = NULL, *other;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(object, "before", &before);
    json_object_object_get_ex(object, "after", &after);
    if (before) {
        json_object_object_foreach(before, name, value)
        {
            other = NULL;
            json_object_object_get_ex(after, name, &other);
            add_change(call, list, name, value, other);
        }
    }
    if (after) {
        json_object_object_foreach(after, member, now)
        {
            if (!before || !json_object_object_get_ex(before, member, &other))
                add_change(call, list, member, NULL, now);
        }
    }
    view_set(item, "changes", list);
    view_set_bool(item, "has_changes", before || after);
}

static bool finish_record(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    (void)page_add_state(call, item, page_json_text(object, "result"), "page.audit.state.");
    page_add_time(call, item, object, "created");
    view_set_text(item, "what", page_command_title(call, page_json_text(object, "command")));
    add_changes(call, item, object);
    return true;
}

static const char *listall(const struct page_call *call)
{
    return string_starts_with(call->path, "/admin/") ? "true" : "false";
}

static bool load_records(struct page_call *call, struct view *root, struct error *err)
{
    call->filters = FILTERS;
    return page_list(call, root, "listAuditRecords", "auditrecord", finish_record, err, "listall", listall(call),
                     (const char *)NULL);
}

static bool serve_records(struct page_call *call, struct http_response *response, struct error *err)
{
    const struct api_param all = {.name = "listall", .value = listall(call)};
    call->filters = FILTERS;
    return page_export(call, response, "listAuditRecords", "auditrecord", &all, err);
}

void audit_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/activity",
         .title_key = "page.audit.own.title",
         .template_name = "tenant/audit",
         .load = load_records,
         .nav = "activity"},
        {.path = "/activity/export", .title_key = "page.audit.own.title", .serve = serve_records},
        {.path = "/admin/audit",
         .title_key = "page.audit.title",
         .template_name = "tenant/audit",
         .flags = PAGE_ADMIN,
         .load = load_records,
         .nav = "audit"},
        {.path = "/admin/audit/export", .title_key = "page.audit.title", .flags = PAGE_ADMIN, .serve = serve_records},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "activity", .path = "/activity", .title_key = "page.audit.own.title"},
        {.nav = "audit", .path = "/admin/audit", .title_key = "page.audit.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
