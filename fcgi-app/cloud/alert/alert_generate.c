/* generateAlert: the command, and its job of one step. */
#include "cloud/alert/alert_generate.h"

#include "api/api.h"
#include "base/text.h"
#include "cloud/alert/alert.h"
#include "cloud/zone/zone.h"

/* ---- the job ---- */

struct generate_input {
    int64_t type, zone_id, pod_id;
    const char *name, *description, *place;
};
FIELD_TABLE(GENERATE_INPUT, struct generate_input, COLUMN(struct generate_input, type),
            COLUMN(struct generate_input, zone_id), COLUMN(struct generate_input, pod_id),
            COLUMN(struct generate_input, name), COLUMN(struct generate_input, description),
            COLUMN(struct generate_input, place));

static bool raise_commit(struct job_run *run, struct error *err)
{
    const struct generate_input *input = run->input;
    bool anywhere = string_is_empty(input->place);
    const struct alert_entry entry = {.type = (enum alert_type)input->type,
                                      .name = input->name,
                                      .key = anywhere ? "alert.generated" : "alert.generated_at",
                                      .subject = anywhere ? "" : input->place,
                                      .detail = input->description,
                                      .zone_id = input->zone_id,
                                      .pod_id = input->pod_id};
    return alert_raise(run->db, &entry, err);
}

static const struct job_step STEPS[] = {
    {.name = "raise", .title_key = "step.alert_raise", .commit = raise_commit, .max_attempts = 1}};
static const struct job_kind GENERATE = {.name = "alert.generate",
                                         .command = "generateAlert",
                                         .version = 1,
                                         .input = &GENERATE_INPUT,
                                         .steps = STEPS,
                                         .step_count = COUNT_OF(STEPS),
                                         .event = "ALERT.GENERATE"};

/* ---- the command ---- */

struct generate_args {
    int64_t type;
    const char *name, *description;
    struct object_ref zoneid, podid;
};
#define ARG(member, ...) FIELD(struct generate_args, member, __VA_ARGS__)
FIELD_TABLE(GENERATE_ARGS, struct generate_args,
            ARG(type, .flags = FIELD_REQUIRED, .min = 0, .max = INT16_MAX, .help = "The number of the alert's type"),
            ARG(name, .flags = FIELD_REQUIRED, .help = "The name of that type; its own when the type is known"),
            ARG(description, .flags = FIELD_REQUIRED, .max = 999, .help = "What is wrong"),
            ARG(zoneid, .refers_to = "zone", .help = "The zone it is about"),
            ARG(podid, .refers_to = "pod", .help = "The pod it is about; of that zone"));

/* The words for where it is: the pod, or the zone. */
static bool find_place(struct api_call *call, const struct generate_args *args, struct generate_input *to,
                       struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    if (!pod_find(call->db, call->arena, args->podid.id, &pod, err))
        return false;
    if (pod && args->zoneid.id && pod->zone_id != args->zoneid.id)
        return error_set(err, ERROR_INVALID_VALUE, "zone.pod_of_other_zone");
    to->pod_id = args->podid.id;
    to->zone_id = pod ? pod->zone_id : args->zoneid.id;
    if (!zone_find(call->db, call->arena, to->zone_id, &zone, err))
        return false;
    to->place = pod ? pod->name : zone ? zone->name : NULL;
    return true;
}

static bool generate(struct api_call *call, const void *arguments, struct error *err)
{
    const struct generate_args *args = arguments;
    struct generate_input input = {.type = args->type, .name = args->name, .description = args->description};
    const char *known = alert_type_name((enum alert_type)args->type);
    struct job_stamp stamp = api_stamp(call);
    struct job_ref job;
    if (known && !string_equal_ignoring_case(known, args->name))
        return error_with(err, ERROR_INVALID_VALUE, "alert.type_taken", E_INT("type", args->type),
                          E_TEXT("name", known));
    if (!find_place(call, args, &input, err) || !job_create(call->db, &GENERATE, &input, NULL, &stamp, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

void alert_generate_register(void)
{
    static const struct api_command COMMANDS[] = {
        {.name = "generateAlert",
         .summary = "Tells something as an alert",
         .since = "4.3",
         .mode = API_ASYNC,
         .event = "ALERT.GENERATE",
         .roles = ROLE_ADMIN,
         .params = &GENERATE_ARGS,
         .handle = generate,
         .group = "Alert"},
        {.name = NULL},
    };
    static const struct job_kind *const KINDS[] = {&GENERATE, NULL};
    job_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
