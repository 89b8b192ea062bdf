/* registerUserData, listUserData, deleteUserData. */
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/userdata/userdata_service.h"

struct user_data_response {
    struct named_response named;
    const char *userdata, *params;
};
#define R(member, ...) FIELD(struct user_data_response, member, __VA_ARGS__)
FIELD_TABLE(USER_DATA_RESPONSE, struct user_data_response,
            NAMED_RESPONSE_FIELDS(struct user_data_response, named, "user data is changed at once"),
            FIELD_IN(struct user_data_response, named.owner, accountid, .help = "the id of that account"),
            OWNER_PATH_FIELD(struct user_data_response, named.owner),
            R(userdata, .flags = FIELD_SENSITIVE, .help = "its content, base64"),
            R(params, .help = "the variables it expects, with commas"));
#undef R

static bool fill(struct api_call *call, const void *found, void *ret_object, struct error *err)
{
    const struct user_data *row = found;
    struct user_data_response *out = ret_object;
    out->userdata = row->content;
    out->params = row->params;
    return named_tell(call, &row->named, &out->named, err);
}
static const struct named_kind USER_DATA_TOLD = {&USER_DATA, &USER_DATA_RESPONSE, fill};

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    return named_describe(call, &USER_DATA_TOLD, ids, count, ret_objects, ret_count, err);
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    return named_find(db, arena, &USER_DATA, uuid, ret_found, ret_exists, err);
}

static const struct object_kind USER_DATA_KIND = {.name = "user_data",
                                                  .wire_type = "UserData",
                                                  .object_key = "userdata",
                                                  .response = &USER_DATA_RESPONSE,
                                                  .find = find,
                                                  .describe = describe};

/* ---- registerUserData ---- */

struct register_args {
    const char *name, *userdata, *params;
};
FIELD_TABLE(REGISTER_USER_DATA_ARGS, struct register_args,
            FIELD(struct register_args, name, .flags = FIELD_REQUIRED, .help = "the name of the user data"),
            FIELD(struct register_args, userdata, .flags = FIELD_REQUIRED | FIELD_PLAIN_TEXT | FIELD_SENSITIVE,
                  .max = 1048576, .help = "its content, base64"),
            FIELD(struct register_args, params, .max = 4096, .help = "the variables it expects, with commas"));

static bool handle_register(struct api_call *call, const void *arguments, struct error *err)
{
    const struct register_args *args = arguments;
    const char *content = NULL;
    int64_t id = 0;
    return user_data_read(call, args->userdata, &content, err) &&
           user_data_add(call->db, call->arena, &call->owner, args->name, content, args->params, &id, err) &&
           reply_described(call, &USER_DATA_KIND, id, false, err);
}

/* ---- listUserData, deleteUserData ---- */

struct list_args {
    struct object_ref id;
    const char *name;
};
FIELD_TABLE(LIST_USER_DATA_ARGS, struct list_args,
            FIELD(struct list_args, id, .refers_to = "user_data", .help = "only this one"),
            FIELD(struct list_args, name, .help = "only of this name"));

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    const struct named_filter filter = {.id = args->id.id, .name = args->name};
    return named_reply_list(call, &USER_DATA_TOLD, &filter, err);
}

struct delete_args {
    struct object_ref domainid, id;
    const char *account, *projectid;
};
#define BY_ID .no_effect = "the id says whose it is"
FIELD_TABLE(DELETE_USER_DATA_ARGS, struct delete_args,
            FIELD(struct delete_args, domainid, .refers_to = "domain", .help = "the owner's domain", BY_ID),
            FIELD(struct delete_args, account, .help = "the account that owns it", BY_ID),
            FIELD(struct delete_args, projectid, .help = "the project that owns it", BY_ID),
            FIELD(struct delete_args, id, .flags = FIELD_REQUIRED, .refers_to = "user_data", .help = "the user data"));

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_args *args = arguments;
    if (!user_data_remove(call->db, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "registerUserData",
     .summary = "Keeps user data under a name",
     .since = "4.18",
     .object_key = "userdata",
     .event = "REGISTER.USER.DATA",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS,
     .roles = ROLES_ALL,
     .params = &REGISTER_USER_DATA_ARGS,
     .response = &USER_DATA_RESPONSE,
     .handle = handle_register,
     .group = "User"},
    {.name = "listUserData",
     .summary = "Lists stored user data",
     .since = "4.18",
     .object_key = "userdata",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_USER_DATA_ARGS,
     .response = &USER_DATA_RESPONSE,
     .handle = handle_list,
     .group = "User"},
    {.name = "deleteUserData",
     .summary = "Forgets user data that no image and no machine has",
     .since = "4.18",
     .event = "DELETE.USER.DATA",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &DELETE_USER_DATA_ARGS,
     .handle = handle_delete,
     .group = "User"},
    {.name = NULL},
};

void userdata_register(void)
{
    static const struct owned_kind owned = {
        .name = "user_data", .order = OWNED_RECORDS, .forget_account = user_data_store_remove_all};
    static const struct object_kind *const kinds[] = {&USER_DATA_KIND, NULL};
    api_register_kinds(kinds);
    api_register_commands(COMMANDS);
    owned_register(&owned);
}
