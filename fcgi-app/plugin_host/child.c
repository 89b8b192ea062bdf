/* Child processes of plugins: no shell, a deadline, output with a ceiling, and nothing of the host's files left open in
 * them. */
#include "plugin_host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOOK_MS = 100, PIPE_READ_BYTES = 65536 };

struct child {
    pid_t pid;
    int input, output; /* our ends; -1: closed */
    uint64_t input_sent;
    int64_t until_ms;
};

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

/* Its own process group, so that its own children end with it; default signal actions, no blocked signals. */
static bool child_spawn(struct child *child, const struct gurum_run *run, int input, int output)
{
    static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
    static char *const default_environment[] = {path, lang, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    /* posix_spawn promises not to change the vectors */
    char *const *environment =
        run->environment == NULL ? default_environment : (char *const *)(uintptr_t)run->environment;
    int failure =
        posix_spawn(&child->pid, run->argv[0], &actions, &attributes, (char *const *)(uintptr_t)run->argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = failure;
    return failure == 0;
}

static bool child_start(struct child *child, const struct gurum_run *run)
{
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0)
        return false;
    if (pipe2(output, O_CLOEXEC) != 0) {
        close(input[0]);
        close(input[1]);
        return false;
    }
    bool spawned = child_spawn(child, run, input[0], output[1]);
    int reason = errno;
    close(input[0]);
    close(output[1]);
    child->input = input[1];
    child->output = output[0];
    fcntl(child->input, F_SETFL, O_NONBLOCK);
    fcntl(child->output, F_SETFL, O_NONBLOCK);
    if (run->input == NULL || run->input_length == 0 || !spawned)
        close_end(&child->input);
    if (!spawned)
        close_end(&child->output);
    errno = reason;
    return spawned;
}

static void input_send(struct child *child, const struct gurum_run *run)
{
    ssize_t sent = write(child->input, run->input + child->input_sent, (size_t)(run->input_length - child->input_sent));
    if (sent > 0)
        child->input_sent += (uint64_t)sent;
    if ((sent < 0 && errno != EAGAIN) || child->input_sent == run->input_length)
        close_end(&child->input);
}

/* What does not fit is read and forgotten, so that the child does not block. */
static void output_take(struct child *child, struct gurum_run *run)
{
    char buffer[PIPE_READ_BYTES];
    ssize_t got = read(child->output, buffer, sizeof buffer);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close_end(&child->output);
    uint64_t room =
        run->output == NULL || run->output_capacity == 0 ? 0 : run->output_capacity - 1 - run->ret_output_length;
    uint64_t taken = got <= 0 ? 0 : (uint64_t)got < room ? (uint64_t)got : room;
    if (taken > 0)
        memcpy(run->output + run->ret_output_length, buffer, (size_t)taken);
    run->ret_output_length += taken;
}

/* Until the child ends, its time is over or nobody wants it. */
static int32_t child_wait(struct child *child, struct gurum_call *call, struct gurum_run *run, int *ret_wait_status)
{
    for (;;) {
        struct pollfd ends[2] = {{.fd = child->output, .events = POLLIN}, {.fd = child->input, .events = POLLOUT}};
        int64_t left = child->until_ms - clock_monotonic_ms();
        poll(ends, 2, child->output < 0 ? 5 : left > LOOK_MS ? LOOK_MS : left < 0 ? 0 : (int)left);
        if (child->input >= 0 && ends[1].revents != 0)
            input_send(child, run);
        if (child->output >= 0 && ends[0].revents != 0)
            output_take(child, run);
        if (child->output < 0 && waitpid(child->pid, ret_wait_status, WNOHANG) == child->pid)
            return GURUM_OK;
        bool is_cancelled = call != NULL && call->plugin->services.cancelled(call);
        if (is_cancelled || clock_monotonic_ms() >= child->until_ms) {
            kill(-child->pid, SIGKILL);
            while (waitpid(child->pid, ret_wait_status, 0) < 0 && errno == EINTR)
                continue;
            return is_cancelled ? GURUM_CANCELLED : GURUM_TIMED_OUT;
        }
    }
}

int32_t child_run(struct gurum_call *call, struct gurum_run *run)
{
    if (call == NULL || run == NULL || run->size < sizeof *run || run->argv == NULL || run->argv[0] == NULL ||
        run->argv[0][0] != '/')
        return GURUM_INVALID;
    int64_t left = call->plugin->services.remaining_ms(call);
    struct child child = {.until_ms = clock_monotonic_ms() +
                                      (run->timeout_ms == 0 || run->timeout_ms > left ? left : run->timeout_ms)};
    run->ret_output_length = 0;
    run->ret_exit_code = 0;
    if (!child_start(&child, run))
        return errno == ENOENT || errno == EACCES ? GURUM_NOT_FOUND : GURUM_FAILED;
    int wait_status = 0;
    int32_t status = child_wait(&child, call, run, &wait_status);
    close_end(&child.input);
    close_end(&child.output);
    if (run->output != NULL && run->output_capacity > 0)
        run->output[run->ret_output_length] = '\0';
    run->ret_exit_code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    return status;
}
