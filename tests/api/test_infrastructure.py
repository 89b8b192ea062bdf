#!/usr/bin/python3
"""Zones, pods, clusters, hosts, storage and physical networks: what each parameter of their commands does, on the simulator; and of every
list command: pages, counts, search.
timeout: 400"""
import contextlib, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _calls import call, idle, listed, names, refused, state, told
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests


@contextlib.contextmanager
def fault(cloud, slot):
    """Nothing is done for the slot meanwhile."""
    cloud.simulator("fault", "action=status", "status=FAILED", "slot=" + slot)
    yield
    cloud.simulator("no-faults")


def prepare(cloud):
    state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    for kind in ("zone", "pod", "cluster", "host", "storagepool", "imagestore", "physicalnetwork"):
        command = "list" + {"zone": "Zones", "pod": "Pods", "cluster": "Clusters", "host": "Hosts", "storagepool": "StoragePools", "imagestore": "ImageStores",
                            "physicalnetwork": "PhysicalNetworks"}[kind]
        state["first " + kind] = listed(command, **({"type": "Routing"} if kind == "host" else {}))[0]
    state["domain"] = call("createDomain", name="owner")["id"]


# ---- zones ----

def test_a_zone_is_as_it_was_asked_for(cloud):
    sent = {"name": "second", "networktype": "Advanced", "dns1": "192.0.2.1", "dns2": "192.0.2.2", "internaldns1": "192.0.2.3", "internaldns2": "192.0.2.4",
            "ip6dns1": "2001:db8::1", "ip6dns2": "2001:db8::2", "guestcidraddress": "10.9.0.0/24", "domain": "second.example", "domainid": state["domain"],
            "localstorageenabled": "true", "allocationstate": "Disabled", "storageaccessgroups": "ssd,east"}
    zone = call("createZone", isedge="true", **sent)
    told("createZone", zone, sent)
    first = state["first zone"]
    for name in sent:
        assert first.get(name) != zone[name] or name in ("networktype", "internaldns1"), (name, first)
    assert (zone["type"], first["type"]) == ("Edge", "Core"), zone
    asserted("createZone", "isedge")
    assert names("listZones", storageaccessgroup="east") == ["second"] and listed("listZones", storageaccessgroup="eas") == []
    asserted("listZones", "storageaccessgroup")
    state["zone"] = zone["id"]
    assert names("listZones") == ["second", "simulator"]
    assert names("listZones", id=zone["id"]) == ["second"] and names("listZones", ids=zone["id"] + "," + first["id"]) == ["second", "simulator"]
    assert names("listZones", name="second") == ["second"] and names("listZones", networktype="Advanced") == ["second", "simulator"]
    assert names("listZones", networktype="Basic") == [] and names("listZones", domainid=state["domain"]) == ["second"]
    assert "capacity" not in listed("listZones", id=first["id"])[0] and listed("listZones", id=first["id"], showcapacities="true")[0]["capacity"]
    asserted("listZones", "id", "ids", "name", "networktype", "domainid", "showcapacities")
    refused("createZone", name="third", networktype="Advanced", dns1="nowhere", internaldns1="192.0.2.3")
    refused("createZone", name="second", networktype="Advanced", dns1="192.0.2.1", internaldns1="192.0.2.3")
    secure = call("createZone", name="secure", networktype="Advanced", dns1="192.0.2.1", internaldns1="192.0.2.3", securitygroupenabled="true")
    assert secure["securitygroupsenabled"] is True and zone["securitygroupsenabled"] is False, secure
    asserted("createZone", "securitygroupenabled")
    call("deleteZone", id=secure["id"])
    assert names("listZones") == ["second", "simulator"]
    asserted("deleteZone", "id")


def test_a_zone_is_changed(cloud):
    sent = {"name": "renamed", "dns1": "192.0.2.11", "dns2": "192.0.2.12", "internaldns1": "192.0.2.13", "internaldns2": "192.0.2.14", "ip6dns1": "2001:db8::11",
            "ip6dns2": "2001:db8::12", "guestcidraddress": "10.8.0.0/24", "domain": "renamed.example", "localstorageenabled": "false"}
    zone = call("updateZone", id=state["zone"], **sent)
    told("updateZone", zone, sent)
    zone = call("updateZone", id=state["zone"], **{"details[0].key": "colour", "details[0].value": "blue"})
    assert zone["resourcedetails"]["colour"] == "blue", zone
    asserted("updateZone", "id", "details")
    assert zone["dhcpprovider"] != "ConfigDrive"
    zone = call("updateZone", id=zone["id"], dhcpprovider="ConfigDrive", **idle("updateZone"))
    assert zone["dhcpprovider"] == "ConfigDrive", zone
    asserted("updateZone", "dhcpprovider")
    assert "domainid" not in call("updateZone", id=state["zone"], ispublic="true")
    asserted("updateZone", "ispublic")
    assert [each["name"] for each in listed("listZones")] == ["simulator", "renamed"]
    call("updateZone", id=state["zone"], sortkey=1)
    call("updateZone", id=state["first zone"]["id"], sortkey=2)
    assert [each["name"] for each in listed("listZones")] == ["renamed", "simulator"]
    asserted("updateZone", "sortkey")


