/* Hosts as replies show them. */
#ifndef GURUM_CLOUD_HOST_RESPONSE_H
#define GURUM_CLOUD_HOST_RESPONSE_H

#include "cloud/host/host_store.h"

struct host_response {
    const char *id, *name, *state, *type, *oscategoryid, *oscategoryname, *ipaddress, *zoneid, *zonename, *podid,
        *podname, *version, *hypervisor, *cpuused, *cpuallocated, *cpuallocatedpercentage,
        *cpuallocatedwithoverprovisioning,
        *cpuwithoverprovisioning, *memorywithoverprovisioning, *memoryallocatedpercentage, *capabilities, *clusterid,
        *clustername, *clustertype, *hosttags, *explicithosttags, *resourcestate, *hypervisorversion, *annotation,
        *arch, *storageaccessgroups, *clusterstorageaccessgroups, *podstorageaccessgroups, *zonestorageaccessgroups;
    struct opt_time disconnected, lastpinged, created, removed;
    struct opt_int cpusockets, cpunumber, cpuspeed, cpuallocatedvalue, memorytotal, memoryallocated,
        memoryallocatedbytes, memoryused, networkkbsread, networkkbswrite;
    struct opt_bool islocalstorageactive, istagarule, hasenoughcapacity, hahost;
    bool hasannotations;
    struct nested hostha, outofbandmanagement;
    struct pair_list details;
};
extern const struct field_table HOST_RESPONSE;
extern const struct object_kind HOST_KIND;
MUST_CHECK bool host_fill(struct api_call *call, const struct host_row *row, struct host_response *out,
                          struct error *err);

#endif
