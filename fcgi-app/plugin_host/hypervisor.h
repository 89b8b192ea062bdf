/* Hypervisor plugins from a job step: one wrapper for each slot of the SDK's gurum_hypervisor.h, which says what each
 * does, reports and answers. See PLUGIN_SLOT_DECLARE in plugin_host.h for outcomes and errors. */
#ifndef GURUM_PLUGIN_HOST_HYPERVISOR_H
#define GURUM_PLUGIN_HOST_HYPERVISOR_H

#include "gurum_hypervisor.h"
#include "plugin_host/plugin_host.h"

/* hypervisor_host_probe(run, target, &spec, &reports, err) … hypervisor_console_open */
#define X(slot, spec_name, capability) PLUGIN_SLOT_DECLARE(hypervisor, slot, spec_name)
GURUM_HYPERVISOR_SLOTS(X)
#undef X

#endif
