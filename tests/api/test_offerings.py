#!/usr/bin/python3
"""Compute and disk offerings: every parameter of theirs comes back or has its effect; who sees them where; what is refused.
timeout: 240"""
import os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

RATES = {"bytesreadrate": "diskBytesReadRate", "bytesreadratemax": "diskBytesReadRateMax", "bytesreadratemaxlength": "diskBytesReadRateMaxLength",
         "byteswriterate": "diskBytesWriteRate", "byteswriteratemax": "diskBytesWriteRateMax", "byteswriteratemaxlength": "diskBytesWriteRateMaxLength",
         "iopsreadrate": "diskIopsReadRate", "iopsreadratemax": "diskIopsReadRateMax", "iopsreadratemaxlength": "diskIopsReadRateMaxLength",
         "iopswriterate": "diskIopsWriteRate", "iopswriteratemax": "diskIopsWriteRateMax", "iopswriteratemaxlength": "diskIopsWriteRateMaxLength"}
state = {}


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    state["zone"] = admin.listZones().inner["zone"][0]["id"]
    state["pool"] = admin.listStoragePools().inner["storagepool"][0]["id"]
    for name in ("one", "two"):
        state[name] = admin.createDomain(post=True, name=name).inner["domain"]["id"]
    for name, domain, kind in (("tenant", "one", 0), ("stranger", "two", 0), ("manager", "one", 2)):
        account = admin.createAccount(post=True, username=name, password="Secret-%s-1" % name, email="o@example.org", firstname="o", lastname="o",
                                      accounttype=kind, domainid=state[domain]).inner["account"]
        keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
        state[name] = Client(cloud.url, keys["apikey"], keys["secretkey"])
        state[name + "-account"] = account["id"]


def good(reply):
    assert reply.status == 200, reply.body
    (value,) = reply.inner.values()
    return value


def refused(reply, status=431):
    assert reply.status == status, (reply.status, reply.body)
    return reply.inner["errortext"]


def ids(who, command, **filters):
    reply = getattr(state[who], command)(**filters)
    assert reply.status == 200, reply.body
    lists = [value for value in reply.inner.values() if isinstance(value, list)]
    return [each["id"] for each in lists[0]] if lists else []


def compute(**more):
    return good(state["admin"].createServiceOffering(post=True, **dict({"name": "c", "displaytext": "compute", "cpunumber": 1, "cpuspeed": 500, "memory": 256}, **more)))


def disk(**more):
    return good(state["admin"].createDiskOffering(post=True, **dict({"name": "d", "displaytext": "disk", "disksize": 5}, **more)))


def rates(first):
    return {parameter: first + number for number, parameter in enumerate(RATES)}


def rates_match(offering, wanted, command):
    for parameter, value in wanted.items():
        assert offering[RATES[parameter]] == value, (parameter, offering)
        asserted(command, parameter)


