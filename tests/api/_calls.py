"""Calls of tests that look at replies: who calls is state["admin"], or another Client under its name there. Not a test."""
import time

from contract import asserted

state = {}


class Refused(Exception):
    pass


def call(command, post=True, who="admin", **parameters):
    """The one object or list of a good answer; jobs are waited for."""
    reply = getattr(state[who], command)(post=post, **parameters)
    if reply.status != 200:
        raise Refused("%s %s: %s" % (command, parameters, reply.body))
    if "jobid" in reply.inner and "jobstatus" not in reply.inner:
        return waited(reply.inner["jobid"])
    return value_of(reply.inner)


def value_of(inner):
    values = [value for value in inner.values() if isinstance(value, (dict, list))]
    return values[0] if values else inner


def waited(job):
    for _ in range(600):
        reply = state["admin"].queryAsyncJobResult(jobid=job).inner
        if reply["jobstatus"] == 1:
            return value_of(reply["jobresult"])
        if reply["jobstatus"] == 2:
            raise Refused(reply["jobresult"]["errortext"])
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def listed(command, **filters):
    found = call(command, post=False, **filters)
    return found if isinstance(found, list) else []


def names(command, member="name", **filters):
    return sorted(each[member] for each in listed(command, **filters))


def refused(command, **parameters):
    try:
        found = call(command, **parameters)
    except Refused as refusal:
        return str(refusal)
    raise AssertionError("%s was not refused: %s" % (command, found))


def told(command, reply, parameters, **renamed):
    """What was sent comes back; `renamed`: under another name."""
    for name, value in parameters.items():
        member = renamed.get(name, name)
        assert str(reply.get(member)).lower() == str(value).lower(), (command, name, value, reply)
        asserted(command, name)


OBJECTS = {"zone": "listZones", "network": "listNetworks", "physical_network": "listPhysicalNetworks", "vlan_range": "listVlanIpRanges", "vm": "listVirtualMachines"}


def idle_value(name, schema):
    if schema.get("x-refers-to") in OBJECTS:
        return next((each["id"] for each in listed(OBJECTS[schema["x-refers-to"]])), None)
    if "x-refers-to" in schema or name == "projectid":  # not together with an account
        return None
    if name == "account":
        return "admin"
    if name == "domainid":
        return listed("listDomains", name="ROOT")[0]["id"]
    return schema["enum"][0] if "enum" in schema else {"integer": 1, "boolean": "true"}.get(schema["type"], "x")


def idle(command):
    """Parameters that say that they have no effect, each with a value that may be sent."""
    if "openapi" not in state:
        state["openapi"] = state["admin"].raw(path="-docs/openapi.json").json
    ((_, operation),) = state["openapi"]["paths"]["/" + command].items()
    declared = {each["name"]: each for each in operation["parameters"] if "name" in each}
    form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
    declared.update({name: dict(each, schema=each["allOf"][0]) for name, each in form.get("properties", {}).items() if "allOf" in each})
    sent = {}
    for name, each in declared.items():
        if "x-no-effect" not in each or each.get("required"):
            continue
        if each["schema"].get("x-map"):
            sent.update({name + "[0].key": "k", name + "[0].value": "v"})
        else:
            sent[name] = idle_value(name, each["schema"])
    return {name: value for name, value in sent.items() if value is not None}
