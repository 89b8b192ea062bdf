/* What the test run learns: each reply, with the parameters that led to it, as one JSON line in the file that the
 * environment names in GURUM_COVERAGE_FILE. Without it nothing happens. Tests compare the lines with the declarations
 * (tests/contract); they hold whole replies, so the file is its owner's only and belongs to a cloud that is thrown
 * away. */
#include "api/call.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

enum { VALUE_MAX_BYTES = 200 };

static const char *file;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    file = getenv("GURUM_COVERAGE_FILE");
}

static bool is_secret(const struct field_table *params, const char *name)
{
    const struct field *field = params ? field_find(params, name) : NULL;
    return (field && (field->type == FIELD_SECRET || field->flags & FIELD_SENSITIVE)) ||
           string_equal_ignoring_case(name, "sessionkey") || string_equal_ignoring_case(name, "signature");
}

static void add_sent(struct text *out, const struct api_call *call, const struct field_table *params)
{
    text_add(out, ",\"sent\":{");
    for (size_t i = 0; call->wire && i < call->wire->count; i++) {
        const struct api_param *param = &call->wire->items[i];
        text_add(out, i > 0 ? "," : "");
        json_add_string(out, param->name);
        text_add_char(out, ':');
        json_add_string_bytes(out, is_secret(params, param->name) ? "" : param->value,
                              is_secret(params, param->name) ? 0 : strnlen(param->value, VALUE_MAX_BYTES));
    }
    text_add_char(out, '}');
}

/* The parameter that the error names. */
static void add_refusal(struct text *out, const struct error *failure)
{
    for (size_t i = 0; i < failure->arg_count; i++)
        if (string_equal(failure->args[i].name, "parameter")) {
            text_add(out, ",\"refused\":");
            json_add_string(out, failure->args[i].value);
        }
}

static void append_line(const struct text *line)
{
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    ssize_t written =
        write(fd, line->data, line->length); /* one write, so that lines of several processes do not mix */
    (void)written;
    close(fd);
}

void record_answer(const struct api_call *call, const struct registered_command *command, const struct error *failure)
{
    pthread_once(&once, read_environment);
    if (!file || !command || (!failure && call->reply->form == REPLY_KEPT))
        return; /* what is answered again was noted the first time */
    struct text line;
    text_init(&line, NULL, HTTP_REPLY_MAX_BYTES);
    text_addf(&line, "{\"command\":\"%s\",\"status\":%d,\"role\":%d,\"plan\":%s", command->command->name,
              failure ? error_http_status(failure->kind) : 200, call->caller ? (int)call->caller->role_type : 0,
              call->plan ? "true" : "false");
    add_sent(&line, call, command->command->params);
    if (failure) {
        add_refusal(&line, failure);
    } else {
        text_add(&line, ",\"reply\":");
        json_write_reply(&line, command->response_key, call->reply, caller_is_root_admin(call->caller));
    }
    text_add(&line, "}\n");
    if (!line.overflowed)
        append_line(&line);
    text_free(&line);
}
