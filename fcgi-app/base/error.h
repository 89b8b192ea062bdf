/* Errors as data: a kind, a message key with named arguments, and where it arose. The wire prints the English text of
 * the key, portals and mails the reader's language (templates/i18n/<lang>.json). No allocation: an error lives on the
 * stack. */
#ifndef GURUM_BASE_ERROR_H
#define GURUM_BASE_ERROR_H

#include "base/attributes.h"

/* X(kind, HTTP status = API error code, cserrorcode on the wire (0: left out), may a repetition succeed) */
#define ERROR_KINDS(X)                                                                                             \
    X(NONE, 200, 0, false)                                                                                         \
    X(BAD_REQUEST, 400, 9999, false)          /* servlet-level malformed request */                                \
    X(UNAUTHENTICATED, 401, 0, false)         /* bad signature, key or session */                                  \
    X(METHOD_NOT_ALLOWED, 405, 0, false)                                                                           \
    X(TOO_LARGE, 413, 0, false)               /* body over the ceiling */                                          \
    X(RATE_LIMITED, 429, 9999, true)                                                                               \
    X(MALFORMED_PARAMETER, 430, 9999, false)                                                                       \
    X(PARAMETER, 431, 9999, false)            /* missing, too long, control characters, paging */                  \
    X(INVALID_VALUE, 431, 4350, false)        /* a value the service refuses, an id that does not exist */         \
    X(UNSUPPORTED, 432, 9999, false)          /* unknown or not allowed command */                                 \
    X(UNAVAILABLE, 503, 0, true)              /* no room for another parked request or job */                      \
    X(TWO_FACTOR, 511, 9999, false)                                                                                \
    X(INTERNAL, 530, 4250, false)             /* our fault; details only in the log */                             \
    X(DATABASE, 530, 4250, true)              /* the database did not answer; repeat later */                      \
    X(UNCERTAIN, 530, 4250, true)             /* connection lost during COMMIT; re-read before repeating */        \
    X(PLUGIN, 530, 4250, true)                /* a provider failed */                                              \
    X(DENIED, 531, 4365, false)               /* someone else's object, wrong role */                              \
    X(LOGIN_FAILED, 531, 0, false)                                                                                 \
    X(ACCOUNT_LIMIT, 532, 4280, false)                                                                             \
    X(INSUFFICIENT_CAPACITY, 533, 4240, true)                                                                      \
    X(RESOURCE_UNAVAILABLE, 534, 4355, true)                                                                       \
    X(RESOURCE_ALLOCATION, 535, 4370, false)  /* over a limit */                                                   \
    X(IN_USE, 536, 4360, false)                                                                                    \
    X(NETWORK_CONFLICT, 537, 4345, false)                                                                          \
    X(CANCELLED, 530, 4250, false)            /* the job was cancelled by a person */                              \
    X(TIMED_OUT, 530, 4250, true)

enum error_kind {
#define X(kind, status, code, retryable) ERROR_##kind,
    ERROR_KINDS(X)
#undef X
        ERROR_KIND_COUNT
};

enum { ERROR_ARGS_MAX = 8, ERROR_POOL_BYTES = 1024, ERROR_DETAIL_BYTES = 384, ERROR_ENTITIES_MAX = 4 };

struct error_arg {
    const char *name;  /* a literal, or in pool */
    const char *value; /* in pool; numbers as decimal text */
    bool is_number;    /* chooses plural forms */
};

struct error {
    enum error_kind kind;
    const char *key; /* message key; a literal, or in pool when read back from a job */
    struct error_arg args[ERROR_ARGS_MAX];
    size_t arg_count;
    struct {
        const char *uuid, *description;
    } entities[ERROR_ENTITIES_MAX]; /* the wire's uuidList */
    size_t entity_count;
    char detail[ERROR_DETAIL_BYTES]; /* for the log and operators only, never for tenants */
    const char *file;
    int line;
    char pool[ERROR_POOL_BYTES]; /* argument texts; longer ones are cut with "…" */
    size_t pool_used;
};

/* Arguments of a message: error_with(err, ERROR_IN_USE, "zone.in_use", E_TEXT("name", zone->name), E_INT("hosts", 3))
 */
struct error_value {
    const char *name, *text;
    int64_t number;
    bool is_number;
};
#define E_TEXT(arg_name, arg_text) ((struct error_value){.name = (arg_name), .text = (arg_text)})
#define E_INT(arg_name, arg_number)                                                                                    \
    ((struct error_value){.name = (arg_name), .number = (arg_number), .is_number = true})

/* Sets *err (cleared first) and returns false, so that `return error_set(…)` ends a fallible function. A NULL err is
 * allowed. error_with takes arguments, error_set none (ISO C17 wants at least one in a variadic macro). */
#define error_set(err, kind, key) error_set_at((err), (kind), (key), NULL, __FILE__, __LINE__)
#define error_with(err, kind, key, ...)                                                                            \
    error_set_at((err), (kind), (key), (const struct error_value[]){__VA_ARGS__, {.name = NULL}}, __FILE__, __LINE__)
bool error_set_at(struct error *err, enum error_kind kind, const char *key, const struct error_value *values,
                  const char *file, int line);
/* Adds a line for the log to an error that is already set; the newest comes first. Returns false. */
bool error_add_detail(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* Adds an entry of the wire's uuidList. */
void error_add_entity(struct error *err, const char *uuid, const char *description);
void error_clear(struct error *err);
/* Deep copy: pointers into `from`'s pool are moved to `to`'s. */
void error_copy(struct error *to, const struct error *from);
bool error_is_set(const struct error *err);

int error_http_status(enum error_kind kind);
int error_cs_code(enum error_kind kind); /* 0: not on the wire */
bool error_is_retryable(enum error_kind kind);
const char *error_kind_name(enum error_kind kind); /* "IN_USE" */
/* ERROR_INTERNAL when the name is unknown (written by a newer release). */
enum error_kind error_kind_from_name(const char *name);

#endif
