#!/usr/bin/python3
"""The unmodified CloudStack driver of python3-libcloud, as Debian ships it: each of its methods whose commands are listed is called here, and what
it made is asked for again. What single commands do is asserted in tests/api.
timeout: 300"""
import inspect, os, re, sys, warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk4W0l1bXRlc3RrZXkwMDAwMDAwMDAwMDAwMDAwMDAw one@example.org"


class Driver:
    """The driver; notes which of its methods were called."""
    called = set()

    def __init__(self, cloud):
        from libcloud.compute.providers import get_driver
        from libcloud.compute.types import Provider
        warnings.simplefilter("ignore")  # the driver's own, of names that it wants to give up
        self.driver = get_driver(Provider.CLOUDSTACK)(cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"], secure=False,
                                                      url=cloud.url + "/client/api")
        self.driver.connection.poll_interval = 0.1

    def __getattr__(self, method):
        self.called.add(method)
        return getattr(self.driver, method)


def named(items, name):
    (item,) = [each for each in items if each.name == name]
    return item


def place(driver):
    (location,) = driver.list_locations()
    (image,) = driver.list_images(location)
    return {"location": location, "image": image, "size": named(driver.list_sizes(), "Small Instance")}


def refusal(call, *arguments, **named_arguments):
    try:
        call(*arguments, **named_arguments)
    except Exception as refused:
        return str(getattr(refused, "value", refused))
    raise AssertionError("it was not refused")


