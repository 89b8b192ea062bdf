/* A plan reply as the plan partial shows it. */
#include <json-c/json.h>

#include "base/text.h"
#include "portal/portal_private.h"

static void add_flag(struct json_object *plan, const char *list, const char *flag)
{
    struct json_object *lines;
    bool any = json_object_object_get_ex(plan, list, &lines) && json_object_array_length(lines) > 0;
    json_object_object_add(plan, flag, json_object_new_boolean(any));
}

/* What only operators are told stands apart: candidates and scores would bury the sentence that matters. */
static void split_facts(struct json_object *plan)
{
    struct json_object *facts, *hints = json_object_new_array(), *details = json_object_new_array();
    for (size_t i = 0; json_object_object_get_ex(plan, "facts", &facts) && i < json_object_array_length(facts); i++) {
        struct json_object *fact = json_object_array_get_idx(facts, i);
        bool is_detail = string_equal(page_json_text(fact, "audience"), "operator");
        json_object_array_add(is_detail ? details : hints, json_object_get(fact));
    }
    json_object_object_add(plan, "hints", hints);
    json_object_object_add(plan, "details", details);
}

struct json_object *portal_plan_view(struct json_object *reply)
{
    struct json_object *plan;
    if (!json_object_object_get_ex(reply, "plan", &plan))
        return NULL;
    add_flag(plan, "steps", "has_steps");
    split_facts(plan);
    add_flag(plan, "hints", "has_hints");
    add_flag(plan, "details", "has_details");
    return plan;
}
