#!/usr/bin/python3
# timeout: 600
"""SSH keys, user data and comments in headless Chromium: a pair is made and its private key seen once, a machine is made with it, a script is
stored, an administrator comments; once without script, once in Korean."""
import base64, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from browser import Browser
from cloud import Cloud
from results import close, run_tests
from test_keys_and_data import new_key
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select


def fill(browser, name, text):
    field = browser.driver.find_element(By.ID, name)
    field.clear()
    field.send_keys(text)


def test_pair_is_made_seen_once_and_used(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/keys")
        browser.wait_for("No SSH keys yet")
        browser.picture("keys-empty")
        fill(browser, "create-name", "laptop")
        browser.click("Create a key pair")
        browser.wait_for("BEGIN RSA PRIVATE KEY", "This is the only time it is shown")
        browser.picture("keys-made")
        browser.go("/keys")
        browser.wait_for("laptop")
        assert "PRIVATE KEY" not in browser.driver.page_source
        fill(browser, "register-name", "office")
        fill(browser, "publickey", new_key()[0])
        browser.click("Register a public key")
        browser.wait_for("office")
        fill(browser, "register-name", "office")
        fill(browser, "publickey", new_key()[0])
        browser.click("Register a public key")
        browser.wait_for("A key pair with name 'office' already exists.")
        browser.picture("keys-refused")
        browser.go("/instances/new")
        Select(browser.driver.find_element(By.ID, "keypair")).select_by_visible_text("laptop")
        fill(browser, "name", "with-key")
        browser.picture("create-with-key")
        browser.click("Create instance")
        browser.wait_for("Running", "laptop")
    assert cloud.api().listVirtualMachines(keypair="laptop")["count"] == 1


def test_administrator_comments_on_a_machine(cloud):
    machine = cloud.api().listVirtualMachines(keypair="laptop")["virtualmachine"][0]["id"]
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/instances/" + machine)
        browser.wait_for("No comments yet")
        fill(browser, "comment", "needs a <b>bigger</b> disk")
        browser.press(By.NAME, "adminsonly")
        browser.click("Add a comment")
        browser.wait_for("needs a <b>bigger</b> disk", "administrators only")
        browser.picture("comments")
        browser.press(By.CSS_SELECTOR, "form[action='/do/removeAnnotation'] button")
        browser.wait_for("No comments yet")


def test_script_is_stored_without_script_in_korean(cloud):
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.sign_in(cloud, "로그인")
        browser.go("/userdata")
        browser.wait_for("아직 사용자 데이터가 없습니다")
        fill(browser, "name", "웹 서버")
        fill(browser, "content", "#!/bin/sh\necho 안녕\n")
        fill(browser, "params", "who")
        browser.click("사용자 데이터 저장")
        browser.wait_for("웹 서버")
        browser.picture("userdata-ko")
        stored = cloud.api().listUserData(name="웹 서버")["userdata"][0]
        assert base64.b64decode(stored["userdata"]).decode() == "#!/bin/sh\necho 안녕\n"
        browser.press(By.CSS_SELECTOR, "form[action='/do/deleteUserData'] button")
        browser.wait_for("아직 사용자 데이터가 없습니다")
        browser.go("/keys")
        browser.wait_for("SSH 키", "laptop")
        browser.picture("keys-ko")
        browser.press(By.CSS_SELECTOR, "form[action='/do/deleteSSHKeyPair'] button")
        browser.wait_for("office")
        assert "laptop" not in browser.driver.find_element(By.TAG_NAME, "main").text


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
