/* Compiler attributes and clean-up helpers used everywhere. No functions of ours live here. */
#ifndef GURUM_BASE_ATTRIBUTES_H
#define GURUM_BASE_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text_index, first) __attribute__((format(printf, text_index, first)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

/* AUTO(cleanup_function) type name = …;  runs cleanup_function(&name) when the scope ends. */
#define AUTO(cleanup_function) __attribute__((cleanup(cleanup_function)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* clang's thread-safety analysis (-Wthread-safety); nothing under gcc. In C a member of a struct cannot name a lock
 * beside it: shared state of a process stands in a variable of its own with GUARDED_BY, members say it in a comment. */
#ifdef __clang__
#define THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define THREAD_SAFETY(attribute)
#endif
#define LOCKABLE THREAD_SAFETY(capability("mutex"))
#define GUARDED_BY(lock) THREAD_SAFETY(guarded_by(lock))        /* a variable: only with the lock */
#define REQUIRES(lock) THREAD_SAFETY(requires_capability(lock)) /* a function: its callers hold the lock */
#define ACQUIRES(lock) THREAD_SAFETY(acquire_capability(lock))
#define RELEASES(lock) THREAD_SAFETY(release_capability(lock))
#define LOCKS_UNSEEN THREAD_SAFETY(no_thread_safety_analysis) /* say why beside it */

#include "base/banned.h"

#endif
