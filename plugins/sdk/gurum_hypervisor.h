/* Plugin kind "hypervisor": runs guests on hosts. Disks are made by a storage plugin and segments by a network plugin,
 * unless a capability below says that the hypervisor does it. */
#ifndef GURUM_HYPERVISOR_H
#define GURUM_HYPERVISOR_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Capability bits. A bit obliges the plugin to the slots named in GURUM_HYPERVISOR_SLOTS. */
#define GURUM_HYPERVISOR_DISK_HOTPLUG (UINT64_C(1) << 0)    /* disk_attach/detach on a running guest */
#define GURUM_HYPERVISOR_NIC_HOTPLUG (UINT64_C(1) << 1)     /* nic_attach/detach on a running guest */
#define GURUM_HYPERVISOR_RESIZE (UINT64_C(1) << 2)          /* guest_resize on a running guest */
#define GURUM_HYPERVISOR_MIGRATE (UINT64_C(1) << 3)         /* guest_migrate with shared storage */
#define GURUM_HYPERVISOR_MIGRATE_STORAGE (UINT64_C(1) << 4) /* … and together with its disks */
#define GURUM_HYPERVISOR_SNAPSHOT (UINT64_C(1) << 5)        /* guest_snapshot_*: all disks at one instant */
#define GURUM_HYPERVISOR_SNAPSHOT_MEMORY (UINT64_C(1) << 6) /* … with memory */
#define GURUM_HYPERVISOR_CONSOLE (UINT64_C(1) << 7)         /* console_open */
#define GURUM_HYPERVISOR_STATS (UINT64_C(1) << 8)           /* guest_stats */
#define GURUM_HYPERVISOR_USER_DATA (UINT64_C(1) << 9)       /* hands user data to the guest without a network service */
#define GURUM_HYPERVISOR_UEFI (UINT64_C(1) << 10)           /* boots by UEFI */
#define GURUM_HYPERVISOR_CONSOLE_LOG (UINT64_C(1) << 11)    /* console_log_read */
/* guest_ensure makes disks itself from guest.image (vSphere) */
#define GURUM_HYPERVISOR_CLONES_IMAGE (UINT64_C(1) << 16)
/* no volumes at all: the image goes to the machine (bare metal) */
#define GURUM_HYPERVISOR_NO_DISK_IMAGES (UINT64_C(1) << 17)
#define GURUM_HYPERVISOR_ONE_GUEST_A_HOST (UINT64_C(1) << 18) /* a guest is given the whole host (bare metal) */
/* one url manages many hosts; details name the host in it */
#define GURUM_HYPERVISOR_SHARED_ENDPOINT (UINT64_C(1) << 19)
/* the provider may move guests; guest_observe tells the host */
#define GURUM_HYPERVISOR_PLACES_ITSELF (UINT64_C(1) << 20)

/* ---- What a guest is ------------------------------------------------------------------------------------------- */

enum gurum_disk_kind { GURUM_DISK_ROOT = 1, GURUM_DISK_DATA = 2, GURUM_DISK_CDROM = 3, GURUM_DISK_CONFIG = 4 };

enum gurum_disk_bus {
    GURUM_BUS_DEFAULT = 0,
    GURUM_BUS_VIRTIO = 1,
    GURUM_BUS_SCSI = 2,
    GURUM_BUS_SATA = 3,
    GURUM_BUS_IDE = 4,
    GURUM_BUS_NVME = 5,
};

struct gurum_disk {
    const char *volume_uuid;       /* for a CDROM the image's uuid; NULL: an empty drive */
    const struct gurum_pool *pool; /* NULL for a CDROM in an image store */
    const char *handle;            /* as the storage plugin reported it */
    const char *path;              /* as the storage plugin reported it: what the host opens; or NULL */
    uint32_t kind;                 /* enum gurum_disk_kind */
    uint32_t bus;                  /* enum gurum_disk_bus */
    uint32_t device_number;        /* 0 is the root disk; stable for the life of the attachment */
    uint32_t format;               /* enum gurum_image_format */
    uint64_t size_bytes;
    uint64_t read_bytes_second; /* limits; 0 = none */
    uint64_t write_bytes_second;
    uint64_t read_iops;
    uint64_t write_iops;
    uint8_t bootable;
    uint8_t read_only;
    uint8_t reserved[6];
    const char *serial;         /* to be shown in the guest, or NULL */
    struct gurum_array details; /* struct gurum_detail */
};

