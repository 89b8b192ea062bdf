/* registerTemplate, listTemplates, updateTemplate, deleteTemplate. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image_kinds.h"
#include "cloud/image/image_owned.h"
#include "cloud/image/image_response.h"
#include "cloud/image/image_service.h"

static const char *const ARCHITECTURES[] = {"x86_64", "aarch64", NULL};
static const char *const IMAGE_TYPES[] = {"USER", "VNF", "SYSTEM", "BUILTIN", NULL};

/* ---- registerTemplate ---- */

struct register_args {
    const char *name, *displaytext, *url, *format, *hypervisor, *checksum, *arch, *templatetag, *templatetype,
        *extensionid;
    struct object_ref zoneid, ostypeid;
    struct ref_list zoneids;
    struct map_list details, externaldetails;
    struct opt_int bits;
    struct opt_bool ispublic, isfeatured, isextractable, isdynamicallyscalable, isrouting, passwordenabled,
        sshkeyenabled, requireshvm, directdownload, deployasis, forcks;
};
#define R(member, ...) FIELD(struct register_args, member, __VA_ARGS__)
FIELD_TABLE(REGISTER_IMAGE_ARGS, struct register_args, R(name, .flags = FIELD_REQUIRED, .help = "the name"),
            R(displaytext, .max = 4096, .help = "the description; the name when absent"),
            R(url, .flags = FIELD_REQUIRED, .max = 2048, .help = "where the file is fetched from"),
            R(format, .flags = FIELD_REQUIRED, .help = "QCOW2, RAW, VHD, VHDX, VMDK, OVA"),
            R(hypervisor, .flags = FIELD_REQUIRED, .max = 32, .help = "the hypervisor it is for"),
            R(checksum, .help = "the checksum that the file must have"),
            R(arch, .since = "4.20", .choices = ARCHITECTURES, .help = "the CPU architecture; x86_64 when absent"),
            R(templatetag, .help = "a tag that hosts must have"),
            R(templatetype, .since = "4.19.0", .choices = IMAGE_TYPES,
              .help = "USER, VNF; for administrators also SYSTEM, BUILTIN; USER when absent"),
            R(extensionid, .since = "4.21.0", .no_effect = "no extensions", .help = "an extension"),
            R(zoneid, .refers_to = "zone", .flags = FIELD_ALLOW_MINUS_ONE, .help = "the zone; -1: all"),
            R(ostypeid, .refers_to = "os_type", .help = "the type of its operating system"),
            R(zoneids, .refers_to = "zone", .help = "the zones"),
            R(details, .max = IMAGE_DETAIL_MAX, .help = "hypervisor settings that VMs inherit"),
            R(externaldetails, .since = "4.21.0", .no_effect = "no extensions", .help = "settings of an extension"),
            R(bits, .help = "32 or 64; 64 when absent"), R(ispublic, .help = "whether everybody sees it"),
            R(isfeatured, .help = "whether it is recommended"),
            R(isextractable, .help = "whether it may be downloaded"),
            R(isdynamicallyscalable, .help = "whether its VMs may be scaled while running"),
            R(isrouting, .help = "whether it is for routers, of type ROUTING then; for administrators"),
            R(passwordenabled, .help = "whether it takes a password"),
            R(sshkeyenabled, .help = "whether it takes SSH keys"),
            R(requireshvm, .help = "whether it needs hardware virtualisation; true when absent"),
            R(directdownload, .help = "whether hosts fetch it themselves"),
            R(deployasis, .since = "4.15.1", .help = "whether it is deployed as it is"),
            R(forcks, .since = "4.21.0", .help = "whether it is for Kubernetes nodes"));

static bool on(struct opt_bool value)
{
    return value.set && value.value;
}

/* As it is spelt in the list; parsing has found it there. */
static const char *canonical(const char *const *choices, const char *value, const char *otherwise)
{
    for (size_t i = 0; value != NULL && choices[i] != NULL; i++)
        if (string_equal_ignoring_case(choices[i], value))
            return choices[i];
    return otherwise;
}

