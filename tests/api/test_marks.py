#!/usr/bin/python3
"""Comments, icons and details on objects of every kind: each command and parameter, who may, and what replies show of them.
timeout: 600"""
import base64, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests
from test_keys_and_data import deploy, new_key, place, refusal, user

PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def objects(cs):
    """One object of each kind that can be commented on: entity type, resource type, id, the list that shows it."""
    return [("ZONE", "Zone", cs.listZones()["zone"][0]["id"], "listZones", "zone"),
            ("POD", "Pod", cs.listPods()["pod"][0]["id"], "listPods", "pod"),
            ("CLUSTER", "Cluster", cs.listClusters()["cluster"][0]["id"], "listClusters", "cluster"),
            ("HOST", "Host", cs.listHosts()["host"][0]["id"], "listHosts", "host"),
            ("PRIMARY_STORAGE", None, cs.listStoragePools()["storagepool"][0]["id"], "listStoragePools", "storagepool"),
            ("SECONDARY_STORAGE", None, cs.listImageStores()["imagestore"][0]["id"], "listImageStores", "imagestore"),
            ("SERVICE_OFFERING", "ServiceOffering", cs.listServiceOfferings()["serviceoffering"][0]["id"], "listServiceOfferings", "serviceoffering"),
            ("DISK_OFFERING", "DiskOffering", cs.listDiskOfferings()["diskoffering"][0]["id"], "listDiskOfferings", "diskoffering"),
            ("NETWORK_OFFERING", None, cs.listNetworkOfferings()["networkoffering"][0]["id"], "listNetworkOfferings", "networkoffering"),
            ("DOMAIN", "Domain", cs.listDomains()["domain"][0]["id"], "listDomains", "domain"),
            ("TEMPLATE", "Template", cs.listTemplates(templatefilter="all")["template"][0]["id"], "listTemplates", "template"),
            ("VM", "UserVm", cs.listVirtualMachines()["virtualmachine"][0]["id"], "listVirtualMachines", "virtualmachine"),
            ("VOLUME", "Volume", cs.listVolumes()["volume"][0]["id"], "listVolumes", "volume"),
            ("NETWORK", "Network", cs.listNetworks()["network"][0]["id"], "listNetworks", "network"),
            ("SSH_KEYPAIR", "SSHKeyPair", cs.listSSHKeyPairs()["sshkeypair"][0]["id"], "listSSHKeyPairs", "sshkeypair"),
            ("USER_DATA", "UserData", cs.listUserData()["userdata"][0]["id"], "listUserData", "userdata"),
            ("INSTANCE_GROUP", "InstanceGroup", cs.listInstanceGroups()["instancegroup"][0]["id"], "listInstanceGroups", "instancegroup")]


def shown(cs, command, key, identity, **parameters):
    if command == "listTemplates":
        parameters["templatefilter"] = "all"
    (found,) = getattr(cs, command)(id=identity, **parameters)[key]
    return found


def test_objects_are_there(cloud):
    cs = cloud.api()
    cs.registerSSHKeyPair(name="key", publickey=new_key()[0])
    cs.registerUserData(name="data", userdata="YQ==")
    deploy(cloud, name="machine", group="group")
    assert len(objects(cs)) == 17


def test_every_kind_of_object_can_be_commented_on(cloud):
    cs = cloud.api()
    for kind, _, identity, command, key in objects(cs):
        assert shown(cs, command, key, identity)["hasannotations"] is False, kind
        made = cs.addAnnotation(entitytype=kind, entityid=identity, annotation="seen by\nann")["annotation"]
        assert (made["entitytype"], made["entityid"], made["annotation"], made["username"], made["adminsonly"]) == (
            kind, identity, "seen by\nann", "admin", False), made
        assert made["entityname"] and made["created"] and made["userid"]
        assert shown(cs, command, key, identity)["hasannotations"] is True, kind
        assert cs.listAnnotations(entitytype=kind, entityid=identity)["annotation"] == [made]
        assert cs.removeAnnotation(id=made["id"])["annotation"] == made
        assert shown(cs, command, key, identity)["hasannotations"] is False, kind


