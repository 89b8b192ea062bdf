/* The registry of what accounts and tenant domains own. What is done with it: identity_owned_jobs.c. */
#include <stdlib.h>

#include "base/text.h"
#include "cloud/identity/owned.h"

FIELD_TABLE(OWNED_OBJECT, struct owned_object, COLUMN(struct owned_object, id), COLUMN(struct owned_object, uuid),
            COLUMN(struct owned_object, name));

/* Filled while features register, before any thread begins. */
static const struct owned_kind *kinds[OWNED_KINDS_MAX];
static size_t kind_count;

void owned_register(const struct owned_kind *kind)
{
    size_t at = kind_count;
    if (kind_count == OWNED_KINDS_MAX)
        abort();
    while (at > 0 && kinds[at - 1]->order > kind->order) {
        kinds[at] = kinds[at - 1];
        at--;
    }
    kinds[at] = kind;
    kind_count++;
}

const struct owned_kind *owned_kind_at(size_t index)
{
    return index < kind_count ? kinds[index] : NULL;
}

bool owned_summarize(struct db *db, struct arena *arena, const struct owned_holder *holder,
                     struct owned_summary **ret_kinds, size_t *ret_count, struct error *err)
{
    struct owned_summary *summaries = arena_array(arena, kind_count, sizeof(*summaries));
    size_t count = 0;
    for (size_t i = 0; i < kind_count; i++) {
        struct db_rows rows = {0};
        if (!kinds[i]->remove.list)
            continue;
        if (!kinds[i]->remove.list(db, arena, holder, OWNED_COUNT_MAX, &rows, err))
            return false;
        if (rows.count == 0)
            continue;
        struct owned_summary *to = &summaries[count++];
        const struct owned_object *objects = rows.items;
        *to = (struct owned_summary){.kind = kinds[i], .count = rows.count};
        for (; to->name_count < rows.count && to->name_count < OWNED_NAMES_MAX; to->name_count++)
            to->names[to->name_count] = objects[to->name_count].name;
    }
    *ret_kinds = summaries;
    *ret_count = count;
    return true;
}
