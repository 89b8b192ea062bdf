/* Addresses of pools and image stores. */
#include "cloud/storage/storage_rules.h"

#include <ctype.h>

#include "base/text.h"

static bool is_scheme(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("+-.", text[i]))
            return false;
    return length > 0;
}

/* An empty port ("server:") is what people write before an NFS export. */
static const char *host_of(struct arena *arena, const char *authority, size_t length)
{
    char *host = arena_strndup(arena, authority, length);
    char *colon = strrchr(host, ':');
    if (colon && !strchr(colon, ']'))
        *colon = '\0';
    return *host ? host : NULL;
}

static bool parse(struct arena *arena, const char *url, struct storage_url *out)
{
    const char *mark = strstr(url, "://");
    if (!mark || !is_scheme(url, (size_t)(mark - url)) || strpbrk(url, " \"'<>\\") || string_has_control(url) ||
        strcasestr(mark, "password=") || strcasestr(mark, "secret="))
        return false;
    const char *authority = mark + 3;
    size_t length = strcspn(authority, "/?#");
    const char *path = authority + length;
    const char *at = memrchr(authority, '@', length), *end_of_user = at;
    const char *colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
    if (colon) {
        out->password = arena_strndup(arena, colon + 1, (size_t)(at - colon - 1));
        end_of_user = colon;
    }
    out->clean = colon ? arena_printf(arena, "%.*s%s", (int)(end_of_user - url), url, at) : arena_strdup(arena, url);
    out->scheme = string_lower(arena, arena_strndup(arena, url, (size_t)(mark - url)));
    const char *host = at ? at + 1 : authority;
    out->host = host_of(arena, host, (size_t)(path - host));
    out->path = *path == '/' ? arena_strndup(arena, path, strcspn(path, "?#")) : NULL;
    return out->host || (out->path && out->path[1]);
}

bool storage_url_parse(struct arena *arena, const char *url, struct storage_url *ret_url, struct error *err)
{
    *ret_url = (struct storage_url){.scheme = NULL};
    return (url && parse(arena, url, ret_url)) || error_set(err, ERROR_INVALID_VALUE, "storage.bad_url");
}

const char *storage_type_of_scheme(const char *scheme)
{
    static const struct {
        const char *scheme, *type;
    } TYPES[] = {
        {"nfs", "NetworkFilesystem"}, {"file", "Filesystem"}, {"filesystem", "Filesystem"},
        {"sharedmountpoint", "SharedMountPoint"}, {"rbd", "RBD"},
        {"clvm", "CLVM"}, {"lvm", "LVM"}, {"iscsi", "IscsiLUN"}, {"vmfs", "VMFS"}, {"presetup", "PreSetup"},
        {"datastorecluster", "DatastoreCluster"}, {"gluster", "Gluster"}, {"smb", "SMB"}, {"cifs", "SMB"},
        {"ocfs2", "OCFS2"}, {"linstor", "Linstor"}, {"powerflex", "PowerFlex"}, {"fiberchannel", "FiberChannel"}};
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal(TYPES[i].scheme, scheme))
            return TYPES[i].type;
    return "ManagedStorage";
}

bool storage_name_is_secret(const char *name)
{
    return strcasestr(name, "password") || strcasestr(name, "secret") || strcasestr(name, "passwd") ||
           strcasestr(name, "private") || strcasestr(name, "token");
}
