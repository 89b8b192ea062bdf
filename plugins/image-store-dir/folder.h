/* The folder of a store: who owns it, and an image in it as a folder of its own, "<image uuid>", with the file "image"
 * and its "facts". It is filled under the name ".coming-<uuid>" and gets its own name when all of it is on the disk, so
 * an image is complete or absent whatever dies. Names are made of checked UUIDs only, and links are never followed. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stdbool.h>
#include <stdint.h>

enum { FOLDER_NAME_BYTES = 64, FOLDER_PATH_BYTES = 4096, FOLDER_UUID_BYTES = 37 };

/* What is known of an image that is there. */
struct folder_image {
    uint32_t format; /* enum gurum_image_format */
    uint64_t size_bytes, virtual_size;
    char sha256[65];
};

bool folder_is_uuid(const char *text);
/* The path in a store's address ("file:///srv/images"); NULL: it has none, or one that leaves its own folder. */
const char *folder_path_of(const char *url);

/* All below return 0 or an errno. */

/* Opens the folder; with `make`, makes it and those above it. */
int folder_open(const char *path, bool make, int *ret_folder);
/* The store whose folder this is; "" when it is nobody's. */
int folder_owner(int folder, char ret_uuid[FOLDER_UUID_BYTES]);
/* Makes it that store's; EEXIST: it is another one's. */
int folder_claim(int folder, const char *uuid);
int folder_disclaim(int folder);

/* ENOENT: it is not there. */
int folder_image_read(int folder, const char *uuid, struct folder_image *ret_image);
/* An empty file for an image to come, locked; EBUSY: another one fetches it; EEXIST: the image is there. */
int folder_image_begin(int folder, const char *uuid, int *ret_file);
/* Gives it its name; all of it is on the disk then. */
int folder_image_finish(int folder, const char *uuid, int file, const struct folder_image *image);
/* What came of it is given up; closes the file. */
void folder_image_drop(int folder, const char *uuid, int file);
/* Absent: 0. EBUSY: it is being fetched. */
int folder_image_remove(int folder, const char *uuid);

#endif
