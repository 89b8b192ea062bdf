#!/usr/bin/python3
"""Machines: what each parameter of deploying, starting, changing and destroying them does, and what each filter of their list finds.
timeout: 600"""
import os, sys, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, os.path.join(HERE, "..", "contract"))
sys.path.insert(0, HERE)
from _client import Client
from _contract import Declarations
from cloud import Cloud
from contract import asserted
from results import close, run_tests
from test_keys_and_data import deploy, place, refusal, user
from test_marks import PIXEL

PAIR = lambda **pairs: [{name: str(value)} for name, value in pairs.items()]


def machines(cs, **filters):
    return cs.listVirtualMachines(**filters).get("virtualmachine", [])


def names(cs, **filters):
    return sorted(each["name"] for each in machines(cs, **filters))


def machine(cs, identity):
    (found,) = machines(cs, id=identity)
    return found


def disks(cs, vm):
    """The root disk and the data disks of a machine."""
    found = sorted(cs.listVolumes(virtualmachineid=vm["id"]).get("volume", []), key=lambda each: each["deviceid"])
    return found[0], found[1:]


def account_id(cs, name):
    return cs.listAccounts(name=name, listall=True)["account"][0]["id"]


def finish(cs, job):
    while True:
        told = cs.queryAsyncJobResult(jobid=job["jobid"])
        if told["jobstatus"]:
            assert told["jobstatus"] == 1, told
            return told["jobresult"]
        time.sleep(0.1)


def together(cs, jobs):
    """The machines of jobs that run beside each other."""
    return [finish(cs, job)["virtualmachine"] for job in list(jobs)]


def expunge(cs, *made):
    for job in [cs.destroyVirtualMachine(id=each["id"], expunge=True) for each in made]:
        finish(cs, job)


def prepare(cloud):
    """A second pod with a cluster and a host of its own beside the zone's two hosts."""
    cs = cloud.api()
    zone = cs.listZones()["zone"][0]["id"]
    pod = cs.createPod(zoneid=zone, name="far", gateway="192.0.3.1", netmask="255.255.255.0", startip="192.0.3.10", endip="192.0.3.99")["pod"]
    here = {"zoneid": zone, "podid": pod["id"]}
    cluster = cs.addCluster(clustername="far", hypervisor="Simulator", clustertype="CloudManaged", **here)["cluster"][0]
    here["clusterid"] = cluster["id"]
    cs.addHost(hypervisor="Simulator", url="http://sim/far/h0", username="root", password="simulator", **here)
    cs.createStoragePool(name="far", url="nfs://sim/far", scope="cluster", hypervisor="Simulator", **here)
    cs.updateTemplate(id=place(cs)["templateid"], isdynamicallyscalable=True)


# ---- places ----


def test_machines_run_where_they_are_told_to(cloud):
    cs = cloud.api()
    usual, hosts = place(cs), cs.listHosts(type="Routing")["host"]
    of_host = lambda member, host: next(each["id" if member == "hostid" else member] for each in hosts if each["id"] == host)
    places = [(member, wanted) for member in ("hostid", "clusterid", "podid") for wanted in sorted({of_host(member, each["id"]) for each in hosts})]
    assert len(places) == 7, places
    deployed = together(cs, [cs.deployVirtualMachine(**usual, **{member: wanted}) for member, wanted in places])
    waiting = together(cs, [cs.deployVirtualMachine(startvm=False, **usual) for _ in places])
    assert {each["state"] for each in waiting} == {"Stopped"} and not [each for each in waiting if "hostid" in each]
    asserted("deployVirtualMachine", "startvm")
    started = together(cs, [cs.startVirtualMachine(id=each["id"], **{member: wanted}) for each, (member, wanted) in zip(waiting, places)])
    for command, made in (("deployVirtualMachine", deployed), ("startVirtualMachine", started)):
        for vm, (member, wanted) in zip(made, places):
            assert vm["state"] == "Running" and of_host(member, vm["hostid"]) == wanted, (command, member, vm)
            asserted(command, member)
    running = deployed + started
    for member, wanted in places:
        there = sorted(vm["name"] for vm in running if of_host(member, vm["hostid"]) == wanted)
        assert there and names(cs, **{member: wanted}) == there and len(there) < len(running), (member, there)
        asserted("listVirtualMachines", member)
    expunge(cs, *running)


