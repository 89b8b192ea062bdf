/* The message catalogue: every text a person reads, by key and language. Loaded once at start, read by all threads
 * without locks. A part file templates/i18n/<language>/<part>.json is one flat object: {"key": "text with {name}
 * arguments"} or
 * {"key": {"one": "…", "other": "…"}}, the form chosen by the argument "n". An amount is
 * written for people by {name:bytes}, {name:mib} or {name:mhz}: "1.5 GiB". English is the fallback of every language.
 */
#ifndef GURUM_BASE_MESSAGE_H
#define GURUM_BASE_MESSAGE_H

#include "base/error.h"
#include "base/text.h"

/* Loads all parts of all languages below `folder` (templates/i18n). A second call (tests, reload) replaces what was
 * loaded; texts handed out before stay valid until the process ends. Errors: INTERNAL, naming the file and the key
 * (malformed, duplicate, no "other"). */
MUST_CHECK bool message_load(const char *folder, struct error *err);

/* Adds the text in the language, else in English, else the key itself. A placeholder without its argument is added as
 * it stands. */
void message_render(struct text *out, const char *language, const char *key, const struct error_arg *args,
                    size_t count);
void message_render_error(struct text *out, const char *language, const struct error *err);

/* The loaded language that an Accept-Language header likes best; `fallback` when it names none that is loaded, or is
 * NULL. */
const char *message_negotiate(const char *accept_language, const char *fallback);
/* The loaded name equal to `language` ("ko"), NULL: not loaded. */
const char *message_language(const char *language);

/* Whether the language itself (no fallback) has the key. */
bool message_has(const char *language, const char *key);
/* Calls `visit` for each key of a language, with its file and the text of its "other" form; for lints. */
void message_each(const char *language,
                  void (*visit)(void *context, const char *key, const char *text, const char *file), void *context);
/* Loaded languages in alphabetical order. */
const char *const *message_languages(size_t *ret_count);

#endif
