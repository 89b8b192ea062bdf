#!/usr/bin/python3
"""Parts of the protocol that need settings of their own: the integration port, rate limits over several web processes, keys for repeated
writes, session keys by place, writes by POST only.
timeout: 300"""
import concurrent.futures, os, signal, socket, sys, time, urllib.error, urllib.parse, urllib.request, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client, Reply
from cloud import Cloud
from contract import asserted
from results import close, run_tests

UNSIGNED = "unable to verify user credentials and/or request signature"


def set_to(admin, name, value):
    reply = admin.updateConfiguration(post=True, name=name, value=value)
    assert reply.status == 200, reply.body


def make_user(cloud, admin, username):
    """A client of a new account."""
    role = [each["id"] for each in admin.listRoles().inner["role"] if each["name"] == "User"][0]
    account = admin.createAccount(post=True, username=username, password="secret-" + username, email="x@example.org", firstname="F", lastname="L",
                                  roleid=role).inner["account"]
    keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
    user = Client(cloud.url, keys["apikey"], keys["secretkey"])
    user.account_id, user.user_id = account["id"], account["user"][0]["id"]
    return user


# ---- the integration port ----

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def at_port(port, query, headers=None, body=None):
    request = urllib.request.Request("http://127.0.0.1:%d/client/api?%s" % (port, query), data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return Reply(reply.status, reply.headers, reply.read().decode())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.headers, error.read().decode())


def listeners(port):
    """The addresses, as the kernel writes them, on which somebody listens."""
    found = []
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(path) as lines:
            rows = [line.split() for line in lines][1:]
        found += [row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port]
    return found


def test_integration_port_is_off_by_default(cloud, admin, user):
    setting = admin.listConfigurations(name="integration.api.port").inner["configuration"][0]
    assert setting["value"] == "0", setting


def test_integration_port_calls_every_command_without_credentials(cloud, admin, user):
    port = free_port()
    set_to(admin, "integration.api.port", str(port))
    cloud.restart()
    admin.url = user.url = cloud.url + "/client/api"
    assert listeners(port) == ["0100007F"], listeners(port)  # 127.0.0.1, and nothing else
    reply = at_port(port, "command=listConfigurations&name=integration.api.port&response=json")
    assert reply.inner["configuration"][0]["value"] == str(port), reply.body
    reply = at_port(port, "command=createDomain&name=by-get&response=json")
    assert reply.inner["domain"]["name"] == "by-get", reply.body
    reply = at_port(port, "", body=b"command=createDomain&name=by-post&response=json")
    assert reply.inner["domain"]["name"] == "by-post", reply.body
    assert at_port(port, "command=listUsers&listall=true").body.startswith("<?xml"), "XML stays the default"
    reply = at_port(port, "command=listUsers&response=json&apiKey=nonsense&signature=nonsense")
    assert reply.status == 200, "credentials are not looked at"


def test_integration_port_serves_the_api_only(cloud, admin, user):
    port = int(admin.listConfigurations(name="integration.api.port").inner["configuration"][0]["value"])
    for path in ("/", "/client/", "/static/base/portal.css"):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=10)
            raise AssertionError(path)
        except urllib.error.HTTPError as error:
            assert error.code == 404, error.code


def test_integration_port_refuses_what_browsers_send(cloud, admin, user):
    port = int(admin.listConfigurations(name="integration.api.port").inner["configuration"][0]["value"])
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example:%d" % port}, {"Origin": "null"}):
        reply = at_port(port, "command=listUsers&response=json", headers)
        assert reply.status == 401 and reply.text == UNSIGNED, (headers, reply.body)


