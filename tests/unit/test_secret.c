/* base/secret.c */
#include "base/secret.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/support/unit.h"

static struct arena arena;
static char folder[] = "/tmp/gurum-secret-XXXXXX";
static char path[64];

static void set_up(void)
{
    arena_init(&arena);
    memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/keys", folder);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(folder);
    arena_free(&arena);
}

static void write_keys(const char *lines, mode_t mode)
{
    unlink(path);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(lines, file);
    fclose(file);
    chmod(path, mode);
}

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

START_TEST(test_the_key_file_is_made_once_and_private)
{
    struct stat before, after;
    ck_assert(secret_load_keys(path, NULL));
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert_int_eq(before.st_mode & 0777, 0600);
    char *sealed = secret_seal(&arena, secret_from(&arena, "s3cret"), "user.secret_key:1");
    ck_assert(secret_load_keys(path, NULL));
    stat(path, &after);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    struct secret opened;
    ck_assert(secret_open(&arena, sealed, "user.secret_key:1", &opened, NULL));
    ck_assert_str_eq(opened.bytes, "s3cret");
    ck_assert_uint_eq(opened.length, 6);
}
END_TEST

START_TEST(test_a_key_file_that_others_may_read_is_refused)
{
    struct error err;
    write_keys("k1:" HEX_A "\n", 0640);
    ck_assert(!secret_load_keys(path, &err));
    ck_assert_str_eq(err.key, "secret.key_file");
    ck_assert_ptr_nonnull(strstr(err.detail, "0600"));
}
END_TEST

START_TEST(test_malformed_key_files_are_refused)
{
    static const char *const bad[] = {
        "", "\n", "k1\n", "k1:abcd\n", "k1:" HEX_A "00\n", ":" HEX_A "\n", "k 1:" HEX_A "\n", "k1:" HEX_A "\nk2:zz\n"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err;
        write_keys(bad[i], 0600);
        ck_assert_msg(!secret_load_keys(path, &err), "%zu", i);
        ck_assert_str_eq(err.key, "secret.key_file");
    }
}
END_TEST

START_TEST(test_tampered_moved_or_foreign_secrets_do_not_open)
{
    struct error err;
    struct secret opened = {.bytes = "untouched"};
    write_keys("k1:" HEX_A, 0600);
    ck_assert(secret_load_keys(path, &err));
    char *sealed = secret_seal(&arena, secret_from(&arena, "s3cret"), "user.secret_key:1");
    ck_assert_int_eq(strncmp(sealed, "v1:k1:", 6), 0);
    ck_assert(!secret_open(&arena, sealed, "user.secret_key:2", &opened, &err));
    ck_assert_str_eq(err.key, "secret.tampered");
    for (size_t i = 6; sealed[i]; i++) {
        char *changed = arena_strdup(&arena, sealed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        ck_assert_msg(!secret_open(&arena, changed, "user.secret_key:1", &opened, &err), "byte %zu", i);
    }
    static const char *const bad[] = {"", "v1", "v1:k1:", "v1:k1:AAAA", "v1:k1:!!!!", "v2:k1:AAAA", "plain"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        ck_assert(!secret_open(&arena, bad[i], "user.secret_key:1", &opened, &err));
        ck_assert_str_eq(err.key, "secret.malformed");
    }
    ck_assert(!secret_open(&arena, "v1:k9:AAAA", "user.secret_key:1", &opened, &err));
    ck_assert_str_eq(err.key, "secret.unknown_key");
    ck_assert_str_eq(opened.bytes, "untouched");
}
END_TEST

START_TEST(test_a_rotated_key_opens_what_the_old_one_sealed)
{
    write_keys("old:" HEX_A "\n", 0600);
    ck_assert(secret_load_keys(path, NULL));
    char *sealed = secret_seal(&arena, secret_from(&arena, "s3cret"), "x");
    ck_assert(!secret_is_stale(sealed));
    write_keys("new:" HEX_B "\nold:" HEX_A "\n", 0600);
    ck_assert(secret_load_keys(path, NULL));
    ck_assert(secret_is_stale(sealed));
    ck_assert(secret_is_stale("plain"));
    struct secret opened;
    ck_assert(secret_open(&arena, sealed, "x", &opened, NULL));
    ck_assert_str_eq(opened.bytes, "s3cret");
    ck_assert(!secret_is_stale(secret_seal(&arena, opened, "x")));
}
END_TEST

START_TEST(test_an_absent_secret_stays_absent)
{
    struct secret opened;
    ck_assert_ptr_null(secret_seal(&arena, secret_from(&arena, NULL), "x"));
    ck_assert(secret_open(&arena, NULL, "x", &opened, NULL));
    ck_assert_ptr_null(opened.bytes);
    ck_assert(secret_load_keys(path, NULL));
    char *sealed = secret_seal(&arena, secret_from(&arena, ""), "x");
    ck_assert(secret_open(&arena, sealed, "x", &opened, NULL));
    ck_assert_uint_eq(opened.length, 0);
}
END_TEST

START_TEST(test_a_password_matches_only_its_own_hash)
{
    char hash[PASSWORD_HASH_BYTES];
    bool matches = false;
    ck_assert(password_hash(secret_from(&arena, "pass word"), hash, NULL));
    ck_assert_int_eq(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
    ck_assert(password_verify(secret_from(&arena, "pass word"), hash, &matches, NULL));
    ck_assert(matches);
    ck_assert(password_verify(secret_from(&arena, "pass worD"), hash, &matches, NULL));
    ck_assert(!matches);
    ck_assert(password_verify(secret_from(&arena, "x"), "not a hash", &matches, NULL));
    ck_assert(!matches);
}
END_TEST

START_TEST(test_published_digests)
{
    char hex[65], sha1[29], sha256[45];
    token_hash("abc", hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct secret key = secret_from(&arena, "Jefe"); /* RFC 2202 and RFC 4231, case 2 */
    const char *data = "what do ya want for nothing?";
    hmac_sha1_base64(key, data, strlen(data), sha1);
    ck_assert_str_eq(sha1, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    hmac_sha256_base64(key, data, strlen(data), sha256);
    ck_assert_str_eq(sha256, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
}
END_TEST

static Suite *secret_suite(void)
{
    Suite *suite = suite_create("secret");
    TCase *group = tcase_create("secret");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, test_the_key_file_is_made_once_and_private);
    tcase_add_test(group, test_a_key_file_that_others_may_read_is_refused);
    tcase_add_test(group, test_malformed_key_files_are_refused);
    tcase_add_test(group, test_tampered_moved_or_foreign_secrets_do_not_open);
    tcase_add_test(group, test_a_rotated_key_opens_what_the_old_one_sealed);
    tcase_add_test(group, test_an_absent_secret_stays_absent);
    tcase_add_test(group, test_a_password_matches_only_its_own_hash);
    tcase_add_test(group, test_published_digests);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(secret_suite)
