#!/usr/bin/python3
"""Kills the jobs process at every step and point of every job, and at random instants; the simulator and the database agree afterwards.
timeout: 900
GURUM_SEED repeats the random instants of an earlier run, GURUM_FULL=1 makes them 200."""
import os, random, signal, subprocess, sys, threading, time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import BUILD_FOLDER, Cloud
from provider import compare, counters, deployment, settle

GURUMD = os.path.join(BUILD_FOLDER, "gurumd")
POINTS = ("before_act", "after_act", "after_journal")
RANDOM_KILLS = 200 if os.environ.get("GURUM_FULL") else 50
START_STEPS = ("place", "create_volumes", "prepare_network", "define_guest", "start_guest")
# Steps without a call of a plugin are committed in the transaction of the step before them, so they have no instant of their own.
JOBS = {
    "vm.deploy": START_STEPS,
    "vm.start": START_STEPS,
    "vm.stop": ("stop_guest", "remove_guest"),
    "vm.reboot": ("reboot_guest",),
    "vm.destroy": ("stop_guest", "remove_guest", "remove_volumes"),
    "vm.expunge": ("remove_guest", "remove_volumes"),
    "image.register": ("download",),
    "image.delete": ("remove",),
    "host.add": ("probe", "ensure"),
    "host.remove": ("close", "remove"),
    "storage_pool.add": ("probe", "ensure"),
    "storage_pool.remove": ("close", "remove"),
    "image_store.add": ("probe", "ensure"),
    "image_store.remove": ("close", "remove"),
    "network.restart": ("ensure_network",),
    "network.delete": ("close_network", "remove_network"),
    "network.services": ("apply_services",),
}
# kind → the fault that makes the job fail at its end, and the steps whose undo is killed
UNDONE = {
    "vm.deploy": ("slot=guest_start", ("place", "create_volumes", "define_guest", "start_guest")),
    "vm.start": ("slot=guest_start", ("place", "create_volumes", "define_guest", "start_guest")),
    "image.register": ("slot=image_ensure", ("download",)),
    "host.add": ("slot=host_ensure", ("ensure",)),
    "storage_pool.add": ("slot=pool_ensure", ("ensure",)),
    "image_store.add": ("slot=store_ensure", ("ensure",)),
}


class Refused(Exception):
    pass


class Worker:
    """One jobs process at a time, replaced and settled when it dies as the supervisor would."""

    def __init__(self, cloud, **crash):
        self.cloud, self.crash, self.deaths = cloud, crash, 0
        Path(cloud.run, "state", "crashed").unlink(missing_ok=True)
        self.spawn()

    def command(self, *words):
        return [GURUMD, "--config", os.path.join(self.cloud.run, "gurum.conf"), *words]

    def environment(self):
        return dict(os.environ, GURUM_SIMULATOR=Path(self.cloud.run, "simulator.socket").read_text().strip())

    def spawn(self):
        with open(os.path.join(self.cloud.run, "log", "crash-jobs.log"), "a") as log:
            self.process = subprocess.Popen(self.command("jobs"), env=dict(self.environment(), **self.crash), stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL)

    def look(self):
        status = self.process.poll()
        if status is None:
            return
        assert status == -signal.SIGKILL, "the jobs process ended with %s" % status
        self.deaths += 1
        subprocess.run(self.command("jobs-died", str(self.process.pid), str(signal.SIGKILL.value)), env=self.environment(), stderr=subprocess.DEVNULL)
        self.spawn()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Caller(threading.Thread):
    """One API command whose answer may need the worker that this test looks after."""

    def __init__(self, cs, command, parameters):
        super().__init__(daemon=True)
        self.cs, self.command, self.parameters, self.reply, self.problem = cs, command, parameters, None, None
        self.start()

    def run(self):
        try:
            self.reply = getattr(self.cs, self.command)(**self.parameters)
        except Exception as problem:
            self.problem = problem


