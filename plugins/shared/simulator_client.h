/* What the simulator's plugins share: the connection to its server, specs to JSON, and reported items from JSON.
 * A plugin links it by PLUGIN_SHARED_<plugin> and PLUGIN_LIBS_<plugin> in the Makefile. */
#ifndef SIMULATOR_CLIENT_H
#define SIMULATOR_CLIENT_H

#include "gurum_plugin.h"

#include <json-c/json.h>

/* The setting that every simulator plugin declares first. */
#define SIMULATOR_SOCKET_SETTING                                                                                       \
    {                                                                                                                  \
        .type = GURUM_SETTING_PATH, .name = "socket", .title = "Socket of the simulator",                              \
        .help = "Path of the unix socket of gurum-simulator; when empty, GURUM_SIMULATOR of the environment.",         \
        .maximum = 107                                                                                                 \
    }

int32_t simulator_start(const struct gurum_services *services);
void simulator_stop(void);
const struct gurum_services *simulator_services(void);

/* Sends one slot's call and carries its answer out: reports, progress, check-after, failure. Takes `spec` over. */
int32_t simulator_call(struct gurum_call *call, const char *kind, const char *slot, struct json_object *spec);

/* Builders of specs; NULL texts are left out, NULL targets become null. */
struct json_object *simulator_spec(uint32_t flags);
void simulator_text(struct json_object *object, const char *name, const char *value);
void simulator_number(struct json_object *object, const char *name, uint64_t value);
/* Bytes, told as their length and a hash. */
void simulator_bytes(struct json_object *object, const char *name, const char *bytes, uint64_t length);
struct json_object *simulator_details(const struct gurum_array *details);
struct json_object *simulator_host(const struct gurum_host *host);
struct json_object *simulator_pool(const struct gurum_pool *pool);
struct json_object *simulator_store(const struct gurum_image_store *store);
struct json_object *simulator_image(const struct gurum_image *image);
/* An array of `array`'s items, each told by `tell`. */
struct json_object *simulator_rows(const struct gurum_array *array, struct json_object *(*tell)(const void *item));

/* Reports one item of an answer; in simulator_items.c. `lie_size`: with a size that is not its own. */
int32_t simulator_report(struct gurum_call *call, struct json_object *item, bool lie_size);

#endif
