#!/usr/bin/python3
"""Bad input for every parameter of every listed command, made from listApis: the exact code and text of the wire, and nothing written.
timeout: 600"""
import os, sys, urllib.parse, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client, signature
from cloud import Cloud

UNSIGNED = "unable to verify user credentials and/or request signature"
MISSING = "Invalid parameter %s value=%s due to incorrect long value format, or entity does not exist"
# What a required text must be, so that the parameter under test is the one that is wrong.
WORDS = {"templatefilter": "all", "traffictype": "Guest", "action": "enable", "accounttype": "0", "resourcetype": "0", "networktype": "Advanced",
         "clustertype": "CloudManaged", "format": "QCOW2", "hypervisor": "Simulator", "guestiptype": "Isolated", "requireshvm": "true",
         "supportedservices": "Dhcp", "url": "http://sim/images/x.qcow2", "startdate": "2026-01-01", "enddate": "2026-01-02",
         "resourceids": "x", "state": "Enabled", "ids": "", "permission": "allow"}
# Rows that come and go by themselves: heartbeats and the work of schedules.
# The cloud's own jobs (it looks at hosts and pools now and then) belong to no user and may come at any moment.
ASKED_FOR = {"job": " WHERE user_id <> 0", "job_step": " WHERE job_id IN (SELECT id FROM job WHERE user_id <> 0)",
             "job_note": " WHERE job_id IN (SELECT id FROM job WHERE user_id <> 0)"}
RESTLESS = {"job_process", "job_schedule", "session", "provider_leftover", "host_stats", "vm_stats", "vm_stats_half_hour", "vm_stats_now", "audit_record"}
# Commands that answer without credentials, and take what they get.
OPEN = {"login", "logout", "oauthlogin", "verifyOAuthCodeAndGetUser", "listOauthProvider", "forgotPassword", "resetPassword", "listIdps"}
counts = {"passed": 0, "failed": 0}


