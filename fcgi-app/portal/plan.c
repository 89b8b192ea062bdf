/* A plan reply as the plan partial shows it. */
#include <json-c/json.h>

#include "portal/portal_private.h"

static void add_flag(struct json_object *plan, const char *list, const char *flag)
{
    struct json_object *lines;
    bool any = json_object_object_get_ex(plan, list, &lines) && json_object_array_length(lines) > 0;
    json_object_object_add(plan, flag, json_object_new_boolean(any));
}

struct json_object *portal_plan_view(struct json_object *reply)
{
    struct json_object *plan;
    if (!json_object_object_get_ex(reply, "plan", &plan))
        return NULL;
    add_flag(plan, "steps", "has_steps");
    add_flag(plan, "facts", "has_facts");
    return plan;
}
