/* Counters of all running guests of a host, by one question to libvirt. */
#include "kvm.h"

#include <stdio.h>
#include <string.h>

#define DEVICES_MOST 64

static uint64_t value_of(const virDomainStatsRecord *record, const char *name)
{
    unsigned long long value = 0;
    return virTypedParamsGetULLong(record->params, record->nparams, name, &value) == 1 ? value : 0;
}

/* The sum of "<group>.N.<name>" over the guest's devices. */
static uint64_t sum_of(const virDomainStatsRecord *record, const char *group, const char *name)
{
    char field[VIR_TYPED_PARAM_FIELD_LENGTH];
    unsigned int count = 0;
    uint64_t sum = 0;
    snprintf(field, sizeof(field), "%s.count", group);
    (void)virTypedParamsGetUInt(record->params, record->nparams, field, &count);
    for (unsigned i = 0; i < count && i < DEVICES_MOST; i++) {
        snprintf(field, sizeof(field), "%s.%u.%s", group, i, name);
        sum += value_of(record, field);
    }
    return sum;
}

/* Only a guest with a balloon driver tells what it uses; "usable" is what it could free. */
static uint64_t memory_used_mib(const virDomainStatsRecord *record)
{
    uint64_t available = value_of(record, "balloon.available"), usable = value_of(record, "balloon.usable");
    if (usable == 0)
        usable = value_of(record, "balloon.unused");
    return available > usable && usable > 0 ? (available - usable) / 1024 : 0;
}

static uint64_t memory_given_mib(const virDomainStatsRecord *record)
{
    virDomainInfo info = {.memory = 0};
    uint64_t current = value_of(record, "balloon.current");
    if (current == 0 && virDomainGetInfo(record->dom, &info) == 0)
        current = info.memory;
    return current / 1024;
}

static int32_t record_report(struct gurum_call *call, const virDomainStatsRecord *record)
{
    char uuid[VIR_UUID_STRING_BUFLEN];
    if (virDomainGetUUIDString(record->dom, uuid) != 0 || !guest_is_ours(record->dom))
        return GURUM_OK;
    const struct gurum_guest_stats stats = {.item = {sizeof(stats), GURUM_ITEM_GUEST_STATS},
                                            .uuid = uuid,
                                            .cpu_time_ms = value_of(record, "cpu.time") / 1000000,
                                            .memory_mib = memory_given_mib(record),
                                            .memory_used_mib = memory_used_mib(record),
                                            .disk_read_bytes = sum_of(record, "block", "rd.bytes"),
                                            .disk_write_bytes = sum_of(record, "block", "wr.bytes"),
                                            .disk_read_requests = sum_of(record, "block", "rd.reqs"),
                                            .disk_write_requests = sum_of(record, "block", "wr.reqs"),
                                            .network_in_bytes = sum_of(record, "net", "rx.bytes"),
                                            .network_out_bytes = sum_of(record, "net", "tx.bytes"),
                                            .taken_ms = now_ms()};
    return services->report(call, &stats.item);
}

int32_t guest_stats(struct gurum_call *call, const struct gurum_host_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    virDomainStatsRecordPtr *records = NULL;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    int count = virConnectGetAllDomainStats(
        connection,
        VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_INTERFACE |
            VIR_DOMAIN_STATS_BLOCK,
        &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    if (count < 0)
        return libvirt_fail(call, services, "asking for the guests' counters");
    for (int i = 0; status == GURUM_OK && i < count; i++)
        status = record_report(call, records[i]);
    virDomainStatsRecordListFree(records);
    return status;
}
