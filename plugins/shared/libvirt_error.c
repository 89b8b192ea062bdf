/* What libvirt's errors mean to us (see libvirt.h), and giving its objects back. */
#include "libvirt.h"

#include <stdio.h>

struct meaning {
    int code;
    int32_t status;
};

/* Codes that are not here mean FAILED. */
static const struct meaning meanings[] = {
    {VIR_ERR_NO_MEMORY, GURUM_NO_CAPACITY},
    {VIR_ERR_NO_SUPPORT, GURUM_UNSUPPORTED},
    {VIR_ERR_CONFIG_UNSUPPORTED, GURUM_UNSUPPORTED},
    {VIR_ERR_OPERATION_UNSUPPORTED, GURUM_UNSUPPORTED},
    {VIR_ERR_ARGUMENT_UNSUPPORTED, GURUM_UNSUPPORTED},
    {VIR_ERR_OVERFLOW, GURUM_INVALID},
    {VIR_ERR_INVALID_ARG, GURUM_INVALID},
    {VIR_ERR_XML_ERROR, GURUM_INVALID},
    {VIR_ERR_XML_DETAIL, GURUM_INVALID},
    {VIR_ERR_XML_INVALID_SCHEMA, GURUM_INVALID},
    {VIR_ERR_OS_TYPE, GURUM_INVALID},
    {VIR_ERR_INVALID_MAC, GURUM_INVALID},
    {VIR_ERR_NO_CONNECT, GURUM_UNREACHABLE},
    {VIR_ERR_INVALID_CONN, GURUM_UNREACHABLE},
    {VIR_ERR_RPC, GURUM_UNREACHABLE},
    {VIR_ERR_NO_SERVER, GURUM_UNREACHABLE},
    {VIR_ERR_NO_CLIENT, GURUM_UNREACHABLE},
    {VIR_ERR_UNKNOWN_HOST, GURUM_UNREACHABLE},
    {VIR_ERR_SSH, GURUM_UNREACHABLE},
    {VIR_ERR_LIBSSH, GURUM_UNREACHABLE},
    {VIR_ERR_AUTH_FAILED, GURUM_DENIED},
    {VIR_ERR_AUTH_CANCELLED, GURUM_DENIED},
    {VIR_ERR_AUTH_UNAVAILABLE, GURUM_DENIED},
    {VIR_ERR_ACCESS_DENIED, GURUM_DENIED},
    {VIR_ERR_OPERATION_DENIED, GURUM_DENIED},
    {VIR_ERR_GNUTLS_ERROR, GURUM_DENIED},
    {VIR_ERR_NO_DOMAIN, GURUM_NOT_FOUND},
    {VIR_ERR_NO_NETWORK, GURUM_NOT_FOUND},
    {VIR_ERR_NO_STORAGE_POOL, GURUM_NOT_FOUND},
    {VIR_ERR_NO_STORAGE_VOL, GURUM_NOT_FOUND},
    {VIR_ERR_NO_DOMAIN_SNAPSHOT, GURUM_NOT_FOUND},
    {VIR_ERR_NO_DOMAIN_METADATA, GURUM_NOT_FOUND},
    {VIR_ERR_NO_INTERFACE, GURUM_NOT_FOUND},
    {VIR_ERR_NO_NWFILTER, GURUM_NOT_FOUND},
    {VIR_ERR_NO_SECRET, GURUM_NOT_FOUND},
    {VIR_ERR_NO_NODE_DEVICE, GURUM_NOT_FOUND},
    {VIR_ERR_NO_NETWORK_PORT, GURUM_NOT_FOUND},
    {VIR_ERR_DEVICE_MISSING, GURUM_NOT_FOUND},
    {VIR_ERR_DOM_EXIST, GURUM_CONFLICT},
    {VIR_ERR_NETWORK_EXIST, GURUM_CONFLICT},
    {VIR_ERR_STORAGE_VOL_EXIST, GURUM_CONFLICT},
    {VIR_ERR_OPERATION_INVALID, GURUM_CONFLICT},
    {VIR_ERR_RESOURCE_BUSY, GURUM_BUSY},
    {VIR_ERR_STORAGE_POOL_BUILT, GURUM_BUSY},
    {VIR_ERR_OPERATION_TIMEOUT, GURUM_BUSY}, /* another job of the same object did not end in time */
    {VIR_ERR_AGENT_UNRESPONSIVE, GURUM_TIMED_OUT},
    {VIR_ERR_OPERATION_ABORTED, GURUM_CANCELLED},
};

/* Which errors come from our own end of the wire: the connection is lost, whatever the code. */
static bool is_of_wire(const virError *error)
{
    bool general =
        error->code == VIR_ERR_INTERNAL_ERROR || error->code == VIR_ERR_SYSTEM_ERROR || error->code == VIR_ERR_RPC;
    return general && (error->domain == VIR_FROM_RPC || error->domain == VIR_FROM_REMOTE);
}

static int32_t status_of(const virError *error)
{
    if (error == NULL || error->code == VIR_ERR_OK)
        return GURUM_FAILED;
    if (is_of_wire(error))
        return GURUM_UNREACHABLE;
    if (error->domain == VIR_FROM_FIREWALL) /* two that change the host's firewall at once get in each other's way */
        return GURUM_BUSY;
    /* a volume that another call is making, filling or reading at this moment */
    if (error->domain == VIR_FROM_STORAGE && error->code == VIR_ERR_OPERATION_INVALID)
        return GURUM_BUSY;
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].code == error->code)
            return meanings[i].status;
    }
    return GURUM_FAILED;
}

int32_t libvirt_status(void)
{
    return status_of(virGetLastError());
}

bool libvirt_is_absent(void)
{
    return libvirt_status() == GURUM_NOT_FOUND;
}

static const char *reason_of(int32_t status)
{
    switch (status) {
    case GURUM_UNREACHABLE:
        return "host_unreachable";
    case GURUM_DENIED:
        return "host_denied";
    case GURUM_BUSY:
        return "busy";
    case GURUM_NOT_FOUND:
        return "not_found";
    case GURUM_UNSUPPORTED:
        return "unsupported";
    case GURUM_NO_CAPACITY:
        return "memory";
    default:
        return "libvirt_refused";
    }
}

int32_t libvirt_fail_by(struct gurum_call *call, const struct gurum_services *services, const virError *error,
                        const char *what)
{
    int32_t status = status_of(error);
    const char *words = error == NULL ? NULL : error->message;
    return services->fail(call, status, reason_of(status), "%s: %s", what, words == NULL ? "no reason given" : words);
}

int32_t libvirt_fail(struct gurum_call *call, const struct gurum_services *services, const char *what)
{
    return libvirt_fail_by(call, services, virGetLastError(), what);
}

/* ---- Cleanup ---- */

#define DROP(name, type, release)                                                                                      \
    void name(type *object)                                                                                            \
    {                                                                                                                  \
        if (*object != NULL)                                                                                           \
            release(*object);                                                                                          \
        *object = NULL;                                                                                                \
    }
DROP(libvirt_domain_drop, virDomainPtr, virDomainFree)
DROP(libvirt_pool_drop, virStoragePoolPtr, virStoragePoolFree)
DROP(libvirt_volume_drop, virStorageVolPtr, virStorageVolFree)
DROP(libvirt_network_drop, virNetworkPtr, virNetworkFree)
DROP(libvirt_stream_drop, virStreamPtr, virStreamFree)
DROP(libvirt_return, virConnectPtr, virConnectClose)
