/* Image-store plugins from a job step: one wrapper for each slot of the SDK's gurum_image_store.h, which says what each
 * does, reports and answers. See PLUGIN_SLOT_DECLARE in plugin_host.h for outcomes and errors. */
#ifndef GURUM_PLUGIN_HOST_IMAGE_STORE_H
#define GURUM_PLUGIN_HOST_IMAGE_STORE_H

#include "gurum_image_store.h"
#include "plugin_host/plugin_host.h"

/* image_store_store_probe(run, target, &spec, &reports, err) and so on */
#define X(slot, spec_name, capability) PLUGIN_SLOT_DECLARE(image_store, slot, spec_name)
GURUM_IMAGE_STORE_SLOTS(X)
#undef X

#endif
