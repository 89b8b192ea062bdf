#!/usr/bin/python3
# timeout: 600
"""The provider's pages of roles in headless Chromium: a role is made, its rules are added, moved, turned and tested; the matrix of rights;
in English with script, in Korean without; with the keyboard."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser
from cloud import Cloud
from results import close, run_tests
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait


def fill(browser, field, text):
    element = browser.driver.find_element(By.ID, field)
    element.clear()
    element.send_keys(text)
    return element


def is_gone(element):
    """While a page is exchanged the driver has more than one word for it."""
    try:
        element.is_enabled()
        return False
    except WebDriverException:
        return True


def after(browser, act, *texts):
    """Does something that loads a page, and waits for the texts there."""
    before = browser.driver.find_element(By.TAG_NAME, "html")
    act()
    WebDriverWait(browser.driver, 20).until(lambda _: is_gone(before))
    for text in texts:
        browser.wait_for(text)


def add_rule(browser, rule, permission, submit):
    fill(browser, "rule", rule)
    Select(browser.driver.find_element(By.ID, "permission")).select_by_value(permission)
    after(browser, lambda: browser.click(submit), rule)


def rules(browser):
    return [row.find_element(By.CSS_SELECTOR, "td.mono").text for row in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr")]


def press(browser, label):
    """The button by the keyboard: focus and Enter."""
    after(browser, lambda: browser.driver.find_element(By.CSS_SELECTOR, "button[aria-label='%s']" % label).send_keys(Keys.ENTER))


def ask(browser, command, answer):
    after(browser, lambda: fill(browser, "test-command", command).send_keys(Keys.ENTER), answer)


def test_role_is_made_and_its_rules_are_ordered(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/roles")
        browser.wait_for("Read-Only User - Default")
        browser.picture("roles")
        fill(browser, "role-name", "auditors")
        Select(browser.driver.find_element(By.ID, "role-from")).select_by_visible_text("User")
        fill(browser, "role-description", "They look and never touch")
        after(browser, lambda: browser.click("Create role"), "auditors", "No rules")
        suggestions = {each.get_attribute("value") for each in browser.driver.find_elements(By.CSS_SELECTOR, "#commands option")}
        assert {"listVirtualMachines", "createRole"} <= suggestions, suggestions
        add_rule(browser, "*", "deny", "Add rule")
        add_rule(browser, "list*", "allow", "Add rule")
        assert rules(browser) == ["*", "list*"], rules(browser)
        press(browser, "Up list*")
        assert rules(browser) == ["list*", "*"], rules(browser)
        ask(browser, "listVolumes", "listVolumes is allowed by the rule list*")
        browser.check()
        browser.picture("role")
        ask(browser, "deployVirtualMachine", "deployVirtualMachine is denied by the rule *")
        press(browser, "Deny list*")
        ask(browser, "noSuchCommand", "There is no command noSuchCommand")
        fill(browser, "rule", "not a rule")
        after(browser, lambda: browser.click("Add rule"), "Only API names and wildcards are allowed")
        browser.look(width=320)
        browser.check()
        browser.look()
        browser.go("/admin/rights?keyword=listVolumes")
        for text in ("auditors", "listVolumes", "Denied", "Allowed"):
            browser.wait_for(text)
        browser.check()
        browser.picture("rights")


def test_roles_work_in_korean_without_script(cloud):
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.sign_in(cloud, "로그인")
        browser.go("/admin/roles")
        browser.wait_for("기본 역할", "역할 만들기")
        after(browser, lambda: browser.press(By.LINK_TEXT, "auditors"), "이 역할은 무엇을 할 수 있나요?")
        press(browser, "위로 *")
        assert rules(browser) == ["*", "list*"], rules(browser)
        browser.check()
        browser.picture("role-ko")
        press(browser, "규칙 삭제 list*")
        assert rules(browser) == ["*"], rules(browser)
        after(browser, lambda: browser.click("삭제"), "역할 만들기")
        assert "auditors" not in browser.text()


def test_built_in_roles_offer_no_change(cloud):
    role = cloud.api().listRoles(name="Read-Only Admin")["role"][0]["id"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/roles/" + role)
        browser.wait_for("Built-in roles never change", "getUploadParamsFor*")
        assert not browser.driver.find_elements(By.ID, "rule") and not browser.driver.find_elements(By.CSS_SELECTOR, "form[action='/do/deleteRole']")


if __name__ == "__main__":
    with Cloud(zone="none") as cloud:
        counts = run_tests({name: test for name, test in globals().items() if getattr(test, "__module__", "") == "__main__"}, cloud)
    close(*counts)
