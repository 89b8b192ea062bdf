#!/usr/bin/python3
"""Roles over real HTTP: every command and parameter with its effect, the order of rules, what nobody may do, and that a change holds in all
web processes within a second.
timeout: 300"""
import os, sys, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted

results = []


def check(what, good, detail=""):
    results.append(good)
    print("%s %d - %s%s" % ("ok" if good else "not ok", len(results), what, "" if good else "  # got: %s" % (detail,)), flush=True)


def refused(what, reply, status, text=None):
    check(what, reply.status == status and (text is None or reply.text == text), (reply.status, reply.body))


class World:
    def __init__(self, cloud):
        self.cloud = cloud
        self.admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        self.made = 0

    def role(self, **values):
        self.made += 1
        return self.admin.createRole(**dict({"name": "r%d" % self.made, "type": "User"}, **values)).inner["role"]

    def rules(self, role, *rules):
        for rule in rules:
            self.admin.createRolePermission(roleid=role["id"], rule=rule[1:], permission="allow" if rule[0] == "+" else "deny")

    def listed(self, role):
        return [("+" if each["permission"] == "allow" else "-") + each["rule"]
                for each in self.admin.listRolePermissions(roleid=role["id"]).inner.get("rolepermission", [])]

    def user(self, role, domain=None):
        """A client of a new account with the role."""
        self.made += 1
        name = "u%d" % self.made
        values = {"domainid": domain} if domain else {}
        account = self.admin.createAccount(username=name, password="secret-%s-X1" % name, firstname="f", lastname="l", email="a@b.c", roleid=role["id"],
                                           **values).inner["account"]
        keys = self.admin.registerUserKeys(id=account["user"][0]["id"]).inner["userkeys"]
        client = Client(self.cloud.url, keys["apikey"], keys["secretkey"])
        client.account = account
        return client


def built_in(world):
    roles = {each["name"]: each for each in world.admin.listRoles().inner["role"]}
    check("the built-in roles", {"Root Admin", "Resource Admin", "Domain Admin", "User", "Read-Only Admin - Default", "Read-Only User - Default",
                                 "Support Admin - Default", "Support User - Default"} <= set(roles), sorted(roles))
    check("built-in roles say so", all(each["isdefault"] and each["ispublic"] and each["state"] == "enabled" for each in roles.values()))
    root, user = roles["Root Admin"], roles["User"]
    for role in (root, user, roles["Read-Only User - Default"]):
        refused("updateRole of " + role["name"], world.admin.updateRole(id=role["id"], name="x"), 531, "Default roles cannot be updated")
        refused("deleteRole of " + role["name"], world.admin.deleteRole(id=role["id"]), 531, "Default roles cannot be deleted")
        refused("disableRole of " + role["name"], world.admin.disableRole(id=role["id"]), 531)
        refused("a rule of " + role["name"], world.admin.createRolePermission(roleid=role["id"], rule="*", permission="deny"), 531,
                "Role permission cannot be added for Default roles")
    rule = world.admin.listRolePermissions(roleid=roles["Read-Only User - Default"]["id"]).inner["rolepermission"][0]
    refused("deleting a rule of a built-in role", world.admin.deleteRolePermission(id=rule["id"]), 531, "Role permission cannot be deleted for Default roles")
    refused("changing a rule of a built-in role", world.admin.updateRolePermission(roleid=rule["roleid"], ruleid=rule["id"], permission="deny"), 531,
            "Role permission cannot be updated for Default roles")
    reader = world.user(roles["Read-Only User - Default"])
    check("a read-only user reads", reader.listVirtualMachines().status == 200)
    refused("a read-only user does not read what administrators read", reader.listHosts(), 432)
    refused("a read-only user writes nothing", reader.createNetwork(), 432)
    reader = world.user(roles["Read-Only Admin - Default"])
    check("a read-only admin reads hosts", reader.listHosts().status == 200)
    refused("a read-only admin writes nothing", reader.createDomain(name="x"), 432)
    refused("a read-only admin gets no upload", reader.getUploadParamsForVolume(), 401 if world.admin.getUploadParamsForVolume().status == 401 else 432)
    admin_user = world.admin.listUsers(username="admin", listall="true").inner["user"][0]
    refused("a read-only admin does not get the root admin's keys", reader.getUserKeys(id=admin_user["id"]), 531)
    helper = world.user(roles["Support User - Default"])
    check("a support user starts machines", helper.startVirtualMachine(id=str(uuid.uuid4())).status == 431)
    refused("a support user does not destroy them", helper.destroyVirtualMachine(id=str(uuid.uuid4())), 432)


