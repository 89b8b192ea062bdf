/* Handlers that vm_api.c registers; one file for each group of commands. */
#ifndef GURUM_CLOUD_VM_API_H
#define GURUM_CLOUD_VM_API_H

#include "cloud/vm/vm_response.h"
#include "cloud/vm/vm_service.h"

extern const struct field_table DEPLOY_VM_ARGS, LIST_VMS_ARGS, START_VM_ARGS, STOP_VM_ARGS, REBOOT_VM_ARGS,
    DESTROY_VM_ARGS, VM_ID_ARGS, UPDATE_VM_ARGS;
bool vm_handle_deploy(struct api_call *call, const void *args, struct error *err);
bool vm_handle_list(struct api_call *call, const void *args, struct error *err);
bool vm_handle_start(struct api_call *call, const void *args, struct error *err);
bool vm_handle_stop(struct api_call *call, const void *args, struct error *err);
bool vm_handle_reboot(struct api_call *call, const void *args, struct error *err);
bool vm_handle_destroy(struct api_call *call, const void *args, struct error *err);
bool vm_handle_recover(struct api_call *call, const void *args, struct error *err);
bool vm_handle_expunge(struct api_call *call, const void *args, struct error *err);
bool vm_handle_update(struct api_call *call, const void *args, struct error *err);

/* details[0].a=1&details[0].b=2 as pairs, in order. */
void vm_read_details(struct arena *arena, const struct map_list *details, struct pair **ret_pairs, size_t *ret_count);

#endif
