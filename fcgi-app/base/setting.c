/* The registry of settings and the process's copy of their global values. Reading them from the database is
 * cloud/settings. */
#include "base/setting.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/field.h"
#include "base/text.h"
#include "base/thread.h"

/* The linker names the section's ends; weak, so that a program without any setting links too. */
extern const struct setting *const __start_gurum_settings[] __attribute__((weak));
extern const struct setting *const __stop_gurum_settings[] __attribute__((weak));

/* A value parsed as its setting's type. Numbers are read without a lock. */
struct value {
    const struct setting *setting;
    _Atomic int64_t number; /* SETTING_BOOL: 0 or 1 */
    _Atomic double real;
    char *text; /* under `lock`; NULL: the default */
    atomic_bool has_scoped;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct value *values; /* sorted by the setting's address */
static size_t value_count;
static struct mutex lock = MUTEX_INITIALIZER;

const struct setting *const *setting_all(size_t *ret_count)
{
    const struct setting *const *first = __start_gurum_settings;
    *ret_count = first ? (size_t)(__stop_gurum_settings - first) : 0;
    return first;
}

const struct setting *setting_find(const char *name)
{
    size_t count;
    const struct setting *const *all = setting_all(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

static bool parse(const struct setting *setting, const char *text, int64_t *number, double *real)
{
    bool has_range = setting->max > setting->min;
    switch (setting->type) {
    case SETTING_TEXT:
        return true;
    case SETTING_BOOL:
        *number = string_equal_ignoring_case(text, "true");
        return *number || string_equal_ignoring_case(text, "false");
    case SETTING_INT:
        return string_to_int(text, number) && (!has_range || (*number >= setting->min && *number <= setting->max));
    case SETTING_DOUBLE:
        return string_to_double(text, real) &&
               (!has_range || (*real >= (double)setting->min && *real <= (double)setting->max));
    }
    return false;
}

/* Stores `text`, or the default when there is none or it does not parse. */
static void store(struct value *value, const char *text)
{
    const struct setting *setting = value->setting;
    int64_t number = 0;
    double real = 0;
    if (!text || !parse(setting, text, &number, &real)) {
        text = NULL;
        number = 0;
        real = 0;
        (void)parse(setting, setting->default_value ? setting->default_value : "", &number, &real);
    }
    atomic_store(&value->number, number);
    atomic_store(&value->real, real);
    free(value->text);
    value->text = text ? strdup(text) : NULL;
}

static int compare_values(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct value *)a)->setting,
              right = (uintptr_t)((const struct value *)b)->setting;
    return (left > right) - (left < right);
}

static void set_up(void)
{
    const struct setting *const *all = setting_all(&value_count);
    values = calloc(value_count + 1, sizeof(*values));
    if (!values)
        abort();
    for (size_t i = 0; i < value_count; i++)
        values[i].setting = all[i];
    qsort(values, value_count, sizeof(*values), compare_values);
    for (size_t i = 0; i < value_count; i++)
        store(&values[i], NULL);
}

static struct value *value_of(const struct setting *setting)
{
    (void)pthread_once(&once, set_up);
    struct value wanted = {.setting = setting};
    struct value *value = bsearch(&wanted, values, value_count, sizeof(*values), compare_values);
    if (!value)
        abort(); /* a setting that was not declared with SETTING() */
    return value;
}

int64_t setting_int(const struct setting *setting)
{
    return atomic_load_explicit(&value_of(setting)->number, memory_order_relaxed);
}

bool setting_bool(const struct setting *setting)
{
    return setting_int(setting) != 0;
}

double setting_double(const struct setting *setting)
{
    return atomic_load_explicit(&value_of(setting)->real, memory_order_relaxed);
}

void setting_text(const struct setting *setting, char *buffer, size_t size)
{
    struct value *value = value_of(setting);
    mutex_lock(&lock);
    string_copy(buffer, size, value->text ? value->text : setting->default_value ? setting->default_value : "");
    mutex_unlock(&lock);
}

void setting_replace_all(const struct pair *pairs, size_t count)
{
    (void)pthread_once(&once, set_up);
    mutex_lock(&lock);
    for (size_t i = 0; i < value_count; i++) {
        const char *text = NULL;
        for (size_t p = 0; p < count && !text; p++)
            if (string_equal(pairs[p].name, values[i].setting->name))
                text = pairs[p].value;
        store(&values[i], text);
    }
    mutex_unlock(&lock);
}

void setting_replace_scoped(const struct string_list *scoped)
{
    (void)pthread_once(&once, set_up);
    for (size_t i = 0; i < value_count; i++) {
        bool found = false;
        for (size_t n = 0; n < scoped->count && !found; n++)
            found = string_equal(scoped->items[n], values[i].setting->name);
        atomic_store(&values[i].has_scoped, found);
    }
}

bool setting_has_scoped(const struct setting *setting)
{
    return atomic_load_explicit(&value_of(setting)->has_scoped, memory_order_relaxed);
}
