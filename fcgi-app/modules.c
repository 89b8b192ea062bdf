/* The table of contents: which features there are, and which room answers which path. */
#include "app.h"

#include <pthread.h>

#include "api/api.h"
#include "cloud/capacity/capacity.h"
#include "cloud/event/event.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network.h"
#include "cloud/offering/offering.h"
#include "cloud/quota/quota.h"
#include "cloud/settings/settings.h"
#include "cloud/storage/storage.h"
#include "cloud/tag/tag.h"
#include "cloud/zone/zone.h"
#include "portal/portal.h"

static void (*const registrations[])(void) = {
    settings_register, identity_register, event_register, quota_register,   tag_register,      guestos_register, zone_register,
    host_register,     network_register,  storage_register, capacity_register, offering_register,
};

const struct app_route APP_ROUTES[] = {
    {"/client/api", api_http_handler},
    {"/", portal_handle},
};
const size_t APP_ROUTE_COUNT = COUNT_OF(APP_ROUTES);

void modules_register(void)
{
    for (size_t i = 0; i < COUNT_OF(registrations); i++)
        registrations[i]();
    api_registry_finish();
    portal_start();
}

static char csrf_key[45];
static pthread_once_t csrf_key_once = PTHREAD_ONCE_INIT;
static void derive_csrf_key(void) { secret_derive("csrf", csrf_key); }

struct secret app_csrf_key(void)
{
    pthread_once(&csrf_key_once, derive_csrf_key);
    return (struct secret){.bytes = csrf_key, .length = sizeof(csrf_key) - 1};
}
