/* The core of the Gurum plugin SDK: the exported symbol, status codes, settings, host services, and the targets that
 * all kinds share. What a plugin of one kind must do is in gurum_<kind>.h. Nothing of the host's own types is here.
 *
 * Rules of the binary interface
 *  - Fixed-width types only. Text is UTF-8, ends with a zero byte, and may be NULL where "or NULL" is said.
 *  - Structures grow only at their end. Each begins with its size, as the side that filled it was compiled; look at a
 *    field younger than your own minimum only behind GURUM_HAS(). Arrays carry a stride: walk them with gurum_at().
 *  - Everything handed to a slot lives until the slot returns. Everything handed to a service is copied by it.
 *  - A slot returns one of enum gurum_status. It never exits the process, never blocks for long, never keeps state that
 *    it cannot rebuild by observing.
 *  - A repeated call is a success. Removing what is absent is a success. Objects are named by our UUID, which the
 *    plugin stores at the provider. Decide by observing, never by the text of a provider's error.
 */
#ifndef GURUM_PLUGIN_H
#define GURUM_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes "GURUMPLG" read as a little-endian number; on another byte order the plugin is refused, as it should be. */
#define GURUM_PLUGIN_MAGIC UINT64_C(0x474c504d55525547)

/* Major 0 may change with every minor (HISTORY.md says how); from 1.0 on, minors only append. */
#define GURUM_ABI_MAJOR 0
#define GURUM_ABI_MINOR 9

#if defined(__GNUC__)
#define GURUM_EXPORT __attribute__((visibility("default")))
#define GURUM_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define GURUM_EXPORT
#define GURUM_PRINTF(format_at, first_at)
#endif

/* True when the structure that `pointer` points to, as its maker knew it, has `member`. */
#define GURUM_HAS(pointer, type, member) ((pointer)->size >= offsetof(type, member) + sizeof(((const type *)0)->member))

/* ---- Status ---------------------------------------------------------------------------------------------------- */

/* What the job engine does when a slot answers with a status. */
enum gurum_recovery {
    GURUM_RECOVERY_GO_ON = 0,      /* next step */
    GURUM_RECOVERY_CALL_AGAIN = 1, /* the same slot, the same operation id, after the time that check_after() said */
    GURUM_RECOVERY_RETRY = 2,      /* the same, with back-off, a bounded number of times; then undo */
    GURUM_RECOVERY_ELSEWHERE = 3,  /* undo this step and place the object elsewhere when the job can; else undo */
    GURUM_RECOVERY_UNDO = 4,       /* undo the job and fail it */
};

/* X(name, number, recovery, API error code, meaning). The API code is the one of the wire's error table. */
#define GURUM_STATUS_LIST(X)                                                                                           \
    X(OK, 0, GO_ON, 200, "done, and true now")                                                                         \
    X(PENDING, 1, CALL_AGAIN, 200, "begun; ask again")                                                                 \
    X(INVALID, 2, UNDO, 431, "the request itself can never work")                                                      \
    X(NOT_FOUND, 3, UNDO, 431, "something the request builds on does not exist at the provider")                       \
    X(CONFLICT, 4, UNDO, 536, "what exists under this name is something else")                                         \
    X(BUSY, 5, RETRY, 536, "the object is being changed by somebody else")                                             \
    X(NO_CAPACITY, 6, ELSEWHERE, 533, "no room here")                                                                  \
    X(UNSUPPORTED, 7, UNDO, 432, "this plugin or this provider cannot do that")                                        \
    X(DENIED, 8, UNDO, 531, "the provider refuses our credentials or rights")                                          \
    X(UNREACHABLE, 9, RETRY, 534, "the provider cannot be reached")                                                    \
    X(TIMED_OUT, 10, RETRY, 534, "the provider did not answer in time; the effect is unknown")                         \
    X(CANCELLED, 11, UNDO, 530, "given up because the host asked for it")                                              \
    X(FAILED, 12, ELSEWHERE, 530, "the provider tried and failed")                                                     \
    X(INTERNAL, 13, UNDO, 530, "a defect of the plugin")

enum gurum_status {
#define GURUM_STATUS_MEMBER(name, number, recovery, api_code, meaning) GURUM_##name = (number),
    GURUM_STATUS_LIST(GURUM_STATUS_MEMBER)
#undef GURUM_STATUS_MEMBER
};

