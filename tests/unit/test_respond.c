/* Replies in both formats from one field table. */
#include "unit.h"


#include "api/call.h"

struct inner_reply {
    const char *name;
};
FIELD_TABLE(TEST_INNER, struct inner_reply, FIELD(struct inner_reply, name, .help = "x"));
struct reply {
    const char *id, *absent;
    int64_t number;
    bool flag;
    struct opt_int none;
    struct opt_double real;
    struct opt_time when;
    struct string_list words;
    struct pair_list details;
    struct object_list parts;
    struct raw_json raw;
    struct secret secret;
    const char *for_admins;
};
#define PART(member, ...) FIELD(struct reply, member, .help = "x", __VA_ARGS__)
FIELD_TABLE(TEST_REPLY, struct reply, PART(id, .flags = 0), PART(absent, .flags = 0), PART(number, .flags = 0),
            PART(flag, .flags = 0), PART(none, .flags = 0), PART(real, .flags = 0), PART(when, .flags = 0),
            PART(words, .flags = 0), PART(details, .flags = 0), PART(parts, .table = &TEST_INNER),
            PART(raw, .flags = 0), PART(secret, .flags = 0), PART(for_admins, .flags = FIELD_ADMIN));

static const char *const WORDS[] = {"a", "b<c"};
static const struct pair PAIRS[] = {{"k 1", "v\"1"}, {"gone", NULL}, {"plain", "구름"}};
static const struct inner_reply PARTS[] = {{"one"}, {"two"}};
static struct arena arena;

static struct reply full(void)
{
    struct reply reply = {.id = "i&d\x02",
                          .number = -7,
                          .flag = true,
                          .real = OPT_DOUBLE(1.5),
                          .when = OPT_TIME(1761825600000),
                          .raw.json = "{\"x\":[1,2]}",
                          .for_admins = "secret thing",
                          .secret = {.bytes = "never", .length = 5}};
    reply.words = (struct string_list){arena_array(&arena, 2, sizeof(char *)), 2};
    memcpy(reply.words.items, WORDS, sizeof(WORDS));
    struct pair *pairs = arena_array(&arena, 3, sizeof(*pairs));
    memcpy(pairs, PAIRS, sizeof(PAIRS));
    reply.details = (struct pair_list){pairs, 3};
    reply.parts = (struct object_list){PARTS, 2, true};
    return reply;
}

static const char *write_list(const struct reply *object, int64_t total, size_t count, enum api_format format,
                              bool for_admin)
{
    struct text out;
    struct api_reply reply = {.form = REPLY_LIST,
                              .table = &TEST_REPLY,
                              .object_key = "thing",
                              .objects = object,
                              .count = count,
                              .total = total};
    text_init(&out, &arena, 1 << 20);
    if (format == FORMAT_XML)
        xml_write_reply(&out, "listthingsresponse", &reply, for_admin);
    else
        json_write_reply(&out, "listthingsresponse", &reply, for_admin);
    return text_string(&out);
}

START_TEST(test_json_leaves_out_what_is_absent_secret_or_for_admins)
{
    struct reply object = full();
    ck_assert_str_eq(write_list(&object, 9, 1, FORMAT_JSON, false),
                     "{\"listthingsresponse\":{\"count\":9,\"thing\":[{\"id\":\"i&d\\u0002\",\"number\":-7,\"flag\":"
                     "true,\"real\":1.5,"
                     "\"when\":\"2025-10-30T12:00:00+0000\",\"words\":[\"a\",\"b<c\"],\"details\":{\"k "
                     "1\":\"v\\\"1\",\"plain\":\"구름\"},"
                     "\"parts\":[{\"name\":\"one\"},{\"name\":\"two\"}],\"raw\":{\"x\":[1,2]}}]}}");
    ck_assert_ptr_nonnull(strstr(write_list(&object, 9, 1, FORMAT_JSON, true), "\"for_admins\":\"secret thing\""));
    ck_assert_ptr_null(strstr(write_list(&object, 9, 1, FORMAT_JSON, true), "never"));
}
END_TEST

START_TEST(test_xml_writes_the_same_members)
{
    struct reply object = full();
    ck_assert_str_eq(
        write_list(&object, 9, 1, FORMAT_XML, false),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><listthingsresponse cloud-stack-version=\"" CLOUD_VERSION
        "\"><count>9</count>"
        "<thing><id>i&amp;d\xEF\xBF\xBD</id><number>-7</number><flag>true</flag><real>1.5</real>"
        "<when>2025-10-30T12:00:00+0000</when><words>a</words><words>b&lt;c</words><details><entry name=\"k "
        "1\">v&quot;1</entry>"
        "<plain>구름</plain></details><parts><name>one</name></parts><parts><name>two</name></parts>"
        "<raw><x>1</x><x>2</x></raw></thing></listthingsresponse>");
}
END_TEST

START_TEST(test_a_list_without_matches_is_empty)
{
    ck_assert_str_eq(write_list(NULL, 0, 0, FORMAT_JSON, true), "{\"listthingsresponse\":{}}");
    ck_assert_str_eq(write_list(NULL, 12, 0, FORMAT_JSON, true), "{\"listthingsresponse\":{\"count\":12}}");
}
END_TEST

START_TEST(test_a_job_has_its_id_and_the_objects)
{
    struct text out;
    struct api_reply reply = {.form = REPLY_JOB, .job = {.uuid = "j-1"}, .job_object_uuid = "o-1"};
    text_init(&out, &arena, 1000);
    json_write_reply(&out, "deployresponse", &reply, true);
    ck_assert_str_eq(text_string(&out), "{\"deployresponse\":{\"jobid\":\"j-1\",\"id\":\"o-1\"}}");
}
END_TEST

START_TEST(test_errors_have_the_wires_envelope)
{
    struct text out;
    struct error err;
    struct registered_command command = {.response_key = "deletethingresponse"};
    text_init(&out, &arena, 10000);
    (void)error_with(&err, ERROR_IN_USE, "no.such.key", E_TEXT("a", "b"));
    error_add_entity(&err, "u-1", "thing");
    respond_error(&arena, &command, FORMAT_JSON, true, &err, &out);
    ck_assert_str_eq(
        text_string(&out),
        "{\"deletethingresponse\":{\"uuidList\":[{\"uuid\":\"u-1\",\"description\":\"thing\"}],\"errorcode\":536,"
        "\"cserrorcode\":4360,\"errortext\":\"no.such.key\"}}");
    text_reset(&out);
    (void)error_set(&err, ERROR_UNSUPPORTED, "no.such.key");
    respond_error(&arena, &command, FORMAT_XML, true, &err, &out);
    ck_assert_ptr_nonnull(strstr(text_string(&out), "<errorresponse cloud-stack-version="));
}
END_TEST

UNIT_SUITE(respond_suite, "respond", test_json_leaves_out_what_is_absent_secret_or_for_admins,
           test_xml_writes_the_same_members, test_a_list_without_matches_is_empty,
           test_a_job_has_its_id_and_the_objects, test_errors_have_the_wires_envelope)
UNIT_MAIN(respond_suite)
