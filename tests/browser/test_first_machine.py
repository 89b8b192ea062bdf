#!/usr/bin/python3
# timeout: 400
"""A newcomer's first machine, through the tenant portal and with a real guest: an ordinary user signs in, makes a machine from an image tile, sees its
serial log live and the load of its own in the graphs, and goes with it through all its states by buttons; once without script, and with a
look in Korean. The administrator sees what the look at the real host found. Screenshots go to GURUM_SCREENSHOTS when set."""
import contextlib, glob, os, re, sys, time, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab
from browser import Browser, choose
from cloud import Cloud
from results import close, run_tests
from selenium.webdriver.common.by import By

PASSWORD = "Newcomer-1"
known = {}

# The CPU graph's table, oldest first: [milliseconds, percent]; and the heights of its line, 0 to 100.
CPU = """
const graph = document.querySelector('#graph-cpu').closest('figure');
const rows = [...graph.querySelectorAll('tbody tr')].map((row) => [Date.parse(row.querySelector('time').dateTime), parseFloat(row.cells[1].textContent)]);
const heights = [...graph.querySelector('path.line').getAttribute('d').matchAll(/[ML][\\d.]+ ([\\d.]+)/g)].map((place) => (160 - place[1]) / 1.5);
return [rows.filter((row) => !isNaN(row[1])).reverse(), heights];
"""


def until(what, look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError("in vain for %s" % what)


def fetch(path):
    return urllib.request.urlopen("http://%s%s" % (known["address"], path), timeout=10).read().decode()


def processor_seconds():
    """What the guest's QEMU has used, by the kernel's account."""
    for folder in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError), open(folder + "/cmdline", "rb") as words:
            if known["page"].rsplit("/", 1)[1].encode() in words.read().split(b"\0"):
                with open(folder + "/stat") as stat:
                    return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    raise AssertionError("the guest's QEMU does not run")


def log_of(browser):
    return browser.driver.execute_script("return document.querySelector('[data-log]').textContent")


def show(browser, place, picture):
    browser.driver.execute_script("document.querySelector(arguments[0]).scrollIntoView()", place)
    browser.picture(picture)


def create(browser, name, button):
    browser.go("/instances/new")
    choose(browser, "templateid", "Tiny Linux with a web server")
    browser.driver.find_element(By.ID, "name").send_keys(name)
    browser.picture("first-create-" + name)
    browser.click(button)


def test_newcomer_makes_a_machine_and_sees_what_it_does(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "newcomer", PASSWORD)
        browser.wait_for("No instances yet")
        browser.picture("first-home")
        create(browser, "hello", "Create instance")
        browser.wait_for("Start the machine")  # a step of the task
        browser.picture("first-steps")
        browser.wait_for("Running")
        known["address"] = until("the address", lambda: re.search(r"\b10\.\d+\.\d+\.\d+\b", browser.text())).group()
        until("the log", lambda: "READY hello" in log_of(browser))
        said = log_of(browser)
        assert "hostname hello" in said and "address %s/24" % known["address"] in said, said
        assert "<h1>hello</h1>" in fetch("/")
        show(browser, "#log-title", "first-log")
        known["page"] = browser.driver.current_url


def test_graphs_show_the_load_of_the_guest(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "newcomer", PASSWORD)
        browser.driver.get(known["page"])
        began = time.time() * 1000
        until("two samples at rest", lambda: len([row for row in browser.driver.execute_script(CPU)[0] if row[0] > began]) >= 2 if "CPU" in browser.text() else 0)
        idle = [row[1] for row in browser.driver.execute_script(CPU)[0] if row[0] > began]
        assert "busy for 20 seconds" in fetch("/cgi-bin/load?20")
        began, used = time.monotonic(), processor_seconds()

        def load():  # as much as the machine, which may be busy with other things, lets the guest have
            rows, heights = browser.driver.execute_script(CPU)
            let = 100 * (processor_seconds() - used) / (time.monotonic() - began)
            return rows[-1][1] > max(max(idle) + 10, 0.6 * let) and (rows, heights)

        loaded = until("load", load, 40)
        assert max(idle) < 30, (idle, loaded)
        assert abs(loaded[1][-1] - loaded[0][-1][1]) < 2, loaded  # the line is as high as the table says
        show(browser, "#graphs-title", "first-graphs")
        browser.check()
        for scheme, width, name in (("dark", 1200, "dark"), ("light", 320, "narrow")):
            browser.look(scheme, width)
            browser.driver.get(known["page"])
            browser.wait_for("received")
            browser.check()
            show(browser, "#graphs-title", "first-graphs-" + name)
            show(browser, "h1", "first-machine-" + name)