def test_comments_are_found_by_each_filter(cloud):
    cs = cloud.api()
    machine, zone = cs.listVirtualMachines()["virtualmachine"][0]["id"], cs.listZones()["zone"][0]["id"]
    first = cs.addAnnotation(entitytype="VM", entityid=machine, annotation="red apple")["annotation"]
    second = cs.addAnnotation(entitytype="ZONE", entityid=zone, annotation="green apple", adminsonly=True)["annotation"]
    assert second["adminsonly"] is True
    names = lambda **filters: [each["annotation"] for each in cs.listAnnotations(**filters).get("annotation", [])]
    assert names() == names(annotationfilter="all") == names(annotationfilter="self") == ["green apple", "red apple"]
    assert names(keyword="red") == names(entitytype="VM") == names(id=first["id"]) == ["red apple"]
    assert names(userid=first["userid"], page=2, pagesize=1) == ["red apple"]
    assert refusal(cs.listAnnotations, entityid=machine)[0] == 431
    assert refusal(cs.listAnnotations, entitytype="HOUSE") == (431, "Invalid entity type provided: HOUSE")
    assert refusal(cs.addAnnotation, entitytype="VM", entityid=zone, annotation="x")[0] == 431
    for missing in ("entitytype", "entityid", "annotation"):
        given = {"entitytype": "VM", "entityid": machine, "annotation": "x"}
        del given[missing]
        assert refusal(cs.addAnnotation, **given) == (431, "Unable to execute API command addannotation due to missing parameter " + missing)
    assert cs.updateAnnotationVisibility(id=first["id"], adminsonly=True)["annotation"]["adminsonly"] is True
    assert cs.updateAnnotationVisibility(id=first["id"], adminsonly=False)["annotation"]["adminsonly"] is False


