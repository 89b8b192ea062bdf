/* Hypervisor plugins: a wrapper for each slot. */
#include "plugin_host/hypervisor.h"

#include "plugin_host/host.h"

#define X(slot, spec_name, capability) PLUGIN_SLOT_DEFINE(hypervisor, HYPERVISOR, slot, spec_name)
GURUM_HYPERVISOR_SLOTS(X)
#undef X
