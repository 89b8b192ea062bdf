#!/usr/bin/python3
# timeout: 600
"""Tenants, accounts, users and one's own profile through the portals: a new tenant step by step, limits, locking, what hangs on an account before
it is deleted; as a domain's administrator, without script, in Korean, narrow and dark."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser
from cloud import Cloud
from provider import deployment
from results import close, run_tests
from selenium.webdriver.common.by import By

PASSWORD = "Tenant-tenant-1"


def fill(browser, **fields):
    for name, value in fields.items():
        element = browser.driver.find_element(By.ID, name)
        element.clear()
        element.send_keys(value)


def person(browser, name):
    fill(browser, username=name, password=PASSWORD, firstname="Ada", lastname="Lovelace", email=name + "@example.org")


def test_new_tenant_is_made_step_by_step(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.click("Tenants and users")
        browser.wait_for("admin")
        browser.check()
        browser.picture("tenants")
        browser.click("New tenant")
        browser.wait_for("First administrator")
        fill(browser, name="acme", networkdomain="acme.example")
        browser.check()
        browser.picture("tenant-new")
        browser.click("Next")
        browser.wait_for("Signs in with this name")
        person(browser, "acme-admin")
        browser.check()
        browser.click("Next")
        browser.wait_for("Change limits")
        field = browser.driver.find_element(By.ID, "limit-vm")
        assert field.is_displayed(), "the limits are folded"
        field.clear()
        field.send_keys("3")
        field.find_element(By.XPATH, "./ancestor::form//button").click()
        browser.wait_for("0 of 3")
        browser.check()
        browser.picture("tenant")


def test_account_is_locked_enabled_and_deleted_with_what_hangs_on_it(cloud):
    cs = cloud.api()
    domain = cs.listDomains(name="acme")["domain"][0]["id"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/domains/" + domain)
        browser.click("New account")
        person(browser, "carol")
        browser.press(By.CSS_SELECTOR, "form[action='/do/createAccount'] button")
        browser.wait_for("carol@example.org")
        browser.check()
        account = cs.listAccounts(name="carol", listall="true")["account"][0]
        cs.deployVirtualMachine(fetch_result=True, account="carol", domainid=domain, **deployment(cs))
        browser.driver.refresh()
        browser.click("Lock")
        browser.wait_for("Locked")
        browser.picture("account-locked")
        browser.click("Enable")
        browser.wait_for("Enabled")
        browser.click("New user")
        person(browser, "dave")
        browser.press(By.CSS_SELECTOR, "form[action='/do/createUser'] button.main")
        browser.wait_for("dave@example.org")
        browser.click("Disable")
        browser.wait_for("1 running instance is stopped")
        browser.click("Delete")
        browser.wait_for("instances 1, volumes 1")
        browser.picture("account-delete")
        browser.click("Show what would happen")
        browser.wait_for("This would work")
        browser.wait_for("Remove what it owns")
        browser.click("Delete")
        browser.click("Yes, delete all of it")
        browser.wait_for("Sub-domains")
        browser.go("/accounts/" + account["id"])
        browser.wait_for("Being deleted", "It does not exist")
    assert cs.listVirtualMachines(account="admin", domainid=cs.listDomains(name="ROOT")["domain"][0]["id"]) is not None


def test_domain_administrator_sees_the_own_domain_only(cloud):
    with Browser(cloud) as browser:
        browser.go("/")
        browser.driver.find_element(By.CSS_SELECTOR, "[name=domain]").send_keys("acme")
        browser.driver.find_element(By.ID, "username").send_keys("acme-admin")
        browser.driver.find_element(By.ID, "password").send_keys(PASSWORD)
        browser.click("Sign in")
        browser.wait_for("Tenants and users")
        browser.click("Tenants and users")
        browser.wait_for("acme-admin")
        assert "Change limits" not in browser.text(), "own limits"
        browser.check()
        browser.go("/domains/" + cloud.api().listDomains(name="ROOT")["domain"][0]["id"])
        browser.wait_for("It does not exist, or it is not yours")


def test_profile_shows_keys_on_demand_and_renews_them_without_script(cloud):
    user = cloud.api().listUsers(username="acme-admin", listall="true")["user"][0]["id"]
    old = cloud.api().registerUserKeys(id=user)["userkeys"]
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.go("/")
        browser.driver.find_element(By.CSS_SELECTOR, "[name=domain]").send_keys("acme")
        browser.driver.find_element(By.ID, "username").send_keys("acme-admin")
        browser.driver.find_element(By.ID, "password").send_keys(PASSWORD)
        browser.click("로그인")
        browser.wait_for("인스턴스 만들기")
        browser.go("/profile")
        browser.wait_for("내 프로필")
        assert old["secretkey"] not in browser.driver.page_source
        browser.click("내 키 보기")
        browser.wait_for(old["secretkey"])
        browser.click("키 교체")
        browser.click("새 키 만들기")
        browser.wait_until_gone(old["secretkey"])
        browser.wait_for("숨기기")
        browser.picture("profile-ko")
        fill(browser, firstname="에이다")
        browser.press(By.CSS_SELECTOR, "form.card button.main")
        browser.go("/profile")
        assert browser.driver.find_element(By.ID, "firstname").get_attribute("value") == "에이다"


def test_pages_fit_narrow_dark_and_zoomed(cloud):
    cs = cloud.api()
    account = cs.listAccounts(name="acme-admin", listall="true")["account"][0]
    for language in ("en-US", "ko-KR"):
        with Browser(cloud, language=language) as browser:
            browser.sign_in(cloud, "Sign in" if language == "en-US" else "로그인")
            for look in ({"width": 320}, {"scheme": "dark"}, {"zoom": 2}):
                browser.look(**look)
                for path in ("/tenants", "/tenants/new", "/domains/%s?limits=1" % account["domainid"], "/domains/%s/start" % account["domainid"],
                             "/accounts/" + account["id"], "/profile"):
                    browser.go(path)
                    browser.check()
                    browser.fits_budget()


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
