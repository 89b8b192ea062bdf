/* Messages as strings in an arena, for callers that have no text under construction. The catalogue itself is
 * base/message.h. */
#ifndef GURUM_RENDER_TRANSLATE_H
#define GURUM_RENDER_TRANSLATE_H

#include "base/arena.h"
#include "base/error.h"

enum { TRANSLATE_MAX_BYTES = 16 * 1024 };
/* The error's message in the language (English and the key are the fallbacks), cut at TRANSLATE_MAX_BYTES. Not escaped.
 */
const char *translate_error(struct arena *arena, const char *language, const struct error *err);
const char *translate(struct arena *arena, const char *language, const char *key, const struct error_arg *args,
                      size_t count);

#endif