# ---- physical networks ----

def test_a_physical_network_and_its_traffic(cloud):
    sent = {"name": "cable", "vlan": "300-310", "isolationmethods": "VLAN", "networkspeed": "10G", "broadcastdomainrange": "Zone", "tags": "blue", "domainid": state["domain"]}
    network = call("createPhysicalNetwork", zoneid=state["zone"], **sent)
    told("createPhysicalNetwork", network, sent, broadcastdomainrange="broadcastdomainrange")
    state["physical"] = network["id"]
    assert names("listPhysicalNetworks", name="cable") == ["cable"] and names("listPhysicalNetworks", id=network["id"]) == ["cable"]
    assert names("listPhysicalNetworks", zoneid=state["zone"]) == ["cable"] and len(listed("listPhysicalNetworks")) == 2
    asserted("listPhysicalNetworks", "name", "id", "zoneid")
    changed = call("updatePhysicalNetwork", id=network["id"], networkspeed="1G", tags="green", vlan="300-320")
    assert (changed["networkspeed"], changed["tags"], changed["vlan"]) == ("1G", "green", "300-320"), changed
    asserted("updatePhysicalNetwork", "networkspeed", "tags", "vlan")
    labels = {name + "networklabel": "bridge-" + name for name in ("kvm", "xen", "vmware", "hyperv", "ovm3")}
    guest = call("addTrafficType", physicalnetworkid=network["id"], traffictype="Guest", **labels, **idle("addTrafficType"))
    told("addTrafficType", guest, labels)
    labels = {name: value + "-2" for name, value in labels.items()}
    changed = call("updateTrafficType", id=guest["id"], **labels)
    told("updateTrafficType", changed, labels)
    asserted("updateTrafficType", "id")
    call("addTrafficType", physicalnetworkid=network["id"], traffictype="Public")
    assert names("listTrafficTypes", "traffictype", physicalnetworkid=network["id"]) == ["Guest", "Public"]
    asserted("listTrafficTypes", "physicalnetworkid")
    extra = call("addTrafficType", physicalnetworkid=network["id"], traffictype="Storage")
    call("deleteTrafficType", id=extra["id"])
    assert names("listTrafficTypes", "traffictype", physicalnetworkid=network["id"]) == ["Guest", "Public"]
    asserted("deleteTrafficType", "id")
    call("updatePhysicalNetwork", id=network["id"], state="Enabled")
    spare = call("createPhysicalNetwork", zoneid=state["zone"], name="spare")
    call("deletePhysicalNetwork", id=spare["id"])
    assert names("listPhysicalNetworks", zoneid=state["zone"]) == ["cable"]
    asserted("deletePhysicalNetwork", "id")


