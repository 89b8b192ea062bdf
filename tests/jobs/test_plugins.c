/* Plugins that crash, hang, lie or are not fit, and healthy ones beside them: through real jobs processes and a small
 * supervisor. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine.h"
#include "plugin_host/allocator.h"
#include "plugin_host/hypervisor.h"
#include "unit.h"

static char plugins_folder[] = "/tmp/gurum-plugins-XXXXXX";

/* ---- a job that defines and starts a guest ---- */

struct guest_input {
    const char *type, *behaviour;
    int64_t deadline_ms;
    const char *sealed;
};
FIELD_TABLE(GUEST_INPUT, struct guest_input, COLUMN(struct guest_input, type), COLUMN(struct guest_input, behaviour),
            COLUMN(struct guest_input, deadline_ms), COLUMN(struct guest_input, sealed));

static const char GUEST_UUID[] = "11111111-1111-4111-8111-111111111111";

static struct plugin_target target_of(const struct job_run *run, struct plugin_secret *secret)
{
    const struct guest_input *input = run->input;
    *secret = (struct plugin_secret){.name = "password", .sealed = input->sealed, .associated = "host.password:1"};
    return (struct plugin_target){.type = input->type,
                                  .object_uuid = GUEST_UUID,
                                  .secrets = secret,
                                  .secret_count = input->sealed != NULL,
                                  .deadline_ms = input->deadline_ms};
}

static enum step_outcome define_act(struct job_run *run, struct error *err)
{
    const struct guest_input *input = run->input;
    struct plugin_secret secret;
    struct plugin_target target = target_of(run, &secret);
    struct gurum_guest guest = {.size = sizeof guest, .uuid = GUEST_UUID, .name = input->behaviour};
    struct gurum_guest_shape_spec spec = {.size = sizeof spec, .guest = &guest};
    return hypervisor_guest_ensure(run, &target, &spec, NULL, err);
}

static enum step_outcome start_act(struct job_run *run, struct error *err)
{
    const struct guest_input *input = run->input;
    struct plugin_secret secret;
    struct plugin_target target = target_of(run, &secret);
    struct gurum_guest guest = {.size = sizeof guest, .uuid = GUEST_UUID, .name = input->behaviour};
    struct gurum_guest_shape_spec spec = {.size = sizeof spec, .guest = &guest};
    struct plugin_reports reports = {.count = 0};
    enum step_outcome outcome = hypervisor_guest_start(run, &target, &spec, &reports, err);
    const struct gurum_guest_report *report = plugin_report_first(&reports, GURUM_ITEM_GUEST);
    if (outcome == STEP_DONE)
        ck_assert(report != NULL && report->state == GURUM_GUEST_RUNNING && string_equal(report->uuid, GUEST_UUID));
    return outcome;
}

static enum step_outcome again_act(struct job_run *run, struct error *err)
{
    struct plugin_secret secret;
    struct plugin_target target = target_of(run, &secret);
    struct gurum_guest_stop_spec stop = {.size = sizeof stop, .guest_uuid = GUEST_UUID};
    struct gurum_guest_spec spec = {.size = sizeof spec, .guest_uuid = GUEST_UUID};
    enum step_outcome outcome = hypervisor_guest_stop(run, &target, &stop, NULL, err);
    return outcome == STEP_DONE ? hypervisor_guest_reboot(run, &target, &spec, NULL, err) : outcome;
}

static enum step_outcome remove_act(struct job_run *run, struct error *err)
{
    struct plugin_secret secret;
    struct plugin_target target = target_of(run, &secret);
    struct gurum_guest_spec spec = {.size = sizeof spec, .guest_uuid = GUEST_UUID};
    return hypervisor_guest_remove(run, &target, &spec, NULL, err);
}

static const struct job_step GUEST_STEPS[] = {
    {.name = "define", .title_key = "step.define", .act = define_act, .undo_act = remove_act},
    {.name = "start", .title_key = "step.start", .act = start_act},
    {.name = "again", .title_key = "step.again", .act = again_act},
};
static const struct job_kind GUEST_KIND = {.name = "test.guest",
                                           .command = "testGuest",
                                           .version = 1,
                                           .input = &GUEST_INPUT,
                                           .steps = GUEST_STEPS,
                                           .step_count = COUNT_OF(GUEST_STEPS)};

