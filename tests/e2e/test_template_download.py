#!/usr/bin/python3
"""Templates are fetched by URL into an image store in a folder: with progress, checksum and ceiling, from allowed addresses only; deleting one
calls its fetch back. The source is on loopback, so the operator opens that address."""
import hashlib, os, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from cloud import Cloud
from results import close, run_tests

ids = {}


def one(reply, key):
    return reply[key][0] if isinstance(reply[key], list) else reply[key]


def register(cs, name, url, **more):
    return one(cs.registerTemplate(**dict({"name": name, "displaytext": name, "format": "QCOW2", "hypervisor": "KVM", "url": url,
                                           "zoneid": ids["zone"], "ostypeid": ids["os"], "method": "post"}, **more)), "template")


def look(cs, template):
    return one(cs.listTemplates(templatefilter="self", id=template["id"]), "template")


def wait(cs, template, wanted, seconds=20):
    until = time.monotonic() + seconds
    while True:
        template = look(cs, template)
        if wanted(template) or time.monotonic() > until:
            return template
        time.sleep(0.1)


def files(folder):
    return sorted(name for name in os.listdir(folder) if name != ".gurum-image-store")


def refusal(call):
    try:
        call()
    except Exception as problem:
        return getattr(problem, "error", {}).get("errortext", str(problem))
    return "nothing"


def test_store_is_a_folder(cloud, cs):
    zone = one(cs.createZone(name="folder", dns1="192.0.2.53", internaldns1="192.0.2.53", networktype="Advanced", method="post"), "zone")
    ids.update(zone=zone["id"], os=one(cs.listOsTypes(description="Other Linux (64-bit)"), "ostype")["id"])
    assert refusal(lambda: cs.addImageStore(zoneid=zone["id"], name="none", provider="image-store-dir", url="nfs://host/export")) != "nothing"
    store = one(cs.addImageStore(zoneid=zone["id"], name="images", provider="image-store-dir", url="file://" + ids["folder"]), "imagestore")
    assert store["protocol"] == "file" and store["scope"] == "ZONE" and store["disksizetotal"] > store["disksizeused"] > 0, store


def test_urls_that_cannot_be_are_refused_at_once(cloud, cs):
    for url, words in (("ftp://example.org/a.qcow2", "Unsupported scheme for url: ftp://example.org/a.qcow2"),
                       ("file:///etc/passwd", "Unsupported scheme for url: file:///etc/passwd"),
                       ("http://127.0.0.1/a.qcow2", "Illegal host specified in url"),
                       ("http://user@localhost:81/a.qcow2", "Illegal host specified in url"),
                       ("http://169.254.169.254/latest", "Illegal host specified in url"),
                       ("http:///a.qcow2", "The URL http:///a.qcow2 cannot be used for an image")):
        assert words in refusal(lambda: register(cs, "refused", url)), (url, refusal(lambda: register(cs, "refused", url)))
    assert "The checksum {CRC}77 is of no known form" in refusal(lambda: register(cs, "refused", ids["source"] + "/image.qcow2", checksum="{CRC}77"))
    assert "template" not in cs.listTemplates(templatefilter="self"), "a refused image leaves nothing"


def test_inner_addresses_in_other_clothes_are_refused_when_they_are_fetched(cloud, cs):
    for url in ("http://[::1]:9/a.qcow2", "http://2130706433:9/a.qcow2"):
        template = wait(cs, register(cs, "inner", url), lambda t: t["status"] == "Illegal host specified in url")
        assert template["status"] == "Illegal host specified in url" and not template["isready"], template
        assert template["downloaddetails"] == [{"datastore": "images", "downloadPercent": "0", "downloadState": "DOWNLOAD_ERROR"}], template
        cs.deleteTemplate(id=template["id"], fetch_result=True)


