/* Network plugins: a wrapper for each slot. */
#include "plugin_host/network.h"

#include "plugin_host/host.h"

#define X(slot, spec_name, capability) PLUGIN_SLOT_DEFINE(network, NETWORK, slot, spec_name)
GURUM_NETWORK_SLOTS(X)
#undef X
