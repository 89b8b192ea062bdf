/* The main function of a unit test: one binary a test file, one suite a source file. Exit status 1 when a test failed.
 * Tests run in child processes unless CK_FORK=no (for debuggers). */
#ifndef GURUM_TESTS_UNIT_H
#define GURUM_TESTS_UNIT_H

#include <check.h>

#include "base/attributes.h"

#define UNIT_MAIN(suite_function)                                                                                  \
    int main(void)                                                                                                 \
    {                                                                                                              \
        SRunner *runner = srunner_create(suite_function());                                                        \
        srunner_run_all(runner, CK_NORMAL);                                                                        \
        int failed = srunner_ntests_failed(runner);                                                                \
        srunner_free(runner);                                                                                      \
        return failed ? 1 : 0;                                                                                     \
    }

/* A suite of one case: UNIT_SUITE(clock_suite, "clock", test_one, test_two) */
#define UNIT_SUITE(ident, suite_name, ...)                                                                         \
    static Suite *ident(void)                                                                                      \
    {                                                                                                              \
        Suite *suite = suite_create(suite_name);                                                                   \
        TCase *group = tcase_create(suite_name);                                                                   \
        const TTest *const tests[] = {__VA_ARGS__};                                                                \
        tcase_set_timeout(group, 60);                                                                              \
        for (size_t i = 0; i < COUNT_OF(tests); i++)                                                               \
            tcase_add_test(group, tests[i]);                                                                       \
        suite_add_tcase(suite, group);                                                                             \
        return suite;                                                                                              \
    }

#endif