struct gurum_nic {
    const char *uuid;
    const char *mac; /* aa:bb:cc:dd:ee:ff */
    const char *network_uuid;
    const char *segment_handle; /* as the network plugin reported it for this host, or NULL */
    const char *traffic_label;  /* operator's name of the physical side on this hypervisor, or NULL */
    uint32_t isolation;         /* enum gurum_isolation */
    uint32_t isolation_id;      /* VLAN tag or VNI; 0 = untagged */
    const char *model;          /* "virtio", "e1000", … or NULL for the plugin's choice */
    const char *ipv4;           /* or NULL; the next three too */
    const char *ipv4_cidr;      /* of the network */
    const char *ipv4_gateway;
    const char *ipv6;
    uint32_t device_number;     /* 0 is the first */
    uint32_t mtu;               /* 0 = default */
    uint32_t rate_mbits_second; /* 0 = unlimited */
    uint8_t is_default;
    uint8_t anti_spoofing; /* let only this MAC and these addresses out */
    uint8_t link_down;
    uint8_t reserved;
    struct gurum_array details; /* struct gurum_detail */
};

enum gurum_boot_type { GURUM_BOOT_BIOS = 0, GURUM_BOOT_UEFI = 1, GURUM_BOOT_UEFI_SECURE = 2, GURUM_BOOT_NETWORK = 3 };

/* The whole wanted shape of a guest. */
struct gurum_guest {
    uint32_t size;
    uint32_t boot_type; /* enum gurum_boot_type */
    const char *uuid;
    const char *name;   /* unique at the hypervisor: "i-2-10-VM" */
    const char *title;  /* as the tenant calls it */
    const char *handle; /* as guest_ensure reported it (vSphere moid, BMC slot), or NULL */
    uint32_t cpu_count;
    uint32_t cpu_mhz;        /* share of one CPU */
    uint32_t cpu_count_most; /* to be reachable by guest_resize without a reboot; 0 = cpu_count */
    uint32_t cpu_capped;     /* 1: never more than cpu_mhz, even on an idle host */
    uint64_t memory_mib;
    uint64_t memory_mib_most; /* as cpu_count_most */
    const char *architecture; /* "x86_64", or NULL for the host's */
    const char *os_type;      /* "Debian GNU/Linux 12 (64-bit)" and the like, or NULL */
    const char *hostname;     /* inside the guest, or NULL */
    const char *user_data;    /* bytes, or NULL */
    uint64_t user_data_length;
    const struct gurum_image *image;    /* what the root disk comes from; NULL when it came from a volume */
    const struct gurum_pool *root_pool; /* with CLONES_IMAGE: where to clone to; else NULL */
    uint64_t root_size_bytes;           /* with CLONES_IMAGE; else 0 */
    struct gurum_array disks;           /* struct gurum_disk, by device number */
    struct gurum_array nics;            /* struct gurum_nic, by device number */
    struct gurum_array metadata;        /* struct gurum_detail: what the guest may read of itself */
    struct gurum_array details;         /* struct gurum_detail: machine type, CPU mode, … of offering, image and VM */
};

/* ---- Specs ----------------------------------------------------------------------------------------------------- */

struct gurum_host_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_host *host;
};

/* A guest by name. `host` is where it runs or last ran. */
struct gurum_guest_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle; /* or NULL */
};

/* A guest in full. */
struct gurum_guest_shape_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_host *host;
    const struct gurum_guest *guest;
};

enum gurum_guest_stop_flag { GURUM_STOP_FORCE = 1 };

