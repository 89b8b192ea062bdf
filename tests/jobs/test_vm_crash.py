#!/usr/bin/python3
"""Kills the jobs process at every step and point of every job, and at random instants; the simulator and the database agree afterwards.
timeout: 900
GURUM_SEED repeats the random instants of an earlier run, GURUM_FULL=1 makes them 200."""
import os, random, signal, socket, subprocess, sys, threading, time, urllib.parse, urllib.request
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import BUILD_FOLDER, Cloud
from provider import compare, counters, deployment, settle

GURUMD = os.path.join(BUILD_FOLDER, "gurumd")
POINTS = ("before_act", "after_act", "after_journal")
RANDOM_KILLS = 200 if os.environ.get("GURUM_FULL") else 50


def on(command, **more):
    """The command on what was prepared."""
    return lambda operator, what: operator.do(command, id=what, **more)


def due(kind, schedule, sooner=None, **settings):
    """The job that a schedule begins. `sooner` and the settings make it have something to do."""
    return lambda operator, what: operator.scheduled(kind, schedule, sooner, settings)


# every host is due, and no VM was changed just now: such a one is left alone
LONG_AGO = "UPDATE vm SET updated = '2000-01-01'; UPDATE host_watch SET due = '2000-01-01'"
# kind → what it needs before it can run, and the command that begins it. Every kind that the program knows is here.
JOBS = {
    "vm.deploy": (None, lambda operator, _: operator.vm()),
    "vm.start": (lambda operator: operator.vm(stopped=True), on("startVirtualMachine")),
    "vm.stop": (lambda operator: operator.vm(), on("stopVirtualMachine")),
    "vm.reboot": (lambda operator: operator.vm(), on("rebootVirtualMachine")),
    "vm.destroy": (lambda operator: operator.vm(), on("destroyVirtualMachine", expunge="true")),
    "vm.expunge": (lambda operator: operator.vm(destroyed=True), on("expungeVirtualMachine")),
    "vm.console_log": (lambda operator: operator.vm(), lambda operator, what: operator.do("getVirtualMachineConsoleLog", virtualmachineid=what)),
    "vm.observe": (lambda operator: operator.vm_lost(), due("vm.observe", "vm.observe", LONG_AGO)),
    "vm.found": (lambda operator: operator.vm_lost(), due("vm.found", "vm.observe", LONG_AGO)),
    "image.register": (None, lambda operator, _: operator.image()),
    "image.delete": (lambda operator: operator.image(), on("deleteTemplate")),
    "host.add": (None, lambda operator, _: operator.host()),
    "host.remove": (lambda operator: operator.host(), on("deleteHost")),
    "host.reconnect": (lambda operator: operator.host(), on("reconnectHost")),
    "storage_pool.add": (None, lambda operator, _: operator.pool()),
    "storage_pool.remove": (lambda operator: operator.pool(), on("deleteStoragePool")),
    "storage_pool.maintain": (lambda operator: operator.pool(), on("enableStorageMaintenance")),
    "storage_pool.resume": (lambda operator: operator.pool(resting=True), on("cancelStorageMaintenance")),
    "storage_pool.observe": (lambda operator: operator.pool(),
                             due("storage_pool.observe", "storage.observe", "UPDATE storage_pool SET observed = '2000-01-01'")),
    "image_store.add": (None, lambda operator, _: operator.store()),
    "image_store.remove": (lambda operator: operator.store(), on("deleteImageStore")),
    "image_store.observe": (None, due("image_store.observe", "storage.observe", "UPDATE image_store SET observed = '2000-01-01'")),
    "stats.collect": (lambda operator: operator.vm(), due("stats.collect", "stats.collect", "DELETE FROM host_stats")),
    "network.restart": (lambda operator: operator.network(), on("restartNetwork")),
    "network.update": (lambda operator: operator.network(), on("updateNetwork", displaytext="changed")),
    "network.delete": (lambda operator: operator.network(), on("deleteNetwork")),
    "network.gc": (lambda operator: operator.network(),
                   due("network.gc", "network.gc", None, **{"network.gc.wait": "0", "network.gc.interval": "1"})),
    "network.services": (lambda operator: operator.vm(destroyed=True), on("expungeVirtualMachine")),
    "physical_network.create": (None, lambda operator, _: operator.physical()),
    "physical_network.update": (lambda operator: operator.physical(), on("updatePhysicalNetwork", state="Enabled")),
    "physical_network.delete": (lambda operator: operator.physical(traffic=True), on("deletePhysicalNetwork")),
    "traffic_type.add": (lambda operator: operator.physical(), lambda operator, what: operator.traffic(what)),
    "traffic_type.update": (lambda operator: operator.traffic(operator.physical()), on("updateTrafficType", kvmnetworklabel="crash0")),
    "traffic_type.delete": (lambda operator: operator.traffic(operator.physical()), on("deleteTrafficType")),
    "network_provider.add": (lambda operator: operator.physical(without="ConfigDrive"), lambda operator, what: operator.provider_add(what)),
    "network_provider.update": (lambda operator: operator.provider(), on("updateNetworkServiceProvider", state="Enabled")),
    "network_provider.delete": (lambda operator: operator.provider(), on("deleteNetworkServiceProvider")),
    "virtual_router_element.configure": (lambda operator: operator.router_element(), on("configureVirtualRouterElement", enabled="true")),
    "tag.create": (lambda operator: operator.image(), lambda operator, what: operator.tag("createTags", what)),
    "tag.delete": (lambda operator: operator.image(tagged=True), lambda operator, what: operator.tag("deleteTags", what)),
    "alert.generate": (None, lambda operator, _: operator.do("generateAlert", type=99, name="CRASH", description="crash")),
    "detail.add": (lambda operator: operator.image(), lambda operator, what: operator.detail("addResourceDetail", what)),
    "detail.remove": (lambda operator: operator.image(detailed=True), lambda operator, what: operator.detail("removeResourceDetail", what)),
    "user.disable": (lambda operator: operator.user(), on("disableUser")),
    "account.disable": (lambda operator: operator.account(), on("disableAccount", lock="false")),
    "account.delete": (lambda operator: operator.account_owning(), on("deleteAccount")),
    "domain.delete": (lambda operator: operator.domain_owning(), on("deleteDomain", cleanup="true")),
    "project.create": (None, lambda operator, _: operator.project()),
    "project.update": (lambda operator: operator.project(), on("updateProject", displaytext="changed")),
    "project.activate": (lambda operator: operator.project(), on("activateProject")),
    "project.suspend": (lambda operator: operator.project(owning=True), on("suspendProject")),
    "project.delete": (lambda operator: operator.project(owning=True), on("deleteProject", cleanup="true")),
    "project.add_account": (lambda operator: operator.project(), lambda operator, what: operator.join(what)),
    "project.add_user": (lambda operator: operator.project(), lambda operator, what: operator.join(what, user=True)),
    "project.remove_account": (lambda operator: operator.project(member=True), lambda operator, what: operator.leave_project(what)),
    "project.remove_user": (lambda operator: operator.project(member=True, user=True), lambda operator, what: operator.leave_project(what, user=True)),
    "project.answer_invitation": (lambda operator: operator.project(invited=True), lambda operator, what: operator.answer(what)),
    "project.remove_invitation": (lambda operator: operator.project(invited=True), lambda operator, what: operator.withdraw(what)),
    "volume.delete": (lambda operator: operator.account_owning(), on("deleteAccount")),
    "user.password_reset": (None, lambda operator, _: operator.letter()),
    "mail.send": (None, lambda operator, _: operator.letter()),
    "job.leftover": (lambda operator: operator.leftover(),
                     due("job.leftover", "job.leftovers", "UPDATE provider_leftover SET next_attempt = '2000-01-01' WHERE resolved IS NULL")),
}
# kind → the fault that makes the job fail at its end; its steps with an undo are killed in it
UNDONE = {
    "vm.deploy": "slot=guest_start",
    "vm.start": "slot=guest_start",
    "image.register": "slot=image_ensure",
    "host.add": "slot=host_ensure",
    "host.remove": "slot=host_remove",
    "storage_pool.add": "slot=pool_ensure",
    "storage_pool.remove": "slot=pool_remove",
    "storage_pool.maintain": "a VM runs there",
    "image_store.add": "slot=store_ensure",
    "image_store.remove": "slot=store_remove",
    "network.delete": "slot=network_remove",
}