static struct job_ref guest_create(struct db *db, const char *type, const char *behaviour, int64_t deadline_ms)
{
    struct job_ref ref;
    struct error err;
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct guest_input input = {.type = type, .behaviour = behaviour, .deadline_ms = deadline_ms};
    if (string_equal(behaviour, "secret"))
        input.sealed = secret_seal(&arena, secret_from(&arena, "open sesame"), "host.password:1");
    ck_assert(job_create(db, &GUEST_KIND, &input, NULL, &(struct job_stamp){.user_id = 1}, &ref, &err));
    return ref;
}

/* ---- a job that asks allocators ---- */

static enum step_outcome rank_act(struct job_run *run, struct error *err)
{
    const struct guest_input *input = run->input;
    (void)err;
    const struct gurum_host_candidate candidates[] = {
        {.uuid = "a",
         .name = "a",
         .cpu_mhz_total = 1000,
         .memory_mib_total = 1000,
         .memory_mib_used = 900,
         .guests = 9},
        {.uuid = "b",
         .name = "b",
         .cpu_mhz_total = 1000,
         .memory_mib_total = 1000,
         .memory_mib_used = 100,
         .guests = 1},
    };
    struct gurum_host_request request = {
        .size = sizeof request, .cpu_count = 1, .cpu_mhz = 10, .memory_mib = 10, .guest_uuid = GUEST_UUID};
    struct gurum_host_rank_spec spec = {
        .size = sizeof spec,
        .request = &request,
        .candidates = {.items = candidates, .count = 2, .stride = sizeof candidates[0]}};
    struct allocator_ranking ranking;
    allocator_rank_hosts(run, input->type, &spec, &ranking);
    ck_assert_uint_eq(ranking.count, 2);
    struct error_value values[] = {E_TEXT("allocator", ranking.allocator),
                                   E_TEXT("fallback", ranking.fallback_reason),
                                   E_INT("best", (int64_t)ranking.ranks[0].index),
                                   {.name = NULL}};
    return explain_add(run, EXPLAIN_OPERATOR, "rank", "test.rank", values, err) ? STEP_DONE : STEP_FAILED;
}

static const struct job_step RANK_STEPS[] = {{.name = "rank", .title_key = "step.rank", .act = rank_act}};
static const struct job_kind RANK_KIND = {.name = "test.rank",
                                          .command = "testRank",
                                          .version = 1,
                                          .input = &GUEST_INPUT,
                                          .steps = RANK_STEPS,
                                          .step_count = COUNT_OF(RANK_STEPS)};

/* ---- plugins ---- */

/* Outside of tests Check cannot tell of failures. */
static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "plugins: %s\n", what);
    abort();
}

static void plugin_build(const char *name, const char *define, const char *main_source, const char *shared_source)
{
    char output[128], name_define[96], source[256], include[256], include_shared[256], shared[256];
    snprintf(output, sizeof output, "%s/%s.so", plugins_folder, name);
    snprintf(name_define, sizeof name_define, "-DPLUGIN_NAME=\"%s\"", name);
    snprintf(source, sizeof source, "%s", store_source_path(main_source));
    snprintf(shared, sizeof shared, "%s", store_source_path(shared_source == NULL ? "" : shared_source));
    snprintf(include_shared, sizeof include_shared, "-I%s", store_source_path("plugins/shared"));
    snprintf(include, sizeof include, "-I%s", store_source_path("plugins/sdk"));
    pid_t pid = fork();
    if (pid == 0) {
        execlp("cc", "cc", "-shared", "-fPIC", "-fvisibility=hidden", "-w", include, include_shared, name_define,
               define, "-o", output, source, shared_source == NULL ? NULL : shared, (char *)NULL);
        _exit(127);
    }
    int status = engine_wait(pid);
    must(WIFEXITED(status) && WEXITSTATUS(status) == 0, name);
}

static bool plugins_start(const struct jobs_config *config, struct error *err)
{
    struct plugin_host_config host = {.pool = config->pool,
                                      .plugins_folder = plugins_folder,
                                      .run_folder = config->run_folder,
                                      .quarantine = config->quarantine};
    return plugin_host_start(&host, err);
}

