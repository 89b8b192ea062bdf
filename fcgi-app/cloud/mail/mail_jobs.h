/* The job that sends a letter, for the files of this feature only. */
#ifndef GURUM_CLOUD_MAIL_JOBS_H
#define GURUM_CLOUD_MAIL_JOBS_H

#include "cloud/mail/mail.h"

struct mail_send_input {
    int64_t mail_id;
};
extern const struct job_kind MAIL_SEND;
/* The address that letters come from. */
void mail_sender(char *buffer, size_t size);

#endif
