#!/usr/bin/python3
"""Directories, against a real slapd on this machine: servers, fail-over, TLS, people and their import, links of domains and accounts,
and signing in by a bind; a directory that hangs holds nobody else up.
timeout: 300"""
import os, socket, sys, threading, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from contract import asserted
from directory import BASE, Directory, free_port
from results import close, run_tests
from test_signin import Place

STAFF, PEOPLE = "cn=staff,ou=groups," + BASE, "ou=people," + BASE


class Office(Place):
    def __init__(self, cloud, directory):
        super().__init__(cloud)
        self.directory = directory
        for name, value in {"ldap.basedn": BASE, "ldap.bind.principal": "cn=search," + BASE, "ldap.bind.password": "search-secret",
                            "incorrect.login.attempts.allowed": "0"}.items():
            self.setting(name, value)

    def role(self, name):
        return [each["id"] for each in self.admin.listRoles().inner["role"] if each["name"] == name][0]

    def new_domain(self, name):
        return self.admin.createDomain(name=name).inner["domain"]["id"]


def names(reply):
    return sorted(each["username"] for each in reply.inner.get("LdapUser", []))


def test_only_servers_that_answer_are_added(office):
    reply = office.admin.addLdapConfiguration(hostname="127.0.0.1", port=free_port())
    assert reply.status == 534 and reply.key == "ldapconfigurationresponse", reply.body
    assert office.admin.addLdapConfiguration(hostname="a b", port=1).status == 431
    office.setting("ldap.bind.password", "wrong")
    assert office.admin.addLdapConfiguration(hostname="127.0.0.1", port=office.directory.port).status == 534
    office.setting("ldap.bind.password", "search-secret")
    added = office.admin.addLdapConfiguration(hostname="127.0.0.1", port=office.directory.port).inner["LdapAddConfiguration"]
    assert added["hostname"] == "127.0.0.1" and added["port"] == office.directory.port and "domainid" not in added, added
    (listed,) = office.admin.listLdapConfigurations(hostname="127.0.0.1").inner["LdapConfiguration"]
    assert listed == added
    stored = office.cloud.rows("SELECT value FROM setting_value WHERE name = 'ldap.bind.password'")[0][0]
    assert stored.startswith("v1:") and "search-secret" not in office.admin.listConfigurations(name="ldap.bind.password").body


def test_people_are_listed_by_filter_and_keyword(office):
    assert names(office.admin.listLdapUsers()) == ["amy", "ben", "cho", "dan"]
    (amy,) = office.admin.listLdapUsers(keyword="amy").inner["LdapUser"]
    assert amy == {"email": "amy@example.org", "principal": "uid=amy,%s" % PEOPLE, "firstname": "Amy", "lastname": "Example", "username": "amy",
                   "domain": "ROOT"}, amy
    assert names(office.admin.listLdapUsers(keyword="*)(uid=*")) == []  # a value is no filter
    page = office.admin.listLdapUsers(page="2", pagesize="3").inner
    assert page["count"] == 4 and len(page["LdapUser"]) == 1
    assert office.admin.listLdapUsers(retrieveonlyresourcecount="true").inner == {"count": 4}
    asserted("listLdapUsers", "keyword", "page", "pagesize", "retrieveonlyresourcecount")
    assert names(office.admin.searchLdap(query="amy")) == ["amy"] and names(office.admin.searchLdap(query="nobody")) == []
    assert names(office.admin.searchLdap(query="example.org", keyword="o")) == ["cho"]
    page = office.admin.searchLdap(query="example", page="2", pagesize="3").inner
    assert page["count"] == 4 and len(page["LdapUser"]) == 1
    assert office.admin.searchLdap(query="example", retrieveonlyresourcecount="true").inner == {"count": 4}
    asserted("searchLdap", "query", "keyword", "page", "pagesize", "retrieveonlyresourcecount")
    office.setting("ldap.search.group.principle", STAFF)
    assert names(office.admin.listLdapUsers()) == []  # this server keeps no memberOf
    office.setting("ldap.search.group.principle", "")


