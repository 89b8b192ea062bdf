/* The small host of gurum-plugin-check: loads one plugin, calls its slots, keeps what they reported, prints TAP. */
#ifndef CHECK_H
#define CHECK_H

#include "gurum_plugin_verify.h"

#include <json-c/json.h>

/* What is known of the run; filled by main.c before the first check. */
struct check_run {
    const char *path;             /* of the plugin */
    struct json_object *settings; /* of the plugin */
    struct json_object *objects;  /* what to work on: host, pool, store, network … */
    bool live;                    /* a real provider: more patience, fewer threads */
    int64_t call_ms;              /* deadline of one call */
    int64_t operation_ms;         /* patience with one operation over PENDING */
    const char *uuids[8];         /* of the targets, the same in every process of the run; each kind numbers its own */
    const struct gurum_plugin *plugin;
    const struct gurum_kind_info *kind;
};
extern struct check_run run;

/* ---- TAP (main.c) ---- */

/* One line of the result. `code` is "section.what", by which a test can expect the failure. */
bool check(bool ok, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A rule that holds throughout: counted once, at the end when it never failed, else at its first failure. */
void check_always(const char *code, bool ok, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_skip(const char *code, const char *why);

/* ---- Calls (host.c) ---- */

/* How one operation on a slot ended. */
struct outcome {
    int32_t status; /* enum gurum_status; OUTCOME_STUCK: PENDING without an end */
    char reason[64];
    char text[400];
    const char *bad_report; /* what was wrong with an item, or NULL */
    uint32_t item_count;
    struct gurum_item **items;
    struct block *blocks;
    int64_t longest_call_ms;
    int calls;
    bool progressed;
};
enum { OUTCOME_STUCK = -1, OUTCOME_DIED = -2 };

struct call_options {
    bool cancelled;
    int64_t deadline_ms; /* 0: the run's */
    int die_at_service;  /* in a child: the process ends at the n-th use of a host service; 0: never */
};

/* Calls the slot under an operation id (NULL: a new one) again and again until it is not PENDING any more. */
void slot_call(struct outcome *ret_outcome, const char *slot, const void *spec, const char *operation);
void slot_call_with(struct outcome *ret_outcome, const char *slot, const void *spec, const char *operation,
                    const struct call_options *options);
/* The same in a child process that dies inside the call. True: it died; false: the call ended before. */
bool slot_call_dying(const char *slot, const void *spec, const char *operation, int die_at_service);
/* Makes a crash of the plugin a line of the result. */
void crash_watch(void);
bool slot_present(const char *slot);
void outcome_clear(struct outcome *outcome);
#define OUTCOME(name) __attribute__((cleanup(outcome_clear))) struct outcome name = {0}
/* "NO_CAPACITY (memory): text", in a buffer of the calling thread. */
const char *outcome_words(const struct outcome *outcome);
/* The only item of a type, NULL when there is none or more than one. */
const void *outcome_item(const struct outcome *outcome, uint32_t type);
uint32_t outcome_count(const struct outcome *outcome, uint32_t type);

/* Loads and starts the plugin in this process; says what is wrong by checks. False: nothing more can be done. */
bool plugin_load(void);
bool plugin_start(void);
void plugin_stop(void);

/* Asks a process that has never used the plugin whether an object is there: 1 yes, 0 no, -1 could not say. */
int fresh_observe(const char *uuid);
void fresh_prepare(void);

/* ---- Small things (host.c) ---- */

/* A random version 4 UUID and a new operation id, in memory that lives as long as the process. */
const char *new_uuid(void);
/* A text of run.objects[part][name], or `otherwise`. */
const char *object_text(const char *part, const char *name, const char *otherwise);
int64_t object_number(const char *part, const char *name, int64_t otherwise);
bool same_text(const char *left, const char *right);
int64_t check_now_ms(void);
void sleep_ms(int64_t ms);
/* Runs `work(index)` in as many threads as the plugin allows at once, and waits. */
void in_threads(void (*work)(int index));

/* ---- Sections ---- */

/* One kind's object that a generic section can make, look for and remove. */
struct subject {
    const char *noun; /* "guest" */
    const char *ensure_slot, *remove_slot;
    /* The specs for the object of this uuid; valid until the next call in the same thread. */
    const void *(*ensure_spec)(const char *uuid);
    const void *(*remove_spec)(const char *uuid);
    /* 1 there, 0 absent, -1 could not say. */
    int (*observe)(const char *uuid);
    /* How many objects the list slot reports; -1: there is no list. With `uuid`, how many of that uuid. */
    int (*count)(const char *uuid);
    uint32_t item; /* that ensure reports, and where its uuid is */
    size_t item_uuid_offset;
};

/* Everything twice, crash and retry, absent, cancel, deadline, threads, restart, removing only what was asked. */
void check_subject(const struct subject *subject);

void check_hypervisor(void);
void check_storage(void);
void check_image_store(void);
void check_network(void);
void check_host_allocator(void);
void check_storage_allocator(void);
/* The observe of each kind's subject, for fresh processes. */
const struct subject *subject_of_kind(uint32_t kind);
const struct subject *hypervisor_subject(void);
const struct subject *storage_subject(void);
const struct subject *image_store_subject(void);
const struct subject *network_subject(void);

#endif