def roles(world):
    admin = world.admin
    refused("a role of no type", admin.createRole(name="x"), 431, "Neither role type nor role ID is provided")
    base = world.role(description="base", type="DomainAdmin", ispublic="false")
    check("createRole answers the role", (base["type"], base["description"], base["ispublic"], base["isdefault"], base["state"]) ==
          ("DomainAdmin", "base", False, False, "enabled"), base)
    refused("a role of type and copy", admin.createRole(name="x", type="User", roleid=base["id"]), 431, "Both role type and role ID should not be specified")
    refused("an unknown type", admin.createRole(name="x", type="Emperor"), 431)
    refused("a name twice", admin.createRole(name=base["name"], type="User"), 431)
    world.rules(base, "+list*", "-*")
    copy = admin.createRole(name="copy", roleid=base["id"]).inner["role"]
    check("a copy has type and rules", copy["type"] == "DomainAdmin" and world.listed(copy) == ["+list*", "-*"] and copy["ispublic"], copy)
    asserted("createRole", "roleid")
    changed = admin.updateRole(id=copy["id"], name="copy-2", description="new", type="User", ispublic="false").inner["role"]
    check("updateRole changes all", (changed["name"], changed["description"], changed["type"], changed["ispublic"]) == ("copy-2", "new", "User", False), changed)
    refused("updateRole takes no other role's name", admin.updateRole(id=copy["id"], name=base["name"]), 431)
    holder = world.user(copy)
    refused("a type in use stays", admin.updateRole(id=copy["id"], type="Admin"), 531, "Found accounts that have role in use, won't allow to update role")
    refused("a role in use stays", admin.deleteRole(id=copy["id"]), 531, "Found accounts that have role in use, won't allow to delete role")
    job = admin.deleteAccount(id=holder.account["id"]).inner["jobid"] if "deleteAccount" in world.commands else None
    if job:
        while admin.queryAsyncJobResult(jobid=job).inner["jobstatus"] == 0:
            time.sleep(0.1)
        check("a role of deleted accounts can be deleted", admin.deleteRole(id=copy["id"]).inner.get("success") is True)
    spare = world.role()
    check("deleteRole", admin.deleteRole(id=spare["id"]).inner.get("success") is True)
    refused("a deleted role is gone", admin.deleteRole(id=spare["id"]), 431)
    check("and no other", admin.listRoles(id=base["id"]).inner["count"] == 1)
    asserted("deleteRole", "id")
    for filters, expected in (({"id": base["id"]}, [base["name"]]), ({"name": base["name"]}, None), ({"type": "ResourceAdmin"}, ["Resource Admin"]),
                              ({"keyword": "Resource A"}, ["Resource Admin"]), ({"name": "support", "type": "User"}, ["Support User - Default"])):
        found = [each["name"] for each in admin.listRoles(**filters).inner["role"]]
        check("listRoles %s" % filters, found == expected if expected else base["name"] in found, found)
    page = admin.listRoles(page="2", pagesize="3").inner
    check("listRoles pages", len(page["role"]) == 3 and page["count"] > 8, page)


def states(world):
    role = world.role()
    client = world.user(role)
    check("an enabled role works", client.listVirtualMachines().status == 200)
    check("disableRole", world.admin.disableRole(id=role["id"]).inner.get("success") is True)
    time.sleep(1)
    check("a disabled role calls nothing, in no process", all(client.listVirtualMachines().status == 432 for _ in range(12)))
    asserted("disableRole", "id")
    check("listRoles state", [each["id"] for each in world.admin.listRoles(state="disabled").inner["role"]] == [role["id"]])
    name = "x%d" % world.made
    refused("a disabled role is given to nobody", world.admin.createAccount(username=name, password="secret-X1", firstname="f", lastname="l", email="a@b.c",
                                                                           roleid=role["id"]), 431)
    check("enableRole", world.admin.enableRole(id=role["id"]).inner.get("success") is True)
    time.sleep(1)
    check("an enabled role works again, in every process", all(client.listVirtualMachines().status == 200 for _ in range(12)))
    asserted("enableRole", "id")


