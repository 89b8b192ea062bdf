/* Which handler a path belongs to. Routes are rows of a table: method, pattern, handler. */
#ifndef GURUM_HTTP_ROUTER_H
#define GURUM_HTTP_ROUTER_H

#include "http/http.h"

/* Pattern segments are literal, "{name}" (one non-empty segment) or, last, "*" (the rest, may be empty):
 * "/vm/{id}/console". */
struct http_route {
    unsigned methods; /* HTTP_ROUTE_GET | HTTP_ROUTE_POST; GET serves HEAD too */
    const char *pattern;
    http_handler *handler;
    const void *context; /* the owner's, e.g. a page declaration */
};
enum { HTTP_ROUTE_GET = 1, HTTP_ROUTE_POST = 2, HTTP_ROUTE_VALUES_MAX = 8 };

struct http_route_match {
    const struct http_route *route; /* NULL: none fits */
    bool path_known;                /* a route fits the path, but not the method: 405, not 404 */
    struct {
        const char *name, *value; /* in the arena */
    } values[HTTP_ROUTE_VALUES_MAX];
    size_t value_count;
};
/* The first route of the table that fits; put "/vm/new" before "/vm/{id}". */
void http_route_find(const struct http_route *routes, size_t count, enum http_method method, const char *path,
                     struct arena *arena, struct http_route_match *ret_match);
/* The value of "{name}", NULL when the pattern has none of that name. */
const char *http_route_value(const struct http_route_match *match, const char *name);

#endif
