/* Parsing page templates into node trees, and connecting them. Printing is in render.c, the HTML rules are in
 * html_state.c. */
#include "render/template.h"

#include <string.h>

#include "render/template_nodes.h"
#include "render/view_value.h"

/* A section, block or layout that is open. */
struct frame {
    struct node *node;   /* NULL: the template itself */
    struct node **end;   /* where the next node is linked */
    const char *closing; /* the name that its end tag must have */
    struct html_state state_before;
    bool holds_blocks_only; /* a layout tag: everything else in it would be lost */
};

struct parser {
    struct arena *arena;
    const char *file, *source, *at, *stop;
    const char *text; /* beginning of the literal text that was not added yet */
    struct html_state state;
    struct frame frames[TEMPLATE_DEPTH_MAX];
    size_t depth;
    const char *counted; /* how far lines were counted, so that a long file is not counted again for each tag */
    int counted_lines;
    struct error *err;
};

/* One {{…}} in the source. */
struct tag {
    const char *start, *end; /* the braces included */
    char sigil;              /* 0: a value */
    const char *content;     /* trimmed, without the sigil */
};

static int line_of(struct parser *parser, const char *place)
{
    if (!parser->counted || place < parser->counted) {
        parser->counted = parser->source;
        parser->counted_lines = 1;
    }
    for (; parser->counted < place; parser->counted++)
        parser->counted_lines += *parser->counted == '\n';
    return parser->counted_lines;
}

static bool refuse(struct parser *parser, const char *place, const char *key, const char *what)
{
    error_with(parser->err, ERROR_INTERNAL, key, E_TEXT("file", parser->file), E_INT("line", line_of(parser, place)),
               E_TEXT("what", what));
    return error_add_detail(parser->err, "%s:%d: %s", parser->file, line_of(parser, place), what);
}

static struct node *add_node(struct parser *parser, enum node_type type, const char *place)
{
    struct frame *frame = &parser->frames[parser->depth];
    struct node *node = ARENA_NEW(parser->arena, struct node);
    node->type = type;
    node->line = line_of(parser, place);
    *frame->end = node;
    frame->end = &node->next;
    return node;
}

