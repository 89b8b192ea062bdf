/* One line an event on standard error: `ts=… level=… at=file:line event=… key=value …`. Log at the edges, once.
 * The calling thread's context (request id, job id) is added to every line. Secrets have no formatter: see secret.h. */
#ifndef GURUM_BASE_LOG_H
#define GURUM_BASE_LOG_H

#include "base/attributes.h"
#include "base/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Lines below `level` are dropped. Thread-safe. `role` is printed in each line. */
void log_start(const char *role, enum log_level level);
void log_set_level(enum log_level level);
MUST_CHECK bool log_level_from_name(const char *name, enum log_level *ret_level);
/* The thread's context; NULL or "" takes an id away. Copied (36 bytes each). */
void log_set_request(const char *request_id);
void log_set_job(const char *job_id);

struct log_value {
    const char *name, *text;
    int64_t number;
    bool is_number;
};
#define L_TEXT(value_name, value_text) ((struct log_value){.name = (value_name), .text = (value_text)})
#define L_INT(value_name, value_number)                                                                                \
    ((struct log_value){.name = (value_name), .number = (value_number), .is_number = true})

/* log_with(LOG_INFO, "host.added", L_TEXT("host", uuid), L_INT("ms", took)); log_event has no values. Values are quoted
 * and cut at 512 bytes. */
#define log_event(level, event) log_write((level), (event), NULL, __FILE__, __LINE__)
#define log_with(level, event, ...)                                                                                \
    log_write((level), (event), (const struct log_value[]){__VA_ARGS__, {.name = NULL}}, __FILE__, __LINE__)
void log_write(enum log_level level, const char *event, const struct log_value *values, const char *file, int line);
/* One line for an error: kind, key, arguments, detail, place. */
void log_error(enum log_level level, const char *event, const struct error *err);

#endif
