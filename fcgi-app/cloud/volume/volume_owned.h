/* Volumes in the registry of what accounts own. */
#ifndef GURUM_CLOUD_VOLUME_OWNED_H
#define GURUM_CLOUD_VOLUME_OWNED_H

void volume_register_owned(void);

#endif
