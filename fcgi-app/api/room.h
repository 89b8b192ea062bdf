/* The room's own commands: what no feature owns. Registered by api_registry_finish. */
#ifndef GURUM_API_ROOM_H
#define GURUM_API_ROOM_H

#include "api/api.h"

void room_register(void);                                             /* all of them, once */
void room_register_async(void);                                       /* queryAsyncJobResult, listAsyncJobs */
void room_register_discovery(void);                                   /* listApis */
void room_register_capabilities(void);                                /* listCapabilities */
void room_register_throttle(void);                                    /* getApiLimit, resetApiLimit */
void room_register_explain(void);                                     /* explain */
const char *room_display_path(struct arena *arena, const char *path); /* "ROOT/a/b" of "/a/b/" */

#endif