def check(what, good, detail=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL  %s  # got: %s" % (what, str(detail)[:600]), flush=True)


def refused(what, reply, status, text, cs_code):
    try:
        inner = reply.inner
        good = reply.status == status and inner["errorcode"] == status and inner["errortext"] == text and inner["uuidList"] == []
        good = good and inner.get("cserrorcode") == cs_code and (reply.headers["X-Description"] is not None or not text.isprintable())
    except (ValueError, KeyError):
        good = False
    check(what, good, (reply.status, reply.body))


class Bench:
    """What the generated requests need: the commands, their names in error texts, one object of each kind."""

    def __init__(self, cloud, client):
        self.cloud, self.client = cloud, client
        self.apis = {each["name"]: each for each in client.listApis().inner["api"]}
        paths = client.raw(path="-docs/openapi.json").json["paths"]
        self.wire_names = {}
        for path, operations in paths.items():
            ((_, operation),) = operations.items()
            (key,) = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
            self.wire_names[path[1:]] = key.removesuffix("response")
            if operation.get("security") == [{"session": [], "sessionKey": []}]:
                self.apis.pop(path[1:], None)  # takes no key
        self.ids = {}

    def id_for(self, parameter):
        """The id of an object that the parameter may name; None: there is none."""
        related = parameter.get("related") or "listDomains"
        if related not in self.ids:
            lists = [name for name in related.split(",") if name.startswith("list") and name in self.apis]
            found = None
            for name in lists[:1]:
                more = {each["name"]: self.id_for(each) for each in self.apis[name]["params"] if each["required"] and each["type"] == "uuid"}
                inner = self.client.signed(name, listall="true", templatefilter="all", **more).inner
                objects = [value for value in inner.values() if isinstance(value, list)]
                found = objects[0][0]["id"] if objects and objects[0] else None
            self.ids[related] = found
        return self.ids[related]

    def filled(self, command, but):
        """Every required parameter with a value that parses, except one."""
        values = {}
        for parameter in self.apis[command]["params"]:
            name = parameter["name"]
            if not parameter["required"] or name == but:
                continue
            if parameter["type"] == "uuid":
                values[name] = self.id_for(parameter) or str(uuid.uuid4())
            elif parameter["type"] == "map":
                values[name + "[0].key"] = "k"
                values[name + "[0].value"] = "v"
            else:
                values[name] = WORDS.get(name, "1" if parameter["type"] in ("integer", "long", "short", "float") else "x")
        return values

    def call(self, command, but, **values):
        everything = dict(self.filled(command, but))
        everything.update(values)
        return self.client.signed(command, post=True, map_parameters=everything)

    def parameters(self, *types):
        return [(command, parameter) for command, api in sorted(self.apis.items()) if command not in OPEN
                for parameter in api["params"] if parameter["type"] in types]

    def rows(self):
        tables = [row[0] for row in self.cloud.rows("SHOW TABLES") if row[0] not in RESTLESS]
        statement = " UNION ALL ".join("SELECT '%s', COUNT(*) FROM `%s`%s" % (table, table, ASKED_FOR.get(table, "")) for table in tables)
        return {table: int(count) for table, count in self.cloud.rows(statement)}


def missing_parameters(bench):
    for command, parameter in bench.parameters("string", "uuid", "integer", "long", "boolean", "date", "list", "map", "float"):
        if parameter["required"]:
            name = parameter["name"]
            refused("%s without %s" % (command, name), bench.call(command, name), 431,
                    "Unable to execute API command %s due to missing parameter %s" % (bench.wire_names[command], name), 9999)


def unreadable(bench):
    for command, parameter in bench.parameters("string", "boolean", "date", "list"):
        name = parameter["name"]
        refused("%s with a control character in %s" % (command, name), bench.call(command, name, **{name: "a\x01b"}), 431,
                "Received value a\x01b for parameter %s is invalid, contains illegal ASCII non-printable characters" % name, 9999)


def texts(bench):
    for command, parameter in bench.parameters("string"):
        name, longest = parameter["name"], parameter.get("length", 255)
        if longest < 10000:
            refused("%s with 10,000 characters in %s" % (command, name), bench.call(command, name, **{name: "한" * 10000}), 431,
                    "Value greater than max allowed length %d for param: %s" % (longest, name), 9999)


def numbers(bench):
    huge = ("9" * 30, "-" + "9" * 30, "9223372036854775808")
    for command, parameter in bench.parameters("integer", "long", "short"):
        for value in ("x", "1.5", "0x10", " 1", *huge, *(("2147483648",) if parameter["type"] == "integer" else ())):
            name = parameter["name"]
            refused("%s with %s=%s" % (command, name, value), bench.call(command, name, **{name: value}), 431,
                    "Unable to execute API command %s due to invalid value %s for parameter %s" % (bench.wire_names[command], value, name), 9999)
    for command, values in (("createServiceOffering", {"cpunumber": "-1"}), ("createServiceOffering", {"memory": "-512"}),
                            ("createServiceOffering", {"cpunumber": "1", "cpuspeed": "-1", "memory": "512"}),
                            ("createDiskOffering", {"disksize": "-1"}), ("deployVirtualMachine", {"rootdisksize": "-1"}),
                            ("deployVirtualMachine", {"size": "-1"})):
        reply = bench.call(command, None, **values)
        check("%s with %s" % (command, values), reply.status == 431, reply.body)


def dates_and_maps(bench):
    for command, parameter in bench.parameters("date"):
        for value in ("yesterday", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z"):
            refused("%s with %s=%s" % (command, parameter["name"], value), bench.call(command, parameter["name"], **{parameter["name"]: value}), 431,
                    "Invalid date parameter %s passed to command %s" % (value, bench.wire_names[command]), 9999)
    for command, parameter in bench.parameters("map"):
        for suffix in ("[x].key", "[0][1].key", "[].key", "[-1].key", "[0]", "[0].", "[0", "", "[99999999999].key"):
            name = parameter["name"] + suffix
            reply = bench.call(command, parameter["name"], **{name: "v"})
            if suffix == "" and reply.status == 431 and parameter["required"]:
                continue
            refused("%s with %s" % (command, name), reply, 430,
                    "Unable to decode parameter %s; if it is a map, write name[index].field=value" % name, 9999)


def lists(bench):
    long_list = ",".join(["x"] * 20000)
    for command, parameter in bench.parameters("list"):
        name = parameter["name"]
        reply = bench.call(command, name, **{name: long_list})
        check("%s with 20,000 items in %s" % (command, name), reply.status == 431, reply.body)
        if parameter.get("related"):
            gone = str(uuid.uuid4())
            refused("%s with an unknown id in %s" % (command, name), bench.call(command, name, **{name: gone}), 431, MISSING % (name, gone), 4350)


def unknown_ids(bench):
    for command, parameter in bench.parameters("uuid"):
        name = parameter["name"]
        for value in (str(uuid.uuid4()), "17", "-1", "' OR 1=1 --"):
            if value == "-1" and name in ("projectid", "id", "zoneid", "hostid"):
                continue  # all projects; any of the others is tried with 17
            more = {"account": "admin"} if name == "domainid" and "account" in {p["name"] for p in bench.apis[command]["params"]} else {}
            refused("%s with %s=%s" % (command, name, value), bench.call(command, name, **{name: value}, **more), 431, MISSING % (name, value), 4350)


def paging(bench):
    for command, api in sorted(bench.apis.items()):
        if "pagesize" not in {each["name"] for each in api["params"]}:
            continue
        invalid = "Unable to execute API command %s due to invalid value %%s for parameter %%s" % bench.wire_names[command]
        for values, text in (({"page": "1"}, '"pagesize" parameter is required when "page" is specified'),
                             ({"pagesize": "5"}, '"page" parameter is required when "pagesize" is specified'),
                             ({"page": "1", "pagesize": "501"}, "Page size can not exceed max allowed page size value: 500"),
                             ({"page": "0", "pagesize": "5"}, invalid % ("0", "page")), ({"page": "-1", "pagesize": "5"}, invalid % ("-1", "page")),
                             ({"page": "x", "pagesize": "5"}, invalid % ("x", "page")), ({"page": "1", "pagesize": "-2"}, invalid % ("-2", "pagesize"))):
            refused("%s with %s" % (command, values), bench.call(command, None, **values), 431, text, 9999)
        values = bench.filled(command, None)
        reply = bench.client.signed(command, map_parameters=dict(values, page="2147483647", pagesize="500"))
        arrays = [value for value in reply.inner.values() if isinstance(value, list)] if reply.status == 200 else []
        check("%s beyond its last page" % command, reply.status in (200, 431) and arrays == [], reply.body)


def signatures_and_bytes(bench):
    client = bench.client
    for command in sorted(set(bench.apis) - OPEN):
        refused("%s with a wrong signature" % command, client.signed(command, post=True, sign=lambda p, s: signature(p, "x" + s)), 401, UNSIGNED, None)
        refused("%s with an unknown key" % command, Client(bench.cloud.url, "nobody", "x").signed(command, post=True), 401, UNSIGNED, None)
        reply = client.raw(body=b"command=%s&response=json" % command.encode())
        refused("%s with no credentials" % command, reply, 401, UNSIGNED, None)
    parameters = {"command": "listUsers", "response": "json", "apiKey": client.key, "username": b"\xff\xfe"}
    text = "&".join(name + "=" + urllib.parse.quote(parameters[name], safe="*") for name in sorted(parameters)).lower()
    import base64, hashlib, hmac
    digest = base64.b64encode(hmac.new(client.secret.encode(), text.encode(), hashlib.sha1).digest())
    reply = client.raw(urllib.parse.urlencode(dict(parameters, signature=digest)))
    check("broken UTF-8 in a signed value", reply.status == 431 and "illegal ASCII" in reply.text, (reply.status, reply.body))
    for query in (b"command=listUsers&response=json&apiKey=%zz", b"%", b"&&&==&=", b"command=%00", b"command[0]=x&command[1].y=z&response=json",
                  b"command=listUsers&response=json&" + b"a=b&" * 3000):
        reply = client.raw(query.decode())
        check("the query %r" % query[:40], reply.status in (400, 401, 414, 430, 431), (reply.status, reply.body))
        reply = client.raw(body=query)
        check("the body %r" % query[:40], reply.status in (400, 401, 413, 430, 431), (reply.status, reply.body))
    check("a body over the ceiling", client.raw(body=b"a=" + b"x" * (3 << 20)).status == 413)
    check("unknown parameters are passed over", client.signed("listZones", nonsense="1", **{"x" * 200: "y"}).inner["count"] == 1)


# ---- someone else's objects ----

class Tenant:
    def __init__(self, admin, url, name, zone):
        domain = admin.createDomain(name=name, post=True).inner["domain"]
        role = [each["id"] for each in admin.listRoles().inner["role"] if each["name"] == "User"][0]
        account = admin.createAccount(post=True, username=name, password="secret-" + name, email="x@example.org", firstname="F", lastname="L",
                                      domainid=domain["id"], roleid=role).inner["account"]
        keys = admin.registerUserKeys(post=True, id=account["user"][0]["id"]).inner["userkeys"]
        self.client = Client(url, keys["apikey"], keys["secretkey"])
        self.domain, self.name = domain["id"], account["name"]
        self.owned = {"listDomains": domain["id"], "listAccounts": account["id"], "listUsers": account["user"][0]["id"]}
        self.zone = zone

    def deploy(self, admin):
        image = [each["id"] for each in admin.listTemplates(templatefilter="all", zoneid=self.zone).inner["template"]][0]
        size = admin.listServiceOfferings(name="Small Instance").inner["serviceoffering"][0]["id"]
        started = self.client.deployVirtualMachine(post=True, zoneid=self.zone, templateid=image, serviceofferingid=size).inner
        job = self.finish(started["jobid"])
        machine = job["jobresult"]["virtualmachine"]
        os_type = admin.listOsTypes(description="Other Linux (64-bit)").inner["ostype"][0]["id"]
        own = self.client.registerTemplate(post=True, name="own", displaytext="own", format="QCOW2", hypervisor="Simulator", zoneid=self.zone,
                                           url="http://sim/images/own.qcow2", ostypeid=os_type).inner["template"][0]["id"]
        self.owned.update(listVirtualMachines=machine["id"], listVolumes=self.client.listVolumes().inner["volume"][0]["id"], listTemplates=own,
                          listNetworks=machine["nic"][0]["networkid"], listTasks=started["jobid"], listAsyncJobs=started["jobid"])

    def finish(self, job_id):
        result = {"jobstatus": 0}
        while result["jobstatus"] == 0:
            result = self.client.queryAsyncJobResult(jobid=job_id).inner
        assert result["jobstatus"] == 1, result
        return result


def others_objects(bench, attacker, victim):
    mine = Bench(bench.cloud, attacker.client)
    tried = set()
    for command, parameter in mine.parameters("uuid", "list"):
        related = parameter.get("related") or ("listDomains" if parameter["name"] == "domainid" else "")
        kinds = [name for name in related.split(",") if name in victim.owned]
        if not kinds:
            continue
        name, value = parameter["name"], victim.owned[kinds[0]]
        more = {"account": victim.name} if name == "domainid" and "account" in {p["name"] for p in mine.apis[command]["params"]} else {}
        reply = mine.call(command, name, **{name: value}, **more)
        tried.add(kinds[0])
        good = reply.status == 531 and reply.inner.get("cserrorcode") == 4365 and value in reply.text and \
            reply.text.startswith("Account %s does not have permission to operate with " % attacker.name)
        check("%s with someone else's %s" % (command, name), good, (reply.status, reply.body))
    reply = attacker.client.queryAsyncJobResult(jobid=victim.owned["listAsyncJobs"])
    check("someone else's job", reply.status == 531, reply.body)
    check("every kind that tenants own was tried", tried >= {"listVirtualMachines", "listVolumes", "listNetworks", "listTemplates", "listDomains"}, tried)
    for command, kind in (("listVirtualMachines", "virtualmachine"), ("listVolumes", "volume"), ("listNetworks", "network"), ("listAccounts", "account"),
                          ("listUsers", "user"), ("listEvents", "event"), ("listAsyncJobs", "asyncjobs"), ("listTasks", "task"), ("listTags", "tag")):
        text = attacker.client.signed(command, listall="true").body
        check("%s shows nothing of another tenant" % command, not any(value in text for value in victim.owned.values()), text)


def main():
    with Cloud(zone="simulator") as cloud:
        admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        zone = admin.listZones().inner["zone"][0]["id"]
        attacker, victim = Tenant(admin, cloud.url, "attacker", zone), Tenant(admin, cloud.url, "victim", zone)
        victim.deploy(admin)
        attacker.deploy(admin)
        project = admin.createProject(post=True, name="test", displaytext="test").inner
        while not admin.queryAsyncJobResult(jobid=project["jobid"]).inner["jobstatus"]:
            pass
        admin.createProjectRole(post=True, name="test", projectid=project["id"])
        admin.createBrand(post=True, name="test")
        bench = Bench(cloud, admin)
        before = bench.rows()
        state = cloud.simulator("dump")
        for test in (missing_parameters, unreadable, texts, numbers, dates_and_maps, lists, unknown_ids, paging, signatures_and_bytes):
            test(bench)
            after = bench.rows()
            check("%s wrote nothing" % test.__name__, after == before, {name: (before.get(name), after[name]) for name in after if after[name] != before.get(name)})
            print("%s: %s" % (test.__name__, counts), flush=True)
            before = after
        others_objects(bench, attacker, victim)
        after = bench.rows()
        check("nothing was written for someone else", after == before, {name: (before.get(name), after[name]) for name in after if after[name] != before.get(name)})
        check("the simulator was not touched", cloud.simulator("dump") == state)
        check("the consistency queries find nothing", cloud.failed_checks() == [], cloud.failed_checks())
    print("%d passed, %d failed" % (counts["passed"], counts["failed"]))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
