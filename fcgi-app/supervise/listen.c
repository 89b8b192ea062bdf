/* Listening sockets. What is not here: accepting (http/server.c). */
#include "supervise/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum { FIRST_INHERITED = 3, BACKLOG = 1024 };

static bool fail(const char *path, struct error *err)
{
    int reason = errno;
    error_with(err, ERROR_INTERNAL, "listen.failed", E_TEXT("path", path));
    return error_add_detail(err, "%s", strerror(reason));
}

/* Connecting tells a socket that somebody serves from a file that a killed process left. */
static bool is_in_use(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool in_use = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0;
    if (probe >= 0)
        close(probe);
    return in_use;
}

static bool give_to_group(const char *path, const char *group)
{
    if (group[0] == '\0')
        return true;
    struct group *entry = getgrnam(group);
    if (!entry) {
        errno = ENOENT;
        return false;
    }
    return chown(path, (uid_t)-1, entry->gr_gid) == 0;
}

bool listen_new(const struct config *config, int *ret_socket, struct error *err)
{
    const char *path = config->web_listen;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return fail(path, err);
    }
    string_copy(address.sun_path, sizeof(address.sun_path), path);
    if (is_in_use(&address)) {
        errno = EADDRINUSE;
        return fail(path, err);
    }
    (void)unlink(path);
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0117); /* never more than 0660, not even for a moment */
    bool ok = made >= 0 && bind(made, (const struct sockaddr *)&address, sizeof(address)) == 0;
    umask(before);
    if (ok && give_to_group(path, config->web_group) && listen(made, BACKLOG) == 0) {
        *ret_socket = made;
        return true;
    }
    fail(path, err);
    if (made >= 0)
        close(made);
    return false;
}

/* The protocol of sd_listen_fds(3): LISTEN_PID is this process, LISTEN_FDS sockets from descriptor 3 on. */
bool listen_inherited_or_new(const struct config *config, int *ret_socket, struct error *err)
{
    const char *pid_text = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS");
    int64_t pid, count;
    if (!pid_text || !count_text || !string_to_int(pid_text, &pid) || !string_to_int(count_text, &count) ||
        pid != getpid() || count < 1)
        return listen_new(config, ret_socket, err);
    if (fcntl(FIRST_INHERITED, F_SETFD, FD_CLOEXEC) != 0)
        return fail("LISTEN_FDS", err);
    *ret_socket = FIRST_INHERITED;
    return true;
}
