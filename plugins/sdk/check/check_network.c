/* The network provider kind: networks, segments, services. */
#include "check.h"

#include "gurum_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct gurum_provider provider;
static struct gurum_host host;

static void targets_fill(void)
{
    provider = (struct gurum_provider){.size = sizeof(provider),
                                       .uuid = run.uuids[0],
                                       .name = "check",
                                       .url = object_text("provider", "url", NULL),
                                       .zone_uuid = run.uuids[1],
                                       .physical_network_uuid = run.uuids[2]};
    host = (struct gurum_host){.size = sizeof(host),
                               .uuid = run.uuids[3],
                               .name = "check",
                               .url = object_text("host", "url", "http://sim/check/h0"),
                               .address = object_text("host", "address", "127.0.0.1"),
                               .username = object_text("host", "username", NULL)};
    if (run.plugin->capabilities & GURUM_NETWORK_ON_HOSTS)
        provider.via_host = &host;
}

static const struct gurum_provider_spec *provider_spec(void)
{
    static const struct gurum_provider_spec spec = {.size = sizeof(spec), .provider = &provider};
    return &spec;
}

/* Each network has an isolation id of its own, from its uuid. */
static const struct gurum_network *network_of(const char *uuid)
{
    static _Thread_local struct gurum_network network;
    network = (struct gurum_network){.size = sizeof(network),
                                     .type = GURUM_NETWORK_ISOLATED,
                                     .uuid = uuid,
                                     .name = "check",
                                     .traffic_label = object_text("network", "traffic_label", NULL),
                                     .isolation = run.plugin->capabilities & GURUM_NETWORK_VXLAN ? GURUM_ISOLATION_VXLAN
                                                                                                 : GURUM_ISOLATION_NONE,
                                     .ipv4_cidr = "10.77.0.0/24",
                                     .ipv4_gateway = "10.77.0.1"};
    if (network.isolation == GURUM_ISOLATION_VXLAN)
        network.isolation_id = 1 + (uint32_t)(strtoul(uuid, NULL, 16) % 16000000);
    return &network;
}

static const void *network_spec(const char *uuid)
{
    static _Thread_local struct gurum_network_spec spec;
    spec = (struct gurum_network_spec){.size = sizeof(spec), .provider = &provider, .network = network_of(uuid)};
    return &spec;
}

static int network_observe(const char *uuid)
{
    OUTCOME(outcome);
    if (provider.size == 0)
        targets_fill();
    slot_call(&outcome, "network_observe", network_spec(uuid), NULL);
    const struct gurum_network_report *report = outcome_item(&outcome, GURUM_ITEM_NETWORK);
    return outcome.status == GURUM_OK && report != NULL ? report->state != GURUM_NETWORK_ABSENT : -1;
}

static int network_count(const char *uuid)
{
    OUTCOME(outcome);
    int count = 0;
    slot_call(&outcome, "network_list", provider_spec(), NULL);
    for (uint32_t i = 0; i < outcome.item_count; i++) {
        const struct gurum_network_report *report = (const void *)outcome.items[i];
        count += report->item.type == GURUM_ITEM_NETWORK && (uuid == NULL || same_text(report->uuid, uuid));
    }
    return outcome.status == GURUM_OK ? count : -1;
}

const struct subject *network_subject(void)
{
    static const struct subject subject = {.noun = "network",
                                           .ensure_slot = "network_ensure",
                                           .remove_slot = "network_remove",
                                           .ensure_spec = network_spec,
                                           .remove_spec = network_spec,
                                           .observe = network_observe,
                                           .count = network_count,
                                           .item = GURUM_ITEM_NETWORK,
                                           .item_uuid_offset = offsetof(struct gurum_network_report, uuid)};
    return &subject;
}

static bool expect(const char *slot, const void *spec, int32_t status, const char *code)
{
    OUTCOME(outcome);
    slot_call(&outcome, slot, spec, NULL);
    return check(outcome.status == status, code, "%s answers %s, %s is right", slot, outcome_words(&outcome),
                 gurum_status_text(status));
}

static void check_isolation(const char *uuid)
{
    struct gurum_network network = *network_of(uuid);
    struct gurum_network_spec spec = {.size = sizeof(spec), .provider = &provider, .network = &network};
    if (network.isolation == GURUM_ISOLATION_NONE)
        return;
    network.uuid = new_uuid();
    expect("network_ensure", &spec, GURUM_CONFLICT, "conflict.isolation_id");
    check(network_observe(network.uuid) == 0, "conflict.no_effect", "the refused network was not made");
}

