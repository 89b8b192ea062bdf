/* Cookies: reading the Cookie header and writing Set-Cookie (RFC 6265). What a session is belongs to cloud/identity. */
#include "http/http.h"

#include "base/log.h"

#include <string.h>

const char *http_cookie(const struct http_request *request, const char *name)
{
    const char *header = http_header(request, "Cookie");
    size_t name_length = strlen(name);
    while (header != NULL && *header != '\0') {
        header += strspn(header, "; \t");
        size_t length = strcspn(header, ";");
        if (length > name_length && header[name_length] == '=' && strncmp(header, name, name_length) == 0) {
            const char *value = header + name_length + 1;
            size_t value_length = length - name_length - 1;
            while (value_length > 0 && (value[value_length - 1] == ' ' || value[value_length - 1] == '\t'))
                value_length--;
            if (value_length >= 2 && value[0] == '"' && value[value_length - 1] == '"') {
                value++;
                value_length -= 2;
            }
            return arena_strndup(request->arena, value, value_length);
        }
        header += length;
    }
    return NULL;
}

/* cookie-octet of RFC 6265, section 4.1.1. */
static bool is_cookie_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("\",;\\", *c) != NULL)
            return false;
    return true;
}

void http_set_cookie(struct http_response *response, const char *name, const char *value,
                     struct http_cookie_options options)
{
    if (!is_cookie_text(name) || strchr(name, '=') != NULL || !is_cookie_text(value)) {
        log_with(LOG_ERROR, "http.cookie_refused", L_TEXT("name", name));
        return;
    }
    struct text cookie;
    text_init(&cookie, NULL, 4096);
    text_addf(&cookie, "%s=%s", name, value);
    if (options.path != NULL)
        text_addf(&cookie, "; Path=%s", options.path);
    if (options.max_age_s > 0)
        text_addf(&cookie, "; Max-Age=%d", options.max_age_s);
    else if (options.max_age_s < 0)
        text_add(&cookie, "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    if (options.http_only)
        text_add(&cookie, "; HttpOnly");
    if (options.secure)
        text_add(&cookie, "; Secure");
    if (options.same_site != NULL)
        text_addf(&cookie, "; SameSite=%s", options.same_site);
    if (cookie.overflowed)
        log_with(LOG_ERROR, "http.cookie_refused", L_TEXT("name", name), L_TEXT("reason", "too long"));
    else
        http_add_header(response, "Set-Cookie", text_string(&cookie));
    text_free(&cookie);
}
