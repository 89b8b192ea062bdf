#!/usr/bin/python3
# timeout: 600
"""The portals in headless Chromium: sign in, plan, create, stop, start, delete; once with script, once without, once in Korean (asked
for by the browser, and as a brand's default); as an ordinary user; narrow, zoomed, dark. What people who see or move otherwise need is checked
by the rules in CHECK. Screenshots go to GURUM_SCREENSHOTS when set. Any CSP violation or script error fails."""
import gzip, os, shutil, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from cloud import ROOT, Cloud
from results import close, run_tests
from test_plugin_faults import faulty_cluster, plugins_folder
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# Finds what the page itself can tell: things without names, disorder of headings, text too faint for its ground (WCAG 2.2 AA).
CHECK = """
const wrong = [], shown = (e) => e.checkVisibility() && !e.closest('.skip') && e.getClientRects().length;
const name = (e) => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(' ').map((id) =>
    document.getElementById(id)?.textContent || '').join('') || e.textContent || e.value || '').trim();
const html = (e) => e.outerHTML.slice(0, 120);
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title.trim()) wrong.push('no title');
if (document.querySelectorAll('main').length !== 1) wrong.push('not one main landmark');
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length && !e.getAttribute('aria-label')) wrong.push('no label: ' + html(e));
for (const e of document.querySelectorAll('button, a[href], summary, progress, nav, [role=region]'))
    if (shown(e) && !(e.matches('nav, progress, [role=region]') ? e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') : name(e)))
        wrong.push('no name: ' + html(e));
for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) wrong.push('no alt: ' + html(e));
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('id twice: ' + id);
let level = 0;
for (const e of [...document.querySelectorAll('h1, h2, h3, h4')].filter(shown)) {
    const own = Number(e.tagName[1]);
    if (own > level + 1) wrong.push('heading out of order: ' + html(e));
    level = own;
}
if ([...document.querySelectorAll('h1')].filter(shown).length !== 1) wrong.push('not one h1');
for (const e of document.querySelectorAll('table'))
    if (!e.caption || [...e.querySelectorAll('th')].some((th) => !th.scope)) wrong.push('table without caption or scope');
for (const e of document.querySelectorAll('.state')) if (!e.textContent.trim()) wrong.push('state by colour only: ' + html(e));
for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) wrong.push('focus order forced: ' + html(e));
const parts = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const bright = (c) => { const l = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255]; };
const seen = new Set();
for (const e of document.querySelectorAll('body *')) {
    if (!shown(e) || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), a = bright(parts(style.color)), b = bright(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const text = 'contrast ' + ratio.toFixed(2) + ': ' + html(e);
    if (ratio < (large ? 3 : 4.5) && !seen.has(e.className)) { seen.add(e.className); wrong.push(text); }
}
const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
if (overflow > 0) wrong.push('scrolls sideways by ' + overflow);
const raw = document.body.innerText.match(/\\b(page|portal|plugin|placement|step|plan|vm|job)\\.[a-z_]+(\\.[a-z_]+)*\\b|\\d{4}-\\d\\d-\\d\\dT|\\{\\w+\\}/);
if (raw) wrong.push('raw text: ' + raw[0]);
return wrong;
"""
PICTURES = os.environ.get("GURUM_SCREENSHOTS")
machine = {}


