#!/usr/bin/python3
"""Network offerings and networks: what each parameter of their commands does, on the simulator.
timeout: 400"""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _calls import call, idle, listed, names, refused, state, told, waited
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests


def prepare(cloud):
    state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    state["zone"] = listed("listZones")[0]["id"]
    state["root"] = listed("listDomains", name="ROOT")[0]["id"]
    state["domain"] = call("createDomain", name="one")["id"]
    state["below"] = call("createDomain", name="below", parentdomainid=state["domain"])["id"]
    for name, domain in (("tenant", "domain"), ("lower", "below")):
        account = call("createAccount", username=name, password="Secret-%s-1" % name, email="o@example.org", firstname="o", lastname="o", accounttype=0,
                       domainid=state[domain])
        keys = call("registerUserKeys", id=account["user"][0]["id"])
        state[name] = Client(cloud.url, keys["apikey"], keys["secretkey"])
    physical = listed("listPhysicalNetworks")[0]
    state["cable"] = call("createPhysicalNetwork", zoneid=state["zone"], name="cable", isolationmethods="VLAN", vlan="300-310", tags="blue")["id"]
    call("addTrafficType", physicalnetworkid=state["cable"], traffictype="Guest")
    call("updatePhysicalNetwork", id=state["cable"], state="Enabled")
    for physical in (physical["id"], state["cable"]):
        provider = listed("listNetworkServiceProviders", physicalnetworkid=physical, name="VirtualRouter")[0]["id"]
        call("configureVirtualRouterElement", id=listed("listVirtualRouterElements", nspid=provider)[0]["id"], enabled="true")
        call("updateNetworkServiceProvider", id=provider, state="Enabled")


def offering(name, **more):
    return call("createNetworkOffering", **dict({"name": name, "guestiptype": "Isolated", "traffictype": "Guest", "enable": "true"}, **more))


def network(name, offering_id, **more):
    return call("createNetwork", **dict({"name": name, "zoneid": state["zone"], "networkofferingid": offering_id, "physicalnetworkid": state["cable"]}, **more))


def at_provider(cloud, uuid):
    return json.loads(cloud.simulator("dump"))["networks"][uuid]


def pairs(name, *entries):
    return {"%s[%d].%s" % (name, index, field): value for index, entry in enumerate(entries) for field, value in entry.items()}


# ---- offerings ----

def test_an_offering_is_as_it_was_asked_for(cloud):
    compute = listed("listServiceOfferings")[0]["id"]
    plain = state["plain"] = call("createNetworkOffering", name="plain", guestiptype="Isolated", traffictype="Guest")
    sent = {"name": "rich", "displaytext": "all of it", "guestiptype": "Isolated", "traffictype": "Guest", "availability": "Required", "tags": "blue",
            "conservemode": "false", "egressdefaultpolicy": "true", "forvpc": "true", "ispersistent": "true", "specifyvlan": "true", "specifyipranges": "true",
            "internetprotocol": "DualStack", "networkmode": "ROUTED", "routingmode": "Static", "networkrate": 90, "maxconnections": 500,
            "domainid": state["domain"], "zoneid": state["zone"], "serviceofferingid": compute}
    rich = state["rich"] = call("createNetworkOffering", enable="true", supportedservices="Dhcp,Lb,Dns",
                                **sent, **idle("createNetworkOffering"), **pairs("details", {"key": "colour", "value": "blue"}),
                                **pairs("serviceproviderlist", {"service": "Lb", "provider": "InternalLbVm"}),
                                **pairs("servicecapabilitylist", {"service": "Lb", "capabilitytype": "LbSchemes", "capabilityvalue": "Internal"}))
    told("createNetworkOffering", rich, sent)
    for name in set(sent) - {"guestiptype", "traffictype"}:
        assert plain.get(name) != rich[name], name
    assert (plain["state"], rich["state"]) == ("Disabled", "Enabled") and "details" not in plain and rich["details"] == {"colour": "blue"}, rich
    assert (rich["domain"], rich["zone"]) == ("one", "simulator"), rich
    services = {each["name"]: each for each in rich["service"]}
    assert sorted(services) == ["Dhcp", "Dns", "Lb"] and plain["service"] == [], (services, plain)
    assert [each["name"] for each in services["Lb"]["provider"]] == ["InternalLbVm"] and services["Dhcp"]["provider"][0]["name"] == "VirtualRouter", services
    (usual,) = listed("listSupportedNetworkServices", service="Lb")
    scheme = [{each["name"]: each["value"] for each in service["capability"]}["LbSchemes"] for service in (services["Lb"], usual)]
    assert scheme == ["Internal", "Public"], scheme
    asserted("createNetworkOffering", "enable", "details", "supportedservices", "serviceproviderlist", "servicecapabilitylist")
    shared = offering("shared", guestiptype="Shared")
    assert shared["guestiptype"] == "Shared" and shared["specifyvlan"] and shared["specifyipranges"], shared
    state["shared"] = shared["id"]


