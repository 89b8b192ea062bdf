/* Plugin "storage-dir": folders of KVM hosts through libvirt. The exported symbol and the settings are here. */
#include "storage_dir.h"

const struct gurum_services *services;

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return libvirt_start(given);
}

static void stop(void)
{
    libvirt_stop();
}

static const struct gurum_storage_operations operations = {
    .size = sizeof(operations),
    .pool_probe = dir_pool_probe,
    .pool_ensure = dir_pool_ensure,
    .pool_observe = dir_pool_observe,
    .pool_remove = dir_pool_remove,
    .volume_ensure = dir_volume_ensure,
    .volume_observe = dir_volume_observe,
    .volume_list = dir_volume_list,
    .volume_resize = dir_volume_resize,
    .volume_remove = dir_volume_remove,
    .image_ensure = dir_image_ensure,
    .image_remove = dir_image_remove,
};

static const struct gurum_setting settings[] = {
    LIBVIRT_TRANSPORT_SETTING,
    {.type = GURUM_SETTING_TEXT,
     .name = "types",
     .title = "Serves",
     .help = "Providers and schemes of addresses that this plugin serves, separated by commas.",
     .default_value = "dir,file,filesystem,sharedmountpoint",
     .maximum = 200},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_STORAGE,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_STORAGE_RESIZE | GURUM_STORAGE_IMAGES | GURUM_STORAGE_THIN | GURUM_STORAGE_NEEDS_HOST,
    .name = "storage-dir",
    .title = "Folders of KVM hosts",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = start,
    .stop = stop,
    .operations = &operations,
};
