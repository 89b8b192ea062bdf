/* Plugin "storage-simulator": the storage kind over the simulator. Each slot tells its spec to the server and lets the
 * answer be carried out; no rule and no state is here. */
#include "gurum_storage.h"
#include "simulator_client.h"

static struct json_object *spec_at(uint32_t flags, const struct gurum_pool *pool)
{
    struct json_object *spec = simulator_spec(flags), *defaults = json_object_new_object();
    uint64_t gib = (uint64_t)simulator_services()->setting_integer("pool_capacity_gib");
    struct json_object *told = simulator_pool(pool);
    if (told != NULL)
        json_object_object_add(told, "details", simulator_details(&pool->details));
    json_object_object_add(spec, "pool", told);
    simulator_number(defaults, "capacity_bytes", gib << 30);
    json_object_object_add(spec, "defaults", defaults);
    return spec;
}

static struct json_object *tell_volume(const struct gurum_volume *volume)
{
    if (volume == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_text(object, "uuid", volume->uuid);
    simulator_text(object, "name", volume->name);
    simulator_text(object, "handle", volume->handle);
    simulator_number(object, "size_bytes", volume->size_bytes);
    simulator_number(object, "format", volume->format);
    simulator_number(object, "provisioning", volume->provisioning);
    return object;
}

static struct json_object *tell_source(const struct gurum_volume_source *source)
{
    if (source == NULL)
        return NULL;
    struct json_object *object = json_object_new_object();
    simulator_number(object, "kind", source->kind);
    simulator_text(object, "uuid", source->uuid);
    simulator_text(object, "handle", source->handle);
    simulator_text(object, "pool_uuid", source->pool == NULL ? NULL : source->pool->uuid);
    simulator_text(object, "store_uuid", source->store == NULL ? NULL : source->store->uuid);
    return object;
}

static int32_t send(struct gurum_call *call, const char *slot, struct json_object *spec)
{
    return simulator_call(call, "storage", slot, spec);
}

#define POOL_SLOT(slot)                                                                                                \
    static int32_t slot(struct gurum_call *call, const struct gurum_pool_spec *spec)                                   \
    {                                                                                                                  \
        return send(call, #slot, spec_at(spec->flags, spec->pool));                                                    \
    }
POOL_SLOT(pool_probe)
POOL_SLOT(pool_ensure)
POOL_SLOT(pool_observe)
POOL_SLOT(pool_remove)
POOL_SLOT(volume_list)

#define VOLUME_SLOT(slot)                                                                                              \
    static int32_t slot(struct gurum_call *call, const struct gurum_volume_spec *spec)                                 \
    {                                                                                                                  \
        struct json_object *told = spec_at(spec->flags, spec->pool);                                                   \
        json_object_object_add(told, "volume", tell_volume(spec->volume));                                             \
        json_object_object_add(told, "source", tell_source(spec->source));                                             \
        return send(call, #slot, told);                                                                                \
    }
VOLUME_SLOT(volume_ensure)
VOLUME_SLOT(volume_observe)
VOLUME_SLOT(volume_remove)

static int32_t volume_resize(struct gurum_call *call, const struct gurum_volume_resize_spec *spec)
{
    struct json_object *told = spec_at(spec->flags, spec->pool);
    json_object_object_add(told, "volume", tell_volume(spec->volume));
    return send(call, "volume_resize", told);
}

#define SNAPSHOT_SLOT(slot)                                                                                            \
    static int32_t slot(struct gurum_call *call, const struct gurum_snapshot_spec *spec)                               \
    {                                                                                                                  \
        struct json_object *told = spec_at(spec->flags, spec->pool);                                                   \
        json_object_object_add(told, "volume", tell_volume(spec->volume));                                             \
        simulator_text(told, "snapshot_uuid", spec->snapshot_uuid);                                                    \
        simulator_text(told, "snapshot_name", spec->snapshot_name);                                                    \
        return send(call, #slot, told);                                                                                \
    }
SNAPSHOT_SLOT(snapshot_ensure)
SNAPSHOT_SLOT(snapshot_remove)
SNAPSHOT_SLOT(snapshot_revert)

static int32_t volume_copy(struct gurum_call *call, const struct gurum_volume_copy_spec *spec)
{
    struct json_object *told = spec_at(0, spec->pool);
    simulator_number(told, "direction", spec->direction);
    json_object_object_add(told, "volume", tell_volume(spec->volume));
    json_object_object_add(told, "store", simulator_store(spec->store));
    json_object_object_add(told, "image", simulator_image(spec->image));
    json_object_object_add(told, "destination", simulator_pool(spec->destination));
    json_object_object_add(told, "copy", tell_volume(spec->copy));
    return send(call, "volume_copy", told);
}

#define IMAGE_SLOT(slot)                                                                                               \
    static int32_t slot(struct gurum_call *call, const struct gurum_pool_image_spec *spec)                             \
    {                                                                                                                  \
        struct json_object *told = spec_at(spec->flags, spec->pool);                                                   \
        json_object_object_add(told, "store", simulator_store(spec->store));                                           \
        json_object_object_add(told, "image", simulator_image(spec->image));                                           \
        return send(call, #slot, told);                                                                                \
    }
IMAGE_SLOT(image_ensure)
IMAGE_SLOT(image_remove)

static const struct gurum_storage_operations operations = {.size = sizeof(operations),
#define SLOT(slot, spec, need) .slot = slot,
                                                           GURUM_STORAGE_SLOTS(SLOT)
#undef SLOT
};

static const struct gurum_setting settings[] = {
    SIMULATOR_SOCKET_SETTING,
    {.type = GURUM_SETTING_INTEGER,
     .name = "pool_capacity_gib",
     .title = "Capacity of a pool",
     .help = "Capacity of a simulated pool, in GiB.",
     .default_value = "10240",
     .minimum = 1,
     .maximum = 1073741824},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_STORAGE,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_STORAGE_SNAPSHOT | GURUM_STORAGE_RESIZE | GURUM_STORAGE_SHRINK | GURUM_STORAGE_COPY |
                    GURUM_STORAGE_IMAGES | GURUM_STORAGE_THIN | GURUM_STORAGE_CLONE,
    .name = "storage-simulator",
    .title = "Simulated storage",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = simulator_start,
    .stop = simulator_stop,
    .operations = &operations,
};
