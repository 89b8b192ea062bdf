/* base/shared_versions.c */
#include "base/shared_versions.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/unit.h"

START_TEST(test_a_change_in_one_process_is_seen_in_another)
{
    char folder[] = "/tmp/gurum-versions-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert(shared_versions_open(folder, NULL));
    uint64_t before = shared_version_read(VERSION_IDENTITY), other = shared_version_read(VERSION_BRANDS);
    pid_t child = fork();
    if (child == 0) {
        bool is_open = shared_versions_open(folder, NULL); /* a mapping of its own, as another role has */
        shared_version_raise(VERSION_IDENTITY);
        _exit(is_open ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(shared_version_read(VERSION_IDENTITY), before + 1);
    ck_assert_uint_eq(shared_version_read(VERSION_BRANDS), other);
    snprintf(path, sizeof(path), "%s/versions", folder);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(test_a_missing_folder_is_an_error_and_counting_goes_on)
{
    struct error err;
    ck_assert(!shared_versions_open("/no/such/folder", &err));
    ck_assert_str_eq(err.key, "versions.file");
    uint64_t before = shared_version_read(VERSION_PLUGINS);
    shared_version_raise(VERSION_PLUGINS);
    ck_assert_uint_eq(shared_version_read(VERSION_PLUGINS), before + 1);
}
END_TEST

START_TEST(test_each_version_has_a_name_of_its_own)
{
    for (int a = 0; a < VERSION_COUNT; a++)
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(shared_version_name((enum shared_version)a), shared_version_name((enum shared_version)b));
}
END_TEST

UNIT_SUITE(versions_suite, "shared_versions", test_a_change_in_one_process_is_seen_in_another,
           test_a_missing_folder_is_an_error_and_counting_goes_on, test_each_version_has_a_name_of_its_own)
UNIT_MAIN(versions_suite)