def test_account_of_somebody_in_the_directory_signs_in_by_the_directorys_password(office):
    domain = office.new_domain("made")
    reply = office.admin.ldapCreateAccount(username="amy", accounttype="0", domainid=domain, timezone="Asia/Seoul", networkdomain="amy.example",
                                           map_parameters={"accountdetails[0].key": "dept", "accountdetails[0].value": "it"})
    account = reply.inner["account"]
    assert reply.key == "createaccountresponse" and account["name"] == "amy" and account["networkdomain"] == "amy.example", account
    user = account["user"][0]
    assert account["accountdetails"] == {"dept": "it"}, account
    assert user["usersource"] == "ldap" and user["email"] == "amy@example.org" and user["timezone"] == "Asia/Seoul", user
    assert office.admin.ldapCreateAccount(username="nobody", accounttype="0", domainid=domain).status == 431
    assert office.login("amy", "amy-secret", "made").reply.status == 200
    for bad in ("wrong", "", "ben-secret"):
        assert office.login("amy", bad, "made").reply.status in (431, 531), bad
    assert office.admin.listUsers(domainid=domain, usersource="ldap").inner["count"] == 1
    assert not office.admin.listUsers(domainid=domain, usersource="native").inner
    assert names(office.admin.listLdapUsers(domainid=domain, userfilter="LocalDomain")) == ["ben", "cho", "dan"]
    assert names(office.admin.listLdapUsers(listtype="new")) == ["ben", "cho", "dan"]
    known = {each["username"]: each.get("conflictingusersource") for each in office.admin.listLdapUsers(domainid=domain).inner["LdapUser"]}
    assert known["amy"] == "ldap" and known["ben"] is None
    assert office.admin.updateUser(post=True, id=user["id"], password="Own-password-1").status == 431  # the directory has it
    asserted("listLdapUsers", "domainid", "listtype", "userfilter")
    ids = {"accountid": str(uuid.uuid4()), "userid": str(uuid.uuid4())}
    chief = office.role("Domain Admin")
    office.admin.ldapCreateAccount(username="ben", account="firm", roleid=chief, domainid=domain, **ids)
    (firm,) = office.admin.listAccounts(id=ids["accountid"]).inner["account"]
    assert (firm["name"], firm["roleid"], firm["user"][0]["id"], firm["user"][0]["username"]) == ("firm", chief, ids["userid"], "ben"), firm
    asserted("ldapCreateAccount", "username", "account", "roleid", "accountdetails", "timezone", *ids)


def test_group_is_imported_into_one_account_or_each_into_his_own(office):
    together, apart = office.new_domain("together"), office.new_domain("apart")
    office.admin.createUser(post=True, username="unrelated", account="admin", password="p", firstname="a", lastname="b", email="c@d.org")
    assert names(office.admin.importLdapUsers(account="crew", accounttype="0", domainid=together, group=STAFF)) == ["amy", "ben"]
    (account,) = office.admin.listAccounts(domainid=together).inner["account"]
    assert account["name"] == "crew" and sorted(each["username"] for each in account["user"]) == ["amy", "ben"]
    assert names(office.admin.importLdapUsers(accounttype="2", domainid=apart)) == ["amy", "ben", "cho", "dan"]
    accounts = office.admin.listAccounts(domainid=apart).inner["account"]
    assert sorted(each["name"] for each in accounts) == ["amy", "ben", "cho", "dan"] and {each["accounttype"] for each in accounts} == {2}
    assert names(office.admin.importLdapUsers(accounttype="0", domainid=apart)) == []  # all are here
    assert office.login("dan", "dan-secret", "apart").reply.status == 200
    asserted("importLdapUsers", "account", "accounttype", "domainid", "group")
    some = office.new_domain("some")
    details = {"accountdetails[0].key": "dept", "accountdetails[0].value": "it"}
    wish = {"domainid": some, "roleid": office.role("Domain Admin"), "map_parameters": details}
    assert names(office.admin.importLdapUsers(keyword="amy", timezone="Asia/Seoul", **wish)) == ["amy"]
    (account,) = office.admin.listAccounts(domainid=some).inner["account"]
    assert (account["roletype"], account["accountdetails"], account["user"][0]["timezone"]) == ("DomainAdmin", {"dept": "it"}, "Asia/Seoul"), account
    assert office.admin.importLdapUsers(retrieveonlyresourcecount="true", keyword="ben", **wish).inner == {"count": 1}
    page = office.admin.importLdapUsers(page="2", pagesize="1", **wish).inner  # pages of the answer: all are made
    assert page["count"] == 2 and names(office.admin.importLdapUsers(**wish)) == [] and len(page["LdapUser"]) == 1
    assert office.admin.listAccounts(domainid=some).inner["count"] == 4
    asserted("importLdapUsers", "accountdetails", "roleid", "timezone", "keyword", "page", "pagesize", "retrieveonlyresourcecount")


