/* A letter as SMTP wants it (RFC 5322, MIME). Pure. */
#ifndef GURUM_CLOUD_MAIL_COMPOSE_H
#define GURUM_CLOUD_MAIL_COMPOSE_H

#include "base/text.h"

struct letter {
    const char *from_name, *from, *to, *subject; /* UTF-8 */
    const char *text, *html;                     /* the same in two forms */
    const char *id;                              /* for Message-ID and the boundary: unique, letters, digits, '-' */
    int64_t date_ms;
};
void mail_compose(struct text *out, const struct letter *letter);
/* One plain address: local@host without blanks, brackets, quotes and control characters; at most 254 bytes. */
bool mail_address_is_valid(const char *address);

#endif