# ---- deploying ----


def test_everything_that_is_said_of_a_new_machine_holds(cloud):
    cs = cloud.api()
    wanted = str(uuid.uuid4())
    said = {"name": "said", "displayname": "all of it", "customid": wanted, "boottype": "UEFI", "bootmode": "SECURE", "startvm": False}
    made = deploy(cloud, details=PAIR(colour="blue", nicAdapter="e1000"), dynamicscalingenabled=False, hypervisor="simulator", **said)
    assert (made["id"], made["name"], made["displayname"], made["boottype"], made["bootmode"]) == (wanted, "said", "all of it", "UEFI", "SECURE"), made
    assert made["details"] == {"colour": "blue", "nicAdapter": "e1000"} and made["isdynamicallyscalable"] is False, made
    plain = deploy(cloud, name="plain", startvm=False)
    assert (plain["boottype"], plain["bootmode"], plain["details"], plain["isdynamicallyscalable"]) == ("BIOS", "LEGACY", {}, True), plain
    asserted("deployVirtualMachine", "customid", "boottype", "bootmode", "details", "dynamicscalingenabled")
    taken = (536, "An object with the same name or value already exists.")
    assert refusal(cs.deployVirtualMachine, **place(cs), customid=wanted) == taken
    assert refusal(cs.deployVirtualMachine, **place(cs), customid="mine") == (431, "mine is not a UUID")
    assert refusal(cs.deployVirtualMachine, **place(cs), hypervisor="KVM")[1] == "The image is for Simulator, not for KVM"
    asserted("deployVirtualMachine", "hypervisor")
    expunge(cs, made, plain)
    assert refusal(cs.deployVirtualMachine, **place(cs), customid=wanted) == taken, "the id of a machine that is gone stays its own"


def test_disks_have_the_sizes_and_offerings_that_were_asked_for(cloud):
    cs = cloud.api()
    gib = 1 << 30
    root = cs.createDiskOffering(name="root", displaytext="root", disksize=6, miniops=100, maxiops=200, provisioningtype="fat")["diskoffering"]
    free = cs.createDiskOffering(name="free", displaytext="free", customized=True)["diskoffering"]
    made = deploy(cloud, overridediskofferingid=root["id"], diskofferingid=free["id"], size=3, startvm=False)
    first, (data,) = disks(cs, made)
    assert (first["size"], first["diskofferingid"], first["provisioningtype"]) == (6 * gib, root["id"], "fat"), first
    assert (first["miniops"], first["maxiops"]) == (100, 200) and "miniops" not in data, (first, data)
    assert (data["size"], data["diskofferingid"], data["type"]) == (3 * gib, free["id"], "DATADISK"), data
    larger = deploy(cloud, rootdisksize=9, startvm=False)
    told = deploy(cloud, details=PAIR(rootdisksize=8), startvm=False)
    assert (disks(cs, larger)[0]["size"], disks(cs, told)[0]["size"], told["details"]) == (9 * gib, 8 * gib, {})
    asserted("deployVirtualMachine", "overridediskofferingid", "diskofferingid", "size", "rootdisksize")
    assert refusal(cs.deployVirtualMachine, **place(cs), diskofferingid=free["id"])[0] == 431
    expunge(cs, made, larger, told)
    assert [each["state"] for each in cs.listVolumes(listall=True, type="DATADISK")["volume"]] == ["Allocated"], "a disk that was not named stays"
    again = deploy(cloud, diskofferingid=free["id"], size=1)
    cs.destroyVirtualMachine(id=again["id"], expunge=True, volumeids=disks(cs, again)[1][0]["id"], fetch_result=True)
    assert cs.listVolumes(listall=True, type="DATADISK")["count"] == 1
    asserted("destroyVirtualMachine", "volumeids")