def test_linked_domain_makes_users_of_group_members_when_they_sign_in(office):
    domain = office.new_domain("linked")
    assert office.login("ben", "ben-secret", "linked").reply.status == 531
    assert office.admin.linkDomainToLdap(domainid=domain, type="GROUP", ldapdomain=STAFF, accounttype="1").status == 431
    link = office.admin.linkDomainToLdap(domainid=domain, type="GROUP", ldapdomain=STAFF, accounttype="0", admin="cho").inner["LinkDomainToLdap"]
    assert link["domainid"] == domain and link["type"] == "GROUP" and link["accounttype"] == 0 and link["ldapdomain"] == STAFF, link
    (chief,) = office.admin.listAccounts(id=link["accountid"]).inner["account"]
    assert chief["name"] == "cho" and chief["accounttype"] == 2
    assert office.login("ben", "wrong", "linked").reply.status == 531
    assert not office.admin.listUsers(domainid=domain, username="ben").inner  # nobody is made by a wrong password
    assert office.login("ben", "ben-secret", "linked").reply.inner["account"] == "ben"
    assert office.login("dan", "dan-secret", "linked").reply.status == 531  # not of the group
    office.directory.modify("dn: %s\nchangetype: modify\ndelete: uniqueMember\nuniqueMember: uid=ben,%s\n" % (STAFF, PEOPLE))
    assert office.login("ben", "ben-secret", "linked").reply.status == 531  # left the group
    office.directory.modify("dn: %s\nchangetype: modify\nadd: uniqueMember\nuniqueMember: uid=ben,%s\n" % (STAFF, PEOPLE))
    assert office.login("ben", "ben-secret", "linked").reply.status == 200
    asserted("linkDomainToLdap", "admin")
    assert office.admin.linkDomainToLdap(domainid=domain, type="OU", name="ou=guests," + BASE, accounttype="0").status == 200  # instead of the group
    assert office.login("dan", "dan-secret", "linked").reply.status == 200 and office.login("ben", "ben-secret", "linked").reply.status == 531
    asserted("linkDomainToLdap", "name")


def test_linked_account_takes_a_part_of_the_directory_in(office):
    domain = office.new_domain("joined")
    assert office.admin.linkAccountToLdap(domainid=domain, account="desk", ldapdomain=PEOPLE, type="OU").status == 431  # no such account, no admin
    link = office.admin.linkAccountToLdap(domainid=domain, account="desk", ldapdomain=PEOPLE, type="OU", accounttype="0", admin="amy")
    assert link.key == "linkaccounttoldapresponse" and link.inner["LinkDomainToLdap"]["type"] == "OU", link.body
    (desk,) = office.admin.listAccounts(domainid=domain, name="desk").inner["account"]
    assert [each["username"] for each in desk["user"]] == ["amy"] and desk["accounttype"] == 0, desk
    assert office.login("cho", "cho-secret", "joined").reply.inner["account"] == "desk"
    other = office.admin.linkAccountToLdap(domainid=domain, account="chiefs", ldapdomain=STAFF, roleid=office.role("Domain Admin"), admin="ben").inner
    (chiefs,) = office.admin.listAccounts(id=other["LinkDomainToLdap"]["accountid"]).inner["account"]
    assert (chiefs["name"], chiefs["roletype"], chiefs["user"][0]["username"]) == ("chiefs", "DomainAdmin", "ben"), chiefs
    asserted("linkAccountToLdap", "account", "admin", "roleid")
    assert office.login("dan", "dan-secret", "joined").reply.status == 531  # of another part
    _, chief, _ = office.account(kind="2", domain=domain)
    by_chief = office.by_key(chief)
    root = [each for each in office.admin.listAccounts(name="admin").inner["account"]][0]
    assert by_chief.linkAccountToLdap(domainid=root["domainid"], account="admin", ldapdomain=PEOPLE, type="OU").status == 531


