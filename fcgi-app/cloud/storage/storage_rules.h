/* What follows from an address or a name alone: no database, no plugin. */
#ifndef GURUM_CLOUD_STORAGE_RULES_H
#define GURUM_CLOUD_STORAGE_RULES_H

#include "base/arena.h"
#include "base/error.h"

/* "nfs://server:/export/primary", "rbd://user:secret@monitor/pool" in parts. */
struct storage_url {
    const char *scheme; /* lower case */
    const char *host;   /* NULL: none ("file:///srv") */
    const char *path;   /* with its first slash; NULL: none */
    const char *password; /* that stood in the address; NULL: none */
    const char *clean;    /* the whole address without the password */
};
/* Errors: INVALID_VALUE "storage.bad_url" (no scheme, no place behind it, blanks or quotes, a password in the query).
 */
MUST_CHECK bool storage_url_parse(struct arena *arena, const char *url, struct storage_url *ret_url, struct error *err);
/* How the wire names a pool of that scheme before its plugin says better: "nfs" → "NetworkFilesystem". */
const char *storage_type_of_scheme(const char *scheme);
/* Driver settings that are sealed at rest and never listed: "secretkey", "user.password" … */
bool storage_name_is_secret(const char *name);

#endif
