#!/usr/bin/python3
"""What lists have in common, tried on every list command by its declaration: pages, counts, search, filters whose value the listed objects show,
tags, icons, and whose objects are shown. The world is that of the access matrix with a second of everything, so that a list that passed over a
parameter would show too much. Where there is nothing to tell apart, nothing is said to have been seen.
timeout: 600"""
import json, os, subprocess, sys, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in (HERE, os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "contract")):
    sys.path.insert(0, folder)
from cloud import BUILD_FOLDER, ROOT, Cloud
from contract import asserted
from provider import settle
from test_access_matrix import Owner, World, make_project, make_world
from test_contract import declarations
from test_marks import PIXEL

SCOPE = ("listall", "isrecursive", "account", "domainid", "projectid")
# What is not tried here, and why.
ELSEWHERE = {
    "listDetailOptions": "it lists words by name", "listHostChecks": "it has nothing in common with others", "listLdapUsers": "it asks a directory: test_ldap.py",
    "listResourceIcon": "it has nothing in common with others", "listVirtualMachineStatistics": "it has nothing in common with others",
    "listIpForwardingRules": "nobody has one yet", "listPortForwardingRules": "nobody has one yet", "listPublicIpAddresses": "nobody has one yet",
}
# Whose lists show nothing without further parameters.
ASKED = {
    "listTemplates": lambda world: {"templatefilter": "self"},
    "listTrafficTypes": lambda world: {"physicalnetworkid": world.first("listPhysicalNetworks")},
    "listProjectAccounts": lambda world: {"projectid": world.projects["mine"]["project"]},
    "listProjectRoles": lambda world: {"projectid": world.projects["mine"]["project"]},
    "listProjectRolePermissions": lambda world: {"projectid": world.projects["mine"]["project"]},
    "listRoleRights": lambda world: {"roleid": world.must("listRoles", name="User")["role"][0]["id"]},
    "listResourceDetails": lambda world: {"resourcetype": "Zone", "resourceid": world.base["zoneid"]},
    "listStorageProviders": lambda world: {"type": "primary"},
    "listPluginSettings": lambda world: {"plugin": "hypervisor-kvm"},
    "listUnmanagedInstances": lambda world: {"clusterid": world.first("listClusters")},
}
# What keywords look at, where that is not the name.
KEYWORDS = {"listAnnotations": "annotation", "listAsyncJobs": "cmd", "listAuditRecords": "command", "listEvents": "type", "listHostTags": "name",
            "listLdapConfigurations": "hostname", "listLeftovers": "step", "listOsTypes": "description", "listPluginFaults": "plugin",
            "listProjectAccounts": "account", "listProjectInvitations": "project", "listResourceDetails": "key", "listResourceLimits": "resourcetypename",
            "listSessions": "username", "listTags": "key", "listTasks": "command", "listTrafficTypes": "traffictype", "listUsers": "username",
            "listVirtualRouterElements": "id", "listVlanIpRanges": "cidr"}
# Whose list tells the owners, where the list does not; the accounts that have an object, where that is not its member "account".
OWNERS_OF = {"listVirtualMachinesUsageHistory": "listVirtualMachines"}
ACCOUNTS = {"listAccounts": lambda world, each: {each["name"]},
            "listProjects": lambda world, each: {member["account"] for member in world.must("listProjectAccounts", projectid=each["id"])["projectaccount"]
                                                 if "userid" not in member}}
# Shown to everybody below, besides their own.
COMMON = {"listNetworks": lambda each: each["type"] == "Shared"}
# Offered everywhere unless they say where.
OFFERED = {"listNetworkOfferings": {"domainid", "zoneid"}}
# The administrator of everything sees everything without asking for it: test_tenants.py.
ROOT_SEES_ALL = {"listDomains"}
# Projects are what is listed, not whose things.
PLAIN_PROJECT = {"listProjectInvitations"}
# People belong to no project.
OF_PEOPLE = {"listAccounts", "listSessions", "listUsers"}
# Numbers of which at least so much is asked for.
AT_LEAST = {"listServiceOfferings": {"cpunumber", "cpuspeed", "memory"}}
# The object whose surroundings are asked for, not the one shown.
AROUND = {"listDomainChildren": {"id"}}
# An id that is looked up among the objects of a type.
TOGETHER = {"entityid": "entitytype"}
results, alike = [], []


