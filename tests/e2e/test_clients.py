#!/usr/bin/python3
"""Unmodified clients, and clients that behave as well-known ones do, each through a whole life of a machine or a session. No test of a single
rule is here: those are in tests/api.
timeout: 300"""
import base64, hashlib, hmac, http.cookiejar, json, os, socket, sys, time, urllib.error, urllib.parse, urllib.request
import xml.etree.ElementTree as ElementTree
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests


# ---- libcloud ----

def driver_of(cloud):
    from libcloud.compute.providers import get_driver
    from libcloud.compute.types import Provider
    address = urllib.parse.urlsplit(cloud.url)
    driver = get_driver(Provider.CLOUDSTACK)(cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"], secure=False,
                                             host=address.hostname, port=address.port, path="/client/api")
    driver.connection.poll_interval = 0.1
    return driver


def test_libcloud_takes_a_node_through_its_life(cloud):
    driver = driver_of(cloud)
    (location,) = driver.list_locations()
    (image,) = driver.list_images(location)
    size = [each for each in driver.list_sizes() if each.name == "Small Instance"][0]
    assert location.name == "simulator" and image.extra["format"] == "QCOW2" and size.ram == 512, (location, image, size)
    node = driver.create_node(name="libcloud-node", size=size, image=image, location=location, ex_start_vm=True, ex_userdata="#!/bin/sh\n",
                              ex_displayname="By libcloud")
    assert node.state == "running" and (node.private_ips or node.public_ips), node
    (listed,) = [each for each in driver.list_nodes() if each.id == node.id]
    assert listed.name == "libcloud-node" and listed.extra["zone_id"] == location.id and listed.extra["size_name"] == "Small Instance", listed.extra
    assert driver.ex_stop(node) == "Stopped" and driver.list_nodes()[0].state == "stopped"
    assert driver.ex_start(node) == "Running" and driver.reboot_node(node)
    assert driver.ex_list_networks()[0].zoneid == location.id
    assert {each.name for each in driver.ex_list_disk_offerings()} >= {"Small", "Medium", "Large", "Custom"}
    assert driver.list_volumes()[0].state == "inuse"
    assert driver.ex_create_tags([node.id], "UserVm", {"made": "by libcloud"})
    assert driver.list_nodes()[0].extra["tags"] == {"made": "by libcloud"}
    assert driver.destroy_node(node, ex_expunge=True)
    assert node.id not in [each.id for each in driver.list_nodes()]


def test_libcloud_reads_the_text_of_a_refusal(cloud):
    from libcloud.common.types import ProviderError
    driver = driver_of(cloud)
    try:
        driver._sync_request("listVirtualMachines", params={"id": "17"})
        raise AssertionError("an id that is none was taken")
    except ProviderError as refusal:
        assert "Invalid parameter id value=17 due to incorrect long value format, or entity does not exist" in str(refusal.value), refusal.value


# ---- cs ----

def test_cs_signs_with_and_without_expiration(cloud):
    from cs import CloudStack, CloudStackApiException
    keys = dict(endpoint=cloud.url + "/client/api", key=cloud.settings["GURUM_API_KEY"], secret=cloud.settings["GURUM_SECRET_KEY"])
    assert CloudStack(expiration=timedelta(minutes=10), **keys).listZones()["count"] == 1
    assert CloudStack(expiration=-1, **keys).listZones()["count"] == 1
    assert CloudStack(method="post", **keys).listZones()["count"] == 1
    assert len(CloudStack(**keys).listOsTypes(fetch_list=True)) == CloudStack(**keys).listOsTypes()["count"]
    try:
        CloudStack(expiration=timedelta(0), **keys).listZones()
        raise AssertionError("a signature that had expired was taken")
    except CloudStackApiException as refusal:
        assert refusal.response.status_code == 401, refusal


# ---- a command-line client that builds itself from listApis, as cmk does ----

