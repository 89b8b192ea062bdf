/* render/template.c, render/html_state.c and render/render.c. The public Mustache cases are in test_render_spec.c. */
#include "render/template.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/thread.h"
#include "render/theme.h"
#include "tests/support/unit.h"

static struct arena arena;
static struct template_set *set;
static struct view *root;

static void set_up(void)
{
    arena_init(&arena);
    set = template_set_new();
    root = view_object(&arena);
    struct view *items = view_list(&arena);
    view_set_text(root, "name", "<Kim> & \"co\"");
    view_set_text(root, "evil", "javascript:alert(1)");
    view_set_text(root, "path", "/a?b=c&d");
    view_set_int(root, "n", 1);
    view_set_bool(root, "yes", true);
    view_set_bool(root, "no", false);
    for (int i = 1; i <= 3; i++)
        view_set_int(view_add_object(items), "i", i);
    view_set(root, "items", items);
    view_set(root, "none", view_list(&arena));
}

static void tear_down(void)
{
    template_set_free(set);
    arena_free(&arena);
}

/* Renders "page" as far as it loads; "!key:line" of the error otherwise. Further name/source pairs up to NULL are other
 * templates. */
static const char *rendered(const char *page, ...)
{
    static char refusal[200];
    struct error err = {.kind = ERROR_NONE};
    struct text out;
    text_init(&out, &arena, 100000);
    template_set_free(set);
    set = template_set_new();
    va_list others;
    va_start(others, page);
    bool is_good = template_set_add(set, "page", "page.html", page, strlen(page), &err);
    for (const char *name; is_good && (name = va_arg(others, const char *));) {
        const char *source = va_arg(others, const char *);
        is_good = template_set_add(set, name, "other.html", source, strlen(source), &err);
    }
    va_end(others);
    if (is_good && template_set_link(set, &err) && template_render(set, "page", root, "en", &out, &err))
        return text_string(&out);
    snprintf(refusal, sizeof(refusal), "!%s:%s", err.key, err.arg_count > 1 ? err.args[1].value : "");
    return refusal;
}
#define RENDERED(...) rendered(__VA_ARGS__, NULL)
#define IS(expected, ...) ck_assert_str_eq(RENDERED(__VA_ARGS__), expected)

START_TEST(test_a_value_is_escaped_for_its_place)
{
    IS("<p>&lt;Kim&gt; &amp; &quot;co&quot;</p>", "<p>{{name}}</p>");
    IS("<p title=\"&lt;Kim&gt; &amp; &quot;co&quot;\" lang='1'>", "<p title=\"{{name}}\" lang='{{n}}'>");
    IS("<a href=\"#\">", "<a href=\"{{evil}}\">");
    IS("<a href=\"/a?b=c&amp;d\">", "<a href=\"{{path}}\">");
    IS("<a href=\"/x/%2Fa%3Fb%3Dc%26d?q=javascript%3Aalert%281%29\">", "<a href=\"/x/{{path}}?q={{evil}}\">");
    IS("<FORM ACTION='#'>", "<FORM ACTION='{{evil}}'>");
    IS("<a href=\"/a?b=c&amp;djavascript%3Aalert%281%29\">", "<a href=\"{{path}}{{evil}}\">");
    IS("<a href=\"javascript%3Aalert%281%29\">", "<a href=\"{{#no}}/x{{/no}}{{evil}}\">");
    IS("<title>&lt;Kim&gt; &amp; &quot;co&quot;</title>", "<title>{{name}}</title>");
    IS("<textarea>&lt;Kim&gt; &amp; &quot;co&quot;</textarea>x", "<textarea>{{name}}</textarea>x");
}
END_TEST

START_TEST(test_json_stands_in_script_data_only)
{
    struct view *data = view_object(&arena);
    view_set_text(data, "text", "</script>");
    view_set(data, "list", view_get(root, "items"));
    view_set_bool(data, "no", false);
    view_set_text(data, "absent", NULL);
    view_set(root, "data", data);
    IS("<script type=\"application/json\" "
       "id=\"d\">{\"text\":\"\\u003c/script\\u003e\",\"list\":[{\"i\":1},{\"i\":2},{\"i\":3}],\"no\":false}</script>",
       "<script type=\"application/json\" id=\"d\">{{json data}}</script>");
    IS("<script type='application/json'>null</script>", "<script type='application/json'>{{json missing}}</script>");
    IS("!render.json_place:1", "<p>{{json data}}</p>");
    IS("!render.json_place:1", "<script type=\"application/json\">{{name}}</script>");
    IS("!render.bad_message:1", "<script type=\"application/json\">{{_ key}}</script>");
    IS("!render.inline_code:1", "<script type=\"module\">{{json data}}</script>");
}
END_TEST

