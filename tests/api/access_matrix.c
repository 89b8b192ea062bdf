/* The access matrix: every command × every role × every parameter that names an object × whose object it is, from the
 * declarations of this build. Each cell runs its command whole, in a transaction that is rolled back, and is compared
 * with what the object's visibility and the role say. Parameters that are no declared references (texts called …id,
 * parts of maps) must treat somebody else's object like one that does not exist.
 *
 *     access_matrix --config FILE --world FILE [--faults]
 *
 * The world (tests/api/test_access_matrix.py makes it) says in lines of tabs: which roles, which owners, one object of
 * each kind and owner. --faults adds commands that check nothing: the matrix must find each of them. What is not here:
 * calls over HTTP. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "api/call.h"
#include "api/parse.h"
#include "base/log.h"
#include "base/message.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/role/role.h"
#include "cloud/settings/settings.h"

enum { ROLES = 32, OWNERS = 16, OBJECTS = 2000, ALLOWS = 8000, WITHOUT = 50, PARAMS = 64 };

struct owner_line {
    const char *name, *account_uuid, *account_name, *domain_uuid, *path;
    bool is_project;
};
struct object_line {
    const char *kind, *uuid;
    const struct owner_line *owner; /* NULL: the provider's */
    enum object_visibility visibility;
};
struct role_line {
    const char *name, *uuid;
    struct caller *caller;
    bool has_rules;
};
static struct world {
    struct arena arena;
    struct owner_line owners[OWNERS];
    struct object_line objects[OBJECTS];
    struct role_line roles[ROLES];
    struct {
        const char *role, *command;
    } allows[ALLOWS];
    size_t owner_count, object_count, role_count, allow_count;
    const char *without[WITHOUT]; /* kinds of which nothing can be made */
    size_t without_count;
    const char *me_user, *me_account, *me_path;
} world;
static struct {
    long cells, denied, allowed, without_command, blocked, like_nothing, finer, failed;
} counts;

static _Noreturn void fail(const char *what, const struct error *err)
{
    fprintf(stderr, "access_matrix: %s: %s %s\n", what, err && err->key ? err->key : "", err ? err->detail : "");
    exit(2);
}

/* ---- reading the world ---- */

static enum object_visibility visibility_of(const char *word)
{
    static const char *const WORDS[] = {"owned", "shared", "domain", "infra"};
    static const enum object_visibility VALUES[] = {OBJECT_OWNED, OBJECT_SHARED, OBJECT_DOMAIN, OBJECT_INFRA};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (string_equal(word, WORDS[i]))
            return VALUES[i];
    fail(word, NULL);
}

static const struct owner_line *owner_named(const char *name)
{
    for (size_t i = 0; i < world.owner_count; i++)
        if (string_equal(world.owners[i].name, name))
            return &world.owners[i];
    return NULL;
}

static void read_line(const char **w, size_t n)
{
    if (string_equal(w[0], "me") && n == 4) {
        world.me_user = w[1];
        world.me_account = w[2];
        world.me_path = w[3];
    } else if (string_equal(w[0], "owner") && n == 7 && world.owner_count < OWNERS) {
        world.owners[world.owner_count++] =
            (struct owner_line){w[1], w[2], w[3], w[4], w[5], string_equal(w[6], "project")};
    } else if (string_equal(w[0], "role") && n == 4 && world.role_count < ROLES) {
        world.roles[world.role_count++] = (struct role_line){w[1], w[2], NULL, string_equal(w[3], "rules")};
    } else if (string_equal(w[0], "allows") && n == 3 && world.allow_count < ALLOWS) {
        world.allows[world.allow_count].role = w[1];
        world.allows[world.allow_count++].command = w[2];
    } else if (string_equal(w[0], "object") && n == 5 && world.object_count < OBJECTS) {
        world.objects[world.object_count++] = (struct object_line){w[1], w[4], owner_named(w[2]), visibility_of(w[3])};
    } else if (string_equal(w[0], "without") && n == 2 && world.without_count < WITHOUT) {
        world.without[world.without_count++] = w[1];
    } else {
        fail(w[0], NULL);
    }
}

