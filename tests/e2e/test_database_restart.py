#!/usr/bin/python3
"""The database server is killed and started again under load: requests fail clearly, recover by themselves, and no answered write is lost."""
import os, signal, subprocess, sys, threading, time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests


class Load(threading.Thread):
    """Reads and writes until told to stop; remembers what was answered and how what failed, failed."""

    def __init__(self, cloud, number):
        super().__init__(daemon=True)
        self.cs, self.number, self.over = cloud.api(), number, threading.Event()
        self.written, self.refusals, self.answered, self.slowest_s = [], [], [], 0.0

    def run(self):
        count = 0
        while not self.over.is_set():
            name = "load-%d-%d" % (self.number, count)
            count += 1
            began = time.monotonic()
            try:
                self.cs.createServiceOffering(name=name, displaytext=name, cpunumber=1, cpuspeed=100, memory=128)
                self.written.append(name)
                self.cs.listVirtualMachines()
                self.answered.append(time.monotonic())
            except Exception as refusal:
                self.refusals.append(refusal)
                time.sleep(0.05)
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)


def pid_of(cloud, part):
    return int(Path(cloud.run, part + ".pid").read_text().split()[0])


def restart_database(cloud, seconds_down):
    pid = pid_of(cloud, "mariadbd")
    command = Path("/proc/%d/cmdline" % pid).read_bytes().rstrip(b"\0").split(b"\0")
    os.kill(pid, signal.SIGKILL)
    while Path("/proc/%d" % pid).exists() and Path("/proc/%d/stat" % pid).read_text().split(") ")[1][0] != "Z":
        time.sleep(0.02)
    time.sleep(seconds_down)
    log = open(Path(cloud.run, "log", "mariadb.log"), "a")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    started = Path("/proc/%d/stat" % process.pid).read_text().split(") ")[1].split()[19]
    Path(cloud.run, "mariadbd.pid").write_text("%d %s\n" % (process.pid, started))


def test_requests_fail_clearly_and_recover_by_themselves(cloud):
    supervised = Path(cloud.run, "state", "status").read_text()
    loads = [Load(cloud, number) for number in range(4)]
    for load in loads:
        load.start()
    time.sleep(2)
    assert all(load.written for load in loads), [load.refusals[:2] for load in loads]
    restart_database(cloud, 2)
    restarted = time.monotonic()
    time.sleep(10)
    for load in loads:
        load.over.set()
    for load in loads:
        load.join(30)
    for load in loads:
        assert load.answered and load.answered[-1] > restarted + 5, (load.number, load.refusals[-3:])
        assert load.slowest_s < 15, load.slowest_s
        for refusal in load.refusals:
            code = getattr(refusal, "error", {}).get("errorcode") if hasattr(refusal, "error") else None
            assert code == 530, refusal
    assert any(load.refusals for load in loads), "the server was never away"
    assert Path(cloud.run, "state", "status").read_text() == supervised, "a process of Gurum ended"
    listed = {offering["name"] for offering in cloud.api().listServiceOfferings(fetch_list=True)}
    lost = [name for load in loads for name in load.written if name not in listed]
    assert not lost, lost
    doubled = [name for name in listed if name.startswith("load-")]
    assert len(doubled) == len(set(doubled))


if __name__ == "__main__":
    with Cloud(zone="none") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
