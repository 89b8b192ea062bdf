#!/usr/bin/python3
"""The OpenAPI document: a public validator accepts it, and whatever a client makes of it is answered as it says. Requests are made from
the document (hypothesis): 1,000 in `make check`, 10,000 with GURUM_FULL. The seed is printed; GURUM_SEED repeats a run. No reply may be
undeclared: its status, its body, its content type; and none may be 500 to 504 or 530, the statuses of our own faults (531 to 537 are the
wire's refusals). The validator comes from npm (tests/support/openapi) and runs with GURUM_FULL: without a network that fails.
timeout: 1800"""
import os, random, shutil, subprocess, sys, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../support", "../contract", "."):
    sys.path.insert(0, os.path.join(HERE, folder))
import hypothesis
from hypothesis import strategies
from _client import Client
from _contract import Checker, Declarations
from cloud import BUILD_FOLDER, ROOT, Cloud
from results import close, run_tests

IS_FULL = bool(os.environ.get("GURUM_FULL"))
REQUESTS = 10000 if IS_FULL else 1000
SEED = int(os.environ.get("GURUM_SEED", random.SystemRandom().randrange(1 << 32)))
FAULTS = {500, 501, 502, 503, 504, 530}
# What would end or change the run itself, not the reply: the caller's own way in, and the limits of the API.
LEFT_OUT = {"logout", "updateConfiguration", "resetConfiguration", "registerUserKeys", "deleteUserKeys", "updateUserKeys"}


