#!/usr/bin/python3
"""updateHost: what is not named stays as it is, whoever changes something else at the same time; a new address is held against the rules
of addHost."""
import os, sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cloud import Cloud
from cs import CloudStackApiException
from results import close, run_tests


def hosts(cs):
    return cs.listHosts(type="Routing")["host"]


def refusal(call, **parameters):
    try:
        call(**parameters)
    except CloudStackApiException as refused:
        return refused.error["errorcode"], refused.error["errortext"]
    raise AssertionError("not refused: %s" % parameters)


def test_changes_of_different_things_do_not_undo_each_other(cloud):
    cs, host = cloud.api(), hosts(cloud.api())[0]["id"]
    for turn in range(20):
        remark, tags = "remark %d" % turn, "tag%d" % turn
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda wish: cloud.api().updateHost(id=host, **wish), ({"annotation": remark}, {"hosttags": tags})))
        found = cs.listHosts(id=host)["host"][0]
        assert (found["annotation"], found["hosttags"]) == (remark, tags), (turn, found)


def test_tags_are_taken_away_by_an_empty_list_only(cloud):
    cs, host = cloud.api(), hosts(cloud.api())[0]["id"]
    cs.updateHost(id=host, hosttags="a,b")
    assert cs.updateHost(id=host, name="renamed")["host"]["hosttags"] == "a,b"
    assert "hosttags" not in cs.updateHost(id=host, hosttags="")["host"]


def test_new_address_is_held_against_the_rules_of_adding(cloud):
    cs = cloud.api()
    one, other = hosts(cs)[:2]
    taken = cloud.rows("SELECT url FROM host WHERE uuid = '%s'" % other["id"])[0][0]
    assert refusal(cs.updateHost, id=one["id"], url=taken) == (431, "A host with URL %s already exists" % taken)
    assert refusal(cs.updateHost, id=one["id"], url="http://a b/") == (431, "Invalid host URL http://a b/")
    assert one["ipaddress"] == one["name"], "clients read it of every host"
    assert cs.updateHost(id=one["id"], url="http://192.0.2.7/h")["host"]["ipaddress"] == "192.0.2.7"


if __name__ == "__main__":
    with Cloud(zone="simulator") as cloud:
        counts = run_tests(globals(), cloud)
    close(*counts)
