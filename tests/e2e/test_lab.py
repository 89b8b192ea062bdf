#!/usr/bin/python3
"""The lab of libvirt hosts: what tests do to its hosts, and that nothing of it stays behind. What is not here: the product."""
import os, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from lab import Lab, require
from results import close, run_tests

GUEST = """<domain type='qemu'><name>%s</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><serial type='pty'/></devices></domain>"""  # a machine without a disk: its firmware waits for ever
VICTIM = "import sys, time; sys.path.insert(0, %r)\nfrom lab import Lab\nwith Lab(2) as lab:\n" \
         "    lab['h1'].exec('sh', '-c', \"echo \\\"%s\\\" > /run/g.xml; virsh -q create /run/g.xml\")\n" \
         "    print(lab.device, lab.init, flush=True)\n    time.sleep(100)\n"


def start_guest(host, name):
    host.exec("sh", "-c", "cat > /run/guest.xml", input=GUEST % name, stdin=None)
    host.virsh("create", "/run/guest.xml")


def traces():
    """What a lab could leave on the machine: devices, mounts, processes in other PID namespaces than ours."""
    devices = {name for name in os.listdir("/sys/class/net") if name.startswith("glab")}
    with open("/proc/self/mountinfo") as mounts:
        mounts = {line for line in mounts if " - tmpfs lab " in line}
    return devices, mounts




def living_in(space):
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink("/proc/%s/ns/pid" % name) == space:
                found.append(int(name))
        except OSError:
            pass
    return found


def wait_for(what, seconds=10):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_hosts_have_names_identities_and_networks_of_their_own():
    with Lab(2) as lab:
        one, two = lab["h1"], lab["h2"]
        assert one.exec("hostname").stdout == "h1\n"
        assert one.virsh("-c", two.uri, "hostname").strip() == "h2"
        reached = subprocess.run(["virsh", "-q", "-c", one.uri, "hostname"], stdout=subprocess.PIPE, text=True, check=True)
        assert reached.stdout.strip() == "h1", "this machine reaches its hosts"
        identities = {host.exec("sh", "-c", "virsh capabilities | grep -m1 uuid").stdout for host in (one, two)}
        assert len(identities) == 2
        one.exec("touch", "/mnt/mine")
        assert two.exec("ls", "/mnt").stdout == ""
        assert lab.add_host().exec("hostname").stdout == "h3\n"


def test_a_power_cut_ends_guests_and_keeps_what_is_defined():
    with Lab(1, shared=True) as lab:
        host = lab["h1"]
        host.exec("sh", "-c", "echo kept > /mnt/file; ip link add lost type bridge")
        start_guest(host, "transient")
        host.exec("sh", "-c", "cat > /run/guest.xml", input=GUEST % "defined", stdin=None)
        host.virsh("define", "/run/guest.xml")
        host.virsh("start", "defined")
        assert host.guests() == {"transient": "running", "defined": "running"}
        host.power_cut()
        host.boot()
        assert host.guests() == {"defined": "shut off"}, host.guests()
        assert not host.processes("qemu-system-x86_64")
        assert host.exec("cat", "/mnt/file").stdout == "kept\n"
        assert host.exec("ip", "link", "show", "lost", check=False).returncode, "a reboot forgets bridges"


def test_a_partition_cuts_off_and_heals_and_guests_go_on():
    with Lab(2) as lab:
        one, two = lab["h1"], lab["h2"]
        start_guest(one, "guest")
        ask = ["timeout", "2", "virsh", "-q", "-c", one.uri, "hostname"]
        one.partition()
        assert two.exec(*ask, check=False).returncode
        assert subprocess.run(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        assert one.guests() == {"guest": "running"}
        one.heal()
        assert two.exec(*ask, check=False).stdout.strip() == "h1"


def test_libvirt_is_killed_and_comes_back_to_its_guests():
    with Lab(1) as lab:
        host = lab["h1"]
        start_guest(host, "guest")
        host.kill_libvirtd()
        assert not host.processes("libvirtd") and host.processes("qemu-system-x86_64")
        host.start_libvirtd()
        assert host.guests() == {"guest": "running"}


def test_two_labs_do_not_see_each_other_and_leave_nothing():
    before = traces()
    with Lab(1, shared=True) as one, Lab(1, shared=True) as two:
        assert one["h1"].address != two["h1"].address
        one["h1"].exec("touch", "/mnt/file")
        assert two["h1"].exec("ls", "/mnt").stdout == ""
        spaces = [os.readlink("/proc/%d/ns/pid" % each.init) for each in (one, two)]
    assert traces() == before
    assert not any(living_in(space) for space in spaces)


def test_nothing_stays_when_the_test_is_killed():
    before = traces()
    for victim in ("test", "lab"):
        program = VICTIM % (os.path.dirname(os.path.abspath(__file__)) + "/../support", (GUEST % "guest").replace("\n", " "))
        test = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        device, init = test.stdout.readline().split()
        space, started = os.readlink("/proc/%s/ns/pid" % init), set(all_children(test.pid))
        assert device in traces()[0]
        assert any("qemu" in name_of(pid) for pid in started) and any("libvirtd" in name_of(pid) for pid in started)
        os.kill(test.pid if victim == "test" else parent_of(int(init)), signal.SIGKILL)
        wait_for(lambda: not living_in(space) and traces() == before)
        wait_for(lambda: not any("qemu" in name_of(pid) or "libvirtd" in name_of(pid) for pid in started))
        test.kill()
        test.wait()
        test.stdout.close()


def all_children(pid):
    found = []
    for name in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, name)) as children:
            for child in map(int, children.read().split()):
                found += [child] + all_children(child)
    return found


def name_of(pid):
    try:
        with open("/proc/%d/comm" % pid) as name:
            return name.read()
    except OSError:
        return ""


def parent_of(pid):
    with open("/proc/%d/stat" % pid) as stat:
        return int(stat.read().rpartition(")")[2].split()[1])


require()
close(*run_tests(globals()))