def test_public_validator_accepts_the_document(cloud, admin):
    if not IS_FULL:
        print("note: the public validator runs with GURUM_FULL only")
        return
    assert shutil.which("npm"), "npm is missing: the validator cannot be had"
    folder = os.path.join(BUILD_FOLDER, "openapi")
    shutil.copytree(os.path.join(ROOT, "tests/support/openapi"), folder, dirs_exist_ok=True)
    installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True)
    assert installed.returncode == 0, installed.stdout
    with open(os.path.join(folder, "openapi.json"), "w") as file:
        file.write(admin.raw(path="-docs/openapi.json").body)
    judged = subprocess.run([os.path.join(folder, "node_modules/.bin/validate-api"), "openapi.json"], cwd=folder, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    assert judged.returncode == 0 and '"valid": true' in judged.stdout, judged.stdout[:3000]


def test_examples_are_as_declared(cloud, admin):
    declared = Declarations(admin.raw(path="-docs/openapi.json").json)
    checker, faults = Checker(declared), []
    for command, operation in declared.commands.items():
        body = operation["responses"]["200"]["content"]["application/json"]
        faults += checker.faults(body["example"], body["schema"], command)
    assert not faults, faults[:20]


# ---- values from schemas ----

TEXTS = strategies.one_of(strategies.text(max_size=40), strategies.sampled_from(["", "1", "-1", "0", "true", "x" * 300, "a,b", "%", "_", "' OR 1=1 --", "../..",
                                                                                "<b>", "한국어", "\u202e", "a\nb", "a\x00b", "{}", "[0]", "2026-01-31"]))
NUMBERS = strategies.one_of(strategies.integers(-2, 5), strategies.integers(-2 ** 65, 2 ** 65)).map(str)


def values_for(schema, ids):
    if "allOf" in schema:
        return values_for(schema["allOf"][0], ids)
    if "enum" in schema:
        return strategies.one_of(strategies.sampled_from(schema["enum"]), TEXTS)
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return strategies.one_of(NUMBERS, NUMBERS, TEXTS)
    if kind == "boolean":
        return strategies.sampled_from(["true", "false", "TRUE", "maybe", ""])
    if kind == "array":
        return values_for(schema["items"], ids).flatmap(lambda one: strategies.sampled_from([one, one + "," + one, one + ","]))
    if schema.get("format") == "uuid":
        return strategies.one_of(strategies.sampled_from(ids), strategies.sampled_from(ids), strategies.uuids().map(str), TEXTS)
    if schema.get("format") == "date-time":
        return strategies.one_of(strategies.sampled_from(["2026-01-31", "2026-01-31T09:00:00+0000", "2026-02-30", "9999-12-31T23:59:59Z"]), TEXTS)
    return TEXTS


def requests_of(declared, ids):
    """Strategy of (command, parameters)."""
    def parameters(command):
        choices = {}
        for name, schema in declared.parameters(command).items():
            if schema.get("x-map") or schema.get("allOf", [{}])[0].get("x-map"):
                choices[name + "[0].key"], choices[name + "[0].value"] = TEXTS, TEXTS
            else:
                choices[name] = values_for(schema, ids)
        operation = declared.commands[command]
        form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
        required = set(form.get("required", ())) | {each["name"] for each in operation["parameters"] if each.get("required")}
        always = {name: value for name, value in choices.items() if name in required}
        sometimes = {name: value for name, value in choices.items() if name not in required}
        # few at a time: a request with everything is refused for the first thing
        some = strategies.lists(strategies.sampled_from(sorted(sometimes)), max_size=4, unique=True) if sometimes else strategies.just([])
        return some.flatmap(lambda names: strategies.fixed_dictionaries(dict(always, **{name: sometimes[name] for name in names})))
    commands = sorted(set(declared.commands) - LEFT_OUT)
    return strategies.sampled_from(commands).flatmap(lambda command: parameters(command).map(lambda sent: (command, sent)))


def all_ids(admin, declared):
    """An id of each kind that lists show."""
    found = {str(uuid.uuid4())}
    for command in declared.commands:
        if command.startswith("list"):
            reply = admin.signed(command, listall="true", templatefilter="all")
            if reply.status == 200:
                objects = [each for each in reply.inner.values() if isinstance(each, list)]
                found |= {each["id"] for many in objects for each in many[:2] if isinstance(each, dict) and isinstance(each.get("id"), str)}
    return sorted(found)


def test_every_reply_is_declared(cloud, admin):
    declared = Declarations(admin.raw(path="-docs/openapi.json").json)
    checker, statuses = Checker(declared), {}
    ids = all_ids(admin, declared)
    print("note: property test of %d requests over %d commands and %d ids, seed %d" % (REQUESTS, len(declared.commands), len(ids), SEED))
    error = {"$ref": "#/components/schemas/Error"}

    @hypothesis.seed(SEED)
    @hypothesis.settings(max_examples=REQUESTS, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck),
                         phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink], print_blob=False)
    @hypothesis.given(requests_of(declared, ids))
    def ask(request):
        command, sent = request
        is_write = "requestBody" in declared.commands[command]
        is_planned = is_write and not command.startswith(("create", "register"))  # what exists stays for the next request
        reply = admin.signed(command, post=is_write, map_parameters=dict(sent, plan="true") if is_planned else sent)
        statuses[reply.status] = statuses.get(reply.status, 0) + 1
        where = "%s %s → %d %s" % (command, sent, reply.status, reply.body[:500])
        assert reply.status not in FAULTS, where
        assert str(reply.status) in declared.commands[command]["responses"], "undeclared status: " + where
        if reply.status == 400 and reply.headers["Content-Type"].startswith("text/xml"):
            return  # what could not be read cannot ask for JSON
        assert reply.headers["Content-Type"] == "application/json; charset=UTF-8", where
        schema = declared.reply(command) if reply.status == 200 else error
        faults = checker.faults(reply.json, schema, command)
        assert not faults, "%s: %s" % (faults[:3], where)

    ask()
    print("note: statuses " + ", ".join("%d: %d" % each for each in sorted(statuses.items())))


def main():
    with Cloud(zone="simulator") as cloud:
        admin = Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])
        return run_tests(globals(), cloud, admin)


if __name__ == "__main__":
    close(*main())
