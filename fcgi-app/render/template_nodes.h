/* A parsed page template, for template.c (which makes it) and render.c (which prints it) only. */
#ifndef GURUM_RENDER_TEMPLATE_NODES_H
#define GURUM_RENDER_TEMPLATE_NODES_H

#include "base/arena.h"
#include "render/html_state.h"
#include "render/template.h"

enum { NAME_PARTS_MAX = 8, MESSAGE_ARGS_MAX = 8 };

/* "a.b.c"; no parts: "." */
struct name {
    size_t count;
    const char *parts[NAME_PARTS_MAX];
    uint32_t hashes[NAME_PARTS_MAX];
};

enum node_type {
    NODE_TEXT,
    NODE_VALUE,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_INHERIT,
    NODE_BLOCK,
    NODE_MESSAGE,
    NODE_URL,
    NODE_JSON
};

/* An argument of a message, or a piece of a URL: literal text, then a value (`name` NULL: none). */
struct piece {
    const char *text;
    const struct name *name;
};

struct template;
struct node {
    enum node_type type;
    enum html_escape escape; /* of a value or message */
    struct node *next, *children;
    const struct name *name; /* value, section, JSON */
    const char *text; /* text; key of a message; name of a block; name of the other template until it is linked */
    size_t length;
    const char *indent; /* a partial alone on its line: goes before each of its lines; NULL: none */
    struct piece *pieces;
    size_t piece_count;
    const struct template *other;
    int line;
};

struct template
{
    const char *name, *file;
    struct node *nodes;
    struct template *next;
};

struct template_set {
    struct arena arena;
    struct template *templates;
};

const struct template *template_find(const struct template_set *set, const char *name);

#endif
