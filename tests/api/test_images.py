#!/usr/bin/python3
"""Images: what each parameter of registering, changing and deleting does, who sees which by every filter; and every filter of the volumes that
machines have of them.
timeout: 600"""
import os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from cloud import Cloud
from contract import asserted
from cs import CloudStackApiException
from results import close, run_tests
from test_keys_and_data import deploy, encoded, place, refusal, user

state = {}
# What may be said when an image is registered, and is told of it.
TOLD = {"arch": "aarch64", "templatetag": "gpu", "templatetype": "SYSTEM", "bits": 32, "ispublic": True, "isfeatured": True, "isextractable": True,
        "isdynamicallyscalable": True, "passwordenabled": True, "sshkeyenabled": True, "requireshvm": False, "directdownload": True,
        "deployasis": True, "forcks": True, "displaytext": "said", "format": "RAW", "hypervisor": "KVM"}
OTHERWISE = {"arch": "x86_64", "templatetype": "USER", "bits": 64, "ispublic": False, "isfeatured": False, "isextractable": False,
             "isdynamicallyscalable": False, "passwordenabled": False, "sshkeyenabled": False, "requireshvm": True, "directdownload": False,
             "deployasis": False, "forcks": False}


def register(cs, name, **parameters):
    wish = dict({"displaytext": name, "format": "QCOW2", "hypervisor": "Simulator", "url": "http://sim/images/%s.qcow2" % name}, **parameters)
    return cs.registerTemplate(name=name, **wish)["template"]


def find(cs, identity, **parameters):
    return cs.listTemplates(templatefilter="self", listall=True, id=identity, **parameters).get("template", [])