def test_offerings_that_promise_nonsense_are_refused(cloud):
    for wrong in ({"guestiptype": "Round"}, {"traffictype": "Public"}, {"availability": "Never"}, {"internetprotocol": "IPX"}, {"networkmode": "x"},
                  {"routingmode": "x"}, {"networkrate": -1}, {"maxconnections": 0}, {"supportedservices": "Coffee"}, {"name": "rich"},
                  {"supportedservices": "SourceNat", "guestiptype": "Shared"}, {"supportedservices": "Dhcp", "guestiptype": "L2"},
                  pairs("serviceproviderlist", {"service": "Dhcp", "provider": "InternalLbVm"}),
                  pairs("servicecapabilitylist", {"service": "Lb", "capabilitytype": "LbSchemes", "capabilityvalue": "Internal"}),
                  dict(pairs("servicecapabilitylist", {"service": "Lb", "capabilitytype": "Colour", "capabilityvalue": "x"}), supportedservices="Lb")):
        refused("createNetworkOffering", **dict({"name": "wrong", "guestiptype": "Isolated", "traffictype": "Guest"}, **wrong))
    assert listed("listNetworkOfferings", name="wrong") == []


def test_offerings_are_found_by_what_they_say(cloud):
    everything = names("listNetworkOfferings")
    for name, value in {"displaytext": "all of it", "availability": "Required", "forvpc": "true", "routingmode": "Static", "tags": "blue",
                        "specifyvlan": "true", "specifyipranges": "true", "istagged": "true", "supportedservices": "Lb,Dhcp"}.items():
        found = names("listNetworkOfferings", **{name: value})
        assert "rich" in found and "plain" not in found and found != everything, (name, found)
        asserted("listNetworkOfferings", name)
    for name in ("forvpc", "specifyvlan", "specifyipranges", "istagged"):
        found = names("listNetworkOfferings", **{name: "false"})
        assert "rich" not in found and "plain" in found, (name, found)
    assert {each["guestiptype"] for each in listed("listNetworkOfferings", guestiptype="Shared")} == {"Shared"}
    assert names("listNetworkOfferings", traffictype="Guest") == everything and listed("listNetworkOfferings", traffictype="Public") == []
    made, own = names("listNetworkOfferings", isdefault="false"), names("listNetworkOfferings", isdefault="true")
    assert "rich" in made and "rich" not in own and sorted(made + own) == everything and own, (made, own)
    with_nat, without = names("listNetworkOfferings", sourcenatsupported="true"), names("listNetworkOfferings", sourcenatsupported="false")
    assert "plain" in without and "plain" not in with_nat and with_nat and sorted(with_nat + without) == everything, (with_nat, without)
    asserted("listNetworkOfferings", "guestiptype", "traffictype", "isdefault", "sourcenatsupported")
    spare = call("createZone", name="spare", networktype="Advanced", dns1="192.0.2.1", internaldns1="192.0.2.3")["id"]
    assert "rich" in names("listNetworkOfferings", zoneid=state["zone"]) and "rich" not in names("listNetworkOfferings", zoneid=spare)
    assert "plain" in names("listNetworkOfferings", zoneid=spare)
    call("deleteZone", id=spare)
    assert "rich" in names("listNetworkOfferings", domainid=state["domain"]) and "rich" not in names("listNetworkOfferings", domainid=state["root"])
    asserted("listNetworkOfferings", "zoneid", "domainid")
    assert "rich" in names("listNetworkOfferings", who="tenant") and "plain" not in names("listNetworkOfferings", who="tenant")  # not enabled


