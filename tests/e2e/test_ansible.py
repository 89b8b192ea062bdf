#!/usr/bin/python3
"""Ansible's unmodified ngine_io.cloudstack modules, as Debian ships them, each through a whole life of what it manages: asked in check mode
first, which must announce the change and make none, then done, then done again, which must find nothing to do. In `make check` the
modules of tenants, with GURUM_FULL=1 all of them. What single commands do is asserted in tests/api.
timeout: 1800"""
import glob, json, os, re, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests

MODULES = "/usr/lib/python3/dist-packages/ansible_collections/ngine_io/cloudstack/plugins/modules"
IS_FULL = os.environ.get("GURUM_FULL") == "1"
FIRST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk4W0l1bXRlc3RrZXkwMDAwMDAwMDAwMDAwMDAwMDAw one@example.org"
SECOND_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk4W0l1bXRlc3RrZXkxMTExMTExMTExMTExMTExMTEx two@example.org"


class Life:
    """Something a module makes (`make` on top of `name`, what tells which one), changes (each of `changes` on top of that) and deletes."""

    def __init__(self, module, name, make=None, changes=(), deletes=True, is_new=True, is_short=False, seen=None, register=None):
        self.module, self.name, self.make, self.changes = module, name, make or {}, changes
        self.deletes, self.is_new, self.is_short = deletes, is_new, is_short
        self.seen = seen or {}  # what the module tells of it after the last change, by path
        self.register = register  # the variable in which later tasks find what it told


