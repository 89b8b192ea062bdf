/* Images in the registry of what accounts own. */
#ifndef GURUM_CLOUD_IMAGE_OWNED_H
#define GURUM_CLOUD_IMAGE_OWNED_H

void image_register_owned(void);

#endif
