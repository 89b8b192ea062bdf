#!/usr/bin/python3
"""Alerts: a lost host, full places and stores raise one alert each, which is over with its cause; lists, archive and delete.
timeout: 240"""
import os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from results import close, run_tests

HOST, SECONDARY, MEMORY = 7, 6, 0
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


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
