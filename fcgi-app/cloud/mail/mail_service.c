/* Writing letters: texts of the catalogue, the page template, the brand. Sending is mail_jobs.c's. */
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/uuid.h"
#include "cloud/identity/identity.h"
#include "cloud/mail/mail_compose.h"
#include "cloud/mail/mail_jobs.h"
#include "cloud/mail/mail_store.h"
#include "render/theme.h"

enum { LETTER_MAX_BYTES = 256 * 1024, PART_MAX_BYTES = 64 * 1024, VALUES_MAX = 7, ADDRESS_BYTES = 255 };

static const char *site_url = "";

void mail_set_site(const char *url)
{
    site_url = url;
}

/* ---- whose brand, and where its portal is ---- */

bool mail_brand_of(struct db *db, struct arena *arena, const char *domain_path, const struct brand_row **ret_brand,
                   struct error *err)
{
    struct db_rows rows = {0};
    size_t nearest = 0;
    *ret_brand = NULL;
    if (!branding_list(db, arena, &rows, err))
        return false;
    const struct brand_row *brands = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct identity_domain *home = NULL;
        if (brands[i].home_domain_id && !identity_find_domain_any(db, arena, brands[i].home_domain_id, &home, err))
            return false;
        if (!home || !string_starts_with(domain_path, home->path) || strlen(home->path) <= nearest)
            continue;
        nearest = strlen(home->path);
        *ret_brand = &brands[i];
    }
    return true;
}

bool mail_portal_url(struct db *db, struct arena *arena, const struct brand_row *brand, const char **ret_url,
                     struct error *err)
{
    struct string_list hosts = {0};
    size_t length = strlen(site_url);
    while (length > 0 && site_url[length - 1] == '/')
        length--;
    *ret_url = arena_strndup(arena, site_url, length);
    if (brand && !branding_hosts_of(db, arena, brand->id, &hosts, err))
        return false;
    const char *host = strstr(*ret_url, "://");
    if (hosts.count == 0 || !host)
        return true;
    host += 3;
    *ret_url = arena_printf(arena, "%.*s%s%s", (int)(host - *ret_url), *ret_url, hosts.items[0],
                            host + strcspn(host, ":/")); /* the port stays */
    return true;
}

/* ---- the letter ---- */

static const char *render_text(struct arena *arena, const struct mail *mail, const char *key,
                               const struct error_arg *args, size_t count)
{
    struct text out;
    text_init(&out, arena, PART_MAX_BYTES);
    message_render(&out, mail->language, key, args, count);
    return text_string(&out);
}

/* The values for both forms: arguments of messages, members of the view. */
static size_t fill_values(const struct mail *mail, struct error_arg args[VALUES_MAX + 1], struct view *root)
{
    size_t count = 0;
    args[count++] = (struct error_arg){.name = "brand", .value = mail->brand ? mail->brand->name : "Gurum"};
    for (size_t i = 0; i < mail->value_count && count <= VALUES_MAX; i++)
        args[count++] = (struct error_arg){.name = mail->values[i].name, .value = mail->values[i].value};
    for (size_t i = 0; i < count; i++)
        view_set_text(root, args[i].name, args[i].value);
    view_set_text(root, "language", mail->language);
    return count;
}

static bool write_letter(struct arena *arena, const struct mail *mail, const char *uuid, struct text *out,
                         struct error *err)
{
    struct error_arg args[VALUES_MAX + 1];
    struct view *root = view_object(arena);
    struct text html;
    char from[ADDRESS_BYTES];
    size_t count = fill_values(mail, args, root);
    text_init(&html, arena, PART_MAX_BYTES);
    text_init(out, arena, LETTER_MAX_BYTES);
    mail_sender(from, sizeof(from));
    const char *subject = render_text(arena, mail, mail->subject_key, args, count);
    view_set_text(root, "title", subject);
    if (!theme_render(&html, NULL, mail->template_name, root, mail->language, err))
        return false;
    const struct letter letter = {.from_name = args[0].value,
                                  .from = from,
                                  .to = mail->to,
                                  .subject = subject,
                                  .text = render_text(arena, mail, mail->text_key, args, count),
                                  .html = text_string(&html),
                                  .id = uuid,
                                  .date_ms = clock_now_ms()};
    mail_compose(out, &letter);
    return true;
}

struct queueing {
    struct arena *arena;
    struct mail_row row;
    const struct job_stamp *stamp;
};

static bool queue(struct db *db, void *context, struct error *err)
{
    const struct queueing *to = context;
    struct mail_send_input input = {0};
    struct job_ref job;
    return mail_add(db, &to->row, &input.mail_id, err) &&
           job_create(db, &MAIL_SEND, &input, NULL, to->stamp, &job, err);
}

bool mail_queue(struct db *db, struct arena *arena, const struct mail *mail, const struct job_stamp *stamp,
                struct error *err)
{
    char uuid[UUID_BYTES];
    struct text letter;
    struct queueing to = {.arena = arena, .stamp = stamp};
    if (!mail_address_is_valid(mail->to))
        return error_set(err, ERROR_INVALID_VALUE, "mail.bad_address");
    uuid_random(uuid);
    if (!write_letter(arena, mail, uuid, &letter, err))
        return false;
    to.row = (struct mail_row){
        .uuid = uuid,
        .recipient = mail->to,
        .body_sealed = secret_seal(arena, (struct secret){.bytes = text_string(&letter), .length = letter.length},
                                   mail_bound_to(arena, uuid))};
    return db_transaction(db, queue, &to, err);
}
