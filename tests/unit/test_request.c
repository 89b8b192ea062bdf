/* Requests: decoding, forms, which parameter wins, headers, cookies. */
#include "http/http.h"

#include "unit.h"

#include <string.h>

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}
static void tear_down(void)
{
    arena_free(&arena);
}

static struct http_request read_with(const char *const *environment, const char *body)
{
    struct http_request request;
    struct error err = {0};
    ck_assert(http_read_environment(&request, &arena, environment, &err));
    ck_assert(http_read_body(&request, body, strlen(body), &err));
    return request;
}

static const char *decoded(const char *encoded)
{
    const char *result = NULL;
    return http_decode(&arena, encoded, strlen(encoded), true, &result) ? result : NULL;
}

START_TEST(test_decoding_takes_escapes_of_either_case_and_plus_as_space)
{
    ck_assert_str_eq(decoded("a%2Fb%2fc+d%20e"), "a/b/c d e");
    ck_assert_str_eq(decoded("%EA%B5%AC%EB%A6%84"), "구름");
    ck_assert_str_eq(decoded(""), "");
}
END_TEST

START_TEST(test_decoding_keeps_plus_outside_forms)
{
    const char *result = NULL;
    ck_assert(http_decode(&arena, "a+b", 3, false, &result));
    ck_assert_str_eq(result, "a+b");
}
END_TEST

START_TEST(test_decoding_refuses_cut_and_wrong_escapes_and_nul)
{
    ck_assert_ptr_null(decoded("%"));
    ck_assert_ptr_null(decoded("a%2"));
    ck_assert_ptr_null(decoded("%zz"));
    ck_assert_ptr_null(decoded("%00"));
    const char *result = NULL;
    ck_assert(!http_decode(&arena, "a\0b", 3, true, &result));
}
END_TEST

START_TEST(test_last_of_repeated_parameters_wins)
{
    const char *const environment[] = {"REQUEST_METHOD=GET", "QUERY_STRING=a=1&b=&a=2&c", NULL};
    struct http_request request = read_with(environment, "");
    ck_assert_str_eq(http_param(&request, "a"), "2");
    ck_assert_str_eq(http_param(&request, "b"), "");
    ck_assert_str_eq(http_param(&request, "c"), "");
    ck_assert_ptr_null(http_param(&request, "d"));
    ck_assert_uint_eq(request.param_count, 4);
}
END_TEST

START_TEST(test_query_wins_over_form_body)
{
    const char *const environment[] = {"REQUEST_METHOD=POST", "QUERY_STRING=a=query",
                                       "CONTENT_TYPE=application/x-www-form-urlencoded; charset=UTF-8", NULL};
    struct http_request request = read_with(environment, "a=body&a=again&b=body");
    ck_assert_str_eq(http_param(&request, "a"), "query");
    ck_assert_str_eq(http_param(&request, "b"), "body");
    ck_assert_int_eq(request.method, HTTP_POST);
}
END_TEST

START_TEST(test_body_of_another_type_is_no_form)
{
    const char *const environment[] = {"REQUEST_METHOD=POST", "CONTENT_TYPE=application/json", NULL};
    struct http_request request = read_with(environment, "a=1");
    ck_assert_ptr_null(http_param(&request, "a"));
    ck_assert_str_eq(request.body, "a=1");
}
END_TEST

START_TEST(test_more_parameters_than_the_ceiling_are_refused)
{
    size_t length = (size_t)HTTP_PARAMS_MAX * 2 + 1;
    char *form = arena_alloc(&arena, length + 1);
    for (size_t i = 0; i < length; i++)
        form[i] = i % 2 == 0 ? 'a' : '&';
    struct http_param *params = NULL;
    size_t count = 0;
    struct error err = {0};
    ck_assert(!http_parse_form(&arena, form, length, true, &params, &count, &err));
    ck_assert_int_eq(err.kind, ERROR_BAD_REQUEST);
    ck_assert_uint_eq(count, 0);
    ck_assert(http_parse_form(&arena, form, length - 2, true, &params, &count, &err));
    ck_assert_uint_eq(count, HTTP_PARAMS_MAX);
}
END_TEST

