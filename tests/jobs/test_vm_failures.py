#!/usr/bin/python3
"""Deployments that fail leave nothing behind; what an undo could not remove is listed and removed later; all processes killed at once lose no job.
timeout: 600"""
import os, signal, sys, time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from contract import asserted
from provider import compare, counters, deployment, settle
from results import close, run_tests


def ended(cs, job, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        reply = cs.queryAsyncJobResult(jobid=job)
        if reply["jobstatus"]:
            return reply
        time.sleep(0.05)
    raise AssertionError("job %s does not end" % job)


def expunge_all(cloud, cs):
    jobs = [cs.destroyVirtualMachine(id=row[0], expunge="true")["jobid"] for row in cloud.rows("SELECT uuid FROM vm WHERE removed IS NULL")]
    for job in jobs:
        reply = ended(cs, job)
        assert reply["jobstatus"] == 1, reply
    settle(cloud)


def rest(cloud):
    """Nothing deployed; the counters then."""
    cs = cloud.api()
    expunge_all(cloud, cs)
    compare(cloud)
    return cs, counters(cloud)


def refused(cloud, cs, **parameters):
    """The reason of a deployment that fails, after everything agrees."""
    reply = cs.deployVirtualMachine(**parameters)
    job = ended(cs, reply["jobid"])
    assert job["jobstatus"] == 2, job
    settle(cloud)
    compare(cloud)
    vm = cs.listVirtualMachines(id=reply["id"])["virtualmachine"][0]
    assert vm["state"] == "Error" and "hostid" not in vm and not vm.get("nic"), vm
    return job["jobresult"]["errortext"]


def test_a_deployment_without_room_leaves_nothing_behind(cloud):
    cs, before = rest(cloud)
    huge = cs.createServiceOffering(name="huge", displaytext="huge", cpunumber=8, cpuspeed=2000, memory=64 * 1024)["serviceoffering"]["id"]
    text = refused(cloud, cs, **deployment(cs, serviceofferingid=huge))
    assert text, "no reason"
    assert counters(cloud) == before, [row for row in counters(cloud) if row not in before]
    assert rest(cloud)[1] == before


def test_hosts_are_filled_to_the_last_mebibyte_and_not_further(cloud):
    cs, before = rest(cloud)
    half = cs.createServiceOffering(name="half", displaytext="half", cpunumber=1, cpuspeed=500, memory=16 * 1024)["serviceoffering"]["id"]
    jobs = [cs.deployVirtualMachine(**deployment(cs, serviceofferingid=half))["jobid"] for _ in range(7)]
    outcomes = sorted(ended(cs, job)["jobstatus"] for job in jobs)
    assert outcomes == [1, 1, 1, 1, 2, 2, 2], outcomes
    settle(cloud)
    compare(cloud)
    assert rest(cloud)[1] == before


def test_a_fault_of_any_slot_leaves_nothing_behind(cloud):
    cs, before = rest(cloud)
    base = deployment(cs)
    for slot in ("volume_ensure", "network_ensure", "host_network_ensure", "service_apply", "guest_ensure", "guest_start"):
        for status in ("INVALID", "NO_CAPACITY", "FAILED"):
            if slot == "network_ensure": # only asked when the network is not up
                cloud.rows("UPDATE network SET state = 'Allocated' WHERE guest_type = 'Isolated'")
            cloud.simulator("fault", "action=status", "status=" + status, "slot=" + slot, "text=out of order")
            try:
                text = refused(cloud, cs, **base)
            finally:
                cloud.simulator("no-faults")
            assert text, (slot, status)
            assert counters(cloud) == before, (slot, status, [row for row in counters(cloud) if row not in before])
    assert rest(cloud)[1] == before


def leftovers(cloud):
    return cloud.rows("SELECT step, object_uuid, attempts FROM provider_leftover WHERE resolved IS NULL ORDER BY step")


def try_leftovers_now(cloud):
    cloud.rows("UPDATE provider_leftover SET next_attempt = UTC_TIMESTAMP(3) WHERE resolved IS NULL")


def told_of_leftovers(cs, machine, steps):
    """Operators see what is left of the machine, and find it."""
    found = cs.listLeftovers()["leftover"]
    assert sorted(each["step"] for each in found) == steps, found
    for each in found:
        assert (each["resourcetype"], each["resourceid"], each["attempts"]) == ("VirtualMachine", machine, 0), each
        assert each["id"] and each["error"] and each["errordetail"] and each["created"] < each["nextattempt"], each
    assert any("out of order" in each["errordetail"] for each in found), found
    assert cs.listLeftovers(keyword=machine)["count"] == len(steps) and cs.listLeftovers(keyword="no such") == {}
    if len(steps) > 1:
        assert [each["step"] for each in cs.listLeftovers(keyword="define")["leftover"]] == ["define_guest"]
        assert cs.listLeftovers(page=2, pagesize=1) == {"count": 2, "leftover": found[1:]}
        asserted("listLeftovers", "keyword", "page", "pagesize")


def test_what_undo_could_not_remove_is_listed_and_removed_later(cloud):
    cs, before = rest(cloud)
    # a guest that stays keeps its disk, too
    for slot, steps in (("guest_remove", ["create_volumes", "define_guest"]), ("volume_remove", ["create_volumes"])):
        cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_start")
        cloud.simulator("fault", "action=status", "status=FAILED", "slot=" + slot, "text=out of order")
        try:
            reply = cs.deployVirtualMachine(**deployment(cs))
            assert ended(cs, reply["jobid"])["jobstatus"] == 2
            assert [row[:2] for row in leftovers(cloud)] == [[step, reply["id"]] for step in steps], leftovers(cloud)
            assert not cloud.failed_checks(), cloud.failed_checks()
            told_of_leftovers(cs, reply["id"], steps)
            try_leftovers_now(cloud)
            wait_for(lambda: all(row[2] != "0" for row in leftovers(cloud)), 40)
            settle(cloud)
            assert len(leftovers(cloud)) == len(steps), "resolved, though the provider refuses"
        finally:
            cloud.simulator("no-faults")
        for _ in range(4): # the disk goes when the guest has gone
            try_leftovers_now(cloud)
            wait_for(lambda: not cloud.rows("SELECT id FROM provider_leftover WHERE next_attempt <= UTC_TIMESTAMP(3)"), 40)
            settle(cloud)
            if not leftovers(cloud):
                break
        assert not leftovers(cloud), leftovers(cloud)
        compare(cloud)
        assert rest(cloud)[1] == before, [row for row in counters(cloud) if row not in before]


def test_a_scripted_crash_of_the_simulator_crashes_its_plugin(cloud):
    cs, before = rest(cloud)
    for action, times, status, crashes in (("crash", "0", 2, 3), ("crash-after-effect", "1", 1, 4)): # three end the step, one is made good
        cloud.simulator("fault", "action=" + action, "slot=guest_start", "times=" + times)
        try:
            job = ended(cs, cs.deployVirtualMachine(**deployment(cs))["jobid"])
            assert job["jobstatus"] == status, job
        finally:
            cloud.simulator("no-faults")
        plugin = cs.listPlugins(name="hypervisor-simulator")["plugin"][0]
        assert plugin["lastfault"] == "crashed" and plugin["lastfaultslot"] == "guest_start", plugin
        found = cloud.rows("SELECT COUNT(*) FROM plugin_fault WHERE slot = 'guest_start' AND what = 'crashed'")
        assert found == [[str(crashes)]], found
    settle(cloud)
    compare(cloud)
    assert rest(cloud)[1] == before


def test_a_creation_cancelled_before_it_begins_leaves_no_trace(cloud):
    cs, before = rest(cloud)
    zone = cs.listZones()["zone"][0]["id"]
    workers = [int(row[0]) for row in cloud.rows("SELECT pid FROM job_process")]
    for worker in workers:
        os.kill(worker, signal.SIGSTOP) # so that nothing begins
    try:
        created = cs.createPhysicalNetwork(zoneid=zone, name="never")
        cs.cancelTask(id=created["jobid"])
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
    reply = ended(cs, created["jobid"])
    assert reply["jobstatus"] == 2, reply
    assert all(each["id"] != created["id"] for each in cs.listPhysicalNetworks(zoneid=zone)["physicalnetwork"])
    assert not cloud.failed_checks(), cloud.failed_checks()


def wait_for(truth, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if truth():
            return
        time.sleep(0.1)
    raise AssertionError("it does not come about")


def is_alive(pid):
    """A killed process lives on while the kernel takes its memory back."""
    try:
        return ") Z" not in Path("/proc/%d/stat" % pid).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(cloud):
    lines = Path(cloud.run, "state", "status").read_text().splitlines()
    return [int(line.split("pid=")[1].split()[0]) for line in lines if "pid=" in line]


def test_all_processes_killed_at_once_lose_no_job(cloud):
    cs, before = rest(cloud)
    for round_number in range(3):
        base = deployment(cs)
        cloud.simulator("delay", "guest_start", str(150 * round_number))
        begun = [cs.deployVirtualMachine(**base) for _ in range(12)]
        time.sleep(0.15 * round_number)
        database = int(Path(cloud.run, "mariadbd.pid").read_text().split()[0])
        killed = children_of(cloud) + [database]
        for pid in killed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_for(lambda: not any(is_alive(pid) for pid in killed), 10)
        cloud.control("start")
        started = time.monotonic()
        cs = cloud.api()
        for each in begun:
            reply = ended(cs, each["jobid"])
            assert reply["jobstatus"] == 1, reply
        assert time.monotonic() - started < 20, "the jobs waited for leases of dead processes to run out"
        cloud.simulator("no-faults")
        settle(cloud)
        compare(cloud)
        vms = cs.listVirtualMachines(fetch_list=True)
        assert sorted(vm["state"] for vm in vms) == ["Running"] * 12, [vm["state"] for vm in vms]
        assert rest(cloud)[1] == before
        cs = cloud.api()


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        cloud.api().updateConfiguration(name="vm.stop.grace", value="0")
        # the first VM makes the account's network; after it, rest is rest
        first = cloud.api()
        assert ended(first, first.deployVirtualMachine(**deployment(first))["jobid"])["jobstatus"] == 1
        counts = run_tests(globals(), cloud)
        if counts[1] and os.environ.get("GURUM_KEEP_LOGS"):
            cloud.show_logs()
    close(*counts)
