#!/usr/bin/python3
"""An unmodified client builds a zone from nothing by the sequence that deployment tools drive, and takes a machine through its life.
Afterwards nothing is left at the simulator, and the consistency queries find nothing."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests

ids = {}


def one(reply, key):
    found = reply[key] if isinstance(reply, dict) and key in reply else reply
    return found[0] if isinstance(found, list) else found


def test_zone_is_built_by_the_usual_sequence(cloud, cs):
    zone = one(cs.createZone(name="second", dns1="192.0.2.53", internaldns1="192.0.2.53", networktype="Advanced",
                             guestcidraddress="10.1.1.0/24", method="post"), "zone")
    assert zone["allocationstate"] == "Disabled" and zone["networktype"] == "Advanced", zone
    network = one(cs.createPhysicalNetwork(zoneid=zone["id"], name="second-net", vlan="100-300", isolationmethods="VLAN", fetch_result=True),
                  "physicalnetwork")
    for traffic in ("Guest", "Management", "Public"):
        made = one(cs.addTrafficType(physicalnetworkid=network["id"], traffictype=traffic, fetch_result=True), "traffictype")
        assert made["traffictype"] == traffic, made
    cs.updatePhysicalNetwork(id=network["id"], state="Enabled", fetch_result=True)
    provider = one(cs.listNetworkServiceProviders(physicalnetworkid=network["id"], name="VirtualRouter"), "networkserviceprovider")
    element = one(cs.listVirtualRouterElements(nspid=provider["id"]), "virtualrouterelement")
    cs.configureVirtualRouterElement(id=element["id"], enabled=True, fetch_result=True)
    cs.updateNetworkServiceProvider(id=provider["id"], state="Enabled", fetch_result=True)
    cs.createVlanIpRange(zoneid=zone["id"], physicalnetworkid=network["id"], forvirtualnetwork=True, vlan="untagged", gateway="203.0.113.1",
                         netmask="255.255.255.0", startip="203.0.113.10", endip="203.0.113.20")
    pod = one(cs.createPod(zoneid=zone["id"], name="second-pod", gateway="192.0.2.1", netmask="255.255.255.0", startip="192.0.2.10",
                           endip="192.0.2.50"), "pod")
    cluster = one(cs.addCluster(zoneid=zone["id"], podid=pod["id"], clustername="second-cluster", hypervisor="Simulator",
                                clustertype="CloudManaged"), "cluster")
    host = one(cs.addHost(zoneid=zone["id"], podid=pod["id"], clusterid=cluster["id"], hypervisor="Simulator", url="http://sim/c0/h0",
                          username="root", password="password"), "host")
    assert host["state"] == "Up" and host["resourcestate"] == "Enabled", host
    pool = one(cs.createStoragePool(zoneid=zone["id"], podid=pod["id"], clusterid=cluster["id"], name="second-primary", url="nfs://10.147.28.6/second"),
               "storagepool")
    assert pool["state"] == "Up", pool
    cs.addImageStore(zoneid=zone["id"], name="second-secondary", provider="NFS", url="nfs://10.147.28.6/second-images")
    zone = one(cs.updateZone(id=zone["id"], allocationstate="Enabled"), "zone")
    assert zone["allocationstate"] == "Enabled", zone
    cs.updateConfiguration(name="expunge.delay", value="60")
    ids.update(zone=zone["id"], host=host["id"])


def test_image_and_size_are_offered(cloud, cs):
    os_type = one(cs.listOsTypes(description="Other Linux (64-bit)"), "ostype")
    image = one(cs.registerTemplate(name="second-image", displaytext="Second image", format="QCOW2", hypervisor="Simulator",
                                    url="http://sim/images/second.qcow2", zoneid=ids["zone"], ostypeid=os_type["id"], ispublic=True), "template")
    for _ in range(100):
        image = one(cs.listTemplates(templatefilter="self", id=image["id"]), "template")
        if image["isready"]:
            break
        __import__("time").sleep(0.1)
    assert image["isready"], image
    size = one(cs.createServiceOffering(name="second-size", displaytext="1 CPU", cpunumber=1, cpuspeed=500, memory=512), "serviceoffering")
    ids.update(image=image["id"], size=size["id"])


def test_machine_lives_through_all_its_states(cloud, cs):
    machine = cs.deployVirtualMachine(zoneid=ids["zone"], templateid=ids["image"], serviceofferingid=ids["size"], name="first",
                                      fetch_result=True)["virtualmachine"]
    assert machine["state"] == "Running" and machine["name"] == "first", machine
    assert machine["nic"][0]["ipaddress"] and machine["hostid"] == ids["host"], machine
    listed = cs.listVirtualMachines(id=machine["id"])
    assert listed["count"] == 1 and listed["virtualmachine"][0]["state"] == "Running", listed
    guests = json.loads(cloud.simulator("dump"))["guests"]
    assert machine["id"] in json.dumps(guests), guests
    for command, state in ((cs.stopVirtualMachine, "Stopped"), (cs.startVirtualMachine, "Running"), (cs.rebootVirtualMachine, "Running"),
                           (cs.destroyVirtualMachine, "Destroyed")):
        machine = command(id=machine["id"], fetch_result=True)["virtualmachine"]
        assert machine["state"] == state, (command, machine)
    assert cs.recoverVirtualMachine(id=machine["id"])["virtualmachine"]["state"] == "Stopped"
    cs.destroyVirtualMachine(id=machine["id"], fetch_result=True)
    assert cs.expungeVirtualMachine(id=machine["id"], fetch_result=True)["success"]
    ids["machine"] = machine["id"]


def test_gone_machine_answers_as_clients_expect(cloud, cs):
    from cs import CloudStackApiException
    try:
        cs.startVirtualMachine(id=ids["machine"])
        raise AssertionError("an expunged machine was started")
    except CloudStackApiException as refusal:
        assert refusal.error["errorcode"] == 431, refusal.error
        assert "Invalid parameter id value=%s due to incorrect long value format, or entity does not exist" % ids["machine"] \
            in refusal.error["errortext"], refusal.error


def test_plan_changes_nothing_and_says_what_would_happen(cloud, cs):
    before = cs.listVirtualMachines(listall=True)
    plan = cs.deployVirtualMachine(zoneid=ids["zone"], templateid=ids["image"], serviceofferingid=ids["size"], plan="true")["plan"]
    assert plan["possible"] is True and plan["steps"], plan
    huge = cs.createServiceOffering(name="huge", displaytext="too large", cpunumber=64, cpuspeed=4000, memory=4194304)["serviceoffering"]
    plan = cs.deployVirtualMachine(zoneid=ids["zone"], templateid=ids["image"], serviceofferingid=huge["id"], plan="true")["plan"]
    assert plan["possible"] is False and plan["reason"], plan
    assert cs.listVirtualMachines(listall=True) == before


def test_nothing_is_left_behind(cloud, cs):
    state = json.loads(cloud.simulator("dump"))
    assert not state["guests"], state["guests"]
    assert ids["machine"] not in json.dumps(state)
    found = cloud.failed_checks()
    assert not found, found


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud, cloud.api())
    close(*counts)
