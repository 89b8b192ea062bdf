#!/usr/bin/python3
"""Kills the jobs process at every step and point of every job of VMs and images, and compares the simulator with the database afterwards.
timeout: 1500"""
import os, signal, subprocess, sys, time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import BUILD_FOLDER, Cloud

GURUMD = os.path.join(BUILD_FOLDER, "gurumd")
POINTS = ("before_act", "after_act", "after_journal")
START_STEPS = ("place", "create_volumes", "prepare_network", "define_guest", "start_guest", "publish")
JOBS = {
    "vm.deploy": START_STEPS,
    "vm.start": START_STEPS,
    "vm.stop": ("stop_guest", "remove_guest"),
    "vm.reboot": ("reboot_guest",),
    "vm.destroy": ("stop_guest", "remove_guest", "destroy", "begin_expunge", "remove_volumes", "forget"),
    "vm.expunge": ("remove_guest", "begin_expunge", "remove_volumes", "forget"),
    "image.register": ("download",),
}
UNDONE = ("place", "create_volumes", "define_guest", "start_guest")


class Worker:
    """One jobs process at a time, replaced and settled when it dies as the supervisor would."""

    def __init__(self, cloud, crash_at):
        self.cloud, self.crash_at, self.deaths = cloud, crash_at, 0
        Path(cloud.run, "crashed").unlink(missing_ok=True)
        self.spawn()

    def command(self, *words):
        return [GURUMD, "--config", os.path.join(self.cloud.run, "gurum.conf"), *words]

    def environment(self):
        return dict(os.environ, GURUM_SIMULATOR=Path(self.cloud.run, "simulator.socket").read_text().strip())

    def spawn(self):
        log = open(os.path.join(self.cloud.run, "log", "crash-jobs.log"), "a")
        self.process = subprocess.Popen(self.command("jobs"), env=dict(self.environment(), GURUM_CRASH_AT=self.crash_at), stderr=log, stdout=log,
                                        stdin=subprocess.DEVNULL)

    def look(self):
        status = self.process.poll()
        if status is None:
            return
        assert status == -signal.SIGKILL, "the jobs process ended with %s" % status
        self.deaths += 1
        subprocess.run(self.command("jobs-died", str(self.process.pid), str(signal.SIGKILL.value)), env=self.environment(), check=True)
        self.spawn()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Case:
    def __init__(self, cloud, cs, base, crash_at):
        self.cloud, self.cs, self.base = cloud, cs, base
        self.worker = Worker(cloud, crash_at)

    def run(self, command, **parameters):
        reply = getattr(self.cs, command)(**parameters)
        return self.wait(reply["jobid"]), reply.get("id")

    def wait(self, job):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.worker.look()
            reply = self.cs.queryAsyncJobResult(jobid=job)
            if reply["jobstatus"]:
                return reply
            time.sleep(0.05)
        raise AssertionError("job %s does not end: %s" % (job, self.cloud.rows("SELECT kind, state, step FROM job WHERE uuid = '%s'" % job)))

    def settle(self):
        """Every job has ended, those of the schedules too."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.worker.look()
            if self.cloud.rows("SELECT COUNT(*) FROM job WHERE state NOT IN ('succeeded', 'failed', 'cancelled')") == [["0"]]:
                return
            time.sleep(0.05)
        raise AssertionError("jobs are left: %s" % self.cloud.rows("SELECT kind, state, step FROM job WHERE claimable IS NOT NULL"))

    def deploy(self):
        job, vm = self.run("deployVirtualMachine", **self.base)
        return job, vm

    def ready_vm(self, stopped=False, destroyed=False):
        job, vm = self.deploy()
        assert job["jobstatus"] == 1, job
        if stopped:
            self.run("stopVirtualMachine", id=vm)
        if destroyed:
            self.run("destroyVirtualMachine", id=vm)
        return vm

    def do(self, kind):
        if kind == "vm.deploy":
            return self.deploy()[0]
        if kind == "vm.start":
            return self.run("startVirtualMachine", id=self.ready_vm(stopped=True))[0]
        if kind == "vm.stop":
            return self.run("stopVirtualMachine", id=self.ready_vm())[0]
        if kind == "vm.reboot":
            return self.run("rebootVirtualMachine", id=self.ready_vm())[0]
        if kind == "vm.destroy":
            return self.run("destroyVirtualMachine", id=self.ready_vm(), expunge="true")[0]
        if kind == "vm.expunge":
            return self.run("expungeVirtualMachine", id=self.ready_vm(destroyed=True))[0]
        return self.register("http://sim/images/crash.qcow2")

    def register(self, url):
        self.cs.registerTemplate(name="crash", displaytext="crash", format="QCOW2", hypervisor="Simulator", url=url, zoneid=self.base["zoneid"])
        self.settle()
        return {"jobstatus": 1}

    def compare(self):
        """The provider has exactly what the database says; the consistency queries find nothing."""
        wanted = {
            "guests": "SELECT uuid, state = 'Running' FROM vm",
            "volumes": "SELECT uuid, state = 'Ready' FROM volume",
            "images": "SELECT i.uuid, z.state = 'Ready' FROM image i JOIN image_zone z ON z.image_id = i.id",
        }
        for kind, query in wanted.items():
            dump = self.cloud.simulator("dump", kind)
            wrong = [row for row in self.cloud.rows(query) if (row[0] in dump) != (row[1] == "1")]
            assert not wrong, "%s at the provider differ: %s" % (kind, wrong)
        found = self.cloud.failed_checks()
        assert not found, "consistency: %s" % found

    def end(self):
        self.settle()
        self.compare()
        for row in self.cloud.rows("SELECT uuid FROM vm WHERE removed IS NULL"):
            self.run("destroyVirtualMachine", id=row[0], expunge="true")
        self.settle()
        self.compare()


def cases():
    for kind, steps in JOBS.items():
        for step in steps:
            for point in POINTS:
                yield kind, step, point
    for step in UNDONE:
        yield "vm.deploy", step, "during_undo"
        yield "vm.start", step, "during_undo"
    yield "image.register", "download", "during_undo"


def run_case(cloud, cs, base, kind, step, point):
    case = Case(cloud, cs, base, "%s:%s:%s" % (kind, step, point))
    try:
        if point != "during_undo":
            assert case.do(kind)["jobstatus"] == 1, "the job failed"
        elif kind == "image.register":
            case.register("http://sim/images/missing.qcow2")
        else:
            vm = case.ready_vm(stopped=True) if kind == "vm.start" else None
            cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_start", "times=0")
            job = case.run("startVirtualMachine", id=vm)[0] if vm else case.deploy()[0]
            cloud.simulator("no-faults")
            assert job["jobstatus"] == 2, "the job should have failed"
        case.end()
        return case.worker.deaths
    finally:
        case.worker.stop()


def only_ours(cloud):
    """The supervisor runs no jobs process any more: this test does."""
    path = Path(cloud.run, "gurum.conf")
    lines = [line for line in path.read_text().splitlines() if not line.startswith("jobs.processes")]
    path.write_text("\n".join(lines + ["jobs.processes = 0"]) + "\n")
    os.kill(int(Path(cloud.run, "supervisor.pid").read_text().split()[0]), signal.SIGHUP)
    for _ in range(200):
        if cloud.rows("SELECT COUNT(*) FROM job_process") == [["0"]]:
            return
        time.sleep(0.05)
    raise AssertionError("the supervisor keeps its jobs process")


def main():
    passed = failed = deaths = 0
    with Cloud(zone="simulator") as cloud:
        cs = cloud.api()
        cs.updateConfiguration(name="vm.stop.grace", value="0")
        base = {"zoneid": cs.listZones()["zone"][0]["id"],
                "serviceofferingid": cs.listServiceOfferings(name="Small Instance")["serviceoffering"][0]["id"],
                "templateid": cs.listTemplates(templatefilter="all", isready="true")["template"][0]["id"]}
        only_ours(cloud)
        for kind, step, point in cases():
            try:
                deaths += run_case(cloud, cs, base, kind, step, point)
                passed += 1
            except AssertionError as problem:
                failed += 1
                print("FAIL  %s:%s:%s: %s" % (kind, step, point, problem), flush=True)
    if deaths == 0:
        failed += 1
        print("FAIL  no process was ever killed")
    print("%d kills" % deaths)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
