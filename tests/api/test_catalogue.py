#!/usr/bin/python3
"""What the declarations of the api room and of the identity, settings, event and quota features say, compared with facts about the wire
(catalogue-api.json): every parameter is declared, every response member too or listed below with the reason.
timeout: 300"""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client

# Members of the wire's replies that are never filled here, and why.
ABSENT = {
    "icon": "objects have no icons",
    "taggedresources": "limits by tag are not offered",
    "secretkey": "told only by registerUserKeys and getUserKeys",
    "receivedbytes": "traffic is not metered", "sentbytes": "traffic is not metered",
    "defaultzoneid": "accounts have no default zone",
    "groups": "accounts have no groups",
    "projectid": "projects are not offered", "project": "projects are not offered",
    "providerfor2fa": "second factors are not offered",
    "managementservername": "any process carries any job", "managementserverid": "any process carries any job",
    "hasannotations": "annotations are not offered", "domaindetails": "domains have no details",
    "tag": "limits by tag are not offered",
    "id": "settings are named, not numbered", "parent": "settings have no parents", "options": "settings have no lists of choices",
    "type": "listApis never filled it",
    "apilimitinterval": "requests are not limited by rate", "apilimitmax": "requests are not limited by rate",
}
for _prefix in ("backup", "backupstorage", "bucket", "objectstorage", "gpu"):
    for _part in ("limit", "total", "available"):
        ABSENT[_prefix + _part] = "there are no such resources"
ROOM = {"page", "pagesize", "keyword"}
results = []


def check(what, good, detail=""):
    results.append(good)
    print("%s %d - %s%s" % ("ok" if good else "not ok", len(results), what, "" if good else "  # got: %s" % (detail,)), flush=True)


def run(url, key, secret):
    admin = Client(url, key, secret)
    apis = {each["name"]: each for each in admin.listApis().inner["api"]}
    paths = admin.raw(path="-docs/openapi.json").json["paths"]
    with open(os.path.join(HERE, "catalogue-api.json")) as file:
        catalogue = json.load(file)
    for name, fact in sorted(catalogue.items()):
        api = apis.get(name)
        check(name + " is listed", api is not None)
        if not api:
            continue
        params = {each["name"]: each["required"] for each in api["params"]}
        missing = set(fact["params"]) - set(params)
        check(name + " takes every parameter", not missing, sorted(missing))
        wrong = {each for each in fact["params"] if each in params and params[each] != fact["params"][each]}
        check(name + " requires what the wire requires", wrong <= {"jobid"}, sorted(wrong))
        check(name + " is asynchronous as on the wire", api["isasync"] == fact["async"])
        members = {each["name"] for each in api["response"]}
        missing = {each for each in fact["response"] if each not in members and each not in ABSENT}
        check(name + " has every member", not missing, sorted(missing))
        (operation,) = paths["/" + name].values()
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        check(name + " answers under " + fact["response_key"], list(schema) == [fact["response_key"]], list(schema))
        if fact["object_key"] and not fact["async"]:
            inner = schema[fact["response_key"]]["properties"]
            check(name + " puts objects under " + fact["object_key"], fact["object_key"] in inner, list(inner))


def main():
    if "GURUM_TEST_URLS" in os.environ:
        with open(os.environ["GURUM_TEST_ENV"]) as lines:
            values = dict(line.strip().split("=", 1) for line in lines if "=" in line)
        run(os.environ["GURUM_TEST_URLS"].split()[0], values["GURUM_API_KEY"], values["GURUM_SECRET_KEY"])
    else:
        from cloud import Cloud
        with Cloud(zone="none") as cloud:
            run(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
    bad = results.count(False)
    print("%d passed, %d failed" % (len(results) - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
