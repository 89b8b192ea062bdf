#!/usr/bin/python3
"""The crash test of every job of VMs (tests/jobs/test_vm_crash.py) on two real libvirt hosts of the lab: after each kill the domains,
volumes, files, fixed leases and rows agree, and with everything taken away all counters are where they began.
timeout: 2400
Words after the name choose kinds of jobs, or "random"; GURUM_SEED repeats the random instants."""
import os, random, re, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("support", "jobs"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
import test_vm_crash as crash
from cloud import Cloud
from lab import Lab, require

POOL = "/mnt/primary"
# those that begin with a guest lost or found behind our back are test_lab_zone's
KINDS = [kind for kind in crash.JOBS if kind.startswith("vm.") and kind not in ("vm.observe", "vm.found")]
RANDOM_KILLS = 20
NOBODY = "06:00:00:00:00:00"  # stands where a network has no fixed lease yet


class LiveSuite(crash.Suite):
    def __init__(self, cloud, lab):
        self.lab = lab
        super().__init__(cloud)

    def deployment(self):
        host = self.cs.listHosts(type="Routing")["host"][0]
        return {"zoneid": host["zoneid"], "serviceofferingid": self.cs.listServiceOfferings(name="Tiny Instance")["serviceoffering"][0]["id"],
                "templateid": self.cs.listTemplates(templatefilter="all", name="Tiny Linux")["template"][0]["id"]}

    def heal(self):
        """There is no fault to take away."""

    def column(self, statement):
        return {row[0] for row in self.cloud.rows(statement)}

    def compare(self):
        for host in self.lab.hosts.values():
            wanted = self.column("SELECT v.instance_name FROM vm v JOIN host h ON h.id = v.host_id WHERE v.state = 'Running' AND h.url = '%s'" % host.uri)
            for _ in range(100):  # a new jobs process may just be trying out what the host can
                guests = host.guests()
                if not any(name.startswith("gurum-trial-") for name in guests):
                    break
                time.sleep(0.1)
            assert guests == {name: "running" for name in wanted}, "guests of %s: %s, wanted %s" % (host.name, guests, wanted)
            known = self.column("SELECT n.mac_address FROM vm_nic n JOIN vm v ON v.id = n.vm_id WHERE v.removed IS NULL")
            for network in host.virsh("net-list", "--name").split():
                leases = set(re.findall(r"<host mac='([0-9a-f:]+)'", host.virsh("net-dumpxml", network)))
                assert leases <= known | {NOBODY}, "leases left on %s: %s" % (host.name, leases - known - {NOBODY})
        files = set(self.lab["h1"].exec("ls", "-A", POOL).stdout.split())
        volumes = {uuid + ".qcow2" for uuid in self.column("SELECT uuid FROM volume WHERE state = 'Ready' AND removed IS NULL")}
        images = {"image-%s.qcow2" % uuid for uuid in self.column("SELECT uuid FROM image WHERE removed IS NULL")}
        assert volumes <= files, "volumes missing: %s" % (volumes - files)
        assert files <= volumes | images, "files left: %s" % (files - volumes - images)
        found = self.cloud.failed_checks()
        assert not found, "consistency: %s" % found

    def killed_in_undo_live(self, step):
        """A machine type that QEMU does not know: the guest cannot be defined, so all is undone."""
        def run(operator):
            try:
                operator.do("deployVirtualMachine", **dict(self.base, **{"details[0].kvm.machine": "no-such-machine"}))
                raise AssertionError("the deployment should have failed")
            except crash.Refused:
                pass
            operator.settle()
            operator.killed_once()
        self.case("vm.deploy:%s:during_undo" % step, run, GURUM_CRASH_AT="vm.deploy:%s:during_undo" % step)

    def killed_at_random_live(self, seed):
        dice = random.Random(seed)

        def run(operator):
            while operator.worker.deaths < RANDOM_KILLS:
                vms = [operator.vm() for _ in range(2)]
                operator.do("stopVirtualMachine", id=vms[0])
                operator.do("startVirtualMachine", id=vms[0])
                operator.do("rebootVirtualMachine", id=vms[1])
                operator.do("destroyVirtualMachine", id=vms[dice.randrange(2)], expunge="true")
                self.close(operator)
        self.case("random instants, seed %d" % seed, run, GURUM_CRASH_RANDOM="%d:2500" % seed)


def main():
    if not os.environ.get("GURUM_FULL"):
        print("real hosts: only with GURUM_FULL=1")
        sys.exit(77)
    require()
    only, seed = sys.argv[1:], int(os.environ.get("GURUM_SEED", random.randrange(1000000)))
    with Lab(2, shared=True) as lab:
        with Cloud(zone="kvm", GURUM_LIBVIRT=lab["h1"].uri, GURUM_POOL=POOL) as cloud:
            suite = LiveSuite(cloud, lab)
            first = suite.cs.listHosts(type="Routing")["host"][0]
            suite.cs.addHost(zoneid=first["zoneid"], podid=first["podid"], clusterid=first["clusterid"], hypervisor="KVM", url=lab["h2"].uri,
                             username="root", password="")
            suite.cs.updateConfiguration(name="vm.allocator", value="spread")
            crash.only_ours(cloud)
            suite.case("nothing happens", lambda operator: operator.vm())
            for kind, step, points, undoes in suite.steps():
                if kind not in KINDS:
                    continue
                for point in points if not only or kind in only else ():
                    suite.killed(kind, step, point)
                if kind == "vm.deploy" and undoes and step != "start_guest" and (not only or "undo" in only):
                    suite.killed_in_undo_live(step)
            if not only or "random" in only:
                print("random instants: GURUM_SEED=%d" % seed, flush=True)
                suite.killed_at_random_live(seed)
            print("%d kills" % suite.kills)
            if suite.failed and os.environ.get("GURUM_KEEP_LOGS"):
                cloud.show_logs()
    print("%d passed, %d failed" % (suite.passed, suite.failed))
    sys.exit(1 if suite.failed else 0)


main()
