/* Rows of images to replies. */
#include "base/message.h"
#include "base/text.h"
#include "cloud/guestos/guestos.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image_response.h"
#include "cloud/storage/storage.h"
#include "cloud/userdata/userdata.h"
#include "cloud/zone/zone.h"

enum { STATUS_BYTES = 1024 };

static bool add_owner(struct api_call *call, const struct image *image, struct image_response *out, struct error *err)
{
    const struct os_type *os = NULL;
    if (!identity_show_owner(call->db, call->arena, image->account_id, &out->owner, err) ||
        !os_type_find(call->db, call->arena, image->os_type_id, &os, err))
        return false;
    out->ostypeid = os != NULL ? os->uuid : NULL;
    out->ostypename = os != NULL ? os->description : NULL;
    return true;
}

/* How far the download is; its job knows. */
static bool read_percent(struct api_call *call, const struct image_place *place, int64_t *ret_percent,
                         struct error *err)
{
    struct job_view *job = NULL;
    *ret_percent = image_place_is_ready(place) ? 100 : 0;
    if (!string_equal(place->state, "Downloading"))
        return true;
    if (!job_find_newest(call->db, call->arena, "image_zone", place->id, &job, err))
        return false;
    *ret_percent = job != NULL && job->percent < 100 ? job->percent : 99;
    return true;
}

/* What people and clients read in "status". */
static const char *status_of(struct api_call *call, const struct image_place *place, int64_t percent)
{
    if (image_place_is_ready(place))
        return "Download Complete";
    if (string_equal(place->state, "Downloading"))
        return arena_printf(call->arena, "%lld%% Downloaded", (long long)percent);
    if (!string_equal(place->state, "Failed"))
        return "Processing";
    if (place->failure_key == NULL || !string_starts_with(place->failure_key, "image.fetch_"))
        return "Download failed";
    struct text words;
    text_init(&words, call->arena, STATUS_BYTES);
    message_render(&words, "en", place->failure_key, NULL, 0);
    return text_string(&words);
}

static const char *download_state_of(const struct image_place *place)
{
    if (image_place_is_ready(place))
        return "DOWNLOADED";
    if (string_equal(place->state, "Failed"))
        return "DOWNLOAD_ERROR";
    return string_equal(place->state, "Queued") ? "NOT_DOWNLOADED" : "DOWNLOAD_IN_PROGRESS";
}

static bool add_place(struct api_call *call, const struct image_place *place, struct image_response *out,
                      struct error *err)
{
    const struct zone *zone = NULL;
    const struct image_store *store = NULL;
    int64_t percent = 0;
    if (!read_percent(call, place, &percent, err) || !zone_find(call->db, call->arena, place->zone_id, &zone, err) ||
        !image_store_find(call->db, call->arena, place->store_id, &store, err))
        return false;
    struct image_download *download = ARENA_NEW(call->arena, struct image_download);
    *download = (struct image_download){.datastore = store != NULL ? store->name : NULL,
                                        .downloadState = download_state_of(place),
                                        .downloadPercent = arena_printf(call->arena, "%lld", (long long)percent)};
    out->downloaddetails = (struct object_list){.items = download, .count = 1, .set = true};
    out->zoneid = zone != NULL ? zone->uuid : NULL;
    out->zonename = zone != NULL ? zone->name : NULL;
    out->status = status_of(call, place, percent);
    out->isready = image_place_is_ready(place);
    if (!out->isready)
        return true;
    out->size = OPT_INT(place->size_bytes);
    out->physicalsize = OPT_INT(place->physical_size_bytes);
    return true;
}

static void add_row(const struct image *image, struct image_response *out)
{
    *out = (struct image_response){.id = image->uuid,
                                   .name = image->name,
                                   .displaytext = image->display_text,
                                   .ispublic = image->is_public,
                                   .created = image->created,
                                   .removed = image->removed,
                                   .passwordenabled = image->password_enabled,
                                   .format = image->format,
                                   .bootable = image->is_bootable,
                                   .isfeatured = image->is_featured,
                                   .crossZones = image->cross_zones,
                                   .templatetype = image->is_routing ? "ROUTING" : image->image_type,
                                   .hypervisor = image->hypervisor,
                                   .isextractable = image->is_extractable,
                                   .checksum = image->checksum,
                                   .templatetag = image->image_tag,
                                   .arch = image->arch,
                                   .bits = OPT_INT(image->bits),
                                   .sshkeyenabled = image->ssh_key_enabled,
                                   .isdynamicallyscalable = image->is_dynamically_scalable,
                                   .directdownload = image->direct_download,
                                   .deployasis = image->deploy_as_is,
                                   .forcks = image->for_cks,
                                   .requireshvm = image->requires_hvm,
                                   .url = image->url,
                                   .tags = {.items = NULL, .count = 0, .set = true}};
}

static bool describe_line(struct api_call *call, const struct image_line *line, struct image_response *out,
                          struct error *err)
{
    struct image *image = NULL;
    struct image_place *place = NULL;
    if (!image_find_any(call->db, call->arena, line->image_id, &image, err) ||
        !image_place_find_by_id_any(call->db, call->arena, line->place_id, &place, err))
        return false;
    if (image == NULL)
        return error_set(err, ERROR_INTERNAL, "image.gone");
    add_row(image, out);
    return add_owner(call, image, out, err) && (place == NULL || add_place(call, place, out, err)) &&
           image_details_any(call->db, call->arena, image->id, &out->details, err) &&
           tag_find_for(call->db, call->arena, "image", &image->id, 1, &out->tags, err);
}

/* What user data comes with the images of a page, in one statement for up to 64 lines. */
static bool add_user_data(struct api_call *call, const struct image_line *lines, size_t count,
                          struct image_response *images, struct error *err)
{
    int64_t ids[USER_DATA_LINKS_MAX];
    struct db_rows rows;
    for (size_t i = 0; i < count; i++)
        ids[i] = lines[i].image_id;
    if (!user_data_links_of_any(call->db, call->arena, ids, count, &rows, err))
        return false;
    const struct user_data_link *links = rows.items;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows.count; j++)
            if (links[j].image_id == ids[i]) {
                images[i].userdataid = links[j].uuid;
                images[i].userdataname = links[j].name;
                images[i].userdatapolicy = links[j].policy;
                images[i].userdataparams = links[j].params;
            }
    return true;
}

bool image_describe_lines(struct api_call *call, const struct image_line *lines, size_t count,
                          struct image_response *ret_images, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!describe_line(call, &lines[i], &ret_images[i], err))
            return false;
    for (size_t i = 0; i < count; i += USER_DATA_LINKS_MAX) {
        size_t part = count - i < USER_DATA_LINKS_MAX ? count - i : USER_DATA_LINKS_MAX;
        if (!add_user_data(call, lines + i, part, ret_images + i, err))
            return false;
    }
    return true;
}

bool image_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                    struct error *err)
{
    struct image_response *images = ret_objects;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        struct image *image = NULL;
        const struct image_place *places = NULL;
        size_t place_count = 0;
        if (!image_find_any(call->db, call->arena, ids[i], &image, err))
            return false;
        if (image == NULL)
            continue;
        if (!image_places_of_any(call->db, call->arena, ids[i], &places, &place_count, err))
            return false;
        const struct image_line line = {.image_id = ids[i], .place_id = place_count > 0 ? places[0].id : 0};
        if (!image_describe_lines(call, &line, 1, &images[filled++], err))
            return false;
    }
    *ret_count = filled;
    return true;
}