def test_an_offering_is_changed_and_removed(cloud):
    spare = offering("spare")
    sent = {"name": "renamed", "displaytext": "renamed text", "availability": "Required", "tags": "green", "maxconnections": 7, "domainid": state["domain"],
            "zoneid": state["zone"], "state": "Disabled"}
    changed = call("updateNetworkOffering", id=spare["id"], **sent, **idle("updateNetworkOffering"))
    told("updateNetworkOffering", changed, sent)
    for name in sent:
        assert spare.get(name) != changed[name], name
    assert changed["id"] == spare["id"]
    changed = call("updateNetworkOffering", id=spare["id"], tags="", domainid="public", zoneid="all", state="Enabled")
    assert not {"tags", "domainid", "zoneid"} & set(changed) and changed["state"] == "Enabled" and changed["name"] == "renamed", changed
    order = [each["name"] for each in listed("listNetworkOfferings")]
    call("updateNetworkOffering", id=spare["id"], sortkey=-1)
    moved = [each["name"] for each in listed("listNetworkOfferings")]
    assert order[0] != "renamed" and moved[0] == "renamed" and sorted(moved) == sorted(order), moved
    asserted("updateNetworkOffering", "id", "sortkey")
    refused("updateNetworkOffering", id=spare["id"], availability="Never")
    refused("updateNetworkOffering", id=spare["id"], name="rich")
    refused("deleteNetworkOffering", id=listed("listNetworkOfferings", isdefault="true")[0]["id"])
    call("deleteNetworkOffering", id=spare["id"])
    assert listed("listNetworkOfferings", name="renamed") == []
    refused("createNetwork", name="late", zoneid=state["zone"], physicalnetworkid=state["cable"], networkofferingid=spare["id"])
    asserted("deleteNetworkOffering", "id")


# ---- networks ----

def test_a_network_is_as_it_was_asked_for(cloud):
    tagged = state["tagged"] = offering("tagged", specifyvlan="true", specifyipranges="true", supportedservices="Dhcp,Dns,UserData")["id"]
    sent = {"name": "rich-net", "displaytext": "all of it", "gateway": "10.20.0.1", "netmask": "255.255.254.0", "networkdomain": "rich.example",
            "dns1": "192.0.2.61", "dns2": "192.0.2.62", "ip6dns1": "2001:db8::61", "ip6dns2": "2001:db8::62", "ip6gateway": "2001:db8::1",
            "ip6cidr": "2001:db8::/64", "externalid": "far-away", "privatemtu": 1400, "publicmtu": 1450, "displaynetwork": "false", "vlan": "305",
            "acltype": "Account"}
    made = network("rich-net", tagged, startip="10.20.0.10", endip="10.20.0.11", startipv6="2001:db8::10", endipv6="2001:db8::20",
                   **{name: value for name, value in sent.items() if name != "name"}, **idle("createNetwork"))
    told("createNetwork", made, sent)
    assert made["broadcasturi"] == "vlan://305" and made["physicalnetworkid"] == state["cable"] and made["zoneid"] == state["zone"], made
    assert made["networkofferingid"] == tagged and made["networkofferingname"] == "tagged", made
    plain = state["net"] = network("plain-net", offering("net", supportedservices="Dhcp,Dns", zoneid=state["zone"])["id"])
    for name in set(sent) - {"acltype"}:
        assert plain.get(name) != made[name], name
    image, size = listed("listTemplates", templatefilter="all", name="tiny")[0]["id"], listed("listServiceOfferings")[0]["id"]
    machine = {"zoneid": state["zone"], "templateid": image, "serviceofferingid": size, "networkids": made["id"]}
    vms = [call("deployVirtualMachine", **machine) for _ in range(2)]
    assert sorted(vm["nic"][0]["ipaddress"] for vm in vms) == ["10.20.0.10", "10.20.0.11"], vms
    refused("deployVirtualMachine", **machine)
    asserted("createNetwork", "physicalnetworkid", "zoneid", "networkofferingid", "startip", "endip")
    nic = vms[0]["nic"][0]
    assert (nic["ip6gateway"], nic["ip6cidr"], nic["mtu"]) == ("2001:db8::1", "2001:db8::/64", 1400), nic
    there = at_provider(cloud, made["id"])
    assert (there["mtu"], there["dns1"], there["dns2"], there["search_domain"]) == (1400, "192.0.2.61", "192.0.2.62", "rich.example"), there
    refused("deleteNetwork", id=made["id"])
    refused("deleteNetwork", id=made["id"], **idle("deleteNetwork"))
    project = call("createProject", name="theirs", displaytext="theirs")["id"]
    for command in ("listPublicIpAddresses", "listPortForwardingRules", "listIpForwardingRules"):
        assert listed(command) == listed(command, **idle(command)) == listed(command, projectid=project) == []
    for vm in vms:
        call("destroyVirtualMachine", id=vm["id"], expunge="true")
    state["rich-net"] = made["id"]