static void read_pairs(struct arena *arena, const struct map_list *map, struct pair **ret_pairs, size_t *ret_count)
{
    struct pair *pairs = arena_array(arena, map->count + 1, sizeof(*pairs));
    for (size_t i = 0; i < map->count; i++)
        pairs[i] = (struct pair){.name = map->entries[i].field, .value = map->entries[i].value};
    *ret_pairs = pairs;
    *ret_count = map->count;
}

static void read_zones(struct arena *arena, const struct register_args *args, struct image_register_request *request)
{
    int64_t *ids = arena_array(arena, args->zoneids.count + 1, sizeof(*ids));
    for (size_t i = 0; i < args->zoneids.count; i++)
        ids[request->zone_count++] = args->zoneids.items[i].id;
    if (request->zone_count == 0 && args->zoneid.id > 0)
        ids[request->zone_count++] = args->zoneid.id;
    request->zone_ids = ids;
}

static bool reply_image(struct api_call *call, int64_t id, bool as_list, struct error *err)
{
    const struct image_place *places = NULL;
    size_t count = 0;
    if (!image_places_of_any(call->db, call->arena, id, &places, &count, err))
        return false;
    struct image_line *lines = arena_array(call->arena, count + 1, sizeof(*lines));
    struct image_response *images = arena_array(call->arena, count + 1, sizeof(*images));
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct image_line){.image_id = id, .place_id = places[i].id};
    lines[count].image_id = id; /* an image that no zone has (any more) */
    size_t shown = count > 0 ? count : 1;
    if (!image_describe_lines(call, lines, shown, images, err))
        return false;
    if (as_list)
        api_reply_list(call, images, shown, (int64_t)shown);
    else
        api_reply_object(call, images);
    return true;
}

static bool handle_register(struct api_call *call, const void *arguments, struct error *err)
{
    const struct register_args *args = arguments;
    struct image_register_request request = {
        .image = {.name = args->name,
                  .display_text = args->displaytext,
                  .url = args->url,
                  .format = args->format,
                  .hypervisor = args->hypervisor,
                  .checksum = args->checksum,
                  .arch = canonical(ARCHITECTURES, args->arch, "x86_64"),
                  .image_tag = args->templatetag,
                  .image_type = canonical(IMAGE_TYPES, args->templatetype, "USER"),
                  .os_type_id = args->ostypeid.id,
                  .bits = args->bits.set ? args->bits.value : 64,
                  .is_public = on(args->ispublic),
                  .is_featured = on(args->isfeatured),
                  .is_extractable = on(args->isextractable),
                  .is_bootable = true,
                  .is_routing = on(args->isrouting),
                  .password_enabled = on(args->passwordenabled),
                  .ssh_key_enabled = on(args->sshkeyenabled),
                  .is_dynamically_scalable = on(args->isdynamicallyscalable),
                  .requires_hvm = !args->requireshvm.set || args->requireshvm.value,
                  .direct_download = on(args->directdownload),
                  .deploy_as_is = on(args->deployasis),
                  .for_cks = on(args->forcks)}};
    struct pair *details = NULL;
    int64_t id = 0;
    read_zones(call->arena, args, &request);
    read_pairs(call->arena, &args->details, &details, &request.detail_count);
    request.details = details;
    return image_register_new(call, &request, &id, err) && reply_image(call, id, true, err);
}

/* ---- listTemplates ---- */

struct list_args {
    const char *templatefilter, *name, *hypervisor, *arch, *templatetype, *extensionid;
    struct object_ref id, zoneid, imagestoreid, oscategoryid, parenttemplateid, storageid;
    struct ref_list ids;
    struct string_list details;
    struct map_list tags;
    struct opt_bool isready, showremoved, showunique, forcks, isvnf, showicon;
};
static const char *const FILTERS[] = {
    "featured", "self", "selfexecutable", "sharedexecutable", "executable", "community", "all", NULL};
