/* Judges a plugin's exported symbol before anything of the plugin is called: pure functions over its data, used by the
 * host's loader and by gurum-plugin-check. Opening the file, settings' values and calling slots are not here. */
#ifndef GURUM_PLUGIN_VERIFY_H
#define GURUM_PLUGIN_VERIFY_H

#include "gurum_plugin.h"

/* Why a plugin is refused: what was found, what was expected, and what to do. */
struct gurum_refusal {
    const char *code; /* "magic", "size", "abi_major", "abi_minor", "kind", "threading", "texts", "settings", … */
    char found[160];
    char expected[160];
    char advice[240];
};

/* One slot of a kind's table. */
struct gurum_slot_info {
    const char *name;
    size_t offset; /* in the operations table */
    uint64_t need; /* capability bits, any of which obliges to it; 0: always obliged */
};

struct gurum_kind_info {
    uint32_t kind;
    const char *name;
    uint32_t operations_size; /* of this build's table */
    uint64_t capabilities;    /* all bits that this build knows */
    const struct gurum_slot_info *slots;
    uint32_t slot_count;
};

/* NULL for a kind that this build does not know. */
const struct gurum_kind_info *gurum_kind_find(uint32_t kind);
const char *gurum_status_text(int32_t status); /* "NO_CAPACITY"; NULL for what is no status */

/* True when the host may call start(). `symbol_bytes` is the symbol's size by the file's symbol table, 0 when unknown.
 */
bool gurum_plugin_verify(const struct gurum_plugin *plugin, size_t symbol_bytes, struct gurum_refusal *ret_refusal);

/* The slot's function, NULL when the plugin's table is too short or has none. Cast it to the slot's type before the
 * call. */
typedef void gurum_slot_function(void);
gurum_slot_function *gurum_plugin_slot(const struct gurum_plugin *plugin, const struct gurum_slot_info *slot);

/* Judges one setting's value by its row: NULL when good, else what is wrong, in English ("must be 1 to 64"). */
const char *gurum_setting_problem(const struct gurum_setting *setting, const char *value, char *buffer,
                                  size_t buffer_size);

#endif
