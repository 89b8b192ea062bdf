/* What pages are made with: asking commands, turning replies into views, states, lists. Dispatch and forms are in
 * portal.c. */
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/text.h"
#include "portal/portal_private.h"

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

static void set_member(struct page_call *call, struct view *object, const char *name, struct json_object *json,
                       int depth)
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
    for (const char *name = va_arg(more, const char *); name && count < ASK_PARAMS_MAX;
         name = va_arg(more, const char *)) {
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

bool page_is_gone(struct error *err)
{
    bool is_hidden = err->kind == ERROR_INVALID_VALUE || err->kind == ERROR_DENIED;
    return is_hidden ? error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone") : false;
}

/* How a state looks. States that are not listed are at rest. */
static const struct {
    const char *state, *class_name;
} LOOKS[] = {
    {"running", "good"},    {"up", "good"},          {"ok", "good"},         {"succeeded", "good"},
    {"done", "good"},       {"ready", "good"},       {"starting", "busy"},   {"stopping", "busy"},
    {"expunging", "busy"},  {"migrating", "busy"},   {"queued", "busy"},     {"waiting", "busy"},
    {"undoing", "busy"},    {"going", "busy"},      {"enabled", "good"},    {"active", "good"},
    {"locked", "bad"},      {"disabled", "bad"},    {"doing", "busy"},       {"connecting", "busy"}, {"error", "bad"},
    {"failed", "bad"},      {"down", "bad"},         {"alert", "bad"},       {"refused", "bad"},
    {"quarantined", "bad"}, {"disconnected", "bad"}, {"active", "good"},     {"enabled", "good"},
    {"allow", "good"},      {"deny", "bad"},
};

bool page_add_state(struct page_call *call, struct view *object, const char *state, const char *key_prefix)
{
    const char *lower = string_lower(call->arena, state ? state : "unknown"), *class_name = "idle";
    for (size_t i = 0; i < COUNT_OF(LOOKS); i++) {
        if (string_equal(LOOKS[i].state, lower))
            class_name = LOOKS[i].class_name;
    }
    /* A task or step that runs is under way; a machine that runs is well. */
    if (string_equal(lower, "running") && !string_starts_with(key_prefix, "page.vm"))
        class_name = "busy";
    const char *key = arena_printf(call->arena, "%s%s", key_prefix, lower);
    view_set_text(object, "state_class", class_name);
    view_set_text(object, "state_text", message_has("en", key) ? page_text(call, key) : lower);
    bool is_busy = string_equal(class_name, "busy");
    call->busy = call->busy || is_busy;
    return is_busy;
}

/* ---- times ---- */

static const char *relative_time(struct page_call *call, int64_t ago_ms)
{
    static const struct {
        int64_t ms;
        const char *key;
    } SPANS[] = {
        {86400000, "portal.time.days_ago"}, {3600000, "portal.time.hours_ago"}, {60000, "portal.time.minutes_ago"}};
    for (size_t i = 0; i < COUNT_OF(SPANS); i++) {
        if (ago_ms < SPANS[i].ms)
            continue;
        const struct error_arg n = {.name = "n",
                                    .value = arena_printf(call->arena, "%lld", (long long)(ago_ms / SPANS[i].ms)),
                                    .is_number = true};
        return page_text_with(call, SPANS[i].key, &n, 1);
    }
    return page_text(call, "portal.time.now");
}

static const char *absolute_time(struct page_call *call, int64_t ms)
{
    struct tm parts;
    time_t seconds = (time_t)(ms / 1000);
    if (!gmtime_r(&seconds, &parts))
        return "";
    const struct error_arg args[] = {
        {.name = "year", .value = arena_printf(call->arena, "%d", parts.tm_year + 1900), .is_number = true},
        {.name = "month",
         .value = page_text(call, arena_printf(call->arena, "portal.time.month.%d", parts.tm_mon + 1))},
        {.name = "day", .value = arena_printf(call->arena, "%d", parts.tm_mday), .is_number = true},
        {.name = "clock", .value = arena_printf(call->arena, "%02d:%02d", parts.tm_hour, parts.tm_min)},
    };
    return page_text_with(call, "portal.time.absolute", args, COUNT_OF(args));
}

static void add_moment(struct page_call *call, struct view *object, const char *member, int64_t ms)
{
    char iso[32];
    clock_format_iso(ms, iso, sizeof(iso));
    struct view *shown = view_object(call->arena);
    view_set_text(shown, "iso", arena_strdup(call->arena, iso));
    view_set_text(shown, "absolute", absolute_time(call, ms));
    view_set_text(shown, "relative", relative_time(call, clock_now_ms() - ms));
    view_set(object, member, shown);
}

void page_add_time(struct page_call *call, struct view *object, struct json_object *json, const char *name)
{
    const char *wire = page_json_text(json, name);
    int64_t ms;
    if (wire && clock_parse(wire, false, &ms))
        add_moment(call, object, arena_printf(call->arena, "%s_time", name), ms);
}

void page_add_moment(struct page_call *call, struct view *object, int64_t ms)
{
    add_moment(call, object, "moment_time", ms);
}

/* ---- tasks and commands ---- */

const char *page_command_title(struct page_call *call, const char *command)
{
    const char *key = arena_printf(call->arena, "page.command.%s", command);
    return message_has("en", key) ? page_text(call, key) : arena_strdup(call->arena, command);
}

void page_add_steps(struct page_call *call, struct view *task, struct json_object *json)
{
    struct json_object *steps = NULL;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(json, "steps", &steps);
    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        struct json_object *step = json_object_array_get_idx(steps, i);
        struct view *item = page_view_json(call, step);
        page_add_state(call, item, page_json_text(step, "state"), "page.step.state.");
        int64_t percent = page_json_int(step, "percent"), attempts = page_json_int(step, "attempts");
        if (percent > 0)
            view_set_int(item, "progress", percent);
        const struct error_arg n = {
            .name = "n", .value = arena_printf(call->arena, "%lld", (long long)attempts), .is_number = true};
        if (attempts > 1)
            view_set_text(item, "tries", page_text_with(call, "page.step.tries", &n, 1));
        view_add(list, item);
    }
    view_set(task, "steps", list);
}

