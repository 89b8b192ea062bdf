/* The serial log as a page, as JSON for the live view, and as a file. All of it is read by the command. */
#include "cloud/console/console.h"

#include <json-c/json.h>

#include "base/message.h"
#include "base/text.h"
#include "portal/portal.h"

enum { FILE_BYTES_MAX = 512 * 1024, PIECES_MAX = 16 };

static bool ask_log(struct page_call *call, const char *offset, const char *generation, struct json_object **ret_log,
                    struct error *err)
{
    struct json_object *reply = NULL;
    if (!page_ask(call, "getVirtualMachineConsoleLog", &reply, err, "virtualmachineid", page_param(call, "id"),
                  "offset", offset, "generation", generation, (const char *)NULL))
        return err->kind == ERROR_INVALID_VALUE || err->kind == ERROR_DENIED ? page_is_gone(err) : false;
    if (reply == NULL)
        return error_set(err, ERROR_TIMED_OUT, "console.late");
    return json_object_object_get_ex(reply, "consolelog", ret_log) || error_set(err, ERROR_INTERNAL, "job.gone");
}

/* The page is there without its host: a log that cannot be read now is told on it. */
static bool load_log(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items, *log = NULL;
    struct error why = {0};
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listVirtualMachines", &reply, err, "id", id, "details", "min", (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "virtualmachine", &items) || json_object_array_length(items) == 0)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct view *vm = page_view_json(call, json_object_array_get_idx(items, 0));
    view_set(root, "vm", vm);
    view_set_text(root, "title", page_text(call, "page.log.title"));
    if (!ask_log(call, NULL, NULL, &log, &why)) {
        struct text text;
        text_init(&text, call->arena, 4096);
        message_render_error(&text, call->language, &why);
        view_set_text(root, "log_refusal", text_string(&text));
        return true;
    }
    view_set(root, "log", page_view_json(call, log));
    view_set_bool(root, "log_empty", string_is_empty(page_json_text(log, "text")));
    return true;
}

static bool serve_json(struct page_call *call, struct http_response *response, struct error *err)
{
    struct json_object *log = NULL;
    if (!ask_log(call, page_param(call, "offset"), page_param(call, "generation"), &log, err))
        return false;
    response->content_type = "application/json; charset=utf-8";
    http_add_header(response, "Cache-Control", "no-store");
    text_add(&response->body, json_object_to_json_string_ext(log, JSON_C_TO_STRING_PLAIN));
    return true;
}

/* The last half mebibyte, piece by piece. */
static bool serve_file(struct page_call *call, struct http_response *response, struct error *err)
{
    struct json_object *log = NULL;
    if (!ask_log(call, NULL, NULL, &log, err))
        return false;
    int64_t end = page_json_int(log, "endoffset"), at = end > FILE_BYTES_MAX ? end - FILE_BYTES_MAX : 0;
    const char *generation = page_json_text(log, "generation");
    for (int i = 0; i < PIECES_MAX && at < end; i++) {
        if (!ask_log(call, arena_printf(call->arena, "%lld", (long long)at), generation, &log, err))
            return false;
        int64_t next = page_json_int(log, "nextoffset");
        text_add(&response->body, page_json_text(log, "text"));
        if (next <= at)
            break;
        at = next;
    }
    response->content_type = "text/plain; charset=utf-8";
    http_add_header(response, "Content-Disposition", "attachment; filename=\"console.txt\"");
    http_add_header(response, "Cache-Control", "no-store");
    return true;
}

void console_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/instances/{id}/log",
         .title_key = "page.log.title",
         .template_name = "tenant/instance_log",
         .load = load_log,
         .nav = "instances"},
        {.path = "/instances/{id}/log.json", .title_key = "page.log.title", .serve = serve_json, .nav = "instances"},
        {.path = "/instances/{id}/log.txt", .title_key = "page.log.title", .serve = serve_file, .nav = "instances"},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
}
