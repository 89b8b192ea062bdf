/* The pages of instances; registered by modules.c. */
#ifndef GURUM_CLOUD_VM_PAGES_H
#define GURUM_CLOUD_VM_PAGES_H

#include "portal/portal.h"

void vm_register_pages(void);
/* Adds "graphs" and "ranges" of the instance that the page is about; ?range= chooses, else its age. In
 * vm_pages_graphs.c. */
MUST_CHECK bool vm_page_add_graphs(struct page_call *call, struct view *root, const char *created, struct error *err);

#endif
