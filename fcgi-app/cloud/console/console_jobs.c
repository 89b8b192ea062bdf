/* Reads a piece of a guest's serial log where the guest runs, or ran last. */
#include "cloud/console/console_jobs.h"

#include <string.h>

#include "cloud/console/console_text.h"
#include "cloud/host/host_jobs.h"
#include "cloud/vm/vm.h"
#include "plugin_host/hypervisor.h"

enum { READ_DEADLINE_MS = 8000 };

FIELD_TABLE(CONSOLE_INPUT, struct console_input, COLUMN(struct console_input, vm_id),
            COLUMN(struct console_input, offset), COLUMN(struct console_input, size),
            COLUMN(struct console_input, generation));
FIELD_TABLE(CONSOLE_PIECE, struct console_piece, COLUMN(struct console_piece, vm_uuid),
            COLUMN(struct console_piece, text), COLUMN(struct console_piece, offset),
            COLUMN(struct console_piece, next), COLUMN(struct console_piece, end),
            COLUMN(struct console_piece, generation));

struct reading {
    struct gurum_host host;
    struct plugin_target target;
    struct gurum_console_log_spec spec;
    struct plugin_reports reports;
};

static enum step_outcome read_log(struct job_run *run, struct reading *reading,
                                  const struct gurum_console_log **ret_log, struct error *err)
{
    enum step_outcome outcome =
        hypervisor_console_log_read(run, &reading->target, &reading->spec, &reading->reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    *ret_log = plugin_report_first(&reading->reports, GURUM_ITEM_CONSOLE_LOG);
    if (*ret_log != NULL)
        return STEP_DONE;
    error_with(err, ERROR_PLUGIN, "console.no_report", E_TEXT("host", reading->host.name));
    return STEP_FAILED;
}

static void keep(struct job_run *run, const struct gurum_console_log *log, bool is_tail)
{
    struct console_piece *piece = run->state;
    struct text text;
    size_t from = is_tail && log->offset > 0 ? console_text_first_line(log->data, log->data_length) : 0;
    text_init(&text, run->arena, CONSOLE_PIECE_MAX * 3 + 1);
    size_t used = console_text_add(&text, log->data + from, log->data_length - from);
    *piece = (struct console_piece){.vm_uuid = piece->vm_uuid,
                                    .text = text_string(&text),
                                    .offset = (int64_t)(log->offset + from),
                                    .next = (int64_t)(log->offset + from + used),
                                    .end = (int64_t)log->end_offset,
                                    .generation = (int64_t)log->generation};
}

/* A reader that comes back with an offset of an older log gets the end of the present one. */
static enum step_outcome read_piece(struct job_run *run, struct reading *reading, struct error *err)
{
    const struct console_input *input = run->input;
    const struct gurum_console_log *log = NULL;
    enum step_outcome outcome = read_log(run, reading, &log, err);
    if (outcome != STEP_DONE)
        return outcome;
    bool is_tail = (reading->spec.flags & GURUM_CONSOLE_LOG_TAIL) != 0;
    bool is_another = input->generation != 0 && (int64_t)log->generation != input->generation;
    if (!is_tail && (is_another || (int64_t)log->end_offset < input->offset)) {
        is_tail = true;
        reading->spec.flags = GURUM_CONSOLE_LOG_TAIL;
        reading->reports = (struct plugin_reports){.items = NULL};
        outcome = read_log(run, reading, &log, err);
    }
    if (outcome == STEP_DONE)
        keep(run, log, is_tail);
    return outcome;
}

static enum step_outcome read_act(struct job_run *run, struct error *err)
{
    const struct console_input *input = run->input;
    struct reading reading = {.reports = {.items = NULL}};
    struct vm *vm = NULL;
    uint64_t can = 0;
    if (!vm_find_any(run->db, run->arena, input->vm_id, &vm, err))
        return STEP_FAILED;
    ((struct console_piece *)run->state)->vm_uuid = vm != NULL ? vm->uuid : NULL;
    int64_t host_id = vm == NULL ? 0 : vm->host_id != 0 ? vm->host_id : vm->last_host_id;
    if (host_id == 0)
        return STEP_DONE;
    if (!host_target(run->db, run->arena, host_id, &reading.host, &reading.target, err) ||
        !plugin_capabilities(run->db, GURUM_KIND_HYPERVISOR, reading.target.type, &can, err))
        return STEP_FAILED;
    if ((can & GURUM_HYPERVISOR_CONSOLE_LOG) == 0) {
        error_with(err, ERROR_RESOURCE_UNAVAILABLE, "console.unsupported", E_TEXT("hypervisor", reading.target.type));
        return STEP_FAILED;
    }
    reading.target.deadline_ms = READ_DEADLINE_MS;
    reading.spec = (struct gurum_console_log_spec){.size = sizeof(reading.spec),
                                                   .flags = input->offset < 0 ? GURUM_CONSOLE_LOG_TAIL : 0,
                                                   .host = &reading.host,
                                                   .guest_uuid = vm->uuid,
                                                   .guest_name = vm->instance_name,
                                                   .offset = input->offset < 0 ? 0 : (uint64_t)input->offset,
                                                   .bytes_most = (uint64_t)input->size};
    enum step_outcome outcome = read_piece(run, &reading, err);
    bool is_absent = outcome == STEP_FAILED && err->key != NULL && strcmp(err->key, "plugin.NOT_FOUND") == 0;
    return is_absent ? STEP_DONE : outcome;
}

static const struct job_step STEPS[] = {
    {.name = "read", .title_key = "step.console_log", .act = read_act, .max_attempts = 1}};
const struct job_kind CONSOLE_LOG_JOB = {.name = "vm.console_log",
                                         .command = "getVirtualMachineConsoleLog",
                                         .version = 1,
                                         .input = &CONSOLE_INPUT,
                                         .state = &CONSOLE_PIECE,
                                         .steps = STEPS,
                                         .step_count = COUNT_OF(STEPS),
                                         .urgent = true,
                                         .fleeting = true};
