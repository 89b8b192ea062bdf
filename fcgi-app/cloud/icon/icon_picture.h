/* Which pictures may be icons. */
#ifndef GURUM_CLOUD_ICON_PICTURE_H
#define GURUM_CLOUD_ICON_PICTURE_H

#include "base/arena.h"
#include "base/error.h"

enum { ICON_BASE64_MAX = 65535 };
/* PNG, JPEG and GIF by their first bytes. SVG is refused, because it can carry scripts that would run in the portal of
 * whoever looks at it. Errors: INVALID_VALUE (not base64, another kind, too large). */
MUST_CHECK bool icon_check_picture(struct arena *arena, const char *base64, struct error *err);

#endif
