/* Inside plugin "hypervisor-kvm" only: what its files share. */
#ifndef HYPERVISOR_KVM_H
#define HYPERVISOR_KVM_H

#include "gurum_hypervisor.h"
#include "libvirt.h"
#include "libvirt_xml.h"

extern const struct gurum_services *services; /* plugin.c */

int64_t now_ms(void); /* Unix time */

/* Memory that programs of the host could have at once: free, or only a cache. 0: it does not tell. (host.c) */
uint64_t memory_available_bytes(virConnectPtr connection);

/* True when guests can boot by UEFI. (host.c) */
bool uefi_is_there(virConnectPtr connection);
int32_t detail_report(struct gurum_call *call, const char *name, const char *value); /* host.c */

/* ---- Keeping guests to their addresses (filter.c) ---- */

#define DETAIL_FILTER "kvm.filter" /* yes: the host has our packet filters */

int32_t filters_ensure(struct gurum_call *call, virConnectPtr connection);
void filters_remove(virConnectPtr connection);
bool filter_is_wanted(const struct gurum_host *host, const struct gurum_nic *nic);
void filter_build(xmlNode *device, const struct gurum_nic *nic);

/* ---- How guests run on a host (trial.c) ---- */

#define DETAIL_WAY "kvm.acceleration"           /* kvm or tcg: found by host_ensure */
#define DETAIL_WAY_WANTED "kvm.acceleration.as" /* kvm, tcg or auto: the operator's */
#define DETAIL_LIMITS "kvm.limits"              /* yes: the host can limit a guest's CPU */

/* libvirt's type of a domain here: "kvm", "qemu" (without acceleration), or what another driver has. */
int32_t way_of_host(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host,
                    const char **ret_type);
/* Finds it out, by starting a tiny guest where that can tell something, and reports it as DETAIL. */
int32_t trial_report(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host);
/* True when KVM offers at least the simplest 64-bit processor; else why not, in memory of the call. */
bool kvm_is_offered(struct gurum_call *call, virConnectPtr connection, const char **ret_why);
xmlDoc *domain_capabilities(virConnectPtr connection, const char *type);

/* ---- Serial logs: files in one folder of the host, read through a pool of libvirt (console.c) ---- */

int32_t console_pool_ensure(struct gurum_call *call, virConnectPtr connection, virStoragePoolPtr *ret_pool);
/* NULL and no complaint: the host has none. */
virStoragePoolPtr console_pool_find(virConnectPtr connection);
int32_t console_pool_remove(struct gurum_call *call, virConnectPtr connection);
void console_log_path(struct gurum_call *call, const char *guest_uuid, const char **ret_path);
/* Makes the empty file when there is none, so that the pool knows it; a host without the pool is left alone. */
void console_log_make(virConnectPtr connection, const char *guest_uuid);
int32_t console_log_remove(struct gurum_call *call, virConnectPtr connection, const char *guest_uuid);
int32_t console_log_read(struct gurum_call *call, const struct gurum_console_log_spec *spec);
int32_t console_open(struct gurum_call *call, const struct gurum_guest_spec *spec);
/* The address on which a host's guests show their screens. */
void console_address(const struct gurum_host *host, char *ret_address, size_t size);

/* ---- A guest as libvirt's XML (shape.c, device.c) ---- */

int32_t shape_build(struct gurum_call *call, virConnectPtr connection, const struct gurum_host *host,
                    const struct gurum_guest *guest, char **ret_xml);
/* "q35" or "pc": the buses follow from it. */
const char *detail_or(const struct gurum_array *details, const char *name, const char *otherwise);

/* What the disks of a guest depend on. */
struct bus_facts {
    bool is_q35;
    const struct gurum_array *details; /* of the guest; NULL when it is not known */
};
int32_t disk_build(struct gurum_call *call, xmlNode *devices, const struct gurum_disk *disk,
                   const struct bus_facts *facts);
void cdrom_build(xmlNode *devices, const struct bus_facts *facts);
int32_t nic_build(struct gurum_call *call, xmlNode *devices, const struct gurum_host *host, const struct gurum_nic *nic,
                  const struct gurum_array *details);
#define ALIAS_CDROM "ua-cdrom"
/* The device of that alias, or NULL. */
xmlNode *device_find(const xmlNode *domain, const char *element, const char *alias);
xmlNode *nic_find(const xmlNode *domain, const struct gurum_nic *nic);
/* The number behind a target name, UINT32_MAX when it has none. */
uint32_t target_number(const char *name);

/* ---- Guests (guest.c) ---- */

/* The host's connection, and the guest or NULL when it is absent. */
int32_t guest_find(struct gurum_call *call, const struct gurum_host *host, const char *uuid,
                   virConnectPtr *ret_connection, virDomainPtr *ret_domain);
/* Running in the widest sense: it has a process. */
bool guest_is_active(virDomainPtr domain);
/* True when our mark is on it. */
bool guest_is_ours(virDomainPtr domain);
/* The document of the guest as it runs, or as it will start. */
int32_t guest_document(struct gurum_call *call, virDomainPtr domain, unsigned flags, xmlDoc **ret_document);
int32_t guest_report(struct gurum_call *call, const struct gurum_host *host, virDomainPtr domain);

int32_t host_probe(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t host_ensure(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t host_observe(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t host_remove(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t guest_ensure(struct gurum_call *call, const struct gurum_guest_shape_spec *spec);
int32_t guest_start(struct gurum_call *call, const struct gurum_guest_shape_spec *spec);
int32_t guest_stop(struct gurum_call *call, const struct gurum_guest_stop_spec *spec);
int32_t guest_reboot(struct gurum_call *call, const struct gurum_guest_spec *spec);
int32_t guest_remove(struct gurum_call *call, const struct gurum_guest_spec *spec);
int32_t guest_observe(struct gurum_call *call, const struct gurum_guest_spec *spec);
int32_t guest_list(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t guest_stats(struct gurum_call *call, const struct gurum_host_spec *spec);
int32_t disk_attach(struct gurum_call *call, const struct gurum_disk_spec *spec);
int32_t disk_detach(struct gurum_call *call, const struct gurum_disk_spec *spec);
int32_t nic_attach(struct gurum_call *call, const struct gurum_nic_spec *spec);
int32_t nic_detach(struct gurum_call *call, const struct gurum_nic_spec *spec);

#endif
