/* The host services of gurum-plugin-check and the driver of calls. See check.h. */
#include "check.h"

#include "gurum_hypervisor.h"
#include "gurum_item_verify.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ITEMS_MOST 100000
#define NOTES_MOST 512
#define NOTE_BYTES_MOST 4096
#define PENDING_DELAY_MS_MOST 60000

struct check_run run;

/* Memory of a call or an outcome, freed together. */
struct block {
    struct block *next;
    _Alignas(16) unsigned char bytes[];
};

struct gurum_call {
    const char *slot;
    const char *operation;
    int64_t deadline_ms; /* on the monotonic clock */
    bool cancelled;
    int die_at_service, services_used;
    uint32_t check_after_ms;
    bool check_after_set;
    struct block *blocks;
    struct outcome *outcome;
};

/* ---- Small things ---- */

int64_t check_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (ms > 0 && nanosleep(&pause, &pause) != 0 && errno == EINTR)
        continue;
}

static void *block_new(struct block **list, size_t size)
{
    struct block *block = calloc(1, sizeof(*block) + size);
    if (block == NULL)
        abort();
    block->next = *list;
    *list = block;
    return block->bytes;
}

static void blocks_free(struct block **list)
{
    while (*list != NULL) {
        struct block *next = (*list)->next;
        free(*list);
        *list = next;
    }
}

