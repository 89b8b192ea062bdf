/* Printing a parsed page template with a view. Nothing here decides how to escape: the parser did, for each place. */
#include <string.h>

#include "base/json.h"
#include "base/message.h"
#include "render/escape.h"
#include "render/template.h"
#include "render/template_nodes.h"
#include "render/view_value.h"

enum { CONTEXTS_MAX = 256, NODES_MAX = 20 * 1000 * 1000, MESSAGE_MAX_BYTES = 64 * 1024, JSON_DEPTH_MAX = 16 };

/* The blocks that a layout tag brings along, found by name; the outermost (the page's own) win over those of a layout
 * in between. */
struct overrides {
    const struct node *blocks;
    const struct overrides *outer;
};

/* Indentation of a partial that stands alone on its line. */
struct indent {
    const char *text;
    const struct indent *outer;
    bool is_needed; /* a line begins */
};

struct renderer {
    const char *language;
    struct text *out, scratch;
    struct view contexts[CONTEXTS_MAX]; /* the last is looked at first */
    size_t context_count;
    int depth;
    size_t nodes_left;
    const struct template *template; /* being printed, for errors */
    struct error *err;
};

static bool render_nodes(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                         struct indent *indent);

static bool refuse(struct renderer *renderer, const char *key, const struct node *node)
{
    error_with(renderer->err, ERROR_INTERNAL, key, E_TEXT("file", renderer->template->file), E_INT("line", node->line),
               E_TEXT("what", renderer->template->name));
    return error_add_detail(renderer->err, "%s:%d", renderer->template->file, node->line);
}

static struct view look_up(const struct renderer *renderer, const struct name *name)
{
    if (name->count == 0)
        return renderer->contexts[renderer->context_count - 1];
    struct view found = {.kind = VIEW_ABSENT};
    for (size_t i = renderer->context_count; i-- > 0 && found.kind == VIEW_ABSENT;)
        found = view_find(&renderer->contexts[i], name->parts[0], name->hashes[0]);
    for (size_t part = 1; part < name->count && found.kind != VIEW_ABSENT; part++)
        found = view_find(&found, name->parts[part], name->hashes[part]);
    return found;
}

static void begin_line(struct renderer *renderer, struct indent *indent)
{
    if (!indent || !indent->is_needed)
        return;
    const struct indent *outer = indent->outer;
    const char *texts[TEMPLATE_DEPTH_MAX];
    size_t count = 0;
    for (; outer && count < COUNT_OF(texts); outer = outer->outer)
        texts[count++] = outer->text;
    while (count)
        text_add(renderer->out, texts[--count]);
    text_add(renderer->out, indent->text);
    indent->is_needed = false;
}

static void print_text(struct renderer *renderer, const struct node *node, struct indent *indent)
{
    if (!indent) {
        text_add_bytes(renderer->out, node->text, node->length);
        return;
    }
    for (const char *line = node->text, *stop = line + node->length; line < stop;) {
        const char *end = memchr(line, '\n', (size_t)(stop - line));
        end = end ? end + 1 : stop;
        begin_line(renderer, indent);
        text_add_bytes(renderer->out, line, (size_t)(end - line));
        indent->is_needed = end[-1] == '\n';
        line = end;
    }
}

static void print_escaped(struct renderer *renderer, enum html_escape escape, const char *text)
{
    switch (escape) {
    case ESCAPE_HTML:
        escape_html(renderer->out, text);
        break;
    case ESCAPE_URL:
        escape_url(renderer->out, text);
        break;
    case ESCAPE_URL_PART:
        escape_url_part(renderer->out, text);
        break;
    case ESCAPE_JSON:
        escape_json_string(renderer->out, text);
        break;
    }
}

static void print_value(struct renderer *renderer, const struct node *node)
{
    char buffer[VIEW_NUMBER_BYTES];
    struct view value = look_up(renderer, node->name);
    const char *text = view_as_text(&value, buffer);
    if (text)
        print_escaped(renderer, node->escape, text);
}

static void print_message(struct renderer *renderer, const struct node *node)
{
    char buffers[MESSAGE_ARGS_MAX][VIEW_NUMBER_BYTES];
    struct error_arg args[MESSAGE_ARGS_MAX];
    struct view values[MESSAGE_ARGS_MAX];
    for (size_t i = 0; i < node->piece_count; i++) {
        values[i] = look_up(renderer, node->pieces[i].name);
        const char *text = view_as_text(&values[i], buffers[i]);
        args[i] = (struct error_arg){
            .name = node->pieces[i].text, .value = text ? text : "", .is_number = values[i].kind == VIEW_INT};
    }
    text_reset(&renderer->scratch);
    message_render(&renderer->scratch, renderer->language, node->text, args, node->piece_count);
    print_escaped(renderer, node->escape, text_string(&renderer->scratch));
}