struct gurum_guest_stop_spec {
    uint32_t size;
    uint32_t flags; /* enum gurum_guest_stop_flag; FORCE cuts the power at once */
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle;
    uint32_t grace_ms; /* time for the guest's own shutdown before its power is cut */
    uint32_t reserved;
};

struct gurum_disk_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle;
    const struct gurum_disk *disk; /* disk_detach goes by volume_uuid, or by device_number when that is NULL */
};

struct gurum_nic_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle;
    const struct gurum_nic *nic; /* nic_detach goes by uuid and MAC */
};

enum gurum_migrate_flag { GURUM_MIGRATE_WITH_STORAGE = 1 };

struct gurum_guest_migrate_spec {
    uint32_t size;
    uint32_t flags;                       /* enum gurum_migrate_flag */
    const struct gurum_host *host;        /* where it runs */
    const struct gurum_host *destination; /* its secrets begin with "destination." */
    const struct gurum_guest *guest;      /* as it must be at the destination: paths and segments of there */
    uint32_t bandwidth_mbits_second;      /* 0 = unlimited */
    uint32_t downtime_most_ms;            /* 0 = plugin's choice */
};

enum gurum_guest_snapshot_flag { GURUM_SNAPSHOT_MEMORY = 1, GURUM_SNAPSHOT_QUIESCE = 2 };

struct gurum_guest_snapshot_spec {
    uint32_t size;
    uint32_t flags; /* enum gurum_guest_snapshot_flag */
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle;
    const char *snapshot_uuid;
    const char *snapshot_name;
};

enum gurum_console_log_flag { GURUM_CONSOLE_LOG_TAIL = 1 };

/* What one console_log_read may ask for at most. */
#define GURUM_CONSOLE_LOG_BYTES_MOST 262144

struct gurum_console_log_spec {
    uint32_t size;
    uint32_t flags; /* enum gurum_console_log_flag; TAIL: the last bytes_most bytes, whatever `offset` says */
    const struct gurum_host *host;
    const char *guest_uuid;
    const char *guest_name;
    const char *guest_handle; /* or NULL */
    uint64_t offset;          /* of the first byte wanted, counted from the beginning of the log */
    uint64_t bytes_most;      /* 1 to GURUM_CONSOLE_LOG_BYTES_MOST */
};

/* ---- Items ----------------------------------------------------------------------------------------------------- */

struct gurum_host_facts {
    struct gurum_item item;    /* GURUM_ITEM_HOST_FACTS */
    const char *provider_uuid; /* the host's own identity: tells two urls of one host apart from two hosts; or NULL */
    const char *hypervisor;    /* "KVM", "Simulator", "VMware", "XenServer", "BareMetal" */
    const char *hypervisor_version;
    const char *architecture;
    const char *os;           /* or NULL */
    const char *cpu_model;    /* or NULL */
    const char *capabilities; /* "hvm,snapshot,…" as the API shows it */
    uint32_t cpu_count;
    uint32_t cpu_sockets;
    uint32_t cpu_mhz;
    uint32_t reserved;
    uint64_t memory_bytes;
    uint64_t guests_most; /* 0 = no limit known */
};

enum gurum_host_state {
    GURUM_HOST_UP = 1,
    GURUM_HOST_PREPARING = 2,
    GURUM_HOST_MAINTENANCE = 3,
    GURUM_HOST_BROKEN = 4
};

struct gurum_host_report {
    struct gurum_item item; /* GURUM_ITEM_HOST_STATE */
    uint32_t state;         /* enum gurum_host_state */
    uint32_t guest_count;
    uint64_t memory_bytes;
    uint64_t memory_free_bytes;
    uint32_t cpu_used_permille; /* of all CPUs */
    uint32_t reserved;
    uint64_t network_in_bytes; /* since the host's start */
    uint64_t network_out_bytes;
    const char *detail; /* why BROKEN; or NULL */
};