class CommandLine:
    """Keys or a session. It sorts names as they are, sends writes by POST, and looks at nothing but what listApis told."""

    def __init__(self, cloud):
        self.cloud, self.url = cloud, cloud.url + "/client/api"
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.session_key = None

    def send(self, parameters, post=False, session_parameter=True):
        parameters = dict(parameters, response="json")
        if self.session_key is None:
            parameters["apiKey"] = self.cloud.settings["GURUM_API_KEY"]
            text = "&".join(name + "=" + urllib.parse.quote(parameters[name], safe="-._~*") for name in sorted(parameters)).lower()
            digest = hmac.new(self.cloud.settings["GURUM_SECRET_KEY"].encode(), text.encode(), hashlib.sha1).digest()
            parameters["signature"] = base64.b64encode(digest).decode()
        elif session_parameter:
            parameters["sessionkey"] = self.session_key
        encoded = urllib.parse.urlencode(parameters)
        try:
            reply = self.opener.open(self.url, encoded.encode(), timeout=30) if post else self.opener.open(self.url + "?" + encoded, timeout=30)
        except urllib.error.HTTPError as error:
            reply = error
        content = json.loads(reply.read())
        ((key, value),) = content.items()
        assert key.endswith("response"), key
        return reply.status, value

    def login(self, username, password):
        status, value = self.send({"command": "login", "username": username, "password": password, "domain": "/"}, post=True)
        if status == 200:
            self.session_key = {each.name: each.value for each in self.jar}["sessionkey"]  # from the cookie
        return status, value

    def cache_apis(self):
        status, value = self.send({"command": "listApis", "listall": "true"})
        assert status == 200 and value["count"] == len(value["api"]), value
        self.apis = {}
        for api in value["api"]:
            assert isinstance(api["isasync"], bool) and api["description"] and isinstance(api["response"], list), api
            for parameter in api["params"]:
                assert isinstance(parameter["required"], bool) and parameter["type"] and parameter["description"], (api["name"], parameter)
            self.apis[api["name"]] = api

    def call(self, command, **parameters):
        api = self.apis[command]
        known = {each["name"] for each in api["params"]}
        assert set(parameters) <= known, (command, set(parameters) - known)
        is_read = command.startswith(("list", "get", "query", "find"))
        status, value = self.send(dict(parameters, command=command, filter="id,name"), post=not is_read)
        while status == 200 and api["isasync"] and value.get("jobstatus", 0) == 0:
            time.sleep(0.1)
            status, value = self.send({"command": "queryAsyncJobResult", "jobid": value["jobid"]})
        return status, value


def test_command_line_client_works_by_key_and_by_session(cloud):
    client = CommandLine(cloud)
    for log_in in (False, True):
        if log_in:
            assert client.login("admin", "wrong")[0] == 531 and client.session_key is None
            status, value = client.login(cloud.settings["GURUM_ADMIN_USER"], cloud.settings["GURUM_ADMIN_PASSWORD"])
            assert status == 200 and client.session_key == value["sessionkey"], value
            assert {each.name for each in client.jar} >= {"JSESSIONID", "sessionkey"}
        client.cache_apis()
        first = lambda command, kind, **more: client.call(command, **more)[1][kind][0]["id"]
        zone, image = first("listZones", "zone"), first("listTemplates", "template", templatefilter="executable")
        size = first("listServiceOfferings", "serviceoffering", name="Small Instance")
        status, job = client.call("deployVirtualMachine", zoneid=zone, templateid=image, serviceofferingid=size, name="by-command",
                                  userdata=base64.b64encode(b"x" * 9000).decode())
        assert status == 200 and job["jobstatus"] == 1 and job["jobresult"]["virtualmachine"]["state"] == "Running", job
        machine = job["jobresult"]["virtualmachine"]["id"]
        status, job = client.call("destroyVirtualMachine", id=machine, expunge="true")
        assert status == 200 and job["jobstatus"] == 1 and job["jobresultcode"] == 0, job
        status, refusal = client.call("startVirtualMachine", id=machine)
        assert status == 431 and refusal["cserrorcode"] == 4350, refusal


def test_session_needs_its_key_and_ends_with_logout(cloud):
    client = CommandLine(cloud)
    credentials = (cloud.settings["GURUM_ADMIN_USER"], cloud.settings["GURUM_ADMIN_PASSWORD"])
    assert client.login(*credentials)[0] == 200
    assert client.send({"command": "listZones"})[0] == 200
    assert client.send({"command": "listZones"}, session_parameter=False)[0] == 401, "the cookie alone does what any page could make it do"
    assert client.login(*credentials)[0] == 200
    status, value = client.send({"command": "logout"})
    assert status == 200 and value == {"description": "success"}, value
    assert client.send({"command": "listZones"})[0] == 401


# ---- XML, the default format ----

