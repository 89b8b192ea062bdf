#!/usr/bin/python3
"""Accounts, tenant domains and their limits: what disabling, locking and deleting do to sessions, keys and machines, and that nothing is left.
timeout: 600"""
import os, sys, time, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from _client import Client
from cloud import Cloud
from contract import asserted
from cs import CloudStack, CloudStackApiException
from provider import deployment
from results import close, run_tests

PASSWORD = "Tenant-tenant-1"
made = 0


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
        time.sleep(0.1)
    raise AssertionError("job does not end")


def name(prefix):
    global made
    made += 1
    return "%s%d" % (prefix, made)


def account(cs, domain=None, **more):
    called = name("tenant")
    wish = dict({"username": called, "password": PASSWORD, "email": "t@example.org", "firstname": "T", "lastname": "E", "accounttype": 0}, **more)
    if domain:
        wish["domainid"] = domain
    return cs.createAccount(**wish)["account"]


def user_of(cs, owner, **more):
    called = name("user")
    wish = dict({"username": called, "password": PASSWORD, "email": "u@example.org", "firstname": "U", "lastname": "S"}, **more)
    return cs.createUser(**of(owner), **wish)["user"]


def found(reply, kind):
    return {each["id"] for each in reply.get(kind, [])}


def of(owner):
    return {"account": owner["name"], "domainid": owner["domainid"]}


def machine(cs, owner, **more):
    return done(cs, cs.deployVirtualMachine(**dict(deployment(cs), **of(owner), **more)))["virtualmachine"]


def with_keys(cloud, apikey, secretkey):
    return CloudStack(endpoint=cloud.url + "/client/api", key=apikey, secret=secretkey, timeout=30)


def client(cloud, owner):
    keys = cloud.api().registerUserKeys(id=owner["user"][0]["id"])["userkeys"]
    return with_keys(cloud, keys["apikey"], keys["secretkey"])


def sign_in(cloud, username, domain, password=PASSWORD):
    browser = Client(cloud.url)
    reply = browser.send({"command": "login", "response": "json", "username": username, "password": password, "domainId": domain}, post=True)
    browser.session_key = reply.inner.get("sessionkey")
    return browser, reply.status


def session(cloud, owner):
    browser, status = sign_in(cloud, owner["name"], owner["domainid"])
    assert status == 200, status
    return lambda: browser.in_session("listZones").status


