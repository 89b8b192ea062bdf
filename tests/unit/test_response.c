/* Replies: headers, cookies, redirects cannot be used to inject lines. CSRF tokens. */
#include "http/csrf.h"
#include "http/http.h"

#include "unit.h"

#include <string.h>

static struct http_response response;

static void set_up(void)
{
    response = (struct http_response){.status = 200};
    text_init(&response.headers, NULL, 32768);
    text_init(&response.body, NULL, 32768);
}

static void tear_down(void)
{
    text_free(&response.headers);
    text_free(&response.body);
}

START_TEST(test_header_is_one_line)
{
    http_add_header(&response, "X-Description", "구름 is fine");
    ck_assert_str_eq(text_string(&response.headers), "X-Description: 구름 is fine\r\n");
}
END_TEST

START_TEST(test_header_with_line_break_is_left_out)
{
    http_add_header(&response, "X-Description", "a\r\nSet-Cookie: b=c");
    http_add_header(&response, "X-Description", "a\nb");
    http_add_header(&response, "X-Bad\r\nName", "a");
    http_add_header(&response, "X-Bad: Name", "a");
    ck_assert_str_eq(text_string(&response.headers), "");
}
END_TEST

START_TEST(test_cookie_carries_its_options)
{
    http_set_cookie(&response, "sessionkey", "abc_-",
                    (struct http_cookie_options){.path = "/", .http_only = true, .secure = true, .same_site = "Lax"});
    ck_assert_str_eq(text_string(&response.headers),
                     "Set-Cookie: sessionkey=abc_-; Path=/; HttpOnly; Secure; SameSite=Lax\r\n");
}
END_TEST

START_TEST(test_cookie_expires_at_once)
{
    http_set_cookie(&response, "a", "", (struct http_cookie_options){.max_age_s = -1});
    ck_assert_ptr_nonnull(strstr(text_string(&response.headers), "Max-Age=0"));
}
END_TEST

START_TEST(test_cookie_value_cannot_add_options)
{
    http_set_cookie(&response, "a", "b; Domain=evil.example", (struct http_cookie_options){0});
    http_set_cookie(&response, "a", "b\r\nX: y", (struct http_cookie_options){0});
    ck_assert_str_eq(text_string(&response.headers), "");
}
END_TEST

START_TEST(test_redirect_refuses_line_breaks)
{
    http_redirect(&response, "/login");
    ck_assert_int_eq(response.status, 303);
    http_redirect(&response, "/a\r\nX: y");
    ck_assert_int_eq(response.status, 500);
    ck_assert_str_eq(text_string(&response.headers), "Location: /login\r\n");
}
END_TEST

START_TEST(test_url_encoding_keeps_only_unreserved_bytes)
{
    http_add_url_encoded(&response.body, "aZ0-._~ /&=구");
    ck_assert_str_eq(text_string(&response.body), "aZ0-._~%20%2F%26%3D%EA%B5%AC");
}
END_TEST

START_TEST(test_csrf_token_belongs_to_one_session)
{
    struct secret key = {.bytes = "0123456789abcdef", .length = 16};
    char token[CSRF_TOKEN_BYTES];
    csrf_make_token(key, "session-one", token);
    ck_assert(csrf_token_is_valid(key, "session-one", token));
    ck_assert(!csrf_token_is_valid(key, "session-two", token));
    ck_assert(!csrf_token_is_valid(key, "session-one", NULL));
    ck_assert(!csrf_token_is_valid(key, "session-one", ""));
    struct secret other = {.bytes = "0123456789abcdeg", .length = 16};
    ck_assert(!csrf_token_is_valid(other, "session-one", token));
}
END_TEST

static Suite *response_suite(void)
{
    Suite *suite = suite_create("response");
    TCase *tests = tcase_create("response");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_header_is_one_line);
    tcase_add_test(tests, test_header_with_line_break_is_left_out);
    tcase_add_test(tests, test_cookie_carries_its_options);
    tcase_add_test(tests, test_cookie_expires_at_once);
    tcase_add_test(tests, test_cookie_value_cannot_add_options);
    tcase_add_test(tests, test_redirect_refuses_line_breaks);
    tcase_add_test(tests, test_url_encoding_keeps_only_unreserved_bytes);
    tcase_add_test(tests, test_csrf_token_belongs_to_one_session);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(response_suite)
