#!/usr/bin/python3
"""Clients that behave on the wire as well-known ones do, each through a whole life of a machine, a session or a zone. Unmodified ones are in
test_ansible.py, test_cs.py and test_libcloud.py; tests of single rules in tests/api.
timeout: 300"""
import base64, hashlib, hmac, http.cookiejar, json, os, re, socket, sys, time, urllib.error, urllib.parse, urllib.request
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests


# ---- a command-line client that builds itself from listApis, as cmk does ----

class CommandLine:
    """Keys (by GET, or by POST if told so) or a session; POST then for what holds passwords and user data. Names sorted as they are, all values
    encoded but for "*", an expiry also where a session signs nothing. It looks at nothing but what listApis told."""

    def __init__(self, cloud, posts=False):
        self.cloud, self.url, self.posts = cloud, cloud.url + "/client/api", posts
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.session_key = None

    def send(self, parameters, post=False, session_parameter=True):
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 900))
        parameters = dict(parameters, response="json", signatureversion="3", expires=expires)
        if self.session_key is None:
            parameters["apiKey"] = self.cloud.settings["GURUM_API_KEY"]
            text = "&".join(name + "=" + urllib.parse.quote(parameters[name], safe="*") for name in sorted(parameters)).lower()
            digest = hmac.new(self.cloud.settings["GURUM_SECRET_KEY"].encode(), text.encode(), hashlib.sha1).digest()
            parameters["signature"] = base64.b64encode(digest).decode()
        elif session_parameter:
            parameters["sessionkey"] = self.session_key
        post = post or self.posts or (self.session_key and {"password", "userdata"} & set(parameters))
        encoded = urllib.parse.urlencode(parameters)
        try:
            reply = self.opener.open(self.url, encoded.encode(), timeout=30) if post else self.opener.open(self.url + "?" + encoded, timeout=30)
        except urllib.error.HTTPError as error:
            reply = error
        content = json.loads(reply.read())
        ((key, value),) = content.items()
        assert key.endswith("response") and isinstance(value, dict), content
        return reply.status, value

    def login(self, username, password, domain="/"):
        form = urllib.parse.urlencode({"command": "login", "username": username, "password": password, "domain": domain, "response": "json"})
        try:
            with self.opener.open(self.url, form.encode(), timeout=30) as reply:
                value = json.loads(reply.read())["loginresponse"]
        except urllib.error.HTTPError as error:
            return error.code, None
        # From the cookies that would go to the address of the API.
        self.session_key = {each.name: each.value for each in self.jar if urllib.parse.urlsplit(self.url).path.startswith(each.path)}["sessionkey"]
        return 200, value

    def sync(self):
        """What it keeps of each command; it breaks off in the middle of something that is of another type."""
        status, value = self.send({"command": "listApis", "listall": "true"})
        assert status == 200 and value["count"] == len(value["api"]) > 200, value
        self.apis = {}
        names = {api["name"] for api in value["api"]}
        for api in value["api"]:
            assert re.fullmatch("[a-z]+[A-Z][A-Za-z0-9]*|[a-z]+", api["name"]) and isinstance(api["isasync"], bool), api
            assert isinstance(api["description"], str) and api["description"] and isinstance(api["response"], list), api
            assert all(isinstance(member["name"], str) for member in api["response"]), api
            for parameter in api["params"]:
                assert isinstance(parameter["required"], bool) and isinstance(parameter["name"], str), (api["name"], parameter)
                assert parameter["type"] in PARAMETER_TYPES and isinstance(parameter["description"], str), (api["name"], parameter)
                assert set(parameter.get("related", "").split(",")) <= names | {""}, (api["name"], parameter)
            self.apis[api["name"].lower()] = api

    def call(self, verb, noun, **parameters):
        """`deploy virtualmachine name=…`, with all that is required; filter= goes along, as it does to every server."""
        api = self.apis[verb + noun]
        known = {each["name"] for each in api["params"]}
        assert {each["name"] for each in api["params"] if each["required"]} <= set(parameters) <= known | {"listall"}, (api["name"], set(parameters), known)
        status, value = self.send(dict(parameters, command=api["name"], filter="id,name", exclude="nic"))
        while status == 200 and api["isasync"] and value.get("jobstatus", 0) == 0:
            assert isinstance(value["jobid"], str)
            time.sleep(0.1)
            status, value = self.send({"command": "queryAsyncJobResult", "jobid": value["jobid"]})
        return status, value

    def options(self, parameter):
        """What it offers for `zoneid=`: the ids and names of listZones; of all that is listed it takes texts for texts."""
        status, value = self.call("list", parameter[:-2] + "s", listall="true", **({"templatefilter": "executable"} if parameter == "templateid" else {}))
        (items,) = [each for each in value.values() if isinstance(each, list)]
        for item in items:
            assert all(isinstance(item.get(name, ""), str) for name in ("id", "name", "username", "displaytext", "description", "ipaddress")), item
        return {item.get("name"): item["id"] for item in items}


