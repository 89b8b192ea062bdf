/* render/escape.c */
#include "render/escape.h"

#include <string.h>

#include "tests/support/unit.h"

typedef void escape_function(struct text *out, const char *string);

static const char *escaped(escape_function *escape, const char *string)
{
    static struct text out;
    text_free(&out);
    text_init(&out, NULL, 10000);
    escape(&out, string);
    return text_string(&out);
}

START_TEST(test_html_loses_its_meaning)
{
    ck_assert_str_eq(escaped(escape_html, "<a href=\"x\" id='y'>&amp; 구름</a>"),
                     "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp; 구름&lt;/a&gt;");
    ck_assert_str_eq(escaped(escape_html, ""), "");
    ck_assert_str_eq(escaped(escape_html, "plain\t\r\n"), "plain\t\r\n");
    ck_assert_str_eq(escaped(escape_html, "a\x01\x7F\xC0\xAF\xE2\x82"),
                     "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}
END_TEST

START_TEST(test_a_url_part_cannot_leave_its_place)
{
    ck_assert_str_eq(escaped(escape_url_part, "AZaz09-._~"), "AZaz09-._~");
    ck_assert_str_eq(escaped(escape_url_part, "a/b?c=d&e#f%\"'<> \\구"),
                     "a%2Fb%3Fc%3Dd%26e%23f%25%22%27%3C%3E%20%5C%EA%B5%AC");
}
END_TEST

START_TEST(test_only_known_schemes_become_links)
{
    static const char *const good[] = {"",           "/a/b?x=1#y", "a",    "//host/x", "http://h/",
                                       "HTTPS://h/", "mailto:a@b", "?a:b", "/x:y",     "#a:b"};
    static const char *const bad[] = {"javascript:alert(1)",
                                      "JavaScript:x",
                                      " javascript:x",
                                      "java\tscript:x",
                                      "\x01javascript:x",
                                      "data:text/html,x",
                                      "vbscript:x",
                                      "file:///etc",
                                      ":x",
                                      "blob:x",
                                      "http\n:x"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        ck_assert_str_eq(escaped(escape_url, good[i]), good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(strcmp(escaped(escape_url, bad[i]), "#") == 0, "%s", bad[i]);
    ck_assert_str_eq(escaped(escape_url, "/a?b=\"><x&c='%41"), "/a?b=%22%3E%3Cx&amp;c=%27%41");
}
END_TEST

START_TEST(test_json_cannot_end_a_script)
{
    ck_assert_str_eq(escaped(escape_json_string, "</script><!--&\"\n\xE2\x80\xA8\xE2\x80\xA9"),
                     "\"\\u003c/script\\u003e\\u003c!--\\u0026\\\"\\n\\u2028\\u2029\"");
}
END_TEST

START_TEST(test_escaping_stops_at_the_ceiling)
{
    static escape_function *const all[] = {escape_html, escape_url_part, escape_url, escape_json_string};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct text out;
        text_init(&out, NULL, 10);
        all[i](&out, "<<<<<<<<<<<<<<<<<<<<<<<<");
        ck_assert(out.overflowed && out.length <= 10);
        text_free(&out);
    }
}
END_TEST

UNIT_SUITE(escape_suite, "render_escape", test_html_loses_its_meaning, test_a_url_part_cannot_leave_its_place,
           test_only_known_schemes_become_links, test_json_cannot_end_a_script, test_escaping_stops_at_the_ceiling)
UNIT_MAIN(escape_suite)
