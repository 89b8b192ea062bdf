#!/usr/bin/python3
"""What counts failures or asks another server is carried out or not: it cannot be planned, and no Idempotency-Key takes its counting back.
And what the audit trail does not keep.
timeout: 200"""
import base64, os, sys, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from _client import Client
from cloud import Cloud
from results import close, run_tests
from test_bad_input import OPEN
from test_signin import Place, code


def planned(client, **parameters):
    return client.send(dict(parameters, plan="true", response="json"), post=True)


def test_a_planned_sign_in_is_refused(place):
    name, _, _ = place.account()
    for password in ("wrong", "Correct1-horse"):
        reply = planned(place.login(name), command="login", username=name, password=password, domain="shop")
        assert reply.status == 431 and "cannot be planned" in reply.text, reply.body
    reply = planned(place.login(name), command="forgotPassword", username=name, domain="shop")
    assert reply.status == 431, reply.body
    assert place.cloud.rows("SELECT COUNT(*) FROM job WHERE is_plan = 1") == [["0"]]


def test_wrong_codes_count_with_any_idempotency_key_and_without_a_plan(place):
    name, user, _ = place.account()
    person = place.login(name)
    secret = person.in_session("setupUserTwoFactorAuthentication").inner["setup2fa"]["secretcode"]
    assert person.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret)).status == 200
    attacker = place.login(name)
    guess = {"command": "validateUserTwoFactorAuthenticationCode", "response": "json", "sessionkey": attacker.session_key, "codefor2fa": "000000"}
    assert planned(attacker, **guess).status == 431
    for attempt in range(5):
        body = urllib.parse.urlencode(guess).encode()
        assert attacker.raw(body=body, headers={"Idempotency-Key": "key-%d" % attempt}).status == 511
    reply = attacker.in_session("validateUserTwoFactorAuthenticationCode", codefor2fa=code(secret, __import__("time").time() + 30))
    assert reply.status == 511 and "Too many" in reply.text, reply.body


def test_unreadable_values_are_refused_in_their_name_where_nobody_is_signed_in(place):
    apis = {each["name"]: each["params"] for each in place.admin.listApis().inner["api"]}
    tried = 0
    for command in sorted(OPEN & set(apis)):
        values = {each["name"]: "x" for each in apis[command] if each["required"]}
        for parameter in apis[command]:
            for bad in ["a\x01b"] + ["x" * 10000] * (parameter["type"] == "string"):
                reply = Client(place.cloud.url).send(dict(values, **{parameter["name"]: bad}, command=command, response="json"), post=True)
                assert reply.status == 431 and parameter["name"] in reply.text, (command, parameter, reply.body)
                tried += 1
    assert tried > 24, tried


def test_a_planned_import_of_people_is_refused(place):
    reply = place.admin.importLdapUsers(post=True, plan="true")
    assert reply.status == 431 and "cannot be planned" in reply.text, reply.body


def test_the_audit_trail_keeps_no_key_and_no_user_data(place):
    name, user, _ = place.account()
    keys = place.admin.registerUserKeys(post=True, id=user).inner["userkeys"]
    content = base64.b64encode(b"#!/bin/sh\necho very-private-content").decode()
    person = place.by_key(user)
    made = person.registerUserData(post=True, name="private", userdata=content).inner["userdata"]
    assert made["userdata"] == content, made
    assert person.deleteUserData(post=True, id=made["id"]).status == 200
    kept = str(place.cloud.rows("SELECT * FROM audit_record"))
    assert "registerUserData" in kept and "registerUserKeys" in kept
    for secret in (keys["apikey"], keys["secretkey"], person.key, content):
        assert secret not in kept, kept[max(0, kept.find(secret) - 300):kept.find(secret)]


if __name__ == "__main__":
    with Cloud(zone="none") as the_cloud:
        counts = run_tests(globals(), Place(the_cloud))
    close(*counts)
