/* VMs and their NICs as replies show them. */
#ifndef GURUM_CLOUD_VM_RESPONSE_H
#define GURUM_CLOUD_VM_RESPONSE_H

#include "cloud/identity/identity.h"
#include "cloud/vm/vm_store.h"

struct vm_nic_response {
    const char *id, *networkid, *networkname, *netmask, *gateway, *ipaddress, *isolationuri, *broadcasturi,
        *traffictype, *type, *macaddress, *ip6gateway, *ip6cidr, *ip6address, *deviceid, *virtualmachineid,
        *nsxlogicalswitch, *nsxlogicalswitchport, *isolatedpvlantype, *adaptertype, *publicipid, *publicip, *vpcid,
        *vpcname, *jobid;
    bool isdefault;
    struct opt_int vlanid, isolatedpvlan, mtu, jobstatus;
    struct object_list secondaryip, extradhcpoption;
    struct string_list ipaddresses;
};
extern const struct field_table VM_NIC_RESPONSE;

struct vm_response {
    const char *id, *name, *displayname, *userid, *username, *state, *groupid, *group, *zoneid, *zonename, *hostid,
        *hostname, *hostcontrolstate, *templateid, *templatename, *templatetype, *templateformat, *templatedisplaytext,
        *isoid, *isoname, *isodisplaytext, *serviceofferingid, *serviceofferingname, *diskofferingid, *diskofferingname,
        *gpucardid, *gpucardname, *vgpuprofileid, *vgpuprofilename, *backupofferingid, *backupofferingname, *vgpu,
        *cpuused, *guestosid, *rootdevicetype, *password, *hypervisor, *ipaddress, *publicipid, *publicip,
        *instancename, *readonlydetails, *keypairs, *keypair, *servicestate, *ostypeid, *osdisplayname, *bootmode,
        *boottype, *pooltype, *autoscalevmgroupid, *autoscalevmgroupname, *userdata, *userdataid, *userdataname,
        *userdatapolicy, *userdatadetails, *vmtype, *arch, *leaseexpiryaction, *jobid;
    struct opt_time created, lastupdated, leaseexpirydate;
    bool haenable, passwordenabled, displayvm, isdynamicallyscalable, deleteprotection, hasannotations,
        forvirtualnetwork;
    int64_t cpunumber, cpuspeed, memory, rootdeviceid;
    struct opt_int videoram, maxheads, maxresolutionx, maxresolutiony, gpucount, networkkbsread, networkkbswrite,
        diskkbsread, diskkbswrite, memorykbs, memoryintfreekbs, memorytargetkbs, diskioread, diskiowrite, receivedbytes,
        sentbytes, leaseduration, jobstatus;
    struct shown_owner owner;
    struct object_list securitygroup, nic, affinitygroup, tags;
    struct pair_list details;
    struct nested icon;
};
extern const struct field_table VM_RESPONSE;

enum vm_parts {
    VM_PART_NICS = 1,
    VM_PART_TAGS = 2,
    VM_PART_DETAILS = 4,
    VM_PART_GROUPS = 8,
    VM_PART_STATS = 32,
    VM_PART_ALL = 47,
    VM_PART_USER_DATA = 16,
    VM_PART_STATS_TOTAL = 64 /* … those since the guest's start */
};
/* Fills replies for rows, in their order; `parts` says what to read besides the rows. */
MUST_CHECK bool vm_describe_rows(struct api_call *call, const struct vm *rows, size_t count, unsigned parts,
                                 struct vm_response *ret_vms, struct error *err);
/* The object kind's describe. */
MUST_CHECK bool vm_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                            size_t *ret_count, struct error *err);

#endif