def test_interfaces_have_the_addresses_that_were_asked_for(cloud):
    cs = cloud.api()
    zone = place(cs)["zoneid"]
    offering = lambda name: cs.listNetworkOfferings(name=name)["networkoffering"][0]["id"]
    isolated = cs.createNetwork(zoneid=zone, name="inner", displaytext="inner", privatemtu=1400,
                                networkofferingid=offering("DefaultIsolatedNetworkOfferingWithSourceNatService"))["network"]
    shared = cs.createNetwork(zoneid=zone, name="outer", displaytext="outer", networkofferingid=offering("DefaultSharedNetworkOffering"), vlan="77",
                              gateway="203.0.113.1", netmask="255.255.255.0", startip="203.0.113.10", endip="203.0.113.90", ip6gateway="2001:db8::1", ip6cidr="2001:db8::/64",
                              startipv6="2001:db8::10", endipv6="2001:db8::90")["network"]
    inner, outer = isolated["id"], shared["id"]
    one = deploy(cloud, networkids=[outer, inner], ipaddress="203.0.113.44", macaddress="02:00:00:00:00:44", startvm=False)
    first, second = one["nic"]
    assert (first["networkid"], first["ipaddress"], first["macaddress"], first["isdefault"]) == (outer, "203.0.113.44", "02:00:00:00:00:44", True), one
    assert (first["ip6gateway"], first["ip6cidr"]) == ("2001:db8::1", "2001:db8::/64") and "mtu" not in first, first
    assert (second["networkid"], second["mtu"], second["isdefault"]) == (inner, 1400, False), one
    assert one["forvirtualnetwork"] is False and one["ipaddress"] == "203.0.113.44", one
    listed = [{"networkid": inner}, {"networkid": outer, "ip": "203.0.113.55", "mac": "02:00:00:00:00:55"}]
    other = deploy(cloud, iptonetworklist=listed, startvm=False)
    assert [each["networkid"] for each in other["nic"]] == [inner, outer] and other["forvirtualnetwork"] is True, other
    assert (other["nic"][1]["ipaddress"], other["nic"][1]["macaddress"]) == ("203.0.113.55", "02:00:00:00:00:55"), other
    asserted("deployVirtualMachine", "networkids", "ipaddress", "macaddress", "iptonetworklist")
    third = deploy(cloud, networkids=outer, startvm=False)
    assert names(cs, networkid=inner) == sorted((one["name"], other["name"])) and third["name"] in names(cs, networkid=outer)
    asserted("listVirtualMachines", "networkid")
    assert refusal(cs.deployVirtualMachine, **place(cs), networkids=outer, ipaddress="203.0.113.44")[0] == 431
    expunge(cs, one, other, third)
    for network in (inner, outer):
        cs.deleteNetwork(id=network, fetch_result=True)


