#!/usr/bin/python3
# timeout: 600
"""The networks of KVM hosts pass the conformance suite against real libvirt; clients on their bridges really get their leases, also after
dnsmasq was killed, and nothing is left behind."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab as labs  # noqa: E402

OUT = Path(os.environ["GURUM_OUT"])
number = failed = 0

# On the host: BRIDGE MAC ADDRESS|none FOLDER. A client in a network namespace of its own asks for an address. The last guest's client then kills
# dnsmasq: the next change of the services must bring it back, and nobody may notice.
CLIENT = r"""#!/bin/sh
bridge=$1 mac=$2 wanted=$3 work=$4
cat > "$work/heard" << 'EOF'
#!/bin/sh
[ "$1" = bound ] && echo "$ip $hostname $router $dns $domain" > "${0%heard}lease"
exit 0
EOF
chmod 755 "$work/heard"
ask() {
    rm -f "$work/lease"
    unshare --net sleep 60 &
    holder=$!
    sleep 0.2
    ip link add client type veth peer name port
    ip link set port master "$bridge" up
    ip link set client netns $holder
    nsenter -t $holder -n sh -c "ip link set lo up; ip link set client address $mac up
        busybox udhcpc -i client -n -q -f -t ${1} -T 1 -s $work/heard" > "$work/udhcpc" 2>&1
    kill $holder
    wait $holder 2> /dev/null
    ip link del port 2> /dev/null
    cat "$work/lease" >> "$work/leases" 2> /dev/null
}
if [ "$wanted" = none ]; then
    ask 3
    [ ! -e "$work/lease" ]
    exit
fi
ask 8
grep -q "^$wanted " "$work/lease" || { cat "$work/udhcpc" >&2; exit 1; }
conf=$(grep -l "^interface=$bridge\$" /var/lib/libvirt/dnsmasq/*.conf)
pids=$(pgrep -o -f "$conf")
echo "$pids" >> "$work/dnsmasq"
[ "$mac" = 02:00:4c:4f:4f:52 ] || exit 0
kill -9 $(pgrep -f "$conf")
echo anew >> "$work/dnsmasq"
"""


def result(good, words, text=""):
    global number, failed
    number += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", number, words))
    if not good:
        print("\n".join("# " + line for line in text.splitlines()))


def left(host):
    """What networks leave on a host: in libvirt, in the kernel, as processes and as files."""
    return {"networks": host.virsh("net-list", "--all", "--name").split(),
            "bridges": [line.split()[1].rstrip(":") for line in host.exec("ip", "-o", "link", "show", "type", "bridge").stdout.splitlines()],
            "dnsmasq": host.processes("dnsmasq"),
            "files": host.exec("sh", "-c", "ls /var/lib/libvirt/dnsmasq /etc/libvirt/qemu/networks /run/libvirt/network 2> /dev/null | grep gr || true").stdout.split()}


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def suite(work, host, **network):
    settings = work / "settings.json"
    settings.write_text(json.dumps({"settings": {"transport": "tcp"}, "host": {"url": host.uri}, "network": network}))
    done = subprocess.run([OUT / "gurum-plugin-check", OUT / "plugins" / "network-bridge.so", "--settings", settings, "--live"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
    return done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("ok"))


def main(work, host):
    before = left(host)
    client = write_program(work / "on-host", CLIENT)
    program = write_program(work / "client", "#!/bin/sh\nexec %s %s \"$@\" %s\n" % (" ".join(host.enter("sh")), client, work))
    good, wrong = suite(work, host, client=str(program))
    result(good, "gurum-plugin-check --live passes on network-bridge", wrong)
    leases = (work / "leases").read_text().splitlines() if (work / "leases").exists() else []
    result("10.77.0.10 check 10.77.0.1 10.77.0.1" in [line.strip() for line in leases], "a client hears its name, the gateway and the name server",
           "\n".join(leases))
    result("10.77.0.10 heir 10.77.0.1 10.77.0.1" in [line.strip() for line in leases], "the heir of an address has its own name", "\n".join(leases))
    lives = [set(life.split()) for life in (work / "dnsmasq").read_text().split("anew")] if (work / "dnsmasq").exists() else []
    result(len(lives) == 3 and all(len(life) < 2 for life in lives), "changes of leases restart nothing", str(lives))
    after = left(host)
    result(before == after, "nothing of a network is left on the host", "%s\n%s" % (before, after))
    host.exec("ip", "link", "add", "lan0", "type", "bridge")
    good, wrong = suite(work, host, traffic_label="lan0")
    result(good, "a bridge of the host's own carries networks too", wrong)
    result(left(host)["bridges"] == ["lan0"], "and stays when they are gone", str(left(host)))


labs.require()
with tempfile.TemporaryDirectory() as folder, labs.Lab(hosts=1) as lab:
    main(Path(folder), lab["h1"])
print("1..%d" % number)
sys.exit(failed > 0)