/* Keeps a jobs process and, when one is wanted, a quarantine process until no job is open. Returns how many died. */
static int supervise(struct db *db)
{
    struct error err;
    pid_t workers = engine_spawn(8, NULL), quarantine = 0;
    int deaths = 0;
    for (int64_t until = clock_monotonic_ms() + 60000; clock_monotonic_ms() < until;) {
        int status = 0;
        pid_t dead = waitpid(-1, &status, WNOHANG);
        if (dead > 0) {
            deaths++;
            ck_assert(plugin_host_on_jobs_death(db, engine_folder(), dead, status, &err));
            if (dead == workers)
                workers = engine_spawn(8, NULL);
            quarantine = dead == quarantine ? 0 : quarantine;
        }
        bool wanted = false;
        ck_assert(plugin_host_wants_quarantine(db, &wanted, &err));
        if (wanted && quarantine == 0)
            quarantine = engine_spawn_quarantine();
        if (store_number(db, "SELECT COUNT(*) FROM job WHERE claimable IS NOT NULL") == 0)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    engine_stop(workers);
    if (quarantine != 0)
        engine_stop(quarantine);
    engine_check(db);
    return deaths;
}

static struct db *plugins_reset(void)
{
    struct db *db = engine_reset();
    engine_set_prepare(plugins_start);
    return db;
}

START_TEST(test_hundred_healthy_jobs_succeed_beside_a_plugin_that_crashes)
{
    struct db *db = plugins_reset();
    struct job_ref bad[2] = {guest_create(db, "faulty", "crash", 0), guest_create(db, "faulty", "abort", 0)};
    for (int i = 0; i < 100; i++)
        guest_create(db, "Healthy", "good", 0);
    int deaths = supervise(db);
    ck_assert_int_ge(deaths, 3);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE state = 'succeeded'"), 100);
    engine_await(db, &bad[0], "failed");
    engine_await(db, &bad[1], "failed");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_key = 'job.step_deadly' AND error_args "
                                      "LIKE '%hypervisor-faulty:guest_start%'"),
                     2);
    ck_assert_int_eq(store_number(db, "SELECT quarantined FROM plugin WHERE name = 'hypervisor-faulty'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT quarantined FROM plugin WHERE name = 'hypervisor-healthy'"), 0);
    ck_assert_int_eq(
        store_number(
            db, "SELECT COUNT(*) FROM plugin_fault WHERE plugin = 'hypervisor-faulty' AND slot = 'guest_start' AND "
                "what = 'crashed' AND detail LIKE 'signal %'"),
        6);
    ck_assert_int_eq(
        store_number(db, "SELECT COUNT(*) FROM job_step WHERE name = 'define' AND undo_outcome = 'undone'"), 2);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM provider_leftover"), 0);
}
END_TEST

START_TEST(test_plugin_that_hangs_is_stuck_and_its_job_fails_with_a_reason)
{
    struct db *db = plugins_reset();
    struct job_ref bad = guest_create(db, "faulty", "hang", 200);
    for (int i = 0; i < 20; i++)
        guest_create(db, "healthy", "late", 0);
    supervise(db);
    engine_await(db, &bad, "failed");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE state = 'succeeded'"), 20);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM plugin_fault WHERE what = 'stuck' AND step = 'start'"), 3);
    ck_assert_int_eq(
        store_number(db, "SELECT COUNT(*) FROM plugin WHERE name = 'hypervisor-faulty' AND fault = 'stuck'"), 1);
}
END_TEST

START_TEST(test_plugin_leaves_quarantine_after_good_calls)
{
    struct db *db = plugins_reset();
    struct error err;
    pid_t pid = engine_spawn(1, NULL); /* lists the plugins */
    engine_await_number(db, "SELECT COUNT(*) FROM job_process", 1);
    engine_stop(pid);
    store_sql(db, "UPDATE plugin SET quarantined = 1");
    for (int i = 0; i < 10; i++)
        guest_create(db, "healthy", "good", 0);
    supervise(db);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE state = 'succeeded'"), 10);
    ck_assert_int_eq(store_number(db, "SELECT quarantined FROM plugin WHERE name = 'hypervisor-healthy'"), 0);
    ck_assert(plugin_release(db, "hypervisor-faulty", &err));
    ck_assert(!plugin_release(db, "hypervisor-nobody", &err));
    ck_assert_str_eq(err.key, "plugin.unknown");
}
END_TEST

