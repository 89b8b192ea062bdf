"""What the simulated provider holds, against what the database says it must hold. What is not here: starting a cloud (cloud.py), any test."""
import json, time

# kind of the dump → what must be there, what may be there besides
EXPECTED = {
    "guests": ("SELECT uuid FROM vm WHERE state = 'Running'", None),
    "volumes": ("SELECT uuid FROM volume WHERE state = 'Ready' AND removed IS NULL", None),
    "images": ("SELECT CONCAT(i.uuid, '@', s.uuid) FROM image_zone z JOIN image i ON i.id = z.image_id JOIN image_store s ON s.id = z.store_id "
               "WHERE z.state = 'Ready'", None),
    "pools": ("SELECT uuid FROM storage_pool WHERE removed IS NULL", None),
    "stores": ("SELECT uuid FROM image_store WHERE removed IS NULL", None),
    # a network that a failed deployment brought up, or a failed deletion could not take down, stays for the next one
    "networks": ("SELECT uuid FROM network WHERE guest_type IS NOT NULL AND removed IS NULL AND state = 'Implemented'",
                 "SELECT uuid FROM network WHERE guest_type IS NOT NULL AND removed IS NULL AND (state = 'Implementing' OR provider_handle IS NOT NULL)"),
}


# Which leases a host's DHCP may have, which it must have, and those of guests that run: a place that is behind may lack others. The lease of a
# guest that went elsewhere stays until the next change of its network.
LEASES = ("SELECT CONCAT(n.uuid, '@', h.url), c.uuid, c.mac_address, c.ip_address, v.name FROM network_place p JOIN network n ON n.id = p.network_id "
          "JOIN host h ON h.id = p.host_id JOIN vm_nic c ON c.network_id = n.id JOIN vm v ON v.id = c.vm_id WHERE p.has_services = 1 AND ")
UP_TO_DATE = "p.service_revision = n.service_revision"
THERE_OR_LAST = " AND IF(v.host_id = 0, v.last_host_id, v.host_id) = p.host_id"
RUNNING_THERE = "v.host_id = p.host_id AND v.state = 'Running'"


def compare_leases(cloud, services):
    """Where the services are up to date they have those of the host's guests and none that the rows do not know; a guest never runs without its own."""
    there = {(place, lease["nic_uuid"], lease["mac"], lease["ipv4"], lease["hostname"]) for place, each in services.items() for lease in each["leases"]}
    known = {tuple(row) for row in cloud.rows(LEASES + UP_TO_DATE)}
    wanted = {tuple(row) for row in cloud.rows(LEASES + UP_TO_DATE + THERE_OR_LAST)}
    running = {tuple(row) for row in cloud.rows(LEASES + RUNNING_THERE)}
    current = {row[0] for row in cloud.rows("SELECT CONCAT(n.uuid, '@', h.url) FROM network_place p JOIN network n ON n.id = p.network_id "
                                            "JOIN host h ON h.id = p.host_id WHERE p.has_services = 1 AND n.state = 'Implemented' AND " + UP_TO_DATE)}
    assert wanted | running <= there, "leases missing: %s" % ((wanted | running) - there)
    left = {lease for lease in there if lease[0] in current} - known
    assert not left, "leases left: %s" % left
    assert current <= set(services), "services missing: %s" % (current - set(services))
    places = {row[0] for row in cloud.rows("SELECT CONCAT(n.uuid, '@', h.url) FROM network_place p JOIN network n ON n.id = p.network_id "
                                           "JOIN host h ON h.id = p.host_id")}
    assert set(services) <= places, "services nobody knows of: %s" % (set(services) - places)


def open_jobs(cloud):
    return cloud.rows("SELECT kind, state, step, undoing, error_key, error_detail FROM job WHERE state NOT IN ('succeeded', 'failed', 'cancelled')")


def settle(cloud, look=lambda: None, seconds=60):
    """Waits until every job has ended, those of the schedules too. `look` is called meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        look()
        if not open_jobs(cloud):
            return
        time.sleep(0.03)
    raise AssertionError("jobs do not end: %s" % open_jobs(cloud))


def compare(cloud):
    """The provider has exactly what the database says; the consistency queries find nothing."""
    dump = json.loads(cloud.simulator("dump"))
    for kind, (must, may) in EXPECTED.items():
        there = set(dump[kind])
        wanted = {row[0] for row in cloud.rows(must)}
        allowed = wanted | ({row[0] for row in cloud.rows(may)} if may else set())
        assert wanted <= there, "%s missing at the provider: %s" % (kind, wanted - there)
        assert there <= allowed, "%s left at the provider: %s" % (kind, there - allowed)
    down = [uuid for uuid, guest in dump["guests"].items() if guest["state"] != "running"]
    assert not down, "guests that do not run: %s" % down
    hosts = {host["uuid"] for host in dump["hosts"].values() if host.get("ready")}
    known = {row[0] for row in cloud.rows("SELECT uuid FROM host WHERE removed IS NULL AND state = 'Up'")}
    assert hosts == known, "hosts differ: %s" % (hosts ^ known)
    compare_leases(cloud, dump["services"])
    found = cloud.failed_checks()
    assert not found, "consistency: %s" % found


def counters(cloud):
    """Every counter of every account and tenant domain, and what hosts, pools and networks have given away."""
    return (cloud.rows("SELECT account_id, kind, used FROM account_counter WHERE used <> 0 ORDER BY 1, 2")
            + cloud.rows("SELECT domain_id, kind, used FROM domain_counter WHERE used <> 0 ORDER BY 1, 2")
            + cloud.rows("SELECT uuid, cpu_used_mhz, memory_used_mib FROM host WHERE removed IS NULL ORDER BY 1")
            + cloud.rows("SELECT uuid, allocated_bytes FROM storage_pool WHERE removed IS NULL ORDER BY 1")
            + cloud.rows("SELECT uuid, nic_count FROM network WHERE removed IS NULL ORDER BY 1")
            + cloud.rows("SELECT 'address', network_id, COUNT(*) FROM address WHERE in_use = 1 GROUP BY network_id"))


def deployment(cs, **more):
    """The parameters of a small VM in the simulator's zone."""
    return dict({"zoneid": cs.listZones()["zone"][0]["id"],
                 "serviceofferingid": cs.listServiceOfferings(name="Small Instance")["serviceoffering"][0]["id"],
                 "templateid": cs.listTemplates(templatefilter="all", name="tiny")["template"][0]["id"]}, **more)