def rules(world):
    admin, role = world.admin, world.role()
    client = world.user(role)
    refused("a rule with blanks", admin.createRolePermission(roleid=role["id"], rule="list VMs", permission="allow"), 431,
            "Only API names and wildcards are allowed, invalid rule provided: list VMs")
    refused("a permission that is none", admin.createRolePermission(roleid=role["id"], rule="list*", permission="maybe"), 431)
    rule = admin.createRolePermission(roleid=role["id"], rule="listVolumes", permission="deny", description="no disks").inner["rolepermission"]
    check("createRolePermission answers the rule", (rule["rule"], rule["permission"], rule["description"], rule["roleid"], rule["rolename"]) ==
          ("listVolumes", "deny", "no disks", role["id"], role["name"]), rule)
    world.rules(role, "+LIST*", "-*")
    time.sleep(1)
    check("the first rule that fits decides", [client.listVolumes().status for _ in range(6)] == [432] * 6 and client.listHosts().status == 200 and
          client.createNetwork().status == 432)
    ids = [each["id"] for each in admin.listRolePermissions(roleid=role["id"]).inner["rolepermission"]]
    refused("an order that lacks a rule", admin.updateRolePermission(roleid=role["id"], ruleorder=",".join(ids[1:])), 431,
            "The rule permissions list has changed while you were making updates, aborting re-ordering of rules. Please try again.")
    refused("an order with a rule twice", admin.updateRolePermission(roleid=role["id"], ruleorder=",".join(ids[:2] + ids[:1])), 431)
    refused("an order and a rule", admin.updateRolePermission(roleid=role["id"], ruleid=ids[0], permission="allow", ruleorder=",".join(ids)), 431)
    refused("neither", admin.updateRolePermission(roleid=role["id"]), 431)
    order = [ids[1], ids[0], ids[2]]
    check("ruleorder", admin.updateRolePermission(roleid=role["id"], ruleorder=",".join(order)).inner.get("success") is True)
    check("listRolePermissions tells the order", world.listed(role) == ["+LIST*", "-listVolumes", "-*"], world.listed(role))
    time.sleep(1)
    check("the new order holds in all processes", all(client.listVolumes().status == 200 for _ in range(12)))
    asserted("updateRolePermission", "ruleorder")
    admin.updateRolePermission(roleid=role["id"], ruleid=ids[1], permission="deny")
    check("a rule's permission changes", world.listed(role) == ["-LIST*", "-listVolumes", "-*"], world.listed(role))
    other = world.role()
    refused("a rule of another role", admin.updateRolePermission(roleid=other["id"], ruleid=ids[1], permission="deny"), 431)
    asserted("updateRolePermission", "roleid", "ruleid", "permission")
    check("deleteRolePermission", admin.deleteRolePermission(id=ids[1]).inner.get("success") is True and world.listed(role) == ["-listVolumes", "-*"])
    asserted("deleteRolePermission", "id")
    everything = admin.listRolePermissions().inner["rolepermission"]
    check("without a role all rules are listed", {role["id"]} < {each["roleid"] for each in everything})
    rights = {each["name"]: each for each in admin.listRoleRights(roleid=role["id"]).inner["roleright"]}
    check("listRoleRights tells what decides", rights["listVolumes"]["rule"] == "listVolumes" and not any(each["allowed"] for each in rights.values()))
    one = admin.listRoleRights(roleid=other["id"], name="listVolumes", group="Volume", allowed="true", keyword="vol", page="1", pagesize="5").inner
    check("listRoleRights tells only what is asked for", {each["allowed"] for each in admin.listRoleRights(roleid=other["id"], allowed="false").inner["roleright"]} == {False})
    asserted("listRoleRights", "roleid")
    check("listRoleRights filters", [each["name"] for each in one.get("roleright", [])] == ["listVolumes"] and "rule" not in one["roleright"][0], one)


def imports(world):
    admin = world.admin
    parts = {"rules[0].rule": "listZones", "rules[0].permission": "allow", "rules[0].description": "zones", "rules[1].rule": "*", "rules[1].permission": "deny"}
    role = admin.importRole(name="imported", description="d", type="DomainAdmin", ispublic="false", map_parameters=parts).inner["role"]
    check("importRole", (role["type"], role["description"], role["ispublic"]) == ("DomainAdmin", "d", False) and world.listed(role) == ["+listZones", "-*"], role)
    refused("a name twice is refused", admin.importRole(name="imported", map_parameters=parts), 431)
    parts["rules[0].rule"] = "listHosts"
    again = admin.importRole(name="imported", type="DomainAdmin", forced="true", map_parameters=parts).inner["role"]
    check("forced replaces", again["id"] == role["id"] and world.listed(again) == ["+listHosts", "-*"], world.listed(again))
    asserted("importRole", "rules", "forced")
    refused("a built-in role is not replaced", admin.importRole(name="User", forced="true", map_parameters=parts), 531)
    for broken in ({"rules[0].rule": "list*"}, {"rules[0].permission": "allow"}, {"rules[0].rule": "a b", "rules[0].permission": "allow"},
                   {"rules[0].rule": "a", "rules[0].permission": "x"}):
        refused("the broken rule %s" % broken, admin.importRole(name="broken", map_parameters=broken), 431)


