#!/usr/bin/python3
"""The first zone with real guests, two copies beside each other on this machine: an unmodified client starts a machine from the built-in
image; its serial log, its address and its web server tell that it is real; its end leaves nothing, and the end of the cloud neither."""
# timeout: 900
import os, re, subprocess, sys, time, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab
from cloud import Cloud
from results import close, run_tests

known = {}


def hypervisor(cloud):
    with open(os.path.join(cloud.run, "hypervisor")) as file:
        return file.read().strip()


def virsh(cloud, *words):
    return subprocess.run(["virsh", "-q", "-c", hypervisor(cloud), *words], stdout=subprocess.PIPE, check=True, text=True, timeout=30).stdout.strip()


def until(what, look, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("in vain for %s" % what)


def serial_log(cloud, machine):
    try:
        with open(os.path.join(cloud.run, "libvirt", "log", "gurum", machine["id"] + ".log"), errors="replace") as log:
            return log.read()
    except FileNotFoundError:
        return ""


def page(machine, path):
    try:
        return urllib.request.urlopen("http://%s%s" % (machine["nic"][0]["ipaddress"], path), timeout=2).read().decode()
    except OSError:
        return ""


def is_up(cloud, machine, times=1):
    until("READY", lambda: len(re.findall("^READY ", serial_log(cloud, machine), re.M)) >= times)
    return until("its web server", lambda: page(machine, "/"), 30)


def the_zone(cs):
    zone = cs.listZones(name="first")["zone"][0]
    image = cs.listTemplates(templatefilter="featured", zoneid=zone["id"], name="Tiny Linux")["template"][0]
    size = cs.listServiceOfferings(name="Tiny Instance")["serviceoffering"][0]
    return {"zoneid": zone["id"], "templateid": image["id"], "serviceofferingid": size["id"]}


def made(cloud):
    """Everything that making the zone makes."""
    kinds = ("zone", "physical_network", "pod", "cluster", "host", "storage_pool", "image_store", "network", "image", "service_offering",
             "network_offering")
    return {kind: cloud.rows("SELECT * FROM %s ORDER BY id" % kind if kind != "host" else "SELECT id, uuid, url FROM host ORDER BY id") for kind in kinds}


def test_copies_stand_beside_each_other(one, other):
    first, second = one.api(), other.api()
    assert one.url != other.url
    subnets = [cs.listNetworks(listall=True)["network"][0]["cidr"] for cs in (first, second)]
    assert subnets[0] != subnets[1], subnets
    hosts = first.listHosts(type="Routing")["host"]
    assert len(hosts) == 1 and hosts[0]["state"] == "Up" and hosts[0]["hypervisor"] == "KVM", hosts


def test_machines_run_in_both(one, other):
    jobs = [(cloud, cloud.api()) for cloud in (one, other)]
    jobs = [(cloud, cs, cs.deployVirtualMachine(name="hello", **the_zone(cs))["jobid"]) for cloud, cs in jobs]
    for cloud, cs, job in jobs:
        result = until("the job", lambda: (lambda r: r if r["jobstatus"] else None)(cs.queryAsyncJobResult(jobid=job)), 120)
        assert result["jobstatus"] == 1, result
        known[cloud.run] = result["jobresult"]["virtualmachine"]
        assert known[cloud.run]["state"] == "Running", result


def test_serial_logs_show_name_and_address(one, other):
    for cloud in (one, other):
        machine = known[cloud.run]
        is_up(cloud, machine)
        log = serial_log(cloud, machine)
        assert re.search(r"^hostname hello\s*$", log, re.M), log
        assert "address %s/24" % machine["nic"][0]["ipaddress"] in log, (machine["nic"], log)


def test_their_web_servers_answer(one, other):
    for cloud in (one, other):
        machine = known[cloud.run]
        assert "<h1>hello</h1>" in page(machine, "/") and machine["nic"][0]["ipaddress"] in page(machine, "/")
        before = int(page(machine, "/tick"))
        until("ticks", lambda: int(page(machine, "/tick") or 0) > before, 30)


def test_machine_lives_through_its_states(one, other):
    cs, machine = one.api(), known[one.run]
    assert virsh(one, "domstate", machine["id"]) == "running"
    first = cs.getVirtualMachineConsoleLog(virtualmachineid=machine["id"])
    assert cs.stopVirtualMachine(id=machine["id"], fetch_result=True)["virtualmachine"]["state"] == "Stopped"
    assert machine["id"] not in virsh(one, "list", "--uuid")
    assert cs.startVirtualMachine(id=machine["id"], fetch_result=True)["virtualmachine"]["state"] == "Running"
    is_up(one, machine)
    second = cs.getVirtualMachineConsoleLog(virtualmachineid=machine["id"])
    (first, second) = (each.get("consolelog", each) for each in (first, second))
    assert first["generation"] != second["generation"] and "gurum:" not in second["text"] and second["text"].startswith(first["text"][:40]), (first, second)
    boots = len(re.findall("^READY ", serial_log(one, machine), re.M))
    assert cs.rebootVirtualMachine(id=machine["id"], fetch_result=True)["virtualmachine"]["state"] == "Running"
    is_up(one, machine, boots + 1)
    assert cs.destroyVirtualMachine(id=machine["id"], fetch_result=True)["virtualmachine"]["state"] == "Destroyed"
    assert cs.expungeVirtualMachine(id=machine["id"], fetch_result=True)["success"]


def test_nothing_of_it_is_left(one, other):
    machine = known[one.run]
    assert not virsh(one, "list", "--all", "--uuid")
    left = subprocess.run(["grep", "-rl", "--exclude-dir=log", machine["id"], os.path.join(one.run, "libvirt")], stdout=subprocess.PIPE, text=True).stdout
    left += subprocess.run(["find", os.path.join(one.run, "libvirt"), "-name", "*%s*" % machine["id"]], stdout=subprocess.PIPE, text=True).stdout
    assert not left, left
    images = one.rows("SELECT uuid FROM image")
    for pool, in one.rows("SELECT uuid FROM storage_pool"):
        for volume in virsh(one, "vol-list", pool).splitlines():
            assert any(uuid in volume for uuid, in images), volume
    for network in virsh(one, "net-list", "--name").split():
        assert machine["nic"][0]["macaddress"] not in virsh(one, "net-dumpxml", network)  # what a guest did not give back expires
    assert not one.failed_checks(), one.failed_checks()


def test_stop_leaves_nothing_and_start_finds_all(one, other):
    cs, machine, before = other.api(), known[other.run], made(other)
    bridges = re.findall("bridge name='([^']+)'", "".join(virsh(other, "net-dumpxml", name) for name in virsh(other, "net-list", "--name").split()))
    assert bridges and all(os.path.exists("/sys/class/net/" + bridge) for bridge in bridges), bridges
    other.control("stop")
    assert not any(os.path.exists("/sys/class/net/" + bridge) for bridge in bridges), bridges
    processes = subprocess.run(["ps", "-eww", "-o", "pid=,args="], stdout=subprocess.PIPE, text=True).stdout
    assert other.folder not in processes and machine["id"] not in processes, processes
    with open("/proc/self/mountinfo") as mounts:
        assert other.folder not in mounts.read()
    assert one.url and one.api().listZones()["count"] == 1 and not virsh(one, "list", "--name")
    other.control("start")
    assert made(other) == before
    until("the stopped machine", lambda: cs.listVirtualMachines(id=machine["id"])["virtualmachine"][0]["state"] == "Stopped")
    cs.startVirtualMachine(id=machine["id"], fetch_result=True)
    is_up(other, machine)


if __name__ == "__main__":
    lab.require()  # a private libvirt needs what a lab needs
    with Cloud(zone="kvm", GURUM_LIBVIRT="private", GURUM_DB_BUFFER="32M") as one, \
            Cloud(zone="kvm", GURUM_LIBVIRT="private", GURUM_DB_BUFFER="32M") as other:
        counts = run_tests(globals(), one, other)
        if counts[1]:
            one.show_logs()
            other.show_logs()
    close(*counts)
