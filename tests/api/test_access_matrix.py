#!/usr/bin/python3
"""The access matrix: every command, role and parameter that names an object, for objects of one's own, of a neighbour, of a domain below, of
another domain and of a project. The cells come from the declarations of the build (access_matrix.c); here stands only how an object of each
kind is made. A kind without a maker fails, and so do commands that check nothing (--faults).
timeout: 600"""
import fnmatch, os, subprocess, sys, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import BUILD_FOLDER, Cloud
from provider import deployment

PASSWORD = "Secret-secret-1"
# Kinds of which nothing can be made yet, and why. Their references are tried with what does not exist (test_bad_input.py).
WITHOUT_OBJECTS = {
    "public_address": "addresses are not acquired yet", "port_forwarding_rule": "rules are not made yet", "ip_forwarding_rule": "rules are not made yet",
}
results = []


def check(what, good, detail=""):
    results.append(good)
    print("%s %d - %s%s" % ("ok" if good else "not ok", len(results), what, "" if good else "  # got: %s" % (detail,)), flush=True)


class Owner:
    """An account with a client of its own and what was made for it."""

    def __init__(self, world, name, domain=None):
        self.world, self.name = world, name
        wish = {"username": "m-" + name, "password": PASSWORD, "email": "m@example.org", "firstname": "M", "lastname": name, "accounttype": "0"}
        if domain:
            wish["domainid"] = domain["id"]
        self.account = world.must("createAccount", **wish)["account"]
        self.user = self.account["user"][0]
        self.domain_path = domain["path"].removeprefix("ROOT").rstrip("/") + "/" if domain else "/"
        keys = world.must("registerUserKeys", id=self.user["id"])["userkeys"]
        self.client = Client(world.cloud.url, keys["apikey"], keys["secretkey"])
        self.made = {}
        world.owners[name] = self

    def of(self):
        return {"account": self.account["name"], "domainid": self.account["domainid"]}

    def do(self, command, **values):
        return self.world.must(command, client=self.client, **values)


class World:
    def __init__(self, cloud):
        self.cloud = cloud
        self.admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        self.base = deployment(cloud.api())
        self.commands = {each["name"] for each in self.admin.listApis().inner["api"]}
        self.owners, self.projects = {}, {}  # by name

    def must(self, command, client=None, **values):
        reply = (client or self.admin).signed(command, post=True, **values)
        assert reply.status == 200, (command, values, reply.body)
        return reply.inner

    def done(self, job, timeout=60):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            result = self.must("queryAsyncJobResult", jobid=job["jobid"])
            if result["jobstatus"]:
                assert result["jobstatus"] == 1, result
                return result["jobresult"]
            time.sleep(0.05)
        raise AssertionError("the job does not end: %s" % job)

    def first(self, command, **values):
        """The id of the first object of a list."""
        inner = self.must(command, **values)
        objects = [value for value in inner.values() if isinstance(value, list)]
        assert objects, (command, values, inner)
        return objects[0][0]["id"]


# ---- how an object of each kind is made: for an owner, or the provider's own ----

def make_vm(owner):
    job = owner.do("deployVirtualMachine", startvm="false", **owner.world.base)
    owner.made["task"] = job["jobid"]
    return owner.world.done(job)["virtualmachine"]["id"]


