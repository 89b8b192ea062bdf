/* The image store kind. */
#include "check.h"

#include "gurum_image_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gurum_image_store store;

static void store_fill(void)
{
    store = (struct gurum_image_store){.size = sizeof(store),
                                       .uuid = object_text("store", "uuid", run.uuids[0]),
                                       .name = "check",
                                       .url = object_text("store", "url", "sim://check/store"),
                                       .zone_uuid = run.uuids[1]};
}

static const struct gurum_store_spec *store_spec(void)
{
    static const struct gurum_store_spec spec = {.size = sizeof(spec), .store = &store};
    return &spec;
}

static const struct gurum_image *image_of(const char *uuid)
{
    static _Thread_local struct gurum_image image;
    image = (struct gurum_image){.size = sizeof(image),
                                 .format = (uint32_t)object_number("image", "format", GURUM_FORMAT_QCOW2),
                                 .uuid = uuid,
                                 .name = "check",
                                 .url = object_text("image", "url", "http://127.0.0.1/image.qcow2")};
    return &image;
}

static const void *image_spec(const char *uuid)
{
    static _Thread_local struct gurum_store_image_spec spec;
    spec = (struct gurum_store_image_spec){.size = sizeof(spec),
                                           .store = &store,
                                           .image = image_of(uuid),
                                           .url_cidrs_allowed = object_text("image", "url_cidrs_allowed", NULL)};
    return &spec;
}

static int image_observe(const char *uuid)
{
    OUTCOME(outcome);
    if (store.size == 0)
        store_fill();
    slot_call(&outcome, "image_observe", image_spec(uuid), NULL);
    const struct gurum_image_report *report = outcome_item(&outcome, GURUM_ITEM_IMAGE);
    return outcome.status == GURUM_OK && report != NULL ? report->state != GURUM_IMAGE_ABSENT : -1;
}

static int image_count(const char *uuid)
{
    OUTCOME(outcome);
    int count = 0;
    slot_call(&outcome, "image_list", store_spec(), NULL);
    for (uint32_t i = 0; i < outcome.item_count; i++) {
        const struct gurum_image_report *report = (const void *)outcome.items[i];
        count += report->item.type == GURUM_ITEM_IMAGE && (uuid == NULL || same_text(report->uuid, uuid));
    }
    return outcome.status == GURUM_OK ? count : -1;
}

const struct subject *image_store_subject(void)
{
    static const struct subject subject = {.noun = "image",
                                           .ensure_slot = "image_ensure",
                                           .remove_slot = "image_remove",
                                           .ensure_spec = image_spec,
                                           .remove_spec = image_spec,
                                           .observe = image_observe,
                                           .count = image_count,
                                           .item = GURUM_ITEM_IMAGE,
                                           .item_uuid_offset = offsetof(struct gurum_image_report, uuid)};
    return &subject;
}

static bool expect(const char *slot, const void *spec, int32_t status, const char *code)
{
    OUTCOME(outcome);
    slot_call(&outcome, slot, spec, NULL);
    return check(outcome.status == status, code, "%s answers %s, %s is right", slot, outcome_words(&outcome),
                 gurum_status_text(status));
}

static void check_ceiling(void)
{
    struct gurum_image image = *image_of(new_uuid());
    struct gurum_store_image_spec spec = *(const struct gurum_store_image_spec *)image_spec(image.uuid);
    spec.image = &image;
    image.size_bytes_most = 1;
    expect("image_ensure", &spec, GURUM_INVALID, "ceilings.image");
    check(image_observe(image.uuid) == 0, "ceilings.nothing_stays", "an image above its ceiling leaves nothing");
}

static const char *member_text(struct json_object *row, const char *name)
{
    struct json_object *member = NULL;
    return json_object_object_get_ex(row, name, &member) ? json_object_get_string(member) : NULL;
}

