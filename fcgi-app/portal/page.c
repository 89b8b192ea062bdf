/* What pages are made with: asking commands, turning replies into views, states, lists. Dispatch and forms are in portal.c. */
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

#include "base/message.h"
#include "base/text.h"
#include "portal/portal.h"

enum { PAGE_SIZE = 25, ASK_PARAMS_MAX = 24, JSON_DEPTH_MAX = 16, WAIT_MS = 9000 };

const char *page_param(const struct page_call *call, const char *name)
{
    const char *value = http_route_value(call->route, name);
    return value ? value : http_param(call->request, name);
}

const char *page_text_with(struct page_call *call, const char *key, const struct error_arg *args, size_t count)
{
    struct text text;
    text_init(&text, call->arena, 4096);
    message_render(&text, call->language, key, args, count);
    return text_string(&text);
}

const char *page_text(struct page_call *call, const char *key)
{
    return page_text_with(call, key, NULL, 0);
}

const char *page_json_text(struct json_object *object, const char *name)
{
    struct json_object *member;
    return json_object_object_get_ex(object, name, &member) ? json_object_get_string(member) : NULL;
}

int64_t page_json_int(struct json_object *object, const char *name)
{
    struct json_object *member;
    return json_object_object_get_ex(object, name, &member) ? json_object_get_int64(member) : 0;
}

static struct view *view_of(struct page_call *call, struct json_object *json, int depth);

static void set_member(struct page_call *call, struct view *object, const char *name, struct json_object *json, int depth)
{
    const char *kept = arena_strdup(call->arena, name);
    switch (json_object_get_type(json)) {
    case json_type_boolean:
        view_set_bool(object, kept, json_object_get_boolean(json));
        break;
    case json_type_int:
        view_set_int(object, kept, json_object_get_int64(json));
        break;
    case json_type_double:
    case json_type_string:
        view_set_text(object, kept, arena_strdup(call->arena, json_object_get_string(json)));
        break;
    case json_type_object:
    case json_type_array:
        view_set(object, kept, view_of(call, json, depth + 1));
        break;
    case json_type_null:
        break;
    }
}

static struct view *view_of(struct page_call *call, struct json_object *json, int depth)
{
    if (json_object_is_type(json, json_type_array)) {
        struct view *list = view_list(call->arena);
        for (size_t i = 0; depth < JSON_DEPTH_MAX && i < json_object_array_length(json); i++) {
            struct json_object *item = json_object_array_get_idx(json, i);
            if (json_object_is_type(item, json_type_object) || json_object_is_type(item, json_type_array))
                view_add(list, view_of(call, item, depth + 1));
            else
                view_add_text(list, arena_strdup(call->arena, json_object_get_string(item)));
        }
        return list;
    }
    struct view *object = view_object(call->arena);
    if (depth < JSON_DEPTH_MAX && json_object_is_type(json, json_type_object)) {
        json_object_object_foreach(json, name, member) set_member(call, object, name, member, depth);
    }
    return object;
}

struct view *page_view_json(struct page_call *call, struct json_object *json)
{
    return view_of(call, json, 0);
}

static bool ask_list(struct page_call *call, const char *command, struct api_param *params, size_t count, va_list more,
                     struct json_object **ret_reply, struct error *err)
{
    for (const char *name = va_arg(more, const char *); name && count < ASK_PARAMS_MAX; name = va_arg(more, const char *)) {
        const char *value = va_arg(more, const char *);
        if (value)
            params[count++] = (struct api_param){.name = name, .value = value};
    }
    return api_invoke(call->db, call->arena, call->caller, command, params, count, WAIT_MS, ret_reply, err);
}

bool page_ask(struct page_call *call, const char *command, struct json_object **ret_reply, struct error *err, ...)
{
    struct api_param params[ASK_PARAMS_MAX];
    va_list more;
    va_start(more, err);
    bool asked = ask_list(call, command, params, 0, more, ret_reply, err);
    va_end(more);
    return asked;
}

/* How a state looks. States that are not listed are at rest. */
static const struct {
    const char *state, *class_name;
} LOOKS[] = {
    {"running", "good"},    {"up", "good"},          {"ok", "good"},         {"succeeded", "good"}, {"done", "good"},
    {"ready", "good"},      {"starting", "busy"},    {"stopping", "busy"},   {"expunging", "busy"}, {"migrating", "busy"},
    {"queued", "busy"},     {"waiting", "busy"},     {"undoing", "busy"},    {"doing", "busy"},     {"connecting", "busy"},
    {"error", "bad"},       {"failed", "bad"},       {"down", "bad"},        {"alert", "bad"},      {"refused", "bad"},
    {"quarantined", "bad"}, {"disconnected", "bad"},
};