#define L(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_IMAGES_ARGS, struct list_args,
            L(templatefilter, .flags = FIELD_REQUIRED, .choices = FILTERS,
              .help = "featured, self, selfexecutable, sharedexecutable, executable, community or all"),
            L(name, .help = "only of this name"), L(hypervisor, .help = "only for this hypervisor"),
            L(arch, .since = "4.20", .help = "only for this CPU architecture"),
            L(templatetype, .since = "4.19.0", .help = "only of this type"),
            L(extensionid, .since = "4.21.0", .no_effect = "no extensions", .help = "only of this extension"),
            L(id, .refers_to = "image", .help = "only this one"),
            L(zoneid, .refers_to = "zone", .help = "only in this zone"),
            L(imagestoreid, .refers_to = "image_store", .since = "4.19", .help = "only in this image store"),
            L(oscategoryid, .refers_to = "os_category", .since = "4.21.0",
              .help = "only of this category of operating systems"),
            L(parenttemplateid, .refers_to = "image", .since = "4.4", .help = "only parts of this image"),
            L(storageid, .refers_to = "storage_pool", .since = "4.19", .no_effect = "pools keep copies only as a cache",
              .help = "only cached on this pool"),
            L(ids, .refers_to = "image", .since = "4.9", .help = "only these"),
            L(details, .since = "4.15", .no_effect = "everything is always shown", .help = "what is shown"),
            L(tags, .help = "only with these tags"),
            L(isready, .since = "4.21.0", .help = "only those that VMs can be made from, or only others"),
            L(showremoved, .help = "deleted ones too"),
            L(showunique, .since = "4.13.2", .help = "one entry an image, not one a zone"),
            L(forcks, .since = "4.21.0", .help = "only for Kubernetes nodes, or only others"),
            L(isvnf, .since = "4.19.0", .help = "only network appliances, or only others"),
            L(showicon, .help = "whether icons are shown"));

static bool read_filter(struct api_call *call, const char *name, enum image_filter_kind *ret_filter, bool *ret_nothing,
                        struct error *err)
{
    static const struct {
        const char *name;
        enum image_filter_kind filter;
    } filters[] = {{"featured", IMAGES_FEATURED},
                   {"community", IMAGES_COMMUNITY},
                   {"self", IMAGES_SELF},
                   {"selfexecutable", IMAGES_SELF_EXECUTABLE},
                   {"executable", IMAGES_EXECUTABLE},
                   {"all", IMAGES_ALL}};
    *ret_nothing = string_equal_ignoring_case(name, "sharedexecutable"); /* no permissions for single accounts yet */
    if (string_equal_ignoring_case(name, "all") && !caller_is_root_admin(call->caller))
        return error_set(err, ERROR_INVALID_VALUE, "image.filter_all");
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        if (string_equal_ignoring_case(filters[i].name, name))
            *ret_filter = filters[i].filter;
    return true;
}

static const char *id_list(struct arena *arena, const struct list_args *args)
{
    struct text ids;
    text_init(&ids, arena, 64 * 1024);
    if (args->id.id == 0 && args->ids.count == 0)
        return NULL;
    text_add_char(&ids, ',');
    if (args->id.id > 0)
        text_addf(&ids, "%lld,", (long long)args->id.id);
    for (size_t i = 0; i < args->ids.count; i++)
        text_addf(&ids, "%lld,", (long long)args->ids.items[i].id);
    return text_string(&ids);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct image_query query = {.filter = IMAGES_ALL,
                                .scope = &call->scope,
                                .caller_is_root = caller_is_root_admin(call->caller),
                                .ids = id_list(call->arena, args),
                                .name = args->name,
                                .keyword_like = call->page.keyword_like,
                                .hypervisor = args->hypervisor,
                                .arch = args->arch,
                                .image_type = args->templatetype,
                                .zone_id = args->zoneid.id,
                                .store_id = args->imagestoreid.id,
                                .os_category_id = args->oscategoryid.id,
                                .ready = args->isready,
                                .for_cks = args->forcks,
                                .vnf = args->isvnf,
                                .show_removed = on(args->showremoved),
                                .unique = on(args->showunique),
                                .offset = call->page.offset,
                                .limit = call->page.limit};
    bool nothing = false;
    const struct image_line *lines = NULL;
    size_t count = 0;
    int64_t total = 0;
    if (!read_filter(call, args->templatefilter, &query.filter, &nothing, err) ||
        !tag_read_filter(&args->tags, &query.tags, err))
        return false;
    nothing = nothing || args->parenttemplateid.id != 0;
    if (!nothing && !image_store_list(call->db, call->arena, &query, &lines, &count, &total, err))
        return false;
    struct image_response *images = arena_array(call->arena, count + 1, sizeof(*images));
    if (!image_describe_lines(call, lines, count, images, err))
        return false;
    api_reply_list(call, images, count, total);
    return true;
}

