/* base/arena.c */
#include "base/arena.h"

#include <string.h>

#include "tests/support/unit.h"

START_TEST(test_memory_is_zeroed_and_aligned_after_a_reset)
{
    struct arena arena;
    arena_init(&arena);
    for (int round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 200; bytes++) {
            char *memory = arena_alloc(&arena, bytes);
            ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < bytes; i++)
                ck_assert_int_eq(memory[i], 0);
            memset(memory, 'x', bytes);
        }
        arena_reset(&arena);
        ck_assert_uint_eq(arena.used_bytes, 0);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(test_large_and_many_allocations_do_not_overlap)
{
    struct arena arena;
    arena_init(&arena);
    char *large = arena_alloc(&arena, 1000000), *numbers[5000];
    memset(large, 'l', 1000000);
    for (int i = 0; i < 5000; i++)
        numbers[i] = arena_printf(&arena, "number %d", i);
    ck_assert_str_eq(numbers[0], "number 0");
    ck_assert_str_eq(numbers[4999], "number 4999");
    for (size_t i = 0; i < 1000000; i++)
        ck_assert_int_eq(large[i], 'l');
    arena_free(&arena);
}
END_TEST

START_TEST(test_an_array_whose_size_overflows_aborts)
{
    struct arena arena;
    arena_init(&arena);
    arena_array(&arena, SIZE_MAX / 2, 3);
}
END_TEST

START_TEST(test_only_the_latest_allocation_is_extended)
{
    struct arena arena;
    arena_init(&arena);
    char *first = arena_strdup(&arena, "first"), *second = arena_strdup(&arena, "second");
    ck_assert(!arena_extend(&arena, first, 6, 100));
    ck_assert(arena_extend(&arena, second, 7, 100));
    ck_assert(!arena_extend(&arena, second, 100, 10000000));
    char *third = arena_strdup(&arena, "third");
    ck_assert(third >= second + 100);
    arena_free(&arena);
}
END_TEST

START_TEST(test_copies_keep_their_bytes)
{
    struct arena arena;
    arena_init(&arena);
    ck_assert_ptr_null(arena_strdup(&arena, NULL));
    ck_assert_int_eq(memcmp(arena_strndup(&arena, "a\0b", 3), "a\0b", 4), 0);
    ck_assert_str_eq(arena_strndup(&arena, "abcdef", 2), "ab");
    arena_free(&arena);
}
END_TEST

static Suite *arena_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *group = tcase_create("arena");
    tcase_add_test(group, test_memory_is_zeroed_and_aligned_after_a_reset);
    tcase_add_test(group, test_large_and_many_allocations_do_not_overlap);
    tcase_add_test(group, test_only_the_latest_allocation_is_extended);
    tcase_add_test(group, test_copies_keep_their_bytes);
    tcase_add_test_raise_signal(group, test_an_array_whose_size_overflows_aborts, 6 /* SIGABRT */);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(arena_suite)
