/* base/thread.c */
#include "base/thread.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/unit.h"

static char folder[128];

static void set_up(void)
{
    snprintf(folder, sizeof(folder), "/tmp/gurum-thread-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/wake", folder);
    rmdir(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void *look_at_signals(void *argument)
{
    sigset_t *mask = argument;
    pthread_sigmask(SIG_SETMASK, NULL, mask);
    return argument;
}

START_TEST(test_a_thread_blocks_signals_and_its_creator_does_not)
{
    sigset_t inside, outside;
    pthread_t thread;
    ck_assert(thread_start(&thread, "a name that is too long", look_at_signals, &inside, NULL));
    void *result;
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, &inside);
    pthread_sigmask(SIG_SETMASK, NULL, &outside);
    ck_assert_int_eq(sigismember(&inside, SIGTERM), 1);
    ck_assert_int_eq(sigismember(&outside, SIGTERM), 0);
    ck_assert(!sigismember(&inside, SIGSEGV) && !sigismember(&inside, SIGABRT)); /* its own faults reach a handler */
}
END_TEST

START_TEST(test_every_listener_of_the_topic_is_woken_once)
{
    struct wake_listener *one = NULL, *two = NULL, *other = NULL;
    ck_assert(wake_listen(folder, WAKE_JOBS, &one, NULL));
    ck_assert(wake_listen(folder, WAKE_JOBS, &two, NULL));
    ck_assert(wake_listen(folder, WAKE_WAITERS, &other, NULL));
    ck_assert(!wake_wait(one, 0));
    wake_send(folder, WAKE_JOBS);
    wake_send(folder, WAKE_JOBS);
    ck_assert(wake_wait(one, 1000));
    ck_assert(wake_wait(two, 1000));
    ck_assert(!wake_wait(one, 0));
    ck_assert(!wake_wait(other, 0));
    wake_close(one);
    wake_close(two);
    wake_close(other);
    wake_close(NULL);
}
END_TEST

START_TEST(test_sending_never_blocks_and_removes_dead_sockets)
{
    wake_send(folder, WAKE_JOBS); /* nobody ever listened */
    struct wake_listener *listener = NULL;
    ck_assert(wake_listen(folder, WAKE_JOBS, &listener, NULL));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/wake/jobs.1.1", folder);
    int dead = socket(AF_UNIX, SOCK_DGRAM, 0);
    ck_assert_int_eq(bind(dead, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(dead);
    for (int i = 0; i < 2000; i++)
        wake_send(folder, WAKE_JOBS); /* more than a socket's queue holds */
    ck_assert_int_ne(access(address.sun_path, F_OK), 0);
    ck_assert(wake_wait(listener, 0));
    ck_assert(!wake_wait(listener, 0));
    wake_close(listener);
}
END_TEST

START_TEST(test_listening_in_a_missing_folder_is_an_error)
{
    struct error err;
    struct wake_listener *listener = NULL;
    ck_assert(!wake_listen("/no/such/folder", WAKE_JOBS, &listener, &err));
    ck_assert_str_eq(err.key, "wake.listen");
}
END_TEST

static Suite *thread_suite(void)
{
    Suite *suite = suite_create("thread");
    TCase *group = tcase_create("thread");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, test_a_thread_blocks_signals_and_its_creator_does_not);
    tcase_add_test(group, test_every_listener_of_the_topic_is_woken_once);
    tcase_add_test(group, test_sending_never_blocks_and_removes_dead_sockets);
    tcase_add_test(group, test_listening_in_a_missing_folder_is_an_error);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(thread_suite)
