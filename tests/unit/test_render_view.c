/* render/view.c */
#include "render/view.h"

#include "tests/support/unit.h"

struct nic {
    const char *name;
    int64_t vlan;
};
FIELD_TABLE(NIC, struct nic, COLUMN(struct nic, name), COLUMN(struct nic, vlan));

struct machine {
    const char *name, *token;
    int64_t memory;
    bool running;
    struct opt_int port;
    struct opt_time created;
    struct opt_double load;
    struct object_ref zone;
    struct string_list tags;
    struct pair_list notes;
    struct object_list nics;
    struct nested root;
    struct secret password;
};
FIELD_TABLE(MACHINE, struct machine, COLUMN(struct machine, name),
            FIELD(struct machine, token, .flags = FIELD_SENSITIVE), COLUMN(struct machine, memory),
            COLUMN(struct machine, running), COLUMN(struct machine, port), COLUMN(struct machine, created),
            COLUMN(struct machine, load), COLUMN(struct machine, zone), COLUMN(struct machine, tags),
            COLUMN(struct machine, notes), FIELD(struct machine, nics, .table = &NIC),
            FIELD(struct machine, root, .table = &NIC), COLUMN(struct machine, password));

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_free(&arena);
}

START_TEST(test_members_are_set_replaced_and_read)
{
    struct view *object = view_object(&arena);
    for (int i = 0; i < 100; i++)
        view_set_int(object, arena_printf(&arena, "n%d", i), i);
    view_set_int(object, "n7", -7);
    view_set_bool(object, "yes", true);
    view_set_text(object, "text", "t");
    view_set_text(object, "none", NULL);
    ck_assert_str_eq(view_text(object, "n7"), "-7");
    ck_assert_str_eq(view_text(object, "n99"), "99");
    ck_assert_str_eq(view_text(object, "yes"), "true");
    ck_assert_str_eq(view_text(object, "text"), "t");
    ck_assert_ptr_null(view_get(object, "none"));
    ck_assert_ptr_null(view_text(object, "missing"));
    view_set_text(object, "text", NULL);
    ck_assert_ptr_null(view_text(object, "text"));
}
END_TEST

START_TEST(test_a_list_grows_and_its_member_can_be_added_to)
{
    struct view *root = view_object(&arena), *list = view_list(&arena);
    view_set(root, "list", list);
    for (int i = 0; i < 50; i++)
        view_set_int(view_add_object(list), "i", i);
    view_add_text(view_get(root, "list"), "last");
    ck_assert_uint_eq(view_count(list), 51);
    ck_assert_uint_eq(view_count(root), 0);
}
END_TEST

START_TEST(test_a_struct_is_shown_without_its_secrets)
{
    static const char *tags[] = {"a", "b"};
    static struct pair notes[] = {{"k", "v"}};
    static const struct nic nics[] = {{"n0", 5}, {"n1", 6}};
    struct machine machine = {.name = "vm",
                              .token = "t",
                              .memory = 512,
                              .running = true,
                              .created = OPT_TIME(INT64_C(1761825600000)),
                              .load = OPT_DOUBLE(0.5),
                              .zone = {3, "zone-3"},
                              .tags = {tags, 2},
                              .notes = {notes, 1},
                              .nics = {nics, 2, true},
                              .root = {&nics[1]},
                              .password = {"pw", 2}};
    struct view *view = view_from_table(&arena, &MACHINE, &machine);
    ck_assert_str_eq(view_text(view, "name"), "vm");
    ck_assert_str_eq(view_text(view, "memory"), "512");
    ck_assert_str_eq(view_text(view, "running"), "true");
    ck_assert_str_eq(view_text(view, "created"), "2025-10-30T12:00:00+0000");
    ck_assert_str_eq(view_text(view, "load"), "0.5");
    ck_assert_str_eq(view_text(view, "zone"), "zone-3");
    ck_assert_str_eq(view_text(view_get(view, "notes"), "k"), "v");
    ck_assert_str_eq(view_text(view_get(view, "root"), "vlan"), "6");
    ck_assert_uint_eq(view_count(view_get(view, "tags")), 2);
    ck_assert_uint_eq(view_count(view_get(view, "nics")), 2);
    static const char *const absent[] = {"token", "password", "port", "missing"};
    for (size_t i = 0; i < COUNT_OF(absent); i++)
        ck_assert_ptr_null(view_get(view, absent[i]));
    view_set_text(view, "name", "shown instead");
    ck_assert_str_eq(view_text(view, "name"), "shown instead");
    machine.memory = 1024; /* nothing was copied */
    ck_assert_str_eq(view_text(view, "memory"), "1024");
}
END_TEST

static Suite *view_suite(void)
{
    Suite *suite = suite_create("render_view");
    TCase *group = tcase_create("render_view");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_add_test(group, test_members_are_set_replaced_and_read);
    tcase_add_test(group, test_a_list_grows_and_its_member_can_be_added_to);
    tcase_add_test(group, test_a_struct_is_shown_without_its_secrets);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(view_suite)