def test_providers_of_a_physical_network(cloud):
    before = {each["name"] for each in listed("listNetworkServiceProviders", physicalnetworkid=state["physical"])}
    there = listed("listNetworkServiceProviders", physicalnetworkid=state["physical"], name="InternalLbVm")[0]
    call("deleteNetworkServiceProvider", id=there["id"])
    assert before - {each["name"] for each in listed("listNetworkServiceProviders", physicalnetworkid=state["physical"])} == {"InternalLbVm"}
    asserted("deleteNetworkServiceProvider", "id")
    refused("addNetworkServiceProvider", physicalnetworkid=state["physical"], name="Nobody", servicelist="Lb")
    made = call("addNetworkServiceProvider", physicalnetworkid=state["physical"], name="InternalLbVm", servicelist="Lb",
                destinationphysicalnetworkid=state["first physicalnetwork"]["id"])
    told("addNetworkServiceProvider", made, {"destinationphysicalnetworkid": state["first physicalnetwork"]["id"]})
    assert "destinationphysicalnetworkid" not in there, there
    assert made["name"] == "InternalLbVm" and made["state"] == "Disabled" and made["physicalnetworkid"] == state["physical"] and made["servicelist"] == ["Lb"], made
    asserted("addNetworkServiceProvider", "name", "physicalnetworkid", "servicelist")
    router = listed("listNetworkServiceProviders", physicalnetworkid=state["physical"], name="VirtualRouter")[0]
    refused("updateNetworkServiceProvider", id=made["id"], servicelist="Lb,SourceNat")
    changed = call("updateNetworkServiceProvider", id=router["id"], servicelist="Dhcp,Lb,SourceNat")
    assert sorted(changed["servicelist"]) == ["Dhcp", "Lb", "SourceNat"] != sorted(router["servicelist"]), changed
    asserted("updateNetworkServiceProvider", "servicelist")
    element = listed("listVirtualRouterElements", nspid=router["id"])[0]
    assert listed("listVirtualRouterElements", id=element["id"]) == [element] and listed("listVirtualRouterElements", nspid=router["id"], enabled="true") == []
    call("configureVirtualRouterElement", id=element["id"], enabled="true")
    assert [each["id"] for each in listed("listVirtualRouterElements", nspid=router["id"], enabled="true")] == [element["id"]]
    asserted("listVirtualRouterElements", "id", "enabled")
    call("updateNetworkServiceProvider", id=router["id"], state="Enabled")
    assert names("listNetworkServiceProviders", physicalnetworkid=state["physical"], state="Enabled") == ["VirtualRouter"]
    asserted("listNetworkServiceProviders", "state")
    one = listed("listSupportedNetworkServices", service="Lb")
    assert [each["name"] for each in one] == ["Lb"] and len(listed("listSupportedNetworkServices")) > 5
    assert "Lb" in names("listSupportedNetworkServices", provider="VirtualRouter") and listed("listSupportedNetworkServices", provider="Nobody") == []
    asserted("listSupportedNetworkServices", "service", "provider")


def test_ranges_of_public_addresses(cloud):
    sent = {"gateway": "203.0.113.1", "netmask": "255.255.255.0", "startip": "203.0.113.10", "endip": "203.0.113.20", "forvirtualnetwork": "true"}
    made = call("createVlanIpRange", zoneid=state["zone"], physicalnetworkid=state["physical"], vlan="77", **sent)
    told("createVlanIpRange", made, sent)
    assert made["vlan"] in ("77", "vlan://77"), made
    asserted("createVlanIpRange", "vlan")
    owned = call("createVlanIpRange", zoneid=state["zone"], physicalnetworkid=state["physical"], vlan="78", gateway="198.18.0.1", netmask="255.255.255.0",
                 startip="198.18.0.10", endip="198.18.0.12", forvirtualnetwork="true", account="admin", domainid=listed("listDomains", name="ROOT")[0]["id"])
    assert owned["account"] == "admin", owned
    asserted("createVlanIpRange", "account", "domainid")
    assert [each["id"] for each in listed("listVlanIpRanges", id=made["id"])] == [made["id"]]
    assert [each["id"] for each in listed("listVlanIpRanges", zoneid=state["zone"], vlan="77")] == [made["id"]]
    assert [each["id"] for each in listed("listVlanIpRanges", zoneid=state["zone"], account="admin", domainid=owned["domainid"])] == [owned["id"]]
    assert len(listed("listVlanIpRanges")) == 3 and len(listed("listVlanIpRanges", zoneid=state["zone"])) == 2
    assert len(listed("listVlanIpRanges", physicalnetworkid=state["physical"])) == 2 and len(listed("listVlanIpRanges", forvirtualnetwork="false")) == 0
    asserted("listVlanIpRanges", "id", "zoneid", "vlan", "account", "domainid", "physicalnetworkid", "forvirtualnetwork")
    refused("createVlanIpRange", zoneid=state["zone"], physicalnetworkid=state["physical"], vlan="77", gateway="203.0.113.1", netmask="255.255.255.0",
            startip="203.0.113.15", endip="203.0.113.30", forvirtualnetwork="true")
    project = call("createProject", name="ranges", displaytext="ranges")["id"]
    theirs = call("createVlanIpRange", zoneid=state["zone"], vlan="79", gateway="198.18.1.1", netmask="255.255.255.0", startip="198.18.1.10", endip="198.18.1.12",
                  projectid=project, forsystemvms="true")
    assert (theirs["projectid"], theirs["project"], theirs["forsystemvms"], made["forsystemvms"]) == (project, "ranges", True, False), theirs
    assert [each["id"] for each in listed("listVlanIpRanges", projectid=project)] == [theirs["id"]]
    assert [each["id"] for each in listed("listVlanIpRanges", keyword="198.18.1.")] == [theirs["id"]]
    asserted("createVlanIpRange", "projectid", "forsystemvms")
    asserted("listVlanIpRanges", "projectid", "keyword")
    call("deleteVlanIpRange", id=theirs["id"])
    call("deleteVlanIpRange", id=owned["id"])
    assert [each["id"] for each in listed("listVlanIpRanges", zoneid=state["zone"])] == [made["id"]]
    asserted("deleteVlanIpRange", "id")


