#!/usr/bin/python3
"""What happens behind the cloud's back comes into its records by itself, with room, history and events in words; a silent host is no
stopped guest. On the simulator.
timeout: 400"""
import json, os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from contract import asserted
from provider import compare, deployment, settle
from results import close, run_tests


def wait_for(truth, what, seconds=40):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = truth()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it does not come about: " + what)


def one(cloud, statement):
    rows = cloud.rows(statement)
    return rows[0] if rows else None


def fresh(cloud):
    """One running VM, its uuid and the url of its host."""
    cs = cloud.api()
    vm = cs.deployVirtualMachine(fetch_result=True, **deployment(cs))["virtualmachine"]
    return cs, vm["id"], url_of(cloud, vm["id"])


def url_of(cloud, vm):
    found = one(cloud, "SELECT h.url FROM vm JOIN host h ON h.id = vm.host_id WHERE vm.uuid = '%s'" % vm)
    return found and found[0]


def state_of(cloud, vm):
    return one(cloud, "SELECT state FROM vm WHERE uuid = '%s' AND job_uuid IS NULL" % vm) == ["Stopped"] and "Stopped" or \
        (one(cloud, "SELECT state FROM vm WHERE uuid = '%s'" % vm) or [""])[0]


def services_at(cloud, url):
    return [each for place, each in json.loads(cloud.simulator("dump"))["services"].items() if place.endswith("@" + url)]


def lease_is_at(cloud, vm, url):
    macs = {row[0] for row in cloud.rows("SELECT n.mac_address FROM vm_nic n JOIN vm v ON v.id = n.vm_id WHERE v.uuid = '%s'" % vm)}
    return macs <= {lease["mac"] for each in services_at(cloud, url) for lease in each["leases"]}


def said(cs, vm, words):
    return [event for event in cs.listEvents(fetch_list=True, resourceid=vm, resourcetype="VirtualMachine", listall="true")
            if words in event["description"]] or None


def told(cs, words):
    return [event for event in cs.listEvents(fetch_list=True, listall="true") if words in event["description"]] or None


def agreed(cloud):
    settle(cloud)
    found = cloud.failed_checks()
    assert not found, found


def gone(cloud, cs, vm):
    cs.destroyVirtualMachine(fetch_result=True, id=vm, expunge="true")
    settle(cloud)


def test_a_guest_killed_behind_our_back_is_found_stopped(cloud):
    cs, vm, url = fresh(cloud)
    used = one(cloud, "SELECT SUM(memory_used_mib) FROM host")
    cloud.simulator("kill_guest", vm)
    wait_for(lambda: state_of(cloud, vm) == "Stopped", "Stopped")
    agreed(cloud)
    compare(cloud)
    assert int(one(cloud, "SELECT SUM(memory_used_mib) FROM host")[0]) < int(used[0]), "its room is free"
    assert said(cs, vm, "was found crashed on the host"), cs.listEvents(resourceid=vm, listall="true")
    history = [row[0] for row in cloud.rows("SELECT change_name FROM history WHERE object_uuid = '%s' ORDER BY id" % vm)]
    assert history[-1] == "stop", history
    assert cs.startVirtualMachine(fetch_result=True, id=vm)["virtualmachine"]["state"] == "Running"
    cloud.simulator("stop_guest", vm)
    wait_for(lambda: said(cs, vm, "was found stopped on the host"), "the event")
    gone(cloud, cs, vm)


def test_a_guest_started_behind_our_back_runs_with_room_taken_also_on_another_host(cloud):
    cs, vm, url = fresh(cloud)
    cs.stopVirtualMachine(fetch_result=True, id=vm, forced="true")
    settle(cloud)
    free = one(cloud, "SELECT SUM(memory_used_mib) FROM host")
    other = one(cloud, "SELECT url FROM host WHERE removed IS NULL AND url <> '%s' LIMIT 1" % url)[0]
    time.sleep(3)  # a VM that changed just now is nobody's to judge
    cloud.simulator("run_guest", vm, "host=" + other)
    wait_for(lambda: state_of(cloud, vm) == "Running", "Running")
    assert url_of(cloud, vm) == other
    assert int(one(cloud, "SELECT SUM(memory_used_mib) FROM host")[0]) > int(free[0])
    assert said(cs, vm, "was found running on the host")
    agreed(cloud)
    gone(cloud, cs, vm)
    compare(cloud)


