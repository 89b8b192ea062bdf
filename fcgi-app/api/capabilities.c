/* listCapabilities: what this installation can do, for user interfaces and client libraries. */
#include "api/api_settings.h"
#include "api/call.h"
#include "api/room.h"
#include "api/throttle.h"

SETTING(CAPABILITY_CUSTOM_DISK_MIN, .name = "custom.diskoffering.size.min", .category = "Advanced",
        .default_value = "1", .type = SETTING_INT, .min = 1, .max = 1048576, .scopes = SCOPE_GLOBAL,
        .help = "Smallest custom disk, in GiB");
SETTING(CAPABILITY_CUSTOM_DISK_MAX, .name = "custom.diskoffering.size.max", .category = "Advanced",
        .default_value = "1024", .type = SETTING_INT, .min = 1, .max = 1048576, .scopes = SCOPE_GLOBAL,
        .help = "Largest custom disk, in GiB");
SETTING(CAPABILITY_UI_PAGE_SIZE, .name = "default.ui.page.size", .category = "Advanced", .default_value = "20",
        .type = SETTING_INT, .min = 1, .max = 500, .scopes = SCOPE_GLOBAL, .help = "Items a page in user interfaces");

struct capabilities {
    const char *cloudstackversion;
    bool securitygroupsenabled, dynamicrolesenabled, userpublictemplateenabled;
    const char *supportELB;
    bool projectinviterequired, allowusercreateprojects;
    int64_t customdiskofferingminsize, customdiskofferingmaxsize;
    bool regionsecondaryenabled, kvmsnapshotenabled;
    bool allowuserviewdestroyedvm, allowuserexpungerecovervm, allowuserexpungerecovervolume,
        allowuserviewalldomainaccounts, allowuserforcestopvm;
    bool kubernetesserviceenabled, kubernetesclusterexperimentalfeaturesenabled;
    const char *customhypervisordisplayname;
    int64_t defaultuipagesize;
    int32_t instancesstatsretentiontime;
    bool instancesstatsuseronly, instancesdisksstatsretentionenabled;
    int32_t instancesdisksstatsretentiontime;
    bool instanceleaseenabled, dynamicscalingenabled, additionalconfigenabled;
    int32_t sharedfsvmmincpucount, sharedfsvmminramsize;
    const char *extensionspath;
    struct opt_int apilimitinterval, apilimitmax;
};
#define CAPABILITY(member, text) FIELD(struct capabilities, member, .help = text)
FIELD_TABLE(CAPABILITIES, struct capabilities,
            CAPABILITY(cloudstackversion, "The release of the wire protocol that this cloud speaks"),
            CAPABILITY(securitygroupsenabled, "True when a zone has security groups"),
            CAPABILITY(dynamicrolesenabled, "True when roles have stored rules"),
            CAPABILITY(userpublictemplateenabled, "True when users may make their images public"),
            CAPABILITY(supportELB, "True when elastic load balancing is offered"),
            CAPABILITY(projectinviterequired, "True when members of a project must accept an invitation"),
            CAPABILITY(allowusercreateprojects, "True when users may create projects"),
            CAPABILITY(customdiskofferingminsize, "Smallest custom disk, in GiB"),
            CAPABILITY(customdiskofferingmaxsize, "Largest custom disk, in GiB"),
            CAPABILITY(regionsecondaryenabled, "True when image storage is shared by a region"),
            CAPABILITY(kvmsnapshotenabled, "True when running KVM instances can be snapshot"),
            CAPABILITY(allowuserviewdestroyedvm, "True when users see their destroyed instances"),
            CAPABILITY(allowuserexpungerecovervm, "True when users may expunge and recover destroyed instances"),
            CAPABILITY(allowuserexpungerecovervolume, "True when users may expunge and recover destroyed volumes"),
            CAPABILITY(allowuserviewalldomainaccounts, "True when users see the other accounts of their domain"),
            CAPABILITY(allowuserforcestopvm, "True when users may stop instances by force"),
            CAPABILITY(kubernetesserviceenabled, "True when Kubernetes clusters are offered"),
            CAPABILITY(kubernetesclusterexperimentalfeaturesenabled,
                       "True when experimental Kubernetes features are offered"),
            CAPABILITY(customhypervisordisplayname, "What the custom hypervisor is called"),
            CAPABILITY(defaultuipagesize, "Items a page in user interfaces"),
            CAPABILITY(instancesstatsretentiontime, "Minutes that instance statistics are kept"),
            CAPABILITY(instancesstatsuseronly, "True when statistics are kept for users' instances only"),
            CAPABILITY(instancesdisksstatsretentionenabled, "True when disk statistics are kept"),
            CAPABILITY(instancesdisksstatsretentiontime, "Minutes that disk statistics are kept"),
            CAPABILITY(instanceleaseenabled, "True when instances can have a lease"),
            CAPABILITY(dynamicscalingenabled, "True when running instances can be scaled"),
            CAPABILITY(additionalconfigenabled, "True when users may send hypervisor configuration"),
            CAPABILITY(sharedfsvmmincpucount, "Fewest processors of a shared file system's instance"),
            CAPABILITY(sharedfsvmminramsize, "Least memory of a shared file system's instance, in MiB"),
            CAPABILITY(apilimitinterval, "Seconds in which requests are counted, when their rate is limited"),
            CAPABILITY(apilimitmax, "Most requests of an account in that time"),
            FIELD(struct capabilities, extensionspath, .flags = FIELD_ADMIN,
                  .help = "Where extensions lie on the management server", .no_effect = "there are no extensions"));

