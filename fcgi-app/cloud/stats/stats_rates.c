/* See stats_rates.h. */
#include "cloud/stats/stats_rates.h"

#include <string.h>

enum { KIB = 1024 };

static bool fell(const struct stats_counters *before, const struct stats_counters *now)
{
    return now->cpu_ms < before->cpu_ms || now->disk_read_bytes < before->disk_read_bytes ||
           now->disk_write_bytes < before->disk_write_bytes || now->disk_read_requests < before->disk_read_requests ||
           now->disk_write_requests < before->disk_write_requests ||
           now->network_in_bytes < before->network_in_bytes || now->network_out_bytes < before->network_out_bytes;
}

struct stats_point stats_between(int64_t vm_id, const struct stats_counters *before, const struct stats_counters *now)
{
    struct stats_point point = {.vm_id = vm_id,
                                .taken = OPT_TIME(now->taken_ms),
                                .samples = 1,
                                .memory_mib = now->memory_mib,
                                .memory_used_mib = now->memory_used_mib};
    if (before == NULL || now->taken_ms <= before->taken_ms || fell(before, now))
        return point;
    point.interval_ms = now->taken_ms - before->taken_ms;
    point.capacity_ms = point.interval_ms * (now->cpu_count > 0 ? now->cpu_count : 1);
    point.cpu_ms = now->cpu_ms - before->cpu_ms;
    if (point.cpu_ms > point.capacity_ms) /* clocks of two machines */
        point.cpu_ms = point.capacity_ms;
    point.disk_read_bytes = now->disk_read_bytes - before->disk_read_bytes;
    point.disk_write_bytes = now->disk_write_bytes - before->disk_write_bytes;
    point.disk_read_requests = now->disk_read_requests - before->disk_read_requests;
    point.disk_write_requests = now->disk_write_requests - before->disk_write_requests;
    point.network_in_bytes = now->network_in_bytes - before->network_in_bytes;
    point.network_out_bytes = now->network_out_bytes - before->network_out_bytes;
    return point;
}

static void add_up(struct stats_point *sum, const struct stats_point *point)
{
    sum->taken = point->taken;
    sum->samples += point->samples;
    sum->interval_ms += point->interval_ms;
    sum->capacity_ms += point->capacity_ms;
    sum->cpu_ms += point->cpu_ms;
    sum->memory_mib += point->memory_mib;
    sum->memory_used_mib += point->memory_used_mib;
    sum->disk_read_bytes += point->disk_read_bytes;
    sum->disk_write_bytes += point->disk_write_bytes;
    sum->disk_read_requests += point->disk_read_requests;
    sum->disk_write_requests += point->disk_write_requests;
    sum->network_in_bytes += point->network_in_bytes;
    sum->network_out_bytes += point->network_out_bytes;
}

size_t stats_thin(struct stats_point *points, size_t count, int64_t from_ms, int64_t slot_ms)
{
    size_t left = 0;
    int64_t last_slot = -1;
    for (size_t i = 0; i < count; i++) {
        int64_t slot = (points[i].taken.ms - from_ms) / (slot_ms > 0 ? slot_ms : 1);
        if (left > 0 && slot == last_slot)
            add_up(&points[left - 1], &points[i]);
        else
            points[left++] = points[i];
        last_slot = slot;
    }
    return left;
}

bool stats_gap(const struct stats_point *last, const struct stats_point *point, int64_t usual_ms)
{
    return point->taken.ms - last->taken.ms > usual_ms * 5 / 2;
}

int64_t stats_kib_second(int64_t bytes, int64_t interval_ms)
{
    return interval_ms > 0 ? bytes * 1000 / interval_ms / KIB : 0;
}

const char *stats_percent(struct arena *arena, double percent)
{
    char *text = arena_printf(arena, "%.2f", percent);
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '0')
        text[--length] = '\0';
    if (length > 0 && text[length - 1] == '.')
        text[--length] = '\0';
    return arena_printf(arena, "%s%%", text);
}
