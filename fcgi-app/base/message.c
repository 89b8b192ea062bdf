/* The message catalogue: loading the part files, choosing a language and a plural form, filling in arguments. HTML
 * escaping is the caller's (render/). */
#include "base/message.h"

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

enum { LANGUAGES_MAX = 32, MESSAGE_MAX_BYTES = 16 * 1024, FILE_MAX_BYTES = 1024 * 1024 };

struct message {
    const char *key, *one, *other; /* one: NULL when the text has no plural forms */
    const char *file;
};

struct language {
    const char *name;
    struct message *slots; /* open addressing; `slot_count` is a power of two, at most half of them are used */
    size_t slot_count, used;
};

struct catalogue {
    struct arena arena;
    struct catalogue *previous; /* never freed: other threads may still read it */
    struct language languages[LANGUAGES_MAX];
    const char *names[LANGUAGES_MAX];
    size_t count;
};

static _Atomic(struct catalogue *) current;

static size_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)hash;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct message *slot_of(const struct language *language, const char *key)
{
    size_t i = hash_of(key) & (language->slot_count - 1);
    while (language->slots[i].key && strcmp(language->slots[i].key, key) != 0)
        i = (i + 1) & (language->slot_count - 1);
    return &language->slots[i];
}

static void make_room(struct arena *arena, struct language *language)
{
    if (language->slot_count > language->used * 2)
        return;
    struct language larger = {.name = language->name,
                              .slot_count = language->slot_count ? language->slot_count * 2 : 256};
    larger.slots = arena_array(arena, larger.slot_count, sizeof(*larger.slots));
    for (size_t i = 0; i < language->slot_count; i++)
        if (language->slots[i].key)
            *slot_of(&larger, language->slots[i].key) = language->slots[i];
    larger.used = language->used;
    *language = larger;
}

static bool load_error(const char *key, const char *file, const char *name, const char *reason, struct error *err)
{
    error_with(err, ERROR_INTERNAL, key, E_TEXT("file", file), E_TEXT("name", name));
    return error_add_detail(err, "%s: %s: %s", file, name, reason);
}

static const char *text_of(struct arena *arena, struct json_object *json)
{
    if (!json_object_is_type(json, json_type_string) || json_object_get_string_len(json) > MESSAGE_MAX_BYTES)
        return NULL;
    return arena_strdup(arena, json_object_get_string(json));
}

static bool add_message(struct arena *arena, struct language *language, const char *key, struct json_object *json,
                        const char *file, struct error *err)
{
    make_room(arena, language);
    struct message *slot = slot_of(language, key);
    if (slot->key)
        return load_error("message.duplicate", file, key, slot->file, err);
    struct message message = {.file = file};
    if (json_object_is_type(json, json_type_object)) {
        struct json_object *form = NULL;
        if (json_object_object_get_ex(json, "one", &form))
            message.one = text_of(arena, form);
        if (json_object_object_get_ex(json, "other", &form))
            message.other = text_of(arena, form);
    } else {
        message.other = text_of(arena, json);
    }
    if (!message.other)
        return load_error("message.malformed", file, key, "must be a text or an object with \"other\"", err);
    message.key = arena_strdup(arena, key);
    *slot = message;
    language->used++;
    return true;
}

/* A key that the file's object has twice, which json-c does not tell: walks over the strings in front of a colon. The
 * file is already known to be well-formed. NULL: none. */
static const char *find_repeated_key(struct arena *arena, const char *json)
{
    struct language seen = {.name = ""};
    int depth = 0;
    for (const char *at = json; *at; at++) {
        depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
        if (*at != '"')
            continue;
        const char *start = ++at;
        while (*at != '"')
            at += *at == '\\' ? 2 : 1;
        const char *after = at + 1 + strspn(at + 1, " \t\r\n");
        if (depth != 1 || *after != ':')
            continue;
        const char *key = arena_strndup(arena, start, (size_t)(at - start));
        make_room(arena, &seen);
        struct message *slot = slot_of(&seen, key);
        if (slot->key)
            return key;
        slot->key = key;
        seen.used++;
    }
    return NULL;
}

static char *read_file(struct arena *arena, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    char *content = arena_alloc_unset(arena, FILE_MAX_BYTES + 1);
    size_t length = file ? fread(content, 1, FILE_MAX_BYTES + 1, file) : 0;
    bool is_read = file && !ferror(file) && length <= FILE_MAX_BYTES;
    if (file)
        fclose(file);
    if (!is_read) {
        load_error("message.unreadable", path, "", "cannot be read or is too long", err);
        return NULL;
    }
    content[length] = '\0';
    return content;
}