const char *new_uuid(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct block *kept;
    unsigned char bytes[16];
    int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (random < 0 || read(random, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
        abort();
    close(random);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    pthread_mutex_lock(&lock);
    char *text = block_new(&kept, 37);
    pthread_mutex_unlock(&lock);
    for (int i = 0, at = 0; i < 16; i++)
        at += snprintf(text + at, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
    return text;
}

bool same_text(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static struct json_object *object_member(const char *part, const char *name)
{
    struct json_object *object = NULL, *member = NULL;
    if (json_object_object_get_ex(run.objects, part, &object))
        json_object_object_get_ex(object, name, &member);
    return member;
}

const char *object_text(const char *part, const char *name, const char *otherwise)
{
    struct json_object *member = object_member(part, name);
    return member == NULL ? otherwise : json_object_get_string(member);
}

int64_t object_number(const char *part, const char *name, int64_t otherwise)
{
    struct json_object *member = object_member(part, name);
    return member == NULL ? otherwise : json_object_get_int64(member);
}

/* ---- Services ---- */

/* Every service counts, so that a child can die at any of them: that is how a call is cut in the middle. */
static void service_used(struct gurum_call *call)
{
    if (call != NULL && call->die_at_service > 0 && ++call->services_used >= call->die_at_service)
        _exit(99);
}

static const struct gurum_setting *setting_row(const char *name)
{
    struct gurum_array rows = {run.plugin->settings, run.plugin->setting_count, run.plugin->setting_stride};
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct gurum_setting *row = gurum_at(&rows, i);
        if (same_text(row->name, name))
            return row;
    }
    return NULL;
}

static const char *setting_text(const struct gurum_setting *row)
{
    struct json_object *value = NULL;
    if (row != NULL && json_object_object_get_ex(run.settings, row->name, &value) && value != NULL)
        return json_object_get_string(value);
    return row == NULL ? NULL : row->default_value;
}

static const char *service_setting(const char *name)
{
    const struct gurum_setting *row = setting_row(name);
    return row == NULL || row->type == GURUM_SETTING_SECRET ? NULL : setting_text(row);
}

static int64_t service_setting_integer(const char *name)
{
    const char *value = service_setting(name);
    return value == NULL ? 0 : strtoll(value, NULL, 10);
}

static bool service_setting_boolean(const char *name)
{
    return same_text(service_setting(name), "true");
}

static char start_reason[64], start_text[400];

__attribute__((format(printf, 4, 5))) static int32_t service_fail(struct gurum_call *call, int32_t status,
                                                                  const char *reason, const char *format, ...)
{
    service_used(call);
    char *reason_at = call == NULL ? start_reason : call->outcome->reason;
    char *text_at = call == NULL ? start_text : call->outcome->text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text_at, sizeof(start_text), format, arguments);
    va_end(arguments);
    snprintf(reason_at, sizeof(start_reason), "%s", reason == NULL ? "" : reason);
    return status;
}

__attribute__((format(printf, 3, 4))) static void service_log(struct gurum_call *call, int32_t level,
                                                              const char *format, ...)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    service_used(call);
    fprintf(stderr, "# %s: %s\n", level >= 0 && level <= 3 ? levels[level] : "log", text);
}

static const char *text_copy(struct block **list, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    char *copy = text == NULL ? NULL : block_new(list, length + 1);
    if (copy != NULL)
        memcpy(copy, text, length + 1);
    return copy;
}

static struct gurum_item *item_copy(struct block **list, const struct gurum_item *item)
{
    const struct gurum_item_info *info = gurum_item_find(item->type);
    struct gurum_item *copy = block_new(list, info->size);
    memcpy(copy, item, info->size);
    for (size_t i = 0; i < GURUM_ITEM_TEXTS_MOST && info->texts[i] != 0; i++) {
        const char *text;
        memcpy(&text, (const char *)item + info->texts[i], sizeof(text));
        text = text_copy(list, text);
        memcpy((char *)copy + info->texts[i], &text, sizeof(text));
    }
    if (item->type == GURUM_ITEM_CONSOLE_LOG) {
        struct gurum_console_log *log = (struct gurum_console_log *)(void *)copy;
        char *data = block_new(list, log->data_length + 1);
        if (log->data_length > 0)
            memcpy(data, log->data, log->data_length);
        log->data = data;
    }
    return copy;
}

static int32_t service_report(struct gurum_call *call, const struct gurum_item *item)
{
    service_used(call);
    struct outcome *outcome = call->outcome;
    const char *problem = gurum_item_problem(run.plugin->kind, item);
    if (problem != NULL) {
        outcome->bad_report = problem;
        return GURUM_INVALID;
    }
    if (outcome->item_count >= ITEMS_MOST)
        return GURUM_NO_CAPACITY;
    if ((outcome->item_count & (outcome->item_count - 1)) == 0) {
        size_t room = outcome->item_count == 0 ? 1 : (size_t)outcome->item_count * 2;
        outcome->items = realloc(outcome->items, room * sizeof(struct gurum_item *));
        if (outcome->items == NULL)
            abort();
    }
    outcome->items[outcome->item_count++] = item_copy(&outcome->blocks, item);
    return GURUM_OK;
}

static void service_progress(struct gurum_call *call, uint64_t done, uint64_t total, const char *stage)
{
    (void)done, (void)total, (void)stage;
    service_used(call);
    call->outcome->progressed = true;
}

static bool service_cancelled(struct gurum_call *call)
{
    service_used(call);
    return call->cancelled;
}

static int64_t service_remaining_ms(struct gurum_call *call)
{
    service_used(call);
    int64_t left = call->deadline_ms - check_now_ms();
    return left > 0 ? left : 0;
}

static int32_t service_check_after(struct gurum_call *call, uint32_t delay_ms)
{
    service_used(call);
    call->check_after_ms = delay_ms;
    call->check_after_set = true;
    return GURUM_PENDING;
}

static void *service_alloc(struct gurum_call *call, size_t size)
{
    service_used(call);
    if (size > (64u << 20)) {
        printf("Bail out! %s asked for %zu bytes\n", call->slot, size);
        exit(1);
    }
    return block_new(&call->blocks, size);
}

static const char *service_operation_id(struct gurum_call *call)
{
    service_used(call);
    return call->operation;
}

/* ---- Notes of operations: in memory shared with the children that die ---- */

struct note {
    char operation[64], name[64], value[NOTE_BYTES_MOST];
};
static struct notes {
    int count;
    struct note rows[NOTES_MOST];
} * notes;
static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER;

static struct note *note_find(const char *operation, const char *name)
{
    for (int i = 0; i < notes->count; i++) {
        if (strcmp(notes->rows[i].operation, operation) == 0 && strcmp(notes->rows[i].name, name) == 0)
            return &notes->rows[i];
    }
    return NULL;
}

static int32_t service_remember(struct gurum_call *call, const char *name, const char *value)
{
    service_used(call);
    if (name == NULL || value == NULL || strlen(name) >= 64 || strlen(value) >= NOTE_BYTES_MOST)
        return GURUM_INVALID;
    pthread_mutex_lock(&notes_lock);
    struct note *note = note_find(call->operation, name);
    if (note == NULL && notes->count < NOTES_MOST) {
        note = &notes->rows[notes->count];
        snprintf(note->operation, sizeof(note->operation), "%s", call->operation);
        snprintf(note->name, sizeof(note->name), "%s", name);
        notes->count++;
    }
    if (note != NULL)
        snprintf(note->value, sizeof(note->value), "%s", value);
    pthread_mutex_unlock(&notes_lock);
    return note == NULL ? GURUM_NO_CAPACITY : GURUM_OK;
}

static const char *service_recall(struct gurum_call *call, const char *name)
{
    service_used(call);
    pthread_mutex_lock(&notes_lock);
    struct note *note = note_find(call->operation, name);
    const char *value = note == NULL ? NULL : text_copy(&call->blocks, note->value);
    pthread_mutex_unlock(&notes_lock);
    return value;
}

static const char *service_secret(struct gurum_call *call, const char *name)
{
    service_used(call);
    const struct gurum_setting *row = setting_row(name);
    if (row != NULL && row->type == GURUM_SETTING_SECRET)
        return setting_text(row);
    return strncmp(name, "destination.", 12) == 0 ? object_text("second_host", name + 12, NULL)
                                                  : object_text("secrets", name, NULL);
}

/* ---- Child processes ---- */

static pid_t child_start(const struct gurum_run *child, int input, int output)
{
    static const char *const plain[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    union {
        const char *const *given;
        char *const *wanted;
    } argv = {child->argv}, environment = {child->environment == NULL ? plain : child->environment};
    errno = posix_spawn(&pid, child->argv[0], &actions, NULL, argv.wanted, environment.wanted);
    posix_spawn_file_actions_destroy(&actions);
    return errno == 0 ? pid : -1;
}

/* The input goes through an unlinked file, so that only one pipe needs watching. */
static int input_file(const struct gurum_run *child)
{
    int file = memfd_create("input", MFD_CLOEXEC);
    if (file < 0 || (child->input != NULL && write(file, child->input, child->input_length) < 0))
        abort();
    lseek(file, 0, SEEK_SET);
    return file;
}

static int32_t service_run(struct gurum_call *call, struct gurum_run *child)
{
    service_used(call);
    int pipe_of[2], input = input_file(child), exit_status = 0;
    if (pipe2(pipe_of, O_CLOEXEC) != 0)
        abort();
    pid_t pid = child_start(child, input, pipe_of[1]);
    close(pipe_of[1]);
    close(input);
    int64_t until = check_now_ms() + (child->timeout_ms > 0 ? child->timeout_ms : call->deadline_ms - check_now_ms());
    bool late = false;
    child->ret_output_length = 0;
    for (ssize_t got = 1; pid > 0 && got != 0;) {
        char chunk[4096];
        struct pollfd readable = {.fd = pipe_of[0], .events = POLLIN};
        int64_t left = until - check_now_ms();
        late = left <= 0 || poll(&readable, 1, (int)left) == 0;
        if (late)
            break;
        got = read(pipe_of[0], chunk, sizeof(chunk));
        for (ssize_t i = 0; i < got && child->ret_output_length + 1 < child->output_capacity; i++)
            child->output[child->ret_output_length++] = chunk[i];
    }
    close(pipe_of[0]);
    if (child->output_capacity > 0)
        child->output[child->ret_output_length] = '\0';
    if (pid < 0)
        return GURUM_NOT_FOUND;
    if (late)
        kill(pid, SIGKILL);
    waitpid(pid, &exit_status, 0);
    child->ret_exit_code = WIFEXITED(exit_status) ? WEXITSTATUS(exit_status) : 128 + WTERMSIG(exit_status);
    return late ? GURUM_TIMED_OUT : GURUM_OK;
}

static void service_emit(const struct gurum_event *event)
{
    fprintf(stderr, "# event %s of %s\n", event->code, event->object_uuid);
}

/* ---- Background work ---- */

struct background {
    struct background *next;
    char operation[64], slot[64];
    struct gurum_call call;
    struct outcome outcome;
    int32_t (*work)(struct gurum_call *call, void *argument);
    void *argument;
    void (*release)(void *argument);
    pthread_t thread;
    int32_t status;
    bool ended;
};
static struct background *backgrounds;
static pthread_mutex_t backgrounds_lock = PTHREAD_MUTEX_INITIALIZER;

static void *background_main(void *argument)
{
    struct background *background = argument;
    int32_t status = background->work(&background->call, background->argument);
    background->release(background->argument);
    pthread_mutex_lock(&backgrounds_lock);
    background->status = status;
    background->ended = true;
    pthread_mutex_unlock(&backgrounds_lock);
    return NULL;
}

static struct background *background_begin(struct gurum_call *call)
{
    struct background *background = calloc(1, sizeof(*background));
    if (background == NULL)
        abort();
    snprintf(background->operation, sizeof(background->operation), "%s", call->operation);
    snprintf(background->slot, sizeof(background->slot), "%s", call->slot);
    background->call = *call;
    background->call.blocks = NULL;
    background->call.slot = background->slot;
    background->call.operation = background->operation;
    background->call.deadline_ms = check_now_ms() + run.operation_ms;
    background->call.outcome = &background->outcome;
    background->next = backgrounds;
    backgrounds = background;
    return background;
}

static int32_t background_take(struct gurum_call *call, struct background *background)
{
    struct background **at = &backgrounds;
    while (*at != background)
        at = &(*at)->next;
    *at = background->next;
    pthread_join(background->thread, NULL);
    for (uint32_t i = 0; i < background->outcome.item_count; i++)
        service_report(call, background->outcome.items[i]);
    snprintf(call->outcome->reason, sizeof(call->outcome->reason), "%s", background->outcome.reason);
    snprintf(call->outcome->text, sizeof(call->outcome->text), "%s", background->outcome.text);
    call->outcome->bad_report = background->outcome.bad_report;
    int32_t status = background->status;
    outcome_clear(&background->outcome);
    blocks_free(&background->call.blocks);
    free(background);
    return status;
}

static int32_t service_background(struct gurum_call *call, int32_t (*work)(struct gurum_call *, void *), void *argument,
                                  void (*release)(void *argument))
{
    service_used(call);
    pthread_mutex_lock(&backgrounds_lock);
    struct background *found = backgrounds;
    while (found != NULL && (strcmp(found->operation, call->operation) != 0 || strcmp(found->slot, call->slot) != 0))
        found = found->next;
    int32_t status = service_check_after(call, 20);
    if (found != NULL) {
        release(argument);
        found->call.cancelled = call->cancelled;
        if (found->ended) {
            status = background_take(call, found);
        }
    } else {
        found = background_begin(call);
        found->work = work;
        found->argument = argument;
        found->release = release;
        if (pthread_create(&found->thread, NULL, background_main, found) != 0)
            abort();
    }
    pthread_mutex_unlock(&backgrounds_lock);
    return status;
}

static const struct gurum_services services = {
    .size = sizeof(services),
    .abi_major = GURUM_ABI_MAJOR,
    .abi_minor = GURUM_ABI_MINOR,
    .setting = service_setting,
    .setting_integer = service_setting_integer,
    .setting_boolean = service_setting_boolean,
    .fail = service_fail,
    .log = service_log,
    .report = service_report,
    .progress = service_progress,
    .cancelled = service_cancelled,
    .remaining_ms = service_remaining_ms,
    .check_after = service_check_after,
    .alloc = service_alloc,
    .operation_id = service_operation_id,
    .remember = service_remember,
    .recall = service_recall,
    .secret = service_secret,
    .run = service_run,
    .emit = service_emit,
    .background = service_background,
};

/* ---- Calls ---- */

/* All slots take a call and one pointer, which every ABI we build for passes alike. */
typedef int32_t any_slot(struct gurum_call *call, const void *spec);

static const struct gurum_slot_info *slot_find(const char *name)
{
    for (uint32_t i = 0; i < run.kind->slot_count; i++) {
        if (strcmp(run.kind->slots[i].name, name) == 0)
            return &run.kind->slots[i];
    }
    abort();
}

bool slot_present(const char *slot)
{
    return gurum_plugin_slot(run.plugin, slot_find(slot)) != NULL;
}

/* A call that does not come back is the end of the run: its thread cannot be taken out of the plugin. */
struct watch {
    const char *slot;
    int64_t until_ms;
};
static struct watch watches[64];
static pthread_mutex_t watches_lock = PTHREAD_MUTEX_INITIALIZER;

static void *watches_main(void *argument)
{
    (void)argument;
    for (;;) {
        sleep_ms(100);
        pthread_mutex_lock(&watches_lock);
        for (size_t i = 0; i < 64; i++) {
            if (watches[i].slot != NULL && check_now_ms() > watches[i].until_ms) {
                check(false, "deadline.returns", "%s does not return, long after its deadline", watches[i].slot);
                printf("Bail out! a call is stuck\n");
                fflush(stdout);
                _exit(1);
            }
        }
        pthread_mutex_unlock(&watches_lock);
    }
}

static int watch_begin(const char *slot, int64_t patience_ms)
{
    static pid_t owner;
    pthread_mutex_lock(&watches_lock);
    if (owner != getpid()) {
        pthread_t thread;
        owner = getpid();
        if (pthread_create(&thread, NULL, watches_main, NULL) != 0)
            abort();
        pthread_detach(thread);
    }
    int at = 0;
    while (at < 63 && watches[at].slot != NULL)
        at++;
    watches[at] = (struct watch){slot, check_now_ms() + patience_ms};
    pthread_mutex_unlock(&watches_lock);
    return at;
}

static void watch_end(int at)
{
    pthread_mutex_lock(&watches_lock);
    watches[at].slot = NULL;
    pthread_mutex_unlock(&watches_lock);
}

static _Thread_local const char *slot_called;

/* The plugin has crashed, and this process with it: says where, by means that a signal handler may use. */
static void on_crash(int number)
{
    char line[160];
    int length = snprintf(line, sizeof(line), "not ok - crash.signal: signal %d in %s\nBail out! the plugin crashed\n",
                          number, slot_called == NULL ? "no slot" : slot_called);
    if (length > 0 && write(1, line, (size_t)length) < 0)
        _exit(2);
    _exit(1);
}

void crash_watch(void)
{
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGABRT, &action, NULL);
    sigaction(SIGFPE, &action, NULL);
}

/* One call; true when the operation has ended. */
static bool call_once(struct outcome *outcome, any_slot *function, const char *slot, const void *spec,
                      const char *operation, const struct call_options *options, uint32_t *ret_delay_ms)
{
    int64_t deadline = options->deadline_ms > 0 ? options->deadline_ms : run.call_ms, begun = check_now_ms();
    struct gurum_call call = {.slot = slot,
                              .operation = operation,
                              .deadline_ms = begun + deadline,
                              .cancelled = options->cancelled,
                              .die_at_service = options->die_at_service,
                              .outcome = outcome};
    outcome_clear(outcome);
    int watch = options->die_at_service > 0 ? -1 : watch_begin(slot, deadline * 2 + 3000);
    slot_called = slot;
    outcome->status = function(&call, spec);
    slot_called = NULL;
    if (watch >= 0)
        watch_end(watch);
    int64_t took = check_now_ms() - begun;
    outcome->longest_call_ms = took > outcome->longest_call_ms ? took : outcome->longest_call_ms;
    outcome->calls++;
    blocks_free(&call.blocks);
    *ret_delay_ms = call.check_after_set && call.check_after_ms > 0 ? call.check_after_ms : 100;
    return outcome->status != GURUM_PENDING;
}

/* What must hold of any call; said once for each code, when it does not. */
static void outcome_judge(const struct outcome *outcome, const char *slot, int64_t deadline_ms)
{
    bool failed = outcome->status > GURUM_PENDING;
    check_always("status.known", outcome->status < 0 || gurum_status_text(outcome->status) != NULL,
                 "%s answers %d, which is no status", slot, outcome->status);
    check_always("pending.ends", outcome->status != OUTCOME_STUCK, "%s answers PENDING without an end", slot);
    check_always("report.items", outcome->bad_report == NULL, "%s reports %s", slot, outcome->bad_report);
    check_always("reason.given", !failed || outcome->reason[0] != '\0', "%s answers %s without a reason by fail()",
                 slot, outcome_words(outcome));
    check_always("deadline.kept", outcome->longest_call_ms <= deadline_ms + 1000,
                 "a call of %s took %lld ms with a deadline of %lld", slot, (long long)outcome->longest_call_ms,
                 (long long)deadline_ms);
}

void slot_call_with(struct outcome *ret_outcome, const char *slot, const void *spec, const char *operation,
                    const struct call_options *options)
{
    union {
        gurum_slot_function *stored;
        any_slot *called;
    } function = {gurum_plugin_slot(run.plugin, slot_find(slot))};
    int64_t until = check_now_ms() + (options->deadline_ms > 0 ? 10 * options->deadline_ms : run.operation_ms);
    uint32_t delay_ms = 0;
    if (operation == NULL)
        operation = new_uuid();
    while (!call_once(ret_outcome, function.called, slot, spec, operation, options, &delay_ms)) {
        if (check_now_ms() + delay_ms > until || delay_ms > PENDING_DELAY_MS_MOST) {
            ret_outcome->status = OUTCOME_STUCK;
            break;
        }
        sleep_ms(delay_ms);
    }
    if (options->die_at_service == 0)
        outcome_judge(ret_outcome, slot, options->deadline_ms > 0 ? options->deadline_ms : run.call_ms);
}

void slot_call(struct outcome *ret_outcome, const char *slot, const void *spec, const char *operation)
{
    struct call_options none = {0};
    slot_call_with(ret_outcome, slot, spec, operation, &none);
}

bool slot_call_dying(const char *slot, const void *spec, const char *operation, int die_at_service)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm((unsigned)(run.operation_ms / 1000 + 5));
        struct outcome outcome = {0};
        struct call_options options = {.die_at_service = die_at_service};
        slot_call_with(&outcome, slot, spec, operation, &options);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

void outcome_clear(struct outcome *outcome)
{
    blocks_free(&outcome->blocks);
    free(outcome->items);
    outcome->items = NULL;
    outcome->item_count = 0;
    outcome->bad_report = NULL;
    outcome->reason[0] = outcome->text[0] = '\0';
}

const char *outcome_words(const struct outcome *outcome)
{
    static _Thread_local char words[640];
    const char *status =
        outcome->status == OUTCOME_STUCK ? "PENDING without an end" : gurum_status_text(outcome->status);
    snprintf(words, sizeof(words), "%s%s%s%s%s%s%s", status == NULL ? "no status of the SDK" : status,
             outcome->reason[0] != '\0' ? " (" : "", outcome->reason, outcome->reason[0] != '\0' ? "): " : "",
             outcome->text, outcome->bad_report != NULL ? "; it reported " : "",
             outcome->bad_report != NULL ? outcome->bad_report : "");
    return words;
}

uint32_t outcome_count(const struct outcome *outcome, uint32_t type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < outcome->item_count; i++)
        count += outcome->items[i]->type == type;
    return count;
}

