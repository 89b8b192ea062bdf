/* linkUserDataToTemplate: stored user data that comes with an image. */
#include "cloud/cache/reply.h"
#include "cloud/image/image_response.h"
#include "cloud/image/image_service.h"
#include "cloud/userdata/userdata.h"

struct link_args {
    struct object_ref templateid, isoid, userdataid;
    const char *userdatapolicy;
};
FIELD_TABLE(LINK_USER_DATA_ARGS, struct link_args,
            FIELD(struct link_args, templateid, .refers_to = "image", .help = "the image"),
            FIELD(struct link_args, isoid, .refers_to = "image", .help = "the image, when it is an ISO"),
            FIELD(struct link_args, userdataid, .refers_to = "user_data",
                  .help = "the stored user data; without it the image has none any more"),
            FIELD(struct link_args, userdatapolicy,
                  .help = "what a deployment's own user data does: ALLOWOVERRIDE (replaces it; the default), APPEND "
                          "(follows it), DENYOVERRIDE (is refused)"));

static bool handle_link(struct api_call *call, const void *arguments, struct error *err)
{
    const struct link_args *args = arguments;
    struct image *image = NULL;
    if ((args->templateid.id != 0) == (args->isoid.id != 0))
        return error_set(err, ERROR_INVALID_VALUE, "userdata.one_image");
    return image_find_own(call, args->templateid.id != 0 ? args->templateid.id : args->isoid.id, &image, err) &&
           user_data_link(call->db, image->id, args->userdataid.id, args->userdatapolicy, err) &&
           reply_described(call, api_find_kind("image"), image->id, false, err);
}

const struct api_command IMAGE_USER_DATA_COMMANDS[] = {
    {.name = "linkUserDataToTemplate",
     .summary = "Gives an image user data that its machines get, or takes it away",
     .since = "4.18.0",
     .object_key = "template",
     .event = "TEMPLATE.LINK.USER.DATA",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &LINK_USER_DATA_ARGS,
     .response = &IMAGE_RESPONSE,
     .handle = handle_link,
     .group = "Template"},
    {.name = NULL},
};