class Browser:
    """One Chromium with a profile of its own; no traffic but to the portal."""

    def __init__(self, cloud, language="en-US", script=True, host=None):
        self.profile = tempfile.mkdtemp(prefix="gurum-browser-")
        self.base = cloud.url.replace("127.0.0.1", host).replace("localhost", host) if host else cloud.url
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--window-size=1200,900", "--user-data-dir=" + self.profile,
                         "--lang=" + language, "--host-resolver-rules=MAP * 127.0.0.1", "--force-prefers-reduced-motion"):
            options.add_argument(argument)
        preferences = {"intl.accept_languages": language}
        if not script:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(30)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind:
                self.picture("failure")
                print(self.driver.current_url, self.text()[:2000])
            serious = [line for line in self.driver.get_log("browser") if line["level"] == "SEVERE"
                       and ("status of 4" not in line["message"] or "/static/" in line["message"] or "favicon" in line["message"])]
            if not kind:
                assert not serious, serious
        finally:
            self.driver.quit()
            shutil.rmtree(self.profile, ignore_errors=True)

    def picture(self, name):
        if PICTURES:
            os.makedirs(PICTURES, exist_ok=True)
            self.driver.save_screenshot(os.path.join(PICTURES, name + ".png"))

    def go(self, path):
        self.driver.get(self.base + path)

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_for(self, *texts, seconds=30, reload=False):
        """Waits until one of the texts is on the page; without script the page is asked for again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                body = self.text()
            except Exception:
                body = ""
            for text in texts:
                if text in body:
                    return text
            time.sleep(0.3)
            if reload:
                self.driver.refresh()
        raise AssertionError("none of %s on the page: %s" % (texts, self.text()[:1500]))

    def click(self, label):
        for element in self.driver.find_elements(By.CSS_SELECTOR, "button, a, summary"):
            if element.is_displayed() and element.text.strip() == label:
                element.click()
                return
        raise AssertionError("nothing labelled %s on the page: %s" % (label, self.text()[:1500]))

    def look(self, scheme="light", width=1200, zoom=1):
        """From the next page on: a colour scheme, a width in CSS pixels at 100 %, a zoom."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width // zoom, "height": 900 // zoom,
                                                                         "deviceScaleFactor": zoom, "mobile": False})

    def check(self):
        wrong = self.driver.execute_script(CHECK)
        assert not wrong, (self.driver.current_url, wrong)

    def fits_budget(self):
        """60 kB of compressed HTML, 40 kB of own script."""
        assert os.path.getsize(os.path.join(ROOT, "static/base/portal.js")) < 40000
        size = len(gzip.compress(self.driver.page_source.encode()))
        assert size < 60000, (self.driver.current_url, size)

    def confirm(self):
        self.driver.switch_to.alert.accept()

    def sign_in(self, cloud, submit, username=None, password=None):
        self.go("/")
        self.driver.find_element(By.ID, "username").send_keys(username or cloud.settings["GURUM_ADMIN_USER"])
        self.driver.find_element(By.ID, "password").send_keys(password or cloud.settings["GURUM_ADMIN_PASSWORD"])
        self.click(submit)
        end = time.monotonic() + 20
        while not self.driver.find_elements(By.CLASS_NAME, "side"):
            assert time.monotonic() < end, self.text()
            time.sleep(0.1)


def choose(browser, field, label):
    for tile in browser.driver.find_elements(By.CSS_SELECTOR, "label.tile"):
        if tile.text.split("\n")[0] == label and tile.find_elements(By.NAME, field):
            tile.click()
            return
    raise AssertionError("no choice %s for %s: %s" % (label, field, browser.text()))


def test_machine_is_created_by_a_person(cloud):
    with Browser(cloud) as browser:
        browser.go("/")
        browser.wait_for("Sign in")
        browser.picture("login")
        browser.sign_in(cloud, "Sign in")
        browser.wait_for("No instances yet")
        browser.picture("instances-empty")
        browser.click("Create instance")
        browser.wait_for("Show what would happen")
        browser.picture("create")
        browser.click("Show what would happen")
        browser.wait_for("This would work")
        browser.picture("plan")
        name = browser.driver.find_element(By.ID, "name")
        name.clear()
        name.send_keys("by-hand")
        browser.click("Create instance")
        browser.wait_for("Running")
        browser.wait_for("10.1.1.")
        browser.picture("instance")
        browser.click("Stop")
        browser.confirm()
        browser.wait_for("Stopped")
        browser.click("Start")
        browser.wait_for("Running")
        for path, expected, picture in (("/instances", "by-hand", "instances"), ("/tasks", "Create instance", "tasks"),
                                        ("/admin/plugins", "In use", "plugins"), ("/admin/hosts", "Up", "hosts"),
                                        ("/admin/instances", "by-hand", "all-instances")):
            browser.go(path)
            browser.wait_for(expected)
            browser.picture(picture)
        browser.go("/tasks")
        browser.driver.find_element(By.LINK_TEXT, "Create instance").click()
        browser.wait_for("Done")
        browser.picture("task")