START_TEST(test_statuses_become_retries_and_errors)
{
    struct db *db = plugins_reset();
    struct job_ref fails = guest_create(db, "healthy", "fails", 0), liar = guest_create(db, "healthy", "liar", 0);
    struct job_ref absent = guest_create(db, "nobody", "good", 0), busy = guest_create(db, "healthy", "busy", 0);
    struct job_ref secret = guest_create(db, "healthy", "secret", 0);
    pid_t pid = engine_spawn(4, NULL);
    engine_await(db, &fails, "failed");
    engine_await(db, &liar, "failed");
    engine_await(db, &absent, "failed");
    engine_await(db, &busy, "succeeded");
    engine_await(db, &secret, "succeeded");
    engine_stop(pid);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_key = 'plugin.FAILED' AND error_detail "
                                      "LIKE '%the provider said no%'"),
                     1);
    ck_assert_int_eq(
        store_number(
            db, "SELECT COUNT(*) FROM job WHERE error_key = 'plugin.INTERNAL' AND error_detail LIKE '%a wrong size%'"),
        1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job WHERE error_key = 'plugin.absent'"), 1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_step WHERE name = 'start' AND attempts = 2"),
                     1); /* busy, once */
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job_note"), 0);
}
END_TEST

START_TEST(test_unfit_plugins_are_listed_with_what_was_found_and_expected)
{
    struct db *db = plugins_reset();
    pid_t pid = engine_spawn(1, NULL);
    engine_await_number(db, "SELECT COUNT(*) FROM plugin", 10);
    engine_await_number(db, "SELECT COUNT(*) FROM job_process", 1);
    engine_stop(pid);
    static const struct {
        const char *name, *words;
    } REFUSALS[] = {{"hypervisor-magic", "magic"},       {"hypervisor-major", "major 7"},
                    {"hypervisor-slot", "guest_remove"}, {"hypervisor-start", "nobody answers at http://nowhere/"},
                    {"hypervisor-setting", "zone"},      {"hypervisor-renamed", "hypervisor-healthy"},
                    {"hypervisor-text", "shared object"}};
    for (size_t i = 0; i < COUNT_OF(REFUSALS); i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM plugin WHERE name = '%s' AND refusal LIKE '%%%s%%'",
                 REFUSALS[i].name, REFUSALS[i].words);
        ck_assert_msg(store_number(db, sql) == 1, "%s is not refused for %s", REFUSALS[i].name, REFUSALS[i].words);
    }
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM plugin WHERE refusal IS NULL"), 3);
}
END_TEST

START_TEST(test_settings_are_judged_and_secrets_sealed)
{
    struct db *db = plugins_reset();
    struct error err;
    pid_t pid = engine_spawn(1, NULL);
    engine_await_number(db, "SELECT COUNT(*) FROM job_process", 1);
    engine_stop(pid);
    ck_assert(!plugin_setting_set(db, "hypervisor-start", "url", "no url at all", &err));
    ck_assert_str_eq(err.key, "plugin.setting_invalid");
    ck_assert(!plugin_setting_set(db, "hypervisor-start", "colour", "blue", &err));
    ck_assert_str_eq(err.key, "plugin.setting_unknown");
    ck_assert(plugin_setting_set(db, "hypervisor-start", "token", "hush", &err));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM plugin_setting WHERE value LIKE '%hush%'"), 0);
    ck_assert(plugin_setting_set(db, "hypervisor-setting", "zone", "east", &err));
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    ck_assert(plugin_setting_list(db, &arena, "hypervisor-start", &rows, &err));
    const struct plugin_setting_view *settings = rows.items;
    ck_assert_uint_eq(rows.count, 2);
    ck_assert(settings[1].has_value && settings[1].value == NULL && string_equal(settings[1].type, "secret"));
    pid = engine_spawn(1, NULL);
    engine_await_number(db, "SELECT COUNT(*) FROM plugin WHERE name = 'hypervisor-setting' AND refusal IS NULL", 1);
    engine_await_number(db, "SELECT COUNT(*) FROM job_process", 1);
    engine_stop(pid);
    uint64_t bits = 1;
    ck_assert(plugin_capabilities(db, GURUM_KIND_HYPERVISOR, "HEALTHY", &bits, &err));
    ck_assert_uint_eq(bits, 0);
    ck_assert(!plugin_capabilities(db, GURUM_KIND_STORAGE, "healthy", &bits, &err));
}
END_TEST

