#!/usr/bin/python3
"""Signing in: password rules, locking after wrong passwords, sessions and their end, second factors; and what somebody who knows
nothing may learn meanwhile (nothing).
timeout: 300"""
import base64, hashlib, hmac, json, os, struct, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

PASSWORD = "Correct1-horse"


def code(secret, at=None):
    """RFC 6238: SHA-1, 6 digits, 30 s."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int((at or time.time()) / 30)), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7fffffff) % 1000000)


class Place:
    """A cloud with one domain, and accounts in it as wanted."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        self.domain = self.admin.createDomain(name="shop").inner["domain"]["id"]
        self.count = 0

    def account(self, kind="0", domain=None, password=PASSWORD):
        self.count += 1
        name = "person%d" % self.count
        account = self.admin.createAccount(post=True, username=name, password=password, firstname="A", lastname="B", email=name + "@example.org",
                                           accounttype=kind, domainid=domain or self.domain).inner["account"]
        return name, account["user"][0]["id"], account

    def login(self, name, password=PASSWORD, domain="shop"):
        client = Client(self.cloud.url)
        client.reply = client.login(name, password, domain)
        return client

    def by_key(self, user):
        keys = self.admin.registerUserKeys(id=user).inner["userkeys"]
        return Client(self.cloud.url, keys["apikey"], keys["secretkey"])

    def setting(self, name, value, **where):
        reply = self.admin.updateConfiguration(name=name, value=value, **where)
        assert reply.status == 200, reply.body


def test_password_rules_hold_wherever_a_password_is_set(place):
    rules = {"minimum.length": ("8", "aB1-xyz", "at least [8] characters"), "minimum.digits": ("2", "abcdefgh1", "at least [2] digits"),
             "minimum.lowercase.letters": ("1", "ABCDEFGH", "lower case"), "minimum.uppercase.letters": ("1", "abcdefgh", "upper case"),
             "minimum.special.characters": ("1", "abcdEFGH12", "special"), "regex": ("[a-z]+", "abc1", "regex")}
    name, user, _ = place.account()
    for rule, (value, bad, said) in rules.items():
        place.setting("password.policy." + rule, value)
        try:
            for reply in (place.admin.createAccount(post=True, username="x", password=bad, firstname="A", lastname="B", email="e@x.org", accounttype="0"),
                          place.admin.createUser(post=True, account="admin", username="x", password=bad, firstname="A", lastname="B", email="e@x.org"),
                          place.admin.updateUser(post=True, id=user, password=bad)):
                assert reply.status == 431 and said in reply.text, (rule, reply.body)
        finally:
            place.setting("password.policy." + rule, "" if rule == "regex" else "0")
    place.setting("password.policy.allowPasswordContainingUsername", "false", domainid=place.domain)
    reply = place.admin.updateUser(post=True, id=user, password="X" + name.upper())
    assert reply.status == 431 and "username" in reply.text, reply.body
    place.setting("password.policy.allowPasswordContainingUsername", "true", domainid=place.domain)


def test_a_domain_may_ask_for_longer_passwords_than_the_rest(place):
    place.setting("password.policy.minimum.length", "12", domainid=place.domain)
    name, user, _ = place.account(password="long-enough-1")
    assert place.admin.updateUser(post=True, id=user, password="short").status == 431
    place.setting("password.policy.minimum.length", "0", domainid=place.domain)
    assert place.admin.updateUser(post=True, id=user, password="short").status == 200


def test_wrong_passwords_lock_a_user_for_a_while_and_an_administrator_unlocks(place):
    name, user, _ = place.account()
    for _ in range(5):
        assert place.login(name, "wrong").reply.status == 531
    assert place.login(name).reply.status == 531
    events = place.admin.listEvents(type="USER.LOCK", listall="true").inner.get("event", [])
    assert any(user == each.get("resourceid") for each in events), events
    assert place.admin.enableUser(id=user).status == 200
    assert place.login(name).reply.status == 200
    asserted("login", "password")


