/* Periodic work on VMs. */
#ifndef GURUM_CLOUD_VM_SCHEDULE_H
#define GURUM_CLOUD_VM_SCHEDULE_H

void vm_register_schedules(void);

#endif
