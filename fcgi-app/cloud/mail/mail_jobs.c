/* mail.send: hands a letter to the mail server by libcurl. At least once: a process that dies after the server took the
 * letter sends it again, under the same Message-ID. */
#include "cloud/mail/mail_jobs.h"

#include <curl/curl.h>
#include <string.h>

#include "base/setting.h"
#include "base/text.h"
#include "cloud/mail/mail_store.h"

#define MAIL_SETTING(ident, setting_name, kind, value, ...)                                                            \
    SETTING(ident, .name = setting_name, .category = "Alert", .default_value = value, .type = kind,                    \
            .scopes = SCOPE_GLOBAL, __VA_ARGS__)
MAIL_SETTING(MAIL_HOST, "alert.smtp.host", SETTING_TEXT, "", .help = "The mail server; empty: no mail is sent");
MAIL_SETTING(MAIL_PORT, "alert.smtp.port", SETTING_INT, "465", .min = 1, .max = 65535,
             .help = "The mail server's port; 465 speaks TLS from the beginning");
MAIL_SETTING(MAIL_USE_AUTH, "alert.smtp.useAuth", SETTING_BOOL, "false",
             .help = "The mail server wants a name and a password");
MAIL_SETTING(MAIL_USERNAME, "alert.smtp.username", SETTING_TEXT, "", .help = "The name for the mail server");
MAIL_SETTING(MAIL_PASSWORD, "alert.smtp.password", SETTING_TEXT, "", .is_secret = true,
             .help = "The password for the mail server");
MAIL_SETTING(MAIL_STARTTLS, "alert.smtp.useStartTLS", SETTING_BOOL, "false", .help = "Mail goes only after STARTTLS");
MAIL_SETTING(MAIL_SECONDS, "alert.smtp.timeout", SETTING_INT, "30", .min = 1, .max = 300,
             .help = "Seconds after which the sending of a letter is given up");
MAIL_SETTING(MAIL_SENDER, "alert.email.sender", SETTING_TEXT, "gurum@localhost",
             .help = "The address that mail comes from");

enum { VALUE_BYTES = 256, SMTPS_PORT = 465, ATTEMPTS_MAX = 8 };

FIELD_TABLE(MAIL_SEND_INPUT, struct mail_send_input, COLUMN(struct mail_send_input, mail_id));
struct mail_send_state {
    int64_t unused;
};
FIELD_TABLE(MAIL_SEND_STATE, struct mail_send_state, COLUMN(struct mail_send_state, unused));

bool mail_is_possible(void)
{
    char host[VALUE_BYTES];
    setting_text(&MAIL_HOST, host, sizeof(host));
    return host[0] != '\0';
}

void mail_sender(char *buffer, size_t size)
{
    setting_text(&MAIL_SENDER, buffer, size);
}

struct reading {
    struct secret letter;
    size_t at;
};

static size_t read_letter(char *buffer, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    size_t left = reading->letter.length - reading->at, room = size * count, bytes = left < room ? left : room;
    memcpy(buffer, reading->letter.bytes + reading->at, bytes);
    reading->at += bytes;
    return bytes;
}

static CURLcode set_login(CURL *curl)
{
    char name[VALUE_BYTES], password[VALUE_BYTES];
    if (!setting_bool(&MAIL_USE_AUTH))
        return CURLE_OK;
    setting_text(&MAIL_USERNAME, name, sizeof(name));
    setting_text(&MAIL_PASSWORD, password, sizeof(password));
    CURLcode bad = curl_easy_setopt(curl, CURLOPT_USERNAME, name);
    bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    explicit_bzero(password, sizeof(password));
    return bad;
}

static CURLcode set_options(CURL *curl, struct arena *arena, struct reading *reading, struct curl_slist *recipients)
{
    char host[VALUE_BYTES], sender[VALUE_BYTES];
    CURLcode bad = CURLE_OK;
    int port = (int)setting_int(&MAIL_PORT);
    setting_text(&MAIL_HOST, host, sizeof(host));
    mail_sender(sender, sizeof(sender));
#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, arena_printf(arena, "%s://%s:%d", port == SMTPS_PORT ? "smtps" : "smtp", host, port));
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_USE_SSL, (long)(setting_bool(&MAIL_STARTTLS) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    SET(CURLOPT_TIMEOUT, (long)setting_int(&MAIL_SECONDS));
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, ""); /* not from the environment */
    SET(CURLOPT_MAIL_FROM, arena_printf(arena, "<%s>", sender));
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_READFUNCTION, read_letter);
    SET(CURLOPT_READDATA, reading);
    SET(CURLOPT_UPLOAD, 1L);
#undef SET
    return bad != CURLE_OK ? bad : set_login(curl);
}

static bool send_letter(struct arena *arena, const char *recipient, struct secret letter, struct error *err)
{
    struct reading reading = {.letter = letter};
    struct curl_slist *recipients = curl_slist_append(NULL, arena_printf(arena, "<%s>", recipient));
    CURL *curl = curl_easy_init();
    CURLcode bad = curl && recipients ? set_options(curl, arena, &reading, recipients) : CURLE_OUT_OF_MEMORY;
    if (bad == CURLE_OK)
        bad = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
    if (bad == CURLE_OK)
        return true;
    error_set(err, ERROR_RESOURCE_UNAVAILABLE, "mail.not_sent");
    return error_add_detail(err, "%s", curl_easy_strerror(bad));
}

static enum step_outcome send_step(struct job_run *run, struct error *err)
{
    const struct mail_send_input *input = run->input;
    struct mail_row row = {0};
    struct secret letter = {0};
    bool found = false;
    if (!mail_is_possible()) {
        error_set(err, ERROR_INVALID_VALUE, "mail.not_configured");
        return STEP_FAILED;
    }
    if (!mail_find(run->db, run->arena, input->mail_id, &row, &found, err))
        return STEP_FAILED;
    if (!found)
        return STEP_DONE;
    bool ok = secret_open(run->arena, row.body_sealed, mail_bound_to(run->arena, row.uuid), &letter, err) &&
              send_letter(run->arena, row.recipient, letter, err);
    return ok ? STEP_DONE : STEP_FAILED;
}

/* Sent or given up: nobody keeps the letter. */
static bool settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct mail_send_input *input = run->input;
    (void)succeeded, (void)failure;
    return mail_remove(run->db, input->mail_id, err);
}

static const struct job_step STEPS[] = {
    {.name = "send", .title_key = "step.mail_send", .act = send_step, .max_attempts = ATTEMPTS_MAX}};

const struct job_kind MAIL_SEND = {.name = "mail.send",
                                   .command = "sendMail",
                                   .version = 1,
                                   .input = &MAIL_SEND_INPUT,
                                   .state = &MAIL_SEND_STATE,
                                   .steps = STEPS,
                                   .step_count = COUNT_OF(STEPS),
                                   .settle = settle,
                                   .fleeting = true};

void mail_register(void)
{
    static const struct job_kind *const KINDS[] = {&MAIL_SEND, NULL};
    job_register_kinds(KINDS);
}
