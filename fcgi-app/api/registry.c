/* All commands and object kinds, sorted by name, and the checks of their declarations. Filled at start by one thread,
 * read by all. */
#include "api/registry.h"

#include "api/room.h"
#include "base/log.h"
#include "base/text.h"

enum { COMMANDS_MAX = 1200, KINDS_MAX = 200 };

static struct registered_command commands[COMMANDS_MAX];
static const struct api_command *by_name[COMMANDS_MAX];
static size_t command_count;
static const struct object_kind *kinds[KINDS_MAX];
static size_t kind_count;
static struct arena names; /* lives as long as the process */

FIELD_TABLE(SUCCESS_RESPONSE, struct success_response,
            FIELD(struct success_response, success, .help = "True when the operation was carried out"),
            FIELD(struct success_response, displaytext, .help = "What there is to say about it",
                  .no_effect = "no command has more to say than that it succeeded"));

static NORETURN void refuse(const char *what, const char *name, const char *why)
{
    log_with(LOG_ERROR, "registry.faulty_declaration", L_TEXT("what", what), L_TEXT("name", name ? name : "(no name)"),
             L_TEXT("why", why));
    abort();
}

static void check_table(const struct api_command *command, const struct field_table *table, bool is_params)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (string_is_empty(field->help))
            refuse("command", command->name, arena_printf(&names, "%s.%s has no help", table->name, field->name));
        if (is_params && field->type == FIELD_REF && !field->refers_to)
            refuse("command", command->name, arena_printf(&names, "%s.%s refers to nothing", table->name, field->name));
        if (is_params && field->type == FIELD_REF_LIST && !field->refers_to)
            refuse("command", command->name, arena_printf(&names, "%s.%s refers to nothing", table->name, field->name));
        bool nested = field->type == FIELD_OBJECTS || field->type == FIELD_NESTED;
        if (nested && (is_params || !field->table))
            refuse("command", command->name,
                   arena_printf(&names, "%s.%s cannot be nested like this", table->name, field->name));
    }
}

static void check_command(const struct api_command *command)
{
    if (string_is_empty(command->summary))
        refuse("command", command->name, "it has no summary");
    if (!command->handle)
        refuse("command", command->name, "it has no handler");
    if (command->mode == API_LIST && (!command->object_key || !command->response))
        refuse("command", command->name, "a list needs object_key and response");
    if (command->params)
        check_table(command, command->params, true);
    if (command->response)
        check_table(command, command->response, false);
}

static void add_command(const struct api_command *command)
{
    check_command(command);
    if (command_count == COMMANDS_MAX)
        refuse("command", command->name, "there are too many commands");
    size_t at = command_count;
    while (at > 0 && strcmp(commands[at - 1].command->name, command->name) > 0)
        at--;
    if (at > 0 && string_equal(commands[at - 1].command->name, command->name))
        refuse("command", command->name, "it is declared twice");
    memmove(&commands[at + 1], &commands[at], (command_count - at) * sizeof(commands[0]));
    const char *lower = string_lower(&names, command->name);
    const char *key = command->response_key ? command->response_key : arena_printf(&names, "%sresponse", lower);
    size_t length = strlen(key);
    bool usual = length > 8 && string_ends_with(key, "response");
    commands[at] = (struct registered_command){
        .command = command, .response_key = key, .wire_name = usual ? arena_strndup(&names, key, length - 8) : lower};
    command_count++;
    for (size_t i = at; i < command_count; i++) {
        commands[i].index = i;
        by_name[i] = commands[i].command;
    }
}

void api_register_commands(const struct api_command *list)
{
    for (; list->name; list++)
        add_command(list);
}

void api_register_kinds(const struct object_kind *const *list)
{
    for (; *list; list++) {
        if (kind_count == KINDS_MAX)
            refuse("kind", (*list)->name, "there are too many kinds");
        if (api_find_kind((*list)->name))
            refuse("kind", (*list)->name, "it is declared twice");
        if (!(*list)->find || string_is_empty((*list)->wire_type))
            refuse("kind", (*list)->name, "it needs find and wire_type");
        if ((*list)->describe && (!(*list)->response || !(*list)->object_key))
            refuse("kind", (*list)->name, "describe needs response and object_key");
        kinds[kind_count++] = *list;
    }
}

static void check_references(const struct api_command *command)
{
    const struct field_table *params = command->params;
    for (size_t i = 0; params && i < params->count; i++) {
        const char *kind = params->fields[i].refers_to;
        bool is_reference = params->fields[i].type == FIELD_REF || params->fields[i].type == FIELD_REF_LIST;
        if (is_reference && !api_find_kind(kind))
            refuse("command", command->name,
                   arena_printf(&names, "%s refers to the unknown kind %s", params->fields[i].name, kind));
        for (const struct map_ref *ref = params->fields[i].map_refs; ref && ref->field; ref++)
            if (!api_find_kind(ref->refers_to))
                refuse("command", command->name,
                       arena_printf(&names, "%s.%s refers to the unknown kind %s", params->fields[i].name, ref->field,
                                    ref->refers_to));
    }
}

void api_registry_finish(void)
{
    room_register();
    for (size_t i = 0; i < command_count; i++) {
        check_references(commands[i].command);
        const struct api_command *command = commands[i].command;
        const struct object_kind *kind = commands[i].kind = registry_kind_of_table(command->response);
        bool is_job = command->mode == API_ASYNC || command->mode == API_WAIT;
        commands[i].object_key = command->object_key ? command->object_key : is_job && kind ? kind->object_key : NULL;
    }
}

const struct registered_command *commands_find(const char *name)
{
    size_t low = 0, high = command_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, commands[middle].command->name);
        if (order == 0)
            return &commands[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct registered_command *commands_of(const struct api_command *command)
{
    return commands_find(command->name);
}

const struct registered_command *commands_all(size_t *ret_count)
{
    *ret_count = command_count;
    return commands;
}

bool registry_is_write(const struct api_command *command)
{
    return (command->mode != API_LIST || command->flags & API_LIST_WRITES) && !(command->flags & API_READ_ONLY);
}

bool registry_is_repeatable(const struct api_command *command)
{
    enum { ONCE_AND_FOR_REAL = API_NO_LOGIN | API_BEFORE_FACTOR | API_LIST_WRITES };
    return registry_is_write(command) && !(command->flags & ONCE_AND_FOR_REAL);
}

const struct object_kind *registry_kind_of_table(const struct field_table *response)
{
    for (size_t i = 0; response && i < kind_count; i++)
        if (kinds[i]->response == response)
            return kinds[i];
    return NULL;
}

const struct field_table *registry_response(const struct api_command *command)
{
    return command->response ? command->response : &SUCCESS_RESPONSE;
}

const struct api_command *api_find_command(const char *name)
{
    const struct registered_command *found = commands_find(name);
    return found ? found->command : NULL;
}

size_t api_command_index(const struct api_command *command)
{
    const struct registered_command *found = commands_of(command);
    return found ? found->index : SIZE_MAX;
}

const struct object_kind *api_find_kind(const char *name)
{
    for (size_t i = 0; i < kind_count; i++)
        if (string_equal(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}

const struct object_kind *api_find_kind_of_type(const char *wire_type)
{
    for (size_t i = 0; i < kind_count; i++)
        if (string_equal_ignoring_case(kinds[i]->wire_type, wire_type))
            return kinds[i];
    return NULL;
}

const struct object_kind *const *api_all_kinds(size_t *ret_count)
{
    *ret_count = kind_count;
    return kinds;
}

const struct api_command *const *api_all_commands(size_t *ret_count)
{
    *ret_count = command_count;
    return by_name;
}
