/* Graphs: paths of lines, gaps, round scales; and whatever a label holds, it is text in the SVG that people get. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portal/graph.h"
#include "render/theme.h"
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

static const int64_t TIMES[] = {0, 100, 200, 300};
static const bool WHOLE[4] = {false}, HOLE[4] = {false, false, true, false};

static const char *path_of(const double *values, const bool *gaps)
{
    const struct graph graph = {.until_ms = 300, .times_ms = TIMES, .gaps = gaps, .count = 4};
    const struct graph_line line = {.values = values};
    return graph_path(&arena, &graph, &line, 100);
}

static size_t count_of(const char *text, char letter)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == letter;
    return count;
}

START_TEST(test_a_line_goes_through_its_points)
{
    const double values[] = {0, 100, 50, 25};
    const char *path = path_of(values, WHOLE);
    ck_assert_uint_eq(count_of(path, 'M'), 1);
    ck_assert_uint_eq(count_of(path, 'L'), 3);
    ck_assert(strstr(path, "M100.0 160.0") == path);
    ck_assert(strstr(path, "L474.0 122.5") != NULL);
}
END_TEST

START_TEST(test_a_line_is_broken_where_nothing_is_known)
{
    const double values[] = {10, 20, 30, 40}, holes[] = {10, NAN, 30, NAN};
    ck_assert_uint_eq(count_of(path_of(values, HOLE), 'M'), 2);
    const char *dots = path_of(holes, WHOLE);
    ck_assert_uint_eq(count_of(dots, 'M'), 2);
    ck_assert_uint_eq(count_of(dots, 'L'), 0);
    ck_assert(strstr(dots, "nan") == NULL);
}
END_TEST

START_TEST(test_values_beyond_the_scale_stay_inside_the_picture)
{
    const double values[] = {-5, 1000, INFINITY, 100};
    const char *path = path_of(values, WHOLE);
    ck_assert(strstr(path, "inf") == NULL);
    ck_assert(strstr(path, "M100.0 160.0") == path);
    ck_assert(strstr(path, " 10.0") != NULL && strstr(path, "-") == NULL);
}
END_TEST

START_TEST(test_scales_end_at_round_values)
{
    ck_assert_double_eq(graph_round_top(GRAPH_PERCENT, 3), 100);
    ck_assert_double_eq(graph_round_top(GRAPH_BYTES_SECOND, 0), 1024);
    ck_assert_double_eq(graph_round_top(GRAPH_BYTES_SECOND, 3000), 4096);
}
END_TEST

START_TEST(test_labels_are_text_in_the_picture_whatever_they_hold)
{
    static const char HOSTILE[] = "\"><script>alert(1)</script><svg onload='x'>&";
    const char *source = getenv("GURUM_SOURCE");
    const char *folder = arena_printf(&arena, "%s/templates", source != NULL ? source : ".");
    struct error err;
    struct text out;
    struct view *root = view_object(&arena), *lines = view_list(&arena), *line = view_add_object(lines);
    view_set_text(root, "id", HOSTILE);
    view_set_text(root, "title", HOSTILE);
    view_set_text(line, "class", HOSTILE);
    view_set_text(line, "name", HOSTILE);
    view_set_text(line, "newest", HOSTILE);
    view_set_text(line, "path", HOSTILE);
    view_set(root, "lines", lines);
    ck_assert(theme_load(folder, &err));
    text_init(&out, &arena, 1 << 20);
    ck_assert(theme_render(&out, NULL, "partials/graph", root, "en", &err));
    ck_assert(strstr(text_string(&out), "<script") == NULL);
    ck_assert(strstr(text_string(&out), "<svg onload") == NULL);
    ck_assert(strstr(text_string(&out), "=\"\">") == NULL);
    ck_assert(strstr(text_string(&out), "&lt;script&gt;") != NULL);
    theme_unload();
}
END_TEST

static Suite *graph_suite(void)
{
    Suite *suite = suite_create("graph");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, test_a_line_goes_through_its_points);
    tcase_add_test(all, test_a_line_is_broken_where_nothing_is_known);
    tcase_add_test(all, test_values_beyond_the_scale_stay_inside_the_picture);
    tcase_add_test(all, test_scales_end_at_round_values);
    tcase_add_test(all, test_labels_are_text_in_the_picture_whatever_they_hold);
    suite_add_tcase(suite, all);
    return suite;
}

UNIT_MAIN(graph_suite)