def test_wrong_current_passwords_are_counted_as_failed_sign_ins(place):
    name, user, _ = place.account()
    keys = place.by_key(user)

    def change(current, headers=None, **more):
        return keys.signed("updateUser", post=True, headers=headers, id=user, password="New-horse-2", currentpassword=current, **more)
    for more in ({"plan": "true"}, {"headers": {"Idempotency-Key": "one"}}):  # nothing is told where nothing could be counted
        told = [change(current, **more) for current in ("wrong", PASSWORD)]
        assert all("only without plan" in reply.body for reply in told), [reply.body for reply in told]
    for _ in range(5):
        reply = change("wrong")
        assert reply.status == 431 and "incorrect" in reply.text, reply.body
    assert change(PASSWORD).status == 431 and place.login(name).reply.status == 531  # locked
    assert any(user == each.get("resourceid") for each in place.admin.listEvents(type="USER.LOCK", listall="true").inner.get("event", []))
    assert place.admin.enableUser(id=user).status == 200
    assert change("wrong").status == 431 and change(PASSWORD).status == 200
    assert place.login(name, "New-horse-2").reply.status == 200


def test_sign_in_is_not_rehearsed(place):
    name, _, _ = place.account()
    told = []
    for password in ("wrong", PASSWORD):
        asked = {"command": "login", "response": "json", "username": name, "password": password, "domain": "shop", "plan": "true"}
        told.append(Client(place.cloud.url).send(asked, post=True))
    assert told[0].status == told[1].status and told[0].body == told[1].body, [each.body for each in told]
    assert told[0].status in (431, 531), told[0].body


def test_own_mail_address_is_changed_with_the_current_password(place):
    name, user, _ = place.account()
    for change in (place.by_key(user).signed, place.login(name).in_session):
        reply = change("updateUser", id=user, email="thief@example.org")
        assert reply.status == 431 and "current password" in reply.text, reply.body
        assert change("updateUser", id=user, email="thief@example.org", currentpassword="wrong").status == 431
        assert change("updateUser", id=user, email=name + "@example.org", firstname="Kim").status == 200  # as it was
        assert change("updateUser", id=user, email="new-%s@example.org" % name, currentpassword=PASSWORD).status == 200
        assert change("updateUser", id=user, email=name + "@example.org", currentpassword=PASSWORD).status == 200
    assert place.admin.updateUser(id=user, email="by-admin@example.org").inner["user"]["email"] == "by-admin@example.org"


def test_limit_of_wrong_passwords_lowered_below_the_count_locks(place):
    name, user, _ = place.account()
    for _ in range(4):
        assert place.login(name, "wrong").reply.status == 531
    place.setting("incorrect.login.attempts.allowed", "2")
    assert place.login(name, "wrong").reply.status == 531
    assert place.login(name).reply.status == 531
    place.setting("incorrect.login.attempts.allowed", "5")
    events = place.admin.listEvents(type="USER.LOCK", listall="true").inner.get("event", [])
    assert any(user == each.get("resourceid") for each in events), events
    unlimited, _, _ = place.account()
    place.setting("incorrect.login.attempts.allowed", "0")
    assert [place.login(unlimited, "wrong").reply.status for _ in range(3)] == [531] * 3
    assert place.login(unlimited).reply.status == 200
    place.setting("incorrect.login.attempts.allowed", "5")


def test_who_does_not_exist_is_told_as_who_mistyped_and_takes_as_long(place):
    name, user, _ = place.account()
    place.setting("incorrect.login.attempts.allowed", "0")
    texts, times = set(), {}
    for who in (name, "nobody", name, "nobody", name, "nobody"):
        began = time.monotonic()
        reply = place.login(who, "wrong").reply
        times.setdefault(who, []).append(time.monotonic() - began)
        texts.add((reply.status, reply.text.replace(who, "?")))
    place.setting("incorrect.login.attempts.allowed", "5")
    assert len(texts) == 1, texts
    print("# wrong password %.3f s, unknown user %.3f s" % (min(times[name]), min(times["nobody"])))


def test_flood_of_logins_leaves_the_cloud_answering(place):
    """Two hashes at once, six waiting: whoever comes then is told 503 and comes again."""
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(place.login("nobody", "wrong").reply.status)) for _ in range(24)]
    for thread in threads:
        thread.start()
    assert place.admin.listZones().status == 200
    for thread in threads:
        thread.join()
    assert set(statuses) <= {531, 503} and 531 in statuses, statuses
    print("# %d of 24 were told to come again" % statuses.count(503))


