#!/usr/bin/python3
"""Forgotten passwords: a letter with a link to whoever has an account, the same answer to everybody; letters of a brand, through a real
SMTP server on this machine.
timeout: 300"""
import email, email.policy, os, re, sys, threading, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cloud import Cloud
from contract import asserted
from results import close, run_tests
from test_signin import PASSWORD, Place


class Sink:
    """Keeps what it gets; `refusals` letters are refused first."""

    def __init__(self):
        self.letters, self.refusals, self.logins = [], 0, []

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 try again"
        self.letters.append((envelope, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 kept"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"mail-secret")

    def wait(self, count, seconds=40):
        end = time.monotonic() + seconds
        while len(self.letters) < count:
            assert time.monotonic() < end, "%d letters, not %d" % (len(self.letters), count)
            time.sleep(0.05)
        return self.letters[count - 1]


class Post(Place):
    def __init__(self, cloud):
        super().__init__(cloud)
        self.sink = Sink()
        self.server = Controller(self.sink, hostname="127.0.0.1", port=0, authenticator=self.sink.authenticate, auth_require_tls=False)
        self.server.port = self.free_port()
        self.server.start()
        for name, value in {"alert.smtp.host": "127.0.0.1", "alert.smtp.port": self.server.port, "alert.email.sender": "cloud@example.org"}.items():
            self.setting(name, str(value))
        self.anybody = Client(cloud.url)

    @staticmethod
    def free_port():
        import socket
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return listener.getsockname()[1]

    def ask(self, name, domain="shop", **headers):
        return self.anybody.send({"command": "forgotPassword", "response": "json", "username": name, "domain": domain}, post=True, headers=headers)

    def reset(self, name, token, password, domain="shop"):
        return self.anybody.send({"command": "resetPassword", "response": "json", "username": name, "domain": domain, "token": token,
                                  "password": password}, post=True)

    def answered(self):
        """All requests were looked at and all letters sent."""
        end = time.monotonic() + 40
        while self.cloud.rows("SELECT COUNT(*) FROM job WHERE kind IN ('user.password_reset', 'mail.send') AND state IN ('queued', 'running', 'waiting')") != [["0"]]:
            assert time.monotonic() < end, self.cloud.rows("SELECT kind, state, error_key, error_detail FROM job ORDER BY id DESC LIMIT 5")
            time.sleep(0.05)


def parts(message):
    return {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}


def token_of(message):
    link = re.search(r"https?://\S+/password/reset\S+", parts(message)["text/plain"]).group(0)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query)), link


def test_letter_brings_a_link_that_sets_a_new_password_once(post):
    name, user, _ = post.account()
    person = post.login(name)
    assert post.ask(name).inner == {"success": True}
    envelope, message = post.sink.wait(1)
    assert envelope.rcpt_tos == [name + "@example.org"] and envelope.mail_from == "cloud@example.org"
    assert message["subject"] == "New password for Gurum" and message["auto-submitted"] == "auto-generated" and message["message-id"]
    asked, link = token_of(message)
    assert link.startswith(post.cloud.url + "/password/reset") and asked["username"] == name and asked["domain"] == "/shop/"
    assert asked["token"] in parts(message)["text/html"]
    stored = post.cloud.rows("SELECT token_hash FROM password_reset WHERE token_hash IS NOT NULL")
    assert asked["token"] not in str(stored) and len(stored) == 1
    assert post.reset(name, asked["token"], "New-password-1", domain="/").status == 431  # somebody of that name elsewhere
    assert post.reset("nobody", asked["token"], "New-password-1").status == 431  # somebody else's name
    post.setting("password.policy.minimum.length", "20")
    assert "at least [20]" in post.reset(name, asked["token"], "New-password-1").text
    post.setting("password.policy.minimum.length", "0")
    assert post.reset(name, asked["token"], "New-password-1").inner == {"success": True}
    assert post.reset(name, asked["token"], "New-password-2").status == 431
    assert post.login(name).reply.status == 531 and post.login(name, "New-password-1").reply.status == 200
    asserted("resetPassword", "username", "domain", "token", "password")
    assert person.in_session("listZones").status == 401  # old sessions ended
    post.answered()
    assert post.cloud.rows("SELECT COUNT(*) FROM mail") == [["0"]]