/* Adds the literal text up to `end`, through the HTML rules. */
static bool flush_text(struct parser *parser, const char *end)
{
    const char *text = parser->text;
    if (end <= text)
        return true;
    size_t length = (size_t)(end - text), at = 0;
    if (parser->frames[parser->depth].holds_blocks_only) {
        size_t blank = strspn(text, " \t\r\n");
        return blank >= length || refuse(parser, text + blank, "render.outside_block", "text");
    }
    const char *problem = html_state_feed(&parser->state, text, length, &at);
    if (problem)
        return refuse(parser, text + at, problem, "");
    struct node *node = add_node(parser, NODE_TEXT, text);
    node->text = arena_strndup(parser->arena, text, length);
    node->length = length;
    return true;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* NULL: malformed. */
static const struct name *parse_name(struct parser *parser, const char *text, size_t length)
{
    struct name *name = ARENA_NEW(parser->arena, struct name);
    if (length == 1 && *text == '.')
        return name;
    for (const char *stop = text + length, *part = text; part <= stop; part++) {
        const char *start = part;
        while (part < stop && is_name_char(*part))
            part++;
        if (part == start || name->count == NAME_PARTS_MAX || (part < stop && *part != '.'))
            return NULL;
        name->parts[name->count] = arena_strndup(parser->arena, start, (size_t)(part - start));
        name->hashes[name->count++] = view_hash(start, (size_t)(part - start));
    }
    return name;
}

static bool is_template_name(const char *text)
{
    if (!*text || *text == '/' || strstr(text, ".."))
        return false;
    for (; *text; text++)
        if (!is_name_char(*text) && *text != '/' && *text != '.')
            return false;
    return true;
}

/* The end of the tag that begins at `start`; inside {{@ …}} braces come in pairs. NULL: none. */
static const char *find_tag_end(const struct parser *parser, const char *start)
{
    const char *at = start + 2 + strspn(start + 2, " \t\r\n");
    int depth = 0;
    bool is_url = *at == '@';
    for (; at + 1 < parser->stop; at++) {
        if (is_url && *at == '{')
            depth++;
        else if (*at == '}' && depth > 0)
            depth--;
        else if (at[0] == '}' && at[1] == '}')
            return at + 2;
    }
    return NULL;
}

static bool read_tag(struct parser *parser, const char *start, struct tag *tag)
{
    tag->start = start;
    if (start[2] == '{' || start[2] == '&')
        return refuse(parser, start, "render.raw_output", "");
    if (start[2] == '=')
        return refuse(parser, start, "render.delimiters", "");
    tag->end = find_tag_end(parser, start);
    if (!tag->end)
        return refuse(parser, start, "render.unclosed", "{{");
    const char *content = start + 2, *stop = tag->end - 2;
    while (content < stop && strchr(" \t\r\n", *content))
        content++;
    tag->sigil = content < stop && strchr("#^/>!<$_@&={", *content) ? *content++ : '\0';
    if (tag->sigil == '_' && content < stop && is_name_char(*content)) { /* {{_name}} is a value */
        tag->sigil = '\0';
        content--;
    }
    if (tag->sigil == '&' || tag->sigil == '{')
        return refuse(parser, start, "render.raw_output", "");
    if (tag->sigil == '=')
        return refuse(parser, start, "render.delimiters", "");
    while (content < stop && strchr(" \t\r\n", *content))
        content++;
    while (stop > content && strchr(" \t\r\n", stop[-1]))
        stop--;
    tag->content = arena_strndup(parser->arena, content, (size_t)(stop - content));
    return true;
}

/* Tags that print nothing themselves take their whole line away when nothing else stands on it. Gives the line's two
 * ends. */
static bool is_standalone(const struct parser *parser, const struct tag *tag, const char **ret_line,
                          const char **ret_next)
{
    const char *before = tag->start, *after = tag->end;
    while (before > parser->source && (before[-1] == ' ' || before[-1] == '\t'))
        before--;
    if (before > parser->source && before[-1] != '\n')
        return false;
    while (after < parser->stop && (*after == ' ' || *after == '\t'))
        after++;
    if (after + 1 < parser->stop && after[0] == '\r' && after[1] == '\n')
        after++;
    if (after < parser->stop && *after != '\n')
        return false;
    *ret_line = before;
    *ret_next = after < parser->stop ? after + 1 : after;
    return true;
}

static bool open_frame(struct parser *parser, const struct tag *tag, struct node *node, const char *closing)
{
    if (parser->depth + 1 == TEMPLATE_DEPTH_MAX)
        return refuse(parser, tag->start, "render.nested_too_deep", tag->content);
    parser->frames[++parser->depth] = (struct frame){.node = node,
                                                     .end = &node->children,
                                                     .closing = closing,
                                                     .state_before = parser->state,
                                                     .holds_blocks_only = node->type == NODE_INHERIT};
    return true;
}

static bool parse_section(struct parser *parser, const struct tag *tag)
{
    struct node *node = add_node(parser, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED, tag->start);
    node->name = parse_name(parser, tag->content, strlen(tag->content));
    if (!node->name)
        return refuse(parser, tag->start, "render.bad_name", tag->content);
    return open_frame(parser, tag, node, tag->content);
}

static bool parse_close(struct parser *parser, const struct tag *tag)
{
    struct frame *frame = &parser->frames[parser->depth];
    if (!frame->node || strcmp(frame->closing, tag->content) != 0)
        return refuse(parser, tag->start, "render.unexpected_end", tag->content);
    parser->depth--;
    if (frame->node->type == NODE_SECTION || frame->node->type == NODE_INVERTED) {
        if (!html_state_join(&parser->state, &frame->state_before))
            return refuse(parser, tag->start, "render.unbalanced", tag->content);
    } else if (!html_state_is_text(&parser->state) || parser->state.element != frame->state_before.element) {
        return refuse(parser, tag->start, "render.unbalanced", tag->content);
    }
    return true;
}

/* Partials, layouts and blocks hold whole pieces of a page, so they stand only where text stands. */
static bool parse_piece_of_page(struct parser *parser, const struct tag *tag, const char *indent, size_t indent_length)
{
    bool is_block = tag->sigil == '$';
    if (!html_state_is_text(&parser->state))
        return refuse(parser, tag->start, "render.piece_place", tag->content);
    if (!is_template_name(tag->content))
        return refuse(parser, tag->start, "render.bad_name", tag->content);
    struct node *node = add_node(parser,
                                 is_block            ? NODE_BLOCK
                                 : tag->sigil == '<' ? NODE_INHERIT
                                                     : NODE_PARTIAL,
                                 tag->start);
    node->text = tag->content;
    if (tag->sigil == '>') {
        node->indent = indent_length ? arena_strndup(parser->arena, indent, indent_length) : NULL;
        return true;
    }
    return open_frame(parser, tag, node, tag->content);
}

static bool parse_message(struct parser *parser, const struct tag *tag, enum html_escape escape)
{
    size_t count;
    const char **words = string_split(parser->arena, tag->content, ' ', &count);
    if (escape != ESCAPE_HTML || count == 0 || count > MESSAGE_ARGS_MAX + 1)
        return refuse(parser, tag->start, "render.bad_message", tag->content);
    struct node *node = add_node(parser, NODE_MESSAGE, tag->start);
    node->text = words[0];
    node->pieces = arena_array(parser->arena, count, sizeof(*node->pieces));
    for (size_t i = 1; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        struct piece *piece = &node->pieces[node->piece_count++];
        if (equals && equals > words[i]) {
            piece->text = arena_strndup(parser->arena, words[i], (size_t)(equals - words[i]));
            piece->name = parse_name(parser, equals + 1, strlen(equals + 1));
        }
        if (!piece->name)
            return refuse(parser, tag->start, "render.bad_message", tag->content);
    }
    return true;
}

/* "/path/{name}?q={other}": a path of this site, so that no value can choose scheme or host. */
static bool parse_url(struct parser *parser, const struct tag *tag, enum html_escape escape)
{
    const char *at = tag->content;
    size_t most = 1;
    for (const char *c = at; *c; c++)
        most += *c == '{';
    if (at[0] != '/' || at[1] == '/' || at[1] == '{' || at[1] == '\\' ||
        (escape != ESCAPE_HTML && escape != ESCAPE_URL))
        return refuse(parser, tag->start, "render.bad_url", tag->content);
    struct node *node = add_node(parser, NODE_URL, tag->start);
    node->pieces = arena_array(parser->arena, most, sizeof(*node->pieces));
    for (;;) {
        struct piece *piece = &node->pieces[node->piece_count++];
        size_t literal = strcspn(at, "{}");
        piece->text = arena_strndup(parser->arena, at, literal);
        at += literal;
        if (!*at)
            return true;
        size_t length = strcspn(at + 1, "{}");
        piece->name = *at == '{' && at[1 + length] == '}' ? parse_name(parser, at + 1, length) : NULL;
        if (!piece->name)
            return refuse(parser, tag->start, "render.bad_url", tag->content);
        at += length + 2;
    }
}

static bool parse_value(struct parser *parser, const struct tag *tag, enum html_escape escape)
{
    bool is_json = strncmp(tag->content, "json", 4) == 0 && (tag->content[4] == ' ' || tag->content[4] == '\t');
    const char *text = is_json ? tag->content + 5 + strspn(tag->content + 5, " \t") : tag->content;
    if (is_json != (escape == ESCAPE_JSON))
        return refuse(parser, tag->start, "render.json_place", tag->content);
    struct node *node = add_node(parser, is_json ? NODE_JSON : NODE_VALUE, tag->start);
    node->escape = escape;
    node->name = parse_name(parser, text, strlen(text));
    return node->name || refuse(parser, tag->start, "render.bad_name", tag->content);
}

static bool parse_printing_tag(struct parser *parser, const struct tag *tag)
{
    enum html_escape escape;
    const char *problem = html_state_value(&parser->state, &escape);
    if (problem)
        return refuse(parser, tag->start, problem, tag->content);
    return tag->sigil == '_'   ? parse_message(parser, tag, escape)
           : tag->sigil == '@' ? parse_url(parser, tag, escape)
                               : parse_value(parser, tag, escape);
}

static bool parse_tag(struct parser *parser, const struct tag *tag)
{
    bool prints = !tag->sigil || tag->sigil == '_' || tag->sigil == '@';
    const char *line = tag->start, *next = tag->end;
    bool is_alone = !prints && is_standalone(parser, tag, &line, &next);
    if (!flush_text(parser, line))
        return false;
    parser->at = parser->text = is_alone ? next : tag->end;
    if (tag->sigil == '!')
        return true;
    if (parser->frames[parser->depth].holds_blocks_only && tag->sigil != '$' && tag->sigil != '/')
        return refuse(parser, tag->start, "render.outside_block", tag->content);
    const char *problem = html_state_tag(&parser->state);
    if (problem)
        return refuse(parser, tag->start, problem, tag->content);
    switch (tag->sigil) {
    case '#':
    case '^':
        return parse_section(parser, tag);
    case '/':
        return parse_close(parser, tag);
    case '>':
    case '<':
    case '$':
        return parse_piece_of_page(parser, tag, line, is_alone ? (size_t)(tag->start - line) : 0);
    default:
        return parse_printing_tag(parser, tag);
    }
}

static bool parse(struct parser *parser)
{
    for (;;) {
        const char *start = memmem(parser->at, (size_t)(parser->stop - parser->at), "{{", 2);
        if (!start)
            break;
        struct tag tag;
        if (!read_tag(parser, start, &tag) || !parse_tag(parser, &tag))
            return false;
    }
    if (!flush_text(parser, parser->stop))
        return false;
    if (parser->depth)
        return refuse(parser, parser->stop, "render.unclosed", parser->frames[parser->depth].closing);
    return parser->state.place == HTML_TEXT || refuse(parser, parser->stop, "render.unbalanced", "");
}

struct template_set *template_set_new(void)
{
    struct template_set *set = calloc(1, sizeof(*set));
    if (!set)
        abort();
    arena_init(&set->arena);
    return set;
}

void template_set_free(struct template_set *set)
{
    if (!set)
        return;
    arena_free(&set->arena);
    free(set);
}

const struct template *template_find(const struct template_set *set, const char *name)
{
    const struct template *found = set->templates;
    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    return found;
}

bool template_set_has(const struct template_set *set, const char *name)
{
    return template_find(set, name) != NULL;
}

bool template_set_add(struct template_set *set, const char *name, const char *file, const char *source, size_t length,
                      struct error *err)
{
    const char *copy = arena_strndup(&set->arena, source, length);
    struct template *template = ARENA_NEW(&set->arena, struct template);
    template->name = arena_strdup(&set->arena, name);
    template->file = arena_strdup(&set->arena, file);
    struct parser parser = {.arena = &set->arena,
                            .file = template->file,
                            .source = copy,
                            .at = copy,
                            .stop = copy + length,
                            .text = copy,
                            .err = err};
    parser.frames[0].end = &template->nodes;
    if (length > TEMPLATE_MAX_BYTES || !string_is_utf8(source, length) || memchr(source, '\0', length))
        return refuse(&parser, copy, "render.not_text", name);
    if (!parse(&parser))
        return false;
    template->next = set->templates;
    set->templates = template;
    return true;
}

static bool link_nodes(struct template_set *set, const struct template *template, struct node *node, struct error *err)
{
    for (; node; node = node->next) {
        if (node->type == NODE_PARTIAL || node->type == NODE_INHERIT) {
            node->other = template_find(set, node->text);
            if (!node->other) {
                error_with(err, ERROR_INTERNAL, "render.unknown", E_TEXT("file", template->file),
                           E_INT("line", node->line), E_TEXT("what", node->text));
                return error_add_detail(err, "%s:%d: %s", template->file, node->line, node->text);
            }
        }
        if (!link_nodes(set, template, node->children, err))
            return false;
    }
    return true;
}

bool template_set_link(struct template_set *set, struct error *err)
{
    for (struct template *template = set->templates; template; template = template->next)
        if (!link_nodes(set, template, template->nodes, err))
            return false;
    return true;
}