# ---- pods, clusters, hosts ----

def test_a_pod_is_made_and_changed(cloud):
    sent = {"name": "second-pod", "gateway": "192.0.2.1", "netmask": "255.255.255.0", "allocationstate": "Disabled", "storageaccessgroups": "pod-group"}
    pod = call("createPod", zoneid=state["zone"], startip="192.0.2.10", endip="192.0.2.50", **sent)
    told("createPod", pod, sent)
    assert (pod["startip"], pod["endip"]) == (["192.0.2.10"], ["192.0.2.50"]), pod
    asserted("createPod", "startip", "endip")
    state["pod"] = pod["id"]
    assert names("listPods") == ["second-pod", "simulator-pod"] and names("listPods", id=pod["id"]) == ["second-pod"]
    assert names("listPods", name="second-pod") == ["second-pod"] and names("listPods", zoneid=state["zone"]) == ["second-pod"]
    assert names("listPods", allocationstate="Disabled") == names("listPods", storageaccessgroup="pod-group") == ["second-pod"]
    assert listed("listPods", storageaccessgroup="other") == [] and pod["zonestorageaccessgroups"] == "ssd,east", pod
    asserted("listPods", "storageaccessgroup")
    assert "capacity" not in listed("listPods")[0] and listed("listPods", id=state["first pod"]["id"], showcapacities="true")[0]["capacity"]
    asserted("listPods", "id", "name", "zoneid", "allocationstate", "showcapacities")
    sent = {"name": "other-pod", "gateway": "192.0.2.2", "netmask": "255.255.255.128", "allocationstate": "Enabled"}
    changed = call("updatePod", id=pod["id"], startip="192.0.2.11", endip="192.0.2.60", **sent)
    told("updatePod", changed, sent)
    assert (changed["startip"], changed["endip"]) == (["192.0.2.11"], ["192.0.2.60"]), changed
    asserted("updatePod", "id", "startip", "endip")
    sent = {"vlan": "untagged", "gateway": "198.18.2.1", "netmask": "255.255.255.0", "startip": "198.18.2.10", "endip": "198.18.2.12", "podid": pod["id"]}
    refused("createVlanIpRange", zoneid=state["first zone"]["id"], **sent)
    mine = call("createVlanIpRange", zoneid=state["zone"], **sent)
    assert [each["id"] for each in listed("listVlanIpRanges", podid=pod["id"])] == [mine["id"]]
    asserted("listVlanIpRanges", "podid")
    call("deleteVlanIpRange", id=mine["id"])
    spare = call("createPod", zoneid=state["zone"], name="spare", gateway="192.0.3.1", netmask="255.255.255.0", startip="192.0.3.10", endip="192.0.3.50")
    call("deletePod", id=spare["id"])
    assert names("listPods", zoneid=state["zone"]) == ["other-pod"]
    asserted("deletePod", "id")


