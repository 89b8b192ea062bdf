/* One request of a plugin, and the table of slots that answer it. */
#ifndef SIMULATOR_REQUEST_H
#define SIMULATOR_REQUEST_H

#include "gurum_plugin.h"
#include "server/state.h"

struct request {
    struct json_object *spec;
    const char *kind;
    const char *slot;
    const char *operation;
    int64_t now_ms;
    struct json_object *items; /* reported so far */
    const char *reason;        /* static text */
    char text[512];
    int64_t check_after_ms;
    int64_t progress_done;
    int64_t progress_total;
};

enum slot_flag { SLOT_IGNORES_CANCEL = 1 };

struct slot {
    const char *name;
    int32_t (*handle)(struct request *request);
    uint32_t flags; /* enum slot_flag */
};

extern const struct slot hypervisor_slots[], storage_slots[], image_store_slots[], network_slots[];

/* Sets the reason of a failure and returns `status`. */
int32_t request_fail(struct request *request, int32_t status, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A new item of the reply, to be filled. */
struct json_object *request_item(struct request *request, uint32_t type);
void request_check(struct request *request, const char *code, bool ok, const char *detail, const char *hint);
/* The text of member `name` of the spec's member `part`. */
const char *spec_text(struct request *request, const char *part, const char *name);
int64_t spec_number(struct request *request, const char *part, const char *name);
/* The value of a row of `part`'s details, or NULL. */
const char *spec_detail(struct request *request, const char *part, const char *name);
/* A stable pseudo-random number of a text: what a simulated object's load and addresses come from. */
uint64_t hash_of(const char *text);

/* Answers a request of a plugin; the caller owns the reply. */
struct json_object *request_answer(struct json_object *message, int64_t now_ms);
/* Answers a command of a test or of the command line. `ret_raw` instead of a reply for a dump. */
struct json_object *command_answer(struct json_object *message, int64_t now_ms, char **ret_raw);
/* Looks for a scripted fault that fits, counts it down, and returns it (borrowed) or NULL. */
struct json_object *fault_match(struct json_object *message);
/* The delay set for a slot, in ms; 0 = none. */
int64_t delay_of(const char *slot);

/* Commands that act behind the back of whoever manages the cloud. False: no such guest or wrong state. */
bool guest_power_off(const char *uuid_or_name, const char *state, int64_t now_ms);
bool guest_power_on(const char *uuid_or_name, int64_t now_ms);
bool guest_run_at(const char *uuid, const char *name, const char *url, int64_t now_ms);
bool guest_forget(const char *uuid_or_name);
void host_set_down(const char *url, bool down, int64_t now_ms);
void host_set_size(const char *url, int64_t cpus, int64_t mhz, int64_t memory_mib);
/* True when some guest has the volume among its disks. */
bool volume_is_used(const char *volume_uuid, const char **ret_guest);
/* True when some guest's NIC is in the network (at the host, when given). */
bool network_is_used(const char *network_uuid, const char *host_url, const char **ret_guest);
/* OK, or why a call through this host cannot work. */
int32_t host_reach(struct request *request, const char *url);

#endif
