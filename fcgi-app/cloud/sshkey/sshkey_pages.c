/* The page of SSH keys. A new pair's private key is shown in the answer to the form that made it, and never again. */
#include <json-c/json.h>

#include "cloud/sshkey/sshkey.h"
#include "portal/portal.h"

static bool load(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *made = NULL;
    if (call->answer && json_object_object_get_ex(call->answer, "keypair", &made))
        view_set(root, "made", page_view_json(call, made));
    return page_list(call, root, "listSSHKeyPairs", "sshkeypair", NULL, err,
                     call->project_id ? "projectid" : (const char *)NULL, call->project_id, (const char *)NULL);
}

void sshkey_register_pages(void)
{
    static const struct portal_page PAGES[] = {{.path = "/keys",
                                                .title_key = "page.key.title",
                                                .template_name = "tenant/keys",
                                                .load = load,
                                                .nav = "keys"},
                                               {.path = NULL}};
    static const struct portal_menu MENU[] = {{.nav = "keys", .path = "/keys", .title_key = "page.key.title"},
                                              {.path = NULL}};
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
