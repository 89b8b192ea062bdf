/* The public Mustache cases, read from Debian's r-cran-whisker. Cases with raw output or other delimiters must be
 * refused; so must the one that writes a value right after '<', where it could name an element. */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "render/template.h"
#include "tests/support/unit.h"

static const char folder[] = "/usr/lib/R/site-library/whisker/specs";
static const char *const files[] = {"comments", "interpolation", "inverted", "partials", "sections", "delimiters"};

static struct view *view_of(struct arena *arena, struct json_object *json);

static void set_member(struct arena *arena, struct view *object, const char *name, struct json_object *json)
{
    if (json_object_is_type(json, json_type_boolean))
        view_set_bool(object, name, json_object_get_boolean(json));
    else if (json_object_is_type(json, json_type_int))
        view_set_int(object, name, json_object_get_int64(json));
    else if (json_object_is_type(json, json_type_object) || json_object_is_type(json, json_type_array))
        view_set(object, name, view_of(arena, json));
    else
        view_set_text(object, name, json ? json_object_get_string(json) : NULL);
}

static struct view *view_of(struct arena *arena, struct json_object *json)
{
    if (json_object_is_type(json, json_type_array)) {
        struct view *list = view_list(arena);
        for (size_t i = 0; i < json_object_array_length(json); i++) {
            struct json_object *item = json_object_array_get_idx(json, i);
            if (json_object_is_type(item, json_type_object) || json_object_is_type(item, json_type_array))
                view_add(list, view_of(arena, item));
            else
                view_add_text(list, json_object_get_string(item));
        }
        return list;
    }
    struct view *object = view_object(arena);
    json_object_object_foreach(json, name, value)
    {
        set_member(arena, object, name, value);
    }
    return object;
}

static bool holds_refused_tag(const char *source)
{
    for (; (source = strstr(source, "{{")) != NULL; source += 2) {
        const char *sigil = source + 2 + strspn(source + 2, " ");
        if (*sigil == '{' || *sigil == '&' || *sigil == '=')
            return true;
    }
    return false;
}

/* Adds one template, and tells whether any so far must be refused. */
static bool add(struct template_set *set, const char *name, const char *source, bool *must_refuse, struct error *err)
{
    *must_refuse |= holds_refused_tag(source) || strstr(source, "<{{");
    return template_set_add(set, name, name, source, strlen(source), err);
}

static void check_case(const char *file, struct json_object *test)
{
    struct arena arena;
    arena_init(&arena);
    struct json_object *partials = json_object_object_get(test, "partials");
    const char *name = json_object_get_string(json_object_object_get(test, "name"));
    const char *expected = json_object_get_string(json_object_object_get(test, "expected"));
    struct template_set *set = template_set_new();
    struct error err = {.kind = ERROR_NONE};
    struct text out;
    bool must_refuse = false;
    bool is_good =
        add(set, "case", json_object_get_string(json_object_object_get(test, "template")), &must_refuse, &err);
    if (partials) {
        json_object_object_foreach(partials, partial, source)
        {
            is_good = add(set, partial, json_object_get_string(source), &must_refuse, &err) && is_good;
        }
    }
    text_init(&out, &arena, 10000);
    is_good = is_good && template_set_link(set, &err);
    ck_assert_msg(is_good == !must_refuse, "%s, %s: %s", file, name, is_good ? "should be refused" : err.key);
    if (is_good) {
        ck_assert_msg(
            template_render(set, "case", view_of(&arena, json_object_object_get(test, "data")), "en", &out, &err),
            "%s, %s: %s", file, name, err.key);
        ck_assert_msg(strcmp(text_string(&out), expected) == 0, "%s, %s: got “%s”, expected “%s”", file, name,
                      text_string(&out), expected);
    }
    template_set_free(set);
    arena_free(&arena);
}

START_TEST(test_public_cases_pass_or_are_refused_on_purpose)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s.json", folder, files[_i]);
    if (access(path, R_OK) != 0)
        return; /* main said so */
    struct json_object *spec = json_object_from_file(path), *tests = NULL;
    ck_assert_msg(json_object_object_get_ex(spec, "tests", &tests), "%s", path);
    ck_assert_uint_gt(json_object_array_length(tests), 5);
    for (size_t i = 0; i < json_object_array_length(tests); i++)
        check_case(files[_i], json_object_array_get_idx(tests, i));
    json_object_put(spec);
}
END_TEST

static Suite *spec_suite(void)
{
    if (access(folder, R_OK) != 0)
        fprintf(stderr, "skipped: the Mustache cases are not installed (Debian package r-cran-whisker, %s)\n", folder);
    Suite *suite = suite_create("render_spec");
    TCase *group = tcase_create("render_spec");
    tcase_add_loop_test(group, test_public_cases_pass_or_are_refused_on_purpose, 0, (int)COUNT_OF(files));
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(spec_suite)
