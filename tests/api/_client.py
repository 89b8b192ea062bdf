"""A small client of the wire protocol for tests: signs as the protocol says, with every variant that existing clients use. Not a test."""
import base64, hashlib, hmac, http.cookiejar, json, urllib.error, urllib.parse, urllib.request


def java_encode(value):
    """java.net.URLEncoder with %20 for blanks: A-Za-z0-9 . - * _ stay."""
    return urllib.parse.quote(value, safe="*").replace("~", "%7E")


def signature(parameters, secret, order=str, encode=java_encode):
    pairs = sorted(parameters.items(), key=lambda pair: order(pair[0]))
    text = "&".join(name + "=" + encode(value) for name, value in pairs).lower()
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def inner(self):
        """The object below the one key of the reply."""
        (value,) = self.json.values()
        return value

    @property
    def key(self):
        (key,) = self.json
        return key

    @property
    def text(self):
        return self.inner.get("errortext")


class Client:
    def __init__(self, url, key=None, secret=None):
        self.url, self.key, self.secret = url.rstrip("/") + "/client/api", key, secret
        self.session_key = None
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def raw(self, query=None, body=None, path="", headers=None):
        request = urllib.request.Request(self.url + path + ("?" + query if query else ""), data=body, headers=headers or {})
        try:
            with self.opener.open(request, timeout=30) as reply:
                return Reply(reply.status, reply.headers, reply.read().decode())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read().decode())

    def send(self, parameters, post=False, path="", headers=None):
        encoded = urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)
        return self.raw(body=encoded.encode(), path=path, headers=headers) if post else self.raw(encoded, path=path, headers=headers)

    def signed(self, command, post=False, sign=signature, headers=None, **parameters):
        """A signed call; names may hold brackets through a dictionary in `map_parameters`."""
        everything = dict(parameters.pop("map_parameters", {}), command=command, response="json", apiKey=self.key)
        everything.update({name: str(value) for name, value in parameters.items()})
        everything["signature"] = sign(everything, self.secret)
        return self.send(everything, post, headers=headers)

    def __getattr__(self, command):
        return lambda **parameters: self.signed(command, **parameters)

    def login(self, username, password, domain=None):
        parameters = {"command": "login", "response": "json", "username": username, "password": password}
        if domain:
            parameters["domain"] = domain
        reply = self.send(parameters, post=True)
        self.session_key = reply.inner.get("sessionkey")
        return reply

    def in_session(self, command, **parameters):
        return self.send(dict(parameters, command=command, response="json", sessionkey=self.session_key or ""))
