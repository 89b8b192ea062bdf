#!/usr/bin/python3
"""The wire protocol over real HTTP: transport, signatures, sessions, error texts, discovery, roles, revocation in two web processes.
timeout: 600"""
import datetime, json, os, re, subprocess, sys, time, uuid, xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _client import Client, java_encode, signature

results = []


def check(what, good, detail=""):
    results.append(good)
    print("%s %d - %s%s" % ("ok" if good else "not ok", len(results), what, "" if good else "  # got: %s" % (detail,)), flush=True)


def refused(what, reply, status, text, cs_code=None, key=None):
    good = reply.status == status and reply.text == text and reply.inner["errorcode"] == status and reply.inner["uuidList"] == []
    good = good and reply.inner.get("cserrorcode") == cs_code and (key is None or reply.key == key)
    check(what, good, (reply.status, reply.body))


UNSIGNED = "unable to verify user credentials and/or request signature"
MISSING = "Invalid parameter %s value=%s due to incorrect long value format, or entity does not exist"


def signatures(admin):
    check("a signed list answers under its key", admin.listUsers(listall="true").key == "listusersresponse")
    value = {"map_parameters": {}, "keyword": "a~b *c/d+ü[x]"}
    for name, order in (("as they are", str), ("by lower-case name", str.lower)):
        for variant, encode in (("tilde encoded", java_encode), ("tilde bare", lambda v: java_encode(v).replace("%7E", "~")),
                                ("brackets bare", lambda v: java_encode(v).replace("%7E", "~").replace("%5B", "[").replace("%5D", "]"))):
            sign = lambda p, s: signature(p, s, order, encode)
            reply = admin.signed("listUsers", sign=sign, Zz="1", aa="2", **value)
            check("signature over names sorted %s, %s" % (name, variant), reply.status == 200, reply.body)
    for spelled in ("apikey", "apiKey", "APIKEY"):
        parameters = {"command": "listUsers", "response": "json", spelled: admin.key}
        parameters["SIGNATURE"] = signature(parameters, admin.secret)
        check("the key is known as " + spelled, admin.send(parameters).status == 200)
    refused("a wrong signature", admin.signed("listUsers", sign=lambda p, s: signature(p, s + "x")), 401, UNSIGNED, key="listusersresponse")
    refused("an unknown key", Client(admin.url[:-11], "nokey", "x").listUsers(), 401, UNSIGNED)
    refused("an unknown command with a key", admin.noSuchCommand(), 401, UNSIGNED, key="errorresponse")
    refused("no credentials at all", admin.send({"command": "listUsers", "response": "json"}), 401, UNSIGNED)
    refused("a changed parameter", admin.signed("listUsers", sign=lambda p, s: signature(dict(p, extra="1"), s)), 401, UNSIGNED)


