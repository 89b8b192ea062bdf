/* Storage plugins: a wrapper for each slot. */
#include "plugin_host/storage.h"

#include "plugin_host/host.h"

#define X(slot, spec_name, capability) PLUGIN_SLOT_DEFINE(storage, STORAGE, slot, spec_name)
GURUM_STORAGE_SLOTS(X)
#undef X
