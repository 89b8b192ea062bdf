/* The parameters of one request: one value a name, in the order that signatures want. */
#ifndef GURUM_API_PARAMS_H
#define GURUM_API_PARAMS_H

#include "api/api.h"

/* The names that belong to the protocol, not to a command. NULL: absent. */
struct wire_params {
    const struct api_param *items; /* sorted by name, bytewise; each name once */
    size_t count;
    const char *command, *response;                                              /* exact names */
    const char *api_key, *signature, *signature_version, *expires, *session_key; /* in any case */
};

/* Merges query and body: the query's values win over the body's, the last of repeated names wins. Nothing is copied but
 * pointers. */
void params_from_http(struct arena *arena, const struct http_request *request, struct wire_params *ret_params);
/* The same from pairs in process; they hold no protocol names. */
void params_from_pairs(struct arena *arena, const struct api_param *pairs, size_t count,
                       struct wire_params *ret_params);

#endif
