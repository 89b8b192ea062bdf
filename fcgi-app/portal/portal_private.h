/* What portal.c and its siblings share. */
#ifndef GURUM_PORTAL_PORTAL_PRIVATE_H
#define GURUM_PORTAL_PORTAL_PRIVATE_H

#include "portal/portal.h"

/* A plan reply as the plan partial shows it: possible, reason, facts, steps; a json-c object that lives as long as the
 * request. */
struct json_object *portal_plan_view(struct json_object *reply);

/* frame.c: what every page shows (`page` NULL: no entry of the menu is current), and an error in the reader's words. */
void portal_add_frame(struct page_call *call, struct view *root, const struct portal_page *page);
void portal_add_error(struct page_call *call, struct view *object, const struct error *error);

/* The filters of call->filters that the request gives, and its keyword. */
size_t portal_filter_params(const struct page_call *call, struct api_param *params, size_t max);

/* The first page: the newest of everything (home.c). */
extern const struct portal_page portal_home_pages[];

#endif
