/* The sealing keys and their file. See keyring.h. */
#include "base/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/uuid.h"

enum { KEY_FILE_MAX_BYTES = 4096, KNOWN_MAX = 64, PATH_BYTES = 4096 };

/* What the file was when it was read; a rotation gives it another inode. */
struct file_mark {
    dev_t device;
    ino_t inode;
    struct timespec changed;
};

static struct mutex lock = MUTEX_INITIALIZER;
static struct keyring_key known[KNOWN_MAX] GUARDED_BY(lock); /* the file's, newest first; then dropped ones */
static size_t known_count GUARDED_BY(lock);
static char key_path[PATH_BYTES] GUARDED_BY(lock);
static struct file_mark mark GUARDED_BY(lock);

static bool file_error(const char *path, const char *what, struct error *err)
{
    error_with(err, ERROR_INTERNAL, "secret.key_file", E_TEXT("path", path));
    return error_add_detail(err, "%s", what);
}

bool keyring_is_id(const char *id, size_t length)
{
    return length > 0 && length < KEYRING_ID_BYTES &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") >= length;
}

/* ---- the file ---- */

/* Reads the lines `id:hex` into *ret_keys. Returns false at the first malformed line. */
static bool parse_keys(char *content, struct keyring_key *ret_keys, size_t *ret_count)
{
    size_t count = 0;
    for (char *line = content, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = '\0';
        if (!*line)
            continue;
        size_t id_length = strcspn(line, ":"), bytes = 0;
        if (count == KEYRING_FILE_KEYS_MAX || !keyring_is_id(line, id_length) || line[id_length] != ':' ||
            sodium_hex2bin(ret_keys[count].bytes, KEYRING_KEY_BYTES, line + id_length + 1, strlen(line + id_length + 1),
                           NULL, &bytes, NULL) != 0 ||
            bytes != KEYRING_KEY_BYTES)
            return false;
        memcpy(ret_keys[count].id, line, id_length);
        ret_keys[count++].id[id_length] = '\0';
    }
    *ret_count = count;
    return count > 0;
}

static bool read_file(const char *path, struct keyring_key *ret_keys, size_t *ret_count, struct file_mark *ret_mark,
                      struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return file_error(path, strerror(errno), err);
    struct stat status;
    char content[KEY_FILE_MAX_BYTES + 1] = {0};
    ssize_t length = fstat(file, &status) == 0 ? read(file, content, sizeof(content)) : -1;
    close(file);
    bool is_good = false;
    if (length < 0 || length > KEY_FILE_MAX_BYTES)
        file_error(path, "unreadable or too long", err);
    else if (status.st_mode & 077)
        file_error(path, "others than its owner may open it; its mode must be 0600", err);
    else if (!parse_keys(content, ret_keys, ret_count))
        file_error(path, "malformed; lines must be id:64 hexadecimal digits, at most 16", err);
    else
        is_good = true;
    sodium_memzero(content, sizeof(content));
    if (is_good)
        *ret_mark = (struct file_mark){status.st_dev, status.st_ino, status.st_mtim};
    return is_good;
}

/* A key must be on the disk before a value is sealed under it: so the folder is written out, too. */
static bool sync_folder_of(const char *path)
{
    char folder[PATH_BYTES];
    string_copy(folder, sizeof(folder), path);
    int opened = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = opened >= 0 && fsync(opened) == 0;
    if (opened >= 0)
        close(opened);
    return ok;
}

/* The file appears under `path` with its whole content or not at all. Without `replace`, of several processes that
 * start at once one wins. */
static bool write_file(const char *path, const struct keyring_key *keys, size_t count, bool replace, struct error *err)
{
    char content[KEY_FILE_MAX_BYTES], hex[2 * KEYRING_KEY_BYTES + 1], end[17], draft[PATH_BYTES + sizeof(end)];
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        sodium_bin2hex(hex, sizeof(hex), keys[i].bytes, KEYRING_KEY_BYTES);
        length += (size_t)snprintf(content + length, sizeof(content) - length, "%s:%s\n", keys[i].id, hex);
    }
    random_token(end, sizeof(end), 8);
    snprintf(draft, sizeof(draft), "%s.%s", path, end);
    int file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = file >= 0 && write(file, content, length) == (ssize_t)length && fsync(file) == 0;
    if (file >= 0)
        close(file);
    ok = ok && (replace ? rename(draft, path) == 0 : link(draft, path) == 0 || errno == EEXIST) && sync_folder_of(path);
    if (!ok) {
        error_with(err, ERROR_INTERNAL, "secret.key_file", E_TEXT("path", path));
        error_add_detail(err, "cannot write: %s", strerror(errno));
    }
    (void)unlink(draft);
    sodium_memzero(content, sizeof(content));
    sodium_memzero(hex, sizeof(hex));
    return ok;
}

static void make_key(struct keyring_key *ret_key)
{
    unsigned char id[4]; /* random of its own: it must not tell bytes of the key */
    random_bytes(ret_key->bytes, KEYRING_KEY_BYTES);
    random_bytes(id, sizeof(id));
    sodium_bin2hex(ret_key->id, sizeof(ret_key->id), id, sizeof(id));
}

static bool create_file(const char *path, struct error *err)
{
    struct keyring_key key;
    make_key(&key);
    bool ok = write_file(path, &key, 1, false, err);
    sodium_memzero(&key, sizeof(key));
    return ok;
}

/* ---- the process's copy; the lock is held ---- */

static REQUIRES(lock) struct keyring_key *find_known(const char *id, size_t length)
{
    for (size_t i = 0; i < known_count; i++)
        if (strlen(known[i].id) == length && memcmp(known[i].id, id, length) == 0)
            return &known[i];
    return NULL;
}

