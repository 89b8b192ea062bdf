/* listApis and the descriptions behind it. The documents are written in documents.c. */
#include "api/discover.h"

#include <pthread.h>

#include "api/call.h"
#include "api/parse.h"
#include "api/room.h"
#include "base/text.h"

enum { NESTING_MAX = 4 };

struct descriptions {
    struct command_info *admin, *others;
};

static struct arena memory; /* as long as the process */
static struct descriptions descriptions;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *type_name(enum field_type type)
{
    switch (type) {
    case FIELD_STRING:
    case FIELD_SECRET:
        return "string";
    case FIELD_INT:
    case FIELD_OPT_INT:
        return "long";
    case FIELD_INT32:
        return "integer";
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        return "boolean";
    case FIELD_OPT_DOUBLE:
        return "float";
    case FIELD_OPT_TIME:
        return "date";
    case FIELD_REF:
        return "uuid";
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
    case FIELD_OBJECTS:
        return "list";
    case FIELD_MAP:
    case FIELD_PAIRS:
        return "map";
    case FIELD_NESTED:
    case FIELD_RAW_JSON:
        return "object";
    }
    return "string";
}

/* Every command that answers with objects of the kind. */
static const char *commands_about(const struct object_kind *kind, const struct api_command *but_not)
{
    struct text names;
    size_t count;
    const struct registered_command *all = commands_all(&count);
    if (!kind)
        return NULL;
    text_init(&names, &memory, 16384);
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind != kind || all[i].command == but_not)
            continue;
        if (names.length > 0)
            text_add_char(&names, ',');
        text_add(&names, all[i].command->name);
    }
    return names.length > 0 ? text_string(&names) : NULL;
}

static struct object_list describe_responses(const struct field_table *table, bool for_admin, int depth)
{
    struct response_info *infos = arena_array(&memory, table->count, sizeof(*infos));
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if ((field->flags & FIELD_ADMIN) && !for_admin)
            continue;
        struct response_info *info = &infos[count++];
        *info = (struct response_info){field->name, field->help, type_name(field->type), field->since, {0}};
        if (field->table && depth < NESTING_MAX)
            info->response = describe_responses(field->table, for_admin, depth + 1);
    }
    return (struct object_list){infos, count, true};
}

static struct param_info describe_param(const struct field *field)
{
    bool is_text = field->type == FIELD_STRING || field->type == FIELD_SECRET;
    struct param_info info = {.name = field->name,
                              .description = field->help,
                              .type = type_name(field->type),
                              .since = field->since,
                              .required = (field->flags & FIELD_REQUIRED) != 0,
                              .no_effect = field->no_effect,
                              .refused = field->refused};
    if (is_text)
        info.length = OPT_INT(field->max > 0 ? field->max : PARSE_DEFAULT_LENGTH);
    if (field->refers_to)
        info.related = commands_about(api_find_kind(field->refers_to), NULL);
    return info;
}

static struct object_list describe_params(const struct api_command *command, bool for_admin)
{
    const struct room_param *room[PARSE_ROOM_PARAMS_MAX];
    size_t room_count = parse_room_params(command, room), declared = command->params ? command->params->count : 0,
           count = 0;
    struct param_info *infos = arena_array(&memory, declared + room_count, sizeof(*infos));
    for (size_t i = 0; i < declared; i++) {
        const struct field *field = &command->params->fields[i];
        if ((field->flags & FIELD_ADMIN) && !for_admin)
            continue;
        infos[count++] = describe_param(field);
    }
    for (size_t i = 0; i < room_count; i++)
        infos[count++] = (struct param_info){.name = room[i]->name,
                                             .description = room[i]->help,
                                             .type = room[i]->type,
                                             .no_effect = command->no_effect};
    return (struct object_list){infos, count, true};
}

static void describe(const struct registered_command *from, bool for_admin, struct command_info *to)
{
    const struct api_command *command = from->command;
    *to = (struct command_info){.name = command->name,
                                .description = command->summary,
                                .since = command->since,
                                .isasync = command->mode == API_ASYNC,
                                .related = command->related ? command->related : commands_about(from->kind, command),
                                .params = describe_params(command, for_admin),
                                .response = describe_responses(registry_response(command), for_admin, 0)};
}

