/* What kind of image a file is, by its first bytes: its format, the size of its disk, and whether it may be kept. Pure.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file's beginning that say all of it: the mark of an ISO lies furthest back. */
enum { FORMAT_HEAD_BYTES = 32774 };

struct format_found {
    uint32_t format;       /* enum gurum_image_format; UNKNOWN: no mark, which is what a raw disk has */
    uint64_t virtual_size; /* 0: not told by the head */
    const char *refusal;   /* why it must not be used, in a few words; NULL: nothing against it */
};

struct format_found format_read(const unsigned char *head, size_t length);
/* Whether a file of the found format is what was asked for. */
bool format_suits(uint32_t found, uint32_t wanted);
/* "qcow2" */
const char *format_name(uint32_t format);

#endif