def check(what, good, detail=""):
    results.append(good)
    if not good:
        print("FAIL  %s  # got: %s" % (what, str(detail)[:700]), flush=True)


class Listing:
    """A list command as it is declared, and all that the administrator sees by it."""

    def __init__(self, world, name, known):
        self.world, self.name, self.known = world, name, known
        self.declared = {each for each, schema in known.parameters(name).items() if "x-no-effect" not in schema}
        (inner,) = known.resolve(known.reply(name))["properties"].values()
        ((self.key, objects),) = [(key, value) for key, value in known.resolve(inner)["properties"].items() if value.get("type") == "array"]
        self.members = {each.lower(): each for each in known.resolve(objects["items"]).get("properties", {})}
        self.asked = ASKED.get(name, lambda world: {})(world)
        self.everything = dict(self.asked, **({"listall": "true"} if "listall" in self.declared else {}))
        self.whole = self.shown()

    def reply(self, **more):
        return self.world.must(self.name, **dict(self.everything, **more))

    def shown(self, **more):
        return self.reply(**more).get(self.key, [])

    def identity(self, each):
        return str(each["id"]) if "id" in each else json.dumps(each, sort_keys=True)

    def ids(self, objects):
        return [self.identity(each) for each in objects]

    def where(self, name, value):
        member = self.members[name]
        if name in AT_LEAST.get(self.name, ()):
            fits = lambda each: each.get(member, 0) >= value
        elif name in OFFERED.get(self.name, ()):
            fits = lambda each: each.get(member) in (value, None)
        else:
            fits = lambda each: each.get(member) == value
        return sorted(self.ids(each for each in self.whole if fits(each)))

    def found(self, **more):
        return sorted(self.ids(self.shown(**more)))

    def judge(self, good, *parameters, detail=""):
        check("%s: %s" % (self.name, ", ".join(parameters)), good, detail)
        if good:
            asserted(self.name, *parameters)


