/* getVirtualMachineConsoleLog, and this feature's registration. */
#include "api/api.h"
#include "base/text.h"
#include "cloud/console/console.h"
#include "cloud/console/console_jobs.h"

struct log_response {
    const char *virtualmachineid, *text, *generation;
    bool available;
    int64_t offset, nextoffset, endoffset;
};
#define R(member, ...) FIELD(struct log_response, member, __VA_ARGS__)
FIELD_TABLE(CONSOLE_LOG_RESPONSE, struct log_response, R(virtualmachineid, .help = "the VM"),
            R(available, .help = "there is a log; false: it never ran, or its log went with its guest"),
            R(text, .help = "what it wrote to its serial port, without control characters and terminal sequences"),
            R(offset, .help = "the byte of the log where the text begins"),
            R(nextoffset, .help = "the offset to ask for next"), R(endoffset, .help = "how long the log is now"),
            R(generation, .help = "another one whenever the log began anew"));
#undef R

struct log_args {
    struct object_ref virtualmachineid;
    struct opt_int offset, size;
    const char *generation;
};
#define P(member, ...) FIELD(struct log_args, member, __VA_ARGS__)
FIELD_TABLE(CONSOLE_LOG_PARAMS, struct log_args,
            P(virtualmachineid, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            P(offset, .min = 0, .max = INT64_C(1) << 50,
              .help = "the byte to begin with, such as nextoffset of the answer before; absent: the end of the log"),
            P(size, .min = 1, .max = CONSOLE_PIECE_MAX, .help = "how many bytes at most; present: 65536"),
            P(generation, .max = 20,
              .help = "generation of the answer before: when the log began anew since, its end is answered"));
#undef P

static bool handle_log(struct api_call *call, const void *arguments, struct error *err)
{
    const struct log_args *args = arguments;
    struct console_input input = {.vm_id = args->virtualmachineid.id,
                                  .offset = args->offset.set ? args->offset.value : -1,
                                  .size = args->size.set ? args->size.value : CONSOLE_PIECE_MAX};
    const struct job_stamp stamp = {.language = call->language};
    struct job_ref job;
    if (args->generation != NULL && !string_to_int(args->generation, &input.generation))
        return error_with(err, ERROR_PARAMETER, "console.generation", E_TEXT("value", args->generation));
    if (!job_create(call->db, &CONSOLE_LOG_JOB, &input, NULL, &stamp, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static bool answer_log(struct api_call *call, const struct job_view *job, struct error *err)
{
    struct console_piece piece = {.text = NULL};
    struct log_response *response = ARENA_NEW(call->arena, struct log_response);
    if (!job_read_state(call->db, call->arena, job, &CONSOLE_LOG_JOB, &piece, err))
        return false;
    *response = (struct log_response){.virtualmachineid = piece.vm_uuid,
                                      .available = piece.text != NULL,
                                      .text = piece.text != NULL ? piece.text : "",
                                      .generation = arena_printf(call->arena, "%lld", (long long)piece.generation),
                                      .offset = piece.offset,
                                      .nextoffset = piece.next,
                                      .endoffset = piece.end};
    api_reply_object(call, response);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "getVirtualMachineConsoleLog",
     .summary = "Tells what a VM wrote to its serial port",
     .object_key = "consolelog",
     .mode = API_WAIT,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &CONSOLE_LOG_PARAMS,
     .response = &CONSOLE_LOG_RESPONSE,
     .handle = handle_log,
     .answer = answer_log,
     .group = "VirtualMachine"},
    {.name = NULL},
};

void console_register(void)
{
    static const struct job_kind *const jobs[] = {&CONSOLE_LOG_JOB, NULL};
    job_register_kinds(jobs);
    api_register_commands(COMMANDS);
}
