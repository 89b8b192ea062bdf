/* Replies that commands of many features give alike. */
#ifndef GURUM_CLOUD_REPLY_H
#define GURUM_CLOUD_REPLY_H

#include "api/api.h"

/* Answers with one object as its kind describes it; with `as_list` in the shape of a list (addCluster). While planning
 * the object was not kept, and the answer is a plain success. Errors: INTERNAL (no such object), those of describe. */
MUST_CHECK bool reply_described(struct api_call *call, const struct object_kind *kind, int64_t id, bool as_list,
                                struct error *err);
/* Creates a job about an object and answers with it. */
MUST_CHECK bool reply_job(struct api_call *call, const struct job_kind *kind, const void *input,
                          const struct job_target *target, struct error *err);
/* The value of "key", "value" pairs or of plain fields (details[0].cpuNumber=2) in a map; pairs live in the arena. */
struct pair_list reply_pairs(struct arena *arena, const struct map_list *map);
/* Pairs as one text column keeps them, and back; NULL for none. Names and values without control characters. */
const char *reply_pairs_text(struct arena *arena, const struct pair_list *pairs);
struct pair_list reply_pairs_of(struct arena *arena, const char *text);
/* "a,b" of a list; NULL when it is empty. */
const char *reply_joined(struct arena *arena, const struct string_list *list);

/* "listHostTags", "listStorageTags": a line for each object and tag of rows of struct tagged, in the call's page. */
struct tagged {
    int64_t id;
    const char *tags; /* "a,b" */
};
extern const struct field_table TAGGED_ROW;
struct tag_line {
    const char *id, *name, *jobid;
    struct opt_int hostid, poolid, jobstatus; /* of the first two a table shows one */
    bool isimplicit;
};
#define TAG_LINE_FIELDS(object, what)                                                                                  \
    FIELD(struct tag_line, id, .help = "the tag on this " what),                                                       \
        FIELD(struct tag_line, object, .help = "the number of the " what),                                             \
        FIELD(struct tag_line, name, .help = "the tag"),                                                               \
        FIELD(struct tag_line, jobid, .help = "a pending job", .no_effect = "nothing is under way"),                   \
        FIELD(struct tag_line, jobstatus, .help = "the status of that job", .no_effect = "nothing is under way")
void reply_tag_lines(struct api_call *call, const struct db_rows *tagged);

#endif
