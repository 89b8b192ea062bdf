"""Headless Chromium for tests of the portals: one Browser is one person's window. What people who see or move otherwise need is checked by the
rules in CHECK. Screenshots go to GURUM_SCREENSHOTS when set. Any CSP violation or script error fails. What is not here: any test."""
import gzip, os, shutil, tempfile, time

from cloud import ROOT
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

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
const raw = document.body.innerText.match(/\\b(page|portal|plugin|placement|step|plan|vm|job|network|host|volume|image|storage)\\.[a-z_]+(\\.[a-z_]+)*\\b|\\d{4}-\\d\\d-\\d\\dT|\\{\\w+\\}/);
if (raw) wrong.push('raw text: ' + raw[0]);
return wrong;
"""
PICTURES = os.environ.get("GURUM_SCREENSHOTS")


class Driver(webdriver.Chrome):
    """Waits for what is looked for by find_element, which may be on the page that is just coming; find_elements tells what is there now."""

    def find_element(self, by=By.ID, value=None):
        end = time.monotonic() + 10
        while True:
            try:
                return super().find_element(by, value)
            except NoSuchElementException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)


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
        self.driver = Driver(service=Service("/usr/bin/chromedriver"), options=options)
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
        for _ in range(5):
            try:
                return self.driver.find_element(By.TAG_NAME, "body").text
            except StaleElementReferenceException:  # the page was just exchanged
                time.sleep(0.1)
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

    def wait_until_gone(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text in self.driver.page_source:
            assert time.monotonic() < end, "still on the page: %s" % text
            time.sleep(0.1)

    def click(self, label, seconds=10):
        """What says this. Waits for it: a form just sent may still be bringing the page that has it."""
        shown = lambda: [element for element in self.driver.find_elements(By.CSS_SELECTOR, "button, a, summary")
                         if element.is_displayed() and element.text.strip() == label]
        if not self.hit(shown, seconds):
            raise AssertionError("nothing labelled %s on the page: %s" % (label, self.text()[:1500]))

    def press(self, by, value, seconds=10):
        """The first that is found so; waits as click does."""
        if not self.hit(lambda: self.driver.find_elements(by, value), seconds):
            raise AssertionError("no %s on the page: %s" % (value, self.text()[:1500]))

    def hit(self, find, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                # before it is complete, things still move under the pointer
                found = find() if self.driver.execute_script("return document.readyState") == "complete" else []
                if found:
                    found[0].click()
                    time.sleep(0.1)  # a page that this brings begins to load, and is waited for by the next command
                    return True
            except StaleElementReferenceException:  # the page was just exchanged
                pass
            time.sleep(0.1)
        return False

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
