"""A small OpenID Connect provider on loopback for tests: `with IdentityProvider() as provider:`. It checks what a real one checks (client,
secret, redirect address, PKCE, a code once) and vouches for `provider.person`. `provider.change(claims)` may spoil its id tokens. Not a test."""
import base64, hashlib, http.server, json, secrets, threading, time, urllib.parse


def segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class IdentityProvider:
    client, secret = "cloud-client", "cloud-secret-77"

    def __init__(self):
        self.person = {"sub": "p1", "email": "kim@example.org", "email_verified": True}
        self.codes, self.tokens, self.asked, self.change = {}, {}, [], lambda claims: claims

    def __enter__(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words):
                pass

            def say(self, status, value, location=None):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                provider.get(self, urllib.parse.urlsplit(self.path))

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                provider.token(self, form)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind, value, trace):
        self.server.shutdown()
        self.server.server_close()

    def code(self, redirect, nonce=None, challenge=None):
        code = secrets.token_urlsafe(16)
        self.codes[code] = (redirect, nonce, challenge)
        return code

    def get(self, handler, url):
        asked = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/.well-known/openid-configuration":
            handler.say(200, {"issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
                              "userinfo_endpoint": self.url + "/user"})
        elif url.path == "/authorize":
            self.asked.append(asked)
            code = self.code(asked["redirect_uri"], asked.get("nonce"), asked.get("code_challenge"))
            back = urllib.parse.urlencode({"code": code, "state": asked["state"]})
            handler.say(302, {}, asked["redirect_uri"] + "?" + back)
        elif url.path in ("/user", "/user/emails"):
            person = self.tokens.get(handler.headers.get("Authorization", "").replace("Bearer ", ""))
            emails = person and [{"email": person["email"], "primary": True, "verified": person.get("email_verified")}]
            handler.say(200 if person else 401, (emails if url.path == "/user/emails" else person) or {})
        else:
            handler.say(404, {})

    def token(self, handler, form):
        redirect, nonce, challenge = self.codes.pop(form.get("code"), (None, None, None))
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        good = (redirect and form.get("redirect_uri") == redirect and form.get("client_id") == self.client and
                form.get("client_secret") == self.secret and (not challenge or proof == challenge))
        if not good:
            return handler.say(400, {"error": "invalid_grant"})
        access = secrets.token_urlsafe(16)
        self.tokens[access] = dict(self.person)
        claims = self.change({"iss": self.url, "aud": self.client, "sub": self.person.get("sub"), "exp": int(time.time()) + 300, "nonce": nonce})
        handler.say(200, {"access_token": access, "token_type": "Bearer", "id_token": "%s.%s.x" % (segment({"alg": "none"}), segment(claims))})
