/* The api room's own view of commands and kinds. What features see of it is in api.h. */
#ifndef GURUM_API_REGISTRY_H
#define GURUM_API_REGISTRY_H

#include "api/api.h"

/* What is worked out once for each command. */
struct registered_command {
    const struct api_command *command;
    const char *response_key;       /* never NULL */
    const char *wire_name;          /* response key without "response": how error texts name the command */
    const struct object_kind *kind; /* whose response table the command answers with; NULL: none */
    const char *object_key; /* of the object(s) in the reply or the job's result; NULL: its members stand alone */
    size_t index;           /* position in the alphabetic order of names: the bit in caller.allowed */
};
/* NULL: no such command. Names are case-sensitive. */
const struct registered_command *commands_find(const char *name);
const struct registered_command *commands_of(const struct api_command *command);
const struct registered_command *commands_all(size_t *ret_count);
/* Lists (but for API_LIST_WRITES) and what says API_READ_ONLY change nothing; everything else does. */
bool registry_is_write(const struct api_command *command);
/* A write that can be planned, and repeated by an Idempotency-Key: its handler may run inside a transaction that is
 * rolled back. Not so where failures must be counted (signing in), nor while another server is asked. */
bool registry_is_repeatable(const struct api_command *command);
/* The kind whose responses the table describes; NULL: none. */
const struct object_kind *registry_kind_of_table(const struct field_table *response);

/* The response table; the table of {"success", "displaytext"} for commands that declare none. */
const struct field_table *registry_response(const struct api_command *command);
struct success_response {
    bool success;
    const char *displaytext;
};
extern const struct field_table SUCCESS_RESPONSE;

#endif