def test_a_cluster_is_made_and_changed(cloud):
    sent = {"clustertype": "CloudManaged", "allocationstate": "Disabled", "arch": "aarch64", "storageaccessgroups": "cluster-group"}
    (cluster,) = call("addCluster", zoneid=state["zone"], podid=state["pod"], clustername="second-cluster", hypervisor="Simulator", **sent, **idle("addCluster"))
    told("addCluster", cluster, sent)
    assert (cluster["podstorageaccessgroups"], cluster["zonestorageaccessgroups"]) == ("pod-group", "ssd,east"), cluster
    assert names("listClusters", storageaccessgroup="cluster-group") == ["second-cluster"] and listed("listClusters", storageaccessgroup="other") == []
    asserted("listClusters", "storageaccessgroup")
    assert cluster["name"] == "second-cluster" and cluster["hypervisortype"] == "Simulator", cluster
    asserted("addCluster", "clustername", "hypervisor")
    state["cluster"] = cluster["id"]
    assert names("listClusters", id=cluster["id"]) == names("listClusters", name="second-cluster") == names("listClusters", podid=state["pod"]) == ["second-cluster"]
    assert names("listClusters", zoneid=state["zone"]) == names("listClusters", allocationstate="Disabled") == names("listClusters", arch="aarch64") == ["second-cluster"]
    assert len(listed("listClusters", hypervisor="Simulator")) == 2 and listed("listClusters", hypervisor="KVM") == []
    assert len(listed("listClusters", clustertype="CloudManaged")) == 2 and listed("listClusters", clustertype="ExternalManaged") == []
    assert listed("listClusters", id=state["first cluster"]["id"], showcapacities="true")[0]["capacity"] and "capacity" not in listed("listClusters")[0]
    asserted("listClusters", "id", "name", "podid", "zoneid", "allocationstate", "arch", "hypervisor", "clustertype", "showcapacities")
    changed = call("updateCluster", id=cluster["id"], clustername="renamed-cluster", allocationstate="Enabled", arch="x86_64")
    assert (changed["name"], changed["allocationstate"], changed["arch"]) == ("renamed-cluster", "Enabled", "x86_64"), changed
    changed = call("updateCluster", id=cluster["id"], managedstate="Unmanaged")
    assert changed["managedstate"] == "Unmanaged" and names("listClusters", managedstate="Unmanaged") == ["renamed-cluster"], changed
    asserted("updateCluster", "id", "clustername", "allocationstate", "arch", "managedstate")
    asserted("listClusters", "managedstate")
    call("updateCluster", id=cluster["id"], managedstate="Managed")
    refused("updateCluster", id=cluster["id"], hypervisor="KVM")  # its hosts are what they are
    changed = call("updateCluster", id=cluster["id"], clustertype="ExternalManaged", hypervisor="Simulator", **idle("updateCluster"))
    assert (changed["clustertype"], changed["hypervisortype"]) == ("ExternalManaged", "Simulator"), changed
    assert names("listClusters", clustertype="ExternalManaged") == ["renamed-cluster"]
    asserted("updateCluster", "clustertype", "hypervisor")
    call("updateCluster", id=cluster["id"], clustertype="CloudManaged")
    (spare,) = call("addCluster", zoneid=state["zone"], podid=state["pod"], clustername="spare", hypervisor="Simulator", clustertype="CloudManaged")
    call("deleteCluster", id=spare["id"])
    assert names("listClusters", zoneid=state["zone"]) == ["renamed-cluster"]
    asserted("deleteCluster", "id")


def test_a_host_is_added_changed_and_removed(cloud):
    placed = {"storageaccessgroups": "host-group", "clusterstorageaccessgroups": "cluster-group", "podstorageaccessgroups": "pod-group",
              "zonestorageaccessgroups": "ssd,east"}
    (host,) = call("addHost", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], hypervisor="Simulator", url="http://sim/second/h0", username="root",
                   password="simulator", hosttags="fast", allocationstate="Disabled", storageaccessgroups="host-group", **idle("addHost"))
    assert {name: host[name] for name in placed} == placed, host
    assert names("listHosts", storageaccessgroup="host-group") == [host["name"]] and listed("listHosts", storageaccessgroup="host") == []
    assert host["hosttags"] == "fast" and host["resourcestate"] == "Disabled" and host["hypervisor"] == "Simulator" and host["clusterid"] == state["cluster"], host
    assert host["podid"] == state["pod"] and host["zoneid"] == state["zone"], host
    asserted("addHost", "hosttags", "allocationstate", "hypervisor", "url", "username", "password", "storageaccessgroups")
    asserted("listHosts", "storageaccessgroup")
    refused("addHost", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], hypervisor="Simulator", url="http://sim/second/h0", username="root", password="simulator")
    refused("addHost", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], hypervisor="KVM", url="http://sim/second/h1", username="root", password="simulator")
    (other,) = call("addHost", zoneid=state["zone"], podid=state["pod"], clustername="renamed-cluster", hypervisor="Simulator", url="http://sim/second/h1", username="root",
                    password="simulator")
    assert other["clusterid"] == state["cluster"], other
    asserted("addHost", "clustername")
    everything = names("listHosts", type="Routing")
    assert len(everything) == 4 and names("listHosts", name=host["name"]) == [host["name"]]
    second = sorted((host["name"], other["name"]))
    for name, value in (("zoneid", state["zone"]), ("podid", state["pod"]), ("clusterid", state["cluster"])):
        assert names("listHosts", type="Routing", **{name: value}) == second, name
        asserted("listHosts", name)
    assert names("listHosts", type="Routing", resourcestate="Disabled") == [host["name"]] and names("listHosts", type="Routing", state="Up") == everything
    assert names("listHosts", type="Routing", state="Down") == [] and names("listHosts", hypervisor="Simulator", type="Routing") == everything
    assert names("listHosts", hypervisor="KVM") == [] and names("listHosts", type="Routing", arch="x86_64") == everything and names("listHosts", arch="aarch64") == []
    assert names("listHosts", type="Routing", version=host["version"]) == everything and names("listHosts", version="0.0") == []
    assert names("listHosts", hahost="true") == names("listHosts", outofbandmanagementenabled="true") == []
    assert names("listHosts", type="Routing", outofbandmanagementenabled="false") == everything
    asserted("listHosts", "outofbandmanagementenabled", "name", "resourcestate", "state", "hypervisor", "arch", "version", "hahost")
    call("updateHost", id=host["id"], allocationstate="Enable")
    assert listed("listHosts", id=host["id"])[0]["resourcestate"] == "Enabled"
    asserted("updateHost", "allocationstate")
    category = listed("listOsCategories")[0]
    changed = call("updateHost", id=host["id"], oscategoryid=category["id"], url="http://sim/second/h7", **idle("updateHost"))
    assert (changed["oscategoryid"], changed["oscategoryname"]) == (category["id"], category["name"]) and "oscategoryid" not in other, changed
    assert cloud.rows("SELECT url FROM host WHERE uuid = '%s'" % host["id"]) == [["http://sim/second/h7"]]
    call("updateHost", id=host["id"], url="http://sim/second/h0")
    asserted("updateHost", "oscategoryid", "url")
    again = call("reconnectHost", id=other["id"])
    assert again["id"] == other["id"] and again["state"] == "Up", again
    asserted("reconnectHost", "id")
    checks = listed("listHostChecks", hostid=other["id"])
    assert checks, "a host without a report"
    asserted("listHostChecks", "hostid")
    refused("deleteZone", id=state["zone"])
    with fault(cloud, "host_remove"):
        refused("deleteHost", id=host["id"])
        call("deleteHost", id=host["id"], forced="true", **idle("deleteHost"))
    asserted("deleteHost", "forced")
    call("updateHost", id=other["id"], allocationstate="Disable")
    assert names("listHosts", zoneid=state["zone"], type="Routing") == [other["name"]]
    call("updateHost", id=other["id"], allocationstate="Enable")
    asserted("deleteHost", "id")
    state["host"] = other["id"]


