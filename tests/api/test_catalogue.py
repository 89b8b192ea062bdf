#!/usr/bin/python3
"""What the declarations say, compared with facts about the wire (catalogue-*.json): every parameter is declared, every response member too or listed below with the reason; and what clients
read of an object is there when the object has it.
timeout: 300"""
import glob, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud

# Members of the wire's replies that are never filled here, and why.
ABSENT = {
    "secretkey": "told only by registerUserKeys and getUserKeys",
    "receivedbytes": "traffic is not metered", "sentbytes": "traffic is not metered",
    "defaultzoneid": "accounts have no default zone",
    "groups": "accounts have no groups",
    "managementservername": "any process carries any job", "managementserverid": "any process carries any job",
    "domaindetails": "domains have no details",
}
for _prefix in ("backup", "backupstorage", "bucket", "objectstorage", "gpu"):
    for _part in ("limit", "total", "available"):
        ABSENT[_prefix + _part] = "there are no such resources"
for _name in ("suitableformigration", "suitableforvirtualmachine"):
    ABSENT[_name] = "told by no list"
for _name in ("gputotal", "gpuused", "gpugroup", "gpucardid", "gpucardname", "vgpuprofileid", "vgpuprofilename", "videoram", "maxheads", "maxresolutionx",
              "maxresolutiony", "gpucount", "gpudisplay"):
    ABSENT[_name] = "graphics processors are not offered"
for _name in ("cpuloadaverage", "disksizetotal", "disksizeallocated", "allocatediops",
              "usediops", "storagecustomstats"):
    ABSENT[_name] = "not measured"
for _name in ("extensionid", "extensionname", "ovm3vip", "vspherestoragepolicy", "vnfnics", "vnfdetails", "isnsxenabled", "asnrange", "routedmodeenabled",
              "provider", "nfsmountopts", "ueficapability", "encryptionsupported", "instanceconversionsupported"):
    ABSENT[_name] = "belongs to a product or a device that is not driven"
# Members that are absent from the replies of some commands only.
ABSENT_OF = {
    ("listConfigurations", "updateConfiguration", "resetConfiguration"): {"id", "parent"},  # settings are named and have no parents
    ("listApis",): {"type"},  # was never filled
    ("listCapacity",): {"tag"},  # capacity is not told by tag
    ("listZones", "createZone", "updateZone"): {"description", "displaytext", "tags"},  # zones have names
    ("addHost", "listHosts", "updateHost", "reconnectHost"): {"virtualmachineid", "events", "implicithosttags", "lastannotated", "username"},
    ("listTrafficTypes",): {"name", "destinationphysicalnetworkid", "state", "servicelist", "canenableindividualservice"},  # of providers, never filled
}
# Of public addresses and forwarding rules there are none yet: their lists know ids only.
WITHOUT_OBJECTS = {"listPublicIpAddresses", "listPortForwardingRules", "listIpForwardingRules"}
# What clients read of an object and fail or guess without.
FILLED = {
    "listVirtualMachines": "id name displayname account domainid domain created state haenable zoneid zonename hostid hostname templateid templatename "
                           "templatedisplaytext serviceofferingid serviceofferingname cpunumber cpuspeed memory guestosid rootdeviceid rootdevicetype nic "
                           "hypervisor details ostypeid tags passwordenabled instancename displayvm isdynamicallyscalable osdisplayname group groupid",
    "listVolumes": "id name zoneid zonename type deviceid virtualmachineid vmname vmstate size created state account domainid domain storagetype hypervisor "
                   "storage storageid destroyed isextractable",
    "listNetworks": "id name displaytext broadcastdomaintype traffictype gateway netmask cidr zoneid zonename networkofferingid networkofferingname "
                    "networkofferingdisplaytext issystem state related dns1 type acltype account domainid domain service physicalnetworkid restartrequired "
                    "specifyipranges canusefordeploy ispersistent displaynetwork strechedl2subnet redundantrouter",
    "listTemplates": "id name displaytext ispublic created isready passwordenabled format isfeatured crossZones ostypeid ostypename account zoneid zonename "
                     "status size templatetype hypervisor domain domainid isextractable details bits sshkeyenabled isdynamicallyscalable requireshvm",
    "listZones": "id name networktype securitygroupsenabled allocationstate zonetoken dhcpprovider localstorageenabled dns1 internaldns1 guestcidraddress",
    "listHosts": "id name state type zoneid zonename podid podname clusterid clustername clustertype hypervisor cpunumber cpuspeed cpuallocated memorytotal "
                 "memoryallocated resourcestate version created capabilities cpuwithoverprovisioning",
    "listClusters": "id name podid podname zoneid zonename hypervisortype clustertype allocationstate managedstate cpuovercommitratio memoryovercommitratio",
    "listPods": "id name zoneid zonename gateway netmask startip endip allocationstate",
    "listStoragePools": "id name zoneid zonename podid podname clusterid clustername ipaddress path type state scope created disksizetotal disksizeused "
                        "disksizeallocated provider hypervisor",
    "listImageStores": "id name zoneid zonename url protocol providername scope",
    "listServiceOfferings": "id name displaytext cpunumber cpuspeed memory created storagetype offerha limitcpuuse isvolatile issystem defaultuse "
                            "iscustomized provisioningtype",
    "listDiskOfferings": "id name displaytext disksize created iscustomized storagetype provisioningtype displayoffering",
    "listNetworkOfferings": "id name displaytext traffictype isdefault specifyvlan availability guestiptype state conservemode specifyipranges forvpc service "
                            "ispersistent egressdefaultpolicy created",
}
FILLED_NIC = "id networkid networkname netmask gateway ipaddress broadcasturi traffictype type isdefault macaddress"
results = []


