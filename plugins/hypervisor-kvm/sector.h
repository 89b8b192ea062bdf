/* The boot sector by which trial.c finds out whether guests run. */
#ifndef HYPERVISOR_KVM_SECTOR_H
#define HYPERVISOR_KVM_SECTOR_H

#include <stdbool.h>

#define TRIAL_SECTOR_BYTES 512

extern const unsigned char trial_sector[TRIAL_SECTOR_BYTES];
/* False where the plugin was built for a machine that the sector is not for. */
bool trial_sector_is_there(void);

#endif
