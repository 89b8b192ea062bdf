#!/usr/bin/python3
# timeout: 300
"""The operator's pages in headless Chromium: settings are found, changed and reset; events and the audit trail are filtered and saved as files;
alerts are archived; regions are added; servers are seen. In English, without script, and in Korean; tenants see their own activity."""
import json, os, re, sys, time, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser
from cloud import Cloud
from results import close, run_tests
from selenium.webdriver.common.by import By


def saved(browser, link):
    """What a link of the page gives, with the person's cookies."""
    address = browser.driver.find_element(By.LINK_TEXT, link).get_attribute("href")
    cookies = "; ".join("%s=%s" % (each["name"], each["value"]) for each in browser.driver.get_cookies())
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookies})) as reply:
        return reply.headers, reply.read().decode()


def test_a_setting_is_found_changed_and_reset(cloud):
    for script in (True, False):
        with Browser(cloud, script=script) as browser:
            browser.sign_in(cloud, "Sign in")
            browser.go("/admin/settings")
            browser.wait_for("Allow public user templates")
            browser.picture("settings")
            browser.check()
            browser.go("/admin/settings?keyword=default.page.size")
            browser.wait_for("Default page size", "500")
            field = browser.driver.find_element(By.CSS_SELECTOR, "input[name=value]")
            field.clear()
            field.send_keys("300")
            browser.press(By.CSS_SELECTOR, "form[action='/do/updateConfiguration'] button")
            browser.wait_for("Reset")
            assert cloud.api().listConfigurations(name="default.page.size")["configuration"][0]["value"] == "300"
            browser.press(By.CSS_SELECTOR, "form[action='/do/resetConfiguration'] button")
            end = time.time() + 10
            while "Reset" in browser.text() and time.time() < end:
                time.sleep(0.1)
            assert cloud.api().listConfigurations(name="default.page.size")["configuration"][0]["value"] == "500"


def test_the_audit_trail_is_filtered_and_saved(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/audit?name=updateConfiguration")
        browser.wait_for("updateConfiguration", "Done")
        assert "updateZone" not in browser.text()
        browser.press(By.CSS_SELECTOR, "details summary")
        browser.wait_for("300")
        browser.picture("audit")
        headers, text = saved(browser, "CSV")
        assert headers["Content-Type"].startswith("text/csv") and "attachment" in headers["Content-Disposition"]
        lines = text.strip().split("\r\n")
        assert lines[0].startswith('"id","created"') and len(lines) >= 2 and all("updateConfiguration" in line for line in lines[1:]), lines[:2]
        headers, text = saved(browser, "JSON")
        assert {each["command"] for each in json.loads(text)} == {"updateConfiguration"}
        browser.go("/admin/audit?name=updateZone")
        browser.wait_for("allocationstate", "Show")
        browser.check()
        browser.go("/activity")
        browser.wait_for("Activity")


def test_events_are_filtered_and_saved(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/events?state=Completed&level=INFO")
        browser.wait_for("Everybody's events", "Done")
        browser.picture("events")
        browser.check()
        assert browser.driver.find_element(By.ID, "f-state").get_attribute("value") == "Completed"
        assert {each["state"] for each in json.loads(saved(browser, "JSON")[1])} == {"Completed"}
        browser.go("/events")
        browser.wait_for("Events")
        browser.go("/admin/events?type=NO.SUCH")
        browser.wait_for("Nothing found", "Show all")


def test_alerts_are_archived(cloud):
    cloud.rows("UPDATE host SET state = 'Down' LIMIT 1")
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/alerts")
        browser.wait_for("does not answer", reload=True)
        browser.picture("alerts")
        browser.check()
        browser.press(By.CSS_SELECTOR, "form[action='/do/archiveAlerts'] button")
        browser.wait_for("No alerts")
    cloud.rows("UPDATE host SET state = 'Up'")


def test_regions_are_added_and_servers_are_seen(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/regions")
        browser.wait_for("Local")
        browser.driver.find_element(By.ID, "region-id").send_keys("7")
        browser.driver.find_element(By.ID, "region-name").send_keys("jeju")
        browser.driver.find_element(By.ID, "region-endpoint").send_keys("https://jeju.example/client/")
        browser.press(By.CSS_SELECTOR, "form[action='/do/addRegion'] button")
        browser.wait_for("https://jeju.example/client/")
        browser.picture("regions")
        browser.check()
        browser.go("/admin/servers")
        browser.wait_for(os.uname().nodename, "Up", "GB")
        browser.picture("servers")
        browser.check()


def test_all_of_it_is_there_in_korean(cloud):
    with Browser(cloud, language="ko-KR") as browser:
        browser.sign_in(cloud, "로그인")
        for path, words in (("/admin/settings", "기본값"), ("/admin/audit", "감사 기록"), ("/admin/events", "전체 이벤트"), ("/admin/alerts", "경보"),
                            ("/admin/regions", "리전 추가"), ("/admin/servers", "관리 서버"), ("/activity", "활동"), ("/events", "이벤트")):
            browser.go(path)
            browser.wait_for(words)
            assert not re.search(r"page\.(setting|audit|event|alert|region|server|filter)\.", browser.text()), browser.text()


if __name__ == "__main__":
    with Cloud(zone="simulator") as the_cloud:
        counts = run_tests(globals(), the_cloud)
    close(*counts)