def test_networks_that_cannot_be_are_refused(cloud):
    for wrong in ({"dns1": "nowhere"}, {"dns2": "10.0.0.256"}, {"ip6dns1": "10.0.0.1"}, {"ip6dns2": "x"}, {"privatemtu": 67}, {"publicmtu": 9217},
                  {"gateway": "10.1.1.0", "netmask": "255.255.255.0"}, {"netmask": "255.0.255.0"}, {"acltype": "Nobody"}, {"vlan": "4095"}, {"vlan": "vxlan://5000"},
                  {"vlan": "305"}, {"ip6cidr": "2001:db8::"}, {"ip6cidr": "2001:db8::/64", "ip6gateway": "10.0.0.1"}, {"name": ""}):
        refused("createNetwork", **dict({"name": "wrong", "zoneid": state["zone"], "physicalnetworkid": state["cable"], "networkofferingid": state["tagged"],
                                         "vlan": "306", "gateway": "10.21.0.1", "netmask": "255.255.255.0"}, **wrong))
    assert listed("listNetworks", name="wrong") == []
    again = network("twin", state["tagged"], vlan="305", bypassvlanoverlapcheck="true", gateway="10.22.0.1", netmask="255.255.255.0")
    assert again["broadcasturi"] == "vlan://305", again
    asserted("createNetwork", "bypassvlanoverlapcheck", "vlan")
    call("deleteNetwork", id=again["id"])


def test_shared_networks_belong_to_a_domain(cloud):
    sent = {"acltype": "Domain", "domainid": state["domain"], "gateway": "10.30.0.1", "netmask": "255.255.255.0", "startip": "10.30.0.10", "endip": "10.30.0.20"}
    v6 = {"ip6gateway": "2001:db8:2::1", "ip6cidr": "2001:db8:2::/64", "startipv6": "2001:db8:2::10", "endipv6": "2001:db8:2::20"}
    above = network("above", state["shared"], vlan="301", subdomainaccess="true", **sent, **v6)
    only = network("only", state["shared"], vlan="302", subdomainaccess="false", **sent)
    assert (above["acltype"], above["domainid"], above["subdomainaccess"], only["subdomainaccess"]) == ("Domain", state["domain"], True, False), (above, only)
    assert names("listNetworks", who="tenant") == ["above", "only"] and names("listNetworks", who="lower") == ["above"]
    asserted("createNetwork", "subdomainaccess", "domainid", "acltype")
    state["above"], state["only"] = above["id"], only["id"]
    (ranges,) = listed("listVlanIpRanges", networkid=above["id"])
    assert ranges["startip"] == "10.30.0.10" and len(listed("listVlanIpRanges")) > 2, ranges
    assert {name: ranges[name] for name in v6} == v6, ranges
    asserted("listVlanIpRanges", "networkid")
    asserted("createNetwork", *v6)
    v6 = {"ip6gateway": "2001:db8:1::1", "ip6cidr": "2001:db8:1::/64", "startipv6": "2001:db8:1::10", "endipv6": "2001:db8:1::20"}
    made = call("createVlanIpRange", networkid=above["id"], gateway="10.30.0.1", netmask="255.255.255.0", startip="10.30.0.30", endip="10.30.0.40", **v6,
                **idle("createVlanIpRange"))
    told("createVlanIpRange", made, v6)
    assert made["networkid"] == above["id"] and not made["forvirtualnetwork"], made
    asserted("createVlanIpRange", "networkid")
    assert [each["id"] for each in listed("listVlanIpRanges", forvirtualnetwork="false", keyword="10.30.0.30")] == [made["id"]]
    for name, value in {"ip6gateway": "10.0.0.1", "ip6cidr": "2001:db8:1::", "startipv6": "x", "endipv6": "10.0.0.2"}.items():
        refused("createVlanIpRange", networkid=above["id"], **dict(v6, **{name: value}))