TENANT = {"domain": "ansible", "account": "acme"}
LIVES = [
    Life("cs_role", {"name": "Ansible operator"}, {"role_type": "DomainAdmin", "description": "first"}, [{"description": "second"}], is_short=True,
         seen={"role_type": "DomainAdmin", "description": "second"}),
    Life("cs_role_permission", {"role": "Ansible operator", "name": "listVirtualMachines"}, {"permission": "allow", "description": "may look"},
         [{"permission": "deny"}], is_short=True, seen={"permission": "deny"}),
    Life("cs_role_permission", {"role": "Ansible operator", "name": "list*"}, {"permission": "allow"},
         [{"permission": None, "parent": "0"}, {"parent": "listVirtualMachines"}]),
    Life("cs_domain", {"path": "ansible"}, {"network_domain": "first.example.org"}, [{"network_domain": "second.example.org"}], is_short=True,
         seen={"path": "ROOT/ansible", "network_domain": "second.example.org", "parent_domain": "ROOT"}),
    Life("cs_domain", {"path": "ansible/lab"}, seen={"path": "ROOT/ansible/lab", "parent_domain": "ansible"}),
    Life("cs_account", {"name": "lab", "domain": "ansible/lab"},
         {"username": "lab-user", "password": "Lab-user-pass-1", "email": "l@example.org", "first_name": "L", "last_name": "User",
          "role": "Read-Only User - Default", "timezone": "Asia/Seoul"}, [{"state": "locked"}, {"state": "enabled"}],
         seen={"role": "Read-Only User - Default", "state": "enabled"}),
    Life("cs_user", {"username": "lab-second", "domain": "ansible/lab", "account": "lab"},
         {"password": "Lab-second-pass-1", "email": "s@example.org", "first_name": "S", "last_name": "User", "keys_registered": True},
         [{"state": "locked"}, {"state": "enabled"}], seen={"state": "enabled"}),
    Life("cs_account", {"name": "acme", "domain": "ansible"},
         {"username": "acme-admin", "password": "Acme-admin-pass-1", "email": "a@example.org", "first_name": "A", "last_name": "Admin",
          "account_type": "domain_admin", "network_domain": "acme.example.org"},
         [{"state": "disabled"}, {"state": "enabled"}], is_short=True,
         seen={"state": "enabled", "account_type": "domain_admin", "network_domain": "acme.example.org"}),
    Life("cs_user", {"username": "acme-second", **TENANT},
         {"password": "Acme-second-pass-1", "email": "b@example.org", "first_name": "B", "last_name": "User"},
         [{"email": "c@example.org", "timezone": "Asia/Seoul", "keys_registered": True}, {"state": "disabled"}, {"state": "enabled"}], is_short=True,
         seen={"email": "c@example.org", "timezone": "Asia/Seoul", "state": "enabled"}),
    Life("cs_resourcelimit", {"resource_type": "instance", **TENANT}, {"limit": 7}, [{"limit": 9}], deletes=False, is_short=True, seen={"limit": 9}),
    Life("cs_resourcelimit", {"resource_type": "primary_storage", "domain": "ansible"}, {"limit": 70}, [{"limit": 90}], deletes=False),
    Life("cs_project", {"name": "Bridge", **TENANT}, {"display_text": "first"},
         [{"display_text": "second", "tags": [{"key": "stage", "value": "one"}]}, {"state": "suspended"}, {"state": "active"}], is_short=True,
         seen={"display_text": "second", "state": "Active"}),
    Life("cs_resourcelimit", {"resource_type": "volume", "domain": "ansible", "project": "Bridge"}, {"limit": 3}, [{"limit": 4}], deletes=False),
    Life("cs_sshkeypair", {"name": "made", **TENANT}),
    Life("cs_sshkeypair", {"name": "registered"}, {"public_key": FIRST_KEY}, [{"public_key": SECOND_KEY}], is_short=True),
    Life("cs_sshkeypair", {"name": "ours", "domain": "ansible", "project": "Bridge"}, {"public_key": FIRST_KEY}),
    Life("cs_configuration", {"name": "session.timeout.minutes"}, {"value": "45"}, [{"value": "30"}], deletes=False, is_short=True,
         seen={"value": "30"}),
    Life("cs_configuration", {"name": "cluster.cpu.allocated.capacity.notificationthreshold", "cluster": "simulator-cluster-0"}, {"value": "0.8"},
         [{"value": "0.9"}], deletes=False, seen={"value": "0.9", "cluster": "simulator-cluster-0"}),
    Life("cs_configuration", {"name": "zone.vlan.capacity.notificationthreshold", "zone": "simulator"}, {"value": "0.8"}, [{"value": "0.9"}],
         deletes=False, seen={"value": "0.9", "zone": "simulator"}),
    Life("cs_configuration", {"name": "storage.overprovisioning.factor", "storage": "simulator-cluster-0-primary"}, {"value": "3"}, [{"value": "2"}],
         deletes=False, seen={"value": "2", "storage": "simulator-cluster-0-primary"}),
    Life("cs_configuration", {"name": "allow.user.force.stop.vm", **TENANT}, {"value": False}, [{"value": True}], deletes=False,
         seen={"value": "true", "account": "acme"}),
    Life("cs_region", {"id": 2}, {"name": "second", "endpoint": "http://two.example.org/client/api"}, [{"name": "other"}], is_short=True,
         seen={"name": "other"}),
    Life("cs_instancegroup", {"name": "front", **TENANT}),
    Life("cs_instancegroup", {"name": "ours", "domain": "ansible", "project": "Bridge"}),
    Life("cs_zone", {"name": "ansible-zone", "network_type": "Advanced"},
         {"dns1": "192.0.2.53", "guest_cidr_address": "10.1.0.0/16"},
         [{"dns2": "192.0.2.54"}, {"network_domain": "zone.example.org", "local_storage_enabled": True}, {"state": "enabled"}, {"state": "disabled"}],
         seen={"dns2": "192.0.2.54", "allocation_state": "Disabled", "network_domain": "zone.example.org", "local_storage_enabled": True}),
    Life("cs_zone_info", {"zone": "ansible-zone"}, is_new=False, deletes=False, seen={"zones.0.dns1": "192.0.2.53", "zones.0.network_type": "Advanced"}),
    Life("cs_physical_network", {"name": "ansible-net", "zone": "ansible-zone"},
         {"vlan": "700-710", "isolation_method": "VLAN", "network_speed": "1G", "tags": "fast", "broadcast_domain_range": "ZONE"},
         [{"state": "enabled"}, {"vlan": "700-720"}, {"nsps_enabled": ["VirtualRouter"]}], seen={"vlan": "700-720", "network_speed": "1G"}),
    Life("cs_traffic_type", {"physical_network": "ansible-net", "zone": "ansible-zone", "traffic_type": "Guest"}, {"kvm_networklabel": "cloudbr1"},
         [{"kvm_networklabel": "cloudbr2"}], seen={"kvm_networklabel": "cloudbr2"}),
    Life("cs_traffic_type", {"physical_network": "ansible-net", "zone": "ansible-zone", "traffic_type": "Public"}),
    Life("cs_vlan_ip_range", {"zone": "ansible-zone", "start_ip": "198.18.9.10", "end_ip": "198.18.9.60"},
         {"gateway": "198.18.9.1", "netmask": "255.255.255.0", "vlan": "untagged", "for_virtual_network": True, "physical_network": "ansible-net"},
         seen={"gateway": "198.18.9.1", "for_virtual_network": True}),
    Life("cs_pod", {"name": "ansible-pod", "zone": "ansible-zone"},
         {"gateway": "172.16.9.1", "netmask": "255.255.255.0", "start_ip": "172.16.9.10", "end_ip": "172.16.9.20"},
         [{"end_ip": "172.16.9.30"}, {"state": "disabled"}, {"state": "enabled"}], seen={"end_ip": "172.16.9.30"}),
    Life("cs_cluster", {"name": "ansible-cluster", "zone": "ansible-zone", "pod": "ansible-pod"},
         {"hypervisor": "Simulator", "cluster_type": "CloudManaged"}, [{"state": "disabled"}, {"state": "enabled"}],
         seen={"allocation_state": "Enabled", "hypervisor": "Simulator"}),
    # A host is deleted through its maintenance, which there is not yet.
    Life("cs_host", {"name": "sim-simulator-c0-h9", "zone": "simulator"},
         {"url": "http://sim/simulator-c0/h9", "pod": "simulator-pod", "cluster": "simulator-cluster-0", "hypervisor": "Simulator",
          "username": "root", "password": "Host-secret-1", "host_tags": ["one"]},
         [{"host_tags": ["one", "two"]}, {"allocation_state": "disabled"}, {"allocation_state": "enabled"}], deletes=False,
         seen={"host_tags": ["one", "two"], "allocation_state": "enabled", "cluster": "simulator-cluster-0"}),
    Life("cs_storage_pool", {"name": "ansible-pool", "zone": "simulator", "pod": "simulator-pod", "cluster": "simulator-cluster-0"},
         {"storage_url": "nfs://sim/ansible-pool", "hypervisor": "Simulator"},
         [{"storage_tags": ["ssd"]}, {"allocation_state": "disabled"}, {"allocation_state": "enabled"}, {"allocation_state": "maintenance"}],
         seen={"storage_tags": ["ssd"], "allocation_state": "maintenance", "scope": "cluster"}),
    Life("cs_image_store", {"name": "ansible-images", "zone": "ansible-zone"}, {"url": "nfs://sim/ansible-images", "provider": "NFS"},
         seen={"url": "nfs://sim/ansible-images", "provider_name": "NFS"}),
    Life("cs_service_offering", {"name": "ansible-size"},
         {"cpu_number": 1, "cpu_speed": 500, "memory": 512, "host_tags": ["fast"], "storage_tags": ["ssd"], "offer_ha": True, "network_rate": 200,
          "disk_iops_read_rate": 100, "provisioning_type": "thin", "limit_cpu_usage": True}, [{"display_text": "another text"}],
         seen={"display_text": "another text", "cpu_number": 1, "memory": 512, "host_tags": ["fast"], "offer_ha": True, "network_rate": 200,
               "disk_iops_read_rate": 100, "provisioning_type": "thin", "limit_cpu_usage": True}),
    Life("cs_service_offering", {"name": "ansible-any-size", "domain": "ansible"}, {"is_customized": True}, seen={"is_customized": True}),
    Life("cs_disk_offering", {"name": "ansible-disk"}, {"disk_size": 5, "storage_tags": ["ssd"], "iops_write_rate": 50, "provisioning_type": "sparse"},
         [{"display_text": "another text"}, {"display_offering": False}],
         seen={"display_text": "another text", "disk_size": 5, "storage_tags": ["ssd"], "iops_write_rate": 50, "provisioning_type": "sparse",
               "display_offering": False}),
    Life("cs_network_offering", {"name": "ansible-network-offering"},
         {"display_text": "first", "guest_ip_type": "Isolated", "supported_services": ["Dhcp", "Dns", "SourceNat", "UserData"],
          "service_providers": [{"service": name, "provider": "VirtualRouter"} for name in ("Dhcp", "Dns", "SourceNat", "UserData")],
          "egress_default_policy": "allow", "persistent": False, "network_rate": 100, "conserve_mode": True},
         [{"display_text": "second"}, {"state": "enabled"}, {"state": "disabled"}],
         seen={"display_text": "second", "state": "Disabled", "guest_ip_type": "Isolated", "egress_default_policy": "allow", "network_rate": 100}),
    Life("cs_network", {"name": "ansible-guests", "zone": "simulator"},
         {"network_offering": "DefaultIsolatedNetworkOfferingWithSourceNatService", "gateway": "10.77.0.1", "netmask": "255.255.255.0"},
         [{"tags": [{"key": "stage", "value": "one"}]}, {"tags": [{"key": "stage", "value": "two"}]}, {"display_text": "guests"},
          {"network_domain": "guests.example.org"}],
         seen={"tags": [{"key": "stage", "value": "two"}], "display_text": "guests", "network_domain": "guests.example.org", "cidr": "10.77.0.0/24"}),
    Life("cs_network", {"name": "project-guests", "zone": "simulator", "domain": "ansible", "project": "Bridge"},
         {"network_offering": "DefaultIsolatedNetworkOfferingWithSourceNatService"}, seen={"project": "Bridge"}),
    Life("cs_network", {"name": "ansible-shared", "zone": "simulator"},
         {"network_offering": "DefaultSharedNetworkOffering", "gateway": "10.78.0.1", "netmask": "255.255.255.0", "start_ip": "10.78.0.10",
          "end_ip": "10.78.0.20", "vlan": "4001", "acl_type": "domain"}, seen={"type": "Shared", "acl_type": "Domain", "gateway": "10.78.0.1"}),
    Life("cs_template", {"name": "ansible-image", "zone": "simulator"},
         {"url": "http://sim/images/ansible.qcow2", "format": "QCOW2", "hypervisor": "Simulator", "os_type": "Other Linux (64-bit)"},
         [{"display_text": "another text"}, {"password_enabled": True}, {"tags": [{"key": "stage", "value": "one"}]}, {"tags": []}],
         seen={"display_text": "another text", "format": "QCOW2", "password_enabled": True, "tags": []}),
    Life("cs_instance", {"name": "ansible-machine", "zone": "simulator"},
         {"template": "@image", "service_offering": "Small Instance", "networks": ["ansible-guests"], "ssh_key": "registered", "root_disk_size": 2,
          "disk_offering": "Small", "user_data": "first"},
         [{"tags": [{"key": "stage", "value": "one"}]}, {"state": "stopped"}, {"display_name": "another name"}, {"user_data": "second"},
          {"state": "started"}, {"group": "front", "force": True}, {"state": "restarted"}],
         seen={"display_name": "another name", "state": "Running", "tags.0.value": "one", "group": "front", "user_data": "c2Vjb25k",
               "ssh_key": "registered"}),
    Life("cs_instance", {"name": "doomed", "zone": "simulator"}, {"template": "@image", "service_offering": "Small Instance", "state": "stopped"},
         [{"state": "absent"}, {"state": "present"}], seen={"state": "Stopped"}),
    Life("cs_instance", {"name": "project-machine", "zone": "simulator", "domain": "ansible", "project": "Bridge"},
         {"template": "@image", "service_offering": "Small Instance", "networks": ["project-guests"], "ssh_key": "ours",
          "ip_address": "10.1.1.77"}, seen={"project": "Bridge", "ssh_key": "ours", "default_ip": "10.1.1.77"}),
    Life("cs_network", {"name": "ansible-guests", "zone": "simulator"}, {"state": "restarted"}, deletes=False),
    Life("cs_instance_info", {"name": "ansible-machine"}, is_new=False, deletes=False, register="machine",
         seen={"instances.0.template": "tiny", "instances.0.volumes.0.size": 2 << 30}),
    # Data disks come with a machine; making and attaching them one by one needs commands that there are not yet.
    Life("cs_volume", {"name": "{{ machine.instances[0].volumes | selectattr('type', 'eq', 'DATADISK') | map(attribute='name') | first }}",
                       "zone": "simulator"}, changes=[{"tags": [{"key": "stage", "value": "one"}]}, {"tags": []}], is_new=False, deletes=False,
         seen={"tags": [], "vm": "ansible-machine"}),
]
DELETED = {"cs_instance": {"state": "expunged"}, "cs_domain": {"clean_up": True}}


