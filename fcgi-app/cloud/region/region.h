/* Regions: the clouds that belong together, as clients are told of them. This cloud is number 1. */
#ifndef GURUM_CLOUD_REGION_H
#define GURUM_CLOUD_REGION_H

void region_register(void);       /* addRegion, updateRegion, removeRegion, listRegions */
void region_register_pages(void); /* /admin/regions */

#endif
