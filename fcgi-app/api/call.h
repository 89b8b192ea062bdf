/* A command under way, as this room sees it: what handlers answered, and the steps from parameters to the reply's text.
 */
#ifndef GURUM_API_CALL_H
#define GURUM_API_CALL_H

#include "api/params.h"
#include "api/registry.h"

enum reply_form { REPLY_NONE, REPLY_OBJECT, REPLY_LIST, REPLY_JOB, REPLY_KEPT };

struct api_reply {
    enum reply_form form;
    const struct field_table *table; /* of the object(s) */
    const char *object_key;          /* NULL: members directly under the response key */
    const void *objects;
    size_t count;
    int64_t total;
    struct job_ref job;
    const char *kept;            /* REPLY_KEPT: the text of an earlier reply */
    const char *job_object_uuid; /* the "id" of API_CREATES; NULL: none */
    /* Cookies to set: session_changed with a NULL token takes them back. */
    bool session_changed;
    const char *session_token, *session_key;
    /* For the event of the command: whose object it was, when a reference named one. 0: the caller's own account. */
    int64_t touched_account_id;
    struct audit_record *audit; /* of a write that is recorded; NULL: none */
};

/* Answers with an object of another table or key than the command's declaration says: parts that are known only when
 * the command runs. */
void reply_object_as(struct api_call *call, const struct field_table *table, const char *object_key,
                     const void *object);

/* ---- authorize.c ---- */

extern const struct identity_hooks *identity;
/* Default roles and stored rules. Errors: UNSUPPORTED with the wire's text. */
MUST_CHECK bool authorize_command(const struct caller *caller, const struct api_command *command, struct error *err);
/* Resolves every reference of the arguments, call->owner and call->scope. */
MUST_CHECK bool authorize_arguments(struct api_call *call, const struct wire_params *params, void *args,
                                    struct error *err);

/* ---- invoke.c ---- */

/* Parses, authorizes and runs the command; on success call->reply is filled. Records the command's event. */
MUST_CHECK bool invoke_call(struct api_call *call, const struct registered_command *command,
                            const struct wire_params *params, struct error *err);
/* The handler with its event and the check that it answered. */
MUST_CHECK bool invoke_handler(struct api_call *call, const struct wire_params *params, const void *args,
                               struct error *err);
/* A job that ended, as the reply of the command that started it. Errors: the job's own failure. */
MUST_CHECK bool invoke_finish_job(struct api_call *call, const struct job_view *job, struct error *err);

/* ---- plan.c ---- */

MUST_CHECK bool plan_call(struct api_call *call, const struct wire_params *params, const void *args,
                          struct error *err);
/* The plan job ended: its plan is the reply. */
MUST_CHECK bool plan_finish(struct api_call *call, const struct job_view *job, struct error *err);

/* ---- respond_json.c, respond_xml.c, respond.c ---- */

void respond_write(struct api_call *call, const struct registered_command *command, struct text *out);
/* `command` NULL: the key is errorresponse. */
void respond_error(struct arena *arena, const struct registered_command *command, enum api_format format,
                   bool is_authenticated, const struct error *err, struct text *out);
const char *respond_error_text(struct arena *arena, const struct error *err); /* English */
void json_write_reply(struct text *out, const char *response_key, const struct api_reply *reply, bool for_admin);
void xml_write_reply(struct text *out, const char *response_key, const struct api_reply *reply, bool for_admin);
void xml_add_escaped(struct text *out, const char *string);
/* One object with braces. */
void json_write_object(struct text *out, const struct field_table *table, const void *object, bool for_admin);
/* Is the member left out of replies: absent, secret, or for root admins only? */
bool respond_leaves_out(const struct field *field, const void *member, bool for_admin);
/* record.c. Tests: the reply and what led to it become a line of the file GURUM_COVERAGE_FILE. `failure` NULL: it is
 * call->reply. */
void record_answer(const struct api_call *call, const struct registered_command *command, const struct error *failure);


#endif
