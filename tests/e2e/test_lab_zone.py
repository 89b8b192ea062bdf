#!/usr/bin/python3
"""A zone of two real libvirt hosts of the lab: where guests land and why, and what happens when guests, libvirt, hosts and cables fail
behind the cloud's back: states are true again without a person, and the events tell the story.
timeout: 900"""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from lab import Lab, require
from results import close, run_tests

POOL = "/mnt/primary"


def until(what, look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError("in vain for %s" % what)


class Zone:
    """The cloud, its two hosts, and what a deployment needs."""
    def __init__(self, lab, cloud):
        self.lab, self.cloud, self.cs = lab, cloud, cloud.api()
        first = self.cs.listHosts(type="Routing")["host"][0]
        self.cs.addHost(zoneid=first["zoneid"], podid=first["podid"], clusterid=first["clusterid"], hypervisor="KVM", url=lab["h2"].uri,
                        username="root", password="")
        for name, value in (("vm.allocator", "spread"), ("vm.stop.grace", "0")):
            self.cs.updateConfiguration(name=name, value=value)
        self.base = {"zoneid": first["zoneid"], "serviceofferingid": self.cs.listServiceOfferings(name="Tiny Instance")["serviceoffering"][0]["id"],
                     "templateid": self.cs.listTemplates(templatefilter="all", name="Tiny Linux")["template"][0]["id"]}
        time.sleep(1.5)  # settings hold in every process

    def deploy(self, **more):
        return self.cs.deployVirtualMachine(fetch_result=True, **dict(self.base, **more))["virtualmachine"]

    def vm(self, machine):
        return self.cs.listVirtualMachines(id=machine["id"])["virtualmachine"][0]

    def state(self, machine):
        return self.vm(machine)["state"]

    def place(self, machine):
        """The lab's host that the records name."""
        url = self.cloud.rows("SELECT h.url FROM vm JOIN host h ON h.id = vm.host_id WHERE vm.uuid = '%s'" % machine["id"])[0][0]
        return [host for host in self.lab.hosts.values() if host.uri == url][0]

    def host_state(self, host):
        return self.cloud.rows("SELECT state FROM host WHERE url = '%s' AND removed IS NULL" % host.uri)[0][0]

    def said(self, words, machine=None):
        about = {"resourceid": machine["id"], "resourcetype": "VirtualMachine"} if machine else {}
        return [event for event in self.cs.listEvents(fetch_list=True, listall="true", **about) if words in event["description"]]

    def gone(self, *machines):
        for machine in machines:
            self.cs.destroyVirtualMachine(fetch_result=True, id=machine["id"], expunge="true")
        until("all jobs", lambda: not self.cloud.rows("SELECT 1 FROM job WHERE ended IS NULL AND kind NOT LIKE '%.observe' AND kind NOT LIKE 'stats%'"))
        self.agrees()

    def agrees(self):
        """Domains of all hosts are those of the records; the consistency queries find nothing."""
        for host in self.lab.hosts.values():
            wanted = {row[0] for row in self.cloud.rows("SELECT vm.instance_name FROM vm JOIN host h ON h.id = vm.host_id WHERE h.url = '%s'" % host.uri)}
            assert set(host.guests()) == wanted, (host.name, host.guests(), wanted)
        found = self.cloud.failed_checks()
        assert not found, found


def test_the_spread_allocator_puts_a_guest_on_each_host_and_says_why(zone):
    one, two = zone.deploy(), zone.deploy()
    assert zone.place(one) is not zone.place(two), "both on one host"
    for machine in (one, two):
        assert zone.place(machine).guests()[machine["instancename"]] == "running"
    lines = [line["text"] for line in zone.cs.explain(id=two["id"], type="VirtualMachine")["explanation"]]
    text = "\n".join(lines)
    assert "spread" in text and zone.vm(two)["hostname"] in text, text
    zone.gone(one, two)


def test_a_guest_that_fits_nowhere_is_refused_with_the_true_reason(zone):
    size = zone.cs.createServiceOffering(name="vast", displaytext="vast", cpunumber=1, cpuspeed=500, memory=900 * 1024)["serviceoffering"]["id"]
    reply = zone.cs.deployVirtualMachine(**dict(zone.base, serviceofferingid=size))
    ended = until("the refusal", lambda: [r for r in [zone.cs.queryAsyncJobResult(jobid=reply["jobid"])] if r["jobstatus"]])[0]
    assert ended["jobstatus"] == 2 and "900 GiB of memory" in ended["jobresult"]["errortext"], ended
    told = "\n".join(line["text"] for line in zone.cs.explain(jobid=reply["jobid"])["explanation"])
    assert "Of 2 hosts" in told and "2 without memory" in told, told
    zone.gone({"id": reply["id"]})


def test_a_guest_killed_behind_our_back_is_stopped_at_once(zone):
    machine = zone.deploy()
    time.sleep(2.5)  # what changed just now is not judged
    began = time.monotonic()
    zone.place(machine).exec("sh", "-c", "kill -9 $(pidof qemu-system-x86_64)")
    until("Stopped", lambda: zone.state(machine) == "Stopped")
    print("found after %.1f s" % (time.monotonic() - began))
    assert time.monotonic() - began < 20, "libvirt told of it, and nobody listened"
    until("the event", lambda: zone.said("was found", machine))
    zone.agrees()
    zone.cs.startVirtualMachine(fetch_result=True, id=machine["id"])
    assert zone.state(machine) == "Running"
    zone.gone(machine)


def test_a_guest_started_behind_our_back_runs(zone):
    machine = zone.deploy()
    host = zone.place(machine)
    definition = host.virsh("dumpxml", machine["instancename"])
    zone.cs.stopVirtualMachine(fetch_result=True, id=machine["id"], forced="true")
    time.sleep(2.5)
    host.exec("sh", "-c", "cat > /run/by-hand.xml", input=definition, stdin=None)
    host.virsh("create", "/run/by-hand.xml")
    until("Running", lambda: zone.state(machine) == "Running", 30)
    assert zone.place(machine) is host
    assert zone.said("was found running on the host", machine)
    zone.gone(machine)


def test_libvirt_killed_and_restarted_changes_nothing(zone):
    machine = zone.deploy()
    host = zone.place(machine)
    host.kill_libvirtd()
    time.sleep(3)
    host.start_libvirtd()
    until("Up", lambda: zone.host_state(host) == "Up" and zone.state(machine) == "Running")
    time.sleep(10)
    until("Up", lambda: zone.host_state(host) == "Up")
    assert zone.state(machine) == "Running" and host.guests()[machine["instancename"]] == "running"
    zone.cs.rebootVirtualMachine(fetch_result=True, id=machine["id"])
    zone.gone(machine)


def test_a_host_cut_off_for_a_minute_loses_no_guest(zone):
    machine = zone.deploy()
    host = zone.place(machine)
    host.partition()
    try:
        began = time.monotonic()
        until("Disconnected", lambda: zone.host_state(host) == "Disconnected", 90)
        print("missed after %.1f s" % (time.monotonic() - began))
        assert zone.said("does not answer and gets no new instances")
        other = zone.deploy()
        assert zone.place(other) is not host, "placed on a host that does not answer"
        time.sleep(max(0, 60 - (time.monotonic() - began)))
        assert zone.state(machine) == "Running" and host.guests()[machine["instancename"]] == "running"
    finally:
        host.heal()
    began = time.monotonic()
    until("Up", lambda: zone.host_state(host) == "Up", 90)
    print("back after %.1f s" % (time.monotonic() - began))
    assert zone.state(machine) == "Running"
    assert zone.cs.listEvents(fetch_list=True, listall="true", type="HOST.RECONNECT")
    zone.gone(machine, other)


def test_a_host_after_a_power_cut_is_used_again(zone):
    machine = zone.deploy()
    host = zone.place(machine)
    host.power_cut()
    until("Disconnected", lambda: zone.host_state(host) == "Disconnected", 90)
    assert zone.state(machine) == "Running"
    host.boot()
    until("Up", lambda: zone.host_state(host) == "Up", 90)
    until("Stopped", lambda: zone.state(machine) == "Stopped")
    zone.cs.startVirtualMachine(fetch_result=True, id=machine["id"])
    assert zone.state(machine) == "Running"
    zone.gone(machine)


if __name__ == "__main__":
    if not os.environ.get("GURUM_FULL"):
        print("real hosts: only with GURUM_FULL=1")
        sys.exit(77)
    require()
    with Lab(2, shared=True) as lab:
        with Cloud(zone="kvm", GURUM_LIBVIRT=lab["h1"].uri, GURUM_POOL=POOL) as cloud:
            counts = run_tests(globals(), Zone(lab, cloud))
            if counts[1] and os.environ.get("GURUM_KEEP_LOGS"):
                cloud.show_logs()
    close(*counts)