static void read_world(const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path, NULL);
    while (fgets(line, sizeof(line), file)) {
        size_t count;
        line[strcspn(line, "\n")] = '\0';
        const char **words = string_split(&world.arena, arena_strdup(&world.arena, line), '\t', &count);
        read_line(words, count);
    }
    fclose(file);
}

/* ---- callers: one person, every role ---- */

static void make_callers(struct db *db)
{
    struct error err = {0};
    struct object_found user = {0};
    bool exists = false;
    if (!api_find_kind("user")->find(db, &world.arena, world.me_user, &user, &exists, &err) || !exists)
        fail("the user", &err);
    for (size_t i = 0; i < world.role_count; i++) {
        const struct role_row *role = NULL;
        struct role_line *line = &world.roles[i];
        if (!api_identity_hooks()->find_by_user_id(db, &world.arena, user.id, &line->caller, &err) || !line->caller ||
            !role_by_uuid(db, &world.arena, line->uuid, &role, &err) || !role ||
            !role_fill_caller(db, &world.arena, role, line->caller, &err))
            fail(line->name, &err);
        line->caller->request_id = "access-matrix";
        line->caller->remote_address = "127.0.0.1";
    }
}

/* ---- what should be: told from the declarations only ---- */

static bool should_allow(const struct role_line *role, const struct api_command *command)
{
    if (command->flags & API_NO_LOGIN)
        return true;
    if (!role->has_rules)
        return role->caller->role_type == ROLE_ADMIN || (command->roles & (unsigned)role->caller->role_type);
    for (size_t i = 0; i < world.allow_count; i++)
        if (string_equal(world.allows[i].role, role->name) && string_equal(world.allows[i].command, command->name))
            return true;
    return false;
}

static bool is_above(const struct role_line *role, const struct owner_line *owner)
{
    bool governs = role->caller->role_type == ROLE_DOMAIN_ADMIN || role->caller->role_type == ROLE_RESOURCE_ADMIN;
    return role->caller->role_type == ROLE_ADMIN ||
           (governs && owner && string_starts_with(owner->path, world.me_path));
}

static bool should_reach(const struct role_line *role, const struct object_line *object)
{
    switch (object->visibility) {
    case OBJECT_OWNED:
        return is_above(role, object->owner) || string_equal(object->owner->account_uuid, world.me_account);
    case OBJECT_DOMAIN:
        return is_above(role, object->owner) || string_equal(object->owner->path, world.me_path);
    case OBJECT_SHARED:
        return true;
    case OBJECT_INFRA:
        return role->caller->role_type == ROLE_ADMIN;
    }
    return false;
}

/* ---- one call, without a trace ---- */

struct trial {
    const struct registered_command *command;
    struct api_call *call;
    struct wire_params params;
    bool succeeded;
    struct error err;
};

static bool trial_body(struct db *db, void *context, struct error *err)
{
    struct trial *trial = context;
    (void)db;
    trial->succeeded = invoke_call(trial->call, trial->command, &trial->params, err);
    return trial->succeeded;
}

static void run(struct db *db, struct arena *arena, const struct role_line *role, struct trial *trial,
                const struct api_param *params, size_t count)
{
    const char *kind, *input;
    trial->call = ARENA_NEW(arena, struct api_call);
    *trial->call = (struct api_call){.arena = arena, .db = db, .caller = role->caller, .language = "en"};
    params_from_pairs(arena, params, count, &trial->params);
    db_set_dry(db, true);
    trial->succeeded = false;
    if (!db_transaction(db, trial_body, trial, &trial->err))
        trial->succeeded = false;
    db_set_dry(db, false);
    (void)job_dry_capture(&kind, &input);
}

static bool error_names(const struct error *err, const char *uuid)
{
    for (size_t i = 0; i < err->arg_count; i++)
        if (err->args[i].value && string_equal_ignoring_case(err->args[i].value, uuid))
            return true;
    return false;
}

