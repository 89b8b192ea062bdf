/* Registers the pages of hosts; called by modules.c. */
#ifndef GURUM_CLOUD_HOST_PAGES_H
#define GURUM_CLOUD_HOST_PAGES_H

void host_register_pages(void);

#endif
