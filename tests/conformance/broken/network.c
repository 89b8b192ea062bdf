/* Broken networks, 60 to 69: each section names its number and what is wrong. See broken.h. */
#include "broken.h"

#include "gurum_network.h"

static struct gurum_network_operations operations;

static const struct gurum_network_operations *healthy(void)
{
    return healthy_plugin.operations;
}

/* 60: whatever comes last is in force. */
static int32_t apply_any_revision(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    static uint64_t highest;
    struct gurum_service_spec newer = *spec;
    int32_t status;
    highest = spec->revision > highest ? spec->revision : highest + 1;
    newer.revision = highest;
    status = healthy()->service_apply(call, &newer);
    return status;
}

/* 61: services that are not asked for any more stay on. */
static int32_t apply_only_adds(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    struct gurum_service_spec more = *spec;
    more.services |= GURUM_SERVICE_ALL;
    return healthy()->service_apply(call, &more);
}

__attribute__((constructor)) static void build(void)
{
    operations = *healthy();
    broken_plugin = healthy_plugin;
    broken_plugin.operations = &operations;
    broken_plugin.start = broken_start;
    given_services.size = sizeof(given_services);
    if (BROKEN == 60)
        operations.service_apply = apply_any_revision;
    if (BROKEN == 61)
        operations.service_apply = apply_only_adds;
}
