/* Plugin "image-store-simulator": the image store kind over the simulator. Each slot tells its spec to the server and
 * lets the answer be carried out; no rule and no state is here. */
#include "gurum_image_store.h"
#include "simulator_client.h"

static struct json_object *spec_at(uint32_t flags, const struct gurum_image_store *store)
{
    struct json_object *spec = simulator_spec(flags), *defaults = json_object_new_object();
    uint64_t gib = (uint64_t)simulator_services()->setting_integer("store_capacity_gib");
    json_object_object_add(spec, "store", simulator_store(store));
    simulator_number(defaults, "capacity_bytes", gib << 30);
    json_object_object_add(spec, "defaults", defaults);
    return spec;
}

static int32_t send(struct gurum_call *call, const char *slot, struct json_object *spec)
{
    return simulator_call(call, "image-store", slot, spec);
}

#define STORE_SLOT(slot)                                                                                               \
    static int32_t slot(struct gurum_call *call, const struct gurum_store_spec *spec)                                  \
    {                                                                                                                  \
        return send(call, #slot, spec_at(spec->flags, spec->store));                                                   \
    }
STORE_SLOT(store_probe)
STORE_SLOT(store_ensure)
STORE_SLOT(store_observe)
STORE_SLOT(store_remove)
STORE_SLOT(image_list)

#define IMAGE_SLOT(slot)                                                                                               \
    static int32_t slot(struct gurum_call *call, const struct gurum_store_image_spec *spec)                            \
    {                                                                                                                  \
        struct json_object *told = spec_at(spec->flags, spec->store);                                                  \
        json_object_object_add(told, "image", simulator_image(spec->image));                                           \
        simulator_text(told, "url_cidrs_allowed", spec->url_cidrs_allowed);                                            \
        return send(call, #slot, told);                                                                                \
    }
IMAGE_SLOT(image_ensure)
IMAGE_SLOT(image_observe)
IMAGE_SLOT(image_remove)

static int32_t image_export(struct gurum_call *call, const struct gurum_image_export_spec *spec)
{
    struct json_object *told = spec_at(0, spec->store);
    json_object_object_add(told, "image", simulator_image(spec->image));
    simulator_number(told, "valid_for_ms", spec->valid_for_ms > 0 ? (uint64_t)spec->valid_for_ms : 0);
    return send(call, "image_export", told);
}

static const struct gurum_image_store_operations operations = {.size = sizeof(operations),
#define SLOT(slot, spec, need) .slot = slot,
                                                               GURUM_IMAGE_STORE_SLOTS(SLOT)
#undef SLOT
};

static const struct gurum_setting settings[] = {
    SIMULATOR_SOCKET_SETTING,
    {.type = GURUM_SETTING_INTEGER,
     .name = "store_capacity_gib",
     .title = "Capacity of a store",
     .help = "Capacity of a simulated image store, in GiB.",
     .default_value = "10240",
     .minimum = 1,
     .maximum = 1073741824},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_IMAGE_STORE,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_IMAGE_STORE_EXPORT,
    .name = "image-store-simulator",
    .title = "Simulated image store",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = simulator_start,
    .stop = simulator_stop,
    .operations = &operations,
};
