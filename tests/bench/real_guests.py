"""Real guests from one image, by the cloud and by hand: how long until all have started, and until all have booted. By hand means the same
hypervisor, driven by virsh and nothing else, with the same overlays and the same domains as the cloud made (its XML with other names).
What differs is what the cloud costs: records, limits, addresses, jobs. What is not here: figures of the simulator (run)."""
import os, re, statistics, subprocess, sys, time, uuid
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud

GUESTS = int(os.environ.get("BENCH_GUESTS", "20"))
AT_ONCE = 4 # virsh at a time; the cloud has its job threads


class Host:
    """The private libvirt of a cloud, asked by virsh."""

    def __init__(self, cloud):
        with open(os.path.join(cloud.run, "hypervisor")) as file:
            self.uri = file.read().strip()
        self.logs = os.path.join(cloud.run, "libvirt", "log", "gurum")

    def virsh(self, *words, **more):
        return subprocess.run(["virsh", "-q", "-c", self.uri, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, text=True, **more).stdout

    def booted(self, guest):
        try:
            with open(os.path.join(self.logs, guest + ".log"), errors="replace") as log:
                return re.search("^READY ", log.read(), re.M) is not None
        except FileNotFoundError:
            return False

    def wait_for(self, guests, began):
        left, end = set(guests), time.monotonic() + 600
        while left and time.monotonic() < end:
            left = {guest for guest in left if not self.booted(guest)}
            time.sleep(0.1)
        assert not left, "%d guests did not boot" % len(left)
        return time.monotonic() - began


def by_cloud(cloud, host):
    """(seconds to started, seconds to booted, the machines)"""
    cs = cloud.api()
    zone = cs.listZones()["zone"][0]["id"]
    wish = {"zoneid": zone, "templateid": cs.listTemplates(templatefilter="featured", zoneid=zone)["template"][0]["id"],
            "serviceofferingid": cs.listServiceOfferings(name="Tiny Instance")["serviceoffering"][0]["id"]}
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        machines = list(pool.map(lambda number: cs.deployVirtualMachine(name="bench-%d" % number, **wish), range(GUESTS)))
    waiting = {machine["jobid"] for machine in machines}
    while waiting:
        for job in list(waiting):
            answer = cs.queryAsyncJobResult(jobid=job)
            if answer["jobstatus"]:
                assert answer["jobstatus"] == 1, answer
                waiting.discard(job)
        time.sleep(0.05)
    started = time.monotonic() - began
    return started, host.wait_for([machine["id"] for machine in machines], began), [machine["id"] for machine in machines]


def make_room(cloud):
    """More guests than processors: the cluster promises each processor many times."""
    cs = cloud.api()
    cs.updateConfiguration(name="cpu.overprovisioning.factor", value="20", clusterid=cs.listClusters()["cluster"][0]["id"])
    until = time.monotonic() + 60
    while int(cs.listHosts(type="Routing")["host"][0]["cpuwithoverprovisioning"]) < 500 * GUESTS:
        assert time.monotonic() < until, "the host got no more room"
        time.sleep(0.5)


def take_away(cloud, machines):
    cs = cloud.api()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda machine: cs.destroyVirtualMachine(id=machine, expunge=True, fetch_result=True), machines))


def twin(xml, number):
    """The same domain under another name, with its own disk, address and log; (uuid, XML, path of the disk, MAC)."""
    own = str(uuid.uuid4())
    old = re.search(r"<uuid>([0-9a-f-]{36})</uuid>", xml).group(1)
    disk = re.search(r"<source file='([^']+)'", xml).group(1)
    path = os.path.join(os.path.dirname(disk), own + ".qcow2")
    xml = xml.replace(disk, path).replace(old, own)
    xml = re.sub(r"<name>[^<]+</name>", "<name>twin-%d</name>" % number, xml, 1)
    mac = "52:54:00:00:01:%02x" % number
    return own, re.sub(r"<mac address='[^']+'/>", "<mac address='%s'/>" % mac, xml), path, mac


def by_hand(host, xml, image):
    """The same by virsh: a fixed address, volume, define, start. (seconds to started, seconds to booted); takes it all away"""
    twins = [twin(xml, number) for number in range(GUESTS)]
    pool, network = host.virsh("vol-pool", image).strip(), host.virsh("net-list", "--name").split()[0]
    subnet = re.search(r"<ip address='([0-9.]+)\.[0-9]+'", host.virsh("net-dumpxml", network)).group(1)

    def lease(verb, number, mac):
        host.virsh("net-update", network, verb, "ip-dhcp-host", "<host mac='%s' name='twin-%d' ip='%s.%d'/>" % (mac, number, subnet, 200 + number), "--live")

    def make(each):
        number, (own, domain, path, mac) = each
        lease("add", number, mac)
        host.virsh("vol-create-as", pool, os.path.basename(path), "1G", "--format", "qcow2", "--backing-vol", image, "--backing-vol-format", "qcow2")
        host.virsh("define", "/dev/stdin", input=domain)
        host.virsh("start", own)

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(make, enumerate(twins)))
    started = time.monotonic() - began
    booted = host.wait_for([own for own, *_ in twins], began)
    for number, (own, _, path, mac) in enumerate(twins):
        host.virsh("destroy", own)
        host.virsh("undefine", own)
        host.virsh("vol-delete", path)
        try:
            lease("delete", number, mac)
        except subprocess.CalledProcessError:
            pass  # the cloud's own care for the network's leases was quicker
    return started, booted


def bench(report, runs):
    with Cloud(zone="kvm", GURUM_LIBVIRT="private") as cloud:
        host, ours, plain = Host(cloud), [], []
        make_room(cloud)
        for _ in range(runs):
            started, booted, machines = by_cloud(cloud, host)
            xml = host.virsh("dumpxml", "--inactive", machines[0])
            image = re.search(r"<path>([^<]+)</path>", host.virsh("vol-dumpxml", re.search(r"<source file='([^']+)'", xml).group(1)).split("<backingStore>")[1]).group(1)
            ours.append((started, booted))
            take_away(cloud, machines)
            plain.append(by_hand(host, xml, image))
    figures = [statistics.median(column) for column in list(zip(*ours)) + list(zip(*plain))]
    report("%d real guests by virsh, seconds to started / booted" % GUESTS, "%.1f / %.1f" % tuple(figures[2:]), "(the ceiling)")
    report("%d real guests by the cloud, seconds to started / booted" % GUESTS, "%.1f / %.1f" % tuple(figures[:2]), "",
           "our overhead a guest: %.0f ms to started, %.0f ms to booted" % ((figures[0] - figures[2]) * 1000 / GUESTS, (figures[1] - figures[3]) * 1000 / GUESTS))


if __name__ == "__main__":
    bench(lambda name, figure, goal, remark="": print("%-58s %16s   %-16s %s" % (name, figure, goal, remark)), int(os.environ.get("BENCH_RUNS", "1")))
