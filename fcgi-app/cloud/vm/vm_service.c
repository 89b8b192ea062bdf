/* Rules of everything that happens to a VM after its deployment. */
#include "cloud/vm/vm_service.h"

#include "base/setting.h"
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/offering/offering.h"
#include "cloud/image/image.h"
#include "cloud/network/network.h"
#include "cloud/settings/settings.h"
#include "cloud/vmgroup/vmgroup.h"
#include "cloud/volume/volume.h"

SETTING(USERS_SEE_DESTROYED, .name = "allow.user.view.destroyed.vm", .category = "Advanced", .default_value = "false",
        .help = "Whether users see their destroyed VMs until they are expunged.", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN | SCOPE_ACCOUNT);
SETTING(USERS_EXPUNGE, .name = "allow.user.expunge.recover.vm", .category = "Advanced", .default_value = "false",
        .help = "Whether users may expunge and recover their VMs.", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN | SCOPE_ACCOUNT);
SETTING(USERS_FORCE_STOP, .name = "allow.user.force.stop.vm", .category = "Advanced", .default_value = "true",
        .help = "Whether users may cut the power of their VMs.", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN | SCOPE_ACCOUNT);

enum { HOST_NAME_MAX_LENGTH = 63 };

bool vm_name_is_valid(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > HOST_NAME_MAX_LENGTH || name[0] == '-' || name[length - 1] == '-' ||
        (name[0] >= '0' && name[0] <= '9'))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

static bool is_user(const struct caller *caller)
{
    return caller->role_type == ROLE_USER;
}

/* Admins may; users as the setting of their account says. */
static bool account_allows(struct api_call *call, const struct setting *setting, bool *ret_allowed, struct error *err)
{
    const struct setting_place place = {.account_id = call->caller->account_id, .domain_id = call->caller->domain_id};
    *ret_allowed = true;
    return !is_user(call->caller) || settings_bool_at(call->db, call->arena, setting, &place, ret_allowed, err);
}

bool vm_caller_sees_destroyed(struct api_call *call, bool *ret_sees, struct error *err)
{
    return account_allows(call, &USERS_SEE_DESTROYED, ret_sees, err);
}

static bool check_may_expunge(struct api_call *call, struct error *err)
{
    bool allowed;
    return account_allows(call, &USERS_EXPUNGE, &allowed, err) &&
           (allowed || error_set(err, ERROR_DENIED, "vm.expunge_denied"));
}

static bool check_force_stop(struct api_call *call, struct error *err)
{
    bool allowed;
    return account_allows(call, &USERS_FORCE_STOP, &allowed, err) &&
           (allowed || error_set(err, ERROR_DENIED, "vm.force_stop_denied"));
}

/* A VM that no other job is busy with. */
static bool find_idle(struct db *db, struct arena *arena, int64_t vm_id, struct vm **ret_vm, struct error *err)
{
    if (!vm_find_any(db, arena, vm_id, ret_vm, err))
        return false;
    if (*ret_vm == NULL || (*ret_vm)->removed.set)
        return error_set(err, ERROR_INVALID_VALUE, "vm.gone");
    if ((*ret_vm)->job_uuid != NULL)
        return error_with(err, ERROR_IN_USE, "vm.busy", E_TEXT("name", (*ret_vm)->display_name));
    return true;
}

static bool begin_job(struct api_call *call, struct db *db, const struct job_kind *kind, const void *input,
                      const struct vm *vm, struct vm_started *started, struct error *err)
{
    const struct job_target target = {.object_kind = "vm", .object_id = vm->id, .object_uuid = vm->uuid};
    const struct job_stamp stamp = api_stamp(call);
    if (!job_create(db, kind, input, &target, &stamp, &started->job, err))
        return false;
    started->vm_uuid = vm->uuid;
    return vm_store_set_job(db, vm->id, started->job.uuid, err);
}

/* ---- start ---- */

