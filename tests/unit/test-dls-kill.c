/* SPDX-License-Identifier: MIT */
/*
 * zoned is killed at any moment, again and again, while it makes, lends, takes home
 * and destroys links. The next one must know every device that is there and no
 * other, agree with dlmgmtd about the zone of each link, and be able to end all of it.
 */
#include "dls-world.h"
#include "zoned/prop.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <cmocka.h>

#define STUB  1
#define FIRST 2
#define LAST  4
#define NIC   10 /* the first that the world gives a NIC */
#define KILLS 24

static const struct dls_link_args over_stub = {
	.over = STUB,
	.mactype = VNIC_MAC_ADDR_TYPE_AUTO,
};

/* Until it is killed. What an earlier one left is part of the game. */
static void busy_zoned(void)
{
	CHECK(dls_init() == 0);
	for (;;) {
		(void)dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, NULL);
		for (datalink_id_t id = FIRST; id <= LAST; id++)
			(void)dls_link_create(
				id, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, NULL);
		for (datalink_id_t id = FIRST; id <= LAST; id++)
			(void)world_setzone(id, WORLD_ZONE, NULL);
		(void)world_setzone(FIRST, GLOBAL_ZONEID, NULL);
		(void)dls_zone_shutdown(WORLD_ZONE, world.zone, NULL);
		for (datalink_id_t id = FIRST; id <= LAST; id++)
			(void)dls_link_delete(id, NULL);
		(void)dls_link_delete(STUB, NULL);
	}
}

/* ---- the one after it ---- */

static bool agrees(datalink_id_t id, bool last)
{
	struct devnet_info i;
	struct devnet *dd;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return true;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	if (i.at.ifindex && world.owner[id] == i.at.zone)
		return true;
	if (last)
		fprintf(stderr,
			"link %u: device %d in zone %d, on its way to %d in zone %d, owner %d, flags %x\n",
			id, i.at.ifindex, (int)i.at.zone, i.to.ifindex, (int)i.to.zone,
			(int)world.owner[id], i.flags);
	return false;
}

static void next_zoned(void)
{
	int r;

	CHECK(dls_init() == 0);
	world_check_known();
	/* the watcher tells dlmgmtd what it may not know */
	for (datalink_id_t id = FIRST; id <= LAST; id++)
		CHECK(EVENTUALLY(agrees(id, false)) || agrees(id, true));
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, NULL) == 0);
	for (datalink_id_t id = FIRST; id <= LAST; id++) {
		r = dls_link_delete(id, NULL);
		CHECK(r == 0 || r == -ENOENT);
		CHECK(world.owner[id] == GLOBAL_ZONEID);
	}
	r = dls_link_delete(STUB, NULL);
	CHECK(r == 0 || r == -ENOENT);
	/* The zone's namespace lives on, so the watcher takes away what came home from it. */
	CHECK(EVENTUALLY(world_devices() == 0));
}

static void test_killed(void **state)
{
	const char *said = getenv("SEED");
	unsigned int seed = said ? (unsigned int)atoi(said) : 4711;
	int status;

	print_message("SEED=%u\n", seed);
	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(FIRST, "web0", DATALINK_CLASS_VNIC, 1);
	world_link(FIRST + 1, "db0", DATALINK_CLASS_VNIC, 1);
	world_link(LAST, "a_name_of_31_characters_for_vet", DATALINK_CLASS_VNIC, 1);
	for (int i = 0; i < KILLS; i++) {
		unsigned int us = (unsigned int)rand_r(&seed) % 120000;

		status = world_run_killed(busy_zoned, us);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		if (i % 2) /* every other time a second one is killed before anybody looks */
			assert_int_equal(world_run(next_zoned), 0);
	}
}

/* ---- a NIC that is held from outside stays at home, and the zone has a twin of it ---- */

static bool nic_seen(void)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(NIC, &dd) < 0)
		return false;
	dls_devnet_rele_tmp(dd);
	return true;
}

static void hold_to_priority(void)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(NIC, &dd) < 0)
		return;
	if (dls_perim_enter(dd) == 0) {
		if (dls_at_home(dd) && !prop_table_any(NIC))
			(void)dls_prop_set(dd, "priority", "low", NULL);
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
}

static void busy_with_nic(void)
{
	CHECK(dls_init() == 0);
	CHECK(EVENTUALLY(nic_seen()));
	for (int i = 0;; i++) {
		hold_to_priority();
		(void)world_setzone(NIC, WORLD_ZONE, NULL);
		if (i % 2)
			(void)world_setzone(NIC, GLOBAL_ZONEID, NULL);
		else
			(void)dls_zone_shutdown(WORLD_ZONE, world.zone, NULL);
	}
}

static void next_with_nic(void)
{
	struct nl *home;
	struct nl_link l;

	CHECK(nl_open(world.home, &home) == 0);
	CHECK(dls_init() == 0);
	CHECK(EVENTUALLY(nic_seen()));
	CHECK(nl_link_get_name(home, "eth0", &l) == 0); /* it was never taken anywhere */
	world_check_known();
	CHECK(EVENTUALLY(agrees(NIC, false)) || agrees(NIC, true));
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, NULL) == 0);
	CHECK(world.owner[NIC] == GLOBAL_ZONEID);
	CHECK(EVENTUALLY(world_devices() == 1)); /* eth0 */
}

/* Before the first is killed it has to have the property, which later ones find; and that it works. */
static void first_with_nic(void)
{
	struct nl *home, *zone;
	struct nl_link l;

	CHECK(nl_open(world.home, &home) == 0 && nl_open(world.zone, &zone) == 0);
	CHECK(dls_init() == 0);
	CHECK(EVENTUALLY(nic_seen()));
	hold_to_priority();
	CHECK(prop_table_any(NIC));
	CHECK(world_setzone(NIC, WORLD_ZONE, NULL) == 0);
	CHECK(nl_link_get_name(home, "eth0", &l) == 0 && nl_link_get_name(zone, "eth0", &l) == 0);
	CHECK(world_setzone(NIC, GLOBAL_ZONEID, NULL) == 0);
	CHECK(nl_link_get_name(home, "eth0", &l) == 0 && nl_link_get_name(zone, "eth0", &l) < 0);
}

static void plug(int wire)
{
	struct nl *home;
	struct nl_birth b = {.name = "wire0",
		.mac = (const uint8_t[]){2, 8, 0x20, 0, 0, 1},
		.mtu = 1500,
		.netns = wire,
		.ifindex = 100,
		.port = "eth0",
		.port_ifindex = 50};

	assert_int_equal(nl_open(world.home, &home), 0);
	assert_int_equal(nl_veth_create_in(home, &b), 0);
	(void)nl_close(home);
}

static void test_killed_with_a_nic(void **state)
{
	unsigned int seed = 4711;
	int status, wire = world_netns();

	plug(wire);
	assert_int_equal(world_run(first_with_nic), 0);
	for (int i = 0; i < KILLS; i++) {
		status = world_run_killed(
			busy_with_nic, 20000 + (unsigned int)rand_r(&seed) % 80000);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		if (i % 2)
			assert_int_equal(world_run(next_with_nic), 0);
	}
	(void)fd_close(wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_killed_with_a_nic, world_make, world_end),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
