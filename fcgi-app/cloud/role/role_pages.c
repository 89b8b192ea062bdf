/* The provider's pages of roles: the list, a role with its rules and the test of what it may call, and the matrix of
 * rights. */
#include <json-c/json.h>

#include "base/text.h"
#include "cloud/role/role.h"
#include "portal/portal.h"

#define COLUMNS_SHOWN "10"
enum { ORDER_MAX_BYTES = 64 * 1024 };

static bool finish_role(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_state(call, item, page_json_text(object, "state"), "page.role.state.");
    view_set_text(item, "type_text",
                  page_text(call, arena_printf(call->arena, "page.role.type.%s", page_json_text(object, "type"))));
    return true;
}

static bool load_roles(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listRoles", "role", finish_role, err, (const char *)NULL);
}

/* ---- one role ---- */

/* All rules but with the one at `at` and its neighbour below exchanged. */
static const char *exchanged_order(struct page_call *call, struct json_object *rules, size_t at)
{
    struct text order;
    text_init(&order, call->arena, ORDER_MAX_BYTES);
    for (size_t i = 0; i < json_object_array_length(rules); i++) {
        size_t from = i == at ? at + 1 : i == at + 1 ? at : i;
        text_addf(&order, "%s%s", i > 0 ? "," : "", page_json_text(json_object_array_get_idx(rules, from), "id"));
    }
    return text_string(&order);
}

static bool add_rules(struct page_call *call, struct view *root, const char *id, bool may_change, struct error *err)
{
    struct json_object *reply, *rules = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, "listRolePermissions", &reply, err, "roleid", id, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "rolepermission", &rules);
    size_t count = rules ? json_object_array_length(rules) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *object = json_object_array_get_idx(rules, i);
        struct view *rule = page_view_json(call, object);
        bool allows = string_equal(page_json_text(object, "permission"), "allow");
        page_add_state(call, rule, allows ? "allow" : "deny", "page.role.permission.");
        view_set_int(rule, "number", (int64_t)i + 1);
        if (!page_json_text(object, "description"))
            view_set_text(rule, "description", ""); /* not the role's */
        view_set_text(rule, "other", allows ? "deny" : "allow");
        view_set_text(rule, "other_text", page_text(call, allows ? "page.role.make_deny" : "page.role.make_allow"));
        view_set_bool(rule, "changeable", may_change);
        if (i > 0)
            view_set_text(rule, "order_up", exchanged_order(call, rules, i - 1));
        if (i + 1 < count)
            view_set_text(rule, "order_down", exchanged_order(call, rules, i));
        view_add(list, rule);
    }
    view_set(root, "rules", list);
    view_set_bool(root, "has_rules", count > 0);
    return true;
}