/* Takes over the file's keys; known keys that are no longer in it stay behind them while there is room. */
static REQUIRES(lock) bool load(const char *path, struct error *err)
{
    struct keyring_key merged[KNOWN_MAX] = {0};
    size_t count = 0;
    struct file_mark read_mark;
    bool ok = read_file(path, merged, &count, &read_mark, err);
    if (ok) {
        size_t in_file = count;
        for (size_t i = 0; i < known_count && count < KNOWN_MAX; i++) {
            bool is_there = false;
            for (size_t j = 0; j < in_file && !is_there; j++)
                is_there = string_equal(merged[j].id, known[i].id);
            if (!is_there)
                merged[count++] = known[i];
        }
        memcpy(known, merged, sizeof(known));
        known_count = count;
        mark = read_mark;
    }
    sodium_memzero(merged, sizeof(merged));
    return ok;
}

static REQUIRES(lock) void load_again(void)
{
    struct error err = {0};
    if (!load(key_path, &err))
        log_error(LOG_ERROR, "secret.reload_failed", &err);
}

static REQUIRES(lock) bool has_changed(void)
{
    struct stat status;
    return stat(key_path, &status) == 0 &&
           (status.st_dev != mark.device || status.st_ino != mark.inode ||
            status.st_mtim.tv_sec != mark.changed.tv_sec || status.st_mtim.tv_nsec != mark.changed.tv_nsec);
}

bool secret_load_keys(const char *path, struct error *err)
{
    if (sodium_init() < 0)
        abort();
    if (strlen(path) + 32 > PATH_BYTES)
        return file_error(path, "its path is too long", err);
    if (access(path, F_OK) != 0 && errno == ENOENT && !create_file(path, err))
        return false;
    mutex_lock(&lock);
    if (!string_equal(key_path, path)) /* another file: nothing of the first one stays */
        known_count = 0;
    bool ok = load(path, err);
    if (ok)
        string_copy(key_path, sizeof(key_path), path);
    mutex_unlock(&lock);
    return ok;
}

void keyring_newest(struct keyring_key *ret_key)
{
    mutex_lock(&lock);
    if (!known_count)
        abort(); /* secret_load_keys comes first */
    if (has_changed())
        load_again();
    *ret_key = known[0];
    mutex_unlock(&lock);
}

bool keyring_find(const char *id, size_t length, struct keyring_key *ret_key)
{
    mutex_lock(&lock);
    const struct keyring_key *key = find_known(id, length);
    if (!key && key_path[0] != '\0' && has_changed()) {
        load_again();
        key = find_known(id, length);
    }
    if (key)
        *ret_key = *key;
    mutex_unlock(&lock);
    return key != NULL;
}

/* ---- rotation ---- */

static void copy_path(char path[static PATH_BYTES])
{
    mutex_lock(&lock);
    string_copy(path, PATH_BYTES, key_path);
    mutex_unlock(&lock);
}

bool keyring_lock(int *ret_lock, struct error *err)
{
    char path[PATH_BYTES], name[PATH_BYTES + 8];
    copy_path(path);
    snprintf(name, sizeof(name), "%s.lock", path);
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return file_error(name, strerror(errno), err);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        close(file);
        return error_with(err, ERROR_IN_USE, "secret.rotation_runs", E_TEXT("path", name));
    }
    *ret_lock = file;
    return true;
}

static bool reload_from(const char *path, struct error *err)
{
    mutex_lock(&lock);
    bool ok = load(path, err);
    mutex_unlock(&lock);
    return ok;
}

bool keyring_add(struct error *err)
{
    char path[PATH_BYTES];
    struct keyring_key keys[KEYRING_FILE_KEYS_MAX + 1] = {0};
    struct file_mark unused;
    size_t count;
    copy_path(path);
    bool ok = read_file(path, keys + 1, &count, &unused, err);
    if (ok && count == KEYRING_FILE_KEYS_MAX)
        ok = error_with(err, ERROR_IN_USE, "secret.too_many_keys", E_INT("n", KEYRING_FILE_KEYS_MAX));
    make_key(&keys[0]);
    ok = ok && write_file(path, keys, count + 1, true, err) && reload_from(path, err);
    sodium_memzero(keys, sizeof(keys));
    return ok;
}

bool keyring_is_settled(struct error *err)
{
    char path[PATH_BYTES];
    struct stat status;
    copy_path(path);
    if (stat(path, &status) != 0)
        return file_error(path, strerror(errno), err);
    int64_t age_s = (int64_t)(time(NULL) - status.st_mtim.tv_sec);
    return age_s >= KEYRING_SETTLED_S ||
           error_with(err, ERROR_IN_USE, "secret.keys_young", E_INT("n", KEYRING_SETTLED_S - age_s));
}

bool keyring_drop(bool (*is_used)(void *context, const char *id), void *context, int64_t *ret_dropped,
                  struct error *err)
{
    char path[PATH_BYTES];
    struct keyring_key keys[KEYRING_FILE_KEYS_MAX] = {0};
    struct file_mark unused;
    size_t count, kept = 1;
    copy_path(path);
    bool ok = read_file(path, keys, &count, &unused, err);
    for (size_t i = 1; ok && i < count; i++)
        if (is_used(context, keys[i].id))
            keys[kept++] = keys[i];
    if (ok && kept < count)
        ok = write_file(path, keys, kept, true, err) && reload_from(path, err);
    if (ok)
        *ret_dropped = (int64_t)(count - kept);
    sodium_memzero(keys, sizeof(keys));
    return ok;
}