def test_servers_of_a_domain_come_first_and_the_next_is_asked_when_one_is_down(office):
    domain = office.new_domain("own")
    server = office.admin.addLdapConfiguration(hostname="localhost", port=office.directory.port, domainid=domain).inner["LdapAddConfiguration"]
    assert server["domainid"] == domain
    dead = free_port()
    office.cloud.rows("INSERT INTO ldap_server (id, uuid, domain_id, hostname, port, created) SELECT 0, UUID(), domain_id, '127.0.0.1', %d, created FROM "
                      "ldap_server WHERE uuid = '%s'" % (dead, server["id"]))
    office.cloud.rows("UPDATE ldap_server SET id = id + 1000 WHERE uuid = '%s'" % server["id"])  # the dead one is asked first
    assert len(names(office.admin.listLdapUsers(domainid=domain))) == 4
    assert office.admin.deleteLdapConfiguration(hostname="127.0.0.1", port=dead, domainid=domain).status == 200
    gone = office.admin.deleteLdapConfiguration(id=server["id"])
    assert gone.inner["LdapDeleteConfiguration"]["id"] == server["id"], gone.body
    assert office.admin.deleteLdapConfiguration(id=server["id"]).status == 431
    assert not office.admin.listLdapConfigurations(domainid=domain).inner


def test_tls_is_checked_against_the_named_certificates(office):
    domain = office.new_domain("sealed")
    for security, port in (("starttls", office.directory.port), ("ldaps", office.directory.tls_port)):
        office.setting("ldap.transport.security", security, domainid=domain)
        office.setting("ldap.truststore", "", domainid=domain)
        assert office.admin.addLdapConfiguration(hostname="127.0.0.1", port=port, domainid=domain).status == 534, security
        office.setting("ldap.truststore", office.directory.certificate, domainid=domain)
        reply = office.admin.addLdapConfiguration(hostname="127.0.0.1", port=port, domainid=domain)
        assert reply.status == 200, reply.body
        assert len(names(office.admin.listLdapUsers(domainid=domain))) == 4
        office.admin.deleteLdapConfiguration(hostname="127.0.0.1", port=port, domainid=domain)


def test_directory_that_hangs_lets_the_rest_work_and_locks_nobody(office):
    domain = office.new_domain("slow")
    office.admin.ldapCreateAccount(username="amy", accounttype="0", domainid=domain)
    office.setting("incorrect.login.attempts.allowed", "3")
    with socket.socket() as hanging:  # takes connections and says nothing
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(50)
        office.cloud.rows("INSERT INTO ldap_server (uuid, domain_id, hostname, port, created) SELECT UUID(), id, '127.0.0.1', %d, UTC_TIMESTAMP() FROM "
                          "tenant_domain WHERE uuid = '%s'" % (hanging.getsockname()[1], domain))
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(office.login("amy", "amy-secret", "slow").reply.status)) for _ in range(12)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert office.admin.listZones().status == 200
        print("# answered in %.3f s while 12 sign-ins waited" % (time.monotonic() - began))
        for thread in threads:
            thread.join()
    assert set(statuses) <= {531, 503}, statuses
    office.admin.deleteLdapConfiguration(hostname="127.0.0.1", port=office.cloud.rows("SELECT MAX(port) FROM ldap_server WHERE domain_id <> 0")[0][0],
                                         domainid=domain)
    assert office.login("amy", "amy-secret", "slow").reply.status == 200  # nothing was counted against her
    office.setting("incorrect.login.attempts.allowed", "0")


def test_ordinary_people_reach_no_directory(office):
    _, user, _ = office.account()
    keys = office.by_key(user)
    for command in ("addLdapConfiguration", "listLdapUsers", "importLdapUsers", "linkDomainToLdap", "ldapCreateAccount"):
        assert keys.signed(command, hostname="127.0.0.1", port="389").status == 432, command


