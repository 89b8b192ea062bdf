/* The application: what main builds once and every role gets. Rooms below main include this only where they are
 * handlers. */
#ifndef GURUM_APP_H
#define GURUM_APP_H

#include "base/config.h"
#include "db/db.h"
#include "http/http.h"

struct app {
    struct arena arena; /* lives as long as the process */
    struct config config;
    const char *config_path;
    struct db_pool *pool; /* NULL in roles without a database */
};

/* The key of form tokens: the same in every web process of the installation. After the key file was loaded. */
struct secret app_csrf_key(void);

/* A path prefix and who answers below it; the first row that fits wins. */
struct app_route {
    const char *prefix;    /* "/client/api" fits itself and "/client/api/…" */
    http_handler *handler; /* context: struct app * */
};

/* modules.c: the table of contents. */
extern const struct app_route APP_ROUTES[];
extern const size_t APP_ROUTE_COUNT;
/* Registers every feature's commands, kinds, settings and job kinds; then finishes the registries. Once a process. */
void modules_register(void);

#endif
