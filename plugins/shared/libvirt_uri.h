/* Inside libgurum-libvirt.so only: what the opening of a connection needs to know of its address. */
#ifndef GURUM_SHARED_LIBVIRT_URI_H
#define GURUM_SHARED_LIBVIRT_URI_H

#include "libvirt.h"

#define LIBVIRT_URI_BYTES 512

/* False: nobody takes connections there within the time, and why. libvirt itself would wait for minutes. True as well
 * for addresses that are not of a network. */
bool libvirt_listens(const char *uri, int timeout_ms, char *ret_why, size_t size);

#endif
