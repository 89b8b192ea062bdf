#!/usr/bin/python3
"""Limits: plain and by tag, of accounts and tenant domains; counting anew; and that they stay exact under 200 parallel creates at the border,
and when a web process is killed in the middle.
timeout: 600"""
import os, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from contract import asserted
from cs import CloudStackApiException
from provider import deployment, settle
from results import close, run_tests
from test_tenants import account, done, domain, machine, of, refusal

KINDS = {"user_vm": 0, "public_ip": 1, "volume": 2, "snapshot": 3, "template": 4, "project": 5, "network": 6, "vpc": 7, "cpu": 8, "memory": 9,
         "primary_storage": 10, "secondary_storage": 11}


def limits(cs, **whose):
    return {(each["resourcetypename"], each.get("tag")): each["max"] for each in cs.listResourceLimits(**whose)["resourcelimit"]}


def unlimited(cs, **whose):
    for kind in KINDS.values():
        cs.updateResourceLimit(resourcetype=kind, max=-1, **whose)


def used(cloud, owner, kind=0):
    return int(cloud.rows("SELECT c.used FROM account_counter c JOIN account a ON a.id = c.account_id WHERE a.uuid = '%s' AND c.kind = %d"
                          % (owner["id"], kind))[0][0])


def test_types_have_the_numbers_and_names_of_the_wire(cloud):
    cs = cloud.api()
    owner = account(cs, domain(cs)["id"])
    told = cs.listResourceLimits(**of(owner))["resourcelimit"]
    assert {each["resourcetypename"]: int(each["resourcetype"]) for each in told} == KINDS, told
    assert cs.listResourceLimits(resourcetypename="cpu", **of(owner))["count"] == 1
    assert cs.listResourceLimits(resourcetype=11, **of(owner))["resourcelimit"][0]["max"] == 400
    assert refusal(cs.updateResourceLimit, resourcetype=77, max=1, **of(owner))[0] == 431
    assert cs.updateResourceLimit(resourcetype=10, max=7, **of(owner))["resourcelimit"]["max"] == 7
    assert limits(cs, **of(owner))[("primary_storage", None)] == 7
    assert limits(cs, domainid=owner["domainid"])[("primary_storage", None)] == 400


