#!/usr/bin/python3
"""A hypervisor plugin that crashes and one that hangs, beside a healthy one: a hundred healthy deployments succeed, and people see what happened.
timeout: 400"""
import html, http.cookiejar, os, re, shutil, sys, tempfile, threading, time, urllib.parse, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import BUILD_FOLDER, Cloud
from provider import compare, deployment, settle
from results import close, run_tests

HEALTHY = 100
SEEN_WITHIN_S = 5
CALL_DEADLINE_MS = 2000 # a call is taken for stuck half as long again after its beginning


def plugins_folder(parent):
    """The usual plugins and the two faulty ones, as an operator would have them in one folder."""
    folder = os.path.join(parent, "plugins")
    os.mkdir(folder)
    for source in ("plugins", "plugins-faulty"):
        for name in os.listdir(os.path.join(BUILD_FOLDER, source)):
            if name.endswith(".so"):
                shutil.copy(os.path.join(BUILD_FOLDER, source, name), folder)
    return folder


class Portal:
    """The administrator's browser, without script."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.open("/login", username=cloud.settings["GURUM_ADMIN_USER"], password=cloud.settings["GURUM_ADMIN_PASSWORD"], next="/")

    def open(self, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with self.opener.open(urllib.request.Request(self.cloud.url + path, data, {"Accept-Language": "en"}), timeout=20) as reply:
            return html.unescape(reply.read().decode())

    def plugin(self, name):
        """The row of the plugin on the page of plugins, as text."""
        rows = [row for row in self.open("/admin/plugins").split("<tr>") if ">%s<" % name in row]
        assert len(rows) == 1, "%s is %d times on /admin/plugins" % (name, len(rows))
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", rows[0])).strip()


def faulty_cluster(cs, hypervisor):
    """A cluster of one host under a faulty plugin, with storage that works; the parameters of a VM for it."""
    zone = cs.listZones()["zone"][0]["id"]
    pod = cs.listPods(zoneid=zone)["pod"][0]["id"]
    cluster = cs.addCluster(zoneid=zone, podid=pod, clustername=hypervisor, hypervisor=hypervisor, clustertype="CloudManaged")["cluster"][0]["id"]
    cs.addHost(zoneid=zone, podid=pod, clusterid=cluster, hypervisor=hypervisor, url="http://sim/%s/h0" % hypervisor, username="root", password="x")
    cs.createStoragePool(zoneid=zone, podid=pod, clusterid=cluster, name=hypervisor, url="nfs://sim/%s" % hypervisor, scope="cluster", provider="Simulator")
    image = cs.registerTemplate(name=hypervisor, displaytext=hypervisor, format="QCOW2", hypervisor=hypervisor, url="http://sim/images/tiny.qcow2",
                                zoneid=zone, ispublic="true")["template"][0]["id"]
    wait_for(lambda: cs.listTemplates(templatefilter="all", id=image)["template"][0]["isready"], 20, "the image is not ready")
    return deployment(cs, templateid=image)


def wait_for(truth, seconds, otherwise):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = truth()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(otherwise)


class Healthy(threading.Thread):
    """A hundred deployments on the healthy plugin."""

    def __init__(self, cloud):
        super().__init__(daemon=True)
        self.cs, self.begun, self.problem = cloud.api(), [], None
        self.base = deployment(self.cs)

    def run(self):
        try:
            for _ in range(HEALTHY):
                self.begun.append(self.cs.deployVirtualMachine(**self.base))
        except Exception as problem:
            self.problem = problem


class Fault:
    """One faulty deployment, from its beginning to what people see of it."""

    def __init__(self, cloud, plugin, what, allowed_s):
        self.cloud, self.plugin, self.what, self.allowed_s = cloud, plugin, what, allowed_s

    def happened(self):
        """When the faulty operation was first called (monotonic): the step before it had ended."""
        rows = self.cloud.rows("SELECT TIMESTAMPDIFF(MICROSECOND, MIN(s.ended), UTC_TIMESTAMP(3)) FROM job_step s JOIN job j ON j.id = s.job_id "
                               "JOIN vm ON vm.uuid = j.object_uuid WHERE s.name = 'define_guest' AND vm.hypervisor = '%s'"
                               % self.plugin.split("-")[1].capitalize())
        return rows[0][0] != "NULL" and time.monotonic() - int(rows[0][0]) / 1e6

    def seen(self, cs, portal):
        begun = wait_for(self.happened, 60, "%s was never called" % self.plugin)

        def shown():
            found = cs.listPlugins(name=self.plugin)["plugin"][0]
            row = portal.plugin(self.plugin)
            return found if found.get("lastfault") == self.what and "hypervisor-" in row and "guest_start" in row else None
        found = wait_for(shown, self.allowed_s + 20, "nobody tells that %s %s" % (self.plugin, self.what))
        after = time.monotonic() - begun
        assert found["state"] == "quarantined" and found["lastfaultslot"] == "guest_start" and found["lastfaultdetail"], found
        assert after < self.allowed_s, "%s seen only after %.1f s" % (self.what, after)
        print("      %s %s, seen after %.1f s: %s" % (self.plugin, self.what, after, portal.plugin(self.plugin)))


def faulty_beside_healthy(cloud, hypervisor, what, allowed_s):
    cs, portal = cloud.api(), Portal(cloud)
    plugin = "hypervisor-" + hypervisor.lower()
    faulty = faulty_cluster(cs, hypervisor)
    healthy = Healthy(cloud)
    healthy.start()
    wait_for(lambda: len(healthy.begun) > 20, 60, "no deployments")
    bad = [cs.deployVirtualMachine(**faulty) for _ in range(2)]
    Fault(cloud, plugin, what, allowed_s).seen(cs, portal)
    healthy.join(120)
    assert healthy.problem is None and len(healthy.begun) == HEALTHY, healthy.problem
    for each in healthy.begun:
        job = wait_for(lambda: ended(cs, each["jobid"]), 120, "a healthy job does not end")
        assert job["jobstatus"] == 1, job
    for each in bad:
        job = wait_for(lambda: ended(cs, each["jobid"]), 120, "a job of %s does not end" % plugin)
        assert job["jobstatus"] == 2, job
        text = job["jobresult"]["errortext"]
        print("      " + text)
        assert plugin in text and "guest_start" in text, text
    assert cs.listPlugins(name="hypervisor-simulator")["plugin"][0]["state"] == "ok", "the healthy plugin was blamed"
    settle(cloud)
    compare(cloud)
    states = [vm["state"] for vm in cs.listVirtualMachines(fetch_list=True, hypervisor="Simulator")]
    assert states.count("Running") == HEALTHY, states
    jobs = [cs.destroyVirtualMachine(id=row[0], expunge="true")["jobid"] for row in cloud.rows("SELECT uuid FROM vm WHERE removed IS NULL")]
    for job in jobs:
        assert wait_for(lambda: ended(cs, job), 120, "destroying does not end")["jobstatus"] == 1
    settle(cloud)
    compare(cloud)


def ended(cs, job):
    reply = cs.queryAsyncJobResult(jobid=job)
    return reply if reply["jobstatus"] else None


def test_healthy_jobs_run_on_beside_a_plugin_that_crashes(cloud):
    faulty_beside_healthy(cloud, "Crashing", "crashed", SEEN_WITHIN_S)


def test_healthy_jobs_run_on_beside_a_plugin_that_hangs(cloud):
    cloud.api().updateConfiguration(name="plugin.call.deadline.ms", value=str(CALL_DEADLINE_MS))
    faulty_beside_healthy(cloud, "Hanging", "stuck", CALL_DEADLINE_MS * 1.5 / 1000 + SEEN_WITHIN_S)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gurum-plugins-") as parent:
        with Cloud(zone="simulator", GURUM_PLUGINS=plugins_folder(parent), GURUM_SIM_HOSTS="4") as cloud:
            cloud.api().updateConfiguration(name="vm.stop.grace", value="0")
            counts = run_tests(globals(), cloud)
            if counts[1] and os.environ.get("GURUM_KEEP_LOGS"):
                shutil.copytree(os.path.join(cloud.run, "log"), os.environ["GURUM_KEEP_LOGS"], dirs_exist_ok=True)
    close(*counts)