def test_every_login_makes_a_new_token_and_ends_the_session_it_came_with(place):
    name, _, _ = place.account()
    person = place.login(name)
    assert place.login(name, domain="ROOT").reply.status == 531
    asserted("login", "domain")
    first = {each.name: each.value for each in person.jar}["JSESSIONID"]
    person.login(name, PASSWORD, "shop")
    second = {each.name: each.value for each in person.jar}["JSESSIONID"]
    assert first != second
    stale = Client(place.cloud.url)
    reply = stale.send({"command": "listZones", "response": "json"}, headers={"Cookie": "JSESSIONID=" + first})
    assert reply.status == 401, reply.body
    forced = Client(place.cloud.url)  # a token that somebody chose beforehand does not become a session
    reply = forced.send({"command": "login", "response": "json", "username": name, "password": PASSWORD, "domain": "shop"}, post=True,
                        headers={"Cookie": "JSESSIONID=chosen-by-a-stranger"})
    assert reply.status == 200 and "chosen-by-a-stranger" not in str(reply.headers)


def test_people_see_and_end_their_own_sessions_and_administrators_those_below(place):
    name, user, _ = place.account()
    other_name, other, _ = place.account()
    here, there, stranger = place.login(name), place.login(name), place.login(other_name)
    sessions = here.in_session("listSessions").inner["session"]
    assert len(sessions) == 2 and [each["iscurrent"] for each in sessions].count(True) == 1, sessions
    assert all(each["username"] == name and each["ipaddress"] and each["useragent"].startswith("Python") for each in sessions), sessions
    assert here.in_session("listSessions", userid=other).status == 531
    (foreign,) = stranger.in_session("listSessions").inner["session"]
    assert here.in_session("deleteSession", id=foreign["id"]).status == 531
    assert here.in_session("deleteSessions", userid=other).status == 531
    (current,) = [each for each in sessions if not each["iscurrent"]]
    assert here.in_session("deleteSession", id=current["id"]).inner == {"success": True}
    assert there.in_session("listZones").status == 401
    assert here.in_session("listZones").status == 200
    asserted("deleteSession", "id")
    again = place.login(name)
    assert here.in_session("deleteSessions").inner == {"success": True}
    assert again.in_session("listZones").status == 401 and here.in_session("listZones").status == 200
    assert place.admin.listSessions(userid=user).inner["count"] == 1
    assert {each["username"] for each in place.admin.listSessions(domainid=place.domain).inner["session"]} >= {name, other_name}
    listed = lambda **which: [each["username"] for each in place.admin.listSessions(domainid=place.domain, **which).inner.get("session", [])]
    assert listed(account=name) == [name] and listed(keyword=other_name) == [other_name] and listed(keyword="nobody") == []
    whole = listed()
    assert [listed(page=str(at), pagesize="1") for at in (1, 2)] == [[each] for each in whole[:2]], whole
    assert place.admin.listSessions(domainid=place.domain, retrieveonlyresourcecount="true").inner == {"count": len(whole)}
    asserted("listSessions", "account", "keyword", "page", "pagesize", "retrieveonlyresourcecount")
    assert place.admin.deleteSessions(userid=user).status == 200
    assert here.in_session("listZones").status == 401
    asserted("deleteSessions", "userid")


def test_domain_administrators_reach_no_session_of_mightier_people(place):
    root_name, root, _ = place.account(kind="1")
    _, chief, _ = place.account(kind="2")
    place.login(root_name)
    keys = place.by_key(chief)
    sessions = keys.listSessions(userid=root).inner.get("session", [])
    for each in sessions:
        assert keys.deleteSession(id=each["id"]).status == 531
    assert keys.deleteSessions(userid=root).status == 531


def test_sessions_end_unused_and_after_a_day_at_last(place):
    name, user, _ = place.account()
    person, other = place.login(name), place.login(name)
    place.cloud.rows("UPDATE session SET last_used = UTC_TIMESTAMP() - INTERVAL 31 MINUTE WHERE user_id = (SELECT id FROM login_user WHERE uuid = '%s') "
                     "ORDER BY id LIMIT 1" % user)
    assert person.in_session("listZones").status == 401
    assert other.in_session("listZones").status == 200
    place.cloud.rows("UPDATE session SET created = UTC_TIMESTAMP() - INTERVAL 25 HOUR WHERE user_id = (SELECT id FROM login_user WHERE uuid = '%s')" % user)
    assert other.in_session("listZones").status == 401


def test_sessions_end_with_the_user_and_the_account(place):
    name, user, account = place.account()
    person = place.login(name)
    place.admin.disableUser(id=user)
    assert person.in_session("listZones").status == 401
    place.admin.enableUser(id=user)
    person = place.login(name)
    place.admin.disableAccount(account=account["name"], domainid=place.domain, lock="true")
    assert person.in_session("listZones").status == 401


