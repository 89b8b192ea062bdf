/* What the command files of this feature share. */
#ifndef GURUM_CLOUD_ZONE_API_H
#define GURUM_CLOUD_ZONE_API_H

#include "cloud/zone/zone.h"

extern const struct api_command POD_COMMANDS[], CLUSTER_COMMANDS[];
extern const struct object_kind POD_KIND, CLUSTER_KIND;

/* Whether "a,b" has the wanted storage access group; NULL wanted: true. */
bool zone_group_matches(struct arena *arena, const char *groups, const char *wanted);

#endif