def climbing(world):
    """Whoever may manage roles and accounts, but not everything, makes nobody mightier than himself."""
    admin = world.admin
    roles = {each["name"]: each for each in admin.listRoles().inner["role"]}
    clerk_role = world.role(type="Admin")
    world.rules(clerk_role, "+*Role*", "+*Account*", "+*User*", "+list*", "-*")
    clerk = world.user(clerk_role)
    person = {"username": "climber", "password": "secret-X1", "firstname": "f", "lastname": "l", "email": "a@b.c"}
    refused("the clerk gives no Root Admin", clerk.createAccount(roleid=roles["Root Admin"]["id"], **person), 531)
    refused("nor by account type", clerk.createAccount(accounttype="1", **person), 531)
    refused("nor the role of plain users, which may do more", clerk.createAccount(roleid=roles["User"]["id"], **person), 531)
    weak = world.role()
    world.rules(weak, "+listZones", "-*")
    check("but a role within his own", clerk.createAccount(roleid=weak["id"], **person).status == 200)
    check("a rule behind the last deny changes nothing and is taken", clerk.createRolePermission(roleid=weak["id"], rule="*", permission="allow").status == 200)
    ids = [each["id"] for each in admin.listRolePermissions(roleid=weak["id"]).inner["rolepermission"]]
    refused("but brings no such rule to the top", clerk.updateRolePermission(roleid=weak["id"], ruleorder=",".join([ids[2], ids[0], ids[1]])), 531)
    refused("nor takes the deny away", clerk.deleteRolePermission(id=ids[1]), 531)
    refused("nor turns it round", clerk.updateRolePermission(roleid=weak["id"], ruleid=ids[1], permission="allow"), 531)
    refused("nor imports one", clerk.importRole(name="mighty", type="Admin", map_parameters={"rules[0].rule": "*", "rules[0].permission": "allow"}), 531)
    refused("nor makes one whose defaults are more", clerk.createRole(name="mighty", type="User"), 531)
    refused("nor copies one", clerk.createRole(name="mighty", roleid=roles["Root Admin"]["id"]), 531)
    deny = [each["id"] for each in admin.listRolePermissions(roleid=clerk_role["id"]).inner["rolepermission"]][-1]
    refused("nor widens his own", clerk.deleteRolePermission(id=deny), 531)
    boss = admin.listUsers(username="admin", listall="true").inner["user"][0]
    for command, values in (("updateUser", {"password": "taken-over-X1"}), ("registerUserKeys", {}), ("getUserKeys", {}), ("disableUser", {}), ("deleteUser", {})):
        refused("and does no %s on the root admin" % command, clerk.signed(command, id=boss["id"], **values), 531)
    check("nothing of it was kept", admin.listRoles(name="mighty").inner == {})
    domain = admin.createDomain(name="below").inner["domain"]["id"]
    chief = world.user(roles["Domain Admin"], domain)
    seen = {each["name"] for each in chief.listRoles().inner["role"]}
    check("a domain admin sees the roles that he may give", "Domain Admin" in seen and "User" in seen and "Root Admin" not in seen and
          "Read-Only Admin - Default" not in seen, sorted(seen))
    refused("a domain admin gives no Root Admin", chief.createAccount(roleid=roles["Root Admin"]["id"], **dict(person, username="c2")), 531)
    refused("a domain admin changes no role", chief.createRole(name="x", type="User"), 432)


def main():
    with Cloud(zone="none", GURUM_WEB_PROCESSES="2") as cloud:
        world = World(cloud)
        world.commands = {each["name"] for each in world.admin.listApis().inner["api"]}
        for part in (built_in, roles, states, rules, imports, climbing):
            part(world)
        check("the database's checks find nothing", cloud.failed_checks() == [], cloud.failed_checks())
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
