/* From any form to an argument struct of every member type: each input ends in arguments or in an error of the wire. */
#include "api/parse.h"

#include <stdlib.h>

#include "api/call.h"
#include "base/log.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct every_type {
    const char *text, *choice, *lines;
    int64_t number;
    int32_t small;
    bool flag;
    struct opt_int optional;
    struct opt_bool maybe;
    struct opt_double real;
    struct opt_time from, until;
    struct object_ref zone;
    struct string_list names;
    struct ref_list zones;
    struct map_list details;
    struct secret password;
};
static const char *const CHOICES[] = {"one", "two", NULL};
#define ANY(member, ...) FIELD(struct every_type, member, .help = "x", __VA_ARGS__)
FIELD_TABLE(EVERY_TYPE, struct every_type, ANY(text, .flags = 0), ANY(choice, .choices = CHOICES),
            ANY(lines, .flags = FIELD_PLAIN_TEXT, .max = 5000), ANY(number, .min = -5, .max = 1000),
            ANY(small, .flags = FIELD_POSITIVE), ANY(flag, .flags = 0), ANY(optional, .flags = 0),
            ANY(maybe, .flags = 0), ANY(real, .min = 0, .max = 9), ANY(from, .flags = 0),
            ANY(until, .flags = FIELD_END_OF_DAY), ANY(zone, .refers_to = "zone", .flags = FIELD_ALLOW_MINUS_ONE),
            ANY(names, .flags = 0), ANY(zones, .refers_to = "zone"), ANY(details, .flags = 0),
            ANY(password, .flags = FIELD_SENSITIVE));

static const struct api_command COMMAND = {
    .name = "fuzzEverything", .summary = "x", .object_key = "x", .mode = API_LIST, .params = &EVERY_TYPE};
static const struct registered_command REGISTERED = {
    .command = &COMMAND, .response_key = "fuzzeverythingresponse", .wire_name = "fuzzeverything"};

static void parse(struct arena *arena, const struct http_request *request, enum role_type role)
{
    struct wire_params params;
    struct error err = {0};
    void *args = NULL;
    struct caller caller = {.user_id = 2, .role_type = role};
    struct api_call call = {.arena = arena, .command = &COMMAND, .caller = &caller, .language = "en"};
    struct text reply;
    params_from_http(arena, request, &params);
    if (parse_arguments(&call, &REGISTERED, &params, &args, &err)) {
        const struct every_type *every = args;
        if (!args || call.page.limit < 1 || call.page.offset < 0 || every->number < -5 || every->number > 1000)
            abort();
        return;
    }
    if (error_http_status(err.kind) != 430 && error_http_status(err.kind) != 431)
        abort();
    text_init(&reply, arena, 1 << 20);
    respond_error(arena, &REGISTERED, FORMAT_JSON, true, &err, &reply);
    respond_error(arena, &REGISTERED, FORMAT_XML, true, &err, &reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct http_param *params = NULL;
    struct error err;
    size_t count = 0;
    log_set_level(LOG_ERROR);
    arena_init(&arena);
    if (http_parse_form(&arena, (const char *)data, size, true, &params, &count, &err)) {
        struct http_request request = {.arena = &arena, .params = params, .param_count = count};
        parse(&arena, &request, ROLE_ADMIN);
        parse(&arena, &request, ROLE_USER);
    }
    arena_free(&arena);
    return 0;
}