struct start_context {
    struct api_call *call;
    const struct vm_start_request *request;
    struct vm_started *started;
};

static bool start_body(struct db *db, void *context, struct error *err)
{
    const struct start_context *c = context;
    struct arena *arena = c->call->arena;
    const struct service_offering *offering = NULL;
    struct identity_account *account = NULL;
    struct image *image = NULL;
    struct vm *vm = NULL;
    if (!find_idle(db, arena, c->request->vm_id, &vm, err) ||
        !service_offering_find_any(db, arena, vm->offering_id, &offering, err) ||
        !identity_find_account_any(db, arena, vm->account_id, &account, err) ||
        !image_find_any(db, arena, vm->image_id, &image, err))
        return false;
    if (account != NULL && string_equal(account->state, "disabled"))
        return error_with(err, ERROR_DENIED, "vm.owner_disabled", E_TEXT("account", account->name));
    if (!vm_change_state(db, arena, vm, VM_START_REQUESTED, (struct vm_actor){.caller = c->call->caller}, err))
        return false;
    const char *tags = offering != NULL ? offering->host_tags : NULL;
    const struct vm_start_input input = {.vm_id = vm->id,
                                         .zone_id = vm->zone_id,
                                         .pod_id = c->request->pod_id,
                                         .cluster_id = c->request->cluster_id,
                                         .host_id = c->request->host_id,
                                         .cpu_count = vm->cpu_count,
                                         .cpu_mhz = vm->cpu_mhz,
                                         .memory_mib = vm->memory_mib,
                                         .vm_uuid = vm->uuid,
                                         .vm_name = vm->display_name,
                                         .account_uuid = account != NULL ? account->uuid : NULL,
                                         .hypervisor = vm->hypervisor,
                                         .arch = image != NULL ? image->arch : NULL,
                                         .host_tags = image != NULL ? image_host_tags(arena, image, tags) : tags,
                                         .start = true,
                                         .root_local = offering != NULL &&
                                                       string_equal_ignoring_case(offering->storage_type, "local")};
    return begin_job(c->call, db, &VM_START, &input, vm, c->started, err);
}

bool vm_start(struct api_call *call, const struct vm_start_request *request, struct vm_started *ret_started,
              struct error *err)
{
    struct start_context context = {.call = call, .request = request, .started = ret_started};
    return db_transaction(call->db, start_body, &context, err);
}

/* ---- stop, reboot, destroy, expunge ---- */

struct work_context {
    struct api_call *call;
    enum vm_work work;
    const struct vm_work_input *input;
    struct vm_started *started;
};

static bool check_destroy(const struct work_context *c, const struct vm *vm, struct error *err)
{
    enum vm_state state = vm_state_from_name(vm->state);
    if (vm->delete_protected)
        return error_with(err, ERROR_INVALID_VALUE, "vm.delete_protected", E_TEXT("name", vm->display_name));
    if (c->input->expunge && !check_may_expunge(c->call, err))
        return false;
    bool fits = state == VM_RUNNING || state == VM_STOPPED || state == VM_ERROR || state == VM_UNKNOWN ||
                state == VM_STOPPING || (c->input->expunge && (state == VM_DESTROYED || state == VM_EXPUNGING));
    return fits || error_with(err, ERROR_INVALID_VALUE, "vm.wrong_state", E_TEXT("name", vm->display_name),
                              E_TEXT("state", vm->state), E_TEXT("event", "destroy"));
}

static bool check_expunge(const struct work_context *c, const struct vm *vm, struct error *err)
{
    enum vm_state state = vm_state_from_name(vm->state);
    if (!check_may_expunge(c->call, err))
        return false;
    return state == VM_DESTROYED || state == VM_EXPUNGING || state == VM_ERROR ||
           error_with(err, ERROR_INVALID_VALUE, "vm.wrong_state", E_TEXT("name", vm->display_name),
                      E_TEXT("state", vm->state), E_TEXT("event", "expunge"));
}