def test_only_root_administrators_add_and_remove_servers(office):
    domain = office.new_domain("resources")
    _, chief, _ = office.account(kind="3", domain=domain)
    keys, port = office.by_key(chief), office.directory.port
    listed = office.admin.listLdapConfigurations(listall="true").inner["LdapConfiguration"]
    (root,) = office.admin.listDomains(name="ROOT").inner["domain"]
    for place in ({}, {"domainid": domain}, {"domainid": root["id"]}):
        assert keys.signed("addLdapConfiguration", hostname="127.0.0.1", port=str(port), **place).status == 432, place
    for server in listed:
        assert keys.signed("deleteLdapConfiguration", id=server["id"]).status == 432
    assert office.admin.listLdapConfigurations(listall="true").inner["LdapConfiguration"] == listed


def test_guesses_at_names_that_are_no_user_yet_are_counted(office):
    domain = office.new_domain("guessed")
    office.admin.linkDomainToLdap(domainid=domain, type="OU", ldapdomain=PEOPLE, accounttype="0")
    office.cloud.rows("DELETE FROM sign_in_guess")
    office.setting("incorrect.login.attempts.allowed", "3")
    try:
        for name in ("amy", "AMY", "amy"):
            assert office.login(name, "wrong", "guessed").reply.status == 531
        assert office.login("amy", "amy-secret", "guessed").reply.status == 531  # no longer asked
        assert office.login("ben", "ben-secret", "guessed").reply.status == 200
        office.setting("login.failures.per.address", "3")
        assert office.login("cho", "cho-secret", "guessed").reply.status == 531  # too many from this address
        office.cloud.rows("DELETE FROM sign_in_guess")
        assert office.login("cho", "cho-secret", "guessed").reply.status == 200
        assert office.login("amy", "amy-secret", "guessed").reply.status == 200
        assert office.cloud.rows("SELECT COUNT(*) FROM sign_in_guess")[0][0] in (0, "0")
    finally:
        office.setting("login.failures.per.address", "100")
        office.setting("incorrect.login.attempts.allowed", "0")
        office.cloud.rows("DELETE FROM sign_in_guess")


def test_servers_of_other_domains_are_not_shown(office):
    ours, theirs, port = office.new_domain("ours"), office.new_domain("theirs"), office.directory.port
    for domain in (ours, theirs):
        assert office.admin.addLdapConfiguration(hostname="127.0.0.1", port=port, domainid=domain).status == 200
    try:
        for kind in ("0", "2", "3"):
            _, user, _ = office.account(kind=kind, domain=ours)
            keys = office.by_key(user)
            for which in ({}, {"listall": "true"}, {"hostname": "127.0.0.1"}):
                shown = keys.signed("listLdapConfigurations", **which).inner["LdapConfiguration"]
                assert {each.get("domainid") for each in shown} == {None, ours}, (kind, shown)
                assert all(set(each) <= {"id", "hostname", "port", "domainid"} for each in shown), shown
            assert keys.signed("listLdapConfigurations", domainid=theirs).status in (431, 531), kind
        listed = lambda **which: office.admin.listLdapConfigurations(**which).inner.get("LdapConfiguration", [])
        every = listed(listall="true")
        assert {each.get("domainid") for each in every} == {None, ours, theirs} and [each.get("domainid") for each in listed()] == [None]
        (one,) = listed(domainid=ours)
        assert one["domainid"] == ours and listed(id=one["id"]) == [one] and listed(id=str(uuid.uuid4())) == []
        assert listed(port=port) == listed() and listed(port=free_port()) == []
        assert listed(keyword="127.0", listall="true") == every and listed(keyword="nowhere", listall="true") == []
        assert listed(listall="true", page="2", pagesize="1") == every[1:2]
        assert office.admin.listLdapConfigurations(listall="true", retrieveonlyresourcecount="true").inner == {"count": len(every)}
        asserted("listLdapConfigurations", "listall", "domainid", "id", "port", "keyword", "page", "pagesize", "retrieveonlyresourcecount")
    finally:
        for domain in (ours, theirs):
            office.admin.deleteLdapConfiguration(hostname="127.0.0.1", port=port, domainid=domain)


if __name__ == "__main__":
    with Directory() as the_directory, Cloud(zone="none") as the_cloud:
        result = run_tests(globals(), Office(the_cloud, the_directory))
    close(*result)
