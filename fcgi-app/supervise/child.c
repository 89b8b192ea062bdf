/* Fork and exec of the binary itself, and the notify protocol of systemd. When to start what is supervise.c's. */
#include "supervise/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_INHERITED = 3 };

static void pass_listen_socket(int listen_socket)
{
    if (listen_socket == FIRST_INHERITED)
        (void)fcntl(FIRST_INHERITED, F_SETFD, 0);
    else if (dup2(listen_socket, FIRST_INHERITED) < 0)
        _exit(126);
    char pid[24];
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
}

NORETURN static void become(const struct child_command *command, const char *program, pid_t supervisor)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor)
        _exit(0); /* it died before prctl */
    unsetenv("NOTIFY_SOCKET");
    if (command->listen_socket >= 0)
        pass_listen_socket(command->listen_socket);
    const char *argv[10] = {program, "--config", command->config_path};
    size_t count = 3;
    if (command->quarantine)
        argv[count++] = "--quarantine";
    argv[count++] = command->role;
    for (size_t i = 0; i < COUNT_OF(command->arguments) && command->arguments[i]; i++)
        argv[count++] = command->arguments[i];
    execv(program, (char *const *)(uintptr_t)argv); /* exec takes its strings non-const and leaves them alone */
    _exit(127);
}

/* The path the supervisor was started from: after an upgrade in place, new children run the new release. */
static const char *program_path(void)
{
    static char path[4096];
    if (path[0] == '\0') {
        ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
        path[length > 0 ? length : 0] = '\0';
    }
    return path;
}

pid_t child_start(const struct child_command *command)
{
    const char *program = program_path();
    pid_t supervisor = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(command, program, supervisor);
    return pid;
}

void notify_manager(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(address.sun_path))
        return;
    size_t length = strlen(path);
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sender < 0)
        return;
    (void)sendto(sender, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(sender);
}
