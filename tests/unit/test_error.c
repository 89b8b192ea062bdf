/* base/error.c */
#include "base/error.h"

#include <string.h>

#include "tests/support/unit.h"

static bool refuse(struct error *err)
{
    return error_with(err, ERROR_IN_USE, "zone.in_use", E_TEXT("name", "east"), E_INT("n", -3));
}

START_TEST(test_an_error_carries_kind_key_arguments_and_place)
{
    struct error err = {.kind = ERROR_NONE};
    ck_assert(!error_is_set(&err));
    ck_assert(!refuse(&err));
    ck_assert(error_is_set(&err));
    ck_assert_int_eq(err.kind, ERROR_IN_USE);
    ck_assert_str_eq(err.key, "zone.in_use");
    ck_assert_uint_eq(err.arg_count, 2);
    ck_assert_str_eq(err.args[0].value, "east");
    ck_assert_str_eq(err.args[1].value, "-3");
    ck_assert(err.args[1].is_number && !err.args[0].is_number);
    ck_assert_ptr_nonnull(strstr(err.file, "test_error.c"));
    ck_assert_int_gt(err.line, 0);
    error_clear(&err);
    ck_assert(!error_is_set(&err));
}
END_TEST

START_TEST(test_nobody_needs_to_want_the_error)
{
    ck_assert(!refuse(NULL));
    ck_assert(!error_add_detail(NULL, "x"));
    error_add_entity(NULL, "a", "b");
    error_clear(NULL);
    ck_assert(!error_is_set(NULL));
}
END_TEST

START_TEST(test_long_arguments_are_cut_and_leave_room_for_the_next)
{
    char longer[10001];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct error err;
    error_with(&err, ERROR_PARAMETER, "k", E_TEXT("a", longer), E_TEXT("b", "short"), E_TEXT("c", longer),
               E_TEXT("d", longer), E_TEXT("e", "last"));
    ck_assert(strlen(err.args[0].value) < 500);
    ck_assert_str_eq(err.args[0].value + strlen(err.args[0].value) - strlen("…"), "…");
    ck_assert_str_eq(err.args[1].value, "short");
    for (size_t i = 0; i < err.arg_count; i++)
        ck_assert(strlen(err.args[i].value) < ERROR_POOL_BYTES);
    ck_assert(err.pool_used <= ERROR_POOL_BYTES);
}
END_TEST

START_TEST(test_too_many_arguments_and_entities_are_dropped)
{
    struct error err;
    error_with(&err, ERROR_PARAMETER, "k", E_INT("a", 1), E_INT("b", 2), E_INT("c", 3), E_INT("d", 4), E_INT("e", 5),
               E_INT("f", 6), E_INT("g", 7), E_INT("h", 8), E_INT("i", 9));
    ck_assert_uint_eq(err.arg_count, ERROR_ARGS_MAX);
    for (int i = 0; i < 10; i++)
        error_add_entity(&err, "uuid", "zone");
    ck_assert_uint_eq(err.entity_count, ERROR_ENTITIES_MAX);
    ck_assert_str_eq(err.entities[3].description, "zone");
}
END_TEST

START_TEST(test_a_copy_does_not_point_into_the_original)
{
    struct error copy;
    {
        struct error err;
        refuse(&err);
        error_add_entity(&err, "1234", "zone");
        error_add_detail(&err, "first");
        error_add_detail(&err, "second %d", 2);
        error_copy(&copy, &err);
        memset(&err, 'x', sizeof(err));
    }
    ck_assert_str_eq(copy.args[0].value, "east");
    ck_assert_str_eq(copy.args[0].name, "name");
    ck_assert_str_eq(copy.entities[0].uuid, "1234");
    ck_assert_str_eq(copy.detail, "second 2; first");
}
END_TEST

START_TEST(test_an_error_may_be_set_from_its_own_texts)
{
    struct error err;
    refuse(&err);
    error_with(&err, ERROR_PLUGIN, "outer", E_TEXT("inner", err.args[0].value));
    ck_assert_str_eq(err.args[0].value, "east");
}
END_TEST

START_TEST(test_details_stay_within_their_ceiling)
{
    struct error err;
    refuse(&err);
    for (int i = 0; i < 100; i++)
        error_add_detail(&err, "line %d of a long story", i);
    ck_assert(strlen(err.detail) < ERROR_DETAIL_BYTES);
    ck_assert_int_eq(strncmp(err.detail, "line 99", 7), 0);
}
END_TEST

START_TEST(test_kinds_have_their_codes)
{
    ck_assert_int_eq(error_http_status(ERROR_INVALID_VALUE), 431);
    ck_assert_int_eq(error_cs_code(ERROR_INVALID_VALUE), 4350);
    ck_assert_int_eq(error_cs_code(ERROR_UNAUTHENTICATED), 0);
    ck_assert(error_is_retryable(ERROR_DATABASE) && !error_is_retryable(ERROR_DENIED));
    for (int kind = 0; kind < ERROR_KIND_COUNT; kind++)
        ck_assert_int_eq(error_kind_from_name(error_kind_name((enum error_kind)kind)), kind);
    ck_assert_int_eq(error_kind_from_name("FROM_THE_FUTURE"), ERROR_INTERNAL);
    ck_assert_int_eq(error_kind_from_name(NULL), ERROR_INTERNAL);
}
END_TEST

UNIT_SUITE(error_suite, "error", test_an_error_carries_kind_key_arguments_and_place,
           test_nobody_needs_to_want_the_error, test_long_arguments_are_cut_and_leave_room_for_the_next,
           test_too_many_arguments_and_entities_are_dropped, test_a_copy_does_not_point_into_the_original,
           test_an_error_may_be_set_from_its_own_texts, test_details_stay_within_their_ceiling,
           test_kinds_have_their_codes)
UNIT_MAIN(error_suite)
