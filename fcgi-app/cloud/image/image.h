/* Images (the wire's templates): what other features may ask of them. */
#ifndef GURUM_CLOUD_IMAGE_H
#define GURUM_CLOUD_IMAGE_H

#include "api/api.h"

struct image {
    int64_t id, account_id, domain_id, os_type_id, bits, sort_key;
    const char *uuid, *name, *display_text, *url, *checksum, *format, *hypervisor, *arch, *image_type, *image_tag;
    bool is_public, is_featured, is_extractable, is_bootable, is_routing, password_enabled, ssh_key_enabled,
        is_dynamically_scalable, requires_hvm, direct_download, deploy_as_is, for_cks, cross_zones;
    struct opt_time created, removed;
};
/* The tags that a host must have for a VM of this image: those of the offering ("a,b" or NULL), and the image's. */
const char *image_host_tags(struct arena *arena, const struct image *image, const char *offering_tags);
/* NULL in *ret_image: none. Removed ones are found too (VMs keep them). */
MUST_CHECK bool image_find_any(struct db *db, struct arena *arena, int64_t id, struct image **ret_image,
                               struct error *err);

/* Where an image lies in a zone. state: "Queued", "Downloading", "Ready", "Failed", "Removing". */
struct image_place {
    int64_t id, image_id, zone_id, store_id, percent, size_bytes, physical_size_bytes;
    const char *state, *location, *failure_key, *failure_text;
    struct opt_time created;
};
/* NULL in *ret_place: the zone has not got it. */
MUST_CHECK bool image_place_find_any(struct db *db, struct arena *arena, int64_t image_id, int64_t zone_id,
                                     struct image_place **ret_place, struct error *err);
bool image_place_is_ready(const struct image_place *place);

/* Names for lists of VMs and volumes, cached in the process (VERSION_CATALOGUE); removed ones too. NULL: none. */
struct image_name {
    int64_t id;
    const char *uuid, *name, *display_text, *format, *image_type, *arch;
    bool password_enabled;
};
MUST_CHECK bool image_name_find(struct db *db, struct arena *arena, int64_t id, const struct image_name **ret_name,
                                struct error *err);

/* Its details: hypervisor and driver settings that VMs inherit. */
MUST_CHECK bool image_details_any(struct db *db, struct arena *arena, int64_t image_id, struct pair_list *ret_details,
                                  struct error *err);

void image_register(void); /* commands, kind image, job kinds */

#endif
