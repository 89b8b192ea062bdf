/* Explanations: codes with arguments, written while a job decides, rendered in the reader's language when read. */
#include "jobs/engine.h"

#include "base/clock.h"
#include "base/text.h"

enum { ARGUMENT_BYTES = 16384 };

struct explain_row {
    int64_t id;
    const char *job_uuid, *step, *audience, *topic, *message_key, *arguments;
    struct opt_time created;
};
FIELD_TABLE(EXPLAIN_ROW, struct explain_row, COLUMN(struct explain_row, id), COLUMN(struct explain_row, job_uuid),
            COLUMN(struct explain_row, step), COLUMN(struct explain_row, audience), COLUMN(struct explain_row, topic),
            COLUMN(struct explain_row, message_key), COLUMN(struct explain_row, arguments),
            COLUMN(struct explain_row, created));

DB_STATEMENT(EXPLAIN_ADD, .name = "explanation.add",
             .sql = "INSERT INTO explanation (job_id, object_kind, object_id, step, audience, topic, message_key, "
                    "arguments, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
#define EXPLAIN_COLUMNS                                                                                                \
    "explanation.id, job.uuid AS job_uuid, explanation.step, explanation.audience, explanation.topic, "                \
    "explanation.message_key, "                                                                                        \
    "explanation.arguments, explanation.created FROM explanation LEFT JOIN job ON job.id = explanation.job_id "
/* The lines outlive their jobs. `audience` is 'tenant' or '%': operators see all. */
DB_STATEMENT(EXPLAIN_OF_JOB, .name = "explanation.of_job", .row = &EXPLAIN_ROW,
             .sql = "SELECT " EXPLAIN_COLUMNS "WHERE explanation.job_id = ? AND explanation.audience LIKE ? "
                    "ORDER BY explanation.id DESC LIMIT ?");
DB_STATEMENT(EXPLAIN_OF_OBJECT, .name = "explanation.of_object", .row = &EXPLAIN_ROW,
             .sql = "SELECT " EXPLAIN_COLUMNS "WHERE explanation.object_kind = ? AND explanation.object_id = ? "
                    "AND explanation.audience LIKE ? ORDER BY explanation.id DESC LIMIT ?");

bool explain_add(struct job_run *run, enum explain_audience audience, const char *topic, const char *key,
                 const struct error_value *values, struct error *err)
{
    if (run->planning) { /* a plan writes nothing: the line becomes part of it */
        if (run->live->plan != NULL)
            plan_fact(run->live->plan, audience, topic, key, values);
        return true;
    }
    struct text args;
    text_init(&args, run->arena, ARGUMENT_BYTES);
    arguments_add(&args, values);
    if (args.overflowed)
        return error_set(err, ERROR_INTERNAL, "job.explanation_too_long");
    return db_execute(run->db, &EXPLAIN_ADD, err, db_int(run->job_id), db_text(run->target.object_kind),
                      db_int(run->target.object_id), db_text(run->step == NULL ? NULL : run->step->name),
                      db_text(audience == EXPLAIN_TENANT ? "tenant" : "operator"), db_text(topic), db_text(key),
                      db_text(text_string(&args)), db_time(clock_now_ms()));
}

bool explain_list(struct db *db, struct arena *arena, int64_t job_id, const char *object_kind, int64_t object_id,
                  enum explain_audience audience, struct explain_line **ret_lines, size_t *ret_count, struct error *err)
{
    struct db_value who = db_text(audience == EXPLAIN_TENANT ? "tenant" : "%");
    struct db_rows rows;
    bool read = job_id != 0 ? db_query(db, &EXPLAIN_OF_JOB, arena, EXPLAIN_LINES_MAX, &rows, err, db_int(job_id), who,
                                       db_int(EXPLAIN_LINES_MAX))
                            : db_query(db, &EXPLAIN_OF_OBJECT, arena, EXPLAIN_LINES_MAX, &rows, err,
                                       db_text(object_kind), db_int(object_id), who, db_int(EXPLAIN_LINES_MAX));
    if (!read)
        return false;
    const struct explain_row *items = rows.items;
    struct explain_line *lines = arena_array(arena, rows.count, sizeof *lines);
    for (size_t i = 0; i < rows.count; i++) {
        const struct explain_row *row = &items[rows.count - 1 - i];
        lines[i] = (struct explain_line){.id = row->id,
                                         .job_uuid = row->job_uuid,
                                         .step = row->step,
                                         .audience = row->audience,
                                         .topic = row->topic,
                                         .key = row->message_key,
                                         .created = row->created};
        lines[i].args = arguments_read(arena, row->arguments, &lines[i].arg_count);
    }
    *ret_lines = lines;
    *ret_count = rows.count;
    return true;
}
