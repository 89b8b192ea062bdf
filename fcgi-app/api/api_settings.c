/* Declarations of the settings that this room reads. */
#include "api/api_settings.h"

SETTING(DEFAULT_PAGE_SIZE, .name = "default.page.size", .category = "Advanced", .default_value = "500",
        .type = SETTING_INT, .min = 1, .max = 5000, .scopes = SCOPE_GLOBAL,
        .help = "Most items of a page, and the page size when a request names none");
SETTING(API_WAIT_SECONDS, .name = "api.wait.seconds", .category = "Advanced", .default_value = "60",
        .type = SETTING_INT, .min = 1, .max = 3600, .scopes = SCOPE_GLOBAL,
        .help = "Seconds that a request waits for its job before it is answered with an error that names the job");
SETTING(API_PARKED_MAX, .name = "api.parked.max", .category = "Advanced", .default_value = "500", .type = SETTING_INT,
        .min = 1, .max = 5000, .scopes = SCOPE_GLOBAL,
        .help = "Most requests of one process that wait for jobs at the same time");
SETTING(API_SESSIONKEY_CHECK, .name = "api.sessionkey.check.locations", .category = "Advanced",
        .default_value = "CookieAndParameter", .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL,
        .choices = "CookieAndParameter,ParameterOnly,CookieOrParameter", .help = "Where the session key must be");
SETTING(API_POST_WRITES, .name = "enforce.post.requests.and.timestamps", .category = "Advanced",
        .default_value = "false", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "Refuses signatures without expiry, and writes that do not come by POST");
SETTING(INTEGRATION_API_PORT, .name = "integration.api.port", .category = "Advanced", .default_value = "0",
        .type = SETTING_INT, .min = 0, .max = 65535, .scopes = SCOPE_GLOBAL, .needs_restart = true,
        .help =
            "Port of this machine, on the loopback address only, where whoever reaches it calls every command without "
            "credentials; 0: none");
SETTING(API_THROTTLING_ENABLED, .name = "api.throttling.enabled", .category = "Advanced", .default_value = "false",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL, .help = "Limits the rate of an account's requests");
SETTING(API_THROTTLING_INTERVAL, .name = "api.throttling.interval", .category = "Advanced", .default_value = "1",
        .type = SETTING_INT, .min = 1, .max = 86400, .scopes = SCOPE_GLOBAL,
        .help = "Seconds in which an account's requests are counted");
SETTING(API_THROTTLING_MAX, .name = "api.throttling.max", .category = "Advanced", .default_value = "25",
        .type = SETTING_INT, .min = 1, .max = 1000000, .scopes = SCOPE_GLOBAL,
        .help = "Most requests of an account in an interval");
SETTING(API_THROTTLING_CACHESIZE, .name = "api.throttling.cachesize", .category = "Advanced", .default_value = "50000",
        .type = SETTING_INT, .min = 1000, .max = 10000000, .scopes = SCOPE_GLOBAL, .needs_restart = true,
        .help = "Accounts whose requests are counted at the same time");