def test_nobody_pretends_to_come_by_the_integration_port(cloud, admin, user):
    for headers in ({"Gurum-Integration": "on"}, {"GURUM_INTEGRATION": "on"}, {"GURUM-INTEGRATION": "on"}, {"HTTP_GURUM_INTEGRATION": "on"},
                    {"X-Forwarded-For": "127.0.0.1"}, {"Host": "127.0.0.1"}, {"Proxy": "x"}, {"X-Real-IP": "127.0.0.1"}):
        reply = Client(cloud.url).raw("command=listUsers&response=json&GURUM_INTEGRATION=on", headers=headers)
        assert reply.status == 401 and reply.text == UNSIGNED, (headers, reply.body)
    reply = Client(cloud.url).raw("command=listUsers&response=json", body=b"GURUM_INTEGRATION=on")
    assert reply.status == 401, reply.body


# ---- rate limits ----

def test_rate_of_an_account_is_limited_over_all_web_processes(cloud, admin, user):
    assert user.listUsers().status == 200
    assert user.getApiLimit().inner["apilimit"]["apiIssued"] == 0, "nothing is counted while limits are off"
    for name, value in (("api.throttling.interval", "600"), ("api.throttling.max", "20"), ("api.throttling.enabled", "true")):
        set_to(admin, name, value)
    time.sleep(0.5)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: Client(cloud.url, user.key, user.secret).listUsers().status, range(60)))
    assert statuses == [200] * 20 + [429] * 40, statuses
    refused = user.listUsers()
    assert refused.inner["errorcode"] == 429 and refused.inner["cserrorcode"] == 9999 and refused.inner["uuidList"] == [], refused.body
    start, _, end = refused.text.rpartition("please retry after ")
    assert start == "The given user has reached his/her account api limit, " and end.endswith(" ms."), refused.text
    assert 0 < int(end.removesuffix(" ms.")) <= 600000
    assert 0 < int(refused.headers["Retry-After"]) <= 600 and refused.headers["X-Description"] == refused.text, refused.headers


def test_limit_is_told_and_reset(cloud, admin, user):
    limit = admin.listCapabilities().inner["capability"]
    assert limit["apilimitmax"] == 20 and limit["apilimitinterval"] == 600, limit
    other = make_user(cloud, admin, "second")
    mine = other.getApiLimit().inner["apilimit"]
    assert mine["apiIssued"] == 1 and mine["apiAllowed"] == 20 and 0 < mine["expireAfter"] <= 600000 and mine["account"] == "second", mine
    assert admin.resetApiLimit(post=True, account=other.account_id).inner == {"success": True}
    assert user.listUsers().status == 429, "only the named account begins anew"
    assert other.getApiLimit().inner["apilimit"]["apiIssued"] == 1
    asserted("resetApiLimit", "account")
    assert user.resetApiLimit(post=True).status == 429
    assert admin.resetApiLimit(post=True).inner == {"success": True}
    assert user.listUsers().status == 200
    assert user.resetApiLimit(post=True).status == 432, "users reset nothing"


def test_root_admins_are_not_limited(cloud, admin, user):
    assert {admin.listUsers().status for _ in range(40)} == {200}
    assert admin.getApiLimit().inner["apilimit"]["apiIssued"] == 0


def test_requests_that_fail_count_and_nobody_else_pays(cloud, admin, user):
    admin.resetApiLimit(post=True)
    forged = Client(cloud.url, user.key, "wrong")
    assert {forged.listUsers().status for _ in range(30)} == {401}, "a wrong signature is not counted against the account"
    assert user.getApiLimit().inner["apilimit"]["apiIssued"] == 1
    for _ in range(25):
        last = user.getUserKeys(id="x")
    assert last.status == 429, last.body


def test_limits_are_off_again(cloud, admin, user):
    set_to(admin, "api.throttling.enabled", "false")
    time.sleep(0.5)
    assert {user.listUsers().status for _ in range(30)} == {200}
    assert "apilimitmax" not in admin.listCapabilities().inner["capability"]


# ---- Idempotency-Key ----

def domains(admin, name):
    return admin.listDomains(name=name, listall="true").inner.get("domain", [])


def keyed(client, command, key, **parameters):
    return client.signed(command, post=True, headers={"Idempotency-Key": key}, **parameters)


