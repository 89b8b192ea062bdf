#!/usr/bin/python3
# timeout: 600
"""The folder pools of KVM hosts pass the conformance suite against real libvirt, on a folder that two hosts share."""
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab as labs  # noqa: E402

OUT = Path(os.environ["GURUM_OUT"])
GIB = 1 << 30
number = failed = 0


def result(good, words, text=""):
    global number, failed
    number += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", number, words))
    if not good:
        print("\n".join("# " + line for line in text.splitlines()))


def suite(work, host, pool, store, **image):
    settings = work / "settings.json"
    settings.write_text(json.dumps({
        "settings": {"transport": "tcp"}, "host": {"url": host.uri}, "pool": pool, "store": {"url": "file://" + str(store)},
        "image": dict({"url": "http://192.0.2.1/image.qcow2", "volume_bytes": 2 * GIB}, **image)}))
    done = subprocess.run([OUT / "gurum-plugin-check", OUT / "plugins" / "storage-dir.so", "--settings", settings, "--live"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280)
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("ok"))


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


labs.require()
with tempfile.TemporaryDirectory() as folder, labs.Lab(hosts=2, shared=True) as lab:
    main(Path(folder), lab)
print("1..%d" % number)
sys.exit(failed > 0)
