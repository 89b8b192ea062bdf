"""A real slapd on loopback for tests: `with Directory() as directory:`. People: amy and ben (group staff, part people), cho (part people),
dan (part guests); each has the password "<name>-secret". The service entry is cn=search, password search-secret. Not a test."""
import os, shutil, socket, subprocess, tempfile, time

BASE = "dc=example,dc=org"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %(folder)s/slapd.pid
TLSCertificateFile %(folder)s/server.pem
TLSCertificateKeyFile %(folder)s/server.key
disallow bind_anon
database mdb
maxsize 10485760
suffix "dc=example,dc=org"
rootdn "cn=root,dc=example,dc=org"
rootpw root-secret
directory %(folder)s/data
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""


def entry(dn, classes, **attributes):
    lines = ["dn: %s,%s" % (dn, BASE) if dn else "dn: " + BASE] + ["objectClass: " + each for each in classes.split()]
    for name, value in attributes.items():
        lines += ["%s: %s" % (name, each) for each in (value if isinstance(value, list) else [value])]
    return "\n".join(lines) + "\n\n"


def people():
    text = entry("", "dcObject organization", dc="example", o="Example")
    text += entry("cn=search", "organizationalRole simpleSecurityObject", cn="search", userPassword="search-secret")
    for part in ("people", "guests", "groups"):
        text += entry("ou=" + part, "organizationalUnit", ou=part)
    for name, part in (("amy", "people"), ("ben", "people"), ("cho", "people"), ("dan", "guests")):
        text += entry("uid=%s,ou=%s" % (name, part), "inetOrgPerson", uid=name, cn=name.title(), sn="Example", givenName=name.title(),
                      mail=name + "@example.org", userPassword=name + "-secret")
    return text + entry("cn=staff,ou=groups", "groupOfUniqueNames", cn="staff",
                        uniqueMember=["uid=%s,ou=people,%s" % (name, BASE) for name in ("amy", "ben")])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Directory:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="gurum-slapd-")
        os.mkdir(os.path.join(self.folder, "data"))
        self.port, self.tls_port, self.process = free_port(), free_port(), None
        self.certificate = os.path.join(self.folder, "server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder + "/server.key", "-out", self.certificate],
                       check=True, stderr=subprocess.DEVNULL)
        self.config = os.path.join(self.folder, "slapd.conf")
        with open(self.config, "w") as file:
            file.write(CONFIG % {"folder": self.folder})
        subprocess.run(["/usr/sbin/slapadd", "-f", self.config], input=people(), text=True, check=True, stderr=subprocess.DEVNULL)
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-f", self.config, "-d", "0", "-h",
                                         "ldap://127.0.0.1:%d/ ldaps://127.0.0.1:%d/" % (self.port, self.tls_port)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < end and self.process.poll() is None, "slapd does not start"
            time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def modify(self, text):
        subprocess.run(["ldapmodify", "-x", "-H", "ldap://127.0.0.1:%d" % self.port, "-D", "cn=root," + BASE, "-w", "root-secret"],
                       input=text, text=True, check=True, stdout=subprocess.DEVNULL)
