"""A whole cloud of its own for a test: `with Cloud(zone="simulator") as cloud:` starts it in a temporary run folder through the same
script as `make start`, and stops it. What is not here: any test."""
import os, shutil, subprocess, sys, tempfile, threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD_FOLDER = os.path.abspath(os.environ.get("GURUM_OUT", os.path.join(ROOT, "build", "release")))

END_OF_ROWS = "-- that was all --"


class Cloud:
    def __init__(self, zone="none", **variables):
        self.folder = tempfile.mkdtemp(prefix="gurum-", dir=os.environ.get("TMPDIR", "/tmp"))
        self.run = os.path.join(self.folder, "run")
        self.environment = dict(os.environ, GURUM_ZONE=zone, GURUM_OUT=BUILD_FOLDER, RUN=self.run, **variables)
        self.settings = {}
        self.client, self.rows_lock = None, threading.Lock()

    def control(self, verb):
        """start, stop or status."""
        if verb == "stop" and self.client:
            self.client.kill()
            self.client.communicate()
            self.client = None
        result = subprocess.run([os.path.join(ROOT, "fcgi-app/supervise/cloud"), verb], cwd=ROOT, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            print(result.stdout, file=sys.stderr)
            raise RuntimeError("%s failed" % verb)
        return result.stdout

    def show_logs(self):
        for folder, folders, files in os.walk(self.run):
            folders[:] = [each for each in folders if each != "db"]  # the database's own .log files are not for people
            for name in files:
                if name.endswith(".log"):
                    print("==== " + name, file=sys.stderr)
                    with open(os.path.join(folder, name), errors="replace") as log:
                        print("".join(log.readlines()[-40:]), file=sys.stderr)

    def __enter__(self):
        try:
            self.control("start")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.read_settings()
        return self

    def read_settings(self):
        with open(os.path.join(self.run, "cloud.env")) as lines:
            self.settings = dict(line.strip().split("=", 1) for line in lines if "=" in line)

    def restart(self):
        """Stops and starts; the address may be another one afterwards."""
        self.control("stop")
        self.control("start")
        self.read_settings()

    def __exit__(self, kind, value, trace):
        if kind:
            self.show_logs()
        try:
            self.control("stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return self.settings["GURUM_URL"].rstrip("/")

    def api(self):
        """An unmodified python3-cs client with the administrator's keys."""
        from cs import CloudStack
        return CloudStack(endpoint=self.url + "/client/api", key=self.settings["GURUM_API_KEY"], secret=self.settings["GURUM_SECRET_KEY"],
                          timeout=60, poll_interval=0.2, job_timeout=120)

    def simulator(self, *words):
        """Asks the simulator's server: dump, fault …"""
        with open(os.path.join(self.run, "simulator.socket")) as file:
            socket = file.read().strip()
        return subprocess.run([os.path.join(BUILD_FOLDER, "gurum-simulator"), "--socket", socket, *words], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def rows(self, statement):
        """Rows of a SELECT, each a list of texts. One client stays connected for all of them; a restarted database gets a new one."""
        with self.rows_lock:
            for may_repeat in (True, False):
                if self.client is None:
                    self.client = subprocess.Popen(["mariadb", "--no-defaults", "--user=root", "--socket", self.database_socket(), "-N", "-B", "-n", "gurum"],
                                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                try:
                    self.client.stdin.write("%s\n;\nSELECT '%s';\n" % (statement.strip().rstrip(";"), END_OF_ROWS))
                    self.client.stdin.flush()
                    return [line.split("\t") for line in iter(lambda: self.client_line(statement), END_OF_ROWS)]
                except (BrokenPipeError, EOFError):
                    status = self.client.wait()
                    self.client = None
                    if not may_repeat:
                        raise subprocess.CalledProcessError(status, statement)

    def client_line(self, statement):
        line = self.client.stdout.readline()
        if not line:
            raise EOFError(statement)
        return line.rstrip("\n")

    def database_socket(self):
        with open(os.path.join(self.run, "gurum.conf")) as lines:
            for line in lines:
                name, _, value = line.partition("=")
                if name.strip() == "database.socket":
                    return value.strip()
        raise RuntimeError("gurum.conf names no database socket")

    def failed_checks(self):
        """The rows of every query in sql/checks: must be empty."""
        found = []
        for name in sorted(os.listdir(os.path.join(ROOT, "sql", "checks"))):
            if name.endswith(".sql"):
                with open(os.path.join(ROOT, "sql", "checks", name)) as query:
                    found += [[name] + row for row in self.rows(query.read())]
        return found