def test_a_guest_moved_behind_our_back_moves_in_the_records(cloud):
    cs, vm, url = fresh(cloud)
    other, other_id = one(cloud, "SELECT url, uuid FROM host WHERE removed IS NULL AND url <> '%s' LIMIT 1" % url)
    neighbour = cs.deployVirtualMachine(fetch_result=True, **deployment(cs, hostid=other_id))["virtualmachine"]["id"]
    time.sleep(3)
    cs.updateConfiguration(name="ping.interval", value="3600")  # no look between the two halves of the move
    time.sleep(3)
    cloud.simulator("stop_guest", vm)
    cloud.simulator("run_guest", vm, "host=" + other)
    cloud.rows("UPDATE host_watch SET due = UTC_TIMESTAMP(3) WHERE host_id = (SELECT id FROM host WHERE url = '%s' AND removed IS NULL)" % other)
    wait_for(lambda: url_of(cloud, vm) == other, "the move")
    assert state_of(cloud, vm) == "Running"
    assert said(cs, vm, "to which nobody here had moved it")
    assert not cloud.rows("SELECT * FROM host_guest")
    agreed(cloud)
    wait_for(lambda: lease_is_at(cloud, vm, other), "its lease on the host where it is now")
    cs.updateConfiguration(name="ping.interval", value="1")
    cloud.rows("UPDATE host_watch SET due = UTC_TIMESTAMP(3)")
    gone(cloud, cs, vm)
    gone(cloud, cs, neighbour)
    compare(cloud)


def test_a_host_is_told_the_leases_of_its_own_guests_and_the_names_of_all(cloud):
    cs = cloud.api()
    hosts = {host["id"]: row[0] for host in cs.listHosts(type="Routing")["host"][:2] for row in cloud.rows("SELECT url FROM host WHERE uuid = '%s'" % host["id"])}
    made = {url: cs.deployVirtualMachine(fetch_result=True, **deployment(cs, hostid=host))["virtualmachine"] for host, url in hosts.items()}
    settle(cloud)
    for url, vm in made.items():
        [services] = services_at(cloud, url)
        assert [lease["mac"] for lease in services["leases"]] == [vm["nic"][0]["macaddress"]], services
    last = services_at(cloud, list(made)[-1])[0]
    assert {record["name"] for record in last["dns_records"]} == {vm["name"] for vm in made.values()}, last
    for vm in made.values():
        gone(cloud, cs, vm["id"])
    compare(cloud)


def test_a_guest_that_no_record_knows_is_told_and_left_alone(cloud):
    cs = cloud.api()
    url = one(cloud, "SELECT url FROM host WHERE removed IS NULL LIMIT 1")[0]
    stranger = "5b3c0f9e-0000-4000-8000-00000000beef"
    cloud.simulator("run_guest", stranger, "host=" + url, "name=i-9-99-VM")
    wait_for(lambda: told(cs, "has a machine that no record knows"), "the event")
    uuid = one(cloud, "SELECT uuid FROM host WHERE url = '%s' AND removed IS NULL" % url)[0]
    cluster = cs.listHosts(id=uuid)["host"][0]["clusterid"]
    shown = cs.listUnmanagedInstances(fetch_list=True, clusterid=cluster)
    assert [(each["id"], each["name"], each["powerstate"]) for each in shown] == [(stranger, "i-9-99-VM", "PowerOn")], shown
    elsewhere = next(each["id"] for each in cs.listHosts(clusterid=cluster)["host"] if each["id"] != uuid)
    for filters, found in (({"hostid": uuid}, 1), ({"hostid": elsewhere}, 0), ({"name": "i-9-99-VM"}, 1), ({"name": "i-9"}, 0)):
        assert len(cs.listUnmanagedInstances(fetch_list=True, clusterid=cluster, **filters)) == found, filters
    asserted("listUnmanagedInstances", "hostid", "name")
    time.sleep(3)
    assert len(told(cs, "has a machine that no record knows")) == 1, "told once"
    assert json.loads(cloud.simulator("dump"))["guests"][stranger]["state"] == "running"
    cloud.simulator("stop_guest", stranger)
    wait_for(lambda: cs.listUnmanagedInstances(fetch_list=True, clusterid=cluster)[0]["powerstate"] == "PowerOff", "PowerOff")
    cloud.simulator("forget_guest", stranger)
    wait_for(lambda: not cs.listUnmanagedInstances(fetch_list=True, clusterid=cluster), "forgotten")


