/* Reading gurum.conf by one table of keys. What is not here: settings that administrators change at run time
 * (setting.c). */
#include "base/config.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MAX_BYTES = 64 * 1024 };
enum key_type { KEY_TEXT, KEY_INT, KEY_BOOL };

struct config_key {
    const char *name;
    const char *default_value; /* NULL: required */
    size_t offset;
    enum key_type type;
    int64_t min, max; /* KEY_INT */
};

#define TEXT(key, member, value)                                                                                       \
    {                                                                                                                  \
        .name = (key), .default_value = (value), .offset = offsetof(struct config, member), .type = KEY_TEXT           \
    }
#define FLAG(key, member, value)                                                                                       \
    {                                                                                                                  \
        .name = (key), .default_value = (value), .offset = offsetof(struct config, member), .type = KEY_BOOL           \
    }
#define NUMBER(key, member, value, low, high)                                                                          \
    {                                                                                                                  \
        .name = (key), .default_value = (value), .offset = offsetof(struct config, member), .type = KEY_INT,           \
        .min = (low), .max = (high)                                                                                    \
    }

static const struct config_key keys[] = {
    TEXT("database.socket", database_socket, ""),
    TEXT("database.host", database_host, "127.0.0.1"),
    NUMBER("database.port", database_port, "3306", 1, 65535),
    TEXT("database.name", database_name, "gurum"),
    TEXT("database.user", database_user, "gurum"),
    TEXT("database.password_file", database_password_file, ""),
    FLAG("database.cluster_reads_wait", database_cluster_reads_wait, "false"),
    TEXT("site.url", site_url, NULL),
    TEXT("run.folder", run_folder, NULL),
    TEXT("web.listen", web_listen, NULL),
    TEXT("web.group", web_group, ""),
    NUMBER("web.threads", web_threads, "16", 1, 512),
    NUMBER("web.processes", web_processes, "1", 0, 64),
    NUMBER("jobs.threads", jobs_threads, "12", 1, 512),
    NUMBER("jobs.processes", jobs_processes, "1", 0, 64),
    TEXT("stream.listen", stream_listen, NULL),
    NUMBER("stream.processes", stream_processes, "1", 0, 1),
    TEXT("keys.file", keys_file, NULL),
    TEXT("templates.folder", templates_folder, NULL),
    TEXT("static.folder", static_folder, NULL),
    TEXT("plugins.folder", plugins_folder, NULL),
    TEXT("sql.folder", sql_folder, NULL),
    TEXT("log.level", log_level, "info"),
};

static bool refuse(struct error *err, const char *path, int64_t line, const char *reason)
{
    return error_with(err, ERROR_INTERNAL, "config.invalid", E_TEXT("path", path), E_INT("line", line),
                      E_TEXT("reason", reason));
}

static const struct config_key *find_key(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (string_equal(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static bool set_value(struct arena *arena, struct config *config, const struct config_key *key, const char *value)
{
    void *member = (char *)config + key->offset;
    int64_t number;
    switch (key->type) {
    case KEY_TEXT:
        *(const char **)member = arena_strdup(arena, value);
        return true;
    case KEY_INT:
        if (!string_to_int(value, &number) || number < key->min || number > key->max)
            return false;
        *(int64_t *)member = number;
        return true;
    case KEY_BOOL:
        if (!string_equal(value, "true") && !string_equal(value, "false"))
            return false;
        *(bool *)member = string_equal(value, "true");
        return true;
    }
    return false;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

static bool read_line(struct arena *arena, struct config *config, char *line, bool seen[static COUNT_OF(keys)],
                      const char **ret_reason)
{
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return true;
    char *equals = strchr(line, '=');
    *ret_reason = "a line must be `section.key = value`";
    if (equals == NULL)
        return false;
    *equals = '\0';
    const struct config_key *key = find_key(trim(line));
    *ret_reason = "unknown key";
    if (key == NULL)
        return false;
    *ret_reason = "the key is set twice";
    if (seen[key - keys])
        return false;
    seen[key - keys] = true;
    *ret_reason = "the value is not of the key's type or out of range";
    return set_value(arena, config, key, trim(equals + 1));
}

static char *read_file(struct arena *arena, const char *path, struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char *content = arena_alloc(arena, CONFIG_MAX_BYTES + 1);
    ssize_t length = file >= 0 ? read(file, content, CONFIG_MAX_BYTES + 1) : -1;
    int reason = errno;
    if (file >= 0)
        close(file);
    if (length >= 0 && length <= CONFIG_MAX_BYTES) {
        content[length] = '\0';
        return content;
    }
    refuse(err, path, 0, length < 0 ? strerror(reason) : "too long");
    return NULL;
}

static bool finish(struct arena *arena, const char *path, const bool seen[static COUNT_OF(keys)], struct config *config,
                   struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (seen[i])
            continue;
        if (keys[i].default_value == NULL)
            return refuse(err, path, 0, arena_printf(arena, "%s is missing", keys[i].name));
        if (!set_value(arena, config, &keys[i], keys[i].default_value))
            abort(); /* the table is wrong */
    }
    return true;
}

bool config_load(struct arena *arena, const char *path, struct config *ret_config, struct error *err)
{
    struct config config = {0};
    bool seen[COUNT_OF(keys)] = {false};
    char *content = read_file(arena, path, err);
    if (content == NULL)
        return false;
    int64_t number = 0;
    for (char *line = content, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        number++;
        const char *reason = NULL;
        if (!read_line(arena, &config, line, seen, &reason))
            return refuse(err, path, number, reason);
    }
    if (!finish(arena, path, seen, &config, err))
        return false;
    *ret_config = config;
    return true;
}

const char *config_text(struct arena *arena, const struct config *config, const char *name)
{
    const struct config_key *key = find_key(name);
    if (key == NULL)
        return NULL;
    const void *member = (const char *)config + key->offset;
    switch (key->type) {
    case KEY_TEXT:
        return *(const char *const *)member;
    case KEY_INT:
        return arena_printf(arena, "%lld", (long long)*(const int64_t *)member);
    case KEY_BOOL:
        return *(const bool *)member ? "true" : "false";
    }
    return NULL;
}
