#!/usr/bin/python3
"""Brands: what each parameter makes visitors see of them, how they change and go."""
import http.client, os, re, sys, time, urllib.parse, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from results import close, run_tests

SAID = {"name": "Sky", "hosts": "sky.example,www.sky.example", "accentcolor": "#0a6b4f", "barcolor": "#0a3d2e", "defaultlanguage": "ko",
        "logourl": "/static/base/sky.svg"}
CHANGED = {"name": "Sea", "hosts": "sea.example", "accentcolor": "#123456", "barcolor": "#654321", "defaultlanguage": "en",
           "logourl": "https://sea.example/logo.svg"}


def look(cloud, host, path="/login"):
    """What a visitor of that host, whose browser asks for no language that we have, is shown."""
    request = urllib.request.Request(cloud.url + path, headers={"Host": host, "Accept-Language": "fr"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.read().decode()


def seen(cloud, host, **said):
    """Whether the page of that host is as was said; other processes learn of a change within a second."""
    until = time.monotonic() + 20
    while True:
        page = look(cloud, host)
        colours = look(cloud, host, re.search(r'href="(/brand/[^"]*\.css)"', page)[1])
        if said["name"] in page and '<html lang="%s"' % said["defaultlanguage"] in page and 'src="%s"' % said["logourl"] in page and \
                said["accentcolor"] in colours and said["barcolor"] in colours:
            return True
        if time.monotonic() > until:
            print(page[:2000], colours)
            return False
        time.sleep(0.1)


def admin_of(cloud):
    return Client(cloud.url, cloud.settings["GURUM_API_KEY"], cloud.settings["GURUM_SECRET_KEY"])


def told(brand):
    return {name: ",".join(sorted(brand[name])) if name == "hosts" else brand[name] for name in SAID}


def signs_in(cloud, host, username):
    """Whether that name and its password lead in without a domain: to another page, with a session."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(cloud.url).netloc, timeout=20)
    form = urllib.parse.urlencode({"username": username, "password": "Some-password-1", "next": "/"})
    connection.request("POST", "/login", form, {"Host": host, "Content-Type": "application/x-www-form-urlencoded"})
    reply = connection.getresponse()
    connection.close()
    return reply.status in (302, 303)


def test_visitors_see_the_brand_of_the_host_name(cloud):
    admin = admin_of(cloud)
    brand = admin.createBrand(post=True, **SAID).inner["brand"]
    assert told(brand) == SAID and "domainid" not in brand, brand
    assert all(seen(cloud, host, **SAID) for host in SAID["hosts"].split(",")) and "Sky" not in look(cloud, "other.example")
    asserted("createBrand", *SAID)
    for name, value in CHANGED.items():
        before = dict(brand)
        brand = admin.updateBrand(post=True, id=brand["id"], **{name: value}).inner["brand"]
        assert told(brand) == dict(told(before), **{name: value}) and brand["version"] > before["version"], (name, brand)
        asserted("updateBrand", "id", name)
    assert seen(cloud, "sea.example", **CHANGED) and "Sea" not in look(cloud, "sky.example")
    other = admin.createBrand(post=True, name="Wood", hosts="wood.example").inner["brand"]
    names = lambda **narrow: [each["name"] for each in admin.listBrands(**narrow).inner.get("brand", [])]
    assert names() == ["Sea", "Wood"] and names(id=other["id"]) == ["Wood"] == names(keyword="oo") == names(page=2, pagesize=1)
    asserted("listBrands", "id", "keyword", "page", "pagesize")
    assert admin.updateBrand(post=True, id=other["id"], hosts="sea.example").status == 536, "a host leads to one brand"
    for wrong in ({"logourl": "http://sea.example/l.svg"}, {"logourl": "//sea.example/l.svg"}, {"accentcolor": "#ffffff"}, {"barcolor": "blue"},
                  {"defaultlanguage": "xx"}, {"hosts": "UPPER CASE"}):
        assert admin.updateBrand(post=True, id=other["id"], **wrong).status == 431, wrong
    assert admin.deleteBrand(post=True, id=brand["id"]).inner["success"] is True and names() == ["Wood"]
    until = time.monotonic() + 20
    while "Sea" in look(cloud, "sea.example"):
        assert time.monotonic() < until
        time.sleep(0.1)
    asserted("deleteBrand", "id")


def test_people_sign_in_to_the_brands_domain(cloud):
    admin = admin_of(cloud)
    homes = {}
    for name in ("north", "south"):
        homes[name] = admin.createDomain(post=True, name=name).inner["domain"]["id"]
        made = admin.createAccount(post=True, accounttype=0, domainid=homes[name], username=name, password="Some-password-1", firstname="A", lastname="B",
                                   email="a@example.com")
        assert made.status == 200, made.body
    brand = admin.createBrand(post=True, name="Pole", hosts="pole.example", domainid=homes["north"]).inner["brand"]
    assert brand["domainid"] == homes["north"]
    assert signs_in(cloud, "pole.example", "north") and not signs_in(cloud, "pole.example", "south") and not signs_in(cloud, "other.example", "north")
    asserted("createBrand", "domainid")
    assert admin.updateBrand(post=True, id=brand["id"], domainid=homes["south"]).inner["brand"]["domainid"] == homes["south"]
    until = time.monotonic() + 20
    while not signs_in(cloud, "pole.example", "south"):
        assert time.monotonic() < until
        time.sleep(0.1)
    asserted("updateBrand", "domainid")


if __name__ == "__main__":
    with Cloud() as the_cloud:
        counts = run_tests(globals(), the_cloud)
    close(*counts)
