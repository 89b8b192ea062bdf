#!/usr/bin/python3
"""The audit trail: every write is there once, with caller, address, key, object, before and after; secrets are not; who sees which records.
timeout: 240"""
import datetime, os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

DAYS = [(datetime.date.today() - datetime.timedelta(days=ago)).isoformat() for ago in (3, 2, 1)]
state = {}


def finish(admin, reply):
    assert reply.status == 200, reply.body
    result = {"jobstatus": 0}
    while result["jobstatus"] == 0:
        result = admin.queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    return result


def tenant(cloud, domain, name):
    admin = state["admin"]
    account = admin.createAccount(post=True, username=name, password="secret-" + name, email="o@o", firstname="o", lastname="o", accounttype="0",
                                  domainid=domain).inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    client = Client(cloud.url, keys["apikey"], keys["secretkey"])
    client.account, client.user, client.secret_key = account["id"], account["user"][0]["id"], keys["secretkey"]
    return client


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    state["domain"] = admin.createDomain(post=True, name="audited").inner["domain"]["id"]
    state["one"], state["two"] = tenant(cloud, state["domain"], "one"), tenant(cloud, state["domain"], "two")
    state["zone"] = admin.listZones().inner["zone"][0]["id"]


def records(client=None, **narrow):
    reply = (client or state["admin"]).listAuditRecords(listall="true", **narrow)
    assert reply.status == 200, reply.body
    return reply.inner.get("auditrecord", [])


def test_a_change_is_recorded_with_before_and_after(cloud):
    admin = state["admin"]
    assert admin.updateZone(post=True, id=state["zone"], dns1="9.9.9.9").status == 200
    (record,) = records(name="updateZone", resourceid=state["zone"], pagesize=1, page=1)
    assert record["before"]["dns1"] != "9.9.9.9" and record["after"] == {"dns1": "9.9.9.9"}, record
    assert record["result"] == "done" and record["username"] == "admin" and record["access"] == "key", record
    assert record["resourcetype"] == "Zone" and record["ipaddress"] == "127.0.0.1" and record["requestid"], record
    assert cloud.settings["GURUM_API_KEY"].startswith(record["apikey"]) and len(record["apikey"]) == 12, record
    assert record["parameters"] == {"id": state["zone"], "dns1": "9.9.9.9"}, record


def test_what_is_made_and_what_goes_is_told_whole(cloud):
    admin = state["admin"]
    made = admin.createServiceOffering(post=True, name="audited", displaytext="a", cpunumber=1, cpuspeed=500, memory=256).inner["serviceoffering"]
    (record,) = records(resourceid=made["id"])
    assert record["after"]["memory"] == 256 and "before" not in record and record["resourcename"] == "audited", record
    assert admin.deleteServiceOffering(post=True, id=made["id"]).status == 200
    record = records(resourceid=made["id"], name="deleteServiceOffering")[0]
    assert record["resourcename"] == "audited" and record["before"], record


def test_a_job_completes_the_record_of_its_command(cloud):
    one, admin = state["one"], state["admin"]
    image = admin.listTemplates(templatefilter="all").inner["template"][0]["id"]
    size = admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]
    reply = one.deployVirtualMachine(post=True, zoneid=state["zone"], templateid=image, serviceofferingid=size, name="audited", userdata="c2VjcmV0")
    result = finish(one, reply)
    assert result["jobstatus"] == 1, result
    vm = state["vm"] = result["jobresult"]["virtualmachine"]["id"]
    (record,) = records(resourceid=vm)
    assert record["result"] == "done" and record["jobid"] == reply.inner["jobid"] and record["after"]["state"] == "Running", record
    assert record["parameters"]["userdata"] == "***" and record["username"] == "one", record
    finish(admin, admin.stopVirtualMachine(post=True, id=vm))
    stopped = records(resourceid=vm, name="stopVirtualMachine")[0]
    assert stopped["before"]["state"] == "Running" and stopped["after"]["state"] == "Stopped" and stopped["account"] == "one", stopped


def test_failures_are_recorded_with_what_was_answered(cloud):
    reply = state["admin"].updateConfiguration(post=True, name="default.page.size", value="many")
    record = records(name="updateConfiguration", result="failed")[0]
    assert record["errorcode"] == reply.status and record["errortext"] == reply.text and "after" not in record, record


def test_plans_and_reads_leave_no_record(cloud):
    before = state["admin"].listAuditRecords(listall="true").inner["count"]
    state["admin"].updateZone(post=True, id=state["zone"], dns1="8.8.8.8", plan="true")
    state["admin"].listZones()
    assert state["admin"].listAuditRecords(listall="true").inner["count"] == before


def test_secrets_are_nowhere_in_the_trail(cloud):
    text = state["admin"].listAuditRecords(listall="true").body + repr(cloud.rows("SELECT params, before_data, after_data FROM audit_record"))
    for secret in ("secret-one", "secret-two", state["one"].secret_key, "c2VjcmV0"):
        assert secret not in text, secret
    created = records(name="createAccount")[0]
    assert created["parameters"]["password"] == "***" and created["parameters"]["username"] == "two", created
    assert all(record["parameters"].get("value", "***") == "***" for record in records(name="updateConfiguration"))


