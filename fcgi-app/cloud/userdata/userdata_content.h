/* What user data is made of: base64, and two pieces as one. No rows. */
#ifndef GURUM_CLOUD_USERDATA_CONTENT_H
#define GURUM_CLOUD_USERDATA_CONTENT_H

#include "base/arena.h"

/* The standard spelling of base64 in any spelling; NULL: it is none. */
const char *user_data_normalize(struct arena *arena, const char *base64);
/* Both as parts of one MIME message, as cloud-init reads them: the first is applied first. Arguments and result are
 * standard base64. */
const char *user_data_append(struct arena *arena, const char *first, const char *second);

#endif
