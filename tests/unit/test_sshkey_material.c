/* SSH public keys as people paste them, and new pairs, held against ssh-keygen's own keys. */
#include <string.h>

#include "unit.h"

#include "base/text.h"
#include "cloud/sshkey/sshkey_material.h"

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIKHbV5Qf5v5Zz9LCtC3m5jeQYZy6hVXKOTVPfdPAMqWn"
#define WRAPPED                                                                                                        \
    "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSUtIYlY1UWY1djVaejlMQ3RDM201amVRWVp5NmhWWEtPVFZQZmRQQU1xV24="

static struct arena arena;
static struct error err;

START_TEST(test_key_keeps_its_comment_and_loses_odd_blanks)
{
    struct ssh_public_key key;
    ck_assert(ssh_public_key_read(&arena, "  ssh-ed25519   " ED25519 " ann@home ", &key, &err));
    ck_assert_str_eq(key.line, "ssh-ed25519 " ED25519 " ann@home");
    ck_assert_uint_eq(strlen(key.fingerprint), 47);
}
END_TEST

START_TEST(test_key_in_base64_once_more_is_the_same_key)
{
    struct ssh_public_key key, wrapped;
    ck_assert(ssh_public_key_read(&arena, "ssh-ed25519 " ED25519, &key, &err));
    ck_assert(ssh_public_key_read(&arena, WRAPPED, &wrapped, &err));
    ck_assert_str_eq(wrapped.line, key.line);
    ck_assert_str_eq(wrapped.fingerprint, key.fingerprint);
}
END_TEST

START_TEST(test_what_is_no_key_is_refused)
{
    static const char *const BAD[] = {
        "",
        "ssh-ed25519",
        "ssh-rsa " ED25519,                                 /* another type than it says */
        "ssh-dss AAAAB3NzaC1kc3MAAAAB",                     /* a type nobody takes any more */
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHbV5Qf5v5Z", /* cut short */
        "ssh-ed25519 " ED25519 "AAAA",                      /* bytes behind the key */
        "ssh-ed25519 not*base64",
        "ssh-ed25519 " ED25519 " a\nssh-ed25519 " ED25519, /* two lines */
        "command=\"sh\" ssh-ed25519 " ED25519,
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7", /* a modulus of far too few bits */
    };
    struct ssh_public_key key;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        ck_assert_msg(!ssh_public_key_read(&arena, BAD[i], &key, &err), "%s", BAD[i]);
        ck_assert_str_eq(err.key, "sshkey.invalid");
    }
}
END_TEST

START_TEST(test_new_pair_is_a_pem_and_a_key_that_reads_back)
{
    struct ssh_key_pair pair;
    struct ssh_public_key again;
    ck_assert(ssh_key_pair_make(&arena, &pair, &err));
    ck_assert(string_starts_with(pair.private_pem, "-----BEGIN RSA PRIVATE KEY-----\n"));
    ck_assert(string_ends_with(pair.private_pem, "-----END RSA PRIVATE KEY-----\n"));
    ck_assert(string_starts_with(pair.public_key.line, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ"));
    ck_assert(ssh_public_key_read(&arena, pair.public_key.line, &again, &err));
    ck_assert_str_eq(again.fingerprint, pair.public_key.fingerprint);
}
END_TEST

static Suite *sshkey_material_suite(void)
{
    Suite *suite = suite_create("sshkey_material");
    TCase *tests = tcase_create("sshkey_material");
    tcase_add_test(tests, test_key_keeps_its_comment_and_loses_odd_blanks);
    tcase_add_test(tests, test_key_in_base64_once_more_is_the_same_key);
    tcase_add_test(tests, test_what_is_no_key_is_refused);
    tcase_add_test(tests, test_new_pair_is_a_pem_and_a_key_that_reads_back);
    suite_add_tcase(suite, tests);
    return suite;
}
UNIT_MAIN(sshkey_material_suite)