def test_everything_that_a_compute_offering_says_is_kept(cloud):
    plain = compute(name="plain")
    disks = disk(name="for root")
    wanted = rates(100)
    told = {"name": "rich", "displaytext": "all of it", "cpunumber": 2, "cpuspeed": 700, "memory": 512, "networkrate": 90, "offerha": "true",
            "limitcpuuse": "true", "isvolatile": "true", "hosttags": "fast", "provisioningtype": "sparse", "storagetype": "local",
            "hypervisorsnapshotreserve": 20, "rootdisksize": 7, "deploymentplanner": "FirstFitPlanner", "encryptroot": "true",
            "dynamicscalingenabled": "false", "leaseduration": 3, "leaseexpiryaction": "STOP", "purgeresources": "true",
            "diskofferingstrictness": "true"}
    rich = compute(tags="ssd,quick", cachemode="writeback", **told, **wanted, **{"serviceofferingdetails[0].key": "colour", "serviceofferingdetails[0].value": "blue"})
    for name, value in told.items():
        assert str(rich[name]).lower() == str(value).lower(), (name, rich.get(name))
        assert str(plain.get(name)) != str(rich[name]), name
        asserted("createServiceOffering", name)
    assert rich["storagetags"] == "ssd,quick" and rich["cacheMode"] == "writeback" and rich["serviceofferingdetails"] == {"colour": "blue"}, rich
    asserted("createServiceOffering", "tags", "cachemode", "serviceofferingdetails")
    rates_match(rich, wanted, "createServiceOffering")
    own_disk = compute(name="own disk", diskofferingid=disks["id"])
    assert (own_disk["diskofferingid"], own_disk["diskofferingname"]) == (disks["id"], "for root"), own_disk
    asserted("createServiceOffering", "diskofferingid")
    iops = compute(name="iops", miniops=100, maxiops=200)
    assert (iops["miniops"], iops["maxiops"], iops["iscustomizediops"]) == (100, 200, False), iops
    free = compute(name="iops free", customizediops="true")
    assert free["iscustomizediops"] is True, free
    asserted("createServiceOffering", "miniops", "maxiops", "customizediops")
    system = compute(name="system", issystem="true", systemvmtype="domainrouter")
    assert system["issystem"] is True and system["systemvmtype"] == "domainrouter", system
    asserted("createServiceOffering", "issystem", "systemvmtype")
    assert system["id"] not in ids("admin", "listServiceOfferings") and ids("admin", "listServiceOfferings", issystem="true", systemvmtype="domainrouter") == [system["id"]]
    assert ids("admin", "listServiceOfferings", issystem="true", systemvmtype="secondarystoragevm") == []
    asserted("listServiceOfferings", "issystem", "systemvmtype")
    for each in (plain, rich, own_disk, iops, free, system):
        good(state["admin"].deleteServiceOffering(post=True, id=each["id"]))
    assert not set(ids("admin", "listServiceOfferings")) & {plain["id"], rich["id"]}
    asserted("deleteServiceOffering", "id")
    refused(state["admin"].deleteServiceOffering(post=True, id=plain["id"]))
    good(state["admin"].deleteDiskOffering(post=True, id=disks["id"]))


def test_a_customized_offering_bounds_what_tenants_choose(cloud):
    free = good(state["admin"].createServiceOffering(post=True, name="any size", displaytext="any", customized="true", cpuspeed=500, mincpunumber=2, maxcpunumber=4,
                                                     minmemory=256, maxmemory=1024))
    assert free["iscustomized"] is True and "cpunumber" not in free and "memory" not in free, free
    template = state["admin"].listTemplates(templatefilter="all", name="tiny").inner["template"][0]["id"]

    def deploy(cpu, memory):
        return state["admin"].deployVirtualMachine(post=True, serviceofferingid=free["id"], templateid=template, zoneid=state["zone"], startvm="false",
                                                   **{"details[0].cpuNumber": cpu, "details[0].memory": memory})
    for cpu, memory in ((1, 512), (5, 512), (2, 128), (2, 2048)):
        refused(deploy(cpu, memory))
    made = deploy(3, 512)
    assert made.status == 200, made.body
    reply = wait(made.inner["jobid"])
    assert (reply["cpunumber"], reply["memory"]) == (3, 512), reply
    asserted("createServiceOffering", "customized", "mincpunumber", "maxcpunumber", "minmemory", "maxmemory")
    # as large as asked for at least; one of any size always fits
    assert free["id"] in ids("admin", "listServiceOfferings", cpunumber=64, cpuspeed=9000, memory=999999)
    big = compute(name="big", cpunumber=8, cpuspeed=3000, memory=8192)
    small = compute(name="small", cpunumber=1, cpuspeed=200, memory=64)
    for name, value in (("cpunumber", 8), ("cpuspeed", 3000), ("memory", 8192)):
        found = ids("admin", "listServiceOfferings", **{name: value})
        assert big["id"] in found and small["id"] not in found, name
        asserted("listServiceOfferings", name)


