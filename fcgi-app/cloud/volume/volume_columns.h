/* The columns of table volume, for the two files that hold its SQL. */
#ifndef GURUM_CLOUD_VOLUME_COLUMNS_H
#define GURUM_CLOUD_VOLUME_COLUMNS_H

#include "cloud/volume/volume_store.h"

#define VOLUME_COLUMNS(X)                                                                                              \
    X(id)                                                                                                              \
    X(account_id) X(domain_id) X(zone_id) X(pool_id) X(vm_id) X(device_number) X(image_id) X(disk_offering_id)         \
        X(service_offering_id) X(listed) X(size_bytes) X(uuid) X(name) X(volume_type) X(state) X(hypervisor)           \
            X(provisioning_type) X(storage_tags) X(location) X(min_iops) X(max_iops) X(is_shown) X(is_custom)          \
                X(created) X(attached)
#define VOLUME_COLUMN_NAME(column) "v." #column ", "
#define VOLUME_SELECT "SELECT " VOLUME_COLUMNS(VOLUME_COLUMN_NAME) "v.removed FROM volume v"

#endif
