/* createSSHKeyPair, registerSSHKeyPair, listSSHKeyPairs, deleteSSHKeyPair. */
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/sshkey/sshkey_service.h"

struct ssh_key_response {
    struct named_response named;
    const char *fingerprint;
};
struct ssh_key_created_response {
    const char *privatekey;
    struct ssh_key_response key;
};
#define AT_ONCE "keys are changed at once"
#define FINGERPRINT_HELP .help = "MD5 of the public key, in pairs with colons"
FIELD_TABLE(SSH_KEY_RESPONSE, struct ssh_key_response, NAMED_RESPONSE_FIELDS(struct ssh_key_response, named, AT_ONCE),
            FIELD(struct ssh_key_response, fingerprint, FINGERPRINT_HELP));
FIELD_TABLE(SSH_KEY_CREATED_RESPONSE, struct ssh_key_created_response,
            FIELD(struct ssh_key_created_response, privatekey, .flags = FIELD_SENSITIVE,
                  .help = "the private key, told this once and never kept"),
            NAMED_RESPONSE_FIELDS(struct ssh_key_created_response, key.named, AT_ONCE),
            FIELD_IN(struct ssh_key_created_response, key, fingerprint, FINGERPRINT_HELP));

static bool fill(struct api_call *call, const void *found, void *ret_object, struct error *err)
{
    const struct ssh_key *row = found;
    struct ssh_key_response *out = ret_object;
    out->fingerprint = row->fingerprint;
    return named_tell(call, &row->named, &out->named, err);
}
static const struct named_kind SSH_KEY_TOLD = {&SSH_KEYS, &SSH_KEY_RESPONSE, fill};

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    return named_describe(call, &SSH_KEY_TOLD, ids, count, ret_objects, ret_count, err);
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    return named_find(db, arena, &SSH_KEYS, uuid, ret_found, ret_exists, err);
}

static const struct object_kind SSH_KEY_KIND = {.name = "ssh_key",
                                                .wire_type = "SSHKeyPair",
                                                .object_key = "sshkeypair",
                                                .response = &SSH_KEY_RESPONSE,
                                                .find = find,
                                                .describe = describe};

/* ---- createSSHKeyPair, registerSSHKeyPair ---- */

struct name_args {
    const char *name;
};
FIELD_TABLE(SSH_KEY_NAME_ARGS, struct name_args,
            FIELD(struct name_args, name, .flags = FIELD_REQUIRED, .help = "the name of the key pair"));

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    struct ssh_key_created_response *made = ARENA_NEW(call->arena, struct ssh_key_created_response);
    struct ssh_key_pair pair;
    size_t count = 0;
    int64_t id = 0;
    if (!ssh_key_pair_make(call->arena, &pair, err) ||
        !ssh_key_add(call->db, call->arena, &call->owner, args->name, &pair.public_key, &id, err) ||
        !describe(call, &id, 1, &made->key, &count, err))
        return false;
    if (count == 0) { /* a plan: nothing was kept, so there is nothing to hand out */
        api_reply_success(call, NULL);
        return true;
    }
    made->privatekey = pair.private_pem;
    api_reply_object(call, made);
    return true;
}

struct register_args {
    const char *name, *publickey;
};
FIELD_TABLE(REGISTER_SSH_KEY_ARGS, struct register_args,
            FIELD(struct register_args, name, .flags = FIELD_REQUIRED, .help = "the name of the key pair"),
            FIELD(struct register_args, publickey, .flags = FIELD_REQUIRED | FIELD_PLAIN_TEXT, .max = 5120,
                  .help = "the public key as OpenSSH writes it"));

static bool handle_register(struct api_call *call, const void *arguments, struct error *err)
{
    const struct register_args *args = arguments;
    struct ssh_public_key key;
    int64_t id = 0;
    return ssh_public_key_read(call->arena, args->publickey, &key, err) &&
           ssh_key_add(call->db, call->arena, &call->owner, args->name, &key, &id, err) &&
           reply_described(call, &SSH_KEY_KIND, id, false, err);
}

/* ---- listSSHKeyPairs, deleteSSHKeyPair ---- */

struct list_args {
    struct object_ref id;
    const char *name, *fingerprint;
};
FIELD_TABLE(LIST_SSH_KEYS_ARGS, struct list_args,
            FIELD(struct list_args, id, .refers_to = "ssh_key", .help = "only this one"),
            FIELD(struct list_args, name, .help = "only of this name"),
            FIELD(struct list_args, fingerprint, .help = "only with this fingerprint"));

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    const struct named_filter filter = {.id = args->id.id, .name = args->name, .more = args->fingerprint};
    return named_reply_list(call, &SSH_KEY_TOLD, &filter, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct name_args *args = arguments;
    if (!ssh_key_remove(call->db, &call->owner, args->name, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "createSSHKeyPair",
     .summary = "Makes a key pair and tells its private key this once",
     .object_key = "keypair",
     .event = "REGISTER.SSH.KEYPAIR",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS,
     .roles = ROLES_ALL,
     .params = &SSH_KEY_NAME_ARGS,
     .response = &SSH_KEY_CREATED_RESPONSE,
     .handle = handle_create,
     .group = "SSH"},
    {.name = "registerSSHKeyPair",
     .summary = "Keeps a public key under a name",
     .object_key = "keypair",
     .event = "REGISTER.SSH.KEYPAIR",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS,
     .roles = ROLES_ALL,
     .params = &REGISTER_SSH_KEY_ARGS,
     .response = &SSH_KEY_RESPONSE,
     .handle = handle_register,
     .group = "SSH"},
    {.name = "listSSHKeyPairs",
     .summary = "Lists key pairs",
     .object_key = "sshkeypair",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_SSH_KEYS_ARGS,
     .response = &SSH_KEY_RESPONSE,
     .handle = handle_list,
     .group = "SSH"},
    {.name = "deleteSSHKeyPair",
     .summary = "Forgets a key pair; machines made with it keep the public key",
     .event = "DELETE.SSH.KEYPAIR",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS,
     .roles = ROLES_ALL,
     .params = &SSH_KEY_NAME_ARGS,
     .handle = handle_delete,
     .group = "SSH"},
    {.name = NULL},
};

void sshkey_register(void)
{
    static const struct owned_kind owned = {
        .name = "ssh_key", .order = OWNED_RECORDS, .forget_account = ssh_key_store_remove_all};
    static const struct object_kind *const kinds[] = {&SSH_KEY_KIND, NULL};
    api_register_kinds(kinds);
    api_register_commands(COMMANDS);
    owned_register(&owned);
}
