/* Password policy: the settings (CloudStack's names, by domain) and what they demand. */
#include "cloud/signin/signin_policy.h"

#include <ctype.h>
#include <string.h>

#include "base/pattern.h"
#include "base/text.h"
#include "cloud/settings/settings.h"
#include "cloud/signin/signin.h"

#define POLICY_NUMBER(ident, setting_name, words)                                                                      \
    SETTING(ident, .name = setting_name, .category = "Advanced", .default_value = "0", .type = SETTING_INT, .min = 0,  \
            .max = 100, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN, .help = "Fewest " words " of a password")
POLICY_NUMBER(POLICY_LENGTH, "password.policy.minimum.length", "characters");
POLICY_NUMBER(POLICY_DIGITS, "password.policy.minimum.digits", "digits");
POLICY_NUMBER(POLICY_LOWERCASE, "password.policy.minimum.lowercase.letters", "lower-case letters");
POLICY_NUMBER(POLICY_UPPERCASE, "password.policy.minimum.uppercase.letters", "upper-case letters");
POLICY_NUMBER(POLICY_SPECIAL, "password.policy.minimum.special.characters", "characters that are no letter or digit");
SETTING(POLICY_USERNAME, .name = "password.policy.allowPasswordContainingUsername", .category = "Advanced",
        .default_value = "true", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN,
        .help = "Passwords may contain the name of their user");
SETTING(POLICY_REGEX, .name = "password.policy.regex", .category = "Advanced", .default_value = "",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN,
        .help = "A regular expression that a whole password must match; empty: anything");

struct password_make {
    int64_t length, digits, lowercase, uppercase, special;
};

/* Characters, not bytes; whatever is neither an ASCII letter nor a digit counts as special. */
static struct password_make count_characters(struct secret password)
{
    struct password_make make = {0};
    for (size_t i = 0; i < password.length; i++) {
        unsigned char c = (unsigned char)password.bytes[i];
        if ((c & 0xc0) == 0x80)
            continue;
        make.length++;
        if (isdigit(c))
            make.digits++;
        else if (c < 0x80 && islower(c))
            make.lowercase++;
        else if (c < 0x80 && isupper(c))
            make.uppercase++;
        else
            make.special++;
    }
    return make;
}

static bool matches(const char *expression, const char *password, bool *ret_matches, struct error *err)
{
    struct pattern *pattern = NULL;
    if (!pattern_compile(expression, &pattern, err))
        return false;
    *ret_matches = pattern_matches(pattern, password);
    pattern_free(pattern);
    return true;
}

bool password_policy_check(const struct password_policy *policy, const char *username, struct secret password,
                           struct error *err)
{
    const struct password_make make = count_characters(password);
    const struct {
        int64_t has, wants;
        const char *key;
    } rules[] = {{make.special, policy->min_special, "signin.password_special"},
                 {make.uppercase, policy->min_uppercase, "signin.password_uppercase"},
                 {make.lowercase, policy->min_lowercase, "signin.password_lowercase"},
                 {make.digits, policy->min_digits, "signin.password_digits"},
                 {make.length, policy->min_length, "signin.password_length"}};
    bool fits = true;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].has < rules[i].wants)
            return error_with(err, ERROR_INVALID_VALUE, rules[i].key, E_INT("n", rules[i].wants));
    if (!policy->allows_username && !string_is_empty(username) && strcasestr(password.bytes, username))
        return error_set(err, ERROR_INVALID_VALUE, "signin.password_has_username");
    if (!string_is_empty(policy->pattern) && !matches(policy->pattern, password.bytes, &fits, err))
        return false;
    return fits || error_set(err, ERROR_INVALID_VALUE, "signin.password_pattern");
}

static bool load_policy(struct db *db, struct arena *arena, int64_t domain_id, struct password_policy *policy,
                        struct error *err)
{
    const struct setting_place place = {.domain_id = domain_id};
    return settings_int_at(db, arena, &POLICY_LENGTH, &place, &policy->min_length, err) &&
           settings_int_at(db, arena, &POLICY_DIGITS, &place, &policy->min_digits, err) &&
           settings_int_at(db, arena, &POLICY_LOWERCASE, &place, &policy->min_lowercase, err) &&
           settings_int_at(db, arena, &POLICY_UPPERCASE, &place, &policy->min_uppercase, err) &&
           settings_int_at(db, arena, &POLICY_SPECIAL, &place, &policy->min_special, err) &&
           settings_bool_at(db, arena, &POLICY_USERNAME, &place, &policy->allows_username, err) &&
           settings_text_at(db, arena, &POLICY_REGEX, &place, &policy->pattern, err);
}

bool signin_check_password(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                           struct secret password, struct error *err)
{
    struct password_policy policy = {0};
    return load_policy(db, arena, domain_id, &policy, err) && password_policy_check(&policy, username, password, err);
}
