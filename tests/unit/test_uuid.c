/* base/uuid.c */
#include "base/uuid.h"

#include <string.h>

#include "tests/support/unit.h"

START_TEST(test_random_uuids_are_valid_and_differ)
{
    char a[UUID_BYTES], b[UUID_BYTES];
    for (int i = 0; i < 100; i++) {
        uuid_random(a);
        uuid_random(b);
        ck_assert(uuid_is_valid(a));
        ck_assert_int_eq(a[14], '4');
        ck_assert_ptr_nonnull(strchr("89ab", a[19]));
        ck_assert_str_ne(a, b);
    }
}
END_TEST

START_TEST(test_other_texts_are_no_uuids)
{
    ck_assert(uuid_is_valid("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"));
    static const char *const bad[] = {"",
                                      "x",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
                                      "a0eebc999c0b4ef8bb6d6bb9bd380a11",
                                      "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                      "a0eebc99-9c0b-4ef8-bb6d_6bb9bd380a11"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!uuid_is_valid(bad[i]), "%s", bad[i]);
    ck_assert(!uuid_is_valid(NULL));
}
END_TEST

START_TEST(test_tokens_have_the_length_of_their_bytes)
{
    char token[64];
    for (size_t bytes = 0; bytes < 40; bytes++) {
        random_token(token, 4 * bytes / 3 + 2, bytes);
        ck_assert_uint_eq(strlen(token), (bytes * 8 + 5) / 6);
        ck_assert_uint_eq(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                          strlen(token));
    }
}
END_TEST

UNIT_SUITE(uuid_suite, "uuid", test_random_uuids_are_valid_and_differ, test_other_texts_are_no_uuids,
           test_tokens_have_the_length_of_their_bytes)
UNIT_MAIN(uuid_suite)
