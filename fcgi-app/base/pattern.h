/* Regular expressions, on pcre2 with limits on match effort. Patterns are constants of ours or admin settings, never
 * tenant input. */
#ifndef GURUM_BASE_PATTERN_H
#define GURUM_BASE_PATTERN_H

#include "base/error.h"

struct pattern;
MUST_CHECK bool pattern_compile(const char *expression, struct pattern **ret_pattern, struct error *err);
void pattern_free(struct pattern *pattern);
/* Whole-subject match; effort over the limit counts as no match. Thread-safe. */
bool pattern_matches(const struct pattern *pattern, const char *subject);
/* `*` and `?` wildcards, ignoring ASCII case (role rules); no pcre. */
bool wildcard_matches(const char *wildcard, const char *subject);

#endif
