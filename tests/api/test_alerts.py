#!/usr/bin/python3
"""Alerts: a lost host, full places and stores raise one alert each, which is over with its cause; lists, archive and delete.
timeout: 240"""
import datetime, os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

HOST, SECONDARY, MEMORY, OWN = 7, 6, 0, 901
DAYS = [(datetime.date.today() - datetime.timedelta(days=ago)).isoformat() for ago in (3, 2, 1)]
state = {}


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    account = admin.createAccount(post=True, username="user", password="secret-user", email="o@o", firstname="o", lastname="o", accounttype="0").inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    state["user"] = Client(cloud.url, keys["apikey"], keys["secretkey"])
    assert admin.updateConfiguration(post=True, name="capacity.check.period", value="1000").status == 200


def alerts(**narrow):
    reply = state["admin"].listAlerts(**narrow)
    assert reply.status == 200, reply.body
    return reply.inner.get("alert", [])


def wait_for(look, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("not in time; alerts: %s" % alerts())


def test_a_lost_host_is_told_once_until_it_is_back(cloud):
    host = state["admin"].listHosts(type="Routing").inner["host"][0]
    lose = "UPDATE host SET state = 'Down' WHERE uuid = '%s'" % host["id"]
    cloud.rows(lose)
    (alert,) = wait_for(lambda: alerts(type=HOST))
    assert alert["name"] == "ALERT.COMPUTE.HOST" and host["name"] in alert["description"] and "Down" in alert["description"] and alert["sent"], alert
    time.sleep(5)
    assert [each["id"] for each in alerts(type=HOST)] == [alert["id"]] or len(alerts(type=HOST)) == 1
    cloud.rows("UPDATE host SET state = 'Up' WHERE uuid = '%s'" % host["id"])
    wait_for(lambda: cloud.rows("SELECT COUNT(*) FROM alert WHERE type = 7 AND open_key IS NOT NULL") == [["0"]])
    korean = state["admin"].signed("listAlerts", type=HOST, lang="ko").inner["alert"][0]["description"]
    assert "호스트" in korean, korean


def test_full_places_are_told_as_their_thresholds_say(cloud):
    admin = state["admin"]
    cluster, store = admin.listClusters().inner["cluster"][0], admin.listImageStores().inner["imagestore"][0]
    cloud.rows("UPDATE image_store SET total_bytes = 100, used_bytes = 60")
    assert not alerts(type=SECONDARY)
    admin.updateConfiguration(post=True, name="zone.secstorage.capacity.notificationthreshold", value="0.5", imagestoreuuid=store["id"])
    (alert,) = wait_for(lambda: alerts(type=SECONDARY))
    assert store["name"] in alert["description"] and "60" in alert["description"], alert
    assert not alerts(name="ALERT.MEMORY")
    admin.updateConfiguration(post=True, name="cluster.storage.capacity.notificationthreshold", value="0", clusterid=cluster["id"])
    half = "UPDATE storage_pool SET used_bytes = total_bytes DIV 2"  # said again: looks at the pool write what it really holds
    (alert,) = wait_for(lambda: cloud.rows(half) and None or alerts(name="ALERT.STORAGE"))
    assert cluster["name"] in alert["description"], alert


def test_alerts_are_listed_archived_and_deleted(cloud):
    admin, user = state["admin"], state["user"]
    everything = alerts()
    assert len(everything) >= 3 and alerts(id=everything[0]["id"]) == [everything[0]] and alerts(keyword="SECONDARY") and not alerts(keyword="nothing")
    assert admin.listAlerts(page=1, pagesize=1).inner["count"] == len(everything)
    assert admin.archiveAlerts(post=True, ids=everything[0]["id"]).inner["success"] is True and len(alerts()) == len(everything) - 1
    assert admin.deleteAlerts(post=True, type=HOST, startdate="2000-01-01", enddate="2099-01-01").inner["success"] is True and not alerts(type=HOST)
    for command in ("archiveAlerts", "deleteAlerts"):
        for parameters in ({}, {"startdate": "2020-01-01"}, {"ids": "11111111-2222-4333-8444-555555555555"}):
            assert admin.signed(command, post=True, **parameters).status == 431, (command, parameters)
        assert user.signed(command, post=True, type=HOST).status == 432
    assert user.listAlerts().status == 432 and user.listAlertTypes().status == 432
    assert admin.archiveAlerts(post=True, enddate="2099-01-01").status == 200
    types = {each["type"]: each["name"] for each in admin.listAlertTypes().inner["alerttype"]}
    assert types[HOST] == "ALERT.COMPUTE.HOST" and types[MEMORY] == "ALERT.MEMORY" and types[14] == "ALERT.MANAGEMENT", types


def generate(**more):
    """How the job ended, or why there is none."""
    reply = state["admin"].generateAlert(post=True, **dict({"type": OWN, "name": "ROOM.TEMPERATURE", "description": "30 degrees"}, **more))
    if reply.status != 200:
        return reply.status, reply.text
    result = {"jobstatus": 0}
    while result["jobstatus"] == 0:
        result = state["admin"].queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    return result["jobstatus"], result["jobresult"]


def test_people_and_their_tools_generate_alerts(cloud):
    zone, pod = state["admin"].listZones().inner["zone"][0], state["admin"].listPods().inner["pod"][0]
    other = state["admin"].createZone(post=True, name="far", dns1="192.0.2.1", internaldns1="192.0.2.1", networktype="Advanced").inner["zone"]
    assert generate() == (1, {"success": True})
    (alert,) = alerts(type=OWN)
    assert (alert["name"], alert["type"], alert["description"]) == ("ROOM.TEMPERATURE", OWN, "30 degrees") and alert["sent"], alert
    assert generate(description="x" * 999, zoneid=zone["id"])[0] == generate(description="door", podid=pod["id"], zoneid=zone["id"])[0] == 1
    assert [each["description"] for each in alerts(type=OWN)][:2] == [pod["name"] + ": door", zone["name"] + ": " + "x" * 999]
    assert generate(podid=pod["id"], zoneid=other["id"]) == (431, "The pod belongs to another zone")
    assert generate(type=HOST) == (431, "There is a default alert having type 7 and name ALERT.COMPUTE.HOST")
    assert generate(type=HOST, name="alert.compute.host")[0] == 1 and alerts(type=HOST)
    assert generate(type=-1)[0] == generate(description="x" * 1000)[0] == 431
    asserted("generateAlert", "type", "name", "description", "zoneid", "podid")
    assert state["user"].generateAlert(post=True, type=OWN, name="x", description="x").status == 432


def test_type_and_days_choose_what_goes(cloud):
    """Three alerts of a type, a day each, and one of another type."""

    def left(kind=OWN):
        return [each["sent"][:10] for each in reversed(alerts(type=kind))]

    for command in ("archiveAlerts", "deleteAlerts"):
        change = lambda **chosen: state["admin"].signed(command, post=True, **chosen).inner["success"]
        cloud.rows("DELETE FROM alert WHERE type >= %d" % OWN)
        for kind, day in [(OWN, day) for day in DAYS] + [(OWN + 1, DAYS[1])]:
            assert generate(type=kind, description=day)[0] == 1
            cloud.rows("UPDATE alert SET sent = '%s 12:00' WHERE type = %d AND detail = '%s'" % (day, kind, day))
        assert change(type=OWN, startdate=DAYS[1], enddate=DAYS[1]) and left() == [DAYS[0], DAYS[2]] and left(OWN + 1) == [DAYS[1]], command
        assert change(enddate=DAYS[0]) and left() == [DAYS[2]] and left(OWN + 1) == [DAYS[1]], command
        assert change(ids=alerts(type=OWN)[0]["id"]) and left() == [] and left(OWN + 1) == [DAYS[1]], command
        assert cloud.rows("SELECT COUNT(*) FROM alert WHERE type = %d" % OWN) == [["3" if command == "archiveAlerts" else "0"]], command
        asserted(command, "type", "startdate", "enddate", "ids")


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