def test_template_is_fetched_and_checked(cloud, cs):
    cs.updateConfiguration(name="image.url.allowed_cidrs", value="127.0.0.1/32")
    content = urllib.request.urlopen(ids["source"] + "/image.qcow2").read()
    for form in ("{SHA-256}" + hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()):
        template = wait(cs, register(cs, "good", ids["source"] + "/moved.qcow2", checksum=form), lambda t: t["isready"])
        assert template["isready"] and template["status"] == "Download Complete", template
        assert template["physicalsize"] == len(content) and template["size"] == 8 << 20 and template["checksum"] == form, template
        assert template["downloaddetails"] == [{"datastore": "images", "downloadPercent": "100", "downloadState": "DOWNLOADED"}], template
        assert files(ids["folder"]) == [template["id"]], files(ids["folder"])
        with open(os.path.join(ids["folder"], template["id"], "image"), "rb") as kept:
            assert kept.read() == content
        assert cs.deleteTemplate(id=template["id"], fetch_result=True)["success"]
        assert files(ids["folder"]) == []


def test_wrong_files_say_why(cloud, cs):
    for path, words in (("/overlay.qcow2", "The image may not be used: it is damaged, encrypted, or needs other files"),
                        ("/web-page.qcow2", "The file is not of the format that was given"),
                        ("/nothing.qcow2", "There is no file at the URL"),
                        ("/to-metadata.qcow2", "Illegal host specified in url")):
        template = wait(cs, register(cs, "wrong", ids["source"] + path), lambda t: t["downloaddetails"][0]["downloadState"] == "DOWNLOAD_ERROR")
        assert template["status"] == words, template
        cs.deleteTemplate(id=template["id"], fetch_result=True)
    template = wait(cs, register(cs, "wrong", ids["source"] + "/image.qcow2", checksum="0" * 32), lambda t: "checksum" in t["status"])
    assert template["status"] == "The checksum of the file is another one than was given", template
    cs.deleteTemplate(id=template["id"], fetch_result=True)
    assert files(ids["folder"]) == []


def test_progress_is_shown_and_deleting_calls_the_fetch_back(cloud, cs):
    template = wait(cs, register(cs, "slow", ids["source"] + "/slow.qcow2"), lambda t: t["downloaddetails"][0]["downloadPercent"] not in ("0", "99"))
    percent = template["downloaddetails"][0]["downloadPercent"]
    assert 0 < int(percent) < 99 and template["status"] == percent + "% Downloaded", template
    assert template["downloaddetails"][0]["downloadState"] == "DOWNLOAD_IN_PROGRESS" and not template["isready"], template
    assert files(ids["folder"]) == [".coming-" + template["id"]], files(ids["folder"])
    began = time.monotonic()
    assert cs.deleteTemplate(id=template["id"], fetch_result=True)["success"]
    assert time.monotonic() - began < 10 and files(ids["folder"]) == [], files(ids["folder"])
    assert "template" not in cs.listTemplates(templatefilter="self")


def test_store_is_looked_at_now_and_then(cloud, cs):
    until = time.monotonic() + 30
    asked = "SELECT state FROM job WHERE kind = 'image_store.observe'"
    while ["succeeded"] not in cloud.rows(asked) and time.monotonic() < until:
        time.sleep(0.2)
    assert cloud.rows(asked) == [["succeeded"]], cloud.rows(asked)
    seen = cloud.rows("SELECT observed IS NOT NULL, total_bytes > used_bytes, read_only FROM image_store WHERE removed IS NULL")
    assert seen == [["1", "1", "0"]], seen


def test_nothing_is_left(cloud, cs):
    assert cloud.failed_checks() == [], cloud.failed_checks()
    store = one(cs.listImageStores(), "imagestore")
    assert cs.deleteImageStore(id=store["id"])["success"]
    assert os.listdir(ids["folder"]) == []


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        source = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "..", "conformance", "_image_source.py")],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            ids.update(source="http://127.0.0.1:" + source.stdout.readline().strip(), folder=os.path.join(folder, "images"))
            with Cloud() as cloud:
                counts = run_tests(globals(), cloud, cloud.api())
        finally:
            source.stdin.close()
            source.wait()
    close(*counts)
