/* SPDX-License-Identifier: MIT */
/* The devnet table of zoned's dls half: who sees, holds and ends a link. No device is touched. */
#include "dls-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct devnet *link_new(datalink_id_t id, const char *name)
{
	struct devnet *dd;

	assert_int_equal(dls_devnet_new(DATALINK_CLASS_VNIC, &dd), 0);
	dd->dd_linkid = id;
	(void)str_copy(dd->dd_linkname, sizeof(dd->dd_linkname), name);
	return dd;
}

static void link_end(struct devnet *dd)
{
	assert_int_equal(dls_devnet_condemn(dd), 0);
	dls_devnet_free(dd);
}

static void test_class(void **state)
{
	struct devnet *dd;

	assert_int_equal(dls_devnet_new(DATALINK_CLASS_PART, &dd), -ENOTSUP);
	assert_null(mac_of_class(0));
}

static void test_visible_when_ready(void **state)
{
	struct devnet *dd = link_new(7, "web0"), *found;

	assert_int_equal(dls_devnet_hold(7, &found), -ENOENT);
	assert_int_equal(dls_devnet_insert(dd), 0);
	assert_int_equal(dls_devnet_hold_tmp(7, &found), -ENOENT); /* INITIALIZING */
	dls_devnet_ready(dd);
	assert_int_equal(dls_devnet_hold_tmp(7, &found), 0);
	assert_ptr_equal(found, dd);
	dls_devnet_rele_tmp(dd);
	assert_int_equal(dls_devnet_hold_tmp(DATALINK_INVALID_LINKID, &found), -ENOENT);
	link_end(dd);
	assert_int_equal(dls_devnet_hold_tmp(7, &found), -ENOENT);
}

static void test_same_id(void **state)
{
	struct devnet *a = link_new(7, "web0"), *b = link_new(7, "web1");

	assert_int_equal(dls_devnet_insert(a), 0);
	assert_int_equal(dls_devnet_insert(b), -EEXIST);
	dls_devnet_free(b);
	link_end(a);
}

static void test_late_name(void **state)
{
	struct devnet *nic = link_new(0, ""), *other = link_new(9, "net0"), *found;

	assert_int_equal(dls_devnet_insert(nic), 0);
	assert_int_equal(dls_devnet_insert(other), 0);
	assert_int_equal(dls_devnet_identify(nic, 9, "net1"), -EEXIST);
	assert_int_equal(dls_devnet_identify(nic, 8, "net1"), 0);
	assert_int_equal(dls_devnet_hold_tmp(8, &found), -ENOENT);
	dls_devnet_ready(nic);
	assert_int_equal(dls_devnet_hold_tmp(8, &found), 0);
	assert_string_equal(found->dd_linkname, "net1");
	dls_devnet_rele_tmp(found);
	link_end(nic);
	link_end(other);
}

static void test_busy(void **state)
{
	struct devnet *dd = link_new(7, "web0"), *found;

	assert_int_equal(dls_devnet_insert(dd), 0);
	dls_devnet_ready(dd);
	assert_int_equal(dls_devnet_hold(7, &found), 0);
	assert_int_equal(dls_devnet_condemn(dd), -EBUSY);
	dls_devnet_rele(dd);
	assert_int_equal(dls_devnet_condemn(dd), 0);
	assert_int_equal(dls_devnet_hold(7, &found), -ENOENT);
	dls_devnet_restore(dd); /* its device would not go */
	assert_int_equal(dls_devnet_hold(7, &found), 0);
	dls_devnet_rele(dd);
	link_end(dd);
}

static void *release_later(void *arg)
{
	struct devnet *dd = arg;

	usleep(50 * 1000);
	/* waits where a call of another thread would: it must be turned away, not let in */
	assert_int_equal(dls_perim_enter(dd), -ENOENT);
	dls_devnet_rele_tmp(dd);
	return NULL;
}

static void test_end_waits(void **state)
{
	struct devnet *dd = link_new(7, "web0"), *found;
	pthread_t t;

	assert_int_equal(dls_devnet_insert(dd), 0);
	dls_devnet_ready(dd);
	assert_int_equal(dls_devnet_hold_tmp(7, &found), 0);
	assert_int_equal(dls_devnet_condemn(dd), 0); /* a temporary hold does not make it busy */
	assert_int_equal(pthread_create(&t, NULL, release_later, dd), 0);
	dls_devnet_free(dd);
	assert_int_equal(pthread_join(t, NULL), 0);
}

static void test_mac(void **state)
{
	const uint8_t mac[6] = {2, 8, 0x20, 1, 2, 3};
	struct devnet *a = link_new(7, "web0"), *b = link_new(8, "web1");

	a->dd_over = b->dd_over = 3;
	assert_int_equal(dls_devnet_insert(a), 0);
	assert_int_equal(dls_devnet_insert(b), 0);
	assert_int_equal(dls_devnet_reserve_mac(a, mac), 0);
	assert_int_equal(dls_devnet_reserve_mac(a, mac), 0); /* its own */
	assert_int_equal(dls_devnet_reserve_mac(b, mac), -EADDRINUSE);
	b->dd_over = 4; /* over another link it disturbs nobody */
	assert_int_equal(dls_devnet_reserve_mac(b, mac), 0);
	link_end(a);
	link_end(b);
}

static void test_zones(void **state)
{
	struct devnet *dd = link_new(7, "web0");

	assert_true(dls_devnet_visible(dd, GLOBAL_ZONEID));
	assert_false(dls_devnet_visible(dd, 3));
	dls_devnet_set_place(dd, (struct dls_place){3, 1, 12});
	assert_true(dls_devnet_visible(dd, 3));
	assert_true(dls_devnet_visible(dd, GLOBAL_ZONEID));
	assert_false(dls_devnet_visible(dd, 4));
	dls_devnet_free(dd);
}

