/* VMs in the registry of what accounts own. */
#ifndef GURUM_CLOUD_VM_OWNED_H
#define GURUM_CLOUD_VM_OWNED_H

void vm_register_owned(void);

#endif