class Refused(Exception):
    pass


class Worker:
    """One jobs process at a time, replaced and settled when it dies as the supervisor would."""

    def __init__(self, cloud, **crash):
        self.cloud, self.crash, self.deaths = cloud, crash, 0  # a live cloud has no simulator
        Path(cloud.run, "state", "crashed").unlink(missing_ok=True)
        self.spawn()

    def command(self, *words):
        return [GURUMD, "--config", os.path.join(self.cloud.run, "gurum.conf"), *words]

    def environment(self):
        simulator = Path(self.cloud.run, "simulator.socket")
        return dict(os.environ, GURUM_SIMULATOR=simulator.read_text().strip()) if simulator.exists() else os.environ

    def spawn(self):
        with open(os.path.join(self.cloud.run, "log", "crash-jobs.log"), "a") as log:
            self.process = subprocess.Popen(self.command("jobs"), env=dict(self.environment(), **self.crash), stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL)

    def look(self):
        status = self.process.poll()
        if status is None:
            return
        assert status == -signal.SIGKILL, "the jobs process ended with %s" % status
        self.deaths += 1
        subprocess.run(self.command("jobs-died", str(self.process.pid), str(signal.SIGKILL.value)), env=self.environment(), stderr=subprocess.DEVNULL)
        self.spawn()

    def leave(self):
        """Takes no more jobs from here on, and ends by itself a little later."""
        self.process.terminate()

    def stop(self):
        self.leave()
        self.process.wait(30)