static bool check_reboot(const struct vm *vm, struct error *err)
{
    return vm_state_from_name(vm->state) == VM_RUNNING ||
           error_with(err, ERROR_INVALID_VALUE, "vm.wrong_state", E_TEXT("name", vm->display_name),
                      E_TEXT("state", vm->state), E_TEXT("event", "reboot"));
}

static const struct job_kind *kind_of(enum vm_work work)
{
    switch (work) {
    case VM_WORK_STOP:
        return &VM_STOP;
    case VM_WORK_REBOOT:
        return &VM_REBOOT;
    case VM_WORK_DESTROY:
        return &VM_DESTROY;
    case VM_WORK_EXPUNGE:
        return &VM_EXPUNGE;
    }
    return NULL;
}

/* A running VM shows "Stopping" as soon as the command is answered. */
static bool show_stopping(const struct work_context *c, struct db *db, struct vm *vm, struct error *err)
{
    const struct vm_actor actor = {.caller = c->call->caller};
    if (c->work == VM_WORK_STOP)
        return vm_change_state(db, c->call->arena, vm, VM_STOP_REQUESTED, actor, err);
    return c->work != VM_WORK_DESTROY ||
           vm_change_state_if_possible(db, c->call->arena, vm, VM_STOP_REQUESTED, actor, err);
}

static bool work_body(struct db *db, void *context, struct error *err)
{
    const struct work_context *c = context;
    struct vm *vm = NULL;
    if (!find_idle(db, c->call->arena, c->input->vm_id, &vm, err))
        return false;
    if (c->work == VM_WORK_STOP && c->input->forced && !check_force_stop(c->call, err))
        return false;
    if ((c->work == VM_WORK_DESTROY && !check_destroy(c, vm, err)) ||
        (c->work == VM_WORK_EXPUNGE && !check_expunge(c, vm, err)) ||
        (c->work == VM_WORK_REBOOT && !check_reboot(vm, err)))
        return false;
    return show_stopping(c, db, vm, err) && begin_job(c->call, db, kind_of(c->work), c->input, vm, c->started, err);
}

bool vm_begin_work(struct api_call *call, enum vm_work work, const struct vm_work_input *input,
                   struct vm_started *ret_started, struct error *err)
{
    struct work_context context = {.call = call, .work = work, .input = input, .started = ret_started};
    return db_transaction(call->db, work_body, &context, err);
}

/* ---- recover, update ---- */

struct recover_context {
    const struct api_call *call;
    int64_t vm_id;
};

static bool recover_body(struct db *db, void *context, struct error *err)
{
    const struct recover_context *c = context;
    struct vm *vm = NULL;
    return find_idle(db, c->call->arena, c->vm_id, &vm, err) &&
           vm_change_state(db, c->call->arena, vm, VM_RECOVERED, (struct vm_actor){.caller = c->call->caller}, err) &&
           vm_count(db, c->call->arena, vm, 1, err);
}

bool vm_recover(struct api_call *call, int64_t vm_id, struct error *err)
{
    struct recover_context context = {.call = call, .vm_id = vm_id};
    return check_may_expunge(call, err) && db_transaction(call->db, recover_body, &context, err);
}

struct update_context {
    struct api_call *call;
    const struct vm_update_request *request;
};

static bool rename_vm(struct api_call *call, const struct vm_update_request *r, struct vm *vm, struct error *err)
{
    bool taken = false;
    if (r->name == NULL)
        return true;
    if (!vm_name_is_valid(r->name))
        return error_with(err, ERROR_INVALID_VALUE, "vm.name_invalid", E_TEXT("name", r->name));
    if (!vm_store_name_is_taken(call->db, call->arena, vm->account_id, r->name, vm->id, &taken, err))
        return false;
    vm->name = r->name;
    return taken ? error_with(err, ERROR_INVALID_VALUE, "vm.name_taken", E_TEXT("name", r->name))
                 : vm_networks_changed(call->db, call->arena, vm->id, err);
}

