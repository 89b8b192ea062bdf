/* Plugin "image-store-dir": images in a folder of the management machine, fetched over HTTP. The slots are here; what
 * lies on the disk is in folder.c, the transfer in fetch.c. */
#include "fetch.h"
#include "folder.h"
#include "gurum_image_store.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 200 };

static const struct gurum_services *services;

/* ---- Stores ---- */

static bool is_below(const char *path, const char *root)
{
    size_t length = root == NULL ? 0 : strlen(root);
    while (length > 0 && root[length - 1] == '/')
        length--;
    return length == 0 || (strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* Checks the names that the host gave, for all slots. */
static int32_t path_find(struct gurum_call *call, const struct gurum_image_store *store, const char **ret_path)
{
    *ret_path = folder_path_of(store->url);
    if (*ret_path == NULL || !folder_is_uuid(store->uuid))
        return services->fail(call, GURUM_INVALID, "store_url", "the store needs an address like file:///srv/images");
    if (!is_below(*ret_path, services->setting("root")))
        return services->fail(call, GURUM_INVALID, "store_outside", "stores lie below %s", services->setting("root"));
    return GURUM_OK;
}

static int32_t trouble(struct gurum_call *call, int problem, const char *what)
{
    if (problem == EBUSY)
        return services->fail(call, GURUM_BUSY, "image_busy", "the image is being fetched");
    if (problem == ENOSPC || problem == EDQUOT)
        return services->fail(call, GURUM_NO_CAPACITY, "store_full", "%s: %s", what, strerror(problem));
    if (problem == EACCES || problem == EPERM || problem == EROFS)
        return services->fail(call, GURUM_DENIED, "store_denied", "%s: %s", what, strerror(problem));
    return services->fail(call, GURUM_FAILED, "store_broken", "%s: %s", what, strerror(problem));
}

/* The open folder of a store that is ready; the caller closes it. */
static int32_t store_open(struct gurum_call *call, const struct gurum_image_store *store, int *ret_folder)
{
    const char *path;
    char owner[FOLDER_UUID_BYTES];
    int32_t status = path_find(call, store, &path);
    if (status != GURUM_OK)
        return status;
    int problem = folder_open(path, false, ret_folder);
    if (problem == ENOENT)
        return services->fail(call, GURUM_NOT_FOUND, "store_absent", "there is no folder %s", path);
    if (problem != 0)
        return trouble(call, problem, path);
    problem = folder_owner(*ret_folder, owner);
    if (problem == 0 && strcmp(owner, store->uuid) == 0)
        return GURUM_OK;
    close(*ret_folder);
    if (problem != 0)
        return trouble(call, problem, path);
    return owner[0] == '\0' ? services->fail(call, GURUM_NOT_FOUND, "store_absent", "%s is not a store yet", path)
                            : services->fail(call, GURUM_CONFLICT, "store_taken", "%s is the store %s", path, owner);
}

/* `folder` -1: there is none yet. */
static int32_t store_tell(struct gurum_call *call, int folder, uint32_t state, const char *detail)
{
    struct gurum_store_report report = {.item = {sizeof(report), GURUM_ITEM_STORE}, .state = state, .detail = detail};
    struct statvfs space;
    if (folder >= 0 && fstatvfs(folder, &space) == 0) {
        report.capacity_bytes = (uint64_t)space.f_blocks * space.f_frsize;
        report.used_bytes = (uint64_t)(space.f_blocks - space.f_bavail) * space.f_frsize;
    }
    return services->report(call, &report.item);
}

static int32_t check_tell(struct gurum_call *call, const char *code, bool ok, const char *detail, const char *hint)
{
    const struct gurum_check check = {.item = {sizeof(check), GURUM_ITEM_CHECK},
                                      .code = code,
                                      .ok = ok,
                                      .required = 1,
                                      .detail = detail,
                                      .hint = ok ? NULL : hint};
    return services->report(call, &check.item);
}

static int32_t store_probe(struct gurum_call *call, const struct gurum_store_spec *spec)
{
    const char *path;
    char owner[FOLDER_UUID_BYTES] = "";
    int folder = -1;
    if (path_find(call, spec->store, &path) != GURUM_OK) {
        int32_t told = store_tell(call, -1, GURUM_STORE_BROKEN, "its address names no folder that may be used");
        return told != GURUM_OK ? told
                                : check_tell(call, "store_folder", false, "its address names no folder",
                                             "use an address like file:///srv/images");
    }
    int problem = folder_open(path, false, &folder);
    if (problem == 0)
        problem = folder_owner(folder, owner);
    bool is_free = owner[0] == '\0' || strcmp(owner, spec->store->uuid) == 0;
    bool is_usable = problem == ENOENT || (problem == 0 && faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0);
    int32_t status =
        store_tell(call, folder, owner[0] != '\0' && is_free ? GURUM_STORE_UP : GURUM_STORE_PREPARING, NULL);
    if (folder >= 0)
        close(folder);
    if (status == GURUM_OK)
        status = check_tell(call, "store_folder", is_usable, problem == 0 ? path : strerror(problem),
                            "let the service's user write to the folder");
    return status == GURUM_OK ? check_tell(call, "store_free", is_free, is_free ? "no other store" : owner,
                                           "give every store a folder of its own")
                              : status;
}

static int32_t store_ensure(struct gurum_call *call, const struct gurum_store_spec *spec)
{
    const char *path;
    int folder;
    int32_t status = path_find(call, spec->store, &path);
    if (status != GURUM_OK)
        return status;
    int problem = folder_open(path, true, &folder);
    if (problem != 0)
        return trouble(call, problem, path);
    problem = folder_claim(folder, spec->store->uuid);
    if (problem == EEXIST)
        status = services->fail(call, GURUM_CONFLICT, "store_taken", "%s is another store's folder", path);
    else
        status = problem == 0 ? store_tell(call, folder, GURUM_STORE_UP, NULL) : trouble(call, problem, path);
    close(folder);
    return status;
}

static int32_t store_observe(struct gurum_call *call, const struct gurum_store_spec *spec)
{
    int folder;
    int32_t status = store_open(call, spec->store, &folder);
    if (status != GURUM_OK)
        return status;
    bool can_write = faccessat(folder, ".", W_OK, AT_EACCESS) == 0;
    status = store_tell(call, folder, can_write ? GURUM_STORE_UP : GURUM_STORE_READ_ONLY, NULL);
    close(folder);
    return status;
}

/* What a listing is about. */
struct place {
    int folder;
    const char *path;
};

/* Calls `visit` for what is in the store, until it does not answer OK. */
static int32_t images_visit(struct gurum_call *call, const struct place *place,
                            int32_t (*visit)(struct gurum_call *call, const struct place *place, const char *name))
{
    int32_t status = GURUM_OK;
    int copy = openat(place->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = copy < 0 ? NULL : fdopendir(copy);
    if (listing == NULL) {
        if (copy >= 0)
            close(copy);
        return trouble(call, errno, "the folder cannot be read");
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == GURUM_OK; entry = readdir(listing)) {
        if (entry->d_name[0] != '.')
            status = visit(call, place, entry->d_name);
    }
    closedir(listing);
    return status;
}

static int32_t conflict_when_ours(struct gurum_call *call, const struct place *place, const char *name)
{
    (void)place;
    return folder_is_uuid(name)
               ? services->fail(call, GURUM_CONFLICT, "store_has_images", "the image %s is in it", name)
               : GURUM_OK;
}

static int32_t store_remove(struct gurum_call *call, const struct gurum_store_spec *spec)
{
    int folder;
    int32_t status = store_open(call, spec->store, &folder);
    if (status != GURUM_OK)
        return status == GURUM_NOT_FOUND ? GURUM_OK : status;
    const struct place place = {folder, folder_path_of(spec->store->url)};
    status = images_visit(call, &place, conflict_when_ours);
    int problem = status == GURUM_OK ? folder_disclaim(folder) : 0;
    close(folder);
    return problem == 0 ? status : trouble(call, problem, "the store's mark");
}

/* ---- Images ---- */

static int32_t image_tell(struct gurum_call *call, const char *path, const char *uuid, int problem,
                          const struct folder_image *image)
{
    char handle[FOLDER_PATH_BYTES], checksum[80];
    struct gurum_image_report report = {.item = {sizeof(report), GURUM_ITEM_IMAGE},
                                        .uuid = uuid,
                                        .state = problem == ENOENT ? GURUM_IMAGE_ABSENT : GURUM_IMAGE_BROKEN};
    snprintf(handle, sizeof(handle), "%s/%s/image", path, uuid);
    snprintf(checksum, sizeof(checksum), "sha256:%s", image->sha256);
    if (problem != ENOENT)
        report.handle = report.path = handle;
    if (report.state == GURUM_IMAGE_BROKEN)
        report.detail = "its file is not what was fetched";
    if (problem == 0) {
        report.state = GURUM_IMAGE_READY;
        report.detail = NULL;
        report.checksum = checksum;
        report.format = image->format;
        report.size_bytes = image->size_bytes;
        report.virtual_size_bytes = image->virtual_size;
    }
    return services->report(call, &report.item);
}

/* Reports the image when it is there; ENOENT and EINVAL (damaged) as they are. */
static int32_t image_look(struct gurum_call *call, const struct gurum_store_image_spec *spec, int folder,
                          bool when_absent, int *ret_problem)
{
    struct folder_image image = {.size_bytes = 0};
    *ret_problem = folder_image_read(folder, spec->image->uuid, &image);
    if (*ret_problem != 0 && !when_absent)
        return GURUM_OK;
    return image_tell(call, folder_path_of(spec->store->url), spec->image->uuid, *ret_problem, &image);
}

static int32_t image_open(struct gurum_call *call, const struct gurum_store_image_spec *spec, int *ret_folder)
{
    if (!folder_is_uuid(spec->image->uuid))
        return services->fail(call, GURUM_INVALID, "image_unnamed", "the image has no good uuid");
    return store_open(call, spec->store, ret_folder);
}

/* What the background work needs; the spec does not live that long. */
struct order {
    int folder;
    char *url, *path;
    char uuid[FOLDER_UUID_BYTES];
    struct address_rules rules;
    struct checksum wanted;
    uint32_t format;
    uint64_t size_bytes_most;
};

static void order_release(void *argument)
{
    struct order *order = argument;
    close(order->folder);
    free(order->url);
    free(order->path);
    free(order);
}

static int32_t image_fetch(struct gurum_call *call, struct order *order, int file)
{
    struct fetch fetch = {.services = services,
                          .url = order->url,
                          .rules = &order->rules,
                          .wanted = &order->wanted,
                          .wanted_format = order->format,
                          .size_bytes_most = order->size_bytes_most,
                          .keep_free_bytes = (uint64_t)services->setting_integer("keep_free_mib") << 20,
                          .stall_seconds = (long)services->setting_integer("stall_seconds"),
                          .file = file};
    int32_t status = fetch_run(call, &fetch);
    if (status != GURUM_OK)
        return status;
    struct folder_image image = {
        .format = fetch.ret_format, .size_bytes = fetch.ret_size_bytes, .virtual_size = fetch.ret_virtual_size};
    memcpy(image.sha256, fetch.ret_sha256, sizeof(image.sha256));
    int problem = folder_image_finish(order->folder, order->uuid, file, &image);
    return problem == 0 ? image_tell(call, order->path, order->uuid, 0, &image) : trouble(call, problem, order->path);
}

static int32_t image_work(struct gurum_call *call, void *argument)
{
    struct order *order = argument;
    struct folder_image image;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "cancelled before it began");
    int file, problem = folder_image_begin(order->folder, order->uuid, &file);
    if (problem == EEXIST) {
        problem = folder_image_read(order->folder, order->uuid, &image);
        return problem == 0 ? image_tell(call, order->path, order->uuid, 0, &image)
                            : trouble(call, problem, order->path);
    }
    if (problem != 0)
        return trouble(call, problem, order->path);
    int32_t status = image_fetch(call, order, file);
    folder_image_drop(order->folder, order->uuid, file); /* touches nothing when it has become the image */
    return status;
}

/* Takes the open folder over when it answers OK. */
static int32_t order_make(struct gurum_call *call, const struct gurum_store_image_spec *spec, int folder,
                          struct order **ret_order)
{
    const struct gurum_image *image = spec->image;
    const char *cidrs =
        GURUM_HAS(spec, struct gurum_store_image_spec, url_cidrs_allowed) ? spec->url_cidrs_allowed : NULL;
    struct order *order = calloc(1, sizeof(*order));
    if (order == NULL)
        return services->fail(call, GURUM_FAILED, "memory", "no memory");
    *order = (struct order){.folder = folder, .format = image->format, .size_bytes_most = image->size_bytes_most};
    int32_t status = GURUM_OK;
    if (image->url == NULL ||
        (strncasecmp(image->url, "http://", 7) != 0 && strncasecmp(image->url, "https://", 8) != 0))
        status = services->fail(call, GURUM_INVALID, "url_unusable", "images are fetched over http and https only");
    else if (!checksum_parse(image->checksum, &order->wanted))
        status = services->fail(call, GURUM_INVALID, "checksum_unknown", "the checksum is of no known form");
    else if (!address_rules_parse(cidrs, &order->rules))
        status = services->fail(call, GURUM_INVALID, "cidrs_unusable", "the list of allowed addresses is no such list");
    else if ((order->url = strdup(image->url)) == NULL ||
             (order->path = strdup(folder_path_of(spec->store->url))) == NULL)
        status = services->fail(call, GURUM_FAILED, "memory", "no memory");
    memcpy(order->uuid, image->uuid, FOLDER_UUID_BYTES);
    if (status == GURUM_OK) {
        *ret_order = order;
        return GURUM_OK;
    }
    free(order->url);
    free(order);
    return status;
}

static int32_t image_ensure(struct gurum_call *call, const struct gurum_store_image_spec *spec)
{
    int folder, problem;
    struct order *order = NULL;
    int32_t status = image_open(call, spec, &folder);
    if (status != GURUM_OK)
        return status;
    status = image_look(call, spec, folder, false, &problem);
    if (status == GURUM_OK && problem == EINVAL)
        status = services->fail(call, GURUM_CONFLICT, "image_damaged", "what lies there is not what was fetched");
    if (status == GURUM_OK && problem == ENOENT)
        status = order_make(call, spec, folder, &order);
    if (order == NULL) {
        close(folder);
        return status;
    }
    services->check_after(call, LOOK_AGAIN_MS);
    return services->background(call, image_work, order, order_release);
}

static int32_t image_observe(struct gurum_call *call, const struct gurum_store_image_spec *spec)
{
    int folder, problem;
    int32_t status = image_open(call, spec, &folder);
    if (status != GURUM_OK)
        return status;
    status = image_look(call, spec, folder, true, &problem);
    close(folder);
    return status;
}

static int32_t list_tell(struct gurum_call *call, const struct place *place, const char *name)
{
    struct folder_image image = {.size_bytes = 0};
    if (folder_is_uuid(name))
        return image_tell(call, place->path, name, folder_image_read(place->folder, name, &image), &image);
    const struct gurum_image_report foreign = {
        .item = {sizeof(foreign), GURUM_ITEM_IMAGE}, .handle = name, .state = GURUM_IMAGE_READY};
    return services->report(call, &foreign.item);
}

static int32_t image_list(struct gurum_call *call, const struct gurum_store_spec *spec)
{
    int folder;
    int32_t status = store_open(call, spec->store, &folder);
    if (status != GURUM_OK)
        return status;
    const struct place place = {folder, folder_path_of(spec->store->url)};
    status = images_visit(call, &place, list_tell);
    close(folder);
    return status;
}

static int32_t image_remove(struct gurum_call *call, const struct gurum_store_image_spec *spec)
{
    int folder;
    int32_t status = image_open(call, spec, &folder);
    if (status != GURUM_OK)
        return status == GURUM_NOT_FOUND ? GURUM_OK : status;
    int problem = folder_image_remove(folder, spec->image->uuid);
    close(folder);
    return problem == 0 ? GURUM_OK : trouble(call, problem, spec->image->uuid);
}

/* ---- The plugin ---- */

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
               ? GURUM_OK
               : services->fail(NULL, GURUM_FAILED, "curl", "libcurl does not start");
}

static void stop(void)
{
    curl_global_cleanup();
}

static const struct gurum_image_store_operations operations = {
    .size = sizeof(operations),
    .store_probe = store_probe,
    .store_ensure = store_ensure,
    .store_observe = store_observe,
    .store_remove = store_remove,
    .image_ensure = image_ensure,
    .image_observe = image_observe,
    .image_list = image_list,
    .image_remove = image_remove,
};

static const struct gurum_setting settings[] = {
    {.type = GURUM_SETTING_TEXT,
     .name = "types",
     .title = "Serves",
     .help = "Providers and schemes of addresses that this plugin serves, separated by commas.",
     .default_value = "file,dir",
     .maximum = 200},
    {.type = GURUM_SETTING_PATH,
     .name = "root",
     .title = "Root of stores",
     .help = "Folder below which all stores must lie; empty: anywhere.",
     .maximum = 1024},
    {.type = GURUM_SETTING_INTEGER,
     .name = "keep_free_mib",
     .title = "Space kept free",
     .help = "Space that a fetch leaves free on the file system, in MiB.",
     .default_value = "512",
     .minimum = 0,
     .maximum = 1048576},
    {.type = GURUM_SETTING_INTEGER,
     .name = "stall_seconds",
     .title = "Patience with a source",
     .help = "Seconds without a byte after which a source is given up.",
     .default_value = "60",
     .minimum = 1,
     .maximum = 3600},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_IMAGE_STORE,
    .threading = GURUM_THREADING_FREE,
    .capabilities = 0,
    .name = "image-store-dir",
    .title = "Image store in a folder",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = start,
    .stop = stop,
    .operations = &operations,
};