def as_text(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def same(node, value):
    """Does the element say what the JSON value says?"""
    if isinstance(value, dict):
        names = []
        for child in node:
            if child.tag not in names:
                names.append(child.tag)
        return set(names) == {name for name in value if value[name] != []} and all(
            same_members(node.findall(name), value[name]) for name in value)
    return (node.text or "") == as_text(value)


def same_members(nodes, value):
    if isinstance(value, list):
        return len(nodes) == len(value) and all(same(node, each) for node, each in zip(nodes, value))
    return len(nodes) == 1 and same(nodes[0], value)


def signed_query(cloud, parameters, order=str, secret=None):
    parameters = dict(parameters, apiKey=cloud.settings["GURUM_API_KEY"])
    text = "&".join(name + "=" + urllib.parse.quote(parameters[name], safe="*") for name in sorted(parameters, key=order)).lower()
    digest = hmac.new((secret or cloud.settings["GURUM_SECRET_KEY"]).encode(), text.encode(), hashlib.sha1).digest()
    return urllib.parse.urlencode(dict(parameters, signature=base64.b64encode(digest).decode()))


def test_xml_is_the_default_and_says_what_json_says(cloud):
    for command in ("listZones", "listHosts", "listTemplates", "listServiceOfferings", "listNetworks", "listAccounts", "listStoragePools",
                    "listNetworkOfferings", "listVirtualMachines", "listConfigurations", "listCapabilities"):
        parameters = {"command": command, "listall": "true", "templatefilter": "all"}
        with urllib.request.urlopen(cloud.url + "/client/api?" + signed_query(cloud, parameters)) as reply:
            assert reply.headers["Content-Type"].startswith("text/xml"), reply.headers
            root = ElementTree.fromstring(reply.read())
        with urllib.request.urlopen(cloud.url + "/client/api?" + signed_query(cloud, dict(parameters, response="json"))) as reply:
            ((key, value),) = json.loads(reply.read()).items()
        assert root.tag == key and "cloud-stack-version" in root.attrib, (root.tag, key)
        assert same(root, value), (command, ElementTree.tostring(root)[:2000], json.dumps(value)[:2000])


# ---- a test library's client: names sorted in lower case, one sequence that builds zones ----

def call(cloud, command, **parameters):
    parameters = {name: str(value) for name, value in parameters.items()}
    query = signed_query(cloud, dict(parameters, command=command, response="json"), order=str.lower)
    with urllib.request.urlopen(cloud.url + "/client/api?" + query, timeout=60) as reply:
        ((_, value),) = json.loads(reply.read()).items()
    if set(value) <= {"jobid", "id"} and "jobid" in value:
        job = value["jobid"]
        while value.get("jobstatus", 0) == 0:
            time.sleep(0.05)
            value = call_once(cloud, "queryAsyncJobResult", jobid=job)
        assert value["jobstatus"] == 1, value
        value = value["jobresult"]
    return value


def call_once(cloud, command, **parameters):
    query = signed_query(cloud, dict(parameters, command=command, response="json"), order=str.lower)
    with urllib.request.urlopen(cloud.url + "/client/api?" + query, timeout=60) as reply:
        ((_, value),) = json.loads(reply.read()).items()
    return value


def build_zone(cloud, number, network_type):
    """The order in which deployment tools go through a data centre: physical network, traffic, providers, pods, clusters, hosts, storage."""
    name = "tool-%d" % number
    more = {"guestcidraddress": "10.1.1.0/24"} if network_type == "Advanced" else {}
    zone = call(cloud, "createZone", name=name, dns1="192.0.2.53", internaldns1="192.0.2.54", networktype=network_type,
                securitygroupenabled="false", localstorageenabled="false", **more)["zone"]
    physical = call(cloud, "createPhysicalNetwork", zoneid=zone["id"], name=name + "-net", broadcastdomainrange="ZONE",
                    **({"vlan": "400-500", "isolationmethods": "VLAN"} if network_type == "Advanced" else {}))["physicalnetwork"]
    for traffic in ("Guest", "Management") + (("Public",) if network_type == "Advanced" else ()):
        call(cloud, "addTrafficType", physicalnetworkid=physical["id"], traffictype=traffic)
    call(cloud, "updatePhysicalNetwork", id=physical["id"], state="Enabled")
    provider = call(cloud, "listNetworkServiceProviders", name="VirtualRouter", physicalnetworkid=physical["id"])["networkserviceprovider"][0]
    element = call(cloud, "listVirtualRouterElements", nspid=provider["id"])["virtualrouterelement"][0]
    call(cloud, "configureVirtualRouterElement", enabled="true", id=element["id"])
    call(cloud, "updateNetworkServiceProvider", id=provider["id"], state="Enabled")
    pod = call(cloud, "createPod", zoneid=zone["id"], name=name + "-pod", gateway="172.16.%d.1" % number, netmask="255.255.255.0",
               startip="172.16.%d.10" % number, endip="172.16.%d.50" % number)["pod"]
    if network_type == "Basic":
        offering = call(cloud, "listNetworkOfferings", name="DefaultSharedNetworkOffering")["networkoffering"][0]
        network = call(cloud, "createNetwork", zoneid=zone["id"], name="guestNetworkForBasicZone", displaytext="guestNetworkForBasicZone",
                       networkofferingid=offering["id"])["network"]
        call(cloud, "createVlanIpRange", zoneid=zone["id"], podid=pod["id"], networkid=network["id"], forvirtualnetwork="false",
             gateway="10.20.%d.1" % number, netmask="255.255.255.0", startip="10.20.%d.10" % number, endip="10.20.%d.60" % number, vlan="untagged")
    else:
        call(cloud, "createVlanIpRange", zoneid=zone["id"], physicalnetworkid=physical["id"], forvirtualnetwork="true", vlan="untagged",
             gateway="198.18.%d.1" % number, netmask="255.255.255.0", startip="198.18.%d.10" % number, endip="198.18.%d.60" % number)
    cluster = call(cloud, "addCluster", zoneid=zone["id"], podid=pod["id"], clustername=name + "-cluster", hypervisor="Simulator",
                   clustertype="CloudManaged")["cluster"][0]
    host = call(cloud, "addHost", zoneid=zone["id"], podid=pod["id"], clusterid=cluster["id"], hypervisor="simulator", url="http://sim/%s/h0" % name,
                username="root", password="password", hosttags="simulated")["host"][0]
    assert host["state"] == "Up", host
    call(cloud, "createStoragePool", zoneid=zone["id"], podid=pod["id"], clusterid=cluster["id"], name=name + "-ps", url="nfs://10.147.28.6/" + name)
    call(cloud, "addImageStore", zoneid=zone["id"], provider="NFS", url="nfs://10.147.28.6/%s-images" % name)
    zone = call(cloud, "updateZone", id=zone["id"], allocationstate="Enabled")["zone"]
    assert zone["allocationstate"] == "Enabled" and zone["networktype"] == network_type, zone
    return zone


def run_machine(cloud, zone):
    os_type = call(cloud, "listOsTypes", description="Other Linux (64-bit)")["ostype"][0]
    image = call(cloud, "registerTemplate", zoneid=zone["id"], name="tool-image", displaytext="tool image", format="QCOW2", hypervisor="Simulator",
                 url="http://sim/images/tool.qcow2", ostypeid=os_type["id"])["template"][0]
    while not call(cloud, "listTemplates", templatefilter="self", id=image["id"])["template"][0]["isready"]:
        time.sleep(0.05)
    size = call(cloud, "listServiceOfferings", name="Small Instance")["serviceoffering"][0]
    machine = call(cloud, "deployVirtualMachine", zoneid=zone["id"], templateid=image["id"], serviceofferingid=size["id"])["virtualmachine"]
    assert machine["state"] == "Running" and machine["nic"][0]["ipaddress"], machine
    call(cloud, "destroyVirtualMachine", id=machine["id"], expunge="true")
    return machine


def test_deployment_tool_builds_an_advanced_zone(cloud):
    run_machine(cloud, build_zone(cloud, 1, "Advanced"))


def test_deployment_tool_builds_a_basic_zone(cloud):
    machine = run_machine(cloud, build_zone(cloud, 2, "Basic"))
    assert machine["nic"][0]["ipaddress"].startswith("10.20.2."), machine["nic"]


def test_nothing_is_left_behind(cloud):
    assert not json.loads(cloud.simulator("dump"))["guests"]
    assert cloud.failed_checks() == []


def test_no_port_answers_without_credentials(cloud):
    """The wire's unauthenticated port does not exist, whatever the setting says."""
    from cs import CloudStackApiException
    try:
        cloud.api().updateConfiguration(name="integration.api.port", value="8096")
    except CloudStackApiException as refusal:
        assert refusal.error["errorcode"] == 431, refusal.error
    with open("/proc/net/tcp") as table:
        mine = [line.split()[1] for line in table if line.split()[3] == "0A"]
    if "%04X" % 8096 in {address.split(":")[1] for address in mine}:
        with socket.create_connection(("127.0.0.1", 8096), 2) as link:
            link.sendall(b"GET /client/api?command=listUsers HTTP/1.0\r\n\r\n")
            assert b"listusersresponse" not in link.recv(4096).split(b"errorcode")[0]


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
