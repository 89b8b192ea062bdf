/* See state.h. The journal is one line an object: {"kind":"guests","id":"…","object":{…}}, without "object" when it is
 * gone. A line that a crash cut short is the last one and is dropped. */
#include "server/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_BYTES_BEFORE_COMPACTION (256l << 20)

static struct json_object *kinds[STATE_KIND_COUNT];
static struct json_object *guests_at;
static const char *const kind_names[STATE_KIND_COUNT] = {
#define STATE_KIND_NAME(name, dumped) #name,
    STATE_KINDS(STATE_KIND_NAME)
#undef STATE_KIND_NAME
};
static const bool kind_is_dumped[STATE_KIND_COUNT] = {
#define STATE_KIND_DUMPED(name, dumped) dumped,
    STATE_KINDS(STATE_KIND_DUMPED)
#undef STATE_KIND_DUMPED
};
static FILE *journal;
static const char *journal_path;

static void give_up(const char *what, const char *path)
{
    fprintf(stderr, "gurum-simulator: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

struct json_object *member_of(struct json_object *object, const char *name)
{
    struct json_object *member = NULL;
    if (object == NULL || !json_object_object_get_ex(object, name, &member))
        return NULL;
    return member;
}

const char *text_of(struct json_object *object, const char *name)
{
    struct json_object *member = member_of(object, name);
    if (member == NULL || !json_object_is_type(member, json_type_string) || json_object_get_string_len(member) == 0)
        return NULL;
    return json_object_get_string(member);
}

int64_t number_of(struct json_object *object, const char *name)
{
    return json_object_get_int64(member_of(object, name));
}

void set_text(struct json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name, value == NULL ? NULL : json_object_new_string(value));
}

void set_number(struct json_object *object, const char *name, int64_t value)
{
    json_object_object_add(object, name, json_object_new_int64(value));
}

struct json_object *copy_of(struct json_object *object)
{
    struct json_object *copy = NULL;
    if (object != NULL && json_object_deep_copy(object, &copy, NULL) != 0)
        abort();
    return copy;
}

struct json_object *state_get(enum state_kind kind, const char *id)
{
    return id == NULL ? NULL : member_of(kinds[kind], id);
}

struct json_object *state_all(enum state_kind kind)
{
    return kinds[kind];
}

static void journal_write(FILE *file, enum state_kind kind, const char *id, struct json_object *object)
{
    struct json_object *name = json_object_new_string(id);
    fprintf(file, "{\"kind\":\"%s\",\"id\":%s", kind_names[kind], json_object_to_json_string_ext(name, JSON_FORM));
    if (object != NULL)
        fprintf(file, ",\"object\":%s", json_object_to_json_string_ext(object, JSON_FORM));
    fputs("}\n", file);
    json_object_put(name);
}

void state_save(enum state_kind kind, const char *id)
{
    if (journal != NULL)
        journal_write(journal, kind, id, state_get(kind, id));
}

void state_put(enum state_kind kind, const char *id, struct json_object *object)
{
    json_object_object_add(kinds[kind], id, object);
    state_save(kind, id);
}

void state_remove(enum state_kind kind, const char *id)
{
    if (state_get(kind, id) == NULL)
        return;
    if (journal != NULL)
        journal_write(journal, kind, id, NULL);
    json_object_object_del(kinds[kind], id);
}

struct json_object *state_guests_at(const char *host_url)
{
    return host_url == NULL ? NULL : member_of(guests_at, host_url);
}

void state_place_guest(const char *guest_uuid, const char *from_url, const char *to_url)
{
    struct json_object *set = state_guests_at(from_url);
    if (set != NULL) {
        json_object_object_del(set, guest_uuid);
        if (json_object_object_length(set) == 0)
            json_object_object_del(guests_at, from_url);
    }
    if (to_url == NULL)
        return;
    set = state_guests_at(to_url);
    if (set == NULL) {
        set = json_object_new_object();
        json_object_object_add(guests_at, to_url, set);
    }
    json_object_object_add(set, guest_uuid, NULL);
}

static void memory_clear(void)
{
    for (int kind = 0; kind < STATE_KIND_COUNT; kind++) {
        json_object_put(kinds[kind]);
        kinds[kind] = json_object_new_object();
    }
    json_object_put(guests_at);
    guests_at = json_object_new_object();
}

/* Writes the whole state to a new journal that takes the old one's place. */
static void journal_compact(void)
{
    char next[4096];
    if ((size_t)snprintf(next, sizeof(next), "%s.next", journal_path) >= sizeof(next))
        give_up("path too long", journal_path);
    FILE *file = fopen(next, "we");
    if (file == NULL)
        give_up("cannot write", next);
    for (int kind = 0; kind < STATE_KIND_COUNT; kind++) {
        json_object_object_foreach(kinds[kind], id, object) journal_write(file, (enum state_kind)kind, id, object);
    }
    if (fflush(file) != 0 || rename(next, journal_path) != 0)
        give_up("cannot write", next);
    if (journal != NULL)
        fclose(journal);
    journal = file;
}

static void replay_line(const char *line)
{
    struct json_object *entry = json_tokener_parse(line);
    const char *kind_name = text_of(entry, "kind"), *id = text_of(entry, "id");
    for (int kind = 0; kind_name != NULL && id != NULL && kind < STATE_KIND_COUNT; kind++) {
        if (strcmp(kind_names[kind], kind_name) != 0)
            continue;
        struct json_object *object = member_of(entry, "object");
        if (object == NULL)
            json_object_object_del(kinds[kind], id);
        else
            json_object_object_add(kinds[kind], id, json_object_get(object));
    }
    json_object_put(entry);
}

static void replay(FILE *file)
{
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) > 0)
        replay_line(line);
    free(line);
    json_object_object_foreach(kinds[STATE_guests], uuid, guest) state_place_guest(uuid, NULL, text_of(guest, "host"));
}