def test_tags_have_limits_of_their_own(cloud):
    cs = cloud.api()
    home = domain(cs)
    owner = account(cs, home["id"])
    assert refusal(cs.updateResourceLimit, resourcetype=0, max=1, tag="fast", **of(owner))[1] == "The tag fast has no limits for resources of type user_vm"
    cs.updateConfiguration(name="resource.limit.host.tags", value="fast, gpu")
    cs.updateConfiguration(name="resource.limit.storage.tags", value="ssd")
    host = cs.listHosts(type="Routing")["host"][0]
    cs.updateHost(id=host["id"], hosttags="fast")
    offering = cs.createServiceOffering(name="fast", displaytext="fast", cpunumber=1, cpuspeed=100, memory=64, hosttags="fast")["serviceoffering"]["id"]
    disk = cs.createDiskOffering(name="ssd", displaytext="ssd", disksize=1, tags="ssd")["diskoffering"]["id"]
    told = cs.updateResourceLimit(resourcetype=0, max=1, tag="fast", **of(owner))["resourcelimit"]
    assert (told["max"], told["tag"], told["resourcetypename"]) == (1, "fast", "user_vm"), told
    assert limits(cs, tag="fast", **of(owner)) == {("user_vm", "fast"): 1, ("cpu", "fast"): -1, ("memory", "fast"): -1}
    assert ("volume", "ssd") in limits(cs, **of(owner))
    base = dict(deployment(cs), serviceofferingid=offering, startvm="false", **of(owner))
    first = done(cs, cs.deployVirtualMachine(**base))["virtualmachine"]
    code, text = refusal(cs.deployVirtualMachine, **base)
    assert (code, "tag = 'fast'" in text) == (535, True), (code, text)
    machine(cs, owner, startvm="false")  # without the tag
    of_fast = cs.listAccounts(id=owner["id"], tag="fast")["account"][0]["taggedresources"]
    (tagged,) = [each for each in of_fast if each["resourcetypename"] == "user_vm"]
    assert {each["tag"] for each in of_fast} == {"fast"}
    asserted("listAccounts", "tag")
    assert (tagged["limit"], tagged["total"], tagged["available"]) == (1, 1, 0), tagged
    project = done(cs, cs.createProject(name="tagged", displaytext="tagged"))["project"]["id"]
    shown = cs.listProjects(id=project)["project"][0]
    assert {each["tag"] for each in shown["taggedresources"]} == {"fast", "gpu", "ssd"}
    counted = cs.updateResourceCount(projectid=project, domainid=shown["domainid"])["resourcecount"]
    assert {(each["projectid"], each["project"]) for each in counted} == {(project, "tagged")}, counted
    assert {each["tag"] for each in cs.listDomains(id=home["id"])["domain"][0]["taggedresources"]} == {"fast", "gpu", "ssd"}
    assert {each["tag"] for each in cs.listDomains(id=home["id"], tag="ssd")["domain"][0]["taggedresources"]} == {"ssd"}
    asserted("listDomains", "tag")
    cs.updateResourceLimit(resourcetype=2, max=0, tag="ssd", domainid=home["id"])
    cs.updateResourceLimit(resourcetype=0, max=5, tag="fast", **of(owner))
    code, text = refusal(cs.deployVirtualMachine, diskofferingid=disk, **base)
    assert (code, "tag = 'ssd'" in text) == (535, True), (code, text)
    cs.updateServiceOffering(id=offering, hosttags="gpu")  # it stays counted under the tag it was made with
    done(cs, cs.destroyVirtualMachine(id=first["id"], expunge="true"))
    assert [each["resourcecount"] for each in cs.updateResourceCount(domainid=home["id"], resourcetype=0, tag="fast")["resourcecount"]] == [0]
    assert not cloud.failed_checks(), cloud.failed_checks()
    cs.updateConfiguration(name="resource.limit.host.tags", value="")
    cs.updateConfiguration(name="resource.limit.storage.tags", value="")
    assert ("user_vm", "fast") not in limits(cs, **of(owner))


def test_counting_anew_sets_drifted_counters_right(cloud):
    cs = cloud.api()
    top = domain(cs)
    owner = account(cs, domain(cs, top["id"])["id"])
    machine(cs, owner)
    right = cloud.rows("SELECT * FROM account_counter ORDER BY 1, 2"), cloud.rows("SELECT * FROM domain_counter ORDER BY 1, 2")
    number = cloud.rows("SELECT id FROM account WHERE uuid = '%s'" % owner["id"])[0][0]
    cloud.rows("UPDATE account_counter SET used = used + 5 WHERE account_id = %s AND kind IN (0, 8)" % number)
    cloud.rows("UPDATE domain_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id JOIN account o ON o.domain_id = a.domain_id "
               "SET c.used = c.used + 5 WHERE o.id = %s AND c.kind IN (0, 8)" % number)
    told = cs.updateResourceCount(resourcetype=0, **of(owner))["resourcecount"]
    assert [(each["resourcetypename"], each["resourcecount"], each["account"]) for each in told] == [("user_vm", 1, owner["name"])], told
    assert used(cloud, owner, 8) == 6
    told = {each["resourcetypename"]: each["resourcecount"] for each in cs.updateResourceCount(domainid=top["id"])["resourcecount"]}
    assert told["user_vm"] == 1 and told["cpu"] == 1, told
    assert (cloud.rows("SELECT * FROM account_counter ORDER BY 1, 2"), cloud.rows("SELECT * FROM domain_counter ORDER BY 1, 2")) == right
    assert refusal(cs.updateResourceCount, domainid=top["id"], resourcetype=77)[0] == 431
    project = done(cs, cs.createProject(name="counted", displaytext="counted"))["project"]
    cloud.rows("UPDATE account_counter SET used = 500 WHERE kind = 0 AND account_id = (SELECT -id FROM project WHERE uuid = '%s')" % project["id"])
    assert cs.listProjects(id=project["id"])["project"][0]["vmtotal"] == 500
    (told,) = cs.updateResourceCount(projectid=project["id"], domainid=project["domainid"], resourcetype=0)["resourcecount"]
    assert (told["projectid"], told["resourcecount"]) == (project["id"], 0), told
    assert cs.listProjects(id=project["id"])["project"][0]["vmtotal"] == 0
    asserted("updateResourceCount", "projectid")
    cs.updateResourceCount(domainid=project["domainid"], resourcetype=0)  # its domains never had them
    assert not cloud.failed_checks(), cloud.failed_checks()
    done(cs, cs.deleteProject(id=project["id"]))