const void *outcome_item(const struct outcome *outcome, uint32_t type)
{
    const struct gurum_item *found = NULL;
    for (uint32_t i = 0; i < outcome->item_count; i++) {
        if (outcome->items[i]->type != type)
            continue;
        if (found != NULL)
            return NULL;
        found = outcome->items[i];
    }
    return found;
}

/* ---- Loading ---- */

static size_t symbol_bytes(const void *symbol)
{
    Dl_info info;
    const ElfW(Sym) *entry = NULL;
    return dladdr1(symbol, &info, (void **)(void *)&entry, RTLD_DL_SYMENT) != 0 && entry != NULL ? entry->st_size : 0;
}

static bool settings_check(void)
{
    bool good = true;
    char buffer[200];
    struct gurum_array rows = {run.plugin->settings, run.plugin->setting_count, run.plugin->setting_stride};
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct gurum_setting *row = gurum_at(&rows, i);
        const char *problem = gurum_setting_problem(row, setting_text(row), buffer, sizeof(buffer));
        good = check(problem == NULL, "settings.value", "setting %s %s", row->name,
                     problem == NULL ? "is good" : problem) &&
               good;
    }
    json_object_object_foreach(run.settings, name, value)
    {
        (void)value;
        good = check(setting_row(name) != NULL, "settings.known", "setting %s is declared", name) && good;
    }
    return good;
}