START_TEST(test_a_record_is_written_as_json_without_secrets)
{
    struct machine {
        const char *name;
        int64_t memory;
        struct secret password;
        struct raw_json raw;
    } machine = {"a<b", 5, {"pw", 2}, {"{\"x\":\"<\"}"}};
    static const struct field fields[] = {COLUMN(struct machine, name), COLUMN(struct machine, memory),
                                          COLUMN(struct machine, password), COLUMN(struct machine, raw)};
    struct field_table table = {
        .name = "machine", .fields = fields, .count = COUNT_OF(fields), .struct_size = sizeof(machine)};
    struct view *view = view_from_table(&arena, &table, &machine);
    view_set_int(view, "memory", 6);
    view_set(root, "vm", view);
    IS("<script type=\"application/json\">{\"memory\":6,\"name\":\"a\\u003cb\",\"raw\":{\"x\":\"\\u003c\"}}</script>",
       "<script type=\"application/json\">{{json vm}}</script>");
    IS("a&lt;b 6 ", "{{#vm}}{{name}} {{memory}} {{password}}{{/vm}}");
}
END_TEST

START_TEST(test_raw_output_and_delimiters_are_refused)
{
    IS("!render.raw_output:2", "\n{{{name}}}");
    IS("!render.raw_output:1", "{{&name}}");
    IS("!render.raw_output:1", "{{ & name }}");
    IS("!render.delimiters:1", "{{=<% %>=}}");
    IS("!render.delimiters:3", "\n\n{{ =| |= }}");
}
END_TEST

START_TEST(test_places_that_cannot_be_made_safe_are_refused)
{
    IS("!render.unquoted:1", "<p title={{name}}>");
    IS("!render.unquoted:1", "<p title=a{{name}}>");
    IS("!render.unquoted:1", "<p title= {{#yes}}\"a\"{{/yes}}>");
    IS("!render.in_tag:1", "<p {{name}}>");
    IS("!render.in_tag:1", "<p class{{name}}>");
    IS("!render.in_tag:1", "<p{{name}}>");
    IS("!render.tag_name:1", "<{{name}}>");
    IS("!render.tag_name:1", "</{{name}}>");
    IS("!render.tag_name:1", "<{{! comment }}{{name}}>");
    IS("!render.tag_name:1", "{{#yes}}<{{/yes}}{{name}}");
    IS("!render.unbalanced:1", "{{> p}}{{name}}", "p", "a <");
    IS("!render.in_comment:1", "<!-- {{name}} -->");
    IS("!render.malformed_tag:1", "<!--> {{name}} -->");
    IS("!render.inline_code:2", "<p>\n<script>alert(1)</script>");
    IS("!render.inline_code:1", "<script src=\"/x.js\">alert(1)</script>");
    IS("!render.inline_code:1", "<script type=\"{{name}}\" src=\"/x\"></script>");
    IS("!render.element:1", "<style>p{}</style>");
    IS("!render.element:1", "<iframe src=\"/x\">");
    IS("!render.inline_code:1", "<p style=\"x\">");
    IS("!render.inline_code:1", "<p ONCLICK='x'>");
    IS("!render.inline_code:1", "<p onclick>");
    IS("!render.inline_code:2", "<a href=\"java\nscript:x\">");
    IS("!render.inline_code:1", "<a href=javascript:x>");
    IS("!render.name_cut:1", "<p a{{#yes}}b=\"x\"{{/yes}}>");
    IS("!render.name_cut:1", "<p{{#yes}}x{{/yes}} a>");
    IS("!render.malformed_tag:1", "<p \"x>");
}
END_TEST