START_TEST(test_allocators_rank_and_the_built_in_stands_in)
{
    struct db *db = plugins_reset();
    struct error err;
    struct job_ref jobs[3];
    static const char *const NAMES[] = {"spread", "nobody", NULL};
    for (int i = 0; i < 3; i++)
        ck_assert(job_create(db, &RANK_KIND, &(struct guest_input){.type = NAMES[i]}, NULL,
                             &(struct job_stamp){.user_id = 1}, &jobs[i], &err));
    pid_t pid = engine_spawn(1, NULL);
    for (int i = 0; i < 3; i++)
        engine_await(db, &jobs[i], "succeeded");
    engine_stop(pid);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM explanation WHERE arguments = "
                                      "'{\"allocator\":\"spread\",\"fallback\":\"\",\"best\":1}'"),
                     1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM explanation WHERE arguments = "
                                      "'{\"allocator\":\"built-in\",\"fallback\":\"absent\",\"best\":0}'"),
                     1);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM explanation WHERE arguments = "
                                      "'{\"allocator\":\"built-in\",\"fallback\":\"\",\"best\":0}'"),
                     1);
}
END_TEST

static void plugins_remove(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", plugins_folder, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
}

static pid_t suite_owner;

static void suite_end(void)
{
    if (getpid() == suite_owner)
        plugins_remove();
}

static void plugins_make(void)
{
    static const char *const PLUGINS[][2] = {
        {"hypervisor-healthy", "-DGOOD"},         {"hypervisor-faulty", "-DGOOD"},
        {"hypervisor-magic", "-DFAULT_MAGIC"},    {"hypervisor-major", "-DFAULT_MAJOR"},
        {"hypervisor-slot", "-DFAULT_SLOT"},      {"hypervisor-start", "-DFAULT_START"},
        {"hypervisor-setting", "-DFAULT_SETTING"}};
    struct error err;
    char path[128], keys[128], target[128];
    must(mkdtemp(plugins_folder) != NULL, plugins_folder);
    suite_owner = getpid();
    atexit(suite_end);
    for (size_t i = 0; i < COUNT_OF(PLUGINS); i++)
        plugin_build(PLUGINS[i][0], PLUGINS[i][1], "tests/jobs/faulty_plugin.c", NULL);
    plugin_build("host-allocator-spread", "-DGOOD", "plugins/host-allocator-spread/spread.c",
                 "plugins/shared/allocator_rank.c");
    snprintf(path, sizeof path, "%s/hypervisor-renamed.so", plugins_folder);
    snprintf(target, sizeof target, "%s/hypervisor-healthy.so", plugins_folder);
    must(link(target, path) == 0, path);
    snprintf(path, sizeof path, "%s/hypervisor-text.so", plugins_folder);
    FILE *text = fopen(path, "w");
    must(text != NULL && fputs("no shared object\n", text) >= 0, path);
    fclose(text);
    snprintf(keys, sizeof keys, "%s/keys", plugins_folder);
    must(secret_load_keys(keys, &err), keys);
}

static Suite *plugins_suite(void)
{
    store_fixture_start();
    store_schema_start();
    engine_start();
    static const struct job_kind *const kinds[] = {&GUEST_KIND, &RANK_KIND, NULL};
    job_register_kinds(kinds);
    plugins_make();
    Suite *suite = suite_create("plugins");
    TCase *cases = tcase_create("jobs");
    tcase_set_timeout(cases, 180);
    suite_add_tcase(suite, cases);
    tcase_add_test(cases, test_hundred_healthy_jobs_succeed_beside_a_plugin_that_crashes);
    tcase_add_test(cases, test_plugin_that_hangs_is_stuck_and_its_job_fails_with_a_reason);
    tcase_add_test(cases, test_plugin_leaves_quarantine_after_good_calls);
    tcase_add_test(cases, test_statuses_become_retries_and_errors);
    tcase_add_test(cases, test_unfit_plugins_are_listed_with_what_was_found_and_expected);
    tcase_add_test(cases, test_allocators_rank_and_the_built_in_stands_in);
    tcase_add_test(cases, test_settings_are_judged_and_secrets_sealed);
    return suite;
}

UNIT_MAIN(plugins_suite)
