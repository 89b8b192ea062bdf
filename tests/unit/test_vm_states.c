/* The table of a VM's states. */
#include "cloud/vm/vm_states.h"
#include "unit.h"

static enum vm_state after(enum vm_state from, enum vm_event event)
{
    enum vm_state to = VM_STATE_COUNT;
    return vm_state_next(from, event, &to) ? to : VM_STATE_COUNT;
}

START_TEST(test_a_vm_starts_runs_stops_and_starts_again)
{
    ck_assert_int_eq(after(VM_STARTING, VM_STARTED), VM_RUNNING);
    ck_assert_int_eq(after(VM_RUNNING, VM_STOP_REQUESTED), VM_STOPPING);
    ck_assert_int_eq(after(VM_STOPPING, VM_STOP_DONE), VM_STOPPED);
    ck_assert_int_eq(after(VM_STOPPED, VM_START_REQUESTED), VM_STARTING);
}
END_TEST

START_TEST(test_a_failed_deployment_ends_in_error_and_can_be_expunged)
{
    ck_assert_int_eq(after(VM_STARTING, VM_DEPLOY_FAILED), VM_ERROR);
    ck_assert_int_eq(after(VM_ERROR, VM_EXPUNGE_REQUESTED), VM_EXPUNGING);
    ck_assert_int_eq(after(VM_EXPUNGING, VM_EXPUNGE_DONE), VM_EXPUNGED);
}
END_TEST

START_TEST(test_only_a_stopped_vm_is_destroyed_and_only_a_destroyed_one_recovered)
{
    ck_assert_int_eq(after(VM_STOPPED, VM_DESTROY_DONE), VM_DESTROYED);
    ck_assert_int_eq(after(VM_RUNNING, VM_DESTROY_DONE), VM_STATE_COUNT);
    ck_assert_int_eq(after(VM_DESTROYED, VM_RECOVERED), VM_STOPPED);
    ck_assert_int_eq(after(VM_STOPPED, VM_RECOVERED), VM_STATE_COUNT);
    ck_assert_int_eq(after(VM_EXPUNGING, VM_RECOVERED), VM_STATE_COUNT);
}
END_TEST

START_TEST(test_nothing_leads_out_of_expunged)
{
    for (int event = 0; event < VM_EVENT_COUNT; event++)
        ck_assert_int_eq(after(VM_EXPUNGED, (enum vm_event)event), VM_STATE_COUNT);
}
END_TEST

START_TEST(test_names_lead_back_to_states_and_every_event_has_one)
{
    for (int state = 0; state < VM_STATE_COUNT; state++)
        ck_assert_int_eq(vm_state_from_name(vm_state_name((enum vm_state)state)), (enum vm_state)state);
    ck_assert_int_eq(vm_state_from_name("running"), VM_RUNNING);
    ck_assert_int_eq(vm_state_from_name("nonsense"), VM_STATE_COUNT);
    for (int event = 0; event < VM_EVENT_COUNT; event++)
        ck_assert_str_ne(vm_event_name((enum vm_event)event), "");
}
END_TEST

START_TEST(test_destroyed_vms_are_listed_to_some_and_count_against_no_limit)
{
    ck_assert_int_eq(vm_state_listed(VM_RUNNING, true), 2);
    ck_assert_int_eq(vm_state_listed(VM_RUNNING, false), 1);
    ck_assert_int_eq(vm_state_listed(VM_ERROR, true), 2);
    ck_assert_int_eq(vm_state_listed(VM_DESTROYED, true), 1);
    ck_assert_int_eq(vm_state_listed(VM_EXPUNGED, false), 0);
    ck_assert(vm_state_is_counted(VM_STOPPED));
    ck_assert(!vm_state_is_counted(VM_ERROR));
    ck_assert(!vm_state_is_counted(VM_DESTROYED));
}
END_TEST

UNIT_SUITE(vm_states_suite, "vm_states", test_a_vm_starts_runs_stops_and_starts_again,
           test_a_failed_deployment_ends_in_error_and_can_be_expunged,
           test_only_a_stopped_vm_is_destroyed_and_only_a_destroyed_one_recovered, test_nothing_leads_out_of_expunged,
           test_names_lead_back_to_states_and_every_event_has_one,
           test_destroyed_vms_are_listed_to_some_and_count_against_no_limit)
UNIT_MAIN(vm_states_suite)