def deploy(cloud, wish):
    """True: begun; False: over a limit; None: no answer."""
    try:
        cloud.api().deployVirtualMachine(**wish)
        return True
    except CloudStackApiException as refused:
        if refused.error.get("errorcode") == 535:
            return False
        return None
    except Exception:
        return None


def border(cloud, meanwhile=lambda: None):
    """Two accounts of a domain, 100 creates each at once: 30 each would fit, 40 together."""
    cs = cloud.api()
    home = domain(cs)
    owners = [account(cs, home["id"]) for _ in range(2)]
    unlimited(cs, domainid=home["id"])
    cs.updateResourceLimit(resourcetype=0, max=40, domainid=home["id"])
    for owner in owners:
        unlimited(cs, **of(owner))
        cs.updateResourceLimit(resourcetype=0, max=30, **of(owner))
    small = cs.createServiceOffering(name="border", displaytext="border", cpunumber=1, cpuspeed=1, memory=32)["serviceoffering"]["id"]
    wishes = [dict(deployment(cs), serviceofferingid=small, startvm="false", **of(owner)) for owner in owners]
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(deploy, cloud, wishes[turn % 2]) for turn in range(200)]
        meanwhile()
        counted = [each.result() for each in answers]
    return home, owners, wishes, counted


def vms(cloud, home):
    return int(cloud.rows("SELECT COUNT(*) FROM vm v JOIN tenant_domain d ON d.id = v.domain_id WHERE d.uuid = '%s' AND v.state <> 'Error'" % home["id"])[0][0])


def check_exact(cloud, home, owners):
    settle(cloud, seconds=120)
    (in_domain,) = cloud.rows("SELECT c.used FROM domain_counter c JOIN tenant_domain d ON d.id = c.domain_id WHERE d.uuid = '%s' AND c.kind = 0" % home["id"])
    assert int(in_domain[0]) == sum(used(cloud, owner) for owner in owners) == vms(cloud, home) == 40, (in_domain, vms(cloud, home))
    assert max(used(cloud, owner) for owner in owners) <= 30
    assert not cloud.failed_checks(), cloud.failed_checks()


def test_200_parallel_creates_at_the_border_give_exactly_the_limit(cloud):
    home, owners, _, counted = border(cloud)
    assert counted.count(True) == 40 and counted.count(False) == 160, [counted.count(each) for each in (True, False, None)]
    check_exact(cloud, home, owners)


def web_processes(cloud):
    supervisor = int(Path(cloud.run, "supervisor.pid").read_text().split()[0])
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            words = path.joinpath("cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == supervisor and b"web" in words:
            yield int(path.name)


def test_limits_are_exact_after_a_kill_in_the_middle(cloud):
    def kill():
        for _ in range(3):
            time.sleep(0.3)
            for process in list(web_processes(cloud)):
                os.kill(process, signal.SIGKILL)
    home, owners, wishes, counted = border(cloud, kill)
    assert None in counted, "nothing was killed in the middle"
    settle(cloud, seconds=120)
    assert vms(cloud, home) <= 40 and counted.count(True) <= vms(cloud, home)
    for turn in range(200):  # what fits still, and not one more
        if vms(cloud, home) == 40:
            break
        deploy(cloud, wishes[turn % 2])
    assert [deploy(cloud, wish) for wish in wishes] == [False, False]
    check_exact(cloud, home, owners)


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