class Caller(threading.Thread):
    """One API command whose answer may need the worker that this test looks after."""

    def __init__(self, cs, command, parameters):
        super().__init__(daemon=True)
        self.cs, self.command, self.parameters, self.reply, self.problem = cs, command, parameters, None, None
        self.start()

    def run(self):
        try:
            self.reply = getattr(self.cs, self.command)(**self.parameters)
        except Exception as problem:
            self.problem = problem


class Operator:
    """Gives commands and waits for them while the worker dies and comes back."""
    accounts, post = 0, None

    def __init__(self, cloud, cs, base, worker):
        self.cloud, self.cs, self.base, self.worker = cloud, cs, base, worker

    def call(self, command, **parameters):
        caller = Caller(self.cs, command, parameters)
        while caller.is_alive():
            self.worker.look()
            caller.join(0.02)
        if caller.problem:
            raise Refused("%s: %s" % (command, caller.problem))
        return caller.reply

    def wait(self, job):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.worker.look()
            reply = self.cs.queryAsyncJobResult(jobid=job)
            if reply["jobstatus"]:
                return reply
            time.sleep(0.03)
        raise AssertionError("job %s does not end: %s" % (job, self.cloud.rows("SELECT kind, state, step FROM job WHERE uuid = '%s'" % job)))

    def do(self, command, **parameters):
        """The command's whole work; the id of what it is about."""
        reply = self.call(command, **parameters)
        if "jobid" in reply:
            ended = self.wait(reply["jobid"])
            if ended["jobstatus"] != 1:
                raise Refused("%s: %s" % (command, ended["jobresult"]))
        return reply.get("id")

    def letter(self):
        """Somebody forgot his password: a letter goes to a mail server of this test."""
        from aiosmtpd.controller import Controller
        if Operator.post is None:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = listener.getsockname()[1]
            Operator.post = Controller(type("Sink", (), {})(), hostname="127.0.0.1", port=port)
            Operator.post.start()
        for name, value in (("alert.smtp.host", "127.0.0.1"), ("alert.smtp.port", str(Operator.post.port)),
                            ("user.password.reset.requests.per.user", "100"), ("user.password.reset.requests.per.address", "10000")):
            self.cs.updateConfiguration(name=name, value=value)
        asked = urllib.parse.urlencode({"command": "forgotPassword", "response": "json", "username": "admin"}).encode()
        urllib.request.urlopen(self.cloud.url + "/client/api", asked, timeout=30).read()

    def settle(self):
        settle(self.cloud, self.worker.look)

    def killed_once(self):
        until = time.monotonic() + 5 # it may be dying just now: its last journal entry is there before its end is seen
        while self.worker.deaths == 0 and time.monotonic() < until:
            self.worker.look()
            time.sleep(0.02)
        assert self.worker.deaths == 1, "killed %d times" % self.worker.deaths

    def scheduled(self, kind, schedule, sooner, settings):
        """Lets the schedule run now, in a jobs process that has not looked at it yet, and waits until its job has killed that."""
        for name, value in settings.items():
            self.cs.updateConfiguration(name=name, value=value)
        self.worker.stop()
        self.cloud.rows("UPDATE job_schedule SET next_run = '2000-01-01' WHERE name = '%s'; %s" % (schedule, sooner or "SELECT 1"))
        self.worker.spawn()
        until = time.monotonic() + 30
        while self.worker.deaths == 0:
            assert time.monotonic() < until, "no %s began" % kind
            self.worker.look()
            time.sleep(0.03)
        for name in settings:
            self.cs.updateConfiguration(name=name, value="600")

    def vm(self, stopped=False, destroyed=False):
        vm = self.do("deployVirtualMachine", **self.base)
        if stopped:
            self.do("stopVirtualMachine", id=vm)
        if destroyed:
            self.do("destroyVirtualMachine", id=vm)
        return vm

    def vm_lost(self):
        """A VM whose guest is gone behind our back."""
        vm = self.vm()
        self.cloud.simulator("kill_guest", vm)
        return vm

    def image(self, tagged=False, detailed=False):
        reply = self.call("registerTemplate", name="crash", displaytext="crash", format="QCOW2", hypervisor="Simulator",
                          url="http://sim/images/crash.qcow2", zoneid=self.base["zoneid"])
        image = reply["template"][0]["id"]
        self.settle()
        if tagged:
            self.tag("createTags", image)
        if detailed:
            self.detail("addResourceDetail", image)
        return image

    def tag(self, command, image):
        self.do(command, resourcetype="Template", resourceids=image, tags=[{"key": "crash", "value": "yes"}])

    def detail(self, command, image):
        details = {"details": [{"key": "crash", "value": "yes"}]} if command == "addResourceDetail" else {"key": "crash"}
        self.do(command, resourcetype="Template", resourceid=image, **details)

    def host(self):
        cluster = self.call("listClusters")["cluster"][0]
        return self.call("addHost", zoneid=cluster["zoneid"], podid=cluster["podid"], clusterid=cluster["id"], hypervisor="Simulator",
                         url="http://sim/crash/host", username="root", password="simulator")["host"][0]["id"]

    def pool(self, resting=False):
        cluster = self.call("listClusters")["cluster"][0]
        pool = self.call("createStoragePool", zoneid=cluster["zoneid"], podid=cluster["podid"], clusterid=cluster["id"], name="crash-pool",
                         url="nfs://sim/crash-pool", scope="cluster", hypervisor="Simulator")["storagepool"]["id"]
        if resting:
            self.do("enableStorageMaintenance", id=pool)
        return pool

    def pool_in_use(self):
        return self.cloud.rows("SELECT p.uuid FROM volume v JOIN vm ON vm.id = v.vm_id JOIN storage_pool p ON p.id = v.pool_id "
                               "WHERE vm.uuid = '%s'" % self.vm())[0][0]

    def store(self):
        return self.call("addImageStore", zoneid=self.base["zoneid"], name="crash-store", provider="NFS", url="nfs://sim/crash-store")["imagestore"]["id"]

    def network(self):
        offering = self.call("listNetworkOfferings", name="DefaultIsolatedNetworkOfferingWithSourceNatService")["networkoffering"][0]["id"]
        network = self.call("createNetwork", zoneid=self.base["zoneid"], name="crash", displaytext="crash", networkofferingid=offering)["network"]["id"]
        vm = self.do("deployVirtualMachine", networkids=network, **self.base)
        self.do("destroyVirtualMachine", id=vm, expunge="true")
        return network

    def physical(self, traffic=False, without=None):
        physical = self.do("createPhysicalNetwork", zoneid=self.base["zoneid"], name="crash")
        if traffic:
            self.traffic(physical)
        if without:
            self.do("deleteNetworkServiceProvider", id=self.provider(physical, without))
        return physical

    def traffic(self, physical):
        return self.do("addTrafficType", physicalnetworkid=physical, traffictype="Storage")

    def provider(self, physical=None, name="ConfigDrive"):
        return self.call("listNetworkServiceProviders", physicalnetworkid=physical or self.physical(), name=name)["networkserviceprovider"][0]["id"]

    def provider_add(self, physical):
        return self.do("addNetworkServiceProvider", physicalnetworkid=physical, name="ConfigDrive")

    def router_element(self):
        return self.call("listVirtualRouterElements", nspid=self.provider(name="VirtualRouter"))["virtualrouterelement"][0]["id"]

    def account(self, **where):
        Operator.accounts += 1
        return self.call("createAccount", username="crash%d" % self.accounts, account="crash%d" % self.accounts, password="Crash-crash-1",
                         email="crash@example.org", firstname="Crash", lastname="Crash", accounttype=0, **where)["account"]["id"]

    def domain_owning(self):
        top = self.call("createDomain", name="crash%d" % Operator.accounts)["domain"]["id"]
        below = self.call("createDomain", name="below", parentdomainid=top)["domain"]["id"]
        self.account_owning(domainid=below)
        return top

    def account_owning(self, **where):
        """An account with a machine and a disk that no machine has any more."""
        account = self.account(**where)
        owner = {"account": "crash%d" % self.accounts, "domainid": self.call("listAccounts", id=account)["account"][0]["domainid"]}
        disk = self.call("listDiskOfferings", name="Small")["diskoffering"][0]["id"]
        machines = [self.do("deployVirtualMachine", diskofferingid=disk, **owner, **self.base) for _ in range(2)]
        self.do("destroyVirtualMachine", id=machines[0], expunge="true")
        return account

    def project(self, owning=False, member=False, user=False, invited=False):
        Operator.accounts += 1
        project = self.do("createProject", name="crash%d" % self.accounts, displaytext="crash")
        if owning:
            self.do("deployVirtualMachine", projectid=project, **self.base)
        if invited:
            self.call("updateConfiguration", name="project.invite.required", value="true")
        if member or invited:
            self.join(project, user)
        if invited:
            self.call("updateConfiguration", name="project.invite.required", value="false")
        return project

    def join(self, project, user=False):
        """A new account of ROOT, or its user, becomes a member or is invited."""
        self.account()
        name = "crash%d" % self.accounts
        self.do("addUserToProject" if user else "addAccountToProject", projectid=project, **{"username" if user else "account": name})

    def leave_project(self, project, user=False):
        name = "crash%d" % self.accounts
        if user:
            user = self.call("listUsers", username=name, listall="true")["user"][0]["id"]
            self.do("deleteUserFromProject", projectid=project, userid=user)
        else:
            self.do("deleteAccountFromProject", projectid=project, account=name)

    def answer(self, project):
        self.do("updateProjectInvitation", projectid=project, account="crash%d" % self.accounts)

    def withdraw(self, project):
        self.do("deleteProjectInvitation", id=self.call("listProjectInvitations", projectid=project)["projectinvitation"][0]["id"])

    def user(self):
        account = self.call("listAccounts", id=self.account())["account"][0]
        return account["user"][0]["id"]

    def leftover(self):
        """An image that could be neither brought nor taken away again."""
        for slot in ("image_ensure", "image_remove"):
            self.cloud.simulator("fault", "action=status", "status=INVALID", "slot=" + slot)
        self.image()
        self.cloud.simulator("no-faults")
        assert self.cloud.rows("SELECT COUNT(*) FROM provider_leftover WHERE resolved IS NULL") == [["1"]]

    def clean(self):
        """Takes away all that a case made."""
        rows = self.cloud.rows
        for project in rows("SELECT uuid FROM project WHERE removed_id = 0"):
            self.do("deleteProject", id=project[0], cleanup="true")
        for vm in rows("SELECT uuid FROM vm WHERE removed IS NULL"):
            self.do("destroyVirtualMachine", id=vm[0], expunge="true")
        for image in rows("SELECT uuid FROM image WHERE name = 'crash' AND removed IS NULL"):
            self.do("deleteTemplate", id=image[0])
        for host in rows("SELECT uuid FROM host WHERE name LIKE '%crash%' AND removed IS NULL"):
            self.do("deleteHost", id=host[0])
        for pool in rows("SELECT uuid FROM storage_pool WHERE name = 'crash-pool' AND removed IS NULL"):
            self.do("deleteStoragePool", id=pool[0])
        for store in rows("SELECT uuid FROM image_store WHERE name = 'crash-store' AND removed IS NULL"):
            self.do("deleteImageStore", id=store[0])
        for network in rows("SELECT uuid FROM network WHERE name = 'crash' AND removed IS NULL"):
            self.do("deleteNetwork", id=network[0])
        for physical in rows("SELECT uuid FROM physical_network WHERE name = 'crash' AND removed IS NULL"):
            self.do("deletePhysicalNetwork", id=physical[0])
        self.settle()