def test_networks_are_found_by_what_they_are(cloud):
    everything = names("listNetworks", listall="true")
    assert everything == ["above", "only", "plain-net", "rich-net"], everything
    for name, value, found in (("acltype", "Domain", ["above", "only"]), ("type", "Shared", ["above", "only"]), ("displaynetwork", "false", ["rich-net"]),
                               ("networkofferingid", state["shared"], ["above", "only"]), ("vlan", "305", ["rich-net"]), ("traffictype", "Guest", everything),
                               ("physicalnetworkid", state["cable"], everything), ("specifyipranges", "false", ["plain-net"]),
                               ("supportedservices", "Dhcp,UserData", ["rich-net"]), ("networkfilter", "domain", ["above", "only"]),
                               ("networkfilter", "shared", ["above", "only"]), ("networkfilter", "account", ["plain-net", "rich-net"]),
                               ("networkfilter", "all", everything), ("networkfilter", "accountdomain", everything),
                               ("restartrequired", "true", []), ("restartrequired", "false", everything), ("traffictype", "Public", [])):
        assert names("listNetworks", listall="true", **{name: value}) == found, (name, value, names("listNetworks", listall="true", **{name: value}))
        asserted("listNetworks", name)
    refused("listNetworks", networkfilter="some")
    other = listed("listPhysicalNetworks")[0]["id"]
    assert listed("listNetworks", listall="true", physicalnetworkid=other) == []
    system = listed("listNetworks", listall="true", issystem="true")
    assert system and all(each["issystem"] for each in system) and not set(each["name"] for each in system) & set(everything), system
    public = listed("listNetworks", listall="true", issystem="true", traffictype="Public")
    assert public and len(public) < len(system) and {each["traffictype"] for each in public} == {"Public"}, public
    asserted("listNetworks", "issystem")
    call("createTags", resourceids=state["rich-net"], resourcetype="Network", **pairs("tags", {"key": "colour", "value": "red"}))
    assert names("listNetworks", listall="true", **pairs("tags", {"key": "colour", "value": "red"})) == ["rich-net"]
    assert names("listNetworks", listall="true", **pairs("tags", {"key": "colour", "value": "blue"})) == []
    asserted("listNetworks", "tags")
    fits = names("listNetworkOfferings", networkid=state["above"])
    assert "shared" in fits and "plain" not in fits, fits
    asserted("listNetworkOfferings", "networkid")


def test_networks_apart_by_vni_are_found_by_it(cloud):
    physical = [each["id"] for each in listed("listPhysicalNetworks") if each["id"] != state["cable"]][0]
    made = network("vni", state["tagged"], physicalnetworkid=physical, vlan="7777", gateway="10.40.0.1", netmask="255.255.255.0")
    assert made["broadcasturi"] == "vxlan://7777" and names("listNetworks", listall="true", vlan="7777") == ["vni"], made
    call("deleteNetwork", id=made["id"])


def test_a_network_is_changed_restarted_and_removed(cloud):
    before = listed("listNetworks", id=state["rich-net"], listall="true")[0]
    wider = offering("wider", specifyvlan="true", specifyipranges="true", supportedservices="Dhcp,Dns,UserData,Lb")["id"]
    sent = {"name": "changed", "displaytext": "changed text", "networkdomain": "changed.example", "dns1": "192.0.2.71", "dns2": "192.0.2.72",
            "ip6dns1": "2001:db8::71", "ip6dns2": "2001:db8::72", "privatemtu": 1300, "publicmtu": 1350, "displaynetwork": "true", "networkofferingid": wider}
    changed = call("updateNetwork", id=before["id"], **sent, **idle("updateNetwork"))
    told("updateNetwork", changed, sent)
    for name in sent:
        assert before.get(name) != changed[name], name
    there = at_provider(cloud, before["id"])
    assert (there["mtu"], there["dns1"], there["dns2"], there["search_domain"]) == (1300, "192.0.2.71", "192.0.2.72", "changed.example"), there
    for wrong in ({"dns1": "nowhere"}, {"ip6dns2": "192.0.2.1"}, {"privatemtu": 1}, {"networkofferingid": state["shared"]}, {"customid": "x"},
                  {"customid": state["above"]}):
        refused("updateNetwork", id=before["id"], **wrong)
    other = "0b7f8c54-9f4e-4a8a-8a53-0a0d4f1f6f01"
    assert "while its provider serves it" in refused("updateNetwork", id=before["id"], customid=other)
    assert call("updateNetwork", id=state["net"]["id"], customid=other)["id"] == other
    assert listed("listNetworks", id=other, listall="true")[0]["name"] == "plain-net"
    asserted("updateNetwork", "customid")
    cloud.simulator("delay", "slot=network_ensure", "ms=3000")
    job = state["admin"].restartNetwork(post=True, id=before["id"], **idle("restartNetwork")).inner["jobid"]
    pending = listed("listNetworks", id=before["id"], listall="true")[0]
    assert (pending["jobid"], pending["jobstatus"]) == (job, 0), pending
    waited(job)
    asserted("restartNetwork", "id")
    cloud.simulator("no-faults")
    call("deleteNetwork", id=before["id"])
    assert "changed" not in names("listNetworks", listall="true")
    asserted("deleteNetwork", "id")


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
