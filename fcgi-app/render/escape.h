/* Escaping by output context. Everything a page template prints goes through one of these. Broken UTF-8 and control
 * characters become U+FFFD, so that no browser sees another character than we did. JSON strings: escape_json_string,
 * for script data blocks. */
#ifndef GURUM_RENDER_ESCAPE_H
#define GURUM_RENDER_ESCAPE_H

#include "base/text.h"

/* HTML text and quoted attribute values: & < > " ' */
void escape_html(struct text *out, const char *string);
/* One value inside a URL (a path segment, a query value): all but A-Z a-z 0-9 - . _ ~ is percent-encoded. */
void escape_url_part(struct text *out, const char *string);
/* A whole URL in an attribute: relative, http, https or mailto; any other scheme (javascript:, data: …) gives "#". */
void escape_url(struct text *out, const char *url);
/* A JSON string that cannot end a script element: < > & and the line separators are written as \uXXXX. */
void escape_json_string(struct text *out, const char *string);

#endif