def check(what, good, detail=""):
    results.append(good)
    print("%s %d - %s%s" % ("ok" if good else "not ok", len(results), what, "" if good else "  # got: %s" % (detail,)), flush=True)


def load_facts():
    facts = {}
    for path in sorted(glob.glob(os.path.join(HERE, "catalogue-*.json"))):
        with open(path) as file:
            facts.update(json.load(file))
    for fact in facts.values():
        if isinstance(fact["response"], str):  # the same as of that command
            fact["response"] = facts[fact["response"]]["response"]
    return facts


def absent_of(command):
    names = set(ABSENT)
    for commands, members in ABSENT_OF.items():
        names |= members if command in commands else set()
    return names


def declared(admin):
    apis = {each["name"]: each for each in admin.listApis().inner["api"]}
    paths = admin.raw(path="-docs/openapi.json").json["paths"]
    for name, fact in sorted(load_facts().items()):
        api = apis.get(name)
        check(name + " is listed", api is not None)
        if not api:
            continue
        params = {each["name"]: each["required"] for each in api["params"]}
        missing = set(fact["params"]) - set(params)
        check(name + " takes every parameter", not missing, sorted(missing))
        wrong = {each for each in fact["params"] if each in params and params[each] != fact["params"][each]}
        check(name + " requires what the wire requires", wrong <= {"jobid"}, sorted(wrong))
        check(name + " is asynchronous as on the wire", api["isasync"] == fact["async"])
        members = {each["name"] for each in api["response"]}
        missing = set() if name in WITHOUT_OBJECTS else set(fact["response"]) - members - absent_of(name)
        check(name + " has every member", not missing, sorted(missing))
        (operation,) = paths["/" + name].values()
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        check(name + " answers under " + fact["response_key"], list(schema) == [fact["response_key"]], list(schema))
        if fact["object_key"] and not fact["async"]:
            inner = schema[fact["response_key"]]
            inner = inner.get("anyOf", [inner])[0]["properties"]  # or a plan
            check(name + " puts objects under " + fact["object_key"], fact["object_key"] in inner, list(inner))


def finish(admin, reply):
    result = {"jobstatus": 0}
    while result["jobstatus"] == 0:
        result = admin.queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    check("the job of " + reply.key, result["jobstatus"] == 1, result)
    return result["jobresult"]


def filled(admin):
    """A VM with everything, and what every list then says of its objects."""
    zone = admin.listZones().inner["zone"][0]["id"]
    image = admin.listTemplates(templatefilter="all").inner["template"][0]["id"]
    size = admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]
    disk = admin.listDiskOfferings(name="Small").inner["diskoffering"][0]["id"]
    machine = finish(admin, admin.deployVirtualMachine(post=True, zoneid=zone, templateid=image, serviceofferingid=size, diskofferingid=disk, name="full",
                                                       group="group", map_parameters={"details[0].key": "value"}))["virtualmachine"]
    finish(admin, admin.createTags(post=True, resourceids=machine["id"], resourcetype="UserVm", map_parameters={"tags[0].key": "k", "tags[0].value": "v"}))
    for command, members in FILLED.items():
        (objects,) = [value for value in admin.signed(command, listall="true", templatefilter="all").inner.values() if isinstance(value, list)]
        for each in objects:
            missing = [name for name in members.split() if name not in each]
            if each.get("iscustomized"):  # its sizes come with the deployment
                missing = [name for name in missing if name not in ("cpunumber", "cpuspeed", "memory")]
            check("%s: %s is filled" % (command, each["name"]), not missing, missing)
    (machine,) = admin.listVirtualMachines(id=machine["id"]).inner["virtualmachine"]
    missing = [name for name in FILLED_NIC.split() if name not in machine["nic"][0]]
    check("its NIC is filled", not missing, missing)
    check("its tag is there", [(each["key"], each["value"]) for each in machine["tags"]] == [("k", "v")], machine["tags"])


def main():
    with Cloud(zone="simulator") as cloud:
        admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        declared(admin)
        filled(admin)
    bad = results.count(False)
    print("%d passed, %d failed" % (len(results) - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
