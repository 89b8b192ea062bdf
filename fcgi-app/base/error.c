/* Errors as data: setting, copying and describing them. Turning them into words is in message.c, into replies in api/.
 */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

enum { POOL_TEXT_BYTES = 480 }; /* of one text, so that a long one leaves room for the others */

struct kind {
    const char *name;
    int http_status, cs_code;
    bool is_retryable;
};
static const struct kind kinds[] = {
#define X(kind, status, code, retryable) {#kind, status, code, retryable},
    ERROR_KINDS(X)
#undef X
};

/* Puts a text into the error's pool, cut with "…" when it does not fit. */
static const char *keep(struct error *err, const char *text)
{
    size_t length = strlen(text), room = sizeof(err->pool) - err->pool_used;
    if (room > POOL_TEXT_BYTES)
        room = POOL_TEXT_BYTES;
    if (room <= sizeof("…"))
        return "";
    char *place = err->pool + err->pool_used;
    if (length < room) {
        memcpy(place, text, length + 1);
    } else {
        string_copy(place, room - strlen("…"), text);
        memcpy(place + strlen(place), "…", sizeof("…"));
        length = strlen(place);
    }
    err->pool_used += length + 1;
    return place;
}

static const char *keep_number(struct error *err, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    return keep(err, digits);
}

bool error_set_at(struct error *err, enum error_kind kind, const char *key, const struct error_value *values,
                  const char *file, int line)
{
    if (!err)
        return false;
    struct error fresh; /* the values may lie in err's own pool */
    error_clear(&fresh);
    fresh.kind = kind;
    fresh.key = key;
    fresh.file = file;
    fresh.line = line;
    for (; values && values->name && fresh.arg_count < ERROR_ARGS_MAX; values++)
        fresh.args[fresh.arg_count++] =
            (struct error_arg){.name = values->name,
                               .value = values->is_number ? keep_number(&fresh, values->number)
                                                          : keep(&fresh, values->text ? values->text : ""),
                               .is_number = values->is_number};
    error_copy(err, &fresh);
    return false;
}

bool error_add_detail(struct error *err, const char *format, ...)
{
    if (!err)
        return false;
    char older[ERROR_DETAIL_BYTES];
    string_copy(older, sizeof(older), err->detail);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->detail, sizeof(err->detail), format, arguments);
    va_end(arguments);
    size_t length = strlen(err->detail);
    if (older[0] && length + sizeof("; ") < sizeof(err->detail)) {
        memcpy(err->detail + length, "; ", sizeof("; "));
        string_copy(err->detail + length + 2, sizeof(err->detail) - length - 2, older);
    }
    return false;
}

void error_add_entity(struct error *err, const char *uuid, const char *description)
{
    if (!err || err->entity_count == ERROR_ENTITIES_MAX)
        return;
    err->entities[err->entity_count].uuid = keep(err, uuid);
    err->entities[err->entity_count++].description = keep(err, description);
}

void error_clear(struct error *err)
{
    if (!err)
        return;
    /* Not the whole struct: its pools need no zeroes, and errors are cleared on paths that never fail. */
    err->kind = ERROR_NONE;
    err->key = NULL;
    err->arg_count = err->entity_count = err->pool_used = 0;
    err->file = NULL;
    err->line = 0;
    err->detail[0] = err->pool[0] = '\0';
}

/* A pointer into `from`'s pool, moved to the same place in `to`'s; others (literals) as they are. */
static const char *moved(struct error *to, const struct error *from, const char *text)
{
    uintptr_t address = (uintptr_t)text, pool = (uintptr_t)from->pool;
    return address >= pool && address < pool + sizeof(from->pool) ? to->pool + (address - pool) : text;
}

void error_copy(struct error *to, const struct error *from)
{
    if (!to || to == from)
        return;
    error_clear(to);
    to->kind = from->kind;
    to->key = moved(to, from, from->key);
    to->file = from->file;
    to->line = from->line;
    to->arg_count = from->arg_count;
    for (size_t i = 0; i < from->arg_count; i++)
        to->args[i] = (struct error_arg){.name = moved(to, from, from->args[i].name),
                                         .value = moved(to, from, from->args[i].value),
                                         .is_number = from->args[i].is_number};
    to->entity_count = from->entity_count;
    for (size_t i = 0; i < from->entity_count; i++) {
        to->entities[i].uuid = moved(to, from, from->entities[i].uuid);
        to->entities[i].description = moved(to, from, from->entities[i].description);
    }
    string_copy(to->detail, sizeof(to->detail), from->detail);
    memcpy(to->pool, from->pool, from->pool_used);
    to->pool_used = from->pool_used;
}

bool error_is_set(const struct error *err)
{
    return err && err->kind != ERROR_NONE;
}

int error_http_status(enum error_kind kind)
{
    return kinds[kind].http_status;
}

int error_cs_code(enum error_kind kind)
{
    return kinds[kind].cs_code;
}

bool error_is_retryable(enum error_kind kind)
{
    return kinds[kind].is_retryable;
}

const char *error_kind_name(enum error_kind kind)
{
    return kinds[kind].name;
}

enum error_kind error_kind_from_name(const char *name)
{
    for (size_t i = 0; name && i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (enum error_kind)i;
    return ERROR_INTERNAL;
}
