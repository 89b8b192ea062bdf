#!/usr/bin/python3
"""Ansible's unmodified ngine_io.cloudstack modules, as Debian ships them, each through a whole life of what it manages: asked in check mode
first, which must announce the change and make none, then done, then done again, which must find nothing to do. In `make check` the
modules of tenants, with GURUM_FULL=1 all of them. What single commands do is asserted in tests/api.
timeout: 900"""
import json, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests

IS_FULL = os.environ.get("GURUM_FULL") == "1"
FIRST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk4W0l1bXRlc3RrZXkwMDAwMDAwMDAwMDAwMDAwMDAw one@example.org"
SECOND_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk4W0l1bXRlc3RrZXkxMTExMTExMTExMTExMTExMTEx two@example.org"


class Life:
    """Something a module makes (`make` on top of `name`, what tells which one), changes (each of `changes` on top of that) and deletes."""

    def __init__(self, module, name, make=None, changes=(), deletes=True, is_new=True, is_short=False, seen=None):
        self.module, self.name, self.make, self.changes = module, name, make or {}, changes
        self.deletes, self.is_new, self.is_short = deletes, is_new, is_short
        self.seen = seen or {}  # what the module tells of it after the last change


TENANT = {"domain": "ansible", "account": "acme"}
LIVES = [
    Life("cs_role", {"name": "Ansible operator"}, {"role_type": "DomainAdmin", "description": "first"}, [{"description": "second"}], is_short=True,
         seen={"role_type": "DomainAdmin", "description": "second"}),
    Life("cs_role_permission", {"role": "Ansible operator", "name": "listVirtualMachines"}, {"permission": "allow", "description": "may look"},
         [{"permission": "deny"}], is_short=True, seen={"permission": "deny"}),
    Life("cs_role_permission", {"role": "Ansible operator", "name": "list*"}, {"permission": "allow"}),
    Life("cs_domain", {"path": "ansible"}, {"network_domain": "first.example.org"}, [{"network_domain": "second.example.org"}], is_short=True,
         seen={"path": "ROOT/ansible", "network_domain": "second.example.org", "parent_domain": "ROOT"}),
    Life("cs_account", {"name": "acme", "domain": "ansible"},
         {"username": "acme-admin", "password": "Acme-admin-pass-1", "email": "a@example.org", "first_name": "A", "last_name": "Admin",
          "account_type": "domain_admin", "network_domain": "acme.example.org"},
         [{"state": "disabled"}, {"state": "locked"}, {"state": "enabled"}], is_short=True,
         seen={"state": "enabled", "account_type": "domain_admin", "network_domain": "acme.example.org"}),
    Life("cs_user", {"username": "acme-second", **TENANT},
         {"password": "Acme-second-pass-1", "email": "b@example.org", "first_name": "B", "last_name": "User"},
         [{"email": "c@example.org", "timezone": "Asia/Seoul"}, {"keys_registered": True}, {"state": "disabled"}, {"state": "locked"},
          {"state": "enabled"}], is_short=True, seen={"email": "c@example.org", "timezone": "Asia/Seoul", "state": "enabled"}),
    Life("cs_resourcelimit", {"resource_type": "instance", **TENANT}, {"limit": 7}, [{"limit": 9}], deletes=False, is_short=True, seen={"limit": 9}),
    Life("cs_resourcelimit", {"resource_type": "primary_storage", "domain": "ansible"}, {"limit": 70}, [{"limit": 90}], deletes=False),
    Life("cs_project", {"name": "Bridge", **TENANT}, {"display_text": "first"},
         [{"display_text": "second", "tags": [{"key": "stage", "value": "one"}]}, {"tags": [{"key": "stage", "value": "two"}]}, {"state": "suspended"},
          {"state": "active"}], is_short=True, seen={"display_text": "second", "state": "Active"}),
    Life("cs_resourcelimit", {"resource_type": "volume", "domain": "ansible", "project": "Bridge"}, {"limit": 3}, [{"limit": 4}], deletes=False),
    Life("cs_sshkeypair", {"name": "made", **TENANT}, is_short=True),
    Life("cs_sshkeypair", {"name": "registered"}, {"public_key": FIRST_KEY}, [{"public_key": SECOND_KEY}], is_short=True),
    Life("cs_sshkeypair", {"name": "ours", "domain": "ansible", "project": "Bridge"}, {"public_key": FIRST_KEY}),
    Life("cs_configuration", {"name": "session.timeout.minutes"}, {"value": "45"}, [{"value": "30"}], deletes=False, is_short=True,
         seen={"value": "30"}),
    Life("cs_configuration", {"name": "cluster.cpu.allocated.capacity.disablethreshold", "cluster": "simulator"}, {"value": "0.8"}, [{"value": "0.9"}],
         deletes=False),
    Life("cs_region", {"id": 2}, {"name": "second", "endpoint": "http://two.example.org/client/api"}, [{"name": "other"}], is_short=True,
         seen={"name": "other"}),
    Life("cs_instancegroup", {"name": "front", **TENANT}),
    Life("cs_zone", {"name": "ansible-zone", "network_type": "Advanced"},
         {"dns1": "192.0.2.53", "guest_cidr_address": "10.1.0.0/16"}, [{"dns2": "192.0.2.54"}, {"state": "enabled"}, {"state": "disabled"}],
         seen={"dns2": "192.0.2.54", "allocation_state": "Disabled"}),
    Life("cs_physical_network", {"name": "ansible-net", "zone": "ansible-zone"}, {"vlan": "700-710", "isolation_method": "VLAN"},
         [{"state": "enabled"}, {"vlan": "700-720"}]),
    Life("cs_traffic_type", {"physical_network": "ansible-net", "zone": "ansible-zone", "traffic_type": "Guest"}, {"kvm_networklabel": "cloudbr1"},
         [{"kvm_networklabel": "cloudbr2"}]),
    Life("cs_pod", {"name": "ansible-pod", "zone": "ansible-zone"},
         {"gateway": "172.16.9.1", "netmask": "255.255.255.0", "start_ip": "172.16.9.10", "end_ip": "172.16.9.20"},
         [{"end_ip": "172.16.9.30"}, {"state": "disabled"}, {"state": "enabled"}], seen={"end_ip": "172.16.9.30"}),
    Life("cs_cluster", {"name": "ansible-cluster", "zone": "ansible-zone", "pod": "ansible-pod"},
         {"hypervisor": "Simulator", "cluster_type": "CloudManaged"}, [{"state": "disabled"}, {"state": "enabled"}],
         seen={"allocation_state": "Enabled", "hypervisor": "Simulator"}),
    Life("cs_service_offering", {"name": "ansible-size"},
         {"cpu_number": 1, "cpu_speed": 500, "memory": 512, "host_tags": ["fast"], "storage_tags": ["ssd"]}, [{"display_text": "another text"}],
         seen={"display_text": "another text", "cpu_number": 1, "memory": 512}),
    Life("cs_disk_offering", {"name": "ansible-disk"}, {"disk_size": 5, "storage_tags": ["ssd"]}, [{"display_text": "another text"}],
         seen={"display_text": "another text", "disk_size": 5}),
    Life("cs_network", {"name": "ansible-guests", "zone": "simulator"},
         {"network_offering": "DefaultIsolatedNetworkOfferingWithSourceNatService"},
         [{"tags": [{"key": "stage", "value": "one"}]}, {"tags": [{"key": "stage", "value": "two"}]}],
         seen={"tags": [{"key": "stage", "value": "two"}]}),
    Life("cs_volume", {"name": "ansible-volume", "zone": "simulator"}, {"disk_offering": "Small"},
         [{"tags": [{"key": "stage", "value": "one"}]}, {"tags": []}], seen={"tags": []}),
    Life("cs_instance", {"name": "ansible-machine", "zone": "simulator"},
         {"template": "@image", "service_offering": "Small Instance", "networks": ["ansible-guests"], "ssh_key": "registered"},
         [{"tags": [{"key": "stage", "value": "one"}]}, {"state": "stopped"}, {"state": "started"}, {"display_name": "another name"}],
         seen={"display_name": "another name", "state": "Running", "tags": [{"key": "stage", "value": "one"}]}),
]
DELETED = {"cs_instance": {"state": "expunged"}, "cs_domain": {"clean_up": True}}