START_TEST(test_harmless_html_is_left_as_it_is)
{
    static const char *const pages[] = {"<!doctype html><p>a < b && c > d</p>",
                                        "<!-- a -- b --><br/>",
                                        "<!----><p>",
                                        "<input disabled value=x><p a = \"b\" c>",
                                        "<script src=\"/x.js\" defer></script>",
                                        "<script src=/x.js>\n </script >",
                                        "a <1 <",
                                        "<<p>>",
                                        "<p a='\"' b=\"'\">",
                                        "<title>a <b </titl </title>",
                                        "<textarea></textarea><p>",
                                        "</p >",
                                        "x"};
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        if (strcmp(pages[i], "a <1 <") != 0) /* ends where a value could make a tag */
            ck_assert_str_eq(RENDERED(pages[i]), pages[i]);
    IS("!render.unbalanced:1", "a <1 <");
}
END_TEST

START_TEST(test_sections_may_stand_inside_a_tag)
{
    IS("<p class=\"a b\" hidden>", "<p class=\"a{{#yes}} b{{/yes}}{{#no}} c{{/no}}\" {{#yes}}hidden{{/yes}}>");
    IS("<input required checked>", "<input required{{#yes}} checked{{/yes}}{{#no}} disabled{{/no}}>");
    IS("<p><b title=\"1\">", "<p>{{#yes}}<b{{#n}} title=\"{{n}}\"{{/n}}>{{/yes}}");
    IS("!render.unbalanced:1", "<p class=\"a{{#yes}}\"{{/yes}}>");
    IS("!render.unbalanced:1", "<p title=\"{{#yes}}\" href=\"{{/yes}}{{evil}}\">");
    IS("!render.unbalanced:1", "{{#yes}}<p {{/yes}}>");
    IS("!render.unbalanced:1", "<title>{{#yes}}</title>{{/yes}}");
}
END_TEST

START_TEST(test_urls_are_built_from_encoded_values)
{
    IS("<a href=\"/vm/%3CKim%3E%20%26%20%22co%22/x?n=1&amp;m=\">",
       "<a href=\"{{@ /vm/{name}/x?n={n}&m={missing} }}\">");
    IS("<a href=\"/vm/1\">", "<a href=\"{{@ /vm/{n}}}\">");
    IS("!render.bad_url:1", "<a href=\"{{@ {path}}}\">");
    IS("!render.bad_url:1", "<a href=\"{{@ //{path}}}\">");
    IS("!render.bad_url:1", "<a href=\"{{@ /{path}}}\">");
    IS("!render.bad_url:1", "<a href=\"{{@ http://x/}}\">");
    IS("!render.bad_url:1", "<a href=\"{{@ /x/{a b}}}\">");
    IS("!render.bad_url:1", "<a href=\"/x{{@ /y}}\">");
    IS("!render.unclosed:1", "<a href=\"{{@ /x/{a}\">");
}
END_TEST

START_TEST(test_messages_speak_the_language_and_are_escaped)
{
    char folder[] = "/tmp/gurum-render-XXXXXX", path[100];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/en", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/en/a.json", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("{\"hi\": \"Hi <b> {who}\", \"many\": {\"one\": \"one item\", \"other\": \"{n} items\"}}", file);
    fclose(file);
    bool is_loaded = message_load(folder, NULL);
    unlink(path);
    snprintf(path, sizeof(path), "%s/en", folder);
    rmdir(path);
    rmdir(folder);
    ck_assert(is_loaded);
    IS("Hi &lt;b&gt; &lt;Kim&gt; &amp; &quot;co&quot;", "{{_ hi who=name}}");
    IS("<p title=\"one item\">", "<p title=\"{{_ many n=n}}\">");
    IS("no.such.key", "{{_ no.such.key}}");
    IS("!render.bad_message:1", "{{_ }}");
    IS("!render.bad_message:1", "{{_ hi who}}");
    IS("!render.bad_message:1", "<a href=\"{{_ hi}}\">");
}
END_TEST