def test_nobody_learns_whether_there_is_such_a_user(post):
    name, _, _ = post.account()
    before = len(post.sink.letters)
    known = post.ask(name)
    for unknown in (post.ask("nobody-of-that-name"), post.ask(name, domain="ROOT")):
        assert (known.status, known.body) == (unknown.status, unknown.body)
    post.sink.wait(before + 1)
    post.answered()
    assert len(post.sink.letters) == before + 1
    asserted("forgotPassword", "username", "domain")
    assert post.reset("nobody-of-that-name", "x" * 43, "y").body == post.reset(name, "x" * 43, "y").body
    assert not post.admin.listAsyncJobs(listall="true", keyword="forgotPassword").inner.get("count")


def test_old_links_are_worthless(post):
    name, _, _ = post.account()
    before = len(post.sink.letters)
    post.ask(name)
    asked, _ = token_of(post.sink.wait(before + 1)[1])
    post.cloud.rows("UPDATE password_reset SET expires = UTC_TIMESTAMP() - INTERVAL 1 SECOND WHERE token_hash IS NOT NULL")
    assert post.reset(name, asked["token"], "New-password-1").status == 431


def test_requests_are_few_per_user_and_per_address(post):
    post.setting("user.password.reset.requests.per.address", "1000")
    name, _, _ = post.account()
    before = len(post.sink.letters)
    for _ in range(5):
        assert post.ask(name).status == 200  # no difference to see
    post.sink.wait(before + 3)
    post.answered()
    assert len(post.sink.letters) == before + 3
    post.setting("user.password.reset.requests.per.address", "1")
    reply = post.ask("whoever")
    assert reply.status == 429, reply.body
    post.setting("user.password.reset.requests.per.address", "1000")


def test_letter_is_the_brands_in_the_readers_language(post):
    brand = post.admin.createBrand(name="가게 클라우드", hosts="shop.example.org", domainid=post.domain)
    assert brand.status == 200, brand.body
    name, _, _ = post.account()
    before = len(post.sink.letters)
    post.ask(name, **{"Accept-Language": "ko", "Host": "evil.example.com"})
    envelope, message = post.sink.wait(before + 1)
    assert message["subject"] == "가게 클라우드 새 비밀번호" and "가게 클라우드" in message["from"], (message["subject"], message["from"])
    asked, link = token_of(message)
    assert urllib.parse.urlsplit(link).hostname == "shop.example.org" and "evil" not in envelope.content.decode() + parts(message)["text/plain"]


def test_letters_are_sent_again_when_the_server_was_busy_and_with_a_password(post):
    name, _, _ = post.account()
    before = len(post.sink.letters)
    post.sink.refusals = 2
    post.setting("alert.smtp.useAuth", "true")
    post.setting("alert.smtp.username", "cloud")
    post.setting("alert.smtp.password", "mail-secret")
    post.ask(name)
    post.sink.wait(before + 1)
    assert post.sink.logins[-1] == (b"cloud", b"mail-secret")
    stored = post.cloud.rows("SELECT value FROM setting_value WHERE name = 'alert.smtp.password'")[0][0]
    assert stored.startswith("v1:")
    post.setting("alert.smtp.useAuth", "false")


def test_without_a_mail_server_it_is_not_offered(post):
    post.setting("alert.smtp.host", "")
    assert post.ask("whoever").status == 531
    post.setting("alert.smtp.host", "127.0.0.1")
    post.setting("user.password.reset.enabled", "false")
    assert post.ask("whoever").status == 531
    post.setting("user.password.reset.enabled", "true")


def test_identity_providers_of_saml_are_none(post):
    assert post.anybody.send({"command": "listIdps", "response": "json"}).body == '{"listidpsresponse":{}}'


if __name__ == "__main__":
    with Cloud(zone="none") as the_cloud:
        the_post = Post(the_cloud)
        try:
            result = run_tests(globals(), the_post)
        finally:
            the_post.server.stop()
    close(*result)
