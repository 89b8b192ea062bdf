#!/usr/bin/python3
# timeout: 600
"""The hypervisor plugin for KVM passes the conformance suite: on libvirt's test driver as far as that goes, and on a real libvirt with
guests that boot, let disks and NICs go, and speak on their serial ports; also when libvirt has just died. Nothing is left at the host."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab as labs  # noqa: E402

OUT, SOURCE = Path(os.environ["GURUM_OUT"]), Path(__file__).resolve().parents[2]
# The test driver forgets all with its process, and has no screens.
NOT_PRETENDED = {"restart.other_process", "restart.remembers", "happy.console"}
number = failed = 0


def result(good, words, text=""):
    global number, failed
    number += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", number, words))
    if not good:
        print("\n".join("# " + line for line in text.splitlines()))


def suite(work, live, **settings):
    """What is not ok, line by line, by its code."""
    file = work / "settings.json"
    file.write_text(json.dumps(settings))
    done = subprocess.run([OUT / "gurum-plugin-check", OUT / "plugins" / "hypervisor-kvm.so", "--settings", file] + ["--live"] * live,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("ok ", "# event"))]
    bad = {line.split(" - ", 1)[1].split(":")[0]: line for line in lines if line.startswith("not ok")}
    if done.returncode not in (0, 1) or not any(line.endswith(" failed") for line in lines):
        bad["end"] = "\n".join(lines)
    return bad


def words_of(bad):
    return "\n".join(bad.values())


def image_of(work):
    """A guest that boots, or None where its parts cannot be had."""
    folder = Path(os.environ.get("GURUM_IMAGE", SOURCE / "build" / "image"))  # where the first zone keeps it too
    folder.mkdir(parents=True, exist_ok=True)
    built = subprocess.run([SOURCE / "fcgi-app/supervise/image/build", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if built.returncode:
        print("note: no guest image, so nothing is plugged into a guest: " + built.stdout.strip())
    return None if built.returncode else folder / "tiny.qcow2"


def left_at(host):
    return {"guests": host.guests(), "pools": host.virsh("pool-list", "--all", "--name").split(),
            "filters": [line for line in host.virsh("nwfilter-list").splitlines() if "gurum" in line],
            "logs": host.exec("sh", "-c", "ls -A /var/log/libvirt/gurum", check=False).stdout.split("\n")[0]}


def is_clean(left):
    return not left["guests"] and not left["pools"] and not left["filters"] and (not left["logs"] or "No such file" in left["logs"])


def live(work, lab):
    host, image = lab["h1"], image_of(work)
    about = {"settings": {"reboot_grace_ms": "500", "transport": "tcp"}, "host": {"url": host.uri, "address": host.address},
             "guest": {"memory_mib": 64}}
    host.exec("ip", "link", "add", "wire", "type", "bridge")
    host.exec("ip", "link", "set", "wire", "up")
    if image:
        host.exec("sh", "-c", "cat > /mnt/tiny.qcow2", input=image.read_bytes(), stdin=None, text=False)
        host.exec("qemu-img", "create", "-q", "-f", "qcow2", "/mnt/spare.qcow2", "64M")
        host.exec("chmod", "a+rwx", "/mnt", "/mnt/tiny.qcow2", "/mnt/spare.qcow2")
        about.update({"guest": {"memory_mib": 96, "disk_path": "/mnt/tiny.qcow2"}, "disk": {"path": "/mnt/spare.qcow2"},
                      "network": {"segment": "wire"}})
    bad = suite(work, True, **about)
    result(not bad, "gurum-plugin-check --live passes on hypervisor-kvm", words_of(bad))
    left = left_at(host)
    result(is_clean(left), "nothing is left at the host", str(left))
    if os.environ.get("GURUM_FULL"):
        host.kill_libvirtd()
        bad = suite(work, True, **dict(about, guest={"memory_mib": 64}))
        result("happy.host_probe" in bad and "UNREACHABLE" in words_of(bad), "a host whose libvirt died is told as unreachable", words_of(bad))
        host.start_libvirtd()
        bad = suite(work, True, **dict(about, guest={"memory_mib": 64}, disk={}))
        result(not bad, "it passes again as soon as libvirt is back", words_of(bad))


with tempfile.TemporaryDirectory() as folder:
    bad = suite(Path(folder), False, host={"url": "test:///default"}, guest={"memory_mib": 64}, settings={"reboot_grace_ms": "500"})
    result(set(bad) == NOT_PRETENDED, "on the test driver all passes but what that does not pretend", words_of(bad))
    why = labs.missing()
    if why:
        print("note: not tried on a real libvirt: " + why)
    else:
        with labs.Lab(hosts=1) as lab:
            live(Path(folder), lab)
print("1..%d" % number)
sys.exit(failed > 0)
