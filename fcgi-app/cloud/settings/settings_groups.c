/* Where user interfaces show settings: groups and their parts, by the first words of a setting's name. The first row
 * that fits decides. */
#include "base/text.h"
#include "cloud/settings/settings_service.h"

static const struct setting_subgroup
    ACCESS[] = {{"Account", 1}, {"Domain", 2}, {"Sign-in", 3}, {"Limits", 4}, {NULL, 0}},
    COMPUTE[] = {{"Virtual Machine", 1}, {"Offerings", 2}, {"Statistics", 3}, {NULL, 0}},
    STORAGE[] = {{"Primary Storage", 1}, {"Images", 2}, {NULL, 0}}, NETWORK[] = {{"Network", 1}, {NULL, 0}},
    INFRASTRUCTURE[] = {{"Allocation", 1}, {"Capacity", 2}, {"Region", 3}, {NULL, 0}},
    SERVER[] = {{"API", 1}, {"Jobs", 2}, {"Events", 3}, {"Alerts", 4}, {"Audit", 5}, {NULL, 0}},
    OTHERS[] = {{"Others", 1}, {NULL, 0}};

static const struct setting_group GROUPS[] = {
    {"Access", "Accounts, domains, sign-in and limits", 1, ACCESS},
    {"Compute", "Instances and what they are made of", 2, COMPUTE},
    {"Storage", "Primary storage, templates and ISOs", 3, STORAGE},
    {"Network", "Networks and addresses", 4, NETWORK},
    {"Infrastructure", "Where things are placed, and regions", 5, INFRASTRUCTURE},
    {"Management Server", "The API, jobs, events, alerts and the audit trail", 6, SERVER},
    {"Miscellaneous", "Everything else", 7, OTHERS},
};

static const struct {
    const char *prefix, *group, *subgroup;
} RULES[] = {
    {"enable.account.", "Access", "Account"},
    {"enable.domain.", "Access", "Domain"},
    {"max.account.", "Access", "Limits"},
    {"max.domain.", "Access", "Limits"},
    {"max.project.", "Access", "Limits"},
    {"max.template.", "Storage", "Images"},
    {"allow.public.user.templates", "Storage", "Images"},
    {"allow.user.", "Access", "Account"},
    {"login.", "Access", "Sign-in"},
    {"incorrect.login.", "Access", "Sign-in"},
    {"session.", "Access", "Sign-in"},
    {"user.", "Access", "Sign-in"},
    {"ldap.", "Access", "Sign-in"},
    {"api.", "Management Server", "API"},
    {"enforce.", "Management Server", "API"},
    {"default.page.size", "Management Server", "API"},
    {"default.ui.", "Management Server", "API"},
    {"integration.", "Management Server", "API"},
    {"job", "Management Server", "Jobs"},
    {"event.", "Management Server", "Events"},
    {"alert.", "Management Server", "Alerts"},
    {"audit.", "Management Server", "Audit"},
    {"vm.allocator", "Infrastructure", "Allocation"},
    {"volume.allocator", "Infrastructure", "Allocation"},
    {"vm.stats.", "Compute", "Statistics"},
    {"vm.", "Compute", "Virtual Machine"},
    {"expunge.", "Compute", "Virtual Machine"},
    {"custom.diskoffering.", "Compute", "Offerings"},
    {"cpu.", "Infrastructure", "Capacity"},
    {"mem.", "Infrastructure", "Capacity"},
    {"cluster.", "Infrastructure", "Capacity"},
    {"zone.", "Infrastructure", "Capacity"},
    {"region.", "Infrastructure", "Region"},
    {"storage.", "Storage", "Primary Storage"},
    {"pool.storage.", "Storage", "Primary Storage"},
    {"secstorage.", "Storage", "Images"},
    {"image.", "Storage", "Images"},
    {"network.", "Network", "Network"},
};

const struct setting_group *settings_groups(size_t *ret_count)
{
    *ret_count = COUNT_OF(GROUPS);
    return GROUPS;
}

void settings_group_of(const struct setting *setting, const char **ret_group, const char **ret_subgroup)
{
    *ret_group = "Miscellaneous";
    *ret_subgroup = "Others";
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        if (!string_starts_with(setting->name, RULES[i].prefix))
            continue;
        *ret_group = RULES[i].group;
        *ret_subgroup = RULES[i].subgroup;
        return;
    }
}
