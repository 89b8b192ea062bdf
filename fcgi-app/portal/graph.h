/* Graphs drawn by the server: lines over time as views for partials/graph, which is SVG without script or style. What
 * is measured, and where it comes from, is not here. */
#ifndef GURUM_PORTAL_GRAPH_H
#define GURUM_PORTAL_GRAPH_H

#include "portal/portal.h"

enum { GRAPH_LINES_MAX = 2, GRAPH_POINTS_MAX = 2000, GRAPH_TABLE_ROWS = 12 };

enum graph_unit { GRAPH_PERCENT, GRAPH_BYTES, GRAPH_BYTES_SECOND };

struct graph_line {
    const char *label_key, *class_name;
    const double *values; /* one a point; NAN: unknown */
};
struct graph {
    const char *id, *title_key; /* id: unique on the page */
    enum graph_unit unit;
    double top; /* the value at the upper edge; 0: a round one above the largest */
    int64_t from_ms, until_ms, axis_ms; /* axis_ms: how far the left edge lies back, for its labels */
    const int64_t *times_ms;
    const bool *gaps; /* nothing is known between the point before and this one */
    size_t count;
    struct graph_line lines[GRAPH_LINES_MAX];
    size_t line_count;
};

/* All that partials/graph shows: lines, gaps, scales, newest values, and a table of the same. */
struct view *graph_view(struct page_call *call, const struct graph *graph);

/* Pure, for tests: the path of a line, and a round top above a value. */
const char *graph_path(struct arena *arena, const struct graph *graph, const struct graph_line *line, double top);
double graph_round_top(enum graph_unit unit, double most);

#endif