enum gurum_guest_state {
    GURUM_GUEST_ABSENT = 1, /* not known at the host asked */
    GURUM_GUEST_STOPPED = 2,
    GURUM_GUEST_RUNNING = 3,
    GURUM_GUEST_PAUSED = 4,
    GURUM_GUEST_CRASHED = 5,
    GURUM_GUEST_MIGRATING = 6,
};

struct gurum_guest_report {
    struct gurum_item item; /* GURUM_ITEM_GUEST */
    const char *uuid;       /* NULL: a guest that is not ours (guest_list) */
    const char *name;
    const char *handle;    /* the provider's own name of it, kept and handed back; or NULL */
    const char *host_uuid; /* ours; NULL when the provider runs it on a host that was not given */
    uint32_t state;        /* enum gurum_guest_state */
    uint32_t cpu_count;
    uint64_t memory_mib;
    int64_t since_ms; /* state holds since, Unix time; 0 = unknown */
    uint32_t disk_count;
    uint32_t nic_count;
};

/* Counters run since the guest's start and may begin anew with it. */
struct gurum_guest_stats {
    struct gurum_item item; /* GURUM_ITEM_GUEST_STATS */
    const char *uuid;
    uint64_t cpu_time_ms;     /* of all its CPUs */
    uint64_t memory_mib;      /* given */
    uint64_t memory_used_mib; /* 0 = unknown */
    uint64_t disk_read_bytes;
    uint64_t disk_write_bytes;
    uint64_t disk_read_requests;
    uint64_t disk_write_requests;
    uint64_t network_in_bytes;
    uint64_t network_out_bytes;
    int64_t taken_ms; /* Unix time */
};

/* A disk that the hypervisor made or placed itself (CLONES_IMAGE), or where an attached one appeared. */
struct gurum_disk_report {
    struct gurum_item item; /* GURUM_ITEM_DISK */
    const char *volume_uuid;
    const char *handle;
    const char *path;
    uint32_t device_number;
    uint32_t format; /* enum gurum_image_format */
    uint64_t size_bytes;
    uint64_t used_bytes;
};

struct gurum_console_report {
    struct gurum_item item; /* GURUM_ITEM_CONSOLE */
    const char *protocol;   /* "vnc", "spice", "rdp", "serial", "websocket" */
    const char *address;
    const char *password; /* or NULL */
    const char *path;     /* of a websocket or a unix socket; or NULL */
    uint32_t port;
    uint32_t tls;       /* 0 or 1 */
    int64_t expires_ms; /* Unix time; 0 = with the guest */
};

/* A piece of what a guest wrote to its serial port. */
struct gurum_console_log {
    struct gurum_item item; /* GURUM_ITEM_CONSOLE_LOG */
    const char *uuid;
    const char *data;     /* bytes of any value, not a text; may be NULL when there are none */
    uint64_t data_length; /* at most bytes_most of the spec */
    uint64_t offset;      /* of the first byte of data: what was asked for, unless TAIL or the log is shorter */
    uint64_t end_offset;  /* the log's length now */
    uint64_t generation;  /* another number whenever the log began anew; 0 when the provider cannot tell */
};

struct gurum_guest_snapshot_report {
    struct gurum_item item; /* GURUM_ITEM_GUEST_SNAPSHOT */
    const char *uuid;
    const char *handle;
    int64_t taken_ms;    /* Unix time */
    uint64_t size_bytes; /* 0 = unknown */
};

/* ---- Operations ------------------------------------------------------------------------------------------------ */

/* Common to all slots: a repetition under the same or another operation id finds the state reached and answers OK
 * with the same reports; any slot may answer PENDING; UNREACHABLE and DENIED concern the host or its manager. */
struct gurum_hypervisor_operations {
    uint32_t size;
    uint32_t reserved;