bool page_add_state(struct page_call *call, struct view *object, const char *state, const char *key_prefix)
{
    const char *lower = string_lower(call->arena, state ? state : "unknown"), *class_name = "idle";
    for (size_t i = 0; i < COUNT_OF(LOOKS); i++) {
        if (string_equal(LOOKS[i].state, lower))
            class_name = LOOKS[i].class_name;
    }
    /* A task that runs is under way; a machine that runs is well. */
    if (string_equal(lower, "running") && string_starts_with(key_prefix, "page.job"))
        class_name = "busy";
    view_set_text(object, "state_class", class_name);
    view_set_text(object, "state_text", page_text(call, arena_printf(call->arena, "%s%s", key_prefix, lower)));
    bool is_busy = string_equal(class_name, "busy");
    call->busy = call->busy || is_busy;
    return is_busy;
}

static const char *pager_link(struct page_call *call, int64_t page, const char *keyword)
{
    struct text link;
    text_init(&link, call->arena, 2048);
    text_add(&link, call->path);
    text_addf(&link, "?page=%lld", (long long)page);
    if (keyword) {
        text_add(&link, "&keyword=");
        http_add_url_encoded(&link, keyword);
    }
    return text_string(&link);
}

static void add_pager(struct page_call *call, struct view *root, int64_t page, int64_t shown, int64_t count, const char *keyword)
{
    if (count <= PAGE_SIZE)
        return;
    struct view *pager = view_object(call->arena);
    view_set_int(pager, "from", (page - 1) * PAGE_SIZE + 1);
    view_set_int(pager, "to", (page - 1) * PAGE_SIZE + shown);
    view_set_int(pager, "count", count);
    if (page > 1)
        view_set_text(pager, "previous", pager_link(call, page - 1, keyword));
    if (page * PAGE_SIZE < count)
        view_set_text(pager, "next", pager_link(call, page + 1, keyword));
    view_set(root, "pager", pager);
}

static int64_t page_number(const struct page_call *call)
{
    int64_t page;
    const char *wanted = http_param(call->request, "page");
    return wanted && string_to_int(wanted, &page) && page > 0 && page < 1000000 ? page : 1;
}

bool page_list(struct page_call *call, struct view *root, const char *command, const char *object_key, page_item *each,
               struct error *err, ...)
{
    const char *keyword = http_param(call->request, "keyword");
    if (string_is_empty(keyword) || strlen(keyword) > 400)
        keyword = NULL;
    int64_t page = page_number(call);
    struct api_param params[ASK_PARAMS_MAX] = {
        {.name = "page", .value = arena_printf(call->arena, "%lld", (long long)page)},
        {.name = "pagesize", .value = arena_printf(call->arena, "%d", PAGE_SIZE)},
    };
    size_t count = 2;
    if (keyword)
        params[count++] = (struct api_param){.name = "keyword", .value = keyword};
    struct json_object *reply = NULL, *items = NULL;
    va_list more;
    va_start(more, err);
    bool asked = ask_list(call, command, params, count, more, &reply, err);
    va_end(more);
    if (!asked)
        return false;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(reply, object_key, &items);
    size_t shown = items ? json_object_array_length(items) : 0;
    for (size_t i = 0; i < shown; i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *item = page_view_json(call, object);
        if (each && !each(call, item, object, err))
            return false;
        view_add(list, item);
    }
    view_set(root, "items", list);
    view_set_bool(root, "has_items", shown > 0);
    view_set_text(root, "keyword", keyword);
    view_set_text(root, "here_path", call->path);
    view_set_bool(root, "admin", caller_is_root_admin(call->caller));
    add_pager(call, root, page, (int64_t)shown, page_json_int(reply, "count"), keyword);
    return true;
}

bool page_explain(struct page_call *call, struct view *root, const char *name, const char *value, struct error *err)
{
    struct json_object *reply, *lines = NULL;
    if (!page_ask(call, "explain", &reply, err, name, value, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "explanation", &lines);
    view_set_bool(root, "has_explanation", lines && json_object_array_length(lines) > 0);
    if (lines)
        view_set(root, "explanation", page_view_json(call, lines));
    return true;
}