def test_what_the_cloud_offers(cloud):
    driver = Driver(cloud)
    where = place(driver)
    assert where["location"].name == "simulator" and where["size"].ram == 512 and where["size"].extra["cpu"] == 1
    assert where["image"].extra["format"] == "QCOW2" and where["image"].extra["hypervisor"] == "Simulator"
    assert [each.id for each in driver.list_images()] == [where["image"].id]
    disks = {each.name: each for each in driver.ex_list_disk_offerings()}
    assert disks["Small"].size == 5 and not disks["Small"].customizable and disks["Custom"].customizable, disks
    offering = named(driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
    assert offering.guest_ip_type == "Isolated" and offering.for_vpc is False
    assert "Other Linux (64-bit)" in {each["description"] for each in driver.ex_list_os_types()}
    assert driver.ex_limits().keys() >= {"max_instances", "max_volumes", "max_memory", "max_secondary_storage"}
    assert driver.ex_list_public_ips() == driver.ex_list_port_forwarding_rules() == driver.ex_list_ip_forwarding_rules() == []


def test_key_pairs(cloud):
    driver = Driver(cloud)
    made = driver.create_key_pair("made")
    assert made.private_key.startswith("-----BEGIN") and driver.get_key_pair("made").fingerprint == made.fingerprint
    assert driver.ex_create_keypair("also made")["privateKey"].startswith("-----BEGIN")
    driver.import_key_pair_from_string("imported", PUBLIC_KEY)
    imported = driver.get_key_pair("imported")
    assert imported.fingerprint.count(":") == 15
    driver.delete_key_pair(imported)  # it compares what is answered with the text "true", not with true
    assert driver.ex_import_keypair_from_string("again", PUBLIC_KEY)["keyFingerprint"] == imported.fingerprint
    path = os.path.join(cloud.folder, "key.pub")
    with open(path, "w") as file:
        file.write(PUBLIC_KEY.replace("MDAw one", "MDEx two"))
    driver.ex_import_keypair("from a file", path)
    driver.delete_key_pair(driver.get_key_pair("from a file"))
    assert {each.name for each in driver.list_key_pairs()} == {each["name"] for each in driver.ex_list_keypairs()} == {"made", "also made", "again"}
    for name in ("made", "also made", "again"):
        driver.ex_delete_keypair(name)
    assert driver.list_key_pairs() == []
    assert "does not exist" in refusal(driver.get_key_pair, "made")


def test_network(cloud):
    driver = Driver(cloud)
    location = driver.list_locations()[0]
    offering = named(driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
    made = driver.ex_create_network("By libcloud", "libcloud-network", offering, location, gateway="10.66.0.1", netmask="255.255.255.0",
                                    network_domain="libcloud.example.org")
    driver.ex_create_tags([made.id], "Network", {"made": "by libcloud"})
    listed = named(driver.ex_list_networks(), "libcloud-network")
    assert listed.id == made.id and listed.zoneid == location.id and listed.networkofferingid == offering.id
    assert listed.extra["gateway"] == "10.66.0.1" and listed.extra["network_domain"] == "libcloud.example.org"
    assert listed.extra["tags"] == {"made": "by libcloud"}
    assert driver.ex_delete_network(made) and made.id not in [each.id for each in driver.ex_list_networks()]


def test_project(cloud):
    driver, cs = Driver(cloud), cloud.api()
    cs.createProject(name="libcloud", displaytext="By hand", fetch_result=True)
    project = named(driver.ex_list_projects(), "libcloud")
    assert project.display_text == "By hand" and project.extra["state"] == "Active" and project.extra["vmtotal"] == 0, project.extra
    offering = named(driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
    network = driver.ex_create_network("Its own", "own", offering, driver.list_locations()[0], project_id=project.id)
    assert [each.id for each in driver.ex_list_networks(project=project)] == [network.id] and network.extra["project_id"] == project.id
    assert driver.list_nodes(project=project) == [] and network.id not in [each.id for each in driver.ex_list_networks()]
    driver.ex_delete_network(network)
    cs.deleteProject(id=project.id, fetch_result=True)
    assert driver.ex_list_projects() == []


def test_node_lives_with_everything_that_may_be_said_of_it(cloud):
    driver = Driver(cloud)
    where = place(driver)
    network = driver.ex_create_network("Its network", "of-node", named(driver.ex_list_network_offerings(),
                                       "DefaultIsolatedNetworkOfferingWithSourceNatService"), where["location"], gateway="10.67.0.1", netmask="255.255.255.0")
    driver.import_key_pair_from_string("of node", PUBLIC_KEY)
    node = driver.create_node(name="libcloud-node", networks=[network], diskoffering=named(driver.ex_list_disk_offerings(), "Small"),
                              ex_keyname="of node", ex_userdata="#!/bin/sh\n", ex_displayname="By libcloud", ex_ip_address="10.67.0.77",
                              ex_start_vm=False, ex_rootdisksize="3", **where)
    assert node.state == "stopped" and node.private_ips == ["10.67.0.77"] and node.extra["key_name"] == "of node", (node, node.extra)
    assert driver.ex_start(node) == "Running" and driver.ex_stop(node) == "Stopped" and node.ex_start() == "Running" and node.ex_stop() == "Stopped"
    assert driver.list_nodes()[0].state == "stopped"
    assert driver.ex_start(node) == "Running" and driver.reboot_node(node) and node.reboot()
    assert driver.ex_create_tags([node.id], "UserVm", {"made": "by libcloud", "stage": "one"})
    (listed,) = driver.list_nodes(location=where["location"])
    assert listed.id == node.id and listed.name == "libcloud-node" and listed.state == "running"
    assert listed.extra["tags"] == {"made": "by libcloud", "stage": "one"} and listed.extra["zone_id"] == where["location"].id
    assert listed.extra["size_name"] == "Small Instance" and listed.extra["image_id"] == where["image"].id and listed.extra["hypervisor"] == "Simulator"
    assert driver.ex_delete_tags([node.id], "UserVm", ["stage"]) and driver.ex_get_node(node.id).extra["tags"] == {"made": "by libcloud"}
    volumes = {each.extra["volume_type"]: each for each in driver.list_volumes(node)}
    assert volumes["ROOT"].size == 3 << 30 and volumes["DATADISK"].size == 5 << 30 and {str(each.state) for each in volumes.values()} == {"inuse"}
    assert driver.ex_create_tags([volumes["DATADISK"].id], "Volume", {"of": "node"})
    volume = driver.ex_get_volume(volumes["DATADISK"].id)
    assert volume.extra["tags"] == {"of": "node"} and volume.extra["instance_id"] == node.id and len(driver.list_volumes()) == 2
    assert driver.destroy_node(node) and driver.ex_get_node(node.id).state == "terminated"
    assert driver.destroy_node(node, ex_expunge=True) and driver.list_nodes() == []
    assert "does not exist" in refusal(driver.ex_get_node, node.id)
    assert driver.ex_delete_network(network)
    driver.ex_delete_keypair("of node")


def test_node_needs_no_more_than_a_size_and_an_image(cloud):
    driver = Driver(cloud)
    node = driver.create_node(name="small", ex_start_vm=None, **place(driver))
    assert node.state == "running" and (node.private_ips or node.public_ips)
    assert node.destroy()
    driver.destroy_node(node, ex_expunge=True)


def test_text_of_a_refusal_is_read(cloud):
    driver = Driver(cloud)
    assert refusal(driver._sync_request, "listVirtualMachines", params={"id": "17"}) == \
        "Invalid parameter id value=17 due to incorrect long value format, or entity does not exist"
    assert refusal(driver.create_node, name="no such key", ex_keyname="nobody's", **place(driver)).startswith("A key pair with name 'nobody's'")
    driver.driver.connection.key = "not the secret"
    assert refusal(driver.list_locations) == "Invalid provider credentials"


def test_every_method_whose_commands_are_listed_was_called(cloud):
    listed = {api["name"] for api in cloud.api().listApis()["api"]}
    waiting, able = set(), set()
    for name, method in inspect.getmembers(type(Driver(cloud).driver), inspect.isfunction):
        commands = set(re.findall(r"_request\(\s*(?:command=)?'(\w+)'", inspect.getsource(method)))
        if commands:
            (able if commands <= listed else waiting).add(name)
    assert able <= Driver.called, able - Driver.called
    print("note: %d methods of libcloud's driver were called; %d wait for commands that are not listed" % (len(able), len(waiting)))


def test_nothing_is_left_behind(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
