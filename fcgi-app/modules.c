/* The table of contents: which features there are, and which room answers which path. */
#include "app.h"

#include "api/api.h"
#include "cloud/alert/alert.h"
#include "cloud/audit/audit.h"
#include "cloud/annotation/annotation.h"
#include "cloud/branding/branding.h"
#include "cloud/capacity/capacity.h"
#include "cloud/console/console.h"
#include "cloud/detail/detail.h"
#include "cloud/event/event.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host.h"
#include "cloud/icon/icon.h"
#include "cloud/identity/identity.h"
#include "cloud/image/image.h"
#include "cloud/ldap/ldap.h"
#include "cloud/mail/mail.h"
#include "cloud/network/network.h"
#include "cloud/oauth/oauth.h"
#include "cloud/offering/offering.h"
#include "cloud/placement/placement.h"
#include "cloud/plugin/plugin.h"
#include "cloud/project/project.h"
#include "cloud/quota/quota.h"
#include "cloud/region/region.h"
#include "cloud/role/role.h"
#include "cloud/server/server.h"
#include "cloud/repeat/repeat.h"
#include "cloud/settings/settings.h"
#include "cloud/signin/signin.h"
#include "cloud/sshkey/sshkey.h"
#include "cloud/stats/stats.h"
#include "cloud/storage/storage.h"
#include "cloud/tag/tag.h"
#include "cloud/task/task.h"
#include "cloud/userdata/userdata.h"
#include "cloud/vm/vm.h"
#include "cloud/vmgroup/vmgroup.h"
#include "cloud/volume/volume.h"
#include "cloud/zone/zone.h"
#include "cloud/host/host_pages.h"
#include "cloud/identity/identity_pages.h"
#include "cloud/project/project_pages.h"
#include "cloud/vm/vm_pages.h"
#include "portal/portal.h"

/* In this order; a feature comes after those whose kinds its commands refer to. Pages last, in the order of the menu.
 */
static void (*const registrations[])(void) = {
    settings_register,   role_register,       identity_register,     event_register,     quota_register,
    tag_register,
    audit_register,      alert_register,      repeat_register,      region_register,       server_register,
    sshkey_register,     vmgroup_register,   userdata_register,  annotation_register, icon_register,
    detail_register,
    guestos_register,    zone_register,       host_register,         capacity_register,  offering_register,
    network_register,    storage_register,    image_register,        placement_register, volume_register,
    vm_register,         stats_register,      console_register,      plugin_register,    task_register,
    branding_register,   project_register,    task_register_leftovers, mail_register,   signin_register,
    ldap_register,       oauth_register,      oauth_register_pages,
    vm_register_pages,   identity_register_pages, sshkey_register_pages, userdata_register_pages,
    project_register_pages,
    console_register_pages,
    task_register_pages, host_register_pages, plugin_register_pages,
    signin_register_pages,
    event_register_pages, audit_register_pages, alert_register_pages, settings_register_pages, region_register_pages,
    server_register_pages,
    role_register_pages,
};

const struct app_route APP_ROUTES[] = {
    {"/client/api", api_http_handler},
    {"/client/api-docs", api_http_handler},
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

/* Derived anew each time, because keys rotate while web processes run. */
struct secret app_csrf_key(void)
{
    static _Thread_local char csrf_key[45];
    secret_derive("csrf", csrf_key);
    return (struct secret){.bytes = csrf_key, .length = sizeof(csrf_key) - 1};
}