def test_repeated_write_gets_the_first_answer(cloud, admin, user):
    first, second = (keyed(admin, "createDomain", "d-1", name="once") for _ in range(2))
    assert first.status == 200 and second.body == first.body, (first.body, second.body)
    assert first.headers["Idempotent-Replayed"] is None and second.headers["Idempotent-Replayed"] == "true"
    assert len(domains(admin, "once")) == 1
    assert len(admin.listEvents(type="DOMAIN.CREATE", listall="true", keyword="once").inner.get("event", [])) <= 1
    by_get = admin.signed("createDomain", headers={"Idempotency-Key": "d-1"}, name="once")
    assert by_get.body == first.body, "the method does not matter"


def test_key_of_another_request_is_refused(cloud, admin, user):
    reply = keyed(admin, "createDomain", "d-1", name="another")
    assert reply.status == 431 and reply.inner["cserrorcode"] == 9999, reply.body
    assert reply.text == "The Idempotency-Key was used for another request; choose a new one for each request", reply.text
    assert keyed(admin, "updateConfiguration", "d-1", name="default.page.size", value="500").status == 431
    assert not domains(admin, "another")


def test_keys_belong_to_users(cloud, admin, user):
    mine = keyed(user, "updateUser", "shared-key", id=user.user_id, lastname="First")
    theirs = keyed(admin, "updateUser", "shared-key", id=user.user_id, lastname="Second")
    assert mine.inner["user"]["lastname"] == "First" and theirs.inner["user"]["lastname"] == "Second", (mine.body, theirs.body)


def test_refused_write_may_be_repeated_with_its_key(cloud, admin, user):
    assert keyed(admin, "createDomain", "d-2", name="once").status != 200, "the name is taken"
    job = admin.deleteDomain(post=True, id=domains(admin, "once")[0]["id"]).inner["jobid"]
    while admin.queryAsyncJobResult(jobid=job).inner["jobstatus"] == 0:
        time.sleep(0.05)
    reply = keyed(admin, "createDomain", "d-2", name="once")
    assert reply.status == 200, reply.body
    assert keyed(admin, "createDomain", "d-1", name="once").status == 200, "the first answer stands, whatever became of the object"


def test_malformed_keys_are_refused(cloud, admin, user):
    for key in ("", " ", "a b", "x" * 256, "caf\u00e9"):
        reply = keyed(admin, "createDomain", key.encode().decode("latin-1"), name="never")
        assert reply.status == 431 and reply.text == "Idempotency-Key must be 1 to 255 printable ASCII characters without blanks", (key, reply.body)
    assert not domains(admin, "never")
    assert keyed(admin, "listUsers", "a b").status == 200, "reads take no key"


def test_concurrent_duplicates_write_once(cloud, admin, user):
    def send(_):
        return keyed(Client(cloud.url, admin.key, admin.secret), "createDomain", "d-3", name="together")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(send, range(24)))
    assert {each.status for each in replies} == {200} and len({each.body for each in replies}) == 1, {each.body for each in replies}
    assert len(domains(admin, "together")) == 1


def test_reply_of_a_keyed_change_is_as_of_one_without(cloud, admin, user):
    made = keyed(admin, "createRole", "r-1", name="keyed", type="User").inner["role"]
    changed = keyed(admin, "updateRole", "r-2", id=made["id"], name="keyed2", description="seen").inner["role"]
    assert (changed["name"], changed["description"]) == ("keyed2", "seen"), changed
    told = keyed(admin, "updateConfiguration", "c-1", name="default.ui.page.size", value="33").inner["configuration"]
    assert told["value"] == "33", told