def wait(job):
    import time
    for _ in range(400):
        reply = state["admin"].queryAsyncJobResult(jobid=job).inner
        if reply["jobstatus"]:
            assert reply["jobstatus"] == 1, reply
            return next(iter(reply["jobresult"].values()))
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_everything_that_a_disk_offering_says_is_kept(cloud):
    plain = disk(name="plain disk")
    wanted = rates(300)
    told = {"name": "rich disk", "displaytext": "all of it", "disksize": 9, "provisioningtype": "fat", "storagetype": "local", "hypervisorsnapshotreserve": 30,
            "tags": "ssd", "displayoffering": "false", "encrypt": "true", "disksizestrictness": "true", "miniops": 11, "maxiops": 12}
    rich = disk(cachemode="writethrough", **told, **wanted, **{"details[0].key": "colour", "details[0].value": "red"})
    for name, value in told.items():
        assert str(rich[name]).lower() == str(value).lower(), (name, rich.get(name))
        assert str(plain.get(name)) != str(rich[name]), name
        asserted("createDiskOffering", name)
    assert rich["cacheMode"] == "writethrough" and rich.get("details") == {"colour": "red"}, rich
    rates_match(rich, wanted, "createDiskOffering")
    free = good(state["admin"].createDiskOffering(post=True, name="free disk", displaytext="free", customized="true", customizediops="true"))
    assert free["iscustomized"] is True and free["iscustomizediops"] is True and plain["iscustomized"] is False, free
    asserted("createDiskOffering", "cachemode", "details", "customized", "customizediops")
    refused(state["admin"].createDiskOffering(post=True, name="neither", displaytext="neither", customized="true", disksize=5))
    refused(state["admin"].createDiskOffering(post=True, name="neither", displaytext="neither", provisioningtype="wide", disksize=5))
    assert rich["id"] not in ids("tenant", "listDiskOfferings") and plain["id"] in ids("tenant", "listDiskOfferings")
    later = rates(900)
    changed = good(state["admin"].updateDiskOffering(post=True, id=plain["id"], name="renamed", displaytext="other words", cachemode="none", displayoffering="false",
                                                     tags="gold", **later))
    assert (changed["id"], changed["name"], changed["displaytext"], changed["cacheMode"], changed["displayoffering"], changed["tags"]) == \
        (plain["id"], "renamed", "other words", "none", False, "gold"), changed
    asserted("updateDiskOffering", "id", "name", "displaytext", "displayoffering", "tags")
    changed = good(state["admin"].updateDiskOffering(post=True, id=plain["id"], cachemode="writeback"))
    assert changed["cacheMode"] == "writeback", changed
    asserted("updateDiskOffering", "cachemode")
    rates_match(changed, later, "updateDiskOffering")
    for each in (plain, rich, free):
        good(state["admin"].deleteDiskOffering(post=True, id=each["id"]))
    assert not set(ids("admin", "listDiskOfferings")) & {plain["id"], rich["id"], free["id"]}
    asserted("deleteDiskOffering", "id")


def create(kind, **more):
    return compute(**more) if kind == "Service" else disk(**more)


def test_offerings_are_seen_where_they_are_offered(cloud):
    admin = state["admin"]
    other_zone = good(admin.createZone(post=True, name="elsewhere", dns1="9.9.9.9", internaldns1="9.9.9.9", networktype="Advanced"))["id"]
    for kind in ("Service", "Disk"):
        lists, update = "list%sOfferings" % kind, getattr(admin, "update%sOffering" % kind)
        everywhere = create(kind, name="everywhere")["id"]
        ours = create(kind, name="ours", domainid=state["one"])
        assert ours["domainid"] == state["one"] and ours["domain"] == "one", ours
        there = create(kind, name="there", zoneid=other_zone)
        assert there["zoneid"] == other_zone and there["zone"] == "elsewhere", there
        asserted("create%sOffering" % kind, "domainid", "zoneid")
        assert {everywhere, ours["id"]} <= set(ids("tenant", lists)) and ours["id"] not in ids("stranger", lists)
        assert there["id"] in ids("tenant", lists, zoneid=other_zone) and there["id"] not in ids("tenant", lists, zoneid=state["zone"])
        assert ours["id"] in ids("admin", lists, domainid=state["one"]) and ours["id"] not in ids("admin", lists, domainid=state["two"])
        asserted(lists, "zoneid", "domainid")
        moved = good(update(post=True, id=ours["id"], domainid=state["two"], zoneid=state["zone"]))
        assert (moved["domainid"], moved["zoneid"]) == (state["two"], state["zone"]), moved
        opened = good(update(post=True, id=ours["id"], domainid="public", zoneid="all"))
        assert "domainid" not in opened and "zoneid" not in opened, opened
        asserted("update%sOffering" % kind, "id", "domainid", "zoneid")
        refused(update(post=True, id=ours["id"], domainid="nowhere"))
        refused(update(post=True, id=ours["id"], zoneid="nowhere"))
        # a domain's manager has what is offered below it, and nothing else
        refused(getattr(state["manager"], "update%sOffering" % kind)(post=True, id=everywhere, name="stolen"), 531)
        for each in (everywhere, ours["id"], there["id"]):
            good(getattr(admin, "delete%sOffering" % kind)(post=True, id=each))
    good(admin.deleteZone(post=True, id=other_zone))