/* One image of image.refused, by how it must end: {"url", "checksum", "size_bytes_most", "status", "reason"}. */
static void check_refused(struct json_object *row)
{
    OUTCOME(outcome);
    const char *most = member_text(row, "size_bytes_most"), *reason = member_text(row, "reason");
    struct gurum_image image = *image_of(new_uuid());
    struct gurum_store_image_spec spec = *(const struct gurum_store_image_spec *)image_spec(image.uuid);
    spec.image = &image;
    image.url = member_text(row, "url");
    image.checksum = member_text(row, "checksum");
    image.size_bytes_most = most == NULL ? 0 : strtoull(most, NULL, 10);
    slot_call(&outcome, "image_ensure", &spec, NULL);
    check(same_text(gurum_status_text(outcome.status), member_text(row, "status")) &&
              (reason == NULL || same_text(outcome.reason, reason)),
          "refused.status", "%s ends with %s; %s (%s) is right", image.url, outcome_words(&outcome),
          member_text(row, "status"), reason == NULL ? "any reason" : reason);
    check(image_observe(image.uuid) == 0, "refused.nothing_stays", "nothing of it stays");
}

static void check_all_refused(void)
{
    struct json_object *image = NULL, *rows = NULL;
    if (!json_object_object_get_ex(run.objects, "image", &image) ||
        !json_object_object_get_ex(image, "refused", &rows)) {
        check_skip("refused.status", "the settings name no images to be refused");
        return;
    }
    for (size_t i = 0; i < json_object_array_length(rows); i++)
        check_refused(json_object_array_get_idx(rows, i));
}

static void check_export(const char *uuid)
{
    if (!slot_present("image_export")) {
        check_skip("happy.export", "no image_export");
        return;
    }
    OUTCOME(outcome);
    struct gurum_image_export_spec spec = {
        .size = sizeof(spec), .store = &store, .image = image_of(uuid), .valid_for_ms = 60000};
    slot_call(&outcome, "image_export", &spec, NULL);
    const struct gurum_export_report *report = outcome_item(&outcome, GURUM_ITEM_EXPORT);
    check(outcome.status == GURUM_OK && report != NULL && report->url != NULL, "happy.export",
          "image_export answers %s", outcome_words(&outcome));
    spec.image = image_of(new_uuid());
    expect("image_export", &spec, GURUM_NOT_FOUND, "absent.export");
}

void check_image_store(void)
{
    OUTCOME(outcome);
    store_fill();
    slot_call(&outcome, "store_probe", store_spec(), NULL);
    check(outcome.status == GURUM_OK && outcome_item(&outcome, GURUM_ITEM_STORE) != NULL, "happy.store_probe",
          "store_probe answers %s", outcome_words(&outcome));
    expect("store_ensure", store_spec(), GURUM_OK, "happy.store_ensure");
    expect("store_ensure", store_spec(), GURUM_OK, "twice.store_ensure");
    slot_call(&outcome, "store_observe", store_spec(), NULL);
    const struct gurum_store_report *report = outcome_item(&outcome, GURUM_ITEM_STORE);
    check(outcome.status == GURUM_OK && report != NULL && report->state == GURUM_STORE_UP, "happy.store_observe",
          "store_observe tells that it is up");
    check_subject(image_store_subject());
    const char *uuid = new_uuid();
    expect("image_ensure", image_spec(uuid), GURUM_OK, "happy.image_ensure");
    expect("store_remove", store_spec(), GURUM_CONFLICT, "conflict.store_with_images");
    check(image_observe(uuid) == 1, "remove.store_spares_images", "store_remove left the image alone");
    check_ceiling();
    check_all_refused();
    check_export(uuid);
    expect("image_remove", image_spec(uuid), GURUM_OK, "happy.image_remove");
    expect("store_remove", store_spec(), GURUM_OK, "happy.store_remove");
    expect("store_remove", store_spec(), GURUM_OK, "twice.store_remove");
}