def test_machine_goes_through_its_states_by_buttons(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "newcomer", PASSWORD)
        browser.driver.get(known["page"])
        browser.wait_for("Running")
        browser.click("Stop")
        browser.confirm()
        browser.wait_for("Stopped")
        browser.picture("first-stopped")
        before = log_of(browser)
        browser.click("Start")
        browser.wait_for("Running")
        until("the second start", lambda: log_of(browser) != before and "READY hello" in log_of(browser))  # the log begins anew
        browser.click("Reboot")
        until("the third start", lambda: len(re.findall("^READY hello", log_of(browser), re.M)) >= 2)
        browser.wait_for("Running")
        browser.click("Delete")
        browser.confirm()
        browser.wait_for("No instances yet")  # users do not see what they deleted, unless the provider lets them
        browser.picture("first-deleted")
    for right in ("allow.user.expunge.recover.vm", "allow.user.view.destroyed.vm"):
        cloud.api().updateConfiguration(name=right, value="true")
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "newcomer", PASSWORD)
        browser.driver.get(known["page"])
        browser.wait_for("Deleted")
        browser.click("Delete for good")
        browser.picture("first-expunge")
        browser.click("Yes, delete it for good")
        browser.wait_for("No instances yet")


def test_machine_is_made_and_removed_in_korean_without_script(cloud):
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.sign_in(cloud, "로그인", "newcomer", PASSWORD)
        create(browser, "hangang", "인스턴스 만들기")
        browser.wait_for("머신 시작", reload=True)
        browser.picture("first-steps-ko")
        browser.wait_for("실행 중", reload=True, seconds=90)
        page = browser.driver.current_url
        browser.click("로그 열기")
        browser.wait_for("hostname hangang", reload=True)
        browser.picture("first-log-ko")
        browser.driver.get(page)
        browser.wait_for("표로 보기", reload=True)
        browser.picture("first-machine-ko")
        browser.click("중지")
        browser.wait_for("중지됨", reload=True)
        browser.click("삭제")
        browser.wait_for("복구", reload=True)
        assert "삭제됨" in browser.text()
        browser.click("영구 삭제")
        browser.click("영구 삭제합니다")
        browser.wait_for("아직 인스턴스가 없습니다", reload=True)


def test_host_page_tells_what_the_look_at_the_real_host_found(cloud):
    host = cloud.api().listHosts(type="Routing")["host"][0]
    for check in cloud.api().listHostChecks(hostid=host["id"])["hostcheck"]:
        assert check["description"] != check["name"], check
    for language, submit, words in (("en-US", "Sign in", "Hardware acceleration"), ("ko-KR", "로그인", "하드웨어 가속")):
        with Browser(cloud, language=language) as browser:
            browser.sign_in(cloud, submit)
            browser.go("/admin/hosts/" + host["id"])
            browser.wait_for(words)
            assert "libvirt 9" in browser.text() or "libvirt 1" in browser.text()
            browser.check()
            show(browser, "#report-title", "first-host-" + language[:2])
    assert not cloud.failed_checks(), cloud.failed_checks()


def prepare(cloud):
    cs = cloud.api()
    cs.createAccount(username="newcomer", password=PASSWORD, email="newcomer@example.org", firstname="New", lastname="Comer", accounttype=0)
    assert cs.listConfigurations(name="vm.stats.interval")["configuration"][0]["value"] == "5000"
    cs.updateConfiguration(name="vm.stats.interval", value="2000")  # the test has less time than a newcomer


if __name__ == "__main__":
    lab.require()  # a private libvirt needs what a lab needs
    with Cloud(zone="kvm", GURUM_LIBVIRT="private", GURUM_DB_BUFFER="32M") as cloud:
        prepare(cloud)
        counts = run_tests(globals(), cloud)
        if counts[1]:
            cloud.show_logs()
    close(*counts)