def steps_of_making(life):
    """(what is asked, in check mode?, must it change?, is it the last?)"""
    wanted = {**life.name, **life.make}
    yield wanted, True, life.is_new, False
    yield wanted, False, life.is_new, False
    yield wanted, False, False, not life.changes
    for change in life.changes:
        wanted = {**wanted, **change}
        yield wanted, True, True, False
        yield wanted, False, True, False
        yield wanted, False, False, change is life.changes[-1]


def steps_of_deleting(life):
    wanted = {**life.name, "state": "absent", **DELETED.get(life.module, {})}
    for is_check, changes in ((True, True), (False, True), (False, False)):
        yield wanted, is_check, changes, False


def steps(lives):
    """Makes everything in order and deletes it in the opposite one."""
    for life in lives:
        for step in steps_of_making(life):
            yield (life,) + step
    for life in reversed(lives):
        if life.deletes:
            for step in steps_of_deleting(life):
                yield (life,) + step


def play(cloud, tasks):
    """The results of the tasks, in their order; a failed one does not end the others."""
    with tempfile.TemporaryDirectory(prefix="gurum-ansible-") as folder:
        with open(folder + "/play.json", "w") as file:
            json.dump([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}], file)
        environment = dict(os.environ, HOME=folder, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json", ANSIBLE_PIPELINING="1", ANSIBLE_NOCOLOR="1",
                           ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3", ANSIBLE_LOCALHOST_WARNING="False", LC_ALL="C.UTF-8",
                           CLOUDSTACK_ENDPOINT=cloud.url + "/client/api", CLOUDSTACK_KEY=cloud.settings["GURUM_API_KEY"],
                           CLOUDSTACK_SECRET=cloud.settings["GURUM_SECRET_KEY"], CLOUDSTACK_TIMEOUT="30")
        result = subprocess.run(["ansible-playbook", "-i", "localhost,", folder + "/play.json"], env=environment, cwd=folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert result.stdout.startswith("{"), (result.stdout[-2000:], result.stderr[-2000:])
    return [task["hosts"]["localhost"] for task in json.loads(result.stdout)["plays"][0]["tasks"]]


def test_each_module_makes_changes_and_deletes_and_repeats_nothing(cloud):
    image = cloud.api().listTemplates(templatefilter="all")["template"][0]["name"]
    wanted = [step for step in steps([life for life in LIVES if IS_FULL or life.is_short])]
    tasks = [{"ngine_io.cloudstack." + life.module: {name: image if value == "@image" else value for name, value in arguments.items()},
              "check_mode": is_check, "ignore_errors": True} for life, arguments, is_check, _, _ in wanted]
    wrong = []
    for (life, arguments, is_check, changes, is_last), told in zip(wanted, play(cloud, tasks)):
        step = "%s %s%s" % (life.module, arguments, " in check mode" if is_check else "")
        if told.get("failed"):
            wrong.append("%s: %s" % (step, told.get("msg")))
        elif told["changed"] != changes:
            wrong.append("%s: changed is %s" % (step, told["changed"]))
        elif is_last and any(told.get(name) != value for name, value in life.seen.items()):
            wrong.append("%s: %s" % (step, {name: told.get(name) for name in life.seen}))
    print("    %d modules, %d tasks" % (len({life.module for life, *_ in wanted}), len(wanted)))
    assert not wrong, "%d of %d\n%s" % (len(wrong), len(wanted), "\n".join(wrong))


def test_nothing_is_left_behind(cloud):
    assert cloud.failed_checks() == []
    assert not json.loads(cloud.simulator("dump"))["guests"]


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