def test_a_host_with_machines_does_not_go(cloud):
    first = state["first zone"]["id"]
    host = listed("listHosts", zoneid=first, type="Routing")[1]
    template = listed("listTemplates", templatefilter="all", name="tiny")[0]["id"]
    machine = call("deployVirtualMachine", zoneid=first, templateid=template, serviceofferingid=listed("listServiceOfferings")[0]["id"], hostid=host["id"])
    assert machine["hostid"] == host["id"], machine
    refused("deleteHost", id=host["id"])
    refused("deleteHost", id=host["id"], forced="true")
    call("destroyVirtualMachine", id=machine["id"], expunge="true")


# ---- storage ----

def test_a_pool_is_made_changed_and_removed(cloud):
    sent = {"name": "second-pool", "scope": "CLUSTER", "tags": "quick", "capacityiops": 5000, "provider": "DefaultPrimary", "storageaccessgroups": "pool-group"}
    pool = call("createStoragePool", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], url="nfs://10.1.2.3/second", hypervisor="Simulator",
                **sent, **idle("createStoragePool"), **{"details[0].key": "colour", "details[0].value": "blue"})
    told("createStoragePool", pool, sent)
    assert pool["details"] == {"simulator.url": "nfs://10.1.2.3/second"}, pool
    assert json.loads(cloud.simulator("dump"))["pools"][pool["id"]]["details"]["colour"] == "blue"
    asserted("createStoragePool", "details")
    assert names("listStoragePools", storageaccessgroup="pool-group") == ["second-pool"] and listed("listStoragePools", storageaccessgroup="pool") == []
    asserted("listStoragePools", "storageaccessgroup")
    assert pool["ipaddress"] == "10.1.2.3" and pool["path"] == "/second" and pool["hypervisor"] == "Simulator", pool
    asserted("createStoragePool", "url", "hypervisor")
    state["pool"] = pool["id"]
    for name, value in (("id", pool["id"]), ("name", "second-pool"), ("zoneid", state["zone"]), ("podid", state["pod"]), ("clusterid", state["cluster"]),
                        ("ipaddress", "10.1.2.3"), ("path", "/second"), ("hostid", state["host"])):
        assert names("listStoragePools", **{name: value}) == ["second-pool"], (name, names("listStoragePools", **{name: value}))
        asserted("listStoragePools", name)
    refused("updateStoragePool", id=pool["id"], capacitybytes=1 << 40)  # the storage says how large it is
    sent = {"managed": "true", "capacitybytes": 5 << 30}
    array = call("createStoragePool", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], name="array", url="nfs://10.1.2.3/array",
                 hypervisor="Simulator", **sent)
    told("createStoragePool", array, sent)
    assert (pool["managed"], array["disksizetotal"]) == (False, 5 << 30) and pool["capacitybytes"] != 5 << 30, (pool, array)
    changed = call("updateStoragePool", id=array["id"], capacitybytes=6 << 30, **idle("updateStoragePool"))
    assert changed["capacitybytes"] == changed["disksizetotal"] == 6 << 30, changed
    asserted("updateStoragePool", "capacitybytes")
    call("enableStorageMaintenance", id=array["id"])
    with fault(cloud, "pool_remove"):
        refused("deleteStoragePool", id=array["id"])
        call("deleteStoragePool", id=array["id"], forced="true")
    assert listed("listStoragePools", name="array") == []
    asserted("deleteStoragePool", "forced")
    assert len(listed("listStoragePools", scope="CLUSTER")) == 2 and listed("listStoragePools", scope="ZONE") == []
    assert len(listed("listStoragePools", status="Up")) == 2 and listed("listStoragePools", status="Maintenance") == []
    changed = call("updateStoragePool", id=pool["id"], name="renamed-pool", tags="slow", capacityiops=6000)
    assert (changed["name"], changed["tags"], changed["capacityiops"]) == ("renamed-pool", "slow", 6000), changed
    changed = call("updateStoragePool", id=pool["id"], enabled="false")
    assert changed["state"] == "Disabled" and names("listStoragePools", status="Disabled") == ["renamed-pool"], changed
    assert call("updateStoragePool", id=pool["id"], enabled="true")["state"] == "Up"
    asserted("updateStoragePool", "id", "name", "tags", "capacityiops", "enabled")
    asserted("listStoragePools", "scope", "status")
    assert call("enableStorageMaintenance", id=pool["id"])["state"] == "Maintenance"
    assert call("cancelStorageMaintenance", id=pool["id"])["state"] == "Up"
    asserted("enableStorageMaintenance", "id")
    asserted("cancelStorageMaintenance", "id")
    call("deleteStoragePool", id=pool["id"])
    assert len(listed("listStoragePools")) == 1
    asserted("deleteStoragePool", "id")
    everything = names("listStorageProviders", type="primary")
    assert everything and names("listStorageProviders", type="image") and set(names("listStorageProviders", type="image")).isdisjoint(everything)
    asserted("listStorageProviders", "type")
    call("createStoragePool", zoneid=state["zone"], podid=state["pod"], clusterid=state["cluster"], name="stays", url="nfs://10.1.2.3/stays", hypervisor="Simulator")


