/* Parameters to arguments: types, ceilings and the wire's error kinds. The exact texts are tried over HTTP in
 * tests/api. */
#include "unit.h"

#include "api/parse.h"

struct parse_args {
    const char *text, *lines;
    int64_t number;
    struct opt_bool maybe;
    struct opt_time until;
    struct object_ref zone;
    struct string_list names;
    struct map_list details;
    struct secret password;
    const char *hidden;
};
#define ARG(member, ...) FIELD(struct parse_args, member, .help = "x", __VA_ARGS__)
FIELD_TABLE(TEST_PARSE_ARGS, struct parse_args, ARG(text, .max = 10), ARG(lines, .flags = FIELD_PLAIN_TEXT),
            ARG(number, .min = 1, .max = 9), ARG(maybe, .flags = 0), ARG(until, .flags = FIELD_END_OF_DAY),
            ARG(zone, .refers_to = "zone"), ARG(names, .flags = 0), ARG(details, .flags = 0),
            ARG(password, .flags = FIELD_REQUIRED), ARG(hidden, .flags = FIELD_ADMIN));
static const struct api_command COMMAND = {
    .name = "testParse", .summary = "x", .object_key = "x", .mode = API_LIST, .params = &TEST_PARSE_ARGS};
static const struct registered_command REGISTERED = {
    .command = &COMMAND, .response_key = "testparseresponse", .wire_name = "testparse"};

static struct arena arena;
static struct error err;
static struct api_call call;
static struct caller caller;

static const struct parse_args *parse(enum role_type role, const struct api_param *pairs, size_t count)
{
    struct wire_params params;
    void *args = NULL;
    arena_free(&arena);
    error_clear(&err);
    caller = (struct caller){.user_id = 2, .role_type = role};
    call = (struct api_call){.arena = &arena, .command = &COMMAND, .caller = &caller, .language = "en"};
    params_from_pairs(&arena, pairs, count, &params);
    return parse_arguments(&call, &REGISTERED, &params, &args, &err) ? args : NULL;
}
#define PARSE(...)                                                                                                     \
    parse(ROLE_ADMIN, (const struct api_param[]){{"password", "p"}, __VA_ARGS__},                                      \
          COUNT_OF(((const struct api_param[]){{"password", "p"}, __VA_ARGS__})))

static void refuses(const struct parse_args *args, enum error_kind kind, const char *message_key)
{
    ck_assert_ptr_null(args);
    ck_assert_int_eq(err.kind, kind);
    ck_assert_str_eq(err.key, message_key);
}

START_TEST(test_every_type_is_read)
{
    const struct parse_args *args = PARSE({"TEXT", "abc"}, {"number", "7"}, {"maybe", "TRUE"}, {"until", "2020-01-01"},
                                          {"zone", "-1"}, {"names", "a, b,,c"});
    ck_assert_ptr_nonnull(args);
    ck_assert_str_eq(args->text, "abc");
    ck_assert_int_eq(args->number, 7);
    ck_assert(args->maybe.set && args->maybe.value);
    ck_assert_int_eq(args->until.ms, 1577923199000);
    ck_assert_str_eq(args->zone.uuid, "-1");
    ck_assert_uint_eq(args->names.count, 3);
    ck_assert_str_eq(args->names.items[2], "c");
    ck_assert_uint_eq(args->password.length, 1);
}
END_TEST

START_TEST(test_anything_but_true_is_false)
{
    const struct parse_args *args = PARSE({"maybe", "yes"});
    ck_assert(args && args->maybe.set && !args->maybe.value);
}
END_TEST

START_TEST(test_maps_come_in_the_order_of_their_index)
{
    const struct parse_args *args = PARSE({"Details[1].key", "b"}, {"details[0].key", "a"}, {"details[0].Value", "v"});
    ck_assert_ptr_nonnull(args);
    ck_assert_uint_eq(args->details.count, 3);
    ck_assert_uint_eq(args->details.entries[0].index, 0);
    ck_assert_str_eq(args->details.entries[0].field, "Value");
    ck_assert_str_eq(args->details.entries[2].value, "b");
}
END_TEST

