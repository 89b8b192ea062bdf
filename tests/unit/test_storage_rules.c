/* cloud/storage/storage_rules.c */
#include "cloud/storage/storage_rules.h"

#include "tests/support/unit.h"

static struct arena arena;

static struct storage_url parsed(const char *text)
{
    struct storage_url url;
    struct error err = {.kind = ERROR_NONE};
    ck_assert_msg(storage_url_parse(&arena, text, &url, &err), "%s", text);
    return url;
}

START_TEST(test_an_nfs_address_may_have_an_empty_port)
{
    struct storage_url url = parsed("NFS://10.1.1.2:/export/primary1");
    ck_assert_str_eq(url.scheme, "nfs");
    ck_assert_str_eq(url.host, "10.1.1.2");
    ck_assert_str_eq(url.path, "/export/primary1");
    ck_assert_str_eq(url.clean, "NFS://10.1.1.2:/export/primary1");
    ck_assert_ptr_null(url.password);
    arena_free(&arena);
}
END_TEST

START_TEST(test_a_password_is_taken_out_of_the_address)
{
    struct storage_url url = parsed("rbd://admin:s3:cret@monitor:6789/pool");
    ck_assert_str_eq(url.password, "s3:cret");
    ck_assert_str_eq(url.clean, "rbd://admin@monitor:6789/pool");
    ck_assert_str_eq(url.host, "monitor");
    arena_free(&arena);
}
END_TEST

START_TEST(test_a_place_is_a_host_or_a_path)
{
    ck_assert_ptr_null(parsed("file:///srv/vm").host);
    ck_assert_str_eq(parsed("nfs://[2001:db8::1]:2049/a").host, "[2001:db8::1]");
    ck_assert_ptr_null(parsed("datastore://ds1").path);
    arena_free(&arena);
}
END_TEST

START_TEST(test_broken_addresses_are_refused)
{
    static const char *const BROKEN[] = {"", "nfs", "://host/a", "nfs://", "nfs:///", "n fs://host/a", "nfs://ho st/a",
                                         "cifs://host/share?user=a&password=b", "nfs://host/'a"};
    for (size_t i = 0; i < COUNT_OF(BROKEN); i++) {
        struct storage_url url;
        struct error err = {.kind = ERROR_NONE};
        ck_assert_msg(!storage_url_parse(&arena, BROKEN[i], &url, &err), "%s", BROKEN[i]);
        ck_assert_int_eq(err.kind, ERROR_INVALID_VALUE);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(test_types_and_secret_names)
{
    ck_assert_str_eq(storage_type_of_scheme("nfs"), "NetworkFilesystem");
    ck_assert_str_eq(storage_type_of_scheme(parsed("SharedMountPoint://localhost/mnt/vm").scheme), "SharedMountPoint");
    ck_assert_str_eq(storage_type_of_scheme(parsed("filesystem://localhost/srv/vm").scheme), "Filesystem");
    ck_assert_str_eq(storage_type_of_scheme("something"), "ManagedStorage");
    ck_assert(storage_name_is_secret("secretkey"));
    ck_assert(storage_name_is_secret("chapPassword"));
    ck_assert(!storage_name_is_secret("bucket"));
}
END_TEST

UNIT_SUITE(storage_rules_suite, "storage_rules", test_an_nfs_address_may_have_an_empty_port,
           test_a_password_is_taken_out_of_the_address, test_a_place_is_a_host_or_a_path,
           test_broken_addresses_are_refused, test_types_and_secret_names)
UNIT_MAIN(storage_rules_suite)
