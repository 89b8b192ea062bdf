#!/usr/bin/python3
"""The unmodified library python3-cs and its command line (Debian's package cs, `cloudstack`), as scripts and people use them.
timeout: 300"""
import base64, configparser, json, os, subprocess, sys
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests


# ---- the library ----

def library(cloud, **more):
    from cs import CloudStack
    return CloudStack(endpoint=cloud.url + "/client/api", key=cloud.settings["GURUM_API_KEY"], secret=cloud.settings["GURUM_SECRET_KEY"],
                      **{"poll_interval": 0.1, **more})


def error_of(call, *arguments, **parameters):
    """(HTTP status, the error's object)"""
    from cs import CloudStackApiException
    try:
        call(*arguments, **parameters)
    except CloudStackApiException as refused:
        return refused.response.status_code, refused.error
    raise AssertionError("it was not refused")


def test_library_signs_with_and_without_expiration_by_get_and_post(cloud):
    for method in ("get", "post"):
        assert library(cloud, method=method).listZones()["count"] == 1
        assert library(cloud, method=method, expiration=-1).listZones()["count"] == 1
        assert error_of(library(cloud, method=method, expiration=timedelta(0)).listZones)[0] == 401


def test_library_signs_what_people_type(cloud):
    for method in ("get", "post"):
        cs = library(cloud, method=method, fetch_result=True)
        for text in ("a b+c*d", "100% & more = ?", "구름", "a/b:c;d,e@f", "[x] {y} \"z\"", "~home"):
            made = cs.createTags(resourceids=cs.listZones()["zone"][0]["id"], resourcetype="Zone", tags=[{"key": "text", "value": text}])
            assert made["success"] is True and cs.listTags(resourcetype="Zone", key="text")["tag"][0]["value"] == text
            cs.deleteTags(resourceids=cs.listZones()["zone"][0]["id"], resourcetype="Zone", tags={"key": "text"})


def test_library_pages_until_it_has_all(cloud):
    cs = library(cloud)
    all_of_them = cs.listOsTypes()["count"]
    assert len(cs.listOsTypes(fetch_list=True)) == len(cs.listOsTypes(fetch_list=True, pagesize=10)) == all_of_them > 10
    assert cs.listVirtualMachines(fetch_list=True) == [] and cs.listVirtualMachines() == {}


def test_library_sends_lists_and_maps_and_waits_for_jobs(cloud):
    cs = library(cloud)
    zone = cs.listZones()["zone"][0]["id"]
    image, size = cs.listTemplates(templatefilter="all")["template"][0]["id"], cs.listServiceOfferings(name="Small Instance")["serviceoffering"][0]["id"]
    started = cs.deployVirtualMachine(zoneid=zone, templateid=image, serviceofferingid=size, startvm=False, details={"comment": "by cs"},
                                      userdata=base64.b64encode(b"x" * 2000).decode())
    assert set(started) == {"jobid", "id"}
    cs = library(cloud, fetch_result=True)
    other = cs.deployVirtualMachine(zoneid=zone, templateid=image, serviceofferingid=size, startvm=False)["virtualmachine"]["id"]
    machines = {each["id"]: each for each in cs.listVirtualMachines(ids=[started["id"], other])["virtualmachine"]}
    assert set(machines) == {started["id"], other} and machines[started["id"]]["details"]["comment"] == "by cs"
    assert len(cs.listVirtualMachines(id=other, details=("nics", "tmpl"))["virtualmachine"]) == 1
    status, error = error_of(cs.destroyVirtualMachine, id=zone)
    assert status == 431 and error["errorcode"] == 431 and error["cserrorcode"] == 4350 and error["uuidList"] == [], error
    for machine in machines:
        assert cs.destroyVirtualMachine(id=machine, expunge=True)


def test_library_tells_a_failed_job(cloud):
    cs = library(cloud, fetch_result=True)
    place = {"zoneid": cs.listZones()["zone"][0]["id"], "templateid": cs.listTemplates(templatefilter="all")["template"][0]["id"]}
    size = cs.createServiceOffering(name="nowhere", displaytext="no host has its tag", cpunumber=1, cpuspeed=100, memory=128,
                                    hosttags="nowhere")["serviceoffering"]["id"]
    status, error = error_of(cs.deployVirtualMachine, serviceofferingid=size, **place)
    assert status == 200 and error["errorcode"] == 533 and error["errortext"], error
    cs.deleteServiceOffering(id=size)
    for machine in cs.listVirtualMachines(listall=True).get("virtualmachine", []):
        cs.destroyVirtualMachine(id=machine["id"], expunge=True)


def test_library_takes_xml_as_text(cloud):
    assert library(cloud).listZones(json=False).startswith("<?xml")


