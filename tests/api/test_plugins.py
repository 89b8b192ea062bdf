#!/usr/bin/python3
"""Plugins as operators see and change them: their faults, their quarantine, in use or not, their settings.
timeout: 400"""
import os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

PLUGIN = "hypervisor-simulator"


def admin_of(cloud):
    return Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])


def plugin(admin, name=PLUGIN):
    (found,) = admin.listPlugins(name=name).inner["plugin"]
    return found


def act(admin, action):
    """Twice: a plugin may be told what it is already."""
    assert admin.updatePlugin(post=True, name=PLUGIN, action=action).status == 200
    return admin.updatePlugin(post=True, name=PLUGIN, action=action).inner["plugin"]


def ended(admin, reply):
    job = {"jobstatus": 0}
    while not job["jobstatus"]:
        time.sleep(0.05)
        job = admin.queryAsyncJobResult(jobid=reply.inner["jobid"]).inner
    return job


def add_host(admin, name):
    cluster = admin.listClusters().inner["cluster"][0]
    return admin.addHost(post=True, zoneid=cluster["zoneid"], podid=cluster["podid"], clusterid=cluster["id"], hypervisor="Simulator",
                         url="http://sim/plugins/" + name, username="root", password="x")


def test_faults_are_listed_and_a_quarantine_ends(cloud):
    admin = admin_of(cloud)
    assert plugin(admin)["state"] == "ok" and not admin.listPluginFaults().inner
    place = {"zoneid": admin.listZones().inner["zone"][0]["id"], "templateid": admin.listTemplates(templatefilter="all").inner["template"][0]["id"],
             "serviceofferingid": admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]}
    cloud.simulator("fault", "action=crash", "slot=guest_start", "times=0")
    started = admin.deployVirtualMachine(post=True, **place)
    assert ended(admin, started)["jobstatus"] == 2
    cloud.simulator("no-faults")
    faults = admin.listPluginFaults().inner["pluginfault"]
    assert len(faults) == 3 == plugin(admin)["faultcount"], faults
    for each in faults:
        assert (each["plugin"], each["slot"], each["what"], each["step"], each["jobid"]) == (
            PLUGIN, "guest_start", "crashed", "start_guest", started.inner["jobid"]), each
        assert each["id"] and each["detail"] and each["created"]
    ids = lambda **narrow: [each["id"] for each in admin.listPluginFaults(**narrow).inner.get("pluginfault", [])]
    every = [each["id"] for each in faults]
    assert ids(name=PLUGIN) == ids(keyword="guest_st") == ids(keyword="hypervisor") == every and ids(name="storage-simulator") == ids(keyword="no such") == []
    assert ids(page=2, pagesize=2) == every[2:]
    asserted("listPluginFaults", "name", "keyword", "page", "pagesize")
    assert plugin(admin)["state"] == "quarantined"
    told = act(admin, "release")
    assert (told["name"], told["state"]) == (PLUGIN, "ok") and ids() == every, told


def test_disabled_plugins_are_not_called(cloud):
    admin = admin_of(cloud)
    assert act(admin, "disable")["state"] == "disabled" == plugin(admin)["state"]
    for attempt in range(100):  # processes look at most twice a second
        reply = add_host(admin, "disabled-%d" % attempt)
        if reply.status != 200:
            break
    assert reply.text == "The plugin %s is disabled." % PLUGIN, reply.body
    assert plugin(admin, "storage-simulator")["state"] == "ok"
    assert act(admin, "enable")["state"] == "ok"
    for attempt in range(100):
        reply = add_host(admin, "enabled-%d" % attempt)
        if reply.status == 200:
            break
    assert reply.status == 200, reply.body
    asserted("updatePlugin", "name", "action")
    assert admin.updatePlugin(post=True, name="no-such", action="enable").text == "There is no plugin no-such."
    assert admin.updatePlugin(post=True, name=PLUGIN, action="smash").status == 431


def test_settings_hold_from_the_next_start(cloud):
    admin = admin_of(cloud)
    settings = lambda **narrow: admin.listPluginSettings(**dict({"plugin": PLUGIN}, **narrow)).inner.get("pluginsetting", [])
    (cpus,) = settings(keyword="host_cpus")
    assert (cpus["plugin"], cpus["name"], cpus["defaultvalue"], cpus["isset"]) == (PLUGIN, "host_cpus", "8", False) and "value" not in cpus, cpus
    assert settings(page=2, pagesize=1) == settings()[1:2] and len(settings()) > 2
    assert {each["plugin"] for each in settings()} == {PLUGIN} and {each["plugin"] for each in settings(plugin="network-simulator")} == {"network-simulator"}
    asserted("listPluginSettings", "plugin", "keyword", "page", "pagesize")
    assert admin.updatePluginSetting(plugin=PLUGIN, name="host_cpus", value=16).status == 405, "values may be secret: not in an address"
    for wrong in ({"value": "many"}, {"value": 0}, {"name": "no_such", "value": 1}, {"plugin": "no-such", "value": 1}):
        assert admin.updatePluginSetting(post=True, **dict({"plugin": PLUGIN, "name": "host_cpus"}, **wrong)).status == 431, wrong
    told = admin.updatePluginSetting(post=True, plugin=PLUGIN, name="host_cpus", value=16).inner["pluginsetting"]
    assert (told["name"], told["value"], told["isset"]) == ("host_cpus", "16", True) and settings(keyword="host_cpus") == [told], told
    cloud.restart()
    admin = admin_of(cloud)
    assert add_host(admin, "large").inner["host"][0]["cpunumber"] == 16
    asserted("updatePluginSetting", "plugin", "name", "value")
    assert admin.updatePluginSetting(post=True, plugin=PLUGIN, name="host_cpus").inner["pluginsetting"] == cpus, "the default holds again"


def test_rows_are_consistent_afterwards(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        counts = run_tests(globals(), the_cloud)
    close(*counts)
