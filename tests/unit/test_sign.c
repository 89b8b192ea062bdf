/* Signatures: vectors were made by Python's hmac, urllib.parse.quote and base64, as python3-cs and libcloud sign. */
#include "unit.h"

#include "api/sign.h"

static struct secret key(void)
{
    return (struct secret){.bytes = "secret", .length = 6};
}

static struct wire_params params_of(struct arena *arena, const struct api_param *pairs, size_t count)
{
    struct wire_params params;
    params_from_pairs(arena, pairs, count, &params);
    return params;
}

static bool verifies(const struct api_param *pairs, size_t count)
{
    struct arena arena;
    arena_init(&arena);
    struct wire_params params = params_of(&arena, pairs, count);
    bool fits = sign_verify(&arena, &params, key());
    arena_free(&arena);
    return fits;
}

START_TEST(test_verifies_plain_request)
{
    const struct api_param pairs[] = {
        {"command", "listZones"}, {"apiKey", "k"}, {"signature", "i44R0PthmD/rUgaXxwt1PX5wSUY="}};
    ck_assert(verifies(pairs, COUNT_OF(pairs)));
}
END_TEST

START_TEST(test_verifies_names_in_bytewise_order)
{
    const struct api_param pairs[] = {{"Zz", "1"},
                                      {"aa", "2"},
                                      {"command", "deployVirtualMachine"},
                                      {"apiKey", "k"},
                                      {"tags[0].key", "a b*c"},
                                      {"name", "~user/[x]+\303\274"},
                                      {"signature", "WOwX+pFvGfoH99WwDmi9eh8Tetg="}};
    ck_assert(verifies(pairs, COUNT_OF(pairs)));
}
END_TEST

START_TEST(test_verifies_names_in_lower_case_order)
{
    const struct api_param pairs[] = {{"Zz", "1"},
                                      {"aa", "2"},
                                      {"command", "deployVirtualMachine"},
                                      {"apiKey", "k"},
                                      {"tags[0].key", "a b*c"},
                                      {"name", "~user/[x]+\303\274"},
                                      {"signature", "js1gwG2D/RsNv7iYZY2OdBi5VOo="}};
    ck_assert(verifies(pairs, COUNT_OF(pairs)));
}
END_TEST

START_TEST(test_verifies_bare_tilde_of_go_and_python)
{
    const struct api_param pairs[] = {{"Zz", "1"},
                                      {"aa", "2"},
                                      {"command", "deployVirtualMachine"},
                                      {"apiKey", "k"},
                                      {"tags[0].key", "a b*c"},
                                      {"name", "~user/[x]+\303\274"},
                                      {"signature", "icxOUZfLoiO5xlLeUabkBHq8p0Y="}};
    ck_assert(verifies(pairs, COUNT_OF(pairs)));
}
END_TEST

START_TEST(test_verifies_bare_brackets_of_libcloud)
{
    const struct api_param pairs[] = {{"Zz", "1"},
                                      {"aa", "2"},
                                      {"command", "deployVirtualMachine"},
                                      {"apiKey", "k"},
                                      {"tags[0].key", "a b*c"},
                                      {"name", "~user/[x]+\303\274"},
                                      {"signature", "syST7c/ANEhk2qO10fXp13mUMcY="}};
    ck_assert(verifies(pairs, COUNT_OF(pairs)));
}
END_TEST

START_TEST(test_a_changed_value_does_not_verify)
{
    const struct api_param pairs[] = {
        {"command", "listUsers"}, {"apiKey", "k"}, {"signature", "i44R0PthmD/rUgaXxwt1PX5wSUY="}};
    ck_assert(!verifies(pairs, 3));
}
END_TEST

START_TEST(test_version_3_wants_a_time_to_come)
{
    struct wire_params params = {.signature_version = "3", .expires = "2025-10-30T12:00:00+0000"};
    int64_t then = 1761825600000;
    ck_assert(sign_is_fresh(&params, then - 1));
    ck_assert(!sign_is_fresh(&params, then + 1));
    params.expires = NULL;
    ck_assert(!sign_is_fresh(&params, then));
    params.expires = "soon";
    ck_assert(!sign_is_fresh(&params, then));
    params.signature_version = "2";
    ck_assert(sign_is_fresh(&params, then));
}
END_TEST

START_TEST(test_the_last_of_repeated_names_wins_and_the_query_over_the_body)
{
    struct arena arena;
    struct wire_params params;
    arena_init(&arena);
    const struct http_param sent[] = {
        {"a", "query 1", true}, {"a", "query 2", true}, {"a", "body", false}, {"b", "1", false}, {"b", "2", false}};
    const struct http_request request = {.params = sent, .param_count = COUNT_OF(sent)};
    params_from_http(&arena, &request, &params);
    ck_assert_uint_eq(params.count, 2);
    ck_assert_str_eq(params.items[0].value, "query 2");
    ck_assert_str_eq(params.items[1].value, "2");
    arena_free(&arena);
}
END_TEST

UNIT_SUITE(sign_suite, "sign", test_verifies_plain_request, test_verifies_names_in_bytewise_order,
           test_verifies_names_in_lower_case_order, test_verifies_bare_tilde_of_go_and_python,
           test_verifies_bare_brackets_of_libcloud, test_a_changed_value_does_not_verify,
           test_version_3_wants_a_time_to_come, test_the_last_of_repeated_names_wins_and_the_query_over_the_body)
UNIT_MAIN(sign_suite)
