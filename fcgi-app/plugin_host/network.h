/* Network plugins from a job step: one wrapper for each slot of the SDK's gurum_network.h, which says what each does,
 * reports and answers. See PLUGIN_SLOT_DECLARE in plugin_host.h for outcomes and errors. */
#ifndef GURUM_PLUGIN_HOST_NETWORK_H
#define GURUM_PLUGIN_HOST_NETWORK_H

#include "gurum_network.h"
#include "plugin_host/plugin_host.h"

/* network_provider_probe(run, target, &spec, &reports, err) and so on */
#define X(slot, spec_name, capability) PLUGIN_SLOT_DECLARE(network, slot, spec_name)
GURUM_NETWORK_SLOTS(X)
#undef X

#endif
