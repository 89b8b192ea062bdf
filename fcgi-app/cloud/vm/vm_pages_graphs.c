/* The graphs on an instance's page: what listVirtualMachineStatistics tells, as lines. */
#include <json-c/json.h>
#include <math.h>

#include "base/clock.h"
#include "base/text.h"
#include "cloud/vm/vm_pages.h"
#include "portal/graph.h"

static const struct {
    const char *name, *label_key;
    int64_t length_ms;
} RANGES[] = {{"10m", "page.graph.range.10m", 600000},
              {"1h", "page.graph.range.1h", 3600000},
              {"24h", "page.graph.range.24h", 86400000},
              {"7d", "page.graph.range.7d", 604800000},
              {"30d", "page.graph.range.30d", INT64_C(2592000000)}};

struct points {
    int64_t *times;
    bool *gaps;
    double *cpu, *memory, *memory_all, *disk_read, *disk_write, *network_in, *network_out;
    size_t count;
};

static double number_of(struct json_object *object, const char *name)
{
    struct json_object *member;
    return json_object_object_get_ex(object, name, &member) ? json_object_get_double(member) : NAN;
}

static bool read_points(struct page_call *call, const char *range, struct points *points, struct error *err)
{
    struct json_object *reply, *items = NULL;
    if (!page_ask(call, "listVirtualMachineStatistics", &reply, err, "virtualmachineid", page_param(call, "id"),
                  "range", range, (const char *)NULL))
        return false;
    size_t count = json_object_object_get_ex(reply, "statistics", &items) ? json_object_array_length(items) : 0;
    count = count < GRAPH_POINTS_MAX ? count : GRAPH_POINTS_MAX;
    *points = (struct points){.times = arena_array(call->arena, count + 1, sizeof(int64_t)),
                              .gaps = arena_array(call->arena, count + 1, sizeof(bool))};
    double **columns[] = {&points->cpu, &points->memory, &points->memory_all, &points->disk_read, &points->disk_write,
                          &points->network_in, &points->network_out};
    static const char *const NAMES[] = {"cpupercent", "memoryusedbytes", "memorybytes", "diskreadbytessecond",
                                        "diskwritebytessecond", "networkinbytessecond", "networkoutbytessecond"};
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        *columns[i] = arena_array(call->arena, count + 1, sizeof(double));
    for (size_t at = 0; at < count; at++) {
        struct json_object *item = json_object_array_get_idx(items, at);
        const char *time = page_json_text(item, "timestamp");
        if (time == NULL || !clock_parse(time, false, &points->times[points->count]))
            continue;
        points->gaps[points->count] = number_of(item, "gap") > 0;
        for (size_t i = 0; i < COUNT_OF(columns); i++)
            (*columns[i])[points->count] = number_of(item, NAMES[i]);
        points->count++;
    }
    return true;
}

static void add_graph(struct page_call *call, struct view *graphs, const struct points *points, int64_t length_ms,
                      struct graph graph)
{
    graph.until_ms = clock_now_ms();
    graph.from_ms = graph.until_ms - length_ms;
    graph.axis_ms = length_ms;
    graph.times_ms = points->times;
    graph.gaps = points->gaps;
    graph.count = points->count;
    view_add(graphs, graph_view(call, &graph));
}

static void add_all(struct page_call *call, struct view *graphs, const struct points *points, int64_t length_ms)
{
    double memory = points->count > 0 ? points->memory_all[points->count - 1] : 0;
    add_graph(call, graphs, points, length_ms,
              (struct graph){.id = "cpu", .title_key = "page.graph.cpu", .unit = GRAPH_PERCENT, .top = 100,
                             .lines = {{"page.graph.used", "first", points->cpu}}, .line_count = 1});
    add_graph(call, graphs, points, length_ms,
              (struct graph){.id = "memory", .title_key = "page.graph.memory", .unit = GRAPH_BYTES,
                             .top = memory > 0 ? memory : 0,
                             .lines = {{"page.graph.used", "first", points->memory},
                                       {"page.graph.given", "second", points->memory_all}}, .line_count = 2});
    add_graph(call, graphs, points, length_ms,
              (struct graph){.id = "disk", .title_key = "page.graph.disk", .unit = GRAPH_BYTES_SECOND,
                             .lines = {{"page.graph.read", "first", points->disk_read},
                                       {"page.graph.write", "second", points->disk_write}}, .line_count = 2});
    add_graph(call, graphs, points, length_ms,
              (struct graph){.id = "network", .title_key = "page.graph.network", .unit = GRAPH_BYTES_SECOND,
                             .lines = {{"page.graph.in", "first", points->network_in},
                                       {"page.graph.out", "second", points->network_out}}, .line_count = 2});
}

/* What is looked at when nobody asks: an hour, or all of a machine that is younger than the shortest range. */
static const char *usual_range(const char *created)
{
    int64_t since;
    bool is_young = created && clock_parse(created, false, &since) && clock_now_ms() - since < RANGES[0].length_ms;
    return RANGES[is_young ? 0 : 1].name;
}

bool vm_page_add_graphs(struct page_call *call, struct view *root, const char *created, struct error *err)
{
    const char *asked = http_param(call->request, "range");
    struct view *graphs = view_list(call->arena), *ranges = view_list(call->arena);
    struct points points;
    size_t chosen = 0;
    if (string_is_empty(asked))
        asked = usual_range(created);
    for (size_t i = 0; i < COUNT_OF(RANGES); i++)
        chosen = string_equal(asked, RANGES[i].name) ? i : chosen;
    for (size_t i = 0; i < COUNT_OF(RANGES); i++) {
        struct view *range = view_add_object(ranges);
        view_set_text(range, "range", RANGES[i].name);
        view_set_text(range, "label", page_text(call, RANGES[i].label_key));
        view_set_bool(range, "current", i == chosen);
    }
    if (!read_points(call, RANGES[chosen].name, &points, err))
        return false;
    if (points.count > 0)
        add_all(call, graphs, &points, RANGES[chosen].length_ms);
    view_set(root, "graphs", graphs);
    view_set(root, "ranges", ranges);
    return true;
}
