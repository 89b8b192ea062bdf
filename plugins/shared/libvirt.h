/* libgurum-libvirt.so, linked by every plugin that talks to libvirt, so that one process has one event loop and one
 * connection to a host, whoever asks. Here: lending connections, and what libvirt's errors mean as a status. Reading
 * and building XML is in libvirt_xml.h. What a guest, pool or network is, is the plugins' affair. */
#ifndef GURUM_SHARED_LIBVIRT_H
#define GURUM_SHARED_LIBVIRT_H

#include "gurum_plugin.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* ---- Life ------------------------------------------------------------------------------------------------------ */

/* Call in the plugin's start() and stop(). Starting begins the event loop; the last stop closes all connections. */
GURUM_EXPORT int32_t libvirt_start(const struct gurum_services *services);
GURUM_EXPORT void libvirt_stop(void);

/* What happens at hosts without our asking. Called in a thread of this library: be quick, call nothing of libvirt. */
struct libvirt_listener {
    /* `event` and `detail` as in virConnectDomainEventCallback. */
    void (*guest_changed)(const char *host_uuid, const char *guest_uuid, int event, int detail);
    void (*host_changed)(const char *host_uuid, bool connected);
};
/* One listener a process; NULL ends it, and no call of it runs once this has returned. */
GURUM_EXPORT void libvirt_listen(const struct libvirt_listener *listener);

/* ---- Connections ----------------------------------------------------------------------------------------------- */

/* To be put into the settings of a plugin that calls libvirt_connect(). */
#define LIBVIRT_TRANSPORT_SETTING                                                                                      \
    {                                                                                                                  \
        .type = GURUM_SETTING_CHOICE, .name = "transport", .title = "Way to a host",                                   \
        .help = "How a host is reached that was added by http://ADDRESS: qemu+tls, qemu+tcp or qemu+ssh. The detail "  \
                "libvirt.transport of a host comes before it.",                                                        \
        .default_value = "tls", .choices = "tls|tcp|ssh"                                                               \
    }

/* Lends the connection to a host: the one that is open, or one opened now. Waits a few seconds for it at most, then
 * UNREACHABLE while a thread goes on trying; DENIED and INVALID as they are. Says why by fail(). Give it back with
 * libvirt_return, or declare it as LIBVIRT_LENT. Never virConnectClose it more often than that. */
GURUM_EXPORT int32_t libvirt_connect(struct gurum_call *call, const struct gurum_services *services,
                                     const struct gurum_host *host, virConnectPtr *ret_connection);
GURUM_EXPORT void libvirt_return(virConnectPtr *connection);
#define LIBVIRT_LENT __attribute__((cleanup(libvirt_return))) virConnectPtr

/* Closes the host's connection once nobody has it lent; for when the host is removed. */
GURUM_EXPORT void libvirt_forget(const struct gurum_host *host);

/* The URI that libvirt is given for a host. INVALID (said by fail()): not a URL that we take. */
GURUM_EXPORT int32_t libvirt_uri(struct gurum_call *call, const struct gurum_services *services,
                                 const struct gurum_host *host, char *ret_uri, size_t size);

/* The name or number in a host's URL ("qemu+tls://10.0.0.5/system" has 10.0.0.5); false: it has none, or is local. */
GURUM_EXPORT bool libvirt_authority(const char *url, char *ret_name, size_t size);

/* Value of a detail of the array, or NULL. */
GURUM_EXPORT const char *libvirt_detail(const struct gurum_array *details, const char *name);

/* ---- Errors ---------------------------------------------------------------------------------------------------- */

/* What the calling thread's last libvirt error is as a status; decided by its code alone. */
GURUM_EXPORT int32_t libvirt_status(void);
/* True when that error says that the object looked for does not exist. */
GURUM_EXPORT bool libvirt_is_absent(void);
/* fail() with that status, a reason code for it, and "what: libvirt's words". */
GURUM_EXPORT int32_t libvirt_fail(struct gurum_call *call, const struct gurum_services *services, const char *what);
/* The same for an error kept by virSaveLastError(), when libvirt was called since. */
GURUM_EXPORT int32_t libvirt_fail_by(struct gurum_call *call, const struct gurum_services *services,
                                     const virError *error, const char *what);

/* ---- Cleanup --------------------------------------------------------------------------------------------------- */

GURUM_EXPORT void libvirt_domain_drop(virDomainPtr *domain);
GURUM_EXPORT void libvirt_pool_drop(virStoragePoolPtr *pool);
GURUM_EXPORT void libvirt_volume_drop(virStorageVolPtr *volume);
GURUM_EXPORT void libvirt_network_drop(virNetworkPtr *network);
GURUM_EXPORT void libvirt_stream_drop(virStreamPtr *stream);
#define LIBVIRT_DOMAIN __attribute__((cleanup(libvirt_domain_drop))) virDomainPtr
#define LIBVIRT_POOL __attribute__((cleanup(libvirt_pool_drop))) virStoragePoolPtr
#define LIBVIRT_VOLUME __attribute__((cleanup(libvirt_volume_drop))) virStorageVolPtr
#define LIBVIRT_NETWORK __attribute__((cleanup(libvirt_network_drop))) virNetworkPtr
#define LIBVIRT_STREAM __attribute__((cleanup(libvirt_stream_drop))) virStreamPtr

#endif
