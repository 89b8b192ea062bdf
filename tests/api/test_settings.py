#!/usr/bin/python3
"""Settings: what a list says of them, values at every place they can have one, what counts where, and how they are forgotten.
timeout: 240"""
import os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

FACTOR, CLUSTER, PUBLIC = "storage.overprovisioning.factor", "cpu.overprovisioning.factor", "allow.public.user.templates"
STORE = "zone.secstorage.capacity.notificationthreshold"
THRESHOLD, DESTROYED = "pool.storage.capacity.disablethreshold", "allow.user.view.destroyed.vm"
state = {}


def prepare(cloud):
    admin = state["admin"] = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    state["zone"] = admin.listZones().inner["zone"][0]["id"]
    state["cluster"] = admin.listClusters().inner["cluster"][0]["id"]
    state["pool"] = admin.listStoragePools().inner["storagepool"][0]["id"]
    state["store"] = admin.listImageStores().inner["imagestore"][0]["id"]
    state["parent"] = admin.createDomain(post=True, name="parent").inner["domain"]["id"]
    state["child"] = admin.createDomain(post=True, name="child", parentdomainid=state["parent"]).inner["domain"]["id"]
    account = admin.createAccount(post=True, username="tenant", password="secret-tenant", email="o@o", firstname="o", lastname="o", accounttype="0",
                                  domainid=state["child"]).inner["account"]
    state["account"] = account["id"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    state["tenant"] = Client(cloud.url, keys["apikey"], keys["secretkey"])


def listed(name, **place):
    found = state["admin"].listConfigurations(name=name, **place).inner.get("configuration", [])
    return found[0] if found else None


def change(name, value, **place):
    reply = state["admin"].updateConfiguration(post=True, name=name, value=value, **place)
    assert reply.status == 200, reply.body
    return reply.inner["configuration"]["value"]


def reset(name, **place):
    reply = state["admin"].resetConfiguration(post=True, name=name, **place)
    assert reply.status == 200, reply.body
    return reply.inner["configuration"]["value"]


def test_a_setting_tells_all_about_itself(cloud):
    one = listed(FACTOR)
    expected = {"name": FACTOR, "value": "2.0", "defaultvalue": "2.0", "category": "Storage", "group": "Storage", "subgroup": "Primary Storage",
                "type": "Decimal", "isdynamic": True, "component": "storage", "displaytext": "Storage overprovisioning factor"}
    assert {name: one.get(name) for name in expected} == expected, one
    assert one["scope"] == "global,storagepool" and one["description"], one
    where = listed("api.sessionkey.check.locations")
    assert where["type"] == "Select" and "ParameterOnly" in where["options"].split(","), where
    reply = state["admin"].updateConfiguration(post=True, name="api.sessionkey.check.locations", value="Nowhere")
    assert reply.status == 431, reply.body


def test_lists_are_narrowed_by_each_parameter(cloud):
    def names(**narrow):
        return {each["name"] for each in state["admin"].listConfigurations(pagesize=-1, **narrow).inner.get("configuration", [])}
    everything = names()
    storage = names(category="Storage")
    assert FACTOR in storage < everything
    assert FACTOR in names(group="Storage") and CLUSTER not in names(group="Storage")
    assert names(group="Storage", subgroup="Images") < names(group="Storage") and FACTOR not in names(subgroup="Images")
    assert names(keyword="overprovisioning") == {FACTOR, CLUSTER, "mem.overprovisioning.factor"}
    assert names(name=FACTOR) == {FACTOR} and names(name="no.such") == set()
    assert FACTOR in names(storageid=state["pool"]) and CLUSTER not in names(storageid=state["pool"])
    assert CLUSTER in names(clusterid=state["cluster"]) and THRESHOLD in names(zoneid=state["zone"])
    assert PUBLIC in names(accountid=state["account"]) and PUBLIC in names(domainid=state["child"])
    assert names(imagestoreuuid=state["store"]) < everything
    assert names(parent=FACTOR) == everything
    page = state["admin"].listConfigurations(page=2, pagesize=3).inner
    assert page["count"] == len(everything) and len(page["configuration"]) == 3, page
    assert state["tenant"].listConfigurations().status == 432


def test_each_place_has_its_own_value_and_forgets_it(cloud):
    places = [(FACTOR, {"storageid": state["pool"]}, "3.0"), (CLUSTER, {"clusterid": state["cluster"]}, "4.0"), (THRESHOLD, {"zoneid": state["zone"]}, "0.5"),
              (PUBLIC, {"accountid": state["account"]}, "false"), (PUBLIC, {"domainid": state["child"]}, "false"),
              (STORE, {"imagestoreuuid": state["store"]}, "0.5")]
    for name, place, value in places:
        usual = listed(name)["value"]
        assert change(name, value, **place) == value
        assert listed(name, **place)["value"] == value and listed(name)["value"] == usual
        forget = {"imagestoreid" if key == "imagestoreuuid" else key: value for key, value in place.items()}
        assert reset(name, **forget) == usual and listed(name, **place)["value"] == usual
        for command, parameters in (("updateConfiguration", place), ("listConfigurations", place), ("resetConfiguration", forget)):
            asserted(command, *parameters)
    asserted("updateConfiguration", "value")
    assert change(FACTOR, "5.0") == "5.0" and listed(FACTOR, storageid=state["pool"])["value"] == "5.0"
    reply = state["admin"].updateConfiguration(post=True, name=FACTOR)  # no value: that of the next wider place
    assert reply.inner["configuration"]["value"] == "2.0", reply.body


def test_a_wrong_place_or_value_is_refused(cloud):
    admin = state["admin"]
    for parameters in ({"name": FACTOR, "value": "2", "zoneid": state["zone"]}, {"name": FACTOR, "value": "many"}, {"name": "no.such", "value": "1"},
                       {"name": FACTOR, "value": "2", "storageid": state["pool"], "zoneid": state["zone"]}, {"name": FACTOR, "value": "1000"},
                       {"name": FACTOR, "value": "2", "storageid": "11111111-2222-4333-8444-555555555555"}):
        reply = admin.updateConfiguration(post=True, **parameters)
        assert reply.status == 431, (parameters, reply.body)
    for command in ("resetConfiguration", "updateConfiguration"):
        assert state["tenant"].signed(command, post=True, name=FACTOR, value="2").status == 432
    text = admin.resetConfiguration(post=True, name="no.such").text
    assert text == "Config parameter with name no.such doesn't exist", text
    assert admin.resetConfiguration(post=True, name=FACTOR, accountid=state["account"]).status == 431


def test_accounts_inherit_from_domains_when_wanted(cloud):
    mine = {"accountid": state["account"]}
    change(PUBLIC, "false", domainid=state["parent"])
    assert listed(PUBLIC, **mine)["value"] == "true"
    change("enable.account.settings.for.domain", "true")
    assert listed(PUBLIC, **mine)["value"] == "true" and listed(PUBLIC, domainid=state["child"])["value"] == "true"
    change("enable.domain.settings.for.child.domain", "true")
    assert listed(PUBLIC, **mine)["value"] == "false" and listed(PUBLIC, domainid=state["child"])["value"] == "false"
    change(PUBLIC, "true", **mine)
    assert listed(PUBLIC, **mine)["value"] == "true"
    for name, place in ((PUBLIC, mine), (PUBLIC, {"domainid": state["parent"]}), ("enable.account.settings.for.domain", {}),
                        ("enable.domain.settings.for.child.domain", {})):
        reset(name, **place)


def test_what_reads_a_setting_reads_it_for_its_object(cloud):
    capability = lambda: state["tenant"].listCapabilities().inner["capability"]["allowuserviewdestroyedvm"]
    assert capability() is False
    change(DESTROYED, "true", accountid=state["account"])
    assert capability() is True
    reset(DESTROYED, accountid=state["account"])
    assert capability() is False


def test_groups_name_their_parts(cloud):
    groups = state["admin"].listConfigurationGroups().inner["configurationgroup"]
    assert [each["precedence"] for each in groups] == sorted(each["precedence"] for each in groups) and all(each["description"] for each in groups)
    known = {(group["name"], part["name"]) for group in groups for part in group["subgroup"]}
    used = {(each["group"], each["subgroup"]) for each in state["admin"].listConfigurations().inner["configuration"]}
    assert used <= known, used - known
    (storage,) = state["admin"].listConfigurationGroups(group="Storage").inner["configurationgroup"]
    asserted("listConfigurationGroups", "group")
    assert storage["name"] == "Storage" and state["admin"].listConfigurationGroups(keyword="stor").inner["count"] == 1
    assert state["tenant"].listConfigurationGroups().status == 432


def test_plugins_have_settings_of_their_own(cloud):
    admin = state["admin"]

    def told(plugin):
        return {each["name"]: each for each in admin.listPluginSettings(plugin=plugin).inner.get("pluginsetting", [])}

    def change(name, value=None, plugin="hypervisor-simulator"):
        return admin.updatePluginSetting(post=True, plugin=plugin, name=name, **({"value": value} if value else {}))

    usual = told("hypervisor-simulator")["host_cpus"]
    assert (usual["plugin"], usual["type"], usual["title"], usual["defaultvalue"]) == ("hypervisor-simulator", "integer", "CPUs of a host", "8"), usual
    assert (usual["isset"], usual["required"]) == (False, False) and usual["description"] and "value" not in usual, usual
    assert any("kvm" in each.get("choices", "") for each in told("hypervisor-kvm").values()) and "host_cpus" not in told("hypervisor-kvm")
    changed = change("host_cpus", "16").inner["pluginsetting"]
    assert (changed["name"], changed["value"], changed["isset"]) == ("host_cpus", "16", True), changed
    assert told("hypervisor-simulator")["host_cpus"] == changed and not told("hypervisor-simulator")["host_memory_mib"]["isset"]
    for wrong in ({"name": "host_cpus", "value": "0"}, {"name": "host_cpus", "value": "many"}, {"name": "no_such", "value": "1"},
                  {"name": "host_cpus", "value": "1", "plugin": "nobody"}):
        assert change(**wrong).status == 431, wrong
    assert change("host_cpus").inner["pluginsetting"] == usual
    asserted("listPluginSettings", "plugin")
    asserted("updatePluginSetting", "plugin", "name", "value")
    assert state["tenant"].listPluginSettings(plugin="hypervisor-simulator").status == 432


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        prepare(the_cloud)
        counts = run_tests(globals(), the_cloud)
    close(*counts)
