/* Replies under construction: headers, redirects, status phrases. Sending them is server.c's. */
#include "http/http.h"

#include "base/log.h"

#include <string.h>

static bool is_header_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return false;
    return true;
}

void http_add_header(struct http_response *response, const char *name, const char *value)
{
    if (name[0] == '\0' || !is_header_text(name) || strpbrk(name, ": \t") != NULL || !is_header_text(value)) {
        log_with(LOG_ERROR, "http.header_refused", L_TEXT("name", name));
        return;
    }
    text_addf(&response->headers, "%s: %s\r\n", name, value);
}

void http_redirect(struct http_response *response, const char *location)
{
    response->status = is_header_text(location) ? 303 : 500;
    http_add_header(response, "Location", location);
}

const char *http_status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {429, "Too Many Requests"},
        {430, "Malformed Parameter"},
        {431, "Parameter Error"},
        {432, "Unsupported Action"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {530, "Internal Error"},
        {531, "Account Error"},
        {532, "Account Resource Limit"},
        {533, "Insufficient Capacity"},
        {534, "Resource Unavailable"},
        {535, "Resource Allocation"},
        {536, "Resource In Use"},
        {537, "Network Rule Conflict"},
    };
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Answer";
}