static void print_url(struct renderer *renderer, const struct node *node)
{
    for (size_t i = 0; i < node->piece_count; i++) {
        char buffer[VIEW_NUMBER_BYTES];
        escape_html(renderer->out, node->pieces[i].text);
        struct view value =
            node->pieces[i].name ? look_up(renderer, node->pieces[i].name) : (struct view){.kind = VIEW_ABSENT};
        const char *text = view_as_text(&value, buffer);
        if (text)
            escape_url_part(renderer->out, text);
    }
}

static bool print_json(struct renderer *renderer, const struct view *view, int depth);

static bool print_json_member(struct renderer *renderer, const char *name, const struct view *value, bool *first,
                              int depth)
{
    if (value->kind == VIEW_ABSENT)
        return true;
    if (!*first)
        text_add_char(renderer->out, ',');
    *first = false;
    escape_json_string(renderer->out, name);
    text_add_char(renderer->out, ':');
    return print_json(renderer, value, depth + 1);
}

static bool print_json_object(struct renderer *renderer, const struct view *view, int depth)
{
    bool first = true, is_good = true;
    text_add_char(renderer->out, '{');
    for (size_t i = 0; is_good && view->kind == VIEW_OBJECT && i < view->count; i++)
        is_good = print_json_member(renderer, view->members[i].name, view->members[i].value, &first, depth);
    for (size_t i = 0; is_good && view->kind == VIEW_PAIRS && i < view->count; i++) {
        struct view value = {.kind = view->pairs[i].value ? VIEW_TEXT : VIEW_ABSENT, .text = view->pairs[i].value};
        is_good = print_json_member(renderer, view->pairs[i].name, &value, &first, depth);
    }
    for (size_t i = 0; is_good && view->table && i < view->table->count; i++) {
        const char *name = view->table->fields[i].name;
        struct view own = {.kind = VIEW_OBJECT, .members = view->members, .count = view->count};
        uint32_t hash = view_hash(name, strlen(name));
        struct view value = view_find(&own, name, hash);
        if (value.kind == VIEW_ABSENT) { /* else written above */
            value = view_find(view, name, hash);
            is_good = print_json_member(renderer, name, &value, &first, depth);
        }
    }
    text_add_char(renderer->out, '}');
    return is_good;
}

/* Raw JSON of our own writer may still hold what ends a script element; inside strings, where alone '<' can be, the
 * escape means the same. */
static void print_raw_json(struct renderer *renderer, const char *json)
{
    for (; *json; json++) {
        if (*json == '<' || *json == '>' || *json == '&')
            text_addf(renderer->out, "\\u%04x", (unsigned)*json);
        else
            text_add_char(renderer->out, *json);
    }
}

static bool print_json(struct renderer *renderer, const struct view *view, int depth)
{
    char buffer[VIEW_NUMBER_BYTES];
    if (depth > JSON_DEPTH_MAX || renderer->out->overflowed)
        return false;
    switch ((int)view->kind) {
    case VIEW_ABSENT:
        text_add(renderer->out, "null");
        return true;
    case VIEW_INT:
        text_add_int(renderer->out, view->number);
        return true;
    case VIEW_BOOL:
        text_add(renderer->out, view->number ? "true" : "false");
        return true;
    case VIEW_REAL:
        json_add_double(renderer->out, view->real);
        return true;
    case VIEW_RAW_JSON:
        print_raw_json(renderer, view->text);
        return true;
    case VIEW_TEXT:
    case VIEW_TIME:
        escape_json_string(renderer->out, view_as_text(view, buffer));
        return true;
    case VIEW_OBJECT:
    case VIEW_PAIRS:
        return print_json_object(renderer, view, depth);
    default:
        break;
    }
    text_add_char(renderer->out, '[');
    for (size_t i = 0; i < view->count; i++) {
        struct view item = view_item(view, i);
        if (i)
            text_add_char(renderer->out, ',');
        if (!print_json(renderer, &item, depth + 1))
            return false;
    }
    text_add_char(renderer->out, ']');
    return true;
}

static bool render_in(struct renderer *renderer, const struct node *node, const struct view *context,
                      const struct overrides *overrides, struct indent *indent)
{
    if (renderer->context_count == CONTEXTS_MAX)
        return refuse(renderer, "render.too_deep", node);
    renderer->contexts[renderer->context_count++] = *context;
    bool is_good = render_nodes(renderer, node->children, overrides, indent);
    renderer->context_count--;
    return is_good;
}

