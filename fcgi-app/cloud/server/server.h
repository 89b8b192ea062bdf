/* Management servers: the machines that carry this cloud's jobs. */
#ifndef GURUM_CLOUD_SERVER_H
#define GURUM_CLOUD_SERVER_H

#include "db/db.h"

/* Called once by a jobs process at its start: what this machine is. */
MUST_CHECK bool server_announce(struct db *db, struct error *err);

void server_register(void);       /* commands; kind management_server */
void server_register_pages(void); /* /admin/servers */

#endif
