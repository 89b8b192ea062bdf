"""Declarations against the answers of a test run: what was called, sent, refused, seen to have an effect, and filled. Not a test.

A parameter counts as
- sent valid: it came along with a call that was answered well;
- sent invalid: a call was refused in its name;
- effective: a test said so (tests/support/contract.py); or its value came back in the member of that name, while other objects of that
  declaration hold another value there; or a list with it showed only objects with that value, while others exist; or it says .no_effect.
A member of a reply is filled when any answer had it; it is known by its declaration (x-table), whichever command answered."""
import collections, re

PROTOCOL = {"command", "response", "apikey", "signature", "signatureversion", "expires", "sessionkey", "lang", "plan", "_"}


class Declarations:
    def __init__(self, document):
        self.document = document
        self.commands = {}
        for path, operations in document["paths"].items():
            ((_, operation),) = operations.items()
            self.commands[path[1:]] = operation
        self.folded = {name: {each.lower(): schema for each, schema in self.parameters(name).items()} for name in self.commands}

    def resolve(self, schema):
        while "$ref" in schema:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def parameters(self, command):
        """{name: schema with its marks} of a command, without what belongs to the protocol."""
        operation = self.commands[command]
        found = {}
        for each in operation["parameters"]:
            if "$ref" not in each:
                found[each["name"]] = dict(each["schema"], **{key: value for key, value in each.items() if key.startswith("x-")})
        form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
        for name, schema in form.get("properties", {}).items():
            if name != "plan":
                found[name] = dict(schema.get("allOf", [{}])[0], **schema)
        return found

    def reply(self, command):
        return self.commands[command]["responses"]["200"]["content"]["application/json"]["schema"]


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


class Checker:
    """Compares a reply with its schema and notes which declared members were filled."""

    def __init__(self, declarations):
        self.declarations = declarations
        self.filled = set()
        self.patterns = {}

    def faults(self, value, schema, where):
        schema = self.declarations.resolve(schema)
        if "anyOf" in schema:
            tried = [self.faults(value, each, where) for each in schema["anyOf"]]
            return [] if [] in tried else tried[0]
        for each in schema.get("allOf", ()):
            found = self.faults(value, each, where)
            if found:
                return found
        kind = schema.get("type")
        if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
            return ["%s is no %s" % (where, kind)]
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return ["%s does not look like %s" % (where, schema["pattern"])]
        if isinstance(value, dict):
            return self.object_faults(value, schema, where)
        if isinstance(value, list) and "items" in schema:
            return [fault for each in value for fault in self.faults(each, schema["items"], where + "[]")]
        return []

    def object_faults(self, value, schema, where):
        properties, extra = schema.get("properties", {}), schema.get("additionalProperties", True)
        found = ["%s lacks %s" % (where, name) for name in schema.get("required", ()) if name not in value]
        for name, member in value.items():
            if member is None:
                found.append("%s.%s is null" % (where, name))
            elif name in properties:
                found += self.faults(member, properties[name], where + "." + name)
                if "x-table" in schema and member != "":
                    self.filled.add((schema["x-table"], name))
            elif extra is False:
                found.append("%s.%s is not declared" % (where, name))
            elif isinstance(extra, dict):
                found += self.faults(member, extra, where + "." + name)
        return found


def tables_of(declarations):
    """{(table, member): marks} of everything that replies and job results may hold."""
    members = {}

    def walk(schema):
        schema = declarations.resolve(schema)
        for name, member in schema.get("properties", {}).items():
            if "x-table" in schema:
                members[(schema["x-table"], name)] = member
            walk(member)
        for key in ("anyOf", "allOf"):
            for each in schema.get(key, ()):
                walk(each)
        if "items" in schema:
            walk(schema["items"])

    for command, operation in declarations.commands.items():
        walk(declarations.reply(command))
        walk(operation.get("x-job-result", {}))
    return members


def objects_in(inner):
    """The objects that a reply (below its response key) shows."""
    if not isinstance(inner, dict):
        return []
    for value in inner.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return value
    nested = [value for value in inner.values() if isinstance(value, dict)]
    return nested if len(inner) == 1 and nested else [inner]


def same(value, text):
    """Does a member hold what the parameter said?"""
    if isinstance(value, bool):
        return text.lower() == ("true" if value else "false")
    if isinstance(value, list):
        return sorted(str(each).lower() for each in value) == sorted(text.lower().split(","))
    if isinstance(value, (int, float)):
        try:
            return float(text) == value
        except ValueError:
            return False
    return isinstance(value, str) and value != "" and (value.lower() == text.lower() or (len(text) == 10 and value.startswith(text)))


class Run:
    """The answers of a run."""

    def __init__(self, declarations):
        self.declarations = declarations
        self.checker, self.bystander = Checker(declarations), Checker(declarations)
        self.called = collections.Counter()
        self.valid, self.invalid, self.effective = set(), set(), set()
        self.faults = collections.Counter()
        self.replies = 0
        self.jobs = {}  # job: (command, what was sent)
        self.values = collections.defaultdict(set)  # (object key of a command, member): values seen, at most a few
        self.echoes = set()  # (command, parameter, member's value)

    def take(self, record, covers=True):
        if "asserted" in record:
            self.effective |= {(record["asserted"], each) for each in record["parameters"]}
            return
        command = record["command"]
        if command not in self.declarations.commands:
            return
        sent = self.sent(record)
        if "refused" in record and record["status"] != 401 and covers:
            self.invalid.add((command, record["refused"].split("[")[0].lower()))
        if record["status"] != 200:
            return
        self.replies += 1
        checker = self.checker if covers else self.bystander
        for fault in checker.faults(record["reply"], self.declarations.reply(command), command):
            self.faults[fault] += 1
        if not covers:
            return
        self.called[command] += 1
        for name in sent:
            self.valid.add((command, name))
        (inner,) = record["reply"].values()
        if not record["plan"] and isinstance(inner, dict):
            self.look(command, sent, inner)

    def sent(self, record):
        """The declared parameters that came along with a value, names in lower case."""
        declared = self.declarations.folded[record["command"]]
        found = {}
        for name, value in record["sent"].items():
            folded = name.split("[")[0].lower()
            if folded in declared and (record["role"] == 1 or not declared[folded].get("x-admin")):
                found[folded] = value
        return found

    def look(self, command, sent, inner):
        if "jobid" in inner and "jobstatus" not in inner:
            self.jobs[inner["jobid"]] = (command, sent)
        elif command == "queryAsyncJobResult":
            if inner.get("jobstatus") == 1 and inner.get("jobid") in self.jobs:
                self.look_at_job(*self.jobs[inner["jobid"]], inner.get("jobresult", {}))
        else:
            self.compare(command, sent, objects_in(inner))

    def look_at_job(self, command, sent, result):
        schema = self.declarations.commands[command].get("x-job-result")
        if schema:
            self.replies += 1
            for fault in self.checker.faults(result, schema, command + ": jobresult"):
                self.faults[fault] += 1
        self.compare(command, sent, objects_in(result))

    def compare(self, command, sent, objects):
        for each in objects:
            for member, value in each.items():
                seen = self.values[member]
                if len(seen) < 3 and not isinstance(value, (dict, list)):
                    seen.add(str(value))
        for name, text in sent.items():
            if text and objects and all(same(each.get(name), text) for each in objects):
                self.echoes.add((command, name))

    def settle(self):
        """What came back counts where the member is known to hold different values, or is not always there."""
        self.effective |= {(command, name) for command, name in self.echoes if len(self.values[name]) > 1}