static bool is_access_refusal(const struct trial *trial)
{
    return !trial->succeeded && (trial->err.kind == ERROR_DENIED || string_equal(trial->err.key, "api.entity_missing"));
}

/* ---- the parameters of a call ---- */

static bool is_reference(const struct field *field)
{
    return field->type == FIELD_REF || field->type == FIELD_REF_LIST;
}

static const struct object_line *reachable(const struct role_line *role, const char *kind)
{
    for (size_t i = 0; i < world.object_count; i++)
        if (string_equal(world.objects[i].kind, kind) && should_reach(role, &world.objects[i]))
            return &world.objects[i];
    return NULL;
}

static const char *some_value(const struct role_line *role, const struct field *field)
{
    const struct object_line *object = is_reference(field) ? reachable(role, field->refers_to) : NULL;
    if (is_reference(field))
        return object ? object->uuid : "00000000-0000-4000-8000-000000000000";
    if (field->choices)
        return field->choices[0];
    if (field->type == FIELD_OPT_TIME)
        return "2026-01-01";
    if (field->type == FIELD_BOOL || field->type == FIELD_OPT_BOOL)
        return "false";
    return field->min > 1 ? arena_printf(&world.arena, "%lld", (long long)field->min) : "1";
}

/* Every required parameter but the one under test. */
static size_t fill(struct arena *arena, const struct role_line *role, const struct api_command *command,
                   const struct field *but, struct api_param params[static PARAMS])
{
    size_t count = 0;
    for (size_t i = 0; command->params && i < command->params->count && count + 4 < PARAMS; i++) {
        const struct field *field = &command->params->fields[i];
        if (!(field->flags & FIELD_REQUIRED) || field == but)
            continue;
        if (field->type == FIELD_MAP) {
            params[count++] = (struct api_param){arena_printf(arena, "%s[0].key", field->name), "k"};
            params[count++] = (struct api_param){arena_printf(arena, "%s[0].value", field->name), "v"};
        } else {
            params[count++] = (struct api_param){field->name, some_value(role, field)};
        }
    }
    return count;
}

/* ---- cells ---- */

static void note_failure(const struct role_line *role, const struct api_command *command, const char *param,
                         const struct object_line *object, const struct trial *trial, const char *why)
{
    static const struct api_command *last_command;
    static char last_param[256];
    bool is_new = command != last_command || !string_equal(param, last_param);
    last_command = command;
    string_copy(last_param, sizeof(last_param), param);
    counts.failed++;
    if (is_new) /* one line for each parameter: its other cells mostly fail for the same reason */
        printf("FAIL  %s %s=%s of %s as %s: %s (%s %s)\n", command->name, param, object->kind,
               object->owner ? object->owner->name : "provider", role->name, why,
               trial->succeeded ? "answered" : error_kind_name(trial->err.kind), trial->err.key ? trial->err.key : "");
}

static bool is_write_of_another(const struct role_line *role, const struct api_command *command, const char *param,
                                const struct object_line *object)
{
    bool is_write = command->mode != API_LIST && !(command->flags & API_READ_ONLY);
    bool is_mine = object->owner && string_equal(object->owner->account_uuid, world.me_account);
    return is_write && string_equal(param, "id") && object->visibility == OBJECT_SHARED && !is_mine &&
           !is_above(role, object->owner);
}

