/* Transactions: begin, commit, roll back, repeat after a conflict, and what happens after a commit. */
#include <time.h>

#include "base/shared_versions.h"
#include "db/db_private.h"

enum { ATTEMPTS = 10, ATTEMPTS_OF_DUPLICATE = 4, FIRST_PAUSE_MS = 4, LAST_PAUSE_MS = 400 };

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

void db_set_dry(struct db *db, bool dry)
{
    db->dry = dry;
}

bool db_is_dry(const struct db *db)
{
    return db->dry;
}

static void transaction_doom(struct db *db, const struct error *why)
{
    if (db->doomed)
        return;
    db->doomed = true;
    error_copy(&db->doom, why);
}

void db_on_commit(struct db *db, void (*hook)(void *argument), void *argument)
{
    if (!db->in_transaction) { /* what the caller did is already committed */
        if (!db->dry)
            hook(argument);
        return;
    }
    for (size_t i = 0; i < db->hook_count; i++)
        if (db->hooks[i].run == hook && db->hooks[i].argument == argument)
            return;
    if (db->hook_count < DB_HOOKS_MAX) {
        db->hooks[db->hook_count++] = (struct db_hook){.run = hook, .argument = argument};
        return;
    }
    struct error err; /* a lost hook would be a lost wake-up: rather refuse to commit */
    error_set(&err, ERROR_INTERNAL, "db.internal");
    error_add_detail(&err, "more than %d commit hooks in a transaction", DB_HOOKS_MAX);
    transaction_doom(db, &err);
}

void db_ride_along(struct db *db, db_transaction_body *hook, void *context)
{
    db->rider = hook;
    db->rider_context = context;
    db->rider_committed = false;
}

bool db_ride_ended(struct db *db)
{
    db->rider = NULL;
    return db->rider_committed;
}

static bool run_rider(struct db *db, struct error *err)
{
    return db->rider == NULL || db->dry || db->rider_committed || db->rider(db, db->rider_context, err);
}

/* Nothing was done yet, so that a lost connection may be replaced. */
static bool transaction_begin(struct db *db, struct error *err)
{
    for (int attempt = 0;; attempt++) {
        if (db_ensure(db, err) && db_command(db, "START TRANSACTION", err))
            break;
        if (db->failure != DB_FAILURE_LOST || attempt > 0)
            return false;
    }
    db->in_transaction = true;
    db->conflict = db->duplicate = db->doomed = false;
    db->hook_count = 0;
    return true;
}

static void transaction_roll_back(struct db *db)
{
    struct error ignored;
    if (db->mysql != NULL && !db_command(db, "ROLLBACK", &ignored))
        db_disconnect(db); /* the server rolls back */
    db->in_transaction = false;
    db->hook_count = 0;
    shared_versions_settle();
}

static void run_hooks(struct db *db)
{
    struct db_hook hooks[DB_HOOKS_MAX]; /* a hook may use the connection */
    size_t count = db->hook_count;
    for (size_t i = 0; i < count; i++)
        hooks[i] = db->hooks[i];
    db->hook_count = 0;
    for (size_t i = 0; i < count; i++)
        hooks[i].run(hooks[i].argument);
}

/* False with `conflict` set: nothing was committed, repeat. Any other failure leaves open whether the server committed.
 */
static bool transaction_commit(struct db *db, struct error *err)
{
    bool committed = db_command(db, "COMMIT", err);
    db->in_transaction = false;
    shared_versions_settle();
    if (committed) {
        db->rider_committed = true;
        run_hooks(db);
        return true;
    }
    db->hook_count = 0;
    if (db->conflict)
        transaction_roll_back(db);
    else {
        db_disconnect(db);
        error_set(err, ERROR_UNCERTAIN, "db.uncertain");
        error_add_detail(err, "no answer to COMMIT");
    }
    return false;
}

/* The body said yes: commit, unless something in it says no. */
static bool transaction_end(struct db *db, struct error *err)
{
    if (db->conflict || db->doomed || db->mysql == NULL) {
        if (db->doomed && err != NULL)
            error_copy(err, &db->doom);
        else {
            error_set(err, ERROR_DATABASE, db->conflict ? "db.conflict" : "db.no_answer");
            error_add_detail(err, "a failed statement was passed over");
        }
        transaction_roll_back(db);
        return false;
    }
    if (!db->dry)
        return transaction_commit(db, err);
    transaction_roll_back(db);
    return true;
}

static bool transaction_attempt(struct db *db, db_transaction_body *body, void *context, struct error *err)
{
    if (!transaction_begin(db, err))
        return false;
    if (body(db, context, err) && run_rider(db, err))
        return transaction_end(db, err);
    transaction_roll_back(db);
    return false;
}

void db_pause(unsigned attempt)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = FIRST_PAUSE_MS << attempt;
    ms = ms > LAST_PAUSE_MS ? LAST_PAUSE_MS : ms;
    struct timespec pause = {.tv_nsec = (ms * 1000000 / 2) + now.tv_nsec % (ms * 1000000 / 2)};
    nanosleep(&pause, NULL);
}

static bool transaction_join(struct db *db, db_transaction_body *body, void *context, struct error *err)
{
    struct error why = {.kind = ERROR_NONE};
    if (body(db, context, err == NULL ? &why : err))
        return true;
    transaction_doom(db, err == NULL ? &why : err); /* half of its work may be done */
    return false;
}

bool db_conflict(struct db *db, struct error *err)
{
    db->conflict = true;
    error_set(err, ERROR_DATABASE, "db.conflict");
    return error_add_detail(err, "what was read does not fit together");
}

/* On one server a taken key is the caller's own mistake: whoever chooses a free value holds the lock that guards the
 * choice. On a cluster another node's choice arrives between the choice and the INSERT, before the guard's conflict is
 * seen. */
static bool may_try_again(const struct db *db, unsigned attempts)
{
    bool is_cluster = db_pool_config(db->pool)->cluster_reads_wait;
    return (db->conflict && attempts < ATTEMPTS) || (db->duplicate && is_cluster && attempts < ATTEMPTS_OF_DUPLICATE);
}

bool db_transaction(struct db *db, db_transaction_body *body, void *context, struct error *err)
{
    if (db->in_transaction)
        return transaction_join(db, body, context, err);
    db->conflict = db->duplicate = false;
    for (unsigned attempt = 0;; attempt++) {
        if (transaction_attempt(db, body, context, err))
            return true;
        if (!may_try_again(db, attempt + 1))
            return false;
        db_pause(attempt);
        if (err != NULL)
            error_clear(err);
    }
}
