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

/* clang's thread-safety analysis; nothing under gcc. */
#ifdef __clang__
#define GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#else
#define GUARDED_BY(lock)
#endif

#include "base/banned.h"

#endif