void page_add_call(struct page_call *call, struct view *object, const char *command, const struct api_param *params,
                   size_t count)
{
    struct text cmk, api;
    text_init(&cmk, call->arena, 16 * 1024);
    text_init(&api, call->arena, 16 * 1024);
    size_t verb = strcspn(command, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    text_addf(&cmk, "cmk %.*s %s", (int)verb, command, string_lower(call->arena, command + verb));
    text_addf(&api, "/client/api?command=%s", command);
    for (size_t i = 0; i < count; i++) {
        if (string_is_empty(params[i].value))
            continue;
        text_addf(&cmk, " %s=%s", params[i].name, params[i].value);
        text_addf(&api, "&%s=", params[i].name);
        http_add_url_encoded(&api, params[i].value);
    }
    text_add(&api, "&response=json&apiKey=…&signature=…");
    view_set_text(object, "as_cmk", text_string(&cmk));
    view_set_text(object, "as_api", text_string(&api));
}

/* ---- lists ---- */

enum { FILTER_MAX_BYTES = 400 };

static const char *filter_value(const struct page_call *call, const char *name)
{
    const char *value = http_param(call->request, name);
    return string_is_empty(value) || strlen(value) > FILTER_MAX_BYTES ? NULL : value;
}

size_t portal_filter_params(const struct page_call *call, struct api_param *params, size_t max)
{
    static const char *const NONE[] = {NULL};
    size_t count = 0;
    if (filter_value(call, "keyword") && count < max)
        params[count++] = (struct api_param){.name = "keyword", .value = filter_value(call, "keyword")};
    for (const char *const *name = call->filters ? call->filters : NONE; *name && count < max; name++)
        if (filter_value(call, *name))
            params[count++] = (struct api_param){.name = *name, .value = filter_value(call, *name)};
    return count;
}

static const char *list_link(struct page_call *call, const char *path, const char *name, const char *value)
{
    struct api_param params[ASK_PARAMS_MAX];
    size_t count = portal_filter_params(call, params, ASK_PARAMS_MAX);
    struct text link;
    text_init(&link, call->arena, 16384);
    text_addf(&link, "%s?%s=%s", path, name, value);
    for (size_t i = 0; i < count; i++) {
        text_addf(&link, "&%s=", params[i].name);
        http_add_url_encoded(&link, params[i].value);
    }
    return text_string(&link);
}

static const char *pager_link(struct page_call *call, int64_t page)
{
    return list_link(call, call->path, "page", arena_printf(call->arena, "%lld", (long long)page));
}

static void add_filters(struct page_call *call, struct view *root)
{
    struct view *list = view_list(call->arena);
    const char *path = arena_printf(call->arena, "%s/export", call->path);
    bool any = filter_value(call, "keyword") != NULL;
    for (const char *const *name = call->filters; *name; name++) {
        struct view *filter = view_add_object(list);
        view_set_text(filter, "name", *name);
        view_set_text(filter, "label", page_text(call, arena_printf(call->arena, "page.filter.%s", *name)));
        view_set_text(filter, "value", filter_value(call, *name));
        any = any || filter_value(call, *name);
    }
    view_set(root, "filters", list);
    view_set_bool(root, "filtered", any);
    view_set_text(root, "export_csv", list_link(call, path, "format", "csv"));
    view_set_text(root, "export_json", list_link(call, path, "format", "json"));
}

static void add_pager(struct page_call *call, struct view *root, int64_t page, int64_t shown, int64_t count)
{
    if (count <= PAGE_SIZE)
        return;
    struct view *pager = view_object(call->arena);
    view_set_int(pager, "from", (page - 1) * PAGE_SIZE + 1);
    view_set_int(pager, "to", (page - 1) * PAGE_SIZE + shown);
    view_set_int(pager, "count", count);
    if (page > 1)
        view_set_text(pager, "previous", pager_link(call, page - 1));
    if (page * PAGE_SIZE < count)
        view_set_text(pager, "next", pager_link(call, page + 1));
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
    const char *keyword = filter_value(call, "keyword");
    int64_t page = page_number(call);
    struct api_param params[ASK_PARAMS_MAX] = {
        {.name = "page", .value = arena_printf(call->arena, "%lld", (long long)page)},
        {.name = "pagesize", .value = arena_printf(call->arena, "%d", PAGE_SIZE)},
    };
    size_t count = 2 + portal_filter_params(call, params + 2, ASK_PARAMS_MAX - 2);
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
    view_set_bool(root, "admin", string_starts_with(call->path, "/admin/"));
    add_pager(call, root, page, (int64_t)shown, page_json_int(reply, "count"));
    if (call->filters)
        add_filters(call, root);
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