static void check_segments(const char *uuid)
{
    if (!slot_present("host_network_ensure")) {
        check_skip("happy.segment", "no host_network_ensure");
        return;
    }
    OUTCOME(outcome);
    struct gurum_host_network_spec spec = {
        .size = sizeof(spec), .provider = &provider, .network = network_of(uuid), .host = &host};
    expect("host_network_remove", &spec, GURUM_OK, "absent.segment_remove");
    slot_call(&outcome, "host_network_ensure", &spec, NULL);
    const struct gurum_segment_report *report = outcome_item(&outcome, GURUM_ITEM_SEGMENT);
    check(outcome.status == GURUM_OK && report != NULL && report->handle != NULL &&
              same_text(report->network_uuid, uuid),
          "happy.segment", "host_network_ensure reports the segment: %s", outcome_words(&outcome));
    expect("host_network_ensure", &spec, GURUM_OK, "twice.segment");
    expect("host_network_remove", &spec, GURUM_OK, "happy.segment_remove");
    expect("host_network_remove", &spec, GURUM_OK, "twice.segment_remove");
    spec.network = network_of(new_uuid());
    expect("host_network_ensure", &spec, GURUM_NOT_FOUND, "absent.segment_network");
}

/* The revision in force of one service; 0 when it is off. */
static uint64_t revision_of(const struct gurum_service_spec *spec, uint64_t service)
{
    OUTCOME(outcome);
    slot_call(&outcome, "service_observe", spec, NULL);
    for (uint32_t i = 0; i < outcome.item_count; i++) {
        const struct gurum_service_report *report = (const void *)outcome.items[i];
        if (report->item.type == GURUM_ITEM_SERVICE && report->service == service)
            return report->revision;
    }
    return 0;
}

/* Asks a program of the operator's, "network": {"client": "/path"}, whether a client on the segment with that MAC
 * address is given that IPv4 address ("none": it must get no address). */