def test_image_stores(cloud):
    sent = {"name": "second-images"}
    store = call("addImageStore", zoneid=state["zone"], provider="NFS", url="nfs://10.1.2.3/images", **sent, **{"details[0].key": "depth", "details[0].value": "deep"})
    told("addImageStore", store, sent)
    assert store["providername"] == "NFS" and store["protocol"] == "nfs" and store["url"] == "nfs://10.1.2.3/images", store
    asserted("addImageStore", "provider", "url", "details")
    for name, value in (("id", store["id"]), ("name", "second-images"), ("zoneid", state["zone"])):
        assert names("listImageStores", **{name: value}) == ["second-images"], name
        asserted("listImageStores", name)
    assert len(listed("listImageStores", protocol="nfs")) == 2 and listed("listImageStores", protocol="s3") == []
    assert len(listed("listImageStores", provider="NFS")) == 2 and listed("listImageStores", provider="S3") == []
    assert len(listed("listImageStores", readonly="false")) == 2 and listed("listImageStores", readonly="true") == []
    asserted("listImageStores", "protocol", "provider", "readonly")
    spare = call("addImageStore", zoneid=state["zone"], provider="NFS", url="nfs://10.1.2.3/spare", name="spare")
    call("deleteImageStore", id=spare["id"])
    assert names("listImageStores", zoneid=state["zone"]) == ["second-images"]
    asserted("deleteImageStore", "id")


# ---- what there is room for ----

def test_capacity_by_place_and_kind(cloud):
    everything = listed("listCapacity")
    kinds = {each["type"] for each in everything}
    assert {0, 1} <= kinds, kinds
    assert {each["type"] for each in listed("listCapacity", type=1)} == {1}
    first = state["first zone"]["id"]
    assert {each["zoneid"] for each in listed("listCapacity", zoneid=first)} == {first} and len({each["zoneid"] for each in everything}) == 2
    for name, value in (("podid", state["pod"]), ("clusterid", state["cluster"])):
        assert {each["zoneid"] for each in listed("listCapacity", **{name: value})} == {state["zone"]}, name
        asserted("listCapacity", name)
    by_use = [float(each["percentused"]) for each in listed("listCapacity", sortby="usage")]
    assert by_use == sorted(by_use, reverse=True), by_use
    asserted("listCapacity", "type", "zoneid", "sortby")
    assert names("listHypervisors") == names("listHypervisors", zoneid=state["zone"]) == ["Simulator"]
    empty = call("createZone", name="empty", networktype="Advanced", dns1="192.0.2.1", internaldns1="192.0.2.3")
    assert names("listHypervisors", zoneid=empty["id"]) == []
    call("deleteZone", id=empty["id"])
    asserted("listHypervisors", "zoneid")


