/* Path patterns of the router. */
#include "http/router.h"

#include "unit.h"

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}
static void tear_down(void)
{
    arena_free(&arena);
}

static const struct http_route routes[] = {
    {.methods = HTTP_ROUTE_GET, .pattern = "/"},
    {.methods = HTTP_ROUTE_GET, .pattern = "/vm/new"},
    {.methods = HTTP_ROUTE_GET, .pattern = "/vm/{id}"},
    {.methods = HTTP_ROUTE_GET | HTTP_ROUTE_POST, .pattern = "/vm/{id}/volume/{volume}"},
    {.methods = HTTP_ROUTE_GET, .pattern = "/docs/*"},
};

static struct http_route_match find(enum http_method method, const char *path)
{
    struct http_route_match match;
    http_route_find(routes, COUNT_OF(routes), method, path, &arena, &match);
    return match;
}

START_TEST(test_literal_route_before_a_pattern_wins)
{
    ck_assert_ptr_eq(find(HTTP_GET, "/vm/new").route, &routes[1]);
    ck_assert_ptr_eq(find(HTTP_GET, "/").route, &routes[0]);
}
END_TEST

START_TEST(test_segments_are_captured)
{
    struct http_route_match match = find(HTTP_POST, "/vm/a1/volume/b2");
    ck_assert_ptr_eq(match.route, &routes[3]);
    ck_assert_str_eq(http_route_value(&match, "id"), "a1");
    ck_assert_str_eq(http_route_value(&match, "volume"), "b2");
    ck_assert_ptr_null(http_route_value(&match, "host"));
}
END_TEST

START_TEST(test_other_paths_do_not_match)
{
    ck_assert_ptr_null(find(HTTP_GET, "/vm").route);
    ck_assert_ptr_null(find(HTTP_GET, "/vm/").route);
    ck_assert_ptr_null(find(HTTP_GET, "/vm/a/").route);
    ck_assert_ptr_null(find(HTTP_GET, "/vm/a/volume").route);
    ck_assert_ptr_null(find(HTTP_GET, "").route);
    ck_assert(!find(HTTP_GET, "/vms").path_known);
}
END_TEST

START_TEST(test_wrong_method_of_a_known_path_is_told)
{
    struct http_route_match match = find(HTTP_POST, "/vm/a");
    ck_assert_ptr_null(match.route);
    ck_assert(match.path_known);
    ck_assert_ptr_eq(find(HTTP_HEAD, "/vm/a").route, &routes[2]);
    ck_assert_ptr_null(find(HTTP_OTHER, "/vm/a").route);
}
END_TEST

START_TEST(test_star_takes_the_rest)
{
    ck_assert_ptr_eq(find(HTTP_GET, "/docs/a/b/c").route, &routes[4]);
    ck_assert_ptr_eq(find(HTTP_GET, "/docs/").route, &routes[4]);
    ck_assert_ptr_null(find(HTTP_GET, "/docs").route);
}
END_TEST

static Suite *router_suite(void)
{
    Suite *suite = suite_create("router");
    TCase *tests = tcase_create("router");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_literal_route_before_a_pattern_wins);
    tcase_add_test(tests, test_segments_are_captured);
    tcase_add_test(tests, test_other_paths_do_not_match);
    tcase_add_test(tests, test_wrong_method_of_a_known_path_is_told);
    tcase_add_test(tests, test_star_takes_the_rest);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(router_suite)
