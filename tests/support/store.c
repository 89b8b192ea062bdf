/* The database server of tests: starting, stopping, databases. See store.h. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "db/db_private.h"

enum { TABLES_MAX = 512, START_WAIT_S = 60 };

static struct {
    struct store_server server; /* pid 0: somebody else's */
    pid_t owner;
    const char *socket;
    char database[64], schema[64];
    int databases;
    char *emptied[TABLES_MAX]; /* tables of the schema that the migrations left empty */
    size_t emptied_count;
} fixture;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "store fixture: %s: %s\n", what, why);
    abort();
}

static pid_t spawn(const char *const *arguments, const char *log_path)
{
    pid_t pid = fork();
    if (pid < 0)
        fail("fork", strerror(errno));
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no server outlives its test */
    int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log_fd < 0 || null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0)
        _exit(126);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static int wait_for(pid_t pid)
{
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void show_log(const struct store_server *server)
{
    char line[512], path[128];
    snprintf(path, sizeof(path), "%s/log", server->folder);
    FILE *log = fopen(path, "re");
    while (log != NULL && fgets(line, sizeof(line), log) != NULL)
        fputs(line, stderr);
    if (log != NULL)
        fclose(log);
}

static const char *user_name(void)
{
    const struct passwd *user = getpwuid(geteuid());
    if (user == NULL)
        fail("user", "has no name");
    return user->pw_name;
}

void store_server_create(struct store_server *server)
{
    *server = (struct store_server){.folder = "/tmp/gurum-store-XXXXXX"};
    if (mkdtemp(server->folder) == NULL)
        fail("mkdtemp", strerror(errno));
    snprintf(server->socket, sizeof(server->socket), "%s/db.sock", server->folder);
    char datadir[96], log[96], user[96], scratch[96];
    snprintf(scratch, sizeof(scratch), "--tmpdir=%s", server->folder); /* a server that starts clears its own */
    snprintf(datadir, sizeof(datadir), "--datadir=%s/data", server->folder);
    snprintf(log, sizeof(log), "%s/log", server->folder);
    snprintf(user, sizeof(user), "--user=%s", user_name());
    const char *const arguments[] = {"mariadb-install-db",
                                     "--no-defaults",
                                     datadir,
                                     scratch,
                                     user,
                                     "--auth-root-authentication-method=normal",
                                     "--skip-test-db",
                                     "--skip-name-resolve",
                                     "--innodb-log-file-size=16M",
                                     "--innodb-flush-log-at-trx-commit=0",
                                     "--innodb-flush-method=nosync",
                                     NULL};
    if (wait_for(spawn(arguments, log)) != 0) {
        show_log(server);
        fail("mariadb-install-db", "failed");
    }
}

static bool server_answers(const struct store_server *server)
{
    MYSQL *mysql = mysql_init(NULL);
    bool answers = mysql_real_connect(mysql, "localhost", "root", NULL, NULL, 0, server->socket, 0) != NULL;
    mysql_close(mysql);
    return answers;
}

/* Commits survive the server's death but not the machine's, which is fast and enough for tests. */
void store_server_start(struct store_server *server)
{
    char datadir[96], socket[128], log[96], user[96], pid_file[96], scratch[96];
    snprintf(scratch, sizeof(scratch), "--tmpdir=%s", server->folder);
    snprintf(datadir, sizeof(datadir), "--datadir=%s/data", server->folder);
    snprintf(socket, sizeof(socket), "--socket=%s", server->socket);
    snprintf(pid_file, sizeof(pid_file), "--pid-file=%s/pid", server->folder);
    snprintf(log, sizeof(log), "%s/log", server->folder);
    snprintf(user, sizeof(user), "--user=%s", user_name());
    const char *const arguments[] = {"mariadbd",
                                     "--no-defaults",
                                     datadir,
                                     scratch,
                                     socket,
                                     pid_file,
                                     user,
                                     "--skip-networking",
                                     "--innodb-flush-log-at-trx-commit=2",
                                     "--innodb-flush-method=nosync",
                                     "--innodb-buffer-pool-size=64M",
                                     "--innodb-log-file-size=16M",
                                     "--performance-schema=OFF",
                                     "--max-connections=300",
                                     "--character-set-server=utf8mb4",
                                     "--skip-log-bin",
                                     NULL};
    server->pid = spawn(arguments, log);
    for (int tries = 0; tries < START_WAIT_S * 50; tries++) {
        if (server_answers(server))
            return;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    show_log(server);
    fail("mariadbd", "did not start");
}

static void server_end(struct store_server *server, int signal_number)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, signal_number);
    wait_for(server->pid);
    server->pid = 0;
}

void store_server_stop(struct store_server *server)
{
    server_end(server, SIGTERM);
}

void store_server_kill(struct store_server *server)
{
    server_end(server, SIGKILL);
}

void store_server_remove(struct store_server *server)
{
    store_server_kill(server);
    const char *const arguments[] = {"rm", "-rf", server->folder, NULL};
    wait_for(spawn(arguments, "/dev/null"));
}

static struct db_pool *pool_on(const char *database, size_t max_connections)
{
    const struct db_config config = {.unix_socket = fixture.socket, .user = "root", .database = database};
    return db_pool_new(&config, max_connections);
}

