/* gurum-plugin-check: does a plugin keep the contracts of the SDK? Prints TAP and a closing sum. Arguments and output
 * are here; what is checked is in subject.c and the files of the kinds. */
#include "check.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MOST 16

static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;
static int number, failures;
static struct rule {
    const char *code;
    bool failed;
} rules[RULES_MOST];

__attribute__((format(printf, 3, 0))) static void line_print(bool ok, const char *code, const char *format,
                                                             va_list arguments)
{
    printf("%sok %d - %s: ", ok ? "" : "not ", ++number, code);
    vprintf(format, arguments);
    putchar('\n');
    failures += !ok;
}

bool check(bool ok, const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&output_lock);
    line_print(ok, code, format, arguments);
    pthread_mutex_unlock(&output_lock);
    va_end(arguments);
    return ok;
}

void check_always(const char *code, bool ok, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&output_lock);
    struct rule *rule = rules;
    while (rule < rules + RULES_MOST - 1 && rule->code != NULL && strcmp(rule->code, code) != 0)
        rule++;
    rule->code = code;
    if (!ok && !rule->failed) {
        rule->failed = true;
        line_print(false, code, format, arguments);
    }
    pthread_mutex_unlock(&output_lock);
    va_end(arguments);
}

void check_skip(const char *code, const char *why)
{
    pthread_mutex_lock(&output_lock);
    printf("ok %d - %s # SKIP %s\n", ++number, code, why);
    pthread_mutex_unlock(&output_lock);
}

static int finish(void)
{
    for (struct rule *rule = rules; rule->code != NULL; rule++) {
        if (!rule->failed)
            check(true, rule->code, "held in every call");
    }
    printf("1..%d\n%d passed, %d failed\n", number, number - failures, failures);
    return failures == 0 ? 0 : 1;
}

static const char *const usage =
    "gurum-plugin-check PLUGIN.so --settings FILE.json [--live]\n"
    "  The file: {\"settings\": {…of the plugin…}, \"host\": {\"url\": …}, \"second_host\": …, \"pool\": …, \"store\": "
    "…,\n"
    "            \"network\": …, \"image\": …, \"guest\": …, \"disk\": …, \"secrets\": {\"password\": …}}; see "
    "README.md.\n"
    "  --live   a real provider: patience of minutes, few threads. What the suite makes it also removes.\n";

/* The file is small and the operator's own: read whole. */
static bool settings_read(const char *path)
{
    struct json_object *file = json_object_from_file(path);
    if (file == NULL || !json_object_is_type(file, json_type_object)) {
        fprintf(stderr, "gurum-plugin-check: %s: %s\n", path,
                file == NULL ? json_util_get_last_err() : "not an object");
        return false;
    }
    json_object_put(run.objects);
    run.objects = file;
    if (!json_object_object_get_ex(file, "settings", &run.settings))
        run.settings = json_object_new_object();
    return true;
}

static bool arguments_read(int argc, char **argv)
{
    const char *settings = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--live") == 0)
            run.live = true;
        else if (strcmp(argv[i], "--settings") == 0 && i + 1 < argc)
            settings = argv[++i];
        else if (argv[i][0] != '-' && run.path == NULL)
            run.path = argv[i];
        else
            return false;
    }
    run.call_ms = run.live ? 30000 : 2000;
    run.operation_ms = run.live ? 600000 : 4000;
    run.objects = run.settings = json_object_new_object();
    return run.path != NULL && (settings == NULL || settings_read(settings));
}

const struct subject *subject_of_kind(uint32_t kind)
{
    return kind == GURUM_KIND_HYPERVISOR    ? hypervisor_subject()
           : kind == GURUM_KIND_STORAGE     ? storage_subject()
           : kind == GURUM_KIND_IMAGE_STORE ? image_store_subject()
           : kind == GURUM_KIND_NETWORK     ? network_subject()
                                            : NULL;
}

static void kind_check(void)
{
    static void (*const of_kind[])(void) = {
        [GURUM_KIND_HYPERVISOR] = check_hypervisor,         [GURUM_KIND_STORAGE] = check_storage,
        [GURUM_KIND_IMAGE_STORE] = check_image_store,       [GURUM_KIND_NETWORK] = check_network,
        [GURUM_KIND_HOST_ALLOCATOR] = check_host_allocator, [GURUM_KIND_STORAGE_ALLOCATOR] = check_storage_allocator};
    of_kind[run.kind->kind]();
}

int main(int argc, char **argv)
{
    if (!arguments_read(argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("TAP version 13\n");
    crash_watch();
    for (size_t i = 0; i < sizeof(run.uuids) / sizeof(run.uuids[0]); i++)
        run.uuids[i] = new_uuid();
    fresh_prepare();
    if (!plugin_load() || !plugin_start())
        return finish();
    plugin_stop();
    if (!plugin_start())
        return finish();
    kind_check();
    plugin_stop();
    return finish();
}