PARAMETER_TYPES = {"boolean", "date", "float", "integer", "list", "long", "map", "object", "short", "string", "uuid"}


def live_by_command(client):
    client.sync()
    size, zone = client.options("serviceofferingid")["Small Instance"], client.options("zoneid")["simulator"]
    (image,) = client.options("templateid").values()
    status, job = client.call("deploy", "virtualmachine", zoneid=zone, templateid=image, serviceofferingid=size, name="by-command",
                              displayname="a b*c+d~e/f", userdata=base64.b64encode(b"x" * 2900).decode())
    assert status == 200 and job["jobstatus"] == 1 and job["jobresult"]["virtualmachine"]["state"] == "Running", job
    assert job["jobresult"]["virtualmachine"]["displayname"] == "a b*c+d~e/f"
    machine = client.options("virtualmachineid")["by-command"]
    status, job = client.call("destroy", "virtualmachine", id=machine, expunge="true")
    assert status == 200 and job["jobstatus"] == 1 and job["jobresultcode"] == 0 and isinstance(job["jobresult"], dict), job
    status, refusal = client.call("start", "virtualmachine", id=machine)
    assert status == 431 and refusal["errorcode"] == 431 and refusal["cserrorcode"] == 4350 and refusal["errortext"], refusal
    assert client.call("list", "virtualmachines") == (200, {})


def test_command_line_client_works_by_key(cloud):
    live_by_command(CommandLine(cloud))
    live_by_command(CommandLine(cloud, posts=True))


def test_command_line_client_works_by_session(cloud):
    client = CommandLine(cloud)
    assert client.login("admin", "wrong")[0] == 531 and client.session_key is None
    for domain in ("/", "ROOT", ""):
        status, value = client.login(cloud.settings["GURUM_ADMIN_USER"], cloud.settings["GURUM_ADMIN_PASSWORD"], domain)
        assert status == 200 and client.session_key == value["sessionkey"], value
        assert {each.name for each in client.jar} >= {"JSESSIONID", "sessionkey"}
    live_by_command(client)
    status, answer = client.call("create", "account", username="by-command", password="By-command-pass-1", firstname="A", lastname="B",
                                 email="a@example.org", accounttype="0")
    assert status == 200 and answer["account"]["name"] == "by-command"
    assert client.call("delete", "account", id=answer["account"]["id"])[1]["jobstatus"] == 1


def test_every_list_that_completes_ids_tells_them_as_texts(cloud):
    """It offers what any list tells, and breaks off at an id that is a number; regions have such ids everywhere."""
    client = CommandLine(cloud)
    client.sync()
    tried = 0
    for name, api in sorted(client.apis.items()):
        required = {each["name"] for each in api["params"] if each["required"]}
        if name.startswith("list") and name != "listregions" and required <= {"templatefilter"}:
            value = client.call("list", name[4:], **{each: "all" for each in required})[1]
            for items in (each for each in value.values() if isinstance(each, list)):
                tried += 1
                for item in (each for each in items if isinstance(each, dict)):
                    texts = [item.get(member, "") for member in ("id", "name", "username", "displaytext", "description", "ipaddress")]
                    assert all(isinstance(text, str) for text in texts), (name, item)
    assert tried > 30, tried


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
