/* The page of stored user data. */
#include <json-c/json.h>

#include "base/text.h"
#include "cloud/userdata/userdata.h"
#include "portal/portal.h"

/* People read the script, not its base64. */
static bool finish(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    size_t length = 0;
    const char *content = user_data_bytes(call->arena, page_json_text(object, "userdata"), &length);
    (void)err;
    if (content && string_is_utf8(content, length) && strlen(content) == length)
        view_set_text(item, "content", content);
    return true;
}

static bool load(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listUserData", "userdata", finish, err,
                     call->project_id ? "projectid" : (const char *)NULL, call->project_id, (const char *)NULL);
}

void userdata_register_pages(void)
{
    static const struct portal_page PAGES[] = {{.path = "/userdata",
                                                .title_key = "page.userdata.title",
                                                .template_name = "tenant/userdata",
                                                .load = load,
                                                .nav = "userdata"},
                                               {.path = NULL}};
    static const struct portal_menu MENU[] = {
        {.nav = "userdata", .path = "/userdata", .title_key = "page.userdata.title"}, {.path = NULL}};
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
