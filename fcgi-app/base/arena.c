/* Arenas: a chain of blocks, the newest first, allocations one after the other. No locks: an arena has one owner. */
#include "base/arena.h"

#include <string.h>

enum { FIRST_BLOCK_BYTES = 8 * 1024, LARGEST_KEPT_BYTES = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct arena_block {
    struct arena_block *older;
    size_t size, used; /* of data */
    _Alignas(max_align_t) char data[];
};

struct arena_deferred {
    struct arena_deferred *earlier;
    void (*action)(void *argument);
    void *argument;
};

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* A full chain grows by doubling up to the size that a reset keeps; larger requests get a block of their own size. */
static void add_block(struct arena *arena, size_t bytes)
{
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK_BYTES - sizeof(struct arena_block);
    if (size > LARGEST_KEPT_BYTES - sizeof(struct arena_block))
        size = LARGEST_KEPT_BYTES - sizeof(struct arena_block);
    if (size < bytes)
        size = bytes;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (!block)
        abort();
    block->size = size;
    block->used = 0;
    block->older = arena->newest;
    arena->newest = block;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){.newest = NULL};
}

static void run_deferred(struct arena *arena)
{
    for (struct arena_deferred *deferred = arena->deferred; deferred; deferred = deferred->earlier)
        deferred->action(deferred->argument);
    arena->deferred = NULL;
}

void arena_defer(struct arena *arena, void (*action)(void *argument), void *argument)
{
    struct arena_deferred *deferred = ARENA_NEW(arena, struct arena_deferred);
    *deferred = (struct arena_deferred){.earlier = arena->deferred, .action = action, .argument = argument};
    arena->deferred = deferred;
}

bool arena_has_deferred(const struct arena *arena, void (*action)(void *argument), const void *argument)
{
    for (const struct arena_deferred *deferred = arena->deferred; deferred; deferred = deferred->earlier)
        if (deferred->action == action && deferred->argument == argument)
            return true;
    return false;
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    struct arena_block *kept = NULL;
    for (struct arena_block *block = arena->newest, *older; block; block = older) {
        older = block->older;
        bool is_better = block->size + sizeof(*block) <= LARGEST_KEPT_BYTES && (!kept || block->size > kept->size);
        free(is_better ? kept : block);
        if (is_better)
            kept = block;
    }
    if (kept) {
        kept->used = 0;
        kept->older = NULL;
    }
    *arena = (struct arena){.newest = kept};
}

void arena_free(struct arena *arena)
{
    run_deferred(arena);
    for (struct arena_block *block = arena->newest, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    arena_init(arena);
}

void *arena_alloc_unset(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 4)
        abort();
    size_t wanted = align_up(bytes ? bytes : 1);
    if (!arena->newest || arena->newest->size - arena->newest->used < wanted)
        add_block(arena, wanted);
    char *memory = arena->newest->data + arena->newest->used;
    arena->newest->used += wanted;
    arena->used_bytes += wanted;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    return memset(arena_alloc_unset(arena, bytes), 0, bytes);
}

void *arena_array(struct arena *arena, size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total))
        abort();
    return arena_alloc(arena, total);
}

bool arena_extend(struct arena *arena, const void *latest, size_t old_bytes, size_t new_bytes)
{
    struct arena_block *block = arena->newest;
    size_t old_aligned = align_up(old_bytes ? old_bytes : 1);
    if (!block || new_bytes > SIZE_MAX / 4 || block->used < old_aligned ||
        block->data + block->used - old_aligned != latest)
        return false;
    size_t more = align_up(new_bytes) - old_aligned;
    if (new_bytes < old_bytes || block->size - block->used < more)
        return false;
    block->used += more;
    arena->used_bytes += more;
    return true;
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc_unset(arena, length + 1);
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *string)
{
    return string ? arena_strndup(arena, string, strlen(string)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        abort();
    char *string = arena_alloc_unset(arena, (size_t)length + 1);
    vsnprintf(string, (size_t)length + 1, format, again);
    va_end(again);
    return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *string = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return string;
}