static void judge(const struct role_line *role, const struct api_command *command, const char *param,
                  const struct object_line *object, const struct trial *trial)
{
    bool reaches = should_reach(role, object);
    counts.cells++;
    if (!should_allow(role, command)) {
        counts.without_command++;
        if (trial->succeeded || trial->err.kind != ERROR_UNSUPPORTED)
            note_failure(role, command, param, object, trial, "the role does not have the command");
    } else if (!trial->succeeded && trial->err.kind == ERROR_UNSUPPORTED) {
        note_failure(role, command, param, object, trial, "the role has the command");
    } else if (is_access_refusal(trial) && !error_names(&trial->err, object->uuid) &&
               string_equal(trial->err.key, "api.entity_missing")) {
        counts.blocked++; /* another parameter of the call could not be filled for this role */
    } else if (!reaches) {
        counts.denied++;
        if (!is_access_refusal(trial))
            note_failure(role, command, param, object, trial, "the object is out of reach");
    } else if (is_write_of_another(role, command, param, object)) {
        counts.denied++;
        if (trial->succeeded)
            note_failure(role, command, param, object, trial, "a shared object of somebody else changes");
    } else {
        counts.allowed++;
        counts.finer += is_access_refusal(trial);
        bool refused =
            is_access_refusal(trial) && error_names(&trial->err, object->uuid) &&
            (string_equal(trial->err.key, "api.denied_object") || string_equal(trial->err.key, "api.entity_missing"));
        if (refused)
            note_failure(role, command, param, object, trial, "the object is within reach");
    }
}

static void try_reference(struct db *db, const struct role_line *role, const struct registered_command *command,
                          const struct field *field, const char *param, const struct object_line *object)
{
    struct api_param params[PARAMS];
    struct arena arena;
    struct trial trial = {.command = command};
    arena_init(&arena);
    size_t count = fill(&arena, role, command->command, field, params);
    params[count++] = (struct api_param){param, object->uuid};
    run(db, &arena, role, &trial, params, count);
    judge(role, command->command, param, object, &trial);
    arena_free(&arena);
}

/* ---- what is no declared reference: another's object is like one that does not exist ---- */

struct outcome {
    bool succeeded;
    enum error_kind kind;
    const char *key;
    int64_t total;
    size_t count;
};

static struct outcome outcome_of(const struct trial *trial)
{
    struct outcome outcome = {.succeeded = trial->succeeded, .kind = trial->err.kind, .key = trial->err.key};
    if (trial->succeeded) {
        outcome.kind = ERROR_NONE;
        outcome.key = NULL;
        outcome.total = trial->call->reply->total;
        outcome.count = trial->call->reply->count;
    }
    return outcome;
}

static void try_like_nothing(struct db *db, const struct role_line *role, const struct registered_command *command,
                             const struct field *field, const char *param, const struct object_line *object)
{
    struct outcome outcomes[2];
    struct trial trial = {.command = command};
    struct arena arena;
    char nothing[UUID_BYTES];
    uuid_random(nothing);
    arena_init(&arena);
    for (size_t i = 0; i < 2; i++) {
        struct api_param params[PARAMS];
        size_t count = fill(&arena, role, command->command, field, params);
        params[count++] = (struct api_param){param, i == 0 ? nothing : object->uuid};
        /* types that stand beside an id: resourcetype, entitytype … */
        for (size_t p = 0; p < command->command->params->count && count + 1 < PARAMS; p++)
            if (string_ends_with(command->command->params->fields[p].name, "type") &&
                field != &command->command->params->fields[p])
                params[count++] = (struct api_param){command->command->params->fields[p].name,
                                                     api_find_kind(object->kind)->wire_type};
        trial.err = (struct error){0};
        run(db, &arena, role, &trial, params, count);
        outcomes[i] = outcome_of(&trial);
    }
    counts.cells++;
    counts.like_nothing++;
    bool same = outcomes[0].succeeded == outcomes[1].succeeded && string_equal(outcomes[0].key, outcomes[1].key) &&
                outcomes[0].total == outcomes[1].total && outcomes[0].count == outcomes[1].count;
    if (!same && !is_access_refusal(&trial))
        note_failure(role, command->command, param, object, &trial,
                     "an undeclared reference tells of another's object");
    arena_free(&arena);
}

static void try_as_nothing(struct db *db, const struct registered_command *command, const struct field *field,
                           const char *param)
{
    for (size_t r = 0; r < world.role_count; r++) {
        const struct role_line *role = &world.roles[r];
        /* maps have many parts: a user and a domain admin tell enough */
        bool is_spared =
            field->type == FIELD_MAP && (role->has_rules || role->caller->role_type == ROLE_RESOURCE_ADMIN);
        if (is_spared || !should_allow(role, command->command) || (command->command->flags & API_NO_LOGIN))
            continue;
        for (size_t o = 0; o < world.object_count; o++) {
            const struct object_line *object = &world.objects[o];
            bool stands_for_others = object->owner && string_equal(object->owner->name, "sibling");
            if (stands_for_others && object->visibility == OBJECT_OWNED && !should_reach(role, object))
                try_like_nothing(db, role, command, field, param, object);
        }
    }
}

