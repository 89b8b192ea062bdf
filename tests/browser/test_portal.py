#!/usr/bin/python3
# timeout: 600
"""The portals in headless Chromium: sign in, plan, create, stop, start, delete; once with script, once without, once in Korean (asked
for by the browser, and as a brand's default); as an ordinary user; narrow, zoomed, dark."""
import os, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from browser import Browser, choose
from cloud import Cloud
from results import close, run_tests
from test_plugin_faults import faulty_cluster, plugins_folder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


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
        browser.press(By.LINK_TEXT, "Create instance")
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
        browser.press(By.LINK_TEXT, "24 hours")
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
        browser.press(By.TAG_NAME, "h1")
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