# ---- the command line ----

class CommandLine:
    def __init__(self, cloud):
        self.cloud, self.home = cloud, cloud.folder
        self.keys = {"endpoint": cloud.url + "/client/api", "key": cloud.settings["GURUM_API_KEY"], "secret": cloud.settings["GURUM_SECRET_KEY"],
                     "timeout": "30", "poll_interval": "0.1"}

    def write(self, path, **regions):
        config = configparser.ConfigParser()
        config.read_dict(regions)
        with open(os.path.join(self.home, path), "w") as file:
            config.write(file)

    def run(self, *words, **environment):
        """(exit status, the answer, what was said on the side)"""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDSTACK_")}
        done = subprocess.run(["cloudstack", *words], env=dict(clean, HOME=self.home, **environment), cwd=self.home,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_command_line_reads_its_files_and_regions(cloud):
    line = CommandLine(cloud)
    line.write(".cloudstack.ini", cloudstack=line.keys, wrong=dict(line.keys, secret="not it"), posts=dict(line.keys, method="post", header_x_of="me"))
    assert line.run("listZones")[1]["zone"][0]["name"] == "simulator"
    assert line.run("--region", "posts", "listZones")[0] == 0 and line.run("listZones", CLOUDSTACK_REGION="posts")[0] == 0
    status, answer, side = line.run("-r", "wrong", "listZones")
    assert status == 1 and answer["listzonesresponse"]["errorcode"] == 401 and "HTTP 401" in side, (answer, side)
    line.write("elsewhere.ini", cloudstack=dict(line.keys, expiration="-1"))
    os.unlink(os.path.join(line.home, ".cloudstack.ini"))
    assert line.run("listZones")[0] != 0
    assert line.run("listZones", CLOUDSTACK_CONFIG=os.path.join(line.home, "elsewhere.ini"))[1]["count"] == 1


def variables(line):
    return {"CLOUDSTACK_" + name.upper(): value for name, value in line.keys.items()}


def test_command_line_reads_its_environment(cloud):
    line = CommandLine(cloud)
    assert line.run("listZones", **variables(line))[1]["count"] == 1
    line.write("cloudstack.ini", cloudstack=dict(line.keys, key="nobody's"))
    assert line.run("listZones")[0] == 1
    assert line.run("listZones", CLOUDSTACK_KEY=line.keys["key"], CLOUDSTACK_OVERRIDES="key")[1]["count"] == 1
    os.unlink(os.path.join(line.home, "cloudstack.ini"))


def test_command_line_asks_waits_and_posts(cloud):
    line = CommandLine(cloud)
    run = lambda *words: line.run(*words, **variables(line))
    zone = run("listZones", "name=simulator", "showcapacities=false")[1]["zone"][0]["id"]
    image = run("listTemplates", "templatefilter=executable")[1]["template"][0]["id"]
    size = run("--post", "listServiceOfferings", "name='Small Instance'")[1]["serviceoffering"][0]["id"]
    place = ("zoneid=" + zone, "templateid=" + image, "serviceofferingid=" + size)
    status, made, _ = run("--post", "deployVirtualMachine", *place, "name=by-cs", "details[0].comment=by cs",
                          "userdata=" + base64.b64encode(os.urandom(15000)).decode())
    machine = made["virtualmachine"]
    assert status == 0 and machine["state"] == "Running" and machine["details"]["comment"] == "by cs", made
    second = run("--async", "deployVirtualMachine", *place, "startvm=false")[1]
    assert set(second) == {"jobid", "id"}
    both = run("listVirtualMachines", "ids=" + machine["id"], "ids=" + second["id"], "fetch_list=true")[1]
    assert {each["id"] for each in both} == {machine["id"], second["id"]}, both
    status, answer, side = run("--trace", "listVirtualMachines", "id=17")
    assert status == 1 and "GET " in side and "signature=" in side and "HTTP 431" in side
    assert answer["listvirtualmachinesresponse"]["errortext"].startswith("Invalid parameter id value=17 due to"), answer
    assert run("--quiet", "listVirtualMachines", "id=17")[2] == ""
    status, answer, side = run("noSuchCommand")
    assert status == 1 and "HTTP 401" in side, (answer, side)
    status, answer, side = run("stopVirtualMachine", "id=" + machine["id"], "forced=true")
    assert status == 0 and answer["virtualmachine"]["state"] == "Stopped"
    for each in (machine, second):
        assert run("destroyVirtualMachine", "id=" + each["id"], "expunge=true")[0] == 0


def test_nothing_is_left_behind(cloud):
    assert not json.loads(cloud.simulator("dump"))["guests"]
    assert cloud.failed_checks() == []


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
