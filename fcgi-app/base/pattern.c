/* Regular expressions on pcre2, and role wildcards without it. */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/text.h"

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, EXPRESSION_MAX_BYTES = 4096, SUBJECT_MAX_BYTES = 1024 * 1024 };

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

bool pattern_compile(const char *expression, struct pattern **ret_pattern, struct error *err)
{
    if (strlen(expression) > EXPRESSION_MAX_BYTES)
        return error_with(err, ERROR_INVALID_VALUE, "pattern.too_long", E_INT("max", EXPRESSION_MAX_BYTES));
    int code;
    size_t offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY, &code, &offset, NULL);
    if (!compiled) {
        char reason[128] = "";
        pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
        return error_with(err, ERROR_INVALID_VALUE, "pattern.malformed", E_TEXT("pattern", expression),
                          E_TEXT("reason", reason), E_INT("place", (int64_t)offset));
    }
    struct pattern *pattern = malloc(sizeof(*pattern));
    if (!pattern || !(pattern->limits = pcre2_match_context_create(NULL)))
        abort();
    pattern->code = compiled;
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
    *ret_pattern = pattern;
    return true;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    free(pattern);
}

bool pattern_matches(const struct pattern *pattern, const char *subject)
{
    size_t length = strlen(subject);
    if (length > SUBJECT_MAX_BYTES)
        return false;
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data)
        abort();
    int result = pcre2_match(pattern->code, (PCRE2_SPTR)subject, length, 0, 0, data, pattern->limits);
    pcre2_match_data_free(data);
    return result >= 0; /* negative: no match, broken UTF-8, or over a limit */
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Remembers only the last `*`: giving an earlier one more characters never helps, so the effort is at most wildcard ×
 * subject. */
bool wildcard_matches(const char *wildcard, const char *subject)
{
    const char *after_star = NULL, *retry = NULL;
    while (*subject) {
        if (*wildcard == '*') {
            after_star = ++wildcard;
            retry = subject;
        } else if (*wildcard == '?' || (*wildcard && lower(*wildcard) == lower(*subject))) {
            wildcard++;
            subject++;
        } else if (after_star) {
            wildcard = after_star;
            subject = ++retry;
        } else {
            return false;
        }
    }
    while (*wildcard == '*')
        wildcard++;
    return *wildcard == '\0';
}