/* ---- Arrays and name/value pairs ------------------------------------------------------------------------------- */

/* `count` items, `stride` bytes apart; what an item is, is said where the array is a member. `items` may be NULL
 * when empty. */
struct gurum_array {
    const void *items;
    uint32_t count;
    uint32_t stride;
};

static inline const void *gurum_at(const struct gurum_array *array, uint32_t index)
{
    return (const char *)array->items + (size_t)index * array->stride;
}

/* True when the items of an array have `member`. */
#define GURUM_ITEMS_HAVE(array, type, member)                                                                          \
    ((array)->stride >= offsetof(type, member) + sizeof(((const type *)0)->member))

struct gurum_detail {
    const char *name;
    const char *value;
};

/* A number with its name, for explanations ("free_mib" 2048). */
struct gurum_number {
    const char *name;
    int64_t value;
};

/* ---- Items: what a slot reports -------------------------------------------------------------------------------- */

/* Every reported structure begins with this head; size is sizeof the whole structure. */
struct gurum_item {
    uint32_t size;
    uint32_t type; /* enum gurum_item_type */
};

enum gurum_item_type {
    GURUM_ITEM_CHECK = 1,  /* struct gurum_check */
    GURUM_ITEM_DETAIL = 2, /* struct gurum_fact: kept with the object and handed back in its details */
    /* hypervisor */
    GURUM_ITEM_HOST_FACTS = 16,
    GURUM_ITEM_HOST_STATE = 17,
    GURUM_ITEM_GUEST = 18,
    GURUM_ITEM_GUEST_STATS = 19,
    GURUM_ITEM_DISK = 20,
    GURUM_ITEM_CONSOLE = 21,
    GURUM_ITEM_GUEST_SNAPSHOT = 22,
    GURUM_ITEM_CONSOLE_LOG = 23,
    /* storage and image store */
    GURUM_ITEM_POOL = 32,
    GURUM_ITEM_VOLUME = 33,
    GURUM_ITEM_SNAPSHOT = 34,
    GURUM_ITEM_STORE = 35,
    GURUM_ITEM_IMAGE = 36,
    GURUM_ITEM_EXPORT = 37,
    /* network */
    GURUM_ITEM_PROVIDER = 48,
    GURUM_ITEM_NETWORK = 49,
    GURUM_ITEM_SEGMENT = 50,
    GURUM_ITEM_SERVICE = 51,
    GURUM_ITEM_TRAFFIC = 52,
    /* allocators */
    GURUM_ITEM_RANK = 64,
};

/* One line of a check list (probe slots): what was looked at, whether it is as it must be, and what to do if not. */
struct gurum_check {
    struct gurum_item item;
    const char *code; /* [a-z0-9_]+, stable; the host translates it */
    uint8_t ok;       /* 0 or 1 */
    uint8_t required; /* 0: a failed line is advice only */
    uint8_t reserved[6];
    const char *detail; /* what was found; English, for operators */
    const char *hint;   /* what to do; NULL when ok */
};

struct gurum_fact {
    struct gurum_item item;
    const char *name; /* [a-z0-9_.]+ */
    const char *value;
};

/* Reported by allocators. One candidate in its place: reported best first, each index at most once, scores never
 * rising. */
struct gurum_rank {
    struct gurum_item item; /* GURUM_ITEM_RANK */
    uint32_t index;         /* in candidates */
    uint32_t reserved;
    int64_t score;              /* larger is better; the allocator's own scale */
    const char *reason;         /* [a-z0-9_]+: why here; the host translates it with the numbers as arguments */
    struct gurum_array numbers; /* struct gurum_number: what decided */
};

/* ---- Targets: what a call is about ----------------------------------------------------------------------------- */

/* A hypervisor host. Its secrets: services->secret(call, "password"); of a second host in one call:
 * "destination.password". */
struct gurum_host {
    uint32_t size;
    uint32_t reserved;
    const char *uuid;
    const char *name;
    const char *url; /* as the operator gave it: "qemu+tls://10.0.0.5/system", "http://sim/c0/h0", "https://vcenter/" */
    const char *address;  /* management address, or NULL when the url has no such part */
    const char *username; /* or NULL */
    const char *cluster_uuid;
    const char *cluster_name;
    const char *pod_uuid;
    const char *zone_uuid;
    struct gurum_array details; /* struct gurum_detail: operator's details and facts reported earlier */
};