/* ---- deleteTemplate, updateTemplate ---- */

struct delete_args {
    struct object_ref id, zoneid;
    struct opt_bool forced, issystem;
};
FIELD_TABLE(DELETE_IMAGE_ARGS, struct delete_args,
            FIELD(struct delete_args, id, .flags = FIELD_REQUIRED, .refers_to = "image", .help = "the image"),
            FIELD(struct delete_args, zoneid, .refers_to = "zone", .help = "only in this zone"),
            FIELD(struct delete_args, forced, .since = "4.9+", .help = "also when VMs came from it"),
            FIELD(struct delete_args, issystem, .flags = FIELD_ADMIN, .since = "4.20.0",
                  .no_effect = "no system images", .help = "a system image"));

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_args *args = arguments;
    struct job_ref job;
    if (!image_begin_delete(call, args->id.id, args->zoneid.id, on(args->forced), &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

struct update_args {
    struct object_ref id, ostypeid;
    const char *name, *displaytext, *format, *arch, *templatetag, *templatetype;
    struct map_list details;
    struct opt_int sortkey;
    struct opt_bool bootable, cleanupdetails, forceupdateostype, forcks, isdynamicallyscalable, isrouting,
        passwordenabled, requireshvm, sshkeyenabled;
};
#define U(member, ...) FIELD(struct update_args, member, __VA_ARGS__)
FIELD_TABLE(
    UPDATE_IMAGE_ARGS, struct update_args, U(id, .flags = FIELD_REQUIRED, .refers_to = "image", .help = "the image"),
    U(ostypeid, .refers_to = "os_type", .help = "the type of its operating system"), U(name, .help = "the new name"),
    U(displaytext, .max = 4096, .help = "the new description"), U(format, .help = "the format of the file"),
    U(arch, .since = "4.20", .choices = ARCHITECTURES, .help = "the CPU architecture"),
    U(templatetag, .since = "4.20.0", .help = "a tag that hosts must have"),
    U(templatetype, .choices = IMAGE_TYPES, .help = "USER, VNF; for administrators also SYSTEM, BUILTIN"),
    U(details, .max = IMAGE_DETAIL_MAX, .help = "details that replace the present ones"),
    U(sortkey, .min = INT32_MIN, .max = INT32_MAX, .help = "the place in lists, the lowest first"),
    U(bootable, .help = "whether it boots"), U(cleanupdetails, .help = "forget all details"),
    U(forceupdateostype, .since = "4.21", .no_effect = "the type may always be changed", .help = "also when VMs run"),
    U(forcks, .since = "4.21.0", .help = "whether it is for Kubernetes nodes"),
    U(isdynamicallyscalable, .help = "whether its VMs may be scaled while running"),
    U(isrouting, .help = "whether it is for routers; for administrators"),
    U(passwordenabled, .help = "whether it takes a password"),
    U(requireshvm, .help = "whether it needs hardware virtualisation"),
    U(sshkeyenabled, .help = "whether it takes SSH keys"));

static void take_text(const char **target, const char *value)
{
    if (value != NULL)
        *target = value;
}

static void take_bool(bool *target, struct opt_bool value)
{
    if (value.set)
        *target = value.value;
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    struct image *image = NULL;
    struct pair *details = NULL;
    size_t count = 0;
    if (!image_find_own(call, args->id.id, &image, err))
        return false;
    take_text(&image->name, args->name);
    take_text(&image->display_text, args->displaytext);
    take_text(&image->format, args->format);
    image->arch = canonical(ARCHITECTURES, args->arch, image->arch);
    take_text(&image->image_tag, args->templatetag);
    image->image_type = canonical(IMAGE_TYPES, args->templatetype, image->image_type);
    take_bool(&image->is_bootable, args->bootable);
    take_bool(&image->for_cks, args->forcks);
    take_bool(&image->is_dynamically_scalable, args->isdynamicallyscalable);
    take_bool(&image->is_routing, args->isrouting);
    take_bool(&image->password_enabled, args->passwordenabled);
    take_bool(&image->requires_hvm, args->requireshvm);
    take_bool(&image->ssh_key_enabled, args->sshkeyenabled);
    if (args->ostypeid.id > 0)
        image->os_type_id = args->ostypeid.id;
    if (args->sortkey.set)
        image->sort_key = args->sortkey.value;
    read_pairs(call->arena, &args->details, &details, &count);
    return image_change(call, image, on(args->cleanupdetails), details, count, err) &&
           reply_image(call, image->id, false, err);
}

/* ---- kind and commands ---- */

static bool image_kind_find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                            bool *ret_exists, struct error *err)
{
    struct image *image = NULL;
    struct identity_account *account = NULL;
    if (!image_store_find_by_uuid_any(db, arena, uuid, &image, err))
        return false;
    *ret_exists = image != NULL;
    if (image == NULL)
        return true;
    if (!identity_find_account_any(db, arena, image->account_id, &account, err))
        return false;
    const char *path = account != NULL ? account->domain_path : "/";
    *ret_found = (struct object_found){.id = image->id,
                                       .owner_account_id = image->account_id,
                                       .owner_domain_path = image->is_public ? "" : path,
                                       .visibility = image->is_public ? OBJECT_SHARED : OBJECT_OWNED,
                                       .name = image->name};
    return true;
}

static const struct object_kind IMAGE_KIND = {.name = "image",
                                              .wire_type = "Template",
                                              .object_key = "template",
                                              .response = &IMAGE_RESPONSE,
                                              .find = image_kind_find,
                                              .describe = image_describe};

#define IMAGE_COMMAND .object_key = "template", .response = &IMAGE_RESPONSE, .roles = ROLES_ALL, .group = "Template"
static const struct api_command COMMANDS[] = {
    {.name = "registerTemplate",
     .summary = "Registers an image and fetches it into the zones",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS | API_ANSWERS_LIST,
     .event = "TEMPLATE.CREATE",
     .params = &REGISTER_IMAGE_ARGS,
     .handle = handle_register,
     IMAGE_COMMAND},
    {.name = "listTemplates",
     .summary = "Lists images",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .params = &LIST_IMAGES_ARGS,
     .handle = handle_list,
     IMAGE_COMMAND},
    {.name = "updateTemplate",
     .summary = "Changes an image",
     .mode = API_SYNC,
     .event = "TEMPLATE.UPDATE",
     .params = &UPDATE_IMAGE_ARGS,
     .handle = handle_update,
     IMAGE_COMMAND},
    {.name = "deleteTemplate",
     .summary = "Deletes an image",
     .mode = API_ASYNC,
     .event = "TEMPLATE.DELETE",
     .params = &DELETE_IMAGE_ARGS,
     .handle = handle_delete,
     .roles = ROLES_ALL,
     .group = "Template"},
    {.name = NULL},
};

void image_register(void)
{
    static const struct object_kind *const kinds[] = {&IMAGE_KIND, NULL};
    static const struct job_kind *const jobs[] = {&IMAGE_REGISTER, &IMAGE_DELETE, NULL};
    api_register_kinds(kinds);
    job_register_kinds(jobs);
    api_register_commands(COMMANDS);
    api_register_commands(IMAGE_USER_DATA_COMMANDS);
    image_register_details();
    image_register_owned();
}
