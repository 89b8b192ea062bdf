"""Two database servers that are one Galera cluster, on loopback, for tests: `with Galera() as cluster:` starts them in a temporary folder;
cluster.variables(0) is what a Cloud needs to use the first, cluster.kill(1) and cluster.start(1) are a machine's sudden end and its return.
What is not here: any test."""
import os, re, secrets, shutil, socket, subprocess, tempfile, time

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
NODES = 2
# rsync, by which a node that joins is served, gives root's rights up at its receiving end: then all of them run without.
AS_USER = dict(user="nobody", group="nogroup", extra_groups=[]) if os.getuid() == 0 else {}


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Galera:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gurum-galera-")
        self.ports = [free_ports(4) for _ in range(NODES)]  # of clients, of the group, of what was missed, of whole copies
        self.servers, self.was_killed = [None] * NODES, [False] * NODES
        self.password_file = self.folder + "/password"

    def path(self, node, name=""):
        return "%s/node-%d/%s" % (self.folder, node, name)

    def __enter__(self):
        try:
            self.install()
            self.start(0, is_first=True)
            self.start(1)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        for node in range(NODES):
            self.kill(node)
        shutil.rmtree(self.folder, ignore_errors=True)

    def show_log(self, node):
        if os.path.exists(self.path(node, "log")):
            with open(self.path(node, "log"), errors="replace") as log:
                print("==== node %d\n%s" % (node, "".join(log.readlines()[-40:])))

    def install(self):
        """One server's files, copied: both begin at the same place of the same history, so nobody has to send his."""
        os.makedirs(self.path(0, "db"))
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.path(0, "db"), "--auth-root-authentication-method=normal",
                        "--skip-test-db"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        if AS_USER:
            subprocess.run(["chown", "-R", "nobody:nogroup", self.path(0)], check=True)
            os.chmod(self.folder, 0o711)
        self.start(0, is_first=True)
        self.make_user()
        self.servers[0].terminate()
        self.servers[0].wait()
        subprocess.run(["cp", "-a", self.path(0), self.path(1)], check=True)

    def start(self, node, is_first=False):
        clients, group, missed, copies = self.ports[node]
        members = "" if is_first else ",".join("127.0.0.1:%d" % ports[1] for ports in self.ports)
        # ignore_sb: of two nodes the one that stays goes on alone
        options = ("gmcast.listen_addr=tcp://127.0.0.1:%d;ist.recv_addr=127.0.0.1:%d;gcache.size=64M;gcache.dir=%s;pc.ignore_sb=true" %
                   (group, missed, self.path(node, "db")))
        command = ["mariadbd", "--no-defaults", "--datadir=" + self.path(node, "db"), "--socket=" + self.path(node, "sock"),
                   "--pid-file=" + self.path(node, "pid"), "--bind-address=127.0.0.1", "--port=%d" % clients,
                   "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=64M", "--max-connections=400", "--character-set-server=utf8mb4",
                   "--collation-server=utf8mb4_bin", "--performance-schema=OFF", "--tmpdir=" + self.path(node, "db"), "--binlog-format=ROW",
                   "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", "--wsrep-provider=" + PROVIDER, "--wsrep-cluster-name=gurum-test",
                   "--wsrep-node-name=node-%d" % node, "--wsrep-node-address=127.0.0.1:%d" % group, "--wsrep-sst-method=rsync",
                   "--wsrep-sst-receive-address=127.0.0.1:%d" % copies, "--wsrep-slave-threads=4", "--wsrep-provider-options=" + options,
                   "--wsrep-cluster-address=gcomm://" + members]
        if self.was_killed[node]:
            command.append("--wsrep-start-position=" + self.recovered_position(command))
        with open(self.path(node, "log"), "a") as log:
            self.servers[node] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **AS_USER)
        for _ in range(600):
            if self.servers[node].poll() is not None:
                self.show_log(node)
                raise RuntimeError("node %d ended" % node)
            if self.sql(node, "SHOW STATUS LIKE 'wsrep_local_state_comment'", check=False).split("\t")[-1:] == ["Synced"]:
                return
            time.sleep(0.1)
        raise RuntimeError("node %d does not join" % node)

    def recovered_position(self, command):
        """How far a killed node's files are, so that it asks only for what it has missed."""
        told = subprocess.run(command + ["--wsrep-recover"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              **AS_USER).stdout
        return re.search(r"Recovered position: (\S+)", told).group(1)

    def make_user(self):
        password = secrets.token_urlsafe(18)
        with open(os.open(self.password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(password + "\n")
        self.sql(0, "CREATE DATABASE gurum CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; CREATE USER gurum@localhost IDENTIFIED BY '%s'; "
                    "GRANT ALL ON gurum.* TO gurum@localhost" % password)

    def sql(self, node, statements, check=True):
        result = subprocess.run(["mariadb", "--no-defaults", "--user=root", "--socket", self.path(node, "sock"), "-N", "-B", "-e", statements],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and result.returncode:
            raise RuntimeError(result.stderr)
        return result.stdout.strip()

    def variables(self, node):
        return dict(GURUM_DB_SOCKET=self.path(node, "sock"), GURUM_DB_PASSWORD_FILE=self.password_file, GURUM_DB_CLUSTER="true")

    def kill(self, node):
        """As if the machine lost its power."""
        server, self.servers[node] = self.servers[node], None
        if server:
            server.kill()
            server.wait()
            self.was_killed[node] = True
