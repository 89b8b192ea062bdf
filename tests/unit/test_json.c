/* base/json.c, base/json_read.c and base/field.c */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "tests/support/unit.h"

struct disk {
    const char *name;
    int64_t size;
};
FIELD_TABLE(DISK, struct disk, COLUMN(struct disk, name), COLUMN(struct disk, size));

struct machine {
    const char *name;
    int64_t memory;
    int32_t cpus;
    bool running;
    struct opt_int port;
    struct opt_bool protected;
    struct opt_double load;
    struct opt_time created;
    struct object_ref zone;
    struct string_list tags;
    struct ref_list networks;
    struct map_list details;
    struct pair_list notes;
    struct object_list disks;
    struct nested root;
    struct raw_json raw;
    struct secret password;
    const char *token, *host;
};
FIELD_TABLE(MACHINE, struct machine, COLUMN(struct machine, name), COLUMN(struct machine, memory),
            COLUMN(struct machine, cpus), COLUMN(struct machine, running), COLUMN(struct machine, port),
            COLUMN(struct machine, protected), COLUMN(struct machine, load), COLUMN(struct machine, created),
            COLUMN(struct machine, zone), COLUMN(struct machine, tags), COLUMN(struct machine, networks),
            COLUMN(struct machine, details), COLUMN(struct machine, notes),
            FIELD(struct machine, disks, .table = &DISK), FIELD(struct machine, root, .table = &DISK),
            COLUMN(struct machine, raw), COLUMN(struct machine, password),
            FIELD(struct machine, token, .flags = FIELD_SENSITIVE), FIELD(struct machine, host, .flags = FIELD_ADMIN));

static struct arena arena;
static struct text out;

static void set_up(void)
{
    arena_init(&arena);
    text_init(&out, &arena, 100000);
}

static void tear_down(void)
{
    arena_free(&arena);
}

static const char *written(const char *bytes, size_t length)
{
    text_reset(&out);
    json_add_string_bytes(&out, bytes, length);
    return text_string(&out);
}

