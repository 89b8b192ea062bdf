/* The page templates of this process: every theme's chain (templates/themes/<name>/ before templates/base/, the first
 * file wins), parsed once. A theme is chosen by the brand. */
#ifndef GURUM_RENDER_THEME_H
#define GURUM_RENDER_THEME_H

#include "base/error.h"
#include "base/text.h"
#include "render/view.h"

/* Loads all templates below `folder`. A second call (SIGHUP) replaces them for pages that begin from then on; when it
 * fails the old ones stay. Errors: INTERNAL, with file and line. */
MUST_CHECK bool theme_load(const char *folder, struct error *err);
/* Renders the template `name` ("tenant/instance") of a theme (NULL or unknown: base) with `root`, in a language.
 * Thread-safe. Errors: INTERNAL: no such template, recursion deeper than 32, or longer than the text's ceiling (the
 * text then holds a part). */
MUST_CHECK bool theme_render(struct text *out, const char *theme, const char *name, const struct view *root,
                             const char *language, struct error *err);
bool theme_has(const char *theme, const char *name);
/* Frees everything; no page may be rendering. For tests and the end of the process. */
void theme_unload(void);

#endif