bool plugin_load(void)
{
    struct gurum_refusal refusal = {0};
    /* Never closed: plugins may leave threads and thread data behind. */
    void *library = dlopen(run.path, RTLD_NOW | RTLD_LOCAL);
    if (!check(library != NULL, "load.open", "%s opens%s%s", run.path, library == NULL ? ": " : "",
               library == NULL ? dlerror() : ""))
        return false;
    run.plugin = dlsym(library, "gurum_plugin");
    if (!check(run.plugin != NULL, "load.symbol", "it exports gurum_plugin"))
        return false;
    bool good = gurum_plugin_verify(run.plugin, symbol_bytes(run.plugin), &refusal);
    if (!check(good, good ? "load.verify" : refusal.code,
               good ? "its symbol is good%s%s%s" : "found %s; expected %s; %s", refusal.found, refusal.expected,
               refusal.advice))
        return false;
    run.kind = gurum_kind_find(run.plugin->kind);
    if (notes == NULL)
        notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return settings_check() && notes != MAP_FAILED;
}

bool plugin_start(void)
{
    start_reason[0] = start_text[0] = '\0';
    int32_t status = run.plugin->start(&services);
    return check(status == GURUM_OK, "life.start", "start() answers OK%s%s", start_text[0] != '\0' ? ": " : "",
                 start_text);
}

