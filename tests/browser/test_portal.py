#!/usr/bin/python3
# timeout: 600
"""The tenant portal in headless Chromium: sign in, plan, create, stop, start, delete; once with script, once without, once in Korean (asked
for by the browser, and as a brand's default). Screenshots go to GURUM_SCREENSHOTS when set. Any CSP violation or script error fails."""
import os, shutil, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from results import close, run_tests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

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
            serious = [line for line in self.driver.get_log("browser") if line["level"] == "SEVERE" and "favicon" not in line["message"]
                       and "status of 4" not in line["message"]]
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

    def confirm(self):
        self.driver.switch_to.alert.accept()

    def sign_in(self, cloud, submit):
        self.go("/")
        self.driver.find_element(By.ID, "username").send_keys(cloud.settings["GURUM_ADMIN_USER"])
        self.driver.find_element(By.ID, "password").send_keys(cloud.settings["GURUM_ADMIN_PASSWORD"])
        self.click(submit)


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


def prepare(cloud):
    cloud.api().createServiceOffering(name="Huge", displaytext="Huge", cpunumber=64, cpuspeed=4000, memory=4194304)


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        prepare(cloud)
        counts = run_tests(globals(), cloud)
    close(*counts)
