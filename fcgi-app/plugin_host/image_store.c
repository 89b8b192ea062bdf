/* Image-store plugins: a wrapper for each slot. */
#include "plugin_host/image_store.h"

#include "plugin_host/host.h"

#define X(slot, spec_name, capability) PLUGIN_SLOT_DEFINE(image_store, IMAGE_STORE, slot, spec_name)
GURUM_IMAGE_STORE_SLOTS(X)
#undef X
