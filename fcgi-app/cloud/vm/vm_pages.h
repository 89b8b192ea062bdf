/* Registers the pages of instances; called by modules.c. */
#ifndef GURUM_CLOUD_VM_PAGES_H
#define GURUM_CLOUD_VM_PAGES_H

void vm_register_pages(void);

#endif
