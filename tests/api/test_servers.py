#!/usr/bin/python3
"""Management servers and the database with real figures, how much there is of everything, and regions: every parameter and what it does.
timeout: 240"""
import os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

state = {}


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    account = admin.createAccount(post=True, username="user", password="secret-user", email="o@o", firstname="o", lastname="o", accounttype="0").inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    state["user"] = Client(cloud.url, keys["apikey"], keys["secretkey"])


def test_this_machine_is_a_management_server(cloud):
    for _ in range(300):  # its first process takes its lease just after the start
        (server,) = state["admin"].listManagementServers().inner["managementserver"]
        if server["state"] == "Up":
            break
        time.sleep(0.1)
    assert server["state"] == "Up" and server["name"] == os.uname().nodename and server["kernelversion"] == os.uname().release, server
    assert server["version"].count(".") >= 2 and server["lastserverstart"] and server["lastboottime"] and server["ipaddress"], server
    state["server"] = server["id"]
    assert state["user"].listManagementServers().status == 432 and state["user"].listManagementServersMetrics().status == 432


def test_figures_are_those_of_the_machine(cloud):
    (server,) = state["admin"].listManagementServersMetrics(system="true").inner["managementserver"]
    assert server["availableprocessors"] == os.cpu_count() and server["version"].count(".") >= 2, server
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert abs(server["heapmemorytotal"] - total) < total * 0.05 and 1 << 20 < server["heapmemoryused"] < total, server
    assert server["threadstotalcount"] == server["threadswaitingcount"] + server["threadsrunnablecount"] + server["threadsblockedcount"] > 4, server
    assert len(server["systemloadaverages"].split()) == 3 and server["systemmemorytotal"].endswith("GB") and server["dbislocal"] is True, server
    assert server["cpuload"].endswith("%") and server["collectiontime"], server
    (short,) = state["admin"].listManagementServersMetrics().inner["managementserver"]
    assert "systemmemorytotal" not in short and "heapmemoryused" in short, short
    asserted("listManagementServersMetrics", "system")


def test_lists_of_servers_are_narrowed(cloud):
    for command in ("listManagementServers", "listManagementServersMetrics"):
        ask = lambda **narrow: len(state["admin"].signed(command, **narrow).inner.get("managementserver", []))
        name = os.uname().nodename
        assert ask(id=state["server"]) == ask(name=name) == ask(keyword=name[:3]) == ask(version="4.22.0.0") == ask(peers="true") == 1
        assert ask(name="other") == ask(version="1.0.0") == ask(keyword="zzz") == 0
        assert state["admin"].signed(command, id="11111111-2222-4333-8444-555555555555").status == 431


def test_only_a_server_that_is_gone_is_removed(cloud):
    admin = state["admin"]
    assert admin.removeManagementServer(post=True, id=state["server"]).status == 431
    cloud.rows("INSERT INTO management_server (uuid, name, version, os, kernel, address, booted, started) "
               "VALUES (UUID(), 'gone', '4.22.0.0', 'os', 'kernel', '192.0.2.1', NOW(3), NOW(3))")
    (gone,) = admin.listManagementServers(name="gone").inner["managementserver"]
    assert gone["state"] == "Down" and "heapmemoryused" not in admin.listManagementServersMetrics(name="gone").inner["managementserver"][0]
    assert admin.removeManagementServer(post=True, id=gone["id"]).inner["success"] is True
    assert [each["id"] for each in admin.listManagementServers().inner["managementserver"]] == [state["server"]]
    asserted("removeManagementServer", "id")
    assert not admin.listManagementServers(name="gone").inner and state["user"].removeManagementServer(post=True, id=gone["id"]).status == 432


