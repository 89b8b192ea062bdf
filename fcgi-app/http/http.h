/* Requests and replies over FastCGI: what the web role's rooms see of HTTP. libfcgi stays behind this room. */
#ifndef GURUM_HTTP_HTTP_H
#define GURUM_HTTP_HTTP_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_HEAD, HTTP_OTHER };

/* One decoded parameter of the query or the form body. */
struct http_param {
    const char *name, *value; /* decoded; values may hold any bytes but NUL */
    bool from_query;
};

enum { HTTP_BODY_MAX_BYTES = 2 * 1024 * 1024, HTTP_PARAMS_MAX = 2000 };

struct http_request {
    struct arena *arena; /* this request's; freed after the reply */
    enum http_method method;
    const char *method_name; /* as sent */
    const char *path;        /* decoded path without query, "/client/api" */
    const char *host;        /* Host header in lower case without port; "" when absent */
    const char *host_port;   /* Host header as sent, for URLs */
    const char *remote_address;
    const char *request_id;  /* nginx's $request_id, or made here */
    const char *content_type;
    bool is_https;
    /* Query and form parameters merged in wire order: of repeated names the last wins, the query's wins over the
     * body's. Raw order and duplicates are kept here; use http_param_find. */
    const struct http_param *params;
    size_t param_count;
    const char *query_string; /* undecoded */
    const char *body;         /* as sent, whatever its type; never NULL */
    size_t body_length;
    const char *const *environment; /* "NAME=value" of the gateway, NULL-terminated; for this room */
};

/* Header by its HTTP name ("Accept-Language"), NULL when absent. */
const char *http_header(const struct http_request *request, const char *name);
/* A variable that the gateway itself sets; never what a client sent. NULL when absent. */
const char *http_gateway_variable(const struct http_request *request, const char *name);
/* Cookie by name, NULL when absent. */
const char *http_cookie(const struct http_request *request, const char *name);
/* The winning value of a parameter (exact name), NULL when absent. */
const char *http_param(const struct http_request *request, const char *name);

struct http_response {
    int status; /* 200 unless set */
    const char *content_type;
    struct text headers; /* complete "Name: value\r\n" lines; add with http_add_header */
    struct text body;    /* ceiling HTTP_REPLY_MAX_BYTES */
};
enum { HTTP_REPLY_MAX_BYTES = 64 * 1024 * 1024 };

/* Adds a header; line breaks in the value are refused (the header is left out and logged). */
void http_add_header(struct http_response *response, const char *name, const char *value);
struct http_cookie_options {
    const char *path;
    int max_age_s; /* 0: session; -1: expire now */
    bool http_only, secure;
    const char *same_site;
};
void http_set_cookie(struct http_response *response, const char *name, const char *value,
                     struct http_cookie_options options);
void http_redirect(struct http_response *response, const char *location); /* 303 */

/* An exchange is one request with its reply. The handler returns HTTP_DONE after filling the response, or HTTP_PARKED
 * after handing the exchange to somebody who will call http_finish later from any thread (libfcgi allows one thread at
 * a time per request). */
struct http_exchange {
    struct http_request request;
    struct http_response response;
    struct arena arena;
    void *transport; /* libfcgi's; not for handlers */
};
enum http_outcome { HTTP_DONE, HTTP_PARKED };
typedef enum http_outcome http_handler(struct http_exchange *exchange, void *context);
/* Sends the reply and frees the exchange. */
void http_finish(struct http_exchange *exchange);

struct http_server_config {
    int listen_socket;   /* inherited, listening */
    size_t threads;
    http_handler *handler;
    void *context;
    /* Fills the response for a request that could not be read (malformed, over a ceiling); NULL: a plain text line. */
    void (*refuse)(struct http_exchange *exchange, const struct error *reason, void *context);
    void (*thread_started)(void *context); /* may be NULL */
    void (*thread_stopping)(void *context);
};
/* Serves until http_server_stop: then accepts no more, ends the requests under way, and returns. Errors: cannot start a
 * thread. */
MUST_CHECK bool http_server_run(const struct http_server_config *config, struct error *err);
void http_server_stop(void); /* async-signal-safe */
/* True from http_server_stop on: whoever holds parked exchanges answers them now. */
bool http_server_is_stopping(void);

/* Fills a request from the gateway's variables, without its body. The array and its strings must outlive the request.
 * Errors: BAD_REQUEST. */
MUST_CHECK bool http_read_environment(struct http_request *request, struct arena *arena, const char *const *environment,
                                      struct error *err);
/* Takes a body of at most HTTP_BODY_MAX_BYTES; a form's parameters join the request's. Errors: BAD_REQUEST. */
MUST_CHECK bool http_read_body(struct http_request *request, const char *body, size_t length, struct error *err);
/* The standard phrase of a status, "OK"; the wire's own statuses have one too. */
const char *http_status_phrase(int status);

/* Decodes %XX and, in forms, '+'. False: malformed escape or NUL byte. */
MUST_CHECK bool http_decode(struct arena *arena, const char *encoded, size_t length, bool plus_is_space,
                            const char **ret_decoded);
/* Parses "a=b&c=d" and appends to `params`. Errors: BAD_REQUEST (malformed, more than HTTP_PARAMS_MAX). */
MUST_CHECK bool http_parse_form(struct arena *arena, const char *form, size_t length, bool from_query,
                                struct http_param **params, size_t *count, struct error *err);
void http_add_url_encoded(struct text *out, const char *value); /* unreserved: A-Za-z0-9-._~ */

#endif