def pages(listing):
    if not {"page", "pagesize"} <= listing.declared:
        return
    count, everything = len(listing.whole), listing.ids(listing.whole)
    size, together = max(1, (count + 2) // 3), []
    replies = [listing.reply(page=page, pagesize=size) for page in range(1, -(-count // size) + 1)]
    for each in replies:
        together += listing.ids(each[listing.key])
    beyond = listing.reply(page=len(replies) + 1, pagesize=size)
    good = together == everything and {each["count"] for each in replies} == {count} and listing.key not in beyond
    listing.judge(good and listing.key not in listing.reply(page=1, pagesize=0), "page", "pagesize", detail=(count, together, everything))
    if "retrieveonlyresourcecount" in listing.declared:
        reply = listing.reply(retrieveonlyresourcecount="true")
        listing.judge(reply == {"count": count}, "retrieveonlyresourcecount", detail=reply)


def keyword(listing):
    if "keyword" not in listing.declared:
        return
    member = KEYWORDS.get(listing.name, "name")
    texts = [each[member] for each in listing.whole if each.get(member)]
    check("%s has something to search in" % listing.name, texts)
    if not texts:
        return
    holding = lambda text: sorted(listing.ids(each for each in listing.whole if text.lower() in each.get(member, "").lower()))
    text = min((each[1:].swapcase() for each in texts), key=lambda each: len(holding(each)))
    found, nothing = listing.found(keyword=text), listing.found(keyword="_%_")
    good = set(holding(text)) <= set(found) and (len(found) < len(listing.whole) or len(listing.whole) == 1)
    listing.judge(good and nothing == [], "keyword", detail=(text, found, nothing))


def is_scope(listing, name):
    return name in SCOPE and set(SCOPE) - {"projectid"} <= listing.declared and not (name == "projectid" and listing.name in PLAIN_PROJECT)


def filters(listing):
    for name in sorted(listing.declared & set(listing.members)):
        member = listing.members[name]
        if name in listing.asked or name in AROUND.get(listing.name, ()) or is_scope(listing, name):
            continue
        values = {"domainid": [listing.world.owners["sibling"].account["domainid"]], "zoneid": [listing.world.base["zoneid"]]}[name] \
            if name in OFFERED.get(listing.name, ()) else []
        for each in listing.whole:
            value = each.get(member)
            if value not in values and value != "" and isinstance(value, (str, bool, int)):
                values.append(value)
        if not any(len(listing.where(name, value)) < len(listing.whole) for value in values):
            if values:
                alike.append("%s %s" % (listing.name, name))
            continue
        wrong = {}
        for value in values[:3]:
            more = {TOGETHER[name]: next(each for each in listing.whole if each.get(member) == value)[TOGETHER[name]]} if name in TOGETHER else {}
            found = listing.found(**{name: str(value).lower() if isinstance(value, bool) else value}, **more)
            if found != listing.where(name, value):
                wrong[value] = (found, listing.where(name, value))
        listing.judge(not wrong, name, detail=wrong)


def several_ids(listing):
    if "ids" in listing.declared and len(listing.whole) > 1:
        ends = [listing.whole[0]["id"], listing.whole[-1]["id"]]
        good = listing.found(ids=",".join(ends)) == sorted(ends) and listing.found(ids=ends[0]) == ends[:1]
        listing.judge(good, "ids", detail=listing.found(ids=",".join(ends)))


def tags(listing):
    if "tags" not in listing.declared or not any(isinstance(each.get("tags"), list) for each in listing.whole):
        return
    tagged = sorted(listing.ids(each for each in listing.whole if {"colour": "red"}.items() <= {tag["key"]: tag["value"] for tag in each.get("tags", [])}.items()))
    ask = lambda value: listing.found(**{"tags[0].key": "colour", "tags[0].value": value})
    good = tagged and len(tagged) < len(listing.whole) and ask("red") == tagged and ask("re") == []
    listing.judge(good, "tags", detail=(tagged, ask("red"), ask("re")))


def icons(listing):
    if "showicon" not in listing.declared:
        return
    shown = [each.get("icon", {}).get("base64image") for each in listing.shown(showicon="true")]
    good = PIXEL in shown and None in shown and not any("icon" in each for each in listing.whole)
    listing.judge(good, "showicon", detail=shown)


def owners(listing):
    """Whose objects are shown: one's own, an account's, a domain's."""
    world = listing.world
    if "listall" in listing.declared and listing.name not in ROOT_SEES_ALL:
        own = listing.found(listall="false")
        listing.judge(set(own) < set(listing.ids(listing.whole)), "listall", detail=(own, len(listing.whole)))
    if not set(SCOPE) - {"projectid"} <= listing.declared:
        return
    of = telling(listing)
    for name in ("me", "other", "below", "guest"):
        owner = world.owners[name].account
        found, wanted = set(listing.found(account=owner["name"], domainid=owner["domainid"])), of(owner["domainid"], owner["name"])
        check("%s of %s" % (listing.name, name), found == wanted, (found, wanted))
        if wanted and found == wanted and len(found) < len(listing.whole):
            asserted(listing.name, "account")
    home, below = (world.owners[each].account["domainid"] for each in ("me", "below"))
    flat, deep = (set(listing.found(domainid=home, isrecursive=each)) for each in ("false", "true"))
    listing.judge(flat and flat == of(home) and len(flat) < len(listing.whole), "domainid", detail=(len(flat), flat ^ of(home)))
    listing.judge(deep > flat and deep == of(home) | of(below), "isrecursive", detail=(len(deep), deep ^ (of(home) | of(below))))


def telling(listing):
    """A function: the ids of what a domain, or one account of it, has."""
    teller = listing
    if listing.name in OWNERS_OF:
        teller = Listing(listing.world, OWNERS_OF[listing.name], listing.known)
    accounts = ACCOUNTS.get(teller.name, lambda world, each: {each.get("account")})
    common = set(teller.ids(filter(COMMON.get(teller.name, lambda each: False), teller.whole)))
    return lambda domain, name=None: common | set(teller.ids(
        each for each in teller.whole if each.get("domainid") == domain and (name is None or name in accounts(teller.world, each))))


def projects(listing):
    """What projects own is shown where they are named, -1 meaning all of them."""
    if "listall" not in listing.declared or not is_scope(listing, "projectid") or "projectid" not in listing.declared:
        return
    ids = {name: made["project"] for name, made in listing.world.projects.items()}
    if listing.name in OF_PEOPLE:
        listing.judge(listing.shown(projectid=ids["mine"]) == listing.shown(projectid="-1") == [], "projectid")
        return
    each_one = {name: listing.shown(projectid=project) for name, project in ids.items()}
    all_of_them, one_by_one = set(listing.found(projectid="-1")), {name: set(listing.ids(shown)) for name, shown in each_one.items()}
    good = each_one["mine"] and each_one["theirs"] and one_by_one["mine"] != one_by_one["theirs"] and set().union(*one_by_one.values()) == all_of_them
    if "projectid" in listing.members:
        good = good and all(each["projectid"] == ids[name] for name, shown in each_one.items() for each in shown
                            if not COMMON.get(listing.name, lambda each: False)(each))
    listing.judge(good, "projectid", detail=({name: len(shown) for name, shown in each_one.items()}, len(all_of_them)))


# ---- a second of everything ----

def second_zone(world):
    environment = dict(os.environ, GURUM_SIM_ZONE="second", GURUM_SIM_HOSTS="1")
    subprocess.run([os.path.join(ROOT, "fcgi-app/supervise/zone-simulator.sh"), os.path.join(BUILD_FOLDER, "gurumd"),
                    os.path.join(world.cloud.run, "gurum.conf")], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return world.must("listZones", name="second")["zone"][0]["id"]


def later(who, command, **values):
    """A command that ends with its job, of an owner or (the world itself) of the administrator."""
    world = getattr(who, "world", who)
    return world.done(world.must(command, client=getattr(who, "client", None), **values))


def second_machines(world, zone):
    """Machines with everything, running in the second zone."""
    image = world.must("listTemplates", templatefilter="all", zoneid=zone)["template"][0]["id"]
    size = world.must("createServiceOffering", name="safe", displaytext="safe", cpunumber=2, cpuspeed=1000, memory=1024, offerha="true")["serviceoffering"]["id"]
    disk = world.must("listDiskOfferings", name="Small")["diskoffering"][0]["id"]
    for owner in (world.owners["me"], world.owners["below"]):
        later(owner, "deployVirtualMachine", name="second-" + owner.name, zoneid=zone, templateid=image, serviceofferingid=size, diskofferingid=disk,
              group="grouped", userdataid=owner.made["user_data"], keypair="key-" + owner.name)
    hidden = world.must("listVirtualMachines", listall="true", name="second-me")["virtualmachine"][0]["id"]
    world.must("updateVirtualMachine", id=hidden, displayvm="false")


def second_networks(world, zone):
    offering = lambda name: world.must("listNetworkOfferings", name=name)["networkoffering"][0]["id"]
    shared = world.must("createNetwork", name="shared", displaytext="shared", zoneid=zone, networkofferingid=offering("DefaultSharedNetworkOffering"), vlan=77,
                        gateway="192.168.7.1", netmask="255.255.255.0", startip="192.168.7.10", endip="192.168.7.90", acltype="domain", displaynetwork="false")
    world.cloud.rows("UPDATE network SET restart_required = TRUE WHERE uuid = '%s'" % shared["network"]["id"])
    world.must("createNetworkOffering", name="tagged", displaytext="tagged", traffictype="Guest", guestiptype="L2", tags="fast", zoneid=zone,
               domainid=world.owners["me"].account["domainid"], routingmode="Static", availability="Optional")


def second_images(world):
    me = world.owners["me"]
    common = dict(displaytext="image", format="QCOW2", zoneid=world.base["zoneid"], ostypeid=world.first("listOsTypes"), url="http://sim/images/tiny.qcow2")
    me.do("registerTemplate", name="other-image", hypervisor="Simulator", arch="aarch64", forcks="true", **common)
    me.do("registerTemplate", name="foreign-image", hypervisor="KVM", **common)
    for name, project in world.projects.items():
        manager = {"mine": me, "theirs": world.owners["other"], "beneath": world.owners["below"]}[name]
        manager.do("registerTemplate", name="project-image", hypervisor="Simulator", projectid=project["project"], **common)


def marks(world, zone):
    me, other, below = (world.owners[each] for each in ("me", "other", "below"))
    project = world.projects["mine"]["project"]
    marked = (("UserVm", me.made["vm"]), ("Network", me.made["network"]), ("Template", me.made["image"]), ("Project", project), ("Zone", zone))
    for kind, identity in marked + (("Account", me.account["id"]), ("User", me.user["id"]), ("Domain", me.account["domainid"]),
                                    ("GuestOsCategory", world.first("listOsCategories"))):
        world.must("uploadResourceIcon", resourcetype=kind, resourceids=identity, base64image=PIXEL)
    colour = {"tags[0].key": "colour", "tags[0].value": "red"}
    for kind, identity in marked + (("Volume", me.made["volume"]),):
        later(world, "createTags", resourcetype=kind, resourceids=identity, **colour)
    later(other, "createTags", resourcetype="UserVm", resourceids=other.made["vm"], **dict(colour, **{"tags[0].key": "tint"}))
    later(world, "createTags", resourcetype="UserVm", resourceids=below.made["vm"], customer="someone", **dict(colour, **{"tags[0].value": "blue"}))
    for each in ("mine", "theirs"):
        later(world, "createTags", resourcetype="UserVm", resourceids=world.projects[each]["vm"], **colour)
    world.must("addResourceDetail", resourcetype="Zone", resourceid=world.base["zoneid"], **{"details[0].key": "size", "details[0].value": "big",
                                                                                          "details[1].key": "colour", "details[1].value": "red"})
    world.must("addAnnotation", entitytype="ZONE", entityid=zone, annotation="second")


def projects_things(world):
    me, other, below = (world.owners[each] for each in ("me", "other", "below"))
    make_project("beneath", below, Owner(world, "nephew", {"id": below.account["domainid"], "path": "ROOT/matrix/below"}))
    for name, manager in (("mine", me), ("theirs", other)):
        project = world.projects[name]["project"]
        manager.do("createSSHKeyPair", name="project-key", projectid=project)
        manager.do("registerUserData", name="project-data", userdata="ZGF0YQ==", projectid=project)
        manager.do("createInstanceGroup", name="project-group", projectid=project)
    mine = world.projects["mine"]
    second = me.do("createProjectRole", projectid=mine["project"], name="second")["projectrole"]["id"]
    me.do("createProjectRolePermission", projectid=mine["project"], projectroleid=second, rule="yy*", permission="allow")
    later(me, "addAccountToProject", projectid=mine["project"], account=other.account["name"], projectroleid=mine["project_role"])
    later(me, "addUserToProject", projectid=mine["project"], username=world.owners["guest"].user["username"], roletype="Admin")
    world.must("updateConfiguration", name="project.invite.required", value="true")
    later(below, "addUserToProject", projectid=world.projects["beneath"]["project"], username=world.owners["nephew"].user["username"])


def infrastructure(world):
    host, pool = world.first("listHosts", type="Routing"), world.first("listStoragePools")
    world.must("updateHost", id=host, hosttags="fast,slow")
    world.must("updateStoragePool", id=pool, tags="quick,large")
    world.must("createVlanIpRange", zoneid=world.base["zoneid"], physicalnetworkid=world.first("listPhysicalNetworks"), forvirtualnetwork="true", vlan="78",
               gateway="198.18.0.1", netmask="255.255.255.0", startip="198.18.0.10", endip="198.18.0.12", projectid=world.projects["mine"]["project"])
    world.must("addRegion", id=2, name="second", endpoint="https://second.example.org/")
    world.must("createBrand", name="other", hostname="other.example.org", logourl="/static/base/logo.svg")
    world.must("registerOauthProvider", provider="github", description="second", clientid="c", secretkey="s", redirecturi="https://cloud.example.org/client")
    world.must("updateAccount", id=world.owners["sibling"].account["id"], apikeyaccess="DISABLED")
    world.must("updateUser", id=world.owners["sibling"].user["id"], apikeyaccess="ENABLED")


def strangers(world):
    """Guests of the first cluster's hosts that no record knows, as soon as the hosts were looked at."""
    for url, in world.cloud.rows("SELECT url FROM host WHERE removed IS NULL ORDER BY id LIMIT 2"):
        world.cloud.simulator("run_guest", str(uuid.uuid4()), "host=" + url, "name=guest-of-" + url[-2:])
    world.cloud.rows("UPDATE host_watch SET due = UTC_TIMESTAMP(3)")
    until = time.monotonic() + 60
    while world.must("listUnmanagedInstances", clusterid=world.first("listClusters")).get("count") != 2:
        assert time.monotonic() < until, "nobody looks at the hosts"
        time.sleep(0.1)


# What no command makes: it comes of faults and of other machines.
ROWS = (
    "INSERT INTO alert (uuid, type, name, message_key, subject, detail, sent, last_seen) VALUES (UUID(), 1, 'ALERT.CPU', 'alert.test', 's', 'd', NOW(), NOW())",
    "UPDATE image_zone z JOIN image i ON i.id = z.image_id SET z.state = 'Failed' WHERE i.name = 'foreign-image'",
    "UPDATE volume SET is_shown = FALSE ORDER BY id LIMIT 1",
    "INSERT INTO management_server (uuid, name, version, os, kernel, address, booted, started) "
    "VALUES (UUID(), 'gone', '4.21.0.0', 'os', 'kernel', '192.0.2.1', NOW(3), NOW(3))",
    "INSERT INTO ldap_server (uuid, domain_id, hostname, port, created) VALUES (UUID(), 0, 'one.example.org', 389, NOW(3)), "
    "(UUID(), (SELECT id FROM tenant_domain WHERE name = 'matrix'), 'two.example.org', 636, NOW(3))",
    "INSERT INTO plugin_fault (uuid, plugin, slot, what, detail, job_id, step, created) SELECT UUID(), 'hypervisor-simulator', 'guest_start', 'crashed', 'd', id, 'start', "
    "NOW(3) FROM job LIMIT 1",
    "INSERT INTO plugin_fault (uuid, plugin, slot, what, detail, job_id, step, created) SELECT UUID(), 'network-simulator', 'close', 'stuck', 'd', id, 'start', "
    "NOW(3) FROM job LIMIT 1",
    "INSERT INTO provider_leftover (uuid, job_id, step, object_kind, object_id, object_uuid, error_kind, error_key, error_args, error_detail, created, next_attempt) "
    "SELECT UUID(), id, step.name, 'vm', 1, UUID(), 'INTERNAL', 'job.internal', '{}', 'd', NOW(3), NOW(3) + INTERVAL 1 DAY FROM job, "
    "(SELECT 'define_guest' AS name UNION SELECT 'create_volumes') AS step WHERE id = (SELECT MIN(id) FROM job)",
)


def enrich(world):
    zone = second_zone(world)
    for make in (projects_things, second_images, infrastructure, strangers):
        make(world)
    for make in (second_machines, second_networks, marks):
        make(world, zone)
    later(world, "disableUser", id=world.owners["guest"].user["id"])
    later(world, "disableAccount", lock="false", id=world.owners["guest"].account["id"])
    later(world.owners["other"], "suspendProject", id=world.projects["theirs"]["project"])
    for statement in ROWS:
        world.cloud.rows(statement)
    settle(world.cloud)


def main():
    known = declarations()
    with Cloud(zone="simulator") as cloud:
        world = World(cloud)
        make_world(world)
        enrich(world)
        run(world, known)
    print("note: nothing to tell apart: " + ", ".join(alike))
    bad = results.count(False)
    print("%d passed, %d failed" % (len(results) - bad, bad))
    return 1 if bad else 0


def run(world, known):
    for name in sorted(each for each in world.commands - set(ELSEWHERE) if each.startswith("list") and known.parameters(each)):
        listing = Listing(world, name, known)
        check("%s lists something" % name, listing.whole)
        for test in (pages, keyword, filters, several_ids, tags, icons, owners, projects):
            try:
                test(listing)
            except AssertionError as refusal:
                check("%s: %s" % (name, test.__name__), False, refusal)


if __name__ == "__main__":
    sys.exit(main())