static void describe_all(void)
{
    size_t count;
    const struct registered_command *all = commands_all(&count);
    arena_init(&memory);
    descriptions.admin = arena_array(&memory, count, sizeof(struct command_info));
    descriptions.others = arena_array(&memory, count, sizeof(struct command_info));
    for (size_t i = 0; i < count; i++) {
        describe(&all[i], true, &descriptions.admin[i]);
        describe(&all[i], false, &descriptions.others[i]);
    }
}

const struct command_info *discover_command(const struct registered_command *command, bool for_admin)
{
    pthread_once(&once, describe_all);
    return for_admin ? &descriptions.admin[command->index] : &descriptions.others[command->index];
}

/* ---- listApis ---- */

FIELD_TABLE(API_RESPONSE_INFO_DEEP, struct response_info,
            FIELD(struct response_info, name, .help = "The name of the member"),
            FIELD(struct response_info, description, .help = "What it means"),
            FIELD(struct response_info, type, .help = "The type of its value"));
FIELD_TABLE(API_RESPONSE_INFO, struct response_info,
            FIELD(struct response_info, name, .help = "The name of the member"),
            FIELD(struct response_info, description, .help = "What it means"),
            FIELD(struct response_info, type, .help = "The type of its value"),
            FIELD(struct response_info, since, .help = "The release in which it came"),
            FIELD(struct response_info, response, .help = "The members of its objects",
                  .table = &API_RESPONSE_INFO_DEEP));
FIELD_TABLE(API_PARAM_INFO, struct param_info, FIELD(struct param_info, name, .help = "The name of the parameter"),
            FIELD(struct param_info, description, .help = "What it means"),
            FIELD(struct param_info, type, .help = "The type of its value"),
            FIELD(struct param_info, length, .help = "The longest text it takes, in characters"),
            FIELD(struct param_info, required, .help = "True when a request must have it"),
            FIELD(struct param_info, related, .help = "Commands that list what it refers to"),
            FIELD(struct param_info, since, .help = "The release in which it came"));
FIELD_TABLE(API_COMMAND_INFO, struct command_info, FIELD(struct command_info, name, .help = "The name of the command"),
            FIELD(struct command_info, description, .help = "What the command does"),
            FIELD(struct command_info, since, .help = "The release in which it came"),
            FIELD(struct command_info, isasync, .help = "True when it answers with a job"),
            FIELD(struct command_info, related, .help = "Commands about the same kind of object"),
            FIELD(struct command_info, params, .help = "Its parameters", .table = &API_PARAM_INFO),
            FIELD(struct command_info, response, .help = "The members of its reply", .table = &API_RESPONSE_INFO));

struct list_apis_args {
    const char *name;
};
FIELD_TABLE(LIST_APIS_ARGS, struct list_apis_args,
            FIELD(struct list_apis_args, name, .help = "Describes only this command"));

static bool is_shown(const struct api_call *call, const struct registered_command *command,
                     const struct list_apis_args *args)
{
    if (args->name && !string_equal(args->name, command->command->name))
        return false;
    return (command->command->flags & API_NO_LOGIN) || identity->role_allows(call->caller, command->command);
}

/* All at once: clients ask for the whole and do not page. */
static bool list_apis(struct api_call *call, const void *arguments, struct error *err)
{
    size_t count, shown = 0;
    const struct registered_command *all = commands_all(&count);
    bool for_admin = caller_is_root_admin(call->caller);
    struct command_info *infos = arena_array(call->arena, count, sizeof(*infos));
    (void)err;
    for (size_t i = 0; i < count; i++)
        if (is_shown(call, &all[i], arguments))
            infos[shown++] = *discover_command(&all[i], for_admin);
    api_reply_list(call, infos, shown, (int64_t)shown);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listApis",
     .summary = "Lists the commands that the caller may use, with their parameters and replies",
     .since = "4.1.0",
     .object_key = "api",
     .mode = API_LIST,
     .flags = API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &LIST_APIS_ARGS,
     .response = &API_COMMAND_INFO,
     .handle = list_apis,
     .group = "APIDiscovery"},
    {.name = NULL},
};

void room_register_discovery(void)
{
    api_register_commands(COMMANDS);
}
