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
