#!/usr/bin/python3
"""What guests use and say: figures of VMs and hosts come by themselves, rates survive a restart of the guest, nobody reads those of others;
the serial log is read by offset, follows a restart, and its jobs leave nothing behind.
timeout: 240"""
import os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

VM_FIGURES = "cpuused networkkbsread networkkbswrite diskkbsread diskkbswrite diskioread diskiowrite memorykbs memoryintfreekbs memorytargetkbs".split()
HOST_FIGURES = "cpuused memoryused networkkbsread networkkbswrite".split()
SAMPLE = VM_FIGURES + "timestamp diskiopstotal networkread networkwrite".split()
state = {}


def wait_for(what, look, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError("no " + what + " in time")


def finish(admin, reply):
    assert reply.status == 200, reply.body
    result = {"jobstatus": 0}
    while result["jobstatus"] == 0:
        result = admin.queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    assert result["jobstatus"] == 1, result
    return result["jobresult"]


def machine(admin, **parameters):
    (vm,) = admin.listVirtualMachines(id=state["vm"], **parameters).inner["virtualmachine"]
    return vm


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    assert admin.updateConfiguration(name="vm.stats.interval", value="1000").status == 200
    zone = admin.listZones().inner["zone"][0]["id"]
    image = admin.listTemplates(templatefilter="all").inner["template"][0]["id"]
    size = admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]
    state["vm"] = finish(admin, admin.deployVirtualMachine(post=True, zoneid=zone, templateid=image, serviceofferingid=size,
                                                           name="watched"))["virtualmachine"]["id"]
    domain = admin.createDomain(post=True, name="other").inner["domain"]["id"]
    account = admin.createAccount(post=True, username="other", password="secret-other", email="o@o", firstname="o", lastname="o", accounttype="0",
                                  domainid=domain).inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    state["other"] = Client(cloud.url, keys["apikey"], keys["secretkey"])


def test_figures_of_a_running_vm_come_by_themselves(cloud):
    admin = state["admin"]
    wait_for("rates", lambda: machine(admin).get("networkkbsread"))
    vm = machine(admin)
    assert not [name for name in VM_FIGURES if name not in vm], vm
    assert vm["cpuused"].endswith("%") and 0 < float(vm["cpuused"][:-1]) <= 100, vm["cpuused"]
    assert vm["memorykbs"] == vm["memory"] * 1024 and 0 < vm["memoryintfreekbs"] < vm["memorykbs"], vm
    time.sleep(2)
    since_start = machine(admin, accumulate="true")
    assert since_start["networkkbsread"] > machine(admin, accumulate="false")["networkkbsread"], since_start
    asserted("listVirtualMachines", "accumulate")


def test_lists_without_statistics_do_not_show_them(cloud):
    for details in ("min", "nics", "group,nics"):
        assert "cpuused" not in machine(state["admin"], details=details), details
    assert "cpuused" in machine(state["admin"], details="stats")
    asserted("listVirtualMachines", "details")


def test_hosts_tell_what_they_use(cloud):
    admin = state["admin"]
    hosts = wait_for("figures of hosts", lambda: [host for host in admin.listHosts(type="Routing").inner["host"] if host.get("networkkbsread")])
    assert not [name for name in HOST_FIGURES if name not in hosts[0]], hosts[0]
    assert hosts[0]["cpuused"].endswith("%") and 0 <= hosts[0]["memoryused"] <= hosts[0]["memorytotal"]


def test_history_lists_each_measurement(cloud):
    admin = state["admin"]
    (vm,) = admin.listVirtualMachinesUsageHistory(id=state["vm"]).inner["virtualmachine"]
    assert vm["id"] == state["vm"] and len(vm["stats"]) >= 2, vm
    assert not [name for name in SAMPLE if name not in vm["stats"][-1]], vm["stats"][-1]
    times = [sample["timestamp"] for sample in vm["stats"]]
    assert times == sorted(times)
    assert admin.listVirtualMachinesUsageHistory(id=state["vm"], startdate="2035-01-01").inner["virtualmachine"][0]["stats"] == []
    assert admin.listVirtualMachinesUsageHistory(name="atche").inner["count"] == 1
    assert not admin.listVirtualMachinesUsageHistory(name="%").inner.get("count")
    assert admin.listVirtualMachinesUsageHistory(id=state["vm"], enddate="2020-01-01").inner["virtualmachine"][0]["stats"] == []
    asserted("listVirtualMachinesUsageHistory", "name", "startdate", "enddate")