def test_second_factor_is_asked_for_once_it_was_confirmed(place):
    name, user, account = place.account()
    person = place.login(name)
    assert person.reply.inner["is2faenabled"] == "false" and person.reply.inner["is2faverified"] == "true"
    (provider,) = person.in_session("listUserTwoFactorAuthenticatorProviders").inner["providers"]
    assert provider["name"] == "totp" and provider["description"]
    assert "providers" not in person.in_session("listUserTwoFactorAuthenticatorProviders", name="staticpin").inner
    for command, parameter in (("setupUserTwoFactorAuthentication", "provider"), ("setupUserTwoFactorAuthentication", "enable"),
                               ("validateUserTwoFactorAuthenticationCode", "codefor2fa")):
        reply = person.in_session(command, **{parameter: "a\x01b"})
        assert reply.status == 431 and "for parameter " + parameter in reply.text, reply.body
    asserted("listUserTwoFactorAuthenticatorProviders", "name")
    assert person.in_session("setupUserTwoFactorAuthentication", provider="staticpin").status == 431
    setup = person.in_session("setupUserTwoFactorAuthentication", provider="totp").inner["setup2fa"]
    assert setup["id"] == user and setup["username"] == name and setup["accountid"] == account["id"]
    assert place.login(name).reply.inner["is2faenabled"] == "false"  # nobody is locked out by a secret that was never used
    secret = setup["secretcode"]
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa="000000").status == 511
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa="0" * 17).status == 431
    now = code(secret)
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=now).inner == {"success": True}
    assert place.admin.listUsers(id=user).inner["user"][0]["is2faenabled"] is True

    second = place.login(name)
    said = second.reply.inner
    assert (said["is2faenabled"], said["is2faverified"], said["providerfor2fa"], said["issuerfor2fa"]) == ("true", "false", "totp", "Gurum"), said
    for command in ("listZones", "listUsers", "listSessions", "queryAsyncJobResult", "deleteSessions"):
        reply = second.in_session(command)
        assert reply.status == 511 and "not verified" in reply.text, reply.body
    assert second.in_session("setupUserTwoFactorAuthentication").status == 511  # the password alone chooses no new secret
    assert second.in_session("setupUserTwoFactorAuthentication", enable="false").status == 511
    assert second.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=now).status == 511  # used before
    later = code(secret, time.time() + 30)
    assert second.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=later).status == 200
    assert second.in_session("listZones").status == 200
    asserted("setupUserTwoFactorAuthentication", "provider")
    asserted("validateUserTwoFactorAuthenticationCode", "codefor2fa")
    assert place.by_key(user).listZones().status == 200  # keys are not asked
    stored = place.cloud.rows("SELECT secret_sealed FROM user_factor WHERE uuid = '%s'" % user)[0][0]
    assert stored.startswith("v1:") and secret not in stored


def test_wrong_codes_are_counted(place):
    name, user, _ = place.account()
    person = place.login(name)
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
    attacker = place.login(name)
    for _ in range(5):
        assert attacker.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa="000000").status == 511
    reply = attacker.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret, time.time() + 30))
    assert reply.status == 511 and "Too many" in reply.text, reply.body
    assert any(each.get("resourceid") == user for each in place.admin.listEvents(type="USER.2FA.LOCK", listall="true").inner.get("event", []))


def test_api_key_takes_no_second_factor_of_its_own_user_away(place):
    name, user, _ = place.account()
    person, keys = place.login(name), place.by_key(user)
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
    for more in ({}, {"userid": user}):
        reply = keys.signed("setupUserTwoFactorAuthentication", enable="false", **more)
        assert reply.status == 511 and "API key" in reply.text, reply.body
    assert place.login(name).reply.inner["is2faenabled"] == "true"
    reply = person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa="000000", plan="true")
    assert reply.status == 431 and "plan" in reply.text, reply.body  # a guess that would not be counted
    assert person.in_session("setupUserTwoFactorAuthentication", enable="false").status == 200
    assert place.login(name).reply.inner["is2faenabled"] == "false"


def test_limit_of_wrong_codes_lowered_below_the_count_locks(place):
    name, _, _ = place.account()
    person = place.login(name)
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
    attacker = place.login(name)
    for most in ("5", "5", "5", "2"):
        place.setting("user.2fa.attempts.allowed", most)
        assert attacker.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa="000000").status == 511
    place.setting("user.2fa.attempts.allowed", "5")
    reply = attacker.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret, time.time() + 30))
    assert reply.status == 511 and "Too many" in reply.text, reply.body


