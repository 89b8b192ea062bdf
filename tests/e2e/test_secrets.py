#!/usr/bin/python3
"""Secrets stay where they belong: no log, list or dump of the database shows one, a dump alone opens nothing, and keys rotate under a
running cloud. What is not here: how values are sealed (tests/unit/test_secret.c) and pages of rotation (tests/store/test_sealed.c)."""
import base64, json, os, re, subprocess, sys, time, urllib.parse

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder) for folder in ("support", "api")]
from _client import Client
from cloud import BUILD_FOLDER, Cloud
from results import close, run_tests

HOST_PASSWORD, USER_PASSWORD, USER_DATA = "host-Pass.7fQ2zX", "user-Pass.9kW4vB", "#cloud-config secret-8mR3tN"
secrets = {}  # what it is -> the text that must appear nowhere
found = {}


def one(reply, key):
    return reply[key][0] if isinstance(reply[key], list) else reply[key]


def exposed(text):
    """Names of the secrets in a text, as they are or as an address or base64 would carry them."""
    return [name for name, secret in secrets.items()
            if any(form in text for form in (secret, urllib.parse.quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")))]


def gurumd(cloud, *words):
    return subprocess.run([os.path.join(BUILD_FOLDER, "gurumd"), "--config", os.path.join(cloud.run, "gurum.conf"), *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def dump(cloud):
    return subprocess.run(["mariadb-dump", "--no-defaults", "--user=root", "--socket", cloud.database_socket(), "--skip-extended-insert",
                           "gurum"], check=True, stdout=subprocess.PIPE, text=True, errors="replace").stdout


def test_secrets_are_given_to_the_cloud(cloud, cs):
    zone = one(cs.listZones(), "zone")
    cluster = one(cs.listClusters(zoneid=zone["id"]), "cluster")
    cs.addHost(zoneid=zone["id"], podid=cluster["podid"], clusterid=cluster["id"], hypervisor="Simulator", url="http://sim/secret/h9",
               username="root", password=HOST_PASSWORD)
    user = one(cs.createUser(account="admin", username="keeper", password=USER_PASSWORD, firstname="Key", lastname="Keeper",
                             email="keeper@example.com"), "user")
    keys = cs.registerUserKeys(id=user["id"])["userkeys"]
    person = Client(cloud.url)
    reply = person.send({"command": "login", "username": "keeper", "password": USER_PASSWORD, "response": "json"}, post=True)
    assert reply.status == 200, reply.body
    tokens = {cookie.name: urllib.parse.unquote(cookie.value).strip('"') for cookie in person.jar}
    image = one(cs.listTemplates(templatefilter="all"), "template")
    size = one(cs.listServiceOfferings(), "serviceoffering")
    for _ in range(100):
        if one(cs.listTemplates(templatefilter="all", id=image["id"]), "template")["isready"]:
            break
        time.sleep(0.1)
    machine = cs.deployVirtualMachine(zoneid=zone["id"], templateid=image["id"], serviceofferingid=size["id"], name="keeper",
                                      userdata=base64.b64encode(USER_DATA.encode()).decode(), fetch_result=True)["virtualmachine"]
    assert machine["state"] == "Running", machine
    secrets.update({"host password": HOST_PASSWORD, "user password": USER_PASSWORD, "user data": USER_DATA, "secret key": keys["secretkey"],
                    "administrator's secret key": cloud.settings["GURUM_SECRET_KEY"],
                    "administrator's password": cloud.settings["GURUM_ADMIN_PASSWORD"]})
    secrets.update({"cookie " + name: value for name, value in tokens.items() if len(value) >= 16 and name.lower() not in ("userid", "domainid")
                    and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)})
    assert any(name.startswith("cookie") for name in secrets), tokens
    found.update(user=user["id"], key=keys["apikey"], secret=keys["secretkey"], person=person, machine=machine["id"])


def test_no_list_shows_a_secret(cloud, cs):
    shown = {}
    for api in cs.listApis()["api"]:
        name = api["name"]
        if not name.startswith("list") or any(parameter["required"] for parameter in api["params"]):
            continue
        words = {"templatefilter": "all"} if name == "listTemplates" else {}
        try:
            reply = json.dumps(getattr(cs, name)(**words))
        except Exception as refusal:
            reply = str(refusal)
        if exposed(reply):
            shown[name] = exposed(reply)
    assert not shown, shown
    assert not exposed(json.dumps(cs.listVirtualMachines(id=found["machine"], details="all")))
    assert not exposed(json.dumps(cs.listAsyncJobs(listall=True)))


def test_no_log_shows_a_secret(cloud, cs):
    time.sleep(2.5)  # nginx writes its access log at most 2 s late
    shown, read = {}, 0
    for folder in ("log", "nginx"):
        for parent, _, names in os.walk(os.path.join(cloud.run, folder)):
            for name in names:
                path = os.path.join(parent, name)
                if os.path.isfile(path):
                    with open(path, errors="replace") as log:
                        text = log.read()
                    read += len(text)
                    if exposed(text):
                        shown[path] = exposed(text)
    assert read > 1000 and not shown, (read, shown)


def test_dump_of_the_database_shows_no_secret(cloud, cs):
    text = dump(cloud)
    assert found["user"] in text
    # user data is the tenant's content, not a credential: it is stored as sent
    assert not [name for name in exposed(text) if name != "user data"], exposed(text)
    at = text.find(found["key"])
    assert at < 0, "…%s" % text[max(0, at - 400):at + 20]


def test_dump_opens_nothing_without_the_key_file(cloud, cs):
    """A second installation gets the database but not the keys: it refuses the signature instead of accepting it."""
    keys = os.path.join(cloud.run, "keys")
    own, other = os.path.join(cloud.folder, "other.conf"), os.path.join(cloud.folder, "other.keys")
    with open(os.path.join(cloud.run, "gurum.conf")) as source, open(own, "w") as copy:
        copy.write(source.read().replace("keys.file = " + keys, "keys.file = " + other))
    result = subprocess.run([os.path.join(BUILD_FOLDER, "gurumd"), "--config", own, "rotate-keys", "--resume"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    sealed = len(set(re.findall(r"'(v1:[0-9A-Za-z_-]+:[^']+)'", dump(cloud))))
    assert result.returncode and sealed >= 4, result.stdout
    assert "resealed=0 current=0 left=%d " % sealed in result.stdout, (sealed, result.stdout)


def test_keys_rotate_under_a_running_cloud(cloud, cs):
    with open(os.path.join(cloud.run, "keys")) as file:
        old = file.readline().split(":")[0]
    client = Client(cloud.url, found["key"], found["secret"])
    background = subprocess.Popen([os.path.join(BUILD_FOLDER, "gurumd"), "--config", os.path.join(cloud.run, "gurum.conf"), "rotate-keys"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while background.poll() is None:
        assert client.signed("listZones").status == 200
    output = background.communicate()[0]
    assert background.returncode == 0 and "left=0" in output, output
    assert "'v1:%s:" % old not in dump(cloud), "a sealed column is not declared"
    fresh = cs.registerUserKeys(id=found["user"])["userkeys"]  # sealed by a process that started before
    assert Client(cloud.url, fresh["apikey"], fresh["secretkey"]).signed("listZones").status == 200
    assert "'v1:%s:" % old not in dump(cloud)
    assert cs.stopVirtualMachine(id=found["machine"], fetch_result=True)["virtualmachine"]["state"] == "Stopped"  # plugins open host passwords
    assert cs.startVirtualMachine(id=found["machine"], fetch_result=True)["virtualmachine"]["state"] == "Running"
    found["old"] = old


def test_old_keys_are_dropped_after_a_while(cloud, cs):
    keys = os.path.join(cloud.run, "keys")
    early = gurumd(cloud, "rotate-keys", "--drop-old")
    assert early.returncode and "secret.keys_young" in early.stdout, early.stdout
    os.utime(keys, (time.time() - 301,) * 2)
    dropped = gurumd(cloud, "rotate-keys", "--drop-old")
    assert dropped.returncode == 0 and "keys_dropped=1" in dropped.stdout, dropped.stdout
    with open(keys) as file:
        assert found["old"] not in file.read()
    assert os.stat(keys).st_mode & 0o777 == 0o600
    assert cs.listZones()["count"] >= 1


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud, cloud.api())
    close(*counts)