/* Suggestions for a rule, and how many commands the role may call. */
static bool add_commands(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply, *rights = NULL, *allowed;
    struct view *commands = view_list(call->arena);
    int64_t count = 0;
    if (!page_ask(call, "listRoleRights", &reply, err, "roleid", id, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "roleright", &rights);
    for (size_t i = 0; rights && i < json_object_array_length(rights); i++) {
        struct json_object *right = json_object_array_get_idx(rights, i);
        view_set_text(view_add_object(commands), "name", page_json_text(right, "name"));
        count += json_object_object_get_ex(right, "allowed", &allowed) && json_object_get_boolean(allowed);
    }
    const struct error_arg args[] = {
        {.name = "n", .value = arena_printf(call->arena, "%lld", (long long)count), .is_number = true},
        {.name = "all", .value = arena_printf(call->arena, "%zu", view_count(commands)), .is_number = true}};
    view_set(root, "commands", commands);
    view_set_text(root, "rights_line", page_text_with(call, "page.role.rights.line", args, COUNT_OF(args)));
    return true;
}

/* ?test=listHosts: may the role call it, and which rule says so. */
static bool add_test(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply, *rights, *allowed;
    const char *command = page_param(call, "test");
    if (string_is_empty(command))
        return true;
    view_set_text(root, "test", command);
    if (!page_ask(call, "listRoleRights", &reply, err, "roleid", id, "name", command, (const char *)NULL))
        return false;
    bool is_known = json_object_object_get_ex(reply, "roleright", &rights);
    struct json_object *right = is_known ? json_object_array_get_idx(rights, 0) : NULL;
    bool may = right && json_object_object_get_ex(right, "allowed", &allowed) && json_object_get_boolean(allowed);
    const char *rule = page_json_text(right, "rule");
    const struct error_arg args[] = {{.name = "command", .value = command},
                                     {.name = "rule", .value = rule ? rule : ""}};
    const char *key = !right ? "page.role.test.unknown"
                      : rule ? (may ? "page.role.test.allowed_by" : "page.role.test.denied_by")
                             : (may ? "page.role.test.allowed" : "page.role.test.denied");
    view_set_text(root, "test_result", page_text_with(call, key, args, rule ? 2 : 1));
    view_set_bool(root, "test_allowed", may);
    return true;
}

static bool load_role(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items, *is_default;
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listRoles", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "role", &items) || json_object_array_length(items) == 0)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct json_object *object = json_object_array_get_idx(items, 0);
    struct view *role = page_view_json(call, object);
    bool is_fixed = json_object_object_get_ex(object, "isdefault", &is_default) && json_object_get_boolean(is_default);
    bool is_enabled = string_equal(page_json_text(object, "state"), "enabled");
    view_set_bool(role, "changeable", !is_fixed);
    view_set_text(role, "state_command", is_enabled ? "disableRole" : "enableRole");
    view_set_text(role, "state_label", page_text(call, is_enabled ? "page.role.disable" : "page.role.enable"));
    view_set(root, "role", role);
    view_set_text(root, "title", view_text(role, "name"));
    return finish_role(call, role, object, err) && add_rules(call, root, id, !is_fixed, err) &&
           add_commands(call, root, id, err) && add_test(call, root, id, err);
}

/* ---- the matrix ---- */

struct matrix {
    struct view *rows, **cells; /* a row for each command; its list of cells */
    size_t count;
};

static void begin_rows(struct page_call *call, struct matrix *matrix, struct json_object *rights)
{
    matrix->count = rights ? json_object_array_length(rights) : 0;
    matrix->rows = view_list(call->arena);
    matrix->cells = arena_array(call->arena, matrix->count + 1, sizeof(struct view *));
    for (size_t i = 0; i < matrix->count; i++) {
        struct json_object *right = json_object_array_get_idx(rights, i);
        struct view *row = view_add_object(matrix->rows);
        matrix->cells[i] = view_list(call->arena);
        view_set_text(row, "name", page_json_text(right, "name"));
        view_set_text(row, "description", page_json_text(right, "description"));
        view_set(row, "cells", matrix->cells[i]);
    }
}

/* The rights of one role, a cell in each row; every role is asked about the same commands in the same order. */
static bool add_column(struct page_call *call, struct matrix *matrix, struct json_object *role, struct error *err)
{
    struct json_object *reply, *rights = NULL, *allowed;
    if (!page_ask(call, "listRoleRights", &reply, err, "roleid", page_json_text(role, "id"), "keyword",
                  page_param(call, "keyword"), (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "roleright", &rights);
    if (!matrix->rows)
        begin_rows(call, matrix, rights);
    for (size_t i = 0; i < matrix->count && i < json_object_array_length(rights); i++) {
        struct json_object *right = json_object_array_get_idx(rights, i);
        bool may = json_object_object_get_ex(right, "allowed", &allowed) && json_object_get_boolean(allowed);
        struct view *cell = view_add_object(matrix->cells[i]);
        page_add_state(call, cell, may ? "allow" : "deny", "page.role.permission.");
        view_set_bool(cell, "allowed", may);
        view_set_text(cell, "role", page_json_text(role, "name"));
    }
    return true;
}

static bool load_rights(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *roles = NULL;
    struct matrix matrix = {0};
    struct view *columns = view_list(call->arena);
    if (!page_ask(call, "listRoles", &reply, err, "page", "1", "pagesize", COLUMNS_SHOWN, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "role", &roles);
    for (size_t i = 0; roles && i < json_object_array_length(roles); i++) {
        struct json_object *role = json_object_array_get_idx(roles, i);
        view_add(columns, page_view_json(call, role));
        if (!add_column(call, &matrix, role, err))
            return false;
    }
    view_set(root, "columns", columns);
    if (matrix.rows)
        view_set(root, "rows", matrix.rows);
    view_set_bool(root, "has_rows", matrix.count > 0);
    view_set_text(root, "keyword", page_param(call, "keyword"));
    return true;
}

void role_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/roles",
         .title_key = "page.role.title",
         .template_name = "admin/roles",
         .flags = PAGE_ADMIN,
         .load = load_roles,
         .nav = "roles"},
        {.path = "/admin/roles/{id}",
         .title_key = "page.role.one.title",
         .template_name = "admin/role",
         .flags = PAGE_ADMIN,
         .load = load_role,
         .nav = "roles"},
        {.path = "/admin/rights",
         .title_key = "page.role.matrix.title",
         .template_name = "admin/rights",
         .flags = PAGE_ADMIN,
         .load = load_rights,
         .nav = "roles"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "roles", .path = "/admin/roles", .title_key = "page.role.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