def test_hidden_machines_and_their_disks_are_for_administrators(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann-hidden")
    owner = {"account": "ann-hidden", "domainid": domain}
    hidden, open_one = deploy(cloud, name="hidden", displayvm=False, startvm=False, **owner), deploy(cloud, name="open", displayvm=True, startvm=False, **owner)
    seen = lambda: (names(ann), names(ann, listall=True), names(ann, id=hidden["id"]), ann.listVolumes()["count"])
    assert seen() == (["open"], ["open"], [], 1)
    gone = deploy(cloud, name="gone", startvm=False, **owner)
    cs.updateConfiguration(name="allow.user.view.destroyed.vm", value="true", accountid=account_id(cs, "ann-hidden"))
    cs.destroyVirtualMachine(id=gone["id"], fetch_result=True)
    assert names(ann) == ["gone", "open"], "a user who sees destroyed machines sees no hidden ones"
    expunge(cs, gone)
    assert names(cs, displayvm=False, **owner) == ["hidden"] and names(cs, displayvm=True, **owner) == ["open"] and names(cs, **owner) == ["hidden", "open"]
    assert cs.listVolumes(displayvolume=False, **owner)["count"] == 1 and cs.listVolumes(**owner)["count"] == 2
    asserted("deployVirtualMachine", "displayvm")
    asserted("listVirtualMachines", "displayvm")
    cs.updateVirtualMachine(id=hidden["id"], displayvm=True)
    cs.updateVirtualMachine(id=open_one["id"], displayvm=False)
    assert seen() == (["hidden"], ["hidden"], ["hidden"], 1)
    assert cs.startVirtualMachine(id=open_one["id"], fetch_result=True)["virtualmachine"]["displayvm"] is False and names(ann) == ["hidden"]
    asserted("updateVirtualMachine", "displayvm")
    assert cloud.failed_checks() == []
    expunge(cs, hidden, open_one)


# ---- changing ----


def test_a_machine_is_changed(cloud):
    cs = cloud.api()
    made = deploy(cloud, name="before", startvm=False, details=PAIR(old=1))
    types = [each["id"] for each in cs.listOsTypes()["ostype"]]
    other = next(each for each in types if each != made["ostypeid"])
    change = lambda **to: cs.updateVirtualMachine(id=made["id"], **to)["virtualmachine"]
    for parameter, value, member in (("name", "after", "name"), ("displayname", "words", "displayname"), ("group", "shelf", "group"),
                                     ("ostypeid", other, "ostypeid"), ("haenable", True, "haenable"), ("haenable", False, "haenable"),
                                     ("isdynamicallyscalable", False, "isdynamicallyscalable"), ("deleteprotection", True, "deleteprotection")):
        before = machine(cs, made["id"])
        after = change(**{parameter: value})
        assert after[member] == value and machine(cs, made["id"])[member] == value, (parameter, after)
        assert before.get(member) != value, parameter
        asserted("updateVirtualMachine", parameter)
    assert "protected" in refusal(cs.destroyVirtualMachine, id=made["id"])[1]
    assert change(deleteprotection=False)["deleteprotection"] is False and "group" not in change(group="")
    assert change(details=PAIR(new=2))["details"] == {"new": "2"}, "new details replace the old ones"
    assert change(displayname="kept")["details"] == {"new": "2"} and change(cleanupdetails=True)["details"] == {}
    asserted("updateVirtualMachine", "details", "cleanupdetails")
    expunge(cs, made)


# ---- ending ----


def test_destroyed_machines_come_back_and_expunged_ones_do_not(cloud):
    cs = cloud.api()
    made = deploy(cloud, name="going")
    assert cs.destroyVirtualMachine(id=made["id"], fetch_result=True)["virtualmachine"]["state"] == "Destroyed"
    assert names(cs, state="Destroyed") == ["going"] and "going" not in names(cs, state="present")
    assert cs.recoverVirtualMachine(id=made["id"])["virtualmachine"]["state"] == "Stopped"
    cs.destroyVirtualMachine(id=made["id"], expunge=False, fetch_result=True)
    cs.expungeVirtualMachine(id=made["id"], fetch_result=True)
    assert "going" not in names(cs) and refusal(cs.recoverVirtualMachine, id=made["id"])[0] == 431
    asserted("expungeVirtualMachine", "id")
    at_once = deploy(cloud, name="at-once")
    cs.destroyVirtualMachine(id=at_once["id"], expunge=True, fetch_result=True)
    assert "at-once" not in names(cs)
    asserted("destroyVirtualMachine", "expunge")


def test_power_is_cut_only_by_those_who_may(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann-force")
    cs.updateConfiguration(name="allow.user.force.stop.vm", value="false", accountid=account_id(cs, "ann-force"))
    made = deploy(cloud, account="ann-force", domainid=domain)  # meanwhile every process has read the setting
    assert refusal(ann.stopVirtualMachine, id=made["id"], forced=True)[0] == 531
    assert ann.stopVirtualMachine(id=made["id"], forced=False, fetch_result=True)["virtualmachine"]["state"] == "Stopped"
    asserted("stopVirtualMachine", "forced")
    expunge(cs, made)


# ---- listing ----


def test_machines_are_found_by_each_filter(cloud):
    cs = cloud.api()
    usual = place(cs)
    ann, domain = user(cloud, "ann-lists")
    own = {"account": "ann-lists", "domainid": domain}
    offering = cs.createServiceOffering(name="other size", displaytext="other", cpunumber=1, cpuspeed=500, memory=128, offerha=True)["serviceoffering"]["id"]
    image = cs.registerTemplate(zoneid=usual["zoneid"], name="other", displaytext="other", format="QCOW2", hypervisor="Simulator", arch="aarch64",
                                url="http://sim/images/other.qcow2", ostypeid=cs.listOsTypes()["ostype"][0]["id"])["template"][0]["id"]
    far = next(each["id"] for each in cs.listStoragePools()["storagepool"] if each["name"] == "far")
    near = next(each["id"] for each in cs.listStoragePools()["storagepool"] if each["name"] != "far")
    pod = {each["name"]: each["id"] for each in cs.listPods()["pod"]}["far"]
    made = [deploy(cloud, name="runs-far", podid=pod, group="lot", **own), deploy(cloud, name="stands", startvm=False, **own),
            cs.deployVirtualMachine(zoneid=usual["zoneid"], templateid=usual["templateid"], serviceofferingid=offering, name="other-size", startvm=False,
                                    fetch_result=True, **own)["virtualmachine"],
            ann.deployVirtualMachine(name="made-herself", startvm=False, fetch_result=True, **usual)["virtualmachine"]]
    everything = ["made-herself", "other-size", "runs-far", "stands"]
    found = lambda **filters: names(cs, **own, **filters)
    assert found() == everything
    cs.createTags(resourcetype="UserVm", resourceids=made[1]["id"], tags=[{"key": "tier", "value": "gold"}], fetch_result=True)
    admin, annie = (each["userid"] for each in (made[0], made[3]))
    assert admin != annie
    elsewhere = cs.createZone(name="elsewhere", dns1="9.9.9.9", internaldns1="9.9.9.9", networktype="Advanced")["zone"]["id"]
    still = ["made-herself", "other-size", "stands"]
    for parameter, some, none in (
            ("state", [("Running", ["runs-far"]), ("Stopped", still), ("present", everything)], "Error"),
            ("zoneid", [(usual["zoneid"], everything)], elsewhere),
            ("templateid", [(usual["templateid"], everything)], image),
            ("serviceofferingid", [(offering, ["other-size"]), (usual["serviceofferingid"], ["made-herself", "runs-far", "stands"])], None),
            ("storageid", [(far, ["runs-far"])], near),
            ("userid", [(admin, ["other-size", "runs-far", "stands"]), (annie, ["made-herself"])], None),
            ("groupid", [(made[0]["groupid"], ["runs-far"])], None),
            ("haenable", [(True, ["other-size"]), (False, ["made-herself", "runs-far", "stands"])], None),
            ("hypervisor", [("Simulator", everything)], "KVM"),
            ("arch", [("x86_64", everything)], "aarch64"),
            ("tags", [([{"key": "tier", "value": "gold"}], ["stands"])], [{"key": "tier", "value": "silver"}]),
            ("name", [("stands", ["stands"])], "stand"),
            ("hostid", [(made[0]["hostid"], ["runs-far"])], None)):
        for value, expected in some:
            assert found(**{parameter: value}) == expected, (parameter, value, found(**{parameter: value}))
        assert none is None or found(**{parameter: none}) == [], (parameter, none)
        asserted("listVirtualMachines", parameter)
    for parameter in ("affinitygroupid", "autoscalevmgroupid", "backupofferingid", "extensionid", "isoid", "securitygroupid", "vpcid"):
        assert found(**{parameter: str(uuid.uuid4())}) == [], "nothing here has one, so none is found by it: " + parameter
        asserted("listVirtualMachines", parameter)
    for parameter in ("gpuenabled", "isvnf", "leased"):
        assert found(**{parameter: True}) == [] and found(**{parameter: False}) == everything, parameter
        asserted("listVirtualMachines", parameter)
    expunge(cs, *made)


def test_icons_come_where_they_are_asked_for(cloud):
    cs = cloud.api()
    made = deploy(cloud, name="pictured", startvm=False)
    cs.uploadResourceIcon(resourcetype="UserVm", resourceids=made["id"], base64image=PIXEL)
    assert "icon" not in machine(cs, made["id"]) and machines(cs, id=made["id"], showicon=True)[0]["icon"]["base64image"] == PIXEL
    asserted("listVirtualMachines", "showicon")
    expunge(cs, made)


def test_decisions_are_explained_by_object_and_by_job(cloud):
    cs = cloud.api()
    job = cs.deployVirtualMachine(**place(cs))
    made = deploy(cloud)
    finish(cs, job)
    stories = [cs.explain(id=each)["explanation"] for each in (job["id"], made["id"])]
    assert stories[0] != stories[1] and {each["jobid"] for each in stories[0]} == {job["jobid"]}, stories
    assert cs.explain(jobid=job["jobid"])["explanation"] == stories[0] == cs.explain(id=job["id"], type="VirtualMachine")["explanation"]
    assert refusal(cs.explain, id=job["id"], type="Volume")[0] == 431
    asserted("explain", "id", "type", "jobid")
    expunge(cs, made, job)


# ---- what is declared to be refused, or to change nothing ----


def parameters_with(client, mark, command):
    """Those of the command's parameters that carry the mark in the description of the API, each with some value."""
    parameters = Declarations(client.raw(path="-docs/openapi.json").json).parameters(command)
    return {name: some_value(client, name, schema) for name, schema in parameters.items() if mark in schema}


def some_value(client, name, schema):
    """What is sent: a map by its first entry."""
    if schema.get("x-map"):
        return {name + "[0].key": "some"}
    if name == "domainid":
        return {name: client.listDomains().inner["domain"][0]["id"]}
    return {name: {"boolean": "true", "integer": str(schema.get("minimum", 1))}.get(schema["type"], "some")}


def test_what_is_not_there_yet_is_refused_in_its_name(cloud):
    cs, client = cloud.api(), Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    made = deploy(cloud, startvm=False)
    for command, needed in (("deployVirtualMachine", place(cs)), ("updateVirtualMachine", {"id": made["id"]})):
        refused = parameters_with(client, "x-refused", command)
        for name, sent in refused.items():
            reply = client.signed(command, post=True, map_parameters=dict(needed, **sent))
            assert (reply.status, reply.text) == (431, "The parameter %s is not supported yet" % name), (command, name, reply.body)
        assert len(refused) >= 4, refused
    nothing = {name: "" for name in parameters_with(client, "x-refused", "updateVirtualMachine") if name != "dhcpoptionsnetworklist"}
    assert client.updateVirtualMachine(post=True, id=made["id"], **nothing).status == 200, "clients send empty lists"
    expunge(cs, made)


def test_what_changes_nothing_here_is_accepted(cloud):
    cs, client = cloud.api(), Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    size = {"name": "same", "displaytext": "same", "cpunumber": "1", "cpuspeed": "500", "memory": "128"}
    offering, made = cs.createServiceOffering(**size)["serviceoffering"]["id"], deploy(cloud, startvm=False)
    one = {"id": made["id"]}
    for command, needed in (
            ("deployVirtualMachine", dict(place(cs), startvm="false")), ("updateVirtualMachine", one), ("startVirtualMachine", one),
            ("rebootVirtualMachine", one), ("createServiceOffering", size), ("updateServiceOffering", {"id": offering}),
            ("createDiskOffering", {"name": "same", "displaytext": "same", "disksize": "1"}), ("listVirtualMachines", one), ("listServiceOfferings", {}),
            ("listDiskOfferings", {}), ("listResourceDetails", {"resourcetype": "UserVm", "resourceid": made["id"]})):
        more = {name: value for sent in parameters_with(client, "x-no-effect", command).values() for name, value in sent.items()}
        more.pop("retrieveonlyresourcecount", None)
        reply = client.signed(command, post=True, map_parameters=dict(needed, **more))
        assert more and reply.status == 200, (command, more, reply.body)
        if "jobid" in reply.inner:
            finish(cs, reply.inner)
        if command.startswith("list"):
            assert reply.inner == client.signed(command, post=True, map_parameters=needed).inner, (command, more)


def test_rows_are_consistent_afterwards(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
