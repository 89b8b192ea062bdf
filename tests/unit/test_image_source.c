/* The pure parts of plugins/image-store-dir: addresses, checksums, formats, names. */
#include "plugins/image-store-dir/address.c"
#include "plugins/image-store-dir/checksum.c"
#include "plugins/image-store-dir/folder.c"
#include "plugins/image-store-dir/format.c"

#include "tests/support/unit.h"

static bool allowed(const char *list, const char *text)
{
    struct address_rules rules;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    ck_assert_msg(address_rules_parse(list, &rules), "%s", list);
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return address_is_allowed(&rules, (const struct sockaddr *)&four, sizeof(four));
    ck_assert_msg(inet_pton(AF_INET6, text, &six.sin6_addr) == 1, "%s", text);
    return address_is_allowed(&rules, (const struct sockaddr *)&six, sizeof(six));
}

START_TEST(test_public_addresses_may_be_fetched_from)
{
    static const char *const PUBLIC[] = {"8.8.8.8",        "1.1.1.1",         "100.63.255.255", "100.128.0.0",
                                         "172.15.0.1",     "172.32.0.1",      "192.167.1.1",    "198.17.1.1",
                                         "198.20.0.0",     "223.255.255.255", "2600::1",        "2a00:1450:4001::8a",
                                         "::ffff:8.8.8.8", "64:ff9b::808:808"};
    for (size_t i = 0; i < COUNT_OF(PUBLIC); i++)
        ck_assert_msg(allowed(NULL, PUBLIC[i]), "%s", PUBLIC[i]);
}
END_TEST

START_TEST(test_inner_addresses_may_not_be_fetched_from)
{
    static const char *const INNER[] = {"0.0.0.0",
                                        "10.0.0.1",
                                        "100.64.0.1",
                                        "100.100.100.200",
                                        "127.0.0.1",
                                        "127.255.255.254",
                                        "169.254.169.254",
                                        "168.63.129.16",
                                        "172.16.0.1",
                                        "172.31.255.255",
                                        "192.0.0.192",
                                        "192.0.2.1",
                                        "192.88.99.1",
                                        "192.168.0.1",
                                        "198.18.0.1",
                                        "198.19.255.255",
                                        "198.51.100.1",
                                        "203.0.113.1",
                                        "224.0.0.1",
                                        "239.1.1.1",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::127.0.0.1",
                                        "fe80::1",
                                        "fec0::1",
                                        "fc00::1",
                                        "fd00:ec2::254",
                                        "ff02::1",
                                        "100::1",
                                        "2001::1",
                                        "2001:db8::1",
                                        "2002:7f00:1::",
                                        "3fff::1",
                                        "5f00::1",
                                        "::ffff:127.0.0.1",
                                        "::ffff:169.254.169.254",
                                        "64:ff9b::7f00:1",
                                        "64:ff9b::a00:1",
                                        "64:ff9b:1::808:808"};
    for (size_t i = 0; i < COUNT_OF(INNER); i++)
        ck_assert_msg(!allowed("", INNER[i]), "%s", INNER[i]);
}
END_TEST

START_TEST(test_a_list_opens_its_own_addresses_only)
{
    static const char list[] = "10.1.0.0/16, 127.0.0.1,fd00::/8\t192.168.7.128/25";
    ck_assert(allowed(list, "10.1.255.255") && !allowed(list, "10.2.0.0"));
    ck_assert(allowed(list, "127.0.0.1") && !allowed(list, "127.0.0.2"));
    ck_assert(allowed(list, "::ffff:10.1.0.9") && allowed(list, "64:ff9b::a01:9"));
    ck_assert(allowed(list, "fdab::1") && !allowed(list, "fe80::1"));
    ck_assert(allowed(list, "192.168.7.128") && !allowed(list, "192.168.7.127"));
    ck_assert(allowed("0.0.0.0/0", "127.0.0.1") && !allowed("0.0.0.0/0", "::1") && allowed("::/0", "::1"));
}
END_TEST

START_TEST(test_what_is_no_list_of_addresses_is_refused)
{
    static const char *const BROKEN[] = {"10",           "10.0.0.0/33",          "10.0.0.0/",
                                         "10.0.0.0/8/8", "fd00::/129",           "::/-1",
                                         "host",         "10.0.0.0/8;127.0.0.1", "10.0.0.0/08x"};
    struct address_rules rules;
    for (size_t i = 0; i < COUNT_OF(BROKEN); i++)
        ck_assert_msg(!address_rules_parse(BROKEN[i], &rules), "%s", BROKEN[i]);
    char many[ADDRESS_CIDRS_MOST * 8 + 16] = "";
    for (size_t i = 0; i <= ADDRESS_CIDRS_MOST; i++)
        memcpy(many + i * 8, "1.1.1.1,", 9);
    ck_assert(!address_rules_parse(many, &rules));
}
END_TEST

