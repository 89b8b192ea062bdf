/* What portal.c and its siblings share. */
#ifndef GURUM_PORTAL_PORTAL_PRIVATE_H
#define GURUM_PORTAL_PORTAL_PRIVATE_H

#include "portal/portal.h"

/* A plan reply as the plan partial shows it: possible, reason, facts, steps; a json-c object that lives as long as the
 * request. */
struct json_object *portal_plan_view(struct json_object *reply);

/* The filters of call->filters that the request gives, and its keyword. */
size_t portal_filter_params(const struct page_call *call, struct api_param *params, size_t max);

/* The first page: the newest of everything (home.c). */
extern const struct portal_page portal_home_pages[];

#endif
