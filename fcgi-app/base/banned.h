/* Functions that must not be called in this project. Included by attributes.h, and so by every file of ours.
 * Scheme: the system headers that declare them come first, then a function-like macro turns each call into an
 * identifier that is declared nowhere and whose name says what to use. `#pragma GCC poison` would also hit members and
 * later headers that only mention the word; a second declaration with an error attribute is refused by clang where the
 * C library defines the function inline. */
#ifndef GURUM_BASE_BANNED_H
#define GURUM_BASE_BANNED_H

#include <alloca.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* fortified headers may have made macros of them */
#undef strcpy
#undef strcat
#undef sprintf
#undef strtok
#undef gets
#undef atoi
#undef atol
#undef system
#undef popen
#undef alloca
#undef longjmp
#define strcpy(...) banned_strcpy_use_string_copy
#define strcat(...) banned_strcat_use_text_add
#define sprintf(...) banned_sprintf_use_text_addf
#define strtok(...) banned_strtok_use_string_split
#define gets(...) banned_gets_use_getline
#define atoi(...) banned_atoi_use_string_to_int
#define atol(...) banned_atol_use_string_to_int
#define system(...) banned_system_no_shell
#define popen(...) banned_popen_no_shell
#define alloca(...) banned_alloca_use_an_arena
#define longjmp(...) banned_longjmp_return_an_error

#endif
