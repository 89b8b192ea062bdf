#!/usr/bin/python3
"""Two whole Gurums, each on its own node of one Galera cluster: limits stay exact under 200 creates at once at the border, and when one
machine with its programs and its database dies in the middle; what one node has answered the other sees. GURUM_FULL=1.
timeout: 900"""
import collections, os, shutil, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from galera import Galera
from results import close, run_tests

CREATES, LIMIT, AT_ONCE = 200, 60, 40
LIMITED = (0, 2, 6, 8, 9, 10)  # machines, and what one has


def client(cloud, keys=None):
    from cs import CloudStack
    key, secret = keys or (cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    return CloudStack(endpoint=cloud.url + "/client/api", key=key, secret=secret, timeout=60, method="post")


def one(reply, key):
    return reply[key][0] if isinstance(reply[key], list) else reply[key]


def make_tenant(cloud, name, domain):
    cs = client(cloud)
    account = one(cs.createAccount(username=name, password="Two-nodes-pass-1", email="t@example.org", firstname="T", lastname="N", accounttype=0,
                                   domainid=domain), "account")
    keys = one(cs.registerUserKeys(id=account["user"][0]["id"]), "userkeys")
    for kind in LIMITED:
        cs.updateResourceLimit(resourcetype=kind, max=-1, account=name, domainid=domain)
    return name, (keys["apikey"], keys["secretkey"])


def make_domain(cloud, name, machines):
    cs = client(cloud)
    domain = one(cs.createDomain(name=name), "domain")["id"]
    for kind in LIMITED:
        cs.updateResourceLimit(resourcetype=kind, max=machines if kind == 0 else -1, domainid=domain)
    return domain


def create_at_once(clouds, tenants, wish, prefix="machine", meanwhile=None):
    """How often each outcome came: "made", 535 for the limit, or what went wrong."""
    begin = threading.Barrier(AT_ONCE)
    outcomes = collections.Counter()

    def create(number):
        cs = client(clouds[number % len(clouds)], tenants[number % len(tenants)][1])
        if number < AT_ONCE:
            begin.wait()
        try:
            cs.deployVirtualMachine(name="%s-%d" % (prefix, number), startvm=False, **wish)
            outcomes["made"] += 1
        except Exception as refusal:
            error = getattr(refusal, "error", None)
            code = error["errorcode"] if isinstance(error, dict) else None
            outcomes[code if code == 535 else str(error or type(refusal).__name__)] += 1  # what none expects is told in words

    with ThreadPoolExecutor(AT_ONCE) as pool:
        work = [pool.submit(create, number) for number in range(CREATES)]
        if meanwhile:
            meanwhile(outcomes, work)
        for each in work:
            each.result()
    return outcomes


def counted(cloud, domain):
    """(rows, the domain's counter)"""
    rows = cloud.rows("SELECT COUNT(*) FROM vm v JOIN tenant_domain d ON d.id = v.domain_id WHERE d.uuid = '%s' AND v.listed > 0" % domain)
    used = cloud.rows("SELECT c.used FROM domain_counter c JOIN tenant_domain d ON d.id = c.domain_id WHERE d.uuid = '%s' AND c.kind = 0" % domain)
    return int(rows[0][0]), int(used[0][0])


def internal_errors(clouds):
    """What the logs say about answers that say nothing."""
    lines = [line for cloud in clouds for line in Path(cloud.run, "log", "gurum.log").read_text().splitlines()]
    return "\n".join(line for line in lines if "api.refused" in line and "kind=RESOURCE_ALLOCATION" not in line and "kind=UNAUTH" not in line)


def wish_of(cloud):
    cs = client(cloud)
    return dict(zoneid=one(cs.listZones(), "zone")["id"], templateid=one(cs.listTemplates(templatefilter="all"), "template")["id"],
                serviceofferingid=one(cs.listServiceOfferings(name="Small Instance"), "serviceoffering")["id"])


def wait_for_jobs(cloud):
    for _ in range(1200):
        if cloud.rows("SELECT COUNT(*) FROM job WHERE ended IS NULL") == [["0"]]:
            return
        time.sleep(0.1)
    raise AssertionError(cloud.rows("SELECT * FROM job WHERE ended IS NULL LIMIT 3"))


def test_a_write_that_one_node_has_answered_is_read_by_the_other(cluster, one_cloud, other_cloud):
    makers, readers = client(one_cloud), client(other_cloud)
    for number in range(30):
        made = one(makers.createDomain(name="seen-%d" % number), "domain")["id"]
        assert one(readers.listDomains(id=made), "domain")["name"] == "seen-%d" % number
        makers, readers = readers, makers


def test_a_revoked_key_is_refused_by_the_other_node_within_a_second(cluster, one_cloud, other_cloud):
    from cs import CloudStackApiException
    name, keys = make_tenant(one_cloud, "revoked", make_domain(one_cloud, "revoked", -1))
    there = client(other_cloud, keys)
    there.listZones()
    user = one(client(one_cloud).listUsers(username=name, listall=True), "user")["id"]
    client(one_cloud).registerUserKeys(id=user)
    began = time.monotonic()
    while time.monotonic() - began < 5:
        try:
            there.listZones()
        except CloudStackApiException as refusal:
            assert refusal.response.status_code == 401 and time.monotonic() - began < 1, refusal
            return
    raise AssertionError("the old key still works")


def test_first_machines_on_both_nodes_share_one_network(cluster, one_cloud, other_cloud):
    clouds, wish = (one_cloud, other_cloud), wish_of(one_cloud)
    domain = make_domain(one_cloud, "first", -1)
    for number in range(10):
        tenant = make_tenant(one_cloud, "first-%d" % number, domain)
        begin, jobs = threading.Barrier(4), []

        def create(each):
            begin.wait()
            jobs.append(client(clouds[each % 2], tenant[1]).deployVirtualMachine(name="first-%d" % each, startvm=False, **wish))

        threads = [threading.Thread(target=create, args=(each,)) for each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        networks = client(one_cloud, tenant[1]).listNetworks()
        assert (len(jobs), networks["count"]) == (4, 1), (len(jobs), networks)


def test_a_limit_is_exact_under_200_creates_on_two_nodes(cluster, one_cloud, other_cloud):
    clouds = (one_cloud, other_cloud)
    domain = make_domain(one_cloud, "border", LIMIT)
    tenants = [make_tenant(one_cloud, "border-%d" % number, domain) for number in range(3)]
    outcomes = create_at_once(clouds, tenants, wish_of(one_cloud))
    wait_for_jobs(one_cloud)
    assert outcomes == {"made": LIMIT, 535: CREATES - LIMIT}, (outcomes, internal_errors(clouds))
    for cloud in clouds:
        assert counted(cloud, domain) == (LIMIT, LIMIT), counted(cloud, domain)
        assert cloud.failed_checks() == []


def supervised_pids(cloud):
    supervisor = int(Path(cloud.run, "supervisor.pid").read_text().split()[0])
    children = Path("/proc/%d/task/%d/children" % (supervisor, supervisor)).read_text().split()
    return [supervisor] + [int(child) for child in children]


def test_a_limit_stays_exact_when_a_machine_dies_in_the_middle(cluster, one_cloud, other_cloud):
    clouds = (one_cloud, other_cloud)
    limit = CREATES * 3 // 4  # more than the machine that stays makes of its half
    domain = make_domain(one_cloud, "death", limit)
    tenants = [make_tenant(one_cloud, "death-%d" % number, domain) for number in range(3)]

    def die(outcomes, work):
        while outcomes["made"] < CREATES // 8 and not all(each.done() for each in work):
            time.sleep(0.005)
        for pid in supervised_pids(other_cloud):
            os.kill(pid, signal.SIGKILL)
        cluster.kill(1)

    outcomes = create_at_once(clouds, tenants, wish_of(one_cloud), "before", die)
    rows, used = counted(one_cloud, domain)
    assert used == rows < limit and outcomes["made"] <= rows, (outcomes, rows, used)
    cluster.start(1)
    other_cloud.control("stop")
    other_cloud.control("start")
    again = create_at_once(clouds, tenants, wish_of(one_cloud), "after")
    wait_for_jobs(one_cloud)
    assert again == {"made": limit - rows, 535: CREATES - (limit - rows)}, (outcomes, again, rows)
    for cloud in clouds:
        assert counted(cloud, domain) == (limit, limit), counted(cloud, domain)
        assert cloud.failed_checks() == []


if __name__ == "__main__":
    if os.environ.get("GURUM_FULL") != "1":
        print("only with GURUM_FULL=1")
        sys.exit(77)
    with Galera() as cluster, Cloud(zone="simulator", **cluster.variables(0)) as one_cloud:
        other_cloud = Cloud(zone="none", GURUM_SIMULATOR=Path(one_cloud.run, "simulator.socket").read_text().strip(), **cluster.variables(1))
        os.makedirs(other_cloud.run)
        for name in ("keys", "cloud.env"):  # what opens sealed secrets is the same on all machines
            shutil.copy(Path(one_cloud.run, name), Path(other_cloud.run, name))
        with other_cloud:
            counts = run_tests(globals(), cluster, one_cloud, other_cloud)
    close(*counts)
