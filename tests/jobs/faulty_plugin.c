/* A hypervisor plugin that does what the name of the guest says: "good", "crash", "hang", "abort", "late", "liar",
 * "fails", "busy". Built by test_plugins.c under several names, some of them (FAULT_…) not fit to be loaded. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gurum_hypervisor.h"

static const struct gurum_services *services;

static int32_t start(const struct gurum_services *given)
{
    services = given;
#ifdef FAULT_START
    return services->fail(NULL, GURUM_UNREACHABLE, "no_provider", "nobody answers at %s", services->setting("url"));
#endif
    return GURUM_OK;
}

static void stop(void) {}

static int32_t host_slot(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    (void)call;
    (void)spec;
    return GURUM_OK;
}

static int32_t report_guest(struct gurum_call *call, const char *uuid, uint32_t state)
{
    struct gurum_guest_report report = {
        .item = {.size = sizeof report, .type = GURUM_ITEM_GUEST}, .uuid = uuid, .handle = "h1", .state = state};
    return services->report(call, &report.item);
}

static int32_t guest_ensure(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    return report_guest(call, spec->guest->uuid, GURUM_GUEST_STOPPED);
}

static int32_t guest_start(struct gurum_call *call, const struct gurum_guest_shape_spec *spec)
{
    const char *name = spec->guest->name;
    if (strcmp(name, "crash") == 0) {
        volatile int *volatile nowhere = NULL;
        *nowhere = 1;
    }
    if (strcmp(name, "abort") == 0)
        abort();
    while (strcmp(name, "hang") == 0)
        pause();
    if (strcmp(name, "fails") == 0)
        return services->fail(call, GURUM_FAILED, "no_luck", "the provider said no");
    if (strcmp(name, "busy") == 0 && services->recall(call, "asked") == NULL) {
        services->remember(call, "asked", "once");
        return services->fail(call, GURUM_BUSY, "busy", "later");
    }
    if (strcmp(name, "late") == 0 && services->recall(call, "begun") == NULL) {
        services->remember(call, "begun", "yes");
        return services->check_after(call, 30);
    }
    if (strcmp(name, "liar") == 0) {
        struct gurum_guest_report report = {.item = {.size = 12, .type = GURUM_ITEM_GUEST}};
        services->report(call, &report.item);
        return GURUM_OK;
    }
    if (strcmp(name, "secret") == 0) {
        const char *password = services->secret(call, "password");
        return password != NULL && strcmp(password, "open sesame") == 0
                   ? report_guest(call, spec->guest->uuid, GURUM_GUEST_RUNNING)
                   : GURUM_DENIED;
    }
    return report_guest(call, spec->guest->uuid, GURUM_GUEST_RUNNING);
}

struct slow {
    struct gurum_call *unused;
};

static int32_t slow_work(struct gurum_call *call, void *argument)
{
    (void)argument;
    usleep(100000);
    return report_guest(call, "11111111-1111-4111-8111-111111111111", GURUM_GUEST_RUNNING);
}

/* Runs a child in a thread of its own: background and run at once. */
static int32_t guest_reboot(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    (void)spec;
    return services->background(call, slow_work, malloc(16), free);
}

static int32_t guest_stop(struct gurum_call *call, const struct gurum_guest_stop_spec *spec)
{
    (void)spec;
    char output[64];
    const char *const argv[] = {"/bin/cat", NULL};
    struct gurum_run run = {.size = sizeof run,
                            .argv = argv,
                            .input = "to and fro",
                            .input_length = 10,
                            .output = output,
                            .output_capacity = sizeof output};
    int32_t status = services->run(call, &run);
    return status == GURUM_OK && strcmp(output, "to and fro") == 0 ? GURUM_OK : GURUM_FAILED;
}

static int32_t guest_slot(struct gurum_call *call, const struct gurum_guest_spec *spec)
{
    (void)call;
    (void)spec;
    return GURUM_OK;
}

static const struct gurum_hypervisor_operations operations = {
    .size = sizeof operations,
    .host_probe = host_slot,
    .host_ensure = host_slot,
    .host_observe = host_slot,
    .host_remove = host_slot,
    .guest_ensure = guest_ensure,
    .guest_start = guest_start,
    .guest_stop = guest_stop,
    .guest_reboot = guest_reboot,
#ifndef FAULT_SLOT
    .guest_remove = guest_slot,
#endif
    .guest_observe = guest_slot,
    .guest_list = host_slot,
};

static const struct gurum_setting settings[] = {
    {.type = GURUM_SETTING_URL,
     .name = "url",
     .title = "Address",
     .help = "Where the provider is.",
     .default_value = "http://nowhere/"},
#ifdef FAULT_SETTING
    {.type = GURUM_SETTING_TEXT,
     .flags = GURUM_SETTING_REQUIRED,
     .name = "zone",
     .title = "Zone",
     .help = "Which zone of the provider."},
#endif
    {.type = GURUM_SETTING_SECRET, .name = "token", .title = "Token", .help = "What opens the provider."},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
#ifdef FAULT_MAGIC
    .magic = 42,
#endif
#ifdef FAULT_MAJOR
    .abi_major = 7,
#endif
    .kind = GURUM_KIND_HYPERVISOR,
    .threading = GURUM_THREADING_FREE,
    .setting_count = sizeof settings / sizeof settings[0],
    .name = PLUGIN_NAME,
    .title = "A plugin for tests",
    .version = "1.0",
    .license = "Apache-2.0",
    .settings = settings,
    .start = start,
    .stop = stop,
    .operations = &operations,
};