def test_offerings_are_listed_by_state_name_and_order(cloud):
    admin = state["admin"]
    for kind in ("Service", "Disk"):
        lists, update = "list%sOfferings" % kind, getattr(admin, "update%sOffering" % kind)
        first, second = (create(kind, name=name)["id"] for name in ("sorted a", "sorted b"))
        local = create(kind, name="sorted local", storagetype="local", **{"encryptroot" if kind == "Service" else "encrypt": "true"})["id"]
        assert ids("admin", lists, keyword="sorted") == [first, second, local]
        moved = good(update(post=True, id=first, sortkey=7))
        assert moved["id"] == first and ids("admin", lists, keyword="sorted") == [second, local, first]
        assert ids("admin", lists, keyword="sorted", page=2, pagesize=2) == [first]
        assert ids("admin", lists, name="sorted b") == [second] and ids("admin", lists, name="sorted") == []
        assert ids("admin", lists, keyword="sorted", storagetype="local") == [local]
        off = good(update(post=True, id=second, state="Inactive"))
        assert off["state"] == "Inactive" and second not in ids("tenant", lists, state="all") and ids("admin", lists, keyword="sorted", state="inactive") == [second]
        assert ids("admin", lists, keyword="sorted", state="all") == [second, local, first] and ids("admin", lists, id=second) == [second]
        refused(update(post=True, id=second, state="Sleeping"))
        encrypted = "encryptroot" if kind == "Service" else "encrypt"
        assert ids("admin", lists, keyword="sorted", **{encrypted: "true"}) == [local] and ids("admin", lists, keyword="sorted", **{encrypted: "false"}) == [first]
        asserted(lists, "keyword", "page", "pagesize", "name", "storagetype", "state", "id", encrypted)
        asserted("update%sOffering" % kind, "sortkey", "state")
        for each in (first, second, local):
            good(getattr(admin, "delete%sOffering" % kind)(post=True, id=each))


def test_a_compute_offering_is_changed(cloud):
    offering = compute(name="before", hosttags="a", tags="b")
    changed = good(state["admin"].updateServiceOffering(post=True, id=offering["id"], name="after", displaytext="new words", hosttags="x", storagetags="y", purgeresources="true"))
    assert (changed["name"], changed["displaytext"], changed["hosttags"], changed["storagetags"], changed["purgeresources"]) == ("after", "new words", "x", "y", True), changed
    asserted("updateServiceOffering", "name", "displaytext", "hosttags", "storagetags", "purgeresources")
    good(state["admin"].deleteServiceOffering(post=True, id=offering["id"]))


def test_disk_offerings_for_a_pool_have_its_tags(cloud):
    tagged, plain = disk(name="tagged", tags="platinum")["id"], disk(name="untagged")["id"]
    found = ids("admin", "listDiskOfferings", storageid=state["pool"])
    assert plain in found and tagged not in found, found
    good(state["admin"].updateStoragePool(post=True, id=state["pool"], tags="platinum"))
    assert {plain, tagged} <= set(ids("admin", "listDiskOfferings", storageid=state["pool"]))
    asserted("listDiskOfferings", "storageid")
    asserted("updateStoragePool", "tags")
    good(state["admin"].updateStoragePool(post=True, id=state["pool"], tags=""))
    for each in (tagged, plain):
        good(state["admin"].deleteDiskOffering(post=True, id=each))


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
