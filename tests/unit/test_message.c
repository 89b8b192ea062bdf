/* base/message.c */
#include "base/message.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/unit.h"

static char folder[64];
static const char *const files[] = {"en/a.json", "en/b.json", "ko/a.json"};

static void write_part(const char *name, const char *content)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static void set_up(void)
{
    char path[128];
    snprintf(folder, sizeof(folder), "/tmp/gurum-message-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/en", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/ko", folder);
    mkdir(path, 0700);
    write_part("en/a.json", "{\"vm.many\": {\"one\": \"{n} machine of {who}\", \"other\": \"{n} machines of {who}\"}, "
                            "\"hello\": \"Hello {name}\"}");
    write_part("en/b.json", "{\"odd\": \"{ {} {missing} {name\"}");
    write_part("ko/a.json",
               "{\"vm.many\": {\"other\": \"{who}의 가상 머신 {n}대\"}, \"hello\": \"{name} 님, 안녕하세요\"}");
}

static void tear_down(void)
{
    char path[128];
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/en", folder);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/ko", folder);
    rmdir(path);
    rmdir(folder);
}

static const char *said(const char *language, const char *key, const char *name, int64_t n)
{
    static struct text out;
    text_free(&out);
    text_init(&out, NULL, 1000);
    struct error err;
    error_with(&err, ERROR_IN_USE, key, E_TEXT("name", name), E_INT("n", n), E_TEXT("who", "Kim"));
    message_render_error(&out, language, &err);
    return text_string(&out);
}

START_TEST(test_texts_and_plurals_in_two_languages)
{
    ck_assert(message_load(folder, NULL));
    ck_assert_str_eq(said("en", "hello", "Kim", 0), "Hello Kim");
    ck_assert_str_eq(said("ko", "hello", "김", 0), "김 님, 안녕하세요");
    ck_assert_str_eq(said("en", "vm.many", "", 1), "1 machine of Kim");
    ck_assert_str_eq(said("en", "vm.many", "", 0), "0 machines of Kim");
    ck_assert_str_eq(said("en", "vm.many", "", 21), "21 machines of Kim");
    ck_assert_str_eq(said("ko", "vm.many", "", 1), "Kim의 가상 머신 1대");
}
END_TEST

START_TEST(test_amounts_are_written_for_people)
{
    write_part("en/b.json", "{\"amounts\": \"{name:bytes} {name:mib} {name:mhz} {name:other} {name:\"}");
    ck_assert(message_load(folder, NULL));
    ck_assert_str_eq(said("en", "amounts", "512", 0), "512 B 512 MiB 512 MHz 512 {name:");
    ck_assert_str_eq(said("en", "amounts", "1536", 0), "1.5 KiB 1.5 GiB 1.5 GHz 1536 {name:");
    ck_assert_str_eq(said("en", "amounts", "4194304", 0), "4 MiB 4 TiB 4.1 THz 4194304 {name:");
    ck_assert_str_eq(said("en", "amounts", "many", 0), "many many many many {name:");
}
END_TEST

START_TEST(test_fallback_is_english_then_the_key)
{
    ck_assert(message_load(folder, NULL));
    ck_assert_str_eq(said("ko", "odd", "x", 0), "{ {} {missing} {name");
    ck_assert_str_eq(said("fr", "hello", "Kim", 0), "Hello Kim");
    ck_assert_str_eq(said(NULL, "hello", "Kim", 0), "Hello Kim");
    ck_assert_str_eq(said("en", "no.such.key", "", 0), "no.such.key");
    ck_assert(message_has("en", "odd") && !message_has("ko", "odd") && !message_has("fr", "hello"));
}
END_TEST

START_TEST(test_an_argument_is_not_filled_in_twice)
{
    ck_assert(message_load(folder, NULL));
    ck_assert_str_eq(said("en", "hello", "{name} {n}", 5), "Hello {name} {n}");
}
END_TEST