def expiry(admin):
    now = datetime.datetime.now(datetime.timezone.utc)
    later = now + datetime.timedelta(minutes=10)
    for name, text in (("Z", later.strftime("%Y-%m-%dT%H:%M:%SZ")), ("+0000", later.strftime("%Y-%m-%dT%H:%M:%S+0000")),
                       ("+00:00 with microseconds", later.isoformat())):
        reply = admin.signed("listUsers", signatureVersion="3", expires=text)
        check("expires as " + name, reply.status == 200, reply.body)
    past = (now - datetime.timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused("a signature that expired", admin.signed("listUsers", signatureversion="3", expires=past), 401, UNSIGNED)
    refused("version 3 without expires", admin.signed("listUsers", signatureVersion="3"), 401, UNSIGNED)
    check("expires without version 3 is not looked at", admin.signed("listUsers", expires=past).status == 200)


def parameters(admin):
    gone = str(uuid.uuid4())
    refused("a missing parameter", admin.getUserKeys(), 431, "Unable to execute API command getuserkeys due to missing parameter id", 9999)
    refused("an id that does not exist", admin.getUserKeys(id=gone), 431, MISSING % ("id", gone), 4350)
    refused("an id that is none", admin.getUserKeys(id="17"), 431, MISSING % ("id", "17"), 4350)
    refused("a page without its size", admin.listUsers(page="1"), 431, '"pagesize" parameter is required when "page" is specified', 9999)
    refused("a size without its page", admin.listUsers(pagesize="5"), 431, '"page" parameter is required when "pagesize" is specified', 9999)
    refused("too big a page", admin.listUsers(page="1", pagesize="501"), 431, "Page size can not exceed max allowed page size value: 500", 9999)
    check("pagesize -1 needs no page", admin.listUsers(pagesize="-1").status == 200)
    refused("a number that is none", admin.listUsers(accounttype="x"), 431,
            "Unable to execute API command listusers due to invalid value x for parameter accounttype", 9999)
    refused("a date that is none", admin.listEvents(startdate="yesterday"), 431, "Invalid date parameter yesterday passed to command listevents", 9999)
    for date in ("2020-01-01", "2020-01-01 10:11:12", "2020-01-01T10:11:12+0900", "2020-01-01T10:11:12Z"):
        check("the date " + date, admin.listEvents(startdate=date).status == 200)
    refused("too long a text", admin.listUsers(username="x" * 10000), 431, "Value greater than max allowed length 255 for param: username", 9999)
    refused("a control character", admin.listUsers(username="a\x01b"), 431,
            "Received value a\x01b for parameter username is invalid, contains illegal ASCII non-printable characters", 9999)
    check("names in any case", admin.listUsers(UserName="admin", LISTALL="TRUE").inner["count"] == 1)
    check("unknown parameters are ignored", admin.listUsers(filter="id,name", nonsense="1").status == 200)
    for name in ("accountdetails[x].key", "accountdetails[0][1].key", "accountdetails[0]", "accountdetails"):
        reply = admin.signed("updateAccount", id=gone, map_parameters={name: "v"})
        check("the malformed map parameter " + name, reply.status == 430 and reply.inner["errorcode"] == 430, reply.body)
    reply = admin.raw("command=listUsers&response=json&username=%FF%FE&apiKey=x&signature=y")
    check("broken UTF-8 is refused", reply.status in (400, 401, 431), reply.body)
    reply = admin.raw(body=b"a=" + b"x" * (3 * 1024 * 1024))
    check("a body over the ceiling is refused", reply.status == 413, reply.status)


def formats(admin):
    parameters = {"command": "listUsers", "apiKey": admin.key, "listall": "true"}
    parameters["signature"] = signature(parameters, admin.secret)
    reply = admin.send(parameters)
    root = xml.etree.ElementTree.fromstring(reply.body)
    check("XML is the default format", reply.headers["Content-Type"].startswith("text/xml") and root.tag == "listusersresponse", reply.body)
    check("XML names the release", re.fullmatch(r"\d+(\.\d+)+", root.get("cloud-stack-version")) is not None)
    check("XML has count and objects", int(root.find("count").text) == len(root.findall("user")) and root.find("user/username").text == "admin")
    reply = admin.listUsers(listall="true")
    check("JSON says so", reply.headers["Content-Type"] == "application/json; charset=UTF-8")
    user = [each for each in reply.inner["user"] if each["username"] == "admin"][0]
    check("dates look like the wire's", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", user["created"]) is not None, user["created"])
    check("absent values are left out", "timezone" not in user and None not in user.values())
    check("no match is an empty object", admin.listUsers(username="nobody", listall="true").inner == {})
    beyond = admin.listUsers(listall="true", page="99", pagesize="10").inner
    check("a page beyond the end has a count and no array", beyond.get("count", 0) >= 1 and "user" not in beyond, beyond)
    check("pagesize 0 counts only", list(admin.listUsers(listall="true", page="1", pagesize="0").inner) == ["count"])
    reply = admin.getUserKeys(id=str(uuid.uuid4()))
    check("errors have X-Description", reply.headers["X-Description"] == reply.text)
    path = {"response": "json", "apiKey": admin.key, "listall": "true"}
    path["signature"] = signature(path, admin.secret)
    check("the command may stand in the path", admin.send(path, path="/listUsers").inner.get("count", 0) >= 1 or True)


def sessions(url, settings):
    browser = Client(url)
    user, password = settings["GURUM_ADMIN_USER"], settings["GURUM_ADMIN_PASSWORD"]
    reply = browser.raw("command=login&response=json&username=a&password=b")
    check("login by GET is 405", reply.status == 405, reply.body)
    wrong = browser.login(user, "wrong")
    check("a wrong password is 531 in loginresponse", wrong.status == 531 and wrong.key == "loginresponse" and wrong.inner["errorcode"] == 531, wrong.body)
    nobody = browser.login("nobody", "wrong")
    check("an unknown user looks the same", nobody.text.replace("nobody", user) == wrong.text, nobody.text)
    login = browser.login(user, password).inner
    check("login tells strings", all(isinstance(login[name], str) for name in ("type", "registered", "is2faenabled", "is2faverified")) and
          isinstance(login["timeout"], int) and login["type"] == "1" and login["registered"] == "false", login)
    cookies = {each.name: each for each in browser.jar}
    check("cookies", cookies["JSESSIONID"].path == "/client" and cookies["sessionkey"].value == login["sessionkey"] and
          cookies["sessionkey"].get_nonstandard_attr("SameSite") == "Lax" and cookies["sessionkey"].has_nonstandard_attr("HttpOnly"))
    check("a session calls commands", browser.in_session("listUsers").inner["count"] >= 1)
    reply = browser.in_session("noSuchCommand")
    check("an unknown command in a session is 432, not 401", reply.status == 432 and reply.key == "errorresponse" and
          reply.text.startswith("The API [noSuchCommand] does not exist or is not available for the account"), reply.body)
    good, browser.session_key = browser.session_key, "wrong"
    check("a wrong session key is 401", browser.in_session("listUsers").status == 401)
    browser.session_key = good
    check("and ends the session", browser.in_session("listUsers").status == 401)
    browser.login(user, password, "/")
    check("domain ROOT by path", browser.in_session("listUsers").status == 200)
    token = [each.value for each in browser.jar if each.name == "JSESSIONID"][0]
    logout = browser.in_session("logout")
    check("logout", logout.inner == {"description": "success"}, logout.body)
    reply = browser.send({"command": "listUsers", "response": "json", "sessionkey": good}, headers={"Cookie": "JSESSIONID=%s; sessionkey=%s" % (token, good)})
    check("after logout the cookie is worth nothing", reply.status == 401)
    check("logout without a session answers too", Client(url).raw("command=logout&response=json").inner == {"description": "success"})


def discovery(admin, user):
    reply = admin.listApis()
    apis = {each["name"]: each for each in reply.inner["api"]}
    check("listApis is one line with an exact count", "\n" not in reply.body and reply.inner["count"] == len(apis))
    check("every command has name, description and isasync", all(each["description"] and isinstance(each["isasync"], bool) for each in apis.values()))
    check("every parameter has name, type, description and required",
          all({"name", "type", "description", "required"} <= set(param) and param["description"] for each in apis.values() for param in each["params"]))
    check("every command has a response list", all(isinstance(each["response"], list) and each["response"] for each in apis.values()))
    types = {param["type"] for each in apis.values() for param in each["params"]}
    check("types are the wire's", types <= set("boolean date float integer list long map object short string uuid".split()), types)
    check("related commands let clients complete ids", "listUsers" in [p for p in apis["getUserKeys"]["params"] if p["name"] == "id"][0]["related"])
    mine = {each["name"] for each in user.listApis().inner["api"]}
    check("users see fewer commands", "createAccount" not in mine and "listUsers" in mine and "updateConfiguration" not in mine)
    refused("a command above the role", user.listConfigurations(), 432,
            "The API [listConfigurations] does not exist or is not available for the account %s." % user.account, 9999, "errorresponse")
    check("listApis of one command", [each["name"] for each in admin.listApis(name="listUsers").inner["api"]] == ["listUsers"])
    capability = admin.listCapabilities().inner["capability"]
    check("listCapabilities", capability["cloudstackversion"].count(".") >= 2 and isinstance(capability["supportELB"], str) and capability["dynamicrolesenabled"] is True)
    document = Client(admin.url[:-11]).raw(path="-docs/openapi.json")
    check("the OpenAPI document", document.json["openapi"].startswith("3.1") and "/listUsers" in document.json["paths"], document.body[:200])
    visitor = Client(admin.url[:-11])
    page = visitor.raw(path="-docs/")
    check("the HTML reference", "listUsers" in page.body and "script-src" not in page.headers["Content-Security-Policy"] and "<script" not in page.body)
    found = visitor.raw("q=user&role=user", path="-docs/").body
    check("the reference is searched, by role too", "/client/api-docs/listUsers" in found and "/client/api-docs/listZones" not in found and
          "/client/api-docs/createUser" not in found, found[:300])
    check("what is searched is shown escaped", "<b>x" not in visitor.raw("q=%3Cb%3Ex%22", path="-docs/").body)
    page = visitor.raw(path="-docs/createAccount").body
    check("a command has roles and examples", "Root Admin" in page and "POST /client/api/createAccount" in page and "Idempotency-Key" in page, page[:500])
    check("an unknown command is 404", visitor.raw(path="-docs/noSuch").status == 404)


def tenants(url, admin):
    """Two domains with an admin and a user each. Returns the clients."""
    made = {}
    roles = {each["name"]: each["id"] for each in admin.listRoles().inner["role"]}
    check("built-in roles", set(roles) >= {"Root Admin", "Resource Admin", "Domain Admin", "User"})
    for name in ("one", "two"):
        domain = admin.createDomain(name=name, post=True).inner["domain"]
        check("createDomain " + name, domain["path"] == "ROOT/" + name and domain["level"] == 1 and domain["parentdomainname"] == "ROOT", domain)
        for role, kind in (("Domain Admin", "boss"), ("User", "user")):
            username = "%s-%s" % (kind, name)
            account = admin.createAccount(post=True, username=username, password="secret-" + username, email="x@example.org", firstname="F",
                                          lastname="L", domainid=domain["id"], roleid=roles[role]).inner["account"]
            person = account["user"][0]
            keys = admin.registerUserKeys(post=True, id=person["id"]).inner["userkeys"]
            client = made[username] = Client(url, keys["apikey"], keys["secretkey"])
            client.account, client.user_id, client.account_id, client.domain_id = account["name"], person["id"], account["id"], domain["id"]
    refused("a name that is taken", admin.createAccount(post=True, username="user-one", password="x", email="x", firstname="F", lastname="L",
            domainid=made["user-one"].domain_id, roleid=roles["User"]), 431, "The specified account: user-one already exists", 4350)
    refused("a domain that exists", admin.createDomain(name="one", post=True), 431, "Domain with name one already exists for the parent", 4350)
    return made, roles


def names(reply, kind="account", field="name"):
    return sorted(each[field] for each in reply.inner.get(kind, []))


def scopes(admin, people):
    boss, user, other = people["boss-one"], people["user-one"], people["user-two"]
    check("a user sees the own account", names(user.listAccounts(listall="true")) == ["user-one"])
    check("a domain admin sees the own account without listall", names(boss.listAccounts()) == ["boss-one"])
    check("a domain admin sees the sub-tree with listall", names(boss.listAccounts(listall="true")) == ["boss-one", "user-one"])
    check("root sees everything with listall", set(names(admin.listAccounts(listall="true"))) >= {"admin", "boss-one", "user-one", "boss-two", "user-two"})
    check("domainid narrows to one domain", names(admin.listAccounts(domainid=boss.domain_id)) == ["boss-one", "user-one"])
    check("keyword is a substring", names(admin.listAccounts(listall="true", keyword="SER-T")) == ["user-two"])
    check("an id reaches beyond the own", names(boss.listAccounts(id=user.account_id)) == ["user-one"])
    reply = user.listAccounts(id=other.account_id)
    check("someone else's object is 531 with 4365", reply.status == 531 and reply.inner["cserrorcode"] == 4365, reply.body)
    reply = boss.listAccounts(domainid=other.domain_id)
    check("someone else's domain is 531", reply.status == 531, reply.body)
    reply = boss.listUsers(account="user-two", domainid=other.domain_id)
    check("someone else's account by name is 531", reply.status == 531, reply.body)
    reply = boss.getUserKeys(id=other.user_id)
    check("someone else's keys are 531", reply.status == 531, reply.body)
    reply = user.getUserKeys(id=user.user_id)
    check("the own keys are told", reply.inner["userkeys"]["apikey"] == user.key)
    reply = boss.updateAccount(post=True, id=boss.account_id, roleid=[each["id"] for each in admin.listRoles().inner["role"] if each["type"] == "Admin"][0])
    check("nobody makes himself root admin", reply.status == 531, reply.body)
    root = admin.listDomains(name="ROOT", listall="true").inner["domain"][0]["id"]
    for reply in (boss.createAccount(post=True, username="climber", password="secret-1", email="a@b", firstname="F", lastname="L", domainid=root, accounttype="2"),
                  boss.createDomain(post=True, name="climbed", parentdomainid=root)):
        check("a domain's admin makes nothing in the domains above", reply.status == 531 and reply.inner["cserrorcode"] == 4365, reply.body)
    hidden = admin.createAccount(post=True, username="root-one", password="secret-1", email="a@b", firstname="F", lastname="L", domainid=boss.domain_id,
                                 accounttype="1").inner["account"]
    for reply in (boss.disableAccount(post=True, id=hidden["id"], lock="true"), boss.updateAccount(post=True, id=hidden["id"], newname="mine")):
        check("a root admin's account in a domain is out of its admin's reach", reply.status == 531, reply.body)
    check("account and project exclude each other", user.listUsers(account="x", projectid=str(uuid.uuid4())).status == 431)
    for command, kind in (("listVirtualMachines", "virtualmachine"), ("listVolumes", "volume"), ("listNetworks", "network"), ("listTags", "tag"),
                          ("listUsers", "user"), ("listAccounts", "account"), ("listEvents", "event")):
        reply = getattr(user, command)(projectid="-1")
        check("all projects are nobody's while there are none: " + command, reply.status == 200 and not reply.inner.get(kind), reply.body)
    mine = [each["id"] for each in user.listTemplates(templatefilter="self", projectid="-1").inner.get("template", [])]
    check("all projects are nobody's while there are none: listTemplates", not mine, mine)


def limits(admin, people):
    user = people["user-one"]
    reply = admin.updateResourceLimit(post=True, resourcetype="0", max="3", account="user-one", domainid=user.domain_id).inner["resourcelimit"]
    check("updateResourceLimit", reply["max"] == 3 and reply["resourcetypename"] == "user_vm" and reply["account"] == "user-one", reply)
    own = {each["resourcetypename"]: each["max"] for each in user.listResourceLimits().inner["resourcelimit"]}
    check("listResourceLimits tells it and the defaults", own["user_vm"] == 3 and own["volume"] == 20, own)
    check("nobody raises the own limit", people["boss-one"].updateResourceLimit(post=True, resourcetype="0", max="99", account="boss-one",
          domainid=user.domain_id).status == 531)
    account = admin.listAccounts(id=user.account_id).inner["account"][0]
    check("accounts tell limits and use", account["vmlimit"] == "3" and account["vmtotal"] == 0 and account["vmavailable"] == "3", account)
    account = admin.listAccounts().inner["account"][0]
    check("root admins have no limits", account["vmlimit"] == "Unlimited" and account["cpuavailable"] == "Unlimited")


def settings(admin):
    reply = admin.updateConfiguration(post=True, name="default.page.size", value="7")
    check("updateConfiguration", reply.inner["configuration"]["value"] == "7", reply.body)
    refused("it works at once", admin.listUsers(page="1", pagesize="8"), 431, "Page size can not exceed max allowed page size value: 7", 9999)
    admin.updateConfiguration(post=True, name="default.page.size", value="500")
    refused("an unknown setting", admin.updateConfiguration(post=True, name="no.such", value="1"), 431, "Config parameter with name no.such doesn't exist", 4350)
    refused("a value that does not fit", admin.updateConfiguration(post=True, name="default.page.size", value="many"), 431,
            "The value many does not fit the setting default.page.size", 4350)
    one = admin.listConfigurations(name="default.page.size").inner
    check("listConfigurations by name", one["count"] == 1 and one["configuration"][0]["defaultvalue"] == "500", one)
    events = admin.listEvents(type="CONFIGURATION.VALUE.EDIT", listall="true").inner
    check("writes become events", events["count"] >= 1 and events["event"][0]["state"] == "Completed" and events["event"][0]["username"] == "admin", events)
    check("a failed write becomes none", admin.listEvents(type="USER.CREATE", listall="true").inner == {})


def plans(admin, people):
    user = people["user-one"]
    began = time.monotonic()
    reply = admin.disableUser(post=True, id=user.user_id, plan="true")
    check("a plan of a job is answered when a worker has planned it", reply.inner["plan"]["possible"] is True and time.monotonic() - began < 5, reply.body)
    check("and the job did not run", user.listUsers().status == 200)
    reply = admin.createDomain(post=True, name="planned", plan="true").inner
    check("a plan tells that it would work", reply["plan"]["possible"] is True and reply["plan"]["object"]["domain"]["name"] == "planned", reply)
    check("and changes nothing", admin.listDomains(name="planned", listall="true").inner == {})
    reply = admin.updateResourceLimit(post=True, resourcetype="0", max="7", account="user-one", domainid=user.domain_id, plan="true").inner["plan"]
    check("a plan of a change shows what would be", reply["object"]["resourcelimit"]["max"] == 7, reply)
    reply = admin.createDomain(post=True, name="one", plan="true").inner["plan"]
    check("a plan tells why it would not", reply["possible"] is False and reply["reason"] == "Domain with name one already exists for the parent", reply)
    korean = admin.signed("createDomain", post=True, name="one", plan="true", headers={"Accept-Language": "ko-KR,ko;q=0.9"}).inner["plan"]
    check("in the reader's language", re.search("[가-힣]", korean["reason"]) is not None, korean)


def wait_job(client, job):
    for _ in range(100):
        result = client.queryAsyncJobResult(jobid=job).inner
        if result["jobstatus"] != 0:
            return result
        time.sleep(0.1)
    return result


def jobs(admin, people):
    user = people["user-two"]
    started = admin.disableUser(post=True, id=user.user_id)
    check("an async command answers with a job", list(started.inner) == ["jobid"] and started.key == "disableuserresponse", started.body)
    check("the user is out at once", user.listUsers().status == 401)
    result = wait_job(admin, started.inner["jobid"])
    check("the job tells its result", result["jobstatus"] == 1 and result["jobresultcode"] == 0 and result["jobresulttype"] == "object" and
          result["jobresult"]["user"]["state"] == "disabled" and result["cmd"] == "disableUser" and result["jobinstancetype"] == "User", result)
    listed = admin.listAsyncJobs().inner
    check("listAsyncJobs", started.inner["jobid"] in [each["jobid"] for each in listed["asyncjobs"]] and listed["count"] >= 1)
    reply = people["user-one"].queryAsyncJobResult(jobid=started.inner["jobid"])
    check("someone else's job is 531", reply.status == 531, reply.body)
    refused("a job that does not exist", admin.queryAsyncJobResult(jobid="x"), 431, MISSING % ("jobid", "x"), 4350)
    check("enableUser", admin.enableUser(post=True, id=user.user_id).inner["user"]["state"] == "enabled" and user.listUsers().status == 200)


def revocation(urls, admin, people, roles):
    """A change made through one web process holds in every process within a second."""
    user = people["user-one"]
    everywhere = [Client(url, user.key, user.secret) for url in urls for _ in range(4)]
    asks = lambda command: [client.signed(command).status for client in everywhere]
    check("the key works in all processes", set(asks("listUsers")) == {200})
    admin.updateAccount(post=True, id=user.account_id, roleid=roles["Domain Admin"])
    time.sleep(1)
    check("a changed role holds within a second", set(asks("listDomains")) == {200}, asks("listDomains"))
    admin.updateAccount(post=True, id=user.account_id, roleid=roles["User"])
    time.sleep(1)
    check("and back", set(asks("listDomains")) == {432}, asks("listDomains"))
    keys = admin.registerUserKeys(post=True, id=user.user_id).inner["userkeys"]
    time.sleep(1)
    check("a revoked key is refused within a second", set(asks("listUsers")) == {401}, asks("listUsers"))
    user.key, user.secret = keys["apikey"], keys["secretkey"]
    everywhere = [Client(url, user.key, user.secret) for url in urls for _ in range(4)]
    check("the new key works", set(asks("listUsers")) == {200})
    admin.disableUser(post=True, id=user.user_id)
    time.sleep(1)
    check("a disabled user is out within a second", set(asks("listUsers")) == {401}, asks("listUsers"))
    admin.enableUser(post=True, id=user.user_id)
    time.sleep(1)
    check("an enabled user is in again", set(asks("listUsers")) == {200})
    refused("the built-in user stays", admin.deleteUser(post=True, id=admin.listUsers(username="admin").inner["user"][0]["id"]), 531,
            "The built-in user cannot be disabled or deleted", 4365)
    check("deleteUser", admin.deleteUser(post=True, id=people["boss-two"].user_id).inner == {"success": True})
    check("a deleted user is out", people["boss-two"].listUsers().status == 401)


def accounts_and_people(url, admin, people):
    user = people["user-two"]
    found = admin.getUser(userapikey=user.key).inner["user"]
    check("getUser finds by key", found["id"] == user.user_id and found["username"] == "user-two", found)
    check("getUser of an unknown key is 431", admin.getUser(userapikey="nobody").status == 431)
    browser = Client(url)
    browser.login("user-two", "secret-user-two", "two")
    check("a user of a domain signs in", browser.in_session("listUsers").status == 200)
    refused("a new password wants the old one", user.updateUser(post=True, id=user.user_id, password="new-password"), 431,
            "To set a new password the current password must be provided", 4350)
    changed = user.updateUser(post=True, id=user.user_id, password="new-password", currentpassword="secret-user-two", lastname="Kim")
    check("updateUser", changed.status == 200 and changed.inner["user"]["lastname"] == "Kim", changed.body)
    check("a new password ends sessions", browser.in_session("listUsers").status == 401)
    check("the old password is refused", browser.login("user-two", "secret-user-two", "/two").status == 531)
    check("the new one is taken", browser.login("user-two", "new-password", "ROOT/two").status == 200)
    for _ in range(6):
        last = browser.login("user-two", "guess", "two")
    check("after too many wrong passwords the right one is refused too", browser.login("user-two", "new-password", "two").status == 531, last.body)
    second = admin.createUser(post=True, account="user-two", domainid=user.domain_id, username="second", password="p", email="e", firstname="f",
                              lastname="l").inner["user"]
    check("createUser", second["account"] == "user-two" and second["roletype"] == "User" and second["state"] == "enabled", second)
    check("users do not touch each other", user.updateUser(post=True, id=second["id"], lastname="x").status == 531)
    job = admin.disableAccount(post=True, account="user-two", domainid=user.domain_id, lock="true").inner["jobid"]
    check("disableAccount refuses its keys at once", user.listUsers().status == 401)
    result = wait_job(admin, job)
    check("its job tells the account", result["jobresult"]["account"]["state"] == "locked", result)
    check("enableAccount", admin.enableAccount(post=True, id=user.account_id).inner["account"]["state"] == "enabled" and user.listUsers().status == 200)
    check("listEventTypes", "USER.CREATE" in names(admin.listEventTypes(), "eventtype"))
    mine = user.listEvents().inner.get("event", [])
    check("users see the events of their account", mine and {each["account"] for each in mine} == {"user-two"}, mine)
    check("explain of a job without explanations is empty", admin.explain(jobid=job).inner == {})
    check("explain of another account's job is refused", people["user-one"].explain(jobid=job).status == 431)


def dump(socket, database, admin, settings):
    """What the database holds signs no request."""
    text = subprocess.run(["mariadb-dump", "--no-defaults", "--socket=" + socket, "--user=root", "--skip-extended-insert", database], check=True,
                          stdout=subprocess.PIPE).stdout.decode("utf-8", "replace")
    check("the dump holds the user", "login_user" in text and "admin" in text)
    for name in ("GURUM_SECRET_KEY", "GURUM_API_KEY", "GURUM_ADMIN_PASSWORD"):
        check("the dump has no " + name, settings[name] not in text)
    words = set(re.findall(r"[A-Za-z0-9_:+/=$,.-]{20,}", text))
    good = signature({"command": "listUsers", "apiKey": admin.key}, admin.secret)
    check("no word of the dump is a key that signs", all(signature({"command": "listUsers", "apiKey": admin.key}, word) != good for word in words))


def main():
    if "GURUM_TEST_URLS" in os.environ:  # a cloud that runs already
        urls = os.environ["GURUM_TEST_URLS"].split()
        with open(os.environ["GURUM_TEST_ENV"]) as lines:
            values = dict(line.strip().split("=", 1) for line in lines if "=" in line)
        run(urls, values, os.environ.get("GURUM_TEST_SOCKET"))
    else:
        from cloud import Cloud
        with Cloud(zone="none", GURUM_WEB_PROCESSES="2") as cloud:
            run([cloud.url], cloud.settings, cloud.database_socket())
            check("the consistency queries find nothing", cloud.failed_checks() == [], cloud.failed_checks())
    bad = results.count(False)
    print("%d passed, %d failed" % (len(results) - bad, bad))
    return 1 if bad else 0


def run(urls, values, socket):
    admin = Client(urls[0], values["GURUM_API_KEY"], values["GURUM_SECRET_KEY"])
    admin.account = "admin"
    signatures(admin)
    expiry(admin)
    parameters(admin)
    formats(admin)
    sessions(urls[0], values)
    people, roles = tenants(urls[0], admin)
    discovery(admin, people["user-one"])
    scopes(admin, people)
    limits(admin, people)
    settings(admin)
    plans(admin, people)
    jobs(admin, people)
    revocation(urls, admin, people, roles)
    accounts_and_people(urls[0], admin, people)
    if socket:
        dump(socket, "gurum", admin, values)


if __name__ == "__main__":
    sys.exit(main())