def test_a_silent_host_loses_no_guest_and_comes_back_by_itself(cloud):
    cs, vm, url = fresh(cloud)
    uuid = one(cloud, "SELECT uuid FROM host WHERE url = '%s' AND removed IS NULL" % url)[0]
    host = lambda: cs.listHosts(id=uuid)["host"][0]
    time.sleep(3)
    cloud.simulator("fault", "action=status", "status=UNREACHABLE", "kind=hypervisor", "object=" + url)
    try:
        wait_for(lambda: host()["state"] == "Disconnected", "Disconnected")
        assert state_of(cloud, vm) == "Running", "a host that does not answer says nothing about its guests"
        assert told(cs, "does not answer and gets no new instances")
        wait_for(lambda: host()["state"] == "Alert", "Alert")
        wait_for(lambda: state_of(cloud, vm) == "Unknown", "Unknown")
        assert said(cs, vm, "whether the instance runs is not known")
        assert told(cs, "has not answered for too long")
    finally:
        cloud.simulator("no-faults")
    wait_for(lambda: host()["state"] == "Up", "Up again")
    wait_for(lambda: state_of(cloud, vm) == "Running", "Running again")
    assert said(cs, vm, "answers again")
    wait_for(lambda: [event for event in cs.listEvents(fetch_list=True, listall="true", type="HOST.RECONNECT")], "HOST.RECONNECT")
    agreed(cloud)
    compare(cloud)
    gone(cloud, cs, vm)


def test_a_host_that_was_started_anew_is_up_again_and_its_guests_are_stopped(cloud):
    cs, vm, url = fresh(cloud)
    time.sleep(3)
    cloud.simulator("host_down", url)
    wait_for(lambda: one(cloud, "SELECT state FROM host WHERE url = '%s' AND removed IS NULL" % url)[0] == "Disconnected", "Disconnected")
    assert state_of(cloud, vm) == "Running"
    cloud.simulator("host_up", url)
    wait_for(lambda: one(cloud, "SELECT state FROM host WHERE url = '%s' AND removed IS NULL" % url)[0] == "Up", "Up")
    wait_for(lambda: state_of(cloud, vm) == "Stopped", "Stopped")
    agreed(cloud)
    compare(cloud)
    assert cs.startVirtualMachine(fetch_result=True, id=vm)["virtualmachine"]["state"] == "Running"
    gone(cloud, cs, vm)


def test_looks_leave_busy_instances_alone(cloud):
    cs = cloud.api()
    repairs = "SELECT COUNT(*) FROM job WHERE kind = 'vm.found'"
    before = cloud.rows(repairs)
    cloud.simulator("delay", "guest_stop", "1500")
    cloud.simulator("delay", "guest_start", "1500")
    try:
        for _ in range(2):
            vm = cs.deployVirtualMachine(fetch_result=True, **deployment(cs))["virtualmachine"]["id"]
            cs.stopVirtualMachine(fetch_result=True, id=vm, forced="true")
            gone(cloud, cs, vm)
    finally:
        cloud.simulator("no-faults")
    compare(cloud)
    assert cloud.rows(repairs) == before


def test_looks_do_not_pile_up(cloud):
    cloud.simulator("delay", "guest_list", "3000")
    try:
        for _ in range(20):
            cloud.rows("UPDATE host_watch SET wanted = looking, due = IF(looking, due, UTC_TIMESTAMP(3))")
            time.sleep(0.1)
        waiting = cloud.rows("SELECT object_id, COUNT(*) FROM job WHERE kind = 'vm.observe' AND ended IS NULL GROUP BY object_id HAVING COUNT(*) > 1")
        assert not waiting, waiting
    finally:
        cloud.simulator("no-faults")
    settle(cloud)


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        for name, value in (("vm.stop.grace", "0"), ("ping.interval", "1"), ("ping.timeout", "8")):
            cloud.api().updateConfiguration(name=name, value=value)
        cloud.rows("UPDATE host_watch SET due = UTC_TIMESTAMP(3)")
        counts = run_tests(globals(), cloud)
        if counts[1] and os.environ.get("GURUM_KEEP_LOGS"):
            cloud.show_logs()
    close(*counts)
