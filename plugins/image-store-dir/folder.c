/* Files of a store. See folder.h. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER_FILE ".gurum-image-store"
#define FACTS_FORMAT "gurum-image 1 format=%" PRIu32 " size=%" PRIu64 " virtual=%" PRIu64 " sha256=%s\n"
#define FACTS_PATTERN "gurum-image 1 format=%" SCNu32 " size=%" SCNu64 " virtual=%" SCNu64 " sha256=%64[0-9a-f]"
enum { FACTS_BYTES = 256 };

/* ---- Names ---- */

bool folder_is_uuid(const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length != FOLDER_UUID_BYTES - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}

const char *folder_path_of(const char *url)
{
    static const char scheme[] = "file://", local[] = "localhost/";
    if (url == NULL || strncasecmp(url, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    const char *path = url + sizeof(scheme) - 1;
    if (strncasecmp(path, local, sizeof(local) - 1) == 0)
        path += sizeof(local) - 2;
    size_t length = strlen(path);
    bool leaves = strstr(path, "/../") != NULL || (length >= 3 && strcmp(path + length - 3, "/..") == 0);
    return path[0] != '/' || path[1] == '\0' || leaves || length >= FOLDER_PATH_BYTES / 2 ? NULL : path;
}

static const char *coming_name(const char *uuid, char name[FOLDER_NAME_BYTES])
{
    snprintf(name, FOLDER_NAME_BYTES, ".coming-%.36s", uuid);
    return name;
}

static const char *going_name(const char *uuid, char name[FOLDER_NAME_BYTES])
{
    snprintf(name, FOLDER_NAME_BYTES, ".going-%.36s", uuid);
    return name;
}

static int sub_open(int folder, const char *name, int *ret_sub)
{
    *ret_sub = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_sub < 0 ? errno : 0;
}

/* ---- The folder ---- */

static int make_above(const char *path)
{
    char part[FOLDER_PATH_BYTES];
    size_t length = strlen(path);
    if (length >= sizeof(part))
        return ENAMETOOLONG;
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return errno;
        part[i] = i == length ? '\0' : '/';
    }
    return 0;
}

int folder_open(const char *path, bool make, int *ret_folder)
{
    int problem = make ? make_above(path) : 0;
    if (problem != 0)
        return problem;
    *ret_folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_folder < 0 ? errno : 0;
}

static int text_read(int folder, const char *name, char *text, size_t capacity)
{
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return errno;
    ssize_t length = read(file, text, capacity - 1);
    int problem = length < 0 ? errno : 0;
    close(file);
    text[length < 0 ? 0 : length] = '\0';
    return problem;
}

/* The file is there with its whole text, or it is not. */
static int text_write(int folder, const char *name, const char *text)
{
    static const char fresh[] = ".writing";
    int file = openat(folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0)
        return errno;
    size_t length = strlen(text);
    int problem = write(file, text, length) == (ssize_t)length && fsync(file) == 0 ? 0 : errno == 0 ? EIO : errno;
    close(file);
    if (problem == 0 && (renameat(folder, fresh, folder, name) != 0 || fsync(folder) != 0))
        problem = errno;
    return problem;
}

int folder_owner(int folder, char ret_uuid[FOLDER_UUID_BYTES])
{
    char text[FOLDER_NAME_BYTES];
    ret_uuid[0] = '\0';
    int problem = text_read(folder, OWNER_FILE, text, sizeof(text));
    if (problem != 0)
        return problem == ENOENT ? 0 : problem;
    text[strcspn(text, "\n")] = '\0';
    if (!folder_is_uuid(text))
        return EINVAL;
    memcpy(ret_uuid, text, FOLDER_UUID_BYTES);
    return 0;
}

int folder_claim(int folder, const char *uuid)
{
    char owner[FOLDER_UUID_BYTES], text[FOLDER_NAME_BYTES];
    int problem = flock(folder, LOCK_EX) == 0 ? folder_owner(folder, owner) : errno;
    snprintf(text, sizeof(text), "%.36s\n", uuid);
    if (problem == 0 && owner[0] == '\0')
        problem = text_write(folder, OWNER_FILE, text);
    else if (problem == 0 && strcmp(owner, uuid) != 0)
        problem = EEXIST;
    flock(folder, LOCK_UN);
    return problem;
}

int folder_disclaim(int folder)
{
    return unlinkat(folder, OWNER_FILE, 0) != 0 && errno != ENOENT ? errno : 0;
}

/* ---- Images ---- */

int folder_image_read(int folder, const char *uuid, struct folder_image *ret_image)
{
    char text[FACTS_BYTES];
    int sub, problem = sub_open(folder, uuid, &sub);
    if (problem != 0)
        return problem;
    problem = text_read(sub, "facts", text, sizeof(text));
    *ret_image = (struct folder_image){.size_bytes = 0};
    if (problem == 0 && sscanf(text, FACTS_PATTERN, &ret_image->format, &ret_image->size_bytes,
                               &ret_image->virtual_size, ret_image->sha256) != 4)
        problem = EINVAL;
    struct stat file;
    if (problem == 0 && (fstatat(sub, "image", &file, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(file.st_mode) ||
                         (uint64_t)file.st_size != ret_image->size_bytes))
        problem = EINVAL;
    close(sub);
    return problem == ENOENT ? EINVAL : problem; /* the folder is there, but not what belongs in it */
}

/* True when the open file is still the one of that name: whoever held the lock before may have finished it. */
static bool is_still(int folder, const char *name, int file)
{
    char path[FOLDER_NAME_BYTES + 8];
    struct stat here, there;
    snprintf(path, sizeof(path), "%s/image", name);
    return fstat(file, &here) == 0 && fstatat(folder, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static int coming_lock(int folder, const char *name, int flags, int *ret_file)
{
    int sub, problem = sub_open(folder, name, &sub);
    if (problem != 0)
        return problem;
    int file = openat(sub, "image", flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0644);
    problem = file < 0 ? errno : 0;
    close(sub);
    if (problem != 0)
        return problem;
    if (flock(file, LOCK_EX | LOCK_NB) != 0 || !is_still(folder, name, file)) {
        close(file);
        return EBUSY;
    }
    *ret_file = file;
    return 0;
}

int folder_image_begin(int folder, const char *uuid, int *ret_file)
{
    char name[FOLDER_NAME_BYTES];
    coming_name(uuid, name);
    if (faccessat(folder, uuid, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    if (mkdirat(folder, name, 0755) != 0 && errno != EEXIST)
        return errno;
    int problem = coming_lock(folder, name, O_CREAT, ret_file);
    if (problem == 0 && ftruncate(*ret_file, 0) != 0) {
        problem = errno;
        close(*ret_file);
    }
    return problem;
}

int folder_image_finish(int folder, const char *uuid, int file, const struct folder_image *image)
{
    char name[FOLDER_NAME_BYTES], text[FACTS_BYTES];
    int sub, problem = sub_open(folder, coming_name(uuid, name), &sub);
    if (problem != 0)
        return problem;
    snprintf(text, sizeof(text), FACTS_FORMAT, image->format, image->size_bytes, image->virtual_size, image->sha256);
    problem = fchmod(file, 0444) != 0 || fsync(file) != 0 ? errno : text_write(sub, "facts", text);
    close(sub);
    if (problem == 0 && (renameat(folder, name, folder, uuid) != 0 || fsync(folder) != 0))
        problem = errno;
    return problem;
}

static int sub_erase(int folder, const char *name)
{
    static const char *const files[] = {"facts", ".writing", "image"};
    int sub, problem = sub_open(folder, name, &sub);
    if (problem != 0)
        return problem == ENOENT ? 0 : problem;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && problem == 0; i++)
        problem = unlinkat(sub, files[i], 0) != 0 && errno != ENOENT ? errno : 0;
    close(sub);
    if (problem == 0 && unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        problem = errno;
    return problem;
}

void folder_image_drop(int folder, const char *uuid, int file)
{
    char name[FOLDER_NAME_BYTES];
    if (is_still(folder, coming_name(uuid, name), file))
        sub_erase(folder, name); /* what cannot be erased now is erased when the image is removed */
    close(file);
}

static int coming_erase(int folder, const char *uuid)
{
    char name[FOLDER_NAME_BYTES];
    int file, problem = coming_lock(folder, coming_name(uuid, name), 0, &file);
    if (problem == 0) {
        problem = sub_erase(folder, name);
        close(file);
    } else if (problem == ENOENT) {
        problem = sub_erase(folder, name); /* a folder whose file was never made */
    }
    return problem;
}

int folder_image_remove(int folder, const char *uuid)
{
    char name[FOLDER_NAME_BYTES];
    int problem = coming_erase(folder, uuid);
    if (problem == 0)
        problem = sub_erase(folder, going_name(uuid, name));
    if (problem == 0 && renameat(folder, uuid, folder, name) != 0)
        return errno == ENOENT ? 0 : errno;
    if (problem == 0)
        problem = fsync(folder) != 0 ? errno : sub_erase(folder, name);
    return problem;
}