START_TEST(test_malformed_escape_in_a_form_is_refused)
{
    struct http_param *params = NULL;
    size_t count = 0;
    struct error err = {0};
    ck_assert(!http_parse_form(&arena, "a=%4", 4, true, &params, &count, &err));
    ck_assert_str_eq(err.key, "http.malformed_parameters");
}
END_TEST

START_TEST(test_headers_and_host_are_found)
{
    const char *const environment[] = {"REQUEST_METHOD=GET",
                                       "HTTP_ACCEPT_LANGUAGE=ko",
                                       "HTTP_HOST=Cloud.Example:8080",
                                       "HTTPS=on",
                                       "SCRIPT_NAME=/client/api",
                                       "REMOTE_ADDR=127.0.0.1",
                                       NULL};
    struct http_request request = read_with(environment, "");
    ck_assert_str_eq(http_header(&request, "Accept-Language"), "ko");
    ck_assert_ptr_null(http_header(&request, "Accept"));
    ck_assert_str_eq(request.host, "cloud.example");
    ck_assert_str_eq(request.host_port, "Cloud.Example:8080");
    ck_assert_str_eq(request.path, "/client/api");
    ck_assert(request.is_https);
}
END_TEST

START_TEST(test_host_of_an_ipv6_address_keeps_its_colons)
{
    const char *const environment[] = {"HTTP_HOST=[::1]:8080", NULL};
    ck_assert_str_eq(read_with(environment, "").host, "[::1]");
}
END_TEST

START_TEST(test_request_id_of_the_gateway_is_kept_and_a_bad_one_replaced)
{
    const char *const good[] = {"REQUEST_ID=0123456789abcdef0123456789abcdef", NULL};
    ck_assert_str_eq(read_with(good, "").request_id, "0123456789abcdef0123456789abcdef");
    const char *const bad[] = {"REQUEST_ID=a b", NULL};
    ck_assert_uint_eq(strlen(read_with(bad, "").request_id), 36);
}
END_TEST

START_TEST(test_cookies_are_found_by_whole_name)
{
    const char *const environment[] = {"HTTP_COOKIE=xsessionkey=no; sessionkey=abc ;other=\"quoted\"; sessionkey=later",
                                       NULL};
    struct http_request request = read_with(environment, "");
    ck_assert_str_eq(http_cookie(&request, "sessionkey"), "abc");
    ck_assert_str_eq(http_cookie(&request, "other"), "quoted");
    ck_assert_ptr_null(http_cookie(&request, "session"));
}
END_TEST

static Suite *request_suite(void)
{
    Suite *suite = suite_create("request");
    TCase *tests = tcase_create("request");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_decoding_takes_escapes_of_either_case_and_plus_as_space);
    tcase_add_test(tests, test_decoding_keeps_plus_outside_forms);
    tcase_add_test(tests, test_decoding_refuses_cut_and_wrong_escapes_and_nul);
    tcase_add_test(tests, test_last_of_repeated_parameters_wins);
    tcase_add_test(tests, test_query_wins_over_form_body);
    tcase_add_test(tests, test_body_of_another_type_is_no_form);
    tcase_add_test(tests, test_more_parameters_than_the_ceiling_are_refused);
    tcase_add_test(tests, test_malformed_escape_in_a_form_is_refused);
    tcase_add_test(tests, test_headers_and_host_are_found);
    tcase_add_test(tests, test_host_of_an_ipv6_address_keeps_its_colons);
    tcase_add_test(tests, test_request_id_of_the_gateway_is_kept_and_a_bad_one_replaced);
    tcase_add_test(tests, test_cookies_are_found_by_whole_name);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(request_suite)