START_TEST(test_malformed_maps_are_430)
{
    refuses(PARSE({"details[x].a", "1"}), ERROR_MALFORMED_PARAMETER, "api.malformed_parameter");
    refuses(PARSE({"details[0][1].a", "1"}), ERROR_MALFORMED_PARAMETER, "api.malformed_parameter");
    refuses(PARSE({"details[0]", "1"}), ERROR_MALFORMED_PARAMETER, "api.malformed_parameter");
    refuses(PARSE({"details", "1"}), ERROR_MALFORMED_PARAMETER, "api.malformed_parameter");
    refuses(PARSE({"details[].a", "1"}), ERROR_MALFORMED_PARAMETER, "api.malformed_parameter");
}
END_TEST

START_TEST(test_lengths_are_counted_in_characters)
{
    ck_assert_ptr_nonnull(PARSE({"text", "구름구름구름구름구름"}));
    refuses(PARSE({"text", "12345678901"}), ERROR_PARAMETER, "api.too_long");
}
END_TEST

START_TEST(test_control_characters_and_broken_utf8_are_refused)
{
    refuses(PARSE({"text", "a\x01"}), ERROR_PARAMETER, "api.control_characters");
    refuses(PARSE({"nonsense", "a\x7f"}), ERROR_PARAMETER, "api.control_characters");
    refuses(PARSE({"text", "\xff\xfe"}), ERROR_PARAMETER, "api.control_characters");
    refuses(PARSE({"text", "a\nb"}), ERROR_PARAMETER, "api.control_characters");
    ck_assert_ptr_nonnull(PARSE({"lines", "a\r\n\tb"}));
}
END_TEST

START_TEST(test_numbers_keep_their_range)
{
    refuses(PARSE({"number", "10"}), ERROR_PARAMETER, "api.invalid_value");
    refuses(PARSE({"number", "1x"}), ERROR_PARAMETER, "api.invalid_value");
    refuses(PARSE({"number", "99999999999999999999"}), ERROR_PARAMETER, "api.invalid_value");
    refuses(PARSE({"until", "2020-13-01"}), ERROR_PARAMETER, "api.invalid_date");
}
END_TEST

START_TEST(test_required_parameters_must_come_and_not_be_empty)
{
    refuses(parse(ROLE_ADMIN, NULL, 0), ERROR_PARAMETER, "api.missing_parameter");
    const struct api_param empty = {"password", ""};
    refuses(parse(ROLE_ADMIN, &empty, 1), ERROR_PARAMETER, "api.missing_parameter");
}
END_TEST

START_TEST(test_parameters_for_admins_are_ignored_from_others)
{
    const struct api_param sent[] = {{"password", "p"}, {"hidden", "h"}};
    const struct parse_args *args = parse(ROLE_ADMIN, sent, 2);
    ck_assert(args && args->hidden);
    args = parse(ROLE_USER, sent, 2);
    ck_assert(args && !args->hidden);
}
END_TEST

START_TEST(test_pages_and_keywords)
{
    ck_assert_ptr_nonnull(PARSE({"page", "3"}, {"pagesize", "50"}, {"keyword", "50%_"}));
    ck_assert_int_eq(call.page.offset, 100);
    ck_assert_int_eq(call.page.limit, 50);
    ck_assert_str_eq(call.page.keyword_like, "%50\\%\\_%");
    ck_assert_ptr_nonnull(PARSE({"pagesize", "-1"}));
    ck_assert_int_eq(call.page.limit, 500);
    refuses(PARSE({"page", "0"}, {"pagesize", "5"}), ERROR_PARAMETER, "api.invalid_value");
    refuses(PARSE({"page", "1"}), ERROR_PARAMETER, "api.pagesize_required");
    refuses(PARSE({"pagesize", "5"}), ERROR_PARAMETER, "api.page_required");
    refuses(PARSE({"page", "1"}, {"pagesize", "501"}), ERROR_PARAMETER, "api.pagesize_too_big");
}
END_TEST

UNIT_SUITE(parse_suite, "parse", test_every_type_is_read, test_anything_but_true_is_false,
           test_maps_come_in_the_order_of_their_index, test_malformed_maps_are_430,
           test_lengths_are_counted_in_characters, test_control_characters_and_broken_utf8_are_refused,
           test_numbers_keep_their_range, test_required_parameters_must_come_and_not_be_empty,
           test_parameters_for_admins_are_ignored_from_others, test_pages_and_keywords)
UNIT_MAIN(parse_suite)