static bool render_section(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                           struct indent *indent)
{
    struct view value = look_up(renderer, node->name);
    bool is_true = view_is_true(&value);
    if (node->type == NODE_INVERTED)
        return is_true || render_nodes(renderer, node->children, overrides, indent);
    if (!is_true)
        return true;
    if (!view_is_list(&value))
        return render_in(renderer, node, &value, overrides, indent);
    for (size_t i = 0; i < value.count; i++) {
        struct view item = view_item(&value, i);
        if (!render_in(renderer, node, &item, overrides, indent))
            return false;
    }
    return true;
}

static bool render_other(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                         struct indent *indent)
{
    if (renderer->depth == TEMPLATE_DEPTH_MAX)
        return refuse(renderer, "render.too_deep", node);
    const struct template *before = renderer->template;
    struct indent own = {.text = node->indent, .outer = indent, .is_needed = true};
    renderer->template = node->other;
    renderer->depth++;
    bool is_good = render_nodes(renderer, node->other->nodes, overrides, node->indent ? &own : indent);
    renderer->depth--;
    if (is_good)
        renderer->template = before;
    if (node->indent && indent)
        indent->is_needed = own.is_needed;
    return is_good;
}

/* The outermost replacement of a block, else the block itself. */
static const struct node *find_block(const struct node *block, const struct overrides *overrides)
{
    const struct node *found = block;
    for (; overrides; overrides = overrides->outer)
        for (const struct node *other = overrides->blocks; other; other = other->next)
            if (other->type == NODE_BLOCK && strcmp(other->text, block->text) == 0)
                found = other;
    return found;
}

static bool render_block(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                         struct indent *indent)
{
    if (renderer->depth == TEMPLATE_DEPTH_MAX) /* a replacement that holds the same block again */
        return refuse(renderer, "render.too_deep", node);
    renderer->depth++;
    bool is_good = render_nodes(renderer, find_block(node, overrides)->children, overrides, indent);
    renderer->depth--;
    return is_good;
}

static bool render_node(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                        struct indent *indent)
{
    switch (node->type) {
    case NODE_TEXT:
        print_text(renderer, node, indent);
        return true;
    case NODE_VALUE:
        begin_line(renderer, indent);
        print_value(renderer, node);
        return true;
    case NODE_MESSAGE:
        begin_line(renderer, indent);
        print_message(renderer, node);
        return true;
    case NODE_URL:
        begin_line(renderer, indent);
        print_url(renderer, node);
        return true;
    case NODE_SECTION:
    case NODE_INVERTED:
        return render_section(renderer, node, overrides, indent);
    case NODE_PARTIAL:
        return render_other(renderer, node, NULL, indent);
    case NODE_INHERIT: {
        struct overrides with = {.blocks = node->children, .outer = overrides};
        return render_other(renderer, node, &with, indent);
    }
    case NODE_BLOCK:
        return render_block(renderer, node, overrides, indent);
    case NODE_JSON: {
        struct view value = look_up(renderer, node->name);
        begin_line(renderer, indent);
        return print_json(renderer, &value, 0) || renderer->out->overflowed ||
               refuse(renderer, "render.too_deep", node);
    }
    }
    return true;
}

static bool render_nodes(struct renderer *renderer, const struct node *node, const struct overrides *overrides,
                         struct indent *indent)
{
    for (; node; node = node->next) {
        if (!renderer->nodes_left-- || renderer->out->overflowed)
            return refuse(renderer, "render.too_large", node);
        if (!render_node(renderer, node, overrides, indent))
            return false;
    }
    return true;
}

bool template_render(const struct template_set *set, const char *name, const struct view *root, const char *language,
                     struct text *out, struct error *err)
{
    const struct template *template = template_find(set, name);
    if (!template)
        return error_with(err, ERROR_INTERNAL, "render.unknown", E_TEXT("file", name), E_INT("line", 0),
                          E_TEXT("what", name));
    struct renderer renderer = {
        .language = language, .out = out, .nodes_left = NODES_MAX, .template = template, .err = err};
    text_init(&renderer.scratch, NULL, MESSAGE_MAX_BYTES);
    renderer.contexts[renderer.context_count++] = *root;
    bool is_good = render_nodes(&renderer, template->nodes, NULL, NULL);
    if (is_good && out->overflowed)
        is_good = error_with(err, ERROR_INTERNAL, "render.too_large", E_TEXT("file", template->file), E_INT("line", 0),
                             E_TEXT("what", name));
    text_free(&renderer.scratch);
    return is_good;
}