def always_changes(wanted):
    """A restart is done each time, and the module cannot tell that a rule stands where it is wanted."""
    return wanted.get("state") == "restarted" or "parent" in wanted


def steps_of_making(life):
    """(what is asked, in check mode?, must it change?, is it the last?)"""
    wanted = {**life.name, **life.make}
    yield wanted, True, life.is_new, False
    yield wanted, False, life.is_new, False
    yield wanted, False, always_changes(wanted), not life.changes
    for change in life.changes:
        wanted = {**wanted, **change}
        yield wanted, True, True, False
        yield wanted, False, True, False
        yield wanted, False, always_changes(wanted), change is life.changes[-1]


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


def told_at(told, path):
    for part in path.split("."):
        told = told[int(part)] if isinstance(told, list) else told.get(part, {})
    return told


def task(life, arguments, is_check, image, method):
    given = {name: image if value == "@image" else value for name, value in arguments.items() if value is not None}
    return {"ngine_io.cloudstack." + life.module: {**given, "api_http_method": method}, "check_mode": is_check, "ignore_errors": True,
            **({"register": life.register} if life.register else {})}


def test_each_module_makes_changes_and_deletes_and_repeats_nothing(cloud):
    image = cloud.api().listTemplates(templatefilter="all")["template"][0]["name"]
    wanted = list(steps([life for life in LIVES if IS_FULL or life.is_short]))
    tasks = [task(life, arguments, is_check, image, ("get", "post")[number % 2])
             for number, (life, arguments, is_check, _, _) in enumerate(wanted)]
    wrong = []
    for (life, arguments, is_check, changes, is_last), told in zip(wanted, play(cloud, tasks)):
        step = "%s %s%s" % (life.module, arguments, " in check mode" if is_check else "")
        if told.get("failed"):
            wrong.append("%s: %s" % (step, told.get("msg")))
        elif told["changed"] != changes:
            wrong.append("%s: changed is %s" % (step, told["changed"]))
        elif is_last and any(told_at(told, path) != value for path, value in life.seen.items()):
            wrong.append("%s: %s" % (step, {path: told_at(told, path) for path in life.seen}))
    print("    %d modules, %d tasks" % (len({life.module for life, *_ in wanted}), len(wanted)))
    assert not wrong, "%d of %d\n%s" % (len(wrong), len(wanted), "\n".join(wrong))


def test_every_module_whose_commands_are_listed_is_played(cloud):
    listed = {api["name"] for api in cloud.api().listApis()["api"]}
    missing = {}
    for path in glob.glob(MODULES + "/cs_*.py"):
        with open(path) as source:
            commands = set(re.findall(r"query_api\(['\"](\w+)", source.read()))
        missing[os.path.basename(path)[:-3]] = sorted(commands - listed) if commands else ["metadata service in a guest"]
    played = {life.module for life in LIVES}
    assert {module for module, commands in missing.items() if not commands} <= played
    print("note: of %d Ansible modules %d are played, of them in part: %s; %d wait for commands that are not listed: %s" % (
        len(missing), len(played), "; ".join("%s (no %s)" % (each, ", ".join(missing[each])) for each in sorted(played) if missing[each]),
        len(missing) - len(played), ", ".join(sorted(set(missing) - played))))


def test_nothing_is_left_behind(cloud):
    assert cloud.failed_checks() == []
    assert not json.loads(cloud.simulator("dump"))["guests"]


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