START_TEST(test_duplicates_name_file_and_key)
{
    struct error err;
    write_part("en/b.json", "{\"hello\": \"again\"}");
    ck_assert(!message_load(folder, &err));
    ck_assert_str_eq(err.key, "message.duplicate");
    ck_assert_ptr_nonnull(strstr(err.args[0].value, "en/b.json"));
    ck_assert_str_eq(err.args[1].value, "hello");
    ck_assert_ptr_nonnull(strstr(err.detail, "en/a.json"));
    write_part("en/b.json", "{\"x\": \"a \\\" quote: {\", \"y\": {\"other\": \"x\"},\n \"x\" : \"2\"}");
    ck_assert(!message_load(folder, &err));
    ck_assert_str_eq(err.key, "message.duplicate");
    ck_assert_str_eq(err.args[1].value, "x");
}
END_TEST

START_TEST(test_malformed_parts_are_refused_and_the_old_ones_stay)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{\"a\": 5}",
                                      "{\"a\": {\"one\": \"x\"}}",
                                      "{\"a\": \"\xFF\"}",
                                      "{\"a\": {\"other\": {\"x\": \"y\"}}}"};
    ck_assert(message_load(folder, NULL));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err;
        write_part("en/b.json", bad[i]);
        ck_assert_msg(!message_load(folder, &err), "%s", bad[i]);
        ck_assert_str_eq(err.key, "message.malformed");
    }
    struct error err;
    ck_assert(!message_load("/no/such/folder", &err));
    ck_assert_str_eq(err.key, "message.unreadable");
    ck_assert_str_eq(said("en", "hello", "Kim", 0), "Hello Kim");
}
END_TEST

START_TEST(test_language_follows_the_browser)
{
    ck_assert_str_eq(message_negotiate("ko", "en"), "en"); /* nothing is loaded yet */
    ck_assert(message_load(folder, NULL));
    static const struct {
        const char *header, *language;
    } cases[] = {{NULL, "en"},
                 {"", "en"},
                 {"ko", "ko"},
                 {"ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"},
                 {"KO_kr", "ko"},
                 {"en;q=0.5, ko;q=0.6", "ko"},
                 {"en;q=0.61, ko;q=0.6", "en"},
                 {"fr,de;q=0.9", "en"},
                 {"fr;q=1.0, ko;q=0.1", "ko"},
                 {"ko;q=0", "en"},
                 {"ko;q=0.000,en;q=0.001", "en"},
                 {"*", "en"},
                 {",,;q=1,-", "en"},
                 {"ko;q=x", "en"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_str_eq(message_negotiate(cases[i].header, "en"), cases[i].language);
    size_t count;
    ck_assert_str_eq(message_languages(&count)[1], "ko");
    ck_assert_uint_eq(count, 2);
}
END_TEST

static void count_key(void *context, const char *key, const char *text, const char *file)
{
    ck_assert_ptr_nonnull(key);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(file, ".json"));
    ++*(int *)context;
}

START_TEST(test_every_key_is_visited_and_many_keys_are_found)
{
    struct text many;
    text_init(&many, NULL, 1000000);
    text_add(&many, "{");
    for (int i = 0; i < 3000; i++)
        text_addf(&many, "%s\"key.%d\": \"text %d\"", i ? "," : "", i, i);
    text_add(&many, "}");
    write_part("en/b.json", text_string(&many));
    text_free(&many);
    ck_assert(message_load(folder, NULL));
    int count = 0;
    message_each("en", count_key, &count);
    ck_assert_int_eq(count, 3002);
    ck_assert_str_eq(said("en", "key.2999", "", 0), "text 2999");
}
END_TEST

static Suite *message_suite(void)
{
    Suite *suite = suite_create("message");
    TCase *group = tcase_create("message");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, test_texts_and_plurals_in_two_languages);
    tcase_add_test(group, test_amounts_are_written_for_people);
    tcase_add_test(group, test_fallback_is_english_then_the_key);
    tcase_add_test(group, test_an_argument_is_not_filled_in_twice);
    tcase_add_test(group, test_duplicates_name_file_and_key);
    tcase_add_test(group, test_malformed_parts_are_refused_and_the_old_ones_stay);
    tcase_add_test(group, test_language_follows_the_browser);
    tcase_add_test(group, test_every_key_is_visited_and_many_keys_are_found);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(message_suite)
