/* Holding single rows of large tables. */
#include "cloud/cache/entries.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct entry_row { /* how every such row struct begins */
    int64_t id;
    const char *uuid;
};
struct stamp {
    uint64_t table_version, own_version;
};

static struct stamp stamp_now(const struct entry_table *table, int64_t id)
{
    return (struct stamp){shared_version_read(table->version), shared_version_read(shared_version_of_owner(id))};
}

/* ---- a row and its strings as one block ---- */

static const char **string_at(const struct field *field, void *row)
{
    return field->type == FIELD_STRING ? field_at(field, row) : NULL;
}

static size_t packed_bytes(const struct field_table *fields, void *row)
{
    size_t bytes = fields->struct_size;
    for (size_t i = 0; i < fields->count; i++) {
        const char **string = string_at(&fields->fields[i], row);
        bytes += string && *string ? strlen(*string) + 1 : 0;
    }
    return bytes;
}

static void *pack(const struct field_table *fields, void *row, size_t bytes)
{
    char *block = malloc(bytes);
    if (!block)
        abort();
    memcpy(block, row, fields->struct_size);
    size_t at = fields->struct_size;
    for (size_t i = 0; i < fields->count; i++) {
        const char **string = string_at(&fields->fields[i], block);
        if (!string || !*string)
            continue;
        size_t length = strlen(*string) + 1;
        memcpy(block + at, *string, length);
        *string = block + at;
        at += length;
    }
    return block;
}

/* Strings of a copied block still point into the one it was copied from. */
static void *copy_block(struct arena *arena, const struct field_table *fields, const struct entry *entry)
{
    char *copy = arena_alloc_unset(arena, entry->bytes);
    memcpy(copy, entry->row, entry->bytes);
    for (size_t i = 0; i < fields->count; i++) {
        const char **string = string_at(&fields->fields[i], copy);
        if (string && *string)
            *string = copy + (*string - (const char *)entry->row);
    }
    return copy;
}

/* ---- slots ---- */

static size_t slot_of_id(int64_t id)
{
    return (uint64_t)id % ENTRY_SLOTS;
}

static size_t slot_of_uuid(const char *uuid)
{
    size_t hash = 5381;
    for (; *uuid; uuid++)
        hash = hash * 33 + (size_t)(*uuid | 0x20); /* the same for either case */
    return hash % ENTRY_SLOTS;
}

/* The slot of an id if it holds that row as it is now; the caller has the lock. */
static const struct entry *held(const struct entry_table *table, int64_t id)
{
    const struct entry *entry = &table->slots[slot_of_id(id)];
    struct stamp now = stamp_now(table, id);
    bool is_good = entry->row && ((const struct entry_row *)entry->row)->id == id &&
                   entry->table_version == now.table_version && entry->own_version == now.own_version;
    return is_good ? entry : NULL;
}

static void *take(struct entry_table *table, struct arena *arena, int64_t id)
{
    struct mutex *lock = &table->locks[slot_of_id(id) % ENTRY_LOCKS];
    mutex_lock(lock);
    const struct entry *entry = held(table, id);
    void *copy = entry ? copy_block(arena, table->some->row, entry) : NULL;
    mutex_unlock(lock);
    return copy;
}

static bool is_held(struct entry_table *table, int64_t id)
{
    struct mutex *lock = &table->locks[slot_of_id(id) % ENTRY_LOCKS];
    mutex_lock(lock);
    bool is = held(table, id) != NULL;
    mutex_unlock(lock);
    return is;
}

static void keep(struct entry_table *table, void *row, struct stamp stamp)
{
    size_t bytes = packed_bytes(table->some->row, row), slot = slot_of_id(((const struct entry_row *)row)->id);
    void *block = pack(table->some->row, row, bytes);
    struct mutex *lock = &table->locks[slot % ENTRY_LOCKS];
    mutex_lock(lock);
    void *before = table->slots[slot].row;
    table->slots[slot] = (struct entry){stamp.table_version, stamp.own_version, block, bytes};
    mutex_unlock(lock);
    free(before);
}

