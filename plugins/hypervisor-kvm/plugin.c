/* Plugin "hypervisor-kvm": QEMU guests on hosts that run libvirt and nothing of ours. Here: the exported table, the
 * settings, and what libvirt tells of its own accord. */
#include "kvm.h"

#include <time.h>

const struct gurum_services *services;

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *event_code(int event, int detail)
{
    switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
        return "guest_defined";
    case VIR_DOMAIN_EVENT_UNDEFINED:
        return "guest_removed";
    case VIR_DOMAIN_EVENT_STARTED:
        return "guest_started";
    case VIR_DOMAIN_EVENT_SUSPENDED:
        return "guest_paused";
    case VIR_DOMAIN_EVENT_RESUMED:
        return "guest_resumed";
    case VIR_DOMAIN_EVENT_STOPPED:
        return detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED || detail == VIR_DOMAIN_EVENT_STOPPED_FAILED
                   ? "guest_crashed"
                   : "guest_stopped";
    case VIR_DOMAIN_EVENT_CRASHED:
        return "guest_crashed";
    default:
        return NULL;
    }
}

static void guest_changed(const char *host_uuid, const char *guest_uuid, int event, int detail)
{
    const struct gurum_event told = {
        .size = sizeof(told), .code = event_code(event, detail), .object_uuid = guest_uuid, .host_uuid = host_uuid};
    if (told.code != NULL)
        services->emit(&told);
}

static void host_changed(const char *host_uuid, bool connected)
{
    const struct gurum_event told = {.size = sizeof(told),
                                     .code = connected ? "host_connected" : "host_lost",
                                     .object_uuid = host_uuid,
                                     .host_uuid = host_uuid,
                                     .detail = connected ? "libvirt answers" : "the connection to libvirt broke"};
    services->emit(&told);
}

static int32_t start(const struct gurum_services *given)
{
    static const struct libvirt_listener listener = {.guest_changed = guest_changed, .host_changed = host_changed};
    services = given;
    int32_t status = libvirt_start(services);
    if (status == GURUM_OK)
        libvirt_listen(&listener);
    return status;
}

static void stop(void)
{
    libvirt_listen(NULL);
    libvirt_stop();
}

static const struct gurum_hypervisor_operations operations = {
    .size = sizeof(operations),
    .host_probe = host_probe,
    .host_ensure = host_ensure,
    .host_observe = host_observe,
    .host_remove = host_remove,
    .guest_ensure = guest_ensure,
    .guest_start = guest_start,
    .guest_stop = guest_stop,
    .guest_reboot = guest_reboot,
    .guest_remove = guest_remove,
    .guest_observe = guest_observe,
    .guest_list = guest_list,
    .guest_stats = guest_stats,
    .disk_attach = disk_attach,
    .disk_detach = disk_detach,
    .nic_attach = nic_attach,
    .nic_detach = nic_detach,
    .console_open = console_open,
    .console_log_read = console_log_read,
};

static const struct gurum_setting settings[] = {
    LIBVIRT_TRANSPORT_SETTING,
    {.type = GURUM_SETTING_CHOICE,
     .name = "acceleration",
     .title = "Acceleration",
     .help = "How guests run: as a trial on each host finds it, always with KVM, or always without (tcg). The detail "
             "kvm.acceleration.as of a host comes before it.",
     .default_value = "auto",
     .choices = "auto|kvm|tcg"},
    {.type = GURUM_SETTING_PATH,
     .name = "console_folder",
     .title = "Folder of serial logs",
     .help = "Folder on each host that keeps what guests write to their serial port; virtlogd writes there.",
     .default_value = "/var/log/libvirt/gurum",
     .maximum = 200},
    {.type = GURUM_SETTING_TEXT,
     .name = "vnc_listen",
     .title = "Screens listen on",
     .help = "Address on which guests show their screens; empty: the host's own management address.",
     .maximum = 64},
    {.type = GURUM_SETTING_BOOLEAN,
     .name = "vnc_password",
     .title = "Passwords for screens",
     .help = "Whether a screen wants a password, made anew for each who opens it and good for five minutes.",
     .default_value = "true"},
    {.type = GURUM_SETTING_CHOICE,
     .name = "disk_cache",
     .title = "Cache of disks",
     .help = "QEMU's cache mode of disks whose storage does not ask for another.",
     .default_value = "writeback",
     .choices = "none|writeback|writethrough|directsync|unsafe"},
    {.type = GURUM_SETTING_BOOLEAN,
     .name = "anti_spoofing",
     .title = "Anti-spoofing",
     .help = "Whether guests are kept from pretending to have other addresses (by a packet filter of libvirt).",
     .default_value = "true"},
    {.type = GURUM_SETTING_INTEGER,
     .name = "reboot_grace_ms",
     .title = "Patience with a reboot",
     .help = "Milliseconds that a guest has to shut down by itself when it is rebooted; then its power is cut.",
     .default_value = "20000",
     .minimum = 0,
     .maximum = 600000},
};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_HYPERVISOR,
    .threading = GURUM_THREADING_FREE,
    .capabilities = GURUM_HYPERVISOR_DISK_HOTPLUG | GURUM_HYPERVISOR_NIC_HOTPLUG | GURUM_HYPERVISOR_CONSOLE |
                    GURUM_HYPERVISOR_STATS | GURUM_HYPERVISOR_CONSOLE_LOG | GURUM_HYPERVISOR_UEFI,
    .name = "hypervisor-kvm",
    .title = "KVM and QEMU over libvirt",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .start = start,
    .stop = stop,
    .operations = &operations,
};