START_TEST(test_layouts_take_blocks)
{
    const char *layout = "<h1>{{$title}}Default{{/title}}</h1>\n{{$main}}\n{{/main}}\n<hr>\n";
    IS("<h1>Default</h1>\n<hr>\n", "{{< l}}{{/l}}", "l", layout);
    IS("<h1>T</h1>\n<p>1</p>\n<hr>\n",
       "{{< l}}\n{{! why }}\n{{$title}}T{{/title}}\n{{$main}}\n<p>{{n}}</p>\n{{/main}}\n{{/l}}\n", "l", layout);
    IS("<h1>outer</h1>\nmiddle<hr>\n", "{{< m}}{{$title}}outer{{/title}}{{/m}}", "m",
       "{{< l}}{{$title}}middle{{/title}}{{$main}}middle{{/main}}{{/l}}", "l", layout);
    IS("!render.outside_block:2", "{{< l}}\nlost{{/l}}", "l", layout);
    IS("!render.outside_block:1", "{{< l}}{{name}}{{/l}}", "l", layout);
    IS("!render.piece_place:1", "<p title=\"{{$a}}{{/a}}\">");
    IS("!render.piece_place:1", "<p title=\"{{> a}}\">", "a", "x");
    IS("!render.too_deep:1", "{{< l}}{{$main}}{{$main}}x{{/main}}{{/main}}{{/l}}", "l", layout);
    IS("!render.unbalanced:1", "{{$a}}<p {{/a}}>");
}
END_TEST

START_TEST(test_partials_are_indented_like_their_tag)
{
    IS("  a\n  1\n  b\nc", "  {{> p}}\nc", "p", "a\n{{n}}\nb\n");
    IS(" a\n   x\n   y\n b\n", " {{> p}}\n", "p", "a\n  {{> q}}\nb\n", "q", "x\ny\n");
    IS("123", "{{#items}}{{> p}}{{/items}}", "p", "{{i}}");
}
END_TEST

START_TEST(test_recursion_and_length_have_ceilings)
{
    IS("!render.too_deep:1", "{{> page}}");
    IS("!render.unknown:2", "\n{{> missing}}");
    struct error err;
    struct text out;
    template_set_free(set);
    set = template_set_new();
    ck_assert(template_set_add(set, "p", "p", "{{#items}}12345{{/items}}", 25, &err));
    text_init(&out, &arena, 12);
    ck_assert(!template_render(set, "p", root, "en", &out, &err));
    ck_assert_str_eq(err.key, "render.too_large");
    ck_assert(!template_render(set, "q", root, "en", &out, &err));
    ck_assert_str_eq(err.key, "render.unknown");
    struct text deep;
    text_init(&deep, &arena, 10000);
    for (int i = 0; i < 40; i++)
        text_add(&deep, "{{#a}}");
    ck_assert(!template_set_add(set, "deep", "deep", text_string(&deep), deep.length, &err));
    ck_assert_str_eq(err.key, "render.nested_too_deep");
}
END_TEST

START_TEST(test_malformed_templates_say_where)
{
    IS("!render.unclosed:2", "\n{{name");
    IS("!render.unclosed:3", "{{#a}}\n\n");
    IS("!render.unexpected_end:2", "\n{{/a}}");
    IS("!render.unexpected_end:1", "{{#a}}{{#b}}{{/a}}{{/b}}");
    static const char *const bad_names[] = {"{{}}",       "{{a b}}",  "{{a..b}}",
                                            "{{.a}}",     "{{a.}}",   "{{#}}x{{/}}",
                                            "{{> ../x}}", "{{> /x}}", "{{a.b.c.d.e.f.g.h.i}}",
                                            "{{a\"b}}"};
    for (size_t i = 0; i < COUNT_OF(bad_names); i++)
        ck_assert_msg(strncmp(RENDERED(bad_names[i]), "!render.bad_name", 16) == 0, "%s", bad_names[i]);
    struct error err;
    ck_assert(!template_set_add(set, "x", "x", "a\xFF", 2, &err));
    ck_assert_str_eq(err.key, "render.not_text");
    ck_assert(!template_set_add(set, "x", "x", "a\0b", 3, &err));
}
END_TEST

START_TEST(test_values_print_what_they_are)
{
    struct view *list = view_list(&arena);
    view_add_text(list, "a");
    view_add_text(list, NULL);
    view_add_text(list, "b");
    view_set(root, "texts", list);
    IS("true|false|1||", "{{yes}}|{{no}}|{{n}}|{{missing}}|{{items}}");
    IS("(a)()(b)", "{{#texts}}({{.}}){{/texts}}");
    IS("none", "{{#none}}some{{/none}}{{^none}}none{{/none}}");
}
END_TEST

static void write_file(const char *folder, const char *name, const char *content)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static const char *themed(const char *theme, const char *name)
{
    struct text out;
    struct error err = {.key = "?"};
    text_init(&out, &arena, 1000);
    return theme_render(&out, theme, name, root, "en", &err) ? text_string(&out) : err.key;
}