class Suite:
    def __init__(self, cloud):
        self.cloud, self.cs = cloud, cloud.api()
        self.cs.updateConfiguration(name="vm.stop.grace", value="0")
        self.base = self.deployment()
        self.passed = self.failed = self.kills = 0
        self.at_rest = self.left = None

    def deployment(self):
        return deployment(self.cs)

    def compare(self):
        """What the provider has is what the database says; the consistency queries find nothing."""
        compare(self.cloud)

    def heal(self):
        self.cloud.simulator("no-faults")

    def operator(self, **crash):
        return Operator(self.cloud, self.cs, self.base, Worker(self.cloud, **crash))

    def close(self, operator):
        """After any case: all agrees, and with everything taken away all counters are where they began."""
        operator.settle()
        self.compare()
        operator.clean()
        self.compare()
        now = counters(self.cloud)
        self.at_rest = self.at_rest or now
        assert now == self.at_rest, "counters differ: %s" % [row for row in now + self.at_rest if (row in now) != (row in self.at_rest)]

    def case(self, name, function, **crash):
        operator = self.operator(**crash)
        try:
            function(operator)
            self.close(operator)
            self.passed += 1
        except (AssertionError, Refused, subprocess.CalledProcessError) as problem:
            self.failed += 1
            print("FAIL  %s: %s" % (name, problem), flush=True)
            self.heal()
            try:
                operator.clean()
            except (AssertionError, Refused):
                pass
        finally:
            self.kills += operator.worker.deaths
            self.left.process.wait(30) if self.left else None
            self.left = operator.worker
            self.left.leave()

    def killed(self, kind, step, point):
        def run(operator):
            needs, begin = JOBS[kind]
            begin(operator, needs and needs(operator))
            operator.settle()
            operator.killed_once()
        self.case("%s:%s:%s" % (kind, step, point), run, GURUM_CRASH_AT="%s:%s:%s" % (kind, step, point))

    def killed_in_undo(self, kind, step):
        def run(operator):
            needs, begin = JOBS[kind]
            fault = UNDONE[kind]
            what = operator.pool_in_use() if kind == "storage_pool.maintain" else needs and needs(operator)
            if fault.startswith("slot="):
                self.cloud.simulator("fault", "action=status", "status=INVALID", fault)
            try:
                begin(operator, what)
                assert kind == "image.register", "%s should have failed" % kind
            except Refused:
                pass
            operator.settle()
            self.cloud.simulator("no-faults")
            operator.killed_once()
        self.case("%s:%s:during_undo" % (kind, step), run, GURUM_CRASH_AT="%s:%s:during_undo" % (kind, step))

    def steps(self):
        """(kind, step, points, whether it has an undo) of every step of every kind. A step that calls no plugin is committed in the
        transaction of the step before it, so that only a first one has an instant of its own."""
        lines = subprocess.run([GURUMD, "--config", os.path.join(self.cloud.run, "gurum.conf"), "job-kinds"], check=True, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
        before = None
        for kind, step, acts, undoes in map(str.split, lines):
            yield kind, step, POINTS if kind != before or acts == "acts" else (), undoes == "undoes"
            before = kind

    def all_kinds(self, only):
        for kind, step, points, undoes in self.steps():
            if only and kind not in only:
                continue
            if kind not in JOBS or (undoes and kind not in UNDONE):
                self.failed += 1
                print("FAIL  %s:%s: nothing here kills it" % (kind, step), flush=True)
                continue
            for point in points:
                self.killed(kind, step, point)
            if undoes:
                self.killed_in_undo(kind, step)

    def killed_at_random(self, seed, ms):
        dice = random.Random(seed)

        def jobs_of(operator, command, vms, **more):
            return [operator.call(command, id=vm, **more)["jobid"] for vm in vms]

        def wait_all(operator, jobs, status):
            for job in jobs:
                ended = operator.wait(job)
                assert ended["jobstatus"] == status, ended

        def run(operator):
            while operator.worker.deaths < RANDOM_KILLS:
                if dice.random() < 0.3: # and in undo
                    self.cloud.simulator("fault", "action=status", "status=INVALID", "slot=guest_start")
                    wait_all(operator, [operator.call("deployVirtualMachine", **self.base)["jobid"] for _ in range(3)], 2)
                    self.cloud.simulator("no-faults")
                begun = [operator.call("deployVirtualMachine", **self.base) for _ in range(4)]
                wait_all(operator, [each["jobid"] for each in begun], 1)
                vms = [each["id"] for each in begun]
                wait_all(operator, jobs_of(operator, "stopVirtualMachine", vms[:2]) + jobs_of(operator, "rebootVirtualMachine", vms[2:]), 1)
                wait_all(operator, jobs_of(operator, "startVirtualMachine", vms[:1]), 1)
                operator.image()
                wait_all(operator, jobs_of(operator, "destroyVirtualMachine", vms[dice.randrange(3):], expunge="true"), 1)
                self.close(operator)
        self.case("random instants, seed %d" % seed, run, GURUM_CRASH_RANDOM="%d:%d" % (seed, ms))


def only_ours(cloud):
    """The supervisor runs no jobs process any more: this test does."""
    path = Path(cloud.run, "gurum.conf")
    lines = [line for line in path.read_text().splitlines() if not line.startswith("jobs.processes")]
    path.write_text("\n".join(lines + ["jobs.processes = 0"]) + "\n")
    os.kill(int(Path(cloud.run, "supervisor.pid").read_text().split()[0]), signal.SIGHUP)
    for _ in range(400):
        if cloud.rows("SELECT COUNT(*) FROM job_process") == [["0"]]:
            return
        time.sleep(0.05)
    raise AssertionError("the supervisor keeps its jobs process")


def main():
    seed = int(os.environ.get("GURUM_SEED", random.randrange(1000000)))
    only = sys.argv[1:] # kinds, or "random": for looking closer
    with Cloud(zone="simulator") as cloud:
        suite = Suite(cloud)
        only_ours(cloud)
        suite.case("nothing happens", lambda operator: operator.vm())
        suite.all_kinds(only)
        print("%d kills at named points" % suite.kills, flush=True)
        named = suite.kills
        if not only or "random" in only:
            print("random instants: GURUM_SEED=%d" % seed, flush=True)
            suite.killed_at_random(seed, 500)
            print("%d kills at random instants" % (suite.kills - named))
        if suite.failed and os.environ.get("GURUM_KEEP_LOGS"):
            cloud.show_logs()
    print("%d passed, %d failed" % (suite.passed, suite.failed))
    sys.exit(1 if suite.failed else 0)


if __name__ == "__main__":
    main()