START_TEST(test_checksums_are_read_in_every_form)
{
    static const char md5[] = "0123456789abcdef0123456789ABCDEF";
    struct checksum sum;
    ck_assert(checksum_parse(NULL, &sum) && sum.algorithm == NULL);
    ck_assert(checksum_parse("", &sum) && sum.algorithm == NULL);
    ck_assert(checksum_parse(md5, &sum));
    ck_assert_str_eq(sum.algorithm, "MD5");
    ck_assert_str_eq(sum.hex, "0123456789abcdef0123456789abcdef");
    ck_assert(checksum_parse("{SHA-1}0123456789012345678901234567890123456789", &sum));
    ck_assert_str_eq(sum.algorithm, "SHA1");
    ck_assert(checksum_parse("sha256:0123456789012345678901234567890101234567890123456789012345678901", &sum));
    ck_assert_str_eq(sum.algorithm, "SHA256");
    static const char *const BROKEN[] = {"12",
                                         "{MD5}12",
                                         "{CRC}0123456789abcdef0123456789abcdef",
                                         "md5:",
                                         "{SHA-256}0123456789abcdef0123456789abcdef",
                                         "0123456789abcdef0123456789abcdeg"};
    for (size_t i = 0; i < COUNT_OF(BROKEN); i++)
        ck_assert_msg(!checksum_parse(BROKEN[i], &sum), "%s", BROKEN[i]);
}
END_TEST

static unsigned char qcow2[512];

static struct format_found qcow2_with(size_t at, unsigned char value)
{
    static const unsigned char head[] = {'Q', 'F', 'I', 0xfb, 0, 0, 0, 3};
    memset(qcow2, 0, sizeof(qcow2));
    memcpy(qcow2, head, sizeof(head));
    qcow2[28] = 0x40; /* 1 GiB */
    qcow2[at] = value;
    return format_read(qcow2, sizeof(qcow2));
}

START_TEST(test_a_plain_qcow2_image_is_read)
{
    struct format_found found = qcow2_with(28, 0x40);
    ck_assert_ptr_null(found.refusal);
    ck_assert_uint_eq(found.format, GURUM_FORMAT_QCOW2);
    ck_assert_uint_eq(found.virtual_size, UINT64_C(1) << 30);
    ck_assert_ptr_null(qcow2_with(7, 2).refusal);
    ck_assert_ptr_null(qcow2_with(79, 0x10).refusal); /* extended L2 entries */
}
END_TEST

START_TEST(test_qcow2_images_that_reach_elsewhere_are_refused)
{
    ck_assert_ptr_nonnull(strstr(qcow2_with(15, 1).refusal, "backing"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(19, 9).refusal, "backing"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(79, 4).refusal, "another file"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(79, 2).refusal, "corrupt"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(72, 1).refusal, "not known"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(35, 2).refusal, "encrypted"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(28, 0).refusal, "size"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(24, 0x80).refusal, "size"));
    ck_assert_ptr_nonnull(strstr(qcow2_with(7, 4).refusal, "version"));
    qcow2_with(28, 0x40);
    for (size_t length = 4; length < 104; length++)
        ck_assert_ptr_nonnull(format_read(qcow2, length).refusal);
}
END_TEST

START_TEST(test_other_formats_are_known_by_their_marks)
{
    static unsigned char head[FORMAT_HEAD_BYTES];
    memcpy(head + 32769, "CD001", 5);
    ck_assert_uint_eq(format_read(head, sizeof(head)).format, GURUM_FORMAT_ISO);
    ck_assert_uint_eq(format_read(head, sizeof(head) - 1).format, GURUM_FORMAT_UNKNOWN);
    memcpy(head, "KDMV", 4);
    head[13] = 8;
    ck_assert_uint_eq(format_read(head, sizeof(head)).virtual_size, 2048 * 512);
    ck_assert_ptr_nonnull(format_read((const unsigned char *)"# Disk DescriptorFile\n", 22).refusal);
    ck_assert(format_suits(GURUM_FORMAT_UNKNOWN, GURUM_FORMAT_RAW) &&
              !format_suits(GURUM_FORMAT_QCOW2, GURUM_FORMAT_RAW));
    ck_assert(!format_suits(GURUM_FORMAT_UNKNOWN, GURUM_FORMAT_QCOW2) &&
              format_suits(GURUM_FORMAT_TAR, GURUM_FORMAT_OVA));
}
END_TEST

START_TEST(test_addresses_of_stores_stay_in_their_folder)
{
    ck_assert_str_eq(folder_path_of("file:///srv/images"), "/srv/images");
    ck_assert_str_eq(folder_path_of("FILE://localhost/srv"), "/srv");
    static const char *const BROKEN[] = {"/srv",           "file://host/srv", "file:///", "file:///srv/../etc",
                                         "file:///srv/..", "nfs://host/srv",  "file:srv", ""};
    for (size_t i = 0; i < COUNT_OF(BROKEN); i++)
        ck_assert_msg(folder_path_of(BROKEN[i]) == NULL, "%s", BROKEN[i]);
    ck_assert(folder_is_uuid("01234567-89ab-cdef-0123-456789abcdef"));
    ck_assert(!folder_is_uuid("01234567-89ab-cdef-0123-456789abcde/") && !folder_is_uuid("..") &&
              !folder_is_uuid(NULL));
}
END_TEST

UNIT_SUITE(image_source_suite, "image_source", test_public_addresses_may_be_fetched_from,
           test_inner_addresses_may_not_be_fetched_from, test_a_list_opens_its_own_addresses_only,
           test_what_is_no_list_of_addresses_is_refused, test_checksums_are_read_in_every_form,
           test_a_plain_qcow2_image_is_read, test_qcow2_images_that_reach_elsewhere_are_refused,
           test_other_formats_are_known_by_their_marks, test_addresses_of_stores_stay_in_their_folder)
UNIT_MAIN(image_source_suite)
