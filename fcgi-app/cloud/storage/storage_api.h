/* What the command files of this feature share. */
#ifndef GURUM_CLOUD_STORAGE_API_H
#define GURUM_CLOUD_STORAGE_API_H

#include "api/api.h"

extern const struct api_command STORAGE_POOL_COMMANDS[], STORAGE_PROVIDER_COMMANDS[];
extern const struct object_kind STORAGE_POOL_KIND;

#endif
