/* The log: one write(2) a line to standard error, so that lines of several threads and processes do not mix. */
#include "base/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { LINE_BYTES = 4096, VALUE_BYTES = 512, ID_BYTES = 37, ROLE_BYTES = 16 };

static const char *const level_names[] = {"debug", "info", "warning", "error"};
static _Atomic int lowest_level = LOG_INFO;
static char role_name[ROLE_BYTES] = "-"; /* set once at start, before threads */
static _Thread_local char request[ID_BYTES], job[ID_BYTES];

void log_start(const char *role, enum log_level level)
{
    string_copy(role_name, sizeof(role_name), role);
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    atomic_store(&lowest_level, (int)level);
}

bool log_level_from_name(const char *name, enum log_level *ret_level)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++)
        if (string_equal_ignoring_case(name, level_names[i])) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

void log_set_request(const char *request_id)
{
    string_copy(request, sizeof(request), request_id ? request_id : "");
}

void log_set_job(const char *job_id)
{
    string_copy(job, sizeof(job), job_id ? job_id : "");
}

/* A line under construction. One byte is kept for the line break. */
struct line {
    char bytes[LINE_BYTES];
    size_t length;
};

static void add(struct line *line, const char *text)
{
    size_t room = sizeof(line->bytes) - 1 - line->length;
    string_copy(line->bytes + line->length, room, text);
    line->length += strlen(line->bytes + line->length);
}

/* Quoted, with control characters, quotes and broken UTF-8 escaped: a value cannot look like another value or line. */
static void add_quoted(struct line *line, const char *text)
{
    char cut[VALUE_BYTES];
    string_copy(cut, sizeof(cut), text ? text : "");
    add(line, "\"");
    size_t length = strlen(cut);
    for (size_t i = 0, size; i < length; i += size) {
        char piece[8] = {0};
        size = string_utf8_length(cut + i, length - i);
        unsigned char c = (unsigned char)cut[i];
        if (!size || c < 0x20 || c == 0x7F) {
            snprintf(piece, sizeof(piece), "\\x%02x", c);
            size = 1;
        } else if (c == '"' || c == '\\') {
            piece[0] = '\\';
            piece[1] = (char)c;
        } else {
            memcpy(piece, cut + i, size);
        }
        add(line, piece);
    }
    add(line, "\"");
}

static void add_named(struct line *line, const char *name, const char *text)
{
    add(line, " ");
    add(line, name);
    add(line, "=");
    add_quoted(line, text);
}

static void add_number(struct line *line, const char *name, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    add(line, " ");
    add(line, name);
    add(line, "=");
    add(line, digits);
}

static void begin(struct line *line, enum log_level level, const char *event, const char *file, int at_line)
{
    char now[32], place[24];
    clock_format_iso(clock_now_ms(), now, sizeof(now));
    snprintf(place, sizeof(place), ":%d", at_line);
    const char *folder = file ? strstr(file, "fcgi-app/") : NULL;
    line->length = 0;
    add(line, "ts=");
    add(line, now);
    add(line, " level=");
    add(line, level_names[level]);
    add(line, " role=");
    add(line, role_name);
    add(line, " at=");
    add(line, folder ? folder + strlen("fcgi-app/") : file ? file : "-");
    add(line, place);
    add(line, " event=");
    add(line, event);
    if (request[0])
        add_named(line, "request", request);
    if (job[0])
        add_named(line, "job", job);
}

static void end(struct line *line)
{
    line->bytes[line->length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line->bytes, line->length);
    (void)written; /* nobody could be told */
}

void log_write(enum log_level level, const char *event, const struct log_value *values, const char *file, int line)
{
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    struct line out;
    begin(&out, level, event, file, line);
    for (; values && values->name; values++) {
        if (values->is_number)
            add_number(&out, values->name, values->number);
        else
            add_named(&out, values->name, values->text);
    }
    end(&out);
}

void log_error(enum log_level level, const char *event, const struct error *err)
{
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    struct line out;
    begin(&out, level, event, err->file, err->line);
    add(&out, " kind=");
    add(&out, error_kind_name(err->kind));
    add_named(&out, "key", err->key);
    for (size_t i = 0; i < err->arg_count; i++) {
        add(&out, " arg.");
        add(&out, err->args[i].name);
        add(&out, "=");
        add_quoted(&out, err->args[i].value);
    }
    if (err->detail[0])
        add_named(&out, "detail", err->detail);
    end(&out);
}