def test_second_factor_is_demanded_of_a_user_a_domain_or_a_role(place):
    name, user, _ = place.account()
    person = place.login(name)
    assert person.in_session("updateUser", id=user, mandate2fa="true").status == 531

    def demanded():
        said = place.login(name).reply.inner
        return said["is2faenabled"] == "true"
    assert place.admin.updateUser(id=user, mandate2fa="true").inner["user"]["is2famandated"] is True
    assert demanded()
    place.admin.updateUser(id=user, mandate2fa="false")
    assert not demanded()
    place.setting("mandate.user.2fa", "true", domainid=place.domain)
    assert demanded()
    place.setting("enable.user.2fa", "false", domainid=place.domain)
    assert not demanded()
    place.setting("enable.user.2fa", "true", domainid=place.domain)
    place.setting("mandate.user.2fa", "false", domainid=place.domain)
    place.setting("mandate.user.2fa.roles", "Domain Admin, User", domainid=place.domain)
    owing = place.login(name)
    assert owing.reply.inner["is2faenabled"] == "true" and "providerfor2fa" not in owing.reply.inner
    reply = owing.in_session("listZones")
    assert reply.status == 511 and "setupUserTwoFactorAuthentication" in reply.text, reply.body
    secret = owing.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    assert owing.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
    assert owing.in_session("listZones").status == 200
    assert owing.in_session("setupUserTwoFactorAuthentication", enable="false").status == 531  # demanded: stays
    place.setting("mandate.user.2fa.roles", "", domainid=place.domain)
    assert owing.in_session("setupUserTwoFactorAuthentication", enable="false").status == 200
    assert place.login(name).reply.inner["is2faenabled"] == "false"


def test_administrators_take_a_lost_factor_away_but_set_none_up(place):
    name, user, _ = place.account()
    person = place.login(name)
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret))
    other_name, other, _ = place.account()
    stranger = place.login(other_name)
    assert stranger.in_session("setupUserTwoFactorAuthentication", enable="false", userid=user).status == 531
    assert place.admin.setupUserTwoFactorAuthentication(enable="true", userid=user).status == 431
    assert place.admin.setupUserTwoFactorAuthentication(enable="false", userid=user).status == 200
    assert place.login(name).reply.inner["is2faenabled"] == "false"
    asserted("setupUserTwoFactorAuthentication", "enable", "userid")


def test_factor_that_is_set_up_or_demanded_later_is_asked_for_in_sessions_begun_before(place):
    name, user, _ = place.account()
    here, there = place.login(name), place.login(name)
    may = lambda: [each.in_session("listZones").status for each in (here, there)]

    def set_up():
        secret = here.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
        assert here.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
        return secret
    secret = set_up()
    assert may() == [200, 511]
    verified = {each["iscurrent"]: each["is2faverified"] for each in here.in_session("listSessions").inner["session"]}
    assert verified == {True: True, False: False}, verified
    assert there.in_session("setupUserTwoFactorAuthentication", enable="false").status == 511
    assert there.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret, time.time() + 30)).status == 200
    assert may() == [200, 200]
    place.admin.setupUserTwoFactorAuthentication(enable="false", userid=user)
    assert may() == [200, 200]
    set_up()
    assert may() == [200, 511]  # a code of the factor before is none of this one
    place.admin.setupUserTwoFactorAuthentication(enable="false", userid=user)
    for demand, value in ((lambda wish: place.admin.updateUser(id=user, mandate2fa=wish), ("true", "false")),
                          (lambda wish: place.setting("mandate.user.2fa", wish, domainid=place.domain), ("true", "false")),
                          (lambda wish: place.setting("mandate.user.2fa.roles", wish, domainid=place.domain), ("User", ""))):
        demand(value[0])
        assert may() == [511, 511]
        demand(value[1])
        assert may() == [200, 200]
    asserted("updateUser", "mandate2fa")


def test_nothing_secret_is_logged(place):
    name, user, _ = place.account(password="Unlogged-77-password")
    person = place.login(name, "Unlogged-77-password")
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    now = code(secret)
    person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=now)
    for folder, folders, files in os.walk(place.cloud.run):
        folders[:] = [each for each in folders if each != "db"]
        for each in files:
            if each.endswith(".log"):
                with open(os.path.join(folder, each), errors="replace") as log:
                    text = log.read()
                for word in ("Unlogged-77-password", secret, person.session_key):
                    assert word not in text, each


if __name__ == "__main__":
    with Cloud(zone="none") as the_cloud:
        result = run_tests(globals(), Place(the_cloud))
    close(*result)
