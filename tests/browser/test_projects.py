#!/usr/bin/python3
# timeout: 600
"""Projects in headless Chromium: made, shared, worked in, with roles and invitations; once without script, once in Korean."""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser
from cloud import Cloud
from results import close, run_tests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

PASSWORD = "Person-person-1"


def person(cloud, name):
    return cloud.api().createAccount(username=name, account=name, password=PASSWORD, email="p@example.org", firstname="P", lastname="E", accounttype=0)["account"]


def fill(browser, **fields):
    for field, text in fields.items():
        box = browser.driver.find_element(By.ID, field.replace("_", "-"))
        box.clear()
        box.send_keys(text)


def test_two_people_work_in_a_project(cloud):
    person(cloud, "ann")
    person(cloud, "bob")
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in", "ann", PASSWORD)
        browser.go("/projects")
        browser.wait_for("No projects yet")
        browser.check()
        browser.picture("projects-empty")
        fill(browser, project_name="Bridge", project_text="What we build")
        browser.click("Create project")
        browser.wait_for("Members", "ann", "Roles in the project", "What we build")
        fill(browser, role_name="watcher")
        browser.click("Create role")
        browser.wait_for("Add rule")
        browser.driver.find_element(By.NAME, "rule").send_keys("stop*")
        browser.click("Add rule")
        browser.wait_for("stop*", "Forbidden")
        fill(browser, add_account="bob")
        Select(browser.driver.find_element(By.ID, "add-role")).select_by_visible_text("watcher")
        browser.click("Add a member")
        browser.wait_for("Regular member · watcher")
        browser.check()
        browser.fits_budget()
        browser.picture("project")
        fill(browser, add_account="nobody")
        browser.click("Add a member")
        browser.wait_for("Unable to find account by name nobody")
        browser.click("Work in this project")
        browser.wait_for("You work in the project", "No instances yet")
        browser.click("Create instance")
        browser.wait_for("Show what would happen")
        fill(browser, name="ours")
        browser.picture("project-create-instance")
        browser.click("Create instance")
        browser.wait_for("Running")
        browser.go("/instances")
        browser.wait_for("ours")
        browser.picture("project-instances")
        browser.click("Leave the project")
        browser.wait_for("No instances yet")
        assert "ours" not in browser.text()
    with Browser(cloud, script=False) as browser:
        browser.sign_in(cloud, "Sign in", "bob", PASSWORD)
        browser.go("/projects")
        browser.click("Bridge")
        browser.wait_for("ours", "Running")
        assert "Add a member" not in browser.text() and "Suspend" not in browser.text(), "a regular member changes nothing"
        browser.click("ours")
        browser.click("Stop")
        browser.wait_for("does not have permission")
        browser.picture("project-forbidden")


def test_invitation_is_accepted_in_korean_without_script(cloud):
    person(cloud, "cho")
    cs = cloud.api()
    project = cs.createProject(name="Harbour", displaytext="Harbour", account="ann")["id"]
    cs.updateConfiguration(name="project.invite.required", value="true")
    cs.addAccountToProject(projectid=project, account="cho")
    with Browser(cloud, language="ko-KR", script=False) as browser:
        browser.sign_in(cloud, "로그인", "cho", PASSWORD)
        browser.go("/projects")
        browser.wait_for("받은 초대", "Harbour")
        browser.picture("project-invited-ko")
        browser.click("수락")
        browser.wait_for("활성")
        browser.click("Harbour")
        browser.wait_for("구성원", "프로젝트 역할", "한도")
        browser.picture("project-ko")
    cs.updateConfiguration(name="project.invite.required", value="false")


def test_provider_sees_all_projects_and_deletes_one(cloud):
    with Browser(cloud) as browser:
        browser.sign_in(cloud, "Sign in")
        browser.go("/admin/projects")
        browser.wait_for("Bridge", "Harbour", "ann")
        browser.picture("all-projects")
        browser.look(width=320)
        browser.picture("all-projects-narrow")
        browser.look(width=1200)
        browser.click("Bridge")
        browser.wait_for("Suspend")
        browser.look(width=320)
        browser.picture("project-narrow")
        browser.look(scheme="dark")
        browser.picture("project-dark")
        browser.look()
        browser.click("Suspend")
        browser.confirm()
        browser.wait_for("Suspended")
        browser.click("Activate")
        browser.wait_for("Active")
        browser.click("Delete")
        browser.click("Yes, delete the project with all it owns")
        browser.go("/admin/projects")
        end = time.monotonic() + 30
        while "Bridge" in browser.text() and time.monotonic() < end:
            time.sleep(0.3)
            browser.go("/admin/projects")
        assert "Bridge" not in browser.text()


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
        assert not cloud.failed_checks(), cloud.failed_checks()
    close(*counts)
