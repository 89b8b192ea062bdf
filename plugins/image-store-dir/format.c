/* Marks and headers of image formats. See format.h. */
#include "format.h"

#include "gurum_plugin.h"

#include <string.h>

static uint64_t big_endian(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static uint64_t little_endian(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

static bool has_mark(const unsigned char *head, size_t length, size_t at, const char *mark, size_t mark_length)
{
    return length >= at + mark_length && memcmp(head + at, mark, mark_length) == 0;
}

#define HAS_MARK(at, mark) has_mark(head, length, at, mark, sizeof(mark) - 1)

/* An overlay or a header that points at data elsewhere would open files of the machine that runs it. */
static struct format_found qcow2_read(const unsigned char *head, size_t length)
{
    enum { CORRUPT = 1 << 1, EXTERNAL_DATA = 1 << 2, KNOWN = 0x1f };
    struct format_found found = {.format = GURUM_FORMAT_QCOW2};
    uint64_t version = length >= 72 ? big_endian(head + 4, 4) : 0;
    if (version != 2 && (version != 3 || length < 104)) {
        found.refusal = "its header is cut off or of an unknown version";
        return found;
    }
    found.virtual_size = big_endian(head + 24, 8);
    uint64_t incompatible = version == 3 ? big_endian(head + 72, 8) : 0;
    if (big_endian(head + 8, 8) != 0 || big_endian(head + 16, 4) != 0)
        found.refusal = "it is an overlay on a backing file";
    else if ((incompatible & EXTERNAL_DATA) != 0)
        found.refusal = "its data lie in another file";
    else if (big_endian(head + 32, 4) != 0)
        found.refusal = "it is encrypted";
    else if ((incompatible & CORRUPT) != 0)
        found.refusal = "it is marked as corrupt";
    else if ((incompatible & ~(uint64_t)KNOWN) != 0)
        found.refusal = "it uses features that are not known here";
    else if (found.virtual_size == 0 || found.virtual_size > INT64_MAX)
        found.refusal = "its disk has an impossible size";
    return found;
}

static struct format_found vmdk_read(const unsigned char *head, size_t length)
{
    struct format_found found = {.format = GURUM_FORMAT_VMDK};
    uint64_t sectors = length >= 20 ? little_endian(head + 12, 8) : 0;
    if (sectors > INT64_MAX / 512)
        found.refusal = "its disk has an impossible size";
    else
        found.virtual_size = sectors * 512;
    return found;
}

struct format_found format_read(const unsigned char *head, size_t length)
{
    if (HAS_MARK(0, "QFI\xfb"))
        return qcow2_read(head, length);
    if (HAS_MARK(0, "KDMV"))
        return vmdk_read(head, length);
    if (HAS_MARK(0, "# Disk DescriptorFile"))
        return (struct format_found){.format = GURUM_FORMAT_VMDK, .refusal = "its data lie in another file"};
    if (HAS_MARK(0, "conectix") && length >= 56)
        return (struct format_found){.format = GURUM_FORMAT_VHD, .virtual_size = big_endian(head + 48, 8)};
    if (HAS_MARK(0, "vhdxfile"))
        return (struct format_found){.format = GURUM_FORMAT_VHD};
    if (HAS_MARK(257, "ustar"))
        return (struct format_found){.format = GURUM_FORMAT_TAR};
    if (HAS_MARK(32769, "CD001"))
        return (struct format_found){.format = GURUM_FORMAT_ISO};
    return (struct format_found){.format = GURUM_FORMAT_UNKNOWN};
}

/* A raw disk has no mark of its own; an ISO may be one, being what the disk holds. A fixed VHD has its mark at the end.
 */
bool format_suits(uint32_t found, uint32_t wanted)
{
    switch (wanted) {
    case GURUM_FORMAT_UNKNOWN:
        return true;
    case GURUM_FORMAT_RAW:
        return found == GURUM_FORMAT_UNKNOWN || found == GURUM_FORMAT_ISO;
    case GURUM_FORMAT_VHD:
        return found == GURUM_FORMAT_VHD || found == GURUM_FORMAT_UNKNOWN;
    case GURUM_FORMAT_OVA:
        return found == GURUM_FORMAT_TAR;
    default:
        return found == wanted;
    }
}

const char *format_name(uint32_t format)
{
    static const char *const names[] = {"unmarked", "raw", "qcow2", "vhd", "vmdk", "ova", "iso", "tar"};
    return format < sizeof(names) / sizeof(names[0]) ? names[format] : names[0];
}
