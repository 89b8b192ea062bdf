/* What every page shows: brand, menu, languages, project, refusal, plan. */
#include <stdlib.h>

#include "base/message.h"
#include "portal/portal_private.h"

enum { MENU_MAX = 64 };
/* Written while features register, before threads start; read-only afterwards. */
static const struct portal_menu home_entry = {.nav = "home", .path = "/", .title_key = "portal.home.title"};
static const struct portal_menu *menu[MENU_MAX] = {&home_entry};
static size_t menu_count = 1;

void portal_register_menu(const struct portal_menu *entries)
{
    for (; entries->path; entries++) {
        if (menu_count == MENU_MAX)
            abort();
        menu[menu_count++] = entries;
    }
}

static void add_menu(struct page_call *call, struct view *root, const struct portal_page *page)
{
    struct view *menus = view_list(call->arena);
    for (int admin = 0; admin <= (caller_is_root_admin(call->caller) ? 1 : 0); admin++) {
        struct view *group = view_add_object(menus), *entries = view_list(call->arena);
        view_set_text(group, "title", page_text(call, admin ? "portal.menu.provider" : "portal.menu.cloud"));
        for (size_t i = 0; i < menu_count; i++) {
            const struct api_command *command = menu[i]->command ? api_find_command(menu[i]->command) : NULL;
            if (menu[i]->admin != (admin == 1) ||
                (command && !api_identity_hooks()->role_allows(call->caller, command)))
                continue;
            struct view *entry = view_add_object(entries);
            view_set_text(entry, "path", menu[i]->path);
            view_set_text(entry, "title", page_text(call, menu[i]->title_key));
            view_set_bool(entry, "current", page && string_equal(page->nav, menu[i]->nav));
        }
        view_set(group, "entries", entries);
    }
    view_set(root, "menus", menus);
}

static void add_languages(struct page_call *call, struct view *root)
{
    struct view *languages = view_list(call->arena);
    size_t count;
    const char *const *codes = message_languages(&count);
    for (size_t i = 0; i < count; i++) {
        struct text name;
        text_init(&name, call->arena, 64);
        message_render(&name, codes[i], "language.name", NULL, 0);
        struct view *language = view_add_object(languages);
        view_set_text(language, "code", codes[i]);
        view_set_text(language, "name", text_string(&name));
        view_set_bool(language, "current", string_equal(codes[i], call->language));
    }
    view_set(root, "languages", languages);
}

static void add_project(struct page_call *call, struct view *root)
{
    struct view *project = view_object(call->arena);
    if (!call->project_id)
        return;
    view_set_text(project, "id", call->project_id);
    view_set_text(project, "name", call->project_name);
    view_set(root, "acting", project);
}

void portal_add_error(struct page_call *call, struct view *object, const struct error *error)
{
    struct text text, hint;
    text_init(&text, call->arena, 8192);
    message_render_error(&text, call->language, error);
    view_set_text(object, "text", text_string(&text));
    const char *hint_key = error->key ? arena_printf(call->arena, "%s.hint", error->key) : NULL;
    if (hint_key && message_has("en", hint_key)) {
        text_init(&hint, call->arena, 8192);
        message_render(&hint, call->language, hint_key, error->args, error->arg_count);
        view_set_text(object, "hint", text_string(&hint));
    }
    view_set_int(object, "code", error_http_status(error->kind));
    view_set_text(object, "request_id", call->request->request_id);
}

void portal_add_frame(struct page_call *call, struct view *root, const struct portal_page *page)
{
    struct view *brand = view_object(call->arena);
    view_set_text(brand, "name", call->brand->name);
    view_set_text(brand, "logo_url", call->brand->logo_url);
    view_set_text(brand, "css_url", call->brand->css_url);
    view_set(root, "brand", brand);
    view_set_text(root, "release", GURUM_VERSION); /* static files are cached for ever under a release's address */
    view_set_text(root, "language", call->language);
    view_set_text(root, "here", call->path);
    view_set_text(root, "csrf", call->csrf);
    view_set_bool(root, "busy", call->busy);
    view_set_bool(root, "owes_factor", call->caller && call->caller->factor_owed != FACTOR_NONE);
    add_languages(call, root);
    if (call->caller) {
        struct view *caller = view_object(call->arena);
        view_set_text(caller, "username", call->caller->username);
        view_set_text(caller, "account_name", call->caller->account_name);
        view_set(root, "caller", caller);
        add_menu(call, root, page);
        add_project(call, root);
    }
    if (call->refusal) {
        struct view *refusal = view_object(call->arena);
        portal_add_error(call, refusal, call->refusal);
        view_set(root, "refusal", refusal);
    }
    if (call->plan)
        view_set(root, "plan", page_view_json(call, call->plan));
}
