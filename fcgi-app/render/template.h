/* Page templates: a logic-less language after Mustache, parsed once into an immutable set, rendered by any thread.
 *
 *   {{name}} {{a.b.c}} {{.}}         a value, escaped for the place where it stands
 *   {{#name}}…{{/name}}              once for an object or a true value, for each item of a list
 *   {{^name}}…{{/name}}              when absent, false, empty or 0
 *   {{> name}}                       another template
 *   {{< name}}{{$block}}…{{/block}}{{/name}}   another template with blocks replaced
 *   {{$block}}default{{/block}}      where a block goes
 *   {{_ key arg=name}}               a translated message
 *   {{@ /path/{name}?q={other}}}     a URL; each value is percent-encoded
 *   {{json name}}                    JSON, in <script type="application/json"> only
 *   {{! comment}}
 *
 * {{{name}}}, {{&name}} and {{=…=}} are refused. */
#ifndef GURUM_RENDER_TEMPLATE_H
#define GURUM_RENDER_TEMPLATE_H

#include "base/error.h"
#include "base/text.h"
#include "render/view.h"

enum { TEMPLATE_MAX_BYTES = 256 * 1024, TEMPLATE_DEPTH_MAX = 32 };

struct template_set;

struct template_set *template_set_new(void);
void template_set_free(struct template_set *set);
/* Parses a source under a name; `file` is for error messages. All but `set` is copied. Errors: INTERNAL "render.…" with
 * file and line. */
MUST_CHECK bool template_set_add(struct template_set *set, const char *name, const char *file, const char *source,
                                 size_t length, struct error *err);
bool template_set_has(const struct template_set *set, const char *name);
/* Connects partials and layouts; after the last add, before the first render. Errors: one that does not exist. */
MUST_CHECK bool template_set_link(struct template_set *set, struct error *err);

/* Errors: INTERNAL "render.unknown", "render.too_deep", "render.too_large" (over the text's ceiling, which then holds a
 * part). */
MUST_CHECK bool template_render(const struct template_set *set, const char *name, const struct view *root,
                                const char *language, struct text *out, struct error *err);

#endif
