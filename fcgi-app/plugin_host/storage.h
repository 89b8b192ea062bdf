/* Storage plugins from a job step: one wrapper for each slot of the SDK's gurum_storage.h, which says what each does,
 * reports and answers. See PLUGIN_SLOT_DECLARE in plugin_host.h for outcomes and errors. */
#ifndef GURUM_PLUGIN_HOST_STORAGE_H
#define GURUM_PLUGIN_HOST_STORAGE_H

#include "gurum_storage.h"
#include "plugin_host/plugin_host.h"

/* storage_pool_probe(run, target, &spec, &reports, err) and so on */
#define X(slot, spec_name, capability) PLUGIN_SLOT_DECLARE(storage, slot, spec_name)
GURUM_STORAGE_SLOTS(X)
#undef X

#endif
