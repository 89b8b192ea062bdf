#!/usr/bin/python3
"""Parts of the protocol that need settings of their own: the integration port, rate limits over several web processes, keys for repeated
writes, session keys by place, writes by POST only.
timeout: 300"""
import concurrent.futures, os, socket, sys, time, urllib.error, urllib.parse, urllib.request, uuid

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


def main():
    with Cloud(zone="none", GURUM_WEB_PROCESSES="2") as cloud:
        admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        passed, failed = run_tests(globals(), cloud, admin, make_user(cloud, admin, "first"))
        broken = cloud.failed_checks()
        print("broken: %s" % broken if broken else "the consistency queries find nothing")
        return passed + (not broken), failed + bool(broken)


if __name__ == "__main__":
    close(*main())