def make_network(owner):
    offering = owner.world.must("listNetworkOfferings", name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
    return owner.do("createNetwork", zoneid=owner.world.base["zoneid"], name="net", displaytext="net", networkofferingid=offering)["network"]["id"]


def make_image(owner):
    os_type = owner.world.first("listOsTypes")
    return owner.do("registerTemplate", name="image", displaytext="image", format="QCOW2", hypervisor="Simulator", zoneid=owner.world.base["zoneid"],
                    ostypeid=os_type, url="http://sim/images/tiny.qcow2")["template"][0]["id"]


def make_session(owner):
    browser = Client(owner.world.cloud.url)
    login = browser.send({"command": "login", "response": "json", "username": owner.user["username"], "password": PASSWORD,
                          "domainId": owner.account["domainid"]}, post=True)
    assert login.status == 200, login.body
    return owner.do("listSessions")["session"][0]["id"]


def make_alert(world):
    """Alerts come from lost hosts and the like: here by hand."""
    made = str(uuid.uuid4())
    world.cloud.rows("INSERT INTO alert (uuid, type, name, message_key, subject, detail, sent, last_seen) "
                     "VALUES ('%s', 7, 'ALERT.MANAGEMENT', 'alert.test', 's', 'd', NOW(), NOW())" % made)
    return made


def make_annotation(owner):
    """Comments are for administrators' roles: here by hand, on the author's own key."""
    made = str(uuid.uuid4())
    owner.world.cloud.rows("INSERT INTO annotation (uuid, object_kind, object_id, object_uuid, entity_type, user_id, account_id, content, admins_only, "
                           "created) SELECT '%s', 'ssh_key', k.id, k.uuid, 'SSH_KEYPAIR', u.id, u.account_id, 'x', FALSE, NOW(3) FROM ssh_key k "
                           "JOIN login_user u ON u.account_id = k.account_id WHERE k.uuid = '%s' LIMIT 1" % (made, owner.made["ssh_key"]))
    return made


OWNED = {  # in this order: later ones may rest on earlier ones
    "account": lambda owner: owner.account["id"],
    "user": lambda owner: owner.user["id"],
    "vm": make_vm,
    "task": lambda owner: owner.made["task"],
    "volume": lambda owner: owner.world.first("listVolumes", listall="true", virtualmachineid=owner.made["vm"]),
    "network": make_network,
    "image": make_image,
    "event": lambda owner: owner.do("listEvents")["event"][0]["id"],
    "session": make_session,
    "ssh_key": lambda owner: owner.do("createSSHKeyPair", name="key-" + owner.name) and owner.do("listSSHKeyPairs")["sshkeypair"][0]["id"],
    "annotation": make_annotation,
    "vm_group": lambda owner: owner.do("createInstanceGroup", name="group-" + owner.name)["instancegroup"]["id"],
    "user_data": lambda owner: owner.do("registerUserData", name="data-" + owner.name, userdata="ZGF0YQ==")["userdata"]["id"],
    "audit_record": lambda owner: owner.do("listAuditRecords")["auditrecord"][0]["id"],
}
DOMAINS = {"domain": lambda owner: owner.account["domainid"]}
SHARED = {
    "zone": lambda world: world.first("listZones"),
    "service_offering": lambda world: world.first("listServiceOfferings"),
    "disk_offering": lambda world: world.first("listDiskOfferings"),
    "network_offering": lambda world: world.first("listNetworkOfferings", state="Enabled"),
    "os_type": lambda world: world.first("listOsTypes"),
    "os_category": lambda world: world.first("listOsCategories"),
    "image": lambda world: world.first("listTemplates", templatefilter="featured"),
    "role": lambda world: world.must("listRoles", name="User", type="User")["role"][0]["id"],
    "oauth_provider": lambda world: world.must("registerOauthProvider", provider="google", description="matrix", clientid="c", secretkey="s",
                                               redirecturi="https://cloud.example.org/client") and world.first("listOauthProvider"),
    "project_user": lambda world: world.must("listUsers", listall="true", username="admin")["user"][0]["id"],
}
INFRA = {
    "pod": lambda world: world.first("listPods"),
    "cluster": lambda world: world.first("listClusters"),
    "host": lambda world: world.first("listHosts"),
    "storage_pool": lambda world: world.first("listStoragePools"),
    "image_store": lambda world: world.first("listImageStores"),
    "physical_network": lambda world: world.first("listPhysicalNetworks"),
    "traffic_type": lambda world: world.first("listTrafficTypes", physicalnetworkid=world.first("listPhysicalNetworks")),
    "network_provider": lambda world: world.first("listNetworkServiceProviders"),
    "virtual_router_element": lambda world: world.first("listVirtualRouterElements"),
    "vlan_range": lambda world: world.first("listVlanIpRanges"),
    "brand": lambda world: world.must("createBrand", name="matrix", hostname="matrix.example.org")["brand"]["id"],
    "role_rule": lambda world: world.first("listRolePermissions"),
    "alert": make_alert,
    "management_server": lambda world: world.first("listManagementServers"),
    "role": lambda world: world.must("createRole", name="hidden", type="User", ispublic="false")["role"]["id"],
}


def make_roles(world):
    """Names, ids and whether stored rules decide; and what those rules allow, told again without the product's help."""
    custom = world.must("createRole", name="matrix-custom", type="User")["role"]
    for rule, permission in (("*VirtualMachine*", "allow"), ("list*", "allow"), ("*", "deny")):
        world.must("createRolePermission", roleid=custom["id"], rule=rule, permission=permission)
    lines = []
    for role in world.must("listRoles")["role"]:
        rules = world.must("listRolePermissions", roleid=role["id"]).get("rolepermission", [])
        if role["name"].startswith("Support") or role["name"] == "hidden":
            continue
        lines.append(("role", role["name"], role["id"], "rules" if rules else "defaults"))
        for command in world.commands if rules else ():
            fitting = [each["permission"] for each in rules if fnmatch.fnmatchcase(command.lower(), each["rule"].lower())]
            if fitting and fitting[0] == "allow":
                lines.append(("allows", role["name"], command))
    return lines


def make_project(name, manager, guest):
    """A project with something of every kind: its members reach it, others only from above."""
    world, owned = manager.world, {}
    done = lambda command, **values: world.done(manager.do(command, **values))
    project = owned["project"] = done("createProject", name=name, displaytext=name)["project"]["id"]
    role = owned["project_role"] = manager.do("createProjectRole", projectid=project, name="r")["projectrole"]["id"]
    owned["project_role_rule"] = manager.do("createProjectRolePermission", projectid=project, projectroleid=role, rule="zz*",
                                            permission="deny")["projectrolepermission"]["id"]
    offering = world.must("listNetworkOfferings", name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
    owned["network"] = manager.do("createNetwork", name="net", displaytext="net", networkofferingid=offering, zoneid=world.base["zoneid"],
                                  projectid=project)["network"]["id"]
    owned["vm"] = done("deployVirtualMachine", startvm="false", **dict(world.base, projectid=project, networkids=owned["network"]))["virtualmachine"]["id"]
    owned["volume"] = world.first("listVolumes", virtualmachineid=owned["vm"], projectid=project)
    world.must("updateConfiguration", name="project.invite.required", value="true")
    done("addAccountToProject", projectid=project, account=guest.account["name"])
    world.must("updateConfiguration", name="project.invite.required", value="false")
    owned["project_invitation"] = manager.do("listProjectInvitations", projectid=project)["projectinvitation"][0]["id"]
    world.projects[name] = owned
    return [("owner", name, manager.account["id"], "-", manager.account["domainid"], manager.domain_path, "project")] + \
        [("object", kind, name, "owned", each) for kind, each in owned.items()]


def make_world(world):
    home = world.must("createDomain", name="matrix")["domain"]
    below = world.must("createDomain", name="below", parentdomainid=home["id"])["domain"]
    beside = world.must("createDomain", name="beside")["domain"]
    me = Owner(world, "me", home)
    owners = [me, Owner(world, "other", home), Owner(world, "below", below), Owner(world, "sibling", beside)]
    lines = [("me", me.user["id"], me.account["id"], me.domain_path)]
    lines += [("owner", each.name, each.account["id"], each.account["name"], each.account["domainid"], each.domain_path, "account") for each in owners]
    for owner in owners:
        for visibility, makers in (("owned", OWNED), ("domain", DOMAINS)):
            for kind, maker in makers.items():
                owner.made[kind] = maker(owner)
                lines.append(("object", kind, owner.name, visibility, owner.made[kind]))
    for visibility, makers in (("shared", SHARED), ("infra", INFRA)):
        lines += [("object", kind, "-", visibility, maker(world)) for kind, maker in makers.items()]
    guest = Owner(world, "guest", home)
    lines += make_project("mine", me, guest) + make_project("theirs", owners[1], guest)
    return lines + [("without", kind) for kind in WITHOUT_OBJECTS] + make_roles(world)


def nobody(world):
    """Without credentials no command answers but those that say so."""
    open_commands, stranger = set(), Client(world.cloud.url)
    for command in sorted(world.commands):
        if stranger.send({"command": command, "response": "json"}, post=True).status != 401:
            open_commands.add(command)
    check("nobody calls anything but what needs no login", open_commands <= {"login", "logout", "listIdps", "forgotPassword", "resetPassword", "listOauthProvider",
                                                                             "verifyOAuthCodeAndGetUser", "oauthlogin", "cloudianIsEnabled", "listGuiThemes",
                                                                             "getCloudIdentifier"}, sorted(open_commands))


def main():
    with Cloud(zone="simulator") as cloud:
        began = time.monotonic()
        world = World(cloud)
        path = os.path.join(cloud.folder, "world")
        with open(path, "w") as file:
            for line in make_world(world):
                file.write("\t".join(line) + "\n")
        print("note: the world was made in %.0f s" % (time.monotonic() - began))
        nobody(world)
        program = [os.path.join(BUILD_FOLDER, "tests/api/access_matrix"), "--config", os.path.join(cloud.run, "gurum.conf"), "--world", path]
        began = time.monotonic()
        before = cloud.rows("SELECT COUNT(*) FROM job") + cloud.rows("SELECT COUNT(*) FROM account")
        matrix = subprocess.run(program, stdout=subprocess.PIPE, text=True)
        print(matrix.stdout, end="")
        check("the matrix holds, in %.0f s" % (time.monotonic() - began), matrix.returncode == 0)
        faulty = subprocess.run(program + ["--faults"], stdout=subprocess.PIPE, text=True).stdout
        failures = [line for line in faulty.splitlines() if line.startswith("FAIL")]
        for fault in ("zzLookByHand virtualmachineid", "zzLookByHand volumeids", "zzLookByHand parts[0].networkid", "zzLaxKind id"):
            check("a reference that nobody checks makes it fail: " + fault, any(fault + "=" in line for line in failures), failures[-5:])
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
