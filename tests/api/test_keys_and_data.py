#!/usr/bin/python3
"""SSH keys, stored user data and instance groups: each command and parameter, what machines get of them, and whose they are.
timeout: 600"""
import base64, email, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from cs import CloudStackApiException
from results import close, run_tests


def refusal(call, **parameters):
    try:
        call(**parameters)
    except CloudStackApiException as refused:
        return refused.error["errorcode"], refused.error["errortext"]
    raise AssertionError("not refused: %s" % parameters)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def new_key(kind="ed25519", *more):
    """A public key line of ssh-keygen, and its MD5 fingerprint as ssh-keygen tells it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *more, "-N", "", "-C", "ann@home", "-f", path], check=True)
        told = subprocess.run(["ssh-keygen", "-l", "-E", "md5", "-f", path + ".pub"], check=True, stdout=subprocess.PIPE, text=True).stdout
        with open(path + ".pub") as file:
            return file.read().strip(), told.split()[1].removeprefix("MD5:")


def place(cs):
    return {"zoneid": cs.listZones()["zone"][0]["id"], "templateid": cs.listTemplates(templatefilter="all")["template"][0]["id"],
            "serviceofferingid": cs.listServiceOfferings(name="Small Instance")["serviceoffering"][0]["id"]}


def deploy(cloud, **parameters):
    cs = cloud.api()
    return cs.deployVirtualMachine(fetch_result=True, **place(cs), **parameters)["virtualmachine"]


def guest(cloud, machine):
    """The guest as the hypervisor has it."""
    found = []

    def look(value):
        if isinstance(value, dict):
            if value.get("uuid") == machine["id"] and "cpu_count" in value:
                found.append(value)
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(json.loads(cloud.simulator("dump")))
    assert found, machine["id"]
    return found[0]


def reached(cloud, machine, text):
    """Whether the guest has exactly this user data: the simulator tells length and FNV-1a."""
    mark = 14695981039346656037
    for byte in text.encode():
        mark = (mark ^ byte) * 1099511628211 % 2**64
    return guest(cloud, machine)["user_data"] == "%d:%016x" % (len(text), mark)


def user(cloud, name):
    """A user of a domain of his own, as a client."""
    cs = cloud.api()
    if not cs.listDomains(name=name):
        cs.createDomain(name=name)
    domain = cs.listDomains(name=name)["domain"][0]["id"]
    account = cs.createAccount(accounttype=0, domainid=domain, username=name, account=name, password="Some-password-1", firstname="A",
                               lastname="B", email="a@example.com")["account"]
    keys = cs.registerUserKeys(id=account["user"][0]["id"])["userkeys"]
    from cs import CloudStack
    return CloudStack(endpoint=cloud.url + "/client/api", key=keys["apikey"], secret=keys["secretkey"]), domain


# ---- SSH keys ----


def test_created_pair_fits_and_its_private_key_is_told_once(cloud):
    cs = cloud.api()
    made = cs.createSSHKeyPair(name="made")["keypair"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "key")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(made["privatekey"])
        public = subprocess.run(["ssh-keygen", "-y", "-f", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    ((stored,),) = cloud.rows("SELECT public_key FROM ssh_key WHERE name = 'made'")
    assert public.split()[:2] == stored.split()[:2]
    (listed,) = cs.listSSHKeyPairs(name="made")["sshkeypair"]
    assert listed == {name: value for name, value in made.items() if name != "privatekey"}, (listed, made)
    assert listed["account"] == "admin" and listed["domain"] == "ROOT" and listed["hasannotations"] is False
    private = made["privatekey"].splitlines()[5]
    dump = cloud.rows("SELECT CONCAT_WS(' ', name, public_key, fingerprint) FROM ssh_key")
    assert private not in str(dump)


def test_registered_keys_have_the_fingerprint_that_ssh_tells(cloud):
    cs = cloud.api()
    for kind, more in (("ed25519", ()), ("rsa", ("-b", "2048")), ("ecdsa", ("-b", "256")), ("ecdsa", ("-b", "384")), ("ecdsa", ("-b", "521"))):
        line, fingerprint = new_key(kind, *more)
        name = kind + "".join(more)
        made = cs.registerSSHKeyPair(name=name, publickey=line)["keypair"]
        assert made["fingerprint"] == fingerprint and "privatekey" not in made
        assert [each["name"] for each in cs.listSSHKeyPairs(fingerprint=fingerprint)["sshkeypair"]] == [name]
        assert cs.listSSHKeyPairs(id=made["id"])["sshkeypair"] == [made]
    assert cs.listSSHKeyPairs(keyword="ecdsa")["count"] == 3
    assert cs.listSSHKeyPairs(keyword="ecdsa", page=2, pagesize=2)["sshkeypair"][0]["name"] == "ecdsa-b521"
    assert cs.listSSHKeyPairs(fingerprint="no:such") == {}


def test_name_and_key_are_an_accounts_once(cloud):
    cs = cloud.api()
    line, _ = new_key()
    cs.registerSSHKeyPair(name="once", publickey=line)
    assert refusal(cs.createSSHKeyPair, name="once") == (431, "A key pair with name 'once' already exists.")
    assert refusal(cs.registerSSHKeyPair, name="once", publickey=new_key()[0]) == (431, "A key pair with name 'once' already exists.")
    assert refusal(cs.registerSSHKeyPair, name="twice", publickey=line) == (431, "A key pair with key '%s' already exists for this domain." % line)
    for bad in ("nonsense", "ssh-rsa nonsense", line.replace("ssh-ed25519", "ssh-rsa")):
        assert refusal(cs.registerSSHKeyPair, name="bad", publickey=bad) == (431, "Public key is invalid")
    assert cs.deleteSSHKeyPair(name="once")["success"] in (True, "true")
    assert refusal(cs.deleteSSHKeyPair, name="once")[1].startswith("A key pair with name 'once' does not exist for account admin")


def test_keys_of_an_account_are_its_own(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann")
    bob, _ = user(cloud, "bob")
    made = ann.registerSSHKeyPair(name="hers", publickey=new_key()[0])["keypair"]
    assert bob.listSSHKeyPairs() == {} and bob.listSSHKeyPairs(listall=True) == {}
    assert refusal(bob.listSSHKeyPairs, id=made["id"])[0] == 531
    assert refusal(bob.deleteSSHKeyPair, name="hers")[0] == 431
    assert refusal(bob.deleteSSHKeyPair, name="hers", account="ann", domainid=domain)[0] == 531
    assert [each["name"] for each in cs.listSSHKeyPairs(account="ann", domainid=domain)["sshkeypair"]] == ["hers"]
    assert "hers" in [each["name"] for each in cs.listSSHKeyPairs(listall=True)["sshkeypair"]]
    assert "hers" in [each["name"] for each in cs.listSSHKeyPairs(domainid=domain, isrecursive=True)["sshkeypair"]]
    cs.createSSHKeyPair(name="given", account="ann", domainid=domain)
    assert {each["name"] for each in ann.listSSHKeyPairs()["sshkeypair"]} == {"hers", "given"}
    assert refusal(ann.deployVirtualMachine, **place(cs), keypair="made")[1].startswith("A key pair with name 'made' does not exist for account ann")


def test_machine_gets_its_keys_and_keeps_them(cloud):
    cs = cloud.api()
    lines = {name: new_key()[0] for name in ("first", "second")}
    for name, line in lines.items():
        cs.registerSSHKeyPair(name=name, publickey=line)
    one = deploy(cloud, name="one-key", keypair="first")
    both = deploy(cloud, name="two-keys", keypair="first", keypairs="second,first")
    assert one["keypairs"] == "first" and both["keypairs"] == "first,second" and one["keypair"] == both["keypair"] == "first"
    assert guest(cloud, both)["metadata"]["public-keys"].split("\n") == [lines["first"], lines["second"]]
    cs.deleteSSHKeyPair(name="second")
    listed = {each["name"]: each.get("keypairs") for each in cs.listVirtualMachines(keypair="first")["virtualmachine"]}
    assert listed == {"one-key": "first", "two-keys": "first,second"}, listed
    assert [each["name"] for each in cs.listVirtualMachines(keypair="second")["virtualmachine"]] == ["two-keys"]
    assert refusal(cs.deployVirtualMachine, **place(cs), keypair="second")[0] == 431
    asserted("deployVirtualMachine", "keypair", "keypairs")
    asserted("listVirtualMachines", "keypair")


# ---- stored user data ----


def test_user_data_is_kept_in_the_standard_spelling(cloud):
    cs = cloud.api()
    made = cs.registerUserData(name="script", userdata=encoded("#!/bin/sh\n").rstrip("="), params="a,b")["userdata"]
    assert made["userdata"] == encoded("#!/bin/sh\n") and made["params"] == "a,b" and made["account"] == "admin"
    assert cs.listUserData(id=made["id"])["userdata"] == [made]
    assert cs.listUserData(name="script")["count"] == 1 and cs.listUserData(keyword="crip")["count"] == 1
    assert refusal(cs.registerUserData, name="script", userdata="YQ==") == (431, "A userdata with name script already exists for this account.")
    assert refusal(cs.registerUserData, name="bad", userdata="#!/bin/sh") == (431, "The user data is not base64")
    assert refusal(cs.registerUserData, name="bad", userdata="YQ==", params="a b")[0] == 431
    assert cs.deleteUserData(id=made["id"])["success"] in (True, "true")
    assert refusal(cs.deleteUserData, id=made["id"])[0] == 431


def test_ceilings_of_user_data_differ_by_method(cloud):
    client = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    long, longer = "YWFh" * 1100, "YWFh" * 8193
    assert client.registerUserData(name="long", userdata=long).text == "User data is too long for an http GET request"
    assert client.registerUserData(name="long", userdata=long, post=True).status == 200
    assert client.registerUserData(name="longer", userdata=longer, post=True).text == "The user data may have at most 32768 characters"


def test_machine_tells_where_its_user_data_came_from(cloud):
    cs = cloud.api()
    stored = cs.registerUserData(name="stored", userdata=encoded("#!/bin/sh\necho $who\n"), params="who,where")["userdata"]
    machine = deploy(cloud, name="stored", userdataid=stored["id"], userdatadetails=[{"who": "ann"}])
    assert (machine["userdataid"], machine["userdataname"], machine["userdatadetails"]) == (stored["id"], "stored", "{who=ann}")
    assert "userdatapolicy" not in machine
    assert reached(cloud, machine, "#!/bin/sh\necho $who\n")
    asserted("deployVirtualMachine", "userdatadetails")
    assert cs.getVirtualMachineUserData(virtualmachineid=machine["id"])["virtualmachineuserdata"] == {
        "virtualmachineid": machine["id"], "userdata": stored["userdata"]}
    assert [each["id"] for each in cs.listVirtualMachines(userdataid=stored["id"])["virtualmachine"]] == [machine["id"]]
    assert cs.listVirtualMachines(id=machine["id"], userdata=True)["virtualmachine"][0]["userdata"] == stored["userdata"]
    assert "userdata" not in cs.listVirtualMachines(id=machine["id"])["virtualmachine"][0]
    asserted("listVirtualMachines", "userdata")
    assert refusal(cs.deleteUserData, id=stored["id"])[1] == "Userdata is used by instances and cannot be removed"
    for wrong in ({"userdata": "YQ==", "userdataid": stored["id"]}, {"userdataid": stored["id"], "userdatadetails": [{"other": "x"}]},
                  {"userdatadetails": [{"who": "x"}]}):
        assert refusal(cs.deployVirtualMachine, **place(cs), **wrong)[0] == 431, wrong
    changed = cs.updateVirtualMachine(id=machine["id"], userdata=encoded("other"))["virtualmachine"]
    assert "userdataid" not in changed
    assert cs.getVirtualMachineUserData(virtualmachineid=machine["id"])["virtualmachineuserdata"]["userdata"] == encoded("other")
    back = cs.updateVirtualMachine(id=machine["id"], userdataid=stored["id"], userdatadetails=[{"where": "here"}])["virtualmachine"]
    assert back["userdatadetails"] == "{where=here}"
    assert refusal(cs.updateVirtualMachine, id=machine["id"], userdatadetails=[{"where": "there"}])[0] == 431
    asserted("updateVirtualMachine", "userdata", "userdatadetails")
    cs.destroyVirtualMachine(id=machine["id"], expunge=True, fetch_result=True)
    cs.deleteUserData(id=stored["id"])


def test_image_decides_over_user_data(cloud):
    cs = cloud.api()
    image = place(cs)["templateid"]
    own = cs.registerUserData(name="of the image", userdata=encoded("#!/bin/sh\nimage\n"))["userdata"]
    told = cs.linkUserDataToTemplate(templateid=image, userdataid=own["id"])["template"]
    assert (told["userdataid"], told["userdataname"], told["userdatapolicy"]) == (own["id"], "of the image", "ALLOWOVERRIDE")
    assert cs.listTemplates(templatefilter="all", id=image)["template"][0]["userdataid"] == own["id"]
    assert reached(cloud, deploy(cloud, name="of-image"), "#!/bin/sh\nimage\n")
    replaced = deploy(cloud, name="replaced", userdata=encoded("mine"))
    assert reached(cloud, replaced, "mine") and replaced.get("userdataid") is None
    asserted("deployVirtualMachine", "userdata")
    cs.linkUserDataToTemplate(templateid=image, userdataid=own["id"], userdatapolicy="append")
    both = deploy(cloud, name="both", userdata=encoded("#cloud-config\n"))
    sent = base64.b64decode(cs.getVirtualMachineUserData(virtualmachineid=both["id"])["virtualmachineuserdata"]["userdata"]).decode()
    assert reached(cloud, both, sent)
    parts = email.message_from_string(sent).get_payload()
    assert [(part.get_content_type(), part.get_payload(decode=True)) for part in parts] == [
        ("text/x-shellscript", b"#!/bin/sh\nimage\n"), ("text/cloud-config", b"#cloud-config\n")]
    assert both["userdatapolicy"] == "APPEND"
    cs.linkUserDataToTemplate(templateid=image, userdataid=own["id"], userdatapolicy="DENYOVERRIDE")
    assert "configured to deny any userdata" in refusal(cs.deployVirtualMachine, **place(cs), userdata=encoded("mine"))[1]
    assert refusal(cs.linkUserDataToTemplate, templateid=image, userdataid=own["id"], userdatapolicy="x")[0] == 431
    assert refusal(cs.linkUserDataToTemplate, userdataid=own["id"])[0] == 431
    assert refusal(cs.deleteUserData, id=own["id"])[1] == "Userdata cannot be removed as it is linked to active templates"
    assert "userdataid" not in cs.linkUserDataToTemplate(isoid=image)["template"]
    ann, _ = user(cloud, "ann-data")
    assert refusal(ann.linkUserDataToTemplate, templateid=image)[0] == 531
    assert refusal(ann.listUserData, id=own["id"])[0] == 531 and ann.listUserData(listall=True) == {}


def test_keys_and_data_are_kept_for_whom_they_are_meant(cloud):
    cs = cloud.api()
    ann, domain = user(cloud, "ann-keeps")
    project = cs.createProject(name="keeping", displaytext="keeping", fetch_result=True)["project"]
    line, fingerprint = new_key()
    hers, ours = {"account": "ann-keeps", "domainid": domain}, {"projectid": project["id"]}
    for owner in (hers, ours):
        key = cs.registerSSHKeyPair(name="kept", publickey=line, **owner)["keypair"]
        data = cs.registerUserData(name="kept", userdata=encoded("kept"), **owner)["userdata"]
        assert key["fingerprint"] == fingerprint and data["userdata"] == encoded("kept")
        for each in (key, data):
            assert owner.items() <= each.items() and (each.get("project") == "keeping") == (owner is ours), each
        asserted("registerSSHKeyPair", "publickey", *owner)
        asserted("registerUserData", "userdata", *owner)
    assert [each["name"] for each in ann.listSSHKeyPairs()["sshkeypair"]] == ["kept"] == [each["name"] for each in ann.listUserData()["userdata"]]
    assert [each["id"] for each in cs.listUserData(**ours)["userdata"]] == [data["id"]]
    assert refusal(cs.deleteSSHKeyPair, name="kept")[0] == 431, "the caller has none of that name"
    cs.deleteSSHKeyPair(name="kept", **hers)
    assert ann.listSSHKeyPairs() == {} and cs.listSSHKeyPairs(**ours)["count"] == 1
    cs.deleteSSHKeyPair(name="kept", **ours)
    assert cs.listSSHKeyPairs(**ours) == {}
    asserted("deleteSSHKeyPair", "name", "account", "domainid", "projectid")
    cs.deleteUserData(id=ann.listUserData()["userdata"][0]["id"], **hers)
    assert ann.listUserData() == {} and cs.listUserData(**ours)["count"] == 1
    cs.deleteUserData(id=data["id"], **ours)
    assert cs.listUserData(**ours) == {}
    asserted("deleteUserData", "id")
    cs.deleteProject(id=project["id"], fetch_result=True)


# ---- instance groups ----


def test_groups_gather_machines_and_leave_them(cloud):
    cs = cloud.api()
    made = cs.createInstanceGroup(name="shop")["instancegroup"]
    assert made["account"] == "admin" and made["domainpath"] == "ROOT" and made["created"]
    assert refusal(cs.createInstanceGroup, name="shop")[1] == "Unable to create vm group, a group with name shop already exists for account admin"
    machine = deploy(cloud, name="in-shop", group="shop", startvm=False)
    assert (machine["groupid"], machine["group"]) == (made["id"], "shop")
    assert [each["id"] for each in cs.listVirtualMachines(groupid=made["id"])["virtualmachine"]] == [machine["id"]]
    assert cs.updateInstanceGroup(id=made["id"], name="store")["instancegroup"]["name"] == "store"
    other = cs.createInstanceGroup(name="other")["instancegroup"]
    assert refusal(cs.updateInstanceGroup, id=other["id"], name="store")[0] == 431
    assert [each["name"] for each in cs.listInstanceGroups(name="store")["instancegroup"]] == ["store"]
    assert cs.listInstanceGroups(keyword="o")["count"] == 2 and cs.listInstanceGroups(id=other["id"])["count"] == 1
    assert cs.deleteInstanceGroup(id=made["id"])["success"] in (True, "true")
    assert "group" not in cs.listVirtualMachines(id=machine["id"])["virtualmachine"][0]
    asserted("deleteInstanceGroup", "id")
    ann, domain = user(cloud, "ann-groups")
    assert refusal(ann.deleteInstanceGroup, id=other["id"])[0] == 531 and ann.listInstanceGroups(listall=True) == {}
    given = cs.createInstanceGroup(name="given", account="ann-groups", domainid=domain)["instancegroup"]
    assert (given["account"], given["domainid"]) == ("ann-groups", domain) and ann.listInstanceGroups()["instancegroup"] == [given]
    asserted("createInstanceGroup", "account", "domainid")


def test_rows_are_consistent_afterwards(cloud):
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
