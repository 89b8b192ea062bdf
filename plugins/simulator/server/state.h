/* The simulated cloud's memory: objects by kind and id, and the journal that lets them outlive the process. No rule
 * about what may happen to an object is here. */
#ifndef SIMULATOR_STATE_H
#define SIMULATOR_STATE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* X(member, is it part of a dump) */
#define STATE_KINDS(X)                                                                                                 \
    X(hosts, true)                                                                                                     \
    X(guests, true)                                                                                                    \
    X(guest_snapshots, true)                                                                                           \
    X(pools, true)                                                                                                     \
    X(volumes, true)                                                                                                   \
    X(snapshots, true)                                                                                                 \
    X(pool_images, true)                                                                                               \
    X(stores, true)                                                                                                    \
    X(images, true)                                                                                                    \
    X(networks, true)                                                                                                  \
    X(segments, true)                                                                                                  \
    X(services, true)                                                                                                  \
    X(operations, false)                                                                                               \
    X(faults, false)                                                                                                   \
    X(delays, false)

enum state_kind {
#define STATE_KIND_MEMBER(name, dumped) STATE_##name,
    STATE_KINDS(STATE_KIND_MEMBER)
#undef STATE_KIND_MEMBER
        STATE_KIND_COUNT
};

/* Opens the journal at `path` (NULL: memory only), replays and compacts it. Exits the process when it cannot. */
void state_open(const char *path);
/* Writes what was saved since the last call, before the reply leaves. */
void state_flush(void);

/* Borrowed; NULL when absent. */
struct json_object *state_get(enum state_kind kind, const char *id);
/* Takes `object` over and saves it. */
void state_put(enum state_kind kind, const char *id, struct json_object *object);
/* Saves an object after it was changed in place. */
void state_save(enum state_kind kind, const char *id);
void state_remove(enum state_kind kind, const char *id);
struct json_object *state_all(enum state_kind kind);
void state_reset(void);

/* The ids of the guests at a host, as members of an object; NULL when none. Kept by state_place_guest(). */
struct json_object *state_guests_at(const char *host_url);
/* Moves the guest in that index; NULL takes it out. Its own record is the caller's affair. */
void state_place_guest(const char *guest_uuid, const char *from_url, const char *to_url);

/* The dumped kinds (or one of them, by name) with sorted keys; the caller frees it. */
char *state_dump(const char *only_kind);

/* Small access to JSON: a member's text (NULL when absent or empty), number, truth. `object` may be NULL. */
const char *text_of(struct json_object *object, const char *name);
int64_t number_of(struct json_object *object, const char *name);
struct json_object *member_of(struct json_object *object, const char *name);
void set_text(struct json_object *object, const char *name, const char *value);
void set_number(struct json_object *object, const char *name, int64_t value);
struct json_object *copy_of(struct json_object *object);

/* How everything is written: one line, slashes as they are. */
#define JSON_FORM (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

#endif