def test_points_for_graphs_cover_every_range(cloud):
    for span in ("1h", "24h", "7d", "30d"):
        points = state["admin"].listVirtualMachineStatistics(virtualmachineid=state["vm"], range=span).inner["statistics"]
        assert points and "cpupercent" in points[-1] and points[-1]["memorybytes"] > 0, (span, points)
        assert len(points) <= 121
    assert state["admin"].listVirtualMachineStatistics(virtualmachineid=state["vm"], range="1y").status == 431
    number = lambda span, points: len(state["admin"].listVirtualMachineStatistics(virtualmachineid=state["vm"], range=span, points=points).inner["statistics"])
    wait_for("measurements", lambda: number("10m", 1500) > 5)
    assert number("10m", 10) <= 2 < number("1h", 1500) < number("10m", 1500), "a point for each 60, 2.4 and 0.4 seconds"
    asserted("listVirtualMachineStatistics", "range", "points")


def test_rates_survive_a_restart_of_the_guest(cloud):
    admin = state["admin"]
    finish(admin, admin.rebootVirtualMachine(post=True, id=state["vm"]))
    wait_for("rates after the restart", lambda: machine(admin).get("networkkbsread", 0) > 0)
    (vm,) = admin.listVirtualMachinesUsageHistory(id=state["vm"]).inner["virtualmachine"]
    for sample in vm["stats"]:
        assert all(sample[name] >= 0 for name in ("diskkbsread", "networkkbsread", "diskioread")), sample
        assert 0 <= float(sample["cpuused"][:-1]) <= 100, sample


def test_host_that_is_away_leaves_a_gap_and_no_false_zero(cloud):
    admin = state["admin"]
    cloud.simulator("fault", "action=status", "status=UNREACHABLE", "slot=guest_stats", "times=14")
    time.sleep(9)
    points = admin.listVirtualMachineStatistics(virtualmachineid=state["vm"], points="1500").inner["statistics"]
    assert any(point["gap"] for point in points), points
    cloud.simulator("no-faults")


def test_serial_log_is_read_by_offset(cloud):
    admin = state["admin"]
    whole = admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"]).inner["consolelog"]
    assert whole["available"] and whole["virtualmachineid"] == state["vm"], whole
    assert "watched login:" in whole["text"] and "\x1b" not in whole["text"] and "\r" not in whole["text"], whole
    part = admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"], offset="1", size="12").inner["consolelog"]
    assert part["text"] == whole["text"][1:13] and part["offset"] == 1 and part["nextoffset"] == 13, part
    asserted("getVirtualMachineConsoleLog", "size")
    after = admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"], offset=part["nextoffset"], generation=part["generation"]).inner["consolelog"]
    assert whole["text"][13:60] == after["text"][:47]
    for bad in ({"offset": "-1"}, {"size": "0"}, {"size": "65537"}, {"generation": "x"}):
        assert admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"], **bad).status in (430, 431), bad


def test_serial_log_that_began_anew_is_told(cloud):
    admin = state["admin"]
    before = admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"]).inner["consolelog"]
    finish(admin, admin.rebootVirtualMachine(post=True, id=state["vm"]))
    again = admin.getVirtualMachineConsoleLog(virtualmachineid=state["vm"], offset=before["nextoffset"], generation=before["generation"])
    again = again.inner["consolelog"]
    assert again["generation"] != before["generation"] and again["offset"] == 0 and "Simulated kernel" in again["text"], again


def test_nobody_watches_the_vm_of_another(cloud):
    other = state["other"]
    for reply in (other.getVirtualMachineConsoleLog(virtualmachineid=state["vm"]), other.listVirtualMachineStatistics(virtualmachineid=state["vm"]),
                  other.listVirtualMachinesUsageHistory(id=state["vm"])):
        assert reply.status in (431, 531), reply.body
        assert "login" not in reply.body
    asserted("listVirtualMachineStatistics", "virtualmachineid")
    assert not other.listVirtualMachinesUsageHistory().inner.get("virtualmachine")
    assert not other.listVirtualMachinesUsageHistory(listall="true").inner.get("virtualmachine")


def test_collecting_leaves_no_litter_in_lists_of_tasks(cloud):
    commands = {job["cmd"] for job in state["admin"].listAsyncJobs(listall="true", page="1", pagesize="500").inner.get("asyncjobs", [])}
    assert commands and not commands & {"collectStatistics", "getVirtualMachineConsoleLog"}, commands
    ended = "SELECT COUNT(*) FROM job WHERE kind IN ('stats.collect', 'vm.console_log') AND claimable IS NULL AND expires IS NULL"
    assert cloud.rows(ended) == [["0"]]
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
