/* The string to sign and its variants: any request may come; what we sign ourselves must verify, in every order of
 * names. */
#include "api/sign.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sign_and_verify(struct arena *arena, const struct http_request *request, struct secret key)
{
    struct wire_params params, signed_params;
    params_from_http(arena, request, &params);
    (void)sign_verify(arena, &params, key);
    (void)sign_is_fresh(&params, 1700000000000);
    char *base64 = arena_alloc(arena, 29);
    sign_make(arena, &params, key, base64);
    struct http_param *more = arena_array(arena, request->param_count + 1, sizeof(*more));
    size_t count = 0;
    for (size_t i = 0; i < request->param_count; i++)
        if (!string_equal_ignoring_case(request->params[i].name, "signature"))
            more[count++] = request->params[i];
    more[count++] = (struct http_param){.name = "signature", .value = base64, .from_query = true};
    struct http_request again = {.arena = arena, .params = more, .param_count = count};
    params_from_http(arena, &again, &signed_params);
    if (!sign_verify(arena, &signed_params, key))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct http_param *params = NULL;
    struct error err;
    size_t count = 0;
    arena_init(&arena);
    struct secret key = {.bytes = "a secret key", .length = 12};
    if (http_parse_form(&arena, (const char *)data, size, true, &params, &count, &err)) {
        struct http_request request = {.arena = &arena, .params = params, .param_count = count};
        sign_and_verify(&arena, &request, key);
    }
    arena_free(&arena);
    return 0;
}