/* A place for volumes. */
struct gurum_pool {
    uint32_t size;
    uint32_t reserved;
    const char *uuid;
    const char *name;
    const char *url;  /* "nfs://server/export", "rbd://mon/pool", "file:///srv/vm", "datastore://ds1" */
    const char *path; /* path, export or pool name inside, or NULL */
    const char *zone_uuid;
    const char *cluster_uuid; /* NULL: the whole zone */
    const struct gurum_host
        *via_host;              /* a host that reaches the pool; the only one for local storage; NULL when none does */
    struct gurum_array details; /* struct gurum_detail */
};

/* A place for images, ISOs and copies of snapshots. */
struct gurum_image_store {
    uint32_t size;
    uint32_t reserved;
    const char *uuid;
    const char *name;
    const char *url;
    const char *zone_uuid;             /* NULL: the whole region */
    const struct gurum_host *via_host; /* as in struct gurum_pool */
    struct gurum_array details;        /* struct gurum_detail */
};

/* A bootable template or an ISO. */
enum gurum_image_format {
    GURUM_FORMAT_UNKNOWN = 0,
    GURUM_FORMAT_RAW = 1,
    GURUM_FORMAT_QCOW2 = 2,
    GURUM_FORMAT_VHD = 3,
    GURUM_FORMAT_VMDK = 4,
    GURUM_FORMAT_OVA = 5,
    GURUM_FORMAT_ISO = 6,
    GURUM_FORMAT_TAR = 7, /* a file tree: containers and bare metal */
};

struct gurum_image {
    uint32_t size;
    uint32_t format; /* enum gurum_image_format */
    const char *uuid;
    const char *name;
    const char *url;             /* where it first came from, or NULL */
    const char *checksum;        /* "sha256:hex" and the like, or NULL */
    const char *handle;          /* as reported for the place it is to be read from, or NULL when never reported */
    uint64_t size_bytes;         /* of the file; 0 = unknown */
    uint64_t virtual_size_bytes; /* of the disk; 0 = unknown */
    uint64_t size_bytes_most;    /* ceiling: an image that grows beyond it is refused with INVALID; 0 = none */
    struct gurum_array details;  /* struct gurum_detail */
};

/* Reported by storage (an image cached on a pool) and by image stores. */
enum gurum_image_state {
    GURUM_IMAGE_ABSENT = 1,
    GURUM_IMAGE_COMING = 2,
    GURUM_IMAGE_READY = 3,
    GURUM_IMAGE_BROKEN = 4
};

struct gurum_image_report {
    struct gurum_item item; /* GURUM_ITEM_IMAGE */
    const char *uuid;       /* NULL in image_list: not ours */
    const char *handle;
    const char *path;     /* or NULL */
    const char *checksum; /* found: "sha256:hex", or NULL */
    uint32_t state;       /* enum gurum_image_state */
    uint32_t format;      /* enum gurum_image_format, as found */
    uint64_t size_bytes;
    uint64_t virtual_size_bytes;
    const char *detail; /* why BROKEN; or NULL */
};

/* How networks that share wires are kept apart. */
enum gurum_isolation {
    GURUM_ISOLATION_NONE = 0,
    GURUM_ISOLATION_VLAN = 1,
    GURUM_ISOLATION_VXLAN = 2,
    GURUM_ISOLATION_GRE = 3,
    GURUM_ISOLATION_PROVIDER = 4, /* the provider has its own; the segment handle says all */
};

/* ---- Host services --------------------------------------------------------------------------------------------- */

/* One call of a slot. Opaque; valid until the slot returns. */
struct gurum_call;

enum gurum_log_level { GURUM_LOG_DEBUG = 0, GURUM_LOG_INFO = 1, GURUM_LOG_WARNING = 2, GURUM_LOG_ERROR = 3 };

/* A child process without a shell. Fill all but the results; argv[0] is an absolute path; both vectors end with
 * NULL. */
struct gurum_run {
    uint32_t size;
    uint32_t timeout_ms; /* 0: what remains of the call's deadline */
    const char *const *argv;
    const char *const *environment; /* the whole of it; NULL: PATH and LANG only */
    const char *input;              /* to standard input, or NULL */
    uint64_t input_length;
    char *output; /* standard output and error, zero-terminated, cut at capacity; or NULL */
    uint64_t output_capacity;
    uint64_t ret_output_length;
    int32_t ret_exit_code; /* 128 + signal when killed */
    uint32_t reserved;
};