void state_open(const char *path)
{
    memory_clear();
    if (path == NULL)
        return;
    journal_path = path;
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        replay(file);
        fclose(file);
    } else if (errno != ENOENT) {
        give_up("cannot read", path);
    }
    journal_compact();
}

void state_flush(void)
{
    if (journal == NULL)
        return;
    if (fflush(journal) != 0)
        give_up("cannot write", journal_path);
    if (ftell(journal) > JOURNAL_BYTES_BEFORE_COMPACTION)
        journal_compact();
}

void state_reset(void)
{
    memory_clear();
    if (journal_path != NULL)
        journal_compact();
}

/* ---- Dump ---- */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void dump_value(FILE *out, struct json_object *value);

static void dump_object(FILE *out, struct json_object *object)
{
    size_t count = (size_t)json_object_object_length(object), at = 0;
    const char **names = calloc(count + 1, sizeof(*names));
    if (names == NULL)
        abort();
    json_object_object_foreach(object, name, ignored)
    {
        (void)ignored;
        names[at++] = name;
    }
    qsort(names, count, sizeof(*names), compare_names);
    fputc('{', out);
    for (size_t i = 0; i < count; i++) {
        struct json_object *text = json_object_new_string(names[i]);
        fprintf(out, "%s%s:", i == 0 ? "" : ",", json_object_to_json_string_ext(text, JSON_FORM));
        json_object_put(text);
        dump_value(out, member_of(object, names[i]));
    }
    fputc('}', out);
    free(names);
}

static void dump_value(FILE *out, struct json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        dump_object(out, value);
    } else if (json_object_is_type(value, json_type_array)) {
        fputc('[', out);
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            if (i > 0)
                fputc(',', out);
            dump_value(out, json_object_array_get_idx(value, i));
        }
        fputc(']', out);
    } else {
        fputs(json_object_to_json_string_ext(value, JSON_FORM), out);
    }
}

char *state_dump(const char *only_kind)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        abort();
    bool first = true;
    fputc('{', out);
    for (int kind = 0; kind < STATE_KIND_COUNT; kind++) {
        if (only_kind == NULL ? !kind_is_dumped[kind] : strcmp(only_kind, kind_names[kind]) != 0)
            continue;
        fprintf(out, "%s\"%s\":", first ? "" : ",", kind_names[kind]);
        first = false;
        dump_object(out, kinds[kind]);
    }
    fputs("}\n", out);
    fclose(out);
    return text;
}
