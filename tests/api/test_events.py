#!/usr/bin/python3
"""Events: jobs tell Scheduled, Started and Completed with their parent; every filter; archive and delete within one's own; pages by index. Jobs and
tasks themselves: every filter, and whose they are.
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


def tenant(cloud, name):
    admin = state["admin"]
    account = admin.createAccount(post=True, username=name, password="secret-" + name, email="o@o", firstname="o", lastname="o", accounttype="0",
                                  domainid=state["domain"]).inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    return Client(cloud.url, keys["apikey"], keys["secretkey"])


def finish(reply):
    """The job's result, once it has ended well."""
    job = {"jobstatus": 0}
    while job["jobstatus"] == 0:
        job = state["admin"].queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    assert job["jobstatus"] == 1, job
    return job["jobresult"]


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    state["domain"] = admin.createDomain(post=True, name="eventful").inner["domain"]["id"]
    state["one"], state["two"] = tenant(cloud, "one"), tenant(cloud, "two")
    state["place"] = {"zoneid": admin.listZones().inner["zone"][0]["id"],
                      "templateid": admin.listTemplates(templatefilter="all").inner["template"][0]["id"],
                      "serviceofferingid": admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]}
    for name in ("one", "two"):
        reply = state[name].deployVirtualMachine(post=True, name=name, **state["place"])
        finish(reply)
        state["vm-" + name] = reply.inner["id"]
        state["job-" + name] = reply.inner["jobid"]


def events(client, **narrow):
    reply = client.listEvents(**narrow)
    assert reply.status == 200, reply.body
    return reply.inner.get("event", [])


def test_a_job_tells_when_it_was_asked_for_began_and_ended(cloud):
    about = events(state["one"], resourceid=state["vm-one"], type="VM.CREATE")
    assert [each["state"] for each in about] == ["Completed", "Started", "Scheduled"], about
    scheduled = about[2]
    assert scheduled["id"] == state["job-one"] and "parentid" not in scheduled, scheduled
    assert {each["parentid"] for each in about[:2]} == {scheduled["id"]} and scheduled["username"] == "one", about
    assert [each["state"] for each in events(state["one"], startid=scheduled["id"])] == ["Completed", "Started"]
    asserted("listEvents", "startid")


def test_each_filter_narrows(cloud):
    one, admin = state["one"], state["admin"]
    mine = events(one)
    assert mine and {each["account"] for each in mine} == {"one"}
    assert events(one, id=mine[0]["id"]) == [mine[0]]
    assert {each["state"] for each in events(one, state="Started")} == {"Started"}
    assert {each["level"] for each in events(one, level="INFO")} == {"INFO"} and events(one, level="ERROR") == []
    assert {each["resourcetype"] for each in events(one, resourcetype="VirtualMachine")} == {"VirtualMachine"}
    assert events(one, keyword="VM.CREATE") and not events(one, keyword="no such")
    assert events(one, startdate="2000-01-01", enddate="2000-01-02") == [] and events(one, startdate="2000-01-01")
    assert one.listEvents(page=1, pagesize=2).inner["count"] == len(mine) == len(events(one, pagesize=2, page=1)) + len(mine) - 2
    assert {each["account"] for each in events(admin, domainid=state["domain"], isrecursive="true")} == {"one", "two"}
    assert {each["account"] for each in events(admin, account="two", domainid=state["domain"])} == {"two"}
    top = admin.listDomains(level=0).inner["domain"][0]["id"]
    for narrow, wide in (({}, {"listall": "true"}), ({"domainid": top}, {"domainid": top, "isrecursive": "true"})):
        assert [any(each.get("account") == "one" for each in events(admin, **which)) for which in (narrow, wide)] == [False, True], wide
    asserted("listEvents", "listall", "isrecursive")
    assert events(admin, listall="true", entrytime=3600, duration=1) == [], "what is completed is not pending"
    cloud.rows("UPDATE event SET state = 'Ending' WHERE start_uuid = '%s' AND state = 'Completed'" % state["job-two"])
    time.sleep(1.2)
    assert [each["id"] for each in events(admin, listall="true", entrytime=3600, duration=1)] == [state["job-two"]]
    assert events(admin, listall="true", entrytime=3601, duration=3600) == []
    cloud.rows("UPDATE event SET created = created - INTERVAL 2 HOUR WHERE uuid = '%s'" % state["job-two"])
    assert events(admin, listall="true", entrytime=3600, duration=1) == [], "asked for longer ago than entrytime"
    asserted("listEvents", "entrytime", "duration")
    assert admin.listEvents(entrytime=5).status == 431 and admin.listEvents(entrytime=5, duration=5).status == 431
    assert state["two"].listEvents(id=mine[0]["id"]).status in (431, 531)


