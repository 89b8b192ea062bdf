/* Settings: declared once in C beside the code that reads them; values in the database (cloud/settings), cached per
 * process. */
#ifndef GURUM_BASE_SETTING_H
#define GURUM_BASE_SETTING_H

#include "base/attributes.h"

enum setting_type { SETTING_INT, SETTING_BOOL, SETTING_TEXT, SETTING_DOUBLE };
enum setting_scope {
    SCOPE_GLOBAL = 1,
    SCOPE_ZONE = 2,
    SCOPE_CLUSTER = 4,
    SCOPE_STORAGE = 8,
    SCOPE_DOMAIN = 16,
    SCOPE_ACCOUNT = 32,
    SCOPE_IMAGE_STORE = 64
};

struct setting {
    const char *name;          /* "default.page.size" */
    const char *category;      /* as the wire lists it: "Advanced", "Account Defaults" … */
    const char *default_value; /* as text */
    const char *help;
    const char *choices;       /* of a text: "a,b,c", the only values it takes, any case; NULL: any text */
    enum setting_type type;
    unsigned scopes;           /* enum setting_scope bits; SCOPE_GLOBAL always. Who reads a setting that has more scopes
                                  names the object: settings_…_at of cloud/settings */
    int64_t min, max;          /* numbers, when max > min */
    bool is_secret;            /* sealed at rest, never listed */
    bool needs_restart;        /* read once at start */
};

/* SETTING(DEFAULT_PAGE_SIZE, .name = "default.page.size", …) defines and registers a `const struct setting`. */
#define SETTING(ident, ...)                                                                                        \
    extern const struct setting ident;                                                                                \
    const struct setting ident = {__VA_ARGS__};                                                                       \
    static const struct setting *const ident##_entry __attribute__((used, section("gurum_settings"))) = &ident

/* All registered settings, in link order. */
const struct setting *const *setting_all(size_t *ret_count);
const struct setting *setting_find(const char *name); /* NULL: none */

/* Current global values; the default until values were loaded, or when the stored text does not parse. Thread-safe. */
int64_t setting_int(const struct setting *setting);
bool setting_bool(const struct setting *setting);
double setting_double(const struct setting *setting);
/* Copies into the buffer; cut at size - 1. */
void setting_text(const struct setting *setting, char *buffer, size_t size);

/* Called by cloud/settings after loading: replaces all global values at once. Pairs are copied. */
struct pair;
struct string_list;
/* `scoped` names the settings that have a value anywhere below global; the others need no look at the database. */
void setting_replace_scoped(const struct string_list *scoped);
bool setting_has_scoped(const struct setting *setting);
void setting_replace_all(const struct pair *values, size_t count);

#endif
