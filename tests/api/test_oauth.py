#!/usr/bin/python3
"""Identity providers: the code flow against a small real OpenID Connect provider, from commands and from the portal; what is not believed.
timeout: 300"""
import http.cookiejar, os, sys, time, urllib.error, urllib.parse, urllib.request, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from identity_provider import IdentityProvider
from results import close, run_tests
from test_signin import Place


class Gate(Place):
    def __init__(self, cloud, provider):
        super().__init__(cloud)
        self.provider, self.anybody = provider, Client(cloud.url)
        self.redirect = cloud.url + "/login/oauth/corp/callback"

    def call(self, command, **parameters):
        return self.anybody.send(dict(parameters, command=command, response="json"), post=True)

    def register(self, **changes):
        values = dict(provider="corp", description="Our company", clientid=self.provider.client, secretkey=self.provider.secret,
                      redirecturi=self.redirect, map_parameters={"details[0].issuer": self.provider.url})
        values.update(changes)
        return self.admin.registerOauthProvider(post=True, **values)

    def sign_in(self, subject, email, provider="corp"):
        """Who is signed in as somebody whom the provider calls so; None: nobody."""
        self.provider.person.update({"email": email}, **({"sub": subject} if subject else {}))
        return self.call("oauthlogin", provider=provider, email=email, secretcode=self.provider.code(self.redirect), domain="shop").inner.get("userid")

    def person(self, email):
        name, user, _ = self.account()
        self.admin.updateUser(id=user, email=email)
        return name, user

    def browser(self):
        """Goes where it is sent, with cookies; the last page's status and text."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

        def go(path, headers=None):
            request = urllib.request.Request(path if path.startswith("http") else self.cloud.url + path, headers=headers or {})
            try:
                with opener.open(request, timeout=30) as reply:
                    return reply.status, reply.read().decode(), reply.url
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode(), error.url
        go.jar = jar
        return go


def test_providers_are_reached_only_where_it_is_allowed(gate):
    reply = gate.register()
    assert reply.status == 534, reply.body  # loopback is nobody's provider until a setting says so
    gate.setting("oauth2.allowed.addresses", "10.0.0.0/8, 127.0.0.1")
    assert gate.register(provider="a b").status == 431
    assert gate.register(map_parameters={}).status == 431  # no addresses
    assert gate.register(map_parameters={"details[0].issuer": "file:///etc/passwd"}).status == 431
    assert gate.register().inner == {"success": True}
    assert gate.register().status in (431, 536)
    (row,) = gate.admin.listOauthProvider(provider="corp").inner["oauthprovider"]
    assert row["clientid"] == gate.provider.client and row["enabled"] is True and row["authorizeurl"] == gate.provider.url + "/authorize", row
    assert "secretkey" not in row and (row["provider"], row["description"], row["redirecturi"]) == ("corp", "Our company", gate.redirect), row
    assert gate.call("listOauthProvider", id=str(uuid.uuid4())).status == 431
    stored = gate.cloud.rows("SELECT secret_sealed FROM oauth_provider")[0][0]
    assert stored.startswith("v1:") and gate.provider.secret not in stored
    gate.id = row["id"]


def test_code_is_verified_and_signs_in_once(gate):
    name, user = gate.person("kim@example.org")
    assert gate.call("verifyOAuthCodeAndGetUser", provider="corp", secretcode="x").status == 531  # not switched on
    gate.setting("oauth2.enabled", "true")
    code = gate.provider.code(gate.redirect)
    assert gate.call("verifyOAuthCodeAndGetUser", provider="corp", secretcode=code).inner == {"oauthemail": {"email": "kim@example.org"}}
    asserted("registerOauthProvider", "provider", "description", "clientid", "secretkey", "redirecturi", "details")
    assert gate.call("verifyOAuthCodeAndGetUser", provider="else", secretcode=code).status == 531
    asserted("verifyOAuthCodeAndGetUser", "provider", "secretcode")
    login = dict(provider="corp", email="kim@example.org", secretcode=code, domain="shop")
    assert gate.call("oauthlogin", **dict(login, email="root@example.org")).status == 531  # takes what was verified, and is refused
    code = gate.provider.code(gate.redirect)
    login["secretcode"] = code
    gate.call("verifyOAuthCodeAndGetUser", provider="corp", secretcode=code)
    person = Client(gate.cloud.url)
    reply = person.send(dict(login, command="oauthlogin", response="json"), post=True)
    assert reply.key == "oauthloginresponse" and reply.inner["username"] == name, reply.body
    person.session_key = reply.inner["sessionkey"]
    assert person.in_session("listZones").status == 200
    assert gate.call("oauthlogin", **login).status in (531, 534)  # the code is spent
    code = gate.provider.code(gate.redirect)
    assert gate.call("oauthlogin", **dict(login, secretcode=code)).status == 200  # also without the step before
    code = gate.provider.code(gate.redirect)
    assert gate.call("oauthlogin", **dict(login, secretcode=code, domainId=gate.domain, domain="")).status == 200
    assert gate.anybody.send(dict(login, command="oauthlogin", response="json")).status == 405
    for wrong in ({"domain": "ROOT"}, {"provider": "else"}):
        assert gate.call("oauthlogin", **dict(login, secretcode=gate.provider.code(gate.redirect), **wrong)).status == 531, wrong
    asserted("oauthlogin", "domain", "email", "provider", "secretcode")


def test_person_stays_the_user_that_he_was_at_first(gate):
    (_, first), (_, second) = [gate.person(each) for each in ("one@example.org", "two@example.org")]
    try:
        assert gate.sign_in("s1", "one@example.org") == first
        assert gate.sign_in("s1", "two@example.org") == first  # another address at the provider is nobody else's way in
        assert gate.sign_in("s2", "one@example.org") is None  # nor is an address that was given to somebody else
        assert gate.sign_in("s2", "two@example.org") == second
        gate.admin.updateUser(id=first, email="three@example.org")  # here an administrator says who it is
        assert gate.sign_in("s1", "one@example.org") is None
        assert gate.sign_in("s3", "three@example.org") == first
        assert gate.sign_in("S3", "three@example.org") is None
        gate.admin.deleteUser(id=first)
        _, third = gate.person("three@example.org")
        assert gate.sign_in("s1", "three@example.org") == third
    finally:
        gate.provider.person.update(sub="p1", email="kim@example.org")


def test_providers_without_id_tokens_tell_who_it_is_by_number(gate):
    _, user = gate.person("plain@example.org")
    for path in ("/user", "/user/emails"):
        details = {"details[%d].%s" % (at, name): gate.provider.url + way for at, (name, way) in
                   enumerate({"authorizeurl": "/authorize", "tokenurl": "/token", "userinfourl": path}.items())}
        assert gate.register(provider="plain", map_parameters=details).status == 200
        kept = gate.provider.person
        gate.provider.person = {"id": 7, "email": "plain@example.org", "email_verified": True}
        try:
            assert gate.sign_in(None, "plain@example.org", "plain") == user, path
            gate.provider.person["id"] = 8
            assert gate.sign_in(None, "plain@example.org", "plain") is None, path
            del gate.provider.person["id"]
            assert gate.sign_in(None, "plain@example.org", "plain") is None, path
        finally:
            gate.provider.person = kept
            gate.admin.deleteOauthProvider(id=gate.admin.listOauthProvider(provider="plain").inner["oauthprovider"][0]["id"])


def test_what_the_provider_says_is_not_believed_blindly(gate):
    def refused():
        return gate.call("verifyOAuthCodeAndGetUser", provider="corp", secretcode=gate.provider.code(gate.redirect)).status
    spoilt = {"issuer": {"iss": "https://evil.example.org"}, "audience": {"aud": "somebody-else"}, "age": {"exp": int(time.time()) - 3600},
              "subject": {"sub": "p2"}}
    for what, claims in spoilt.items():
        gate.provider.change = lambda said, claims=claims: dict(said, **claims)
        assert refused() == 531, what
    gate.provider.change = lambda said: dict(said, aud=["other", gate.provider.client])
    assert refused() == 200
    gate.provider.change = lambda said: said
    gate.provider.person["email_verified"] = False
    assert refused() == 531
    gate.provider.person["email_verified"] = True


def test_issuer_vouches_only_for_addresses_that_it_calls_verified(gate):
    def status(provider="corp"):
        return gate.call("verifyOAuthCodeAndGetUser", provider=provider, secretcode=gate.provider.code(gate.redirect)).status
    details = {"details[0].issuer": gate.provider.url, "details[1].allowunverifiedemail": "true"}
    assert gate.register(provider="quiet", map_parameters=details).status == 200
    try:
        for said, believed, believed_of_quiet in ((True, 200, 200), ("true", 200, 200), (False, 531, 531), ("false", 531, 531), (None, 531, 531)):
            gate.provider.person["email_verified"] = said
            assert (status(), status("quiet")) == (believed, believed_of_quiet), said
        del gate.provider.person["email_verified"]
        assert (status(), status("quiet")) == (531, 200)
        quiet = gate.admin.listOauthProvider(provider="quiet").inner["oauthprovider"][0]["id"]
        gate.admin.updateOauthProvider(post=True, id=quiet, map_parameters={"details[0].allowunverifiedemail": "false"})
        assert status("quiet") == 531
        gate.admin.updateOauthProvider(post=True, id=quiet, map_parameters={"details[0].key": "allowunverifiedemail", "details[0].value": "true"})
        assert status("quiet") == 200
        asserted("updateOauthProvider", "details")
        both = gate.admin.listOauthProvider().inner["oauthprovider"]
        for at, provider in enumerate(both, 1):
            assert gate.admin.listOauthProvider(page=str(at), pagesize="1").inner == {"count": 2, "oauthprovider": [provider]}
        assert gate.admin.listOauthProvider(keyword="qui").inner == {"count": 1, "oauthprovider": [both[1]]}
        assert gate.admin.listOauthProvider(retrieveonlyresourcecount="true").inner == {"count": 2}
        asserted("listOauthProvider", "page", "pagesize", "keyword", "retrieveonlyresourcecount")
    finally:
        gate.provider.person["email_verified"] = True
        quiet = gate.admin.listOauthProvider(provider="quiet").inner["oauthprovider"][0]["id"]
        gate.admin.deleteOauthProvider(id=quiet)


def test_addresses_that_look_alike_are_others(gate):
    name, _ = gate.person("chief@corp.example")

    def status(email):
        gate.provider.person.update(sub="chief", email=email)
        return gate.call("oauthlogin", provider="corp", email=email, secretcode=gate.provider.code(gate.redirect), domain="shop").status
    try:
        for email in ("chief@c\u00f6rp.example", "chi\u00e9f@corp.example", "chief@corp.example "):
            assert status(email) == 531, email
        assert status("Chief@Corp.Example") == 200
        gate.person("chi\u00e9f@corp.example")  # who looks alike takes nobody's way in
        assert status("chief@corp.example") == 200
    finally:
        gate.provider.person.update(sub="p1", email="kim@example.org")


def test_failing_codes_of_one_address_are_no_longer_sent_to_the_provider(gate):
    gate.cloud.rows("DELETE FROM sign_in_guess")
    gate.setting("login.failures.per.address", "3")

    def status(code=None, **more):
        code = code or gate.provider.code(gate.redirect)
        asked = {"command": "verifyOAuthCodeAndGetUser", "response": "json", "provider": "corp", "secretcode": code}
        return gate.anybody.send(dict(asked, **more)).status
    try:
        assert [status() for _ in range(5)] == [200] * 5  # who succeeds is not counted
        assert status(plan="true") == 431  # nothing could be counted
        assert [status("guess") for _ in range(3)] == [534] * 3
        good = gate.provider.code(gate.redirect)
        assert status("guess") == 429 and status(good) == 429 and good in gate.provider.codes
    finally:
        gate.setting("login.failures.per.address", "100")
        gate.cloud.rows("DELETE FROM sign_in_guess")
    assert status(good) == 200


def test_portal_goes_to_the_provider_and_back(gate):
    go = gate.browser()
    assert "Sign in with Our company" in go("/login")[1]
    status, text, url = go("/login/oauth/corp?next=/tasks&domain=shop")
    assert status == 200 and url == gate.cloud.url + "/tasks", (status, url)
    asked = gate.provider.asked[-1]
    assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) > 30 and asked["nonce"] != asked["state"], asked
    assert "gurum_session" in {each.name for each in go.jar}
    assert gate.browser()("/login/oauth/corp?next=//evil.example.org&domain=shop")[2] == gate.cloud.url + "/"


def test_somebody_elses_way_back_is_refused(gate):
    code = gate.provider.code(gate.redirect)
    victim = gate.browser()  # a page of the attacker's sends the victim's browser back with the attacker's code
    status, text, _ = victim("/login/oauth/corp/callback?code=%s&state=guess" % code)
    assert status in (401, 403) and "gurum_session" not in {each.name for each in victim.jar}, status
    gate.provider.change = lambda said: dict(said, nonce="of-another-request")
    assert gate.browser()("/login/oauth/corp?domain=shop")[0] in (401, 403)
    gate.provider.change = lambda said: said
    assert gate.browser()("/login/oauth/corp?domain=nowhere")[0] in (401, 403)


def test_second_factor_is_asked_for_after_the_provider_too(gate):
    user = gate.admin.listUsers(listall="true", keyword="kim@example.org").inner["user"][0]["id"]
    gate.admin.updateUser(id=user, mandate2fa="true")
    assert gate.browser()("/login/oauth/corp?domain=shop&next=/tasks")[2] == gate.cloud.url + "/login/factor"
    gate.admin.updateUser(id=user, mandate2fa="false")


def test_provider_is_changed_switched_off_and_removed(gate):
    def status():
        return gate.call("verifyOAuthCodeAndGetUser", provider="corp", secretcode=gate.provider.code(gate.redirect)).status
    assert gate.admin.updateOauthProvider(id=gate.id, secretkey="other").status == 200 and status() == 534
    assert gate.admin.updateOauthProvider(id=gate.id, secretkey=gate.provider.secret).status == 200 and status() == 200
    asserted("updateOauthProvider", "secretkey")
    changed = gate.admin.updateOauthProvider(id=gate.id, description="The firm", clientid="other", secretkey="other", redirecturi=gate.redirect)
    assert changed.inner["oauthprovider"]["description"] == "The firm" and changed.inner["oauthprovider"]["clientid"] == "other", changed.body
    assert status() == 534  # that client is nobody there
    assert gate.admin.updateOauthProvider(id=gate.id, enabled="false").inner["oauthprovider"]["enabled"] is False
    assert not gate.call("listOauthProvider").inner.get("oauthprovider")
    assert gate.admin.listOauthProvider(id=gate.id).inner["count"] == 1
    assert "The firm" not in gate.browser()("/login")[1]
    assert gate.admin.deleteOauthProvider(id=gate.id).inner == {"success": True}
    assert gate.admin.updateOauthProvider(id=gate.id, enabled="true").status == 431
    assert gate.cloud.rows("SELECT COUNT(*) FROM oauth_link") == [["0"]]
    asserted("deleteOauthProvider", "id")


def test_forms_of_other_sites_sign_nobody_in(gate):
    request = urllib.request.Request(gate.cloud.url + "/login", b"username=a&password=b", headers={"Origin": "https://evil.example.org"})
    try:
        urllib.request.urlopen(request, timeout=30)
        raise AssertionError("it was taken")
    except urllib.error.HTTPError as error:
        assert error.code == 403, error.code


if __name__ == "__main__":
    with IdentityProvider() as the_provider, Cloud(zone="none") as the_cloud:
        result = run_tests(globals(), Gate(the_cloud, the_provider))
    close(*result)