/* Parameters for root admins only are not looked at when others send them. */
static void try_kind(struct db *db, const struct registered_command *command, const struct field *field,
                     const char *param, const char *kind)
{
    for (size_t r = 0; r < world.role_count; r++)
        for (size_t o = 0; o < world.object_count; o++)
            if (!string_equal(world.objects[o].kind, kind))
                continue;
            else if ((field->flags & FIELD_ADMIN) && world.roles[r].caller->role_type != ROLE_ADMIN)
                try_like_nothing(db, &world.roles[r], command, field, param, &world.objects[o]);
            else
                try_reference(db, &world.roles[r], command, field, param, &world.objects[o]);
}

static bool looks_like_id(const struct field *field)
{
    bool is_text = field->type == FIELD_STRING || field->type == FIELD_STRING_LIST;
    size_t length = strlen(field->name);
    return is_text && length > 1 &&
           (string_ends_with(field->name, "id") || string_ends_with(field->name, "ids") ||
            string_ends_with(field->name, "uuid") || string_ends_with(field->name, "Id"));
}

/* Every part that some map of this build refers by, and the usual ones. */
static const char *const MAP_PARTS[] = {
    "networkid", "network",   "nic", "vmid",  "virtualmachineid",   "diskofferingid", "volumeid",
    "volume",    "accountid", "id",  "value", "datadisktemplateid", "disk",           "domainid"};

static bool is_declared_part(const struct field *field, const char *part)
{
    for (const struct map_ref *ref = field->map_refs; ref && ref->field; ref++)
        if (string_equal(ref->field, part))
            return true;
    return false;
}

static void try_field(struct db *db, const struct registered_command *command, const struct field *field)
{
    char name[256];
    if (is_reference(field))
        try_kind(db, command, field, field->name, field->refers_to);
    if (looks_like_id(field))
        try_as_nothing(db, command, field, field->name);
    if (field->type != FIELD_MAP)
        return;
    for (const struct map_ref *ref = field->map_refs; ref && ref->field; ref++) {
        snprintf(name, sizeof(name), "%s[0].%s", field->name, ref->field);
        try_kind(db, command, field, name, ref->refers_to);
    }
    for (size_t i = 0; i < COUNT_OF(MAP_PARTS); i++) {
        snprintf(name, sizeof(name), "%s[0].%s", field->name, MAP_PARTS[i]);
        if (!is_declared_part(field, MAP_PARTS[i]))
            try_as_nothing(db, command, field, name);
    }
}

/* An account by its name and domain. */
static void try_owner(struct db *db, const struct registered_command *command, const struct role_line *role,
                      const struct owner_line *owner)
{
    static const struct field none = {.name = ""};
    const struct object_line account = {"account", owner->account_uuid, owner, OBJECT_OWNED};
    struct api_param params[PARAMS];
    struct arena arena;
    struct trial trial = {.command = command};
    arena_init(&arena);
    size_t count = fill(&arena, role, command->command, &none, params);
    params[count++] = (struct api_param){"account", owner->account_name};
    params[count++] = (struct api_param){"domainid", owner->domain_uuid};
    run(db, &arena, role, &trial, params, count);
    judge(role, command->command, "account", &account, &trial);
    arena_free(&arena);
}

