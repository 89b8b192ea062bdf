/* From a host's URL to what libvirt is given (see libvirt.h), and whether anybody listens there. */
#include "libvirt_uri.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *libvirt_detail(const struct gurum_array *details, const char *name)
{
    for (uint32_t i = 0; i < details->count; i++) {
        const struct gurum_detail *detail = gurum_at(details, i);
        if (detail->name != NULL && strcmp(detail->name, name) == 0)
            return detail->value;
    }
    return NULL;
}

/* "ext" runs any program, and some parameters name one: an address is not the place for that. */
static bool is_taken(const char *url)
{
    static const char *const schemes[] = {"qemu:///",    "qemu+unix:///",  "qemu+tcp://",     "qemu+tls://",
                                          "qemu+ssh://", "qemu+libssh://", "qemu+libssh2://", "test:///"};
    static const char *const refused[] = {"command=", "netcat=", "proxy=", "socket=|"};
    const char *query = strchr(url, '?');
    for (size_t i = 0; query != NULL && i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (strstr(query, refused[i]) != NULL)
            return false;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    }
    return false;
}

/* ssh must not ask anybody at a terminal. */
static int take_as_is(const char *url, char *ret_uri, size_t size)
{
    bool asks = strncmp(url, "qemu+ssh://", 11) == 0 && strstr(url, "no_tty=") == NULL;
    return snprintf(ret_uri, size, "%s%s", url, !asks ? "" : strchr(url, '?') == NULL ? "?no_tty=1" : "&no_tty=1");
}

int32_t libvirt_uri(struct gurum_call *call, const struct gurum_services *services, const struct gurum_host *host,
                    char *ret_uri, size_t size)
{
    const char *url = host->url == NULL ? "" : host->url;
    if (strncmp(url, "http://", 7) != 0) {
        if (!is_taken(url) || take_as_is(url, ret_uri, size) >= (int)size)
            return services->fail(call, GURUM_INVALID, "host_url",
                                  "%.200s is no address of a libvirt host that we take", url);
        return GURUM_OK;
    }
    const char *transport = libvirt_detail(&host->details, "libvirt.transport");
    if (transport == NULL)
        transport = services->setting("transport");
    if (transport == NULL || (strcmp(transport, "tcp") != 0 && strcmp(transport, "ssh") != 0))
        transport = "tls";
    bool ssh = strcmp(transport, "ssh") == 0;
    const char *user = ssh && host->username != NULL ? host->username : "";
    size_t length = strcspn(url + 7, "/?#");
    bool clean = length > 0 &&
                 length == strspn(url + 7, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789.-_:[]") &&
                 user[strspn(user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] == '\0';
    int needed = snprintf(ret_uri, size, "qemu+%s://%s%s%.*s/system%s", transport, user, user[0] == '\0' ? "" : "@",
                          (int)length, url + 7, ssh ? "?no_tty=1" : "");
    if (!clean || needed >= (int)size)
        return services->fail(call, GURUM_INVALID, "host_url", "%.200s names no host", url);
    return GURUM_OK;
}

/* ---- Listening ---- */

/* The port is the scheme's own unless the URL names one. */
static bool authority_split(const char *uri, char *ret_name, size_t name_size, char *ret_port, size_t port_size)
{
    static const struct {
        const char *scheme, *port;
    } ports[] = {{"qemu+tls://", "16514"}, {"qemu+tcp://", "16509"},  {"qemu+ssh://", "22"},
                 {"qemu+libssh://", "22"}, {"qemu+libssh2://", "22"}, {"http://", "16514"}};
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        size_t scheme = strlen(ports[i].scheme);
        if (strncmp(uri, ports[i].scheme, scheme) != 0)
            continue;
        const char *name = uri + scheme, *end = name + strcspn(name, "/?#");
        const char *at = memchr(name, '@', (size_t)(end - name));
        name = at == NULL ? name : at + 1;
        bool bracket = *name == '[';
        size_t length = bracket ? strcspn(++name, "]/?#") : strcspn(name, ":/?#");
        const char *rest = name + length + (bracket && name[length] == ']');
        int port = *rest == ':' ? (int)strcspn(rest + 1, "/?#") : 0;
        return length > 0 && snprintf(ret_name, name_size, "%.*s", (int)length, name) < (int)name_size &&
               snprintf(ret_port, port_size, "%.*s", port > 0 ? port : (int)strlen(ports[i].port),
                        port > 0 ? rest + 1 : ports[i].port) < (int)port_size;
    }
    return false;
}

bool libvirt_authority(const char *url, char *ret_name, size_t size)
{
    char port[16];
    return url != NULL && authority_split(url, ret_name, size, port, sizeof(port));
}

/* 0 or what went wrong. */
static int try_address(const struct addrinfo *address, int timeout_ms)
{
    int peer = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (peer < 0)
        return errno;
    int problem = connect(peer, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (problem == EINPROGRESS) {
        struct pollfd wait = {.fd = peer, .events = POLLOUT};
        socklen_t size = sizeof(problem);
        if (poll(&wait, 1, timeout_ms) != 1)
            problem = ETIMEDOUT;
        else
            (void)getsockopt(peer, SOL_SOCKET, SO_ERROR, &problem, &size);
    }
    close(peer);
    return problem;
}

bool libvirt_listens(const char *uri, int timeout_ms, char *ret_why, size_t size)
{
    char name[256], port[16];
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (!authority_split(uri, name, sizeof(name), port, sizeof(port)))
        return true;
    int problem = getaddrinfo(name, port, &wanted, &found);
    if (problem != 0) {
        snprintf(ret_why, size, "%s: %s", name, gai_strerror(problem));
        return false;
    }
    problem = ENOENT;
    for (const struct addrinfo *each = found; problem != 0 && each != NULL; each = each->ai_next)
        problem = try_address(each, timeout_ms);
    freeaddrinfo(found);
    if (problem != 0)
        snprintf(ret_why, size, "%s port %s: %s", name, port, strerror(problem));
    return problem == 0;
}
