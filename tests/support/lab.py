"""Hypervisor hosts of a test's own: `with Lab(hosts=2, shared=True) as lab: lab["h1"].virsh("list")`. The hosts, and why nothing of them
stays behind whoever dies: tests/support/lab. What is not here: any test."""
import contextlib, json, os, shlex, subprocess, sys, time

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lab")
NEEDED = ("unshare", "nsenter", "ip", "libvirtd", "virtlogd", "virsh")


def missing():
    """Why there can be no lab here, or None."""
    if os.geteuid():
        return "a lab makes namespaces: only root may"
    absent = [name for name in NEEDED if not any(os.access(os.path.join(folder, name), os.X_OK)
                                                 for folder in os.environ["PATH"].split(":") + ["/usr/sbin", "/sbin"])]
    return "not installed: " + ", ".join(absent) if absent else None


def require():
    """Skips the test (exit status 77) where there can be no lab."""
    if missing():
        print("no lab: " + missing())
        sys.exit(77)


class Host:
    """One host; `uri` is how libvirt on it is reached from this machine."""
    def __init__(self, lab, description):
        self.lab, self.name, self.address = lab, description["name"], description["address"]
        self.uri, self.pid = description["uri"], description["pid"]

    def enter(self, *words):
        """The command line that runs a program on the host, with the host's root: in a chroot it would else run on the machine."""
        enter = lambda pid: ["nsenter", "-t", str(pid), "-a", "-r", "-w"]
        return [*enter(self.lab.init), *enter(self.pid), *words]

    def exec(self, *words, check=True, **how):
        """Runs a program on the host; standard output as text is in the result."""
        how = dict({"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}, **how)
        done = subprocess.run(self.enter(*words), **how)
        if check and done.returncode:
            raise RuntimeError("%s: %s: %s" % (self.name, " ".join(words), done.stdout))
        return done

    def virsh(self, *words, check=True):
        """What virsh on the host prints; works through a partition too."""
        return self.exec("virsh", "-q", "-c", "qemu:///system", *words, check=check).stdout

    def guests(self):
        """Name → state in libvirt's words (running, shut off, …), of all guests."""
        return {line.split(None, 2)[1]: line.split(None, 2)[2].strip() for line in self.virsh("list", "--all").splitlines() if line.strip()}

    def processes(self, program):
        """Process numbers, on the host, of programs of that name."""
        return [int(pid) for pid in self.exec("pidof", program, check=False).stdout.split()]

    def power_cut(self):
        self.lab.tell("cut", self.name)

    def boot(self):
        self.pid = self.lab.tell("boot", self.name)["pid"]

    def partition(self):
        self.lab.tell("partition", self.name)

    def heal(self):
        self.lab.tell("heal", self.name)

    def kill_libvirtd(self):
        """kill -9 of libvirtd alone; guests go on."""
        self.lab.tell("kill-libvirtd", self.name)

    def start_libvirtd(self):
        self.lab.tell("start-libvirtd", self.name)


class Lab:
    def __init__(self, hosts=2, shared=False, kvm=False):
        """shared: /mnt is one folder that all hosts have (else each has its own). kvm: hosts have /dev/kvm (else guests run under TCG)."""
        self.wanted, self.options, self.process, self.init, self.hosts = hosts, ["--shared"] * shared + ["--kvm"] * kvm, None, 0, {}

    def __enter__(self):
        self.process = subprocess.Popen([LAB, "--hosts", str(self.wanted)] + self.options, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        try:
            begun = self.answer()
            self.device = begun["device"]
            with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as children:
                self.init = int(children.read().split()[0])
            self.hosts = {each["name"]: Host(self, each) for each in begun["hosts"]}
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        """The end of its input is the end of the lab."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        until = time.monotonic() + 10  # the kernel takes namespaces down a moment after their last process
        while os.path.exists("/sys/class/net/" + getattr(self, "device", "-")) and time.monotonic() < until:
            time.sleep(0.02)

    def __getitem__(self, name):
        return self.hosts[name]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the lab has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError("lab: " + answer["error"])
        return answer

    def tell(self, *words):
        self.process.stdin.write(shlex.join(words) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def add_host(self):
        """One host more: h3 after h1 and h2."""
        described = self.tell("add", "h%d" % (len(self.hosts) + 1))
        self.hosts[described["name"]] = Host(self, described)
        return self.hosts[described["name"]]