def test_guest_systems(cloud):
    categories, types = listed("listOsCategories"), listed("listOsTypes", pagesize=-1)
    one = categories[0]
    assert [each["id"] for each in listed("listOsCategories", id=one["id"])] == [each["id"] for each in listed("listOsCategories", name=one["name"])] == [one["id"]]
    asserted("listOsCategories", "id", "name")
    first, second = types[0], types[1]
    assert [each["id"] for each in listed("listOsTypes", id=first["id"])] == [first["id"]]
    assert {each["id"] for each in listed("listOsTypes", ids=first["id"] + "," + second["id"])} == {first["id"], second["id"]}
    shown = {each["id"] for each in listed("listOsTypes", pagesize=-1, fordisplay="true")}
    hidden = {each["id"] for each in listed("listOsTypes", pagesize=-1, fordisplay="false")}
    assert shown == {each["id"] for each in types} and not hidden & shown, hidden
    asserted("listOsTypes", "fordisplay")
    of_one = listed("listOsTypes", oscategoryid=first["oscategoryid"])
    assert {each["oscategoryid"] for each in of_one} == {first["oscategoryid"]} and len(of_one) < len(types)
    asserted("listOsTypes", "id", "ids", "oscategoryid")


# ---- all lists ----

NEEDS = {"listTemplates": {"templatefilter": "all"}, "listIsos": {"isofilter": "all"}}
CHANGING = ("listEvents", "listAsyncJobs", "listTasks", "listAuditRecords", "listManagementServersMetrics")  # by being looked at
ELSEWHERE = ("listLdapUsers",)  # asks a directory


def shown(command, **more):
    reply = getattr(state["admin"], command)(**dict(NEEDS.get(command, {}), **more))
    assert reply.status == 200, (command, reply.body)
    lists = [value for value in reply.inner.values() if isinstance(value, list)]
    return reply.inner.get("count", 0), lists[0] if lists else []


def test_what_has_no_effect_changes_no_list(cloud):
    for api in listed("listApis"):
        if not api["name"].startswith("list") or api["name"] in CHANGING + ELSEWHERE or {each["name"] for each in api["params"] if each["required"]} - set(NEEDS.get(api["name"], {})):
            continue
        sent = idle(api["name"])
        if sent:
            assert shown(api["name"], **sent) == shown(api["name"]), (api["name"], sent)


def pages(command, everything):
    """The first two objects come one a page."""
    seen = [shown(command, page=page, pagesize=1) for page in (1, 2)]
    assert [len(objects) for _, objects in seen] == [1, 1] and all(count == len(everything) for count, _ in seen), (command, seen)
    assert [objects[0].get("id", objects[0]) for _, objects in seen] == [each.get("id", each) for each in everything[:2]], command
    asserted(command, "page", "pagesize")


def test_every_list_pages_counts_and_searches(cloud):
    apis = listed("listApis")
    tried = 0
    for api in apis:
        known = {each["name"] for each in api["params"]}
        required = {each["name"] for each in api["params"] if each["required"]} - set(NEEDS.get(api["name"], {}))
        if not api["name"].startswith("list") or required or not {"page", "pagesize"} <= known or api["name"] in CHANGING + ELSEWHERE:
            continue
        count, everything = shown(api["name"], pagesize=500, page=1)
        if len(everything) < 2:
            continue
        tried += 1
        pages(api["name"], everything)
        if "retrieveonlyresourcecount" in known:
            assert shown(api["name"], retrieveonlyresourcecount="true") == (count, []), api["name"]
            asserted(api["name"], "retrieveonlyresourcecount")
        word = next((everything[0][each] for each in ("name", "description", "username", "displaytext") if everything[0].get(each)), None)
        if "keyword" in known and word:
            found = shown(api["name"], keyword=word, pagesize=500, page=1)[1]
            assert everything[0] in found and shown(api["name"], keyword="no such thing anywhere")[1] == [], (api["name"], word, found)
            asserted(api["name"], "keyword")
    assert tried > 15, tried


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
