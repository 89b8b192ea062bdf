/* Which plugin serves a pool or store. The jobs themselves are declared in storage_service.h. */
#ifndef GURUM_CLOUD_STORAGE_JOBS_H
#define GURUM_CLOUD_STORAGE_JOBS_H

#include "cloud/storage/storage.h"
#include "plugin_host/plugin_host.h"

enum storage_plugin { STORAGE_PLUGIN, IMAGE_STORE_PLUGIN };
/* The first of the types (NULL: skipped) that a plugin serves. Errors: RESOURCE_UNAVAILABLE "plugin.absent". */
MUST_CHECK bool storage_choose_plugin(struct db *db, enum storage_plugin kind, const char *const *types, size_t count,
                                      const char **ret_type, struct error *err);
/* Takes an image's copies from the pools of a zone. A copy that volumes depend on stays, and so does one on a pool that
 * does not answer. */
enum step_outcome storage_uncache_image(struct job_run *run, const struct gurum_image *image, int64_t zone_id,
                                        struct error *err);

#endif