def test_tenants_comment_on_what_they_see_and_read_what_is_meant_for_them(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann")
    assert refusal(ann.listAnnotations)[0] == 432
    role = cs.createRole(name="commenting", type="User")["role"]["id"]
    for command in ("addAnnotation", "listAnnotations", "removeAnnotation", "updateAnnotationVisibility", "listSSHKeyPairs", "registerSSHKeyPair"):
        cs.createRolePermission(roleid=role, rule=command, permission="allow")
    account = cs.listAccounts(name="ann", domainid=domain)["account"][0]["id"]
    cs.updateAccount(id=account, roleid=role)
    key = ann.registerSSHKeyPair(name="hers", publickey=new_key()[0])["keypair"]["id"]
    secret = cs.addAnnotation(entitytype="SSH_KEYPAIR", entityid=key, annotation="secret", adminsonly=True)["annotation"]
    assert ann.listSSHKeyPairs(id=key)["sshkeypair"][0]["hasannotations"] is False
    assert ann.listAnnotations(entitytype="SSH_KEYPAIR", entityid=key) == {}
    mine = ann.addAnnotation(entitytype="SSH_KEYPAIR", entityid=key, annotation="mine", adminsonly=True)["annotation"]
    assert mine["adminsonly"] is False
    cs.addAnnotation(entitytype="SSH_KEYPAIR", entityid=key, annotation="open")
    assert [each["annotation"] for each in ann.listAnnotations(entitytype="SSH_KEYPAIR", entityid=key)["annotation"]] == ["open", "mine"]
    assert [each["annotation"] for each in ann.listAnnotations(annotationfilter="all")["annotation"]] == ["mine"]
    assert ann.listSSHKeyPairs(id=key)["sshkeypair"][0]["hasannotations"] is True
    assert refusal(ann.removeAnnotation, id=secret["id"])[0] == 531
    assert refusal(ann.updateAnnotationVisibility, id=mine["id"], adminsonly=False)[0] == 531
    machine = cs.listVirtualMachines()["virtualmachine"][0]["id"]
    assert refusal(ann.addAnnotation, entitytype="VM", entityid=machine, annotation="x")[0] == 531
    assert refusal(ann.listAnnotations, entitytype="VM", entityid=machine)[0] == 531
    seen = {which: {each["annotation"] for each in cs.listAnnotations(annotationfilter=which)["annotation"]} for which in ("self", "all")}
    assert "mine" not in seen["self"] and seen["all"] - seen["self"] == {"mine"}, seen
    asserted("listAnnotations", "annotationfilter")
    ann.removeAnnotation(id=mine["id"])


# ---- icons ----


def test_icons_show_where_they_are_asked_for(cloud):
    cs = cloud.api()
    admin = cs.listAccounts(name="admin")["account"][0]
    many = [("UserVm", "listVirtualMachines", "virtualmachine"), ("Template", "listTemplates", "template"), ("Zone", "listZones", "zone"),
            ("Network", "listNetworks", "network"), ("Domain", "listDomains", "domain"), ("User", "listUsers", "user"),
            ("Account", "listAccounts", "account"), ("GuestOsCategory", "listOsCategories", "oscategory")]
    for kind, command, key in many:
        more = {"templatefilter": "all"} if kind == "Template" else {}
        identity = admin["id"] if kind == "Account" else getattr(cs, command)(**more)[key][0]["id"]
        assert "icon" not in shown(cs, command, key, identity, showicon=True), kind
        cs.uploadResourceIcon(resourcetype=kind, resourceids=identity, base64image=PIXEL)
        icon = {"resourcetype": kind, "resourceid": identity, "base64image": PIXEL}
        assert shown(cs, command, key, identity, showicon=True)["icon"] == icon, kind
        assert "icon" not in shown(cs, command, key, identity), kind
        assert cs.listResourceIcon(resourcetype=kind, resourceids=identity)["icon"] == [icon]
        assert cs.deleteResourceIcon(resourcetype=kind, resourceids=identity)["success"] in (True, "true")
        assert cs.listResourceIcon(resourcetype=kind, resourceids=identity) == {}
    asserted("uploadResourceIcon", "resourcetype", "resourceids", "base64image")
    asserted("deleteResourceIcon", "resourcetype", "resourceids")


def test_icons_are_those_of_the_objects_named(cloud):
    cs = cloud.api()
    categories = [cs.listOsCategories()["oscategory"][at]["id"] for at in (0, 1, 2)]
    icons = lambda ids: {each["resourceid"] for each in cs.listResourceIcon(resourcetype="GuestOsCategory", resourceids=ids).get("icon", [])}
    cs.uploadResourceIcon(resourcetype="GuestOsCategory", resourceids=",".join(categories[:2]), base64image=PIXEL)
    assert icons(",".join(categories)) == set(categories[:2]) and icons(categories[1]) == {categories[1]} and icons(categories[2]) == set()
    cs.deleteResourceIcon(resourcetype="GuestOsCategory", resourceids=categories[0])
    assert icons(",".join(categories)) == {categories[1]}
    asserted("listResourceIcon", "resourceids")
    cs.deleteResourceIcon(resourcetype="GuestOsCategory", resourceids=categories[1])


def test_only_small_pictures_without_scripts_are_icons(cloud):
    cs = cloud.api()
    machine = cs.listVirtualMachines()["virtualmachine"][0]["id"]
    svg = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').decode()
    picture = {"resourcetype": "UserVm", "resourceids": machine}
    assert refusal(cs.uploadResourceIcon, base64image=svg, **picture)[1].startswith("The icon is no picture")
    assert refusal(cs.uploadResourceIcon, base64image="%%%", **picture)[1] == "The icon is not base64"
    large = base64.b64encode(base64.b64decode(PIXEL) + b"x" * 65536).decode()
    client = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    assert client.uploadResourceIcon(base64image=large, post=True, **picture).text == "The icon may have at most 65535 characters of base64"
    assert refusal(cs.uploadResourceIcon, base64image=PIXEL, resourcetype="Volume", resourceids=machine)[1] == "Objects of type Volume have no icons"
    ann, _ = user(cloud, "ann-icons")
    assert refusal(ann.uploadResourceIcon, base64image=PIXEL, **picture)[0] == 531
    zone = {"resourcetype": "Zone", "resourceids": cs.listZones()["zone"][0]["id"]}
    assert refusal(ann.uploadResourceIcon, base64image=PIXEL, **zone)[0] == 531
    assert refusal(ann.deleteResourceIcon, **zone)[0] == 531
    assert ann.listResourceIcon(**zone) == {}


# ---- details ----


def test_details_are_those_of_the_features_own_commands(cloud):
    cs = cloud.api()
    for entity, kind, identity, command, key in objects(cs):
        if kind is None or kind == "Domain":
            continue
        change = {"resourcetype": kind, "resourceid": identity}
        cs.addResourceDetail(details=[{"key": "colour", "value": "red"}, {"key": "depth", "value": "2"}], fetch_result=True, **change)
        listed = {each["key"]: each["value"] for each in cs.listResourceDetails(**change)["resourcedetail"]}
        assert listed.items() >= {"colour": "red", "depth": "2"}.items(), (kind, listed)
        assert [each["value"] for each in cs.listResourceDetails(key="depth", **change)["resourcedetail"]] == ["2"]
        assert [each["key"] for each in cs.listResourceDetails(value="red", **change)["resourcedetail"]] == ["colour"]
        assert cs.listResourceDetails(keyword="dept", **change)["count"] == 1
        if kind in ("UserVm", "Template", "ServiceOffering", "DiskOffering", "Zone"):
            told = shown(cs, command, key, identity)
            told = told["resourcedetails" if kind == "Zone" else "serviceofferingdetails" if kind == "ServiceOffering" else "details"]
            assert told["colour"] == "red", (kind, told)
        cs.removeResourceDetail(key="colour", fetch_result=True, **change)
        assert cs.listResourceDetails(key="colour", **change) == {}
        cs.removeResourceDetail(fetch_result=True, **change)
        assert cs.listResourceDetails(**change) == {}, kind
    asserted("addResourceDetail", "resourcetype", "resourceid", "details")
    asserted("removeResourceDetail", "resourcetype", "resourceid", "key")


def test_hidden_details_are_for_administrators(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann-details")
    machine = deploy(cloud, name="hidden", account="ann-details", domainid=domain, startvm=False)
    change = {"resourcetype": "UserVm", "resourceid": machine["id"]}
    cs.addResourceDetail(details=[{"key": "secret", "value": "1"}], fordisplay=False, fetch_result=True, **change)
    cs.addResourceDetail(details=[{"key": "open", "value": "2"}], fordisplay=True, fetch_result=True, **change)
    assert [each["key"] for each in cs.listResourceDetails(**change)["resourcedetail"]] == ["open", "secret"]
    assert [each["key"] for each in cs.listResourceDetails(fordisplay=False, **change)["resourcedetail"]] == ["secret"]
    asserted("listResourceDetails", "fordisplay")
    asserted("addResourceDetail", "fordisplay")
    (seen,) = ann.listResourceDetails(**change)["resourcedetail"]
    assert (seen["key"], seen["account"], seen["resourcetype"]) == ("open", "ann-details", "UserVm")
    assert ann.listVirtualMachines(id=machine["id"])["virtualmachine"][0]["details"] == {"open": "2"}
    assert refusal(ann.addResourceDetail, details=[{"key": "a", "value": "b"}], **change)[0] == 432
    assert refusal(cs.listResourceDetails, resourcetype="UserVm")[0] == 431
    assert refusal(cs.listResourceDetails, resourcetype="House", resourceid=machine["id"])[1] == "Objects of type House have no details"
    zone = cs.listZones()["zone"][0]["id"]
    job = cs.addResourceDetail(resourcetype="Zone", resourceid=zone, details=[{"key": "a", "value": "b"}], fordisplay=False)
    while cs.queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 0:
        pass
    assert "cannot be hidden" in cs.queryAsyncJobResult(jobid=job["jobid"])["jobresult"]["errortext"]
    other, _ = user(cloud, "bob-details")
    assert refusal(other.listResourceDetails, **change)[0] == 531


def test_options_are_what_hypervisors_read(cloud):
    cs = cloud.api()
    machine = cs.listVirtualMachines()["virtualmachine"][0]["id"]
    options = cs.listDetailOptions(resourcetype="UserVm", resourceid=machine)["detailoptions"]["details"]
    assert "virtio" in options["rootDiskController"] and options["kvm.machine"] == ["pc", "q35"]
    assert cs.listDetailOptions(resourcetype="Volume")["detailoptions"]["details"] == {}
    assert refusal(cs.listDetailOptions, resourcetype="House")[0] == 431
    ann, _ = user(cloud, "ann-options")
    assert refusal(ann.listDetailOptions, resourcetype="UserVm", resourceid=machine)[0] == 531
    asserted("listDetailOptions", "resourcetype", "resourceid")


def test_everything_goes_with_its_object(cloud):
    cs = cloud.api()
    machine = deploy(cloud, name="going", startvm=False)["id"]
    cs.addAnnotation(entitytype="VM", entityid=machine, annotation="soon gone")
    cs.uploadResourceIcon(resourcetype="UserVm", resourceids=machine, base64image=PIXEL)
    cs.addResourceDetail(resourcetype="UserVm", resourceid=machine, details=[{"key": "a", "value": "b"}], fetch_result=True)
    cs.createTags(resourcetype="UserVm", resourceids=machine, tags=[{"key": "a", "value": "b"}], fetch_result=True)
    cs.destroyVirtualMachine(id=machine, expunge=True, fetch_result=True)
    for table in ("annotation", "resource_icon", "resource_tag"):
        assert cloud.rows("SELECT COUNT(*) FROM %s WHERE object_uuid = '%s'" % (table, machine)) == [["0"]], table


# ---- tags of hosts and storage ----


def test_tags_of_hosts_and_storage_are_listed(cloud):
    cs = cloud.api()
    host, pool = cs.listHosts()["host"][0]["id"], cs.listStoragePools()["storagepool"][0]["id"]
    cs.updateHost(id=host, hosttags="fast,gpu")
    cs.updateStoragePool(id=pool, tags="ssd")
    assert [each["name"] for each in cs.listHostTags()["hosttag"]] == ["fast", "gpu"]
    (found,) = cs.listHostTags(keyword="gp")["hosttag"]
    assert found["name"] == "gpu" and found["id"] and found["hostid"] and found["isimplicit"] is False
    assert cs.listHostTags(page=2, pagesize=1)["hosttag"][0]["name"] == "gpu"
    (found,) = cs.listStorageTags(keyword="ss")["storagetag"]
    assert found["name"] == "ssd" and found["id"] and found["poolid"]
    ann, _ = user(cloud, "ann-tags")
    assert refusal(ann.listHostTags)[0] == 432


def test_new_kinds_take_tags(cloud):
    cs = cloud.api()
    for kind, identity in (("SSHKeyPair", cs.listSSHKeyPairs()["sshkeypair"][0]["id"]), ("UserData", cs.listUserData()["userdata"][0]["id"]),
                           ("InstanceGroup", cs.listInstanceGroups()["instancegroup"][0]["id"]), ("Domain", cs.listDomains()["domain"][0]["id"]),
                           ("Zone", cs.listZones()["zone"][0]["id"])):
        cs.createTags(resourcetype=kind, resourceids=identity, tags=[{"key": "k", "value": "v"}], fetch_result=True)
        (tag,) = cs.listTags(resourcetype=kind, resourceid=identity)["tag"]
        assert (tag["key"], tag["value"], tag["resourcetype"]) == ("k", "v", kind), tag
        if kind == "Zone":
            assert cs.listZones(tags=[{"key": "k", "value": "v"}])["zone"][0]["tags"] == [tag]
            assert cs.listZones(tags=[{"key": "k", "value": "other"}]) == {}
        cs.deleteTags(resourcetype=kind, resourceids=identity, fetch_result=True)
        assert cs.listTags(resourcetype=kind, resourceid=identity) == {}
    asserted("createTags", "resourcetype", "resourceids", "tags")
    asserted("deleteTags", "resourcetype", "resourceids")


def test_tags_are_found_and_taken_off_by_key_value_and_customer(cloud):
    cs = cloud.api()
    machine = {"resourcetype": "UserVm", "resourceids": cs.listVirtualMachines()["virtualmachine"][0]["id"]}
    cs.createTags(tags=[{"key": "tier", "value": "gold"}, {"key": "shelf", "value": "top"}], fetch_result=True, **machine)
    cs.createTags(tags=[{"key": "shelf-mark", "value": "gold"}], customer="acme", fetch_result=True, **machine)
    keys = lambda **filters: sorted(each["key"] for each in cs.listTags(resourcetype="UserVm", **filters).get("tag", []))
    assert keys() == ["shelf", "shelf-mark", "tier"]
    assert keys(key="tier") == ["tier"] and keys(value="gold") == ["shelf-mark", "tier"] and keys(key="tier", value="top") == []
    assert keys(customer="acme") == ["shelf-mark"] and cs.listTags(customer="acme")["tag"][0]["customer"] == "acme"
    asserted("createTags", "customer")
    asserted("listTags", "key", "value", "customer")
    cs.deleteTags(tags=[{"key": "tier", "value": "silver"}, {"key": "shelf"}], fetch_result=True, **machine)
    assert keys() == ["shelf-mark", "tier"], "another value than it has is left alone"
    asserted("deleteTags", "tags")
    cs.deleteTags(fetch_result=True, **machine)


def test_rows_are_consistent_afterwards(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
