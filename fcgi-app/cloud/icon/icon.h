/* Small pictures of objects: the member "icon" of replies that have it. */
#ifndef GURUM_CLOUD_ICON_H
#define GURUM_CLOUD_ICON_H

#include "api/api.h"

extern const struct field_table ICON_RESPONSE;
/* The row of a reply's table whose struct has a `struct nested icon`; filled when showicon=true was sent. */
#define ICON_FIELD(type_name)                                                                                          \
    FIELD(type_name, icon, .table = &ICON_RESPONSE, .since = "4.16.0.0", .help = "its icon, when showicon was sent")

void icon_register(void); /* commands, the mark "icon" */

#endif
