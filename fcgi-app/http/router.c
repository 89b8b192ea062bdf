/* Path patterns. What is not here: the routes themselves; each room owns its table. */
#include "http/router.h"

#include <string.h>

static bool match_segment(struct arena *arena, const char *pattern, size_t pattern_length, const char *segment,
                          size_t length, struct http_route_match *match)
{
    if (pattern_length < 2 || pattern[0] != '{')
        return pattern_length == length && strncmp(pattern, segment, length) == 0;
    if (length == 0 || match->value_count == HTTP_ROUTE_VALUES_MAX)
        return false;
    match->values[match->value_count].name = arena_strndup(arena, pattern + 1, pattern_length - 2);
    match->values[match->value_count].value = arena_strndup(arena, segment, length);
    match->value_count++;
    return true;
}

static bool match_path(struct arena *arena, const char *pattern, const char *path, struct http_route_match *match)
{
    match->value_count = 0;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        if (strcmp(pattern, "*") == 0)
            return true;
        size_t pattern_length = strcspn(pattern, "/"), length = strcspn(path, "/");
        if (!match_segment(arena, pattern, pattern_length, path, length, match))
            return false;
        pattern += pattern_length;
        path += length;
    }
    return *pattern == '\0' && *path == '\0';
}

static unsigned method_bit(enum http_method method)
{
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
        return HTTP_ROUTE_GET;
    case HTTP_POST:
        return HTTP_ROUTE_POST;
    case HTTP_OTHER:
        return 0;
    }
    return 0;
}

void http_route_find(const struct http_route *routes, size_t count, enum http_method method, const char *path,
                     struct arena *arena, struct http_route_match *ret_match)
{
    *ret_match = (struct http_route_match){0};
    for (size_t i = 0; i < count; i++) {
        if (!match_path(arena, routes[i].pattern, path, ret_match))
            continue;
        ret_match->path_known = true;
        if ((routes[i].methods & method_bit(method)) != 0) {
            ret_match->route = &routes[i];
            return;
        }
    }
    ret_match->value_count = 0;
}

const char *http_route_value(const struct http_route_match *match, const char *name)
{
    for (size_t i = 0; i < match->value_count; i++)
        if (strcmp(match->values[i].name, name) == 0)
            return match->values[i].value;
    return NULL;
}