void plugin_stop(void)
{
    run.plugin->stop();
}

/* ---- Fresh processes ---- */

static int fresh_socket = -1;

static int fresh_answer(const char *uuid)
{
    int output = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fflush(stdout);
    dup2(output, 1);
    const struct subject *subject = NULL;
    if (plugin_load() && plugin_start())
        subject = subject_of_kind(run.plugin->kind);
    return subject == NULL ? -1 : subject->observe(uuid);
}

/* Forks a process before the plugin is loaded; it forks one more for each question. */
void fresh_prepare(void)
{
    int sockets[2];
    char uuid[40];
    fflush(stdout);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        abort();
    pid_t child = fork();
    fresh_socket = sockets[0];
    if (child != 0) {
        close(sockets[1]);
        return;
    }
    close(sockets[0]);
    while (recv(sockets[1], uuid, sizeof(uuid), 0) == (ssize_t)sizeof(uuid)) {
        int status = 0;
        pid_t worker = fork();
        if (worker == 0)
            _exit(fresh_answer(uuid) + 10);
        waitpid(worker, &status, 0);
        int answer = WIFEXITED(status) ? WEXITSTATUS(status) - 10 : -1;
        if (send(sockets[1], &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(0);
}

int fresh_observe(const char *uuid)
{
    char question[40] = {0};
    int answer = -1;
    snprintf(question, sizeof(question), "%s", uuid);
    if (send(fresh_socket, question, sizeof(question), MSG_NOSIGNAL) < 0 ||
        recv(fresh_socket, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer))
        return -1;
    return answer;
}

/* ---- Threads ---- */

struct worker {
    void (*work)(int index);
    int index;
};

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    worker->work(worker->index);
    return NULL;
}

void in_threads(void (*work)(int index))
{
    enum { WORKERS_MOST = 8 };
    int count = run.plugin->threading != GURUM_THREADING_FREE ? 1 : run.live ? 2 : WORKERS_MOST;
    pthread_t threads[WORKERS_MOST];
    struct worker workers[WORKERS_MOST];
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){work, i};
        if (pthread_create(&threads[i], NULL, worker_main, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