def test_async_command_answers_the_same_job(cloud, admin, user):
    other = make_user(cloud, admin, "third")
    replies = [keyed(admin, "disableUser", "j-1", id=other.user_id) for _ in range(3)]
    assert len({each.inner["jobid"] for each in replies}) == 1, [each.body for each in replies]
    while admin.queryAsyncJobResult(jobid=replies[0].inner["jobid"]).inner["jobstatus"] == 0:
        time.sleep(0.1)
    assert admin.enableUser(post=True, id=other.user_id).status == 200
    again = keyed(admin, "disableUser", "j-1", id=other.user_id)
    assert again.body == replies[0].body and admin.listUsers(id=other.user_id).inner["user"][0]["state"] == "enabled", again.body


def test_parked_command_answers_from_the_same_job(cloud, admin, user):
    cluster = admin.listClusters().inner["cluster"][0]
    def send(_):
        return keyed(Client(cloud.url, admin.key, admin.secret), "addHost", "h-1", hypervisor="Simulator", url="http://sim/c0/keyed", zoneid=cluster["zoneid"],
                     podid=cluster["podid"], clusterid=cluster["id"], username="u", password="p")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(send, range(4)))
    replies.append(send(None))
    assert {each.status for each in replies} == {200}, [each.body for each in replies]
    assert len({each.inner["host"][0]["id"] for each in replies}) == 1, [each.body for each in replies]
    assert len(admin.listHosts(name=replies[0].inner["host"][0]["name"]).inner["host"]) == 1


def test_secret_answers_are_sealed(cloud, admin, user):
    other = make_user(cloud, admin, "fourth")
    reply = keyed(admin, "registerUserKeys", "k-1", id=other.user_id)
    secret = reply.inner["userkeys"]["secretkey"]
    assert keyed(admin, "registerUserKeys", "k-1", id=other.user_id).body == reply.body
    rows = cloud.rows("SELECT sealed_answer FROM repeated_call")
    assert rows and all(row[0].startswith("v1:") and secret not in row[0] for row in rows), rows


def test_keyed_writes_survive_killed_web_processes(cloud, admin, user):
    stop = time.monotonic() + 4
    answers = {}

    def send(number):
        client = Client(cloud.url, admin.key, admin.secret)
        while True:
            try:
                reply = keyed(client, "createDomain", "crash-%d" % number, name="crash%d" % number)
                if reply.status == 200:
                    answers.setdefault(number, set()).add(reply.inner["domain"]["id"])
                if reply.status == 200 and time.monotonic() > stop:
                    return
                assert reply.status in (200, 502, 503, 504, 530), reply.body
            except (OSError, ValueError):
                time.sleep(0.05)

    def kill():
        while time.monotonic() < stop:
            time.sleep(0.7)
            for pid in web_processes(cloud):
                os.kill(pid, signal.SIGKILL)

    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        killer = pool.submit(kill)
        for each in [pool.submit(send, number) for number in range(8)]:
            each.result()
        killer.result()
    while admin.raw("command=listUsers").status != 401:  # until web processes are there again
        time.sleep(0.1)
    for number in range(8):
        made = domains(admin, "crash%d" % number)
        assert len(made) == 1 and answers[number] == {made[0]["id"]}, (number, made, answers[number])


def web_processes(cloud):
    """The process ids of the web role of this cloud."""
    config, found = os.path.join(cloud.run, "gurum.conf").encode(), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as words:
                line = words.read().split(b"\0")
        except OSError:
            continue
        if config in line and b"web" in line:
            found.append(int(pid))
    return found


def test_old_keys_are_forgotten(cloud, admin, user):
    cloud.rows("UPDATE repeated_call SET created = created - INTERVAL 25 HOUR")
    reply = keyed(admin, "createDomain", "d-4", name="after-a-day")
    assert reply.status == 200 and reply.headers["Idempotent-Replayed"] is None, reply.body


def main():
    with Cloud(zone="simulator", GURUM_WEB_PROCESSES="2") as cloud:
        admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        passed, failed = run_tests(globals(), cloud, admin, make_user(cloud, admin, "first"))
        broken = cloud.failed_checks()
        print("broken: %s" % broken if broken else "the consistency queries find nothing")
        return passed + (not broken), failed + bool(broken)


if __name__ == "__main__":
    close(*main())
