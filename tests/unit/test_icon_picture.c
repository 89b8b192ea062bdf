/* Which pictures may be icons: by their first bytes, and small. */
#include <string.h>

#include "unit.h"

#include "cloud/icon/icon_picture.h"

static struct arena arena;
static struct error err;

START_TEST(test_png_jpeg_and_gif_are_taken)
{
    ck_assert(icon_check_picture(&arena, "iVBORw0KGgoAAAA=", &err)); /* PNG */
    ck_assert(icon_check_picture(&arena, "/9j/4AAQSkZJRg==", &err)); /* JPEG */
    ck_assert(icon_check_picture(&arena, "R0lGODlhAQABAAA=", &err)); /* GIF */
}
END_TEST

START_TEST(test_everything_else_is_refused)
{
    static const struct {
        const char *base64, *key;
    } BAD[] = {{"PHN2ZyB4bWxucz0i", "icon.not_a_picture"}, /* <svg xmlns=" */
               {"", "icon.not_a_picture"},
               {"iVBORw0KGgo=", "icon.not_a_picture"}, /* a mark with nothing behind it */
               {"not base64!", "icon.not_base64"}};
    char *large = arena_alloc(&arena, ICON_BASE64_MAX + 2);
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        ck_assert(!icon_check_picture(&arena, BAD[i].base64, &err));
        ck_assert_str_eq(err.key, BAD[i].key);
    }
    memset(large, 'A', ICON_BASE64_MAX + 1);
    ck_assert(!icon_check_picture(&arena, large, &err));
    ck_assert_str_eq(err.key, "icon.too_large");
}
END_TEST

static Suite *icon_picture_suite(void)
{
    Suite *suite = suite_create("icon_picture");
    TCase *tests = tcase_create("icon_picture");
    tcase_add_test(tests, test_png_jpeg_and_gif_are_taken);
    tcase_add_test(tests, test_everything_else_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
UNIT_MAIN(icon_picture_suite)
