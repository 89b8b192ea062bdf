/* SQL of letters that wait to be sent. */
#include "cloud/mail/mail_store.h"

#include "base/clock.h"
#include "db/sealed.h"

FIELD_TABLE(MAIL_ROW, struct mail_row, COLUMN(struct mail_row, id), COLUMN(struct mail_row, uuid),
            COLUMN(struct mail_row, recipient), COLUMN(struct mail_row, body_sealed));

DB_STATEMENT(MAIL_ADD, .name = "mail.add",
             .sql = "INSERT INTO mail (uuid, recipient, body_sealed, created) VALUES (?, ?, ?, ?)");
DB_STATEMENT(MAIL_FIND, .name = "mail.find", .row = &MAIL_ROW,
             .sql = "SELECT id, uuid, recipient, body_sealed FROM mail WHERE id = ?");
DB_STATEMENT(MAIL_REMOVE, .name = "mail.remove", .sql = "DELETE FROM mail WHERE id = ?");
SEALED_COLUMN(MAIL_BODY, "mail", "body_sealed", "TRUE", "CONCAT('mail.body:', uuid)", "id", "''", "''");

const char *mail_bound_to(struct arena *arena, const char *uuid)
{
    return arena_printf(arena, "mail.body:%s", uuid);
}

bool mail_add(struct db *db, const struct mail_row *row, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &MAIL_ADD, err, db_text(row->uuid), db_text(row->recipient), db_text(row->body_sealed),
                    db_time(clock_now_ms())))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool mail_find(struct db *db, struct arena *arena, int64_t id, struct mail_row *ret_row, bool *ret_found,
               struct error *err)
{
    return db_query_one(db, &MAIL_FIND, arena, ret_row, ret_found, err, db_int(id));
}

bool mail_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &MAIL_REMOVE, err, db_int(id));
}