class Operator:
    """Gives commands and waits for them while the worker dies and comes back."""

    def __init__(self, cloud, cs, base, worker):
        self.cloud, self.cs, self.base, self.worker = cloud, cs, base, worker

    def call(self, command, **parameters):
        caller = Caller(self.cs, command, parameters)
        while caller.is_alive():
            self.worker.look()
            caller.join(0.02)
        if caller.problem:
            raise Refused("%s: %s" % (command, caller.problem))
        return caller.reply

    def wait(self, job):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.worker.look()
            reply = self.cs.queryAsyncJobResult(jobid=job)
            if reply["jobstatus"]:
                return reply
            time.sleep(0.03)
        raise AssertionError("job %s does not end: %s" % (job, self.cloud.rows("SELECT kind, state, step FROM job WHERE uuid = '%s'" % job)))

    def do(self, command, **parameters):
        """The command's whole work; the id of what it is about."""
        reply = self.call(command, **parameters)
        if "jobid" in reply:
            ended = self.wait(reply["jobid"])
            if ended["jobstatus"] != 1:
                raise Refused("%s: %s" % (command, ended["jobresult"]))
        return reply.get("id")

    def settle(self):
        settle(self.cloud, self.worker.look)

    def killed_once(self):
        until = time.monotonic() + 5 # it may be dying just now: its last journal entry is there before its end is seen
        while self.worker.deaths == 0 and time.monotonic() < until:
            self.worker.look()
            time.sleep(0.02)
        assert self.worker.deaths == 1, "killed %d times" % self.worker.deaths

    def vm(self, stopped=False, destroyed=False):
        vm = self.do("deployVirtualMachine", **self.base)
        if stopped:
            self.do("stopVirtualMachine", id=vm)
        if destroyed:
            self.do("destroyVirtualMachine", id=vm)
        return vm

    def image(self):
        reply = self.call("registerTemplate", name="crash", displaytext="crash", format="QCOW2", hypervisor="Simulator",
                          url="http://sim/images/crash.qcow2", zoneid=self.base["zoneid"])
        self.settle()
        return reply["template"][0]["id"]

    def host(self):
        cluster = self.call("listClusters")["cluster"][0]
        return self.call("addHost", zoneid=cluster["zoneid"], podid=cluster["podid"], clusterid=cluster["id"], hypervisor="Simulator",
                         url="http://sim/crash/host", username="root", password="simulator")["host"][0]["id"]

    def pool(self):
        cluster = self.call("listClusters")["cluster"][0]
        return self.call("createStoragePool", zoneid=cluster["zoneid"], podid=cluster["podid"], clusterid=cluster["id"], name="crash-pool",
                         url="nfs://sim/crash-pool", scope="cluster", hypervisor="Simulator")["storagepool"]["id"]

    def store(self):
        return self.call("addImageStore", zoneid=self.base["zoneid"], name="crash-store", provider="NFS", url="nfs://sim/crash-store")["imagestore"]["id"]

    def network(self):
        offering = self.call("listNetworkOfferings", name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
        network = self.call("createNetwork", zoneid=self.base["zoneid"], name="crash", displaytext="crash", networkofferingid=offering)["network"]["id"]
        vm = self.do("deployVirtualMachine", networkids=network, **self.base)
        self.do("destroyVirtualMachine", id=vm, expunge="true")
        return network

    def prepare(self, kind):
        """What the job needs before it can run."""
        return {"vm.start": lambda: self.vm(stopped=True), "vm.stop": self.vm, "vm.reboot": self.vm, "vm.destroy": self.vm,
                "vm.expunge": lambda: self.vm(destroyed=True), "image.delete": self.image, "host.remove": self.host, "storage_pool.remove": self.pool,
                "network.services": lambda: self.vm(destroyed=True), "image_store.remove": self.store, "network.restart": self.network, "network.delete": self.network}.get(kind, lambda: None)()

    def perform(self, kind, what):
        {"vm.deploy": self.vm, "vm.start": lambda: self.do("startVirtualMachine", id=what), "vm.stop": lambda: self.do("stopVirtualMachine", id=what),
         "vm.reboot": lambda: self.do("rebootVirtualMachine", id=what), "vm.destroy": lambda: self.do("destroyVirtualMachine", id=what, expunge="true"),
         "vm.expunge": lambda: self.do("expungeVirtualMachine", id=what), "image.register": self.image,
         "image.delete": lambda: self.do("deleteTemplate", id=what), "host.add": self.host, "host.remove": lambda: self.do("deleteHost", id=what),
         "storage_pool.add": self.pool, "storage_pool.remove": lambda: self.do("deleteStoragePool", id=what), "image_store.add": self.store,
         "image_store.remove": lambda: self.do("deleteImageStore", id=what), "network.restart": lambda: self.do("restartNetwork", id=what),
         "network.delete": lambda: self.do("deleteNetwork", id=what),
         "network.services": lambda: self.do("expungeVirtualMachine", id=what)}[kind]()

    def clean(self):
        """Takes away all that a case made."""
        rows = self.cloud.rows
        for vm in rows("SELECT uuid FROM vm WHERE removed IS NULL"):
            self.do("destroyVirtualMachine", id=vm[0], expunge="true")
        for image in rows("SELECT uuid FROM image WHERE name = 'crash' AND removed IS NULL"):
            self.do("deleteTemplate", id=image[0])
        for host in rows("SELECT uuid FROM host WHERE name LIKE '%crash%' AND removed IS NULL"):
            self.do("deleteHost", id=host[0])
        for pool in rows("SELECT uuid FROM storage_pool WHERE name = 'crash-pool' AND removed IS NULL"):
            self.do("deleteStoragePool", id=pool[0])
        for store in rows("SELECT uuid FROM image_store WHERE name = 'crash-store' AND removed IS NULL"):
            self.do("deleteImageStore", id=store[0])
        for network in rows("SELECT uuid FROM network WHERE name = 'crash' AND removed IS NULL"):
            self.do("deleteNetwork", id=network[0])
        self.settle()


class Suite:
    def __init__(self, cloud):
        self.cloud, self.cs = cloud, cloud.api()
        self.cs.updateConfiguration(name="vm.stop.grace", value="0")
        self.base = deployment(self.cs)
        self.passed = self.failed = self.kills = 0
        self.at_rest = None

    def operator(self, **crash):
        return Operator(self.cloud, self.cs, self.base, Worker(self.cloud, **crash))

    def close(self, operator):
        """After any case: all agrees, and with everything taken away all counters are where they began."""
        operator.settle()
        compare(self.cloud)
        operator.clean()
        compare(self.cloud)
        now = counters(self.cloud)
        self.at_rest = self.at_rest or now
        assert now == self.at_rest, "counters differ: %s" % [row for row in now + self.at_rest if (row in now) != (row in self.at_rest)]

    def case(self, name, function, **crash):
        operator = self.operator(**crash)
        try:
            function(operator)
            self.close(operator)
            self.passed += 1
        except (AssertionError, Refused, subprocess.CalledProcessError) as problem:
            self.failed += 1
            print("FAIL  %s: %s" % (name, problem), flush=True)
            self.cloud.simulator("no-faults")
            try:
                operator.clean()
            except (AssertionError, Refused):
                pass
        finally:
            self.kills += operator.worker.deaths
            operator.worker.stop()

    def killed(self, kind, step, point):
        def run(operator):
            operator.perform(kind, operator.prepare(kind))
            operator.settle()
            operator.killed_once()
        self.case("%s:%s:%s" % (kind, step, point), run, GURUM_CRASH_AT="%s:%s:%s" % (kind, step, point))

    def killed_in_undo(self, kind, fault, step):
        def run(operator):
            what = operator.prepare(kind)
            self.cloud.simulator("fault", "action=status", "status=INVALID", fault)
            try:
                operator.perform(kind, what)
                assert kind == "image.register", "%s should have failed" % kind
            except Refused:
                pass
            operator.settle()
            self.cloud.simulator("no-faults")
            operator.killed_once()
        self.case("%s:%s:during_undo" % (kind, step), run, GURUM_CRASH_AT="%s:%s:during_undo" % (kind, step))

    def killed_at_random(self, seed, ms):
        dice = random.Random(seed)

        def jobs_of(operator, command, vms, **more):
            return [operator.call(command, id=vm, **more)["jobid"] for vm in vms]

        def wait_all(operator, jobs, status):
            for job in jobs:
                ended = operator.wait(job)
                assert ended["jobstatus"] == status, ended

        def run(operator):
            while operator.worker.deaths < RANDOM_KILLS:
                if dice.random() < 0.3: # and in undo
                    self.cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_start")
                    wait_all(operator, [operator.call("deployVirtualMachine", **self.base)["jobid"] for _ in range(3)], 2)
                    self.cloud.simulator("no-faults")
                begun = [operator.call("deployVirtualMachine", **self.base) for _ in range(4)]
                wait_all(operator, [each["jobid"] for each in begun], 1)
                vms = [each["id"] for each in begun]
                wait_all(operator, jobs_of(operator, "stopVirtualMachine", vms[:2]) + jobs_of(operator, "rebootVirtualMachine", vms[2:]), 1)
                wait_all(operator, jobs_of(operator, "startVirtualMachine", vms[:1]), 1)
                operator.image()
                wait_all(operator, jobs_of(operator, "destroyVirtualMachine", vms[dice.randrange(3):], expunge="true"), 1)
                self.close(operator)
        self.case("random instants, seed %d" % seed, run, GURUM_CRASH_RANDOM="%d:%d" % (seed, ms))


def only_ours(cloud):
    """The supervisor runs no jobs process any more: this test does."""
    path = Path(cloud.run, "gurum.conf")
    lines = [line for line in path.read_text().splitlines() if not line.startswith("jobs.processes")]
    path.write_text("\n".join(lines + ["jobs.processes = 0"]) + "\n")
    os.kill(int(Path(cloud.run, "supervisor.pid").read_text().split()[0]), signal.SIGHUP)
    for _ in range(400):
        if cloud.rows("SELECT COUNT(*) FROM job_process") == [["0"]]:
            return
        time.sleep(0.05)
    raise AssertionError("the supervisor keeps its jobs process")


def main():
    seed = int(os.environ.get("GURUM_SEED", random.randrange(1000000)))
    only = sys.argv[1:] # kinds, or "random": for looking closer
    with Cloud(zone="simulator") as cloud:
        suite = Suite(cloud)
        only_ours(cloud)
        suite.case("nothing happens", lambda operator: operator.vm())
        for kind, steps in JOBS.items():
            for step in steps:
                for point in POINTS:
                    if not only or kind in only:
                        suite.killed(kind, step, point)
        for kind, (fault, steps) in UNDONE.items():
            for step in steps:
                if not only or kind in only:
                    suite.killed_in_undo(kind, fault, step)
        print("%d kills at named points" % suite.kills, flush=True)
        named = suite.kills
        if not only or "random" in only:
            print("random instants: GURUM_SEED=%d" % seed, flush=True)
            suite.killed_at_random(seed, 500)
            print("%d kills at random instants" % (suite.kills - named))
        if suite.failed and os.environ.get("GURUM_KEEP_LOGS"):
            cloud.show_logs()
    print("%d passed, %d failed" % (suite.passed, suite.failed))
    sys.exit(1 if suite.failed else 0)


main()
