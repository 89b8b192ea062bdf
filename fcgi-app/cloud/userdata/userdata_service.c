/* Rules of stored user data: what is linked to stays; an image's policy decides over what a deployment sends. */
#include "cloud/userdata/userdata_service.h"

#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/image/image.h"
#include "cloud/userdata/userdata_content.h"
#include "cloud/vm/vm.h"

SETTING(USER_DATA_MAX, .name = "vm.userdata.max.length", .category = "Advanced", .default_value = "32768",
        .help = "The longest user data of a VM, in characters of base64.", .type = SETTING_INT, .scopes = SCOPE_GLOBAL,
        .min = 0, .max = 1048576);

enum { GET_LENGTH_MAX = 4096, PARAMS_MAX = 100 };

bool user_data_read(const struct api_call *call, const char *sent, const char **ret_content, struct error *err)
{
    int64_t most = setting_int(&USER_DATA_MAX);
    *ret_content = NULL;
    if (sent == NULL)
        return true;
    if (call->by_get && strlen(sent) > GET_LENGTH_MAX)
        return error_set(err, ERROR_INVALID_VALUE, "userdata.too_long_for_get");
    if ((int64_t)strlen(sent) > most)
        return error_with(err, ERROR_INVALID_VALUE, "vm.user_data_too_long", E_INT("max", most));
    *ret_content = user_data_normalize(call->arena, sent);
    return *ret_content != NULL || error_set(err, ERROR_INVALID_VALUE, "vm.user_data_not_base64");
}

/* ---- register, delete ---- */

/* Names as templates of user data can hold them. */
static bool is_variable(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' ||
              *c == '-' || *c == '.'))
            return false;
    return *name != '\0';
}

static bool check_params(struct arena *arena, const char *params, struct error *err)
{
    size_t count = 0;
    const char **names = string_split(arena, params != NULL ? params : "", ',', &count);
    if (count > PARAMS_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "userdata.too_many_params", E_INT("max", PARAMS_MAX));
    for (size_t i = 0; i < count; i++)
        if (!is_variable(names[i]))
            return error_with(err, ERROR_INVALID_VALUE, "userdata.param_invalid", E_TEXT("name", names[i]));
    return true;
}

struct adding {
    struct user_data data;
    int64_t id;
};

static bool add_body(struct db *db, void *context, struct error *err)
{
    struct adding *adding = context;
    return user_data_store_add(db, &adding->data, &adding->id, err);
}

bool user_data_add(struct db *db, struct arena *arena, const struct owner *owner, const char *name, const char *content,
                   const char *params, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct adding adding = {
        .data = {.named = {.account_id = owner->account_id, .domain_id = owner->domain_id, .uuid = uuid, .name = name},
                 .content = content,
                 .params = string_is_empty(params) ? NULL : params}};
    if (!check_params(arena, params, err))
        return false;
    if (!db_transaction(db, add_body, &adding, err))
        return string_equal(err->key, "db.duplicate")
                   ? error_with(err, ERROR_INVALID_VALUE, "userdata.name_taken", E_TEXT("name", name))
                   : false;
    *ret_id = adding.id;
    return true;
}

/* Who deploys or links holds the row as well, so that neither can miss the other. */
static bool remove_body(struct db *db, void *context, struct error *err)
{
    int64_t id = *(const int64_t *)context, images = 0, machines = 0;
    bool held = false;
    if (!user_data_store_hold(db, id, &held, err) || !user_data_store_count_images(db, id, &images, err) ||
        !vm_count_by_user_data_any(db, id, &machines, err))
        return false;
    if (images > 0)
        return error_set(err, ERROR_INVALID_VALUE, "userdata.used_by_images");
    if (machines > 0)
        return error_set(err, ERROR_INVALID_VALUE, "userdata.used_by_machines");
    return user_data_store_remove(db, id, err);
}

bool user_data_remove(struct db *db, int64_t id, struct error *err)
{
    return db_transaction(db, remove_body, &id, err);
}

/* ---- images ---- */

static const char *policy_of(const char *text)
{
    static const char *const POLICIES[] = {"ALLOWOVERRIDE", "APPEND", "DENYOVERRIDE"};
    for (size_t i = 0; i < COUNT_OF(POLICIES); i++)
        if (text == NULL || string_equal_ignoring_case(text, POLICIES[i]))
            return POLICIES[i];
    return NULL;
}

