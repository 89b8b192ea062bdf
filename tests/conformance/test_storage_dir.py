#!/usr/bin/python3
# timeout: 600
"""The folder pools of KVM hosts pass the conformance suite against real libvirt, on a folder that two hosts share."""
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab as labs  # noqa: E402

OUT = Path(os.environ["GURUM_OUT"])
GIB = 1 << 30
GUEST = """<domain type='qemu'><name>open</name><uuid>%s</uuid><memory unit='MiB'>64</memory><os><type>hvm</type></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk>
</devices></domain>"""
number = failed = 0


def result(good, words, text=""):
    global number, failed
    number += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", number, words))
    if not good:
        print("\n".join("# " + line for line in text.splitlines()))


def begin(work, host, pool, store, open_volume={}, **image):
    settings = work / ("settings-%s.json" % host.name)
    settings.write_text(json.dumps({
        "settings": {"transport": "tcp"}, "host": {"url": host.uri}, "pool": pool, "store": {"url": "file://" + str(store)},
        "open_volume": open_volume,
        "image": dict({"url": "http://192.0.2.1/image.qcow2", "volume_bytes": 2 * GIB}, **image)}))
    return subprocess.Popen([OUT / "gurum-plugin-check", OUT / "plugins" / "storage-dir.so", "--settings", settings, "--live"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end(process):
    words, _ = process.communicate(timeout=280)
    return process.returncode, "\n".join(line for line in words.splitlines() if not line.startswith("ok"))


def suite(*where, **image):
    return end(begin(*where, **image))


def size_of(host, path):
    words = host.exec("stat", "-c", "%b", path, check=False).stdout
    return int(words) * 512 if words.strip().isdigit() else 0


def same(host, path, image):
    """The file on the host has the bytes of the one here."""
    there = host.exec("sha256sum", path, check=False).stdout.split()
    here = subprocess.run(["sha256sum", image], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return there[:1] == here[:1]


def main(work, lab):
    store = work / "store"
    store.mkdir()
    image = store / "image"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", image, str(GIB)], check=True)
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 7 0 20M", image], check=True, stdout=subprocess.DEVNULL)
    pool = {"url": "SharedMountPoint://localhost/mnt/pool", "path": "/mnt/pool", "uuid": str(uuid.uuid4())}
    lab["h1"].exec("mkdir", "/mnt/pool")
    for host in (lab["h1"], lab["h2"]):
        status, text = suite(work, host, pool, store, handle=str(image), format=2, virtual_bytes=GIB)
        result(status == 0, "gurum-plugin-check --live passes on storage-dir at " + host.name, text)
        result(host.virsh("pool-list", "--all", "--name").split() == [], "no pool is left at " + host.name)
    left = lab["h1"].exec("ls", "-A", "/mnt/pool").stdout.split()
    result([name for name in left if not name.startswith("image-")] == [], "no volume is left in the folder", "\n".join(left))
    status, text = suite(work, lab["h2"], dict(pool, url="file:///mnt/made/here", path="/mnt/made/here"), store,
                         handle=str(store / "absent"), format=2)
    result("happy.image: image_ensure answers NOT_FOUND" in text and text.count("\nnot ok") < 6,
           "an image that is not in its store is not found", text)

    # Both hosts upload one image into the folder they share, at the same time; then a host's libvirt dies in the middle.
    image_uuid = str(uuid.uuid4())
    cached, whole = "/mnt/pool/image-%s.qcow2" % image_uuid, dict(handle=str(image), format=2, uuid=image_uuid, keep=1)
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 9 20M 380M", image], check=True, stdout=subprocess.DEVNULL)
    both = [begin(work, host, pool, store, **whole) for host in (lab["h1"], lab["h2"])]
    ended = [end(process) for process in both]
    result(same(lab["h1"], cached, image) and not any("not ok" in text and "happy.image" in text for _, text in ended),
           "two hosts that upload one image at once make it complete", "\n".join(text for _, text in ended))
    lab["h1"].exec("rm", cached)
    process = begin(work, lab["h1"], pool, store, **whole)
    until = time.monotonic() + 60
    while size_of(lab["h1"], cached) == 0 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.002)
    lab["h1"].kill_libvirtd()
    end(process)
    result(not same(lab["h1"], cached, image), "libvirt was killed before the image was complete")
    result(lab["h1"].exec("cmp", "-n", "512", cached, "/dev/zero", check=False).returncode == 0, "its first block is empty then")
    lab["h1"].start_libvirtd()
    lab["h1"].exec("find", "/mnt/pool", "-name", "????????-*.qcow2", "-delete")  # what the run that was cut off could not remove
    status, text = suite(work, lab["h1"], pool, store, **whole)
    result(status == 0 and same(lab["h1"], cached, image), "the next upload makes it complete", text)

    # A guest that runs has a volume open.
    volume, guest = str(uuid.uuid4()), str(uuid.uuid4())
    path = "/mnt/pool/%s.qcow2" % volume
    lab["h1"].exec("qemu-img", "create", "-q", "-f", "qcow2", path, "64M")
    lab["h1"].exec("sh", "-c", "cat > /mnt/guest.xml", input=GUEST % (guest, path), stdin=None)
    lab["h1"].virsh("create", "/mnt/guest.xml")
    _, text = suite(work, lab["h1"], pool, store, open_volume={"uuid": volume, "guest_uuid": guest}, **whole)
    result("_open" not in text and "in_use" not in text, "a volume grows under a running guest, and is not removed", text)
    inside = json.loads(lab["h1"].virsh("qemu-monitor-command", "open", '{"execute": "query-block"}'))["return"][0]["inserted"]["image"]
    result(inside["virtual-size"] == 128 << 20, "the guest sees the new size", str(inside))


labs.require()
with tempfile.TemporaryDirectory() as folder, labs.Lab(hosts=2, shared=True) as lab:
    main(Path(folder), lab)
print("1..%d" % number)
sys.exit(failed > 0)
