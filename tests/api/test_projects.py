#!/usr/bin/python3
"""Projects: their life, members, roles and invitations; what members may do with what a project owns, and what others never see; limits; and that
a deleted project leaves nothing.
timeout: 600"""
import os, re, sys, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from aiosmtpd.controller import Controller
from cloud import Cloud
from contract import asserted
from cs import CloudStack, CloudStackApiException
from provider import deployment
from results import close, run_tests
from test_marks import PIXEL
from test_password_reset import Post, Sink, parts

PASSWORD = "Tenant-tenant-1"
made, USUAL = 0, None


def refusal(call, **parameters):
    try:
        call(**parameters)
    except CloudStackApiException as refused:
        return refused.error["errorcode"], refused.error["errortext"]
    raise AssertionError("not refused: %s" % parameters)


def done(cs, job):
    """Waits; the result of a job that ended well."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        reply = cs.queryAsyncJobResult(jobid=job["jobid"])
        if reply["jobstatus"]:
            assert reply["jobstatus"] == 1, reply
            return reply["jobresult"]
        time.sleep(0.05)
    raise AssertionError("job does not end")


def name(prefix):
    global made
    made += 1
    return "%s%d" % (prefix, made)


def account(cs, domain=None, type=0):
    person = {"username": name("person"), "password": PASSWORD, "email": "p@example.org", "firstname": "P", "lastname": "E", "accounttype": type}
    if domain:
        person["domainid"] = domain
    return cs.createAccount(**person)["account"]


def client(cloud, owner, user=0):
    keys = cloud.api().registerUserKeys(id=owner["user"][user]["id"])["userkeys"]
    return CloudStack(endpoint=cloud.url + "/client/api", key=keys["apikey"], secret=keys["secretkey"], timeout=30)


def project(cs, **more):
    return done(cs, cs.createProject(**dict({"name": name("project"), "displaytext": "What we build"}, **more)))["project"]


def names(reply, kind):
    return {each["name"] for each in reply.get(kind, [])}


def names_of_admins(cs, one):
    return {each["account"] for each in cs.listProjects(id=one["id"])["project"][0]["owner"]}


def setting(cs, called, value):
    cs.updateConfiguration(name=called, value=value)


def wish(**more):
    return dict(USUAL, **more)


def machine(cs, **more):
    return done(cs, cs.deployVirtualMachine(**wish(**more)))["virtualmachine"]


@contextmanager
def letters(crew, sink):
    """Letters go into the sink meanwhile."""
    server = Controller(sink, hostname="127.0.0.1", port=Post.free_port())
    server.start()
    try:
        for called, value in (("alert.smtp.host", "127.0.0.1"), ("alert.smtp.port", server.port), ("alert.email.sender", "cloud@example.org")):
            setting(crew.root, called, str(value))
        yield
    finally:
        server.stop()
        setting(crew.root, "alert.smtp.host", "")


class Crew:
    """Two people of one domain, a stranger of it, its administrator, and somebody of another domain, each with a client."""

    def __init__(self, cloud):
        self.root = cs = cloud.api()
        self.top = cs.listDomains(level=0)["domain"][0]["id"]
        self.domain = cs.createDomain(name=name("domain"))["domain"]
        self.boss, self.member, self.stranger = (account(cs, self.domain["id"]) for i in range(3))
        self.admin = account(cs, self.domain["id"], 2)
        self.foreigner = account(cs, cs.createDomain(name=name("domain"))["domain"]["id"], 2)
        for who in ("boss", "member", "stranger", "admin", "foreigner"):
            setattr(self, who + "_cs", client(cloud, getattr(self, who)))


def test_project_is_made_told_changed_and_found(cloud):
    crew = Crew(cloud)
    cs = crew.boss_cs
    job = cs.createProject(name=name("tower"), displaytext="A tower")
    one = done(cs, job)["project"]
    assert one["id"] == job["id"] and one["state"] == "Active" and one["displaytext"] == "A tower", one
    assert one["owner"] == [{"account": crew.boss["name"]}] and one["domainid"] == crew.domain["id"], one
    assert one["projectaccountname"].startswith("PrjAcct-%s-" % one["name"]) and one["vmlimit"] == "20" and one["vmtotal"] == 0, one
    code, text = refusal(cs.createProject, name=one["name"], displaytext="again")
    assert (code, text) == (431, "Project with name %s already exists in domain id=%s" % (one["name"], crew.domain["id"])), text
    other = project(crew.root, account=crew.member["name"], domainid=crew.domain["id"])
    assert other["owner"] == [{"account": crew.member["name"]}], other
    mine = project(crew.root, accountid=crew.boss["id"])
    assert mine["owner"] == [{"account": crew.boss["name"]}], mine
    asserted("createProject", "account", "accountid")
    assert names(cs.listProjects(), "project") == {one["name"], mine["name"]}
    assert names(cs.listProjects(name=one["name"]), "project") == {one["name"]}
    assert names(cs.listProjects(displaytext="A tower"), "project") == {one["name"]}
    assert names(cs.listProjects(keyword="tower"), "project") == {one["name"]}
    assert names(cs.listProjects(page=2, pagesize=1), "project") == {mine["name"]} and cs.listProjects(page=1, pagesize=1)["count"] == 2
    assert "project" not in crew.stranger_cs.listProjects(listall="true") and "project" not in crew.admin_cs.listProjects()
    assert names(crew.admin_cs.listProjects(listall="true"), "project") == {one["name"], other["name"], mine["name"]}
    asserted("listProjects", "listall", "keyword", "page", "pagesize")
    assert names(crew.root.listProjects(domainid=crew.domain["id"]), "project") == {one["name"], other["name"], mine["name"]}
    assert one["name"] not in names(crew.root.listProjects(domainid=crew.top), "project")
    assert one["name"] in names(crew.root.listProjects(domainid=crew.top, isrecursive="true"), "project")
    assert names(cs.listProjects(projectid=one["id"]), "project") == {one["name"]}
    assert names(cs.listProjects(projectid="-1"), "project") == {one["name"], mine["name"]}
    assert names(crew.root.listProjects(account=crew.member["name"], domainid=crew.domain["id"]), "project") == {other["name"]}
    assert names(crew.root.listProjects(username=crew.member["user"][0]["username"], listall="true"), "project") == {other["name"]}
    assert [["vmlimit" in each for each in cs.listProjects(id=one["id"], details=told)["project"]] for told in ("min", "resource")] == [[False], [True]]
    asserted("listProjects", "isrecursive", "projectid", "account", "username", "details")
    assert refusal(crew.stranger_cs.listProjects, id=one["id"])[0] == 531
    done(cs, cs.createTags(resourcetype="Project", resourceids=one["id"], tags=[{"key": "stage", "value": "one"}]))
    assert names(cs.listProjects(tags=[{"key": "stage", "value": "one"}]), "project") == {one["name"]}
    assert cs.listProjects(id=one["id"])["project"][0]["tags"][0]["key"] == "stage"
    cs.uploadResourceIcon(resourcetype="Project", resourceids=one["id"], base64image=PIXEL)
    assert cs.listProjects(id=one["id"], showicon="true")["project"][0]["icon"]["base64image"] == PIXEL
    assert "icon" not in cs.listProjects(id=one["id"])["project"][0]
    asserted("listProjects", "tags", "showicon")
    changed = done(cs, cs.updateProject(id=one["id"], name="renamed" + one["name"], displaytext="Higher"))["project"]
    assert (changed["name"], changed["displaytext"]) == ("renamed" + one["name"], "Higher"), changed
    assert refusal(cs.updateProject, id=one["id"], name=mine["name"])[0] == 431
    assert refusal(cs.createProject, name="x" * 201)[0] == 431


def test_members_reach_what_the_project_owns_and_nobody_else_does(cloud):
    crew = Crew(cloud)
    home = project(crew.boss_cs)
    vm = machine(crew.boss_cs, projectid=home["id"])
    assert "account" not in vm and (vm["projectid"], vm["project"]) == (home["id"], home["name"]), vm
    done(crew.boss_cs, crew.boss_cs.addAccountToProject(projectid=home["id"], account=crew.member["name"]))
    own = machine(crew.member_cs)
    assert names(crew.member_cs.listVirtualMachines(), "virtualmachine") == {own["name"]}, "a project's machine is hidden"
    assert names(crew.member_cs.listVirtualMachines(listall="true"), "virtualmachine") == {own["name"]}
    for cs in (crew.member_cs, crew.boss_cs, crew.admin_cs, crew.root):
        assert names(cs.listVirtualMachines(projectid=home["id"]), "virtualmachine") == {vm["name"]}
        assert names(cs.listVirtualMachines(id=vm["id"]), "virtualmachine") == {vm["name"]}
    for cs in (crew.member_cs, crew.boss_cs, crew.admin_cs):
        assert names(cs.listVirtualMachines(projectid="-1"), "virtualmachine") == {vm["name"]}
    assert vm["name"] in names(crew.root.listVirtualMachines(projectid="-1"), "virtualmachine")
    assert own["name"] not in names(crew.root.listVirtualMachines(projectid="-1"), "virtualmachine")
    assert names(crew.admin_cs.listVirtualMachines(listall="true"), "virtualmachine") == {own["name"]}
    assert vm["name"] not in names(crew.root.listVirtualMachines(listall="true"), "virtualmachine")
    assert names(crew.member_cs.listVirtualMachines(ids="%s,%s" % (vm["id"], own["id"])), "virtualmachine") == {vm["name"], own["name"]}
    for cs in (crew.stranger_cs, crew.foreigner_cs):
        assert refusal(cs.listVirtualMachines, id=vm["id"])[0] == 531
        assert refusal(cs.listVirtualMachines, projectid=home["id"])[0] == 531
        assert "virtualmachine" not in cs.listVirtualMachines(projectid="-1")
        assert refusal(cs.stopVirtualMachine, id=vm["id"])[0] == 531
        assert refusal(cs.deployVirtualMachine, **wish(projectid=home["id"]))[0] == 531
        assert refusal(cs.listProjectAccounts, projectid=home["id"])[0] == 531
    done(crew.member_cs, crew.member_cs.stopVirtualMachine(id=vm["id"]))
    done(crew.member_cs, crew.member_cs.startVirtualMachine(id=vm["id"]))
    assert refusal(crew.member_cs.listVirtualMachines, projectid=home["id"], account=crew.member["name"])[0] == 431
    done(crew.boss_cs, crew.boss_cs.deleteAccountFromProject(projectid=home["id"], account=crew.member["name"]))
    assert refusal(crew.member_cs.stopVirtualMachine, id=vm["id"])[0] == 531, "who left still reaches it"
    asserted("addAccountToProject", "projectid", "account")
    asserted("deleteAccountFromProject", "projectid", "account")
    assert "virtualmachine" not in crew.member_cs.listVirtualMachines(projectid="-1")


def test_project_may_be_named_together_with_its_domain(cloud):
    crew = Crew(cloud)
    home = project(crew.boss_cs)
    where = {"projectid": home["id"], "domainid": crew.domain["id"]}
    assert crew.root.createSSHKeyPair(name="key", **where)["keypair"]["projectid"] == home["id"]
    assert names(crew.boss_cs.listSSHKeyPairs(**where), "sshkeypair") == {"key"}
    assert refusal(crew.foreigner_cs.createSSHKeyPair, name="key", **where)[0] == 531
    assert refusal(crew.root.createSSHKeyPair, name="key", domainid=crew.domain["id"])[0] == 431
    crew.boss_cs.deleteSSHKeyPair(name="key", **where)


def test_every_list_tells_the_project(cloud):
    crew = Crew(cloud)
    cs, home = crew.boss_cs, None
    home = project(cs)
    offering = cs.listNetworkOfferings(name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
    network = cs.createNetwork(zoneid=USUAL["zoneid"], name="ours", displaytext="ours", networkofferingid=offering, projectid=home["id"])["network"]
    vm = machine(cs, projectid=home["id"], networkids=network["id"])
    done(cs, cs.createTags(resourcetype="UserVm", resourceids=vm["id"], tags=[{"key": "k", "value": "v"}]))
    cs.updateVirtualMachine(id=vm["id"], displayname="shown")
    cs.createSSHKeyPair(name="ours", projectid=home["id"])
    cs.createInstanceGroup(name="ours", projectid=home["id"])
    for command, kind in (("listVirtualMachines", "virtualmachine"), ("listVolumes", "volume"), ("listNetworks", "network"), ("listTags", "tag"),
                          ("listEvents", "event"), ("listResourceLimits", "resourcelimit"),
                          ("listSSHKeyPairs", "sshkeypair"), ("listInstanceGroups", "instancegroup")):
        for wanted in (home["id"], "-1") if kind != "resourcelimit" else (home["id"],):
            shown = [each for each in getattr(cs, command)(projectid=wanted)[kind] if each.get("type") != "Shared"]
            assert shown and all((each.get("projectid"), each.get("project"), each.get("account")) == (home["id"], home["name"], None)
                                 for each in shown), (command, wanted, shown)
        assert all("projectid" not in each for each in getattr(cs, command)(listall="true").get(kind, [])), command
    assert "template" not in cs.listTemplates(templatefilter="self", projectid=home["id"])


def test_details_of_what_a_project_owns_tell_the_project(cloud):
    crew = Crew(cloud)
    home = project(crew.boss_cs)
    which = {"resourcetype": "UserVm", "resourceid": machine(crew.boss_cs, projectid=home["id"], startvm="false")["id"]}
    done(crew.root, crew.root.addResourceDetail(details=[{"key": "dept", "value": "red"}], **which))
    (told,) = [each for each in crew.root.listResourceDetails(**which)["resourcedetail"] if each["key"] == "dept"]
    assert (told["projectid"], told["project"]) == (home["id"], home["name"]) and "account" not in told, told


def test_roles_in_a_project_forbid_before_the_account_decides(cloud):
    crew = Crew(cloud)
    boss, member = crew.boss_cs, crew.member_cs
    home = project(boss)
    elsewhere = project(boss)
    vm = machine(boss, projectid=home["id"])
    role = boss.createProjectRole(projectid=home["id"], name="watcher", description="only looks")["projectrole"]
    assert (role["name"], role["projectid"], role["description"]) == ("watcher", home["id"], "only looks"), role
    assert refusal(boss.createProjectRole, projectid=home["id"], name="watcher")[0] == 431
    other = boss.createProjectRole(projectid=home["id"], name="other")["projectrole"]
    assert names(boss.listProjectRoles(projectid=home["id"]), "projectrole") == {"watcher", "other"}
    assert names(boss.listProjectRoles(projectid=home["id"], projectroleid=other["id"]), "projectrole") == {"other"}
    asserted("listProjectRoles", "projectroleid")
    rules = [boss.createProjectRolePermission(projectid=home["id"], projectroleid=role["id"], rule=rule, permission=permission,
                                              description="why " + permission)["projectrolepermission"]
             for rule, permission in (("list*", "allow"), ("*", "deny"))]
    assert [(each["permission"], each["description"]) for each in rules] == [("allow", "why allow"), ("deny", "why deny")], rules
    assert rules[1]["projectrolename"] == "watcher", rules
    kept = boss.listProjectRolePermissions(projectid=home["id"])["projectrolepermission"]
    assert kept == rules, kept
    asserted("createProjectRolePermission", "description")
    done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"], projectroleid=role["id"]))
    told = [each for each in member.listProjectAccounts(projectid=home["id"])["projectaccount"] if each["role"] == "Regular"]
    assert told[0]["projectroleid"] == role["id"] and told[0]["account"] == crew.member["name"], told
    asserted("addAccountToProject", "projectroleid")
    assert boss.listProjectAccounts(projectid=home["id"], role="Admin")["count"] == 1
    assert boss.listProjectAccounts(projectid=home["id"], projectroleid=role["id"])["count"] == 1
    assert boss.listProjectAccounts(projectid=home["id"], account=crew.member["name"])["count"] == 1
    assert names(member.listVirtualMachines(projectid=home["id"]), "virtualmachine") == {vm["name"]}
    assert refusal(member.stopVirtualMachine, id=vm["id"])[0] == 531
    assert refusal(member.deployVirtualMachine, **wish(projectid=home["id"]))[0] == 531
    machine(member)  # his own is not the project's matter
    boss.updateProjectRolePermission(projectid=home["id"], projectroleid=role["id"], projectrolepermissionid=rules[1]["id"], permission="allow")
    done(member, member.stopVirtualMachine(id=vm["id"]))
    boss.updateProjectRolePermission(projectid=home["id"], projectroleid=role["id"], projectrolepermissionid=rules[1]["id"], permission="deny")
    boss.updateProjectRolePermission(projectid=home["id"], projectroleid=role["id"], ruleorder=",".join(rule["id"] for rule in reversed(rules)))
    assert [each["id"] for each in boss.listProjectRolePermissions(projectid=home["id"])["projectrolepermission"]] == [rules[1]["id"], rules[0]["id"]]
    assert refusal(member.listVirtualMachines, projectid=home["id"])[0] == 531, "the first rule that fits decides"
    changing = {"projectid": home["id"], "projectroleid": role["id"], "projectrolepermissionid": rules[1]["id"], "permission": "allow"}
    for wrong in ({"projectid": elsewhere["id"]}, {"projectroleid": other["id"]}):
        assert refusal(boss.updateProjectRolePermission, **dict(changing, **wrong))[0] == 431, wrong
    asserted("updateProjectRolePermission", "projectid", "projectroleid", "projectrolepermissionid", "permission", "ruleorder")
    assert refusal(boss.updateProjectRolePermission, projectid=home["id"], projectroleid=role["id"])[0] == 431
    assert refusal(boss.updateProjectRolePermission, projectid=home["id"], projectroleid=role["id"], ruleorder=rules[0]["id"])[0] == 431
    assert refusal(boss.createProjectRolePermission, projectid=home["id"], projectroleid=role["id"], rule="a b", permission="allow")[0] == 431
    assert refusal(boss.deleteProjectRole, projectid=home["id"], id=role["id"])[0] == 536
    assert refusal(member.createProjectRole, projectid=home["id"], name="mine")[0] == 531
    assert refusal(boss.deleteProjectRolePermission, projectid=elsewhere["id"], id=rules[1]["id"])[0] == 431
    boss.deleteProjectRolePermission(projectid=home["id"], id=rules[1]["id"])
    assert [each["id"] for each in boss.listProjectRolePermissions(projectid=home["id"], projectroleid=role["id"])["projectrolepermission"]] == [rules[0]["id"]]
    asserted("deleteProjectRolePermission", "projectid", "id")
    assert boss.updateProjectRole(projectid=home["id"], id=role["id"], name="looker", description="looks")["projectrole"]["name"] == "looker"
    assert names(member.listProjectRoles(projectid=home["id"], name="looker"), "projectrole") == {"looker"}
    done(boss, boss.deleteAccountFromProject(projectid=home["id"], account=crew.member["name"]))
    assert refusal(boss.deleteProjectRole, projectid=elsewhere["id"], id=role["id"])[0] == 431
    boss.deleteProjectRole(projectid=home["id"], id=role["id"])
    assert names(boss.listProjectRoles(projectid=home["id"]), "projectrole") == {"other"}
    asserted("deleteProjectRole", "projectid", "id")
    foreign = boss.createProjectRole(projectid=elsewhere["id"], name="other")["projectrole"]
    assert refusal(boss.addAccountToProject, projectid=home["id"], account=crew.member["name"], projectroleid=foreign["id"])[0] == 431


def test_admins_of_a_project_change_and_one_stays(cloud):
    crew = Crew(cloud)
    boss, member = crew.boss_cs, crew.member_cs
    home = project(boss)
    assert refusal(member.addAccountToProject, projectid=home["id"], account=crew.stranger["name"])[0] == 531
    done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"], roletype="Regular"))
    assert refusal(member.addAccountToProject, projectid=home["id"], account=crew.stranger["name"])[0] == 531, "regular members change nothing"
    assert refusal(member.updateProject, id=home["id"], displaytext="mine")[0] == 531
    assert refusal(member.deleteProject, id=home["id"])[0] == 531
    code, text = refusal(lambda **p: done(boss, boss.deleteAccountFromProject(**p)), projectid=home["id"], account=crew.boss["name"])
    assert code == 431 and text.startswith("Unable to delete account"), text
    assert refusal(boss.updateProject, id=home["id"], account=crew.stranger["name"])[1].startswith("Account %s doesn't belong" % crew.stranger["name"])
    changed = done(boss, boss.updateProject(id=home["id"], account=crew.member["name"]))["project"]
    assert changed["owner"] == [{"account": crew.member["name"]}], changed
    assert refusal(boss.updateProject, id=home["id"], displaytext="still mine")[0] == 531
    done(member, member.updateProject(id=home["id"], account=crew.boss["name"], swapowner="false", roletype="Admin"))
    assert len(boss.listProjects(id=home["id"])["project"][0]["owner"]) == 2
    done(member, member.updateProject(id=home["id"], account=crew.member["name"], swapowner="false", roletype="Regular"))
    asserted("updateProject", "account", "swapowner", "roletype")
    used = {who["name"]: crew.root.listAccounts(id=who["id"])["account"][0]["projecttotal"] for who in (crew.boss, crew.member)}
    assert used == {crew.boss["name"]: 1, crew.member["name"]: 0}, used
    assert refusal(boss.addAccountToProject, projectid=home["id"], account="nobody")[0] == 431
    assert refusal(boss.addAccountToProject, projectid=home["id"])[0] == 431
    done(crew.admin_cs, crew.admin_cs.addAccountToProject(projectid=home["id"], account=crew.stranger["name"]))
    assert crew.stranger_cs.listProjects()["count"] == 1


def test_one_user_of_an_account_is_a_member_alone(cloud):
    crew = Crew(cloud)
    boss = crew.boss_cs
    second = crew.root.createUser(username=name("second"), password=PASSWORD, email="s@example.org", firstname="S", lastname="E",
                                  account=crew.member["name"], domainid=crew.domain["id"])["user"]
    second_cs = client(cloud, {"user": [second]})
    home = project(boss)
    role = boss.createProjectRole(projectid=home["id"], name="looker")["projectrole"]["id"]
    done(boss, boss.addUserToProject(projectid=home["id"], username=second["username"], projectroleid=role, email="unused@example.org"))
    assert second_cs.listProjects()["count"] == 1 and "project" not in crew.member_cs.listProjects()
    asserted("addUserToProject", "projectid", "username")
    told = boss.listProjectAccounts(projectid=home["id"], userid=second["id"])["projectaccount"]
    assert [(each["username"], each["userid"], each["accounttype"]) for each in told] == [(second["username"], second["id"], 0)], told
    assert (told[0]["role"], told[0]["projectrolename"]) == ("Regular", "looker"), told
    admin = crew.admin_cs
    done(admin, admin.addUserToProject(projectid=home["id"], username=crew.stranger["user"][0]["username"], roletype="Admin"))
    assert names_of_admins(boss, home) == {crew.boss["name"], crew.stranger["name"]}
    asserted("addUserToProject", "projectroleid", "roletype")
    assert refusal(boss.addUserToProject, projectid=home["id"], username="nobody")[0] == 431
    done(boss, boss.updateProject(id=home["id"], userid=second["id"], swapowner="false", roletype="Admin"))
    done(second_cs, second_cs.updateProject(id=home["id"], displaytext="by the second"))
    asserted("updateProject", "userid")
    done(boss, boss.deleteUserFromProject(projectid=home["id"], userid=second["id"]))
    assert "project" not in second_cs.listProjects()
    assert refusal(boss.deleteUserFromProject, projectid=home["id"], userid=second["id"])[0] == 431
    asserted("deleteUserFromProject", "projectid", "userid")
    alone = project(crew.root, userid=second["id"])
    assert second_cs.listProjects()["project"][0]["owner"] == [{"account": crew.member["name"], "userid": second["id"], "user": second["username"]}]
    assert "project" not in crew.member_cs.listProjects(), alone
    asserted("createProject", "userid")


def test_invitations_are_answered_once_and_end(cloud):
    crew = Crew(cloud)
    boss, member = crew.boss_cs, crew.member_cs
    home = project(boss)
    setting(crew.root, "project.invite.required", "true")
    try:
        assert crew.root.listCapabilities()["capability"]["projectinviterequired"] is True
        done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"]))
        assert "project" not in member.listProjects()
        mine = member.listProjectInvitations()["projectinvitation"]
        assert [(each["project"], each["state"], each["account"]) for each in mine] == [(home["name"], "Pending", crew.member["name"])], mine
        assert boss.listProjectInvitations(projectid=home["id"], id=mine[0]["id"])["count"] == 1
        assert "projectinvitation" not in crew.stranger_cs.listProjectInvitations(listall="true")
        within = lambda **narrow: {each["id"] for each in crew.admin_cs.listProjectInvitations(**narrow).get("projectinvitation", [])}
        assert within() == within(account=crew.stranger["name"], domainid=crew.domain["id"]) == set()
        assert within(listall="true") == within(account=crew.member["name"], domainid=crew.domain["id"]) == within(domainid=crew.domain["id"]) == {mine[0]["id"]}
        everywhere = {each["id"] for each in crew.root.listProjectInvitations(domainid=crew.top, isrecursive="true")["projectinvitation"]}
        assert mine[0]["id"] in everywhere and "projectinvitation" not in crew.root.listProjectInvitations(domainid=crew.top)
        asserted("listProjectInvitations", "listall", "account", "domainid", "isrecursive")
        assert refusal(boss.addAccountToProject, projectid=home["id"], account=crew.member["name"])[0] == 536
        assert refusal(crew.stranger_cs.updateProjectInvitation, projectid=home["id"])[0] == 431
        assert refusal(crew.stranger_cs.updateProjectInvitation, projectid=home["id"], account=crew.member["name"])[0] == 531
        done(member, member.updateProjectInvitation(projectid=home["id"], accept="false"))
        assert member.listProjectInvitations(state="Declined")["count"] == 1 and "projectinvitation" not in member.listProjectInvitations(activeonly="true")
        assert refusal(member.updateProjectInvitation, projectid=home["id"])[0] == 431, "answered once"
        asserted("listProjectInvitations", "activeonly")
        done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"], roletype="Admin"))
        done(member, member.updateProjectInvitation(projectid=home["id"], account=crew.member["name"]))
        assert len(member.listProjects(id=home["id"])["project"][0]["owner"]) == 2
        asserted("updateProjectInvitation", "accept", "account", "projectid")
        done(boss, boss.addUserToProject(projectid=home["id"], username=crew.stranger["user"][0]["username"], email="unused@example.org"))
        theirs = crew.stranger_cs.listProjectInvitations(userid=crew.stranger["user"][0]["id"])["projectinvitation"]
        assert theirs[0]["userid"] == crew.stranger["user"][0]["id"] and "email" not in theirs[0], theirs
        assert refusal(crew.stranger_cs.deleteProjectInvitation, id=theirs[0]["id"])[0] == 531
        done(boss, boss.deleteProjectInvitation(id=theirs[0]["id"]))
        assert refusal(crew.stranger_cs.updateProjectInvitation, projectid=home["id"])[0] == 431
        asserted("deleteProjectInvitation", "id")
        done(boss, boss.addUserToProject(projectid=home["id"], username=crew.stranger["user"][0]["username"]))
        done(crew.stranger_cs, crew.stranger_cs.updateProjectInvitation(projectid=home["id"], userid=crew.stranger["user"][0]["id"]))
        told = boss.listProjectAccounts(projectid=home["id"], account=crew.stranger["name"])["projectaccount"]
        assert [each["userid"] for each in told] == [crew.stranger["user"][0]["id"]], told
        asserted("updateProjectInvitation", "userid")
        done(boss, boss.deleteAccountFromProject(projectid=home["id"], account=crew.stranger["name"]))
        assert refusal(boss.addAccountToProject, projectid=home["id"], email="who@example.org")[1].startswith("An invitation by mail")
        assert refusal(boss.updateProjectInvitation, projectid=home["id"], token="guess")[0] == 431
        setting(crew.root, "project.invite.timeout", "60")
        done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.stranger["name"]))
        cloud.rows("UPDATE project_invitation SET created = created - INTERVAL 61 SECOND WHERE state = 'Pending'")
        assert crew.stranger_cs.listProjectInvitations(state="Expired")["projectinvitation"][0]["state"] == "Expired"
        assert refusal(crew.stranger_cs.updateProjectInvitation, projectid=home["id"])[0] == 431, "too late"
    finally:
        setting(crew.root, "project.invite.required", "false")
        setting(crew.root, "project.invite.timeout", "86400")


def test_invitation_by_mail_is_answered_with_its_token(cloud):
    crew, sink = Crew(cloud), Sink()
    home = project(crew.boss_cs)
    with letters(crew, sink):
        done(crew.boss_cs, crew.boss_cs.addAccountToProject(projectid=home["id"], email="friend@example.org"))
        envelope, message = sink.wait(1)
        text = parts(message)["text/plain"]
        token = re.search(r"projectid=%s&token=(\S+)" % home["id"], text).group(1)
        assert envelope.rcpt_tos == ["friend@example.org"] and home["name"] in text and token in parts(message)["text/html"], text
        assert token not in str(cloud.rows("SELECT * FROM project_invitation"))
        assert crew.boss_cs.listProjectInvitations(projectid=home["id"])["projectinvitation"][0]["email"] == "friend@example.org"
        assert refusal(crew.member_cs.updateProjectInvitation, projectid=home["id"], token="guess")[0] == 431
        done(crew.member_cs, crew.member_cs.updateProjectInvitation(projectid=home["id"], token=token))
        assert crew.member_cs.listProjects()["count"] == 1
        assert refusal(crew.stranger_cs.updateProjectInvitation, projectid=home["id"], token=token)[0] == 431, "used once"
        asserted("addAccountToProject", "email")
        asserted("updateProjectInvitation", "token")


def test_letters_go_once_to_an_address_and_seldom(cloud):
    crew = Crew(cloud)
    boss, home = crew.boss_cs, project(crew.boss_cs)

    def invite(address):
        done(boss, boss.addAccountToProject(projectid=home["id"], email=address))

    def refused(address):
        return refusal(boss.addAccountToProject, projectid=home["id"], email=address)[0]

    with letters(crew, Sink()):
        setting(crew.root, "project.invite.mails.per.hour", "2")
        try:
            invite("friend@example.org")
            assert refused("Friend@example.org") == 536
            (one,) = boss.listProjectInvitations(projectid=home["id"])["projectinvitation"]
            done(boss, boss.deleteProjectInvitation(id=one["id"]))
            assert "projectinvitation" not in boss.listProjectInvitations(projectid=home["id"], activeonly="true")
            invite("friend@example.org")
            assert refused("other@example.org") == 535, "what was taken back counts"
            cloud.rows("UPDATE project_invitation SET created = created - INTERVAL 61 MINUTE WHERE email IS NOT NULL")
            invite("other@example.org")
        finally:
            setting(crew.root, "project.invite.mails.per.hour", "20")


def test_nobody_becomes_admin_of_a_project_without_agreeing(cloud):
    crew = Crew(cloud)
    boss, member, home = crew.boss_cs, crew.member_cs, project(crew.boss_cs)
    done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"], roletype="Admin"))
    assert "project" not in member.listProjects()
    done(member, member.updateProjectInvitation(projectid=home["id"]))
    assert len(member.listProjects(id=home["id"])["project"][0]["owner"]) == 2
    admin = crew.admin_cs
    done(admin, admin.addAccountToProject(projectid=home["id"], account=crew.stranger["name"], roletype="Admin"))
    assert len(boss.listProjects(id=home["id"])["project"][0]["owner"]) == 3
    asserted("addAccountToProject", "roletype")


def test_administrator_sets_no_limits_of_a_project_elsewhere_that_he_is_a_member_of(cloud):
    crew, sink = Crew(cloud), Sink()
    home = project(crew.boss_cs)
    with letters(crew, sink):
        done(crew.boss_cs, crew.boss_cs.addAccountToProject(projectid=home["id"], email="friend@example.org"))
        token = re.search(r"&token=(\S+)", parts(sink.wait(1)[1])["text/plain"]).group(1)
    done(crew.foreigner_cs, crew.foreigner_cs.updateProjectInvitation(projectid=home["id"], token=token))
    assert crew.foreigner_cs.listProjects(id=home["id"])["count"] == 1
    assert refusal(crew.foreigner_cs.updateResourceLimit, resourcetype=0, max=9, projectid=home["id"])[0] == 531
    own = crew.foreigner["domainid"]
    assert refusal(crew.foreigner_cs.updateResourceCount, domainid=own, projectid=home["id"])[0] == 531
    assert crew.admin_cs.updateResourceLimit(resourcetype=0, max=9, projectid=home["id"])["resourcelimit"]["max"] == 9


def test_limits_of_projects_and_of_having_them(cloud):
    crew = Crew(cloud)
    boss, admin = crew.boss_cs, crew.admin_cs
    home = project(boss)
    assert refusal(boss.updateResourceLimit, resourcetype=0, max=1, projectid=home["id"])[0] == 432, "users set no limits"
    limit = admin.updateResourceLimit(resourcetype=0, max=1, projectid=home["id"])["resourcelimit"]
    assert (limit["max"], limit["projectid"], limit["project"]) == (1, home["id"], home["name"]) and "account" not in limit, limit
    assert boss.listResourceLimits(projectid=home["id"], resourcetype=0)["resourcelimit"][0]["max"] == 1
    assert boss.listProjects(id=home["id"])["project"][0]["vmlimit"] == "1"
    machine(boss, projectid=home["id"])
    assert refusal(boss.deployVirtualMachine, **wish(projectid=home["id"]))[0] == 535
    told = boss.listProjects(id=home["id"])["project"][0]
    assert (told["vmtotal"], told["vmavailable"], told["vmrunning"]) == (1, "0", 1), told
    cloud.rows("UPDATE project p JOIN account_counter c ON c.account_id = -p.id JOIN domain_ancestor a ON a.domain_id = p.domain_id "
               "JOIN domain_counter d ON d.domain_id = a.ancestor_id AND d.kind = c.kind SET c.used = c.used + 6, d.used = d.used + 6 "
               "WHERE p.uuid = '%s' AND c.kind = 0" % home["id"])
    (counted,) = admin.updateResourceCount(domainid=crew.domain["id"], projectid=home["id"], resourcetype=0)["resourcecount"]
    assert (counted["resourcecount"], counted["projectid"], counted["project"]) == (1, home["id"], home["name"]) and "account" not in counted, counted
    asserted("updateResourceCount", "projectid")
    setting(crew.root, "resource.limit.host.tags", "fast")
    try:
        admin.updateResourceLimit(resourcetype=0, max=3, tag="fast", projectid=home["id"])
        tagged = {each["resourcetypename"]: each for each in boss.listProjects(id=home["id"])["project"][0]["taggedresources"]}
        assert (tagged["user_vm"]["tag"], tagged["user_vm"]["limit"], tagged["user_vm"]["total"]) == ("fast", 3, 0), tagged
    finally:
        setting(crew.root, "resource.limit.host.tags", "")
    assert refusal(crew.foreigner_cs.updateResourceLimit, resourcetype=0, max=9, projectid=home["id"])[0] == 531
    admin.updateResourceLimit(resourcetype=5, max=1, account=crew.boss["name"], domainid=crew.domain["id"])
    code, text = refusal(boss.createProject, name=name("project"))
    assert code == 535 and "project" in text, text
    done(boss, boss.deleteProject(id=home["id"], cleanup="true"))
    project(boss)
    setting(crew.root, "allow.user.create.projects", "false")
    try:
        assert refusal(crew.member_cs.createProject, name=name("project"))[0] == 531
        assert crew.member_cs.listCapabilities()["capability"]["allowusercreateprojects"] is False
        project(admin)
    finally:
        setting(crew.root, "allow.user.create.projects", "true")


def test_suspended_project_stops_and_comes_back(cloud):
    crew = Crew(cloud)
    boss = crew.boss_cs
    home = project(boss)
    vm = machine(boss, projectid=home["id"])
    assert done(boss, boss.suspendProject(id=home["id"]))["project"]["state"] == "Suspended"
    assert boss.listVirtualMachines(id=vm["id"])["virtualmachine"][0]["state"] == "Stopped"
    assert names(boss.listProjects(state="Suspended"), "project") == {home["name"]}
    assert refusal(boss.deployVirtualMachine, **wish(projectid=home["id"])) == (
        531, "Can't add resources to the project with specified projectId in state=Suspended as it's no longer active")
    assert refusal(boss.startVirtualMachine, id=vm["id"])[0] == 531
    assert refusal(boss.addAccountToProject, projectid=home["id"], account=crew.member["name"])[0] == 531
    assert done(boss, boss.activateProject(id=home["id"]))["project"]["state"] == "Active"
    done(boss, boss.startVirtualMachine(id=vm["id"]))


def held(cloud, table, uuid, *calls):
    """Calls that all read before the first of them can write: their writes come one after the other, in this order."""
    with ThreadPoolExecutor(len(calls) + 1) as pool:
        pool.submit(cloud.rows, "UPDATE %s SET id = id WHERE uuid = '%s' AND SLEEP(2) = 0" % (table, uuid))
        running = []
        for call in calls:
            time.sleep(0.4)
            running.append(pool.submit(call))
        return [each.result() for each in running]


def test_new_name_does_not_undo_a_suspension_meanwhile(cloud):
    crew = Crew(cloud)
    boss, member = crew.boss_cs, crew.member_cs
    home = project(boss)
    admin = crew.admin_cs
    done(admin, admin.addAccountToProject(projectid=home["id"], account=crew.member["name"], roletype="Admin"))
    jobs = held(cloud, "project", home["id"], lambda: boss.suspendProject(id=home["id"]),
                lambda: member.updateProject(id=home["id"], displaytext="Meanwhile"))
    for job in jobs:
        done(crew.root, job)
    told = boss.listProjects(id=home["id"])["project"][0]
    assert (told["state"], told["displaytext"], told["name"]) == ("Suspended", "Meanwhile", home["name"]), told


def test_new_name_of_an_account_does_not_undo_a_change_of_its_role_meanwhile(cloud):
    cs, other = cloud.api(), cloud.api()
    one = account(cs, cs.createDomain(name=name("domain"))["domain"]["id"], 2)
    role = cs.listRoles(name="User")["role"][0]["id"]
    held(cloud, "account", one["id"], lambda: cs.updateAccount(id=one["id"], roleid=role),
         lambda: other.updateAccount(id=one["id"], newname="renamed" + one["name"]))
    told = cs.listAccounts(id=one["id"])["account"][0]
    assert (told["name"], told["roleid"]) == ("renamed" + one["name"], role), told


def test_deleted_project_leaves_nothing(cloud):
    crew = Crew(cloud)
    boss = crew.boss_cs
    home = project(boss)
    done(boss, boss.addAccountToProject(projectid=home["id"], account=crew.member["name"]))
    role = boss.createProjectRole(projectid=home["id"], name="r")["projectrole"]
    boss.createProjectRolePermission(projectid=home["id"], projectroleid=role["id"], rule="*", permission="allow")
    disk = boss.listDiskOfferings(name="Small")["diskoffering"][0]["id"]
    machine(boss, projectid=home["id"], diskofferingid=disk)
    code, text = refusal(boss.deleteProject, id=home["id"])
    assert code == 536 and text == "Can't delete the project yet because it has 1 vm, 2 volume, 1 network", text
    number = cloud.rows("SELECT id FROM project WHERE uuid = '%s'" % home["id"])[0][0]
    plan = boss.deleteProject(id=home["id"], cleanup="true", plan="true")
    assert "1 instance" in str(plan) and boss.listProjects(id=home["id"])["project"][0]["state"] == "Active", plan
    assert done(boss, boss.deleteProject(id=home["id"], cleanup="true"))["success"] is True
    for table in ("vm", "volume", "network", "image"):
        assert cloud.rows("SELECT COUNT(*) FROM %s WHERE account_id = -%s AND removed IS NULL" % (table, number)) == [["0"]], table
    for table in ("project_member", "project_role", "project_invitation"):
        assert cloud.rows("SELECT COUNT(*) FROM %s WHERE project_id = %s" % (table, number)) == [["0"]], table
    assert cloud.rows("SELECT COUNT(*) FROM account_counter WHERE account_id = -%s AND used <> 0" % number) == [["0"]]
    assert refusal(boss.listProjects, id=home["id"])[0] == 431
    asserted("deleteProject", "id", "cleanup")
    assert crew.root.listAccounts(id=crew.boss["id"])["account"][0]["projecttotal"] == 0
    project(boss, name=home["name"])


def test_users_and_domains_that_go_leave_no_membership_behind(cloud):
    crew = Crew(cloud)
    home = project(crew.boss_cs)
    second = crew.root.createUser(username=name("second"), password=PASSWORD, email="s@example.org", firstname="S", lastname="E",
                                  account=crew.member["name"], domainid=crew.domain["id"])["user"]
    done(crew.boss_cs, crew.boss_cs.addUserToProject(projectid=home["id"], username=second["username"]))
    alone = project(crew.root, userid=second["id"])
    assert refusal(crew.root.deleteUser, id=second["id"])[0] == 431, "a project would be without an admin"
    done(crew.root, crew.root.deleteProject(id=alone["id"], cleanup="true"))
    crew.root.deleteUser(id=second["id"])
    assert crew.boss_cs.listProjectAccounts(projectid=home["id"])["count"] == 1
    machine(crew.boss_cs, projectid=home["id"])
    done(crew.root, crew.root.deleteDomain(id=crew.domain["id"], cleanup="true"))
    assert refusal(crew.root.listProjects, id=home["id"])[0] == 431


def test_projects_go_with_the_account_that_alone_administers_them(cloud):
    crew = Crew(cloud)
    home, shared = project(crew.boss_cs), project(crew.boss_cs)
    machine(crew.boss_cs, projectid=home["id"])
    admin = crew.admin_cs
    done(admin, admin.addAccountToProject(projectid=shared["id"], account=crew.member["name"], roletype="Admin"))
    done(crew.root, crew.root.deleteAccount(id=crew.boss["id"]))
    assert refusal(crew.root.listProjects, id=home["id"])[0] == 431
    assert crew.member_cs.listProjects()["project"][0]["owner"] == [{"account": crew.member["name"]}]


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        USUAL = deployment(cloud.api())
        counts = run_tests(globals(), cloud)
        assert not cloud.failed_checks(), cloud.failed_checks()
    close(*counts)
