/* Counting anew from the truth: the rows of the features, which say by a statement how to count them. The counters of
 * all accounts concerned are held meanwhile, so whoever raises or lowers one comes wholly before or wholly after. */
#include <stdlib.h>

#include "cloud/quota/quota_service.h"
#include "cloud/quota/quota_tag_store.h"

enum { SOURCES_MAX = 16 };
static const struct quota_source *sources[SOURCES_MAX]; /* filled while features register */
static size_t source_count;

void quota_register_source(const struct quota_source *source)
{
    if (source_count == SOURCES_MAX)
        abort();
    sources[source_count++] = source;
}

struct recount {
    int64_t account_id, domain_id; /* account_id 0: the whole sub-tree */
    int64_t kind;                  /* -1: all */
    const char *tag;               /* NULL: all that may have limits */
    struct arena *arena;
};

static bool recount_kind(struct db *db, const struct recount *to, const struct quota_source *source, struct error *err)
{
    int64_t before = 0, after = 0;
    bool of_account = to->account_id != 0;
    if (!counter_sum(db, to->domain_id, to->account_id, source->kind, &before, err) ||
        !db_execute(db, source->recount, err, db_int(source->kind), db_int(to->domain_id), db_int(to->account_id),
                    db_int(to->account_id)) ||
        !counter_sum(db, to->domain_id, to->account_id, source->kind, &after, err))
        return false;
    if (!of_account && !counter_sum_domains(db, to->domain_id, source->kind, err))
        return false;
    return before == after || counter_add_above(db, to->domain_id, of_account, source->kind, after - before, err);
}

static bool recount_tag(struct db *db, const struct recount *to, const struct quota_source *source, const char *tag,
                        struct error *err)
{
    int64_t before = 0, after = 0;
    bool of_account = to->account_id != 0;
    if (!tag_counter_prepare(db, to->domain_id, to->account_id, source->kind, tag, err) ||
        !tag_counter_sum(db, to->domain_id, to->account_id, source->kind, tag, &before, err) ||
        !db_execute(db, source->recount_tagged, err, db_int(source->kind), db_text(tag), db_int(to->domain_id),
                    db_int(to->account_id), db_int(to->account_id)) ||
        !tag_counter_sum(db, to->domain_id, to->account_id, source->kind, tag, &after, err))
        return false;
    if (!of_account && !tag_counter_sum_domains(db, to->domain_id, source->kind, tag, err))
        return false;
    return before == after ||
           tag_counter_add_above(db, to->domain_id, of_account, source->kind, tag, after - before, err);
}

static bool recount_source(struct db *db, const struct recount *to, const struct quota_source *source,
                           struct error *err)
{
    struct string_list tags = {.items = NULL};
    if (!to->tag && !recount_kind(db, to, source, err))
        return false;
    if (!source->recount_tagged)
        return true;
    if (to->tag)
        return !quota_tag_is_limited(source->kind, to->tag) || recount_tag(db, to, source, to->tag, err);
    quota_tags_of(to->arena, source->kind, &tags);
    for (size_t i = 0; i < tags.count; i++)
        if (!recount_tag(db, to, source, tags.items[i], err))
            return false;
    return true;
}

static bool recount_body(struct db *db, void *context, struct error *err)
{
    const struct recount *to = context;
    bool held =
        to->account_id ? counter_hold_account(db, to->account_id, err) : counter_hold_subtree(db, to->domain_id, err);
    if (!held)
        return false;
    for (size_t i = 0; i < source_count; i++)
        if ((to->kind < 0 || to->kind == (int64_t)sources[i]->kind) && !recount_source(db, to, sources[i], err))
            return false;
    return true;
}

bool quota_recount(struct db *db, struct arena *arena, int64_t account_id, int64_t domain_id, int64_t kind,
                   const char *tag, struct error *err)
{
    struct recount recount = {account_id, domain_id, kind, tag, arena};
    return db_transaction(db, recount_body, &recount, err);
}
