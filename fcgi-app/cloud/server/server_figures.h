/* What /proc tells of this machine and of this program's processes on it (proc(5)). */
#ifndef GURUM_CLOUD_SERVER_FIGURES_H
#define GURUM_CLOUD_SERVER_FIGURES_H

#include "base/arena.h"

struct server_figures {
    int64_t processors, memory_total_bytes, memory_free_bytes;
    double load[3];
    double mhz;                                   /* of all processors together */
    int64_t user_ticks, system_ticks, idle_ticks; /* since the boot */
    int64_t booted_ms;
    /* Of all processes of this program. */
    int64_t processes, resident_bytes, virtual_bytes, threads, runnable, waiting, blocked;
};
/* Figures that cannot be read stay 0. */
void server_read_figures(struct server_figures *ret_figures);
/* "Debian GNU/Linux 12 (bookworm)", the kernel's release, and the first address that is not loopback. */
const char *server_os(struct arena *arena);
const char *server_kernel(struct arena *arena);
const char *server_address(struct arena *arena);

#endif