/* ---- reading ---- */

/* Rows of at most ENTRY_BATCH ids. Their stamps are taken first: a change meanwhile makes them stale. What a
 * transaction reads may never be committed, so it is not held. */
static bool load(struct entry_table *table, struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                 struct db_rows *ret_rows, struct error *err)
{
    struct db_value values[ENTRY_BATCH];
    struct stamp stamps[ENTRY_BATCH];
    for (size_t i = 0; i < ENTRY_BATCH; i++) {
        values[i] = db_int(ids[i < count ? i : count - 1]);
        stamps[i] = stamp_now(table, ids[i < count ? i : count - 1]);
    }
    if (!db_query_values(db, table->some, arena, ENTRY_BATCH, ret_rows, values, ENTRY_BATCH, err))
        return false;
    for (size_t i = 0; i < ret_rows->count && !db_in_transaction(db); i++) {
        struct entry_row *row = (void *)((char *)ret_rows->items + i * table->some->row->struct_size);
        for (size_t n = 0; n < count; n++)
            if (ids[n] == row->id)
                keep(table, row, stamps[n]);
    }
    return true;
}

bool entry_find(struct entry_table *table, struct db *db, struct arena *arena, int64_t id, const void **ret_row,
                struct error *err)
{
    struct db_rows rows = {0};
    *ret_row = id != 0 ? take(table, arena, id) : NULL;
    if (*ret_row || id == 0)
        return true;
    if (!load(table, db, arena, &id, 1, &rows, err))
        return false;
    *ret_row = rows.count > 0 ? rows.items : NULL;
    return true;
}

bool entry_prefetch(struct entry_table *table, struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                    struct error *err)
{
    int64_t missing[ENTRY_BATCH];
    size_t found = 0;
    struct db_rows rows;
    for (size_t i = 0; i < count; i++) {
        bool is_known = ids[i] == 0 || is_held(table, ids[i]);
        for (size_t n = 0; n < found && !is_known; n++)
            is_known = missing[n] == ids[i];
        if (!is_known)
            missing[found++] = ids[i];
        if (found == ENTRY_BATCH || (found > 0 && i + 1 == count)) {
            if (!load(table, db, arena, missing, found, &rows, err))
                return false;
            found = 0;
        }
    }
    return true;
}

static int64_t known_id(struct entry_table *table, const char *uuid)
{
    size_t slot = slot_of_uuid(uuid);
    struct mutex *lock = &table->locks[slot % ENTRY_LOCKS];
    mutex_lock(lock);
    int64_t id = strcasecmp(table->uuids[slot].uuid, uuid) == 0 ? table->uuids[slot].id : 0;
    mutex_unlock(lock);
    return id;
}

static void remember_id(struct entry_table *table, const char *uuid, int64_t id)
{
    size_t slot = slot_of_uuid(uuid);
    struct mutex *lock = &table->locks[slot % ENTRY_LOCKS];
    mutex_lock(lock);
    string_copy(table->uuids[slot].uuid, sizeof(table->uuids[slot].uuid), uuid);
    table->uuids[slot].id = id;
    mutex_unlock(lock);
}

bool entry_find_uuid(struct entry_table *table, struct db *db, struct arena *arena, const char *uuid,
                     const void **ret_row, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    int64_t id = known_id(table, uuid);
    *ret_row = NULL;
    if (id == 0) {
        if (!db_query_one(db, table->by_uuid, arena, &number, &found, err, db_text(uuid)))
            return false;
        id = found ? number.value : 0;
        if (found && !db_in_transaction(db) && strlen(uuid) < sizeof(table->uuids[0].uuid))
            remember_id(table, uuid, id);
    }
    return id == 0 || entry_find(table, db, arena, id, ret_row, err);
}
