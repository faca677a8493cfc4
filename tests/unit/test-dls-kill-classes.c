/* SPDX-License-Identifier: MIT */
/*
 * zoned is killed at any moment while it makes, connects, lends, takes home and destroys links
 * of the classes whose device is made at an index that it chose: overlays, simnets and a
 * bridge with one in it, vlans, aggrs and tunnels where the kernel has them. The next one must
 * know every device that is there and no other, and be able to end all of it.
 */
#include "dls-world.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>

enum { OVERLAY = 1, VNIC, SIM_A, SIM_B, SIM_C, BRIDGE, VLAN, TUNNEL, AGGR, LAST = AGGR };

#define KILLS 24

static const struct {
	const char *name;
	uint32_t class;
} links[LAST + 1] = {
	[OVERLAY] = {"over0", DATALINK_CLASS_OVERLAY},
	[VNIC] = {"ov0", DATALINK_CLASS_VNIC},
	[SIM_A] = {"sim0", DATALINK_CLASS_SIMNET},
	[SIM_B] = {"a_name_of_31_characters_for_sim", DATALINK_CLASS_SIMNET},
	[SIM_C] = {"sim2", DATALINK_CLASS_SIMNET},
	[BRIDGE] = {"tower0", DATALINK_CLASS_BRIDGE},
	[VLAN] = {"vlan5", DATALINK_CLASS_VLAN},
	[TUNNEL] = {"tun0", DATALINK_CLASS_IPTUN},
	[AGGR] = {"aggr0", DATALINK_CLASS_AGGR},
};

static struct dls_link_args args_of(datalink_id_t id)
{
	static const datalink_id_t port = SIM_C;
	struct dls_link_args a = {.mactype = VNIC_MAC_ADDR_TYPE_AUTO};

	switch (id) {
	case OVERLAY:
		a.spec.tunnel = (struct dld_tunnel){
			.type = OVERLAY_VXLAN, .family = AF_INET, .remote = {10, 0, 0, 1}};
		break;
	case VNIC:
		a.over = OVERLAY;
		break;
	case BRIDGE:
		a.spec.bridge = (struct dld_bridge){32768, 20, 2, 15};
		a.ports = &port;
		a.nports = 1;
		break;
	case VLAN:
		a.over = SIM_A;
		a.spec.vid = 5;
		break;
	case TUNNEL:
		a.spec.tunnel = (struct dld_tunnel){.type = IPTUN_TYPE_IPV4};
		break;
	case AGGR:
		a.spec.aggr = (struct dld_aggr){AGGR_POLICY_L4, AGGR_LACP_OFF, AGGR_LACP_SHORT};
		break;
	}
	return a;
}

static int with_link(datalink_id_t id, int (*fn)(struct devnet *dd, int arg), int arg)
{
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(id, &dd);
	if (r < 0)
		return r;
	r = fn(dd, arg);
	dls_devnet_rele_tmp(dd);
	return r;
}

/* As the door's command does it. */
static int set_peer(struct devnet *dd, int peer)
{
	const struct dld_spec spec = {.peer = (datalink_id_t)peer};
	struct nl *home;
	int r;

	if (nl_open(FD_NONE, &home) < 0)
		return -EIO;
	r = dls_perim_enter(dd);
	if (r == 0) {
		r = dd->dd_ops->modify(dd, &spec, home, NULL);
		dls_perim_exit(dd);
		(void)dls_state_save(dd->dd_linkid);
	}
	(void)nl_close(home);
	return r;
}

static int remove_port(struct devnet *dd, int id)
{
	const datalink_id_t port = (datalink_id_t)id;
	struct nl *home;
	int r;

	if (nl_open(FD_NONE, &home) < 0)
		return -EIO;
	r = dls_perim_enter(dd);
	if (r == 0) {
		r = dls_ports_remove(dd, &port, 1, home, NULL);
		dls_perim_exit(dd);
	}
	(void)nl_close(home);
	return r;
}