def test_pages_come_from_the_index_and_hold_everything_once(cloud):
    admin = state["admin"]
    cloud.rows("INSERT INTO event (uuid, type, level, state, message_key, message_args, account_id, domain_id, user_id, archived, created) "
               "SELECT UUID(), 'SEED.EVENT', 'INFO', 'Completed', 'event.completed', '{}', account_id, domain_id, user_id, 0, "
               "NOW(3) - INTERVAL 1 HOUR FROM event, (SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) AS four")
    total = int(cloud.rows("SELECT COUNT(*) FROM event")[0][0])
    seen = []
    for page in range(1, total // 30 + 2):
        reply = admin.listEvents(listall="true", page=page, pagesize=30).inner
        assert reply["count"] == total, (reply["count"], total)
        seen += [each["id"] for each in reply.get("event", [])]
    assert len(seen) == len(set(seen)) == total
    assert "event" not in admin.listEvents(listall="true", page=1000, pagesize=30).inner
    newest = cloud.rows("SELECT uuid FROM event ORDER BY id DESC LIMIT 3")
    assert [[uuid] for uuid in seen[:3]] == newest


# The two lists of jobs: the command, its object's key, the member that says which job it is.
JOB_LISTS = (("listAsyncJobs", "asyncjobs", "jobid"), ("listTasks", "task", "id"))


def jobs(client, command, key, member, **narrow):
    reply = client.signed(command, **narrow)
    assert reply.status == 200, reply.body
    return {each[member] for each in reply.inner.get(key, [])}


def test_jobs_are_listed_for_whom_they_concern(cloud):
    admin, one, two, domain = state["admin"], state["one"], state["two"], state["domain"]
    first, second = state["job-one"], state["job-two"]
    below = admin.createDomain(post=True, name="below", parentdomainid=domain).inner["domain"]["id"]
    own = admin.deployVirtualMachine(post=True, startvm="false", **state["place"])
    finish(own)
    for each in JOB_LISTS:
        for client, narrow, there, missing in (
                (one, {}, {first}, {second}), (one, {"listall": "true"}, {first}, {second}), (admin, {}, {own.inner["jobid"]}, {first, second}),
                (admin, {"listall": "true"}, {first, second, own.inner["jobid"]}, set()),
                (admin, {"account": "two", "domainid": domain}, {second}, {first}), (admin, {"domainid": domain}, {first, second}, {own.inner["jobid"]}),
                (admin, {"domainid": admin.listDomains(name="ROOT").inner["domain"][0]["id"]}, {own.inner["jobid"]}, {first, second}),
                (admin, {"domainid": admin.listDomains(name="ROOT").inner["domain"][0]["id"], "isrecursive": "true"}, {first, second}, set()),
                (admin, {"domainid": below, "isrecursive": "true"}, set(), {first, second})):
            found = jobs(client, *each, **narrow)
            assert there <= found and not found & missing, (each, narrow, found)
        asserted(each[0], "listall", "account", "domainid", "isrecursive")


def test_jobs_of_a_project_are_its_members_matter(cloud):
    one, two, admin = state["one"], state["two"], state["admin"]
    reply = one.createProject(post=True, name="common", displaytext="common")
    project = finish(reply)["project"]["id"]
    finish(one.addAccountToProject(post=True, projectid=project, account="two"))
    made = one.deployVirtualMachine(post=True, projectid=project, name="ours", startvm="false", **state["place"])
    machine = finish(made)["virtualmachine"]["id"]
    begun = one.startVirtualMachine(post=True, id=machine)  # names no project: the machine does
    finish(begun)
    theirs = {made.inner["jobid"], begun.inner["jobid"]}
    for each in JOB_LISTS:
        for client in (one, two, admin):
            assert theirs <= jobs(client, *each, projectid=project) and theirs <= jobs(client, *each, projectid="-1"), each
            assert state["job-one"] not in jobs(client, *each, projectid=project) | jobs(client, *each, projectid="-1"), each
        assert not theirs & jobs(two, *each) and theirs <= jobs(one, *each), "one's own are those that one asked for"
        asserted(each[0], "projectid")
    told = two.getTask(id=made.inner["jobid"]).inner["task"]
    assert (told["projectid"], told["project"], told["account"]) == (project, "common", "one"), told
    assert two.queryAsyncJobResult(jobid=made.inner["jobid"]).inner["jobstatus"] == 1
    assert theirs <= {each.get("parentid", each["id"]) for each in events(two, projectid=project)}
    assert two.queryAsyncJobResult(jobid=state["job-one"]).status == 531 == two.getTask(id=state["job-one"]).status


def test_jobs_are_found_by_each_filter(cloud):
    admin, one, machine = state["admin"], state["one"], state["vm-one"]
    stop = one.stopVirtualMachine(post=True, id=machine)
    finish(stop)
    both = {state["job-one"], stop.inner["jobid"]}
    every = lambda **narrow: jobs(admin, *JOB_LISTS[0], listall="true", **narrow)
    assert every(resourcetype="VirtualMachine", resourceid=machine) == every(resourceid=machine) == both
    assert every(resourcetype="Template", resourceid=machine) == set() == every(resourcetype="House")
    assert every(resourcetype="VirtualMachine") > both and not every(resourcetype="Template") & both
    assert every(startdate="2000-01-01") == every(managementserverid="any") == every() and every(startdate="2099-01-01") == set()
    asserted("listAsyncJobs", "resourceid", "resourcetype", "startdate")
    for command, key, member in JOB_LISTS:
        assert jobs(one, command, key, member, keyword="stopVirtual") == {stop.inner["jobid"]}
        newest = one.signed(command).inner
        second = one.signed(command, page=2, pagesize=1).inner
        assert second["count"] == newest["count"] and second[key] == newest[key][1:2], (command, second)
        asserted(command, "keyword", "page", "pagesize")
    assert one.getTask(virtualmachineid=machine).inner["task"]["id"] == stop.inner["jobid"]
    asserted("getTask", "virtualmachineid", "id")
    query = lambda **which: one.queryAsyncJobResult(**which)
    assert query(jobid=state["job-one"]).inner["jobid"] == state["job-one"]
    assert query(resourceid=machine, resourcetype="VirtualMachine").inner["jobid"] == stop.inner["jobid"]
    for which in ({}, {"resourceid": machine}, {"resourceid": machine, "resourcetype": "Template"}, {"resourceid": "x", "resourcetype": "VirtualMachine"}):
        assert query(**which).status == 431, which
    asserted("queryAsyncJobResult", "jobid", "resourceid", "resourcetype")


def test_archiving_keeps_to_what_is_ones_own(cloud):
    one, two, admin = state["one"], state["two"], state["admin"]
    before, theirs = events(one), len(events(two))
    assert one.archiveEvents(post=True, ids=before[0]["id"]).inner["success"] is True
    assert before[0]["id"] not in [each["id"] for each in events(one)]
    assert [each["id"] for each in events(one, archived="true")] == [before[0]["id"]] and events(one, archived="true")[0]["archived"] is True
    assert two.archiveEvents(post=True, ids=events(one)[0]["id"]).status in (431, 531)
    assert one.archiveEvents(post=True, type="SEED.EVENT", enddate="2099-01-01").status == 200
    assert not events(one, type="SEED.EVENT") and len(events(two)) == theirs
    assert admin.listEvents(account="one", domainid=state["domain"]).inner["count"] == len(events(one))
    for parameters in ({}, {"startdate": "2020-01-01"}, {"type": "X", "startdate": "2020-01-01"}):
        assert one.archiveEvents(post=True, **parameters).status == 431, parameters


def test_type_and_days_choose_what_goes(cloud):
    """Three events of a type, a day each, and one of another type."""
    one = state["one"]

    def left(kind="DATED", **narrow):
        return [each["created"][:10] for each in reversed(events(one, type=kind + ".EVENT", **narrow))]

    for command in ("archiveEvents", "deleteEvents"):
        change = lambda **chosen: one.signed(command, post=True, **chosen).inner["success"]
        cloud.rows("DELETE FROM event WHERE type IN ('DATED.EVENT', 'OTHER.EVENT')")
        for kind, day in [("DATED", day) for day in DAYS] + [("OTHER", DAYS[1])]:
            cloud.rows("INSERT INTO event (uuid, type, level, state, message_key, message_args, account_id, domain_id, user_id, created) SELECT UUID(), "
                       "'%s.EVENT', 'INFO', 'Completed', 'event.completed', '{}', account_id, domain_id, user_id, '%s 12:00' "
                       "FROM event WHERE uuid = '%s'" % (kind, day, state["job-one"]))
        assert left(startdate=DAYS[1]) == DAYS[1:] and left(enddate=DAYS[1]) == DAYS[:2]
        assert change(type="DATED.EVENT", startdate=DAYS[1], enddate=DAYS[1]) and left() == [DAYS[0], DAYS[2]] and left("OTHER") == [DAYS[1]], command
        assert change(enddate=DAYS[0]) and left() == [DAYS[2]] and left("OTHER") == [DAYS[1]], command
        (last,) = events(one, type="DATED.EVENT")
        assert change(ids=last["id"]) and left() == [] and left("OTHER") == [DAYS[1]], command
        assert len(left(archived="true")) == (3 if command == "archiveEvents" else 0)
        asserted(command, "type", "startdate", "enddate", "ids")
    asserted("listEvents", "startdate", "enddate")


def test_deleting_keeps_to_what_is_ones_own(cloud):
    one, two, admin = state["one"], state["two"], state["admin"]
    count, theirs = len(events(one)), len(events(two))
    assert one.deleteEvents(post=True, ids=events(one)[0]["id"]).inner["success"] is True and len(events(one)) == count - 1
    assert two.deleteEvents(post=True, ids=events(one)[0]["id"]).status in (431, 531)
    assert one.deleteEvents(post=True, enddate="2099-01-01").status == 200
    assert events(one) == [] and events(one, archived="true") == [] and len(events(two)) == theirs
    assert one.deleteEvents(post=True).status == 431 and one.deleteEvents(post=True, startdate="2020-01-01").status == 431
    assert admin.deleteEvents(post=True, type="SEED.EVENT", startdate="2000-01-01", enddate="2099-01-01").status == 200
    assert not events(admin, listall="true", type="SEED.EVENT") and events(two)


def test_old_events_are_purged_as_the_settings_say(cloud):
    admin = state["admin"]
    cloud.rows("UPDATE event SET created = NOW(3) - INTERVAL 20 DAY WHERE account_id = (SELECT id FROM account WHERE name = 'two')")
    assert events(state["two"])
    assert admin.updateConfiguration(post=True, name="event.purge.interval", value="1").status == 200
    for _ in range(100):
        if not events(state["two"], startdate="2000-01-01"):
            break
        time.sleep(0.1)
    assert not events(state["two"], startdate="2000-01-01") and not events(state["two"]) and events(admin)


def test_types_are_listed(cloud):
    types = {each["name"] for each in state["one"].listEventTypes().inner["eventtype"]}
    assert {"VM.CREATE", "USER.LOGIN", "VM.STOP"} <= types


def test_jobs_expire(cloud):
    admin = state["admin"]
    assert admin.listAsyncJobs(listall="true").inner["count"] > 0
    cloud.rows("UPDATE job SET ended = NOW(3) - INTERVAL 2 DAY WHERE ended IS NOT NULL")
    for _ in range(500):
        if "count" not in admin.listAsyncJobs(listall="true").inner:
            break
        time.sleep(0.1)
    assert "count" not in admin.listAsyncJobs(listall="true").inner
    assert cloud.rows("SELECT COUNT(*) FROM job_step WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.id = job_id)") == [["0"]]
    assert admin.explain(id=state["vm-one"], type="VirtualMachine").inner["explanation"], "why a machine is where it is, is still known"


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