static void drop_databases(void)
{
    struct db_pool *pool = pool_on(NULL, 1);
    struct db *db = store_acquire(pool);
    char sql[256];
    snprintf(sql, sizeof(sql),
             "SELECT COUNT(*) AS value FROM information_schema.schemata WHERE schema_name LIKE 'gurum\\_%d\\_%%'",
             (int)getpid());
    for (int i = 0; store_number(db, sql) > 0 && i < 10000; i++) {
        char drop[96];
        snprintf(drop, sizeof(drop), "DROP DATABASE IF EXISTS gurum_%d_%d", (int)getpid(), i);
        store_sql(db, drop);
    }
    db_release(db);
    db_pool_free(pool);
}

static void fixture_end(void)
{
    if (getpid() != fixture.owner) /* a test's child */
        return;
    if (fixture.server.pid > 0)
        store_server_remove(&fixture.server);
    else
        drop_databases();
}

void store_fixture_start(void)
{
    fixture.owner = getpid();
    fixture.socket = getenv("GURUM_TEST_DB_SOCKET");
    if (fixture.socket == NULL) {
        store_server_create(&fixture.server);
        store_server_start(&fixture.server);
        fixture.socket = fixture.server.socket;
    }
    atexit(fixture_end);
}

const char *store_fixture_socket(void)
{
    return fixture.socket;
}

const char *store_database(void)
{
    return fixture.database;
}

/* Forked tests count on from the same number: each adds its own process id. The owner's id comes first for
 * drop_databases. */
static void database_create(char *name, size_t size)
{
    struct db_pool *pool = pool_on(NULL, 1);
    struct db *db = store_acquire(pool);
    char sql[160];
    for (bool created = false; !created;) {
        snprintf(name, size, "gurum_%d_%d", (int)fixture.owner, fixture.databases++);
        snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET utf8mb4", name);
        created = mysql_real_query(db->mysql, sql, strlen(sql)) == 0;
        if (!created && mysql_errno(db->mysql) != 1007) /* exists */
            fail(sql, mysql_error(db->mysql));
    }
    db_release(db);
    db_pool_free(pool);
}

struct db_pool *store_fresh_pool(size_t max_connections)
{
    database_create(fixture.database, sizeof(fixture.database));
    return pool_on(fixture.database, max_connections);
}

static void list_empty_tables(struct db *db)
{
    char *names[TABLES_MAX];
    size_t count = 0;
    if (mysql_query(db->mysql, "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'") != 0)
        fail("SHOW TABLES", mysql_error(db->mysql));
    MYSQL_RES *tables = mysql_store_result(db->mysql);
    for (MYSQL_ROW row; (row = mysql_fetch_row(tables)) != NULL && count < TABLES_MAX;)
        names[count++] = strdup(row[0]);
    mysql_free_result(tables);
    for (size_t i = 0; i < count; i++) {
        char sql[160];
        snprintf(sql, sizeof(sql), "SELECT EXISTS (SELECT 1 FROM `%s`)", names[i]);
        if (store_number(db, sql) == 0)
            fixture.emptied[fixture.emptied_count++] = names[i];
        else
            free(names[i]);
    }
}

void store_schema_start(void)
{
    database_create(fixture.schema, sizeof(fixture.schema));
    struct db_pool *pool = pool_on(fixture.schema, 2);
    struct db *db = store_acquire(pool);
    struct error err;
    if (!db_migrate(db, store_source_path("sql/migrations"), &err))
        fail("sql/migrations", err.detail);
    if (!db_ensure(db, &err))
        fail("connect", err.detail);
    list_empty_tables(db);
    db_release(db);
    db_pool_free(pool);
}

struct db_pool *store_schema_pool(size_t max_connections)
{
    struct db_pool *pool = pool_on(fixture.schema, max_connections);
    struct db *db = store_acquire(pool);
    store_sql(db, "SET SESSION foreign_key_checks = 0");
    for (size_t i = 0; i < fixture.emptied_count; i++) {
        char sql[160];
        snprintf(sql, sizeof(sql), "DELETE FROM `%s`", fixture.emptied[i]);
        store_sql(db, sql);
    }
    store_sql(db, "SET SESSION foreign_key_checks = 1");
    db_release(db);
    string_copy(fixture.database, sizeof(fixture.database), fixture.schema);
    return pool;
}

struct db *store_acquire(struct db_pool *pool)
{
    struct db *db;
    struct error err;
    if (!db_acquire(pool, &db, &err))
        fail("acquire", err.detail);
    return db;
}

void store_sql(struct db *db, const char *sql)
{
    struct error err;
    struct script_run run = {.path = sql, .content = sql};
    if (!script_run(db, &run, &err))
        fail(sql, err.detail);
}

static void read_number(void *context, const char *row)
{
    int64_t *value = context;
    const char *equals = strrchr(row, '=');
    if (*value == -1 && (equals == NULL || !string_to_int(equals + 1, value)))
        fail("not a number", row);
}

int64_t store_number(struct db *db, const char *sql)
{
    struct error err;
    int64_t value = -1;
    struct script_run run = {.path = sql, .content = sql, .report = read_number, .context = &value};
    if (!script_run(db, &run, &err))
        fail(sql, err.detail);
    return value;
}

const char *store_source_path(const char *path)
{
    static char buffer[512];
    const char *root = getenv("GURUM_SOURCE");
    snprintf(buffer, sizeof(buffer), "%s%s%s", root == NULL ? "" : root, root == NULL ? "" : "/", path);
    return buffer;
}
