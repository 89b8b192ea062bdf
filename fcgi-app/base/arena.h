/* Memory that is freed all at once: one arena a request, a job step or a process. Not thread-safe: one owner each.
 * Out of memory aborts the process, so every input has a ceiling before it reaches an arena. */
#ifndef GURUM_BASE_ARENA_H
#define GURUM_BASE_ARENA_H

#include <stdarg.h>

#include "base/attributes.h"

struct arena_block;
struct arena_deferred;
struct arena {
    struct arena_block *newest;
    struct arena_deferred *deferred; /* what arena_defer was asked to run */
    size_t used_bytes; /* handed out since the last reset; for the log and for ceilings */
};

/* An empty arena; takes no memory until the first allocation. */
void arena_init(struct arena *arena);
/* Forgets all allocations, keeps one block (at most 64 KiB) for reuse. */
void arena_reset(struct arena *arena);
/* Gives everything back. The arena may be used again. */
void arena_free(struct arena *arena);

/* Runs `action(argument)` when the arena is reset or freed, the latest first, before any of its memory goes. */
void arena_defer(struct arena *arena, void (*action)(void *argument), void *argument);
/* Whether that very pair already waits: an arena that pins a shared object does so once. */
bool arena_has_deferred(const struct arena *arena, void (*action)(void *argument), const void *argument);

/* Zeroed memory aligned for any type. Never NULL. `bytes` 0 gives a unique pointer. */
void *arena_alloc(struct arena *arena, size_t bytes) __attribute__((malloc, returns_nonnull, alloc_size(2)));
/* The same without the zeroes, for memory that the caller fills at once. */
void *arena_alloc_unset(struct arena *arena, size_t bytes) __attribute__((malloc, returns_nonnull, alloc_size(2)));
/* Lengthens the arena's latest allocation in place (the new part is not zeroed). False: it is not the latest, or its
 * block is full. */
MUST_CHECK bool arena_extend(struct arena *arena, const void *latest, size_t old_bytes, size_t new_bytes);
/* Zeroed array; aborts when count * bytes overflows. */
void *arena_array(struct arena *arena, size_t count, size_t bytes) __attribute__((malloc, returns_nonnull));
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Copies into the arena. NULL stays NULL. */
char *arena_strdup(struct arena *arena, const char *string);
/* Copies exactly `length` bytes and ends them with NUL. */
char *arena_strndup(struct arena *arena, const char *bytes, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

#endif