/* What the api room takes for many commands: account with domainid, domainid alone, projectid. */
static void try_room(struct db *db, const struct registered_command *command)
{
    static const struct field none = {.name = ""};
    const struct api_command *declared = command->command;
    bool is_owned = (declared->flags & (API_SCOPE_PARAMS | API_OWNER_PARAMS)) != 0;
    bool has_domain = declared->params && field_find(declared->params, "domainid");
    if ((declared->flags & API_SCOPE_PARAMS) && !has_domain)
        try_kind(db, command, &none, "domainid", "domain");
    if (is_owned && api_find_kind("project"))
        try_kind(db, command, &none, "projectid", "project");
    for (size_t r = 0; is_owned && r < world.role_count; r++)
        for (size_t o = 0; o < world.owner_count; o++)
            if (!world.owners[o].is_project)
                try_owner(db, command, &world.roles[r], &world.owners[o]);
}

/* ---- kinds ---- */

static void check_kinds(struct db *db)
{
    size_t count;
    const struct object_kind *const *kinds = api_all_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        bool made = false;
        for (size_t o = 0; o < world.object_count; o++)
            made = made || string_equal(world.objects[o].kind, kinds[i]->name);
        for (size_t w = 0; w < world.without_count; w++)
            made = made || string_equal(world.without[w], kinds[i]->name);
        if (!made) {
            printf("FAIL  nobody makes objects of the kind %s: add a maker\n", kinds[i]->name);
            counts.failed++;
        }
    }
    for (size_t o = 0; o < world.object_count; o++) {
        const struct object_line *object = &world.objects[o];
        struct object_found found = {0};
        struct error err = {0};
        bool exists = false;
        const struct object_kind *kind = api_find_kind(object->kind);
        if (!kind || !kind->find(db, &world.arena, object->uuid, &found, &exists, &err))
            fail(object->kind, &err);
        if (exists && found.visibility == object->visibility)
            continue;
        printf("FAIL  %s of %s: it %s\n", object->kind, object->owner ? object->owner->name : "provider",
               exists ? "is not as visible as its maker says" : "does not exist");
        counts.failed++;
    }
}

/* ---- commands that check nothing: the matrix must find them ---- */

struct fault_args {
    const char *virtualmachineid;
    struct string_list volumeids;
    struct map_list parts;
};
FIELD_TABLE(FAULT_ARGS, struct fault_args, FIELD(struct fault_args, virtualmachineid, .help = "looked up by hand"),
            FIELD(struct fault_args, volumeids, .help = "looked up by hand"),
            FIELD(struct fault_args, parts, .help = "looked up by hand"));

static bool exists_any(struct api_call *call, const char *kind, const char *uuid, struct error *err)
{
    struct object_found found = {0};
    bool exists = false;
    if (!api_find_kind(kind)->find(call->db, call->arena, uuid, &found, &exists, err))
        return false;
    return exists || error_set(err, ERROR_INVALID_VALUE, "api.entity_missing");
}

static bool handle_fault(struct api_call *call, const void *arguments, struct error *err)
{
    const struct fault_args *args = arguments;
    if (args->virtualmachineid && !exists_any(call, "vm", args->virtualmachineid, err))
        return false;
    for (size_t i = 0; i < args->volumeids.count; i++)
        if (!exists_any(call, "volume", args->volumeids.items[i], err))
            return false;
    for (size_t i = 0; i < args->parts.count; i++)
        if (string_equal(args->parts.entries[i].field, "networkid") &&
            !exists_any(call, "network", args->parts.entries[i].value, err))
            return false;
    api_reply_success(call, NULL);
    return true;
}

/* A kind that says of every machine that it is everybody's: what a wrong `find` does. */
static bool find_for_all(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                         bool *ret_exists, struct error *err)
{
    if (!api_find_kind("vm")->find(db, arena, uuid, ret_found, ret_exists, err))
        return false;
    ret_found->visibility = OBJECT_SHARED;
    ret_found->owner_domain_path = "";
    return true;
}

struct lax_args {
    struct object_ref id;
};
FIELD_TABLE(LAX_ARGS, struct lax_args,
            FIELD(struct lax_args, id, .flags = FIELD_REQUIRED, .refers_to = "lax_vm", .help = "any machine"));

static bool handle_lax(struct api_call *call, const void *arguments, struct error *err)
{
    const struct lax_args *args = arguments;
    (void)err;
    api_reply_success(call, args->id.uuid);
    return true;
}