static bool (*read_setting)(struct api_call *call, const struct setting *setting, bool *ret_value, struct error *err);

void api_set_setting_hook(bool (*read)(struct api_call *call, const struct setting *setting, bool *ret_value,
                                       struct error *err))
{
    read_setting = read;
}

/* Whether the caller's account may: admins may; a setting that no feature declares allows nothing. */
static bool account_may(struct api_call *call, const char *name, bool *ret_may, struct error *err)
{
    const struct setting *setting = setting_find(name);
    *ret_may = call->caller->role_type != ROLE_USER;
    return *ret_may || !setting || !read_setting || read_setting(call, setting, ret_may, err);
}

static bool list_capabilities(struct api_call *call, const void *args, struct error *err)
{
    struct capabilities *capabilities = ARENA_NEW(call->arena, struct capabilities);
    bool sees_destroyed, expunges, stops_by_force, makes_projects;
    const struct setting *invites = setting_find("project.invite.required");
    (void)args;
    if (!account_may(call, "allow.user.view.destroyed.vm", &sees_destroyed, err) ||
        !account_may(call, "allow.user.expunge.recover.vm", &expunges, err) ||
        !account_may(call, "allow.user.force.stop.vm", &stops_by_force, err) ||
        !account_may(call, "allow.user.create.projects", &makes_projects, err))
        return false;
    *capabilities =
        (struct capabilities){.cloudstackversion = CLOUD_VERSION,
                              .dynamicrolesenabled = true,
                              .supportELB = "false",
                              .projectinviterequired = invites && setting_bool(invites),
                              .allowusercreateprojects = makes_projects,
                              .customhypervisordisplayname = "Custom",
                              .customdiskofferingminsize = setting_int(&CAPABILITY_CUSTOM_DISK_MIN),
                              .customdiskofferingmaxsize = setting_int(&CAPABILITY_CUSTOM_DISK_MAX),
                              .allowuserviewdestroyedvm = sees_destroyed,
                              .allowuserexpungerecovervm = expunges,
                              .allowuserforcestopvm = stops_by_force,
                              .defaultuipagesize = setting_int(&CAPABILITY_UI_PAGE_SIZE)};
    if (throttle_is_on()) {
        capabilities->apilimitinterval = OPT_INT(setting_int(&API_THROTTLING_INTERVAL));
        capabilities->apilimitmax = OPT_INT(setting_int(&API_THROTTLING_MAX));
    }
    api_reply_object(call, capabilities);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listCapabilities",
     .summary = "Tells what this cloud can do",
     .object_key = "capability",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .response = &CAPABILITIES,
     .handle = list_capabilities,
     .group = "Configuration"},
    {.name = NULL},
};

void room_register_capabilities(void)
{
    api_register_commands(COMMANDS);
}

void room_register(void)
{
    if (api_find_command("listCapabilities"))
        return;
    room_register_async();
    room_register_discovery();
    room_register_capabilities();
    room_register_explain();
    room_register_throttle();
}
