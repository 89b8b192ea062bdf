#!/usr/bin/python3
"""Accounts, tenant domains and their limits: what disabling, locking and deleting do to sessions, keys and machines, and that nothing is left.
timeout: 600"""
import os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from _client import Client
from cloud import Cloud
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


def of(owner):
    return {"account": owner["name"], "domainid": owner["domainid"]}


def machine(cs, owner, **more):
    return done(cs, cs.deployVirtualMachine(**dict(deployment(cs), **of(owner), **more)))["virtualmachine"]


def client(cloud, owner):
    keys = cloud.api().registerUserKeys(id=owner["user"][0]["id"])["userkeys"]
    return CloudStack(endpoint=cloud.url + "/client/api", key=keys["apikey"], secret=keys["secretkey"], timeout=30)


def session(cloud, owner):
    browser = Client(cloud.url)
    reply = browser.send({"command": "login", "response": "json", "username": owner["name"], "password": PASSWORD,
                          "domainId": owner["domainid"]}, post=True)
    assert reply.status == 200, reply.body
    browser.session_key = reply.inner["sessionkey"]
    return lambda: browser.send({"command": "listZones", "response": "json", "sessionkey": browser.session_key}).status


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
    done(cs, cs.deleteAccount(id=owner["id"]))


def test_nobody_deletes_himself_or_the_built_in_account(cloud):
    cs = cloud.api()
    me = cs.listAccounts(name="admin")["account"][0]
    assert refusal(cs.deleteAccount, id=me["id"])[1] == "Unable to delete your own account"


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
        assert not cloud.failed_checks(), cloud.failed_checks()
    close(*counts)
