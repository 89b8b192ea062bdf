/* See graph.h. Coordinates are those of the viewBox in partials/graph: 480 by 190. */
#include "portal/graph.h"

#include <math.h>

#include "base/text.h"

enum { LEFT = 100, RIGHT = 474, TOP = 10, BOTTOM = 160, GRID_LINES = 2, TIME_MARKS = 4, PATH_BYTES_MAX = 65536 };

static double x_of(const struct graph *graph, int64_t ms)
{
    double length = (double)(graph->until_ms - graph->from_ms), x = (double)(ms - graph->from_ms);
    x = length > 0 ? x / length : 0;
    return LEFT + (RIGHT - LEFT) * fmin(fmax(x, 0), 1);
}

static double y_of(double value, double top)
{
    return BOTTOM - (BOTTOM - TOP) * (top > 0 ? fmin(fmax(value / top, 0), 1) : 0);
}

const char *graph_path(struct arena *arena, const struct graph *graph, const struct graph_line *line, double top)
{
    struct text path;
    bool draws = false;
    text_init(&path, arena, PATH_BYTES_MAX);
    for (size_t i = 0; i < graph->count; i++) {
        bool is_known = !isnan(line->values[i]);
        if (is_known) {
            bool joins = draws && !graph->gaps[i];
            text_addf(&path, "%s%.1f %.1f", joins ? "L" : "M", x_of(graph, graph->times_ms[i]),
                      y_of(line->values[i], top));
            text_add(&path, joins ? "" : "h0"); /* a point alone is a dot */
        }
        draws = is_known;
    }
    return text_string(&path);
}

double graph_round_top(enum graph_unit unit, double most)
{
    double top = unit == GRAPH_PERCENT ? 1 : 1024;
    if (unit == GRAPH_PERCENT)
        return 100;
    while (top < most)
        top *= 2;
    return top;
}

static double largest(const struct graph *graph)
{
    double most = 0;
    for (size_t i = 0; i < graph->line_count; i++)
        for (size_t j = 0; j < graph->count; j++)
            most = fmax(most, graph->lines[i].values[j]); /* fmax leaves NAN out */
    return most;
}

static const char *written(struct page_call *call, enum graph_unit unit, double value)
{
    static const char *const KEYS[] = {[GRAPH_PERCENT] = "page.graph.percent",
                                       [GRAPH_BYTES] = "page.graph.bytes",
                                       [GRAPH_BYTES_SECOND] = "page.graph.bytes_second"};
    bool is_fine = unit == GRAPH_PERCENT && value > 0 && value < 10;
    const char *number = arena_printf(call->arena, is_fine ? "%.1f" : "%.0f", value);
    const struct error_arg arg = {.name = "value", .value = number, .is_number = unit != GRAPH_PERCENT};
    return isnan(value) ? "–" : page_text_with(call, KEYS[unit], &arg, 1);
}

/* "−15 min", "−12 h", "−3 d": how far back. */
static const char *ago(struct page_call *call, int64_t ms)
{
    enum { MINUTE = 60000, HOUR = 3600000, DAY = 86400000 };
    int64_t unit = ms >= 2 * (int64_t)DAY ? DAY : ms >= 2 * HOUR ? HOUR : MINUTE;
    const char *key = unit == DAY ? "page.graph.days" : unit == HOUR ? "page.graph.hours" : "page.graph.minutes";
    double count = (double)ms / (double)unit;
    const struct error_arg arg = {.name = "n",
                                  .value = arena_printf(call->arena, floor(count) < count ? "%.1f" : "%.0f", count)};
    return ms == 0 ? page_text(call, "page.graph.now") : page_text_with(call, key, &arg, 1);
}

static void set_number(struct arena *arena, struct view *object, const char *name, double number)
{
    view_set_text(object, name, arena_printf(arena, "%.1f", number));
}