def test_load_and_log_of_a_machine_are_seen_live(cloud):
    instance = cloud.api().listVirtualMachines(listall="true", name="by-hand")["virtualmachine"][0]["id"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/instances/" + instance)
        browser.wait_for("by-hand login:")
        browser.wait_for("received")
        lines = "return [...document.querySelectorAll('.graph path.line')].map((path) => path.getAttribute('d'))"
        before = browser.driver.execute_script(lines)
        assert len(before) == 7, before  # CPU, and two each of memory, disk and network
        log = "return document.querySelector('[data-log]').textContent"
        said = browser.driver.execute_script(log)
        assert "\x1b" not in said and "Simulated kernel" in said, said
        browser.driver.execute_script("document.querySelector('.graphs').scrollIntoView()")
        browser.picture("graphs")
        end = time.monotonic() + 30  # neither the page nor its place is left meanwhile
        while browser.driver.execute_script(lines) == before or browser.driver.execute_script(log) == said:
            assert time.monotonic() < end, "the graphs or the log stand still"
            time.sleep(0.3)
        browser.driver.execute_script("document.querySelector('#log-title').scrollIntoView()")
        browser.picture("log-live")
        browser.driver.find_element(By.LINK_TEXT, "24 hours").click()
        assert browser.driver.execute_script(lines) and "range=24h" in browser.driver.current_url
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.sign_in(cloud, "로그인")
        browser.go("/instances/" + instance)
        browser.wait_for("사용량", "표로 보기")
        browser.click("로그 열기")
        browser.wait_for("by-hand login:")
        browser.picture("log-no-script")


def test_form_of_another_session_is_refused(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/instances/new")
        browser.driver.execute_script("document.querySelectorAll('[name=csrf]').forEach(field => field.value = 'forged')")
        browser.click("Create instance")
        browser.wait_for("This form is no longer valid")


def test_everything_works_without_script(cloud):
    with Browser(cloud, script=False) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.wait_for("by-hand")
        browser.go("/instances/new")
        browser.driver.find_element(By.ID, "name").send_keys("without-script")
        browser.click("Create instance")
        browser.wait_for("Running", reload=True)
        browser.picture("no-script")
        browser.click("Delete")
        browser.wait_for("Deleted", reload=True)
        browser.click("Delete for good")
        browser.click("Yes, delete it for good")
        browser.wait_for("Being removed", "Instances", "It does not exist", reload=True)


def test_browser_that_prefers_korean_is_answered_in_korean(cloud):
    with Browser(cloud, language="ko-KR") as browser:
        browser.go("/")
        browser.wait_for("로그인")
        browser.picture("login-ko")
        browser.sign_in(cloud, "로그인")
        browser.wait_for("인스턴스 만들기")
        browser.picture("instances-ko")
        browser.go("/instances/new")
        browser.click("결과 미리 보기")
        browser.wait_for("실행할 수 있습니다")
        browser.picture("plan-ko")
        choose(browser, "serviceofferingid", "Huge")
        browser.click("결과 미리 보기")
        browser.wait_for("실행할 수 없습니다")
        browser.picture("plan-refused-ko")
        name = browser.driver.find_element(By.ID, "name")
        name.clear()
        name.send_keys("by-hand")
        choose(browser, "serviceofferingid", "Small Instance")
        browser.click("인스턴스 만들기")
        browser.wait_for("요청을 처리하지 못했습니다")
        browser.picture("refusal-ko")


def test_failed_task_says_why_in_korean(cloud):
    cloud.simulator("fault", "action=status", "slot=guest_start", "status=INVALID", "text=no more power")
    try:
        with Browser(cloud, language="ko-KR") as browser:
            browser.sign_in(cloud, "로그인")
            browser.go("/instances/new")
            browser.driver.find_element(By.ID, "name").send_keys("doomed")
            browser.click("인스턴스 만들기")
            browser.wait_for("실패", seconds=60)
            browser.picture("failure-ko")
    finally:
        cloud.simulator("no-faults")


def test_brand_of_the_host_name_chooses_name_colour_and_language(cloud):
    cs = cloud.api()
    cs.createBrand(name="하늘 클라우드", hosts="sky.example", accentcolor="#0a6b4f", barcolor="#0a3d2e", defaultlanguage="ko")
    with Browser(cloud, language="fr", host="sky.example") as browser:
        browser.go("/")
        browser.wait_for("하늘 클라우드 로그인")
        colour = browser.driver.execute_script("return getComputedStyle(document.querySelector('.bar')).backgroundColor")
        assert colour == "rgb(10, 61, 46)", colour
        browser.picture("brand")


EVERY_PAGE = ("/", "/instances", "/instances/new", "/tasks", "/admin/instances", "/admin/tasks", "/admin/hosts", "/admin/plugins",
              "/instances?keyword=nothing-like-this", "/tasks?keyword=nothing-like-this", "/admin/hosts?keyword=nothing-like-this", "/no-such-page")


def test_every_page_is_accessible_in_both_schemes_and_languages(cloud):
    looks = (("light", 1200, 1), ("dark", 1200, 1), ("light", 320, 1), ("dark", 1200, 2))
    for language, submit in (("en-US", "Sign in"), ("ko-KR", "로그인")):
        with Browser(cloud, language=language) as browser:
            browser.go("/login")
            browser.check()
            browser.sign_in(cloud, submit)
            instance = cloud.api().listVirtualMachines(listall="true", name="by-hand")["virtualmachine"][0]["id"]
            task = cloud.api().listTasks(listall="true", keyword="doomed")["task"][0]["id"]
            host = cloud.api().listHosts(type="Routing")["host"][0]["id"]
            for scheme, width, zoom in looks:
                browser.look(scheme, width, zoom)
                for path in EVERY_PAGE + ("/instances/" + instance, "/instances/" + instance + "/log", "/tasks/" + task, "/admin/hosts/" + host):
                    browser.go(path)
                    if path == "/instances/new":
                        browser.wait_for("This would work", "실행할 수 있습니다")
                    browser.check()
                    browser.fits_budget()
                    name = path.strip("/").replace("/", "-").replace("?", "-")[:24] or "home"
                    browser.picture("look-%s-%s-%d-%d-%s" % (language[:2], scheme, width, zoom, name))


def test_keys_search_create_and_help(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/instances")
        page = lambda: browser.driver.find_element(By.TAG_NAME, "body")
        page().send_keys("/")
        assert browser.driver.switch_to.active_element.get_attribute("name") == "keyword"
        browser.driver.switch_to.active_element.send_keys("by-hand", Keys.ENTER)
        browser.wait_for("by-hand")
        assert "keyword=by-hand" in browser.driver.current_url
        page().send_keys("?")
        browser.wait_for("Keyboard")
        assert browser.driver.find_element(By.ID, "keys").is_displayed()
        browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        assert not browser.driver.find_element(By.ID, "keys").is_displayed()
        browser.go("/tasks?keyword=by-hand")
        browser.wait_for("Create instance")
        browser.driver.find_element(By.TAG_NAME, "h1").click()
        page().send_keys("c")
        browser.wait_for("Show what would happen")
        browser.click("Show as API call")
        browser.driver.find_element(By.ID, "name").send_keys("named-here")
        browser.wait_for("name=named-here")
        choose(browser, "serviceofferingid", "Huge")
        browser.wait_for("This would not work")
        browser.picture("plan-refused")
        browser.go("/instances")
        page().send_keys(Keys.TAB)
        assert browser.driver.switch_to.active_element.text == "Skip to the content"


def test_person_sees_only_what_is_theirs(cloud):
    cs = cloud.api()
    cs.createAccount(username="kim", password="Kim-kim-1", email="kim@example.org", firstname="Kim", lastname="Kim", accounttype=0, account="kim")
    other = cs.listVirtualMachines(name="by-hand")["virtualmachine"][0]["id"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "kim", "Kim-kim-1")
        browser.wait_for("No instances yet")
        assert "Provider" not in browser.text() and "Hosts" not in browser.text()
        browser.picture("user-home")
        for path, expected in (("/tasks", "No tasks yet"), ("/instances", "No instances yet"), ("/instances/" + other, "It does not exist"),
                               ("/admin/hosts", "for the provider's administrators"), ("/admin/plugins", "for the provider's administrators"),
                               ("/admin/instances", "for the provider's administrators"), ("/admin/tasks", "for the provider's administrators")):
            browser.go(path)
            browser.wait_for(expected)
            assert "by-hand" not in browser.text() and "sim-simulator" not in browser.text(), path
        browser.go("/instances/new")
        browser.wait_for("This would work")
        assert "sim-simulator" not in browser.text() and "How this was decided" not in browser.text()
        browser.driver.find_element(By.ID, "name").send_keys("of-kim")
        browser.click("Create instance")
        browser.wait_for("Running")
        assert "sim-simulator" not in browser.text()
        browser.picture("user-instance")
        theirs = browser.driver.find_element(By.NAME, "csrf").get_attribute("value")
    with Browser(cloud) as browser: # the administrator's session with the form of another's
        browser.sign_in(cloud, "Sign in")
        browser.go("/instances/" + other)
        browser.driver.execute_script("document.querySelectorAll('[name=csrf]').forEach(field => field.value = arguments[0])", theirs)
        browser.click("Reboot")
        browser.wait_for("This form is no longer valid")


def test_host_shows_what_its_last_look_found_and_can_be_looked_at_again(cloud):
    host = cloud.api().listHosts(type="Routing")["host"][0]
    assert [check["name"] for check in cloud.api().listHostChecks(hostid=host["id"])["hostcheck"]] == ["reachable", "memory"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/hosts")
        browser.click(host["name"])
        browser.wait_for("The host answers")
        browser.picture("host")
        browser.click("Take out of use")
        browser.wait_for("Disabled")
        browser.click("Take into use")
        browser.wait_for("Up")
        browser.click("Look again")
        browser.wait_for("Up")


def test_empty_cloud_says_what_to_do_next(cloud):
    with Cloud(zone="none") as empty:
        for language, submit, first, second in (("en-US", "Sign in", "cmk create zone", "cmk create pod"), ("ko-KR", "로그인", "cmk create zone", "cmk create pod")):
            with Browser(empty, language=language) as browser:
                browser.sign_in(empty, submit)
                browser.go("/")
                browser.wait_for(first if language == "en-US" else second)
                browser.check()
                browser.picture("first-run-" + language[:2])
                if language == "en-US":
                    empty.api().createZone(name="one", networktype="Advanced", dns1="192.0.2.53", internaldns1="192.0.2.53")
                    browser.go("/")
                    browser.wait_for(second)
                    assert first not in browser.text()


def test_crash_of_a_plugin_is_told_with_its_reason(cloud):
    cs = cloud.api()
    instance = cs.deployVirtualMachine(**faulty_cluster(cs, "Crashing"))["id"]
    for language, submit, failed, crashed in (("en-US", "Sign in", "Failed", "crashed"), ("ko-KR", "로그인", "실패", "비정상 종료")):
        with Browser(cloud, language=language) as browser:
            browser.sign_in(cloud, submit)
            browser.go("/instances/" + instance)
            browser.wait_for(failed, seconds=60)
            browser.check()
            browser.picture("crashed-instance-" + language[:2])
            browser.go("/admin/plugins")
            browser.wait_for("guest_start: " + crashed)
            browser.check()
            browser.picture("plugins-crashed-" + language[:2])


def prepare(cloud):
    cloud.api().updateConfiguration(name="vm.stats.interval", value="1000")
    cloud.api().createServiceOffering(name="Huge", displaytext="Huge", cpunumber=64, cpuspeed=4000, memory=4194304)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gurum-plugins-") as parent, Cloud(zone="simulator", GURUM_PLUGINS=plugins_folder(parent)) as cloud:
        prepare(cloud)
        counts = run_tests({name: test for name, test in globals().items() if getattr(test, "__module__", "") == "__main__"}, cloud)
    close(*counts)
