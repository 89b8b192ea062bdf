#!/usr/bin/python3
# timeout: 300
"""Signing in, as people see it: a second factor by its QR code, sessions, a forgotten password, the provider's directories and identity
providers; with script and without, in English and Korean."""
import os, re, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("support", "api"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
from browser import Browser
from cloud import Cloud
from identity_provider import IdentityProvider
from results import close, run_tests
from test_signin import PASSWORD, Place as Api, code
from selenium.webdriver.common.by import By

ENTER = ("Sign in", "로그인")


def fill(browser, **fields):
    for name, value in fields.items():
        field = browser.driver.find_element(By.ID, name)
        field.clear()
        field.send_keys(value)


def enter(browser, name, password=PASSWORD, label="Sign in"):
    browser.go("/login")
    fill(browser, username=name, password=password, domain="shop")
    browser.click(label)


def secret_shown(browser):
    return browser.driver.find_element(By.CSS_SELECTOR, "main .mono").text.strip()


def confirm_code(browser, value, label="Confirm"):
    fill(browser, codefor2fa=value)
    browser.click(label)


def test_second_factor_is_set_up_by_its_picture_and_asked_for(place):
    name, user, _ = place.account()
    with Browser(place.cloud) as browser:
        enter(browser, name)
        browser.wait_for("Instances")
        browser.go("/profile/security")
        browser.wait_for("Switched off")
        browser.picture("security")
        browser.click("Set up a second factor")
        browser.wait_for("Scan this picture")
        drawn = browser.driver.execute_script("const i = document.querySelector('img[src=\"/login/factor.svg\"]'); return i.complete && i.naturalWidth")
        assert drawn, "the QR code is not shown"
        browser.picture("factor-setup")
        secret = secret_shown(browser)
        confirm_code(browser, "000000")
        browser.wait_for("is not valid")
        confirm_code(browser, code(secret))
        browser.wait_for("Switched on")
    for language, script, label, owed, confirm in (("en-US", False, "Sign in", "authenticator program shows", "Confirm"),
                                                   ("ko-KR", True, "로그인", "인증 앱에 표시된 코드", "확인")):
        with Browser(place.cloud, language=language, script=script) as browser:
            enter(browser, name, label=label)
            browser.wait_for(owed)
            browser.picture("factor-" + language)
            browser.go("/instances")  # nothing else is shown before
            browser.wait_for(owed)
            place.cloud.rows("UPDATE user_factor SET last_counter = 0")  # codes change every 30 s; the test does not wait
            confirm_code(browser, code(secret), confirm)
            browser.wait_for("Instances", "인스턴스")


def test_demanded_second_factor_leads_to_its_set_up(place):
    name, user, _ = place.account()
    place.admin.updateUser(id=user, mandate2fa="true")
    with Browser(place.cloud, script=False) as browser:
        enter(browser, name)
        browser.wait_for("wants you to sign in with a second factor")
        browser.click("Set up a second factor")
        browser.wait_for("Scan this picture")
        browser.picture("factor-demanded")
        confirm_code(browser, code(secret_shown(browser)))
        browser.wait_for("Instances")


def test_sessions_are_seen_and_ended(place):
    name, _, _ = place.account()
    elsewhere = place.login(name)
    with Browser(place.cloud, script=False, language="ko-KR") as browser:
        enter(browser, name, label="로그인")
        browser.wait_for("인스턴스 만들기")
        browser.go("/profile/security")
        browser.wait_for("현재 세션")
        browser.wait_for("Python-urllib")
        browser.picture("sessions-ko")
        browser.click("끝내기")
        browser.wait_for("현재 세션")
        assert "Python-urllib" not in browser.text()
    assert elsewhere.in_session("listZones").status == 401


def test_own_password_is_changed(place):
    name, _, _ = place.account()
    with Browser(place.cloud) as browser:
        enter(browser, name)
        browser.wait_for("Create instance")
        browser.go("/profile/security")
        fill(browser, currentpassword="wrong", password="Another-pass-1")
        browser.click("Set the new password")
        browser.wait_for("Current password is incorrect")
        fill(browser, currentpassword=PASSWORD, password="Another-pass-1")
        browser.click("Set the new password")
        browser.wait_for("Sign in to")
    assert place.login(name, "Another-pass-1").reply.status == 200


def test_forgotten_password_is_asked_for_without_saying_who_exists(place):
    with Browser(place.cloud) as browser:
        browser.go("/login")
        assert "Forgot your password?" not in browser.text()
    place.setting("alert.smtp.host", "127.0.0.1")
    place.setting("alert.smtp.port", "9")
    with Browser(place.cloud, script=False) as browser:
        browser.go("/login")
        browser.click("Forgot your password?")
        fill(browser, username="nobody", domain="shop")
        browser.picture("forgot")
        browser.click("Send the letter")
        browser.wait_for("If there is such a user")
        browser.go("/password/reset?token=worthless&username=nobody&domain=/shop/")
        fill(browser, password="Whatever-1")
        browser.picture("reset")
        browser.click("Set the new password")
        browser.wait_for("is not valid, was used before, or is too old")
    place.setting("alert.smtp.host", "")


def test_operator_keeps_directories_and_providers(place):
    with IdentityProvider() as provider, Browser(place.cloud) as browser:
        place.setting("oauth2.enabled", "true")
        place.setting("oauth2.allowed.addresses", "127.0.0.1")
        browser.sign_in(place.cloud, "Sign in")
        browser.go("/admin/identity-providers")
        browser.wait_for("No directory is asked yet")
        fill(browser, hostname="127.0.0.1", port="9")
        browser.click("Add the server")
        browser.wait_for("Unable to talk to an LDAP server")
        fill(browser, provider="corp", description="Our company", clientid=provider.client, secretkey=provider.secret,
             redirecturi=place.cloud.url + "/login/oauth/corp/callback", issuer=provider.url)
        browser.click("Register the provider")
        browser.wait_for("In use")
        browser.picture("identity-providers")
        with Browser(place.cloud, language="ko-KR") as person:
            person.go("/login")
            person.wait_for("Our company(으)로 로그인")
            person.picture("login-providers-ko")
        browser.click("Switch off")
        browser.wait_for("Switch on")
        browser.click("Remove")
        browser.wait_for("Nobody vouches for people yet")


if __name__ == "__main__":
    with Cloud(zone="none") as the_cloud:
        names = {name: value for name, value in globals().items() if name.startswith("test_")}
        result = run_tests(names, Api(the_cloud))
    close(*result)