static void register_faults(void)
{
    static const struct object_kind LAX = {.name = "lax_vm", .wire_type = "LaxMachine", .find = find_for_all};
    static const struct object_kind *const KINDS[] = {&LAX, NULL};
    static const struct api_command COMMANDS[] = {{.name = "zzLookByHand",
                                                   .summary = "Looks objects up by hand",
                                                   .mode = API_SYNC,
                                                   .roles = ROLES_ALL,
                                                   .params = &FAULT_ARGS,
                                                   .handle = handle_fault},
                                                  {.name = "zzLaxKind",
                                                   .summary = "Refers to a kind that is too visible",
                                                   .mode = API_SYNC,
                                                   .roles = ROLES_ALL,
                                                   .params = &LAX_ARGS,
                                                   .handle = handle_lax},
                                                  {.name = NULL}};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}

/* The machines of the world are machines for the kind that is too visible, too. */
static void add_lax_objects(void)
{
    for (size_t o = 0, count = world.object_count; o < count && world.object_count < OBJECTS; o++)
        if (string_equal(world.objects[o].kind, "vm")) {
            world.objects[world.object_count] = world.objects[o];
            world.objects[world.object_count++].kind = "lax_vm";
        }
}

/* ---- the whole ---- */

static struct secret read_password(const char *path)
{
    char content[256] = {0};
    FILE *file = string_is_empty(path) ? NULL : fopen(path, "r");
    if (!file)
        return (struct secret){0};
    if (!fgets(content, sizeof(content), file))
        content[0] = '\0';
    fclose(file);
    content[strcspn(content, "\r\n")] = '\0';
    return secret_from(&world.arena, content);
}

static struct db_pool *open_pool(const char *path)
{
    struct error err = {0};
    struct config config;
    if (!config_load(&world.arena, path, &config, &err) || !secret_load_keys(config.keys_file, &err) ||
        !message_load(arena_printf(&world.arena, "%s/i18n", config.templates_folder), &err))
        fail(path, &err);
    struct db_config database = {.host = config.database_host,
                                 .unix_socket = string_is_empty(config.database_socket) ? NULL : config.database_socket,
                                 .user = config.database_user,
                                 .password = read_password(config.database_password_file),
                                 .database = config.database_name,
                                 .port = (unsigned)config.database_port};
    return db_pool_new(&database, 2);
}

static void try_all(struct db *db, const char *prefix)
{
    size_t count;
    const struct registered_command *commands = commands_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct api_command *declared = commands[i].command;
        if (!string_starts_with(declared->name, prefix))
            continue;
        for (size_t f = 0; declared->params && f < declared->params->count; f++)
            try_field(db, &commands[i], &declared->params->fields[f]);
        try_room(db, &commands[i]);
    }
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct db *db = NULL;
    bool faults = argc == 6 && string_equal(argv[5], "--faults");
    if (argc < 5 || !string_equal(argv[1], "--config") || !string_equal(argv[3], "--world"))
        fail("usage: access_matrix --config FILE --world FILE [--faults]", NULL);
    log_start("matrix", LOG_ERROR);
    arena_init(&world.arena);
    read_world(argv[4]);
    struct db_pool *pool = open_pool(argv[2]);
    if (faults) {
        register_faults();
        add_lax_objects();
    }
    modules_register();
    if (!db_acquire(pool, &db, &err) || !settings_refresh(db, &err))
        fail("database", &err);
    make_callers(db);
    check_kinds(db);
    try_all(db, faults ? "zz" : "");
    printf("note: %ld cells: %ld refused as another's, %ld answered, %ld without the command, %ld like nothing, %ld "
           "blocked by another "
           "parameter, %ld refused by finer rules\n",
           counts.cells, counts.denied, counts.allowed, counts.without_command, counts.like_nothing, counts.blocked,
           counts.finer);
    printf("%ld passed, %ld failed\n", counts.cells - counts.failed, counts.failed);
    db_release(db);
    db_pool_free(pool);
    return counts.failed == 0 ? 0 : 1;
}
