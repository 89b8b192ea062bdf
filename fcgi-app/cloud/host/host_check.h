/* The report of a host's last probe: what was looked at, and whether it is as it must be. */
#ifndef GURUM_CLOUD_HOST_CHECK_H
#define GURUM_CLOUD_HOST_CHECK_H

#include "db/db.h"

enum { HOST_CHECKS_MAX = 64, HOST_CHECK_TEXT_MAX = 1000 };

struct host_check {
    int64_t position;
    const char *code; /* stable; told as host.check.<code>, its hint as host.check.<code>.hint, where there is one */
    bool ok, required;
    const char *detail, *hint; /* or NULL */
    struct opt_time checked;
};

/* Puts a report in the place of the one before. Texts are cut at HOST_CHECK_TEXT_MAX bytes. */
MUST_CHECK bool host_check_replace(struct db *db, struct arena *arena, int64_t host_id,
                                   const struct host_check *checks, size_t count, struct error *err);
MUST_CHECK bool host_check_forget(struct db *db, int64_t host_id, struct error *err);
/* Rows are struct host_check, in the order of the report. */
MUST_CHECK bool host_check_list(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                                struct error *err);
/* listHostChecks. */
void host_register_checks(void);

#endif