/* Until it is killed. What an earlier one left is part of the game. */
static void busy_zoned(void)
{
	CHECK(dls_init() == 0);
	for (;;) {
		for (datalink_id_t id = OVERLAY; id <= LAST; id++) {
			const struct dls_link_args a = args_of(id);

			(void)dls_link_create(id, links[id].class, &a, GLOBAL_ZONEID, NULL);
		}
		(void)with_link(SIM_A, set_peer, SIM_B);
		(void)world_setzone(SIM_B, WORLD_ZONE, NULL);
		(void)world_setzone(TUNNEL, WORLD_ZONE, NULL);
		(void)world_setzone(VLAN, WORLD_ZONE, NULL);
		(void)world_setzone(SIM_B, GLOBAL_ZONEID, NULL);
		(void)dls_link_delete(VNIC, NULL);
		(void)world_setzone(OVERLAY, WORLD_ZONE, NULL);
		(void)dls_zone_shutdown(WORLD_ZONE, world.zone, NULL);
		(void)with_link(BRIDGE, remove_port, SIM_C);
		for (datalink_id_t id = LAST; id >= OVERLAY; id--)
			(void)dls_link_delete(id, NULL);
	}
}

/* ---- the one after it ---- */

/* A link has a device, where its zone's list says; two simnets agree whether they are connected. */
static bool agrees(datalink_id_t id, bool last)
{
	struct devnet_info i, peer = {0};
	struct devnet *dd;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return true;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	if (i.class == DATALINK_CLASS_SIMNET && i.spec.peer &&
		dls_devnet_hold_tmp(i.spec.peer, &dd) == 0) {
		dls_devnet_info(dd, &peer);
		dls_devnet_rele_tmp(dd);
	}
	if (i.at.ifindex && world.owner[id] == i.at.zone &&
		(i.class != DATALINK_CLASS_SIMNET || !i.spec.peer || peer.spec.peer == id))
		return true;
	if (last)
		fprintf(stderr,
			"%s: device %d in zone %d, on its way to %d in zone %d, owner %d, peer %u\n",
			i.linkname, i.at.ifindex, (int)i.at.zone, i.to.ifindex, (int)i.to.zone,
			(int)world.owner[id], i.spec.peer);
	return false;
}

static void next_zoned(void)
{
	CHECK(dls_init() == 0);
	world_check_known();
	/* the watcher tells dlmgmtd what it may not know */
	for (datalink_id_t id = OVERLAY; id <= LAST; id++)
		CHECK(EVENTUALLY(agrees(id, false)) || agrees(id, true));
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, NULL) == 0);
	(void)with_link(BRIDGE, remove_port, SIM_C);
	for (datalink_id_t id = LAST; id >= OVERLAY; id--) {
		struct diag d = {0};
		int r = dls_link_delete(id, &d);

		if (r < 0 && r != -ENOENT)
			fprintf(stderr, "%s: %s\n", links[id].name, d.text);
		CHECK(r == 0 || r == -ENOENT);
		CHECK(world.owner[id] == GLOBAL_ZONEID);
	}
	CHECK(EVENTUALLY(world_devices() == 0));
}

static void test_killed(void **state)
{
	const char *said = getenv("SEED");
	unsigned int seed = said ? (unsigned int)atoi(said) : 815;
	int status;

	print_message("SEED=%u\n", seed);
	for (datalink_id_t id = OVERLAY; id <= LAST; id++)
		world_link(id, links[id].name, links[id].class, 1);
	for (int i = 0; i < KILLS; i++) {
		unsigned int us = (unsigned int)rand_r(&seed) % 150000;

		status = world_run_killed(busy_zoned, us);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		if (i % 2) /* every other time a second one is killed before anybody looks */
			assert_int_equal(world_run(next_zoned), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed, world_make, world_end),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