    /* Looks at a host without changing it. Reports HOST_FACTS once and a CHECK for each condition of use, failed
     * ones too: OK says that the probe worked, not that the host is fit. */
    int32_t (*host_probe)(struct gurum_call *call, const struct gurum_host_spec *spec);
    /* Makes the host fit for use. May report DETAIL, kept with the host. NOT_FOUND: no such host behind the url. */
    int32_t (*host_ensure)(struct gurum_call *call, const struct gurum_host_spec *spec);
    /* Reports HOST_STATE once. Cheap: called often. */
    int32_t (*host_observe)(struct gurum_call *call, const struct gurum_host_spec *spec);
    /* Takes back what host_ensure did. Guests are left alone: with guests of ours on it, CONFLICT. Absent: OK. */
    int32_t (*host_remove)(struct gurum_call *call, const struct gurum_host_spec *spec);

    /* Defines the guest, or redefines a stopped one to the shape given; a running one stays as it is until its next
     * start. Never starts it. Reports GUEST; with CLONES_IMAGE also a DISK for each disk. CONFLICT: the name belongs
     * to another uuid. NO_CAPACITY: the host can never hold it. */
    int32_t (*guest_ensure)(struct gurum_call *call, const struct gurum_guest_shape_spec *spec);
    /* Brings the guest, defined before, to RUNNING. Running already: OK. NOT_FOUND: not defined. NO_CAPACITY: no room
     * now. Reports GUEST. Never leaves two of it running. */
    int32_t (*guest_start)(struct gurum_call *call, const struct gurum_guest_shape_spec *spec);
    /* Brings the guest to STOPPED: asks it, waits grace_ms over PENDING, then cuts the power. Absent or stopped: OK. */
    int32_t (*guest_stop)(struct gurum_call *call, const struct gurum_guest_stop_spec *spec);
    /* Restarts a running guest; once for one operation id. Stopped: CONFLICT. Absent: NOT_FOUND. Reports GUEST. */
    int32_t (*guest_reboot)(struct gurum_call *call, const struct gurum_guest_spec *spec);
    /* Makes the guest absent, running or not, with all that guest_ensure made for it (with CLONES_IMAGE its root
     * disk too), and nothing else: volumes of storage plugins stay. Absent: OK. */
    int32_t (*guest_remove)(struct gurum_call *call, const struct gurum_guest_spec *spec);
    /* Reports GUEST once, ABSENT included. */
    int32_t (*guest_observe)(struct gurum_call *call, const struct gurum_guest_spec *spec);
    /* Reports GUEST for every guest of the host; those that are not ours with uuid NULL. */
    int32_t (*guest_list)(struct gurum_call *call, const struct gurum_host_spec *spec);
    /* Reports GUEST_STATS for each running guest of ours on the host: one call a host, cheap, called often. */
    int32_t (*guest_stats)(struct gurum_call *call, const struct gurum_host_spec *spec);

    /* Attaches a disk to a guest, running or stopped. Attached already: OK. Device number taken by another: CONFLICT.
     * Guest absent: NOT_FOUND. Reports DISK. */
    int32_t (*disk_attach)(struct gurum_call *call, const struct gurum_disk_spec *spec);
    /* The opposite; waits for the guest over PENDING. Not attached, or guest absent: OK. The volume stays. */
    int32_t (*disk_detach)(struct gurum_call *call, const struct gurum_disk_spec *spec);
    /* As disk_attach, for a NIC; attached already with other settings: brings them to those given. */
    int32_t (*nic_attach)(struct gurum_call *call, const struct gurum_nic_spec *spec);
    int32_t (*nic_detach)(struct gurum_call *call, const struct gurum_nic_spec *spec);
    /* Changes CPU and memory of a guest to those given, without a reboot. UNSUPPORTED: needs a stop. Reports GUEST. */
    int32_t (*guest_resize)(struct gurum_call *call, const struct gurum_guest_shape_spec *spec);
    /* Moves a running guest. At the destination already: OK. After a failure it runs at exactly one of the two.
     * Progress is reported. Cancel leaves it where it was. Reports GUEST. */
    int32_t (*guest_migrate)(struct gurum_call *call, const struct gurum_guest_migrate_spec *spec);

