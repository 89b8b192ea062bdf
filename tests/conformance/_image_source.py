"""A source of images on loopback, honest and hostile: prints its port, serves until its standard input ends."""
import http.server
import struct
import sys
import threading
import time

SIZE = 8 << 20


def qcow2(backing=0, incompatible=0, version=3, crypt=0, virtual=SIZE, magic=b"QFI\xfb"):
    head = magic + struct.pack(">IQIIQIIQQIIQ", version, backing, 9 if backing else 0, 16, virtual, crypt, 0, 0, 0, 0, 0, 0)
    return (head + struct.pack(">QQQII", incompatible, 0, 0, 4, 104)).ljust(200000, b"\0")


FILES = {
    "/image.qcow2": qcow2(),
    "/overlay.qcow2": qcow2(backing=200),
    "/elsewhere.qcow2": qcow2(incompatible=4),
    "/unknown-feature.qcow2": qcow2(incompatible=1 << 40),
    "/encrypted.qcow2": qcow2(crypt=2),
    "/huge-disk.qcow2": qcow2(virtual=1 << 50),
    "/old.qcow2": qcow2(version=1),
    "/short.qcow2": b"QFI\xfb\0\0\0\3",
    "/web-page.qcow2": b"<html>no image here</html>" * 4000,
    "/empty.qcow2": b"",
}


class Source(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def head(self, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def do_GET(self):
        name, port = self.path, self.server.server_address[1]
        if name in FILES:
            self.head(Content_Length=len(FILES[name]))
            self.wfile.write(FILES[name])
        elif name == "/endless.qcow2":  # tells no length and never ends
            self.head()
            self.forever(qcow2())
        elif name == "/lying.qcow2":  # tells a small length; what follows it is not read
            self.head(Content_Length=1000)
            self.wfile.write(qcow2())
        elif name == "/cut.qcow2":  # breaks off
            self.head(Content_Length=len(qcow2()) * 2)
            self.wfile.write(qcow2())
        elif name == "/packed.qcow2":  # an encoding nobody asked for is not unpacked
            self.head(Content_Encoding="gzip", Content_Length=5)
            self.wfile.write(b"\x1f\x8b\x08\0\0")
        elif name == "/stalled.qcow2":  # sends a little and then nothing
            self.head(Content_Length=len(qcow2()))
            self.wfile.write(qcow2()[:1000])
            self.wfile.flush()
            time.sleep(30)
        elif name == "/slow.qcow2":  # comes steadily for half a minute
            self.head(Content_Length=len(qcow2()) * 10)
            for at in range(300):
                self.wfile.write(qcow2()[:len(qcow2()) // 30] if at == 0 else bytes(len(qcow2()) // 30))
                self.wfile.flush()
                time.sleep(0.1)
        elif name == "/moved.qcow2":
            self.head(302, Location="/image.qcow2", Content_Length=0)
        elif name == "/to-loopback.qcow2":
            self.head(302, Location=f"http://127.0.0.2:{port}/image.qcow2", Content_Length=0)
        elif name == "/to-loopback-six.qcow2":
            self.head(302, Location=f"http://[::ffff:127.0.0.2]:{port}/image.qcow2", Content_Length=0)
        elif name == "/to-metadata.qcow2":
            self.head(302, Location="http://169.254.169.254/latest/meta-data/", Content_Length=0)
        elif name == "/to-file.qcow2":
            self.head(302, Location="file:///etc/passwd", Content_Length=0)
        elif name == "/round.qcow2":
            self.head(302, Location="/round.qcow2", Content_Length=0)
        elif name == "/sick.qcow2":
            self.head(503, Content_Length=0)
        else:
            self.head(404, Content_Length=0)

    def forever(self, data):
        while True:
            self.wfile.write(data)


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that gives up is what these tests are about


server = Quiet(("127.0.0.1", 0), Source)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
