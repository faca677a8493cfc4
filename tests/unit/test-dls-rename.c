/* SPDX-License-Identifier: MIT */
/*
 * Renaming in zoned's dls half when something fails on the way: dlmgmtd refuses, its answer is
 * lost after it has done it, it is away. The device is a real one in a namespace of the test.
 */
#include "dls-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define STUB  1
#define OTHER 2

static struct nl *home;

static void stubs(void)
{
	struct diag d = {0};

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(OTHER, "stub1", DATALINK_CLASS_ETHERSTUB, 1);
	CHECK(dls_init() == 0);
	CHECK(dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == 0);
	CHECK(dls_link_create(OTHER, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_open(world.home, &home) == 0);
}

static int rename_to(zoneid_t zone, datalink_id_t id, datalink_id_t to, const char *name)
{
	struct dld_rename_req req = {.cmd = DLD_RENAME, .linkid = id, .to_linkid = to};
	struct zone_reply reply;
	struct zoned_call c = {
		.req = &req, .req_size = sizeof(req), .zoneid = zone, .reply = &reply};

	(void)snprintf(req.name, sizeof(req.name), "%s", name);
	return dls_rename_command(&c);
}

static bool device(const char *name)
{
	struct nl_link l;

	return nl_link_get_name(home, name, &l) == 0;
}

static bool named(datalink_id_t id, const char *name)
{
	struct devnet_info i;
	struct devnet *dd;

	CHECK(dls_devnet_hold_tmp(id, &dd) == 0);
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	return streq(i.linkname, name) && device(name);
}

/* By the watcher's thread. */
static void wait_named(datalink_id_t id, const char *name)
{
	CHECK(EVENTUALLY(named(id, name)));
}

static void refused(void)
{
	struct dld_rename_req req = {.cmd = DLD_RENAME, .linkid = STUB};
	struct zone_reply reply;
	struct zoned_call c = {.req = &req, .req_size = sizeof(req), .reply = &reply};

	stubs();
	CHECK(rename_to(GLOBAL_ZONEID, STUB, 0, "stub1") == -EEXIST);
	CHECK(rename_to(GLOBAL_ZONEID, 9, 0, "core0") == -ENOENT);
	CHECK(rename_to(WORLD_ZONE, STUB, 0, "core0") == -ENOENT);
	CHECK(rename_to(GLOBAL_ZONEID, STUB, OTHER, "stub1") == -EINVAL); /* no NIC */
	memset(req.name, 'a', sizeof(req.name));
	CHECK(dls_rename_command(&c) == -EINVAL);
	CHECK(named(STUB, "stub0") && named(OTHER, "stub1") && !device("core0"));
}

static void held_links_keep_their_name(void)
{
	struct devnet *dd;

	stubs();
	CHECK(dls_devnet_hold(STUB, &dd) == 0);
	CHECK(rename_to(GLOBAL_ZONEID, STUB, 0, "core0") == -EBUSY);
	dls_devnet_rele(dd);
	CHECK(rename_to(GLOBAL_ZONEID, STUB, 0, "core0") == 0);
	CHECK(named(STUB, "core0") && !device("stub0"));
}

static void lost_answers_are_found_out(void)
{
	stubs();
	world.remap_err = -EINTR;
	CHECK(rename_to(GLOBAL_ZONEID, STUB, 0, "core0") == -EINTR);
	wait_named(STUB, "core0");
	CHECK(!device("stub0"));
	CHECK(named(OTHER, "stub1"));
}

static void without_dlmgmtd(void)
{
	stubs();
	world.dlmgmtd_lives = false;
	CHECK(rename_to(GLOBAL_ZONEID, STUB, 0, "core0") == -EBADF);
	CHECK(named(STUB, "stub0"));
	world_link(STUB, "core0", DATALINK_CLASS_ETHERSTUB, 1); /* before it died */
	world.dlmgmtd_lives = true;
	wait_named(STUB, "core0");
}

/* Killed between dlmgmtd's name and its own. */
static void renamed_before_a_restart(void)
{
	CHECK(dls_init() == 0);
	CHECK(nl_open(world.home, &home) == 0);
	wait_named(STUB, "late0");
	CHECK(!device("stub0"));
}

static void run(void (*test)(void))
{
	assert_int_equal(world_run(test), 0);
}

static void test_refused(void **state)
{
	run(refused);
}

static void test_held(void **state)
{
	run(held_links_keep_their_name);
}

static void test_lost_answer(void **state)
{
	run(lost_answers_are_found_out);
}

static void test_without_dlmgmtd(void **state)
{
	run(without_dlmgmtd);
}

static void test_restart(void **state)
{
	run(stubs);
	world_link(STUB, "late0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(OTHER, "stub1", DATALINK_CLASS_ETHERSTUB, 1);
	run(renamed_before_a_restart);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_held, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_lost_answer, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_without_dlmgmtd, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_restart, world_make, world_end),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
