/* What the declarations say about themselves: for listApis, the OpenAPI document and the reference. Built once, shared
 * by all threads. */
#ifndef GURUM_API_DISCOVER_H
#define GURUM_API_DISCOVER_H

#include "api/registry.h"

struct response_info {
    const char *name, *description, *type, *since;
    struct object_list response; /* of nested objects: struct response_info */
};
struct param_info {
    const char *name, *description, *type;
    struct opt_int length;
    bool required;
    const char *related, *since;
    const char *no_effect; /* not on the wire of listApis */
};
struct command_info {
    const char *name, *description, *since;
    bool isasync;
    const char *related;
    struct object_list params, response;
};
/* The description of a command as root admins (or others) see it. Lives as long as the process. */
const struct command_info *discover_command(const struct registered_command *command, bool for_admin);

/* GET /client/api-docs/openapi.json and /client/api-docs/: answered without a login. False: another path. */
bool discover_answer_document(struct http_exchange *exchange);
void openapi_write(struct text *out);
void reference_write(struct text *out); /* HTML */

#endif