def test_what_there_is_is_counted(cloud):
    admin = state["admin"]
    told = lambda: admin.listInfrastructure().inner["infrastructure"]
    before = told()
    for member, command in (("zones", "listZones"), ("pods", "listPods"), ("clusters", "listClusters"), ("storagepools", "listStoragePools"),
                            ("hosts", "listHosts"), ("imagestores", "listImageStores"), ("managementservers", "listManagementServers")):
        assert before[member] == admin.signed(command).inner["count"] > 0, (member, before)
    assert before["cpusockets"] == sum(each["cpusockets"] for each in admin.listHosts().inner["host"]) > 0, before
    assert all(before[member] == 0 for member in ("backuprepositories", "objectstores", "systemvms", "routers", "ilbvms")), before
    cloud.rows("INSERT INTO alert (uuid, type, name, message_key, subject, detail, archived, sent, last_seen) VALUES "
               "(UUID(), 900, 'COUNTED', 'alert.generated', '', 'x', 0, NOW(3), NOW(3)), (UUID(), 900, 'COUNTED', 'alert.generated', '', 'x', 1, NOW(3), NOW(3))")
    admin.createZone(post=True, name="more", dns1="192.0.2.1", internaldns1="192.0.2.1", networktype="Advanced")
    assert told()["alerts"] == admin.listAlerts().inner["count"] > 0 and told()["zones"] == before["zones"] + 1
    assert state["user"].listInfrastructure().status == state["user"].listDbMetrics().status == 432


def test_the_database_tells_of_itself(cloud):
    first, second = (state["admin"].listDbMetrics().inner["dbMetrics"] for _ in range(2))
    (known,) = cloud.rows("SELECT @@hostname, @@version, @@version_comment, @@tls_version")
    assert [first["hostname"], first["version"], first["versioncomment"], first["tlsversions"]] == known, first
    assert second["queries"] > first["queries"] > 0 and second["connections"] > 1 and 0 < first["uptime"] < 3600, (first, second)
    assert first["collectiontime"] and first["replicas"] == [] and "dbloadaverages" not in first, first


def test_regions_are_added_changed_and_removed(cloud):
    admin, user = state["admin"], state["user"]
    (own,) = user.listRegions().inner["region"]
    assert own == {"id": 1, "name": "Local", "endpoint": "http://localhost/client/", "gslbserviceenabled": False, "portableipserviceenabled": False}, own
    added = admin.addRegion(post=True, id=2, name="seoul", endpoint="https://seoul.example/client/").inner["region"]
    assert (added["id"], added["name"], added["endpoint"]) == (2, "seoul", "https://seoul.example/client/"), added
    for parameters in ({"id": 2, "name": "x"}, {"id": 3, "name": "seoul"}):
        reply = admin.addRegion(post=True, endpoint="https://x.example/", **parameters)
        assert reply.status == 431 and "already exists" in reply.text, reply.body
    assert admin.addRegion(post=True, id=4, name="x", endpoint="javascript:x").status == 431 and admin.addRegion(post=True, id=0, name="x", endpoint="http://x").status == 431
    changed = admin.updateRegion(post=True, id=2, name="busan", endpoint="https://busan.example/").inner["region"]
    assert (changed["name"], changed["endpoint"]) == ("busan", "https://busan.example/")
    assert admin.updateRegion(post=True, id=2, name="Local").status == 431 and "does not exist" in admin.updateRegion(post=True, id=9, name="y").text
    assert [each["id"] for each in user.listRegions(id=2).inner["region"]] == [each["id"] for each in user.listRegions(name="BUSAN").inner["region"]] == [2]
    assert user.listRegions(keyword="usa").inner["count"] == 1 and user.listRegions(page=1, pagesize=1).inner["count"] == 2
    for command, parameters in (("addRegion", {"name": "z", "endpoint": "http://z"}), ("updateRegion", {}), ("removeRegion", {})):
        assert user.signed(command, post=True, id=2, **parameters).status == 432
    assert admin.removeRegion(post=True, id=1).status == 431 and admin.removeRegion(post=True, id=9).status == 431
    assert admin.removeRegion(post=True, id=2).inner["success"] is True and [each["id"] for each in user.listRegions().inner["region"]] == [1]
    asserted("removeRegion", "id")
    assert {each["command"] for each in admin.listAuditRecords(resourcetype="Region").inner["auditrecord"]} == {"addRegion", "updateRegion", "removeRegion"}


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
