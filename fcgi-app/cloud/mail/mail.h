/* Letters to people: written with the brand's template in the reader's language, kept sealed, sent by a job. For every
 * feature that has something to say by mail. */
#ifndef GURUM_CLOUD_MAIL_H
#define GURUM_CLOUD_MAIL_H

#include "cloud/branding/branding.h"
#include "jobs/jobs.h"

struct mail {
    const char *to;                     /* an address, "kim@example.org" */
    const char *language;               /* "ko" */
    const char *template_name;          /* the page template of the HTML part: "mail/password_reset" */
    const char *subject_key, *text_key; /* messages: the subject, and the whole letter for those who read no HTML */
    /* Arguments of the messages and members of the template; "brand" and "accent" come by themselves. */
    const struct pair *values;
    size_t value_count;
    const struct brand_row *brand; /* NULL: Gurum's own */
};
/* Writes the letter and creates the job that sends it, in the caller's open transaction or its own. Errors:
 * INVALID_VALUE (no address). */
MUST_CHECK bool mail_queue(struct db *db, struct arena *arena, const struct mail *mail, const struct job_stamp *stamp,
                           struct error *err);
/* Is there a server to send by? */
bool mail_is_possible(void);
/* The brand whose home is the nearest domain above a path ("/a/b/"); NULL: none. */
MUST_CHECK bool mail_brand_of(struct db *db, struct arena *arena, const char *domain_path,
                              const struct brand_row **ret_brand, struct error *err);
/* Where the portal of a brand is ("https://cloud.example.org", without a slash at the end): the brand's first host in
 * place of the site's. Never from a request, which could name any host. */
MUST_CHECK bool mail_portal_url(struct db *db, struct arena *arena, const struct brand_row *brand, const char **ret_url,
                                struct error *err);
/* Once at start: the site's own address (site.url), which lives as long as the process. */
void mail_set_site(const char *url);

void mail_register(void);

#endif
