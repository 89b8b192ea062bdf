/* From request parameters to a command's argument struct. */
#ifndef GURUM_API_PARSE_H
#define GURUM_API_PARSE_H

#include "api/params.h"
#include "api/registry.h"

/* Values that the protocol may hold at most; requests beyond are refused with the wire's own errors. */
enum { PARSE_LIST_MAX_ITEMS = 1000, PARSE_MAP_VALUE_MAX = 4096, PARSE_DEFAULT_LENGTH = 255 };
enum { PARSE_ROOM_PARAMS_MAX = 12 };

/* Fills *ret_args (a params->struct_size struct in the call's arena; NULL when the command declares no parameters) and
 * call->page. References hold their uuid only: see authorize.h. Errors: the wire's exact texts, of kinds PARAMETER,
 * MALFORMED_PARAMETER, INVALID_VALUE. */
MUST_CHECK bool parse_arguments(struct api_call *call, const struct registered_command *command,
                                const struct wire_params *params, void **ret_args, struct error *err);
/* The value of a parameter in any case; NULL when absent or empty. */
const char *parse_find(const struct wire_params *params, const char *name);
bool parse_is_true(const char *value); /* "true" in any case; NULL: false */

/* The parameters that the room itself takes for commands with these flags and mode, for discovery and documents. */
struct room_param {
    const char *name, *type, *help;
};
size_t parse_room_params(const struct api_command *command,
                         const struct room_param *ret_params[static PARSE_ROOM_PARAMS_MAX]);

#endif