/* Something that happened at the provider without our doing. The host answers by observing the object; an event is a
 * hint. */
struct gurum_event {
    uint32_t size;
    uint32_t reserved;
    const char *code;        /* "guest_stopped", "host_lost", "pool_full" ... */
    const char *object_uuid; /* the object it is about */
    const char *host_uuid;   /* or NULL */
    const char *detail;      /* English, or NULL */
};

/* What the host does for a plugin. Valid from start() until stop() returned; every member may be called from any
 * thread. `call` is the one given to the slot; in start() and stop() give NULL to fail, log and secret. */
struct gurum_services {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;

    /* Value of a declared setting, defaults applied, or NULL when it has none. Lives until stop(). Secrets: use
     * secret(). */
    const char *(*setting)(const char *name);
    int64_t (*setting_integer)(const char *name);
    bool (*setting_boolean)(const char *name);

    /* Says why a slot is about to fail and returns `status`, so that "return services->fail(…)" reads well. `reason`
     * is a stable code, [a-z0-9_]+, translated for tenants when the host knows it; the text is English, for
     * operators. */
    int32_t (*fail)(struct gurum_call *call, int32_t status, const char *reason, const char *format, ...)
        GURUM_PRINTF(4, 5);
    void (*log)(struct gurum_call *call, int32_t level, const char *format, ...) GURUM_PRINTF(3, 4);

    /* Hands one result over. OK; INVALID for a wrong size, an unexpected type, broken text or a number out of range
     * (the slot is then judged INTERNAL whatever it returns); NO_CAPACITY above the ceiling of items; CANCELLED.
     * Stop on not-OK. */
    int32_t (*report)(struct gurum_call *call, const struct gurum_item *item);

    /* Done so far, of total (0 = unknown), in any unit. An operation whose progress stands still is taken for stuck. */
    void (*progress)(struct gurum_call *call, uint64_t done, uint64_t total, const char *stage);
    /* True when nobody wants the result any more: return CANCELLED soon. A slot that makes something and has not begun
     * does nothing. Removing slots finish their work all the same. */
    bool (*cancelled)(struct gurum_call *call);
    /* Time left to this call; at 0 return what you know. Overstepping it marks the plugin as stuck. */
    int64_t (*remaining_ms)(struct gurum_call *call);
    /* Sets when the host calls again and returns GURUM_PENDING: "return services->check_after(call, 500);". */
    int32_t (*check_after)(struct gurum_call *call, uint32_t delay_ms);

    /* Zeroed memory that the host frees when the slot returns. Never NULL: above the ceiling the call is ended. */
    void *(*alloc)(struct gurum_call *call, size_t size);
    /* The same for every repetition of one operation, also after a crash; different for any other. */
    const char *(*operation_id)(struct gurum_call *call);
    /* Durable notes of this operation, at most 32 of at most 4 KiB; committed when remember() returns OK. recall: or
     * NULL. */
    int32_t (*remember)(struct gurum_call *call, const char *name, const char *value);
    const char *(*recall)(struct gurum_call *call, const char *name);
    /* A secret of the target ("password") or a setting of type SECRET; NULL when there is none. Wiped when the slot
     * returns. */
    const char *(*secret)(struct gurum_call *call, const char *name);

    /* Runs a child with a deadline. OK when it ran, whatever its exit code; TIMED_OUT, CANCELLED (killed),
     * NOT_FOUND, FAILED. */
    int32_t (*run)(struct gurum_call *call, struct gurum_run *run);
    void (*emit)(const struct gurum_event *event);
    /* For libraries that only block. The first call under an operation id starts `work` in a thread of this plugin
     * and returns PENDING; later calls of the same slot under that id release their own argument and return PENDING,
     * and once the work has ended its status, with all that it reported and failed with. `argument` is yours to
     * build (the spec does not outlive the slot); the host calls `release` on it exactly once. `work` uses the call
     * that it is given. After a crash of the process the work is simply begun again. */
    int32_t (*background)(struct gurum_call *call, int32_t (*work)(struct gurum_call *call, void *argument),
                          void *argument, void (*release)(void *argument));
};

/* ---- Settings -------------------------------------------------------------------------------------------------- */

