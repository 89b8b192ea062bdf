/* Merging and ordering of request parameters. Decoding is http's work, meaning is parse.c's. */
#include "api/params.h"

#include <strings.h>

#include "base/text.h"

struct candidate {
    struct api_param param;
    bool from_query;
    size_t place;
};

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int order = strcmp(a->param.name, b->param.name);
    if (order != 0)
        return order;
    if (a->from_query != b->from_query)
        return a->from_query ? 1 : -1;
    return a->place < b->place ? -1 : 1;
}

static void note_protocol_name(struct wire_params *params, const struct api_param *param)
{
    const char *name = param->name;
    if (string_equal(name, "command"))
        params->command = param->value;
    else if (string_equal(name, "response"))
        params->response = param->value;
    else if (strcasecmp(name, "apikey") == 0)
        params->api_key = param->value;
    else if (strcasecmp(name, "signature") == 0)
        params->signature = param->value;
    else if (strcasecmp(name, "signatureversion") == 0)
        params->signature_version = param->value;
    else if (strcasecmp(name, "expires") == 0)
        params->expires = param->value;
    else if (strcasecmp(name, "sessionkey") == 0)
        params->session_key = param->value;
}

/* The winner of repeated names stands last among its equals. */
static void keep_winners(struct arena *arena, struct candidate *all, size_t count, struct wire_params *ret_params)
{
    qsort(all, count, sizeof(*all), compare_candidates);
    struct api_param *items = arena_array(arena, count, sizeof(*items));
    *ret_params = (struct wire_params){.items = items};
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && string_equal(all[i].param.name, all[i + 1].param.name))
            continue;
        items[ret_params->count] = all[i].param;
        note_protocol_name(ret_params, &items[ret_params->count]);
        ret_params->count++;
    }
}

void params_from_http(struct arena *arena, const struct http_request *request, struct wire_params *ret_params)
{
    struct candidate *all = arena_array(arena, request->param_count + 1, sizeof(*all));
    for (size_t i = 0; i < request->param_count; i++) {
        const struct http_param *param = &request->params[i];
        all[i] = (struct candidate){{param->name, param->value}, param->from_query, i};
    }
    keep_winners(arena, all, request->param_count, ret_params);
}

void params_from_pairs(struct arena *arena, const struct api_param *pairs, size_t count, struct wire_params *ret_params)
{
    struct candidate *all = arena_array(arena, count + 1, sizeof(*all));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (pairs[i].value) {
            all[kept] = (struct candidate){pairs[i], true, i};
            kept++;
        }
    keep_winners(arena, all, kept, ret_params);
}