static void check_client(const char *code, const char *segment, const char *mac, const char *ipv4)
{
    const char *program = object_text("network", "client", NULL);
    int wait_status = -1;
    pid_t pid;
    if (program == NULL || segment[0] == '\0') {
        check_skip(code, "no network.client in the settings");
        return;
    }
    pid = fork();
    if (pid == 0) {
        execl(program, program, segment, mac, ipv4, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, &wait_status, 0);
    check(wait_status == 0, code, "%s on segment %s gets the address %s", mac, segment, ipv4);
}

static void segment_name(const struct gurum_service_spec *spec, char *ret_name, size_t size)
{
    OUTCOME(outcome);
    const struct gurum_host_network_spec segment = {
        .size = sizeof(segment), .provider = &provider, .network = spec->network, .host = &host};
    slot_call(&outcome, "host_network_ensure", &segment, NULL);
    const struct gurum_segment_report *report = outcome_item(&outcome, GURUM_ITEM_SEGMENT);
    check(outcome.status == GURUM_OK && report != NULL && report->handle != NULL, "happy.service_segment",
          "host_network_ensure answers %s", outcome_words(&outcome));
    snprintf(ret_name, size, "%s", report != NULL && report->handle != NULL ? report->handle : "");
}

/* Leases in force, taken away, and an address that goes to another guest. */
static void check_leases(struct gurum_service_spec *spec, const char *segment)
{
    const struct gurum_array before = spec->leases;
    struct gurum_lease leases[3];
    const char *const macs[] = {"02:00:4c:4f:4f:50", "02:00:4c:4f:4f:51", "02:00:4c:4f:4f:52"},
                      *const addresses[] = {"10.77.0.10", "10.77.0.11", "10.77.0.12"},
                      *const names[] = {"check", "check", "other"};
    if (!(spec->services & GURUM_SERVICE_DHCP))
        return;
    for (size_t i = 0; i < 3; i++)
        leases[i] = (struct gurum_lease){.nic_uuid = new_uuid(),
                                         .guest_uuid = new_uuid(),
                                         .mac = macs[i],
                                         .ipv4 = addresses[i],
                                         .hostname = names[i],
                                         .is_default = 1};
    check_client("lease.in_force", segment, macs[0], addresses[0]);
    check_client("lease.strangers_get_none", segment, macs[1], "none");
    spec->revision++;
    spec->leases = (struct gurum_array){leases, 3, sizeof(leases[0])};
    expect("service_apply", spec, GURUM_OK, "lease.more");
    for (size_t i = 0; i < 3; i++)
        check_client("lease.more_in_force", segment, macs[i], addresses[i]);
    spec->revision++;
    spec->leases = (struct gurum_array){leases + 1, 2, sizeof(leases[0])};
    expect("service_apply", spec, GURUM_OK, "lease.away");
    check_client("lease.is_away", segment, macs[0], "none");
    leases[0].hostname = "heir";
    spec->revision++;
    spec->leases = (struct gurum_array){leases, 3, sizeof(leases[0])};
    expect("service_apply", spec, GURUM_OK, "lease.heir");
    check_client("lease.address_goes_to_its_heir", segment, macs[0], addresses[0]);
    check_client("lease.others_keep_theirs", segment, macs[2], addresses[2]);
    spec->leases = before;
}

static void check_services(const char *uuid)
{
    char segment[128] = "";
    uint64_t offered = run.plugin->capabilities & GURUM_SERVICE_ALL, one = offered & (~offered + 1);
    if (offered == 0) {
        check_skip("happy.services", "the provider has no services");
        return;
    }
    struct gurum_lease lease = {.nic_uuid = new_uuid(),
                                .guest_uuid = new_uuid(),
                                .mac = "02:00:4c:4f:4f:50",
                                .ipv4 = "10.77.0.10",
                                .hostname = "check",
                                .is_default = 1};
    struct gurum_firewall_rule rule = {.uuid = new_uuid(),
                                       .source_cidrs = "0.0.0.0/0",
                                       .direction = GURUM_EGRESS,
                                       .port_first = -1,
                                       .port_last = -1,
                                       .allow = 1};
    struct gurum_service_spec spec = {.size = sizeof(spec),
                                      .provider = &provider,
                                      .network = network_of(uuid),
                                      .services = offered,
                                      .revision = 7,
                                      .leases = {&lease, 1, sizeof(lease)},
                                      .firewall_rules = {&rule, 1, sizeof(rule)}};
    if (run.plugin->capabilities & GURUM_NETWORK_SERVICES_ON_HOSTS) {
        spec.host = &host;
        expect("service_apply", &spec, GURUM_NOT_FOUND, "absent.service_segment");
        segment_name(&spec, segment, sizeof(segment));
    }
    expect("service_apply", &spec, GURUM_OK, "happy.services");
    expect("service_apply", &spec, GURUM_OK, "twice.services");
    check(revision_of(&spec, one) == 7, "happy.service_revision", "service_observe tells the revision in force");
    spec.revision = 6;
    expect("service_apply", &spec, GURUM_OK, "conflict.old_revision");
    check(revision_of(&spec, one) == 7, "conflict.revision_kept", "an older revision changes nothing");
    spec.revision = 7;
    check_leases(&spec, segment);
    spec.revision++;
    spec.services = offered & ~one;
    expect("service_apply", &spec, GURUM_OK, "happy.service_off");
    check(revision_of(&spec, one) == 0, "happy.service_is_off", "a service that is not asked for any more is off");
    spec.network = network_of(new_uuid());
    expect("service_apply", &spec, GURUM_NOT_FOUND, "absent.service_network");
    expect("service_observe", &spec, GURUM_OK, "absent.service_observe");
}

void check_network(void)
{
    OUTCOME(outcome);
    targets_fill();
    slot_call(&outcome, "provider_probe", provider_spec(), NULL);
    check(outcome.status == GURUM_OK && outcome_item(&outcome, GURUM_ITEM_PROVIDER) != NULL, "happy.provider_probe",
          "provider_probe answers %s", outcome_words(&outcome));
    check_subject(network_subject());
    const char *uuid = new_uuid();
    expect("network_ensure", network_spec(uuid), GURUM_OK, "happy.network_ensure");
    check_isolation(uuid);
    check_segments(uuid);
    check_services(uuid);
    if (slot_present("traffic_observe"))
        expect("traffic_observe", network_spec(uuid), GURUM_OK, "happy.traffic");
    expect("network_remove", network_spec(uuid), GURUM_OK, "happy.network_remove");
}
