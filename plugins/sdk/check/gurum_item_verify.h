/* Judges what a plugin reports to gurum-plugin-check: sizes, types and texts of items. The host has a stricter judge of
 * its own, which also copies; both go by the structures of the SDK. */
#ifndef GURUM_ITEM_VERIFY_H
#define GURUM_ITEM_VERIFY_H

#include "gurum_plugin.h"

#define GURUM_ITEM_TEXTS_MOST 8

struct gurum_item_info {
    uint32_t type; /* enum gurum_item_type */
    uint32_t size; /* of this build's structure */
    const char *name;
    uint16_t texts[GURUM_ITEM_TEXTS_MOST]; /* offsets of its const char * members, ended by 0 */
};

/* NULL for a type that this build does not know. */
const struct gurum_item_info *gurum_item_find(uint32_t type);

/* NULL when a plugin of `kind` may report the item; else what is wrong with it, static text. Reads no more than the
 * structure's size and the texts of at most 64 KiB. */
const char *gurum_item_problem(uint32_t kind, const struct gurum_item *item);

#endif