START_TEST(test_a_theme_overrides_files_and_reload_keeps_the_old_on_failure)
{
    static const char *const folders[] = {"base", "base/partials", "themes", "themes/blue", "themes/blue/partials"};
    static const char *const files[] = {"base/page.html", "base/partials/logo.html", "base/notes.txt",
                                        "themes/blue/partials/logo.html"};
    char folder[] = "/tmp/gurum-theme-XXXXXX", path[200];
    struct error err;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
        mkdir(path, 0700);
    }
    write_file(folder, files[0], "{{> partials/logo}}");
    write_file(folder, files[1], "plain");
    write_file(folder, files[2], "{{{not a page");
    write_file(folder, files[3], "blue");
    ck_assert_str_eq(themed(NULL, "page"), "render.unknown");
    ck_assert(theme_load(folder, &err));
    ck_assert_str_eq(themed(NULL, "page"), "plain");
    ck_assert_str_eq(themed("blue", "page"), "blue");
    ck_assert_str_eq(themed("no-such", "page"), "plain");
    ck_assert_str_eq(themed(NULL, "nothing"), "render.unknown");
    ck_assert(theme_has("blue", "page") && !theme_has("blue", "notes"));
    write_file(folder, files[1], "{{{broken}}}");
    ck_assert(!theme_load(folder, &err));
    ck_assert_str_eq(err.key, "render.raw_output");
    ck_assert_ptr_nonnull(strstr(err.args[0].value, "base/partials/logo.html"));
    ck_assert_str_eq(themed(NULL, "page"), "plain");
    write_file(folder, files[1], "new");
    ck_assert(theme_load(folder, &err));
    ck_assert_str_eq(themed(NULL, "page"), "new");
    theme_unload();
    ck_assert(!theme_load("/no/such", &err));
    ck_assert_str_eq(err.key, "render.unreadable");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    for (size_t i = COUNT_OF(folders); i-- > 0;) {
        snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
        rmdir(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void *render_often(void *argument)
{
    for (int i = 0; i < 300; i++) {
        struct text out;
        text_init(&out, NULL, 1000);
        bool is_good = theme_render(&out, NULL, "page", argument, "en", NULL) &&
                       string_starts_with(text_string(&out), "&lt;Kim&gt;");
        text_free(&out);
        if (!is_good)
            return argument;
    }
    return NULL;
}

START_TEST(test_pages_render_while_templates_are_replaced)
{
    char folder[] = "/tmp/gurum-reload-XXXXXX", path[200];
    pthread_t threads[4];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/base", folder);
    mkdir(path, 0700);
    write_file(folder, "base/page.html", "{{name}}{{#items}}{{i}}{{/items}}");
    ck_assert(theme_load(folder, NULL));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        ck_assert(thread_start(&threads[i], "page", render_often, root, NULL));
    for (int i = 0; i < 50; i++)
        ck_assert(theme_load(folder, NULL));
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    theme_unload();
    snprintf(path, sizeof(path), "%s/base/page.html", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/base", folder);
    rmdir(path);
    rmdir(folder);
}
END_TEST

static Suite *template_suite(void)
{
    static const TTest *const *const tests[] = {&test_a_value_is_escaped_for_its_place,
                                                &test_json_stands_in_script_data_only,
                                                &test_a_record_is_written_as_json_without_secrets,
                                                &test_raw_output_and_delimiters_are_refused,
                                                &test_places_that_cannot_be_made_safe_are_refused,
                                                &test_harmless_html_is_left_as_it_is,
                                                &test_sections_may_stand_inside_a_tag,
                                                &test_urls_are_built_from_encoded_values,
                                                &test_messages_speak_the_language_and_are_escaped,
                                                &test_layouts_take_blocks,
                                                &test_partials_are_indented_like_their_tag,
                                                &test_recursion_and_length_have_ceilings,
                                                &test_malformed_templates_say_where,
                                                &test_values_print_what_they_are,
                                                &test_a_theme_overrides_files_and_reload_keeps_the_old_on_failure,
                                                &test_pages_render_while_templates_are_replaced};
    Suite *suite = suite_create("render_template");
    TCase *group = tcase_create("render_template");
    tcase_add_checked_fixture(group, set_up, tear_down);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_test(group, *tests[i]);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(template_suite)