def test_tenants_see_their_own_and_not_who_stands_above(cloud):
    mine = records(state["one"])
    assert {"deployVirtualMachine", "stopVirtualMachine"} <= {each["command"] for each in mine} and {each["account"] for each in mine} == {"one"}, mine
    (stopped,) = [each for each in mine if each["command"] == "stopVirtualMachine"]
    assert stopped["calleraccount"] == "admin" and not {"username", "ipaddress", "apikey", "userid", "requestid"} & set(stopped), stopped
    assert "hostname" not in stopped.get("before", {}) and "hostid" not in stopped.get("before", {}), stopped
    assert not [each for each in records(state["two"]) if each["account"] != "two"]
    reply = state["two"].listAuditRecords(id=mine[0]["id"])
    assert reply.status in (431, 531), reply.body
    assert not records(state["two"], resourceid=state["vm"])
    assert state["two"].listAuditRecords(account="one", domainid=state["domain"]).status in (431, 531)


def test_each_filter_narrows(cloud):
    (deployed,) = records(name="deployVirtualMachine")
    for narrow in ({"id": deployed["id"]}, {"requestid": deployed["requestid"]}, {"resourceid": state["vm"], "result": "done", "userid": state["one"].user},
                   {"key": state["one"].key, "resourcetype": "VirtualMachine"}, {"keyword": "deployVirtual"}, {"name": "deployVirtualMachine"},
                   {"account": "one", "domainid": state["domain"], "name": "deployVirtualMachine"}):
        found = state["admin"].listAuditRecords(**({"listall": "true"} | narrow)).inner
        assert [each["id"] for each in found["auditrecord"]] == [deployed["id"]] and found["count"] == 1, (narrow, found)
    asserted("listAuditRecords", "key", "name")
    for day in DAYS:
        cloud.rows("INSERT INTO audit_record (uuid, command, result, params, account_id, domain_id, user_id, caller_account_id, caller_domain_id, created) "
                   "SELECT UUID(), 'datedCommand', 'done', '{}', account_id, domain_id, user_id, caller_account_id, caller_domain_id, '%s 12:00' "
                   "FROM audit_record WHERE uuid = '%s'" % (day, deployed["id"]))
    days = lambda **narrow: [each["created"][:10] for each in reversed(records(name="datedCommand", **narrow))]
    assert days() == DAYS and days(startdate=DAYS[1]) == DAYS[1:] and days(enddate=DAYS[1]) == DAYS[:2]
    asserted("listAuditRecords", "startdate", "enddate")
    assert records(ipaddress="10.9.8.7") == [] and records(ipaddress="127.0.0.1")
    assert records(resourcetype="Nothing") == []
    assert state["admin"].listAuditRecords(result="maybe").status == 431
    page = state["admin"].listAuditRecords(listall="true", page=2, pagesize=2).inner
    assert len(page["auditrecord"]) == 2 and page["count"] > 4
    below = state["admin"].listAuditRecords(domainid=state["domain"], isrecursive="true").inner["auditrecord"]
    assert {each["account"] for each in below} == {"one", "two"}, below
    top, name = state["admin"].listDomains(level=0).inner["domain"][0]["id"], {"name": "deployVirtualMachine"}
    for narrow, wide in (({}, {"listall": "true"}), ({"domainid": top}, {"domainid": top, "isrecursive": "true"})):
        found = [state["admin"].listAuditRecords(**name, **which).inner.get("auditrecord", []) for which in (narrow, wide)]
        assert [[each["id"] for each in records] for records in found] == [[], [deployed["id"]]], found
    asserted("listAuditRecords", "listall", "isrecursive")


def test_a_session_is_named_by_its_number(cloud):
    client = Client(cloud.url)
    client.login("one", "secret-one", "audited")
    client.session_key and client.in_session("updateUser", id=state["one"].user, firstname="eins")
    (record,) = records(name="updateUser", userid=state["one"].user)
    assert record["access"] == "session" and record["sessionid"] > 0 and "apikey" not in record, record
    assert record["before"]["firstname"] == "o" and record["after"]["firstname"] == "eins", record


def test_members_find_what_was_done_in_their_projects(cloud):
    one, two, admin = state["one"], state["two"], state["admin"]
    made = finish(one, one.createProject(post=True, name="common", displaytext="c"))["jobresult"]["project"]
    image = admin.listTemplates(templatefilter="all").inner["template"][0]["id"]
    size = admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]
    reply = one.deployVirtualMachine(post=True, zoneid=state["zone"], templateid=image, serviceofferingid=size,
                                     projectid=made["id"], startvm="false")
    assert finish(one, reply)["jobstatus"] == 1
    (record,) = records(one, projectid="-1", name="deployVirtualMachine")
    assert (record["projectid"], record["project"]) == (made["id"], "common") and "account" not in record, record
    assert [each["id"] for each in one.listAuditRecords(id=record["id"]).inner["auditrecord"]] == [record["id"]]
    assert [each["id"] for each in records(one, projectid=made["id"], name="deployVirtualMachine")] == [record["id"]]
    assert {each.get("project") for each in records(projectid="-1")} == {"common"}
    assert record["id"] in {each["id"] for each in records()}, "the trail is whole"
    assert not records(two, projectid="-1") and two.listAuditRecords(id=record["id"]).status in (431, 531)
    assert not [each for each in records() if "PrjAcct" in each.get("account", "") + each.get("calleraccount", "")]
    finish(one, one.deleteProject(post=True, id=made["id"], cleanup="true"))


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