def come(cs, identity):
    """The image, once every zone has it or has failed."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = find(cs, identity)
        if found and all(each["isready"] or each["status"] not in ("Processing",) and "%" not in each["status"] for each in found):
            return found
        time.sleep(0.05)
    raise AssertionError("does not come: %s" % find(cs, identity))


def names(cs, templatefilter="self", key="name", **parameters):
    return sorted(each[key] for each in cs.listTemplates(templatefilter=templatefilter, **parameters).get("template", []))


def prepare(cloud):
    cs = cloud.api()
    state["zone"] = cs.listZones()["zone"][0]["id"]
    second = cs.createZone(name="second", networktype="Advanced", dns1="192.0.2.1", internaldns1="192.0.2.2")["zone"]["id"]
    state["second store"] = cs.addImageStore(zoneid=second, name="second-images", provider="Simulator", url="nfs://sim/second-images")["imagestore"]["id"]
    state["second"] = second
    state["ann"], state["domain"] = user(cloud, "ann")
    state["bob"], _ = user(cloud, "bob")


def test_an_image_is_as_it_was_registered(cloud):
    cs = cloud.api()
    (plain,) = register(cs, "plain", zoneid=state["zone"], extensionid="any", externaldetails=[{"a": "b"}])
    (said,) = register(cs, "said", zoneid=state["zone"], **TOLD)
    assert {name: said[name] for name in TOLD} == TOLD, said
    assert {name: plain[name] for name in OTHERWISE} == OTHERWISE and "templatetag" not in plain, plain
    asserted("registerTemplate", *TOLD)
    (routing,) = register(cs, "router", zoneid=state["zone"], isrouting=True)
    assert routing["templatetype"] == "ROUTING" and names(cs, templatetype="ROUTING") == ["router"]
    asserted("registerTemplate", "isrouting")
    (detailed,) = register(cs, "detailed", zoneid=state["zone"], details=[{"rootDiskController": "virtio", "nicAdapter": "e1000"}])
    assert detailed["details"] == {"rootDiskController": "virtio", "nicAdapter": "e1000"}
    asserted("registerTemplate", "details")
    for wrong in ({"bits": 48}, {"arch": "vax"}, {"templatetype": "OTHER"}, {"format": "ZIP"}, {"details": [{"a": "x" * 1025}]}, {"hypervisor": "x" * 33}):
        assert refusal(register, cs=cs, name="wrong", **wrong)[0] == 431, wrong
    assert names(cs, name="wrong") == []


def test_an_image_belongs_to_whom_it_is_registered_for(cloud):
    cs = cloud.api()
    (hers,) = register(cs, "hers", zoneid=state["zone"], account="ann", domainid=state["domain"])
    assert (hers["account"], hers["domainid"]) == ("ann", state["domain"]) and names(state["ann"]) == ["hers"]
    project = cs.createProject(name="imaging", displaytext="imaging", fetch_result=True)["project"]
    (ours,) = register(cs, "ours", zoneid=state["zone"], projectid=project["id"])
    assert (ours["projectid"], ours["project"]) == (project["id"], "imaging") and "account" not in ours, ours
    assert names(cs, projectid=project["id"]) == ["ours"] and "ours" not in names(cs)
    asserted("registerTemplate", "account", "domainid", "projectid")


def test_only_operators_say_what_concerns_everybody(cloud):
    ann, cs = state["ann"], cloud.api()
    for wrong in ({"templatetype": "SYSTEM"}, {"isrouting": True}, {"templatetag": "gpu"}, {"isfeatured": True}):
        assert refusal(register, cs=ann, name="hers", **wrong)[0] == 531, wrong
    (free,) = register(ann, "appliance", zoneid=state["zone"], templatetype="VNF")
    assert free["templatetype"] == "VNF"
    for wrong in ({"templatetype": "SYSTEM"}, {"isrouting": True}, {"templatetag": "gpu"}):
        assert refusal(ann.updateTemplate, id=free["id"], **wrong)[0] == 531, wrong
    cs.updateTemplate(id=free["id"], templatetype="SYSTEM", templatetag="gpu")
    told = ann.updateTemplate(id=free["id"], name="renamed")["template"]
    assert (told["name"], told["templatetype"], told["templatetag"]) == ("renamed", "SYSTEM", "gpu"), "what the operator said stays"
    assert refusal(state["bob"].updateTemplate, id=free["id"], name="his")[0] == 531
    ann.deleteTemplate(id=free["id"], fetch_result=True)


def test_images_come_to_the_zones_asked_for(cloud):
    cs = cloud.api()
    zones = [state["zone"], state["second"]]
    one, two = register(cs, "one-zone", zoneid=zones[1]), register(cs, "two-zones", zoneids=",".join(zones))
    everywhere = register(cs, "every-zone", zoneid="-1")
    assert [each["zoneid"] for each in one] == [zones[1]]
    assert [each["zoneid"] for each in two] == zones and {each["crossZones"] for each in two} == {False}
    assert [each["zoneid"] for each in everywhere] == zones and {each["crossZones"] for each in everywhere} == {True}
    asserted("registerTemplate", "zoneid", "zoneids")
    for image in (one, two, everywhere):
        assert all(each["isready"] for each in come(cs, image[0]["id"]))
    assert names(cs, key="zoneid", ids=two[0]["id"]) == sorted(zones)
    assert len(names(cs, ids=two[0]["id"], showunique=True)) == 1
    assert names(cs, zoneid=zones[1]) == ["every-zone", "one-zone", "two-zones"] == names(cs, imagestoreid=state["second store"])
    asserted("listTemplates", "showunique", "zoneid", "imagestoreid", "ids")
    cs.deleteTemplate(id=two[0]["id"], zoneid=zones[1], fetch_result=True)
    assert names(cs, key="zoneid", ids=two[0]["id"]) == [zones[0]]
    asserted("deleteTemplate", "zoneid")


def test_filters_by_what_an_image_is(cloud):
    cs = cloud.api()
    linux = cs.listOsTypes(description="Debian GNU/Linux 12 (64-bit)").get("ostype") or cs.listOsTypes()["ostype"]
    category = linux[0]["oscategoryid"]
    register(cs, "debian", zoneid=state["zone"], ostypeid=linux[0]["id"], templatetype="VNF")
    (late,) = register(cs, "late", zoneid=state["zone"], url="http://sim/images/missing.qcow2")
    assert [each["isready"] for each in come(cs, late["id"])] == [False]
    everything = names(cs)
    for filters, found in (({"arch": "aarch64"}, ["said"]), ({"hypervisor": "KVM"}, ["said"]), ({"templatetype": "SYSTEM"}, ["said"]),
                           ({"forcks": True}, ["said"]), ({"forcks": False}, [each for each in everything if each != "said"]),
                           ({"isvnf": True}, ["debian"]), ({"isvnf": False}, [each for each in everything if each != "debian"]),
                           ({"isready": False}, ["late"]), ({"name": "late"}, ["late"]), ({"parenttemplateid": late["id"]}, [])):
        assert names(cs, **filters) == found, (filters, names(cs, **filters), found)
        asserted("listTemplates", *filters)
    assert "late" not in names(cs, isready=True)
    listed = cs.listTemplates(templatefilter="self", oscategoryid=category)["template"]
    types = {each["id"] for each in cs.listOsTypes(oscategoryid=category)["ostype"]}
    assert "debian" in {each["name"] for each in listed} and {each["ostypeid"] for each in listed} <= types and len(listed) < len(everything)
    asserted("listTemplates", "oscategoryid")
    pool = cs.listStoragePools()["storagepool"][0]["id"]
    found = cs.listTemplates(templatefilter="self", id=late["id"], details="min", storageid=pool, extensionid="any")
    assert [each["id"] for each in found["template"]] == [late["id"]], "what has no effect narrows nothing"


def test_each_filter_shows_what_it_is_for(cloud):
    ann, bob, cs = state["ann"], state["bob"], cloud.api()
    (shared,) = register(ann, "shared", zoneid=state["zone"], ispublic=True)
    (failed,) = register(ann, "broken", zoneid=state["zone"], url="http://sim/images/missing.qcow2")
    for image in (shared, failed):
        come(ann, image["id"])
    public = {"tiny"}  # featured, and ready; the operator's "said" is no image that the store could make
    for client, templatefilter, there, missing in (
            (ann, "self", {"hers", "shared", "broken"}, public), (ann, "selfexecutable", {"hers", "shared"}, public | {"broken"}),
            (ann, "executable", public | {"hers", "shared"}, {"broken", "plain"}), (bob, "executable", public | {"shared"}, {"hers", "broken"}),
            (bob, "self", set(), public | {"shared", "hers"}), (bob, "featured", public, {"shared"}), (bob, "community", {"shared"}, public | {"hers"}),
            (bob, "sharedexecutable", set(), public | {"shared"}), (cs, "all", public | {"hers", "shared", "broken", "plain"}, set())):
        shown = set(names(client, templatefilter))
        assert there <= shown and not shown & missing, (templatefilter, shown)
    assert refusal(bob.listTemplates, templatefilter="all")[0] == 431
    asserted("listTemplates", "templatefilter")


def test_changes_of_an_image_are_told(cloud):
    cs = cloud.api()
    (image,) = register(cs, "changing", zoneid=state["zone"], details=[{"a": "1", "b": "2"}])
    other = [each["id"] for each in cs.listOsTypes()["ostype"] if each["id"] != image["ostypeid"]][0]
    change = {"name": "changed", "displaytext": "now", "arch": "aarch64", "format": "RAW", "templatetag": "ssd", "templatetype": "VNF", "ostypeid": other,
              "bootable": False, "forcks": True, "isdynamicallyscalable": True, "passwordenabled": True, "requireshvm": False, "sshkeyenabled": True}
    for name, value in change.items():
        assert image.get(name) != value, name
        told = cs.updateTemplate(id=image["id"], **{name: value})["template"]
        assert told["id"] == image["id"] and told[name] == value, (name, told)
        assert find(cs, image["id"])[0][name] == value
        asserted("updateTemplate", "id", name)
    assert cs.updateTemplate(id=image["id"], details=[{"c": "3"}])["template"]["details"] == {"c": "3"}
    assert cs.updateTemplate(id=image["id"], name="again", forceupdateostype=True)["template"]["details"] == {"c": "3"}
    assert "details" not in cs.updateTemplate(id=image["id"], cleanupdetails=True)["template"] or not find(cs, image["id"])[0].get("details")
    asserted("updateTemplate", "details", "cleanupdetails")
    for routing, kind in ((True, "ROUTING"), (False, "VNF")):
        assert cs.updateTemplate(id=image["id"], isrouting=routing)["template"]["templatetype"] == kind
    asserted("updateTemplate", "isrouting")
    listed = lambda: [each["id"] for each in cs.listTemplates(templatefilter="self")["template"]]
    assert listed()[0] != image["id"]
    cs.updateTemplate(id=image["id"], sortkey=-1)
    assert listed()[0] == image["id"]
    cs.updateTemplate(id=image["id"], sortkey=1)
    assert listed()[-1] == image["id"]
    asserted("updateTemplate", "sortkey")
    assert refusal(cs.updateTemplate, id=image["id"], format="ZIP")[0] == 431


def test_a_machine_goes_to_hosts_with_its_images_tag(cloud):
    cs = cloud.api()
    cs.updateTemplate(id=place(cs)["templateid"], templatetag="tagged")
    try:
        deploy(cloud, name="nowhere")
        raise AssertionError("deployed on a host without the tag")
    except CloudStackApiException as refused:
        assert refused.error["errorcode"] == 533, refused.error
    host = cs.listHosts(type="Routing")["host"][1]["id"]
    cs.updateHost(id=host, hosttags="tagged")
    assert deploy(cloud, name="somewhere")["hostid"] == host
    cs.updateTemplate(id=place(cs)["templateid"], templatetag="")


def test_used_images_are_deleted_by_force_only_and_shown_when_asked_for(cloud):
    cs = cloud.api()
    (image,) = register(cs, "used", zoneid=state["zone"])
    come(cs, image["id"])
    stored = cs.registerUserData(name="of image", userdata=encoded("#!/bin/sh\n"), params="who,where")["userdata"]
    for which in ("templateid", "isoid"):
        told = cs.linkUserDataToTemplate(userdataid=stored["id"], **{which: image["id"]})["template"]
        assert (told["id"], told["userdataid"], told["userdataparams"]) == (image["id"], stored["id"], "who,where"), told
        assert "userdataid" not in cs.linkUserDataToTemplate(**{which: image["id"]})["template"]
        asserted("linkUserDataToTemplate", which, "userdataid")
    machine = cs.deployVirtualMachine(**dict(place(cs), templateid=image["id"]), startvm=False, fetch_result=True)["virtualmachine"]
    assert refusal(cs.deleteTemplate, id=image["id"])[0] == 536
    assert refusal(cs.deleteTemplate, id=image["id"], forced=False)[0] == 536
    cs.deleteTemplate(id=image["id"], forced=True, issystem=False, fetch_result=True)
    asserted("deleteTemplate", "forced")
    assert "used" not in names(cs) and "removed" not in str(cs.listTemplates(templatefilter="self"))
    (gone,) = cs.listTemplates(templatefilter="self", name="used", showremoved=True)["template"]
    assert gone["id"] == image["id"] and gone["removed"] and not gone["isready"]
    asserted("deleteTemplate", "id")
    asserted("listTemplates", "showremoved")
    assert names(state["bob"], "executable", name="used", showremoved=True) == []
    cs.destroyVirtualMachine(id=machine["id"], expunge=True, fetch_result=True)


# ---- volumes ----


def test_volumes_are_found_by_each_filter(cloud):
    cs = cloud.api()
    hosts = {each["id"]: each for each in cs.listHosts(type="Routing")["host"]}
    disk = cs.listDiskOfferings(name="Small")["diskoffering"][0]["id"]
    large = cs.listServiceOfferings(name="Medium Instance")["serviceoffering"][0]["id"]
    here, there = [deploy(cloud, name="on-" + host[:4], hostid=host, diskofferingid=disk) for host in hosts]
    base = place(cs)
    idle = cs.deployVirtualMachine(**dict(base, serviceofferingid=large), name="idle", startvm=False, displayvm=False, fetch_result=True)["virtualmachine"]
    everything = cs.listVolumes()["volume"]
    assert len(everything) > 5
    root = next(each for each in everything if each["virtualmachineid"] == here["id"] and each["type"] == "ROOT")
    pod, pool = next(iter(hosts.values()))["podid"], root["storageid"]
    other_pod = cs.createPod(zoneid=state["zone"], name="empty", gateway="192.0.3.1", netmask="255.255.255.0", startip="192.0.3.10")["pod"]["id"]
    empty = cs.addCluster(zoneid=state["zone"], podid=other_pod, clustername="empty", hypervisor="Simulator", clustertype="CloudManaged")["cluster"][0]["id"]
    other_pool = cs.createStoragePool(zoneid=state["zone"], podid=root["podid"], clusterid=root["clusterid"], name="empty", scope="cluster",
                                      url="nfs://sim/empty", hypervisor="Simulator")["storagepool"]["id"]
    of = lambda machine: lambda each: each["virtualmachineid"] == machine["id"]
    running = lambda each: each["vmstate"] == "Running"
    nothing = lambda each: False
    for parameter, value, wanted in (
            ("hostid", here["hostid"], lambda each: each["virtualmachineid"] in (here["id"], *at(cs, here["hostid"]))),
            ("hostid", there["hostid"], lambda each: each["virtualmachineid"] in (there["id"], *at(cs, there["hostid"]))),
            ("podid", pod, running), ("podid", other_pod, nothing), ("clusterid", root["clusterid"], running), ("clusterid", empty, nothing),
            ("storageid", pool, lambda each: each.get("storageid") == pool), ("storageid", other_pool, nothing),
            ("zoneid", state["zone"], lambda each: True), ("zoneid", state["second"], nothing),
            ("diskofferingid", disk, lambda each: each["type"] == "DATADISK"), ("serviceofferingid", large, of(idle)),
            ("virtualmachineid", there["id"], of(there)), ("type", "ROOT", lambda each: each["type"] == "ROOT"),
            ("type", "DATADISK", lambda each: each["type"] == "DATADISK"), ("state", "Ready", lambda each: each["state"] == "Ready"),
            ("state", "Allocated", of(idle)), ("name", root["name"], lambda each: each["id"] == root["id"]),
            ("displayvolume", False, of(idle)), ("displayvolume", True, lambda each: not of(idle)(each)),
            ("isencrypted", True, nothing), ("isencrypted", False, lambda each: True), ("listsystemvms", True, lambda each: True)):
        found = sorted(each["id"] for each in cs.listVolumes(**{parameter: value}).get("volume", []))
        expected = sorted(each["id"] for each in everything if wanted(each))
        assert found == expected and (wanted is nothing or found), (parameter, value, len(found), len(expected))
        if parameter != "listsystemvms":
            asserted("listVolumes", parameter)


def at(cs, host):
    return [each["id"] for each in cs.listVirtualMachines(hostid=host)["virtualmachine"]]


def test_rows_are_consistent_afterwards(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
