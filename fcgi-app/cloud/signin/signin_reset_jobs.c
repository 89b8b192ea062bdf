/* user.password_reset: looks whether there is a user for somebody who forgot his password, and has a letter sent. */
#include "cloud/signin/signin_reset.h"

FIELD_TABLE(PASSWORD_RESET_INPUT, struct reset_input, COLUMN(struct reset_input, request_id),
            COLUMN(struct reset_input, username), COLUMN(struct reset_input, domain));
struct reset_state {
    int64_t unused;
};
FIELD_TABLE(PASSWORD_RESET_STATE, struct reset_state, COLUMN(struct reset_state, unused));

static bool answer(struct job_run *run, struct error *err)
{
    return reset_answer(run->db, run->arena, run->input, &run->stamp, err);
}

static const struct job_step STEPS[] = {{.name = "answer", .title_key = "step.password_reset", .commit = answer}};

const struct job_kind PASSWORD_RESET = {.name = "user.password_reset",
                                        .command = "forgotPassword",
                                        .version = 1,
                                        .input = &PASSWORD_RESET_INPUT,
                                        .state = &PASSWORD_RESET_STATE,
                                        .steps = STEPS,
                                        .step_count = COUNT_OF(STEPS),
                                        .fleeting = true};

void signin_register_reset_job(void)
{
    static const struct job_kind *const KINDS[] = {&PASSWORD_RESET, NULL};
    job_register_kinds(KINDS);
}
