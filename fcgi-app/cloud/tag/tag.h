/* Labels on objects: what other features read of them. */
#ifndef GURUM_CLOUD_TAG_H
#define GURUM_CLOUD_TAG_H

#include "cloud/identity/identity.h"

/* One tag as a nested object of a reply. */
struct tag_response {
    const char *key, *value, *resourcetype, *resourceid, *customer, *jobid;
    struct shown_owner owner;
    struct opt_int jobstatus;
};
extern const struct field_table TAG_RESPONSE;

enum { TAG_OBJECTS_MAX = 64, TAGS_PER_OBJECT_MAX = 50 };
/* The tags of objects of a kind, TAG_OBJECTS_MAX at a time in one statement: `ret_lists` runs parallel to ids; empty
 * lists where none. */
MUST_CHECK bool tag_find_for(struct db *db, struct arena *arena, const char *kind, const int64_t *ids, size_t count,
                             struct object_list *ret_lists, struct error *err);
/* Adds a tag in the open transaction, or replaces its value. For features whose commands take tags, and for the seed
 * tool. */
struct tag_entry {
    const char *kind, *object_uuid, *key, *value, *customer;
    int64_t object_id, account_id, domain_id;
};
MUST_CHECK bool tag_set(struct db *db, const struct tag_entry *entry, struct error *err);
/* Takes all tags off an object in the open transaction. */
MUST_CHECK bool tag_forget(struct db *db, const char *kind, int64_t object_id, struct error *err);

/* The pairs that a list command's tags[i].key / tags[i].value mean, completed by index. Errors: PARAMETER (one of the
 * two missing, too many). */
enum { TAG_FILTER_MAX = 4 };
struct tag_filter {
    const char *key[TAG_FILTER_MAX], *value[TAG_FILTER_MAX]; /* unused entries are NULL, and so match nothing */
    size_t count;
};
MUST_CHECK bool tag_read_filter(const struct map_list *tags, struct tag_filter *ret_filter, struct error *err);

/* The same as a condition of a search, and its parameters. */
#define TAG_MATCH(kind, id)                                                                                            \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM resource_tag t WHERE t.object_kind = '" kind "' AND t.object_id = " id       \
    " AND ((t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?) OR "           \
    "(t.name = ? AND t.value = ?))))"
void tag_filter_bind(struct db_binder *binder, const struct tag_filter *filter);

/* Whether one of the filter's pairs is among an object's tags, as tag_find_for gives them. */
bool tag_filter_matches(const struct tag_filter *filter, const struct object_list *tags);

void tag_register(void);

#endif