START_TEST(test_strings_are_escaped_wherever_the_special_byte_stands)
{
    ck_assert_str_eq(written("", 0), "\"\"");
    ck_assert_str_eq(written("구름 </script> \x7F", strlen("구름 </script> \x7F")), "\"구름 </script> \x7F\"");
    ck_assert_str_eq(written("a\0b", 3), "\"a\\u0000b\"");
    static const struct {
        const char *bytes, *escaped;
    } cases[] = {{"\"", "\\\""},
                 {"\\", "\\\\"},
                 {"\n", "\\n"},
                 {"\r", "\\r"},
                 {"\t", "\\t"},
                 {"\x01", "\\u0001"},
                 {"\x1F", "\\u001f"},
                 {"\x80", "\xEF\xBF\xBD"},
                 {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                 {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t before = 0; before < 20; before++)
            for (size_t after = 0; after < 20; after++) {
                char string[64], expected[80];
                int length = snprintf(string, sizeof(string), "%.*s%s%.*s", (int)before, "!#[]~0123456789abcdef",
                                      cases[i].bytes, (int)after, "!#[]~0123456789abcdef");
                snprintf(expected, sizeof(expected), "\"%.*s%s%.*s\"", (int)before, "!#[]~0123456789abcdef",
                         cases[i].escaped, (int)after, "!#[]~0123456789abcdef");
                ck_assert_str_eq(written(string, (size_t)length), expected);
            }
    ck_assert_str_eq(written("12345678\xE2\x82", 10), "\"12345678\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
END_TEST

START_TEST(test_a_missing_string_is_null_and_a_full_text_stays_cut)
{
    json_add_string(&out, NULL);
    ck_assert_str_eq(text_string(&out), "null");
    struct text small;
    text_init(&small, &arena, 4);
    json_add_string(&small, "abcdef");
    ck_assert(small.overflowed);
}
END_TEST

START_TEST(test_numbers_read_back_as_they_were)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},           {2, "2"},          {0.1, "0.1"},
                 {-1.5, "-1.5"},     {1e300, "1e+300"}, {1.0 / 3, "0.33333333333333331"},
                 {INFINITY, "null"}, {NAN, "null"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        json_add_double(&out, cases[i].value);
        ck_assert_str_eq(text_string(&out), cases[i].text);
    }
}
END_TEST

START_TEST(test_absent_members_are_left_out)
{
    struct machine machine = {.name = NULL};
    json_add_object(&out, &MACHINE, &machine);
    ck_assert_str_eq(text_string(&out), "{\"memory\":0,\"cpus\":0,\"running\":false}");
}
END_TEST

static struct machine full_machine(void)
{
    static const char *tags[] = {"a", "b\""};
    static struct object_ref networks[] = {{7, "net-7"}, {-1, NULL}};
    static struct map_entry details[] = {{.index = 3, .field = "key", .value = "cpu"}};
    static struct pair notes[] = {{"x", "1"}, {"y", NULL}};
    static const struct disk disks[] = {{"d0", 5}, {"d1", 6}};
    return (struct machine){.name = "vm",
                            .memory = INT64_MIN,
                            .cpus = -2,
                            .running = true,
                            .port = OPT_INT(0),
                            .protected = OPT_BOOL(false),
                            .load = OPT_DOUBLE(0.5),
                            .created = OPT_TIME(INT64_C(1761825600007)),
                            .zone = {4, "zone-4"},
                            .tags = {tags, 2},
                            .networks = {networks, 2},
                            .details = {details, 1},
                            .notes = {notes, 2},
                            .disks = {disks, 2, true},
                            .root = {&disks[0]},
                            .raw = {"{\"k\":[1,true]}"},
                            .password = {"pw", 2},
                            .token = "tok",
                            .host = "h1"};
}

START_TEST(test_a_reply_shows_uuids_and_wire_dates_but_no_secrets)
{
    struct machine machine = full_machine();
    json_add_object(&out, &MACHINE, &machine);
    ck_assert_str_eq(
        text_string(&out),
        "{\"name\":\"vm\",\"memory\":-9223372036854775808,\"cpus\":-2,\"running\":true,\"port\":0,\"protected\":false,"
        "\"load\":0.5,\"created\":\"2025-10-30T12:00:00+0000\",\"zone\":\"zone-4\",\"tags\":[\"a\",\"b\\\"\"],"
        "\"networks\":[\"net-7\",\"-1\"],\"details\":[{\"index\":3,\"field\":\"key\",\"value\":\"cpu\"}],\"notes\":{"
        "\"x\":\"1\"},"
        "\"disks\":[{\"name\":\"d0\",\"size\":5},{\"name\":\"d1\",\"size\":6}],\"root\":{\"name\":\"d0\",\"size\":5},"
        "\"raw\":{\"k\":[1,true]},\"host\":\"h1\"}");
}
END_TEST

START_TEST(test_members_can_be_hidden_by_flag)
{
    struct machine machine = {.host = "h1"};
    bool first = true;
    json_add_members_except(&out, &MACHINE, &machine, FIELD_ADMIN, &first);
    ck_assert_str_eq(text_string(&out), "\"memory\":0,\"cpus\":0,\"running\":false");
    ck_assert(!first);
    json_add_members(&out, &DISK, &(struct disk){"d", 1}, &first);
    ck_assert_str_eq(text_string(&out), "\"memory\":0,\"cpus\":0,\"running\":false,\"name\":\"d\",\"size\":1");
}
END_TEST

START_TEST(test_a_record_reads_back_with_ids_and_milliseconds)
{
    struct machine machine = full_machine(), again = {.name = NULL};
    json_add_record(&out, &MACHINE, &machine);
    struct error err = {.kind = ERROR_NONE};
    ck_assert_msg(json_read_object(&arena, text_string(&out), &MACHINE, &again, &err), "%s", err.detail);
    ck_assert_str_eq(again.name, "vm");
    ck_assert_int_eq(again.memory, INT64_MIN);
    ck_assert_int_eq(again.cpus, -2);
    ck_assert(again.running && again.port.set && again.protected.set && !again.protected.value);
    ck_assert_double_eq(again.load.value, 0.5);
    ck_assert_int_eq(again.created.ms, INT64_C(1761825600007));
    ck_assert_int_eq(again.zone.id, 4);
    ck_assert_str_eq(again.zone.uuid, "zone-4");
    ck_assert_str_eq(again.tags.items[1], "b\"");
    ck_assert_int_eq(again.networks.items[0].id, 7);
    ck_assert_int_eq(again.networks.items[1].id, -1);
    ck_assert_uint_eq(again.details.entries[0].index, 3);
    ck_assert_str_eq(again.details.entries[0].value, "cpu");
    ck_assert_uint_eq(again.notes.count, 1);
    ck_assert_uint_eq(again.disks.count, 2);
    ck_assert_int_eq(((const struct disk *)again.disks.items)[1].size, 6);
    ck_assert_str_eq(((const struct disk *)again.root.object)->name, "d0");
    ck_assert_str_eq(again.raw.json, "{\"k\":[1,true]}");
    ck_assert_ptr_null(again.password.bytes);
    ck_assert_ptr_null(again.token);
}
END_TEST

START_TEST(test_unknown_members_and_nulls_are_ignored)
{
    struct disk disk = {.name = "before"};
    ck_assert(json_read_object(&arena, " {\"size\":9,\"name\":null,\"colour\":{\"x\":[]}} ", &DISK, &disk, NULL));
    ck_assert_ptr_null(disk.name);
    ck_assert_int_eq(disk.size, 9);
}
END_TEST

START_TEST(test_malformed_documents_change_nothing)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{\"size\":1}}",
                                      "{\"size\":1,}",
                                      "nonsense",
                                      "{\"name\":5}",
                                      "{\"size\":\"5\"}",
                                      "{\"size\":1.5}",
                                      "{\"name\":\"a\\u0000b\"}",
                                      "{\"name\":\"\xFF\"}",
                                      "{\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct disk disk = {"before", 3};
        struct error err = {.kind = ERROR_NONE};
        ck_assert_msg(!json_read_object(&arena, bad[i], &DISK, &disk, &err), "%s", bad[i]);
        ck_assert_int_eq(err.kind, ERROR_INVALID_VALUE);
        ck_assert_str_eq(disk.name, "before");
        ck_assert_int_eq(disk.size, 3);
    }
    struct machine machine = {.name = NULL};
    ck_assert(!json_read_object(&arena, "{\"cpus\":2147483648}", &MACHINE, &machine, NULL));
    ck_assert(!json_read_object(&arena, "{\"disks\":[{\"size\":\"x\"}]}", &MACHINE, &machine, NULL));
    ck_assert(!json_read_object(&arena, "{\"details\":[{\"index\":-1,\"field\":\"a\",\"value\":\"b\"}]}", &MACHINE,
                                &machine, NULL));
}
END_TEST

START_TEST(test_documents_over_the_ceiling_are_refused)
{
    char *json = arena_alloc(&arena, JSON_READ_MAX_BYTES + 100);
    memset(json, ' ', JSON_READ_MAX_BYTES + 50);
    struct disk disk;
    struct error err;
    ck_assert(!json_read_object(&arena, json, &DISK, &disk, &err));
    ck_assert_str_eq(err.key, "json.too_long");
}
END_TEST

START_TEST(test_fields_are_found_by_their_exact_name)
{
    ck_assert_ptr_eq(field_find(&DISK, "size"), &DISK.fields[1]);
    ck_assert_ptr_null(field_find(&DISK, "Size"));
    ck_assert_ptr_null(field_find(&DISK, ""));
}
END_TEST

static Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *group = tcase_create("json");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, test_strings_are_escaped_wherever_the_special_byte_stands);
    tcase_add_test(group, test_a_missing_string_is_null_and_a_full_text_stays_cut);
    tcase_add_test(group, test_numbers_read_back_as_they_were);
    tcase_add_test(group, test_absent_members_are_left_out);
    tcase_add_test(group, test_a_reply_shows_uuids_and_wire_dates_but_no_secrets);
    tcase_add_test(group, test_members_can_be_hidden_by_flag);
    tcase_add_test(group, test_a_record_reads_back_with_ids_and_milliseconds);
    tcase_add_test(group, test_unknown_members_and_nulls_are_ignored);
    tcase_add_test(group, test_malformed_documents_change_nothing);
    tcase_add_test(group, test_documents_over_the_ceiling_are_refused);
    tcase_add_test(group, test_fields_are_found_by_their_exact_name);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(json_suite)
