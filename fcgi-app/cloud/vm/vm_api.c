/* The commands on an existing VM, and the feature's registration. */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/vm/vm_api.h"
#include "cloud/vm/vm_owned.h"
#include "cloud/vm/vm_schedule.h"

/* ---- arguments ---- */

struct start_args {
    struct object_ref id, hostid, podid, clusterid;
    const char *deploymentplanner;
    struct opt_bool considerlasthost, bootintosetup;
};
FIELD_TABLE(START_VM_ARGS, struct start_args,
            FIELD(struct start_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            FIELD(struct start_args, hostid, .flags = FIELD_ADMIN, .refers_to = "host", .since = "3.0.1",
                  .help = "the host it must run on"),
            FIELD(struct start_args, podid, .flags = FIELD_ADMIN, .refers_to = "pod", .help = "the pod it must run in"),
            FIELD(struct start_args, clusterid, .flags = FIELD_ADMIN, .refers_to = "cluster",
                  .help = "the cluster it must run in"),
            FIELD(struct start_args, deploymentplanner, .flags = FIELD_ADMIN, .since = "4.4",
                  .no_effect = "the setting vm.allocator chooses", .help = "how a place is chosen"),
            FIELD(struct start_args, considerlasthost, .flags = FIELD_ADMIN, .since = "4.18.0",
                  .no_effect = "the allocator always knows the last host",
                  .help = "whether its last host is preferred"),
            FIELD(struct start_args, bootintosetup, .since = "4.15.0.0", .no_effect = "no hypervisor here has it",
                  .help = "boot into the setup menu"));

struct stop_args {
    struct object_ref id;
    struct opt_bool forced, bootintosetup;
};
FIELD_TABLE(STOP_VM_ARGS, struct stop_args,
            FIELD(struct stop_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            FIELD(struct stop_args, forced, .help = "cut the power at once"));
FIELD_TABLE(REBOOT_VM_ARGS, struct stop_args,
            FIELD(struct stop_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            FIELD(struct stop_args, forced, .since = "4.16.0", .no_effect = "a reboot is always that of the hypervisor",
                  .help = "stop and start it instead"),
            FIELD(struct stop_args, bootintosetup, .since = "4.15.0.0", .no_effect = "no hypervisor here has it",
                  .help = "boot into the setup menu"));

struct destroy_args {
    struct object_ref id;
    struct opt_bool expunge;
    struct ref_list volumeids;
};
FIELD_TABLE(DESTROY_VM_ARGS, struct destroy_args,
            FIELD(struct destroy_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
            FIELD(struct destroy_args, expunge, .since = "4.2.1", .help = "take everything away at once"),
            FIELD(struct destroy_args, volumeids, .refers_to = "volume", .since = "4.12.0",
                  .help = "data disks that go away with it"));

struct id_args {
    struct object_ref id;
};
FIELD_TABLE(VM_ID_ARGS, struct id_args,
            FIELD(struct id_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"));

struct update_args {
    struct object_ref id, ostypeid, userdataid;
    const char *name, *displayname, *group, *instancename, *userdata, *customid, *extraconfig, *leaseexpiryaction;
    struct map_list details, dhcpoptionsnetworklist, userdatadetails;
    struct string_list securitygroupids, securitygroupnames;
    struct opt_int leaseduration;
    struct opt_bool haenable, displayvm, isdynamicallyscalable, deleteprotection, cleanupdetails;
};
#define U(member, ...) FIELD(struct update_args, member, __VA_ARGS__)
FIELD_TABLE(
    UPDATE_VM_ARGS, struct update_args, U(id, .flags = FIELD_REQUIRED, .refers_to = "vm", .help = "the VM"),
    U(ostypeid, .refers_to = "os_type", .help = "the type of its operating system"),
    U(name, .since = "4.4", .help = "the new host name"), U(displayname, .help = "the new name shown to people"),
    U(group, .help = "the new instance group; empty: none"),
    U(instancename, .flags = FIELD_ADMIN, .since = "4.4",
      .no_effect = "the name at the hypervisor stays, as the guest has it", .help = "its name at the hypervisor"),
    U(userdata, .flags = FIELD_PLAIN_TEXT | FIELD_SENSITIVE, .max = 1048576, .since = "4.16.0",
      .help = "data for the guest, base64; read at its next start"),
    U(customid, .flags = FIELD_ADMIN, .since = "4.4", .no_effect = "an id never changes", .help = "another id"),
    U(extraconfig, .max = 5120, .since = "4.12", .refused = "settings of a hypervisor come from details",
      .help = "hypervisor settings"),
    U(leaseexpiryaction, .since = "4.21.0", .no_effect = "no leases", .help = "what happens when the lease ends"),
    U(userdataid, .refers_to = "user_data", .since = "4.18", .help = "stored user data"),
    U(details, .help = "details that replace the present ones"),
    U(dhcpoptionsnetworklist, .refused = "no DHCP options of single interfaces",
      .help = "DHCP options for each network"),
    U(userdatadetails, .since = "4.18", .help = "values for stored user data"),
    U(securitygroupids, .refused = "no security groups yet", .help = "security groups"),
    U(securitygroupnames, .refused = "no security groups yet", .help = "security groups by name"),
    U(leaseduration, .since = "4.21.0", .min = -1, .max = 0, .no_effect = "no leases: only none (0 or -1) is accepted",
      .help = "days until it is stopped or destroyed"),
    U(haenable, .help = "whether it is started elsewhere when its host fails"),
    U(displayvm, .flags = FIELD_ADMIN, .help = "whether its owner sees it"),
    U(isdynamicallyscalable, .help = "whether it may be scaled while running"),
    U(deleteprotection, .since = "4.20.0", .help = "whether it is protected from being destroyed"),
    U(cleanupdetails, .help = "forget all details"));

/* ---- handlers ---- */

bool vm_handle_start(struct api_call *call, const void *arguments, struct error *err)
{
    const struct start_args *args = arguments;
    const struct vm_start_request request = {
        .vm_id = args->id.id, .host_id = args->hostid.id, .pod_id = args->podid.id, .cluster_id = args->clusterid.id};
    struct vm_started started;
    if (!vm_start(call, &request, &started, err))
        return false;
    api_reply_job(call, &started.job, NULL);
    return true;
}

static bool begin(struct api_call *call, enum vm_work work, const struct vm_work_input *input, struct error *err)
{
    struct vm_started started;
    if (!vm_begin_work(call, work, input, &started, err))
        return false;
    api_reply_job(call, &started.job, NULL);
    return true;
}

bool vm_handle_stop(struct api_call *call, const void *arguments, struct error *err)
{
    const struct stop_args *args = arguments;
    const struct vm_work_input input = {.vm_id = args->id.id, .forced = args->forced.set && args->forced.value};
    return begin(call, VM_WORK_STOP, &input, err);
}

bool vm_handle_reboot(struct api_call *call, const void *arguments, struct error *err)
{
    const struct stop_args *args = arguments;
    const struct vm_work_input input = {.vm_id = args->id.id};
    return begin(call, VM_WORK_REBOOT, &input, err);
}

/* The guest of a VM that is destroyed gets no grace: nobody needs what it would save. */
bool vm_handle_destroy(struct api_call *call, const void *arguments, struct error *err)
{
    const struct destroy_args *args = arguments;
    struct vm_work_input input = {
        .vm_id = args->id.id, .forced = true, .expunge = args->expunge.set && args->expunge.value};
    input.volume_ids.items = arena_array(call->arena, args->volumeids.count + 1, sizeof(*input.volume_ids.items));
    for (size_t i = 0; i < args->volumeids.count; i++)
        input.volume_ids.items[input.volume_ids.count++] = args->volumeids.items[i].uuid;
    return begin(call, VM_WORK_DESTROY, &input, err);
}

bool vm_handle_expunge(struct api_call *call, const void *arguments, struct error *err)
{
    const struct id_args *args = arguments;
    const struct vm_work_input input = {.vm_id = args->id.id, .forced = true, .expunge = true};
    return begin(call, VM_WORK_EXPUNGE, &input, err);
}

static bool reply_vm(struct api_call *call, int64_t id, struct error *err)
{
    struct vm_response *vm = ARENA_NEW(call->arena, struct vm_response);
    size_t count = 0;
    if (!vm_describe(call, &id, 1, vm, &count, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INTERNAL, "vm.gone");
    api_reply_object(call, vm);
    return true;
}

bool vm_handle_recover(struct api_call *call, const void *arguments, struct error *err)
{
    const struct id_args *args = arguments;
    return vm_recover(call, args->id.id, err) && reply_vm(call, args->id.id, err);
}

struct user_data_args {
    struct object_ref virtualmachineid;
};
FIELD_TABLE(VM_USER_DATA_ARGS, struct user_data_args,
            FIELD(struct user_data_args, virtualmachineid, .flags = FIELD_REQUIRED, .refers_to = "vm",
                  .help = "the VM"));

struct user_data_response {
    const char *virtualmachineid, *userdata, *jobid;
    struct opt_int jobstatus;
};
FIELD_TABLE(VM_USER_DATA_RESPONSE, struct user_data_response,
            FIELD(struct user_data_response, virtualmachineid, .help = "the VM"),
            FIELD(struct user_data_response, userdata, .help = "its user data, base64"),
            FIELD(struct user_data_response, jobid, .no_effect = "nothing is under way when it is read",
                  .help = "a pending job"),
            FIELD(struct user_data_response, jobstatus, .no_effect = "nothing is under way when it is read",
                  .help = "the status of that job"));

static bool handle_user_data(struct api_call *call, const void *arguments, struct error *err)
{
    const struct user_data_args *args = arguments;
    struct user_data_response *response = ARENA_NEW(call->arena, struct user_data_response);
    response->virtualmachineid = args->virtualmachineid.uuid;
    if (!vm_user_data_any(call->db, call->arena, args->virtualmachineid.id, &response->userdata, err))
        return false;
    api_reply_object(call, response);
    return true;
}

bool vm_handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    struct pair *details = NULL;
    size_t count = 0;
    const char *user_data = NULL;
    vm_read_details(call->arena, &args->details, &details, &count);
    if (!user_data_read(call, args->userdata, &user_data, err))
        return false;
    const struct vm_update_request request = {.vm_id = args->id.id,
                                              .os_type_id = args->ostypeid.id,
                                              .name = args->name,
                                              .display_name = args->displayname,
                                              .group = args->group,
                                              .user_data = user_data,
                                              .user_data_id = args->userdataid.id,
                                              .user_data_details =
                                                  reply_pairs(call->arena, &args->userdatadetails),
                                              .ha_enabled = args->haenable,
                                              .shown = args->displayvm,
                                              .dynamically_scalable = args->isdynamicallyscalable,
                                              .delete_protected = args->deleteprotection,
                                              .clean_details = args->cleanupdetails.set && args->cleanupdetails.value,
                                              .details = details,
                                              .detail_count = count};
    return vm_update(call, &request, err) && reply_vm(call, args->id.id, err);
}

/* ---- kind and commands ---- */

static bool vm_kind_find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                         bool *ret_exists, struct error *err)
{
    struct vm *vm = NULL;
    struct identity_account *account = NULL;
    if (!vm_find_by_uuid_any(db, arena, uuid, &vm, err))
        return false;
    *ret_exists = vm != NULL;
    if (vm == NULL)
        return true;
    if (!identity_find_account_any(db, arena, vm->account_id, &account, err))
        return false;
    *ret_found = (struct object_found){.id = vm->id,
                                       .owner_account_id = vm->account_id,
                                       .owner_domain_path = account != NULL ? account->domain_path : "/",
                                       .visibility = OBJECT_OWNED,
                                       .name = vm->display_name};
    return true;
}

static const struct object_kind VM_KIND = {.name = "vm",
                                           .wire_type = "VirtualMachine",
                                           .object_key = "virtualmachine",
                                           .response = &VM_RESPONSE,
                                           .find = vm_kind_find,
                                           .describe = vm_describe};

#define VM_COMMAND                                                                                                     \
    .object_key = "virtualmachine", .response = &VM_RESPONSE, .roles = ROLES_ALL, .group = "VirtualMachine"
static const struct api_command COMMANDS[] = {
    {.name = "deployVirtualMachine",
     .summary = "Makes a VM and starts it",
     .mode = API_ASYNC,
     .flags = API_CREATES | API_OWNER_PARAMS,
     .event = "VM.CREATE",
     .params = &DEPLOY_VM_ARGS,
     .handle = vm_handle_deploy,
     VM_COMMAND},
    {.name = "listVirtualMachines",
     .summary = "Lists VMs",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .params = &LIST_VMS_ARGS,
     .handle = vm_handle_list,
     VM_COMMAND},
    {.name = "startVirtualMachine",
     .summary = "Starts a stopped VM",
     .mode = API_ASYNC,
     .event = "VM.START",
     .params = &START_VM_ARGS,
     .handle = vm_handle_start,
     VM_COMMAND},
    {.name = "stopVirtualMachine",
     .summary = "Stops a running VM",
     .mode = API_ASYNC,
     .event = "VM.STOP",
     .params = &STOP_VM_ARGS,
     .handle = vm_handle_stop,
     VM_COMMAND},
    {.name = "rebootVirtualMachine",
     .summary = "Restarts a running VM",
     .mode = API_ASYNC,
     .event = "VM.REBOOT",
     .params = &REBOOT_VM_ARGS,
     .handle = vm_handle_reboot,
     VM_COMMAND},
    {.name = "destroyVirtualMachine",
     .summary = "Destroys a VM; it may be recovered until it is expunged",
     .mode = API_ASYNC,
     .event = "VM.DESTROY",
     .params = &DESTROY_VM_ARGS,
     .handle = vm_handle_destroy,
     VM_COMMAND},
    {.name = "recoverVirtualMachine",
     .summary = "Takes a destroyed VM back",
     .mode = API_SYNC,
     .event = "VM.RECOVER",
     .params = &VM_ID_ARGS,
     .handle = vm_handle_recover,
     VM_COMMAND},
    {.name = "expungeVirtualMachine",
     .summary = "Takes everything of a destroyed VM away",
     .mode = API_ASYNC,
     .event = "VM.EXPUNGE",
     .params = &VM_ID_ARGS,
     .handle = vm_handle_expunge,
     .roles = ROLES_ALL,
     .group = "VirtualMachine"},
    {.name = "updateVirtualMachine",
     .summary = "Changes names, flags and details of a VM",
     .mode = API_SYNC,
     .event = "VM.UPDATE",
     .params = &UPDATE_VM_ARGS,
     .handle = vm_handle_update,
     VM_COMMAND},
    {.name = "getVirtualMachineUserData",
     .summary = "Tells the user data of a VM",
     .since = "4.4",
     .object_key = "virtualmachineuserdata",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &VM_USER_DATA_ARGS,
     .response = &VM_USER_DATA_RESPONSE,
     .handle = handle_user_data,
     .group = "User"},
    {.name = NULL},
};

void vm_register(void)
{
    static const struct object_kind *const kinds[] = {&VM_KIND, NULL};
    static const struct job_kind *const jobs[] = {&VM_DEPLOY,  &VM_START, &VM_STOP,    &VM_REBOOT, &VM_DESTROY,
                                                  &VM_EXPUNGE, &VM_FOUND, &VM_OBSERVE, NULL};
    api_register_kinds(kinds);
    job_register_kinds(jobs);
    api_register_commands(COMMANDS);
    vm_register_details();
    vm_register_schedules();
    vm_register_owned();
}
