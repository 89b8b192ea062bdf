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
    const char *no_effect, *refused; /* not on the wire of listApis */
};
struct command_info {
    const char *name, *description, *since;
    bool isasync;
    const char *related;
    struct object_list params, response;
};
/* The description of a command as root admins (or others) see it. Lives as long as the process. */
const struct command_info *discover_command(const struct registered_command *command, bool for_admin);

/* GET /client/api-docs/openapi.json, /client/api-docs/ and /client/api-docs/{command}: answered without a login. False:
 * another path. */
bool discover_answer_document(struct http_exchange *exchange);

/* example.c: what the documents show. */
#define EXAMPLE_UUID "6f1c2a3e-5b0d-4c8e-9a57-2d41c0b7e913"
const char *example_value(struct arena *arena, const struct field *field); /* of a parameter or a member, as text */
void example_add_request(struct text *out, const struct registered_command *command); /* "command=…&id=…" */
void example_add_reply(struct text *out, const struct registered_command *command);   /* JSON */

#endif
