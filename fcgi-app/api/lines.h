/* Stored messages (codes with arguments) rendered for a reader. */
#ifndef GURUM_API_LINES_H
#define GURUM_API_LINES_H

#include "api/call.h"

struct json_object;
/* {"n": 3, "name": "x"} → message arguments; at most ERROR_ARGS_MAX, texts live in the arena. */
size_t lines_read_args(struct arena *arena, struct json_object *args, struct error_arg ret_args[static ERROR_ARGS_MAX]);
const char *lines_render(struct arena *arena, const char *language, const char *key, const struct error_arg *args,
                         size_t count);
/* A stored plan (see jobs/plan.c) as the reader sees it: {"possible", "reason", "steps": [{"text"}], "facts":
 * [{"topic", "text"}]}; tenants see tenant lines only. NULL: the stored text is no plan. */
const char *lines_plan(struct api_call *call, const char *plan_json);

#endif