static void add_scales(struct page_call *call, const struct graph *graph, double top, struct view *view)
{
    struct view *grid = view_list(call->arena), *marks = view_list(call->arena);
    for (int i = 0; i <= GRID_LINES; i++) {
        struct view *line = view_add_object(grid);
        double value = top * i / GRID_LINES;
        set_number(call->arena, line, "y", y_of(value, top));
        set_number(call->arena, line, "text_y", y_of(value, top) + 4);
        view_set_text(line, "label", written(call, graph->unit, value));
    }
    for (int i = 0; i <= TIME_MARKS; i++) {
        struct view *mark = view_add_object(marks);
        set_number(call->arena, mark, "x", LEFT + (double)(RIGHT - LEFT) * i / TIME_MARKS);
        view_set_text(mark, "anchor", i == TIME_MARKS ? "end" : "middle");
        view_set_text(mark, "label", ago(call, graph->axis_ms * (TIME_MARKS - i) / TIME_MARKS));
    }
    view_set(view, "grid", grid);
    view_set(view, "marks", marks);
}

static void add_gap(struct page_call *call, const struct graph *graph, struct view *gaps, int64_t from, int64_t until)
{
    double x = x_of(graph, from), width = x_of(graph, until) - x;
    if (width < 1)
        return;
    struct view *gap = view_add_object(gaps);
    set_number(call->arena, gap, "x", x);
    set_number(call->arena, gap, "width", width);
}

static void add_gaps(struct page_call *call, const struct graph *graph, struct view *view)
{
    struct view *gaps = view_list(call->arena);
    if (graph->count > 0)
        add_gap(call, graph, gaps, graph->from_ms, graph->times_ms[0]);
    for (size_t i = 1; i < graph->count; i++)
        if (graph->gaps[i])
            add_gap(call, graph, gaps, graph->times_ms[i - 1], graph->times_ms[i]);
    view_set(view, "gaps", gaps);
    view_set_bool(view, "has_gaps", view_count(gaps) > 0);
}

static void add_lines(struct page_call *call, const struct graph *graph, double top, struct view *view)
{
    struct view *lines = view_list(call->arena);
    for (size_t i = 0; i < graph->line_count; i++) {
        struct view *line = view_add_object(lines);
        double newest = graph->count > 0 ? graph->lines[i].values[graph->count - 1] : NAN;
        view_set_text(line, "class", graph->lines[i].class_name);
        view_set_text(line, "name", page_text(call, graph->lines[i].label_key));
        view_set_text(line, "newest", written(call, graph->unit, newest));
        view_set_text(line, "path", graph_path(call->arena, graph, &graph->lines[i], top));
    }
    view_set(view, "lines", lines);
}

static void add_cells(struct page_call *call, const struct graph *graph, size_t at, struct view *row)
{
    struct view *cells = view_list(call->arena);
    for (size_t i = 0; i < graph->line_count; i++)
        view_set_text(view_add_object(cells), "value", written(call, graph->unit, graph->lines[i].values[at]));
    view_set(row, "cells", cells);
    page_add_moment(call, row, graph->times_ms[at]);
}

/* The newest points, evenly spaced: the same figures for those who do not look at drawings. */
static void add_table(struct page_call *call, const struct graph *graph, struct view *view)
{
    struct view *rows = view_list(call->arena);
    size_t step = (graph->count + GRAPH_TABLE_ROWS - 1) / GRAPH_TABLE_ROWS;
    for (size_t i = graph->count; i > 0 && step > 0; i = i > step ? i - step : 0)
        add_cells(call, graph, i - 1, view_add_object(rows));
    view_set(view, "rows", rows);
}

struct view *graph_view(struct page_call *call, const struct graph *graph)
{
    struct view *view = view_object(call->arena);
    double top = graph->top > 0 ? graph->top : graph_round_top(graph->unit, largest(graph));
    view_set_text(view, "id", graph->id);
    view_set_text(view, "title", page_text(call, graph->title_key));
    add_scales(call, graph, top, view);
    add_gaps(call, graph, view);
    add_lines(call, graph, top, view);
    add_table(call, graph, view);
    return view;
}
