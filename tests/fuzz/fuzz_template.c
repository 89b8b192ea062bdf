/* Page templates: any bytes must load or be refused, and what loads must not let a value out of its place. Input:
 * sources of the templates "page", "a", "b" and "c", separated by NUL bytes. */
#include <string.h>

#include "render/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEMPLATES = 4, OUT_MAX_BYTES = 1 << 20 };
static const char *const names[TEMPLATES] = {"page", "a", "b", "c"};
static const char hostile[] = "<zq \"zq 'zq --><zq </script><zq javascript:zq";

static struct view *make_view(struct arena *arena)
{
    struct view *root = view_object(arena), *list = view_list(arena), *inner = view_object(arena);
    view_set_text(root, "x", hostile);
    view_set_text(root, "u", "javascript:zq<zq\"zq");
    view_set_int(root, "n", -5);
    view_set_bool(root, "t", true);
    view_set_bool(root, "f", false);
    view_set_text(inner, "x", hostile);
    view_set(inner, "list", view_list(arena));
    view_add(list, inner);
    view_add_text(list, hostile);
    view_set(root, "list", list);
    view_set(root, "o", inner);
    return root;
}

/* The values' marks stand in the page only where they are escaped. Quotes mean nothing in a script's JSON. */
static void check_page(const char *page, bool has_json)
{
    for (const char *mark = page; (mark = strstr(mark, "zq")) != NULL; mark += 2)
        if (mark > page && (mark[-1] == '<' || (!has_json && (mark[-1] == '"' || mark[-1] == '\''))))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct template_set *set = template_set_new();
    struct error err = {.kind = ERROR_NONE};
    const char *source = (const char *)data;
    bool is_good = true, may_check = size == 0 || !memmem(data, size, "zq", 2);
    bool has_json = size && memmem(data, size, "json", 4);
    arena_init(&arena);
    for (size_t i = 0; i < TEMPLATES && is_good; i++) {
        const char *end = size ? memchr(source, '\0', size) : NULL;
        size_t length = end && i + 1 < TEMPLATES ? (size_t)(end - source) : size;
        is_good = template_set_add(set, names[i], names[i], size ? source : "", length, &err);
        source += length;
        size -= length;
        if (size) { /* the NUL */
            source++;
            size--;
        }
    }
    if (is_good && template_set_link(set, &err)) {
        struct text out;
        text_init(&out, NULL, OUT_MAX_BYTES);
        if (template_render(set, "page", make_view(&arena), "en", &out, &err) && may_check)
            check_page(text_string(&out), has_json);
        text_free(&out);
    }
    template_set_free(set);
    arena_free(&arena);
    return 0;
}