struct linking {
    int64_t image_id, user_data_id;
    const char *policy;
};

static bool link_body(struct db *db, void *context, struct error *err)
{
    const struct linking *linking = context;
    bool held = false;
    if (linking->user_data_id == 0)
        return user_data_store_unlink(db, linking->image_id, err);
    if (!user_data_store_hold(db, linking->user_data_id, &held, err))
        return false;
    return held ? user_data_store_link(db, linking->image_id, linking->user_data_id, linking->policy, err)
                : error_set(err, ERROR_INVALID_VALUE, "userdata.gone");
}

bool user_data_link(struct db *db, int64_t image_id, int64_t user_data_id, const char *policy, struct error *err)
{
    struct linking linking = {.image_id = image_id, .user_data_id = user_data_id, .policy = policy_of(policy)};
    if (linking.policy == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "userdata.policy_invalid", E_TEXT("policy", policy));
    return db_transaction(db, link_body, &linking, err);
}

/* ---- what a machine gets ---- */

/* Values are taken only for variables that the stored user data declares. */
static bool check_details(struct arena *arena, const char *params, const struct pair_list *details, struct error *err)
{
    size_t count = 0;
    const char **names = string_split(arena, params != NULL ? params : "", ',', &count);
    for (size_t i = 0; i < details->count; i++) {
        bool declared = false;
        for (size_t j = 0; j < count; j++)
            declared = declared || string_equal(names[j], details->items[i].name);
        if (!declared)
            return error_with(err, ERROR_INVALID_VALUE, "userdata.detail_unknown",
                              E_TEXT("name", details->items[i].name));
    }
    return true;
}

static bool refuse_override(struct db *db, struct arena *arena, int64_t image_id, struct error *err)
{
    struct image *image = NULL;
    return image_find_any(db, arena, image_id, &image, err) &&
           error_with(err, ERROR_INVALID_VALUE, "userdata.override_denied",
                      E_TEXT("image", image != NULL ? image->name : ""));
}

/* What was asked for, by content or by name. */
static bool find_asked(struct db *db, struct arena *arena, const struct user_data_wish *wish,
                       struct user_data_choice *choice, const char **ret_params, struct error *err)
{
    const struct user_data *stored = NULL;
    bool held = false;
    choice->content = wish->content;
    if (wish->user_data_id == 0)
        return true;
    if (!user_data_store_hold(db, wish->user_data_id, &held, err) ||
        !user_data_find_any(db, arena, wish->user_data_id, &stored, err))
        return false;
    if (stored == NULL)
        return error_set(err, ERROR_INVALID_VALUE, "userdata.gone");
    choice->user_data_id = stored->named.id;
    choice->content = stored->content;
    *ret_params = stored->params;
    return true;
}

/* The image's own, alone or in front of what was asked for. */
static bool apply_image(struct db *db, struct arena *arena, const struct user_data_wish *wish,
                        const struct user_data_linked *linked, struct user_data_choice *choice, const char **params,
                        struct error *err)
{
    bool asked = choice->content != NULL, held = false;
    choice->policy = linked->policy;
    if (asked && string_equal(linked->policy, "DENYOVERRIDE"))
        return refuse_override(db, arena, wish->image_id, err);
    if (asked && string_equal(linked->policy, "ALLOWOVERRIDE"))
        return true;
    if (!user_data_store_hold(db, linked->id, &held, err))
        return false;
    if (choice->user_data_id == 0) {
        choice->user_data_id = linked->id;
        *params = linked->params;
    }
    choice->content = asked ? user_data_append(arena, linked->content, choice->content) : linked->content;
    return true;
}

bool user_data_choose(struct db *db, struct arena *arena, const struct user_data_wish *wish,
                      struct user_data_choice *ret_choice, struct error *err)
{
    struct user_data_choice choice = {.details = wish->details};
    struct user_data_linked *linked = NULL;
    const char *params = NULL;
    if (wish->content != NULL && wish->user_data_id != 0)
        return error_set(err, ERROR_INVALID_VALUE, "userdata.both");
    if (!find_asked(db, arena, wish, &choice, &params, err) ||
        !user_data_store_linked(db, arena, wish->image_id, &linked, err) ||
        (linked != NULL && !apply_image(db, arena, wish, linked, &choice, &params, err)) ||
        !check_details(arena, params, &wish->details, err))
        return false;
    *ret_choice = choice;
    return true;
}
