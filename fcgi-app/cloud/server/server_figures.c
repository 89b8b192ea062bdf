/* Reads /proc. Every value may be missing on some kernel; then it stays 0. */
#include "cloud/server/server_figures.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"

enum { FILE_BYTES = 65536, PATH_BYTES = 320, TASKS_MAX = 4096 };

/* A whole small file with a NUL at its end; "" when it cannot be read. */
static const char *read_file(const char *path, char *buffer, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(buffer, 1, size - 1, file) : 0;
    buffer[length] = '\0';
    if (file)
        fclose(file);
    return buffer;
}

/* The number after "name" at the beginning of a line. */
static int64_t number_after(const char *text, const char *name)
{
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
        if (at == text || at[-1] == '\n')
            return strtoll(at + strlen(name), NULL, 10);
    return 0;
}

static void read_machine(struct server_figures *to)
{
    static _Thread_local char text[FILE_BYTES];
    to->processors = sysconf(_SC_NPROCESSORS_ONLN);
    read_file("/proc/meminfo", text, sizeof(text));
    to->memory_total_bytes = number_after(text, "MemTotal:") * 1024;
    to->memory_free_bytes = number_after(text, "MemAvailable:") * 1024;
    (void)sscanf(read_file("/proc/loadavg", text, sizeof(text)), "%lf %lf %lf", &to->load[0], &to->load[1],
                 &to->load[2]);
    long long user = 0, nice = 0, system = 0, idle = 0;
    if (sscanf(read_file("/proc/stat", text, sizeof(text)), "cpu %lld %lld %lld %lld", &user, &nice, &system, &idle) ==
        4) {
        to->user_ticks = user + nice;
        to->system_ticks = system;
        to->idle_ticks = idle;
    }
    to->booted_ms = number_after(text, "btime ") * 1000;
    read_file("/proc/cpuinfo", text, sizeof(text));
    for (const char *at = strstr(text, "cpu MHz"); at; at = strstr(at + 1, "cpu MHz"))
        if (strchr(at, ':'))
            to->mhz += strtod(strchr(at, ':') + 1, NULL);
}

/* R: runs or could; D: waits for a device; the others wait for something. */
static void count_threads(const char *folder, struct server_figures *to)
{
    char path[PATH_BYTES], text[1024];
    snprintf(path, sizeof(path), "%.120s/task", folder);
    DIR *tasks = opendir(path);
    int seen = 0;
    for (struct dirent *entry = tasks ? readdir(tasks) : NULL; entry && seen < TASKS_MAX; entry = readdir(tasks)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%.120s/task/%.20s/stat", folder, entry->d_name);
        const char *state = strrchr(read_file(path, text, sizeof(text)), ')');
        seen++;
        to->threads++;
        to->runnable += state && state[1] == ' ' && state[2] == 'R';
        to->blocked += state && state[1] == ' ' && state[2] == 'D';
        to->waiting += state && state[1] == ' ' && state[2] != 'R' && state[2] != 'D';
    }
    if (tasks)
        closedir(tasks);
}

static bool is_ours(const char *folder, const char *own_program)
{
    char path[PATH_BYTES], program[PATH_BYTES];
    snprintf(path, sizeof(path), "%.120s/exe", folder);
    ssize_t length = readlink(path, program, sizeof(program) - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    return strcmp(program, own_program) == 0;
}

static void read_processes(struct server_figures *to)
{
    char own[PATH_BYTES], folder[PATH_BYTES], path[PATH_BYTES], text[256];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    DIR *all = length > 0 ? opendir("/proc") : NULL;
    long page = sysconf(_SC_PAGESIZE);
    own[length > 0 ? length : 0] = '\0';
    for (struct dirent *entry = all ? readdir(all) : NULL; entry; entry = readdir(all)) {
        long long size = 0, resident = 0;
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(folder, sizeof(folder), "/proc/%.20s", entry->d_name);
        if (!is_ours(folder, own))
            continue;
        snprintf(path, sizeof(path), "%.60s/statm", folder);
        (void)sscanf(read_file(path, text, sizeof(text)), "%lld %lld", &size, &resident);
        to->processes++;
        to->virtual_bytes += size * page;
        to->resident_bytes += resident * page;
        count_threads(folder, to);
    }
    if (all)
        closedir(all);
}

void server_read_figures(struct server_figures *ret_figures)
{
    *ret_figures = (struct server_figures){0};
    read_machine(ret_figures);
    read_processes(ret_figures);
}

const char *server_os(struct arena *arena)
{
    char text[4096];
    const char *name = strstr(read_file("/etc/os-release", text, sizeof(text)), "PRETTY_NAME=\"");
    if (!name)
        return "Linux";
    name += strlen("PRETTY_NAME=\"");
    return arena_strndup(arena, name, strcspn(name, "\""));
}

const char *server_kernel(struct arena *arena)
{
    struct utsname names;
    return uname(&names) == 0 ? arena_strdup(arena, names.release) : "";
}

const char *server_address(struct arena *arena)
{
    struct ifaddrs *all = NULL;
    char text[INET_ADDRSTRLEN] = "127.0.0.1";
    if (getifaddrs(&all) != 0)
        return "127.0.0.1";
    for (struct ifaddrs *each = all; each; each = each->ifa_next) {
        struct sockaddr_in address;
        if (!each->ifa_addr || each->ifa_addr->sa_family != AF_INET || (each->ifa_flags & IFF_LOOPBACK))
            continue;
        memcpy(&address, each->ifa_addr, sizeof(address));
        inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
        break;
    }
    freeifaddrs(all);
    return arena_strdup(arena, text);
}
