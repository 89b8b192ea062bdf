/* The main function of a Check test program: UNIT_MAIN(make_suite) at the end of tests/<room>/test_<file>.c. */
#ifndef GURUM_TESTS_SUPPORT_UNIT_H
#define GURUM_TESTS_SUPPORT_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Runs the suite, each test in a process of its own, and prints Check's sums, which tests/support/run-rooms adds up. */
static inline int unit_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define UNIT_MAIN(make_suite)                                                                                      \
    int main(void) { return unit_run(make_suite()); }

#endif
