/* Requests from hostile bytes. Input: lines "query", "cookie", "host", then the form body. Whatever is accepted must
 * keep the room's promises: no NUL in values, no more parameters than the ceiling, a second encoding round gives the
 * same value. */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *take_line(struct arena *arena, const char *name, const char **rest, size_t *left)
{
    const char *end = memchr(*rest, '\n', *left);
    size_t length = end != NULL ? (size_t)(end - *rest) : *left;
    const char *line = arena_printf(arena, "%s=%.*s", name, (int)length, *rest);
    size_t taken = end != NULL ? length + 1 : length;
    *rest += taken;
    *left -= taken;
    return line;
}

static void check_params(struct arena *arena, const struct http_request *request)
{
    if (request->param_count > HTTP_PARAMS_MAX)
        abort();
    for (size_t i = 0; i < request->param_count; i++) {
        const char *value = request->params[i].value, *again = NULL;
        struct text encoded;
        text_init(&encoded, arena, 3 * HTTP_BODY_MAX_BYTES);
        http_add_url_encoded(&encoded, value);
        if (!http_decode(arena, text_string(&encoded), encoded.length, true, &again) || strcmp(again, value) != 0 ||
            http_param(request, request->params[i].name) == NULL)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 16384)
        return 0;
    struct arena arena;
    arena_init(&arena);
    const char *rest = (const char *)data;
    const char *environment[] = {
        "REQUEST_METHOD=POST", "CONTENT_TYPE=application/x-www-form-urlencoded", NULL, NULL, NULL, NULL};
    environment[2] = take_line(&arena, "QUERY_STRING", &rest, &size);
    environment[3] = take_line(&arena, "HTTP_COOKIE", &rest, &size);
    environment[4] = take_line(&arena, "HTTP_HOST", &rest, &size);
    struct http_request request;
    if (http_read_environment(&request, &arena, environment, NULL) && http_read_body(&request, rest, size, NULL)) {
        check_params(&arena, &request);
        const char *cookie = http_cookie(&request, "a");
        if (cookie != NULL && strlen(cookie) > strlen(environment[3]))
            abort();
    }
    arena_free(&arena);
    return 0;
}