static void test_by_ifindex(void **state)
{
	struct devnet *dd = link_new(7, "web0");

	assert_int_equal(dls_devnet_insert(dd), 0);
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, 1, 12});
	dls_devnet_set_port(dd, 13);
	assert_null(dls_devnet_hold_by_ifindex(0));
	assert_null(dls_devnet_hold_by_ifindex(14));
	assert_ptr_equal(dls_devnet_hold_by_ifindex(12), dd);
	assert_ptr_equal(dls_devnet_hold_by_ifindex(13), dd);
	dls_devnet_set_place(dd, (struct dls_place){3, 2, 15}); /* an index of elsewhere */
	dls_devnet_set_twin_port(dd, 16);
	assert_null(dls_devnet_hold_by_ifindex(15));
	assert_ptr_equal(dls_devnet_hold_by_ifindex(12), dd); /* hidden, but there */
	assert_ptr_equal(dls_devnet_hold_by_ifindex(16), dd);
	dls_devnet_forget_home(dd);
	assert_null(dls_devnet_hold_by_ifindex(12));
	for (int i = 0; i < 4; i++)
		dls_devnet_rele_tmp(dd);
	link_end(dd);
}

/* The names of those that the end of a zone finds, each once, in any order. */
static void expect_of_zone(zoneid_t zone, size_t count, struct devnet *const *want)
{
	struct devnet **found;
	size_t n, same = 0;

	assert_int_equal(dls_devnet_snapshot_in(zone, &found, &n), 0);
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < count; k++)
			same += found[i] == want[k];
	assert_int_equal(same, count);
	dls_devnet_snapshot_free(found, n);
}

static void test_of_a_zone(void **state)
{
	struct devnet *lent = link_new(7, "web0"), *own = link_new(8, "web1"),
		      *home = link_new(9, "web2");
	struct devnet *both[] = {lent, own};

	own->dd_owner_zid = 3;
	own->dd_at.zone = 3;
	assert_int_equal(dls_devnet_insert(lent), 0);
	assert_int_equal(dls_devnet_insert(own), 0);
	assert_int_equal(dls_devnet_insert(home), 0);
	expect_of_zone(3, 1, &own);

	/* On the way it is of both zones, wherever its device is. */
	dls_devnet_set_moving(lent, 3, 4);
	expect_of_zone(3, 2, both);
	expect_of_zone(4, 1, &lent);
	dls_devnet_set_place(lent, (struct dls_place){3, 1, 12});
	expect_of_zone(3, 2, both);
	expect_of_zone(4, 1, &lent);
	dls_devnet_set_moving(lent, GLOBAL_ZONEID, GLOBAL_ZONEID);
	expect_of_zone(3, 2, both);
	expect_of_zone(4, 0, NULL);

	/* One of an id that falls into the same bucket is not it. */
	expect_of_zone(3 + 512, 0, NULL);
	assert_int_equal(dls_devnet_condemn(own), 0);
	expect_of_zone(3, 1, &lent);
	dls_devnet_restore(own);
	assert_int_equal(dls_devnet_renumber(lent, 17), 0);
	expect_of_zone(3, 2, both);
	dls_devnet_set_place(lent, (struct dls_place){GLOBAL_ZONEID, 1, 12});
	expect_of_zone(3, 1, &own);
	link_end(lent);
	link_end(own);
	link_end(home);
}

static void test_what_the_watcher_sees_to(void **state)
{
	struct devnet *dd = link_new(7, "web0");

	(void)dls_devnet_any_unfinished();
	assert_int_equal(dls_devnet_insert(dd), 0);
	assert_false(dls_devnet_any_unfinished()); /* its maker's */
	dls_devnet_ready(dd);
	dls_devnet_set_flag(dd, DD_UNTOLD, false);
	assert_false(dls_devnet_any_unfinished());
	dls_devnet_set_flag(dd, DD_UNTOLD, true);
	assert_true(dls_devnet_any_unfinished());
	assert_false(dls_devnet_any_unfinished()); /* once */
	assert_int_equal(dls_devnet_mark(7, DD_NAMECHECK), 0);
	assert_true(dls_devnet_any_unfinished());
	link_end(dd);

	assert_int_equal(dls_devnet_new(DATALINK_CLASS_PHYS, &dd), 0);
	assert_int_equal(dls_devnet_insert(dd), 0);
	assert_true(dls_devnet_any_unfinished());
	link_end(dd);
}

static void test_a_zones_end_waits_for_its_own_links_alone(void **state)
{
	struct devnet *home = link_new(7, "web0");
	struct diag d = {0};

	assert_int_equal(dls_devnet_insert(home), 0);
	dls_devnet_ready(home);
	assert_int_equal(dls_perim_enter(home), 0); /* somebody is at it for long */
	(void)alarm(30);
	assert_int_equal(dls_zone_shutdown(3, FD_NONE, &d), 0);
	(void)alarm(0);
	dls_perim_exit(home);
	link_end(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_class),
		cmocka_unit_test(test_visible_when_ready),
		cmocka_unit_test(test_same_id),
		cmocka_unit_test(test_late_name),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_end_waits),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_by_ifindex),
		cmocka_unit_test(test_of_a_zone),
		cmocka_unit_test(test_what_the_watcher_sees_to),
		cmocka_unit_test(test_a_zones_end_waits_for_its_own_links_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