static bool update_parts(struct api_call *call, const struct vm_update_request *r, const struct vm *vm,
                         struct error *err)
{
    if ((r->clean_details || r->detail_count > 0) && !vm_detail_clear(call->db, vm->id, err))
        return false;
    for (size_t i = 0; !r->clean_details && i < r->detail_count; i++)
        if (!vm_detail_set(call->db, vm->id, r->details[i].name, r->details[i].value, err))
            return false;
    return true;
}

/* New user data by the rules of a deployment; values alone go to the stored piece it has. */
static bool update_user_data(struct api_call *call, const struct vm_update_request *r, struct vm *vm, struct error *err)
{
    const struct user_data_wish wish = {.image_id = vm->image_id,
                                        .user_data_id = r->user_data_id,
                                        .content = r->user_data,
                                        .details = r->user_data_details};
    struct user_data_choice choice;
    if (r->user_data == NULL && r->user_data_id == 0)
        return r->user_data_details.count == 0 || error_set(err, ERROR_INVALID_VALUE, "vm.user_data_details_alone");
    if (!user_data_choose(call->db, call->arena, &wish, &choice, err))
        return false;
    vm->has_stored_data = choice.user_data_id != 0;
    return vm_take_user_data(call->db, call->arena, vm, &choice, err);
}

bool vm_take_user_data(struct db *db, struct arena *arena, const struct vm *vm, const struct user_data_choice *choice,
                       struct error *err)
{
    const struct vm_user_data data = {.content = choice->content,
                                      .user_data_id = choice->user_data_id,
                                      .policy = choice->policy,
                                      .details = reply_pairs_text(arena, &choice->details)};
    return vm_user_data_set(db, vm->id, &data, err);
}

static bool update_body(struct db *db, void *context, struct error *err)
{
    const struct update_context *c = context;
    struct api_call *call = c->call;
    const struct vm_update_request *r = c->request;
    struct vm *vm = NULL;
    if (!find_idle(db, call->arena, r->vm_id, &vm, err) || !rename_vm(call, r, vm, err))
        return false;
    if (r->display_name != NULL)
        vm->display_name = r->display_name;
    if (r->instance_name != NULL)
        vm->instance_name = r->instance_name;
    if (r->os_type_id != 0)
        vm->os_type_id = r->os_type_id;
    if (r->ha_enabled.set)
        vm->ha_enabled = r->ha_enabled.value;
    if (r->shown.set)
        vm->is_shown = r->shown.value;
    if (r->dynamically_scalable.set)
        vm->is_dynamically_scalable = r->dynamically_scalable.value;
    if (r->delete_protected.set)
        vm->delete_protected = r->delete_protected.value;
    if (r->group != NULL && r->group[0] == '\0')
        vm->group_id = 0;
    else if (r->group != NULL && !vm_group_ensure(db, vm->account_id, vm->domain_id, r->group, &vm->group_id, err))
        return false;
    if (r->clean_details || r->detail_count > 0)
        vm->has_details = !r->clean_details;
    int listed_before = (int)vm->listed;
    vm->listed = vm_state_listed(vm_state_from_name(vm->state), vm->is_shown);
    return update_user_data(call, r, vm, err) && vm_store_update(db, vm, err) && update_parts(call, r, vm, err) &&
           (!r->shown.set || volume_show_all(db, call->arena, vm->id, r->shown.value, err)) &&
           bucket_change(db, call->arena, "vm", vm->account_id, vm->domain_id, vm->id, listed_before, (int)vm->listed,
                         err);
}

bool vm_update(struct api_call *call, const struct vm_update_request *request, struct error *err)
{
    struct update_context context = {.call = call, .request = request};
    return db_transaction(call->db, update_body, &context, err);
}