/* NULL: malformed, or a key twice. */
static struct json_object *parse_part(struct arena *scratch, const char *content, const char *file, struct error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(4);
    if (!tokener)
        abort();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *root = json_tokener_parse_ex(tokener, content, (int)strlen(content) + 1);
    bool is_object = json_object_is_type(root, json_type_object);
    const char *repeated = is_object ? find_repeated_key(scratch, content) : NULL;
    if (!is_object)
        load_error("message.malformed", file, "", json_tokener_error_desc(json_tokener_get_error(tokener)), err);
    else if (repeated)
        load_error("message.duplicate", file, repeated, file, err);
    json_tokener_free(tokener);
    if (is_object && !repeated)
        return root;
    json_object_put(root);
    return NULL;
}

static bool load_part(struct catalogue *catalogue, struct language *language, const char *file, struct error *err)
{
    struct arena scratch;
    arena_init(&scratch);
    const char *content = read_file(&scratch, file, err);
    struct json_object *root = content ? parse_part(&scratch, content, file, err) : NULL;
    bool is_good = root != NULL;
    if (root) {
        json_object_object_foreach(root, key, value)
        {
            is_good = is_good && add_message(&catalogue->arena, language, key, value, file, err);
        }
    }
    json_object_put(root);
    arena_free(&scratch);
    return is_good;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool load_language(struct catalogue *catalogue, const char *folder, const char *name, struct error *err)
{
    struct dirent **parts;
    int count = scandir(folder, &parts, is_visible, alphasort);
    if (count < 0)
        return load_error("message.unreadable", folder, "", strerror(errno), err);
    struct language *language = &catalogue->languages[catalogue->count];
    language->name = catalogue->names[catalogue->count] = arena_strdup(&catalogue->arena, name);
    catalogue->count++;
    make_room(&catalogue->arena, language);
    bool is_good = true;
    for (int i = 0; i < count; i++) {
        if (is_good && string_ends_with(parts[i]->d_name, ".json"))
            is_good =
                load_part(catalogue, language, arena_printf(&catalogue->arena, "%s/%s", folder, parts[i]->d_name), err);
        free(parts[i]);
    }
    free(parts);
    return is_good;
}

static bool load_all(struct catalogue *catalogue, const char *folder, struct error *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        return load_error("message.unreadable", folder, "", strerror(errno), err);
    bool is_good = true;
    for (int i = 0; i < count; i++) {
        const char *path = arena_printf(&catalogue->arena, "%s/%s", folder, entries[i]->d_name);
        struct stat status;
        if (is_good && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            is_good = catalogue->count < LANGUAGES_MAX
                          ? load_language(catalogue, path, entries[i]->d_name, err)
                          : load_error("message.malformed", path, "", "too many languages", err);
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

bool message_load(const char *folder, struct error *err)
{
    struct catalogue *catalogue = calloc(1, sizeof(*catalogue));
    if (!catalogue)
        abort();
    if (!load_all(catalogue, folder, err)) {
        arena_free(&catalogue->arena);
        free(catalogue);
        return false;
    }
    catalogue->previous = atomic_load(&current);
    atomic_store(&current, catalogue);
    return true;
}

static const struct language *find_language(const char *name)
{
    const struct catalogue *catalogue = atomic_load(&current);
    for (size_t i = 0; catalogue && name && i < catalogue->count; i++)
        if (strcmp(catalogue->languages[i].name, name) == 0)
            return &catalogue->languages[i];
    return NULL;
}

static const struct message *find_message(const char *language_name, const char *key)
{
    const struct language *language = find_language(language_name);
    const struct message *slot = language ? slot_of(language, key) : NULL;
    return slot && slot->key ? slot : NULL;
}

static const struct error_arg *find_arg(const struct error_arg *args, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(args[i].name) == length && memcmp(args[i].name, name, length) == 0)
            return &args[i];
    return NULL;
}

/* The languages we have know at most two forms, and the second only for exactly one. */
static const char *choose_form(const struct message *message, const struct error_arg *args, size_t count)
{
    const struct error_arg *n = message->one ? find_arg(args, count, "n", 1) : NULL;
    return n && strcmp(n->value, "1") == 0 ? message->one : message->other;
}

/* Amounts as people read them: 1536 as "1.5 GiB". What is no number stands as it is. */
static void add_amount(struct text *out, const char *value, const char *format, size_t length)
{
    static const struct {
        const char *name, *units[5];
        int64_t step;
    } FORMATS[] = {{"bytes", {"B", "KiB", "MiB", "GiB", "TiB"}, 1024},
                   {"mib", {"MiB", "GiB", "TiB", "PiB", "EiB"}, 1024},
                   {"mhz", {"MHz", "GHz", "THz", "PHz", "EHz"}, 1000}};
    int64_t number;
    for (size_t i = 0; i < COUNT_OF(FORMATS) && string_to_int(value, &number) && number >= 0; i++) {
        if (strlen(FORMATS[i].name) != length || memcmp(FORMATS[i].name, format, length) != 0)
            continue;
        int64_t tenths = 0;
        size_t unit = 0;
        for (; unit < 4 && number >= FORMATS[i].step; unit++) {
            tenths = number % FORMATS[i].step * 10 / FORMATS[i].step;
            number /= FORMATS[i].step;
        }
        text_addf(out, "%lld", (long long)number);
        if (tenths)
            text_addf(out, ".%lld", (long long)tenths);
        text_addf(out, " %s", FORMATS[i].units[unit]);
        return;
    }
    text_add(out, value);
}

/* "{name}" or "{name:format}". */
static void fill_in(struct text *out, const char *text, const struct error_arg *args, size_t count)
{
    for (const char *brace; (brace = strchr(text, '{'));) {
        size_t length = strspn(brace + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        const char *format = brace[1 + length] == ':' ? brace + length + 2 : NULL, *end = brace + 1 + length;
        size_t format_length = format ? strspn(format, "abcdefghijklmnopqrstuvwxyz") : 0;
        if (format)
            end = format + format_length;
        const struct error_arg *arg = length && *end == '}' ? find_arg(args, count, brace + 1, length) : NULL;
        text_add_bytes(out, text, (size_t)(brace - text));
        if (arg && format)
            add_amount(out, arg->value, format, format_length);
        else if (arg)
            text_add(out, arg->value);
        else
            text_add_bytes(out, brace, 1);
        text = arg ? end + 1 : brace + 1;
    }
    text_add(out, text);
}

void message_render(struct text *out, const char *language, const char *key, const struct error_arg *args, size_t count)
{
    const struct message *message = find_message(language, key);
    if (!message)
        message = find_message("en", key);
    if (message)
        fill_in(out, choose_form(message, args, count), args, count);
    else
        text_add(out, key);
}

void message_render_error(struct text *out, const char *language, const struct error *err)
{
    if (err->key)
        message_render(out, language, err->key, err->args, err->arg_count);
}

const char *message_language(const char *language)
{
    const struct language *found = find_language(language);
    return found ? found->name : NULL;
}

/* "q=0.8" of one entry in thousandths; 1000 when it has none. */
static int quality_of(const char *entry, const char *end)
{
    const char *q = memmem(entry, (size_t)(end - entry), "q=", 2);
    if (!q)
        return 1000;
    int quality = q + 2 < end && q[2] == '1' ? 1000 : 0, place = 100;
    if (quality == 0 && q + 3 < end && q[2] == '0' && q[3] == '.')
        for (q += 4; q < end && *q >= '0' && *q <= '9' && place; q++, place /= 10)
            quality += (*q - '0') * place;
    return quality;
}

const char *message_negotiate(const char *accept_language, const char *fallback)
{
    const char *best = NULL;
    int best_quality = 0;
    for (const char *entry = accept_language ? accept_language : "", *end; *entry; entry = *end ? end + 1 : end) {
        end = entry + strcspn(entry, ",");
        entry += strspn(entry, " \t");
        size_t length = strcspn(entry, "-_;, \t"); /* the primary part: ko of ko-KR */
        char name[16] = "";
        for (size_t i = 0; length < sizeof(name) && i < length; i++)
            name[i] = (char)(entry[i] >= 'A' && entry[i] <= 'Z' ? entry[i] + ('a' - 'A') : entry[i]);
        const char *loaded = message_language(name);
        int quality = entry < end ? quality_of(entry, end) : 0;
        if (loaded && quality > best_quality) {
            best = loaded;
            best_quality = quality;
        }
    }
    return best ? best : fallback;
}

bool message_has(const char *language, const char *key)
{
    return find_message(language, key) != NULL;
}

void message_each(const char *language,
                  void (*visit)(void *context, const char *key, const char *text, const char *file), void *context)
{
    const struct language *found = find_language(language);
    for (size_t i = 0; found && i < found->slot_count; i++)
        if (found->slots[i].key)
            visit(context, found->slots[i].key, found->slots[i].other, found->slots[i].file);
}

const char *const *message_languages(size_t *ret_count)
{
    const struct catalogue *catalogue = atomic_load(&current);
    *ret_count = catalogue ? catalogue->count : 0;
    return catalogue ? catalogue->names : NULL;
}
