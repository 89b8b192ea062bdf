/* The field table of images in replies. */
#include "cloud/icon/icon.h"
#include "cloud/image/image_response.h"

struct image_nothing {
    const char *id;
};
static const struct field IMAGE_NOTHING_FIELDS[] = {
    FIELD(struct image_nothing, id, .no_effect = "no multi-disk images", .help = "the id")};
static const struct field_table IMAGE_NOTHING = {.name = "struct image_nothing",
                                                 .fields = IMAGE_NOTHING_FIELDS,
                                                 .count = 1,
                                                 .struct_size = sizeof(struct image_nothing)};
static const struct field IMAGE_DOWNLOAD_FIELDS[] = {
    FIELD(struct image_download, datastore, .help = "the image store"),
    FIELD(struct image_download, downloadPercent, .help = "how far the download is"),
    FIELD(struct image_download, downloadState, .help = "the state of the download")};
static const struct field_table IMAGE_DOWNLOAD = {.name = "struct image_download",
                                                  .fields = IMAGE_DOWNLOAD_FIELDS,
                                                  .count = 3,
                                                  .struct_size = sizeof(struct image_download)};

FIELD_TABLE(
    IMAGE_RESPONSE, struct image_response, FIELD(struct image_response, id, .help = "the id"),
    FIELD(struct image_response, name, .help = "the name"),
    FIELD(struct image_response, displaytext, .help = "the description"),
    FIELD(struct image_response, ispublic, .help = "whether everybody sees it"),
    FIELD(struct image_response, created, .help = "when it was registered"),
    FIELD(struct image_response, removed, .help = "when it was deleted"),
    FIELD(struct image_response, isready, .help = "whether VMs can be made from it"),
    FIELD(struct image_response, passwordenabled, .help = "whether it takes a password"),
    FIELD(struct image_response, format, .help = "the format of the file"),
    FIELD(struct image_response, bootable, .help = "whether it boots"),
    FIELD(struct image_response, isfeatured, .help = "whether it is recommended"),
    FIELD(struct image_response, crossZones, .help = "whether every zone has it"),
    FIELD(struct image_response, ostypeid, .help = "the type of its operating system"),
    FIELD(struct image_response, ostypename, .help = "the name of that type"),
    FIELD_IN(struct image_response, owner, accountid, .help = "the id of the account that owns it"),
    OWNER_FIELDS(struct image_response, owner, "owns it"), OWNER_PATH_FIELD(struct image_response, owner),
    FIELD(struct image_response, zoneid, .help = "the zone of this copy"),
    FIELD(struct image_response, zonename, .help = "the name of that zone"),
    FIELD(struct image_response, status, .help = "how far the download is"),
    FIELD(struct image_response, size, .help = "bytes of the disk"),
    FIELD(struct image_response, physicalsize, .help = "bytes of the file"),
    FIELD(struct image_response, templatetype, .help = "USER, SYSTEM, BUILTIN …"),
    FIELD(struct image_response, hypervisor, .help = "the hypervisor"),
    FIELD(struct image_response, isextractable, .help = "whether it may be downloaded"),
    FIELD(struct image_response, checksum, .help = "the checksum of the file"),
    FIELD(struct image_response, sourcetemplateid, .no_effect = "no copies of images yet", .help = "sourcetemplateid"),
    FIELD(struct image_response, hostid, .no_effect = "image stores are no hosts", .help = "hostid"),
    FIELD(struct image_response, hostname, .no_effect = "image stores are no hosts", .help = "hostname"),
    FIELD(struct image_response, templatetag, .help = "a tag that hosts must have"),
    FIELD(struct image_response, details, .help = "its details"),
    FIELD(struct image_response, downloaddetails, .table = &IMAGE_DOWNLOAD, .help = "the download in each store"),
    FIELD(struct image_response, arch, .since = "4.20", .help = "the CPU architecture"),
    FIELD(struct image_response, bits, .since = "4.10", .help = "32 or 64"),
    FIELD(struct image_response, sshkeyenabled, .help = "whether it takes SSH keys"),
    FIELD(struct image_response, isdynamicallyscalable, .help = "whether its VMs may be scaled while running"),
    FIELD(struct image_response, directdownload, .help = "whether hosts fetch it themselves"),
    FIELD(struct image_response, deployasis, .since = "4.15", .help = "whether it is deployed as it is"),
    FIELD(struct image_response, forcks, .since = "4.21.0", .help = "whether it is for Kubernetes nodes"),
    FIELD(struct image_response, deployasisdetails, .since = "4.15", .no_effect = "nothing is deployed as is",
          .help = "deployasisdetails"),
    FIELD(struct image_response, parenttemplateid, .no_effect = "no multi-disk images", .help = "parenttemplateid"),
    FIELD(struct image_response, childtemplates, .table = &IMAGE_NOTHING, .no_effect = "no multi-disk images",
          .help = "images made of it"),
    FIELD(struct image_response, requireshvm, .help = "whether it needs hardware virtualisation"),
    FIELD(struct image_response, url, .help = "where it came from"),
    FIELD(struct image_response, userdataid, .since = "4.18.0", .help = "the stored user data that its machines get"),
    FIELD(struct image_response, userdataname, .since = "4.18.0", .help = "the name of that"),
    FIELD(struct image_response, userdatapolicy, .since = "4.18.0",
          .help = "what a deployment's own user data does: ALLOWOVERRIDE, APPEND, DENYOVERRIDE"),
    FIELD(struct image_response, userdataparams, .since = "4.18.0", .help = "the variables it expects, with commas"),
    FIELD(struct image_response, extensionid, .since = "4.21.0", .no_effect = "no extensions", .help = "extensionid"),
    FIELD(struct image_response, extensionname, .since = "4.21.0", .no_effect = "no extensions",
          .help = "extensionname"),
    FIELD(struct image_response, tags, .table = &TAG_RESPONSE, .help = "its tags"), ICON_FIELD(struct image_response),
    FIELD(struct image_response, hasannotations, .help = "whether it has comments"),
    FIELD(struct image_response, jobid, .no_effect = "status shows the download", .help = "its pending job"),
    FIELD(struct image_response, jobstatus, .no_effect = "status shows the download",
          .help = "the status of that job"));