def test_deleted_account_leaves_nothing(cloud):
    cs = cloud.api()
    owner = account(cs)
    keys, signed_in = client(cloud, owner), session(cloud, owner)
    disk = cs.listDiskOfferings(name="Small")["diskoffering"][0]["id"]
    first = machine(cs, owner, diskofferingid=disk)
    done(cs, cs.destroyVirtualMachine(id=first["id"], expunge="true"))  # its data disk stays behind
    machine(cs, owner, diskofferingid=disk, startvm="false")
    done(cs, cs.createTags(resourcetype="UserVm", resourceids=machine(cs, owner)["id"], tags=[{"key": "k", "value": "v"}]))
    offering = cs.listNetworkOfferings(name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
    cs.createNetwork(zoneid=deployment(cs)["zoneid"], name="own", displaytext="own", networkofferingid=offering, **of(owner))
    assert signed_in() == 200 and keys.listZones()["count"]
    plan = cs.deleteAccount(id=owner["id"], plan="true")
    assert "2 instances" in str(plan) and cs.listAccounts(id=owner["id"])["account"][0]["state"] == "enabled", plan
    job = cs.deleteAccount(id=owner["id"])
    assert cs.listAccounts(id=owner["id"])["account"][0]["iscleanuprequired"] is True
    assert refusal(cs.enableAccount, id=owner["id"])[1] == "The account is being deleted"
    assert signed_in() == 401 and refusal(keys.listZones)[0] == 401
    assert done(cs, job)["success"] is True
    number = cloud.rows("SELECT id FROM account WHERE uuid = '%s'" % owner["id"])[0][0]
    for table in ("vm", "volume", "network", "image"):
        assert cloud.rows("SELECT COUNT(*) FROM %s WHERE account_id = %s AND removed IS NULL" % (table, number)) == [["0"]], table
    for table in ("resource_tag", "vm_group", "account_detail"):
        assert cloud.rows("SELECT COUNT(*) FROM %s WHERE account_id = %s" % (table, number)) == [["0"]], table
    assert cloud.rows("SELECT COUNT(*) FROM account_counter WHERE account_id = %s AND used <> 0" % number) == [["0"]]
    assert cloud.rows("SELECT COUNT(*) FROM login_user WHERE account_id = %s AND (removed_id = 0 OR api_key_hash IS NOT NULL)" % number) == [["0"]]
    assert "account" not in cs.listAccounts(name=owner["name"], listall="true")
    asserted("deleteAccount", "id")
    assert refusal(cs.deleteAccount, id=owner["id"])[0] == 431
    cs.createAccount(username=owner["name"], password=PASSWORD, email="t@example.org", firstname="T", lastname="E", accounttype=0)


def test_deletion_that_fails_is_kept_for_cleanup_and_can_be_repeated(cloud):
    cs = cloud.api()
    owner = account(cs)
    machine(cs, owner)
    cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_remove")
    job = cs.deleteAccount(id=owner["id"])
    until = time.monotonic() + 60
    while cs.queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 0 and time.monotonic() < until:
        time.sleep(0.2)
    assert cs.queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 2
    cloud.simulator("no-faults")
    left = cs.listAccounts(iscleanuprequired="true", listall="true")["account"]
    assert [each["id"] for each in left] == [owner["id"]] and left[0]["state"] == "disabled"
    done(cs, cs.deleteAccount(id=owner["id"]))
    assert "account" not in cs.listAccounts(iscleanuprequired="true", listall="true")


def test_disabled_account_stops_and_comes_back(cloud):
    cs = cloud.api()
    owner = account(cs)
    keys, signed_in, vm = client(cloud, owner), session(cloud, owner), machine(cs, owner)
    assert done(cs, cs.disableAccount(id=owner["id"], lock="false"))["account"]["state"] == "disabled"
    assert cs.listVirtualMachines(id=vm["id"])["virtualmachine"][0]["state"] == "Stopped"
    assert signed_in() == 401 and refusal(keys.listZones)[0] == 401
    assert refusal(cs.startVirtualMachine, id=vm["id"]) == (531, "The owner of the instance is disabled: %s" % owner["name"])
    assert refusal(cs.deployVirtualMachine, **deployment(cs), **of(owner))[0] == 531
    assert cs.enableAccount(id=owner["id"])["account"]["state"] == "enabled"
    asserted("disableAccount", "id", "lock")
    assert signed_in() == 401, "a session came back"
    assert keys.listZones()["count"]
    done(cs, cs.startVirtualMachine(id=vm["id"]))
    done(cs, cs.deleteAccount(id=owner["id"]))


def test_locked_account_runs_on_and_gets_nothing_new(cloud):
    cs = cloud.api()
    owner = account(cs)
    keys, vm = client(cloud, owner), machine(cs, owner)
    assert done(cs, cs.disableAccount(id=owner["id"], lock="true"))["account"]["state"] == "locked"
    assert cs.listVirtualMachines(id=vm["id"])["virtualmachine"][0]["state"] == "Running"
    assert refusal(keys.listZones)[0] == 401
    code, text = refusal(cs.deployVirtualMachine, **deployment(cs), **of(owner))
    assert (code, "locked" in text) == (531, True), text
    cs.enableAccount(**of(owner))
    assert keys.listZones()["count"]
    asserted("enableAccount", "account", "domainid")
    done(cs, cs.deleteAccount(id=owner["id"]))


def test_nobody_deletes_himself_or_the_built_in_account(cloud):
    cs = cloud.api()
    me = cs.listAccounts(name="admin")["account"][0]
    assert refusal(cs.deleteAccount, id=me["id"])[1] == "Unable to delete your own account"


def domain(cs, parent=None, **more):
    return cs.createDomain(name=name("dom"), **({"parentdomainid": parent} if parent else {}), **more)["domain"]


def paths(cs, top):
    return {each["name"]: each["path"] for each in cs.listDomainChildren(id=top, isrecursive="true")["domain"]}


def test_renamed_domain_takes_its_sub_tree_along(cloud):
    cs = cloud.api()
    top = domain(cs)
    child = domain(cs, top["id"], networkdomain="child.example")
    leaf = domain(cs, child["id"])
    owner = account(cs, leaf["id"])
    new = cs.updateDomain(id=child["id"], name=child["name"] + "-new", networkdomain="new.example")["domain"]
    assert (new["path"], new["networkdomain"]) == ("ROOT/%s/%s-new" % (top["name"], child["name"]), "new.example"), new
    assert paths(cs, top["id"])[leaf["name"]] == new["path"] + "/" + leaf["name"]
    assert cs.listAccounts(id=owner["id"])["account"][0]["domainpath"].startswith(new["path"])
    assert "networkdomain" not in cs.updateDomain(id=child["id"], networkdomain="")["domain"]
    sibling = domain(cs, top["id"])
    assert "already exists" in refusal(cs.updateDomain, id=sibling["id"], name=child["name"] + "-new")[1]
    assert refusal(cs.updateDomain, id=cs.listDomains(name="ROOT")["domain"][0]["id"], name="other")[0] == 531
    assert [each["id"] for each in cs.listDomainChildren(id=top["id"])["domain"]] == [child["id"], sibling["id"]]
    assert [each["id"] for each in cs.listDomainChildren(id=top["id"], name=sibling["name"])["domain"]] == [sibling["id"]]
    assert [each["id"] for each in cs.listDomainChildren(id=top["id"], listall="true", keyword=leaf["name"])["domain"]] == [leaf["id"]]


def test_moved_domain_carries_its_use_and_respects_limits(cloud):
    cs = cloud.api()
    old, new = domain(cs), domain(cs)
    moving = domain(cs, old["id"])
    owner = account(cs, domain(cs, moving["id"])["id"])
    vm = machine(cs, owner)
    use = lambda which: cs.listDomains(id=which["id"])["domain"][0]["vmtotal"]
    assert (use(old), use(new)) == (1, 0)
    cs.updateResourceLimit(domainid=new["id"], resourcetype=0, max=0)
    assert refusal(cs.moveDomain, domainid=moving["id"], parentdomainid=new["id"])[0] == 535
    assert (use(old), use(new)) == (1, 0)
    cs.updateResourceLimit(domainid=new["id"], resourcetype=0, max=5)
    moved = cs.moveDomain(domainid=moving["id"], parentdomainid=new["id"])["domain"]
    assert (moved["parentdomainid"], moved["level"], use(old), use(new)) == (new["id"], 2, 0, 1), moved
    assert refusal(cs.moveDomain, domainid=new["id"], parentdomainid=moving["id"])[0] == 431
    done(cs, cs.destroyVirtualMachine(id=vm["id"], expunge="true"))
    assert use(new) == 0
    asserted("moveDomain", "domainid", "parentdomainid")
    assert not cloud.failed_checks(), cloud.failed_checks()


def test_deleted_domain_wants_cleanup_and_then_leaves_nothing(cloud):
    cs = cloud.api()
    top = domain(cs)
    child = domain(cs, top["id"])
    owner = account(cs, child["id"])
    admin = account(cs, top["id"], accounttype=2)
    keys = client(cloud, admin)
    machine(cs, owner)
    code, text = refusal(cs.deleteDomain, id=top["id"])
    assert (code, "2 accounts and 1 sub-domains" in text) == (536, True), (code, text)
    assert refusal(keys.deleteDomain, id=top["id"], cleanup="true")[1] == "Unable to delete your own domain"
    done(cs, cs.deleteDomain(id=top["id"], cleanup="true"))
    assert "domain" not in cs.listDomains(name=top["name"], listall="true")
    asserted("deleteDomain", "id", "cleanup")
    assert refusal(keys.listZones)[0] == 401
    assert cloud.rows("SELECT COUNT(*) FROM account o JOIN tenant_domain d ON d.id = o.domain_id WHERE d.removed_id <> 0 AND o.removed_id = 0") == [["0"]]
    empty = domain(cs)
    done(cs, cs.deleteDomain(id=empty["id"]))
    assert not cloud.failed_checks(), cloud.failed_checks()


def test_domain_whose_deletion_fails_is_in_use_again(cloud):
    cs = cloud.api()
    top = domain(cs)
    owner = account(cs, top["id"])
    machine(cs, owner)
    cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_remove")
    job = cs.deleteDomain(id=top["id"], cleanup="true")
    assert cs.listDomains(id=top["id"])["domain"][0]["state"] == "Inactive"
    assert refusal(cs.createDomain, name="late", parentdomainid=top["id"])[0] == 431
    assert refusal(cs.createAccount, username="late", password=PASSWORD, email="t@example.org", firstname="T", lastname="E", accounttype=0,
                   domainid=top["id"])[0] == 431
    until = time.monotonic() + 60
    while cs.queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 0 and time.monotonic() < until:
        time.sleep(0.2)
    cloud.simulator("no-faults")
    assert cs.queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 2
    assert cs.listDomains(id=top["id"])["domain"][0]["state"] == "Active"
    done(cs, cs.deleteDomain(id=top["id"], cleanup="true"))


def test_domain_admin_deletes_below_himself_only(cloud):
    cs = cloud.api()
    top, other = domain(cs), domain(cs)
    keys = client(cloud, account(cs, top["id"], accounttype=2))
    child = domain(keys, top["id"])
    assert refusal(keys.deleteDomain, id=other["id"])[0] == 531
    assert refusal(keys.deleteAccount, id=account(cs, other["id"])["id"])[0] == 531
    done(cs, keys.deleteAccount(id=account(keys, child["id"])["id"]))
    done(cs, keys.deleteDomain(id=child["id"], cleanup="true"))


def test_domain_with_an_account_of_a_higher_role_is_not_deleted_by_a_domain_admin(cloud):
    cs = cloud.api()
    top = domain(cs)
    keys = client(cloud, account(cs, top["id"], accounttype=2))
    child = domain(cs, top["id"])
    chief = account(cs, domain(cs, child["id"])["id"], accounttype=1)
    code, text = refusal(keys.deleteDomain, id=child["id"], cleanup="true")
    assert code == 531 and "role" in text, (code, text)
    assert cs.listDomains(id=child["id"])["domain"][0]["state"] == "Active"
    assert cs.listAccounts(id=chief["id"])["count"] == 1
    done(cs, cs.deleteDomain(id=child["id"], cleanup="true"))


def test_locked_and_moved_users(cloud):
    cs = cloud.api()
    home = domain(cs)
    first, second = account(cs, home["id"]), account(cs, home["id"])
    user = first["user"][0]["id"]
    keys, signed_in = client(cloud, first), session(cloud, first)
    assert cs.lockUser(id=user)["user"]["state"] == "locked"
    assert signed_in() == 401 and refusal(keys.listZones)[0] == 401
    assert [each["id"] for each in cs.listUsers(state="locked", listall="true")["user"]] == [user]
    assert cs.enableUser(id=user)["user"]["state"] == "enabled" and keys.listZones()["count"]
    assert cs.moveUser(id=user, account=second["name"])["success"] is True
    assert cs.listUsers(id=user)["user"][0]["account"] == second["name"]
    assert keys.listAccounts()["account"][0]["name"] == second["name"]
    cs.moveUser(id=user, accountid=first["id"])
    assert cs.listUsers(id=user)["user"][0]["account"] == first["name"]
    asserted("moveUser", "id", "account", "accountid")
    assert refusal(cs.moveUser, id=user)[0] == 431
    assert refusal(cs.moveUser, id=user, accountid=account(cs)["id"])[0] == 431


def test_cloud_identifier_is_signed_for_the_user(cloud):
    import base64, hashlib, hmac
    cs = cloud.api()
    owner = account(cs)
    user = owner["user"][0]["id"]
    assert refusal(cs.getCloudIdentifier, userid=user)[1] == "The user has no API keys yet"
    secret = cs.registerUserKeys(id=user)["userkeys"]["secretkey"]
    told = cs.getCloudIdentifier(userid=user)["cloudidentifier"]
    assert told["signature"] == base64.b64encode(hmac.new(secret.encode(), told["cloudidentifier"].encode(), hashlib.sha1).digest()).decode()
    assert told["userid"] == user


def test_tagged_offerings_are_for_those_who_may(cloud):
    cs = cloud.api()
    home = domain(cs)
    boss = account(cs, home["id"], accounttype=2)
    keys = client(cloud, boss)
    wish = {"name": "tagged", "displaytext": "tagged", "cpunumber": 1, "cpuspeed": 500, "memory": 128, "hosttags": "gpu", "domainid": home["id"]}
    assert cs.isAccountAllowedToCreateOfferingsWithTags(id=boss["id"])["isallowed"] == {"isallowed": False}
    assert refusal(keys.createServiceOffering, **wish)[0] == 531
    cs.updateConfiguration(name="allow.domain.admins.to.create.tagged.offerings", value="true", accountid=boss["id"])
    assert cs.isAccountAllowedToCreateOfferingsWithTags(id=boss["id"])["isallowed"] == {"isallowed": True}
    keys.createServiceOffering(**wish)
    other = account(cs, home["id"], accounttype=2)
    assert cs.isAccountAllowedToCreateOfferingsWithTags(id=other["id"])["isallowed"] == {"isallowed": False}
    asserted("isAccountAllowedToCreateOfferingsWithTags", "id")
    assert cs.isAccountAllowedToCreateOfferingsWithTags(id=cs.listAccounts(name="admin")["account"][0]["id"])["isallowed"] == {"isallowed": True}
    asserted("isAccountAllowedToCreateOfferingsWithTags", "id")


def test_account_lists_tell_what_was_asked(cloud):
    cs = cloud.api()
    owner = account(cs, **{"accountdetails": [{"colour": "blue", "size": "9"}]})
    cs.createUser(account=owner["name"], domainid=owner["domainid"], username=owner["name"] + "-2", password=PASSWORD, email="t@example.org",
                  firstname="T", lastname="E")
    full = cs.listAccounts(id=owner["id"])["account"][0]
    assert full["accountdetails"] == {"colour": "blue", "size": "9"} and len(full["user"]) == 2 and full["vmlimit"] == "20", full
    brief = cs.listAccounts(id=owner["id"], details="min")["account"][0]
    assert "vmlimit" not in brief and "accountdetails" not in brief and len(brief["user"]) == 2
    assert "accountdetails" not in cs.listAccounts(id=owner["id"], details="resource")["account"][0]
    asserted("listAccounts", "details")
    every = cs.listAccounts(listall="true", pagesize=500, page=1)["account"]
    assert {each["user"][0]["account"] for each in every if each.get("user")} == {each["name"] for each in every if each.get("user")}


def test_account_and_its_first_user_are_what_was_said(cloud):
    cs = cloud.api()
    home = domain(cs, domainid=(wanted := str(uuid.uuid4())))
    assert home["id"] == wanted
    asserted("createDomain", "domainid")
    ids = {"accountid": str(uuid.uuid4()), "userid": str(uuid.uuid4())}
    person = {"username": name("kim"), "firstname": "Min-ji", "lastname": "Kim", "email": "kim@example.org", "timezone": "Asia/Seoul"}
    cs.createAccount(account="firm", password=PASSWORD, accounttype=2, domainid=home["id"], networkdomain="firm.example",
                     accountdetails=[{"colour": "blue"}], **ids, **person)
    told = cs.listAccounts(id=ids["accountid"])["account"][0]
    assert (told["name"], told["accountdetails"], told["networkdomain"]) == ("firm", {"colour": "blue"}, "firm.example"), told
    (user,) = told["user"]
    assert user["id"] == ids["userid"] and {key: user[key] for key in person} == person, user
    assert sign_in(cloud, person["username"], home["id"])[1] == 200
    asserted("createAccount", "account", "accountdetails", "password", *ids, *person)
    more = user_of(cs, told, userid=(second := str(uuid.uuid4())), timezone="Europe/Paris")
    assert (more["id"], more["timezone"]) == (second, "Europe/Paris") and sign_in(cloud, more["username"], home["id"])[1] == 200
    asserted("createUser", "userid", "timezone", "password")
    made = {"accountid": lambda **wish: account(cs, **wish), "userid": lambda **wish: user_of(cs, told, **wish), "domainid": lambda **wish: domain(cs, **wish)}
    for given, used in dict(ids, domainid=home["id"]).items():
        assert refusal(made[given], **{given: used}) == (536, "An object with the same name or value already exists."), given
        assert refusal(made[given], **{given: "no-uuid"})[0] == 431, given


def twins(cs):
    """Two accounts of one name, in two domains."""
    called = name("twin")
    return [account(cs, domain(cs)["id"], account=called) for _ in range(2)]


def test_accounts_of_one_name_are_told_apart_by_their_domain(cloud):
    cs = cloud.api()
    one, other = twins(cs)
    whole = lambda: [cs.listAccounts(id=each["id"])["account"][0] for each in (one, other)]
    assert cs.lockAccount(**of(one))["account"]["id"] == one["id"]
    assert [each["state"] for each in whole()] == ["locked", "enabled"]
    asserted("lockAccount", "account", "domainid")
    cs.enableAccount(**of(one))
    done(cs, cs.disableAccount(lock="false", **of(other)))
    assert [each["state"] for each in whole()] == ["enabled", "disabled"]
    asserted("disableAccount", "account", "domainid")
    keys = client(cloud, one)
    new = name("new")
    cs.updateAccount(newname=new, networkdomain="new.example", accountdetails=[{"colour": "red"}, {"key": "size", "value": "9"}], apikeyaccess="disabled",
                     **of(one))
    first, second = whole()
    assert (first["name"], first["networkdomain"], first["accountdetails"]) == (new, "new.example", {"colour": "red", "size": "9"}), first
    assert second["name"] == other["name"] and "networkdomain" not in second, second
    assert first["apikeyaccess"] == "DISABLED" and refusal(keys.listZones)[0] == 401
    cs.updateAccount(id=one["id"], apikeyaccess="inherit", networkdomain="")
    assert keys.listZones()["count"] and "networkdomain" not in whole()[0]
    asserted("updateAccount", "account", "domainid", "newname", "networkdomain", "accountdetails", "apikeyaccess")
    assert refusal(cs.updateAccount, id=one["id"], apikeyaccess="sometimes")[0] == 431


def test_account_and_user_lists_show_what_fits_alone(cloud):
    cs = cloud.api()
    home = domain(cs)["id"]
    kinds = {kind: account(cs, home, accounttype=kind) for kind in (0, 2)}
    plain, chief = kinds.values()
    users = {each["id"]: each["user"][0]["id"] for each in kinds.values()}
    cs.lockAccount(**of(plain))
    cs.updateAccount(id=chief["id"], apikeyaccess="enabled")
    cs.updateUser(id=users[chief["id"]], apikeyaccess="disabled")
    cs.lockUser(id=users[plain["id"]])
    for which, owner in (("accounttype=0", plain), ("accounttype=2", chief), ("state=locked", plain), ("apikeyaccess=inherit", plain)):
        filters = dict([which.split("=")], domainid=home)
        assert found(cs.listAccounts(**filters), "account") == {owner["id"]}, which
        assert found(cs.listUsers(**filters), "user") == {users[owner["id"]]}, which
    assert found(cs.listAccounts(domainid=home, apikeyaccess="enabled"), "account") == {chief["id"]}
    assert found(cs.listUsers(domainid=home, apikeyaccess="disabled"), "user") == {users[chief["id"]]}
    assert found(cs.listUsers(domainid=home, usersource="native"), "user") == set(users.values())
    assert not cs.listUsers(domainid=home, usersource="ldap") and not cs.listAccounts(domainid=home, accounttype=3)
    asserted("listAccounts", "accounttype", "state", "apikeyaccess")
    asserted("listUsers", "accounttype", "state", "apikeyaccess", "usersource")


def test_domain_lists_show_a_level_and_what_was_asked(cloud):
    cs = cloud.api()
    top = domain(cs)
    child = domain(cs, top["id"])
    keys = client(cloud, account(cs, top["id"], accounttype=2))
    for level, ids in ((0, set()), (1, {top["id"]}), (2, {child["id"]})):
        assert found(keys.listDomains(level=level), "domain") == ids, level
    assert found(keys.listDomains(), "domain") == {top["id"]}
    assert found(keys.listDomains(listall="true"), "domain") == {top["id"], child["id"]}
    asserted("listDomains", "level", "listall")
    assert cs.listDomains(id=top["id"], details="resource")["domain"][0]["vmlimit"]
    assert "vmlimit" not in cs.listDomains(id=top["id"], details="min")["domain"][0]
    asserted("listDomains", "details")
    leaf = domain(cs, child["id"])
    assert found(cs.listDomainChildren(id=top["id"]), "domain") == {child["id"]}
    assert found(cs.listDomainChildren(id=top["id"], isrecursive="true"), "domain") == {child["id"], leaf["id"]}
    asserted("listDomainChildren", "id", "isrecursive")


def test_user_is_changed_and_signs_in_with_what_is_new(cloud):
    cs = cloud.api()
    owner = account(cs, domain(cs)["id"])
    user = owner["user"][0]["id"]
    new = name("renamed")
    cs.updateUser(id=user, username=new, password="Other-other-2")
    assert sign_in(cloud, owner["name"], owner["domainid"], "Other-other-2")[1] == 531
    assert sign_in(cloud, new, owner["domainid"])[1] == 531
    assert sign_in(cloud, new, owner["domainid"], "Other-other-2")[1] == 200
    keys = client(cloud, owner)
    assert refusal(keys.updateUser, id=user, password=PASSWORD)[0] == 431
    keys.updateUser(id=user, password=PASSWORD, currentpassword="Other-other-2")
    assert sign_in(cloud, new, owner["domainid"])[1] == 200
    asserted("updateUser", "username", "password", "currentpassword")
    sibling = user_of(cs, owner)
    assert refusal(cs.updateUser, id=sibling["id"], username=new)[0] == 431


def test_keys_are_made_chosen_told_and_shut(cloud):
    cs = cloud.api()
    owner = account(cs)
    user = owner["user"][0]["id"]
    made = cs.registerUserKeys(id=user)["userkeys"]
    old = with_keys(cloud, made["apikey"], made["secretkey"])
    assert found(old.listUsers(), "user") == {user}
    asserted("registerUserKeys", "id")
    assert cs.getUserKeys(id=user)["userkeys"] == dict(made, apikeyaccess=True)
    asserted("getUserKeys", "id")
    assert cs.getUser(userapikey=made["apikey"])["user"]["id"] == user
    asserted("getUser", "userapikey")
    chosen = {"userapikey": name("chosen-key-of-the-firm-"), "usersecretkey": name("chosen-secret-of-the-firm-")}
    cs.updateUser(id=user, **chosen)
    new = with_keys(cloud, *chosen.values())
    assert found(new.listUsers(), "user") == {user} and refusal(old.listUsers)[0] == 401
    asserted("updateUser", "userapikey", "usersecretkey")
    assert refusal(cs.updateUser, id=user, userapikey=chosen["userapikey"])[0] == 431
    other = user_of(cs, owner)
    code, text = refusal(cs.updateUser, id=other["id"], **chosen)
    assert code == 536 and chosen["userapikey"] not in text, (code, text)
    cs.updateUser(id=user, apikeyaccess="disabled")
    assert refusal(new.listUsers)[0] == 401 and cs.getUserKeys(id=user)["userkeys"]["apikeyaccess"] is False
    cs.updateUser(id=user, apikeyaccess="enabled")
    assert new.listUsers()["count"]
    asserted("updateUser", "apikeyaccess")
    cs.deleteUser(id=user)
    assert refusal(new.listUsers)[0] == 401 and found(cs.listUsers(**of(owner)), "user") == {other["id"]}
    asserted("deleteUser", "id")


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
        assert not cloud.failed_checks(), cloud.failed_checks()
    close(*counts)
