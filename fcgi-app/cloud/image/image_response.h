/* Images as replies show them: one entry for each zone. */
#ifndef GURUM_CLOUD_IMAGE_RESPONSE_H
#define GURUM_CLOUD_IMAGE_RESPONSE_H

#include "cloud/identity/identity.h"
#include "cloud/image/image_store.h"

struct image_download {
    const char *datastore, *downloadPercent, *downloadState;
};
struct image_response {
    const char *id, *name, *displaytext, *format, *ostypeid, *ostypename, *zoneid, *zonename, *status, *templatetype,
        *hypervisor, *checksum, *sourcetemplateid, *hostid, *hostname, *templatetag, *arch, *parenttemplateid, *url,
        *userdataid, *userdataname, *userdatapolicy, *userdataparams, *extensionid, *extensionname, *jobid;
    struct opt_time created, removed;
    bool ispublic, isready, passwordenabled, bootable, isfeatured, crossZones, isextractable, sshkeyenabled,
        isdynamicallyscalable, directdownload, deployasis, forcks, requireshvm, hasannotations;
    struct opt_int size, physicalsize, bits, jobstatus;
    struct shown_owner owner;
    struct object_list downloaddetails, childtemplates, tags;
    struct pair_list details, deployasisdetails;
    struct nested icon;
};
extern const struct field_table IMAGE_RESPONSE;

/* Fills replies for lines (an image in a zone), in their order. */
MUST_CHECK bool image_describe_lines(struct api_call *call, const struct image_line *lines, size_t count,
                                     struct image_response *ret_images, struct error *err);
/* The object kind's describe: the first zone of each image. */
MUST_CHECK bool image_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                               size_t *ret_count, struct error *err);

/* linkUserDataToTemplate. */
extern const struct api_command IMAGE_USER_DATA_COMMANDS[];

#endif