enum gurum_setting_type {
    GURUM_SETTING_TEXT = 1,
    GURUM_SETTING_INTEGER = 2,
    GURUM_SETTING_BOOLEAN = 3, /* "true" or "false" */
    GURUM_SETTING_CHOICE = 4,
    GURUM_SETTING_SECRET = 5, /* stored encrypted, never shown; read by services->secret() */
    GURUM_SETTING_PATH = 6,   /* absolute path */
    GURUM_SETTING_URL = 7,
};

enum gurum_setting_flag { GURUM_SETTING_REQUIRED = 1 };

/* The host validates values by this row, draws the operator's form, writes the reference page, and redacts secrets. */
struct gurum_setting {
    uint32_t type;             /* enum gurum_setting_type */
    uint32_t flags;            /* enum gurum_setting_flag */
    const char *name;          /* [a-z][a-z0-9_]*, unique */
    const char *title;         /* a few words */
    const char *help;          /* one sentence: what it does, its unit */
    const char *default_value; /* as text, or NULL */
    const char *choices;       /* "a|b|c" for CHOICE, else NULL */
    int64_t minimum;           /* INTEGER: value; texts: length in bytes. Both 0: no bound beyond the host's own */
    int64_t maximum;
};

/* ---- The exported symbol --------------------------------------------------------------------------------------- */

#define GURUM_KIND_LIST(X)                                                                                             \
    X(HYPERVISOR, 1, "hypervisor")                                                                                     \
    X(STORAGE, 2, "storage")                                                                                           \
    X(IMAGE_STORE, 3, "image-store")                                                                                   \
    X(NETWORK, 4, "network")                                                                                           \
    X(HOST_ALLOCATOR, 5, "host-allocator")                                                                             \
    X(STORAGE_ALLOCATOR, 6, "storage-allocator")

enum gurum_kind {
#define GURUM_KIND_MEMBER(name, number, text) GURUM_KIND_##name = (number),
    GURUM_KIND_LIST(GURUM_KIND_MEMBER)
#undef GURUM_KIND_MEMBER
};

enum gurum_threading {
    GURUM_THREADING_SINGLE = 1,     /* one call at a time in a process */
    GURUM_THREADING_PER_TARGET = 2, /* one call at a time for one host, pool, store or network; others beside it */
    GURUM_THREADING_FREE = 3,       /* any number of calls at once */
};

/* Export exactly one: "GURUM_EXPORT const struct gurum_plugin gurum_plugin = { … };". The host checks all of it before
 * it calls anything. */
struct gurum_plugin {
    uint64_t magic;            /* GURUM_PLUGIN_MAGIC */
    uint32_t size;             /* sizeof(struct gurum_plugin) */
    uint16_t abi_major;        /* GURUM_ABI_MAJOR */
    uint16_t abi_minor;        /* GURUM_ABI_MINOR */
    uint16_t host_minor_least; /* smallest minor of a host that this plugin can work with */
    uint16_t setting_stride;   /* sizeof(struct gurum_setting) */
    uint32_t kind;             /* enum gurum_kind */
    uint32_t threading;        /* enum gurum_threading */
    uint32_t setting_count;
    uint64_t capabilities; /* GURUM_<KIND>_… bits */
    const char *name;      /* [a-z][a-z0-9-]*, as in the file name: hypervisor-libvirt */
    const char *title;     /* a few words */
    const char *version;   /* of the plugin: "1.4.2" */
    const char *license;   /* SPDX expression */
    const struct gurum_setting *settings;
    /* Called once, before any slot; keep `services`. Not OK: the plugin is not used, and what fail() said is shown. */
    int32_t (*start)(const struct gurum_services *services);
    /* Called once, after the last slot has returned. start() may follow again. */
    void (*stop)(void);
    const void *operations; /* struct gurum_<kind>_operations of the kind, beginning with its size */
};

#define GURUM_PLUGIN_HEAD                                                                                              \
    .magic = GURUM_PLUGIN_MAGIC, .size = (uint32_t)sizeof(struct gurum_plugin), .abi_major = GURUM_ABI_MAJOR,          \
    .abi_minor = GURUM_ABI_MINOR, .host_minor_least = GURUM_ABI_MINOR, .setting_stride = sizeof(struct gurum_setting)

extern GURUM_EXPORT const struct gurum_plugin gurum_plugin;

#ifdef __cplusplus
}
#endif
#endif