    /* All disks at one instant, with memory when asked. Exists already: OK. Reports GUEST_SNAPSHOT. */
    int32_t (*guest_snapshot_ensure)(struct gurum_call *call, const struct gurum_guest_snapshot_spec *spec);
    /* Brings the guest back to it; once for one operation id. Absent snapshot: NOT_FOUND. Reports GUEST. */
    int32_t (*guest_snapshot_revert)(struct gurum_call *call, const struct gurum_guest_snapshot_spec *spec);
    /* Makes the snapshot absent; the guest stays as it is, later snapshots too. Absent: OK. */
    int32_t (*guest_snapshot_remove)(struct gurum_call *call, const struct gurum_guest_snapshot_spec *spec);
    /* Reports CONSOLE once: a way to the guest's screen, good for at least one minute. Not running: CONFLICT. */
    int32_t (*console_open)(struct gurum_call *call, const struct gurum_guest_spec *spec);

    /* Reports CONSOLE_LOG once: the part of the serial log that was asked for. No log yet, or `offset` beyond its end:
     * OK, without data, `offset` and `end_offset` telling its length. Stopped guests keep theirs where the provider
     * can. Guest absent: NOT_FOUND. */
    int32_t (*console_log_read)(struct gurum_call *call, const struct gurum_console_log_spec *spec);
};

/* X(slot, spec, capabilities that oblige to it); 0: always obliged. In the order of the table. */
#define GURUM_HYPERVISOR_SLOTS(X)                                                                                      \
    X(host_probe, gurum_host_spec, 0)                                                                                  \
    X(host_ensure, gurum_host_spec, 0)                                                                                 \
    X(host_observe, gurum_host_spec, 0)                                                                                \
    X(host_remove, gurum_host_spec, 0)                                                                                 \
    X(guest_ensure, gurum_guest_shape_spec, 0)                                                                         \
    X(guest_start, gurum_guest_shape_spec, 0)                                                                          \
    X(guest_stop, gurum_guest_stop_spec, 0)                                                                            \
    X(guest_reboot, gurum_guest_spec, 0)                                                                               \
    X(guest_remove, gurum_guest_spec, 0)                                                                               \
    X(guest_observe, gurum_guest_spec, 0)                                                                              \
    X(guest_list, gurum_host_spec, 0)                                                                                  \
    X(guest_stats, gurum_host_spec, GURUM_HYPERVISOR_STATS)                                                            \
    X(disk_attach, gurum_disk_spec, GURUM_HYPERVISOR_DISK_HOTPLUG)                                                     \
    X(disk_detach, gurum_disk_spec, GURUM_HYPERVISOR_DISK_HOTPLUG)                                                     \
    X(nic_attach, gurum_nic_spec, GURUM_HYPERVISOR_NIC_HOTPLUG)                                                        \
    X(nic_detach, gurum_nic_spec, GURUM_HYPERVISOR_NIC_HOTPLUG)                                                        \
    X(guest_resize, gurum_guest_shape_spec, GURUM_HYPERVISOR_RESIZE)                                                   \
    X(guest_migrate, gurum_guest_migrate_spec, GURUM_HYPERVISOR_MIGRATE | GURUM_HYPERVISOR_MIGRATE_STORAGE)            \
    X(guest_snapshot_ensure, gurum_guest_snapshot_spec, GURUM_HYPERVISOR_SNAPSHOT)                                     \
    X(guest_snapshot_revert, gurum_guest_snapshot_spec, GURUM_HYPERVISOR_SNAPSHOT)                                     \
    X(guest_snapshot_remove, gurum_guest_snapshot_spec, GURUM_HYPERVISOR_SNAPSHOT)                                     \
    X(console_open, gurum_guest_spec, GURUM_HYPERVISOR_CONSOLE)                                                        \
    X(console_log_read, gurum_console_log_spec, GURUM_HYPERVISOR_CONSOLE_LOG)

#ifdef __cplusplus
}
#endif
#endif
