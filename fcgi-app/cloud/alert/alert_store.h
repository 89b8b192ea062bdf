/* The SQL of alerts, and of what they tell of, for the files of this feature only. */
#ifndef GURUM_CLOUD_ALERT_STORE_H
#define GURUM_CLOUD_ALERT_STORE_H

#include "cloud/alert/alert.h"

struct alert_row {
    int64_t id, type;
    const char *uuid, *name, *message_key, *subject, *detail;
    struct opt_time sent;
};
struct alert_filter {
    int64_t id;
    struct opt_int type;
    const char *name, *keyword_like;
};
MUST_CHECK bool alert_find(struct db *db, struct arena *arena, const char *uuid, struct alert_row *ret_row,
                           bool *ret_found, struct error *err);
/* Not archived ones, the newest first. */
MUST_CHECK bool alert_page(struct db *db, struct arena *arena, const struct alert_filter *filter, int64_t offset,
                           int64_t limit, struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
struct alert_choice {
    int64_t id; /* 0: by type and time */
    struct opt_int type;
    struct opt_time from, until;
};
MUST_CHECK bool alert_archive(struct db *db, const struct alert_choice *choice, struct error *err);
MUST_CHECK bool alert_delete(struct db *db, const struct alert_choice *choice, struct error *err);
/* Conditions that begin with the prefix and were not seen since that time are over. */
MUST_CHECK bool alert_end_unseen(struct db *db, const char *prefix, int64_t since_ms, struct error *err);

/* What stands badly now: hosts, plugins, management servers, leftovers of jobs. */
struct trouble_row {
    const char *condition, *subject, *detail;
    int64_t zone_id, pod_id;
};
enum { TROUBLES_MAX = 1000 };
MUST_CHECK bool alert_hosts_lost(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool alert_plugins_faulty(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool alert_servers_lost(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool alert_leftovers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
/* Image stores and how full they are. */
struct store_row {
    int64_t id, zone_id, total_bytes, used_bytes;
    const char *uuid, *name;
};
MUST_CHECK bool alert_image_stores(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);

#endif
